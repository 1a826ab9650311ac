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
from segxl.pages.audit.sources import rows_row, warning_rows
from segxl.pages.cells import GAP, HEADING, LINE, fitted, heading, headline_row, lines_of, long_date, points
from segxl.pages.drillthrough.report_accounts import TITLE, AccountLists
from segxl.pages.model import Cell, Formula, KeyColumns, Page, Row, SideBySide
from segxl.pages.report.accounts_to_act_on import accounts_to_act_on
from segxl.pages.report.cells import PAGE_COLUMNS as COLUMNS
from segxl.pages.report.cells import PAGE_WIDTHS as WIDTHS
from segxl.pages.report.cells import (
    RIGHT,
    added,
    amount_formula,
    greyed,
    less,
    next_to,
    ratio,
    signed,
)
from segxl.pages.report.reconciliation import exact
from segxl.pages.report.states_table import KEY, bars, engaged_and_both, performance
from segxl.periods import Span, month_start, to_month
from segxl.report.account_rows import AccountRows
from segxl.report.amounts import EVENTS, Event, LeftOut
from segxl.report.compute import amount_in_state
from segxl.report.findings import findings, none_left, shown
from segxl.report.headline import headline
from segxl.report.mcnemar import chance_words
from segxl.report.model import WHEN, Number, Report, Selector
from segxl.report.states import DECISION, FROM_ACTIVITIES
from segxl.report.working import Working
from segxl.report.year_ago import YearAgo, data_days, year_ago
from segxl.settings.model import DealType
from segxl.units import ATTAINED, COUNT, MINUS, MONEY, RATE, Scale

_CHART_ROWS = (10, 9, 8, 7, 6)
"""Rows below the chart, more where the lists next to it take more; the fewer where the page has no room."""
_ACCOUNTS = (5, 4, 3)
"""Accounts of each list; the fewer where the page has no room."""
_PAPER = 580.0
"""Points of the page's rows that print in 9 points on a sheet of A4."""
_WARNINGS = 1
"""Warnings on the page; segxl check lists all."""


def first_page(report: Report, working: Working, lists: AccountLists, title: str, subtitle: str) -> Page:
    """The page; the other pages have the details. Its lists of accounts are as long as a sheet of paper allows."""
    before = year_ago(report, working)
    top = heading(title, subtitle, COLUMNS)
    rows = [replace(top[0], height=26), replace(top[1], height=16)]
    rows.append(_line(_data_to(report, working, before)))
    words = headline(report)
    rows += [headline_row(words, COLUMNS)] if words else []
    rows += [GAP, *_tiles(report, working, lists, before, len(rows) + 2)]
    rows += [*_to_look_at(report, working, lists, before), GAP]
    notes = [*_reasons(report, working), *_types(report, working)]
    notes += [*_left_out(report, working, legend(rows)), *_footnotes(report)]
    notes = [row if row.height else _fitted(row) for row in notes]

    first, room = len(rows) + 1, _PAPER - points([*rows, *notes])
    tried: list[tuple[list[Row], int]] = []
    for one in _bodies(report, working, lists, first):
        tried.append(one)
        if points(one[0]) <= room:
            break
    body, tall = min(tried, key=lambda one: points(one[0]))
    rows += body
    areas = SideBySide(first, len(rows), (1, RIGHT))
    header = first + 1 + (1 + tall if tall else 0)
    charts = (bars(report, first + 2, header, tall),) if tall else ()
    rows += notes
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


def _bodies(report: Report, working: Working, lists: AccountLists, first: int) -> Iterable[tuple[list[Row], int]]:
    """The states next to the lists, from the row ``first`` on, and how many rows the chart takes: the longest lists and
    the highest chart first."""
    rows = AccountRows(working)
    drawn = any(line.baseline.value or line.analysis.value for line in report.performance[1:])
    for most in _ACCOUNTS:
        right = [*accounts_to_act_on(report, working, lists, rows, most)]
        for least in _CHART_ROWS if drawn else (0,):
            left, tall = [*performance(report, lists, least, first)], least
            if drawn and (further := len(right) - len(left)) > 0:
                tall += further
                left = [*performance(report, lists, tall, first)]
            yield [replace(row, height=row.height or LINE) for row in next_to(left, right)], tall


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
    return fitted(replace(row, cells=cells), WIDTHS)


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
        # The link has a cell of its own, right behind: a sentence in the colour of links looks like a verdict.
        link, row = lists.link(one.of), _line(one.marked)
        if link:
            fits = (span for span in range(1, COLUMNS - 1) if lines_of(one.marked, sum(WIDTHS[:span])) == 1)
            span = next(fits, COLUMNS - 1)
            there = Cell(TITLE, "text", link=link, span=COLUMNS - span)
            row = replace(row, cells=(Cell(one.marked, "text", span=span), *[None] * (span - 1), there))
        yield row
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


def _tiles(report: Report, working: Working, lists: AccountLists, before: YearAgo, top: int) -> Iterable[Row]:
    """The headline figures, from the row ``top`` on."""
    summary = report.summary
    engagement, frames = report.choice.type == "engagement", report.choice.timeframes
    moved = "Moved to a higher state" if engagement else "Increased buying stage"
    fewer = "moved to a lower state" if engagement else "decreased"
    up, down = summary.increased.value, summary.decreased.value
    chance = "" if up is None or down is None else chance_words(up, down)
    both = f"{frames.baseline.name} and {frames.analysis.name}"
    cohort = (_Note("the same accounts in"), _Note(both if len(both) <= _A_TILE else "both timeframes"))
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
            (_count(summary.decreased, fewer, lists), _Note(chance)),
            lists.count_formula(summary.increased.accounts),
            "ReportIncreased",
        ),
        _third_tile(report, lists, before),
        _money_tile(
            report, lists, "New pipeline", _renewals(report, working, "created"), "created", before.new_pipeline
        ),
        _money_tile(report, lists, "Total won", _renewals(report, working, "won"), "won", before.total_won),
    )
    lines: tuple[list[Cell | None], ...] = ([], [], [], [])
    for tile, (column, span) in zip(tiles, _PLACES, strict=True):
        number, link = tile.number, lists.link(tile.number.accounts)
        figure = Cell("n/a", "key_value", tip=number.why)
        if number.value is not None:
            unit = report.scale.unit(number.value) if number.unit is MONEY else number.unit
            figure = Cell(number.shown, "key_value", unit, link, formula=tile.formula, name=tile.name)
        parts: list[tuple[Cell, Cell | None]] = [(Cell(tile.label, "key_label"), None), (figure, None)]
        parts += [
            _note_cells(tile, note, at, column, top + 1, report.scale) for at, note in enumerate(tile.notes, top + 2)
        ]
        for line, (left, right) in zip(lines, parts, strict=True):
            wide = span - (right is not None)
            line += [None] * (column - 1 - len(line))
            line += [replace(left, span=wide), *[None] * (wide - 1), *([] if right is None else [right])]
    yield from (Row(tuple(line), 24.0 if at == 1 else LINE) for at, line in enumerate(lines))
    missing = greyed([(tile.label, tile.number.why) for tile in tiles if tile.number.value is None], COLUMNS)
    yield from (_fitted(row) for row in missing)


def _note_cells(tile: _Tile, note: _Note, row: int, column: int, figure: int, scale: Scale) -> tuple[Cell, Cell | None]:
    """A line below a figure: words, a number, or what it is compared with and the change."""
    if note.number is None or note.number.shown is None:
        return Cell(note.words if note.words and note.number is None else None, "key_note"), None
    number, now = note.number, tile.number
    unit = scale.unit(number.value or 0) if number.unit is MONEY else number.unit
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
    shown_in = signed(unit) if good is None else unit.change(good)
    return left, Cell(change, style, shown_in, formula=ratio(KEY, figure, column, (row, column)))


def _money_tile(report: Report, lists: AccountLists, name: str, types: str, event: Event, ago: Number) -> _Tile:
    key = "new_pipeline" if event == "created" else "total_won"
    now, then = getattr(report.summary, key), getattr(report.summary, f"baseline_{key}")
    frames, of = report.choice.timeframes, Selector("cohort")
    formulas = [lists.sum_formula(event, when, "summary", of) for when in ("baseline", "year_before")]
    other = _Note(_named(frames.year_before, "year ago"), ago, formulas[1], base=True, better=True)
    return _Tile(
        f"{name}{types}",
        now,
        (
            _Note(_named(frames.baseline, "baseline"), then, formulas[0], base=True, better=True),
            _Note() if frames.year_before == frames.baseline else other,
        ),
        amount_formula(now, lists, (event, "analysis", "summary")),
        f"Report{name.title().replace(' ', '')}",
    )


_A_TILE, _A_NAME = 30, 9
"""Characters of a line below a figure, and of the name of a timeframe in it: a number has no room for a longer one."""

_LARGEST, _SMALL = 9.995, 0.0095
"""Changes above the first are not shown as a number; those below the second have a decimal."""

_PLACES = ((1, 2), (3, 3), (6, 3), (RIGHT, 2), (RIGHT + 3, 2))
"""Column and width of each headline figure; they begin at about even distances."""


def _named(span: Span, short: str) -> str:
    """The name of a timeframe, or a shorter word: the page's second line has the names."""
    return span.name if len(span.name) <= _A_NAME else short


def _third_tile(report: Report, lists: AccountLists, before: YearAgo) -> _Tile:
    """Accounts with any stage; in the engagement report, the net change of engaged accounts."""
    if report.choice.type == "engagement":
        gained, lost = report.summary.gained, report.summary.lost
        formula = less(lists.count_formula(gained.accounts), lists.count_formula(lost.accounts))
        notes = (_count(gained, "became engaged", lists), _count(lost, "no longer engaged", lists))
        net = replace(report.summary.net_engaged, unit=signed(COUNT))
        return _Tile("Net engaged", net, notes, formula, "ReportNetEngaged")
    lines, frames = report.performance[1:], report.choice.timeframes
    now, then = (_sum([getattr(line, when) for line in lines]) for when in ("analysis", "baseline"))
    without = [lists.count_formula(getattr(report.performance[0], when).accounts) for when in ("analysis", "baseline")]
    formulas = [less(lists.count_formula(Selector("cohort")), one) for one in without]
    first = next((one.counts for one in report.over_time.spans if one.span == before.span and one.counts), ())
    ago = added([lists.count_formula(number.accounts) for number in first[1:]])
    notes = (
        _Note(_named(frames.baseline, "baseline"), then, formulas[1], base=True),
        _Note(_named(before.span, "year ago"), before.staged, ago, base=True),
    )
    return _Tile("With a buying stage", now, notes, formulas[0], "ReportStaged")


def _count(number: Number, words: str, lists: AccountLists) -> _Note:
    """``117 decreased``."""
    return _Note(words, number, lists.count_formula(number.accounts))


def _sum(numbers: Sequence[Number]) -> Number:
    """Counts added up; unknown where one of them is."""
    why = next((number.why for number in numbers if number.value is None), "")
    return Number(None, None, why=why) if why else Number(sum(number.value or 0 for number in numbers))


def _reasons(report: Report, working: Working) -> Iterable[Row]:
    """Notes below the states: what does not add up, who is engaged by an opportunity alone, with their amounts, and
    reasons of missing numbers; where No Engagement is one, its reason is that of all states of activities."""
    lines, frames = report.performance, report.choice.timeframes
    lowest = lines[0]
    if report.choice.type == "engagement":
        said = "States overlap; only opportunities have amounts."
        levels, both = engaged_and_both(report)
        definition = f"in {lowest.state} (no intent, visit or known engagement)"
        if levels and not both[1]:
            said += f" Not engaged are those {definition}."
        elif levels:
            amounts = (amount_in_state(working, lowest.state, event, "analysis").value or 0 for event in EVENTS)
            created, won = (_signed(report, cents) for cents in amounts)
            alone = "is engaged by an opportunity" if both[1] == 1 else "are engaged by an opportunity"
            said += (
                f" {both[1]:,} of the {lowest.analysis.value:,} {definition} {alone} alone: new pipeline {created}, "
                f"won {won}."
            )
        yield Row((Cell(said, "note", span=COLUMNS),))
    elif report.summary.to_call.value and report.summary.to_save.value:
        moves = f"Falls from and rises to {DECISION} or Purchase include moves between the two."
        yield Row((Cell(moves, "note", span=COLUMNS),))
    whys = [(line, lowest.why if line.state in FROM_ACTIVITIES and lowest.why else line.why) for line in lines]
    yield from greyed([(line.state, why) for line, why in whys if why], COLUMNS)
    for when in WHEN:
        missing = [(line, getattr(line, when)) for line in lines if line.available]
        name = getattr(frames, when).name
        yield from greyed([(f"{line.state} in {name}", one.why) for line, one in missing if one.value is None], COLUMNS)


def _renewals(report: Report, working: Working, event: Event) -> str:
    """What of an amount is renewals, behind its name: ``, 79% renewals``; without any ``, all types``. Where no deal
    has a type the currency: `` (USD)``."""
    if not working.deals.typed:
        return f" ({report.currency})"
    summary = report.summary
    whole = (summary.new_pipeline if event == "created" else summary.total_won).value
    renewed = working.deals.of_type("renewal", event, working.window("analysis"))
    return f", {ATTAINED.text(renewed / whole)} renewals" if whole and renewed else ", all types"


def _types(report: Report, working: Working) -> Iterable[Row]:
    """What new logos and renewals have of both amounts, which are of all types of opportunities; nothing without
    types."""
    if report.summary.new_pipeline.value is None or not working.deals.typed:
        return
    window, said = working.window("analysis"), []
    for name, event in zip(("New pipeline", "Total won"), EVENTS, strict=True):
        amounts = [(kind, working.deals.of_type(key, event, window)) for kind, key in _TYPES]
        parts = [f"{kind} {_signed(report, cents)}" for kind, cents in amounts if cents]
        said.append(f"{name} counts all types of opportunities{': ' if parts else ''}{', '.join(parts)}.")
    yield Row((Cell(" ".join(said), "note", span=COLUMNS),))


_TYPES: tuple[tuple[str, DealType], ...] = (("renewals", "renewal"), ("new logos", "new_logo"))


def _signed(report: Report, cents: int) -> str:
    """An amount of a sentence, with its sign if it is below zero."""
    return (MINUS if cents < 0 else "") + report.money(cents)


def legend(rows: Sequence[Row]) -> str:
    """What the marks on the page mean: ``▲ good, ▽ bad.``; those that do not occur are not in it."""
    words = ""
    for cell in (cell for row in rows for cell in row.cells if cell is not None):
        if isinstance(cell.value, (int, float)):
            rise, fall, zero = cell.unit.excel.split(";")
            words += rise if cell.value > 0 else fall if cell.value < 0 else zero
        else:
            words += str(cell.value)
    found = (
        f"{''.join(sign for sign in signs if sign in words)} {meaning}"
        for meaning, signs in (("good", "▲▼"), ("bad", "△▽"))
        if any(sign in words for sign in signs)
    )
    text = ", ".join(found)
    return f"{text}." if text else ""


def _left_out(report: Report, working: Working, signs: str) -> Iterable[Row]:
    """One line: the opportunities that each amount excludes, with their amounts and the reason, and what the ``signs``
    of the page mean."""
    if report.summary.new_pipeline.value is None:
        if signs:
            yield Row((Cell(signs, "note", span=COLUMNS),))
        return
    deals, window = working.deals, working.window("analysis")
    has_accounts = "accounts" in working.presence.dataset.tables
    why = "account not in the accounts table" if has_accounts else "without an account"
    words, by_state = [], []
    for event, name in zip(EVENTS, ("New pipeline", "Total won"), strict=True):
        said = _excluded(report, deals.of_no_account(event, window), why)
        for word, one in deals.foreign(window, (event,)).items():
            said.append(f"{counted(one.count, *_OPPORTUNITY)} of {exact(one.cents)} {word} (not converted)")
        if report.choice.exclude_irrelevant and (count := deals.touched(deals.irrelevant, window, (event,))):
            said.append(counted(count, *(f"irrelevant {noun}" for noun in _OPPORTUNITY)))
        words += [f"{name} excludes {' and '.join(said)}."] if said else []
        crms = _excluded(report, deals.of_crms(event, window), "Microsoft Dynamics or HubSpot")
        by_state += [f"{name} by state also excludes {one}." for one in crms]
    words += by_state
    if not words:
        words = ["New pipeline and total won exclude no opportunity."]
    words += ["Plans are in the scorecard.", *([signs] if signs else [])]
    yield Row((Cell(" ".join(words), "note", span=COLUMNS),))


_OPPORTUNITY = ("opportunity", "opportunities")


def _excluded(report: Report, found: LeftOut, why: str) -> list[str]:
    """``1 opportunity of 18k (account not in the accounts table)``; nothing without one."""
    return [f"{counted(found.count, *_OPPORTUNITY)} of {_signed(report, found.cents)} ({why})"] if found.count else []


def _footnotes(report: Report) -> Iterable[Row]:
    """How far to trust the numbers: the verdict of the checks with the open question of the sentences above, the
    outcome of the rows read, and what in the data can change the numbers."""
    more = "" if report.warnings else ", no warnings"
    if stopped := none_left(report):
        more += f"; open question: did the import of {listed([line.line.name for line in stopped], 3)} stop?"
    yield checks_row(report.checks, COLUMNS, more=more)
    yield rows_row(report.ledger, COLUMNS)
    yield from warning_rows(report.warnings, COLUMNS, _WARNINGS)
