"""All benchmarks of large data, a table or JSON: `python -m tests.benchmarks 100000`.

Each part has a program of its own here, which says what is compared; this one runs them and puts their ratios under
each other. Worlds are written once (`--worlds`, 0.6 GB for a million accounts); answers are compared before costs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ACTIVITIES = 50
"""Rows of the CSV for each account, up to ``MOST_ROWS``."""
MOST_ROWS = 5_000_000


def results(accounts: int, turns: int, worlds: Path, ways: list[str]) -> Iterator[dict[str, Any]]:
    """What each task costs: its name, the CPU seconds of each program, and segxl's memory where it was measured."""
    size = [str(accounts), "--worlds", str(worlds), "--json"]
    found = _answer("report.py", *size, "--turns", str(turns), "--ways", *ways)["found"]
    cold = {way: one["cpu"] for way, one in found.items() if way != "again"}
    yield {"task": "report from Parquet, cold", "cpu": cold, "gb": {way: found[way]["gb"] for way in cold}}
    if "again" in found:
        yield {"task": "report, second run", "cpu": cold | {"segxl": found["again"]["cpu"]}}
    for one in _answer("warm.py", *size):
        yield {"task": f"loaded: {one['task']}", "cpu": {"segxl": one["segxl"], "pandas": one["pandas"]}}
    sys.path.insert(0, str(HERE))
    from reading import csv_costs

    costs = list(csv_costs(min(ACTIVITIES * accounts, MOST_ROWS)).values())
    yield {"task": "activities from CSV, loaded", "cpu": {"segxl": costs[3], "pandas": costs[1]}}


def _answer(program: str, *arguments: str) -> Any:
    command = [sys.executable, str(HERE / program), *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def lines(found: list[dict[str, Any]]) -> Iterator[str]:
    """The results as a table of Markdown: seconds, and segxl's as a ratio to each of the others."""
    yield "| task | segxl | to DuckDB | to polars | to pandas | memory |"
    yield "|---|---|---|---|---|---|"
    for one in found:
        cpu = one["cpu"]
        ratios = [f"{cpu['segxl'] / cpu[way]:.2f}" if way in cpu else "" for way in ("duckdb", "polars", "pandas")]
        memory = f"{one['gb']['segxl']:.2f} GB" if "gb" in one else ""
        yield f"| {one['task']} | {cpu['segxl']:.3g} s | {' | '.join(ratios)} | {memory} |"


def main() -> None:
    """Run all parts and print what they cost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("accounts", type=int, nargs="?", default=1_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--worlds", type=Path, default=Path(tempfile.gettempdir()) / "segxl-worlds")
    parser.add_argument("--ways", nargs="*", default=["segxl", "again", "duckdb", "polars", "pandas"])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ["SEGXL_CACHE"] = "off"
    found = list(results(given.accounts, given.turns, given.worlds, given.ways))
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "accounts": given.accounts,
        "turns": given.turns,
    }
    if given.json:
        print(json.dumps(about | {"results": found}, indent=1))
        return
    print(f"{given.accounts:,} accounts, CPU seconds, median of {given.turns}; {about['machine']}; {about['date']}\n")
    print("\n".join(lines(found)))


if __name__ == "__main__":
    main()
