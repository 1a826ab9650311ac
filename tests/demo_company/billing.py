"""The billing system: each customer's monthly recurring revenue, as the contracts that were won make it.

A new customer's subscription starts on the day the deal is won and runs for a year, an upsell or a cross-sell from its
day to the end of that year, and a renewal takes the place of all of them: a deal's amount is what it brings a year.
Customers pay in the currency of their country where the company has a price list for it (``CURRENCIES``), at the list's
fixed rate. Two of the three accounts that the CRM has lost were customers: their bills go on.

What is not, or not at once, in the CRM (the exact numbers are those of the default company):

==============================  =======================================================================================
112 early reductions            the renewal is for less, and the customer pays less some weeks before it already
28 reductions before the end    of the 231 customers that leave: they pay less in their last months
17 early ends                   of the same: they stop before their year is over
14 customers that come back     some months after they left, by themselves: billing knows, the CRM has no deal. They
                                stay to the end of the exports
3 late renewals                 booked after the old subscription had run out, with a month's end between: that month
                                ends without them, and they come back in the next
4 ends typed a day early        the last day instead of the first day without, in the month's middle: a day of MRR is
                                missing, no month's end is
2 amounts of "TBD"              usage-based contracts of accounts that are no customers: rejected, they have no MRR
5 drafts                        offers that were never activated; ``segxl.toml`` excludes them by a rule
14 lines of the future          renewals won in October that start in November
==============================  =======================================================================================
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from segxl.periods import month_end, to_month
from tests.demo_company import seasons
from tests.demo_company.market import WON, Account, Deal, Kind
from tests.demo_company.randomness import Dice
from tests.demo_company.simulation import FirstCustomer

COME_BACK = 14
LATE_RENEWALS = 3
TYPED_A_DAY_EARLY = 4
TBD = 2
DRAFTS = 5

CURRENCIES = {
    "United Kingdom": ("GBP", 0.8),
    "Germany": ("EUR", 0.85),
    "France": ("EUR", 0.8),
    "Netherlands": ("EUR", 0.7),
}
"""Countries with a price list of their own: its currency, and how many customers have it."""
LIST_PRICES = {"USD": (1, 1), "EUR": (10, 11), "GBP": (25, 32)}
"""What one dollar of the price list is in each currency, as a fraction."""

_REDUCED_EARLY = 0.35
_REDUCED_BEFORE_THE_END = 0.15
_ENDS_EARLY = 0.1
_LOWER = 0.97


@dataclass
class Subscription:
    """A line of the billing export. ``end`` is the first day without; ``cents`` a month, in the book's currency."""

    start: date
    end: date
    cents: int
    plan: str
    typed_end: date | None = None


@dataclass
class Move:
    """What happened to a customer's MRR on a day, in cents of its currency."""

    day: date
    cents: int


@dataclass
class Book:
    """One customer: the lines of its bills, and next to them each change of its MRR as it happened."""

    account: Account
    currency: str
    lines: list[Subscription] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    left: date | None = None

    def begin(self, start: date, end: date, cents: int, plan: str) -> None:
        """A new line."""
        if cents and start < end:
            self.lines.append(Subscription(start, end, cents, plan))
            self.moves += [Move(start, cents), Move(end, -cents)]

    def cut_short(self, day: date, cents: int) -> None:
        """From ``day`` to the end of the year only ``cents`` in all, on one line."""
        running = [line for line in self.lines if line.start < day < line.end]
        if not running:
            return
        end = max(line.end for line in running)
        for line in running:
            self.moves.remove(Move(line.end, -line.cents))
            self.moves.append(Move(day, -line.cents))
            line.end = day
        self.begin(day, end, cents, running[0].plan)

    def delay(self, line: Subscription, start: date) -> None:
        """The line starts later than it should have."""
        self.moves.remove(Move(line.start, line.cents))
        self.moves.append(Move(start, line.cents))
        line.start = start

    def running(self, day: date) -> int:
        """What it pays on a day."""
        return sum(line.cents for line in self.lines if line.start <= day < line.end)


@dataclass
class Billing:
    """All books, and the lines that are no revenue: account, start, currency, plan, status."""

    books: dict[Account, Book]
    oddities: list[tuple[Account, date, str, str, str]]


def bill(dice: Dice, first: Iterable[FirstCustomer], deals: Iterable[Deal], accounts: Sequence[Account]) -> Billing:
    """The books of everybody who ever paid. ``deals`` are all, as they stood on the evening of the export."""
    books: dict[Account, Book] = {}
    ends: dict[Account, date] = {}
    for customer in first:
        book = books[customer.account] = Book(customer.account, _currency(dice, customer.account))
        start = customer.ends - timedelta(days=365)
        book.begin(start, customer.ends, _monthly(customer.worth, book), customer.product)
        ends[customer.account] = customer.ends
    by_account: dict[Account, list[Deal]] = defaultdict(list)
    for deal in deals:
        if deal.account and not deal.is_open:
            by_account[deal.account].append(deal)
    for own in by_account.values():
        for deal in sorted(own, key=lambda deal: deal.closes):
            _follow(dice, books, ends, deal)
    _plant(dice, books)
    strangers = [account for account in dice.shuffled(accounts) if account not in books][: TBD + DRAFTS]
    oddities = [
        (account, dice.pick(seasons.WORKDAYS[: seasons.LAST_WORKDAY][-300:]), "USD", "Core Ledger", status)
        for account, status in zip(strangers, ["Active"] * TBD + ["Draft"] * DRAFTS, strict=True)
    ]
    return Billing(books, oddities)


def _follow(dice: Dice, books: dict[Account, Book], ends: dict[Account, date], deal: Deal) -> None:
    """What a closed deal does to its customer's book."""
    account = deal.account
    assert account is not None
    day, amount = seasons.WORKDAYS[deal.closes], deal.history[-1].amount or 0
    if deal.kind is Kind.NEW:
        if deal.stage == WON:
            book = books[account] = Book(account, _currency(dice, account))
            ends[account] = seasons.a_year_after(day)
            book.begin(day, ends[account], _monthly(amount, book), deal.product)
        return
    book, end = books[account], ends[account]
    if deal.kind is not Kind.RENEWAL:
        if deal.stage == WON:
            book.begin(day, end, _monthly(amount, book), deal.product)
    elif deal.stage == WON:
        cents, before = _monthly(amount, book), book.running(end - timedelta(days=1))
        if cents < _LOWER * before and dice.chance(_REDUCED_EARLY):
            book.cut_short(end - timedelta(days=dice.between(20, 110)), cents)
        ends[account] = seasons.a_year_after(end)
        book.begin(end, ends[account], cents, deal.product)
    else:
        before = book.running(end - timedelta(days=1))
        if dice.chance(_REDUCED_BEFORE_THE_END):
            less = before * dice.between(5, 8) // 10
            book.cut_short(end - timedelta(days=dice.between(60, 160)), less)
        elif dice.chance(_ENDS_EARLY):
            book.cut_short(end - timedelta(days=dice.between(20, 100)), 0)
        book.left = max(line.end for line in book.lines)


def _plant(dice: Dice, books: dict[Account, Book]) -> None:
    gone = [book for book in books.values() if book.left and book.left < date(2026, 8, 15)]
    for book in dice.shuffled(gone)[:COME_BACK]:
        _come_back(dice, book)
    staying = [book for book in books.values() if book.left is None]
    late = [(book, line, start) for book in dice.shuffled(staying) for line, start in _late(dice, book)]
    for book, line, start in _one_of_each(late)[:LATE_RENEWALS]:
        book.delay(line, start)
    ended = [line for book in dice.shuffled(staying) for line in book.lines if 5 < line.end.day < 25]
    for line in [line for line in ended if line.end <= seasons.LAST_DAY][:TYPED_A_DAY_EARLY]:
        line.typed_end = line.end - timedelta(days=1)


def _come_back(dice: Dice, book: Book) -> None:
    """Some months after it left, for about what it paid, and from year to year."""
    assert book.left is not None
    last = book.lines[-1]
    cents = last.cents * dice.between(6, 10) // 10
    latest = seasons.LAST_DAY - timedelta(days=dice.between(3, 50))
    start = min(book.left + timedelta(days=dice.between(45, 240)), latest)
    while start <= seasons.LAST_DAY:
        end = seasons.a_year_after(start)
        book.begin(start, end, cents, last.plan)
        start = end


def _late(dice: Dice, book: Book) -> Iterator[tuple[Subscription, date]]:
    """Renewals of the last year and a half that can start later, with a month's end between."""
    for line in book.lines[1:]:
        is_alone = sum(other.start < line.end and line.start < other.end for other in book.lines) == 1
        follows = any(other.end == line.start for other in book.lines)
        if is_alone and follows and date(2025, 5, 1) < line.start < date(2026, 8, 31):
            yield line, month_end(to_month(line.start)) + timedelta(days=dice.between(4, 20))


def _one_of_each(late: list[tuple[Book, Subscription, date]]) -> list[tuple[Book, Subscription, date]]:
    return list({id(book): (book, line, start) for book, line, start in late}.values())


def _currency(dice: Dice, account: Account) -> str:
    currency, share = CURRENCIES.get(account.country, ("USD", 0.0))
    return currency if dice.chance(share) else "USD"


def _monthly(dollars: int, book: Book) -> int:
    """A twelfth of a yearly amount, in cents of the book's currency, halves up."""
    units, of = LIST_PRICES[book.currency]
    return (dollars * 100 * units * 2 + 12 * of) // (24 * of)
