"""Strict readers of text columns: dates, amounts, numbers, percentages, months, flags.

A reader looks at the whole column before it reads a cell. What one value leaves open (is ``05/03/2026`` in
March or in May?) another one may settle; where none does, the column is refused with both readings, and the
settings decide. Cells that cannot be read are marked bad, never guessed and never blank.

Each distinct text is read once, and texts of one *shape* (``00-mar-0000``, every digit a zero) are read
together by their positions: a column of millions of timestamps has a handful of shapes.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segxl.errors import SegxlError
from segxl.periods import NEVER, Days, months_of, to_date
from segxl.tables import NO_MONEY, Texts

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

DateOrder = Literal["day-first", "month-first", "year-first"]
DecimalMark = Literal[".", ","]

DATE_ORDERS: tuple[DateOrder, ...] = ("day-first", "month-first", "year-first")
DECIMAL_MARKS: tuple[DecimalMark, ...] = (".", ",")

DAY = 86_400
NO_ORDER = NEVER * DAY
"""The order key of a row without a date: after every other."""


class AmbiguousDates(SegxlError):  # noqa: N818  a state of the data, named as its message says it
    """A column of dates that can be read in several ways, or in none.

    ``readings`` has, for each value that shows it, its text and the ISO date under each order it fits.
    """

    def __init__(self, message: str, readings: Sequence[tuple[str, Mapping[DateOrder, str]]]) -> None:
        super().__init__(message)
        self.readings = tuple(readings)


class AmbiguousNumbers(SegxlError):  # noqa: N818  as above
    """A column of numbers whose decimal mark is open, or differs.

    ``readings`` has, for each value that shows it, its text and the number under each decimal mark it fits.
    """

    def __init__(self, message: str, readings: Sequence[tuple[str, Mapping[DecimalMark, str]]]) -> None:
        super().__init__(message)
        self.readings = tuple(readings)


# --- shapes

_DIGITS = str.maketrans("123456789", "000000000")
_PLAIN = str.maketrans("\u00a0\u202f\u2007\u2009\u2212\u2019", "    -'")
"""No-break and thin spaces, the minus sign and the typographic apostrophe, and their plain relatives."""


@dataclass(frozen=True)
class _Kind:
    """The distinct texts of one shape.

    Attributes:
        shape: the text in small and plain letters with every digit a zero.
        at: where these texts stand among the distinct ones.
        letters: (texts, length of the shape), the texts' characters, small and plain.
    """

    shape: str
    at: NDArray[np.intp]
    letters: NDArray[np.uint8] | NDArray[np.uint32]

    def number(self, *spans: tuple[int, int]) -> Ints:
        """The number that the digits of some spans make, one after the other; a span of -1 is skipped."""
        value = np.zeros(len(self.at), dtype=np.int64)
        for start, end in spans:
            for position in range(start, end):
                if self.shape[position] == "0":
                    value = value * 10 + self.letters[:, position] - ord("0")
        return value


_AT_ONCE = 500_000
"""How many texts are looked at together: few enough to spare the memory, many enough to be quick."""


def _kinds(distinct: Texts) -> Iterator[_Kind]:
    """The distinct texts by shape, some :data:`_AT_ONCE` at a time. Blank ones belong to none."""
    for first in range(0, len(distinct), _AT_ONCE):
        plain = _each(distinct[first : first + _AT_ONCE], lambda text: text.lower().translate(_PLAIN))
        codes, shapes = pd.factorize(_each(plain, lambda text: text.translate(_DIGITS)))
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(shapes) + 1))
        for shape, start, end in zip(shapes, bounds[:-1], bounds[1:], strict=True):
            if shape:
                at = order[start:end]
                yield _Kind(shape, first + at, _letters(plain[at], shape))


def _each(texts: Texts, change: Callable[[str], str]) -> Texts:
    """The texts changed letter by letter: all at once, which is several times faster than one by one."""
    changed = change("\0".join(texts)).split("\0")
    if len(changed) != len(texts):  # some text has the very letter that parts them, or there are none
        changed = [change(text) for text in texts]
    return np.array(changed, dtype=object)


def _letters(texts: Texts, shape: str) -> NDArray[np.uint8] | NDArray[np.uint32]:
    if shape.isascii():
        return texts.astype(f"S{len(shape)}").view(np.uint8).reshape(len(texts), len(shape))
    return texts.astype(f"U{len(shape)}").view(np.uint32).reshape(len(texts), len(shape))


# --- dates

_MONTHS = {
    name: number
    for number, full in enumerate(
        (
            *("january", "february", "march", "april", "may", "june"),
            *("july", "august", "september", "october", "november", "december"),
        ),
        start=1,
    )
    for name in (full, full[:3])
} | {"sept": 9}
_MONTH = "(?P<name>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
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
        _WEEKDAY + r"(?P<day>00?)(?:st|nd|rd|th)?(?:[-/]|\.? ?)" + _MONTH + r"(?:[-/]|,? ?)(?P<year>0000|00)",
        _WEEKDAY + _MONTH + r"(?:[-/]| ?)(?P<day>00?)(?:st|nd|rd|th)?(?:[-/]|, ?| )(?P<year>0000|00)",
        r"(?P<year>0000)[-/ ]" + _MONTH + r"[-/ ](?P<day>00?)",
    )
)
_OPEN_DATE = re.compile(r"(?P<a>00?)(?P<mark>[-/.])(?P<b>00?)(?P=mark)(?P<c>0000|00)" + _TIME)
_SERIAL = re.compile(r"00000(?:\.0+)?")

_EXCEL_EPOCH = 25_569
"""Excel's number for 1970-01-01."""
_LAST_SECOND = (dt.date(9999, 12, 31).toordinal() - dt.date(1970, 1, 1).toordinal() + 1) * DAY - 1
_NAIVE = int(np.iinfo(np.int64).min)
"""The offset of a time that names none."""


def read_dates(texts: Texts, *, order: DateOrder | None, timezone: str) -> tuple[Days, Bools, Ints]:
    """Read a column of dates and times.

    Known are ISO dates and times, ``2026/03/05``, ``20260305``, ``5-3-2026`` with ``-``, ``/`` or ``.`` and
    years of two digits (69-99 are 1969-1999), ``05-Mar-2026``, ``15 Apr, 2021 00:02:00``, ``March 5, 2026``,
    and Excel's serial numbers from 20000 to 80000. Times may be in 12 hours and may have an offset.

    Args:
        texts: object array of str, stripped; ``""`` is blank.
        order: how ``05/03/2026`` is meant; ``None`` finds out from the column.
        timezone: dates are those of this zone. A time that names its offset is converted to it, one that does
            not is taken as being in it.

    Returns:
        ``days``: int32 day numbers, :data:`~segxl.periods.NEVER` where blank or bad. ``bad``: what is not
        blank and no date. ``order_key``: int64 seconds since 1970 by the zone's clocks, so that ``order_key
        // 86400 == days``; midnight where no time is given, :data:`NO_ORDER` where there is no date.

    Raises:
        AmbiguousDates: ``order`` is ``None`` and the column fits several orders with different dates, or
            none.
        SegxlError: the time zone is unknown.
    """
    codes, distinct = pd.factorize(texts)
    seconds = _read_distinct_dates(distinct, order, _zone(timezone))
    days = np.where(seconds == NO_ORDER, NEVER, seconds // DAY).astype(np.int32)
    bad = (seconds == NO_ORDER) & (distinct != "")
    return days[codes], bad[codes], seconds[codes]


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise SegxlError(f'there is no time zone {name!r}: write for instance timezone = "Europe/Berlin"') from None


def _read_distinct_dates(distinct: Texts, order: DateOrder | None, zone: zoneinfo.ZoneInfo) -> Ints:
    """Seconds since 1970 by the zone's clocks; :data:`NO_ORDER` where there is no date."""
    result = np.full(len(distinct), NO_ORDER, dtype=np.int64)
    open_dates = []
    for kind in _kinds(distinct):
        if match := _OPEN_DATE.fullmatch(kind.shape):
            open_dates.append(_OpenDates.of(kind, match))
        elif _SERIAL.fullmatch(kind.shape):
            result[kind.at] = _serials(kind)
        elif match := next(filter(None, (form.fullmatch(kind.shape) for form in _FIXED_DATES)), None):
            result[kind.at] = _clock(_fixed_days(kind, match), *_time(kind, match), zone)
    if open_dates:
        dates = _OpenDates.joined(open_dates)
        days = dates.days(order or dates.find_order(distinct))
        result[dates.at] = _clock(days, dates.seconds, dates.offset, zone)
    return result


def _fixed_days(kind: _Kind, match: re.Match[str]) -> Ints:
    named = match.groupdict().get("name")
    month = np.full(len(kind.at), _MONTHS[named]) if named else kind.number(match.span("month"))
    year = kind.number(match.span("year"))
    return _days(_full_year(year) if len(match["year"]) == 2 else year, month, kind.number(match.span("day")))


def _full_year(year: Ints) -> Ints:
    return year + np.where(year <= 68, 2000, 1900)


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970; :data:`NEVER` where there is no such date, or none of business: before 1900."""
    sane = (year >= 1900) & (month >= 1) & (month <= 12)
    months = np.where(sane, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    next_first = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    real = sane & (day >= 1) & (day <= next_first - first)
    return np.where(real, first + day - 1, NEVER)


def _serials(kind: _Kind) -> Ints:
    """Seconds of Excel's serial numbers."""
    whole, part = kind.number((0, 5)), kind.number((5, min(len(kind.shape), 21)))
    places = max(0, min(len(kind.shape), 21) - 6)
    seconds = (whole - _EXCEL_EPOCH) * DAY + np.rint(part * DAY / 10.0**places).astype(np.int64)
    return np.where((whole >= 20_000) & (whole <= 80_000), seconds, NO_ORDER)


def _time(kind: _Kind, match: re.Match[str]) -> tuple[Ints, Ints]:
    """Seconds since midnight, -1 where there is no such time, and the offset in seconds or :data:`_NAIVE`."""
    hour, minute, second = (kind.number(match.span(part)) for part in ("hour", "minute", "second"))
    sane = (minute < 60) & (second < 60)
    if match["half"]:
        sane &= (hour >= 1) & (hour <= 12)
        hour = hour % 12 + (12 if match["half"] == "p" else 0)
    else:
        sane &= hour < 24
    offset = np.full(len(kind.at), 0 if match["zone"] else _NAIVE)
    if match["zone_hours"]:
        ahead = kind.number(match.span("zone_hours")) * 3600 + kind.number(match.span("zone_minutes")) * 60
        sane &= ahead <= DAY
        offset = -ahead if match["zone"].startswith("-") else ahead
    return np.where(sane, hour * 3600 + minute * 60 + second, -1), offset


def _clock(days: Ints, seconds: Ints, offset: Ints, zone: zoneinfo.ZoneInfo) -> Ints:
    """Seconds since 1970 by the zone's clocks; :data:`NO_ORDER` where date or time is none."""
    local = days * DAY + seconds
    aware = offset != _NAIVE
    if aware.any():
        universal = local[aware] - offset[aware]
        local[aware] = np.minimum(universal + _offset_of(zone, universal), _LAST_SECOND)
    return np.where((days == NEVER) | (seconds < 0), NO_ORDER, local)


def _offset_of(zone: zoneinfo.ZoneInfo, universal: Ints) -> Ints:
    """The zone's offset at each moment, asked for once a quarter of an hour: offsets change on those."""
    quarters, distinct = pd.factorize(np.clip(universal, 0, _LAST_SECOND - DAY) // 900)
    moments = (dt.datetime.fromtimestamp(int(quarter) * 900, zone) for quarter in distinct)
    offsets = [offset.total_seconds() for moment in moments if (offset := moment.utcoffset()) is not None]
    return np.array(offsets, dtype=np.int64)[quarters]


@dataclass(frozen=True)
class _OpenDates:
    """Dates of three numbers in an order that has to be found; ``c`` has two or four digits."""

    at: NDArray[np.intp]
    a: Ints
    b: Ints
    c: Ints
    short: Bools
    """``c`` has two digits."""
    can_lead: Bools
    """``a`` has two digits and ``c`` too, so ``a`` may be a year."""
    seconds: Ints
    offset: Ints

    @classmethod
    def of(cls, kind: _Kind, match: re.Match[str]) -> _OpenDates:
        a, b, c = (kind.number(match.span(part)) for part in "abc")
        short = np.full(len(kind.at), len(match["c"]) == 2)
        return cls(kind.at, a, b, c, short, short & (len(match["a"]) == 2), *_time(kind, match))

    @classmethod
    def joined(cls, parts: Sequence[_OpenDates]) -> _OpenDates:
        fields = ("at", "a", "b", "c", "short", "can_lead", "seconds", "offset")
        return cls(*(np.concatenate([getattr(part, field) for part in parts]) for field in fields))

    def days(self, order: DateOrder) -> Ints:
        """Day numbers under an order, :data:`NEVER` where a value does not fit it."""
        if order == "year-first":
            return np.where(self.can_lead, _days(_full_year(self.a), self.b, self.c), NEVER)
        year = np.where(self.short, _full_year(self.c), self.c)
        day, month = (self.a, self.b) if order == "day-first" else (self.b, self.a)
        return _days(year, month, day)

    def find_order(self, distinct: Texts) -> DateOrder:
        """The order that every value fits. A value that fits none is bad and has no say."""
        readings = {order: self.days(order) for order in DATE_ORDERS}
        fits = np.array([readings[order] != NEVER for order in DATE_ORDERS])
        voters: list[int] = np.flatnonzero(fits.any(axis=0)).tolist()
        orders = [order for order, fit in zip(DATE_ORDERS, fits, strict=True) if fit[voters].all()]
        shown = sorted(voters, key=self.at.__getitem__)

        def reading(one: int, among: Iterable[DateOrder]) -> tuple[str, dict[DateOrder, str]]:
            days = {order: int(readings[order][one]) for order in among}
            return distinct[self.at[one]], {o: to_date(day).isoformat() for o, day in days.items() if day != NEVER}

        if not orders:
            raise _disagreeing_dates([reading(one, DATE_ORDERS) for one in _witnesses(fits[:, shown], shown)])
        differing = [one for one in shown if len({int(readings[order][one]) for order in orders}) > 1]
        if differing:
            raise _ambiguous_dates([reading(one, orders) for one in differing[:3]], orders)
        return orders[0]


def _witnesses(fits: NDArray[np.bool_], names: Sequence[int]) -> list[int]:
    """Two columns, or three, of a table of fits that have no row in common."""
    first: dict[tuple[bool, ...], int] = {}
    for column, name in zip(fits.T.tolist(), names, strict=True):
        first.setdefault(tuple(column), name)
    sorts = list(first)
    for i, one in enumerate(sorts):
        for other in sorts[i + 1 :]:
            if not any(x and y for x, y in zip(one, other, strict=True)):
                return [first[one], first[other]]
    return list(first.values())[:3]


def _ambiguous_dates(
    readings: Sequence[tuple[str, Mapping[DateOrder, str]]], orders: Sequence[DateOrder]
) -> AmbiguousDates:
    shown = "; ".join(
        f"{text!r} is " + " or ".join(f"{day} ({order})" for order, day in reading.items())
        for text, reading in readings
    )
    settings = " or ".join(f'dates = "{order}"' for order in orders)
    return AmbiguousDates(f"the dates can be read in {len(orders)} ways: {shown}; set {settings}", readings)


def _disagreeing_dates(readings: Sequence[tuple[str, Mapping[DateOrder, str]]]) -> AmbiguousDates:
    shown = ", ".join(f"{text!r} is only {' or '.join(reading)}" for text, reading in readings)
    orders = dict.fromkeys(order for _, reading in readings for order in reading)
    settings = " or ".join(f'dates = "{order}"' for order in orders)
    return AmbiguousDates(
        f"the dates are written in several orders: {shown}; correct them in the export, or set {settings}: "
        "the rows that do not fit are then rejected",
        readings,
    )


# --- numbers

_SYMBOLS = "$€£¥₹₽₩₺₪₫₱₴₦฿₡₲₵₸₮₼₾"
_CODES = (
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd "
    "cad cdf chf clp cny cop crc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd "
    "gnf gtq gyd hkd hnl htg huf idr ils inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw kwd kyd kzt "
    "lak lbp lkr lrd lsl lyd mad mdl mga mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr "
    "nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sdg sek sgd shp sle sos srd ssp "
    "stn svc syp szl thb tjs tmt tnd top try ttd twd tzs uah ugx usd uyu uzs ves vnd vuv wst xaf xcd xof "
    "xpf yer zar zmw zwl"
)
_CURRENCY = rf"(?:[a-z]{{0,2}}[{_SYMBOLS}]|{'|'.join(_CODES.split())}|kr\.?|zł)"
_AMOUNT = re.compile(
    rf"(?P<open>\()?(?P<before>[-+])? ?(?:{_CURRENCY} ?)?(?P<inner>[-+])?"
    r"(?P<body>[0.,][0., ']*?)(?:e(?P<power_sign>[-+]?)(?P<power>00?0?))?"
    rf"(?: ?(?P<scale>k|m|mm|mn|b|bn))?(?: ?{_CURRENCY})?(?P<percent> ?%)?(?P<after>-)?(?(open)\))"
)
_SCALES = {"k": 3, "m": 6, "mm": 6, "mn": 6, "b": 9, "bn": 9}
_BODIES: Mapping[DecimalMark, re.Pattern[str]] = {
    ".": re.compile(
        r"(?P<whole>(?P<grouped>0{1,3}(?P<mark>[, '])000(?:(?P=mark)000)*|00?(?:,00)+,000)|0*)"
        r"(?:\.(?P<part>0+))?"
    ),
    ",": re.compile(r"(?P<whole>(?P<grouped>0{1,3}(?P<mark>[. '])000(?:(?P=mark)000)*)|0*)(?:,(?P<part>0+))?"),
}
_LARGEST_CENTS = 10**15


@dataclass(frozen=True)
class _Numbers:
    """Distinct texts as exact decimals: ``digits / 10**places``.

    ``known`` is false where a text is no number; ``percent`` tells a ``%`` behind it (not yet divided).
    """

    digits: Ints
    places: Ints
    known: Bools
    percent: Bools

    @classmethod
    def blank(cls, count: int) -> _Numbers:
        zeros, no = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
        return cls(zeros, zeros.copy(), no, no.copy())

    def text(self, at: int) -> str:
        """The number plainly written, for messages."""
        sign, digits = ("-" if self.digits[at] < 0 else ""), str(abs(int(self.digits[at])))
        places = int(self.places[at])
        if places <= 0:
            return sign + digits + "0" * -places
        digits = digits.rjust(places + 1, "0")
        return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _read_distinct_numbers(distinct: Texts, decimal: DecimalMark | None, *, money: bool) -> _Numbers:
    """Under the decimal mark that is given or that the column proves."""
    kinds = list(_kinds(distinct))
    if decimal is not None:
        return _read_under(decimal, kinds, len(distinct))
    readings = {mark: _read_under(mark, kinds, len(distinct)) for mark in DECIMAL_MARKS}
    return readings[_decimal_mark(distinct, readings, money=money)]


def _read_under(mark: DecimalMark, kinds: Iterable[_Kind], count: int) -> _Numbers:
    result = _Numbers.blank(count)
    for kind in kinds:
        amount = _AMOUNT.fullmatch(kind.shape)
        body = _BODIES[mark].fullmatch(amount["body"]) if amount else None
        if amount and body and (body["whole"] or body["part"]) and _signs(amount) <= 1:
            _read_kind(kind, amount, body, result)
    return result


def _signs(amount: re.Match[str]) -> int:
    return sum(amount[sign] is not None for sign in ("open", "before", "inner", "after"))


def _read_kind(kind: _Kind, amount: re.Match[str], body: re.Match[str], result: _Numbers) -> None:
    start = amount.start("body")
    whole, part = ((start + body.start(name), start + body.end(name)) for name in ("whole", "part"))
    size = (body["whole"] or "").count("0")
    kept = min(len(body["part"] or ""), _MOST_DIGITS - size)  # what is cut off can't turn a rounding round
    digits = kind.number(whole, (part[0], part[0] + kept))
    power = kind.number(amount.span("power")) * (-1 if amount["power_sign"] == "-" else 1)
    negative = amount["open"] or "-" in (amount["before"], amount["inner"], amount["after"])
    result.digits[kind.at] = -digits if negative else digits
    result.places[kind.at] = kept - _SCALES.get(amount["scale"], 0) - power
    result.percent[kind.at] = amount["percent"] is not None
    result.known[kind.at] = size <= _MOST_WHOLE_DIGITS
    if body["grouped"]:  # nobody writes 0,123 for 123
        result.known[kind.at] &= kind.letters[:, whole[0]] != ord("0")


_MOST_DIGITS = 18
_MOST_WHOLE_DIGITS = 15


def _decimal_mark(distinct: Texts, readings: Mapping[DecimalMark, _Numbers], *, money: bool) -> DecimalMark:
    """The decimal mark that every number fits. A text that fits none is bad and has no say."""
    fits = {mark: readings[mark].known for mark in DECIMAL_MARKS}
    with_point = np.flatnonzero(fits["."] & ~fits[","]).tolist()
    with_comma = np.flatnonzero(fits[","] & ~fits["."]).tolist()
    points, commas = readings["."], readings[","]
    differ = (points.digits != commas.digits) | (points.places != commas.places)
    either = np.flatnonzero(fits["."] & fits[","] & differ).tolist()

    def reading(one: int) -> tuple[str, dict[DecimalMark, str]]:
        return distinct[one], {mark: readings[mark].text(one) for mark in DECIMAL_MARKS if fits[mark][one]}

    if with_point and with_comma:
        raise _disagreeing_numbers([reading(with_point[0]), reading(with_comma[0])])
    if with_comma:
        return ","
    if with_point or not either:
        return "."
    # three decimals are no money, so 1,234 is a thousand and more; 1.234 may well be a computed amount
    if money and not any("." in distinct[one] for one in either):
        return "."
    raise _ambiguous_numbers([reading(one) for one in either[:3]])


def _ambiguous_numbers(readings: Sequence[tuple[str, Mapping[DecimalMark, str]]]) -> AmbiguousNumbers:
    shown = "; ".join(f"{text!r} is {reading['.']} (point) or {reading[',']} (comma)" for text, reading in readings)
    return AmbiguousNumbers(
        f'the decimal mark is a point or a comma: {shown}; set decimal = "." or decimal = ","',
        readings,
    )


def _disagreeing_numbers(readings: Sequence[tuple[str, Mapping[DecimalMark, str]]]) -> AmbiguousNumbers:
    points, commas = (text for text, _ in readings)
    return AmbiguousNumbers(
        f"the numbers have different decimal marks: {points!r} has a point and {commas!r} a comma; "
        'correct them in the export, or set decimal = "." or decimal = ",": '
        "the rows that do not fit are then rejected",
        readings,
    )


def read_money(texts: Texts, *, decimal: DecimalMark | None) -> tuple[Ints, Bools, int]:
    """Read a column of amounts, exact to the cent.

    Known are signs before and behind, parentheses for negatives, currency symbols and ISO codes on either
    side (not interpreted), thousands parted by ``,`` ``.`` ``'`` or a space, and ``k``, ``M`` and ``B`` for
    powers of a thousand.

    Args:
        texts: object array of str, stripped; ``""`` is blank.
        decimal: the decimal mark; ``None`` finds out from the column.

    Returns:
        ``cents``: int64, :data:`~segxl.tables.NO_MONEY` where blank or bad. ``bad``: what is not blank and no
        amount, or is 10,000,000,000,000 and more. ``rounded``: how many rows had more than two decimals and
        were rounded, half away from zero; differences below a millionth of a cent do not count.

    Raises:
        AmbiguousNumbers: ``decimal`` is ``None`` and the column does not tell it, or tells both.
    """
    codes, distinct = pd.factorize(texts)
    cents, rounded = _cents(_read_distinct_numbers(distinct, decimal, money=True))
    bad = (cents == NO_MONEY) & (distinct != "")
    return cents[codes], bad[codes], int(rounded[codes].sum())


def _cents(numbers: _Numbers) -> tuple[Ints, Bools]:
    """Cents, :data:`~segxl.tables.NO_MONEY` where there is no amount, and whether rounding changed it."""
    size, surplus = np.abs(numbers.digits), numbers.places - 2
    factor = 10 ** np.clip(-surplus, 0, 18)
    divisor = 10 ** np.clip(surplus, 0, 18)
    cents, rest = np.divmod(size, divisor)
    cents += 2 * rest >= divisor
    lost = np.where(surplus > 0, np.minimum(rest, divisor - rest) / divisor, 0.0)
    fits = (surplus <= 18) & (surplus >= -18) & (cents < _LARGEST_CENTS // factor)
    cents = np.where(fits, cents, 0) * np.where(fits, factor, 1)
    known = numbers.known & ~numbers.percent & (fits | (size == 0))
    return np.where(known, np.sign(numbers.digits) * cents, NO_MONEY), known & (lost >= 1e-6)


def read_numbers(texts: Texts, *, decimal: DecimalMark | None) -> tuple[NDArray[np.float64], Bools]:
    """Read a column of numbers, written in any way that :func:`read_money` knows; ``12%`` is 0.12.

    Returns:
        ``numbers``: float64, NaN where blank or bad. ``bad``: what is not blank and no number.

    Raises:
        AmbiguousNumbers: ``decimal`` is ``None`` and the column does not tell it, or tells both.
    """
    codes, distinct = pd.factorize(texts)
    numbers = _read_distinct_numbers(distinct, decimal, money=False)
    values = _floats(numbers, numbers.places + 2 * numbers.percent)
    bad = ~numbers.known & (distinct != "")
    return values[codes], bad[codes]


def read_percents(texts: Texts, *, decimal: DecimalMark | None) -> tuple[NDArray[np.float64], Bools]:
    """Read a column of percentages as fractions: ``65%`` is 0.65.

    Numbers without a ``%`` are percentages where one of them is above 1, as in ``65``; else they are
    fractions already.

    Returns:
        ``fractions``: float64, NaN where blank or bad. ``bad``: what is not blank and no number.

    Raises:
        AmbiguousNumbers: ``decimal`` is ``None`` and the column does not tell it, or tells both.
    """
    codes, distinct = pd.factorize(texts)
    numbers = _read_distinct_numbers(distinct, decimal, money=False)
    bare = _floats(numbers, numbers.places)[~numbers.percent]
    hundredths = numbers.percent | bool((np.abs(bare) > 1).any())
    values = _floats(numbers, numbers.places + 2 * hundredths)
    bad = ~numbers.known & (distinct != "")
    return values[codes], bad[codes]


_POWERS = np.array([float(f"1e{power}") for power in range(23)])


def _floats(numbers: _Numbers, places: Ints) -> NDArray[np.float64]:
    """The floats nearest to ``digits / 10**places``; NaN where there is no number."""
    # a quotient of two exact floats is the nearest one; the others go the slow way
    exact = (np.abs(numbers.digits) < 2**53) & (places >= 0) & (places <= 22)
    values = numbers.digits / _POWERS[np.where(exact, places, 0)]
    for at in np.flatnonzero(~exact):
        values[at] = float(f"{numbers.digits[at]}e{-places[at]}")
    return np.where(numbers.known, values, np.nan)


# --- months and flags

_MONTH_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d\d?)",
        r"(?P<year>\d{4})(?P<month>\d\d)",
        r"(?P<month>\d\d?)[-/.](?P<year>\d{4})",
        _MONTH + r"[-/ ,]{0,2}(?P<year>\d{4}|'?\d\d)",
        r"(?P<year>\d{4})[-/ ]?" + _MONTH,
    )
)


def read_months(
    texts: Texts, *, order: DateOrder | None = None, timezone: str = "UTC"
) -> tuple[NDArray[np.int32], Bools]:
    """Read a column of months: ``2017-10``, ``201710``, ``10/2017``, ``Oct 2017``, ``Oct-17``, or any date of
    the month.

    Args:
        texts: object array of str, stripped; ``""`` is blank.
        order: as for :func:`read_dates`.
        timezone: as for :func:`read_dates`.

    Returns:
        ``months``: int32 months since 1970-01, :data:`~segxl.periods.NEVER` where blank or bad. ``bad``: what
        is not blank and no month.

    Raises:
        AmbiguousDates: as :func:`read_dates`.
    """
    codes, distinct = pd.factorize(texts)
    months = np.array([_month(text) for text in distinct], dtype=np.int32)
    rest = months == NEVER
    days, _, _ = read_dates(distinct[rest], order=order, timezone=timezone)
    months[rest] = months_of(days)
    bad = (months == NEVER) & (distinct != "")
    return months[codes], bad[codes]


def _month(text: str) -> int:
    """The month number of a text that names a month alone, else :data:`~segxl.periods.NEVER`."""
    for form in _MONTH_FORMS:
        if match := form.fullmatch(text.lower()):
            parts = match.groupdict()
            year = int(parts["year"].lstrip("'"))
            if len(parts["year"]) < 4:
                year += 2000 if year <= 68 else 1900
            month = _MONTHS[parts["name"]] if parts.get("name") else int(parts["month"])
            if year >= 1900 and 1 <= month <= 12:
                return (year - 1970) * 12 + month - 1
    return NEVER


_FLAGS = {"yes": 1, "y": 1, "true": 1, "t": 1, "1": 1, "no": 0, "n": 0, "false": 0, "f": 0, "0": 0, "": -1}


def read_flags(texts: Texts) -> tuple[NDArray[np.int8], Bools]:
    """Read a column of yes and no: ``yes/no``, ``true/false``, ``y/n``, ``t/f``, ``1/0`` in any case.

    Returns:
        ``flags``: int8, 1 yes, 0 no, -1 where blank or bad. ``bad``: what is not blank and neither.
    """
    codes, distinct = pd.factorize(texts)
    flags = np.array([_FLAGS.get(text.lower(), -1) for text in distinct], dtype=np.int8)
    bad = (flags == -1) & (distinct != "")
    return flags[codes], bad[codes]
