"""What the other reading of each of the report's toggles would make of its numbers, by hand."""

from __future__ import annotations

from typing import Any

from segxl.dataset.model import Dataset
from segxl.facts.presence import Presence
from segxl.pages.report.report import report_pack
from segxl.report.choices import Options
from segxl.report.compute import make
from segxl.report.toggle_effects import NumberEffect, turned
from segxl.settings.toggles import Turned
from tests.conftest import Folder
from tests.report_tables import ACCOUNTS, NOW, PERIODS, SNAPSHOTS, activities, deals, stages

Changes = dict[str, tuple[int | None, int | None]]


def found(dataset: Dataset, **options: Any) -> dict[str, Turned[NumberEffect]]:
    result, working, _ = make(Presence(dataset), Options(**PERIODS, **options))
    return {one.toggle.name: one for one in turned(result, working)}


def changes(one: Turned[NumberEffect]) -> Changes:
    assert not one.why
    return {change.name: (change.as_set.value, change.other.value) for change in one.effects}


ROWS = activities(
    "A,2025-10-01,g2_intent,intent",
    "B,2025-10-01,known_web,engagement",
    "C,2025-10-01,bombora_topic,intent",
    "D,2025-09-02,webinar,engagement",
)


def test_g2_and_the_known_web(folder: Folder) -> None:
    said = found(folder(NOW, accounts=ACCOUNTS, activities=ROWS), type="engagement")
    # as set A had nothing that counts in October; B, the known visitor, and C rose from none
    assert changes(said["g2_in_intent_state"]) == {
        "More engaged": (2, 3),
        "Net change of engaged accounts": (1, 2),
        "No Engagement: accounts in the analysis": (2, 1),
        "Intent: accounts in the analysis": (1, 2),
    }
    assert changes(said["known_web_is_known"]) == {
        "More engaged": (2, 1),
        "Net change of engaged accounts": (1, 0),
        "No Engagement: accounts in the analysis": (2, 3),
        "Known Engagement: accounts in the analysis": (1, 0),
    }
    assert said["unstaged_can_increase"].why == "the engagement report has no buying stages"
    assert said["convert_report_currency"].why == "there are no opportunities"


def test_accounts_without_a_stage(folder: Folder) -> None:
    rows = stages("A,2025-09-01,Target", "A,2025-10-03,Decision", "C,2025-10-01,Target")
    said = found(folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, buying_stages=rows), type="buying-stage")
    assert changes(said["unstaged_can_increase"]) == {"Increased buying stage": (2, 1)}
    why = "the buying-stage report has no engagement states"
    assert (said["g2_in_intent_state"].why, said["known_web_is_known"].why) == (why, why)


def test_foreign_amounts(folder: Folder) -> None:
    data = folder(
        NOW,
        accounts=ACCOUNTS,
        opportunities=deals(
            "1,A,2025-10-05,,Discovery,100,USD", "2,A,2025-10-05,,Discovery,10,EUR", columns=",currency"
        ),
        fx_rates="month,currency,rate\n2025-10,EUR,1.25\n",
    )
    said = changes(found(data, type="engagement")["convert_report_currency"])
    assert said["New pipeline"] == (10000, 11250)  # cents: 100, and 10 euros at 1.25
    assert said["Opportunities Opened: new pipeline"] == (10000, 11250)
    plain = folder(NOW, accounts=ACCOUNTS, opportunities=deals("1,A,2025-10-05,,Discovery,100"))
    why = found(plain, type="engagement")["convert_report_currency"].why
    assert why == "all opportunities of the cohort are in the reporting currency"


def test_the_page(folder: Folder) -> None:
    result, working, _ = make(
        Presence(folder(NOW, accounts=ACCOUNTS, activities=ROWS)), Options(**PERIODS, type="engagement")
    )
    page = next(one for one in report_pack(result, working).pages if one.key == "toggles")
    rows = [[cell.value if cell else None for cell in row.cells] for row in page.rows]
    assert ["Number", "Unit", "In use: false", "Alternative: true", "Difference"] in rows
    assert ["Intent: accounts in the analysis", "accounts", 1, 2, 1] in rows
    assert ["Known Engagement: accounts in the analysis", "accounts", 1, 0, -1] in rows
    assert ["No effect here: there are no opportunities."] in rows
