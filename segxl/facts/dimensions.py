"""Dimensions: the columns that break numbers down, with one set of labels over all tables.

Cost per SQO divides costs by SQOs for each lead source: both have to mean the same source by the same code.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segxl.catalogue.views import CUT_COLUMNS
from segxl.dataset.deal_types import deal_type
from segxl.dataset.model import Dataset
from segxl.facts.arrays import Dimension
from segxl.periods import NEVER, Days
from segxl.settings.model import DEAL_TYPES
from segxl.tables.codes import Codes, Mask
from segxl.tables.contracts import Table
from segxl.tables.text_column import TextColumn, places_among

CUSTOMERS = ("new", "existing", "unknown")
_WORKED_OUT = frozenset({"geo", "sales_team", "type", "customer"})
"""Dimensions that are computed from more than one column."""

Dimensions = Mapping[str, Mapping[str, Dimension]]
"""By table, then by name."""


def dimensions(dataset: Dataset) -> dict[str, dict[str, Dimension]]:
    """Every table's dimensions. Dimensions with one name share their labels over all tables."""
    shared: dict[str, dict[str, TextColumn]] = {}

    def offer(table: str, name: str, texts: TextColumn) -> None:
        shared.setdefault(name, {})[table] = texts

    for name, table in dataset.tables.items():
        match name:
            case "accounts":
                blank = TextColumn.filled("", len(dataset.account_ids) - len(table))
                for column in ("geo", "sales_team"):
                    offer(name, column, TextColumn.joined([table.texts(column), blank]))
            case "opportunities":
                for column in ("geo", "sales_team"):
                    offer(name, column, _own_or_theirs(dataset, table, column))
            case "leads":
                for column in ("geo", "sales_team"):
                    offer(name, column, _own_or_theirs(dataset, table, column))
        for by, column in CUT_COLUMNS.get(name, {}).items():
            if by not in _WORKED_OUT:
                offer(name, by, table.texts(column))
    if "accounts" not in dataset.tables:
        for column in ("geo", "sales_team"):
            offer("accounts", column, TextColumn.filled("", len(dataset.account_ids)))
    result: dict[str, dict[str, Dimension]] = {}
    for name, by_table in shared.items():
        together = Dimension.of(TextColumn.joined(list(by_table.values())))
        ends = np.cumsum([len(texts) for texts in by_table.values()])[:-1]
        for one, codes in zip(by_table, np.split(together.codes, ends), strict=True):
            result.setdefault(one, {})[name] = Dimension(together.labels, codes)
    if "opportunities" in dataset.tables:
        table = dataset.tables["opportunities"]
        types = _deal_types(dataset.settings.types, table.texts("type"))
        customers = _customers(dataset, table, dataset.account_codes(table.texts("account_id")), types)
        result["opportunities"] |= {"type": types, "customer": customers}
    return result


def _own_or_theirs(dataset: Dataset, table: Table, column: str) -> TextColumn:
    """A row's geo or sales team: its own column, else its owner's in teams, else its account's."""
    texts = table.texts(column) if column in table.columns else TextColumn.filled("", len(table))
    for name, key in (("teams", "owner"), ("accounts", "account_id")):
        if name in dataset.tables and key in table.columns:
            other, keys = dataset.tables[name], table.texts(key)
            found = places_among(keys, other.texts(key))
            theirs = TextColumn.joined([other.texts(column), TextColumn.filled("", 1)])
            texts = texts.or_else(theirs.take(found))  # -1, not found, takes the blank at the end
    return texts


def _deal_types(words: Mapping[str, str], texts: TextColumn) -> Dimension:
    """new_logo, upsell, cross_sell, renewal by the settings' map, or if spelled exactly so; everything else is other.

    Case does not count in the map: with ``"New Business" = "new_logo"`` the export's "NEW BUSINESS" is a new logo too.
    An unmapped "Upsell" is other: the settings decide the meaning of a CRM's word.
    """
    kinds = [DEAL_TYPES.index(deal_type(words, word) or "other") for word in texts.distinct]
    return Dimension(DEAL_TYPES, np.array([*kinds, 0], dtype=np.int32)[texts.codes])


def _customers(dataset: Dataset, table: Table, account: Codes, types: Dimension) -> Dimension:
    """New or existing customer: by the deal's type if it decides, else by the account's earlier wins and revenue.

    A new logo is a new customer; upsell, cross-sell and renewal are existing ones. For other types an account that won
    another opportunity, or had recurring revenue, before the opportunity was created is existing. An opportunity
    without account is unknown, unless its type decides.
    """
    new, existing, unknown = range(3)
    by_type = {"new_logo": new, "upsell": existing, "cross_sell": existing, "renewal": existing, "other": unknown}
    codes = np.array([by_type[label] for label in types.labels], dtype=np.int32)[types.codes]
    by_account = (types.codes == DEAL_TYPES.index("other")) & (account >= 0)
    codes[by_account] = new
    codes[by_account & _customer_before(dataset, table, account)] = existing
    return Dimension(CUSTOMERS, codes)


def _customer_before(dataset: Dataset, table: Table, account: Codes) -> Mask:
    """Opportunities whose account won another one, or had recurring revenue, before they were created."""
    won_since = np.full(len(dataset.account_ids) + 1, NEVER, dtype=np.int32)  # the last entry: no account
    paid_since = won_since.copy()
    won = (table["status"] == "won") & (account >= 0)
    np.minimum.at(won_since, account[won], table["closed_on"][won])
    if "revenue" in dataset.tables:
        np.minimum.at(paid_since, *_first_paid(dataset))
    won_before: Mask = won_since[account] < table["created_on"]
    # A win dated before its own creation does not make its account an existing customer: check the other wins.
    for row in np.flatnonzero(won_before & won & (table["closed_on"] == won_since[account])):
        others = won & (account == account[row])
        others[row] = False
        won_before[row] = bool((table["closed_on"][others] < table["created_on"][row]).any())
    return won_before | (paid_since[account] < table["created_on"])


def _first_paid(dataset: Dataset) -> tuple[Codes, Days]:
    """Accounts with recurring revenue, and the first day on which their net MRR was above zero."""
    revenue = dataset.tables["revenue"]
    account = dataset.account_codes(revenue.texts("account_id"))
    match revenue.contract.shape:
        case "monthly":
            starts = revenue["month"].astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
            ends = (revenue["month"] + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
            amount = revenue["mrr"]
        case "subscriptions":
            real = revenue["end"] > revenue["start"]
            account, amount = account[real], revenue["mrr"][real]
            starts, ends = revenue["start"][real], revenue["end"][real]
        case _:
            falls = np.isin(revenue["type"], ("contraction", "churn"))
            amount = np.where(falls, -np.abs(revenue["amount"]), revenue["amount"])
            starts, ends = revenue["date"], np.full(len(revenue), NEVER, dtype=np.int32)
    account, day = np.concatenate([account, account]), np.concatenate([starts, ends])
    change = np.concatenate([amount, -amount])
    order = np.lexsort((day, account))
    account, day, running = account[order], day[order], np.cumsum(change[order])
    first = np.append(True, account[1:] != account[:-1])
    before = np.append(0, running[:-1])[first][np.cumsum(first) - 1]
    settled = np.append((account[1:] != account[:-1]) | (day[1:] != day[:-1]), True)
    paid = settled & (running - before > 0) & (day != NEVER)
    return account[paid], day[paid]
