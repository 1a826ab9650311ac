"""Excel for Windows as xlwings sees it: workbooks, sheets and ranges behind COM, and the call that VBA makes.

xlwings' own modules for Windows are imported, and everything in them runs but the Windows modules below them. Cells
have what COM hands over: floats, texts, dates, whole numbers for errors, None.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, patch

import xlwings

from segxl.excel.functions.registration import MODULE, declared_with

NOT_AVAILABLE, WRONG = -2146826246, -2146826273
"""What COM hands over for ``#N/A`` and ``#VALUE!`` in a cell."""
MISSING = -2147352572
"""What VBA hands over for an argument that is left blank."""
_RANGE = "{00020846-0000-0000-C000-000000000046}"


class Range:
    """A rectangle of cells."""

    CLSID = _RANGE
    HasArray = False

    def __init__(self, sheet: Sheet, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        self.Worksheet, self.Row, self.Column = sheet, row, column
        self.Rows, self.Columns = SimpleNamespace(Count=rows), SimpleNamespace(Count=columns)
        self._oleobj_ = MagicMock()
        self._oleobj_.GetTypeInfo.return_value.GetTypeAttr.return_value.iid = _RANGE

    @property
    def Count(self) -> int:
        return self.Rows.Count * self.Columns.Count

    @property
    def Address(self) -> str:
        first = f"${_letters(self.Column)}${self.Row}"
        if self.Count == 1:
            return first
        return f"{first}:${_letters(self.Column + self.Columns.Count - 1)}${self.Row + self.Rows.Count - 1}"

    @property
    def Value(self) -> Any:
        rows = range(self.Row, self.Row + self.Rows.Count)
        columns = range(self.Column, self.Column + self.Columns.Count)
        found = tuple(tuple(self.Worksheet.cells.get((row, column)) for column in columns) for row in rows)
        return found[0][0] if self.Count == 1 else found

    @property
    def Formula2(self) -> str:
        return self.Worksheet.formulas.get((self.Row, self.Column), "")

    Formula = Formula2

    @property
    def MergeCells(self) -> bool | None:
        """None: some are."""
        rows, columns = range(self.Rows.Count), range(self.Columns.Count)
        found = {(self.Row + row, self.Column + column) in self.Worksheet.merged for row in rows for column in columns}
        return found.pop() if len(found) == 1 else None

    @property
    def SpillParent(self) -> Range:
        anchor = self.Worksheet.spilled.get((self.Row, self.Column))
        if anchor is None:
            raise AttributeError("this cell is in no spilled table")
        return Range(self.Worksheet, *anchor)


class Sheet:
    """A worksheet: values and formulas by row and column, and names of ranges."""

    def __init__(self, book: Book, name: str) -> None:
        self.Parent, self.Name = book, name
        self.cells: dict[tuple[int, int], Any] = {}
        self.formulas: dict[tuple[int, int], str] = {}
        self.spilled: dict[tuple[int, int], tuple[int, int]] = {}
        self.merged: set[tuple[int, int]] = set()
        self.named: dict[str, str] = {}

    def Range(self, first: str | Range, last: Range | None = None) -> Range:
        if isinstance(first, str):
            corners = [_corner(part) for part in self.named.get(first, first).replace("$", "").split(":")]
        else:
            assert last is not None
            corners = [(first.Row, first.Column), (last.Row, last.Column)]
        (top, left), (bottom, right) = corners[0], corners[-1]
        return Range(self, top, left, bottom - top + 1, right - left + 1)

    @property
    def UsedRange(self) -> Range:
        rows, columns = zip(*(self.cells or {(1, 1): None}), strict=True)
        return Range(self, 1, 1, max(rows), max(columns))

    def Cells(self, row: int, column: int) -> Range:
        return Range(self, row, column)

    def put(self, address: str, *rows: Any) -> Range:
        """Fill cells from a corner on; the range that was filled."""
        top, left = _corner(address)
        lines = [row if isinstance(row, list | tuple) else (row,) for row in rows]
        for down, line in enumerate(lines):
            for across, value in enumerate(line):
                self.cells[top + down, left + across] = value
        return Range(self, top, left, len(lines), len(lines[0]))


class Book:
    """A workbook."""

    Date1904 = False

    def __init__(self, name: str = "Model.xlsx", folder: str = "/models") -> None:
        self.Name, self.FullName, self.Path = name, f"{folder}/{name}", folder
        self.Application = SimpleNamespace(Hwnd=1)
        self.Worksheets: list[Sheet] = []

    def sheet(self, name: str) -> Sheet:
        self.Worksheets.append(Sheet(self, name))
        return self.Worksheets[-1]


class Excel:
    """Calls the functions as the VBA does."""

    def __init__(self, python: Any, module: ModuleType) -> None:
        self._python, self._module = python, module
        self.cell = Book().sheet("Calls").Range("A1")
        """The cell that a call comes from where none is named."""

    def call(
        self,
        name: str,
        *arguments: Any,
        cell: Range | None = None,
        more: tuple[Any, ...] = (),
        module: str = MODULE,
    ) -> Any:
        """What ``XLPy.CallUDF`` gives: a value, a row, or rows. ``more`` goes behind the last argument."""
        caller = cell or self.cell
        values = dict(zip(self.shown(name), arguments, strict=False))
        info = getattr(self._module, f"SEGXL_{name}").__xlfunc__
        hidden = {"formula_cell": f"[{caller.Worksheet.Parent.Name}]{caller.Worksheet.Name}!{caller.Address}"}
        handed = [(hidden | values).get(one["name"], MISSING) for one in info["args"]]
        return self._python.CallUDF(module, f"SEGXL_{name}", (*handed, *more), None, caller)

    def shown(self, name: str) -> list[str]:
        """The arguments that Excel shows."""
        info = getattr(self._module, f"SEGXL_{name}").__xlfunc__
        return [one["name"] for one in info["args"] if not one["vba"] and one["name"] != "caller"]

    def rows(self, name: str, *arguments: Any, cell: Range | None = None) -> list[list[Any]]:
        """The same as rows, whatever its shape."""
        found = self.call(name, *arguments, cell=cell)
        if not isinstance(found, list | tuple):
            return [[found]]
        return [[*row] for row in found] if found and isinstance(found[0], list | tuple) else [[*found]]

    def put(self, sheet: Sheet, address: str, name: str, *arguments: Any, formula: str) -> Range:
        """Calculate a formula in a cell and let its table spill, errors as the VBA makes them; the cells."""
        top, left = _corner(address)
        rows = self.rows(name, *arguments, cell=sheet.Cells(top, left))
        errors = {"#N/A": NOT_AVAILABLE, "#VALUE!": WRONG}
        filled = sheet.put(
            address, *([errors.get(one, one) if isinstance(one, str) else one for one in row] for row in rows)
        )
        sheet.formulas[top, left] = formula
        if filled.Count > 1:
            for row in range(top, top + filled.Rows.Count):
                sheet.spilled |= {(row, column): (top, left) for column in range(left, left + filled.Columns.Count)}
        return filled


@contextmanager
def running() -> Iterator[Excel]:
    """The call path of Windows, and no trace of it afterwards."""
    before = dict(sys.modules)
    sys.modules.update(_windows())
    names = ("xlwings._xlwindows", "xlwings.udfs", "xlwings.com_server")
    missing = {name: MagicMock() for name in ("windll", "oledll") if not hasattr(ctypes, name)}
    try:
        for name, stand_in in missing.items():
            setattr(ctypes, name, stand_in)
        with patch.object(ctypes, "PyDLL", MagicMock()):
            windows, udfs, server = (importlib.import_module(name) for name in names)
        atexit.unregister(windows.cleanup)
        xlwings.engines.add(xlwings.Engine(impl=windows.engine))
        module = declared_with(udfs)
        udfs.udf_modules[MODULE] = {"filename": "", "filetime": None, "module": module}
        yield Excel(server.XLPython(), module)
    finally:
        xlwings.engines.engines[:] = [one for one in xlwings.engines.engines if one.name != "excel"]
        for name in missing:
            delattr(ctypes, name)
        for name in set(sys.modules) - set(before):
            if name.split(".")[0] in _windows() or name in names:
                del sys.modules[name]


def _windows() -> dict[str, ModuleType]:
    """Stand-ins for the Windows modules: the classes that xlwings compares with, and nothing that does anything."""
    names = (
        "pythoncom",
        "pywintypes",
        "win32api",
        "win32con",
        "win32event",
        "win32gui",
        "win32process",
        "win32timezone",
    )
    more = ("win32com", "win32com.client", "win32com.server", "win32com.server.util")
    more += ("win32com.server.dispatcher", "win32com.server.policy")
    found: dict[str, Any] = {name: MagicMock(spec=None) for name in (*names, *more)}
    com_error = type("com_error", (Exception,), {})
    found["pywintypes"].TimeType = datetime
    found["pywintypes"].com_error = com_error
    found["pywintypes"].IID = str
    found["pythoncom"].__file__ = ""
    found["pythoncom"].ole_error = com_error
    found["pythoncom"].com_error = com_error
    found["win32timezone"].TimeZoneInfo.utc = lambda: UTC
    found["win32process"].GetWindowThreadProcessId = lambda _: (0, 1)
    client, util = found["win32com.client"], found["win32com.server.util"]
    for name in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass"):
        setattr(client, name, type(name, (), {}))
    client.Dispatch = lambda one, *_, **__: one
    util.unwrap = MagicMock(side_effect=TypeError("no object of Python's"))
    found["win32com"].client, found["win32com"].server = client, found["win32com.server"]
    found["win32com.server"].util = util
    return found


def _letters(column: int) -> str:
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def _corner(address: str) -> tuple[int, int]:
    match = re.fullmatch(r"([A-Z]+)(\d+)", address)
    if match is None:
        raise ValueError(f"{address}: no such range")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column
