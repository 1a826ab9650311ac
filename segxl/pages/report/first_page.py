"""Page one of the report: a headline, five figures with their baseline, the stages with their amounts, who moved, who
to call, which activities rose and fell. What it is made of, and the way to the other pages, is on the next page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest

from segxl.messages import counted
from segxl.pages.audit.checks import checks_row
from segxl.pages.audit.sources import warning_rows
from segxl.pages.cells import heading
from segxl.pages.drillthrough.report_accounts import AccountLists, state_names
from segxl.pages.model import Cell, Chart, Formula, Link, Page, Range, Row, Series, SideBySide
from segxl.pages.report.cells import (
    COLUMNS,
    LEFT,
    RIGHT,
    WIDTHS,
    Amount,
    amount_formula,
    cell_difference,
    greyed,
    less,
    number_cell,
    row_sum,
    short_span,
)
from segxl.pages.report.headline import change_text, headline
from segxl.pages.report.movement import movement_flow, movement_rows, ways_rows
from segxl.report.account_rows import AccountRows
from segxl.report.amounts import Event
from segxl.report.mcnemar import chance_line
from segxl.report.model import STANDS_BELOW, WHEN, Number, Report, Selector, SourceLine, StateLine, When
from segxl.report.states import DECISION, KNOWN
from segxl.report.working import Working
from segxl.units import COUNT, MONEY

KEY = "report"
_CHART_ROWS, _ROW, _CHART_HEIGHT = 10, 16.0, 5.5
_CHART_WIDTH = 11.0
"""As wide as the states' columns, so that each pair of bars is above its numbers."""

_CALLS, _MOVERS = 8, 3
"""Accounts to call, and activities that rose and that fell, on page one."""

Cells = tuple[Cell | None, ...]


def first_page(report: Report, working: Working, lists: AccountLists, subtitle: str) -> Page:
    """The page; the other pages have the details."""
    rows = heading("Segment performance report", subtitle, COLUMNS)[:2]
    words = headline(report)
    rows += [Row((Cell(words, "headline", span=COLUMNS),))] if words else []
    rows += _tiles(report, lists)
    rows.append(Row(height=8))
    first = len(rows) + 1
    charts: tuple[Chart, ...] = ()
    drawn = any(line.available for line in report.performance)
    left = [*_performance(report, lists, drawn, first)]
    right = [*_to_call(report, working, lists), *_movers(report, lists)]
    rows += _next_to(left, right)
    performance = SideBySide(first, len(rows), (1, RIGHT))
    if drawn:
        charts = (_bars(report, first + 1, first + _CHART_ROWS + 1),)
    rows += _reasons(report)
    rows.append(Row(height=8))
    first = len(rows) + 1
    rows += _next_to([*movement_rows(report, lists, first)], [*ways_rows(report, first)])
    movement = SideBySide(first, len(rows), (1, RIGHT))
    flows = tuple(replace(flow, row=first, column=RIGHT) for flow in movement_flow(report, first))
    rows.append(Row(height=8))
    rows += _footnotes(report)
    return Page(
        key=KEY,
        title="Report",
        rows=tuple(rows),
        widths=WIDTHS,
        charts=charts,
        flows=flows,
        side_by_side=(performance, movement),
        one_paper=True,
    )


def _next_to(left: Sequence[Row], right: Sequence[Row]) -> Iterable[Row]:
    """Rows of two areas, the right one beginning at its column."""
    for one, other in zip_longest(left, right, fillvalue=Row()):
        gap: Cells = (None,) * (RIGHT - 1 - len(one.cells)) if other.cells else ()
        heights = [row.height for row in (one, other) if row.height]
        yield Row((*one.cells, *gap, *other.cells), height=max(heights, default=None))


def _tiles(report: Report, lists: AccountLists) -> Iterable[Row]:
    summary, money = report.summary, report.currency
    moved = "Increase in engaged accounts" if report.choice.type == "engagement" else "Increased buying stage"
    created, won = summary.new_pipeline, summary.total_won
    tiles: tuple[tuple[str, Number, str, Formula | None], ...] = (
        _tile("Total accounts", summary.total_accounts, "the same accounts in both timeframes", lists),
        _tile(moved, summary.increased, _of(summary.decreased, "{:,} decreased"), lists),
        _third_tile(report, lists),
        (
            f"New pipeline ({money})",
            created,
            _against(created, summary.baseline_new_pipeline),
            amount_formula(created, lists, ("created", "analysis", "summary")),
        ),
        (
            f"Total won ({money})",
            won,
            _against(won, summary.baseline_total_won),
            amount_formula(won, lists, ("won", "analysis", "summary")),
        ),
    )
    lines: tuple[list[Cell | None], ...] = ([], [], [])
    for (name, number, note, formula), (column, span) in zip(tiles, _PLACES, strict=True):
        link = lists.link(number.accounts)
        figure = Cell("n/a", "muted", tip=number.why)
        if number.value is not None:
            figure = Cell(number.shown, "key_value", number.unit, link, formula=formula)
        cells = (Cell(name, "key_label"), figure, Cell(note or None, "key_note"))
        for line, cell in zip(lines, cells, strict=True):
            line += [None] * (column - 1 - len(line))
            line += [replace(cell, span=span), *[None] * (span - 1)]
    yield from (Row(tuple(line)) for line in lines)
    yield from greyed([(name, number.why) for name, number, _, _ in tiles if number.value is None])


def _tile(name: str, number: Number, note: str, lists: AccountLists) -> tuple[str, Number, str, Formula | None]:
    return name, number, note, lists.count_formula(number.accounts)


_PLACES = ((1, 2), (3, 3), (6, 3), (RIGHT, 1), (RIGHT + 1, 3))
"""Column and width of each headline figure."""


def _third_tile(report: Report, lists: AccountLists) -> tuple[str, Number, str, Formula | None]:
    """Accounts with any stage; in the engagement report, the net change of engaged accounts."""
    if report.choice.type == "engagement":
        gained, lost = report.summary.gained, report.summary.lost
        formula = less(lists.count_formula(gained.accounts), lists.count_formula(lost.accounts))
        words = _of(gained, "{:,} more") + _of(lost, ", {:,} no longer")
        return "Net engaged", report.summary.net_engaged, words, formula
    lines = report.performance[1:]
    before, after = ([getattr(line, when) for line in lines] for when in ("baseline", "analysis"))
    why = next((number.why for number in after if number.value is None), "")
    now = Number(None, None, why=why) if why else Number(sum(number.value or 0 for number in after))
    known = all(number.value is not None for number in before)
    words = f"baseline {sum(number.value or 0 for number in before):,}" if known else ""
    without = lists.count_formula(report.performance[0].analysis.accounts)
    return "With a buying stage", now, words, less(lists.count_formula(Selector("cohort")), without)


def _of(number: Number, words: str) -> str:
    return "" if number.value is None else words.format(number.value)


def _against(now: Number, before: Number) -> str:
    if now.value is None:
        return ""
    if before.value is None:
        return "baseline n/a"
    change = change_text(now, before)
    return f"baseline {MONEY.text(before.shown)}" + (f" · {change}" if change else "")


def _performance(report: Report, lists: AccountLists, drawn: bool, first: int) -> Iterable[Row]:
    """The states with their bars above and the amounts below, from the row ``first`` on; the lowest state last, and not
    as a bar."""
    exclusive = report.choice.type == "buying-stage"
    title = "Accounts by highest buying stage" if exclusive else "Accounts by engagement state (can be several)"
    yield Row((Cell(title, "heading", span=LEFT),))
    if drawn:
        yield from (Row(height=_ROW) for _ in range(_CHART_ROWS))
    lines, timeframes = (*report.performance[1:], report.performance[0]), report.choice.timeframes
    header = (Cell("", "header"), *(Cell(line.state, "header_right") for line in lines), Cell("Cohort", "header_right"))
    yield Row(header, height=30)
    top = first + 2 + (_CHART_ROWS if drawn else 0)
    for name, numbers in (
        (f"Baseline {short_span(timeframes.baseline)}", [line.baseline for line in lines]),
        (f"Analysis {short_span(timeframes.analysis)}", [line.analysis for line in lines]),
    ):
        cells = (number_cell(number, "value", lists) for number in numbers)
        yield Row((Cell(name, "label"), *cells, number_cell(report.summary.total_accounts, "value", lists)))
    yield Row(
        (
            Cell("Change", "sublabel"),
            *(_change(line, column, top) for column, line in enumerate(lines, 2)),
            Cell(None, "subvalue"),
        )
    )
    for at, (name, key) in enumerate(_AMOUNTS, top + 3):
        when: When = "baseline" if key.startswith("baseline") else "analysis"
        event: Event = "created" if key.endswith("pipeline") else "won"
        style = "subvalue" if when == "baseline" else "value"
        amounts: list[Number] = [getattr(line, key) for line in lines]
        rule: Amount = (event, when, "performance")
        cells = (_amount(number, line, style, lists, rule) for number, line in zip(amounts, lines, strict=True))
        known = [number.value for number in amounts if number.value is not None]
        whole = Cell("n/a", "muted")
        if known:
            whole = Cell(MONEY.shown(sum(known)), style, MONEY, formula=row_sum(KEY, at, 2, LEFT - 1))
        yield Row((Cell(name, "sublabel" if style == "subvalue" else "label"), *cells, whole))


_AMOUNTS = (
    ("New pipeline", "new_pipeline"),
    ("Total won", "total_won"),
    ("New pipeline, baseline", "baseline_new_pipeline"),
    ("Total won, baseline", "baseline_total_won"),
)


def _amount(number: Number, line: StateLine, style: str, lists: AccountLists, rule: Amount) -> Cell:
    if number.value is None and line.available and number.why.startswith(STANDS_BELOW):
        return Cell(None, style)
    return number_cell(number, style, lists, rule)


def _change(line: StateLine, column: int, top: int) -> Cell:
    """More accounts is not better in every stage, so the direction is shown without a judgement. ``top``: the row of
    the baseline, above that of the analysis."""
    if line.baseline.value is None or line.analysis.value is None:
        return Cell("n/a", "muted", tip=line.why or line.baseline.why or line.analysis.why)
    change = line.analysis.value - line.baseline.value
    return Cell(change, "subvalue", COUNT, formula=cell_difference(KEY, column, top + 1, top))


def _reasons(report: Report) -> Iterable[Row]:
    """Notes below the states: the lowest one, the amounts that count, and reasons of missing numbers."""
    lines = report.performance
    lowest = lines[0]
    words = []
    if lowest.baseline.value is not None and lowest.analysis.value is not None:
        words.append(
            f"{lowest.state}: {counted(lowest.analysis.value, 'account')}, {lowest.baseline.value:,} in the baseline "
            f"(not in the chart)."
        )
    if any(line.available for line in lines):
        words.append(
            "Amounts exclude Microsoft Dynamics and HubSpot; the page Reconciliation ties them to the summary."
        )
        if report.choice.type == "engagement":
            words.append("New pipeline is under Opportunities Opened, total won under Opportunities Won.")
    if words:
        yield Row((Cell(" ".join(words), "note", span=COLUMNS),))
    yield from greyed([(line.state, line.why) for line in lines if line.why])
    for when in ("baseline", "analysis"):
        missing = [(line, getattr(line, when)) for line in lines if line.available]
        yield from greyed([(f"{line.state} in the {when}", one.why) for line, one in missing if one.value is None])


def _bars(report: Report, row: int, header: int) -> Chart:
    timeframes = report.choice.timeframes
    lines = report.performance[1:]
    last = 1 + len(lines)
    words = ", ".join(
        f"{line.state} {line.baseline.shown} to {line.analysis.shown}"
        for line in lines
        if line.baseline.value is not None and line.analysis.value is not None
    )
    return Chart(
        kind="column",
        title=_largest_change(lines),
        subtitle="number of accounts",
        categories=Range(KEY, header, header, 2, last),
        series=(
            Series(f"Baseline {short_span(timeframes.baseline)}", Range(KEY, header + 1, header + 1, 2, last), "prior"),
            Series(f"Analysis {short_span(timeframes.analysis)}", Range(KEY, header + 2, header + 2, 2, last)),
        ),
        unit=COUNT,
        row=row,
        column=2,
        width=_CHART_WIDTH,
        height=_CHART_HEIGHT,
        alt=f"Accounts in the baseline and in the analysis by state: {words}",
    )


def _largest_change(lines: Sequence[StateLine]) -> str:
    """The chart as text: the states that gained and lost the most accounts."""
    changes = [
        ((line.analysis.value or 0) - line.baseline.value, line.state)
        for line in lines
        if line.baseline.value is not None and line.analysis.value is not None
    ]
    if not changes:
        return "Baseline against analysis"
    up, down = max(changes, key=lambda one: one[0]), min(changes, key=lambda one: one[0])
    words = [f"{state} {change:+,}" for change, state in (up, down) if change]
    return ", ".join(dict.fromkeys(words)) or "No change in any state"


# ------------------------------------------------------------------ who to call, what moved


def _to_call(report: Report, working: Working, lists: AccountLists) -> Iterable[Row]:
    """The accounts to call, the most promising first; as many rows as the chart on their left."""
    number = report.summary.to_call
    goal = f"{DECISION} or Purchase" if working.by_stage else KNOWN
    yield Row((Cell(f"Who to call: accounts that rose to {goal}", "heading", span=COLUMNS - RIGHT + 1),))
    rows: list[Row] = []
    if number.value:
        rows += _calls(working, lists)
        more = "" if number.value <= _CALLS else f"First {_CALLS} of {number.value:,}"
        words = f"{more}{', b' if more else 'B'}y stage, then by open pipeline. Owner: of the newest opportunity."
        link = lists.link(Selector("to_call"))
        rows.append(Row((Cell(words, "note", link=link, span=COLUMNS - RIGHT + 1),)))
    else:
        words = f"No account rose to {goal}." if number.value == 0 else f"Not available: {number.why}"
        rows.append(Row((Cell(words, "note", span=COLUMNS - RIGHT + 1),)))
    yield from rows
    yield from (Row() for _ in range(_CHART_ROWS - len(rows)))


def _calls(working: Working, lists: AccountLists) -> Iterable[Row]:
    names = ("Account", "From → to" if working.by_stage else "Before", "Owner", "Open pipeline")
    yield Row(tuple(Cell(name, "header_right" if name == names[-1] else "header") for name in names))
    accounts = AccountRows(working)
    codes = accounts.to_call()[:_CALLS]
    columns = {column.header: column.values for column in accounts.columns(codes)}
    states = state_names(working.states)
    for at, code in enumerate(codes.tolist()):
        before, after = (states[working.ranks[when][code]] for when in WHEN)
        yield Row(
            (
                Cell(columns["Account"][at], "label", link=lists.row_of(code)),
                Cell(f"{before} → {after}" if working.by_stage else before, "text"),
                Cell(columns["Owner"][at] or columns["Sales team"][at] or None, "text"),
                Cell(
                    columns["Open pipeline"][at],
                    "value",
                    MONEY,
                    formula=lists.value_formula(code, "Open pipeline"),
                ),
            )
        )


def _movers(report: Report, lists: AccountLists) -> Iterable[Row]:
    """The activities with the largest rises and falls in accounts."""
    yield Row((Cell("Activities that rose and fell the most, in accounts", "heading", span=COLUMNS - RIGHT + 1),))
    found = movers(report.activities)
    if not found:
        words = "No activity has more or fewer accounts than in the baseline."
        yield Row((Cell(words, "note", span=COLUMNS - RIGHT + 1),))
        return
    names = ("Activity", "Baseline", "Analysis", "Change")
    yield Row(tuple(Cell(name, "header" if name == names[0] else "header_right") for name in names))
    for line in found:
        change = (line.analysis.value or 0) - (line.baseline.value or 0)
        yield Row(
            (
                Cell(line.line.label, "label", link=Link("activities", 1, 1)),
                number_cell(line.baseline, "value", lists),
                number_cell(line.analysis, "value", lists),
                Cell(
                    change,
                    "good" if change > 0 else "bad",
                    COUNT.change(change > 0),
                    formula=less(
                        lists.count_formula(line.analysis.accounts), lists.count_formula(line.baseline.accounts)
                    ),
                ),
            )
        )


def movers(lines: Sequence[SourceLine]) -> list[SourceLine]:
    """The three activities whose accounts rose the most, and the three whose fell the most, from the largest rise to
    the largest fall; totals are not among them."""
    changes = [
        ((line.analysis.value or 0) - line.baseline.value, -at, line)
        for at, line in enumerate(lines)
        if not line.line.total and line.baseline.value is not None and line.analysis.value is not None
    ]
    ordered = sorted((one for one in changes if one[0]), key=lambda one: one[:2], reverse=True)
    up = [line for change, _, line in ordered if change > 0][:_MOVERS]
    return up + [line for change, _, line in ordered if change < 0][-_MOVERS:]


def _footnotes(report: Report) -> Iterable[Row]:
    """Chance in one line, the verdict of the checks, and what in the data can change the numbers."""
    for chance in report.chances[:1]:
        yield Row((Cell(chance_line(chance.up, chance.down), "note", span=COLUMNS),))
    yield checks_row(report.checks, COLUMNS)
    yield from warning_rows(report.warnings, COLUMNS)
