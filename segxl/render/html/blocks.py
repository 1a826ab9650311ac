"""The blocks of a page: headings, text, headline figures, tables, areas next to each other.

A sheet needs cells only; a page that is read aloud or on a phone needs to know what belongs together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile

from segxl.pages.model import Cell, Page, Row, SideBySide
from segxl.render.xlsx.excel_values import MAX_COLUMNS

_HEADERS = {"header", "header_right"}
_LINES = {"title", "subtitle", "headline", "heading", "caption", "note", "text"}
_KEY_NOTES = {"key_note", "key_good", "key_bad", "key_even"}
_QUIET = {"text", "note", "cell"}

Numbered = tuple[int, Row]
"""A row with its number on the page."""


@dataclass
class Words:
    """A line of words over the page: title, subtitle, headline, heading or note."""

    row: int
    cell: Cell


Placed = tuple[int, int, Cell]
"""A cell with its row and column on the page."""


@dataclass
class Tile:
    """A headline figure: its caption, the figure and its trend, and what is below it, a line a row."""

    label: Placed
    figures: list[Placed]
    notes: list[list[Placed]]


@dataclass
class Keys:
    """Headline figures next to each other."""

    row: int
    tiles: list[Tile]


@dataclass
class Table:
    """Consecutive rows, with the rows of column headers above them. ``left``: the columns of the page before its
    own."""

    row: int
    name: str
    left: int = 0
    head: list[Numbered] = field(default_factory=list)
    body: list[Numbered] = field(default_factory=list)

    @property
    def columns(self) -> int:
        """The number of its rows."""
        return max(extent(row) for _, row in (*self.head, *self.body))


@dataclass
class Area:
    """A part of the page's width, from the column ``left`` + 1 to ``right``."""

    left: int
    right: int
    blocks: list[Block]


@dataclass
class Abreast:
    """Areas next to each other, in the page's rows ``row`` to ``last``."""

    row: int
    last: int
    areas: list[Area]


Block = Words | Keys | Table | Abreast
"""The blocks of a page."""


def blocks(page: Page) -> Iterator[Block]:
    """A page's rows as blocks, from top to bottom; blank rows end a table."""
    rows = list(enumerate(map(_on_web, page.rows), 1))
    done = 0
    for areas in sorted(page.side_by_side, key=lambda one: one.first):
        yield from _blocks(rows[done : areas.first - 1])
        yield Abreast(areas.first, areas.last, list(_areas(areas, rows[areas.first - 1 : areas.last])))
        done = areas.last
    yield from _blocks(rows[done:])


def tables(found: Iterable[Block]) -> Iterator[Table]:
    """The tables among blocks, those of areas too."""
    for block in found:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Abreast):
            for area in block.areas:
                yield from tables(area.blocks)


def with_details(table: Table) -> Table:
    """The table without its last column where that holds definitions or notes: each joins the tip of its row's name."""
    last = table.columns
    heads = [row.cells[last - 1] for _, row in table.head if len(row.cells) == last]
    if last < 3 or not any(cell is not None and cell.value in DETAILS for cell in heads):
        return table
    body = [(number, _named(row, last)) for number, row in table.body]
    head = [(number, replace(row, cells=_clipped(row.cells, last - 1))) for number, row in table.head]
    return replace(table, head=head, body=body)


DETAILS = ("Definition", "Notes")
"""The headers of a column of definitions and of one of notes."""


def _named(row: Row, last: int) -> Row:
    """A row whose name has the words of its last cell as its tip."""
    said = row.cells[last - 1] if len(row.cells) >= last else None
    cells = _clipped(row.cells, last - 1)
    if said is None or not said.value or not cells or cells[0] is None:
        return replace(row, cells=cells)
    tip = "\n".join(dict.fromkeys(filter(None, (cells[0].tip, str(said.value)))))
    return replace(row, cells=(replace(cells[0], tip=tip), *cells[1:]))


def _clipped(cells: tuple[Cell | None, ...], columns: int) -> tuple[Cell | None, ...]:
    """The cells of the first columns, none of them wider."""
    return tuple(
        cell if cell is None else replace(cell, span=min(cell.span, columns - at))
        for at, cell in enumerate(cells[:columns])
    )


def _areas(areas: SideBySide, rows: list[Numbered]) -> Iterator[Area]:
    ends = [*(column - 1 for column in areas.columns[1:]), MAX_COLUMNS]
    for first, last in zip(areas.columns, ends, strict=True):
        own = [(number, replace(row, cells=row.cells[first - 1 : last])) for number, row in rows]
        yield Area(first - 1, last, list(_blocks(own, first - 1)))


def _blocks(rows: list[Numbered], left: int = 0) -> Iterator[Block]:
    table: Table | None = None
    name = ""
    drawn = 0  # the last row of headline figures
    for at, (number, row) in enumerate(rows):
        if number <= drawn:
            continue
        only, styles = only_cell(row), _styles(row)
        after = _styles(rows[at + 1][1]) if at + 1 < len(rows) else set()
        line = only is not None and only.style in _LINES
        header = bool(styles) and (styles <= _HEADERS or (styles == {"heading"} and only is None))
        if table is not None and (
            _blank(row)
            or styles <= {"key_label"}
            or (only is not None and only.style in ("title", "subtitle", "headline"))
            or (only is not None and only.style == "heading" and (not table.head or after <= _HEADERS))
            or (header and table.body)
        ):
            yield table
            table = None
        if _blank(row):
            continue
        if styles == {"key_label"} and after:
            notes = list(takewhile(lambda one: _styles(one[1]) and _styles(one[1]) <= _KEY_NOTES, rows[at + 2 :]))
            drawn = number + 1 + len(notes)
            yield Keys(number, list(_tiles(rows[at], rows[at + 1], notes)))
        elif only is not None and line and table is None:
            name = str(only.value) if only.style == "heading" else name
            yield Words(number, only)
        else:
            table = table or Table(number, name, left)
            (table.head if header else table.body).append((number, row))
    if table is not None:
        yield table


def _tiles(labels: Numbered, figures: Numbered, notes: list[Numbered]) -> Iterator[Tile]:
    """Each caption with what is in its columns: up to the next caption."""
    starts = [at for at, cell in enumerate(labels[1].cells) if cell is not None and cell.value is not None]
    for start, end in zip(starts, [*starts[1:], None], strict=True):

        def of(numbered: Numbered, start: int = start, end: int | None = end) -> list[Placed]:
            number, row = numbered
            cells = enumerate(row.cells[start:end], start + 1)
            return [(number, at, cell) for at, cell in cells if cell is not None and _shows(cell)]

        yield Tile(of(labels)[0], of(figures), [found for one in notes if (found := of(one))])


def _shows(cell: Cell) -> bool:
    return cell.value not in (None, "") or cell.sparkline is not None


def _on_web(row: Row) -> Row:
    """The row without the cells that are only for writing."""
    if all(cell is None or cell.on_web for cell in row.cells):
        return row
    return replace(row, cells=tuple(cell if cell is not None and cell.on_web else None for cell in row.cells))


def only_cell(row: Row) -> Cell | None:
    """The only cell of a row, at its start."""
    cells = [cell for cell in row.cells if cell is not None and cell.value not in (None, "")]
    return cells[0] if len(cells) == 1 and row.cells[0] is cells[0] and extent(row) == cells[0].span else None


def extent(row: Row) -> int:
    """The last column that a row uses."""
    return max((at + cell.span - 1 for at, cell in enumerate(row.cells, 1) if cell is not None), default=0)


def _styles(row: Row) -> set[str]:
    """The styles of the cells that show something; of an empty header too."""
    return {cell.style for cell in row.cells if cell is not None and (cell.value is not None or cell.style in _HEADERS)}


def _blank(row: Row) -> bool:
    return all(cell is None or (cell.value in (None, "") and cell.style in _QUIET) for cell in row.cells)
