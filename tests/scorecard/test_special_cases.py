"""Where definitions are put to the test: stages, reopenings and the bridge by hand; and a list of where each is shown.

Each special case, and the tests of this folder in which it is worked by hand:

    base zero: test_won_revenue, test_customers, test_a_cost_of_nothing_is_a_base_of_zero
    base missing: test_a_missing_base_is_not_a_base_of_zero, test_market_share
    fewer than 12 months: test_twelve_months_of_the_first_month, test_targeted_accounts
    downgraded and cancelled: test_a_customer_that_downgrades_and_cancels_within_12_months
    another segment mid-month: test_an_account_that_changes_segment_mid_month,
        test_membership_on_the_day_of_the_event, test_a_lead_whose_account_changes_segment_mid_month,
        test_a_running_total_is_of_those_who_are_members_at_the_end,
        test_the_bridge_of_an_account_that_changes_segment_mid_month
    churned and back: test_one_that_churns_and_comes_back
    converted and rejected: test_a_lead_converted_and_rejected_in_one_month
    SQOs zero with cost: test_sqos_zero_with_cost
    labor without a source: test_labor_without_a_source
    skipped stage: test_a_skipped_stage_advances, test_won_directly
    regression: test_a_regression_is_outside_the_rate, test_the_last_exit_decides
    reopened: test_a_reopening_changes_no_earlier_exit, test_closed_and_reopened, test_lost_and_reopened_in_one_month
    history before creation: test_history_before_creation_opens_nothing, test_the_bridge_of_history_before_creation
    amount change only: test_an_amount_change_is_no_exit, test_amounts_of_the_time
    ties: test_ties_of_one_day_in_the_files_order, test_the_stage_on_a_day_is_that_of_the_last_row
    renewals: test_renewals_of_subscriptions, test_renewals_have_a_row_of_their_own,
        test_customers_without_a_revenue_table
    overlapping segments: test_overlapping_segments_each_count_their_accounts, test_membership_on_the_day_of_the_event
    rates that move: test_exchange_rates_that_move, test_the_bridge_when_rates_move,
        test_each_event_takes_the_rate_of_its_month
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import pytest

from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from tests.conftest import Folder, Views
from tests.places import ROOT

STAGES = 'stages = ["Discovery", "Demo", "Proposal"]\n'
STRICT = STAGES + "[toggles]\nstrict_stages = true\n"

Phases = dict[str, tuple[int, int, int]]
Story = Callable[..., Callable[..., Phases]]


def test_the_list_above_names_tests_that_exist() -> None:
    named = set(re.findall(r"\btest_\w+", __doc__ or ""))
    written: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        written |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert named - written == set()


# ------------------------------------------------------------------------------------------ phases, stage by stage


@pytest.fixture
def story(folder: Folder, views: Views) -> Story:
    """One opportunity created on 1 April 2025: its stage now, its closing date, and its history as "month-day stage".

    What comes back gives, for a month or quarter, each stage's advanced, advanced or lost, and regressed."""

    def made(stage: str, closed: str, *steps: str, settings: str = STAGES) -> Callable[..., Phases]:
        history = "\n".join(f"1,2025-{step.replace(' ', ',', 1)}" for step in steps)
        dataset = folder(
            settings,
            opportunities=f"opportunity_id,created_on,stage,closed_on,amount\n1,2025-04-01,{stage},{closed},7\n",
            opportunity_history=f"opportunity_id,changed_at,stage\n{history}\n",
        )

        def phases(period: str, view: str = "by_stage") -> Phases:
            rows = views(dataset, "phase_conversion", period)[view]
            return {name: (row["numerator"], row["denominator"], row.get("regressed", 0)) for name, row in rows.items()}

        return phases

    return made


NOTHING = (0, 0, 0)
ADVANCED = (1, 1, 0)
LOST = (0, 1, 0)


def test_phase_conversion(folder: Folder, views: Views) -> None:
    """May: a leaves Discovery for Demo; b is lost from Discovery; c is won from Proposal; d is lost from Demo in April,
    which only the 12 months have; e stays where it is."""
    dataset = folder(
        STAGES,
        opportunities="""opportunity_id,created_on,stage,closed_on
a,2025-04-01,Demo,
b,2025-04-01,Closed Lost,2025-05-09
c,2025-04-01,Closed Won,2025-05-20
d,2025-04-01,Closed Lost,2025-04-20
e,2025-04-01,Discovery,""",
        opportunity_history="""opportunity_id,changed_at,stage
a,2025-04-01,Discovery
a,2025-05-31,Demo
b,2025-04-01,Discovery
c,2025-04-01,Discovery
c,2025-04-10,Demo
c,2025-05-02,Proposal
d,2025-04-01,Discovery
d,2025-04-05,Demo
e,2025-04-01,Discovery""",
    )
    conversion = views(dataset, "phase_conversion", "2025-05")
    # Discovery: a of a and b. Demo: c on 2 May. Proposal: c, won.
    assert {name: row["value"] for name, row in conversion["by_stage"].items()} == {
        "Discovery": 0.5, "Demo": 1, "Proposal": 1,
    }  # fmt: skip
    # April: c and d advanced from Discovery, d was lost from Demo. In points: 0.5 − 1 and 1 − 0
    changes = {name: row["change"] for name, row in conversion["by_stage_mom"].items()}
    assert (changes["Discovery"], changes["Demo"], changes["Proposal"]) == (-0.5, 1, None)
    # sums of months: Discovery (1 + 2) / (2 + 2), Demo (1 + 0) / (1 + 1)
    twelve = {name: row["value"] for name, row in conversion["by_stage_trailing_12"].items()}
    assert twelve == {"Discovery": 0.75, "Demo": 0.5, "Proposal": 1}


def test_a_skipped_stage_advances(story: Story) -> None:
    """Discovery to Proposal on 5 May: Demo, which it never had, advances with it; strictly it does not."""
    steps = ("04-01 Discovery", "05-05 Proposal")
    phases = story("Proposal", "", *steps)
    assert phases("2025-05") == {"Discovery": ADVANCED, "Demo": ADVANCED, "Proposal": NOTHING}
    assert phases("2025-04") == {"Discovery": NOTHING, "Demo": NOTHING, "Proposal": NOTHING}
    strict = story("Proposal", "", *steps, settings=STRICT)
    assert strict("2025-05") == {"Discovery": ADVANCED, "Demo": NOTHING, "Proposal": NOTHING}


def test_won_directly(story: Story) -> None:
    """Won from Demo: Demo and Proposal advance; Discovery lies before the first stage that was recorded."""
    phases = story("Closed Won", "2025-05-09", "04-01 Demo")
    assert phases("2025-05") == {"Discovery": NOTHING, "Demo": ADVANCED, "Proposal": ADVANCED}
    strict = story("Closed Won", "2025-05-09", "04-01 Demo", settings=STRICT)
    assert strict("2025-05") == {"Discovery": NOTHING, "Demo": ADVANCED, "Proposal": NOTHING}


def test_closed_from_a_stage_that_is_not_listed(story: Story) -> None:
    """Legal is no stage of the list: the loss belongs to Demo, the last listed one."""
    phases = story("Closed Lost", "2025-05-09", "04-01 Discovery", "04-05 Demo", "04-20 Legal")
    assert phases("2025-05") == {"Discovery": NOTHING, "Demo": LOST, "Proposal": NOTHING}
    assert phases("2025-04") == {"Discovery": ADVANCED, "Demo": NOTHING, "Proposal": NOTHING}


def test_a_regression_is_outside_the_rate(story: Story) -> None:
    """To Demo on 2 May and back on the 4th: Discovery advanced; Demo's last exit goes back and is in no rate."""
    phases = story("Discovery", "", "04-01 Discovery", "05-02 Demo", "05-04 Discovery")
    assert phases("2025-05") == {"Discovery": ADVANCED, "Demo": (0, 0, 1), "Proposal": NOTHING}


def test_the_last_exit_decides(story: Story) -> None:
    """Discovery is left on 2 and 6 May for Demo, and on 10 May, or 10 June, by the loss."""
    steps = ("04-01 Discovery", "05-02 Demo", "05-04 Discovery", "05-06 Demo", "05-08 Discovery")
    assert story("Closed Lost", "2025-05-10", *steps)("2025-05")["Discovery"] == LOST
    later = story("Closed Lost", "2025-06-10", *steps)
    # the last exit within May is that of the 6th; June has its own, and the 12 months both
    assert later("2025-05") == {"Discovery": ADVANCED, "Demo": (0, 0, 1), "Proposal": NOTHING}
    assert later("2025-06")["Discovery"] == LOST
    assert later("2025-06", "by_stage_trailing_12")["Discovery"] == (1, 2, 0)


def test_a_reopening_changes_no_earlier_exit(story: Story) -> None:
    """Lost from Discovery on 10 May, in Demo again on the 20th, won on 5 June: May's loss stays, the win is June's."""
    steps = ("04-01 Discovery", "05-10 Closed Lost", "05-20 Demo", "06-05 Closed Won")
    phases = story("Closed Won", "2025-06-05", *steps)
    assert phases("2025-05") == {"Discovery": LOST, "Demo": NOTHING, "Proposal": NOTHING}
    assert phases("2025-06") == {"Discovery": NOTHING, "Demo": ADVANCED, "Proposal": ADVANCED}


def test_ties_of_one_day_in_the_files_order(story: Story) -> None:
    """Two rows of 5 May: through Demo to Proposal; or to Proposal and back to Demo."""
    there = story("Proposal", "", "04-01 Discovery", "05-05 Demo", "05-05 Proposal")
    assert there("2025-05") == {"Discovery": ADVANCED, "Demo": ADVANCED, "Proposal": NOTHING}
    back = story("Demo", "", "04-01 Discovery", "05-05 Proposal", "05-05 Demo")
    assert back("2025-05") == {"Discovery": ADVANCED, "Demo": ADVANCED, "Proposal": (0, 0, 1)}


def test_an_amount_change_is_no_exit(folder: Folder, views: Views) -> None:
    """Discovery at 5, and again at 6 on 2 May: no one left the stage; the pipeline grew by 1."""
    dataset = folder(
        STAGES,
        opportunities="opportunity_id,created_on,stage,amount\n1,2025-04-01,Discovery,6\n",
        opportunity_history="opportunity_id,changed_at,stage,amount\n1,2025-04-01,Discovery,5\n1,2025-05-02,Discovery,6\n",
    )
    row = views(dataset, "phase_conversion", "2025-05")["by_stage"]["Discovery"]
    assert (row["value"], row["why"], row["denominator"]) == (None, "n/a", 0)
    assert bridge(dataset) == {"open_start": 5, "increased": 1, "open_end": 6}


def test_without_history_nothing_is_known_of_phases(folder: Folder, views: Views) -> None:
    dataset = folder(
        STAGES, opportunities="opportunity_id,created_on,stage,closed_on\n1,2025-04-01,Closed Won,2025-05-09\n"
    )
    rows = views(dataset, "phase_conversion", "2025-05")["by_stage"]
    assert all((row["value"], row["why"]) == (None, "n/a") for row in rows.values())
    assert bridge(dataset) == {"why": "n/a"}  # no one states an amount


# -------------------------------------------------------------------------------------------------- the pipeline bridge


def bridge(dataset: Dataset, segment: str = ALL_ACCOUNTS) -> dict[str, Any]:
    """The lines of May 2025 that are not 0, from the JSON."""
    result = compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), [segment])
    assert all(check.passed for check in result.checks)
    lines = scorecard_document(result)["segments"][segment]["bridge"]
    return {name: value for name, value in lines.items() if value}


def test_lost_and_reopened_in_one_month(folder: Folder) -> None:
    """10 are lost on 5 May and open again since the 15th: both lines, and the same at both ends."""
    dataset = folder(
        opportunities="opportunity_id,created_on,stage,amount\n1,2025-04-01,Proposal,10\n",
        opportunity_history="opportunity_id,changed_at,stage\n"
        "1,2025-04-01,Discovery\n1,2025-05-05,Closed Lost\n1,2025-05-15,Proposal\n",
    )
    assert bridge(dataset) == {"open_start": 10, "reopened": 10, "lost": 10, "open_end": 10}


def test_the_bridge_of_history_before_creation(folder: Folder) -> None:
    """Created on 10 May; its history begins in April with 40, and has 50 and 60 on the day itself, of which the later
    row counts: created with its first amount 40, increased by 20. 2's two rows of one day: created with 3, up to 5."""
    dataset = folder(
        opportunities="opportunity_id,created_on,stage,amount\n1,2025-05-10,Proposal,60\n2,2025-05-10,Discovery,5\n",
        opportunity_history="""opportunity_id,changed_at,stage,amount
1,2025-04-20,Discovery,40
1,2025-05-10,Proposal,50
1,2025-05-10,Proposal,60
2,2025-05-10,Discovery,3
2,2025-05-10,Discovery,5""",
    )
    assert bridge(dataset) == {"created": 43, "increased": 22, "open_end": 65}


def test_the_bridge_of_an_account_that_changes_segment_mid_month(folder: Folder) -> None:
    """A1 is Old's until 14 May, New's from the 15th. 1: 60, raised to 90 on the 10th and to 100 on the 15th. 2: 5, won
    on the 15th, as New's. 3: 7, Old's by its own word."""
    dataset = folder(
        accounts="account_id\nA1\n",
        segment_members="segment,account_id,start,end\nOld,A1,,2025-05-15\nNew,A1,2025-05-15,\n",
        opportunities="""opportunity_id,account_id,created_on,stage,closed_on,amount,segment
1,A1,2025-04-01,Discovery,,100,
2,A1,2025-04-01,Closed Won,2025-05-15,5,
3,A1,2025-04-01,Discovery,,7,Old""",
        opportunity_history="""opportunity_id,changed_at,stage,amount
1,2025-04-01,Discovery,60
1,2025-05-10,Discovery,90
1,2025-05-15,Discovery,100""",
    )
    # 60 + 5 + 7 + 30 − 90 − 5 = 7, and 90 + 5 + 10 − 5 = 100
    assert bridge(dataset, "Old") == {"open_start": 72, "increased": 30, "leaving": 95, "open_end": 7}
    assert bridge(dataset, "New") == {"entering": 95, "increased": 10, "won": 5, "open_end": 100}


def test_the_bridge_when_rates_move(folder: Folder) -> None:
    """EUR is 1.10 in April and 1.30 in May: 150 open are 165; they gain 30; 10 created are 13, 50 won are 65."""
    dataset = folder(
        opportunities="""opportunity_id,created_on,stage,closed_on,amount,currency
1,2025-04-01,Discovery,,100,EUR
2,2025-05-02,Discovery,,10,EUR
3,2025-04-01,Closed Won,2025-05-20,50,EUR""",
        fx_rates="month,currency,rate\n2025-04,EUR,1.1\n2025-05,EUR,1.3\n",
    )
    # 165 + 13 + 30 − 65 = 143 = 110 × 1.30
    assert bridge(dataset) == {"open_start": 165, "created": 13, "increased": 30, "won": 65, "open_end": 143}


def test_renewals_have_a_row_of_their_own(folder: Folder, views: Views) -> None:
    """Won 100 new and 40 renewed, lost a renewal of 60: the types add up, and each has its own rate and size."""
    dataset = folder(
        '[types]\nNew = "new_logo"\nRenew = "renewal"\n',
        opportunities="""opportunity_id,created_on,stage,closed_on,amount,type
1,2025-04-01,Closed Won,2025-05-10,100,New
2,2025-04-01,Closed Won,2025-05-10,40,Renew
3,2025-04-01,Closed Lost,2025-05-10,60,Renew""",
    )
    won = views(dataset, "won_opportunities", "2025-05")
    types = ("new_logo", "upsell_cross_sell", "renewal", "other")
    assert [(won[key]["value"], won[key]["revenue"]) for key in types] == [(1, 100), (0, 0), (1, 40), (0, 0)]
    rate = views(dataset, "win_rate_revenue", "2025-05")
    assert (rate["total"]["value"], rate["new_logo"]["value"], rate["renewal"]["value"]) == (0.7, 1, 0.4)
    assert rate["upsell_cross_sell"]["why"] == "n/a"
    assert views(dataset, "average_deal_size", "2025-05")["renewal"]["value"] == 40
    assert views(dataset, "won_revenue", "2025-05")["existing_customers"]["value"] == 40  # whoever renews is one
