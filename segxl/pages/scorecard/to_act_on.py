"""Whom to speak to: the largest deals and customers behind the sentences of a segment's first page, with their owners.

Up to three lists in two columns: those of the sentences, in their order, then the largest open deals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from segxl.catalogue import data_sheets as names
from segxl.catalogue.data_sheets import OfWindow
from segxl.catalogue.measures import COHORT_NOW, COHORT_THEN
from segxl.pages.cells import LINE, short
from segxl.pages.data.workings import FormulaParts, Workings
from segxl.pages.model import Cell, Formula, Row
from segxl.pages.scorecard.first_page import CAPTION, WIDTH, beside, laid
from segxl.scorecard.summary_model import Behind, Case, Summary
from segxl.units import MONEY, Scale

_LISTS, _MOST, _FEW = 3, 5, 2
"""Lists of a page; deals or customers of each, and of the second and the third, one below the other."""

SIDES = (1, 11)
"""The columns at which the lists begin."""

_WIDTHS = (9, WIDTH - 10)
_SPANS = ((2, 2, 3, 1), (4, 2, 3, 1))
"""Columns of the account, its owner, what is due or happened, and the amount, on the left and on the right."""


def act_on_rows(summary: Summary, workings: Workings) -> list[Row]:
    """The lists next to each other; no row without deals and customers."""
    found: dict[str, Behind] = {}
    for one in (*summary.behind, summary.open):
        if one is not None:
            # Of lost deals, and of open ones, one list: the first sentence's.
            found.setdefault({"lost_new": "lost", "due": "open"}.get(one.kind, one.kind), one)
    if not found:
        return []
    first, *others = list(found.values())[:_LISTS]
    most = _MOST if len(others) < _LISTS - 1 else _FEW
    left = [*_list(first, _MOST, 0, summary.scale, workings)]
    right = [row for one in others for row in _list(one, most, 1, summary.scale, workings)]
    return beside(left, right, SIDES[1])


def _list(found: Behind, most: int, side: int, scale: Scale, workings: Workings) -> Iterator[Row]:
    first, spans = SIDES[side], _SPANS[side]
    title = found.title + (f"; the largest {most}" if found.count > most else "")
    yield Row(laid((Cell(title, "caption", span=_WIDTHS[side]),), first)[first - 1 :], CAPTION)
    for one in found.cases[:most]:
        value = MONEY.shown(one.cents)
        cells = (
            Cell(short(one.account, 30), "label", link=workings.record(found.sheet, one.row)),
            Cell(short(one.owner, 24) or "no owner", "text"),
            Cell(short(one.what, 28), "text"),
            Cell(value, "value", scale.unit(one.cents), formula=_formula(found, one, workings)),
        )
        wide = [replace(cell, span=span) for cell, span in zip(cells, spans, strict=True)]
        yield Row(laid(wide, first)[first - 1 :], LINE)


def _formula(found: Behind, one: Case, workings: Workings) -> Formula | None:
    """The amount from the deal's row, or from the account's what it pays now less what it paid."""
    if found.sheet == "deals":
        lost = found.kind in ("lost", "lost_new")
        header = names.CLOSED_AMOUNT if lost else workings.headers.window(names.OPEN_AMOUNT, found.scope)
        value = workings.value(found.sheet, one.row, header)
        return None if value is None else Formula(value)
    parts: list[FormulaParts] = []
    for measure in (COHORT_NOW, COHORT_THEN):
        column = measure.in_pack
        assert isinstance(column, OfWindow)
        value = workings.value(found.sheet, one.row, workings.headers.window(column.header, found.scope))
        if value is None:
            return None
        parts.append(value)
    return Formula((*parts[0], "-", *parts[1]))
