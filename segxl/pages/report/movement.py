"""The movement of the cohort: the grid as a heat map, and the flow picture. Up, down and same differ by sign (↑ ↓ =),
by their place above or below the diagonal, by type (same bold in a box, down in italics) and by colour, so that a
black-and-white print loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import ceil

from segxl.messages import counted
from segxl.pages.cells import heading
from segxl.pages.drillthrough.report_accounts import NONE, AccountLists, state_names
from segxl.pages.model import Cell, Flow, Page, Row, SideBySide
from segxl.pages.report.activities import mover_charts, mover_rows
from segxl.pages.report.cells import COLUMNS, LEFT, RIGHT, WIDTHS, column_sum, greyed, row_sum
from segxl.report.model import Report, Selector
from segxl.report.states import NO_ENGAGEMENT
from segxl.units import COUNT

Counts = tuple[tuple[int, ...], ...]

_WAYS = ("up", "same", "down")
_SIGNS = {"up": "↑", "down": "↓", "same": "="}
"""Arrows: a triangle is a judgement."""
_UNITS = {way: replace(COUNT, excel=f'"{sign} "#,##0;"{sign} −"#,##0;0') for way, sign in _SIGNS.items()}
KEY = "movement"
_STEPS = 5
"""Shades of a heat map: more could not be distinguished on paper."""


def movement_page(report: Report, lists: AccountLists, subtitle: str) -> Page:
    """The grid next to the flow; what moved from each state next to the activities that rose and fell."""
    rows = heading("Movement", subtitle, COLUMNS)
    first = len(rows) + 1
    grid = [*_grid_rows(report, lists, first)]
    rows += [*grid, Row(height=8), *_ways_rows(report, first + len(grid) + 1, first + 2), Row()]
    areas = [SideBySide(first, len(rows), (1, RIGHT))]
    flows = tuple(replace(flow, row=first, column=RIGHT) for flow in _flow(report, first))
    top = len(rows) + 1
    rows += mover_rows(report, lists)
    areas.append(SideBySide(top, len(rows), (1, RIGHT)))
    charts = mover_charts(report, KEY, top)
    return Page(
        KEY, "Movement", tuple(rows), WIDTHS, charts=charts, flows=flows, side_by_side=tuple(areas), one_paper=True
    )


def _grid_rows(report: Report, lists: AccountLists, first: int) -> Iterable[Row]:
    """The grid with its heading, sums and reading, from the row ``first`` on."""
    movement = report.movement
    states, counts = movement.states, movement.counts
    what = "buying stage" if report.choice.type == "buying-stage" else "engagement state"
    frames = report.choice.timeframes
    was, now = frames.baseline.name, frames.analysis.name
    title = f"Accounts by highest {what}, {was} (rows) to {now} (columns)"
    yield Row((Cell(title, "heading", span=LEFT),))
    names = state_names(states)
    header = [Cell(state, "header_right") for state in (*names, was)]
    yield Row((Cell("From / to", "header"), *header), height=30)
    shades = {} if counts is None else _shades(counts)
    for row in range(len(states)):
        if counts is None:
            cells = [Cell("n/a", "muted", tip=movement.why) for _ in (*states, "sum")]
        else:
            cells = [_grid_cell(counts, row, column, shades, report, lists) for column in range(len(states))]
            whole = row_sum(KEY, first + 2 + row, 2, 1 + len(states))
            cells.append(Cell(sum(counts[row]), "value", COUNT, formula=whole))
        yield Row((Cell(names[row], "label"), *cells))
    if counts is None:
        yield from greyed([("cohort movement", movement.why)])
        return
    columns = [sum(column) for column in zip(*counts, strict=True)]
    top = first + 2
    totals = (
        Cell(
            number,
            "total",
            COUNT,
            formula=column_sum(KEY, column, top, top + len(states) - 1),
        )
        for column, number in enumerate((*columns, sum(columns)), 2)
    )
    yield Row((Cell(now, "total"), *totals))
    sums = _sums(counts)
    words = (
        f"↑ up: {counted(sums['up'], 'account')}. ↓ down: {sums['down']:,}. = same: {sums['same']:,}. Darker: more "
        f"accounts (separate scales for moved and unchanged). Click a count to see its accounts."
    )
    yield Row((Cell(words, "note", span=LEFT),), height=27)
    if tie := _tie(report):
        yield Row((Cell(tie, "note", span=LEFT),), height=27)


def _ways_rows(report: Report, first: int, top: int) -> Iterable[Row]:
    """How many accounts of each state went up, stayed and went down: the rows of the grid, whose first is row ``top``,
    summed below it, from the row ``first`` on."""
    counts = report.movement.counts
    if counts is None:
        return
    yield Row((Cell("From each state: up, same, down", "heading", span=LEFT),))
    headers = (Cell(f"{_SIGNS[way]} {way}", "header_right") for way in _WAYS)
    yield Row((Cell(report.choice.timeframes.baseline.name, "header"), *headers))
    for at, (name, line) in enumerate(zip(state_names(report.movement.states), counts, strict=True)):
        row, own = top + at, at + 2
        parts = {"up": (own + 1, 1 + len(counts)), "same": (own, own), "down": (2, own - 1)}
        cells = []
        for way in _WAYS:
            start, end = parts[way]
            inside = line[start - 2 : end - 1]
            formula = row_sum(KEY, row, start, end) if inside else None
            cells.append(Cell(sum(inside) if inside else None, "value", COUNT, formula=formula))
        yield Row((Cell(name, "label"), *cells))
    above, sums = first + 2, _sums(counts)
    totals = (
        Cell(sums[way], "total", COUNT, formula=column_sum(KEY, column, above, above + len(counts) - 1))
        for column, way in enumerate(_WAYS, 2)
    )
    yield Row((Cell("All", "total"), *totals))


def _tie(report: Report) -> str:
    """The difference between No Engagement in the chart and the lowest state of the grid, in numbers."""
    counts, line = report.movement.counts, report.performance[0]
    if counts is None or line.state != NO_ENGAGEMENT or line.baseline.value is None or line.analysis.value is None:
        return ""
    before, after = sum(counts[0]), sum(row[0] for row in counts)
    return (
        f"{NONE} ({before:,}, then {after:,}) is No Engagement ({line.baseline.value:,}, then {line.analysis.value:,}) "
        f"without the {line.baseline.value - before:,} and {line.analysis.value - after:,} accounts that have an "
        f"opportunity: these are in its row or column."
    )


def _flow(report: Report, row: int) -> tuple[Flow, ...]:
    """The same as a picture, above a row. Accounts in the lowest state both times are counted in the text, not drawn:
    they are often most of the cohort and did not move."""
    counts, states = report.movement.counts, report.movement.states
    if counts is None:
        return ()
    still = counts[0][0]
    drawn = ((0, *counts[0][1:]), *counts[1:])
    total = sum(map(sum, drawn))
    if total == 0:
        return ()
    timeframes, sums = report.choice.timeframes, _sums(counts)
    moved = sorted(
        (-count, before, after)
        for before, line in enumerate(counts)
        for after, count in enumerate(line)
        if count and before != after
    )
    names = state_names(states)
    largest = ", ".join(f"{names[before]} to {names[after]} {-count:,}" for count, before, after in moved[:3])
    left_out = f"; not shown: {still:,} in {state_names(states)[0]} in both timeframes" if still else ""
    alt = (
        f"Flow of {counted(total, 'account')} from the baseline to the analysis: {sums['up']:,} up, "
        f"{sums['down']:,} down, {sums['same'] - still:,} the same{left_out}. "
        + (f"Largest movements: {largest}. " if largest else "")
        + "All numbers are in the table next to it."
    )
    return (
        Flow(
            title=f"{counted(sums['up'], 'account')} moved up, {sums['down']:,} down",
            subtitle=f"number of accounts{left_out}",
            left=timeframes.baseline.name,
            right=timeframes.analysis.name,
            names=names,
            counts=drawn,
            noun="account",
            row=row,
            alt=alt,
        ),
    )


def _grid_cell(
    counts: Counts, row: int, column: int, shades: dict[tuple[int, int], float], report: Report, lists: AccountLists
) -> Cell:
    way = _way(row, column)
    states, count = report.movement.states, counts[row][column]
    selector = Selector("movement", states[row], states[column])
    style = way if count and row + column else "subvalue"
    link, formula = lists.link(selector), lists.count_formula(selector)
    return Cell(count, style, _UNITS[way], link, shade=shades.get((row, column), 1.0), formula=formula)


def _way(row: int, column: int) -> str:
    return "up" if column > row else "down" if column < row else "same"


def _sums(counts: Counts) -> dict[str, int]:
    found = dict.fromkeys(_SIGNS, 0)
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            found[_way(row, column)] += count
    return found


def _shades(counts: Counts) -> dict[tuple[int, int], float]:
    """In fifths of the largest count: of all that moved, and of all that stayed, which are far more. Those in the
    lowest state both times are often most of the cohort: they have no shade, so that the others keep theirs."""
    cells = {(row, column): count for row, line in enumerate(counts) for column, count in enumerate(line) if count}
    cells.pop((0, 0), None)
    shades: dict[tuple[int, int], float] = {}
    for stayed in (False, True):
        own = {place: count for place, count in cells.items() if (place[0] == place[1]) is stayed}
        largest = max(own.values(), default=0)
        shades |= {place: ceil(_STEPS * count / largest) / _STEPS for place, count in own.items()}
    return shades
