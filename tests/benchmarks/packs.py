"""What packs cost in CPU, wall and size, by one process and by all cores: `python tests/benchmarks/packs.py 10000`.

Each turn writes the workbooks of 21 segments and of all together, in a fresh process; turns are interleaved, and the
files must be the same to the byte. CPU seconds are those of all processes, without loading and computing.

`--against CHECKOUT` compares with the packs of another version of segxl, a folder with its source, on the same inputs;
`--demo` takes the demo instead of a world; `--open` also times opening each pack in LibreOffice, in CPU seconds.

Reached on 30 November 2026 on the demo, two cores, against commit 0a50b73 (packs of values without formulas): CPU of
one process 0.44 (9.97 s there, 4.42 s here; on a busy machine 10.9 and 5.2), wall of two processes 0.28; size 0.41 for
the segments, 0.46 for the executive pack. Opening in LibreOffice, CPU, median of three interleaved pairs: 0.83 for the
seven packs together; All accounts 0.62, SMB 0.82, executive 0.84, Mid-Market 0.85, Enterprise 0.94, Regulated
industries 0.96, Strategic 50 1.03. Half of these seconds are LibreOffice's own start.

Packs of 21 segments and the executive one, 100,000 accounts, `segxl scorecard` from start to end on a quiet machine
with two cores: 50.5 s wall, 92.6 s CPU, against 265.6 s wall of commit 97639e6: 0.19 (the goal is a third); 474 MB
became 138.

Where the time of a pack goes, sampled on the demo: 40% in making the pages (rows of Numbers 4%, their formulas 6%,
data sheets 7%, links to rows 8%), 19% in the rows of the lists, 15% in laying out and writing the pages, 9% in
compression, 9% in openpyxl (charts, styles).

Where the opening goes in LibreOffice, found by taking away one thing at a time: about 1.5 millionths of a second for
each cell, 10 to 50 for a formula, 0.02 s for a sheet. Rows that are repeated in print and folded groups made it break
a million empty rows into pages again and again, those of all sheets: all printed pages name their print area, before
the first rows that repeat. Strategic 50 is slower than before because Numbers, which has no rows less for a small
segment, has formulas (530 million instructions of 6,131), the charts of the first page are drawn when it opens (319),
49 groups are folded (286) and 33 definitions are notes (149): 5,764 before, counted by valgrind.
The executive pack adds up sums by month and segment; when it had the records of all segments, it opened
in 1.23 of the time before, and was larger than before.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from installed import compiled

ROOT = Path(__file__).parents[2]


class Cost(NamedTuple):
    """Packs of a run: the hash of all files, wall and CPU seconds, and bytes by name of file."""

    digest: str
    wall: float
    cpu: float
    sizes: Mapping[str, int]


class Way(NamedTuple):
    """A version of segxl, by the folder of its source, and a number of processes."""

    checkout: Path
    processes: int


def written(source: Path, processes: int, folder: Path) -> Cost:
    """Write the packs of some exports into an empty folder, with the version of segxl that is imported."""
    from segxl import api

    result = api.load(source, **_known(api.load, cache=False)).scorecard()
    cpu, start = _cpu(), time.perf_counter()
    files = sorted(path for path, _ in result.write(folder, **_known(result.write, processes=processes)))
    wall, cpu = time.perf_counter() - start, _cpu() - cpu
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return Cost(digest.hexdigest(), wall, cpu, {path.name: path.stat().st_size for path in files})


def _known(function: Any, **options: Any) -> dict[str, Any]:
    """The options that a version has."""
    return {name: value for name, value in options.items() if name in inspect.signature(function).parameters}


def _cpu(*who: int) -> float:
    """CPU seconds of this process and of those that it has waited for."""
    used = [resource.getrusage(one) for one in who or (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def cost(way: Way, source: Path, folder: Path) -> Cost:
    """The packs of a way, written by a fresh process."""
    command = [sys.executable, __file__, "--run", str(way.processes), "--source", str(source), "--out", str(folder)]
    environment = os.environ | {"PYTHONPATH": str(way.checkout)}
    return Cost(*json.loads(subprocess.run(command, check=True, capture_output=True, env=environment).stdout))


def opened(pack: Path, folder: Path) -> float:
    """CPU seconds for opening a pack in LibreOffice and saving its first sheet."""
    before = _cpu(resource.RUSAGE_CHILDREN)
    profile = f"-env:UserInstallation=file://{folder}/office"
    command = ["soffice", profile, "--headless", "--convert-to", "csv", "--outdir", str(folder / "csv"), str(pack)]
    subprocess.run(command, check=True, capture_output=True)
    return _cpu(resource.RUSAGE_CHILDREN) - before


def _demo(folder: Path) -> Path:
    """The exports of the demo."""
    code = "import sys; from segxl.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "demo"]
    subprocess.run(command, capture_output=True, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)})
    return folder / "segxl-demo"


def measured(ways: Sequence[Way], source: Path, turns: int, opens: bool) -> dict[Way, dict[str, float]]:
    """The medians of each way's costs, by name; sizes in bytes."""
    costs: dict[Way, list[dict[str, float]]] = {way: [] for way in ways}
    digests: dict[Path, set[str]] = {way.checkout: set() for way in ways}
    for _ in range(turns):
        for way in ways:
            with tempfile.TemporaryDirectory() as made:
                found = cost(way, source, Path(made) / "packs")
                digests[way.checkout].add(found.digest)
                numbers = {"CPU s": found.cpu, "wall s": found.wall}
                numbers |= dict(_sizes(found.sizes))
                for name in sorted(found.sizes) if opens else ():
                    numbers[f"open {_kind(name)}, CPU s"] = opened(Path(made) / "packs" / name, Path(made))
                costs[way].append(numbers)
    assert all(len(found) == 1 for found in digests.values()), "the files differ"
    return {
        way: {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
        for way, turns in costs.items()
    }


def _kind(name: str) -> str:
    return Path(name).stem.split("-", 3)[-1]


def _sizes(sizes: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    executive = sum(size for name, size in sizes.items() if _kind(name) == "executive")
    yield "segments, bytes", sum(sizes.values()) - executive
    yield "executive, bytes", executive


def main() -> None:
    """Measure and print: a table, or JSON."""
    from worlds import Size, write_world

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("accounts", type=int, nargs="?", default=500)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--worlds", type=Path, default=Path(tempfile.gettempdir()) / "segxl-worlds")
    parser.add_argument("--against", type=Path, help="the source of another version of segxl")
    parser.add_argument("--demo", action="store_true", help="the packs of the demo")
    parser.add_argument("--open", action="store_true", help="open the packs in LibreOffice")
    parser.add_argument("--json", action="store_true")
    for hidden, kind in (("--run", int), ("--source", Path), ("--out", Path)):
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run is not None:
        print(json.dumps(written(given.source, given.run, given.out)))
        return
    from segxl.processes import cores

    with tempfile.TemporaryDirectory() as made:
        source = _demo(Path(made)) if given.demo else given.worlds / f"{given.accounts}-20"
        if not (source / "segxl.toml").exists():
            write_world(source, Size(given.accounts, 20))
        ways = [Way(ROOT, count) for count in (1, max(cores(), 2))]
        if given.against is not None:
            ways = [Way(given.against.resolve(), way.processes) for way in ways] + ways
        for checkout in {way.checkout for way in ways}:
            compiled(checkout)
        found = measured(ways, source, given.turns, given.open)
    rows = {
        f"{'here' if way.checkout == ROOT else 'there'}, {way.processes} processes": one for way, one in found.items()
    }
    if given.json:
        print(json.dumps({"accounts": given.accounts, "turns": given.turns, "ways": rows}, indent=1))
        return
    what = "the demo" if given.demo else f"{given.accounts:,} accounts, 21 segments"
    print(f"{what}: packs of the segments and of all together; the same files at each run; ratios to the first")
    first = next(iter(rows.values()))
    for words, one in rows.items():
        print(f"  {words}")
        for name, value in one.items():
            print(f"    {name:32} {value:14,.2f} {value / first[name]:6.2f}")


if __name__ == "__main__":
    main()
