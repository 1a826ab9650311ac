"""Formulas next to values: what a workbook calculates, what it shows until then, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from segxl.errors import SegxlError
from segxl.excel.drawing.draw import draw_packs
from segxl.excel.drawing.hosts import FileHost
from segxl.excel.file_engine.xlwings_engine import open_book
from segxl.pages.model import Cell, ColumnOf, Field, Formula, NumberCell, Pack, Page, Range, Records, Row
from segxl.render.xlsx.writer import write_xlsx
from segxl.units import COUNT, DATE, MONEY, MONEY_EXACT
from segxl.verify.compare import verify
from tests.books import write_book
from tests.office import convert

AMOUNT, OUTCOME, CLOSED = (ColumnOf("deals", header) for header in ("Amount", "Outcome", "Closed on"))
START = NumberCell("PeriodStart")
WON = Formula(
    ("SUMIFS(", AMOUNT, ",", OUTCOME, ',"Won",', CLOSED, ',">="&', START, ",", CLOSED, ',"<="&EOMONTH(', START, ",0))")
)
"""Won in May: 10.50; the deal of June does not count."""


def pack(*cells: Cell, table: str = "Deals") -> Pack:
    """A page with a date and some cells, and a list of three deals with a formula in each row."""
    rows = (Row((Cell(date(2026, 5, 1), "value", DATE, name="PeriodStart"),)), Row(cells))
    doubled = [Formula((Range("deals", row, row, 4, 4), "*2")) for row in (3, 4, 5)]
    deals = Records(
        (
            Field("Deal", ["D1", "D2", "D3"]),
            Field("Closed on", [date(2026, 5, 1), date(2026, 5, 9), date(2026, 6, 1)], DATE),
            Field("Outcome", ["Won", "Lost", "Won"]),
            Field("Amount", [10.5, 20, 30.25], MONEY_EXACT),
            Field("Twice", [21, 40, 60.5], MONEY_EXACT, formulas=doubled),
        ),
        table,
        places={"second": 1},
    )
    front = Page("front", "One & only", rows, (20, 20, 20))
    return Pack("Title", "Subject", (front, Page("deals", "Deals", (Row((Cell("Deals", "title"),)),), (10,), deals)))


def drawn(tmp_path: Path, *cells: Cell) -> tuple[Any, Any]:
    """The first sheet with its formulas, and with their results."""
    write_xlsx(pack(*cells), tmp_path / "pack.xlsx")
    sheets = [load_workbook(tmp_path / "pack.xlsx", data_only=results).worksheets[0] for results in (False, True)]
    return sheets[0], sheets[1]


def test_a_cell_has_its_formula_and_its_value(tmp_path: Path) -> None:
    formulas, results = drawn(
        tmp_path,
        Cell(10.5, "value", MONEY, formula=WON),
        Cell(20, "value", MONEY, formula=Formula((NumberCell("second", "Amount"),))),
        Cell("n/a", "muted", formula=Formula(('IF(1=1,"n/a",0)',))),
    )
    assert formulas["A2"].value == (
        '=SUMIFS(Deals[Amount],Deals[Outcome],"Won",Deals[Closed on],">="&$A$1,Deals[Closed on],"<="&EOMONTH($A$1,0))'
    )
    assert formulas["B2"].value == "='Deals'!D4"
    assert [results[cell].value for cell in ("A2", "B2", "C2")] == [10.5, 20, "n/a"]


def test_records_have_formulas_and_named_cells_a_name(tmp_path: Path) -> None:
    write_xlsx(pack(), tmp_path / "pack.xlsx")
    book = load_workbook(tmp_path / "pack.xlsx")
    results = load_workbook(tmp_path / "pack.xlsx", data_only=True)
    assert [cell.value for cell in book["Deals"]["E"][2:]] == ["=D3*2", "=D4*2", "=D5*2"]
    assert [cell.value for cell in results["Deals"]["E"][2:]] == [21, 40, 60.5]
    assert book.defined_names["PeriodStart"].attr_text == "'One & only'!$A$1"


@pytest.mark.parametrize(
    "part",
    [
        NumberCell("third", "Amount"),
        NumberCell("second", "Price"),
        ColumnOf("deals", "Price"),
        ColumnOf("leads", "Lead"),
    ],
)
def test_a_formula_about_what_the_pack_lacks_is_not_written(tmp_path: Path, part: NumberCell | ColumnOf) -> None:
    formulas, _ = drawn(tmp_path, Cell(5, "value", COUNT, formula=Formula(("SUM(", part, ")"))))
    assert formulas["A2"].value == 5


@pytest.mark.parametrize("text", ["XLOOKUP(1,2,3)", "SUM(1)+_xlfn.CONCAT(1)", "sum(1)"])
def test_functions_that_not_every_excel_has_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SegxlError, match="not every Excel has"):
        write_xlsx(pack(Cell(5, "value", COUNT, formula=Formula((text,)))), tmp_path / "pack.xlsx")


def test_words_in_quotes_are_no_functions(tmp_path: Path) -> None:
    formulas, _ = drawn(tmp_path, Cell(5, "value", COUNT, formula=Formula(('IF(1=1,5,"Price (old)")',))))
    assert formulas["A2"].value == '=IF(1=1,5,"Price (old)")'


def test_libreoffice_calculates_them_and_finds_no_error(tmp_path: Path) -> None:
    cells = (Cell(99, "value", MONEY, formula=WON), Cell(99, "value", MONEY, formula=Formula((START, "+1"))))
    write_xlsx(pack(*cells), tmp_path / "pack.xlsx")
    sheet = load_workbook(convert(tmp_path / "pack.xlsx", "xlsx", tmp_path / "out"), data_only=True).worksheets[0]
    assert sheet["A2"].value == 10.5  # and not the 99 that was stored
    assert load_workbook(tmp_path / "pack.xlsx", data_only=True).worksheets[0]["A2"].value == 99


def test_the_pen_draws_formulas_into_an_open_workbook(tmp_path: Path) -> None:
    path = write_book(tmp_path / "mine.xlsx")
    book = open_book(path)
    draw_packs({"scorecard": pack(Cell(10.5, "value", MONEY, formula=WON))}, book, FileHost())
    book.save()
    assert book.sheets["One & only"]["A2"].value == 10.5
    formulas, results = load_workbook(path), load_workbook(path, data_only=True)
    assert formulas["One & only"]["A2"].value.startswith("=SUMIFS(Deals[Amount],")
    assert results["One & only"]["A2"].value == 10.5
    assert [cell.value for cell in formulas["Deals"]["E"][2:]] == ["=D3*2", "=D4*2", "=D5*2"]
    assert [cell.value for cell in results["Deals"]["E"][2:]] == [21, 40, 60.5]


def test_a_list_of_one_record_is_a_range_to_every_program(tmp_path: Path) -> None:
    """IronCalc takes a column of one cell for a number, which SUMIFS does not add up."""
    deals = Records((Field("Outcome", ["Won"]), Field("Amount", [10.5], MONEY_EXACT)), "Deals")
    parts = ("SUMIFS(", ColumnOf("deals", "Amount"), ",", ColumnOf("deals", "Outcome"), ',"Won")')
    front = Page("front", "Front", (Row((Cell(10.5, "value", MONEY_EXACT, formula=Formula(parts)),)),), (20,))
    page = Page("deals", "Deals", (Row((Cell("Deals", "title"),)),), (10,), deals)
    write_xlsx(Pack("Title", "Subject", (front, page)), tmp_path / "pack.xlsx")
    result = verify(tmp_path / "pack.xlsx", ["formualizer", "ironcalc"])
    assert result.passed and [one.equal for one in result.recalculations] == [1, 1]
