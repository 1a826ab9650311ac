"""The example pages in ``workbooks``: what their cells show is what segxl computes, and their formulas work."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from segxl.api import load
from segxl.cli.demo import write_exports
from segxl.excel.vba import project
from segxl.excel.vba.package import PROJECT_PART
from segxl.render.shared.atomic_files import workbook_path
from tests import office
from tests.board_page import numbers, page
from tests.board_page.examples import EXAMPLES
from tests.board_page.functions import NAME

pytestmark = pytest.mark.slow
PAGE = workbook_path(NAME)
_NA = "Error 2042"
"""What LibreOffice makes of ``CVErr(xlErrNA)``; it is a text to its IFNA, which the number format pads."""
STUB = Path(__file__).with_name("functions") / "stub_python.cls"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON of the demo's scorecard for the page's month."""
    folder = tmp_path_factory.mktemp("demo")
    write_exports(folder, overwrite=False)
    return {month: json.loads(load(folder).scorecard(month).json())["segments"] for month in ("2026-10", "2026-09")}


@pytest.mark.ci
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_committed_page_is_what_the_sources_build(name: str, tmp_path: Path) -> None:
    built, committed = tmp_path / name, workbook_path(name)
    EXAMPLES[name](built)
    with zipfile.ZipFile(built) as now, zipfile.ZipFile(committed) as before:
        assert now.namelist() == before.namelist()
        differing = [part for part in now.namelist() if now.read(part) != before.read(part)]
    assert not differing, f"a source or a number has changed: run python -m tests.board_page and commit {name}"
    if "ng" not in zlib.ZLIB_RUNTIME_VERSION:  # zlib-ng packs the same contents into other bytes
        assert built.read_bytes() == committed.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_part_parses_and_nothing_is_calculated_on_opening(name: str) -> None:
    with zipfile.ZipFile(workbook_path(name)) as file:
        for part in file.namelist():
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(file.read(part))
        assert b"fullCalcOnLoad" not in file.read("xl/workbook.xml")
        for part in file.namelist():
            assert b"/tmp" not in file.read(part), "a place of the computer that built it"


@pytest.mark.ci
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_key_figures_are_those_of_the_json(name: str, document: dict[str, Any]) -> None:
    board = load_workbook(workbook_path(name), data_only=True)["Board"]
    metrics = document["2026-10"][page.SEGMENT]["metrics"]
    compared = 0
    for row, line in enumerate(page.LINES, start=page.FIRST):
        for column, (_, view) in enumerate(page.COLUMNS, start=3):
            expected = _in_the_json(metrics[line.metric]["views"], view)
            shown = board.cell(row, column).value
            if expected is None:
                assert shown == page.NOT_THERE, (line, view)
            else:
                assert shown == pytest.approx(expected, rel=1e-12), (line, view)
                compared += 1
    assert compared > 55


def _in_the_json(views: dict[str, Any], view: str) -> float | None:
    """A number of the page; None where the JSON has none."""
    if view in ("total", "trailing_12", "plan", "variance", "attainment"):
        found = views.get(view)
        return None if found is None else found["value"]
    key, _, part = view.partition("_")
    found = views.get(key)
    return None if found is None else found[part]


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_won_revenue_by_segment_is_that_of_the_json(name: str, document: dict[str, Any]) -> None:
    board = load_workbook(workbook_path(name), data_only=True)["Board"]
    rows = range(page.MONTHS + 1, page.MONTHS + 1 + page.SEGMENTS)
    assert [board.cell(row, 1).value for row in rows] == list(document["2026-10"])
    for row in rows:
        for column, month in ((10, "2026-10"), (9, "2026-09")):
            views = document[month][board.cell(row, 1).value]["metrics"]["won_revenue"]["views"]
            assert board.cell(row, column).value == views["total"]["value"]
    assert [board.cell(page.MONTHS, column).value.strftime("%Y-%m") for column in (3, 9, 10)] == [
        "2026-03",
        "2026-09",
        "2026-10",
    ]


@pytest.mark.slow
def test_both_pages_show_the_same() -> None:
    """The board and the movement, cell by cell; the inputs and the notes below differ."""
    one, other = (load_workbook(workbook_path(name), data_only=True) for name in EXAMPLES)
    for sheet, first, last in (("Board", page.MONTH_CELL, f"J{page.CHART - 1}"), ("Movement", "A1", "G10")):
        cells = [[cell.value for row in book[sheet][f"{first}:{last}"] for cell in row] for book in (one, other)]
        assert len(cells[0]) == len(cells[1])
        for left, right in zip(*cells, strict=True):
            assert left == (pytest.approx(right, rel=1e-12) if isinstance(right, float) else right)


# --- the page on the table Numbers ---


@pytest.mark.ci
@pytest.mark.office
def test_libreoffice_calculates_the_numbers_page_to_the_saved_values(tmp_path: Path) -> None:
    path = workbook_path(numbers.NAME)
    formulas, saved = load_workbook(path), load_workbook(path, data_only=True)
    calculated = load_workbook(office.recalculated(path, tmp_path), data_only=True)
    compared = 0
    for name in ("Board", "Movement"):
        for row in formulas[name].iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                was, now = (book[name][cell.coordinate].value for book in (saved, calculated))
                assert now == (pytest.approx(was, rel=1e-9) if isinstance(was, (int, float)) else was), cell.coordinate
                compared += 1
    assert compared == 2 + len(page.COLUMNS) * (len(page.LINES) + page.SEGMENTS + 1) + 36


@pytest.mark.ci
@pytest.mark.office
def test_another_segment_gives_its_numbers(tmp_path: Path, document: dict[str, Any]) -> None:
    book = load_workbook(workbook_path(numbers.NAME))
    book["Board"][page.SEGMENT_CELL] = "SMB"
    book.save(tmp_path / "smb.xlsx")
    board = load_workbook(office.recalculated(tmp_path / "smb.xlsx", tmp_path / "out"), data_only=True)["Board"]
    for row, line in enumerate(page.LINES, start=page.FIRST):
        for column, (_, view) in enumerate(page.COLUMNS, start=3):
            expected = _in_the_json(document["2026-10"]["SMB"]["metrics"][line.metric]["views"], view)
            shown = board.cell(row, column).value
            assert shown == (page.NOT_THERE if expected is None else pytest.approx(expected, rel=1e-9)), (line, view)


# --- the page with functions ---


def test_its_vba_is_the_sources() -> None:
    from oletools.olevba import VBA_Parser

    found = {
        name.split(".")[0]: code.replace("\r\n", "\n")
        for _, _, name, code in VBA_Parser(NAME, data=PAGE.read_bytes()).extract_macros()
    }
    modules = project.vba_modules(project.EXAMPLE)
    assert set(modules) < set(found)
    body = "\n".join(line for line in found["segxl_functions"].splitlines() if not line.startswith("Attribute "))
    assert body.strip() == modules["segxl_functions"].strip()


def test_the_scorecard_and_the_movement_fill_their_sheets() -> None:
    book = load_workbook(PAGE, data_only=True)
    scorecard = book["Scorecard"]
    assert [scorecard.cell(4, column).value for column in (1, 2, 4)] == ["Area", "Metric", "2026-10"]
    assert scorecard.max_row > 120
    movement = [[cell.value for cell in row] for row in book["Movement"].iter_rows(min_row=5, min_col=2)]
    assert sum(map(sum, movement)) == 2000  # the demo's accounts, each once
    assert len(movement) == len(movement[0]) == 6


def _spilled() -> Iterator[tuple[str, str, str, list[list[Any]]]]:
    """Sheet, cells, formula and values of each formula that spills, as they are saved."""
    formulas, values = load_workbook(PAGE), load_workbook(PAGE, data_only=True)
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if hasattr(cell.value, "ref"):
                    left, top, right, bottom = range_boundaries(cell.value.ref)
                    shown = values[sheet.title].iter_rows(top, bottom, left, right, values_only=True)
                    yield sheet.title, cell.value.ref, cell.value.text, [list(one) for one in shown]


def test_each_formula_has_the_values_of_all_its_cells() -> None:
    found = list(_spilled())
    assert {re.search(r"SEGXL_\w+", formula).group() for _, _, formula, _ in found} == {  # type: ignore[union-attr]
        "SEGXL_METRIC",
        "SEGXL_SEGMENTS",
        "SEGXL_SCORECARD",
        "SEGXL_MOVEMENT",
        "SEGXL_WHY",
    }
    assert all(value is not None for *_, rows in found for row in rows for value in row[:1])


@pytest.mark.ci
@pytest.mark.office
def test_libreoffice_calculates_the_page_with_a_stub_in_the_place_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the stub gives to a formula arrives in its cells, by the VBA of the workbook: numbers, texts, errors."""
    answers = {_asked(formula): rows for _, _, formula, rows in _spilled()}
    answers["SEGXL_DATASET"] = [[load_workbook(PAGE, data_only=True)["Board"][page.DATASET].value]]
    stub = _stub(answers)
    monkeypatch.setattr(project, "_CLASSES", ("StubPython",))
    modules = {
        "segxl_functions": project.vba_modules(project.EXAMPLE)["segxl_functions"],
        "stub": stub,
        "StubPython": STUB.read_text("ascii"),
    }
    path = tmp_path / NAME
    with zipfile.ZipFile(PAGE) as file, zipfile.ZipFile(path, "w") as to:
        sheets = sum(part.startswith("xl/worksheets/sheet") for part in file.namelist())
        for part in file.namelist():
            content = project.vba_project(sheets, modules) if part == PROJECT_PART else file.read(part)
            to.writestr(part, content)
    looked: list[tuple[str, str, Any]] = [("Board", page.DATASET, answers["SEGXL_DATASET"][0][0])]
    for sheet, cells, _, rows in _spilled():
        left, top, *_ = range_boundaries(cells)
        for down, row in enumerate(rows):
            looked += [
                (sheet, f"{get_column_letter(left + across)}{top + down}", value) for across, value in enumerate(row)
            ]
    (found,) = office.session([(path, [["value", sheet, cell] for sheet, cell, _ in looked])])
    for (sheet, cell, saved), calculated in zip(looked, found, strict=True):
        if isinstance(saved, (int, float)):
            assert calculated == pytest.approx(saved, rel=1e-9), (sheet, cell)
        else:
            assert str(calculated).rstrip() == {None: "", "#N/A": _NA, page.NOT_THERE: _NA}.get(saved, saved), (
                sheet,
                cell,
            )


def _asked(formula: str) -> str:
    """What the stub is asked: the function, and whether METRIC is asked for one metric or a range of them."""
    name = formula[formula.index("SEGXL_") :].partition("(")[0]
    return f"{name} one metric" if '"won_revenue"' in formula else name


def _stub(answers: dict[str, list[list[Any]]]) -> str:
    """The stub's module: each answer as text, a row a line, with n before numbers and t before texts."""
    lines = """\
Public Function XLPy() As Object
    Set XLPy = New StubPython
End Function

Public Function PythonGives(name, arguments)
    Dim text As String, asked As String
    asked = name
    If name = "SEGXL_METRIC" Then
        If TypeName(arguments(1)) = "String" Then asked = asked & " one metric"
    End If
""".splitlines()
    for name, rows in answers.items():
        lines.append(f'    If asked = "{name}" Then')
        for row in rows:
            cells = "|".join(_cell(value) for value in row)
            for start in range(0, len(cells), 400):
                lines.append('        text = text & "' + cells[start : start + 400].replace('"', '""') + '"')
            lines.append("        text = text & Chr(10)")
        lines.append("    End If")
    lines += ["    PythonGives = SegxlStubTable(text)", "End Function", ""]
    lines += """\
Private Function SegxlStubTable(ByVal text As String)
    Dim rows, cells, row As Long, column As Long
    rows = Split(text, Chr(10))
    cells = Split(rows(0), "|")
    Dim table()
    ReDim table(UBound(rows) - 1, UBound(cells))
    For row = 0 To UBound(rows) - 1
        cells = Split(rows(row), "|")
        For column = 0 To UBound(cells)
            If Left(cells(column), 1) = "n" Then
                table(row, column) = CDbl(Val(Mid(cells(column), 2)))
            Else
                table(row, column) = Decoded(Mid(cells(column), 2))
            End If
        Next column
    Next row
    SegxlStubTable = table
    If UBound(rows) = 1 And UBound(cells) = 0 Then SegxlStubTable = table(0, 0)
End Function

' Text with letters beyond ASCII as numbers between braces.
Private Function Decoded(ByVal text As String) As String
    Dim at As Long, last As Long
    at = InStr(text, "{")
    Do While at > 0
        last = InStr(at, text, "}")
        text = Left(text, at - 1) & ChrW(CLng(Mid(text, at + 1, last - at - 1))) & Mid(text, last + 1)
        at = InStr(at + 1, text, "{")
    Loop
    Decoded = text
End Function
""".splitlines()
    return "\n".join(["Option Explicit", "", *lines]) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, (int, float)):
        return f"n{value!r}"
    text = {page.NOT_THERE: "#N/A"}.get(value, value) or ""
    return "t" + "".join(sign if sign.isascii() and sign not in "{}|" else f"{{{ord(sign)}}}" for sign in text)
