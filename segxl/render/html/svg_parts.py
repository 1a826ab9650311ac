"""Parts of SVG charts: the room of words, lines, stretches without a gap, and steps of an axis."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape

from segxl.pages.model import Scalar
from segxl.render.html.number_formats import MONTH_NAMES
from segxl.render.xlsx.excel_values import clean_text
from segxl.units import MONTH

TITLE, WORDS = 15.0, 12.0  # sizes of type, in pixels
EM = 0.56  # about the width of a character, in parts of its size
_LONGEST = 24  # characters of a name that is written upwards


def svg_picture(name: str, title: str, alt: str, size: tuple[float, float], colour: str, inside: str, defs: str) -> str:
    """A whole ``<svg>`` element with the id ``name``; ``inside`` and ``defs`` are markup, the other texts are not."""
    width, height = (px(side) for side in size)
    return (
        f'<svg id="{name}" role="img" aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{name}-title">{svg_words(title)}</title><desc id="{name}-desc">{svg_words(alt)}</desc>'
        f'{defs}<g fill="{colour}" font-size="{px(WORDS)}">{inside}</g></svg>'
    )


def svg_text(x: float, y: float, text: str, size: float = WORDS, *, anchor: str = "", weight: int = 0) -> str:
    """A ``<text>`` element."""
    more = f' text-anchor="{anchor}"' if anchor else ""
    more += f' font-weight="{weight}"' if weight else ""
    more += f' font-size="{px(size)}"' if size != WORDS else ""
    return f'<text x="{px(x)}" y="{px(y)}"{more}>{svg_words(text)}</text>'


def svg_words(text: str) -> str:
    """A text for a place between tags."""
    return escape(clean_text(text))


def svg_line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    """A ``<line>`` element."""
    places = f'x1="{px(x1)}" y1="{px(y1)}" x2="{px(x2)}" y2="{px(y2)}"'
    return f'<line {places} stroke="{colour}"/>'


def runs(points: Sequence[tuple[float, float, float] | None]) -> Iterator[list[tuple[float, float, float]]]:
    """Stretches of points without a gap."""
    run: list[tuple[float, float, float]] = []
    for point in points:
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def number_of(value: Scalar) -> float | None:
    """Words among the numbers, like "n/a", are gaps."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None


def category_text(value: Scalar, number_format: str) -> str:
    """The name of a category; months as ``2026-10``."""
    if isinstance(value, date):
        return f"{value:%Y-%m}" if number_format == MONTH.excel else value.isoformat()[:10]
    return "" if value is None else clean_text(str(value))


def month_parts(text: str) -> tuple[str, str] | None:
    """``("2026", "Oct")`` of "2026-10"."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text)
    return (found[1], MONTH_NAMES[int(found[2]) - 1]) if found else None


def text_width(text: str, size: float) -> float:
    """About how wide a text is, in pixels."""
    return len(text) * EM * size


def shortened(name: str) -> str:
    """A name that is written upwards, with an ellipsis where it is too long."""
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"


def wrapped(text: str, room: float, size: float, most: int = 1_000) -> list[str]:
    """The lines of a text, at most ``most``; the last one has all the rest."""
    lines = [""]
    for word in " ".join(clean_text(text).split()).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > room and len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def nice_step(rough: float) -> float:
    """1, 2 or 5 times a power of ten, at least as large."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)


def px(length: float) -> str:
    """A length as SVG has it, to a tenth of a pixel."""
    return f"{length:.1f}".removesuffix(".0")
