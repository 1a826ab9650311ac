"""The "Strategic 50": a list of large accounts that the head of sales keeps by hand, since 15 October 2024.

The founding members have no date of joining in the export: they have been there since the segment was created. After
each quarter two to four leave and as many join; five of those who left are taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.demo_company.market import Account
from tests.demo_company.randomness import Dice

NAME = "Strategic 50"
CREATED = date(2024, 10, 15)
SIZE = 50

REVIEWS = tuple(date(2025 + n // 4, 3 * (n % 4) + 1, 12) for n in range(8))
"""The days on which the list changes: 12 January 2025 to 12 October 2026."""
TAKEN_BACK_ON = REVIEWS[2:7]
"""The days on which one of those who left comes back."""


@dataclass
class Membership:
    """``start`` is None for founding members, ``end`` (the first day without) for those who still belong."""

    account: Account
    start: date | None
    end: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the account is a member on a day."""
        return (self.start or CREATED) <= day and (self.end is None or day < self.end)


def keep_list(dice: Dice, accounts: Sequence[Account]) -> list[Membership]:
    """All memberships, in the order they began."""
    by_size = sorted(accounts, key=lambda account: (-account.employees, account.number))
    listed = [Membership(account, None) for account in by_size[:SIZE]]
    waiting, gone = by_size[SIZE : 2 * SIZE], list[Account]()
    for day in REVIEWS:
        current = [one for one in listed if one.end is None]
        leaving = dice.shuffled(current)[: dice.between(2, 4)]
        joining = [waiting.pop(0) for _ in leaving]
        if day in TAKEN_BACK_ON:
            joining[0] = gone.pop(0)
        for one in leaving:
            one.end = day
        gone += [one.account for one in leaving]
        listed += [Membership(account, day) for account in joining]
    return listed
