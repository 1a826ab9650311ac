"""Presence: the days on which each account was seen, by source and kind, as codes that are made once.

The questions: :meth:`Presence.highest_stages`, :meth:`Presence.seen`, :meth:`Presence.last_seen`. Answers are arrays
over account codes, so that distinct counts are sums of masks and an account list is a mask's places. Accounts, sources,
kinds and categories are factorised once; a window is then two comparisons of integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.buying_signals import BUYING_STAGES, RETARGETING
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.facts.currency import Rates
from segxl.facts.pipeline import OpenPipeline, PipelineHistory
from segxl.periods import NEVER, Days, Window
from segxl.settings.how_to_set import of_table
from segxl.tables.codes import Codes, Mask, in_order
from segxl.tables.contracts import SOURCES, Table
from segxl.tables.text_column import AnyCodes

KINDS = ("intent", "reach", "engagement")
Ranks = NDArray[np.int8]
Sight = tuple[str, str]
"""A source and a kind."""


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


class Presence:
    """Activities, buying stages and accounts of one dataset as arrays."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.size = len(dataset.account_ids)
        self.activities = dataset.tables.get("activities")
        self.stages = dataset.tables.get("buying_stages")
        self.opportunities = dataset.tables.get("opportunities")
        self.activity_categories = Categories.of(self.activities)
        self.stage_categories = Categories.of(self.stages)
        self.opportunity_categories = Categories.of(self.opportunities)
        self.rates = Rates.of(dataset.settings.currency, dataset.tables.get("fx_rates"))

    @cached_property
    def known(self) -> Mask:
        """Accounts of the accounts table; without that table, all accounts that any table names."""
        if "accounts" not in self.dataset.tables:
            return np.ones(self.size, dtype=bool)
        known: Mask = np.arange(self.size) < len(self.dataset.tables["accounts"])
        return known

    @cached_property
    def sources(self) -> frozenset[str]:
        """Sources with any row up to the cut-off, retargeting included: they are connected."""
        return self.dataset.connected_sources

    @cached_property
    def retargeting(self) -> int:
        """The number of activities excluded as retargeting."""
        files = self.dataset.ledger.files
        return sum(entry.excluded.get(RETARGETING, 0) for entry in files if entry.table == "activities")

    @property
    def categories(self) -> tuple[str, ...]:
        """Product categories of stages, activities, opportunities and segments."""
        found = (self.stage_categories, self.activity_categories, self.opportunity_categories)
        names = {name.casefold(): name for one in found if one is not None for name in one.names}
        segments = self.dataset.tables.get("segments")
        if segments is not None:
            names |= {
                str(name).strip().casefold(): str(name).strip()
                for name in segments["product_category"]
                if str(name).strip() and str(name).strip().casefold() not in names
            }
        return tuple(names[key] for key in sorted(names))

    @property
    def has_categories(self) -> bool:
        """Whether any of the three tables has the column."""
        return any((self.stage_categories, self.activity_categories, self.opportunity_categories))

    @cached_property
    def extent(self) -> tuple[int, int] | None:
        """First and last day with dated data: a stage, an activity, an opportunity created or closed."""
        days: list[Days] = []
        for table, names in (
            (self.activities, ("date",)),
            (self.stages, ("date",)),
            (self.opportunities, ("created_on", "closed_on")),
        ):
            days += [table[name] for name in names] if table is not None else []
        known = [part for one in days if len(part := one[one != NEVER] if (one == NEVER).any() else one)]
        return (min(int(part.min()) for part in known), max(int(part.max()) for part in known)) if known else None

    def highest_stages(self, window: Window, category: str | None = None) -> Ranks:
        """The highest buying stage of each account in a window: 0 none, 1 Target … 5 Purchase."""
        highest: Ranks = np.zeros(self.size, dtype=np.int8)
        if self.stages is not None and len(self._stays.account):
            stays = self._stays
            held = np.where(self._held(window, category), stays.rank, np.int8(0))
            highest[stays.account[stays.first]] = np.maximum.reduceat(held, stays.first)
        return highest

    def has_stages(self, window: Window, category: str | None = None) -> bool:
        """Whether any account has a recorded buying stage in a window."""
        if self.stages is None:
            return False
        return bool(self._held(window, category).any())

    def _held(self, window: Window, category: str | None) -> Mask:
        """The stages that apply on some day of a window."""
        stays = self._stays
        first, last = window.days
        held = stays.since <= last
        held &= stays.until > first
        if category is not None:
            held &= _in_category(self.stage_categories, category, stays.category)
        return held

    def seen(self, window: Window, category: str | None = None) -> dict[Sight, Mask]:
        """For each source and kind, the accounts that had it in a window."""
        width = len(SOURCES) * len(KINDS)
        found = np.zeros((width, self.size), dtype=bool)
        if self.activities is not None:
            first, last = window.days
            days = self.activities["date"]
            inside = (days >= first) & (days <= last)
            if category is not None:
                inside &= _in_category(self.activity_categories, category)
            rows = np.flatnonzero(inside)
            found[self._sights_of(rows), self._accounts_of(rows)] = True
        pairs = [(source, kind) for source in SOURCES for kind in KINDS]
        return {pair: found[at] for at, pair in enumerate(pairs)}

    def last_seen(self, day: int, category: str | None = None) -> Days:
        """The last day with an activity of each account up to ``day``; :data:`NEVER` where there is none."""
        none = np.iinfo(np.int32).min
        last = np.full(self.size, none, dtype=np.int64)
        if self.activities is not None:
            seen = self.activities["date"] <= day
            if category is not None:
                seen &= _in_category(self.activity_categories, category)
            rows = np.flatnonzero(seen)
            np.maximum.at(last, self._accounts_of(rows), self.activities["date"][rows].astype(np.int64))
        return np.where(last == none, NEVER, last).astype(np.int32)

    def blank_categories(self, chosen: str | None) -> dict[str, int]:
        """The number of rows per table that a chosen category excludes because theirs is blank; 0 if none is chosen."""
        tables = {"buying_stages": self.stage_categories, "activities": self.activity_categories}
        return {
            name: 0 if one is None or chosen is None else int((one.codes == -1).sum()) for name, one in tables.items()
        }

    def open_at(self, day: int) -> OpenPipeline | None:
        """The opportunities open at the end of a day; None without opportunities."""
        return None if self.opportunities is None else self._pipeline.open_at(day)

    @cached_property
    def _pipeline(self) -> PipelineHistory:
        return PipelineHistory(self.dataset, self.rates)

    def _accounts_of(self, rows: NDArray[np.intp]) -> Codes:
        """The account of some activities."""
        codes, place = self._activity_accounts
        return place[codes[rows]]

    def _sights_of(self, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The source and kind of some activities, as one number."""
        assert self.activities is not None
        source, kind = _codes(self.activities, "source", SOURCES, rows), _codes(self.activities, "kind", KINDS, rows)
        return source * np.uint8(len(KINDS)) + kind

    @cached_property
    def _activity_accounts(self) -> tuple[AnyCodes, Codes]:
        assert self.activities is not None
        return self.dataset.account_places(self.activities.texts("account_id"))

    @cached_property
    def _stays(self) -> _Stays:
        assert self.stages is not None
        table, kind, given = self.stages, self.stage_kind, self.stage_categories
        rank = (_codes(table, "stage", BUYING_STAGES) + np.uint8(1)).view(np.int8)
        account = self.dataset.account_codes(table.texts("account_id"))
        category = np.zeros(len(table), dtype=np.int8) if given is None else given.codes
        (account, category, day), rank = in_order(account, category, table["date"], kept=rank)
        if kind == "snapshots":
            return _Stays.of(account, category, rank, day, day + 1)
        goes_on = (account[1:] == account[:-1]) & (category[1:] == category[:-1])
        until = np.append(np.where(goes_on, day[1:], np.int32(NEVER)), np.int32(NEVER))[: len(day)]
        held = until > day  # the last row of a day wins
        return _Stays.of(account[held], category[held], rank[held], day[held], until[held])

    @property
    def stage_kind(self) -> str:
        """``snapshots`` or ``changes``, by the settings or the known export.

        Raises:
            SegxlError: it is unknown or ambiguous, and the numbers would depend on a guess.
        """
        kinds, to_set = self.dataset.stage_kinds, of_table(self.dataset.settings, "buying_stages")
        if len(kinds) == 1 and (kind := next(iter(kinds))):
            return kind
        if kinds <= {""}:
            snapshots = ("snapshots", " (a row per account and date)")
            changes = ("changes", " (a row per change, valid until the next one)")
            how = to_set.options("kind", (snapshots, changes))
            raise SegxlError(f"buying_stages: the kind of its rows is missing: {how}")
        raise SegxlError(f"{to_set.name('kind')}: set the same kind for all its files")


@dataclass(frozen=True, eq=False)
class _Stays:
    """Stages with the days on which they hold: from ``since`` to the day before ``until``, sorted by account; ``first``
    is where each account's begin."""

    account: Codes
    category: Codes
    rank: Ranks
    since: Days
    until: Days
    first: NDArray[np.int64]

    @classmethod
    def of(cls, account: Codes, category: Codes, rank: Ranks, since: Days, until: Days) -> _Stays:
        """Of stays that are sorted by account."""
        first = np.flatnonzero(np.append(True, account[1:] != account[:-1])[: len(account)])
        return cls(account, category, rank, since, until, first)


def _codes(
    table: Table, name: str, words: tuple[str, ...], rows: NDArray[np.intp] | slice = slice(None)
) -> NDArray[np.uint8]:
    """The place of each row's text among ``words``."""
    codes, texts = table.texts(name).in_use
    return np.array([words.index(str(word)) for word in texts], dtype=np.uint8)[codes[rows]]


def _in_category(categories: Categories | None, name: str, codes: Codes | None = None) -> Mask:
    """Which rows are of a category; all where the table has no such column."""
    if categories is None:
        return np.array(True)
    chosen: Mask = (categories.codes if codes is None else codes) == categories.code(name)
    return chosen
