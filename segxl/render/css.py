"""The template's look as CSS: the same fonts, colours, fills and rules on the web as in the workbook."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from openpyxl.styles.colors import COLOR_INDEX, Color

from segxl.render.look import Look, Sample

FALLBACK_FONTS = 'Carlito, "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", Arial, sans-serif'
_REM_A_POINT = 0.09375  # 10 points on paper are 15 pixels on the screen, as many as a phone needs
_READABLE = 4.5  # the contrast that WCAG asks of text
_SCHEME = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
_RULES = {"thin": "1px solid", "hair": "1px dotted", "dotted": "1px dotted", "dashed": "1px dashed"}
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def style_rules(look: Look) -> str:
    """A rule for each of the page model's styles, ``.s-value {…}``, and the variables that the style sheet uses."""
    theme = _theme_colours(look)
    link = hex_colour(look.fonts["link"].color, theme) or "#0072b2"
    text = look.samples["text"]
    lines = [
        ":root {",
        f"  --link: {readable(link, '#ffffff')};",
        f"  --line: {hex_colour(text.border.bottom.color if text.border.bottom else None, theme) or '#e3e7ec'};",
        f"  --head: {_fill(look.samples['header'], theme) or '#eef4f9'};",
        f"  --ink: {_ink(text, theme)};",
        f"  font-family: {_fonts(text)};",
        "}",
    ]
    for name, sample in look.samples.items():
        lines.append(f".s-{name.replace('_', '-')} {{ {' '.join(_declarations(sample, theme))} }}")
    return "\n".join(lines)


def chart_colours(look: Look) -> dict[str, str]:
    """The colours of charts by role (``"accent_2"``), and ``"text"``."""
    theme = _theme_colours(look)
    roles = ("actual", "prior", "accent", "accent_2")
    found = {role: hex_colour(look.colours[f"chart {role}".replace("_", " ")], theme) or "#0072b2" for role in roles}
    text = hex_colour(look.fonts["chart text"].color, theme) or "#595959"
    return {**found, "text": readable(text, "#ffffff")}


def hex_colour(colour: Color | None, theme: dict[str, str]) -> str | None:
    """``#rrggbb``; None where the colour is left to the program."""
    if colour is None:
        return None
    known: Any = colour
    if known.type == "theme":
        names = _SCHEME[known.theme : known.theme + 1]
        base = theme.get(names[0]) if names else None
        return None if base is None else _tinted(base, float(known.tint or 0))
    if known.type == "indexed":
        return f"#{COLOR_INDEX[known.indexed][-6:].lower()}" if known.indexed < len(COLOR_INDEX) else None
    return _tinted(f"#{str(known.rgb)[-6:].lower()}", float(known.tint or 0)) if known.type == "rgb" else None


def readable(colour: str, ground: str) -> str:
    """The colour, darkened until it can be read on its ground."""
    if _luminance(ground) < 0.4:
        return colour  # light words on a dark fill: as the template has them
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    while _contrast(colour, ground) < _READABLE and (red or green or blue):
        red, green, blue = (int(part * 0.96) for part in (red, green, blue))
        colour = f"#{red:02x}{green:02x}{blue:02x}"
    return colour


def css_string(text: str) -> str:
    """Any words as a string of CSS; nothing in it ends the string or the style element."""
    return '"' + re.sub(r"[^A-Za-z0-9 .,·–-]", lambda found: f"\\{ord(found[0]):x} ", text) + '"'


def _declarations(sample: Sample, theme: dict[str, str]) -> Iterator[str]:
    font, align, fill = sample.font, sample.alignment, _fill(sample, theme)
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
    return readable(hex_colour(sample.font.color, theme) or "#262626", _fill(sample, theme) or "#ffffff")


def _fill(sample: Sample, theme: dict[str, str]) -> str | None:
    return hex_colour(sample.fill.fgColor, theme) if sample.fill.fill_type == "solid" else None


def _fonts(sample: Sample) -> str:
    own = re.sub(r"[^\w -]", "", sample.font.name or "Calibri")
    return f'"{own}", {FALLBACK_FONTS}'


def _theme_colours(look: Look) -> dict[str, str]:
    if not look.theme:
        return {}
    scheme = ElementTree.fromstring(look.theme).find(f".//{_DRAWING}clrScheme")
    found = {}
    for each in scheme if scheme is not None else ():
        value = each[0].get("lastClr") or each[0].get("val") or ""
        if re.fullmatch("[0-9A-Fa-f]{6}", value):
            found[each.tag.removeprefix(_DRAWING)] = f"#{value.lower()}"
    return found


def _tinted(colour: str, tint: float) -> str:
    """Lighter or darker the way Excel does it."""
    if not tint:
        return colour
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, light, strength = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, light, strength))


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
