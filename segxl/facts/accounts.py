"""Accounts counted and valued: the market, targeted, engaged, customers, churn, and what accounts pay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measures import declared
from segxl.dataset.months_of_data import months_in
from segxl.facts import market_answers as market
from segxl.facts import revenue_answers as revenue_table
from segxl.facts.answers import Answer, Asked, Whole
from segxl.facts.arrays import Cents, Scope, Sums
from segxl.facts.base import BaseFacts
from segxl.facts.revenue import Revenue
from segxl.facts.tracked import fact
from segxl.periods import Window, to_month
from segxl.tables.codes import Codes

_ANSWERS: Mapping[str, Callable[[BaseFacts, Asked], Answer | None]] = {
    "som": market.som,
    "targeted": partial(market.touched, touch="targeting"),
    "targeted_so_far": partial(market.touched_so_far, touch="targeting"),
    "engaged": market.engaged,
    "engaged_so_far": market.engaged_so_far,
    "new_customers": revenue_table.new_customers,
    "customers": revenue_table.customers,
    "churned": partial(revenue_table.churned, cancelled=None),
    "cancelled": partial(revenue_table.churned, cancelled=True),
    "downgraded": partial(revenue_table.churned, cancelled=False),
    "churned_revenue": revenue_table.churned_revenue,
    "mrr_opening": lambda facts, asked: revenue_table.mrr(facts, asked, to_month(asked.window.start) - 1, at_end=False),
    "mrr_closing": lambda facts, asked: revenue_table.mrr(facts, asked, to_month(asked.window.end), at_end=True),
    "mrr_openings": revenue_table.openings,
    "nrr_kept": partial(revenue_table.kept, part="nrr"),
    "grr_kept": partial(revenue_table.kept, part="grr"),
    "nrr_opening": partial(revenue_table.kept, part="opening"),
    "logos_cancelled": partial(revenue_table.kept, part="cancelled"),
    "logos": partial(revenue_table.kept, part="logos"),
    "cohort_now": partial(revenue_table.cohort, part="now"),
    "cohort_then": partial(revenue_table.cohort, part="then"),
    "cohort_kept": partial(revenue_table.cohort, part="kept"),
}
_WHOLE = {"nrr_kept": "nrr", "grr_kept": "grr"}
_NAMES = frozenset(_ANSWERS) | {"mrr_annualised", "market", "mrr_months"}


@fact
def answered(facts: BaseFacts, name: str, asked: Asked) -> Answer | None:
    """The accounts behind a number, for all segments answered together; None where data is missing."""
    return _ANSWERS[name](facts, asked)


@fact
def added(facts: BaseFacts, name: str, money: bool, by: str, asked: Asked) -> list[list[int]] | None:
    """The number per segment: cents, or account counts by each label of ``by``."""
    answer = answered(facts, name, asked)
    if answer is None:
        return None
    if money:
        return [[cents] for cents in answer.sums()]
    if isinstance(answer, Whole):
        return [[1]] * answer.segments
    codes = facts.dimensions["accounts"][by].codes if by else None
    counts: list[list[int]] = answer.counts(facts.families, codes, len(facts.labels(by))).tolist()
    return counts


class AccountFacts:
    """Account numbers by name. Money is in cents; accounts are account codes."""

    def __init__(self, facts: BaseFacts) -> None:
        self._facts = facts
        self.names = _NAMES

    def __contains__(self, name: str) -> bool:
        return name in self.names

    # The questions

    def answer(self, name: str, scope: Scope) -> tuple[Codes, Cents] | None:
        """The accounts behind a number, each with its cents; None where data is missing."""
        asked = self._facts.asked(scope)
        answer = answered(self._facts, name, asked) if name in _ANSWERS else None
        return None if answer is None else answer.of(asked.group.code[scope.segment])

    def parts(self, name: str, scope: Scope) -> tuple[Codes, Cents] | None:
        """What each account adds to a number, also to one that :meth:`answer` gives for the segment only."""
        if name not in _WHOLE:
            return self.answer(name, scope)
        asked = self._facts.asked(scope)
        found = revenue_table.kept_of(self._facts, asked, _WHOLE[name])
        return None if found is None else found.of(asked.group.code[scope.segment])

    def rolled(self, scope: Scope) -> dict[str, tuple[Codes, Cents]]:
        """What each account adds to the lines of :meth:`rollforward`."""
        asked = self._facts.asked(scope)
        code = asked.group.code[scope.segment]
        return {name: worth.of(code) for name, worth in revenue_table.rolled_of(self._facts, asked).items()}

    def amounts(self, name: str, quantity: str, asked: Asked, by: str) -> Sequence[Sums]:
        """The number of each segment, by the labels of ``by`` (geo and sales team of the accounts)."""
        if name == "market":
            return self._market(asked)
        if name == "mrr_months":
            months = [len(self.revenue.opening_months(asked.window))] if self.revenue else None
            return [months] * len(asked.group)
        base = "mrr_opening" if name == "mrr_annualised" else name
        sums = added(self._facts, base, quantity == "cents", by, asked)
        if sums is None:
            return [None] * len(asked.group)
        return [[12 * mrr] for (mrr,) in sums] if name == "mrr_annualised" and quantity == "cents" else sums

    def rollforward(self, scope: Scope) -> Mapping[str, int] | None:
        """The MRR roll-forward of a scope; None where data is missing."""
        asked = self._facts.asked(scope)
        lines, code = revenue_table.rollforward(self._facts, asked), asked.group.code[scope.segment]
        return None if lines is None else {name: cents[code] for name, cents in lines.items()}

    def distinct(self, account: NDArray[np.integer]) -> int:
        """The number of these accounts as the settings count them: accounts, or topmost parents."""
        return int(np.count_nonzero(np.bincount(self.units(account))))

    def units(self, account: NDArray[np.integer]) -> Codes:
        """The code under which each account is counted: its own, or its topmost parent's."""
        units: Codes = self._facts.families.unit[account]
        return units

    def faces(self, account: NDArray[np.integer]) -> Codes:
        """The account whose geo and sales team count for each account."""
        faces: Codes = self._facts.families.face[self.units(account)]
        return faces

    def covers(self, name: str, window: Window) -> bool:
        """Whether the data covers enough of a window to give its number."""
        first, last = months_in(window)
        span = self._facts.months(name)
        if span is None:
            return False
        if self._of_revenue(name):
            return self.revenue is not None and self.revenue.months[0] <= last  # each answer checks its own end
        stock = not declared(name).spans_months
        return span[0] <= last <= span[1] if stock else span[0] <= last and first <= span[1]

    def reaches(self, name: str, window: Window) -> bool:
        """Whether a base window has data to compare with."""
        if not self.covers(name, window):
            return False
        if not self._of_revenue(name) or self.revenue is None:
            return True
        revenue, (first, last) = self.revenue, months_in(window)
        timing = declared(name).timing
        if timing in ("flow", "distinct"):
            return revenue.has_window(window) and revenue.has_data(last)
        return revenue.has_data(last if timing == "at_end" else first - 1)

    def known_months(self, name: str, window: Window) -> set[int]:
        """The months of a window that have data."""
        first, last = months_in(window)
        if self._of_revenue(name) and declared(name).timing in ("at_start", "each_start"):
            return set(self.revenue.opening_months(window)) if self.revenue is not None else set()
        if self._of_revenue(name):
            known = [] if self.revenue is None else self.revenue.known_months(window)
            return {month for month in known if self.revenue is not None and self.revenue.has_data(month)}
        span = self._facts.months(name)
        return set() if span is None else set(range(max(first, span[0]), min(last, span[1]) + 1))

    def _of_revenue(self, name: str) -> bool:
        """Whether the number comes from the revenue table."""
        return self.revenue is not None and any("revenue" in group for group in declared(name).needs.tables)

    @property
    def revenue(self) -> Revenue | None:
        """The MRR of the accounts; None without a revenue table."""
        return self._facts.revenue

    def _market(self, asked: Asked) -> list[Sums]:
        """The market's revenue in the calendar year of the window's end, by each segment's own row."""
        table, found = self._facts.dataset.tables.get("market"), dict[str, Sums]()
        if table is not None:
            for row in np.flatnonzero(table["year"] == asked.window.end.year).tolist():
                found.setdefault(str(table["segment"][row]), [int(table["revenue"][row])])
        return [found.get(name) for name in asked.group.code]
