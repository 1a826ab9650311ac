"""Every metric has a worked row: a number worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import CATALOGUE
from segxl.dataset.load import load
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from tests.conftest import write_folder
from tests.one_of_each import COUNTED_BY_ACCOUNT, TABLES
from tests.worked import WORKED

TO_DO = (
    "{key} has no worked row. Work out its number of May 2025 by hand from the company of tests/one_of_each.py and "
    'add it to WORKED in tests/worked.py: "{key}": Worked(VALUE, "how it is worked out"). If the oracles do not know'
    " the metric, say why with unknown_to_oracles."
)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    dataset = load(write_folder(tmp_path_factory.mktemp("company"), TABLES, COUNTED_BY_ACCOUNT))
    result = compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), [ALL_ACCOUNTS])
    found: dict[str, Any] = scorecard_document(result)["segments"][ALL_ACCOUNTS]["metrics"]
    return found


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.key)
def test_a_metric_has_its_worked_row(metrics: dict[str, Any], metric: Metric) -> None:
    assert metric.key in WORKED, TO_DO.format(key=metric.key)
    row = WORKED[metric.key]
    view = metrics[metric.key]["views"][row.view or metric.cuts[0].key]
    assert (view[row.item] if row.item else view)["value"] == pytest.approx(float(row.value), rel=1e-12), row.working


def test_no_worked_row_is_of_a_metric_that_is_gone() -> None:
    assert set(WORKED) <= {metric.key for metric in CATALOGUE}
