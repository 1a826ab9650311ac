"""The places of charts on a sheet, to detect overlaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from segxl.pages.model import Chart, Page
from segxl.render.xlsx.excel_values import columns_cm

_SLACK = 0.3
"""Centimetres that may overlap: Excel and LibreOffice measure columns a little differently."""

_COLUMN = 9.0
"""A column without a width of its own, in characters."""


class _Box(NamedTuple):
    """A rectangle on a sheet, in centimetres from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > _SLACK and down > _SLACK


def covered_by_charts(page: Page, widths: Sequence[float], height: Callable[[int], float]) -> tuple[int, int]:
    """The last row and the last column with a part of a chart; (0, 0) without charts.

    ``widths`` and ``height`` as in :func:`hidden_by_charts`.
    """
    boxes = [_chart_box(chart, widths, height) for chart in page.charts]
    right, bottom = max((box.right for box in boxes), default=0), max((box.bottom for box in boxes), default=0)
    row, down = 0, _SLACK
    while down < bottom:
        row += 1
        down += _cm(height(row))
    column = 0
    while columns_cm([*widths, *[_COLUMN] * column][:column]) + _SLACK < right:
        column += 1
    return row, column


def hidden_by_charts(page: Page, widths: Sequence[float], height: Callable[[int], float]) -> Iterator[str]:
    """Says which charts lie over another chart or over cells with values.

    ``widths`` are the columns' in characters, ``height`` gives a row's in points.
    """
    if not page.charts:
        return
    boxes = [(chart, _chart_box(chart, widths, height)) for chart in page.charts]
    for (one, box), (other, further) in combinations(boxes, 2):
        if box.meets(further):
            yield f"the charts {one.title!r} and {other.title!r} overlap"
    for chart, box in boxes:
        if _hides_values(box, page, widths, height):
            yield f"the chart {chart.title!r} lies over cells with values"


def _chart_box(chart: Chart, widths: Sequence[float], height: Callable[[int], float]) -> _Box:
    left = columns_cm(widths[: chart.column - 1])
    top = sum(_cm(height(row)) for row in range(1, chart.row)) + chart.down
    return _Box(left, top, left + chart.width, top + chart.height)


def _hides_values(box: _Box, page: Page, widths: Sequence[float], height: Callable[[int], float]) -> bool:
    top = 0.0
    for number, row in enumerate(page.rows, 1):
        bottom = top + _cm(height(number))
        for column, cell in enumerate(row.cells, 1):
            if cell is not None and cell.value not in (None, ""):
                left = columns_cm(widths[: column - 1])
                right = columns_cm(widths[: column - 1 + cell.span])
                if box.meets(_Box(left, top, right, bottom)):
                    return True
        top = bottom
    return page.records is not None and top < box.bottom - _SLACK


def _cm(points: float) -> float:
    return points / 72 * 2.54
