"""The rows of an engine's table in one order, the same in every engine. Rows that are alike are held once with their
number, where that makes them half as many.

A column of numbers in ``order_by`` is compared by value, others by text, ties by all columns as text. Texts are
compared by code point here and not in the engine, whose order depends on its language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.tables.codes import used_codes
from segxl.tables.text_column import AnyCodes, TextColumn, Texts

Ranks = NDArray[np.int32]
"""The rank of each text of a column."""


@dataclass(frozen=True)
class Ordered:
    """Rows in their order.

    Attributes:
        columns: their columns.
        times: how often each occurs, shape (rows,); None where each occurs once.
        steps: a number for each row, the same for rows that ``order_by`` does not part; None without ``order_by``.
    """

    columns: tuple[TextColumn, ...]
    times: NDArray[np.int64] | None
    steps: NDArray[np.int32] | None

    def fingerprint(self, header: Sequence[str]) -> str:
        """The SHA-256 of the content, in hexadecimal: names, rows, their order and how often each occurs."""
        digest = hashlib.sha256()
        for name, column in zip(header, self.columns, strict=True):
            codes, texts = column.shared
            used = np.flatnonzero(used_codes(codes, len(texts))).tolist()
            used.sort(key=texts.__getitem__)
            written = [data for text in (name, *texts[used]) for data in _with_length(text)]
            digest.update(len(used).to_bytes(8, "little") + b"".join(written))
            places = np.zeros(len(texts), dtype=np.min_scalar_type(len(used)).newbyteorder("<"))
            places[used] = np.arange(len(used))
            for start in range(0, len(codes), _AT_ONCE):
                digest.update(places[codes[start : start + _AT_ONCE]].data)
        if self.times is not None:
            digest.update(self.times.astype("<i8").data)
        return digest.hexdigest()


def _with_length(text: str) -> tuple[bytes, bytes]:
    data = text.encode("utf-8", errors="surrogatepass")
    return len(data).to_bytes(8, "little"), data


def ordered(
    columns: Sequence[TextColumn], times: NDArray[np.int64] | None, order_by: Sequence[TextColumn] = ()
) -> Ordered:
    """The rows in the order of ``order_by``, then by all columns as text; ``times`` is how often each occurs."""
    parts = [column.shared for column in columns]
    ranked = [(codes, _ranks_of_texts(texts)) for codes, texts in parts]
    first = [(codes, _ranks(texts)) for codes, texts in (column.shared for column in order_by)]
    if times is not None and (times == 1).all():
        times = None
    keys = [(codes, ranks) for codes, ranks in (*first, *ranked)]
    bits = [int(ranks.max(initial=0)).bit_length() for _, ranks in keys]
    count_bits = 0 if times is None else int(times.max()).bit_length()
    if sum(bits) + count_bits > _SIGNED_BITS:
        return _by_places(parts, keys, len(first), times)
    key = _joined(keys, bits, times, count_bits)
    key.sort()
    new = _changes([key >> count_bits if count_bits else key])
    total = len(key) if times is None else int(times.sum())
    mine = None if times is None else key & ((1 << count_bits) - 1)
    if np.count_nonzero(new) <= WORTH_IT * total:
        places = np.flatnonzero(new)
        times = np.add.reduceat(np.ones(len(key), dtype=np.int64) if mine is None else mine, places)
        key = key[places]
    else:
        key, times = key if mine is None else np.repeat(key, mine), None
    shift, own = count_bits, list[TextColumn]()
    for (codes, texts), (_, ranks), width in zip(reversed(parts), reversed(keys), reversed(bits), strict=False):
        code_of = np.zeros(int(ranks.max(initial=0)) + 1, dtype=codes.dtype)
        code_of[ranks] = np.arange(len(ranks))
        own.append(TextColumn.coded(_decoded(key, shift, width, code_of), texts, once=True))
        shift += width
    steps = _steps([key >> shift]) if first else None
    return Ordered(tuple(reversed(own)), times, steps)


WORTH_IT = 0.5
"""The share of different rows up to which those that are alike are held once."""
_SIGNED_BITS = 63
_AT_ONCE = 1 << 18
_Keys = Sequence[tuple[AnyCodes, Ranks]]


def _joined(keys: _Keys, bits: Sequence[int], times: NDArray[np.int64] | None, count_bits: int) -> NDArray[np.int64]:
    """A number that holds a whole row: it sorts several times as fast as columns do, and nothing is fetched from the
    rows' places afterwards."""
    count = len(keys[0][0]) if keys else 0
    key = np.empty(count, dtype=np.int64)
    for start in range(0, count, _AT_ONCE):  # numbers that fit into the cache
        part = slice(start, min(start + _AT_ONCE, count))
        mixed = np.zeros(part.stop - start, dtype=np.int64)
        for (codes, ranks), width in zip(keys, bits, strict=True):
            mixed <<= width
            mixed |= ranks[codes[part]]
        if times is not None:
            mixed = (mixed << count_bits) | times[part]
        key[part] = mixed
    return key


def _decoded(key: NDArray[np.int64], shift: int, width: int, code_of: AnyCodes) -> AnyCodes:
    found = np.empty(len(key), dtype=code_of.dtype)
    for start in range(0, len(key), _AT_ONCE):
        found[start : start + _AT_ONCE] = code_of[(key[start : start + _AT_ONCE] >> shift) & ((1 << width) - 1)]
    return found


def _by_places(
    parts: Sequence[tuple[AnyCodes, Texts]], keys: _Keys, first: int, times: NDArray[np.int64] | None
) -> Ordered:
    """The same where a row does not fit into a number."""
    of_rows = [ranks[codes] for codes, ranks in keys]
    places = np.lexsort(of_rows[::-1])
    of_rows = [one[places] for one in of_rows]
    steps = _steps(of_rows[:first]) if first else None
    new = np.flatnonzero(_changes(of_rows))
    mine = np.ones(len(places), dtype=np.int64) if times is None else times[places]
    if len(new) <= WORTH_IT * mine.sum():
        places, times = places[new], np.add.reduceat(mine, new) if len(new) else mine
        steps = None if steps is None else steps[new]
    else:
        places, times = np.repeat(places, mine), None
        steps = None if steps is None else np.repeat(steps, mine)
    columns = tuple(TextColumn.coded(codes[places], texts, once=True) for codes, texts in parts)
    return Ordered(columns, times, steps)


def _changes(columns: Sequence[NDArray[Any]]) -> NDArray[np.bool_]:
    """A mask of the rows that differ from the one before."""
    new = np.zeros(len(columns[0]) if columns else 0, dtype=bool)
    new[:1] = True
    for one in columns:
        new[1:] |= one[1:] != one[:-1]
    return new


def _steps(columns: Sequence[NDArray[Any]]) -> NDArray[np.int32]:
    return np.cumsum(_changes(columns), dtype=np.int32)


def _ranks_of_texts(texts: Texts) -> Ranks:
    """The rank of each text by code points; blank first."""
    listed = texts.tolist()
    ranks = np.empty(len(listed), dtype=np.int32)
    ranks[sorted(range(len(listed)), key=listed.__getitem__)] = np.arange(len(listed), dtype=np.int32)
    return ranks


def _ranks(texts: Texts) -> Ranks:
    """The same; where all texts are numbers, by their value, and equal numbers have one rank."""
    try:
        values = [Decimal(text) if text else Decimal("-Infinity") for text in texts]
    except InvalidOperation:
        return _ranks_of_texts(texts)
    if any(map(Decimal.is_nan, values)):
        return _ranks_of_texts(texts)
    ranks = {value: rank for rank, value in enumerate(sorted(set(values)))}
    return np.array([ranks[value] for value in values], dtype=np.int32)
