"""The views of GoMo's scorecard, typed from the paper bullet by bullet, and where the JSON answers each.

The paper's tables have 20, 19, 15 and 33 bullets ("Same as above" repeats those above it). A view is named as the JSON
has it: a key, or a key and the field of its items after a dot.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segxl.catalogue.metrics import BY_KEY, CATALOGUE
from segxl.dataset.load import load
from segxl.facts.engine import Facts
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import make

pytestmark = pytest.mark.slow

Bullets = tuple[tuple[str, tuple[str, ...]], ...]

LEAD: Bullets = (
    ("Total", ("total",)),
    ("Total by lead source", ("by_lead_source",)),
    ("Month-over-month", ("mom",)),
    ("Year-over-year for the month", ("yoy",)),
)
CONVERSION: Bullets = (
    ("Conversion for the month", ("total",)),
    ("Conversion rate of previous 12 months", ("trailing_12",)),
)
AMOUNT: Bullets = (
    ("Total", ("total",)),
    ("From new customers versus existing", ("new_customers", "existing_customers")),
    ("Month-over-month", ("mom",)),
    ("Year-over-year for the month", ("yoy",)),
)
COVERAGE: Bullets = (
    ("Total", ("total",)),
    ("Running total", ("running_total",)),
    ("% of SOM accounts", ("percent_of_som",)),
)
CLOSED: Bullets = (
    ("Total - #", ("total",)),
    ("Total - revenue", ("revenue",)),
    ("New logo opportunities", ("new_logo",)),
    ("Upsell / cross-sell opportunities", ("upsell_cross_sell",)),
    ("Month-over-month", ("mom",)),
    ("Year-over-year for the month", ("yoy",)),
)
RATE: Bullets = (
    ("New logo opportunities", ("new_logo",)),
    ("Upsell / cross-sell opportunities", ("upsell_cross_sell",)),
    ("Month-over-month", ("mom",)),
    ("Year-over-year for the month", ("yoy",)),
)

SOURCE: dict[str, dict[str, Bullets]] = {
    "Segment performance": {
        "som_accounts": (("Running total", ("running_total",)), ("By geo / sales team", ("by_geo", "by_sales_team"))),
        "targeted_accounts": COVERAGE,
        "engaged_accounts": COVERAGE,
        "customers": COVERAGE,
        "churned_customers": (
            ("Total #", ("total",)),
            ("Total # for the previous 12 months", ("trailing_12",)),
            ("Total revenue", ("revenue",)),
            ("Total revenue for the previous 12 months", ("revenue_trailing_12",)),
        ),
        "mrr": (("Total", ("total",)), ("Average for the previous 12 months", ("trailing_12",))),
        "nrr": (("% (for the month)", ("total",)), ("% (for the previous 12 months)", ("trailing_12",))),
        "market_share": (("%", ("total",)),),
    },
    "Demand generation": {
        "leads": LEAD,
        "mqls": LEAD,
        "sqos": LEAD,
        "lead_to_mql": CONVERSION,
        "mql_to_sqo": CONVERSION,
        "cost_per_sqo": (
            ("Average", ("total",)),
            ("Average by lead source", ("by_lead_source",)),
            ("Average for the previous 12 months", ("trailing_12",)),
        ),
    },
    "Pipeline": {
        "won_revenue": AMOUNT,
        "lost_revenue": AMOUNT,
        "net_new_pipeline": AMOUNT,
        "pipeline_by_stage": (
            ("Total", ("total", "by_stage")),
            ("Month-over-month", ("mom", "by_stage_mom")),
            ("Year-over-year for the month", ("yoy", "by_stage_yoy")),
        ),
    },
    "Sales performance": {
        "won_opportunities": CLOSED,
        "lost_opportunities": CLOSED,
        "lost_by_reason": (
            ("# (and %)", ("by_reason.count", "by_reason.count_percent")),
            ("Revenue (and %)", ("by_reason.revenue", "by_reason.revenue_percent")),
        ),
        "average_deal_size": (
            ("Average", ("total",)),
            ("Month-over-month", ("mom",)),
            ("Year-over-year for the month", ("yoy",)),
            ("New logo opportunities", ("new_logo",)),
            ("Upsell / cross-sell opportunities", ("upsell_cross_sell",)),
        ),
        "average_time_to_close": (
            ("Average", ("total",)),
            ("Average for the previous 12 months", ("trailing_12",)),
            ("New logo opportunities", ("new_logo",)),
            ("Upsell / cross-sell opportunities", ("upsell_cross_sell",)),
        ),
        "win_rate_count": RATE,
        "win_rate_revenue": RATE,
        "phase_conversion": (
            ("% by stage", ("by_stage",)),
            ("% by stage for the previous 12 months", ("by_stage_trailing_12",)),
        ),
    },
}


def bullets() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Metric, bullet and views of each bullet."""
    for metrics in SOURCE.values():
        for metric, rows in metrics.items():
            for bullet, views in rows:
                yield metric, bullet, views


def test_each_metric_of_the_paper_is_in_its_chapter_of_the_catalogue() -> None:
    assert [sum(map(len, metrics.values())) for metrics in SOURCE.values()] == [20, 19, 15, 33]
    typed = {metric: area for area, metrics in SOURCE.items() for metric in metrics}
    of_the_paper = {metric.key: metric.area for metric in CATALOGUE if metric.source_name}
    assert of_the_paper == typed  # the catalogue may have others, of no source


def test_a_metric_of_no_source_names_no_views_of_it() -> None:
    assert all(bool(metric.source_name) == bool(metric.source_views) for metric in CATALOGUE)


def test_the_catalogue_names_the_papers_bullets_and_answers_each() -> None:
    for area in SOURCE.values():
        for key, rows in area.items():
            declared = BY_KEY[key].source_views
            assert [bullet for bullet, _ in declared] == [bullet for bullet, _ in rows], key
            for (_, mine), (bullet, views) in zip(declared, rows, strict=True):
                assert {view.split(".")[0] for view in views} <= set(mine), (key, bullet)


@pytest.fixture(scope="module")
def demo(demo_exports: Path) -> Facts:
    return Facts(load(demo_exports))


def answers(view: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The lines of a view: one, or one an item."""
    if "value" in view or "why" in view or "count" in view:
        yield path, view
    else:
        assert view, path
        for item, line in view.items():
            yield from answers(line, (*path, item))


@pytest.mark.parametrize("period", [None, "2026-Q1"])
def test_the_demo_answers_each_view_or_says_why_not(demo: Facts, period: str | None) -> None:
    """Of a quarter the comparison with the quarter before is in place of the one with the month before."""
    result, _ = make(demo, period, ())
    if period:
        assert result.period.kind == "quarter"
    document = scorecard_document(result)["segments"]
    assert len(document) > 1
    said = 0
    for segment, found in document.items():
        for metric, bullet, views in bullets():
            for view in views:
                name, _, field = view.partition(".")
                name = name.replace("mom", "qoq") if period else name
                shown = found["metrics"][metric]["views"]
                assert name in shown, (segment, metric, bullet, name)
                for path, line in answers(shown[name]):
                    value = line[field] if field else line["value"]
                    assert value is not None or line["why"] in ("n/a", "N/M"), (segment, metric, bullet, path)
                    said += value is not None
    assert said > len(list(bullets())) * len(document) // 2  # most of it is numbers


def test_the_company_of_the_demo_has_a_number_for_every_view(demo: Facts) -> None:
    """All accounts of the last month, so that no view is n/a throughout: each bullet is seen with a number."""
    document = scorecard_document(make(demo, None, ("All accounts",))[0])["segments"]["All accounts"]["metrics"]
    unsaid = [
        (metric, bullet)
        for metric, bullet, views in bullets()
        if not any(
            (line[field] if field else line["value"]) is not None
            for name, _, field in (view.partition(".") for view in views)
            for _, line in answers(document[metric]["views"][name])
        )
    ]
    assert unsaid == []
