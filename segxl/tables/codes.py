"""Arrays of codes: values as integers, so that rows are compared and counted by integers.

Only this module asks pandas for codes: -1 is unknown, and codes are always int32.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
"""A mask of rows: (n,), true for the selected ones."""
_Value = TypeVar("_Value", bound=np.generic)


def factorized(values: NDArray[_Value]) -> tuple[Codes, NDArray[_Value]]:
    """The place of each value among the distinct ones, and those in the order of their first rows."""
    if len(values) <= _FEW and values.dtype == object:
        cells = values.tolist()
        distinct = list(dict.fromkeys(cells))
        if len(distinct) == len(cells):
            return np.arange(len(cells), dtype=np.int32), values
        found: NDArray[Any] = np.empty(len(distinct), dtype=object)
        found[:] = distinct
        return _looked_up(cells, distinct), found
    if len(values) <= _FEW and values.dtype.kind in "iufb":
        return _factorized_numbers(values)
    import pandas as pd

    places, others = pd.factorize(values, use_na_sentinel=False)
    return places.astype(np.int32), np.asarray(others)


def _factorized_numbers(values: NDArray[_Value]) -> tuple[Codes, NDArray[_Value]]:
    distinct, first, places = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    new = np.empty(len(order), dtype=np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    return new[places], distinct[order]


def _looked_up(of: list[Any], among: Sequence[Any]) -> Codes:
    """The place of each value in a sequence that has each once; -1 where it is not there."""
    places = dict(zip(among, range(len(among)), strict=True))
    return np.fromiter(map(places.get, of, repeat(-1)), np.int32, len(of))


_FEW = 400_000
"""The number of values up to which a dictionary costs less than importing pandas, which takes a third of a second."""


_Code = TypeVar("_Code", bound=np.integer[Any])


def used_codes(codes: NDArray[np.integer[Any]], count: int) -> NDArray[np.bool_]:
    """A mask of the codes below ``count`` that occur."""
    used = np.zeros(count, dtype=bool)
    done, size = 0, 1 << 16
    while done < len(codes):  # where all are used, most turn up among the first rows
        used[codes[done:size]] = True
        if used.all():
            break
        done, size = size, size + max(size, 1 << 20)
    return used


def renumbered(codes: NDArray[_Code], count: int) -> tuple[NDArray[_Code], NDArray[np.integer[Any]]]:
    """Codes below ``count`` renumbered in the order of their first rows, and the old code of each new one."""
    if count > 4 * len(codes):
        found, distinct = factorized(codes)
        return found.astype(codes.dtype, copy=False), distinct
    present = used_codes(codes, count)
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


def in_order(*columns: NDArray[np.integer[Any]], kept: NDArray[_Code]) -> tuple[list[Codes], NDArray[_Code]]:
    """Some columns sorted by the first, then the next, then by row; and one that only comes along.

    One number that holds a whole row sorts several times as fast as ``np.lexsort`` does, and nothing is fetched from
    the rows' places afterwards.
    """
    count = len(columns[0])
    every: list[NDArray[Any]] = [*columns, kept]
    least = [int(column.min()) if count else 0 for column in every]
    sizes = [int(column.max()) - low + 1 if count else 1 for column, low in zip(every, least, strict=True)]
    bits = [max(size - 1, 0).bit_length() for size in [*sizes[:-1], count, sizes[-1]]]
    if sum(bits) > _SIGNED_BITS:
        order = np.lexsort((np.arange(count), *reversed(columns)))
        return [column[order].astype(np.int32) for column in columns], kept[order]
    parts = [slice(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]
    key = np.empty(count, dtype=np.int64)
    for part in parts:  # numbers that fit into the cache
        mixed = np.zeros(part.stop - part.start, dtype=np.int64)
        for column, low, width in zip(columns, least, bits, strict=False):
            mixed <<= width
            mixed += column[part]
            mixed -= low
        mixed = (mixed << bits[-2]) | np.arange(part.start, part.stop)
        key[part] = (mixed << bits[-1]) | (kept[part] - np.int64(least[-1]))
    key.sort()
    found, along = [np.empty(count, dtype=np.int32) for _ in columns], np.empty(count, dtype=kept.dtype)
    for part in parts:
        mixed = key[part]
        along[part] = (mixed & ((1 << bits[-1]) - 1)) + least[-1]
        mixed = mixed >> (bits[-1] + bits[-2])
        for column, low, width in reversed(list(zip(found, least, bits, strict=False))):
            column[part] = (mixed & ((1 << width) - 1)) + low
            mixed >>= width
    return found, along


_AT_ONCE = 1 << 18
_SIGNED_BITS = 63


def factorized_together(*columns: NDArray[Any]) -> Codes:
    """One code for each combination of values that a row has in some columns, in the order of their first rows."""
    together = np.zeros(len(columns[0]), dtype=np.int32)
    for column in columns:
        codes, distinct = factorized(column)
        together = factorized(together * np.int64(len(distinct)) + codes)[0]
    return together


def positions(of: Sequence[str] | NDArray[Any], among: Sequence[str] | NDArray[Any]) -> Codes:
    """The place of each text ``of`` in ``among``, which has each text once; -1 where it is not there."""
    if max(len(of), len(among)) <= _FEW:
        return _looked_up(list(of), list(among))
    import pandas as pd

    return pd.Index(among, dtype=object).get_indexer(pd.Index(of, dtype=object)).astype(np.int32)
