"""Arithmetic of dates: day numbers of the calendar, times of a day, and the clocks of time zones."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo

import numpy as np

from segxl.errors import SegxlError
from segxl.periods import NEVER
from segxl.sources.values.shapes import Ints, TextsOfAShape
from segxl.tables.codes import factorized

DAY = 86_400
"""The seconds of a day."""
NAIVE = int(np.iinfo(np.int32).min)
"""The offset of a time that names none."""
NO_TIME = NAIVE + 1
"""The offset of a date without a time."""

LAST_SECOND = (dt.date(9999, 12, 31).toordinal() - dt.date(1970, 1, 1).toordinal() + 1) * DAY - 1
"""The last second of the year 9999, since 1970."""


def full_year(year: Ints) -> Ints:
    """The year that two digits mean: 69 to 99 are 1969 to 1999."""
    return year + np.where(year <= 68, 2000, 1900)


def day_numbers(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970; :data:`NEVER` for an impossible date, or one before 1900."""
    sane = (year >= 1900) & (month >= 1) & (month <= 12)
    months = np.where(sane, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    next_first = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    real = sane & (day >= 1) & (day <= next_first - first)
    return np.where(real, first + day - 1, NEVER)


def time_of_day(kind: TextsOfAShape, match: re.Match[str]) -> tuple[Ints, Ints]:
    """Seconds since midnight, -1 for an impossible time, and the offset in seconds or :data:`NAIVE`."""
    hour, minute, second = (kind.number(match.span(part)) for part in ("hour", "minute", "second"))
    sane = (minute < 60) & (second < 60)
    if match["half"]:
        sane &= (hour >= 1) & (hour <= 12)
        hour = hour % 12 + (12 if match["half"] == "p" else 0)
    else:
        sane &= hour < 24
    offset = np.full(len(kind.at), 0 if match["zone"] else NAIVE if match["hour"] else NO_TIME)
    if match["zone_hours"]:
        ahead = kind.number(match.span("zone_hours")) * 3600 + kind.number(match.span("zone_minutes")) * 60
        sane &= ahead <= DAY
        offset = -ahead if match["zone"].startswith("-") else ahead
    return np.where(sane, hour * 3600 + minute * 60 + second, -1), offset


def universal_times(local: Ints, zone: zoneinfo.ZoneInfo) -> Ints:
    """The moments at which a zone's clocks show some times; of an hour that they show twice, one of the two."""
    near = local - offset_of(zone, local)
    return local - offset_of(zone, near)


def offset_of(zone: zoneinfo.ZoneInfo, universal: Ints) -> Ints:
    """The zone's offset at each moment, asked for once a quarter of an hour: offsets change on those."""
    quarters, distinct = factorized(np.clip(universal, 0, LAST_SECOND - DAY) // 900)
    moments = (dt.datetime.fromtimestamp(int(quarter) * 900, zone) for quarter in distinct)
    offsets = [offset.total_seconds() for moment in moments if (offset := moment.utcoffset()) is not None]
    return np.array(offsets, dtype=np.int64)[quarters]


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of a name; a SegxlError if it is unknown."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise SegxlError(f'no time zone {name!r}: write for example timezone = "Europe/Berlin"') from None
