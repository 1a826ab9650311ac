"""Strict readers of text columns: dates, amounts, numbers, percentages, months, flags.

A reader looks at the whole column before it reads a cell. Another value may decide an ambiguous one (is ``05/03/2026``
in March or in May?); if none does, the column is refused with both meanings, and the settings decide. Cells that cannot
be read are marked bad, never guessed and never blank.

Each distinct text is read once, and texts of one *shape* (``00-mar-0000``, every digit a zero) are read
together by their positions: a column of millions of timestamps has a handful of shapes.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from segxl.periods import MONTH_NUMBERS, NEVER, months_of
from segxl.sources.values.date_order import DATE_ORDERS, AmbiguousDatesError, DateOrder
from segxl.sources.values.dates import MONTH, NO_ORDER, DateStyle, read_dates
from segxl.sources.values.flags import read_flags
from segxl.sources.values.numbers import (
    DECIMAL_MARKS,
    AmbiguousNumbersError,
    DecimalMark,
    read_money,
    read_numbers,
    read_percents,
)
from segxl.sources.values.shapes import Bools
from segxl.tables.text_column import TextColumn, Texts

__all__ = [
    "DATE_ORDERS",
    "DECIMAL_MARKS",
    "NO_ORDER",
    "AmbiguousDatesError",
    "AmbiguousNumbersError",
    "DateOrder",
    "DecimalMark",
    "read_dates",
    "read_flags",
    "read_money",
    "read_months",
    "read_numbers",
    "read_percents",
]

_MONTH_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d\d?)",
        r"(?P<year>\d{4})(?P<month>\d\d)",
        r"(?P<month>\d\d?)[-/.](?P<year>\d{4})",
        MONTH + r"[-/ ,]{0,2}(?P<year>\d{4}|'?\d\d)",
        r"(?P<year>\d{4})[-/ ]?" + MONTH,
    )
)


def read_months(
    texts: Texts | TextColumn,
    *,
    order: DateOrder | None = None,
    timezone: str = "UTC",
    style: DateStyle | None = None,
    of_days: bool = False,
) -> tuple[NDArray[np.int32], Bools]:
    """Read a column of months: ``2017-10``, ``201710``, ``10/2017``, ``Oct 2017``, ``Oct-17``, or any date of
    the month.

    Args:
        texts: object array of str, or a column of text; stripped, ``""`` is blank.
        order, timezone, style, of_days: as for :func:`read_dates`.

    Returns:
        ``months``: int32 months since 1970-01, :data:`~segxl.periods.NEVER` where blank or bad. ``bad``: what
        is not blank and no month.

    Raises:
        AmbiguousDatesError: as :func:`read_dates`.
    """
    column = TextColumn.of(texts)
    codes, distinct = column.codes, column.distinct
    months = np.array([_month(text) for text in distinct], dtype=np.int32)
    rest = months == NEVER
    days, _, _ = read_dates(distinct[rest], order=order, timezone=timezone, style=style, of_days=of_days)
    months[rest] = months_of(days)
    bad = (months == NEVER) & (distinct != "")
    return months[codes], bad[codes]


def _month(text: str) -> int:
    """The month number of a text with only a month, else :data:`~segxl.periods.NEVER`."""
    for form in _MONTH_FORMS:
        if match := form.fullmatch(text.lower()):
            parts = match.groupdict()
            year = int(parts["year"].lstrip("'"))
            if len(parts["year"]) < 4:
                year += 2000 if year <= 68 else 1900
            month = MONTH_NUMBERS[parts["name"]] if parts.get("name") else int(parts["month"])
            if year >= 1900 and 1 <= month <= 12:
                return (year - 1970) * 12 + month - 1
    return NEVER
