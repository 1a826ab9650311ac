"""The year before, for the report's first page, and the last day of the data: beyond the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from segxl.dataset.months_of_data import begun, last_day, months_in
from segxl.periods import Span, month_start
from segxl.report.amounts import Event
from segxl.report.model import Number, Report
from segxl.report.working import Working
from segxl.units import MONEY

_WORDS = {"opportunities": "opportunities", "buying_stages": "buying stages", "activities": "activities"}
_TOO_SHORT = "the data begin later"


@dataclass(frozen=True)
class YearAgo:
    """The analysis timeframe a year earlier: the amounts of the summary, and in a buying-stage report of one month the
    accounts with any stage. None with ``why`` where the data do not cover it."""

    span: Span
    new_pipeline: Number
    total_won: Number
    staged: Number


def year_ago(report: Report, working: Working) -> YearAgo:
    """October 2025 of a report on October 2026."""
    span = report.choice.timeframes.year_before
    return YearAgo(span, _amount(working, "created"), _amount(working, "won"), _staged(report, span))


def amounts_unknown(working: Working) -> str:
    """Why the amounts of the year before are unknown; blank where they are known."""
    if why := working.choice.environment.no_opportunities:
        return why
    dataset = working.presence.dataset
    months = begun(dataset.months.get("opportunities"), dataset.as_of)
    if months is None:
        return "no dated opportunities"
    if months[0] > months_in(working.window("year_before"))[0]:
        return f"opportunities begin in {_month(months[0])}"
    return working.deals_unreached(working.window("year_before"))


def data_days(working: Working) -> Iterator[tuple[str, date]]:
    """The tables that the report uses, with the last day on which each records anything."""
    dataset = working.presence.dataset
    for name, words in _WORDS.items():
        used = working.by_stage if name == "buying_stages" else name in dataset.tables
        if used and (day := last_day(dataset.tables, name, dataset.as_of)):
            yield words, day


def _amount(working: Working, event: Event) -> Number:
    if why := amounts_unknown(working):
        return Number(None, None, MONEY, why)
    cents = working.cents(event, "year_before", "summary")[working.cohort]
    return Number(int(sum(cents.tolist())), None, MONEY)


def _staged(report: Report, span: Span) -> Number:
    """Without the lowest stage; from the 13 months, which begin with that month."""
    first = next((one for one in report.over_time.spans if one.span == span), None)
    if report.choice.type != "buying-stage" or first is None or first.counts is None:
        return Number(None, None, why="" if first is None else first.why or _TOO_SHORT)
    return Number(sum(number.value or 0 for number in first.counts[1:]))


def _month(month: int) -> str:
    return f"{month_start(month):%b %Y}"
