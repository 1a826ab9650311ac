"""The abilities beyond xlwings of each place where a workbook can be open."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter

from segxl.excel.drawing.host import Area, Host
from segxl.render.shared.sparklines import sparklines_on, sparklines_xml
from segxl.render.shared.theme import Look
from segxl.render.xlsx.excel_values import CellKind
from segxl.render.xlsx.layout import ColumnStyles, Drawn, Layout, StyleKey
from segxl.render.xlsx.writer import Styles, comment, draw_charts, hyperlink, listed_table, set_up_sheet

if TYPE_CHECKING:
    import xlwings as xw


def host_of(book: xw.Book) -> Host:
    """The host of an open workbook."""
    if book.app.engine.name == "segxl":
        return FileHost()
    from segxl.excel.drawing.desktop import MacHost, WindowsHost

    return MacHost() if sys.platform == "darwin" else WindowsHost()


class FileHost:
    """A workbook file without Excel (:mod:`segxl.excel.file_engine.xlwings_engine`): openpyxl draws its sheets, as it
    does in packs.

    Less than a pack: no logo.
    """

    def is_locked(self, book: xw.Book) -> bool:
        return bool(book.impl.locked)

    def is_protected(self, sheet: xw.Sheet) -> bool:
        return bool(sheet.impl.protected)

    def table_names(self, book: xw.Book, drawn: set[str]) -> set[str]:
        names: set[str] = book.impl.table_names(drawn)
        return names

    def hidden_rows(self, sheet: xw.Sheet) -> int:
        stored = sheet.book.impl.cells.get(sheet.name)
        return stored.hidden_rows if stored else 0

    def from_1904(self, book: xw.Book) -> bool:
        return any(stored.from_1904 for stored in book.impl.cells.values())

    def mark_merged(self, sheet: xw.Sheet, cells: list[list[Any]]) -> list[list[Any]]:
        return cells  # marked when the file was read

    def keep(self, sheet: xw.Sheet) -> Any:
        return sheet.impl.keep()

    def restore(self, sheet: xw.Sheet, kept: Any) -> None:
        sheet.impl.restore(kept)

    def forget(self, kept: Any) -> None:
        pass

    def wipe(self, sheet: xw.Sheet) -> None:
        sheet.clear()

    def show(self, sheet: xw.Sheet) -> None:
        sheet.impl.activate()

    def unhide(self, sheet: xw.Sheet) -> None:
        sheet.impl.state = "visible"

    def hide(self, sheet: xw.Sheet) -> None:
        sheet.impl.state = "veryHidden"

    def paint(self, sheet: xw.Sheet, look: Look, key: StyleKey, areas: Sequence[Area]) -> None:
        style = _made(sheet, look).get(key)
        for area in areas:
            for row in range(area.top, area.bottom + 1):
                for column in range(area.left, area.right + 1):
                    sheet.impl.drawn.cell(row, column)._style = style

    def paint_list(self, sheet: xw.Sheet, layout: Layout, styles: Sequence[ColumnStyles]) -> None:
        made = _made(sheet, layout.look)
        sheet.impl.list_top = layout.top + 1
        sheet.impl.list_styles = [
            ([{kind: made.get(key) for kind, key in kinds.items()} for kinds in column.kinds], column.which)
            for column in styles
        ]

    def as_text(self, sheet: xw.Sheet, area: Area) -> None:
        cell: Any = Cell(sheet.impl.drawn, row=1, column=1)  # on no sheet: only its style is wanted
        cell.number_format = "@"
        sheet.impl.list_top = area.top
        kinds: tuple[CellKind, ...] = ("", "text", "quoted", "long")
        sheet.impl.list_styles = [([dict.fromkeys(kinds, cell._style)], ())] * (area.right - area.left + 1)

    def set_up(self, sheet: xw.Sheet, layout: Layout) -> None:
        own = sheet.impl.drawn
        set_up_sheet(own, layout)
        for number in range(1, len(layout.page.rows) + 1):
            outline = layout.outline(number)
            if any(outline):
                row = own.row_dimensions[number]
                row.outlineLevel, row.hidden, row.collapsed = outline
        if layout.last_row:
            sheet.impl.used = f"A1:{layout.last_column}{layout.last_row}"

    def put(self, cells: xw.Range, rows: Sequence[Sequence[Any]]) -> None:
        cells.raw_value = rows  # the engine keeps values as they are

    def link(self, sheet: xw.Sheet, cell: Drawn, target: str, tip: str) -> None:
        linked = sheet.impl.drawn.cell(cell.row, cell.column)
        value, kind = linked._value, linked.data_type
        linked.hyperlink = hyperlink(target, tip)
        linked._value, linked.data_type = value, kind  # openpyxl writes the target into an empty cell
        if cell.span > 1:
            linked.hyperlink.ref += f":{get_column_letter(cell.column + cell.span - 1)}{cell.row}"

    def tip(self, sheet: xw.Sheet, cell: Drawn) -> None:
        sheet.impl.drawn.cell(cell.row, cell.column).comment = comment(cell.tip)

    def table(self, sheet: xw.Sheet, area: Area, name: str, headers: Sequence[str]) -> None:
        sheet.impl.drawn.add_table(listed_table(name, area.address, list(headers)))

    def calculate(self, sheet: xw.Sheet, area: Area, formulas: Sequence[Sequence[str]]) -> None:
        for row, texts in enumerate(formulas, area.top):
            for column, text in enumerate(texts, area.left):
                sheet.impl.calculate(row, column, text.removeprefix("="))

    def charts(self, sheet: xw.Sheet, layout: Layout) -> None:
        sheet.impl.alts = draw_charts(sheet.impl.drawn, layout)
        lines = [(cell, line.values) for cell, line in sparklines_on(layout.page)]
        frame = layout.frame
        sheet.impl.extension = sparklines_xml(lines, frame.address, frame.values, layout.look.colours)


def _made(sheet: xw.Sheet, look: Look) -> Styles:
    styles: Styles = sheet.book.impl.styles(look)
    return styles
