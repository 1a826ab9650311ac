"""What the rows of a page are: headings, lines of words, headline figures, tables.

A sheet needs cells only; a page that is read aloud or on a phone needs to know what belongs together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from segxl.pages.model import Cell, Page, Row

_HEADERS = {"header", "header_right"}
_LINES = {"title", "subtitle", "heading", "note", "text"}
_QUIET = {"text", "note", "cell"}


@dataclass
class Words:
    """A line of words over the page: title, subtitle, heading or note."""

    row: int
    cell: Cell


@dataclass
class Keys:
    """Headline figures with their captions above them."""

    row: int
    labels: tuple[Cell | None, ...]
    values: tuple[Cell | None, ...] = ()


@dataclass
class Table:
    """Consecutive rows, with the rows of column headers above them."""

    row: int
    name: str
    head: list[tuple[int, Row]] = field(default_factory=list)
    body: list[tuple[int, Row]] = field(default_factory=list)

    @property
    def columns(self) -> int:
        return max(extent(row) for _, row in (*self.head, *self.body))


Block = Words | Keys | Table
"""What a page is made of."""


def blocks(page: Page) -> Iterator[Block]:
    """A page's rows as blocks, from top to bottom; blank rows end a table."""
    table: Table | None = None
    name = ""
    rows = list(page.rows)
    for number, row in enumerate(rows, 1):
        only, styles = only_cell(row), _styles(row)
        before, after = (_styles(rows[at]) if 0 <= at < len(rows) else set() for at in (number - 2, number))
        line = only is not None and only.style in _LINES
        header = bool(styles) and styles <= _HEADERS
        if table is not None and (
            _blank(row)
            or styles <= {"key_label"}
            or (only is not None and only.style in ("title", "subtitle"))
            or (only is not None and only.style == "heading" and (not table.head or after <= _HEADERS))
            or (header and table.body)
        ):
            yield table
            table = None
        if _blank(row):
            continue
        if styles == {"key_label"} and after:
            yield Keys(number, row.cells, rows[number].cells)
        elif before == {"key_label"}:
            continue  # drawn with its captions
        elif only is not None and line and table is None:
            name = str(only.value) if only.style == "heading" else name
            yield Words(number, only)
        else:
            table = table or Table(number, name)
            (table.head if header else table.body).append((number, row))
    if table is not None:
        yield table


def only_cell(row: Row) -> Cell | None:
    """The cell of a row that has one alone, at its start."""
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
