"""Small words for writing pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import ceil

from segxl.pages.model import Cell, ColumnOf, Formula, Link, NumberCell, Paper, Row
from segxl.periods import Period, Window
from segxl.scorecard.model import Figure
from segxl.units import DATE

TYPE_LABELS = {
    "new_logo": "New logo",
    "upsell": "Upsell",
    "cross_sell": "Cross-sell",
    "renewal": "Renewal",
    "other": "Other",
}
"""Deal types as people read them."""

PERIOD_START, PERIOD_END = "PeriodStart", "PeriodEnd"
"""The names of the cells that have the first and the last day of the period, in formulas."""

LINE, HEADING, GAP = 12.75, 15.75, Row(height=3)
"""Points of a row with one line and of one that names an area, and a gap, of first pages: these fit one sheet of paper
at about 9 points."""

_A_LINE, _A_WIDE_LINE, _WIDE = 1.18, 1.27, 60.0
"""Characters of a sentence for each character of its cell's width: letters are narrower than digits."""

_A_HEADLINE = 143
"""Characters of a headline's line, which is as wide as the paper."""

FindRows = Callable[[Figure | None], Link | None]
"""A function that finds the rows behind a figure; None if it has none."""


def heading(title: str, subtitle: str, width: int) -> list[Row]:
    """The first rows of every page: title, then segment, period and unit."""
    return [
        Row((Cell(title, "title", span=width),)),
        Row((Cell(subtitle, "subtitle", span=width),)),
        Row(),
    ]


def period_row(period: Period, width: int) -> Row:
    """The days of the period in cells of their own, in workbooks only: with another first day a workbook's flow metrics
    are those of that month or quarter."""
    start, end = period.window.start, period.window.end
    months = period.last - period.first
    formula = Formula(("EOMONTH(", NumberCell(PERIOD_START), f",{months})"))
    words = "Formulas: enter another first day for the flow metrics of that period. Stocks stay those of the period."
    cells = (
        Cell("First and last day", "note"),
        Cell(start, "value", DATE, name=PERIOD_START),
        Cell(end, "value", DATE, name=PERIOD_END, formula=formula),
        Cell(words, "note", span=max(width - 3, 1)),
    )
    return Row(tuple(replace(cell, on_web=False) for cell in cells))


def fitting(texts: Iterable[str], least: float, most: float) -> float:
    """The width in characters of a column that shows its texts in full, between two bounds: Excel cuts text that does
    not wrap if the next cell is filled. Letters are a little narrower than the digits that widths are counted in."""
    return max(least, min(0.9 * max(map(len, texts), default=0) + 1, most))


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a cell as wide as ``width`` characters; in a narrow one more of each line stays
    empty, as a word that does not fit moves to the next."""
    return max(ceil(len(text) / (width * (_A_LINE if width < _WIDE else _A_WIDE_LINE))), 1)


def fitted(row: Row, widths: Sequence[float]) -> Row:
    """A row as high as the lines of its texts, in columns of these ``widths`` in characters."""
    lines = [
        lines_of(str(cell.value), sum(widths[at : at + cell.span]))
        for at, cell in enumerate(row.cells)
        if cell is not None
    ]
    return replace(row, height=LINE + 13 * (max(lines, default=1) - 1))


def points(rows: Sequence[Row]) -> float:
    """The height of rows of a first page."""
    return sum(row.height or LINE for row in rows)


def centimetres(height: float) -> float:
    """Points in centimetres."""
    return height / 72 * 2.54


def headline_row(text: str, span: int) -> Row:
    """The headline of a first page, as high as its lines."""
    return Row((Cell(text, "headline", span=span),), height=2 + 18 * ceil(len(text) / _A_HEADLINE))


def paper_of(settings: Mapping[str, object]) -> Paper:
    """The paper of packs: the setting ``paper``, A4 by default."""
    return "Letter" if settings.get("paper") == "Letter" else "A4"


def short(text: str, most: int) -> str:
    """A name shortened for a narrow place; it is shown in full elsewhere."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def figure_cell(figure: Figure | None, style: str, link: Link | None = None) -> Cell:
    """A figure as a cell with its formula; n/a or N/M in grey if it is unavailable or means nothing. A rate of a few is
    grey, with their number: ``60.0% (n 5)``."""
    if figure is None or figure.value is None:
        word = "n/a" if figure is None else figure.why or "n/a"
        if figure is None or not figure.is_over_zero:
            return Cell(word, "muted")
        cell = NumberCell(figure.key, of=figure)
        return Cell(word, "muted", figure.unit, formula=Formula(("IF(", cell, f'="","{word}",', cell, ")")))
    if figure.meaningless:
        return Cell("n/a", "muted", link=link, tip=f"Not shown: {figure.meaningless}.")
    value = figure.unit.shown(figure.value)
    unit = figure.unit.written(value)
    if figure.small is not None:
        return Cell(value, "muted", unit.of_few(figure.small), link, formula=number_formula(figure))
    return Cell(value, style, unit, link, formula=number_formula(figure))


def number_formula(figure: Figure, times: int = 1) -> Formula:
    """The formula of a figure: the cell of the list Numbers that has it. ``times`` 100 shows a rate as points."""
    return Formula(
        (NumberCell(figure.key, of=figure), f"*{times}") if times != 1 else (NumberCell(figure.key, of=figure),)
    )


def signed_formula(cell: NumberCell, sign: int) -> Formula:
    """A number with the sign of its line: a line that is subtracted is shown negative."""
    return Formula((cell,) if sign > 0 else ("-", cell))


def difference_formula(figure: Figure, base: Figure, times: int = 1) -> Formula:
    """A figure less its base, n/a where one of them is; ``times`` 100 shows rates as points."""
    return less_formula(NumberCell(figure.key, of=figure), NumberCell(base.key, of=base), times)


def less_formula(one: NumberCell, other: NumberCell, times: int = 1) -> Formula:
    """A number less another one, n/a where one of them is."""
    if times == 1:
        return Formula(("IFERROR(", one, "-", other, ',"n/a")'))
    return Formula(("IFERROR((", one, "-", other, f')*{times},"n/a")'))


def over_formula(one: NumberCell, other: NumberCell) -> Formula:
    """A number as a part of another one, n/a where one of them is."""
    return Formula(("IFERROR(", one, "/", other, ',"n/a")'))


def sum_formula(figures: Sequence[Figure]) -> Formula | None:
    """Figures added up; None without any."""
    parts = [part for figure in figures for part in ("+", NumberCell(figure.key, of=figure))]
    return Formula(tuple(parts[1:])) if parts else None


def share_formula(part: Figure, whole: Figure) -> Formula:
    """A figure as a part of another one."""
    return over_formula(NumberCell(part.key, of=part), NumberCell(whole.key, of=whole))


def percent_formula(figure: Figure, base: Figure) -> Formula:
    """A figure's change as a part of its base; N/M on a base of zero or less."""
    now, then = NumberCell(figure.key, of=figure), NumberCell(base.key, of=base)
    return Formula(("IFERROR(IF(", then, '<=0,"N/M",', now, "/", then, '-1),"n/a")'))


LONGEST_TEXT = 200
"""Characters of a text within a formula; Excel takes 255."""


def quoted(text: str) -> str:
    """A text in a formula."""
    return '"' + text.replace('"', '""') + '"'


def record_parts(ids: ColumnOf, record: str, alike: Mapping[str, int], values: ColumnOf) -> tuple[str | ColumnOf, ...]:
    """A record's number in a column, found by the record's ID, so that a reader may sort the list. ``alike``: how many
    records have an ID, in small letters; nothing where another one is the same but for capital letters, which programs
    ignore, or where the ID is too long for a formula."""
    if alike[record.casefold()] > 1 or len(record) > LONGEST_TEXT:
        return ()
    # SUMIFS takes the text "0123" for the number 123, MATCH an asterisk for any text; a comparison does neither.
    return ("SUMPRODUCT((", ids, f"={quoted(record)})*", values, ")")


def long_date(day: date) -> str:
    """``31 Oct 2017``, the same in every locale."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def range_text(window: Window) -> str:
    """``1 Oct 2017 – 31 Oct 2017``."""
    return f"{long_date(window.start)} – {long_date(window.end)}"
