"""Billing: monthly recurring revenue as Chargebee, ChartMogul and Stripe export it."""

from __future__ import annotations

import re

import numpy as np

from segxl.errors import SegxlError
from segxl.messages import counted
from segxl.sources.files.files import RawTable
from segxl.sources.formats.model import Format, Header, Reading, Shaped, column, made, with_columns
from segxl.sources.formats.month_columns import MONTH_HEADER, months_as_rows, months_of_header
from segxl.sources.values.readers import read_numbers
from segxl.tables.codes import factorized

_CURRENCY = "billing_currency | billing_currency_code | currency_code | currency"


def _with_currency(raw: RawTable, reading: Reading) -> Shaped:
    """The same rows; an exchange rate shows that amounts are in another currency, even if none is named."""
    rates, _ = read_numbers(column(raw, "exchange_rate"), decimal=".")
    other = int(((rates != 1) & ~np.isnan(rates)).sum())
    if not other or Header(raw.header).find(_CURRENCY):
        return Shaped(raw)
    said = (
        f"{counted(other, 'row has', 'rows have')} an exchange_rate other than 1, but no currency: counted in the "
        "reporting currency, not converted; export the currency too"
    )
    return Shaped(raw, notes=(said,))


CHARGEBEE = Format(
    key="chargebee",
    name="Chargebee MRR by customer and month",
    table="revenue",
    signature=("customer_id", "reporting_month", "mrr_billing_currency"),
    columns={
        "account_id": "customer_id",
        "month": "reporting_month",
        "mrr": "mrr_billing_currency",
        "currency": _CURRENCY,
    },
    reshape=_with_currency,
)

_WHOLE = re.compile(r"-?\d{1,15}")


def _from_cents(raw: RawTable, reading: Reading) -> Shaped:
    """Adds the size of each movement as an amount: the export has whole cents, and a sign that its type has too."""
    codes, distinct = factorized(column(raw, "MRR_MOVEMENT"))
    amounts = np.array([*(_amount(text) for text in distinct), ""], dtype=object)[codes]
    return Shaped(with_columns(raw, amount=amounts))


def _amount(cents: str) -> str:
    if not _WHOLE.fullmatch(cents):
        return f"{cents} (not whole cents)" if cents else ""  # not an amount, so the row is rejected with its value
    digits = cents.lstrip("-").zfill(3)
    return f"{digits[:-2]}.{digits[-2:]}"


CHARTMOGUL = Format(
    key="chartmogul",
    name="ChartMogul MRR movements",
    table="revenue",
    signature=("DATE", "MRR_MOVEMENT", "MOVEMENT_TYPE"),
    columns={
        "account_id": "CUSTOMER_EXTERNAL_ID || CUSTOMER_NAME",
        "account_name": "CUSTOMER_NAME",
        "date": "DATE",
        "type": "MOVEMENT_TYPE",
        "amount": made("amount"),
        "currency": "CURRENCY_CODE",
    },
    words={"type": {"new_biz": "new"}},
    reshape=_from_cents,
)

STRIPE = Format(
    key="stripe",
    name="Stripe MRR per subscriber and month",
    table="revenue",
    signature=("Customer ID", "Month", "MRR"),
    columns={
        "account_id": "Customer ID",
        "account_name": "Customer Name | Customer",
        "account_domain": "Customer Email",
        "month": "Month",
        "mrr": "MRR",
        "currency": "Currency",
    },
    without="mrr_billing_currency",
)


def _month_columns(raw: RawTable, reading: Reading) -> Shaped:
    """A row for each month with an amount of a customer."""
    months = months_of_header(raw.header, "revenue", reading.style)
    if not months:
        raise SegxlError("has no month columns like '2026-01': export the report by month")
    return months_as_rows(raw, months, "mrr", "revenue")


STRIPE_WIDE = Format(
    key="stripe",
    name="Stripe MRR per subscriber, one column per month",
    table="revenue",
    signature=("Customer ID", "Customer Email | Customer | Customer Name", "Currency | Customer Email"),
    columns={
        "account_id": "Customer ID",
        "account_name": "Customer | Customer Name",
        "account_domain": "Customer Email",
        "month": made("month"),
        "mrr": made("mrr"),
        "currency": "Currency",
    },
    without="Month",
    pattern=MONTH_HEADER,
    reshape=_month_columns,
)

FORMATS = (CHARGEBEE, CHARTMOGUL, STRIPE, STRIPE_WIDE)
