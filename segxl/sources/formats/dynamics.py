"""Microsoft Dynamics 365: the workbook that "Export to Excel" writes."""

from __future__ import annotations

import numpy as np

from segxl.messages import counted
from segxl.sources.files.files import RawTable
from segxl.sources.formats.model import Format, Reading, Shaped, column, filled, is_zero, made, with_columns
from segxl.sources.values.words import choice
from segxl.tables.contracts import CONTRACTS
from segxl.tables.text_column import TextColumn

_STATUS = CONTRACTS["opportunities"][0]["status"]


def _actual_or_estimated(raw: RawTable, reading: Reading) -> Shaped:
    """Add the amount, the actual revenue if there is one, and the reason of a lost opportunity.

    Dynamics writes an actual revenue of 0 when an opportunity is closed as lost, so a zero counts for won ones only.
    """
    status = TextColumn.of(column(raw, "Status")).changed(lambda word: choice("opportunities", _STATUS, word) or "")
    lost, not_won = status.is_text("lost"), ~status.is_text("won")
    reason = np.where(lost, column(raw, "Status Reason"), "").astype(object)
    amount = filled(raw, f"{_ACTUAL} | {_ESTIMATED}", zeros=not_won)
    turned = int((not_won & is_zero(column(raw, _ACTUAL)) & ~is_zero(amount)).sum())
    rows = counted(turned, "row that is not won has", "rows that are not won have")
    said = f"{rows} 0 in '{_ACTUAL}': segxl uses the estimated revenue"
    return Shaped(with_columns(raw, amount=amount, loss_reason=reason), notes=(said,) if turned else ())


_ACTUAL, _ESTIMATED = "Actual Revenue", "Est. Revenue | Estimated Revenue"


_CURRENCIES = {
    "US Dollar": "USD",
    "Euro": "EUR",
    "Pound Sterling": "GBP",
    "British Pound": "GBP",
    "UK Pound": "GBP",
    "Swiss Franc": "CHF",
    "Canadian Dollar": "CAD",
    "Australian Dollar": "AUD",
    "New Zealand Dollar": "NZD",
    "Japanese Yen": "JPY",
    "Yen": "JPY",
    "Indian Rupee": "INR",
    "Danish Krone": "DKK",
    "Norwegian Krone": "NOK",
    "Swedish Krona": "SEK",
    "Singapore Dollar": "SGD",
    "Hong Kong Dollar": "HKD",
    "Chinese Yuan": "CNY",
    "Mexican Peso": "MXN",
    "Brazilian Real": "BRL",
    "South African Rand": "ZAR",
    "Polish Zloty": "PLN",
}
"""The export has a currency's name; other names stay as they are, and are then currencies without a rate."""

DYNAMICS_OPPORTUNITIES = Format(
    key="dynamics",
    name="Microsoft Dynamics 365 opportunities",
    table="opportunities",
    signature=("(Do Not Modify) Opportunity", "Topic | Name | Opportunity Name"),
    columns={
        "opportunity_id": "(Do Not Modify) Opportunity",
        "account_id": "Account ID || Account | Potential Customer",
        "account_name": "Account | Potential Customer",
        "created_on": "Created On",
        "closed_on": "Actual Close Date",
        "expected_close_on": "Est. Close Date | Estimated Close Date",
        "stage": "Pipeline Phase | Sales Stage || Status Reason | Status",
        "status": "Status",
        "amount": made("amount"),
        "currency": "Currency",
        "probability": "Probability",
        "type": "Type",
        "lead_source": "Lead Source | Source Campaign",
        "loss_reason": made("loss_reason"),
        "owner": "Owner",
    },
    fill={"crm": "Microsoft Dynamics"},
    words={"currency": _CURRENCIES},
    reshape=_actual_or_estimated,
    days="Actual Close Date | Est. Close Date | Estimated Close Date",
)

FORMATS = (DYNAMICS_OPPORTUNITIES,)
