"""What questions cost once the data is loaded, against pandas: `python tests/benchmarks/warm.py 100000`.

CPU seconds of one process, the best of eight turns, after loading. pandas has its frames in memory, dates typed, and
the stages sorted with the day on which each one ends, which segxl has, too. Both must give the same numbers:

* the grid of buying stages of two months;
* the distinct accounts by source and kind of two months;
* the open pipeline of 13 month ends, amounts and stages as they were known then.

Of 200,000 accounts on 2026-11-30: the grid is 12 to 14 times as fast as pandas. Accounts by source are 9 times as fast
in the first ten questions, half of whose time finds a month's rows among 6,700,000. Then the rows are sorted by day,
once, which takes as long as those ten (0.1 s, and six bytes a row), and each further question is 70 times as fast. A
report asks fewer than ten, reports of several segments more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import report
from worlds import Size, write_world

MONTH_ENDS = 13
Task = Callable[[], Any]


def signals(folder: Path) -> dict[str, tuple[Task, Task]]:
    """The tasks of a world of signals: segxl's way and pandas'."""
    import numpy as np
    import pandas as pd

    from segxl import api
    from segxl.periods import Window

    presence = api.load(folder).presence
    months = [Window(first, last) for first, last in report._months()]
    spans, accounts, rows = _spans(folder), presence.dataset.account_ids, pd.read_parquet(folder / "activities.parquet")
    rows["date"] = pd.to_datetime(rows["date"])
    rows = rows[rows["campaign_type"].str.lower() != "retargeting"]

    def grid() -> list[list[int]]:
        before, after = (presence.highest_stages(month) for month in months)
        pairs = before.astype("int64") * (len(report.STAGES) + 1) + after
        counts = pd.Series(pairs).value_counts()
        size = len(report.STAGES) + 1
        return [[int(counts.get(row * size + column, 0)) for column in range(size)] for row in range(size)]

    def grid_in_pandas() -> list[list[int]]:
        highest = {}
        for at, (first, last) in enumerate(report._months()):
            inside = (spans["date"] <= pd.Timestamp(last)) & (spans["until"] > pd.Timestamp(first))
            highest[at] = spans[inside].groupby("account_id")["rank"].max()
        ranks = pd.DataFrame(highest).reindex(accounts).fillna(0).astype(int)
        return report._grid([(before, after, size) for (before, after), size in ranks.groupby([0, 1]).size().items()])

    def sights() -> dict[str, list[int]]:
        seen = [presence.seen(month) for month in months]
        found = {f"{one[0]} {one[1]}": [int(np.count_nonzero(month[one])) for month in seen] for one in seen[0]}
        return {name: counts for name, counts in found.items() if any(counts)}

    def sights_in_pandas() -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, (first, last) in enumerate(report._months()):
            month = rows[rows["date"].between(pd.Timestamp(first), pd.Timestamp(last))]
            for (source, kind), count in month.groupby(["source", "kind"])["account_id"].nunique().items():
                found.setdefault(f"{source} {kind}", [0, 0])[at] = int(count)
        return found

    return {"grid of buying stages": (grid, grid_in_pandas), "accounts by source": (sights, sights_in_pandas)}


def _spans(folder: Path) -> Any:
    """The stages in pandas, sorted, each with the day on which it ends."""
    import pandas as pd

    spans = pd.read_parquet(folder / "buying_stages.parquet")
    spans["date"] = pd.to_datetime(spans["date"])
    spans["rank"] = spans["stage"].map({stage: rank for rank, stage in enumerate(report.STAGES, start=1)})
    spans = spans.sort_values(["account_id", "date"], kind="stable")
    spans["until"] = spans.groupby("account_id")["date"].shift(-1).fillna(pd.Timestamp("2200-01-01"))
    return spans[spans["until"] > spans["date"]]


def deals(folder: Path) -> dict[str, tuple[Task, Task]]:
    """The task of a world of opportunities: open cents at 13 month ends."""
    import pandas as pd

    from segxl import api
    from segxl.facts.engine import Facts
    from segxl.periods import month_period, to_day

    dataset = api.load(folder).dataset
    last = 2026 * 12 + 9
    ends = [month_period(month).window.end for month in range(last - MONTH_ENDS + 1, last + 1)]
    opportunities = pd.read_parquet(folder / "opportunities.parquet").set_index("opportunity_id")
    for name in ("created_on", "closed_on"):
        opportunities[name] = pd.to_datetime(opportunities[name].replace("", None))
    history = pd.read_parquet(folder / "opportunity_history.parquet")
    history["changed_at"] = pd.to_datetime(history["changed_at"])
    history = history.sort_values("changed_at", kind="stable")

    def pipeline() -> list[int]:
        facts = Facts(dataset)  # nothing is kept of the turn before
        return [int(facts.open_at(to_day(end)).cents.sum()) for end in ends]

    def pipeline_in_pandas() -> list[int]:
        found = []
        for day in map(pd.Timestamp, ends):
            known = history[history["changed_at"] <= day].drop_duplicates("opportunity_id", keep="last")
            known = known.set_index("opportunity_id").join(opportunities[["created_on", "closed_on"]])
            there = known[(known["created_on"] <= day) & ~(known["closed_on"] <= day)]
            by_stage = (there["amount"] * 100).round().astype("int64").groupby(there["stage"]).sum()
            found.append(int(by_stage.sum()))
        return found

    return {f"open pipeline of {MONTH_ENDS} month ends": (pipeline, pipeline_in_pandas)}


def cpu(work: Task, turns: int = 8) -> tuple[float, Any]:
    """CPU seconds of the best turn, and the answer."""
    best, answer = float("inf"), None
    for _ in range(turns):
        start = time.process_time()
        answer = work()
        best = min(best, time.process_time() - start)
    return best, answer


def measured(folder: Path, of: Callable[[Path], dict[str, tuple[Task, Task]]]) -> list[dict[str, Any]]:
    """For each task what segxl and pandas took, equal answers asserted."""
    found = []
    for task, (ours, theirs) in of(folder).items():
        (segxl, answer), (pandas, wanted) = cpu(ours), cpu(theirs)
        assert answer == wanted, f"{task}: {answer} is not {wanted}"
        found.append({"task": task, "segxl": segxl, "pandas": pandas})
    return found


def main() -> None:
    """Measure and print: a table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("accounts", type=int, nargs="?", default=2_000)
    parser.add_argument("--worlds", type=Path, default=Path(tempfile.gettempdir()) / "segxl-worlds")
    parser.add_argument("--tasks", choices=("signals", "deals"), nargs="*", default=["signals", "deals"])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ["SEGXL_CACHE"] = "off"
    found = []
    if "signals" in given.tasks:
        folder = given.worlds / f"report-{given.accounts}"
        if not (folder / "segxl.toml").exists():
            command = [sys.executable, report.__file__, str(given.accounts), "--worlds", str(given.worlds)]
            subprocess.run([*command, "--run", "write"], check=True)
        found += measured(folder, signals)
    if "deals" in given.tasks:
        folder = given.worlds / f"{given.accounts}-20"
        if not (folder / "segxl.toml").exists():
            write_world(folder, Size(given.accounts, 20))
        found += measured(folder, deals)
    if given.json:
        print(json.dumps(found))
        return
    print(f"{given.accounts:,} accounts, loaded: CPU seconds; how many times as fast as pandas")
    for one in found:
        print(f"  {one['task']:34}{one['segxl']:9.4f}{one['pandas']:9.4f}{one['pandas'] / one['segxl']:7.1f}")


if __name__ == "__main__":
    main()
