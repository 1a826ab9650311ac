"""Buying stages over the last 13 months or weeks: by hand, and month by month against the slow oracle."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings

from segxl.errors import SegxlError
from segxl.facts.presence import Presence
from segxl.pages.report.report import report_pack
from segxl.periods import parse_span
from segxl.render.json.report import report_document
from segxl.report.choices import Options
from segxl.report.compute import make
from segxl.report.explain import explain
from segxl.report.model import Selector
from segxl.report.over_time import spans
from segxl.report.states import STAGES, STATES
from tests.agreement import World, as_known, loaded_report, options_of, unknown_category
from tests.conftest import Folder
from tests.oracle import report as oracle
from tests.oracle.report_worlds import cases
from tests.report_tables import ACCOUNTS, CHANGES, NOW, SNAPSHOTS, activities, deals, stages

ROWS = stages(
    "A,2024-10-20,Purchase",  # a month too early
    "A,2025-01-10,Target",
    "A,2025-01-20,Decision",  # the highest of January
    "B,2025-01-31,Awareness",
    "A,2025-10-05,Consideration",
    "A,2025-10-25,Target",
    "X,2025-03-01,Purchase",  # in no cohort: no one's account
)


def over_time(folder: Folder, settings: str, rows: str = ROWS, **options: Any) -> dict[str, list[int] | None]:
    data = folder(NOW + settings, accounts=ACCOUNTS, buying_stages=rows)
    result, _, _ = make(Presence(data), Options(**{"analysis": "2025-10", **options}))
    assert [check for check in result.checks if not check.passed] == []
    document = report_document(result)["stages_over_time"]
    assert document["stages"] == ["No stage", "Target", "Awareness", "Consideration", "Decision", "Purchase"]
    assert all((one["counts"] is None) is bool(one["why"]) for one in document["periods"])
    return {one["period"]: one["counts"] for one in document["periods"]}


def test_snapshots_count_in_their_month_alone(folder: Folder) -> None:
    found = over_time(folder, SNAPSHOTS)
    assert list(found) == [f"2024-{month}" for month in (10, 11, 12)] + [f"2025-{month:02d}" for month in range(1, 11)]
    assert found["2024-10"] == [3, 0, 0, 0, 0, 1]
    assert found["2025-01"] == [2, 0, 1, 0, 1, 0]
    assert found["2025-03"] == [4, 0, 0, 0, 0, 0]  # stages were recorded, of someone outside the cohort
    assert found["2025-10"] == [3, 0, 0, 1, 0, 0]
    assert {period for period, counts in found.items() if counts is None} == set(found) - {
        "2024-10", "2025-01", "2025-03", "2025-10"
    }  # fmt: skip


def test_changes_are_carried_forward_and_before_the_first_nothing_is_known(folder: Folder) -> None:
    found = over_time(folder, CHANGES, ROWS.replace("A,2024-10-20,Purchase\n", ""))
    assert [period for period, counts in found.items() if counts is None] == ["2024-10", "2024-11", "2024-12"]
    assert found["2025-01"] == found["2025-02"] == [2, 0, 1, 0, 1, 0]
    assert found["2025-09"] == [2, 0, 1, 0, 1, 0]
    assert found["2025-10"] == [2, 0, 1, 0, 1, 0]  # Decision until the 4th is October's highest


def test_the_cohort_is_fixed_and_a_range_ends_with_its_last_month(folder: Folder) -> None:
    members = "segment,account_id,start\nLate,A,2025-10-01\n"
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=ROWS, segment_members=members)
    result, _, _ = make(Presence(data), Options(analysis="2025-08..2025-10", segments=("Late",), cohort="today"))
    found = {one.span.label: one.counts for one in result.over_time.spans}
    assert next(iter(found)) == "2024-10" and list(found)[-1] == "2025-10"
    january = found["2025-01"]
    assert january is not None and [number.value for number in january] == [0, 0, 0, 0, 1, 0]


def test_weeks_where_the_analysis_is_one(folder: Folder) -> None:
    found = over_time(folder, SNAPSHOTS, analysis="2025-W43", baseline="2025-W40")
    assert next(iter(found)) == "2025-W31" and list(found)[-1] == "2025-W43" and len(found) == 13
    assert found["2025-W40"] == [3, 0, 0, 1, 0, 0]  # Sunday, 5 October
    assert found["2025-W43"] == [3, 1, 0, 0, 0, 0]  # Saturday, 25 October


def test_a_timeframe_without_any_stage_is_told(folder: Folder) -> None:
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=ROWS)

    def notes(**options: Any) -> list[str]:
        result, _, _ = make(Presence(data), Options(type="buying-stage", **options))
        return [note for note in result.notes if "No buying stages recorded in" in note]

    assert notes(analysis="2025-10", baseline="2025-03") == []  # recorded, if of no one in the cohort
    (said,) = notes(analysis="2025-W40", baseline="2025-W39")
    assert said.startswith("No buying stages recorded in 2025-W39, so movement cannot be measured")


@pytest.mark.parametrize(
    ("analysis", "first", "last"),
    [
        ("2025-01", "2024-01", "2025-01"),
        ("2026-W01", "2025-W41", "2026-W01"),
        ("2025-11..2026-01", "2025-01", "2026-01"),
    ],
)
def test_thirteen_that_end_with_the_analysis(analysis: str, first: str, last: str) -> None:
    labels = [span.label for span in spans(parse_span(analysis))]
    assert (labels[0], labels[-1], len(labels)) == (first, last, 13)


def test_a_count_opens_to_its_accounts(folder: Folder) -> None:
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=ROWS)
    result, working, _ = make(Presence(data), Options(analysis="2025-10"))
    text = explain(result, working, "stages_over_time", "decision,2025-01")
    assert text.startswith("Decision, 2025-01: 1\n") and "Alpha" in text and text.endswith("1 account")
    assert explain(result, working, "stages_over_time", "Consideration").startswith("Consideration, 2025-10: 1\n")
    with pytest.raises(SegxlError, match="Decision, 2025-02 is not available: no stage recorded in this period"):
        explain(result, working, "stages_over_time", "Decision,2025-02")
    with pytest.raises(SegxlError, match="no month or week '2026-02'"):
        explain(result, working, "stages_over_time", "Decision,2026-02")
    pack = report_pack(result, working)
    listing = next(page for page in pack.pages if page.key == "accounts")
    assert listing.records is not None
    columns = {field.header: list(field.values) for field in listing.records.fields}
    by_account = dict(zip(columns["Account"], columns["2025-01"], strict=True))
    assert by_account == {"Alpha": "Decision", "Beta": "Awareness", "Gamma": "No stage", "Delta": "No stage"}
    page = next(page for page in pack.pages if page.key == "over_time")
    links = {cell.link for row in page.rows for cell in row.cells if cell and cell.link}
    assert {link.page for link in links} == {"accounts"}
    for period in result.over_time.spans:
        for stage, number in zip(STAGES, period.counts or (), strict=False):
            assert columns[period.span.label].count(stage) == number.value


def test_the_page_is_grey_without_stages(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, activities=activities("A,2025-10-02,webinar,engagement"))
    result, working, _ = make(Presence(data), Options(type="buying-stage"))
    page = next(page for page in report_pack(result, working).pages if page.key == "over_time")
    words = [str(cell.value) for row in page.rows for cell in row.cells if cell]
    assert any("Not available: stages over time: needs predictive buying stages" in word for word in words)
    with pytest.raises(SegxlError, match="stages over time are not available: needs predictive buying stages"):
        explain(result, working, "stages_over_time", "Decision")
    engagement, _, _ = make(Presence(data), Options(type="engagement"))
    assert report_document(engagement)["stages_over_time"]["why"] == "part of the buying-stage report"


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_every_month_is_what_the_oracle_finds_in_it(case: tuple[World, dict[str, Any]]) -> None:
    world, chosen = case
    chosen = {**chosen, "type": "buying-stage"}
    note(repr(chosen))
    presence = Presence(loaded_report(world))
    assume(not unknown_category(presence, chosen))
    result, working, _ = make(presence, options_of(chosen, allow_partial=True))
    book = oracle.read(as_known(world), chosen)
    ids = presence.dataset.account_ids
    for period in result.over_time.spans:
        window = (period.span.window.start, period.span.window.end)
        expected = {account: oracle.highest_stage(book, account, window) for account in book.cohort}
        if period.counts is None:
            assert not any(expected.values())
            continue
        for rank, number in enumerate(period.counts):
            accounts = {account for account, highest in expected.items() if highest == rank}
            assert number.value == len(accounts)
            found = working.accounts(Selector("state_in", STAGES[rank], period.span.label))
            assert {ids[code] for code in found} == accounts


ENGAGED = {
    "accounts": ACCOUNTS,
    "activities": activities(
        "A,2025-01-10,webinar,engagement",
        "A,2025-01-20,6sense_keyword,intent",
        "B,2025-01-31,anonymous_web,engagement",
        "A,2025-03-01,known_web,engagement",
        "C,2025-10-31,6sense_keyword,intent",
        "D,2025-11-01,6sense_keyword,intent",  # after the analysis
    ),
    "opportunities": deals("1,B,2025-03-05,2025-10-02,Closed Won,10", "2,C,2025-10-06,,Discovery,5"),
}


def test_engagement_states_in_each_month(folder: Folder) -> None:
    """Several states an account: January has A with Intent and Known Engagement, B with an anonymous visit. Months that
    a state's sources do not reach are n/a, before them and after."""
    data = folder(NOW, **ENGAGED)
    result, working, _ = make(Presence(data), Options(type="engagement", analysis="2025-10"))
    assert [check for check in result.checks if not check.passed] == []
    document = report_document(result)["states_over_time"]
    assert document["states"][0] == "No Engagement" and len(document["periods"]) == 13
    found = {one["period"]: one["counts"] for one in document["periods"]}
    # No Engagement, Intent, Anonymous Website Visit, Known Engagement, Opportunities Opened, Opportunities Won
    assert found["2024-12"] is None  # before any data
    assert found["2025-01"] == [2, 1, 1, 1, None, None]  # opportunities begin in March
    assert found["2025-03"] == [3, 0, None, 1, 1, 0]  # anonymous visits end in January
    assert found["2025-10"] == [3, 1, None, 0, 1, 1]  # webinars take place now and then: their export reaches October
    text = explain(result, working, "states_over_time", "Known Engagement,2025-01")
    assert text.startswith("Known Engagement, 2025-01: 1\n") and "Alpha" in text and "Beta" not in text
    with pytest.raises(SegxlError, match="stages over time are not available: part of the buying-stage report"):
        explain(result, working, "stages_over_time", "Decision")
    pages = {page.key: page for page in report_pack(result, working).pages}
    (chart,) = pages["over_time"].charts
    assert [series.name for series in chart.series] == list(STATES[1:])  # No Engagement would flatten them
    assert chart.title == "Known Engagement: 1 account in Jan 2025, 0 in Oct 2025"


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_engagement_of_every_month_is_what_the_oracle_finds_in_it(case: tuple[World, dict[str, Any]]) -> None:
    world, chosen = case
    chosen = {**chosen, "type": "engagement"}
    note(repr(chosen))
    presence = Presence(loaded_report(world))
    assume(not unknown_category(presence, chosen))
    result, working, _ = make(presence, options_of(chosen, allow_partial=True))
    ids = presence.dataset.account_ids
    read = oracle.read(as_known(world), chosen)
    for period in result.over_time.spans:
        month = {**read.options, "analysis": (period.span.window.start, period.span.window.end)}
        expected = oracle.accounts_in_states(replace(read, options=month), "analysis")
        for state, number in zip(STATES, period.counts or (), strict=False):
            if number.value is None:
                continue
            assert number.value == len(expected[state])
            found = working.accounts(Selector("state_in", state, period.span.label))
            assert {ids[code] for code in found} == expected[state]
