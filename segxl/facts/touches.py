"""Activities that touched accounts: those of demand generation, and those of sales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segxl.dataset.model import Dataset
from segxl.facts.requirements import TOUCHES, Touch
from segxl.periods import Days
from segxl.sources.reductions import Reductions, sight
from segxl.tables.codes import Codes


@dataclass(frozen=True)
class Touched:
    """Activities of one kind in the order of their days: the account code and the day of each, shape (n,)."""

    account: Codes
    day: Days

    def within(self, first: int, last: int) -> Touched:
        """The touches from one day to another, both included."""
        start, stop = np.searchsorted(self.day, (first, last + 1))
        return Touched(self.account[start:stop], self.day[start:stop])


@dataclass(frozen=True)
class Touches:
    """Activities that touched accounts.

    ``targeting`` is demand generation: reach of any source but sales, or engagement with a campaign or an event.
    ``selling`` is sales development and sales: calls, mails and meetings in the CRM, reached or engaged.
    """

    targeting: Touched
    selling: Touched

    @classmethod
    def of(cls, dataset: Dataset) -> Touches | None:
        """From the activities; None without them."""
        if "activities" not in dataset.tables:
            return None
        reduced = Reductions(dataset.tables, dataset.account_places, len(dataset.account_ids))
        sights = {touch: {sight(*one) for one in activities} for touch, activities in TOUCHES.items()}
        return cls(Touched(*reduced.touched(sights["targeting"])), Touched(*reduced.touched(sights["selling"])))

    def of_kind(self, touch: Touch) -> Touched:
        """The touches of one kind."""
        return self.targeting if touch == "targeting" else self.selling
