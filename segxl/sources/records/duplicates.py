"""One row per key: repeats are excluded; of rows that differ the latest is kept, or all are rejected.

Rows of one key repeat each other if they agree in every column that is used: those of the contract, the row's words
about its account or lead, and the columns that a rule of the settings names. A file of sales may so be read as
accounts: it has a row for each sale, and accounts use none of the columns in which these differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError, UnsetError, nearest
from segxl.messages import listed
from segxl.periods import NEVER, month_label
from segxl.settings.how_to_set import of_table
from segxl.settings.model import Settings, TableSettings
from segxl.sources.formats import HINTS
from segxl.sources.ledger import FileEntry
from segxl.sources.records.repeat_advice import advice
from segxl.sources.values import readers as values
from segxl.sources.values.dates import NO_ORDER
from segxl.tables.codes import Mask, factorized_together
from segxl.tables.contracts import LATEST, OWN, RECORD, Table, Type
from segxl.tables.text_column import TextColumn


def one_row_a_key(table: Table, used: Sequence[str], settings: Settings, entries: list[FileEntry]) -> Table:
    """The table with one row per key; unchanged without a key. ``used`` are its :func:`used_columns`.

    Raises:
        SegxlError: ``latest_by`` names no column, or one whose dates or numbers leave a question open.
    """
    key = table.contract.key
    sources = settings.tables[table.contract.table]
    decides = _Decides.of(table, sources, entries, settings)
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
    in_reporting = in_currency(table, settings.currency)
    for rows in groups.values():
        _settle(in_reporting, rows, used, decides, entries, kept)
    return table.take(kept)


def _key_codes(table: Table, key: Sequence[str]) -> NDArray[np.int32]:
    """Rows of one key have one number."""
    if len(key) == 1 and isinstance(table.columns[key[0]], TextColumn):
        return table.texts(key[0]).codes
    codes: NDArray[np.int32] = factorized_together(*[table[name] for name in key])
    return codes


def in_currency(table: Table, reporting: str) -> Table:
    """The table with the reporting currency in rows without a currency, which has the same meaning."""
    if "currency" not in table.contract.names or not table.texts("currency").is_text("").any():
        return table
    filled = table.texts("currency").changed(lambda word: word or reporting)
    return replace(table, columns={**table.columns, "currency": filled})


def used_columns(table: Table, tables: Mapping[str, Table], settings: Settings) -> list[str]:
    """The columns of a table that are used: those of its contract, the row's words about its account or lead, and those
    that a rule of the settings names.

    An account's country distinguishes companies with one name, so it is used if a row of ``tables`` names its account
    by name or domain.
    """
    rules: set[str] = set()
    if table.contract.table == "accounts":
        rules |= {settings.segments.by or "", *(name for one in settings.segments.named for name in one.where)}
    if table.contract.table == "opportunities":
        rules |= settings.report.irrelevant.keys()
    asked = {name.casefold() for name in rules} | {*HINTS, "lead_id", "account_id", "opportunity_id"}
    own = {*table.contract.names}
    if table.contract.table == "accounts" and not any(one.columns.keys() & set(HINTS) for one in tables.values()):
        own -= {"country"}
    return [name for name in table.columns if name not in OWN and (name in own or name.casefold() in asked)]


def _settle(
    table: Table,
    rows: list[int],
    used: Sequence[str],
    decides: _Decides | None,
    entries: list[FileEntry],
    kept: Mask,
) -> None:
    """Decide between the rows of one key: the excluded and rejected ones are removed from ``kept`` and written to the
    ledger."""
    distinct: dict[tuple[Any, ...], int] = {}
    for row in rows:
        record = tuple(str(table[name][row]) for name in used)
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
                    rule = f"older version of the same record (by {decides.name})"
                    entries[table.file[row]].exclude(rule, 1, [table.row[row]])
                    kept[row] = False
            return
    key = table.contract.key
    differing = [name for name in used if len({str(table[name][row]) for row in rows}) > 1]
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
        reason = f"is in several rows{within} that differ in {listed(names, _DIFFERING)}"
        fix = advice(entry, key[0], decides.name if decides else "", differing)
        header = entry.headers.get(key[0], key[0])
        number = int(table[RECORD][row]) if RECORD in table.columns else 0
        entry.reject(int(table.row[row]), header, shown, reason, fix, number, places)
        kept[row] = False


def _places(table: Table, rows: list[int], entries: list[FileEntry]) -> str:
    """The rows of one key: ``rows 5, 6``, or with their files if there are several."""
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
        cls, table: Table, sources: tuple[TableSettings, ...], entries: list[FileEntry], settings: Settings
    ) -> _Decides | None:
        source = next((source for source in sources if source.latest_by), None)
        if source is None or source.latest_by is None:
            return None
        wanted, name = source.latest_by.casefold(), table.contract.table
        to_set = of_table(settings, name)
        place = to_set.name("latest_by")
        known = {column.casefold(): column for column in [*table.columns][::-1] if column not in OWN}
        for entry in entries:
            if entry.table == name:
                known |= {header.casefold(): column for column, header in entry.headers.items()}
        if wanted not in known:
            raise SegxlError(f"{place}: no column {source.latest_by!r}{nearest(wanted, known)}")
        column = known[wanted]
        cells = table[LATEST] if LATEST in table.columns and column in table.contract.names else table[column]
        try:
            return cls(source.latest_by, _ranks(cells, source, settings.timezone))
        except UnsetError as error:
            raise SegxlError(f"{place}, column {source.latest_by!r}: {to_set.solve(error)}") from error


_BEFORE_ALL = np.iinfo(np.int64).min
"""The rank of a blank cell."""


def _ranks(cells: NDArray[Any], source: TableSettings, timezone: str) -> NDArray[Any]:
    """Sort keys for the latest row: numbers if all texts are, else dates, else the texts themselves; blank comes
    first."""
    if cells.dtype == np.int32:
        return np.where(cells == NEVER, np.iinfo(np.int32).min, cells)
    if cells.dtype == np.float64:
        return np.where(np.isnan(cells), -np.inf, cells)
    if cells.dtype != object:
        return cells
    numbers, bad = values.read_numbers(cells, decimal=source.decimal)
    if not bad.any():
        return np.where(np.isnan(numbers), -np.inf, numbers)
    _, bad, order = values.read_dates(cells, order=source.dates, timezone=timezone)
    return cells if bad.any() else ranks_of_moments(TextColumn.of(cells), order)


_FRACTION = re.compile(r":\d\d[.,](\d{1,9})")
_LAST_SECOND = 9_223_372_035
"""In 2262: beyond it nanoseconds since 1970 need more than 64 bits."""


def ranks_of_moments(cells: TextColumn, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nanoseconds since 1970 of moments, of which ``seconds`` are known: the texts give the parts of a second."""
    parts = np.array([_nanoseconds(text) for text in cells.distinct], dtype=np.int64)
    within = np.clip(seconds, -_LAST_SECOND, _LAST_SECOND) * 1_000_000_000
    return np.where(seconds == NO_ORDER, _BEFORE_ALL, within + parts[cells.codes] if len(parts) else within)


def _nanoseconds(text: str) -> int:
    """The part of a second: of a time, or of Unix time in milliseconds or less."""
    if found := _FRACTION.search(text):
        return int(found[1].ljust(9, "0"))
    digits = len(text) - 10
    return int(text[10:].ljust(9, "0")) if digits in (3, 6, 9) and text.isdecimal() else 0
