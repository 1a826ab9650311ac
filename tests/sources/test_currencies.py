"""Whose currency an amount is: its column's, its own, its header's; and the check that fails in every table."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from segxl.cli.commands import commands
from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.sources.conditions import RATES_CHECK
from segxl.sources.values.currencies import currency_of_header, meant, possible_currencies
from segxl.tables.contracts import CONTRACTS, Contract, Type
from tests.conftest import Folder, Views, write_folder

MONEY = [
    (contract, column.name)
    for shapes in CONTRACTS.values()
    for contract in shapes
    for column in contract.columns
    if column.type is Type.MONEY
]
BASE = {
    "opportunities": ("opportunity_id,created_on,stage,closed_on", "O1,2026-04-02,Closed Won,2026-05-05"),
    "opportunity_history": ("opportunity_id,changed_at,stage", "O1,2026-05-04,Discovery"),
    "revenuemonthly": ("account_id,month", "A1,2026-05"),
    "revenuesubscriptions": ("account_id,start", "A1,2026-05-01"),
    "revenuemovements": ("account_id,date,type", "A1,2026-05-03,new"),
    "costs": ("month", "2026-05"),
    "market": ("segment,year,source", "All accounts,2026,IDC"),
}
DEALS = "opportunity_id,created_on,stage,amount\nO1,2026-05-02,Discovery,5"
WAYS = {
    "a column": ("{money}", "120.50", ",currency", ",SEK"),
    "the cell": ("{money}", "SEK 120.50", "", ""),
    "behind": ("{money}", "120.50 sek", "", ""),
    "the header": ("Betrag (SEK)", "120.50", "", ""),
    "in words": ("Amount in SEK", "120.50", "", ""),
    "a column of another name": ("{money}", "120.50", ",Währung", ",SEK"),
}


def label(value: object) -> str:
    return f"{value.table}{value.shape}" if isinstance(value, Contract) else str(value)


def made(tmp_path: Path, contract: Contract, money: str, way: str, rates: str = "") -> Path:
    header, cell, more_header, more_cell = WAYS[way]
    names, values = BASE[label(contract)]
    header = header.format(money=money)
    text = f"{names},{header}{more_header}\n{values},{cell}{more_cell}\n"
    settings = f'[tables.{contract.table}]\nfile = "{contract.table}.csv"\n'
    if header != money:
        settings += f'columns.{money} = "{header}"\n'
    tables = {contract.table: text}
    if contract.table in ("opportunity_history", "market"):
        tables["opportunities"] = DEALS
    if rates:
        tables["fx_rates"] = rates
    return write_folder(tmp_path / "source", tables, settings)


def month(source: Path) -> tuple[int, list[str], list[str]]:
    """Exit status, failed checks and warnings of the JSON of a month."""
    arguments = ["scorecard", str(source), "--month", "2026-05", "--format", "json"]
    run = CliRunner().invoke(commands, arguments, standalone_mode=False)
    document = json.loads(run.stdout)
    failed = [check["name"] for check in document["checks"] if not check["passed"]]
    return run.return_value, failed, [one["message"] for one in document["warnings"]]


@pytest.mark.slow
@pytest.mark.parametrize(("contract", "money"), MONEY, ids=label)
@pytest.mark.parametrize("way", WAYS)
def test_a_foreign_amount_without_a_rate_fails_in_every_table(
    tmp_path: Path, contract: Contract, money: str, way: str
) -> None:
    """By every way to say the currency; check and scorecard tell the same."""
    source = made(tmp_path, contract, money, way)
    status, failed, warnings = month(source)
    assert (status, failed) == (1, [RATES_CHECK])
    assert any("SEK" in one and f"{contract.table}.csv" in one for one in warnings)
    run = CliRunner().invoke(commands, ["check", str(source)], standalone_mode=False)
    assert run.return_value == 1
    assert "check failed: 1 row" in run.output


@pytest.mark.parametrize(
    ("contract", "money"), [one for one in MONEY if one[0].table in ("opportunities", "revenue", "costs")], ids=label
)
def test_with_a_rate_of_each_month_nothing_fails(tmp_path: Path, contract: Contract, money: str) -> None:
    rates = "month,currency,rate\n" + "\n".join(f"2026-{at:02d},SEK,0.1" for at in range(1, 7))
    assert month(made(tmp_path, contract, money, "the cell", rates)) == (0, [], [])


def test_costs_convert_at_the_rate_of_their_month(folder: Folder, views: Views) -> None:
    dataset = folder(
        costs="month,amount,Currency\n2026-04,100,CHF\n2026-05,100,CHF\n2026-05,30,\n",
        leads="lead_id,created_on,mql_on,sqo_on\nL1,2026-05-01,2026-05-02,2026-05-03",
        fx_rates="month,currency,rate\n2026-04,CHF,1.5\n2026-05,CHF,1.25\n",
    )
    # 100 francs at 1.25, and 30 dollars
    assert views(dataset, "cost_per_sqo", "2026-05")["total"]["numerator"] == 155


@pytest.mark.parametrize(
    ("cell", "reporting", "code"),
    [
        ("€2.000,00", "USD", "EUR"),
        ("2,000 EUR", "USD", "EUR"),
        ("12,50 €", "USD", "EUR"),
        ("US$ 5", "EUR", "USD"),
        ("£5", "USD", "GBP"),
        ("$5", "USD", "USD"),
        ("$5", "CAD", "CAD"),
        ("$5", "EUR", "USD"),
        ("A$5", "USD", "AUD"),
        ("CA$5", "USD", "CAD"),
        ("R$ 5", "USD", "BRL"),
        ("¥500", "USD", "JPY"),
        ("¥500", "CNY", "CNY"),
        ("500 kr", "SEK", "SEK"),
        ("500 kr.", "USD", "KR"),
        ("5 zł", "EUR", "PLN"),
        ("1.2k", "USD", ""),
        ("(1,200)", "USD", ""),
        ("1,200", "EUR", ""),
    ],
)
def test_what_an_amount_says(cell: str, reporting: str, code: str) -> None:
    assert meant(possible_currencies(cell), reporting) == code


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Amount (EUR)", "EUR"),
        ("Amount in EUR", "EUR"),
        ("MRR €", "EUR"),
        ("MRR (€)", "EUR"),
        ("Betrag [CHF]", "CHF"),
        ("mrr_usd", "USD"),
        ("Montant en EUR", "EUR"),
        ("GBP Amount", "GBP"),
        ("Value (kes)", ""),
        ("Value (KES)", "KES"),
        ("Amount ALL", ""),
        ("Total (all)", ""),
        ("Amount", ""),
        ("Amount (converted)", ""),
        ("Share in %", ""),
        ("Top", ""),
    ],
)
def test_what_a_header_says(header: str, code: str) -> None:
    assert meant(currency_of_header(header), "NOK") == code


def of(dataset: Dataset, table: str = "opportunities") -> list[str]:
    return list(dataset.tables[table]["currency"])


def test_the_amount_fills_a_blank_currency_and_a_contradiction_is_reported(folder: Folder) -> None:
    dataset = folder(
        opportunities="opportunity_id,created_on,stage,amount,currency\n1,2026-05-01,Discovery,€5,\n"
        "2,2026-05-01,Discovery,€5,USD\n3,2026-05-01,Discovery,$5,CAD\n4,2026-05-01,Discovery,5,USD",
        fx_rates="month,currency,rate\n2026-05,EUR,1\n2026-06,EUR,1\n2026-05,CAD,1\n2026-06,CAD,1",
    )
    assert of(dataset) == ["EUR", "USD", "CAD", "USD"]
    (condition,) = dataset.ledger.conditions
    assert condition.rows.tolist() == [3]
    assert (
        "has an amount in 'amount' in another currency than its currency column; the column counts" in condition.text()
    )


def test_a_header_that_contradicts_the_currency_is_reported(folder: Folder) -> None:
    """An export of converted amounts next to the original currency."""
    settings = '[tables.costs]\nfile = "costs.csv"\ncolumns = { amount = "Spend (USD)" }\n'
    dataset = folder(
        settings,
        costs="month,Spend (USD),Currency\n2026-05,10,EUR\n2026-05,10,USD\n",
        fx_rates="month,currency,rate\n2026-05,EUR,1.1\n",
    )
    (condition,) = dataset.ledger.conditions
    assert condition.rows.tolist() == [2]
    assert "another currency than in the header 'Spend (USD)'; the row counts" in condition.text()


def test_names_and_symbols_in_a_column_of_currencies_are_codes(folder: Folder) -> None:
    dataset = folder(
        'currency = "EUR"\n',
        revenue="account_id,month,mrr,currency\nA,2026-05,1,Euro\nB,2026-05,1,€\nC,2026-05,1,eur\n",
    )
    assert of(dataset, "revenue") == ["EUR", "EUR", "eur"]
    assert not dataset.ledger.conditions


def test_a_rate_of_a_code_that_nobody_knows(folder: Folder) -> None:
    dataset = folder(
        opportunities=DEALS, fx_rates="month,currency,rate\n2026-05,EURO,1.1\n2026-05,GBP,1.2\n2026-05,NULL,3\n"
    )
    (condition,) = dataset.ledger.conditions
    assert "has a rate for 'EURO', not an ISO code or a currency in the data" in condition.text()


@pytest.mark.slow
def test_a_deal_of_long_ago_without_a_rate_fails_no_later_month(tmp_path: Path) -> None:
    deals = "opportunity_id,created_on,stage,closed_on,amount,currency\n1,2020-01-05,Closed Lost,2020-02-01,9,EUR\n"
    source = write_folder(tmp_path / "source", {"opportunities": deals + "2,2026-05-01,Discovery,,5,USD"})
    assert month(source) == (0, [], [])


def test_an_open_deal_needs_the_rate_of_the_month_that_is_shown(tmp_path: Path) -> None:
    deals = "opportunity_id,created_on,stage,amount,currency\n1,2026-03-05,Discovery,9,EUR\n2,2026-05-05,Discovery,1,"
    rates = "month,currency,rate\n2026-03,EUR,1.1\n2026-04,EUR,1.1\n"
    source = write_folder(tmp_path / "source", {"opportunities": deals, "fx_rates": rates})
    assert month(source)[:2] == (1, [RATES_CHECK])


def test_amounts_in_the_cells_of_an_input_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "revenue"
    for row in (("account_id", "month", "mrr"), ("A", "2026-05", "€ 12"), ("B", "2026-05", 7)):
        sheet.append(row)
    book.save(tmp_path / "in.xlsx")
    dataset = load(tmp_path / "in.xlsx")
    assert of(dataset, "revenue") == ["EUR", ""]
    assert [one.fails for one in dataset.ledger.conditions] == [RATES_CHECK]


@pytest.mark.parametrize("convert", [True, False])
def test_a_report_needs_rates_only_where_it_converts(tmp_path: Path, convert: bool) -> None:
    deals = "opportunity_id,created_on,stage,closed_on,amount,account_id\n1,2026-05-01,Closed Won,2026-05-09,£9,A1\n"
    settings = f"toggles.convert_report_currency = {str(convert).lower()}\n"
    tables = {"accounts": "account_id\nA1", "opportunities": deals, "revenue": "account_id,month,mrr\nA1,2026-05,€7"}
    source = write_folder(tmp_path / "source", tables, settings)
    arguments = ["report", str(source), "--type", "engagement", "--format", "json"]
    arguments += ["--baseline", "2026-04", "--analysis", "2026-05"]
    run = CliRunner().invoke(commands, arguments, standalone_mode=False)
    failed = [one["name"] for one in json.loads(run.stdout)["checks"] if not one["passed"]]
    assert failed == ([RATES_CHECK] if convert else [])
