"""Excel workbooks: one sheet as text, and what makes a workbook unsafe to open."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import io
import math
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import python_calamine
from numpy.typing import NDArray

from segxl.errors import SegxlError, nearest
from segxl.sources.raw import (
    LOOKAHEAD,
    RawTable,
    clean_column,
    header_among,
    read_bytes,
    refuse_disguise,
    rows_below,
    table_of,
)
from segxl.tables import Texts

_LARGEST_BOOK = 4 << 30
_SUSPICIOUS_SIZE = 64 << 20
_SUSPICIOUS_RATIO = 200
_SUSPICIOUS_AREA = 20_000_000


Grid = list[list[Any]]
"""A sheet's cells from A1, row by row."""


def read_sheet(file: str, data: bytes, sheet: str | None, header_row_hint: int | None) -> RawTable:
    with _no_collection():
        return _read_sheet(file, data, sheet, header_row_hint)


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of cells have no cycles; looking for them again and again takes a seventh of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _read_sheet(file: str, data: bytes, sheet: str | None, header_row_hint: int | None) -> RawTable:
    with _zip(file, data) as parts, _damage(file):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        name = _sheet_name(file, book, sheet)
        file = f"{file}, sheet {name!r}"
        grid, _ = _grid(file, parts, book, name)
    if not grid:
        raise SegxlError(f"{file} is empty: name another sheet")
    if header_row_hint is not None and header_row_hint > len(grid):
        raise SegxlError(f"{file} has no row {header_row_hint}, so its header cannot be there")
    sizes = [sum(cell != "" for cell in cells) for cells in grid[:LOOKAHEAD]]
    header_row = header_row_hint or header_among(sizes) + 1
    columns = [column_texts(column) for column in zip(*grid[header_row:], strict=True)]
    header = [cell_text(cell) for cell in grid[header_row - 1]]
    columns = columns or [np.array([], dtype=object) for _ in header]
    return table_of(file, data, header_row, header, columns, rows_below(header_row, len(grid) - header_row))


def read_grids(path: Path) -> Iterator[tuple[str, Grid, int]]:
    """Every worksheet of an xlsx or xlsm file, hidden ones too: its name, its cells, how many of its rows are hidden.

    Raises:
        SegxlError: as :func:`segxl.sources.files.read_file`.
    """
    data = read_bytes(path)
    refuse_disguise(path, data)
    with _zip(path.name, data) as parts, _damage(path.name):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in _worksheets(book):
            grid, seen = _grid(f"{path.name}, sheet {name!r}", parts, book, name)
            for area in seen.merged:
                _mark_merged(grid, area)
            yield name, grid, seen.hidden_rows


def _grid(file: str, parts: zipfile.ZipFile, book: python_calamine.CalamineWorkbook, name: str) -> tuple[Grid, _Seen]:
    """A sheet's cells, with the texts that calamine leaves out, and what else its XML tells."""
    seen = _inspect_sheet(file, parts, name)
    grid: Grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    for (row, column), text in seen.unsaid.items():
        if 0 < row <= len(grid) and column <= len(grid[row - 1]):
            grid[row - 1][column - 1] = text
    return grid, seen


def _mark_merged(grid: Grid, area: Area) -> None:
    """Mark the cells of a merged area below its first row: Excel keeps the value of the first cell alone."""
    top, left, bottom, right = area
    for cells in grid[top:bottom]:
        for column in range(left - 1, min(right, len(cells))):
            cells[column] = MERGED


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
    twice = [name for name, count in Counter(book.namelist()).items() if count > 1]
    if twice:  # one program reads the first, another the last
        raise SegxlError(f"{file} has its part {twice[0]!r} twice: open it in Excel and save it again")
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
    data = read_bytes(path)
    refuse_disguise(path, data)
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


Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, each counted from 1."""


@dataclass(frozen=True)
class _Seen:
    """What a sheet's XML tells: texts that calamine leaves out, by row and column number; hidden rows; merged areas."""

    unsaid: dict[tuple[int, int], str]
    hidden_rows: int
    merged: tuple[Area, ...]


def _inspect_sheet(file: str, book: zipfile.ZipFile, name: str) -> _Seen:
    """Look at a sheet's XML before it is opened: how far it reaches, and what calamine would leave blank.

    calamine makes a full grid up to the last cell, so one stray cell in the last corner of the sheet would
    fill the memory; and it gives blanks for errors and for formulas that no program has calculated yet.
    """
    unsaid: dict[tuple[int, int], str] = {}
    merged: list[Area] = []
    last_row = last_column = hidden = 0
    for xml in _pieces(book, _sheet_part(book, name)):
        last_row = max([last_row, *map(int, _ROW.findall(xml))])
        last_column = max([last_column, *map(_column_number, set(_WIDE_COLUMN.findall(xml)))])
        unsaid |= _error_cells(xml) | _uncalculated_cells(xml)
        merged += _merged_areas(xml)
        hidden += len(_HIDDEN_ROW.findall(xml)) if b"hidden=" in xml else 0
    area = last_row * max(last_column, 26)
    if area > _SUSPICIOUS_AREA and area > 50 * (cells := _count_cells(book, name)):
        raise SegxlError(
            f"{file} reaches to row {last_row:,} but holds only {cells:,} cells: press Ctrl+End in Excel, "
            "delete the empty rows and columns before that cell, and save"
        )
    return _Seen(unsaid, hidden, tuple(merged))


def _count_cells(book: zipfile.ZipFile, name: str) -> int:
    return sum(xml.count(b"<c ") + xml.count(b":c ") for xml in _pieces(book, _sheet_part(book, name)))


NOT_CALCULATED = "#NOT CALCULATED"
"""Stands in a cell whose formula has no result yet: not every program that writes them calculates."""

MERGED = "#MERGED"
"""Stands in a cell that is merged with the one above it: Excel keeps the value of the first alone."""

# these two run over every cell of a sheet: without a fixed beginning they are ten times slower
_ROW = re.compile(rb'row (?:[^>]*? )?r="(\d+)"')
_WIDE_COLUMN = re.compile(rb' r="([A-Z]{2,3})\d')
_HIDDEN_ROW = re.compile(rb'row (?:[^>]*? )?hidden="(?:1|true)"')
_FORMULA, _PREFIXED_FORMULA = re.compile(rb"<f"), re.compile(rb":f")  # twice as fast as "in" on such bytes
_MERGED = re.compile(rb'mergeCell ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
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
    has_formulas = _FORMULA.search(xml) or _PREFIXED_FORMULA.search(xml)
    alone = (cell[1] for cell in _FORMULA_ALONE.finditer(xml)) if has_formulas else ()
    # a formula's result may be an empty text, which is a result
    return {_place(attributes): NOT_CALCULATED for attributes in alone if b't="str"' not in attributes}


def _merged_areas(xml: bytes) -> list[Area]:
    """The merged areas of several rows."""
    found = _MERGED.findall(xml) if b"mergeCell " in xml else []
    return [
        (int(top), _column_number(left), int(bottom), _column_number(right))
        for left, top, right, bottom in found
        if top != bottom
    ]


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


_NUMBERS = frozenset({bool, int, float, Decimal})
"""Types of which values can be equal without being written alike: 1, 1.0 and TRUE."""


def column_texts(cells: Sequence[Any]) -> Texts:
    """:func:`cell_text` of each cell, cleaned; in a column where equal values are alike, each distinct one is written
    once."""
    types = set(map(type, cells))
    if types <= {str}:
        texts: Iterable[str] = cells
    elif types == {float} and _written_plainly(np.array(cells)):
        texts = [text[:-2] if text.endswith(".0") else text for text in map(repr, cells)]
    elif len(types & _NUMBERS) <= 1:
        write = {kind: _WRITERS.get(kind, cell_text) for kind in types}
        written = {value: write[type(value)](value) for value in set(cells)}
        texts = map(written.__getitem__, cells)
    else:
        texts = map(cell_text, cells)
    column: Texts = np.empty(len(cells), dtype=object)
    column[:] = list(texts)
    return clean_column(column) if str in types else column  # what is written here needs no cleaning


def _written_plainly(numbers: NDArray[np.float64]) -> bool:
    """Whether Python writes each as :func:`cell_text` does, but for the ``.0`` of whole ones: neither blank, nor huge,
    nor minus zero."""
    return bool((np.abs(numbers) < 1e15).all() and not np.signbit(numbers[numbers == 0]).any())


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
    if not value.is_integer():
        return "" if math.isnan(value) else repr(value)
    if abs(value) >= 1e18:
        return repr(value)
    if abs(value) < 2**53:
        return str(int(value))
    return f"{Decimal(repr(value)):.0f}"  # the int of a long number has digits that nobody entered


_WRITERS: Mapping[type, Callable[[Any], str]] = {str: str, float: _float_text}
"""What :func:`cell_text` does with the types that most cells have, at once."""


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
