"""The pipeline's status as a table below its bridge: open amounts by expected close, weighted, and their coverage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from segxl.messages import counted
from segxl.pages.cells import figure_cell, long_date
from segxl.pages.model import Cell, Formula, Link, NumberCell, Row
from segxl.periods import Period, month_label
from segxl.scorecard.model import Amount, Coverage, PipelineStatus
from segxl.scorecard.numbers_table import number_key
from segxl.scorecard.pipeline_status import NO_CHANCE
from segxl.units import MONEY

FindDue = Callable[[str], Link | None]
"""The link to the opportunities of a part of the open pipeline; None if there are none."""


def status_rows(
    segment: str, status: PipelineStatus | None, period: Period, reason: str, width: int, find: FindDue
) -> Iterable[Row]:
    """A heading and a line for each part; in grey, with ``reason``, if unavailable."""
    yield Row((Cell("Pipeline status", "heading", span=width),))
    if status is None:
        yield Row((Cell("Pipeline status", "label"), Cell("n/a", "muted"), Cell(f"Not available: {reason}", "note")))
        return
    if not status.parts["open"].count and not status.won:
        words = "The segment has no open opportunities at the end of the period and no won ones in the quarter."
        yield Row((Cell("Pipeline status", "label"), Cell("none", "muted"), Cell(words, "note")))
        return
    yield Row((Cell(None, "header"), Cell(f"{period.window.end}", "header_right"), Cell("Definition", "header")))
    quarter, following = status.this.quarter.name, status.following.quarter.name
    month = month_label(period.last)
    day = long_date(period.window.end)
    for part, label, style, words in (
        ("before_this_quarter", "Expected before the quarter", "label", f"Expected to close before {quarter} began."),
        (
            "due_this_quarter",
            f"Due this quarter: {quarter}",
            "label",
            f"Expected to close in {quarter}.",
        ),
        ("due_this_month", f"of which this month ({month})", "sublabel", f"Expected to close in {month}."),
        ("due_next_quarter", f"Due next quarter: {following}", "label", f"Expected to close in {following}."),
        ("due_later", "Due later", "label", f"Expected to close after {following}."),
        ("undated", "No expected close date", "label", "Expected close date was blank at that time."),
        ("open", "Open at the end", "total", "Sum of the lines above; the month is part of the quarter."),
        ("overdue", "Overdue", "label", f"Expected to close before {day} and still open; included in the lines above."),
    ):
        formula = _formula(segment, part)
        yield _line(label, status.parts[part], style, words, find(part), formula)
    without_chance = status.unweighted
    lacking = ""
    if status.weighted is None:
        lacking = f" Not available: {NO_CHANCE}."
    elif without_chance.count:
        lacking = (
            f" Excluded, because they had no probability then: {_many(without_chance)} worth "
            f"{MONEY.text(MONEY.shown(without_chance.cents))}."
        )
    yield Row(
        (
            Cell("Weighted pipeline", "label"),
            Cell("n/a", "muted")
            if status.weighted is None
            else Cell(MONEY.shown(status.weighted), "value", MONEY, formula=_formula(segment, "weighted_pipeline")),
            Cell(f"Open amounts times their probability.{lacking}", "note"),
        )
    )
    yield Row(
        (
            Cell("Won quarter to date", "label"),
            Cell(MONEY.shown(status.won), "value", MONEY, formula=_formula(segment, "won_quarter_to_date")),
            Cell(f"Closed won from {long_date(status.won_window.start)} to {day}.", "note"),
        )
    )
    yield _coverage(
        f"Coverage of {quarter}",
        status.this,
        status.parts["due_this_quarter"],
        status.won,
        _formula(segment, "this_quarter_coverage"),
        ended=status.won_window.end >= status.this.quarter.window.end,
    )
    yield _coverage(
        f"Coverage of {following}",
        status.following,
        status.parts["due_next_quarter"],
        None,
        _formula(segment, "next_quarter_coverage"),
    )


def _formula(segment: str, view: str) -> Formula:
    return Formula((NumberCell(number_key(segment, "pipeline_status", view)),))


def _line(label: str, amount: Amount, style: str, words: str, link: Link | None, formula: Formula) -> Row:
    number = {"sublabel": "subvalue", "total": "total"}.get(style, "value")
    said = f"{_many(amount)}. {words}" if amount.count else words
    return Row(
        (Cell(label, style), Cell(MONEY.shown(amount.cents), number, MONEY, link, formula=formula), Cell(said, "note"))
    )


def _many(amount: Amount) -> str:
    return counted(amount.count, "opportunity", "opportunities")


def _coverage(
    label: str, coverage: Coverage, due: Amount, won: int | None, formula: Formula, *, ended: bool = False
) -> Row:
    """The ratio, and its parts as text."""
    plan = coverage.plan
    if plan is None:
        words = "Add a won_revenue target for each month of the quarter to the table targets."
    elif plan.value is None:
        words = f"{coverage.quarter.name}, won revenue: {plan.note}."
    else:
        left = MONEY.text(MONEY.shown(coverage.ratio.denominator or 0))
        planned = MONEY.text(MONEY.shown(plan.value))
        if won is None:
            words = f"Due in the quarter / won revenue plan: {MONEY.text(MONEY.shown(due.cents))} / {planned}."
        elif coverage.ratio.value is None:
            words = f"The plan of {planned} is already reached."
        else:
            words = (
                f"Due in the quarter / (plan of {planned} less won to date): "
                f"{MONEY.text(MONEY.shown(due.cents))} / {left}."
            )
    if ended and coverage.ratio.value is not None:
        words = f"Not shown: the quarter ends on this day, so nothing due in it can still be won. {words}"
        return Row((Cell(label, "label"), Cell("n/a", "muted"), Cell(words, "note")))
    cell = figure_cell(coverage.ratio, "value")
    live = cell if coverage.ratio.value is None else replace(cell, formula=formula)
    return Row((Cell(label, "label"), live, Cell(words, "note")))
