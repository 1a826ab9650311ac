"""The open pipeline as it stood at the end of a day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.load import Dataset
from segxl.dataset.opportunities import closed_stages
from segxl.facts.arrays import Cents, Codes, Mask
from segxl.facts.currency import Rates
from segxl.periods import ALWAYS, NEVER, Days
from segxl.tables.contracts import NO_MONEY, Table, Texts

OTHER = "Other"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class OpenPipeline:
    """Opportunities open at the end of ``day``.

    ``row``: rows in opportunities, shape (n,); ``stage``: code among :attr:`PipelineHistory.stages`; ``cents``: the
    amount of the time in the reporting currency; ``expected``: the day on which each was expected to close, as known
    then. ``unreconstructed`` marks those whose stage then nobody recorded.
    """

    day: int
    row: NDArray[np.int64]
    stage: Codes
    cents: Cents
    expected: Days
    unreconstructed: Mask
    without_rate: Mask


class PipelineHistory:
    """Answers what was open on any day, from the opportunities and their history."""

    def __init__(self, dataset: Dataset, rates: Rates, rows: NDArray[np.int64] | None = None) -> None:
        """Of all opportunities, or of some ``rows`` of them, which then count from 0."""
        listed = dataset.settings.stages
        self.stages: tuple[str, ...] = (*listed, *(word for word in (OTHER, UNKNOWN) if word not in listed))
        self._dataset, self._rates = dataset, rates
        whole = dataset.tables["opportunities"]
        self._table = whole if rows is None else whole.take(rows)
        self._code_of = {stage: code for code, stage in enumerate(listed)}
        won, lost = closed_stages(dataset.settings)
        self._won_stages = won
        self._history: _History | None = None
        if "opportunity_history" in dataset.tables:
            history, code = dataset.tables["opportunity_history"], dataset.history_code
            if rows is not None:
                place = np.full(len(whole), -1, dtype=np.int32)
                place[rows] = np.arange(len(rows), dtype=np.int32)
                history, code = history.take(place[code] >= 0), place[code][place[code] >= 0]
            self._history = _History(history, code, won | lost, len(self._table))

    @cached_property
    def open_stretches(self) -> tuple[NDArray[np.int64], Days, Days]:
        """Row, first and last day of each stretch in which an opportunity was open; its closing day belongs to it.

        One that is open still runs until :data:`segxl.periods.NEVER`. Where history shows a closing before the last
        one, the stretches are told by :meth:`open_at` on each day on which something changed.
        """
        table, history = self._table, self._history
        start = np.minimum(table["created_on"], table["closed_on"])
        rows = np.arange(len(table), dtype=np.int64)
        if history is None:
            return rows, np.where(start < table["created_on"], table["closed_on"], start), table["closed_on"]
        winding = np.unique(history.winding(table["closed_on"])).astype(np.int64)
        straight = np.setdiff1d(rows, winding)
        pieces = [(straight, start[straight], table["closed_on"][straight])]
        if len(winding):
            alone = self.among(winding)
            found = np.array(alone._winding_stretches(), dtype=np.int64).reshape(-1, 3)
            pieces.append((winding[found[:, 0]], found[:, 1].astype(np.int32), found[:, 2].astype(np.int32)))
        row, first, last = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        return row, first.astype(np.int32), last.astype(np.int32)

    def among(self, rows: NDArray[np.int64]) -> PipelineHistory:
        """The history of some opportunities alone, which then count from 0; asked of the history of all."""
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

        Open: created by then; the last history row by then is not in a closed stage; and the closing date is blank,
        later, or before a reopening in history by then. The stage is the last history row's. Without one it is
        ``unknown``, unless the opportunity has no history at all and is open still.
        """
        table, history = self._table, self._history
        rows = np.flatnonzero(self.is_open(day))
        last = np.full(len(rows), -1, dtype=np.int64)
        bare = np.ones(len(rows), dtype=bool)
        if history is not None:
            last, bare = history.last_by(day)[rows], history.bare[rows]

        still = bare & (table["status"][rows] == "open") & (table["stage"][rows] != "")
        words = np.where(still, table["stage"][rows], "")
        cents, expected = table["amount"][rows], table["expected_close_on"][rows]
        if history is not None:
            told = last >= 0
            words = np.where(told, np.append(history.stage, "")[last], words)
            cents, expected = history.amounts(rows, last, cents), history.expected(rows, last, expected)
        stage = np.array([self._stage_code(word) for word in words], dtype=np.int32)
        converted, lacking = self._rates.convert(cents, table["currency"][rows], np.full(len(rows), day, np.int32))
        return OpenPipeline(day, rows, stage, converted, expected.astype(np.int32), words == "", lacking)

    def is_open(self, day: int) -> Mask:
        """Which of all opportunities are open at the end of ``day``."""
        table, history = self._table, self._history
        result: Mask = (table["created_on"] <= day) & (table["closed_on"] > day)
        if history is not None:
            in_closed_stage = np.append(history.in_closed_stage, False)[history.last_by(day)]
            reopened = (table["created_on"] <= day) & history.reopened_by(day, table["closed_on"])
            result = (result | reopened) & ~in_closed_stage
        return result

    def worth(self, rows: NDArray[np.int64], day: int, rates_of: int) -> Cents:
        """The amounts of opportunities at the end of ``day``, open or not, at the rates of another day's month."""
        cents = self._table["amount"][rows]
        if self._history is not None:
            cents = self._history.amounts(rows, self._history.last_by(day)[rows], cents)
        days = np.full(len(rows), rates_of, np.int32)
        return self._rates.convert(cents, self._table["currency"][rows], days)[0]

    def closed_as(self, rows: NDArray[np.int64], day: int) -> tuple[Mask, Mask]:
        """Which opportunities were won and which lost on ``day``: by their status if it is their closing date, else by
        the stage of that day's last history row."""
        closing = self._table["closed_on"][rows] == day
        won: Mask = closing & (self._table["status"][rows] == "won")
        lost: Mask = closing & ~won
        if self._history is not None:
            words = self._history.closed_stage_on(rows, day)
            by_stage = np.array([word.casefold() in self._won_stages for word in words], dtype=bool)
            told = ~closing & (words != "")
            won, lost = won | (told & by_stage), lost | (told & ~by_stage)
        return won, lost

    def reopened_after(self, rows: NDArray[np.int64], days: Days) -> Mask:
        """Which opportunities history shows reopened on a later day than ``days``, one for each."""
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

    def _stage_code(self, word: str) -> int:
        if word == "":
            return self.stages.index(UNKNOWN)
        return self._code_of.get(word, self.stages.index(OTHER))


@dataclass(frozen=True)
class _Stated:
    """A column of the history, as each row's opportunity last stated it: ``latest`` by row, ``first`` the first row of
    each opportunity, ``states`` whether any of its rows states it."""

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
            np.where(latest >= first[code], values[latest], blank),
            blank,
            first,
            np.bincount(code, weights=stated, minlength=size) > 0,
        )

    def at(self, rows: NDArray[np.int64], last: NDArray[np.int64], known: NDArray[Any]) -> NDArray[Any]:
        told = np.append(self.latest, self.blank)[np.where(last >= 0, last, self.first[rows])]
        return np.where(self.states[rows], told, known)


class _History:
    """History rows sorted by opportunity and time, ready for "the last one by day D" of all opportunities at once."""

    def __init__(self, table: Table, code: Codes, closed: set[str], size: int) -> None:
        self.stage = table["stage"]
        self.in_closed_stage = np.array([word.casefold() in closed for word in self.stage], dtype=bool)
        self.bare = np.bincount(code, minlength=size) == 0
        self._size = size
        self._code = code
        self._day = table["changed_at"]
        same = np.append(False, code[1:] == code[:-1])
        reopening = same & ~self.in_closed_stage & np.append(False, self.in_closed_stage[:-1])
        self._reopening = np.flatnonzero(reopening)

        self._amounts = _Stated.of(table["amount"], NO_MONEY, code, size)
        self._expected = _Stated.of(table["close_date"], NEVER, code, size)

    def amounts(self, rows: NDArray[np.int64], last: NDArray[np.int64], known: Cents) -> Cents:
        """The amounts of opportunities ``rows`` whose last history row is ``last`` (-1: none yet).

        The last amount that history stated by then; a row that states none changes nothing: rows with 10, blank, 12
        give 10, 10, 12. Before the first row, the first row's. ``known`` where no row of the opportunity states one.
        """
        return self._amounts.at(rows, last, known)

    def expected(self, rows: NDArray[np.int64], last: NDArray[np.int64], known: Days) -> Days:
        """The closing dates that history states, read as :meth:`amounts` are."""
        return self._expected.at(rows, last, known)

    @property
    def days(self) -> Days:
        """The day of each row."""
        return self._day

    @property
    def codes(self) -> NDArray[np.int64]:
        """The opportunity of each row."""
        return self._code.astype(np.int64)

    def closed_stage_on(self, rows: NDArray[np.int64], day: int) -> Texts:
        """The closed stage that the last row of ``day`` puts opportunities in; blank where there is none."""
        last = self.last_by(day)[rows]
        told = np.append((self._day == day) & self.in_closed_stage, False)[last]
        result: Texts = np.where(told, np.append(self.stage, "")[last], "")
        return result

    def winding(self, closed_on: Days) -> Codes:
        """Opportunities with a row in a closed stage before their closing, or with a row after it: not simply open from
        creation to closing."""
        last = closed_on[self._code]
        return self._code[(self.in_closed_stage & (self._day < last)) | (~self.in_closed_stage & (self._day > last))]

    @cached_property
    def last_reopening(self) -> Days:
        """The day on which each opportunity was last reopened; ALWAYS for one that never was."""
        result = np.full(self._size, ALWAYS, dtype=np.int32)
        result[self._code[self._reopening]] = self._day[self._reopening]  # in order of time: the last one stays
        return result

    def last_by(self, day: int) -> NDArray[np.int64]:
        """For each opportunity the index of its last row by the end of ``day``, -1 without."""
        return self._last(np.arange(len(self._code)), day)

    def reopened_by(self, day: int, closed_on: Days) -> Mask:
        """Which opportunities history shows reopened by ``day``, after their closing date."""
        last = self._last(self._reopening, day)
        reopened_on = np.append(self._day, NEVER)[last]
        result: Mask = (last >= 0) & (closed_on < reopened_on)
        return result

    def _last(self, among: NDArray[np.int64], day: int) -> NDArray[np.int64]:
        keys = (self._code[among].astype(np.int64) << 32) + self._day[among]
        wanted = (np.arange(self._size, dtype=np.int64) << 32) + day
        at = np.searchsorted(keys, wanted, side="right") - 1
        found = np.append(among, -1)[at]
        own = np.append(self._code, -1)[found] == np.arange(self._size)
        return np.where(own, found, -1)
