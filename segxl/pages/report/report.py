"""The segment performance report as a workbook's worth of pages.

The first page gives a marketing lead the answer in a minute; what it is made of follows. Unavailable numbers are grey,
with the reason.
"""

from __future__ import annotations

from segxl.pages.audit.checks import checks_table
from segxl.pages.audit.definitions import report_definitions_page
from segxl.pages.audit.sensitivity import report_toggles_page
from segxl.pages.audit.sources import rejected_page, sources_page
from segxl.pages.audit.verification import with_verification
from segxl.pages.cells import paper_of
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Pack
from segxl.pages.numbers import REPORT, numbers_page
from segxl.pages.report.about import KEY as ABOUT
from segxl.pages.report.about import about_page, with_days
from segxl.pages.report.activities import activities_page
from segxl.pages.report.first_page import first_page
from segxl.pages.report.movement import movement_page
from segxl.pages.report.over_time import over_time_page
from segxl.pages.report.reconciliation import reconciliation_page
from segxl.periods import Span
from segxl.report.model import Report
from segxl.report.numbers_table import report_numbers
from segxl.report.toggle_effects import turned
from segxl.report.working import Working


def report_pack(report: Report, working: Working) -> Pack:
    """All pages, the first one for the reader in a hurry."""
    kind = "Buying stages" if report.choice.type == "buying-stage" else "Engagement"
    title, subtitle = f"{kind} · {report.choice.timeframes.analysis.name}", _subtitle(report, kind)
    lists = AccountLists(report, working, subtitle)
    rejected = rejected_page(report.ledger, subtitle)
    checks = sorted(report.checks, key=lambda check: check.passed)
    pages = (
        movement_page(report, lists, subtitle),
        over_time_page(report, lists, subtitle),
        activities_page(report, lists, subtitle),
        reconciliation_page(report, working, lists, subtitle),
        checks_table(checks, subtitle),
        sources_page(report.ledger, subtitle),
        report_toggles_page(turned(report, working), subtitle),
        report_definitions_page(report, subtitle),
        numbers_page(report_numbers(report), subtitle, REPORT),
        # The lists are many sheets of paper, so they come last: a range of pages prints the rest.
        *((rejected,) if rejected else ()),
        *lists.pages,
    )
    scale = report.scale
    unit = f"{scale.of(report.currency)} ({scale.letter})" if scale.letter else ""
    own = _subtitle(report, "Segment performance report", unit)
    first, *others = with_verification((first_page(report, working, lists, title, own), *pages), subtitle)
    choice = report.choice
    segments = ", ".join(choice.segment_names)
    return Pack(
        f"{title} · {segments}",
        report.name,
        (first, about_page(report, subtitle, others), *others),
        footer=f"{report.name} · {segments} · {choice.timeframes.analysis.label}",
        paper=paper_of(report.settings),
        contents=ABOUT,
    )


def _subtitle(report: Report, kind: str, unit: str = "") -> str:
    choice = report.choice
    category = f" · {choice.product_category}" if choice.product_category else ""
    category += " · counted by parent" if report.count_by == "parent" else ""
    return (
        f"{report.name} · {', '.join(choice.segment_names)}{category} · {kind} · "
        f"{_span(choice.timeframes.analysis)} against {_span(choice.timeframes.baseline)} · "
        f"{unit or f'money in {report.currency}'}"
    )


def _span(span: Span) -> str:
    return with_days(span) if span.kind == "week" else span.name
