"""The look of a workbook: styles, colours, header, footer and logo, read from a template that people edit in
Excel."""

from __future__ import annotations

import re
import zipfile
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill
from openpyxl.styles.colors import Color

from segxl.errors import SegxlError
from segxl.pages.model import STYLES

SHEET = "Look"
COLOURS = (
    "chart actual",
    "chart prior",
    "chart accent",
    "chart accent 2",
    *(f"chart step {n}" for n in range(1, 6)),
    "tab output",
    "tab working",
    "tab input",
)
"""Rows of the template in which only the sample's fill counts."""
FONTS = ("link", "chart text")
"""Rows of the template in which only the sample's font counts."""

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_R_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_PICTURES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif"}


@dataclass(frozen=True)
class Sample:
    """A style as the template shows it. ``height`` is that of a row with one line of it, in points."""

    font: Font
    fill: PatternFill
    border: Border
    alignment: Alignment
    height: float


@dataclass(frozen=True)
class Logo:
    """A picture of the template, ``width`` and ``height`` as placed there, in EMU (360,000 a centimetre)."""

    data: bytes
    format: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Look:
    """All that the template decides.

    ``header`` and ``footer`` are openpyxl's items (left, center, right); ``margins`` its page margins;
    ``theme`` the XML of the colour theme that samples may refer to.
    """

    samples: dict[str, Sample]
    fonts: dict[str, Font]
    colours: dict[str, Color]
    header: Any
    footer: Any
    margins: Any
    theme: bytes | None
    logos: tuple[Logo, ...]


def read_look(template: Path) -> Look:
    """Read a template workbook.

    Raises:
        SegxlError: the file cannot be read, has no sheet "Look", or lacks the row of a style.
    """
    try:
        state = template.stat()
    except OSError:
        state = None  # reading it says why
    return _read(template, None if state is None else (state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=1)
def _read(template: Path, _state: tuple[int, int] | None) -> Look:
    """The look of a template in a state: the packs of a run share it."""
    try:
        book = load_workbook(template)
        logos = tuple(_logos(template))
    except Exception as error:  # openpyxl raises various errors on a broken part
        raise SegxlError(f"the template {template} cannot be read as an Excel workbook: {error}") from error
    return _look_of(book, logos, template)


def _look_of(book: Workbook, logos: tuple[Logo, ...], template: Path) -> Look:
    if SHEET not in book.sheetnames:
        raise SegxlError(f"the template {template} has no sheet {SHEET!r}")
    sheet = book[SHEET]
    rows = {str(cell.value).strip().casefold(): cell.row for cell in sheet["A"] if cell.value is not None}
    missing = [name for name in (*STYLES, *FONTS, *COLOURS) if name not in rows]
    if missing:
        raise SegxlError(
            f"the template {template}: sheet {SHEET!r} has no row for {', '.join(map(repr, missing))}; "
            "column A names the style, column B is its sample"
        )
    cells: dict[str, Any] = {name: sheet.cell(row, 2) for name, row in rows.items()}
    default = sheet.sheet_format.defaultRowHeight or 15.0
    heights = {name: sheet.row_dimensions[row].height or default for name, row in rows.items()}
    return Look(
        samples={name: _sample(cells[name], heights[name]) for name in STYLES},
        fonts={name: copy(cells[name].font) for name in FONTS},
        colours={name: _colour(cells[name], name, template) for name in COLOURS},
        header=copy(sheet.oddHeader),
        footer=copy(sheet.oddFooter),
        margins=copy(sheet.page_margins),
        theme=book.loaded_theme,
        logos=logos,
    )


def _sample(cell: Any, height: float) -> Sample:
    return Sample(copy(cell.font), copy(cell.fill), copy(cell.border), copy(cell.alignment), float(height))


def _colour(cell: Any, name: str, template: Path) -> Color:
    if cell.fill.fill_type != "solid":
        raise SegxlError(f"the template {template}: the sample of {name!r} needs a solid fill colour")
    colour: Color = copy(cell.fill.fgColor)
    return colour


def _logos(template: Path) -> list[Logo]:
    """The template's pictures, read from the file itself: without Pillow openpyxl drops them."""
    found = []
    with zipfile.ZipFile(template) as archive:
        names = archive.namelist()
        for part in sorted(name for name in names if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)):
            rels = f"xl/drawings/_rels/{PurePosixPath(part).name}.rels"
            if rels in names:
                targets = _targets(archive.read(rels))
                tree = ElementTree.fromstring(archive.read(part))
                found += [_logo(archive, anchor, targets) for anchor in tree if anchor.find(f".//{_XDR}pic")]
    return [logo for logo in found if logo is not None]


def _targets(rels: bytes) -> dict[str, str]:
    """Relationship ids and the parts they lead to, as names in the archive."""
    targets = {}
    for relation in ElementTree.fromstring(rels):
        target = relation.get("Target", "")
        inside = target.removeprefix("/") if target.startswith("/") else f"xl/{target.removeprefix('../')}"
        targets[relation.get("Id", "")] = inside
    return targets


def _logo(archive: zipfile.ZipFile, anchor: ElementTree.Element, targets: dict[str, str]) -> Logo | None:
    blip = anchor.find(f".//{_A}blip")
    part = targets.get(blip.get(_R_EMBED, ""), "") if blip is not None else ""
    kind = _PICTURES.get(PurePosixPath(part).suffix.lower())
    sizes = [anchor.find(f"{_XDR}ext"), anchor.find(f".//{_A}xfrm/{_A}ext")]
    size = next((each for each in sizes if each is not None), None)
    if kind is None or part not in archive.namelist() or size is None:
        return None
    named = anchor.find(f".//{_XDR}cNvPr")
    alt = "" if named is None else named.get("descr", "")
    width, height = int(size.get("cx", "0")), int(size.get("cy", "0"))
    return Logo(archive.read(part), kind, width, height, alt or "Logo") if width > 0 and height > 0 else None
