"""The arrays that facts are made of: codes with labels, events, scopes, found rows, and exact sums of cents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from segxl.periods import Days, Window
from segxl.tables.codes import Codes, Mask
from segxl.tables.text_column import TextColumn

BLANK = "(blank)"
"""The label of rows with a blank dimension, so that breakdowns add up to the total."""

Cents = NDArray[np.int64]

Sums = Sequence[int | Fraction] | None
"""Exact sums by the labels of a dimension; None where data is missing."""


@dataclass(frozen=True)
class Dimension:
    """A column that breaks numbers down: ``labels`` by code, ``codes`` (n,); every row has a label."""

    labels: tuple[str, ...]
    codes: Codes

    @classmethod
    def of(cls, column: TextColumn) -> Dimension:
        """Labels in alphabetical order; ``(blank)`` is last and includes the export's own ``(blank)``."""
        column = column.changed(lambda text: "" if text == BLANK else text)
        texts = [str(text) for text in column.distinct]
        order = sorted(range(len(texts)), key=lambda i: (texts[i] == "", texts[i].casefold(), texts[i]))
        rank = np.empty(len(texts), dtype=np.int32)
        rank[order] = np.arange(len(texts), dtype=np.int32)
        return cls(tuple(texts[i] or BLANK for i in order), rank[column.codes].astype(np.int32))


@dataclass(frozen=True)
class Events:
    """One row per event, ``n`` of them, in no particular order.

    ``row`` is the event's row in ``table``, which gives its dimensions; ``account`` its account code (-1: none);
    ``own`` the segment named in the row; ``quantities`` the values to sum: cents, days; ``codes`` the dimensions of the
    event that its row does not have (the stage that was left).
    """

    name: str
    table: str
    row: NDArray[np.int64]
    day: Days
    account: Codes
    own: TextColumn
    quantities: Mapping[str, Cents]
    codes: Mapping[str, Codes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row)

    def take(self, kept: NDArray[np.int64] | Mask, name: str) -> Events:
        """Some of the events under another name."""
        quantities = {key: values[kept] for key, values in self.quantities.items()}
        codes = {key: values[kept] for key, values in self.codes.items()}
        return Events(
            name, self.table, self.row[kept], self.day[kept], self.account[kept], self.own.take(kept), quantities, codes
        )


_HALF = 25
"""Bits of the lower limb. Amounts stay below 2**50 cents, so both limbs add up exactly in a float64 over 2**28 rows."""


def exact_sums(values: Cents, codes: NDArray[np.integer], size: int) -> Cents:
    """Exact sums of ``values`` by code, shape (size,), whatever the order of rows: as floats where all of them together
    are small enough to be exact; else in two limbs, added as integers, or as Python integers where 64 bits might not
    hold their total."""
    if np.abs(values).sum(dtype=np.float64) < 1 << 52:
        return np.bincount(codes, weights=values, minlength=size).astype(np.int64)
    high, low = values >> _HALF, values & ((1 << _HALF) - 1)
    highs = np.bincount(codes, weights=high, minlength=size)
    lows = np.bincount(codes, weights=low, minlength=size)
    kind = np.int64 if np.abs(highs).sum() < 1 << (62 - _HALF) else object
    if kind is object:
        highs, lows = (np.array([int(limb) for limb in limbs], dtype=object) for limbs in (highs, lows))
    sums: Cents = highs.astype(kind) * (1 << _HALF) + lows.astype(kind)
    return sums


def distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each key once, sorted; several times as fast as ``np.unique``."""
    keys = np.sort(keys)
    once: NDArray[np.int64] = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    return once


class Scope(NamedTuple):
    """A segment, a window, and the day that decides membership.

    ``member_on`` is None if membership is decided on each event's own day.
    """

    segment: str
    window: Window
    member_on: int | None = None


@dataclass(frozen=True)
class Found:
    """The rows behind a number: rows of ``table``, each with the day and the cents that count.

    ``stage`` is the stage code: at the end of the window for the open stock, the stage left for phases. ``money`` is
    whether the rows have amounts at all. ``item`` is the code in the requested dimension.
    """

    table: str
    row: NDArray[np.int64]
    day: NDArray[np.int32]
    cents: Cents
    stage: NDArray[np.int32]
    money: bool
    item: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Cells:
    """Events by month and item: ``cell`` is an event's month, counted from ``first``, of ``span``, times ``size``,
    plus its item's code."""

    first: int
    span: int
    size: int
    cell: NDArray[np.int64]

    @classmethod
    def of(cls, months: NDArray[np.integer], items: NDArray[np.integer], size: int) -> Cells:
        """From the month and the item's code of each event, shape (n,)."""
        first = int(months.min()) if len(months) else 0
        span = int(months.max()) - first + 1 if len(months) else 0
        return cls(first, span, size, (months - np.int64(first)) * size + items)


@dataclass(frozen=True, eq=False)
class Cube:
    """Sums by segment, month and item, cumulated over the months: ``running[s, m, i]`` is the sum of the months before
    ``first + m``."""

    first: int
    running: Cents

    @classmethod
    def of(
        cls, segment: NDArray[np.int64], segments: int, cells: Cells, at: NDArray[np.int64], values: Cents | None
    ) -> Cube:
        """From pairs of a segment's code and a place ``at`` in the cells, shape (n,) each; without ``values`` the pairs
        are counted."""
        shape = segments, cells.span, cells.size
        places = cells.cell.take(at, mode="clip")
        places += segment * (cells.span * cells.size)
        if values is None:
            sums = np.bincount(places, minlength=segments * cells.span * cells.size)
        else:
            sums = exact_sums(values, places, segments * cells.span * cells.size)
        before = np.zeros((segments, 1, cells.size), dtype=sums.dtype)
        return cls(cells.first, np.concatenate([before, np.cumsum(sums.reshape(shape), axis=1)], axis=1))

    def totals(self, first: int, last: int) -> list[list[int]]:
        """Sums over the months from one to another, both included, by segment and item."""
        most = self.running.shape[1] - 1
        start, stop = (min(max(month - self.first, 0), most) for month in (first, last + 1))
        sums: list[list[int]] = (self.running[:, stop] - self.running[:, start]).tolist()
        return sums
