"""Zoho CRM in small: deals, stage history, leads and accounts, as its export and as its API write them."""

from __future__ import annotations

from pathlib import Path

from segxl.sources.formats import recognise
from segxl.sources.suggest.proposal import proposed_settings
from tests.conftest import Folder
from tests.sources.test_formats_crm import only, rows

NAMES = ("opportunity_id", "account_id", "created_on", "closed_on", "expected_close_on", "stage", "status", "amount")


def test_deals_as_the_export_writes_them(folder: Folder) -> None:
    """An open deal's closing date is the expected one; what begins with Closed Lost is lost, whatever follows."""
    dataset = folder(
        'run_date = 2026-06-30\nstages = ["Needs Analysis"]\n',
        opportunities="Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Closing Date,Account Name.id,Account Name,"
        "Stage,Type,Probability (%),Expected Revenue,Lead Source,Created Time,Modified Time,Reason For Loss\n"
        "zcrm_1,zcrm_9,Ann,1200.50,Acme I,2026-03-31,zcrm_70,Acme,Closed Won,New Business,100,1200.50,Web,"
        "2026-01-15 10:20:00,2026-04-01 08:00:00,\n"
        "zcrm_2,zcrm_9,Ann,300,Bolt,2026-02-10,zcrm_71,Bolt,Closed-Lost to Competition,Existing Business,0,0,Partner,"
        "2026-01-20 09:00:00,2026-02-10 08:00:00,Price\n"
        "zcrm_3,zcrm_9,Ann,700,Cog,2026-08-31,zcrm_70,Acme,Needs Analysis,New Business,40,280,Web,"
        "2026-05-02 16:45:00,2026-05-02 16:45:00,\n",
    )
    assert rows(dataset, "opportunities", NAMES) == [
        ("zcrm_1", "zcrm_70", "2026-01-15", "2026-03-31", "", "Closed Won", "won", 1200.5),
        ("zcrm_2", "zcrm_71", "2026-01-20", "2026-02-10", "", "Closed-Lost to Competition", "lost", 300),
        ("zcrm_3", "zcrm_70", "2026-05-02", "", "2026-08-31", "Needs Analysis", "open", 700),
    ]
    assert set(dataset.tables["opportunities"]["crm"]) == {"Zoho"}
    assert list(dataset.tables["opportunities"]["loss_reason"]) == ["", "Price", ""]
    assert list(dataset.tables["opportunities"]["owner"]) == ["Ann"] * 3
    assert only(dataset, "opportunities").format == "Zoho CRM deals"


def test_names_of_the_api_and_of_the_time_of_potentials_are_known() -> None:
    api = ["id", "Deal_Name", "Stage", "Amount", "Closing_Date", "Account_Name.id", "Owner.name", "Created_Time"]
    old = ["POTENTIALID", "Potential Owner", "Potential Name", "Amount", "Closing Date", "Stage", "Created Time"]
    for header, wanted in ((api, "id"), (old, "POTENTIALID")):
        one = recognise(header, "opportunities")
        assert one is not None
        assert one.name == "Zoho CRM deals"
        assert one.sources(header)["opportunity_id"] == wanted
    leads = ["id", "Company", "Lead_Source", "Lead_Status", "Created_Time", "Converted_Deal.id", "Converted_Date_Time"]
    assert getattr(recognise(leads, "leads"), "name", "") == "Zoho CRM leads"
    accounts = ["id", "Account_Name", "Website", "Billing_Country", "Created_Time"]
    assert getattr(recognise(accounts, "accounts"), "name", "") == "Zoho CRM accounts"


def test_ids_with_and_without_the_exports_prefix_are_one(folder: Folder) -> None:
    """The accounts come from the export, deals and stage history from the API."""
    dataset = folder(
        'run_date = 2026-06-30\nstages = ["Qualification"]\n',
        accounts="Record Id,Account Owner,Account Name,Website,Billing Country,Created Time\n"
        "zcrm_70,Ann,Acme,https://acme.example,France,2025-01-01 10:00:00\n",
        opportunities="id,Deal_Name,Stage,Amount,Closing_Date,Account_Name.id,Created_Time\n"
        "1,Acme I,Closed Won,10,2026-03-31,70,2026-01-15T10:20:00+00:00\n",
        opportunity_history="Potential_Name.id,Stage,Amount,Closing_Date,Stage_Duration,Modified_Time\n"
        "zcrm_1,Qualification,8,2026-03-01,20,2026-01-15T10:20:00+00:00\n"
        "zcrm_1,Closed Won,10,2026-03-31,,2026-03-30T10:20:00+00:00\n",
    )
    assert rows(dataset, "opportunities", ("account_id",)) == [("zcrm_70",)]
    assert rows(dataset, "opportunity_history", ("opportunity_id", "changed_at", "stage", "amount", "close_date")) == [
        ("1", "2026-01-15", "Qualification", 8, "2026-03-01"),
        ("1", "2026-03-30", "Closed Won", 10, "2026-03-31"),
    ]
    assert list(dataset.tables["accounts"]["domain"]) == ["https://acme.example"]


def test_a_converted_lead_has_the_day_its_deal_began(folder: Folder) -> None:
    dataset = folder(
        "run_date = 2026-06-30\n",
        leads="Record Id,Lead Owner,Company,Email,Lead Source,Lead Status,Created Time,Converted Deal.id,"
        "Converted Date Time,Country\n"
        "zcrm_5,Ann,Acme,a@acme.example,Web,Converted,2026-01-05 08:00:00,zcrm_1,2026-01-15 10:20:00,France\n"
        "zcrm_6,Ann,Bolt,b@bolt.example,Web,Contacted,2026-01-06 08:00:00,,,France\n"
        "zcrm_7,Ann,Cog,c@cog.example,Ad,Converted,2026-01-07 08:00:00,,2026-02-01 08:00:00,France\n",
    )
    names = ("lead_id", "created_on", "opportunity_id", "source", "sqo_on")
    assert rows(dataset, "leads", names) == [
        ("zcrm_5", "2026-01-05", "zcrm_1", "Web", "2026-01-15"),
        ("zcrm_6", "2026-01-06", "", "Web", ""),
        ("zcrm_7", "2026-01-07", "", "Ad", ""),
    ]


def test_deals_without_an_id_are_proposed_as_deals_whose_id_is_to_be_named(tmp_path: Path) -> None:
    """The id of the lead a deal came from is not the deal's own."""
    header = "Deal Name,Deal Owner,Created Time,Closing Date,Amount,Stage,LEADID\n"
    row = "Acme I,Ann,2026-01-15 10:20:00,2026-03-31,10,Qualification,77\n"
    (tmp_path / "Deals_001.csv").write_text(header + row, encoding="utf-8")
    proposed = proposed_settings(tmp_path)
    assert '# Deals_001.csv: Zoho CRM deals\n[tables.opportunities]\nfile = "Deals_001.csv"\n' in proposed
    assert '# columns.opportunity_id = "…"   # required:' in proposed
    assert "leads" not in proposed
