"""Common parts of the charts of workbook and web page: the values of a range, the formats of labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil

from segxl.errors import SegxlError
from segxl.pages.model import Cell, Chart, Pack, Page, Range, Scalar
from segxl.render.html.number_formats import show_number
from segxl.units import Unit, excel_format

ReadRange = Callable[[Range], tuple[list[Scalar], str]]
"""The values of a range of cells, in order, and their number format."""

COLOUR_OF: Mapping[str, str] = {"increase": "accent_2", "decrease": "accent", "plan": "prior"}
"""The colour roles of a waterfall's series, and of a plan where it cannot be outlined; the others use their own."""

_LABELS = ((10_000_000, '#,##0.0,,"m"'), (1_000_000, '0.00,,"m"'), (100_000, '#,##0,"k"'))
"""From which number on, formats of labels."""


def pages_by_key(pack: Pack) -> dict[str, Page]:
    """The pages of a pack, at least one and each with a key of its own."""
    pages = {page.key: page for page in pack.pages}
    if len(pages) < len(pack.pages) or not pack.pages:
        raise SegxlError("a pack needs pages, each with a key of its own")
    return pages


def page_of(pages: Mapping[str, Page], place: Range) -> Page:
    """The page that a chart's range lies on."""
    if place.page not in pages:
        raise SegxlError(f"a chart shows cells of the page {place.page!r}, which the pack does not have")
    return pages[place.page]


def range_values(page: Page, place: Range) -> tuple[list[Scalar], str]:
    """The values of a range and the number format of its first cell."""
    cells = [
        _cell_at(page, row, column)
        for row in range(place.first_row, place.last_row + 1)
        for column in range(place.first_column, place.last_column + 1)
    ]
    formats = [cell.unit.excel for cell in cells if cell is not None]
    return [cell.value if cell else None for cell in cells], formats[0] if formats else "General"


def label_format(unit: Unit, largest: float) -> str:
    """The unit's own format, shortened to thousands or millions where the largest number shown is large; not that of
    a page whose amounts all have one unit."""
    if unit.percent or unit.scale > 1:
        return unit.excel
    return next((excel_format(short, "0") for least, short in _LABELS if largest >= least), unit.excel)


def plan_labels(actual: Sequence[Scalar], plan: Sequence[Scalar], form: str) -> list[str]:
    """The labels of bars within their plans: ``157 of 251``, as an outline of its own leaves open which of the two a
    number behind it is; ``72, no plan`` where there is none, blank without an actual number."""

    def label(one: Scalar, of: Scalar) -> str:
        if not isinstance(one, (int, float)):
            return ""
        said = show_number(one, form).text
        of_plan = f" of {show_number(of, form).text}" if isinstance(of, (int, float)) else ", no plan"
        return f"{said}{of_plan}".replace(" ", "\u00a0")  # some programs break a label at its spaces

    return [label(one, of) for one, of in zip(actual, plan, strict=True)]


def step_labels(chart: Chart, read: ReadRange, characters: float) -> list[str]:
    """The label above each column of a waterfall: start and end as they are, steps with their sign. Stacked columns
    have their sign if the series is ``signed``. Without a number the label is blank, as is an unsigned 0.

    In full where every label has at most so many ``characters``; else each shortened by its own size. Above stacked
    columns that are still too narrow, the last and from there on each second, third, ... that has room.
    """
    top = next(one for one in chart.series if one.role == "top")
    if top.labels is None:
        return []
    found = read(top.labels)[0]
    amounts = [float(value) if isinstance(value, (int, float)) else 0.0 for value in found]
    amounts = [0.0 if chart.unit.vanishes(amount) else amount for amount in amounts]
    ends = [not top.signed] * len(amounts)
    if chart.kind == "waterfall":
        ends = [value is not None for value in _any_of(chart, read, "actual")]
    shapes = ([chart.unit.excel] * len(amounts), [label_format(chart.unit, abs(amount)) for amount in amounts])
    for forms in shapes:
        texts = [
            ("" if end or amount <= 0 else "+") + show_number(amount, form).text
            for amount, end, form in zip(amounts, ends, forms, strict=True)
        ]
        texts = [
            "" if value is None or (not value and not top.signed) else text
            for value, text in zip(found, texts, strict=True)
        ]
        if all(len(text) <= characters for text in texts):
            break
    columns = ceil(max(map(len, texts), default=0) / max(characters, 1)) if chart.stacked else 1
    return [text if columns <= 1 or not (len(texts) - 1 - at) % columns else "" for at, text in enumerate(texts)]


def _any_of(chart: Chart, read: ReadRange, role: str) -> list[Scalar]:
    """At each point the first value that a series of a role has; None where none has."""
    rows = [read(one.values)[0] for one in chart.series if one.role == role]
    return [next((value for value in column if value is not None), None) for column in zip(*rows, strict=True)]


def _cell_at(page: Page, row: int, column: int) -> Cell | None:
    if row <= len(page.rows):
        cells = page.rows[row - 1].cells
        return cells[column - 1] if column <= len(cells) else None
    record = row - len(page.rows) - 2
    if page.records is None or not 0 <= record < len(page.records) or column > len(page.records.fields):
        return None
    field = page.records.fields[column - 1]
    return Cell(field.values[record], unit=field.unit)
