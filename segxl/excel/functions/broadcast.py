"""Ranges side by side, as Excel calculates with them: a single cell, a row or a column is repeated as needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segxl.excel.functions.arguments import Grid
from segxl.excel.functions.problems import BadArgumentError

MOST_CELLS = 1_000_000
"""Cells that one call answers: a whole column of a sheet fits, two crossed ones do not."""


def shape_of(grids: Mapping[str, Grid]) -> tuple[int, int]:
    """Rows and columns of the answer: a column of metrics and a row of periods make a table.

    Excel fills what does not fit with ``#N/A``. Here sizes that differ are refused: an answer that is right in some
    rows only is worse than none.

    Raises:
        BadArgumentError: two arguments have different numbers of rows (or columns), and neither has one; or the
            table has too many cells.
    """
    rows = _longest({name: len(grid) for name, grid in grids.items()}, "rows")
    columns = _longest({name: len(grid[0]) for name, grid in grids.items()}, "columns")
    if rows * columns > MOST_CELLS:
        raise BadArgumentError(f"{rows:,} × {columns:,} cells are too many: point to the cells that are filled")
    return rows, columns


def _longest(lengths: Mapping[str, int], what: str) -> int:
    several = {name: length for name, length in lengths.items() if length != 1}
    if len(set(several.values())) > 1:
        (one, first), (other, second) = _two_that_differ(several)
        raise BadArgumentError(
            f"{one} has {first:,} {what} and {other} has {second:,}: they should have as many, or one"
        )
    return next(iter(several.values()), 1)


def _two_that_differ(lengths: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    first = next(iter(lengths.items()))
    return first, next(pair for pair in lengths.items() if pair[1] != first[1])


def at(grid: Grid, row: int, column: int) -> object:
    """The cell of a repeated range."""
    line = grid[row if len(grid) > 1 else 0]
    return line[column if len(line) > 1 else 0]


def spread(grid: Grid, rows: int, columns: int) -> Grid:
    """A range repeated to a size."""
    lines = [line if len(line) == columns else line * columns for line in grid]
    return lines if len(lines) == rows else lines * rows
