"""What packs of many segments cost by one process and by the cores there are: `python tests/benchmarks/packs.py 10000`.

Each turn writes the workbooks of 21 segments and of all together, in a fresh process; turns are interleaved, and the
files must be the same to the byte. Wall seconds, as the point is to use the other cores; CPU seconds of all processes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def written(source: Path, processes: int) -> tuple[str, float, float]:
    """Write the packs of a world: the hash of all files, wall seconds and CPU seconds without loading and computing."""
    from segxl import api

    result = api.load(source, cache=False).scorecard()
    with tempfile.TemporaryDirectory() as folder:
        cpu, start = _cpu(), time.perf_counter()
        files = sorted(path for path, _ in result.write(folder, processes=processes))
        wall, cpu = time.perf_counter() - start, _cpu() - cpu
        digest = hashlib.sha256()
        for path in files:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest(), wall, cpu


def _cpu() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Measure and print: a table, or JSON."""
    from worlds import Size, write_world

    from segxl.processes import cores

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("accounts", type=int, nargs="?", default=500)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--worlds", type=Path, default=Path(tempfile.gettempdir()) / "segxl-worlds")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--run", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    folder = given.worlds / f"{given.accounts}-20"
    if given.run is not None:
        print(json.dumps(written(folder, given.run)))
        return
    if not (folder / "segxl.toml").exists():
        write_world(folder, Size(given.accounts, 20))
    counts = (1, max(cores(), 2))
    costs: dict[int, list[tuple[float, float]]] = {count: [] for count in counts}
    files = set()
    for _ in range(given.turns):
        for count in counts:
            command = [
                sys.executable,
                __file__,
                str(given.accounts),
                "--worlds",
                str(given.worlds),
                "--run",
                str(count),
            ]
            answer = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
            digest, wall, cpu = json.loads(answer.stdout)
            files.add(digest)
            costs[count].append((wall, cpu))
    assert len(files) == 1, "the files differ"
    found = {
        count: {name: statistics.median(turn[at] for turn in turns) for at, name in enumerate(("wall", "cpu"))}
        for count, turns in costs.items()
    }
    if given.json:
        print(json.dumps({"accounts": given.accounts, "turns": given.turns, "processes": found}, indent=1))
        return
    print(f"{given.accounts:,} accounts, packs of 21 segments and of all together; the same files")
    for count, one in found.items():
        ratio = one["wall"] / found[1]["wall"]
        print(f"  {count} processes: {one['wall']:6.1f} s wall, {one['cpu']:6.1f} s CPU; wall {ratio:.2f} of one's")


if __name__ == "__main__":
    main()
