"""SEGXL_WHY: the reason behind a cell, from its formula or from when it was last calculated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segxl.excel.functions import formulas
from segxl.excel.functions.reasons import Reasons
from segxl.excel.functions.why import NO_FORMULA, NOTHING_MISSING, RECALCULATE
from tests import small
from tests.excel.functions.conftest import restart
from tests.fake_excel import NOT_AVAILABLE, Book, Excel, Sheet

LEADS = "Leads is n/a in 2026-05: add the table leads"


@pytest.mark.parametrize(
    "formula",
    [
        '=SEGXL_METRIC(A1,"leads","SMB","2026-05")',
        '=segxl_metric($A$1,$A$2,$B$2,"2026-05")',
        "=IFERROR(SEGXL_METRIC(A1,A2,B2,C2),0)",
        "=SEGXL_METRIC(handle,A2,B2,C2)",
        "=SEGXL_METRIC('It''s data'!A1,Other!A1,B2,C2)",
        "='C:\\add ins\\segxl.xlam'!SEGXL_METRIC(A1,A2,,C2)",
        '=SEGXL_METRIC(A1,"won_revenue",B2,C2)/SEGXL_METRIC(A1,"leads",B2,C2)',
        "=SEGXL.METRIC( A1 , A2 , , 46143 )",
        '=IF(A9="(SEGXL_METRIC(",1,SEGXL_METRIC(A1,A2))',
    ],
)
def test_the_reason_from_the_formula(excel: Excel, handle: str, sheet: Sheet, formula: str) -> None:
    """Right in a new process too, where nothing was kept."""
    sheet.put("A1", [handle], ["leads", "smb", "May 2026"])
    sheet.named["handle"] = "A1"
    sheet.Parent.sheet("It's data").put("A1", [handle])
    sheet.Parent.sheet("Other").put("A1", ["leads"])
    sheet.formulas[5, 5], sheet.cells[5, 5] = formula, NOT_AVAILABLE
    restart()
    assert LEADS in excel.call("WHY", sheet.Range("E5"))


def test_each_cell_of_a_table_has_its_own(excel: Excel, handle: str, sheet: Sheet) -> None:
    sheet.put("A1", [handle])
    sheet.put("A3", "leads", "won_revenue", None, "nrr")
    sheet.put("B2", ["2026-05", "2026-09"])
    formula = "=SEGXL_METRIC(A1,A3:A6,,B2:C2)"
    excel.put(sheet, "B3", "METRIC", handle, sheet.Range("A3:A6"), "", sheet.Range("B2:C2"), formula=formula)
    assert excel.call("WHY", sheet.Range("B3")) == LEADS
    assert excel.call("WHY", sheet.Range("B4")) == NOTHING_MISSING
    assert excel.call("WHY", sheet.Range("C4")) == "no data for 2026-09: all data is from 2025-04 to 2026-05"
    assert excel.call("WHY", sheet.Range("C5")) == "metric is blank in this row or column"
    assert excel.call("WHY", sheet.Range("B6")) == "Net revenue retention is n/a in 2026-05: add the table revenue"


def test_tables_have_reasons_too(excel: Excel, handle: str, sheet: Sheet) -> None:
    sheet.put("A1", [handle])
    filled = excel.put(
        sheet, "B1", "SCORECARD", handle, "SMB", "2026-05", formula='=SEGXL_SCORECARD(A1,"SMB","2026-05")'
    )
    rows = [row[5:6] for row in filled.Value if row[1] == "Leads"]
    at = next(number for number, row in enumerate(filled.Value) if row[1] == "Leads")
    assert rows == [(NOT_AVAILABLE,)]
    assert excel.call("WHY", sheet.Cells(1 + at, 2 + 3)) == LEADS
    filled = excel.put(sheet, "Z1", "PERFORMANCE", handle, formula="=SEGXL_PERFORMANCE(A1)")
    assert filled.Value[1][1] == NOT_AVAILABLE
    assert "activities" in excel.call("WHY", sheet.Range("AA2"))


def test_a_formula_that_only_excel_can_read(excel: Excel, handle: str, sheet: Sheet) -> None:
    """The reason is the one of the last calculation, and unknown after a restart of Python."""
    cell = excel.put(sheet, "B2", "METRIC", handle, "leads", "", "2026-05", formula="=LET(m,A2,SEGXL_METRIC(A1,m))")
    sheet.put("A1", [handle])
    assert excel.call("WHY", cell) == LEADS
    excel.put(sheet, "B2", "METRIC", handle, "won_revenue", "", "2026-05", formula="=LET(m,A2,SEGXL_METRIC(A1,m))")
    assert excel.call("WHY", cell) == NOTHING_MISSING
    other = Book("Other.xlsx").sheet("Board")
    other.formulas[2, 2], other.cells[2, 2] = "=LET(m,A2,SEGXL_METRIC(A1,m))", NOT_AVAILABLE
    assert excel.call("WHY", other.Range("B2")) == RECALCULATE


def test_functions_inside_functions(excel: Excel, handle: str, sheet: Sheet) -> None:
    sheet.put("A1", [handle])
    formula = '=SEGXL_CHANGE(SEGXL_METRIC(A1,"won_revenue"),SEGXL_METRIC(A1,"leads"))'
    sheet.formulas[2, 2], sheet.cells[2, 2] = formula, NOT_AVAILABLE
    said = excel.call("WHY", sheet.Range("B2"))
    assert said.startswith("base_value is #N/A: fix that cell first") and said.endswith(LEADS)


def test_arithmetic_over_cells(excel: Excel, sheet: Sheet) -> None:
    sheet.put("A1", [3.0, 5.0], [0.0, None], [1.0, "five"])
    excel.put(
        sheet, "D1", "WIN_RATE", sheet.Range("A1:A3"), sheet.Range("B1:B3"), formula="=SEGXL_WIN_RATE(A1:A3,B1:B3)"
    )
    assert excel.call("WHY", sheet.Range("D2")) == "the win rate is n/a: the denominator is zero"
    assert excel.call("WHY", sheet.Range("D3")) == "lost is 'five': it should be a number"
    assert excel.call("WHY", sheet.Range("D1")) == NOTHING_MISSING


def test_a_dataset_that_could_not_be_read(excel: Excel, sheet: Sheet) -> None:
    cell = excel.put(sheet, "B2", "DATASET", "/nowhere", formula='=SEGXL_DATASET("/nowhere")')
    assert "/nowhere: no such folder or workbook; check the path" in excel.call("WHY", cell)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([None], "SEGXL_WHY takes a cell, such as B5"),
        (["text"], "SEGXL_WHY takes a cell, such as B5"),
    ],
)
def test_why_of_no_cell(excel: Excel, arguments: list[Any], said: str) -> None:
    assert excel.call("WHY", *arguments) == "#VALUE!"


def test_why_of_other_cells(excel: Excel, sheet: Sheet) -> None:
    sheet.put("A1", [1.0], ["x"])
    sheet.formulas[2, 1] = "=A1*2"
    assert excel.call("WHY", sheet.Range("A1")) == excel.call("WHY", sheet.Range("A2")) == NO_FORMULA
    assert excel.call("WHY", sheet.Range("A1:A2")) == "#VALUE!"


def test_the_warnings_of_a_handle(excel: Excel, sheet: Sheet, tmp_path: Path) -> None:
    """A row that is rejected, and an account that no table knows."""
    rows = [*small.changed("W1", account_id="A9", amount="ten")]
    folder = small.write_company(tmp_path / "dirty", opportunities=rows)
    cell = sheet.put("A1", [excel.call("DATASET", str(folder))])
    lines = [line for (line,) in excel.rows("WHY", cell)]
    assert lines[0] == (
        "1 row rejected: opportunities.csv, row 2, column 'amount': 'ten' is not an amount; write it like 1234.50"
    )
    clean = sheet.put("A2", [excel.call("DATASET", str(small.write_company(tmp_path / "clean")))])
    assert excel.call("WHY", clean) == "No warnings: nothing in the data changes a number"


def test_calls_in_a_formula() -> None:
    found = list(formulas.calls_in('=IF(A1>"SEGXL_X(",SEGXL_NRR(1,"a,b",{1,2;3,4},F(1,2)),SEGXL_METRICS())'))
    assert [(call.name, call.arguments) for call in found] == [
        ("SEGXL_NRR", ("1", '"a,b"', "{1,2;3,4}", "F(1,2)")),
        ("SEGXL_METRICS", ()),
    ]


def test_reasons_are_of_the_latest_calculation_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segxl.excel.functions.reasons.MOST", 2)
    reasons = Reasons()
    reasons.keep("A1", lambda *_: "first")
    reasons.keep("A1", lambda *_: "second")  # of the same formula
    assert reasons.of("A1") == ["first", "second"]
    reasons.keep("A1", None)  # calculated again
    assert reasons.of("A1") == []
    for cell in ("A1", "A2", "A3"):
        reasons.keep(cell, lambda *_: "why")
    assert [reasons.of(cell) for cell in ("A1", "A2", "A3")] == [[], ["why"], ["why"]]
