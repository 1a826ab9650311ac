"""From an export to a table: map its columns, read its values, and account for every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError, SegxlErrors, UnsetError
from segxl.messages import counted
from segxl.periods import NEVER, to_date
from segxl.settings.how_to_set import HowToSet
from segxl.settings.model import Settings, TableSettings
from segxl.sources import formats
from segxl.sources.column_values import ValueReader, solved
from segxl.sources.cost_ranges import first_days, over_months, with_last_days
from segxl.sources.fallbacks import contradictions, with_fallbacks
from segxl.sources.files.excel_errors import failed_headers
from segxl.sources.files.files import RawTable
from segxl.sources.files.raw import is_example
from segxl.sources.files.report_range import report_range
from segxl.sources.formats import Format, Shaped
from segxl.sources.formats.model import fold
from segxl.sources.formats.month_columns import month_format
from segxl.sources.identity import accounts_of_leads, same_salesforce_ids
from segxl.sources.lead_links import created_by_lead
from segxl.sources.ledger import FileEntry
from segxl.sources.mapping import ColumnMapping, column_of_rule, format_of
from segxl.sources.records.duplicates import one_row_a_key, used_columns
from segxl.sources.records.kept import kept_rows, report
from segxl.sources.records.merged import without_merged
from segxl.sources.records.not_records import blank_rows, not_records
from segxl.sources.records.products import one_row_an_opportunity
from segxl.sources.records.repeat_advice import report_equal_names
from segxl.sources.records.repeated_files import once_each
from segxl.sources.records.totals import report_totals
from segxl.sources.records.unknown_order import report_unknown_order
from segxl.sources.repeated_headers import report_repeated_headers
from segxl.sources.rules import kept_out, matches, unmet
from segxl.sources.values.blank_words import without_blank_words
from segxl.sources.values.currencies import Currencies
from segxl.sources.values.date_order import asked_once_a_file
from segxl.sources.values.dates import DateStyle
from segxl.sources.values.id_forms import as_written, one_form
from segxl.tables.codes import Mask
from segxl.tables.contracts import (
    CONTRACTS,
    ORDER,
    RECORD,
    Table,
    in_file,
)
from segxl.tables.row_numbers import RowNumbers, RowRange, kept
from segxl.tables.text_column import TextColumn

Opener = Callable[[str, TableSettings], Iterator[RawTable]]
"""A function that opens one source of a table: files of a folder, or a sheet of an input workbook."""


_NOT_READ = "rows above it are ignored"


@dataclass
class TableReader:
    """Reads the tables of the settings; collects one ledger entry per file (or sheet).

    ``entries`` is the list of the whole dataset: a table's ``file`` array indexes it.
    """

    settings: Settings
    open: Opener
    entries: list[FileEntry]

    def read(self) -> dict[str, Table]:
        """The tables of the settings, each from all its files, with one row per key.

        Raises:
            SegxlErrors: files that cannot be read, or whose columns leave a question open; all of them at once.
        """
        tables: dict[str, Table] = {}
        problems: list[str] = []
        for name, sources in self.settings.tables.items():
            parts: list[Table] = []
            for source in sources:
                with _collecting(problems, HowToSet(name, source, len(sources) > 1, self.settings.cells)):
                    parts += [self.from_raw(name, source, raw) for raw in self.open(name, source)]
            if parts:
                with _collecting(problems):
                    tables[name] = concatenate(parts, self.entries)
        if not problems:
            tables = one_form(same_salesforce_ids(tables, self.entries), self.entries)
            tables = without_merged(tables, self.entries)
            if "opportunities" in tables:
                decided = any(source.latest_by for source in self.settings.tables["opportunities"])
                tables["opportunities"] = one_row_an_opportunity(tables["opportunities"], self.entries, decided=decided)
            for name, table in tables.items():
                used = used_columns(table, tables, self.settings)
                report_equal_names(table, used, self.entries)
                table = once_each(table, self.entries, self.settings.currency)
                with _collecting(problems):
                    tables[name] = one_row_a_key(table, used, self.settings, self.entries)
        if problems := asked_once_a_file(problems):
            heading = f"{counted(len(problems), 'problem')} in the input" if len(problems) > 1 else ""
            raise SegxlErrors(problems, heading)
        report_totals(tables, self.entries)
        return accounts_of_leads(tables, self.entries)

    @cached_property
    def _leads_created(self) -> Mapping[str, str]:
        """The created date of each lead as text, without leads that have several."""
        aside, found = TableReader(self.settings, self.open, []), dict[str, set[int]]()
        for source in self.settings.tables["leads"]:
            for raw in self.open("leads", source):
                leads = aside.from_raw("leads", source, raw)
                for lead, day in zip(leads["lead_id"], leads["created_on"].tolist(), strict=True):
                    found.setdefault(lead, set()).add(day)
        return {lead: to_date(days.pop()).isoformat() for lead, days in found.items() if len(days) == 1}

    def from_raw(self, table: str, source: TableSettings, raw: RawTable) -> Table:
        """One file's rows as the table: mapped, filtered, read; its entry joins the ledger.

        Rows that are held once with their number stay so, unless a rule speaks of one of them: then all are read one by
        one.
        """
        found = self._from_rows(table, source, raw)
        if raw.times is None or _is_counted(found, self.entries[-1], raw):
            return found
        self.entries.pop()
        return self._from_rows(table, source, raw.apart())

    def _from_rows(self, table: str, source: TableSettings, raw: RawTable) -> Table:
        entry = FileEntry(raw.file, table, raw.sha256, rows=raw.count + len(raw.broken))
        entry.letters, entry.cells = raw.letters, self.settings.cells
        entry.source, entry.several = source, len(self.settings.tables.get(table, ())) > 1
        entry.notes += raw.notes
        for row, why in raw.broken:
            entry.reject(row, "", "", why, "fix the row in the export")
        if raw.hidden_rows:
            hidden = counted(raw.hidden_rows, "row of the sheet is", "rows of the sheet are")
            entry.notes.append(f"{hidden} hidden or filtered, and counted")
        if raw.header_row > 1 and raw.sheet.casefold() != table:
            days = report_range(raw.above) if table == "costs" else None
            read = f"the rows above it give the report period, {days[0]} to {days[1]}" if days else _NOT_READ
            entry.notes.append(f"the header is in row {raw.header_row:,}; {read}")
        try:
            format = format_of(table, source, raw)
        except SegxlError as error:
            raise SegxlError(f"{entry.to_set.name('format')}: {error}") from error
        entry.format = format.name if format else ""
        entry.kind = source.kind or (format.kind if format else "")
        raw = _data_rows(raw, table, format, entry, source)
        style = _date_style(source, format, raw, self.settings.timezone)
        if format is None and (format := _months_across(source, raw, style, entry)):
            entry.format = format.name
        shaped = _shaped(raw, format, style, source, self.settings, entry)
        shaped, notes = with_fallbacks(shaped, source, entry.to_set)
        entry.notes += notes
        by_lead = table == "opportunities" and "leads" in self.settings.tables
        mapping = ColumnMapping.of(entry.to_set, shaped.raw, format, by_lead=("created_on",) if by_lead else ())
        entry.headers.update({name: header for name, header in mapping.headers.items() if not formats.is_made(header)})
        entry.status_by_flags = formats.is_made(mapping.headers.get("status", "")) and "status" not in source.values
        entry.ignored_columns = (*mapping.extras, *raw.unread)
        entry.notes += failed_headers(raw.header, entry.ignored_columns)
        entry.notes += mapping.notes
        for name, headers, several in contradictions(shaped.raw, source):
            filled = " and ".join(map(repr, headers))
            entry.warn(
                "contradiction",
                f"has values in {filled}, which contradict each other for {name}; the first one listed counts",
                f"have values in {filled}, which contradict each other for {name}; the first one listed counts",
                fix=f"Clear the wrong one, or list the right one first in {entry.to_set.name('values', name)}",
                rows=shaped.raw.rows[several].tolist(),
            )
        return self._records(table, source, shaped, mapping, entry, style)

    def _records(
        self,
        table: str,
        source: TableSettings,
        shaped: Shaped,
        mapping: ColumnMapping,
        entry: FileEntry,
        style: DateStyle,
    ) -> Table:
        raw, rows = shaped.raw, shaped.raw.rows
        origins = dict(shaped.origins)
        texts, unlisted = mapping.texts(raw, source)
        texts, said = without_blank_words(texts, mapping.contract, self.settings, mapping.headers)
        entry.notes += said
        texts = dict(mapping.with_accounts(as_written(texts, mapping.contract), len(raw)))
        if table == "opportunities" and "leads" in self.settings.tables:
            texts = created_by_lead(texts, lambda: self._leads_created, len(raw), entry)
        record = _record_of_row(rows)
        if source.where:
            named = partial(entry.to_set.name, "where")
            asked = partial(column_of_rule, texts=texts, raw=raw, named=named)
            entry.unmet = tuple(unmet(source.where, asked))
            inside = matches(source.where, asked, len(rows), named, source.decimal)
            rule = f"filtered out by your where rule on {', '.join(source.where)}"
            entry.exclude(rule, int((~inside).sum()), short=kept_out(source.where))
            texts = {name: column.take(inside) for name, column in texts.items()}
            unlisted = {name: column.take(inside) for name, column in unlisted.items()}
            origins = {name: column[inside] for name, column in origins.items()}
            rows, record = kept(rows, inside), record[inside]

        report_repeated_headers(shaped.raw, mapping.headers, rows, entry)
        if "account_id" in texts and "account_id" not in mapping.contract.required:
            entry.without_account = int(texts["account_id"].is_text("").sum())
        if table == "costs" and "month" not in mapping.headers:  # the settings name the month: no report's range counts
            texts.pop("last_day" if formats.is_made(mapping.headers.get("last_day", "")) else "", None)
        elif table == "costs":
            header = entry.headers.get("month", "")
            try:
                texts = with_last_days(texts, raw.above, header, mapping.format, style, rows, entry)
            except SegxlError as error:
                raise SegxlError(f"{entry.file}, column {header!r}: {solved(error, entry)}") from error
        texts = Currencies(mapping.contract, entry, self.settings.currency, rows).added(texts)
        reading = ValueReader(mapping, source, self.settings, entry, rows, record, origins, style, unlisted)
        typed, good = reading.typed(texts)
        if record.strides != (0,) and record.any():
            typed[RECORD] = record
        index = in_file(len(self.entries), len(rows))
        self.entries.append(entry)
        given = frozenset(mapping.headers) | frozenset(mapping.fill)
        times = raw.times if len(rows) == len(raw) else None
        result = Table(mapping.contract, typed, given, index, rows, times)
        result = result if good is None else result.take(good)
        if table == "costs" and (result["last_day"] != NEVER).any():
            result = over_months(
                result, first_days(texts["month"] if good is None else texts["month"].take(good), style), entry
            )
        if raw.ranks is not None:
            report_unknown_order(result, raw.ranks, raw.header_row + 1, entry)
        if ORDER not in typed or shaped.ordered:
            return result
        if formats.newest_first(result.texts(mapping.contract.columns[0].name), result[ORDER]):
            entry.notes.append("is sorted newest first; rows with the same time are read from the bottom up")
            return result.take(np.arange(len(result))[::-1])
        return result


def _is_counted(table: Table, entry: FileEntry, raw: RawTable) -> bool:
    """Whether the entry accounts for every row, and speaks of none that is held with others."""
    assert raw.times is not None
    numbers = np.asarray(raw.rows)
    for named in (np.asarray(one.rows) for one in entry.conditions):
        places = np.minimum(np.searchsorted(numbers, named), len(numbers) - 1)
        if ((numbers[places] == named) & (raw.times[places] > 1)).any():
            return False
    used = table.count(np.ones(len(table), dtype=bool))
    return entry.rows == used + sum(entry.excluded.values()) + entry.rejected_rows


@contextmanager
def _collecting(problems: list[str], to_set: HowToSet | None = None) -> Iterator[None]:
    """Collect errors with the other problems, so that all are reported at once."""
    try:
        yield
    except SegxlErrors as error:
        problems += error.problems
    except UnsetError as error:
        problems.append(str(error) if to_set is None else to_set.solve(error))
    except SegxlError as error:
        problems.append(str(error))


def concatenate(parts: list[Table], entries: Sequence[FileEntry]) -> Table:
    """Tables of one contract under each other; a column that some lack is blank there.

    Raises:
        SegxlError: they are of different shapes, so they may have the same data twice.
    """
    if len(parts) == 1:
        return parts[0]
    if len({part.contract.shape for part in parts}) > 1:
        filled = [part for part in parts if len(part)]
        if len(filled) < len(parts):
            return concatenate(filled or parts[:1], entries)
        holds = ", ".join(f"{entries[int(part.file[0])].file} contains {part.contract.shape}" for part in parts)
        sources = entries[int(parts[0].file[0])].to_set.sources
        raise SegxlError(
            f"{sources}: {holds}; together they would count the same revenue twice: keep the files of one kind only"
        )
    names = list(dict.fromkeys(name for part in parts for name in part.columns))
    columns: dict[str, NDArray[Any] | TextColumn] = {}
    for name in names:
        pieces = [part.columns.get(name) for part in parts]
        if any(isinstance(piece, TextColumn) for piece in pieces):
            columns[name] = TextColumn.joined(
                [
                    TextColumn.filled("", len(part)) if piece is None else TextColumn.of(piece)
                    for part, piece in zip(parts, pieces, strict=True)
                ]
            )
            continue
        columns[name] = np.concatenate(
            [
                np.zeros(len(part), dtype=np.int32) if piece is None else part[name]
                for part, piece in zip(parts, pieces, strict=True)
            ]
        )
    given = frozenset().union(*(part.given for part in parts))
    file = np.concatenate([part.file for part in parts])
    return Table(parts[0].contract, columns, given, file, np.concatenate([part.row for part in parts]))


def _data_rows(raw: RawTable, table: str, format: Format | None, entry: FileEntry, source: TableSettings) -> RawTable:
    """The file without rows that are not records: empty rows, totals, lines of a report, repeated headers, examples of
    a template, rows that the format excludes."""
    blank = blank_rows(raw)
    entry.exclude("empty row", int(np.count_nonzero(blank)))
    if raw.sheet.casefold() == table:
        examples = is_example(raw.columns[0]) & ~blank
        entry.exclude("example row", int(examples.sum()))
        blank = blank | examples
    found = not_records(raw, blank, source.decimal)
    for rule, rows in found.rules.items():
        entry.exclude(rule, int(rows.sum()), raw.rows[rows])
    entry.breaks = tuple(raw.rows[found.breaks].tolist())
    keyed = bool(CONTRACTS[table][0].key)
    entry.called_totals = {int(raw.rows[one.place]): one.label for one in found.kept if not (keyed and one.described)}
    if found.unproven:
        entry.warn(
            "not a record",
            "is excluded as a total, but its numbers are not the sum of other rows",
            "are excluded as totals, but their numbers are not the sums of other rows",
            fix="Delete totals from the export; if it is a record, rename it",
            rows=[int(raw.rows[one.place]) for one in found.unproven],
            values=[one.label for one in found.unproven],
        )
    if found.rules or blank.any() or raw.sheet.casefold() == table:
        left = ~(blank | found.rows) if found.rules else ~blank
        if raw.sheet.casefold() == table:
            raw = _filled_columns(raw, table, left)
        raw = formats.take(raw, left)
    if raw.unread:
        raw = formats.without_columns(raw, raw.unread)
    if format is None:
        return raw
    raw = kept_rows(raw, format, source, entry)
    if pipeline := formats.Header(raw.header).find(format.pipeline):
        entry.notes += _pipelines(raw.texts(pipeline), pipeline, entry)
    return raw


def _filled_columns(raw: RawTable, table: str, rows: Mask) -> RawTable:
    """A table's sheet without optional columns that are blank: the template offers all of them, and a blank one counts
    as missing."""
    needed = {fold(name) for contract in CONTRACTS[table] for name in contract.required}
    blank = [
        header
        for header, column in zip(raw.header, raw.columns, strict=True)
        if fold(header) not in needed and column.is_text("")[rows].all()
    ]
    return formats.without_columns(raw, blank) if blank else raw


def _pipelines(cells: TextColumn, header: str, entry: FileEntry) -> list[str]:
    """The number of rows per pipeline, if there are several: they rarely belong in one scorecard."""
    counts = dict(zip(cells.distinct.tolist(), cells.counts.tolist(), strict=True))
    names = sorted(counts.keys() - {""})
    if len(names) < 2:
        return []
    found = sorted([(counts[name], name) for name in names], key=lambda pair: -pair[0])
    shown = ", ".join(f"{count:,} × {name!r}" for count, name in found[:6])
    more = f" and {len(names) - 6:,} more" if len(names) > 6 else ""
    rule = entry.to_set.keep_only(header, found[0][1])
    return [f"{len(names):,} pipelines in {header!r}: {shown}{more}; to keep only one: {rule}"]


def _date_style(source: TableSettings, format: Format | None, raw: RawTable, timezone: str) -> DateStyle:
    """The way the file writes its dates: by the settings, else by the format."""
    written_in = source.timestamps or ("UTC" if format and formats.Header(raw.header).find(format.utc) else "")
    return DateStyle(source.dates, timezone, written_in, raw.from_1904, source.month_dates)


def _shaped(
    raw: RawTable, format: Format | None, style: DateStyle, source: TableSettings, settings: Settings, entry: FileEntry
) -> Shaped:
    """The records of the file in the contract's shape; what has gone or come is counted."""
    if format is None or format.reshape is None:
        return Shaped(raw)
    try:
        closed = frozenset(stage.casefold() for stage in (*settings.won_stages, *settings.lost_stages))
        shaped = format.reshape(raw, formats.Reading(style, closed))
    except SegxlError as error:
        raise SegxlError(f"{raw.file}: {solved(error, entry)}") from error
    for rule, count in shaped.excluded.items():
        entry.exclude(rule, count)
    entry.rows += len(shaped.raw) + sum(shaped.excluded.values()) - len(raw)
    entry.notes += shaped.notes
    report(shaped.seen, source, entry)
    return shaped


def _months_across(source: TableSettings, raw: RawTable, style: DateStyle, entry: FileEntry) -> Format | None:
    """The change of shape for a file with a column per month; None for any other."""
    made = {name for name, values in source.values.items() if values.makes}
    try:
        return month_format(entry.table, {*source.columns, *source.constants, *made}, raw, style)
    except SegxlError as error:
        raise SegxlError(f"{raw.file}: {solved(error, entry)}") from error


def _record_of_row(rows: RowNumbers) -> NDArray[np.int32]:
    """For each record how many earlier ones its row of the file has; the records of a row are consecutive."""
    if isinstance(rows, RowRange):
        return np.broadcast_to(np.int32(0), len(rows))
    new = np.append(True, rows[1:] != rows[:-1]) if len(rows) else np.zeros(0, dtype=bool)
    if new.all():
        return np.broadcast_to(np.int32(0), len(rows))
    place = np.arange(len(rows))
    return (place - np.maximum.accumulate(np.where(new, place, 0))).astype(np.int32)
