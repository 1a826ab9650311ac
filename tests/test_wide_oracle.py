"""The other fifteen metrics against their slow oracle on random worlds, exactly.

The oracles (tests/oracle/segment_metrics.py, demand.py, sales_process.py) were written by a reader of the definitions
who had not seen the implementation; their docstrings hold the decisions on which both agree.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.agreement import case_of, differences, flat, plain, told
from tests.oracle.demand import demand
from tests.oracle.sales_process import sales_process
from tests.oracle.segment_metrics import segment_metrics
from tests.oracle.wide_worlds import wide_worlds


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_other_metric_and_view_agrees(data: st.DataObject) -> None:
    world = data.draw(wide_worlds(disputed=True))
    case = case_of(data, world)
    asked = (world, case.segment, case.period)
    found = []
    for key, views in plain(segment_metrics(*asked) | demand(*asked) | sales_process(*asked)).items():
        found += differences(told(flat(views)), case.document["metrics"][key]["views"], key)
    assert not found, "\n".join(found)
    assert not case.failed
