"""Each metric worked by hand, with its cuts, comparisons and special cases. The arithmetic is in the comments."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from segxl.catalogue.metrics import CATALOGUE
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from tests.conftest import Folder, Views

MAY = ["2025-05-01", "2025-05-31"]
TYPES = '[types]\n"New" = "new_logo"\nUp = "upsell"\nCross = "cross_sell"\nRenew = "renewal"\nMisc = "other"\n'

DEALS = """
opportunity_id,created_on,stage,closed_on,amount,type,loss_reason,account_id
1,2024-05-01,Closed Won,2024-05-31,200,New,,A1
2,2024-05-01,Closed Lost,2024-05-20,100,New,Price,A1
3,2025-03-02,Closed Won,2025-04-01,400,Up,,A2
4,2025-03-02,Closed Lost,2025-04-30,50,New,Price,A2
5,2025-04-01,Closed Won,2025-05-01,300,New,,A3
6,2025-05-21,Closed Won,2025-05-31,100.50,Cross,,A1
7,2025-05-07,Closed Won,2025-05-07,0,Renew,,A4
8,2025-05-09,Closed Won,2025-05-19,,up,,A5
9,2025-05-02,Closed Lost,2025-05-12,150,NEW,Price,A6
10,2025-04-02,Closed Lost,2025-05-12,450,,,A6
11,2025-05-03,Closed Lost,2025-05-30,,Renew,Price,A6
12,2025-05-04,Proposal,,1000,New,,A7
13,2025-05-15,Closed Won,2025-05-05,60,Misc,,A8
"""
"""May 2025: won 5, 6, 7, 8, 13 (300 + 100.50 + 0 + blank + 60 = 460.50), lost 9, 10, 11 (150 + 450 + blank = 600)."""


@pytest.fixture
def may(folder: Folder, views: Views) -> Any:
    """Views of May 2025 by metric."""
    dataset = folder(TYPES, opportunities=DEALS)
    return lambda metric, period="2025-05": views(dataset, metric, period)


def values(items: dict[str, Any], key: str = "value") -> dict[str, Any]:
    return {name: item[key] for name, item in items.items()}


# ------------------------------------------------------------------------------------------------------- pipeline


def test_won_revenue(may: Any) -> None:
    won = may("won_revenue")
    assert won["total"] == {"value": 460.5, "window": MAY}
    # April: 400; 460.50 − 400 = 60.50, which is 60.50 / 400 of it
    assert won["mom"] == {"value": 460.5, "base": 400, "change": 60.5, "percent": 60.5 / 400}
    # May 2024: 200; + 260.50
    assert won["yoy"] == {"value": 460.5, "base": 200, "change": 260.5, "percent": 260.5 / 200}
    # June 2024 to May 2025: 400 + 460.50, twelve months of data
    assert won["trailing_12"] == {"value": 860.5, "window": ["2024-06-01", "2025-05-31"]}
    # 5 and none of the others is a new logo's; 6 cross-sell, 7 renewal and 8 upsell are existing customers'; 13 is
    # mapped to other, and its account has won nothing before: new.
    customers = {name: won[name]["value"] for name in ("new_customers", "existing_customers", "unknown")}
    assert customers == {"new_customers": 300 + 60, "existing_customers": 100.5, "unknown": 0}
    assert values(won["by_type"]) == {
        "new_logo": 300, "upsell": 0, "cross_sell": 100.5, "renewal": 0, "other": 60,
    }  # fmt: skip
    # each line compares by itself: upsell had 400 in April, and 8, without an amount, in May
    assert won["by_type"]["upsell"]["mom"] == {"value": 0, "base": 400, "change": -400, "percent": -1}
    assert won["by_type"]["new_logo"]["mom"] == {
        "value": 300, "base": 0, "change": 300, "percent": None, "why": "N/M",
    }  # fmt: skip


def test_lost_revenue(may: Any) -> None:
    lost = may("lost_revenue")
    assert lost["total"]["value"] == 600
    # April 50: + 550, 11 times as much; May 2024: 100, + 500
    assert lost["mom"] == {"value": 600, "base": 50, "change": 550, "percent": 11}
    assert lost["yoy"] == {"value": 600, "base": 100, "change": 500, "percent": 5}
    # 9 is a new logo's; 10 has no type, and A6 has won nothing: new; 11 is a renewal without an amount
    assert (lost["new_customers"]["value"], lost["existing_customers"]["value"]) == (600, 0)


def test_net_new_pipeline(may: Any) -> None:
    net = may("net_new_pipeline")
    # created in May: 6 100.50, 7 0, 8 blank, 9 150, 11 blank, 12 1,000, 13 60 = 1,310.50; lost in May 600
    assert net["total"]["value"] == 710.5
    # created in April: 5 300, 10 450 = 750; lost 50: 700
    assert net["mom"] == {"value": 710.5, "base": 700, "change": 10.5, "percent": 10.5 / 700}
    # May 2024: created 1 200, 2 100; lost 100
    assert net["yoy"]["base"] == 200
    # March: created 450, nothing lost
    assert may("net_new_pipeline", "2025-03")["total"]["value"] == 450
    # June: the opportunities end in May, so no one knows. Its base is May.
    assert may("net_new_pipeline", "2025-06")["mom"] == {
        "value": None, "base": 710.5, "change": None, "percent": None, "why": "n/a",
    }  # fmt: skip


def test_net_new_pipeline_may_be_negative_and_is_no_base_then(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities="""opportunity_id,created_on,stage,closed_on,amount
1,2025-03-02,Closed Lost,2025-04-30,50
2,2025-05-02,Discovery,,20"""
    )
    # April: 0 − 50; May: 20 − 0; + 70, but no percentage of a negative number
    assert views(dataset, "net_new_pipeline", "2025-04")["total"]["value"] == -50
    assert views(dataset, "net_new_pipeline", "2025-05")["mom"] == {
        "value": 20, "base": -50, "change": 70, "percent": None, "why": "N/M",
    }  # fmt: skip


def test_pipeline_by_stage(may: Any) -> None:
    pipeline = may("pipeline_by_stage")
    # 31 May: 12 alone, in Proposal. (13 closed before it was created.)
    assert pipeline["total"]["value"] == 1000
    assert values(pipeline["by_stage"]) == {"Discovery": 0, "Proposal": 1000, "unknown": 0}  # the month before had some
    assert pipeline["by_stage"]["Proposal"]["count"] == 1
    assert "trailing_12" not in pipeline  # a stock has no sum over months
    # 30 April: 5 300 and 10 450 are open, in stages that no one recorded
    assert pipeline["mom"] == {"value": 1000, "base": 750, "change": 250, "percent": 250 / 750}
    april = may("pipeline_by_stage", "2025-04")["by_stage"]
    assert values(april) == {"Discovery": 0, "Proposal": 0, "unknown": 750}
    # a year before, all that there was is closed: 0 and not missing
    assert pipeline["yoy"] == {"value": 1000, "base": 0, "change": 1000, "percent": None, "why": "N/M"}


def test_changes_of_each_stage(may: Any) -> None:
    pipeline = may("pipeline_by_stage")
    assert pipeline["by_stage_mom"]["Proposal"] == {
        "value": 1000, "base": 0, "change": 1000, "percent": None, "why": "N/M",
    }  # fmt: skip
    assert set(pipeline["by_stage_mom"]) >= {"Discovery", "Proposal"}
    assert pipeline["by_stage_yoy"]["Discovery"]["change"] == 0


# ---------------------------------------------------------------------------------------------- sales performance


def test_won_opportunities(may: Any) -> None:
    won = may("won_opportunities")
    # 5, 6, 7 (worth 0), 8 (no amount) and 13
    assert won["total"]["value"] == 5
    assert won["mom"] == {"value": 5, "base": 1, "change": 4, "percent": 4}
    assert won["revenue"]["value"] == 460.5
    cuts = {name: (won[name]["value"], won[name]["revenue"]) for name in ("new_logo", "upsell_cross_sell", "renewal")}
    # "up" is Up: 8 is an upsell, 6 a cross-sell
    assert cuts == {"new_logo": (1, 300), "upsell_cross_sell": (2, 100.5), "renewal": (1, 0)}
    assert (won["other"]["value"], won["other"]["revenue"]) == (1, 60)


def test_lost_opportunities(may: Any) -> None:
    lost = may("lost_opportunities")
    assert lost["total"]["value"] == 3
    assert lost["mom"] == {"value": 3, "base": 1, "change": 2, "percent": 2}
    assert lost["yoy"] == {"value": 3, "base": 1, "change": 2, "percent": 2}
    assert lost["trailing_12"]["value"] == 4  # April's and May's
    assert [lost[name]["value"] for name in ("new_logo", "upsell_cross_sell", "renewal", "other")] == [1, 0, 1, 1]


def test_lost_by_reason(may: Any) -> None:
    reasons = may("lost_by_reason")["by_reason"]
    # Price: 9 and 11, 150 of 600; blank: 10, 450 of 600
    price, blank = reasons["Price"], reasons["(blank)"]
    assert (price["count"], price["count_percent"], price["revenue"], price["revenue_percent"]) == (2, 2 / 3, 150, 0.25)
    assert (blank["count"], blank["count_percent"], blank["revenue"], blank["revenue_percent"]) == (1, 1 / 3, 450, 0.75)
    assert list(reasons) == ["Price", "(blank)"]  # blank is last


def test_reasons_when_all_that_was_lost_is_worth_nothing(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities="""opportunity_id,created_on,stage,closed_on,amount,loss_reason
1,2025-05-01,Closed Lost,2025-05-30,0,Price
2,2025-05-01,Closed Lost,2025-05-30,,(blank)
3,2025-05-01,Closed Lost,2025-05-30,,"""
    )
    reasons = views(dataset, "lost_by_reason", "2025-05")["by_reason"]
    # 0 / 0 is not a number; the export's own "(blank)" is blank too
    assert (reasons["Price"]["count"], reasons["Price"]["count_percent"]) == (1, 1 / 3)
    assert (reasons["Price"]["revenue"], reasons["Price"]["revenue_percent"]) == (0, None)
    assert reasons["(blank)"]["count"] == 2
    # a month after the last opportunity is not one in which nothing was lost
    assert views(dataset, "lost_by_reason", "2025-06")["total"]["value"] is None


def test_average_deal_size(may: Any) -> None:
    size = may("average_deal_size")
    # 460.50 over five deals: the one worth 0 and the one without an amount are in the denominator
    assert size["total"] == {"value": 92.1, "numerator": 460.5, "denominator": 5, "window": MAY}
    # April: 400 / 1. 92.10 − 400 = −307.90, −76.975 %
    assert size["mom"] == {"value": 92.1, "base": 400, "change": -307.9, "percent": -0.76975}
    assert (size["new_logo"]["value"], size["upsell_cross_sell"]["value"]) == (300, 50.25)
    # twelve months: (400 + 460.50) / (1 + 5), not the mean of 400 and 92.10
    assert size["trailing_12"]["value"] == pytest.approx(860.5 / 6, abs=1e-12)
    # nothing was won in March: not a number, and no base for April
    assert may("average_deal_size", "2025-03")["total"] == {
        "value": None, "why": "n/a", "numerator": 0, "denominator": 0, "window": ["2025-03-01", "2025-03-31"],
    }  # fmt: skip
    assert may("average_deal_size", "2025-04")["mom"] == {
        "value": 400, "base": None, "change": None, "percent": None, "why": "n/a",
    }  # fmt: skip


def test_average_time_to_close(folder: Folder, views: Views, may: Any) -> None:
    time = may("average_time_to_close")
    # 5: 1 April to 1 May 30 days; 6: 21 to 31 May 10; 7: the same day 0; 8: 9 to 19 May 10. 13 closed ten days before
    # its creation and is excluded. 50 / 4
    assert time["total"] == {"value": 12.5, "numerator": 50, "denominator": 4, "window": MAY}
    # April: 3, 2 March to 1 April: 30 days. Twelve months: (30 + 50) / 5
    assert time["mom"]["base"] == 30
    assert time["mom"]["percent"] == -17.5 / 30
    assert time["trailing_12"]["value"] == 16
    assert time["new_logo"]["value"] == 30
    assert time["upsell_cross_sell"]["value"] == 10
    assert time["other"] == time["other"] | {"value": None, "why": "n/a"}  # only 13
    dataset = folder(TYPES, opportunities=DEALS)
    document = scorecard_document(
        compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), [ALL_ACCOUNTS])
    )
    notes = document["segments"][ALL_ACCOUNTS]["metrics"]["average_time_to_close"]["notes"]
    assert notes == ["1 opportunity won before it was created is excluded: 13"]


def test_win_rate_count(may: Any) -> None:
    rate = may("win_rate_count")
    # 5 won, 3 lost
    assert rate["total"] == {"value": 0.625, "numerator": 5, "denominator": 8, "window": MAY}
    # April and May 2024: 1 of 2. A rate compares in percentage points and has no percentage.
    assert rate["mom"] == {"value": 0.625, "base": 0.5, "change": 0.125, "percent": None, "why": "n/a"}
    assert rate["yoy"] == {"value": 0.625, "base": 0.5, "change": 0.125, "percent": None, "why": "n/a"}
    # twelve months: (1 + 5) / (2 + 8)
    assert (rate["trailing_12"]["value"], rate["trailing_12"]["denominator"]) == (0.6, 10)
    # new logo: 5 against 9; upsell and cross-sell: none lost; renewal: 7 against 11; other: 13 against 10
    cuts = [rate[name]["value"] for name in ("new_logo", "upsell_cross_sell", "renewal", "other")]
    assert cuts == [0.5, 1, 0.5, 0.5]
    # upsell was 1 of 1 in April too
    assert rate["by_type"]["upsell"]["mom"]["change"] == 0


def test_win_rate_revenue(may: Any) -> None:
    rate = may("win_rate_revenue")
    # 460.50 / (460.50 + 600)
    assert rate["total"] == {"value": 460.5 / 1060.5, "numerator": 460.5, "denominator": 1060.5, "window": MAY}
    # April: 400 / 450; new logo in May: 300 / 450
    assert rate["mom"]["base"] == 400 / 450
    assert rate["mom"]["change"] == pytest.approx(460.5 / 1060.5 - 400 / 450, abs=1e-15)
    assert rate["new_logo"]["value"] == 300 / 450
    # renewals: 0 won, a blank lost: 0 / 0
    assert rate["renewal"] == rate["renewal"] | {"value": None, "why": "n/a", "denominator": 0}


# --------------------------------------------------------------------------------------------------- special cases


def test_a_missing_base_is_not_a_base_of_zero(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities="""opportunity_id,created_on,stage,closed_on,amount
1,2025-03-10,Closed Won,2025-05-10,100
2,2025-03-10,Closed Lost,2025-03-20,40"""
    )
    won = views(dataset, "won_revenue", "2025-05")
    # April lies within the data (March to May) and is a zero; May 2024 lies before them and is missing
    assert won["mom"] == {"value": 100, "base": 0, "change": 100, "percent": None, "why": "N/M"}
    assert won["yoy"] == {"value": 100, "base": None, "change": None, "percent": None, "why": "n/a"}
    # three months of twelve
    assert won["trailing_12"] == {"value": 100, "window": ["2024-06-01", "2025-05-31"], "months": 3}
    # a rate may have a base of 0: March had 0 of 1; and none where nothing was closed
    rate = views(dataset, "win_rate_count", "2025-05")
    assert rate["mom"] == {"value": 1, "base": None, "change": None, "percent": None, "why": "n/a"}
    assert rate["trailing_12"]["value"] == 0.5
    quarter = views(dataset, "win_rate_count", "2025-Q2")
    assert quarter["qoq"] == {"value": 1, "base": 0, "change": 1, "percent": None, "why": "n/a"}


def test_twelve_months_of_the_first_month(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities="opportunity_id,created_on,stage,closed_on,amount\n1,2025-05-01,Closed Won,2025-05-10,100\n"
    )
    won = views(dataset, "won_revenue", "2025-05")
    assert won["trailing_12"]["months"] == 1
    assert won["mom"] == {"value": 100, "base": None, "change": None, "percent": None, "why": "n/a"}
    pipeline = views(dataset, "pipeline_by_stage", "2025-05")
    assert pipeline["mom"]["base"] is None  # a stock before the data began is not known either


@pytest.mark.parametrize(
    ("settings", "period", "window", "previous", "year_ago", "expected", "twelve_months"),
    [
        # calendar: January to March against October to December, and January to March a year before
        ("", "2025-Q1", ["2025-01-01", "2025-03-31"], 8 + 16, 1, 32 + 64, 2 + 4 + 8 + 16 + 32 + 64),
        # the fiscal year 2026 starts in February 2025: February to April
        (
            "fiscal_year_start = 2\n",
            "2026-Q1",
            ["2025-02-01", "2025-04-30"],
            16 + 32,
            2,
            64 + 128,
            4 + 8 + 16 + 32 + 64 + 128,
        ),
        # named by its start, the same months are 2025's
        (
            'fiscal_year_start = 2\nfiscal_year_named_by = "start"\n',
            "2025-Q1",
            ["2025-02-01", "2025-04-30"],
            16 + 32,
            2,
            64 + 128,
            4 + 8 + 16 + 32 + 64 + 128,
        ),
    ],
)
def test_quarters(
    folder: Folder,
    views: Views,
    settings: str,
    period: str,
    window: list[str],
    previous: int,
    year_ago: int,
    expected: int,
    twelve_months: int,
) -> None:
    closings = [
        "2024-01-31",
        "2024-04-01",
        "2024-08-01",
        "2024-10-01",
        "2024-12-31",
        "2025-01-01",
        "2025-03-31",
        "2025-04-30",
    ]
    deals = "\n".join(f"{n},2024-01-01,Closed Won,{day},{2**n}" for n, day in enumerate(closings))
    dataset = folder(settings, opportunities=f"opportunity_id,created_on,stage,closed_on,amount\n{deals}\n")
    won = views(dataset, "won_revenue", period)
    assert won["total"] == {"value": expected, "window": window}
    assert won["qoq"]["base"] == previous
    assert won["yoy"]["base"] == year_ago
    assert "mom" not in won
    # the twelve months end with the quarter's last month: from 1 April 2024, or from 1 May
    assert won["trailing_12"]["value"] == twelve_months


def test_a_quarters_rates_are_ratios_of_sums(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities="""opportunity_id,created_on,stage,closed_on,amount
1,2025-04-01,Closed Won,2025-04-10,1
2,2025-04-01,Closed Lost,2025-05-10,1
3,2025-04-01,Closed Lost,2025-05-10,1
4,2025-04-01,Closed Won,2025-06-10,1
5,2025-04-01,Closed Lost,2025-06-10,1"""
    )
    # April 1 of 1, May 0 of 2, June 1 of 2: 2 of 5, not the mean 1/2
    assert views(dataset, "win_rate_count", "2025-Q2")["total"]["value"] == 0.4


def test_new_and_existing_customers(folder: Folder, views: Views) -> None:
    dataset = folder(
        TYPES,
        opportunities="""opportunity_id,created_on,stage,closed_on,amount,type,account_id
a,2025-01-01,Closed Won,2025-04-30,0,,A2
b,2025-01-01,Closed Won,2025-05-01,0,,A3
c,2025-01-01,Closed Lost,2025-02-01,0,,A1
1,2025-05-01,Closed Won,2025-05-31,1,,A1
2,2025-05-01,Closed Won,2025-05-31,2,,A2
4,2025-05-01,Closed Won,2025-05-31,4,,A3
8,2025-05-01,Closed Won,2025-05-31,8,,
16,2025-05-01,Closed Won,2025-05-31,16,New,A2
32,2025-05-01,Closed Won,2025-05-31,32,Up,
64,2025-05-01,Closed Won,2025-05-31,64,Misc,A2
128,2025-05-01,Closed Won,2025-05-31,128,,A4
256,2025-05-01,Closed Won,2025-05-31,256,,A5
512,2025-05-21,Closed Won,2025-05-11,512,,A6
1024,2025-05-01,Closed Won,2025-05-31,1024,,A7""",
        revenue="""account_id,start,end,mrr
A4,2024-01-01,2024-06-01,9
A5,2025-05-01,,9
A7,2024-01-01,2024-06-01,0""",
    )
    won = views(dataset, "won_revenue", "2025-05")
    # 1: lost only. 4: won on the day of its creation, not before. 16: the type says new. 256: pays from that day on.
    # 512: its own win, before its own creation, is no earlier one. 1024: recurring revenue of 0.
    assert won["new_customers"]["value"] == 1 + 4 + 16 + 256 + 512 + 1024
    # 2: won the day before. 32: the type says existing, whoever it is. 64: other tells nothing, A2 had won.
    # 128: paid once, long ago.
    assert won["existing_customers"]["value"] == 2 + 32 + 64 + 128
    assert won["unknown"]["value"] == 8  # no account, and no type that tells
    assert won["total"]["value"] == 2047


@pytest.mark.parametrize(
    ("revenue", "existing"),
    [
        ("account_id,month,mrr\nA1,2025-04,5\n", True),
        ("account_id,month,mrr\nA1,2025-05,5\n", False),  # from 1 May, the day of creation
        ("account_id,month,mrr\nA1,2025-04,5\nA1,2025-04,-5\n", False),  # netted per account and month
        ("account_id,start,end,mrr\nA1,2025-04-30,2025-04-30,5\n", False),  # ends on its first day
        ("account_id,start,end,mrr\nA1,2025-04-30,,5\n", True),
        ("account_id,date,type,amount\nA1,2025-04-30,new,5\n", True),
        ("account_id,date,type,amount\nA1,2025-04-30,churn,5\n", False),  # the type gives the sign
        ("account_id,month,mrr\n", False),
    ],
)
def test_recurring_revenue_makes_a_customer(folder: Folder, views: Views, revenue: str, existing: bool) -> None:
    dataset = folder(
        opportunities="opportunity_id,created_on,stage,closed_on,amount,account_id\n"
        "1,2025-05-01,Closed Won,2025-05-10,7,A1\n",
        revenue=revenue,
    )
    assert views(dataset, "won_revenue", "2025-05")["existing_customers"]["value"] == (7 if existing else 0)


def test_geo_and_team_are_the_rows_own_else_the_owners_else_the_accounts(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities="""opportunity_id,created_on,stage,closed_on,amount,owner,account_id,geo,sales_team
1,2025-05-01,Closed Won,2025-05-10,1,Ann,A1,EMEA,Hunters
2,2025-05-01,Closed Won,2025-05-10,2,Ann,A1,,
3,2025-05-01,Closed Won,2025-05-10,4,Bob,A1,,
4,2025-05-01,Closed Won,2025-05-10,8,,A1,,
5,2025-05-01,Closed Won,2025-05-10,16,Cyd,A2,,
6,2025-05-01,Closed Won,2025-05-10,32,Cyd,,,""",
        teams="owner,sales_team,geo\nAnn,Farmers,West\nBob,Farmers,\n",
        accounts="account_id,geo,sales_team\nA1,East,Inside\nA2,,\n",
    )
    won = views(dataset, "won_revenue", "2025-05")
    # 1 its own; 2 Ann's; 3 Bob's team, and the account's geo, as Bob has none; 4 the account's; 5 and 6 no one's
    assert values(won["by_geo"]) == {"EMEA": 1, "West": 2, "East": 4 + 8, "(blank)": 48}
    assert values(won["by_sales_team"]) == {"Hunters": 1, "Farmers": 2 + 4, "Inside": 8, "(blank)": 48}
    assert list(won["by_geo"]) == ["East", "EMEA", "West", "(blank)"]  # by the alphabet, blank last


def test_an_item_is_shown_when_anything_falls_on_it_in_some_column(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities="""opportunity_id,created_on,stage,closed_on,amount,lead_source
1,2025-01-01,Closed Won,2025-05-10,1,Web
2,2025-01-01,Closed Won,2025-04-10,,Fair
3,2025-01-01,Closed Won,2024-05-10,1,Old
4,2023-01-01,Closed Won,2024-04-10,1,Older
5,2025-01-01,Discovery,,1,Open"""
    )
    # Fair has a deal without an amount in the month before; Older's lies before the twelve months and the base
    assert list(views(dataset, "won_revenue", "2025-05")["by_lead_source"]) == ["Fair", "Old", "Web"]


def test_a_segment_without_data_is_blank_and_no_error(folder: Folder) -> None:
    dataset = folder(
        accounts="account_id,tier\nA1,gold\nA2,lead\n",
        settings='[segments]\nby = "tier"\n',
        opportunities="opportunity_id,created_on,stage,closed_on,amount,account_id\n"
        "1,2025-05-01,Closed Won,2025-05-10,7,A1\n",
    )
    result = compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), ["lead"])
    metrics = scorecard_document(result)["segments"]["lead"]["metrics"]
    assert list(metrics) == [metric.key for metric in CATALOGUE]
    for metric in CATALOGUE:
        total = metrics[metric.key]["views"].get("total")
        if total is not None:
            assert total["value"] is not None or total["why"] == "n/a"
        if metric.key in ("won_revenue", "lost_opportunities", "net_new_pipeline", "pipeline_by_stage"):
            assert total["value"] == 0
        if metric.key.startswith(("average_", "win_rate_")):
            assert total["value"] is None
    assert result.passed


def test_a_subset_of_the_metrics_in_the_catalogues_order(folder: Folder) -> None:
    dataset = folder('[scorecard]\nmetrics = ["win_rate_count", "won_revenue"]\n', opportunities=DEALS)
    result = compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), [ALL_ACCOUNTS])
    assert list(result.segments[ALL_ACCOUNTS].metrics) == ["won_revenue", "win_rate_count"]


def test_a_company_without_opportunities_has_its_revenue(folder: Folder) -> None:
    dataset = folder(
        accounts="account_id\nA1\nA2",
        revenue="account_id,start,end,mrr\nA1,2025-01-01,,100\nA2,2025-01-01,2025-05-20,40",
    )
    scorecard = compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), [ALL_ACCOUNTS])
    metrics = scorecard.segments[ALL_ACCOUNTS].metrics
    assert metrics["mrr"].total.current.value == 140_00
    assert metrics["nrr"].total.current.value == Fraction(100, 140)  # A2 cancelled
    assert metrics["churned_customers"].total.current.value == 1
    for key, table in (("won_revenue", "opportunities"), ("engaged_accounts", "opportunities"), ("leads", "leads")):
        assert metrics[key].lacks == (table,)
    assert metrics["won_revenue"].total.current.why == "n/a"
    assert all(check.passed for check in scorecard.checks)
