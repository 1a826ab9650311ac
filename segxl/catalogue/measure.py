"""A measure: its quantity, timing, rows and name; and the arithmetic over measures."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from segxl.catalogue.data_sheets import InPack

Quantity = Literal["count", "cents", "days", "accounts"]
"""The quantity added up: events, their amounts, their days from creation; or distinct accounts."""

OfMonths = Literal["sum", "mean", "first", "last", "none"]
"""The rule that makes a quarter's number from those of its months, if only these are known (as for a plan)."""

Timing = Literal["flow", "distinct", "each_start", "at_start", "at_end", "cohort", "year_cohort"]
"""When a number is taken:

- flow: events of a window, added up over it.
- distinct: accounts with an event in the window, each counted once.
- each_start: what there is at the start of each month of the window, added up.
- at_start, at_end: a stock before the window's first month, or at its end.
- cohort: the later numbers of the members at the window's start; the data must cover the whole window.
- year_cohort: the same over 12 months, of which some may lie outside the data.
"""

_TIMINGS: Mapping[Timing, tuple[bool, OfMonths]] = {
    "flow": (True, "sum"),
    "distinct": (True, "none"),
    "each_start": (True, "sum"),
    "at_start": (False, "first"),
    "at_end": (False, "last"),
    "cohort": (False, "none"),
    "year_cohort": (True, "none"),
}
"""Whether it spans months (:attr:`Measure.spans_months`), and the rule that makes a quarter from its months."""

Feed = Literal["opportunities", "leads", "sqos", "costs", "revenue", "targeting", "engagement", "customers"]
"""Rows that have to reach a month before its number is known (:mod:`segxl.facts.requirements`). ``sqos``: leads and the
opportunities that they became. ``targeting``: activities of demand generation. ``engagement``: opportunities and
activities of sales, as far as there are any. ``customers``: revenue, else opportunities."""

Groups = tuple[tuple[str, ...], ...]
"""Names in groups: of each group any one is enough."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """The data that a number needs.

    Attributes:
        tables: tables, any one of each group.
        columns: columns as ``leads.mql_on``, any one of each group filled in some row.
        amounts: for a sum of money, the columns with its amounts, any one of each group.
        feeds: the rows that have to reach a month; none for data without dates.
    """

    tables: Groups
    columns: Groups
    amounts: Groups
    feeds: tuple[Feed, ...]


@dataclass(frozen=True, kw_only=True)
class Read:
    """A table with the columns that a measure reads; ``where``: when it is read, blank for always."""

    table: str
    columns: tuple[str, ...]
    where: str


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A sum over the events of a window, or over a balance on a day. No property has a default.

    Attributes:
        fact: the name of its events or balance in :mod:`segxl.facts`. quantity: their number, cents, days or accounts.
        timing: when it is taken, and so how its months make a quarter.
        needs: what the data must have. reads: the tables and columns that it comes from, for readers.
        label: its name in formulas. row_word: its events in the singular, for a row of a list.
        in_pack: its rows in a pack's data sheets.
    """

    fact: str
    quantity: Quantity
    timing: Timing
    needs: Needs
    reads: tuple[Read, ...]
    label: str
    row_word: str
    in_pack: InPack

    @property
    def spans_months(self) -> bool:
        """Whether it has a number over 12 months, and over a window of which the data lack some months. A balance and a
        cohort have neither: the data must reach the whole window."""
        return _TIMINGS[self.timing][0]

    @property
    def of_months(self) -> OfMonths:
        """A flow adds up; a stock is its first or its last month's; distinct accounts and cohorts cannot be derived
        from months."""
        return _TIMINGS[self.timing][1]

    def __add__(self, other: Measure | Sum) -> Sum:
        return Sum(((1, self),)) + other

    def __sub__(self, other: Measure) -> Sum:
        return Sum(((1, self), (-1, other)))

    def __truediv__(self, other: Measure | Sum) -> Ratio:
        return Ratio(Sum(((1, self),)), other if isinstance(other, Sum) else Sum(((1, other),)))


@dataclass(frozen=True, eq=False)
class Sum:
    """Measures added up with their signs. Two sums are the same only if they are one object: facts are kept by it."""

    terms: tuple[tuple[int, Measure], ...]

    @cached_property
    def key(self) -> Hashable:
        """What is added up, the same for sums of the same measures."""
        return tuple((sign, measure.fact, measure.quantity) for sign, measure in self.terms)

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """Its measures."""
        return tuple(measure for _, measure in self.terms)

    def __add__(self, other: Measure | Sum) -> Sum:
        return Sum(self.terms + (other.terms if isinstance(other, Sum) else ((1, other),)))

    def __truediv__(self, other: Measure | Sum) -> Ratio:
        return Ratio(self, other if isinstance(other, Sum) else Sum(((1, other),)))

    @cached_property
    def spans_months(self) -> bool:
        """Whether each of its measures spans months."""
        return all(measure.spans_months for _, measure in self.terms)

    @property
    def of_months(self) -> OfMonths:
        """That of its measures, if they agree."""
        rules = {measure.of_months for _, measure in self.terms}
        return rules.pop() if len(rules) == 1 else "none"


@dataclass(frozen=True, eq=False)
class Ratio:
    """One sum over another; not a number where the denominator is zero. Compared as sums are."""

    numerator: Sum
    denominator: Sum

    @cached_property
    def key(self) -> Hashable:
        """What is divided by what, the same for ratios of the same sums."""
        return self.numerator.key, self.denominator.key

    @cached_property
    def whole(self) -> Sum:
        """Both parts under each other."""
        return self.numerator + self.denominator

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures of both parts."""
        return self.whole.measures

    @property
    def spans_months(self) -> bool:
        """Whether both parts span months."""
        return self.whole.spans_months

    @property
    def of_months(self) -> OfMonths:
        """That of its parts, if they agree; a ratio of two flows is averaged."""
        rule = self.whole.of_months
        return "mean" if rule == "sum" else rule


Expression = Sum | Ratio


@cache
def as_expression(value: Measure | Expression) -> Expression:
    """A lone measure as a sum of one."""
    return Sum(((1, value),)) if isinstance(value, Measure) else value
