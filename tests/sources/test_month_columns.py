"""A sheet with one column per month is read as rows of months, whatever the months are called, in every host."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.sources.formats.month_columns import months_of_header
from segxl.tables.contracts import CONTRACTS
from tests.conftest import Folder

JANUARY = (2026 - 1970) * 12
SPELLINGS = [
    ("2026-01", "2026-02", "2026-03"),
    ("202601", "202602", "202603"),
    ("2026_01", "2026_02", "2026_03"),
    ("2026M01", "2026M02", "2026M03"),
    ("Jan 2026", "Feb 2026", "Mar 2026"),
    ("January 2026", "February 2026", "March 2026"),
    ("Jan-26", "Feb-26", "Mar-26"),
    ("01/2026", "02/2026", "03/2026"),
    ("1.2026", "2.2026", "3.2026"),
    ("2026-01-31", "2026-02-28", "2026-03-31"),
    ("31/01/2026", "28/02/2026", "31/03/2026"),
    ("1/1/2026", "1/2/2026", "1/3/2026"),
    ("1/1/2026", "2/1/2026", "3/1/2026"),
    ("Januar 2026", "Februar 2026", "März 2026"),
    ("janv. 26", "févr. 26", "mars 26"),
    ("ene-26", "feb-26", "mar-26"),
    ("gen 2026", "feb 2026", "mar 2026"),
    ("46023", "46054", "46082"),
    ("MRR Jan 2026", "MRR Feb 2026", "MRR Mar 2026"),
    ("2026-01 MRR", "2026-02 MRR", "2026-03 MRR"),
]


def mrr(dataset: Dataset) -> list[tuple[str, int, float]]:
    table = dataset.tables["revenue"]
    return [
        (str(table["account_id"][at]), int(table["month"][at]) - JANUARY + 1, int(table["mrr"][at]) / 100)
        for at in range(len(table))
    ]


EXPECTED = [("Nord", 1, 100.0), ("Nord", 2, 100.0), ("Nord", 3, 150.5), ("Süd", 1, 50.0)]
MAPPED = '[tables.revenue]\nfile = "mrr.csv"\ncolumns = { account_id = "Kunde" }\n'


@pytest.mark.parametrize("months", SPELLINGS, ids=lambda months: months[0])
def test_months_are_known_under_any_header(folder: Folder, months: tuple[str, str, str]) -> None:
    text = f"Kunde,Region,{','.join(months)}\nNord,DE,100,100,150.50\nSüd,DE,50,,-\n"
    dataset = folder(MAPPED, mrr=text)
    assert mrr(dataset) == EXPECTED
    (entry,) = dataset.ledger.files
    assert (entry.rows, entry.used, entry.format) == (4, 4, "one column per month")
    assert not entry.conditions
    assert entry.notes == [
        "3 columns are months (2026-01 to 2026-03): 2 rows have 4 values, each a row of revenue; 2 blank cells "
        "ignored, including 1 with a word like n/a"
    ]


def test_dates_as_headers_of_a_workbook_are_months(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Kunde", *(dt.date(2026, month, 1) for month in (1, 2, 3))])
    for row in (["Nord", 100, 100, 150.5], ["Süd", 50, None, None]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "mrr.xlsx")
    (tmp_path / "segxl.toml").write_text("run_date = 2026-06-30\n" + MAPPED.replace("csv", "xlsx"), encoding="utf-8")
    assert mrr(load(tmp_path)) == EXPECTED


def test_a_parquet_file_has_months_too(tmp_path: Path) -> None:
    columns = {"Kunde": ["Nord", "Süd"], "2026-01": [100, 50], "2026-02": [100, None], "2026-03": [150.5, None]}
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "mrr.parquet")
    (tmp_path / "segxl.toml").write_text("run_date = 2026-06-30\n" + MAPPED.replace("csv", "parquet"), encoding="utf-8")
    assert mrr(load(tmp_path)) == EXPECTED


@pytest.mark.parametrize(
    ("sheet", "first", "maps"),
    [
        ("revenue", "account_id", []),
        ("revenue", "Kunde", [("tables.revenue.columns", "Kunde", "account_id")]),
        ("MRR 2026", "Kunde", [("tables.revenue.columns", "Kunde", "account_id")]),
    ],
)
def test_the_input_workbook_reads_such_a_sheet(
    tmp_path: Path, sheet: str, first: str, maps: Sequence[Sequence[str]]
) -> None:
    book = openpyxl.Workbook()
    settings = book.worksheets[0]
    settings.title = "Settings"
    rows = [["key", "value"], ["run_date", "2026-06-30"]]
    for row in [*rows, *([["tables.revenue.sheet", sheet]] if sheet != "revenue" else [])]:
        settings.append(row)
    book.create_sheet("Maps")
    for row in [("map", "from", "to"), *maps]:
        book["Maps"].append(list(row))
    book.create_sheet(sheet)
    for cells in ([first, "Jan 2026", "Feb 2026", "Mar 2026"], ["Nord", 100, 100, 150.5], ["Süd", 50, None, "n/a"]):
        book[sheet].append(cells)
    book.save(tmp_path / "book.xlsx")
    assert mrr(load(tmp_path / "book.xlsx")) == EXPECTED


def test_costs_and_targets_and_rates_may_be_written_so(folder: Folder) -> None:
    dataset = folder(
        "",
        costs="kind,lead_source,Jan 2026,Feb 2026\nacquisition,Web,10,20.5\nlabor,,,7\n",
        targets="metric,segment,01/2026,02/2026\nwon_revenue,,5000,6000\nwin_rate_count,,40%,\n",
        fx_rates="currency,2026-01,2026-02\nEUR,1.1,1.2\n",
    )
    costs, targets, rates = (dataset.tables[name] for name in ("costs", "targets", "fx_rates"))
    pairs = zip(costs["month"], costs["amount"], strict=True)
    months = [(int(month) - JANUARY + 1, int(amount) / 100) for month, amount in pairs]
    assert months == [(1, 10), (2, 20.5), (2, 7)]
    assert list(costs["kind"]) == ["acquisition", "acquisition", "labor"]
    assert list(targets["metric"]) == ["won_revenue", "won_revenue", "win_rate_count"]
    assert list(targets["value"]) == [5000, 6000, 0.4]
    assert [int(month) - JANUARY + 1 for month in rates["month"]] == [1, 2]


def test_a_bad_cell_is_rejected_under_the_header_of_its_month(folder: Folder) -> None:
    dataset = folder(MAPPED, mrr="Kunde,Jan 2026,Feb 2026\nNord,100,viel\nSüd,1,2\n")
    (rejection,) = dataset.ledger.rejections
    assert (rejection.row, rejection.column, rejection.value) == (2, "Feb 2026", "viel")
    assert dataset.ledger.balanced


def test_a_currency_in_the_headers_is_the_currency_of_the_amounts(folder: Folder) -> None:
    dataset = folder(MAPPED, mrr="Kunde,Jan 2026 (EUR),Feb 2026 (EUR)\nNord,100,110\n")
    assert list(dataset.tables["revenue"]["currency"]) == ["EUR", "EUR"]


def test_a_month_missing_between_others_is_a_warning(folder: Folder) -> None:
    """It would be an MRR of 0, and be called churn."""
    dataset = folder(MAPPED, mrr="Kunde,2026-01,2026-02,2026-04\nNord,1,2,3\n")
    (condition,) = dataset.ledger.conditions
    said = "comes before months without any revenue (2026-03): its account counts as churned, then as won back"
    assert (condition.one, condition.rows.tolist()) == (said, [2])


def test_a_month_of_costs_missing_between_others_is_a_warning(folder: Folder) -> None:
    settings = '[tables.costs]\nfile = "costs.csv"\ncolumns = { kind = "Art" }\n'
    dataset = folder(settings, costs="Art,2026-01,2026-02,2026-04\nacquisition,1,2,3\n")
    (condition,) = dataset.ledger.conditions
    assert condition.one == "There is no column for 2026-03, so costs are 0 in these months"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Kunde,2026-01,Jan 2026", "has 2 columns for 2026-01: '2026-01', 'Jan 2026'; keep one, so that"),
        ("Kunde,2026-01,2026-01", "has 2 columns for 2026-01"),
        ("Kunde,1/2/2026", "has columns like '1/2/2026', which are ambiguous: write them like 2026-01"),
        ("Kunde,Jan,Feb,Mar", "'Jan', 'Feb', 'Mar' have no year: write them like Jan 2026"),
    ],
)
def test_months_that_are_in_doubt_are_refused(folder: Folder, header: str, said: str) -> None:
    with pytest.raises(SegxlError) as refused:
        folder(MAPPED, mrr=f"{header}\nNord{',1' * header.count(',')}\n")
    assert said in str(refused.value)


def test_the_date_order_of_the_settings_settles_it(folder: Folder) -> None:
    dataset = folder(MAPPED + 'dates = "day-first"\n', mrr="Kunde,1/2/2026\nNord,5\n")
    assert mrr(dataset) == [("Nord", 2, 5.0)]


def test_other_columns_are_no_months() -> None:
    others = ["Seats 2026-01", "ARR 2026", "Column 13", "2026", "Q1 2026", "Total", "2026-13", "46023", "Segment 12"]
    assert months_of_header(others, "revenue") == {}


@pytest.mark.parametrize("header", ["account_id,month,2026-01,mrr", "account_id,start,2026-01,mrr"])
def test_a_table_that_has_its_columns_keeps_its_shape(folder: Folder, header: str) -> None:
    dataset = folder("", revenue=f"{header}\nNord,2026-02-01,9,5\n")
    assert len(dataset.tables["revenue"]) == 1
    assert dataset.tables["revenue"].contract in CONTRACTS["revenue"][:2]
