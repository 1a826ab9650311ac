"""A deal takes account, lead source and created date from its lead where it says nothing itself."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from tests.conftest import Folder, Views

LEADS = "lead_id,created_on,account_id,source,opportunity_id\nL1,2026-01-02,A1,Web,O1\nL2,2026-01-03,A2,Fair,\n"
ACCOUNTS = "account_id,Tier\nA1,Gold\nA2,Tin\n"


def column(dataset: Dataset, name: str) -> list[str]:
    return list(dataset.tables["opportunities"][name])


def notes(dataset: Dataset) -> list[str]:
    entry = next(one for one in dataset.ledger.files if one.table == "opportunities")
    return [note for note in entry.notes if "from the lead" in note]


def test_by_the_lead_that_the_deal_names(folder: Folder, views: Views) -> None:
    """Only what is blank: O3 has an account of its own, O4's lead is no one."""
    dataset = folder(
        '[segments]\nby = "Tier"\n',
        accounts=ACCOUNTS,
        leads=LEADS,
        opportunities="opportunity_id,lead_id,created_on,closed_on,stage,amount,account_id\n"
        "O2,L2,2026-01-10,2026-01-20,Closed Won,100,\nO3,L2,2026-01-10,2026-01-20,Closed Won,20,A1\n"
        "O4,L9,2026-01-10,2026-01-20,Closed Won,3,\n",
    )
    assert column(dataset, "account_id") == ["A2", "A1", ""]
    assert column(dataset, "lead_source") == ["Fair", "Fair", ""]
    assert notes(dataset) == ["1 row takes account_id from the lead", "2 rows take lead_source from the lead"]
    won = {name: views(dataset, "won_revenue", "2026-01", name)["total"]["value"] for name in ("Gold", "Tin")}
    assert won == {"Gold": 20, "Tin": 100}


@pytest.mark.parametrize(
    ("more", "account", "source"),
    [
        ("", "A1", "Web"),
        ("L3,2026-01-04,A1,Mail,O1\n", "A1", ""),  # two leads, one account, two sources
        ("L3,2026-01-04,A2,Web,O1\n", "", "Web"),
        ("L3,2026-01-04,,,O1\n", "A1", "Web"),
    ],
)
def test_by_the_leads_that_name_the_deal(folder: Folder, more: str, account: str, source: str) -> None:
    deals = "opportunity_id,created_on,stage\nO1,2026-01-10,Discovery\n"
    dataset = folder(accounts=ACCOUNTS, leads=LEADS + more, opportunities=deals)
    assert (column(dataset, "account_id"), column(dataset, "lead_source")) == ([account], [source])


def test_a_blank_that_the_deals_own_column_leaves_is_not_filled_by_leads_that_name_it(folder: Folder) -> None:
    """The seller could have written it."""
    deals = "opportunity_id,created_on,stage,account_id,lead_source\nO1,2026-01-10,Discovery,,\n"
    dataset = folder(accounts=ACCOUNTS, leads=LEADS, opportunities=deals)
    assert (column(dataset, "account_id"), column(dataset, "lead_source")) == ([""], [""])


def test_the_created_date_of_deals_without_one(folder: Folder) -> None:
    """A file without the column: a deal whose lead no one knows is rejected."""
    deals = "opportunity_id,lead_id,stage\nO1,L1,Discovery\nO2,L9,Discovery\nO3,,Discovery\n"
    dataset = folder(leads=LEADS, opportunities=deals)
    assert column(dataset, "opportunity_id") == ["O1"]
    assert dataset.tables["opportunities"]["created_on"].tolist() == [20455]  # 2026-01-02
    assert dataset.ledger.rejected_rows == 2
    assert [one.file for one in dataset.ledger.files] == ["leads.csv", "opportunities.csv"]


def test_without_leads_a_file_without_created_dates_is_refused_as_before(folder: Folder) -> None:
    with pytest.raises(SegxlError, match="no column found for created_on"):
        folder(opportunities="opportunity_id,lead_id,stage\nO1,L1,Discovery\n")


def test_in_an_input_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheets = {
        "opportunities": [("opportunity_id", "lead_id", "created_on", "stage"), ("O1", "L1", None, "Discovery")],
        "leads": [("lead_id", "created_on", "account_id", "source"), ("L1", "2026-02-03", "A7", "Web")],
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "in.xlsx")
    dataset = load(tmp_path / "in.xlsx")
    assert column(dataset, "account_id") == ["A7"]
    assert dataset.tables["opportunities"]["created_on"].tolist() == [20487]  # 2026-02-03
