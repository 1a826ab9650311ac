"""The add-in's button Insert function: what it asks, and the formula that it leaves in the cell."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlwings as xw
from openpyxl import Workbook, load_workbook

from segxl.errors import SegxlError
from segxl.excel.buttons import insert_function as module
from segxl.excel.buttons import macros
from segxl.excel.buttons.actions import Press, build_scorecard
from segxl.excel.buttons.dialogs import choose_one, fitting, numbered
from segxl.excel.buttons.insert_function import dataset_cells, insert_function
from segxl.excel.file_engine.xlwings_engine import open_book
from segxl.excel.functions.datasets import DATASETS
from tests import small
from tests.books import company, write_book

Answers = Sequence[str | None]
Asked = list[tuple[str, tuple[str, ...], str]]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answers], Asked]:
    """A person who gives these answers, one a dialog; what was asked, which options there were, what was suggested."""

    def set_up(answers: Answers) -> Asked:
        asked: Asked = []
        left = list(answers)

        def choose(_: xw.App, title: str, question: str, options: Sequence[str], suggested: str = "") -> str | None:
            assert title == "segxl: Insert function"
            asked.append((question, tuple(options), suggested))
            answer = left.pop(0)
            assert answer is None or answer in options, (answer, options)
            return answer

        monkeypatch.setattr(module, "choose_one", choose)
        return asked

    return set_up


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.write_company(tmp_path_factory.mktemp("data") / "it's a company")


def _model(path: Path, formulas: dict[str, str], sheet: str = "Model") -> Path:
    book = Workbook()
    del book["Sheet"]
    cells = book.create_sheet(sheet)
    for at, formula in formulas.items():
        cells[at] = formula
    book.create_sheet("Board")
    book.save(path)
    return path


def _selecting(path: Path, sheet: str, cell: str) -> xw.Book:
    book = open_book(path)
    book.sheets[sheet].range(cell).select()
    return book


def _formula(book: xw.Book, sheet: str, cell: str) -> Any:
    book.save()
    return load_workbook(book.fullname)[sheet][cell].value


def test_a_model_with_a_dataset_cell_gets_a_formula_that_points_at_it(
    tmp_path: Path, folder: Path, answering: Callable[[Answers], Asked]
) -> None:
    asked = answering(["Won revenue", "SMB", "2026-04", "Total"])
    book = _selecting(_model(tmp_path / "model.xlsx", {"B2": f'=SEGXL_DATASET("{folder}")'}), "Model", "D7")
    outcome = insert_function(book, Press())
    assert outcome.summary == "Model!D7: Won revenue, SMB, 2026-04"
    assert _formula(book, "Model", "D7") == '=SEGXL_METRIC($B$2, "won_revenue", "SMB", "2026-04")'
    assert [question for question, _, _ in asked] == [
        "Which metric?",
        "Won revenue: which segment?",
        "Won revenue, SMB: which period?",
        "Won revenue, SMB, 2026-04: which line?",
    ]
    assert asked[1][1] == ("All accounts", "R&D / EU", "SMB")
    assert asked[2][2] == "2026-05"
    assert "2026-Q1" in asked[2][1] and "2026-Q2" not in asked[2][1]  # June is not complete


def test_from_another_sheet_the_formula_names_the_sheet(
    tmp_path: Path, folder: Path, answering: Callable[[Answers], Asked]
) -> None:
    answering(["Win rate (count)", "SMB", "2026-Q1", "Total, change on the previous quarter"])
    path = _model(tmp_path / "model.xlsx", {"C3": f'=SEGXL_DATASET("{folder}")'}, sheet="Ana's data")
    book = _selecting(path, "Board", "A1")
    insert_function(book, Press())
    assert _formula(book, "Board", "A1") == (
        '=SEGXL_METRIC(\'Ana\'\'s data\'!$C$3, "win_rate_count", "SMB", "2026-Q1", "qoq")'
    )


def test_the_handle_in_the_cell_says_which_data(
    tmp_path: Path, folder: Path, answering: Callable[[Answers], Asked]
) -> None:
    """It holds the changed settings too, which the formula has in other cells."""
    handle = str(DATASETS.open(folder, {"run_date": "2026-05-05"}).handle)
    path = write_book(tmp_path / "model.xlsx", {"Model": [("title", "")], "Board": [("Board page",)]})
    book = load_workbook(path)
    book["Model"]["B2"] = "=SEGXL_DATASET(A9, A10:B10)"
    book.save(path)
    asked = answering(["Won revenue", "SMB", "2026-04", "Total"])
    opened = _selecting(_with_result(path, "B2", handle), "Board", "C3")
    insert_function(opened, Press())
    assert asked[2][2] == "2026-04"  # the latest on 5 May
    assert _formula(opened, "Board", "C3").startswith("=SEGXL_METRIC('Model'!$B$2, ")


def _with_result(path: Path, cell: str, result: str) -> Path:
    """The workbook with the result of a formula of its first sheet, as Excel saves it."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    part = "xl/worksheets/sheet1.xml"
    plain = re.compile(rf'<c r="{cell}"><f>(.*?)</f><v ?/?>(</v>)?</c>'.encode())
    cached = rf'<c r="{cell}" t="str"><f>\1</f><v>{result}</v></c>'.encode()
    parts[part], count = plain.subn(cached, parts[part])
    assert count == 1
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def test_a_line_with_items_asks_for_one_that_has_a_number(
    tmp_path: Path, folder: Path, answering: Callable[[Answers], Asked]
) -> None:
    asked = answering(["Won revenue", "All accounts", "2026-05", "By geo", "East"])
    book = _selecting(_model(tmp_path / "model.xlsx", {"B2": f'=SEGXL_DATASET("{folder}")'}), "Model", "D7")
    outcome = insert_function(book, Press())
    assert outcome.summary == "Model!D7: Won revenue, All accounts, 2026-05, By geo, East"
    assert _formula(book, "Model", "D7").endswith('"2026-05", "by_geo", "East")')
    assert set(asked[-1][1]) == {"East", "West", "(blank)"}


def test_an_input_workbook_needs_no_dataset_cell(tmp_path: Path, answering: Callable[[Answers], Asked]) -> None:
    answering(["Won revenue", "All accounts", "2026-05", "Total"])
    book = _selecting(write_book(tmp_path / "book.xlsx", company(Board=[("Board page",)])), "Board", "B2")
    insert_function(book, Press())
    assert _formula(book, "Board", "B2") == (
        '=SEGXL_METRIC(SEGXL_DATASET(""), "won_revenue", "All accounts", "2026-05")'
    )


def test_several_datasets_are_asked_for(tmp_path: Path, folder: Path, answering: Callable[[Answers], Asked]) -> None:
    formulas = {"A1": f'=SEGXL_DATASET("{folder}")', "A2": '=SEGXL_DATASET("other.xlsx", , B1)'}
    asked = answering([f"'Model'!A1: {folder}", "Leads", "All accounts", None])
    book = _selecting(_model(tmp_path / "model.xlsx", formulas), "Model", "D7")
    outcome = insert_function(book, Press())
    assert asked[0][:2] == ("Which dataset?", (f"'Model'!A1: {folder}", "'Model'!A2: other.xlsx"))
    assert outcome.declined and outcome.summary == "Nothing inserted"
    assert _formula(book, "Model", "D7") is None


def test_dataset_cells_are_found_as_excel_writes_them(tmp_path: Path) -> None:
    formulas = {
        "A1": '=segxl_dataset("a ""b"" & c")',
        "A2": "='C:\\Users\\Ana\\XLSTART\\segxl.xlam'!SEGXL_DATASET(\"data\")",
        "A3": "=SEGXL_DATASET(B1)",
        "A4": '=SEGXL_METRIC(SEGXL_DATASET("x"), "leads", "All accounts", "2026-05")',
        "A5": '="=SEGXL_DATASET("',
    }
    found = dataset_cells(open_book(_model(tmp_path / "model.xlsx", formulas)))
    assert [(cell.row, cell.source) for cell in found] == [(1, 'a "b" & c'), (2, "data"), (3, "")]


@pytest.mark.parametrize(
    ("cell", "words"),
    [("B2", "select one empty cell"), ("A1", "select one empty cell"), ("D7:E8", "select one empty cell")],
)
def test_nothing_is_overwritten(cell: str, words: str, tmp_path: Path, folder: Path) -> None:
    formulas = {"A1": "a title", "B2": f'=SEGXL_DATASET("{folder}")'}
    book = _selecting(_model(tmp_path / "model.xlsx", formulas), "Model", cell)
    with pytest.raises(SegxlError, match=words):
        insert_function(book, Press())


@pytest.mark.slow
def test_a_sheet_that_segxl_creates_again_gets_none(tmp_path: Path) -> None:
    book = open_book(write_book(tmp_path / "book.xlsx"))
    build_scorecard(book)
    book.sheets["Scorecard"].range("Z99").select()
    with pytest.raises(SegxlError, match="segxl replaces the sheet 'Scorecard'"):
        insert_function(book, Press())


def test_a_workbook_without_data_says_what_to_write(tmp_path: Path) -> None:
    book = _selecting(_model(tmp_path / "model.xlsx", {"A1": "a title"}), "Model", "D7")
    with pytest.raises(SegxlError, match=r'write =SEGXL_DATASET\("folder or workbook"\) into a cell'):
        insert_function(book, Press())


def test_on_a_mac_it_says_what_works_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = _selecting(_model(tmp_path / "model.xlsx", {"A1": "a title"}), "Model", "D7")
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SegxlError, match="Excel for Mac cannot calculate segxl functions"):
        insert_function(book, Press())


def test_the_macro_says_what_it_wrote(
    tmp_path: Path, folder: Path, answering: Callable[[Answers], Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    answering(["Won revenue", "All accounts", "2026-05", "Total"])
    book = _selecting(_model(tmp_path / "model.xlsx", {"B2": f'=SEGXL_DATASET("{folder}")'}), "Model", "D7")
    monkeypatch.setattr(xw.Book, "_mock_caller", book, raising=False)
    macros.insert_function()
    assert book.app.status_bar == "segxl: Model!D7: Won revenue, All accounts, 2026-05"


@pytest.mark.parametrize("button", ["import_exports", "clear_examples", "check_data", "build_scorecard", "run_report"])
def test_the_other_buttons_say_that_a_model_is_no_input_workbook(
    button: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = _model(tmp_path / "model.xlsx", {"A1": "a title", "A2": "=1+1"})
    book = open_book(path)
    monkeypatch.setattr(xw.Book, "_mock_caller", book, raising=False)
    getattr(macros, button)()
    said = str(book.app.status_bar)
    if button == "import_exports":  # any workbook takes exports
        assert "file dialog" in said
    else:
        assert said.startswith("segxl: model.xlsx is not an input workbook: it has no sheet named after a table")
        assert "\n" not in said
    assert {sheet.name for sheet in book.sheets} == {"Model", "Board"}


# --- the dialog on Windows ---


def _excel(answers: Sequence[str], asked: list[tuple[str, str, str]]) -> Any:
    left = list(answers)

    def ask(*arguments: str) -> str:
        asked.append(arguments)  # type: ignore[arg-type]
        return left.pop(0)

    def macro(name: str) -> Callable[..., str]:
        assert name == "segxl.xlam!AskInExcel"
        return ask

    return SimpleNamespace(macro=macro)


OPTIONS = ("Leads", "Lead to MQL", "MQLs", "MQL to SQO", "2026-10")


@pytest.mark.parametrize(
    ("answers", "chosen"),
    [
        (["leads"], "Leads"),
        (["3"], "MQLs"),
        (["2026-10"], "2026-10"),
        (["sqo"], "MQL to SQO"),
        (["MQL to"], None),
        (["mql", "3"], "MQL to SQO"),  # the third of the three that fit
        (["mql", "leads"], "Leads"),  # changed their mind
        (["nothing like it", "1"], "Leads"),
        ([""], None),
    ],
)
def test_a_number_a_name_or_a_part_of_it(answers: list[str], chosen: str | None) -> None:
    asked: list[tuple[str, str, str]] = []
    if answers == ["MQL to"]:
        answers = ["MQL to", ""]
    assert choose_one(_excel(answers, asked), "Title", "Which?", OPTIONS, "MQLs") == chosen
    assert len(asked) == len(answers)
    assert asked[0][2] == "MQLs"
    assert all(len(question) < 1000 for question, _, _ in asked)


def test_what_did_not_fit_is_said() -> None:
    asked: list[tuple[str, str, str]] = []
    choose_one(_excel(["mql", "nothing", ""], asked), "Title", "Which?", OPTIONS)
    assert asked[1][0].startswith("“mql” fits 3 entries. Which?\n\n1  Lead to MQL\n2  MQLs\n3  MQL to SQO\n")
    assert asked[2][0].startswith("“nothing” is not in the list. Which?\n\n1  Leads\n")


def test_a_name_that_is_a_number_wins_over_the_number() -> None:
    assert fitting("2", ("Ten", "Nine", "2")) == ("2",)
    assert fitting("3", ("Ten", "Nine", "2")) == ("2",)


def test_long_lists_say_how_many_more() -> None:
    segments = [f"Segment number {at:03}" for at in range(200)]
    shown = numbered(segments)
    lines = shown.splitlines()
    assert lines[0] == "1  Segment number 000"
    assert lines[-1] == f"… {200 - (len(lines) - 1)} more: type a part of the name"
    assert len(shown) < 800
