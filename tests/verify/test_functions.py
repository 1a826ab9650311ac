"""What Excel 2016 would not take: functions, prefixes, references, names."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from segxl.verify.formula_cells import FormulaBook, FormulaCell, Table
from segxl.verify.functions import lint
from tests.verify.books import FORMULAS, write_book

TABLE = Table("Deals", ("Deal", "Amount", "Won # of", "x[1]", "Open [EUR]"))


def problems(formula: str, names: tuple[tuple[str, str], ...] = (("PeriodStart", "Page!$B$2"),)) -> list[str]:
    cell = FormulaCell("Page", "B4", formula, 1.0, "General", "")
    book = FormulaBook(Path("pack.xlsx"), ("Page", "It's data"), (cell,), (), (), (TABLE,), names, b"")
    return [one.problem for one in lint(book)]


@pytest.mark.parametrize(
    "formula",
    [
        *(formula for formula, _, _ in FORMULAS.values() if "Outcome" not in formula and "Closed" not in formula),
        "SUM(Deals[Amount])",
        "SUM(Deals[[#This Row],[Amount]],Deals[@Amount],Deals[#Headers])",
        "SUM(Deals[Won '# of])+SUM(Deals[x'[1']])+COUNT(Deals[[Open '[EUR']]:[Amount]])",
        "SUM($A$1:B2,A:A,$A:$B,1:3,'It''s data'!A1:B2,Page!$H:$H)",
        'IF("FILTER(x)"="XLOOKUP(",TRUE,false)',
        '"a name Q3 and NoSuchName here"&PeriodStart&periodstart',
        "_xlfn.STDEV.S(A1:A3)+_xlfn.IFNA(B1,0)+NETWORKDAYS.INTL(A1,B1)",
        "IFERROR(#N/A,1E5+2.5e-3)+-1%",
        "SUM({1,2;3,4})",
        "ROWS(Deals)",
    ],
)
def test_what_excel_takes_passes(formula: str) -> None:
    assert problems(formula) == []


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        ("STDEV.S(A1:A3)", "uses STDEV.S without the prefix _xlfn., so Excel shows #NAME?"),
        ("_xlfn.SUMIFS(A:A,B:B,1)", "uses SUMIFS with the prefix _xlfn., which this function must not have"),
        ("MAXIFS(A:A,B:B,1)", "uses MAXIFS, which Excel 2016 lacks"),
        ("_xlfn.TEXTJOIN(A1,TRUE,B1:B2)", "uses TEXTJOIN, which Excel 2016 lacks"),
        ("_xlfn._xlws.FILTER(A1:A3,B1:B3)", "uses FILTER, which Excel 2016 lacks"),
        ("SEGXL_METRIC(A1)", "uses SEGXL_METRIC, which is not a function of Excel"),
        ("SUM(OFFSET(A1,1,0))", "uses OFFSET, whose value can change although no cell does"),
        ("TODAY()-A1", "uses TODAY, whose value can change although no cell does"),
        ("Pages!A1", "refers to a sheet that the workbook lacks (Pages)"),
        ("'Its data'!A1", "refers to a sheet that the workbook lacks (Its data)"),
        ("[1]Page!A1", "refers to another workbook ([1]Page)"),
        ("'[1]Page'!A1", "refers to another workbook ([1]Page)"),
        ("SUM(Leads[Amount])", "refers to a table that the workbook lacks (Leads)"),
        ("SUM(Deals[Value])", "refers to a column that the table Deals lacks (Value)"),
        ("SUM(Deals[[Deal]:[Last]])", "refers to a column that the table Deals lacks (Last)"),
        ("PeriodEnd-PeriodStart", "uses a name that the workbook lacks (PeriodEnd)"),
        ("SUM(#REF!)", "refers to cells that are gone (#REF!)"),
        ("1+" * 4096 + "1", "is longer than the 8,192 characters that Excel takes"),
        ("(" * 65 + "1" + ")" * 65, "has more than 64 levels of brackets"),
    ],
)
def test_what_excel_does_not_take_is_found(formula: str, problem: str) -> None:
    assert problems(formula) == [problem]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("Q3", "Page!$A$1", ["has a name that Excel reads as a cell"]),
        ("FY27", "Page!$A$1", ["has a name that Excel reads as a cell"]),
        ("R1C1", "Page!$A$1", ["has a name that Excel reads as a cell"]),
        ("Period start", "Page!$A$1", ["has a name that Excel refuses"]),
        ("End", "Gone!$A$1", ["refers to a sheet that the workbook lacks (Gone)"]),
        ("End", "Page!#REF!", ["refers to cells that are gone (#REF!)"]),
        ("_xlnm.Print_Area", "Gone!$A$1:$B$2", []),
        ("FY27_Q3", "Page!$A$1", []),
    ],
)
def test_names_that_excel_does_not_take_are_found(name: str, text: str, problem: list[str]) -> None:
    assert problems("1", ((name, text),)) == problem


def test_a_problem_of_many_cells_is_one_finding(tmp_path: Path) -> None:
    def add(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("More")
        for row in range(5):
            sheet.write_formula(row, 0, f"=MAXIFS(A{row + 7}:A99,B{row + 7}:B99,1)", None, 0)

    from segxl.verify.formula_cells import read_formulas

    (found,) = lint(read_formulas(write_book(tmp_path / "pack.xlsx", more=add)))
    assert (found.place, found.problem, found.cells) == ("More!A1", "uses MAXIFS, which Excel 2016 lacks", 5)
