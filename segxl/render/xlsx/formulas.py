"""Formulas of a pack as Excel writes them: the cells and columns that a page model's formula names become addresses.

A formula that names what the pack does not have is not written: its cell shows its value.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping

from openpyxl.utils import get_column_letter, quote_sheetname

from segxl.errors import SegxlError
from segxl.pages.model import ColumnOf, Formula, NumberCell, Page, Range
from segxl.render.xlsx.excel_values import table_headers

FUNCTIONS = frozenset(
    {"ABS", "AND", "COUNTIFS", "DATE", "EDATE", "EOMONTH", "IF", "IFERROR", "INDEX", "MATCH", "MAX", "MIN", "OR"}
    | {"ROUND", "SUM", "SUMIFS", "SUMPRODUCT"}
)
"""Allowed functions: every Excel since 2010 and every spreadsheet program calculates them alike."""

LONGEST = 8_192
"""Characters of a formula that Excel takes."""

_TEXT = re.compile(r'"(?:[^"]|"")*"')
_CALL = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)\(")
_SPECIAL = re.compile(r"([\[\]#'@])")


class Formulas:
    """The formulas of a pack: ``pages`` by key, the ``titles`` of their sheets, and the names of their ``tables``."""

    def __init__(self, pages: Mapping[str, Page], titles: Mapping[str, str], tables: Mapping[str, str]) -> None:
        self._pages, self._tables = pages, tables
        self._places: dict[Hashable, tuple[Page, int]] = {}
        self._named: dict[Hashable, tuple[Page, int, int]] = {}
        self._columns: dict[ColumnOf, str] = {}
        self._allowed: set[str] = set()
        self._quoted = {key: quote_sheetname(title) for key, title in titles.items()}
        for page in pages.values():
            for key, at in page.records.places.items() if page.records is not None else ():
                self._places.setdefault(key, (page, len(page.rows) + 2 + at))
            for number, row in enumerate(page.rows, 1):
                for column, cell in enumerate(row.cells, 1):
                    if cell is not None and cell.name:
                        self._named[cell.name] = (page, number, column)
        self._headers = {
            page.key: {
                field.header: (at, shown)
                for at, (field, shown) in enumerate(
                    zip(page.records.fields, table_headers([one.header for one in page.records.fields]), strict=True), 1
                )
            }
            for page in pages.values()
            if page.records is not None
        }

    @property
    def names(self) -> Mapping[str, tuple[str, int, int]]:
        """The cells that have a name: the page's key, row and column of each."""
        return {str(name): (page.key, row, column) for name, (page, row, column) in self._named.items()}

    def text(self, formula: Formula | None, page: str) -> str:
        """A formula of a cell of ``page`` without its ``=``; blank where the pack lacks a part of it, or where it would
        be longer than Excel takes.

        Raises:
            SegxlError: it uses a function that is not in :data:`FUNCTIONS`.
        """
        if formula is None:
            return ""
        found = []
        for part in formula.parts:
            if isinstance(part, str):
                text = part
                if part not in self._allowed:
                    if name := _unknown_function(part):
                        raise SegxlError(f"a formula of the page {page!r} uses {name}, which not every Excel has")
                    self._allowed.add(part)
            elif isinstance(part, ColumnOf):
                if part not in self._columns:
                    self._columns[part] = self._column(part)
                text = self._columns[part]
            else:
                text = self._reference(part, page)
            if not text:
                return ""
            found.append(text)
        joined = "".join(found)
        return joined if len(joined) < LONGEST else ""

    def _reference(self, part: Range | NumberCell, page: str) -> str:
        if isinstance(part, Range):
            if part.page not in self._pages:
                return ""
            _, top, bottom, left, right = part
            cells = f"{get_column_letter(left)}{top}"
            if left != right or top != bottom:
                cells = f"{cells}:{get_column_letter(right)}{bottom}"
            return self._on(part.page, cells, page)
        if part.key in self._named:
            there, row, column = self._named[part.key]
            return self._on(there.key, f"${get_column_letter(column)}${row}", page)
        place = self._places.get(part.key)
        if place is None:
            return ""
        there, row = place
        known = self._headers[there.key].get(part.header)
        return self._on(there.key, f"{get_column_letter(known[0])}{row}", page) if known else ""

    def _column(self, part: ColumnOf) -> str:
        known = self._headers.get(part.page, {}).get(part.header)
        if known is None:
            return ""
        page = self._pages[part.page]
        if page.records is not None and len(page.records) == 1:
            # IronCalc's SUMIFS does not take a column of one cell as a range: use the cell and the empty one below.
            letter, row = get_column_letter(known[0]), len(page.rows) + 2
            return f"{self._quoted[page.key]}!${letter}${row}:${letter}${row + 1}"
        return f"{self._tables[part.page]}[{_SPECIAL.sub(chr(39) + chr(92) + '1', known[1])}]"

    def _on(self, there: str, cells: str, here: str) -> str:
        return cells if there == here else f"{self._quoted[there]}!{cells}"


def _unknown_function(part: str) -> str:
    """A function in a part of a formula that is not allowed; blank for none."""
    return next((name for name in _CALL.findall(_TEXT.sub('""', part)) if name not in FUNCTIONS), "")
