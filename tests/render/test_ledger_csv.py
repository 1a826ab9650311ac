"""The ledger as CSV, and what `segxl check` writes and leaves alone."""

from __future__ import annotations

import csv
import errno
import io
import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from segxl.cli.commands import commands
from segxl.errors import SegxlError
from segxl.safe_csv import csv_bytes, kept, safe, unguarded
from tests.conftest import write_folder

DEALS = """opportunity_id,created_on,stage,account_id,amount
1,2026-01-05,Discovery,A1,10
1,2026-01-05,Discovery,A1,10
,,,,
2,,=1+1,A1,x
3,2026-01-05,Discovery,A1,-x
4,2026-01-05,Discovery,,5"""
ACCOUNTS = "account_id,name,domain,country,parent_id\nA1,=One,acme.com,US,\nA2,Two,www.acme.com,CH,A1\nA3,Three,c.com,,"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "source", {"opportunities": DEALS, "accounts": ACCOUNTS})


def check(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["check", *(str(one) for one in arguments)], standalone_mode=False)


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_each_files_rows_add_up(source: Path, tmp_path: Path) -> None:
    assert check(source, "--out", tmp_path / "out").return_value == 1  # rows were rejected
    header, *lines = rows(tmp_path / "out" / "ledger.csv")
    assert header == ["file", "table", "read as", "rows in the file", "outcome", "rows", "reason", "row numbers"]
    own = [line[3:] for line in lines if line[0] == "opportunities.csv" and line[4] != "note"]
    # 6 rows: 1 and 4 are used, the second 1 repeats, one is empty, 2 lacks its date and 3 has no amount; 2 has two
    # reasons and counts once
    assert own == [
        ["6", "used", "2", "", ""],
        ["6", "excluded", "1", "empty row", ""],
        ["6", "excluded", "1", "duplicate row", "row 3"],
        ["6", "rejected", "1", "column 'created_on' is blank, but required", "see rejected-rows.csv"],
        ["6", "rejected", "1", "column 'amount' is not an amount", "see rejected-rows.csv"],
    ]
    notes = [line[5:] for line in lines if line[0] == "opportunities.csv" and line[4] == "note"]
    assert notes == [["", "1 row without an account: 1 used in All accounts", ""]]


def test_each_rejected_row_is_a_line_for_each_reason(source: Path, tmp_path: Path) -> None:
    check(source, "--out", tmp_path / "out")
    assert rows(tmp_path / "out" / "rejected-rows.csv") == [
        ["file", "table", "row", "column", "value", "reason", "what to do"],
        ["opportunities.csv", "opportunities", "5", "created_on", "", "is blank, but required",
         "fill in the value in the export"],
        ["opportunities.csv", "opportunities", "5", "amount", "x", "is not an amount", "write it like 1234.50"],
        ["opportunities.csv", "opportunities", "6", "amount", "'-x", "is not an amount", "write it like 1234.50"],
    ]  # fmt: skip


def test_accounts_that_share_a_domain_are_listed(source: Path, tmp_path: Path) -> None:
    check(source, "--out", tmp_path / "out")
    assert rows(tmp_path / "out" / "shared-domains.csv") == [
        ["domain", "account_id", "name", "country", "parent_id"],
        ["acme.com", "A1", "'=One", "US", ""],
        ["acme.com", "A2", "Two", "CH", "A1"],
    ]


def test_the_same_again_is_unchanged_and_other_contents_are_not_replaced(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    check(source, "--out", out)
    assert "rejected-rows.csv (unchanged)" in check(source, "--out", out).output
    (out / "ledger.csv").write_text("mine", encoding="utf-8")
    refused = check(source, "--out", out)
    assert isinstance(refused.exception, SegxlError)
    assert "ledger.csv exists already; add --overwrite" in str(refused.exception)
    assert (out / "ledger.csv").read_text(encoding="utf-8") == "mine"
    assert check(source, "--out", out, "--overwrite").return_value == 1
    assert rows(out / "ledger.csv")[0][0] == "file"


def test_check_writes_nothing_unasked_where_there_is_nothing_to_ask(source: Path) -> None:
    before = sorted(source.iterdir())
    check(source)
    assert sorted(source.iterdir()) == before


def test_check_writes_the_list_of_questions_once(tmp_path: Path) -> None:
    tables = {"accounts": ACCOUNTS, "leads": "lead_id,created_on,account_name\n1,2026-01-05,Three\n"}
    source = write_folder(tmp_path / "source", tables)
    path = source / "account-review.csv"
    said = check(source).output
    assert f"{path}: 1 question about 1 row without a certain account. In the column answer, write" in said
    why = "only the name matches; the row has no country"
    assert rows(path)[1] == ["leads", "leads.csv", "Three", "", "", "1", "A3", "Three", why, ""]
    path.write_bytes(path.read_bytes() + b"# my own remark,,,,,,,,,\r\n")
    mine = path.read_bytes()
    said = check(source).output
    assert f"{path}: 1 question about" in said
    assert "but not in segxl.toml" not in said  # the list is segxl's own
    assert path.read_bytes() == mine  # no new question: the file is the user's


def test_the_list_may_go_elsewhere(tmp_path: Path) -> None:
    tables = {"accounts": ACCOUNTS, "leads": "lead_id,created_on,account_name\n1,2026-01-05,Three\n"}
    source = write_folder(tmp_path / "source", tables)
    said = check(source, "--review", tmp_path / "mine.csv").output
    assert f"segxl reads the answers from {source / 'account-review.csv'}" in said
    assert rows(tmp_path / "mine.csv")[1][2] == "Three"
    assert not (source / "account-review.csv").exists()


def test_wrong_answers_are_named_by_the_rows_that_they_have_in_the_list_now(tmp_path: Path) -> None:
    """A new question joins the list, above them."""
    tables = {"accounts": ACCOUNTS, "leads": "lead_id,created_on,account_name\n1,2026-01-05,Three\n2,2026-01-05,Two\n"}
    source = write_folder(tmp_path / "source", tables)
    path = source / "account-review.csv"
    path.write_text("name,candidate account_id,answer\nThree,A3,A33\nOne,A1,\n", encoding="utf-8")
    said = check(source, "--out", tmp_path / "out").output
    assert [line[2] for line in rows(path)] == ["name", "Two", "Three"]
    assert "    row 3 ('A33')" in said
    (rejected,) = rows(tmp_path / "out" / "rejected-rows.csv")[1:]
    assert rejected[:5] == ["account-review.csv", "account review", "3", "answer", "A33"]


def test_a_list_that_stands_beside_the_one_that_is_read_is_pointed_out(tmp_path: Path) -> None:
    """As Excel's Save As leaves it."""
    tables = {"accounts": ACCOUNTS, "leads": "lead_id,created_on,account_name\n1,2026-01-05,Three\n"}
    source = write_folder(tmp_path / "source", tables)
    check(source)
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in rows(source / "account-review.csv"):
        book.active.append(line)
    book.save(source / "account-review.xlsx")
    assert (
        "account-review.xlsx: an account review list, but segxl reads answers only from account-review.csv: if "
        'your answers are here, save this file as "CSV UTF-8" under that name'
    ) in check(source).output


def test_a_list_that_the_settings_name_is_no_unknown_file(tmp_path: Path) -> None:
    tables = {"accounts": ACCOUNTS, "leads": "lead_id,created_on,account_name\n1,2026-01-05,Three\n"}
    source = write_folder(tmp_path / "source", tables, 'account_review = "mine.csv"\n')
    (source / "mine.csv").write_text("name,candidate account_id,answer\nThree,A3,yes\n", encoding="utf-8")
    said = check(source).output
    assert "mine.csv → account review" in said
    assert "mine.csv: " not in said


def test_a_scorecard_says_that_questions_are_open(tmp_path: Path) -> None:
    tables = {"accounts": ACCOUNTS, "leads": "lead_id,created_on,account_name\n1,2026-01-05,Three\n"}
    source = write_folder(tmp_path / "source", tables)
    run = CliRunner().invoke(commands, ["scorecard", str(source), "--month", "2026-01", "--format", "json"])
    assert "1 row could not be matched to an account" in run.stderr
    assert "answer 1 question in account-review.csv" in run.stderr
    assert json.loads(run.stdout)["kind"] == "scorecard"


def test_a_source_that_cannot_be_written_to_is_told_of_the_other_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {"accounts": ACCOUNTS, "leads": "lead_id,created_on,account_name\n1,2026-01-05,Three\n"}
    source = write_folder(tmp_path / "source", tables)

    def refuse(path: Path, _: bytes) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    refused = check(source)
    assert "1 row = 1 used" in refused.output  # the ledger is there all the same
    assert str(refused.exception).endswith("account-review.csv; name another file with --review")


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@x", "\tx", "\rx", "+1-555", "-5-5"])
def test_texts_that_would_be_formulas_are_guarded(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert unguarded(safe(text)) == text


@pytest.mark.parametrize("text", ["", "Acme", "-5", "+3.5", "-1,234.50", "-5%", "a=b", "'quoted'", "'t Hof"])
def test_other_texts_stay(text: str) -> None:
    assert safe(text) == unguarded(text) == text


@pytest.mark.parametrize("text", ["0042", "101234567890", "1E5", "3-4", "10.5", "1/2/2026", "DEC1", "Mar 3", "12 May"])
def test_texts_of_which_excel_would_make_another_number_or_a_day_are_kept(text: str) -> None:
    assert kept(text) == f"'{text}"
    assert unguarded(kept(text)) == text


@pytest.mark.parametrize("text", ["", "0", "42", "12345678901", "A-1", "Decathlon 2", "360 Learning", "3M", "7-Eleven"])
def test_other_texts_are_left_to_excel(text: str) -> None:
    assert kept(text) == unguarded(text) == text


def test_a_csv_that_excel_reads() -> None:
    assert csv_bytes(("a", "b"), [("é", 1), ('x"y', "=1")]) == b'\xef\xbb\xbfa,b\r\n\xc3\xa9,1\r\n"x""y",\'=1\r\n'
