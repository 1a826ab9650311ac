"""How warm each account is, month by month: what websites, intent tools and sellers see of a coming deal.

An account that will be asked for a first contract warms up in the months before (``RAMPS``), is hottest while the deal
is open and cools down after it is lost. Customers warm up for more and for other products. Two things blur this, as in
life: one new deal in eight comes out of the blue, and every month some companies look around and buy nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from segxl.periods import to_month
from tests.demo_company import seasons
from tests.demo_company.market import PRODUCTS, Account, Deal, Kind
from tests.demo_company.randomness import Dice

FIRST_MONTH = to_month(seasons.FIRST_DAY)
MONTHS = range(FIRST_MONTH, to_month(seasons.LAST_DAY) + 1)
"""The months that the tools' exports cover."""

COLD, AWARE, CONSIDERING, DECIDING, BUYING = range(5)

RAMPS = {
    "Enterprise": (DECIDING, CONSIDERING, CONSIDERING, AWARE, AWARE),
    "Mid-Market": (DECIDING, CONSIDERING, AWARE, AWARE),
    "SMB": (DECIDING, AWARE),
}
"""How warm before a first deal: one month before it is opened, two months before, and so on."""
_COOLING = (CONSIDERING, AWARE)
"""The months after a deal was lost."""
_EXPANSION = (CONSIDERING, AWARE)
_OUT_OF_THE_BLUE = 0.12
_EPISODES = ((AWARE, CONSIDERING, AWARE), (AWARE, CONSIDERING, DECIDING, CONSIDERING, AWARE), (AWARE, AWARE))
_EPISODES_A_MONTH = 58


@dataclass(frozen=True)
class Warmth:
    """One account: how warm in each month, and the product it looks at."""

    levels: list[int]
    products: list[str]

    def warm(self, month: int, level: int, product: str) -> None:
        """At least this warm in a month."""
        at = month - FIRST_MONTH
        if 0 <= at < len(self.levels) and self.levels[at] < level:
            self.levels[at] = level
            self.products[at] = product


def warmth_of_accounts(dice: Dice, accounts: Sequence[Account], deals: Iterable[Deal]) -> dict[Account, Warmth]:
    """How warm every account is. ``deals`` are all there ever are, those opened after the export too."""
    everyone = {account: Warmth([COLD] * len(MONTHS), [dice.weighted(PRODUCTS)] * len(MONTHS)) for account in accounts}
    for deal in deals:
        if deal.account in everyone and deal.kind is not Kind.RENEWAL:
            _of_deal(dice, everyone[deal.account], deal)
    for month in range(MONTHS.start - 3, MONTHS.stop):
        for account in (dice.pick(accounts) for _ in range(_EPISODES_A_MONTH)):
            product = dice.weighted(PRODUCTS)
            for later, level in enumerate(dice.pick(_EPISODES)):
                everyone[account].warm(month + later, level, product)
    return everyone


def _of_deal(dice: Dice, warmth: Warmth, deal: Deal) -> None:
    opened, closed = (to_month(seasons.WORKDAYS[day]) for day in (deal.opened, deal.closes))
    is_new = deal.kind is Kind.NEW
    before: tuple[int, ...] = _EXPANSION
    if is_new:
        assert deal.account is not None
        before = () if dice.chance(_OUT_OF_THE_BLUE) else RAMPS[deal.account.profile.name]
    for earlier, level in enumerate(before, 1):
        warmth.warm(opened - earlier, level, deal.product)
    last = max(MONTHS) if deal.is_open else closed
    for month in range(opened, last + 1):
        warmth.warm(month, BUYING if is_new else DECIDING, deal.product)
    if is_new and not deal.is_open and not deal.won:
        for later, level in enumerate(_COOLING, 1):
            warmth.warm(closed + later, level, deal.product)
