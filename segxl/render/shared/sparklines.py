"""Small columns in cells, the last one darker: Excel's sparklines, which openpyxl does not write, and SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter

from segxl.pages.model import Page, Range, Scalar, Sparkline
from segxl.render.shared.ranges import ReadRange
from segxl.render.xlsx.excel_values import clean_text

_MAIN = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_FORMULAS = "http://schemas.microsoft.com/office/excel/2006/main"
_FROM_ZERO, _CUSTOM = 'manualMin="0" ', ' minAxisType="custom"'
_WIDTH, _HEIGHT, _EDGE = 96.0, 24.0, 1.0


def sparklines_on(page: Page) -> list[tuple[str, Sparkline]]:
    """The sparklines of a page, each with its cell: ``C7``."""
    return [
        (f"{get_column_letter(column)}{number}", cell.sparkline)
        for number, row in enumerate(page.rows, 1)
        for column, cell in enumerate(row.cells, 1)
        if cell is not None and cell.sparkline is not None
    ]


def sparklines_xml(
    places: Iterable[tuple[str, Range]],
    address: Callable[[Range], str],
    read: ReadRange,
    colours: Mapping[str, Color],
) -> str:
    """The sheet's extension that holds its sparklines; it comes last in the sheet's XML.

    ``places``: the cell and the range of each. ``address`` writes a range as a formula does; Excel itself writes those
    of sparklines without dollars. They are columns, as not every program draws lines, from zero; those with numbers
    below zero are a group of their own, whose axis Excel chooses.
    """
    groups: dict[bool, str] = {}
    for cell, values in places:
        sheet, _, cells = address(values).rpartition("!")
        formula = escape(f"{sheet}!{cells.replace('$', '')}")
        line = f"<x14:sparkline><xm:f>{formula}</xm:f><xm:sqref>{cell}</xm:sqref></x14:sparkline>"
        below = any(number is not None and number < 0 for number in map(_number, read(values)[0]))
        groups[below] = groups.get(below, "") + line
    if not groups:
        return ""
    shades = {role: _colour(colours[f"chart {role}"]) for role in ("actual", "prior")}
    parts = "".join(
        f"<x14:color{part} {shades['actual' if part == 'Last' else 'prior']}/>"
        for part in ("Series", "Negative", "Axis", "Markers", "First", "Last", "High", "Low")
    )
    drawn = "".join(
        f'<x14:sparklineGroup {"" if below else _FROM_ZERO}type="column" displayEmptyCellsAs="gap" last="1"'
        f"{'' if below else _CUSTOM}>{parts}<x14:sparklines>{lines}</x14:sparklines></x14:sparklineGroup>"
        for below, lines in groups.items()
    )
    return (
        f'<extLst><ext xmlns:x14="{_MAIN}" uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}">'
        f'<x14:sparklineGroups xmlns:xm="{_FORMULAS}">{drawn}</x14:sparklineGroups></ext></extLst>'
    )


def _colour(colour: Color) -> str:
    known: Any = colour
    if known.type == "theme":
        tint = f' tint="{known.tint}"' if known.tint else ""
        return f'theme="{known.theme}"{tint}'
    return f'rgb="{known.rgb}"' if known.type == "rgb" else f'indexed="{known.indexed}"'


def _number(value: Scalar) -> float | None:
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known and isinstance(value, (int, float)) else None


def svg_sparkline(sparkline: Sparkline, values: Sequence[Scalar], colours: Mapping[str, str]) -> str:
    """The sparkline as an ``<svg>`` element; ``colours`` by role."""
    numbers = [_number(value) for value in values]
    known = [number for number in numbers if number is not None]
    low, high = min(0.0, *known) if known else 0.0, max(0.0, *known) if known else 0.0
    step, tall = _WIDTH / max(len(numbers), 1), (_HEIGHT - 2 * _EDGE) / ((high - low) or 1)
    zero = _HEIGHT - _EDGE + low * tall
    columns = "".join(
        f'<rect x="{at * step + 1:.1f}" y="{zero - max(number, 0.0) * tall:.1f}" width="{step - 2:.1f}" '
        f'height="{max(abs(number) * tall, 0.5):.1f}" '
        f'fill="{colours["actual" if at == len(numbers) - 1 else "prior"]}"/>'
        for at, number in enumerate(numbers)
        if number is not None
    )
    alt = quoteattr(clean_text(sparkline.alt))
    return (
        f'<svg class="spark" role="img" aria-label={alt} viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}" '
        f'height="{_HEIGHT:g}"><title>{escape(clean_text(sparkline.alt))}</title>{columns}</svg>'
    )
