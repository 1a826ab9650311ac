"""Rows of a file that are no records: totals, lines below and above a report, headers that are repeated.

One mechanism for every table and every file, whether its columns are mapped or a known export's.

* **A repeated header**: every filled cell of the row is its own column's header. Lines of one cell right above it are
  the title of the export that begins there. A header whose columns are in another order is refused.
* **Lines of a report**: counts (``(3 rows)``), legal lines, lines of dashes, and at the end of the file rows of a
  single cell: after a legal line, a count or a total all of them, after a blank row alone those that are sentences.
* **Totals**, by the word of the row's label in the languages that Excel is used in
  (:mod:`segxl.sources.records.total_words`). An account may be called Total, so a row is excluded only where

  - the label is no name: ``Grand Total``, ``Subtotal``, ``Total: Account``;
  - or the row lacks what nearly all others fill, and has nothing but numbers beside its label;
  - or its numbers are the sums, or the count, of the rows that agree with it in their words and dates, or of the rows
    right above it. ``Retail Total`` needs that in any case.

  A row that is called a total without such evidence counts as a record, and a warning says so. A warning also says
  where a row is excluded whose numbers are not the sums of others.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError
from segxl.sources.files.files import RawTable
from segxl.sources.ledger import FileEntry
from segxl.sources.records.total_words import Kind, group_of, is_function, kind_of
from segxl.sources.rules import Mask
from segxl.sources.values.numbers import DECIMAL_MARKS, DecimalMark, read_numbers
from segxl.tables.contracts import PLACEHOLDERS, Table, Texts

TOTAL, FOOTER, HEADER, RULER = "total or subtotal", "report footer", "repeated header", "line of dashes"


@dataclass(frozen=True)
class Labelled:
    """A row, by its place among a file's, that is called like a total."""

    place: int
    label: str
    described: bool = False
    """Whether it has words beside its label, as a record has."""


@dataclass
class NotRecords:
    """What of a file is no record.

    Attributes:
        rules: which rows each rule excludes; no row has two.
        breaks: the places of repeated headers; each begins another export.
        kept: rows that are called like a total and count as records, as nothing shows that they are totals.
        unproven: rows excluded as totals though their numbers are no sum.
    """

    rules: dict[str, Mask]
    breaks: list[int] = field(default_factory=list)
    kept: list[Labelled] = field(default_factory=list)
    unproven: list[Labelled] = field(default_factory=list)

    @property
    def rows(self) -> Mask:
        """All rows that are no records."""
        found: Mask = np.logical_or.reduce(list(self.rules.values()))
        return found


def not_records(raw: RawTable, blank: Mask, decimal: DecimalMark | None = None) -> NotRecords:
    """The rows of a file that are no records.

    Args:
        raw: the file.
        blank: rows that are excluded already, shape (rows,): empty ones, and a template's examples.
        decimal: the decimal mark of the file's numbers, where the settings give it.

    Raises:
        SegxlError: a header is repeated with its columns in another order.
    """
    found = NotRecords({rule: np.zeros(len(raw), dtype=bool) for rule in (HEADER, RULER, FOOTER, TOTAL)})
    cells = _Cells(raw, blank)
    if not cells.suspects:
        if cells.single_at_end():
            _lines_below(cells, found)
        return found
    _known_lines(cells, found)
    _repeated_headers(cells, found)
    _rulers(cells, found)
    _Totals(cells, found, decimal).decide()
    _lines_below(cells, found)
    return found


def blank_rows(raw: RawTable) -> Mask:
    """The rows of a file without any cell."""
    empty = np.ones(len(raw), dtype=bool)
    for column in raw.columns:
        if not empty.any():
            break
        empty &= column.is_text("")
    return empty


_MOST_SUSPECTS = 20_000
"""Rows with one word in one column, from which on the word is data and not a label."""


class _Cells:
    """The file's cells, and which rows may be no records: a look at the distinct texts of each column."""

    def __init__(self, raw: RawTable, blank: Mask) -> None:
        self.raw, self.blank = raw, blank
        self.labels: dict[int, dict[int, Kind]] = defaultdict(dict)
        """Kinds by row and column."""
        self.headers: dict[int, int] = defaultdict(int)
        """How many cells of a row are their column's header; ``misplaced``: another column's."""
        self.misplaced: dict[int, int] = defaultdict(int)
        self.dashes: dict[int, int] = defaultdict(int)
        self._names = [{_plain(name), _plain(re.sub(r" \(\d+\)$", "", name))} for name in raw.header]
        every = set().union(*self._names) if self._names else set()
        for at, column in enumerate(raw.columns):
            kinds = _kinds_of_cells(column.distinct, self._names[at], every)
            if kinds.any():
                self._note(at, kinds[column.codes])
        self._rates: NDArray[np.float64] | None = None

    def _note(self, at: int, kinds: NDArray[np.int8]) -> None:
        for kind in np.unique(kinds[kinds != 0]).tolist():
            rows = np.flatnonzero((kinds == kind) & ~self.blank)
            if len(rows) > _MOST_SUSPECTS:
                continue
            tally = {_OWN: self.headers, _MISPLACED: self.misplaced, _DASHES: self.dashes}.get(kind)
            for row in rows.tolist():
                if tally is None:
                    self.labels[row][at] = Kind(kind)
                else:
                    tally[row] += 1

    @property
    def suspects(self) -> bool:
        """Whether any row may be no record by its words."""
        return bool(self.labels or self.headers or self.misplaced or self.dashes)

    def row(self, place: int) -> list[str]:
        """The cells of a row."""
        return [column.at(place) for column in self.raw.columns]

    def filled(self, place: int) -> list[int]:
        """The columns in which a row holds anything."""
        return [at for at, text in enumerate(self.row(place)) if text]

    @property
    def rates(self) -> NDArray[np.float64]:
        """The share of rows that fill each column, of those that may be records."""
        if self._rates is None:
            records = ~self.blank
            records[[*self.labels, *self.headers, *self.dashes]] = False
            sizes = np.sum([~column.is_text("") for column in self.raw.columns], axis=0)
            if (records & (sizes > 1)).any():
                records &= sizes > 1
            count = max(int(records.sum()), 1)
            rates = [1 - (column.is_text("") & records).sum() / count for column in self.raw.columns]
            self._rates = np.array(rates) if records.any() else np.ones(len(rates))
        return self._rates

    def lacks(self, texts: Sequence[str]) -> bool:
        """Whether a row leaves a column blank that nearly all others fill."""
        return any(_is_blank(text) and rate >= _NEARLY_ALL for text, rate in zip(texts, self.rates, strict=True))

    def is_single(self, place: int) -> bool:
        """Whether a row has one cell, and others have more."""
        filled = self.filled(place)
        return len(filled) == 1 and any(rate >= _NEARLY_ALL for at, rate in enumerate(self.rates) if at != filled[0])

    def single_at_end(self) -> bool:
        """Whether the last row that is not blank has one cell, behind a blank row among the last ones."""
        if len(self.raw.columns) < 2 or not len(self.raw):
            return False
        last = np.flatnonzero(~self.blank)[-1:]
        return (
            bool(len(last))
            and bool(self.blank[max(int(last[0]) - _LINES, 0) : int(last[0])].any())
            and (len(self.filled(int(last[0]))) == 1)
        )


_NEARLY_ALL = 0.95
_LINES = 30
"""Lines below the data that are looked at."""

_OWN, _MISPLACED, _DASHES = 100, 101, 102
"""What a cell may be beside the kinds of labels."""


def _plain(header: str) -> str:
    return " ".join(header.removesuffix("*").split()).casefold()


_DIGITS = frozenset("0123456789")


def _kinds_of_cells(distinct: Texts, own: set[str], every: set[str]) -> NDArray[np.int8]:
    """What each distinct text of a column may make of its rows; ``own`` are its headers, ``every`` those of all.

    Dates, numbers and ids, which most texts are, end in a digit: only sentences and headers do so, too.
    """
    kinds = np.zeros(len(distinct), dtype=np.int8)
    numbered = any(name[-1:] in _DIGITS for name in own)
    for at, text in enumerate(distinct.tolist()):
        if text[-1:] in _DIGITS and not numbered and (" " not in text or text[0] in _DIGITS):
            continue
        if text:
            kinds[at] = _kind_of_cell(text, own, every)
    return kinds


def _kind_of_cell(text: str, own: set[str], every: set[str]) -> int:
    key = (text.removesuffix("*").rstrip() if text[-1] == "*" else text).casefold()
    if key in every:
        return _OWN if key in own else _MISPLACED
    if text[0] in "-=_+" and len(text) >= 3 and not text.strip("-=_+ |"):
        return _DASHES
    return int(kind_of(text))


def _is_blank(text: str) -> bool:
    return not text or text.casefold() in PLACEHOLDERS


def _repeated_headers(cells: _Cells, found: NotRecords) -> None:
    raw = cells.raw
    for place, hits in cells.misplaced.items():
        filled = len(cells.filled(place))
        if filled >= 3 and hits >= 2 and hits + cells.headers.get(place, 0) == filled:
            raise SegxlError(
                f"{raw.file}, row {raw.rows[place]}: repeats the header with the columns in a different order; save "
                f"the rows "
                "from there on as a separate file"
            )
    for place, hits in sorted(cells.headers.items()):
        filled = len(cells.filled(place))
        if hits == filled and (filled > 1 or len(raw.columns) == 1):
            found.rules[HEADER][place] = True
            found.breaks.append(place)
            for above in range(place - 1, max(place - _LINES, -1), -1):
                if cells.blank[above] or found.rules[HEADER][above] or found.rules[FOOTER][above]:
                    continue
                if not cells.is_single(above):
                    break
                if cells.blank[above - 1 : above].any() or " " in "".join(cells.row(above)):
                    found.rules[HEADER][above] = True


def _rulers(cells: _Cells, found: NotRecords) -> None:
    for place, hits in cells.dashes.items():
        if hits == len(cells.filled(place)) and not found.rules[HEADER][place]:
            found.rules[RULER][place] = True


def _known_lines(cells: _Cells, found: NotRecords) -> None:
    """Counts and legal lines, wherever they are."""
    for place, labels in cells.labels.items():
        texts = cells.row(place)
        filled = [at for at, text in enumerate(texts) if not _is_blank(text)]
        kind = labels.get(filled[0], Kind.RECORD) if filled else Kind.RECORD
        others = [texts[at] for at in filled[1:]]
        legal = kind is Kind.LEGAL and len(others) < 2
        counts = kind is Kind.COUNT and all(map(_is_number, others))
        if (legal or counts) and (len(texts) == 1 or cells.lacks(texts)):
            found.rules[FOOTER][place] = True


def _lines_below(cells: _Cells, found: NotRecords) -> None:
    """Lines of a single cell below the data; a title may be above a legal line, after a blank row."""
    if len(cells.raw.columns) < 2:
        return
    excluded, zone = found.rows, []
    last = int(np.flatnonzero(~cells.blank)[-1]) if not cells.blank.all() else -1
    for place in range(last, max(last - 2 * _LINES, -1), -1):
        if not (cells.blank[place] or excluded[place] or cells.is_single(place)):
            break
        zone.append(place)
    known = any(excluded[place] for place in zone)
    anchored = False
    for place in reversed(zone):
        if cells.blank[place] or excluded[place]:
            anchored = True
        elif anchored and (known or _is_sentence("".join(cells.row(place)))):
            found.rules[FOOTER][place] = True


def _is_sentence(text: str) -> bool:
    return len(text.split()) > 2 or ":" in text


_NUMBER = re.compile(
    r"[-+(]?\s*(?:[^\W\d_]{1,3}\.?\s?|[$€£¥₹₽₩₺]\s?)?[-+(]?\d[\d.,'’\s]*(?:%|[^\W\d_]{1,3}\.?|[$€£¥₹₽₩₺])?\)?-?"
)
_DATE = re.compile(
    r"\d{4}[-/.]\d\d?([-/.]\d\d?)?\b.*|\d\d?[-/.]\d\d?[-/.]\d{2,4}\b.*|\d\d?/\d{4}|(19|20)\d\d(0[1-9]|1[012])"
)


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text))


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and not _is_date(text)


@dataclass(frozen=True)
class _Candidate:
    """A row that is called like a total.

    ``words`` and ``dates`` are the columns of its other cells that are neither blank nor numbers and differ among the
    records; ``numbers`` those of its numbers; ``worded``: whether it has words at all.
    """

    place: int
    column: int
    label: str
    kind: Kind
    first: bool
    lacks: bool
    words: tuple[int, ...]
    dates: tuple[int, ...]
    numbers: tuple[int, ...]
    worded: bool


class _Totals:
    """The rows that are called like a total, and what shows that they are."""

    def __init__(self, cells: _Cells, found: NotRecords, decimal: DecimalMark | None) -> None:
        self.cells, self.found, self.marks = cells, found, (decimal,) if decimal else DECIMAL_MARKS
        self.out = found.rows | cells.blank
        self.all = [one for place in sorted(cells.labels) if not self.out[place] for one in self._candidates(place)]
        self.records = ~self.out
        self.records[[one.place for one in self.all]] = False
        self._values: dict[tuple[int, DecimalMark], NDArray[np.float64]] = {}

    def _candidates(self, place: int) -> Iterator[_Candidate]:
        texts = self.cells.row(place)
        labels = {at: kind for at, kind in self.cells.labels[place].items() if Kind.AFFIX <= kind <= Kind.CERTAIN}
        if not labels:
            return
        column = max(labels, key=lambda at: (labels[at], -at))
        dated = tuple(at for at, text in enumerate(texts) if at != column and _is_date(text))
        worded = [
            at
            for at, text in enumerate(texts)
            if at != column and at not in dated and not (_is_blank(text) or _is_number(text) or is_function(text))
        ]
        words = tuple(at for at in worded if not self._is_constant(at, texts[at]))
        numbers = tuple(at for at, text in enumerate(texts) if at != column and _is_number(text))
        first = not any(at < column for at in worded)
        kind, lacks = labels[column], self.cells.lacks(texts)
        if kind is Kind.AFFIX and not (numbers and first):
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
        """Write every row's fate into what was found."""
        subtotals = [one for one in self.all if one.kind is Kind.AFFIX]
        proven = self._sums(subtotals)
        for one in subtotals:
            several, lone = proven[one.place]
            if several or (lone and one.lacks):
                self._exclude(one)
            else:
                self.records[one.place] = True  # a name after all
        groups: dict[tuple[int, str], list[_Candidate]] = defaultdict(list)
        for one in self.all:
            if one.kind is not Kind.AFFIX:
                groups[one.column, one.label.casefold()].append(one)
        proven = self._sums([one for one in self.all if one.kind is not Kind.AFFIX])
        for group in groups.values():
            self._decide_group(group, proven)

    def _decide_group(self, group: Sequence[_Candidate], proven: Mapping[int, tuple[bool, bool]]) -> None:
        """The rows of one label: where most of them are sums, all are totals."""
        hits = [one for one in group if any(proven[one.place])]
        sure = any(proven[one.place][0] for one in group) or len(hits) > 1
        totals = sure and 2 * len(hits) >= len(group)
        for one in group:
            bare = not one.words and not (one.dates and one.kind is Kind.TOTAL and not one.lacks)
            if one.kind is Kind.CERTAIN and (one.first or one.lacks or any(proven[one.place])):
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
            elif one.first or one.kind is Kind.CERTAIN:
                described = one.worded and one.kind is Kind.TOTAL
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
        """Places of records that a row may be the total of: ``same`` agree with it in words and dates; ``others`` are
        the places of rows that are no records."""
        if one.kind is Kind.AFFIX:
            name = group_of(one.label)
            for at, column in enumerate(self.cells.raw.columns):
                if at <= one.column or at in one.words:
                    yield np.flatnonzero(self.records & column.is_text(name))
        else:
            yield same
        if not len(same) and (one.words or one.kind is not Kind.AFFIX):  # a total may have a day of its own
            codes = self._codes(one.words)
            yield records[codes[records] == codes[one.place]]
        if one.words and one.kind is not Kind.CERTAIN:
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
    """Record rows that are called like a total and count as records, unless the accounts table has an account of that
    name; ``entries`` are the ledger's, whose ``called_totals`` say which rows are meant."""
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
            entry.warn(
                "not a record",
                "has a name like a total and counts as a record",
                "have names like totals and count as records",
                fix=f"Delete totals from the export, or filter them out with where in tables.{entry.table}",
                rows=rows.keys(),
                values=rows.values(),
            )
