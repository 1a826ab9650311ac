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
        counts: the column that is 1 where the segment counts the row. added: the column of what is added up; blank
            where rows are counted.
    """

    sheet: Sheet
    day: str
    where: tuple[tuple[str, str], ...]
    counts: str
    added: str


@dataclass(frozen=True, kw_only=True)
class OfWindow:
    """A column for each window: what each row adds to the number.

    Attributes:
        sheet: the data sheet. header: the column's, with ``{months}`` or ``{end}`` of the window.
        stage: the column of the stage; blank without one. times: what the column is multiplied by.
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
