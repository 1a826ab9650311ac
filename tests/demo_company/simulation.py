"""Three years of trade, month by month: contracts renewed, customers sold more, prospects won or lost."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from segxl.periods import month_start, to_month
from tests.demo_company import deal_lifecycle, seasons
from tests.demo_company.market import (
    ACCOUNT_MANAGEMENT,
    CHURN_REASONS,
    COUNTRIES,
    CUSTOMER_SOURCES,
    LOSS_REASONS,
    PRODUCTS,
    PROFILES,
    REGIONS,
    STAGES,
    TEAMS,
    Account,
    Deal,
    Kind,
    Profile,
)
from tests.demo_company.names import INDUSTRIES, company_roots, people
from tests.demo_company.randomness import Deck, Dice, on_curve

_SIZES = {
    Kind.NEW: (0.45, 0.65, 0.82, 0.96, 1.14, 1.4, 2.0),
    Kind.UPSELL: (0.08, 0.13, 0.18, 0.25, 0.4),
    Kind.CROSS_SELL: (0.15, 0.22, 0.3, 0.4, 0.6),
    Kind.RENEWAL: (0.85, 0.97, 1.0, 1.02, 1.04, 1.05, 1.08),
}
"""Amounts, as multiples of the segment's price (new deals) or of what the customer pays (the others)."""
_PACE = {Kind.NEW: 1.0, Kind.UPSELL: 0.6, Kind.CROSS_SELL: 0.75, Kind.RENEWAL: 1.0}
"""How long a deal takes, as a multiple of the segment's cycle."""
_OPENINGS = {8: 0.72, 12: 0.78, 1: 1.08, 9: 1.12, 10: 1.05}
"""How many deals are opened in a month, as a multiple of an ordinary one."""
_REOPENED = 0.03
_REST = 66
"""Workdays until a prospect who said no is asked again."""
_WORKDAYS_A_YEAR = 250


@dataclass(eq=False)
class Contract:
    """What a customer pays a year, until when, and for what."""

    worth: int
    ends: date
    products: list[str]
    renewing: bool = False


@dataclass(frozen=True)
class FirstCustomer:
    """A customer from before the simulation, with the contract it had then."""

    account: Account
    worth: int
    ends: date
    product: str


class Company:
    """The made-up company: its people, the accounts in its CRM, and every deal since it started."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self.people = list(_staff(dice))
        self.accounts = list(_accounts(dice, self.people))
        self.deals: list[Deal] = []
        self.first_customers: list[FirstCustomer] = []
        self._contracts: dict[Account, Contract] = {}
        self._resting: dict[Account, int] = {}
        self._decks: dict[tuple[str, ...], Deck] = defaultdict(lambda: Deck(dice))
        self._owed: dict[tuple[str, Kind], float] = defaultdict(float)
        self._closings: list[tuple[int, int, Account, Deal]] = []
        self._volume = dict.fromkeys((profile.name for profile in PROFILES), 1.0)
        for profile in PROFILES:
            self._sign_first_customers(profile)

    def trade(self) -> None:
        """Open deals from the warm-up to the evening of the export."""
        self._trade(range(to_month(seasons.WARM_UP), to_month(seasons.LAST_DAY) + 1))

    def go_on(self, dice: Dice, months: int) -> list[Deal]:
        """Trade for some months after the export, by other dice; the deals of these months.

        No export shows them, but who will buy then looks around before: without them, interest would die away
        in the last months of the exports.
        """
        self._dice = dice
        self._decks = defaultdict(lambda: Deck(dice))
        known, first = len(self.deals), to_month(seasons.LAST_DAY) + 1
        self._trade(range(first, first + months))
        return self.deals[known:]

    def _trade(self, months: Iterable[int]) -> None:
        for month in months:
            self._book_closings(seasons.workdays_of(month).start)
            season = _OPENINGS.get(month_start(month).month, 1.0)
            for profile in PROFILES:
                self._renew(profile, month)
                self._expand(profile, Kind.UPSELL, month, season)
                self._expand(profile, Kind.CROSS_SELL, month, season)
                self._prospect(profile, month, season * self._volume[profile.name])
                self._volume[profile.name] *= profile.growth

    def _sign_first_customers(self, profile: Profile) -> None:
        """Customers from before the simulation, with contracts that end all through its first year."""
        prospects = self._dice.shuffled(self._of(profile))
        for place, account in enumerate(prospects[: profile.customers]):
            ripe = seasons.workday(seasons.WARM_UP) + place * _WORKDAYS_A_YEAR // profile.customers
            ends = seasons.WORKDAYS[seasons.settle(self._dice, ripe, profile.quarter_end)]
            worth = self._amount(profile, Kind.NEW, profile.price)
            contract = Contract(worth, ends, [self._dice.weighted(PRODUCTS)])
            self._contracts[account] = contract
            self.first_customers.append(FirstCustomer(account, worth, ends, contract.products[0]))

    def _book_closings(self, day: int) -> None:
        """What the deals closed before ``day`` did to the contracts."""
        while self._closings and self._closings[0][0] < day:
            closed, _, account, deal = heapq.heappop(self._closings)
            if deal.won:
                self._book_win(account, deal, closed)
            elif deal.kind is Kind.RENEWAL:
                del self._contracts[account]
                self._resting[account] = len(seasons.WORKDAYS)
            else:
                self._resting[account] = closed + _REST

    def _book_win(self, account: Account, deal: Deal, closed: int) -> None:
        amount = deal.history[-1].amount or 0
        if deal.kind is Kind.NEW:
            ends = seasons.a_year_after(seasons.WORKDAYS[closed])
            self._contracts[account] = Contract(amount, ends, [deal.product])
            return
        contract = self._contracts[account]
        if deal.kind is Kind.RENEWAL:
            ends = seasons.a_year_after(contract.ends)
            self._contracts[account] = Contract(amount, ends, contract.products)
            return
        contract.worth += amount
        if deal.product not in contract.products:
            contract.products.append(deal.product)

    def _of(self, profile: Profile) -> list[Account]:
        return [account for account in self.accounts if account.profile is profile]

    def _customers(self, profile: Profile) -> list[tuple[Account, Contract]]:
        return [pair for pair in self._contracts.items() if pair[0].profile is profile]

    def _renew(self, profile: Profile, month: int) -> None:
        """Open the renewals whose time has come; they close around the contract's end."""
        for account, contract in self._customers(profile):
            ends = seasons.workday(contract.ends)
            opened = ends - profile.notice
            if contract.renewing or opened >= seasons.workdays_of(month).stop:
                continue
            contract.renewing = True
            won = self._wins(profile, Kind.RENEWAL)
            stages = deal_lifecycle.road(self._dice, Kind.RENEWAL, won)
            closed = ends - self._dice.between(0, 12) if won else ends + self._dice.between(-12, 4)
            opened = max(opened, seasons.workdays_of(month).start)
            amount = self._amount(profile, Kind.RENEWAL, contract.worth)
            leg = deal_lifecycle.Leg(stages, opened, max(closed, opened + len(stages)))
            self._open(account, Kind.RENEWAL, won, contract.products[0], amount, [leg], due=ends)

    def _expand(self, profile: Profile, kind: Kind, month: int, season: float) -> None:
        """Sell more to customers, in time for the next renewal to include it."""
        customers = self._dice.shuffled(self._customers(profile))
        for _ in range(self._count(profile, kind, len(customers) * profile.expansion[kind] / 12 * season)):
            won = self._wins(profile, kind)
            while customers:
                account, contract = customers.pop()
                new = [product for product in PRODUCTS if product not in contract.products]
                if kind is Kind.CROSS_SELL and not new:
                    continue
                legs = self._legs(profile, kind, won, month)
                if legs[-1].end >= seasons.workday(contract.ends) - profile.notice:
                    continue
                product = self._dice.pick(new if kind is Kind.CROSS_SELL else contract.products)
                amount = self._amount(profile, kind, contract.worth)
                self._open(account, kind, won, product, amount, legs)
                break

    def _prospect(self, profile: Profile, month: int, volume: float) -> None:
        """Open deals with companies that are not customers and were not asked lately."""
        start = seasons.workdays_of(month).start
        prospects = self._dice.shuffled(
            account
            for account in self._of(profile)
            if account not in self._contracts and self._resting.get(account, 0) < start
        )
        for account in prospects[: self._count(profile, Kind.NEW, volume * profile.deals)]:
            won = self._wins(profile, Kind.NEW)
            amount = self._amount(profile, Kind.NEW, profile.price)
            legs = self._legs(profile, Kind.NEW, won, month)
            self._resting[account] = len(seasons.WORKDAYS)
            self._open(account, Kind.NEW, won, self._dice.weighted(PRODUCTS), amount, legs)

    def _count(self, profile: Profile, kind: Kind, wanted: float) -> int:
        """A whole number of deals; what rounding takes from one month the next one gets."""
        self._owed[profile.name, kind] += wanted
        count = int(self._owed[profile.name, kind])
        self._owed[profile.name, kind] -= count
        return count

    def _wins(self, profile: Profile, kind: Kind) -> bool:
        return self._decks["win", profile.name, kind].draw() < profile.win_rates[kind]

    def _amount(self, profile: Profile, kind: Kind, base: int) -> int:
        size = on_curve(_SIZES[kind], self._decks["size", profile.name, kind].draw())
        return max(round(base * size / profile.step), 1) * profile.step

    def _legs(self, profile: Profile, kind: Kind, won: bool, month: int) -> list[deal_lifecycle.Leg]:
        """From opening to closing; a few lost deals are reopened and go a second way."""
        day = self._dice.pick(seasons.workdays_of(month))
        if seasons.after_the_20th_of_december(day):
            day -= self._dice.between(6, 14)
        if not self._dice.chance(_REOPENED):
            return [self._leg(profile, kind, won, day, STAGES[0])]
        lost = self._leg(profile, kind, False, day, STAGES[0])
        again = lost.end + self._dice.between(10, 40)
        return [lost, self._leg(profile, kind, won, again, self._dice.pick(STAGES[1:4]))]

    def _leg(self, profile: Profile, kind: Kind, won: bool, day: int, first: str) -> deal_lifecycle.Leg:
        stages = deal_lifecycle.road(self._dice, kind, won, first)
        ripe = day + deal_lifecycle.duration(self._dice, stages, profile.cycle * _PACE[kind])
        quarter_end = profile.quarter_end if won else profile.quarter_end / 2
        return deal_lifecycle.Leg(stages, day, seasons.settle(self._dice, ripe, quarter_end))

    def _open(
        self,
        account: Account,
        kind: Kind,
        won: bool,
        product: str,
        amount: int,
        legs: list[deal_lifecycle.Leg],
        due: int = 0,
    ) -> None:
        profile, dice = account.profile, self._dice
        cycle = profile.cycle * _PACE[kind]
        deal = Deal(
            account=account,
            account_name=account.name,
            kind=kind,
            won=won,
            product=product,
            name=f"{account.name} - {product} {_CALLED[kind]}".rstrip(),
            owner=account.manager if kind in (Kind.UPSELL, Kind.RENEWAL) else account.seller,
            source=dice.weighted(profile.sources if kind is Kind.NEW else CUSTOMER_SOURCES),
            loss_reason=dice.weighted(CHURN_REASONS if kind is Kind.RENEWAL else LOSS_REASONS),
            history=deal_lifecycle.live(dice, kind, amount, profile.step, cycle, legs, due),
        )
        self.deals.append(deal)
        heapq.heappush(self._closings, (deal.closes, len(self.deals), account, deal))


_CALLED = {Kind.NEW: "", Kind.UPSELL: "Expansion", Kind.CROSS_SELL: "Add-on", Kind.RENEWAL: "Renewal"}


def _staff(dice: Dice) -> Iterator[tuple[str, str, str]]:
    """Full name, sales team and region of everybody who sells."""
    names = iter(people(dice))
    for team, regions in TEAMS.items():
        for region, heads in regions.items():
            for _ in range(heads):
                yield next(names), team, region


def _accounts(dice: Dice, staff: list[tuple[str, str, str]]) -> Iterator[Account]:
    roots = iter(company_roots(dice))
    sold_by = defaultdict(list)
    for name, team, region in staff:
        sold_by[team, region].append(name)
    profiles = dice.shuffled(profile for profile in PROFILES for _ in range(profile.accounts))
    for number, profile in enumerate(profiles):
        root, industry, region = next(roots), dice.pick(tuple(INDUSTRIES)), dice.weighted(REGIONS)
        word = dice.pick(INDUSTRIES[industry])
        yield Account(
            number=number,
            name=f"{root} {word}",
            website=f"www.{root}-{word}.example".lower(),
            country=dice.weighted(COUNTRIES[region]),
            region=region,
            industry=industry,
            employees=round(dice.curve(profile.employees)),
            profile=profile,
            seller=dice.pick(sold_by[profile.team, region]),
            manager=dice.pick(sold_by[ACCOUNT_MANAGEMENT, region]),
        )
