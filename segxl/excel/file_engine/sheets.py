"""The sheets and ranges of the engine without Excel (:mod:`segxl.excel.file_engine.xlwings_engine`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.cell_range import CellRange

from segxl.errors import SegxlError
from segxl.excel.file_engine.package import SheetPart
from segxl.excel.file_engine.patch import Formula, formulas_of
from segxl.excel.file_engine.stored_sheets import is_sheet_locked
from segxl.render.xlsx.excel_values import CellKind, cell_value, cell_xml, live_value

if TYPE_CHECKING:
    from segxl.excel.file_engine.xlwings_engine import Book

Value = Any
Rows = Sequence[Sequence[Value]]
_CHUNK = 500
_REMEMBERED = 20_000
_DRAWN = ("drawn", "edits", "blocks", "list_top", "list_styles", "live", "results", "alts", "used", "extension")
"""The changes of a sheet by drawing."""


class Sheets:
    """The sheets in order."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.sheets = [Sheet(book, part.name, part) for part in book.package.sheets]

    @property
    def active(self) -> Sheet:
        return self.sheets[self.book.front]

    def __call__(self, key: str | int) -> Sheet:
        if isinstance(key, int):
            return self.sheets[key - 1]
        for sheet in self.sheets:
            if sheet.title.casefold() == key.casefold():
                return sheet
        raise KeyError(key)

    def __contains__(self, key: str) -> bool:
        return any(sheet.title.casefold() == key.casefold() for sheet in self.sheets)

    def __len__(self) -> int:
        return len(self.sheets)

    def __iter__(self) -> Iterator[Sheet]:
        return iter(self.sheets)

    def add(self, before: Sheet | None, after: Sheet | None, name: str | None) -> Sheet:
        """Add a sheet before another, or at the end."""
        number = len(self.sheets) + 1
        while not name:
            name, number = (f"Sheet{number}" if f"Sheet{number}" not in self else None), number + 1
        sheet = Sheet(self.book, name, None)
        sheet.draw_anew()
        at = len(self.sheets) if before is None else self.sheets.index(before)
        self.sheets.insert(at, sheet)
        if at <= self.book.front:
            self.book.front += 1  # the sheet in front stays there
        return sheet


class Sheet:
    """A sheet: one of the file (``stored``), one that is drawn (``drawn``, openpyxl's), or one drawn in its place."""

    def __init__(self, book: Book, title: str, stored: SheetPart | None) -> None:
        self.book = book
        self.title = title
        self.stored = stored
        self.state = stored.state if stored else "visible"
        self.drawn: Any = None
        self.edits: dict[tuple[int, int], Value] = {}
        self.blocks: list[tuple[int, int, Rows]] = []
        self.list_top = 0
        self.list_styles: list[tuple[list[dict[CellKind, Any]], Sequence[int]]] = []
        self.alts: list[str] = []
        self.used = self.extension = ""
        self.results: dict[str, tuple[CellKind, str]] = {}
        self.live: dict[tuple[int, int], str] = {}
        self._grid: list[list[Value]] | None = None
        self._formulas: dict[tuple[int, int], str] | None = None

    @property
    def api(self) -> Sheet:
        return self

    @property
    def name(self) -> str:
        return self.title

    @name.setter
    def name(self, name: str) -> None:
        if self.drawn is None or self.stored is not None:
            raise SegxlError(f"the sheet {self.title!r} can be renamed in Excel only")
        self.title = self.drawn.title = name

    @property
    def index(self) -> int:
        return self.book.sheets.sheets.index(self) + 1

    @property
    def visible(self) -> int:
        return {"visible": -1, "hidden": 0, "veryHidden": 2}[self.state]

    @visible.setter
    def visible(self, shown: int | bool) -> None:
        if self.stored is not None and shown not in (self.visible, self.visible == -1):
            raise SegxlError(f"the sheet {self.title!r} can be hidden or shown in Excel only")
        self.state = {True: "visible", -1: "visible", 2: "veryHidden"}.get(shown, "hidden")

    @property
    def protected(self) -> bool:
        """Whether cells are locked."""
        return self.stored is not None and is_sheet_locked(self.book.package.parts[self.stored.part])

    def draw_anew(self) -> None:
        """Replace this sheet by an empty one."""
        old = self.drawn
        self.drawn = self.book.drawing.create_sheet(self.title)
        if old is not None:
            self.book.drawing.remove(old)
        self.drawn.title = self.title
        self.edits, self.blocks, self.list_top, self.list_styles, self.alts = {}, [], 0, [], []
        self.used = self.extension = ""
        self.results, self.live = {}, {}

    def keep(self) -> dict[str, Any]:
        """The state that ``restore`` needs to undo a drawing: a drawing replaces these objects and changes none of
        them."""
        return {name: getattr(self, name) for name in _DRAWN}

    def restore(self, kept: dict[str, Any]) -> None:
        """The sheet as it was when it was kept."""
        if self.drawn is not None and self.drawn is not kept["drawn"]:
            self.book.drawing.remove(self.drawn)
        for name, value in kept.items():
            setattr(self, name, value)
        if self.drawn is not None and self.drawn not in self.book.drawing.worksheets:
            self.book.drawing._add_sheet(self.drawn)

    def delete(self) -> None:
        if self.stored is not None:
            raise SegxlError(f"the sheet {self.title!r} can be deleted in Excel only")
        self.book.drawing.remove(self.drawn)
        self.book.sheets.sheets.remove(self)

    def clear(self) -> None:
        self.draw_anew()

    def activate(self) -> None:
        self.book.front = self.index - 1

    select = activate

    def range(self, first: Any, last: Any = None) -> Range:
        """By address, by corners in any order, or as (row, column, rows, columns)."""
        if isinstance(first, Range):
            first = (first.row, first.column, *first.shape)
        if isinstance(first, tuple) and len(first) == 4:
            top, left, rows, columns = first
        elif isinstance(first, tuple):
            top, left, rows, columns = *first, 1, 1
        else:
            left, top, right, bottom = (bound or 0 for bound in range_boundaries(first.replace("$", "")))
            rows, columns = (bottom - top + 1 if bottom else 0), (right - left + 1 if right else 0)
        if last is not None:
            other = last if isinstance(last, Range) else self.range(last)
            bottom = max(top + rows, other.row + other.shape[0])
            right = max(left + columns, other.column + other.shape[1])
            top, left = min(top, other.row), min(left, other.column)
            rows, columns = bottom - top, right - left
        return Range(self, top, left, rows, columns)

    @property
    def used_range(self) -> Range:
        grid = self.grid()
        formulas = self.formulas()  # some may have no result yet
        rows = max((row for row, _ in formulas), default=1)
        columns = max((column for _, column in formulas), default=1)
        return Range(self, 1, 1, max(len(grid), rows), max(columns, *map(len, grid), 1))

    def _own(self) -> Any:
        """openpyxl's sheet, if it is one that is drawn."""
        if self.drawn is None:
            raise SegxlError(f"the sheet {self.title!r} is your own: without Excel, segxl can change only its values")
        return self.drawn

    def grid(self) -> list[list[Value]]:
        """All values from A1 on."""
        if self.drawn is not None:
            rows = [[self._result(cell) for cell in row] for row in self.drawn.iter_rows()]
            for top, left, block in self.blocks:
                rows += [[] for _ in range(top + len(block) - 1 - len(rows))]
                for at, values in enumerate(block, start=top - 1):
                    rows[at] = rows[at][: left - 1] + [None] * (left - 1 - len(rows[at])) + list(values)
            return rows
        if self._grid is None:
            assert self.stored is not None
            cells = self.book.cells.get(self.stored.name)  # a chart sheet has none
            self._grid = [list(row) for row in cells.cells] if cells else []
        if not self.edits:
            return self._grid
        rows = [list(row) for row in self._grid]
        for (row, column), value in self.edits.items():
            rows += [[] for _ in range(row - len(rows))]
            rows[row - 1] += [None] * (column - len(rows[row - 1]))
            rows[row - 1][column - 1] = None if isinstance(value, Formula) else value
        return rows

    def _result(self, cell: Any) -> Value:
        """A drawn cell's value, of a formula its result."""
        known = self.results.get(cell.coordinate) if cell.data_type == "f" else None
        return live_value(*known) if known else _value(cell)

    def formulas(self) -> dict[tuple[int, int], str]:
        """The formulas of the file's sheet by row and column."""
        if self.drawn is not None or self.stored is None:
            return {}
        if self._formulas is None:
            self._formulas = formulas_of(self.book.package.parts[self.stored.part])
        kept = {at: formula for at, formula in self._formulas.items() if at not in self.edits}
        return kept | {at: str(value) for at, value in self.edits.items() if isinstance(value, Formula)}

    def put(self, top: int, left: int, rows: Rows) -> None:
        """Write values; those of a long list stay together as a block and become rows only when the file is saved."""
        if self.protected:
            raise SegxlError(f"the sheet {self.title!r} is protected: unprotect it (Review, Unprotect Sheet)")
        if self.drawn is None:
            for at, values in enumerate(rows, start=top):
                for column, value in enumerate(values, start=left):
                    plain = isinstance(value, str) and not isinstance(value, Formula)
                    self.edits[at, column] = value.removeprefix("'") if plain else value
        elif self.list_top and top >= self.list_top:
            self.blocks.append((top, left, rows))
        else:
            for at, values in enumerate(rows, start=top):
                for column, value in enumerate(values, start=left):
                    _put(self.drawn.cell(at, column), value)

    def calculate(self, row: int, column: int, formula: str) -> None:
        """Put a formula over the value of a drawn cell, which is its result."""
        if self.list_top and row >= self.list_top:
            self.live[row, column] = formula
            return
        cell = self.drawn.cell(row, column)
        kind, text = cell_value(cell._value, str, [])
        self.results[cell.coordinate] = kind, text
        cell._value, cell.data_type = f"={formula}", "f"

    def reserve_styles(self) -> None:
        """Number the styles of blocks before openpyxl writes its styles."""
        cells = self.book.drawing._cell_styles
        self.numbers = [
            ([{kind: cells.add(array) for kind, array in kinds.items()} for kinds in looks], which)
            for looks, which in self.list_styles
        ]

    def tail(self, styles: list[int]) -> Iterator[bytes]:
        """The rows of the blocks as XML; ``styles`` renumbers theirs."""
        columns = [
            _Column(get_column_letter(at), styles, looks, which, self.list_top)
            for at, (looks, which) in enumerate(self.numbers, start=1)
        ]
        for top, _, rows in self.blocks:
            for start in range(0, len(rows), _CHUNK):
                parts = []
                for row, values in enumerate(rows[start : start + _CHUNK], start=top + start):
                    parts.append(f'<row r="{row}">')
                    parts += [
                        column.cell(row, value, self.live.get((row, at), ""))
                        for at, (column, value) in enumerate(zip(columns, values, strict=True), start=1)
                    ]
                    parts.append("</row>")
                yield "".join(parts).encode()


class _Column:
    """A column of a long list as XML. Most values repeat: each is written once and then copied.

    ``which`` of the looks each row has, from row ``top`` on; empty where all have the first.
    """

    def __init__(
        self, letter: str, styles: Sequence[int], looks: Sequence[dict[CellKind, int]], which: Sequence[int], top: int
    ) -> None:
        self.letter, self.which, self.top = letter, which, top
        self.looks = [{kind: styles[number] for kind, number in kinds.items()} for kinds in looks]
        self.known: dict[Any, str] = {}

    def cell(self, row: int, value: Value, formula: str = "") -> str:
        if formula:
            styles = self.looks[self.which[row - self.top] if self.which else 0]
            return f'<c r="{self.letter}{row}{self._body(value, styles, formula)}'
        key: Any = (value,) if isinstance(value, bool) else value  # True is equal to 1
        look = self.which[row - self.top] if self.which else 0
        if look:
            key = (key, look)
        body = self.known.get(key)
        if body is None:
            if len(self.known) > _REMEMBERED:
                self.known.clear()
            body = self.known[key] = self._body(value, self.looks[look])
        return f'<c r="{self.letter}{row}{body}'

    def _body(self, value: Value, styles: dict[CellKind, int], formula: str = "") -> str:
        """The letters after the row's number."""
        if isinstance(value, bool):
            kind, text = cell_value(value, str, [])
        elif isinstance(value, (int, float)):
            kind, text = "number", repr(value)
        else:
            kind, text = cell_value(value.removeprefix("'") if value else None, str, [])
        return cell_xml("", styles[kind], kind, text, formula).removeprefix('<c r="')


class Range:
    """A block of cells; without rows or columns it covers all of them."""

    max_cells_per_read = max_cells_per_write = None

    def __init__(self, sheet: Sheet, row: int, column: int, rows: int, columns: int) -> None:
        self.sheet = sheet
        self.row, self.column, self.shape = row, column, (rows, columns)
        self.arg1_input = ""

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        return self.sheet.title, self.row, self.column, *self.shape

    @property
    def api(self) -> Range:
        return self

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int | None = None) -> Range:
        if column is None:
            row, column = divmod(row - 1, self.shape[1])
            row, column = row + 1, column + 1
        return Range(self.sheet, self.row + row - 1, self.column + column - 1, 1, 1)

    @property
    def address(self) -> str:
        return self.get_address(True, True, False)

    def get_address(self, row_absolute: bool, column_absolute: bool, external: bool) -> str:
        across, down = "$" * column_absolute, "$" * row_absolute

        def cell(row: int, column: int) -> str:
            return f"{across}{get_column_letter(column)}{down}{row}"

        first = cell(self.row, self.column)
        last = cell(self.row + self.shape[0] - 1, self.column + self.shape[1] - 1)
        text = first if first == last else f"{first}:{last}"
        return f"'[{self.sheet.book.name}]{self.sheet.title}'!{text}" if external else text

    @property
    def raw_value(self) -> list[list[Value]]:
        rows, columns = self.shape
        grid = self.sheet.grid()[self.row - 1 : self.row - 1 + rows]
        found = [row[self.column - 1 : self.column - 1 + columns] for row in grid]
        return [row + [None] * (columns - len(row)) for row in found] + [
            [None] * columns for _ in range(rows - len(found))
        ]

    @raw_value.setter
    def raw_value(self, data: Value) -> None:
        if not isinstance(data, (list, tuple)):
            data = [[data] * self.shape[1] for _ in range(self.shape[0])]
        self.sheet.put(self.row, self.column, data)

    @property
    def formula(self) -> str | tuple[tuple[str, ...], ...]:
        """Formulas, and where a cell has none its value as text."""
        known = self.sheet.formulas()
        found = tuple(
            tuple(
                known.get((row, column), "" if value is None else str(value))
                for column, value in enumerate(values, self.column)
            )
            for row, values in enumerate(self.raw_value, self.row)
        )
        return found[0][0] if len(self) == 1 else found

    @formula.setter
    def formula(self, formula: str) -> None:
        self.raw_value = Formula(formula)

    formula2 = formula

    def clear_contents(self) -> None:
        self.raw_value = None

    @property
    def has_array(self) -> bool:
        return False

    @property
    def column_width(self) -> float:
        return float(self.sheet._own().column_dimensions[get_column_letter(self.column)].width)

    @column_width.setter
    def column_width(self, width: float) -> None:
        for column in range(self.column, self.column + self.shape[1]):
            self.sheet._own().column_dimensions[get_column_letter(column)].width = width

    @property
    def row_height(self) -> float | None:
        height = self.sheet._own().row_dimensions[self.row].height
        return None if height is None else float(height)

    @row_height.setter
    def row_height(self, height: float) -> None:
        for row in range(self.row, self.row + self.shape[0]):
            self.sheet._own().row_dimensions[row].height = height

    def merge(self, across: bool) -> None:
        last = (self.row + self.shape[0] - 1, self.column + self.shape[1] - 1)
        self.sheet._own().merged_cells.add(
            CellRange(min_row=self.row, min_col=self.column, max_row=last[0], max_col=last[1])
        )

    def select(self) -> None:
        self.sheet.activate()
        self.sheet.book.app.cell = self


def _put(cell: Any, value: Value) -> None:
    """A value into one of openpyxl's cells as Excel would take it."""
    if isinstance(value, str) and value.startswith("=") and cell.number_format != "@":
        cell._value, cell.data_type = value, "f"
    elif isinstance(value, str):
        cell._value, cell.data_type = cell_value(value.removeprefix("'"), str, [])[1] or None, "s"
    else:
        cell._value, cell.data_type = value, "b" if isinstance(value, bool) else "n"


def _value(cell: Any) -> Value:
    if cell.value is None or cell.data_type == "f":
        return None
    return live_value("text", cell.value) if isinstance(cell.value, str) else cell.value
