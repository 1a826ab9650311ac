"""What finance keeps: exchange rates, costs, the market's size, the plan, and the totals it knows to be right.

The plan of a fiscal year is last year's result and a quarter more, spread over the months by the seasons; so it is hit
here and missed there. Control totals are what finance reports for September and October 2026: won revenue, the MRR at
the month's end and the number of customers. All of them are right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from segxl.periods import month_start, to_month
from tests.demo_company import calendar, seasons
from tests.demo_company.interest import MONTHS
from tests.demo_company.market import WON, Deal, Kind
from tests.demo_company.randomness import Dice

FIRST_RATE = to_month(date(2022, 8, 1))
"""The month before the first subscription starts."""
LAST_MONTH = to_month(seasons.LAST_DAY)
_RATES = {"EUR": 10_650, "GBP": 12_350}
"""The first month's, in ten-thousandths of a dollar."""
_HOME = {"EUR": 10_900, "GBP": 12_800}
"""What they wander around."""

_BUDGETS = {
    "Website": 34_000,
    "Content Syndication": 21_000,
    "Webinar": 13_000,
    "Paid Social": 17_000,
    "Outbound": 20_000,
    "Partner": 12_000,
    "Referral": 5_000,
}
_TRADE_SHOW, _TRADE_SHOWS_ALL_YEAR = 46_000, 4_000
_BRAND = 38_000
_PAYROLL = {"Enterprise": 39_000, "Mid-Market": 45_000, "SMB": 30_000}
_SHARES = {"Enterprise": 40, "Mid-Market": 36, "SMB": 24}
"""Percent of each channel's budget."""

MARKET: Mapping[str, tuple[int, str]] = {
    "All accounts": (1_310_000_000, "2.1%"),
    "Enterprise": (660_000_000, "2.0%"),
    "Mid-Market": (355_000_000, "2.2%"),
    "SMB": (214_000_000, "2.0%"),
    "Regulated industries": (330_000_000, ""),
}
"""Revenue of 2024, and the share that the analysts see. The company's own row is more than its segments'."""
_MARKET_GROWTH = 106

PLANNED_SEGMENTS = ("", "Enterprise", "Mid-Market", "SMB", "Regulated industries", "Strategic 50")
"""Blank: All accounts."""
PLAN_YEARS = (2026, 2027)
"""Fiscal years, named by their end."""
_AMBITION = 1.25
_SEASON = {2: 0.9, 3: 0.94, 4: 1.22, 5: 0.95, 6: 0.98, 7: 1.2, 8: 0.8, 9: 0.96, 10: 1.24, 11: 0.95, 12: 0.78, 1: 1.08}
"""A month's share of its fiscal year, times twelve."""
_LEADS, _MQLS = 4.2, 2.2
"""For each SQO."""


@dataclass(frozen=True)
class Cost:
    """A line of the marketing ledger; blank segment or source: for all."""

    month: int
    kind: str
    source: str
    segment: str
    dollars: int


@dataclass(frozen=True)
class Plan:
    """A planned value."""

    metric: str
    month: int
    segment: str
    value: int


def exchange_rates(dice: Dice) -> dict[tuple[str, int], int]:
    """Ten-thousandths of a dollar for one unit, by currency and month; they wander by up to two percent a month."""
    rates: dict[tuple[str, int], int] = {}
    for currency, rate in _RATES.items():
        for month in range(FIRST_RATE, LAST_MONTH + 1):
            rates[currency, month] = rate
            rate += round(rate * (dice.roll() - 0.5) * 0.04) + (_HOME[currency] - rate) // 12
    return rates


def costs(dice: Dice) -> list[Cost]:
    """What marketing and sales development spent."""
    found = []
    for month in MONTHS:
        growth = 1 + 0.012 * (month - MONTHS.start)
        season = _SEASON[month_start(month).month] / 3 + 0.67
        for source in (*_BUDGETS, "Trade Show"):
            budget = _BUDGETS.get(source) or (_TRADE_SHOW if _has_show(month) else _TRADE_SHOWS_ALL_YEAR)
            spent = budget * growth * (season if source in _BUDGETS else 1) * (0.94 + 0.12 * dice.roll())
            found += [
                Cost(month, "Program Spend", source, segment, round(spent * percent / 100))
                for segment, percent in _SHARES.items()
            ]
        found.append(Cost(month, "Program Spend", "", "", round(_BRAND * growth)))
        found += [Cost(month, "SDR Payroll", "", segment, round(pay * growth)) for segment, pay in _PAYROLL.items()]
    return found


def _has_show(month: int) -> bool:
    return any(to_month(seasons.WORKDAYS[day]) == month for day in calendar.TRADE_SHOW_DAYS)


def market() -> list[tuple[str, int, int, str]]:
    """Segment, year, revenue and the share that the analysts see."""
    found = []
    for segment, (revenue, share) in MARKET.items():
        for year in (2024, 2025, 2026):
            found.append((segment, year, revenue, share if year < 2026 else ""))
            revenue = revenue * _MARKET_GROWTH // 100 // 1_000_000 * 1_000_000
    return found


def plan(
    deals: Sequence[Deal],
    is_member: Callable[[str, Deal], bool],
    mrr: Callable[[str, int], int],
    customers: Callable[[str, int], int],
) -> list[Plan]:
    """The plan. ``is_member`` tells whether a deal is a segment's; ``mrr`` and ``customers`` are those at the end of a
    month (in dollars)."""
    found: list[Plan] = []
    for segment in PLANNED_SEGMENTS:
        own = [deal for deal in deals if is_member(segment, deal)]
        for year in PLAN_YEARS:
            first = seasons.FISCAL.quarter(year, 1).first
            last_year = range(first - 12, first)
            won = _sum_of(own, last_year)
            opened = sum(deal.kind is Kind.NEW and _month(deal.opened) in last_year for deal in own)
            monthly = {"won_revenue": won.total() / 12, "sqos": opened / 12}
            monthly |= {"mqls": monthly["sqos"] * _MQLS, "leads": monthly["sqos"] * _LEADS}
            mrr_before, customers_before = mrr(segment, first - 1), customers(segment, first - 1)
            for month in range(first, first + 12):
                season = _AMBITION * _SEASON[month_start(month).month]
                rounding = {"won_revenue": 1000}
                for metric, average in monthly.items():
                    step = rounding.get(metric, 1)
                    found.append(Plan(metric, month, segment, round(average * season / step) * step))
                growth = 1 + (_AMBITION - 1) * (month - first) / 12
                found.append(Plan("mrr", month, segment, round(mrr_before * growth / 1000) * 1000))
                found.append(Plan("customers", month, segment, round(customers_before * growth)))
    return found


def _sum_of(deals: Iterable[Deal], months: range) -> Counter[int]:
    won: Counter[int] = Counter()
    for deal in deals:
        if deal.stage == WON and (month := _month(deal.closes)) in months:
            won[month] += deal.history[-1].amount or 0
    return won


def _month(day: int) -> int:
    return to_month(seasons.WORKDAYS[day])
