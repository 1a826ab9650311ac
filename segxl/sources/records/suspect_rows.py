"""Cells that may show that a row is not a record: labels of totals, headers, dashes; and the findings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.sources.files.files import RawTable
from segxl.sources.records.total_words import TotalWord, kind_of
from segxl.sources.values.plain_ids import are_plain_ids
from segxl.tables.codes import Mask
from segxl.tables.contracts import PLACEHOLDERS, Texts

TOTAL, FOOTER, HEADER, RULER = "total or subtotal", "report footer", "repeated header", "line of dashes"

_OWN, _MISPLACED, _DASHES = 100, 101, 102
"""The kinds of a cell, in addition to the kinds of labels."""


@dataclass(frozen=True)
class Labelled:
    """A row, by its place among a file's, that is called like a total."""

    place: int
    label: str
    described: bool = False
    """Whether it has words in addition to its label, as a record has."""


@dataclass
class NotRecords:
    """The rows of a file that are not records.

    Attributes:
        count: the rows of the file.
        rules: which rows each rule excludes; no row has two. None where nothing suggests that a row is no record.
        breaks: the places of repeated headers; each begins another export.
        kept: rows that are called like a total and count as records, as nothing shows that they are totals.
        unproven: rows excluded as totals though their numbers are no sum.
    """

    count: int
    rules: dict[str, Mask] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    kept: list[Labelled] = field(default_factory=list)
    unproven: list[Labelled] = field(default_factory=list)

    @property
    def rows(self) -> Mask:
        """All rows that are not records."""
        found: Mask = np.logical_or.reduce([np.zeros(self.count, dtype=bool), *self.rules.values()])
        return found


_MOST_SUSPECTS = 20_000
"""Rows with one word in one column, from which on the word is data and not a label."""


class Cells:
    """The file's cells, and which rows may be no records: a look at the distinct texts of each column."""

    def __init__(self, raw: RawTable, blank: Mask) -> None:
        self.raw, self.blank = raw, blank
        self.labels: dict[int, dict[int, TotalWord]] = defaultdict(dict)
        """Kinds by row and column."""
        self.headers: dict[int, int] = defaultdict(int)
        """The number of cells of a row that are their column's header; ``misplaced``: another column's."""
        self.misplaced: dict[int, int] = defaultdict(int)
        self.dashes: dict[int, int] = defaultdict(int)
        self._names = [{_plain(name), _plain(re.sub(r" \(\d+\)$", "", name))} for name in raw.header]
        every = set().union(*self._names) if self._names else set()
        for at, column in enumerate(raw.columns):
            words = None if _is_numbered(self._names[at]) else column.words_of_unread
            if words is not None and not _kinds_of_cells(words, self._names[at], every).any():
                continue
            if not _is_numbered(self._names[at]) and (column.cents is not None or are_plain_ids(column.shared[1])):
                continue  # no number and no id is a word of a total, or a header without digits
            codes, texts = column.in_use
            kinds = _kinds_of_cells(texts, self._names[at], every)
            if kinds.any():
                self._note(at, kinds, codes)
        self._rates: NDArray[np.float64] | None = None

    def _note(self, at: int, kinds: NDArray[np.int8], codes: NDArray[np.integer[Any]]) -> None:
        for kind in np.unique(kinds[kinds != 0]).tolist():
            rows = _rows_with(kinds == kind, codes, self.blank)
            if rows is None:
                continue
            tally = {_OWN: self.headers, _MISPLACED: self.misplaced, _DASHES: self.dashes}.get(kind)
            for row in rows.tolist():
                if tally is None:
                    self.labels[row][at] = TotalWord(kind)
                else:
                    tally[row] += 1

    @property
    def suspects(self) -> bool:
        """Whether the words of any row may show that it is not a record."""
        return bool(self.labels or self.headers or self.misplaced or self.dashes)

    def row(self, place: int) -> list[str]:
        """The cells of a row."""
        return [column.at(place) for column in self.raw.columns]

    def filled(self, place: int) -> list[int]:
        """The filled columns of a row."""
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
        return any(is_blank(text) and rate >= _NEARLY_ALL for text, rate in zip(texts, self.rates, strict=True))

    def is_single(self, place: int) -> bool:
        """Whether a row has one cell, and others have more."""
        filled = self.filled(place)
        return len(filled) == 1 and any(rate >= _NEARLY_ALL for at, rate in enumerate(self.rates) if at != filled[0])

    def single_at_end(self) -> bool:
        """Whether the last row that is not blank has one cell, behind a blank row among the last ones."""
        if len(self.raw.columns) < 2 or not len(self.raw):
            return False
        last = len(self.blank) - 1 - int(np.argmin(self.blank[::-1]))
        return (
            not self.blank[last]
            and bool(self.blank[max(last - LAST_LINES, 0) : last].any())
            and len(self.filled(last)) == 1
        )


_NEARLY_ALL = 0.95
LAST_LINES = 30
"""Lines below the data that are looked at."""


def _plain(header: str) -> str:
    return " ".join(header.removesuffix("*").split()).casefold()


def _rows_with(wanted: Mask, codes: NDArray[np.integer[Any]], blank: Mask) -> NDArray[np.intp] | None:
    """The rows with one of the wanted codes that are not blank; None where they are too many to be suspects."""
    found, count = [], 0
    for start in range(0, len(codes), _ROWS_AT_ONCE):
        piece = slice(start, start + _ROWS_AT_ONCE)
        rows = start + np.flatnonzero(wanted[codes[piece]] & ~blank[piece])
        found.append(rows)
        count += len(rows)
        if count > _MOST_SUSPECTS:
            return None
    return np.concatenate(found) if found else np.empty(0, dtype=np.intp)


_ROWS_AT_ONCE = 1 << 20
_DIGITS = frozenset("0123456789")


def _kinds_of_cells(distinct: Texts, own: set[str], every: set[str]) -> NDArray[np.int8]:
    """What each distinct text of a column may make of its rows; ``own`` are its headers, ``every`` those of all.

    Texts that differ only in their digits are looked at once, as no word of a total has a digit: a million companies
    from ``Company 1`` to ``Company 1000000`` have seven shapes. Only texts with the shape of a header are compared
    with it.
    """
    kinds = np.zeros(len(distinct), dtype=np.int8)
    if not len(distinct):
        return kinds
    shapes = "\0".join(distinct).translate(_AS_ZEROS).split("\0")
    if len(shapes) != len(distinct):  # some text has the character that joins them
        shapes = [text.translate(_AS_ZEROS) for text in distinct]
    numbered = _is_numbered(own)
    headers = {name.translate(_AS_ZEROS) for name in every}
    by_shape = {shape: _kind_of_shape(shape, numbered) for shape in set(shapes)}
    like_headers = {shape for shape in by_shape if _key(shape) in headers}
    if not like_headers and not any(by_shape.values()):
        return kinds
    for at, shape in enumerate(shapes):
        kinds[at] = by_shape[shape]
        if shape in like_headers and not _is_id(shape, numbered) and (key := _key(distinct[at])) in every:
            kinds[at] = _OWN if key in own else kinds[at] or _MISPLACED  # a row's label may be a column's header, too
    return kinds


def _is_numbered(own: set[str]) -> bool:
    """Whether a column's header ends as numbers do."""
    return any(name[-1:] in _DIGITS for name in own)


def _key(text: str) -> str:
    """A text as headers are compared."""
    return (text.removesuffix("*").rstrip() if text[-1:] == "*" else text).casefold()


def _is_id(shape: str, numbered: bool) -> bool:
    """Whether a text is blank, or ends as dates, numbers and ids do: only sentences and headers do so, too."""
    return not shape or (shape[-1] == "0" and not numbered and (" " not in shape or shape[0] == "0"))


def _kind_of_shape(shape: str, numbered: bool) -> int:
    return 0 if _is_id(shape, numbered) else _kind_of_words(shape)


_AS_ZEROS = str.maketrans("123456789", "000000000")


def _kind_of_words(text: str) -> int:
    if text[0] in "-=_+" and len(text) >= 3 and not text.strip("-=_+ |"):
        return _DASHES
    return int(kind_of(text))


def is_blank(text: str) -> bool:
    """Whether a cell is blank or a word for nothing."""
    return not text or text.casefold() in PLACEHOLDERS


_NUMBER = re.compile(
    r"[-+(]?\s*(?:[^\W\d_]{1,3}\.?\s?|[$€£¥₹₽₩₺]\s?)?[-+(]?\d[\d.,'’\s]*(?:%|[^\W\d_]{1,3}\.?|[$€£¥₹₽₩₺])?\)?-?"
)


_DATE = re.compile(
    r"\d{4}[-/.]\d\d?([-/.]\d\d?)?\b.*|\d\d?[-/.]\d\d?[-/.]\d{2,4}\b.*|\d\d?/\d{4}|(19|20)\d\d(0[1-9]|1[012])"
)


def is_date(text: str) -> bool:
    """Whether a text looks like a date."""
    return bool(_DATE.fullmatch(text))


def is_number(text: str) -> bool:
    """Whether a text looks like a number or an amount."""
    return bool(_NUMBER.fullmatch(text)) and not is_date(text)
