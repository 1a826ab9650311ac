"""The first page's table of stages or states, a row each: accounts, amounts and their changes; its bars above it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from segxl.pages.cells import HEADING, LINE, centimetres
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Chart, Formula, Range, Row, Series
from segxl.pages.report.cells import LEFT, Amount, amount_formula, column_sum, less, number_cell, signed
from segxl.report.amounts import Event
from segxl.report.findings import engaged
from segxl.report.model import STANDS_BELOW, WHEN, Number, Report, Selector, StateLine
from segxl.units import COUNT, MINUS, MONEY, Scale

KEY = "report"
"""The page's key."""

_CHART_WIDTH = 15.7
"""Centimetres."""
_A_NAME = 9
"""Characters of the name of a timeframe above a column; a longer one takes two lines."""


def performance(report: Report, lists: AccountLists, tall: int, first: int) -> Iterable[Row]:
    """A row a state with its accounts and amounts, from the row ``first`` on, their bars above in ``tall`` rows, if
    any; the lowest state, which is not a bar, and the cohort last."""
    exclusive, frames = report.choice.type == "buying-stage", report.choice.timeframes
    now, then = frames.analysis.name, frames.baseline.name
    title = "Accounts by highest buying stage" if exclusive else "Accounts by engagement state (can be several)"
    yield Row((Cell(f"{title}; amounts of {now}", "heading", span=LEFT),), HEADING)
    lowest, lines = report.performance[0], report.performance[1:]
    if tall:
        yield Row((Cell(_largest_change(lines, then), "caption", span=LEFT),), 15.0)
        yield from (Row(height=LINE) for _ in range(tall))
    heads = (then, now, "Δ", "New pipeline", "Δ pipeline", "Total won", "Δ won")
    high = LINE * (2 if max(len(now), len(then)) > _A_NAME else 1)
    yield Row(
        (Cell("Stage" if exclusive else "State", "header"), *(Cell(head, "header_right") for head in heads)), high
    )
    row = top = first + 2 + (1 + tall if tall else 0)
    for row, line in enumerate(lines, top):
        yield _state_row(line, row, lists, report.scale)
    levels, both = engaged_and_both(report)
    if levels:
        row += 1
        yield Row((Cell("Engaged, any of these", "label"), *_counts(levels, row, lists)))
    row += 1
    yield _state_row(lowest, row, lists, report.scale)
    if any(both):
        # what makes the picture add up: the cohort less the rows of who is engaged and of who is not
        row += 1
        counts = (
            Cell(-count, "value", COUNT, formula=Formula(
                (Range(KEY, row + 1, row + 1, at, at), "-SUM(", Range(KEY, row - 2, row - 1, at, at), ")")
            ))
            for at, count in enumerate(both, 2)
        )  # fmt: skip
        yield Row((Cell("Less: in both", "label"), *counts, _change(-both[0], -both[1], row)))
    cohort = number_cell(report.summary.total_accounts, "total", lists)
    columns = enumerate(zip(*map(_cents, report.performance), strict=True), 5)
    sums = (_whole(cents, at, (top, row), report.scale) for at, cents in columns)
    yield Row((Cell("All", "total"), cohort, cohort, Cell(None, "total"), *sums))


def engaged_and_both(report: Report) -> tuple[tuple[Number, ...], tuple[int, ...]]:
    """The accounts above No Engagement in the baseline and in the analysis, and those of them that are in No Engagement
    too, as they have an opportunity alone; nothing where they are unknown."""
    levels, lowest = engaged(report), report.performance[0]
    total, found = report.summary.total_accounts.value, (lowest.baseline.value, lowest.analysis.value)
    if levels is None or total is None or None in found:
        return (), ()
    numbers = tuple(Number(one, Selector("engaged", "", when)) for one, when in zip(levels, WHEN, strict=True))
    return numbers, tuple(one + (low or 0) - total for one, low in zip(levels, found, strict=True))


def _state_row(line: StateLine, row: int, lists: AccountLists, scale: Scale) -> Row:
    """A state with its accounts in both timeframes, its amounts, and their changes."""
    cells = [Cell(line.state, "label"), *_counts((line.baseline, line.analysis), row, lists, line.why)]
    for key, event in _AMOUNTS:
        now, then = getattr(line, key), getattr(line, f"baseline_{key}")
        if now.value is None and line.available and now.why.startswith(STANDS_BELOW):
            cells += [Cell(None, "value"), Cell(None, "subvalue")]
            continue
        rules: tuple[Amount, Amount] = (event, "analysis", "performance"), (event, "baseline", "performance")
        cell = number_cell(now, "value", lists, rules[0])
        cells.append(cell if now.value is None else replace(cell, unit=scale.cell))
        if now.value is None or then.value is None:
            cells.append(Cell("n/a", "muted", tip=now.why or then.why))
            continue
        formula = less(*(amount_formula(one, lists, rule) for one, rule in zip((now, then), rules, strict=True)))
        cells.append(Cell(MONEY.shown(now.value - then.value), "subvalue", signed(scale.cell), formula=formula))
    return Row(tuple(cells))


_AMOUNTS: tuple[tuple[str, Event], ...] = (("new_pipeline", "created"), ("total_won", "won"))
"""The amounts of a state: the name of each, and what happened to its opportunities."""


def _cents(line: StateLine) -> Iterable[int | None]:
    """The amounts of a state and their changes, as in its row."""
    for key, _ in _AMOUNTS:
        now, then = getattr(line, key).value, getattr(line, f"baseline_{key}").value
        yield from (now, None if None in (now, then) else now - then)


def _whole(cents: Sequence[int | None], column: int, rows: tuple[int, int], scale: Scale) -> Cell:
    """The sum of a column, of every second one the change; grey without a known amount."""
    known = [one for one in cents if one is not None]
    if not known:
        return Cell("n/a", "total_muted")
    unit = scale.cell if column % 2 else signed(scale.cell)
    return Cell(MONEY.shown(sum(known)), "total", unit, formula=column_sum(KEY, column, *rows))


def _counts(numbers: Sequence[Number], row: int, lists: AccountLists, why: str = "") -> Iterable[Cell]:
    """Accounts in the baseline and in the analysis, and the change."""
    yield from (number_cell(number, "value", lists) for number in numbers)
    then, now = numbers
    if then.value is None or now.value is None:
        yield Cell("n/a", "muted", tip=why or then.why or now.why)
    else:
        yield _change(then.value, now.value, row)


def _change(then: int, now: int, row: int) -> Cell:
    """More accounts is not better in every stage, so the direction is shown without a judgement."""
    formula = Formula((Range(KEY, row, row, 3, 3), "-", Range(KEY, row, row, 2, 2)))
    return Cell(now - then, "subvalue", signed(COUNT), formula=formula)


def bars(report: Report, row: int, header: int, tall: int) -> Chart:
    """The states in both timeframes, in ``tall`` rows from ``row`` on; their numbers are below the row ``header``."""
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
        height=round(centimetres(tall * LINE - 3), 2),
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
    said = ([up] if up[0] > 0 else []) + ([down] if down[0] < 0 else [])
    words = [f"{state} {change:+,}".replace("-", MINUS) for change, state in said]
    return f"{', '.join(words)} accounts vs {base}" if words else f"No change vs {base} in any state"
