"""The abilities that drawing asks of the place where a workbook is open; :mod:`segxl.excel.drawing.hosts` has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from openpyxl.utils import get_column_letter

from segxl.render.shared.theme import Look
from segxl.render.xlsx.layout import ColumnStyles, Drawn, Layout, StyleKey

if TYPE_CHECKING:
    import xlwings as xw

Value = str | int | float | bool | None


class Area(NamedTuple):
    """A block of cells, corners included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def address(self) -> str:
        """``B2:C9``."""
        return f"{get_column_letter(self.left)}{self.top}:{get_column_letter(self.right)}{self.bottom}"


class Host(Protocol):
    """The abilities that xlwings lacks on some systems; one implementation for each place where a workbook can be
    open."""

    def is_locked(self, book: xw.Book) -> bool:
        """Whether sheets cannot be added."""

    def is_protected(self, sheet: xw.Sheet) -> bool:
        """Whether the sheet's cells cannot be changed."""

    def table_names(self, book: xw.Book, drawn: set[str]) -> set[str]:
        """In lower case the names that a table cannot have, those of tables on ``drawn`` sheets aside."""

    def hidden_rows(self, sheet: xw.Sheet) -> int:
        """The number of hidden rows of a sheet, hidden by hand or by a filter."""

    def from_1904(self, book: xw.Book) -> bool:
        """Whether the workbook's serial numbers count days from 1904."""

    def mark_merged(self, sheet: xw.Sheet, cells: list[list[Any]]) -> list[list[Any]]:
        """A sheet's cells from A1 on with a mark in those that are merged with the cell above."""

    def keep(self, sheet: xw.Sheet) -> Any:
        """The state that ``restore`` needs to undo later changes to the sheet."""

    def restore(self, sheet: xw.Sheet, kept: Any) -> None:
        """Put a sheet back as it was kept."""

    def forget(self, kept: Any) -> None:
        """Drop what ``keep`` gave: the sheet will not be restored."""

    def wipe(self, sheet: xw.Sheet) -> None:
        """Empty a sheet: values, looks, charts, links, tips, panes. References to it stay."""

    def paint(self, sheet: xw.Sheet, look: Look, key: StyleKey, areas: Sequence[Area]) -> None:
        """The look of cells, number format included."""

    def paint_list(self, sheet: xw.Sheet, layout: Layout, styles: Sequence[ColumnStyles]) -> None:
        """The look of a long list's rows below its header, their height included."""

    def show(self, sheet: xw.Sheet) -> None:
        """Bring a sheet to the front."""

    def unhide(self, sheet: xw.Sheet) -> None:
        """Show a hidden sheet."""

    def hide(self, sheet: xw.Sheet) -> None:
        """Hide a sheet so that it is not offered to be shown, where there is such a thing."""

    def as_text(self, sheet: xw.Sheet, area: Area) -> None:
        """Format cells as text, so that Excel does not change their contents."""

    def set_up(self, sheet: xw.Sheet, layout: Layout) -> None:
        """Gridlines, frozen panes, outline, colour of the tab, paper."""

    def put(self, cells: xw.Range, rows: Sequence[Sequence[Value]]) -> None:
        """Write a block of values, the quickest way."""

    def link(self, sheet: xw.Sheet, cell: Drawn, target: str, tip: str) -> None:
        """A jump to ``'Won'!A12:H40``; the cell's value and look stay."""

    def tip(self, sheet: xw.Sheet, cell: Drawn) -> None:
        """A note that is shown when the pointer rests on the cell."""

    def table(self, sheet: xw.Sheet, area: Area, name: str, headers: Sequence[str]) -> None:
        """A table with a filter on its header; before its values are written."""

    def calculate(self, sheet: xw.Sheet, area: Area, formulas: Sequence[Sequence[str]]) -> None:
        """Formulas, each with its ``=``, over the values of a block of cells; once all sheets and tables are there."""

    def charts(self, sheet: xw.Sheet, layout: Layout) -> None:
        """The page's charts and sparklines; once all sheets have their values."""
