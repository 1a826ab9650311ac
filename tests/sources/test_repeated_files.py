"""Tables without a key: the same file twice, exports that overlap, an export pasted twice. Three licences are three."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.settings.model import Settings
from segxl.sources.files.files import read_file
from segxl.sources.reader import TableReader
from segxl.sources.records.repeated_files import FILES_AGREE
from segxl.tables.contracts import CONTRACTS, Contract, Table
from tests.conftest import Folder
from tests.small import write_csv
from tests.sources.test_not_records import value

KEYLESS = [one for contracts in CONTRACTS.values() for one in contracts if not one.key]
ids = [f"{one.table} {one.shape}".strip() for one in KEYLESS]
each_table = pytest.mark.parametrize("contract", KEYLESS, ids=ids)


def rows_of(contract: Contract, *turns: int) -> list[list[str]]:
    """A row of a table for each turn; rows of one turn are equal, and every turn is a month of its own."""
    return [[value(column, turn) for column in contract.columns] for turn in turns]


def read(folder: Path, contract: Contract, *names: str, **files: Sequence[Sequence[str]]) -> tuple[Table, TableReader]:
    """The table of some files, in the order of ``names``."""
    for name, rows in files.items():
        write_csv(folder / f"{name}.csv", contract.names, rows)
    sources = [{"file": f"{name}.csv"} for name in names or files]
    settings = Settings.model_validate({"tables": {contract.table: sources}})
    reader = TableReader(settings, lambda table, source: iter([read_file(folder / str(source.file))]), [])
    return reader.read()[contract.table], reader


def excluded(reader: TableReader) -> list[dict[str, int]]:
    return [entry.excluded for entry in reader.entries]


def said(reader: TableReader) -> list[str]:
    return [str(one) for entry in reader.entries for one in entry.conditions]


@each_table
def test_the_same_file_under_two_names_counts_once(tmp_path: Path, contract: Contract) -> None:
    rows = rows_of(contract, 1, 2, 3)
    table, reader = read(tmp_path, contract, july=rows, copy=rows)
    assert table.row.tolist() == [2, 3, 4]
    assert excluded(reader) == [{}, {"same file as july.csv": 3}]
    assert said(reader) == [
        "copy.csv: is the same file as july.csv; its 3 rows count once. Remove one of the two from the folder or "
        f"from tables.{contract.table}."
    ]


@each_table
def test_one_name_that_is_listed_twice_counts_once(tmp_path: Path, contract: Contract) -> None:
    table, reader = read(tmp_path, contract, "july", "july", july=rows_of(contract, 1, 1, 2))
    assert len(table) == 3
    assert excluded(reader) == [{}, {"file listed twice": 3}]
    (line,) = said(reader)
    assert line.startswith("july.csv: is listed twice; its 3 rows count once. List it once")


@each_table
def test_rows_that_two_exports_have_count_as_often_as_one_of_them_has_them(tmp_path: Path, contract: Contract) -> None:
    """The first export has turn 2 three times, the second turn 2 three times and turn 3 twice."""
    table, reader = read(tmp_path, contract, early=rows_of(contract, 1, 2, 2, 2), late=rows_of(contract, 2, 2, 2, 3, 3))
    assert len(table) == 1 + 3 + 2
    assert excluded(reader) == [{}, {"duplicate of a row in early.csv": 3}]
    (line,) = said(reader)
    assert line.startswith("late.csv: 3 rows are also in early.csv and count once (rows 2, 3, 4). ")


@each_table
def test_exports_that_do_not_overlap_are_left_alone(tmp_path: Path, contract: Contract) -> None:
    table, reader = read(tmp_path, contract, early=rows_of(contract, 1, 1, 2), late=rows_of(contract, 3, 4, 4))
    assert len(table) == 6
    assert not said(reader)


@each_table
def test_each_of_many_cumulative_exports_adds_its_own_month(tmp_path: Path, contract: Contract) -> None:
    files = {f"until{last}": rows_of(contract, *range(1, last + 1)) for last in (1, 2, 3, 4)}
    table, reader = read(tmp_path, contract, **files)
    assert len(table) == 4
    assert [sum(one.values()) for one in excluded(reader)] == [0, 1, 2, 3]


@each_table
def test_an_export_pasted_twice_into_one_file_counts_once(tmp_path: Path, contract: Contract) -> None:
    rows = rows_of(contract, 1, 2, 2, 3)
    table, reader = read(tmp_path, contract, export=[*rows, *rows])
    assert table.row.tolist() == [2, 3, 4, 5]
    assert excluded(reader) == [{"export pasted twice": 4}]
    (line,) = said(reader)
    assert line.startswith(
        "export.csv: 4 rows repeat rows 2 to 5, in the same order, and count once (rows 6, 7, 8, 9). "
    )
    # with its header, and another month below it
    table, reader = read(tmp_path, contract, more=[*rows, [*contract.names], *rows, *rows_of(contract, 4)])
    assert table.row.tolist() == [2, 3, 4, 5, 11]
    assert excluded(reader) == [{"repeated header": 1, "export pasted twice": 4}]
    (line,) = said(reader)
    assert line.startswith("more.csv: 4 rows repeat rows 2 to 5 above the repeated header and count once")


@each_table
def test_equal_rows_of_one_export_are_kept(tmp_path: Path, contract: Contract) -> None:
    table, reader = read(tmp_path, contract, seats=rows_of(contract, 1, 1, 1, 2, 2, 2))
    assert len(table) == 6
    table, reader = read(tmp_path, contract, licences=rows_of(contract, 1, 1, 1, 1))
    assert len(table) == 4
    assert not said(reader)


MRR = ("kunde", "monat", "mrr", "produkt")
SETTINGS = '[tables.revenue]\nfile = "mrr-*.csv"\ncolumns = { account_id = "kunde", month = "monat" }\n'


def revenue(tmp_path: Path, **files: Sequence[Sequence[str]]) -> Dataset:
    for name, rows in files.items():
        write_csv(tmp_path / f"mrr-{name}.csv", MRR, rows)
    (tmp_path / "segxl.toml").write_text(f"run_date = 2026-06-05\n{SETTINGS}", encoding="utf-8")
    return load(tmp_path)


def test_revenue_of_two_exports_that_differs_fails_a_check(tmp_path: Path) -> None:
    dataset = revenue(
        tmp_path,
        april=[("A", "2026-03", "100", ""), ("A", "2026-04", "100", ""), ("B", "2026-04", "30", "")],
        mai=[("A", "2026-03", "100", ""), ("A", "2026-04", "120", ""), ("B", "2026-05", "30", "")],
    )
    assert dataset.ledger.files[1].excluded == {"duplicate of a row in mrr-april.csv": 1}
    conditions = {one.fails: str(one) for one in dataset.ledger.conditions}
    assert conditions[FILES_AGREE] == (
        "mrr-mai.csv: 1 row has a different MRR than mrr-april.csv for the same account and month; both count (row 3). "
        "Keep only the later export; if both are right, add a column that distinguishes their rows."
    )


def test_revenue_of_two_products_adds_up(tmp_path: Path) -> None:
    """The same account and month, and here and there the same amount; a column tells the products apart."""
    dataset = revenue(
        tmp_path,
        basis=[("A", "2026-04", "100", "Basis"), ("B", "2026-04", "100", "Basis")],
        plus=[("A", "2026-04", "100", "Plus"), ("B", "2026-04", "50", "Plus")],
    )
    assert dataset.tables["revenue"]["mrr"].sum() == 350_00
    assert not dataset.ledger.conditions


def test_a_subscription_that_ended_since_the_earlier_export_contradicts_it(folder: Folder) -> None:
    header = "subscription,account_id,start,end,mrr\n"
    dataset = folder(
        'run_date = 2026-06-05\n[tables.revenue]\nfile = "subs*.csv"\n',
        subs1=f"{header}S1,A,2026-01-01,,100\nS2,B,2026-01-01,,50\nS3,C,2026-02-01,,7\n",
        subs2=f"{header}S1,A,2026-01-01,2026-05-01,100\nS2,B,2026-01-01,,50\nS3,C,2026-02-01,,7\n",
    )
    assert dataset.ledger.files[1].excluded == {"duplicate of a row in subs1.csv": 2}
    (failing,) = [str(one) for one in dataset.ledger.conditions if one.fails]
    assert failing.startswith(
        "subs2.csv: 1 row has a different MRR or end than subs1.csv for the same account and start"
    )


def test_costs_of_one_campaign_that_grew_are_reported(folder: Folder) -> None:
    header = "month,amount,lead_source,campaign\n"
    dataset = folder(
        'run_date = 2026-06-05\n[tables.costs]\nfile = "ads*.csv"\n',
        ads1=f"{header}2026-05,100,Ads,Brand\n",
        ads2=f"{header}2026-05,250,Ads,Brand\n2026-05,10,Ads,Other\n",
    )
    (line,) = map(str, dataset.ledger.conditions)
    assert line.startswith("ads2.csv: 1 row has a different amount than ads1.csv for the same month and source; both")


def test_what_a_connector_adds_does_not_tell_rows_apart(folder: Folder) -> None:
    header = "month,amount,campaign,_fivetran_synced\n"
    dataset = folder(
        'run_date = 2026-06-05\n[tables.costs]\nfile = "ads*.csv"\n',
        ads1=f"{header}2026-05,100,Brand,2026-05-31 01:00:00\n",
        ads2=f"{header}2026-05,100,Brand,2026-06-01 01:00:00\n2026-05,10,Other,2026-06-01 01:00:00\n",
    )
    assert dataset.tables["costs"]["amount"].sum() == 110_00


def test_one_file_may_feed_two_kinds_of_activities_and_two_parts_of_it_two_sources(folder: Folder) -> None:
    settings = """run_date = 2026-06-05
[[tables.activities]]
file = "mail.csv"
columns = { date = "sent" }
constants = { kind = "reach", source = "crm_map_campaign" }
[[tables.activities]]
file = "mail.csv"
columns = { date = "clicked" }
constants = { kind = "engagement", source = "crm_map_campaign" }
[[tables.costs]]
file = "spend.csv"
where = { country = ["DE"] }
[[tables.costs]]
file = "spend.csv"
where = { country = ["FR"] }
"""
    dataset = folder(
        settings,
        mail="account_id,sent,clicked\nA,2026-05-01,2026-05-01\nB,2026-05-01,2026-05-02\n",
        spend="month,amount,country\n2026-05,10,DE\n2026-05,10,FR\n",
    )
    assert len(dataset.tables["activities"]) == 4
    assert dataset.tables["costs"]["amount"].sum() == 20_00
    assert not dataset.ledger.conditions


def test_one_amount_for_two_sources_is_reported(folder: Folder) -> None:
    one = '[[tables.costs]]\nfile = "spend.csv"\nconstants = {{ lead_source = "{}" }}\n'
    dataset = folder(
        "run_date = 2026-06-05\n" + one.format("Web") + one.format("Fair"),
        spend="month,amount\n2026-05,10\n",
    )
    (line,) = map(str, dataset.ledger.conditions)
    assert line.startswith("spend.csv: 1 row counts twice, because tables.costs lists spend.csv twice")


def test_sheets_of_an_input_workbook_overlap_like_files(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    header = ["customer_id", "reporting_month", "mrr_billing_currency"]
    for name, months in {"April": ("2026-03", "2026-04"), "May": ("2026-03", "2026-04", "2026-05")}.items():
        sheet = book.create_sheet(name)
        for row in [header, *([account, month, 100] for month in months for account in ("A", "B"))]:
            sheet.append(row)
    book.save(tmp_path / "input.xlsx")
    dataset = load(tmp_path / "input.xlsx")
    assert dataset.tables["revenue"]["mrr"].sum() == 600_00
    assert dataset.ledger.files[1].excluded == {"duplicate of a row in input.xlsx, sheet 'April'": 4}


def test_a_month_that_is_pasted_twice_below_another_is_reported(tmp_path: Path) -> None:
    may = [("A", "2026-05", "100", ""), ("B", "2026-05", "60", ""), ("C", "2026-05", "7", "")]
    dataset = revenue(tmp_path, all=[("A", "2026-04", "100", ""), *may, *may])
    (line,) = map(str, dataset.ledger.conditions)
    assert line.startswith("mrr-all.csv: 3 rows repeat rows above them, in the same order; all count (rows 6, 7, 8). ")
    assert dataset.tables["revenue"]["mrr"].sum() == 434_00
    # two licences each, one account after the other
    seats = [row for row in may for _ in range(2)]
    assert not revenue(tmp_path, all=seats).ledger.conditions
