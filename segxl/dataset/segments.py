"""Segments: which accounts are members, and from when.

A segment is a list of members with intervals, a rule over the accounts' columns, or one of "one for each value of
this column". Attributes hold for all time. ``All accounts`` always exists and takes in every row, those without a
known account too. A row that names its segment itself belongs to that one alone (and to All accounts).
``In no segment`` is the rest: accounts that are in no segment on the day, and rows without an account, except rows that
name a segment. It is found by its name and is in no list of segments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError, nearest
from segxl.periods import ALWAYS, NEVER, Days, Window, to_day
from segxl.settings.how_to_set import setting_name
from segxl.settings.model import Settings
from segxl.tables.codes import Codes, Mask, positions
from segxl.tables.contracts import Table
from segxl.tables.text_column import TextColumn

ALL_ACCOUNTS = "All accounts"
IN_NO_SEGMENT = "In no segment"
NAMED_BY_ROWS = "rows that name it"
"""Where a segment comes from that no list and no rule defines."""


@dataclass(frozen=True)
class Segment:
    """One segment.

    Either ``everyone``, or ``accounts``: a mask over the account codes that holds for all time, or intervals:
    ``starts`` and ``ends`` (exclusive) of ``interval_account``, sorted by account and start, disjoint.
    ``others``: of In no segment the names of all segments. It has the rows without an account, but for those that name
    one of these segments.
    """

    name: str
    everyone: bool = False
    accounts: Mask | None = None
    interval_account: Codes | None = None
    starts: Days | None = None
    ends: Days | None = None
    created_on: int = ALWAYS
    origin: str = ""
    others: frozenset[str] | None = None

    def holds_between(self, accounts: Codes, first: Days | int, last: Days | int) -> Mask:
        """Which accounts (-1: none), shape (n,), were members on some day of their stretch ``first``..``last``."""
        if self.everyone:
            return np.ones(len(accounts), dtype=bool)
        if self.accounts is not None:
            padded = np.append(self.accounts, False)
            return padded[accounts]
        if self.interval_account is None or self.starts is None or self.ends is None or not len(self.starts):
            return np.zeros(len(accounts), dtype=bool)
        # Intervals are disjoint: the last one to start by the end of the stretch is the one that reaches furthest.
        at = np.searchsorted(_keys(self.interval_account, self.starts), _keys(accounts, last), side="right") - 1
        at = np.maximum(at, 0)
        same = self.interval_account[at] == accounts
        result: Mask = same & (self.starts[at] <= last) & (first < self.ends[at]) & (accounts >= 0)
        return result

    def members_in(self, window: Window, size: int) -> Mask:
        """The same for all of ``size`` accounts and one window, shape (size,); not for the segment of ``everyone``."""
        if self.accounts is not None:
            return self.accounts.copy()
        members = np.zeros(size, dtype=bool)
        if self.interval_account is not None and self.starts is not None and self.ends is not None:
            first, last = window.days
            members[self.interval_account[(self.starts <= last) & (first < self.ends)]] = True
        return members


def _keys(accounts: Codes, days: Days | int) -> NDArray[np.int64]:
    """Account and day in one sortable number."""
    return (accounts.astype(np.int64) << 32) + (np.asarray(days, dtype=np.int64) - ALWAYS)


@dataclass(frozen=True)
class Segments:
    """All segments, ``All accounts`` first, by name; of ``size`` account codes."""

    items: tuple[Segment, ...]
    size: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(segment.name for segment in self.items)

    def __getitem__(self, name: str) -> Segment:
        for segment in self.items:
            if segment.name == name:
                return segment
        for segment in self.items:
            if segment.name.casefold() == name.strip().casefold():
                return segment
        if name.strip().casefold() == IN_NO_SEGMENT.casefold():
            return self.rest
        raise SegxlError(f"no segment {name!r}{nearest(name, self.names)}; segments: {', '.join(self.names)}")

    @cached_property
    def rest(self) -> Segment:
        """``In no segment``: what no segment but All accounts takes."""
        named = [segment for segment in self.items if not segment.everyone]
        free = np.ones(self.size, dtype=bool)
        for segment in named:
            if segment.accounts is not None:
                free &= ~segment.accounts
        names = frozenset(segment.name for segment in named)
        if not any(segment.interval_account is not None and len(segment.interval_account) for segment in named):
            return Segment(IN_NO_SEGMENT, accounts=free, others=names)
        account, starts, ends = _gaps(named, free)
        return Segment(IN_NO_SEGMENT, interval_account=account, starts=starts, ends=ends, others=names)


def _gaps(segments: Iterable[Segment], free: Mask) -> tuple[Codes, Days, Days]:
    """The intervals in which the ``free`` accounts are listed in none of the segments, sorted by account and start."""
    listed = [
        (one.interval_account, one.starts, one.ends)
        for one in segments
        if one.interval_account is not None and one.starts is not None and one.ends is not None
    ]
    account, starts, ends = _union(*(np.concatenate(columns) for columns in zip(*listed, strict=True)))
    first = np.append(True, account[1:] != account[:-1])
    last = np.append(account[1:] != account[:-1], True)
    before = np.where(first, ALWAYS, np.append(ALWAYS, ends[:-1])).astype(np.int32)
    is_listed = np.zeros(len(free), dtype=bool)
    is_listed[account] = True
    alone = np.flatnonzero(free & ~is_listed).astype(np.int32)
    always, never = np.full(len(alone), ALWAYS, np.int32), np.full(len(alone), NEVER, np.int32)
    gap_account = np.concatenate([account, account[last], alone])
    gap_start = np.concatenate([before, ends[last], always])
    gap_end = np.concatenate([starts, np.full(int(last.sum()), NEVER, np.int32), never])
    kept = (gap_start < gap_end) & free[gap_account]
    order = np.lexsort((gap_start[kept], gap_account[kept]))
    return gap_account[kept][order], gap_start[kept][order], gap_end[kept][order]


def folded(name: str) -> str:
    """A segment's name for comparison: case and spaces do not matter."""
    return " ".join(name.split()).casefold()


def build_segments(
    settings: Settings,
    account_ids: Sequence[str],
    accounts: Table | None,
    segments: Table | None,
    members: Table | None,
    named_by_rows: Iterable[str],
    as_of: int,
) -> Segments:
    """All segments that the settings, the tables and the rows name, as they were on ``as_of``.

    A membership that starts later is not there yet; one that ends later has no end yet.

    ``account_ids`` are the account codes' ids; those of the accounts table come first, in its order.

    Raises:
        SegxlError: a name that is defined twice, or a column that the accounts do not have.
    """
    found: dict[str, Segment] = {ALL_ACCOUNTS: Segment(ALL_ACCOUNTS, everyone=True)}

    def add(segment: Segment) -> None:
        if segment.name.casefold() == IN_NO_SEGMENT.casefold():
            raise SegxlError(f"segment {segment.name!r} ({segment.origin}): this name is reserved; rename the segment")
        if before := next((one for one in found.values() if folded(one.name) == folded(segment.name)), None):
            other = f" as {before.name!r}" if before.name != segment.name else ""
            raise SegxlError(
                f"segment {segment.name!r} is defined twice ({before.origin or 'built in'}{other} "
                f"and {segment.origin}); rename one"
            )
        found[segment.name] = segment

    for segment in _by_column(settings, len(account_ids), accounts):
        add(segment)
    for segment in _by_rule(settings, len(account_ids), accounts):
        add(segment)
    listed = set(members["segment"]) if members is not None else set()
    for segment in _by_members(account_ids, segments, members, as_of):
        if segment.name in found and segment.name not in {ALL_ACCOUNTS, *listed}:
            found[segment.name] = _described(found[segment.name], segment.created_on)
        else:
            add(segment)
    for name in sorted(set(named_by_rows) - found.keys() - {""}):
        add(Segment(name, accounts=np.zeros(len(account_ids), dtype=bool), origin=NAMED_BY_ROWS))
    return Segments(tuple(found.values()), len(account_ids))


def _described(segment: Segment, created_on: int) -> Segment:
    """A segment by a rule or a column that has a row in the segments table too, with the creation of that row."""
    return segment if created_on == ALWAYS else replace(segment, created_on=created_on)


def _attribute(accounts: Table | None, name: str, *, size: int, origin: str) -> TextColumn:
    if accounts is None:
        raise SegxlError(f"{origin}: add the table accounts")
    known = {column.casefold(): column for column in accounts.columns}
    if name.casefold() not in known:
        near = nearest(name, accounts.columns) or f"; they have {', '.join(sorted(known.values())[:20])}"
        raise SegxlError(f"{origin}: the accounts have no column {name!r}{near}")
    column = accounts.columns[known[name.casefold()]]
    texts = TextColumn.of(column if isinstance(column, TextColumn) else column.astype(str).astype(object))
    return TextColumn.joined([texts, TextColumn.filled("", size - len(texts))]) if size > len(texts) else texts


def _by_column(settings: Settings, size: int, accounts: Table | None) -> Iterable[Segment]:
    by = settings.segments.by
    if by is None:
        return
    texts = _attribute(accounts, by, size=size, origin=setting_name(settings, "segments", "by"))
    names, codes = np.unique(texts.distinct.astype(str), return_inverse=True)
    codes = codes[texts.codes]
    origin = f"{setting_name(settings, 'segments', 'by')} = {by!r}"
    for code, name in enumerate(names):
        if name:
            yield Segment(str(name), accounts=codes == code, origin=origin)


def _of_rule(rule: Callable[[str], str], accounts: Table | None, size: int, column: str) -> TextColumn:
    return _attribute(accounts, column, size=size, origin=rule(column))


def _by_rule(settings: Settings, size: int, accounts: Table | None) -> Iterable[Segment]:
    from segxl.sources.rules import matches  # few need it, and it takes a while to import

    for named in settings.segments.named:
        origin = setting_name(settings, "segments", "named", named.name)
        rule = partial(setting_name, settings, "segments", "named", named.name, "where")
        attributes = partial(_of_rule, rule, accounts, size)
        mask = matches(named.where, attributes, size, rule, settings.decimal_of("accounts"))
        known = len(accounts) if accounts is not None else 0
        mask &= np.arange(size) < known  # an account that no table knows has no attributes to meet a rule with
        created = to_day(named.created_on) if named.created_on else ALWAYS
        yield Segment(named.name, accounts=mask, created_on=created, origin=origin)


def _by_members(
    account_ids: Sequence[str], segments: Table | None, members: Table | None, as_of: int
) -> Iterable[Segment]:
    created: dict[str, int] = {}
    if segments is not None:
        days = segments["created_on"]
        created = {
            str(name): ALWAYS if day == NEVER else int(day) for name, day in zip(segments["segment"], days, strict=True)
        }
    names = dict.fromkeys([*created, *(str(name) for name in (members["segment"] if members is not None else ()))])
    account = np.empty(0, dtype=np.int32)
    if members is not None:
        codes, texts = members.texts("account_id").in_use
        account = positions(texts, account_ids)[codes]
    for name in names:
        since = created.get(name, ALWAYS)
        mine = start = end = np.empty(0, dtype=np.int32)
        if members is not None:
            rows = members.texts("segment").is_text(name)
            mine, start, end = account[rows], members["start"][rows], members["end"][rows]
            start = np.where(start == NEVER, np.int32(since), start)
            end = np.where(end > as_of, np.int32(NEVER), end)
        begun = start <= as_of
        of, starts, ends = _union(mine[begun], start[begun], end[begun])
        yield Segment(name, interval_account=of, starts=starts, ends=ends, created_on=since, origin="segment_members")


def _union(account: Codes, start: Days, end: Days) -> tuple[Codes, Days, Days]:
    """Intervals of each account, overlapping and touching ones joined, empty ones dropped."""
    some = start < end
    order = np.flatnonzero(some)[np.argsort((account[some].astype(np.int64) << 32) + start[some], kind="stable")]
    account, start, end = account[order], start[order], end[order]
    before = account.astype(np.int64) << 32  # so that no account's end is behind the next account's
    latest = np.maximum.accumulate(before + end) - before
    begins = np.append(True, (account[1:] != account[:-1]) | (start[1:] > latest[:-1]))[: len(account)]
    last = np.append(begins[1:], True)[: len(account)]
    return account[begins], start[begins], latest[last].astype(np.int32)
