"""The first page's table of stages or states, a row each: accounts, amounts and their changes; its bars above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from segxl.pages.cells import HEADING, LINE, centimetres
from segxl.pages.drillthrough.report_accounts import NONE, AccountLists
from segxl.pages.model import Cell, Chart, Formula, Range, Row, Series
from segxl.pages.report.cells import LEFT, Amount, amount_formula, column_sum, less, number_cell, signed
from segxl.report.amounts import Event
from segxl.report.findings import engaged
from segxl.report.model import WHEN, Number, Report, Selector, StateLine
from segxl.report.states import OPENED, WON
from segxl.units import COUNT, MINUS, MONEY, Scale

KEY = "report"
"""The page's key."""

_CHART_WIDTH = 15.7
"""Centimetres."""
_A_NAME = 9
"""Characters of the name of a timeframe above a column; a longer one takes two lines."""

_OWN: Mapping[Event, str] = {"created": OPENED, "won": WON}
"""The engagement state that each amount is of."""


def performance(report: Report, lists: AccountLists, tall: int, first: int) -> Iterable[Row]:
    """A row a state with its accounts and amounts, from the row ``first`` on, their bars above in ``tall`` rows, if
    any; the lowest state, which is not a bar, and the cohort last. In the engagement report the accounts in any state
    above the lowest, and the others, which add up to the cohort; their amounts would say nothing, as an opportunity
    makes an account engaged."""
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
        yield _state_row(line, row, lists, report.scale, exclusive=exclusive)
    row += 1
    if levels := engaged_and_both(report)[0]:
        yield Row((Cell("Engaged, any of these", "label"), *_counts(_in_both(levels), row, lists)))
        row += 1
        total = report.summary.total_accounts.value or 0
        others = _in_both([total - one for one in levels], "not")
        yield Row((Cell(NONE, "label"), *_counts(others, row, lists)))
    else:
        yield _state_row(lowest, row, lists, report.scale, exclusive=exclusive)
    cohort = number_cell(report.summary.total_accounts, "total", lists)
    cells: list[Cell] = []
    for event, own in _OWN.items():
        if exclusive:
            pairs = [_pair(line, event) for line in report.performance]
            cells += _sums(pairs, 5 + len(cells), (top, row), report.scale)
        else:  # this state has every account with such an opportunity, so its amount is the cohort's
            (line,) = (line for line in lines if line.state == own)
            whole, before = map(_of_the_cohort, _pair(line, event))
            cells += _amounts(whole, before, event, lists, report.scale, ("total", "total", "total_muted"))
    yield Row((Cell("All", "total"), cohort, cohort, Cell(None, "total"), *cells))


def engaged_and_both(report: Report) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The accounts above No Engagement in the baseline and in the analysis, and those of them that are in No Engagement
    too, as they have an opportunity alone; nothing where they are unknown."""
    levels, lowest = engaged(report), report.performance[0]
    total, found = report.summary.total_accounts.value, (lowest.baseline.value, lowest.analysis.value)
    if levels is None or total is None or None in found:
        return (), ()
    return levels, tuple(one + (low or 0) - total for one, low in zip(levels, found, strict=True))


def _in_both(levels: Sequence[int], word: str = "") -> tuple[Number, ...]:
    """Engaged accounts in both timeframes, or with ``not`` the others."""
    return tuple(Number(one, Selector("engaged", word, when)) for one, when in zip(levels, WHEN, strict=True))


def _pair(line: StateLine, event: Event) -> tuple[Number, Number]:
    """New pipeline or total won of a state, in the analysis and in the baseline."""
    if event == "created":
        return line.new_pipeline, line.baseline_new_pipeline
    return line.total_won, line.baseline_total_won


def _state_row(line: StateLine, row: int, lists: AccountLists, scale: Scale, *, exclusive: bool) -> Row:
    """A state with its accounts in both timeframes, its amounts, and their changes."""
    cells = [Cell(line.state, "label"), *_counts((line.baseline, line.analysis), row, lists, line.why)]
    for event, own in _OWN.items():
        if exclusive or line.state == own or not line.available:
            cells += _amounts(*_pair(line, event), event, lists, scale)
        else:
            cells += [Cell(None, "value"), Cell(None, "subvalue")]
    return Row(tuple(cells))


def _amounts(
    now: Number,
    then: Number,
    event: Event,
    lists: AccountLists,
    scale: Scale,
    styles: tuple[str, str, str] = ("value", "subvalue", "muted"),
) -> Iterable[Cell]:
    """An amount in the analysis and its change, in styles of their own, the last where one is unknown."""
    rules: tuple[Amount, Amount] = (event, "analysis", "performance"), (event, "baseline", "performance")
    style, changed, muted = styles
    if now.value is None:
        yield Cell("n/a", muted, tip=now.why)
    else:
        yield replace(number_cell(now, style, lists, rules[0]), unit=scale.cell)
    if now.value is None or then.value is None:
        yield Cell("n/a", muted, tip=now.why or then.why)
        return
    formula = less(*(amount_formula(one, lists, rule) for one, rule in zip((now, then), rules, strict=True)))
    yield Cell(MONEY.shown(now.value - then.value), changed, signed(scale.cell), formula=formula)


def _of_the_cohort(number: Number) -> Number:
    """An amount that is the same of all accounts."""
    return number if number.value is None else replace(number, accounts=Selector("cohort"))


def _sums(pairs: Sequence[tuple[Number, Number]], column: int, rows: tuple[int, int], scale: Scale) -> Iterable[Cell]:
    """The sums of a column of amounts and of the next one, their changes; grey without a known amount."""
    known = [now.value for now, _ in pairs if now.value is not None]
    changes = [now.value - then.value for now, then in pairs if now.value is not None and then.value is not None]
    for at, cents, unit in ((column, known, scale.cell), (column + 1, changes, signed(scale.cell))):
        if cents:
            yield Cell(MONEY.shown(sum(cents)), "total", unit, formula=column_sum(KEY, at, *rows))
        else:
            yield Cell("n/a", "total_muted")


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
