"""The pen for open workbooks: the pack's own pages, on sheets that are segxl's alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw
from openpyxl import load_workbook

from segxl.errors import SegxlError
from segxl.excel.drawing.draw import Listed, draw_packs, listed_sheets, write_text_sheet
from segxl.excel.drawing.hosts import FileHost, host_of
from segxl.excel.file_engine.xlwings_engine import open_book
from segxl.pages.model import Cell, Field, Link, Pack, Page, Records, Row
from segxl.render.xlsx.writer import write_xlsx
from segxl.sources.workbook.sheets import OUTPUTS
from segxl.units import COUNT, DATE, MONEY, TEXT
from tests.books import company, write_book
from tests.render_samples import sample_pack

LOOKS = ("number_format", "font", "fill", "border", "alignment", "quotePrefix")


def page(key: str, title: str, *rows: Row, records: Records | None = None) -> Page:
    return Page(key, title, rows, (20, 12), records=records)


def pack(*pages: Page) -> Pack:
    return Pack("Test", "Acme", pages)


def draw(path: Path, drawn: Pack, kind: str = "scorecard") -> xw.Book:
    book = open_book(path)
    draw_packs({kind: drawn}, book, host_of(book))
    book.save()
    return book


def seen(sheet: Any) -> dict[str, tuple[Any, ...]]:
    """Every cell as Excel would show it."""
    return {
        cell.coordinate: (
            cell.value,
            cell.data_type,
            *(repr(getattr(cell, look, None)) for look in LOOKS),
            cell.hyperlink and (cell.hyperlink.ref, cell.hyperlink.location, cell.hyperlink.tooltip),
            cell.comment and cell.comment.text,
        )
        for row in sheet.iter_rows()
        for cell in row
    }


def test_a_drawn_sheet_is_the_packs_sheet(tmp_path: Path) -> None:
    sample = sample_pack()
    path = write_book(tmp_path / "book.xlsx")
    draw(path, sample)
    write_xlsx(sample, tmp_path / "pack.xlsx")
    drawn, packed = load_workbook(path), load_workbook(tmp_path / "pack.xlsx")
    assert drawn.sheetnames == [*company(), *packed.sheetnames, OUTPUTS]
    for sheet in packed.worksheets:
        other = drawn[sheet.title]
        assert seen(other) == seen(sheet), sheet.title
        assert other.merged_cells.ranges == sheet.merged_cells.ranges
        assert other.freeze_panes == sheet.freeze_panes
        assert other.print_title_rows == sheet.print_title_rows
        assert {key: one.width for key, one in other.column_dimensions.items()} == {
            key: one.width for key, one in sheet.column_dimensions.items()
        }
        assert {key: (one.height, one.outlineLevel) for key, one in other.row_dimensions.items()} == {
            key: (one.height, one.outlineLevel) for key, one in sheet.row_dimensions.items()
        }
        assert dict(other.tables.items()) == dict(sheet.tables.items())
        assert len(other._charts) == len(sheet._charts)
        assert other.sheet_properties.tabColor == sheet.sheet_properties.tabColor
    assert drawn[OUTPUTS].sheet_state == "veryHidden"


def test_text_stays_text_and_numbers_numbers(tmp_path: Path) -> None:
    texts = ["=1+1", "'quoted", "2026-05", "00123", "TRUE", "#N/A", "x" * 300, ""]
    records = Records((Field("Text", texts), Field("Money", [1.5, 2, None, -3, 0, 1, 2, 3], MONEY)))
    rows = [Row((Cell(text, "text"), Cell(text, "value", COUNT))) for text in texts]
    path = write_book(tmp_path / "book.xlsx")
    draw(path, pack(page("odd", "Odd", *rows, records=records)))
    sheet = load_workbook(path)["Odd"]
    expected = [text or None for text in texts]
    assert [sheet.cell(row, 1).value for row in range(1, 9)] == expected
    assert [sheet.cell(row, 2).value for row in range(1, 9)] == expected
    assert [sheet.cell(row, 1).value for row in range(10, 18)] == expected
    assert {sheet.cell(row, 1).data_type for row in (*range(1, 8), *range(10, 17))} == {"s"}
    assert [sheet.cell(row, 2).value for row in range(10, 18)] == [1.5, 2, None, -3, 0, 1, 2, 3]


def test_a_users_sheet_of_the_same_name_is_never_touched(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx", company(Won=(("mine",),), Checks=(("mine too",),)))
    pages = pack(
        page("checks", "Checks", Row((Cell("a", link=Link("won", 1, 1)),))),
        page("won", "Won", Row((Cell(1, unit=COUNT),))),
    )
    for _ in range(2):
        draw(path, pages)
    book = load_workbook(path)
    assert (book["Won"]["A1"].value, book["Checks"]["A1"].value) == ("mine", "mine too")
    assert book["Won (scorecard)"]["A1"].value == 1
    assert book["Checks (scorecard)"]["A1"].hyperlink.location == "'Won (scorecard)'!A1:A1"
    assert listed_sheets(open_book(path)) == [
        Listed("Checks (scorecard)", "scorecard", "checks"),
        Listed("Won (scorecard)", "scorecard", "won"),
    ]


def test_two_packs_stand_side_by_side_and_keep_their_sheets(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    one, two = (pack(page("checks", "Checks", Row((Cell(word),)))) for word in ("scorecard's", "report's"))
    draw(path, two, "report")
    draw(path, one, "scorecard")
    draw(path, two, "report")
    book = load_workbook(path)
    assert book["Checks"]["A1"].value == "report's"
    assert book["Checks (scorecard)"]["A1"].value == "scorecard's"


def test_a_page_that_is_gone_leaves_its_sheet_empty(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    kept = page("kept", "Kept", Row((Cell(1, unit=COUNT),)))
    draw(path, pack(kept, page("gone", "Gone", Row((Cell(5, unit=COUNT),)))))
    draw(path, pack(kept))
    values = [cell.value for row in load_workbook(path)["Gone"].iter_rows() for cell in row]
    assert 5 not in values
    assert any("No rows this time" in str(value) for value in values)


def test_a_table_of_the_users_keeps_its_name(tmp_path: Path) -> None:
    from openpyxl.worksheet.table import Table

    path = write_book(tmp_path / "book.xlsx", company(Mine=(("Month", "Won"), ("May", 3))))
    book = load_workbook(path)
    book["Mine"].add_table(Table(displayName="TBL_list", ref="A1:B2"))
    book.save(path)
    records = Records((Field("Day", [None], DATE), Field("Text", ["a"], TEXT)))
    for _ in range(2):
        draw(path, pack(page("list", "List", Row(), records=records)))
    assert list(load_workbook(path)["List"].tables) == ["tbl_list_2"]
    assert list(load_workbook(path)["Mine"].tables) == ["TBL_list"]


class Interrupted(FileHost):
    """A host that fails when it comes to tables, in the midst of drawing."""

    def table(self, *_: object) -> None:
        raise RuntimeError("interrupted")


def test_a_drawing_that_fails_leaves_the_sheets_as_they_were(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    first = page("first", "First", Row((Cell(1, unit=COUNT),)))
    records = Records((Field("Text", ["a"], TEXT),))
    draw(path, pack(first))
    book = open_book(path)
    changed = page("first", "First", Row((Cell(2, unit=COUNT),)))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="interrupted"):
            draw_packs({"scorecard": pack(changed, page("second", "Second", records=records))}, book, Interrupted())
        assert book.sheet_names == [*company(), "First", OUTPUTS]
        assert book.sheets["First"].range("A1").value == 1
    draw_packs({"scorecard": pack(changed)}, book, host_of(book))
    with pytest.raises(RuntimeError, match="interrupted"):
        draw_packs({"scorecard": pack(first, page("second", "Second", records=records))}, book, Interrupted())
    book.save()
    assert load_workbook(path)["First"]["A1"].value == 2


@pytest.mark.parametrize("what", ["sheet", "structure"])
def test_what_is_protected_is_said_before_anything_is_touched(tmp_path: Path, what: str) -> None:
    path = write_book(tmp_path / "book.xlsx")
    one = page("one", "One", Row((Cell(1, unit=COUNT),)))
    draw(path, pack(one))
    locked = load_workbook(path)
    if what == "sheet":
        locked["One"].protection.sheet = True
    else:
        locked.security.lockStructure = True
    locked.save(path)
    book = open_book(path)
    words = "the sheet 'One' is protected" if what == "sheet" else "structure is protected"
    with pytest.raises(SegxlError, match=words):
        draw_packs({"scorecard": pack(page("new", "New"), one)}, book, host_of(book))
    assert "New" not in book.sheet_names


def test_texts_are_pasted_as_they_came(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    book = open_book(path)
    rows = [["ID", "When", "=x"], ["007", "05/06/2026"], [], ["", "'a", "1e5"]]
    name = write_text_sheet(book, host_of(book), "accounts", rows)
    assert name == "accounts (2)"
    book.save()
    sheet = load_workbook(path)[name]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells == [["ID", "When", "=x"], ["007", "05/06/2026", None], [None, None, None], [None, "'a", "1e5"]]
    assert {cell.number_format for row in sheet.iter_rows() for cell in row} == {"@"}


def test_results_are_in_front_of_the_input_sheets_and_what_is_behind_them_at_the_end(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "book.xlsx", {"Start": (("x", 1),), "Settings": (("key", "value"),), "leads": (("a", 1),)}
    )
    rows = Row((Cell("x"),))
    pages = [page("one", "One", rows), replace(page("list", "List", rows), tab="working"), page("two", "Two", rows)]
    draw(path, pack(*pages))
    assert load_workbook(path).sheetnames == ["Start", "One", "Two", "Settings", "leads", "List", OUTPUTS]
    draw(path, pack(*pages))
    assert load_workbook(path).sheetnames == ["Start", "One", "Two", "Settings", "leads", "List", OUTPUTS]
