"""Mistakes in exports that change numbers and look like nothing: each is a warning with its rows."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from segxl.cli.commands import commands
from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from tests.conftest import Folder, write_folder

DEALS = "opportunity_id,account_id,created_on,closed_on,stage,amount"


def warned(dataset: Dataset) -> list[tuple[str, list[int]]]:
    """Each condition, with the numbers of its rows."""
    return [(one.text(), [int(row) for row in one.rows]) for one in dataset.ledger.conditions]


def test_the_second_of_two_columns_with_one_header_is_not_dropped_in_silence(folder: Folder) -> None:
    dataset = folder(
        opportunities="opportunity_id,created_on,stage,amount,amount\n"
        "1,2026-05-01,Discovery,10,10\n2,2026-05-01,Discovery,20,25\n3,2026-05-01,Discovery,30,\n"
    )
    assert dataset.tables["opportunities"]["amount"].tolist() == [10_00, 20_00, 30_00]
    ((said, rows),) = warned(dataset)
    assert rows == [3]  # row 2 has the same amount twice, row 4 has none in the second column
    assert "1 row has another value in a second column 'amount', which is not used: '25' (1) (row 3)" in said
    assert said.endswith('to use the second, below the line [tables.opportunities] add columns.amount = "amount (2)".')


def test_a_filtered_row_has_no_second_value_that_matters(folder: Folder) -> None:
    where = '[tables.opportunities]\nfile = "opportunities.csv"\nwhere = { product = ["Pro"] }\n'
    head = "opportunity_id,created_on,stage,product,amount,amount\n"
    rows = "1,2026-05-01,Discovery,Pro,10,10\n2,2026-05-01,Discovery,Trial,20,25\n"
    assert warned(folder(where, opportunities=head + rows)) == []


@pytest.mark.parametrize(
    ("dates", "rows"),
    [
        (["46181", "46268", "46055", "8/25/2026", "9/21/2026"], [2, 3, 4]),
        (["2026-06-08", "2026-09-03", "2026-02-02", "8/25/2026", "9/21/2026"], [2, 3, 4]),  # as a sheet's cells
        (["46181", "46268", "46042", "8/25/2026", "9/21/2026"], []),  # 46042 is 2026-01-20: a day above 12
        (["46181", "46268", "46055", "8/25/2026", "9/2/2026"], []),  # Excel would have read 9/2/2026 as a date
        (["46181", "8/25/2026"], []),  # too few to mean anything
    ],
)
def test_days_and_months_that_excel_may_have_swapped(folder: Folder, dates: list[str], rows: list[int]) -> None:
    given = '[tables.opportunities]\nfile = "opportunities.csv"\ndates = "month-first"\n'
    text = "opportunity_id,created_on,stage\n" + "".join(f"{at},{one},Discovery\n" for at, one in enumerate(dates))
    found = [(said, at) for said, at in warned(folder(f"run_date = 2026-12-31\n{given}", opportunities=text))]
    assert [at for _, at in found] == ([rows] if rows else [])
    assert all(
        "whose day and month Excel may have swapped" in said and "read as 2026-06-08" in said for said, _ in found
    )


def test_an_id_in_another_case_is_not_a_stranger_without_a_word(folder: Folder) -> None:
    dataset = folder(
        accounts="account_id,name\nA1,Acme\nB2,Beta\n",
        opportunities=f"{DEALS}\n1,a1,2026-05-01,,Discovery,10\n2,B2,2026-05-01,,Discovery,20\n",
    )
    found = {said: rows for said, rows in warned(dataset) if "upper and lower case" in said}
    (said,) = found
    assert found[said] == [2]
    assert "differs from one of accounts only in upper and lower case, like 'a1' and 'A1'" in said


def test_two_keys_that_differ_only_in_case_count_as_two_and_are_reported(folder: Folder) -> None:
    rows = "D1,,2026-05-01,,Discovery,10\nD2,,2026-05-01,,Discovery,20\nd1,,2026-05-01,,Discovery,10\n"
    dataset = folder(opportunities=f"{DEALS}\n{rows}")
    assert len(dataset.tables["opportunities"]) == 3
    ((said, places),) = warned(dataset)
    assert places == [2, 4] and "like 'D1' and 'd1'; they count as two" in said


def test_case_counts_in_salesforce_ids_of_15_characters(folder: Folder) -> None:
    rows = "006D000000IRFma,,2026-05-01,,Discovery,10\n006D000000IRFmA,,2026-05-01,,Discovery,20\n"
    assert warned(folder(opportunities=f"{DEALS}\n{rows}")) == []


def test_accounts_without_a_segment_are_reported_with_the_numbers(folder: Folder) -> None:
    dataset = folder(
        '[segments]\nby = "Tier"\n[[segments.named]]\nname = "North"\nwhere = { Region = ["North"] }\n',
        accounts="account_id,Tier,Region\nA1,Gold,South\nA2,,South\nA3,,North\nA4,n/a,\n",
        opportunities=f"{DEALS}\n1,A1,2026-05-01,,Discovery,10\n",
    )
    ((said, rows),) = warned(dataset)
    assert rows == [3, 5]  # A3 is in North, by its region
    assert "2 rows have no 'Tier' and are in no segment (rows 3, 5)" in said
    assert warned(folder(accounts="account_id,Tier\nA1,Gold\nA2,\n", opportunities=f"{DEALS}\n")) == []


@pytest.fixture
def one_bad_amount(tmp_path: Path) -> Path:
    rows = "1,A1,2026-05-01,2026-05-20,Closed Won,10\n2,A1,2026-05-01,2026-05-21,Closed Won,#REF!\n"
    accounts = "account_id,name\nA1,Acme\n"
    return write_folder(tmp_path / "source", {"accounts": accounts, "opportunities": f"{DEALS}\n{rows}"})


REJECTED = "opportunities.csv, row 3, column 'amount': '#REF!' is not an amount; write it like 1234.50"


@pytest.mark.parametrize(
    "command",
    [("scorecard", "--format", "json"), ("explain", "won_revenue")],
    ids=lambda words: str(words[0]),
)
def test_a_command_that_shows_a_number_names_the_rejected_row(one_bad_amount: Path, command: tuple[str, ...]) -> None:
    name, *rest = command
    done = CliRunner().invoke(commands, [name, str(one_bad_amount), *rest, "--month", "2026-05", "--no-cache"])
    assert f"1 row rejected: {REJECTED}" in " ".join(done.stderr.split())


def test_of_several_rejected_rows_the_first_is_named(one_bad_amount: Path) -> None:
    with (one_bad_amount / "opportunities.csv").open("a", encoding="utf-8") as file:
        file.write("3,A1,soon,2026-05-21,Closed Won,10\n")
    command = ["explain", str(one_bad_amount), "won_revenue", "--month", "2026-05", "--no-cache"]
    said = " ".join(CliRunner().invoke(commands, command).stderr.split())
    assert f"2 rows rejected: the first is {REJECTED}. segxl check lists them all" in said


def test_the_example_of_a_deal_type_is_what_the_word_says(folder: Folder) -> None:
    rows = "opportunity_id,created_on,stage,type\n1,2026-05-01,Discovery,Expansion\n"
    ((said, _),) = warned(folder(opportunities=rows))
    assert '"Expansion" = "upsell"' in said


def test_a_column_that_is_mapped_is_changed_not_added_again(folder: Folder) -> None:
    mapped = '[tables.opportunities]\nfile = "opportunities.csv"\ncolumns = { account_id = "customer" }\n'
    rows = "opportunity_id,customer,created_on,stage\n1,Acme,2026-05-01,Discovery\n"
    ((said, _),) = warned(folder(mapped, accounts="account_id,name\nA1,Acme\n", opportunities=rows))
    assert 'in columns of [tables.opportunities] change account_id to "your header"' in said


def test_names_in_the_place_of_ids_find_their_accounts_once_the_mapping_goes(folder: Folder) -> None:
    mapped = 'columns = { account_id = "Customer", account_name = "Customer" }\n'
    rows = "opportunity_id,Customer,created_on,stage\n1,Acme,2026-05-01,Discovery\n"
    settings = f'[tables.opportunities]\nfile = "opportunities.csv"\n{mapped}'
    ((said, _),) = warned(folder(settings, accounts="account_id,name\nA1,Acme\n", opportunities=rows))
    assert "If 'Customer' has names, remove tables.opportunities.columns.account_id" in said


def test_a_misspelt_stage_is_named_with_the_one_that_it_may_be(folder: Folder) -> None:
    rows = "opportunity_id,created_on,stage\n1,2026-05-01,Propsal\n2,2026-05-01,Closed Won\n3,2026-05-01,Parked\n"
    dataset = folder(opportunities=rows.replace("Closed Won", "Discovery"))
    ((said, at),) = warned(dataset)
    assert at == [2, 4]
    assert "won_stages or lost_stages, or correct 'Propsal' if it means 'Proposal'; no deal is won" in said


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('metrics = ["won_revenu"]', "scorecard.metrics: no metric 'won_revenu'; did you mean 'won_revenue'?"),
        ('executive = ["nr.mom"]', "scorecard.executive: no metric 'nr'; did you mean 'nrr'?"),
        ('period = "2026-1O"', "scorecard.period: '2026-1O' is not a period"),
    ],
)
def test_check_finds_the_mistakes_in_settings_of_the_scorecard(tmp_path: Path, setting: str, said: str) -> None:
    source = write_folder(tmp_path / "source", {"opportunities": f"{DEALS}\n"}, f"[scorecard]\n{setting}\n")
    done = CliRunner().invoke(commands, ["check", str(source), "--no-cache"])
    with pytest.raises(SegxlError, match=re.escape(said)):
        raise done.exception if done.exception else AssertionError(done.output)


def merged_book(path: Path, rows: list[list[str]], area: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    sheet.merge_cells(area)
    book.save(path)


def test_rows_below_a_merged_cell_do_not_lose_their_account_in_silence(tmp_path: Path) -> None:
    """Excel keeps the value of the first cell of a merged area only; the rows below would be without an account."""
    deals = [DEALS.split(","), *([str(at), "A1", "2026-05-01", "", "Discovery", "10"] for at in range(3))]
    source = write_folder(tmp_path, {}, '[tables.opportunities]\nfile = "deals.xlsx"\n')
    merged_book(source / "deals.xlsx", deals, "B2:B3")
    dataset = load(source)
    (one,) = dataset.ledger.rejections
    assert (one.row, one.column, one.why) == (3, "account_id", "is merged with the cell above it")
    assert dataset.tables["opportunities"]["opportunity_id"].tolist() == ["0", "2"]


def test_no_segment_is_called_like_an_error(tmp_path: Path) -> None:
    accounts = [["account_id", "Tier"], ["A1", "Gold"], ["A2", "Gold"], ["A3", "#REF!"]]
    source = write_folder(tmp_path, {}, '[segments]\nby = "Tier"\n[tables.accounts]\nfile = "accounts.xlsx"\n')
    merged_book(source / "accounts.xlsx", accounts, "B2:B3")
    dataset = load(source)
    assert dataset.segments.names == ("All accounts", "Gold")
    ((said, rows),) = warned(dataset)
    assert rows == [3, 4] and "have no 'Tier' and are in no segment" in said
    assert "2 rows of 'Tier' have no value, like '#MERGED': read as blank" in dataset.ledger.files[0].notes


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("Deal,,Dates,\nID,Stage,Opened on,Closed on\n", "'ID', 'Opened on', 'Closed on' are column names in row 2"),
        (
            "ID,Stage,Dates,\n,,Opened on,Closed on\n",
            "'Opened on', 'Closed on' are column names in row 2, not in row 1",
        ),
    ],
)
def test_column_names_below_a_row_of_titles_are_found(folder: Folder, head: str, said: str) -> None:
    columns = 'opportunity_id = "ID", created_on = "Opened on", closed_on = "Closed on"'
    settings = f'[tables.opportunities]\nfile = "opportunities.csv"\ncolumns = {{ {columns} }}\n'
    with pytest.raises(SegxlError, match=re.escape(said)) as refused:
        folder(settings, opportunities=f"{head}1,Discovery,2026-05-01,\n")
    assert "put all column names into one row" in str(refused.value) and "no column" not in str(refused.value)


@pytest.mark.parametrize(
    ("number_format", "currency"),
    [
        ("#,##0.00 [$€-407]", "EUR"),
        ('_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-', "EUR"),
        ("[$CHF] #,##0.00", "CHF"),
        ('"£"#,##0', "GBP"),
        ('"$"#,##0.00_);("$"#,##0.00)', ""),  # the reporting currency
        ("[$-409]#,##0.00", ""),  # a language, no currency
        ("#,##0.00;[Red]-#,##0.00", ""),
        ("0.00%", ""),
    ],
)
def test_the_currency_of_a_number_format_is_the_amounts(tmp_path: Path, number_format: str, currency: str) -> None:
    """Excel shows 1,200.00 € where the cell has 1200 alone; a CSV of the same sheet would have the sign."""
    source = write_folder(tmp_path, {}, 'currency = "USD"\n[tables.opportunities]\nfile = "deals.xlsx"\n')
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["opportunity_id", "created_on", "stage", "amount"])
    for at, amount in enumerate((1200, -7.5)):
        sheet.append([str(at), "2026-05-01", "Discovery", amount])
        sheet.cell(at + 2, 4).number_format = number_format
    book.save(source / "deals.xlsx")
    deals = load(source).tables["opportunities"]
    assert deals["amount"].tolist() == [1200_00, -7_50]
    found = deals["currency"].tolist() if "currency" in deals.columns else ["", ""]
    assert [one.replace("USD", "") for one in found] == [currency, currency]


def test_a_total_row_is_one_although_a_column_has_its_name(folder: Folder) -> None:
    revenue = "account_id,May 2026,Jun 2026,Total\nA1,100,120,220\nA2,50,50,100\nTotal,150,170,320\n"
    dataset = folder("run_date = 2026-07-15\n", revenue=revenue)
    (entry,) = dataset.ledger.files
    assert entry.excluded == {"total or subtotal": 1}
    assert int(dataset.tables["revenue"]["mrr"].sum()) == 320_00


def revenue(*skipped: tuple[str, str]) -> str:
    months = ("2026-02", "2026-03", "2026-04", "2026-05")
    rows = [(account, month) for account in ("A1", "A2") for month in months if (account, month) not in skipped]
    return "account_id,month,mrr\n" + "".join(f"{account},{month},10\n" for account, month in rows)


@pytest.mark.parametrize(
    ("skipped", "rows", "said"),
    [
        ([], [], ""),
        ([("A1", "2026-04"), ("A2", "2026-04")], [3, 6], "without any revenue (2026-04): their accounts count as"),
        ([("A2", "2026-03")], [6], "a month without revenue of that account: its account counts"),
        ([("A2", "2026-03"), ("A2", "2026-04")], [], ""),  # a pause
        ([("A2", "2026-05")], [], ""),  # churn
    ],
)
def test_a_month_that_was_not_exported_is_no_churn_in_silence(
    folder: Folder, skipped: list[tuple[str, str]], rows: list[int], said: str
) -> None:
    found = warned(folder(accounts="account_id\nA1\nA2\n", revenue=revenue(*skipped)))
    assert [at for _, at in found] == ([rows] if rows else [])
    assert all(said in words for words, _ in found)


@pytest.mark.parametrize(("period", "shown"), [("2026-02", False), ("2026-03", True), ("2026-05", True)])
def test_a_missing_month_is_reported_with_the_periods_that_it_touches(tmp_path: Path, period: str, shown: bool) -> None:
    tables = {"accounts": "account_id\nA1\nA2\n", "revenue": revenue(("A2", "2026-03"))}
    source = write_folder(tmp_path / "source", tables)
    command = ["scorecard", str(source), "--month", period, "--format", "json", "--no-cache"]
    said = CliRunner().invoke(commands, command).stderr
    assert ("without revenue of that account" in " ".join(said.split())) is shown


def test_a_row_that_is_there_twice_is_noted(folder: Folder) -> None:
    dataset = folder(accounts="account_id\nA1\nA2\n", revenue=revenue() + "A1,2026-03,10\n")
    assert "1 row repeats one above it and counts again, like row 10" in dataset.ledger.files[1].notes


def test_hidden_rows_of_an_export_count_and_are_noted(tmp_path: Path) -> None:
    source = write_folder(tmp_path, {}, '[tables.opportunities]\nfile = "deals.xlsx"\n')
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["opportunity_id", "created_on", "stage"], ["1", "2026-05-01", "Discovery"], ["2", "2026-05-01", "x"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    book.save(source / "deals.xlsx")
    (entry,) = load(source).ledger.files
    assert entry.used == 2 and "1 row of the sheet is hidden or filtered, and counted" in entry.notes


def test_a_mapped_header_that_is_not_there_is_one_problem_with_one_fix(folder: Folder) -> None:
    mapped = '[tables.opportunities]\nfile = "opportunities.csv"\ncolumns = { opportunity_id = "Deal ID" }\n'
    with pytest.raises(SegxlError) as refused:
        folder(mapped, opportunities="deal_id,created_on,stage\n1,2026-05-01,Discovery\n")
    assert str(refused.value) == (
        "opportunities.csv: no column 'Deal ID' (in tables.opportunities.columns.opportunity_id); "
        "did you mean 'deal_id'?"
    )
