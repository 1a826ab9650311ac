"""The pipeline bridge: what leads from the open pipeline at the start of a window to that at its end.

It is walked over the days on which something changes, from the snapshots: what is open on a day and was not the evening
before has been created or reopened, and the other way round it was won or lost. Each event is dated, so that membership
on its day settles whose it is. Whatever enters or leaves the segment does so before anything else of its day, with the
amount of the evening before; and before that, on the first of a month, foreign amounts take the month's rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.facts.arrays import Cents, Mask, Scope
from segxl.facts.base import BaseFacts
from segxl.periods import Window, month_start, to_date, to_day, to_month

SIGNS: Mapping[str, int] = {
    "open_start": 1,
    "created": 1,
    "reopened": 1,
    "increased": 1,
    "entering": 1,
    "decreased": -1,
    "won": -1,
    "lost": -1,
    "leaving": -1,
}
"""The lines between the ends and the start itself, with their signs: together they are the open pipeline at the end."""

_EXCHANGE = "exchange"
_OF_A_DAY = ("created", "reopened", "changed", "won", "lost")

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Steps:
    """Dated steps of one kind: ``row`` in opportunities, ``day``, ``cents``."""

    row: Rows
    day: NDArray[np.int32]
    cents: Cents

    @classmethod
    def of(cls, parts: Iterable[tuple[Rows, int, Cents]]) -> Steps:
        """From the parts of each day."""
        found = list(parts)
        return cls(
            np.concatenate([np.empty(0, np.int64), *(row for row, _, _ in found)]),
            np.repeat(np.array([day for _, day, _ in found], np.int32), [len(row) for row, _, _ in found]),
            np.concatenate([np.empty(0, np.int64), *(cents for _, _, cents in found)]),
        )


class Bridge:
    """Bridges of one dataset, which must have opportunities.

    ``steps`` gives those of a window, the same for all segments; the caller keeps them, as they are costly.
    """

    def __init__(self, facts: BaseFacts, steps: Callable[[Window], Mapping[str, Steps]]) -> None:
        self._facts = facts
        self._steps = steps
        self._table = facts.dataset.tables["opportunities"]

    def lines(self, scope: Scope) -> dict[str, int]:
        """The bridge in cents: the lines of :data:`SIGNS`, each before its sign, and ``open_end``.

        ``increased`` and ``decreased`` are each opportunity's net change over the window: up and down again is neither.
        """
        first, last = scope.window.days
        lines = dict.fromkeys((*SIGNS, "open_end"), 0)
        lines["open_start"] = self._open(scope, first - 1)
        lines["open_end"] = self._open(scope, last)
        changed: dict[int, int] = {}
        for kind, found in self._steps(scope.window).items():
            # A rate moves before anybody enters or leaves: it is the matter of those who were members the day before.
            days = found.day - 1 if kind == _EXCHANGE else found.day
            kept = self._members(scope, found.row, days)
            if kind in lines:
                lines[kind] = sum(found.cents[kept].tolist())
                continue
            for row, cents in zip(found.row[kept].tolist(), found.cents[kept].tolist(), strict=True):
                changed[row] = changed.get(row, 0) + cents
        lines["increased"] = sum(cents for cents in changed.values() if cents > 0)
        lines["decreased"] = -sum(cents for cents in changed.values() if cents < 0)
        for day in self._days_of_joining(scope):
            before = np.flatnonzero(self._facts.pipeline.is_open(day - 1))
            was, now = self._members(scope, before, day - 1), self._members(scope, before, day)
            for name, moving in (("entering", now & ~was), ("leaving", was & ~now)):
                lines[name] += sum(self._facts.pipeline.worth(before[moving], day - 1, day).tolist())
        return lines

    def closed(self, scope: Scope, outcome: str) -> Rows:
        """The opportunities, rows of their table, that the bridge's line ``won`` or ``lost`` takes out of the pipeline.

        Not those that history shows reopened later: their outcome is a later one.
        """
        found = self._steps(scope.window)[outcome]
        kept = self._members(scope, found.row, found.day)
        kept &= ~self._facts.pipeline.reopened_after(found.row, found.day)
        return np.unique(found.row[kept])

    def _open(self, scope: Scope, day: int) -> int:
        stock = self._facts.open_at(day)
        return sum(stock.cents[self._members(scope, stock.row, day)].tolist())

    def _members(self, scope: Scope, rows: Rows, days: NDArray[np.int32] | int) -> Mask:
        when = days if scope.member_on is None else scope.member_on
        account = self._facts.opportunities.account[rows]
        return self._facts.dataset.segments[scope.segment].holds(account, when, self._table["segment"][rows])

    def _days_of_joining(self, scope: Scope) -> list[int]:
        """The days of a window on which somebody enters or leaves the segment."""
        segment = self._facts.dataset.segments[scope.segment]
        if scope.member_on is not None or segment.starts is None or segment.ends is None:
            return []
        first, last = scope.window.days
        days = np.unique(np.concatenate([segment.starts, segment.ends]))
        found: list[int] = days[(first <= days) & (days <= last)].tolist()
        return found


def steps(facts: BaseFacts, window: Window) -> dict[str, Steps]:
    """The steps from the evening before a window to that of its last day, by kind, whoever is a member."""
    first, last = window.days
    table = facts.dataset.tables["opportunities"]
    days, codes = facts.pipeline.changes(first, last)
    rows, at = np.unique(codes, return_inverse=True)
    history = facts.pipeline.among(rows)
    found: dict[str, list[tuple[Rows, int, Cents]]] = {kind: [] for kind in _OF_A_DAY}
    was_open = history.is_open(first - 1)
    for day in np.unique(days).tolist():
        is_open = history.is_open(day)
        here = np.unique(at[days == day])
        before, after = history.worth(here, day - 1, day), history.worth(here, day, day)
        was, opens = was_open[here], is_open[here]
        won, lost = history.closed_as(here, day)
        created = (table["created_on"][rows[here]] == day) & (opens | won | lost)
        there = was | created
        for kind, kept, cents in (
            ("created", created, before),
            ("reopened", opens & ~there, after),
            ("changed", there & (after != before), after - before),
            ("won", there & ~opens & won, after),
            ("lost", there & ~opens & lost, after),
        ):
            found[kind].append((rows[here[kept]], day, cents[kept]))
        was_open = is_open
    walked = {kind: Steps.of(parts) for kind, parts in found.items()}
    return {_EXCHANGE: Steps.of(_revalued(facts, first, last)), **walked}


def _revalued(facts: BaseFacts, first: int, last: int) -> Iterable[tuple[Rows, int, Cents]]:
    """What the rates of a new month make of that which was open the evening before."""
    for day in _firsts_of_months(first, last):
        stock = facts.open_at(day - 1)
        change = facts.pipeline.worth(stock.row, day - 1, day) - stock.cents
        yield stock.row[change != 0], day, change[change != 0]


def _firsts_of_months(first: int, last: int) -> list[int]:
    months = range(to_month(to_date(first)), to_month(to_date(last)) + 1)
    return [day for day in (to_day(month_start(month)) for month in months) if first <= day <= last]
