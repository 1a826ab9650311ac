"""Tables in DuckDB, PostgreSQL and Spark: every number, row count and message equals what files give."""

from __future__ import annotations

import json
import re
import shutil
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
from segxl.render.ledger.csv import ledger_csv, rejected_csv
from segxl.render.ledger.text import ledger_text
from segxl.report.choices import Options
from segxl.scorecard.compute import compute
from segxl.sources.in_use import REDUCED
from tests.agreement import options_of
from tests.conftest import write_folder
from tests.oracle.all_tables_worlds import all_tables_worlds, write_all_tables_world
from tests.oracle.deals import segment_names
from tests.oracle.report_worlds import cases, write_world
from tests.oracle.worlds import periods
from tests.places import DATA
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


DIRT = {
    "accounts": """
account_id,name,domain,geo
A1,Alpha,alpha.example,East
A2,Beta,beta.example,N/A
a1,Alpha again,,West
,Nobody,,East
A3,"Gamma, ""G"" & Sons",gamma.example,
A3,Gamma,gamma.example,West
""",
    "opportunities": """
opportunity_id,account_id,created_on,closed_on,stage,amount,loss_reason
O1,A1,2026-05-01,2026-05-20,Closed Won,"1,234.50",
O2,A2,2026-05-01,20.5.2026,Closed Won,TBD,
O3,Gamma,2026-05-01,,Discovery,12 apples,
O4,,yesterday,,Discovery,5,
O5,A9,2026-05-02,2026-05-21,Closed Lost,,n/a
O5,A9,2026-05-02,2026-05-22,Closed Lost,,price
O6,A1,2026-05-03,,Parked,7.005,
,,,,,,
Total,,,,,"1,246.50",
""",
    "buying_stages": """
account_id,date,stage
A1,2026-05-01,Target
A1,2026-05-02,Limbo
,2026-05-02,Target
A2,2026-13-02,Decision
""",
    "activities": """
account_id,date,source,kind,campaign_type
A1,2026-05-01,webinar,engagement,Retargeting
A1,2026-05-01,webinar,engagement,
A1,2026-05-01,webinar,engagement,
A2,,webinar,engagement,Remarketing offer
A2,2026-05-03,pigeon,engagement,N/A
beta.example,2026-05-03,webinar,engagement,Remarketing offer
Z9,2026-05-04,known_web,engagement,
Z9,2027-05-04,known_web,engagement,
""",
}
"""What raw exports are like."""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_dirt_is_rejected_row_by_row_as_in_files(engine: str, tmp_path: Path) -> None:
    kind = 'name = "Acme"\n\n[tables.buying_stages]\nfile = "buying_stages.csv"\nkind = "snapshots"\n'
    found = of_engines(write_folder(tmp_path / "memory", DIRT, kind), tmp_path, [engine])
    memory, other = (
        [
            _PREFIX.sub(r"\1.csv", text)
            for ledger in [one.dataset.ledger]
            for text in (ledger_csv(ledger).decode(), rejected_csv(ledger).decode(), ledger_text(one.dataset))
        ]
        for one in found.values()
    )
    assert "12 apples" in memory[1] and "pigeon" in memory[1]
    assert [drop_sums(one) for one in other] == [drop_sums(one) for one in memory]
    assert scorecard_of(found[engine], "2026-05", "All accounts") == scorecard_of(
        found["memory"], "2026-05", "All accounts"
    )


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["duckdb", "postgres", pytest.param("spark", marks=pytest.mark.ci)])
def test_activities_that_name_only_a_lead_get_its_account(engine: str, tmp_path: Path) -> None:
    seen = "account_id,date,source,kind,lead_id\nA1,2026-05-01,webinar,engagement,\n"
    seen += ",2026-05-02,webinar,engagement,L1\n" * 3 + ",2026-05-03,webinar,engagement,L2\n"
    tables = {"activities": seen, "leads": "lead_id,created_on,account_id\nL1,2026-05-01,A7\nL2,2026-05-01,\n"}
    folder = write_folder(tmp_path / "memory", tables)
    for source in (folder, moved(folder, engine, tmp_path / engine)):
        data = load(source).dataset
        entry = next(one for one in data.ledger.files if one.table == "activities")
        accounts = data.tables["activities"].apart()["account_id"]
        assert (entry.rows, entry.used, sorted(accounts)) == (5, 5, ["A1", "A7", "A7", "A7", "L2"])


def drop_sums(text: str) -> str:
    """A text without SHA-256."""
    return re.sub(r"\b[0-9a-f]{64}\b", "", text)


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "maven_crm").is_dir(), reason="no public sample exports")
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_published_exports_give_the_same_from_an_engine(engine: str, tmp_path: Path) -> None:
    found = of_engines(Path(shutil.copytree(DATA / "maven_crm", tmp_path / "memory")), tmp_path, [engine])
    memory, other = (scorecard_of(one, "2017-10", "retail") for one in found.values())
    assert other == memory and memory["segments"]["retail"]["metrics"]["won_revenue"]["views"]["total"]["value"]


@pytest.mark.ci
@pytest.mark.parametrize("engine", ENGINES)
@_FEW
@given(data=st.data())
def test_scorecards_of_random_worlds_are_those_of_files(engine: str, data: st.DataObject) -> None:
    world = data.draw(all_tables_worlds())
    segment, period = data.draw(st.sampled_from(segment_names(world))), data.draw(periods(world))
    with TemporaryDirectory() as made:
        write_all_tables_world(world, Path(made) / "memory")
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
