"""Opportunities as events: created, won and lost, each with its amount and its duration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from segxl.dataset.model import Dataset
from segxl.facts.arrays import Events
from segxl.facts.currency import Rates
from segxl.tables.codes import Codes, Mask
from segxl.tables.contracts import NO_MONEY


@dataclass(frozen=True)
class OpportunityFacts:
    """Events of opportunities, and the rows whose amounts are incomplete.

    ``events``: ``created``, ``won``, ``lost``, and ``timed`` (won ones that were not closed before they were
    created), each with ``cents`` in the reporting currency and, but for ``created``, ``days`` from creation.
    ``account`` is the account code of each row. ``without_rate`` are the rows whose amount could not be converted for
    some event, ``blank_amount`` those without one.
    """

    account: Codes
    events: Mapping[str, Events]
    without_rate: Mask
    blank_amount: Mask


def opportunity_facts(dataset: Dataset, rates: Rates) -> OpportunityFacts:
    """The events of a dataset's opportunities, which it must have."""
    table = dataset.tables["opportunities"]
    account = dataset.account_codes(table.texts("account_id"))
    own = table.texts("segment")
    without_rate = np.zeros(len(table), dtype=bool)
    events: dict[str, Events] = {}
    for name, day, rows in (
        ("created", table["created_on"], np.arange(len(table))),
        ("won", table["closed_on"], np.flatnonzero(table["status"] == "won")),
        ("lost", table["closed_on"], np.flatnonzero(table["status"] == "lost")),
    ):
        cents, lacking = rates.convert(table["amount"][rows], table.texts("currency").take(rows), day[rows])
        without_rate[rows[lacking]] = True
        quantities = {"cents": cents}
        if name != "created":
            quantities["days"] = (day[rows] - table["created_on"][rows]).astype(np.int64)
        events[name] = Events(name, "opportunities", rows, day[rows], account[rows], own.take(rows), quantities)
    events["timed"] = events["won"].take(events["won"].quantities["days"] >= 0, "timed")
    return OpportunityFacts(
        account=account,
        events=events,
        without_rate=without_rate,
        blank_amount=table["amount"] == NO_MONEY,
    )
