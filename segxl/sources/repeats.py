"""One row a key: identical repeats are excluded, of differing ones the latest is kept or all are rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segxl.errors import SegxlError, nearest
from segxl.messages import listed
from segxl.periods import NEVER, month_label
from segxl.rules import Mask
from segxl.settings import TableSettings
from segxl.sources import values
from segxl.sources.ledger import FileEntry
from segxl.sources.repeat_advice import advice
from segxl.tables import OWN, RECORD, Table, Type
from segxl.texts import TextColumn


def one_row_a_key(table: Table, sources: tuple[TableSettings, ...], entries: list[FileEntry], timezone: str) -> Table:
    """The table with one row a key; a table without a key as it is.

    Raises:
        SegxlError: ``latest_by`` names no column, or one whose dates or numbers leave a question open.
    """
    key = table.contract.key
    decides = _Decides.of(table, sources, entries, timezone)
    if not key or not len(table):
        return table
    codes = _key_codes(table, key)
    repeated = np.flatnonzero(np.bincount(codes)[codes] > 1)
    if not len(repeated):
        return table
    groups: dict[int, list[int]] = {}
    for row in repeated:
        groups.setdefault(int(codes[row]), []).append(int(row))
    kept = np.ones(len(table), dtype=bool)
    for rows in groups.values():
        _settle(table, rows, decides, entries, kept)
    return table.take(kept)


def _key_codes(table: Table, key: Sequence[str]) -> NDArray[np.int32]:
    """Rows of one key have one number."""
    if len(key) == 1 and isinstance(table.columns[key[0]], TextColumn):
        return table.texts(key[0]).codes
    codes: NDArray[np.int32] = pd.MultiIndex.from_arrays([table[name] for name in key]).factorize()[0]
    return codes


def _settle(table: Table, rows: list[int], decides: _Decides | None, entries: list[FileEntry], kept: Mask) -> None:
    """What becomes of the rows of one key: those that go are taken out of ``kept`` and written to the ledger."""
    distinct: dict[tuple[Any, ...], int] = {}
    for row in rows:
        record = tuple(str(table[name][row]) for name in table.columns if name not in OWN)
        if record in distinct:
            entries[table.file[row]].exclude("duplicate row", 1, [table.row[row]])
            kept[row] = False
        else:
            distinct[record] = row
    rows = list(distinct.values())
    if len(rows) == 1:
        return
    if decides:
        best = max(decides.ranks[row] for row in rows)
        winners = [row for row in rows if decides.ranks[row] == best]
        if len(winners) == 1:
            for row in rows:
                if row != winners[0]:
                    rule = f"an older row of the same key (by {decides.name})"
                    entries[table.file[row]].exclude(rule, 1, [table.row[row]])
                    kept[row] = False
            return
    key = table.contract.key
    differing = [name for name in table.columns if name not in OWN and len({str(table[name][row]) for row in rows}) > 1]
    shown = ", ".join(
        month_label(table[name][rows[0]]) if table.contract[name].type is Type.MONTH else str(table[name][rows[0]])
        for name in key
    )
    files = dict.fromkeys(entries[table.file[row]].file for row in rows)
    within = f" of {', '.join(files)}" if len(files) > 1 else ""
    places = _places(table, rows, entries)
    for row in rows:
        entry = entries[table.file[row]]
        names = [repr(entry.headers.get(name, name)) for name in differing]
        reason = f"stands in several rows{within} that differ in {listed(names, _DIFFERING)}"
        fix = advice(entry, key[0], decides.name if decides else "", differing)
        header = entry.headers.get(key[0], key[0])
        number = int(table[RECORD][row]) if RECORD in table.columns else 0
        entry.reject(int(table.row[row]), header, shown, reason, fix, number, places)
        kept[row] = False


def _places(table: Table, rows: list[int], entries: list[FileEntry]) -> str:
    """Where rows of one key stand: ``rows 5, 6``, or with their files where these are several."""
    if len({int(table.file[row]) for row in rows}) == 1:
        return f"rows {listed([str(table.row[row]) for row in rows], _TOGETHER)}"
    return listed([f"row {table.row[row]} of {entries[table.file[row]].file}" for row in rows], _TOGETHER)


_DIFFERING, _TOGETHER = 3, 8
"""Columns, and rows of one key, that a reason names: a wrong column taken for the key may repeat in every row."""


@dataclass(frozen=True)
class _Decides:
    """The column that ``latest_by`` names, and the rank that it gives each row."""

    name: str
    ranks: NDArray[Any]

    @classmethod
    def of(
        cls, table: Table, sources: tuple[TableSettings, ...], entries: list[FileEntry], timezone: str
    ) -> _Decides | None:
        source = next((source for source in sources if source.latest_by), None)
        if source is None or source.latest_by is None:
            return None
        wanted, name = source.latest_by.casefold(), table.contract.table
        known = {column.casefold(): column for column in [*table.columns][::-1] if column not in OWN}
        for entry in entries:
            if entry.table == name:
                known |= {header.casefold(): column for column, header in entry.headers.items()}
        if wanted not in known:
            raise SegxlError(f"tables.{name}.latest_by: no column {source.latest_by!r}{nearest(wanted, known)}")
        try:
            return cls(source.latest_by, _ranks(table[known[wanted]], source, timezone))
        except SegxlError as error:
            raise SegxlError(f"tables.{name}.latest_by, column {source.latest_by!r}: {error}") from error


def _ranks(cells: NDArray[Any], source: TableSettings, timezone: str) -> NDArray[Any]:
    """What tells the latest: numbers where all texts are, else dates, else the texts themselves; blank comes first."""
    if cells.dtype == np.int32:
        return np.where(cells == NEVER, np.iinfo(np.int32).min, cells)
    if cells.dtype == np.float64:
        return np.where(np.isnan(cells), -np.inf, cells)
    if cells.dtype != object:
        return cells
    numbers, bad = values.read_numbers(cells, decimal=source.decimal)
    if not bad.any():
        return np.where(np.isnan(numbers), -np.inf, numbers)
    days, bad, order = values.read_dates(cells, order=source.dates, timezone=timezone)
    return cells if bad.any() else np.where(days == NEVER, np.iinfo(np.int64).min, order)
