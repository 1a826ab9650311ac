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
from segxl.tables.codes import Codes, Mask, rows_in_order
from segxl.tables.contracts import SOURCES, Table

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
        seen = np.zeros((self.size, len(BUYING_STAGES) + 1), dtype=bool)
        if self.stages is not None:
            stays = self._stays
            rows = np.flatnonzero(self._held(window, category))
            seen[stays.account[rows], stays.rank[rows]] = True
        seen[:, 0] = True
        highest: Ranks = (len(BUYING_STAGES) - np.argmax(seen[:, ::-1], axis=1)).astype(np.int8)
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
            held &= self._of(self.stage_categories, category, stays.row)
        return held

    def seen(self, window: Window, category: str | None = None) -> dict[Sight, Mask]:
        """For each source and kind, the accounts that had it in a window."""
        width = len(SOURCES) * len(KINDS)
        found = np.zeros((self.size, width), dtype=bool)
        if self.activities is not None:
            first, last = window.days
            days = self.activities["date"]
            inside = (days >= first) & (days <= last) & self._of(self.activity_categories, category)
            rows = np.flatnonzero(inside)
            found[self._activity_account[rows], self._sight[rows]] = True
        pairs = [(source, kind) for source in SOURCES for kind in KINDS]
        return {pair: found[:, at] for at, pair in enumerate(pairs)}

    def last_seen(self, day: int, category: str | None = None) -> Days:
        """The last day with an activity of each account up to ``day``; :data:`NEVER` where there is none."""
        none = np.iinfo(np.int32).min
        last = np.full(self.size, none, dtype=np.int64)
        if self.activities is not None:
            rows = (self.activities["date"] <= day) & self._of(self.activity_categories, category)
            np.maximum.at(last, self._activity_account[rows], self.activities["date"][rows].astype(np.int64))
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

    def _of(self, categories: Categories | None, name: str | None, rows: NDArray[np.int64] | None = None) -> Mask:
        """A mask of a category's rows: all if none is chosen or the column is missing."""
        if name is None or categories is None:
            return np.array(True)
        codes = categories.codes if rows is None else categories.codes[rows]
        chosen: Mask = codes == categories.code(name)
        return chosen

    @cached_property
    def _activity_account(self) -> Codes:
        assert self.activities is not None
        return self.dataset.account_codes(self.activities.texts("account_id"))

    @cached_property
    def _sight(self) -> NDArray[np.int32]:
        assert self.activities is not None
        source, kind = _codes(self.activities, "source", SOURCES), _codes(self.activities, "kind", KINDS)
        return source * len(KINDS) + kind

    @cached_property
    def _stays(self) -> _Stays:
        assert self.stages is not None
        table = self.stages
        account = self.dataset.account_codes(table.texts("account_id"))
        rank = _codes(table, "stage", BUYING_STAGES) + 1
        if self.stage_kind == "snapshots":
            return _Stays(np.arange(len(table)), account, rank, table["date"], table["date"] + 1)
        category = self._stage_category_words
        order = rows_in_order(account, category, table["date"])
        account, rank, day, category = account[order], rank[order], table["date"][order], category[order]
        goes_on = (account[1:] == account[:-1]) & (category[1:] == category[:-1])
        until = np.append(np.where(goes_on, day[1:], NEVER), NEVER)[: len(order)].astype(np.int32)
        held = until > day  # the last row of a day counts
        return _Stays(order[held], account[held], rank[held], day[held], until[held])

    @property
    def _stage_category_words(self) -> Codes:
        assert self.stages is not None
        if self.stage_categories is None:
            return np.zeros(len(self.stages), dtype=np.int32)
        return self.stage_categories.codes

    @property
    def stage_kind(self) -> str:
        """``snapshots`` or ``changes``, by the settings or the known export.

        Raises:
            SegxlError: it is unknown or ambiguous, and the numbers would depend on a guess.
        """
        kinds = self.dataset.stage_kinds
        if len(kinds) == 1 and (kind := next(iter(kinds))):
            return kind
        if kinds <= {""}:
            raise SegxlError(
                'tables.buying_stages.kind is missing: set "snapshots" (a row per account and date) or "changes" (a '
                "row per change, valid until the next one)"
            )
        raise SegxlError("tables.buying_stages.kind: set the same kind for all its files")


@dataclass(frozen=True)
class _Stays:
    """Stages with the days on which they apply: from ``since`` to the day before ``until``."""

    row: NDArray[np.int64]
    account: Codes
    rank: NDArray[np.int32]
    since: Days
    until: Days


def _codes(table: Table, name: str, words: tuple[str, ...]) -> NDArray[np.int32]:
    texts = table.texts(name)
    return np.array([words.index(str(word)) for word in texts.distinct], dtype=np.int32)[texts.codes]
