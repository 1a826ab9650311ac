"""Excel workbooks: one sheet as text, and workbooks that are unsafe to open."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import math
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import python_calamine
from numpy.typing import NDArray

from segxl.errors import SegxlError, UnsetError, nearest
from segxl.messages import listed
from segxl.processes import uncollected
from segxl.sources.files.archives import refuse_unsafe
from segxl.sources.files.currency_formats import currencies_of_cells
from segxl.sources.files.disguises import refuse_disguise
from segxl.sources.files.raw import (
    LOOKAHEAD,
    RawTable,
    clean_column,
    header_among,
    read_bytes,
    refuse_width,
    rows_below,
    table_of,
)
from segxl.sources.files.sheet_xml import LARGE_AREA, Place, SheetXml, counts_from_1904, inspect_sheet
from segxl.tables.contracts import Texts

MERGED = "#MERGED"
"""The text of a cell that is merged with the one above it: Excel keeps the value of the first only."""

Grid = list[list[Any]]
"""A sheet's cells from A1, row by row."""

Corner = tuple[int, int]
"""Row and column of a merged area's corner, each counted from 0."""

_MOST_SHEETS = 1000


def read_sheet(file: str, data: bytes, sheet: str | None, header_row_hint: int | None) -> RawTable:
    with uncollected():
        return _read_sheet(file, data, sheet, header_row_hint)


def _read_sheet(file: str, data: bytes, sheet: str | None, header_row_hint: int | None) -> RawTable:
    with _zip(file, data) as parts, _damage(file):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        name = _sheet_name(file, book, sheet)
        file = f"{file}, sheet {name!r}"
        seen = inspect_sheet(file, parts, name)  # before calamine opens it
        opened = book.get_sheet_by_name(name)
        refuse_width(file, opened.total_width)
        grid, from_1904 = _grid(opened, seen), counts_from_1904(parts)
        merged = opened.merged_cell_ranges or []
        _name_currencies(grid, currencies_of_cells(parts, name))
    if not grid:
        raise SegxlError(f"{file} is empty: name another sheet")
    if header_row_hint is not None and header_row_hint > len(grid):
        raise SegxlError(f"{file} has no row {header_row_hint}, which was set as the header row")
    sizes = [sum(cell != "" for cell in cells) for cells in grid[:LOOKAHEAD]]
    header_row = header_row_hint or header_among(sizes) + 1
    filled = [any(cell != "" for cell in row) for row in grid] if merged else []
    _mark_merged(file, grid, [area for area in merged if area[0][0] >= header_row], filled)
    header = [cell_text(cell) for cell in grid[header_row - 1]]
    columns = _columns(grid[header_row:]) or [np.array([], dtype=object) for _ in header]
    above = [[cell_text(cell) for cell in cells] for cells in grid[: header_row - 1]]
    rows = rows_below(header_row, len(grid) - header_row)
    table = table_of(file, data, header_row, header, columns, rows, above=above)
    return replace(table, from_1904=from_1904, hidden_rows=seen.hidden_rows)


def _columns(grid: Grid) -> list[Texts]:
    """The texts of each column, some thousand rows at a time: that is what a processor's cache can hold, and one whole
    column after the other takes a third longer."""
    some = 4096
    pieces = [
        [column_texts(cells) for cells in zip(*grid[top : top + some], strict=True)]
        for top in range(0, len(grid), some)
    ]
    return [np.concatenate(column) for column in zip(*pieces, strict=True)]


def read_grids(path: Path) -> Iterator[tuple[str, Grid, int, bool]]:
    """Every worksheet of an xlsx or xlsm file, hidden ones too: its name, its cells, how many of its rows are hidden,
    and whether the workbook's serial numbers count from 1904.

    Raises:
        SegxlError: as :func:`segxl.sources.files.files.read_file`.
    """
    data = read_bytes(path)
    refuse_disguise(path, data)
    with _zip(path.name, data) as parts, _damage(path.name):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        most_cells = max(LARGE_AREA, 5 * sum(part.file_size for part in parts.infolist()))
        for name in _worksheets(path.name, book):
            file = f"{path.name}, sheet {name!r}"
            seen = inspect_sheet(file, parts, name)
            sheet = book.get_sheet_by_name(name)
            refuse_width(file, sheet.total_width)
            most_cells -= sheet.total_height * sheet.total_width
            if most_cells < 0:  # a stray cell far out in each of many sheets
                raise SegxlError(
                    f"{file}: this sheet and those before it have too many empty cells: press Ctrl+End in each, "
                    f"delete the "
                    "empty rows and columns before that cell, and save"
                )
            grid = _grid(sheet, seen)
            _mark_merged(file, grid, sheet.merged_cell_ranges or [])
            yield name, grid, seen.hidden_rows, counts_from_1904(parts)


def _grid(sheet: python_calamine.CalamineSheet, seen: SheetXml) -> Grid:
    """A sheet's cells, with the texts that calamine does not give."""
    grid: Grid = sheet.to_python(skip_empty_area=False)
    for (row, column), text in seen.unsaid.items():
        if 0 < row <= len(grid) and column <= len(grid[row - 1]):
            grid[row - 1][column - 1] = text
    return grid


def _name_currencies(grid: Grid, found: Iterable[tuple[Place, str]]) -> None:
    """Write the currency of a number's format behind it, as Excel shows it."""
    for (row, column), currency in found:
        if 0 < row <= len(grid) and column <= len(cells := grid[row - 1]):
            value = cells[column - 1]
            if type(value) is float or type(value) is int:  # TRUE and FALSE are not amounts
                cells[column - 1] = f"{cell_text(value)} {currency}"


def _mark_merged(
    file: str, grid: Grid, areas: Sequence[tuple[Corner, Corner]], wanted: Sequence[bool] | None = None
) -> None:
    """Mark the cells of merged areas below their first rows: Excel keeps the value of the first cell only. ``wanted``:
    which rows to mark; None: all."""
    width = len(grid[0]) if grid else 0
    inside = [(top, left, min(bottom + 1, len(grid)), min(right + 1, width)) for (top, left), (bottom, right) in areas]
    cells = sum(max(bottom - top, 0) * max(right - left, 0) for top, left, bottom, right in inside)
    if cells > len(grid) * width:
        raise SegxlError(f"{file} has merged areas that overlap: open it in Excel and save it again")
    for top, left, bottom, right in inside:
        for at in range(top + 1, bottom):
            if wanted is None or wanted[at]:
                grid[at][left:right] = [MERGED] * (right - left)


@contextlib.contextmanager
def _damage(file: str) -> Iterator[None]:
    """Turn any error from a broken workbook into one message."""
    try:
        yield
    except (SegxlError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # calamine panics on some files, and its panic is not an Exception
        raise SegxlError(
            f"{file} is damaged or incomplete ({error}): open it in Excel and save it again, or export it again"
        ) from None


def _zip(file: str, data: bytes) -> zipfile.ZipFile:
    """The workbook's parts, after a look at their sizes: a small file can be made to fill the memory."""
    with _damage(file):
        book = zipfile.ZipFile(io.BytesIO(data))
    refuse_unsafe(file, book, len(data))
    return book


def sheet_names(path: Path) -> tuple[str, ...]:
    """The worksheets of an xlsx or xlsm file, in order; chart sheets are none.

    Raises:
        SegxlError: as :func:`read_file`.
    """
    data = read_bytes(path)
    refuse_disguise(path, data)
    with _zip(path.name, data), _damage(path.name):
        return _worksheets(path.name, python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)))


def _worksheets(file: str, book: python_calamine.CalamineWorkbook) -> tuple[str, ...]:
    if (count := len(book.sheet_names)) > _MOST_SHEETS:
        raise SegxlError(f"{file} has {count:,} sheets, too many for an export: save the sheet you need as .csv")
    kind = python_calamine.SheetTypeEnum.WorkSheet
    return tuple(sheet.name for sheet in book.sheets_metadata if sheet.typ == kind)


def _sheet_name(file: str, book: python_calamine.CalamineWorkbook, wanted: str | None) -> str:
    names = _worksheets(file, book)
    if wanted is not None:
        if wanted in names:
            return wanted
        by_fold = {name.casefold(): name for name in names}  # Excel ignores case in sheet names too
        if wanted.casefold() in by_fold:
            return by_fold[wanted.casefold()]
        raise SegxlError(f"{file} has no sheet {wanted!r}{nearest(wanted, names) or _list_of(names)}")
    shown = python_calamine.SheetVisibleEnum.Visible
    visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible == shown and sheet.name in names]
    if len(visible) == 1:
        return visible[0]
    raise UnsetError(f"{file} has {len(names)} sheets: choose one: ", "sheet", [("…", "")], _list_of(names))


def _list_of(names: Iterable[str]) -> str:
    return "; it has " + listed([repr(name) for name in names], 20)


_NUMBERS = frozenset({bool, int, float, Decimal})
"""Types whose values can be equal but written differently: 1, 1.0 and TRUE."""


def column_texts(cells: Sequence[Any]) -> Texts:
    """:func:`cell_text` of each cell, cleaned; in a column where equal values are alike, each distinct one is written
    once."""
    types = set(map(type, cells))
    if types <= {str}:
        texts: Iterable[str] = cells
    elif types == {float} and written_plainly(np.array(cells)):
        texts = [text[:-2] if text.endswith(".0") else text for text in map(repr, cells)]
    elif len(types & _NUMBERS) <= 1:
        write = {kind: _WRITERS.get(kind, cell_text) for kind in types}
        written = {value: write[type(value)](value) for value in set(cells)}
        texts = map(written.__getitem__, cells)
    else:
        texts = map(cell_text, cells)
    column: Texts = np.empty(len(cells), dtype=object)
    column[:] = list(texts)
    return clean_column(column) if str in types else column  # texts made here need no cleaning


def written_plainly(numbers: NDArray[np.float64]) -> bool:
    """Whether Python writes each as :func:`cell_text` does, but for the ``.0`` of whole ones: neither blank, nor huge,
    nor minus zero."""
    return bool((np.abs(numbers) < 1e15).all() and not np.signbit(numbers[numbers == 0]).any())


def cell_text(value: Any) -> str:
    """A typed cell as its canonical text.

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
    return f"{Decimal(repr(value)):.0f}"  # the int of a long number has digits that were not entered


_WRITERS: Mapping[type, Callable[[Any], str]] = {str: str, float: _float_text}
""":func:`cell_text` for the types of most cells, all at once."""


def _moment_text(value: dt.datetime) -> str:
    # Excel counts days in floats, so that noon may be some microseconds early; 23:59:59.999 ends a day
    value = (value + dt.timedelta(microseconds=500)).replace(microsecond=0)
    if value.tzinfo is None and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds")


def _duration_text(value: dt.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
