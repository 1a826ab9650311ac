"""The place and style of everything on a sheet, computed once for every renderer of sheets. Nothing is drawn here. A
renderer takes the cells with their kinds, texts and styles, the heights, widths and the header of a long list from
here, so that a workbook made on a server and one drawn in Excel cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from openpyxl.utils import get_column_letter, quote_sheetname

from segxl.errors import SegxlError
from segxl.pages.model import Cell, Link, Pack, Page, Range, Records, Row, Scalar
from segxl.render.shared.ranges import page_of, pages_by_key, range_values
from segxl.render.shared.theme import Look
from segxl.render.xlsx.excel_values import (
    MAX_COLUMNS,
    MAX_ROWS,
    TEXT_KINDS,
    CellKind,
    cell_value,
    clean_text,
    column_points,
    count_lines,
    cut_text,
    is_number,
    number_format,
    sheet_titles,
    table_headers,
    table_name,
)
from segxl.render.xlsx.formulas import Formulas
from segxl.render.xlsx.overlaps import covered_by_charts, hidden_by_charts

_EXAMPLES: dict[CellKind, object] = {
    "": None,
    "text": "",
    "quoted": "",
    "long": "",
    "number": 0,
    "date": date.min,
    "bool": True,
}
_TALLEST, _WIDEST = 409.0, 255.0  # of a row in points, of a column in characters
_TIP = 255  # characters of a link's tip
_PRINTED = 75  # Excel refuses a printed header of more than 255 characters, codes and all


class StyleKey(NamedTuple):
    """All that the look of a cell depends on; cells of one key look the same."""

    style: str
    format: str
    kind: CellKind = ""
    link: bool = False
    indent: int = 0
    shade: float = 1.0


class ColumnStyles(NamedTuple):
    """The looks of a list's column, each a style by kind of value; ``which`` each row has, empty where all have the
    first."""

    kinds: tuple[dict[CellKind, StyleKey], ...]
    which: Sequence[int] = ()


class Drawn(NamedTuple):
    """A cell as it is drawn: ``kind`` and ``text`` as ``cell_value`` gives them; a ``formula`` without its ``=``."""

    row: int
    column: int
    kind: CellKind
    text: str
    style: StyleKey
    span: int = 1
    link: Link | None = None
    tip: str = ""
    formula: str = ""


class Outline(NamedTuple):
    """How a row is grouped; ``collapsed``: the rows below it are folded when a workbook opens."""

    level: int = 0
    hidden: bool = False
    collapsed: bool = False


class Frame:
    """A pack while it is laid out: its pages, the titles of their sheets, and notes for people.

    Raises:
        SegxlError: the pack has no pages, or two of one key.
    """

    def __init__(self, pack: Pack, look: Look, titles: Sequence[str] | None = None) -> None:
        self.pack = pack
        self.look = look
        self.notes: list[str] = []
        self.pages = pages_by_key(pack)
        named = titles or sheet_titles([page.title for page in pack.pages])
        self.titles = dict(zip(self.pages, named, strict=True))
        self.plotted = [one.values for page in pack.pages for chart in page.charts for one in chart.series]
        self.name_tables({})

    def name_tables(self, named: Mapping[str, str]) -> None:
        """Settle the names of tables, by the page's key; those that are not ``named`` take the page's own."""
        taken: set[str] = set()
        self.tables = {
            page.key: named.get(page.key) or table_name(page.records.table or f"tbl_{page.key}", taken)
            for page in self.pack.pages
            if page.records is not None
        }
        self.formulas = Formulas(self.pages, self.titles, self.tables)

    def link_target(self, link: Link) -> str:
        """``'Won'!A12:H40``: following it selects the whole block."""
        if link.page not in self.titles:
            raise SegxlError(f"a link leads to the page {link.page!r}, which the pack does not have")
        last = get_column_letter(max(link.columns, 1))
        return f"{quote_sheetname(self.titles[link.page])}!A{link.first}:{last}{max(link.first, link.last)}"

    def link_tip(self, link: Link) -> str:
        """What is shown where the pointer rests on a link."""
        return cut_text(clean_text(link.tip) or f"Go to {self.link_target(link)}", _TIP)

    def back(self, page: Page) -> Link | None:
        """The link of a page's title: to the contents; None on that page itself, and in a pack without."""
        there = self.pack.contents
        return Link(there, 1, 1, tip="Back to the contents") if there in self.titles and page.key != there else None

    def address(self, place: Range) -> str:
        """``'Trend'!$B$5:$N$5``."""
        first, last = get_column_letter(place.first_column), get_column_letter(place.last_column)
        title = quote_sheetname(self.titles[page_of(self.pages, place).key])
        return f"{title}!${first}${place.first_row}:${last}${place.last_row}"

    def values(self, place: Range) -> tuple[list[Scalar], str]:
        """The values of a range and their number format."""
        return range_values(page_of(self.pages, place), place)

    def printed(self, text: str) -> str:
        """A printed header or footer with the pack's words in place of the template's ``{title}`` and the like."""
        words = {"{title}": self.pack.title, "{subject}": self.pack.subject, "{footer}": self.pack.footer}
        for placeholder, word in words.items():
            text = text.replace(placeholder, clean_text(cut_text(word, _PRINTED)).replace("&", "&&"))
        return text


class Layout:
    """One page as a sheet.

    Attributes:
        title: the sheet's. ``widths``: of all its columns, in characters.
        records: the long list, None without columns; ``top``: the row of its header.
        last_row: the last row in use.

    Raises:
        SegxlError: more rows or columns than Excel has, or a list whose columns differ in length.
    """

    def __init__(self, frame: Frame, page: Page) -> None:
        self.frame = frame
        self.page = page
        self.look = frame.look
        self.title = frame.titles[page.key]
        self.records = page.records if page.records is not None and page.records.fields else None
        self.top = len(page.rows) + 1
        self.last_row = len(page.rows) + (1 + max(len(self.records), 1) if self.records is not None else 0)
        self.widths = self._all_widths()
        self._plots = [place for place in frame.plotted if place.page == page.key]
        self._check()

    @property
    def last_column(self) -> str:
        """The letter of the last column in use."""
        return get_column_letter(len(self.widths) or 1)

    @property
    def default_height(self) -> float:
        """The default for rows without their own."""
        return self.look.samples["text" if self.records is None else "cell"].height

    @property
    def print_area(self) -> str:
        """The cells that are printed; blank for all. Of a page that is not printed, an empty cell below it: a workbook
        has no other way to omit a sheet when all of it is printed. Other pages name their cells and those under their
        charts: else LibreOffice breaks a million empty rows into pages. Flows are measured when drawn.
        """
        if not self.page.printed:
            return f"$A${self.last_row + 2}"
        if self.page.flows:
            return ""
        row, column = covered_by_charts(self.page, self.widths, self.height)
        last = get_column_letter(max(column, len(self.widths), 1))
        return f"$A$1:${last}${max(row, self.last_row, 1)}"

    @property
    def repeat_rows(self) -> tuple[int, int] | None:
        """The rows that are printed on each page of paper."""
        if not self.page.printed:
            return None
        return self.page.repeat_rows or (None if self.records is None else (self.top, self.top))

    def outline(self, number: int) -> Outline:
        """How a row of the page is grouped under the rows above it."""
        levels = [row.level for row in self.page.rows[number - 1 : number + 1]]
        hidden, *below = [bool(self.page.folded) and level >= self.page.folded for level in levels]
        return Outline(levels[0], hidden, any(below) and not hidden)

    def where(self, row: int, column: int) -> Callable[[], str]:
        """Names a cell for messages."""
        return lambda: f"page {self.page.title!r}, cell {get_column_letter(column)}{row}"

    def _all_widths(self) -> list[float]:
        """Widths of all columns: the page's own first, then the records' fields', then Excel's default."""
        fields = self.records.fields if self.records is not None else ()
        columns = max([len(self.page.widths), len(fields), *(len(row.cells) for row in self.page.rows)])
        widths = [*self.page.widths, *(field.width for field in fields[len(self.page.widths) :])]
        return [min(width, _WIDEST) for width in widths] + [9.0] * (columns - len(widths))

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

    def cells(self) -> Iterator[Drawn]:
        """The cells of the page's rows, from top to bottom; what went wrong with values joins the frame's notes."""
        for number, row in enumerate(self.page.rows, 1):
            covered = 0
            for column, cell in enumerate(row.cells, 1):
                if cell is None:
                    continue
                if column <= covered:
                    if cell.value is not None:
                        raise SegxlError(f"{self.where(number, column)()}: the cell lies under a cell that spans it")
                    continue
                yield self._drawn(number, column, cell, self._indent(row, column, cell))
                covered = column + cell.span - 1

    def _drawn(self, row: int, column: int, cell: Cell, indent: int) -> Drawn:
        kind, text = cell_value(cell.value, self.where(row, column), self.frame.notes)
        if kind in TEXT_KINDS and self._plotted(row, column):
            # Excel plots words as zero and leaves a gap only where a cell is empty.
            cell = replace(cell, value=None, tip=cell.tip or text)
            kind, text = "", ""
        form = number_format(cell.unit, cell.value, kind)
        key = StyleKey(cell.style, form, kind, cell.link is not None, indent, cell.shade)
        formula = self.frame.formulas.text(cell.formula, self.page.key)
        link = self.frame.back(self.page) if (row, column) == (1, 1) and cell.link is None else cell.link
        return Drawn(row, column, kind, text, key, cell.span, link, cell.tip, formula)

    def _plotted(self, row: int, column: int) -> bool:
        return any(
            place.first_row <= row <= place.last_row and place.first_column <= column <= place.last_column
            for place in self._plots
        )

    def _indent(self, row: Row, column: int, cell: Cell) -> int:
        """One where words follow a number at once: they would touch."""
        before = row.cells[column - 2] if column > 1 else None
        side = self.look.samples[cell.style].alignment.horizontal if cell.style in self.look.samples else None
        return int(before is not None and side == "left" and self._on_the_right(before))

    def _on_the_right(self, cell: Cell) -> bool:
        sample = self.look.samples.get(cell.style)
        side = None if sample is None else sample.alignment.horizontal
        return side == "right" or (side in (None, "general") and isinstance(cell.value, (int, float)))

    def height(self, number: int) -> float:
        """The height of a row in points: of its tallest cell, with room for lines that wrap; Excel does not measure
        merged cells."""
        if number == self.top and self.records is not None:
            return self._header_height(self.records)
        if number > len(self.page.rows):
            return self.default_height
        row = self.page.rows[number - 1]
        if row.height:
            return min(row.height, _TALLEST)
        heights = [self.look.samples["text"].height]
        for column, cell in enumerate(row.cells, 1):
            if cell is not None:
                points = column_points(self.widths[column - 1 : column - 1 + cell.span])
                indent = max(self._indent(row, column, cell), self._sample_indent(cell.style))
                heights.append(self._cell_height(cell.style, cell.value, points - 7 * indent))
        return min(max(heights[1:], default=heights[0]), _TALLEST)

    def _header_height(self, records: Records) -> float:
        headers = table_headers([field.header for field in records.fields])
        return max(
            self._cell_height("header", header, column_points(self.widths[column : column + 1]) - 16)
            for column, header in enumerate(headers)
        )

    def _sample_indent(self, style: str) -> float:
        return float(self.look.samples[style].alignment.indent) if style in self.look.samples else 0.0

    def _cell_height(self, style: str, value: Scalar, points: float) -> float:
        sample = self.look.samples.get(style, self.look.samples["text"])
        if not sample.alignment.wrap_text or not isinstance(value, str):
            return sample.height
        size = float(sample.font.sz or 10)
        lines = count_lines(value, points, size, bold=bool(sample.font.b))
        return round(sample.height + (lines - 1) * size * 1.32, 2)

    def header(self, records: Records) -> list[Drawn]:
        """The header of the long list."""
        headers = table_headers([field.header for field in records.fields])
        found = []
        for column, (header, field) in enumerate(zip(headers, records.fields, strict=True), 1):
            number = is_number(field.unit)
            # Two indents keep a right-aligned header clear of Excel's filter button.
            indent = 2 if number else self.record_indent(records, column)
            style = StyleKey("header_right" if number else "header", "@", "text", indent=indent)
            found.append(Drawn(self.top, column, "text", header, style))
        return found

    def record_formulas(self, records: Records) -> list[Sequence[str]]:
        """The formulas of each column of the list, without their ``=``; nothing for a column of values."""
        key, formulas = self.page.key, self.frame.formulas
        return [
            [formulas.text(one, key) if one is not None else "" for one in field.formulas] for field in records.fields
        ]

    def record_indent(self, records: Records, column: int) -> int:
        """One where a column of words follows a column of numbers."""
        fields = records.fields
        return int(column > 1 and is_number(fields[column - 2].unit) and not is_number(fields[column - 1].unit))

    def record_styles(self, records: Records) -> list[ColumnStyles]:
        """The styles of each column of the list."""
        found = []
        for column, field in enumerate(records.fields, 1):
            style, indent = "cell_number" if is_number(field.unit) else "cell", self.record_indent(records, column)
            known = {id(unit): unit for unit in field.units}  # few, and their own comparison is slow
            units = list(dict.fromkeys(known.values())) or [field.unit]
            kinds = tuple(
                {
                    kind: StyleKey(style, number_format(unit, example, kind), kind, indent=indent)
                    for kind, example in _EXAMPLES.items()
                }
                for unit in units
            )
            at = {one: units.index(unit) for one, unit in known.items()}
            found.append(ColumnStyles(kinds, [at[id(unit)] for unit in field.units] if len(units) > 1 else ()))
        return found

    def note_hidden(self) -> None:
        """Note what charts would hide."""
        hidden = hidden_by_charts(self.page, self.widths, self.height)
        self.frame.notes += [f"page {self.page.title!r}: {words}" for words in hidden]
