"""Activities that touched accounts: those of demand generation, and those of sales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from segxl.dataset.load import Dataset
from segxl.facts.arrays import Codes, Mask
from segxl.facts.reach import CAMPAIGNS_AND_EVENTS
from segxl.periods import Days

Touch = Literal["targeting", "selling"]


@dataclass(frozen=True)
class Touches:
    """Over the rows of activities, shape (n,): the account code and the day of each, and which are of either kind.

    ``targeting`` is demand generation: reach of any source but sales, or engagement with a campaign or an event.
    ``selling`` is sales development and sales: calls, mails and meetings in the CRM, reached or engaged.
    """

    account: Codes
    day: Days
    targeting: Mask
    selling: Mask

    @classmethod
    def of(cls, dataset: Dataset) -> Touches | None:
        """From the activities; None without."""
        activities = dataset.tables.get("activities")
        if activities is None:
            return None
        source, kind = activities["source"], activities["kind"]
        by_sales, reach, engagement = source == "crm_activity", kind == "reach", kind == "engagement"
        return cls(
            account=dataset.account_codes(activities.texts("account_id")),
            day=activities["date"],
            targeting=(reach & ~by_sales) | (engagement & np.isin(source, CAMPAIGNS_AND_EVENTS)),
            selling=by_sales & (reach | engagement),
        )

    def of_kind(self, touch: Touch) -> Mask:
        """Which rows are of a kind."""
        return self.targeting if touch == "targeting" else self.selling
