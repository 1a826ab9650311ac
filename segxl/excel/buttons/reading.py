"""An open workbook's sheets as the input of a dataset: the same cells as its file would give.

A button reads no file and no warehouse, and what it reads is not kept for the next press: its cells have to be fetched
from Excel each time, to know whether one has changed. With the demo's tables, the cells of the file take 0.73 CPU
seconds, a fingerprint of them 0.15 to 0.7, the dataset 0.55, numbers and pages of *Build scorecard* 2.1: to keep the
dataset would save a tenth of a press at most. Worksheet functions that name a folder take what is kept
(:mod:`segxl.excel.functions.datasets`).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from segxl.dataset.load import load_sheets
from segxl.dataset.model import Dataset
from segxl.excel.drawing.draw import listed_sheets
from segxl.excel.drawing.host import Host
from segxl.sources.workbook.sheets import OUTPUTS, SheetCells

if TYPE_CHECKING:
    import xlwings as xw


def read_book(book: xw.Book, host: Host, *, as_of: date | None = None, run_date: date | None = None) -> Dataset:
    """The dataset of a workbook as it is open now, saved or not; the sheets that segxl drew are no data.

    Raises:
        SegxlError: see :func:`segxl.dataset.load.load`.
    """
    return load_sheets(book.name, book_cells(book, host), as_of=as_of, run_date=run_date)


def book_cells(book: xw.Book, host: Host) -> list[SheetCells]:
    """The cells of every sheet that segxl did not draw."""
    drawn = {OUTPUTS, *(one.sheet.casefold() for one in listed_sheets(book))}
    return [sheet_cells(sheet, host) for sheet in book.sheets if sheet.name.casefold() not in drawn]


def sheet_cells(sheet: xw.Sheet, host: Host) -> SheetCells:
    """All cells of a sheet from A1 on, in filtered and hidden rows too; errors as their text."""
    used = sheet.used_range
    rows = used.options(ndim=2, err_to_str=True).value
    if used.column > 1:
        rows = [[None] * (used.column - 1) + row for row in rows]
    rows = [[]] * (used.row - 1) + rows
    return SheetCells(sheet.name, host.mark_merged(sheet, rows), host.hidden_rows(sheet), host.from_1904(sheet.book))
