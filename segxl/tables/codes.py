"""Arrays of codes: values as integers, so that rows are compared and counted by integers.

Only this module asks pandas for codes: -1 is unknown, and codes are always int32.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, repeat
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


def gathered(
    values: NDArray[_Value], codes: NDArray[np.integer[Any]], into: NDArray[_Value] | None = None
) -> NDArray[_Value]:
    """``values[codes]`` of codes from 0 up, piece by piece: numpy first makes eight bytes of each of them, which takes
    longer than all else where there are millions."""
    found: NDArray[_Value] = np.empty(len(codes), dtype=values.dtype) if into is None else into
    for start in range(0, len(codes), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        np.take(values, codes[some], out=found[some], mode="clip")
    return found


def in_order(*columns: NDArray[np.integer[Any]], kept: NDArray[_Code]) -> Iterator[tuple[list[Codes], NDArray[_Code]]]:
    """Some columns sorted by the first, then the next, then by row; and one that only comes along. They come in blocks:
    rows with one value in the first column are in one block.

    A row is one number of four bytes within its block. Blocks fit the processor's cache, where sorting by two bytes
    at a time, as numpy does for numbers of two, takes a third of the time that one sort of all rows would.
    """
    count = len(columns[0])
    if not count:
        return
    every: list[NDArray[Any]] = [*columns, kept]
    least = [int(column.min()) for column in every]
    bits = [(int(column.max()) - low).bit_length() for column, low in zip(every, least, strict=True)]
    whole, inner = sum(bits[:-1]), sum(bits[1:-1])
    local = max(inner, whole - (count // _BLOCK).bit_length())
    if local + bits[-1] > _KEY_BITS or whole - local > _MOST_BLOCK_BITS:
        order = np.lexsort((np.arange(count), *reversed(columns)))
        yield [column[order].astype(np.int32) for column in columns], kept[order]
        return
    keys, starts = _in_blocks(every, least, bits, local)
    for block, (start, stop) in enumerate(pairwise(starts.tolist())):
        if start == stop:
            continue
        key = keys[start:stop]
        own = key >> bits[-1]
        order = np.argsort((own & 0xFFFF).astype(np.uint16), kind="stable")
        if local > 16:
            order = order[np.argsort((own >> 16).astype(np.uint16)[order], kind="stable")]
        key = key[order]
        along = (key & ((1 << bits[-1]) - 1)).astype(kept.dtype) + kept.dtype.type(least[-1])
        mixed = (key >> bits[-1]) | (np.int64(block) << local)
        found = []
        for low, width in reversed(list(zip(least[:-1], bits[:-1], strict=True))):
            found.append(((mixed & ((1 << width) - 1)) + low).astype(np.int32))
            mixed >>= width
        yield found[::-1], along


def _in_blocks(
    columns: Sequence[NDArray[Any]], least: Sequence[int], bits: Sequence[int], local: int
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Each row as a number below its block's, and where the blocks begin; rows of a block are in their order."""
    count, blocks = len(columns[0]), 1 << (sum(bits[:-1]) - local)
    inner = sum(bits[1:-1])
    pieces = [slice(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]
    sizes = np.zeros(blocks, dtype=np.int64)
    for some in pieces:
        sizes += np.bincount((columns[0][some] - np.int64(least[0])) >> (local - inner), minlength=blocks)
    starts = np.append(0, np.cumsum(sizes))
    free, keys = starts[:-1].copy(), np.empty(count, dtype=np.uint32)
    for some in pieces:
        mixed = np.zeros(some.stop - some.start, dtype=np.int64)
        for column, low, width in zip(columns, least, bits, strict=True):
            mixed <<= width
            mixed += column[some]
            mixed -= low
        block = (mixed >> (local + bits[-1])).astype(np.uint16 if blocks > 1 << 8 else np.uint8)
        order, here = np.argsort(block, kind="stable"), np.bincount(block, minlength=blocks)
        places = np.repeat(free - np.cumsum(here) + here, here)
        places += np.arange(len(mixed))
        keys[places] = (mixed & ((1 << (local + bits[-1])) - 1)).astype(np.uint32)[order]
        free += here
    return keys, starts


_AT_ONCE = 1 << 17
_BLOCK = 1 << 16
"""Rows of a block that the processor's cache holds with what is worked out for them."""
_KEY_BITS, _MOST_BLOCK_BITS = 32, 12


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
