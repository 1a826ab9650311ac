"""The seam below the facts: what millions of activities and buying stages come to, in a few named functions.

Facts and reports ask :class:`Reductions` for arrays over account codes and never for the rows. It answers from tables
in codes: one byte a row for a source or a kind, four for an account, so that fifty million rows fit into memory. A
warehouse's tables are read into such tables as well: each different row leaves it once
(:mod:`segxl.sources.warehouse.reduction`).

``account`` is a code of the dataset's ``account_ids``; days are int32 since 1970-01-01; a *sight* is a source with a
kind, ``source * len(KINDS) + kind`` by their places in :data:`SOURCES` and :data:`KINDS`. Categories are named, and
compared without case; None takes all rows. Rows of retargeting and rows after the cut-off are gone before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segxl.periods import ALWAYS, NEVER, Days
from segxl.tables.codes import Codes, Mask, gathered, in_order
from segxl.tables.contracts import BUYING_STAGES, KINDS, SOURCES, AnyDays, Table
from segxl.tables.text_column import AnyCodes, TextColumn

Ranks = NDArray[np.int8]
"""Places in :data:`BUYING_STAGES`, from 1; 0: no stage."""
StageKind = Literal["snapshots", "changes"]
SIGHTS = len(SOURCES) * len(KINDS)
Places = Callable[[TextColumn], tuple[AnyCodes, Codes]]
"""Codes of a column's texts, and the account of each text."""


def sight(source: str, kind: str) -> int:
    """The number of a source with a kind."""
    return SOURCES.index(source) * len(KINDS) + KINDS.index(kind)


@dataclass(frozen=True, eq=False)
class StageStays:
    """Buying stages of accounts, sorted by account: each holds from ``since`` to the day before ``until``.

    Attributes:
        account: of those that have stays, in order.
        first: where each account's stays begin.
        since, until, rank: of each stay, shape (stays,). Days are int16 where all fit; the last one is then
            :data:`NEVER`.
        category: its code among the table's categories, -1 where blank; None if the table has none.
    """

    account: Codes
    first: NDArray[np.int64]
    since: AnyDays
    until: AnyDays
    rank: Ranks
    category: Codes | None = None

    def held(self, first: int, last: int, category: int | None = None) -> Mask:
        """The stays that hold on some day from first to last."""
        held = self.since <= last
        held &= self.until > min(first, np.iinfo(self.until.dtype).max - 1)
        if category is not None and self.category is not None:
            held &= self.category == category
        return held

    def highest(self, accounts: int, first: int, last: int, category: int | None = None) -> Ranks:
        """The highest rank of each account on the days from first to last, shape (accounts,)."""
        highest: Ranks = np.zeros(accounts, dtype=np.int8)
        if len(self.first):
            ranks = self.held(first, last, category).view(np.int8)
            ranks *= self.rank
            highest[self.account] = np.maximum.reduceat(ranks, self.first)
        return highest


@dataclass(frozen=True)
class Categories:
    """The product categories of a table's rows: ``codes`` among ``names``, -1 where blank; None without the column."""

    names: tuple[str, ...]
    codes: Codes

    @classmethod
    def of(cls, table: Table | None) -> Categories | None:
        """From a table's ``product_category``; names are written as at their first occurrence and compared without
        case."""
        if table is None or "product_category" not in table.given:
            return None
        codes, words = table.texts("product_category").codes, table.texts("product_category").distinct
        folded: dict[str, int] = {}
        names: list[str] = []
        translated = []
        for word in words:
            key = str(word).strip().casefold()
            if key and key not in folded:
                folded[key] = len(names)
                names.append(str(word).strip())
            translated.append(folded.get(key, -1))
        return cls(tuple(names), np.array([*translated, -1], dtype=np.int32)[codes])

    def code(self, name: str) -> int:
        """The code of a name, compared without case; -2 (no row's) for an unknown name."""
        folded = [one.casefold() for one in self.names]
        return folded.index(name.strip().casefold()) if name.strip().casefold() in folded else -2


class Reductions:
    """What activities and buying stages come to."""

    def __init__(self, tables: Mapping[str, Table], places: Places, accounts: int) -> None:
        """Of the prepared tables; ``places`` finds the accounts of a column, of which there are ``accounts``."""
        self._activities, self._stages = tables.get("activities"), tables.get("buying_stages")
        self._places, self._accounts = places, accounts
        self._kept: dict[StageKind, StageStays] = {}
        self._scans = 0

    @cached_property
    def activity_categories(self) -> Categories | None:
        """The categories of the activities."""
        return Categories.of(self._activities)

    @cached_property
    def stage_categories(self) -> Categories | None:
        """The categories of the buying stages."""
        return Categories.of(self._stages)

    def seen(self, first: int, last: int, category: str | None = None) -> Mask:
        """Distinct presence in the days from first to last: shape (sights, accounts)."""
        found = np.zeros(SIGHTS * self._accounts, dtype=bool)
        for places, _ in self._seen(first, last, category):
            found[places] = True
        return found.reshape(SIGHTS, self._accounts)

    def last_seen(self, day: int, category: str | None = None) -> Days:
        """The day of each account's last activity up to a day, shape (accounts,); :data:`NEVER` without one."""
        last = np.full(self._accounts, ALWAYS, dtype=np.int32)
        for places, days in self._seen(ALWAYS, day, category):
            np.maximum.at(last, places % self._accounts, days.astype(np.int32))
        last[last == ALWAYS] = NEVER
        return last

    def touched(self, sights: Collection[int]) -> tuple[Codes, Days]:
        """The account and the day of each activity with one of some sights, in the order of their days."""
        wanted = np.zeros(SIGHTS, dtype=bool)
        wanted[list(sights)] = True
        parts = [rows[wanted[self._sights(rows)]] for rows in self._rows(ALWAYS, NEVER)]
        if not parts:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32)
        rows = np.concatenate(parts)
        rows = rows[np.argsort(self._days[rows], kind="stable")]
        return self._accounts_of(rows), self._days[rows].astype(np.int32)

    def stays(self, kind: StageKind) -> StageStays:
        """The buying stages with the days on which they hold.

        A row of ``changes`` holds until the account's next row of that category; the last row of a day wins, by the
        order of the rows. A row of ``snapshots`` holds on its day.
        """
        assert self._stages is not None
        if kind not in self._kept:
            self._kept[kind] = self._made(self._stages, kind)
        return self._kept[kind]

    def _made(self, table: Table, kind: StageKind) -> StageStays:
        """A block of accounts at a time: the stays of a block go where all of them are kept."""
        codes, place = self._places(table.texts("account_id"))
        account = codes if _are_their_codes(place) else gathered(place, codes)
        days, given = table.days("date"), self.stage_categories
        since, until = (np.empty(len(table), dtype=days.dtype) for _ in range(2))
        ranks = np.empty(len(table), dtype=np.int8)
        categories = None if given is None else np.empty(len(table), dtype=np.int32)
        keys = [account, days] if given is None else [account, given.codes, days]
        never, done = np.iinfo(days.dtype).max, 0
        accounts: list[Codes] = []
        firsts: list[NDArray[np.int64]] = []
        for found, rank in in_order(*keys, kept=_places_among(BUYING_STAGES, table.texts("stage"), slice(None))):
            day = found[-1]
            if kind == "snapshots":
                end, held = day + np.int32(1), np.ones(len(day), dtype=bool)
            else:
                goes_on = np.logical_and.reduce([key[1:] == key[:-1] for key in found[:-1]])
                end = np.append(np.where(goes_on, day[1:], np.int32(never)), np.int32(never))
                held = end > day
            of = found[0][held]
            some = slice(done, done + len(of))
            since[some], until[some], ranks[some] = day[held], end[held], rank[held]
            if categories is not None:
                categories[some] = found[1][held]
            new = np.flatnonzero(np.append(True, of[1:] != of[:-1])[: len(of)])
            accounts.append(of[new])
            firsts.append(new + done)
            done += len(of)
        ranks += np.int8(1)
        return StageStays(
            np.concatenate([np.empty(0, dtype=np.int32), *accounts]),
            np.concatenate([np.empty(0, dtype=np.int64), *firsts]),
            since[:done],
            until[:done],
            ranks[:done],
            None if categories is None else categories[:done],
        )

    def _seen(self, first: int, last: int, category: str | None = None) -> Iterator[tuple[AnyCodes, AnyDays]]:
        """The place of each activity of some days in an answer, ``sight * accounts + account``, and its day.

        A question looks at all rows, until so many were asked that sorting the rows by day costs no more.
        """
        if category is None and self._scans >= _MOST_SCANS:
            places, days = self._by_day
            if len(days) and first <= days[-1] and last >= days[0]:
                start = np.searchsorted(days, days.dtype.type(max(first, days[0])))
                stop = np.searchsorted(days, days.dtype.type(min(last, days[-1])), "right")
                yield places[start:stop], days[start:stop]
            return
        self._scans += 1
        for rows in self._rows(first, last, category):
            yield self._in_answer(rows), self._days[rows]

    @cached_property
    def _by_day(self) -> tuple[AnyCodes, AnyDays]:
        """The place in an answer and the day of each activity, sorted by day."""
        days = np.empty(0, dtype=np.int32) if self._activities is None else self._days
        unsorted = np.empty(len(days), dtype=np.min_scalar_type(SIGHTS * self._accounts))
        places, in_turn = np.empty_like(unsorted), np.empty_like(days)
        for start in range(0, len(days), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            unsorted[some] = self._in_answer(some)
        done = 0
        for (day,), here in in_order(days, kept=unsorted):
            some = slice(done, done + len(day))
            places[some], in_turn[some], done = here, day, some.stop
        return places, in_turn

    def _in_answer(self, rows: NDArray[np.intp] | slice) -> NDArray[np.int64]:
        return self._sights(rows) * np.int64(self._accounts) + self._accounts_of(rows)

    def _rows(self, first: int, last: int, category: str | None = None) -> Iterator[NDArray[np.intp]]:
        """The activities of some days, in pieces that fit the processor's cache."""
        if self._activities is None:
            return
        given = None if category is None else self.activity_categories
        days = self._days
        for start in range(0, len(days), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            inside = days[some] >= first
            inside &= days[some] <= last
            if given is not None:
                assert category is not None
                inside &= given.codes[some] == given.code(category)
            if len(rows := np.flatnonzero(inside)):
                yield rows + start

    @cached_property
    def _days(self) -> AnyDays:
        assert self._activities is not None
        return self._activities.days("date")

    def _accounts_of(self, rows: NDArray[np.intp] | slice) -> Codes:
        codes, place = self._activity_accounts
        return codes[rows].astype(np.int32, copy=False) if place is None else place[codes[rows]]

    @cached_property
    def _activity_accounts(self) -> tuple[AnyCodes, Codes | None]:
        """Codes of the activities' accounts; None where the codes are the accounts', else the account of each."""
        assert self._activities is not None
        codes, place = self._places(self._activities.texts("account_id"))
        return codes, None if _are_their_codes(place) else place

    def _sights(self, rows: NDArray[np.intp] | slice) -> NDArray[np.uint8]:
        assert self._activities is not None
        found = _places_among(SOURCES, self._activities.texts("source"), rows)
        found *= np.uint8(len(KINDS))
        found += _places_among(KINDS, self._activities.texts("kind"), rows)
        return found


_ROWS_AT_ONCE = 1 << 17
_MOST_SCANS = 10
"""Questions that take about as long as sorting the activities by day; those after them take a tenth."""


def _are_their_codes(place: Codes) -> bool:
    """Whether the account of each text has the text's own code."""
    return bool((place == np.arange(len(place))).all())


def _places_among(words: tuple[str, ...], column: TextColumn, rows: NDArray[np.intp] | slice) -> NDArray[np.uint8]:
    """The place of the text of some rows among ``words``."""
    codes, texts = column.in_use
    return gathered(np.array([words.index(str(text)) for text in texts], dtype=np.uint8), codes[rows])
