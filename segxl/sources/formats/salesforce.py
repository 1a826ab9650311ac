"""Salesforce: reports as people export them, and the objects as its API and the connectors write them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segxl.errors import SegxlError
from segxl.messages import counted
from segxl.sources.files.files import RawTable
from segxl.sources.formats.changes import states_from_changes
from segxl.sources.formats.model import (
    Flag,
    Format,
    Header,
    Reading,
    RowsSeen,
    Shaped,
    blank,
    column,
    filled,
    first_filled,
    latest_of_each,
    made,
    take,
    under,
    unless,
    unless_no,
    unless_yes,
    with_columns,
)
from segxl.sources.formats.outcomes import status_by_flags
from segxl.sources.formats.salesforce_words import COMPLETED, UNDONE, campaign_sources, unknown_campaigns
from segxl.tables.contracts import Texts
from segxl.tables.text_column import TextColumn

_KEY, _CRM = "salesforce", {"crm": "Salesforce"}
_DELETED = {
    "deleted in the CRM": unless_yes("Is Deleted"),
    "deleted in the connector": unless_yes("_fivetran_deleted"),
    "no longer active in the connector": unless_no("_fivetran_active"),
}
_OPPORTUNITY = "Opportunity ID || Opportunity Name"
_ACCOUNT = "Account ID || Account Name"
_PIPELINE = "Opportunity Record Type | Record Type | Record Type ID"

# --- opportunities and their outcomes

SALESFORCE_REPORT = Format(
    key=_KEY,
    name="Salesforce opportunity report",
    table="opportunities",
    signature=("Opportunity Name", "Stage", "Close Date", "Created Date"),
    columns={
        "opportunity_id": _OPPORTUNITY,
        "account_id": _ACCOUNT,
        "account_name": "Account Name",
        "created_on": "Created Date",
        "closed_on": "Close Date",
        "stage": "Stage",
        "amount": "Amount || Amount (converted)",
        "currency": "Amount Currency | Opportunity Currency || Amount (converted) Currency",
        "probability": "Probability (%)",
        "type": "Type",
        "lead_source": "Lead Source",
        "loss_reason": "Loss Reason | Closed Lost Reason | Lost Reason",
        "owner": "Opportunity Owner",
        "sales_team": "Owner Role",
        "geo": "Region",
        "product_category": "Product Category | Product Family",
    },
    fill=_CRM,
    pipeline=_PIPELINE,
    days="Close Date",
)

SALESFORCE_HISTORY = Format(
    key=_KEY,
    name="Salesforce opportunity history",
    table="opportunity_history",
    signature=("To Stage", "From Stage", "Last Modified"),
    columns={
        "opportunity_id": _OPPORTUNITY,
        "changed_at": "Last Modified",
        "stage": "To Stage",
        "amount": "Amount || Amount (converted)",
        "close_date": "Close Date",
    },
    pipeline=_PIPELINE,
    days="Close Date",
)

SALESFORCE_HISTORY_NOW = replace(
    SALESFORCE_REPORT,
    name="Salesforce opportunity history, the last change of each opportunity",
    signature=(*SALESFORCE_HISTORY.signature, "Created Date"),
    columns={**SALESFORCE_REPORT.columns, "stage": "Stage | To Stage"},
    reshape=latest_of_each("Opportunity ID | Opportunity Name", "Last Modified"),
    derived=True,
)


_OUTCOME = (Flag("Is Closed", feeds="status"), Flag("Is Won", feeds="status"))


def _by_flags(raw: RawTable, reading: Reading) -> Shaped:
    """Adds the status that the flags IsClosed and IsWon give: surer than the words of the stages."""
    status, seen = status_by_flags(raw, reading, "Stage Name", *_OUTCOME)
    return Shaped(with_columns(raw, status=status), seen=seen)


SALESFORCE_OPPORTUNITIES = Format(
    key=_KEY,
    name="Salesforce opportunities",
    table="opportunities",
    signature=("Id", "Stage Name", "Close Date", "Created Date"),
    columns={
        "opportunity_id": "Id",
        "account_id": "Account ID",
        "created_on": "Created Date",
        "closed_on": "Close Date",
        "stage": "Stage Name",
        "status": made("status"),
        "amount": "Amount",
        "currency": "Currency Iso Code",
        "probability": "Probability",
        "type": "Type",
        "lead_source": "Lead Source",
        "loss_reason": "Loss_Reason__c | Closed_Lost_Reason__c | Loss Reason C | Closed Lost Reason C",
        "owner": "Owner Name | Owner ID",
    },
    without="Opportunity ID",
    fill=_CRM,
    keep=_DELETED,
    flags=_OUTCOME,
    pipeline=_PIPELINE,
    reshape=_by_flags,
    days="Close Date",
    utc="Id",
)

SALESFORCE_HISTORY_OBJECT = Format(
    key=_KEY,
    name="Salesforce opportunity history (API)",
    table="opportunity_history",
    signature=("Opportunity ID", "Stage Name", "Created Date"),
    columns={
        "opportunity_id": "Opportunity ID",
        "changed_at": "Created Date",
        "stage": "Stage Name",
        "amount": "Amount",
        "close_date": "Close Date",
    },
    keep=_DELETED,
    days="Close Date",
    utc="Opportunity ID",
)

SALESFORCE_VERSIONS = Format(
    key=_KEY,
    name="Salesforce opportunities, every version (connector)",
    table="opportunity_history",
    signature=("Id", "Stage Name", "_fivetran_start"),
    columns={**SALESFORCE_HISTORY_OBJECT.columns, "opportunity_id": "Id", "changed_at": "_fivetran_start"},
    keep={"deleted in the CRM": unless_yes("Is Deleted")},
    days="Close Date",
    utc="_fivetran_start",
)

SALESFORCE_FIELD_HISTORY = Format(
    key=_KEY,
    name="Salesforce opportunity field history",
    table="opportunity_history",
    signature=("Field / Event | Field", "Old Value", "New Value", "Edit Date | Created Date", _OPPORTUNITY),
    columns={
        "opportunity_id": _OPPORTUNITY,
        "changed_at": "Edit Date | Created Date",
        "stage": made("stage"),
        "amount": made("amount"),
        "close_date": made("close_date"),
    },
    keep=_DELETED,
    reshape=states_from_changes(
        ids=_OPPORTUNITY,
        field="Field / Event | Field",
        old="Old Value",
        new="New Value",
        moment="Edit Date | Created Date",
        now="Stage",
    ),
    days=made("close_date"),
    utc="Field",
)

# --- accounts, leads, campaigns

SALESFORCE_ACCOUNTS = Format(
    key=_KEY,
    name="Salesforce accounts (API)",
    table="accounts",
    signature=("Id", "Name", "Billing Country | Billing City | Billing State | Website | Industry", "Owner ID"),
    without="Account ID | Company | Last Name | Stage Name | Is Converted | Start Date",
    columns={
        "account_id": "Id",
        "name": "Name",
        "domain": "Website",
        "country": "Billing Country",
        "parent_id": "Parent ID",
    },
    fill=_CRM,
    keep=_DELETED,
)

SALESFORCE_ACCOUNT_REPORT = Format(
    key=_KEY,
    name="Salesforce account report",
    table="accounts",
    signature=("Account Name", "Account Owner", "Billing Country | Billing State/Province | Account ID | Website"),
    columns={
        "account_id": _ACCOUNT,
        "name": "Account Name",
        "domain": "Website",
        "country": "Billing Country",
        "parent_id": "Parent Account ID || Parent Account",
    },
    without="Opportunity Name | Record Id | Created Time",  # as Zoho calls them
    fill=_CRM,
)


def _converted(raw: RawTable, reading: Reading) -> Shaped:
    """Add the day a lead became an opportunity: its conversion date, if it has one.

    A lead can be converted to an account and a contact only: without the opportunity the day does not count.
    """
    days = column(raw, "Converted Date")
    converted = column(raw, "Converted Opportunity ID") != ""
    shaped = with_columns(raw, sqo_on=np.where(converted, days, "").astype(object))
    if Header(raw.header).find("Converted Opportunity ID | SQO Date | SQO_Date__c | SQO Date C"):
        return Shaped(shaped)
    asked = RowsSeen(
        one="has a Converted Date that no number uses: a lead can be converted without an opportunity",
        many="have a Converted Date that no number uses: a lead can be converted without an opportunity",
        fix="Add Converted Opportunity ID to the export; if each conversion makes an opportunity, map Converted Date "
        "to sqo_on",
        rows=raw.rows[days != ""],
        values=np.empty(0, dtype=object),
        column="sqo_on",
        header="Converted Date",
    )
    return Shaped(shaped, seen=(asked,) if len(asked.rows) else ())


SALESFORCE_LEADS = Format(
    key=_KEY,
    name="Salesforce leads (API)",
    table="leads",
    signature=("Id", "Is Converted", "Created Date", "Lead Source"),
    columns={
        "lead_id": "Id",
        "created_on": "Created Date",
        "account_id": "Converted Account ID",
        "account_name": "Company",
        "account_domain": "Email | Website",
        "account_country": "Country",
        "opportunity_id": "Converted Opportunity ID",
        "source": "Lead Source",
        "mql_on": "MQL_Date__c | MQL Date C",
        "sqo_on": f"SQO_Date__c | SQO Date C | {made('sqo_on')}",
    },
    keep=_DELETED,
    reshape=_converted,
    days=f"MQL_Date__c | SQO_Date__c | {made('sqo_on')}",
    utc="Id",
)

SALESFORCE_LEAD_REPORT = Format(
    key=_KEY,
    name="Salesforce lead report",
    table="leads",
    signature=("Lead Source", "Lead Owner | Lead Status", "Create Date | Created Date"),
    columns={
        "lead_id": "Lead ID || Email",
        "created_on": "Create Date | Created Date",
        "account_id": "Converted Account ID",
        "account_name": "Company / Account | Company",
        "account_domain": "Email | Website",
        "account_country": "Country",
        "opportunity_id": "Converted Opportunity ID",
        "source": "Lead Source",
        "mql_on": "MQL Date",
        "sqo_on": f"SQO Date | {made('sqo_on')}",
    },
    without="Opportunity Name | Contact owner | Original Traffic Source | Original Source",
    reshape=_converted,
    days=f"MQL Date | SQO Date | {made('sqo_on')}",
)

_RESPONDED = Flag("Has Responded | Responded", feeds="kind")


def _reach_and_answers(raw: RawTable, reading: Reading) -> Shaped:
    """A row of reach for each member, and one of engagement for each that responded."""
    own = Header(raw.header)
    joined_header = own.find("Member First Associated Date | Member Created Date | Created Date")
    if not joined_header:
        raise SegxlError(
            "has no column 'Member First Associated Date': add it to the report; segxl needs the date a member was "
            "reached"
        )
    answer_header = own.find("First Responded Date | Member First Responded Date")
    first = raw.column(answer_header) if answer_header else blank(len(raw))
    responded = (_RESPONDED.read(raw) == 1) | (first != "")
    types = TextColumn.of(column(raw, "Campaign Type"))
    source = campaign_sources(types)
    members, answers = np.arange(len(raw)), np.flatnonzero(responded)

    def part(rows: np.ndarray, kind: str, **columns: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        return rows, {"kind": np.full(len(rows), kind, dtype=object), **columns}

    reach = np.full(len(raw), "crm_map_campaign", dtype=object)
    shaped, answered = under(
        raw,
        [
            part(members, "reach", date=raw.column(joined_header), source=reach),
            part(answers, "engagement", date=first[answers], source=source[answers]),
        ],
    )
    note = (
        f"{counted(len(raw), 'member')}, {len(answers):,} responded: each member counts as reach, each response as "
        "engagement"
    )
    dated: Texts = np.array([joined_header, answer_header or "First Responded Date"], dtype=object)[answered]
    type_header = own.find("Campaign Type")
    seen = unknown_campaigns(types.take(answers), raw.rows[answers], type_header)
    return Shaped(shaped, notes=(note,), origins={"date": dated}, seen=seen)


SALESFORCE_CAMPAIGN_MEMBERS = Format(
    key=_KEY,
    name="Salesforce campaign members",
    table="activities",
    signature=(
        "Campaign ID | Campaign Name",
        "Has Responded | Responded | Member First Responded Date | First Responded Date",
        "Member Status | Status",
    ),
    columns={
        "account_id": "Account ID || Company / Account | Company Or Account | Account Name | Company | Lead ID",
        "account_name": "Company / Account | Company Or Account | Account Name | Company",
        "account_domain": "Email",
        "lead_id": "Lead ID",
        "account_country": "Country",
        "date": made("date"),
        "source": made("source"),
        "kind": made("kind"),
        "campaign": "Campaign Name | Campaign ID",
        "campaign_type": "Campaign Type",
    },
    keep=_DELETED,
    flags=(_RESPONDED,),
    asks=("Campaign Type",),
    reshape=_reach_and_answers,
    days=made("date"),
    utc="Has Responded | _fivetran_synced",
)

_COST = "Actual Cost | Actual Cost in Campaign"

SALESFORCE_CAMPAIGNS = Format(
    key=_KEY,
    name="Salesforce campaigns",
    table="costs",
    signature=(_COST, "Start Date", "Budgeted Cost | Number Of Leads | Campaign Name"),
    columns={"month": "Start Date", "amount": _COST, "lead_source": "Lead Source", "last_day": "End Date"},
    spans="row",
    fill={"kind": "acquisition"},
    keep={**_DELETED, "without actual cost": unless(_COST, "")},
)

# --- what salespeople did

_FROM_API = "Who ID | What ID | Is Deleted | _fivetran_synced"
"""Headers of tasks and events from the API, whose times are UTC; reports do not have them."""
_ACTIVITY_ACCOUNT = {
    "account_id": "Account ID || Company / Account | Account Name",
    "account_name": "Company / Account | Account Name",
}

SALESFORCE_EVENTS = Format(
    key=_KEY,
    name="Salesforce events",
    table="activities",
    signature=("Subject", "Event Subtype | Start Date Time | Start | Show As", "Activity Date | Date | End Date Time"),
    columns={**_ACTIVITY_ACCOUNT, "date": "Activity Date | Date | Start Date Time | Start"},
    without="Task Subtype | Priority",
    fill={"source": "crm_activity", "kind": "engagement"},
    keep=_DELETED,
    days="Activity Date | Date",
    utc=_FROM_API,
)

_TASK_DATE = "Completed Date Time | Completed Date | Activity Date | Date | Due Date | Due Date Only"

SALESFORCE_TASKS = Format(
    key=_KEY,
    name="Salesforce tasks",
    table="activities",
    signature=("Subject", "Task Subtype | Priority", "Status", "Activity Date | Date | Due Date | Due Date Only"),
    columns={**_ACTIVITY_ACCOUNT, "date": made("date")},
    fill={"source": "crm_activity", "kind": "reach"},
    keep={**_DELETED, UNDONE: COMPLETED},
    reshape=first_filled(date=_TASK_DATE),
    utc=_FROM_API,
)


_IS_TASK = Flag("Task")


def _tasks_and_events(raw: RawTable, reading: Reading) -> Shaped:
    """A report of both marks the tasks; rows without a mark are events, which have no status."""
    is_task = _IS_TASK.read(raw) == 1
    status = TextColumn.of(column(raw, "Status"))
    kept = ~is_task | COMPLETED.kept(status)
    kinds = np.where(is_task, "reach", "engagement").astype(object)
    shaped = with_columns(take(raw, kept), date=filled(raw, _TASK_DATE)[kept], kind=kinds[kept])
    undone = int((~kept).sum())
    seen = COMPLETED.seen(status.take(is_task), raw.rows[is_task], "Status")
    return Shaped(shaped, {UNDONE: undone} if undone else {}, seen=seen)


SALESFORCE_TASKS_AND_EVENTS = replace(
    SALESFORCE_TASKS,
    name="Salesforce tasks and events",
    signature=("Subject", "Task", "Status | Priority", "Date | Activity Date | Due Date | Due Date Only"),
    columns={**SALESFORCE_TASKS.columns, "kind": made("kind")},
    fill={"source": "crm_activity"},
    keep=_DELETED,
    flags=(_IS_TASK,),
    asks=("Status",),
    reshape=_tasks_and_events,
)

FORMATS = (
    SALESFORCE_HISTORY,
    SALESFORCE_HISTORY_NOW,
    SALESFORCE_VERSIONS,
    SALESFORCE_FIELD_HISTORY,
    SALESFORCE_HISTORY_OBJECT,
    SALESFORCE_OPPORTUNITIES,
    SALESFORCE_REPORT,
    SALESFORCE_LEADS,
    SALESFORCE_LEAD_REPORT,
    SALESFORCE_CAMPAIGN_MEMBERS,
    SALESFORCE_CAMPAIGNS,
    SALESFORCE_TASKS_AND_EVENTS,
    SALESFORCE_TASKS,
    SALESFORCE_EVENTS,
    SALESFORCE_ACCOUNTS,
    SALESFORCE_ACCOUNT_REPORT,
)
