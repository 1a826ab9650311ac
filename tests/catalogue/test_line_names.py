"""Lines by name: a plan may use the key of a metric or its name on the pages."""

from __future__ import annotations

import pytest

from segxl.catalogue.line_names import find_line, line_name, short_line_name, shown_names, with_window
from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import CATALOGUE


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.key)
def test_a_metric_is_found_by_every_name_that_pages_show(metric: Metric) -> None:
    headline = metric.cuts[0]
    assert find_line(metric.name) == find_line(metric.key.upper())
    for name in (line_name(metric, headline), short_line_name(metric, headline)):
        assert find_line(f" {name.upper()}  ")[0] is metric


@pytest.mark.parametrize(
    ("name", "key", "line"),
    [
        ("Won revenue", "won_revenue", "total"),
        ("won  Revenue", "won_revenue", "total"),
        ("SQOs", "sqos", "total"),
        ("Closing MRR", "mrr", "closing"),
        ("Customers", "customers", "running_total"),  # as the key alone: their number, not the new ones
        ("New customers", "customers", "total"),
        ("Open pipeline", "pipeline_by_stage", "total"),
        ("Net revenue retention of the month", "nrr", "total"),
        ("Logo churn of the quarter", "nrr", "logo_churn"),
    ],
)
def test_names_of_lines(name: str, key: str, line: str) -> None:
    metric, cut = find_line(name)
    assert (metric.key, cut.key) == (key, line)


def test_only_retention_has_its_window_in_its_name() -> None:
    """The 12 months of retention are of other customers than the month's; those of win rates are of the same deals."""
    named = {one.key for one in CATALOGUE if with_window(one.name, one, "month") != one.name}
    assert named == {"nrr"}
    assert {one.key for one in CATALOGUE if one.averages_12_months} == {"mrr"}


def test_no_name_means_two_lines() -> None:
    keys = {metric.key for metric in CATALOGUE}
    assert not [name for name, key in shown_names().items() if name in keys and key != name]
    assert len({metric.name.casefold() for metric in CATALOGUE}) == len(CATALOGUE)
