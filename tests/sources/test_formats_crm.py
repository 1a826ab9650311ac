"""Exports of CRMs in small: Salesforce, HubSpot, Dynamics. Each is read without a word about its columns."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from segxl.dataset.model import Dataset
from segxl.errors import SegxlErrors
from segxl.periods import NEVER, to_date
from segxl.sources.identity import salesforce_suffix
from segxl.sources.ledger import FileEntry
from segxl.tables.contracts import NO_MONEY
from tests.conftest import Folder

BOTH = """
run_date = 2026-06-30
stages = ["Discovery", "Demo", "Proposal"]
[tables.opportunities]
file = "export.csv"
[tables.opportunity_history]
file = "export.csv"
"""


def rows(dataset: Dataset, table: str, names: Sequence[str]) -> list[tuple[object, ...]]:
    """Columns of a table as people read them: ISO days, amounts, None for blank numbers."""
    found = dataset.tables[table]

    def shown(name: str, value: object) -> object:
        if name.endswith("_on") or name in ("date", "changed_at", "close_date"):
            return "" if value == NEVER else str(to_date(int(str(value))))
        if name == "amount":
            return None if value == NO_MONEY else int(str(value)) / 100
        return value

    return [tuple(shown(name, found[name][row]) for name in names) for row in range(len(found))]


def only(dataset: Dataset, table: str) -> FileEntry:
    assert dataset.ledger.balanced
    (entry,) = [one for one in dataset.ledger.files if one.table == table]
    return entry


# --------------------------------------------------------------------------------------- Salesforce, the two histories

HISTORY = """
Opportunity ID,Opportunity Name,Account Name,From Stage,To Stage,Stage Duration,Last Modified,Amount,Close Date,Stage,Created Date
006A,Acme,Acme Inc,Demo,Closed Won,,3/20/2026,120,3/20/2026,Closed Won,1/5/2026
006A,Acme,Acme Inc,Discovery,Demo,9,2/13/2026,100,4/1/2026,Closed Won,1/5/2026
006A,Acme,Acme Inc,,Discovery,30,1/5/2026,100,4/1/2026,Closed Won,1/5/2026
006B,Bolt,Bolt AG,Demo,Demo,,2/14/2026,70,5/1/2026,Demo,2/14/2026
006B,Bolt,Bolt AG,,Demo,,2/14/2026,50,5/1/2026,Demo,2/14/2026
Grand Totals (5 records)
"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."
"""  # noqa: E501  a header is one line


def test_a_salesforce_history_alone_is_history_and_opportunities(folder: Folder) -> None:
    """It runs newest first, so of the two changes of 14 February the one above is the later."""
    dataset = folder(BOTH, export=HISTORY)
    names = ("opportunity_id", "created_on", "stage", "status", "closed_on", "expected_close_on", "amount", "crm")
    assert rows(dataset, "opportunities", names) == [
        ("006A", "2026-01-05", "Closed Won", "won", "2026-03-20", "", 120, "Salesforce"),
        ("006B", "2026-02-14", "Demo", "open", "", "2026-05-01", 70, "Salesforce"),
    ]
    assert dataset.tables["opportunities"].row.tolist() == [2, 5]  # as Excel counts
    entry = only(dataset, "opportunities")
    assert (entry.rows, entry.used) == (7, 2)
    assert entry.excluded == {
        "report footer": 1,
        "total or subtotal": 1,
        "earlier change of the same opportunity": 3,
    }
    assert "no Account ID in the export: segxl uses 'Account Name'" in entry.notes
    assert rows(dataset, "opportunity_history", ("opportunity_id", "changed_at", "stage", "amount")) == [
        ("006A", "2026-01-05", "Discovery", 100),
        ("006A", "2026-02-13", "Demo", 100),
        ("006A", "2026-03-20", "Closed Won", 120),
        ("006B", "2026-02-14", "Demo", 50),
        ("006B", "2026-02-14", "Demo", 70),
    ]


def test_columns_that_the_settings_name_themselves_need_no_other_shape(folder: Folder) -> None:
    """Every change is then an opportunity; that they repeat a key is said."""
    settings = """
[tables.opportunities]
file = "export.csv"
columns = { opportunity_id = "Opportunity ID", created_on = "Last Modified", stage = "To Stage" }
"""
    dataset = folder(settings, export=HISTORY)
    assert only(dataset, "opportunities").rejected_rows == 5


FIELD_HISTORY = """
Opportunity Name,Opportunity ID,Field / Event,Old Value,New Value,Edit Date,Stage
Acme,006A,Created.,,,2026-01-05,Closed Won
Acme,006A,Stage,Discovery,Demo,2026-02-01,Closed Won
Acme,006A,Amount,100,120,2026-02-10,Closed Won
Acme,006A,Next Step,call,mail,2026-02-11,Closed Won
Acme,006A,Close Date,2026-04-01,2026-03-20,2026-03-01,Closed Won
Acme,006A,Stage,Demo,Closed Won,2026-03-20,Closed Won
Bolt,006B,Created.,,,2026-02-14,Proposal
"""
STATES = ("opportunity_id", "changed_at", "stage", "amount", "close_date")


def test_salesforce_field_history_becomes_states(folder: Folder) -> None:
    """What a field was before its first change is that change's old value; Bolt's stage never changed."""
    settings = '[tables.opportunity_history]\nfile = "export.csv"\n'
    dataset = folder(settings, export=FIELD_HISTORY)
    assert rows(dataset, "opportunity_history", STATES) == [
        ("006A", "2026-01-05", "Discovery", 100, "2026-04-01"),
        ("006A", "2026-02-01", "Demo", 100, "2026-04-01"),
        ("006A", "2026-02-10", "Demo", 120, "2026-04-01"),
        ("006A", "2026-03-01", "Demo", 120, "2026-03-20"),
        ("006A", "2026-03-20", "Closed Won", 120, "2026-03-20"),
        ("006B", "2026-02-14", "Proposal", None, ""),
    ]
    assert only(dataset, "opportunity_history").excluded == {"change of another field": 1}


def test_a_change_at_a_time_whose_stage_nothing_tells_is_excluded(folder: Folder) -> None:
    text = "OpportunityId,Field,OldValue,NewValue,CreatedDate\n006A,Amount,1,2,2026-02-10T08:00:00.000+0000\n"
    dataset = folder('[tables.opportunity_history]\nfile = "export.csv"\n', export=text)
    assert only(dataset, "opportunity_history").excluded == {"change at a time with unknown stage": 1}


# ---------------------------------------------------------------------------------- Salesforce, API and connectors

API = "Id,AccountId,Name,StageName,Amount,CloseDate,Probability,CreatedDate,IsClosed,IsWon,IsDeleted,Type,LeadSource"
CONNECTOR = (
    "id,account_id,name,stage_name,amount,close_date,probability,created_date,is_closed,is_won,is_deleted,type,"
    "lead_source,_fivetran_active"
)
DEALS = (
    "006A,001A,Acme,Signed,100,2026-03-20,100,2026-01-05T10:00:00.000+0000,true,true,false,New,Web",
    "006B,001B,Bolt,Dropped,50,2026-04-20,0,2026-01-06T10:00:00.000+0000,true,false,false,New,Web",
    "006C,001C,Cog,Demo,70,2026-07-20,40,2026-01-07T10:00:00.000+0000,false,false,false,New,Web",
    "006D,001D,Dot,Demo,70,2026-07-20,40,2026-01-07T10:00:00.000+0000,false,false,true,New,Web",
)


@pytest.mark.parametrize(("header", "tail"), [(API, ""), (CONNECTOR, ",true")], ids=["API", "connector"])
def test_salesforce_opportunities_by_their_flags(folder: Folder, header: str, tail: str) -> None:
    """The stages' words are the company's own; the flags tell what is won."""
    dataset = folder("", opportunities="\n".join([header, *(deal + tail for deal in DEALS)]))
    names = ("opportunity_id", "account_id", "created_on", "stage", "status", "closed_on", "amount", "lead_source")
    assert rows(dataset, "opportunities", names) == [
        ("006A", "001A", "2026-01-05", "Signed", "won", "2026-03-20", 100, "Web"),
        ("006B", "001B", "2026-01-06", "Dropped", "lost", "2026-04-20", 50, "Web"),
        ("006C", "001C", "2026-01-07", "Demo", "open", "", 70, "Web"),
    ]
    assert dataset.tables["opportunities"]["probability"].tolist() == [1.0, 0.0, 0.4]
    assert only(dataset, "opportunities").excluded == {"deleted in the CRM": 1}


def test_salesforce_history_of_the_api_and_versions_of_a_connector(folder: Folder) -> None:
    object_ = (
        "Id,OpportunityId,StageName,Amount,CloseDate,CreatedDate,PrevAmount\n008,006A,Demo,5,2026-05-01,2026-02-01,4"
    )
    settings = '[tables.opportunity_history]\nfile = "export.csv"\n'
    assert rows(folder(settings, export=object_), "opportunity_history", STATES) == [
        ("006A", "2026-02-01", "Demo", 5, "2026-05-01")
    ]
    versions = (
        "_fivetran_active,_fivetran_start,id,stage_name,amount,close_date,created_date,is_deleted\n"
        "false,2026-01-05 09:00:00,006A,Demo,4,2026-05-01,2026-01-05,false\n"
        "true,2026-02-01 09:00:00,006A,Proposal,5,2026-05-01,2026-01-05,false"
    )
    dataset = folder(BOTH, export=versions)
    assert rows(dataset, "opportunity_history", STATES) == [
        ("006A", "2026-01-05", "Demo", 4, "2026-05-01"),
        ("006A", "2026-02-01", "Proposal", 5, "2026-05-01"),
    ]
    assert only(dataset, "opportunities").excluded == {"no longer active in the connector": 1}


def test_salesforce_leads(folder: Folder) -> None:
    """A converted lead became an opportunity on the day it was converted, if it was converted to one."""
    api = """
Id,Company,IsConverted,ConvertedDate,ConvertedAccountId,ConvertedOpportunityId,Status,LeadSource,CreatedDate,IsDeleted
00QA,Acme,true,2026-02-03,001A,006A,Qualified,Web,2026-01-05,false
00QB,Bolt,true,2026-02-04,001B,,Qualified,Web,2026-01-06,false
00QC,Cog,false,,,,Open,Trade Show,2026-01-07,false
00QD,Dot,false,,,,Open,Trade Show,2026-01-07,true
"""
    names = ("lead_id", "created_on", "account_id", "opportunity_id", "source", "mql_on", "sqo_on", "account_name")
    expected = [
        ("00QA", "2026-01-05", "001A", "006A", "Web", "", "2026-02-03", "Acme"),
        ("00QB", "2026-01-06", "001B", "", "Web", "", "", "Bolt"),
        ("00QC", "2026-01-07", "", "", "Trade Show", "", "", "Cog"),
    ]
    assert rows(folder("", leads=api), "leads", names) == expected
    report = """
Lead Owner,Lead ID,Company / Account,Lead Source,Lead Status,Create Date,MQL Date,Converted Date
Ann,00QA,Acme,Web,Qualified,2026-01-05,2026-01-09,2026-02-03
Grand Totals (1 records)
"""
    assert rows(folder("", leads=report), "leads", names) == [
        ("00QA", "2026-01-05", "", "", "Web", "2026-01-09", "", "Acme")
    ]


def test_salesforce_accounts_and_campaigns(folder: Folder) -> None:
    dataset = folder(
        "",
        accounts="Id,Name,Website,BillingCountry,ParentId,OwnerId,Industry\n001A,Acme,acme.com,Chile,001B,005,Retail",
        costs="Id,Name,StartDate,ActualCost,BudgetedCost\n701A,Fair,2026-03-05,1200.50,2000\n701B,Ads,2026-04-01,,2000",
    )
    names = ("account_id", "name", "domain", "country", "parent_id", "crm", "Industry")
    assert rows(dataset, "accounts", names) == [("001A", "Acme", "acme.com", "Chile", "001B", "Salesforce", "Retail")]
    assert rows(dataset, "costs", ("amount", "kind")) == [(1200.5, "acquisition")]
    assert only(dataset, "costs").excluded == {"without actual cost": 1}


def test_a_salesforce_account_report_goes_by_names_where_it_has_no_ids(folder: Folder) -> None:
    report = (
        "Account Owner,Account Name,Billing Country,Website,Parent Account,Type\n"
        'Ann,Acme,Chile,www.acme.com,Bolt,Customer\n"Total",1,,,,\n'
    )
    dataset = folder("", accounts=report)
    names = ("account_id", "name", "domain", "country", "parent_id", "Type")
    assert rows(dataset, "accounts", names) == [("Acme", "Acme", "www.acme.com", "Chile", "Bolt", "Customer")]
    assert only(dataset, "accounts").excluded == {"total or subtotal": 1}


MEMBERS = """
Campaign Name,Campaign Type,Account ID,Member Status,Responded,Member First Associated Date,Member First Responded Date
Spring fair,Trade Show,001A,Attended,1,2026-03-01,2026-03-05
Spring fair,Trade Show,001B,Invited,0,2026-03-02,
Newsletter,Email,001A,Clicked,1,2026-03-03,2026-03-04
"""


def test_salesforce_campaign_members_are_reached_and_some_answer(folder: Folder) -> None:
    dataset = folder("", activities=MEMBERS)
    assert rows(dataset, "activities", ("account_id", "date", "source", "kind", "campaign")) == [
        ("001A", "2026-03-01", "crm_map_campaign", "reach", "Spring fair"),
        ("001A", "2026-03-05", "trade_show", "engagement", "Spring fair"),
        ("001B", "2026-03-02", "crm_map_campaign", "reach", "Spring fair"),
        ("001A", "2026-03-03", "crm_map_campaign", "reach", "Newsletter"),
        ("001A", "2026-03-04", "crm_map_campaign", "engagement", "Newsletter"),
    ]
    assert dataset.tables["activities"].row.tolist() == [2, 2, 3, 4, 4]


def test_two_records_of_one_row_are_rejected_one_by_one(folder: Folder) -> None:
    """The member without an account is reach and answer: two records, both without, and the ledger closes."""
    dataset = folder("", activities=MEMBERS.replace("001A,Attended", ",Attended"))
    entry = only(dataset, "activities")
    assert (entry.rows, entry.used, entry.rejected_rows) == (5, 3, 2)
    assert [one.row for one in entry.rejected] == [2, 2]


def test_salesforce_events_engage_and_completed_tasks_reach(folder: Folder) -> None:
    settings = """
[[tables.activities]]
file = "events.csv"
[[tables.activities]]
file = "tasks.csv"
[[tables.activities]]
file = "report.csv"
"""
    dataset = folder(
        settings,
        events="Id,AccountId,Subject,ActivityDate,StartDateTime,EndDateTime,EventSubtype,IsDeleted\n"
        "00UA,001A,Call,2026-03-01,2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,Event,false\n"
        "00UB,001A,Call,2026-03-02,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,Event,true",
        tasks="id,account_id,subject,status,priority,task_subtype,activity_date,completed_date_time,_fivetran_synced\n"
        "00TA,001B,Mail,Completed,Normal,Email,2026-03-09,2026-03-05 10:00:00,x\n"
        "00TB,001B,Mail,Completed,Normal,Email,2026-03-06,,x\n"
        "00TC,001B,Mail,Not Started,Normal,Email,2026-03-07,,x",
        report="Assigned,Subject,Date,Priority,Status,Company / Account\nAnn,Mail,2026-03-08,High,Completed,Cog\n",
    )
    assert rows(dataset, "activities", ("account_id", "date", "source", "kind")) == [
        ("001A", "2026-03-01", "crm_activity", "engagement"),
        ("001B", "2026-03-05", "crm_activity", "reach"),
        ("001B", "2026-03-06", "crm_activity", "reach"),
        ("Cog", "2026-03-08", "crm_activity", "reach"),
    ]
    excluded = [entry.excluded for entry in dataset.ledger.files]
    assert excluded == [{"deleted in the CRM": 1}, {"task not completed": 1}, {}]


# ------------------------------------------------------------------------------------------- ids of two lengths


def test_the_suffix_tells_capitals() -> None:
    """By hand: of 00D41, 00000 and UJ2EA only D (third: 4 → E), none (A), and U J . E A (1+2+8+16 = 27 → 1)."""
    assert salesforce_suffix("00D4100000UJ2EA") == "EA1"


def test_ids_of_15_and_18_characters_are_one_and_case_counts(folder: Folder) -> None:
    """…aB and …Ab are two accounts; what is only there with 15 characters stays as it is."""
    small, large = "0015000000XyyaB", "0015000000XyyAb"
    dataset = folder(
        "",
        accounts=f"account_id,name\n{small}{salesforce_suffix(small)},One\n{large}{salesforce_suffix(large)},Two",
        opportunities=(
            "Opportunity ID,Opportunity Name,Account ID,Stage,Amount,Close Date,Created Date\n"
            f"0065000000Ab1Cd,A,{small},Discovery,1,2026-05-01,2026-01-01\n"
            f"0065000000Ab1CdAAB,B,{large},Discovery,1,2026-05-01,2026-01-01"
        ),
    )
    assert dataset.tables["opportunities"]["account_id"].tolist() == [
        small + salesforce_suffix(small),
        large + salesforce_suffix(large),
    ]
    # AAB is no suffix of …Ab1Cd, so these are two ids
    assert dataset.tables["opportunities"]["opportunity_id"].tolist() == ["0065000000Ab1Cd", "0065000000Ab1CdAAB"]
    notes = only(dataset, "opportunities").notes
    assert "2 rows have Salesforce IDs of 15 characters, others have 18: read as the same" in notes


def test_one_opportunity_in_both_lengths_is_one(folder: Folder) -> None:
    short = "0065000000Ab1Cd"
    deal = "A,001,Discovery,1,2026-05-01,2026-01-01"
    settings = '[[tables.opportunities]]\nfile = "a.csv"\n[[tables.opportunities]]\nfile = "b.csv"\n'
    header = "Opportunity ID,Opportunity Name,Account ID,Stage,Amount,Close Date,Created Date\n"
    dataset = folder(settings, a=f"{header}{short},{deal}", b=f"{header}{short}{salesforce_suffix(short)},{deal}")
    assert len(dataset.tables["opportunities"]) == 1
    assert dataset.ledger.files[1].excluded == {"duplicate row": 1}


# ----------------------------------------------------------------------------------------------------------- HubSpot

HUBSPOT = '''
Record ID,Deal Name,Pipeline,Deal Stage,Amount,Create Date,Close Date,Associated Company IDs,"Date entered ""Discovery (Sales)""","Date entered ""Demo (Sales)""","Date entered ""Closed Won (Sales)""","Date entered ""Renewed (Renewals (EU))"""
1,Acme,Sales,closed won ,"$1,200",2026-01-05 10:00,2026-03-20 09:00,77;78,2026-01-05 10:00,2026-02-01 09:00,2026-03-20 09:00,
2,Bolt,Sales,Demo,0.9k,2026-01-06 10:00,2026-08-01 09:00,79,2026-01-06 10:00,2026-01-06 10:00,,
3,Cog,Sales,Demo,500,2026-01-07 10:00,2026-08-01 09:00,80,1/17/2026,1/12/2026,,
4,Dot,Sales,Demo,500,2026-01-07 10:00,2026-08-01 09:00,80,TBD,TBD,,
5,Elk,Renewals (EU),Renewed,500,2026-01-07 10:00,2026-02-01 09:00,81,,,,2026-02-01 09:00
6,Fig,Sales,Discovery,500,2026-01-07 10:00,2026-08-01 09:00,82,,,,
2,Bolt,Sales,Demo,0.9k,2026-01-06 10:00,2026-08-01 09:00,79,2026-01-06 10:00,2026-01-06 10:00,,
'''  # noqa: E501  as above
SALES = BOTH.replace('file = "export.csv"', 'file = "export.csv"\nwhere = { Pipeline = ["Sales"] }')


def test_hubspot_deals(folder: Folder) -> None:
    dataset = folder(SALES, export=HUBSPOT)
    names = ("opportunity_id", "account_id", "stage", "status", "closed_on", "expected_close_on", "amount", "crm")
    assert rows(dataset, "opportunities", names)[:3] == [
        ("1", "77", "Closed Won", "won", "2026-03-20", "", 1200, "HubSpot"),
        ("2", "79", "Demo", "open", "", "2026-08-01", 900, "HubSpot"),
        ("3", "80", "Demo", "open", "", "2026-08-01", 500, "HubSpot"),
    ]
    entry = only(dataset, "opportunities")
    assert (entry.rows, entry.used, entry.excluded) == (
        7,
        5,
        {"filtered out by your where rule on Pipeline": 1, "duplicate row": 1},
    )
    assert entry.notes[:3] == [
        "2 pipelines in 'Pipeline': 6 × 'Sales', 1 × 'Renewals (EU)'; to keep only one: to "
        'where of [tables.opportunities] add Pipeline = ["Sales"]',
        "4 columns of stage dates: used if opportunity_history lists this file too",
        "1 row names several companies in 'Associated Company IDs': segxl uses the first",
    ]


def test_hubspot_stage_dates_are_history_in_the_order_of_the_pipeline(folder: Folder) -> None:
    """Bolt entered two stages in one minute: the columns' order decides. Cog went backwards: its dates decide."""
    dataset = folder(SALES, export=HUBSPOT)
    assert rows(dataset, "opportunity_history", ("opportunity_id", "changed_at", "stage", "amount")) == [
        ("1", "2026-01-05", "Discovery", None),
        ("1", "2026-02-01", "Demo", None),
        ("1", "2026-03-20", "Closed Won", None),
        ("2", "2026-01-06", "Discovery", None),
        ("2", "2026-01-06", "Demo", None),
        ("3", "2026-01-12", "Demo", None),
        ("3", "2026-01-17", "Discovery", None),
    ]
    assert dataset.tables["opportunity_history"].row.tolist() == [2, 2, 2, 3, 3, 4, 4]
    entry = only(dataset, "opportunity_history")
    assert (entry.rows, entry.used, entry.excluded) == (
        12,
        7,
        {"duplicate row": 2, "filtered out by your where rule on Pipeline": 1},
    )
    assert [(one.row, one.column, one.value) for one in entry.rejected] == [
        (5, 'Date entered "Discovery (Sales)"', "TBD"),
        (5, 'Date entered "Demo (Sales)"', "TBD"),
    ]
    assert entry.rejected_rows == 2  # two records of one row
    for said in ("1 deal has no stage dates", "1 deal entered stages out of pipeline order", "like '1/17/2026'"):
        assert said in "\n".join(entry.notes)


def test_words_of_a_column_that_feeds_nothing_are_not_translated(folder: Folder) -> None:
    """A deal's amount is today's; the words of its stages, under whatever header, are there."""
    deals = 'deal id,deal name,deal stage,amount,create date,"Date entered ""Demo (Sales)"""\n'
    deals += "1,A,Demo,5,2026-01-01,2026-01-02"
    table = '[tables.opportunity_history]\nfile = "export.csv"\nvalues.{} = {{ Demo = "Proposal" }}\n'
    dataset = folder(BOTH.partition("[tables.opportunity_history]")[0] + table.format("stage"), export=deals)
    assert rows(dataset, "opportunity_history", ("stage",)) == [("Proposal",)]
    with pytest.raises(
        SegxlErrors, match=r"opportunity_history\.values\.amount: the export has no amount; .* add values.amount.from ="
    ):
        folder(BOTH.partition("[tables.opportunity_history]")[0] + table.format("amount"), export=deals)


def test_hubspot_of_a_connector_and_its_property_history(folder: Folder) -> None:
    settings = BOTH.replace('file = "export.csv"', 'file = "deals.csv"', 1)
    dataset = folder(
        settings,
        deals="deal_id,is_deleted,deal_pipeline_id,deal_pipeline_stage_id,owner_id,property_dealname,property_amount,"
        "property_closedate,property_createdate\n1,false,p,Demo,7,Acme,100,2026-08-01,2026-01-05\n"
        "2,true,p,Demo,7,Bolt,100,2026-08-01,2026-01-05",
        export="deal_id,timestamp,_fivetran_synced,source,name,source_id,value\n"
        "1,2026-02-01 09:00:00,x,CRM_UI,dealstage,x,Demo\n"
        "1,2026-02-02 09:00:00,x,CRM_UI,amount,x,100\n"
        "1,2026-02-03 09:00:00,x,CRM_UI,closedate,x,1785542400000\n"  # milliseconds: 1 August 2026
        "1,2026-02-03 09:00:00,x,CRM_UI,description,x,hello\n"
        "1,2026-01-05 09:00:00,x,API,dealstage,x,Discovery",
    )
    assert rows(dataset, "opportunities", ("opportunity_id", "stage", "owner", "amount")) == [("1", "Demo", "7", 100)]
    assert only(dataset, "opportunities").excluded == {"deleted in the CRM": 1}
    assert rows(dataset, "opportunity_history", STATES) == [
        ("1", "2026-01-05", "Discovery", None, ""),
        ("1", "2026-02-01", "Demo", None, ""),
        ("1", "2026-02-02", "Demo", 100, ""),
        ("1", "2026-02-03", "Demo", 100, "2026-08-01"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Record ID,Email,Lifecycle Stage,Create Date,Associated Company IDs,Original Traffic Source,"
        "Became a marketing qualified lead date,Became an opportunity date\n"
        "5,a@acme.com,Opportunity,2026-01-05 10:00,77;78,ORGANIC_SEARCH,2026-01-09 10:00,2026-02-03 10:00",
        "id,property_email,property_lifecyclestage,property_createdate,property_associatedcompanyid,"
        "property_hs_analytics_source,property_hs_lifecyclestage_marketingqualifiedlead_date,"
        "property_hs_lifecyclestage_opportunity_date,_fivetran_deleted\n"
        "5,a@acme.com,opportunity,2026-01-05,77,ORGANIC_SEARCH,2026-01-09,2026-02-03,false\n"
        "6,b@acme.com,lead,2026-01-05,77,ORGANIC_SEARCH,,,true",
    ],
    ids=["export", "connector"],
)
def test_hubspot_contacts(folder: Folder, text: str) -> None:
    names = ("lead_id", "created_on", "account_id", "source", "mql_on", "sqo_on")
    assert rows(folder("", leads=text), "leads", names) == [
        ("5", "2026-01-05", "77", "ORGANIC_SEARCH", "2026-01-09", "2026-02-03")
    ]


def test_hubspot_companies(folder: Folder) -> None:
    text = "Record ID,Company name,Company Domain Name,Country/Region,Industry\n77,Acme,acme.com,Chile,RETAIL"
    names = ("account_id", "name", "domain", "country", "crm", "Industry")
    assert rows(folder("", accounts=text), "accounts", names) == [
        ("77", "Acme", "acme.com", "Chile", "HubSpot", "RETAIL")
    ]


# ---------------------------------------------------------------------------------------------------------- Dynamics


def test_dynamics_opportunities(folder: Folder) -> None:
    """46055 is 2 February 2026 in Excel; the actual revenue wins over the estimate; only a lost one has a reason."""
    dataset = folder(
        "",
        opportunities="(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,"
        "Account,Status,Status Reason,Pipeline Phase,Est. Revenue,Actual Revenue,Est. Close Date,Actual Close Date,"
        "Created On\n"
        "a1,x,46055,Acme,Acme,Won,Won,4-Close,100,120,46055,46055,46023\n"
        "a2,x,46055,Bolt,Bolt,Lost,Price,2-Develop,50,,46055,2026-02-02,2026-01-02\n"
        "a3,x,46055,Cog,Cog,Open,In Progress,1-Qualify,70,,2026-09-01,,2026-01-02",
    )
    names = (
        "opportunity_id",
        "created_on",
        "stage",
        "status",
        "closed_on",
        "expected_close_on",
        "amount",
        "loss_reason",
    )
    assert rows(dataset, "opportunities", names) == [
        ("a1", "2026-01-01", "4-Close", "won", "2026-02-02", "2026-02-02", 120, ""),
        ("a2", "2026-01-02", "2-Develop", "lost", "2026-02-02", "2026-02-02", 50, "Price"),
        ("a3", "2026-01-02", "1-Qualify", "open", "", "2026-09-01", 70, ""),
    ]
    assert set(dataset.tables["opportunities"]["crm"]) == {"Microsoft Dynamics"}


# ------------------------------------------------------------------------------------------------- what settings say


def test_the_settings_may_force_a_format_refuse_it_or_fill_columns(folder: Folder) -> None:
    deal = "Opportunity Name,Stage,Amount,Close Date,Opened\nAcme,Discovery,1,2026-05-01,2026-01-01"
    head = '[tables.opportunities]\nfile = "opportunities.csv"\n'
    forced = folder(head + 'format = "salesforce"\ncolumns = { created_on = "Opened" }\n', opportunities=deal)
    assert rows(forced, "opportunities", ("opportunity_id", "created_on", "crm")) == [
        ("Acme", "2026-01-01", "Salesforce")
    ]
    filled = folder(
        head + 'format = "salesforce"\ncolumns = { created_on = "Opened" }\nconstants = { crm = "Ours", geo = "EU" }\n',
        opportunities=deal,
    )
    assert rows(filled, "opportunities", ("crm", "geo")) == [("Ours", "EU")]
    report = deal.replace("Opened", "Created Date")
    with pytest.raises(SegxlErrors, match="no column found for opportunity_id"):
        folder(head + 'format = "none"\n', opportunities=report)
    with pytest.raises(SegxlErrors, match=r'no format "salesfroce" for opportunities; did you mean \'salesforce\''):
        folder(head + 'format = "salesfroce"\n', opportunities=report)


def test_what_the_settings_map_wins_over_the_format(folder: Folder) -> None:
    text = (
        "Opportunity ID,Opportunity Name,Stage,Amount,ACV,Close Date,Created Date\n1,A,Demo,5,7,2026-05-01,2026-01-01"
    )
    settings = '[tables.opportunities]\nfile = "opportunities.csv"\ncolumns = { amount = "ACV" }\n'
    dataset = folder(settings, opportunities=text)
    assert rows(dataset, "opportunities", ("amount",)) == [(7,)]
    assert "column 'Amount' is not used: 'ACV' is used instead" in only(dataset, "opportunities").notes


def test_a_stand_in_that_the_settings_chose_is_no_news(folder: Folder) -> None:
    deal = "Opportunity Name,Account Name,Stage,Close Date,Created Date\nA,Acme,Demo,2026-05-01,2026-01-01"
    head = '[tables.opportunities]\nfile = "opportunities.csv"\n'
    said = "no Opportunity ID in the export: segxl uses 'Opportunity Name'"
    assert said in only(folder(head, opportunities=deal), "opportunities").notes
    chosen = head + 'columns = { opportunity_id = "Opportunity Name" }\n'
    assert said not in only(folder(chosen, opportunities=deal), "opportunities").notes
