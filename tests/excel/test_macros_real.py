"""Every button on copies of the real workbook: with the small company, other people's exports, and the demo."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlwings as xw
from openpyxl import load_workbook

from segxl.cli.demo import write_exports
from segxl.excel.buttons import actions, macros
from segxl.excel.file_engine.package import relations_of
from segxl.excel.file_engine.xlwings_engine import open_book
from segxl.excel.input_workbook.write import template
from tests import small
from tests.drawn import check_package, compare_report, compare_scorecard, document, parts, row_of, run, sheet_rows
from tests.places import DATA

REWRITTEN = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs go to a folder of the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))


def source(name: str, folder: Path) -> Path:
    if name == "small":
        return small.write_company(folder)
    if name == "demo":
        write_exports(folder, overwrite=True)
        return folder
    if not (DATA / name).is_dir():
        pytest.skip(f"needs ../shared/data/{name}")
    return DATA / name


@pytest.fixture
def workbook(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The real workbook, buttons and all, filled from a folder."""
    path = tmp_path / "filled" / "book.xlsm"
    template(path, source(request.param, tmp_path / "source"), overwrite=False)
    return path


@pytest.fixture
def pressed(workbook: Path, tmp_path: Path) -> Iterator[xw.Book]:
    """A copy of the workbook, open, as the one whose buttons are pressed."""
    path = tmp_path / workbook.name
    shutil.copy(workbook, path)
    book = open_book(path)
    book.set_mock_caller()
    yield book
    del xw.Book._mock_caller


@pytest.mark.ci
@pytest.mark.parametrize("workbook", ["small", "maven_crm", "demo"], indirect=True)
def test_every_button_gives_the_numbers_of_the_command_line(pressed: xw.Book, workbook: Path) -> None:
    for press in (macros.clear_examples, macros.check_data, macros.build_scorecard, macros.run_report):
        press()
        assert "failed" not in str(pressed.app.status_bar), pressed.app.impl.alerts
    scorecard = document(workbook, "scorecard", "--segment", "All accounts")
    assert compare_scorecard(pressed, scorecard, "All accounts") > 200
    assert compare_report(pressed, document(workbook, "report")) >= 4
    _, text = run("check", workbook)
    ledger = list(sheet_rows(pressed, "Data check").values())
    for entry in scorecard["inputs"]:
        name = entry["file"].replace(workbook.name, pressed.name)
        assert name in text
        row = next(row for row in ledger if row["A"] == name)
        assert [row[column] for column in "CDEF"] == [entry[key] for key in ("rows", "used", "excluded", "rejected")]
    row = row_of(pressed, "Scorecard", "Won revenue")
    pressed.sheets["Scorecard"].range((row, 2)).select()
    macros.explain_number()
    rows = sheet_rows(pressed, "Explained")
    header = next(at for at, cells in rows.items() if "Amount" in cells.values())
    column = next(letter for letter, name in rows[header].items() if name == "Amount")
    total = sum(float(rows[at][column] or 0) for at in rows if at > header)
    won = scorecard["segments"]["All accounts"]["metrics"]["won_revenue"]
    assert total == pytest.approx(won["views"]["total"]["value"])


@pytest.mark.slow
@pytest.mark.parametrize("workbook", ["small"], indirect=True)
def test_what_the_buttons_did_not_draw_is_as_it_was(pressed: xw.Book, workbook: Path) -> None:
    before = parts(workbook)
    macros.build_scorecard()
    macros.check_data()
    pressed.save()
    path = Path(pressed.fullname)
    check_package(path)
    after = parts(path)
    changed = {name for name, data in before.items() if after.get(name) != data}
    assert {name for name in changed if b"tabSelected" not in before[name]} <= REWRITTEN
    assert after[relations_of("")] == before[relations_of("")]  # the ribbon's among them
    assert {"xl/vbaProject.bin", "customUI/customUI14.xml"} <= set(after)
    assert load_workbook(path, keep_vba=True).sheetnames[: len(before)][0] == "Start"


@pytest.mark.ci
@pytest.mark.parametrize("workbook", ["small"], indirect=True)
def test_published_packs_are_the_command_lines(workbook: Path, tmp_path: Path) -> None:
    path = tmp_path / workbook.name
    shutil.copy(workbook, path)
    actions.publish_packs(open_book(path))
    for command in ("scorecard", "report"):
        run(command, path, "--format", "json", "--format", "xlsx", "--format", "html", "--out", tmp_path / "cli")
    assert small.listing(tmp_path / actions.FOLDER) == small.listing(tmp_path / "cli")
