"""The metrics of segment performance worked by hand: accounts, customers, churn, recurring revenue and the market."""

from __future__ import annotations

from typing import Any

import pytest

from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from tests import small
from tests.conftest import Folder, Views

RATIO = ("value", "numerator", "denominator")
CHURN = ("total", "cancelled", "downgraded", "revenue")


def ratio(view: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(view[key] for key in RATIO)


def values(views: dict[str, Any], keys: tuple[str, ...]) -> list[Any]:
    return [views[key]["value"] for key in keys]


def rollforward(dataset: Dataset, period: str = "2025-05", segment: str = ALL_ACCOUNTS) -> dict[str, Any]:
    """The lines of the MRR roll-forward that are not 0, from the JSON."""
    result = compute(Facts(dataset), parse_period(period, dataset.settings.fiscal), [segment])
    lines = scorecard_document(result)["segments"][segment]["mrr_rollforward"]
    assert all(check.passed for check in result.checks if "exchange" not in check.name)
    return {name: value for name, value in lines.items() if value}


def accounts(count: int) -> str:
    return "account_id\n" + "\n".join(f"A{number}" for number in range(1, count + 1))


# ------------------------------------------------------------------------------------------- the market: SOM accounts

SOM = {
    "accounts": "account_id,geo,sales_team\nA1,East,Hunters\nA2,East,Farmers\nA3,West,Hunters\nA4,,Hunters\nA5,West,\n",
    "segment_members": """segment,account_id,start,end
Core,A1,2024-01-01,
Core,A2,2025-05-31,
Core,A3,2024-01-01,2025-05-31
Core,A4,2025-05-10,
Core,A5,2025-05-05,2025-05-20
Core,X9,2025-01-01,""",
}


def test_som_accounts(folder: Folder, views: Views) -> None:
    dataset = folder(**SOM)
    som = views(dataset, "som_accounts", "2025-05", "Core")
    # 31 May: A1, A2 since that very day, A4, and X9, which is listed though no table has it. A3's end is the first day
    # without it; A5 came and went. 30 April: A1, A3, X9. 31 May 2024: A1, A3.
    assert som["running_total"] == {"value": 4, "window": ["2025-05-01", "2025-05-31"]}
    assert som["mom"] == {"value": 4, "base": 3, "change": 1, "percent": 1 / 3}
    assert som["yoy"] == {"value": 4, "base": 2, "change": 2, "percent": 1}
    # A4 has no geo and X9 nothing at all
    geos = {name: (row["value"], row["mom"]["base"]) for name, row in som["by_geo"].items()}
    assert geos == {"East": (2, 1), "West": (0, 1), "(blank)": (2, 1)}
    teams = {name: row["value"] for name, row in som["by_sales_team"].items()}
    assert teams == {"Farmers": 1, "Hunters": 2, "(blank)": 1}
    # the company: five accounts and whoever is listed
    assert views(dataset, "som_accounts", "2025-05")["running_total"]["value"] == 6


def test_overlapping_segments_each_count_their_accounts(folder: Folder, views: Views) -> None:
    """Retail has A1, A2, A4; West A2, A3, A4: 3 and 3 of 4, as A2 and A4 are in both."""
    dataset = folder(
        '[segments]\nby = "sector"\n[[segments.named]]\nname = "West"\nwhere = { geo = ["West"] }\n',
        accounts="account_id,sector,geo\nA1,Retail,East\nA2,Retail,West\nA3,Energy,West\nA4,Retail,West\n",
        revenue="account_id,start,mrr\nA1,2025-01-01,100\nA2,2025-01-01,40\nA3,2025-01-01,7\n",
    )
    names = (ALL_ACCOUNTS, "Energy", "Retail", "West")
    assert [views(dataset, "som_accounts", "2025-05", name)["running_total"]["value"] for name in names] == [4, 1, 3, 3]
    # A2's 40 is Retail's and West's, and the company's once
    assert [views(dataset, "mrr", "2025-05", name)["total"]["value"] for name in names] == [147, 7, 140, 47]
    assert [views(dataset, "customers", "2025-05", name)["running_total"]["value"] for name in names] == [3, 1, 2, 2]


# ------------------------------------------------------------------------------------------------ targeted, engaged

TOUCHES = """
account_id,date,source,kind,campaign_type
A1,2025-04-02,6sense_campaign,reach,
A3,2025-04-30,webinar,engagement,
A5,2025-04-15,crm_activity,engagement,
A1,2025-05-01,6sense_campaign,reach,
A1,2025-05-20,webinar,engagement,
A2,2025-05-31,trade_show,engagement,
A4,2025-05-11,crm_activity,reach,
A6,2025-05-11,known_web,engagement,
A7,2025-05-11,bombora_topic,intent,
A8,2025-05-11,linkedin_campaign,reach,retargeting
X9,2025-05-11,webinar,engagement,
"""

IN_PROCESS = """
opportunity_id,account_id,created_on,stage,closed_on,amount
1,A6,2025-04-20,Discovery,,1
2,A7,2025-03-01,Closed Won,2025-05-01,1
3,A8,2025-04-01,Closed Lost,2025-04-30,1
4,A9,2025-06-01,Discovery,,1
5,,2025-05-01,Discovery,,1
"""


def test_targeted_accounts(folder: Folder, views: Views) -> None:
    targeted = views(folder(accounts=accounts(10), activities=TOUCHES), "targeted_accounts", "2025-05")
    # May: A1 (twice) and A2. Visits to the web, intent and calls do not target, retargeting is excluded, and X9 is no
    # SOM account. April, the first month of the table: A1, A3.
    assert targeted["total"]["value"] == 2
    assert targeted["mom"] == {"value": 2, "base": 2, "change": 0, "percent": 0}
    assert targeted["yoy"] == {"value": 2, "base": None, "change": None, "percent": None, "why": "n/a"}
    assert targeted["trailing_12"] == {"value": 3, "window": ["2024-06-01", "2025-05-31"], "months": 2}
    # so far: A1, A2, A3 of ten accounts; by the end of April A1 and A3
    assert targeted["running_total"]["value"] == 3
    assert ratio(targeted["percent_of_som"]) == (0.3, 3, 10)
    assert targeted["percent_of_som"]["mom"]["base"] == 0.2
    assert ratio(targeted["percent_of_som_month"]) == (0.2, 2, 10)


def test_engaged_accounts(folder: Folder, views: Views) -> None:
    tables = {"accounts": accounts(10), "activities": TOUCHES, "opportunities": IN_PROCESS}
    engaged = views(folder(**tables), "engaged_accounts", "2025-05")
    # May: A4 was called, A6 is in process, A7 was won on the first. April: A5 called, A6, A7, A8 lost on the last day.
    assert engaged["total"]["value"] == 3
    assert engaged["mom"] == {"value": 3, "base": 4, "change": -1, "percent": -0.25}
    # so far A4, A5, A6, A7, A8: half of the market; A9's is created later, 5 has no account
    assert engaged["running_total"]["value"] == 5
    assert ratio(engaged["percent_of_som"]) == (0.5, 5, 10)
    assert engaged["trailing_12"]["value"] == 5
    # counted from May on, without A5 and A8
    late = views(folder("running_total_start = 2025-05-01\n", **tables), "engaged_accounts", "2025-05")
    assert late["running_total"]["value"] == 3


def test_a_running_total_is_of_those_who_are_members_at_the_end(folder: Folder, views: Views) -> None:
    """A1 changes from Old to New on 15 May: reached on the 14th as Old's, called on the 15th as New's."""
    tables = {
        "accounts": accounts(2),
        "segment_members": "segment,account_id,start,end\nOld,A1,,2025-05-15\nNew,A1,2025-05-15,\nOld,A2,,\n",
        "activities": "account_id,date,source,kind\nA1,2025-05-14,webinar,engagement\n"
        "A1,2025-05-15,crm_activity,engagement\n",
        "opportunities": "opportunity_id,created_on,stage\n",
    }
    dataset = folder(**tables)
    for metric, month, so_far in (("targeted_accounts", (1, 0), (0, 1)), ("engaged_accounts", (0, 1), (0, 1))):
        found = [views(dataset, metric, "2025-05", name) for name in ("Old", "New")]
        assert tuple(one["total"]["value"] for one in found) == month
        assert tuple(one["running_total"]["value"] for one in found) == so_far
    ends = folder('[toggles]\nmembership = "period_end"\n', **tables)
    assert [views(ends, "targeted_accounts", "2025-05", name)["total"]["value"] for name in ("Old", "New")] == [0, 1]


# ----------------------------------------------------------------------- customers and recurring revenue, worked once

PAYING = """
account_id,start,end,mrr
A1,2024-03-01,,1000
A2,2024-03-01,2025-05-31,200
A3,2024-03-01,2025-06-01,300
A4,2024-03-01,2025-05-10,150
A4,2024-03-01,,250
A5,2024-03-01,2025-05-12,80
A5,2025-05-12,,120
A6,2024-03-01,2025-02-01,60
A6,2025-05-20,,90
A7,2025-05-02,,40
A8,2025-05-02,2025-05-25,500
"""
"""May 2025. A1 stays. A2's last day is the 30th: cancelled. A3's is the 31st: still there. A4 goes from 400 to 250.
A5 is renewed on the day its first ends, for 120 in place of 80. A6 stopped in February and pays again. A7 is new. A8
came and went within the month and is seen by no month's end.

    30 April 2025   1,000 + 200 + 300 + 400 + 80             = 1,980
    31 May 2025     1,000 + 300 + 250 + 120 + 90 + 40        = 1,800
    31 May 2024     1,000 + 200 + 300 + 400 + 80 + 60        = 2,040, as at each month's end until 31 January 2025
"""


@pytest.fixture
def paying(folder: Folder) -> Dataset:
    market = "segment,year,revenue,source,share\nAll accounts,2025,475200,Analyst,0.06\n"
    return folder(accounts=accounts(8), revenue=PAYING, market=market)


def test_mrr_rollforward(paying: Dataset) -> None:
    # 1,980 + 40 (A7) + 40 (A5) − 150 (A4) − 200 (A2) + 90 (A6) = 1,800
    assert rollforward(paying) == {
        "opening": 1980, "new": 40, "expansion": 40, "contraction": 150, "churn": 200, "reactivation": 90,
        "closing": 1800,
    }  # fmt: skip


def test_customers(paying: Dataset, views: Views) -> None:
    customers = views(paying, "customers", "2025-05")
    # A6 and A7 pay on 31 May and did not on 30 April; no one began in April: no percentage of 0
    assert customers["total"]["value"] == 2
    assert customers["mom"] == {"value": 2, "base": 0, "change": 2, "percent": None, "why": "N/M"}
    # A1, A3, A4, A5, A6, A7; in April A1 to A5; a year before A1 to A6
    assert customers["running_total"]["value"] == 6
    assert customers["running_total"]["mom"] == {"value": 6, "base": 5, "change": 1, "percent": 0.2}
    assert customers["running_total"]["yoy"] == {"value": 6, "base": 6, "change": 0, "percent": 0}
    assert ratio(customers["percent_of_som"]) == (0.75, 6, 8)
    assert customers["trailing_12"]["value"] == 2


def test_churned_customers(paying: Dataset, views: Views) -> None:
    churned = views(paying, "churned_customers", "2025-05")
    # A2 cancelled with 200, A4 downgraded by 150; A5's renewal is no loss
    assert values(churned, CHURN) == [2, 1, 1, 350]
    assert churned["mom"] == {"value": 2, "base": 0, "change": 2, "percent": None, "why": "N/M"}
    # since June 2024 A6 as well, by 60 in February, though it came back
    assert churned["trailing_12"]["value"] == 3
    assert churned["cancelled"]["trailing_12"]["value"] == 2
    assert churned["revenue_trailing_12"]["value"] == 410


def test_mrr(paying: Dataset, views: Views) -> None:
    mrr = views(paying, "mrr", "2025-05")
    assert (mrr["total"]["value"], mrr["closing"]["value"]) == (1980, 1800)
    # the opening of April is the end of March, 1,980; that of May 2024 the end of April 2024, 2,040
    assert mrr["mom"] == {"value": 1980, "base": 1980, "change": 0, "percent": 0}
    assert mrr["yoy"] == {"value": 1980, "base": 2040, "change": -60, "percent": -60 / 2040}
    # openings of June 2024 to February 2025: nine times 2,040; of March to May 1,980: 24,300 / 12
    assert ratio(mrr["trailing_12"]) == (2025, 24300, 12)


def test_nrr(paying: Dataset, folder: Folder, views: Views) -> None:
    nrr = views(paying, "nrr", "2025-05")
    # (1,980 + 40 − 200 − 150) / 1,980; A6's return and A7 are outside
    assert ratio(nrr["total"]) == (1670 / 1980, 1670, 1980)
    # April lost nothing: 1, and a rate compares in points
    assert nrr["mom"] == nrr["mom"] | {"base": 1, "percent": None}
    assert nrr["mom"]["change"] == pytest.approx(-310 / 1980, abs=1e-15)
    # gross: (1,980 − 350) / 1,980; A2 of five customers left
    assert ratio(nrr["gross_revenue_retention"]) == (1630 / 1980, 1630, 1980)
    assert ratio(nrr["logo_churn"]) == (0.2, 1, 5)
    # those of 31 May 2024 paid 2,040 and pay 1,800 less A7's 40
    assert ratio(nrr["trailing_12"]) == (1760 / 2040, 1760, 2040)
    toggled = folder("[toggles]\nreactivation_in_nrr = true\n", accounts=accounts(8), revenue=PAYING)
    assert views(toggled, "nrr", "2025-05")["total"]["numerator"] == 1760


def test_market_share(paying: Dataset, views: Views) -> None:
    share = views(paying, "market_share", "2025-05")
    # 1,980 × 12 = 23,760 of 475,200; no row for 2024: n/a
    assert ratio(share["total"]) == (0.05, 23760, 475200)
    assert share["yoy"] == {"value": 0.05, "base": None, "change": None, "percent": None, "why": "n/a"}


def test_market_share_needs_the_segments_own_row(folder: Folder, views: Views) -> None:
    """Core and Edge have rows of 12,000 and 6,000; the company has none, and their sum is not taken for it."""
    dataset = folder(
        '[segments]\nby = "tier"\n',
        accounts="account_id,tier\nA1,Core\nA2,Edge\nA3,Rest\n",
        revenue="account_id,start,mrr\nA1,2025-01-01,100\nA2,2025-01-01,50\nA3,2025-01-01,10\n",
        market="segment,year,revenue,source\nCore,2025,12000,Analyst\nEdge,2025,6000,Analyst\n",
    )
    shares = [views(dataset, "market_share", "2025-05", name)["total"]["value"] for name in ("Core", "Edge", "Rest")]
    assert shares == [0.1, 0.1, None]
    assert views(dataset, "market_share", "2025-05")["total"]["why"] == "n/a"


# ----------------------------------------------------------------------------------------------- revenue, special cases


def test_a_customer_that_downgrades_and_cancels_within_12_months(folder: Folder, views: Views) -> None:
    """From 100 to 40 in November 2024, to 0 in May 2025: one customer, by its last loss; both losses in the money."""
    dataset = folder(
        accounts=accounts(1),
        revenue="account_id,start,end,mrr\nA1,2024-01-01,2024-11-10,60\nA1,2024-01-01,2025-05-05,40\n",
    )
    may = views(dataset, "churned_customers", "2025-05")
    assert values(may, CHURN) == [1, 1, 0, 40]
    assert [may[key]["trailing_12"]["value"] for key in ("cancelled", "downgraded")] == [1, 0]
    assert (may["trailing_12"]["value"], may["revenue_trailing_12"]["value"]) == (1, 100)
    assert values(views(dataset, "churned_customers", "2024-11"), CHURN) == [1, 0, 1, 60]
    # of the 100 of a year before nothing is left
    assert ratio(views(dataset, "nrr", "2025-05")["trailing_12"]) == (0, 0, 100)


def test_one_that_churns_and_comes_back(folder: Folder, views: Views) -> None:
    """A1 stops paying 100 on 10 April and pays 130 from 20 May; A2 pays 300 throughout."""
    text = "account_id,start,end,mrr\nA1,2024-01-01,2025-04-10,100\nA1,2025-05-20,,130\nA2,2024-01-01,,300\n"
    dataset = folder(accounts=accounts(2), revenue=text)
    assert rollforward(dataset, "2025-04") == {"opening": 400, "churn": 100, "closing": 300}
    assert rollforward(dataset, "2025-05") == {"opening": 300, "reactivation": 130, "closing": 430}
    # the quarter has both, month by month, and not the 30 by which its ends differ
    assert rollforward(dataset, "2025-Q2") == {"opening": 400, "churn": 100, "reactivation": 130, "closing": 430}
    quarter = {key: views(dataset, key, "2025-Q2") for key in ("churned_customers", "customers", "nrr")}
    assert values(quarter["churned_customers"], CHURN) == [1, 1, 0, 100]  # coming back removes nothing
    assert (quarter["customers"]["total"]["value"], quarter["customers"]["running_total"]["value"]) == (1, 2)
    assert quarter["nrr"]["total"]["value"] == 0.75
    assert quarter["nrr"]["logo_churn"]["value"] == 0.5
    # a year's retention has those that came back: (130 + 300) / (100 + 300)
    assert ratio(quarter["nrr"]["trailing_12"]) == (1.075, 430, 400)


def test_an_account_that_changes_segment_mid_month(folder: Folder, views: Views) -> None:
    """A1 (500) is Old's until 14 May and New's from the 15th; it is raised by 60 on the 8th. A2 (200) stays in Old; A3
    joins Old on the 10th and pays 35 from the 12th."""
    tables = {
        "accounts": accounts(3),
        "segment_members": "segment,account_id,start,end\nOld,A1,,2025-05-15\nNew,A1,2025-05-15,\nOld,A2,,\n"
        "Old,A3,2025-05-10,\n",
        "revenue": "account_id,start,mrr\nA1,2024-01-01,500\nA1,2025-05-08,60\nA2,2024-01-01,200\nA3,2025-05-12,35\n",
    }
    dataset = folder(**tables)
    # it leaves flat, with what it had at the month's start; its raise is told where it is at the month's end
    assert rollforward(dataset, segment="Old") == {"opening": 700, "new": 35, "leaving": 500, "closing": 235}
    assert rollforward(dataset, segment="New") == {"entering": 500, "expansion": 60, "closing": 560}
    assert ratio(views(dataset, "nrr", "2025-05", "Old")["total"]) == (1, 700, 700)
    assert views(dataset, "nrr", "2025-05", "New")["total"]["why"] == "n/a"  # no one was there on 30 April
    # a year later the members of 30 April 2025 count wherever they are: (560 + 200) / 700
    assert ratio(views(dataset, "nrr", "2026-04", "Old")["trailing_12"]) == (760 / 700, 760, 700)
    ends = folder('[toggles]\nmembership = "period_end"\n', **tables)
    assert rollforward(ends, segment="Old") == {"opening": 200, "new": 35, "closing": 235}
    assert rollforward(ends, segment="New") == {"opening": 500, "expansion": 60, "closing": 560}


def test_exchange_rates_that_move(folder: Folder, views: Views) -> None:
    """230 EUR at 1.10 are 253; +80 EUR and −30 EUR at the opening month's 1.10; 280 EUR move by 0.15. GBP has no
    rate."""
    dataset = folder(
        accounts=accounts(3),
        revenue="""account_id,start,end,mrr,currency
A1,2024-01-01,,200,EUR
A1,2025-05-05,,80,EUR
A2,2024-01-01,2025-05-05,30,EUR
A3,2024-01-01,,40,GBP""",
        fx_rates="month,currency,rate\n2024-05,EUR,1\n2025-04,EUR,1.1\n2025-05,EUR,1.25\n",
    )
    # 253 + 88 − 33 + 42 = 350 = 280 × 1.25
    assert rollforward(dataset) == {"opening": 253, "expansion": 88, "churn": 33, "exchange": 42, "closing": 350}
    nrr = views(dataset, "nrr", "2025-05")
    assert ratio(nrr["total"]) == (308 / 253, 308, 253)  # without the exchange
    # the year at the rate of May 2024 throughout: 280 of A1 now, 200 + 30 then
    assert ratio(nrr["trailing_12"]) == (280 / 230, 280, 230)
    assert views(dataset, "churned_customers", "2025-05")["revenue"]["value"] == 33
    # A3 counts as a customer, at 0
    assert views(dataset, "customers", "2025-05")["running_total"]["value"] == 2


def test_a_subscription_that_ends_before_it_starts_is_told(folder: Folder) -> None:
    revenue = """
account_id,start,end,mrr
A1,2022-09-04,2020-01-01,100
A2,2022-09-04,,100
A3,2022-09-04,2022-09-04,100"""
    dataset = folder("run_date = 2025-06-05", revenue=revenue)
    (entry,) = dataset.ledger.files
    (condition,) = entry.conditions
    assert condition.text().startswith("revenue.csv: 1 row ends before it starts and counts in no month (row 2).")


def test_renewals_of_subscriptions(folder: Folder, views: Views) -> None:
    """Renewed on the day the old one ends, which is the first without it: no movement. With ends inclusive that day has
    both, and where it is a month's end the money is there twice."""
    text = "account_id,start,end,mrr\nA1,2024-01-01,2025-04-30,10\nA1,2025-04-30,,10\n"
    once = folder(accounts=accounts(1), revenue=text)
    assert rollforward(once) == {"opening": 10, "closing": 10}
    assert views(once, "churned_customers", "2025-05")["total"]["value"] == 0
    twice = folder('[toggles]\nsubscription_end = "inclusive"\n', accounts=accounts(1), revenue=text)
    assert rollforward(twice) == {"opening": 20, "contraction": 10, "closing": 10}


def test_the_three_shapes_of_revenue_agree(folder: Folder, views: Views) -> None:
    """A1 pays 100 since March, 130 from April, 30 from May (in two steps); A2 pays 50 from the last day of May."""
    shapes = {
        "subscriptions": """account_id,start,end,mrr
A1,2025-03-01,,30
A1,2025-03-01,2025-05-03,70
A1,2025-04-05,2025-05-20,30
A2,2025-05-31,,50""",
        "months": "account_id,month,mrr\nA1,2025-03,100\nA1,2025-04,130\nA1,2025-05,30\nA2,2025-05,50\n",
        "movements": """account_id,date,type,amount
A1,2025-03-01,opening,100
A1,2025-04-05,expansion,30
A1,2025-05-03,contraction,-70
A1,2025-05-20,contraction,30
A2,2025-05-31,new,50""",
    }
    for shape, text in shapes.items():
        dataset = folder(accounts=accounts(2), revenue=text)
        assert rollforward(dataset, "2025-04") == {"opening": 100, "expansion": 30, "closing": 130}, shape
        assert rollforward(dataset) == {"opening": 130, "new": 50, "contraction": 100, "closing": 80}, shape
        assert ratio(views(dataset, "nrr", "2025-05")["total"]) == (3 / 13, 30, 130), shape
        assert views(dataset, "customers", "2025-05")["running_total"]["value"] == 2, shape


def test_customers_without_a_revenue_table(folder: Folder, views: Views) -> None:
    """A1's second win is no new customer, A2's first is; A3 lost its renewal; A4 lost something else."""
    dataset = folder(
        '[types]\nRenew = "renewal"\n',
        accounts=accounts(4),
        opportunities="""opportunity_id,account_id,created_on,stage,closed_on,type
1,A1,2025-01-01,Closed Won,2025-03-10,
2,A1,2025-01-01,Closed Won,2025-05-10,
3,A2,2025-01-01,Closed Won,2025-05-10,
4,A3,2025-01-01,Closed Won,2025-02-10,
5,A3,2025-01-01,Closed Lost,2025-05-10,Renew
6,A4,2025-01-01,Closed Won,2025-02-10,
7,A4,2025-01-01,Closed Lost,2025-05-10,""",
    )
    customers = views(dataset, "customers", "2025-05")
    assert customers["total"]["value"] == 1
    assert customers["running_total"]["value"] == 3  # A1, A2, A4
    assert customers["running_total"]["mom"]["base"] == 3  # A1, A3, A4
    assert views(dataset, "mrr", "2025-05")["total"]["why"] == "n/a"


def test_a_family_counts_once_and_its_money_is_not_merged(folder: Folder, views: Views) -> None:
    """A2 belongs to A1. A1 cancels 10, A2 goes from 25 to 5: 30 lost by one customer, of whose two losses in one month
    the cancellation decides."""
    dataset = folder(
        'count_by = "parent"\n',
        accounts="account_id,parent_id\nA1,\nA2,A1\nA3,\n",
        revenue="""account_id,start,end,mrr
A1,2025-01-01,2025-05-07,10
A2,2025-01-01,2025-05-06,20
A2,2025-01-01,,5
A3,2025-01-01,,1""",
    )
    assert values(views(dataset, "churned_customers", "2025-05"), CHURN) == [1, 1, 0, 30]
    assert ratio(views(dataset, "nrr", "2025-05")["logo_churn"]) == (0.5, 1, 2)
    assert views(dataset, "som_accounts", "2025-05")["running_total"]["value"] == 2


def test_accounts_of_one_domain_are_a_family_too(folder: Folder, views: Views) -> None:
    """A2 and A3 write A1's domain in other ways, A4 belongs to A3: one family, counted in A1's region. A5 and A6 have
    mailboxes for everyone: two. A7 and A8 share a domain, and A8's parent A9 has none: one, counted as A7."""
    accounts = """account_id,parent_id,domain,geo
A1,,acme.com,East
A2,,https://www.ACME.com/about,West
A3,,Acme.com,West
A4,A3,,West
A5,,gmail.com,West
A6,,gmail.com,West
A7,,cog.example,North
A8,A9,cog.example,West
A9,,,West
"""
    deals = "opportunity_id,created_on,stage,account_id\nO,2025-05-01,Discovery,A1"
    by_parent = views(
        folder('count_by = "parent"\n', accounts=accounts, opportunities=deals), "som_accounts", "2025-05"
    )
    assert by_parent["running_total"]["value"] == 4
    regions = {name: row["value"] for name, row in by_parent["by_geo"].items() if row["value"]}
    assert regions == {"East": 1, "West": 2, "North": 1}
    by_account = views(folder("", accounts=accounts, opportunities=deals), "som_accounts", "2025-05")
    assert by_account["running_total"]["value"] == 9


def test_without_accounts_the_market_says_what_is_missing(folder: Folder, views: Views) -> None:
    deals = """
opportunity_id,account_id,created_on,closed_on,stage,amount
O1,A1,2025-05-02,2025-05-20,Closed Won,100"""
    result = small.scorecard_of(Facts(folder("run_date = 2025-06-05", opportunities=deals)), "2025-05")
    metrics = result.segments["All accounts"].metrics
    for key in ("som_accounts", "engaged_accounts"):
        assert any("table is missing, so SOM accounts are unknown" in note for note in metrics[key].notes)
    assert metrics["won_revenue"].notes == ()
    with_accounts = folder("run_date = 2025-06-05", opportunities=deals, accounts="account_id\nA1")
    metrics = small.scorecard_of(Facts(with_accounts), "2025-05").segments["All accounts"].metrics
    assert metrics["som_accounts"].notes == ()
