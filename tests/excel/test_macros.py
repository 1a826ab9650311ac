"""Every button, pressed without Excel: its sheets hold the numbers of the command line, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw
from click.testing import CliRunner
from openpyxl import load_workbook

from segxl.cli.commands import commands
from segxl.excel.buttons import actions, macros
from segxl.excel.buttons.buttons import BUTTONS, RESULTS, STATUS, Button
from segxl.excel.drawing.draw import draw_packs, listed_sheets
from segxl.excel.drawing.hosts import host_of
from segxl.excel.file_engine.xlwings_engine import open_book
from segxl.excel.input_workbook.write import template
from segxl.excel.log import log_path
from segxl.pages.model import Cell, Pack, Page, Row
from tests import small
from tests.books import SETTINGS, Rows, company, typed, write_book
from tests.drawn import compare_report, compare_scorecard, document, row_of, run, sheet_rows


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own: logs are written there."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[xw.Book]:
    """The small company's workbook as the one whose button is pressed."""
    book = open_book(write_book(tmp_path / "book.xlsx"))
    book.set_mock_caller()
    yield book
    del xw.Book._mock_caller


def test_every_button_has_its_function() -> None:
    assert all(callable(getattr(macros, button.function)) for button in BUTTONS)


@pytest.mark.slow
def test_build_scorecard_draws_the_numbers_of_the_command_line(caller: xw.Book) -> None:
    macros.build_scorecard()
    found = document(Path(caller.fullname), "scorecard", "--segment", "All accounts")
    assert compare_scorecard(caller, found, "All accounts") > 200
    won = sheet_rows(caller, "Scorecard")[row_of(caller, "Scorecard", "Won revenue")]
    assert (won["B"], won["C"], won["F"]) == (12600.5, 5000, 8000)  # worked out by hand in small.py
    assert str(caller.app.status_bar).startswith("segxl: Scorecard 2026-05 for All accounts is ready")
    assert caller.sheets.active.name == "Scorecard"


def test_the_settings_choose_period_and_segment(tmp_path: Path) -> None:
    chosen = (*SETTINGS, ("scorecard.period", "2026-04"), ("scorecard.segments", "SMB"))
    book = open_book(write_book(tmp_path / "book.xlsx", Settings=chosen))
    outcome = actions.build_scorecard(book)
    assert outcome.summary == "Scorecard 2026-04 for SMB is ready"
    found = document(Path(book.fullname), "scorecard", "--month", "2026-04", "--segment", "SMB")
    assert compare_scorecard(book, found, "SMB") > 100


def test_rows_whose_stage_the_settings_do_not_name_are_said_with_the_numbers(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx", Settings=(*SETTINGS, ("won_stages", "Wonn")))
    won = sum(row[5] == small.WON for row in small.OPPORTUNITIES)
    outcome = actions.build_scorecard(open_book(path))
    assert "is ready (1 warning)" in outcome.summary
    (warning,) = [line for line in outcome.lines if line.startswith("warning: ")]
    assert f"{won} rows count as open: their stage is not in the settings: 'Closed Won' ({won})" in warning
    _, said = run("scorecard", path, "--format", "json")
    assert said.endswith(f"{warning}\n")


def test_run_report_draws_the_numbers_of_the_command_line(caller: xw.Book) -> None:
    macros.run_report()
    found = document(Path(caller.fullname), "report")
    assert compare_report(caller, found) >= 6
    values = [value for row in sheet_rows(caller, "Report").values() for value in row.values()]
    assert found["summary"]["total_accounts"] == 3 and 3 in values


def test_check_data_says_what_became_of_every_row(tmp_path: Path) -> None:
    rows = [small.HEADER, *([typed(cell) for cell in row] for row in small.changed("W1", amount="a lot"))]
    path = write_book(tmp_path / "book.xlsx", opportunities=rows)
    book = open_book(path)
    outcome = actions.check_data(book)
    assert outcome.faults
    assert outcome.summary == "14 rows read, 13 used, 1 rejected, see 'Rejected rows'"
    assert outcome.lines == tuple(run("check", path)[1].strip().splitlines())
    rejected = sheet_rows(book, "Rejected rows")
    assert [rejected[5][column] for column in "BCDE"] == [1, "G2", "amount", "a lot"]
    ledger = sheet_rows(book, "Data check")
    found = next(row for row in ledger.values() if row["B"] == "opportunities")
    assert [found[column] for column in "CDEF"] == [11, 10, 0, 1]


@pytest.mark.slow
def test_explain_opens_the_selected_number_to_its_rows(caller: xw.Book) -> None:
    macros.build_scorecard()
    sheet = caller.sheets["Scorecard"]
    sheet.range((row_of(caller, "Scorecard", "Won revenue"), 2)).select()
    macros.explain_number()
    rows = sheet_rows(caller, "Explained")
    header = next(at for at, row in rows.items() if "Opportunity" in row.values() or "Opportunity ID" in row.values())
    table = [dict(zip(rows[header].values(), rows[at].values(), strict=True)) for at in rows if at > header]
    ids = [row.get("Opportunity") or row.get("Opportunity ID") for row in table]
    assert sorted(ids) == ["N1", "W1", "W2", "W3"]
    assert sum(row["Amount"] or 0 for row in table) == 12600.5
    assert rows[3]["B"] == 12600.5
    assert "4 rows" in str(caller.app.status_bar)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sheet", "cell", "words"),
    [
        ("accounts", "A2", "select a number on a segxl sheet, such as Scorecard"),
        ("Scorecard", "A1", "The selected cell has no number"),
        ("Scorecard", "D{row}", "calculated from other numbers on the page"),
    ],
)
def test_explain_says_what_to_select(caller: xw.Book, sheet: str, cell: str, words: str) -> None:
    macros.build_scorecard()
    row = row_of(caller, "Scorecard", "Won revenue")
    caller.sheets[sheet].range(cell.format(row=row)).select()
    macros.explain_number()
    assert words in str(caller.app.status_bar)
    assert "Explained" not in caller.sheet_names


@pytest.mark.slow
def test_explain_after_the_data_changed_says_so(caller: xw.Book) -> None:
    macros.build_scorecard()
    caller.sheets["opportunities"].range("G2").value = 9999
    caller.sheets["Scorecard"].range((row_of(caller, "Scorecard", "Won revenue"), 2)).select()
    macros.explain_number()
    assert "press Build scorecard first" in str(caller.app.status_bar)


def test_explain_opens_the_reports_numbers_too(caller: xw.Book) -> None:
    macros.run_report()
    page = load_linked(caller)
    caller.sheets["Report"].range(page).select()
    macros.explain_number()
    assert "Explained" in caller.sheet_names, caller.app.status_bar


def load_linked(book: xw.Book) -> str:
    """The first number on the report that is linked to its accounts."""
    book.save()
    sheet = load_workbook(book.fullname, data_only=True)["Report"]
    return next(
        cell.coordinate
        for row in sheet.iter_rows()
        for cell in row
        if cell.hyperlink
        and "Accounts" in cell.hyperlink.location
        and isinstance(cell.value, (int, float))
        and cell.value
    )


@pytest.mark.ci
def test_publish_writes_the_packs_of_the_command_line(caller: xw.Book, tmp_path: Path) -> None:
    macros.publish_packs()
    folder = tmp_path / actions.FOLDER
    run(
        "scorecard",
        caller.fullname,
        "--format",
        "json",
        "--format",
        "xlsx",
        "--format",
        "html",
        "--out",
        tmp_path / "cli",
    )
    run(
        "report", caller.fullname, *(f"--format={kind}" for kind in ("json", "xlsx", "html")), "--out", tmp_path / "cli"
    )
    assert any(path.name.startswith("report-") for path in folder.iterdir())
    assert small.listing(folder) == small.listing(tmp_path / "cli")
    assert f"{len(small.listing(folder))} files saved in" in str(caller.app.status_bar)
    macros.publish_packs()
    assert "0 files saved in" in str(caller.app.status_bar)


def test_import_pastes_each_file_as_it_came(caller: xw.Book, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("ID;Close\n007;05/06/2026\n=1;\n\nTotal: 2;\n", encoding="utf-8")
    other = write_book(tmp_path / "exports.xlsx", {"One": (("a", 1.0),), "Empty": (), "Two": (("b", "2026"),)})
    outcome = actions.import_exports(caller, [tmp_path / "deals.csv", other])
    assert outcome.summary.startswith("3 sheets added with 7 rows: 'deals', 'One', 'Two'")
    assert caller.sheets["deals"].used_range.value == [
        ["ID", "Close"],
        ["007", "05/06/2026"],
        ["=1", None],
        [None, None],
        ["Total: 2", None],
    ]
    assert caller.sheets["One"].used_range.value == ["a", "1"]


def test_an_import_that_fails_adds_no_sheet(caller: xw.Book, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    pressed = macros.press(
        "Import exports",
        caller,
        lambda book, _: actions.import_exports(book, [tmp_path / "good.csv", tmp_path / "empty.csv"]),
    )
    assert pressed is None
    assert "empty.csv is empty" in str(caller.app.status_bar)
    assert caller.sheet_names == list(company())


def test_declining_the_dialog_changes_nothing(caller: xw.Book) -> None:
    assert actions.import_exports(caller, []).declined
    assert caller.sheet_names == list(company())


def test_examples_are_taken_out_and_other_rows_stay(tmp_path: Path) -> None:
    rows: list[list[Any]] = [list(row) for row in company()["opportunities"]]
    rows.insert(1, ["example: 1", *rows[1][1:]])
    book = open_book(write_book(tmp_path / "book.xlsx", opportunities=rows, Mine=(("example: mine",),)))
    assert actions.clear_examples(book).summary == "1 example row removed"
    book.save()
    after = load_workbook(book.fullname)
    assert [cell.value for cell in after["opportunities"][2]] == [None] * len(small.HEADER)
    assert [after["opportunities"].cell(at, 1).value for at in (3, 4)] == ["W1", "W2"]
    assert after["Mine"]["A1"].value == "example: mine"
    assert actions.clear_examples(book).summary == "There are no example rows left"


def test_what_goes_wrong_is_said_in_one_sentence_and_logged(
    caller: xw.Book, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("something inside")

    macros.build_scorecard()
    before = sheet_rows(caller, "Scorecard")
    monkeypatch.setattr("segxl.excel.buttons.reading.load_sheets", broken)
    macros.build_scorecard()
    log = log_path()
    assert log.is_relative_to(home)
    assert "Build scorecard failed; your sheets are unchanged: something inside" in str(caller.app.status_bar)
    assert str(log) in caller.app.impl.alerts[-1]
    assert "Traceback" in log.read_text(encoding="utf-8") and "Traceback" not in caller.app.impl.alerts[-1]
    assert sheet_rows(caller, "Scorecard") == before


def test_a_mistake_in_the_settings_names_its_cell(tmp_path: Path) -> None:
    book = open_book(write_book(tmp_path / "book.xlsx", Settings=(*SETTINGS, ("scorecard.perod", "2026-04"))))
    assert macros.press("Build scorecard", book, actions.build_scorecard) is None
    said = book.app.impl.alerts[-1]
    assert "scorecard.perod" in said and "Settings!" in said
    assert book.sheet_names == list(company())


def test_the_last_sentence_stands_in_the_workbook_where_it_has_a_place(tmp_path: Path) -> None:
    from openpyxl.workbook.defined_name import DefinedName

    path = write_book(tmp_path / "book.xlsx", Start=(("segxl",),))
    workbook = load_workbook(path)
    workbook.defined_names[STATUS] = DefinedName(STATUS, attr_text="Start!$B$2")
    workbook.save(path)
    book = open_book(path)
    macros.press("Check data", book, actions.check_data)
    book.save()
    assert load_workbook(path)["Start"]["B2"].value == "14 rows read, 14 used, 0 rejected"


def test_help_shows_the_steps(caller: xw.Book) -> None:
    macros.show_help()
    others = [button.caption for button in BUTTONS if button.function != "show_help"]
    assert all(caption in caller.app.impl.alerts[-1] for caption in others)


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button.macro)
def test_a_workbook_that_excel_does_not_hand_over_is_said_and_logged(
    button: Button, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_front = open_book(write_book(tmp_path / "book.xlsx")).app
    monkeypatch.setattr(type(xw.apps), "active", in_front)
    getattr(macros, button.function)()
    log = log_path().read_text(encoding="utf-8")
    assert f", {button.caption}\nTraceback" in log
    (said,) = in_front.impl.alerts
    assert said.startswith(f"{button.caption} did not start, because Python could not reach this workbook")
    assert str(log_path()) in said and "Traceback" not in said
    monkeypatch.setattr(type(xw.apps), "active", None)  # no one to say it to: the log alone
    getattr(macros, button.function)()
    assert log_path().read_text(encoding="utf-8").count("Traceback") == 2 * log.count("Traceback")


class Panic(BaseException):
    """Like what some readers written in Rust raise."""


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button.macro)
@pytest.mark.parametrize("raised", [Panic("half a letter \ud800"), MemoryError()], ids=["panic", "memory"])
def test_no_button_lets_a_traceback_out(
    button: Button, raised: BaseException, caller: xw.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise raised

    alert, name = caller.app.impl.alert, button.function
    if name == "show_help":
        monkeypatch.setattr(type(caller.app), "alert", broken)
    else:
        monkeypatch.setattr(actions, name, broken)
    getattr(macros, name)()
    log = log_path().read_text(encoding="utf-8")
    assert f", {button.caption}\nTraceback" in log and type(raised).__name__ in log
    assert str(caller.app.status_bar).startswith(f"segxl: {button.caption} failed; your sheets are unchanged")
    if name != "show_help":
        assert str(log_path()) in caller.app.impl.alerts[-1]
    monkeypatch.setattr(type(caller.app.impl), "status_bar", property())  # Excel takes no word: a cell is being edited
    monkeypatch.setattr(caller.app.impl, "alert", broken if raised.args == () else alert)
    getattr(macros, name)()


def test_a_failure_that_cannot_be_logged_is_said_all_the_same(
    caller: xw.Book, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_text("a file where the folder should be")
    monkeypatch.setattr(actions, "check_data", lambda *_: 1 // 0)
    macros.check_data()
    assert "Details: none, because the log could not be written" in caller.app.impl.alerts[-1]


@pytest.mark.slow
def test_a_protected_input_sheet_is_read_and_never_written(tmp_path: Path) -> None:
    rows: list[list[Any]] = [list(row) for row in company()["opportunities"]]
    rows.insert(1, ["example: 1", *rows[1][1:]])
    path = write_book(tmp_path / "book.xlsx", opportunities=rows)
    workbook = load_workbook(path)
    workbook["opportunities"].protection.sheet = True
    workbook.save(path)
    book = open_book(path)
    assert actions.check_data(book).summary.startswith("15 rows read, 14 used")
    assert macros.press("Clear examples", book, lambda one, _: actions.clear_examples(one)) is None
    assert "the sheet 'opportunities' is protected" in str(book.app.status_bar)
    assert book.sheets["opportunities"].range("A2").value == "example: 1"


def test_another_workbook_in_front_is_left_alone(caller: xw.Book, tmp_path: Path) -> None:
    other = open_book(write_book(tmp_path / "other.xlsx"))
    macros.check_data()
    assert "Data check" in caller.sheet_names
    assert other.sheet_names == list(company())


def test_an_unsaved_workbook_has_no_place_for_packs(caller: xw.Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(caller.impl), "fullname", "Book1")
    macros.publish_packs()
    assert "save the workbook to a folder on this computer" in str(caller.app.status_bar)


def _deal(created: object, closed: object = None, amount: object = 5) -> list[object]:
    stage = "Closed Won" if closed else "Discovery"
    return ["X", "A1", "Ann", created, closed, stage, amount, "Upsell", None]


DIRTY: dict[str, tuple[Rows, str]] = {
    "an error": ([small.HEADER, _deal("#N/A")], "D2 ('#N/A')"),
    "dates as text": ([small.HEADER, _deal("2026-05-04", "2026-05-06", "7")], "1 row = 1 used"),
    "a date that is none": ([small.HEADER, _deal("soon")], "D2 ('soon')"),
    "an amount that is none": ([small.HEADER, _deal("2026-05-04", None, "a lot")], "G2 ('a lot')"),
    "a formula without a result": ([small.HEADER, _deal("2026-05-04", None, "=2+3")], "G2"),
    "a footer": ([small.HEADER, _deal("2026-05-04"), [], ["Total", None]], "1 used"),
}


@pytest.mark.parametrize("case", list(DIRTY))
def test_dirty_sheets_give_the_same_in_the_workbook_and_from_its_file(tmp_path: Path, case: str) -> None:
    rows, words = DIRTY[case]
    path = write_book(tmp_path / "book.xlsx", opportunities=rows)
    if case.startswith("a formula"):
        workbook = load_workbook(path)
        workbook["opportunities"]["G2"].value = "=2+3"
        workbook.save(path)
    said = actions.check_data(open_book(path)).lines
    assert said == tuple(run("check", path)[1].strip().splitlines())
    assert words in "\n".join(said)


def test_a_renamed_header_is_named_with_its_sheet(tmp_path: Path) -> None:
    header = ["deal" if name == "stage" else name for name in small.HEADER]
    book = open_book(write_book(tmp_path / "book.xlsx", opportunities=[header, _deal("2026-05-04")]))
    assert macros.press("Check data", book, actions.check_data) is None
    said = book.app.impl.alerts[-1]
    assert "opportunities" in said and "stage" in said
    assert book.sheet_names == list(company())


def test_hidden_rows_and_merged_cells_are_those_of_the_file(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    workbook = load_workbook(path)
    sheet = workbook["opportunities"]
    sheet.auto_filter.ref = "A1:I12"
    for row in (3, 4, 5):
        sheet.row_dimensions[row].hidden = True
    sheet.merge_cells("B6:B7")
    workbook.save(path)
    said = actions.check_data(open_book(path)).lines
    assert said == tuple(run("check", path)[1].strip().splitlines())
    assert any("hidden" in line for line in said) and any("merged" in line for line in said)


@pytest.mark.ci
def test_a_drawn_sheet_that_somebody_has_hidden_is_shown_and_in_front_again(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    assert run("run", path, "scorecard")[0] == 0
    workbook = load_workbook(path)
    workbook["Scorecard"].sheet_state = workbook["accounts"].sheet_state = "hidden"
    workbook.active = 0
    workbook.save(path)
    assert run("run", path, "scorecard")[0] == 0
    after = load_workbook(path)
    assert (after["Scorecard"].sheet_state, after.active and after.active.title) == ("visible", "Scorecard")
    assert after["accounts"].sheet_state == "hidden"  # the user's own sheets stay as they are


def test_the_data_check_says_what_comes_next(tmp_path: Path) -> None:
    clean = open_book(write_book(tmp_path / "clean.xlsx"))
    actions.check_data(clean)
    assert str(sheet_rows(clean, "Data check")[3]["A"]).startswith("All rows were read. Next: Build scorecard")
    rows = [small.HEADER, *([typed(cell) for cell in row] for row in small.changed("W1", amount="a lot"))]
    dirty = open_book(write_book(tmp_path / "dirty.xlsx", opportunities=rows, Notes=(("call", "Bob"), ("ask", "Ann"))))
    actions.check_data(dirty)
    said = str(sheet_rows(dirty, "Data check")[3]["A"])
    assert (
        "1 rejected row (see the sheet Rejected rows) and 1 sheet that could not be read (listed below) and check"
        in said
    )


@pytest.mark.ci
def test_run_presses_the_button_and_saves(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    status, said = run("run", path, "scorecard")
    assert (status, said.splitlines()[0][:46]) == (0, "Scorecard 2026-05 for All accounts is ready; P")
    assert run("run", path, "report")[0] == 0
    assert run("run", path, "check")[0] == 0
    drawn = load_workbook(path).sheetnames
    assert {"Scorecard", "Report", "Data check"} <= set(drawn)
    before = path.read_bytes()
    assert run("run", path, "scorecard")[0] == run("run", path, "report")[0] == run("run", path, "check")[0] == 0
    assert path.read_bytes() == before
    assert run("run", path, "publish")[0] == 0
    assert (tmp_path / actions.FOLDER / "scorecard-2026-05.json").exists()
    assert path.read_bytes() == before


def test_run_takes_the_day_and_a_period_that_is_not_complete(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx", Settings=(*SETTINGS, ("scorecard.period", "2026-05")))
    refused = CliRunner().invoke(commands, ["run", str(path), "scorecard", "--run-date", "2026-05-20"])
    assert refused.exit_code and "2026-05 is not available before 2026-06-03" in str(refused.exception)
    status, said = run("run", path, "scorecard", "--run-date", "2026-05-20", "--allow-partial")
    assert status == 0 and "2026-05 is not complete" in said


def test_the_executive_page_is_in_front_of_the_scorecard(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    book = open_book(path)
    actions.build_scorecard(book)
    names = book.sheet_names
    assert names.index("Executive") < names.index("Scorecard") and book.sheets.active.name == "Scorecard"
    words = [str(value) for row in sheet_rows(book, "Executive").values() for value in row.values()]
    assert any(word.startswith("Executive scorecard") for word in words)
    kinds = {one.sheet: one.kind for one in listed_sheets(book)}
    assert kinds["Executive"] == "executive" and kinds["Scorecard"] == "scorecard"


def test_an_executive_page_of_an_earlier_press_does_not_keep_its_numbers(tmp_path: Path) -> None:
    book = open_book(write_book(tmp_path / "book.xlsx"))
    actions.build_scorecard(book)
    rows = [*SETTINGS, ("scorecard.segments", "SMB")]
    book.sheets["Settings"].range("A1").value = rows
    drawn = actions.build_scorecard(book)
    assert "for SMB" in drawn.summary
    words = [value for row in sheet_rows(book, "Executive").values() for value in row.values()]
    assert words[-1] == "No rows this time. You can delete this sheet if no formula refers to it."
    assert not [value for value in words if not isinstance(value, str)]


def test_tables_of_two_results_in_one_workbook_have_names_of_their_own(tmp_path: Path) -> None:
    path = write_book(tmp_path / "book.xlsx")
    book = open_book(path)
    for press in (actions.build_scorecard, actions.run_report, actions.build_scorecard):
        press(book)
    book.save()
    saved = load_workbook(path)
    names = [name.casefold() for sheet in saved for name in sheet.tables]
    assert len(names) == len(set(names)) and {"verification", "verification_2"} <= set(names)


def test_start_leads_to_the_results(tmp_path: Path) -> None:
    path = tmp_path / "inputs.xlsx"
    template(path, None, overwrite=False)
    book = open_book(path)
    cells = book.names[RESULTS].refers_to_range
    assert cells.sheet.name == "Start" and cells.value == [None, None, None]
    pages = {kind: Page(kind, f"{kind.title()}'s", (Row((Cell("x"),)),), (9,)) for kind in ("report", "executive")}
    for kind, page in pages.items():
        draw_packs({kind: Pack("t", "s", (page,))}, book, host_of(book))
    actions._link_results(book, host_of(book))
    assert [cells[0, at].formula for at in range(3)] == [
        "=HYPERLINK(\"#'Executive''s'!A1\",\"Go to Executive's\")",
        "=HYPERLINK(\"#'Report''s'!A1\",\"Go to Report's\")",
        "",
    ]
