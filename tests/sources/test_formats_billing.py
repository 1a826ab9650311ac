"""Exports of billing tools in small: Chargebee, ChartMogul, Stripe; and what the ledger says of amounts and months."""

from __future__ import annotations

from tests.conftest import Folder
from tests.sources.test_formats_crm import only

JANUARY = (2026 - 1970) * 12
"""The number of January 2026."""


def test_chargebee(folder: Folder) -> None:
    dataset = folder(
        "",
        revenue="customer_id,reporting_month,mrr_billing_currency,mrr_previous_billing_currency,exchange_rate,"
        "billing_currency\nc1,2026-01,100.50,0,1,EUR\nc1,2026-02,120,100.50,1,EUR",
    )
    revenue = dataset.tables["revenue"]
    assert revenue.contract.shape == "monthly"
    assert revenue["month"].tolist() == [JANUARY, JANUARY + 1]
    assert revenue["mrr"].tolist() == [10050, 12000]
    assert set(revenue["currency"]) == {"EUR"}
    assert only(dataset, "revenue").format == "Chargebee MRR by customer and month"


CHARTMOGUL = """DATE,CUSTOMER_NAME,MRR_MOVEMENT,MRR,MOVEMENT_TYPE,CURRENCY_CODE,CUSTOMER_EXTERNAL_ID
2026-01-05,Acme,5000,5000,new_biz,USD,a
2026-02-05,Acme,1999,6999,expansion,USD,a
2026-03-05,Acme,-5,6994,contraction,USD,a
2026-04-05,Acme,-6994,0,churn,USD,a
2026-05-05,Acme,100,100,reactivation,USD,a
2026-05-06,Acme,10.50,110.5,expansion,USD,a
"""


def test_chartmogul_has_whole_cents(folder: Folder) -> None:
    """The type gives the sign. An amount with a point is in another unit than the export's: rejected, not guessed."""
    dataset = folder("", revenue=CHARTMOGUL)
    revenue = dataset.tables["revenue"]
    assert revenue.contract.shape == "movements"
    assert list(zip(revenue["type"], revenue["amount"].tolist(), strict=True)) == [
        ("new", 5000),
        ("expansion", 1999),
        ("contraction", 5),
        ("churn", 6994),
        ("reactivation", 100),
    ]
    assert set(revenue["account_id"]) == {"a"}
    assert [(one.row, one.value) for one in only(dataset, "revenue").rejected] == [(7, "10.50 (not whole cents)")]


def test_stripe(folder: Folder) -> None:
    dataset = folder("", revenue="Customer ID,Customer Name,Currency,Month,MRR\ncus_1,Acme,usd,2026-01,49.99")
    revenue = dataset.tables["revenue"]
    assert (revenue["month"].tolist(), revenue["mrr"].tolist()) == ([JANUARY], [4999])


def test_parts_of_a_cent_are_rounded_and_counted(folder: Folder) -> None:
    dataset = folder("", revenue="account_id,month,mrr\na,2026-01,0.005\na,2026-02,1.25\na,2026-03,2.3449")
    assert dataset.tables["revenue"]["mrr"].tolist() == [1, 125, 234]
    assert only(dataset, "revenue").notes == ["2 rows of 'mrr' have fractions of a cent: rounded to the cent"]


def test_months_follow_the_settings_order_and_zone(folder: Folder) -> None:
    """The last evening of January in UTC is February in Zurich."""
    zone = 'timezone = "Europe/Zurich"\n'
    head = '[tables.revenue]\nfile = "revenue.csv"\ndates = "day-first"\n'
    dataset = folder(zone + head, revenue="account_id,month,mrr\na,2026-01-31T23:30:00Z,1\na,05/03/2026,1")
    assert dataset.tables["revenue"]["month"].tolist() == [JANUARY + 1, JANUARY + 2]
