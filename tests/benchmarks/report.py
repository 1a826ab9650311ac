"""What a report costs from Parquet, against three hand-written programs: `python tests/benchmarks/report.py 100000`.

Each turn is a fresh process: CPU seconds and peak memory, imports included, medians of interleaved turns. The task is
the grid of buying stages and the distinct accounts by source and kind, in two months. All must give the same numbers.
segxl makes its whole report, with 13 months and every row accounted for, without what it keeps between runs; `again` is
its second run, with it. A program whose library is not installed is skipped: pandas, DuckDB, polars.

Measured on 2026-11-30 on two busy cores. A million accounts (74,000,000 rows): 11.1 to 11.6 CPU seconds and 1.36 GB;
DuckDB took 13.8 and 15.6, pandas 62.4: 0.18 of pandas' time, and the goals of a fifth of it, of 1.5 times DuckDB's and
of 1.5 GB are reached. The second run took 3.9. A hundred thousand accounts: 1.45, the second run 0.57, DuckDB 1.42,
polars 1.78, pandas 5.83; the goal of half of DuckDB's time for the second run is reached (0.40).

In a profile of the million, Arrow, which reads and unpacks, takes 2.9; codes of ids 1.0; stages in order 1.0; texts of
a million ids and names, made and looked at, 0.9; imports 0.7; taking away rows of retargeting 0.6; 15 windows of
highest stages 0.5; SHA-256 0.4; the rest are single passes over rows. A fifth is the system's, which clears each page
of memory before its first use. Half of the second run of a hundred thousand accounts are imports, mostly numpy's and
pydantic's; a tenth is SHA-256 of the files.

What would save most: ids read from Parquet's pages as they lie there, in one length next to each other, without
Arrow's array of texts (0.9); rows of retargeting taken away while they are read (0.6).
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
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from installed import compiled

FIRST, BETWEEN, LAST = date(2026, 9, 1), date(2026, 10, 1), date(2026, 10, 31)
STAGES = ("Target", "Awareness", "Consideration", "Decision", "Purchase")
SETTINGS = """\
run_date = 2026-11-05
[tables.accounts]
file = "accounts.parquet"
[tables.activities]
file = "activities.parquet"
[tables.buying_stages]
file = "buying_stages.parquet"
kind = "changes"
"""

Grid = list[list[int]]
"""Accounts by rank in September (rows) and in October (columns), 0 without a stage."""
Sights = dict[str, list[int]]
"""Accounts by source and kind in both months."""


def write(folder: Path, accounts: int) -> None:
    """A company of accounts with 50 activities and 24 changes of stage each, dates typed."""
    import numpy as np
    import pandas as pd
    import worlds

    folder.mkdir(parents=True, exist_ok=True)
    dice, ids = np.random.default_rng(1), worlds._ids("A", accounts)
    tables = {
        "accounts": worlds._accounts(dice, ids, 20),
        "activities": worlds._activities(dice, ids, 50),
        "buying_stages": worlds._buying_stages(dice, ids, 24),
    }
    for name, columns in tables.items():
        frame = pd.DataFrame(columns)
        if "date" in frame:
            frame["date"] = pd.to_datetime(frame["date"]).dt.date
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "segxl.toml").write_text(SETTINGS, encoding="utf-8")


def with_segxl(folder: Path) -> tuple[Grid, Sights]:
    """By segxl, from the files to the report's JSON."""
    from segxl import api
    from segxl.periods import Window
    from segxl.render.json.report import report_json

    analysis = api.load(folder)
    report = analysis.report()
    text = json.loads(report_json(report.result))
    months = [analysis.presence.seen(Window(first, last)) for first, last in _months()]
    sights = {f"{one[0]} {one[1]}": [int(month[one].sum()) for month in months] for one in months[0]}
    return text["movement"]["counts"], {name: counts for name, counts in sights.items() if any(counts)}


def with_duckdb(folder: Path) -> tuple[Grid, Sights]:
    """By DuckDB."""
    import duckdb

    cells = duckdb.sql(f"""
        with spans as (
            select account_id, date since, list_position({list(STAGES)}, stage) rank, coalesce(
                lead(date) over (partition by account_id order by date, file_row_number), date '9999-01-01') until
            from read_parquet('{folder}/buying_stages.parquet', file_row_number = true)
        ), highest as (
            select account_id, max(rank) filter (since < '{BETWEEN}' and until > '{FIRST}') before,
                max(rank) filter (since <= '{LAST}' and until > '{BETWEEN}') after
            from spans where until > since group by account_id
        )
        select coalesce(before, 0), coalesce(after, 0), count(*)
        from '{folder}/accounts.parquet' left join highest using (account_id) group by all""").fetchall()
    rows = duckdb.sql(f"""
        select source || ' ' || kind, count(distinct account_id) filter (date < '{BETWEEN}'),
            count(distinct account_id) filter (date >= '{BETWEEN}')
        from '{folder}/activities.parquet'
        where date between '{FIRST}' and '{LAST}' and lower(campaign_type) <> 'retargeting' group by all""").fetchall()
    return _grid(cells), {name: [before, after] for name, before, after in rows}


def with_polars(folder: Path) -> tuple[Grid, Sights]:
    """By polars."""
    import polars as pl

    ranks = {stage: rank for rank, stage in enumerate(STAGES, start=1)}
    since, until = pl.col("date"), pl.col("until")
    spans = pl.scan_parquet(folder / "buying_stages.parquet").with_row_index("row")
    spans = spans.with_columns(rank=pl.col("stage").replace_strict(ranks, return_dtype=pl.Int8))
    spans = spans.sort("account_id", "date", "row")
    spans = spans.with_columns(until=since.shift(-1).over("account_id").fill_null(date(9999, 1, 1)))
    highest = spans.filter(until > since).group_by("account_id")
    found = highest.agg(
        before=pl.col("rank").filter((since < BETWEEN) & (until > FIRST)).max(),
        after=pl.col("rank").filter((since <= LAST) & (until > BETWEEN)).max(),
    )
    accounts = pl.scan_parquet(folder / "accounts.parquet").select("account_id").join(found, "account_id", how="left")
    cells = accounts.group_by(pl.col("before", "after").fill_null(0)).len().collect().rows()
    rows = pl.scan_parquet(folder / "activities.parquet")
    rows = rows.filter(since.is_between(FIRST, LAST) & (pl.col("campaign_type").str.to_lowercase() != "retargeting"))
    counts = rows.group_by(pl.concat_str("source", "kind", separator=" ")).agg(
        before=pl.col("account_id").filter(since < BETWEEN).n_unique(),
        after=pl.col("account_id").filter(since >= BETWEEN).n_unique(),
    )
    return _grid(cells), {name: [before, after] for name, before, after in counts.collect().rows()}


def with_pandas(folder: Path) -> tuple[Grid, Sights]:
    """By pandas as people write it."""
    import pandas as pd

    spans = pd.read_parquet(folder / "buying_stages.parquet")
    spans["date"] = pd.to_datetime(spans["date"])
    spans["rank"] = spans["stage"].map({stage: rank for rank, stage in enumerate(STAGES, start=1)})
    spans = spans.sort_values(["account_id", "date"], kind="stable")
    spans["until"] = spans.groupby("account_id")["date"].shift(-1).fillna(pd.Timestamp("2200-01-01"))
    spans = spans[spans["until"] > spans["date"]]
    highest = {}
    for at, (first, last) in enumerate(_months()):
        inside = (spans["date"] <= pd.Timestamp(last)) & (spans["until"] > pd.Timestamp(first))
        highest[at] = spans[inside].groupby("account_id")["rank"].max()
    accounts = pd.read_parquet(folder / "accounts.parquet")["account_id"]
    ranks = pd.DataFrame(highest).reindex(accounts).fillna(0).astype(int)
    cells = [(before, after, count) for (before, after), count in ranks.groupby([0, 1]).size().items()]
    rows = pd.read_parquet(folder / "activities.parquet")
    rows["date"] = pd.to_datetime(rows["date"])
    rows = rows[rows["campaign_type"].str.lower() != "retargeting"]
    sights: Sights = {}
    for at, (first, last) in enumerate(_months()):
        month = rows[rows["date"].between(pd.Timestamp(first), pd.Timestamp(last))]
        for (source, kind), count in month.groupby(["source", "kind"])["account_id"].nunique().items():
            sights.setdefault(f"{source} {kind}", [0, 0])[at] = int(count)
    return _grid(cells), sights


WAYS: dict[str, Callable[[Path], tuple[Grid, Sights]]] = {
    "segxl": with_segxl,
    "again": with_segxl,
    "duckdb": with_duckdb,
    "polars": with_polars,
    "pandas": with_pandas,
}


def _months() -> list[tuple[date, date]]:
    return [(FIRST, date(2026, 9, 30)), (BETWEEN, LAST)]


def _grid(cells: list[tuple[int, int, int]]) -> Grid:
    grid = [[0] * (len(STAGES) + 1) for _ in range(len(STAGES) + 1)]
    for before, after, count in cells:
        grid[before][after] = int(count)
    return grid


def main() -> None:
    """Measure and print: a table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("accounts", type=int, nargs="?", default=2_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--worlds", type=Path, default=Path(tempfile.gettempdir()) / "segxl-worlds")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ways", nargs="*", choices=tuple(WAYS), default=list(WAYS))
    parser.add_argument("--run", choices=(*WAYS, "write"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    folder = given.worlds / f"report-{given.accounts}"
    if given.run == "write":
        write(folder, given.accounts)
        return
    if given.run is not None:
        grid, sights = WAYS[given.run](folder)
        print(json.dumps([grid, dict(sorted(sights.items()))]))
        return
    if not (folder / "segxl.toml").exists():
        # in a process of its own: the peak of one that starts others counts as theirs
        command = [sys.executable, __file__, str(given.accounts), "--worlds", str(given.worlds), "--run", "write"]
        subprocess.run(command, check=True)
    compiled()
    here = [way for way in given.ways if find_spec("segxl" if way == "again" else way) is not None]
    if "again" in here:
        _measured("again", given.accounts, given.worlds, [])
    costs: dict[str, list[tuple[float, float, float]]] = {way: [] for way in here}
    for _ in range(given.turns):
        answers = {way: _measured(way, given.accounts, given.worlds, costs[way]) for way in here}
        assert len(set(answers.values())) == 1, f"they differ: {answers}"
    found = {
        way: {name: statistics.median(turn[at] for turn in turns) for at, name in enumerate(("cpu", "wall", "gb"))}
        for way, turns in costs.items()
    }
    if given.json:
        print(json.dumps({"accounts": given.accounts, "turns": given.turns, "found": found}, indent=1))
        return
    print(f"{given.accounts:,} accounts: CPU seconds, wall seconds, peak GB; segxl's CPU as a ratio to each")
    for way, one in found.items():
        ratio = found["segxl"]["cpu"] / one["cpu"]
        print(f"  {way:8}{one['cpu']:7.2f}{one['wall']:7.2f}{one['gb']:7.2f}{ratio:7.2f}")


def _measured(way: str, accounts: int, worlds: Path, costs: list[tuple[float, float, float]]) -> str:
    """What one way prints, in a process of its own; its costs join the others."""
    command = [sys.executable, __file__, str(accounts), "--worlds", str(worlds), "--run", way]
    kept = os.environ | {"SEGXL_CACHE": str(worlds / "cache") if way == "again" else "off"}
    start, process = time.perf_counter(), subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=kept)
    assert process.stdout is not None
    answer = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, f"{way} failed"
    costs.append((usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 2**20))
    return answer


if __name__ == "__main__":
    main()
