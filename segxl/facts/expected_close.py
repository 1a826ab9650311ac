"""Expected closing of the open pipeline, by the close dates known at the end of a window."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measures import OPEN
from segxl.facts.arrays import Cents, Scope
from segxl.facts.engine import Facts
from segxl.periods import NEVER, Days, Period, month_start, to_day
from segxl.tables.codes import Mask
from segxl.tables.contracts import Table

WHOLE = ("before_this_quarter", "due_this_quarter", "due_next_quarter", "due_later", "undated")
"""Parts that together are the open pipeline."""
PARTS = ("due_this_month", "overdue", *WHOLE)
"""All parts. Due this month is part of due this quarter; overdue lies before this quarter or in it."""


@dataclass(frozen=True)
class OpenDue:
    """A segment's opportunities open at the end of a window.

    ``row``: in opportunities; ``stage``: its code, and ``cents``: the amount, both on that day; ``expected``: the day,
    NEVER if blank; ``chance``: the probability as a fraction, NaN if unknown.
    """

    row: NDArray[np.int64]
    stage: NDArray[np.int32]
    cents: Cents
    expected: Days
    chance: NDArray[np.float64]

    @property
    def weighted(self) -> Fraction:
        """Cents times probability, exact; those without a probability add nothing."""
        added = Fraction(0)
        for chance in np.unique(self.chance[~np.isnan(self.chance)]).tolist():
            # The decimal as written in the file, not its binary neighbour.
            added += Fraction(str(chance)) * sum(self.cents[self.chance == chance].tolist())
        return added


def open_due(facts: Facts, scope: Scope) -> OpenDue:
    """The open opportunities of a scope, which must have opportunities, with the close dates known on that day."""
    stock = facts.open_at(to_day(scope.window.end))
    found = facts.rows(OPEN, scope)
    row = found.row
    at = np.searchsorted(stock.row, row)
    table = facts.dataset.tables["opportunities"]
    return OpenDue(row, found.stage, stock.cents[at], stock.expected[at], chances(table, row))


def chances(table: Table, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """The probabilities of opportunities that are open in the export; NaN for the others.

    An opportunity closed since then shows 100% or 0% now, which was not known at the end of an earlier window: 64,000
    open in August, won in October, has no probability in August. (The export's 100% would weight the earlier pipeline
    by its later outcome.)
    """
    result: NDArray[np.float64] = np.where(table["status"][rows] == "open", table["probability"][rows], np.nan)
    return result


def days_of(part: str, period: Period, quarter: Period, following: Period) -> tuple[int, int]:
    """First and last expected day of a part of the pipeline, at the end of ``period``, between two quarters; undated
    ones are expected NEVER."""
    start, _ = quarter.window.days
    next_start, next_end = following.window.days
    day = to_day(period.window.end)
    always = -NEVER
    return {
        "due_this_month": (to_day(month_start(period.last)), day),
        "overdue": (always, day - 1),
        "before_this_quarter": (always, start - 1),
        "due_this_quarter": (start, next_start - 1),
        "due_next_quarter": (next_start, next_end),
        "due_later": (next_end + 1, NEVER - 1),
        "undated": (NEVER, NEVER),
    }[part]


def within(expected: Days, days: tuple[int, int]) -> Mask:
    """A mask of the days between two, both included."""
    result: Mask = (expected >= days[0]) & (expected <= days[1])
    return result
