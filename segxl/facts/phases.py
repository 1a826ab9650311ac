"""Phases: the exit of each opportunity from each stage, from its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.model import Dataset
from segxl.dataset.opportunities import closed_stages
from segxl.facts.arrays import Events
from segxl.periods import NEVER, months_of
from segxl.tables.codes import Codes, in_order

_ADVANCED, _LOST, _REGRESSED = range(3)
PHASES = ("advanced", "phase_lost", "regressed")
_WON, _LOST_DEAL, _NO_STEP = -1, -2, -3
"""Closings on a path, and words that are not a step; listed stages count from 0."""


def phase_events(dataset: Dataset, account: Codes) -> dict[str, Events]:
    """``advanced``, ``phase_lost`` and ``regressed``: the last exit of each opportunity from each stage in each month,
    with the stage in ``codes``.

    A skipped stage counts as advanced (with ``strict_stages`` it does not count); stages before the first recorded one
    do not count. Won: the stage and all later ones advance. Lost: the stage is lost. An unlisted open stage changes
    nothing: the next step counts for the last listed stage. Discovery, Proposal, Closed Lost gives Discovery advanced,
    Qualified (skipped) advanced, Proposal lost. Exits before a reopening do not change.
    """
    exits = _exits(dataset)
    own = dataset.tables["opportunities"].texts("segment")
    if len(exits):
        row, stage, months = exits[:, 0], exits[:, 1], months_of(exits[:, 2].astype(np.int32)).astype(np.int64)
        months -= months.min()
        key = (row * (stage.max() + 1) + stage) * (months.max() + 1) + months
        order = np.argsort(key, kind="stable")
        key = key[order]
        exits = exits[order[np.append(key[1:] != key[:-1], True)]]
    result: dict[str, Events] = {}
    for outcome, name in enumerate(PHASES):
        mine = exits[exits[:, 3] == outcome]
        rows = mine[:, 0]
        codes = {"stage": mine[:, 1].astype(np.int32)}
        days = mine[:, 2].astype(np.int32)
        result[name] = Events(name, "opportunities", rows, days, account[rows], own.take(rows), {}, codes)
    return result


def _exits(dataset: Dataset) -> NDArray[np.int64]:
    """Every exit, shape (n, 4): opportunity row, stage, day, outcome; in the order of the paths.

    A stage is left by the next step, if that is a closing or another stage. Steps after a closing do not leave a stage,
    and unlisted stages are ignored.
    """
    count, skipping = len(dataset.settings.stages), not dataset.settings.toggles.strict_stages
    row, day, step = _steps(dataset)
    leaves = (row[1:] == row[:-1]) & (step[:-1] >= 0) & (step[1:] != step[:-1])
    row, day, stage, to = row[1:][leaves], day[1:][leaves], step[:-1][leaves], step[1:][leaves]
    outcome = np.where(to == _LOST_DEAL, _LOST, np.where((to == _WON) | (to > stage), _ADVANCED, _REGRESSED))
    found = np.stack([row, stage, day, outcome], axis=1)
    if not skipping:
        return found
    end = np.where(to == _WON, count, to)  # the skipped stages between advance too; won: all later ones
    skipped = np.maximum(end - stage - 1, 0)
    counts = skipped + 1
    every = np.repeat(found, counts, axis=0)
    behind = np.arange(len(every)) - np.repeat(np.cumsum(counts) - counts, counts)  # 0 for the stage that was left
    every[:, 1] += behind
    every[behind > 0, 3] = _ADVANCED
    return every


def _steps(dataset: Dataset) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The paths of the opportunities that have a history, sorted by row and time: row, day and step of each, as the
    place of a listed stage or a closing.

    The closing is placed on the closing date with the opportunity's own outcome, after the rows of that day and instead
    of that day's rows in closed stages; a history without the closing still ends there.
    """
    nothing = np.empty(0, dtype=np.int64)
    if "opportunity_history" not in dataset.tables:
        return nothing, nothing, nothing
    history, table = dataset.tables["opportunity_history"], dataset.tables["opportunities"]
    words, row, day = history.texts("stage"), dataset.history_code.astype(np.int64), history["changed_at"]
    closed_on = table["closed_on"]
    step = np.array([*_step_codes(dataset, words.distinct), _NO_STEP], dtype=np.int64)[words.codes]
    kept = (step != _NO_STEP) & ~(np.isin(step, (_WON, _LOST_DEAL)) & (day == closed_on[row]))
    has_history = np.bincount(row, minlength=len(table)) > 0
    ends = np.flatnonzero(has_history & (closed_on != NEVER))
    outcome = np.where(table.texts("status").is_text("won")[ends], _WON, _LOST_DEAL)
    rows, days = np.concatenate([row[kept], ends]), np.concatenate([day[kept], closed_on[ends]]).astype(np.int64)
    blocks = list(
        in_order(rows, days, kept=np.concatenate([step[kept], outcome]))
    )  # a closing is behind its day's rows
    if not blocks:
        return nothing, nothing, nothing
    rows, days = (np.concatenate([columns[at] for columns, _ in blocks]).astype(np.int64) for at in (0, 1))
    return rows, days, np.concatenate([steps for _, steps in blocks])


def _step_codes(dataset: Dataset, words: Iterable[str]) -> Iterator[int]:
    """The meaning of each word of a history on a path."""
    won, lost = closed_stages(dataset.settings)
    position = {stage: at for at, stage in enumerate(dataset.settings.stages)}
    for word in words:
        folded = word.casefold()
        yield _WON if folded in won else _LOST_DEAL if folded in lost else position.get(word, _NO_STEP)
