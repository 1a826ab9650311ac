"""Files become columns of text: CSV, Excel sheets and Parquet look the same to everything after this module.

Nothing is interpreted here. A cell is the text that a person sees in it (dates in ISO form, numbers in their
shortest form), stripped; every row keeps the number that Excel shows beside it, so that a complaint can be
looked up.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import datetime as dt
import hashlib
import io
import itertools
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import python_calamine
from numpy.typing import NDArray

from segxl.errors import SegxlError, nearest
from segxl.tables import Texts

if TYPE_CHECKING:
    import pyarrow

DELIMITERS = (",", ";", "\t", "|")
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SHEET_SUFFIXES = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class RawTable:
    """A file (or one sheet of it) as text.

    Attributes:
        file: the name to show: ``sales.csv`` or ``book.xlsx, sheet 'Opps'``.
        sha256: of the file's bytes, in hexadecimal.
        header: one name a column, stripped; a blank one is named by its position (``Column 13``), a repeated
            one by its turn (``Amount (2)``).
        columns: one object array of str a column, all of one length, ``""`` where blank; stripped, and
            no-break spaces turned into spaces.
        rows: int32, the row number of each record as Excel shows it. A record with line breaks in quotes is
            one row.
        broken: row number and reason of the records that have more fields than the header. They are not in
            ``columns``.
        header_row: the row number of the header.
    """

    file: str
    sha256: str
    header: tuple[str, ...]
    columns: tuple[Texts, ...]
    rows: NDArray[np.int32]
    broken: tuple[tuple[int, str], ...] = ()
    header_row: int = 1

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Texts:
        """The column under a header.

        Raises:
            SegxlError: there is none.
        """
        if name in self.header:
            return self.columns[self.header.index(name)]
        raise SegxlError(f"{self.file} has no column {name!r}{nearest(name, self.header)}")


# --- which files


def expand(folder: Path, pattern: str) -> list[Path]:
    """The files that a name or a glob means within a folder, sorted by name.

    Lock files that Excel leaves behind (``~$book.xlsx``) and hidden files do not count.

    Raises:
        SegxlError: the pattern leaves the folder, or nothing matches.
    """
    relative, place = pattern.strip().replace("\\", "/"), folder.resolve().name
    parts = PurePosixPath(relative).parts
    if not parts:
        raise SegxlError('a file name is blank: name a file of the folder, for instance file = "sales.csv"')
    if PurePosixPath(relative).is_absolute() or PureWindowsPath(relative).drive or ".." in parts:
        raise SegxlError(f"{pattern!r} leaves the folder: move the file into {place!r} and give its name there")
    if not folder.is_dir():
        raise SegxlError(f"there is no folder {str(folder)!r}")
    if (folder / relative).is_dir():
        raise SegxlError(f"{pattern!r} is a folder: write {relative.rstrip('/') + '/*.csv'!r} for its files")
    found = _matching(folder, relative)
    if not found:
        known = [path.relative_to(folder).as_posix() for path in _neighbours(folder, relative)]
        raise SegxlError(f"no file {pattern!r} in {place!r}{nearest(relative, known)}")
    for path in found:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise SegxlError(f"{path.name!r} is a link out of the folder: copy the file into {place!r}")
    return found


def _matching(folder: Path, relative: str) -> list[Path]:
    if (folder / relative).is_file():  # a name may hold what a pattern gives a meaning: "report [1].csv"
        return [folder / relative]
    try:
        return sorted(path for path in folder.glob(relative) if _counts(path))
    except ValueError as error:
        raise SegxlError(f"{relative!r} is no pattern of file names: {error}") from None


def _neighbours(folder: Path, relative: str) -> list[Path]:
    """The files that may have been meant: those of the folder and of the one that the name leads into."""
    places = {folder, (folder / relative).parent}
    return [path for place in places if place.is_dir() for path in place.iterdir() if _counts(path)]


def _counts(path: Path) -> bool:
    return path.is_file() and not path.name.startswith((".", "~$"))


# --- any file


def read_file(
    path: Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row_hint: int | None = None,
) -> RawTable:
    """Read a csv, tsv, txt, xlsx, xlsm or parquet file.

    Args:
        path: the file.
        sheet: the sheet's name; needed where a workbook has several.
        encoding: how a text file is written; without it, a byte order mark decides, else it must be UTF-8.
        delimiter: between the fields of a text file; without it, the header tells.
        header_row_hint: the header's row number; without it, the first row that is not blank.

    Raises:
        SegxlError: the file cannot be read as a table. The message names the file and says what to change.
    """
    suffix = path.suffix.casefold()
    data = _bytes(path)
    _refuse_disguise(path, data)
    if suffix in SHEET_SUFFIXES:
        _refuse_options(path, encoding=encoding, delimiter=delimiter)
        return _read_sheet(path.name, data, sheet, header_row_hint)
    if suffix == ".parquet":
        _refuse_options(path, encoding=encoding, delimiter=delimiter, sheet=sheet)
        return _read_parquet(path.name, data)
    if suffix in TEXT_SUFFIXES:
        _refuse_options(path, sheet=sheet)
        return _read_text(path.name, data, encoding, delimiter, header_row_hint)
    raise SegxlError(f"{path.name} is no csv, tsv, txt, xlsx, xlsm or parquet file: save it as .xlsx or .csv")


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise SegxlError(f"{path.name} is a folder, not a file: name a file in it")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        siblings = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        raise SegxlError(f"there is no file {path.name!r}{nearest(path.name, siblings)}") from None
    except PermissionError:
        raise SegxlError(
            f"{path.name} cannot be opened: if it is open in Excel, close it; else you have no permission to read it"
        ) from None
    except OSError as error:
        raise SegxlError(f"{path.name} cannot be read: {error.strerror or error}") from None
    if not data:
        raise SegxlError(f"{path.name} is empty: export it again")
    return data


def _refuse_disguise(path: Path, data: bytes) -> None:
    """Refuse files whose first bytes show that they are something else than their name says."""
    suffix = path.suffix.casefold()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SegxlError(
            f"{path.name} is an old .xls or protected by a password: save it in Excel as .xlsx without a password"
        )
    if suffix in TEXT_SUFFIXES and data.startswith(b"PK\x03\x04"):
        raise SegxlError(f"{path.name} is an Excel workbook, not text: rename it to {path.stem}.xlsx")
    if suffix in TEXT_SUFFIXES and data.startswith(b"PAR1"):
        raise SegxlError(f"{path.name} is a Parquet file, not text: rename it to {path.stem}.parquet")
    if re.match(rb"\s*<(!doctype html|html|table)\b", data[:1000], re.IGNORECASE):
        raise SegxlError(f"{path.name} is a web page, not a table: export it again as .csv or .xlsx")


def _refuse_options(path: Path, **options: str | None) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise SegxlError(f"{path.name} is a {path.suffix} file, which has no {given[0]}: take out {given[0]} = …")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- headers and cells

_SPACES = " \t\n\r\v\f\u00a0\u202f\u2007\u200b\ufeff"
"""What is stripped: spaces and line ends, no-break spaces, and marks that have no width."""
_PLAIN_SPACES = str.maketrans("\u00a0\u202f\u2007", "   ")
_ASCII_SPACES = " \t\n\r\v\f"


def _cleaned(text: str) -> str:
    return text.translate(_PLAIN_SPACES).strip(_SPACES)


def _clean(column: Texts) -> Texts:
    """The column stripped. Most columns need nothing, so one look at all of it comes first."""
    if not _needs_cleaning("\0".join(column)):
        return column
    codes, distinct = pd.factorize(column)
    return np.array([_cleaned(text) for text in distinct], dtype=object)[codes]


def _needs_cleaning(joined: str) -> bool:
    present = [space for space in (_ASCII_SPACES if joined.isascii() else _SPACES) if space in joined]
    return (
        any(ord(space) in _PLAIN_SPACES for space in present)
        or joined.startswith(tuple(present))
        or joined.endswith(tuple(present))
        or any(f"\0{space}" in joined or f"{space}\0" in joined for space in present)
    )


def _named(header: Iterable[str]) -> tuple[str, ...]:
    """Headers made usable: cleaned, none blank, none twice."""
    names: list[str] = []
    for position, raw in enumerate(header, start=1):
        wanted = " ".join(_cleaned(raw).split()) or f"Column {position}"
        name, turn = wanted, 2
        while name in names:
            name, turn = f"{wanted} ({turn})", turn + 1
        names.append(name)
    return tuple(names)


def _refuse_headless(file: str, row: int, cells: Sequence[str]) -> None:
    filled = [cell for cell in cells if cell]
    if not filled or all(_VALUE.fullmatch(cell) for cell in filled):
        seen = ", ".join(filled[:4]) or "nothing"
        raise SegxlError(
            f"{file} has no header: row {row} should hold the columns' names and holds {seen}; "
            "add a row of column names on top"
        )


_VALUE = re.compile(r"[-+($€£\s]*\d[-\d\s.,:/)%$€£]*(?:T[-+\d:.]*Z?)?")
"""A number, an amount, a date or a time: nothing that names a column."""


def _table(
    file: str,
    data: bytes,
    header_row: int,
    header: Sequence[str],
    columns: Sequence[Texts],
    rows: NDArray[np.int32],
    broken: Sequence[tuple[int, str]] = (),
) -> RawTable:
    _refuse_headless(file, header_row, [_cleaned(cell) for cell in header])
    cleaned = tuple(_clean(column) for column in columns)
    return RawTable(file, _sha256(data), _named(header), cleaned, rows, tuple(broken), header_row)


def _rows_below(header_row: int, count: int) -> NDArray[np.int32]:
    return np.arange(header_row + 1, header_row + 1 + count, dtype=np.int32)


def _header_among(sizes: Sequence[int]) -> int:
    """Which of the first records is the header, by their numbers of filled fields.

    It is the first that is not blank. Where that one has a single field and a later one has three or more, it is a
    title: reports often have some lines above their table.
    """
    first = next((at for at, size in enumerate(sizes) if size), 0)
    if sizes[first] == 1:
        return next((at for at, size in enumerate(sizes) if size >= 3), first)
    return first


_LOOKAHEAD = 30
"""In how many records the header is looked for."""


# --- text files


def _read_text(
    file: str, data: bytes, encoding: str | None, delimiter: str | None, header_row_hint: int | None
) -> RawTable:
    text = _utf8(file, data, encoding)
    if not text.strip():
        raise SegxlError(f"{file} is empty: export it again")
    header_row, mark = _find_header(file, text, delimiter, header_row_hint)
    try:
        columns = _parse(text, mark, header_row)
    except pd.errors.ParserError:  # some record has more fields than the header, or quotes that never end
        return _read_records(file, data, text, mark, header_row)
    header, count = [column[0] for column in columns], len(columns[0]) - 1
    _refuse_cut_off(file, text, mark, len(header), header_row + count)
    return _table(file, data, header_row, header, [column[1:] for column in columns], _rows_below(header_row, count))


_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
"""What a byte order mark says about the bytes that follow: more than any setting can."""


def _utf8(file: str, data: bytes, encoding: str | None) -> bytes:
    """The text in UTF-8 without a byte order mark."""
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    name = marked or encoding or "utf-8"
    try:
        name = codecs.lookup(name).name
        if name == "utf-8" and b"\0" in data[:1000]:
            raise SegxlError(
                f'{file} holds zero bytes: if it is UTF-16, set encoding = "utf-16-le"; else export it again'
            )
        if name == "utf-8" and data.isascii():
            return data
        text = data.decode(name)
    except LookupError:
        raise SegxlError(f'{file}: there is no encoding {name!r}; write for instance "windows-1252"') from None
    except UnicodeDecodeError as error:
        raise SegxlError(_undecodable(file, data, name, error.start)) from None
    return data if name == "utf-8" else text.removeprefix("\ufeff").encode("utf-8")


def _undecodable(file: str, data: bytes, encoding: str, at: int) -> str:
    before = data[:at].decode(encoding, errors="ignore")
    row = sum(1 for _ in _records(before + "x"))
    advice = 'encoding = "windows-1252" (or "mac-roman")' if encoding.startswith("utf") else "another encoding"
    return (
        f"{file}, row {row}: byte {data[at]:#04x} (byte {at + 1:,} of the file) is not {encoding}; "
        f'set {advice}, or save the file as "CSV UTF-8"'
    )


def _records(text: str, mark: str = ",") -> Iterator[list[str]]:
    """The records of a text, as far as they can be read: for looking ahead."""
    with contextlib.suppress(csv.Error):
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)


def _find_header(file: str, text: bytes, delimiter: str | None, hint: int | None) -> tuple[int, str]:
    """The header's row number, and the delimiter: what parts the header's fields most often."""
    opening = text[:1_000_000].decode("utf-8", errors="ignore")
    first = opening.lstrip().partition("\n")[0].strip()
    if declared := re.fullmatch(r'"?sep=(.)"?', first):  # a line for Excel
        blanks = sum(1 for _ in _records(opening[: opening.index("sep=")] + "x"))
        return hint or blanks + 1, delimiter or declared[1]
    sizes = {
        mark: [len(record) for record in itertools.islice(_records(opening, mark), max(_LOOKAHEAD, hint or 0))]
        for mark in ([delimiter] if delimiter else DELIMITERS)
    }
    if hint is not None and hint > min(map(len, sizes.values())):
        raise SegxlError(f"{file} has no row {hint}, so its header cannot be there")

    def header(mark: str) -> int:
        return hint - 1 if hint else _header_among(sizes[mark])

    def score(mark: str) -> tuple[int, int]:  # ties go to the one that parts the next lines alike
        size = sizes[mark][header(mark)]
        return size, sizes[mark].count(size)

    best = max(sizes, key=score)
    return header(best) + 1, best


def _parse(text: bytes, mark: str, header_row: int) -> list[Texts]:
    """The columns, header included, by pandas' C parser: nothing else is fast enough for millions of rows."""
    frame = pd.read_csv(
        io.BytesIO(text),
        sep=mark,
        header=None,
        dtype=object,
        keep_default_na=False,  # an account may be called "NA"
        na_filter=False,
        skip_blank_lines=False,  # else row numbers are wrong
        skiprows=header_row - 1,
        low_memory=True,  # pieces that fit the processor's cache: twice as fast
    )
    return [frame[position].to_numpy() for position in range(frame.shape[1])]


def _read_records(file: str, data: bytes, text: bytes, mark: str, header_row: int) -> RawTable:
    """The same record by record, so that each bad one is found."""
    header: list[str] = []
    whole: list[list[str]] = []
    rows: list[int] = []
    broken: list[tuple[int, str]] = []
    row = 0
    for row, record in enumerate(_closed_records(file, text, mark), start=1):
        if row <= header_row:
            header = record
        elif any(cell.strip(_SPACES) for cell in record[len(header) :]):
            broken.append((row, f"has {len(record)} fields where the header has {len(header)}"))
        else:
            whole.append((record + [""] * len(header))[: len(header)])
            rows.append(row)
    _refuse_cut_off(file, text, mark, len(header), row)
    cells = np.array(whole, dtype=object).reshape(len(whole), len(header))
    return _table(file, data, header_row, header, list(cells.T.copy()), np.array(rows, dtype=np.int32), broken)


def _closed_records(file: str, text: bytes, mark: str) -> Iterator[list[str]]:
    """Every record.

    Raises:
        SegxlError: the last one begins with a quotation mark that is never closed.
    """
    end = "\0"  # a line of our own; it becomes a part of the last record if that one is still open
    lines = itertools.chain(io.StringIO(text.decode("utf-8"), newline=""), [end])
    row = 1
    with contextlib.suppress(csv.Error):  # what is never closed may also become too long
        for record in csv.reader(lines, delimiter=mark):
            if record == [end]:
                return
            if record and record[-1].endswith(end):
                break
            yield record
            row += 1
    raise SegxlError(
        f"{file}, row {row}: a quotation mark is opened and never closed, so the file seems to be cut off; "
        "export it again"
    )


def _refuse_cut_off(file: str, text: bytes, mark: str, width: int, row: int) -> None:
    """Refuse a last record, at ``row``, that has too few fields and no line end.

    Only when the record before it is a whole one: the lines below a report are short, and the last of them
    may well lack its line end.
    """
    if text.endswith((b"\n", b"\r")):
        return
    last, before = _last_records(text, mark)
    if last < width <= before:
        raise SegxlError(
            f"{file}, row {row}: the file ends in the middle of a row ({last} of {width} fields); "
            "export it again, or delete that row"
        )


def _last_records(text: bytes, mark: str) -> tuple[int, int]:
    """How many fields the last record and the one before it have."""
    lines = io.StringIO(text[-1_000_000:].decode("utf-8", errors="ignore"), newline=None).readlines()
    sizes: list[int] = []
    start = end = len(lines)
    while start > 0 and len(sizes) < 2:
        start -= 1
        record = "".join(lines[start:end])
        if record.count('"') % 2 == 0:  # else it begins inside quotes, further up
            sizes.append(len(next(_records(record, mark), [])))
            end = start
    last, before = (*sizes, 0, 0)[:2]
    return last, before


# --- Excel workbooks

_LARGEST_BOOK = 4 << 30
_SUSPICIOUS_SIZE = 64 << 20
_SUSPICIOUS_RATIO = 200
_SUSPICIOUS_AREA = 20_000_000


def _read_sheet(file: str, data: bytes, sheet: str | None, header_row_hint: int | None) -> RawTable:
    with _zip(file, data) as parts, _damage(file):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        name = _sheet_name(file, book, sheet)
        file = f"{file}, sheet {name!r}"
        unsaid = _inspect_sheet(file, parts, name)
        grid: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    for (row, column), text in unsaid.items():
        if 0 < row <= len(grid) and column <= len(grid[row - 1]):
            grid[row - 1][column - 1] = text
    if not grid:
        raise SegxlError(f"{file} is empty: name another sheet")
    if header_row_hint is not None and header_row_hint > len(grid):
        raise SegxlError(f"{file} has no row {header_row_hint}, so its header cannot be there")
    sizes = [sum(cell != "" for cell in cells) for cells in grid[:_LOOKAHEAD]]
    header_row = header_row_hint or _header_among(sizes) + 1
    columns = [
        np.array([cell_text(cell) for cell in column], dtype=object) for column in zip(*grid[header_row:], strict=True)
    ]
    header = [cell_text(cell) for cell in grid[header_row - 1]]
    columns = columns or [np.array([], dtype=object) for _ in header]
    return _table(file, data, header_row, header, columns, _rows_below(header_row, len(grid) - header_row))


@contextlib.contextmanager
def _damage(file: str) -> Iterator[None]:
    """Turns whatever a broken workbook can raise into one message."""
    try:
        yield
    except (SegxlError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # calamine panics on some files, and its panic is no Exception
        raise SegxlError(
            f"{file} is damaged or incomplete ({error}): open it in Excel and save it again, or export it again"
        ) from None


def _zip(file: str, data: bytes) -> zipfile.ZipFile:
    """The workbook's parts, after a look at their sizes: a small file can be made to fill the memory."""
    with _damage(file):
        book = zipfile.ZipFile(io.BytesIO(data))
    size = sum(part.file_size for part in book.infolist())
    if size > _LARGEST_BOOK or (size > _SUSPICIOUS_SIZE and size > _SUSPICIOUS_RATIO * len(data)):
        raise SegxlError(
            f"{file} would unpack from {len(data):,} to {size:,} bytes, which no export does: "
            "save the sheet you need as .csv"
        )
    return book


def sheet_names(path: Path) -> tuple[str, ...]:
    """The worksheets of an xlsx or xlsm file, in order; chart sheets are none.

    Raises:
        SegxlError: as :func:`read_file`.
    """
    data = _bytes(path)
    _refuse_disguise(path, data)
    with _zip(path.name, data), _damage(path.name):
        return _worksheets(python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)))


def _worksheets(book: python_calamine.CalamineWorkbook) -> tuple[str, ...]:
    kind = python_calamine.SheetTypeEnum.WorkSheet
    return tuple(sheet.name for sheet in book.sheets_metadata if sheet.typ == kind)


def _sheet_name(file: str, book: python_calamine.CalamineWorkbook, wanted: str | None) -> str:
    names = _worksheets(book)
    if wanted is not None:
        if wanted in names:
            return wanted
        by_fold = {name.casefold(): name for name in names}  # Excel does not tell case in sheet names either
        if wanted.casefold() in by_fold:
            return by_fold[wanted.casefold()]
        raise SegxlError(f"{file} has no sheet {wanted!r}{nearest(wanted, names) or _list_of(names)}")
    shown = python_calamine.SheetVisibleEnum.Visible
    visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible == shown and sheet.name in names]
    if len(visible) == 1:
        return visible[0]
    raise SegxlError(f"{file} has {len(names)} sheets: say which with sheet = …{_list_of(names)}")


def _list_of(names: Iterable[str]) -> str:
    return "; it has " + ", ".join(repr(name) for name in names)


def _inspect_sheet(file: str, book: zipfile.ZipFile, name: str) -> dict[tuple[int, int], str]:
    """Look at a sheet's XML before it is opened: how far it reaches, and what calamine would leave blank.

    calamine makes a full grid up to the last cell, so one stray cell in the last corner of the sheet would
    fill the memory; and it gives blanks for errors and for formulas that no program has calculated yet.

    Returns:
        What to write into those cells, by row and column number.
    """
    unsaid: dict[tuple[int, int], str] = {}
    cells = last_row = last_column = 0
    for xml in _pieces(book, _sheet_part(book, name)):
        cells += xml.count(b"<c ") + xml.count(b":c ")
        last_row = max([last_row, *map(int, _ROW.findall(xml))])
        last_column = max([last_column, *map(_column_number, set(_WIDE_COLUMN.findall(xml)))])
        unsaid |= _error_cells(xml) | _uncalculated_cells(xml)
    area = last_row * max(last_column, 26)
    if area > _SUSPICIOUS_AREA and area > 50 * cells:
        raise SegxlError(
            f"{file} reaches to row {last_row:,} but holds only {cells:,} cells: press Ctrl+End in Excel, "
            "delete the empty rows and columns before that cell, and save"
        )
    return unsaid


NOT_CALCULATED = "#NOT CALCULATED"
"""Stands in a cell whose formula has no result yet: not every program that writes them calculates."""

# these two run over every cell of a sheet: without a fixed beginning they are ten times slower
_ROW = re.compile(rb'row (?:[^>]*? )?r="(\d+)"')
_WIDE_COLUMN = re.compile(rb' r="([A-Z]{2,3})\d')
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c ([^>]*\bt="e"[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]+)<', re.DOTALL)
_FORMULA_ALONE = re.compile(
    rb"<(?:\w+:)?c ([^>]*)>"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)


def _error_cells(xml: bytes) -> dict[tuple[int, int], str]:
    if b't="e"' not in xml:
        return {}
    return {_place(cell[1]): cell[2].decode("utf-8") for cell in _ERROR_CELL.finditer(xml)}


def _uncalculated_cells(xml: bytes) -> dict[tuple[int, int], str]:
    alone = (cell[1] for cell in _FORMULA_ALONE.finditer(xml)) if b"<f" in xml or b":f" in xml else ()
    # a formula's result may be an empty text, which is a result
    return {_place(attributes): NOT_CALCULATED for attributes in alone if b't="str"' not in attributes}


def _place(attributes: bytes) -> tuple[int, int]:
    """Row and column number of a cell; (0, 0), which is nowhere, for one that does not say."""
    place = _PLACE.search(attributes)
    return (int(place[2]), _column_number(place[1])) if place else (0, 0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _pieces(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part's XML in pieces that end with a row, so that no cell is torn in two."""
    rest = b""
    with book.open(part) as stream:
        while chunk := stream.read(1 << 24):
            rest += chunk
            cut = rest.rfind(b"row>") + 4
            if cut > 3:
                yield rest[:cut]
                rest = rest[cut:]
    yield rest


def _sheet_part(book: zipfile.ZipFile, name: str) -> str:
    """The part of the zip that holds a sheet: the workbook names it by a relationship."""
    parts = {part.replace("\\", "/").casefold(): part for part in book.namelist()}  # some programs differ there
    relationship = ""
    for element in ElementTree.fromstring(book.read(parts["xl/workbook.xml"])).iter():
        if element.tag.endswith("}sheet") and element.get("name") == name:
            relationship = next(value for key, value in element.items() if key.endswith("}id"))
    for element in ElementTree.fromstring(book.read(parts["xl/_rels/workbook.xml.rels"])):
        if element.get("Id") == relationship:
            target = element.get("Target", "").casefold()
            return parts[target.lstrip("/") if target.startswith("/") else f"xl/{target}"]
    raise KeyError(f"no part for sheet {name}")


def cell_text(value: Any) -> str:
    """A typed cell as the one text that means it.

    Dates are ``2026-03-05`` or ``2026-03-05 14:30:00``, numbers the shortest that reads back the same (whole
    ones without ``.0``), booleans ``TRUE`` and ``FALSE``; nothing at all is ``""``.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, dt.datetime):
        return _moment_text(value)
    if isinstance(value, dt.timedelta):
        return _duration_text(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return str(value)


def _float_text(value: float) -> str:
    if math.isnan(value):
        return ""
    if not value.is_integer() or abs(value) >= 1e18:
        return repr(value)
    if abs(value) < 2**53:
        return str(int(value))
    return f"{Decimal(repr(value)):.0f}"  # the int of a long number has digits that nobody entered


def _moment_text(value: dt.datetime) -> str:
    # Excel counts days in floats, so that noon may stand some microseconds before noon
    value = (value + dt.timedelta(milliseconds=1)).replace(microsecond=0)
    if value.tzinfo is None and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds")


def _duration_text(value: dt.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


# --- Parquet


def _read_parquet(file: str, data: bytes) -> RawTable:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SegxlError(f'{file} needs pyarrow to be read: run pip install "segxl[parquet]"') from None
    try:
        table = pyarrow.parquet.read_table(pyarrow.BufferReader(data))
    except (pyarrow.ArrowException, OSError) as error:
        raise SegxlError(f"{file} is damaged or incomplete ({error}): export it again") from None
    columns = tuple(_clean(_arrow_texts(column)) for column in table.columns)
    rows = _rows_below(1, table.num_rows)  # as if opened in Excel, below a header
    return RawTable(file, _sha256(data), _named(table.column_names), columns, rows)


def _arrow_texts(column: pyarrow.ChunkedArray) -> Texts:
    """A column as text; each distinct value is written once."""
    chunks = [_arrow_chunk_texts(chunk) for chunk in column.chunks]
    return np.concatenate([np.array([], dtype=object), *chunks])


def _arrow_chunk_texts(chunk: pyarrow.Array) -> Texts:
    import pyarrow

    if pyarrow.types.is_float32(chunk.type):  # else 0.1 would become 0.10000000149011612
        chunk = chunk.cast(pyarrow.string())
    try:
        encoded = chunk.dictionary_encode()
    except (pyarrow.ArrowNotImplementedError, pyarrow.ArrowInvalid):  # lists and structs
        return np.array([cell_text(value) for value in chunk.to_pylist()], dtype=object)
    distinct = [cell_text(_whole_second(value)) for value in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    texts: Texts = np.array([*distinct, ""], dtype=object)[codes]
    return texts


def _whole_second(value: Any) -> Any:
    """Times are exact here, and 23:59:59.999999 is still today."""
    return value.replace(microsecond=0) if isinstance(value, dt.datetime) else value
