"""Page one of the report: a headline, five figures with what they are compared with, what to look at, the stages with
their amounts, who to call and who to save. The next pages have the movement, what the report is made of, and the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from math import ceil
from typing import NamedTuple

from segxl.dataset.months_of_data import begun
from segxl.messages import counted, listed
from segxl.pages.audit.checks import checks_row
from segxl.pages.audit.sources import warning_rows
from segxl.pages.cells import GAP, HEADING, LINE, heading, lines_of, long_date
from segxl.pages.drillthrough.report_accounts import TITLE, AccountLists
from segxl.pages.model import Cell, Chart, Formula, KeyColumns, Page, Range, Row, Series, SideBySide
from segxl.pages.report.accounts_to_act_on import accounts_to_act_on
from segxl.pages.report.cells import (
    LEFT,
    RIGHT,
    Amount,
    added,
    amount_formula,
    column_sum,
    greyed,
    less,
    next_to,
    number_cell,
    ratio,
)
from segxl.pages.report.cells import PAGE_COLUMNS as COLUMNS
from segxl.pages.report.cells import PAGE_WIDTHS as WIDTHS
from segxl.pages.report.reconciliation import event_words, exact
from segxl.periods import month_start, to_month
from segxl.report.amounts import EVENTS, Event
from segxl.report.findings import findings, shown
from segxl.report.headline import headline
from segxl.report.mcnemar import chance_line
from segxl.report.model import STANDS_BELOW, Number, Report, Selector, StateLine
from segxl.report.working import Working
from segxl.report.year_ago import YearAgo, data_days, year_ago
from segxl.units import ATTAINED, COUNT, MINUS, MONEY, RATE, excel_format, short_money

KEY = "report"
_CHART_ROWS, _CHART_WIDTH = 7, 15.7
"""Rows below a chart, and its width in centimetres."""
_A_HEADLINE = 128
"""Characters of a line of the headline."""


def first_page(report: Report, working: Working, lists: AccountLists, title: str, subtitle: str) -> Page:
    """The page; the other pages have the details."""
    before = year_ago(report, working)
    rows = heading(title, subtitle, COLUMNS)[:2]
    rows.append(_line(_data_to(report, working, before)))
    words = headline(report)
    rows += [Row((Cell(words, "headline", span=COLUMNS),), 2 + 18 * ceil(len(words) / _A_HEADLINE))] if words else []
    rows += [GAP, *_tiles(report, lists, before, len(rows) + 2), GAP]
    rows += [*_to_look_at(report, working, lists, before), GAP]
    first = len(rows) + 1
    drawn = any(line.baseline.value or line.analysis.value for line in report.performance[1:])
    left = [*_performance(report, lists, drawn, first)]
    rows += [
        replace(row, height=row.height or LINE) for row in next_to(left, [*accounts_to_act_on(report, working, lists)])
    ]
    areas = SideBySide(first, len(rows), (1, RIGHT))
    header = first + 1 + (1 + _CHART_ROWS if drawn else 0)
    charts = (_bars(report, first + 2, header),) if drawn else ()
    notes = [*_reasons(report), *_left_out(report, working), GAP, *_footnotes(report)]
    rows += [row if row.height else _fitted(row) for row in notes]
    return Page(
        key=KEY,
        title="Report",
        rows=tuple(rows),
        widths=WIDTHS,
        charts=charts,
        side_by_side=(areas,),
        key_columns=(KeyColumns(header, (1, 2, 3, 4, 5, 7)), *_lists(rows)),
        one_paper=True,
    )


def _lists(rows: Sequence[Row]) -> Iterable[KeyColumns]:
    """The lists of accounts, whose columns all fit a phone."""
    for number, row in enumerate(rows, 1):
        cell = row.cells[RIGHT - 1] if len(row.cells) >= RIGHT else None
        if cell is not None and cell.style == "header":
            yield KeyColumns(number, tuple(range(RIGHT, COLUMNS + 1)))


def _line(text: str, style: str = "text") -> Row:
    """Words over the page, as high as their lines."""
    return Row((Cell(text, style, span=COLUMNS),), LINE + 13 * (lines_of(text, sum(WIDTHS)) - 1))


def _fitted(row: Row) -> Row:
    """A note or a warning below the table in full size, as high as its lines."""
    cells = tuple(cell if cell is None or cell.style != "note" else replace(cell, style="text") for cell in row.cells)
    lines = [
        lines_of(str(cell.value), sum(WIDTHS[at : at + cell.span])) for at, cell in enumerate(cells) if cell is not None
    ]
    return replace(row, cells=cells, height=LINE + 13 * (max(lines, default=1) - 1))


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
    yield Row((Cell("What to look at", "heading", span=COLUMNS),), HEADING)
    found = shown(findings(report, working, before))
    for one in found:
        # The link has a cell of its own: a sentence in the colour of links looks like a verdict.
        link = lists.link(one.of)
        there = (*[None] * (COLUMNS - 2), Cell(TITLE, "text", link=link)) if link else ()
        row = _line(one.marked)
        yield replace(row, cells=(replace(row.cells[0], span=COLUMNS - 1), *there)) if link and row.cells[0] else row
    if not found:
        known = report.summary.increased.value is not None or report.summary.new_pipeline.value is not None
        yield _line("Nothing changed enough for a sentence." if known else "Nothing to compare: the reasons are above.")


class _Note(NamedTuple):
    """A line below a headline figure: words, or a number whose unit has them, with its formula. A ``base`` has its
    change to the figure next to it, coloured if more is ``better``."""

    words: str = ""
    number: Number | None = None
    formula: Formula | None = None
    base: bool = False
    better: bool = False


class _Tile(NamedTuple):
    """A headline figure: its name, the number, two lines below it, its formula, and its cell's name in formulas."""

    label: str
    number: Number
    notes: tuple[_Note, _Note]
    formula: Formula | None
    name: str


def _tiles(report: Report, lists: AccountLists, before: YearAgo, top: int) -> Iterable[Row]:
    """The headline figures, from the row ``top`` on."""
    summary = report.summary
    engagement, frames = report.choice.type == "engagement", report.choice.timeframes
    moved = "More engaged" if engagement else "Increased buying stage"
    cohort = (_Note("the same accounts in"), _Note(f"{frames.baseline.name} and {frames.analysis.name}"))
    tiles = (
        _Tile(
            "Total accounts",
            summary.total_accounts,
            cohort,
            lists.count_formula(summary.total_accounts.accounts),
            "ReportCohort",
        ),
        _Tile(
            moved,
            summary.increased,
            (_count(summary.decreased, "less engaged" if engagement else "decreased", lists), _Note()),
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
            unit = short_money(number.value) if number.unit is MONEY else number.unit
            figure = Cell(number.shown, "key_value", unit, link, formula=tile.formula, name=tile.name)
        parts: list[tuple[Cell, Cell | None]] = [(Cell(tile.label, "key_label"), None), (figure, None)]
        parts += [_note_cells(tile, note, at, column, top + 1) for at, note in enumerate(tile.notes, top + 2)]
        for line, (left, right) in zip(lines, parts, strict=True):
            wide = span - (right is not None)
            line += [None] * (column - 1 - len(line))
            line += [replace(left, span=wide), *[None] * (wide - 1), *([] if right is None else [right])]
    yield from (Row(tuple(line), 24.0 if at == 1 else LINE) for at, line in enumerate(lines))
    missing = greyed([(tile.label, tile.number.why) for tile in tiles if tile.number.value is None])
    yield from (_fitted(row) for row in missing)


def _note_cells(tile: _Tile, note: _Note, row: int, column: int, figure: int) -> tuple[Cell, Cell | None]:
    """A line below a figure: words, a number, or what it is compared with and the change."""
    if note.number is None or note.number.shown is None:
        return Cell(note.words if note.words and note.number is None else None, "key_note"), None
    number, now = note.number, tile.number
    unit = short_money(number.value or 0) if number.unit is MONEY else number.unit
    parts = (f'"{note.words}: "{part}' if note.base else f'{part}" {note.words}"' for part in unit.excel.split(";"))
    worded = replace(unit, excel=";".join(parts).replace('""', ""))
    left = Cell(number.shown, "key_note", worded, formula=note.formula)
    if not note.base or now.value is None or not number.value or number.value < 0:
        return left, None
    change = now.value / number.value - 1
    if change > _LARGEST:
        return left, Cell(">+999%", "key_even")
    unit = RATE if abs(change) < _SMALL else ATTAINED
    good = None if not note.better or unit.vanishes(change) or not change else change > 0
    style = "key_even" if good is None else "key_good" if good else "key_bad"
    signed = excel_format(f'"+"{unit.excel.split(";")[0]}', unit.excel.split(";")[0])
    shown_in = replace(unit, excel=signed) if good is None else unit.change(good)
    spaced = ";".join(f'{part}" "' for part in shown_in.excel.split(";"))  # away from the next figure
    return left, Cell(change, style, replace(shown_in, excel=spaced), formula=ratio(KEY, figure, column, (row, column)))


def _money_tile(report: Report, lists: AccountLists, name: str, event: Event, ago: Number) -> _Tile:
    key = "new_pipeline" if event == "created" else "total_won"
    now, then = getattr(report.summary, key), getattr(report.summary, f"baseline_{key}")
    frames, of = report.choice.timeframes, Selector("cohort")
    formulas = [lists.sum_formula(event, when, "summary", of) for when in ("baseline", "year_before")]
    other = _Note(frames.year_before.name, ago, formulas[1], base=True, better=True)
    return _Tile(
        f"{name} ({report.currency})",
        now,
        (
            _Note(frames.baseline.name, then, formulas[0], base=True, better=True),
            _Note() if frames.year_before == frames.baseline else other,
        ),
        amount_formula(now, lists, (event, "analysis", "summary")),
        f"Report{name.title().replace(' ', '')}",
    )


_LARGEST, _SMALL = 9.995, 0.0095
"""Changes above the first are not shown as a number; those below the second have a decimal."""

_PLACES = ((1, 2), (3, 3), (6, 3), (RIGHT, 2), (RIGHT + 2, 2))
"""Column and width of each headline figure."""


def _third_tile(report: Report, lists: AccountLists, before: YearAgo) -> _Tile:
    """Accounts with any stage; in the engagement report, the net change of engaged accounts."""
    if report.choice.type == "engagement":
        gained, lost = report.summary.gained, report.summary.lost
        formula = less(lists.count_formula(gained.accounts), lists.count_formula(lost.accounts))
        notes = (_count(gained, "became engaged", lists), _count(lost, "no longer engaged", lists))
        return _Tile("Net engaged", report.summary.net_engaged, notes, formula, "ReportNetEngaged")
    lines, frames = report.performance[1:], report.choice.timeframes
    now, then = (_sum([getattr(line, when) for line in lines]) for when in ("analysis", "baseline"))
    without = [lists.count_formula(getattr(report.performance[0], when).accounts) for when in ("analysis", "baseline")]
    formulas = [less(lists.count_formula(Selector("cohort")), one) for one in without]
    first = next((one.counts for one in report.over_time.spans if one.span == before.span and one.counts), ())
    ago = added([lists.count_formula(number.accounts) for number in first[1:]])
    notes = (
        _Note(frames.baseline.name, then, formulas[1], base=True),
        _Note(before.span.name, before.staged, ago, base=True),
    )
    return _Tile("With a buying stage", now, notes, formulas[0], "ReportStaged")


def _count(number: Number, words: str, lists: AccountLists) -> _Note:
    """``117 decreased``."""
    return _Note(words, number, lists.count_formula(number.accounts))


def _sum(numbers: Sequence[Number]) -> Number:
    """Counts added up; unknown where one of them is."""
    why = next((number.why for number in numbers if number.value is None), "")
    return Number(None, None, why=why) if why else Number(sum(number.value or 0 for number in numbers))


def _performance(report: Report, lists: AccountLists, drawn: bool, first: int) -> Iterable[Row]:
    """A row a state with its accounts and amounts, from the row ``first`` on, their bars above; the lowest state, which
    is not a bar, and the cohort last."""
    exclusive, frames = report.choice.type == "buying-stage", report.choice.timeframes
    title = "Accounts by highest buying stage" if exclusive else "Accounts by engagement state (can be several)"
    yield Row((Cell(title, "heading", span=LEFT),), HEADING)
    lines = (*report.performance[1:], report.performance[0])
    if drawn:
        caption = f"{_largest_change(report.performance[1:], frames.baseline.name)}; number of accounts"
        yield Row((Cell(caption, "caption", span=LEFT),), 15.0)
        yield from (Row(height=LINE) for _ in range(_CHART_ROWS))
    names = (frames.baseline.name, frames.analysis.name)
    heads = [*names, "Δ", *(f"{word}\n{name}" for word in ("New pipeline", "Total won") for name in reversed(names))]
    state = "Stage" if exclusive else "State"
    yield Row((Cell(state, "header"), *(Cell(head, "header_right") for head in heads)), height=2 * LINE)
    top = first + 2 + (1 + _CHART_ROWS if drawn else 0)
    for row, line in enumerate(lines, top):
        counts = (number_cell(number, "value", lists) for number in (line.baseline, line.analysis))
        amounts = (_amount(getattr(line, key), line, style, lists, rule) for key, style, rule in _AMOUNTS)
        yield Row((Cell(line.state, "label"), *counts, _change(line, row), *amounts))
    end = top + len(lines) - 1
    cohort = number_cell(report.summary.total_accounts, "total", lists)
    sums = (
        _whole([getattr(line, key).value for line in lines], at, (top, end))
        for at, (key, _, _) in enumerate(_AMOUNTS, 5)
    )
    yield Row((Cell("All", "total"), cohort, cohort, Cell(None, "total"), *sums))


_AMOUNTS: tuple[tuple[str, str, Amount], ...] = (
    ("new_pipeline", "value", ("created", "analysis", "performance")),
    ("baseline_new_pipeline", "subvalue", ("created", "baseline", "performance")),
    ("total_won", "value", ("won", "analysis", "performance")),
    ("baseline_total_won", "subvalue", ("won", "baseline", "performance")),
)
"""The amounts of a state: the name of each, its style and its rule."""


def _whole(cents: Sequence[int | None], column: int, rows: tuple[int, int]) -> Cell:
    """The sum of a column; grey without a known amount."""
    known = [one for one in cents if one is not None]
    if not known:
        return Cell("n/a", "total_muted")
    return Cell(MONEY.shown(sum(known)), "total", MONEY, formula=column_sum(KEY, column, *rows))


def _amount(number: Number, line: StateLine, style: str, lists: AccountLists, rule: Amount) -> Cell:
    if number.value is None and line.available and number.why.startswith(STANDS_BELOW):
        return Cell(None, style)
    return number_cell(number, style, lists, rule)


def _change(line: StateLine, row: int) -> Cell:
    """More accounts is not better in every stage, so the direction is shown without a judgement."""
    if line.baseline.value is None or line.analysis.value is None:
        return Cell("n/a", "muted", tip=line.why or line.baseline.why or line.analysis.why)
    change = line.analysis.value - line.baseline.value
    formula = Formula((Range(KEY, row, row, 3, 3), "-", Range(KEY, row, row, 2, 2)))
    return Cell(change, "subvalue", COUNT, formula=formula)


def _reasons(report: Report) -> Iterable[Row]:
    """Notes below the states: the lowest one, what engaged means, and reasons of missing numbers."""
    lines, frames = report.performance, report.choice.timeframes
    lowest = lines[0]
    words = []
    if any(line.baseline.value or line.analysis.value for line in lines[1:]):
        words.append(f"The chart is without {lowest.state}.")
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
    """The states in both timeframes, from the row ``row`` on; their numbers are below the row ``header``."""
    timeframes = report.choice.timeframes
    lines = report.performance[1:]
    last = header + len(lines)
    words = ", ".join(
        f"{line.state} {line.baseline.shown} to {line.analysis.shown}"
        for line in lines
        if line.baseline.value is not None and line.analysis.value is not None
    )
    return Chart(
        kind="column",
        title=_largest_change(lines, timeframes.baseline.name),
        subtitle="Number of accounts",
        categories=Range(KEY, header + 1, last, 1, 1),
        series=(
            Series(timeframes.baseline.name, Range(KEY, header + 1, last, 2, 2), "prior"),
            Series(timeframes.analysis.name, Range(KEY, header + 1, last, 3, 3)),
        ),
        unit=COUNT,
        row=row,
        column=1,
        width=_CHART_WIDTH,
        height=round((_CHART_ROWS * LINE - 3) / 72 * 2.54, 2),
        alt=f"Accounts in {timeframes.baseline.name} and in {timeframes.analysis.name} by state: {words}",
        captioned=True,
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
    return f"{', '.join(dict.fromkeys(words))} accounts vs {base}" if words else f"No change vs {base} in any state"


def _footnotes(report: Report) -> Iterable[Row]:
    """Chance in one line, the verdict of the checks, and what in the data can change the numbers."""
    for chance in report.chances[:1]:
        yield Row((Cell(chance_line(chance.up, chance.down), "note", span=COLUMNS),))
    yield checks_row(report.checks, COLUMNS)
    yield from warning_rows(report.warnings, COLUMNS)
