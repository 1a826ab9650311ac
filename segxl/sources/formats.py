"""Known exports, recognised by their header: which column feeds which, and which lines are no rows.

A format is data. A new vendor is one more :class:`Format` in :data:`FORMATS` and a fixture in the tests;
settings that name columns themselves always win over it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segxl.sources.files import RawTable
from segxl.sources.values import NO_ORDER
from segxl.tables import Texts

Footer = Callable[[RawTable], NDArray[np.bool_]]


@dataclass(frozen=True)
class Format:
    """An export that a vendor's program writes.

    Attributes:
        key: the word in the settings: ``format = "salesforce"``. One vendor's exports share it.
        name: what people call the export.
        table: the input table it feeds.
        signature: headers that must all be there for the export to be recognised; case does not count.
        columns: for each contract column the headers it can come from, best first.
        footer: tells the lines below the data, totals and legal notes; ``None`` where the export has none.
        notes: for a contract column taken from a given header, what the reader should tell.
    """

    key: str
    name: str
    table: str
    signature: frozenset[str]
    columns: Mapping[str, tuple[str, ...]]
    footer: Footer | None = None
    notes: Mapping[tuple[str, str], str] | None = None

    def sources(self, header: Iterable[str]) -> dict[str, str]:
        """For each contract column that can be fed, the header's own spelling of the best candidate."""
        own = {name.casefold(): name for name in header}
        found = {}
        for column, candidates in self.columns.items():
            for candidate in candidates:
                if candidate.casefold() in own:
                    found[column] = own[candidate.casefold()]
                    break
        return found

    def notes_for(self, sources: Mapping[str, str]) -> list[str]:
        """What to tell about the columns that :meth:`sources` found."""
        notes = self.notes or {}
        return [notes[column, header] for column, header in sources.items() if (column, header) in notes]


_TOTAL = re.compile(r"total|grand totals?( ?\([\d,. ]+ records?\))?", re.IGNORECASE)
_LEGAL = re.compile(
    r"confidential information - do not distribute\b.*|copyright (©|\(c\)) ?[\d\s–-]+ ?salesforce.*",
    re.IGNORECASE,
)


def salesforce_footer(raw: RawTable) -> NDArray[np.bool_]:
    """The lines below a Salesforce report: totals, the confidentiality line and the copyright.

    The legal lines are known by their words wherever they stand. A total counts only at the file's end,
    because an account may well be called Total. Blank lines are not marked.
    """
    first = _first_filled(raw)
    legal = _matches(first, _LEGAL)
    passable = legal | (first == "") | _matches(first, _TOTAL)
    trailing = np.logical_and.accumulate(passable[::-1])[::-1]
    footer: NDArray[np.bool_] = (legal | trailing) & (first != "")
    return footer


def _first_filled(raw: RawTable) -> Texts:
    """The first cell of each row that is not blank."""
    first = np.full(len(raw), "", dtype=object)
    for column in raw.columns:
        blank = first == ""
        if not blank.any():
            break
        first[blank] = column[blank]
    return first


def _matches(texts: Texts, pattern: re.Pattern[str]) -> NDArray[np.bool_]:
    codes, distinct = pd.factorize(texts)
    return np.array([pattern.fullmatch(text) is not None for text in distinct], dtype=bool)[codes]


SALESFORCE_HISTORY = Format(
    key="salesforce",
    name="Salesforce opportunity history",
    table="opportunity_history",
    signature=frozenset({"To Stage", "From Stage", "Last Modified"}),
    columns={
        "opportunity_id": ("Opportunity ID", "Opportunity Name"),
        "changed_at": ("Last Modified",),
        "stage": ("To Stage",),
        "amount": ("Amount",),
        "close_date": ("Close Date",),
    },
    footer=salesforce_footer,
    notes={
        (
            "opportunity_id",
            "Opportunity Name",
        ): "no Opportunity ID in the export: the opportunity's name stands for it",
    },
)

SALESFORCE_REPORT = Format(
    key="salesforce",
    name="Salesforce opportunity report",
    table="opportunities",
    signature=frozenset({"Opportunity Name", "Stage", "Close Date", "Created Date"}),
    columns={
        "opportunity_id": ("Opportunity ID", "Opportunity Name"),
        "account_id": ("Account ID", "Account Name"),
        "created_on": ("Created Date",),
        "closed_on": ("Close Date",),
        "stage": ("Stage",),
        "amount": ("Amount",),
        "currency": ("Amount Currency",),
        "probability": ("Probability (%)",),
        "type": ("Type",),
        "lead_source": ("Lead Source",),
        "loss_reason": ("Loss Reason", "Closed Lost Reason"),
        "owner": ("Opportunity Owner",),
        "sales_team": ("Owner Role",),
        "geo": ("Region",),
        "product_category": ("Product Category", "Product Family"),
    },
    footer=salesforce_footer,
    notes={
        (
            "opportunity_id",
            "Opportunity Name",
        ): "no Opportunity ID in the export: the opportunity's name stands for it",
        ("account_id", "Account Name"): "no Account ID in the export: the account's name stands for it",
    },
)

FORMATS: tuple[Format, ...] = (SALESFORCE_HISTORY, SALESFORCE_REPORT)
"""Every known export. The more particular one comes first: a history has all the headers of a report."""


def recognise(header: Iterable[str], table: str | None = None) -> Format | None:
    """The format whose signature a header has, among those for a table, or among all."""
    present = {name.casefold() for name in header}
    for one in FORMATS:
        if table in (None, one.table) and {name.casefold() for name in one.signature} <= present:
            return one
    return None


def by_key(key: str, table: str) -> Format | None:
    """The format that ``format = "key"`` means for a table; ``None`` where there is none."""
    for one in FORMATS:
        if one.key == key.casefold() and one.table == table:
            return one
    return None


def newest_first(ids: Texts, order_key: NDArray[np.int64]) -> bool:
    """Whether the file lists each opportunity's changes newest first.

    True when, within opportunities, the key never rises along the file and falls somewhere. Rows of one day
    then have to be turned round, since their dates alone do not order them. Rows without a date do not count.

    Args:
        ids: the opportunity of each row.
        order_key: seconds, as :func:`segxl.sources.values.read_dates` gives them.
    """
    dated = order_key != NO_ORDER
    codes = pd.factorize(ids[dated])[0]
    order = np.argsort(codes, kind="stable")
    same = np.diff(codes[order]) == 0
    steps = np.diff(order_key[dated][order])[same]
    return bool((steps <= 0).all() and (steps < 0).any())
