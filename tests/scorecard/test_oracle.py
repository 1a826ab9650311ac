"""The scorecard against slow oracles on random worlds: every metric, view, item and column, exactly and both ways.

A number that the JSON has and the oracles do not know fails, as one that differs. The oracles (tests/oracle) were
written by a reader of the definitions who had not seen the implementation. Where the two first disagreed, the question
was settled in writing in an oracle's docstring, under "Decisions".
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.agreement import case_of, metrics_differences, metrics_of
from tests.oracle.all_tables_worlds import all_tables_worlds
from tests.oracle.worlds import World, worlds


def agrees(data: st.DataObject, world: World) -> None:
    case = case_of(data, world)
    found = metrics_differences(metrics_of(world, case.segment, case.period), case.document["metrics"])
    assert not found, "\n".join(found)
    assert not case.failed


@pytest.mark.ci
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_number_agrees_in_worlds_of_deals(data: st.DataObject) -> None:
    agrees(data, data.draw(worlds()))


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_number_agrees_in_worlds_with_every_table(data: st.DataObject) -> None:
    agrees(data, data.draw(all_tables_worlds(disputed=True)))
