"""The rows behind one number of a pack, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from segxl.errors import SegxlError
from segxl.pages.cells import heading
from segxl.pages.model import Cell, NumberCell, Pack, Page, Records, Row
from segxl.units import TEXT

_HEADERS = ("header", "header_right", "key_label")
_NAMES = ("label", "sublabel", "header", "total", "text")


def explained_page(pack: Pack, key: str, row: int, column: int) -> Page:
    """The rows behind the number in a cell of the page ``key``, with the number's name and meaning.

    Raises:
        SegxlError: there is no number in the cell, or no list of rows behind it.
    """
    page = next((one for one in pack.pages if one.key == key), None)
    cell = _cell_at(page, row, column) if page is not None else None
    if page is None or cell is None or cell.value in (None, "") or isinstance(cell.value, str):
        raise SegxlError("The selected cell has no number. Select a linked (underlined) number")
    linked = next((one for one in pack.pages if cell.link is not None and one.key == cell.link.page), None)
    if cell.link is None or linked is None or linked.records is None:
        raise SegxlError(
            "This number is calculated from other numbers on the page and has no rows of its own. "
            "Select a linked (underlined) number"
        )
    names = list(_names(page, row, column))
    header = len(linked.rows) + 1
    places = _behind(cell, linked.records) or range(cell.link.first - header - 1, cell.link.last - header)
    fields = tuple(
        replace(field, values=[field.values[at] for at in places]) for field in linked.records.fields if field.on_web
    )
    width = len(fields)
    rows = heading("Explained", " · ".join(names), width)[:2]
    # to the cent, so that the rows can be seen to add up to it
    rows += [Row((Cell("The number", "label"), Cell(cell.value, "value", cell.unit.exact)))]
    rows += [
        Row((Cell(word, "label"), Cell(text, "text", TEXT, span=max(min(width - 1, 6), 1))))
        for word, text in (("Of", _subtitle(page)), ("Meaning", _note(page, row)), ("Rows", f"{len(places):,}"))
        if text
    ]
    rows.append(Row())
    return Page(
        "explained",
        "Explained",
        tuple(rows),
        linked.widths,
        records=Records(fields),
        freeze=(len(rows) + 2, 1),
        tab="working",
    )


def _behind(cell: Cell, records: Records) -> Sequence[int]:
    """The records behind a number; none where its link leads to all of them."""
    keys = [part.key for part in (cell.formula.parts if cell.formula else ()) if isinstance(part, NumberCell)]
    return records.behind(keys[0]) if keys and records.behind is not None else ()


def _cell_at(page: Page, row: int, column: int) -> Cell | None:
    """The cell at a place, or the one that spans it."""
    if not 1 <= row <= len(page.rows):
        return None
    for at, cell in enumerate(page.rows[row - 1].cells, start=1):
        if cell is not None and at <= column < at + cell.span:
            return cell
    return None


def _names(page: Page, row: int, column: int) -> Iterator[str]:
    """The number's name: from its row, the row above that it is part of, and its column."""
    above = [one.cells for one in page.rows[: row - 1]]
    mine = page.rows[row - 1].cells
    first = mine[0] if mine else None
    if first is not None and first.style == "sublabel":
        whole = (cells[0] for cells in reversed(above) if cells and cells[0] is not None)
        parent = next((cell for cell in whole if cell.style == "label"), None)
        if parent is not None:
            yield str(parent.value)
    if first is not None and first.style in _NAMES and isinstance(first.value, str) and column > 1:
        yield first.value
    for number in range(row - 1, 0, -1):
        header = _cell_at(page, number, column)
        if header is not None and header.style in _HEADERS:
            if header.value:
                yield " ".join(str(header.value).split())
            return


def _note(page: Page, row: int) -> str:
    """The definition in the number's row, or in the row that it is part of."""
    for cells in (one.cells for one in reversed(page.rows[:row])):
        if cells and cells[0] is not None and cells[0].style in ("label", "heading"):
            last = cells[-1]
            return str(last.value) if last is not None and last.style == "note" and last.value else ""
    return ""


def _subtitle(page: Page) -> str:
    cells = page.rows[1].cells if len(page.rows) > 1 else ()
    return str(cells[0].value) if cells and cells[0] is not None and cells[0].value else ""
