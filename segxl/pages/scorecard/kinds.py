"""Won revenue by type on a first page, with the pipeline created and the win rate of each type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from segxl.pages.cells import LINE, difference_formula, figure_cell
from segxl.pages.model import Cell, Row
from segxl.pages.scorecard.first_page import RIGHT as RIGHT_COLUMN
from segxl.pages.scorecard.first_page import TABLE, WIDTH, caption_rows, laid, of_total
from segxl.pages.scorecard.scorecard import incomparable, marked
from segxl.scorecard.model import Figure
from segxl.scorecard.summary_model import Kind, Pair, Summary
from segxl.units import MONEY, POINTS, Scale, excel_format

_PLAIN_POINTS = replace(POINTS, excel=excel_format("0.0"))

LEFT, RIGHT = (1, 1, 1, 1, 1, 2, 2), (2, 1, 1, 1, 1, 1, 1)
"""Columns of each cell of a row, in the table's place on the left and on the right of a first page."""


def kind_rows(summary: Summary, currency: str, spans: Sequence[int]) -> list[Row]:
    """A row a type, and their total: new logos, expansion and renewals do not hide each other. Each number with its
    change on the base. Empty without deals, or where all of them are of one type. ``spans``: :data:`LEFT` or
    :data:`RIGHT`; rows begin in column 1."""
    kinds, scale = summary.kinds, summary.scale
    if len(kinds) < 3:
        return []
    typed = any(kind.created[0] is not None or kind.rate[0] is not None for kind in kinds)
    base = summary.base or summary.names[-1 - summary.period.in_a_year]
    heads = ["Won", "Δ won", *(["Created", "Δ created", "Win %", "Δ pp"] if typed else [])]
    header = [Cell("Type" if summary.types else "Customers", "header"), *(Cell(head, "header_right") for head in heads)]
    first = RIGHT_COLUMN if spans is RIGHT else 1
    width = WIDTH - first + 1 if spans is RIGHT else TABLE
    notes = [f"{scale.of(currency)}, {summary.name}; Δ: vs {base}{'; created: at today’s amounts' if typed else ''}"]
    notes += [why] if (why := _more_or_larger(kinds, base, scale)) else []
    caption, _ = caption_rows(_why(summary), "", first, width)
    rows = [caption, Row(_spread(header, spans, first), height=LINE)]
    for kind in kinds:
        cells = _cells(kind, scale, "total" if kind is kinds[-1] else "value", typed=typed)
        rows.append(Row(_spread(cells, spans, first), height=LINE))
    return [*rows, *(Row((Cell(line, "sublabel", span=width),), height=LINE) for line in notes)]


def _spread(cells: Sequence[Cell], spans: Sequence[int], first: int) -> tuple[Cell | None, ...]:
    wide = [replace(cell, span=span) for cell, span in zip(cells, spans, strict=False)]
    return laid(wide, first)[first - 1 :]


def _more_or_larger(kinds: Sequence[Kind], base: str, scale: Scale) -> str:
    """Whether the type whose won revenue moved most won more deals or larger ones: ``Renewal: 79 of 91 deals won, on
    average 37.6k; Oct 2025: 54 of 60, 39.1k``. Blank where the deals of the type are not known in both periods."""
    changes = [(abs(Fraction(known[2])), kind) for kind in kinds[:-1] if (known := _compared(kind.won)) is not None]
    if not changes:
        return ""
    _, kind = max(changes, key=lambda one: one[0])
    told = []
    for won, rate, noun, word in zip(kind.won, kind.rate, (" deals won", ""), ("on average ", ""), strict=True):
        if won is None or rate is None or rate.denominator is None:
            return ""
        count = int(rate.numerator or 0)
        average = f", {word}{scale.text(Fraction(won.value or 0) / count)}" if count else ""
        told.append(f"{count:,} of {int(rate.denominator):,}{noun}{average}")
    now, before = told
    return f"{kind.name}: {now}; {base}: {before}"


def _why(summary: Summary) -> str:
    now, base = summary.kinds[-1].won
    change = 0 if now is None or base is None else int(now.value or 0) - int(base.value or 0)
    by = "type" if summary.types else "customers"
    if not summary.base or not change:
        return f"Won revenue by {by}"
    word = "rose" if change > 0 else "fell"
    return f"Won revenue {word} {summary.scale.text(change)} vs {summary.base}, by {by}"


def _cells(kind: Kind, scale: Scale, style: str, *, typed: bool) -> list[Cell]:
    cells = [Cell(kind.name, "total" if style == "total" else "label")]
    cells += [_money(kind.won[0], scale, style), money_change(kind.won, scale)]
    if typed:
        cells += [_money(kind.created[0], scale, style), money_change(kind.created, scale)]
        cells += [_rate(kind.rate[0], style), _points(kind.rate)]
    return [of_total(cell) for cell in cells] if style == "total" else cells


def _money(figure: Figure | None, scale: Scale, style: str) -> Cell:
    cell = figure_cell(figure, style)
    return replace(cell, unit=scale.cell) if isinstance(cell.value, (int, float)) else cell


def money_change(pair: Pair, scale: Scale) -> Cell:
    """The difference of an amount and its base, coloured and marked."""
    known = _compared(pair)
    if known is None:
        return Cell("n/a", "muted")
    now, base, change = known
    cell = marked(MONEY.shown(int(change)), scale.cell, None if not change else change > 0)
    return replace(cell, formula=difference_formula(now, base))


def _compared(pair: Pair) -> tuple[Figure, Figure, int | Fraction] | None:
    """A pair with its difference; None where it has none, or where one of them means nothing."""
    now, base = pair
    if now is None or base is None or now.value is None or base.value is None or incomparable(now, base):
        return None
    return now, base, now.value - base.value


def _points(pair: Pair) -> Cell:
    """The change of a win rate in percentage points; that of a few is grey and not judged."""
    known = _compared(pair)
    if known is None:
        return Cell("n/a", "muted")
    now, base, change = known
    few = now.small is not None or base.small is not None
    cell = marked(float(change) * 100, _PLAIN_POINTS, None if few or not change else change > 0)
    return replace(cell, style="muted" if few else cell.style, formula=difference_formula(now, base, 100))


def _rate(figure: Figure | None, style: str) -> Cell:
    """A win rate; one of a few is grey, with their number on demand."""
    cell = figure_cell(figure, style)
    if figure is None or figure.small is None or not isinstance(cell.value, (int, float)):
        return cell
    return replace(cell, unit=figure.unit, tip=f"{figure.numerator} won of {figure.denominator} closed")
