"""Numbers of the scorecard for cells: each is computed once and then looked up by its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from segxl.errors import SegxlError
from segxl.excel.functions.arguments import Grid, is_blank, text_of
from segxl.excel.functions.broadcast import at, shape_of, spread
from segxl.excel.functions.datasets import Loaded
from segxl.excel.functions.problems import (
    NOT_AVAILABLE,
    Answer,
    BadArgumentError,
    error_value,
    in_a_cell,
    in_excel,
)
from segxl.scorecard.numbers import Number

NAMES = ("metric", "segment", "period", "view", "item")
_MOST_ANSWERS = 500_000


def metric_answer(loaded: Loaded, *given: Grid) -> Answer:
    """The numbers that five ranges ask for: metrics, segments, periods, views, items.

    A single blank segment or period means the default. In a range, a blank metric, segment or period gives a blank
    cell: spacer rows of a model stay blank.
    """
    grids = [_normal(grid) for grid in given]
    rows, columns = shape_of(dict(zip(NAMES, grids, strict=True)))
    answers = loaded.answers
    if rows == columns == 1:
        key = tuple(grid[0][0] for grid in grids)
        value = answers.get(key, _MISSING)
        if value is _MISSING:
            value = _kept(loaded, key)
        return Answer([[value]], (lambda _row, _column: _why(loaded, key)) if isinstance(value, str) else None)
    _expect(loaded, grids[1])
    cells: list[list[Any]] = []
    failing = False
    for lines in zip(*(spread(grid, rows, columns) for grid in grids), strict=True):
        line = []
        for key in zip(*lines, strict=True):
            if key[0] is None or key[1] is None or key[2] is None:
                value = ""
            else:
                value = answers.get(key, _MISSING)
                if value is _MISSING:
                    value = _kept(loaded, key)
            failing = failing or isinstance(value, str)
            line.append(value)
        cells.append(line)
    return Answer(cells, partial(_why_at, loaded, grids) if failing else None)


def _expect(loaded: Loaded, segments: Grid) -> None:
    """Tell the numbers which segments a range names; an unknown name is an error in its own cell."""
    names = []
    for cell in {cell for row in segments for cell in row if cell is not None}:
        with suppress(SegxlError):
            names.append(loaded.segment(cell))
    loaded.analysis.numbers.together(names)


def _normal(grid: Grid) -> Grid:
    """A grid with None in the blank cells of a range, and "" for a single blank.

    Flags become words: what Python takes for equal, 1 and TRUE, is asked for apart.
    """
    blank = None if len(grid) > 1 or len(grid[0]) > 1 else ""
    return [
        [blank if is_blank(cell) else str(cell).upper() if isinstance(cell, bool) else cell for cell in row]
        for row in grid
    ]


_MISSING = object()


def _kept(loaded: Loaded, key: tuple[Any, ...]) -> Any:
    """Compute the answer to new arguments and keep it."""
    try:
        number = _number(loaded, key)
        value: Any = NOT_AVAILABLE if number.value is None else in_excel(number.value)
    except SegxlError as error:
        value = error_value(error)
    if len(loaded.answers) >= _MOST_ANSWERS:
        loaded.answers.clear()
    loaded.answers[key] = value
    return value


def _number(loaded: Loaded, key: tuple[Any, ...]) -> Number:
    metric, view, item = (text_of(key[at], NAMES[at]) for at in (0, 3, 4))
    segment = loaded.segment(key[1])
    if not metric:
        raise BadArgumentError("metric is blank: SEGXL_METRICS lists the metrics")
    period = loaded.period(key[2])
    return loaded.analysis.numbers.number(metric.casefold(), segment, period, view, item)


def _why(loaded: Loaded, key: tuple[Any, ...]) -> str:
    """The sentence behind an answer that is an error; blank for a number."""
    try:
        return _number(loaded, key).reason
    except SegxlError as error:
        return in_a_cell(error)


def _why_at(loaded: Loaded, grids: Sequence[Grid], row: int, column: int) -> str:
    rows, columns = shape_of(dict(zip(NAMES, grids, strict=True)))
    if row >= rows or column >= columns:
        return ""
    key = tuple(at(grid, row, column) for grid in grids)
    blank = [name for name, value in zip(NAMES[:3], key[:3], strict=True) if value is None]
    return f"{blank[0]} is blank in this row or column" if blank else _why(loaded, key)
