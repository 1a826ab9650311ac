"""Rows that are called like a total, and whether their numbers show that they are one."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.sources.ledger import FileEntry
from segxl.sources.records.suspect_rows import (
    TOTAL,
    Cells,
    Labelled,
    NotRecords,
    is_blank,
    is_date,
    is_number,
)
from segxl.sources.records.total_words import TotalWord, group_of, is_function, kind_of
from segxl.sources.values.numbers import DECIMAL_MARKS, DecimalMark, read_numbers
from segxl.tables.contracts import Table


@dataclass(frozen=True)
class _Candidate:
    """A row with the label of a total.

    ``words`` and ``dates`` are the columns of its other cells that are neither blank nor numbers and differ among the
    records; ``numbers`` those of its numbers; ``worded``: whether it has words at all.
    """

    place: int
    column: int
    label: str
    kind: TotalWord
    first: bool
    lacks: bool
    words: tuple[int, ...]
    dates: tuple[int, ...]
    numbers: tuple[int, ...]
    worded: bool


class Totals:
    """The rows that are called like a total, and what shows that they are."""

    def __init__(self, cells: Cells, found: NotRecords, decimal: DecimalMark | None) -> None:
        self.cells, self.found, self.marks = cells, found, (decimal,) if decimal else DECIMAL_MARKS
        self.out = found.rows | cells.blank
        self.all = [one for place in sorted(cells.labels) if not self.out[place] for one in self._candidates(place)]
        self.records = ~self.out
        self.records[[one.place for one in self.all]] = False
        self._values: dict[tuple[int, DecimalMark], NDArray[np.float64]] = {}

    def _candidates(self, place: int) -> Iterator[_Candidate]:
        texts = self.cells.row(place)
        labels = {
            at: kind for at, kind in self.cells.labels[place].items() if TotalWord.AFFIX <= kind <= TotalWord.CERTAIN
        }
        if not labels:
            return
        column = max(labels, key=lambda at: (labels[at], -at))
        dated = tuple(at for at, text in enumerate(texts) if at != column and is_date(text))
        worded = [
            at
            for at, text in enumerate(texts)
            if at != column and at not in dated and not (is_blank(text) or is_number(text) or is_function(text))
        ]
        words = tuple(at for at in worded if not self._is_constant(at, texts[at]))
        numbers = tuple(at for at, text in enumerate(texts) if at != column and is_number(text))
        first = not any(at < column for at in worded)
        kind, lacks = labels[column], self.cells.lacks(texts)
        if kind is TotalWord.AFFIX and not (numbers and first):
            return
        yield _Candidate(place, column, texts[column], kind, first, lacks, words, dated, numbers, bool(worded))

    def _is_constant(self, at: int, text: str) -> bool:
        """Whether all other rows have the same word, like a currency."""
        column = self.cells.raw.columns[at]
        return len(column.distinct) <= 3 and set(column.distinct.tolist()) <= {text, "", *self._label_words(at)}

    def _label_words(self, at: int) -> set[str]:
        name = self.cells.raw.header[at]
        return {text for text in self.cells.raw.columns[at].distinct.tolist() if text == name or kind_of(text)}

    def decide(self) -> None:
        """Record the decision about each row."""
        subtotals = [one for one in self.all if one.kind is TotalWord.AFFIX]
        proven = self._sums(subtotals)
        for one in subtotals:
            several, lone = proven[one.place]
            if several or (lone and one.lacks):
                self._exclude(one)
            else:
                self.records[one.place] = True  # a name after all
        groups: dict[tuple[int, str], list[_Candidate]] = defaultdict(list)
        for one in self.all:
            if one.kind is not TotalWord.AFFIX:
                groups[one.column, one.label.casefold()].append(one)
        proven = self._sums([one for one in self.all if one.kind is not TotalWord.AFFIX])
        for group in groups.values():
            self._decide_group(group, proven)

    def _decide_group(self, group: Sequence[_Candidate], proven: Mapping[int, tuple[bool, bool]]) -> None:
        """The rows of one label: where most of them are sums, all are totals."""
        hits = [one for one in group if any(proven[one.place])]
        sure = any(proven[one.place][0] for one in group) or len(hits) > 1
        totals = sure and 2 * len(hits) >= len(group)
        for one in group:
            bare = not one.words and not (one.dates and one.kind is TotalWord.TOTAL and not one.lacks)
            if one.kind is TotalWord.CERTAIN and (one.first or one.lacks or any(proven[one.place])):
                self._exclude(one)
                if one.numbers and not one.lacks and not any(proven[one.place]):
                    self.found.unproven.append(Labelled(one.place, one.label))
            elif totals or (one.lacks and bare and one.first):
                self._exclude(one)
                if not any(proven[one.place]) and not one.lacks:
                    self.found.unproven.append(Labelled(one.place, one.label))
            elif any(proven[one.place]) and one.first and not one.worded:  # the sum of a single row
                self._exclude(one)
                self.found.unproven.append(Labelled(one.place, one.label))
            elif one.first or one.kind is TotalWord.CERTAIN:
                described = one.worded and one.kind is TotalWord.TOTAL
                self.found.kept.append(Labelled(one.place, one.label, described))

    def _exclude(self, one: _Candidate) -> None:
        self.found.rules[TOTAL][one.place] = True

    def _sums(self, candidates: Iterable[_Candidate]) -> dict[int, tuple[bool, bool]]:
        """By place: whether a row's numbers are the sums or the count of several records, and whether of one record."""
        proven: dict[int, tuple[bool, bool]] = {}
        records = np.flatnonzero(self.records)
        others = np.flatnonzero(~self.records & ~self.cells.blank)
        by_columns: dict[tuple[int, ...], list[_Candidate]] = defaultdict(list)
        for one in candidates:
            by_columns[(*one.words, *one.dates)].append(one)
        for columns, members in by_columns.items():
            codes = self._codes(columns)
            order = records[np.argsort(codes[records], kind="stable")]
            sorted_codes = codes[order]
            for one in members:
                first, end = np.searchsorted(sorted_codes, [codes[one.place], codes[one.place] + 1])
                same = order[first:end]
                proven[one.place] = self._is_sum(one, self._what_it_may_sum(one, same, records, others))
        return proven

    def _is_sum(self, one: _Candidate, sets: Iterable[NDArray[np.intp]]) -> tuple[bool, bool]:
        several = lone = False
        for rows in sets:
            for mark in self.marks if len(rows) else ():
                hits = sum(self._agrees(one.place, at, rows, mark) for at in one.numbers)
                if hits and 3 * hits >= len(one.numbers):
                    several |= len(rows) > 1
                    lone |= len(rows) == 1
        return several, lone

    def _what_it_may_sum(
        self,
        one: _Candidate,
        same: NDArray[np.intp],
        records: NDArray[np.intp],
        others: NDArray[np.intp],
    ) -> Iterator[NDArray[np.intp]]:
        """Positions of the records that a row may be the total of: ``same`` agree with it in words and dates;
        ``others`` are the positions of rows that are not records."""
        if one.kind is TotalWord.AFFIX:
            name = group_of(one.label)
            for at, column in enumerate(self.cells.raw.columns):
                if at <= one.column or at in one.words:
                    yield np.flatnonzero(self.records & column.is_text(name))
        else:
            yield same
        if not len(same) and (one.words or one.kind is not TotalWord.AFFIX):  # a total may have a day of its own
            codes = self._codes(one.words)
            yield records[codes[records] == codes[one.place]]
        if one.words and one.kind is not TotalWord.CERTAIN:
            return
        # the block right above, or right below where a report has its totals on top
        at = int(np.searchsorted(others, one.place))
        above = int(others[at - 1]) if at else -1
        below = int(others[at + 1]) if at + 1 < len(others) else len(self.records)
        bounds = np.searchsorted(records, [above, one.place, below])
        yield records[bounds[0] : bounds[1]]
        yield records[bounds[1] : bounds[2]]

    def _agrees(self, place: int, at: int, rows: NDArray[np.intp], mark: DecimalMark) -> bool:
        values = self._column(at, mark)
        total, parts = values[place], values[rows]
        parts = parts[~np.isnan(parts)]
        if np.isnan(total) or not total:
            return False
        if not len(parts):
            return bool(total == len(rows))
        # parts that are shown rounded, to the cent or to whole ones, add up to a little more or less
        unit = 0.01 if (np.append(parts, total) % 1).any() else 1.0 if len(parts) > 4 else 0.0
        slack = min(unit * len(parts) / 2, abs(total) / 200)
        return bool(parts.any() and abs(parts.sum() - total) <= max(slack, 1e-9 * abs(total)))

    def _column(self, at: int, mark: DecimalMark) -> NDArray[np.float64]:
        if (at, mark) not in self._values:
            self._values[at, mark] = read_numbers(self.cells.raw.columns[at], decimal=mark)[0]
        return self._values[at, mark]

    def _codes(self, columns: Sequence[int]) -> NDArray[np.int64]:
        """A number for each combination of cells in some columns."""
        codes = np.zeros(len(self.cells.raw), dtype=np.int64)
        for at in columns:
            column = self.cells.raw.columns[at]
            codes = np.unique(codes * (len(column.distinct) + 1) + column.codes, return_inverse=True)[1].reshape(-1)
        return codes


def report_totals(tables: Mapping[str, Table], entries: Sequence[FileEntry]) -> None:
    """Record rows with the label of a total that count as records, unless the accounts table has an account of that
    name; the ``called_totals`` of ``entries`` list them."""
    accounts = tables.get("accounts")
    for at, entry in enumerate(entries):
        table = tables.get(entry.table)
        if table is None or not entry.called_totals:
            continue
        known: set[str] = set()
        if accounts is not None and table is not accounts:
            known = {*accounts.texts("account_id").distinct.tolist(), *accounts.texts("name").distinct.tolist()}
        mine = set(table.row[table.file == at].tolist())
        rows = {row: label for row, label in entry.called_totals.items() if row in mine and label not in known}
        if rows:
            place = int(np.flatnonzero((table.file == at) & (table.row == min(rows)))[0])
            label = rows[min(rows)]
            under = (name for name in table.columns if str(table[name][place]) == label)
            how = "".join(f": {entry.to_set.leave_out(name, label)}" for name in itertools.islice(under, 1))
            entry.warn(
                "not a record",
                "has a name like a total and counts as a record",
                "have names like totals and count as records",
                fix=f"Delete totals from the export, or filter them out{how}",
                rows=rows.keys(),
                values=rows.values(),
            )
