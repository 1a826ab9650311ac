"""What the ledger says about how values are written: dates in several ways, amounts as words, cents rounded."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segxl.tables import Texts

_PLAIN_AMOUNT = re.compile(r"[-+]?[\d.,]+")
_DATE_WAYS = (
    re.compile(r"\d{4}.*"),  # the year first
    re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.].*"),  # day or month first
    re.compile(r"\d{5}(?:\.\d+)?"),  # Excel's numbers
)


def amounts_in_words(cells: Texts, rows: NDArray[np.int32], header: str) -> list[str]:
    """How many amounts have symbols, letters or spaces, where others are plain numbers."""
    return _differing(
        cells,
        rows,
        lambda text: 0 if _PLAIN_AMOUNT.fullmatch(text) else 1,
        lambda count, shown: f"{count:,} row(s) of {header!r} are no plain numbers, like {shown}: read as amounts",
        usual=0,
    )


def dates_in_several_ways(cells: Texts, rows: NDArray[np.int32], header: str) -> list[str]:
    """How many dates are written in another way than most."""
    return _differing(
        cells,
        rows,
        _way_of_date,
        lambda count, shown: f"{count:,} row(s) write dates of {header!r} in another way than most, like {shown}",
    )


def _way_of_date(text: str) -> int:
    serial = len(_DATE_WAYS) - 1
    if _DATE_WAYS[serial].fullmatch(text):
        return serial
    return next((way for way, pattern in enumerate(_DATE_WAYS) if pattern.fullmatch(text)), len(_DATE_WAYS))


def _differing(
    cells: Texts,
    rows: NDArray[np.int32],
    way: Callable[[str], int],
    say: Callable[[int, str], str],
    usual: int | None = None,
) -> list[str]:
    """What to say of the rows that are not written in the ``usual`` way, or as most are, where not all are alike."""
    ways_of = {text: way(text) for text in set(cells.tolist()) if text}
    if len(set(ways_of.values())) < 2:  # nearly every column: found out without a look at each cell
        return []
    codes, distinct = pd.factorize(cells)
    ways = np.array([ways_of.get(text, -1) for text in distinct])[codes]
    kinds, counts = np.unique(ways[ways >= 0], return_counts=True)
    others = (ways >= 0) & (ways != (kinds[np.argmax(counts)] if usual is None else usual))
    shown = " and ".join(repr(str(text)) for text in pd.unique(cells[others])[:2])
    return [say(len(np.unique(rows[others])), shown)]
