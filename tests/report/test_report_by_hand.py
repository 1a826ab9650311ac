"""The segment performance report, worked by hand: every definition in a world small enough to count on fingers.

Analysis: October 2025 (15 October is its middle), baseline: September 2025, unless a test says otherwise.
"""

from __future__ import annotations

import pytest

from segxl.facts.presence import Presence
from segxl.render.json.report import report_document
from segxl.report.choices import Options
from segxl.report.compute import make
from tests.conftest import Folder
from tests.report_tables import (
    ACCOUNTS,
    CHANGES,
    MEMBERS,
    NOW,
    PERIODS,
    SEGMENTS,
    SNAPSHOTS,
    activities,
    counts,
    deals,
    of_line,
    of_state,
    report,
    stages,
)

# --- buying stages ----------------------------------------------------------------------------------------------


def test_a_snapshot_counts_in_its_month_and_the_highest_wins(folder: Folder) -> None:
    data = folder(
        NOW + SNAPSHOTS,
        accounts=ACCOUNTS,
        buying_stages=stages(
            "A,2025-09-01,Target",
            "A,2025-10-03,Decision",
            "A,2025-10-31,Awareness",  # lower later: Decision stays the highest
            "B,2025-09-30,Purchase",
            "B,2025-11-01,Purchase",  # after the analysis
            "C,2025-08-31,Decision",  # before the baseline: snapshots are not carried forward
            "C,2025-10-01,Target",
        ),
    )
    found = report(data, type="buying-stage")
    stages_ = found["movement"]["stages"]
    assert stages_ == ["No stage", "Target", "Awareness", "Consideration", "Decision", "Purchase"]
    assert counts(found, "baseline") == dict(zip(stages_, [2, 1, 0, 0, 0, 1], strict=True))
    assert counts(found, "analysis") == dict(zip(stages_, [2, 1, 0, 0, 1, 0], strict=True))
    grid = found["movement"]["counts"]
    assert (grid[1][4], grid[5][0], grid[0][1], grid[0][0]) == (1, 1, 1, 1)  # A, B, C, D
    assert sum(map(sum, grid)) == found["summary"]["total_accounts"] == 4
    assert (found["summary"]["increased"], found["summary"]["decreased"]) == (2, 1)


def test_only_accounts_staged_in_both_can_increase_by_the_toggle(folder: Folder) -> None:
    data = folder(
        NOW + SNAPSHOTS + "[toggles]\nunstaged_can_increase = false\n",
        accounts=ACCOUNTS,
        buying_stages=stages("A,2025-09-01,Target", "A,2025-10-03,Decision", "C,2025-10-01,Target"),
    )
    assert report(data, type="buying-stage")["summary"]["increased"] == 1


def test_changes_are_carried_forward_and_the_last_row_of_a_day_wins(folder: Folder) -> None:
    data = folder(
        NOW + CHANGES,
        accounts=ACCOUNTS,
        buying_stages=stages(
            "A,2025-03-01,Decision",  # in force for ever
            "B,2025-09-15,Purchase",
            "B,2025-09-15,Target",  # the day ends in Target: Purchase was never the state at the end of a day
            "C,2025-09-01,Awareness",  # changed on the first day: what came before is no state of the baseline
            "C,2025-08-01,Purchase",
            "D,2025-09-30,Consideration",
            "D,2025-10-01,Target",
        ),
    )
    found = report(data, type="buying-stage")
    before = {"Target": 1, "Awareness": 1, "Consideration": 1, "Decision": 1, "Purchase": 0, "No stage": 0}
    after = {"Target": 2, "Awareness": 1, "Consideration": 0, "Decision": 1, "Purchase": 0, "No stage": 0}
    assert counts(found, "baseline") == before
    assert counts(found, "analysis") == after


def test_product_categories_are_carried_apart_and_can_be_chosen(folder: Folder) -> None:
    data = folder(
        NOW + CHANGES,
        accounts=ACCOUNTS,
        buying_stages=stages(
            "A,2025-01-01,Decision,Core",
            "A,2025-09-10,Target,Addons",  # another category: Core stays at Decision
            "B,2025-09-10,Purchase,",
            category=True,
        ),
        opportunities=deals(
            "1,A,2025-10-05,,Discovery,100,Core",
            "2,A,2025-10-05,,Discovery,40,Addons",
            "3,A,2025-10-05,,Discovery,5,",
            columns=",product_category",
        ),
    )
    everything = report(data, type="buying-stage")
    assert counts(everything, "baseline")["Decision"] == 1
    assert counts(everything, "baseline")["Purchase"] == 1
    chosen = report(data, type="buying-stage", product_category="addons", exclude_irrelevant=True)
    assert chosen["product_category"] == "Addons"
    assert counts(chosen, "baseline") == {
        "No stage": 3,
        "Target": 1,
        "Awareness": 0,
        "Consideration": 0,
        "Decision": 0,
        "Purchase": 0,
    }
    assert any("1 row of buying_stages has no product category: filtered out" in note for note in chosen["notes"])
    assert chosen["summary"]["excluded_blank_category"] == {"buying_stages": 1, "activities": 0}
    assert chosen["summary"]["new_pipeline"] == 45  # Addons, and the one without a category
    kept = report(data, type="buying-stage", product_category="Addons")
    assert kept["summary"]["new_pipeline"] == 145  # irrelevant ones stay until they are to be excluded


def test_money_stands_below_the_stage_of_its_own_timeframe(folder: Folder) -> None:
    data = folder(
        NOW + SNAPSHOTS,
        accounts=ACCOUNTS,
        buying_stages=stages("A,2025-09-01,Target", "A,2025-10-03,Decision"),
        opportunities=deals(
            "1,A,2025-09-05,2025-10-20,Closed Won,100.25",
            "2,A,2025-10-31,,Discovery,7",
            "3,B,2025-09-30,2025-09-30,Closed Won,30",
            "4,B,2025-10-01,2025-10-02,Closed Lost,900",
        ),
    )
    found = report(data, type="buying-stage")
    target, decision, none = (of_state(found, state) for state in ("Target", "Decision", "No stage"))
    assert (target["new_pipeline"], target["baseline_new_pipeline"]) == (0, 100.25)
    assert (decision["new_pipeline"], decision["total_won"], decision["baseline_new_pipeline"]) == (7, 100.25, 0)
    assert (none["new_pipeline"], none["baseline_new_pipeline"], none["baseline_total_won"]) == (900, 30, 30)
    assert (found["summary"]["new_pipeline"], found["summary"]["total_won"]) == (907, 100.25)


# --- engagement -------------------------------------------------------------------------------------------------


def test_states_are_not_exclusive_and_a_click_is_in_none(folder: Folder) -> None:
    data = folder(
        NOW,
        accounts=ACCOUNTS,
        activities=activities(
            "A,2025-10-01,6sense_keyword,intent",
            "A,2025-10-31,anonymous_web,engagement",
            "B,2025-10-15,6sense_campaign,engagement",  # a click: in no state
            "C,2025-10-15,crm_map_campaign,reach",  # reached, not engaged
            "D,2025-09-15,known_web,engagement",
            "D,2025-10-15,webinar,engagement",
        ),
        opportunities=deals("1,B,2025-10-05,2025-10-09,Closed Won,50"),
    )
    found = report(data, type="engagement")
    assert counts(found, "analysis") == {
        "No Engagement": 2,
        "Intent": 1,
        "Anonymous Website Visit": 1,
        "Known Engagement": 1,
        "Opportunities Opened": 1,
        "Opportunities Won": 1,
    }
    assert counts(found, "baseline")["No Engagement"] == 3
    # A: none to Anonymous; B: none to Won; C: none; D: Known to Known
    assert (found["summary"]["increased"], found["summary"]["net_engaged"]) == (2, 2)
    assert of_state(found, "Opportunities Opened")["new_pipeline"] == 50
    assert of_state(found, "Opportunities Won")["total_won"] == 50
    assert of_state(found, "Intent")["new_pipeline"] is None


def test_net_change_can_be_less_than_the_increase(folder: Folder) -> None:
    data = folder(
        NOW,
        accounts=ACCOUNTS,
        activities=activities(
            "A,2025-09-01,6sense_keyword,intent",  # ceases to be engaged
            "B,2025-09-01,6sense_keyword,intent",
            "B,2025-10-01,webinar,engagement",  # rises within the engaged
        ),
    )
    summary = report(data, type="engagement")["summary"]
    assert (summary["increased"], summary["decreased"], summary["net_engaged"]) == (1, 1, -1)


def test_toggles_of_g2_and_the_known_web(folder: Folder) -> None:
    rows = activities(
        "A,2025-10-01,g2_intent,intent", "B,2025-10-01,known_web,engagement", "C,2025-10-01,bombora_topic,intent"
    )
    plain = report(folder(NOW, accounts=ACCOUNTS, activities=rows), type="engagement")
    assert (of_state(plain, "Intent")["analysis"], of_state(plain, "Known Engagement")["analysis"]) == (1, 1)
    toggles = "[toggles]\ng2_in_intent_state = true\nknown_web_is_known = false\n"
    rows += "\nD,2025-10-02,webinar,engagement"
    other = report(folder(NOW + toggles, accounts=ACCOUNTS, activities=rows), type="engagement")
    assert (of_state(other, "Intent")["analysis"], of_state(other, "Known Engagement")["analysis"]) == (2, 1)


# --- opportunities ----------------------------------------------------------------------------------------------


def test_currencies_and_crms_lead_from_the_summary_to_the_parts(folder: Folder) -> None:
    data = folder(
        NOW,
        accounts=ACCOUNTS,
        activities=activities("A,2025-10-01,webinar,engagement"),
        opportunities=deals(
            "1,A,2025-10-05,,Discovery,100,USD,Salesforce",
            "2,A,2025-10-05,,Discovery,20,,Salesforce",  # undefined: in the summary, not in activities
            "3,A,2025-10-05,,Discovery,3,EUR,Salesforce",  # excluded, and counted
            "4,A,2025-10-05,,Discovery,0.40,usd,Microsoft Dynamics 365",  # summary and activities, not performance
            "5,B,2025-10-05,,Discovery,0.05,USD,HubSpot",
            "6,C,2025-10-05,,Discovery,9,EUR,Salesforce",
            columns=",currency,crm",
        ),
    )
    found = report(data, type="engagement")
    assert found["summary"]["new_pipeline"] == 120.45
    assert found["summary"]["excluded_currency"]["count"] == 2
    assert found["summary"]["excluded_currency"]["amount"] == 12
    opened = of_state(found, "Opportunities Opened")
    assert (opened["analysis"], opened["new_pipeline"]) == (2, 120)  # C's euros make no money, but a state
    webinars = of_line(found, "Engagement", "Webinars")
    assert webinars["new_pipeline"] == 100.40
    steps = {step["name"]: step["new_pipeline"] for step in found["reconciliation"]}
    assert steps["Cohort performance"] == 120
    assert steps["Influenced by any activity, each opportunity once"] == 100.40


@pytest.mark.parametrize(
    ("own", "account", "left_out"),
    [
        ("ms-dynamics", "", True),
        ("Hub Spot", "", True),
        ("", "HUBSPOT CRM", True),
        ("Salesforce", "HubSpot", False),
        ("", "", False),
    ],
)
def test_the_crm_is_the_opportunity_s_own_else_its_account_s(
    folder: Folder, own: str, account: str, left_out: bool
) -> None:
    data = folder(
        NOW,
        accounts=f"account_id,crm\nA,{account}\n",
        opportunities=deals(f"1,A,2025-10-05,,Discovery,100,{own}", columns=",crm"),
    )
    found = report(data, type="engagement")
    assert found["summary"]["new_pipeline"] == 100
    assert of_state(found, "Opportunities Opened")["new_pipeline"] == (0 if left_out else 100)


def test_foreign_amounts_convert_by_the_toggle_at_the_event_s_month(folder: Folder) -> None:
    data = folder(
        NOW + "[toggles]\nconvert_report_currency = true\n",
        accounts=ACCOUNTS,
        opportunities=deals(
            "1,A,2025-09-05,2025-10-20,Closed Won,100,EUR", "2,A,2025-10-05,,Discovery,10,EUR", columns=",currency"
        ),
        fx_rates="month,currency,rate\n2025-09,EUR,1.0\n2025-10,EUR,1.25\n",
    )
    summary = report(data, type="engagement")["summary"]
    assert (summary["new_pipeline"], summary["total_won"]) == (12.5, 125)
    assert summary["excluded_currency"]["count"] == 0


def test_a_foreign_amount_without_a_rate_stays_out_and_a_check_says_so(folder: Folder) -> None:
    data = folder(
        NOW + "[toggles]\nconvert_report_currency = true\n",
        accounts=ACCOUNTS,
        opportunities=deals("2,A,2025-10-05,,Discovery,10,EUR", columns=",currency"),
    )
    result, _, _ = make(Presence(data), Options(type="engagement", **PERIODS))
    assert [check.name for check in result.checks if not check.passed] == ["Every foreign amount has an exchange rate"]
    assert report_document(result)["summary"]["excluded_currency"]["count"] == 1


def test_a_blank_foreign_amount_without_a_rate_is_counted_among_those_left_out(folder: Folder) -> None:
    data = folder(
        NOW + "[toggles]\nconvert_report_currency = true\n",
        accounts=ACCOUNTS,
        opportunities=deals("1,A,2025-10-05,,Discovery,,EUR", columns=",currency"),
    )
    found = report(data, type="engagement")  # no amount lacks a rate: the check holds
    assert (found["summary"]["excluded_currency"]["count"], found["summary"]["excluded_currency"]["amount"]) == (1, 0)


def test_zero_irrelevant_and_unknown_accounts_are_left_out_and_counted(folder: Folder) -> None:
    rows = deals(
        "1,A,2025-10-05,,Discovery,100,New Business,yes",
        "2,B,2025-10-05,,Discovery,,New Business,",
        "3,C,2025-10-05,,Discovery,0,New Business,",
        "4,A,2025-10-05,,Discovery,20,Renewal,",
        "5,A,2025-10-05,,Discovery,3,New Business,no",
        "6,,2025-10-05,,Discovery,7,New Business,",
        "7,Z,2025-10-05,,Discovery,7,New Business,",
        columns=",type,relevant",
    )
    data = folder(NOW + '[report]\nirrelevant = { type = ["renewal"] }\n', accounts=ACCOUNTS, opportunities=rows)
    plain = report(data, type="engagement")
    assert (plain["summary"]["new_pipeline"], plain["summary"]["excluded_no_account"]) == (123, 2)
    assert of_state(plain, "Opportunities Opened")["analysis"] == 3
    assert plain["summary"]["blank_amounts"] == 1
    strict = report(data, type="engagement", exclude_zero=True, exclude_irrelevant=True)
    assert strict["summary"]["new_pipeline"] == 100
    assert (strict["summary"]["excluded_zero"], strict["summary"]["excluded_irrelevant"]) == (2, 2)
    assert of_state(strict, "Opportunities Opened")["analysis"] == 1


@pytest.mark.parametrize(
    ("exclude", "said"), [(False, "counts as 0 in total won"), (True, "is excluded from total won (exclude_zero)")]
)
def test_a_won_opportunity_without_an_amount_is_told_of_as_the_report_takes_it(
    folder: Folder, exclude: bool, said: str
) -> None:
    rows = deals("1,A,2025-09-05,2025-10-06,Closed Won,100", "2,B,2025-09-05,2025-10-07,Closed Won,")
    found = report(folder(NOW, accounts=ACCOUNTS, opportunities=rows), type="engagement", exclude_zero=exclude)
    assert [one["message"] for one in found["warnings"]] == [
        f"opportunities.csv: 1 row is won with a blank amount and {said} (row 3)"
    ]
    assert found["summary"]["total_won"] == 100


# --- activities by source ---------------------------------------------------------------------------------------


def test_totals_count_each_account_once_and_lines_share_their_opportunities(folder: Folder) -> None:
    data = folder(
        NOW,
        accounts=ACCOUNTS,
        activities=activities(
            "A,2025-10-01,webinar,engagement",
            "A,2025-10-02,known_web,engagement",
            "B,2025-10-02,known_web,engagement",
            "C,2025-09-02,known_web,engagement",
            "A,2025-10-02,crm_activity,engagement",  # in no total
            "D,2025-10-02,crm_activity,reach",
            "B,2025-10-02,known_web,reach",  # of another kind: in no line of engagement
        ),
        opportunities=deals("1,A,2025-10-05,,Discovery,100", "2,C,2025-10-05,,Discovery,9", columns="")
        .replace("amount\n", "amount,currency\n")
        .replace("100", "100,USD")
        .replace(",9", ",9,USD"),
    )
    found = report(data, type="engagement")
    assert len(found["activities"]) == 22
    total, web, webinars = (of_line(found, "Engagement", name) for name in ("Engaged total", "Known Web", "Webinars"))
    assert (total["baseline"], total["analysis"], total["change"]) == (1, 2, 1.0)
    assert (web["analysis"], webinars["analysis"]) == (2, 1)
    assert (total["new_pipeline"], web["new_pipeline"], webinars["new_pipeline"]) == (100, 100, 100)  # C's was before
    assert (webinars["change"], webinars["change_why"]) == (None, "N/M")
    assert of_line(found, "Sales engaged", "Sales Engaged")["analysis"] == 1
    assert of_line(found, "Sales reached", "Sales Reached")["team"] == "Sales"


def test_a_source_that_is_not_configured_is_grey_and_never_0(folder: Folder) -> None:
    rows = activities("A,2024-01-01,bombora_topic,intent")
    found = report(folder(NOW, accounts=ACCOUNTS, activities=rows), type="engagement")
    bombora, g2 = of_line(found, "Intent", "Bombora Topics"), of_line(found, "Intent", "G2 Intent")
    # configured, and its rows end long before both timeframes
    assert (bombora["available"], bombora["baseline"], bombora["analysis"]) == (False, None, None)
    assert bombora["why"] == "bombora_topic ends in 2024-01"
    assert (g2["available"], g2["analysis"]) == (False, None)
    assert "report.sources" in g2["why"]
    named = folder(NOW + '[report]\nsources = ["g2_intent"]\n', accounts=ACCOUNTS, activities=rows)
    assert of_line(report(named, type="engagement"), "Intent", "G2 Intent")["analysis"] == 0


def test_retargeting_is_left_out_everywhere_and_counted(folder: Folder) -> None:
    data = folder(
        NOW,
        accounts=ACCOUNTS,
        activities=activities(
            "A,2025-10-01,6sense_campaign,reach,Retargeting",
            "B,2025-10-01,6sense_campaign,reach,display",
            "C,2025-10-01,webinar,engagement,RETARGETING ",
            columns=",campaign_type",
        ),
    )
    found = report(data, type="engagement")
    assert of_line(found, "Reach", "Reach total")["analysis"] == 1
    webinars = of_line(found, "Engagement", "Webinars")
    assert (webinars["available"], webinars["analysis"]) == (True, 0)  # connected, though nothing of it counts
    assert found["summary"]["excluded_retargeting"] == 2
    assert data.ledger.files[1].excluded == {"retargeting": 2}


# --- environment, cohort, cut-off -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tables", "flags"),
    [
        ({}, ["no_crm"]),
        ({"opportunities": deals("1,A,2025-10-05,,Discovery,1")}, ["crm"]),
        ({"buying_stages": stages("A,2025-10-01,Target")}, ["predictive"]),
        (
            {
                "buying_stages": stages("A,2025-10-01,Target"),
                "opportunities": deals("1,A,2025-10-05,,Discovery,1"),
            },
            ["predictive", "crm"],
        ),
    ],
)
def test_what_is_unavailable_is_grey_with_its_reason(folder: Folder, tables: dict[str, str], flags: list[str]) -> None:
    web = activities("A,2025-10-01,anonymous_web,engagement")
    settings = NOW + (SNAPSHOTS if "predictive" in flags else "")
    data = folder(settings, accounts=ACCOUNTS, activities=web, **tables)
    found = report(data, type="buying-stage")
    engagement = report(data, type="engagement")
    assert found["environment"] == "+".join(flags)
    predictive, crm = "predictive" in flags, "crm" in flags
    assert (found["movement"]["counts"] is not None) == predictive
    assert (found["summary"]["increased"] is not None) == predictive
    assert (found["summary"]["new_pipeline"] is not None) == crm
    for line in found["performance"]:
        assert (line["analysis"] is not None) == line["available"] == predictive
        assert predictive or "predictive buying stages" in line["why"]
    assert (of_state(engagement, "Opportunities Won")["analysis"] is not None) == crm
    assert of_state(engagement, "No Engagement")["analysis"] == 3
    assert crm or "CRM" in of_state(engagement, "Opportunities Won")["why"]
    assert (of_line(engagement, "Engagement", "Anonymous Web")["new_pipeline"] is not None) == crm


def test_without_stages_nobody_asked_for_the_engagement_report_is_made_and_that_is_said(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, activities=activities("A,2025-10-01,anonymous_web,engagement"))
    result, _, said = make(Presence(data), Options())
    assert result.choice.type == "engagement"
    assert "needs predictive buying stages" in said


def test_the_environment_can_be_set(folder: Folder) -> None:
    data = folder(
        NOW + '[report]\nenvironment = "no_crm"\n' + SNAPSHOTS,
        accounts=ACCOUNTS,
        buying_stages=stages("A,2025-10-01,Target"),
        opportunities=deals("1,A,2025-10-05,,Discovery,1"),
    )
    found = report(data, type="buying-stage")
    assert (found["movement"]["counts"], found["summary"]["new_pipeline"]) == (None, None)
    assert "report.environment is set to no_crm" in found["performance"][0]["why"]


@pytest.mark.parametrize(
    ("segments", "cohort", "accounts"),
    [
        (["Priority"], "baseline", 1),  # A: its last day in is 30 September; C left before the 1st
        (["Priority"], "analysis", 1),  # B: from the last day on
        (["Priority"], "today", 1),  # B
        (["Nurture"], "today", 1),  # B; D comes tomorrow
        (["Nurture"], "analysis", 1),
        (["Priority", "Nurture"], "analysis", 1),  # B once
        (["All accounts"], "baseline", 4),
    ],
)
def test_cohorts_by_the_day(folder: Folder, segments: list[str], cohort: str, accounts: int) -> None:
    data = folder(NOW, accounts=ACCOUNTS, segments=SEGMENTS, segment_members=MEMBERS)
    found = report(data, type="engagement", segments=tuple(segments), cohort=cohort)
    assert found["summary"]["total_accounts"] == accounts
    assert found["segments"] == segments


def test_listed_members_count_and_only_their_opportunities_are_without_a_known_account(folder: Folder) -> None:
    data = folder(
        NOW,
        accounts=ACCOUNTS,
        segment_members="segment,account_id\nOne,A\nOne,Ghost\n",
        activities=activities("Ghost,2025-10-01,webinar,engagement", "Nobody,2025-10-01,webinar,engagement"),
        opportunities=deals("1,Ghost,2025-10-05,,Discovery,100"),
    )
    found = report(data, type="engagement", segments=("One",))
    assert found["summary"]["total_accounts"] == 2
    assert (found["summary"]["new_pipeline"], found["summary"]["excluded_no_account"]) == (0, 1)
    assert of_line(found, "Engagement", "Webinars")["analysis"] == 1
    assert any("1 account of the cohort is not in the accounts table" in note for note in found["notes"])
    everybody = report(data, type="engagement")
    assert everybody["summary"]["total_accounts"] == 4
    assert of_line(everybody, "Engagement", "Webinars")["analysis"] == 0


def test_an_opportunity_that_names_a_segment_is_that_one_s_alone(folder: Folder) -> None:
    data = folder(
        NOW,
        accounts=ACCOUNTS,
        segment_members="segment,account_id\nOne,A\nTwo,A\n",
        opportunities=deals("1,A,2025-10-05,,Discovery,100,Two", "2,A,2025-10-05,,Discovery,20,", columns=",segment"),
    )
    money = [report(data, segments=(name,))["summary"]["new_pipeline"] for name in ("One", "Two", "All accounts")]
    assert money == [20, 120, 120]


def test_the_cut_off_hides_what_came_later(folder: Folder) -> None:
    data = folder(
        NOW + "as_of = 2025-10-15\n" + SNAPSHOTS,
        accounts=ACCOUNTS,
        buying_stages=stages("A,2025-10-15,Target", "A,2025-10-16,Purchase"),
        activities=activities("B,2025-10-15,webinar,engagement", "C,2025-10-16,webinar,engagement"),
        opportunities=deals("1,A,2025-10-05,2025-10-16,Closed Won,5", "2,A,2025-10-16,,Discovery,9"),
    )
    found = report(data, type="buying-stage", allow_partial=True)
    assert counts(found, "analysis")["Target"] == 1
    assert (found["summary"]["new_pipeline"], found["summary"]["total_won"]) == (5, 0)
    assert of_line(found, "Engagement", "Webinars")["analysis"] == 1
    assert found["settings"]["as_of"] == "2025-10-15"
    assert "2025-10 is not complete" in found["notes"]


def test_stage_names_go_through_the_map_and_strangers_are_rejected_with_their_row(folder: Folder) -> None:
    data = folder(
        NOW + SNAPSHOTS + '[stage_map]\n"MQA" = "decision"\n',
        accounts=ACCOUNTS,
        buying_stages=stages("A,2025-10-01,mqa", "B,2025-10-01,TARGET", "C,2025-10-01,Hot"),
    )
    found = report(data, type="buying-stage")
    assert (counts(found, "analysis")["Decision"], counts(found, "analysis")["Target"]) == (1, 1)
    (rejected,) = data.ledger.rejections
    assert (rejected.row, rejected.column, rejected.value) == (4, "stage", "Hot")
    assert "a buying stage in stage_map" in rejected.fix


def test_weeks_run_from_monday_to_sunday(folder: Folder) -> None:
    data = folder(
        NOW,
        accounts=ACCOUNTS,
        activities=activities(
            "A,2025-10-05,webinar,engagement",  # Sunday of W40
            "B,2025-10-06,webinar,engagement",  # Monday of W41
            "C,2025-10-12,webinar,engagement",  # its Sunday
            "D,2025-10-13,webinar,engagement",
        ),
    )
    found = report(data, type="engagement", analysis="2025-W41", baseline=None)
    assert (found["baseline"], found["analysis"]) == (["2025-09-29", "2025-10-05"], ["2025-10-06", "2025-10-12"])
    webinars = of_line(found, "Engagement", "Webinars")
    assert (webinars["baseline"], webinars["analysis"]) == (1, 2)
