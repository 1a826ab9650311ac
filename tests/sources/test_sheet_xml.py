"""What a sheet's XML tells, however it is written. Cells are drawn at random, so what there is to tell is known."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segxl.errors import SegxlError
from segxl.sources.files import sheet_xml
from segxl.sources.files.files import read_file
from segxl.sources.files.raw import column_letters
from segxl.sources.files.sheet_xml import NOT_CALCULATED, Place, SheetXml, inspect_sheet
from segxl.sources.files.sheets import read_grids

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PARTS = {
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Export" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE.replace("relationships", "content-types")}">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
}


@dataclass(frozen=True)
class Kind:
    """A cell's other attributes and its inside, what calamine makes of it, and what it excludes."""

    attributes: str
    inside: str
    value: object = ""
    unsaid: str = ""


KINDS = (
    Kind("", "<v>5</v>", value=5.0),
    Kind('s="0"', ""),
    Kind('t="inlineStr"', '<is><t>a = "b" r="C12" t="e"</t></is>', value='a = "b" r="C12" t="e"'),
    Kind('t="b"', "<v>1</v>", value=True),
    Kind('t="e"', "<v>#N/A</v>", unsaid="#N/A"),
    Kind('s="0" t="e"', "<f>1/0</f><v>#DIV/0!</v>", unsaid="#DIV/0!"),
    Kind("", "<f>1+2</f><v>3</v>", value=3.0),
    Kind('t="str"', "<f>A1</f><v></v>"),
    Kind("", "<f>1+1</f>", unsaid=NOT_CALCULATED),
    Kind('s="0"', '<f t="shared" si="0"/>', unsaid=NOT_CALCULATED),
    Kind("", "<f>1+1</f><v/>", unsaid=NOT_CALCULATED),
)

Cells = dict[Place, Kind]


def written(cells: Cells, hidden: set[int]) -> str:
    """The rows as most programs write them."""
    xml = ""
    for row in sorted({row for row, _ in cells} | hidden):
        xml += f'<row r="{row}"' + (' hidden="1">' if row in hidden else ' spans="1:3">')
        for (_, column), kind in sorted((place, kind) for place, kind in cells.items() if place[0] == row):
            tag = f'<c r="{column_letters(column - 1)}{row}" {kind.attributes}'.rstrip()
            xml += f"{tag}>{kind.inside}</c>" if kind.inside else f"{tag}/>"
        xml += "</row>"
    return xml


def prefixed(xml: str) -> str:
    return re.sub(r"<(/?)(?=\w)", r"<\1x:", xml)


def single_quoted(xml: str) -> str:
    return re.sub("<[^>]+>", lambda tag: tag[0].replace('"', "'"), xml)


def spaced(xml: str) -> str:
    return re.sub(r'<(c|row) r="(\w+)"', r'<\1\n r = "\2"', xml)


def small_letters(xml: str) -> str:
    return re.sub(r'(?<=<c r=")[A-Z]+', lambda found: found[0].lower(), xml)


def on_lines(xml: str) -> str:
    return re.sub(r"(?<=>)(?=<(?:row|c|v|f|/c|/row)\b)", "\n  ", xml)


def type_first(xml: str) -> str:
    return re.sub(r'<c (r="\w+") ((?:[st]="\w+" ?)+)', r"<c \2 \1", xml)


def commented(xml: str) -> str:
    return xml + '<!-- <row r="9"><c r="XFD1048576" t="e"><v>#REF!</v></c></row> -->'


def without_places(xml: str) -> str:
    return re.sub(r'<(c|row) r="\w+"', r"<\1", xml)


USUAL = (str, prefixed)
ODD = (single_quoted, spaced, small_letters, on_lines, type_first, commented)
CORNERS = ((1, 1), (8, 25), (98, 700), (99_990, 25), (999_990, 1))


def packed(rows: str, before: str = "", others: Mapping[str, str] = MappingProxyType({})) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, xml in (PARTS | dict(others)).items():
            parts.writestr(name, xml)
        data = f'<sheetData>{rows}</sheetData><rowBreaks count="1"/>'
        parts.writestr(
            "xl/worksheets/sheet1.xml",
            f'{before}<worksheet xmlns="{MAIN}" xmlns:x="{MAIN}"><cols><col min="1" max="3"/></cols>{data}</worksheet>',
        )
    return file


def told(rows: str, before: str = "") -> SheetXml:
    with zipfile.ZipFile(packed(rows, before)) as parts:
        return inspect_sheet("book.xlsx", parts, "Export")


def truth(cells: Cells, hidden: set[int]) -> SheetXml:
    return SheetXml({place: kind.unsaid for place, kind in cells.items() if kind.unsaid}, len(hidden))


@st.composite
def sheets(draw: st.DrawFn, corners: tuple[Place, ...] = CORNERS) -> tuple[Cells, set[int]]:
    """Up to nine cells from a corner on, and which rows are hidden."""
    top, left = draw(st.sampled_from(corners))
    near = st.tuples(st.integers(top, top + 2), st.integers(left, left + 2))
    cells = draw(st.dictionaries(near, st.sampled_from(KINDS), max_size=9))
    return cells, draw(st.sets(st.integers(top, top + 3), max_size=2))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(sheets(), st.sampled_from(USUAL))
def test_sheets_written_as_usual_need_no_parser(sheet: tuple[Cells, set[int]], style: type[str]) -> None:
    def never(*_: object) -> SheetXml:
        raise AssertionError("parsed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet_xml, "_by_parser", never)
        assert told(style(written(*sheet))) == truth(*sheet)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(sheets(), st.sampled_from(ODD))
def test_sheets_written_in_odd_ways_tell_the_same(sheet: tuple[Cells, set[int]], style: type[str]) -> None:
    assert told(style(written(*sheet))) == truth(*sheet)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sampled_from(KINDS), max_size=4), max_size=4))
def test_cells_that_do_not_say_where_they_stand_follow_each_other(rows: list[list[Kind]]) -> None:
    cells = {(row, column): kind for row, kinds in enumerate(rows, 1) for column, kind in enumerate(kinds, 1)}
    xml = "".join(
        written({place: kind for place, kind in cells.items() if place[0] == row}, set()) or "<row/>"
        for row in range(1, len(rows) + 1)
    )
    assert told(without_places(xml)) == truth(cells, set())


@settings(max_examples=60, deadline=None)
@given(sheets(((1, 1), (2, 25))), st.sampled_from(USUAL + ODD))
def test_the_grid_holds_what_calamine_says_and_what_it_leaves_out(
    sheet: tuple[Cells, set[int]], style: type[str]
) -> None:
    cells, hidden = sheet
    cells = cells | {(9, 60): KINDS[0]}  # a last cell, so that the grid reaches beyond all others
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        path.write_bytes(packed(style(written(cells, hidden))).getvalue())
        ((name, grid, hidden_rows, _),) = read_grids(path)
    assert (name, hidden_rows, len(grid), len(grid[0])) == ("Export", len(hidden), 9, 60)
    for row, values in enumerate(grid, start=1):
        for column, value in enumerate(values, start=1):
            kind = cells.get((row, column), Kind("", ""))
            assert value == (kind.unsaid or kind.value)


HEAD = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="2"><c r="XFD1048576"><v>1</v></c></row>',
        '<row><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="2"><c r = "XFD1048576"><v>1</v></c></row>',
        '<row\nr="1048576"><c\tr="XFD1048576"><v>1</v></c></row>',
        '<row r="2"><c s="0" r="XFD1048576"><v>1</v></c></row>',
        '<row r="2"><c r="xfd1048576"><v>1</v></c></row>',
        '<row r="2"><c r="XFD0001048576"><v>1</v></c></row>',
        '<row r="2"><x:c r="XFD1048576"><v>1</v></x:c></row>',
        '<row r="2"><any:c r="XFD1048576"><v>1</v></any:c></row>',
        '<row r="1048576"><c r="XFC1048576"><v>1</v></c><c><v>1</v></c></row>',
        f'<row r="2">{"<c><v>1</v></c>" * 30}</row><row r="1048576"><c><v>1</v></c></row>',
        "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(2, 50_000))
        + '<row r="50000"><c r="XFD50000"><v>1</v></c></row>',
    ],
)
def test_a_far_cell_is_refused_however_it_is_written(rows: str) -> None:
    """calamine takes all of these; its grid for them would be larger than any memory, and it would end the program."""
    with pytest.raises(SegxlError, match=r"book\.xlsx extends to [A-Z]+[0-9]+ but has only [0-9,]+ cells: press Ctrl"):
        told(HEAD + rows)


def test_what_is_far_and_empty_does_no_harm() -> None:
    """calamine's grid ends with the last cell that holds something."""
    assert told(HEAD + '<row r="1048576"><c r="XFD1048576" s="1"/></row>') == SheetXml()
    assert told(HEAD + '<row r="1048576"/>') == SheetXml()


@pytest.mark.slow
def test_a_sheet_may_be_full_to_the_last_row() -> None:
    """A column down to the last row: far, and no more than it holds."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 1_048_577, 7))
    assert told(rows + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>') == SheetXml()


def test_a_document_type_is_refused() -> None:
    with pytest.raises(ValueError, match="declares a document type"):
        told(HEAD + "<row/>", before='<!DOCTYPE worksheet [<!ENTITY e "1">]>')


def test_grids_are_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    path.write_bytes(packed(HEAD + '<row r="2"><c r="XFD1048576"><v>1</v></c></row>').getvalue())
    with pytest.raises(SegxlError, match=r"far\.xlsx, sheet 'Export' extends to XFD1048576 but has only 3 cells"):
        list(read_grids(path))


def shared(
    texts: list[str], cells: int, tag: str = '<c t="s"><v>0</v></c>', name: str = "xl/sharedStrings.xml"
) -> zipfile.ZipFile:
    """A sheet of so many rows of the first of some texts."""
    others = {name: "<sst>" + "".join(f"<si><t>{text}</t></si>" for text in texts) + "</sst>"}
    return zipfile.ZipFile(packed(f"<row>{tag}</row>" * cells, others=others))


@pytest.mark.parametrize(
    "tag", ['<c t="s"><v>0</v></c>', "<c t = 's'>\n<v>0</v></c>", '<x:c t="s" s="1"><x:v>0</x:v></x:c>']
)
def test_long_texts_in_many_cells_are_refused(tag: str) -> None:
    """32,767 letters in 140,000 cells: 4.3 GB."""
    with (
        shared(["x" * 32_767], 140_000, tag) as parts,
        pytest.raises(SegxlError, match=r"^book\.xlsx contains 4 GB of repeated text, too much for an export"),
    ):
        inspect_sheet("book.xlsx", parts, "Export")


def test_long_texts_are_found_whatever_the_slashes_of_their_part() -> None:
    with (
        shared(["x" * 32_767], 140_000, name="xl\\SharedStrings.xml") as parts,
        pytest.raises(SegxlError, match="4 GB of repeated text"),
    ):
        inspect_sheet("book.xlsx", parts, "Export")


def test_a_long_text_in_one_cell_of_many_is_no_matter() -> None:
    with shared(["short", "x" * 32_767], 140_000) as parts:
        assert inspect_sheet("book.xlsx", parts, "Export") == SheetXml()


def test_a_sheet_in_another_encoding_is_damaged_and_not_empty(tmp_path: Path) -> None:
    path = tmp_path / "wide.xlsx"
    xml = f'<worksheet xmlns="{MAIN}"><sheetData>{HEAD}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w") as parts:
        for name, part in PARTS.items():
            parts.writestr(name, part)
        parts.writestr("xl/worksheets/sheet1.xml", xml.encode("utf-16"))
    with pytest.raises(SegxlError, match=r"wide\.xlsx is damaged or incomplete \(a sheet is in UTF-16\)"):
        read_file(path)


@pytest.mark.ci
def test_many_sheets_that_reach_far_are_refused_together(tmp_path: Path) -> None:
    """Each alone would do: three cells in the last row but one, 700,000 below the header, and 21 columns wide."""
    names = [f"Sheet {number}" for number in range(1, 5)]
    sheets = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId1"/>' for n, name in enumerate(names, start=1))
    others = {"xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'}
    path = tmp_path / "many.xlsx"
    path.write_bytes(packed(HEAD + '<row r="700000"><c r="U700000"><v>1</v></c></row>', others=others).getvalue())
    with pytest.raises(SegxlError, match="sheet 'Sheet 2': this sheet and those before it have too many empty cells"):
        for _ in read_grids(path):
            pass


def test_a_thousand_sheets_are_refused(tmp_path: Path) -> None:
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 1002))
    others = {"xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'}
    path = tmp_path / "many.xlsx"
    path.write_bytes(packed(HEAD, others=others).getvalue())
    with pytest.raises(
        SegxlError, match=r"^many\.xlsx has 1,001 sheets, too many for an export: save the sheet you need"
    ):
        list(read_grids(path))


def test_merged_areas_that_overlap_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    merged = '<mergeCells><mergeCell ref="A1:B2"/>' + '<mergeCell ref="A1:B1"/>' * 2 + "</mergeCells>"
    rows = HEAD + '<row r="2"><c r="A2"><v>3</v></c></row>'
    path.write_bytes(packed(rows + "</sheetData>" + merged + "<sheetData>").getvalue())
    with pytest.raises(SegxlError, match=r"merged\.xlsx, sheet 'Export' has merged areas that overlap"):
        list(read_grids(path))


def test_more_columns_than_a_sheet_has_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.xlsx"
    path.write_bytes(packed(HEAD + '<row r="2"><c r="AAAA2"><v>1</v></c></row>').getvalue())
    with pytest.raises(SegxlError, match="'Export' has more than 16,384 columns, Excel's limit"):
        read_file(path)
