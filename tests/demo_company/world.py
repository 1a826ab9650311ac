"""The whole demo company as objects: what the exports are written from, and what the planted truth is taken from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from segxl.periods import month_end
from tests.demo_company import billing, dirt, finance, interest, leads, seasons, stages, strategic, touches
from tests.demo_company.interest import Warmth
from tests.demo_company.market import Account, Deal
from tests.demo_company.randomness import Dice
from tests.demo_company.simulation import Company

ALL = ""
REGULATED = "Regulated industries"
REGULATED_INDUSTRIES = ("Financial Services", "Healthcare")
REGULATED_FROM = 200
"""Employees."""
_MONTHS_AHEAD = 5
"""As long as the longest ramp of :mod:`tests.demo_company.interest`."""


@dataclass(frozen=True)
class World:
    """Everything there is.

    Attributes:
        accounts: those that the CRM still knows. people: who sells.
        deals: the exported ones, spoiled. all_deals: these and those closed before.
        strategic: memberships of the list kept by hand. rates: ten-thousandths of a dollar, by currency and month.
    """

    accounts: list[Account]
    people: list[tuple[str, str, str]]
    deals: list[Deal]
    all_deals: list[Deal]
    warmth: dict[Account, Warmth]
    snapshots: list[stages.Snapshot]
    leads: list[leads.Lead]
    touches: dict[str, list[touches.Touch]]
    billing: billing.Billing
    strategic: list[strategic.Membership]
    rates: dict[tuple[str, int], int]
    costs: list[finance.Cost]

    def is_member(self, segment: str, account: Account | None, day: date) -> bool:
        """Whether an account belongs to a segment on a day. No one knows the segment of an account that the CRM has
        lost; all of them belong to ``ALL``."""
        if segment == ALL:
            return True
        if account is None or account not in self.warmth:
            return False
        if segment == strategic.NAME:
            return any(one.account is account and one.holds(day) for one in self.strategic)
        if segment == REGULATED:
            return account.industry in REGULATED_INDUSTRIES and account.employees >= REGULATED_FROM
        return account.profile.name == segment

    def rate(self, currency: str, month: int) -> Fraction:
        """Dollars for one unit."""
        return Fraction(1) if currency == "USD" else Fraction(self.rates[currency, month], 10_000)

    def mrr(self, segment: str, month: int) -> Fraction:
        """Dollars a month that a segment's members pay at the end of a month."""
        day = month_end(month)
        cents = sum(
            (
                book.running(day) * self.rate(book.currency, month)
                for account, book in self.billing.books.items()
                if self.is_member(segment, account, day)
            ),
            Fraction(0),
        )
        return cents / 100

    def customers(self, segment: str, month: int) -> int:
        """How many of a segment's members pay at the end of a month."""
        day = month_end(month)
        return sum(
            book.running(day) > 0 and self.is_member(segment, account, day)
            for account, book in self.billing.books.items()
        )

    def plan(self) -> list[finance.Plan]:
        """The plan of two fiscal years."""
        return finance.plan(
            self.all_deals,
            lambda segment, deal: self.is_member(segment, deal.account, seasons.WORKDAYS[deal.closes]),
            lambda segment, month: round(self.mrr(segment, month)),
            self.customers,
        )


def make(seed: int) -> World:
    """The company of a seed. Each part draws from a stream of its own."""
    dice = Dice(seed)
    company = Company(dice)
    company.trade()
    begun = sorted(
        (deal for deal in company.deals if deal.opened <= seasons.LAST_WORKDAY), key=lambda deal: deal.opened
    )
    for number, deal in enumerate(begun):
        deal.number = number
        deal.cut()
    first_day = seasons.workday(seasons.FIRST_DAY)
    deals = [deal for deal in begun if deal.is_open or deal.closes >= first_day]
    dirt.spoil(dice, company.accounts, deals)
    upcoming = company.go_on(Dice.of(seed, "the months after"), _MONTHS_AHEAD)
    warmth = interest.warmth_of_accounts(Dice.of(seed, "interest"), company.accounts, [*begun, *upcoming])
    captured = leads.capture(Dice.of(seed, "leads"), begun, upcoming, warmth)
    return World(
        accounts=company.accounts,
        people=company.people,
        deals=deals,
        all_deals=begun,
        warmth=warmth,
        snapshots=stages.predict(Dice.of(seed, "stages"), warmth),
        leads=captured,
        touches=touches.see(Dice.of(seed, "touches"), warmth, captured),
        billing=billing.bill(Dice.of(seed, "billing"), company.first_customers, begun, company.accounts),
        strategic=strategic.keep_list(Dice.of(seed, "strategic"), company.accounts),
        rates=finance.exchange_rates(Dice.of(seed, "rates")),
        costs=finance.costs(Dice.of(seed, "costs")),
    )
