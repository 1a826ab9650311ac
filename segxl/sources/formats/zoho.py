"""Zoho CRM: modules as its export writes them, and as its API and connectors do.

The export has a column for each look-up's id: ``Account Name.id`` next to ``Account Name``. Deals were called
Potentials before 2018.
"""

from __future__ import annotations

import numpy as np

from segxl.sources.files.files import RawTable
from segxl.sources.formats.model import Format, Reading, Shaped, column, lowered, made, with_columns
from segxl.tables.text_column import TextColumn

_KEY, _CRM = "zoho", {"crm": "Zoho"}
_NAME = "Deal Name | Potential Name"
_DEAL = "Deal Name.id | Potential Name.id | Deal Id | Potential Id"
_OWNER = "Deal Owner | Potential Owner | Owner.name | Owner | Deal Owner.id | Owner.id"
_OF_DEALS = f"{_NAME} | Closing Date | Stage"


def _outcome(raw: RawTable, reading: Reading) -> Shaped:
    """Add the status from the stage: Zoho has several stages of lost deals, and each begins with Closed Lost."""
    stages = TextColumn.of(lowered(column(raw, "Stage"))).changed(lambda stage: stage.replace("-", " "))
    won = stages.which(lambda stage: stage.startswith("closed won")).astype(bool)
    lost = stages.which(lambda stage: stage.startswith("closed lost")).astype(bool)
    return Shaped(with_columns(raw, status=np.where(won, "won", np.where(lost, "lost", "")).astype(object)))


ZOHO_DEALS = Format(
    key=_KEY,
    name="Zoho CRM deals",
    table="opportunities",
    signature=(_NAME, "Closing Date", "Stage"),
    columns={
        "opportunity_id": f"Record Id | {_DEAL} | Id",
        "account_id": "Account Name.id | Account Id || Account Name | Account Name.name | Account",
        "account_name": "Account Name | Account Name.name | Account",
        "lead_id": "Lead Id | Converted Lead.id",
        "created_on": "Created Time | Created Date",
        "closed_on": "Closing Date",
        "stage": "Stage",
        "status": made("status"),
        "amount": "Amount",
        "currency": "Currency",
        "probability": "Probability (%) | Probability",
        "type": "Type | Deal Type | Potential Type",
        "lead_source": "Lead Source",
        "loss_reason": "Reason For Loss | Reason For Loss__s | Loss Reason",
        "owner": _OWNER,
        "product_category": "Product Category",
    },
    without="Stage Duration | Stage Duration (Days) | Moved To",
    fill=_CRM,
    pipeline="Pipeline",
    reshape=_outcome,
    days="Closing Date",
)

ZOHO_STAGE_HISTORY = Format(
    key=_KEY,
    name="Zoho CRM stage history",
    table="opportunity_history",
    signature=(
        _DEAL,
        "Stage",
        "Modified Time | Last Modified Time",
        "Stage Duration | Stage Duration (Days) | Duration (Days) | Duration Days | Stage Duration (Calendar Days)",
    ),
    columns={
        "opportunity_id": _DEAL,
        "changed_at": "Modified Time | Last Modified Time",
        "stage": "Stage",
        "amount": "Amount",
        "close_date": "Closing Date | Close Date",
    },
    without="Moved To | Created Time",
    days="Closing Date | Close Date",
)


def _converted(raw: RawTable, reading: Reading) -> Shaped:
    """Adds the day a lead became a deal: the day it was converted, where it has one."""
    has_deal = column(raw, "Converted Deal.id | Converted Potential.id | Converted Deal | Converted Potential") != ""
    day = column(raw, "Converted Date Time | Converted Time | Converted Date")
    return Shaped(with_columns(raw, sqo_on=np.where(has_deal, day, "").astype(object)))


ZOHO_LEADS = Format(
    key=_KEY,
    name="Zoho CRM leads",
    table="leads",
    signature=("Lead Source | Lead Status", "Company", "Created Time"),
    columns={
        "lead_id": "Record Id | Lead Id | Id || Email",
        "created_on": "Created Time",
        "account_id": "Converted Account.id",
        "account_name": "Company",
        "account_domain": "Website | Email",
        "account_country": "Country",
        "opportunity_id": "Converted Deal.id | Converted Potential.id",
        "source": "Lead Source",
        "sqo_on": made("sqo_on"),
    },
    without=_OF_DEALS,
    reshape=_converted,
)

ZOHO_ACCOUNTS = Format(
    key=_KEY,
    name="Zoho CRM accounts",
    table="accounts",
    signature=(
        "Account Name",
        "Created Time | Record Id | Account Owner.id",
        "Website | Industry | Billing Country | Account Type | Parent Account | Phone",
    ),
    columns={
        "account_id": "Record Id | Account Id | Id || Account Name",
        "name": "Account Name",
        "domain": "Website",
        "country": "Billing Country",
        "parent_id": "Parent Account.id || Parent Account",
    },
    without=f"{_OF_DEALS} | Company | Last Name | Subject | Contact Name | Lead Status",
    fill=_CRM,
)

FORMATS = (ZOHO_STAGE_HISTORY, ZOHO_DEALS, ZOHO_LEADS, ZOHO_ACCOUNTS)
