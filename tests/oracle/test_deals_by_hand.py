"""Worlds with numbers worked by hand, which prove the oracle of deals. The working is in the comments."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .deals import ALL_ACCOUNTS, scorecard, segment_names
from .worlds import World, periods, worlds, write_world

Row = dict[str, Any]
D = Decimal
F = Fraction
SEPTEMBER = (date(2017, 9, 1), date(2017, 9, 30))


def day(text: str) -> date:
    return date.fromisoformat(text)


def maybe_day(text: str | None) -> date | None:
    return None if text is None else day(text)


def opp(key: str, created: str, stage: str, closed: str | None = None, amount: Any = None, **more: Any) -> Row:
    """An opportunity of account A1, in the reporting currency, its status left to the stage."""
    row = {
        "opportunity_id": key,
        "created_on": day(created),
        "stage": stage,
        "account_id": "A1",
        "closed_on": maybe_day(closed),
        "status": "",
        "amount": None if amount is None else D(amount),
    }
    return row | more


def change(key: str, changed: str, stage: str, amount: Any = None) -> Row:
    stated = None if amount is None else D(amount)
    return {"opportunity_id": key, "changed_at": day(changed), "stage": stage, "amount": stated}


def member(segment: str, account: str, start: str | None = None, end: str | None = None) -> Row:
    return {"segment": segment, "account_id": account, "start": maybe_day(start), "end": maybe_day(end)}


def world(opportunities: list[Row], tables: dict[str, list[Row]] | None = None, **changed: Any) -> World:
    base: dict[str, Any] = {
        "stages": ["Prospecting", "Engaging"],
        "won_stages": ["Won"],
        "lost_stages": ["Lost"],
        "currency": "USD",
        "fiscal_year_start": 1,
        "as_of": None,
        "types": {
            "New": "new_logo",
            "Up": "upsell",
            "Cross": "cross_sell",
            "Renew": "renewal",
            "Misc": "other",
        },
        "toggles": {"membership": "event"},
        "segments_by": None,
        "segments_named": [],
    }
    return {
        "settings": base | changed,
        "tables": {"accounts": [{"account_id": "A1"}], "opportunities": opportunities} | (tables or {}),
    }


def values(items: dict[str, Any]) -> dict[str, Any]:
    return {name: row["value"] for name, row in items.items()}


# ------------------------------------------------------------------------------ 1. comparisons of a sum


def test_won_revenue_and_its_comparisons() -> None:
    made = world(
        [
            opp("0", "2016-08-01", "Won", "2016-08-31", "7777"),  # the day before the month a year before
            opp("1", "2016-09-01", "Won", "2016-09-20", "50"),
            opp("2", "2017-08-01", "Won", "2017-08-31", "200"),  # last day of August
            opp("3", "2017-08-02", "Won", "2017-09-01", "100.10"),  # first day of September
            opp("4", "2017-08-03", "Won", "2017-09-30", "149.90"),  # last day of September
            opp("5", "2017-08-04", "Won", "2017-10-01", "999"),  # October
            opp("6", "2017-08-05", "Lost", "2017-09-10", "70"),
            opp("7", "2017-08-06", "Engaging", "2017-09-10", "80"),  # open: its date is the expected one
        ]
    )
    card = scorecard(made, ALL_ACCOUNTS, "2017-09")
    won = card["won_revenue"]
    # 100.10 + 149.90 = 250 in September; 200 in August: +50 of 200 = 1/4; 50 a year before: +200 = 400 %
    assert won["total"] == {"value": D("250"), "window": SEPTEMBER}
    assert won["mom"] == {"value": D("250"), "base": D("200"), "change": D("50"), "percent": F(1, 4)}
    assert won["yoy"] == {"value": D("250"), "base": D("50"), "change": D("200"), "percent": F(4)}
    # October 2016 to September 2017: 200 + 250; data from August 2016 to October 2017: all 12 months
    twelve = (date(2016, 10, 1), date(2017, 9, 30))
    assert won["trailing_12"] == {"value": D("450"), "window": twelve, "months": 12}
    # lost: 70 against nothing in August (a month of data): N/M with its difference
    lost = card["lost_revenue"]
    assert lost["mom"] == {"value": D("70"), "base": D("0"), "change": D("70"), "percent": None, "why": "N/M"}
    # counts: 2 against 1 and 1
    count = card["won_opportunities"]
    assert count["mom"] == {"value": 2, "base": 1, "change": 1, "percent": F(1)}
    assert count["revenue"] == {
        "value": D("250"),
        "window": SEPTEMBER,
        "mom": {"value": D("250"), "base": D("200"), "change": D("50"), "percent": F(1, 4)},
        "yoy": {"value": D("250"), "base": D("50"), "change": D("200"), "percent": F(4)},
        "trailing_12": {"value": D("450"), "window": (date(2016, 10, 1), date(2017, 9, 30)), "months": 12},
    }


def test_a_missing_base_is_not_a_zero_base() -> None:
    made = world(
        [
            opp("1", "2017-08-15", "Won", "2017-09-20", "100"),  # data starts in August 2017
            opp("2", "2017-09-15", "Lost", "2017-09-20", "40"),
        ]
    )
    won = scorecard(made, ALL_ACCOUNTS, "2017-09")["won_revenue"]
    assert won["mom"] == {
        "value": D("100"),
        "base": D("0"),
        "change": D("100"),
        "percent": None,
        "why": "N/M",
    }
    assert won["yoy"] == {"value": D("100"), "base": None, "change": None, "percent": None, "why": "n/a"}
    assert won["trailing_12"]["months"] == 2  # August and September
    # November and its base, October, lie after the data: missing, for a stock too.
    late = scorecard(made, ALL_ACCOUNTS, "2017-11")
    missing = {"value": None, "base": None, "change": None, "percent": None, "why": "n/a"}
    assert late["won_revenue"]["mom"] == late["pipeline_by_stage"]["mom"] == missing
    assert late["won_revenue"]["trailing_12"]["value"] == D("100")


# ----------------------------------------------------------------------- 2. net new, negative, no amount


def test_net_new_pipeline_with_negative_and_missing_amounts() -> None:
    made = world(
        [
            opp("1", "2017-09-01", "Engaging", None, "100"),  # +100
            opp("2", "2017-09-02", "Lost", "2017-09-30", "30"),  # +30 - 30
            opp("3", "2017-08-02", "Lost", "2017-09-03", "45"),  # August +45, September -45
            opp("4", "2017-09-05", "Won", "2017-09-06", "-10"),  # -10
            opp("5", "2017-09-05", "Engaging", None, None),  # counts as 0
            opp("6", "2017-08-05", "Lost", "2017-08-06", "145"),  # August +145 - 145
        ]
    )
    net = scorecard(made, ALL_ACCOUNTS, "2017-09")["net_new_pipeline"]
    # September: 100 + 30 - 10 + 0 - 30 - 45 = 45; August: 45 + 145 - 145 = 45; no change: 0 of 45 = 0
    assert net["total"]["value"] == D("45")
    assert net["mom"] == {"value": D("45"), "base": D("45"), "change": D("0"), "percent": F(0)}
    # the data ends in September: October is not 0 but unknown, with September as its base
    october = scorecard(made, ALL_ACCOUNTS, "2017-10")["net_new_pipeline"]
    assert october["mom"] == {"value": None, "base": D("45"), "change": None, "percent": None, "why": "n/a"}


def test_a_negative_base_is_not_meaningful() -> None:
    made = world([opp("1", "2017-07-01", "Lost", "2017-08-01", "45"), opp("2", "2017-09-01", "Engaging", None, 5)])
    net = scorecard(made, ALL_ACCOUNTS, "2017-09")["net_new_pipeline"]
    assert net["mom"] == {"value": D(5), "base": D(-45), "change": D(50), "percent": None, "why": "N/M"}


# ------------------------------------------------------------------------------------ 3. new or existing


def test_new_existing_unknown() -> None:
    def won(key: str, account: str, amount: str, kind: str, created: str = "2017-08-01") -> Row:
        return opp(key, created, "Won", "2017-09-10", amount, account_id=account, type=kind)

    made = world(
        [
            opp("0", "2017-01-01", "Won", "2017-07-31", "7", account_id="A2"),  # A2 has won by August
            opp("00", "2017-01-01", "Won", "2017-08-01", "7", account_id="A3"),  # A3 on the very day: not before
            won("1", "A2", "1", "New"),  # the map says new
            won("2", "A1", "2", "Cross"),  # the map says existing
            won("3", "A2", "4", ""),  # won before: existing
            won("4", "A3", "8", ""),  # new
            won("5", "", "16", ""),  # no account: unknown
            won("6", "", "32", "Renew"),  # no account, but the map says existing
            won("7", "A4", "64", "Misc"),  # mapped to other, MRR in July: existing
            won("8", "A5", "128", "Strange"),  # unmapped, MRR of 0 before and 9 from the day of creation: new
            won("9", "X9", "256", ""),  # an account no table knows: new
            won("10", "A6", "512", "", created="2017-09-20"),  # won ten days before its creation: new all the same
        ],
        {
            "revenue": [
                {"account_id": "A4", "start": day("2017-07-31"), "end": day("2017-08-01"), "mrr": D("9")},
                {"account_id": "A5", "start": day("2017-08-01"), "end": None, "mrr": D("9")},
                {"account_id": "A5", "start": day("2017-01-01"), "end": None, "mrr": D("0")},
            ]
        },
    )
    won_revenue = scorecard(made, ALL_ACCOUNTS, "2017-09")["won_revenue"]
    assert won_revenue["new_customers"]["value"] == D(1 + 8 + 128 + 256 + 512)
    assert won_revenue["existing_customers"]["value"] == D(2 + 4 + 32 + 64)
    assert won_revenue["unknown"]["value"] == D(16)
    assert won_revenue["total"]["value"] == D(1023)
    # August had 7, from A3, type unmapped, not won before: new. 905 - 7 = 898
    assert won_revenue["new_customers"]["mom"] == {
        "value": D(905),
        "base": D(7),
        "change": D(898),
        "percent": F(898, 7),
    }


# ------------------------------------------------------------------------- 4. members that come and go


def coming_and_going(membership: str) -> World:
    return world(
        [
            opp("1", "2017-08-20", "Won", "2017-09-09", "1"),  # the day before A1 joins
            opp("2", "2017-08-20", "Won", "2017-09-10", "2"),  # its first day
            opp("3", "2017-08-20", "Won", "2017-09-19", "4"),  # its last day
            opp("4", "2017-08-20", "Won", "2017-09-20", "8"),  # the first day without
            opp("5", "2017-08-20", "Won", "2017-09-30", "16", account_id="A2"),  # A2 joins on the last day
            opp("6", "2017-08-20", "Won", "2017-09-02", "32", account_id="A2"),
            opp("7", "2017-08-20", "Won", "2017-08-30", "64", account_id="A2"),
            opp("8", "2017-08-20", "Engaging", None, "128", account_id="A2"),
            opp("9", "2017-09-12", "Engaging", None, "256"),
        ],
        {
            "segments": [{"segment": "S", "created_on": day("2017-09-30")}],
            "segment_members": [member("S", "A1", "2017-09-10", "2017-09-20"), member("S", "A2")],
        },
        toggles={"membership": membership},
    )


def test_membership_on_the_events_date() -> None:
    card = scorecard(coming_and_going("event"), "S", "2017-09")
    assert card["won_revenue"]["total"]["value"] == D(2 + 4 + 16)
    assert card["won_revenue"]["mom"]["base"] == D(0)
    # creation: A1 created the last one as a member; A2 was none in August
    assert card["net_new_pipeline"]["total"]["value"] == D(256)
    # a stock: members at the window's end, that is A2 alone
    assert card["pipeline_by_stage"]["total"]["value"] == D(128)
    assert card["pipeline_by_stage"]["mom"]["base"] == D(0)


def test_membership_at_the_windows_end() -> None:
    card = scorecard(coming_and_going("period_end"), "S", "2017-09")
    assert card["won_revenue"]["total"]["value"] == D(16 + 32)  # A2 alone, whenever it won
    assert card["won_revenue"]["mom"]["base"] == D(0)  # no one was a member at the end of August
    assert card["won_revenue"]["trailing_12"]["value"] == D(16 + 32 + 64)  # its window ends in September
    assert card["net_new_pipeline"]["total"]["value"] == D(0)


# ----------------------------------------------------------- 5. rules, overlaps, own segment, no account


def test_rules_columns_and_named_segments_of_opportunities() -> None:
    def account(key: str, sector: str, employees: str, geo: str) -> Row:
        return {"account_id": key, "sector": sector, "employees": employees, "geo": geo}

    made = world(
        [
            opp("1", "2017-09-01", "Engaging", None, "1", account_id="A1"),
            opp("2", "2017-09-01", "Engaging", None, "2", account_id="A2"),
            opp("3", "2017-09-01", "Engaging", None, "4", account_id="A3"),
            opp("4", "2017-09-01", "Engaging", None, "8", account_id=""),  # only All accounts
            opp("5", "2017-09-01", "Engaging", None, "16", account_id="X9"),  # no table knows it
            opp("6", "2017-09-01", "Engaging", None, "32", account_id="A1", segment="Small"),  # Small alone
            opp("7", "2017-09-01", "Engaging", None, "64", account_id="A1", segment="Elsewhere"),
            opp("8", "2017-09-01", "Engaging", None, "128", account_id="A4"),
        ],
        {
            "accounts": [
                account("A1", "retail", "1000", "East"),
                account("A2", "retail", "", ""),
                account("A3", "", "99", "West"),
                account("A4", "energy", "100", "West"),
            ]
        },
        segments_by="sector",
        segments_named=[
            {"name": "Large", "created_on": day("2018-01-01"), "where": {"employees": {"min": 100}}},
            {"name": "Small", "created_on": None, "where": {"employees": {"max": 99}, "geo": ["West"]}},
            {"name": "Not east", "created_on": None, "where": {"geo": {"not": ["East"]}}},
        ],
    )
    assert segment_names(made) == [ALL_ACCOUNTS, "retail", "energy", "Large", "Small", "Not east"]
    found = {
        name: scorecard(made, name, "2017-09")["net_new_pipeline"]["total"]["value"] for name in segment_names(made)
    }
    assert found == {
        ALL_ACCOUNTS: D(255),
        "retail": D(1 + 2),  # A1 and A2; 6 and 7 name another one
        "energy": D(128),
        "Large": D(1 + 128),  # A1 and A4 (exactly 100); a blank is not 100; created_on does not matter
        "Small": D(4 + 32),  # A3, and the one that names it
        "Not east": D(2 + 4 + 128),  # the blank is not East
    }


# ----------------------------------------------------------------------------------- 6. foreign currency


def test_foreign_amounts() -> None:
    made = world(
        [
            opp("1", "2017-08-10", "Won", "2017-09-10", "100", currency="EUR"),  # 100 x 1.2 = 120
            opp("2", "2017-08-10", "Won", "2017-09-10", "0.10", currency="EUR"),  # 0.12
            opp("3", "2017-08-10", "Won", "2017-09-10", "50", currency="GBP"),  # no rate: 0, but counted
            opp("4", "2017-08-10", "Won", "2017-09-10", "30", currency="USD"),
            opp("5", "2017-08-10", "Lost", "2017-09-10", "0.01", currency="JPY"),  # 0.005, half up: 0.01
            opp("6", "2017-08-10", "Lost", "2017-09-10", "-0.01", currency="JPY"),  # away from zero: -0.01
            opp("7", "2017-08-10", "Engaging", None, "10", currency="EUR"),
        ],
        {
            "fx_rates": [
                {"month": "2017-08", "currency": "EUR", "rate": D("1.1")},
                {"month": "2017-09", "currency": "EUR", "rate": D("1.2")},
                {"month": "2017-09", "currency": "JPY", "rate": D("0.5")},
            ]
        },
    )
    card = scorecard(made, ALL_ACCOUNTS, "2017-09")
    # won: 120 + 0.12 + 0 + 30 = 150.12, over 4 = 37.53
    assert card["won_revenue"]["total"]["value"] == D("150.12")
    assert card["average_deal_size"]["total"] == {
        "value": F(3753, 100),
        "numerator": D("150.12"),
        "denominator": 4,
        "window": SEPTEMBER,
    }
    assert card["lost_revenue"]["total"]["value"] == D("0.00")
    # created in August, at August's rate: 110 + 0.11 + 0 + 30 + 0 - 0 + 11 = 151.11
    assert scorecard(made, ALL_ACCOUNTS, "2017-08")["net_new_pipeline"]["total"]["value"] == D("151.11")
    # the open one at the end of September: 10 x 1.2; at the end of August EUR 110.10 + 10 at 1.1 and 30 USD
    assert card["pipeline_by_stage"]["total"]["value"] == D("12.0")
    assert card["pipeline_by_stage"]["mom"]["base"] == D("151.11")


# ----------------------------------------------------------------------------------------- 7. the cut-off


def test_as_of_takes_back_what_came_later() -> None:
    opportunities = [
        opp("1", "2017-08-01", "Won", "2017-09-20", "100", type="New"),  # closed after the cut-off: open
        opp("2", "2017-08-01", "Won", "2017-09-15", "20", type="New"),  # on the cut-off: won
        opp("3", "2017-09-16", "Engaging", None, "400"),  # created after: not there
        opp("4", "2017-08-01", "Engaging", None, "1000"),  # history after the cut-off raised it to 1000
    ]
    history = [
        change("1", "2017-08-05", "Prospecting"),
        change("1", "2017-09-20", "Won"),
        change("4", "2017-09-01", "Prospecting", "900"),
        change("4", "2017-09-16", "Engaging", "1000"),
    ]
    made = world(opportunities, {"opportunity_history": history}, as_of=day("2017-09-15"))
    card = scorecard(made, ALL_ACCOUNTS, "2017-09")
    assert card["won_revenue"]["total"]["value"] == D(20)
    assert card["lost_opportunities"]["total"]["value"] == 0
    # open at the end of September as known on the 15th: 1 and 4, both Prospecting: 100 + 900
    stages = card["pipeline_by_stage"]["by_stage"]
    assert stages["Prospecting"] == {"value": D(1000), "window": SEPTEMBER, "count": 2}
    assert stages["Engaging"] == {"value": D(0), "window": SEPTEMBER, "count": 0}
    # created in August: 100 + 20 + 900 (the amount known on the 15th)
    assert scorecard(made, ALL_ACCOUNTS, "2017-08")["net_new_pipeline"]["total"]["value"] == D(1020)
    # at the end of August: 1 is Prospecting with 100, 2 (no history, closed since) is unknown with 20, and
    # 4 has its first row in September: unknown, with its first amount
    august = scorecard(made, ALL_ACCOUNTS, "2017-08")["pipeline_by_stage"]
    assert values(august["by_stage"]) == {"Prospecting": D(100), "Engaging": D(0), "unknown": D(920)}
    assert august["not_reconstructed"] == 2
    # Without the cut-off: 120 won; open at the end of September 3 and 4, both Engaging
    whole = scorecard(world(opportunities, {"opportunity_history": history}), ALL_ACCOUNTS, "2017-09")
    assert whole["won_revenue"]["total"]["value"] == D(120)
    assert values(whole["pipeline_by_stage"]["by_stage"]) == {
        "Prospecting": D(0),
        "Engaging": D(1400),
        "unknown": D(0),
    }
    assert whole["pipeline_by_stage"]["by_stage_mom"]["unknown"]["base"] == D(920)


def test_as_of_and_memberships() -> None:
    made = world(
        [
            opp("1", "2017-09-01", "Engaging", None, "1"),
            opp("2", "2017-09-01", "Engaging", None, "2", account_id="A2"),
        ],
        {
            "segments": [{"segment": "S", "created_on": None}],
            "segment_members": [
                member("S", "A1", None, "2017-09-20"),  # the end comes after the cut-off: still a member
                member("S", "A2", "2017-09-20"),  # the start comes after it: no member (and not one since ever)
            ],
        },
        as_of=day("2017-09-15"),
    )
    assert scorecard(made, "S", "2017-09")["pipeline_by_stage"]["total"]["value"] == D(1)
    made["settings"]["as_of"] = None
    assert scorecard(made, "S", "2017-09")["pipeline_by_stage"]["total"]["value"] == D(2)


# ---------------------------------------------------------------------------------- 8. fiscal quarters


def test_fiscal_quarters() -> None:
    made = world(
        [
            opp("1", "2015-11-01", "Won", "2015-11-30", "3"),
            opp("2", "2016-08-01", "Won", "2016-10-31", "10"),  # Q1 of fiscal 2017 (August to October 2016)
            opp("3", "2016-08-01", "Won", "2016-11-01", "20"),  # Q2 (November 2016 to January 2017)
            opp("4", "2016-08-01", "Won", "2017-01-31", "30"),  # Q2
            opp("5", "2016-08-01", "Won", "2017-02-01", "40"),  # Q3
        ],
        fiscal_year_start=8,
    )
    won = scorecard(made, ALL_ACCOUNTS, "2017-Q2")["won_revenue"]
    window = (date(2016, 11, 1), date(2017, 1, 31))
    assert won["total"] == {"value": D(50), "window": window}
    assert won["qoq"] == {"value": D(50), "base": D(10), "change": D(40), "percent": F(4)}
    # a year before: November 2015 to January 2016: 3; 47 / 3
    assert won["yoy"] == {"value": D(50), "base": D(3), "change": D(47), "percent": F(47, 3)}
    # February 2016 to January 2017: 10 + 20 + 30
    assert won["trailing_12"] == {
        "value": D(60),
        "window": (date(2016, 2, 1), date(2017, 1, 31)),
        "months": 12,
    }
    assert "mom" not in won
    # With the calendar year, 2017-Q2 is April to June, and the data ended in February
    made["settings"]["fiscal_year_start"] = 1
    won = scorecard(made, ALL_ACCOUNTS, "2017-Q2")["won_revenue"]
    spring = (date(2017, 4, 1), date(2017, 6, 30))
    assert won["total"] == {"value": None, "why": "n/a", "window": spring, "months": 0}
    assert won["qoq"]["base"] == D(70)  # January to March: 30 + 40
    # of July 2016 to June 2017, the data covers July 2016 to February 2017
    assert won["trailing_12"]["months"] == 8


@pytest.mark.parametrize(
    ("start", "first", "last"),
    [(1, "2017-01-01", "2017-03-31"), (2, "2016-02-01", "2016-04-30"), (12, "2016-12-01", "2017-02-28")],
)
def test_fiscal_year_is_named_by_its_end(start: int, first: str, last: str) -> None:
    card = scorecard(world([], fiscal_year_start=start), ALL_ACCOUNTS, "2017-Q1")
    assert card["won_revenue"]["total"]["window"] == (day(first), day(last))


# --------------------------------------------------------------------------- 9. snapshots from history


def test_snapshot_with_history() -> None:
    made = world(
        [
            opp("1", "2017-08-01", "Won", "2017-10-05", "500"),
            opp("2", "2017-08-01", "Lost", "2017-09-10", "60"),
            opp("3", "2017-09-30", "Engaging", None, "7"),
            opp("4", "2017-10-01", "Engaging", None, "1000"),
        ],
        {
            "opportunity_history": [
                # 1: by the end of September Engaging with 300 (two rows on one day: the later row counts)
                change("1", "2017-10-05", "Won", "500"),
                change("1", "2017-08-01", "Prospecting", "100"),
                change("1", "2017-09-30", "Prospecting", "200"),
                change("1", "2017-09-30", "Engaging", "300"),
                # 2: lost on the 10th, reopened on the 20th: open at the end of September with 50
                change("2", "2017-08-15", "Prospecting", "40"),
                change("2", "2017-09-10", "Lost", "40"),
                change("2", "2017-09-20", "Legal", "50"),
                # 3: a row before its creation counts for its stage; it is not open before it is created
                change("3", "2017-08-20", "Prospecting", "5"),
            ]
        },
    )
    pipeline = scorecard(made, ALL_ACCOUNTS, "2017-09")["pipeline_by_stage"]
    assert pipeline["total"]["value"] == D(300 + 50 + 5)
    assert pipeline["by_stage"] == {
        "Prospecting": {"value": D(5), "window": SEPTEMBER, "count": 1},
        "Engaging": {"value": D(300), "window": SEPTEMBER, "count": 1},
        "Other": {"value": D(50), "window": SEPTEMBER, "count": 1},  # Legal is not one of the stages
    }
    # end of August: 1 Prospecting 100, 2 Prospecting 40
    assert pipeline["by_stage_mom"]["Prospecting"] == {
        "value": D(5),
        "base": D(140),
        "change": D(-135),
        "percent": F(-27, 28),
    }
    assert pipeline["by_stage_mom"]["Other"]["why"] == "N/M"
    assert pipeline["by_stage_yoy"]["Other"] == {
        "value": D(50),
        "base": None,  # before the first month of data
        "change": None,
        "percent": None,
        "why": "n/a",
    }
    assert pipeline["not_reconstructed"] == 0
    # the lost one is lost in September all the same, reopened or not
    assert scorecard(made, ALL_ACCOUNTS, "2017-09")["lost_revenue"]["total"]["value"] == D(60)


def test_what_does_not_reopen_and_what_closes() -> None:
    made = world(
        [
            opp("1", "2017-08-01", "Lost", "2017-09-10", "1"),  # a later row, but none closed it in history
            opp("2", "2017-08-01", "Lost", "2017-09-10", "2"),  # reopened the very day: not after closed_on
            opp("3", "2017-08-01", "Lost", "2017-09-10", "4"),  # reopened before it closed for good
            opp("4", "2017-08-01", "Lost", "2017-09-10", "8"),  # reopened, but only in October
            opp("5", "2017-08-01", "Engaging", None, "16"),  # status open, last row closed: not open
            opp("6", "2017-08-01", "Lost", "2017-10-10", "32"),  # history closed it before closed_on
            opp("7", "2017-08-01", "Won", "2017-09-10", "64"),  # reopened twice
            opp("8", "2017-09-01", "Lost", "2017-09-10", "128"),  # reopened on the last day of September
        ],
        {
            "opportunity_history": [
                change("1", "2017-08-05", "Engaging"),
                change("1", "2017-09-15", "Prospecting"),
                change("2", "2017-09-10", "Lost"),
                change("2", "2017-09-10", "Engaging"),
                change("3", "2017-08-10", "Lost"),
                change("3", "2017-08-20", "Engaging"),
                change("4", "2017-09-10", "Lost"),
                change("4", "2017-10-01", "Engaging"),
                change("5", "2017-09-20", "Lost"),
                change("6", "2017-09-20", "Lost"),
                change("7", "2017-09-10", "Won"),
                change("7", "2017-09-12", "Engaging"),
                change("7", "2017-09-14", "Lost"),
                change("7", "2017-09-16", "Prospecting"),
                change("8", "2017-09-10", "Lost"),
                change("8", "2017-09-30", "Engaging"),
            ]
        },
    )
    card = scorecard(made, ALL_ACCOUNTS, "2017-09")
    assert values(card["pipeline_by_stage"]["by_stage"]) == {
        "Prospecting": D(64),
        "Engaging": D(128),
        "unknown": D(0),  # listed because of the end of August: 2, 4, 5, 6 and 7 had no row yet
    }
    # end of August: 1 to 7 are open: 1 and 3 Engaging, the others not yet in history
    assert card["pipeline_by_stage"]["by_stage_mom"]["Engaging"]["base"] == D(1 + 4)
    assert card["pipeline_by_stage"]["by_stage_mom"]["unknown"]["base"] == D(2 + 8 + 16 + 32 + 64)


def test_amounts_of_the_time() -> None:
    made = world(
        [
            opp("1", "2017-08-01", "Engaging", None, "1000"),  # history states some amounts
            opp("2", "2017-08-01", "Engaging", None, "3"),  # history states none: its own amount
        ],
        {
            "opportunity_history": [
                change("1", "2017-08-10", "Prospecting"),
                change("1", "2017-09-10", "Prospecting", "700"),
                change("1", "2017-10-10", "Engaging"),
                change("2", "2017-08-10", "Prospecting"),
            ]
        },
    )
    # end of August: nothing stated yet for 1; September: 700; October: the row without an amount changes none
    for period, expected in (("2017-08", 0 + 3), ("2017-09", 700 + 3), ("2017-10", 700 + 3)):
        assert scorecard(made, ALL_ACCOUNTS, period)["pipeline_by_stage"]["total"]["value"] == D(expected)
    # everything else uses the amount known now
    assert scorecard(made, ALL_ACCOUNTS, "2017-08")["net_new_pipeline"]["total"]["value"] == D(1003)


# ------------------------------------------------------------------------ 10. snapshots without history


def test_snapshot_without_history() -> None:
    made = world(
        [
            opp("1", "2017-08-01", "Engaging", None, "1"),  # still open: its stage
            opp("2", "2017-08-01", "Legal", "2017-09-01", "2"),  # open, expected date past: still open, Other
            opp("3", "2017-08-01", "Won", "2017-10-01", "4"),  # open then, closed since: unknown
            opp("4", "2017-08-01", "Won", "2017-09-30", "8"),  # closed on the day: not open
            opp("5", "2017-08-01", "Won", None, "16", status="open"),  # the status column decides: open, Other
            opp("6", "2017-09-30", "Prospecting", None, None),  # counts with 0
            opp("7", "2017-10-20", "Lost", "2017-10-10", "32"),  # closed before it was created: never open
            opp("8", "2017-08-01", "Engaging", "2017-09-01", "64", status="lost"),  # the status column: lost
        ]
    )
    card = scorecard(made, ALL_ACCOUNTS, "2017-09")
    pipeline = card["pipeline_by_stage"]
    assert {stage: (row["value"], row["count"]) for stage, row in pipeline["by_stage"].items()} == {
        "Prospecting": (D(0), 1),
        "Engaging": (D(1), 1),
        "Other": (D(18), 2),
        "unknown": (D(4), 1),
    }
    assert pipeline["not_reconstructed"] == 1
    assert pipeline["total"] == {"value": D(23), "window": SEPTEMBER}
    # end of August: 1 + 2 + 4 + 8 + 16 + 64 = 95; 23 - 95 = -72
    assert pipeline["mom"] == {"value": D(23), "base": D(95), "change": D(-72), "percent": F(-72, 95)}
    assert pipeline["by_stage_mom"]["unknown"]["base"] == D(4 + 8 + 64)
    assert "trailing_12" not in pipeline
    assert "trailing_12" not in pipeline["by_geo"]["(blank)"]
    assert card["lost_revenue"]["total"]["value"] == D(64)


# ------------------------------------------------------------------------------------ 11. ratios of sums


def test_trailing_ratios_are_ratios_of_sums() -> None:
    made = world(
        [
            opp("1", "2016-12-01", "Won", "2016-12-11", "10"),  # 10 days
            opp("2", "2016-12-01", "Lost", "2016-12-11", "30"),
            opp("3", "2017-09-01", "Won", "2017-09-01", "100"),  # 0 days
            opp("4", "2017-09-01", "Won", "2017-09-06", "50"),  # 5 days
            opp("5", "2017-09-01", "Won", "2017-09-03", "0"),  # 2 days
            opp("6", "2017-09-01", "Lost", "2017-09-03", "50"),
            opp("7", "2017-09-05", "Won", "2017-09-01", "6"),  # -4 days: not in the time to close
        ]
    )
    card = scorecard(made, ALL_ACCOUNTS, "2017-09")
    days = card["average_time_to_close"]
    assert days["total"] == {"value": F(7, 3), "numerator": 7, "denominator": 3, "window": SEPTEMBER}
    assert days["trailing_12"] == {
        "value": F(17, 4),
        "numerator": 17,
        "denominator": 4,
        "window": (date(2016, 10, 1), date(2017, 9, 30)),
        "months": 10,  # December 2016 to September 2017
    }
    # 4 won of 5; over the year 5 of 7 (not the mean of 4/5 and 1/2)
    rate = card["win_rate_count"]
    assert (rate["total"]["value"], rate["trailing_12"]["value"]) == (F(4, 5), F(5, 7))
    # revenue: 156 of 206; over the year 166 of 246
    rate = card["win_rate_revenue"]
    assert (rate["total"]["value"], rate["trailing_12"]["value"]) == (F(156, 206), F(166, 246))
    # the average of 156 over 4 deals, the empty one included
    assert card["average_deal_size"]["total"]["value"] == F(39)
    # August has nothing closed: no rate, though there is data around it
    assert card["win_rate_count"]["mom"] == {
        "value": F(4, 5),
        "base": None,
        "change": None,
        "percent": None,
        "why": "n/a",
    }


def test_rates_compare_in_points_and_averages_in_percent() -> None:
    made = world(
        [
            opp("1", "2017-08-01", "Won", "2017-08-11", "10"),
            opp("2", "2017-08-01", "Lost", "2017-08-11", "30"),
            opp("3", "2017-08-02", "Won", "2017-09-16", "15"),
            opp("4", "2016-09-02", "Lost", "2016-09-12", "15"),
        ]
    )
    card = scorecard(made, ALL_ACCOUNTS, "2017-09")
    # count: 1 against 1/2: 50 points; against 0 a year before: 100 points
    assert card["win_rate_count"]["mom"] == {
        "value": F(1),
        "base": F(1, 2),
        "change": F(1, 2),
        "percent": None,
        "why": "n/a",
    }
    assert card["win_rate_count"]["yoy"]["change"] == F(1)
    assert card["win_rate_revenue"]["mom"]["change"] == F(3, 4)
    # 15 against 10: +50 %; 45 days against 10: +350 %
    assert card["average_deal_size"]["mom"]["percent"] == F(1, 2)
    assert card["average_time_to_close"]["mom"]["percent"] == F(7, 2)


def test_zero_and_negative_denominators() -> None:
    made = world(
        [
            opp("1", "2017-09-01", "Won", "2017-09-02", "-50"),
            opp("2", "2017-09-01", "Lost", "2017-09-02", "50"),
            opp("3", "2017-08-01", "Won", "2017-08-02", "-50"),
            opp("4", "2017-08-01", "Lost", "2017-08-02", "30"),
        ]
    )
    card = scorecard(made, ALL_ACCOUNTS, "2017-09")
    assert card["win_rate_revenue"]["total"] == {
        "value": None,
        "numerator": D(-50),
        "denominator": D(0),
        "why": "n/a",
        "window": SEPTEMBER,
    }
    assert card["win_rate_count"]["total"]["value"] == F(1, 2)
    # August: -50 / -20
    assert card["win_rate_revenue"]["mom"]["base"] == F(5, 2)
    assert card["win_rate_revenue"]["mom"]["why"] == "n/a"


# ------------------------------------------------------------------------------------- 12. loss reasons


def test_lost_by_reason() -> None:
    made = world(
        [
            opp("1", "2017-09-01", "Lost", "2017-09-02", "30", loss_reason="Price"),
            opp("2", "2017-09-01", "Lost", "2017-09-02", "10", loss_reason="Price"),
            opp("3", "2017-09-01", "Lost", "2017-09-02", "40", loss_reason=""),
            opp("4", "2017-09-01", "Won", "2017-09-02", "90", loss_reason="Timing"),  # won: no loss
            opp("5", "2017-01-01", "Lost", "2017-01-02", "5", loss_reason="Timing"),  # in the 12 months only
            opp("6", "2016-07-01", "Lost", "2016-07-02", "5", loss_reason="Ancient"),  # in no window: not listed
        ]
    )
    reasons = scorecard(made, ALL_ACCOUNTS, "2017-09")["lost_by_reason"]
    assert reasons["total"] == {"value": 3, "window": SEPTEMBER}
    shares = ("count", "count_percent", "revenue", "revenue_percent")
    assert {name: tuple(row[key] for key in shares) for name, row in reasons["by_reason"].items()} == {
        "(blank)": (1, F(1, 3), D(40), F(1, 2)),
        "Price": (2, F(2, 3), D(40), F(1, 2)),
        "Timing": (0, F(0), D(0), F(0)),
    }
    assert values(reasons["by_reason"]) == {"(blank)": 1, "Price": 2, "Timing": 0}
    assert reasons["by_reason"]["Timing"]["trailing_12"]["value"] == 1
    # October: after the data, so no percentages
    october = scorecard(made, ALL_ACCOUNTS, "2017-10")["lost_by_reason"]["by_reason"]["Price"]
    assert (october["count_percent"], october["revenue_percent"]) == (None, None)
    assert october["mom"] == {"value": None, "base": 2, "change": None, "percent": None, "why": "n/a"}


# --------------------------------------------------------------------------------------------- 13. cuts


def test_cuts_by_geo_team_and_the_rest() -> None:
    made = world(
        [
            opp("1", "2017-09-01", "Won", "2017-09-02", "1", geo="North", owner="Ann"),  # its own geo, Ann's team
            opp("2", "2017-09-01", "Won", "2017-09-02", "2", owner="Ann"),  # Ann has no geo: the account's
            opp("3", "2017-09-01", "Won", "2017-09-02", "4", owner="Nobody", lead_source="Web"),  # account
            opp("4", "2017-09-01", "Won", "2017-09-02", "8", account_id="X9", product_category="Core"),  # blank
            opp(
                "5",
                "2017-06-01",
                "Won",
                "2017-06-02",
                "16",
                account_id="",
                sales_team="Old team",
                geo="South",
            ),
        ],
        {
            "accounts": [{"account_id": "A1", "geo": "East", "sales_team": "Account team"}],
            "teams": [{"owner": "Ann", "sales_team": "Ann's team", "geo": ""}],
        },
    )
    won = scorecard(made, ALL_ACCOUNTS, "2017-09")["won_revenue"]
    # June is among the 12 months, so its items are listed, with 0
    assert values(won["by_geo"]) == {"North": D(1), "East": D(6), "(blank)": D(8), "South": D(0)}
    assert values(won["by_sales_team"]) == {
        "Ann's team": D(3),
        "Account team": D(4),
        "(blank)": D(8),
        "Old team": D(0),
    }
    assert values(won["by_lead_source"]) == {"(blank)": D(11), "Web": D(4)}
    assert values(won["by_product_category"]) == {"(blank)": D(7), "Core": D(8)}
    assert won["by_geo"]["South"]["trailing_12"]["value"] == D(16)
    # only created events list these in net new pipeline; nothing was ever lost
    lost = scorecard(made, ALL_ACCOUNTS, "2017-09")["lost_revenue"]
    assert lost["by_geo"] == {}


def test_types_add_up() -> None:
    kinds = {"1": "New", "2": "Up", "4": "Cross", "8": "Renew", "16": "Misc", "32": "Unheard of", "64": ""}
    made = world(
        [opp(amount, "2017-09-01", "Won", "2017-09-11", amount, type=kind) for amount, kind in kinds.items()]
        + [opp("lost", "2017-09-01", "Lost", "2017-09-11", "3", type="Up")]
    )
    card = scorecard(made, ALL_ACCOUNTS, "2017-09")
    count = card["won_opportunities"]
    four = ("new_logo", "upsell_cross_sell", "renewal", "other")
    assert [count[view]["value"] for view in four] == [1, 2, 1, 3]
    assert [count[view]["revenue"] for view in four] == [D(1), D(6), D(8), D(112)]
    assert values(count["by_type"]) == {"new_logo": 1, "upsell": 1, "cross_sell": 1, "renewal": 1, "other": 3}
    # upsell and cross-sell: 2 won, 1 lost; revenue 6 of 9; deals of 3 on average
    assert card["win_rate_count"]["upsell_cross_sell"]["value"] == F(2, 3)
    assert card["win_rate_revenue"]["upsell_cross_sell"]["value"] == F(2, 3)
    assert card["average_deal_size"]["upsell_cross_sell"]["value"] == F(3)
    assert card["average_time_to_close"]["other"]["numerator"] == 30
    assert card["lost_opportunities"]["renewal"]["value"] == 0
    assert card["lost_opportunities"]["upsell_cross_sell"]["revenue"] == D(3)


# ------------------------------------------------------------------------------------------- 14. nothing


def test_an_empty_world() -> None:
    card = scorecard(world([]), ALL_ACCOUNTS, "2017-09")
    assert len(card) == 11
    assert card["won_revenue"]["total"]["value"] is None
    assert card["won_revenue"]["trailing_12"]["months"] == 0
    assert card["won_revenue"]["mom"]["why"] == "n/a"
    assert card["win_rate_count"]["total"]["why"] == "n/a"
    assert card["lost_by_reason"]["by_reason"] == {}
    assert values(card["pipeline_by_stage"]["by_stage"]) == {"Prospecting": None, "Engaging": None}
    assert card["pipeline_by_stage"]["mom"]["why"] == "n/a"


def test_an_unknown_segment_and_an_invalid_world_are_refused() -> None:
    with pytest.raises(ValueError, match="no segment"):
        scorecard(world([]), "Nope", "2017-09")
    with pytest.raises(ValueError, match="without closed_on"):
        scorecard(world([opp("1", "2017-09-01", "Won")]), ALL_ACCOUNTS, "2017-09")


# ------------------------------------------------------------------------------------- 15. random worlds


def test_a_written_world_reads_back(tmp_path: Path) -> None:
    made = world(
        [opp("1", "2017-09-01", "Won", "2017-09-02", "-12.50", geo='East, "far"')],
        {"segment_members": [member("S", "A1", "2017-09-01")]},
        as_of=day("2017-12-31"),
        segments_by="sector",
        segments_named=[{"name": "Large", "created_on": day("2016-01-01"), "where": {"employees": {"min": 5}}}],
    )
    write_world(made, tmp_path)
    written = tomllib.loads((tmp_path / "segxl.toml").read_text())
    assert written["as_of"] == day("2017-12-31")
    assert written["segments"] == {
        "by": "sector",
        "named": [{"name": "Large", "created_on": day("2016-01-01"), "where": {"employees": {"min": 5}}}],
    }
    assert written["types"]["Cross"] == "cross_sell"
    assert sorted(written["tables"]) == ["accounts", "opportunities", "segment_members"]
    with (tmp_path / "opportunities.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["closed_on"], row["amount"], row["geo"]) == ("2017-09-02", "-12.50", 'East, "far"')
    with (tmp_path / "accounts.csv").open(newline="") as stream:
        assert next(csv.reader(stream)) == ["account_id", "sector", "employees"]


ADDITIVE = ("won_revenue", "lost_revenue", "net_new_pipeline", "won_opportunities", "lost_opportunities")
CUTS = ("by_geo", "by_sales_team", "by_lead_source", "by_product_category", "by_type")


@pytest.mark.ci
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cuts_add_up_in_random_worlds(data: st.DataObject) -> None:
    made = data.draw(worlds())
    segment = data.draw(st.sampled_from(segment_names(made)))
    card = scorecard(made, segment, data.draw(periods(made)))
    for metric in (*ADDITIVE, "pipeline_by_stage"):
        whole = card[metric]["total"]["value"]
        for cut in CUTS:
            if whole is None:
                assert set(values(card[metric][cut]).values()) <= {None}
                continue
            assert sum(values(card[metric][cut]).values()) == whole
    for metric in ADDITIVE[:3]:
        kinds = ("new_customers", "existing_customers", "unknown")
        if card[metric]["total"]["value"] is not None:
            assert sum(card[metric][kind]["value"] for kind in kinds) == card[metric]["total"]["value"]
    for metric, cut in (("pipeline_by_stage", "by_stage"), ("lost_by_reason", "by_reason")):
        if card[metric]["total"]["value"] is not None:
            assert sum(values(card[metric][cut]).values()) == card[metric]["total"]["value"]


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(made=worlds())
def test_random_worlds_can_be_written(made: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("world")
    write_world(made, folder)
    written = tomllib.loads((folder / "segxl.toml").read_text())
    assert written["stages"] == made["settings"]["stages"]
    with (folder / "opportunities.csv").open(newline="") as stream:
        assert len(list(csv.DictReader(stream))) == len(made["tables"]["opportunities"])
