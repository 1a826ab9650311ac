"""Each VBA function that the add-in ships runs in LibreOffice, with a stub in the place of Python."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from segxl.excel.functions import build
from segxl.excel.functions.registration import functions_of, registered
from segxl.excel.vba import project
from segxl.excel.vba.package import add_project
from tests import office
from tests.places import ROOT

MODULE = registered()
FUNCTIONS = {function.name: function for function in functions_of(MODULE)}
NAMES = tuple(FUNCTIONS)
NOT_AVAILABLE, WRONG = "Error 2042", "Error 2015"
"""What LibreOffice shows of ``CVErr(xlErrNA)`` and ``CVErr(xlErrValue)``."""


def book(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    here = Path(__file__)
    stub, python = (here.with_name(f"stub_python.{kind}").read_text("ascii") for kind in ("bas", "cls"))
    monkeypatch.setattr(project, "_CLASSES", ("StubPython",))
    path = folder / "functions.xlsm"
    made = xlsxwriter.Workbook(str(path))
    made.add_worksheet("Stub")
    add_project(made, project.vba_project(1, {"segxl_functions": text, "stub": stub, "StubPython": python}))
    made.close()
    return path


@pytest.mark.ci
@pytest.mark.office
def test_every_function_gives_values_rows_tables_and_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[list[Any]] = []
    for given, cells in (("", "A5"), ("#N/A", "A5"), ("#VALUE!", "A5"), ("row", "A5:C5"), ("table", "A5:C6")):
        steps.append(["put", "Stub", "B1", given])
        for name in NAMES:
            arguments = ";".join('"a"' for _ in _required(name))
            steps.append(["formula", "Stub", cells, f"={name}({arguments})"])
            steps += [["value", "Stub", cell] for cell in _cells(cells)]
            steps.append(["formula", "Stub", cells, ""])
    text = (ROOT / build.VBA).read_text("ascii")
    (answers,) = office.session([(book(tmp_path, monkeypatch, text), steps)])
    found = iter([answer for step, answer in zip(steps, answers, strict=True) if step[0] == "value"])
    assert [next(found) for _ in NAMES] == [f"{name} {_handed(name)}" for name in NAMES]
    assert [next(found) for _ in NAMES] == [NOT_AVAILABLE] * len(NAMES)
    assert [next(found) for _ in NAMES] == [WRONG] * len(NAMES)
    assert [[next(found) for _ in range(3)] for _ in NAMES] == [[1, NOT_AVAILABLE, WRONG]] * len(NAMES)
    assert [[next(found) for _ in range(6)] for _ in NAMES] == [[1, NOT_AVAILABLE, "x", WRONG, 2.5, ""]] * len(NAMES)


@pytest.mark.office
def test_python_that_did_not_start_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LibreOffice knows no calling cell: the test says that there is one, and asking for its name then fails."""
    asked = 'SegxlInCell = (TypeName(Application.Caller) = "Range")'
    text = (ROOT / build.VBA).read_text("ascii")
    assert text.count(asked) == text.count("Private Function SegxlFailure") == 1
    text = text.replace(asked, "SegxlInCell = True").replace("Private Function SegxlFailure", "Function SegxlFailure")
    dll = '"Could not load xlwings64.dll"&CHAR(13)&CHAR(10)&", C:\\Python"'
    traceback = (
        '"Unexpected: Traceback (most recent call last):"&CHAR(10)&"  File x"&CHAR(10)&"ImportError: no segxl"&CHAR(10)'
    )
    steps: list[list[Any]] = []
    for formula in (f'={NAMES[1]}("a";"b")', f"=SegxlFailure({dll})", f"=SegxlFailure({traceback})"):
        steps += [["formula", "Stub", "A5", formula], ["value", "Stub", "A5"]]
    (answers,) = office.session([(book(tmp_path, monkeypatch, text), steps)])
    raised, unloaded, traced = answers[1::2]
    advice = ". Open a terminal and run: segxl doctor"
    assert raised.startswith("segxl could not start: ") and raised.endswith(advice) and "\n" not in raised
    assert unloaded == f"segxl could not start: Could not load xlwings64.dll{advice}"
    assert traced == f"segxl could not start: ImportError: no segxl{advice}"


def _required(name: str) -> list[str]:
    return [one.name for one in FUNCTIONS[name].arguments if not one.optional]


def _handed(name: str) -> int:
    """How many arguments the VBA hands over, with those that Excel does not show."""
    return len(getattr(MODULE, name).__xlfunc__["args"])


def _cells(area: str) -> Iterator[str]:
    last = area.rpartition(":")[2]
    for row in range(5, int(last[1:]) + 1):
        for column in "ABC"[: "ABC".index(last[0]) + 1]:
            yield f"{column}{row}"
