"""An input workbook as source: which of its sheets is what, and each of them as a raw table.

A workbook is read from its file (:func:`read_workbook`) or in Excel, as cells; both ways give :class:`SheetCells`, and
everything after them is one path, so that the same cells give the same numbers.

* ``Settings`` and ``Maps`` hold the settings (:mod:`segxl.sources.workbook.settings`); ``Start`` explains; the hidden
  sheet ``_segxl`` lists in its first column the sheets that segxl wrote itself. None of them is data.
* A sheet under a table's name is that table, with the contract's columns. Rows whose first cell begins with
  ``example:`` are the template's examples: they never count, and the ledger says how many there are.
* A sheet that ``tables.….sheet`` names is that table too.
* Any other sheet whose header is a known export's is read as that export: a table may come from several sheets.
* ``account-review`` holds answers about accounts (:mod:`segxl.sources.matching.review_list`).
* What is left is not read, and said (``segxl check``).

Hidden and filtered rows count like all others.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from segxl.errors import SegxlErrors, nearest
from segxl.messages import counted
from segxl.settings.how_to_set import HowToSet, setting_name
from segxl.settings.model import Settings, TableSettings, ValueMap
from segxl.sources.fallbacks import headers_of
from segxl.sources.files.disguises import SHEET_SUFFIXES
from segxl.sources.files.raw import (
    LOOKAHEAD,
    RawTable,
    clean_column,
    column_letters,
    header_among,
    is_example,
    rows_below,
    table_of,
)
from segxl.sources.files.sheets import MERGED, cell_text, column_texts, read_grids
from segxl.sources.formats import FORMATS, Format
from segxl.sources.formats.model import Header, fold
from segxl.sources.matching.review_list import REVIEW_SHEET
from segxl.sources.suggest.suggestions import nearest_formats
from segxl.sources.workbook.settings import MAPS, SETTINGS, read_workbook_settings
from segxl.sources.workbook.template_residue import without_leftovers
from segxl.tables.contracts import CONTRACTS, Texts

START, OUTPUTS = "Start", "_segxl"
RESERVED = (START, SETTINGS, MAPS, OUTPUTS)
"""Names of sheets that are not data."""


@dataclass(frozen=True)
class SheetCells:
    """A worksheet as it was found.

    Attributes:
        name: the sheet's name.
        cells: row by row from A1: None, str, int, float, bool, datetime or date; errors as their text, ``"#N/A"``. Rows
            may differ in length. Cells merged with one above them hold :data:`segxl.sources.files.sheets.MERGED`.
        hidden_rows: how many of its rows are hidden, by hand or by a filter; they still count.
        from_1904: whether the workbook's serial numbers count from 1904.
    """

    name: str
    cells: Sequence[Sequence[object]]
    hidden_rows: int = 0
    from_1904: bool = False


def is_workbook(path: Path) -> bool:
    """Whether a source is an input workbook, not a folder."""
    return path.suffix.casefold() in SHEET_SUFFIXES and not path.is_dir()


def read_workbook(path: Path) -> tuple[SheetCells, ...]:
    """The worksheets of a file, hidden ones too; formulas as the results that were saved with them.

    Raises:
        SegxlError: the file is missing, damaged, protected by a password, or made to fill the memory.
    """
    return tuple(SheetCells(*found) for found in read_grids(path))


def output_sheets(sheets: Sequence[SheetCells]) -> frozenset[str]:
    """The sheets that segxl wrote into this workbook, in small letters: the first column of ``_segxl`` lists them."""
    listed = next((sheet.cells for sheet in sheets if sheet.name.casefold() == OUTPUTS.casefold()), ())
    names = (cell_text(cells[0]).strip().casefold() for cells in listed if cells)
    return frozenset(name for name in names if name)


@dataclass(frozen=True)
class InputBook:
    """An input workbook ready to be read: its settings, with a source for each sheet of data, and those sheets.

    ``unread`` lists other sheets that have rows, with the reason why they are not read.
    """

    name: str
    settings: Settings
    sheets: Mapping[str, RawTable]
    unread: tuple[str, ...]
    review: RawTable | None = None
    """The sheet with the answers about accounts."""
    prepared: bool = True
    """Whether it has a sheet under the name of settings or of a table."""

    def open(self, table: str, source: TableSettings) -> Iterator[RawTable]:
        """The sheet that a source of the settings names."""
        yield self.sheets[source.sheet or ""]

    def nothing_to_read(self) -> str:
        """The message for a workbook without any row of data."""
        foreign = "" if self.prepared else " is not an input workbook. It"
        if self.unread:
            folder = "" if self.prepared else ". Or put it into a folder with your other exports and name the folder"
            said = (
                f"{self.name}{foreign} has rows, but segxl does not recognise them. Name the sheet of your "
                f"opportunities on {SETTINGS} (tables.opportunities.sheet) and map its headers on {MAPS} "
                "(tables.opportunities.columns, your header, segxl's column). Do the same for accounts and other "
                f"tables{folder}"
            )
            return "\n".join([said, *self.unread])
        if foreign:
            return (
                f"{self.name} is not an input workbook: it has no sheet named after a table. Open yours, or create one "
                "with segxl template inputs.xlsx"
            )
        return (
            f"{self.name} has no rows yet: paste your opportunities and accounts into the sheets with these names, or "
            "paste an export unchanged into a new sheet; example rows do not count"
        )


def input_book(name: str, sheets: Sequence[SheetCells]) -> InputBook:
    """The kind of each sheet of a workbook.

    Raises:
        SegxlErrors: every mistake in Settings and Maps, and every header that does not fit the sheet's name.
    """
    by_name = {sheet.name.casefold(): sheet for sheet in sheets}
    cells = {wanted: by_name[wanted.casefold()].cells if wanted.casefold() in by_name else () for wanted in RESERVED}
    settings = read_workbook_settings(name, cells[SETTINGS], cells[MAPS])
    written = output_sheets(sheets) | {reserved.casefold() for reserved in RESERVED}
    found = [_Sheet.of(sheet) for sheet in sheets if sheet.name.casefold() not in written]
    answers = (settings.account_review or REVIEW_SHEET).casefold()
    listed = next((sheet for sheet in found if sheet.name.casefold() == answers and sheet.header), None)
    found = [sheet for sheet in found if sheet is not listed]
    roles, problems = _roles(name, [sheet for sheet in found if sheet.header], settings)
    if problems:
        raise SegxlErrors(problems, f"{name}: fix {counted(len(problems), 'problem')}")
    raws: dict[str, RawTable] = {}
    sources: dict[str, tuple[TableSettings, ...]] = {}
    for table, members in roles.items():
        given = settings.tables.get(table, (TableSettings(),))[0]
        members = [member for member in members if member.count(table)]
        for member in members:
            raws.setdefault(member.name, member.raw(name))
        if members:
            sources[table] = tuple(_source_of(given, raws[member.name], table, members) for member in members)
    used = {member.name for members in roles.values() for member in members}
    unread = tuple(sheet.why_unread(name) for sheet in found if sheet.name not in used and sheet.count())
    return InputBook(
        name,
        settings.model_copy(update={"tables": sources}),
        raws,
        unread,
        listed.raw(name) if listed else None,
        prepared=any(wanted in by_name for wanted in (SETTINGS.casefold(), MAPS.casefold(), *CONTRACTS)),
    )


@dataclass(frozen=True)
class _Sheet:
    """A sheet that may be data: its columns as cleaned texts, and where its header seems to be (-1: nowhere)."""

    name: str
    columns: tuple[Texts, ...]
    header_at: int
    hidden_rows: int
    from_1904: bool

    @classmethod
    def of(cls, sheet: SheetCells) -> _Sheet:
        width = max(map(len, sheet.cells), default=0)
        rows = [cells if len(cells) == width else [*cells, *[None] * (width - len(cells))] for cells in sheet.cells]
        columns = [_texts(cells) for cells in zip(*rows, strict=True)]
        if sheet.name.casefold() in CONTRACTS:
            columns = without_leftovers(sheet.name.casefold(), columns)
        filled = [np.flatnonzero(column != "") for column in columns]
        height = max((int(found[-1]) + 1 for found in filled if len(found)), default=0)
        width = max((at for at, found in enumerate(filled, start=1) if len(found)), default=0)
        columns = _without_merged_titles([column[:height] for column in columns[:width]])
        return cls(
            sheet.name, tuple(columns), _header_at(columns, sheet.name.casefold()), sheet.hidden_rows, sheet.from_1904
        )

    @property
    def header(self) -> list[str]:
        """The header's cells; none for an empty sheet."""
        return [column[self.header_at] for column in self.columns] if self.header_at >= 0 else []

    @property
    def body(self) -> list[Texts]:
        """The columns below the header."""
        return [column[self.header_at + 1 :] for column in self.columns]

    def count(self, table: str = "") -> int:
        """The number of filled rows below the header; on a table's own sheet, without the template's examples."""
        if self.header_at < 0:
            return 0
        filled = np.logical_or.reduce([column != "" for column in self.body])
        if self.name.casefold() == table:
            filled &= ~is_example(self.body[0])
        return int(filled.sum())

    def formats(self) -> list[Format]:
        """The known exports that the header is, one a table."""
        known: dict[str, Format] = {}
        for one in FORMATS:
            if one.fits(self.header):
                known.setdefault(one.table, one)
        return list(known.values())

    def raw(self, book: str) -> RawTable:
        """The sheet as a raw table; its SHA-256 is that of the texts, from a file or from Excel."""
        first, columns = self.header_at + 1, self.body
        header = [text.removesuffix("*").rstrip() for text in self.header]
        digest = hashlib.sha256()
        digest.update(f"{first}\0".encode())
        for name, column in zip(header, columns, strict=True):
            digest.update("\0".join([name, *column, "\0"]).encode("utf-8", errors="replace"))
        file = f"{book}, sheet {self.name!r}"
        above = zip(*(column[: self.header_at] for column in self.columns), strict=True)
        made = table_of(file, b"", first, header, columns, rows_below(first, len(columns[0])), above=above)
        return replace(
            made,
            sha256=digest.hexdigest(),
            sheet=self.name,
            hidden_rows=self.hidden_rows,
            from_1904=self.from_1904,
            letters={name: column_letters(at) for at, name in enumerate(made.header)},
        )

    def why_unread(self, book: str) -> str:
        """The message for an unknown sheet: the nearest table's name, or the nearest exports."""
        said = f"{book}, sheet {self.name!r}: not read ({counted(self.count(), 'row')})"
        if own := _table_by_columns(self.header):
            return (
                f"{said}; it has the columns of {own}: rename the sheet to {own!r}, or "
                f"{HowToSet(own, cells={}).option('sheet', self.name)}"
            )
        if near := difflib.get_close_matches(self.name.casefold(), CONTRACTS, n=1, cutoff=0.75):
            return (
                f"{said}; did you mean the table {near[0]!r}? Rename the sheet, or "
                f"{HowToSet(near[0], cells={}).option('sheet', self.name)}"
            )
        formats = nearest_formats(self.header)
        if formats:
            return f"{said}; not a known export, closest: {', '.join(formats)}"
        return f"{said}; not a known export"


def _texts(cells: Sequence[object]) -> Texts:
    """A column's cells as cleaned texts, the same whether a file or Excel gave them."""
    if Decimal in set(map(type, cells)):  # Excel hands cells with a currency's format over like this
        cells = [float(cell) if isinstance(cell, Decimal) else cell for cell in cells]
    texts = column_texts(cells)
    try:
        sound = b"\0" not in "".join(texts).encode()
    except UnicodeEncodeError:  # half of a letter that needs two: a text that some program cut
        sound = False
    if sound:
        return texts
    whole = (text.encode("utf-8", "replace").decode().replace("\0", "") for text in texts)
    return clean_column(np.array(list(whole), dtype=object))


def _without_merged_titles(columns: list[Texts]) -> list[Texts]:
    """The columns without rows that have nothing but cells merged with those above: titles of several rows."""
    if not any(MERGED in column for column in columns):
        return columns
    nothing_else = np.logical_and.reduce([(column == "") | (column == MERGED) for column in columns])
    return [np.where(nothing_else, "", column) for column in columns]


def _header_at(columns: Sequence[Texts], sheet: str) -> int:
    """The header's row: on a table's sheet the one with most of its columns; else a known export's, or the first
    possible one."""
    top = [list(cells) for cells in zip(*(column[:LOOKAHEAD] for column in columns), strict=True)]
    if sheet in CONTRACTS:
        own = {fold(name) for contract in CONTRACTS[sheet] for name in contract.names}
        hits = [len({fold(text) for text in cells} & own) for cells in top]
        if max(hits, default=0) >= 2:
            return hits.index(max(hits))
    for at, cells in enumerate(top):
        if sum(text != "" for text in cells) > 1 and any(one.fits(cells) for one in FORMATS):
            return at
    sizes = [sum(text not in ("", MERGED) for text in cells) for cells in top]
    return header_among(sizes) if any(sizes) else -1


def _table_by_columns(header: Sequence[str]) -> str:
    """The table with the contract columns that most of a header's names match; blank without one."""
    own = {fold(name) for name in header} - {""}
    for table, contracts in CONTRACTS.items():
        for one in contracts:
            if own.issuperset(map(fold, one.required)) and 2 * len(own & set(map(fold, one.names))) > len(own):
                return table
    return ""


def _roles(book: str, sheets: Sequence[_Sheet], settings: Settings) -> tuple[dict[str, list[_Sheet]], list[str]]:
    """The sheets of each table, in the order of the contracts; and sheets that the settings name but the workbook does
    not have.

    An export that also has another table's rows (a deal's changes have its last state) counts for that one only if
    neither its own sheet nor an export of the same vendor does.
    """
    problems: list[str] = []
    roles: dict[str, list[_Sheet]] = {table: [] for table in CONTRACTS}
    by_name = {sheet.name.casefold(): sheet for sheet in sheets}
    known: list[tuple[_Sheet, list[Format]]] = []
    named: dict[str, list[str]] = {}
    for table, sources in settings.tables.items():
        for wanted in _named_sheets(sources[0].sheet or "", by_name):
            if wanted.casefold() in by_name:
                roles[table].append(by_name[wanted.casefold()])
                named.setdefault(wanted.casefold(), []).append(table)
            else:
                near = nearest(wanted, [sheet.name for sheet in sheets])
                place = setting_name(settings, "tables", table, "sheet")
                problems.append(f"{place}: {book} has no sheet {wanted!r} with rows{near}")
    for sheet in sheets:
        name = sheet.name.casefold()
        if name in CONTRACTS:
            if sheet not in roles[name]:
                roles[name].append(sheet)
        elif name not in named:
            known.append((sheet, sheet.formats()))
    for sheet, formats in known:
        for one in formats:
            if one.derived and _held(one, roles, known):
                continue
            roles[one.table].append(sheet)
    return roles, problems


def _named_sheets(text: str, by_name: Mapping[str, _Sheet]) -> list[str]:
    """The sheets that ``tables.….sheet`` names: one, or several separated by commas."""
    if text.strip().casefold() in by_name:
        return [text.strip()]
    return [name.strip() for name in text.split(",") if name.strip()]


def _held(one: Format, roles: Mapping[str, list[_Sheet]], known: Sequence[tuple[_Sheet, list[Format]]]) -> bool:
    """Whether a table has its own sheet, or another export of the same vendor as a direct source."""
    if any(sheet.name.casefold() == one.table and sheet.count(one.table) for sheet in roles[one.table]):
        return True
    return any(
        other.table == one.table and other.key == one.key and not other.derived
        for _, formats in known
        for other in formats
    )


def _source_of(given: TableSettings, raw: RawTable, table: str, members: Sequence[_Sheet]) -> TableSettings:
    """The settings of a table for one of its sheets.

    If a table has several sheets, a column named on Maps counts for those whose header has it.
    """
    changes: dict[str, object] = {"sheet": raw.sheet}
    if len(members) > 1:
        own = Header(raw.header)
        changes["columns"] = {
            column: " | ".join(name for name in headers_of(header, raw.header) if own.find(name))
            for column, header in given.columns.items()
            if own.find(header)
        }
        changes["values"] = {name: words for name, words in given.values.items() if _applies(name, words, raw, table)}
    return given.model_copy(update=changes)


def _applies(name: str, words: ValueMap, raw: RawTable, table: str) -> bool:
    own = Header(raw.header)
    if words.makes:
        return all(own.find(header) for header in (words.source, *words.filled) if header)
    fed = any(one.table == table and name in one.sources(raw.header) for one in FORMATS if one.fits(raw.header))
    return fed or bool(own.find(name))
