"""The data that each number needs, and the months for which it is available, by the rule of
:mod:`segxl.dataset.months_of_data`.

Every number is made of events, and events come from *feeds*: rows that must cover a month before its number is known. A
number of two feeds begins with the earlier first row and ends with the feed that ends first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measure import Feed as FeedName
from segxl.catalogue.measure import Quantity
from segxl.catalogue.measures import AMOUNTS, declared
from segxl.dataset.model import Dataset
from segxl.dataset.months_of_data import Span, begun, filled, span_of, together
from segxl.facts.leads import sqo_days
from segxl.periods import months_of
from segxl.tables.contracts import SOURCES, Table

Touch = Literal["targeting", "selling"]

CAMPAIGNS_AND_EVENTS = (
    "crm_map_campaign",
    "6sense_campaign",
    "external_campaign",
    "linkedin_campaign",
    "webinar",
    "trade_show",
    "field_event",
)
"""Sources whose engagements are engagements with demand generation."""

SALES = "crm_activity"
"""The source of what sales development and sales do."""

TOUCHES: Mapping[Touch, frozenset[tuple[str, str]]] = {
    "targeting": frozenset(
        {(source, "reach") for source in SOURCES if source != SALES}
        | {(source, "engagement") for source in CAMPAIGNS_AND_EVENTS}
    ),
    "selling": frozenset({(SALES, "reach"), (SALES, "engagement")}),
}
"""The activities, by source and kind, of demand generation and of sales."""

ALWAYS_KNOWN = (int(np.iinfo(np.int32).min), int(np.iinfo(np.int32).max))
"""The months of data without dates: accounts, the market."""


@dataclass(frozen=True)
class FeedMonths:
    """Rows of a table that numbers are made of: ``words`` names them, ``months`` are the first and last they cover."""

    key: str
    table: str
    words: str
    months: Span | None


class Feeds:
    """The feeds of a dataset, and what each number lacks."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._lacking: dict[tuple[str, Quantity], str] = {}
        self._spans: dict[str, Span | None] = {}

    # Missing data

    def lacks(self, events: str, quantity: Quantity = "count") -> str:
        """The table these events need and do not have, or the column without a filled cell, as ``leads.mql_on``; blank
        where nothing is missing."""
        key = (events, quantity)
        if key not in self._lacking:
            self._lacking[key] = self._table_lacking(events) or self._column_lacking(events, quantity)
        return self._lacking[key]

    def _table_lacking(self, events: str) -> str:
        tables = self._dataset.tables
        for needed in declared(events).needs.tables:
            if not any(table in tables for table in needed):
                return needed[0]
        return ""

    def _column_lacking(self, events: str, quantity: Quantity) -> str:
        amounts = AMOUNTS[events] if quantity == "cents" else ()
        for needed in (*declared(events).needs.columns, *amounts):
            if not any(self._filled(column) for column in needed):
                return needed[0]
        return ""

    def _filled(self, name: str) -> bool:
        table, _, column = name.partition(".")
        return filled(self._dataset.tables.get(table), column)

    @cached_property
    def costs_by_source(self) -> str:
        """The column without which the cost per SQO cannot be broken down by lead source; blank where it can."""
        tables = self._dataset.tables
        if "leads" in tables and not self._filled("leads.source"):
            return "leads.source"
        costs = tables.get("costs")
        if costs is None or self._filled("costs.lead_source") or (costs["kind"] == "labor").all():
            return ""  # labor without a source is spread over the leads' sources
        return "costs.lead_source"

    @property
    def without_rejections(self) -> bool:
        """Whether there are leads, but no column shows rejections."""
        return "leads" in self._dataset.tables and not self._filled("leads.rejected_on")

    # Months covered

    def of(self, events: str) -> tuple[FeedMonths, ...]:
        """The feeds of events for which nothing is missing; none for data without dates."""
        return tuple(self._feed(key) for key in self._keys(events))

    def months(self, events: str) -> Span | None:
        """First and last month with numbers of these events; None without."""
        if events not in self._spans:
            keys = self._keys(events)
            self._spans[events] = together(self._feed(key).months for key in keys) if keys else ALWAYS_KNOWN
        return self._spans[events]

    def _keys(self, events: str) -> tuple[str, ...]:
        return tuple(key for feed in declared(events).needs.feeds for key in self._rows_of(feed))

    def _rows_of(self, feed: FeedName) -> tuple[str, ...]:
        """The feeds behind a declared one: some depend on the tables that are there."""
        match feed:
            case "engagement":
                either = [key for key in ("opportunities", "selling") if self._feed(key).months]
                return tuple(either) or ("opportunities",)
            case "customers":
                return ("revenue",) if "revenue" in self._dataset.tables else ("opportunities",)
            case "sqos":
                return ("leads",) if self._feed("sqos").months == self._feed("leads").months else ("sqos",)
            case _:
                return (feed,)

    def _feed(self, key: str) -> FeedMonths:
        return self._known[key]

    @cached_property
    def _known(self) -> Mapping[str, FeedMonths]:
        months, as_of = self._dataset.months, self._dataset.as_of
        found = {
            key: FeedMonths(key, key, words, begun(months.get(key), as_of))
            for key, words in (
                ("opportunities", "opportunities"),
                ("leads", "leads"),
                ("costs", "costs"),
                ("revenue", "rows of revenue"),
            )
        }
        found["sqos"] = FeedMonths("sqos", "leads", "leads and their opportunities", begun(self._sqo_months, as_of))
        targeting, selling = self._activity_months
        found["targeting"] = FeedMonths(
            "targeting", "activities", "demand generation activities", begun(targeting, as_of)
        )
        found["selling"] = FeedMonths("selling", "activities", "sales activities", begun(selling, as_of))
        return found

    @cached_property
    def _sqo_months(self) -> Span | None:
        """First and last month of the leads and of the opportunities that they became."""
        own = self._dataset.months.get("leads")
        if own is None:
            return None
        found = [np.array(own, dtype=np.int32), months_of(sqo_days(self._dataset, self._dataset.tables["leads"]))]
        return span_of(found)

    @cached_property
    def _activity_months(self) -> tuple[Span | None, Span | None]:
        """First and last month of demand generation activities, and of sales activities."""
        table = self._dataset.tables.get("activities")
        if table is None:
            return None, None
        months = months_of(table["date"])
        return span_of([months[_touches(table, "targeting")]]), span_of([months[_touches(table, "selling")]])


def _touches(activities: Table, touch: Touch) -> NDArray[np.bool_]:
    """A mask of the activities of a kind of touch."""
    found = np.zeros(len(activities), dtype=bool)
    for kind in {kind for _, kind in TOUCHES[touch]}:
        sources = {source for source, one in TOUCHES[touch] if one == kind}
        found |= activities.texts("kind").is_text(kind) & activities.texts("source").which(sources.__contains__)
    return found


def lacking_words(lacking: tuple[str, ...] | list[str]) -> str:
    """The missing tables and columns as text: ``the tables leads and costs``, ``the column mql_on of leads, which no
    row fills``."""
    tables = [name for name in lacking if "." not in name]
    found = [f"the table{'s' * (len(tables) > 1)} {' and '.join(tables)}"] if tables else []
    for name in lacking:
        table, _, column = name.partition(".")
        if column:
            found.append(f"values in the column {column} of {table}")
    return " and ".join(found)
