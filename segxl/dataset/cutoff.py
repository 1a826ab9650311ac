"""The cut-off: the ledger's rule that excludes later rows, and leads, costs and revenue as known on that day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from segxl.periods import NEVER, to_date, to_month
from segxl.sources.ledger import FileEntry, exclude
from segxl.tables.codes import Mask
from segxl.tables.contracts import Table

AFTER_CUT_OFF = "after the cut-off"
"""First words of the ledger's rule; its day follows."""


def without_later(table: Table, later: Mask, as_of: int, entries: list[FileEntry]) -> tuple[Table, bool]:
    """The table without its later rows, and whether there was any; the ledger counts them."""
    return exclude(table, later, f"{AFTER_CUT_OFF} {to_date(as_of)}", entries), bool(later.any())


def cut_leads(table: Table, as_of: int, entries: list[FileEntry]) -> tuple[Table, bool]:
    """Leads captured later are not there yet; later dates of the others read as blank, a rejection with its origin."""
    table, cut = without_later(table, table["created_on"] > as_of, as_of, entries)
    columns = dict(table.columns)
    for name in ("mql_on", "sqo_on", "rejected_on"):
        later = (table[name] > as_of) & (table[name] != NEVER)
        cut |= bool(later.any())
        columns[name] = np.where(later, NEVER, table[name]).astype(np.int32)
        if name == "rejected_on":
            columns["rejected_from"] = np.where(later, "", table["rejected_from"])
    return replace(table, columns=columns), cut


def cut_costs(table: Table, as_of: int, entries: list[FileEntry]) -> tuple[Table, bool]:
    """Costs of months that begin later are not known yet."""
    return without_later(table, table["month"] > to_month(to_date(as_of)), as_of, entries)


def cut_revenue(table: Table, as_of: int, entries: list[FileEntry]) -> tuple[Table, bool]:
    """Rows that begin or move later are not known yet; a subscription that ends later has no end yet."""
    match table.contract.shape:
        case "monthly":
            return without_later(table, table["month"] > to_month(to_date(as_of)), as_of, entries)
        case "movements":
            return without_later(table, table["date"] > as_of, as_of, entries)
    table, cut = without_later(table, table["start"] > as_of, as_of, entries)
    later = (table["end"] > as_of) & (table["end"] != NEVER)
    columns = {**table.columns, "end": np.where(later, NEVER, table["end"]).astype(np.int32)}
    return replace(table, columns=columns), cut or bool(later.any())


CUTS: dict[str, Callable[[Table, int, list[FileEntry]], tuple[Table, bool]]] = {
    "leads": cut_leads,
    "costs": cut_costs,
    "revenue": cut_revenue,
}
"""By table; opportunities, stages and activities have rules of their own."""
