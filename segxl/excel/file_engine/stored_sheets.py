"""The sheets of a workbook file as Excel would hand them over: their values, and whether they are protected."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from segxl.sources.files.excel_errors import EXCEL_ERRORS
from segxl.sources.files.sheets import MERGED
from segxl.sources.workbook.sheets import SheetCells, read_workbook

_SHEET_LOCK = re.compile(rb'<(?:\w+:)?sheetProtection\b[^>]*?\bsheet="(?:1|true)"')
_BOOK_LOCK = re.compile(rb'<(?:\w+:)?workbookProtection\b[^>]*?\blockStructure="(?:1|true)"')


class CellError(str):
    """An error in a cell, such as ``#N/A``: xlwings gives nothing for it unless it is asked for text."""


def stored_sheets(path: Path) -> dict[str, SheetCells]:
    """The worksheets of a file by name, with errors and texts distinguished."""
    return {one.name: replace(one, cells=_told(one.cells)) for one in read_workbook(path)}


def _told(cells: Any) -> list[list[Any]]:
    errors = EXCEL_ERRORS - {MERGED}
    for row in cells:
        for at, value in enumerate(row):
            if type(value) is str and value[:1] == "#" and value in errors:
                row[at] = CellError(value)
    rows: list[list[Any]] = cells
    return rows


def is_sheet_locked(xml: bytes) -> bool:
    """Whether a sheet's part protects its cells."""
    return _SHEET_LOCK.search(xml) is not None


def is_book_locked(xml: bytes) -> bool:
    """Whether a workbook's part protects its structure."""
    return _BOOK_LOCK.search(xml) is not None
