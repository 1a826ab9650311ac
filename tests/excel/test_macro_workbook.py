"""The macro workbook and the add-in: what is committed is what the sources build, and each button does what it says.

No Excel is at hand: LibreOffice runs the VBA, with a stub in the place of xlwings' module that writes into cells what
it was asked. A Sub that dies midway reports success, so only what is in the cells counts.
"""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
import xlwings as xw

from segxl.api import Analysis
from segxl.dataset.load import load
from segxl.excel.addin.build import CONTENT_TYPE, WORKBOOK_TYPE
from segxl.excel.buttons import macros
from segxl.excel.buttons.buttons import ADDIN_BUTTONS, BUTTONS
from segxl.excel.buttons.conf import XLWINGS
from segxl.excel.file_engine.xlwings_engine import open_book
from segxl.excel.functions.registration import functions_of, registered
from segxl.excel.input_workbook.build import BUILT
from segxl.excel.input_workbook.write import template
from segxl.excel.vba import project
from segxl.excel.vba.package import PROJECT_PART, RIBBON_PART
from segxl.render.shared.atomic_files import template_path, workbook_path
from tests import office, small
from tests.places import ROOT

WORKBOOK = workbook_path("segxl.xlsm")
ADDIN = workbook_path("segxl.xlam")
MODULES = {WORKBOOK: project.vba_modules(project.INPUT_WORKBOOK), ADDIN: project.vba_modules(project.ADDIN)}
SHOWN = {WORKBOOK: BUTTONS, ADDIN: ADDIN_BUTTONS}
both = pytest.mark.parametrize("file", [WORKBOOK, ADDIN], ids=lambda path: path.name)
_RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_UI = "{http://schemas.microsoft.com/office/2009/07/customui}"


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        assert len(set(file.namelist())) == len(file.namelist())
        return {name: file.read(name) for name in file.namelist()}


# --- what is committed ---


@both
def test_the_committed_file_is_what_the_sources_build(file: Path, tmp_path: Path) -> None:
    built = tmp_path / file.name
    BUILT[file.name](built)
    differing = [name for name, content in _parts(built).items() if _parts(file).get(name) != content]
    assert not differing, (
        f"a source has changed: run python -m segxl.excel.input_workbook.build and commit workbooks/{file.name}"
    )
    assert list(_parts(built)) == list(_parts(file))
    if "ng" not in zlib.ZLIB_RUNTIME_VERSION:  # zlib-ng packs the same contents into other bytes
        assert built.read_bytes() == file.read_bytes()


@both
def test_the_vba_in_the_file_is_the_sources(file: Path) -> None:
    from oletools.olevba import VBA_Parser

    texts = {}
    for _, _, module, code in VBA_Parser(file.name, data=file.read_bytes()).extract_macros():
        body = [line for line in code.splitlines() if not re.match(r"Attribute VB_", line)]
        if any(body):  # the document modules of the sheets are empty
            texts[module.split(".")[0]] = body
    sources = {
        name: [line for line in _class_body(text).splitlines() if not re.match(r"Attribute VB_", line)]
        for name, text in MODULES[file].items()
    }
    assert texts == sources


def _class_body(text: str) -> str:
    """An exported class without the head that Excel keeps elsewhere (VERSION … END)."""
    return re.sub(r"\AVERSION .*?^END\n", "", text, flags=re.DOTALL | re.MULTILINE)


@both
def test_the_vba_reads_segxl_s_own_settings(file: Path) -> None:
    theirs = MODULES[file]["xlwings"]
    assert 'Public Const PROJECT_NAME As String = "segxl"' in theirs
    assert f'Public Const XLWINGS_VERSION As String = "{XLWINGS}"' in theirs
    assert b"segxl.conf" not in _parts(file)["xl/workbook.xml"]  # a sheet of this name would win over the person's


def test_each_file_works_on_its_own_workbook() -> None:
    """xlwings' module names the workbook that Python gets: the one that it is in, or the one in front."""
    hands_over = re.compile(r'" --wb=" & """" & (\w+)\.Name')
    assert hands_over.findall(MODULES[WORKBOOK]["xlwings"]) == ["ThisWorkbook"]
    assert hands_over.findall(MODULES[ADDIN]["xlwings"]) == ["ActiveWorkbook"]


@both
def test_every_part_parses_and_every_relationship_has_its_target(file: Path) -> None:
    parts = _parts(file)
    for name, content in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            ElementTree.fromstring(content)
        if not name.endswith(".rels"):
            continue
        folder, _, of = name.rpartition("_rels/")
        assert not of.removesuffix(".rels") or folder + of.removesuffix(".rels") in parts
        for relationship in ElementTree.fromstring(content).iter(_RELATIONSHIPS):
            if relationship.get("TargetMode") == "External":
                continue
            target = relationship.attrib["Target"]
            whole = target[1:] if target.startswith("/") else _resolved(folder + target)
            assert whole in parts, f"{name} leads to {target}"


def _resolved(path: str) -> str:
    kept: list[str] = []
    for step in path.split("/"):
        if step == "..":
            kept.pop()
        else:
            kept.append(step)
    return "/".join(kept)


@both
def test_the_content_types_say_that_it_has_macros(file: Path) -> None:
    types = ElementTree.fromstring(_parts(file)["[Content_Types].xml"])
    parts = {one.attrib["PartName"]: one.attrib["ContentType"] for one in types.iter(f"{_TYPES}Override")}
    endings = {one.attrib["Extension"]: one.attrib["ContentType"] for one in types.iter(f"{_TYPES}Default")}
    expected = {
        WORKBOOK: "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ADDIN: "application/vnd.ms-excel.addin.macroEnabled.main+xml",
    }
    assert parts["/xl/workbook.xml"] == expected[file]
    assert endings["bin"] == "application/vnd.ms-office.vbaProject"
    for name in _parts(file):
        assert f"/{name}" in parts or name.rpartition(".")[2] in endings or name == "[Content_Types].xml", name


@both
def test_every_sheet_has_its_document_module(file: Path) -> None:
    from oletools.olevba import VBA_Parser

    parts = _parts(file)
    macros = VBA_Parser(file.name, data=file.read_bytes()).extract_macros()
    modules = {module.split(".")[0] for _, _, module, _ in macros}
    sheets = [name for name in parts if name.startswith("xl/worksheets/sheet")]
    codes = [re.search(rb'<sheetPr[^>]* codeName="(\w+)"', parts[name]) for name in sheets]
    found = {code.group(1).decode() for code in codes if code}
    assert len(found) == len(sheets)
    assert modules == {*found, "ThisWorkbook", *MODULES[file]}
    assert b'codeName="ThisWorkbook"' in parts["xl/workbook.xml"]


def test_the_add_in_shows_no_sheet() -> None:
    view = re.search(rb"<workbookView [^>]*>", _parts(ADDIN)["xl/workbook.xml"])
    assert view and b'visibility="hidden"' in view.group()
    assert b"fullCalcOnLoad" not in _parts(ADDIN)["xl/workbook.xml"]  # Excel would calculate all workbooks


def test_users_get_the_same_workbook_without_what_builds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyopenvba", None)  # importing it would fail
    template(tmp_path / "inputs.xlsm", None, overwrite=False)
    assert _parts(tmp_path / "inputs.xlsm") == _parts(WORKBOOK)


def test_a_filled_workbook_with_buttons_is_a_source(tmp_path: Path) -> None:
    company = small.write_company(tmp_path / "company")
    template(tmp_path / "inputs.xlsm", company, overwrite=False)
    assert _parts(tmp_path / "inputs.xlsm")[PROJECT_PART] == _parts(WORKBOOK)[PROJECT_PART]
    folder, workbook = (
        json.loads(Analysis(load(source)).scorecard("2026-05").json()) for source in (company, tmp_path / "inputs.xlsm")
    )
    assert workbook["segments"] == folder["segments"]


# --- buttons and ribbon ---


@both
def test_the_ribbon_has_the_buttons_in_the_order_of_work(file: Path) -> None:
    ribbon = ElementTree.fromstring(_parts(file)[RIBBON_PART])
    shown = [(one.attrib["label"], one.attrib["onAction"]) for one in ribbon.iter(f"{_UI}button")]
    assert shown == [(button.caption, f"Ribbon{button.macro}") for button in SHOWN[file]]
    assert all(one.get("imageMso") and one.get("supertip") for one in ribbon.iter(f"{_UI}button"))
    identities = [one.attrib["id"] for one in ribbon.iter() if "id" in one.attrib]
    assert len(set(identities)) == len(identities)


@both
def test_every_callback_of_the_ribbon_is_a_public_sub_with_its_arguments(file: Path) -> None:
    code = "\n".join(text for name, text in MODULES[file].items() if name.startswith("segxl"))
    arguments = {"onAction": "control As IRibbonControl", "getVisible": "control As IRibbonControl, ByRef visible"}
    called = [
        (value, arguments[name])
        for element in ElementTree.fromstring(_parts(file)[RIBBON_PART]).iter()
        for name, value in element.attrib.items()
        if name.startswith(("on", "get"))
    ]
    assert len(called) == len(SHOWN[file]) + 1
    for macro, taken in called:
        assert code.count(f"\nPublic Sub {macro}({taken})\n") == 1, macro


@pytest.mark.slow
@pytest.mark.office
def test_libreoffice_shows_the_buttons_with_their_captions() -> None:
    ((found,),) = office.session([(WORKBOOK, [["buttons", "Start"]])])
    assert {caption for caption, *_ in found} == {button.caption for button in BUTTONS}
    macros = {button.caption: button.macro for button in BUTTONS}
    for caption, _, _, width, height, scripts in found:
        assert [f"VBAProject.segxl.{macros[caption]}?" in script for script in scripts] == [True]
        # 1/100 mm; the letters of 11 points are about 2 mm wide, the line 4.9 mm high
        assert width > 200 * len(caption)
        assert height > 490
    for one, (_, left, top, width, height, _) in enumerate(found):
        for _, other_left, other_top, *_ in found[one + 1 :]:
            assert not (left <= other_left < left + width and top <= other_top < top + height)


def test_each_button_has_its_function() -> None:
    for button in ADDIN_BUTTONS:
        function = getattr(macros, button.function)
        assert not inspect.signature(function).parameters
        assert inspect.getdoc(function) == f"The button {button.caption}."


def test_a_press_leaves_its_words_on_the_first_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "inputs.xlsm"
    template(path, small.write_company(tmp_path / "company"), overwrite=False)
    book = open_book(path)
    monkeypatch.setattr(xw.Book, "_mock_caller", book, raising=False)
    macros.check_data()
    book.save()
    assert openpyxl.load_workbook(path)["Start"]["B5"].value == "14 rows read, 14 used, 0 rejected"
    kept = [PROJECT_PART, RIBBON_PART, "_rels/.rels"]
    assert [_parts(path)[name] for name in kept] == [_parts(WORKBOOK)[name] for name in kept]


# --- the Subs, run ---

STUB = ROOT / "tests" / "stub_xlwings.bas"
_MESSAGE = 'MsgBox sentence, vbExclamation, "segxl"'
_FUNCTIONS_STUB = """\
Public Sub SegxlDescribeFunctions()
    ThisWorkbook.Sheets("Stub").Range("F1").Value = "described"
End Sub
"""
_SETTINGS = {"INTERPRETER_WIN": "/usr/bin/env"}  # any file that is there


def _stubbed(
    folder: Path, file: Path = WORKBOOK, *, audible: bool = False, more: Mapping[str, str] | None = None
) -> Path:
    """The file with stubs in the place of xlwings' modules and of the functions. ``audible``: what the message box and
    the status bar would show goes to the cells B2 and A3, which is the only change to the text of segxl's own modules.

    LibreOffice opens no add-in: the same bytes go by as a workbook. ``more`` are further modules, which may replace
    those of segxl.
    """
    ours = {name: text for name, text in MODULES[file].items() if name.startswith("segxl")}
    assert "\nPublic Sub SegxlDescribeFunctions()\n" in ours["segxl_functions"]
    ours["segxl_functions"] = _FUNCTIONS_STUB
    if audible:
        assert ours["segxl"].count(_MESSAGE) == ours["segxl"].count("MsgBox") == 1
        ours["segxl"] = (
            ours["segxl"]
            .replace(_MESSAGE, 'ThisWorkbook.Sheets("Stub").Range("B2").Value = sentence')
            .replace("Application.StatusBar", 'ThisWorkbook.Sheets("Stub").Range("A3").Value')
        )
    stub = STUB.read_text(encoding="ascii").replace("THE VERSION", XLWINGS)
    for button in SHOWN[file]:  # the callbacks take an argument that only VBA can give
        stub += f"\nPublic Sub Call{button.macro}()\n    Ribbon{button.macro} Nothing\nEnd Sub\n"
    stub += "\nPublic Function TabVisible()\n    Dim visible\n    RibbonTabVisible Nothing, visible\n"
    stub += "    TabVisible = visible\nEnd Function\n"
    parts = _parts(file)
    sheets = sum(name.startswith("xl/worksheets/sheet") for name in parts)
    parts[PROJECT_PART] = project.vba_project(sheets, {**ours, **(more or {}), "xlwings": stub})
    types = "[Content_Types].xml"
    parts[types] = parts[types].replace(CONTENT_TYPE.encode(), WORKBOOK_TYPE.encode())
    path = folder / f"stubbed-{file.stem}-{file.suffix[1:]}-{audible}.xlsm"
    with zipfile.ZipFile(path, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return path


def _with(settings: Mapping[str, str]) -> list[list[str]]:
    """The steps that make the stub's sheet and put the settings there."""
    steps = [["insert_sheet", "Stub"]]
    for row, (key, value) in enumerate(settings.items(), 1):
        steps += [["put", "Stub", f"D{row}", key], ["put", "Stub", f"E{row}", value]]
    return steps


def test_what_a_button_hands_to_python_finds_its_function() -> None:
    """The line is in workbooks that people have: it works wherever the code of the buttons moves."""
    (line,) = re.findall(r'RunPython "(.*)\." & pythonFunction', template_path("vba/segxl.bas").read_text("ascii"))
    assert line == "from segxl.excel import macros; macros"
    calls = "; ".join(f"assert callable(macros.{button.function})" for button in ADDIN_BUTTONS)
    code = f"{line}; {calls}; import sys; print(*{{'pandas', 'openpyxl', 'xlwings'}} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")  # and says at once that it has started


@pytest.mark.ci
@pytest.mark.office
@both
def test_each_button_calls_its_function(file: Path, tmp_path: Path) -> None:
    path = _stubbed(tmp_path, file)
    pressed = [(_module_of(button.macro, file), button.macro, button) for button in SHOWN[file]]
    pressed += [("xlwings", f"Call{button.macro}", button) for button in SHOWN[file]]  # as the ribbon calls it
    steps = _with(_SETTINGS)
    ahead = len(steps)
    for module, macro, _ in pressed:
        steps += [["put", "Stub", "A1", ""], ["run", module, macro], ["text", "Stub", "A1"]]
    opening = _module_of("Auto_Open", file)
    steps += [["run", opening, "Auto_Open"], ["text", "Stub", "F1"], ["run", "xlwings", "TabVisible"]]
    (answers,) = office.session([(path, steps)])
    assert answers[ahead + 2 : -3 : 3] == [
        f"from segxl.excel import macros; macros.{button.function}()" for _, _, button in pressed
    ]
    assert answers[-2] == "described"
    assert answers[-1] in (True, -1)  # no add-in is open that shows the tab of its own


def _module_of(sub: str, file: Path) -> str:
    (name,) = (name for name, text in MODULES[file].items() if f"\nPublic Sub {sub}()\n" in text)
    return name


@pytest.mark.office
def test_the_add_in_s_functions_reach_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them in a cell, with the stub of the functions' own tests in the place of Python."""
    monkeypatch.setattr(project, "_CLASSES", ("StubPython",))
    functions = Path(__file__).with_name("functions")
    stub, python = (functions.joinpath(f"stub_python.{kind}").read_text("ascii") for kind in ("bas", "cls"))
    path = _stubbed(
        tmp_path, ADDIN, more={"segxl_functions": MODULES[ADDIN]["segxl_functions"], "stub": stub, "StubPython": python}
    )
    steps: list[list[Any]] = [["insert_sheet", "Stub"]]
    shown = functions_of(registered())
    for function in shown:
        arguments = ";".join('"a"' for one in function.arguments if not one.optional)
        steps += [["formula", "Stub", "A5", f"={function.name}({arguments})"], ["value", "Stub", "A5"]]
    (answers,) = office.session([(path, steps)])
    assert [str(one).partition(" ")[0] for one in answers[2::2]] == [function.name for function in shown]


@pytest.mark.slow
@pytest.mark.office
def test_the_status_bar_says_what_is_going_on(tmp_path: Path) -> None:
    steps = [*_with(_SETTINGS), ["run", "segxl", "CheckData"], ["text", "Stub", "A2"], ["text", "Stub", "A3"]]
    (answers,) = office.session([(_stubbed(tmp_path, audible=True), steps)])
    assert answers[-2:] == ["segxl: checking the data ...", "FALSE"]  # FALSE gives the bar back to Excel


@pytest.mark.slow
@pytest.mark.office
def test_an_error_is_one_sentence(tmp_path: Path) -> None:
    steps = [*_with(_SETTINGS), ["put", "Stub", "B1", "no shell"], ["run", "segxl", "BuildScorecard"]]
    steps += [["text", "Stub", cell] for cell in ("A1", "A3", "B2")]
    (answers,) = office.session([(_stubbed(tmp_path, audible=True), steps)])
    assert answers[-3:-1] == ["from segxl.excel import macros; macros.build_scorecard()", "FALSE"]
    said = answers[-1].splitlines()
    assert said[0].startswith("segxl could not start (building the scorecard): ")
    assert said[0].endswith("no shell")
    assert said[1] == "Open a terminal and run: segxl doctor"


@pytest.mark.ci
@pytest.mark.office
def test_what_is_wrong_is_said_before_python_starts(tmp_path: Path) -> None:
    python = tmp_path / "venv" / "Scripts" / "python.exe"
    python.parent.mkdir(parents=True)
    python.touch()
    other = tmp_path / "other" / "Scripts" / "python.exe"
    other.parent.mkdir(parents=True)
    other.touch()
    (other.parents[1] / "xlwings32-0.40.1.dll").touch()
    same = tmp_path / "same" / "python.exe"
    same.parent.mkdir()
    same.touch()
    (same.parent / "xlwings64-0.1.0.dll").touch()
    (same.parent / f"xlwings64-{XLWINGS}.dll").touch()
    cases: list[tuple[dict[str, str], str]] = [
        ({}, r"segxl is not set up .* run segxl doctor --write-conf"),
        ({"INTERPRETER_MAC": str(python)}, r"segxl is not set up"),
        (
            {"INTERPRETER_WIN": "/no/python"},
            r"segxl's Python was not found \(/no/python\)\. .* run segxl doctor --write-conf",
        ),
        (
            {"INTERPRETER_WIN": str(python), "SEGXL_PACKAGE": "/no/segxl/__init__.py"},
            r"segxl was not found at /no/segxl/__init__.py\. Reinstall it, then run segxl doctor",
        ),
        (
            {"INTERPRETER_WIN": str(python), "SEGXL_XLWINGS": "0.36.0"},
            rf"needs xlwings {re.escape(XLWINGS)}, but segxl's Python has xlwings 0\.36\.0\. .*segxl doctor",
        ),
        ({"INTERPRETER_WIN": str(other), "SEGXL_XLWINGS": XLWINGS}, r"has xlwings 0\.40\.1\. "),
        ({"INTERPRETER_WIN": str(same), "SEGXL_XLWINGS": "0.36.0"}, ""),  # the DLL knows better than the settings
        ({"INTERPRETER_WIN": str(python), "SEGXL_PACKAGE": str(python), "SEGXL_XLWINGS": XLWINGS}, ""),
    ]
    path = _stubbed(tmp_path, audible=True)
    after = [["run", "segxl", "WhatIsWrong"], ["run", "segxl", "CheckData"], ["text", "Stub", "A1"]]
    after += [["text", "Stub", "B2"]]
    answers = office.session([(path, [*_with(settings), *after]) for settings, _ in cases])
    for (settings, expected), answer in zip(cases, answers, strict=True):
        wrong, _, command, said = answer[-4:]
        assert re.search(expected or r"\A\Z", wrong), (settings, wrong)
        assert said == wrong
        assert (command == "") == (wrong != ""), settings


@pytest.mark.slow
@pytest.mark.office
def test_the_message_box_itself_stops_nothing(tmp_path: Path) -> None:
    """The one line that the other tests replace."""
    steps = [*_with({}), ["run", "segxl", "CheckData"], ["text", "Stub", "A1"]]
    (answers,) = office.session([(_stubbed(tmp_path), steps)])
    assert answers[-2:] == [None, ""]


@pytest.mark.slow
@pytest.mark.office
def test_packs_need_a_saved_workbook(tmp_path: Path) -> None:
    steps = [*_with(_SETTINGS), ["run", "segxl", "PublishPacks"], ["text", "Stub", "A1"], ["text", "Stub", "B2"]]
    steps += [["run", "segxl", "CheckData"], ["text", "Stub", "A1"]]
    (answers,) = office.session([(_stubbed(tmp_path, audible=True), steps)], as_template=True)
    assert answers[-4:-2] == ["", "Save the workbook first: the packs are saved next to it."]
    assert answers[-1] == "from segxl.excel import macros; macros.check_data()"
