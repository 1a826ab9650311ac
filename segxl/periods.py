"""Days, months, quarters: the calendar that every window is made of.

Inside segxl a day is the number of days since 1970-01-01 and a month the number of months since 1970-01, so that
windows are comparisons of integers. :data:`NEVER` stands for a blank date. It lies after every day, so "closed on or
before D" is false for it and "not closed by D" is true, which is what a blank closing date means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError

Days = NDArray[np.int32]

EPOCH = date(1970, 1, 1)
NEVER = int(np.iinfo(np.int32).max)
"""A blank date: later than any day."""
ALWAYS = int(np.iinfo(np.int32).min)
"""A start without a date: earlier than any day."""

PeriodKind = Literal["month", "quarter"]


def to_day(value: date) -> int:
    """Days since 1970-01-01."""
    return (value - EPOCH).days


def to_date(day: int) -> date:
    """The date of a day number; a blank one (:data:`NEVER`) is a mistake of the caller."""
    return EPOCH + timedelta(days=int(day))


def to_month(value: date) -> int:
    """Months since 1970-01."""
    return (value.year - 1970) * 12 + value.month - 1


def month_start(month: int) -> date:
    """The first day of a month number."""
    years, rest = divmod(int(month), 12)
    return date(1970 + years, rest + 1, 1)


def month_end(month: int) -> date:
    """The last day of a month number."""
    return month_start(month + 1) - timedelta(days=1)


def month_label(month: int) -> str:
    """``"2017-10"``."""
    return month_start(month).strftime("%Y-%m")


def months_of(days: Days) -> NDArray[np.int32]:
    """The month number of each day; blank days give a month after every window."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.where(days == NEVER, NEVER, months).astype(np.int32)


@dataclass(frozen=True)
class Window:
    """A stretch of days, both ends included."""

    start: date
    end: date

    @property
    def days(self) -> tuple[int, int]:
        """First and last day as day numbers."""
        return to_day(self.start), to_day(self.end)


@dataclass(frozen=True)
class Period:
    """A month or a fiscal quarter that a scorecard is made for.

    ``label`` is what the user writes: ``2017-10`` or ``2017-Q2``; ``first`` and ``last`` are its months.
    """

    kind: PeriodKind
    label: str
    first: int
    last: int

    @property
    def window(self) -> Window:
        """First to last day of the period."""
        return Window(month_start(self.first), month_end(self.last))

    @property
    def previous(self) -> Window:
        """The month or quarter right before."""
        return self._shifted(self.last - self.first + 1)

    @property
    def year_ago(self) -> Window:
        """The same month or quarter a year before."""
        return self._shifted(12)

    @property
    def trailing_12(self) -> Window:
        """The twelve months that end with the period's last month, that month included."""
        return Window(month_start(self.last - 11), month_end(self.last))

    @property
    def available_on(self) -> date:
        """The 3rd of the month after the period, when its last month counts as complete."""
        return month_start(self.last + 1).replace(day=3)

    def _shifted(self, months: int) -> Window:
        return Window(month_start(self.first - months), month_end(self.last - months))


@dataclass(frozen=True)
class Fiscal:
    """The fiscal calendar: the month it starts with, and whether a year is named by where it ends or starts."""

    start: int = 1
    named_by: Literal["end", "start"] = "end"

    def quarter(self, year: int, number: int) -> Period:
        """Fiscal quarter ``number`` (1-4) of fiscal year ``year``.

        With ``start = 4`` and years named by their end, 2026-Q1 is April to June 2025.
        """
        calendar_year = year - 1 if self.start > 1 and self.named_by == "end" else year
        first = (calendar_year - 1970) * 12 + self.start - 1 + 3 * (number - 1)
        return Period("quarter", f"{year}-Q{number}", first, first + 2)

    def quarter_of(self, month: int) -> Period:
        """The fiscal quarter that holds a month number."""
        years, within = divmod(month - (self.start - 1), 12)
        year = 1970 + years + (1 if self.start > 1 and self.named_by == "end" else 0)
        return self.quarter(year, within // 3 + 1)


def month_period(month: int) -> Period:
    """A month number as a period."""
    return Period("month", month_label(month), month, month)


def parse_period(text: str, fiscal: Fiscal) -> Period:
    """Read ``2017-10`` or ``2017-Q2``.

    Raises:
        SegxlError: the text is neither.
    """
    clean = text.strip().upper()
    if match := re.fullmatch(r"(\d{4})-(\d{2})", clean):
        year, month = int(match[1]), int(match[2])
        if 1 <= month <= 12:
            return month_period((year - 1970) * 12 + month - 1)
    elif match := re.fullmatch(r"(\d{4})-?Q([1-4])", clean):
        return fiscal.quarter(int(match[1]), int(match[2]))
    raise SegxlError(f"{text!r} is not a period: write a month as 2026-10 or a quarter as 2026-Q3")
