"""The tables of the workbook that a formula is in, read while Excel calculates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segxl.excel.buttons.reading import book_cells
from segxl.excel.drawing.host import Host
from segxl.excel.drawing.hosts import host_of
from segxl.sources.files.sheets import MERGED
from segxl.sources.workbook.sheets import SheetCells

if TYPE_CHECKING:
    import xlwings as xw


def callers_cells(book: xw.Book) -> list[SheetCells]:
    """The cells of a workbook's sheets, without those that segxl drew."""
    return book_cells(book, _WhileCalculating(host_of(book)))


class _WhileCalculating:
    """A host that only looks: while Excel calculates it refuses whatever changes something, ``Find`` with a format and
    ``SpecialCells`` among it."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def hidden_rows(self, sheet: xw.Sheet) -> int:
        """Not known: hidden rows count like all others, and only the ledger of Check data counts them."""
        return 0

    def mark_merged(self, sheet: xw.Sheet, cells: list[list[Any]]) -> list[list[Any]]:
        """Mark merged cells, found by halving the areas that have any."""
        if sheet.book.app.engine.name == "segxl":
            return self._host.mark_merged(sheet, cells)
        used = sheet.used_range
        areas = [(0, 0, *used.shape)]
        while areas:
            row, column, rows, columns = areas.pop()
            area = used[row : row + rows, column : column + columns].api
            merged = area.MergeCells  # None: some are
            if merged is False:
                continue
            if merged is None and rows * columns > 1:
                areas += _halves(row, column, rows, columns)
                continue
            top, left = used.row - 1 + row, used.column - 1 + column
            for line in cells[top : top + rows]:
                line += [None] * (left + columns - len(line))
                line[left : left + columns] = [MERGED] * columns
        return cells


def _halves(row: int, column: int, rows: int, columns: int) -> list[tuple[int, int, int, int]]:
    if rows >= columns:
        half = rows // 2
        return [(row, column, half, columns), (row + half, column, rows - half, columns)]
    half = columns // 2
    return [(row, column, rows, half), (row, column + half, rows, columns - half)]
