"""The rows of a measure in a pack: its data sheet, and the way a formula adds them up.

Measures and cuts name the columns of data sheets; :mod:`segxl.pages.data` fills them and makes the formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Sheet = Literal["deals", "stage_moves", "leads", "costs", "labor", "accounts"]
"""A data sheet, one row a record; ``labor``: by month and lead source."""

CREATED, CLOSED, MONTH, LEFT = "Created on", "Closed on", "Month", "Left on"
MQL_ON, SQO_ON, REJECTED_ON = "MQL on", "SQO on", "Rejected on"
OUTCOME, KIND, DAYS = "Outcome", "Kind", "Days to close"
AMOUNT, CREATED_AMOUNT, CLOSED_AMOUNT = "Amount", "Amount when created", "Amount when closed"
COUNTS, COUNTS_CREATED, COUNTS_CLOSED = "Counts", "Counts when created", "Counts when closed"
"""Headers of columns. A column that counts is 1 where the segment counts the row on its day."""

OPEN, OPEN_STAGE, OPEN_AMOUNT = "Open on {end}", "Stage on {end}", "Open amount on {end}"
"""Headers of the columns of a day."""

HEADERS: Mapping[str, str] = {
    "geo": "Geo",
    "sales_team": "Sales team",
    "lead_source": "Lead source",
    "product_category": "Product category",
    "type": "Type",
    "customer": "Customer",
    "reason": "Loss reason",
    "stage": "Stage left",
}
"""By dimension the column of data sheets that a cut by it compares."""


@dataclass(frozen=True, kw_only=True)
class Dated:
    """Rows that count in the window of their day.

    Attributes:
        sheet: the data sheet. day: the column of the day.
        where: further columns, each with what it must be, as in SUMIFS.
        counts: the column that is 1 where the segment counts the row. added: the column to sum; blank if the number
            is a count of rows.
        by: other rows, for a breakdown by a dimension.
    """

    sheet: Sheet
    day: str
    where: tuple[tuple[str, str], ...]
    counts: str
    added: str
    by: tuple[tuple[str, Dated], ...] = ()


@dataclass(frozen=True, kw_only=True)
class OfWindow:
    """A column for each window, with each row's part of the number.

    Attributes:
        sheet: the data sheet. header: the column's, with ``{months}`` or ``{end}`` of the window.
        stage: the column of the stage; blank without one. times: the factor of the sum.
    """

    sheet: Sheet
    header: str
    stage: str
    times: int


@dataclass(frozen=True, kw_only=True)
class NoRows:
    """A number that is not a sum over rows; ``reason`` as a sentence."""

    reason: str


InPack = Dated | OfWindow | NoRows


def created(added: str) -> Dated:
    """Deals created in the window."""
    return Dated(sheet="deals", day=CREATED, where=(), counts=COUNTS_CREATED, added=added)


def closed(outcome: str, added: str = "", days: str = "") -> Dated:
    """Deals closed with an outcome in the window; ``days``: the criterion for their days to close."""
    where = ((OUTCOME, outcome), *(((DAYS, days),) if days else ()))
    return Dated(sheet="deals", day=CLOSED, where=where, counts=COUNTS_CLOSED, added=added)


def open_at_end(header: str) -> OfWindow:
    """Deals open on the window's last day."""
    return OfWindow(sheet="deals", header=header, stage=OPEN_STAGE, times=1)


def stage_left(outcome: str) -> Dated:
    """Exits from a stage in the window."""
    return Dated(sheet="stage_moves", day=LEFT, where=((OUTCOME, outcome),), counts=COUNTS, added="")


def leads(day: str, counts: str) -> Dated:
    """Leads that count on a day of the window."""
    return Dated(sheet="leads", day=day, where=(), counts=f"Counts as {counts}", added="")


def costs(kind: str) -> Dated:
    """Costs of the window; labor by lead source is on a sheet of its own, with the allocated part."""
    by = (("lead_source", labor(kind)),) if kind == "Labor" else ()
    return Dated(sheet="costs", day=MONTH, where=((KIND, kind),), counts=COUNTS, added=AMOUNT, by=by)


def labor(kind: str) -> Dated:
    """Labor by lead source, or its unallocated part."""
    return Dated(sheet="labor", day=MONTH, where=((KIND, kind),), counts=COUNTS, added=AMOUNT)


def accounts(header: str, times: int = 1) -> OfWindow:
    """Each account's part of a number: 1 or an amount."""
    return OfWindow(sheet="accounts", header=header, stage="", times=times)
