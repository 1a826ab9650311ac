"""The workbook: every page of a pack drawn as a sheet of an .xlsx file.

Looks come from a template, number formats from units, values, places and formulas from the page model; nothing is
calculated: a formula's result is the page's own value. The same pack and template make the same bytes. All values pass
through ``segxl.render.xlsx.excel_values.cell_value``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as XlCell
from openpyxl.comments import Comment
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font, NamedStyle, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table

from segxl.errors import SegxlError
from segxl.pages.model import Pack, Page, Records
from segxl.render.shared.atomic_files import template_path
from segxl.render.shared.colours import fill_colour, hex_colour, paler, theme_colours
from segxl.render.shared.sparklines import sparklines_on, sparklines_xml
from segxl.render.shared.theme import Logo, Look, read_look
from segxl.render.xlsx.charts import excel_chart
from segxl.render.xlsx.excel_values import (
    MAX_TEXT,
    TEXT_KINDS,
    CellKind,
    Texts,
    cell_xml,
    clean_text,
    column_pixels,
    count_lines,
    cut_text,
    link_xml,
    plain_list,
)
from segxl.render.xlsx.flow_shapes import flow_group
from segxl.render.xlsx.layout import Drawn, Frame, Layout, Outline, StyleKey
from segxl.render.xlsx.package import SheetRows, save_package
from segxl.render.xlsx.record_rows import RecordColumn, record_rows

_PAPER = {"A4": 9, "Letter": 1}
LINK_STYLES = {"text", "label", "sublabel", "note", "cell"}
_VERDICTS = {"pass", "fail"}
_EMU_CM, _EMU_POINT, _EMU_PIXEL = 360_000, 12_700, 9_525
_CALCULATED_BY = 191_029
"""The calculation engine of Excel 2019 and later."""


def write_xlsx(pack: Pack, path: Path, *, template: Path | None = None) -> tuple[str, ...]:
    """Draw ``pack`` as the workbook ``path``, which is replaced if it exists.

    Args:
        pack: the pages, in order.
        path: the .xlsx file to write. Not atomic by itself: see ``segxl.render.shared.atomic_files.write_atomically``.
        template: the workbook that holds the look; the one that comes with segxl if None.

    Returns:
        Notes for people: what could not be shown in full (text that was cut, long numbers kept as text), and
        charts that lie over one another or over values.

    Raises:
        SegxlError: a page has more rows or columns than Excel, a value that no cell holds, a link or chart
            that leads nowhere; or the template cannot be used.
    """
    look = read_look(template or template_path("scorecard.xlsx"))
    drawing = _Book(Frame(pack, look))
    for page in pack.pages:
        drawing.draw(page)
    drawing.name_cells()
    parts = (drawing.alts, drawing.used, drawing.extensions)
    save_package(drawing.book, path, *parts, rows=drawing.rows, texts=drawing.texts, shapes=drawing.shapes)
    drawing.rows.clear()  # they know the drawing: nothing else would free it at once
    return tuple(drawing.frame.notes)


class _Book:
    """The workbook while it is drawn; ``rows``, ``alts``, ``used``, ``extensions``, ``texts`` and ``shapes`` are what
    ``save_package`` takes."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.rows: dict[str, SheetRows] = {}
        self.alts: dict[str, list[str]] = {}
        self.used: dict[str, str] = {}
        self.extensions: dict[str, str] = {}
        self.texts = Texts()
        self.shapes: dict[str, str] = {}
        self.book = self._new_book()
        self.styles = Styles(self.book, frame.look)

    def _new_book(self) -> Workbook:
        book: Any = Workbook()
        book.remove(book.active)
        # Results are there: Excel would calculate, and ask to save an unchanged file, if asked to, or if an older
        # Excel had calculated last.
        book.calculation.fullCalcOnLoad, book.calculation.calcId = False, _CALCULATED_BY
        book.loaded_theme = self.frame.look.theme
        properties, pack = book.properties, self.frame.pack
        properties.creator = "segxl"
        properties.title, properties.subject = clean_text(pack.title), clean_text(pack.subject)
        for name, text in pack.properties.items():
            book.custom_doc_props.append(StringProperty(name=clean_text(name), value=clean_text(text)))
        result: Workbook = book
        return result

    def name_cells(self) -> None:
        """Give cells the names that pages have for them."""
        frame, book = self.frame, cast(Any, self.book)
        tables = {name.casefold() for name in frame.tables.values()}
        for name, (key, row, column) in frame.formulas.names.items():
            if name.casefold() in tables:
                raise SegxlError(f"a cell and a table have the name {name!r}, which Excel refuses")
            place = f"{quote_sheetname(frame.titles[key])}!${get_column_letter(column)}${row}"
            book.defined_names[name] = DefinedName(name, attr_text=place)

    def draw(self, page: Page) -> None:
        """Draw one page as the next sheet."""
        _Sheet(self, Layout(self.frame, page)).draw()


class Styles:
    """Cell styles by their properties, each made once: openpyxl's own way of styling is slow."""

    def __init__(self, book: Workbook, look: Look) -> None:
        self.book: Any = book
        self.look = look
        self.made: dict[StyleKey, Any] = {}
        self.numbers: dict[StyleKey, int] = {}
        self.theme = theme_colours(look)
        for name, sample in look.samples.items():
            book.add_named_style(
                NamedStyle(
                    name=f"segxl {name}",  # the prefix keeps clear of Excel's own Title, Good, Note and Total
                    font=sample.font,
                    fill=sample.fill,
                    border=sample.border,
                    alignment=sample.alignment,
                )
            )

    def get(self, key: StyleKey) -> Any:
        """openpyxl's style array for values of a kind, to be shared by all cells of that look."""
        if key not in self.made:
            self.made[key] = self._make(*key)
        return self.made[key]

    def number(self, key: StyleKey) -> int:
        """The style's number in the file."""
        if key not in self.numbers:
            self.numbers[key] = int(self.book._cell_styles.add(self.get(key)))
        return self.numbers[key]

    def _make(self, style: str, number_format: str, kind: CellKind, link: bool, indent: int, shade: float) -> Any:
        if style not in self.look.samples:
            raise SegxlError(f"a page uses the style {style!r}, which the page model does not know")
        cell: Any = XlCell(self.book.worksheets[0], row=1, column=1)
        cell.style = f"segxl {style}"
        cell.number_format = number_format
        if kind in ("quoted", "long"):
            cell.quotePrefix = True
        if link and kind in TEXT_KINDS and style in LINK_STYLES:
            words = self.look.fonts["link"]
            cell.font = _with(cell.font, color=words.color, underline=words.underline)
        if kind in ("number", "date") and cell.alignment.horizontal in (None, "general"):
            numbers = self.look.samples["value"].alignment  # totals are below the numbers they sum
            cell.alignment = _with(cell.alignment, horizontal=numbers.horizontal, indent=numbers.indent)
        if indent > cell.alignment.indent:
            cell.alignment = _with(cell.alignment, indent=indent)
        if shade != 1 and (fill := fill_colour(self.look.samples[style], self.theme)) is not None:
            cell.fill = PatternFill("solid", fgColor=f"FF{paler(fill, shade)[1:].upper()}")
        return cell._style


def _with(part: Any, **changes: object) -> Any:
    """A copy of a font or an alignment with other attributes."""
    changed = copy(part)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


class _Sheet:
    """One page while it is drawn."""

    def __init__(self, book: _Book, layout: Layout) -> None:
        self.book = book
        self.layout = layout
        self.page = layout.page
        self.look = layout.look
        self.title = layout.title
        self.sheet: Any = book.book.create_sheet(self.title)
        self.links: list[str] = []
        self.tips: list[CommentRecord] = []

    def draw(self) -> None:
        layout = self.layout
        set_up_sheet(self.sheet, layout)
        rows = [*self._rows(), *([self._header(layout.records)] if layout.records is not None else [])]
        last = f"{layout.last_column}{max(layout.last_row, 1)}"
        # Styles are numbered before the file's style part is written, the rows of a list only after it.
        styles = self._record_styles(layout.records) if layout.records is not None else []
        self.book.rows[self.title] = SheetRows(
            f"A1:{last}", lambda: self._all_rows(rows, styles), self.links, self.tips
        )
        if layout.last_row:
            self.book.used[self.title] = f"A1:{last}"
        self.book.alts[self.title] = draw_charts(self.sheet, layout)
        self.book.shapes[self.title] = "".join(self._flows())
        lines = [(cell, line.values) for cell, line in sparklines_on(self.page)]
        frame = layout.frame
        self.book.extensions[self.title] = sparklines_xml(lines, frame.address, frame.values, self.look.colours)
        if self.page is self.book.frame.pack.pages[0]:
            self._draw_logos()

    def _rows(self) -> Iterator[str]:
        """The XML of the page's rows."""
        cells = groupby(self.layout.cells(), key=lambda cell: cell.row)
        number, drawn = next(cells, (0, iter(())))
        for at in range(1, len(self.page.rows) + 1):
            shown = "".join(map(self._cell, drawn)) if number == at else ""
            look = _height(self.layout.height(at)) + _outlined(self.layout.outline(at))
            yield f'<row r="{at}"{look}>{shown}</row>'
            if number == at:
                number, drawn = next(cells, (0, iter(())))

    def _cell(self, cell: Drawn) -> str:
        """The XML of a cell, and of those to the right that it covers."""
        place, style = f"{get_column_letter(cell.column)}{cell.row}", self.book.styles.number(cell.style)
        last = cell.column + cell.span - 1
        area = place if cell.span == 1 else f"{place}:{get_column_letter(last)}{cell.row}"
        if cell.formula and cell.style.style in _VERDICTS:
            self.sheet.conditional_formatting.add(place, _failing(self.look))
        if cell.span > 1:
            covered = CellRange(min_row=cell.row, max_row=cell.row, min_col=cell.column, max_col=last)
            self.sheet.merged_cells.add(covered)
        if cell.link:
            frame = self.layout.frame
            self.links.append(link_xml(area, frame.link_target(cell.link), frame.link_tip(cell.link)))
        if cell.tip:
            tip = comment(cell.tip)
            record = CommentRecord(place, author=tip.author, height=tip.height, width=tip.width)
            record.text.t = tip.content
            self.tips.append(record)
        drawn = cell_xml(place, style, cell.kind, cell.text, cell.formula, self.book.texts)
        for column in range(cell.column + 1, last + 1):  # they need the style too: else its rule ends with the first
            drawn += cell_xml(f"{get_column_letter(column)}{cell.row}", style, "", "")
        return drawn

    def _header(self, records: Records) -> str:
        """The XML of the list's header; the list becomes a table."""
        layout = self.layout
        header = layout.header(records)
        ref = f"A{layout.top}:{get_column_letter(len(header))}{layout.last_row}"
        name = layout.frame.tables[self.page.key]
        self.sheet.add_table(listed_table(name, ref, [cell.text for cell in header]))
        cells = "".join(map(self._cell, header))
        return f'<row r="{layout.top}"{_height(layout.height(layout.top))}>{cells}</row>'

    def _record_styles(self, records: Records) -> list[tuple[list[dict[CellKind, int]], Sequence[int]]]:
        number = self.book.styles.number
        return [
            ([{kind: number(key) for kind, key in kinds.items()} for kinds in column.kinds], column.which)
            for column in self.layout.record_styles(records)
        ]

    def _all_rows(
        self, rows: Sequence[str], styles: Sequence[tuple[list[dict[CellKind, int]], Sequence[int]]]
    ) -> Iterator[bytes]:
        """The XML of all rows."""
        yield "".join(rows).encode()
        records, layout = self.layout.records, self.layout
        if records is not None:
            columns = [
                RecordColumn(plain_list(field.values), numbered, which, live, self.book.texts)
                for field, (numbered, which), live in zip(
                    records.fields, styles, layout.record_formulas(records), strict=True
                )
            ]
            yield from record_rows(columns, layout.top + 1, layout.where, layout.frame.notes)

    def _flows(self) -> Iterator[str]:
        """The page's flows, each as wide as the columns from its own on."""
        text, font = self.look.fonts["chart text"], self.look.samples["text"].font
        theme = self.book.styles.theme
        colours = {way: fill_colour(self.look.samples[way], theme) or "#bdbdbd" for way in ("up", "down", "same")}
        colours["text"] = hex_colour(text.color, theme) or "#595959"
        number = 1 + len(self.page.charts)
        for flow in self.page.flows:
            width = sum(column_pixels(one) for one in self.layout.widths[flow.column - 1 :])
            yield (group := flow_group(flow, width, colours, font.name or "Calibri", number))
            number += group.count("<cNvPr ")

    def _draw_logos(self) -> None:
        """At the top right of the first page, at most 5 × 1.6 cm, over the cells."""
        right = sum(column_pixels(width) for width in self.layout.widths) * _EMU_PIXEL
        for logo in self.look.logos:
            scale = min(1.0, 5 * _EMU_CM / logo.width, 1.6 * _EMU_CM / logo.height)
            width, height = round(logo.width * scale), round(logo.height * scale)
            right = max(right - width, 0)
            self.sheet._images.append(_Picture(logo, self._anchor(right, width, height)))
            self.book.alts[self.title].append(clean_text(logo.alt))
            right -= _EMU_CM // 4

    def _anchor(self, left: int, width: int, height: int) -> OneCellAnchor:
        column, widths = 0, self.layout.widths
        while column < len(widths) - 1 and left >= column_pixels(widths[column]) * _EMU_PIXEL:
            left -= column_pixels(widths[column]) * _EMU_PIXEL
            column += 1
        marker = AnchorMarker(col=column, colOff=left, row=0, rowOff=2 * _EMU_POINT)
        return OneCellAnchor(_from=marker, ext=XDRPositiveSize2D(width, height))


def _failing(look: Look) -> Rule:
    """The look of a verdict that becomes FAIL when the workbook calculates."""
    sample = look.samples["fail"]
    fill = PatternFill(bgColor=sample.fill.fgColor) if sample.fill.fill_type else None
    style: Any = DifferentialStyle(font=Font(color=sample.font.color), fill=fill)
    return Rule(type="cellIs", operator="equal", formula=['"FAIL"'], dxf=style)


def set_up_sheet(sheet: Any, layout: Layout) -> None:
    """Widths, panes and paper of a page's sheet."""
    page, look = layout.page, layout.look
    for column, width in enumerate(layout.widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.sheet_format.defaultRowHeight = layout.default_height
    sheet.sheet_format.customHeight = True
    sheet.sheet_format.outlineLevelRow = max((row.level for row in page.rows), default=0) or None
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.outlinePr.summaryBelow = False
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.sheet_properties.tabColor = look.colours[f"tab {page.tab}"]
    sheet.page_setup.orientation = page.orientation
    sheet.page_setup.paperSize = _PAPER[layout.frame.pack.paper]
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, int(page.one_paper)
    sheet.page_margins = look.margins
    if page.freeze:
        sheet.freeze_panes = f"{get_column_letter(page.freeze[1])}{page.freeze[0]}"
    if layout.print_area:
        sheet.print_area = layout.print_area
    repeat = layout.repeat_rows
    if repeat:
        sheet.print_title_rows = f"{repeat[0]}:{repeat[1]}"
    for target, sample in ((sheet.oddHeader, look.header), (sheet.oddFooter, look.footer)):
        for side in ("left", "center", "right"):
            part, model = getattr(target, side), getattr(sample, side)
            part.text = layout.frame.printed(model.text or "") or None
            part.font, part.size, part.color = model.font, model.size, model.color


def _outlined(outline: Outline) -> str:
    """The attributes of a grouped row."""
    words = ("outlineLevel", "hidden", "collapsed")
    return "".join(f' {word}="{int(value)}"' for word, value in zip(words, outline, strict=True) if value)


def _height(points: float) -> str:
    return f' ht="{points}" customHeight="1"'


def draw_charts(sheet: Any, layout: Layout) -> list[str]:
    """Add a page's charts to its sheet; their alternative texts are returned."""
    alts = []
    for chart in layout.page.charts:
        try:
            drawn = excel_chart(chart, layout.frame.values, layout.frame.address, layout.look)
        except ValueError as error:
            raise SegxlError(f"page {layout.page.title!r}: {error}") from error
        row, below = chart.row, chart.down * 72 / 2.54
        while below >= layout.height(row):  # Excel puts no anchor below its row
            row, below = row + 1, below - layout.height(row)
        # A little below the row's top edge, so that the rule of the row above stays visible.
        offset = round(min(below + 3, layout.height(row)) * _EMU_POINT)
        marker = AnchorMarker(col=chart.column - 1, row=row - 1, rowOff=offset)
        size = XDRPositiveSize2D(round(chart.width * _EMU_CM), round(chart.height * _EMU_CM))
        drawn.anchor = OneCellAnchor(_from=marker, ext=size)
        sheet.add_chart(drawn)
        alts.append(clean_text(chart.alt or chart.title))
    layout.note_hidden()
    return alts


def listed_table(name: str, ref: str, headers: list[str]) -> Table:
    """A table with a filter on its header."""
    table: Any = Table(displayName=name, ref=ref)
    table._initialise_columns()  # with a filter; openpyxl would number the headers else
    for column, header in zip(table.tableColumns, headers, strict=True):
        column.name = header
    result: Table = table
    return result


def hyperlink(target: str, tip: str) -> Hyperlink:
    """A jump within the workbook."""
    return Hyperlink(ref="", location=target, tooltip=tip)


def comment(text: str) -> Comment:
    """Wide enough to read, tall enough for its words."""
    text = cut_text(clean_text(text), MAX_TEXT)
    return Comment(text, "segxl", width=320, height=16 + 18 * count_lines(text, 215, 10))


class _Picture(Image):
    """A picture for openpyxl, whose own kind needs Pillow to measure it."""

    def __init__(self, logo: Logo, anchor: OneCellAnchor) -> None:
        self.logo, self.anchor, self.format = logo, anchor, logo.format

    def _data(self) -> bytes:
        return self.logo.data
