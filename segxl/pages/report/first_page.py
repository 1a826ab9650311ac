"""Page one of the report: a headline, five figures with what they are compared with, what to look at, the stages with
their amounts, who to call and who to save. The next pages have the movement, what the report is made of, and the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from segxl.dataset.months_of_data import begun
from segxl.messages import counted, listed
from segxl.pages.audit.checks import checks_row
from segxl.pages.audit.sources import warning_rows
from segxl.pages.cells import heading, long_date
from segxl.pages.drillthrough.report_accounts import TITLE, AccountLists
from segxl.pages.model import Cell, Chart, Formula, Page, Range, Row, Series, SideBySide
from segxl.pages.report.accounts_to_act_on import accounts_to_act_on
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
    next_to,
    number_cell,
    plain,
    row_sum,
)
from segxl.pages.report.reconciliation import event_words, exact
from segxl.periods import month_start, to_month
from segxl.report.amounts import EVENTS, Event
from segxl.report.findings import findings, shown
from segxl.report.headline import change_text, headline
from segxl.report.mcnemar import chance_line
from segxl.report.model import STANDS_BELOW, Number, Report, Selector, StateLine, When
from segxl.report.working import Working
from segxl.report.year_ago import YearAgo, data_days, year_ago
from segxl.units import COUNT, MINUS, MONEY, short_money, short_text

KEY = "report"
_CHART_ROWS, _ROW, _CHART_HEIGHT = 10, 16.0, 5.3
_CHART_WIDTH = 19.0
_GAP = Row(height=8)


def first_page(report: Report, working: Working, lists: AccountLists, title: str, subtitle: str) -> Page:
    """The page; the other pages have the details."""
    before = year_ago(report, working)
    rows = heading(title, subtitle, COLUMNS)[:2]
    rows.append(Row((Cell(_data_to(report, working, before), "note", span=COLUMNS),)))
    words = headline(report)
    rows += [Row((Cell(words, "headline", span=COLUMNS),))] if words else []
    rows += _tiles(report, lists, before)
    rows += [_GAP, *_to_look_at(report, working, lists, before), _GAP]
    first = len(rows) + 1
    charts: tuple[Chart, ...] = ()
    drawn = any(line.baseline.value or line.analysis.value for line in report.performance[1:])
    left = [*_performance(report, lists, drawn, first)]
    rows += next_to(left, [*accounts_to_act_on(report, working, lists)])
    areas = SideBySide(first, len(rows), (1, RIGHT))
    if drawn:
        charts = (_bars(report, first + 1, first + _CHART_ROWS + 1),)
    rows += [*_reasons(report), *_left_out(report, working), _GAP, *_footnotes(report)]
    return Page(
        key=KEY,
        title="Report",
        rows=tuple(rows),
        widths=WIDTHS,
        charts=charts,
        side_by_side=(areas,),
        one_paper=True,
    )


def _data_to(report: Report, working: Working, before: YearAgo) -> str:
    """The day of the data, the last day of each table that the report uses, sources of activities that end early, and
    why the page does not compare with the year before."""
    days = listed([f"{name} {long_date(day)}" for name, day in data_days(working)], 9)
    dataset, last = working.presence.dataset, to_month(working.window("analysis").end)
    months = {name: begun(span, dataset.as_of) for name, span in dataset.source_months.items()}
    early = [f"{name} to {month_start(span[1]):%b %Y}" for name, span in months.items() if span and span[1] < last]
    said = [f"Data as of {long_date(date.fromisoformat(report.as_of))}"] if report.as_of else []
    said += [f"last recorded: {days}" if days else "no dated opportunities, buying stages or activities"]
    said += [f"ends early: {listed(sorted(early), 4)}"] if early else []
    if before.new_pipeline.why and not working.choice.environment.no_opportunities:
        said.append(f"no comparison with {before.span.name}: {before.new_pipeline.why}")
    words = "; ".join(said)
    return f"{words[:1].upper()}{words[1:]}."


def _to_look_at(report: Report, working: Working, lists: AccountLists, before: YearAgo) -> Iterable[Row]:
    yield Row((Cell("What to look at", "heading", span=COLUMNS),))
    found = shown(findings(report, working, before))
    for one in found:
        # The link has a cell of its own: a sentence in the colour of links looks like a verdict.
        link = lists.link(one.of)
        there = (*[None] * (COLUMNS - 2), Cell(TITLE, "text", link=link)) if link else ()
        yield Row((Cell(one.marked, "text", span=COLUMNS - 1 if link else COLUMNS), *there))
    if not found:
        known = report.summary.increased.value is not None or report.summary.new_pipeline.value is not None
        words = "Nothing changed enough for a sentence." if known else "Nothing to compare: the reasons are above."
        yield Row((Cell(words, "text", span=COLUMNS),))


class _Tile(NamedTuple):
    """A headline figure: its name, the number, two lines below it, its formula, and its cell's name in formulas."""

    label: str
    number: Number
    notes: tuple[str, str]
    formula: Formula | None
    name: str


def _tiles(report: Report, lists: AccountLists, before: YearAgo) -> Iterable[Row]:
    summary = report.summary
    engagement, frames = report.choice.type == "engagement", report.choice.timeframes
    moved = "More engaged" if engagement else "Increased buying stage"
    tiles = (
        _Tile(
            "Total accounts",
            summary.total_accounts,
            ("the same accounts in", f"{frames.baseline.name} and {frames.analysis.name}"),
            lists.count_formula(summary.total_accounts.accounts),
            "ReportCohort",
        ),
        _Tile(
            moved,
            summary.increased,
            (_of(summary.decreased, "{:,} less engaged" if engagement else "{:,} decreased"), ""),
            lists.count_formula(summary.increased.accounts),
            "ReportIncreased",
        ),
        _third_tile(report, lists, before),
        _money_tile(report, lists, "New pipeline", "created", before.new_pipeline),
        _money_tile(report, lists, "Total won", "won", before.total_won),
    )
    lines: tuple[list[Cell | None], ...] = ([], [], [], [])
    for tile, (column, span) in zip(tiles, _PLACES, strict=True):
        number, link = tile.number, lists.link(tile.number.accounts)
        figure = Cell("n/a", "key_value", tip=number.why)
        if number.value is not None:
            unit = short_money(number.value) if number.unit is MONEY else plain(number.unit)
            figure = Cell(number.shown, "key_value", unit, link, formula=tile.formula, name=tile.name)
        cells = (Cell(tile.label, "key_label"), figure, *(Cell(note or None, "key_note") for note in tile.notes))
        for line, cell in zip(lines, cells, strict=True):
            line += [None] * (column - 1 - len(line))
            line += [replace(cell, span=span), *[None] * (span - 1)]
    yield from (Row(tuple(line)) for line in lines)
    yield from greyed([(tile.label, tile.number.why) for tile in tiles if tile.number.value is None])


def _money_tile(report: Report, lists: AccountLists, name: str, event: Event, ago: Number) -> _Tile:
    key = "new_pipeline" if event == "created" else "total_won"
    now, then = getattr(report.summary, key), getattr(report.summary, f"baseline_{key}")
    frames = report.choice.timeframes
    return _Tile(
        f"{name} ({report.currency})",
        now,
        (
            _against(now, then, frames.baseline.name),
            "" if frames.year_before == frames.baseline else _against(now, ago, frames.year_before.name),
        ),
        amount_formula(now, lists, (event, "analysis", "summary")),
        f"Report{name.title().replace(' ', '')}",
    )


_PLACES = ((1, 2), (3, 3), (6, 3), (RIGHT, 1), (RIGHT + 1, 3))
"""Column and width of each headline figure."""


def _third_tile(report: Report, lists: AccountLists, before: YearAgo) -> _Tile:
    """Accounts with any stage; in the engagement report, the net change of engaged accounts."""
    if report.choice.type == "engagement":
        gained, lost = report.summary.gained, report.summary.lost
        formula = less(lists.count_formula(gained.accounts), lists.count_formula(lost.accounts))
        notes = (_of(gained, "{:,} became engaged"), _of(lost, "{:,} no longer engaged"))
        return _Tile("Net engaged", report.summary.net_engaged, notes, formula, "ReportNetEngaged")
    lines, frames = report.performance[1:], report.choice.timeframes
    now, then = (_sum([getattr(line, when) for line in lines]) for when in ("analysis", "baseline"))
    notes = (_against(now, then, frames.baseline.name), _against(now, before.staged, before.span.name))
    without = lists.count_formula(report.performance[0].analysis.accounts)
    formula = less(lists.count_formula(Selector("cohort")), without)
    return _Tile("With a buying stage", now, notes, formula, "ReportStaged")


def _sum(numbers: Sequence[Number]) -> Number:
    """Counts added up; unknown where one of them is."""
    why = next((number.why for number in numbers if number.value is None), "")
    return Number(None, None, why=why) if why else Number(sum(number.value or 0 for number in numbers))


def _of(number: Number, words: str) -> str:
    return "" if number.value is None else words.format(number.value)


def _against(now: Number, before: Number, name: str) -> str:
    """``Sep 2026: 2.52m, +50%``; blank where one of them is unknown."""
    if now.value is None or before.value is None:
        return ""
    change = change_text(now, before)
    amount = f"{before.value:,}"
    if before.unit is MONEY:
        amount = (MINUS if before.value < 0 else "") + short_text(before.value)
    return f"{name}: {amount}" + (f", {change}" if change else "")


def _performance(report: Report, lists: AccountLists, drawn: bool, first: int) -> Iterable[Row]:
    """The states with their bars above and the amounts below, from the row ``first`` on; the lowest state last, and not
    as a bar."""
    exclusive = report.choice.type == "buying-stage"
    title = "Accounts by highest buying stage" if exclusive else "Accounts by engagement state (can be several)"
    yield Row((Cell(title, "heading", span=LEFT),))
    if drawn:
        yield from (Row(height=_ROW) for _ in range(_CHART_ROWS))
    lines, timeframes = (*report.performance[1:], report.performance[0]), report.choice.timeframes
    header = (Cell("", "header"), *(Cell(line.state, "header_right") for line in lines), Cell("All", "header_right"))
    yield Row(header, height=30)
    top = first + 2 + (_CHART_ROWS if drawn else 0)
    for name, numbers in (
        (timeframes.baseline.name, [line.baseline for line in lines]),
        (timeframes.analysis.name, [line.analysis for line in lines]),
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
        if key.startswith("baseline"):
            name = f"{name}, {timeframes.baseline.name}"
        when: When = "baseline" if key.startswith("baseline") else "analysis"
        event: Event = "created" if key.endswith("pipeline") else "won"
        style = "subvalue" if when == "baseline" else "value"
        amounts: list[Number] = [getattr(line, key) for line in lines]
        rule: Amount = (event, when, "performance")
        cells = (_amount(number, line, style, lists, rule) for number, line in zip(amounts, lines, strict=True))
        known = [number.value for number in amounts if number.value is not None]
        whole = Cell("n/a", "muted")
        if known:
            whole = Cell(MONEY.shown(sum(known)), style, plain(MONEY), formula=row_sum(KEY, at, 2, LEFT - 1))
        yield Row((Cell(name, "sublabel" if style == "subvalue" else "label"), *cells, whole))


_AMOUNTS = (
    ("New pipeline", "new_pipeline"),
    ("Total won", "total_won"),
    ("New pipeline", "baseline_new_pipeline"),
    ("Total won", "baseline_total_won"),
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
    return Cell(change, "subvalue", plain(COUNT), formula=cell_difference(KEY, column, top + 1, top))


def _reasons(report: Report) -> Iterable[Row]:
    """Notes below the states: the lowest one, what engaged means, and reasons of missing numbers."""
    lines, frames = report.performance, report.choice.timeframes
    lowest = lines[0]
    words = []
    if lowest.baseline.value is not None and lowest.analysis.value is not None:
        words.append(
            f"{lowest.state}: {counted(lowest.analysis.value, 'account')} in {frames.analysis.name}, "
            f"{lowest.baseline.value:,} in {frames.baseline.name} (not in the chart)."
        )
    if report.choice.type == "engagement" and any(line.available for line in lines):
        words.append("New pipeline is under Opportunities Opened, total won under Opportunities Won.")
    if words:
        yield Row((Cell(" ".join(words), "note", span=COLUMNS),))
    net = report.summary.net_engaged.value
    if net is not None and lowest.baseline.value is not None and lowest.analysis.value is not None:
        change = f"{lowest.analysis.value - lowest.baseline.value:+,}".replace("-", MINUS)
        said = (
            "Engaged: with intent, a website visit, known engagement, or an opportunity created or won. An account "
            f"with an opportunity alone is in {lowest.state} too, so that changed by {change} and engaged accounts by "
            f"{f'{net:+,}'.replace('-', MINUS)}."
        )
        yield Row((Cell(said, "note", span=COLUMNS),))
    yield from greyed([(line.state, line.why) for line in lines if line.why])
    for when in ("baseline", "analysis"):
        missing = [(line, getattr(line, when)) for line in lines if line.available]
        name = getattr(frames, when).name
        yield from greyed([(f"{line.state} in {name}", one.why) for line, one in missing if one.value is None])


def _left_out(report: Report, working: Working) -> Iterable[Row]:
    """One line: the opportunities that the amounts exclude, with their amounts and the reason."""
    if report.summary.new_pipeline.value is None:
        return
    deals, window = working.deals, working.window("analysis")
    has_accounts = "accounts" in working.presence.dataset.tables
    why = "account not in the accounts table" if has_accounts else "without an account"
    said = event_words([deals.of_no_account(event, window) for event in EVENTS], why, report.currency)
    for word, (count, cents) in report.summary.foreign.items():
        said.append(f"{counted(count, 'opportunity', 'opportunities')} of {exact(cents)} {word}, not converted")
    if report.summary.irrelevant:
        said.append(f"{counted(report.summary.irrelevant, 'irrelevant opportunity', 'irrelevant opportunities')}")
    words = [f"New pipeline and total won exclude {'; '.join(said)}."] if said else []
    crms = event_words(
        [deals.of_crms(event, window) for event in EVENTS], "Microsoft Dynamics or HubSpot", report.currency
    )
    words += [f"Amounts by state also exclude {'; '.join(crms)}."] if crms else []
    if not words:
        words = ["New pipeline and total won exclude no opportunity."]
    words.append("This report has no plan; plans are in the scorecard.")
    yield Row((Cell(" ".join(words), "note", span=COLUMNS),))


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
        title=_largest_change(lines, timeframes.baseline.name),
        subtitle="Number of accounts",
        categories=Range(KEY, header, header, 2, last),
        series=(
            Series(timeframes.baseline.name, Range(KEY, header + 1, header + 1, 2, last), "prior"),
            Series(timeframes.analysis.name, Range(KEY, header + 2, header + 2, 2, last)),
        ),
        unit=COUNT,
        row=row,
        column=1,
        width=_CHART_WIDTH,
        height=_CHART_HEIGHT,
        alt=f"Accounts in {timeframes.baseline.name} and in {timeframes.analysis.name} by state: {words}",
    )


def _largest_change(lines: Sequence[StateLine], base: str) -> str:
    """The chart as text: the states that gained and lost the most accounts."""
    changes = [
        ((line.analysis.value or 0) - line.baseline.value, line.state)
        for line in lines
        if line.baseline.value is not None and line.analysis.value is not None
    ]
    if not changes:
        return "Accounts by state"
    up, down = max(changes, key=lambda one: one[0]), min(changes, key=lambda one: one[0])
    words = [f"{state} {change:+,}".replace("-", MINUS) for change, state in (up, down) if change]
    return f"{', '.join(dict.fromkeys(words))} accounts on {base}" if words else f"No change on {base} in any state"


def _footnotes(report: Report) -> Iterable[Row]:
    """Chance in one line, the verdict of the checks, and what in the data can change the numbers."""
    for chance in report.chances[:1]:
        yield Row((Cell(chance_line(chance.up, chance.down), "note", span=COLUMNS),))
    yield checks_row(report.checks, COLUMNS)
    yield from warning_rows(report.warnings, COLUMNS)
