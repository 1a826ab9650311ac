"""One page of a pack as a section of the web page: its tables, its list, its charts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from segxl.errors import SegxlError
from segxl.messages import counted
from segxl.pages.model import Cell, Chart, Field, Flow, Link, Page, Records, Row
from segxl.render.html.blocks import Abreast, Block, Keys, Table, Words, only_cell, with_details
from segxl.render.html.charts_svg import svg_chart
from segxl.render.html.document import LISTED, Document
from segxl.render.html.flow_svg import svg_flow
from segxl.render.html.number_formats import Shown, shown
from segxl.render.shared.colours import fill_colour, paler
from segxl.render.shared.sparklines import svg_sparkline
from segxl.render.xlsx.excel_values import clean_text, is_number, plain_list

_NARROW = 340.0  # pixels: a chart's width on a phone
_ALONE = 960.0  # of one that has the width of the page
_HALF = 620.0  # of one next to another
_PAGE = 1_160.0  # of all areas next to each other
_WIDE = 30.0  # characters: from this width on a column of words keeps some room when there is little
TALL = 25  # rows: longer tables scroll below their header
_ROW_BY_ROW = 5  # columns: wider tables in an area are shown row by row on a phone
_MANY = 10  # columns: lists with more are printed small
_SCREEN = 230.0  # characters: wider tables do not fit a screen of 1,280 pixels
_REM_A_CHARACTER = 0.55
_NAMES = ("label", "sublabel", "total")
_DATE = re.compile(r"\b(?:\d{4}-\d\d-\d\d|\d{1,2} [A-Z][a-z]{2} \d{4})\b")  # read as one word
_LONG_NAME = re.compile(r"\w{2}[\w.-]{17,}")  # wider than a phone's first column: breaks behind _ before elsewhere


class Section:
    """One page while it is drawn."""

    def __init__(self, document: Document, page: Page) -> None:
        self.document = document
        self.page = page
        self.name = document.names[page.key]
        self.pin = page.freeze[1] - 1 if page.freeze and page.freeze[1] > 1 else 1
        self.titled = False
        self.left = 0  # columns of the page before the table that is drawn
        self.share = 0.0  # of the page's width, while an area next to another is drawn
        self.heads: Mapping[int, str] = {}  # names of the columns of a table that a phone shows row by row
        self.more: Collection[int] | None = None  # columns of the table that a phone shows on demand
        self.again: Collection[int] = ()  # columns of the table that shows only these, below the whole one
        self.folded = page.tab != "output"
        """What is behind the numbers opens on demand, and is printed if it is open."""

    def draw(self) -> str:
        """The ``<section>`` element."""
        drawings: Sequence[Chart | Flow] = (*self.page.charts, *self.page.flows)
        charts = sorted(drawings, key=lambda drawing: (drawing.row, drawing.column))
        parts = [*self._run(self.document.blocks[self.page.key], charts)]
        if self.page.records is not None and self.page.records.fields:
            parts += self._records(self.page.records)
        if not self.titled and not self.folded:
            parts.insert(0, self._title(self.page.title, "title"))
        kinds = ["portrait"] if self.page.orientation == "portrait" else []
        kinds += ["folded"] if self.folded else []
        classes = f' class="{" ".join(kinds)}"' if kinds else ""
        inside = "\n".join([self._summary(), *parts, "</details>"] if self.folded else parts)
        return f'<section id="{self.name}"{classes} aria-labelledby="{self.name}-title">\n{inside}\n</section>'

    def _summary(self) -> str:
        """The beginning of a page that opens on demand."""
        rows = "" if self.page.records is None else f" <span>{counted(len(self.page.records), 'row')}</span>"
        return f'<details><summary><h2 id="{self.name}-title">{html_text(self.page.title)}</h2>{rows}</summary>'

    def _run(self, blocks: Sequence[Block], charts: Sequence[Chart | Flow]) -> Iterator[str]:
        """Blocks from top to bottom, and between them the charts that lie over the page there."""
        for block in blocks:
            before = [chart for chart in charts if chart.row <= block.row and not _within(chart, block)]
            charts = charts[len(before) :]
            yield from self._charts(before)
            if isinstance(block, Abreast):
                inside = [chart for chart in charts if _within(chart, block)]
                charts = charts[len(inside) :]
                yield from self._abreast(block, inside)
            else:
                yield from self._block(block)
        yield from self._charts(charts)

    def _abreast(self, block: Abreast, charts: Sequence[Chart | Flow]) -> Iterator[str]:
        shares = " ".join(f"{sum(self.page.widths[area.left : area.right]) or 1:g}fr" for area in block.areas)
        yield f'<div class="abreast" style="--areas: {shares}">'
        whole = sum(self.page.widths) or 1.0
        for area in block.areas:
            self.share = sum(self.page.widths[area.left : area.right]) / whole
            yield "<div>"
            yield from self._run(area.blocks, [one for one in charts if area.left < one.column <= area.right])
            yield "</div>"
        yield "</div>"
        self.share = 0.0

    def _title(self, text: str, style: str) -> str:
        self.titled = True
        return (
            f'<div class="first"><h2 id="{self.name}-title" class="s-{style}">{html_text(text)}</h2>'
            '<a href="#pack-top">Top</a></div>'
        )

    def _block(self, block: Words | Keys | Table) -> Iterator[str]:
        if isinstance(block, Table):
            yield from self._table(block)
        elif isinstance(block, Keys):
            yield from self._keys(block)
        elif block.cell.style == "title" and not self.titled:
            if not self.folded:
                yield self._title(self._shown(block.cell, block.row, 1).text, "title")
            self.titled = True
        else:
            tag = "h3" if block.cell.style in ("heading", "title", "caption") else "p"
            yield f'<{tag} class="{_class(block.cell.style)}">{self._inside(block.cell, block.row, 1)}</{tag}>'

    def _keys(self, block: Keys) -> Iterator[str]:
        """Headline figures: each with its trend next to it and what it is compared with below."""
        yield '<dl class="keys">'
        for tile in block.tiles:
            row, column, label = tile.label
            yield f'<div><dt class="{_class(label.style)}">{self._named(label, row, column)}</dt>'
            (_, _, value), *trend = tile.figures or [(row, column, Cell("", "key_value"))]
            figures = "".join(self._inside(cell, *place) for *place, cell in [*tile.figures[:1], *trend])
            yield f'<dd class="{_class(value.style)}">{figures}</dd>'
            for note in tile.notes:
                words = "".join(
                    f'<span class="{_class(cell.style)}">{self._inside(cell, *place)}</span>' for *place, cell in note
                )
                yield f'<dd class="s-key-note">{words}</dd>'
            yield "</div>"
        yield "</dl>"

    # ------------------------------------------------------------------ tables

    def _table(self, table: Table) -> Iterator[str]:
        table = with_details(table)
        self.left = table.left
        columns = table.columns
        slim = columns <= 2 or not table.head
        widths = [self._width(column) for column in range(1, columns + 1)]
        name = html_text(f"{self.page.title}: {table.name}" if table.name else self.page.title)
        yield self._box(name, self._room(len(table.body) if table.head else 0, sum(widths)))
        shaded = any(cell is not None and cell.shade != 1 for _, row in table.body for cell in row.cells)
        kinds = ["folds"] if any(row.level for _, row in table.body) else []
        kinds += ["matrix"] if shaded else []
        self.heads, self.more = {}, self._unseen(table)
        if self.more is not None:
            kinds += ["few"]
        elif self.share and not shaded and table.head and columns > _ROW_BY_ROW:
            kinds.append("stack")
            cells = table.head[-1][1].cells
            self.heads = {at: str(cell.value) for at, cell in enumerate(cells, 1) if cell is not None and cell.value}
        yield self._opening(slim, widths, kinds)
        yield f'<caption class="hidden">{name}</caption>'
        if not slim:
            yield f"<colgroup>{''.join(self._shares(widths))}</colgroup>"
        if table.head:
            yield "<thead>"
            for number, row in table.head:
                yield self._row(number, row, columns, slim, "col")
            yield "</thead>"
        yield from self._bodies(table, columns, slim)
        yield "</table></div>"
        if self.more:
            yield from self._others(table, name)
        self.more = None

    def _unseen(self, table: Table) -> Collection[int] | None:
        """The columns of a table that a phone does not show; None where nothing says which it shows. Tables next to
        each other can have their headers in the same row."""
        rows, own = dict(table.head), range(table.left + 1, table.left + table.columns + 1)
        keys = (one for one in self.page.key_columns if one.row in rows)
        key = next((one for one in keys if not set(own).isdisjoint(one.columns)), None)
        if key is None:
            return None
        shown = [at for at, cell in enumerate(rows[key.row].cells, 1) if cell is not None]
        return [at for at in shown if at + table.left not in key.columns]

    def _shares(self, widths: Sequence[float]) -> Iterator[str]:
        """The columns as parts of the table's width; phones choose the widths of the few that they show."""
        for width in widths:
            yield f'<col style="width: {100 * width / sum(widths):.4g}%">'

    def _others(self, table: Table, name: str) -> Iterator[str]:
        """The columns that a phone does not show with the table, as one of their own that opens on demand."""
        assert self.more is not None
        self.again, self.more = {1, *self.more}, ()
        yield f'<details class="rest"><summary>Other columns</summary><table><caption class="hidden">{name}</caption>'
        for tag, scope, rows in (("thead", "col", table.head), ("tbody", "row", table.body)):
            kept = [(number, row) for number, row in rows if only_cell(row) is None]
            yield f"<{tag}>{''.join(self._row(*one, table.columns, False, scope) for one in kept)}</{tag}>"
        yield "</table></details>"
        self.again = ()

    def _opening(self, slim: bool, widths: Sequence[float], kinds: Sequence[str]) -> str:
        if slim:
            return '<table class="slim">'
        classes = f' class="{" ".join(kinds)}"' if kinds else ""
        return f'<table{classes} style="width: min(100%, {sum(widths) * _REM_A_CHARACTER:.4g}rem)">'

    def _room(self, rows: int, characters: float) -> str:
        """The scrolling of a table: a long one below its header, in the page if that is wide enough, else in its
        box."""
        return "" if rows <= TALL else " tall fits" if characters <= _SCREEN else " tall"

    def _box(self, name: str, room: str) -> str:
        """Reached by the keyboard too, which scrolls it."""
        return f'<div class="box{room}" role="region" aria-label="{name}" tabindex="0">'

    def _bodies(self, table: Table, columns: int, slim: bool) -> Iterator[str]:
        """A ``tbody`` for each area of the table; rows that can be folded carry the names of what folds them."""
        open_folds: list[tuple[int, str]] = []
        at = 0
        yield "<tbody>"
        for index, (number, row) in enumerate(table.body):
            cell = only_cell(row)
            if cell is not None and cell.style == "heading":
                if at:
                    yield "</tbody><tbody>"
                at = 0
            at += 1
            self._highlight(number, at)
            level = row.level
            open_folds = [(above, name) for above, name in open_folds if above < level]
            classes = " ".join(name for _, name in open_folds)
            following = table.body[index + 1][1].level if index + 1 < len(table.body) else 0
            fold = ""
            if following > level:
                name = self._fold()
                open_folds.append((level, name))
                label = html_text(f"Show the lines of {_first_text(row)}")
                fold = f'<input class="fold" type="checkbox" id="{name}" checked aria-label="{label}" title="{label}">'
            yield self._row(number, row, columns, slim, "row", classes, fold)
        yield "</tbody>"

    def _fold(self) -> str:
        self.document.folds += 1
        name = f"fold-{self.document.folds}"
        self.document.rules.append(f"table:has(#{name}:not(:checked)) .{name} {{ display: none; }}")
        return name

    def _highlight(self, number: int, at: int) -> None:
        """Rules that colour the rows of a block when a link led to it; ``at`` is its first row's place."""
        for name, link in self._anchors(number).items():
            last = at + max(link.last - link.first, 0)
            self.document.rules.append(
                f"tbody:has(#{name}:target) > tr:nth-child(n+{at}):nth-child(-n+{last}) > * {{ background: #fff4d6; }}"
            )

    def _marks(self, number: int) -> str:
        return "".join(f'<span class="at" id="{name}"></span>' for name in self._anchors(number))

    def _anchors(self, number: int) -> Mapping[str, Link]:
        """The link to a row: to its first table, if it crosses several."""
        return {} if self.left else self.document.anchors[self.page.key].get(number, {})

    def _row(
        self, number: int, row: Row, columns: int, slim: bool, scope: str, classes: str = "", fold: str = ""
    ) -> str:
        marks = self._marks(number) + fold if scope == "row" and not self.again else ""
        only = only_cell(row)
        if only is not None and scope == "row" and (only.span > 1 or only.style == "heading") and columns > 1:
            inside = f'{marks}<span class="stay">{self._inside(only, number, 1)}</span>'
            tag = 'th scope="rowgroup"' if only.style == "heading" else "td"
            tag += f' class="{_class(only.style)}"'
            body = f'<{tag} colspan="{columns}">{inside}</{tag[:2]}>'
        else:
            body = "".join(self._cells(number, row, columns, slim, scope, marks))
        opening = f'<tr class="{classes}">' if classes else "<tr>"
        return f"{opening}{body}</tr>"

    def _cells(self, number: int, row: Row, columns: int, slim: bool, scope: str, marks: str) -> Iterator[str]:
        column = 1
        while column <= columns:
            cell = row.cells[column - 1] if column <= len(row.cells) else None
            cell = cell or Cell()
            span = min(cell.span, columns - column + 1)
            if any(other is not None and other.value is not None for other in row.cells[column : column + span - 1]):
                raise SegxlError(f"page {self.page.title!r}, row {number}: a cell lies under a cell that spans it")
            if not self.again or column in self.again:
                yield self._cell(number, column, cell, span, slim, scope, marks)
            marks = ""
            column += span

    def _cell(self, number: int, column: int, cell: Cell, span: int, slim: bool, scope: str, marks: str) -> str:
        look = self.document.look
        if cell.style not in look.samples:
            raise SegxlError(f"a page uses the style {cell.style!r}, which the page model does not know")
        content = self._shown(cell, number, column)
        words = isinstance(cell.value, str)
        classes = [_class(cell.style)] if cell.value is not None or cell.style != "text" else []
        classes += _number_classes(content, cell.value)
        if cell.value is not None and not words and look.samples[cell.style].alignment.horizontal in (None, "general"):
            classes.append("r")
        if words and span == 1 and not slim and (column == 1 or self._width(column) >= _WIDE):
            classes.append("name" if column == 1 else "wide")
        if scope == "col" and words and " " not in content.text:
            classes.append("d")  # no break within a month
        if column == (1 if self.left else self.pin) and span == 1 and not slim:
            classes.append("pin")
        if self.more and column in self.more:
            classes.append("more")
        name = scope == "row" and column == 1 and words and cell.style in _NAMES
        tag = "th" if name or (scope == "col" and words) else "td"
        more = f' scope="{scope}{"group" if span > 1 and scope == "col" else ""}"' if tag == "th" else ""
        more += f' class="{" ".join(classes)}"' if classes else ""
        more += f' colspan="{span}"' if span > 1 else ""
        if tag == "td" and scope == "row" and column in self.heads:
            more += f' data-head="{html_text(self.heads[column])}"'
        more += self._shade(cell)
        inside = self._named(cell, number, column) if name else self._inside(cell, number, column)
        if "name" in classes and cell.link is None and not cell.tip:
            inside = _LONG_NAME.sub(lambda name: name[0].replace("_", "_<wbr>"), inside)
        return f"<{tag}{more}>{marks}{inside}</{tag}>"

    def _shade(self, cell: Cell) -> str:
        fill = None if cell.shade == 1 else fill_colour(self.document.look.samples[cell.style], self.document.theme)
        return "" if fill is None else f' style="background: {paler(fill, cell.shade)}"'

    def _width(self, column: int) -> float:
        column += self.left
        return self.page.widths[column - 1] if column <= len(self.page.widths) else 0.0

    def _shown(self, cell: Cell, row: int, column: int) -> Shown:
        try:
            return shown(cell.value, cell.unit)
        except SegxlError as error:
            raise SegxlError(f"page {self.page.title!r}, row {row}, column {column}: {error}") from error

    def _named(self, cell: Cell, row: int, column: int) -> str:
        """The words of a row's name or a caption; its definition, if it has one, opens on demand."""
        if not cell.tip:
            return self._inside(cell, row, column)
        words = self._inside(replace(cell, tip=""), row, column)
        tip = html_text(cell.tip).replace("\n", "<br>")
        if cell.link is None:
            return f'<details class="what"><summary>{words}</summary><p>{tip}</p></details>'
        what = f'aria-label="Definition of {html_text(str(cell.value))}"'
        return f'{words} <details class="what"><summary {what}></summary><p>{tip}</p></details>'

    def _inside(self, cell: Cell, row: int, column: int) -> str:
        """The words of a cell, as a link if it leads somewhere."""
        text = html_text(self._shown(cell, row, column).text)
        if isinstance(cell.value, str):
            text = _DATE.sub(r'<span class="d">\g<0></span>', text)
        if cell.sparkline is not None:
            values, _ = self.document.values(cell.sparkline.values)
            text = svg_sparkline(cell.sparkline, values, self.document.colours)
        if cell.link is not None and text and cell.link.page in self.document.pages:
            text = f'<a href="{self.document.target(cell.link)}"{self._hint(cell.link)}>{text}</a>'
        if cell.tip:
            text = f'<span title="{html_text(cell.tip)}">{text}</span>'
        return text

    def _hint(self, link: Link) -> str:
        page = self.document.pages[link.page]
        if page.records is None or link.first <= len(page.rows) + 1:
            return ""
        rows = counted(link.last - link.first + 1, "row")
        return f' title="{html_text(f"{page.title}: {rows}")}"'

    # ------------------------------------------------------------------ lists

    def _records(self, records: Records) -> Iterator[str]:
        records = replace(records, fields=tuple(each for each in records.fields if each.on_web))
        if any(len(each.values) != len(records) for each in records.fields):
            raise SegxlError(f"page {self.page.title!r}: the columns of its list differ in length")
        self.left = 0
        rows, left = min(len(records), LISTED), max(len(records) - LISTED, 0)
        name = html_text(f"{self.page.title}: list")
        yield self._box(name, self._room(rows, _SCREEN + 1))
        many = " many" if len(records.fields) > _MANY else ""
        yield f'<table class="list{many}"><caption class="hidden">{name}</caption>'
        yield f"<thead><tr>{''.join(self._record_headers(records))}</tr></thead>"
        yield "<tbody>"
        columns = [list(self._record_column(each, at, rows)) for at, each in enumerate(records.fields, 1)]
        first = len(self.page.rows) + 2
        for index, cells in enumerate(zip(*columns, strict=True)):
            self._highlight(first + index, index + 1)
            marks = self._marks(first + index)
            start, inside = cells[0]
            rest = "".join(opening + text for opening, text in cells[1:])
            yield f"<tr>{start}{marks}{inside}{rest}</tr>"
        if not rows:
            yield f'<tr><td class="s-cell" colspan="{len(records.fields)}">No rows</td></tr>'
        yield "</tbody></table></div>"
        if left:
            words = (
                f"First {LISTED:,} of {len(records):,} rows. The workbook has the other {left:,}; "
                "`segxl explain` lists the rows of any number."
            )
            self.document.shortened.append(self.page.title)
            yield f'<p class="s-note end" id="{self.name}-end">{html_text(words)}</p>'

    def _record_headers(self, records: Records) -> Iterator[str]:
        for at, each in enumerate(records.fields, 1):
            style = "s-header-right" if is_number(each.unit) else "s-header"
            pin = " pin" if at == self._list_pin(records) else ""
            yield f'<th scope="col" class="{style}{pin}">{html_text(each.header)}</th>'

    def _list_pin(self, records: Records) -> int:
        return min(self.pin, len(records.fields))

    def _record_column(self, one: Field, at: int, rows: int) -> Iterator[tuple[str, str]]:
        """The opening tag and the rest of each cell of a column."""
        pinned = at == self._list_pin(self.page.records or Records(()))
        style = "s-cell-number" if is_number(one.unit) else "s-cell"
        for index, value in enumerate(plain_list(one.values)[:rows]):
            try:
                content = shown(value, one.unit)
            except SegxlError as error:
                raise SegxlError(f"page {self.page.title!r}, list row {index + 1}, {one.header!r}: {error}") from error
            classes = " ".join([style, *_number_classes(content, value), *(["pin"] if pinned else [])])
            tag = 'th scope="row"' if pinned else "td"
            yield f'<{tag} class="{classes}">', f"{html_text(content.text)}</{tag[:2]}>"

    # ------------------------------------------------------------------ charts

    def _charts(self, charts: Sequence[Chart | Flow]) -> Iterator[str]:
        if not charts:
            return
        yield f'<div class="charts{" one" if len(charts) == 1 else ""}">'
        for chart in charts:
            yield (
                self._flow(chart)
                if isinstance(chart, Flow)
                else self._chart(chart, self._in_area or (_ALONE if len(charts) == 1 else _HALF))
            )
        yield "</div>"

    @property
    def _in_area(self) -> float:
        """The width of a chart in an area next to another; 0 elsewhere."""
        return max(self.share * _PAGE, _NARROW) if self.share else 0.0

    def _chart(self, chart: Chart, wide: float) -> str:
        number = self.page.charts.index(chart) + 1

        def draw(name: str, width: float | None) -> str:
            try:
                return svg_chart(chart, self.document.values, self.document.colours, name, width)
            except ValueError as error:
                raise SegxlError(f"page {self.page.title!r}: {error}") from error

        source = chart.series[0].values.page if chart.series else self.page.key
        caption = ""
        if source != self.page.key and source in self.document.names:  # one that is not is refused when it is drawn
            caption = f'<figcaption><a href="#{self.document.names[source]}">Show the numbers</a></figcaption>'
        return self._figure(lambda name, width: draw(name, width or wide), f"{number}", caption)

    def _flow(self, flow: Flow) -> str:
        number = self.page.flows.index(flow) + 1
        return self._figure(
            lambda name, width: svg_flow(flow, self.document.colours, name, width or self._in_area or None),
            f"flow-{number}",
            "",
        )

    def _figure(self, draw: Callable[[str, float | None], str], end: str, caption: str) -> str:
        drawn = [
            draw(f"{self.name}-{kind}-{end}", width).replace("<svg ", f'<svg class="{kind}" ', 1)
            for kind, width in (("wide-chart", None), ("narrow", _NARROW))
        ]
        return f"<figure>{''.join(drawn)}{caption}</figure>"


def _within(chart: Chart | Flow, block: Block) -> bool:
    """Whether a chart is among areas next to each other."""
    return isinstance(block, Abreast) and block.row <= chart.row <= block.last


def _first_text(row: Row) -> str:
    return next((str(cell.value) for cell in row.cells if cell is not None and cell.value is not None), "this row")


def _number_classes(content: Shown, value: object) -> list[str]:
    """``n`` for numbers, ``d`` for dates."""
    if content.number:
        return ["n"]
    return [] if value is None or isinstance(value, str) else ["d"]


def _class(style: str) -> str:
    return f"s-{style.replace('_', '-')}"


def html_text(text: str) -> str:
    """A text for a place between tags or in quotes, escaped so that none of it becomes markup."""
    return escape(clean_text(text), quote=True)
