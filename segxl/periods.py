"""Days, months, quarters: the calendar that every window is made of.

Inside segxl a day is the number of days since 1970-01-01 and a month the number of months since 1970-01, so that
windows are comparisons of integers. :data:`NEVER` stands for a blank date. It lies after every day, so "closed on or
before D" is false for it and "not closed by D" is true, which is what a blank closing date means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError

Days = NDArray[np.int32]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_FULL_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTH_NUMBERS = {name: number for number, full in enumerate(_FULL_MONTHS, 1) for name in (full, full[:3])} | {"sept": 9}
"""English names of months and their short forms, in lower case, whatever language the machine speaks."""

EPOCH = date(1970, 1, 1)
NEVER = int(np.iinfo(np.int32).max)
"""A blank date: later than any day."""
ALWAYS = int(np.iinfo(np.int32).min)
"""A start without a date: earlier than any day."""

PeriodKind = Literal["month", "quarter"]
SpanKind = Literal["month", "range", "week"]


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
    blank = days == NEVER
    known = days[~blank]
    first, last = (int(known.min()), int(known.max())) if len(known) else (0, -1)
    if last - first >= max(len(days), _MANY_DAYS):
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)
        return np.where(blank, np.int32(NEVER), months)
    # looked up: to work a month out costs ten times as much
    span = np.arange(first, last + 1).astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)
    of_days = np.append(span, np.int32(NEVER))
    places = days - np.int64(first)
    places[blank] = len(span)
    found: NDArray[np.int32] = of_days[places]
    return found


_MANY_DAYS = 1 << 14


class Window(NamedTuple):
    """A stretch of days, both ends included."""

    start: date
    end: date

    @property
    def days(self) -> tuple[int, int]:
        """First and last day as day numbers."""
        return to_day(self.start), to_day(self.end)

    @property
    def words(self) -> str:
        """``1 Aug 2025 – 31 Oct 2025``."""
        return " – ".join(f"{day.day} {_MONTHS[day.month - 1]} {day.year}" for day in (self.start, self.end))

    @property
    def month_names(self) -> str:
        """Its months by name: ``Oct 2026``, ``Aug–Oct 2026``, ``Nov 2026–Jan 2027``."""
        first, last = (f"{_MONTHS[day.month - 1]} {day.year}" for day in (self.start, self.end))
        if first == last:
            return last
        return f"{first if self.start.year != self.end.year else first[:3]}–{last}"

    @property
    def months(self) -> str:
        """Its months as text: ``2026-10``, ``2026-08 to 2026-10``."""
        start, end = f"{self.start:%Y-%m}", f"{self.end:%Y-%m}"
        return start if start == end else f"{start} to {end}"


@dataclass(frozen=True)
class Period:
    """A month or a fiscal quarter that a scorecard is made for.

    ``label`` is what the user writes: ``2017-10`` or ``2017-Q2``; ``first`` and ``last`` are its months; ``fiscal``
    marks a quarter of a fiscal year that does not start in January.
    """

    kind: PeriodKind
    label: str
    first: int
    last: int
    fiscal: bool = False

    @cached_property
    def window(self) -> Window:
        """First to last day of the period."""
        return Window(month_start(self.first), month_end(self.last))

    @property
    def name(self) -> str:
        """The name in texts: the label, or for a fiscal quarter ``FY26 Q3 (Aug–Oct 2025)``."""
        return f"{self.short_name} ({self.window.month_names})" if self.fiscal else self.label

    @property
    def short_name(self) -> str:
        """The name next to its dates: the label, or for a fiscal quarter ``FY26 Q3``."""
        return f"FY{self.label[2:4]} Q{self.label[-1]}" if self.fiscal else self.label

    @property
    def dated(self) -> str:
        """The label, for a quarter with its days: ``2026-Q3 (1 Aug 2025 – 31 Oct 2025)``. The name of a fiscal year
        alone does not show whether it starts or ends in that year."""
        return self.label if self.kind == "month" else f"{self.label} ({self.window.words})"

    @property
    def in_a_year(self) -> int:
        """How many periods of its kind a year has."""
        return 12 if self.kind == "month" else 4

    @cached_property
    def previous(self) -> Window:
        """The month or quarter right before."""
        return self._shifted(self.last - self.first + 1)

    @cached_property
    def year_ago(self) -> Window:
        """The same month or quarter a year before."""
        return self._shifted(12)

    @cached_property
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
        return Period("quarter", f"{year}-Q{number}", first, first + 2, self.start > 1)

    def year_of(self, period: Period) -> str:
        """The name of a quarter's fiscal year: ``fiscal year 2026 ends in January 2026``; blank for calendar years."""
        if period.kind == "month" or self.start == 1:
            return ""
        first = self.quarter(int(period.label[:4]), 1).first
        month = month_start(first + 11 if self.named_by == "end" else first)
        return f"fiscal year {period.label[:4]} {self.named_by}s in {month:%B %Y}"

    def quarter_of(self, month: int) -> Period:
        """The fiscal quarter of a month number."""
        years, within = divmod(month - (self.start - 1), 12)
        year = 1970 + years + (1 if self.start > 1 and self.named_by == "end" else 0)
        return self.quarter(year, within // 3 + 1)


def month_period(month: int) -> Period:
    """A month number as a period."""
    return Period("month", month_label(month), month, month)


def parse_period(text: str, fiscal: Fiscal) -> Period:
    """Read a month as :func:`parse_month` does, or ``2017-Q2``, ``Q2 2017``, ``FY17 Q2``: fiscal quarters.

    Raises:
        SegxlError: the text is none of them.
    """
    if (month := parse_month(text)) is not None:
        return month_period(month)
    if quarter := _quarter(text.strip().upper()):
        return fiscal.quarter(*quarter)
    raise SegxlError(f"{text!r} is not a period: write a month as 2026-10 or a quarter as 2026-Q3")


def parse_month(text: str) -> int | None:
    """The number of a month as people write it; None if the text is not a month.

    ``2026-07``, ``2026-7``, ``7/2026``, ``Jul 2026``, ``July-2026``, ``2026 Jul``; a day, ``2026-07-31``, is its month.
    A year has four digits: ``10-11`` may be October or November.
    """
    clean = text.strip().casefold()
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d\d?)",
        r"(?P<month>\d\d?)[-/.](?P<year>\d{4})",
        r"(?P<year>\d{4})-(?P<month>\d\d)-\d\d(?:[ t]00:00(?::00)?)?",
        r"(?P<month>[a-z]+)\.?[ -]*(?P<year>\d{4})",
        r"(?P<year>\d{4})[ -]*(?P<month>[a-z]+)\.?",
    ):
        if match := re.fullmatch(form, clean):
            year, month = int(match["year"]), match["month"]
            number = int(month) if month.isdigit() else MONTH_NUMBERS.get(month, 0)
            if 1900 <= year < 3000 and 1 <= number <= 12:
                return (year - 1970) * 12 + number - 1
    return None


def _quarter(text: str) -> tuple[int, int] | None:
    """Year and number of a quarter as people write it: ``2026-Q3``, ``Q3 2026``, ``FY26 Q3``, ``Q3 FY2026``."""
    words = re.sub(r"[\s/-]+", " ", text)
    if match := re.fullmatch(r"Q([1-4]) ?(FY ?)?(\d{4}|\d{2})", words):
        number, fiscal, year = match.groups()
    elif match := re.fullmatch(r"(FY ?)?(\d{4}|\d{2}) ?Q([1-4])", words):
        fiscal, year, number = match.groups()
    else:
        return None
    if len(year) == 2 and not fiscal:
        return None
    return int(year) + (2000 if len(year) == 2 else 0), int(number)


@dataclass(frozen=True)
class Span:
    """A timeframe of the segment performance report: a month, a range of months, or a week.

    ``label`` is what the user writes: ``2026-10``, ``2026-07..2026-09`` or ``2026-W41``. Weeks run from Monday to
    Sunday and have their ISO 8601 names.
    """

    kind: SpanKind
    label: str
    window: Window

    @property
    def name(self) -> str:
        """Its name in texts: ``Oct 2026``, ``Aug–Oct 2026``, ``2026-W41``."""
        return self.label.replace("..", " to ") if self.kind == "week" else self.window.month_names

    @property
    def dated(self) -> str:
        """The label, which already shows the days."""
        return self.label

    @property
    def available_on(self) -> date:
        """The day from which it counts as complete: the 3rd of the month after, or the Monday after."""
        if self.kind == "week":
            return self.window.end + timedelta(days=1)
        return month_start(to_month(self.window.end) + 1).replace(day=3)

    @property
    def length(self) -> int:
        """The number of months, or of weeks."""
        if self.kind == "week":
            return ((self.window.end - self.window.start).days + 1) // 7
        return to_month(self.window.end) - to_month(self.window.start) + 1

    def shifted(self, steps: int) -> Span:
        """As long, ``steps`` months or weeks later: ``-length`` gives the span right before."""
        if self.kind == "week":
            return week_span(self.window.start + timedelta(weeks=steps), self.length)
        return months_span(to_month(self.window.start) + steps, to_month(self.window.end) + steps)


def months_span(first: int, last: int) -> Span:
    """Months ``first`` to ``last``, both included; a single one is a month."""
    window = Window(month_start(first), month_end(last))
    if first == last:
        return Span("month", month_label(first), window)
    return Span("range", f"{month_label(first)}..{month_label(last)}", window)


def week_span(monday: date, weeks: int = 1) -> Span:
    """The week that starts on ``monday``, or several."""
    last = monday + timedelta(weeks=weeks - 1)
    label = week_label(monday) + (f"..{week_label(last)}" if weeks > 1 else "")
    return Span("week", label, Window(monday, last + timedelta(days=6)))


def week_label(day: date) -> str:
    """``"2026-W41"``, the ISO 8601 week of a day: 2027-01-01 is in 2026-W53."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def parse_span(text: str) -> Span:
    """Read a month as :func:`parse_month` does, two of them as ``2026-07..2026-09``, or a week, ``2026-W41``.

    Raises:
        SegxlError: the text is none of them, or there is no such month or week.
    """
    clean = text.strip().upper()
    if match := re.fullmatch(r"((?:19|2\d)\d\d)-W(\d{2})", clean):
        try:
            return week_span(date.fromisocalendar(int(match[1]), int(match[2]), 1))
        except ValueError:
            raise SegxlError(f"{text!r}: the year {match[1]} has no week {int(match[2])}") from None
    parts = text.split("..")
    numbers = [month for month in map(parse_month, parts) if month is not None]
    if len(numbers) == len(parts) <= 2:
        if numbers[0] > numbers[-1]:
            raise SegxlError(f"{text!r} ends before it starts; write the earlier month first")
        return months_span(numbers[0], numbers[-1])
    raise SegxlError(
        f"{text!r} is not a timeframe: write a month as 2026-10, a range as 2026-07..2026-09 or a week as 2026-W41"
    )
