"""Customers, churn, MRR and retention by the revenue table: answers of a group of segments.

Customers and money include every account with revenue, because sums must be complete. Losses and retained MRR over a
window's months are kept, because several numbers are parts of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segxl.facts.answers import Answer, Asked, Whole, Worth
from segxl.facts.arrays import Cents
from segxl.facts.base import BaseFacts
from segxl.facts.market_answers import counted, won_customers
from segxl.facts.membership import Places
from segxl.facts.revenue import Move, Retained, Revenue
from segxl.facts.tracked import fact
from segxl.periods import Window, month_end, to_day, to_month
from segxl.tables.codes import Mask


@dataclass(frozen=True, eq=False)
class Losses:
    """Members that cancelled or downgraded in a window's months, by each month's end.

    One row for each loss, in the order of the months: its ``pair`` of segment and account, its ``month``, whether the
    account ``left``, and ``cents``.
    """

    pair: Places
    month: NDArray[np.int64]
    left: Mask
    cents: Cents


@fact
def losses(facts: BaseFacts, asked: Asked) -> Losses | None:
    """The losses of a window; None if the data does not cover its months."""
    revenue = facts.revenue
    if revenue is None:
        return None
    months = revenue.known_months(asked.window)
    if not (months if is_year(asked.window) else revenue.has_window(asked.window)):
        return None
    pairs = facts.paying(asked.group)
    parts = []
    for month in months:
        moved = revenue.movements(month)
        lost = np.isin(moved.kind, (Move.CHURN, Move.CONTRACTION))
        pair = np.flatnonzero(lost[pairs.place] & pairs.on(asked.day(to_day(month_end(month)))))
        place = pairs.place[pair]
        parts.append((pair, np.full(len(pair), month), moved.kind[place] == Move.CHURN, moved.cents[place]))
    none = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool), np.empty(0, np.int64))
    return Losses(*(np.concatenate(columns) for columns in zip(none, *parts, strict=True)))


@fact
def retained(facts: BaseFacts, asked: Asked, back: bool) -> Retained | None:
    """Retention of the members at a window's start; None if the data does not cover the window."""
    revenue = facts.revenue
    if revenue is None or not revenue.has_window(asked.window):
        return None
    pairs = facts.paying(asked.group)
    return revenue.retained(asked.window, pairs, lambda day: pairs.on(asked.day(day)), back=back)


@fact
def rollforward(facts: BaseFacts, asked: Asked) -> Mapping[str, list[int]] | None:
    """The lines of the MRR roll-forward, each by segment; None where data is missing."""
    if facts.revenue is None:
        return None
    pairs = facts.paying(asked.group)
    return facts.revenue.rollforward(asked.window, pairs, lambda day: pairs.on(asked.day(day)))


def new_customers(facts: BaseFacts, asked: Asked) -> Answer | None:
    """New customers: paying at the window's end, and starting to pay at a month-end within it."""
    revenue, last = facts.revenue, to_month(asked.window.end)
    if revenue is None:
        return won_customers(facts, asked, new=True)
    months = revenue.known_months(asked.window)
    if not months or not revenue.has(last) or not (is_year(asked.window) or revenue.has_window(asked.window)):
        return None
    began = np.zeros(len(revenue.account), dtype=bool)
    for month in months:
        began |= revenue.pays(month) & ~revenue.pays(month - 1)
    return _who(facts, asked, revenue, began & revenue.pays(last))


def customers(facts: BaseFacts, asked: Asked) -> Answer | None:
    """Customers: accounts paying at the window's end."""
    revenue, last = facts.revenue, to_month(asked.window.end)
    if revenue is None:
        return won_customers(facts, asked, new=False)
    return _who(facts, asked, revenue, revenue.pays(last)) if revenue.has(last) else None


def churned(facts: BaseFacts, asked: Asked, cancelled: bool | None) -> Answer | None:
    """Customers that cancelled or downgraded, each once, by the last loss; of two in one month the cancellation counts.

    ``cancelled`` picks one kind; None both."""
    found, revenue = losses(facts, asked), facts.revenue
    if found is None or revenue is None:
        return None
    pairs = facts.paying(asked.group)
    segment, account = pairs.segment[found.pair], revenue.account[pairs.place[found.pair]]
    unit = facts.families.unit[account]
    order = np.lexsort((account, ~found.left, -found.month, unit, segment))
    segment, account, unit, left = segment[order], account[order], unit[order], found.left[order]
    last = np.append(True, (segment[1:] != segment[:-1]) | (unit[1:] != unit[:-1]))[: len(order)]
    kept = last if cancelled is None else last & (left == cancelled)
    return counted(facts, asked, segment[kept], account[kept])


def churned_revenue(facts: BaseFacts, asked: Asked) -> Answer | None:
    """MRR lost in all months of the window."""
    found, revenue = losses(facts, asked), facts.revenue
    if found is None or revenue is None:
        return None
    pairs = facts.paying(asked.group)
    lost = np.zeros(len(pairs.place), dtype=np.int64)
    np.add.at(lost, found.pair, found.cents)
    return Worth.made(pairs, revenue.account, lost != 0, lost)


def mrr(facts: BaseFacts, asked: Asked, month: int, *, at_end: bool) -> Answer | None:
    """MRR of the members at the end of a month, or at the window's end."""
    revenue = facts.revenue
    if revenue is None or not revenue.has(month):
        return None
    day = to_day(asked.window.end) if at_end else to_day(month_end(month))
    pairs = facts.paying(asked.group)
    worth = revenue.worth(month, month)[pairs.place]
    return Worth.made(pairs, revenue.account, pairs.on(asked.day(day)) & (worth != 0), worth)


def openings(facts: BaseFacts, asked: Asked) -> Answer | None:
    """The openings of a window's months, added up by account."""
    revenue = facts.revenue
    if revenue is None:
        return None
    pairs = facts.paying(asked.group)
    added = np.zeros(len(pairs.place), dtype=np.int64)
    for month in revenue.opening_months(asked.window):
        there = pairs.on(asked.day(to_day(month_end(month - 1))))
        added += np.where(there, revenue.worth(month - 1, month - 1)[pairs.place], 0)
    return Worth.made(pairs, revenue.account, added != 0, added)


def kept(facts: BaseFacts, asked: Asked, part: str) -> Answer | None:
    """The parts of retention: MRR of the members at the start, and what remains of it."""
    revenue = facts.revenue
    if revenue is None or not revenue.has_window(asked.window):
        return None
    if part == "opening":
        return mrr(facts, asked, to_month(asked.window.start) - 1, at_end=False)
    back = part == "nrr" and facts.dataset.settings.toggles.reactivation_in_nrr
    found = retained(facts, asked, back)
    assert found is not None
    if part in ("cancelled", "logos"):
        pairs = facts.paying(asked.group)
        who = found.cancelled if part == "cancelled" else found.customers
        account = revenue.account[pairs.place[who]]
        return counted(facts, asked, pairs.segment[who], account)
    amount = found.opening - found.churn - found.contraction
    return Whole(amount + found.expansion + found.reactivation if part == "nrr" else amount)


def kept_of(facts: BaseFacts, asked: Asked, part: str) -> Worth | None:
    """What each account adds to the kept MRR of :func:`kept`; None where data is missing."""
    revenue = facts.revenue
    if revenue is None or not revenue.has_window(asked.window):
        return None
    pairs = facts.paying(asked.group)
    back = part == "nrr" and facts.dataset.settings.toggles.reactivation_in_nrr
    found = revenue.followed(asked.window, pairs, lambda day: pairs.on(asked.day(day)), back=back)
    amount = found.opening - found.moved[Move.CHURN] - found.moved[Move.CONTRACTION]
    if part == "nrr":
        amount = amount + found.moved[Move.EXPANSION] + found.moved[Move.REACTIVATION]
    return Worth.made(pairs, revenue.account, amount != 0, amount)


def rolled_of(facts: BaseFacts, asked: Asked) -> Mapping[str, Worth]:
    """What each account adds to the lines of :func:`rollforward`; none where data is missing."""
    revenue = facts.revenue
    if revenue is None:
        return {}
    pairs = facts.paying(asked.group)
    lines = revenue.rolled(asked.window, pairs, lambda day: pairs.on(asked.day(day))) or {}
    return {name: Worth.made(pairs, revenue.account, cents != 0, cents) for name, cents in lines.items()}


def cohort(facts: BaseFacts, asked: Asked, *, part: Literal["then", "now", "kept"]) -> Answer | None:
    """MRR of the customers and members of a year ago: then, now, or what is kept of it (the smaller of the two of each
    account), at the rates of then, in any segment now."""
    revenue = facts.revenue
    if revenue is None:
        return None
    then, last = to_month(asked.window.start) - 1, to_month(asked.window.end)
    if not (revenue.has(then) and revenue.has(last)):
        return None
    pairs = facts.paying(asked.group)
    there = pairs.on(asked.day(to_day(month_end(then)))) & revenue.pays(then)[pairs.place]
    before, now = revenue.worth(then, then), revenue.worth(last, then)
    worth = {"then": before, "now": now, "kept": np.minimum(before, now)}[part]
    return Worth.made(pairs, revenue.account, there, worth[pairs.place])


def _who(facts: BaseFacts, asked: Asked, revenue: Revenue, these: Mask) -> Answer:
    """The revenue accounts among these that are members at the window's end."""
    pairs = facts.paying(asked.group)
    there = these[pairs.place] & pairs.on(asked.day(to_day(asked.window.end)))
    account = revenue.account[pairs.place[there]]
    return counted(facts, asked, pairs.segment[there], account)


def is_year(window: Window) -> bool:
    """Whether a window is the 12 months behind a period, which may be incomplete; other windows must be whole."""
    return to_month(window.end) - to_month(window.start) == 11
