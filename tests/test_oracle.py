"""The scorecard against a slow oracle on random worlds: every metric, every view, exactly.

The oracle (tests/oracle) was written by a reader of the definitions who had not seen the implementation. Where the two
first disagreed, the question was settled in writing in the oracle's docstring, under "Decisions".
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.agreement import case_of, differences, plain, told
from tests.oracle.scorecard import scorecard
from tests.oracle.worlds import worlds


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_metric_and_view_agrees(data: st.DataObject) -> None:
    world = data.draw(worlds())
    case = case_of(data, world)
    document = case.document["metrics"]
    found = []
    for key, views in plain(scorecard(world, case.segment, case.period)).items():
        lost = views.pop("not_reconstructed", None)
        if lost is not None and document[key]["not_reconstructed"] != lost:
            found.append(f"{key}.not_reconstructed: expected {lost}, found {document[key]['not_reconstructed']}")
        found += differences(told(views), document[key]["views"], key)
    assert not found, "\n".join(found)
    assert not case.failed
