"""Won revenue by type on a first page, with the pipeline created and the win rate of each type."""

from __future__ import annotations

from dataclasses import replace

from segxl.pages.cells import difference_formula, figure_cell
from segxl.pages.model import Cell, Row
from segxl.pages.scorecard.first_page import LINE, caption_rows, of_total, with_zero
from segxl.pages.scorecard.scorecard import marked
from segxl.scorecard.model import Figure
from segxl.scorecard.summary_model import Kind, Pair, Summary
from segxl.units import MONEY, Scale

COLUMNS = 6


def kind_rows(summary: Summary, currency: str) -> list[Row]:
    """A row a type, and their total: new logos, expansion and renewals do not hide each other. Empty without deals, or
    where all of them are of one type."""
    kinds, scale = summary.kinds, summary.scale
    if len(kinds) < 3:
        return []
    typed = any(kind.created[0] is not None or kind.rate[0] is not None for kind in kinds)
    subtitle = f"{scale.of(currency)}, {summary.name}"
    subtitle += "; created at today's amounts; win rate by deals" if typed else ""
    base = summary.base or summary.names[-1 - summary.period.in_a_year]
    heads = [
        "Won",
        f"{' '.join(f'Δ {scale.letter} vs'.split())}\n{base}",
        *(["Created", "Win rate"] if typed else []),
    ]
    header = (Cell("Type" if summary.types else "Customers", "header", span=2), None)
    caption, note = caption_rows(_why(summary), subtitle, COLUMNS)
    found = [caption]
    found.append(Row((*header, *(Cell(head, "header_right") for head in heads)), height=2 * LINE))
    found += [_row(kind, scale, "total" if kind is kinds[-1] else "value", typed=typed) for kind in kinds]
    return [*found, note]


def _why(summary: Summary) -> str:
    now, base = summary.kinds[-1].won
    change = 0 if now is None or base is None else int(now.value or 0) - int(base.value or 0)
    if not summary.base or not change:
        return f"Won revenue by {'type' if summary.types else 'customers'}"
    word = "rose" if change > 0 else "fell"
    return f"Why won revenue {word} {summary.scale.text(change)} vs {summary.base}"


def _row(kind: Kind, scale: Scale, style: str, *, typed: bool) -> Row:
    cells: list[Cell | None] = [Cell(kind.name, "total" if style == "total" else "label", span=2), None]
    cells += [_money(kind.won[0], scale, style), _change(kind.won, scale)]
    if typed:
        cells += [_money(kind.created[0], scale, style), _rate(kind.rate[0], style)]
    if style == "total":
        cells = [None if cell is None else of_total(cell) for cell in cells]
    return Row(tuple(cells), height=LINE)


def _money(figure: Figure | None, scale: Scale, style: str) -> Cell:
    cell = figure_cell(figure, style)
    return replace(cell, unit=with_zero(scale.cell)) if isinstance(cell.value, (int, float)) else cell


def _change(pair: Pair, scale: Scale) -> Cell:
    now, base = pair
    if now is None or base is None or now.value is None or base.value is None:
        return Cell("n/a", "muted")
    change = now.value - base.value
    cell = marked(MONEY.shown(change), scale.cell, None if not change else change > 0)
    return replace(cell, formula=difference_formula(now, base))


def _rate(figure: Figure | None, style: str) -> Cell:
    """A win rate; one of a few is grey, with their number on demand."""
    cell = figure_cell(figure, style)
    if figure is None or figure.small is None or not isinstance(cell.value, (int, float)):
        return cell
    return replace(cell, unit=figure.unit, tip=f"{figure.numerator} won of {figure.denominator} closed")
