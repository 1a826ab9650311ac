"""Rows that are alike, held once with how often they occur: a warehouse's millions of page views fit in memory so.

Each such row has its first row number; the others follow it without a gap. What speaks of single rows, as a rejection
does, first holds these apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segxl.tables.row_numbers import RowNumbers

Times = NDArray[np.int64]
"""How often each row occurs, shape (rows,)."""


def apart(
    rows: RowNumbers, times: Times, wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.int32], Times | None]:
    """Rows of which those that are ``wanted`` are held one by one.

    Returns:
        the place of each among the given rows, its number, and how often it occurs; None where each occurs once.
    """
    sizes = np.where(wanted, times, 1)
    places = np.repeat(np.arange(len(rows)), sizes)
    turn = np.arange(len(places)) - (np.cumsum(sizes) - sizes)[places]
    left = np.where(wanted, 1, times)[places]
    return places, (np.asarray(rows)[places] + turn).astype(np.int32), None if (left == 1).all() else left
