"""What the other reading of each toggle would make of the numbers: by hand, and as if it had been set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segxl.catalogue.metrics import BY_KEY
from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.facts.engine import Facts
from segxl.pages.model import Page
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from segxl.scorecard.model import Scorecard
from segxl.settings.model import Toggles
from segxl.settings.toggles import TOGGLES, Toggle, toggles_of
from tests import small
from tests.conftest import write_folder

TABLES = {
    "accounts": """
account_id,geo
A1,East
A2,West
A3,West
""",
    # A1 leaves Core on 20 May, A2 joins on 15 May
    "segment_members": """
segment,account_id,start,end
Core,A1,2025-01-01,2025-05-20
Core,A2,2025-05-15,
""",
    # D1 is won from Discovery on 10 May; D2 goes to Proposal and is lost from it on 25 May
    "opportunities": """
opportunity_id,account_id,created_on,closed_on,stage,amount
D1,A1,2025-05-01,2025-05-10,Closed Won,100
D2,A3,2025-04-01,2025-05-25,Closed Lost,70
D3,A2,2025-04-02,2025-05-05,Closed Won,50
""",
    "opportunity_history": """
opportunity_id,changed_at,stage
D1,2025-05-01,Discovery
D2,2025-04-01,Discovery
D2,2025-05-06,Proposal
""",
    # A1 ends with April, A2 goes on, A3 stopped in March and pays again since 10 May
    "revenue": """
account_id,start,end,mrr
A1,2025-01-01,2025-04-30,100
A2,2025-01-01,,50
A3,2025-01-01,2025-03-15,30
A3,2025-05-10,,30
""",
}

Key = tuple[str, str, str]


def company(path: Path, settings: str = "", **changes: str | None) -> Dataset:
    tables = {name: text for name, text in (TABLES | changes).items() if text is not None}
    return load(write_folder(path, tables, settings))


def scorecard_of(dataset: Dataset) -> Scorecard:
    return compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), list(dataset.segments.names))


def effects(scorecard: Scorecard, toggle: str, segment: str = "All accounts") -> dict[Key, tuple[Any, Any, Any]]:
    """By metric, view and item: as set, under the other reading, the difference."""
    found = scorecard_document(scorecard)["toggle_effects"][toggle]["segments"][segment]
    return {
        (one["metric"], one["view"], one.get("item", "")): (one["value"], one["other"], one["difference"])
        for one in found["numbers"]
    }


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Scorecard:
    return scorecard_of(company(tmp_path_factory.mktemp("company")))


def test_membership_at_the_end_of_the_period(result: Scorecard) -> None:
    """On 10 May A1 was a member, on 31 May A2 is: won 100 by each event's day, 50 by the last day."""
    found = effects(result, "membership", "Core")
    assert found["won_revenue", "total", ""] == (100, 50, -50)
    assert found["won_opportunities", "total", ""] == (1, 1, 0)
    assert found["net_new_pipeline", "total", ""] == (100, 0, -100)  # D1 was created on 1 May, D3 in April
    # opening MRR on 30 April: A1 alone was a member, and its subscription ended that day; A2 pays 50
    assert found["mrr", "total", ""] == (0, 50, 50)
    assert found["som_accounts", "running_total", ""] == (1, 1, 0)  # a stock is taken at the end anyway


def test_the_end_of_a_subscription(result: Scorecard) -> None:
    """With the last day included A1 still pays on 30 April: opening 150 in place of 50, and it churns in May."""
    found = effects(result, "subscription_end")
    assert found["mrr", "total", ""] == (50, 150, 100)
    assert found["mrr", "closing", ""] == (80, 80, 0)
    assert found["churned_customers", "total", ""] == (0, 1, 1)
    assert found["churned_customers", "revenue", ""] == (0, 100, 100)
    assert found["nrr", "total", ""] == (1, pytest.approx(50 / 150), pytest.approx(50 / 150 - 1))
    assert {key for key, _, _ in found} == {"customers", "churned_customers", "mrr", "nrr"}  # there is no market table


def test_reactivation_in_retention(result: Scorecard) -> None:
    """A3 comes back with 30: (50 + 30) / 50."""
    found = effects(result, "reactivation_in_nrr")
    assert found["nrr", "total", ""] == (1, 1.6, pytest.approx(0.6))
    assert found["nrr", "gross_revenue_retention", ""] == (1, 1, 0)
    assert {key for key, _, _ in found} == {"nrr"}


def test_strict_stages(result: Scorecard) -> None:
    """D1 skips Proposal when it is won: 1 of 2 advances from it, or 0 of the 1 that was there."""
    found = effects(result, "strict_stages")
    assert found["phase_conversion", "by_stage", "Discovery"] == (1, 1, 0)
    assert found["phase_conversion", "by_stage", "Proposal"] == (0.5, 0, -0.5)
    assert found["phase_conversion", "by_stage_trailing_12", "Proposal"] == (0.5, 0, -0.5)


def test_where_a_toggle_cannot_matter_it_says_so(tmp_path: Path) -> None:
    dataset = company(
        tmp_path, "[segments]\nby = 'geo'\n", segment_members=None, revenue=None, opportunity_history=None
    )
    document = scorecard_document(scorecard_of(dataset))["toggle_effects"]
    said = {name: entry["segments"]["East"]["why"] for name, entry in document.items()}
    assert said == said | {
        "membership": "the segment has the same accounts on every day; its members have no dates",
        "subscription_end": "there is no revenue table",
        "reactivation_in_nrr": "there is no revenue table",
        "strict_stages": "there is no opportunity_history table",
    }
    assert document["membership"]["segments"]["All accounts"]["why"] == "All accounts contains every row on every day"
    assert all(not entry["segments"]["East"]["numbers"] for entry in document.values())


def test_months_of_revenue_have_no_ends(tmp_path: Path) -> None:
    found = scorecard_document(scorecard_of(company(tmp_path, revenue="account_id,month,mrr\nA1,2025-04,10")))
    why = found["toggle_effects"]["subscription_end"]["segments"]["Core"]["why"]
    assert why == "the revenue table has no subscriptions with end dates"
    assert "why" not in found["toggle_effects"]["reactivation_in_nrr"]["segments"]["Core"]


def test_metrics_that_were_not_chosen(tmp_path: Path) -> None:
    found = scorecard_document(scorecard_of(company(tmp_path, '[scorecard]\nmetrics = ["won_revenue"]\n')))
    segments = found["toggle_effects"]["strict_stages"]["segments"]
    assert segments["Core"]["why"] == "none of the metrics it changes is shown"
    assert {one["metric"] for one in found["toggle_effects"]["membership"]["segments"]["Core"]["numbers"]} == {
        "won_revenue"
    }


@pytest.mark.slow
@pytest.mark.parametrize("toggle", toggles_of("scorecard"), ids=lambda toggle: toggle.name)
def test_the_other_reading_is_what_setting_it_gives(tmp_path: Path, result: Scorecard, toggle: Any) -> None:
    """Turned in the settings, every number is what was said, and turns back."""
    default = getattr(Toggles(), toggle.name)
    other = toggle.other(default)
    assert {default, other} == set(toggle.readings)
    written = f'"{other}"' if isinstance(other, str) else str(other).lower()
    settings = f'stages = ["Discovery", "Proposal"]\n[toggles]\n{toggle.name} = {written}\n'
    turned = scorecard_of(company(tmp_path, settings))
    compared = 0
    for segment in result.segments:
        before, after = effects(result, toggle.name, segment), effects(turned, toggle.name, segment)
        assert before.keys() == after.keys()
        for key, (value, changed, _) in before.items():
            assert after[key][:2] == (changed, value), key
            compared += value != changed
    assert compared
    document = scorecard_document(turned)["toggle_effects"][toggle.name]
    assert (document["set"], document["other"]) == (other, default)


@pytest.mark.parametrize("toggle", TOGGLES.values(), ids=lambda toggle: toggle.name)
def test_a_toggle_is_declared_whole(toggle: Toggle) -> None:
    """Two readings with their words, the default first; the metrics that it names exist."""
    assert len(toggle.readings) == 2 and all(toggle.readings.values()) and toggle.question
    assert toggle.default == getattr(Toggles(), toggle.name) == next(iter(toggle.readings))
    assert toggle.words(toggle.default) != toggle.words(toggle.other(toggle.default))
    assert set(toggle.metrics) <= set(BY_KEY)
    assert {one.name for one in (*toggles_of("scorecard"), *toggles_of("report"))} == set(Toggles.model_fields)


def page_of(dataset: Dataset, segment: str) -> Page:
    facts = Facts(dataset)
    result = compute(facts, parse_period("2025-05", dataset.settings.fiscal), [segment])
    return next(page for page in scorecard_pack(facts, result, segment).pages if page.key == "toggles")


def test_the_page_by_hand(tmp_path: Path) -> None:
    page = page_of(company(tmp_path), "All accounts")
    rows = [[cell.value if cell else None for cell in row.cells] for row in page.rows]
    assert ["In use: exclusive (the first day without the subscription)"] in rows
    assert ["Alternative: inclusive (the last day of the subscription)"] in rows
    assert ["Metric", "Window", "In use: exclusive", "Alternative: inclusive", "Difference"] in rows
    assert ["Monthly recurring revenue", "period", 50, 150, 100] in rows
    assert ["Churned or downgraded customers: revenue lost", "period", 0, 100, 100] in rows
    assert ["Net revenue retention", "period", 1, 1.6, 60] in rows  # percentage points
    assert ["Phase conversion: Proposal", "period", 0.5, 0, -50] in rows
    assert ["Unchanged: Customers (won and retained)."] in rows
    linked = [cell for row in page.rows for cell in row.cells if cell and cell.link and cell.value == 50]
    assert linked  # the number that is set leads to its rows


def test_the_page_of_a_company_that_no_toggle_touches(tmp_path: Path) -> None:
    page = page_of(load(small.write_company(tmp_path)), "SMB")
    said = [cell.value for row in page.rows for cell in row.cells if cell and "No effect here" in str(cell.value)]
    assert len(said) == len(toggles_of("scorecard"))
    assert said[1] == "No effect here: there is no revenue table."
