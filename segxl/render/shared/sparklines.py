"""Small lines in cells, with a dot at the last number: Excel's sparklines, which openpyxl does not write, and SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter

from segxl.pages.model import Page, Range, Scalar, Sparkline
from segxl.render.xlsx.excel_values import clean_text

_MAIN = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_FORMULAS = "http://schemas.microsoft.com/office/excel/2006/main"
_WIDTH, _HEIGHT, _EDGE = 96.0, 24.0, 3.5


def sparklines_on(page: Page) -> list[tuple[str, Sparkline]]:
    """The sparklines of a page, each with its cell: ``C7``."""
    return [
        (f"{get_column_letter(column)}{number}", cell.sparkline)
        for number, row in enumerate(page.rows, 1)
        for column, cell in enumerate(row.cells, 1)
        if cell is not None and cell.sparkline is not None
    ]


def sparklines_xml(places: Iterable[tuple[str, Range]], address: Callable[[Range], str], colour: Color) -> str:
    """The sheet's extension that holds its sparklines, one group of one look; it comes last in the sheet's XML.

    ``places``: the cell and the range of each. ``address`` writes a range as a formula does; Excel itself writes those
    of sparklines without dollars.
    """
    lines = ""
    for cell, values in places:
        sheet, _, cells = address(values).rpartition("!")
        formula = escape(f"{sheet}!{cells.replace('$', '')}")
        lines += f"<x14:sparkline><xm:f>{formula}</xm:f><xm:sqref>{cell}</xm:sqref></x14:sparkline>"
    if not lines:
        return ""
    shade = _colour(colour)
    colours = "".join(
        f"<x14:color{part} {shade}/>"
        for part in ("Series", "Negative", "Axis", "Markers", "First", "Last", "High", "Low")
    )
    return (
        f'<extLst><ext xmlns:x14="{_MAIN}" uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}">'
        f'<x14:sparklineGroups xmlns:xm="{_FORMULAS}">'
        f'<x14:sparklineGroup lineWeight="1.25" displayEmptyCellsAs="gap" last="1">{colours}'
        f"<x14:sparklines>{lines}</x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext></extLst>"
    )


def _colour(colour: Color) -> str:
    known: Any = colour
    if known.type == "theme":
        tint = f' tint="{known.tint}"' if known.tint else ""
        return f'theme="{known.theme}"{tint}'
    return f'rgb="{known.rgb}"' if known.type == "rgb" else f'indexed="{known.indexed}"'


def svg_sparkline(sparkline: Sparkline, values: Sequence[Scalar], colours: Mapping[str, str]) -> str:
    """The sparkline as an ``<svg>`` element; ``colours`` by role."""
    numbers = [
        float(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        else None
        for value in values
    ]
    known = [number for number in numbers if number is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    step = (_WIDTH - 2 * _EDGE) / max(len(numbers) - 1, 1)
    runs: list[list[str]] = [[]]
    last = ""
    for at, number in enumerate(numbers):
        if number is None:
            runs.append([])
            continue
        part = (number - low) / (high - low) if high > low else 0.5
        x, y = _EDGE + at * step, _HEIGHT - _EDGE - part * (_HEIGHT - 2 * _EDGE)
        runs[-1].append(f"{x:.1f},{y:.1f}")
        last = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colours["actual"]}"/>'
    lines = "".join(
        f'<polyline points="{" ".join(run)}" fill="none" stroke="{colours["actual"]}" stroke-width="1.5"/>'
        for run in runs
        if len(run) > 1
    )
    alt = quoteattr(clean_text(sparkline.alt))
    return (
        f'<svg class="spark" role="img" aria-label={alt} viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}" '
        f'height="{_HEIGHT:g}"><title>{escape(clean_text(sparkline.alt))}</title>{lines}{last}</svg>'
    )
