"""The segment performance report as a workbook's worth of pages.

The first page gives a marketing lead the answer in a minute: the summary, the bars of both timeframes with their
amounts below, and the movement between states. Unavailable numbers are grey, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from segxl.pages.audit.checks import checks_row, checks_table
from segxl.pages.audit.definitions import report_definitions_page
from segxl.pages.audit.sensitivity import report_toggles_page
from segxl.pages.audit.sources import rejected_page, sources_page, warning_rows
from segxl.pages.audit.verification import with_verification
from segxl.pages.cells import heading, paper_of, range_text
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Chart, Link, Pack, Page, Range, Row, Series
from segxl.pages.numbers import PURPOSE, REPORT, numbers_page
from segxl.pages.report.cells import COLUMNS, greyed, number_cell, short_span
from segxl.pages.report.movement import movement_flow, movement_rows
from segxl.pages.report.stages_over_time import over_time_page
from segxl.pages.scorecard.cover import LISTS
from segxl.periods import Span
from segxl.report.definitions import PANEL_DEFINITIONS
from segxl.report.model import STANDS_BELOW, Number, Report, SourceLine, StateLine
from segxl.report.numbers_table import report_numbers
from segxl.report.toggle_effects import turned
from segxl.report.working import Working
from segxl.settings.toggles import changed_toggles
from segxl.units import COUNT, MONEY, RATE

_LABEL_WIDTH, _STATE_WIDTH, _TOTAL_WIDTH = 30.0, 19.0, 16.0
_CHART_ROWS, _CHART_ROW_HEIGHT, _CHART_HEIGHT = 13, 16.0, 6.9
_CHART_WIDTH = 21.9
"""As wide as the states' columns, so that each pair of bars is above its numbers."""

_PURPOSES = {
    "over_time": "Accounts by buying stage in each of the last 13 months or weeks",
    "activities": "Activities by source: by activity type and by team",
    "reconciliation": "Summary amounts tied to the other parts of the report; excluded opportunities",
    "accounts": "Accounts behind the counts on this page",
    "source_accounts": "Accounts behind each activity",
    "stage_accounts": "Accounts of the cohort with their stage in each of the last 13 months or weeks",
    "checks": "Reconciliation checks and their results",
    "sources": "Input files with row counts and SHA-256; excluded rows and warnings",
    "numbers": PURPOSE,
    "rejected": "Rows that could not be used, with the reason and the fix",
    "toggles": "Definition options: the one in use, and what the alternative would change",
    "definitions": "Definition and example of each number",
}


def report_pack(report: Report, working: Working) -> Pack:
    """All pages, the first one for the reader in a hurry."""
    subtitle = _subtitle(report)
    lists = AccountLists(report, working, subtitle)
    rejected = rejected_page(report.ledger, subtitle)
    checks = sorted(report.checks, key=lambda check: check.passed)
    pages = (
        *over_time_page(report, lists, subtitle),
        _activities_page(report, lists, subtitle),
        _reconciliation_page(report, subtitle),
        checks_table(checks, subtitle),
        sources_page(report.ledger, subtitle),
        report_toggles_page(turned(report, working), subtitle),
        report_definitions_page(report, subtitle),
        numbers_page(report_numbers(report), subtitle, REPORT),
        # The lists are many sheets of paper, so they come last: a range of pages prints the rest.
        *((rejected,) if rejected else ()),
        *lists.pages,
    )
    choice = report.choice
    segments = ", ".join(choice.segment_names)
    return Pack(
        f"Segment performance report {choice.timeframes.analysis.label}: {segments}",
        report.name,
        with_verification((_first_page(report, lists, subtitle, pages), *pages), subtitle),
        footer=f"{report.name} · {segments} · {choice.timeframes.analysis.label}",
        paper=paper_of(report.settings),
    )


def _subtitle(report: Report) -> str:
    choice = report.choice
    kind = "Buying stages" if choice.type == "buying-stage" else "Engagement"
    category = f" · {choice.product_category}" if choice.product_category else ""
    return (
        f"{report.name} · {', '.join(choice.segment_names)}{category} · {kind} · "
        f"{_span(choice.timeframes.analysis)} against {_span(choice.timeframes.baseline)} · money in {report.currency}"
    )


def _span(span: Span) -> str:
    return _with_days(span) if span.kind == "week" else short_span(span)


def _with_days(span: Span) -> str:
    return f"{short_span(span)} ({range_text(span.window)})"


def _first_page(report: Report, lists: AccountLists, subtitle: str, pages: Sequence[Page]) -> Page:
    rows = heading("Segment performance report", subtitle, COLUMNS)
    rows += _headlines(report, lists)
    rows += [Row((Cell(chance.text, "note", span=COLUMNS),)) for chance in report.chances[:1]]
    rows.append(Row())
    kind = "highest buying stage" if report.choice.type == "buying-stage" else "engagement state (can be several)"
    rows.append(Row((Cell(f"Cohort performance: accounts by {kind}", "heading", span=COLUMNS),)))
    charts: tuple[Chart, ...] = ()
    if any(line.available for line in report.performance):
        charts = (_bars(report, len(rows) + 1, len(rows) + _CHART_ROWS + 1),)
        rows += [Row(height=_CHART_ROW_HEIGHT) for _ in range(_CHART_ROWS)]
    rows += _performance(report, lists)
    rows.append(Row())
    flows = movement_flow(report, len(rows) + 2)
    rows += movement_rows(report, lists)
    rows.append(Row())
    rows += _about(report)
    rows += _contents(pages)
    return Page(
        key="report",
        title="Report",
        rows=tuple(rows),
        widths=(_LABEL_WIDTH, *[_STATE_WIDTH] * 6, _TOTAL_WIDTH),
        charts=charts,
        flows=flows,
        one_paper=True,
        orientation="portrait",
    )


def _headlines(report: Report, lists: AccountLists) -> Iterable[Row]:
    summary = report.summary
    engagement = report.choice.type == "engagement"
    shown: list[tuple[str, Number, int]] = [
        ("Total accounts", summary.total_accounts, 1),
        ("Increase in engaged accounts" if engagement else "Increased buying stage", summary.increased, 2),
        ("Decreased", summary.decreased, 1),
        (f"New pipeline ({report.currency})", summary.new_pipeline, 2),
        (f"Total won ({report.currency})", summary.total_won, 2),
    ]
    if engagement:
        shown[2] = ("Net engaged", summary.net_engaged, 1)
    names: list[Cell | None] = []
    numbers: list[Cell | None] = []
    for name, number, span in shown:
        rest = [None] * (span - 1)
        names += [Cell(name, "key_label", span=span), *rest]
        shown_as = Cell("n/a", "note") if number.value is None else number_cell(number, "key_value", lists)
        numbers += [replace(shown_as, span=span), *rest]
    yield Row(tuple(names))
    yield Row(tuple(numbers), height=30)
    yield from greyed([(name, number.why) for name, number, _ in shown if number.value is None])


def _bars(report: Report, row: int, header: int) -> Chart:
    timeframes = report.choice.timeframes
    last = 1 + len(report.performance)
    words = ", ".join(
        f"{line.state} {line.baseline.shown} to {line.analysis.shown}"
        for line in report.performance
        if line.baseline.value is not None and line.analysis.value is not None
    )
    return Chart(
        kind="column",
        title="Baseline against analysis",
        subtitle="number of accounts",
        categories=Range("report", header, header, 2, last),
        series=(
            Series(
                f"Baseline {short_span(timeframes.baseline)}", Range("report", header + 1, header + 1, 2, last), "prior"
            ),
            Series(f"Analysis {short_span(timeframes.analysis)}", Range("report", header + 2, header + 2, 2, last)),
        ),
        unit=COUNT,
        row=row,
        column=2,
        width=_CHART_WIDTH,
        height=_CHART_HEIGHT,
        alt=f"Accounts in each state, baseline to analysis: {words}",
    )


def _performance(report: Report, lists: AccountLists) -> Iterable[Row]:
    lines = report.performance
    timeframes = report.choice.timeframes
    exclusive = report.choice.type == "buying-stage"
    total = [Cell("Cohort", "header_right")]
    yield Row((Cell(None, "header"), *(Cell(line.state, "header_right") for line in lines), *total), height=30)
    for label, name in (
        (f"Baseline {short_span(timeframes.baseline)}", "baseline"),
        (f"Analysis {short_span(timeframes.analysis)}", "analysis"),
    ):
        numbers: list[Number] = [getattr(line, name) for line in lines]
        yield Row(
            (
                Cell(label, "label"),
                *(number_cell(number, "value", lists) for number in numbers),
                number_cell(report.summary.total_accounts, "value", lists),
            )
        )
    yield Row((Cell("Change", "sublabel"), *(_change(line) for line in lines), Cell(None, "subvalue")))
    for label, name in (
        ("New pipeline, analysis", "new_pipeline"),
        ("Total won, analysis", "total_won"),
        ("New pipeline, baseline", "baseline_new_pipeline"),
        ("Total won, baseline", "baseline_total_won"),
    ):
        amounts: list[Number] = [getattr(line, name) for line in lines]
        later = name in ("new_pipeline", "total_won")
        style = "value" if later else "subvalue"
        cells = [_amount(number, line, style, lists) for number, line in zip(amounts, lines, strict=True)]
        known = [number.value for number in amounts if number.value is not None]
        whole = Cell(MONEY.shown(sum(known)), style, MONEY) if known else Cell("n/a", "muted")
        yield Row((Cell(label, "label" if later else "sublabel"), *cells, whole))
    if any(line.available for line in lines):
        words = "Amounts exclude Microsoft Dynamics and HubSpot; the page Reconciliation ties them to the summary."
        if not exclusive:
            words += " New pipeline is under Opportunities Opened, total won under Opportunities Won."
        yield Row((Cell(words, "note", span=COLUMNS),))
    yield from greyed([(line.state, line.why) for line in lines if line.why])
    for when, numbers in (
        ("baseline", [line.baseline for line in lines]),
        ("analysis", [line.analysis for line in lines]),
    ):
        unavailable = [
            (f"{line.state} in the {when}", number.why)
            for line, number in zip(lines, numbers, strict=True)
            if line.available and number.value is None
        ]
        yield from greyed(unavailable)


def _amount(number: Number, line: StateLine, style: str, lists: AccountLists) -> Cell:
    if number.value is None and line.available and number.why.startswith(STANDS_BELOW):
        return Cell(None, style)
    return number_cell(number, style, lists)


def _change(line: StateLine) -> Cell:
    """More accounts is not better in every stage, so the direction is shown without a judgement."""
    if line.baseline.value is None or line.analysis.value is None:
        return Cell("n/a", "muted", tip=line.why or line.baseline.why or line.analysis.why)
    change = line.analysis.value - line.baseline.value
    return Cell(change, "subvalue", COUNT)


def _about(report: Report) -> Iterable[Row]:
    choice = report.choice
    yield Row((Cell("About this report", "heading", span=COLUMNS),))
    yield checks_row(report.checks, COLUMNS)
    yield from warning_rows(report.warnings, COLUMNS)
    basis = {"today": "in the segments on the data date", "baseline": "in the segments during the baseline"}
    where = basis.get(choice.cohort, "in the segments during the analysis")
    day = f" ({report.as_of})" if choice.cohort == "today" and report.as_of else ""
    yield _fact("Cohort", f"accounts {where}{day}")
    by_parent = report.count_by == "parent"
    yield _fact("Counted by", "parent or shared domain: a group of accounts counts once" if by_parent else "account")
    yield _fact("Baseline", _with_days(choice.timeframes.baseline))
    yield _fact("Analysis", _with_days(choice.timeframes.analysis))
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


_ENVIRONMENT = {
    "predictive": "predictive buying stages",
    "crm": "CRM",
    "no_crm": "without CRM and buying stages",
}


def _contents(pages: Sequence[Page]) -> Iterable[Row]:
    yield Row()
    yield Row((Cell("Contents", "heading", span=COLUMNS),))
    lists = False
    for page in pages:
        if page.records is not None and not lists:
            lists = True
            yield Row((Cell(LISTS, "heading", span=COLUMNS),))
        purpose = _PURPOSES.get(page.key) or _PURPOSES[page.key.rsplit("_", 1)[0]]
        yield Row((Cell(page.title, "label", link=Link(page.key, 1, 1)), Cell(purpose, "text", span=COLUMNS - 1)))


def _fact(label: str, value: str) -> Row:
    return Row((Cell(label, "label"), Cell(value, "text", span=COLUMNS - 1)))


_SOURCE_WIDTHS = (34.0, 12.0, 12.0, 12.0, 11.0, 17.0, 17.0, 66.0)


def _activities_page(report: Report, lists: AccountLists, subtitle: str) -> Page:
    width = len(_SOURCE_WIDTHS)
    rows = heading("Activities by source", subtitle, width)
    words = (
        f"Distinct cohort accounts with each activity. Influenced: opportunities created or won in the analysis by "
        f"accounts with that activity, {report.currency} only. An account with several activities is in several lines; "
        f"totals count it once, so lines do not add up to totals. Retargeting is excluded."
    )
    rows[-1] = Row((Cell(words, "note", span=width),))
    names = ("Activity", "Baseline accounts", "Analysis accounts", "Change", "Change %")
    money = ("New pipeline influenced", "Total won influenced")
    header = len(rows) + 1
    cells = [Cell(name, "header" if name == "Activity" else "header_right") for name in (*names, *money)]
    rows.append(Row((*cells, Cell("Definition", "header")), height=30))
    if report.activities[0].new_pipeline.why and report.choice.environment.no_opportunities:
        why = report.choice.environment.no_opportunities
        rows.append(Row((Cell(f"Influenced pipeline and won are not available: {why}", "note", span=width),)))
    rows.append(Row((Cell("By activity type", "heading", span=width),)))
    panels = list(dict.fromkeys(line.line.panel for line in report.activities))
    for panel in panels:
        rows += _lines([line for line in report.activities if line.line.panel == panel], lists)
    rows.append(Row())
    rows.append(Row((Cell("By team", "heading", span=width),)))
    for team in ("Marketing", "Sales"):
        rows.append(Row((Cell(team, "header", span=width),)))
        rows += _lines([line for line in report.activities if line.line.team == team], lists, folded=True)
    return Page(
        key="activities",
        title="Activities",
        rows=tuple(rows),
        widths=_SOURCE_WIDTHS,
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
    )


def _lines(lines: Sequence[SourceLine], lists: AccountLists, *, folded: bool = False) -> Iterable[Row]:
    for line in lines:
        top = line.line.total or line.line.team == "Sales"
        label, style = ("label", "value") if top else ("sublabel", "subvalue")
        if not line.available:
            missing = [Cell("n/a", "muted") for _ in range(6)]
            name = Cell(line.line.label, "note" if top else label)
            yield Row((name, *missing, Cell(line.why, "note")), level=int(folded and not top))
            continue
        remark = PANEL_DEFINITIONS[line.line.panel] if top else ""
        unavailable = f"n/a: {line.why}. " if line.why else ""
        rows = f"{line.line.kind} of {', '.join(line.line.sources)}"
        yield Row(
            (
                Cell(line.line.label, label),
                number_cell(line.baseline, style, lists),
                number_cell(line.analysis, style, lists),
                *_source_change(line, style),
                number_cell(line.new_pipeline, style, lists),
                number_cell(line.total_won, style, lists),
                Cell(f"{unavailable}{remark} Rows: {rows}.".strip(), "note"),
            ),
            level=int(folded and not top),
        )


def _source_change(line: SourceLine, style: str) -> Iterable[Cell]:
    if line.analysis.value is None or line.baseline.value is None:
        yield from (Cell("n/a", "muted") for _ in range(2))
        return
    change = line.analysis.value - line.baseline.value
    look = style if not change else "good" if change > 0 else "bad"
    yield Cell(change, look, COUNT.change(None if not change else change > 0))
    if line.change is None:
        yield Cell(line.change_why, "muted")
    else:
        yield Cell(float(line.change), look, RATE)


def _reconciliation_page(report: Report, subtitle: str) -> Page:
    width = 4
    summary = report.summary
    rows = heading("Reconciliation", subtitle, width)
    header = [Cell("Amounts in the analysis timeframe", "header")]
    header += [Cell(name, "header_right") for name in ("New pipeline", "Total won")]
    rows.append(Row((*header, Cell("", "header"))))
    for step in report.reconciliation:
        style = "total" if step.total else "value"
        rows.append(
            Row(
                (
                    Cell(step.name, "total" if step.total else "sublabel"),
                    *(Cell(number.shown, style, MONEY) for number in (step.new_pipeline, step.total_won)),
                )
            )
        )
    if not report.reconciliation:
        why = summary.new_pipeline.why or summary.total_won.why
        rows.append(Row((Cell("n/a", "muted"), Cell(why, "note", span=width - 1))))
    rows += [Row(), Row((Cell("Excluded", "heading", span=width),))]
    names = ("Item", "Number", "Amount", "Reason")
    rows.append(Row(tuple(Cell(name, "header_right" if name in names[1:3] else "header") for name in names)))
    for word, (count, cents) in summary.foreign.items():
        why = f"opportunities in {word}, not converted; only {report.currency} and blank currencies count"
        rows.append(_left_out(f"In {word}", count, why, MONEY.shown(cents)))
    if not summary.foreign:
        rows.append(_left_out("In other currencies", 0, f"opportunities not in {report.currency}"))
    rows += [
        _left_out("Without a known account", summary.without_account, "opportunities, all dates"),
        _left_out("Retargeting", summary.retargeting, "activities, all dates; this report never includes them"),
    ]
    if report.choice.exclude_zero:
        rows.append(_left_out("$0 opportunities", summary.zero, "created or won in the analysis, amount 0 or blank"))
    if report.choice.exclude_irrelevant:
        rows.append(_left_out("Irrelevant", summary.irrelevant, "created or won in the analysis"))
    rows.append(_left_out("Blank amounts", summary.blank_amounts, "not excluded: these opportunities count as 0"))
    rows += [Row(), Row((Cell("Chance", "heading", span=width),))]
    rows += [Row((Cell(chance.text, "text", span=width),)) for chance in report.chances]
    return Page("reconciliation", "Reconciliation", tuple(rows), (66.0, 16.0, 16.0, 62.0), freeze=(5, 2))


def _left_out(what: str, count: int, why: str, amount: int | float | None = None) -> Row:
    return Row((Cell(what, "label"), Cell(count, "value", COUNT), Cell(amount, "value", MONEY), Cell(why, "note")))
