"""Colours as numbers: those of the template as ``#rrggbb``, paler ones, and what can be read on what."""

from __future__ import annotations

import colorsys
import re
from typing import Any
from xml.etree import ElementTree

from openpyxl.styles.colors import COLOR_INDEX, Color

from segxl.render.shared.theme import Look, Sample

READABLE = 4.5
"""The contrast that WCAG asks of text."""

_SCHEME = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


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


def fill_colour(sample: Sample, theme: dict[str, str]) -> str | None:
    """A sample's fill; None where it has none."""
    return hex_colour(sample.fill.fgColor, theme) if sample.fill.fill_type == "solid" else None


def theme_colours(look: Look) -> dict[str, str]:
    """The template's theme: colours by the name that its parts refer to."""
    if not look.theme:
        return {}
    scheme = ElementTree.fromstring(look.theme).find(f".//{_DRAWING}clrScheme")
    found = {}
    for each in scheme if scheme is not None else ():
        value = each[0].get("lastClr") or each[0].get("val") or ""
        if re.fullmatch("[0-9A-Fa-f]{6}", value):
            found[each.tag.removeprefix(_DRAWING)] = f"#{value.lower()}"
    return found


def paler(colour: str, shade: float) -> str:
    """Mixed with white: the colour itself at 1, white at 0."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * shade):02x}" for part in parts)


def readable(colour: str, ground: str) -> str:
    """The colour, darkened until it can be read on its ground."""
    if luminance(ground) < 0.4:
        return colour  # light words on a dark fill: as the template has them
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    while contrast(colour, ground) < READABLE and (red or green or blue):
        red, green, blue = (int(part * 0.96) for part in (red, green, blue))
        colour = f"#{red:02x}{green:02x}{blue:02x}"
    return colour


def contrast(one: str, other: str) -> float:
    """From 1, none, to 21, black on white: WCAG's contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """From 0, black, to 1, white: WCAG's relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _tinted(colour: str, tint: float) -> str:
    """Lighter or darker the way Excel does it."""
    if not tint:
        return colour
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, light, strength = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, light, strength))
