"""The command line as a person meets it: what it prints, where, how it ends, and what it leaves behind."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from segxl.cli import main
from tests import small

HEAVY = ("pandas", "numpy", "openpyxl", "xlwings", "pydantic")


class Run(NamedTuple):
    status: int
    out: str
    err: str


Runs = Callable[..., Run]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runs:
    """Runs segxl with arguments in this process. No message may ever hold a traceback."""

    def go(*arguments: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["segxl", *(str(one) for one in arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert ended.value.code in (0, 1, 2)
        return Run(int(ended.value.code or 0), out, err)

    return go


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return small.write_company(tmp_path / "company")


def in_a_process(*arguments: object, code: str = "from segxl.cli import main; main()", **more: Any) -> Any:
    command = [sys.executable, "-c", code, *(str(one) for one in arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120, **more)


# -- how it ends


@pytest.mark.slow
def test_done_is_0(run: Runs, company: Path, tmp_path: Path) -> None:
    done = run("scorecard", company, "--month", "2026-05", "--out", tmp_path / "out")
    assert (done.status, done.err) == (0, "")
    names = ["executive", "all-accounts", "r-d-eu", "smb"]
    assert done.out.splitlines() == [str(tmp_path / "out" / f"scorecard-2026-05-{name}.xlsx") for name in names]
    assert sorted(small.listing(tmp_path / "out")) == sorted(f"scorecard-2026-05-{name}.xlsx" for name in names)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["scorecard", "check"])
def test_rejected_rows_end_with_1_and_are_told_of(run: Runs, tmp_path: Path, command: str) -> None:
    folder = small.write_company(tmp_path / "company", opportunities=small.changed("W1", created_on="soon"))
    done = run(command, folder, *(["--out", tmp_path / "out"] if command == "scorecard" else []))
    assert done.status == 1
    assert "1 row rejected" in done.out + done.err


def test_an_explained_number_ends_with_1_where_rows_were_rejected_or_a_check_failed(run: Runs, tmp_path: Path) -> None:
    faulty = small.write_company(tmp_path / "rejected", opportunities=small.changed("W1", created_on="soon"))
    done = run("explain", faulty, "won_revenue", "--month", "2026-05")
    assert (done.status, "1 row rejected" in done.err) == (1, True)
    foreign = small.write_company(tmp_path / "foreign")
    rows = [(*row, "CHF" if row[0] == "W1" else "USD") for row in small.OPPORTUNITIES]
    small.write_csv(foreign / "opportunities.csv", (*small.HEADER, "currency"), rows)
    done = run("explain", foreign, "won_revenue", "--month", "2026-05")
    assert (done.status, "check failed: opportunities.csv: 1 row is in CHF" in done.err) == (1, True)


def test_a_failed_check_ends_with_1(run: Runs, company: Path) -> None:
    rows = [(*row, "CHF" if row[0] == "W1" else "USD") for row in small.OPPORTUNITIES]
    small.write_csv(company / "opportunities.csv", (*small.HEADER, "currency"), rows)
    done = run("scorecard", company, "--format", "json")
    assert done.status == 1
    assert "check failed: Every foreign amount has an exchange rate: opportunities.csv: 1 row is in CHF" in done.err
    assert (
        json.loads(done.out)["segments"]["All accounts"]["metrics"]["won_opportunities"]["views"]["total"]["value"] == 4
    )


def test_nothing_wrong_with_check_is_0(run: Runs, company: Path) -> None:
    done = run("check", company)
    assert (done.status, done.err) == (0, "")
    assert "11 rows = 11 used + 0 excluded + 0 rejected" in done.out
    assert done.out.endswith("no rows rejected\n")


def test_explain_and_metrics_and_doctor_end_with_0(run: Runs, company: Path) -> None:
    assert run("explain", company, "won_revenue", "--month", "2026-05").status == 0
    assert run("metrics").status == 0
    assert run("metrics", "win_rate_count").status == 0
    assert run("doctor").status == 0


def test_doctor_tells_what_is_missing(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segxl.cli.doctor._NEEDED", ("click", "a-package-that-nobody-has"))
    done = run("doctor")
    assert done.status == 1
    assert "problem: a-package-that-nobody-has is not installed" in done.out


def test_a_fault_of_segxl_itself_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], company: Path
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr("segxl.api.load_dataset", fails)
    monkeypatch.setattr(sys, "argv", ["segxl", "check", str(company)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "this is a bug in segxl" in capsys.readouterr().err


def test_a_full_memory_and_what_the_system_refuses_are_no_faults_of_segxl(
    run: Runs, monkeypatch: pytest.MonkeyPatch, company: Path
) -> None:
    for error, said in (
        (MemoryError(), "segxl: out of memory: close other programs"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x.csv"), "segxl: x.csv: File name too long"),
    ):

        def fails(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr("segxl.api.load_dataset", fails)
        done = run("check", company)
        assert done.status == 2
        assert said in done.err


def test_a_terminal_is_not_told_what_to_do(run: Runs, tmp_path: Path) -> None:
    """A segment's name with the letters that clear a screen, in an error and in what is said."""
    accounts = [("A1", "Acme", "acme.example", "\x1b[2JSMB\x07\x9b"), *small.ACCOUNTS[1:]]
    folder = small.write_company(tmp_path / "in", accounts=accounts)
    for done in (run("check", folder), run("scorecard", folder, "--segment", "\x1b[2J", "--format", "json")):
        assert "\x1b" not in done.out + done.err
        assert "\\x1b[2J" in done.out + done.err


# -- JSON on standard output


def test_a_terminal_folds_lines_between_words_and_a_file_keeps_them(
    run: Runs, company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run("check", company).out.splitlines()
    monkeypatch.setenv("COLUMNS", "44")
    assert run("check", company).out.splitlines() == whole  # no terminal
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    folded = run("check", company).out.splitlines()
    assert max(map(len, whole)) > 44 >= max(map(len, folded))
    assert " ".join(" ".join(folded).split()) == " ".join(" ".join(whole).split())


def test_json_stands_alone_on_standard_output(run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small.write_company(tmp_path / "company", opportunities=small.changed("W1", created_on="soon"))
    monkeypatch.chdir(tmp_path)
    before = small.listing(tmp_path)
    done = run("scorecard", folder, "--format", "json")
    assert json.loads(done.out)["kind"] == "scorecard"
    assert "rejected" in done.err
    assert small.listing(tmp_path) == before  # nothing is written


def test_json_with_out_is_a_file(run: Runs, company: Path, tmp_path: Path) -> None:
    done = run("scorecard", company, "--month", "2026-05", "--format", "json", "--out", tmp_path)
    path = tmp_path / "scorecard-2026-05.json"
    assert done.out == f"{path}\n"
    assert json.loads(path.read_text(encoding="utf-8"))["period"]["label"] == "2026-05"


def test_both_formats_without_out_go_to_the_current_folder(
    run: Runs, company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    done = run("scorecard", company, "--segment", "smb", "--format", "json", "--format", "xlsx")
    assert done.status == 0
    assert sorted(small.listing(Path())) == ["scorecard-2026-05-smb.xlsx", "scorecard-2026-05.json"]


@pytest.mark.slow
def test_json_in_any_console_encoding(company: Path) -> None:
    (company / "segxl.toml").write_text(small.SETTINGS.replace("Acme", "Ącmę 東京"), encoding="utf-8")
    code_page = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = in_a_process("scorecard", company, "--format", "json", env=code_page)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["settings"]["name"] == "Ącmę 東京"


# -- periods and segments


@pytest.mark.slow
def test_the_default_is_the_latest_available_month(run: Runs, company: Path, tmp_path: Path) -> None:
    done = run("scorecard", company, "--out", tmp_path, "--segment", "SMB")
    assert "latest available month: 2026-05" in done.out
    done = run("scorecard", company, "--out", tmp_path, "--segment", "SMB", "--run-date", "2026-06-02")
    assert "2026-04" in done.out


def test_segments_are_found_whatever_their_case_and_come_once(run: Runs, company: Path) -> None:
    done = run("scorecard", company, "--format", "json", "--segment", "smb", "--segment", "SMB")
    assert list(json.loads(done.out)["segments"]) == ["SMB"]


def test_flags_win_over_the_settings(run: Runs, company: Path) -> None:
    text = small.SETTINGS.replace("run_date = 2026-06-05", "run_date = 2026-06-05\nas_of = 2026-05-10")
    (company / "segxl.toml").write_text(text, encoding="utf-8")
    refused = run("scorecard", company, "--month", "2026-05", "--format", "json")
    assert (refused.status, "the data cut-off is 2026-05-10" in refused.err) == (2, True)
    done = run("scorecard", company, "--month", "2026-05", "--format", "json", "--as-of", "2026-06-01")
    assert (
        json.loads(done.out)["segments"]["All accounts"]["metrics"]["won_opportunities"]["views"]["total"]["value"] == 4
    )


def test_a_partial_period_is_made_on_demand(run: Runs, company: Path) -> None:
    month = ("scorecard", company, "--month", "2026-05", "--format", "json", "--run-date", "2026-05-15")
    refused = run(*month)
    assert refused.status == 2
    assert "2026-05 is not available before 2026-06-03" in refused.err
    done = run(*month, "--allow-partial")
    won = json.loads(done.out)["segments"]["All accounts"]["metrics"]["won_opportunities"]["views"]["total"]
    assert won["value"] == 3  # W1 closes on the 31st


REFUSED: dict[str, tuple[list[str], list[str]]] = {
    "no such metric": (["explain", "{}", "won_revenu"], ["won_revenu", "did you mean 'won_revenue'?"]),
    "no such metric in the catalogue": (["metrics", "win_rate"], ["no metric 'win_rate'", "win_rate_"]),
    "no such segment": (["scorecard", "{}", "--segment", "SMBs"], ["'SMBs'", "did you mean 'SMB'?", "R&D / EU"]),
    "no such segment to explain": (
        ["explain", "{}", "won_revenue", "--segment", "SMBs"],
        ["'SMBs'", "did you mean 'SMB'?"],
    ),
    "no such view": (["explain", "{}", "won_revenue", "--view", "by_geos"], ["'by_geos'", "did you mean 'by_geo'?"]),
    "a view of other metrics": (["explain", "{}", "won_revenue", "--view", "by_reason"], ["has no view 'by_reason'"]),
    "no such item": (
        ["explain", "{}", "won_revenue", "--view", "by_geo", "--item", "Eats"],
        ["no item 'Eats'", "did you mean 'East'?", "items: East, West, "],
    ),
    "an item unlike any": (
        ["explain", "{}", "won_revenue", "--view", "by_geo", "--item", "wst"],
        ["no item 'wst'", "items: West, East, "],
    ),
    "an item left out": (["explain", "{}", "won_revenue", "--view", "by_geo"], ["--item", "East", "West"]),
    "an item too many": (["explain", "{}", "won_revenue", "--item", "East"], ["remove --item"]),
    "a month without data": (["scorecard", "{}", "--month", "2020-01"], ["no data for 2020-01", "2025-04 to 2026-05"]),
    "no month": (["scorecard", "{}", "--month", "may"], ["'may'", "2026-10"]),
    "month 13": (["scorecard", "{}", "--month", "2026-13"], ["'2026-13'"]),
    "a quarter as a month": (["scorecard", "{}", "--month", "2026-Q1"], ["--quarter 2026-Q1"]),
    "a month as a quarter": (["scorecard", "{}", "--quarter", "2026-04"], ["--month 2026-04"]),
    "both periods": (["scorecard", "{}", "--month", "2026-05", "--quarter", "2026-Q1"], ["not both"]),
    "both periods to explain": (
        ["explain", "{}", "won_revenue", "--month", "2026-05", "--quarter", "2026-Q1"],
        ["not both"],
    ),
    "no date": (["scorecard", "{}", "--as-of", "31.5.2026"], ["'31.5.2026'", "2026-10-31"]),
    "no such day": (["check", "{}", "--run-date", "2026-02-30"], ["2026-02-30"]),
    "no such format": (["scorecard", "{}", "--format", "pdf"], ["pdf", "xlsx", "json"]),
    "no such option": (["scorecard", "{}", "--segmnt", "SMB"], ["--segmnt", "--segment"]),
    "no such command": (["scorcard", "{}"], ["scorcard"]),
    "no source": (["scorecard"], ["SOURCE"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_arguments_end_with_2_and_say_what_to_change(
    run: Runs, company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    arguments, said = REFUSED[name]
    monkeypatch.chdir(tmp_path)
    before = small.listing(tmp_path)
    done = run(*(one.format(company) for one in arguments))
    assert (done.status, done.out) == (2, "")
    for words in said:
        assert words in done.err
    assert small.listing(tmp_path) == before


# -- sources that cannot be read


def missing(folder: Path) -> None:
    shutil.rmtree(folder)


def a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x", encoding="utf-8")


def without_settings(folder: Path) -> None:
    (folder / "segxl.toml").unlink()


def unknown_keys(folder: Path) -> None:
    text = small.SETTINGS.replace("stages =", "stags =").replace('file = "accounts.csv"', 'fil = "accounts.csv"')
    (folder / "segxl.toml").write_text(text, encoding="utf-8")


def unknown_table(folder: Path) -> None:
    text = small.SETTINGS.replace("[tables.accounts]", "[tables.acounts]")
    (folder / "segxl.toml").write_text(text, encoding="utf-8")


def broken_toml(folder: Path) -> None:
    (folder / "segxl.toml").write_text('name = "Acme\n', encoding="utf-8")


def no_export(folder: Path) -> None:
    (folder / "opportunities.csv").unlink()


def folder_for_an_export(folder: Path) -> None:
    no_export(folder)
    (folder / "opportunities.csv").mkdir()


def no_header(folder: Path) -> None:
    small.write_csv(folder / "opportunities.csv", small.OPPORTUNITIES[0], small.OPPORTUNITIES[1:])


def empty(folder: Path) -> None:
    (folder / "opportunities.csv").write_bytes(b"")


def truncated_csv(folder: Path) -> None:
    path = folder / "opportunities.csv"
    small.write_csv(
        path, small.HEADER, [*small.OPPORTUNITIES, ("X", "A1", 'Ann "the\nboss', *small.OPPORTUNITIES[0][3:])]
    )
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"boss")])  # within the quotes of the last row


def truncated_xlsx(folder: Path) -> None:
    book = openpyxl.Workbook()
    for row in (small.HEADER, *small.OPPORTUNITIES):
        book.worksheets[0].append(row)
    book.save(folder / "opportunities.xlsx")
    data = (folder / "opportunities.xlsx").read_bytes()
    (folder / "opportunities.xlsx").write_bytes(data[: len(data) // 2])
    text = small.SETTINGS.replace("opportunities.csv", "opportunities.xlsx")
    (folder / "segxl.toml").write_text(text, encoding="utf-8")


def no_segment_column(folder: Path) -> None:
    (folder / "segxl.toml").write_text(small.SETTINGS.replace('"tier"', '"teir"'), encoding="utf-8")


def accounts_alone(folder: Path) -> None:
    (folder / "segxl.toml").write_text('[tables.accounts]\nfile = "accounts.csv"\n', encoding="utf-8")


def nothing_usable(folder: Path) -> None:
    small.write_csv(folder / "opportunities.csv", small.HEADER, [])


BROKEN: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "missing": (missing, ["no such folder or workbook"]),
    "a file": (a_file, ["is a file", "segxl.toml"]),
    "no settings": (without_settings, ["segxl.toml is missing", "segxl demo"]),
    "unknown keys": (unknown_keys, ["stags", "did you mean 'stages'?", "fil", "did you mean 'file'?"]),
    "unknown table": (unknown_table, ["acounts", "did you mean 'accounts'?"]),
    "broken TOML": (broken_toml, ["segxl.toml", "not valid TOML"]),
    "no export": (no_export, ["opportunities.csv"]),
    "a folder": (folder_for_an_export, ["opportunities.csv", "folder"]),
    "no header": (no_header, ["opportunities.csv", "opportunity_id"]),
    "empty": (empty, ["opportunities.csv", "empty"]),
    "truncated CSV": (truncated_csv, ["opportunities.csv"]),
    "truncated xlsx": (truncated_xlsx, ["opportunities.xlsx"]),
    "no segment column": (no_segment_column, ["'teir'", "did you mean 'tier'?"]),
    "accounts alone": (accounts_alone, ["No usable dates found", "Add opportunities"]),
    "nothing usable": (nothing_usable, ["No usable dates found"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_source_ends_with_2_and_leaves_nothing(run: Runs, company: Path, tmp_path: Path, name: str) -> None:
    spoil, said = BROKEN[name]
    spoil(company)
    (tmp_path / "out").mkdir()
    done = run("scorecard", company, "--out", tmp_path / "out")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("segxl: ")
    for words in said:
        assert words in done.err
    assert small.listing(tmp_path / "out") == {}


# -- writing


@pytest.mark.slow
def test_the_same_again_is_unchanged(run: Runs, company: Path, tmp_path: Path) -> None:
    again = ("scorecard", company, "--segment", "SMB", "--out", tmp_path / "out")
    run(*again)
    before = small.listing(tmp_path / "out")
    done = run(*again)
    assert done.status == 0
    assert done.out.splitlines()[-1].endswith("scorecard-2026-05-smb.xlsx (unchanged)")
    assert small.listing(tmp_path / "out") == before


@pytest.fixture
def stale(run: Runs, company: Path, tmp_path: Path) -> list[object]:
    """Arguments that would replace a workbook of older data."""
    arguments = ["scorecard", company, "--segment", "SMB", "--month", "2026-05", "--out", tmp_path / "out"]
    run(*arguments)
    small.write_company(company, opportunities=small.changed("W2", amount="9999"))
    return arguments


@pytest.mark.slow
def test_other_contents_are_not_replaced_unless_told_to(run: Runs, tmp_path: Path, stale: list[object]) -> None:
    before = small.listing(tmp_path / "out")
    refused = run(*stale)
    assert refused.status == 2
    assert "exists already; add --overwrite" in refused.err
    assert small.listing(tmp_path / "out") == before
    assert run(*stale, "--overwrite").status == 0
    after = small.listing(tmp_path / "out")
    assert list(after) == list(before)
    assert after != before


@pytest.mark.slow
def test_one_file_that_is_not_replaced_leaves_the_others_unwritten(run: Runs, tmp_path: Path, company: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "scorecard-2026-05-smb.xlsx").write_bytes(b"somebody's own")
    refused = run("scorecard", company, "--month", "2026-05", "--out", out)
    assert refused.status == 2
    assert "scorecard-2026-05-smb.xlsx exists already; add --overwrite" in refused.err
    assert small.listing(out) == {"scorecard-2026-05-smb.xlsx": b"somebody's own"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lock", "program"),
    [("~$scorecard-2026-05-smb.xlsx", "Excel"), (".~lock.scorecard-2026-05-smb.xlsx#", "LibreOffice")],
)
def test_a_file_that_is_open_elsewhere_is_left_alone(
    run: Runs, tmp_path: Path, stale: list[object], lock: str, program: str
) -> None:
    (tmp_path / "out" / lock).write_bytes(b"")
    before = small.listing(tmp_path / "out")
    refused = run(*stale, "--overwrite")
    assert refused.status == 2
    assert f"is open in {program}; close it there and try again" in refused.err
    assert small.listing(tmp_path / "out") == before


def half_way(ending: BaseException) -> Callable[..., None]:
    def write(_: object, path: Path) -> None:
        path.write_bytes(b"half a workbook")
        raise ending

    return write


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (KeyboardInterrupt(), "stopped; no file was left incomplete"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "no permission to write"),
    ],
    ids=["stopped by the user", "full disk", "no permission"],
)
def test_an_ending_half_way_leaves_the_folder_as_it_was(
    run: Runs, tmp_path: Path, stale: list[object], monkeypatch: pytest.MonkeyPatch, ending: BaseException, said: str
) -> None:
    before = small.listing(tmp_path / "out")
    monkeypatch.setattr("segxl.render.xlsx.writer.write_xlsx", half_way(ending))
    done = run(*stale, "--overwrite")
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert small.listing(tmp_path / "out") == before


def test_no_permission_is_found_before_any_work(
    run: Runs, company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _: bytes) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    done = run("scorecard", company, "--month", "2026-05", "--out", tmp_path / "out")
    assert (done.status, done.out) == (2, "")
    assert "no permission to write" in done.err
    assert small.listing(tmp_path / "out") == {}


def test_a_file_in_the_way_of_the_folder(run: Runs, company: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    done = run("scorecard", company, "--out", tmp_path / "out")
    assert done.status == 2
    assert "is a file, not a folder; name another folder with --out" in done.err


# -- an input workbook as source


@pytest.mark.slow
def test_a_workbook_is_a_source_like_a_folder(run: Runs, tmp_path: Path) -> None:
    folder, book = small.write_company(tmp_path / "folder"), tmp_path / "inputs.xlsx"
    assert run("template", book, "--from", folder).status == 0
    documents = [
        json.loads(run("scorecard", source, "--month", "2026-05", "--format", "json").out) for source in (folder, book)
    ]
    assert documents[0]["segments"] == documents[1]["segments"]
    assert run("check", book).status == 0


def test_a_template_without_the_rows_that_were_rejected_ends_with_1(run: Runs, tmp_path: Path) -> None:
    folder = small.write_company(tmp_path / "folder", opportunities=small.changed("W1", created_on="soon"))
    done = run("template", tmp_path / "inputs.xlsx", "--from", folder)
    assert (done.status, "opportunities: not copied: 1 rejected" in done.out) == (1, True)
    assert (tmp_path / "inputs.xlsx").exists()


def test_a_workbook_says_which_sheets_it_does_not_read_and_settings_name_the_period(run: Runs, tmp_path: Path) -> None:
    path = tmp_path / "inputs.xlsx"
    assert run("template", path, "--from", small.write_company(tmp_path / "folder")).status == 0
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes").append(["call", "Bob"])
    book["Notes"].append(["ask", "Ann"])
    settings = {row[4].value: row[1] for row in book["Settings"].iter_rows()}
    settings["scorecard.period"].value = "2026-04"
    settings["scorecard.segments"].value = "SMB"
    book.save(path)
    done = run("scorecard", path, "--format", "json")
    document = json.loads(done.out)
    assert document["period"]["label"] == "2026-04"
    assert list(document["segments"]) == ["SMB"]
    assert "1 sheet not read; segxl check lists them with reasons" in done.err
    assert "sheet 'Notes': not read" in run("check", path).out
    flagged = json.loads(
        run("scorecard", path, "--month", "2026-05", "--segment", "All accounts", "--format", "json").out
    )
    assert (flagged["period"]["label"], list(flagged["segments"])) == ("2026-05", ["All accounts"])


# -- the demo, help and what is loaded


@pytest.mark.ci
def test_the_demo_twice(run: Runs, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first = run("demo", folder)
    assert first.status == 0
    assert (folder / "segxl.toml").exists()
    assert list((folder / "scorecards").glob("*.xlsx"))
    report = folder / "report" / "report-buying-stage-2026-10-against-2026-09-all-accounts.xlsx"
    assert str(report) in first.out.splitlines()
    assert [report] == list((folder / "report").iterdir())
    assert str(folder / "segxl-demo.xlsx") in first.out.splitlines()
    assert "segxl-demo.xlsx" not in run("check", folder).out  # a source of its own, no export of this one
    assert "check failed" not in first.err
    before = small.listing(folder)
    again = run("demo", folder)
    assert again.status == 0
    assert f"{report} (unchanged)" in again.out.splitlines()
    assert small.listing(folder) == before
    (folder / "segxl.toml").write_text("# mine\n", encoding="utf-8")
    refused = run("demo", folder)
    assert refused.status == 2
    assert "segxl.toml exists already; add --overwrite" in refused.err
    assert (folder / "segxl.toml").read_text(encoding="utf-8") == "# mine\n"


def test_the_demo_does_not_mix_with_somebodys_exports(run: Runs, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("mine\n", encoding="utf-8")
    refused = run("demo", tmp_path)
    assert refused.status == 2
    assert "users.csv exists already; add --overwrite to replace it, or name another folder" in refused.err
    assert small.listing(tmp_path) == {"users.csv": b"mine\n"}


@pytest.mark.parametrize("arguments", [["--help"], ["metrics"], ["metrics", "win_rate_count"], ["--version"]])
def test_help_and_catalogue_load_nothing_heavy(arguments: list[str]) -> None:
    code = f"""
import sys
from segxl.cli import main
try:
    main()
finally:
    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = in_a_process(*arguments, code=code)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")


def test_help_names_every_command_and_the_exit_statuses(run: Runs) -> None:
    text = run("--help").out
    for word in ("scorecard", "check", "metrics", "explain", "demo", "doctor", "Exit status: 0"):
        assert word in text


@pytest.mark.slow
def test_quiet_when_piped(company: Path, tmp_path: Path) -> None:
    done = in_a_process("scorecard", company, "--month", "2026-05", "--segment", "SMB", "--out", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'scorecard-2026-05-smb.xlsx'}\n"
