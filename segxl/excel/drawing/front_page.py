"""The first page of a pack by itself, to be drawn into a workbook that has another pack's pages already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from segxl.pages.model import Cell, Pack, Page


def front_page(pack: Pack) -> Pack:
    """The pack's first page and the pages that its charts and sparklines are drawn from. Links to other pages are
    dropped, and so are the formulas over them when they are drawn: the numbers stay."""
    pages = {page.key: page for page in pack.pages}
    kept = [pack.pages[0].key]
    for key in kept:
        kept += [other for other in _drawn_from(pages[key]) if other not in kept]
    return replace(pack, pages=tuple(_without_links(pages[key], set(kept)) for key in kept))


def _drawn_from(page: Page) -> Iterator[str]:
    """The keys of the pages with the numbers of a page's charts and sparklines, each once."""
    found = [series.values.page for chart in page.charts for series in chart.series]
    found += [chart.categories.page for chart in page.charts]
    found += [
        cell.sparkline.values.page for row in page.rows for cell in row.cells if cell is not None and cell.sparkline
    ]
    yield from dict.fromkeys(found)


def _without_links(page: Page, kept: set[str]) -> Page:
    def linked(cell: Cell | None) -> Cell | None:
        lost = cell is not None and cell.link is not None and cell.link.page not in kept
        return replace(cell, link=None) if cell is not None and lost else cell

    rows = tuple(replace(row, cells=tuple(map(linked, row.cells))) for row in page.rows)
    return replace(page, rows=rows)
