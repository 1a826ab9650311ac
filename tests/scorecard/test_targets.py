"""The plan next to the scorecard: by hand, for a metric of each kind, in months and quarters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from segxl.catalogue.metrics import BY_KEY
from segxl.errors import SegxlError
from segxl.facts.engine import Facts
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.explain import explain
from segxl.scorecard.model import Scorecard
from tests import small

HEADER = ("metric", "month", "value", "segment", "item")
SETTINGS = small.SETTINGS.replace("[segments]", '[tables.targets]\nfile = "plan.csv"\n\n[segments]')

Target = tuple[str, str, str, str, str]


def target(metric: str, month: str, value: str, segment: str = "", item: str = "") -> Target:
    return metric, month, value, segment, item


def facts_with(folder: Path, *rows: Target) -> Facts:
    small.write_company(folder, settings=SETTINGS)
    small.write_csv(folder / "plan.csv", HEADER, rows)
    return small.facts_of(folder)


def views(facts: Facts, metric: str, period: str = "2026-05", segment: str = "All accounts") -> dict[str, Any]:
    scorecard = small.scorecard_of(facts, period, [segment])
    found: dict[str, Any] = scorecard_document(scorecard)["segments"][segment]["metrics"][metric]["views"]
    return found


def beside(shown: dict[str, Any], prefix: str = "") -> tuple[Any, Any, Any]:
    """Plan, variance and attainment; the word where there is no number."""
    found = []
    for name in ("plan", "variance", "attainment"):
        number = shown[prefix + name]
        assert ("why" in number) == (number["value"] is None)
        found.append(number.get("why") or number["value"])
    return found[0], found[1], found[2]


def rejections(facts: Facts) -> list[str]:
    return [str(one) for one in facts.dataset.ledger.rejections]


def test_a_month_of_what_adds_up(tmp_path: Path) -> None:
    # won in May: 12,600.50
    shown = views(facts_with(tmp_path, target("won_revenue", "2026-05", "10000")), "won_revenue")
    assert beside(shown) == (10000, 2600.5, pytest.approx(1.26005))
    assert shown["plan"]["said"] == "target for 2026-05"


def test_a_metric_without_target_shows_none(tmp_path: Path) -> None:
    facts = facts_with(tmp_path, target("won_revenue", "2026-05", "10000"))
    assert not {"plan", "variance", "attainment"} & set(views(facts, "lost_revenue"))
    assert not {"plan", "variance", "attainment"} & set(views(facts, "won_revenue", segment="SMB"))


QUARTERS: Sequence[tuple[str, Sequence[str], tuple[Any, Any, Any]]] = (
    # April 5,000 and May 12,600.50 are won: 17,600.50 against 4,000 + 10,000 + 6,000
    ("won_revenue", ("4000", "10000", "6000"), (20000, -2399.5, pytest.approx(0.880025))),
    # 27,000 are open at the end of June: a stock takes the last month's target
    ("pipeline_by_stage", ("1000", "2000", "30000"), (30000, -3000, pytest.approx(0.9))),
    # won 5, lost 3: 62.5% against the mean of 50%, 55% and 66%, 57%
    (
        "win_rate_count",
        ("50%", "0.55", "66%"),
        (pytest.approx(0.57), pytest.approx(0.055), pytest.approx(0.625 / 0.57)),
    ),
    # all accounts that ever won, A1, A2 and A3, at the end of June
    ("customers", ("9", "9", "4"), (4, -1, 0.75)),
    # an account that is new in a month is not new in the next; they cannot be added up for certain
    ("customers.total", ("1", "1", "1"), ("n/a", "n/a", "n/a")),
)


@pytest.mark.parametrize(("metric", "values", "expected"), QUARTERS, ids=[one[0] for one in QUARTERS])
def test_a_quarter(tmp_path: Path, metric: str, values: Sequence[str], expected: tuple[Any, Any, Any]) -> None:
    months = ("2026-04", "2026-05", "2026-06")
    facts = facts_with(tmp_path, *(target(metric, month, value) for month, value in zip(months, values, strict=True)))
    key, _, line = metric.partition(".")
    assert beside(views(facts, key, "2026-Q2"), f"{line}_" if line else "") == expected


OF_MONTHS = {
    "sum": ("leads", "sqos", "won_revenue", "lost_opportunities", "net_new_pipeline", "churned_customers.revenue"),
    "last": ("som_accounts", "customers.running_total", "customers.percent_of_som", "pipeline_by_stage", "mrr.closing"),
    "first": ("mrr", "market_share"),
    "mean": ("win_rate_revenue", "average_deal_size", "average_time_to_close", "cost_per_sqo", "lead_to_mql"),
    "none": (
        "targeted_accounts",
        "churned_customers",
        "nrr",
        "nrr.logo_churn",
        "engaged_accounts.percent_of_som_month",
    ),
}


@pytest.mark.parametrize("rule", OF_MONTHS)
def test_how_a_quarter_comes_from_its_months(rule: str) -> None:
    for name in OF_MONTHS[rule]:
        key, _, line = name.partition(".")
        cut = BY_KEY[key].cut(line or "total")
        assert cut is not None
        assert BY_KEY[key].of(cut)[0].of_months == rule, name


def test_a_missing_month_leaves_the_quarter_without_a_plan(tmp_path: Path) -> None:
    facts = facts_with(tmp_path, target("won_revenue", "2026-05", "10000"))
    shown = views(facts, "won_revenue", "2026-Q2")
    assert beside(shown) == ("n/a", "n/a", "n/a")
    assert shown["plan"]["said"] == "no target for 2026-04, 2026-06"
    # a month whose metric is planned in others says so too
    assert views(facts, "won_revenue", "2026-04")["plan"]["said"] == "no target for 2026-04"


def test_a_stock_asks_only_for_its_month(tmp_path: Path) -> None:
    facts = facts_with(tmp_path, target("pipeline_by_stage", "2026-06", "30000"))
    assert beside(views(facts, "pipeline_by_stage", "2026-Q2"))[0] == 30000


@pytest.mark.parametrize("plan", ["0", "-100"])
def test_a_plan_of_nothing_or_less(tmp_path: Path, plan: str) -> None:
    # created 33,600.50, lost 5,000: net new 28,600.50
    shown = beside(views(facts_with(tmp_path, target("net_new_pipeline", "2026-05", plan)), "net_new_pipeline"))
    assert shown == (int(plan), 28600.5 - int(plan), "N/M")


def cells_of(scorecard: Scorecard, facts: Facts, segment: str = "All accounts") -> dict[str, list[Any]]:
    page = next(page for page in scorecard_pack(facts, scorecard, segment).pages if page.key == "scorecard")
    return {str(row.cells[0].value): list(row.cells) for row in page.rows if row.cells and row.cells[0]}


def test_less_is_better(tmp_path: Path) -> None:
    # lost in May: 5,000, a thousand more than planned
    facts = facts_with(tmp_path, target("lost_revenue", "2026-05", "4000"), target("won_revenue", "2026-05", "10000"))
    assert beside(views(facts, "lost_revenue")) == (4000, 1000, 1.25)
    rows = cells_of(small.scorecard_of(facts), facts)
    header = [cell.value for cell in rows["Metric"]]
    at = [header.index(title) for title in ("Plan", "Variance", "Attainment")]
    lost, won = ([rows[name][place] for place in at] for name in ("Lost revenue", "Won revenue"))
    assert [cell.value for cell in lost] == [4000, 1000, 1.25]
    assert [cell.style for cell in lost[1:]] == ["bad", "bad"]
    assert [cell.style for cell in won[1:]] == ["good", "good"]
    assert [rows["Win rate (count)"][place].value for place in at] == ["", "", ""]


def test_a_segment_without_plan_has_no_columns_for_it(tmp_path: Path) -> None:
    facts = facts_with(tmp_path, target("won_revenue", "2026-05", "10000"))
    rows = cells_of(small.scorecard_of(facts), facts, "SMB")
    assert "Plan" not in [cell.value for cell in rows["Metric"]]


def test_targets_of_a_segment(tmp_path: Path) -> None:
    # SMB is A2 and A3: won 2,500.50 and one without amount
    facts = facts_with(tmp_path, target("won_revenue", "2026-05", "5001", "smb"))
    assert beside(views(facts, "won_revenue", segment="SMB")) == (5001, -2500.5, 0.5)
    assert "plan" not in views(facts, "won_revenue")


def test_targets_of_items(tmp_path: Path) -> None:
    facts = facts_with(
        tmp_path,
        target("won_revenue.by_geo", "2026-05", "8000", item="East"),  # A1 won 10,000
        target("won_revenue", "2026-05", "5001", item="west"),  # the one cut that has it is by geo
        target("won_revenue.by_geo", "2026-05", "700", item="North"),  # nothing there yet
        target("won_opportunities", "2026-05", "4", item="New logo"),  # W1 alone
        target("pipeline_by_stage", "2026-05", "7000", item="Proposal"),
        target("lost_by_reason", "2026-05", "2", item="=Price"),
    )
    by_geo = views(facts, "won_revenue")["by_geo"]
    assert beside(by_geo["East"]) == (8000, 2000, 1.25)
    assert beside(by_geo["West"]) == (5001, -2500.5, 0.5)
    assert by_geo["North"]["value"] == 0
    assert beside(by_geo["North"]) == (700, -700, 0)
    assert beside(views(facts, "won_opportunities")["new_logo"]) == (4, -3, 0.25)
    assert beside(views(facts, "pipeline_by_stage")["by_stage"]["Proposal"]) == (7000, 0, 1)
    assert beside(views(facts, "lost_by_reason")["by_reason"]["=Price"]) == (2, -1, 0.5)
    scorecard = small.scorecard_of(facts)
    assert scorecard.passed, [check for check in scorecard.checks if not check.passed]


def test_items_that_belong_nowhere_fail_a_check(tmp_path: Path) -> None:
    opportunities = [(*row[:2], "East" if row[0] == "W1" else row[2], *row[3:]) for row in small.OPPORTUNITIES]
    settings = SETTINGS.replace(
        'file = "opportunities.csv"', 'file = "opportunities.csv"\ncolumns = { sales_team = "owner" }'
    )
    small.write_company(tmp_path, settings=settings, opportunities=opportunities)
    rows = [
        target("won_revenue", "2026-05", "1", item="East"),
        target("won_revenue", "2026-05", "1", item="Eats"),
        target("won_revenue.by_sales_team", "2026-05", "1", item="East"),
    ]
    small.write_csv(tmp_path / "plan.csv", HEADER, rows)
    checks = {check.name: check for check in small.scorecard_of(small.facts_of(tmp_path)).checks}
    check = checks["Every target matches a scorecard line"]
    assert (check.passed, check.expected, check.actual) == (False, 3, 1)
    assert "plan.csv, row 2: 'East' is an item of by_geo and by_sales_team" in check.detail
    assert "write the metric as won_revenue.by_geo or won_revenue.by_sales_team" in check.detail
    assert "plan.csv, row 3: won_revenue has no item 'Eats'; did you mean 'East'?" in check.detail


def test_what_is_planned_by_customers(tmp_path: Path) -> None:
    # three customers at the end of May, one of them, A2, new in it
    facts = facts_with(tmp_path, target("customers", "2026-05", "4"), target("customers.total", "2026-05", "2"))
    shown = views(facts, "customers")
    assert (shown["running_total"]["value"], shown["total"]["value"]) == (3, 1)
    assert beside(shown) == (4, -1, 0.75)
    assert beside(shown, "total_") == (2, -1, 0.5)


REJECTED = (
    (target("won_revenues", "2026-05", "1"), "is not a metric; did you mean 'won_revenue'?"),
    (target("won_revenue.geo", "2026-05", "1"), "is not a line of won_revenue; use one of won_revenue.total"),
    (target("won_revenue", "2026-05", "1", "SBM"), "column 'segment': 'SBM' is not a segment; did you mean 'SMB'?"),
    (target("won_revenue.by_geo", "2026-05", "1"), "is blank, but by_geo needs an item; name the item"),
    (target("nrr", "2026-05", "1", item="East"), "is filled in, but nrr has no items; leave the item blank"),
    (target("won_revenue", "2026-05", "lots"), "'lots' is not a number"),
    (target("win_rate_count", "2026-05", "40"), "column 'value': '40' is a rate of 4,000%; write 40% or 0.4"),
    (target("nrr", "2026-05", "105.5"), "'105.5' is a rate of 10,550%; write 105.5% or 1.055"),
)


@pytest.mark.parametrize(("row", "said"), REJECTED, ids=[said[:28] for _, said in REJECTED])
def test_rows_that_cannot_be_used(tmp_path: Path, row: Target, said: str) -> None:
    facts = facts_with(tmp_path, row, target("won_revenue", "2026-05", "7"))
    (found,) = rejections(facts)
    assert "plan.csv, row 2" in found and said in found
    assert facts.dataset.ledger.balanced
    assert beside(views(facts, "won_revenue"))[0] == 7


def test_two_targets_of_one_line(tmp_path: Path) -> None:
    facts = facts_with(
        tmp_path,
        target("won_revenue", "2026-05", "7"),
        target("Won_Revenue.total", "2026-05", "7", "all accounts"),  # the same, otherwise written
        target("lost_revenue", "2026-05", "7"),
        target("lost_revenue.total", "2026-05", "8"),
    )
    assert beside(views(facts, "won_revenue"))[0] == 7
    assert "plan" not in views(facts, "lost_revenue")
    assert [one.row for one in facts.dataset.ledger.rejections] == [4, 5]
    assert all("rows 4, 5 give different values for the same metric and period" in one for one in rejections(facts))
    plan = next(entry for entry in facts.dataset.ledger.files if entry.table == "targets")
    assert (plan.used, plan.excluded) == (1, {"duplicate row": 1})


def test_explain_opens_a_plan_to_its_targets(tmp_path: Path) -> None:
    rows = [target("won_revenue", month, "4000.5") for month in ("2026-04", "2026-05", "2026-06")]
    facts = facts_with(tmp_path, *rows)
    quarter = parse_period("2026-Q2", facts.dataset.settings.fiscal)
    for view in ("plan", "variance", "attainment"):
        text = explain(facts, "won_revenue", quarter, None, view, None)
        assert "plan 12,001.50 (sum of the targets for 2026-04, 2026-05, 2026-06)" in text
        assert "variance 5,599.00, attainment 146.7%" in text  # 17,600.50 - 12,001.50
        assert "2026-06  4,000.50  plan.csv    4" in text
    assert "plan        12,001.50" in explain(facts, "won_revenue", quarter, None, "total", None)
    with pytest.raises(SegxlError, match="no target for lost_revenue"):
        explain(facts, "lost_revenue", quarter, None, "plan", None)
