"""The benchmarks run, on a small world: their answers are equal, and their table has every task."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.ci


def test_the_benchmarks_run_and_all_programs_agree(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "1000", "--turns", "1", "--worlds", str(tmp_path), "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr  # an answer that differs is an error
    found = json.loads(run.stdout)
    assert found["accounts"] == 1000
    assert [one["task"] for one in found["results"]] == [
        "report from Parquet, cold",
        "report, second run",
        "loaded: grid of buying stages",
        "loaded: accounts by source",
        "loaded: open pipeline of 13 month ends",
        "activities from CSV, loaded",
    ]
    assert all(one["cpu"].keys() >= {"segxl", "pandas"} for one in found["results"])


def test_reports_from_a_warehouse_are_those_of_its_files(tmp_path: Path) -> None:
    program = Path(__file__).parent / "benchmarks" / "warehouse.py"
    command = [sys.executable, str(program), "1000", "--turns", "1", "--worlds", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr  # a report that differs is an error
    rows = [line.split()[:2] for line in run.stdout.splitlines()[1:]]
    assert [way for way, _ in rows] == ["files", "tables", "repeated"]
    assert rows[0][1] == rows[1][1] != rows[2][1]
