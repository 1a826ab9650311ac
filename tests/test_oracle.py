"""The scorecard against a slow oracle on random worlds: every metric, every view, exactly.

The oracle (tests/oracle) was written by a reader of the definitions who had not seen the implementation. Where the two
first disagreed, the question was settled in writing in the oracle's docstring, under "Decisions".
"""

from __future__ import annotations

from fractions import Fraction
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
from tests.oracle.worlds import periods, worlds, write_world

MONEY_KEYS = ("value", "base", "change", "numerator", "denominator", "revenue")


def plain(value: Any) -> Any:
    """The oracle's exact values as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return float(Fraction(value))


def differences(expected: Any, actual: Any, path: str = "") -> list[str]:
    """Where ``actual`` lacks or contradicts what the oracle says; cuts must have the very same items."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{path}: expected {expected}, found {actual!r}"]
        items = path.split(".")[-1].startswith("by_")
        found = [f"{path}: also has {key}" for key in actual if items and key not in expected]
        for key, value in expected.items():
            if key == "months" and value == 12:
                continue  # said only where months are missing
            if key not in actual:
                found.append(f"{path}.{key}: missing, expected {value}")
            else:
                found += differences(value, actual[key], f"{path}.{key}")
        return found
    return [] if expected == actual else [f"{path}: expected {expected}, found {actual}"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_metric_and_view_agrees(data: st.DataObject) -> None:
    world = data.draw(worlds())
    with TemporaryDirectory() as folder:
        write_world(world, Path(folder))
        dataset = load(folder)
    facts = Facts(dataset)
    names = oracle.segment_names(world)
    period = data.draw(periods(world))
    chosen = data.draw(st.sampled_from(names))
    note(f"{period} {chosen}")
    result = compute(facts, parse_period(period, dataset.settings.fiscal), [chosen])
    document = scorecard_document(result)["segments"][chosen]["metrics"]
    expected = plain(oracle.scorecard(world, chosen, period))
    found = []
    for key, views in expected.items():
        lost = views.pop("not_reconstructed", None)
        if lost is not None and document[key]["not_reconstructed"] != lost:
            found.append(f"{key}.not_reconstructed: expected {lost}, found {document[key]['not_reconstructed']}")
        found += differences(views, document[key]["views"], key)
    assert not found, "\n".join(found)
    assert all(check.passed for check in result.checks if "exchange" not in check.name), result.checks
