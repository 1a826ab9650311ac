"""The arrays that facts are made of: codes with labels, events, what is asked and found, and exact sums of cents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segxl.periods import Days, Window
from segxl.tables.codes import factorized
from segxl.tables.contracts import Texts

BLANK = "(blank)"
"""The label of rows that leave a dimension empty, so that cuts add up to the total."""

Codes = NDArray[np.int32]
Cents = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Dimension:
    """A column by which numbers can be cut: ``labels`` by code, ``codes`` (n,), every row with a label."""

    labels: tuple[str, ...]
    codes: Codes

    @classmethod
    def of(cls, texts: Texts) -> Dimension:
        """Labels in the order of the alphabet; blank last, as ``(blank)``, together with what an export calls so."""
        codes, uniques = factorized(np.where(texts == BLANK, "", texts))
        order = sorted(
            range(len(uniques)), key=lambda i: (uniques[i] == "", str(uniques[i]).casefold(), str(uniques[i]))
        )
        rank = np.empty(len(uniques), dtype=np.int32)
        rank[order] = np.arange(len(uniques), dtype=np.int32)
        return cls(tuple(str(uniques[i]) or BLANK for i in order), rank[codes].astype(np.int32))


@dataclass(frozen=True)
class Events:
    """One row per event, ``n`` of them, in no particular order.

    ``row`` is the event's row in ``table``, whose dimensions it has; ``account`` its account code (-1: none); ``own``
    the segment that the row names itself; ``quantities`` what can be summed: cents, days; ``codes`` the dimensions that
    the event has and its row has not (the stage it left).
    """

    name: str
    table: str
    row: NDArray[np.int64]
    day: Days
    account: Codes
    own: Texts
    quantities: Mapping[str, Cents]
    codes: Mapping[str, Codes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row)

    def take(self, kept: NDArray[np.int64] | Mask, name: str) -> Events:
        """Some of the events under another name."""
        quantities = {key: values[kept] for key, values in self.quantities.items()}
        codes = {key: values[kept] for key, values in self.codes.items()}
        return Events(
            name, self.table, self.row[kept], self.day[kept], self.account[kept], self.own[kept], quantities, codes
        )


_HALF = 25
"""Bits of the lower limb. Amounts stay below 2**50 cents, so both limbs add up exactly in a float64 over 2**28 rows."""


def exact_sums(values: Cents, codes: NDArray[np.integer], size: int) -> list[int]:
    """Sums of ``values`` by code, exact whatever the order of rows: two limbs, added as Python integers."""
    high, low = values >> _HALF, values & ((1 << _HALF) - 1)
    highs = np.bincount(codes, weights=high, minlength=size)
    lows = np.bincount(codes, weights=low, minlength=size)
    return [(int(top) << _HALF) + int(bottom) for top, bottom in zip(highs, lows, strict=True)]


@dataclass(frozen=True)
class Scope:
    """Whose numbers, and when: a segment, a window, and the day that decides who is a member.

    ``member_on`` is None where each event's own day decides.
    """

    segment: str
    window: Window
    member_on: int | None = None


@dataclass(frozen=True)
class Found:
    """The rows behind a number: rows of ``table``, the day and the cents with which each one counts.

    ``stage`` is the stage code: at the end of the window for the open stock, the one left for phases. ``money`` tells
    whether the rows have amounts at all. ``item`` is the code in the dimension that was asked for.
    """

    table: str
    row: NDArray[np.int64]
    day: NDArray[np.int32]
    cents: Cents
    stage: NDArray[np.int32]
    money: bool
    item: NDArray[np.int32]
