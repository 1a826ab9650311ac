"""The demo's calendar: workdays, and when in the year buyers sign.

A day is its place in :data:`WORKDAYS`, so that adding days never lands on a weekend or a holiday.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta

from segxl.periods import Fiscal, month_start, to_month
from tests.demo_company.randomness import Dice

FISCAL = Fiscal(start=2)
"""The year ends in January, as it does at many software companies: December is too quiet to close one."""

WARM_UP = date(2023, 9, 1)
"""The simulation starts a year early, so that the first month of the exports is a month like any other."""
FIRST_DAY = date(2024, 9, 1)
"""The report asks for deals that are open or were closed on or after this day."""
LAST_DAY = date(2026, 10, 31)
"""The evening the reports were run."""

_HOLIDAYS = {(1, 1), (12, 24), (12, 25), (12, 26), (12, 31)}
WORKDAYS = [
    day
    for day in (date(2023, 1, 1) + timedelta(days=n) for n in range(365 * 7))
    if day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS
]


def workday(day: date) -> int:
    """The place of a day, or of the next workday."""
    return bisect_left(WORKDAYS, day)


LAST_WORKDAY = workday(LAST_DAY + timedelta(days=1)) - 1


def workdays_of(month: int) -> range:
    """The workdays of a month number."""
    return range(workday(month_start(month)), workday(month_start(month + 1)))


def a_year_after(day: date) -> date:
    """The same day of the next year."""
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def after_the_20th_of_december(day: int) -> bool:
    """The days on which no one signs or starts anything."""
    return WORKDAYS[day].month == 12 and WORKDAYS[day].day > 20


def settle(dice: Dice, day: int, quarter_end: float) -> int:
    """When a deal that is ripe on ``day`` is really signed: less in the holidays, more at the quarter's end.

    ``quarter_end`` is the share of the deals that wait for its last days.
    """
    if WORKDAYS[day].month == 8 and dice.chance(0.15):
        return day + dice.between(18, 32)
    if after_the_20th_of_december(day) and dice.chance(0.9):
        return workday(date(WORKDAYS[day].year + 1, 1, 5)) + dice.between(0, 17)
    month = to_month(WORKDAYS[day])
    last_month = FISCAL.quarter_of(month).last
    if month < last_month and dice.chance(quarter_end):
        return workday(month_start(last_month + 1)) - dice.between(1, 10)
    return day
