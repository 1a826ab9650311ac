"""From the texts of one file to the values of a table: dates, amounts, numbers, words; and the errors of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError, SegxlErrors, UnsetError
from segxl.messages import counted
from segxl.periods import NEVER
from segxl.settings.how_to_set import closest
from segxl.settings.model import Settings, TableSettings
from segxl.sources.files.excel_errors import EXCEL_ERRORS, what_failed
from segxl.sources.files.sheet_xml import NOT_CALCULATED
from segxl.sources.files.sheets import MERGED
from segxl.sources.ledger import FileEntry, Rejection
from segxl.sources.mapping import ColumnMapping
from segxl.sources.records.duplicates import ranks_of_moments
from segxl.sources.values import readers as values
from segxl.sources.values import style_notes
from segxl.sources.values.date_warnings import report_dates
from segxl.sources.values.dates import DateStyle, read_date_column, why_no_date
from segxl.sources.values.unlisted import report_rejected, report_unlisted
from segxl.sources.values.words import choice
from segxl.tables.codes import Mask
from segxl.tables.contracts import (
    LATEST,
    NO_MONEY,
    ORDER,
    PLACEHOLDERS,
    Column,
    Contract,
    Type,
)
from segxl.tables.row_numbers import RowNumbers
from segxl.tables.text_column import TextColumn, Texts

_BLANKS: dict[Type, tuple[Any, Any]] = {
    Type.DATE: (NEVER, np.int32),
    Type.TIMESTAMP: (NEVER, np.int32),
    Type.MONTH: (NEVER, np.int32),
    Type.MONEY: (NO_MONEY, np.int64),
    Type.NUMBER: (np.nan, np.float64),
    Type.PERCENT: (np.nan, np.float64),
    Type.FLAG: (-1, np.int8),
}

_EXPECTED: dict[Type, str] = {
    Type.DATE: "is not a date; write it like 2026-10-31",
    Type.TIMESTAMP: "is not a date; write it like 2026-10-31 or 2026-10-31 14:05",
    Type.MONTH: "is not a month; write it like 2026-10",
    Type.MONEY: "is not an amount; write it like 1234.50",
    Type.NUMBER: "is not a number; write it like 1234.5",
    Type.PERCENT: "is not a percentage from 0 to 100%; write it like 65% or 0.65",
    Type.FLAG: "is neither yes nor no; write yes or no",
}


@dataclass(frozen=True)
class ValueReader:
    """Turns the texts of one file into values, and records problems in its ledger entry."""

    mapping: ColumnMapping
    source: TableSettings
    settings: Settings
    entry: FileEntry
    rows: RowNumbers
    record: NDArray[np.int32]
    origins: Mapping[str, Texts]
    style: DateStyle
    unlisted: Mapping[str, TextColumn]
    """For a column that `values` makes of another one, the words that it does not list; blank elsewhere."""

    @property
    def contract(self) -> Contract:
        """The contract of the file's table."""
        return self.mapping.contract

    def typed(self, texts: Mapping[str, TextColumn]) -> tuple[dict[str, NDArray[Any] | TextColumn], Mask | None]:
        """The contract's columns with their values, extras as they are, and which rows are good, None where all are;
        the others are rejected."""
        entry, count = self.entry, len(self.rows)
        good: Mask | None = None
        typed: dict[str, NDArray[Any] | TextColumn] = {}
        problems: list[str] = []
        rejections: list[tuple[int, Rejection]] = []
        for column in self.contract.columns:
            if column.name not in texts:
                typed[column.name] = _blank(column.type, count)
                continue
            header = entry.headers.get(column.name, column.name)
            failed = self._failed_cells(texts[column.name])
            cells = _good(texts[column.name], failed)
            cells = _without_placeholders(cells, column, header, entry)
            try:
                typed[column.name], bad = self._parse(column, cells, header, typed)
            except SegxlError as error:
                problems.append(f"{entry.file}, column {header!r}: {solved(error, entry)}")
                continue
            if column.type in (Type.DATE, Type.TIMESTAMP, Type.MONTH) and self._decides(column.name, header):
                moments = read_date_column(cells, self.style, of_days=self.mapping.holds_days(column.name))
                typed[LATEST] = ranks_of_moments(cells, moments.order_key)
            lacking = cells.is_text("") if column.required else np.zeros(count, dtype=bool)
            if not (bad.any() or failed.any() or lacking.any()):
                continue
            bad = bad | failed
            for row in np.flatnonzero(bad | lacking).tolist():
                value, number = texts[column.name].at(row), int(self.rows[row])
                missed = self.unlisted[column.name].at(row) if column.name in self.unlisted else ""
                reason, _, fix = (
                    what_failed(value, "the cell")
                    if failed[row]
                    else _not_listed(column, missed, entry)
                    if lacking[row] and missed
                    else f"is blank, but required; {_fill_in(entry, column.name)}"
                    if lacking[row]
                    else _complaint(column, value, entry)
                ).partition("; ")
                place = str(self.origins[column.name][row]) if column.name in self.origins else header
                value = value or missed
                record = int(self.record[row])
                rejections.append((row, entry.rejection(number, place, value, reason, fix, record)))
            good = ~(bad | lacking) if good is None else good & ~(bad | lacking)
            if column.choices or column.type is Type.FLAG:
                report_rejected(column, cells, bad & ~failed, _complaint(column, "", entry), self.rows, header, entry)
        if problems:
            raise SegxlErrors(problems)
        entry.rejected += [rejection for _, rejection in sorted(rejections, key=lambda pair: pair[0])]
        report_unlisted(self.unlisted, self.contract, self.source, self.settings, self.rows, entry)
        typed |= {name: self._without_errors(name, column) for name, column in texts.items() if name not in typed}
        return typed, good

    def _without_errors(self, header: str, cells: TextColumn) -> TextColumn:
        """A column of the accounts that may name their segment: a cell without a value is blank, not a segment that is
        called #REF!."""
        if self.contract.table != "accounts" or EXCEL_ERRORS.isdisjoint(cells.in_use[1].tolist()):
            return cells
        failed = cells.which(EXCEL_ERRORS.__contains__)
        rows = counted(int(failed.sum()), f"row of {header!r} has", f"rows of {header!r} have")
        self.entry.notes.append(f"{rows} no value, like {cells.at(int(np.argmax(failed)))!r}: read as blank")
        return cells.changed(lambda text: "" if text in EXCEL_ERRORS else text)

    def _decides(self, name: str, header: str) -> bool:
        """Whether ``latest_by`` names the column, so that its times matter, not only its days."""
        wanted = next((one.latest_by for one in self.settings.tables[self.contract.table] if one.latest_by), None)
        return wanted is not None and wanted.casefold() in (name, header.casefold())

    def _failed_cells(self, cells: TextColumn) -> Mask:
        """Cells of an input workbook without a value: errors, formulas never calculated, merged cells. In an export,
        ``#N/A`` is a word for "nothing yet", and only merged cells and formulas without a result have no value."""
        if not self.entry.letters:
            of_a_sheet = ", sheet " in self.entry.file  # text files have no formulas, and many more cells
            if of_a_sheet:
                return cells.is_text(NOT_CALCULATED) | cells.is_text(MERGED)
            return np.zeros(len(cells), dtype=bool)
        return cells.which(EXCEL_ERRORS.__contains__)

    def _parse(
        self, column: Column, cells: TextColumn, header: str, typed: dict[str, NDArray[Any] | TextColumn]
    ) -> tuple[NDArray[Any] | TextColumn, Mask]:
        """The values, and which cells are bad. A timestamp's order is added to ``typed``; oddities go to the ledger."""
        source, entry = self.source, self.entry
        match column.type:
            case Type.DATE | Type.TIMESTAMP:
                if column.name == "last_day":  # a month's last day is the last one that a cost covers
                    style = replace(self.style, month_dates="last-day")
                    read = read_date_column(cells, style, of_days=True)
                    return read.days, read.bad
                read = read_date_column(cells, self.style, of_days=self.mapping.holds_days(column.name))
                entry.notes += style_notes.dates_in_several_ways(_good(cells, read.bad), self.rows, header)
                report_dates(
                    cells, read, header, self.style, self.source, self.mapping.from_connector, self.rows, entry
                )
                if column.type is Type.TIMESTAMP:
                    typed[ORDER] = read.order_key
                return read.kept_days, read.bad
            case Type.MONTH:
                return values.read_months(cells, style=self.style, of_days=True)
            case Type.MONEY:
                cents, bad, rounded = values.read_money(cells, decimal=source.decimal)
                entry.notes += style_notes.amounts_in_words(_good(cells, bad), self.rows, header)
                if rounded:
                    said = counted(rounded, f"row of {header!r} has", f"rows of {header!r} have")
                    entry.notes.append(f"{said} fractions of a cent: rounded to the cent")
                return cents, bad
            case Type.NUMBER:
                return values.read_numbers(cells, decimal=source.decimal)
            case Type.PERCENT:
                fractions, bad, odd = values.read_percents(cells, decimal=source.decimal)
                entry.notes += style_notes.percents_of_two_kinds(cells.take(odd).cells, fractions[odd], header)
                return fractions, bad
            case Type.FLAG:
                return values.read_flags(cells)
            case _:
                return _choose(self.contract.table, column, cells)


def _fill_in(entry: FileEntry, column: str) -> str:
    """The fix for a required cell that is blank. Buying signals without an account or a stage cannot be used and are
    common in exports, so a rule may filter them out. In other tables that would lose money."""
    if column not in _MAY_BE_LEFT_OUT.get(entry.table, ()):
        return "fill in the value in the export"
    return f"fill it in, or filter such rows out: {entry.to_set.leave_out_blank(column)}"


_MAY_BE_LEFT_OUT = {"activities": ("account_id",), "buying_stages": ("account_id", "stage")}


def solved(error: SegxlError, entry: FileEntry) -> str:
    """The message of an error of an entry's file, with where to set the option that solves it."""
    return entry.to_set.solve(error) if isinstance(error, UnsetError) else str(error)


def _without_placeholders(cells: TextColumn, column: Column, header: str, entry: FileEntry) -> TextColumn:
    """The cells with words for "nothing yet" (TBD, n/a, --) in optional columns blank; the ledger counts them."""
    if column.required or column.type in (Type.TEXT, Type.ID) or cells.cents is not None:
        return cells
    if not PLACEHOLDERS.intersection("\0".join(cells.distinct).casefold().split("\0")):
        return cells  # a million amounts are looked at as one text
    words = {word for word in cells.distinct if word.casefold() in PLACEHOLDERS}
    if not words:
        return cells
    hit = int(cells.which(words.__contains__).sum())
    entry.notes.append(f"{counted(hit, 'row')} with {', '.join(sorted(words))} in {header!r}: read as blank")
    return cells.changed(lambda word: "" if word in words else word)


def _good(cells: TextColumn, bad: Mask) -> TextColumn:
    """The cells, blank where they are bad."""
    return TextColumn.of(np.where(bad, "", cells.cells)) if bad.any() else cells


def _blank(type: Type, count: int) -> NDArray[Any] | TextColumn:
    if type in (Type.TEXT, Type.ID):
        return TextColumn.filled("", count)
    blank, dtype = _BLANKS[type]
    return np.full(count, blank, dtype=dtype)


def _complaint(column: Column, text: str, entry: FileEntry) -> str:
    if column.type in (Type.DATE, Type.TIMESTAMP, Type.MONTH) and (why := why_no_date(text, entry.source.dates)):
        return entry.to_set.solve(why) if isinstance(why, UnsetError) else why
    if column.choices:
        how = entry.to_set.word(column.name, text, closest(text, column.choices))
        return f"is not one of {', '.join(column.choices)}; map it to the right one, for example: {how}"
    return _EXPECTED[column.type]


def _not_listed(column: Column, word: str, entry: FileEntry) -> str:
    how = entry.to_set.word(column.name, word, closest(word, column.choices or ("…",)))
    return f"is not in the map of {column.name}; add it, for example: {how}"


def _choose(table: str, column: Column, cells: TextColumn) -> tuple[TextColumn, Mask]:
    if not column.choices:
        return cells, np.zeros(len(cells), dtype=bool)
    return (
        cells.changed(lambda word: choice(table, column, word) or ""),
        cells.which(lambda word: choice(table, column, word) is None),
    )
