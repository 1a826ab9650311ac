"""The workbook writer: what was put in comes out, and the file is sound."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from segxl.errors import SegxlError
from segxl.pages.model import (
    STYLES,
    Cell,
    Field,
    Link,
    Pack,
    Row,
    Scalar,
)
from segxl.render.shared.atomic_files import template_path
from segxl.render.xlsx.excel_values import count_lines
from segxl.units import COUNT, DATE, MONEY, MONEY_EXACT, RATE
from tests import office
from tests.places import ROOT
from tests.render_samples import (
    assert_sound,
    changed_template,
    listing,
    one,
    pack,
    page,
    parts,
    read,
    sample_pack,
    with_logo,
    written,
)


def test_values_come_back_with_their_types_and_formats(tmp_path: Path) -> None:
    row = Row(
        (
            Cell("text"),
            Cell(12, "value", COUNT),
            Cell(0.1 + 0.2, "value", RATE),
            Cell(date(2025, 3, 31), "text", DATE),
            Cell(None, "box"),
            Cell(7),
            Cell(date(2025, 3, 31)),
            Cell(-0.0, "value", MONEY),
            Cell("n/a", "muted", MONEY),
            Cell(True),
        )
    )
    sheet = read(pack(page(row)), tmp_path).worksheets[0]
    values = [cell.value for cell in sheet[1]]
    assert values[:3] == ["text", 12, 0.1 + 0.2]  # to the last digit
    assert values[3] == values[6] == datetime(2025, 3, 31)
    assert values[4:6] == [None, 7]
    assert values[7:] == [0, "n/a", True]
    formats = [cell.number_format for cell in sheet[1]]
    assert formats[:4] == ["@", COUNT.excel, RATE.excel, DATE.excel]
    assert formats[5:8] == ["General", "yyyy-mm-dd", MONEY.excel]


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_every_style_looks_as_in_the_template(tmp_path: Path, style: str) -> None:
    sheet = read(pack(page(Row((Cell("x", style),)))), tmp_path).worksheets[0]
    look = openpyxl.load_workbook(template_path("scorecard.xlsx"))["Look"]
    row = next(cell.row for cell in look["A"] if cell.value == style)
    cell, sample = sheet["A1"], look.cell(row, 2)
    for part in ("font", "fill", "border", "alignment"):
        assert repr(getattr(cell, part)) == repr(getattr(sample, part))
    assert cell.style == f"segxl {style}"
    assert sheet.row_dimensions[1].height == look.row_dimensions[row].height


def test_an_unknown_style_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SegxlError, match="style 'fancy'"):
        written(pack(page(Row((Cell("x", "fancy"),)))), tmp_path)


def test_links_select_the_whole_block(tmp_path: Path) -> None:
    target = page(Row((Cell("x"),)), key="rows", title="Won: it's 5/6")
    source = page(Row((Cell("go", link=Link("rows", 12, 40, 8), span=2), None, Cell(1, "value", COUNT))))
    sheet = read(pack(source, target), tmp_path).worksheets[0]
    assert sheet["A1"].hyperlink.location == "'Won it''s 5 6'!A12:H40"
    assert '<hyperlink ref="A1:B1"' in parts(tmp_path / "out.xlsx")["xl/worksheets/sheet1.xml"].decode()
    assert "Go to" in sheet["A1"].hyperlink.tooltip
    assert sheet["A1"].font.color.rgb != sheet["C1"].font.color.rgb  # words that lead somewhere look like it
    assert sheet["A1"].value == "go"


def test_a_link_to_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SegxlError, match="page 'gone', which the pack does not have"):
        written(pack(page(Row((Cell("x", link=Link("gone", 1, 1)),)))), tmp_path)


def test_spans_levels_heights_tips(tmp_path: Path) -> None:
    book = read(sample_pack(), tmp_path)
    sheet = book["Cover"]
    assert {str(each) for each in sheet.merged_cells.ranges} == {"A1:C1", "A6:B6"}
    assert sheet.row_dimensions[4].outlineLevel == sheet.sheet_format.outlineLevelRow == 1
    assert not sheet.sheet_properties.outlinePr.summaryBelow
    assert sheet.row_dimensions[6].height == 33
    assert sheet["A2"].comment.text == "Sum of amounts"
    assert sheet["A2"].comment.author == "segxl"


def test_a_value_under_a_span_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SegxlError, match="page 'A', cell B1: the cell lies under"):
        written(pack(page(Row((Cell("wide", span=2), Cell("lost"))))), tmp_path)


def test_rows_grow_with_wrapped_text(tmp_path: Path) -> None:
    rows = [Row((Cell(text, "note", span=2), None)) for text in ("short", "some words " * 30)]
    sheet = read(pack(page(*rows, widths=(30, 30))), tmp_path).worksheets[0]
    low, high = (sheet.row_dimensions[n].height for n in (1, 2))
    assert low * 3 < high < low * 8
    assert count_lines("one\ntwo\n", 500, 10) == 3
    assert count_lines("x" * 100, 100, 10) > 3  # a long word breaks
    assert count_lines("漢字" * 10, 100, 10) > 1
    assert count_lines("", 1, 10) == 1


def test_words_keep_clear_of_the_number_before_them(tmp_path: Path) -> None:
    row = Row((Cell(5, "value", COUNT), Cell("words", "text"), Cell("more", "text")))
    sheet = read(pack(page(row)), tmp_path).worksheets[0]
    assert [sheet.cell(1, n).alignment.indent for n in (2, 3)] == [1, 0]


def test_totals_stand_under_their_numbers(tmp_path: Path) -> None:
    sheet = read(pack(page(Row((Cell("Sum", "total"), Cell(5, "total", COUNT))))), tmp_path).worksheets[0]
    assert sheet["A1"].alignment.horizontal != "right"
    assert sheet["B1"].alignment.horizontal == "right"


def test_folded_rows_are_hidden_under_the_row_that_unfolds_them(tmp_path: Path) -> None:
    levels = (0, 1, 2, 2, 1, 0, 1)
    rows = tuple(Row((Cell(str(level)),), level=level) for level in levels)
    for folded, hidden, collapsed in ((0, [], []), (2, [3, 4], [2]), (1, [2, 3, 4, 5, 7], [1, 6])):
        sheet = read(pack(replace(page(*rows), folded=folded)), tmp_path).worksheets[0]
        found = [sheet.row_dimensions[at] for at in range(1, len(levels) + 1)]
        assert [row.outlineLevel for row in found] == list(levels)
        assert [at for at, row in enumerate(found, 1) if row.hidden] == hidden
        assert [at for at, row in enumerate(found, 1) if row.collapsed] == collapsed


@pytest.mark.office
def test_a_page_of_data_prints_nothing(tmp_path: Path) -> None:
    data = listing(Field("Name", ["nobody reads this"]), printed=False)
    path = written(pack(page(Row((Cell("read this"),))), data), tmp_path)
    words = office.pdf_text(office.pdf(path, tmp_path))
    assert "read this" in words and "nobody" not in words and words.count("\f") == 1  # one page


def test_page_setup(tmp_path: Path) -> None:
    book = read(sample_pack(), tmp_path)
    cover, won = book["Cover"], book["Won"]
    assert cover.freeze_panes == "B3"
    assert cover.print_title_rows == "$1:$2"
    assert won.print_title_rows == "$3:$3"  # a list repeats its header by itself
    assert cover.page_setup.orientation == "portrait"
    assert won.page_setup.orientation == "landscape"
    assert cover.page_setup.paperSize == "9" or cover.page_setup.paperSize == 9
    assert cover.sheet_properties.pageSetUpPr.fitToPage
    assert (cover.page_setup.fitToWidth, cover.page_setup.fitToHeight) == (1, 0)
    assert cover.oddHeader.left.text == "Title && <more>"
    assert cover.oddFooter.left.text == "Mid-market && SMB"
    assert cover.oddFooter.right.text == "Page &P of &N"
    assert cover.sheet_properties.tabColor.rgb != won.sheet_properties.tabColor.rgb
    assert not cover.sheet_view.showGridLines
    letter = openpyxl.load_workbook(written(one("x", title="L"), tmp_path))
    assert letter.worksheets[0].page_setup.paperSize == 9
    assert read(pack(page(Row()), paper="Letter"), tmp_path).worksheets[0].page_setup.paperSize == 1


def test_pages_name_their_cells_before_any_page_repeats_rows(tmp_path: Path) -> None:
    rows = [Row((Cell("a"), Cell("b")))] * 3
    first, second = page(*rows, repeat_rows=(1, 1)), replace(page(Row((Cell("c"),))), key="b", title="B")
    path = written(pack(first, second), tmp_path)
    book = zipfile.ZipFile(path).read("xl/workbook.xml").decode()
    found = re.findall(r'_xlnm\.(\w+)" localSheetId="(\d)">[^<]*?!([^<]*)<', book)
    assert found == [("Print_Area", "0", "$A$1:$B$3"), ("Print_Area", "1", "$A$1:$B$1"), ("Print_Titles", "0", "$1:$1")]


def test_a_page_shrunk_to_one_paper(tmp_path: Path) -> None:
    setup = read(pack(page(Row(), one_paper=True)), tmp_path).worksheets[0].page_setup
    assert (setup.fitToWidth, setup.fitToHeight) == (1, 1)


def test_printed_headers_stay_within_excel_s_limit(tmp_path: Path) -> None:
    long = Pack("&" * 300, "s", (page(),), footer="&" * 300)
    xml = parts(written(long, tmp_path))["xl/worksheets/sheet1.xml"].decode()
    headers = re.findall(r"<odd(?:Header|Footer)>(.*?)</", xml)
    assert len(headers) == 2
    assert all(len(html.unescape(header)) <= 255 for header in headers)


def test_sizes_stay_within_excel_s_limits(tmp_path: Path) -> None:
    tall = Row((Cell("words " * 5000, "text"),))
    sheet = read(pack(page(tall, Row((), height=900), widths=(10, 999))), tmp_path).worksheets[0]
    assert [sheet.row_dimensions[n].height for n in (1, 2)] == [409, 409]
    assert sheet.column_dimensions["B"].width == 255


def test_a_failure_leaves_no_half_workbook(tmp_path: Path) -> None:
    with pytest.raises(SegxlError):
        written(pack(listing(Field("a", [1.0, float("nan")], COUNT))), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_document_properties_hold_no_clock(tmp_path: Path) -> None:
    properties = read(sample_pack(), tmp_path)
    core = properties.properties
    assert (core.title, core.subject, core.creator) == ("Title & <more>", "Subject", "segxl")
    assert core.created.year == core.modified.year == 1980
    assert properties.custom_doc_props["segxl fingerprint"].value == "3f9a"


def test_an_empty_page_and_an_empty_pack(tmp_path: Path) -> None:
    assert read(pack(page()), tmp_path).sheetnames == ["A"]
    with pytest.raises(SegxlError, match="a pack needs pages"):
        written(pack(), tmp_path)
    with pytest.raises(SegxlError, match="a key of its own"):
        written(pack(page(), page()), tmp_path)


# Long lists


def test_a_list_is_a_table_with_a_filter(tmp_path: Path) -> None:
    book = read(sample_pack(), tmp_path)
    sheet = book["Won"]
    table = sheet.tables["tbl_won"]
    assert table.ref == table.autoFilter.ref == "A3:D23"
    assert table.column_names == [cell.value for cell in sheet[3]] == ["ID", "Account", "Closed", "Amount"]
    assert [cell.value for cell in sheet[4]] == ["00000", "=A & <B>", datetime(2025, 3, 1), -3]
    assert [cell.style for cell in sheet[4]] == ["segxl cell"] * 3 + ["segxl cell_number"]
    assert [cell.number_format for cell in sheet[5]] == ["@", "@", DATE.excel, MONEY_EXACT.excel]
    assert sheet["B4"].data_type == "s"
    assert sheet["B4"].quotePrefix and not sheet["B5"].quotePrefix
    assert sheet.dimensions == "A1:D23"
    assert sheet.column_dimensions["A"].width == 20  # the page's width comes first
    assert sheet.column_dimensions["D"].width == 14
    xml = parts(tmp_path / "out.xlsx")["xl/worksheets/sheet3.xml"].decode()
    assert 'sqref="A1:D23" numberStoredAsText="1"' in xml
    assert xml.index("</sheetData>") < xml.index("<ignoredErrors>") < xml.index("<tableParts")


def test_lists_from_arrays_and_series(tmp_path: Path) -> None:
    days = np.array(["2025-03-01T12:00", "NaT"], dtype="datetime64[ns]")
    fields = (
        Field("a", np.array([1, 2]), COUNT),  # type: ignore[arg-type]
        Field("b", pd.Series(["x", None], dtype=object)),  # type: ignore[arg-type]
        Field("c", days, DATE),  # type: ignore[arg-type]
        Field("d", np.array(["2025-03-01", "2025-03-02"], dtype="datetime64[D]"), DATE),  # type: ignore[arg-type]
        Field("e", [np.float32(0.5), np.int64(3)], COUNT),
    )
    sheet = read(pack(listing(*fields)), tmp_path).worksheets[0]
    assert [cell.value for cell in sheet[4]] == [1, "x", datetime(2025, 3, 1, 12), datetime(2025, 3, 1), 0.5]
    assert [cell.value for cell in sheet[5]] == [2, None, None, datetime(2025, 3, 2), 3]


def test_an_empty_list_is_still_a_table(tmp_path: Path) -> None:
    sheet = read(pack(listing(Field("a", []))), tmp_path).worksheets[0]
    assert next(iter(sheet.tables.values())).ref == "A3:A4"  # Excel refuses a table without a row
    assert sheet["A4"].value is None


def test_table_names_are_legal_and_unique(tmp_path: Path) -> None:
    keys = ("R1", "r1", "a b", "a-b", "é")
    pages = [listing(Field("x", ["y"]), key=key, title=f"Page {n}") for n, key in enumerate(keys)]
    book = read(pack(*pages), tmp_path)
    names = [name for sheet in book.worksheets for name in sheet.tables]
    assert len({name.casefold() for name in names}) == len(keys)
    assert all(re.fullmatch(r"tbl_[A-Za-z0-9_]+", name) for name in names)
    assert_sound(tmp_path / "out.xlsx")


def test_lists_of_different_lengths_and_too_many_rows_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SegxlError, match="page 'Rows': the columns of its list differ"):
        written(pack(listing(Field("a", ["x"]), Field("b", []))), tmp_path)
    with pytest.raises(SegxlError, match="page 'Rows' has 1,048,578 rows, more than Excel's 1,048,576"):
        written(pack(listing(Field("a", range(1_048_575)), above=2)), tmp_path)
    with pytest.raises(SegxlError, match="more than Excel's 16,384 columns"):
        written(one("x", widths=(1.0,) * 16_385), tmp_path)


# The file


def test_the_file_is_sound(tmp_path: Path) -> None:
    path = written(sample_pack(), tmp_path)
    assert_sound(path)
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        assert infos[0].filename == "[Content_Types].xml"
        assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in infos} == {zipfile.ZIP_DEFLATED}
        assert archive.testzip() is None


@pytest.mark.slow
def test_the_same_pack_makes_the_same_bytes(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.render_samples import changed_template, sample_pack, with_logo
from segxl.render.xlsx.writer import write_xlsx
write_xlsx(sample_pack(), Path(sys.argv[1]), template=Path(sys.argv[3]))
time.sleep(2.1)  # a zip's clock ticks every two seconds
write_xlsx(sample_pack(), Path(sys.argv[1] + "2"), template=Path(sys.argv[3]))
"""
    template = changed_template(tmp_path, with_logo)
    running = []
    for seed in ("1", "2"):
        arguments = [str(tmp_path / seed), str(ROOT), str(template)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC{seed}"}
        running.append(subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment))
    assert [each.wait(timeout=120) for each in running] == [0, 0]
    made = {(tmp_path / name).read_bytes() for name in ("1", "12", "2", "22")}
    assert len(made) == 1


@pytest.mark.slow
def test_memory_and_size_of_long_lists(tmp_path: Path) -> None:
    """Rows stream into the file: they are never all held as XML."""
    values: Sequence[Scalar] = ["some text"] * 50_000
    path = written(pack(listing(*[Field(f"f{n}", values) for n in range(10)])), tmp_path)
    assert path.stat().st_size < 3_000_000
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("xl/worksheets/sheet1.xml").file_size > 20_000_000


@pytest.mark.slow
@pytest.mark.office
def test_libreoffice_opens_prints_and_finds_no_errors(tmp_path: Path) -> None:
    template = changed_template(tmp_path, with_logo)
    path = written(sample_pack(), tmp_path, template=template)
    back = openpyxl.load_workbook(office.recalculated(path, tmp_path / "again"), data_only=True)
    assert back.sheetnames == ["Cover", "Trend", "Won"]
    for sheet in back.worksheets:
        for row in sheet.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "e"]
    assert back["Won"]["B4"].value == "=A & <B>"
    assert back["Cover"]["A3"].value == 1720500.25
    assert len(back["Trend"]._charts) == 3
    text = office.pdf_text(office.pdf(path, tmp_path / "pdf"))
    for words in ("Scorecard", "1,720,500", "27.4%", "−3.00", "Mid-market & SMB", "Page 1 of", "A column"):
        assert words in text
    assert "###" not in text
