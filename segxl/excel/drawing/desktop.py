"""Excel on the desktop: what the pen needs beyond xlwings, for Windows (COM) and for Mac (appscript).

Nothing of this could be run where segxl is built; the calls follow Microsoft's and xlwings' references, and the
checklist in the README looks at what they draw.

Less than a pack, in both: no logo; waterfalls and stacked columns without the numbers above them; no flow picture, as
xlwings draws no shapes of its own. On a Mac further: no folded rows, no sparklines, printed headers and footers,
colours of tabs or alternative texts; the outline's buttons are below; the hidden sheet can be shown again; merged cells
and hidden rows among the inputs are not reported.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any

from openpyxl.styles.colors import Color

from segxl.excel.com import if_excel_can
from segxl.excel.drawing.host import Area
from segxl.pages.model import Chart, Range
from segxl.render.shared.colours import hex_colour, paler, theme_colours
from segxl.render.shared.ranges import COLOUR_OF, label_format
from segxl.render.shared.sparklines import sparklines_on
from segxl.render.shared.theme import Look
from segxl.render.xlsx.excel_values import TEXT_KINDS, clean_text, cut_text
from segxl.render.xlsx.layout import ColumnStyles, Drawn, Layout, StyleKey
from segxl.render.xlsx.writer import LINK_STYLES
from segxl.sources.files.sheets import MERGED

if TYPE_CHECKING:
    import xlwings as xw

_ADDRESS = 250  # characters of an address that Excel takes at once
_POINTS_CM = 72 / 2.54
_SIDES = {
    "left": ("edge_left", "inside_vertical"),
    "right": ("edge_right", "inside_vertical"),
    "top": ("edge_top", "inside_horizontal"),
    "bottom": ("edge_bottom", "inside_horizontal"),
}
_CHARTS = {"column": "column_clustered", "bar": "bar_clustered", "line": "line_markers", "waterfall": "column_stacked"}
# Excel's own numbers
_VISIBLE_CELLS, _VERY_HIDDEN, _ABOVE, _LANDSCAPE, _PORTRAIT, _COLUMNS = 12, 2, 0, 2, 1, 2
_PAPER = {"A4": 9, "Letter": 1}


class DesktopHost(ABC):
    """The part that Windows and Mac have in common: everything through xlwings."""

    def is_locked(self, book: xw.Book) -> bool:
        return bool(self._get(book, "ProtectStructure", "protect_structure"))

    def is_protected(self, sheet: xw.Sheet) -> bool:
        return bool(self._get(sheet, "ProtectContents", "protect_contents"))

    @abstractmethod
    def _get(self, thing: Any, windows: str, mac: str) -> Any:
        """A property of a book or a sheet, which the two systems name differently."""

    def table_names(self, book: xw.Book, drawn: set[str]) -> set[str]:
        tables = (table.name for sheet in book.sheets if sheet.name not in drawn for table in sheet.tables)
        names = (name.name.rpartition("!")[2] for name in book.names)
        return {name.casefold() for name in (*tables, *names)}

    def hidden_rows(self, sheet: xw.Sheet) -> int:
        return 0

    def from_1904(self, book: xw.Book) -> bool:
        return bool(self._get(book, "Date1904", "date_1904"))

    def mark_merged(self, sheet: xw.Sheet, cells: list[list[Any]]) -> list[list[Any]]:
        return cells

    def keep(self, sheet: xw.Sheet) -> Any:
        """A copy of the sheet: Excel's own undo does not reach over a macro."""
        front = sheet.book.sheets.active
        copy = sheet.copy(after=sheet.book.sheets[len(sheet.book.sheets) - 1])
        copy.visible = False
        front.activate()
        return copy

    def restore(self, sheet: xw.Sheet, kept: Any) -> None:
        self.wipe(sheet)
        kept.cells.copy(sheet.range("A1"))
        kept.delete()

    def forget(self, kept: Any) -> None:
        kept.delete()

    def wipe(self, sheet: xw.Sheet) -> None:
        """Contents and formats are cleared one by one: clearing all at once would delete tables that formulas refer
        to."""
        for chart in list(sheet.charts):
            chart.delete()
        self._unfilter(sheet)
        sheet.clear_contents()
        sheet.clear_formats()

    @abstractmethod
    def _unfilter(self, sheet: xw.Sheet) -> None:
        """Show the rows that a filter hides, and remove links and the objects that the system adds."""

    def show(self, sheet: xw.Sheet) -> None:
        sheet.activate()

    def unhide(self, sheet: xw.Sheet) -> None:
        if sheet.visible not in (True, -1):  # Windows gives -1, or 2 for sheets that only VBA can show
            sheet.visible = True

    def hide(self, sheet: xw.Sheet) -> None:
        sheet.visible = False

    def calculate(self, sheet: xw.Sheet, area: Area, formulas: Sequence[Sequence[str]]) -> None:
        sheet.range(area.address).formula = tuple(map(tuple, formulas))

    def paint(self, sheet: xw.Sheet, look: Look, key: StyleKey, areas: Sequence[Area]) -> None:
        for address in _addresses(areas):
            self._paint(sheet.range(address), look, key)

    def _paint(self, cells: xw.Range, look: Look, key: StyleKey) -> None:
        self._base(cells, look, key.style)
        cells.number_format = key.format
        fill = look.samples[key.style].fill
        if key.shade != 1 and fill.fill_type == "solid":
            cells.color = paler(_hex(fill.fgColor, look), key.shade)
        if key.link and key.kind in TEXT_KINDS and key.style in LINK_STYLES:
            cells.font.color = _hex(look.fonts["link"].color, look)
        alignment = look.samples[key.style].alignment
        if key.kind in ("number", "date") and alignment.horizontal in (None, "general"):
            cells.horizontal_alignment = _side(look.samples["value"].alignment.horizontal or "right")
        if key.indent > (alignment.indent or 0):
            self._indent(cells, key.indent)

    def _base(self, cells: xw.Range, look: Look, style: str) -> None:
        """A style as the template shows it, attribute by attribute."""
        sample = look.samples[style]
        font, alignment = sample.font, sample.alignment
        cells.font.name, cells.font.size = font.name or "Calibri", font.sz or 10
        cells.font.bold, cells.font.italic = bool(font.b), bool(font.i)
        cells.font.color = _hex(font.color, look)
        if sample.fill.fill_type == "solid":
            cells.color = _hex(sample.fill.fgColor, look)
        for side, names in _SIDES.items():
            edge = getattr(sample.border, side)
            if edge is not None and edge.style:
                for name in names:
                    cells.borders[name].line_style = "continuous"
                    cells.borders[name].weight = edge.style if edge.style in ("thin", "medium", "thick") else "thin"
                    cells.borders[name].color = _hex(edge.color, look)
        if alignment.horizontal:
            cells.horizontal_alignment = _side(alignment.horizontal)
        cells.vertical_alignment = alignment.vertical or "bottom"
        cells.wrap_text = bool(alignment.wrap_text)
        if alignment.indent:
            self._indent(cells, int(alignment.indent))

    @abstractmethod
    def _indent(self, cells: xw.Range, indent: int) -> None:
        """Indent cells by a number of Excel's steps."""

    def paint_list(self, sheet: xw.Sheet, layout: Layout, styles: Sequence[ColumnStyles]) -> None:
        if layout.last_row <= layout.top:
            return
        for column, (kinds, which) in enumerate(styles, start=1):
            self.paint(sheet, layout.look, kinds[0]["text"], [Area(layout.top + 1, column, layout.last_row, column)])
            for look, areas in _stretches(which, layout.top + 1, column).items():
                for address in _addresses(areas) if look else ():
                    sheet.range(address).number_format = kinds[look]["number"].format
        sheet.range(f"{layout.top + 1}:{layout.last_row}").row_height = layout.default_height

    def as_text(self, sheet: xw.Sheet, area: Area) -> None:
        sheet.range(area.address).number_format = "@"

    def put(self, cells: xw.Range, rows: Sequence[Sequence[Any]]) -> None:
        cells.value = rows

    def tip(self, sheet: xw.Sheet, cell: Drawn) -> None:
        sheet.range((cell.row, cell.column)).add_note(clean_text(cell.tip))

    def table(self, sheet: xw.Sheet, area: Area, name: str, headers: Sequence[str]) -> None:
        cells = sheet.range(area.address)
        for table in list(sheet.tables):
            if table.name.casefold() == name.casefold() and table.range.row == area.top:
                table.resize(cells)
                return
        table = sheet.tables.add(source=cells, name=name, has_headers=True, table_style_name="TableStyleLight1")
        table.show_table_style_row_stripes = False

    def charts(self, sheet: xw.Sheet, layout: Layout) -> None:
        for chart in layout.page.charts:
            self._chart(sheet, chart, layout)

    def _chart(self, sheet: xw.Sheet, chart: Chart, layout: Layout) -> xw.Chart:
        corner = sheet.range((chart.row, chart.column))
        shown = [one for one in chart.series if one.role != "top"]
        drawn = sheet.charts.add(
            left=corner.left,
            top=corner.top + 3 + chart.down * _POINTS_CM,
            width=chart.width * _POINTS_CM,
            height=chart.height * _POINTS_CM,
            chart_type=_CHARTS["waterfall" if chart.stacked else chart.kind],
            source=_cells(sheet.book, layout, [chart.categories, *(one.values for one in shown)]),
            plot_by="rows" if chart.categories.first_row == chart.categories.last_row else "columns",
        )
        lines = () if chart.captioned else (clean_text(chart.title), clean_text(chart.subtitle))
        drawn.title = "\n".join(line for line in lines if line) or " "
        for one, series in zip(drawn.series, shown, strict=False):
            one.name = clean_text(series.name)
            if series.role == "base":
                one.fill_color = "#ffffff"  # lifts the others and is not seen
                continue
            role = COLOUR_OF.get(series.role, series.role)
            colour = _hex(layout.look.colours[f"chart {role}".replace("_", " ")], layout.look)
            if chart.kind == "line":
                one.line_color = colour
            else:
                one.fill_color = colour
        numbers = [value for one in chart.series for value in layout.frame.values(one.values)[0]]
        largest = max((abs(value) for value in numbers if isinstance(value, (int, float))), default=0.0)
        drawn.value_axis.set(number_format=label_format(chart.unit, largest))
        if chart.kind == "bar":
            drawn.category_axis.set(reverse_order=True)
        return drawn


class WindowsHost(DesktopHost):
    """Excel on Windows, by COM."""

    def __init__(self) -> None:
        self._named: set[str] | None = None  # the workbook's styles, once they are known

    def _get(self, thing: Any, windows: str, mac: str) -> Any:
        return getattr(thing.api, windows)

    def hidden_rows(self, sheet: xw.Sheet) -> int:
        used = sheet.used_range
        if used.shape[0] < 2:
            return 0
        shown = if_excel_can(lambda: used.api.Columns(1).SpecialCells(_VISIBLE_CELLS).Count)
        return 0 if shown is None else int(used.shape[0] - shown)  # None: no cell is visible, as in a hidden column

    def mark_merged(self, sheet: xw.Sheet, cells: list[list[Any]]) -> list[list[Any]]:
        used = sheet.used_range.api
        if used.MergeCells is False:
            return cells
        form = sheet.book.app.api.FindFormat
        form.Clear()
        form.MergeCells = True
        found, seen = used.Find(What="", SearchFormat=True), set()
        while found is not None and found.Address not in seen:
            seen.add(found.Address)
            area = found.MergeArea
            for row in cells[area.Row : area.Row - 1 + area.Rows.Count]:
                last = area.Column - 1 + area.Columns.Count
                row += [None] * (last - len(row))
                row[area.Column - 1 : last] = [MERGED] * area.Columns.Count
            found = used.Find(What="", After=found, SearchFormat=True)
        form.Clear()
        return cells

    def _unfilter(self, sheet: xw.Sheet) -> None:
        for table in sheet.api.ListObjects:
            with suppress(Exception):  # nothing is filtered: pywintypes.com_error, on Windows only
                table.AutoFilter.ShowAllData()
        cells = sheet.api.Cells
        cells.EntireRow.Hidden = False
        cells.Hyperlinks.Delete()
        cells.ClearComments()
        cells.ClearOutline()
        cells.UseStandardHeight = True

    def hide(self, sheet: xw.Sheet) -> None:
        sheet.api.Visible = _VERY_HIDDEN

    def _base(self, cells: xw.Range, look: Look, style: str) -> None:
        """By a named style of the workbook: one call in place of a dozen, and a look that people can edit."""
        name, styles = f"segxl {style}", cells.sheet.book.api.Styles
        if self._named is None:
            self._named = {one.Name for one in styles}
        if name not in self._named:
            cell = cells.sheet.range((cells.row, cells.column))
            super()._base(cell, look, style)
            styles.Add(name, cell.api)
            self._named.add(name)
        cells.api.Style = name

    def _indent(self, cells: xw.Range, indent: int) -> None:
        cells.api.IndentLevel = indent

    def set_up(self, sheet: xw.Sheet, layout: Layout) -> None:
        api, page = sheet.api, layout.page
        api.Outline.SummaryRow = _ABOVE
        for first, last, level in _levels(layout):
            api.Range(f"{first}:{last}").EntireRow.OutlineLevel = level + 1
        if page.folded:
            api.Outline.ShowLevels(RowLevels=page.folded)
        api.Tab.Color = _number(_hex(layout.look.colours[f"tab {page.tab}"], layout.look))
        self._window(sheet, page.freeze)
        with suppress(Exception):  # no printer, so no pages to set up: pywintypes.com_error, on Windows only
            self._paper(api.PageSetup, layout)

    def _window(self, sheet: xw.Sheet, freeze: tuple[int, int] | None) -> None:
        """Gridlines and panes belong to the window, which shows one sheet at a time."""
        sheet.activate()
        window = sheet.book.api.Windows(1)
        window.DisplayGridlines = False
        window.FreezePanes = False
        if freeze:
            window.ScrollRow = window.ScrollColumn = 1
            window.SplitRow, window.SplitColumn = freeze[0] - 1, freeze[1] - 1
            window.FreezePanes = True

    def _paper(self, paper: Any, layout: Layout) -> None:
        page, look = layout.page, layout.look
        paper.Orientation = _LANDSCAPE if page.orientation == "landscape" else _PORTRAIT
        paper.PaperSize = _PAPER[layout.frame.pack.paper]
        paper.Zoom = False
        paper.FitToPagesWide = 1
        paper.FitToPagesTall = 1 if page.one_paper else False
        paper.PrintArea = layout.print_area
        repeat = layout.repeat_rows
        paper.PrintTitleRows = f"${repeat[0]}:${repeat[1]}" if repeat else ""
        for side in ("left", "center", "right"):
            for kind, sample in (("Header", look.header), ("Footer", look.footer)):
                text = layout.frame.printed(getattr(sample, side).text or "")
                setattr(paper, f"{side.capitalize()}{kind}", text)

    def link(self, sheet: xw.Sheet, cell: Drawn, target: str, tip: str) -> None:
        sheet.api.Hyperlinks.Add(
            Anchor=sheet.range((cell.row, cell.column)).api,
            Address="",
            SubAddress=target,
            ScreenTip=cut_text(f"Go to {target}", 255),
        )

    def charts(self, sheet: xw.Sheet, layout: Layout) -> None:
        super().charts(sheet, layout)
        for address, line in sparklines_on(layout.page):
            source = layout.frame.address(line.values).replace("$", "")
            group = sheet.range(address).api.SparklineGroups.Add(Type=_COLUMNS, SourceData=source)
            group.SeriesColor.Color = _number(_hex(layout.look.colours["chart prior"], layout.look))
            group.Points.Lastpoint.Visible = True
            group.Points.Lastpoint.Color.Color = _number(_hex(layout.look.colours["chart actual"], layout.look))

    def _chart(self, sheet: xw.Sheet, chart: Chart, layout: Layout) -> xw.Chart:
        drawn = super()._chart(sheet, chart, layout)
        shape, api = drawn.api
        shape.ShapeRange.AlternativeText = clean_text(chart.alt or chart.title)
        api.HasLegend = len(chart.series) > 1 and chart.kind != "waterfall"
        if api.HasLegend:
            api.Legend.Position = -4107  # below
        if chart.captioned:
            api.HasTitle = False
            return drawn
        title = api.ChartTitle.Characters(1, len(clean_text(chart.title)) or 1).Font
        api.ChartTitle.Font.Size, api.ChartTitle.Font.Bold = 9, False
        title.Size, title.Bold = 11, True
        return drawn


class MacHost(DesktopHost):
    """Excel on a Mac, by appscript."""

    def _get(self, thing: Any, windows: str, mac: str) -> Any:
        return getattr(thing.api, mac).get()

    def _unfilter(self, sheet: xw.Sheet) -> None:
        with suppress(Exception):  # nothing is filtered: appscript's CommandError, on a Mac only
            sheet.api.show_all_data()
        for link in reversed(list(sheet.api.hyperlinks.get() or ())):
            link.delete()

    def _indent(self, cells: xw.Range, indent: int) -> None:
        cells.api.indent_level.set(indent)

    def set_up(self, sheet: xw.Sheet, layout: Layout) -> None:
        sheet.show_gridlines = False
        for first, last, level in _levels(layout):
            sheet.range(f"{first}:{last}").api.outline_level.set(level + 1)
        if layout.page.freeze:
            row, column = layout.page.freeze
            sheet.activate()
            window = sheet.book.app.api.active_window
            window.freeze_panes.set(False)
            window.split_row.set(row - 1)
            window.split_column.set(column - 1)
            window.freeze_panes.set(True)

    def link(self, sheet: xw.Sheet, cell: Drawn, target: str, tip: str) -> None:
        anchor = sheet.range((cell.row, cell.column))
        anchor.add_hyperlink(f"#{target}", "", tip)


def _stretches(which: Sequence[int], row: int, column: int) -> dict[int, list[Area]]:
    """The blocks of a list's column by look, the first of its cells in ``row``."""
    found: dict[int, list[Area]] = {}
    for look, rows in groupby(which):
        count = sum(1 for _ in rows)
        found.setdefault(look, []).append(Area(row, column, row + count - 1, column))
        row += count
    return found


def _addresses(areas: Sequence[Area]) -> Iterator[str]:
    """The areas' addresses, as many in one as Excel takes."""
    joined = ""
    for area in areas:
        if joined and len(joined) + len(area.address) + 1 > _ADDRESS:
            yield joined
            joined = ""
        joined = f"{joined},{area.address}" if joined else area.address
    if joined:
        yield joined


def _levels(layout: Layout) -> Iterator[tuple[int, int, int]]:
    """Stretches of rows of one outline level: first, last, level."""
    first, level = 0, 0
    for number, row in enumerate([*layout.page.rows, None], start=1):
        now = row.level if row is not None else 0
        if now != level:
            if level:
                yield first, number - 1, level
            first, level = number, now


def _cells(book: xw.Book, layout: Layout, places: Sequence[Range]) -> xw.Range:
    """The block from the categories to the last series, or all of their ranges."""
    sheet = book.sheets[layout.frame.titles[places[0].page]]
    areas = [Area(one.first_row, one.first_column, one.last_row, one.last_column) for one in places]
    return sheet.range(",".join(area.address for area in areas))


def _side(horizontal: str) -> Any:
    """A horizontal alignment in xlwings' words."""
    return {"centerContinuous": "center_across_selection"}.get(horizontal, horizontal)


def _hex(colour: Color | None, look: Look) -> str:
    """A colour of the template; near black where it is left to Excel."""
    return hex_colour(colour, theme_colours(look)) or "#262626"


def _number(colour: str) -> int:
    """A colour as Excel numbers it: red in the lowest byte."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red + 256 * green + 65_536 * blue
