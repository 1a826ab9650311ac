"""Sheets with a column for each month: finance's MRR sheet, a budget, a plan. Each filled cell becomes a row."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from segxl.errors import SegxlError, UnsetError
from segxl.messages import counted, listed
from segxl.periods import MONTH_NUMBERS, NEVER
from segxl.sources.files.files import RawTable
from segxl.sources.formats.model import Format, Header, RowsSeen, Shaped, made, take, with_columns, without_columns
from segxl.sources.values.date_order import DATE_ORDERS, AmbiguousDatesError
from segxl.sources.values.dates import DateStyle
from segxl.sources.values.numbers import CURRENCY_CODES
from segxl.sources.values.readers import read_months
from segxl.tables.contracts import CONTRACTS, PLACEHOLDERS, Texts

VALUE_OF: Mapping[str, str] = {"revenue": "mrr", "costs": "amount", "targets": "value", "fx_rates": "rate"}
"""The column of a table that a sheet with a column for each month has in its cells."""

_WORDS: Mapping[str, str] = {
    "revenue": "mrr|monthly recurring revenue|recurring revenue|revenue|amount",
    "costs": "costs?|spend|spent|amount|actuals?",
    "targets": "targets?|plan|budget|value",
    "fx_rates": "rates?|fx",
}
"""Words before or after a month in a header: the values that the column has."""

_NAMES = """
    1 januar jänner janvier janv jan enero ene gennaio gen janeiro januari styczeń sty
    2 februar feb février févr fév febrero febbraio fevereiro fev februari luty
    3 märz mär mrz mars marzo mar março maart mrt marzec
    4 april apr avril avr abril abr aprile kwiecień kwi
    5 mai mayo may maggio mag maio mei maj
    6 juni jun juin junio giugno giu junho czerwiec cze
    7 juli jul juillet juil julio luglio lug julho lipiec lip
    8 august aug août aoû agosto ago augustus sierpień sie
    9 september sep sept septembre septiembre settembre set setembro wrzesień wrz
    10 oktober okt oct octobre octubre ottobre ott outubro out październik paź
    11 november nov novembre noviembre novembro listopad lis
    12 dezember dez décembre déc diciembre dic dicembre dezembro december grudzień gru
    """
"""Names of months in German, French, Spanish, Italian, Portuguese, Dutch and Polish, behind the month's number."""


def _all_names() -> dict[str, int]:
    names = dict(MONTH_NUMBERS)
    for line in _NAMES.strip().split("\n"):
        number, *words = line.split()
        names |= {word: int(number) for word in words}
    return names


_MONTHS = _all_names()
_UNIT = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]$")
_CODE = re.compile(rf"(?:{'|'.join(CURRENCY_CODES.split())})", re.IGNORECASE)
_SIGNS: Mapping[str, str] = {"€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₺": "TRY", "zł": "PLN"}
"""Signs of exactly one currency; a dollar or a yen sign may mean several."""
_NAMED = re.compile(
    r"(?:(?P<day>\d\d?)[-./ ]+)?(?P<name>[^\W\d_]{3,})\.?[-_/ ,.]*(?P<year>\d{4}|'?\d\d)"
    r"|(?P<year2>\d{4})[-_/ ,.]*(?P<name2>[^\W\d_]{3,})\.?"
)
_NUMBERED = re.compile(r"(?P<year>\d{4})(?:_| ?m ?|年 ?)(?P<month>\d\d?)月?|m(?P<month2>\d\d?)[ _-](?P<year2>\d{4})")
_DATED = re.compile(
    r"\d{4}[-/.]?\d\d?(?:[-/.]\d\d?)?(?:[ t]00?:00(?::00)?)?|\d\d?[-/.]\d{4}|\d\d?[-/.]\d\d?[-/.]\d{2,4}"
)
_SERIAL = re.compile(r"\d{5}")
MONTH_HEADER = re.compile(
    r"\d{4}[-/._]?\d\d(?:[-/.]\d\d)?(?: 00:00:00)?|\d\d?[-/.]\d{4}"
    rf"|(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?[-_/ ]{{0,2}}(?:\d{{4}}|'?\d\d)",
    re.IGNORECASE,
)
"""Names of single-month columns in known exports."""
_MONTH_ALONE = re.compile(r"[^\W\d_]{3,}\.?")


def month_format(table: str, fed: Iterable[str], raw: RawTable, style: DateStyle) -> Format | None:
    """The change of shape for a file with a column per month and no other month or value; None for any other file.

    Args:
        table: the table that it feeds.
        fed: the contract's columns that the settings feed.
        raw: the file.
        style: how the file writes its dates.

    Raises:
        SegxlError: two columns are of one month, or the month of a column is unclear.
    """
    value = VALUE_OF.get(table, "")
    own = Header(raw.header)
    known = {*fed, *(name for name in ("month", value) if own.find(name))}
    if not value or known & {"month", value}:
        return None
    months = months_of_header(raw.header, table, style)
    if not months:
        return None
    columns = {"month": made("month"), value: made(value)}
    columns |= {"currency": f"Currency | {made('currency')}"} if _has_currency(table) else {}
    return Format(
        key="",
        name="one column per month",
        table=table,
        signature=(),
        columns=columns,
        reshape=lambda raw, reading: months_as_rows(raw, months, value, table),
    )


def months_of_header(header: Sequence[str], table: str, style: DateStyle | None = None) -> dict[str, str]:
    """The headers that are months, each with its month like ``2026-01``.

    Raises:
        SegxlError: two are of one month, or they can be read in two ways.
    """
    plain = {name: _plain(name, table) for name in header}
    found: dict[str, str] = {}
    dated: dict[str, str] = {}
    for name, text in plain.items():
        if month := _named_month(text):
            found[name] = month
        elif _DATED.fullmatch(text) or _SERIAL.fullmatch(text):
            dated[name] = text
    found |= _dated_months(dated, style or DateStyle())
    months = {name: found[name] for name in header if name in found}
    _refuse_twice(months)
    return months


def months_as_rows(raw: RawTable, months: Mapping[str, str], value: str, table: str) -> Shaped:
    """A row for each month in which a row of the file has a value. Blank cells and words for nothing give no row."""
    columns = [raw.texts(name).changed(_blank_words) for name in months]
    nothing = sum(
        int((raw.texts(name).cells != column.cells).sum()) for name, column in zip(months, columns, strict=True)
    )
    cells = np.stack([column.cells for column in columns], axis=1)
    rows, places = np.nonzero(cells != "")
    headers: Texts = np.array([*months, ""], dtype=object)[places]
    made_columns: dict[str, Texts] = {
        "month": np.array([*months.values(), ""], dtype=object)[places],
        value: cells[rows, places],
    }
    units = [_currency_of(name) for name in months]
    if any(units) and not Header(raw.header).find("Currency"):
        made_columns["currency"] = np.array([*units, ""], dtype=object)[places]
    shaped = with_columns(take(without_columns(raw, months), rows), **made_columns)
    first, last = min(months.values()), max(months.values())
    blank = cells.size - len(rows)
    note = (
        f"{counted(len(months), 'column is a month', 'columns are months')} ({first} to {last}): "
        f"{counted(len(raw), 'row has', 'rows have')} {counted(len(rows), 'value')}, each a row of {table}"
    )
    note += f"; {counted(blank, 'blank cell')} ignored" if blank else ""
    note += f", including {nothing:,} with a word like n/a" if nothing else ""
    seen = _gaps(months.values(), table)
    return Shaped(shaped, notes=(note,), origins={"month": headers, value: headers}, seen=seen)


def _gaps(months: Iterable[str], table: str) -> tuple[RowsSeen, ...]:
    """The note about months of costs without a column between others: they would count as 0. Of revenue the rows say
    it, as in a file with a row for each month."""
    numbers = {12 * int(month[:4]) + int(month[5:]) - 1 for month in months}
    missing = [f"{at // 12}-{at % 12 + 1:02}" for at in range(min(numbers), max(numbers)) if at not in numbers]
    if not missing or table != "costs":
        return ()
    said = f"There is no column for {listed(missing, 6)}, so {table} are 0 in these months"
    nobody, nothing = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=object)
    fix = "Add the column, or correct its header if the file has it under another name"
    return (RowsSeen(said, said, fix, nobody, nothing),)


def _blank_words(text: str) -> str:
    return "" if text.casefold() in PLACEHOLDERS else text


def months_without_year(header: Sequence[str]) -> list[str]:
    """Headers that name a month and no year, where there are three or more of them."""
    named = [name for name in header if _MONTH_ALONE.fullmatch(name) and name.casefold().rstrip(".") in _MONTHS]
    return named if len(named) > 2 else []


def _plain(header: str, table: str) -> str:
    """A header in small letters, without the word for its values and their currency."""
    text = header.casefold().strip()
    if unit := _UNIT.search(text):
        currency = _has_currency(table) and _is_currency(unit[1])
        again = unit[1].isdecimal()  # the second column of one name
        if currency or again or re.fullmatch(_WORDS.get(table, "(?!)"), unit[1]):
            text = text[: unit.start()]
    words = _WORDS.get(table)
    if not words:
        return text
    money = rf"{_CODE.pattern}|[$€£¥]" if _has_currency(table) else "(?!)"
    text = re.sub(
        rf"^(?:(?:{words}|{money})[\s_:-]+)+|(?:[\s_:-]+(?:{words}|{money}))+$", "", text, flags=re.IGNORECASE
    )
    return text.strip()


def _has_currency(table: str) -> bool:
    return any("currency" in contract.names for contract in CONTRACTS[table])


def _is_currency(text: str) -> bool:
    return bool(_CODE.fullmatch(text.strip())) or text.strip() in (*_SIGNS, "$", "¥")


def _currency_of(header: str) -> str:
    """The currency that a header names; blank where it names none."""
    words = re.split(r"[\s_()\[\]:-]+", header)
    codes = [word.upper() for word in words if _CODE.fullmatch(word)]
    return codes[0] if codes else next((code for sign, code in _SIGNS.items() if sign in header.casefold()), "")


def _named_month(text: str) -> str:
    if match := _NAMED.fullmatch(text):
        number = _MONTHS.get(match["name"] or match["name2"], 0)
        year = (match["year"] or match["year2"]).lstrip("'")
        day = int(match["day"] or 1)
        year = year if len(year) == 4 else f"20{year}"
        return f"{year}-{number:02}" if number and 0 < day <= 31 else ""
    if match := _NUMBERED.fullmatch(text):
        month = int(match["month"] or match["month2"])
        return f"{match['year'] or match['year2']}-{month:02}" if 0 < month < 13 else ""
    return ""


def _dated_months(dated: Mapping[str, str], style: DateStyle) -> dict[str, str]:
    """Headers that are dates, serial numbers of dates, or months in digits."""
    serials = {name: text for name, text in dated.items() if _SERIAL.fullmatch(text)}
    found = {name: month for name, text in serials.items() if (month := _of_serial(text, style))}
    if len(found) < len(serials) or len(found) < 3:
        found = {}
    rest = {name: text for name, text in dated.items() if name not in serials}
    if not rest:
        return found
    texts = np.array(list(rest.values()), dtype=object)
    try:
        numbers, bad = read_months(texts, style=style, of_days=True)
    except AmbiguousDatesError:
        numbers, bad = _in_one_way(texts)
    for name, number, wrong in zip(rest, numbers.tolist(), bad.tolist(), strict=True):
        if not wrong and number != NEVER and 1990 <= 1970 + number // 12 <= 2100:
            found[name] = f"{1970 + number // 12}-{number % 12 + 1:02}"
    return found


def _of_serial(text: str, style: DateStyle) -> str:
    """The month that begins or ends on the day of a serial number."""
    day = date(1904, 1, 1) if style.from_1904 else date(1899, 12, 30)
    day += timedelta(days=int(text))
    ends = day.day in (1, monthrange(day.year, day.month)[1])
    return f"{day:%Y-%m}" if ends and 2000 <= day.year <= 2100 else ""


def _in_one_way(texts: Texts) -> tuple[np.ndarray, np.ndarray]:
    """Headers like 1/2/2026, if each is another month under each order of dates."""
    ways = [read_months(texts, style=DateStyle(order=order), of_days=True) for order in DATE_ORDERS]
    distinct = [way for way in ways if not way[1].any() and len(set(way[0].tolist())) == len(texts)]
    if len(distinct) != 1:
        raise UnsetError(
            f"has columns like {texts[0]!r}, which are ambiguous: write them like 2026-01, or ",
            "dates",
            [(order, "") for order in DATE_ORDERS if order != "year-first"],
        )
    return distinct[0]


def _refuse_twice(found: Mapping[str, str]) -> None:
    by_month: dict[str, list[str]] = {}
    for name, month in found.items():
        by_month.setdefault(month, []).append(name)
    for month, names in by_month.items():
        if len(names) > 1:
            raise SegxlError(
                f"has {counted(len(names), 'column')} for {month}: {', '.join(map(repr, names))}; keep one, so that "
                "nothing counts twice"
            )
