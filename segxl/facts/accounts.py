"""Accounts as numbers: who could be won, who was targeted and engaged, who is a customer, who left, what they pay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measures import declared
from segxl.dataset.reach import months_in
from segxl.dataset.segments import ALL_ACCOUNTS, Segment
from segxl.facts.arrays import Cents, Codes, Mask, Scope
from segxl.facts.base import BaseFacts
from segxl.facts.revenue import Move, Revenue
from segxl.facts.touches import Touch
from segxl.periods import ALWAYS, NEVER, Days, Window, month_end, to_day, to_month
from segxl.settings.model import DEAL_TYPES


@dataclass(frozen=True)
class Answer:
    """Accounts behind a number, each with its cents where the number is money."""

    account: Codes
    cents: Cents

    @classmethod
    def of(cls, account: NDArray[Any], cents: Cents | None = None) -> Answer:
        """Accounts once each, or with their amounts."""
        if cents is None:
            account = np.unique(account)
            return cls(account.astype(np.int32), np.zeros(len(account), dtype=np.int64))
        return cls(account.astype(np.int32), cents)


class AccountFacts:
    """Answers by name. Money is in cents; who is counted is told by account codes.

    SOM of All accounts is the accounts table and whoever is a listed member of any segment, so that no segment is
    larger than the company; its customers and money take in every account with revenue, as sums must be complete.
    """

    def __init__(self, facts: BaseFacts) -> None:
        self._facts = facts
        self._dataset = facts.dataset
        self._answers: Mapping[str, Callable[[Scope], Answer | None]] = {
            "som": self._som,
            "targeted": lambda scope: self._touched(scope, "targeting"),
            "targeted_so_far": lambda scope: self._touched_so_far(scope, "targeting"),
            "engaged": self._engaged,
            "engaged_so_far": self._engaged_so_far,
            "new_customers": self._new_customers,
            "customers": self._customers,
            "churned": lambda scope: self._churned(scope, None),
            "cancelled": lambda scope: self._churned(scope, True),
            "downgraded": lambda scope: self._churned(scope, False),
            "churned_revenue": self._churned_revenue,
            "mrr_opening": lambda scope: self._mrr(scope, to_month(scope.window.start) - 1, at_end=False),
            "mrr_closing": lambda scope: self._mrr(scope, to_month(scope.window.end), at_end=True),
            "mrr_openings": self._openings,
            "nrr_kept": lambda scope: self._kept(scope, "nrr"),
            "grr_kept": lambda scope: self._kept(scope, "grr"),
            "nrr_opening": lambda scope: self._kept(scope, "opening"),
            "logos_cancelled": lambda scope: self._kept(scope, "cancelled"),
            "logos": lambda scope: self._kept(scope, "logos"),
            "cohort_now": lambda scope: self._cohort(scope, now=True),
            "cohort_then": lambda scope: self._cohort(scope, now=False),
        }
        self.names = frozenset(self._answers) | {"mrr_year", "market", "mrr_months"}

    def __contains__(self, name: str) -> bool:
        return name in self.names

    # The questions

    def answer(self, name: str, scope: Scope) -> Answer | None:
        """The accounts behind a number; None where the data is not sufficient."""
        return self._answers[name](scope) if name in self._answers else None

    def amount(self, name: str, quantity: str, scope: Scope, by: str) -> list[int] | None:
        """The number, by the labels of ``by`` (geo and sales team of the accounts)."""
        if name == "market":
            market = self._market(scope)
            return None if market is None else [market]
        if name == "mrr_months":
            return [len(self._opening_months(scope.window))] if self.revenue else None
        answer = self.answer("mrr_opening" if name == "mrr_year" else name, scope)
        if answer is None:
            return None
        if quantity == "cents":
            return [int(answer.cents.sum()) * (12 if name == "mrr_year" else 1)]
        if not by:
            return [self.distinct(answer.account)]
        units = np.unique(self._unit[answer.account])
        codes = self._facts.dimensions["accounts"][by].codes[self._face[units]]
        return [int(count) for count in np.bincount(codes, minlength=len(self._facts.labels(by)))]

    def distinct(self, account: NDArray[np.integer]) -> int:
        """How many accounts these are, as the settings count them: accounts, or topmost parents."""
        return len(np.unique(self._unit[account]))

    def units(self, account: NDArray[np.integer]) -> Codes:
        """What each account is counted as: itself, or its topmost parent."""
        units: Codes = self._unit[account]
        return units

    def faces(self, account: NDArray[np.integer]) -> Codes:
        """The account whose geo and sales team count for each account."""
        faces: Codes = self._face[self._unit[account]]
        return faces

    def covers(self, name: str, window: Window) -> bool:
        """Whether the data covers enough of a window for its number to be given."""
        first, last = months_in(window)
        span = self._facts.months(name)
        if span is None:
            return False
        if self._of_revenue(name):
            return self.revenue is not None and self.revenue.months[0] <= last  # its end is told by each answer
        stock = declared(name).kind == "stock"
        return span[0] <= last <= span[1] if stock else span[0] <= last and first <= span[1]

    def reaches(self, name: str, window: Window) -> bool:
        """Whether there is data behind a base window, so that it can be compared with."""
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
        """The months of a window that have data behind them."""
        first, last = months_in(window)
        if self._of_revenue(name) and declared(name).timing in ("at_start", "each_start"):
            return set(self._opening_months(window))
        if self._of_revenue(name):
            known = [] if self.revenue is None else self.revenue.known_months(window)
            return {month for month in known if self.revenue is not None and self.revenue.has_data(month)}
        span = self._facts.months(name)
        return set() if span is None else set(range(max(first, span[0]), min(last, span[1]) + 1))

    def _of_revenue(self, name: str) -> bool:
        """Whether the number comes from the revenue table."""
        return self.revenue is not None and any("revenue" in group for group in declared(name).needs.tables)

    @cached_property
    def revenue(self) -> Revenue | None:
        """The MRR of the accounts; None without a revenue table."""
        return self._facts.revenue

    # Who is counted

    @property
    def _unit(self) -> Codes:
        """What is counted for each account: itself, or its topmost parent."""
        return self._facts.families.unit

    @property
    def _face(self) -> Codes:
        """The account whose geo and team stand for a unit."""
        return self._facts.families.face

    def _segment(self, scope: Scope) -> Segment:
        return self._dataset.segments[scope.segment]

    def _day(self, scope: Scope, day: int) -> int:
        """The day on which membership is asked for something on ``day``."""
        return day if scope.member_on is None else scope.member_on

    def _som_on(self, segment: Segment, day: int) -> Mask:
        """Which accounts are the segment's serviceable obtainable market on a day."""
        everyone = np.arange(len(self._dataset.account_ids), dtype=np.int32)
        if segment.name != ALL_ACCOUNTS:
            return segment.holds(everyone, day) & self._may_be_som(segment, everyone)
        found = self._is_known(everyone)
        for listed in self._dataset.segments.items:
            if listed.interval_account is not None:
                found = found | listed.holds(everyone, day)
        return found

    def _is_som(self, segment: Segment, account: Codes, days: NDArray[np.int32] | int) -> Mask:
        """Which events are of SOM accounts: ``account`` (-1: none) on ``days``."""
        if segment.name != ALL_ACCOUNTS:
            return segment.holds(account, days) & self._may_be_som(segment, account)
        found = self._is_known(account)
        for listed in self._dataset.segments.items:
            if listed.interval_account is not None:
                found = found | listed.holds(account, days)
        return found

    def _is_known(self, account: Codes) -> Mask:
        """Which accounts the accounts table has."""
        accounts = self._dataset.tables.get("accounts")
        found: Mask = (account >= 0) & (account < (len(accounts) if accounts is not None else 0))
        return found

    def _may_be_som(self, segment: Segment, account: Codes) -> Mask:
        """A segment's accounts are its market. What is in no segment is the company's market as far as the accounts
        table has it: who is listed nowhere and in no table is nobody's."""
        return np.ones(len(account), dtype=bool) if segment.beside is None else self._is_known(account)

    def _som(self, scope: Scope) -> Answer:
        return Answer.of(np.flatnonzero(self._som_on(self._segment(scope), to_day(scope.window.end))))

    # Targeted and engaged

    def _touched(self, scope: Scope, touch: Touch) -> Answer | None:
        """Accounts with such an activity in the window, members on its day."""
        touches = self._facts.touches
        if touches is None:
            return None
        first, last = scope.window.days
        kept = np.flatnonzero(touches.of_kind(touch) & (touches.day >= first) & (touches.day <= last))
        account = touches.account[kept]
        when = touches.day[kept] if scope.member_on is None else scope.member_on
        return Answer.of(account[self._is_som(self._segment(scope), account, when)])

    def _touched_so_far(self, scope: Scope, touch: Touch) -> Answer | None:
        """Members at the window's end with such an activity on any day up to it."""
        touches = self._facts.touches
        if touches is None:
            return None
        last = to_day(scope.window.end)
        rows = touches.of_kind(touch)
        account = np.unique(touches.account[rows & (touches.day <= last) & (touches.day >= self._begin)])
        return Answer.of(account[self._is_som(self._segment(scope), account, last)])

    @property
    def _begin(self) -> int:
        start = self._dataset.settings.running_total_start
        return ALWAYS if start is None else to_day(start)

    def _engaged(self, scope: Scope) -> Answer:
        """Touched by sales, or with an opportunity open on a day of the window or closed in it."""
        by_sales = self._touched(scope, "selling")
        account, start, end = self._open_stretches(scope, *scope.window.days)
        segment = self._segment(scope)
        if scope.member_on is not None:
            member = self._is_som(segment, account, scope.member_on)
        else:
            member = self._was_som(segment, account, start, end)
        return Answer.of(np.concatenate([account[member], *([] if by_sales is None else [by_sales.account])]))

    def _engaged_so_far(self, scope: Scope) -> Answer:
        """Members at the window's end that sales touched, or that had an opportunity, on any day up to it."""
        by_sales = self._touched_so_far(scope, "selling")
        last = to_day(scope.window.end)
        account, _, _ = self._open_stretches(scope, self._begin, last)
        account = account[self._is_som(self._segment(scope), account, last)]
        return Answer.of(np.concatenate([account, *([] if by_sales is None else [by_sales.account])]))

    def _open_stretches(self, scope: Scope, first: int, last: int) -> tuple[Codes, Days, Days]:
        """Account, first and last day of each stretch in which an opportunity that may count for the segment was open,
        or closed, within ``first``..``last``."""
        if "opportunities" not in self._dataset.tables:
            nothing = np.empty(0, dtype=np.int32)
            return nothing, nothing, nothing
        row, start, end = self._facts.pipeline.open_stretches
        account = self._facts.opportunities.account[row]
        kept = (account >= 0) & (np.maximum(start, first) <= np.minimum(end, last))
        if scope.segment != ALL_ACCOUNTS:
            kept &= np.isin(self._dataset.tables["opportunities"]["segment"][row], ("", self._segment(scope).name))
        start, end = np.maximum(start[kept], first), np.minimum(end[kept], last)
        return account[kept], start.astype(np.int32), end.astype(np.int32)

    def _was_som(self, segment: Segment, account: Codes, start: Days, end: Days) -> Mask:
        """Which accounts were SOM on some day of their stretch."""
        if segment.name != ALL_ACCOUNTS:
            return segment.holds_between(account, start, end) & self._may_be_som(segment, account)
        found = self._is_som(segment, account, end)
        for listed in self._dataset.segments.items:
            if listed.interval_account is not None:
                found = found | listed.holds_between(account, start, end)
        return found

    # Customers

    def _new_customers(self, scope: Scope) -> Answer | None:
        """Paying at the window's end, after a month end in it at which they began to pay."""
        if self.revenue is None:
            return self._won_customers(scope, new=True)
        revenue, last = self.revenue, to_month(scope.window.end)
        months = revenue.known_months(scope.window)
        if not months or not revenue.has(last) or not (_is_year(scope.window) or revenue.has_window(scope.window)):
            return None
        began = np.zeros(len(revenue.account), dtype=bool)
        for month in months:
            began |= revenue.pays(month) & ~revenue.pays(month - 1)
        kept = began & revenue.pays(last) & self._members(scope)(to_day(scope.window.end))
        return Answer.of(revenue.account[kept])

    def _customers(self, scope: Scope) -> Answer | None:
        """Paying at the window's end."""
        if self.revenue is None:
            return self._won_customers(scope, new=False)
        last = to_month(scope.window.end)
        if not self.revenue.has(last):
            return None
        kept = self.revenue.pays(last) & self._members(scope)(to_day(scope.window.end))
        return Answer.of(self.revenue.account[kept])

    def _won_customers(self, scope: Scope, *, new: bool) -> Answer | None:
        """Without a revenue table: the first win in the window; or won, and no renewal lost since the last win."""
        if "opportunities" not in self._dataset.tables:
            return None
        table, account = self._dataset.tables["opportunities"], self._facts.opportunities.account
        first, last = scope.window.days
        closed, own = table["closed_on"], table["segment"]
        won = (table["status"] == "won") & (account >= 0) & (closed != NEVER)
        if not new:
            won &= closed <= last
        decisive = np.full(len(self._dataset.account_ids) + 1, NEVER if new else ALWAYS, dtype=np.int64)
        (np.minimum if new else np.maximum).at(decisive, account[won], closed[won].astype(np.int64))
        rows = np.flatnonzero(won & (closed == decisive[account]))
        if new:
            rows = rows[(closed[rows] >= first) & (closed[rows] <= last)]
        else:
            renewal = self._facts.dimensions["opportunities"]["type"].codes == DEAL_TYPES.index("renewal")
            lost = (table["status"] == "lost") & renewal & (account >= 0) & (closed <= last)
            lost &= closed > decisive[account]
            rows = rows[~np.isin(account[rows], account[lost])]
        segment = self._segment(scope)
        member = segment.holds(account[rows], last)
        if segment.name != ALL_ACCOUNTS:
            member = member & np.isin(own[rows], ("", segment.name))
        return Answer.of(account[rows[member]])

    # Churn, MRR, retention

    def _members(self, scope: Scope) -> Callable[[int], Mask]:
        """Which of the revenue's accounts are the segment's on a day; the company has them all."""
        assert self.revenue is not None
        account, segment = self.revenue.account.astype(np.int32), self._segment(scope)
        known: dict[int, Mask] = {}

        def members(day: int) -> Mask:
            day = self._day(scope, day)
            if day not in known:
                known[day] = segment.holds(account, day)
            return known[day]

        return members

    def rollforward(self, scope: Scope) -> Mapping[str, int] | None:
        """The MRR roll-forward of a scope; None where the data is not sufficient."""
        return None if self.revenue is None else self.revenue.rollforward(scope.window, self._members(scope))

    def _losses(self, scope: Scope) -> list[tuple[int, Mask, Mask, Cents]] | None:
        """By month: who cancelled, who downgraded, and by how much, among the members at the month's end."""
        revenue = self.revenue
        if revenue is None:
            return None
        months = revenue.known_months(scope.window)
        if not (months if _is_year(scope.window) else revenue.has_window(scope.window)):
            return None
        members = self._members(scope)
        found = []
        for month in months:
            moved, here = revenue.movements(month), members(to_day(month_end(month)))
            left, less = here & (moved.kind == Move.CHURN), here & (moved.kind == Move.CONTRACTION)
            found.append((month, left, less, moved.cents))
        return found

    def _churned(self, scope: Scope, cancelled: bool | None) -> Answer | None:
        """Customers that lost something, each once, by the last loss; of two in one month a cancellation."""
        losses = self._losses(scope)
        if losses is None or self.revenue is None:
            return None
        last: dict[int, tuple[int, bool, int]] = {}
        for month, left, less, _ in losses:
            for at in np.flatnonzero(left | less).tolist():
                account = int(self.revenue.account[at])
                unit = int(self._unit[account])
                loss = (month, bool(left[at]), account)
                if unit not in last or loss[:2] > last[unit][:2]:
                    last[unit] = loss
        kept = [account for _, left, account in last.values() if cancelled is None or left == cancelled]
        return Answer.of(np.array(kept, dtype=np.int32))

    def _churned_revenue(self, scope: Scope) -> Answer | None:
        losses = self._losses(scope)
        if losses is None or self.revenue is None:
            return None
        lost = np.zeros(len(self.revenue.account), dtype=np.int64)
        for _, left, less, cents in losses:
            lost += np.where(left | less, cents, 0)
        some = lost != 0
        return Answer.of(self.revenue.account[some], lost[some])

    def _mrr(self, scope: Scope, month: int, *, at_end: bool) -> Answer | None:
        revenue = self.revenue
        if revenue is None or not revenue.has(month):
            return None
        day = to_day(scope.window.end) if at_end else to_day(month_end(month))
        worth = np.where(self._members(scope)(day), revenue.worth(month, month), 0)
        some = worth != 0
        return Answer.of(revenue.account[some], worth[some])

    def _opening_months(self, window: Window) -> list[int]:
        """The months of a window whose opening has data."""
        if self.revenue is None:
            return []
        months = range(to_month(window.start), to_month(window.end) + 1)
        return [month for month in months if self.revenue.has_data(month - 1)]

    def _openings(self, scope: Scope) -> Answer | None:
        """The openings of a window's months, added up by account."""
        if self.revenue is None:
            return None
        added = np.zeros(len(self.revenue.account), dtype=np.int64)
        for month in self._opening_months(scope.window):
            members = self._members(scope)(to_day(month_end(month - 1)))
            added += np.where(members, self.revenue.worth(month - 1, month - 1), 0)
        some = added != 0
        return Answer.of(self.revenue.account[some], added[some])

    def _kept(self, scope: Scope, part: str) -> Answer | None:
        """The parts of retention: what the members at the start paid then, and what is left of it."""
        revenue = self.revenue
        if revenue is None or not revenue.has_window(scope.window):
            return None
        if part == "opening":
            return self._mrr(scope, to_month(scope.window.start) - 1, at_end=False)
        back = part == "nrr" and self._dataset.settings.toggles.reactivation_in_nrr
        kept = revenue.retained(scope.window, self._members(scope), back=back)
        if part in ("cancelled", "logos"):
            return Answer.of(revenue.account[kept.cancelled if part == "cancelled" else kept.customers])
        amount = kept.opening
        if part in ("nrr", "grr"):
            amount -= kept.churn + kept.contraction
        if part == "nrr":
            amount += kept.expansion + kept.reactivation
        whole = np.array([-1], dtype=np.int32), np.array([amount], dtype=np.int64)
        return Answer.of(*whole)

    def _cohort(self, scope: Scope, *, now: bool) -> Answer | None:
        """MRR of a year ago's customers and members, then and now, at the rates of then, wherever they are now."""
        revenue = self.revenue
        if revenue is None:
            return None
        then, last = to_month(scope.window.start) - 1, to_month(scope.window.end)
        if not (revenue.has(then) and revenue.has(last)):
            return None
        kept = self._members(scope)(to_day(month_end(then))) & revenue.pays(then)
        worth = revenue.worth(last if now else then, then)
        return Answer.of(revenue.account[kept], worth[kept])

    def _market(self, scope: Scope) -> int | None:
        """The market's revenue in the calendar year of the window's end, by the segment's own row."""
        table = self._dataset.tables.get("market")
        if table is None:
            return None
        rows = (table["segment"] == scope.segment) & (table["year"] == scope.window.end.year)
        return int(table["revenue"][np.argmax(rows)]) if rows.any() else None


def _is_year(window: Window) -> bool:
    """The 12 months behind a period, which say what they can where a month or a quarter has to be whole."""
    return to_month(window.end) - to_month(window.start) == 11
