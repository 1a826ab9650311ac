"""What packs cost in CPU, wall and size, by one process and by all cores: `python tests/benchmarks/packs.py 10000`.

Each turn writes the workbooks of 21 segments and of all together, in a fresh process; turns are interleaved, and the
files must be the same to the byte. CPU seconds are those of all processes, without loading and computing.

`--against CHECKOUT` compares with the packs of another version of segxl, a folder with its source, on the same inputs;
`--demo` takes the demo instead of a world; `--open` also times opening each pack in LibreOffice, in CPU seconds.

Reached on 29 November 2026 on the demo, two busy cores, against commit 0a50b73 (packs of values without formulas),
one process: CPU 0.56, 0.56 and 0.52 in three interleaved pairs (about 10.6 s there, 5.8 s here). Before the last
changes, in two processes 0.75; size 0.41 for the segments, 1.45 for the executive pack; opening in LibreOffice, CPU:
All accounts 0.60, Enterprise 0.97, executive 1.23.

Where the time of a pack goes, sampled on the demo: 42% in making the pages (formulas of Numbers 5%, data sheets 7%,
links to rows 8%), 19% in the rows of the lists, 15% in laying out and writing the pages, 8% in compression, 8% in
openpyxl (charts, styles). Half the CPU would need charts without openpyxl, and rows of Numbers that the segments'
packs and the executive pack share. The executive pack holds Numbers of all segments (1.1 MB; before 1.4) and the rows
behind 13 months of each segment (0.8 MB): without them its trends would be values.
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
