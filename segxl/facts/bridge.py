"""The pipeline bridge: from the open pipeline at the start of a window to that at its end.

It is computed from snapshots on the days on which something changes: an opportunity that is open on a day and was not
the evening before was created or reopened; one that is no longer open was won or lost. Each event has a date, and
membership on that day decides its segment. Within a day the order is: on the first of a month, foreign amounts take the
month's rate; then accounts enter or leave the segment, at the amounts of the evening before; then everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.facts.answers import Asked
from segxl.facts.arrays import Cents, Scope, distinct
from segxl.facts.base import BaseFacts
from segxl.facts.membership import Taken
from segxl.facts.tracked import fact
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
        """From the parts of each day, joined."""
        found = list(parts)
        return cls(
            np.concatenate([np.empty(0, np.int64), *(row for row, _, _ in found)]),
            np.repeat(np.array([day for _, day, _ in found], np.int32), [len(row) for row, _, _ in found]),
            np.concatenate([np.empty(0, np.int64), *(cents for _, _, cents in found)]),
        )


class Bridge:
    """Bridges of one dataset, which must have opportunities."""

    def __init__(self, facts: BaseFacts) -> None:
        self._facts = facts

    def lines(self, scope: Scope) -> dict[str, int]:
        """The bridge in cents: the lines of :data:`SIGNS`, unsigned, and ``open_end``.

        ``increased`` and ``decreased`` are each opportunity's net change over the window; changes that cancel out are
        not counted.
        """
        group = self._facts.groups.of(scope.segment)
        lines = bridge_lines(self._facts, Asked(scope.window, scope.member_on, group))
        return {name: int(cents[group.code[scope.segment]]) for name, cents in lines.items()}

    def rows(self, scope: Scope) -> dict[str, tuple[Rows, Cents]]:
        """What each opportunity adds to the lines of :meth:`lines`, before their signs: rows of opportunities, of which
        one may be there several times, each with its cents."""
        facts, (first, last) = self._facts, scope.window.days
        group = facts.groups.of(scope.segment)
        asked, code = Asked(scope.window, scope.member_on, group), group.code[scope.segment]
        found: dict[str, tuple[Rows, Cents]] = {}
        for name, day in (("open_start", first - 1), ("open_end", last)):
            stock = facts.open_at(day)
            mine = _rows_of(facts, asked, stock.row, day).of(code)
            found[name] = stock.row[mine], stock.cents[mine]
        changes = [(np.empty(0, np.int64), np.empty(0, np.int64))]
        for kind, steps_of in bridge_steps(facts, scope.window).items():
            mine = _taken(facts, kind, asked).of(code)
            if kind in SIGNS:
                found[kind] = steps_of.row[mine], steps_of.cents[mine]
            else:
                changes.append((steps_of.row[mine], steps_of.cents[mine]))
        row, change = (np.concatenate(parts) for parts in zip(*changes, strict=True))
        deal, at = np.unique(row, return_inverse=True)
        net = np.zeros(len(deal), np.int64)
        np.add.at(net, at, change)
        found["increased"], found["decreased"] = (deal[net > 0], net[net > 0]), (deal[net < 0], -net[net < 0])
        joined = [part for day in _days_of_joining(facts, asked) for part in _joining(facts, asked, day)]
        for name in ("entering", "leaving"):
            mine_of = [(rows[who == code], cents[who == code]) for line, who, rows, cents in joined if line == name]
            pairs = [(np.empty(0, np.int64), np.empty(0, np.int64)), *mine_of]
            found[name] = np.concatenate([rows for rows, _ in pairs]), np.concatenate([cents for _, cents in pairs])
        return found

    def closed(self, scope: Scope, outcome: str) -> Rows:
        """The opportunities, as rows of their table, in the bridge's line ``won`` or ``lost``.

        Not those that history shows reopened later: their outcome is a later one.
        """
        group = self._facts.groups.of(scope.segment)
        found = bridge_steps(self._facts, scope.window)[outcome]
        kept = _taken(self._facts, outcome, Asked(scope.window, scope.member_on, group)).of(group.code[scope.segment])
        kept = kept[~self._facts.pipeline.reopened_after(found.row[kept], found.day[kept])]
        return distinct(found.row[kept])


@fact
def bridge_lines(facts: BaseFacts, asked: Asked) -> Mapping[str, Cents]:
    """The lines of :meth:`Bridge.lines` in cents, each by segment."""
    first, last = asked.window.days
    lines = {name: np.zeros(len(asked.group), dtype=np.int64) for name in (*SIGNS, "open_end")}
    lines["open_start"] = _open(facts, asked, first - 1)
    lines["open_end"] = _open(facts, asked, last)
    rows = len(facts.opportunities.account)
    keys, changes = [], []
    for kind, found in bridge_steps(facts, asked.window).items():
        taken = _taken(facts, kind, asked)
        cents = found.cents[taken.event]
        if kind in lines:
            lines[kind] = taken.sums(cents)
        else:
            keys.append(taken.segment * rows + found.row[taken.event])
            changes.append(cents)
    deal, change = np.concatenate(keys), np.concatenate(changes)
    order = np.argsort(deal, kind="stable")
    deal, change = deal[order], change[order]
    first_of = np.flatnonzero(np.append(True, deal[1:] != deal[:-1])[: len(deal)])
    net = np.add.reduceat(change, first_of) if len(deal) else change
    segment = deal[first_of] // max(rows, 1)
    np.add.at(lines["increased"], segment[net > 0], net[net > 0])
    np.add.at(lines["decreased"], segment[net < 0], -net[net < 0])
    for day in _days_of_joining(facts, asked):
        for name, segment, _, cents in _joining(facts, asked, day):
            np.add.at(lines[name], segment, cents)
    return lines


@fact
def bridge_steps(facts: BaseFacts, window: Window) -> Mapping[str, Steps]:
    """The steps of a window by kind, for any segment."""
    return steps(facts, window)


@fact
def _taken(facts: BaseFacts, kind: str, asked: Asked) -> Taken:
    """The segments of each step of a kind. A rate changes before accounts enter or leave, so it counts for the members
    of the day before."""
    found = bridge_steps(facts, asked.window)[kind]
    days = found.day - 1 if kind == _EXCHANGE else found.day
    return _rows_of(facts, asked, found.row, days)


def _open(facts: BaseFacts, asked: Asked, day: int) -> Cents:
    stock = facts.open_at(day)
    taken = _rows_of(facts, asked, stock.row, day)
    return taken.sums(stock.cents[taken.event])


def _rows_of(facts: BaseFacts, asked: Asked, rows: Rows, days: NDArray[np.int32] | int) -> Taken:
    when = days if asked.member_on is None else asked.member_on
    return facts.row_stays(asked.group).taken(facts.opportunities.account[rows], when, facts.own_segment.take(rows))


def _days_of_joining(facts: BaseFacts, asked: Asked) -> list[int]:
    """The days of a window on which an account enters or leaves a segment."""
    if asked.member_on is not None:
        return []
    first, last = asked.window.days
    stays = facts.row_stays(asked.group)
    days = distinct(np.concatenate([stays.since, stays.until]))
    found: list[int] = days[(first <= days) & (days <= last)].tolist()
    return found


def _joining(facts: BaseFacts, asked: Asked, day: int) -> Iterable[tuple[str, Rows, Rows, Cents]]:
    """The amounts that enter and leave segments on a day: segment codes, and the amounts of the evening before."""
    stays = facts.row_stays(asked.group)
    deals, first = _deals_by_account(facts)
    is_open = facts.pipeline.is_open(day - 1)
    for name, moving in (("entering", stays.since == day), ("leaving", stays.until == day)):
        account = stays.account[moving]
        count = first[account + 1] - first[account]
        segment = np.repeat(stays.segment[moving], count)
        deal = deals[np.arange(len(segment)) + np.repeat(first[account] - (np.cumsum(count) - count), count)]
        there = is_open[deal]
        yield name, segment[there], deal[there], facts.pipeline.worth(deal[there], day - 1, day)


@fact
def _deals_by_account(facts: BaseFacts) -> tuple[Rows, Rows]:
    """The opportunities whose rows do not name a segment, by account, and the start of each account's opportunities."""
    account = facts.opportunities.account
    rows = np.flatnonzero(facts.own_segment.is_text("") & (account >= 0))
    rows = rows[np.argsort(account[rows], kind="stable")]
    return rows, np.searchsorted(account[rows], np.arange(len(facts.dataset.account_ids) + 1))


def steps(facts: BaseFacts, window: Window) -> dict[str, Steps]:
    """The steps from the evening before a window to its last evening, by kind, for any segment."""
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
    """The effect of a new month's rates on the amounts open the evening before."""
    for day in _firsts_of_months(first, last):
        stock = facts.open_at(day - 1)
        change = facts.pipeline.worth(stock.row, day - 1, day) - stock.cents
        yield stock.row[change != 0], day, change[change != 0]


def _firsts_of_months(first: int, last: int) -> list[int]:
    months = range(to_month(to_date(first)), to_month(to_date(last)) + 1)
    return [day for day in (to_day(month_start(month)) for month in months) if first <= day <= last]
