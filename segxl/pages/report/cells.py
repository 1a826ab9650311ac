"""Common parts of the pages of the segment performance report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest

from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Formula, Range, Row
from segxl.report.amounts import AmountPart, Event
from segxl.report.model import Number, Selector, When
from segxl.units import Unit

Amount = tuple[Event, When, AmountPart]
"""The amount that is summed: created or won, in a timeframe, by a part's rule."""

WIDTHS = (23.0, *[11.5] * 7, 2.5, 23.0, 28.0, 18.0, 13.0)
"""Widths of the second page's columns: names, five states, the lowest state, the cohort; a gap; a list on the right."""
COLUMNS = len(WIDTHS)
PAGE_WIDTHS = (20.0, 8.5, 8.5, 5.5, 11.5, 9.5, 8.5, 7.5, 1.5, 18.5, 7.5, 1.2, 17.5, 15.5, 11.8)
"""Those of the first page: states, their accounts and amounts in both timeframes; a gap; lists of accounts. The narrow
column keeps two headline figures apart; cells of the lists span it."""
PAGE_COLUMNS = len(PAGE_WIDTHS)
LEFT = 8
"""Columns of the area on the left."""
RIGHT = LEFT + 2
"""The first column of the area on the right."""


def number_cell(number: Number, style: str, lists: AccountLists, amount: Amount | None = None) -> Cell:
    """A number with its link and its formula; grey if unavailable, with the reason where the renderer can show it.

    ``amount``: what of its accounts the number sums; it counts them without.
    """
    if number.shown is None:
        return Cell("n/a", "muted", tip=number.why)
    formula = lists.count_formula(number.accounts) if amount is None else amount_formula(number, lists, amount)
    return Cell(number.shown, style, number.unit, lists.link(number.accounts), formula=formula)


def amount_formula(number: Number, lists: AccountLists, amount: Amount) -> Formula | None:
    """The sum of an amount over a number's accounts; of the summary over all of the cohort."""
    if number.accounts is None:
        return None
    of = Selector("cohort") if number.accounts.part == "opportunities" else number.accounts
    return lists.sum_formula(*amount, of)


def signed(unit: Unit) -> Unit:
    """The unit of a change that is neither good nor bad: ``+12%``."""
    rise, fall, zero = unit.excel.split(";")
    return replace(unit, excel=f'"+"{rise};{fall};{zero}')


def less(one: Formula | None, other: Formula | None) -> Formula | None:
    """A formula less another; None without either."""
    return None if one is None or other is None else Formula((*one.parts, "-(", *other.parts, ")"))


def added(formulas: Sequence[Formula | None]) -> Formula | None:
    """Formulas added up; None without one of them."""
    known = [one for one in formulas if one is not None]
    parts = [part for one in known for part in ("+", *one.parts)]
    return Formula(tuple(parts[1:])) if known and len(known) == len(formulas) else None


def ratio(page: str, row: int, column: int, base: tuple[int, int]) -> Formula:
    """A cell's change as a part of another one, which is in a row and a column of the page."""
    return Formula((Range(page, row, row, column, column), "/", Range(page, base[0], base[0], base[1], base[1]), "-1"))


def row_sum(page: str, row: int, first: int, last: int) -> Formula:
    """The sum of a row's cells from one column to another."""
    return Formula(("SUM(", Range(page, row, row, first, last), ")"))


def column_sum(page: str, column: int, first: int, last: int) -> Formula:
    """The sum of a column's cells from one row to another."""
    return Formula(("SUM(", Range(page, first, last, column, column), ")"))


def cell_difference(page: str, column: int, row: int, base: int) -> Formula:
    """A cell less the one of another row."""
    return Formula((Range(page, row, row, column, column), "-", Range(page, base, base, column, column)))


def greyed(missing: Sequence[tuple[str, str]], width: int = COLUMNS) -> Iterable[Row]:
    """The reasons of unavailable numbers, one line each."""
    by_reason: dict[str, list[str]] = {}
    for name, why in missing:
        by_reason.setdefault(why, []).append(name)
    for why, names in by_reason.items():
        yield Row((Cell(f"Not available: {', '.join(names)}: {why}", "note", span=width),))


def next_to(left: Sequence[Row], right: Sequence[Row]) -> Iterable[Row]:
    """Rows of two areas, the right one beginning at its column."""
    for one, other in zip_longest(left, right, fillvalue=Row()):
        gap: tuple[Cell | None, ...] = (None,) * (RIGHT - 1 - len(one.cells)) if other.cells else ()
        heights = [row.height for row in (one, other) if row.height]
        yield Row((*one.cells, *gap, *other.cells), height=max(heights, default=None))
