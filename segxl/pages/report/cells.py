"""What the pages of the segment performance report have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Row
from segxl.periods import Span
from segxl.report.model import Number

WIDTHS = (23.0, *[11.5] * 7, 2.5, 27.0, 23.0, 18.0, 13.0)
"""Of the first page's columns: names, five states, the lowest state, the cohort; a gap; a list on the right."""
COLUMNS = len(WIDTHS)
LEFT = 8
"""Columns of the area on the left."""
RIGHT = LEFT + 2
"""The first column of the area on the right."""


def short_span(span: Span) -> str:
    """A timeframe's name in words."""
    return span.label.replace("..", " to ")


def number_cell(number: Number, style: str, lists: AccountLists) -> Cell:
    """A number with its link; grey if unavailable, with the reason where the renderer can show it."""
    if number.shown is None:
        return Cell("n/a", "muted", tip=number.why)
    return Cell(number.shown, style, number.unit, lists.link(number.accounts))


def greyed(missing: Sequence[tuple[str, str]], width: int = COLUMNS) -> Iterable[Row]:
    """The reasons of unavailable numbers, one line each."""
    by_reason: dict[str, list[str]] = {}
    for name, why in missing:
        by_reason.setdefault(why, []).append(name)
    for why, names in by_reason.items():
        yield Row((Cell(f"Not available: {', '.join(names)}: {why}", "note", span=width),))
