"""The page Numbers: every value of a document in one table, for formulas and PivotTables in any Excel."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from segxl.pages.cells import fitting, heading
from segxl.pages.data.formulas_of_numbers import formulas_of, places_of
from segxl.pages.data.status import StatusFormulas
from segxl.pages.data.workings import Workings
from segxl.pages.model import Cell, Field, Page, Records, Row
from segxl.scorecard.numbers_table import DATES, NUMBER, TEXTS, table
from segxl.scorecard.numbers_table import Row as Value
from segxl.units import DATE, TEXT

KEY = "numbers"
PURPOSE = "Values as one table for SUMIFS, XLOOKUP and PivotTables"
"""The page's line in the contents."""

SCORECARD, REPORT = "Numbers", "ReportNumbers"
"""The tables' names in formulas. They differ, so that one workbook can have both."""

MOST = 200_000
"""Rows in a workbook; ``--format csv`` has no limit."""

_HEAD = 3
"""Rows above the table."""
_LIVE = ("value", "numerator", "denominator", "window_start", "window_end")
_WIDTHS = {"segment": (12, 30), "metric": (12, 30), "view": (12, 42), "item": (12, 48), "why": (8, 60)}
_HOW = (
    "One row per value: money in full, percentages as fractions. A blank value has its reason in why; SUMIFS counts it "
    "as 0. segxl help formulas explains the columns."
)


class Live(NamedTuple):
    """The data sheets that numbers are formulas over, and the pipeline's status; ``only``: the keys of the numbers that
    are formulas, None for all."""

    workings: Workings
    status: StatusFormulas
    only: frozenset[Hashable] | None = None


def numbers_page(
    rows: Sequence[Value], subtitle: str, name: str, live: Live | None = None, elsewhere: str = ""
) -> Page:
    """The table of all rows; of more than :data:`MOST` those without an item, and of these the first.

    ``name``: the table's name in formulas; ``live``: what the formulas of the numbers are made of; ``elsewhere``: a
    sentence about values that are not in the table.
    """
    shown = rows if len(rows) <= MOST else [row for row in rows if not row.item][:MOST]
    columns = table(shown)
    units = {
        "value": [row.unit.exact for row in shown],
        "numerator": [(row.numerator_unit or row.unit).exact for row in shown],
        "denominator": [(row.denominator_unit or row.unit).exact for row in shown],
    }
    places = places_of(shown)
    formulas = formulas_of(shown, places, KEY, _HEAD + 2, *live) if live is not None else []
    fields = []
    for header, values in columns.items():
        unit = TEXT if header in TEXTS else DATE if header in DATES else NUMBER
        least, most = _WIDTHS.get(header, (14, 20))
        texts = (str(value) for value in dict.fromkeys(values) if isinstance(value, str))
        width = fitting(texts, least, most) if header in TEXTS else 16.0
        of_column = [getattr(row, header) for row in formulas] if header in _LIVE else []
        fields.append(Field(header, values, unit, width, units.get(header, ()), of_column))
    words = f"{elsewhere} {_HOW}".lstrip()
    if len(shown) < len(rows):
        words = f"{len(shown):,} of {len(rows):,} values: those without an item. segxl --format csv has all. {_HOW}"
    head = [*heading("Numbers", subtitle, len(fields))[:2], Row((Cell(words, "note", span=len(fields)),))]
    assert len(head) == _HEAD
    return Page(
        KEY,
        "Numbers",
        tuple(head),
        tuple(field.width for field in fields),
        records=Records(tuple(fields), name, places),
        freeze=(len(head) + 2, 1),
        repeat_rows=(len(head) + 1, len(head) + 1),
        tab="working",
        on_web=False,
        printed=False,
    )
