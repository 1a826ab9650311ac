"""A value as Excel shows it, in plain text: for pages that are not workbooks.

Understands the number formats that ``segxl.units`` and the charts write: up to three sections, digits with grouping
and decimals, percent, thousands omitted, words in quotes, years, months and days.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from math import isfinite
from typing import NamedTuple

from segxl.errors import SegxlError
from segxl.render.xlsx.excel_values import clean_text
from segxl.units import DATE, TEXT, Unit

_TOKENS = re.compile(r'"(?P<words>[^"]*)"|\\(?P<one>.)|(?P<digits>[#0][#0,.]*)|(?P<day>y+|m+|d+)|(?P<sign>.)')
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_ZERO = date(1899, 12, 30)
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)  # the largest float has 309 digits
_GENERAL_WIDTH = 11  # characters that Excel gives a number without a format
_DAYS: dict[str, Callable[[date], str]] = {
    "yyyy": lambda day: f"{day.year:04d}",
    "yy": lambda day: f"{day.year % 100:02d}",
    "mmm": lambda day: MONTH_NAMES[day.month - 1],
    "mm": lambda day: f"{day.month:02d}",
    "m": lambda day: str(day.month),
    "dd": lambda day: f"{day.day:02d}",
    "d": lambda day: str(day.day),
}


class Shown(NamedTuple):
    """What a cell shows. ``number``: a number, not words or a date."""

    text: str
    number: bool = False


@dataclass(frozen=True)
class _Section:
    """One section of a format: parts of text, with ``None`` where the digits go."""

    parts: tuple[str | None, ...]
    days: tuple[str, ...]
    whole: int
    decimals: int
    grouped: bool
    power: int

    def number(self, size: Decimal) -> str:
        """A number without its sign."""
        digits = ""
        if None in self.parts:
            rounded = _EXACT.quantize(_EXACT.scaleb(size, Decimal(self.power)), Decimal(1).scaleb(-self.decimals))
            digits = f"{rounded:,f}" if self.grouped else f"{rounded:f}"
            digits = digits.rjust(self.whole + bool(self.decimals) + self.decimals, "0")
        return "".join(digits if part is None else part for part in self.parts)

    def day(self, day: date) -> str:
        return "".join(_DAYS[part](day) if part in _DAYS else part for part in self.days)


def shown(value: object, unit: Unit) -> Shown:
    """``value`` as a workbook's cell with the unit's format shows it; nothing for ``None``.

    Raises:
        SegxlError: the value is NaN, infinite, or of a kind that no cell holds.
    """
    if value is None:
        return Shown("")
    if isinstance(value, str):
        return Shown(clean_text(value.replace("\r\n", "\n").replace("\r", "\n")))
    if type(value).__module__ == "numpy":
        return shown(getattr(value, "item", value.__str__)(), unit)
    if isinstance(value, bool):
        return Shown(str(value).upper())
    if isinstance(value, date) and value == value:  # pandas' NaT is a date that differs from itself
        return Shown(_day(value, unit.excel))
    if isinstance(value, (int, float)) and isfinite(value):
        return show_number(value, unit.excel)
    raise SegxlError(f"a cell cannot contain {value!r} ({type(value).__name__})")


def show_number(value: int | float, number_format: str) -> Shown:
    """A number in one of Excel's formats, rounded like Excel: half away from zero, by its 15 digits."""
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    if number_format in (TEXT.excel, "General"):
        return Shown(_general(exact), number=True)
    sections = _sections(number_format)
    if sections[0].days:
        return Shown(_day(_DAY_ZERO + timedelta(days=int(exact)), number_format))
    if exact > 0 or (exact == 0 and len(sections) < 3):
        section, sign = sections[0], ""
    elif exact < 0:
        section, sign = (sections[1], "") if len(sections) > 1 else (sections[0], "-")
    else:
        section, sign = sections[2], ""
    return Shown(sign + section.number(abs(exact)), number=True)


def _day(day: date, number_format: str) -> str:
    sections = _sections(number_format if number_format.startswith(("y", "m", "d")) else DATE.excel)
    return sections[0].day(day.date() if isinstance(day, datetime) else day)


def _general(exact: Decimal) -> str:
    """A number without a format: as many decimals as fit Excel's eleven characters."""
    room = max(_GENERAL_WIDTH - 1 - len(str(abs(int(exact)))), 0)
    text = f"{_EXACT.quantize(exact, Decimal(1).scaleb(-room)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=256)
def _sections(number_format: str) -> tuple[_Section, ...]:
    """A format's sections; a semicolon in quotes is none."""
    return tuple(_section(part) for part in re.findall(r'(?:"[^"]*"|\\.|[^;"\\])+', number_format))


def _section(text: str) -> _Section:
    parts: list[str | None] = []
    days: list[str] = []
    digits, power = "", 0
    for token in _TOKENS.finditer(text):
        kind, found = token.lastgroup, token[token.lastgroup or 0]
        if kind == "digits":
            parts.append(None)
            digits = found
        elif kind == "day":
            days.append(found)
            continue
        else:
            parts.append(found)
            power += 2 * (kind == "sign" and found == "%")
        days.append(found)
    thousands = len(digits) - len(digits.rstrip(","))
    whole, _, decimals = digits.rstrip(",").partition(".")
    return _Section(
        tuple(parts),
        tuple(days) if any(part in _DAYS for part in days) and not digits else (),
        whole.count("0"),
        len(decimals),
        "," in whole,
        power - 3 * thousands,
    )
