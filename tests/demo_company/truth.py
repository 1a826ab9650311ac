"""The planted truth: the headline numbers of the demo, taken from the simulation itself.

Nothing here reads an exported row or uses what segxl computes with. Leads are counted from the people that were made
up, not from columns; MRR is a running balance over what happened to each customer, not a sum of subscriptions that run
on a day; stages and activities are those of the accounts that the tools really saw, without the rows that must not
count.

The dirt is in it as it should come out: leads that share an opportunity are one SQO; the accounts that the CRM has
lost pay, so they are in "All accounts" and in no segment; a late renewal is churn and then a reactivation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from segxl.periods import month_end, month_label, to_month
from tests.demo_company import seasons, stages, strategic
from tests.demo_company.billing import Book
from tests.demo_company.market import PROFILES, Account
from tests.demo_company.world import ALL, REGULATED, World, make

SEGMENTS = {
    "All accounts": ALL,
    **{profile.name: profile.name for profile in PROFILES},
    REGULATED: REGULATED,
    strategic.NAME: strategic.NAME,
}
"""What ``segxl.toml`` makes of the exports, and what the simulation calls it."""
NO_STAGE = "No stage"
ROLL_FORWARD = (
    "opening",
    "new",
    "reactivation",
    "expansion",
    "contraction",
    "churn",
    "exchange",
    "entering",
    "leaving",
    "closing",
)

_LAST_MONTH = to_month(seasons.LAST_DAY)


def planted_truth(seed: int = 2024, months: int = 6) -> dict[str, Any]:
    """The headline numbers of the last ``months`` months, by segment.

    Returns:
        ``months`` (labels, oldest first) and ``segments``: for each segment

        - ``leads``, ``mqls``, ``sqos``: number by month; members on the day it happened count;
        - ``mrr``: by month a dict of the roll-forward in US dollars (opening + new + reactivation + expansion −
          contraction − churn + exchange + entering − leaving = closing; all positive but exchange). Members at the
          month's end count; movements are at the rate of the month before, and an account that enters brings the MRR
          it had then. Exact but for the last rounding to cents: whoever rounds each row may be some cents off;
        - ``customers``: number by month, members at its end;
        - ``cohort``: number of accounts, members on the evening of the export;
        - ``stages``: by month the cohort's number in each stage, the highest of its products, and in ``"No stage"``;
        - ``movement``: of the last two months: ``{stage before: {stage after: number}}``, and ``up``, ``down``,
          ``same`` (``"No stage"`` is below Target);
        - ``activities``: for each ``"source/kind"`` the cohort's number of accounts by month, zeros included.
    """
    return truth_of(make(seed), range(_LAST_MONTH - months + 1, _LAST_MONTH + 1))


def truth_of(world: World, months: range) -> dict[str, Any]:
    """The same for a world and months that one has."""
    return {
        "months": [month_label(month) for month in months],
        "segments": {name: _segment(world, segment, months) for name, segment in SEGMENTS.items()},
    }


def _segment(world: World, segment: str, months: range) -> dict[str, Any]:
    def belongs(account: Account | None, day: date) -> bool:
        return world.is_member(segment, account, day)

    cohort = [account for account in world.accounts if belongs(account, seasons.LAST_DAY)]
    return {
        **_leads(world, belongs, months),
        **_revenue(world, belongs, months),
        "cohort": len(cohort),
        **_stages(world, cohort, months),
        "activities": _activities(world, cohort, months),
    }


_Belongs = Callable[[Account | None, date], bool]


def _leads(world: World, belongs: _Belongs, months: range) -> dict[str, dict[str, int]]:
    events: list[tuple[str, Account | None, int]] = []
    seen = set()
    for lead in world.leads:
        events.append(("leads", lead.account, lead.created))
        if lead.qualified is not None:
            events.append(("mqls", lead.account, lead.qualified))
        if lead.deal is not None and lead.deal not in seen:
            seen.add(lead.deal)
            events.append(("sqos", lead.account, lead.deal.opened))
    counted: dict[str, Counter[int]] = {name: Counter() for name in ("leads", "mqls", "sqos")}
    for name, account, place in events:
        day = seasons.WORKDAYS[place]
        if belongs(account, day):
            counted[name][to_month(day)] += 1
    return {name: {month_label(month): numbers[month] for month in months} for name, numbers in counted.items()}


def _revenue(world: World, belongs: _Belongs, months: range) -> dict[str, dict[str, Any]]:
    rolled: dict[int, dict[str, Fraction]] = {month: defaultdict(Fraction) for month in months}
    customers: Counter[int] = Counter()
    for account, book in world.billing.books.items():
        for month, before, after, has_paid in _balances(book, months):
            was_in, is_in = (belongs(account, month_end(at)) for at in (month - 1, month))
            old, new = world.rate(book.currency, month - 1) / 100, world.rate(book.currency, month) / 100
            parts = rolled[month]
            parts["opening"] += before * old * was_in
            parts["leaving"] += before * old * (was_in and not is_in)
            if is_in:
                parts["entering"] += before * old * (not was_in)
                parts[_kind(before, after, has_paid)] += abs(after - before) * old
                parts["exchange"] += after * (new - old)
                parts["closing"] += after * new
                customers[month] += after > 0
    return {
        "mrr": {
            month_label(month): {name: round(float(parts[name]), 2) for name in ROLL_FORWARD}
            for month, parts in rolled.items()
        },
        "customers": {month_label(month): customers[month] for month in months},
    }


def _balances(book: Book, months: range) -> Iterator[tuple[int, int, int, bool]]:
    """Of each month: the balance before and after, and whether it ever was positive before, in cents."""
    moves = sorted(book.moves, key=lambda move: move.day)
    balance, paid = 0, False
    for month in range(to_month(moves[0].day), months.stop):
        before, end = balance, month_end(month)
        while moves and moves[0].day <= end:
            balance += moves.pop(0).cents
        if month in months:
            yield month, before, balance, paid
        paid = paid or balance > 0


def _kind(before: int, after: int, has_paid: bool) -> str:
    if before == 0:
        return "reactivation" if has_paid else "new"
    if after == 0:
        return "churn"
    return "expansion" if after > before else "contraction"


def _stages(world: World, cohort: Sequence[Account], months: range) -> dict[str, Any]:
    ranks: dict[int, dict[Account, int]] = {month: {} for month in months}
    for one in world.snapshots:
        if one.month in ranks and one.rank is not None:
            ranks[one.month][one.account] = max(one.rank, ranks[one.month].get(one.account, 0))
    names = (*stages.STAGES, NO_STAGE)  # a rank of -1, for no stage, is the last one
    distribution = {}
    for month in months:
        count = Counter(ranks[month].get(account, -1) for account in cohort)
        distribution[month_label(month)] = {name: count[rank] for name, rank in zip(names, _RANKS, strict=True)}
    before, after = ranks[months[-2]], ranks[months[-1]]
    moved = Counter((before.get(account, -1), after.get(account, -1)) for account in cohort)
    movement: dict[str, Any] = {names[old]: {names[new]: moved[old, new] for new in _RANKS} for old in _RANKS}
    movement["up"] = sum(number for (old, new), number in moved.items() if new > old)
    movement["down"] = sum(number for (old, new), number in moved.items() if new < old)
    movement["same"] = sum(number for (old, new), number in moved.items() if new == old)
    return {"stages": distribution, "movement": movement}


_RANKS = (0, 1, 2, 3, 4, -1)


def _activities(world: World, cohort: Sequence[Account], months: range) -> dict[str, dict[str, int]]:
    members = set(cohort)
    seen: dict[str, dict[int, set[Account]]] = {}
    for rows in world.touches.values():
        for touch in rows:
            month = to_month(touch.day)
            for kind in touch.kinds:
                by_month = seen.setdefault(f"{touch.source}/{kind}", {one: set() for one in months})
                if month in by_month and touch.account in members:
                    by_month[month].add(touch.account)
    return {
        name: {month_label(month): len(accounts) for month, accounts in by_month.items()}
        for name, by_month in sorted(seen.items())
    }
