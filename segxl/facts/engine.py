"""The questions that everything above asks of the facts, answered in memory with numpy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segxl.currency import Rates
from segxl.dataset import Dataset
from segxl.facts import OPEN, Quantity
from segxl.facts.arrays import Cents, Dimension, Events, Mask, exact_sums
from segxl.facts.opportunities import OpportunityFacts, opportunity_facts
from segxl.facts.pipeline import OpenPipeline, PipelineHistory
from segxl.periods import Window, months_of, to_day, to_month


@dataclass(frozen=True)
class Scope:
    """Whose numbers, and when: a segment, a window, and the day that decides who is a member.

    ``member_on`` is None where each event's own day decides.
    """

    segment: str
    window: Window
    member_on: int | None = None


@dataclass(frozen=True)
class Found:
    """The rows behind a number: rows of ``table``, the day and the cents with which each one counts.

    ``stage`` is the stage code at the end of the window, for the open stock only.
    """

    table: str
    row: NDArray[np.int64]
    day: NDArray[np.int32]
    cents: Cents
    stage: NDArray[np.int32]


class Facts:
    """Events and stocks of one dataset.

    The questions: :meth:`labels`, :meth:`totals`, :meth:`rows`, :meth:`open_at`, :attr:`without_rate`.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._rates = Rates.of(dataset.settings.currency, dataset.tables.get("fx_rates"))
        self._cubes: dict[tuple[str, Quantity, str, int | None, str], _Cube] = {}
        self._masks: dict[tuple[str, str, int | None], Mask] = {}
        self._months: dict[str, NDArray[np.int32]] = {}
        self._open: dict[int, OpenPipeline] = {}

    @cached_property
    def opportunities(self) -> OpportunityFacts:
        """Events and dimensions of the opportunities."""
        return opportunity_facts(self.dataset, self._rates)

    @cached_property
    def pipeline(self) -> PipelineHistory:
        """The open pipeline of any day."""
        return PipelineHistory(self.dataset, self._rates)

    def open_at(self, day: int) -> OpenPipeline:
        """Opportunities open at the end of ``day``."""
        if day not in self._open:
            self._open[day] = self.pipeline.open_at(day)
        return self._open[day]

    def labels(self, by: str) -> tuple[str, ...]:
        """The items of a dimension, in the order in which they are shown; one blank item for no dimension."""
        if by == "":
            return ("",)
        if by == "stage":
            return self.pipeline.stages
        return self.opportunities.dimensions[by].labels

    def totals(self, events: str, quantity: Quantity, scope: Scope, by: str = "") -> list[int]:
        """What the events of a scope add up to, one exact integer for each label of ``by``.

        ``open`` is the stock at the end of the window; the others are the events dated in it.
        """
        if events == OPEN:
            return self._open_totals(quantity, scope, by)
        key = (events, quantity, scope.segment, scope.member_on, by)
        if key not in self._cubes:
            self._cubes[key] = self._cube(*key)
        return self._cubes[key].total(scope.window)

    def rows(self, events: str, scope: Scope, by: str = "", items: tuple[str, ...] = ()) -> Found:
        """The rows that :meth:`totals` counts, for some items of a dimension or for all of them."""
        first, last = scope.window.days
        if events == OPEN:
            stock = self.open_at(last)
            kept = self._open_mask(stock, scope)
            codes = self._open_codes(stock, by)
            row, day, cents, stage = stock.row, np.full(len(stock.row), last, np.int32), stock.cents, stock.stage
        else:
            found = self.opportunities.events[events]
            kept = self._mask(found, scope.segment, scope.member_on) & (found.day >= first) & (found.day <= last)
            codes = self._dimension(by).codes[found.row] if by else np.zeros(len(found), np.int32)
            row, day, cents, stage = found.row, found.day, found.quantities["cents"], np.zeros(len(found), np.int32)
        if items:
            labels = self.labels(by)
            kept = kept & np.isin(codes, [labels.index(item) for item in items if item in labels])
        return Found("opportunities", row[kept], day[kept], cents[kept], stage[kept])

    def without_rate(self) -> NDArray[np.int64]:
        """Rows of opportunities whose foreign amount has no rate in the month that counts."""
        return np.flatnonzero(self.opportunities.without_rate)

    def unreconstructed(self, scope: Scope) -> int:
        """How many open opportunities of a scope stand in a stage that nobody recorded."""
        stock = self.open_at(to_day(scope.window.end))
        return int((stock.unreconstructed & self._open_mask(stock, scope)).sum())

    def _dimension(self, by: str) -> Dimension:
        return self.opportunities.dimensions[by]

    def _mask(self, events: Events, segment: str, member_on: int | None) -> Mask:
        """Membership is settled on the event's day, before anything is added up."""
        key = (events.name, segment, member_on)
        if key not in self._masks:
            when = events.day if member_on is None else member_on
            self._masks[key] = self.dataset.segments[segment].holds(events.account, when, events.own)
        return self._masks[key]

    def _cube(self, events: str, quantity: Quantity, segment: str, member_on: int | None, by: str) -> _Cube:
        found = self.opportunities.events[events]
        if events not in self._months:
            self._months[events] = months_of(found.day)
        kept = self._mask(found, segment, member_on)
        months = self._months[events][kept]
        size = len(self.labels(by))
        codes = self._dimension(by).codes[found.row[kept]] if by else np.zeros(len(months), np.int32)
        first = int(months.min()) if len(months) else 0
        span = int(months.max()) - first + 1 if len(months) else 0
        cells = (months.astype(np.int64) - first) * size + codes
        if quantity == "count":
            sums = np.bincount(cells, minlength=span * size).tolist()
        else:
            sums = exact_sums(found.quantities[quantity][kept], cells, span * size)
        return _Cube(first, size, tuple(tuple(sums[at * size : (at + 1) * size]) for at in range(span)))

    def _open_mask(self, stock: OpenPipeline, scope: Scope) -> Mask:
        """A stock counts for those who are members at the window's end, whatever the toggle."""
        own = self.dataset.tables["opportunities"]["segment"][stock.row]
        return self.dataset.segments[scope.segment].holds(
            self.opportunities.account[stock.row], to_day(scope.window.end), own
        )

    def _open_codes(self, stock: OpenPipeline, by: str) -> NDArray[np.int32]:
        if by == "stage":
            return stock.stage
        return self._dimension(by).codes[stock.row] if by else np.zeros(len(stock.row), np.int32)

    def _open_totals(self, quantity: Quantity, scope: Scope, by: str) -> list[int]:
        stock = self.open_at(to_day(scope.window.end))
        kept = self._open_mask(stock, scope)
        codes, size = self._open_codes(stock, by)[kept], len(self.labels(by))
        if quantity == "count":
            return [int(count) for count in np.bincount(codes, minlength=size)]
        return exact_sums(stock.cents[kept], codes, size)


@dataclass(frozen=True)
class _Cube:
    """Sums by month and item: ``months[i][j]`` for month ``first + i`` and item ``j``."""

    first: int
    size: int
    months: tuple[tuple[int, ...], ...]

    def total(self, window: Window) -> list[int]:
        """Sums over the whole months of a window."""
        start = max(to_month(window.start) - self.first, 0)
        stop = max(to_month(window.end) - self.first + 1, 0)
        picked = self.months[start:stop]
        return [sum(column) for column in zip(*picked, strict=True)] if picked else [0] * self.size
