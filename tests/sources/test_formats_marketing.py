"""Exports of marketing tools in small: Marketo, intent data, advertising."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.errors import SegxlErrors
from segxl.sources.ledger import FileEntry
from tests.conftest import Folder
from tests.sources.test_formats_crm import only, rows

ACTIVITY = ("account_id", "date", "source", "kind")


def entry(dataset: Dataset) -> FileEntry:
    (one,) = dataset.ledger.files
    assert dataset.ledger.balanced
    return one


# ----------------------------------------------------------------------------------------------------------- Marketo


def status_change(lead: int, day: str, old: str, new: str, success: bool, kind: int = 104) -> str:
    """A line of the extract, its JSON quoted as CSV quotes."""
    attributes = json.dumps({"Old Status": old, "New Status": new, "Success": success}).replace('"', '""')
    return f'1,{lead},{day}T09:00:00Z,{kind},8,16,Webinar,"{attributes}"'


MARKETO = "\n".join(
    [
        "marketoGUID,leadId,activityDate,activityTypeId,campaignId,primaryAttributeValueId,primaryAttributeValue,attributes",
        status_change(1, "2026-02-01", "Not in Program", "Invited", False),
        status_change(1, "2026-02-03", "Invited", "Attended", True),
        status_change(1, "2026-02-04", "Attended", "Attended", False),
        status_change(1, "2026-02-05", "Attended", "Watched", False),
        status_change(2, "2026-02-06", "Not in Program", "Attended", True),
        status_change(2, "2026-02-07", "", "", True, kind=6),
        '1,3,2026-02-08T09:00:00Z,104,8,16,Webinar,"{""Old Status"": "',
    ]
)


def test_marketo_counts_one_attendance_once(folder: Folder) -> None:
    dataset = folder("", activities=MARKETO)
    assert rows(dataset, "activities", (*ACTIVITY, "campaign")) == [
        ("1", "2026-02-01", "crm_map_campaign", "reach", "Webinar"),
        ("1", "2026-02-03", "crm_map_campaign", "engagement", "Webinar"),
        ("2", "2026-02-06", "crm_map_campaign", "engagement", "Webinar"),
    ]
    one = entry(dataset)
    assert one.excluded == {
        "activity other than 104 (change of program status)": 1,
        "status change other than a first success or a new member": 2,
    }
    assert [rejection.row for rejection in one.rejected] == [8]  # its JSON breaks off
    assert "no accountId in the export: segxl uses 'leadId'" in one.notes


def test_marketo_finds_the_accounts_of_leads(folder: Folder) -> None:
    dataset = folder("", activities=MARKETO, leads="lead_id,created_on,account_id\n1,2026-01-01,Acme\n2,2026-01-01,")
    assert dataset.tables["activities"]["account_id"].tolist() == ["Acme", "Acme", "2"]
    assert (
        "2 of 3 rows with only a lead matched an account through the leads table" in only(dataset, "activities").notes
    )


# ------------------------------------------------------------------------------------------------------------ intent


def test_6sense_buying_stages_with_two_ways_of_writing_dates(folder: Folder) -> None:
    dataset = folder(
        "",
        buying_stages="6sense Company Name,6sense Country,6sense Domain,Buying Stage - Start,Buying Stage - End,"
        "Extract Date\nAcme,Chile,acme.com,Target,Awareness,2026-03-01\nBolt,Peru,bolt.com,Target,Decision,3/31/2026",
    )
    names = ("account_id", "date", "stage", "account_name", "account_domain", "account_country")
    assert rows(dataset, "buying_stages", names) == [
        ("acme.com", "2026-03-01", "Awareness", "Acme", "acme.com", "Chile"),
        ("bolt.com", "2026-03-31", "Decision", "Bolt", "bolt.com", "Peru"),
    ]


def test_6sense_predictive_leads_and_fields_of_the_crm(folder: Folder) -> None:
    settings = """
[[tables.buying_stages]]
file = "a.csv"
[[tables.buying_stages]]
file = "b.csv"
"""
    dataset = folder(
        settings,
        a="CRM Account Name,CRM Account Domain,Product Category,Buying Stage,Intent Score,Profile Fit,Date,6sense MID\n"
        "Acme,acme.com,Core,Consideration,80,Strong,2026-03-01,m1",
        b="Account ID,accountBuyingStage6sense__c,accountIntentScore6sense__c,accountUpdateDate6sense__c\n"
        "001A,Purchase,90,2026-03-02",
    )
    assert rows(dataset, "buying_stages", ("account_id", "date", "stage", "product_category")) == [
        ("acme.com", "2026-03-01", "Consideration", "Core"),
        ("001A", "2026-03-02", "Purchase", ""),
    ]


INTENT = {
    "6sense keyword intent": (
        "CRM Account ID,Keyword Researched,Keyword Category,Total,Date Researched\n001A,crm,Brand,3,2026-03-01",
        ("001A", "2026-03-01", "6sense_keyword", "intent"),
    ),
    "G2 buyer intent, by company": (
        "company_name,company_country,activity_level,last_seen,competitive_signals,visitor_locations\n"
        "Acme,Chile,high,2026-03-02,,",
        ("Acme", "2026-03-02", "g2_intent", "intent"),
    ),
    "G2 buyer intent, by visit": (
        "company_domain,visit_url,visit_type,visit_date,visit_title,subject_product_name\n"
        "acme.com,u,pricing,2026-03-03,t,p",
        ("acme.com", "2026-03-03", "g2_intent", "intent"),
    ),
    "TrustRadius intent": (
        "date,source,domain,topic\n2026-03-04,comparison,acme.com,crm",
        ("acme.com", "2026-03-04", "trustradius_intent", "intent"),
    ),
}


@pytest.mark.parametrize("name", INTENT)
def test_intent(folder: Folder, name: str) -> None:
    """G2's files begin with a byte order mark; the others may."""
    text, expected = INTENT[name]
    dataset = folder("", activities="\ufeff" + text)
    assert rows(dataset, "activities", ACTIVITY) == [expected]
    assert entry(dataset).format == name


def test_bombora_counts_from_60(folder: Folder) -> None:
    dataset = folder(
        "",
        activities="Domain,Company Name,Industry,Size,Location,Composite Score,Topic ID,Topic Name,Report Date\n"
        "acme.com,Acme,Retail,50,US,60,7,crm,2026-03-01\n"
        "bolt.com,Bolt,Retail,50,US,59,7,crm,2026-03-01\n"
        "cog.com,Cog,Retail,50,US,99,7,crm,2026-03-01",
    )
    assert dataset.tables["activities"]["account_id"].tolist() == ["acme.com", "cog.com"]
    assert entry(dataset).excluded == {"composite score below 60: not spiking": 1}


# ------------------------------------------------------------------------------------------------------- advertising

COMPANIES = "Company name,Paid impressions,Paid clicks,Paid engagements\nAcme,100,2,5\nBolt,1,0,0\nCog,0,0,0"


def test_linkedin_companies_have_no_date_until_the_settings_give_one(folder: Folder) -> None:
    head = '[tables.activities]\nfile = "activities.csv"\n'
    with pytest.raises(SegxlErrors, match="no column found for date"):
        folder(head, activities="\ufeff" + COMPANIES)
    dataset = folder(head + 'constants = { date = "2026-03-31" }\n', activities="\ufeff" + COMPANIES)
    assert rows(dataset, "activities", ACTIVITY) == [
        ("Acme", "2026-03-31", "linkedin_campaign", "reach"),
        ("Acme", "2026-03-31", "linkedin_campaign", "engagement"),
        ("Bolt", "2026-03-31", "linkedin_campaign", "reach"),
    ]
    assert entry(dataset).excluded == {"no impressions and no clicks": 1}
    note = "3 company lines: 2 with impressions count as reach, 1 with clicks or engagements as engagement"
    assert note in entry(dataset).notes  # why there are 4 rows
    assert "no Account ID in the export: segxl uses 'Company name'" in entry(dataset).notes


LINKEDIN = """Campaign Performance Report (in UTC)
Report Start: 3/14/2026

Start Date (in UTC),Account Name,Campaign Name,Campaign Type,Currency,Total Spent,Impressions,Clicks
3/14/2026,Ours,Total reach,Sponsored,USD,"1,200.50",1000,4
3/15/2026,Ours,Total reach,Sponsored,USD,33.34,1000,4
Total,,,,,"1,233.84",2000,8
"""
GOOGLE = (
    "Campaign report\r\n2026-03-01 - 2026-03-02\r\nCampaign status\tCampaign\tCampaign ID\tDay\tCost\tImpr.\tClicks\r\n"
    "Enabled\tNight\t9\t2026-03-01\t1,033.33\t12,345\t3\r\nEnabled\tNight\t9\t2026-03-02\t --\t1\t--\r\n"
    "Total: Campaigns\t\t\t\t1,033.33\t12,346\t3\r\nTotal: Account\t\t\t\t1,033.33\t12,346\t3\r\n"
)
X = (
    "Fecha;Nombre de la campaña;Importe gastado;Impresiones;Clics en el enlace\n"
    "14/03/2026;Uno;12,50 €;3.000;45\n15/03/2026;Uno;1.007,50 €;2.000;30\n"
)


@pytest.mark.parametrize(
    ("name", "data", "cents", "footer", "header_row", "source"),
    [
        ("LinkedIn campaign performance", LINKEDIN.encode(), [120050, 3334], 1, 4, "LinkedIn"),
        ("Google Ads campaign report", GOOGLE.encode("utf-16"), [103333, 0], 2, 3, "Google Ads"),
        ("X ads", X.encode(), [1250, 100750], 0, 1, "X"),
    ],
    ids=["LinkedIn", "Google", "X"],
)
def test_what_advertising_cost(
    tmp_path: Path, name: str, data: bytes, cents: list[int], footer: int, header_row: int, source: str
) -> None:
    (tmp_path / "ads.csv").write_bytes(data)
    (tmp_path / "segxl.toml").write_text('[tables.costs]\nfile = "ads.csv"\n', encoding="utf-8")
    dataset = load(tmp_path)
    costs, one = dataset.tables["costs"], entry(dataset)
    assert one.format == name
    assert costs["amount"].tolist() == cents
    assert set(costs["month"].tolist()) == {(2026 - 1970) * 12 + 2}
    assert (set(costs["lead_source"]), set(costs["kind"])) == ({source}, {"acquisition"})
    assert one.excluded == ({"total or subtotal": footer} if footer else {})
    days = "the rows above it give the report period, 2026-03-01 to 2026-03-02"
    said = f"the header is in row {header_row}; {days if header_row == 3 else 'rows above it are ignored'}"
    assert (said in one.notes) is (header_row > 1)


def test_months_that_can_be_read_two_ways_are_refused_until_the_settings_say(folder: Folder) -> None:
    text = X.replace("14/03", "01/03").replace("15/03", "02/03")
    head = '[tables.costs]\nfile = "costs.csv"\n'
    with pytest.raises(SegxlErrors, match=r"column 'Fecha'.*dates = "):
        folder(head, costs=text)
    dataset = folder(head + 'dates = "day-first"\n', costs=text)
    assert set(dataset.tables["costs"]["month"].tolist()) == {(2026 - 1970) * 12 + 2}
