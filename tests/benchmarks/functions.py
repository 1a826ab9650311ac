"""What worksheet functions cost: `python tests/benchmarks/functions.py 100000 --segments 200`.

On a generated company (`worlds.py`), in CPU seconds of one process:

* the first METRIC after loading, against the scorecard of one segment;
* 5,000 METRIC answers in one spilling call, first with nothing computed before and then again, against a call through
  the same path that returns a constant table of that size;
* a lookup by itself, and one cell through the whole path of xlwings in Python. Excel adds its own time and that of COM.

2026-11-30, two busy cores, 200 segments: 5,000 answers 1.5 s with nothing computed before (2.2 s when each segment had
its own questions), 7.5 ms again; the first METRIC 0.03 s; a lookup 0.06 µs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from worlds import PERIOD, Size, write_world

from segxl import api
from segxl.catalogue.metrics import CATALOGUE
from segxl.excel.functions.datasets import DATASETS
from segxl.excel.functions.handles import Handle
from tests import fake_excel

ANSWERS = 5_000
_T = TypeVar("_T")


def timed(work: Callable[[], _T], times: int = 1) -> tuple[float, _T]:
    """CPU seconds of one run, the fastest of several."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        value = work()
        best = min(best, time.process_time() - start)
    return best, value


def bare_function(udfs: Any) -> ModuleType:
    """A function with METRIC's arguments that gives a constant."""
    from segxl.excel.functions.registration import declared_with

    module = declared_with(udfs)
    info = module.SEGXL_METRIC.__xlfunc__

    class Constant:
        __xlfunc__ = info

        def __call__(self, *_: Any) -> Any:
            return module.CONSTANT

    module.SEGXL_METRIC = Constant()
    return module


def main() -> None:
    """Write the world if it is missing, then measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("accounts", type=int, nargs="?", default=5_000)
    parser.add_argument("--segments", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "segxl-worlds")
    options = parser.parse_args()
    size = Size(options.accounts, options.segments)
    folder = options.folder / f"{options.accounts}-{options.segments}"
    if not folder.exists():
        write_world(folder, size)
    print(f"{options.accounts:,} accounts, {options.segments} segments")
    with fake_excel.running() as excel:
        measure(excel, folder)


def measure(excel: fake_excel.Excel, folder: Path) -> None:
    import xlwings.udfs as udfs

    loading, analysis = timed(lambda: api.load(folder))
    print(f"load {loading:.2f} s")
    segment = analysis.dataset.segments.names[1]
    scorecard, _ = timed(lambda: api.Analysis(analysis.dataset).scorecard(PERIOD, [segment]))
    handle, again = (_loaded(api.Analysis(analysis.dataset), str(at)) for at in range(2))
    first, _ = timed(lambda: excel.call("METRIC", handle, "won_revenue", segment, PERIOD))
    print(f"scorecard of one segment {scorecard:.2f} s; first METRIC {first:.2f} s, {first / scorecard:.2f} of it")

    sheet = fake_excel.Book().sheet("Board")
    names = analysis.dataset.segments.names
    metrics = [metric.key for metric in CATALOGUE if not metric.cuts[0].each][:25]
    rows = -(-ANSWERS // len(metrics))
    segments = sheet.put("A2", *(names[at % len(names)] for at in range(rows)))
    across = sheet.put("B1", metrics)
    arguments = (across, segments, PERIOD)
    answers = rows * len(metrics)
    udfs.udf_modules["bare"] = {"filename": "", "filetime": None, "module": bare_function(udfs)}
    udfs.udf_modules["bare"]["module"].CONSTANT = [[1.5] * len(metrics)] * rows
    bare, _ = timed(lambda: excel.call("METRIC", again, *arguments, module="bare"), 5)
    cold, _ = timed(lambda: excel.call("METRIC", again, *arguments))
    warm, _ = timed(lambda: excel.call("METRIC", again, *arguments), 5)
    print(f"{answers:,} answers: bare call {bare * 1e3:.1f} ms; first time {cold:.2f} s, {cold / bare:.0f} times;")
    print(f"  again {warm * 1e3:.1f} ms, {warm / bare:.1f} times")

    loaded = DATASETS.find(again)
    key = ("won_revenue", names[1], PERIOD, "", "")
    loaded.answers[key] = 1.0
    many = range(100_000)
    lookup, _ = timed(lambda: [loaded.answers.get(key) for _ in many], 5)
    one, _ = timed(lambda: [excel.call("METRIC", again, "won_revenue", segment, PERIOD) for _ in range(1_000)], 3)
    udfs.udf_modules["bare"]["module"].CONSTANT = [[1.5]]
    none, _ = timed(
        lambda: [excel.call("METRIC", again, "won_revenue", segment, PERIOD, module="bare") for _ in range(1_000)], 3
    )
    print(
        f"lookup {lookup / len(many) * 1e6:.2f} µs; one cell {one * 1e3:.0f} µs, of which xlwings {none * 1e3:.0f} µs"
    )


def _loaded(analysis: api.Analysis, name: str) -> str:
    """The handle of a dataset that is loaded already."""
    from segxl.excel.functions.datasets import Loaded

    loaded = Loaded(Handle("0" * 16, name), analysis)
    DATASETS._kept[str(loaded.handle)] = loaded
    return str(loaded.handle)


if __name__ == "__main__":
    main()
