"""Explain numbers that are not metrics: a plan by its targets, the pipeline's status by its opportunities."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import BY_KEY
from segxl.errors import SegxlError, nearest
from segxl.facts.arrays import Found
from segxl.facts.engine import Facts
from segxl.facts.expected_close import PARTS, OpenDue, days_of, open_due, within
from segxl.periods import NEVER, Period, month_label, to_date
from segxl.scorecard.figures import Figures
from segxl.scorecard.model import Coverage, Line
from segxl.scorecard.pipeline_status import NO_CHANCE, pipeline_status, quarters_of
from segxl.scorecard.targets import Targets
from segxl.scorecard.text_table import aligned
from segxl.scorecard.unavailable import why_not
from segxl.units import MONEY, RATE, Unit

PIPELINE_STATUS = "pipeline_status"
"""The name of the status in `segxl explain` and in the JSON."""

_VIEWS = ("open", *PARTS, "weighted_pipeline", "won_quarter_to_date", "this_quarter", "next_quarter")

_WORDS = {
    "open": "open at the end of the period",
    "due_this_month": "open, expected to close in the period's last month",
    "due_this_quarter": "open, expected to close in the fiscal quarter of that month",
    "due_next_quarter": "open, expected to close in the fiscal quarter after it",
    "due_later": "open, expected to close after the next quarter",
    "before_this_quarter": "open, expected to close before the quarter began",
    "overdue": "open, expected to close before the period's last day",
    "undated": "open, without an expected close date",
    "weighted_pipeline": "open amounts × probability",
    "won_quarter_to_date": "closed won from the start of the quarter to the end of the period",
    "this_quarter": "open amounts due in the quarter / (won revenue plan of the quarter less won to date)",
    "next_quarter": "open amounts due in the next quarter / won revenue plan of that quarter",
}


def exact(value: int | Fraction, unit: Unit) -> str:
    """Money to the cent, so that the rows below can be seen to add up to it."""
    return unit.exact.text(unit.exact.shown(value))


def place_of(facts: Facts, name: str, row: int) -> tuple[str, str]:
    """File and row; blank for an account that only other tables name."""
    table = facts.dataset.tables.get(name)
    if table is None or row >= len(table):
        return "", ""
    return facts.dataset.ledger.files[table.file[row]].file, str(table.row[row])


def against_plan(line: Line) -> str:
    """``3,101,000.00 (the target of 2026-10); variance 680,500.00, attained 121.9%``."""
    plan, found, unit = line.plan, line.attainment, line.current.unit
    if plan is None or plan.value is None:
        return f"n/a ({plan.note if plan else 'no targets'})"
    variance = "n/a" if found.variance is None else exact(found.variance, unit)
    attained = found.why if found.attainment is None else RATE.text(RATE.shown(found.attainment))
    return f"{exact(plan.value, unit)} ({plan.note}); variance {variance}, attainment {attained}"


def plan_text(facts: Facts, metric: Metric, line: Line, segment: str) -> str:
    """A line's plan with the rows of the targets that it is made of.

    Raises:
        SegxlError: nothing is planned for the line.
    """
    what = f"{metric.name}, {line.cut.label.lower() if line.cut.key == 'total' else line.cut.label}"
    what += f", {line.item}" if line.item else ""
    if line.plan is None:
        raise SegxlError(f"no target for {metric.key}.{line.cut.key} in {segment}; add one to the table targets")
    actual = "n/a" if line.current.value is None else exact(line.current.value, line.current.unit)
    lines = [
        f"{what}: plan {against_plan(line)}",
        f"  segment     {segment}",
        f"  window      {line.current.window.start} to {line.current.window.end}",
        f"  actual      {actual}",
        "  definition  variance: actual less plan; attainment: actual / plan, for every metric",
    ]
    if not line.plan.rows:
        return "\n".join(lines)
    table = facts.dataset.tables["targets"]
    rows = [
        (
            month_label(int(table["month"][row])),
            exact(Fraction(str(table["value"][row])) * line.plan.unit.minor, line.plan.unit),
            *place_of(facts, "targets", row),
        )
        for row in line.plan.rows
    ]
    return "\n".join([*lines, "", *aligned(("month", "target", "file", "row"), rows)])


def status_text(facts: Facts, period: Period, segment: str, view: str, item: str | None) -> str:
    """A number of the pipeline's status with its opportunities; ``view``: its key in the JSON, or ``total`` for open.

    Raises:
        SegxlError: no such number, or the open pipeline at the end of the period is unknown.
    """
    view = "open" if view == "total" else view
    if view not in _VIEWS:
        raise SegxlError(f"{PIPELINE_STATUS} has no view {view!r}{nearest(view, _VIEWS)}; it has {', '.join(_VIEWS)}")
    if item is not None:
        raise SegxlError(f"{PIPELINE_STATUS} has no items; remove --item")
    scope = Figures(facts, segment).scope(period.window)
    reason = why_not(facts, BY_KEY["pipeline_by_stage"].expression, period.window)
    status = None if reason else pipeline_status(facts, scope, period, Targets(facts))
    if status is None:
        raise SegxlError(f"{PIPELINE_STATUS} is not available: {reason}")
    quarters = quarters_of(facts, period)
    window = f"at the end of {period.window.end}"
    extra: list[str] = []
    if view == "won_quarter_to_date":
        window = f"{status.won_window.start} to {status.won_window.end}"
        shown = exact(status.won, MONEY)
        rows = _rows(facts, facts.rows("won", scope._replace(window=status.won_window)), None)
    else:
        part = {"this_quarter": "due_this_quarter", "next_quarter": "due_next_quarter"}.get(view, view)
        due = open_due(facts, scope)
        kept = np.ones(len(due.row), dtype=bool)
        if part in PARTS:
            kept = within(due.expected, days_of(part, period, *quarters))
        worth = status.weighted if view == "weighted_pipeline" else sum(due.cents[kept].tolist())
        shown = f"n/a: {NO_CHANCE}" if worth is None else exact(worth, MONEY)
        if part != view:
            shown, extra = _coverage(status.this if view == "this_quarter" else status.following)
        rows = _rows(facts, due, kept)
    lines = [
        f"Pipeline status, {view}: {shown}",
        f"  segment     {segment}",
        f"  window      {window}",
        f"  quarters    {'; '.join(map(_quarter, quarters))}",
        f"  definition  {_WORDS[view]}",
        *extra,
    ]
    titles = ("opportunity", "account", "owner", "created", "expected", "probability", "amount", "file", "row")
    return "\n".join([*lines, "", *aligned(titles, rows)])


def _rows(facts: Facts, found: Found | OpenDue, kept: NDArray[np.bool_] | None) -> list[tuple[str, ...]]:
    """Opportunities by their expected close date, or by the day they were won."""
    table = facts.dataset.tables["opportunities"]
    days = found.expected if isinstance(found, OpenDue) else found.day
    chances = found.chance if isinstance(found, OpenDue) else np.full(len(days), np.nan)
    at = np.arange(len(found.row)) if kept is None else np.flatnonzero(kept)
    rows = []
    for index in at[np.lexsort((found.row[at], days[at]))].tolist():
        row, chance = int(found.row[index]), float(chances[index])
        rows.append(
            (
                *(str(table[name][row]) for name in ("opportunity_id", "account_id", "owner")),
                str(to_date(int(table["created_on"][row]))),
                "" if days[index] == NEVER else str(to_date(int(days[index]))),
                "" if chance != chance else RATE.text(chance),
                exact(int(found.cents[index]), MONEY),
                *place_of(facts, "opportunities", row),
            )
        )
    return rows


def _quarter(quarter: Period) -> str:
    return f"{quarter.short_name} is {quarter.window.start} to {quarter.window.end}"


def _coverage(coverage: Coverage) -> tuple[str, list[str]]:
    ratio, plan = coverage.ratio, coverage.plan
    shown = ratio.why or "n/a" if ratio.value is None else ratio.unit.text(ratio.unit.shown(ratio.value))
    if plan is None or plan.value is None:
        return shown, [f"  plan        n/a ({plan.note if plan else 'no targets of won_revenue'})"]
    parts = f"{exact(ratio.numerator or 0, MONEY)} / {exact(ratio.denominator or 0, MONEY)}"
    return shown, [f"  plan        {exact(plan.value, MONEY)} ({plan.note})", f"  parts       {parts}"]
