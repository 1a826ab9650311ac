"""Ids: words for nothing are none, and one id that programs write in several forms is one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from segxl.cli.commands import commands
from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.tables.contracts import CONTRACTS, Column, Contract, Type
from tests.conftest import Folder, Views, write_folder
from tests.pasted import pasted_into

WORDS = ("NULL", "nan", "None", "N/A", "#N/A", "-", "--", "(null)", "\\N", "undefined", "<NA>", "NaN", "null", "[NULL]")
ALL = [contract for shapes in CONTRACTS.values() for contract in shapes]
ID_COLUMNS = [(contract, column) for contract in ALL for column in contract.columns if column.type is Type.ID]
DIMENSIONS = [
    (contract, column)
    for contract in ALL
    for column in contract.columns
    if column.type is Type.TEXT
    and not column.choices
    and column.name not in ("name", "campaign", "tolerance", "metric")
]


def label(value: object) -> str:
    return f"{value.table}{value.shape}" if isinstance(value, Contract) else getattr(value, "name", str(value))


def filled(column: Column) -> str:
    """A value that a column takes."""
    if column.choices:
        return column.choices[0]
    values = {Type.ID: "X1", Type.DATE: "2026-05-04", Type.TIMESTAMP: "2026-05-04 10:00", Type.MONTH: "2026-05"}
    named = {"stage": "Discovery", "metric": "won_revenue", "currency": "USD", "period": "2026-05", "tolerance": "1"}
    if column.name == "name" and column.required:
        return "won_revenue"
    return values.get(column.type, named.get(column.name, "1" if column.type is not Type.TEXT else "Word"))


def read(tmp_path: Path, contract: Contract, cells: Sequence[Sequence[str]], header: Sequence[str]) -> Dataset:
    text = "\n".join(",".join(row) for row in (header, *cells))
    stages = 'stage_map = { Discovery = "Target" }\n'
    others = (
        {}
        if contract.table == "opportunities"
        else {"opportunities": "opportunity_id,created_on,stage\nX1,2026-05-01,Discovery"}
    )
    return load(write_folder(tmp_path / "source", {contract.table: text, **others}, stages))


@pytest.mark.slow
@pytest.mark.parametrize(("contract", "column"), ID_COLUMNS + DIMENSIONS, ids=label)
def test_no_word_for_nothing_is_an_id_or_an_item(tmp_path: Path, contract: Contract, column: Column) -> None:
    """Each word in each id and each dimension of every table: the row is rejected where it has to be filled, and blank
    elsewhere."""
    names = [one.name for one in contract.columns if one.required or one is column]
    rows = []
    for at, word in enumerate((*WORDS, "real")):
        row = {name: filled(contract[name]) for name in names}
        for key in contract.key:
            if key in row and contract[key].type is Type.ID and key != column.name:
                row[key] = f"K{at}"
        row[column.name] = word if word != "real" else filled(column)
        rows.append(list(row.values()))
    dataset = read(tmp_path, contract, rows, names)
    entry = next(one for one in dataset.ledger.files if one.table == contract.table)
    if column.required:
        assert entry.rejected_rows == len(WORDS)
        assert all("is blank" in one.reason for one in entry.rejected if one.column == column.name)
    else:
        found = set(dataset.tables[contract.table].texts(column.name).distinct)
        assert not found.intersection(WORDS)
    assert any("read as blank" in note for note in entry.notes)
    assert entry.balanced


def test_a_region_na_and_a_company_named_none_are_kept(folder: Folder) -> None:
    dataset = folder(
        accounts="account_id,name,geo,parent_id\nA1,None,NA,NA\nA2,NULL,N/A,\n",
        opportunities="opportunity_id,created_on,stage,account_id,lead_source\n1,2026-05-01,Discovery,A1,NA\n",
    )
    accounts = dataset.tables["accounts"]
    assert list(accounts["name"]) == ["None", "NULL"]
    assert list(accounts["geo"]) == ["NA", ""]
    assert list(accounts["parent_id"]) == ["", ""]
    assert list(dataset.tables["opportunities"]["lead_source"]) == [""]


def test_a_word_that_the_settings_list_is_a_word(folder: Folder) -> None:
    dataset = folder(
        'stage_map = { none = "Target" }\n[types]\nNA = "renewal"\n',
        buying_stages="account_id,date,stage\nA1,2026-05-01,None\nA1,2026-05-02,NULL\n",
        opportunities="opportunity_id,created_on,stage,type\n1,2026-05-01,Discovery,NA\n2,2026-05-01,Discovery,nan\n",
    )
    assert list(dataset.tables["buying_stages"]["stage"]) == ["Target"]
    assert list(dataset.tables["opportunities"]["type"]) == ["NA", ""]


def test_an_attribute_that_makes_segments_makes_none_of_null(folder: Folder) -> None:
    dataset = folder('[segments]\nby = "Tier"\n', accounts="account_id,Tier\nA1,Gold\nA2,NULL\nA3,\\N\nA4,NA\n")
    assert dataset.segments.names == ("All accounts", "Gold", "NA")


# -- forms

KEYS = {"accounts": "account_id", "leads": "lead_id", "opportunities": "opportunity_id"}
REFERRING = [(contract, column) for contract, column in ID_COLUMNS if column.refers_to]
FORMS = [
    ("7", "7.0"),
    ("7.0", "7"),
    ("7", "7,0"),
    ("0007", "7"),
    ("7", "0007"),
    ("0007", '="0007"'),
    ("0007", "'0007"),
    ('="0007"', "0007"),
    ("0007", "7.0"),
    ("123456789012", "1.23457E+11"),
    ("123456789012", "1,23457E+11"),
    ("123456789012", "1.23456789012E+11"),
]


def owner_row(table: str, one: str, at: int) -> str:
    day = f"2026-05-0{at + 1}"
    return {"accounts": one, "leads": f"{one},{day}", "opportunities": f"{one},{day},Discovery"}[table]


OWNERS = {
    "accounts": "account_id",
    "leads": "lead_id,created_on",
    "opportunities": "opportunity_id,created_on,stage",
}


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.slow
@pytest.mark.parametrize(("contract", "column"), REFERRING, ids=label)
@pytest.mark.parametrize(("known", "written"), FORMS)
def test_an_id_in_another_form_finds_its_row(
    tmp_path: Path, contract: Contract, column: Column, known: str, written: str
) -> None:
    """In every column that refers to a table; one other row has the number of no one."""
    owner = column.refers_to
    names = [one.name for one in contract.columns if one.required or one is column]
    values = {name: filled(contract[name]) for name in names}
    rows = []
    for at, one in enumerate((written, "55")):
        row = dict(values)
        if contract.table in KEYS:
            row[KEYS[contract.table]] = f"K{at}"
        row[column.name] = quoted(one)
        rows.append(",".join(row.values()))
    ids = [quoted(known), "99"]
    if owner == contract.table:  # an account's parent
        own = [",".join(quoted(known) if name == KEYS[owner] else '""' for name in names)]
        tables = {owner: "\n".join([",".join(names), *rows, *own])}
    else:
        owned = [owner_row(owner, one, at) for at, one in enumerate(ids)]
        tables = {owner: "\n".join([OWNERS[owner], *owned]), contract.table: "\n".join([",".join(names), *rows])}
    dataset = load(write_folder(tmp_path / "source", tables, 'stage_map = { Discovery = "Target" }\n'))
    there = set(dataset.tables[owner].texts(KEYS[owner]).distinct)
    found = [one for one in dataset.tables[contract.table][column.name] if one in there]
    assert len(found) == 1
    entry = next(one for one in dataset.ledger.files if one.table == contract.table)
    shortened = "23457E" in written
    assert any("read as" in one.one for one in entry.conditions) is shortened
    if not shortened and '"' not in known + written and "'" not in written:
        said = [note for one in dataset.ledger.files for note in one.notes if "read as" in note]
        assert len(said) == 1


@pytest.mark.parametrize(
    ("known", "written"),
    [
        (["7", "007"], ["07"]),  # two accounts have the number
        (["007"], ["7", "07"]),  # two ids, one account
        (["123456789012", "123456789013"], ["1.23457E+11"]),
        (["223456789012"], ["1.23457E+11"]),
    ],
)
def test_an_id_that_may_be_anothers_stays_and_is_reported(folder: Folder, known: list[str], written: list[str]) -> None:
    deals = "\n".join(f"D{at},2026-05-01,Discovery,{one}" for at, one in enumerate(written))
    dataset = folder(
        accounts="account_id\n" + "\n".join(known), opportunities=f"opportunity_id,created_on,stage,account_id\n{deals}"
    )
    assert list(dataset.tables["opportunities"]["account_id"]) == written
    said = " ".join(one.text() for one in dataset.ledger.conditions)
    assert "may be another form of one" in said or "shortened by Excel" in said


@pytest.mark.parametrize(
    ("ids", "warned"),
    [
        (("4150868000001230000", "4150868000001240000"), True),  # 19 digits, of which Excel kept 15
        (("4150868000001234400", "4150868000001235600"), True),  # of which a float kept 17
        (("4150868000001230000", "4150868000001234567"), False),  # the second has all of its digits
        (("4150868000001230000",), False),  # one may end in zeros by chance
        (("415086800000123", "415086800000120"), False),  # 15 digits
    ],
)
def test_ids_of_which_excel_kept_15_digits_are_reported(folder: Folder, ids: tuple[str, ...], warned: bool) -> None:
    dataset = folder(accounts="account_id,region\n" + "\n".join(f"{one},East" for one in ids))
    said = [one for one in dataset.ledger.conditions if "Excel keeps 15 digits" in one.text()]
    assert [one.rows.tolist() for one in said] == ([[2, 3]] if warned else [])


def test_a_sheet_whose_numbers_are_too_long_for_excel_is_reported(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["account_id", "region"], [12345678901234500, "East"], [12345678901236700, "West"]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "accounts.xlsx")
    (tmp_path / "segxl.toml").write_text('[tables.accounts]\nfile = "accounts.xlsx"\n', encoding="utf-8")
    said = [one.text() for one in load(tmp_path).ledger.conditions]
    assert any("2 rows have an ID in 'account_id' of more than 15 digits" in one for one in said)


def test_versions_are_not_whole_numbers(folder: Folder) -> None:
    dataset = folder(
        accounts="account_id\n1\n2\n",
        opportunities="opportunity_id,created_on,stage,account_id\n1,2026-05-01,Discovery,1.0\n2,2026-05-01,Discovery,1.1",
        revenue="account_id,month,mrr\n1,2026-05,5",
    )
    assert list(dataset.tables["opportunities"]["account_id"])[1] == "1.1"


def test_shortened_keys_are_reported_without_any_table_that_refers_to_them(folder: Folder) -> None:
    dataset = folder(revenue="account_id,month,mrr\n9.87654E+14,2026-05,10\nB,2026-05,5\n")
    (condition,) = dataset.ledger.conditions
    assert "9.87654E+14" in condition.text()
    assert condition.rows.tolist() == [2]


def test_floats_in_parquet_and_numbers_in_excel_are_ids(tmp_path: Path, views: Views) -> None:
    """A column of numbers with gaps is one of floats, 41.0; the accounts' sheet has ids as texts with zeros."""
    pytest.importorskip("pyarrow")
    import pyarrow
    import pyarrow.parquet

    source = write_folder(
        tmp_path / "source",
        {},
        '[tables.accounts]\nfile = "a.xlsx"\n[tables.opportunities]\nfile = "o.parquet"\n[segments]\nby = "Tier"\n',
    )
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("account_id", "Tier"), ("041", "Gold"), ("042", "Tin")):
        sheet.append(row)
    book.save(source / "a.xlsx")
    deals = {
        "opportunity_id": [1, 2, 3],
        "created_on": ["2026-05-01"] * 3,
        "closed_on": ["2026-05-09"] * 3,
        "stage": ["Closed Won"] * 3,
        "account_id": [41.0, None, 42.0],
        "amount": [10, 20, 40],
    }
    pyarrow.parquet.write_table(pyarrow.table(deals), source / "o.parquet")
    dataset = load(source)
    won = {name: views(dataset, "won_revenue", "2026-05", name)["total"]["value"] for name in dataset.segments.names}
    assert won == {"All accounts": 70, "Gold": 10, "Tin": 40}


def test_numbers_in_an_input_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheets = {
        "accounts": [("account_id", "geo"), ("0041", "NULL"), ("0042", "West")],
        "revenue": [("account_id", "month", "mrr"), (41, "2026-05", 7), ("#N/A", "2026-05", 9)],
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "in.xlsx")
    dataset = load(tmp_path / "in.xlsx")
    assert list(dataset.tables["revenue"]["account_id"]) == ["0041"]
    assert dataset.ledger.rejected_rows == 1
    assert list(dataset.tables["accounts"]["geo"]) == ["", "West"]


# -- rows that find nothing

ACCOUNTS = "account_id,Tier\nA1,Gold\nA2,Tin\n"
BY_TIER = '[segments]\nby = "Tier"\n'


def monthly(source: Path, *more: str) -> str:
    run = CliRunner().invoke(
        commands, ["scorecard", str(source), "--month", "2026-05", "--format", "json", *more], standalone_mode=False
    )
    assert run.return_value == 0
    return run.stderr


@pytest.mark.parametrize(
    "table", [name for name, shapes in CONTRACTS.items() if "account_id" in shapes[0].names[1:] or name == "revenue"]
)
def test_the_month_says_that_no_row_finds_its_account(tmp_path: Path, table: str) -> None:
    contract = CONTRACTS[table][0]
    names = [one.name for one in contract.columns if one.required or one.name == "account_id"]
    row = {name: filled(contract[name]) for name in names} | {"account_id": "crm-9"}
    tables = {"accounts": ACCOUNTS, table: ",".join(names) + "\n" + ",".join(row.values())}
    if table != "opportunities":
        tables["opportunities"] = "opportunity_id,created_on,stage,account_id\n1,2026-05-01,Discovery,A1"
    settings = 'stage_map = { Discovery = "Target" }\n' + ("" if table == "segment_members" else BY_TIER)
    source = write_folder(tmp_path / "source", tables, settings)
    said = monthly(source)
    assert "no row matches an account: IDs here are like 'crm-9', in the accounts table like 'A1'" in said
    if table != "segment_members":
        assert "no row matches an account" in monthly(source, "--segment", "Gold")


def test_a_few_deals_of_deleted_accounts_are_no_news_and_many_are(tmp_path: Path) -> None:
    def deals(strangers: int) -> str:
        rows = [f"{at},2026-05-01,Discovery,{'A1' if at >= strangers else 'gone'},1" for at in range(100)]
        return "opportunity_id,created_on,stage,account_id,amount\n" + "\n".join(rows)

    few = write_folder(tmp_path / "few", {"accounts": ACCOUNTS, "opportunities": deals(4)}, BY_TIER)
    assert monthly(few) == ""
    many = write_folder(tmp_path / "many", {"accounts": ACCOUNTS, "opportunities": deals(6)}, BY_TIER)
    said = "6 rows name an account that is not in the accounts table, like 'gone'; counted in All accounts only (6"
    assert said in monthly(many)
    assert said in monthly(many, "--segment", "Tin")  # no one knows whose they are


def test_fewer_than_half_find_their_account(tmp_path: Path) -> None:
    rows = [f"{at},2026-05-01,Discovery,{account}" for at, account in enumerate(("A1", "", "", "A9"))]
    deals = "\n".join(["opportunity_id,created_on,stage,account_id", *rows])
    source = write_folder(tmp_path / "source", {"accounts": ACCOUNTS, "opportunities": deals}, BY_TIER)
    assert "3 rows have no account in the accounts table, like 'A9'; counted in All accounts only" in monthly(source)


def test_a_listed_member_is_an_account(tmp_path: Path) -> None:
    tables = {
        "accounts": ACCOUNTS,
        "segment_members": "segment,account_id\nTop,A1\nTop,Z9",
        "opportunities": "opportunity_id,created_on,stage,account_id\n1,2026-05-01,Discovery,Z9",
    }
    assert monthly(write_folder(tmp_path / "source", tables)) == ""


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        ("leads", "lead_id,created_on,account_id,opportunity_id\nL1,2026-05-01,A1,X", "names opportunities like 'X'"),
        (
            "opportunity_history",
            "opportunity_id,changed_at,stage\n9,2026-05-02,Discovery",
            "no row matches an opportunity",
        ),
    ],
)
def test_lookups_that_find_nothing(tmp_path: Path, table: str, text: str, said: str) -> None:
    deals = "opportunity_id,created_on,stage,account_id\n1,2026-05-01,Discovery,A1"
    source = write_folder(tmp_path / "source", {"accounts": ACCOUNTS, "opportunities": deals, table: text})
    assert said.replace("names", "name") in monthly(source).replace("names", "name")


def test_members_of_a_segment_without_a_row(tmp_path: Path) -> None:
    tables = {
        "accounts": ACCOUNTS,
        "segments": "segment,created_on\nKey accounts,2026-01-01",
        "segment_members": "segment,account_id\nKey accounts,A1\nKey acounts,A2",
        "opportunities": "opportunity_id,created_on,stage,account_id\n1,2026-05-01,Discovery,A1",
    }
    said = monthly(write_folder(tmp_path / "source", tables))
    assert "1 row names a segment that is not in the segments table, like 'Key acounts'" in said


def test_stages_without_an_account_or_a_word_can_be_excluded_by_the_rule_that_is_proposed(tmp_path: Path) -> None:
    tables = {
        "accounts": ACCOUNTS,
        "buying_stages": "account_id,date,stage\nA1,2026-05-01,Target\nNULL,2026-05-01,Target\nA2,2026-05-01,-",
        "opportunities": "opportunity_id,created_on,stage,account_id\n1,2026-05-01,Discovery,A1",
    }
    source = write_folder(tmp_path / "source", tables)
    run = CliRunner().invoke(commands, ["check", str(source)], standalone_mode=False)
    assert run.return_value == 1
    pasted_into(source / "segxl.toml", run.output)
    run = CliRunner().invoke(commands, ["check", str(source)], standalone_mode=False)
    assert run.return_value == 0
    assert "3 rows = 1 used + 2 excluded + 0 rejected" in run.output
