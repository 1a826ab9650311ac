"""The arithmetic of figures: an expression over a window, its bases, and how many months have data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from operator import mul

from segxl.catalogue.measure import Expression, Quantity, Ratio, Sum
from segxl.catalogue.measures import ACQUISITION, LABOR
from segxl.catalogue.metric import measures_of
from segxl.dataset.months_of_data import months_in, together
from segxl.facts.answers import Asked
from segxl.facts.arrays import Scope, Sums
from segxl.facts.engine import Facts
from segxl.facts.tracked import fact
from segxl.messages import counted
from segxl.periods import Window, to_day
from segxl.scorecard.model import Figure, Selector, Term, Why
from segxl.units import COUNT, DAYS, MONEY, Unit

UNIT_OF: dict[Quantity, Unit] = {"count": COUNT, "cents": MONEY, "days": DAYS, "accounts": COUNT}


@dataclass(frozen=True, eq=False)
class _Column:
    """An expression over a window, for each segment of a group by its code: its coverage, its sum, or its numerator and
    its denominator (a sum has none), with their units; the place of each label; and the facts behind it."""

    covered: Coverage
    terms: tuple[Term, ...]
    units: tuple[Unit, Unit] | None
    places: Mapping[str, int]
    above: Sequence[Sums]
    below: Sequence[Sums]


@dataclass(frozen=True)
class Figures:
    """Figures of one segment."""

    facts: Facts
    segment: str
    _asked: dict[Window, tuple[Scope, Asked, int]] = field(default_factory=dict, repr=False)

    def figure(
        self, expression: Expression, unit: Unit, window: Window, by: str = "", items: tuple[str, ...] = ()
    ) -> Figure:
        """An expression over a window, for some items of a dimension or for all; n/a where a part is unavailable, or
        where the data does not cover the window."""
        column = _column(self.facts, expression, self._when(window)[1], by)
        return self._figure(column, expression, unit, window, by, items)

    def _figure(
        self, column: _Column, expression: Expression, unit: Unit, window: Window, by: str, items: tuple[str, ...]
    ) -> Figure:
        scope, _, code = self._when(window)
        rows, months = Selector(column.terms, scope, by, items), column.covered.months
        above = _of(column.above[code], column.places, items)
        if column.units is None or isinstance(expression, Sum):
            why: Why | None = None if above is not None else "n/a"
            return Figure(above, unit, window, rows, why, months=months, expression=expression)
        below = _of(column.below[code], column.places, items)
        if above is None or not below:
            return Figure(None, unit, window, rows, "n/a", above, below, *column.units, months, expression)
        odd = self._meaningless(expression, scope, by, items, above, below) if column.units[0] is MONEY else ""
        value = Fraction(above, below)
        return Figure(value, unit, window, rows, None, above, below, *column.units, months, expression, odd)

    def _meaningless(
        self,
        expression: Ratio,
        scope: Scope,
        by: str,
        items: tuple[str, ...],
        numerator: int | Fraction,
        denominator: int | Fraction,
    ) -> str:
        """Why a ratio of amounts says nothing, else blank: its other amounts are all missing, or no amount is recorded.

        A win rate by revenue of 100% with 12 lost deals, all of amount 0; a cost per SQO of 0 because no cost names
        the segment.
        """
        above, below = expression.numerator, expression.denominator
        if not numerator and not by and _unit(below) is COUNT:
            costs = any(one in (ACQUISITION, LABOR) for one in above.measures)
            return "no cost is recorded for the segment" if costs else ""
        if numerator != denominator or not set(above.measures) <= set(below.measures):
            return ""
        rest = [one for _, one in below.terms if one not in above.measures and one.quantity == "cents"]
        places = _places(self.facts, by)
        count = int(sum(_of(self.facts.totals(one.fact, "count", scope, by), places, items) or 0 for one in rest))
        return f"none of {counted(count, 'lost opportunity', 'lost opportunities')} has an amount" if count else ""

    def base(
        self, expression: Expression, unit: Unit, window: Window, by: str = "", items: tuple[str, ...] = ()
    ) -> Figure | None:
        """The figure of a base; None where no data reaches it: a window wholly outside the months of data, or a
        stock taken before they begin."""
        column = _column(self.facts, expression, self._when(window)[1], by)
        return self._figure(column, expression, unit, window, by, items) if column.covered.reached else None

    def covers(self, expression: Expression, window: Window) -> bool:
        """Whether the data covers enough of a window to give an expression, even if its denominator is zero."""
        scope = self.scope(window)
        return coverage(self.facts, expression, window).available and all(
            self.facts.totals(measure.fact, measure.quantity, scope) is not None for measure in measures_of(expression)
        )

    def sum(self, expression: Sum, scope: Scope, by: str = "", items: tuple[str, ...] = ()) -> int | Fraction | None:
        """The exact value of a sum; None where one of its parts is unavailable."""
        asked = self.facts.asked(scope)
        sums = _added(self.facts, expression, asked, by)[asked.group.code[self.segment]]
        return _of(sums, _places(self.facts, by), items)

    def scope(self, window: Window) -> Scope:
        """The segment's scope of a window, with the day that decides who is a member."""
        return self._when(window)[0]

    def _when(self, window: Window) -> tuple[Scope, Asked, int]:
        """The scope, the same for the segment's whole group, and the segment's code in it."""
        found = self._asked.get(window)
        if found is None:
            at_end = self.facts.dataset.settings.toggles.membership == "period_end"
            scope = Scope(self.segment, window, to_day(window.end) if at_end else None)
            asked = self.facts.asked(scope)
            found = self._asked[window] = scope, asked, asked.group.code[self.segment]
        return found


@fact
def _column(facts: Facts, expression: Expression, asked: Asked, by: str) -> _Column:
    """An expression by label for every segment of a group; None for those that have none."""
    covered, places = coverage(facts, expression, asked.window), _places(facts, by)
    above, below = (expression, None) if isinstance(expression, Sum) else (expression.numerator, expression.denominator)
    none: Sequence[Sums] = [None] * len(asked.group)
    return _Column(
        covered,
        terms(expression if isinstance(expression, Sum) else expression.whole),
        None if below is None else (_unit(above), _unit(below)),
        places,
        _added(facts, above, asked, by) if covered.available else none,
        _added(facts, below, asked, by) if covered.available and below is not None else none,
    )


def _unit(expression: Sum) -> Unit:
    return UNIT_OF[expression.terms[0][1].quantity]


def _of(sums: Sums, places: Mapping[str, int], items: tuple[str, ...]) -> int | Fraction | None:
    """The sum of some items, or of all."""
    if sums is None:
        return None
    if not items:
        return sum(sums)
    # An item that is only planned is nowhere in the data.
    return sum([sums[places[item]] for item in items if item in places])


@fact
def _added(facts: Facts, expression: Sum, asked: Asked, by: str) -> Sequence[Sums]:
    """A sum by label for every segment; None where one of its parts is unavailable."""
    signs = [sign for sign, _ in expression.terms]
    parts = [facts.sums(measure.fact, measure.quantity, asked, by) for _, measure in expression.terms]
    if signs == [1]:
        return parts[0]
    return [_signed(signs, sums) for sums in zip(*parts, strict=True)]


def _signed(signs: Sequence[int], parts: Sequence[Sums]) -> Sums:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return [sum(map(mul, signs, values)) for values in zip(*known, strict=True)]


@dataclass(frozen=True)
class Coverage:
    """The coverage of a window for an expression; the same for every segment.

    ``available``: whether the expression has a value. ``months``: of a flow the number of months with data, if fewer
    than all. ``reached``: whether the window can be a base.
    """

    available: bool
    months: int | None
    reached: bool


@fact
def _places(facts: Facts, by: str) -> Mapping[str, int]:
    """The place of each label of a dimension."""
    return {label: place for place, label in enumerate(facts.labels(by))}


@fact
def coverage(facts: Facts, expression: Expression, window: Window) -> Coverage:
    """The coverage of a window, kept by expression and window."""
    available, months = _available(facts, expression, window)
    # The numerator decides: a share has data where its numerator has.
    decisive = expression.numerator if isinstance(expression, Ratio) else expression
    accounts = facts.accounts
    reached = available and all(
        accounts.reaches(measure.fact, window) for _, measure in decisive.terms if measure.fact in accounts
    )
    return Coverage(available, months, reached)


def _available(facts: Facts, expression: Expression, window: Window) -> tuple[bool, int | None]:
    measures = [measure for measure in measures_of(expression) if measure.needs.feeds]
    if not expression.spans_months:
        return all(_covers(facts, measure.fact, window) for measure in measures), None
    first, last = months_in(window)
    if any(measure.fact in facts.accounts for measure in measures):
        known = set(range(first, last + 1))
        for measure in measures:
            known &= facts.accounts.known_months(measure.fact, window)
        available, count = all(_covers(facts, measure.fact, window) for measure in measures), len(known)
    else:
        span = together(facts.months(measure.fact) for measure in measures)
        count = max(0, min(last, span[1]) - max(first, span[0]) + 1) if span else 0
        available = count > 0
    return available, (count if count <= last - first else None)


def _covers(facts: Facts, events: str, window: Window) -> bool:
    """Whether a stock, or a number of accounts, is available for a window."""
    if events in facts.accounts:
        return facts.accounts.covers(events, window)
    span, (_, last) = facts.months(events), months_in(window)
    return span is not None and span[0] <= last <= span[1]


@cache
def terms(expression: Sum) -> tuple[Term, ...]:
    """The facts behind a sum, each once."""
    signs: dict[str, int] = {}
    for sign, measure in expression.terms:
        signs.setdefault(measure.fact, sign)
    return tuple(Term(sign, fact) for fact, sign in signs.items())
