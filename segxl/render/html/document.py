"""Common parts of all sections of a web page: the pages, links and their targets, style rules, notes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from segxl.errors import SegxlError
from segxl.pages.model import Link, Pack, Range, Scalar
from segxl.render.html.blocks import blocks, tables
from segxl.render.html.css import chart_colours
from segxl.render.shared.colours import theme_colours
from segxl.render.shared.ranges import page_of, pages_by_key, range_values
from segxl.render.shared.theme import Look

LISTED = 100
"""Rows of a list in the file: more would make it large and slow. The workbook has them all."""


class Document:
    """Common parts of all sections of the web page: pages, links and their targets, style rules, notes."""

    def __init__(self, pack: Pack, look: Look) -> None:
        self.pack = pack
        self.look = look
        self.shortened: list[str] = []
        """The titles of the lists that are not shown in full."""
        self.rules: list[str] = []
        self.folds = 0
        self.pages = {key: page for key, page in pages_by_key(pack).items() if page.on_web}
        self.elsewhere = {page.key for page in pack.pages if not page.on_web}
        self.names = _page_names(tuple(self.pages))
        self.colours = chart_colours(look)
        self.theme = theme_colours(look)
        self.blocks = {key: list(blocks(page)) for key, page in self.pages.items()}
        self.anchors = self._anchors()

    def _anchors(self) -> dict[str, dict[int, dict[str, Link]]]:
        """By page and row: the ids that links lead to. Links to anything but a table row lead to the page."""
        found: dict[str, dict[int, dict[str, Link]]] = {key: {} for key in self.pages}
        rows = {key: self._linkable(key) for key in self.pages}
        links = [cell.link for page in self.pages.values() for row in page.rows for cell in row.cells if cell]
        for link in filter(None, links):
            if link.page in self.elsewhere:
                continue
            if link.page not in self.pages:
                raise SegxlError(f"a link leads to the page {link.page!r}, which the pack does not have")
            if link.first in rows[link.page]:
                name = f"{self.names[link.page]}-{link.first}-{max(link.first, link.last)}"
                found[link.page].setdefault(link.first, {})[name] = link
        return found

    def _linkable(self, key: str) -> set[int]:
        page = self.pages[key]
        rows = {number for table in tables(self.blocks[key]) for number, _ in table.body}
        if page.records is not None:
            first = len(page.rows) + 2
            rows |= set(range(first, first + min(len(page.records), LISTED)))
        return rows

    def target(self, link: Link) -> str:
        """The target of a link: a block of rows, the end of a list that continues in the workbook, or the page."""
        name = f"{self.names[link.page]}-{link.first}-{max(link.first, link.last)}"
        if name in self.anchors[link.page].get(link.first, {}):
            return f"#{name}"
        page = self.pages[link.page]
        beyond = page.records is not None and link.first > len(page.rows) + 1 + LISTED
        return f"#{self.names[link.page]}" + ("-end" if beyond else "")

    def values(self, place: Range) -> tuple[list[Scalar], str]:
        """The values of a range and their number format."""
        return range_values(page_of(self.pages, place), place)


def _page_names(keys: Sequence[str]) -> dict[str, str]:
    """Ids without hyphens: those of rows and charts are made with one."""
    names: dict[str, str] = {}
    for key in keys:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", key)
        plain = plain if plain[:1].isalpha() else f"p{plain}"
        number, name = 1, plain
        while name in names.values():
            number += 1
            name = f"{plain}_{number}"
        names[key] = name
    return names
