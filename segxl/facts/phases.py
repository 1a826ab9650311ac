"""Phases: how each opportunity left each stage, from its history."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.load import Dataset
from segxl.dataset.opportunities import closed_stages
from segxl.facts.arrays import Codes, Events
from segxl.periods import NEVER, months_of

_ADVANCED, _LOST, _REGRESSED = range(3)
_NAMES = ("advanced", "phase_lost", "regressed")
_WON, _LOST_DEAL = "\0won", "\0lost"
"""Closings on a path; no stage can be called so."""


def phase_events(dataset: Dataset, account: Codes) -> dict[str, Events]:
    """``advanced``, ``phase_lost`` and ``regressed``: the last exit of each opportunity from each stage in each month,
    with the stage in ``codes``.

    A stage that was skipped counts as advanced (with ``strict_stages`` it does not count); stages before the first
    recorded one do not count. Won: the stage and all later ones advance. Lost: the stage is lost. An unlisted open
    stage changes nothing: what happens next belongs to the last listed one. Discovery, Proposal, Closed Lost gives
    Discovery advanced, Qualified (skipped) advanced, Proposal lost. Exits before a reopening stay what they were.
    """
    exits = _exits(dataset)
    table = dataset.tables["opportunities"]
    if len(exits):
        months = months_of(exits[:, 2].astype(np.int32))
        order = np.lexsort((np.arange(len(exits)), months, exits[:, 1], exits[:, 0]))
        exits, months = exits[order], months[order]
        last = np.append((exits[1:, :2] != exits[:-1, :2]).any(axis=1) | (months[1:] != months[:-1]), True)
        exits = exits[last]
    result: dict[str, Events] = {}
    for outcome, name in enumerate(_NAMES):
        mine = exits[exits[:, 3] == outcome]
        rows = mine[:, 0]
        codes = {"stage": mine[:, 1].astype(np.int32)}
        days = mine[:, 2].astype(np.int32)
        result[name] = Events(name, "opportunities", rows, days, account[rows], table["segment"][rows], {}, codes)
    return result


def _exits(dataset: Dataset) -> NDArray[np.int64]:
    """Every exit: opportunity row, stage, day, outcome; in the order of the paths."""
    settings = dataset.settings
    position = {stage: at for at, stage in enumerate(settings.stages)}
    count, skipping = len(settings.stages), not settings.toggles.strict_stages
    found: list[tuple[int, int, int, int]] = []
    for row, path in _paths(dataset):
        at: int | None = None
        closed = False
        for day, step in path:
            if step in (_WON, _LOST_DEAL):
                if at is not None and not closed:
                    won = step == _WON
                    found.append((row, at, day, _ADVANCED if won else _LOST))
                    if won and skipping:
                        found += [(row, later, day, _ADVANCED) for later in range(at + 1, count)]
                closed = True
                continue
            to = position.get(step)
            if to is None:
                continue
            if at is not None and not closed and to != at:
                found.append((row, at, day, _ADVANCED if to > at else _REGRESSED))
                if skipping:
                    found += [(row, skipped, day, _ADVANCED) for skipped in range(at + 1, to)]
            at, closed = to, False
    return np.array(found, dtype=np.int64).reshape(-1, 4)


def _paths(dataset: Dataset) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Each opportunity with a history: its row, and its steps, days with a stage or a closing.

    The closing stands on the closing date with the opportunity's own outcome, after the rows of that day and in place
    of that day's rows in closed stages; a history that leaves it out still ends there.
    """
    if "opportunity_history" not in dataset.tables:
        return
    history, table = dataset.tables["opportunity_history"], dataset.tables["opportunities"]
    won, lost = closed_stages(dataset.settings)
    code = dataset.history_code
    starts = np.flatnonzero(np.append(True, code[1:] != code[:-1])) if len(code) else np.empty(0, dtype=np.int64)
    ends = np.append(starts[1:], len(code))[: len(starts)]
    stage, changed_at = history["stage"], history["changed_at"]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        row = int(code[start])
        closed_on = int(table["closed_on"][row])
        steps: list[tuple[int, str]] = []
        for at in range(start, end):
            word, day = str(stage[at]), int(changed_at[at])
            folded = word.casefold()
            closing = _WON if folded in won else _LOST_DEAL if folded in lost else ""
            if not (closing and day == closed_on):
                steps.append((day, closing or word))
        if closed_on != NEVER:
            place = next((at for at, (day, _) in enumerate(steps) if day > closed_on), len(steps))
            steps.insert(place, (closed_on, _WON if table["status"][row] == "won" else _LOST_DEAL))
        yield row, steps
