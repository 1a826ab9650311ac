"""What scorecards cost: `python tests/benchmarks/scorecards.py 100000`.

CPU seconds of fresh processes on generated worlds (`worlds.py`): loading, computing and writing the JSON of one
segment, of 21 and of 201; drawing the packs of 21 segments; the open pipeline of 13 month ends. Compare two versions
by running it with each in ``PYTHONPATH``, one after the other: seconds alone depend on the machine. Nothing is taken
from what segxl keeps between runs.

2026-11-30, two busy cores, 100,000 accounts, both versions compiled as an installation has them. One segment as JSON,
medians of three interleaved processes: 2.28 s against 10.64 s of commit 97639e6: 0.21, for a goal of 0.25. Of these
2.3 s, imports are 0.5 (numpy and Arrow 0.2, pydantic 0.12, segxl's own classes the rest); reading and preparing files
1.1, in single passes over rows and ids; events, cubes, market and the 1,700 figures of the segment 0.7.

201 segments against one, on the world of 200 segments: 16.7 s against 2.9 s, 5.7 times, for a goal of 5 (15.2 against
2.7 when less else ran); the same day before 22.4 s against 3.8 s. Both pay the loading once: 2.7 s before, 1.9 s now.
Of the 16.7 s, computing is 11.8, JSON of 57 MB 2.5. Of computing, 364,000 figures with their lines are 2 (each column
is answered once for all segments); the segments of each event on its day, 56,000,000 pairs, are 3; sums, sets of
accounts and rows of these pairs 4; the other readings of toggles are 2.5 of all that. An eighth of the time the kernel
clears memory for arrays with a number for each pair. What would make it less, by an estimate: events sorted by segment
only where their rows are asked for, 0.4 s; pairs in four bytes in place of eight, 1 s; JSON without a document
between, 0.5 s.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from installed import compiled

TASKS = ("one", "all", "packs", "pipeline")
SEGMENT, PERIOD = "Industry 0", "2026-10"
Value = TypeVar("Value")


def scorecard(folder: Path, segments: tuple[str, ...], packs: bool) -> None:
    """Load, compute and write; print what each part cost."""
    from segxl import api
    from segxl.render.json.scorecard import scorecard_json

    parts: dict[str, float] = {}
    analysis = _timed(parts, "load", lambda: api.load(folder))
    result = _timed(parts, "compute", lambda: analysis.scorecard(PERIOD, segments))
    if packs:
        with tempfile.TemporaryDirectory() as out:
            _timed(parts, "packs", lambda: result.write(out, ("xlsx",)))
    else:
        text = _timed(parts, "json", lambda: scorecard_json(result.result))
        parts["sha"] = int(hashlib.sha256(text.encode()).hexdigest()[:6], 16)
    _said(parts)


def pipeline(folder: Path) -> None:
    """The open amounts of 13 month ends by stage, after loading."""
    from segxl import api
    from segxl.facts.engine import Facts
    from segxl.periods import month_period, to_day

    parts: dict[str, float] = {}
    facts: Facts = _timed(parts, "load", lambda: api.load(folder).facts)
    last = 2026 * 12 + 9
    days = [to_day(month_period(month).window.end) for month in range(last - 12, last + 1)]
    stocks = _timed(parts, "13 month ends", lambda: [facts.open_at(day) for day in days])
    parts["open cents"] = sum(int(stock.cents.sum()) for stock in stocks)
    _said(parts)


def _timed(parts: dict[str, float], name: str, work: Callable[[], Value]) -> Value:
    start = time.process_time()
    value = work()
    parts[name] = time.process_time() - start
    return value


def _said(parts: dict[str, float]) -> None:
    shown = (
        f"{name} {value:,.2f}" if isinstance(value, float) else f"{name} {value:,}" for name, value in parts.items()
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{'  '.join(shown)}  whole process {time.process_time():.2f} s, {peak:.2f} GB", flush=True)


def main() -> None:
    """Write the worlds that are missing, then measure each task in a process of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("accounts", type=int)
    parser.add_argument("--segments", type=int, nargs="*", default=[20, 200])
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), choices=TASKS)
    parser.add_argument("--worlds", type=Path, default=Path(tempfile.gettempdir()) / "segxl-worlds")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    given = parser.parse_args()
    compiled()
    for segments in given.segments:
        folder = given.worlds / f"{given.accounts}-{segments}"
        if given.run is not None:
            _run(given.run, folder)
            continue
        if not (folder / "segxl.toml").exists():
            from worlds import Size, write_world  # which import pandas; what is measured need not

            write_world(folder, Size(given.accounts, segments))
        for task in given.tasks:
            if task == "packs" and segments > 50:
                continue
            print(f"{given.accounts:,} accounts, {segments + 1} segments, {task}: ", end="", flush=True)
            arguments = [str(given.accounts), "--segments", str(segments), "--worlds", str(given.worlds), "--run", task]
            subprocess.run([sys.executable, __file__, *arguments], check=True, env=os.environ | {"SEGXL_CACHE": "off"})


def _run(task: str, folder: Path) -> None:
    if task == "pipeline":
        pipeline(folder)
    else:
        scorecard(folder, (SEGMENT,) if task == "one" else (), packs=task == "packs")


if __name__ == "__main__":
    main()
