"""Phases: how each opportunity left each stage, from its history."""

from __future__ import annotations

import numpy as np

from segxl.dataset import Dataset
from segxl.facts.arrays import Codes, Events
from segxl.facts.pipeline import closed_stages
from segxl.periods import months_of

_ADVANCED, _LOST, _REGRESSED = range(3)
_NAMES = ("advanced", "phase_lost", "regressed")


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


def _exits(dataset: Dataset) -> np.ndarray:
    """Every exit: opportunity row, stage, day, outcome; in the order of history."""
    settings = dataset.settings
    if "opportunity_history" not in dataset.tables:
        return np.empty((0, 4), dtype=np.int64)
    history = dataset.tables["opportunity_history"]
    position = {stage: at for at, stage in enumerate(settings.stages)}
    won, lost = closed_stages(dataset)
    count, skipping = len(settings.stages), not settings.toggles.strict_stages
    found: list[tuple[int, int, int, int]] = []
    row, at, closed = -1, None, False
    for code, stage, day in zip(
        dataset.history_code.tolist(), history["stage"].tolist(), history["changed_at"].tolist(), strict=True
    ):
        if code != row:
            row, at, closed = code, None, False
        folded = stage.casefold()
        if folded in won or folded in lost:
            if at is not None and not closed:
                found.append((row, at, day, _ADVANCED if folded in won else _LOST))
                if folded in won and skipping:
                    found += [(row, later, day, _ADVANCED) for later in range(at + 1, count)]
            closed = True
            continue
        to = position.get(stage)
        if to is None:
            continue
        if at is not None and not closed and to != at:
            found.append((row, at, day, _ADVANCED if to > at else _REGRESSED))
            if skipping:
                found += [(row, skipped, day, _ADVANCED) for skipped in range(at + 1, to)]
        at, closed = to, False
    return np.array(found, dtype=np.int64).reshape(-1, 4)
