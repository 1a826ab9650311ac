"""Work shared by processes: the same results in order, whatever happens to a process."""

from __future__ import annotations

import gc
import os
import time
import weakref
from pathlib import Path

import pytest

from segxl.processes import Processes, cores, uncollected

PARENT = os.getpid()


class Work:
    """What the tests let processes do. It can be sent to them."""

    def __init__(self) -> None:
        self.parent = PARENT  # in another process, the module's own is another

    def __call__(self, kind: str, value: int) -> tuple[int, int]:
        """Answer with the value and the process that did it, or fail in one of many ways."""
        if kind == "slow":
            time.sleep(0.3)
        if kind == "refused":
            raise ValueError(f"refused {value}")
        if kind == "dies" and os.getpid() != self.parent:
            os._exit(9)
        if kind == "prints":
            print("this is no answer")
        return value, os.getpid()


def unsendable(kind: str, value: int) -> tuple[int, int]:
    """Work that cannot be sent: its name leads elsewhere."""
    return value, os.getpid()


unsendable.__qualname__ = "nowhere"


def done(tasks: list[tuple[str, int]], count: int, work: object = None) -> list[tuple[int, int]]:
    with Processes(work or Work(), tasks, count) as processes:  # type: ignore[arg-type]
        return [processes.result(at) for at in range(len(tasks))]


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 3])
def test_results_come_in_the_order_of_the_tasks(count: int) -> None:
    tasks = [("slow" if at < 3 else "prints", at * at) for at in range(8)]
    found = done(tasks, count)
    assert [value for value, _ in found] == [at * at for at in range(8)]
    assert len({process for _, process in found}) <= count  # this one may have done all while the others started


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_failure_is_raised_when_its_turn_comes(place: int) -> None:
    tasks = [("refused" if at == place else "slow", at) for at in range(6)]
    with Processes(Work(), tasks, 2) as processes:
        for at in range(place):
            assert processes.result(at)[0] == at
        with pytest.raises(ValueError, match=f"refused {place}"):
            processes.result(place)


@pytest.mark.slow
def test_what_a_lost_process_had_begun_is_done_by_another() -> None:
    found = done([("dies", at) for at in range(4)] + [("slow", 4)], 3)
    assert found[:4] == [(at, PARENT) for at in range(4)] and found[4][0] == 4


def test_what_cannot_be_sent_is_done_here() -> None:
    assert done([("", 1), ("", 2)], 2, unsendable) == [(1, PARENT), (2, PARENT)]


def test_without_python_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    assert done([("", 1), ("", 2)], 2) == [(1, PARENT), (2, PARENT)]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="counts processes in /proc")
def test_an_interrupt_leaves_no_process() -> None:
    def children() -> set[int]:
        own = set()
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                about = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(about[1]) == PARENT and about[0] != "Z":
                own.add(int(path.parent.name))
        return own

    before = children()
    with pytest.raises(KeyboardInterrupt), Processes(Work(), [("slow", at) for at in range(99)], 3) as processes:
        processes.result(0)
        assert len(children() - before) == 2
        raise KeyboardInterrupt
    assert children() == before


def test_a_few_cores() -> None:
    assert 1 <= cores() <= 8


def test_cycles_made_while_the_collector_waits_are_collected_later() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.itself = self

    with uncollected():
        assert not gc.isenabled()
        left = weakref.ref(Cycle())
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    gc.collect()
    assert left() is None
