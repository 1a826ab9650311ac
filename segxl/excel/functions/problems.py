"""Answers without a number: Excel's own errors as text, and the sentence behind them.

Python cannot return an error to a cell. A function returns its text, and the VBA wrapper makes the error of it
(``CVErr``), in single cells and in arrays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from segxl.errors import SegxlError

NOT_AVAILABLE = "#N/A"
"""No number is available: n/a or N/M."""
WRONG = "#VALUE!"
"""An argument is wrong."""

Cells = list[list[Any]]
Why = Callable[[int, int], str]
"""The reason behind the cell in a row and a column of an answer, both from 0; blank where there is none."""


class NoValueError(SegxlError):
    """No number is available; the cell shows ``#N/A``."""


class BadArgumentError(SegxlError):
    """An argument is wrong; the cell shows ``#VALUE!``."""


@dataclass(frozen=True)
class Answer:
    """An answer of a function: its cells, and the reasons of those that have an error or are blank."""

    cells: Cells
    why: Why | None = None


def one(value: object) -> Answer:
    """A single value."""
    return Answer([[value]])


def in_excel(value: Any) -> Any:
    """A value as a cell takes it. Whole numbers go as floats, as Excel's own: beyond 32 bits COM hands Python's over in
    a type that 32-bit Excel does not have."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def failed(error: SegxlError) -> Answer:
    """A single error with its sentence."""
    return Answer([[error_value(error)]], why_of({(0, 0): in_a_cell(error)}))


def error_value(error: SegxlError) -> str:
    """The error that a cell shows."""
    return NOT_AVAILABLE if isinstance(error, NoValueError) else WRONG


def why_of(reasons: Mapping[tuple[int, int], str]) -> Why | None:
    """The reasons of an answer by row and column; None if there are none."""
    return (lambda row, column: reasons.get((row, column), "")) if reasons else None


def in_a_cell(error: SegxlError) -> str:
    """An error's sentence on one line, without what only the command line offers."""
    text = " ".join(str(error).split())
    return re.sub(r"(?<!\S)--(?=[a-z])", "", re.sub(r",? or add --allow-partial[^;]*", "", text))
