"""Chance that gives the same company everywhere.

Only ``random.Random.random`` keeps its sequence over Python versions, and only + − × ÷ give the same bits on
every machine; so everything is made of these, and curves are tables instead of logarithms.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A source of chance: the same numbers for the same seed."""

    def __init__(self, seed: int) -> None:
        self.roll = random.Random(seed).random

    @classmethod
    def of(cls, seed: int, purpose: str) -> Dice:
        """A stream for one purpose: what is drawn from it changes nothing that other streams made."""
        return cls(int.from_bytes(hashlib.sha256(f"{seed} {purpose}".encode()).digest()[:8], "big"))

    def chance(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.roll() < share

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.roll() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self.roll() * len(items))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One of the keys, as often as its weight says."""
        left = self.roll() * total(weights.values())
        for item, weight in weights.items():
            left -= weight
            if left < 0:
                return item
        return next(reversed(list(weights)))

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """The items in any order."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = int(self.roll() * (last + 1))
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def curve(self, quantiles: Sequence[float]) -> float:
        """A number of the distribution that has these evenly spaced quantiles."""
        return on_curve(quantiles, self.roll())


class Deck:
    """Numbers from 0 to 1 that come out even.

    Each round deals one number from each of ``CARDS`` equal stretches. A company of this size has too few
    deals a month for pure chance: one lucky enterprise month would double its revenue.
    """

    CARDS = 10

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._left: list[int] = []

    def draw(self) -> float:
        """The next number."""
        if not self._left:
            self._left = self._dice.shuffled(range(self.CARDS))
        return (self._left.pop() + self._dice.roll()) / self.CARDS


def total(numbers: Iterable[float]) -> float:
    """Added from left to right. The built-in sum rounds differently since Python 3.12."""
    added = 0.0
    for number in numbers:
        added += number
    return added


def on_curve(quantiles: Sequence[float], share: float) -> float:
    """The quantile at ``share`` (0 to 1), by straight lines between evenly spaced ones."""
    place = share * (len(quantiles) - 1)
    below = min(int(place), len(quantiles) - 2)
    return quantiles[below] + (quantiles[below + 1] - quantiles[below]) * (place - below)
