"""Accounts behind a number: for each segment of a group, the accounts that count or the cents of each.

Answers are kept for as long as the facts are. Accounts that count are kept as bits, an eighth of a byte for each
segment and account: the hundred answers of a scorecard of 21 segments and a million accounts take 260 MB.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from segxl.facts.arrays import Cents, distinct
from segxl.facts.families import Families
from segxl.facts.membership import Group, Pairs, Places
from segxl.periods import Window
from segxl.tables.codes import Codes


class Asked(NamedTuple):
    """The segments of a group and the time: :class:`segxl.facts.arrays.Scope` for a whole group."""

    window: Window
    member_on: int | None
    group: Group

    def day(self, day: int) -> int:
        """The day on which membership counts for an event on ``day``."""
        return day if self.member_on is None else self.member_on


class Answer(ABC):
    """Accounts behind a number, by segment."""

    @abstractmethod
    def of(self, code: int) -> tuple[Codes, Cents]:
        """A segment's accounts in order, each with its cents."""

    @abstractmethod
    def sums(self) -> list[int]:
        """The cents of each segment."""

    @abstractmethod
    def pairs(self) -> tuple[Places, Places]:
        """Codes of the segments, and of the accounts behind each."""

    def counts(self, families: Families, codes: Codes | None, size: int) -> NDArray[np.int64]:
        """The number of accounts, or topmost parents, per segment and dimension code: shape (segments, size). Without
        ``codes`` all accounts have code 0."""
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
        """The number of segments in the group."""


@dataclass(frozen=True, eq=False)
class Counted(Answer):
    """Accounts that count: one bit per segment and account, shape (segments, bytes)."""

    bits: NDArray[np.uint8]
    size: int

    @classmethod
    def made(cls, group: Group, size: int, segment: Places, account: NDArray[np.integer]) -> Counted:
        """From pairs of segment and account, among ``size`` accounts; a pair may occur several times."""
        found = np.zeros(len(group) * size, dtype=bool)
        found[segment * size + account] = True
        return cls(np.packbits(found.reshape(len(group), size), axis=1), size)

    def __or__(self, other: Counted) -> Counted:
        return Counted(self.bits | other.bits, self.size)

    def of(self, code: int) -> tuple[Codes, Cents]:
        """The accounts of a segment, with 0 cents each, because they are only counted."""
        account = np.flatnonzero(np.unpackbits(self.bits[code]).view(bool)).astype(np.int32)
        return account, np.zeros(len(account), dtype=np.int64)

    def sums(self) -> list[int]:
        """Zero: counted accounts have no amounts."""
        return [0] * self.segments

    def pairs(self) -> tuple[Places, Places]:
        """Pairs sorted by segment, then account."""
        segment = np.repeat(np.arange(self.segments), np.bitwise_count(self.bits).sum(axis=1, dtype=np.int64))
        return segment, np.flatnonzero(np.unpackbits(self.bits).view(bool)) - segment * (8 * self.bits.shape[1])

    def counts(self, families: Families, codes: Codes | None, size: int) -> NDArray[np.int64]:
        """Account counts; bits are counted directly where every account counts as itself."""
        if codes is None and not families.joined:
            found = np.zeros((self.segments, size), dtype=np.int64)
            found[:, 0] = np.bitwise_count(self.bits).sum(axis=1)
            return found
        return super().counts(families, codes, size)

    @property
    def segments(self) -> int:
        """The number of rows of bits."""
        return len(self.bits)


@dataclass(frozen=True, eq=False)
class Worth(Answer):
    """Accounts with cents: a segment's accounts are ``start[code]`` to ``start[code + 1]``."""

    start: Places
    account: Codes
    cents: Cents

    @classmethod
    def made(cls, pairs: Pairs, accounts: NDArray[np.integer], kept: NDArray[np.bool_], cents: Cents) -> Worth:
        """From the ``kept`` pairs, whose places are those of ``accounts``; ``cents`` has one amount per pair."""
        start = np.append(0, np.cumsum(kept))[pairs.start]
        return cls(start, accounts[pairs.place[kept]].astype(np.int32), cents[kept])

    def of(self, code: int) -> tuple[Codes, Cents]:
        """The segment's slice of accounts and cents."""
        mine = slice(self.start[code], self.start[code + 1])
        return self.account[mine], self.cents[mine]

    def sums(self) -> list[int]:
        """Exact sums per segment."""
        running = np.append(0, np.cumsum(self.cents))
        sums: list[int] = (running[self.start[1:]] - running[self.start[:-1]]).tolist()
        return sums

    def pairs(self) -> tuple[Places, Places]:
        """All pairs, accounts with 0 cents included."""
        segment = np.repeat(np.arange(self.segments), np.diff(self.start))
        return segment, self.account.astype(np.int64)

    @property
    def segments(self) -> int:
        """The number of starts without the closing end."""
        return len(self.start) - 1


@dataclass(frozen=True, eq=False)
class Whole(Answer):
    """An amount per segment that is not a sum over accounts."""

    cents: Cents

    def of(self, code: int) -> tuple[Codes, Cents]:
        """Empty: the amount has no accounts."""
        return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)

    def sums(self) -> list[int]:
        """The amounts, unchanged."""
        sums: list[int] = self.cents.tolist()
        return sums

    def pairs(self) -> tuple[Places, Places]:
        """Empty: the amount has no accounts."""
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)

    @property
    def segments(self) -> int:
        """The number of amounts."""
        return len(self.cents)
