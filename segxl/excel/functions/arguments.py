"""Arguments as people type them, and as Excel hands them over: text, dates, numbers, flags, blanks, ranges, errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from segxl.errors import SegxlError
from segxl.excel.functions.problems import BadArgumentError, NoValueError
from segxl.periods import Fiscal, Period, month_label, month_period, parse_period, parse_span, to_month

Grid = list[list[Any]]

_FIRST_DAY, _LAST_DAY = 18264, 73050
"""Excel's numbers of 1950-01-01 and 2099-12-31: a formula hands a date over as its number."""
_ERROR = re.compile(r"#(N/A|VALUE!|REF!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)")
_EXAMPLES = "write a month as 2026-10 or Oct 2026, a quarter as 2026-Q3, or point to a cell with a date"


def grid_of(value: Any) -> Grid:
    """An argument as rows of cells: a single value is one cell."""
    if isinstance(value, list | tuple):
        rows = [list(row) if isinstance(row, list | tuple) else [row] for row in value]
        return rows if rows and rows[0] else [[None]]
    return [[value]]


def single(value: Any, name: str) -> Any:
    """The one value of an argument that takes one.

    Raises:
        BadArgumentError: it is a range of several cells.
    """
    rows = grid_of(value)
    if len(rows) > 1 or len(rows[0]) > 1:
        raise BadArgumentError(f"{name} takes one cell, not {len(rows)} × {len(rows[0])}")
    return rows[0][0]


def cells_of(value: Any) -> Iterator[Any]:
    """The cells of an argument that are not blank, row by row."""
    for row in grid_of(value):
        yield from (cell for cell in row if not is_blank(cell))


def is_blank(value: Any) -> bool:
    """Whether a cell is empty."""
    return value is None or (isinstance(value, str) and not value.strip())


def text_of(value: Any, name: str) -> str:
    """A value as text, blank for a blank cell. Numbers are written as Excel shows them: ``2026``, not ``2026.0``.

    Raises:
        NoValueError: it is ``#N/A``.
        BadArgumentError: it is another error.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        found = value.strip()
        if found[:1] == "#" and _ERROR.fullmatch(found):
            said = f"{name} is {found}: fix that cell first (SEGXL_WHY says why, if segxl made it)"
            raise NoValueError(said) if found == "#N/A" else BadArgumentError(said)
        return found
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


def flag_of(value: Any, name: str) -> bool | None:
    """A yes or no; None for a blank cell.

    Raises:
        BadArgumentError: it is neither.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    word = text_of(value, name).casefold()
    if not word:
        return None
    if word in ("true", "yes", "y", "1"):
        return True
    if word in ("false", "no", "n", "0"):
        return False
    raise BadArgumentError(f"{name} is {value!r}: write TRUE or FALSE")


def number_of(value: Any, name: str) -> float | None:
    """A number; None for a blank cell.

    Raises:
        NoValueError: it is ``#N/A``.
        BadArgumentError: it is text, a flag, a date or another error.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if is_blank(value):
        return None
    word = text_of(value, name)
    raise BadArgumentError(f"{name} is {word!r}: it should be a number")


def period_of(value: Any, fiscal: Fiscal) -> Period | None:
    """A month or a fiscal quarter; None for a blank cell.

    ``2026-10``, ``Oct 2026``, ``10/2026``, any day of the month as a date, ``2026-Q3``, ``Q3 2026``, ``FY26 Q3``.
    Years of quarters are fiscal years.

    Raises:
        NoValueError, BadArgumentError: it is none of these.
    """
    if is_blank(value):
        return None
    day = _day(value)
    if day is not None:
        return month_period(to_month(day))
    word = text_of(value, "period")
    try:
        return parse_period(word, fiscal)
    except SegxlError:
        raise BadArgumentError(f"period is {word!r}: {_EXAMPLES}") from None


def span_of(value: Any, name: str, fiscal: Fiscal) -> str | None:
    """A timeframe of the report as :func:`segxl.periods.parse_span` reads it; None for a blank cell.

    What :func:`period_of` reads, and ``2026-07..2026-09`` or ``2026-W41``; a quarter is its three months. Other words
    come back as they are: they may name a timeframe.
    """
    if is_blank(value):
        return None
    day = _day(value)
    if day is not None:
        return month_label(to_month(day))
    word = text_of(value, name)
    try:
        return parse_span(word).label
    except SegxlError:
        pass
    try:
        period = parse_period(word, fiscal)
    except SegxlError:
        return word
    first, last = month_label(period.first), month_label(period.last)
    return first if first == last else f"{first}..{last}"


def _day(value: Any) -> date | None:
    """The date in a date cell, or of a date's number; None if the value is not a date."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if _FIRST_DAY <= value <= _LAST_DAY:
            return date(1899, 12, 30) + timedelta(days=int(value))
        if value == int(value) and 1950 <= value // 100 <= 2099 and 1 <= value % 100 <= 12:
            return date(int(value // 100), int(value % 100), 1)
    return None
