"""Dates and timestamps, read strictly: another value of the column may decide an ambiguous one."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segxl.errors import UnsetError
from segxl.periods import MONTH_NUMBERS, NEVER, Days
from segxl.sources.values.date_arithmetic import (
    DAY,
    LAST_SECOND,
    NAIVE,
    NO_TIME,
    day_numbers,
    full_year,
    offset_of,
    time_of_day,
    universal_times,
    zone_of,
)
from segxl.sources.values.date_order import DATE_ORDERS, DateOrder, OpenDates
from segxl.sources.values.shapes import Bools, Ints, TextsOfAShape, texts_by_shape
from segxl.sources.values.unix_time import UNIX_TIME, looks_like_unix_time, unix_seconds
from segxl.tables.codes import gathered
from segxl.tables.contracts import MANY_ROWS, AnyDays
from segxl.tables.text_column import TextColumn, Texts

NO_ORDER = NEVER * DAY
"""The order key of a row without a date: after every other."""


MONTH = "(?P<name>" + "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True)) + r")\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
_TIME = (
    r"(?:(?:t|,? +)(?P<hour>00?):(?P<minute>00)(?::(?P<second>00)(?:[.,]0+)?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?"
    r"(?: ?(?P<zone>z|utc|gmt|[+-](?P<zone_hours>00)(?::?(?P<zone_minutes>00))?))?)?"
)
_FIXED_DATES = tuple(
    re.compile(date + _TIME)
    for date in (
        r"(?P<year>0000)(?P<mark>[-/.])(?P<month>00?)(?P=mark)(?P<day>00?)",
        r"(?P<year>0000)(?P<month>00)(?P<day>00)",
        _WEEKDAY + r"(?P<day>00?)(?:st|nd|rd|th)?(?:[-/]|\.? ?)" + MONTH + r"(?:[-/]|,? ?)(?P<year>0000|00)",
        _WEEKDAY + MONTH + r"(?:[-/]| ?)(?P<day>00?)(?:st|nd|rd|th)?(?:[-/]|, ?| )(?P<year>0000|00)",
        r"(?P<year>0000)[-/ ]" + MONTH + r"[-/ ](?P<day>00?)",
    )
)
_OPEN_DATE = re.compile(r"(?P<a>00?)(?P<mark>[-/.])(?P<b>00?)(?P=mark)(?P<c>0000|00)" + _TIME)
_SERIAL = re.compile(r"00000(?:\.0+)?")
_MONTHS_ALONE = tuple(
    re.compile(form)
    for form in (
        r"(?P<year>0000)[-/.](?P<month>00?)",
        r"(?P<year>0000)(?P<month>00)",
        r"(?P<month>00?)[-/.](?P<year>0000)",
        MONTH + r"[-/ ,]{0,2}(?P<year>0000)",
        MONTH + r"[-/ ]?'(?P<year>00)",
        r"(?P<year>0000)[-/ ]?" + MONTH,
    )
)
_OPEN_MONTH = re.compile(MONTH + r"[-/ ](?P<year>00)")
"""``Oct-24``: October 2024, or 24 October without a year."""

_EXCEL_EPOCH = 25_569
"""Excel's number for 1970-01-01."""
_FROM_1904 = 1462
"""Days by which the numbers of a workbook that counts from 1904 are smaller."""
_BY_CHANCE = 0.05
"""The chance, at most, that a column of two formats has no day above 12 in one of them (0.4 a date) and only such days
in the other (0.6 a date), if Excel had no part in it."""

MonthDay = Literal["first-day", "last-day"]
MONTH_DAYS: tuple[MonthDay, ...] = ("first-day", "last-day")


@dataclass(frozen=True)
class DateStyle:
    """How a file writes its dates.

    Attributes:
        order: how ``05/03/2026`` is meant; ``None`` finds out from the column.
        timezone: dates are those of this zone. A time that names its offset is converted to it.
        written_in: the zone of times that name no offset; blank: ``timezone``.
        from_1904: Excel's serial numbers count from 1904, not from 1900.
        month_dates: the day that ``2026-10`` means; ``None``: the first, and ``Oct-24`` is no date.
    """

    order: DateOrder | None = None
    timezone: str = "UTC"
    written_in: str = ""
    from_1904: bool = False
    month_dates: MonthDay | None = None


@dataclass(frozen=True, eq=False)
class DateColumn:
    """A column of dates as it was read. Its properties are arrays of its length, made when they are asked for.

    The moments of the texts that some row has, in any order: ``seconds`` since 1970 by the zone's clocks; ``failed``:
    no dates; ``alone``: months without a day; ``shifted``: times without an offset that fall on another day than
    written, because they are in another time zone; ``turned``: dates whose day and month Excel may have swapped.
    ``codes`` is the one of each row.
    """

    codes: NDArray[np.integer[Any]]
    seconds: Ints
    failed: Bools
    alone: Bools
    shifted: Bools
    turned: Bools

    @property
    def days(self) -> Days:
        """As :func:`read_dates`."""
        return gathered(self._of_texts, self.codes)

    @property
    def kept_days(self) -> AnyDays:
        """The same as a table holds them: int16 in a long column whose every row has a date until 2057."""
        days = self._of_texts
        if len(self.codes) <= MANY_ROWS or days.min() < -_LATEST_SHORT or days.max() > _LATEST_SHORT:
            return self.days
        return gathered(days.astype(np.int16), self.codes)

    @property
    def _of_texts(self) -> Days:
        return np.where(self.seconds == NO_ORDER, NEVER, self.seconds // DAY).astype(np.int32)

    @property
    def bad(self) -> Bools:
        """As :func:`read_dates`."""
        return self._rows(self.failed)

    @property
    def order_key(self) -> Ints:
        """As :func:`read_dates`."""
        return gathered(self.seconds, self.codes)

    @property
    def months(self) -> Bools:
        """Which cells are months without a day."""
        return self._rows(self.alone)

    @property
    def moved(self) -> Bools:
        """Which cells are times that move to another day."""
        return self._rows(self.shifted)

    @property
    def swapped(self) -> Bools:
        """Which cells are dates whose day and month Excel may have swapped."""
        return self._rows(self.turned)

    def _rows(self, of_texts: Bools) -> Bools:
        return gathered(of_texts, self.codes) if of_texts.any() else np.zeros(len(self.codes), dtype=bool)


_LATEST_SHORT = 32_000
"""A day in 2057: later ones are near to what two bytes can hold."""


def read_dates(
    texts: Texts | TextColumn,
    *,
    order: DateOrder | None = None,
    timezone: str = "UTC",
    style: DateStyle | None = None,
    of_days: bool = False,
) -> tuple[Days, Bools, Ints]:
    """Read a column of dates and times.

    Known are ISO dates and times, ``2026/03/05``, ``20260305``, ``5-3-2026`` with ``-``, ``/`` or ``.`` and
    years of two digits (69-99 are 1969-1999), ``05-Mar-2026``, ``15 Apr, 2021 00:02:00``, ``March 5, 2026``,
    and Excel's serial numbers from 20000 to 80000. Times may be in 12 hours and may have an offset. A whole column
    may be Unix time (:mod:`segxl.sources.values.unix_time`); ``2026-10`` and ``Oct 2026`` are the first day of the
    month.

    A column whose every time is midnight, by the clock that it is written in, is a column of dates: no time zone
    moves them. In any other column a time that names its offset is converted.

    Args:
        texts: object array of str, or a column of text; stripped, ``""`` is blank.
        order, timezone: as in :class:`DateStyle`, for a column of which nothing else is known.
        style: how the file writes its dates.
        of_days: the column is known to hold dates: midnight is a date even among other times.

    Returns:
        ``days``: int32 day numbers, :data:`~segxl.periods.NEVER` where blank or bad. ``bad``: what is not
        blank and no date. ``order_key``: int64 seconds since 1970 by the zone's clocks, so that ``order_key
        // 86400 == days``; midnight where no time is given, :data:`NO_ORDER` where there is no date.

    Raises:
        AmbiguousDatesError: ``order`` is ``None`` and the column fits several orders with different dates, or
            none.
        SegxlError: the time zone is unknown.
    """
    read = read_date_column(texts, style or DateStyle(order, timezone), of_days=of_days)
    return read.days, read.bad, read.order_key


def read_date_column(texts: Texts | TextColumn, style: DateStyle, *, of_days: bool = False) -> DateColumn:
    """The same, with notes for the ledger about how the dates are written."""
    column = TextColumn.of(texts)
    codes, texts = column.in_use
    if not all(map(_ISO_DAY.fullmatch, texts[:_MANY_DAYS])) or len(texts) > _MANY_DAYS:
        codes, texts = column.narrow_codes, column.distinct  # messages name the first ones
    found = _Found.of(texts, style)
    seconds, moved = found.clock(zone_of(style.timezone), zone_of(style.written_in or style.timezone), of_days=of_days)
    return DateColumn(codes, seconds, (seconds == NO_ORDER) & (texts != ""), found.months, moved, found.swapped)


_ISO_DAY = re.compile(r"(\d{4}-\d\d-\d\d)?")
_MANY_DAYS = 50_000


@lru_cache(1024)
def why_no_date(text: str, order: DateOrder | None) -> str | UnsetError:
    """A hint on a text that is not a date in the order of the settings: the reason, "; " and the fix; blank if unknown.
    An option that fixes it is in the error."""
    if looks_like_unix_time(text):
        return (
            "may be Unix time, but the column mixes formats; write dates like 2026-10-31, or Unix time in one unit in "
            "all rows"
        )
    if _OPEN_MONTH.fullmatch(re.sub(r"\d", "0", text.lower())):
        return UnsetError(
            "may be a month or a day without a year; write it like 2026-10, or if it is a month, ",
            "month_dates",
            [(MONTH_DAYS[0], "")],
        )
    if text and order is not None and (other := _order_of(text)):
        return UnsetError(
            f"does not fit the order {order}; correct it, or if all dates are so, ", "dates", [(other, "")]
        )
    return ""


def _order_of(text: str) -> DateOrder | None:
    """The first order in which a text is a date."""
    texts = np.array([text], dtype=object)
    fits = (order for order in DATE_ORDERS if not read_date_column(texts, DateStyle(order)).bad[0])
    return next(fits, None)


@dataclass(frozen=True)
class _Found:
    """The date and time of each distinct text, before any time zone: int32 ``days`` (:data:`~segxl.periods.NEVER`: no
    date), ``seconds`` since midnight (-1: no such time), ``offset`` in seconds (or :data:`NAIVE`,
    :data:`NO_TIME`)."""

    days: NDArray[np.int32]
    seconds: NDArray[np.int32]
    offset: NDArray[np.int32]
    months: Bools
    swapped: Bools

    @classmethod
    def of(cls, distinct: Texts, style: DateStyle) -> _Found:
        count = len(distinct)
        found = cls(
            np.full(count, NEVER, dtype=np.int32),
            np.zeros(count, dtype=np.int32),
            np.full(count, NO_TIME, dtype=np.int32),
            np.zeros(count, dtype=bool),
            np.zeros(count, dtype=bool),
        )
        open_dates, unix_times = [], []
        for kind in texts_by_shape(distinct):
            if match := _OPEN_DATE.fullmatch(kind.shape):
                open_dates.append(OpenDates.of(kind, match))
            elif _SERIAL.fullmatch(kind.shape):
                found._put(kind.at, *_serials(kind, _FROM_1904 if style.from_1904 else 0))
            elif match := next(filter(None, (form.fullmatch(kind.shape) for form in _FIXED_DATES)), None):
                found._put(kind.at, _fixed_days(kind, match), *time_of_day(kind, match))
            elif UNIX_TIME.fullmatch(kind.shape):
                unix_times.append(kind)
            else:
                found._put_months(kind, style.month_dates)
        if open_dates:
            dates = OpenDates.joined(open_dates)
            found._note_swapped(dates)
            days = dates.days(style.order or dates.find_order(distinct))
            found._put(dates.at, days, dates.seconds, dates.offset)
        if unix_times and (found.days == NEVER).all():
            at, moments = unix_seconds(unix_times, distinct)
            found._put(at, moments // DAY, moments % DAY, np.zeros(len(at), dtype=np.int64))
        return found

    def _put(self, at: NDArray[np.intp], days: Ints, seconds: Ints, offset: Ints) -> None:
        self.days[at] = np.where(seconds < 0, NEVER, days)
        self.seconds[at], self.offset[at] = seconds, offset

    def _note_swapped(self, dates: OpenDates) -> None:
        """Note dates whose day and month Excel may have swapped: those in another format than the open ones.

        Excel that opens a file in the other order makes dates of the texts with a day up to 12, the wrong ones, and
        leaves the others as text. So each open date has a day above 12, and no other date has one. ``_BY_CHANCE``
        spares columns where that means little.
        """
        own = np.flatnonzero((self.days != NEVER) & ~self.months)
        if not len(own) or not dates.days_above_12.all():
            return
        days = self.days[own].astype("datetime64[D]")
        if (days.astype("datetime64[M]").astype("datetime64[D]") + 12 <= days).any():
            return
        self.swapped[own] = 0.4 ** len(own) * 0.6 ** len(dates.at) < _BY_CHANCE

    def _put_months(self, kind: TextsOfAShape, day: MonthDay | None) -> None:
        forms = (*_MONTHS_ALONE, _OPEN_MONTH) if day else _MONTHS_ALONE
        match = next(filter(None, (form.fullmatch(kind.shape) for form in forms)), None)
        if not match:
            return
        year, month = _year_and_month(kind, match)
        if len(kind.shape) == 6 and not match.groupdict().get("name"):
            year = np.where(year > 2012, year, 0)  # 201011 may be 20 October 2011
        days = day_numbers(year, month, np.ones(len(year), dtype=np.int64))
        if day == "last-day":
            next_first = day_numbers(year + month // 12, month % 12 + 1, np.ones_like(year))
            days = np.where(days == NEVER, NEVER, next_first - 1)
        self.days[kind.at] = days
        self.months[kind.at] = days != NEVER

    def clock(self, zone: zoneinfo.ZoneInfo, written_in: zoneinfo.ZoneInfo, *, of_days: bool) -> tuple[Ints, Bools]:
        """Seconds since 1970 by the zone's clocks, :data:`NO_ORDER` without a date; and a mask of times without an
        offset that fall on another day than the written one."""
        known = self.days != NEVER
        local = self.days * np.int64(DAY) + self.seconds
        local[~known] = NO_ORDER
        moved = np.zeros(len(local), dtype=bool)
        if written_in.key == zone.key and (self.offset <= NO_TIME).all():
            return local, moved  # nothing names another zone
        timed = known & (self.offset != NO_TIME)
        midnight = self.seconds == 0
        if of_days or midnight[timed].all():
            timed &= ~midnight
        naive = timed & (self.offset == NAIVE)
        if naive.any() and written_in.key != zone.key:
            universal = universal_times(local[naive], written_in)
            there = np.minimum(universal + offset_of(zone, universal), LAST_SECOND)
            moved[naive] = there // DAY != local[naive] // DAY
            local[naive] = there
        aware = timed & ~naive
        if aware.any():
            universal = local[aware] - self.offset[aware]
            local[aware] = np.minimum(universal + offset_of(zone, universal), LAST_SECOND)
        return local, moved


def _year_and_month(kind: TextsOfAShape, match: re.Match[str]) -> tuple[Ints, Ints]:
    named = match.groupdict().get("name")
    month = np.full(len(kind.at), MONTH_NUMBERS[named]) if named else kind.number(match.span("month"))
    year = kind.number(match.span("year"))
    return (full_year(year) if len(match["year"]) == 2 else year), month


def _fixed_days(kind: TextsOfAShape, match: re.Match[str]) -> Ints:
    return day_numbers(*_year_and_month(kind, match), kind.number(match.span("day")))


def _serials(kind: TextsOfAShape, later: int) -> tuple[Ints, Ints, Ints]:
    """Days, seconds and offsets of Excel's serial numbers, shifted by ``later`` days."""
    whole, part = kind.number((0, 5)) + later, kind.number((5, min(len(kind.shape), 21)))
    places = max(0, min(len(kind.shape), 21) - 6)
    seconds = (whole - _EXCEL_EPOCH) * DAY + np.rint(part * DAY / 10.0**places).astype(np.int64)
    days = np.where((whole >= 20_000) & (whole <= 80_000), seconds // DAY, NEVER)
    return days, seconds % DAY, np.full(len(whole), NAIVE if places else NO_TIME)
