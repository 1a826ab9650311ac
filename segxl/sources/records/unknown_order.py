"""Changes of one moment in a table that does not say in which order they came.

The last change of a day counts. In an export the order of the rows says which one that is; a warehouse's table has no
order but that of ``order_by``. Where that leaves it open, some change is taken as the last one, and a warning says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segxl.sources.ledger import FileEntry
from segxl.sources.records.exports import bits_of, mixed_bits
from segxl.tables.codes import Mask
from segxl.tables.contracts import ORDER, Table

_CHANGES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "buying_stages": (("account_id", "product_category", "date"), ("stage",), "stage of an account on a day"),
    "opportunity_history": (
        ("opportunity_id", "changed_at", ORDER),
        ("stage", "amount", "close_date"),
        "change of an opportunity at a time",
    ),
}
"""By table: what changes at which moment, to what, and that in words."""


def report_unknown_order(table: Table, ranks: NDArray[np.int32], first: int, entry: FileEntry) -> None:
    """Warn of rows whose order is unknown: their ``ranks``, by row number from the ``first`` one, are equal."""
    if table.contract.table not in _CHANGES or (table.contract.table == "buying_stages" and entry.kind != "changes"):
        return
    moment, values, said = _CHANGES[table.contract.table]
    ranks = ranks[np.asarray(table.row) - first]
    tied = _differing(_mixed(table, moment, ranks), _mixed(table, values, ranks))
    if tied.any():
        entry.warn(
            "contradiction",
            f"is one of several for the same {said}, and their order is unknown; the last one as text counts",
            f"are several for the same {said}, and their order is unknown; the last one as text counts",
            fix="Name a column that orders them, such as the time of loading: "
            + entry.to_set.option("order_by", "your column"),
            rows=table.row[tied],
        )


def _mixed(table: Table, names: Sequence[str], ranks: NDArray[np.int32]) -> NDArray[np.uint64]:
    mixed = mixed_bits(ranks.astype(np.uint64))
    for name in names:
        if name in table.columns:
            mixed = mixed_bits(mixed ^ bits_of(table.columns[name]))
    return mixed


def _differing(keys: NDArray[np.uint64], values: NDArray[np.uint64]) -> Mask:
    """The rows whose key has several values."""
    found = np.zeros(len(keys), dtype=bool)
    if not len(keys):
        return found
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.append(True, keys[order][1:] != keys[order][:-1]))
    ordered = values[order]
    several = np.maximum.reduceat(ordered, starts) != np.minimum.reduceat(ordered, starts)
    found[order] = np.repeat(several, np.diff(np.append(starts, len(keys))))
    return found
