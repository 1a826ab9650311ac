"""Monthly recurring revenue: what each account pays at each month-end, the movements in between, and retention.

All is judged at month ends: an account that comes and goes within a month is not seen, and one that cancels and returns
within it has not churned. A movement is dated on its month's last day, valued at the rates of the month before, and
belongs to the segment that the account is in on that day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.model import Dataset
from segxl.dataset.months_of_data import Span
from segxl.facts.arrays import Cents
from segxl.facts.currency import Rates
from segxl.facts.membership import Pairs
from segxl.periods import ALWAYS, NEVER, Window, month_end, months_of, to_day, to_month
from segxl.tables.codes import Mask, factorized_together
from segxl.tables.contracts import Table


class Move(IntEnum):
    """The kind of change of an account's MRR in a month."""

    NONE = 0
    NEW = 1
    REACTIVATION = 2
    EXPANSION = 3
    CONTRACTION = 4
    CHURN = 5


_FALLS = ("contraction", "churn")

ROLLFORWARD_SIGNS: Mapping[str, int] = {
    "opening": 1,
    "new": 1,
    "expansion": 1,
    "contraction": -1,
    "churn": -1,
    "reactivation": 1,
    "exchange": 1,
    "entering": 1,
    "leaving": -1,
}
"""The lines of a roll-forward with their signs: together they are the closing."""


@dataclass(frozen=True)
class Movements:
    """A month's movements, shape (accounts,): what kind, and by how many cents (never negative for falls)."""

    kind: NDArray[np.int8]
    cents: Cents


@dataclass(frozen=True)
class Retained:
    """Retained MRR of the members at a window's start, in cents at the rates of each month before, by segment; and per
    pair of segment and account, customers at the start and cancellations."""

    opening: Cents
    expansion: Cents
    contraction: Cents
    churn: Cents
    reactivation: Cents
    customers: Mask
    cancelled: Mask


@dataclass(frozen=True)
class Followed:
    """The parts of :class:`Retained` by pair of segment and account, shape (pairs,): cents, and who it was."""

    opening: Cents
    moved: Mapping[Move, Cents]
    customers: Mask
    cancelled: Mask


Members = Callable[[int], Mask]
"""A mask of the pairs of segment and account whose account is a member on a day."""


class Revenue:
    """The MRR of the dataset's accounts. ``account`` gives their account codes; all masks are over them."""

    def __init__(self, dataset: Dataset, rates: Rates) -> None:
        self._table: Table = dataset.tables["revenue"]
        self._shape = self._table.contract.shape
        self._rates = rates
        codes = dataset.account_codes(self._table.texts("account_id"))
        currency = self._table.texts("currency")
        pairs = factorized_together(codes, currency.codes)
        self._pair = np.asarray(pairs, dtype=np.int64)
        first = np.unique(self._pair, return_index=True)[1]
        self._currency = currency.take(first)
        self.account, self._owner = np.unique(codes[first], return_inverse=True)
        inclusive = dataset.settings.toggles.subscription_end == "inclusive"
        self._inclusive = 1 if inclusive else 0
        self._native_at: dict[int, Cents] = {}
        self._plain_at: dict[int, Cents] = {}
        self._worth_at: dict[tuple[int, int], Cents] = {}
        self._moved_in: dict[int, Movements] = {}
        self._paid_by: dict[int, Mask] = {}
        self.months = self._months(dataset.months.get("revenue"))

    # Months with known MRR

    def has(self, month: int) -> bool:
        """Whether the MRR at the end of a month is known. It is unknown after the last month of the table, and, for a
        table of months, before its first; starts and movements imply zero before their first row."""
        return month <= self.months[1] and (self._shape != "monthly" or self.months[0] <= month)

    def has_data(self, month: int) -> bool:
        """Whether the month has data, as against a zero before the first row."""
        return self.has(month) and self.months[0] <= month

    def has_window(self, window: Window) -> bool:
        """Whether opening and closing of a window are known."""
        return self.has(to_month(window.start) - 1) and self.has(to_month(window.end))

    def known_months(self, window: Window) -> list[int]:
        """The months of a window whose movements are known."""
        months = range(to_month(window.start), to_month(window.end) + 1)
        return [month for month in months if self.has(month - 1) and self.has(month)]

    # MRR

    def pays(self, month: int) -> Mask:
        """Accounts that pay at the end of a month, by the exported amounts, without exchange rates."""
        result: Mask = self._plain(month) > 0
        return result

    def worth(self, month: int, rates_of: int) -> Cents:
        """MRR at the end of a month at the rates of another, by account."""
        key = (month, rates_of)
        if key not in self._worth_at:
            day = to_day(month_end(rates_of))
            native = self._native(month)
            cents, _ = self._rates.convert(native, self._currency, np.full(len(native), day, np.int32))
            worth = np.zeros(len(self.account), dtype=np.int64)
            np.add.at(worth, self._owner, cents)
            self._worth_at[key] = worth
        return self._worth_at[key]

    def lacks_rate(self, month: int) -> list[str]:
        """The currency of each account whose MRR at the end of a month has no exchange rate."""
        native = self._native(month)
        days = np.full(len(native), to_day(month_end(month)), np.int32)
        _, lacking = self._rates.convert(native, self._currency, days)
        return list(self._currency.take(lacking & (native != 0)))

    def movements(self, month: int) -> Movements:
        """The movements of a month: the MRR at its end less that before, both at the rates of the month before.

        The month ends, not the words of a movements table, decide who is new or back again. From 100 to 0: churn of
        100; from 100 to 80: contraction of 20; from 0 to 50 after an earlier 100: reactivation of 50.
        """
        if month not in self._moved_in:
            before, after = self.worth(month - 1, month - 1), self.worth(month, month - 1)
            paid, pays = self.pays(month - 1), self.pays(month)
            change = after - before
            plain = self._plain(month) - self._plain(month - 1)
            direction = np.where(change != 0, change, plain)
            kind = np.zeros(len(change), dtype=np.int8)
            kind[direction > 0] = Move.EXPANSION
            kind[direction < 0] = Move.CONTRACTION
            kind[paid & ~pays] = Move.CHURN
            came = pays & ~paid
            back = self._paid_before(month - 1)
            kind[came & ~back] = Move.NEW
            kind[came & back] = Move.REACTIVATION
            falls = (kind == Move.CONTRACTION) | (kind == Move.CHURN)
            self._moved_in[month] = Movements(kind, np.where(falls, -change, change))
        return self._moved_in[month]

    # The scorecard's questions

    def retained(self, window: Window, pairs: Pairs, members: Members, *, back: bool) -> Retained:
        """Retention of the members before a window's first month, followed until they leave the segment, flat from then
        on.

        Accounts that did not pay at the start, or that cancelled and came back, do not count; with ``back`` a member's
        return counts, and its later changes.
        """
        followed = self.followed(window, pairs, members, back=back)
        return Retained(
            opening=pairs.sums(followed.opening),
            expansion=pairs.sums(followed.moved[Move.EXPANSION]),
            contraction=pairs.sums(followed.moved[Move.CONTRACTION]),
            churn=pairs.sums(followed.moved[Move.CHURN]),
            reactivation=pairs.sums(followed.moved[Move.REACTIVATION]),
            customers=followed.customers,
            cancelled=followed.cancelled,
        )

    def followed(self, window: Window, pairs: Pairs, members: Members, *, back: bool) -> Followed:
        """What :meth:`retained` adds up, by pair of segment and account."""
        first, last = to_month(window.start), to_month(window.end)
        start, place = members(to_day(month_end(first - 1))), pairs.place
        paid = start & self.pays(first - 1)[place]
        inside, following = paid, start.copy()
        kinds = (Move.EXPANSION, Move.CONTRACTION, Move.CHURN, Move.REACTIVATION)
        sums = {kind: np.zeros(len(place), dtype=np.int64) for kind in kinds}
        cancelled = np.zeros(len(start), dtype=bool)
        for month in range(first, last + 1):
            following &= members(to_day(month_end(month)))
            moved = self.movements(month)
            what, cents = moved.kind[place], moved.cents[place]
            if back:
                inside = inside | (following & (what == Move.REACTIVATION))
            counts = inside & following
            for kind in kinds:
                sums[kind] += np.where(counts & (what == kind), cents, 0)
            left = counts & (what == Move.CHURN)
            cancelled |= left
            inside = inside & ~left
        return Followed(np.where(start, self.worth(first - 1, first - 1)[place], 0), sums, paid, cancelled)

    def rollforward(self, window: Window, pairs: Pairs, members: Members) -> Mapping[str, list[int]] | None:
        """Opening to closing in cents, by segment: opening + new + expansion - contraction - churn + reactivation +
        exchange + entering - leaving = closing. None where the table does not cover the window, or has no data by its
        end.

        An account that enters the segment brings its MRR of the month before; its movement of the month counts. An
        account that leaves takes its MRR of the month before with it.
        """
        lines = self.rolled(window, pairs, members)
        return None if lines is None else {name: pairs.sums(cents).tolist() for name, cents in lines.items()}

    def rolled(self, window: Window, pairs: Pairs, members: Members) -> Mapping[str, Cents] | None:
        """What :meth:`rollforward` adds up, by pair of segment and account."""
        if not self.has_window(window) or to_month(window.end) < self.months[0]:
            return None
        names = {Move.NEW: "new", Move.EXPANSION: "expansion", Move.CONTRACTION: "contraction"}
        names |= {Move.CHURN: "churn", Move.REACTIVATION: "reactivation"}
        lines = {name: np.zeros(len(pairs.place), dtype=np.int64) for name in (*ROLLFORWARD_SIGNS, "closing")}
        first, last = to_month(window.start), to_month(window.end)
        for month in range(first, last + 1):
            was, now = members(to_day(month_end(month - 1))), members(to_day(month_end(month)))
            before, moved = self.worth(month - 1, month - 1)[pairs.place], self.movements(month)
            what, cents = moved.kind[pairs.place], moved.cents[pairs.place]
            if month == first:
                lines["opening"] = np.where(was, before, 0)
            lines["entering"] += np.where(now & ~was, before, 0)
            lines["leaving"] += np.where(was & ~now, before, 0)
            for kind, name in names.items():
                lines[name] += np.where(now & (what == kind), cents, 0)
            after = self.worth(month, month)
            lines["exchange"] += np.where(now, (after - self.worth(month, month - 1))[pairs.place], 0)
            if month == last:
                lines["closing"] = np.where(now, after[pairs.place], 0)
        return lines

    def opening_months(self, window: Window) -> list[int]:
        """The months of a window whose opening has data."""
        months = range(to_month(window.start), to_month(window.end) + 1)
        return [month for month in months if self.has_data(month - 1)]

    # Helpers

    def _months(self, reached: Span | None) -> Span:
        match self._shape:
            case "monthly":
                months = self._table["month"]
            case "subscriptions":
                months = months_of(self._table["start"])
            case _:
                months = self._effective_months()
        if not len(months) or reached is None:
            return NEVER, ALWAYS
        return int(months.min()), reached[1]

    def _effective_months(self) -> NDArray[np.int32]:
        """The month at whose end a movement is in; an opening belongs to the end of the month before its own."""
        months = months_of(self._table["date"])
        return np.where(self._table["type"] == "opening", months - 1, months).astype(np.int32)

    def _native(self, month: int) -> Cents:
        """MRR at the end of a month in its own currency, by account and currency."""
        if month not in self._native_at:
            day = to_day(month_end(month))
            match self._shape:
                case "monthly":
                    kept, amount = self._table["month"] == month, self._table["mrr"]
                case "subscriptions":
                    end = self._table["end"]
                    last = np.where(end == NEVER, np.int64(NEVER), end.astype(np.int64) + self._inclusive)
                    kept, amount = (self._table["start"] <= day) & (day < last), self._table["mrr"]
                case _:
                    falls = np.isin(self._table["type"], _FALLS)
                    kept = self._effective_months() <= month
                    amount = np.where(falls, -np.abs(self._table["amount"]), np.abs(self._table["amount"]))
            sums = np.zeros(len(self._currency), dtype=np.int64)
            np.add.at(sums, self._pair[kept], amount[kept])
            self._native_at[month] = sums
        return self._native_at[month]

    def _plain(self, month: int) -> Cents:
        if month not in self._plain_at:
            sums = np.zeros(len(self.account), dtype=np.int64)
            np.add.at(sums, self._owner, self._native(month))
            self._plain_at[month] = sums
        return self._plain_at[month]

    def _paid_before(self, month: int) -> Mask:
        """Accounts that paid at any month-end before this one."""
        if month not in self._paid_by:
            before = self._paid_by.get(month - 1)
            paid = np.zeros(len(self.account), dtype=bool) if before is None else before.copy()
            for earlier in range(self.months[0] if before is None else max(self.months[0], month - 1), month):
                paid |= self.pays(earlier)
            self._paid_by[month] = paid
        return self._paid_by[month]
