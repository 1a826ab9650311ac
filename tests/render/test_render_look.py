"""The template decides the look; what is wrong with it is named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from segxl.errors import SegxlError
from segxl.render.shared.atomic_files import template_path
from segxl.render.shared.theme import read_look
from tests.render_samples import (
    assert_sound,
    changed_template,
    one,
    parts,
    png,
    rewritten,
    row_of,
    sample_pack,
    with_logo,
    written,
)


def test_the_template_decides_the_look(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        title = sheet.cell(row_of(sheet, "title"), 2)
        title.font = openpyxl.styles.Font(name="Arial", size=31, color=openpyxl.styles.colors.Color(theme=4))
        actual = sheet.cell(row_of(sheet, "chart actual"), 2)
        actual.fill = openpyxl.styles.PatternFill("solid", fgColor=openpyxl.styles.colors.Color(theme=5, tint=0.4))
        sheet.row_dimensions[row_of(sheet, "title")].height = 44
        sheet.oddFooter.center.text = "{footer} of {title}: {subject}"

    path = written(sample_pack(), tmp_path, template=changed_template(tmp_path, change))
    book = openpyxl.load_workbook(path)
    assert (book["Cover"]["A1"].font.name, book["Cover"]["A1"].font.sz) == ("Arial", 31)
    assert book["Cover"].row_dimensions[1].height == 44
    assert book["Cover"].oddFooter.center.text == "Mid-market && SMB of Title && <more>: Subject"
    xml = parts(path)["xl/charts/chart1.xml"].decode()
    assert 'schemeClr val="accent2"' in xml and 'lumMod val="60000"' in xml and 'lumOff val="40000"' in xml


def test_a_logo_on_the_template_lands_on_the_first_page(tmp_path: Path) -> None:
    path = written(sample_pack(), tmp_path, template=changed_template(tmp_path, with_logo))
    assert_sound(path)
    found = parts(path)
    assert found["xl/media/image1.png"] == png(60, 20)
    assert b"media/image1.png" in found["xl/drawings/_rels/drawing1.xml.rels"]
    drawing = ElementTree.fromstring(found["xl/drawings/drawing1.xml"])
    size = next(each for each in drawing.iter() if each.tag.endswith("}ext") and each.get("cx"))
    width, height = int(size.get("cx", "0")), int(size.get("cy", "0"))
    assert height <= 1.6 * 360_000 and abs(width / height - 3) < 0.01
    assert b"drawing1.xml" in found["xl/worksheets/_rels/sheet1.xml.rels"]
    assert [name for name in found if "media" in name] == ["xl/media/image1.png"]


def test_a_logo_as_excel_places_it(tmp_path: Path) -> None:
    """Excel anchors a picture at two cells and keeps its size with the picture."""
    template = changed_template(tmp_path, with_logo)
    drawing = "xl/drawings/drawing1.xml"
    xml = parts(template)[drawing]
    start, end = xml.index(b"<oneCellAnchor>"), xml.index(b"</oneCellAnchor>")
    placed = re.sub(rb'<ext cx="\d+" cy="\d+" ?/>', b"<to><col>6</col><row>4</row></to>", xml[start:end])
    size = b'<a:xfrm><a:off x="0" y="0"/><a:ext cx="720000" cy="240000"/></a:xfrm><a:prstGeom'
    placed = placed.replace(b"<oneCellAnchor>", b"<twoCellAnchor>").replace(b"<a:prstGeom", size)
    rewritten(template, {drawing: (xml[start:end] + b"</oneCellAnchor>", placed + b"</twoCellAnchor>")})
    (logo,) = read_look(template).logos
    assert (logo.width, logo.height, logo.format, logo.data) == (720_000, 240_000, "png", png(60, 20))


@pytest.mark.parametrize("name", ["title", "chart prior", "tab input", "link"])
def test_a_missing_row_of_the_template_is_named(tmp_path: Path, name: str) -> None:
    template = changed_template(tmp_path, lambda sheet: sheet.delete_rows(row_of(sheet, name)))
    with pytest.raises(SegxlError, match=f"template.xlsx: sheet 'Look' has no row for '{name}'"):
        written(one("x"), tmp_path, template=template)


def test_unusable_templates_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"no zip")
    with pytest.raises(SegxlError, match=r"broken\.xlsx cannot be read"):
        written(one("x"), tmp_path, template=broken)
    with pytest.raises(SegxlError, match=r"missing\.xlsx cannot be read"):
        written(one("x"), tmp_path, template=tmp_path / "missing.xlsx")

    def rename(sheet: Any) -> None:
        sheet.title = "Other"

    def unfill(sheet: Any) -> None:
        sheet.cell(row_of(sheet, "tab input"), 2).fill = openpyxl.styles.PatternFill()

    with pytest.raises(SegxlError, match="no sheet 'Look'"):
        written(one("x"), tmp_path, template=changed_template(tmp_path, rename))
    with pytest.raises(SegxlError, match="'tab input' needs a solid fill"):
        written(one("x"), tmp_path, template=changed_template(tmp_path, unfill))


def test_the_template_shipped_is_clean() -> None:
    found = parts(template_path("scorecard.xlsx"))
    assert not [name for name in found if "media" in name or "vba" in name or "external" in name]
    assert b"segxl" in found["docProps/core.xml"]
