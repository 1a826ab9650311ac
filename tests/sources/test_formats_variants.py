"""Known exports in the variants that tools and people make of them: other columns, other spellings, other objects."""

from __future__ import annotations

import tomllib
from pathlib import Path

import openpyxl
import pytest

from segxl.dataset.load import load
from segxl.errors import SegxlErrors
from segxl.excel.input_workbook.content import content_of
from segxl.settings.read import settings_from
from segxl.sources.formats import recognise
from segxl.sources.suggest.proposal import proposed_settings
from segxl.sources.suggest.suggestions import columns_block
from segxl.sources.suggest.unnamed import unnamed_files
from tests.conftest import Folder
from tests.sources.test_formats_crm import only, rows

ACTIVITY = ("account_id", "date", "source", "kind")
OPPORTUNITY = ("opportunity_id", "stage", "amount", "currency")


# -------------------------------------------------------------------------------------------------------- Salesforce


def test_a_report_with_nothing_but_converted_amounts_has_amounts(folder: Folder) -> None:
    deals = (
        "Opportunity Name,Account Name,Stage,Amount (converted) Currency,Amount (converted),Close Date,Created Date\n"
        "Pilot,Acme,Closed Won,USD,1100.00,2026-03-31,2026-02-15"
    )
    dataset = folder("", opportunities=deals)
    assert rows(dataset, "opportunities", OPPORTUNITY) == [("Pilot", "Closed Won", 1100, "USD")]
    assert "no Amount in the export: segxl uses 'Amount (converted)'" in only(dataset, "opportunities").notes


def test_of_both_amounts_the_original_counts_in_its_currency(folder: Folder) -> None:
    deals = (
        "Opportunity Name,Stage,Amount Currency,Amount,Amount (converted) Currency,Amount (converted),Close Date,"
        "Created Date\nPilot,Closed Won,EUR,1000.00,USD,1100.00,2026-03-31,2026-02-15"
    )
    assert rows(folder("", opportunities=deals), "opportunities", OPPORTUNITY) == [("Pilot", "Closed Won", 1000, "EUR")]


def test_what_a_connector_marks_as_deleted_is_excluded(folder: Folder) -> None:
    deals = (
        "id,account_id,stage_name,amount,close_date,created_date,is_deleted,_fivetran_deleted\n"
        "006A,001A,Demo,1,2026-05-01,2026-01-01,false,false\n006B,001A,Demo,1,2026-05-01,2026-01-01,false,true"
    )
    dataset = folder("", opportunities=deals)
    assert dataset.tables["opportunities"]["opportunity_id"].tolist() == ["006A"]
    assert only(dataset, "opportunities").excluded == {"deleted in the connector": 1}


def test_members_of_a_connector_have_their_company_or_their_lead(folder: Folder) -> None:
    """One member in the object's spelling with its company; another where only the lead leads to the account."""
    settings = """
[[tables.activities]]
file = "members.csv"
[[tables.activities]]
file = "bare.csv"
"""
    dataset = folder(
        settings,
        members="id,campaign_id,lead_id,contact_id,status,has_responded,first_responded_date,created_date,"
        "company_or_account\n00v1,701A,00Q1,,Responded,true,2026-02-05,2026-02-03 09:00:00,Acme",
        bare="id,campaign_id,lead_id,status,has_responded,first_responded_date,created_date\n"
        "00v2,701A,00Q2,Sent,false,,2026-02-04 09:00:00",
        leads="lead_id,created_on,account_id\n00Q1,2026-01-01,001A\n00Q2,2026-01-01,001B",
    )
    assert rows(dataset, "activities", ACTIVITY) == [
        ("Acme", "2026-02-03", "crm_map_campaign", "reach"),
        ("Acme", "2026-02-05", "crm_map_campaign", "engagement"),
        ("001B", "2026-02-04", "crm_map_campaign", "reach"),
    ]


def test_a_report_of_tasks_and_events_tells_them_apart(folder: Folder) -> None:
    """An event has no status; the box Task tells that it is none, so it is no task that no one completed."""
    report = (
        "Assigned,Subject,Date,Priority,Status,Task,Company / Account\nAnn,Call,2026-02-13,Normal,Completed,1,Acme\n"
        "Ann,Mail,2026-02-14,Normal,Not Started,1,Acme\nAnn,Visit,2026-02-15,,,0,Acme"
    )
    dataset = folder("", activities=report)
    assert rows(dataset, "activities", ACTIVITY) == [
        ("Acme", "2026-02-13", "crm_activity", "reach"),
        ("Acme", "2026-02-15", "crm_activity", "engagement"),
    ]
    entry = only(dataset, "activities")
    assert entry.excluded == {"task not completed": 1}
    assert not any("made by segxl" in note for note in entry.notes)


# ----------------------------------------------------------------------------------------------------------- HubSpot

CONTACTS_VIEW = (
    "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Associated Company,Last Activity Date,Lead Status,"
    "Marketing contact status,Create Date,Lifecycle Stage,Original Traffic Source,"
    "Became a marketing qualified lead date"
)
CONTACT = (
    "1,A,B,a@acme.com,,Ann,Acme;Bolt,,IN_PROGRESS,Marketing contact,2026-01-20 10:00,Lead,Organic,2026-01-25 10:00"
)


@pytest.mark.parametrize(("more", "cell"), [("", ""), (",Lead Source", ",Fair")], ids=["as it is", "with Lead Source"])
def test_the_contacts_view_has_a_lead_status_and_is_no_salesforce_report(folder: Folder, more: str, cell: str) -> None:
    dataset = folder(
        "", leads=f"{CONTACTS_VIEW}{more}\n{CONTACT}{cell}", accounts="account_id,name,country\n7,Acme,Chile"
    )
    assert only(dataset, "leads").format == "HubSpot contacts"
    names = ("lead_id", "account_name", "source", "mql_on")
    assert rows(dataset, "leads", names) == [("1", "Acme", "Organic", "2026-01-25")]
    assert "1 row names several companies in 'Associated Company': segxl uses the first" in only(dataset, "leads").notes


@pytest.mark.parametrize(
    ("mql", "sqo"),
    [
        (
            '"Date entered ""Marketing Qualified Lead (Lifecycle Stage Pipeline)"""',
            '"Date entered ""Opportunity (Lifecycle Stage Pipeline)"""',
        ),
        ("hs_v2_date_entered_marketingqualifiedlead", "hs_v2_date_entered_opportunity"),
    ],
    ids=["labels", "API"],
)
def test_contacts_with_the_newer_dates_of_their_lifecycle(folder: Folder, mql: str, sqo: str) -> None:
    contacts = f"Record ID,Email,Lifecycle Stage,Create Date,{mql},{sqo}\n1,a@b.com,x,2026-01-20,2026-01-25,2026-02-01"
    dataset = folder("", leads=contacts)
    assert rows(dataset, "leads", ("lead_id", "mql_on", "sqo_on")) == [("1", "2026-01-25", "2026-02-01")]
    assert not any("stage dates" in note for note in only(dataset, "leads").notes)


def test_exports_with_the_names_of_the_api(folder: Folder) -> None:
    settings = """
[tables.opportunities]
file = "deals.csv"
[tables.opportunity_history]
file = "deals.csv"
"""
    dataset = folder(
        settings,
        deals="hs_object_id,dealname,dealstage,pipeline,amount,closedate,createdate,deal_currency_code,hubspot_owner_id,"
        "hs_analytics_source,hs_v2_date_entered_appointmentscheduled\n"
        "9,Acme,appointmentscheduled,default,100,2026-03-20T10:00:00Z,2026-01-20T10:00:00Z,EUR,77,DIRECT,2026-01-21",
        leads="hs_object_id,email,lifecyclestage,createdate,associatedcompanyid,hs_analytics_source,"
        "hs_lifecyclestage_marketingqualifiedlead_date,hs_lifecyclestage_opportunity_date\n"
        "1,a@acme.com,lead,2026-01-20T10:00:00Z,5,DIRECT,2026-01-25T10:00:00Z,",
        accounts="hs_object_id,name,domain,country,lifecyclestage\n5,Acme,acme.com,Chile,lead",
    )
    names = ("opportunity_id", "stage", "amount", "currency", "owner", "lead_source")
    assert rows(dataset, "opportunities", names) == [("9", "appointmentscheduled", 100, "EUR", "77", "DIRECT")]
    # a deal's amount is today's, not that of the day on which it entered a stage
    assert rows(dataset, "opportunity_history", ("opportunity_id", "changed_at", "stage", "amount")) == [
        ("9", "2026-01-21", "appointmentscheduled", None)
    ]
    assert rows(dataset, "leads", ("lead_id", "account_id", "mql_on")) == [("1", "5", "2026-01-25")]
    assert rows(dataset, "accounts", ("account_id", "name", "crm")) == [("5", "Acme", "HubSpot")]


def test_companies_with_a_mail_address_and_lifecycle_dates_are_no_contacts() -> None:
    header = (
        *("Record ID", "Company name", "Company Domain Name", "Company owner", "Create Date", "Lifecycle Stage"),
        *("Became a marketing qualified lead date", "Email"),
    )
    companies = recognise(header)
    assert companies is not None
    assert companies.name == "HubSpot companies"


# --------------------------------------------------------------------------------------------- Dynamics, intent, ads


def test_currencies_of_dynamics_are_names(folder: Folder) -> None:
    text = (
        "(Do Not Modify) Opportunity,Topic,Account,Status,Status Reason,Est. Revenue,Currency,Created On\n"
        "a1,A,Acme,Open,In Progress,100,US Dollar,46023\na2,B,Acme,Open,In Progress,50,Euro,46023\n"
        "a3,C,Acme,Open,In Progress,50,Galleon,46023"
    )
    dataset = folder("", opportunities=text)
    assert dataset.tables["opportunities"]["currency"].tolist() == ["USD", "EUR", "Galleon"]


def test_accounts_that_only_6sense_knows_are_not_rejected(folder: Folder) -> None:
    """The columns of the CRM are there and blank in their rows."""
    head = "CRM Account ID,CRM Account Name,CRM Account Domain,6sense Account Name,6sense Account Domain"
    dataset = folder(
        "",
        buying_stages=f"{head},Buying Stage,Intent Score,Date\n"
        "A1,Acme,acme.com,Acme Inc,acme.com,Decision,88,2026-02-28\n,,,Bolt,bolt.com,Target,10,2026-02-28",
        activities=f"{head},Keyword Researched,Date Researched\n,,,Bolt,bolt.com,crm,2026-02-27",
    )
    names = ("account_id", "stage", "account_name", "account_domain")
    assert rows(dataset, "buying_stages", names) == [
        ("A1", "Decision", "Acme", "acme.com"),
        ("bolt.com", "Target", "Bolt", "bolt.com"),
    ]
    assert rows(dataset, "activities", ACTIVITY) == [("bolt.com", "2026-02-27", "6sense_keyword", "intent")]


def test_marketo_may_write_success_as_text(folder: Folder) -> None:
    text = (
        "marketoGUID,leadId,activityDate,activityTypeId,attributes\n"
        '1,7,2026-02-03T09:00:00Z,104,"{""Old Status"": ""Invited"", ""Success"": ""true""}"'
    )
    assert rows(folder("", activities=text), "activities", ("account_id", "kind")) == [("7", "engagement")]


def test_impressions_in_thousands_ask_for_no_decimal_mark(folder: Folder) -> None:
    settings = '[tables.activities]\nfile = "activities.csv"\nconstants = { date = "2026-03-31" }\n'
    text = 'Company name,Paid impressions,Paid clicks,Paid engagements\nAcme,"1,200",0,0\nBolt,0,0,0'
    dataset = folder(settings, activities=text)
    assert rows(dataset, "activities", ACTIVITY) == [("Acme", "2026-03-31", "linkedin_campaign", "reach")]
    assert only(dataset, "activities").excluded == {"no impressions and no clicks": 1}


GOOGLE_TOTALS = (
    "Campaign report\n2026-03-01 - 2026-03-31\nCampaign status,Campaign,Currency code,Cost,Impr.,Clicks\n"
    "Enabled,Night,EUR,100.50,12,3\nTotal: Campaigns,--,EUR,100.50,12,3\n"
)


def test_a_report_without_days_is_of_the_range_above_its_header_or_lacks_its_month(folder: Folder) -> None:
    """As own columns the line of the total would count as a campaign."""
    head = '[tables.costs]\nfile = "costs.csv"\n'
    costs = folder(head, costs=GOOGLE_TOTALS).tables["costs"]
    assert (costs["amount"].tolist(), costs["month"].tolist()) == ([10050], [(2026 - 1970) * 12 + 2])
    with pytest.raises(
        SegxlErrors, match=r"no column found for month; .* constants = \{ month = \"2026-10\" \}.*Google Ads"
    ):
        folder(head, costs=GOOGLE_TOTALS.replace("2026-03-01 - 2026-03-31", "All time"))
    dataset = folder(head + 'constants.month = "2026-03"\n', costs=GOOGLE_TOTALS)
    assert dataset.tables["costs"]["amount"].tolist() == [10050]
    longer = GOOGLE_TOTALS.replace("2026-03-31", "2026-06-30")  # the settings' word wins over the range
    assert folder(head + 'constants.month = "2026-03"\n', costs=longer).tables["costs"]["amount"].tolist() == [10050]
    assert list(dataset.tables["costs"]["currency"]) == ["EUR"]
    assert "column 'Currency code' gives the currency" in only(dataset, "costs").notes


def test_the_proposal_has_a_line_for_what_no_column_of_a_known_export_has(tmp_path: Path) -> None:
    text = "Company name,Paid impressions,Paid clicks\nAcme,10,1\n"
    (tmp_path / "companies.csv").write_text(text, encoding="utf-8")
    proposed = proposed_settings(tmp_path)
    assert settings_from(tomllib.loads(proposed), "x").tables.keys() == {"activities"}
    (line,) = [line for line in proposed.splitlines() if "constants.date" in line]
    (tmp_path / "segxl.toml").write_text(
        "run_date = 2026-11-22\n" + proposed.replace(line, line.removeprefix("# ")), encoding="utf-8"
    )
    assert rows(load(tmp_path), "activities", ACTIVITY) == [
        ("Acme", "2026-10-31", "linkedin_campaign", "reach"),
        ("Acme", "2026-10-31", "linkedin_campaign", "engagement"),
    ]


# ------------------------------------------------------------------------------------------------ whose currency it is


@pytest.mark.parametrize("cell", ["$1,200.00", "USD 1,200", "1200 usd", "US$ 1200", "TBD", "(1,200)", "1.2k"])
def test_amounts_that_may_be_in_the_reporting_currency_are(folder: Folder, cell: str) -> None:
    text = f'opportunity_id,created_on,stage,amount\n1,2026-01-01,Discovery,"{cell}"'
    dataset = folder("", opportunities=text)
    assert set(dataset.tables["opportunities"]["currency"]) <= {"", "USD"}
    assert not any(one.fails for one in dataset.ledger.conditions)


@pytest.mark.parametrize(("currency", "said"), [("", True), (",currency_code", False)])
def test_a_rate_of_exchange_without_a_currency_is_said(folder: Folder, currency: str, said: bool) -> None:
    text = f"customer_id,reporting_month,mrr_billing_currency,exchange_rate{currency}\na,2026-01,100,1.1,EUR\n"
    dataset = folder("", revenue=text if currency else text.replace(",EUR", ""))
    assert any("row has an exchange_rate other than 1" in note for note in only(dataset, "revenue").notes) is said


NO_ACCOUNT = (
    "no row has an account; 1 row counts in All accounts only. Name the account ID column: "
    'below the line [tables.opportunities] add columns.account_id = "your header".'
)


def test_deals_without_any_account_are_said(folder: Folder) -> None:
    deals = "opportunity_id,created_on,stage\n1,2026-01-01,Discovery"
    dataset = folder("", opportunities=deals, accounts="account_id\n7")
    assert [one.remark for one in only(dataset, "opportunities").conditions] == [NO_ACCOUNT]
    assert only(folder("", opportunities=deals), "opportunities").notes == []
    named = folder("", opportunities=f"{deals},Acme".replace("stage", "stage,Company"), accounts="account_id\n7")
    assert (
        "If 'Company' names the account, map it: below the line [tables.opportunities] add columns.account_name = "
        in (only(named, "opportunities").conditions[0].fix)
    )


def test_deals_that_name_their_segment_do_not_count_in_all_accounts_alone(folder: Folder) -> None:
    deals = "opportunity_id,created_on,stage,segment\n1,2026-01-01,Discovery,Retail\n2,2026-01-01,Discovery,{}"
    none = folder("", opportunities=deals.format("Retail"), accounts="account_id\n7")
    assert only(none, "opportunities").conditions == []
    one = folder("", opportunities=deals.format(""), accounts="account_id\n7")
    assert [one.remark for one in only(one, "opportunities").conditions] == [NO_ACCOUNT]


# -------------------------------------------------------------------------------------------------- what is proposed


def test_a_block_names_what_leads_to_the_account(folder: Folder) -> None:
    header = ["id", "email", "company", "leadSource", "createdAt"]
    block = columns_block(header, "leads")
    assert block.splitlines()[-2:] == ['account_name = "company"', 'account_domain = "email"']
    dataset = folder(
        f'[tables.leads]\nfile = "people.csv"\n{block}\n',
        people=",".join(header) + "\n1,a@acme.com,Acme Inc,Web,2026-01-05T10:00:00Z",
        accounts="account_id,name,domain\nA1,Acme,acme.com",
    )
    assert rows(dataset, "leads", ("lead_id", "account_id", "source")) == [("1", "A1", "Web")]


def test_an_id_is_no_amount() -> None:
    header = ["Event Timestamp", "Customer ID", "Price ID", "Event Type", "Currency", "MRR Change"]
    block = columns_block(header, "revenue").splitlines()
    assert {'date = "Event Timestamp"', 'type = "Event Type"', 'amount = "MRR Change"'} <= set(block)


def test_stages_as_the_api_writes_them_are_closed(tmp_path: Path) -> None:
    text = "hs_object_id,dealname,dealstage,createdate\n1,A,closedwon,2026\n2,B,closedlost,2026\n3,C,Lostock,2026\n"
    (tmp_path / "deals.csv").write_text(text, encoding="utf-8")
    proposed = proposed_settings(tmp_path)
    for line in ('# stages = ["Lostock"]', '# won_stages = ["closedwon"]', '# lost_stages = ["closedlost"]'):
        assert line in proposed.splitlines()


def test_a_file_that_begins_with_data_is_told_to_get_a_header(tmp_path: Path) -> None:
    (tmp_path / "surge.csv").write_text("acme.com,Acme,Retail,75,1001,CRM,3/15/2026\n", encoding="utf-8")
    assert "# Its first row looks like data: if it is, add a row of column names at the top\n" in proposed_settings(
        tmp_path
    )


# ------------------------------------------------------------------------------------- lines and rows of other shapes


def test_a_subscribers_months_stand_beside_each_other(folder: Folder) -> None:
    text = (
        "Customer ID,Customer,Customer Email,Currency,2026-01,2026-02\n"
        "cus_1,Acme,a@acme.com,usd,49.99,59.99\ncus_2,Bolt,b@bolt.com,usd,,x"
    )
    dataset = folder("", revenue=text)
    revenue, entry = dataset.tables["revenue"], only(dataset, "revenue")
    assert entry.format == "Stripe MRR per subscriber, one column per month"
    january = (2026 - 1970) * 12
    found = list(zip(revenue["account_id"], revenue["month"].tolist(), revenue["mrr"].tolist(), strict=True))
    assert found == [("cus_1", january, 4999), ("cus_1", january + 1, 5999)]
    assert [(one.row, one.column, one.value) for one in entry.rejected] == [(3, "2026-02", "x")]
    assert (entry.rows, entry.used) == (3, 2)


CLASSIC = """Opportunity Owner,Account Name,Opportunity Name,Stage,Close Date,Created Date
Ann,Acme,A,Closed Won,2026-03-31,2026-02-15
Bob,,,,,

My opportunities
"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."
Confidential Information - Do Not Distribute
Generated By:  Ann Lee  4/1/2026 3:04 PM
"Ours, Inc."
"""


def test_a_classic_report_says_below_who_made_it(folder: Folder) -> None:
    """The title is after a blank line; a row of one cell above that line is a row, and incomplete."""
    entry = only(folder("", opportunities=CLASSIC), "opportunities")
    assert (entry.rows, entry.used, entry.excluded) == (8, 1, {"empty row": 1, "report footer": 5})
    assert {one.row for one in entry.rejected} == {3}


def test_a_legal_line_within_the_rows_takes_no_row_along(folder: Folder) -> None:
    """Two reports under each other."""
    entry = only(folder("", opportunities=CLASSIC + "Ann,Acme,B,Demo,2026-03-31,2026-02-15\n"), "opportunities")
    assert (entry.used, entry.excluded["report footer"]) == (2, 2)
    assert {one.value or one.row for one in entry.rejected} == {3, 5, 8, 9}


def test_members_without_the_day_they_joined_ask_for_the_column(folder: Folder) -> None:
    text = "Campaign Name,Company,Member Status,Responded{}\nSpring,Acme,Attended,1{}"
    with pytest.raises(SegxlErrors, match="has no column 'Member First Associated Date': add it to the report"):
        folder("", activities=text.format("", ""))
    entry = only(folder("", activities=text.format(",Member First Associated Date", ",TBD")), "activities")
    assert [(one.column, one.value) for one in entry.rejected] == [
        ("Member First Associated Date", "TBD"),
        ("First Responded Date", ""),
    ]


def test_a_converted_leads_opportunity_was_created_too(folder: Folder) -> None:
    text = (
        "OpportunityId,Field,OldValue,NewValue,CreatedDate\n006A,opportunityCreatedFromLead,,,2026-01-05\n"
        "006A,StageName,Discovery,Demo,2026-01-09"
    )
    dataset = folder('[tables.opportunity_history]\nfile = "export.csv"\n', export=text)
    assert rows(dataset, "opportunity_history", ("changed_at", "stage")) == [
        ("2026-01-05", "Discovery"),
        ("2026-01-09", "Demo"),
    ]


def test_accounts_without_a_country_are_accounts_and_leads_are_not() -> None:
    accounts = recognise(["ID", "NAME", "WEBSITE", "INDUSTRY", "OWNERID"])
    assert accounts is not None
    assert accounts.name == "Salesforce accounts (API)"
    leads = recognise(
        ["Id", "Name", "LastName", "Company", "Website", "OwnerId", "IsConverted", "CreatedDate", "LeadSource"]
    )
    assert leads is not None
    assert leads.table == "leads"


# --------------------------------------------------------------------------------- what is proposed for other headers


def test_a_unit_behind_a_header_is_no_part_of_its_name() -> None:
    block = columns_block(["Date", "Channel", "Campaign", "Spend (USD)"], "costs").splitlines()
    assert block == ["[tables.costs.columns]", 'month = "Date"', 'amount = "Spend (USD)"', 'lead_source = "Channel"']
    assert 'mrr = "mrr_usd"' in columns_block(["customer", "started", "ended", "mrr_usd"], "revenue")


def test_a_real_id_goes_before_what_stands_in_for_one_and_a_name_is_no_misspelt_owner() -> None:
    leads = columns_block(["Contact ID", "Email", "Created Date", "Lead Source"], "leads")
    assert 'lead_id = "Contact ID"' in leads
    deals = columns_block(["Opportunity ID", "Opportunity Name", "Stage", "Created Date"], "opportunities")
    assert "owner" not in deals


def test_the_lines_below_a_report_have_no_stages(tmp_path: Path) -> None:
    text = "Opportunity Name,Owner,Stage,Close Date,Created Date\nA,Ann,Demo,2026-03-31,2026-02-15\nTotal,,Count,1,\n"
    (tmp_path / "report.csv").write_text(text, encoding="utf-8")
    assert '# stages = ["Demo"]' in proposed_settings(tmp_path).splitlines()


def test_a_format_that_the_settings_force_on_a_file_without_months_says_so(folder: Folder) -> None:
    settings = '[tables.revenue]\nfile = "revenue.csv"\nformat = "Stripe MRR per subscriber, one column per month"\n'
    with pytest.raises(
        SegxlErrors, match=r"revenue\.csv: has no month columns like '2026-01': export the report by month"
    ):
        folder(settings, revenue="Customer ID,Customer Email\ncus_1,a@acme.com")


def test_a_member_without_account_goes_by_its_lead_row_by_row(folder: Folder) -> None:
    """A connector has the account of some members alone; a contact of no account and no lead leads nowhere."""
    dataset = folder(
        "",
        activities="id,account_id,campaign_id,contact_id,lead_id,status,has_responded,first_responded_date,created_date\n"
        "m1,001A,701,003A,,Sent,false,,2026-01-10\nm2,,701,,00Q1,Sent,false,,2026-01-11\nm3,,701,003B,,Sent,false,,2026-01-12",
        leads="lead_id,created_on,account_id\n00Q1,2026-01-01,001B",
    )
    assert [account for account, *_ in rows(dataset, "activities", ACTIVITY)] == ["001A", "001B"]
    entry = only(dataset, "activities")
    assert [(one.row, one.column) for one in entry.rejected] == [(4, "account_id")]
    assert only(dataset, "leads").notes == []


def test_the_default_view_of_dynamics_is_known_and_lacks_what_it_lacks(tmp_path: Path) -> None:
    text = (
        "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,Potential Customer,"
        "Est. close date,Est. revenue,Pipeline Phase\ng-1,x,46055.5,Pilot,Acme,46100,1200,2-Develop\n"
    )
    (tmp_path / "view.csv").write_text(text, encoding="utf-8")
    proposed = proposed_settings(tmp_path)
    assert "# view.csv: Microsoft Dynamics 365 opportunities\n" in proposed
    (line,) = [line for line in proposed.splitlines() if "columns." in line]
    assert line.startswith('# columns.created_on = "…"   # required: ')


@pytest.mark.parametrize(
    "label", ["accountBuyingStage6sense__c", "account_buying_stage_6_sense_c", "6sense Buying Stage"]
)
def test_6sense_in_the_crm_under_its_name_or_its_label(folder: Folder, label: str) -> None:
    settings = '[tables.buying_stages]\nfile = "buying_stages.csv"\nconstants.date = "2026-03-31"\n'
    dataset = folder(settings, buying_stages=f"Account ID,Account Name,{label}\n001A,Acme,Decision")
    assert rows(dataset, "buying_stages", ("account_id", "date", "stage")) == [("001A", "2026-03-31", "Decision")]


def test_the_date_of_the_current_stage_is_no_stage(folder: Folder) -> None:
    """HubSpot has such a property of every deal; connectors write v2 in two words."""
    settings = '[tables.opportunity_history]\nfile = "deals.csv"\n'
    dataset = folder(
        settings,
        deals="deal_id,property_dealname,deal_pipeline_stage_id,property_createdate,property_hs_v_2_date_entered_12,"
        "property_hs_v_2_date_entered_current_stage,Date entered current stage\n"
        "1,A,12,2026-01-05,2026-01-06,2026-01-06,2026-01-06",
    )
    assert rows(dataset, "opportunity_history", ("changed_at", "stage")) == [("2026-01-06", "12")]
    assert "Date entered current stage" in only(dataset, "opportunity_history").ignored_columns


def test_costs_of_campaigns_as_reports_call_them(folder: Folder) -> None:
    text = (
        "Campaign Name,Start Date,Actual Cost in Campaign Currency,Actual Cost in Campaign\n"
        "Fair,2026-03-05,EUR,1200.50\nMail,2026-03-05,EUR,\nGrand Totals (2 records),,,"
    )
    dataset = folder("", costs=text)
    assert rows(dataset, "costs", ("amount", "kind")) == [(1200.5, "acquisition")]
    entry = only(dataset, "costs")
    assert entry.excluded == {"total or subtotal": 1, "without actual cost": 1}
    assert list(dataset.tables["costs"]["currency"]) == ["EUR"]


def test_a_sheet_of_a_known_export_that_lacks_a_column_is_told_to_get_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    settings = book.worksheets[0]
    settings.title = "Settings"
    settings.append(["key", "value", "help"])
    book.create_sheet("Maps").append(["map", "from", "to"])
    sheet = book.create_sheet("LinkedIn")
    for row in (["Company name", "Paid impressions", "Paid clicks"], ["Acme", 10, 1]):
        sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    said = r"'LinkedIn': no column found for date; add a column with that header in row 1 and fill it"
    with pytest.raises(SegxlErrors, match=said):
        load(tmp_path / "book.xlsx")


def test_6sense_writes_snapshots_whatever_nobody_says(folder: Folder, tmp_path: Path) -> None:
    """So the report needs no word about it, nor does a workbook made of the folder; the settings' word wins."""
    text = "6sense Company Name,6sense Domain,Buying Stage - End,Extract Date\nAcme,acme.com,Decision,2026-03-31"
    assert folder("", buying_stages=text).stage_kinds == {"snapshots"}
    assert dict(content_of(tmp_path / "source").settings)["tables.buying_stages.kind"] == "snapshots"
    said = '[tables.buying_stages]\nfile = "buying_stages.csv"\nkind = "changes"\n'
    assert folder(said, buying_stages=text).stage_kinds == {"changes"}
    own = "account_id,date,stage\nA1,2026-03-31,Decision"
    assert folder("", buying_stages=own).stage_kinds == {""}


def test_an_export_in_windows_1252_gets_lines_that_say_so(tmp_path: Path) -> None:
    """Proposed as a remark: only someone who sees the names can tell that they are right."""
    text = (
        "Opportunity Name;Account Name;Stage;Amount;Close Date;Created Date\n"
        "A;Müller;Closed Won;1.234,56;31.03.2026;15.02.2026\n"
    )
    (tmp_path / "report.csv").write_bytes(text.encode("cp1252"))
    proposed = proposed_settings(tmp_path)
    assert tomllib.loads(proposed) == {}
    remark = "# In windows-1252 it is Salesforce opportunity report; if the names look right, remove the #:\n"
    lines = proposed.partition(remark)[2].replace("# ", "")
    (tmp_path / "segxl.toml").write_text("run_date = 2026-11-22\n" + lines, encoding="utf-8")
    assert rows(load(tmp_path), "opportunities", ("account_id", "amount")) == [("Müller", 1234.56)]
    (said,) = unnamed_files(tmp_path, settings_from({}, "segxl.toml"))
    assert said.endswith('[tables.opportunities]\nfile = "report.csv"\nencoding = "windows-1252"')
