"""The second page: the report's data and options, and the way to its other pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segxl.pages.audit.contents import LISTS
from segxl.pages.audit.verification import PURPOSE as VERIFICATION
from segxl.pages.cells import heading, range_text
from segxl.pages.model import Cell, Link, Page, Row
from segxl.pages.numbers import PURPOSE
from segxl.periods import Span
from segxl.report.model import Report
from segxl.settings.toggles import changed_toggles

KEY = "about"
_WIDTHS = (26.0, 110.0)
_PURPOSES = {
    "movement": "Accounts from each stage or state to each other: grid and picture; activities that rose and fell",
    "over_time": "Accounts by buying stage, or by engagement state, in each of the last 13 months or weeks",
    "activities": "Activities by source: by activity type and by team",
    "reconciliation": "Summary amounts tied to the other parts of the report; excluded opportunities; chance",
    "accounts": "Each account of the cohort once: stages or states, amounts, each of the last 13 months or weeks",
    "source_accounts": "Each account with an activity once: which activities, in which timeframe",
    "checks": "Reconciliation checks and their results",
    "verification": VERIFICATION,
    "sources": "Input files with row counts and SHA-256; excluded rows and warnings",
    "numbers": PURPOSE,
    "rejected": "Rows that could not be used, with the reason and the fix",
    "toggles": "Definition options: the one in use, and what the alternative would change",
    "definitions": "Definition and example of each number",
}
_ENVIRONMENT = {
    "predictive": "predictive buying stages",
    "crm": "CRM",
    "no_crm": "without CRM and buying stages",
}


def about_page(report: Report, subtitle: str, pages: Sequence[Page]) -> Page:
    """``pages``: those that follow, which the contents lead to."""
    rows = [*heading("About this report", subtitle, len(_WIDTHS)), *_facts(report), Row(), *_contents(pages)]
    return Page(KEY, "About", tuple(rows), _WIDTHS, one_paper=True, tab="working")


def with_days(span: Span) -> str:
    """A timeframe with its first and last day."""
    return f"{span.name} ({range_text(span.window)})"


def _facts(report: Report) -> Iterable[Row]:
    choice = report.choice
    basis = {"today": "in the segments on the data date", "baseline": "in the segments during the baseline"}
    where = basis.get(choice.cohort, "in the segments during the analysis")
    day = f" ({report.as_of})" if choice.cohort == "today" and report.as_of else ""
    yield _fact("Cohort", f"accounts {where}{day}")
    by_parent = report.count_by == "parent"
    yield _fact("Counted by", "parent or shared domain: a group of accounts counts once" if by_parent else "account")
    yield _fact("Baseline", with_days(choice.timeframes.baseline))
    yield _fact("Analysis", with_days(choice.timeframes.analysis))
    yield _fact("Environment", ", ".join(_ENVIRONMENT[flag] for flag in choice.environment.flags))
    options = [
        words
        for words, on in (
            ("$0 opportunities excluded", choice.exclude_zero),
            ("irrelevant opportunities excluded", choice.exclude_irrelevant),
        )
        if on
    ]
    yield _fact("Opportunities", ", ".join(options) or "all")
    yield _fact("Toggles", changed_toggles(report.toggles))
    for note in report.notes:
        yield _fact("Note", note)
    yield _fact("Made by", f"segxl {report.version}")


def _contents(pages: Sequence[Page]) -> Iterable[Row]:
    yield Row((Cell("Contents", "heading", span=len(_WIDTHS)),))
    lists = False
    for page in pages:
        if page.records is not None and not lists:
            lists = True
            yield Row((Cell(LISTS, "heading", span=len(_WIDTHS)),))
        purpose = _PURPOSES.get(page.key) or _PURPOSES[page.key.rsplit("_", 1)[0]]
        yield Row((Cell(page.title, "label", link=Link(page.key, 1, 1)), Cell(purpose, "text")))


def _fact(label: str, value: str) -> Row:
    return Row((Cell(label, "label"), Cell(value, "text")))
