"""Tables in DuckDB, PostgreSQL and Spark: every number, row count and message equals what files give."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segxl.api import Analysis, load
from segxl.errors import SegxlError
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_json
from segxl.report.choices import Options
from segxl.scorecard.compute import compute
from segxl.sources.warehouse.reduction import REDUCED
from tests.agreement import options_of
from tests.oracle.report_worlds import cases, write_world
from tests.oracle.scorecard import segment_names
from tests.oracle.wide_worlds import wide_worlds, write_wide_world
from tests.oracle.worlds import periods
from tests.warehouses import ENGINES, crowded, moved, numbered

_OWN = ("engine", "connections", "tables")
"""Settings that say where the tables are."""

_FEW = settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to make a failure smaller takes minutes with an engine
)

_OF_ORDER = "order is unknown"
"""What only a warehouse's table is warned of; an export has an order."""

_PREFIX = re.compile(r"\bw\d+_\d+_(\w+)")


def as_from_files(text: str) -> Any:
    """A document without what tells where its rows came from: names and fingerprints."""
    document = json.loads(_PREFIX.sub(r"\1.csv", text))
    for entry in document["inputs"]:
        del entry["sha256"]
        entry["warnings"] = [one for one in entry["warnings"] if _OF_ORDER not in str(one)]
    document["warnings"] = [one for one in document["warnings"] if _OF_ORDER not in str(one)]
    for key in _OWN:
        document["settings"].pop(key, None)
    return document


def scorecard_of(analysis: Analysis, period: str, segment: str) -> Any:
    """The scorecard's document."""
    when = parse_period(period, analysis.dataset.settings.fiscal)
    return as_from_files(scorecard_json(compute(analysis.facts, when, [segment])))


def report_or_refusal(analysis: Analysis, chosen: Options) -> Any:
    """The report's document; where the options do not fit the world, why."""
    try:
        return as_from_files(analysis.report(**vars(chosen)).json())
    except SegxlError as error:
        return str(error)


def of_engines(folder: Path, place: Path, engines: Iterable[str] = ENGINES) -> dict[str, Analysis]:
    """The folder's exports read from memory and from each engine; large tables with rows that are alike."""
    crowded(folder, REDUCED)
    numbered(folder, REDUCED)
    return {"memory": load(folder)} | {engine: load(moved(folder, engine, place / engine)) for engine in engines}


@pytest.mark.ci
@pytest.mark.parametrize("engine", ENGINES)
@_FEW
@given(data=st.data())
def test_scorecards_of_random_worlds_are_those_of_files(engine: str, data: st.DataObject) -> None:
    world = data.draw(wide_worlds())
    segment, period = data.draw(st.sampled_from(segment_names(world))), data.draw(periods(world))
    with TemporaryDirectory() as made:
        write_wide_world(world, Path(made) / "memory")
        found = of_engines(Path(made) / "memory", Path(made), [engine])
        documents = [
            as_from_files(
                scorecard_json(compute(one.facts, parse_period(period, one.dataset.settings.fiscal), [segment]))
            )
            for one in found.values()
        ]
    assert documents[1] == documents[0]


@pytest.mark.ci
@pytest.mark.parametrize("engine", ENGINES)
@_FEW
@given(case=cases())
def test_reports_of_random_worlds_are_those_of_files(engine: str, case: tuple[Any, Any]) -> None:
    world, options = case
    chosen = options_of(options, allow_partial=True)
    with TemporaryDirectory() as made:
        write_world(world, Path(made) / "memory")
        found = of_engines(Path(made) / "memory", Path(made), [engine])
        documents = [report_or_refusal(one, chosen) for one in found.values()]
    assert documents[1] == documents[0]
