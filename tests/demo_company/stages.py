"""Buying stages as the intent tool predicts them: a snapshot of the targeted accounts on the last day of each month.

The tool sees most of what :mod:`tests.demo_company.interest` holds, and errs: it takes one month in ten for a stage
lower, and some cold accounts for aware or considering ones. It covers most enterprises, half the mid-market and few of
the others.
The numbers are those of the default company.

=======================  ==============================================================================================
695 accounts             are targeted, 104 of them since later than the first month
62 accounts              have a second product category with a stage of its own; the higher one counts
"Ready to Buy"           what the tool called Purchase until March 2025; ``[stage_map]`` says so
3 snapshots of "#N/A"    the tool had no answer: no buying stage, so these rows are rejected. Each is a second product
                         category of its account in a month that has the first
=======================  ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from segxl.periods import to_month
from tests.demo_company.interest import BUYING, COLD, FIRST_MONTH, MONTHS, Warmth
from tests.demo_company.market import PRODUCTS, Account
from tests.demo_company.randomness import Dice

STAGES = ("Target", "Awareness", "Consideration", "Decision", "Purchase")
OLD_NAME_OF_PURCHASE = "Ready to Buy"
RENAMED_FROM = to_month(date(2025, 4, 1))
WITHOUT_ANSWER = 3

_COVERED = {"Enterprise": 0.86, "Mid-Market": 0.45, "SMB": 0.07}
_COLD_RANKS = {0: 0.68, 1: 0.25, 2: 0.07}
_REDRAWN = 0.05
_TOO_LOW = 0.1
_SECOND_PRODUCT = 0.1
_UNSEEN = 0.02


@dataclass(frozen=True)
class Snapshot:
    """An account's predicted stage at the end of a month; ``rank`` is its place in ``STAGES``, None without answer."""

    account: Account
    month: int
    product: str
    rank: int | None


def predict(dice: Dice, warmth: Mapping[Account, Warmth]) -> list[Snapshot]:
    """All snapshots, by account and month."""
    found: list[Snapshot] = []
    for account, state in warmth.items():
        if dice.chance(_COVERED[account.profile.name]):
            found += _of_account(dice, account, state)
    second = [(at, one) for at, one in enumerate(found) if at and found[at - 1].month == one.month]
    for at, one in dice.shuffled(second)[:WITHOUT_ANSWER]:
        found[at] = Snapshot(one.account, one.month, one.product, None)
    return found


def _of_account(dice: Dice, account: Account, state: Warmth) -> list[Snapshot]:
    found = []
    first = dice.weighted({FIRST_MONTH: 0.82, FIRST_MONTH + dice.between(1, 20): 0.18})
    cold_rank, second = dice.weighted(_COLD_RANKS), ""
    if dice.chance(_SECOND_PRODUCT):
        second = dice.pick(tuple(PRODUCTS))
    for month in MONTHS:
        level, product = state.levels[month - FIRST_MONTH], state.products[month - FIRST_MONTH]
        if dice.chance(_REDRAWN):
            cold_rank = dice.weighted(_COLD_RANKS)
        rank = max(level, cold_rank) if level < BUYING else dice.weighted({4: 0.75, 3: 0.25})
        if level != COLD and dice.chance(_TOO_LOW):
            rank -= 1
        if month < first or (level == COLD and dice.chance(_UNSEEN)):
            continue
        found.append(Snapshot(account, month, product, rank))
        if second and second != product:
            found.append(Snapshot(account, month, second, dice.weighted(_COLD_RANKS)))
    return found
