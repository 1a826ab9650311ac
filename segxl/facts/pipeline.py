"""The open pipeline at the end of any day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.model import Dataset
from segxl.dataset.opportunities import closed_stages
from segxl.facts.arrays import Cents
from segxl.facts.currency import Rates
from segxl.periods import ALWAYS, NEVER, Days
from segxl.tables.codes import Codes, Mask
from segxl.tables.contracts import NO_MONEY, Table
from segxl.tables.text_column import TextColumn

OTHER = "Other"
UNKNOWN = "unknown"
NO_STAGE = -1
"""The code of a stage that was not recorded."""


@dataclass(frozen=True)
class OpenPipeline:
    """Opportunities open at the end of ``day``.

    ``row``: rows in opportunities, shape (n,); ``stage``: code among :attr:`PipelineHistory.stages`; ``cents``: the
    amount on that day in the reporting currency; ``expected``: each expected close date known on that day.
    ``unreconstructed`` marks rows whose stage on that day was not recorded.
    """

    day: int
    row: NDArray[np.int64]
    stage: Codes
    cents: Cents
    expected: Days
    unreconstructed: Mask
    without_rate: Mask


class PipelineHistory:
    """The opportunities open on any day, from the opportunities and their history."""

    def __init__(self, dataset: Dataset, rates: Rates, rows: NDArray[np.int64] | None = None) -> None:
        """From all opportunities, or some ``rows`` of them, which then count from 0."""
        listed = dataset.settings.stages
        self.stages: tuple[str, ...] = (*listed, *(word for word in (OTHER, UNKNOWN) if word not in listed))
        self._dataset, self._rates = dataset, rates
        whole = dataset.tables["opportunities"]
        self._table = whole if rows is None else whole.take(rows)
        self._code_of = {stage: code for code, stage in enumerate(listed)}
        won, lost = closed_stages(dataset.settings)
        self._history: _History | None = None
        if "opportunity_history" in dataset.tables:
            history, code = dataset.tables["opportunity_history"], dataset.history_code
            if rows is not None:
                place = np.full(len(whole), -1, dtype=np.int32)
                place[rows] = np.arange(len(rows), dtype=np.int32)
                history, code = history.take(place[code] >= 0), place[code][place[code] >= 0]
            self._history = _History(history, code, won, lost, len(self._table), self._stage_codes)

    @cached_property
    def open_stretches(self) -> tuple[NDArray[np.int64], Days, Days]:
        """Row, first and last day of each stretch in which an opportunity was open; its closing day belongs to it.

        One that is open still runs until :data:`segxl.periods.NEVER`. Where history shows a closing before the last
        one, the stretches come from :meth:`open_at` on each day on which something changed.
        """
        table, history = self._table, self._history
        start = np.minimum(table["created_on"], table["closed_on"])
        rows = np.arange(len(table), dtype=np.int64)
        if history is None:
            return rows, np.where(start < table["created_on"], table["closed_on"], start), table["closed_on"]
        winding = np.unique(history.winding(table["closed_on"])).astype(np.int64)
        is_straight = np.ones(len(rows), dtype=bool)
        is_straight[winding] = False
        straight = rows[is_straight]
        pieces = [(straight, start[straight], table["closed_on"][straight])]
        if len(winding):
            alone = self.among(winding)
            found = np.array(alone._winding_stretches(), dtype=np.int64).reshape(-1, 3)
            pieces.append((winding[found[:, 0]], found[:, 1].astype(np.int32), found[:, 2].astype(np.int32)))
        row, first, last = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        return row, first.astype(np.int32), last.astype(np.int32)

    def among(self, rows: NDArray[np.int64]) -> PipelineHistory:
        """The history of only some opportunities, which then count from 0; called on the history of all."""
        return PipelineHistory(self._dataset, self._rates, rows)

    def _winding_stretches(self) -> list[tuple[int, int, int]]:
        table, history = self._table, self._history
        assert history is not None
        days = np.unique(np.concatenate([table["created_on"], table["closed_on"], history.days]))
        days = days[days != NEVER]
        found: list[tuple[int, int, int]] = []
        since: dict[int, int] = {}
        for day in days.tolist():
            now = set(self.open_at(day).row.tolist())
            found += [(row, since.pop(row), day - 1) for row in list(since) if row not in now]
            for row in now:
                since.setdefault(row, day)
        found += [(row, start, NEVER) for row, start in since.items()]
        closed = table["closed_on"]
        return found + [(row, int(closed[row]), int(closed[row])) for row in np.flatnonzero(closed != NEVER).tolist()]

    def open_at(self, day: int) -> OpenPipeline:
        """The opportunities open at the end of ``day``.

        Open: created by ``day``; the last history row up to ``day`` is not in a closed stage; and the closing date is
        blank, later, or before a reopening in history up to ``day``. The stage is that of the last history row. Without
        one it is ``unknown``, unless the opportunity has no history at all and is still open.
        """
        table, history = self._table, self._history
        rows = np.flatnonzero(self.is_open(day))
        last = np.full(len(rows), -1, dtype=np.int64)
        bare = np.ones(len(rows), dtype=bool)
        if history is not None:
            last, bare = history.last_by(day)[rows], history.bare[rows]

        stage = np.where(bare & self._is_open_now[rows], self._stage_now[rows], NO_STAGE)
        cents, expected = table["amount"][rows], table["expected_close_on"][rows]
        if history is not None:
            stage = np.where(last >= 0, history.stage[last], stage)
            cents, expected = history.amounts(rows, last, cents), history.expected(rows, last, expected)
        unknown = stage == NO_STAGE
        stage = np.where(unknown, self.stages.index(UNKNOWN), stage).astype(np.int32)
        currency = table.texts("currency").take(rows)
        converted, lacking = self._rates.convert(cents, currency, np.full(len(rows), day, np.int32))
        return OpenPipeline(day, rows, stage, converted, expected.astype(np.int32), unknown, lacking)

    def is_open(self, day: int) -> Mask:
        """A mask of all opportunities: open at the end of ``day``."""
        table, history = self._table, self._history
        result: Mask = (table["created_on"] <= day) & (table["closed_on"] > day)
        if history is not None:
            in_closed_stage = history.in_closed_stage[history.last_by(day)]
            reopened = (table["created_on"] <= day) & history.reopened_by(day, table["closed_on"])
            result = (result | reopened) & ~in_closed_stage
        return result

    def worth(self, rows: NDArray[np.int64], day: int, rates_of: int) -> Cents:
        """The amounts of opportunities at the end of ``day``, open or not, at the rates of another day's month."""
        cents = self._table["amount"][rows]
        if self._history is not None:
            cents = self._history.amounts(rows, self._history.last_by(day)[rows], cents)
        days = np.full(len(rows), rates_of, np.int32)
        return self._rates.convert(cents, self._table.texts("currency").take(rows), days)[0]

    def closed_as(self, rows: NDArray[np.int64], day: int) -> tuple[Mask, Mask]:
        """Masks of the opportunities won and lost on ``day``: by their status if it is their closing date, else by the
        stage of that day's last history row."""
        closing = self._table["closed_on"][rows] == day
        won: Mask = closing & (self._table["status"][rows] == "won")
        lost: Mask = closing & ~won
        if self._history is not None:
            by_stage, by_other = self._history.closed_on(rows, day)
            won, lost = won | (~closing & by_stage), lost | (~closing & by_other)
        return won, lost

    def reopened_after(self, rows: NDArray[np.int64], days: Days) -> Mask:
        """A mask: history shows the opportunity reopened later than its day in ``days``."""
        if self._history is None:
            return np.zeros(len(rows), dtype=bool)
        return self._history.last_reopening[rows] > days

    def changes(self, first: int, last: int) -> tuple[Days, NDArray[np.int64]]:
        """The days from ``first`` to ``last`` on which an opportunity may open, close or change, each with its row."""
        table = self._table
        rows = np.arange(len(table), dtype=np.int64)
        parts = [(table["created_on"], rows), (table["closed_on"], rows)]
        if self._history is not None:
            parts.append((self._history.days, self._history.codes))
        days, codes = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        kept = (first <= days) & (days <= last)
        return days[kept], codes[kept]

    @cached_property
    def _stage_now(self) -> Codes:
        return self._stage_codes(self._table.texts("stage"))

    @cached_property
    def _is_open_now(self) -> Mask:
        return self._table.texts("status").is_text("open")

    def _stage_codes(self, words: TextColumn) -> Codes:
        """The code of each row's stage; :data:`NO_STAGE` where it is blank."""
        other = self.stages.index(OTHER)
        codes = [NO_STAGE if word == "" else self._code_of.get(word, other) for word in words.distinct]
        return np.array([*codes, NO_STAGE], dtype=np.int32)[words.codes]


@dataclass(frozen=True)
class _Stated:
    """A column of the history, as each row's opportunity last stated it: ``latest`` by row, blank after them;
    ``first`` the first row of each opportunity, ``states`` whether any of its rows states it."""

    latest: NDArray[Any]
    blank: int
    first: NDArray[np.int64]
    states: Mask

    @classmethod
    def of(cls, values: NDArray[Any], blank: int, code: Codes, size: int) -> _Stated:
        stated = values != blank
        first = np.searchsorted(code, np.arange(size))
        latest = np.maximum.accumulate(np.where(stated, np.arange(len(code)), -1))
        return cls(
            np.append(np.where(latest >= first[code], values[latest], blank), blank),
            blank,
            first,
            np.bincount(code, weights=stated, minlength=size) > 0,
        )

    def at(self, rows: NDArray[np.int64], last: NDArray[np.int64], known: NDArray[Any]) -> NDArray[Any]:
        latest = self.latest[np.where(last >= 0, last, self.first[rows])]
        return np.where(self.states[rows], latest, known)


class _History:
    """History rows sorted by opportunity and time, ready for "the last one by day D" of all opportunities at once."""

    def __init__(
        self,
        table: Table,
        code: Codes,
        won: set[str],
        lost: set[str],
        size: int,
        stage_codes: Callable[[TextColumn], Codes],
    ) -> None:
        words = table.texts("stage")
        # One more at the end of each, for "no row", -1.
        self.stage = np.append(stage_codes(words), np.int32(NO_STAGE))
        self._in_won_stage = np.append(words.which(lambda word: word.casefold() in won), False)
        closed = words.which(lambda word: word.casefold() in won | lost)
        self.in_closed_stage = np.append(closed, False)
        self._size = size
        self._code = code
        self._day = table["changed_at"]
        self._start = np.searchsorted(code, np.arange(size + 1))
        self.bare = self._start[1:] == self._start[:-1]
        same = np.append(False, code[1:] == code[:-1])
        self._reopening = np.flatnonzero(same & ~closed & np.append(False, closed[:-1]))
        self._reopening_start = np.searchsorted(code[self._reopening], np.arange(size + 1))

        self._amounts = _Stated.of(table["amount"], NO_MONEY, code, size)
        self._expected = _Stated.of(table["close_date"], NEVER, code, size)

    def amounts(self, rows: NDArray[np.int64], last: NDArray[np.int64], known: Cents) -> Cents:
        """The amounts of opportunities ``rows`` whose last history row is ``last`` (-1: none yet).

        The last amount in history up to that row; blank amounts change nothing: rows with 10, blank, 12 give 10, 10,
        12. Before the first row, the first row's amount. ``known`` if no row of the opportunity has an amount.
        """
        return self._amounts.at(rows, last, known)

    def expected(self, rows: NDArray[np.int64], last: NDArray[np.int64], known: Days) -> Days:
        """The closing dates in history, read like :meth:`amounts`."""
        return self._expected.at(rows, last, known)

    @property
    def days(self) -> Days:
        """The day of each row."""
        return self._day

    @property
    def codes(self) -> NDArray[np.int64]:
        """The opportunity of each row."""
        return self._code.astype(np.int64)

    def closed_on(self, rows: NDArray[np.int64], day: int) -> tuple[Mask, Mask]:
        """Masks of the opportunities that the last row of ``day`` puts in a won stage, and in another closed stage."""
        last = self.last_by(day)[rows]
        closed = self.in_closed_stage[last] & (np.append(self._day, NEVER)[last] == day)
        won = self._in_won_stage[last]
        return closed & won, closed & ~won

    def winding(self, closed_on: Days) -> Codes:
        """A mask of opportunities with a row in a closed stage before their closing, or any row after it: they were not
        simply open from creation to closing."""
        last, closed = closed_on[self._code], self.in_closed_stage[:-1]
        return self._code[(closed & (self._day < last)) | (~closed & (self._day > last))]

    @cached_property
    def last_reopening(self) -> Days:
        """The day on which each opportunity was last reopened; ALWAYS for one that never was."""
        result = np.full(self._size, ALWAYS, dtype=np.int32)
        result[self._code[self._reopening]] = self._day[self._reopening]  # in order of time: the last one remains
        return result

    def last_by(self, day: int) -> NDArray[np.int64]:
        """The index of each opportunity's last row by the end of ``day``; -1 without."""
        return self._last(self._day, self._start, day)

    def reopened_by(self, day: int, closed_on: Days) -> Mask:
        """A mask of opportunities that history shows reopened by ``day``, after their closing date."""
        if not len(self._reopening):
            return np.zeros(self._size, dtype=bool)
        days = self._day[self._reopening]
        last = self._last(days, self._reopening_start, day)
        result: Mask = (last >= 0) & (closed_on < np.append(days, NEVER)[last])
        return result

    def _last(self, days: Days, start: NDArray[np.int64], day: int) -> NDArray[np.int64]:
        """The position of each opportunity's last day by ``day``; -1 without."""
        before = np.append(0, np.cumsum(days <= day))
        count = before[start[1:]] - before[start[:-1]]
        return np.where(count > 0, start[:-1] + count - 1, -1)
