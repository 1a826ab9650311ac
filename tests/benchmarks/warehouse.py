"""What a report costs from a warehouse's tables against the same files: `python tests/benchmarks/warehouse.py 100000`.

DuckDB is the warehouse, in segxl's own process, so its work counts as well. Each turn is a fresh process: CPU seconds
and peak memory, imports included, medians of interleaved turns. The world is that of `report.py`, with one change of
stage a day, as a table does not say which of two came last. Three ways, whose reports must be the same but for the rows
read:

* `files`: from Parquet;
* `tables`: from tables of DuckDB, where hardly two activities are alike: the worst case of a reduction;
* `repeated`: from a view in which each activity is there ten times, as page views are.

2026-11-29, two cores, a busy machine, one turn, CPU seconds and peak memory: with 100,000 accounts `files` 2.1 s and
0.30 GB, `tables` 4.8 s and 0.48 GB, `repeated` (52,000,000 rows) 8.9 s and 1.4 GB; with 1,000,000 accounts `tables`
46 s and 3.2 GB, where files take 15 s and 1.4 GB (`report.py`). Before rows became codes part by part, 100,000 accounts
took 9.5 s and 1.4 GB from tables.

Of the 4.8 s, DuckDB takes 0.6; the codes of texts 1.1; one order of the rows that all engines share, and the
fingerprint, 1.1; the rest is what files cost as well. To order only the rows that a message names would save most of
the 1.1, and the sorted numbers, eight bytes a row; codes from the engine in place of texts half of the other.
`repeated` is DuckDB's own grouping of ten times the rows, for which it may use 2 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import report
from installed import compiled

WAYS = ("files", "tables", "repeated")
TABLES = ("accounts", "activities", "buying_stages")
TIMES = 10
CONNECTION = '[connections.crm]\nkind = "duckdb"\ndatabase = "../crm.duckdb"\n'


def write(folder: Path, accounts: int) -> None:
    """The world of `report.py` as Parquet and as tables of DuckDB."""
    import duckdb

    made = folder / "made"
    report.write(made, accounts)
    with duckdb.connect(str(folder / "crm.duckdb")) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET memory_limit = '2GB'")
        for table in TABLES[:2]:
            connection.execute(f"CREATE TABLE {table} AS SELECT * FROM '{made}/{table}.parquet'")
        connection.execute(
            f"""CREATE TABLE buying_stages AS SELECT account_id, date, max_by(stage, file_row_number) AS stage
            FROM read_parquet('{made}/buying_stages.parquet', file_row_number = true) GROUP BY account_id, date"""
        )
        connection.execute(f"CREATE VIEW repeated AS SELECT activities.* FROM activities, range({TIMES})")
        (folder / "files").mkdir()
        for table in TABLES:
            connection.execute(f"COPY {table} TO '{folder}/files/{table}.parquet'")
            (made / f"{table}.parquet").unlink()
    settings = (made / "segxl.toml").read_text(encoding="utf-8")
    (folder / "files" / "segxl.toml").write_text(settings, encoding="utf-8")
    for way in WAYS[1:]:
        text = f'engine = "crm"\n{settings}{CONNECTION}'
        for table in TABLES:
            name = "repeated" if (way, table) == ("repeated", "activities") else table
            text = text.replace(f'file = "{table}.parquet"', f'table = "{name}"')
        (folder / way).mkdir()
        (folder / way / "segxl.toml").write_text(text, encoding="utf-8")


def run(folder: Path) -> None:
    """Load and write the report's JSON; print it without what tells where the rows came from and how many they were."""
    from segxl import api

    document = json.loads(api.load(folder, cache=False).report().json())
    rows = sum(entry["rows"] for entry in document["inputs"])
    used = sum(entry["used"] for entry in document["inputs"])
    for key in ("inputs", "settings", "warnings", "source"):
        document.pop(key, None)
    del document["summary"]["excluded_retargeting"]
    document["checks"] = [(check["name"], check["passed"]) for check in document["checks"]]
    print(json.dumps([rows, used, document]))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("accounts", type=int, nargs="?", default=2_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--worlds", type=Path, default=Path(tempfile.gettempdir()) / "segxl-worlds")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--run", choices=(*WAYS, "write"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    folder = given.worlds / f"warehouse-{given.accounts}"
    if given.run == "write":
        folder.mkdir(parents=True)
        write(folder, given.accounts)
        return
    if given.run is not None:
        run(folder / given.run)
        return
    command = [sys.executable, __file__, str(given.accounts), "--worlds", str(given.worlds), "--run"]
    if not (folder / WAYS[-1] / "segxl.toml").exists():
        subprocess.run([*command, "write"], check=True)
    compiled()
    costs: dict[str, list[tuple[float, float, float]]] = {way: [] for way in given.ways}
    rows: dict[str, int] = {}
    for _ in range(given.turns):
        reports = set()
        for way in given.ways:
            rows[way], document = _measured([*command, way], costs[way])
            reports.add(document)
        assert len(reports) == 1, "they differ"
    print(f"{given.accounts:,} accounts: rows, CPU seconds, wall seconds, peak GB")
    for way, turns in costs.items():
        cpu, wall, peak = (statistics.median(turn[at] for turn in turns) for at in range(3))
        print(f"  {way:10}{rows[way]:14,}{cpu:8.2f}{wall:8.2f}{peak:8.2f}")


def _measured(command: list[str], costs: list[tuple[float, float, float]]) -> tuple[int, str]:
    """The rows that one way read and its report, made in a process of its own; its costs join the others."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"SEGXL_CACHE": "off"})
    assert process.stdout is not None
    answer = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, f"{command[-1]} failed"
    costs.append((usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 2**20))
    rows, used, document = json.loads(answer)
    assert used <= rows
    return rows, json.dumps(document)


if __name__ == "__main__":
    main()
