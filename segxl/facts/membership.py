"""Membership: the segments of an account, or a row, on a day, for a whole group of segments at once.

An account's memberships are *stays*: a segment with the days of membership. Accounts, events and revenue are joined to
the stays once, and a question is answered for all segments of the group by adding up over segment codes, without a loop
over segments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.segments import Segment, Segments
from segxl.facts.arrays import Cents
from segxl.periods import ALWAYS, NEVER, Days
from segxl.tables.codes import Codes, Mask
from segxl.tables.text_column import TextColumn

Places = NDArray[np.int64]
"""Positions in an array of events or accounts."""


@dataclass(frozen=True, eq=False)
class Group:
    """Segments that are answered together; ``code`` is each segment's place among them, by name."""

    segments: tuple[Segment, ...]

    @cached_property
    def code(self) -> dict[str, int]:
        """Each segment's code by its name."""
        return {segment.name: code for code, segment in enumerate(self.segments)}

    def __len__(self) -> int:
        return len(self.segments)


class Groups:
    """The groups of a dataset's segments. A segment asked for alone is its own group.

    Groups change what is computed at once, never a number.
    """

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._of: dict[str, Group] = {}

    def together(self, names: Iterable[str]) -> None:
        """Make one group of some segments, unless each of them is in one already."""
        names = list(dict.fromkeys(names))
        if any(name not in self._of for name in names):
            group = Group(tuple(self._segments[name] for name in names))
            self._of |= dict.fromkeys(names, group)

    def of(self, name: str) -> Group:
        """The group of a segment."""
        if name not in self._of:
            self.together([name])
        return self._of[name]


@dataclass(frozen=True, eq=False)
class Taken:
    """The events of each segment of a group: those of segment ``code`` are ``event[start[code] : start[code + 1]]``, in
    their order."""

    event: Places
    start: Places

    def of(self, code: int) -> Places:
        """The events of one segment."""
        return self.event[self.start[code] : self.start[code + 1]]

    @property
    def segment(self) -> Places:
        """The segment's code of each of ``event``."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def sums(self, values: Cents) -> Cents:
        """Sums by segment of ``values``, one for each of ``event``."""
        return _sums(values, self.start)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Each segment of a group with each account that is ever its member, sorted by segment, then account.

    ``segment`` and ``place``, shape (pairs,): codes of the segments, places in the accounts that were asked about.
    """

    segment: Places
    place: Places
    start: Places
    _pair: Places
    _since: NDArray[np.int64]
    _until: NDArray[np.int64]
    _on: dict[int, Mask] = field(default_factory=dict)

    def on(self, day: int) -> Mask:
        """A mask of the pairs whose account is a member on a day; kept, as many numbers ask for one day."""
        member = self._on.get(day)
        if member is None:
            member = self._on[day] = np.zeros(len(self.place), dtype=bool)
            member[self._pair[np.flatnonzero((self._since <= day) & (day < self._until))]] = True
            member.flags.writeable = False
        return member

    def sums(self, values: Cents) -> Cents:
        """Sums by segment of ``values``, one for each pair."""
        return _sums(values, self.start)


@dataclass(frozen=True, eq=False)
class Stays:
    """Members of the segments of a group, with their days.

    One row for each stay, sorted by account: ``account``, ``segment``, ``since`` and ``until`` (exclusive). ``first``
    (accounts + 1,) is where each account's stays begin. Segments of ``everyone`` have none: they take all rows.
    """

    group: Group
    account: Places
    segment: Places
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    first: Places
    everyone: tuple[int, ...] = ()

    @classmethod
    def of_rows(cls, group: Group, size: int) -> Stays:
        """The stays that decide the segments of a row or its revenue, for ``size`` accounts."""
        everyone = tuple(code for code, segment in enumerate(group.segments) if segment.everyone)
        return cls._joined(group, [_stays(segment, size) for segment in group.segments], size, everyone)

    @classmethod
    def of_market(cls, group: Group, segments: Segments, known: int) -> Stays:
        """The stays that decide in which segments' market (SOM) an account counts; the first ``known`` accounts are in
        the accounts table.

        All accounts: the accounts of the accounts table and all listed members of segments. In no segment: only
        accounts of the accounts table. Stays of one account may overlap.
        """
        size = segments.size
        parts = []
        for segment in group.segments:
            if segment.everyone:
                always = _always(np.arange(known))
                listed = [_stays(one, size) for one in segments.items if one.interval_account is not None]
                part = _under_each_other([always, *(_only(one, one[0] >= known) for one in listed)])
            else:
                part = _stays(segment, size)
                part = part if segment.others is None else _only(part, part[0] < known)
            parts.append(part)
        return cls._joined(group, parts, size)

    @classmethod
    def _joined(cls, group: Group, parts: list[_Columns], size: int, everyone: tuple[int, ...] = ()) -> Stays:
        account, since, until = _under_each_other(parts)
        segment = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
        order = np.argsort(account, kind="stable")
        account = account[order]
        first = np.append(0, np.cumsum(np.bincount(account, minlength=size)))
        return cls(group, account, segment[order], since[order], until[order], first, everyone)

    def at(self, account: Codes, days: Days | int) -> tuple[Places, Places]:
        """Segments of accounts (-1: none) on their days: pairs of a segment's code and a place in ``account``."""
        return self.between(account, days, days)

    def between(self, account: Codes, first: Days | int, last: Days | int) -> tuple[Places, Places]:
        """The same for any day of a stretch ``first``..``last``; one pair may be there several times."""
        first, last = (np.broadcast_to(days, len(account)) for days in (first, last))
        segments, places = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for start in range(0, len(account), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            members, count, stay = self._of(account[some])
            days = self._days.take(stay, mode="clip")
            kept = days["since"] <= np.repeat(last[some][members], count)
            kept &= np.repeat(first[some][members], count) < days["until"]
            here = np.flatnonzero(kept)
            segments.append(self.segment.take(stay.take(here, mode="clip"), mode="clip"))
            places.append(np.repeat(members + start, count).take(here, mode="clip"))
        return np.concatenate(segments), np.concatenate(places)

    @cached_property
    def _days(self) -> NDArray[np.void]:
        """The days of each stay next to each other: both are looked up at once."""
        found = np.empty(len(self.since), dtype=[("since", np.int64), ("until", np.int64)])
        found["since"], found["until"] = self.since, self.until
        return found

    def taken(self, account: Codes, days: Days | int, own: TextColumn) -> Taken:
        """The rows of each segment. A row that names its own segment counts for that one and All accounts only.

        ``account`` (-1: none), ``days`` and ``own`` (blank: none) of each row, shape (n,).
        """
        count, blank = len(account), own.is_text("")
        parts = [self.at(np.where(blank, account, np.int32(-1)), days)]
        if any(one.others is not None for one in self.group.segments):
            parts += self._without_account(np.flatnonzero(blank & (account < 0)))
        if not blank.all():
            parts += self._named(np.flatnonzero(~blank), own)
        segment, event = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        if len(parts) > 1:  # each part has its rows in order
            order = np.argsort(event, kind="stable")
            segment, event = segment[order], event[order]
        size = len(self.group)
        # codes of a byte or two are sorted in one or two passes, in a third of the time of whole keys
        event = event.take(np.argsort(segment.astype(np.min_scalar_type(size)), kind="stable"), mode="clip")
        taken = np.bincount(segment, minlength=size)
        taken[list(self.everyone)] = count
        start = np.append(0, np.cumsum(taken))
        for code in self.everyone:
            event = np.concatenate([event[: start[code]], np.arange(count), event[start[code] :]])
        return Taken(event, start)

    def pairs(self, account: Codes) -> Pairs:
        """The segments with the accounts that are ever their members, for distinct accounts."""
        count = max(len(account), 1)
        members, stays, stay = self._of(account)
        place = np.repeat(members, stays)
        everybody = np.arange(len(account))
        segment = np.concatenate([self.segment[stay], *(np.full(len(account), code) for code in self.everyone)])
        place = np.concatenate([place, *(everybody for _ in self.everyone)])
        always = _always(everybody)
        since = np.concatenate([self.since[stay], *(always[1] for _ in self.everyone)])
        until = np.concatenate([self.until[stay], *(always[2] for _ in self.everyone)])
        keys = segment * count + place
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        new = np.append(True, keys[1:] != keys[:-1])[: len(keys)]
        found = keys[new]
        start = np.searchsorted(found, np.arange(len(self.group) + 1) * count)
        return Pairs(found // count, found % count, start, np.cumsum(new) - 1, since[order], until[order])

    def _of(self, account: Codes) -> tuple[Places, Places, Places]:
        """All stays of accounts: the places in ``account`` of those who have any, how many, and these."""
        members = np.flatnonzero(self._is_member[account])  # of most segments few accounts are members
        start = self.first[account[members]]
        count = self.first[account[members] + 1] - start
        before = np.cumsum(count) - count
        stay = np.repeat(start - before, count)
        stay += np.arange(len(stay))
        return members, count, stay

    @cached_property
    def _is_member(self) -> Mask:
        """Accounts with a stay, and at the end, for -1, no account."""
        return np.append(self.first[1:] > self.first[:-1], False)

    def _without_account(self, rows: Places) -> Iterable[tuple[Places, Places]]:
        """Rows without an account: they are in no segment."""
        for code, segment in enumerate(self.group.segments):
            if segment.others is not None:
                yield np.full(len(rows), code), rows

    def _named(self, rows: Places, own: TextColumn) -> Iterable[tuple[Places, Places]]:
        """Rows that name a segment; a name that is not a segment's puts them in no segment."""
        codes, words = own.codes[rows], own.distinct
        lists = [code for code, one in enumerate(self.group.segments) if not one.everyone and one.others is None]
        code_of = {self.group.segments[code].name: code for code in lists}
        theirs = np.array([*(code_of.get(word, -1) for word in words), -1])[codes]
        yield theirs[theirs >= 0], rows[theirs >= 0]
        for code, segment in enumerate(self.group.segments):
            if segment.others is not None:
                free = np.array([*(word not in segment.others for word in words), False])[codes]
                yield np.full(int(free.sum()), code), rows[free]


_AT_ONCE = 1 << 13
"""Accounts whose stays are looked up together: with many segments these are a hundred thousand, which the processor's
cache holds."""

_Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""Account, since and until of some stays."""


def _stays(segment: Segment, size: int) -> _Columns:
    """The stays of a segment, sorted by account."""
    if segment.accounts is not None:
        return _always(np.flatnonzero(segment.accounts[:size]))
    if segment.interval_account is None or segment.starts is None or segment.ends is None:
        return _always(np.empty(0, dtype=np.int64))
    return (
        segment.interval_account.astype(np.int64),
        segment.starts.astype(np.int64),
        segment.ends.astype(np.int64),
    )


def _always(account: NDArray[np.int64]) -> _Columns:
    """Accounts that are members on every day."""
    return account, np.full(len(account), ALWAYS), np.full(len(account), NEVER + 1)


def _only(stays: _Columns, kept: Mask) -> _Columns:
    account, since, until = stays
    return account[kept], since[kept], until[kept]


def _under_each_other(parts: list[_Columns]) -> _Columns:
    account, since, until = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return account, since, until


def _sums(values: Cents, start: Places) -> Cents:
    """Exact sums of the values between each start and the next."""
    running = np.append(0, np.cumsum(values, dtype=np.int64))
    sums: Cents = running[start[1:]] - running[start[:-1]]
    return sums
