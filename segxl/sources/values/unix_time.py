"""Unix time: whole columns of seconds, milliseconds, microseconds or nanoseconds since 1970, in UTC.

A number of 10, 13, 16 or 19 digits names a moment from 2001-09-09 on. It is one only where every other date of its
column is Unix time of the same unit: ids and telephone numbers look alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segxl.sources.values.shapes import Ints, TextsOfAShape
from segxl.tables.text_column import Texts

_DIGITS = r"0{10}|0{13}|0{16}|0{19}"
UNIX_TIME = re.compile(rf"(?P<whole>{_DIGITS})(?:\.0+)?|0\.0{{6,}}e\+?00")
"""The shapes of Unix time: digits, and large numbers as programs write them. ``1.76878E+12``, as Excel shows one, has
lost its day."""

_UNITS = (1, 10**3, 10**6, 10**9)
_FIRST, _LAST = 10**9, 4_102_444_800
"""2001-09-09, and the end of 2099, in seconds: no business date is later."""


def looks_like_unix_time(text: str) -> bool:
    """Whether a text may be Unix time, also one that lost digits."""
    shape = re.sub(r"[0-9]", "0", text.lower())
    return re.fullmatch(rf"(?:{_DIGITS})(?:\.0+)?|0(?:\.0+)?e\+?00", shape) is not None


def unix_seconds(kinds: Sequence[TextsOfAShape], distinct: Texts) -> tuple[NDArray[np.intp], Ints]:
    """The texts that are Unix time, by their place among the distinct ones, and their seconds since 1970.

    Nothing where they are of several units, or where all can be read as ``2026103114``, a day with its hour.
    """
    at = np.concatenate([kind.at for kind in kinds])
    numbers = np.concatenate([_numbers(kind, distinct) for kind in kinds])
    units = [unit for unit in _UNITS if ((numbers >= _FIRST * unit) & (numbers < 10 * _FIRST * unit)).any()]
    if len(units) != 1 or _days_with_hours(numbers):
        return at[:0], numbers[:0]
    seconds = numbers // units[0]
    plausible = (seconds >= _FIRST) & (seconds < _LAST)
    return at[plausible], seconds[plausible]


def _numbers(kind: TextsOfAShape, distinct: Texts) -> Ints:
    match = UNIX_TIME.fullmatch(kind.shape)
    if match and match["whole"]:
        return kind.number(match.span("whole"))
    return np.array([int(float(text)) for text in distinct[kind.at]], dtype=np.float64).astype(np.int64)


def _days_with_hours(numbers: Ints) -> bool:
    year, month, day, hour = (numbers // 10**6, numbers // 10**4 % 100, numbers // 100 % 100, numbers % 100)
    fits = (year >= 1990) & (year < 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (hour < 24)
    return bool(fits.all())
