"""Amounts, numbers and percentages, read strictly and exactly: the whole column decides the decimal mark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segxl.errors import UnsetError
from segxl.sources.values.shapes import Bools, Ints, TextsOfAShape, texts_by_shape
from segxl.tables.contracts import NO_MONEY
from segxl.tables.text_column import TextColumn, Texts

DecimalMark = Literal[".", ","]
DECIMAL_MARKS: tuple[DecimalMark, ...] = (".", ",")


class AmbiguousNumbersError(UnsetError):
    """A column of numbers whose decimal mark is open, or differs.

    ``readings`` has, for each value that shows it, its text and the number under each decimal mark it fits.
    """

    def __init__(self, before: str, readings: Sequence[tuple[str, Mapping[DecimalMark, str]]], after: str = "") -> None:
        super().__init__(before, "decimal", [(mark, "") for mark in DECIMAL_MARKS], after)
        self.readings = tuple(readings)


_SYMBOLS = "$€£¥₹₽₩₺₪₫₱₴₦฿₡₲₵₸₮₼₾"
CURRENCY_CODES = (
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd "
    "cad cdf chf clp cny cop crc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd "
    "gnf gtq gyd hkd hnl htg huf idr ils inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw kwd kyd kzt "
    "lak lbp lkr lrd lsl lyd mad mdl mga mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr "
    "nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sdg sek sgd shp sle sos srd ssp "
    "stn svc syp szl thb tjs tmt tnd top try ttd twd tzs uah ugx usd uyu uzs ves vnd vuv wst xaf xcd xof "
    "xpf yer zar zmw zwl"
)
_CURRENCY = rf"(?:[a-z]{{0,2}}[{_SYMBOLS}]|{'|'.join(CURRENCY_CODES.split())}|kr\.?|zł)"
_AMOUNT = re.compile(
    rf"(?:(?P<open>\()|{_CURRENCY} ?(?P<opened>\())?(?P<before>[-+])? ?(?:{_CURRENCY} ?)?(?P<inner>[-+])?"
    r"(?P<body>[0.,][0., ']*?)(?:e(?P<power_sign>[-+]?)(?P<power>00?0?))?"
    rf"(?: ?(?P<scale>k|m|mm|mn|b|bn))?(?: ?{_CURRENCY})?(?P<percent> ?%)?(?P<after>-)?(?(open)\))(?(opened)\))"
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

    ``known`` is false where a text is no number; ``percent``: it ends with ``%`` (not yet divided).
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
    kinds = list(texts_by_shape(distinct))
    if decimal is not None:
        return _read_under(decimal, kinds, len(distinct))
    readings = {mark: _read_under(mark, kinds, len(distinct)) for mark in DECIMAL_MARKS}
    return readings[_decimal_mark(distinct, readings, money=money)]


def _read_under(mark: DecimalMark, kinds: Iterable[TextsOfAShape], count: int) -> _Numbers:
    result = _Numbers.blank(count)
    for kind in kinds:
        amount = _AMOUNT.fullmatch(kind.shape)
        body = _BODIES[mark].fullmatch(amount["body"]) if amount else None
        if amount and body and (body["whole"] or body["part"]) and _signs(amount) <= 1:
            _read_kind(kind, amount, body, result)
    return result


def _signs(amount: re.Match[str]) -> int:
    return sum(amount[sign] is not None for sign in ("open", "opened", "before", "inner", "after"))


def _read_kind(kind: TextsOfAShape, amount: re.Match[str], body: re.Match[str], result: _Numbers) -> None:
    start = amount.start("body")
    whole, part = ((start + body.start(name), start + body.end(name)) for name in ("whole", "part"))
    size = (body["whole"] or "").count("0")
    kept = min(len(body["part"] or ""), _MOST_DIGITS - size)  # digits beyond these cannot change the rounding
    digits = kind.number(whole, (part[0], part[0] + kept))
    power = kind.number(amount.span("power")) * (-1 if amount["power_sign"] == "-" else 1)
    negative = amount["open"] or amount["opened"] or "-" in (amount["before"], amount["inner"], amount["after"])
    result.digits[kind.at] = -digits if negative else digits
    result.places[kind.at] = kept - _SCALES.get(amount["scale"], 0) - power
    result.percent[kind.at] = amount["percent"] is not None
    result.known[kind.at] = size <= _MOST_WHOLE_DIGITS
    if body["grouped"]:  # 0,123 never means 123
        result.known[kind.at] &= kind.letters[:, whole[0]] != ord("0")


_MOST_DIGITS = 18
_MOST_WHOLE_DIGITS = 15


def _decimal_mark(distinct: Texts, readings: Mapping[DecimalMark, _Numbers], *, money: bool) -> DecimalMark:
    """The decimal mark that every number fits. A text that fits none is bad and does not count."""
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
    if with_point or with_comma:
        mark: DecimalMark = "." if with_point else ","
        proofs = with_point or with_comma
        if money and (open_ones := _perhaps_thousands(distinct, proofs, either, mark)):
            raise _ambiguous_numbers([*map(reading, open_ones[:2]), reading(proofs[0])])
        return mark
    if not either:
        return "."
    # three decimals are not money, so 1,234 is a thousand and more; 1.234 may well be a computed amount
    if money and not any("." in distinct[one] for one in either):
        return "."
    raise _ambiguous_numbers([reading(one) for one in either[:3]])


def _perhaps_thousands(distinct: Texts, proofs: list[int], either: list[int], mark: DecimalMark) -> list[int]:
    """Amounts that look like thousands, as ``1,200`` does in a column with ``12,50``: one odd cell must not make a
    thousandth of all others. Amounts have no three decimals, unless some computed them: then others have three and
    more, too.

    Computed ones with a point are common, but have no zeros at their end.
    """
    behind = re.compile(rf"{re.escape(mark)}(\d+)(?!\d| ?[kmb])", re.IGNORECASE)

    def decimals(one: int) -> str:
        return match[1] if (match := behind.search(distinct[one])) else ""

    open_ones = [one for one in either if decimals(one)]
    if not open_ones or any(len(decimals(one)) > 2 for one in proofs):
        return []
    computed = mark == "." and not any(decimals(one).endswith("0") for one in open_ones)
    return [] if computed else open_ones


_MARK_NAMES: Mapping[DecimalMark, str] = {".": "point", ",": "comma"}


def _ambiguous_numbers(readings: Sequence[tuple[str, Mapping[DecimalMark, str]]]) -> AmbiguousNumbersError:
    shown = "; ".join(
        f"{text!r} is {'' if len(reading) > 1 else 'only '}"
        + " or ".join(f"{number} ({_MARK_NAMES[mark]})" for mark, number in reading.items())
        for text, reading in readings
    )
    return AmbiguousNumbersError(
        f"the decimal mark is a point or a comma: {shown}; ",
        readings,
    )


def _disagreeing_numbers(readings: Sequence[tuple[str, Mapping[DecimalMark, str]]]) -> AmbiguousNumbersError:
    points, commas = (text for text, _ in readings)
    return AmbiguousNumbersError(
        f"the numbers have different decimal marks: {points!r} has a point and {commas!r} a comma; "
        "correct them in the export, or ",
        readings,
        "; rows that do not fit are then rejected",
    )


def read_money(texts: Texts | TextColumn, *, decimal: DecimalMark | None) -> tuple[Ints, Bools, int]:
    """Read a column of amounts, exact to the cent.

    Known are signs before and behind, parentheses for negatives, currency symbols and ISO codes on either
    side (not interpreted), thousands parted by ``,`` ``.`` ``'`` or a space, and ``k``, ``M`` and ``B`` for
    powers of a thousand.

    Args:
        texts: object array of str, or a column of text; stripped, ``""`` is blank.
        decimal: the decimal mark; ``None`` finds out from the column.

    Returns:
        ``cents``: int64, :data:`~segxl.tables.contracts.NO_MONEY` where blank or bad. ``bad``: what is not blank and no
        amount, or is 10,000,000,000,000 and more. ``rounded``: how many rows had more than two decimals and
        were rounded, half away from zero; differences below a millionth of a cent do not count.

    Raises:
        AmbiguousNumbersError: ``decimal`` is ``None`` and the column shows neither, or both.
    """
    column = TextColumn.of(texts)
    if column.cents is not None and decimal != ",":  # with a comma, 12.5 is no amount
        return column.cents, np.zeros(len(column), dtype=bool), 0
    codes, distinct = column.codes, column.distinct
    cents, rounded = _cents(_read_distinct_numbers(distinct, decimal, money=True))
    bad = (cents == NO_MONEY) & (distinct != "")
    return cents[codes], bad[codes], int(rounded[codes].sum())


def _cents(numbers: _Numbers) -> tuple[Ints, Bools]:
    """Cents, :data:`~segxl.tables.contracts.NO_MONEY` without an amount, and whether rounding changed it."""
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


def read_numbers(texts: Texts | TextColumn, *, decimal: DecimalMark | None) -> tuple[NDArray[np.float64], Bools]:
    """Read a column of numbers, written in any way that :func:`read_money` knows; ``12%`` is 0.12.

    Returns:
        ``numbers``: float64, NaN where blank or bad. ``bad``: what is not blank and no number.

    Raises:
        AmbiguousNumbersError: ``decimal`` is ``None`` and the column shows neither, or both.
    """
    column = TextColumn.of(texts)
    codes, distinct = column.codes, column.distinct
    numbers = _read_distinct_numbers(distinct, decimal, money=False)
    values = _floats(numbers, numbers.places + 2 * numbers.percent)
    bad = ~numbers.known & (distinct != "")
    return values[codes], bad[codes]


def read_percents(
    texts: Texts | TextColumn, *, decimal: DecimalMark | None
) -> tuple[NDArray[np.float64], Bools, Bools]:
    """Read a column of percentages as fractions: ``65%`` is 0.65.

    Numbers without a ``%`` are percentages where one of them is above 1, as in ``65``; else they are
    fractions already. One above 100 is a slip and decides nothing: ``140`` among fractions.

    Returns:
        ``fractions``: float64 from 0 to 1, NaN where blank or bad. ``bad``: what is not blank and no number, or
        less than 0% or more than 100%, which no chance and no share is. ``odd``: numbers
        without a ``%`` that look like the other kind: 0.65 in a column with 40, or with 40%.

    Raises:
        AmbiguousNumbersError: ``decimal`` is ``None`` and the column shows neither, or both.
    """
    column = TextColumn.of(texts)
    codes, distinct = column.codes, column.distinct
    numbers = _read_distinct_numbers(distinct, decimal, money=False)
    plain = np.abs(np.where(numbers.percent, np.nan, _floats(numbers, numbers.places)))
    hundredths = bool(((plain > 1) & (plain <= 100)).any())
    values = _floats(numbers, numbers.places + 2 * (numbers.percent | hundredths))
    beyond = (values < 0) | (values > 1)
    values[beyond] = np.nan
    bad = (~numbers.known & (distinct != "")) | beyond
    odd = (plain > 0) & (plain < 1 if hundredths else (plain <= 1) & numbers.percent.any())
    return values[codes], bad[codes], odd[codes]


_POWERS = np.array([float(f"1e{power}") for power in range(23)])


def _floats(numbers: _Numbers, places: Ints) -> NDArray[np.float64]:
    """The floats nearest to ``digits / 10**places``; NaN without a number."""
    # a quotient of two exact floats is the nearest one; the others go the slow way
    exact = (np.abs(numbers.digits) < 2**53) & (places >= 0) & (places <= 22)
    values = numbers.digits / _POWERS[np.where(exact, places, 0)]
    for at in np.flatnonzero(~exact):
        values[at] = float(f"{numbers.digits[at]}e{-places[at]}")
    return np.where(numbers.known, values, np.nan)
