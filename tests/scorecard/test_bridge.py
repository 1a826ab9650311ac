"""The pipeline bridge and the MRR roll-forward: by hand, in the JSON, on their page, and against the oracle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segxl.pages.model import Page
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.render.json.scorecard import scorecard_document
from tests import small
from tests.agreement import case_of, differences, plain
from tests.oracle.all_tables_worlds import all_tables_worlds
from tests.oracle.sales_process import bridge
from tests.oracle.segment_metrics import mrr_rollforward

NOT_SAID = {"value": None, "why": "n/a"}


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_bridges_agree_with_the_oracle(data: st.DataObject) -> None:
    world = data.draw(all_tables_worlds(disputed=True))
    case = case_of(data, world)
    found = case.document
    mrr = mrr_rollforward(world, case.segment, case.period)
    expected = NOT_SAID if mrr["opening"] is None else mrr
    wrong = differences(plain(bridge(world, case.segment, case.period)), found["bridge"], "bridge")
    wrong += differences(plain(expected), found["mrr_rollforward"], "mrr_rollforward")
    assert not wrong, "\n".join(wrong)
    assert set(found["mrr_rollforward"]) == set(expected)
    assert not case.failed


def bridges_of(folder: Path, segment: str = "All accounts") -> tuple[dict[str, Any], Page, dict[str, bool]]:
    """The segment in the JSON for May 2026, its page, and its checks of the bridges."""
    facts = small.facts_of(folder)
    scorecard = small.scorecard_of(facts)
    pages = scorecard_pack(facts, scorecard, segment).pages
    checks = {check.name: check.passed for check in scorecard.checks if check.name.startswith(f"{segment}: ")}
    document: dict[str, Any] = scorecard_document(scorecard)["segments"][segment]
    return document, next(page for page in pages if page.key == "bridges"), checks


def shown(page: Page) -> dict[str, Any]:
    """What is next to each label; of two tables with one label the latter."""
    cells = [[cell.value if cell else None for cell in row.cells] for row in page.rows]
    return {row[0]: row[1] for row in cells if len(row) == 3}


def write_history(folder: Path) -> None:
    """O2 was 6,000 until 12 May; L3 is open again since 4 May with 2,500."""
    rows = [("O2", "2026-04-20", "Proposal", "6000"), ("O2", "2026-05-12", "Proposal", "7000")]
    rows += [("L3", "2026-02-01", "Discovery", "2000"), ("L3", "2026-04-15", small.LOST, "")]
    rows += [("L3", "2026-05-04", "Proposal", "2500")]
    header = ("opportunity_id", "changed_at", "stage", "amount")
    small.write_csv(folder / "opportunity_history.csv", header, rows)


def test_a_bridge_by_hand(tmp_path: Path) -> None:
    table = '[tables.opportunity_history]\nfile = "opportunity_history.csv"\n\n[segments]'
    folder = small.write_company(tmp_path, settings=small.SETTINGS.replace("[segments]", table))
    write_history(folder)
    document, page, checks = bridges_of(folder)
    # open at the end of April: W3 without amount, L1 4,000 and O2 with 6,000
    # created: W1 10,000, W2 2,500.50, N1 100, L2 1,000 and O1 20,000
    assert document["bridge"] == {
        "open_start": 10000,
        "created": 33600.5,
        "reopened": 2500,
        "increased": 1000,
        "entering": 0,
        "decreased": 0,
        "won": 12600.5,
        "lost": 5000,
        "leaving": 0,
        "open_end": 29500,
    }
    assert document["mrr_rollforward"] == NOT_SAID
    assert checks["All accounts: Pipeline bridge: adds up"]
    assert checks["All accounts: Pipeline bridge: ends with the open pipeline"]
    assert not [name for name in checks if "roll-forward" in name]
    told = shown(page)
    assert (told["Open at the start"], told["Won"], told["Open at the end"]) == (10000, -12600.5, 29500)
    assert told["MRR roll-forward"] == "n/a"
    words = [cell.value for row in page.rows for cell in row.cells if cell]
    assert "Not available: add the table revenue" in words


def test_a_rollforward_by_hand(tmp_path: Path) -> None:
    table = '[tables.revenue]\nfile = "revenue.csv"\n\n[segments]'
    folder = small.write_company(tmp_path, settings=small.SETTINGS.replace("[segments]", table))
    rows = [("A1", "2026-04", "100"), ("A1", "2026-05", "130"), ("A2", "2026-04", "50"), ("A3", "2026-05", "7")]
    small.write_csv(folder / "revenue.csv", ("account_id", "month", "mrr"), rows)
    document, page, checks = bridges_of(folder)
    lines = document["mrr_rollforward"]
    assert {name: value for name, value in lines.items() if value} == {
        "opening": 150,
        "new": 7,
        "expansion": 30,
        "churn": 50,
        "closing": 137,
    }
    for end in ("adds up", "starts with the opening MRR", "ends with the closing MRR"):
        assert checks[f"All accounts: MRR roll-forward: {end}"]
    told = shown(page)
    assert (told["Opening MRR"], told["Churn"], told["Closing MRR"]) == (150, -50, 137)
