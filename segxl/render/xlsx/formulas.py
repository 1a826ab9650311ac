"""Formulas of a pack as Excel writes them: the cells and columns that a page model's formula names become addresses.

A formula that names what the pack does not have is not written: its cell shows its value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from openpyxl.utils import get_column_letter, quote_sheetname

from segxl.errors import SegxlError
from segxl.pages.model import ColumnOf, Formula, NumberCell, Page, Range
from segxl.pages.references import References
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
        self._references, self._tables = References(pages.values()), tables
        self._columns: dict[ColumnOf, str] = {}
        self._allowed: set[str] = set()
        self._quoted = {key: quote_sheetname(title) for key, title in titles.items()}
        self._headers = {
            key: table_headers([field.header for field in page.records.fields])
            for key, page in pages.items()
            if page.records is not None
        }

    @property
    def names(self) -> Mapping[str, tuple[str, int, int]]:
        """The cells that have a name: the page's key, row and column of each."""
        return {str(name): place for name, place in self._references.named.items()}

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
            there, top, bottom, left, right = part
            if there not in self._references.pages:
                return ""
            cells = f"{get_column_letter(left)}{top}"
            if left != right or top != bottom:
                cells = f"{cells}:{get_column_letter(right)}{bottom}"
            return self._on(there, cells, page)
        place = self._references.cell(part)
        if place is None:
            return ""
        there, row, column = place
        fixed = "$" if part.key in self._references.named else ""
        return self._on(there, f"{fixed}{get_column_letter(column)}{fixed}{row}", page)

    def _column(self, part: ColumnOf) -> str:
        column = self._references.column(part)
        if column is None:
            return ""
        page = self._references.pages[part.page]
        if page.records is not None and len(page.records) == 1:
            # IronCalc's SUMIFS does not take a column of one cell as a range: use the cell and the empty one below.
            letter, row = get_column_letter(column), len(page.rows) + 2
            return f"{self._quoted[page.key]}!${letter}${row}:${letter}${row + 1}"
        header = self._headers[part.page][column - 1]
        return f"{self._tables[part.page]}[{_SPECIAL.sub(chr(39) + chr(92) + '1', header)}]"

    def _on(self, there: str, cells: str, here: str) -> str:
        return cells if there == here else f"{self._quoted[there]}!{cells}"


def _unknown_function(part: str) -> str:
    """A function in a part of a formula that is not allowed; blank for none."""
    return next((name for name in _CALL.findall(_TEXT.sub('""', part)) if name not in FUNCTIONS), "")
