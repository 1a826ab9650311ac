"""The other fifteen metrics against their slow oracle on random worlds, exactly.

The oracles (tests/oracle/segment_metrics.py, demand.py, sales_process.py) were written by a reader of the definitions
who had not seen the implementation; their docstrings hold the decisions on which both agree.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from segxl.dataset import load
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.render.json import scorecard_document
from segxl.scorecard.compute import compute
from tests.oracle import scorecard as oracle
from tests.oracle.demand import demand
from tests.oracle.sales_process import sales_process
from tests.oracle.segment_metrics import segment_metrics
from tests.oracle.wide_worlds import wide_worlds, write_wide_world
from tests.oracle.worlds import periods
from tests.test_oracle import differences, plain

SHARED_LINES = ("mom", "qoq", "yoy", "trailing_12")


def told(views: Any) -> Any:
    """Without what stands behind a number that cannot be said: which of its parts is known is nobody's number."""
    if not isinstance(views, dict):
        return views
    unsaid = views.get("value", 0) is None
    return {
        key: told(row) for key, row in views.items() if not (unsaid and key in ("numerator", "denominator", "months"))
    }


def flat(views: dict[str, Any]) -> dict[str, Any]:
    """The oracle's headline row with its comparisons beside it, as in the JSON."""
    for row in views.get("by_stage_trailing_12", {}).values():
        row.pop("regressed", None)  # told for the period only
    headline = next((key for key in ("total", "running_total") if key in views), None)
    if headline is None:
        return views
    row = dict(views[headline])
    aside = {key: row.pop(key) for key in SHARED_LINES if key in row}
    return {**views, headline: row, **{key: value for key, value in aside.items() if key not in views}}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_other_metric_and_view_agrees(data: st.DataObject) -> None:
    world = data.draw(wide_worlds(disputed=True))
    with TemporaryDirectory() as folder:
        write_wide_world(world, Path(folder))
        dataset = load(folder)
    chosen = data.draw(st.sampled_from(oracle.segment_names(world)))
    period = data.draw(periods(world))
    note(f"{period} {chosen}")
    result = compute(Facts(dataset), parse_period(period, dataset.settings.fiscal), [chosen])
    document = scorecard_document(result)["segments"][chosen]["metrics"]
    expected = plain(
        segment_metrics(world, chosen, period) | demand(world, chosen, period) | sales_process(world, chosen, period)
    )
    found = []
    for key, views in expected.items():
        found += differences(told(flat(views)), document[key]["views"], key)
    assert not found, "\n".join(found)
    assert all(check.passed for check in result.checks if "exchange" not in check.name), result.checks
