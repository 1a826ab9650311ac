"""The exports of a table, and codes for its rows: equal rows have equal codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.sources.ledger import FileEntry
from segxl.tables.codes import factorized
from segxl.tables.contracts import ORDER, Table
from segxl.tables.text_column import TextColumn

Places = NDArray[np.intp]
WideCodes = NDArray[np.int64]
ADDS_UP = ("revenue", "costs")


@dataclass(frozen=True)
class Export:
    """The rows of one export, which are in a row: of a file, or of a part of it below a repeated header.

    ``whole``: it is all of its file.
    """

    file: int
    name: str
    start: int
    end: int
    whole: bool

    @property
    def places(self) -> Places:
        """The places of its rows in the table."""
        return np.arange(self.start, self.end)


def exports_of(table: Table, entries: Sequence[FileEntry]) -> list[Export]:
    """The exports of a table, in the order of its rows."""
    found = []
    changes = [] if table.only_file is not None else (np.flatnonzero(np.diff(table.file)) + 1).tolist()
    borders = [0, *changes, len(table)]
    for start, end in pairwise(borders):
        file = int(table.file[start])
        entry = entries[file]
        if not entry.breaks:
            found.append(Export(file, entry.file, start, end, whole=True))
            continue
        rows = table.row[start:end]
        blocks = np.searchsorted(np.array(entry.breaks), rows)
        inner = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(rows)]
        for first, last in pairwise(inner):
            name = f"rows {rows[first:last].min():,} to {rows[first:last].max():,}"
            found.append(Export(file, name, start + first, start + last, whole=False))
    return found


def codes_of(table: Table, names: Sequence[str]) -> WideCodes:
    """Rows that agree in some columns have one code."""
    mixed = np.zeros(len(table), dtype=np.uint64)
    for name in [*names, *([ORDER] if ORDER in table.columns else [])]:
        mixed = mixed_bits(mixed ^ bits_of(table.columns[name]))
    return factorized(mixed)[0].astype(np.int64)


def bits_of(column: NDArray[Any] | TextColumn) -> NDArray[np.uint64]:
    """64 bits for each cell; equal cells have equal ones."""
    if isinstance(column, TextColumn):
        return column.codes.astype(np.uint64)
    if column.dtype == object:
        return TextColumn.of(column).codes.astype(np.uint64)
    if column.dtype == np.float64:
        return np.where(np.isnan(column), 0.5, column + 0.0).view(np.uint64)
    return column.astype(np.int64).view(np.uint64)


def mixed_bits(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Bits spread so that two different rows have equal ones once in some 10**19 pairs (splitmix64)."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
