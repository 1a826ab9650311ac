"""Presence: the days on which each account was seen, by source and kind, as codes that are made once.

The questions: :meth:`Presence.highest_stages`, :meth:`Presence.seen`, :meth:`Presence.last_seen`. Answers are arrays
over account codes, so that distinct counts are sums of masks and an account list is a mask's places. Accounts, sources,
kinds and categories are factorised once; a window is then two comparisons of integers.
"""

from __future__ import annotations

from functools import cached_property, partial

import numpy as np

from segxl.dataset.buying_signals import RETARGETING
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.facts.currency import Rates
from segxl.facts.pipeline import OpenPipeline, PipelineHistory
from segxl.periods import NEVER, Days, Window
from segxl.settings.how_to_set import of_table
from segxl.sources.reductions import Categories, Ranks, Reductions, StageKind, StageStays, sight
from segxl.tables.codes import Mask
from segxl.tables.contracts import KINDS, SOURCES, AnyDays

Sight = tuple[str, str]
"""A source and a kind."""


_MANY = 100_000
"""Buying stages from which sorting them takes longer than reading them sorted from the cache."""


class Presence:
    """Activities, buying stages and accounts of one dataset as arrays."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.size = len(dataset.account_ids)
        self.activities = dataset.tables.get("activities")
        self.stages = dataset.tables.get("buying_stages")
        self.opportunities = dataset.tables.get("opportunities")
        self._reduced = Reductions(dataset.tables, dataset.account_places, self.size)
        self.activity_categories = self._reduced.activity_categories
        self.stage_categories = self._reduced.stage_categories
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
        days: list[AnyDays] = []
        for table, names in (
            (self.activities, ("date",)),
            (self.stages, ("date",)),
            (self.opportunities, ("created_on", "closed_on")),
        ):
            days += [table.days(name) for name in names] if table is not None else []
        known = [part for one in days if len(part := one[one != NEVER] if (one == NEVER).any() else one)]
        return (min(int(part.min()) for part in known), max(int(part.max()) for part in known)) if known else None

    def highest_stages(self, window: Window, category: str | None = None) -> Ranks:
        """The highest buying stage of each account in a window: 0 none, 1 Target … 5 Purchase."""
        if self.stages is None:
            return np.zeros(self.size, dtype=np.int8)
        return self._stays.highest(self.size, *window.days, self._stage_category(category))

    def has_stages(self, window: Window, category: str | None = None) -> bool:
        """Whether any account has a recorded buying stage in a window."""
        if self.stages is None:
            return False
        return bool(self._stays.held(*window.days, self._stage_category(category)).any())

    def seen(self, window: Window, category: str | None = None) -> dict[Sight, Mask]:
        """For each source and kind, the accounts that had it in a window."""
        found = self._reduced.seen(*window.days, category)
        return {(source, kind): found[sight(source, kind)] for source in SOURCES for kind in KINDS}

    def last_seen(self, day: int, category: str | None = None) -> Days:
        """The last day with an activity of each account up to ``day``; :data:`NEVER` where there is none."""
        return self._reduced.last_seen(day, category)

    def _stage_category(self, name: str | None) -> int | None:
        return None if name is None or self.stage_categories is None else self.stage_categories.code(name)

    def blank_categories(self, chosen: str | None) -> dict[str, int]:
        """The number of rows per table that a chosen category excludes because theirs is blank; 0 if none is chosen."""
        tables = {
            "buying_stages": (self.stages, self.stage_categories),
            "activities": (self.activities, self.activity_categories),
        }
        return {
            name: 0 if table is None or one is None or chosen is None else table.count(one.codes == -1)
            for name, (table, one) in tables.items()
        }

    def open_at(self, day: int) -> OpenPipeline | None:
        """The opportunities open at the end of a day; None without opportunities."""
        return None if self.opportunities is None else self._pipeline.open_at(day)

    @cached_property
    def _pipeline(self) -> PipelineHistory:
        return PipelineHistory(self.dataset, self.rates)

    @cached_property
    def _stays(self) -> StageStays:
        kind = self.stage_kind
        make = partial(self._reduced.stays, kind)
        if self.stages is None or len(self.stages) < _MANY:
            return make()
        return self.dataset.shelf.get(f"stays-{kind}", StageStays, make)

    @property
    def stage_kind(self) -> StageKind:
        """``snapshots`` or ``changes``, by the settings or the known export.

        Raises:
            SegxlError: it is unknown or ambiguous, and the numbers would depend on a guess.
        """
        kinds, to_set = self.dataset.stage_kinds, of_table(self.dataset.settings, "buying_stages")
        if kinds == {"changes"}:
            return "changes"
        if kinds == {"snapshots"}:
            return "snapshots"
        if kinds <= {""}:
            snapshots = ("snapshots", " (a row per account and date)")
            changes = ("changes", " (a row per change, valid until the next one)")
            how = to_set.options("kind", (snapshots, changes))
            raise SegxlError(f"buying_stages: the kind of its rows is missing: {how}")
        raise SegxlError(f"{to_set.name('kind')}: set the same kind for all its files")
