"""The questions that everything above asks of the facts, answered in memory with numpy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measure import Quantity
from segxl.catalogue.measures import OPEN
from segxl.dataset.months_of_data import months_in
from segxl.facts.accounts import AccountFacts
from segxl.facts.answers import Asked
from segxl.facts.arrays import BLANK, Cells, Cube, Events, Found, Scope, Sums, exact_sums
from segxl.facts.base import BaseFacts
from segxl.facts.bridge import Bridge
from segxl.facts.membership import Group, Taken
from segxl.facts.pipeline import OpenPipeline
from segxl.facts.tracked import fact
from segxl.periods import months_of, to_day
from segxl.tables.codes import Mask


class Facts(BaseFacts):
    """Events and stocks of one dataset.

    The questions: :meth:`lacks`, :meth:`months`, :meth:`labels`, :meth:`totals`, :meth:`sums`, :meth:`rows`,
    :meth:`open_at`, :meth:`without_rate`, :meth:`unreconstructed`.
    """

    @cached_property
    def accounts(self) -> AccountFacts:
        """Accounts as numbers: market, targeted, engaged, customers, churn, MRR and retention."""
        return AccountFacts(self)

    @property
    def names(self) -> frozenset[str]:
        """The events that these facts compute, for the tables of the dataset."""
        found = self.events.keys() | self.accounts.names | {OPEN}
        return frozenset(found | ({"unallocated"} if self._has("unallocated") else set()))

    @cached_property
    def bridge(self) -> Bridge | None:
        """The pipeline bridge; None without opportunities."""
        return None if self.lacks(OPEN) else Bridge(self)

    def together(self, segments: Iterable[str]) -> None:
        """Answer each question for all of some segments at once, which is faster if several are asked for. Numbers do
        not change."""
        self.groups.together(segments)

    def _has(self, events: str) -> bool:
        """Whether there are such events. Without a history, phases have none."""
        if events == OPEN:
            return "opportunities" in self.dataset.tables
        if events == "unallocated":
            return self.events_named("labor") is not None and self.events_named("leads") is not None
        return self.events_named(events) is not None

    def totals(self, events: str, quantity: Quantity, scope: Scope, by: str = "") -> Sums:
        """Sums of the events of a scope, one exact number per label of ``by``; None where data is missing."""
        asked = self.asked(scope)
        return self.sums(events, quantity, asked, by)[asked.group.code[scope.segment]]

    @fact
    def sums(self, events: str, quantity: Quantity, asked: Asked, by: str) -> Sequence[Sums]:
        """:meth:`totals` of every segment of a group.

        ``open`` is the stock at the end of the window; accounts and revenue answer for themselves; the others are the
        events dated in the window.
        """
        if self.lacks(events, quantity):
            return [None] * len(asked.group)
        if events in self.accounts:
            return self.accounts.amounts(events, quantity, asked, by)
        if events == OPEN:
            return self._open_sums(quantity, to_day(asked.window.end), by, asked.group)
        if events == "unallocated":
            return self._unallocated(asked)
        if events == "labor" and by == "lead_source":
            return self._labor_by_source(asked)
        return self._cube(events, quantity, asked.group, asked.member_on, by).totals(*months_in(asked.window))

    def rows(self, events: str, scope: Scope, by: str = "", items: tuple[str, ...] = ()) -> Found:
        """The rows behind :meth:`totals`, for some items of a dimension or for all."""
        first, last = scope.window.days
        group = self.groups.of(scope.segment)
        code = group.code[scope.segment]
        if events in self.accounts:
            return self._account_rows(events, scope, by, items)
        if not self._has(events) or events == "unallocated":
            return _nothing("opportunities")
        if events == OPEN:
            stock = self.open_at(last)
            kept = self._open_taken(group, last).of(code)
            codes = self._open_codes(stock, by)[kept]
            row, day, cents, stage = stock.row, np.full(len(stock.row), last, np.int32), stock.cents, stock.stage
            table, money = "opportunities", True
        else:
            found = self._of(events)
            kept = self._taken(events, group, scope.member_on).of(code)
            kept = kept[(found.day[kept] >= first) & (found.day[kept] <= last)]
            codes = self._codes(found, by)[kept]
            row, day = found.row, found.day
            cents = found.quantities.get("cents", np.broadcast_to(np.int64(0), len(found)))
            stage, table = found.codes.get("stage", np.broadcast_to(np.int32(0), len(found))), found.table
            money = "cents" in found.quantities
        if items:
            wanted = self._are_items(codes, by, items)
            kept, codes = kept[wanted], codes[wanted]
        return Found(table, row[kept], day[kept], cents[kept], stage[kept], money, codes)

    def _account_rows(self, events: str, scope: Scope, by: str, items: tuple[str, ...]) -> Found:
        """Accounts behind a number, by account code; empty for a number that is not a sum over accounts."""
        answer = self.accounts.answer(events, scope)
        if answer is None:
            return _nothing("accounts")
        account, cents = answer
        codes = self._account_codes(account, by)
        if items:
            wanted = self._are_items(codes, by, items)
            account, cents, codes = account[wanted], cents[wanted], codes[wanted]
        day = np.full(len(account), scope.window.days[1], np.int32)
        stage = np.zeros(len(account), np.int32)
        return Found("accounts", account.astype(np.int64), day, cents, stage, bool(cents.any()), codes)

    def of_items(self, found: Found, by: str, items: tuple[str, ...]) -> Found:
        """Of the rows behind :meth:`totals` by a dimension, those of some items."""
        kept = self._are_items(found.item, by, items)
        row, day, cents, stage = found.row[kept], found.day[kept], found.cents[kept], found.stage[kept]
        return Found(found.table, row, day, cents, stage, found.money, found.item[kept])

    def _are_items(self, codes: NDArray[np.int32], by: str, items: tuple[str, ...]) -> Mask:
        labels = self.labels(by)
        wanted = [labels.index(item) for item in items if item in labels]
        return codes == wanted[0] if len(wanted) == 1 else np.isin(codes, wanted)

    def _account_codes(self, account: NDArray[np.int32], by: str) -> NDArray[np.int32]:
        """Each account's code in a dimension; for accounts counted as their parent, the parent's."""
        if not by:
            return np.zeros(len(account), np.int32)
        return self.dimensions["accounts"][by].codes[self.accounts.faces(account)]

    def without_rate(self) -> NDArray[np.int64]:
        """Rows of opportunities whose foreign amount has no rate in the month that counts."""
        return np.flatnonzero(self.opportunities.without_rate)

    def unreconstructed(self, scope: Scope) -> int:
        """The number of open opportunities of a scope whose stage at that time was not recorded."""
        day, group = to_day(scope.window.end), self.groups.of(scope.segment)
        return self._unreconstructed(day, group)[group.code[scope.segment]]

    @fact
    def _unreconstructed(self, day: int, group: Group) -> list[int]:
        taken = self._open_taken(group, day)
        found: list[int] = taken.sums(self.open_at(day).unreconstructed[taken.event].astype(np.int64)).tolist()
        return found

    def _of(self, events: str) -> Events:
        found = self.events_named(events)
        assert found is not None
        return found

    def _codes(self, events: Events, by: str) -> NDArray[np.int32]:
        """Each event's code in a dimension: its own or its row's; the last item if its table lacks the column."""
        if not by:
            return np.broadcast_to(np.int32(0), len(events))
        if by in events.codes:
            return events.codes[by]
        if by in self.dimensions.get(events.table, {}):
            return self.dimensions[events.table][by].codes[events.row]
        return np.full(len(events), len(self.labels(by)) - 1, np.int32)

    @fact
    def _taken(self, events: str, group: Group, member_on: int | None) -> Taken:
        """Membership is decided on the event's day, before anything is added up."""
        found = self._of(events)
        when = found.day if member_on is None else member_on
        return self.row_stays(group).taken(found.account, when, found.own)

    @fact
    def _months_of(self, events: str) -> NDArray[np.int32]:
        return months_of(self._of(events).day)

    @fact
    def _cube(self, events: str, quantity: Quantity, group: Group, member_on: int | None, by: str) -> Cube:
        taken = self._taken(events, group, member_on)
        values = None if quantity == "count" else self._of(events).quantities[quantity].take(taken.event, mode="clip")
        cells = Cells.of(self._months_of(events), self._codes(self._of(events), by), len(self.labels(by)))
        return Cube.of(taken.segment, len(group), cells, taken.event, values)

    def _labor_by_source(self, asked: Asked) -> list[list[Fraction]]:
        """Qualifying labor by lead source: each month's is spread over that month's leads with an outcome.

        Labor that names a source is that source's. A month without outcomes leaves its labor to no source. Shares are
        exact, not rounded to the cent: they are parts of an average.
        """
        sums = [[Fraction(0)] * len(self.labels("lead_source")) for _ in asked.group.segments]
        for code, named, blank, outcomes in self._labor(asked):
            mine = sums[code]
            for item, amount in named.items():
                mine[item] += amount
            for item, leads in outcomes.items() if blank else ():
                mine[item] += Fraction(blank * leads, sum(outcomes.values()))
        return sums

    def _unallocated(self, asked: Asked) -> list[list[int]]:
        """Labor without a source, in months where no lead has an outcome."""
        sums = [[0] for _ in asked.group.segments]
        for code, _, blank, outcomes in self._labor(asked):
            sums[code][0] += 0 if outcomes else blank
        return sums

    def _labor(self, asked: Asked) -> Iterator[tuple[int, dict[int, int], int, dict[int, int]]]:
        """By month and segment: the segment's code, labor with a lead source, labor without one, and leads with an
        outcome by lead source."""
        group, labels = asked.group, self.labels("lead_source")
        blank = labels.index(BLANK) if BLANK in labels else -1
        labor = self._cube("labor", "cents", group, asked.member_on, "lead_source")
        leads = self._outcomes(group, asked.member_on)
        first, last = months_in(asked.window)
        for month in range(first, last + 1):
            counts = leads.totals(month, month) if leads else [[]] * len(group)
            for code, (cents, heads) in enumerate(zip(labor.totals(month, month), counts, strict=True)):
                named = {item: amount for item, amount in enumerate(cents) if amount}
                without = named.pop(blank, 0)
                yield code, named, without, {item: count for item, count in enumerate(heads) if count}

    @fact
    def _outcomes(self, group: Group, member_on: int | None) -> Cube | None:
        """Leads with an outcome by lead source, each once a month; None without leads."""
        names = ("lead_converted", "lead_rejected", "mql_converted", "mql_rejected")
        if not self._has(names[0]):
            return None
        rows, found = len(self.dataset.tables["leads"]), [self._of(name) for name in names]
        months, none = [self._months_of(name) for name in names], np.iinfo(np.int32).min
        when = np.full((len(names), rows), none)  # a lead has one outcome of a kind at most
        for kind, one in enumerate(found):
            when[kind, one.row] = months[kind]
        several = np.zeros(rows, dtype=bool)  # leads with two in one month: most have none, and need no look
        for first, second in combinations(when, 2):
            several |= (first == second) & (first != none)
        row, month = np.concatenate([one.row for one in found]), np.concatenate(months)
        taken = [self._taken(name, group, member_on) for name in names]
        before = np.cumsum([0, *map(len, found)])
        segment = np.concatenate([one.segment for one in taken])
        event = np.concatenate([one.event + start for one, start in zip(taken, before, strict=False)])
        looked = np.flatnonzero(several[row].take(event))
        keys = (segment[looked] * (1 << 16) + month[event[looked]]) * rows + row[event[looked]]
        kept = np.ones(len(event), dtype=bool)
        kept[looked] = False
        kept[looked[np.unique(keys, return_index=True)[1]]] = True
        cells = Cells.of(month, self.dimensions["leads"]["lead_source"].codes[row], len(self.labels("lead_source")))
        return Cube.of(segment[kept], len(group), cells, event[kept], None)

    @fact
    def _open_taken(self, group: Group, day: int) -> Taken:
        """The open rows with the segments of their accounts on that day; a stock ignores the membership toggle."""
        row = self.open_at(day).row
        own = self.own_segment.take(row)
        return self.row_stays(group).taken(self.opportunities.account[row], day, own)

    def _open_codes(self, stock: OpenPipeline, by: str) -> NDArray[np.int32]:
        if by == "stage":
            return stock.stage
        none = np.broadcast_to(np.int32(0), len(stock.row))
        return self.dimensions["opportunities"][by].codes[stock.row] if by else none

    @fact
    def _open_sums(self, quantity: Quantity, day: int, by: str, group: Group) -> list[list[int]]:
        stock, taken = self.open_at(day), self._open_taken(group, day)
        size = len(self.labels(by))
        cells = taken.segment * size + self._open_codes(stock, by)[taken.event]
        if quantity == "count":
            sums = np.bincount(cells, minlength=len(group) * size)
        else:
            sums = exact_sums(stock.cents[taken.event], cells, len(group) * size)
        found: list[list[int]] = sums.reshape(len(group), size).tolist()
        return found


def _nothing(table: str) -> Found:
    nothing = np.empty(0, np.int64)
    short = nothing.astype(np.int32)
    return Found(table, nothing, short, nothing, short, False, short)
