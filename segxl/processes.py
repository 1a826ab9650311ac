"""Work shared by several processes of this computer: results in the order of the tasks, and nothing left running.

A worker is a fresh Python (so the same on Windows, Mac and Linux) that reads what all tasks share once, then one task
after the other. The process that waits works too, from the last task backwards, and does what a worker could not. What
a task returns or raises does not depend on who did it.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Generic, Self, TypeVar

_R = TypeVar("_R")
_MOST = 8
"""Processes at most: each holds the data once more."""
_LOST = (OSError, EOFError, ValueError, pickle.UnpicklingError, AttributeError, ImportError)
"""How a worker that is gone or cannot work shows itself."""


def cores() -> int:
    """The processors that this process may use, at most eight."""
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(known or 1, _MOST)


@contextmanager
def uncollected() -> Iterator[None]:
    """Work that makes very many small objects and hardly a cycle: Python's collector of cycles would look at all of
    them again and again, a quarter of the time of a pack, a seventh of that of a sheet. It waits until the end."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()  # all that was made is old now: the next collection of young objects looks at none of it
            gc.enable()


class Processes(Generic[_R]):
    """The results of ``work(*task)`` for each task, computed by up to ``count`` processes, this one included.

    ``work`` and the tasks are sent by pickle; where that is impossible, or no process can be started, this process does
    everything. To be used in a ``with`` block, which stops the workers when it ends.
    """

    def __init__(self, work: Callable[..., _R], tasks: Sequence[tuple[Any, ...]], count: int) -> None:
        self._work, self._tasks = work, tasks
        self._results: dict[int, _R] = {}
        self._failed: set[int] = set()
        self._waiting = deque(range(len(tasks)))
        self._changed = threading.Condition()
        self._workers = self._started(min(count, len(tasks)) - 1)

    def result(self, at: int) -> _R:
        """What a task returned; waits for it, and works meanwhile. To be asked for once.

        Raises:
            Exception: what the task raises. A task that fails in a worker is done again here, which raises it with its
                traceback.
        """
        while True:
            with self._changed:
                if at in self._results:
                    return self._results.pop(at)
                mine = at if at in self._failed else self._mine(at)
                if mine is None:
                    self._changed.wait()
                    continue
            if mine == at:
                return self._work(*self._tasks[at])
            self.end(mine, self._tried(mine))

    def _mine(self, at: int) -> int | None:
        """The task to do meanwhile: the last one not begun; without workers the wanted one."""
        if not self._waiting:
            return None
        if not any(worker.is_alive() for worker in self._workers):
            self._waiting.remove(at)
            return at
        return self._waiting.pop()

    def _tried(self, at: int) -> list[_R]:
        """The result of a task; none if it failed: it is not its turn yet to say so."""
        try:
            return [self._work(*self._tasks[at])]
        except Exception:  # any error: the task runs again, and raises, when its result is asked for
            return []

    def _started(self, count: int) -> list[_Worker]:
        if count < 1:
            return []
        try:
            work = pickle.dumps(self._work, pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, AttributeError, TypeError):  # which of them depends on what cannot be sent
            return []
        workers = []
        for _ in range(count):
            try:
                workers.append(_Worker(self, work))
            except OSError:
                break
        for worker in workers:
            worker.start()
        return workers

    def begin(self) -> int | None:
        """For a worker: the next task that is not begun."""
        with self._changed:
            return self._waiting.popleft() if self._waiting else None

    def end(self, at: int, found: Sequence[_R] | None) -> None:
        """How a task ended: its result; nothing, if it failed; None, if that is unknown."""
        with self._changed:
            if found is None:
                self._waiting.appendleft(at)
            elif found:
                self._results[at] = found[0]
            else:
                self._failed.add(at)
            self._changed.notify_all()

    def task(self, at: int) -> tuple[Any, ...]:
        """The arguments of a task."""
        return self._tasks[at]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._waiting.clear()
        for worker in self._workers:
            worker.stop()


class _Worker(threading.Thread):
    """A process, and the thread that feeds it."""

    def __init__(self, work: Processes[Any], shared: bytes) -> None:
        super().__init__(daemon=True)
        self._processes, self._shared = work, shared
        command = f"import sys; sys.path[:] = {sys.path!r}; from segxl.processes import serve; serve()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def run(self) -> None:
        """Feed the process until there is no task left, or the process is lost."""
        to, back = self._process.stdin, self._process.stdout
        assert to is not None and back is not None
        try:
            to.write(self._shared)
        except OSError:
            pass
        else:
            while (at := self._processes.begin()) is not None:
                found = None
                try:
                    pickle.dump(self._processes.task(at), to, pickle.HIGHEST_PROTOCOL)
                    to.flush()
                    found = pickle.load(back)
                except _LOST:
                    break
                finally:
                    self._processes.end(at, found)
        self.stop()

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._process.wait()


def serve() -> None:
    """What a worker does: read the shared work, then do each task that comes and answer with how it ended."""
    to = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # a print would be taken for an answer
    # The process that started it may be gone, or interrupted.
    with uncollected(), suppress(KeyboardInterrupt, *_LOST):
        work = pickle.load(sys.stdin.buffer)
        while True:
            task = pickle.load(sys.stdin.buffer)
            try:
                answer = pickle.dumps([work(*task)], pickle.HIGHEST_PROTOCOL)
            except Exception:  # any error: the task runs again, and raises, when its result is asked for
                answer = pickle.dumps([])
            to.write(answer)
            to.flush()
