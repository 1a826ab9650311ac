"""What marketing puts on: webinars, trade shows, dinners in the field, and the campaigns that run all the time."""

from __future__ import annotations

from datetime import date, timedelta

from segxl.periods import month_end, month_start, to_month
from tests.demo_company import seasons
from tests.demo_company.market import REGIONS

_YEARS = range(2023, 2028)

_SHOWS = {2: "FinOps Forum", 4: "Ledger Live", 6: "CFO Connect", 9: "Back Office Expo", 11: "Payables Summit"}
"""Trade shows, by month: each on the second Tuesday and Wednesday."""

_TOPICS = (
    "Close the books in three days",
    "E-invoicing: what changes",
    "Forecasts that hold",
    "Payables without paper",
    "Audit-ready all year",
    "From spreadsheets to a ledger",
)


def _nth(month: int, weekday: int, count: int) -> date:
    first = month_start(month)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _webinars() -> dict[int, str]:
    """Every second and fourth Wednesday, but one only in August and December."""
    found: dict[int, str] = {}
    for month in range(to_month(date(2023, 1, 1)), to_month(date(2027, 12, 1))):
        for count in (2,) if month % 12 + 1 in (8, 12) else (2, 4):
            found[seasons.workday(_nth(month, 2, count))] = _TOPICS[len(found) % len(_TOPICS)]
    return found


def _trade_shows() -> dict[int, str]:
    months = {to_month(date(year, month, 1)): f"{name} {year}" for year in _YEARS for month, name in _SHOWS.items()}
    return {seasons.workday(_nth(month, 1, 2)) + day: name for month, name in months.items() for day in (0, 1)}


WEBINARS = _webinars()
"""Title by workday."""
WEBINAR_DAYS = sorted(WEBINARS)
TRADE_SHOWS = _trade_shows()
"""Name by workday, two days for each."""
TRADE_SHOW_DAYS = sorted(TRADE_SHOWS)


def field_event(month: int) -> tuple[int, str, str] | None:
    """Workday, name and region of the month's dinner; none in August and December."""
    if month % 12 + 1 in (8, 12):
        return None
    region = tuple(REGIONS)[month % len(REGIONS)]
    return seasons.workday(_nth(month, 3, 3)), f"CFO dinner {region} {month_start(month):%Y-%m}", region


def mondays(month: int) -> list[date]:
    """The Mondays of a month."""
    first = month_start(month)
    start = first + timedelta(days=-first.weekday() % 7)
    return [start + timedelta(weeks=week) for week in range(((month_end(month) - start).days // 7) + 1)]
