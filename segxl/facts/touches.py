"""Activities that touched accounts: those of demand generation, and those of sales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from segxl.dataset.model import Dataset
from segxl.facts.requirements import CAMPAIGNS_AND_EVENTS
from segxl.periods import Days
from segxl.tables.codes import Codes, Mask

Touch = Literal["targeting", "selling"]


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
        activities = dataset.tables.get("activities")
        if activities is None:
            return None
        source, kind = activities.texts("source"), activities.texts("kind")
        by_sales, reach, engagement = source.is_text("crm_activity"), kind.is_text("reach"), kind.is_text("engagement")
        account, day = dataset.account_codes(activities.texts("account_id")), activities["date"]

        def touched(rows: Mask) -> Touched:
            order = np.flatnonzero(rows)
            order = order[np.argsort(day[order], kind="stable")]
            return Touched(account[order], day[order])

        campaign = source.which(lambda text: text in CAMPAIGNS_AND_EVENTS)
        return cls(
            targeting=touched((reach & ~by_sales) | (engagement & campaign)),
            selling=touched(by_sales & (reach | engagement)),
        )

    def of_kind(self, touch: Touch) -> Touched:
        """The touches of one kind."""
        return self.targeting if touch == "targeting" else self.selling
