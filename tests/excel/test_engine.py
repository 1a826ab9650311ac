"""The engine without Excel: what segxl does not draw stays as it is, byte for byte."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from segxl.errors import SegxlError
from segxl.excel.buttons.actions import build_scorecard, check_data
from segxl.excel.file_engine.package import Package, relations_of
from segxl.excel.file_engine.patch import patched
from segxl.excel.file_engine.xlwings_engine import open_book
from tests.books import company, fill, write_book
from tests.drawn import check_package, parts
from tests.office import recalculated
from tests.places import ROOT

REWRITTEN = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
MACRO_BOOK = ROOT / "workbooks" / "segxl.xlsm"
SPARKLINES = (
    b'<extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}" '
    b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:sparklineGroups '
    b'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:sparklineGroup><x14:sparklines>'
    b"<x14:sparkline><xm:f>Mine!A1:A3</xm:f><xm:sqref>B1</xm:sqref></x14:sparkline></x14:sparklines>"
    b"</x14:sparklineGroup></x14:sparklineGroups></ext></extLst>"
)


def rewrite(path: Path, change: Callable[[str, bytes], bytes], **added: bytes) -> Path:
    """Change a workbook's parts by hand."""
    found = parts(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**found, **{key.replace("__", "/"): value for key, value in added.items()}}.items():
            archive.writestr(name, change(name, data))
    return path


def user_book(path: Path) -> Path:
    """The small company with a sheet of the user's that holds much of what openpyxl alone would lose or change."""
    book = Workbook()
    del book["Sheet"]
    for name, rows in company().items():
        fill(book.create_sheet(name), rows)
    mine = book.create_sheet("Mine")
    for row in (("Month", "Won"), ("May", "=Scorecard!B7"), ("June", 3)):
        mine.append(row)
    mine["A1"].font = Font(name="Courier New", size=13, bold=True)
    mine["A1"].comment = Comment("mine", "me")
    mine.add_table(Table(displayName="tbl_won_lost", ref="A1:B3"))
    rule = DataValidation(type="list", formula1='"a,b"')
    mine.add_data_validation(rule)
    rule.add("C1")
    mine.conditional_formatting.add("B2:B3", ColorScaleRule(start_type="min", end_type="max"))
    chart = BarChart()
    chart.add_data(Reference(mine, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    mine.add_chart(chart, "E2")
    mine.row_dimensions[3].hidden = True
    book.defined_names["Target"] = DefinedName("Target", attr_text="Mine!$B$3")
    mine.print_title_rows = "1:1"
    book.save(path)
    number = book.sheetnames.index("Mine") + 1
    return rewrite(
        path,
        lambda name, data: (
            data.replace(b"</worksheet>", SPARKLINES + b"</worksheet>")
            if name == f"xl/worksheets/sheet{number}.xml"
            else data
        ),
        docProps__note=b"kept, though nothing leads to it",
    )


@pytest.mark.slow
def test_what_is_not_drawn_stays_byte_for_byte(tmp_path: Path) -> None:
    path = user_book(tmp_path / "book.xlsx")
    before = parts(path)
    book = open_book(path)
    build_scorecard(book)
    book.save()
    after = parts(path)
    check_package(path)
    changed = {name for name, data in before.items() if after.get(name) != data}
    selected = {name for name in changed if b'tabSelected="1"' in before[name]}  # the scorecard is now in front
    assert changed - selected == REWRITTEN
    assert all(re.sub(rb' tabSelected="1"', b"", before[name]) == after[name] for name in selected)
    mine = load_workbook(path)["Mine"]
    assert mine["B2"].value == "=Scorecard!B7"
    assert mine["A1"].font.name == "Courier New" and mine["A1"].font.sz == 13
    names = load_workbook(path).defined_names
    assert names["Target"].attr_text == "Mine!$B$3"
    assert mine.print_title_rows == "$1:$1"


def test_ribbon_and_macros_stay(tmp_path: Path) -> None:
    path = tmp_path / "segxl.xlsm"
    path.write_bytes(MACRO_BOOK.read_bytes())
    before = parts(path)
    book = open_book(path)
    drawn = open_book(write_book(tmp_path / "other.xlsx"))  # to have something to draw
    build_scorecard(drawn)
    sheet = book.sheets.add("Notes", after=book.sheets[-1])
    sheet.range("A1").value = "hello"
    book.save()
    after = parts(path)
    check_package(path)
    assert {name for name, data in before.items() if after.get(name) != data} <= REWRITTEN
    assert "xl/vbaProject.bin" in after and any(name.startswith("customUI/") for name in after)
    assert after[relations_of("")] == before[relations_of("")]
    assert load_workbook(path, keep_vba=True)["Notes"]["A1"].value == "hello"


@pytest.mark.ci
def test_drawing_again_and_again_adds_nothing(tmp_path: Path) -> None:
    path = user_book(tmp_path / "book.xlsx")
    found = []
    for _ in range(3):
        book = open_book(path)
        build_scorecard(book)
        check_data(book)
        book.save()
        check_package(path)
        found.append(parts(path))
    assert found[1] == found[2]
    assert Counter(load_workbook(path).sheetnames).most_common(1)[0][1] == 1


@pytest.mark.slow
def test_a_formula_that_points_at_a_drawn_sheet_is_calculated_on_opening(tmp_path: Path) -> None:
    pointing, alone = user_book(tmp_path / "a.xlsx"), write_book(tmp_path / "b.xlsx")
    for path in (pointing, alone):
        rewrite(
            path, lambda name, data: data.replace(b' fullCalcOnLoad="1"', b"") if name == "xl/workbook.xml" else data
        )
        book = open_book(path)
        build_scorecard(book)
        book.save()
    assert b'fullCalcOnLoad="1"' in parts(pointing)["xl/workbook.xml"]
    assert b"fullCalcOnLoad" not in parts(alone)["xl/workbook.xml"]


@pytest.mark.ci
@pytest.mark.office
def test_the_users_formula_follows_the_drawn_sheet(tmp_path: Path) -> None:
    path = user_book(tmp_path / "book.xlsx")
    book = open_book(path)
    build_scorecard(book)
    book.save()
    calculated = load_workbook(recalculated(path, tmp_path / "office"), data_only=True)
    assert calculated["Scorecard"]["A7"].value.startswith("SOM accounts")
    assert calculated["Mine"]["B2"].value == calculated["Scorecard"]["B7"].value == 3


def test_values_are_read_as_excel_hands_them_over(tmp_path: Path) -> None:
    path = user_book(tmp_path / "book.xlsx")
    mine = open_book(path).sheets["Mine"]
    assert mine.used_range.shape == (3, 2)  # the hidden row too
    assert mine.range("A3:B3").value == ["June", 3]
    errors = write_book(tmp_path / "errors.xlsx", {"Errors": (("a", "#N/A"), (1, True))})
    cells = open_book(errors).sheets["Errors"].used_range
    assert cells.options(ndim=2).value == [["a", None], [1, True]]
    assert cells.options(ndim=2, err_to_str=True).value == [["a", "#N/A"], [1, True]]


def test_values_are_written_as_excel_takes_them(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    book = open_book(path)
    sheet = book.sheets.add("New", after=book.sheets[-1])
    sheet.range("A1").value = [["plain", "'=kept", 2.5], [None, True, "a\x01b_x0041_"]]
    sheet.range("B3").value = "=A1"
    assert sheet.range("A1:C2").value == [["plain", "=kept", 2.5], [None, True, "a\ufffdb_x0041_"]]
    book.sheets["accounts"].range("C2:D2").value = ["North", 7]
    assert book.sheets["accounts"].range("C2:D2").value == ["North", 7]
    book.save()
    saved = load_workbook(path)
    assert [cell.value for cell in saved["New"][1]] == ["plain", "=kept", 2.5]
    assert (saved["New"]["B1"].data_type, saved["New"]["B3"].data_type) == ("s", "f")
    assert [cell.value for cell in saved["accounts"][2]][2:] == ["North", 7]
    assert saved["accounts"]["A3"].value == "A2"


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="2" spans="1:3" ht="20"><c r="A2" s="4" t="s"><v>0</v></c><c r="C2"><f>1+1</f><v>2</v></c></row>'
    b'<row r="5"/></sheetData><pageMargins left="1"/></worksheet>'
)


def test_values_are_patched_in_place() -> None:
    patch = patched(SHEET, {(2, 1): None, (2, 2): "a & b", (1, 1): 1.5, (5, 3): True, (9, 1): "x", (9, 2): None})
    assert patch.count(b'<c r="A2" s="4"/>') == 1
    assert b'<c r="B2" t="inlineStr"><is><t xml:space="preserve">a &amp; b</t></is></c><c r="C2"><f>1+1</f>' in patch
    assert b'<row r="2" ht="20">' in patch
    assert patch.index(b'<c r="A1"><v>1.5</v></c>') < patch.index(b'r="A2"') < patch.index(b'<c r="C5" t="b"><v>1</v>')
    assert patch.endswith(b'</row></sheetData><pageMargins left="1"/></worksheet>')
    assert b"B9" not in patch
    prefixed = SHEET.replace(b"<", b"<x:").replace(b"<x:/", b"</x:")
    assert b'<x:c r="A2" s="4"><x:v>3</x:v></x:c>' in patched(prefixed, {(2, 1): 3})


def test_a_workbook_that_is_open_in_excel_is_refused(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    book = open_book(path)
    check_data(book)
    before = path.read_bytes()
    (tmp_path / "~$book.xlsx").touch()
    with pytest.raises(SegxlError, match="is open in Excel"):
        book.save()
    with pytest.raises(SegxlError, match="is open in Excel"):
        open_book(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such workbook"),
        (b"\xd0\xcf\x11\xe0 encrypted", "has a password"),
        (b"", "is not a readable Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "book.xlsx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SegxlError, match=words):
        open_book(path)


STYLES = "xl/styles.xml"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "%s">%s]><x y="&f;"/>' % (
    b"a" * 1000,
    b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 100) for n in range(5)),
)


@pytest.mark.parametrize(
    ("part", "data"),
    [
        (STYLES, b"<x"),
        (STYLES, b"<styleSheet/>"),
        (STYLES, b"<x>" * 1000 + b"</x>" * 1000),
        (STYLES, LAUGHS),
        ("[Content_Types].xml", b""),
        ("xl/worksheets/_rels/sheet1.xml.rels", b"<x"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/workbook.xml", b'<workbook><sheets><sheet name="S" sheetId="x"/></sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", b"<Relationships/>"),
    ],
)
def test_a_broken_part_is_found_before_anything_is_drawn(tmp_path: Path, part: str, data: bytes) -> None:
    path = rewrite(write_book(tmp_path / "book.xlsx", company()), lambda name, old: data if name == part else old)
    if part not in parts(path):
        rewrite(path, lambda _, old: old, **{part.replace("/", "__"): data})
    with pytest.raises(SegxlError, match=r"book\.xlsx is not a readable Excel workbook"):
        open_book(path)


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    path = rewrite(write_book(tmp_path / "book.xlsx", company()), lambda _, old: old, xl__media__x=bytes(80_000_000))
    with pytest.raises(SegxlError, match="too much for an export"):
        open_book(path)


def test_a_read_only_workbook_is_not_replaced(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    before = path.read_bytes()
    path.chmod(0o444)
    book = open_book(path)
    check_data(book)
    with pytest.raises(SegxlError, match=r"book\.xlsx is read-only: allow changes"):
        book.save()
    assert path.read_bytes() == before
    path.chmod(0o644)
    book.save()
    assert path.read_bytes() != before


def test_a_signed_workbook_is_refused(tmp_path: Path) -> None:
    path = rewrite(write_book(tmp_path / "book.xlsx"), lambda _, data: data, _xmlsignatures__sig1=b"")
    with pytest.raises(SegxlError, match="is digitally signed"):
        open_book(path)


def test_a_save_that_fails_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_book(tmp_path / "book.xlsx")
    before = path.read_bytes()
    book = open_book(path)
    check_data(book)

    def broken(self: Package, *_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(Package, "write", broken)
    with pytest.raises(SegxlError, match="no room"):
        book.save()
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["book.xlsx"]


def test_a_sheet_before_another_takes_its_place_and_names_of_sheets_follow(tmp_path: Path) -> None:
    path = user_book(tmp_path / "book.xlsx")
    book = open_book(path)
    front = book.sheets.active.name
    mine = book.sheets["Mine"]
    before = book.sheet_names
    sheet = book.sheets.add("New", before=book.sheets[0])
    sheet.range("A1").value = "x"
    assert book.sheet_names == ["New", *before] and book.sheets.active.name == front
    assert mine.range("A1").value == open_book(path).sheets["Mine"].range("A1").value
    book.save()
    check_package(path)
    saved = load_workbook(path)
    assert saved.sheetnames == ["New", *before] and saved.active.title == front
    assert saved["Mine"].print_title_rows == "$1:$1" and not saved["New"].print_title_rows
    assert saved["New"]["A1"].value == "x"
