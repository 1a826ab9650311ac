"""Ledger notes on how values are written: dates in several styles, amounts as words."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segxl.messages import counted
from segxl.sources.values.shapes import of_each_shape
from segxl.tables.row_numbers import RowNumbers
from segxl.tables.text_column import TextColumn, Texts

_PLAIN_AMOUNT = re.compile(r"[-+]?[\d.,]+")
_DATE_WAYS = (
    re.compile(r"\d{4}.*"),  # the year first
    re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.].*"),  # day or month first
    re.compile(r"\d{5}(?:\.\d+)?"),  # Excel's numbers
)


def amounts_in_words(cells: TextColumn, rows: RowNumbers, header: str) -> list[str]:
    """The note about amounts with symbols, letters or spaces in a column of plain numbers."""
    if cells.cents is not None:
        return []
    return _differing(
        cells,
        rows,
        lambda text: 0 if _PLAIN_AMOUNT.fullmatch(text) else 1,
        lambda count, shown: counted(
            count,
            f"row of {header!r} is not a plain number, like {shown}: read as an amount",
            f"rows of {header!r} are not plain numbers, like {shown}: read as amounts",
        ),
        usual=0,
    )


def percents_of_two_kinds(cells: Texts, fractions: NDArray[np.float64], header: str) -> list[str]:
    """The note about the odd ones of a column of percentages: a fraction in a column with 40 or with 40%."""
    if not len(cells):
        return []
    rows = counted(len(cells), "row")
    read = f"{100 * fractions[0]:.6g}%"
    return [f"{rows} of {header!r} may be fractions or percentages, like {str(cells[0])!r}: read as {read}"]


def dates_in_several_ways(cells: TextColumn, rows: RowNumbers, header: str) -> list[str]:
    """The note about dates that are written differently from most."""
    return _differing(
        cells,
        rows,
        _way_of_date,
        lambda count, shown: (
            f"{counted(count, 'row has', 'rows have')} dates in {header!r} in a different format, like {shown}"
        ),
    )


def _way_of_date(text: str) -> int:
    serial = len(_DATE_WAYS) - 1
    if _DATE_WAYS[serial].fullmatch(text):
        return serial
    return next((way for way, pattern in enumerate(_DATE_WAYS) if pattern.fullmatch(text)), len(_DATE_WAYS))


def _differing(
    cells: TextColumn,
    rows: RowNumbers,
    way: Callable[[str], int],
    say: Callable[[int, str], str],
    usual: int | None = None,
) -> list[str]:
    """The note about rows that are not written in the ``usual`` style, or in that of most rows."""

    def ways_of(texts: Texts) -> NDArray[np.int64]:
        return of_each_shape(texts, lambda text: way(text) if text else -1)

    kinds = np.unique(ways_of(cells.in_use[1]))
    kinds = kinds[kinds >= 0]
    if len(kinds) < 2:
        return []
    ways = ways_of(cells.distinct)
    if usual is None:
        usual = int(kinds[np.argmax([cells.counts[ways == kind].sum() for kind in kinds])])
    other = (ways >= 0) & (ways != usual)
    shown = " and ".join(map(repr, cells.distinct[other][:2].tolist()))
    return [say(len(np.unique(rows[other[cells.codes]])), shown)]
