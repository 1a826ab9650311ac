"""The arithmetic of figures: an expression over a window, its bases, and how much data stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from segxl.facts import Quantity
from segxl.facts.engine import Facts, Scope
from segxl.periods import Window, to_day, to_month
from segxl.scorecard.measures import Expression, Measure, Ratio, Sum
from segxl.scorecard.model import Figure, Selector, Term
from segxl.units import COUNT, DAYS, MONEY, Unit

UNIT_OF: dict[Quantity, Unit] = {"count": COUNT, "cents": MONEY, "days": DAYS, "accounts": COUNT}


@dataclass(frozen=True)
class Figures:
    """Figures of one segment."""

    facts: Facts
    segment: str

    def figure(
        self, expression: Expression, unit: Unit, window: Window, by: str = "", items: tuple[str, ...] = ()
    ) -> Figure:
        """An expression over a window, for some items of a dimension or for all; n/a where a part cannot be said."""
        scope = self.scope(window)
        months = self._missing_months(expression, window)
        if isinstance(expression, Sum):
            value = self.sum(expression, scope, by, items)
            rows = Selector(terms(expression), scope, by, items)
            return Figure(value, unit, window, rows, why=None if value is not None else "n/a", months=months)
        numerator = self.sum(expression.numerator, scope, by, items)
        denominator = self.sum(expression.denominator, scope, by, items)
        known = numerator is not None and bool(denominator)
        return Figure(
            value=Fraction(numerator or 0) / Fraction(denominator or 1) if known else None,
            unit=unit,
            window=window,
            rows=Selector(terms(expression.numerator + expression.denominator), scope, by, items),
            why=None if known else "n/a",
            numerator=numerator,
            denominator=denominator,
            numerator_unit=UNIT_OF[expression.numerator.terms[0][1].quantity],
            denominator_unit=UNIT_OF[expression.denominator.terms[0][1].quantity],
            months=months,
        )

    def base(
        self, expression: Expression, unit: Unit, window: Window, by: str = "", items: tuple[str, ...] = ()
    ) -> Figure | None:
        """The figure of a base; None where no data reaches it: a window wholly outside the months of data, or a
        stock taken before they begin."""
        return self.figure(expression, unit, window, by, items) if self._reached(expression, window) else None

    def sum(self, expression: Sum, scope: Scope, by: str = "", items: tuple[str, ...] = ()) -> int | Fraction | None:
        """The exact value of a sum; None where one of its parts cannot be said."""
        added: int | Fraction = 0
        for sign, measure in expression.terms:
            totals = self._totals(measure, scope, by)
            if totals is None:
                return None
            labels = self.facts.labels(by)
            # An item that is only planned is nowhere in the data.
            positions = [labels.index(item) for item in items if item in labels] if items else range(len(labels))
            for at in positions:
                added += sign * totals[at]
        return added

    def scope(self, window: Window) -> Scope:
        """The segment's scope of a window, with the day that decides who is a member."""
        at_end = self.facts.dataset.settings.toggles.membership == "period_end"
        return Scope(self.segment, window, to_day(window.end) if at_end else None)

    def _totals(self, measure: Measure, scope: Scope, by: str) -> Sequence[int | Fraction] | None:
        return self.facts.totals(measure.events, measure.quantity, scope, by)

    def _reached(self, expression: Expression, window: Window) -> bool:
        accounts = self.facts.accounts
        # A share is as well known as what it is a share of: the numerator tells.
        decisive = expression.numerator if isinstance(expression, Ratio) else expression
        if any(measure.events in accounts for _, measure in decisive.terms):
            return all(accounts.reaches(measure.events, window) for _, measure in decisive.terms)
        if expression.kind == "stock":
            span = self._span(expression)
            return span is not None and to_month(window.end) >= span[0]
        return self._months(expression, window) > 0

    def _missing_months(self, expression: Expression, window: Window) -> int | None:
        """How many months of a window have data, where that is fewer than all of them."""
        if expression.kind == "stock":
            return None
        span = to_month(window.end) - to_month(window.start) + 1
        months = self._months(expression, window)
        return months if months < span else None

    def _months(self, expression: Expression, window: Window) -> int:
        """How many months of a window lie within the months of data."""
        first = (expression.numerator if isinstance(expression, Ratio) else expression).terms[0][1]
        if first.events in self.facts.accounts:
            return self.facts.accounts.months_with_data(first.events, window)
        span = self._span(expression)
        if span is None:
            return 0
        return max(0, min(span[1], to_month(window.end)) - max(span[0], to_month(window.start)) + 1)

    def _span(self, expression: Expression) -> tuple[int, int] | None:
        """First and last month of data of the tables that an expression reads; None without."""
        parts = (expression.numerator + expression.denominator) if isinstance(expression, Ratio) else expression
        spans = [self.facts.months(measure.events) for _, measure in parts.terms]
        known = [span for span in spans if span is not None]
        return (min(first for first, _ in known), max(last for _, last in known)) if known else None


def terms(expression: Sum) -> tuple[Term, ...]:
    """The events behind a sum, each once."""
    signs: dict[str, int] = {}
    for sign, measure in expression.terms:
        signs.setdefault(measure.events, sign)
    return tuple(Term(sign, events) for events, sign in signs.items())
