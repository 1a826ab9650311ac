"""Worlds with reports worked by hand, to prove the oracle itself. The working is in the comments."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from .deals import ALL_ACCOUNTS
from .report import (
    LINES,
    STAGES,
    STATES,
    accounts_behind,
    available_on,
    default_timeframes,
    refusals,
    report,
    warnings,
)
from .report_worlds import arguments, cases, period_text, write_world
from .worlds import Row, World

Options = dict[str, Any]
D = Decimal
F = Fraction
AUGUST = (date(2017, 8, 1), date(2017, 8, 31))
SEPTEMBER = (date(2017, 9, 1), date(2017, 9, 30))
WEEK_35 = (date(2017, 8, 28), date(2017, 9, 3))
WEEK_36 = (date(2017, 9, 4), date(2017, 9, 10))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def account(key: str, **more: Any) -> Row:
    return {"account_id": key} | more


def opp(key: str, created: str, won: str | None = None, amount: Any = None, **more: Any) -> Row:
    """An opportunity of account A1 in US dollars: open, or won on the day."""
    row = {
        "opportunity_id": key,
        "created_on": day(created),
        "stage": "Engaging" if won is None else "Closed Won",
        "account_id": "A1",
        "closed_on": day(won),
        "status": "",
        "amount": None if amount is None else D(amount),
        "currency": "USD",
    }
    return row | more


def stage(who: str, when: str, word: str, **more: Any) -> Row:
    return {"account_id": who, "date": day(when), "stage": word} | more


def act(who: str, when: str, source: str, kind: str, **more: Any) -> Row:
    return {"account_id": who, "date": day(when), "source": source, "kind": kind, "campaign_type": ""} | more


def member(segment: str, who: str, start: str | None = None, end: str | None = None) -> Row:
    return {"segment": segment, "account_id": who, "start": day(start), "end": day(end)}


def world(accounts: str | list[Row] = "A1", tables: dict[str, list[Row]] | None = None, **changed: Any) -> World:
    """Accounts are rows, or names parted by blanks; it is 20 November 2017."""
    rows = [account(key) for key in accounts.split()] if isinstance(accounts, str) else accounts
    base: dict[str, Any] = {
        "currency": "USD",
        "run_date": date(2017, 11, 20),
        "as_of": None,
        "buying_stages_kind": "snapshots",
        "report": {},
        "toggles": {},
        "stage_map": {},
    }
    return {"settings": base | changed, "tables": {"accounts": rows} | (tables or {})}


def asked(kind: str = "buying-stage", **changed: Any) -> Options:
    """September against August, all accounts."""
    base: Options = {
        "type": kind,
        "segments": [ALL_ACCOUNTS],
        "analysis": SEPTEMBER,
        "baseline": AUGUST,
        "cohort": "today",
        "product_category": None,
        "exclude_zero": False,
        "exclude_irrelevant": False,
        "environment": "auto",
    }
    return base | changed


ENGAGEMENT = asked("engagement")


def counts(made: World, options: Options) -> dict[str, tuple[Any, Any]]:
    """{state: (baseline, analysis)}"""
    return {row["state"]: (row["baseline"], row["analysis"]) for row in report(made, options)["performance"]}


def row_of(made: World, options: Options, state: str) -> Row:
    rows: list[Row] = report(made, options)["performance"]
    return next(row for row in rows if row["state"] == state)


def line_of(made: World, options: Options, panel: str, line: str) -> Row:
    rows: list[Row] = report(made, options)["activities"]
    return next(row for row in rows if (row["panel"], row["line"]) == (panel, line))


def summed(made: World, options: Options) -> tuple[Any, Any]:
    summary = report(made, options)["summary"]
    return summary["new_pipeline"], summary["total_won"]


# --------------------------------------------------------------------------------------- 1. buying stages


def test_snapshots_the_highest_stage_in_each_timeframe() -> None:
    made = world(
        "A1 A2 A3 A4",
        {
            "buying_stages": [
                stage("A1", "2017-07-31", "Purchase"),  # the day before the baseline
                stage("A1", "2017-08-01", "Target"),  # its first day
                stage("A1", "2017-09-01", "Decision"),  # first day of September
                stage("A1", "2017-09-30", "Awareness"),  # lower: Decision is the highest
                stage("A2", "2017-08-31", "Purchase"),  # its last day
                stage("A2", "2017-09-15", "Consideration"),  # down from 5 to 3
                stage("A3", "2017-08-10", "Awareness"),
                stage("A3", "2017-09-10", "Awareness"),  # the same
                stage("A3", "2017-10-01", "Purchase"),  # the day after
                # A4 has none
            ]
        },
    )
    # A1: Target to Decision; A2: Purchase to Consideration; A3: Awareness twice; A4: No stage twice
    assert counts(made, asked()) == {
        "No stage": (1, 1),
        "Target": (1, 0),
        "Awareness": (1, 1),
        "Consideration": (0, 1),
        "Decision": (0, 1),
        "Purchase": (1, 0),
    }
    made_report = report(made, asked())
    assert made_report["summary"]["total_accounts"] == 4
    assert made_report["summary"]["increased"] == 1
    movement = made_report["movement"]
    assert movement["stages"] == ["No stage", "Target", "Awareness", "Consideration", "Decision", "Purchase"]
    assert movement["counts"] == [
        [1, 0, 0, 0, 0, 0],  # No stage: A4 stays
        [0, 0, 0, 0, 1, 0],  # Target: A1 to Decision
        [0, 0, 1, 0, 0, 0],  # Awareness: A3 stays
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 1, 0, 0],  # Purchase: A2 to Consideration
    ]
    assert (movement["up"], movement["down"], movement["same"]) == (1, 1, 2)
    assert accounts_behind(made, asked(), "movement", ("Target", "Decision")) == {"A1"}
    assert accounts_behind(made, asked(), "performance", ("Decision", "analysis")) == {"A1"}
    assert accounts_behind(made, asked(), "performance", ("Purchase", "baseline")) == {"A2"}
    assert accounts_behind(made, asked(), "summary", "increased") == {"A1"}


def test_changes_are_carried_forward() -> None:
    made = world(
        "A1 A2 A3 A4",
        {
            "buying_stages": [
                stage("A1", "2015-01-01", "Decision"),  # never expires: Decision in both
                stage("A2", "2017-05-01", "Purchase"),
                stage("A2", "2017-08-01", "Target"),  # from the end of the first day of August: Target in both
                stage("A3", "2017-05-01", "Purchase"),
                stage("A3", "2017-08-02", "Target"),  # still Purchase at the end of August 1st
                stage("A4", "2017-09-30", "Awareness"),  # from the last day of September on
            ]
        },
        buying_stages_kind="changes",
    )
    # August: Decision, Target, Purchase, none. September: Decision, Target, Target, Awareness
    assert counts(made, asked()) == {
        "No stage": (1, 0),
        "Target": (1, 2),
        "Awareness": (0, 1),
        "Consideration": (0, 0),
        "Decision": (1, 1),
        "Purchase": (1, 0),
    }
    # only A4 rose, from No stage
    assert report(made, asked())["summary"]["increased"] == 1
    # the same rows as snapshots: A1 has none in either, A2 and A3 Target in August only, A4 in September
    made["settings"]["buying_stages_kind"] = "snapshots"
    assert counts(made, asked())["Target"] == (2, 0)
    assert counts(made, asked())["No stage"] == (2, 3)


def test_changes_the_last_row_of_a_day_wins_in_each_category() -> None:
    made = world(
        "A1 A2",
        {
            "buying_stages": [
                stage("A1", "2017-08-20", "Purchase", product_category="Core"),
                stage("A1", "2017-08-20", "Awareness", product_category="Core"),  # Purchase was not there at day's end
                stage("A1", "2017-09-05", "Consideration", product_category="Add-on"),
                stage("A1", "2017-09-04", "Target", product_category="Core"),
                stage("A2", "2017-09-04", "Decision", product_category=""),
            ]
        },
        buying_stages_kind="changes",
    )
    # A1, August: Awareness. September: Core was Awareness until the 3rd, then Target; Add-on Consideration: highest 3
    assert accounts_behind(made, asked(), "movement", ("Awareness", "Consideration")) == {"A1"}
    # Core alone: Awareness in both, for it still was so at the end of September 1st; A2's blank one is excluded
    core = asked(product_category="Core")
    assert accounts_behind(made, core, "movement", ("Awareness", "Awareness")) == {"A1"}
    assert accounts_behind(made, core, "movement", ("No stage", "No stage")) == {"A2"}
    assert report(made, core)["summary"]["excluded_blank_category"] == {"buying_stages": 1, "activities": 0}
    # Add-on alone: No stage, then Consideration
    addon = asked(product_category="Add-on")
    assert accounts_behind(made, addon, "movement", ("No stage", "Consideration")) == {"A1"}


def test_unstaged_can_increase() -> None:
    rows = [
        stage("A1", "2017-09-05", "Target"),  # none before
        stage("A2", "2017-08-05", "Target"),
        stage("A2", "2017-09-05", "Awareness"),
        stage("A3", "2017-08-05", "Awareness"),  # none after
    ]
    made = world("A1 A2 A3", {"buying_stages": rows})
    assert accounts_behind(made, asked(), "summary", "increased") == {"A1", "A2"}
    made["settings"]["toggles"] = {"unstaged_can_increase": False}
    assert accounts_behind(made, asked(), "summary", "increased") == {"A2"}
    assert report(made, asked())["movement"]["up"] == 2  # by rank alone


def test_words_of_stages() -> None:
    rows = [
        stage("A1", "2017-09-01", "Cold"),  # mapped to Target
        stage("A2", "2017-09-01", "PURCHASE"),
        stage("A3", "2017-09-01", "Unheard of"),
        stage("A4", "2017-09-01", ""),
        stage("A4", "2017-09-02", "Decision"),
    ]
    made = world("A1 A2 A3 A4", {"buying_stages": rows}, stage_map={"Cold": "Target"})
    found = {name: after for name, (_, after) in counts(made, asked()).items() if after}
    assert found == {"No stage": 1, "Target": 1, "Decision": 1, "Purchase": 1}


def test_no_column_of_categories_no_filter() -> None:
    made = world("A1", {"buying_stages": [stage("A1", "2017-09-01", "Decision")]})
    assert counts(made, asked(product_category="Core"))["Decision"] == (0, 1)


def test_money_below_the_stages() -> None:
    made = world(
        "A1 A2 A3",
        {
            "buying_stages": [
                stage("A1", "2017-08-05", "Target"),
                stage("A1", "2017-09-05", "Decision"),
                stage("A2", "2017-08-05", "Decision"),
                stage("A2", "2017-09-05", "Decision"),
            ],
            "opportunities": [
                opp("1", "2017-08-10", None, "10"),
                opp("2", "2017-09-10", "2017-09-30", "20.50"),
                opp("3", "2017-08-31", "2017-09-01", "300", account_id="A2"),
                opp("4", "2017-09-01", None, "4000", account_id="A3"),
                opp("5", "2017-07-01", "2017-08-01", "5", account_id="A2"),
            ],
        },
    )
    # September: Decision has A1 and A2: created 20.50; won 20.50 + 300. No stage has A3: created 4000
    # August: Decision has A2 alone: created 300, won 5. Target has A1: created 10
    decision = row_of(made, asked(), "Decision")
    assert (decision["new_pipeline"], decision["total_won"]) == (D("20.50"), D("320.50"))
    assert (decision["baseline_new_pipeline"], decision["baseline_total_won"]) == (D("300"), D("5"))
    target = row_of(made, asked(), "Target")
    assert (target["new_pipeline"], target["baseline_new_pipeline"]) == (D("0"), D("10"))
    assert row_of(made, asked(), "No stage")["new_pipeline"] == D("4000")
    assert summed(made, asked()) == (D("4020.50"), D("320.50"))


# ------------------------------------------------------------------------------------------- 2. engagement


def test_states_are_not_exclusive() -> None:
    made = world(
        "A1 A2 A3 A4 A5",
        {
            "activities": [
                act("A1", "2017-09-01", "6sense_keyword", "intent"),
                act("A1", "2017-09-02", "anonymous_web", "engagement"),
                act("A1", "2017-09-30", "webinar", "engagement"),
                act("A2", "2017-08-05", "trustradius_intent", "intent"),
                act("A3", "2017-09-05", "6sense_campaign", "engagement"),  # a click is in no state
                act("A3", "2017-09-05", "crm_map_campaign", "reach"),  # nor is reach
                act("A4", "2017-09-05", "g2_intent", "intent"),  # nor G2
                act("A9", "2017-09-05", "webinar", "engagement"),  # no account of the table
            ],
            "opportunities": [opp("1", "2017-09-05", "2017-09-06", "1", account_id="A5")],
        },
    )
    # August: A2 has intent, the other four nothing. September: A1 in three; A5 opened and won, yet No Engagement
    assert counts(made, ENGAGEMENT) == {
        "No Engagement": (4, 4),  # September: A2, A3, A4, A5
        "Intent": (1, 1),
        "Anonymous Website Visit": (0, 1),
        "Known Engagement": (0, 1),
        "Opportunities Opened": (0, 1),
        "Opportunities Won": (0, 1),
    }
    summary = report(made, ENGAGEMENT)["summary"]
    # A1 from No Engagement to Known, A5 to Won; A2 fell: 2 rose; above No Engagement 2 (A1, A5) against 1 (A2)
    assert accounts_behind(made, ENGAGEMENT, "summary", "increased") == {"A1", "A5"}
    assert (summary["increased"], summary["net_engaged"]) == (2, 1)
    made["settings"]["toggles"] = {"g2_in_intent_state": True}
    assert accounts_behind(made, ENGAGEMENT, "performance", ("Intent", "analysis")) == {"A1", "A4"}


def test_known_engagement_and_known_web() -> None:
    known = ["crm_map_campaign", "webinar", "trade_show", "field_event", "crm_activity", "known_web"]
    not_known = ["6sense_campaign", "external_campaign", "linkedin_campaign", "anonymous_web"]
    sources = dict(enumerate([*known, *not_known]))
    made = world(
        " ".join(f"A{number}" for number in sources),
        {"activities": [act(f"A{number}", "2017-09-05", source, "engagement") for number, source in sources.items()]},
    )
    assert counts(made, ENGAGEMENT)["Known Engagement"] == (0, 6)
    assert counts(made, ENGAGEMENT)["No Engagement"] == (10, 3)  # the three advertising clicks
    made["settings"]["toggles"] = {"known_web_is_known": False}
    assert counts(made, ENGAGEMENT)["Known Engagement"] == (0, 5)
    assert counts(made, ENGAGEMENT)["No Engagement"] == (10, 4)


def test_the_highest_state_rises_by_the_tables_order() -> None:
    made = world(
        "A1 A2 A3",
        {
            "activities": [
                act("A1", "2017-08-05", "field_event", "engagement"),  # 3 in August
                act("A1", "2017-09-05", "6sense_keyword", "intent"),  # 1 ...
                act("A2", "2017-08-05", "anonymous_web", "engagement"),  # 2, and intent: still 2
                act("A2", "2017-08-05", "bombora_topic", "intent"),
                act("A2", "2017-09-05", "known_web", "engagement"),  # 3: rose
                act("A3", "2017-08-05", "6sense_keyword", "intent"),  # 1, but won (5) in August
            ],
            "opportunities": [
                opp("1", "2017-09-05", None, "1"),  # ... but opened 4: A1 rose from 3
                opp("2", "2017-07-05", "2017-08-05", "1", account_id="A3"),
                opp("3", "2017-09-05", None, "1", account_id="A3"),  # 4: fell
            ],
        },
    )
    assert accounts_behind(made, ENGAGEMENT, "summary", "increased") == {"A1", "A2"}
    assert report(made, ENGAGEMENT)["summary"]["net_engaged"] == 0  # three against three


def test_money_below_opened_and_won_only() -> None:
    made = world(
        "A1",
        {
            "opportunities": [
                opp("1", "2017-08-05", "2017-09-05", "7"),
                opp("2", "2017-09-05", None, "11"),
                opp("3", "2017-07-05", "2017-08-05", "13"),
            ]
        },
    )
    opened, won = row_of(made, ENGAGEMENT, "Opportunities Opened"), row_of(made, ENGAGEMENT, "Opportunities Won")
    assert (opened["new_pipeline"], opened["baseline_new_pipeline"]) == (D("11"), D("7"))
    assert (opened["total_won"], opened["baseline_total_won"]) == (None, None)
    assert (won["total_won"], won["baseline_total_won"], won["new_pipeline"]) == (D("7"), D("13"), None)
    assert row_of(made, ENGAGEMENT, "No Engagement")["new_pipeline"] is None


# --------------------------------------------------------------------------------------------- 3. cohorts


def cohort_world() -> World:
    members = [
        member("Key", "A1"),  # since the creation, April 1st
        member("Key", "A2", "2017-08-31", "2017-09-01"),  # one day: August 31st
        member("Key", "A3", "2017-09-30"),  # from the last day of September
        member("Key", "A4", "2017-08-01", "2017-08-01"),  # never
        member("Key", "A5", "2017-10-01", None),  # after September
        member("Pilot", "A2", "2017-01-01", "2017-08-01"),  # left on August 1st: not in August
        member("Pilot", "A6", "2017-11-20", None),  # from today on
        member("Pilot", "X8", "2017-08-15", "2017-10-15"),  # in no table of accounts
    ]
    segments: list[Row] = [
        {"segment": "Key", "created_on": day("2017-04-01")},
        {"segment": "Pilot", "created_on": None},
    ]
    return world("A1 A2 A3 A4 A5 A6", {"segments": segments, "segment_members": members})


@pytest.mark.parametrize(
    ("segments", "cohort", "expected"),
    [
        (["Key"], "baseline", "A1 A2"),
        (["Key"], "analysis", "A1 A3"),
        (["Key"], "today", "A1 A3 A5"),
        (["Pilot"], "baseline", "X8"),
        (["Pilot"], "analysis", "X8"),
        (["Pilot"], "today", "A6"),
        (["Key", "Pilot"], "baseline", "A1 A2 X8"),
        (["Pilot", "Key", "Pilot"], "today", "A1 A3 A5 A6"),
        ([ALL_ACCOUNTS], "analysis", "A1 A2 A3 A4 A5 A6"),
        ([ALL_ACCOUNTS, "Pilot"], "analysis", "A1 A2 A3 A4 A5 A6 X8"),
    ],
)
def test_members_come_and_go(segments: list[str], cohort: str, expected: str) -> None:
    options = asked("engagement", segments=segments, cohort=cohort)
    assert accounts_behind(cohort_world(), options, "summary", "total_accounts") == set(expected.split())
    assert report(cohort_world(), options)["summary"]["total_accounts"] == len(expected.split())


def test_cohorts_at_an_earlier_cutoff() -> None:
    made = cohort_world()
    made["settings"]["as_of"] = day("2017-08-31")
    today = asked("engagement", segments=["Key"])
    # on August 31st: A1, and A2 that is not yet known to leave
    assert accounts_behind(made, today, "summary", "total_accounts") == {"A1", "A2"}
    # September, as known on August 31st: A2 has no end, A3 has not started
    assert accounts_behind(made, today | {"cohort": "analysis"}, "summary", "total_accounts") == {"A1", "A2"}
    # before the creation on April 1st no one with a blank start is there
    made["settings"]["as_of"] = day("2017-03-31")
    assert accounts_behind(made, today, "summary", "total_accounts") == set()


def test_the_cutoff_is_the_run_date_if_none_is_given() -> None:
    made = cohort_world()
    made["settings"]["run_date"] = day("2017-11-19")
    options = asked("engagement", segments=["Pilot"])
    assert accounts_behind(made, options, "summary", "total_accounts") == set()  # A6 comes on the 20th


def test_segments_by_a_rule_and_by_a_column() -> None:
    accounts = [
        account("A1", sector="retail", employees="100"),
        account("A2", sector="retail", employees="99"),
        account("A3", sector="finance", employees="5000"),
        account("A4", sector="", employees=""),
    ]
    named = [{"name": "Large", "created_on": day("2017-08-01"), "where": {"employees": {"min": 100}}}]
    made = world(accounts, segments_by="sector", segments_named=named)
    options = asked("engagement", segments=["Large"], cohort="analysis")
    assert accounts_behind(made, options, "summary", "total_accounts") == {"A1", "A3"}
    both = asked("engagement", segments=["Large", "retail"], cohort="analysis")
    assert accounts_behind(made, both, "summary", "total_accounts") == {"A1", "A2", "A3"}
    # created on the baseline's first day is not before it
    baseline = both | {"cohort": "baseline"}
    assert refusals(made, baseline) == ["created too late for the baseline cohort: Large"]
    assert warnings(made, both) == ["creation not checked: retail"]


# -------------------------------------------------------------------------------------------- 4. refusals


def refused_world(created: str | None) -> World:
    return world("A1", {"segments": [{"segment": "Key", "created_on": day(created)}]})


@pytest.mark.parametrize(
    ("created", "cohort", "expected"),
    [
        ("2017-07-31", "baseline", []),
        ("2017-08-01", "baseline", ["created too late for the baseline cohort: Key"]),
        ("2017-08-31", "analysis", []),
        ("2017-09-01", "analysis", ["created too late for the analysis cohort: Key"]),
        ("2017-11-01", "today", []),
        (None, "baseline", []),
    ],
)
def test_a_segment_created_too_late(created: str | None, cohort: str, expected: list[str]) -> None:
    options = asked("engagement", segments=["Key"], cohort=cohort)
    assert refusals(refused_world(created), options) == expected


def test_what_is_warned_of() -> None:
    today = asked("engagement", segments=["Key"])
    assert warnings(refused_world("2017-09-30"), today) == []
    assert warnings(refused_world("2017-10-01"), today) == ["created after the analysis: Key"]
    assert warnings(refused_world(None), today | {"cohort": "analysis"}) == ["creation not checked: Key"]
    july_august = (date(2017, 7, 1), date(2017, 8, 31))
    assert warnings(refused_world("2017-01-01"), today | {"baseline": july_august}) == ["unequal lengths"]
    february, march = (date(2017, 2, 1), date(2017, 2, 28)), (date(2017, 3, 1), date(2017, 3, 31))
    assert warnings(refused_world("2017-01-01"), today | {"baseline": february, "analysis": march}) == []


def test_timeframes_that_are_refused() -> None:
    made = world()
    assert refusals(made, asked(baseline=SEPTEMBER, analysis=AUGUST)) == ["baseline not before analysis"]
    assert refusals(made, asked(baseline=SEPTEMBER)) == ["baseline not before analysis"]
    assert refusals(made, asked(baseline=WEEK_35)) == ["baseline not before analysis"]  # ends on September 3rd
    touching = (date(2017, 8, 31), date(2017, 9, 30))
    assert refusals(made, asked(analysis=touching)) == ["baseline not before analysis"]  # August 31st is in both
    backwards = (date(2017, 8, 31), date(2017, 8, 1))
    assert refusals(made, asked(baseline=backwards)) == ["ends before it starts: baseline"]
    assert refusals(made, asked(segments=["Nowhere"])) == ["unknown segment: Nowhere"]
    assert refusals(made, asked(segments=[])) == ["no segment"]
    with pytest.raises(ValueError, match="unknown segment: Nowhere"):
        report(made, asked(segments=["Nowhere"]))


@pytest.mark.parametrize(
    ("baseline", "analysis", "run_date", "expected"),
    [
        (AUGUST, SEPTEMBER, "2017-10-02", ["not available: analysis"]),
        (AUGUST, SEPTEMBER, "2017-10-03", []),
        (AUGUST, SEPTEMBER, "2017-09-02", ["not available: baseline", "not available: analysis"]),
        (WEEK_35, WEEK_36, "2017-09-10", ["not available: analysis"]),
        (WEEK_35, WEEK_36, "2017-09-11", []),
        ((date(2017, 4, 1), date(2017, 6, 30)), (date(2017, 7, 1), date(2017, 9, 30)), "2017-10-03", []),
    ],
)
def test_what_is_not_yet_available(baseline: Any, analysis: Any, run_date: str, expected: list[str]) -> None:
    made = world(run_date=day(run_date))
    options = asked(baseline=baseline, analysis=analysis)
    assert refusals(made, options) == expected
    assert refusals(made, options | {"allow_partial": True}) == []


def test_availability_over_the_year() -> None:
    assert available_on((date(2017, 12, 1), date(2017, 12, 31))) == date(2018, 1, 3)
    assert available_on((date(2018, 1, 1), date(2018, 1, 7))) == date(2018, 1, 8)  # a week from a Monday


@pytest.mark.parametrize(
    ("run_date", "kind", "baseline", "analysis"),
    [
        ("2017-11-20", "month", ("2017-09-01", "2017-09-30"), ("2017-10-01", "2017-10-31")),
        ("2017-11-03", "month", ("2017-09-01", "2017-09-30"), ("2017-10-01", "2017-10-31")),
        ("2017-11-02", "month", ("2017-08-01", "2017-08-31"), ("2017-09-01", "2017-09-30")),
        ("2017-01-15", "month", ("2016-11-01", "2016-11-30"), ("2016-12-01", "2016-12-31")),
        ("2016-03-31", "month", ("2016-01-01", "2016-01-31"), ("2016-02-01", "2016-02-29")),
        ("2017-11-20", "range", ("2017-05-01", "2017-07-31"), ("2017-08-01", "2017-10-31")),
        ("2017-11-01", "range", ("2017-04-01", "2017-06-30"), ("2017-07-01", "2017-09-30")),
        ("2017-02-03", "range", ("2016-08-01", "2016-10-31"), ("2016-11-01", "2017-01-31")),
        ("2017-11-20", "week", ("2017-11-06", "2017-11-12"), ("2017-11-13", "2017-11-19")),  # a Monday
        ("2017-11-19", "week", ("2017-10-30", "2017-11-05"), ("2017-11-06", "2017-11-12")),  # the Sunday before
        ("2018-01-03", "week", ("2017-12-18", "2017-12-24"), ("2017-12-25", "2017-12-31")),
    ],
)
def test_default_timeframes(run_date: str, kind: str, baseline: tuple[str, str], analysis: tuple[str, str]) -> None:
    expected = tuple(tuple(date.fromisoformat(text) for text in window) for window in (baseline, analysis))
    assert default_timeframes(date.fromisoformat(run_date), kind) == expected


# ----------------------------------------------------------------------------------- 5. opportunities, money


def test_currencies() -> None:
    made = world(
        "A1",
        {
            "opportunities": [
                opp("1", "2017-09-01", "2017-09-30", "100"),
                opp("2", "2017-09-01", None, "30", currency=""),  # undefined counts
                opp("3", "2017-09-01", "2017-09-02", "1000", currency="EUR"),  # excluded from both: once
                opp("4", "2017-08-01", "2017-09-02", "500", currency="EUR"),  # excluded from won
                opp("5", "2017-08-01", None, "70", currency="EUR"),  # of neither
                opp("6", "2017-09-01", None, "9", currency="GBP"),
            ],
            "fx_rates": [
                {"month": "2017-09", "currency": "EUR", "rate": D("1.2345")},
                {"month": "2017-08", "currency": "EUR", "rate": D("7")},
            ],
        },
    )
    summary = report(made, ENGAGEMENT)["summary"]
    assert (summary["new_pipeline"], summary["total_won"]) == (D("130"), D("100"))
    assert summary["excluded_currency"] == {"count": 3, "amount": D("1509")}  # 1000 + 500 + 9
    # currency limits amounts, not states
    assert counts(made, ENGAGEMENT)["Opportunities Opened"] == (1, 1)
    # won in September: 1 of 100, 3 and 4 in euros
    assert row_of(made, ENGAGEMENT, "Opportunities Won")["total_won"] == D("100")
    assert accounts_behind(made, ENGAGEMENT, "summary", "new_pipeline") == {"A1"}
    # converted at September's rate: 1000 * 1.2345 = 1234.50 in both, 500 * 1.2345 = 617.25 won; no rate for pounds
    made["settings"]["toggles"] = {"convert_report_currency": True}
    summary = report(made, ENGAGEMENT)["summary"]
    assert (summary["new_pipeline"], summary["total_won"]) == (D("1364.50"), D("1951.75"))
    assert summary["excluded_currency"] == {"count": 1, "amount": D("9")}
    # with euros as the reporting currency 3, 4 and 2 count, 1 and 6 do not
    made["settings"] |= {"currency": "EUR", "toggles": {}}
    assert summed(made, ENGAGEMENT) == (D("1030"), D("1500"))


def test_converted_amounts_are_rounded_before_they_are_summed() -> None:
    deals = [opp(str(number), "2017-09-01", None, "1.00", currency="EUR") for number in range(3)]
    rates = [{"month": "2017-09", "currency": "EUR", "rate": D("0.005")}]
    made = world("A1", {"opportunities": deals, "fx_rates": rates}, toggles={"convert_report_currency": True})
    assert summed(made, ENGAGEMENT)[0] == D("0.03")  # each 0.005 is a cent


def test_windows_include_both_ends() -> None:
    made = world(
        "A1",
        {
            "opportunities": [
                opp("1", "2017-08-31", "2017-08-31", "1"),
                opp("2", "2017-09-01", "2017-09-01", "20"),
                opp("3", "2017-09-30", "2017-09-30", "300"),
                opp("4", "2017-10-01", "2017-10-01", "4000"),
            ]
        },
    )
    assert summed(made, ENGAGEMENT) == (D("320"), D("320"))


def test_outcomes() -> None:
    made = world(
        "A1",
        {
            "opportunities": [
                opp("1", "2017-09-01", "2017-09-05", "1", stage="Signed"),  # a won stage of the settings
                opp("2", "2017-09-01", "2017-09-05", "20", stage="Closed Won"),  # here it is no won stage: open
                opp("3", "2017-09-01", "2017-09-05", "300", stage="Engaging", status="won"),  # the column says it
                opp("4", "2017-09-01", "2017-09-05", "4000", stage="Signed", status="lost"),
                opp("5", "2017-09-01", None, "50000", stage="Signed"),  # won without a date: rejected
            ]
        },
        won_stages=["Signed"],
        lost_stages=["Gone"],
    )
    assert summed(made, ENGAGEMENT) == (D("4321"), D("301"))


def test_blank_zero_and_negative_amounts() -> None:
    made = world(
        "A1 A2 A3 A4",
        {
            "opportunities": [
                opp("1", "2017-09-01", "2017-09-05", None),
                opp("2", "2017-09-01", "2017-09-05", "0.00", account_id="A2"),
                opp("3", "2017-09-01", "2017-09-05", "-5", account_id="A3"),
                opp("4", "2017-09-01", None, None, account_id="A4", currency="EUR"),
            ]
        },
    )
    assert counts(made, ENGAGEMENT)["Opportunities Opened"] == (0, 4)
    assert counts(made, ENGAGEMENT)["Opportunities Won"] == (0, 3)
    assert summed(made, ENGAGEMENT) == (D("-5"), D("-5"))
    assert report(made, ENGAGEMENT)["summary"]["excluded_currency"] == {"count": 1, "amount": D("0")}
    without = ENGAGEMENT | {"exclude_zero": True}
    assert counts(made, without)["Opportunities Opened"] == (0, 1)  # A3 alone
    assert accounts_behind(made, without, "performance", ("Opportunities Won", "analysis")) == {"A3"}
    assert report(made, without)["summary"]["excluded_currency"] == {"count": 0, "amount": D("0")}


def test_irrelevant_opportunities() -> None:
    deals = [
        opp("1", "2017-09-01", None, "1", relevant="", type="New Business", product_category=""),
        opp("2", "2017-09-01", None, "20", relevant="no", type="New Business", product_category="Core"),
        opp("3", "2017-09-01", None, "300", relevant="yes", type="Renewal", product_category="Core"),
        opp("4", "2017-09-01", None, "4000", relevant="true", type="New Business", product_category="Add-on"),
        opp("5", "2017-09-01", None, "50000", relevant="FALSE", type="", product_category="Core"),
    ]
    made = world("A1", {"opportunities": deals})
    without = ENGAGEMENT | {"exclude_irrelevant": True}
    assert summed(made, ENGAGEMENT)[0] == D("54321")
    assert summed(made, without)[0] == D("4301")  # 2 and 5 say no
    core = {"product_category": "Core"}
    assert summed(made, without | core)[0] == D("301")  # 4 is of another category, 1 of none
    assert summed(made, ENGAGEMENT | core)[0] == D("54321")  # irrelevant, but not excluded
    made["settings"]["report"] = {"irrelevant": {"type": ["Renewal"]}}
    assert summed(made, without)[0] == D("4001")  # 3 meets the rule as well
    made["settings"]["report"] = {"irrelevant": {"type": {"not": ["New Business"]}}}
    assert summed(made, without)[0] == D("4001")  # 3, and 5 that is out anyway
    made["settings"]["report"] = {"irrelevant": {"amount": {"max": 300}}}
    assert summed(made, without)[0] == D("4000")  # 1 and 3 are small


def test_opportunities_without_a_known_account() -> None:
    members = [member("Key", "A1"), member("Key", "X8")]
    deals = [
        opp("1", "2017-09-01", None, "1"),
        opp("2", "2017-09-01", None, "20", account_id=""),
        opp("3", "2016-01-01", None, "300", account_id="X9"),
        opp("4", "2017-09-01", None, "4000", account_id="X8"),
        opp("5", "2017-12-01", None, "50000", account_id=""),  # after the cut-off: not there
        opp("6", "2017-09-01", None, "600000", account_id="A2"),  # known, not in the segment
    ]
    made = world("A1 A2", {"segment_members": members, "opportunities": deals})
    found = report(made, ENGAGEMENT | {"segments": ["Key"]})["summary"]
    assert (found["total_accounts"], found["new_pipeline"], found["excluded_no_account"]) == (2, D("1"), 3)
    whole = report(made, ENGAGEMENT)["summary"]
    assert (whole["total_accounts"], whole["new_pipeline"], whole["excluded_no_account"]) == (2, D("600001"), 3)


def test_opportunities_that_name_their_segment() -> None:
    members = [member("Key", "A1"), member("Pilot", "A1"), member("Pilot", "A2")]
    deals = [
        opp("1", "2017-09-01", None, "1"),
        opp("2", "2017-09-01", None, "20", segment="Key"),
        opp("3", "2017-09-01", None, "300", segment="Pilot"),
        opp("4", "2017-09-01", None, "4000", segment="Key", account_id="A2"),
    ]
    made = world("A1 A2", {"segment_members": members, "opportunities": deals})
    assert summed(made, ENGAGEMENT | {"segments": ["Key"]})[0] == D("21")  # A2 of 4 is no member of Key
    assert summed(made, ENGAGEMENT | {"segments": ["Pilot"]})[0] == D("301")
    assert summed(made, ENGAGEMENT | {"segments": ["Key", "Pilot"]})[0] == D("4321")
    assert summed(made, ENGAGEMENT)[0] == D("4321")


def test_dynamics_and_hubspot_are_in_the_summary_alone() -> None:
    accounts = [account("A1", crm="Salesforce"), account("A2", crm="Microsoft Dynamics 365"), account("A3", crm="")]
    deals = [
        opp("1", "2017-09-01", "2017-09-02", "1"),
        opp("2", "2017-09-01", "2017-09-02", "20", crm="hub spot"),
        opp("3", "2017-09-01", "2017-09-02", "300", account_id="A2"),  # its account's
        opp("4", "2017-09-01", "2017-09-02", "4000", account_id="A2", crm="Salesforce"),  # its own
        opp("5", "2017-09-01", None, "50000", account_id="A3", crm="HUBSPOT"),
        opp("6", "2017-09-01", "2017-09-02", "600000", account_id="A3", crm="ms-dynamics", currency="EUR"),
    ]
    stages = [stage("A2", "2017-09-09", "Purchase")]
    made = world(accounts, {"opportunities": deals, "buying_stages": stages})
    assert summed(made, ENGAGEMENT) == (D("54321"), D("4321"))
    # states: A1 by 1, A2 by 4; A3 has but HubSpot and Dynamics, so it does not rise either
    for state in ("Opportunities Opened", "Opportunities Won"):
        assert accounts_behind(made, ENGAGEMENT, "performance", (state, "analysis")) == {"A1", "A2"}
    assert accounts_behind(made, ENGAGEMENT, "summary", "increased") == {"A1", "A2"}
    expected = [
        {"line": "Summary", "new_pipeline": D("54321"), "total_won": D("4321")},
        {"line": "Microsoft Dynamics and HubSpot", "new_pipeline": D("-50320"), "total_won": D("-320")},
        {"line": "Cohort performance", "new_pipeline": D("4001"), "total_won": D("4001")},
    ]
    assert report(made, ENGAGEMENT)["reconciliation"] == expected
    assert report(made, asked())["reconciliation"] == expected  # 4000 in Purchase, 1 in No stage
    assert row_of(made, asked(), "Purchase")["new_pipeline"] == D("4000")


def test_the_cutoff_takes_back_what_came_later() -> None:
    made = world(
        "A1 A2",
        {
            "opportunities": [
                opp("1", "2017-09-01", "2017-09-15", "1"),
                opp("2", "2017-09-01", "2017-09-16", "20"),  # won a day later: open
                opp("3", "2017-09-16", None, "300"),  # not there
                opp("4", "2017-09-15", None, "4000"),  # created on the day itself: there
            ],
            "activities": [
                act("A1", "2017-09-15", "webinar", "engagement"),
                act("A2", "2017-09-16", "webinar", "engagement"),
                act("A2", "2017-09-16", "webinar", "engagement", campaign_type="retargeting"),
            ],
            "buying_stages": [stage("A1", "2017-09-15", "Target"), stage("A1", "2017-09-16", "Purchase")],
        },
        as_of=day("2017-09-15"),
    )
    assert summed(made, ENGAGEMENT) == (D("4021"), D("1"))
    assert counts(made, ENGAGEMENT)["Known Engagement"] == (0, 1)
    assert counts(made, asked())["Target"] == (0, 1)
    assert report(made, asked())["summary"]["excluded_retargeting"] == 0
    made["settings"]["as_of"] = None
    assert summed(made, ENGAGEMENT) == (D("4321"), D("21"))
    assert report(made, asked())["summary"]["excluded_retargeting"] == 1


# ------------------------------------------------------------------------------------------ 6. activities


def test_totals_count_each_account_once() -> None:
    made = world(
        "A1 A2 A3",
        {
            "activities": [
                act("A1", "2017-08-05", "6sense_keyword", "intent"),
                act("A1", "2017-09-05", "6sense_keyword", "intent"),
                act("A1", "2017-09-06", "bombora_topic", "intent"),
                act("A2", "2017-09-06", "g2_intent", "intent"),
                act("A2", "2017-09-06", "g2_intent", "intent", campaign_type="Retargeting"),
                act("A3", "2017-09-06", "bombora_topic", "intent", campaign_type="retargeting"),
            ],
            "opportunities": [
                opp("1", "2017-09-30", None, "10"),  # of A1: under the total, keywords and Bombora
                opp("2", "2017-09-30", "2017-09-30", "7", account_id="A2"),
                opp("3", "2017-08-30", "2017-09-01", "300", account_id="A2"),
                opp("4", "2017-09-30", None, "4000", account_id="A3"),
                opp("5", "2017-09-30", None, "50000", account_id="A1", currency=""),  # undefined: not here
                opp("6", "2017-09-30", None, "600000", account_id="A1", currency="EUR"),
            ],
        },
    )
    total = line_of(made, asked(), "Intent", "Intent total")
    # 1 account in August, 2 in September: + 100 %; created 10 + 7; won 7 + 300
    assert (total["baseline"], total["analysis"], total["change"]) == (1, 2, F(1))
    assert (total["new_pipeline"], total["total_won"]) == (D("17"), D("307"))
    assert (total["team"], total["available"], total["why"]) == ("Marketing", True, "")
    keyword = line_of(made, asked(), "Intent", "6sense Keyword Research")
    assert (keyword["baseline"], keyword["analysis"], keyword["change"]) == (1, 1, F(0))
    bombora = line_of(made, asked(), "Intent", "Bombora Topics")  # without A3's retargeting
    assert (bombora["analysis"], bombora["change"], bombora["why"]) == (1, None, "N/M")
    assert bombora["new_pipeline"] == D("10")
    missing = line_of(made, asked(), "Intent", "TrustRadius Intent")
    assert (missing["analysis"], missing["available"], missing["why"]) == (None, False, "source not configured")
    assert report(made, asked())["summary"]["excluded_retargeting"] == 2
    assert summed(made, asked())[0] == D("54017")  # the summary has the undefined one
    assert accounts_behind(made, asked(), "activities", ("Intent total", "analysis")) == {"A1", "A2"}
    assert accounts_behind(made, asked(), "activities", ("Intent", "Intent total", "baseline")) == {"A1"}


def test_influence_is_of_the_accounts_active_in_the_analysis() -> None:
    made = world(
        "A1 A2",
        {
            "activities": [
                act("A1", "2017-08-05", "webinar", "engagement"),
                act("A2", "2017-09-05", "webinar", "engagement"),
                act("A1", "2017-08-06", "trade_show", "engagement"),
            ],
            "opportunities": [opp("1", "2017-09-01", None, "1"), opp("2", "2017-09-01", None, "20", account_id="A2")],
        },
    )
    webinars = line_of(made, asked(), "Engagement", "Webinars")
    assert (webinars["baseline"], webinars["analysis"], webinars["new_pipeline"]) == (1, 1, D("20"))
    shows = line_of(made, asked(), "Engagement", "Trade Shows")  # 1 to 0: - 100 %
    assert (shows["change"], shows["new_pipeline"]) == (F(-1), D("0"))


def test_reach_engagement_and_sales_are_apart() -> None:
    sources = ["crm_map_campaign", "6sense_campaign", "external_campaign", "linkedin_campaign", "crm_activity"]
    made = world(
        "A1 A2 A3 A4 A5",
        {
            "activities": [
                *[act(f"A{number}", "2017-09-05", source, "reach") for number, source in enumerate(sources, 1)],
                act("A1", "2017-09-06", "crm_map_campaign", "engagement"),
                act("A2", "2017-09-06", "crm_activity", "engagement"),
                act("A3", "2017-09-06", "anonymous_web", "engagement"),
            ]
        },
    )
    # reach: four campaigns, each one account; the sales activity of A5 is in no total
    assert line_of(made, asked(), "Reach", "Reach total")["analysis"] == 4
    assert line_of(made, asked(), "Engagement", "Engaged total")["analysis"] == 2  # A1, A3
    assert line_of(made, asked(), "Engagement", "6sense Campaigns")["analysis"] == 0  # configured by its reach
    assert line_of(made, asked(), "Sales reached", "Sales Reached")["analysis"] == 1
    assert line_of(made, asked(), "Sales engaged", "Sales Engaged")["team"] == "Sales"
    behind = ("Engagement", "CRM/MAP Campaigns", "analysis")
    assert accounts_behind(made, asked(), "activities", behind) == {"A1"}
    with pytest.raises(ValueError, match="2 lines"):
        accounts_behind(made, asked(), "activities", ("CRM/MAP Campaigns", "analysis"))


def test_activities_convert_with_the_toggle_and_include_dynamics() -> None:
    made = world(
        "A1",
        {
            "activities": [act("A1", "2017-09-05", "webinar", "engagement")],
            "opportunities": [
                opp("1", "2017-09-01", None, "1", crm="Dynamics"),
                opp("2", "2017-09-01", None, "20", currency="EUR"),
                opp("3", "2017-09-01", None, "300", currency=""),
            ],
            "fx_rates": [{"month": "2017-09", "currency": "EUR", "rate": D("2")}],
        },
    )
    assert line_of(made, asked(), "Engagement", "Webinars")["new_pipeline"] == D("1")
    made["settings"]["toggles"] = {"convert_report_currency": True}
    assert line_of(made, asked(), "Engagement", "Webinars")["new_pipeline"] == D("41")


def test_the_product_category_filters_activities() -> None:
    rows = [
        act("A1", "2017-09-05", "webinar", "engagement", product_category="Core"),
        act("A2", "2017-09-05", "webinar", "engagement", product_category="Add-on"),
        act("A3", "2017-09-05", "webinar", "engagement", product_category=""),
        act("A3", "2017-09-05", "webinar", "engagement", product_category="", campaign_type="retargeting"),
    ]
    made = world("A1 A2 A3", {"activities": rows})
    assert counts(made, ENGAGEMENT)["Known Engagement"] == (0, 3)
    core = ENGAGEMENT | {"product_category": "Core"}
    assert counts(made, core)["Known Engagement"] == (0, 1)
    assert report(made, core)["summary"]["excluded_blank_category"] == {"buying_stages": 0, "activities": 1}
    assert line_of(made, core, "Engagement", "Webinars")["analysis"] == 1


# ---------------------------------------------------------------------------------------- 7. environments


def test_without_crm_and_stages() -> None:
    made = world("A1", {"activities": [act("A1", "2017-09-05", "webinar", "engagement")]})
    found = report(made, ENGAGEMENT)
    assert found["environment"] == "no_crm"
    assert [row["available"] for row in found["performance"]] == [True] * 4 + [False] * 2
    assert [row["analysis"] for row in found["performance"]] == [0, 0, 0, 1, None, None]
    assert found["summary"]["new_pipeline"] is None
    assert found["summary"]["increased"] == 1
    webinars = line_of(made, ENGAGEMENT, "Engagement", "Webinars")
    assert (webinars["available"], webinars["new_pipeline"], webinars["why"]) == (True, None, "N/M; no CRM")
    assert found["reconciliation"] == []
    # the buying-stage report is greyed out, not refused
    stages = report(made, asked())
    assert {row["available"] for row in stages["performance"]} == {False}
    assert (stages["summary"]["increased"], stages["summary"]["total_accounts"]) == (None, 1)
    assert (stages["movement"]["counts"], stages["movement"]["why"]) == (None, "not predictive")
    assert accounts_behind(made, asked(), "performance", ("Target", "analysis")) == set()


def test_flags_are_found_or_set() -> None:
    deals, stages = [opp("1", "2017-09-01", None, "1")], [stage("A9", "2010-01-01", "Target")]
    both = world("A1", {"opportunities": deals, "buying_stages": stages})
    assert report(both, asked())["environment"] == "predictive+crm"
    assert report(world("A1", {"opportunities": deals}), asked())["environment"] == "crm"
    predictive = world("A1", {"buying_stages": stages})
    assert report(predictive, asked())["environment"] == "predictive"
    no_stage = row_of(predictive, asked(), "No stage")
    assert (no_stage["analysis"], no_stage["new_pipeline"], no_stage["why"]) == (1, None, "no CRM")
    # set: the opportunities are there, but the CRM is not
    options = ENGAGEMENT | {"environment": "no_crm"}
    assert summed(both, options) == (None, None)
    assert row_of(both, options, "Opportunities Opened")["analysis"] is None
    assert report(both, options)["summary"]["increased"] == 0  # the opportunity lifts no one
    assert report(both, ENGAGEMENT)["summary"]["increased"] == 1
    # by the setting where the options do not give it
    by_setting = {key: value for key, value in ENGAGEMENT.items() if key != "environment"}
    both["settings"]["report"] = {"environment": "crm"}
    assert report(both, by_setting)["environment"] == "crm"


def test_sources_that_the_settings_name_are_configured() -> None:
    made = world("A1", report={"sources": ["bombora_topic"]})
    bombora = line_of(made, asked(), "Intent", "Bombora Topics")
    assert (bombora["available"], bombora["analysis"], bombora["change"]) == (True, 0, None)
    assert line_of(made, asked(), "Intent", "Intent total")["available"]
    assert not line_of(made, asked(), "Intent", "G2 Intent")["available"]
    assert not line_of(made, asked(), "Reach", "Reach total")["available"]


def test_weeks_and_an_empty_cohort() -> None:
    made = world(
        "A1 A2",
        {
            "segments": [{"segment": "Empty", "created_on": None}],
            "buying_stages": [
                stage("A1", "2017-09-03", "Awareness"),  # Sunday of week 35
                stage("A1", "2017-09-04", "Target"),  # Monday of week 36
                stage("A2", "2017-08-27", "Purchase"),  # Sunday of week 34
            ],
            "opportunities": [opp("1", "2017-09-10", None, "5")],
        },
    )
    weeks = asked(baseline=WEEK_35, analysis=WEEK_36)
    assert accounts_behind(made, weeks, "movement", ("Awareness", "Target")) == {"A1"}
    assert counts(made, weeks)["No stage"] == (1, 1)
    assert row_of(made, weeks, "Target")["new_pipeline"] == D("5")
    nobody = report(made, weeks | {"segments": ["Empty"]})
    assert (nobody["summary"]["total_accounts"], nobody["summary"]["new_pipeline"]) == (0, D("0"))
    assert sum(map(sum, nobody["movement"]["counts"])) == 0


def test_the_lines_are_24_in_five_panels() -> None:
    panels: dict[str, int] = {}
    for line in LINES:
        panels[line.panel] = panels.get(line.panel, 0) + 1
    # intent: a total and 4; reach: a total and 4; engagement: a total and 9; two lines of sales
    assert panels == {"Intent": 5, "Reach": 5, "Engagement": 10, "Sales reached": 1, "Sales engaged": 1}


# --------------------------------------------------------------------------------------- 8. random worlds


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (SEPTEMBER, "2017-09"),
        ((date(2017, 7, 1), date(2017, 9, 30)), "2017-07..2017-09"),
        (WEEK_36, "2017-W36"),
        ((date(2018, 12, 31), date(2019, 1, 6)), "2019-W01"),
        ((date(2016, 2, 1), date(2016, 2, 29)), "2016-02"),
    ],
)
def test_periods_as_texts(window: tuple[date, date], expected: str) -> None:
    assert period_text(window) == expected


def test_options_as_arguments() -> None:
    options = ENGAGEMENT | {"segments": ["Key"], "product_category": "Core", "exclude_zero": True}
    expected = "--type engagement --cohort today --segment Key --analysis 2017-09 --baseline 2017-08"
    assert arguments(options) == [*expected.split(" "), "--product-category", "Core", "--exclude-zero"]


@pytest.mark.ci
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_random_reports_add_up(case: tuple[World, Options]) -> None:
    made, options = case
    found = report(made, options)
    total = found["summary"]["total_accounts"]
    movement = found["movement"]
    if movement["available"]:
        assert sum(map(sum, movement["counts"])) == total
        assert movement["up"] + movement["down"] + movement["same"] == total
        for which in ("baseline", "analysis"):
            assert sum(row[which] for row in found["performance"]) == total
        for number, row in enumerate(found["performance"]):
            assert row["baseline"] == sum(movement["counts"][number])
            assert row["analysis"] == sum(cells[number] for cells in movement["counts"])
    if found["reconciliation"]:
        start, left_out, end = found["reconciliation"]
        for key in ("new_pipeline", "total_won"):
            assert start[key] + left_out[key] == end[key]
    names = STATES if options["type"] == "engagement" else STAGES
    assert [row["state"] for row in found["performance"]] == names
    for row in found["performance"]:
        for which in ("baseline", "analysis"):
            accounts = accounts_behind(made, options, "performance", (row["state"], which))
            assert row[which] in (len(accounts), None)  # None: the data do not reach the timeframe
    for line in found["activities"]:
        for which in ("baseline", "analysis"):
            accounts = accounts_behind(made, options, "activities", (line["panel"], line["line"], which))
            assert line[which] in (len(accounts), None)


@pytest.mark.ci
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(valid=False))
def test_random_options_are_made_or_refused(case: tuple[World, Options]) -> None:
    made, options = case
    if refusals(made, options):
        with pytest.raises(ValueError):
            report(made, options)
    else:
        assert report(made, options)["summary"]["total_accounts"] >= 0


@pytest.mark.ci
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_random_worlds_can_be_written(case: tuple[World, Options], tmp_path_factory: pytest.TempPathFactory) -> None:
    made, options = case
    folder = tmp_path_factory.mktemp("world")
    write_world(made, folder)
    settings_read = tomllib.loads((folder / "segxl.toml").read_text(encoding="utf-8"))
    assert settings_read["run_date"] == made["settings"]["run_date"]
    assert settings_read["report"]["irrelevant"] == made["settings"]["report"]["irrelevant"]
    for table, rows in made["tables"].items():
        path = Path(folder) / f"{table}.csv"
        if not rows and table != "accounts":
            assert not path.exists()
            assert table not in settings_read["tables"]
            continue
        with path.open(newline="", encoding="utf-8") as stream:
            assert len(list(csv.DictReader(stream))) == len(rows)
        assert settings_read["tables"][table]["dates"] == "year-first"
    assert arguments(options)
