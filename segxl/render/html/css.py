"""The template's look as CSS: the same fonts, colours, fills and rules on the web as in the workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator

from segxl.render.shared.colours import fill_colour, hex_colour, readable, theme_colours
from segxl.render.shared.theme import COLOURS, Look, Sample

FALLBACK_FONTS = 'Carlito, "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", Arial, sans-serif'
_REM_A_POINT = 0.09375  # 10 points on paper are 15 pixels on the screen, as many as a phone needs
_RULES = {"thin": "1px solid", "hair": "1px dotted", "dotted": "1px dotted", "dashed": "1px dashed"}


def style_rules(look: Look) -> str:
    """A rule for each of the page model's styles, ``.s-value {…}``, and the variables that the style sheet uses."""
    theme = theme_colours(look)
    link = hex_colour(look.fonts["link"].color, theme) or "#0072b2"
    text = look.samples["text"]
    lines = [
        ":root {",
        f"  --link: {readable(link, '#ffffff')};",
        f"  --line: {hex_colour(text.border.bottom.color if text.border.bottom else None, theme) or '#e3e7ec'};",
        f"  --head: {fill_colour(look.samples['header'], theme) or '#eef4f9'};",
        f"  --ink: {_ink(text, theme)};",
        f"  font-family: {_fonts(text)};",
        "}",
    ]
    for name, sample in look.samples.items():
        lines.append(f".s-{name.replace('_', '-')} {{ {' '.join(_declarations(sample, theme))} }}")
    return "\n".join(lines)


def chart_colours(look: Look) -> dict[str, str]:
    """The colours of charts by role (``"accent_2"``), of a movement (``"up"``, ``"down"``, ``"same"``), ``"text"``."""
    theme = theme_colours(look)
    rows = [name for name in COLOURS if name.startswith("chart ")]
    found = {
        name.removeprefix("chart ").replace(" ", "_"): hex_colour(look.colours[name], theme) or "#0072b2"
        for name in rows
    }
    found |= {name: fill_colour(look.samples[name], theme) or "#bdbdbd" for name in ("up", "down", "same")}
    text = hex_colour(look.fonts["chart text"].color, theme) or "#595959"
    return {**found, "text": readable(text, "#ffffff")}


def css_string(text: str) -> str:
    """Any words as a string of CSS; nothing in it ends the string or the style element."""
    return '"' + re.sub(r"[^A-Za-z0-9 .,·–-]", lambda found: f"\\{ord(found[0]):x} ", text) + '"'


def _declarations(sample: Sample, theme: dict[str, str]) -> Iterator[str]:
    font, align, fill = sample.font, sample.alignment, fill_colour(sample, theme)
    yield f"color: {_ink(sample, theme)};"
    yield f"font-size: {round(float(font.sz or 10) * _REM_A_POINT, 4):g}rem;"
    yield f"font-weight: {700 if font.b else 400};"
    if font.i:
        yield "font-style: italic;"
    if fill:
        yield f"background: {fill};"
    if align.horizontal in ("left", "right", "center", "justify"):
        yield f"text-align: {align.horizontal};"
    yield f"vertical-align: {({'top': 'top', 'bottom': 'bottom'}).get(align.vertical or '', 'middle')};"
    if align.indent:
        yield f"padding-left: {0.5 + 0.75 * align.indent:g}rem;"
    for side in ("top", "right", "bottom", "left"):
        rule = getattr(sample.border, side)
        if rule is not None and rule.style:
            width = _RULES.get(rule.style, "2px solid")
            yield f"border-{side}: {width} {hex_colour(rule.color, theme) or '#7f7f7f'};"


def _ink(sample: Sample, theme: dict[str, str]) -> str:
    return readable(hex_colour(sample.font.color, theme) or "#262626", fill_colour(sample, theme) or "#ffffff")


def _fonts(sample: Sample) -> str:
    own = re.sub(r"[^\w -]", "", sample.font.name or "Calibri")
    return f'"{own}", {FALLBACK_FONTS}'
