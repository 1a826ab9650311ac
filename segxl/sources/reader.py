"""From an export to a table: map its columns, read its values, and account for every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segxl.errors import SegxlError, SegxlErrors, nearest
from segxl.periods import NEVER
from segxl.rules import Mask, matches
from segxl.settings import Settings, TableSettings, ValueMap
from segxl.sources import formats, values
from segxl.sources.files import RawTable, expand, read_file
from segxl.sources.ledger import FileEntry, Rejection
from segxl.tables import CONTRACTS, NO_MONEY, PLACEHOLDERS, Column, Contract, Table, Texts, Type

ORDER = "_order"
"""Beside a timestamp: seconds, to tell the order of rows within a day."""

_BLANKS: dict[Type, tuple[Any, Any]] = {
    Type.TEXT: ("", object),
    Type.ID: ("", object),
    Type.DATE: (NEVER, np.int32),
    Type.TIMESTAMP: (NEVER, np.int32),
    Type.MONTH: (NEVER, np.int32),
    Type.MONEY: (NO_MONEY, np.int64),
    Type.NUMBER: (np.nan, np.float64),
    Type.PERCENT: (np.nan, np.float64),
    Type.FLAG: (-1, np.int8),
}

_EXPECTED: dict[Type, str] = {
    Type.DATE: "is no date; write it like 2026-10-31",
    Type.TIMESTAMP: "is no date; write it like 2026-10-31 or 2026-10-31 14:05",
    Type.MONTH: "is no month; write it like 2026-10",
    Type.MONEY: "is no amount; write it like 1234.50",
    Type.NUMBER: "is no number; write it like 1234.5",
    Type.PERCENT: "is no percentage; write it like 65% or 0.65",
    Type.FLAG: "is neither yes nor no; write yes or no",
}


@dataclass
class TableReader:
    """Reads the files of one table; collects a ledger entry a file.

    ``entries`` is the list of the whole dataset: a table's ``file`` array indexes it.
    """

    settings: Settings
    folder: Path
    entries: list[FileEntry]

    def read(self, table: str) -> Table | None:
        """The table from all its files, or None when the settings name none.

        Raises:
            SegxlError: a file that cannot be read, or whose columns leave a question open.
        """
        parts: list[Table] = []
        problems: list[str] = []
        for source in self.settings.tables.get(table, ()):
            try:
                parts += self._read_source(table, source)
            except SegxlErrors as error:
                problems += error.problems
            except SegxlError as error:
                problems.append(str(error))
        if problems:
            raise SegxlErrors(problems)
        return self._one_row_a_key(concatenate(parts), self.settings.tables[table]) if parts else None

    def _read_source(self, table: str, source: TableSettings) -> list[Table]:
        if source.file is None:
            raise SegxlError(f'tables.{table}: names no file; add file = "…"')
        paths = expand(self.folder, source.file)
        return [self._read_file(table, source, path) for path in paths]

    def _read_file(self, table: str, source: TableSettings, path: Path) -> Table:
        raw = read_file(path, sheet=source.sheet, encoding=source.encoding, delimiter=source.delimiter)
        return self.from_raw(table, source, raw)

    def from_raw(self, table: str, source: TableSettings, raw: RawTable) -> Table:
        """One file's rows as the table: mapped, filtered, read; its entry joins the ledger."""
        mapping = _Mapping.of(table, source, raw)
        entry = FileEntry(raw.file, table, raw.sha256, rows=len(raw.rows) + len(raw.broken))
        entry.headers.update(mapping.headers)
        entry.ignored_columns = tuple(mapping.extras)
        entry.notes += mapping.notes
        entry.format = mapping.format.name if mapping.format else ""
        for row, why in raw.broken:
            entry.rejected.append(Rejection(raw.file, row, "", "", why, "mend the row in the export"))

        kept = self._drop_non_rows(raw, mapping, entry)
        texts = {name: column[kept] for name, column in mapping.texts(raw, source).items()}
        rows = raw.rows[kept]
        if source.where:
            inside = matches(
                source.where,
                lambda name: _column_of_rule(name, texts, mapping, raw, kept, f"tables.{table}.where"),
                len(rows),
                f"tables.{table}.where",
            )
            entry.exclude(f"where {', '.join(source.where)}", int((~inside).sum()))
            texts = {name: column[inside] for name, column in texts.items()}
            rows = rows[inside]

        if "account_id" in texts and "account_id" not in mapping.contract.required:
            entry.without_account = int((texts["account_id"] == "").sum())
        typed, good = _typed(texts, rows, mapping.contract, source, self.settings.timezone, entry)
        index = np.full(len(rows), len(self.entries), dtype=np.int32)
        self.entries.append(entry)
        result = Table(mapping.contract, typed, frozenset(mapping.headers), index, rows).take(good)
        if ORDER in typed and formats.newest_first(result[mapping.contract.columns[0].name], result[ORDER]):
            entry.notes.append("runs newest first: rows of one time are taken from the end of the file")
            result = result.take(np.arange(len(result))[::-1])
        return result

    def _drop_non_rows(self, raw: RawTable, mapping: _Mapping, entry: FileEntry) -> Mask:
        empty = np.ones(len(raw.rows), dtype=bool)
        for column in raw.columns:
            empty &= column == ""
        kept = ~empty
        entry.exclude("empty row", int(empty.sum()))
        if mapping.format and mapping.format.footer:
            footer = mapping.format.footer(raw) & kept
            entry.exclude("report footer", int(footer.sum()))
            kept &= ~footer
        return kept

    def _one_row_a_key(self, table: Table, sources: tuple[TableSettings, ...]) -> Table:
        """Exclude identical repeats of a key; keep the latest or reject the others."""
        key = table.contract.key
        decides = _Decides.of(table, sources, self.entries, self.settings.timezone)
        if not key or not len(table):
            return table
        codes = pd.MultiIndex.from_arrays([table[name] for name in key]).factorize()[0]
        repeated = np.flatnonzero(np.bincount(codes)[codes] > 1)
        if not len(repeated):
            return table
        groups: dict[int, list[int]] = {}
        for row in repeated:
            groups.setdefault(int(codes[row]), []).append(int(row))
        kept = np.ones(len(table), dtype=bool)
        for rows in groups.values():
            self._settle(table, rows, decides, kept)
        return table.take(kept)

    def _settle(self, table: Table, rows: list[int], decides: _Decides | None, kept: Mask) -> None:
        distinct: dict[tuple[Any, ...], int] = {}
        for row in rows:
            record = tuple(str(values[row]) for name, values in table.columns.items() if name != ORDER)
            if record in distinct:
                self.entries[table.file[row]].exclude("duplicate row", 1)
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
                        self.entries[table.file[row]].exclude(f"an older row of the same key (by {decides.name})", 1)
                        kept[row] = False
                return
        key = table.contract.key
        shown = ", ".join(str(table[name][rows[0]]) for name in key)
        several = len({int(table.file[row]) for row in rows}) > 1
        places = ", ".join(
            f"{table.row[row]} of {self.entries[table.file[row]].file}" if several else str(table.row[row])
            for row in rows
        )
        for row in rows:
            entry = self.entries[table.file[row]]
            reason = f"rows {places} repeat this key with different values"
            fix = "keep one of them, or name the column that decides in latest_by"
            header = entry.headers.get(key[0], key[0])
            entry.rejected.append(Rejection(entry.file, int(table.row[row]), header, shown, reason, fix))
            kept[row] = False


def reject(
    table: Table, rows: Mask, column: str, reason: str, fix: str, entries: list[FileEntry], shown: Texts | None = None
) -> Table:
    """The table without ``rows``; each of them is written to its file's ledger under ``column``."""
    for row in np.flatnonzero(rows):
        entry = entries[table.file[row]]
        value = str(shown[row]) if shown is not None else ""
        header = entry.headers.get(column, column)
        entry.rejected.append(Rejection(entry.file, int(table.row[row]), header, value, reason, fix))
    return table.take(~rows)


def exclude(table: Table, rows: Mask, rule: str, entries: list[FileEntry]) -> Table:
    """The table without ``rows``, which are counted under ``rule`` in their files' ledgers."""
    for file, count in zip(*np.unique(table.file[rows], return_counts=True), strict=True):
        entries[file].exclude(rule, int(count))
    return table.take(~rows)


def concatenate(parts: list[Table]) -> Table:
    """Tables of one contract under each other; a column that some lack is blank there."""
    if len(parts) == 1:
        return parts[0]
    shapes = {part.contract.shape for part in parts}
    if len(shapes) > 1:
        raise SegxlError(f"tables.{parts[0].contract.table}: its files have different shapes: {sorted(shapes)}")
    names = list(dict.fromkeys(name for part in parts for name in part.columns))
    columns = {}
    for name in names:
        pieces = [part.columns.get(name) for part in parts]
        columns[name] = np.concatenate(
            [
                np.full(len(part), "", dtype=object) if piece is None else piece
                for part, piece in zip(parts, pieces, strict=True)
            ]
        )
    given = frozenset().union(*(part.given for part in parts))
    file = np.concatenate([part.file for part in parts])
    return Table(parts[0].contract, columns, given, file, np.concatenate([part.row for part in parts]))


@dataclass(frozen=True)
class _Mapping:
    """Which header feeds which contract column, for one file."""

    contract: Contract
    format: formats.Format | None
    headers: Mapping[str, str]
    extras: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: str, source: TableSettings, raw: RawTable) -> _Mapping:
        known = {header.casefold(): header for header in reversed(raw.header)}
        format = formats.by_key(source.format, table) if source.format else formats.recognise(raw.header, table)
        problems: list[str] = []
        headers: dict[str, str] = {}
        for name, header in source.columns.items():
            if header.casefold() not in known:
                problems.append(
                    f"{raw.file}: has no column {header!r}, which tables.{table}.columns.{name} names"
                    f"{nearest(header, raw.header)}"
                )
            else:
                headers[name] = known[header.casefold()]
        from_format = format.sources(raw.header) if format else {}
        for name, header in from_format.items():
            headers.setdefault(name, header)
        contracts = CONTRACTS[table]
        for contract in contracts:
            for column in contract.columns:
                if column.name in known:
                    headers.setdefault(column.name, known[column.name])
        fed = headers.keys() | {name for name, value_map in source.values.items() if value_map.source}
        contract = next((one for one in contracts if fed.issuperset(one.required)), contracts[0])
        problems += _missing(contract, contracts, fed, raw, table)
        problems += _unknown_targets(source, contract, known, table)
        if problems:
            raise SegxlErrors(problems)
        used = set(headers.values())
        spare = tuple(header for header in raw.header if header not in used)
        notes = [*format.notes_for(headers)] if format else []
        notes += [
            f"column {header!r} is not read: {headers[header.casefold()]!r} stands for it"
            for header in spare
            if header.casefold() in headers
        ]
        extras = tuple(header for header in spare if header.casefold() not in headers)
        return cls(contract, format, headers, extras, tuple(notes))

    def texts(self, raw: RawTable, source: TableSettings) -> dict[str, Texts]:
        """The mapped columns' texts and the extras', with the words of `values` put in their place."""
        texts = {name: raw.column(header) for name, header in self.headers.items()}
        texts |= {header: raw.column(header) for header in self.extras}
        by_fold = {name.casefold(): name for name in texts}
        for name, value_map in source.values.items():
            target = by_fold.get(name.casefold(), name)
            if value_map.source:
                header = next(h for h in raw.header if h.casefold() == value_map.source.casefold())
                texts[target] = _translate(raw.column(header), value_map, keep=False)
            else:
                texts[target] = _translate(texts[target], value_map, keep=True)
        return texts


def _missing(
    contract: Contract, contracts: tuple[Contract, ...], fed: set[str], raw: RawTable, table: str
) -> list[str]:
    lacking = [name for name in contract.required if name not in fed]
    if not lacking:
        return []
    shapes = " or ".join(", ".join(one.required) for one in contracts)
    return [
        f"{raw.file}: nothing tells which column is {', '.join(lacking)}; add it to [tables.{table}.columns] "
        f"({table} needs {shapes}; the file has {', '.join(raw.header)})"
    ]


def _unknown_targets(source: TableSettings, contract: Contract, known: Mapping[str, str], table: str) -> list[str]:
    problems = []
    if table != "accounts":
        names = contract.names
        made = {f"columns.{name}": name for name in source.columns}
        made |= {f"values.{name}": name for name, value_map in source.values.items() if value_map.source}
        problems += [
            f"tables.{table}.{key}: {table} has no such column{nearest(name, names)}"
            for key, name in made.items()
            if name not in names
        ]
    for name, value_map in source.values.items():
        if value_map.source and value_map.source.casefold() not in known:
            problems.append(
                f"tables.{table}.values.{name}: the file has no column {value_map.source!r}"
                f"{nearest(value_map.source, known.values())}"
            )
        elif not value_map.source and name not in source.columns and name.casefold() not in known:
            if name not in contract.names:
                known_names = (*contract.names, *known.values())
                problems.append(f"tables.{table}.values.{name}: no such column{nearest(name, known_names)}")
            else:
                problems.append(f'tables.{table}.values.{name}: the export has no {name}; say from = "its header"')
    return problems


def _translate(texts: Texts, value_map: ValueMap, *, keep: bool) -> Texts:
    """Words by the map, first as they are written, then without regard to case; others stay or become blank."""
    codes, uniques = pd.factorize(texts)
    by_fold = {word.casefold(): meaning for word, meaning in value_map.words.items()}
    translated = [value_map.words.get(word, by_fold.get(word.casefold(), word if keep else "")) for word in uniques]
    return np.array([*translated, ""], dtype=object)[codes]


def _column_of_rule(
    name: str, texts: Mapping[str, Texts], mapping: _Mapping, raw: RawTable, kept: Mask, origin: str
) -> Texts:
    by_fold = {key.casefold(): key for key in texts}
    if name.casefold() in by_fold:
        return texts[by_fold[name.casefold()]]
    for header in raw.header:
        if header.casefold() == name.casefold():
            return raw.column(header)[kept]
    raise SegxlError(f"{origin}.{name}: {raw.file} has no such column{nearest(name, (*texts, *raw.header))}")


def _typed(
    texts: Mapping[str, Texts],
    rows: NDArray[np.int32],
    contract: Contract,
    source: TableSettings,
    timezone: str,
    entry: FileEntry,
) -> tuple[dict[str, NDArray[Any]], Mask]:
    """The contract's columns as arrays, extras as they are, and which rows are good; the others are rejected."""
    good = np.ones(len(rows), dtype=bool)
    typed: dict[str, NDArray[Any]] = {}
    problems: list[str] = []
    rejections: list[tuple[int, Rejection]] = []
    for column in contract.columns:
        if column.name not in texts:
            blank, dtype = _BLANKS[column.type]
            typed[column.name] = np.full(len(rows), blank, dtype=dtype)
            continue
        header = entry.headers.get(column.name, column.name)
        cells = _without_placeholders(texts[column.name], column, header, entry)
        try:
            array, bad, order = _parse(column, cells, source, timezone)
        except SegxlError as error:
            problems.append(f"{entry.file}, column {header!r}: {error}")
            continue
        typed[column.name] = array
        if order is not None:
            typed[ORDER] = order
        lacking = (cells == "") if column.required else np.zeros(len(rows), dtype=bool)
        for row in np.flatnonzero(bad | lacking).tolist():
            reason, _, fix = (
                "is blank, but every row needs it; fill it in the export" if lacking[row] else _complaint(column)
            ).partition("; ")
            rejections.append(
                (row, Rejection(entry.file, int(rows[row]), header, texts[column.name][row], reason, fix))
            )
        good &= ~(bad | lacking)
    if problems:
        raise SegxlErrors(problems)
    entry.rejected += [rejection for _, rejection in sorted(rejections, key=lambda pair: pair[0])]
    typed |= {name: column for name, column in texts.items() if name not in typed}
    return typed, good


def _without_placeholders(cells: Texts, column: Column, header: str, entry: FileEntry) -> Texts:
    """Optional values that only say "nothing yet" (TBD, n/a, --) become blank, and the ledger says how many."""
    if column.required or column.type in (Type.TEXT, Type.ID):
        return cells
    codes, uniques = pd.factorize(cells)
    words = [index for index, word in enumerate(uniques) if word and word.casefold() in PLACEHOLDERS]
    if not words:
        return cells
    hit = np.isin(codes, words)
    shown = ", ".join(sorted({str(uniques[index]) for index in words}))
    entry.notes.append(f"{int(hit.sum())} row(s) with {shown} in {header!r}: taken as blank")
    return np.where(hit, "", cells)


def _complaint(column: Column) -> str:
    if column.choices:
        return f"is none of {', '.join(column.choices)}; map it in values.{column.name}"
    return _EXPECTED[column.type]


def _parse(
    column: Column, cells: Texts, source: TableSettings, timezone: str
) -> tuple[NDArray[Any], Mask, NDArray[np.int64] | None]:
    match column.type:
        case Type.DATE:
            days, bad, _ = values.read_dates(cells, order=source.dates, timezone=timezone)
            return days, bad, None
        case Type.TIMESTAMP:
            return values.read_dates(cells, order=source.dates, timezone=timezone)
        case Type.MONTH:
            return *values.read_months(cells), None
        case Type.MONEY:
            cents, bad, _ = values.read_money(cells, decimal=source.decimal)
            return cents, bad, None
        case Type.NUMBER:
            return *values.read_numbers(cells, decimal=source.decimal), None
        case Type.PERCENT:
            return *values.read_percents(cells, decimal=source.decimal), None
        case Type.FLAG:
            return *values.read_flags(cells), None
        case _:
            return *_choose(column, cells), None


def _choose(column: Column, cells: Texts) -> tuple[Texts, Mask]:
    if not column.choices:
        return cells, np.zeros(len(cells), dtype=bool)
    codes, uniques = pd.factorize(cells)
    known = {"": "", **{choice.casefold(): choice for choice in column.choices}}
    chosen = np.array([*(known.get(word.casefold(), "") for word in uniques), ""], dtype=object)
    wrong = np.array([*(word.casefold() not in known for word in uniques), False])
    return chosen[codes], wrong[codes]


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
        known = {column.casefold(): column for column in [*table.columns][::-1] if column != ORDER}
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
