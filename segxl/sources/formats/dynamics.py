"""Microsoft Dynamics 365: the workbook that "Export to Excel" writes."""

from __future__ import annotations

import numpy as np

from segxl.sources.files import RawTable
from segxl.sources.formats.model import Format, Reading, Shaped, column, filled, lowered, made, with_columns


def _actual_or_estimated(raw: RawTable, reading: Reading) -> Shaped:
    """Adds the amount, the actual revenue where it is there, and the reason why a lost one was lost."""
    lost = lowered(column(raw, "Status")) == "lost"
    reason = np.where(lost, column(raw, "Status Reason"), "").astype(object)
    return Shaped(
        with_columns(raw, amount=filled(raw, "Actual Revenue | Est. Revenue | Estimated Revenue"), loss_reason=reason)
    )


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
