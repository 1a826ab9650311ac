"""An export that is pasted twice into one file without its header."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.messages import counted
from segxl.sources.ledger import FileEntry
from segxl.sources.mapping import CONNECTOR
from segxl.sources.records.exports import ADDS_UP, Export, bits_of, mixed_bits
from segxl.tables.codes import Mask
from segxl.tables.contracts import Table
from segxl.tables.text_column import TextColumn

_SHORTEST = 4
"""Rows of a file that has two different ones twice."""

_LONGEST = 300_000
"""Rows of a file up to which copies are looked for anywhere in it."""

_COPIED = 3
"""Different rows in the order of others, from which on they look like a copy."""

_TRIED = 100
"""Places of a file at which its first row may begin again."""


@dataclass(frozen=True)
class _Columns:
    """The codes of an export's columns, those last that are still to be read: the others decide for most files."""

    of: Sequence[NDArray[Any] | TextColumn]
    first: int
    count: int

    def __iter__(self) -> Iterator[NDArray[Any]]:
        some = slice(self.first, self.first + self.count)
        later = [one for one in self.of if isinstance(one, TextColumn) and one.words_of_unread is not None]
        for one in [*(one for one in self.of if not any(one is other for other in later)), *later]:
            yield (one.shared[0] if isinstance(one, TextColumn) else one)[some]


def exclude_pasted_twice(table: Table, export: Export, entries: Sequence[FileEntry], gone: Mask) -> None:
    """Take a block that a file repeats from its beginning out of the table."""
    first, count = export.start, export.end - export.start
    columns = _Columns([one for name, one in table.columns.items() if not CONNECTOR.match(name)], first, count)
    size = _block(columns, count, table.contract.table in ADDS_UP)
    if not size:
        if table.contract.table in ADDS_UP and _SHORTEST <= count <= _LONGEST:
            _report_copies(table, export, columns, entries)
        return
    end = size
    while end + size <= count and _equal(columns, slice(0, size), slice(end, end + size)):
        end += size
    gone[first + size : first + end] = True
    entry, rows, again = entries[export.file], table.row[first : first + size], table.row[first + size : first + end]
    entry.exclude("export pasted twice", len(again), again)
    entry.warn(
        "duplicate",
        f"repeats one of rows {rows.min():,} to {rows.max():,}, in the same order, and counts once",
        f"repeat rows {rows.min():,} to {rows.max():,}, in the same order, and count once",
        fix="Delete one of the two copies; if they are separate records, add a column that distinguishes them",
        rows=again,
    )


def _report_copies(table: Table, export: Export, columns: Iterable[NDArray[Any]], entries: Sequence[FileEntry]) -> None:
    """Record three different rows or more that repeat others of their file in the same order, one after the other; of
    fewer, or in no order, a note says how many."""
    mixed = np.zeros(export.end - export.start, dtype=np.uint64)
    for column in columns:
        mixed = mixed_bits(mixed ^ bits_of(column))
    order = np.argsort(mixed, kind="stable")
    repeats = mixed[order[1:]] == mixed[order[:-1]]
    if not repeats.any():
        return
    back = np.zeros(len(mixed), dtype=np.int64)
    back[order[1:][repeats]] = (order[1:] - order[:-1])[repeats]
    borders = [0, *(np.flatnonzero(np.diff(back)) + 1).tolist(), len(back)]
    copies = [
        np.arange(start, end)
        for start, end in pairwise(borders)
        if back[start] >= end - start >= _COPIED and len(np.unique(mixed[start:end])) >= _COPIED
    ]
    if copies:
        entries[export.file].warn(
            "duplicate",
            "repeats a row above it, in the same order as its neighbours; both count",
            "repeat rows above them, in the same order; all count",
            fix="Delete one of the two copies if rows were pasted twice",
            rows=table.row[export.start + np.concatenate(copies)],
        )
    else:
        again = table.row[export.start + np.sort(order[1:][repeats])]
        one, many = "row repeats one above it and counts", "rows repeat others above them and count"
        entries[export.file].notes.append(f"{counted(len(again), one, many)} again, like row {again[0]}")


def _block(columns: Iterable[NDArray[Any]], count: int, adds_up: bool) -> int:
    """The size of a block of different rows at the beginning that is repeated at once; 0 without one.

    Where it is not the whole file, it needs three different rows, in a table whose rows add up.
    """
    begins = np.empty(0, dtype=np.intp)
    if count < _SHORTEST:
        return 0
    for at, column in enumerate(columns):
        if not at:
            begins = np.flatnonzero(column[2 : count // 2 + 1] == column[0]) + 2
        begins = begins[(column[begins] == column[0]) & (column[begins + 1] == column[1])]
        if not len(begins):
            return 0
    for size in begins[:_TRIED].tolist():
        whole = count % size == 0 and _equal(columns, slice(0, count - size), slice(size, count))
        if (whole or (adds_up and _equal(columns, slice(0, size), slice(size, 2 * size)))) and _different(
            columns, size
        ) >= (2 if whole else 3):
            return int(size)
    return 0


def _equal(columns: Iterable[NDArray[Any]], some: slice, others: slice) -> bool:
    return all(bool(((column[some] == column[others]) | (column[some] != column[some])).all()) for column in columns)


def _different(columns: Iterable[NDArray[Any]], size: int) -> int:
    """The number of different rows among the first ones."""
    mixed = np.zeros(size, dtype=np.uint64)
    for column in columns:
        mixed = mixed_bits(mixed ^ bits_of(column[:size]))
    return len(np.unique(mixed))
