"""What the formulas of a pack refer to: cells with a name, rows of the table Numbers, columns of lists, and pages."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from segxl.pages.model import ColumnOf, NumberCell, Page, Range

Place = tuple[str, int, int]
"""A cell: the page's key, its row and its column, both from 1."""


class References:
    """Where the parts of a pack's formulas are."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages: Mapping[str, Page] = {page.key: page for page in pages}
        self.named: dict[Hashable, Place] = {}
        self._rows: dict[Hashable, tuple[str, int]] = {}
        self._columns: dict[str, dict[str, int]] = {}
        for key, page in self.pages.items():
            for number, row in enumerate(page.rows, 1):
                for column, cell in enumerate(row.cells, 1):
                    if cell is not None and cell.name:
                        self.named[cell.name] = key, number, column
            if page.records is not None:
                self._columns[key] = {field.header: at for at, field in enumerate(page.records.fields, 1)}
                for row_key, at in page.records.places.items():
                    self._rows.setdefault(row_key, (key, len(page.rows) + 2 + at))

    def cell(self, part: NumberCell) -> Place | None:
        """The cell with a name, or a row's cell of the table Numbers; None where the pack lacks it."""
        if (place := self.named.get(part.key)) is not None:
            return place
        if (found := self._rows.get(part.key)) is None:
            return None
        page, row = found
        column = self._columns[page].get(part.header)
        return None if column is None else (page, row, column)

    def column(self, part: ColumnOf) -> int | None:
        """A list's column, from 1; None where the pack lacks it."""
        return self._columns.get(part.page, {}).get(part.header)

    def has(self, part: str | Range | ColumnOf | NumberCell) -> bool:
        """Whether the pack has a part of a formula; without one of its parts a formula is not written."""
        if isinstance(part, NumberCell):
            return self.cell(part) is not None
        if isinstance(part, ColumnOf):
            return self.column(part) is not None
        return isinstance(part, str) or part.page in self.pages
