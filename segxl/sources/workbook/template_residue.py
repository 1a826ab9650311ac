"""Remains of the template on a table's sheet after an export was pasted over its top, at A1.

The template's sheets have four rows above their data: the table's name, a line of help, a hint and a name for each
column; then two example rows. A smaller export covers only a part of them. The rest is not data: otherwise the
remaining names would be read as the header, and the examples' last cells as the export's.
"""

from __future__ import annotations

from collections.abc import Sequence

from segxl.sources.formats import FORMATS
from segxl.sources.formats.model import fold
from segxl.tables.contracts import CONTRACTS, Contract, Texts

_HINTS, _NAMES, _ROWS = 2, 3, 6
"""The rows, from 0, of the hints and of the names; and how many rows the empty template fills."""


def without_leftovers(table: str, columns: Sequence[Texts]) -> list[Texts]:
    """A table's sheet, column by column, without the cells of the template that remain below a pasted export.

    A sheet whose first cell is still the table's name, or that has no names of the template in their places, is
    returned as it is.
    """
    if not columns or len(columns[0]) <= _NAMES or fold(columns[0][0]) == fold(table):
        return list(columns)
    top = [column[0] for column in columns]
    for contract in CONTRACTS[table]:
        first = _first_left(contract, [column[_NAMES] for column in columns])
        covers = sum(text != "" for text in top[: first or len(top)])
        if first is None or covers < 2 or (not first and not _is_header(contract, top)):
            continue
        cleared = [column.copy() for column in columns]
        for at, column in enumerate(cleared):
            if first and at >= first:  # right of the export
                column[:_ROWS] = ""
            elif not first:  # it is so short that it ends above the names
                column[_NAMES] = ""
                hint = contract.columns[at].hint if at < len(contract.columns) else ""
                if column[_HINTS] == hint or not top[at]:
                    column[_HINTS] = ""
        return cleared
    return list(columns)


def _first_left(contract: Contract, row: Sequence[str]) -> int | None:
    """The first column from which a row has the template's names in place; None without them."""
    count = len(contract.columns)
    if len(row) < count:
        return None
    first = count
    while first and row[first - 1].removesuffix("*").rstrip() == contract.names[first - 1]:
        first -= 1
    return first if first < count else None


def _is_header(contract: Contract, cells: Sequence[str]) -> bool:
    own = {fold(name) for name in contract.names}
    return len({fold(text) for text in cells} & own) > 1 or any(one.fits(cells) for one in FORMATS)
