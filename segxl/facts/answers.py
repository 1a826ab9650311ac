"""Accounts behind a number: for each segment of a group, the accounts that count or the cents of each.

Answers are kept for as long as the facts are. Accounts that count are kept as bits, an eighth of a byte for each
segment and account: the hundred answers of a scorecard of 21 segments and a million accounts take 260 MB.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.facts.arrays import Cents, distinct
from segxl.facts.families import Families
from segxl.facts.membership import Group, Pairs, Places
from segxl.periods import Window
from segxl.tables.codes import Codes


@dataclass(frozen=True)
class Asked:
    """For which segments, and when: as :class:`segxl.facts.arrays.Scope`, of a group."""

    window: Window
    member_on: int | None
    group: Group

    def day(self, day: int) -> int:
        """The day on which membership is asked for something on ``day``."""
        return day if self.member_on is None else self.member_on


class Answer(ABC):
    """Accounts behind a number, by segment."""

    @abstractmethod
    def of(self, code: int) -> tuple[Codes, Cents]:
        """A segment's accounts in their order, each with its cents."""

    @abstractmethod
    def sums(self) -> list[int]:
        """The cents of each segment."""

    @abstractmethod
    def pairs(self) -> tuple[Places, Places]:
        """Codes of the segments, and of the accounts behind each."""

    def counts(self, families: Families, codes: Codes | None, size: int) -> NDArray[np.int64]:
        """How many accounts, or topmost parents, each segment has by an account's code in a dimension of ``size``
        labels: shape (segments, size). Without ``codes`` all have the first."""
        segment, account = self.pairs()
        if families.joined:
            width = len(families.unit)
            keys = distinct(segment * width + families.unit[account])
            segment, account = keys // width, families.face[keys % width].astype(np.int64)
        cells = segment * size if codes is None else segment * size + codes[account]
        return np.bincount(cells, minlength=self.segments * size).reshape(self.segments, size)

    @property
    @abstractmethod
    def segments(self) -> int:
        """How many segments the group has."""


@dataclass(frozen=True, eq=False)
class Counted(Answer):
    """Accounts that count: a bit for each segment and account, shape (segments, bytes)."""

    bits: NDArray[np.uint8]
    size: int

    @classmethod
    def made(cls, group: Group, size: int, segment: Places, account: NDArray[np.integer]) -> Counted:
        """Of pairs of segment and account, of ``size`` accounts; one may be there several times."""
        found = np.zeros((len(group), size), dtype=bool)
        found[segment, account] = True
        return cls(np.packbits(found, axis=1), size)

    def __or__(self, other: Counted) -> Counted:
        return Counted(self.bits | other.bits, self.size)

    def of(self, code: int) -> tuple[Codes, Cents]:
        """The accounts of a segment, with 0 cents each: they are only counted."""
        account = np.flatnonzero(np.unpackbits(self.bits[code], count=self.size)).astype(np.int32)
        return account, np.zeros(len(account), dtype=np.int64)

    def sums(self) -> list[int]:
        """Nothing."""
        return [0] * self.segments

    def pairs(self) -> tuple[Places, Places]:
        """Sorted by segment, then account."""
        segment, account = np.nonzero(np.unpackbits(self.bits, axis=1, count=self.size))
        return segment.astype(np.int64), account.astype(np.int64)

    def counts(self, families: Families, codes: Codes | None, size: int) -> NDArray[np.int64]:
        """Bits are counted where each account is one."""
        if codes is None and not families.joined:
            found = np.zeros((self.segments, size), dtype=np.int64)
            found[:, 0] = np.bitwise_count(self.bits).sum(axis=1)
            return found
        return super().counts(families, codes, size)

    @property
    def segments(self) -> int:
        """One row of bits each."""
        return len(self.bits)


@dataclass(frozen=True, eq=False)
class Worth(Answer):
    """Accounts with what each is worth: those of a segment from ``start[code]`` to ``start[code + 1]``."""

    start: Places
    account: Codes
    cents: Cents

    @classmethod
    def made(cls, pairs: Pairs, accounts: NDArray[np.integer], kept: NDArray[np.bool_], cents: Cents) -> Worth:
        """Of the ``kept`` ones of pairs, whose places are those of ``accounts``; ``cents`` of every pair."""
        start = np.append(0, np.cumsum(kept))[pairs.start]
        return cls(start, accounts[pairs.place[kept]].astype(np.int32), cents[kept])

    def of(self, code: int) -> tuple[Codes, Cents]:
        """A slice."""
        mine = slice(self.start[code], self.start[code + 1])
        return self.account[mine], self.cents[mine]

    def sums(self) -> list[int]:
        """Exact."""
        running = np.append(0, np.cumsum(self.cents))
        sums: list[int] = (running[self.start[1:]] - running[self.start[:-1]]).tolist()
        return sums

    def pairs(self) -> tuple[Places, Places]:
        """Also those worth nothing."""
        segment = np.repeat(np.arange(self.segments), np.diff(self.start))
        return segment, self.account.astype(np.int64)

    @property
    def segments(self) -> int:
        """A start each, and an end."""
        return len(self.start) - 1


@dataclass(frozen=True, eq=False)
class Whole(Answer):
    """An amount of each segment that is no sum over accounts."""

    cents: Cents

    def of(self, code: int) -> tuple[Codes, Cents]:
        """Nobody."""
        return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)

    def sums(self) -> list[int]:
        """As they are."""
        sums: list[int] = self.cents.tolist()
        return sums

    def pairs(self) -> tuple[Places, Places]:
        """Nobody."""
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)

    @property
    def segments(self) -> int:
        """One amount each."""
        return len(self.cents)
