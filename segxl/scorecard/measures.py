"""Measures: what is added up. Metrics are the arithmetic over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segxl.facts import OPEN, Quantity

Kind = Literal["additive", "stock"]


@dataclass(frozen=True)
class Measure:
    """A sum over events of a window (additive) or over what is open at its end (stock)."""

    events: str
    quantity: Quantity

    @property
    def kind(self) -> Kind:
        """Additive measures can be summed over months; a stock is taken at a window's end."""
        return "stock" if self.events == OPEN else "additive"

    def __add__(self, other: Measure | Sum) -> Sum:
        return Sum(((1, self),)) + other

    def __sub__(self, other: Measure) -> Sum:
        return Sum(((1, self), (-1, other)))

    def __truediv__(self, other: Measure | Sum) -> Ratio:
        return Ratio(Sum(((1, self),)), other if isinstance(other, Sum) else Sum(((1, other),)))


@dataclass(frozen=True)
class Sum:
    """Measures added up with their signs."""

    terms: tuple[tuple[int, Measure], ...]

    def __add__(self, other: Measure | Sum) -> Sum:
        return Sum(self.terms + (other.terms if isinstance(other, Sum) else ((1, other),)))

    @property
    def kind(self) -> Kind:
        """All terms of a sum are of one kind."""
        (kind,) = {measure.kind for _, measure in self.terms}
        return kind


@dataclass(frozen=True)
class Ratio:
    """One sum over another; not a number where the denominator is zero."""

    numerator: Sum
    denominator: Sum

    @property
    def kind(self) -> Kind:
        """The kind of both parts."""
        return (self.numerator + self.denominator).kind


Expression = Sum | Ratio


def as_expression(value: Measure | Expression) -> Expression:
    """A lone measure as a sum of one."""
    return Sum(((1, value),)) if isinstance(value, Measure) else value


WON_COUNT = Measure("won", "count")
WON_AMOUNT = Measure("won", "cents")
LOST_COUNT = Measure("lost", "count")
LOST_AMOUNT = Measure("lost", "cents")
CREATED_AMOUNT = Measure("created", "cents")
OPEN_COUNT = Measure(OPEN, "count")
OPEN_AMOUNT = Measure(OPEN, "cents")
TIMED_COUNT = Measure("timed", "count")
TIMED_DAYS = Measure("timed", "days")
