"""Arrays of codes: values as their places, so that rows are compared and counted as integers.

Nothing else in segxl asks pandas for codes: -1 is unknown, codes are int32 wherever they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
"""Which rows: (n,), true for those meant."""
_Value = TypeVar("_Value", bound=np.generic)


def factorized(values: NDArray[_Value]) -> tuple[Codes, NDArray[_Value]]:
    """The place of each value among the distinct ones, and those in the order of their first rows."""
    if len(values) <= _FEW and values.dtype == object:
        places = {value: place for place, value in enumerate(dict.fromkeys(values.tolist()))}
        if len(places) == len(values):
            return np.arange(len(values), dtype=np.int32), values
        distinct = np.empty(len(places), dtype=object)
        distinct[:] = list(places)
        return np.fromiter(map(places.__getitem__, values.tolist()), np.int32, len(values)), distinct
    import pandas as pd

    found, distinct = pd.factorize(values)
    return found.astype(np.int32), np.asarray(distinct)


_FEW = 200_000
"""Values up to which a dictionary costs less than importing pandas, which takes half a second."""


_Code = TypeVar("_Code", bound=np.integer[Any])


def renumbered(codes: NDArray[_Code], count: int) -> tuple[NDArray[_Code], NDArray[np.integer[Any]]]:
    """Codes below ``count`` renumbered in the order of their first rows, and the old code of each new one."""
    if count > 4 * len(codes):
        found, distinct = factorized(codes)
        return found.astype(codes.dtype, copy=False), distinct
    present = np.zeros(count, dtype=bool)
    present[codes] = True
    used = int(np.count_nonzero(present))
    first = np.full(count, len(codes), dtype=np.int64)
    done, size = 0, 1 << 14
    while done < len(codes):  # most codes turn up among the first rows, and then the others need no look
        part = codes[done:size]
        np.minimum.at(first, part, np.arange(done, done + len(part)))
        done, size = size, 2 * size
        if np.count_nonzero(first < len(codes)) == used:
            break
    order: NDArray[np.integer[Any]] = np.argsort(first, kind="stable")[:used]
    if (order == np.arange(used)).all():
        return codes, order
    places: NDArray[_Code] = np.zeros(count, dtype=codes.dtype)
    places[order] = np.arange(used, dtype=codes.dtype)
    return places[codes], order


def rows_in_order(*columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Rows in the order of some columns, the first column first, and of the rows themselves where all are equal.

    One number that holds a whole row sorts several times as fast as ``np.lexsort`` does.
    """
    count = len(columns[0])
    bits, key, room = max(count - 1, 1).bit_length(), np.zeros(count, dtype=np.int64), 1
    for column in columns if count else ():
        least = int(column.min())
        width = int(column.max()) - least + 1
        room *= width
        if room.bit_length() + bits > _SIGNED_BITS:
            return np.lexsort((np.arange(count), *reversed(columns)))
        key = key * width + (column - np.int64(least))
    key = (key << bits) | np.arange(count)
    key.sort()
    return key & ((1 << bits) - 1)


_SIGNED_BITS = 63


def factorized_together(*columns: NDArray[Any]) -> Codes:
    """One code for each combination of values that a row has in some columns, in the order of their first rows."""
    import pandas as pd

    return pd.MultiIndex.from_arrays(list(columns)).factorize()[0].astype(np.int32)


def positions(of: Sequence[str] | NDArray[Any], among: Sequence[str] | NDArray[Any]) -> Codes:
    """The place of each text ``of`` in ``among``, which has each text once; -1 where it is not there."""
    if max(len(of), len(among)) <= _FEW:
        places = {text: place for place, text in enumerate(among)}
        return np.fromiter((places.get(text, -1) for text in of), np.int32, len(of))
    import pandas as pd

    return pd.Index(among, dtype=object).get_indexer(pd.Index(of, dtype=object)).astype(np.int32)
