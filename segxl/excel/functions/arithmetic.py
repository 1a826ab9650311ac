"""The scorecard's arithmetic over plain cells: exact, with its rules for n/a."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from segxl.errors import SegxlError
from segxl.excel.functions.arguments import Grid, number_of
from segxl.excel.functions.broadcast import at, shape_of
from segxl.excel.functions.problems import Answer, NoValueError, error_value, in_a_cell, why_of

Exact = Fraction | None
"""A number as Excel shows it; None for a blank cell."""


def elementwise(work: Callable[..., Any], **grids: Grid) -> Answer:
    """The results of ``work`` for the cells of ranges in parallel; an exception becomes an error value with its
    sentence."""
    rows, columns = shape_of(grids)
    reasons: dict[tuple[int, int], str] = {}
    cells = []
    for row in range(rows):
        line: list[Any] = []
        for column in range(columns):
            try:
                line.append(work(**{name: at(grid, row, column) for name, grid in grids.items()}))
            except SegxlError as error:
                line.append(error_value(error))
                reasons[row, column] = in_a_cell(error)
        cells.append(line)
    return Answer(cells, why_of(reasons))


def over_numbers(work: Callable[..., Fraction], *, blank: Exact = Fraction(0), **grids: Grid) -> Answer:
    """The result of ``work`` on exact numbers; a blank cell counts as ``blank``."""

    def worked(**values: Any) -> float:
        result = work(**{name: _exact(value, name, blank) for name, value in values.items()})
        return result.numerator / result.denominator

    return elementwise(worked, **grids)


def _exact(value: Any, name: str, blank: Exact) -> Exact:
    """The number that a cell shows, digit by digit: 0.1 is a tenth, and not the nearest binary fraction."""
    found = number_of(value, name)
    return blank if found is None else Fraction(Decimal(repr(found)))


def divided(numerator: Fraction, denominator: Fraction, what: str) -> Fraction:
    """A ratio; a zero denominator is n/a.

    Raises:
        NoValueError: the denominator is zero.
    """
    if not denominator:
        raise NoValueError(f"{what} is n/a: the denominator is zero")
    return numerator / denominator
