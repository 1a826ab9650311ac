"""The questions that everything above asks of the facts, answered in memory with numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measure import Quantity
from segxl.catalogue.measures import OPEN
from segxl.facts.accounts import AccountFacts
from segxl.facts.arrays import BLANK, Events, Found, Mask, Scope, exact_sums
from segxl.facts.base import BaseFacts
from segxl.facts.bridge import Bridge, Steps, steps
from segxl.facts.pipeline import OpenPipeline
from segxl.facts.tracked import fact
from segxl.periods import Window, month_end, month_start, months_of, to_day, to_month


class Facts(BaseFacts):
    """Events and stocks of one dataset.

    The questions: :meth:`lacks`, :meth:`months`, :meth:`labels`, :meth:`totals`, :meth:`rows`, :meth:`open_at`,
    :meth:`without_rate`, :meth:`unreconstructed`.
    """

    @cached_property
    def accounts(self) -> AccountFacts:
        """Accounts as numbers: market, targeted, engaged, customers, churn, MRR and retention."""
        return AccountFacts(self)

    @property
    def names(self) -> frozenset[str]:
        """The events that these facts compute, of the tables that the dataset has."""
        found = self.events.keys() | self.accounts.names | {OPEN}
        return frozenset(found | ({"unallocated"} if self._has("unallocated") else set()))

    @cached_property
    def bridge(self) -> Bridge | None:
        """What leads from one open pipeline to another; None without opportunities."""
        return None if self.lacks(OPEN) else Bridge(self, self.bridge_steps)

    @fact
    def bridge_steps(self, window: Window) -> Mapping[str, Steps]:
        """The steps of the bridge over a window, by kind, whoever is a member."""
        return steps(self, window)

    def _has(self, events: str) -> bool:
        """Whether there are such events; a history that is missing leaves phases that are none."""
        if events == OPEN:
            return "opportunities" in self.dataset.tables
        return events in self.events or (events == "unallocated" and {"labor", "leads"} <= self.events.keys())

    def totals(self, events: str, quantity: Quantity, scope: Scope, by: str = "") -> Sequence[int | Fraction] | None:
        """What the events of a scope add up to, one exact number for each label of ``by``; None where the data is not
        sufficient.

        ``open`` is the stock at the end of the window; accounts and revenue answer for themselves; the others are the
        events dated in the window.
        """
        if self.lacks(events, quantity):
            return None
        if events in self.accounts:
            return self.accounts.amount(events, quantity, scope, by)
        if events == OPEN:
            return self._open_totals(quantity, scope, by)
        if events == "unallocated":
            return [self._unallocated(scope)]
        if events == "labor" and by == "lead_source":
            return self._labor_by_source(scope)
        return self._cube(events, quantity, scope.segment, scope.member_on, by).total(scope.window)

    def rows(self, events: str, scope: Scope, by: str = "", items: tuple[str, ...] = ()) -> Found:
        """The rows that :meth:`totals` counts, for some items of a dimension or for all of them."""
        first, last = scope.window.days
        if events in self.accounts:
            return self._account_rows(events, scope, by, items)
        if not self._has(events) or events == "unallocated":
            return _nothing("opportunities")
        if events == OPEN:
            stock = self.open_at(last)
            kept = self._open_mask(scope.segment, last)
            codes = self._open_codes(stock, by)
            row, day, cents, stage = stock.row, np.full(len(stock.row), last, np.int32), stock.cents, stock.stage
            table = "opportunities"
        else:
            found = self.events[events]
            kept = self._mask(events, scope.segment, scope.member_on) & (found.day >= first) & (found.day <= last)
            codes = self._codes(found, by)
            nothing = np.zeros(len(found), np.int64)
            row, day, cents = found.row, found.day, found.quantities.get("cents", nothing)
            stage, table = found.codes.get("stage", nothing.astype(np.int32)), found.table
        if items:
            labels = self.labels(by)
            kept = kept & np.isin(codes, [labels.index(item) for item in items if item in labels])
        money = events == OPEN or "cents" in self.events[events].quantities
        return Found(table, row[kept], day[kept], cents[kept], stage[kept], money, codes[kept])

    def _account_rows(self, events: str, scope: Scope, by: str, items: tuple[str, ...]) -> Found:
        """Accounts behind a number, by account code; a number that is no sum over accounts has none."""
        answer = self.accounts.answer(events, scope)
        if answer is None:
            return _nothing("accounts")
        kept = answer.account >= 0
        codes = self._account_codes(answer.account, by)
        if items:
            labels = self.labels(by)
            kept &= np.isin(codes, [labels.index(item) for item in items if item in labels])
        row = answer.account[kept].astype(np.int64)
        day = np.full(len(row), scope.window.days[1], np.int32)
        cents = answer.cents[kept]
        return Found("accounts", row, day, cents, np.zeros(len(row), np.int32), bool(cents.any()), codes[kept])

    def _account_codes(self, account: NDArray[np.int32], by: str) -> NDArray[np.int32]:
        """Each account's code in a dimension, that of the parent as which it is counted."""
        if not by:
            return np.zeros(len(account), np.int32)
        return self.dimensions["accounts"][by].codes[self.accounts.faces(account)]

    def without_rate(self) -> NDArray[np.int64]:
        """Rows of opportunities whose foreign amount has no rate in the month that counts."""
        return np.flatnonzero(self.opportunities.without_rate)

    def unreconstructed(self, scope: Scope) -> int:
        """How many open opportunities of a scope stand in a stage that nobody recorded."""
        day = to_day(scope.window.end)
        return int((self.open_at(day).unreconstructed & self._open_mask(scope.segment, day)).sum())

    def _codes(self, events: Events, by: str) -> NDArray[np.int32]:
        """Each event's code in a dimension: its own or its row's; the last item where its table has no such column."""
        if not by:
            return np.zeros(len(events), np.int32)
        if by in events.codes:
            return events.codes[by]
        if by in self.dimensions.get(events.table, {}):
            return self.dimensions[events.table][by].codes[events.row]
        return np.full(len(events), len(self.labels(by)) - 1, np.int32)

    @fact
    def _mask(self, events: str, segment: str, member_on: int | None) -> Mask:
        """Membership is settled on the event's day, before anything is added up."""
        found = self.events[events]
        when = found.day if member_on is None else member_on
        return self.dataset.segments[segment].holds(found.account, when, found.own)

    @fact
    def _months_of(self, events: str) -> NDArray[np.int32]:
        return months_of(self.events[events].day)

    @fact
    def _cube(self, events: str, quantity: Quantity, segment: str, member_on: int | None, by: str) -> _Cube:
        found = self.events[events]
        kept = self._mask(events, segment, member_on)
        months = self._months_of(events)[kept]
        size = len(self.labels(by))
        codes = self._codes(found, by)[kept]
        first = int(months.min()) if len(months) else 0
        span = int(months.max()) - first + 1 if len(months) else 0
        cells = (months.astype(np.int64) - first) * size + codes
        if quantity == "count":
            sums = np.bincount(cells, minlength=span * size).tolist()
        else:
            sums = exact_sums(found.quantities[quantity][kept], cells, span * size)
        return _Cube(first, size, tuple(tuple(sums[at * size : (at + 1) * size]) for at in range(span)))

    def _labor_by_source(self, scope: Scope) -> list[Fraction]:
        """Qualifying labor by lead source: each month's is spread by that month's leads with an outcome.

        Labor that names a source is that source's. A month without outcomes leaves its labor to no source. Shares are
        exact, not rounded to the cent: they are parts of an average.
        """
        labels = self.labels("lead_source")
        sums = [Fraction(0)] * len(labels)
        for month in range(to_month(scope.window.start), to_month(scope.window.end) + 1):
            part = replace(scope, window=Window(month_start(month), month_end(month)))
            for amount, code in self._labor(part):
                if code is not None:
                    sums[code] += amount
                    continue
                outcomes = self._outcomes(part)
                for item, leads in outcomes.items():
                    sums[item] += Fraction(amount * leads, sum(outcomes.values()))
        return sums

    def _unallocated(self, scope: Scope) -> int:
        """Labor without a source of the months without a lead's outcome."""
        left = 0
        for month in range(to_month(scope.window.start), to_month(scope.window.end) + 1):
            part = replace(scope, window=Window(month_start(month), month_end(month)))
            if not self._outcomes(part):
                left += sum(amount for amount, code in self._labor(part) if code is None)
        return left

    def _labor(self, scope: Scope) -> list[tuple[int, int | None]]:
        """The labor of a month: by the source it names, and in one sum where it names none."""
        found = self.rows("labor", scope)
        codes = self.dimensions["costs"]["lead_source"].codes[found.row]
        blank = self.labels("lead_source").index(BLANK) if BLANK in self.labels("lead_source") else -1
        named = [(int(cents), int(code)) for cents, code in zip(found.cents, codes, strict=True) if code != blank]
        return [*named, (int(found.cents[codes == blank].sum()), None)]

    def _outcomes(self, scope: Scope) -> dict[int, int]:
        """Leads with an outcome in a scope, by lead source; each lead once."""
        names = ("lead_converted", "lead_rejected", "mql_converted", "mql_rejected")
        if not self._has(names[0]):
            return {}
        rows = np.unique(np.concatenate([self.rows(name, scope).row for name in names]))
        codes, counts = np.unique(self.dimensions["leads"]["lead_source"].codes[rows], return_counts=True)
        return {int(code): int(count) for code, count in zip(codes, counts, strict=True)}

    @fact
    def _open_mask(self, segment: str, day: int) -> Mask:
        """A stock counts for those who are members on its day, the window's end, whatever the toggle."""
        row = self.open_at(day).row
        own = self.dataset.tables["opportunities"]["segment"][row]
        return self.dataset.segments[segment].holds(self.opportunities.account[row], day, own)

    def _open_codes(self, stock: OpenPipeline, by: str) -> NDArray[np.int32]:
        if by == "stage":
            return stock.stage
        return self.dimensions["opportunities"][by].codes[stock.row] if by else np.zeros(len(stock.row), np.int32)

    def _open_totals(self, quantity: Quantity, scope: Scope, by: str) -> list[int]:
        day = to_day(scope.window.end)
        stock, kept = self.open_at(day), self._open_mask(scope.segment, day)
        codes, size = self._open_codes(stock, by)[kept], len(self.labels(by))
        if quantity == "count":
            return [int(count) for count in np.bincount(codes, minlength=size)]
        return exact_sums(stock.cents[kept], codes, size)


def _nothing(table: str) -> Found:
    nothing = np.empty(0, np.int64)
    short = nothing.astype(np.int32)
    return Found(table, nothing, short, nothing, short, False, short)


@dataclass(frozen=True)
class _Cube:
    """Sums by month and item: ``months[i][j]`` for month ``first + i`` and item ``j``."""

    first: int
    size: int
    months: tuple[tuple[int, ...], ...]

    def total(self, window: Window) -> list[int]:
        """Sums over the whole months of a window."""
        start = max(to_month(window.start) - self.first, 0)
        stop = max(to_month(window.end) - self.first + 1, 0)
        picked = self.months[start:stop]
        return [sum(column) for column in zip(*picked, strict=True)] if picked else [0] * self.size
