"""The workbook: every page of a pack drawn as a sheet of an .xlsx file.

Looks come from a template, number formats from units, values and places from the page model; nothing is
calculated and no formula is written. The same pack and template make the same bytes. All values pass through
``segxl.render.cells.cell_value``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as XlCell
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import NamedStyle
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table

from segxl.errors import SegxlError
from segxl.pages.model import Cell, Field, Link, Pack, Page, Range, Records, Row, Scalar
from segxl.render.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_TEXT,
    TEXT_KINDS,
    Kind,
    cell_value,
    cell_xml,
    clean_text,
    column_pixels,
    column_points,
    count_lines,
    cut_text,
    is_number,
    number_format,
    plain_list,
    sheet_titles,
    table_headers,
    table_name,
)
from segxl.render.charts import excel_chart
from segxl.render.files import template_path
from segxl.render.look import Logo, Look, read_look
from segxl.render.package import SheetTail, save_package
from segxl.render.places import hidden_by_charts
from segxl.render.ranges import page_of, pages_by_key, range_values

_PAPER = {"A4": 9, "Letter": 1}
_STORED = {"text": "s", "quoted": "s", "long": "s", "bool": "b"}  # in openpyxl's words; else a number
_EXAMPLES: dict[Kind, object] = {
    "": None,
    "text": "",
    "quoted": "",
    "long": "",
    "number": 0,
    "date": date.min,
    "bool": True,
}
_LINK_STYLES = {"text", "label", "sublabel", "note", "cell"}
_EMU_CM, _EMU_POINT, _EMU_PIXEL = 360_000, 12_700, 9_525
_CHUNK = 500
_PRINTED = 75  # Excel refuses a printed header of more than 255 characters, codes and all
_TALLEST, _WIDEST = 409.0, 255.0  # of a row in points, of a column in characters


def write_xlsx(pack: Pack, path: Path, *, template: Path | None = None) -> tuple[str, ...]:
    """Draw ``pack`` as the workbook ``path``, which is replaced if it exists.

    Args:
        pack: the pages, in order.
        path: the .xlsx file to write. Not atomic by itself: see ``segxl.render.files.write_atomically``.
        template: the workbook that holds the look; the one that comes with segxl if None.

    Returns:
        Notes for people: what could not be shown in full (text that was cut, long numbers kept as text), and
        charts that lie over one another or over values.

    Raises:
        SegxlError: a page has more rows or columns than Excel, a value that no cell holds, a link or chart
            that leads nowhere; or the template cannot be used.
    """
    look = read_look(template or template_path("scorecard.xlsx"))
    drawing = _Book(pack, look)
    for page in pack.pages:
        drawing.draw(page)
    save_package(drawing.book, path, drawing.tails, drawing.alts, drawing.used)
    return tuple(drawing.notes)


class _Book:
    """The workbook while it is drawn; ``tails``, ``alts`` and ``used`` are what ``save_package`` takes."""

    def __init__(self, pack: Pack, look: Look) -> None:
        self.pack = pack
        self.look = look
        self.notes: list[str] = []
        self.tails: dict[str, SheetTail] = {}
        self.alts: dict[str, list[str]] = {}
        self.used: dict[str, str] = {}
        self.pages = pages_by_key(pack)
        self.titles = dict(zip(self.pages, sheet_titles([page.title for page in pack.pages]), strict=True))
        self.plotted = [one.values for page in pack.pages for chart in page.charts for one in chart.series]
        self.book = self._new_book()
        self.styles = _Styles(self.book, look)
        self.tables: set[str] = set()

    def _new_book(self) -> Workbook:
        book: Any = Workbook()
        book.remove(book.active)
        book.calculation.fullCalcOnLoad = False  # no formulas: else Excel asks to save what nobody changed
        book.loaded_theme = self.look.theme
        properties = book.properties
        properties.creator = "segxl"
        properties.title, properties.subject = clean_text(self.pack.title), clean_text(self.pack.subject)
        for name, text in self.pack.properties.items():
            book.custom_doc_props.append(StringProperty(name=clean_text(name), value=clean_text(text)))
        result: Workbook = book
        return result

    def draw(self, page: Page) -> None:
        """Draw one page as the next sheet."""
        _Sheet(self, page).draw()

    def link_target(self, link: Link) -> str:
        """``'Won'!A12:H40``: following it selects the whole block."""
        if link.page not in self.titles:
            raise SegxlError(f"a link leads to the page {link.page!r}, which the pack does not have")
        last = get_column_letter(max(link.columns, 1))
        return f"{quote_sheetname(self.titles[link.page])}!A{link.first}:{last}{max(link.first, link.last)}"

    def address(self, place: Range) -> str:
        """``'Trend'!$B$5:$N$5``."""
        first, last = get_column_letter(place.first_column), get_column_letter(place.last_column)
        title = quote_sheetname(self.titles[page_of(self.pages, place).key])
        return f"{title}!${first}${place.first_row}:${last}${place.last_row}"

    def values(self, place: Range) -> tuple[list[Scalar], str]:
        """The values of a range and their number format."""
        return range_values(page_of(self.pages, place), place)


class _Styles:
    """Cell styles by what they depend on, each made once: openpyxl's own way of styling is slow."""

    def __init__(self, book: Workbook, look: Look) -> None:
        self.book: Any = book
        self.look = look
        self.made: dict[tuple[str, str, Kind, bool, int], Any] = {}
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

    def get(self, style: str, number_format: str, kind: Kind = "", link: bool = False, indent: int = 0) -> Any:
        """openpyxl's style array for values of a kind, to be shared by all cells of that look."""
        key = (style, number_format, kind, link, indent)
        if key not in self.made:
            self.made[key] = self._make(*key)
        return self.made[key]

    def number(self, array: Any) -> int:
        """The style's number in the file."""
        return int(self.book._cell_styles.add(array))

    def _make(self, style: str, number_format: str, kind: Kind, link: bool, indent: int) -> Any:
        if style not in self.look.samples:
            raise SegxlError(f"a page uses the style {style!r}, which the page model does not know")
        cell: Any = XlCell(self.book.worksheets[0], row=1, column=1)
        cell.style = f"segxl {style}"
        cell.number_format = number_format
        if kind in ("quoted", "long"):
            cell.quotePrefix = True
        if link and kind in TEXT_KINDS and style in _LINK_STYLES:
            words = self.look.fonts["link"]
            cell.font = _with(cell.font, color=words.color, underline=words.underline)
        if kind in ("number", "date") and cell.alignment.horizontal in (None, "general"):
            numbers = self.look.samples["value"].alignment  # totals stand under the numbers they sum
            cell.alignment = _with(cell.alignment, horizontal=numbers.horizontal, indent=numbers.indent)
        if indent > cell.alignment.indent:
            cell.alignment = _with(cell.alignment, indent=indent)
        return cell._style


def _with(part: Any, **changes: object) -> Any:
    """A copy of a font or an alignment with other attributes."""
    changed = copy(part)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


class _Sheet:
    """One page while it is drawn."""

    def __init__(self, book: _Book, page: Page) -> None:
        self.book = book
        self.page = page
        self.look = book.look
        self.title = book.titles[page.key]
        self.records = page.records if page.records is not None and page.records.fields else None
        self.top = len(page.rows) + 1  # the records' header
        self.last_row = len(page.rows) + (1 + max(len(self.records), 1) if self.records is not None else 0)
        self.widths = self._all_widths()
        self._check()
        self.sheet: Any = book.book.create_sheet(self.title)

    def draw(self) -> None:
        self._set_up()
        for number, row in enumerate(self.page.rows, 1):
            self._draw_row(number, row)
        if self.records is not None:
            self._draw_records(self.records)
        if self.last_row:
            self.book.used[self.title] = f"A1:{get_column_letter(len(self.widths) or 1)}{self.last_row}"
        self._draw_charts()
        if self.page is self.book.pack.pages[0]:
            self._draw_logos()

    def _all_widths(self) -> list[float]:
        """Of every column: the page's own first, then the records' fields', then Excel's default."""
        fields = self.records.fields if self.records is not None else ()
        columns = max([len(self.page.widths), len(fields), *(len(row.cells) for row in self.page.rows)])
        widths = [*self.page.widths, *(field.width for field in fields[len(self.page.widths) :])]
        return widths + [9.0] * (columns - len(widths))

    def _check(self) -> None:
        if self.last_row > MAX_ROWS:
            raise SegxlError(
                f"page {self.page.title!r} has {self.last_row:,} rows, more than Excel's {MAX_ROWS:,}; "
                "choose a shorter period or a smaller segment"
            )
        if len(self.widths) > MAX_COLUMNS:
            raise SegxlError(f"page {self.page.title!r} has more than Excel's {MAX_COLUMNS:,} columns")
        if self.records is not None and any(len(field.values) != len(self.records) for field in self.records.fields):
            raise SegxlError(f"page {self.page.title!r}: the columns of its list differ in length")

    def where(self, row: int, column: int) -> Callable[[], str]:
        return lambda: f"page {self.page.title!r}, cell {get_column_letter(column)}{row}"

    def _set_up(self) -> None:
        sheet, page, look = self.sheet, self.page, self.look
        for column, width in enumerate(self.widths, 1):
            sheet.column_dimensions[get_column_letter(column)].width = min(width, _WIDEST)
        sheet.sheet_format.defaultRowHeight = look.samples["text" if self.records is None else "cell"].height
        sheet.sheet_format.customHeight = True
        sheet.sheet_format.outlineLevelRow = max((row.level for row in page.rows), default=0) or None
        sheet.sheet_view.showGridLines = False
        sheet.sheet_properties.outlinePr.summaryBelow = False
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.sheet_properties.tabColor = look.colours[f"tab {page.tab}"]
        sheet.page_setup.orientation = page.orientation
        sheet.page_setup.paperSize = _PAPER[self.book.pack.paper]
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, int(page.one_paper)
        sheet.page_margins = look.margins
        if page.freeze:
            sheet.freeze_panes = f"{get_column_letter(page.freeze[1])}{page.freeze[0]}"
        repeat = page.repeat_rows or (None if self.records is None else (self.top, self.top))
        if repeat:
            sheet.print_title_rows = f"{repeat[0]}:{repeat[1]}"
        self._print_header(sheet.oddHeader, look.header)
        self._print_header(sheet.oddFooter, look.footer)

    def _print_header(self, target: Any, sample: Any) -> None:
        words = {
            "{title}": self.book.pack.title,
            "{subject}": self.book.pack.subject,
            "{footer}": self.book.pack.footer,
        }
        for side in ("left", "center", "right"):
            part, model = getattr(target, side), getattr(sample, side)
            text = model.text or ""
            for placeholder, word in words.items():
                text = text.replace(placeholder, clean_text(cut_text(word, _PRINTED)).replace("&", "&&"))
            part.text, part.font, part.size, part.color = text or None, model.font, model.size, model.color

    def _draw_row(self, number: int, row: Row) -> None:
        covered = 0
        for column, cell in enumerate(row.cells, 1):
            if cell is None:
                continue
            if column <= covered:
                if cell.value is not None:
                    raise SegxlError(f"{self.where(number, column)()}: the cell lies under a cell that spans it")
                continue
            self._draw_cell(number, column, cell, self._indent(row, column, cell))
            covered = column + cell.span - 1
        dimension = self.sheet.row_dimensions[number]
        dimension.height = min(row.height or self._height(row), _TALLEST)
        if row.level:
            dimension.outlineLevel = row.level

    def _indent(self, row: Row, column: int, cell: Cell) -> int:
        """One where words follow a number at once: they would touch."""
        before = row.cells[column - 2] if column > 1 else None
        side = self.look.samples[cell.style].alignment.horizontal if cell.style in self.look.samples else None
        return int(before is not None and side == "left" and self._on_the_right(before))

    def _on_the_right(self, cell: Cell) -> bool:
        sample = self.look.samples.get(cell.style)
        side = None if sample is None else sample.alignment.horizontal
        return side == "right" or (side in (None, "general") and isinstance(cell.value, (int, float)))

    def _draw_cell(self, row: int, column: int, cell: Cell, indent: int) -> None:
        kind, text = cell_value(cell.value, self.where(row, column), self.book.notes)
        if kind in TEXT_KINDS and self._plotted(row, column):
            # Excel plots words as zero and leaves a gap only where a cell is empty.
            cell = replace(cell, value=None, tip=cell.tip or text)
            kind, text = "", ""
        form = number_format(cell.unit, cell.value, kind)
        style = self.book.styles.get(cell.style, form, kind, cell.link is not None, indent)
        drawn: Any = self.sheet.cell(row, column)
        drawn._style = style
        # Past openpyxl's own reading: it takes "=1" for a formula and rounds numbers to 16 digits.
        drawn._value, drawn.data_type = (text or None), _STORED.get(kind, "n")
        if cell.span > 1:
            for further in range(column + 1, column + cell.span):
                self.sheet.cell(row, further)._style = style  # else its rule ends with the first cell
            self.sheet.merged_cells.add(
                CellRange(min_row=row, max_row=row, min_col=column, max_col=column + cell.span - 1)
            )
        if cell.link:
            self._link(drawn, cell)
        if cell.tip:
            drawn.comment = _comment(clean_text(cell.tip))

    def _plotted(self, row: int, column: int) -> bool:
        return any(
            place.first_row <= row <= place.last_row and place.first_column <= column <= place.last_column
            for place in self.book.plotted
            if place.page == self.page.key
        )

    def _link(self, drawn: Any, cell: Cell) -> None:
        assert cell.link is not None
        target = self.book.link_target(cell.link)
        drawn.hyperlink = Hyperlink(ref="", location=target, tooltip=cut_text(f"Go to {target}", 255))
        if cell.span > 1:
            drawn.hyperlink.ref += f":{get_column_letter(drawn.column + cell.span - 1)}{drawn.row}"

    def _height(self, row: Row) -> float:
        """As tall as its tallest cell, with room for lines that wrap: Excel does not measure merged cells."""
        heights = [self.look.samples["text"].height]
        for column, cell in enumerate(row.cells, 1):
            if cell is not None:
                points = column_points(self.widths[column - 1 : column - 1 + cell.span])
                indent = max(self._indent(row, column, cell), self._sample_indent(cell.style))
                heights.append(self._cell_height(cell.style, cell.value, points - 7 * indent))
        return max(heights[1:], default=heights[0])

    def _sample_indent(self, style: str) -> float:
        return float(self.look.samples[style].alignment.indent) if style in self.look.samples else 0.0

    def _cell_height(self, style: str, value: Scalar, points: float) -> float:
        sample = self.look.samples.get(style, self.look.samples["text"])
        if not sample.alignment.wrap_text or not isinstance(value, str):
            return sample.height
        size = float(sample.font.sz or 10)
        lines = count_lines(value, points, size, bold=bool(sample.font.b))
        return round(sample.height + (lines - 1) * size * 1.32, 2)

    def _draw_records(self, records: Records) -> None:
        headers = table_headers([field.header for field in records.fields])
        heights = []
        for column, (header, field) in enumerate(zip(headers, records.fields, strict=True), 1):
            number = is_number(field.unit)
            # Two indents keep a right-aligned header clear of Excel's filter button.
            indent = 2 if number else self._record_indent(records, column)
            style = self.book.styles.get("header_right" if number else "header", "@", "text", indent=indent)
            drawn: Any = self.sheet.cell(self.top, column)
            drawn._style, drawn._value, drawn.data_type = style, header, "s"
            heights.append(self._cell_height("header", header, column_points(self.widths[column - 1 : column]) - 16))
        self.sheet.row_dimensions[self.top].height = max(heights)
        self._add_table(headers)
        self.book.tails[self.title] = SheetTail(
            f"A1:{get_column_letter(len(self.widths))}{self.last_row}", lambda: self._record_rows(records)
        )
        self._reserve_styles(records)

    def _add_table(self, headers: list[str]) -> None:
        name = table_name(self.page.key, self.book.tables)
        ref = f"A{self.top}:{get_column_letter(len(headers))}{self.last_row}"
        table: Any = Table(displayName=name, ref=ref)
        table._initialise_columns()  # with a filter; openpyxl would number the headers else
        for column, header in zip(table.tableColumns, headers, strict=True):
            column.name = header
        self.sheet.add_table(table)

    def _reserve_styles(self, records: Records) -> None:
        """Styles are numbered before the file's style part is written, rows only after it."""
        self.record_styles = [
            self._kinds(field, self._record_indent(records, column)) for column, field in enumerate(records.fields, 1)
        ]

    def _record_indent(self, records: Records, column: int) -> int:
        """One where a column of words follows a column of numbers."""
        fields = records.fields
        return int(column > 1 and is_number(fields[column - 2].unit) and not is_number(fields[column - 1].unit))

    def _kinds(self, field: Field, indent: int) -> dict[Kind, int]:
        style = "cell_number" if is_number(field.unit) else "cell"
        return {
            kind: self.book.styles.number(
                self.book.styles.get(style, number_format(field.unit, example, kind), kind, indent=indent)
            )
            for kind, example in _EXAMPLES.items()
        }

    def _record_rows(self, records: Records) -> Iterator[bytes]:
        """The rows' XML, some hundreds at a time: openpyxl's own rows take four times as long."""
        letters = [get_column_letter(column) for column in range(1, len(records.fields) + 1)]
        columns = [plain_list(field.values) for field in records.fields]
        for start in range(0, len(records), _CHUNK):
            parts = []
            for index in range(start, min(start + _CHUNK, len(records))):
                row = self.top + 1 + index
                parts.append(f'<row r="{row}">')
                for column, (letter, values, kinds) in enumerate(
                    zip(letters, columns, self.record_styles, strict=True), 1
                ):
                    kind, text = cell_value(values[index], self.where(row, column), self.book.notes)
                    parts.append(cell_xml(f"{letter}{row}", kinds[kind], kind, text))
                parts.append("</row>")
            yield "".join(parts).encode()

    def _draw_charts(self) -> None:
        alts = self.book.alts.setdefault(self.title, [])
        for chart in self.page.charts:
            try:
                drawn = excel_chart(chart, self.book.values, self.book.address, self.look)
            except ValueError as error:
                raise SegxlError(f"page {self.page.title!r}: {error}") from error
            # A little below the row's top edge, so that the rule of the row above stays visible.
            marker = AnchorMarker(col=chart.column - 1, row=chart.row - 1, rowOff=3 * _EMU_POINT)
            size = XDRPositiveSize2D(round(chart.width * _EMU_CM), round(chart.height * _EMU_CM))
            drawn.anchor = OneCellAnchor(_from=marker, ext=size)
            self.sheet.add_chart(drawn)
            alts.append(clean_text(chart.alt or chart.title))
        hidden = hidden_by_charts(self.page, self.widths, self._row_height)
        self.book.notes += [f"page {self.page.title!r}: {words}" for words in hidden]

    def _row_height(self, number: int) -> float:
        height = self.sheet.row_dimensions[number].height if number in self.sheet.row_dimensions else None
        return float(height or self.sheet.sheet_format.defaultRowHeight)

    def _draw_logos(self) -> None:
        """At the top right of the first page, at most 5 × 1.6 cm, over the cells."""
        right = sum(column_pixels(width) for width in self.widths) * _EMU_PIXEL
        for logo in self.look.logos:
            scale = min(1.0, 5 * _EMU_CM / logo.width, 1.6 * _EMU_CM / logo.height)
            width, height = round(logo.width * scale), round(logo.height * scale)
            right = max(right - width, 0)
            self.sheet._images.append(_Picture(logo, self._anchor(right, width, height)))
            self.book.alts[self.title].append(clean_text(logo.alt))
            right -= _EMU_CM // 4

    def _anchor(self, left: int, width: int, height: int) -> OneCellAnchor:
        column = 0
        while column < len(self.widths) - 1 and left >= column_pixels(self.widths[column]) * _EMU_PIXEL:
            left -= column_pixels(self.widths[column]) * _EMU_PIXEL
            column += 1
        marker = AnchorMarker(col=column, colOff=left, row=0, rowOff=2 * _EMU_POINT)
        return OneCellAnchor(_from=marker, ext=XDRPositiveSize2D(width, height))


class _Picture(Image):
    """A picture for openpyxl, whose own kind needs Pillow to measure it."""

    def __init__(self, logo: Logo, anchor: OneCellAnchor) -> None:
        self.logo, self.anchor, self.format = logo, anchor, logo.format

    def _data(self) -> bytes:
        return self.logo.data


def _comment(text: str) -> Comment:
    """Wide enough to read, tall enough for its words."""
    text = cut_text(text, MAX_TEXT)
    return Comment(text, "segxl", width=320, height=16 + 18 * count_lines(text, 215, 10))
