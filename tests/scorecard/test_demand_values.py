"""The metrics of demand generation worked by hand: leads, their outcomes, and what a sales qualified one costs."""

from __future__ import annotations

from typing import Any

from tests.conftest import Folder, Views
from tests.scorecard.test_segment_values import ratio

TWELVE = ["2024-06-01", "2025-05-31"]

LEADS = """
lead_id,created_on,account_id,source,mql_on,sqo_on,opportunity_id
1,2025-04-20,A1,Web,2025-05-01,2025-05-06,O1
2,2025-05-02,A1,,2025-05-03,2025-05-04,O1
3,2025-05-03,A2,Event,,,O2
4,2025-05-31,,Web,,,
5,2024-05-31,A1,Web,,,
6,2025-06-01,A1,Web,,,
7,2025-03-01,A1,Web,,,O9
8,2025-03-02,A2,Mail,,,
"""
OPPORTUNITIES = """
opportunity_id,account_id,lead_id,created_on,stage
O1,A1,,2025-05-20,Discovery
O2,A2,,2025-05-08,Discovery
O3,A2,8,2025-05-10,Discovery
"""
ACCOUNTS = "account_id,geo,sales_team\nA1,East,Hunters\nA2,West,Farmers\n"


def by_source(views: dict[str, Any]) -> dict[str, int]:
    """The sources on which anything of the period falls."""
    return {source: row["value"] for source, row in views["by_lead_source"].items() if row["value"]}


def test_leads(folder: Folder, views: Views) -> None:
    leads = views(folder(accounts=ACCOUNTS, leads=LEADS, opportunities=OPPORTUNITIES), "leads", "2025-05")
    # 2, 3, and 4, which no account has; April: 1; May 2024: 5
    assert leads["total"] == {"value": 3, "window": ["2025-05-01", "2025-05-31"]}
    assert leads["mom"] == {"value": 3, "base": 1, "change": 2, "percent": 2}
    assert leads["yoy"] == {"value": 3, "base": 1, "change": 2, "percent": 2}
    # June 2024 to May 2025: 1, 2, 3, 4, 7, 8
    assert leads["trailing_12"] == {"value": 6, "window": TWELVE}
    assert by_source(leads) == {"Event": 1, "Web": 1, "(blank)": 1}
    assert {geo: row["value"] for geo, row in leads["by_geo"].items()} == {"East": 1, "West": 1, "(blank)": 1}


def test_mqls(folder: Folder, views: Views) -> None:
    mqls = views(folder(accounts=ACCOUNTS, leads=LEADS, opportunities=OPPORTUNITIES), "mqls", "2025-05")
    # 1, captured in April, and 2; none in April, which is a month of data
    assert mqls["total"]["value"] == 2
    assert mqls["mom"] == {"value": 2, "base": 0, "change": 2, "percent": None, "why": "N/M"}
    assert by_source(mqls) == {"Web": 1, "(blank)": 1}


def test_sqos(folder: Folder, views: Views) -> None:
    dataset = folder(accounts=ACCOUNTS, leads=LEADS, opportunities=OPPORTUNITIES)
    sqos = views(dataset, "sqos", "2025-05")
    # 1 and 2 share O1: one, of 2, which was first. 3 has no date: O2's creation. 8 is named by O3. 7's is unknown.
    assert sqos["total"]["value"] == 3
    assert by_source(sqos) == {"Event": 1, "Mail": 1, "(blank)": 1}
    # a rate counts leads: both of O1 were MQLs and were converted, 3 and 8 never were MQLs
    assert ratio(views(dataset, "mql_to_sqo", "2025-05")["total"]) == (1, 2, 2)


OUTCOMES = """
lead_id,created_on,account_id,source,mql_on,sqo_on,rejected_on,rejected_from
1,2025-05-01,A1,Web,2025-05-05,,2025-05-20,lead
2,2025-05-01,A1,Web,2025-05-05,,2025-05-05,lead
3,2025-04-01,A1,Web,2025-05-05,,2025-04-30,lead
4,2024-01-01,A1,Web,2025-05-05,,2025-05-06,mql
5,2025-05-01,A1,Web,,,2025-05-06,mql
6,2025-05-01,A1,Web,,,2025-05-06,
7,2025-04-01,A1,Web,2025-04-02,2025-05-09,2025-05-09,mql
8,2025-04-01,A1,Mail,2025-04-03,2025-05-09,,
"""


def test_a_lead_converted_and_rejected_in_one_month(folder: Folder, views: Views) -> None:
    """One outcome for each lead, conversion and month: the last, and of one day the conversion.

    1 was converted on the 5th and rejected on the 20th: rejected. 2 both on the 5th: converted. 3 was rejected in April
    and converted in May: each in its month. 4 became an MQL and was rejected as one: converted there, rejected here. 5
    was rejected as an MQL without ever being one: in no rate. 6 does not say as what, and is no MQL: as a lead. 7 was
    converted to SQO and rejected on one day: converted.
    """
    dataset = folder(leads=OUTCOMES)
    to_mql = views(dataset, "lead_to_mql", "2025-05")
    # converted 2, 3, 4; rejected 1, 6
    assert ratio(to_mql["total"]) == (0.6, 3, 5)
    # April: 7 and 8 converted, 3 rejected. 3/5 − 2/3 in points
    assert to_mql["mom"]["base"] == 2 / 3
    assert abs(to_mql["mom"]["change"] + 1 / 15) < 1e-15
    assert to_mql["mom"]["percent"] is None
    # the year is the sum of its months, so 3 is in it twice: (3 + 2) / (5 + 3)
    assert ratio(to_mql["trailing_12"]) == (0.625, 5, 8)
    to_sqo = views(dataset, "mql_to_sqo", "2025-05")
    # converted 7, 8; rejected 4
    assert ratio(to_sqo["total"]) == (2 / 3, 2, 3)
    assert ratio(to_sqo["by_lead_source"]["Web"]) == (0.5, 1, 2)
    assert to_sqo["mom"] == {"value": 2 / 3, "base": None, "change": None, "percent": None, "why": "n/a"}
    assert ratio(to_sqo["trailing_12"]) == (2 / 3, 2, 3)


def test_a_lead_whose_account_changes_segment_mid_month(folder: Folder, views: Views) -> None:
    """Captured on the 1st and an MQL on the 5th as Old's, rejected on the 20th as New's: its outcome for is
    New's alone. 2 names its segment and is Old's on all days."""
    dataset = folder(
        accounts=ACCOUNTS,
        segment_members="segment,account_id,start,end\nOld,A1,,2025-05-10\nNew,A1,2025-05-10,\n",
        leads="""lead_id,created_on,account_id,mql_on,rejected_on,rejected_from,segment
1,2025-05-01,A1,2025-05-05,2025-05-20,lead,
2,2025-05-01,A1,2025-05-15,,,Old""",
    )
    found = {
        key: [views(dataset, key, "2025-05", name)["total"]["value"] for name in ("Old", "New")]
        for key in ("leads", "mqls", "lead_to_mql")
    }
    assert found == {"leads": [2, 0], "mqls": [2, 0], "lead_to_mql": [1, 0]}


# ------------------------------------------------------------------------------------------------------------- costs

COSTS = {
    "accounts": ACCOUNTS,
    "segment_members": "segment,account_id\nCore,A1\n",
    "leads": """lead_id,created_on,account_id,source,mql_on,sqo_on,rejected_on,rejected_from
1,2025-05-01,A1,Web,2025-05-02,2025-05-03,,
2,2025-05-01,A1,Web,2025-05-02,,,
3,2025-05-01,A1,Event,,,2025-05-02,lead
4,2025-05-01,A1,,,2025-05-04,,""",
    "costs": """month,amount,kind,lead_source,segment
2025-05,900,acquisition,Web,
2025-05,60,acquisition,,
2025-05,450,labor,,
2025-05,30,labor,Event,
2025-05,1200,acquisition,Web,Core
2025-04,70,labor,,
2025-04,500,acquisition,Web,""",
}


def test_cost_per_sqo(folder: Folder, views: Views) -> None:
    dataset = folder(**COSTS)
    cost = views(dataset, "cost_per_sqo", "2025-05")
    # 900 + 60 + 450 + 30 + 1,200 = 2,640 for 1 and 4
    assert ratio(cost["total"]) == (1320, 2640, 2)
    # twelve months: (2,640 + 570) / 2
    assert ratio(cost["trailing_12"]) == (1605, 3210, 2)
    assert cost["mom"] == {"value": 1320, "base": None, "change": None, "percent": None, "why": "n/a"}
    # a segment has only the costs that name it: 1,200 for the same two
    assert ratio(views(dataset, "cost_per_sqo", "2025-05", "Core")["total"]) == (600, 1200, 2)


def test_labor_without_a_source(folder: Folder, views: Views) -> None:
    """450 are spread by the leads with an outcome in May: 1 and 2 are Web's, 3 is Event's, 4 never was an MQL and has
    none. April's 70 find no lead with an outcome and stay with no source."""
    dataset = folder(**COSTS)
    cost = views(dataset, "cost_per_sqo", "2025-05")
    # Web 900 + 1,200 + 300 for 1; no source 60 for 4; Event 30 + 150 for none
    assert {source: ratio(row) for source, row in cost["by_lead_source"].items()} == {
        "Web": (2400, 2400, 1), "Event": (None, 180, 0), "(blank)": (60, 60, 1),
    }  # fmt: skip
    assert (cost["unallocated"]["value"], cost["unallocated"]["trailing_12"]["value"]) == (0, 70)
    # the quarter goes month by month: April's 70 are not spread by May's leads
    quarter = views(dataset, "cost_per_sqo", "2025-Q2")
    assert ratio(quarter["by_lead_source"]["Web"]) == (2900, 2900, 1)
    assert quarter["unallocated"]["value"] == 70


def test_sqos_zero_with_cost(folder: Folder, views: Views) -> None:
    """April: 570 spent and no SQO: not a number, never 0 or infinity; the cost is told."""
    cost = views(folder(**COSTS), "cost_per_sqo", "2025-04")
    assert cost["total"] == {
        "value": None, "why": "n/a", "numerator": 570, "denominator": 0, "window": ["2025-04-01", "2025-04-30"],
    }  # fmt: skip
    assert cost["by_lead_source"]["Web"]["numerator"] == 500
    assert cost["unallocated"]["value"] == 70


def test_a_cost_of_nothing_is_a_base_of_zero(folder: Folder, views: Views) -> None:
    """April: 1 SQO that cost nothing, 0 / 1 = 0; May: 90 / 1. The change is 90 and no percentage of 0."""
    dataset = folder(
        leads="lead_id,created_on,sqo_on\n1,2025-04-01,2025-04-03\n2,2025-05-01,2025-05-03\n",
        costs="month,amount,kind\n2025-03,5,acquisition\n2025-05,90,acquisition\n",
    )
    assert views(dataset, "cost_per_sqo", "2025-05")["mom"] == {
        "value": 90, "base": 0, "change": 90, "percent": None, "why": "N/M",
    }  # fmt: skip
