"""A column of texts, by its cells and by its distinct texts.

A column of millions of rows rarely has more than some thousand texts. Texts are processed once per distinct text, and
rows are compared, counted and taken by numbers: several times as fast, and half the memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.tables.codes import Codes, factorized, positions, renumbered, used_codes

Texts = NDArray[np.object_]
"""Cells of text: an object array of str, ``""`` where blank."""
NO_MONEY = int(np.iinfo(np.int64).min)
"""The cents of a blank amount."""
AnyCodes = NDArray[np.integer[Any]]
"""Codes in as few bytes as they need: a column of nine texts has one byte a row."""


@dataclass(frozen=True, eq=False)
class _Cents:
    values: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Later:
    count: int
    read: Callable[[], TextColumn]
    words: Texts


@dataclass(frozen=True, eq=False)
class TextColumn:
    """A column of texts, made from its cells, from its codes or from amounts; the other forms are made when asked for.

    Made by :meth:`of`, :meth:`coded`, :meth:`filled`, :meth:`of_cents` and :meth:`later`.
    """

    _as_given: Texts | tuple[AnyCodes, Texts] | _Cents | _Later
    _in_any_order: bool = False

    @classmethod
    def of(cls, cells: Texts | TextColumn) -> TextColumn:
        """The column of some cells."""
        return cells if isinstance(cells, TextColumn) else cls(cells)

    @classmethod
    def coded(cls, codes: AnyCodes, texts: Texts, *, once: bool = False) -> TextColumn:
        """The column of the cells ``texts[codes]``. Texts may be in any order and unused; unless ``once``, a text may
        occur several times. They are sorted when first needed."""
        if not once:
            merged, texts = factorized(texts)
            codes = codes if len(merged) == len(texts) else merged.astype(codes.dtype)[codes]
        return cls((_narrow(codes), texts), True)

    @classmethod
    def in_order(cls, codes: AnyCodes, texts: Texts) -> TextColumn:
        """The same of texts in the order of the rows that have them first, each once and in some row."""
        return cls((_narrow(codes), texts))

    @property
    def parts(self) -> tuple[AnyCodes, Texts, bool]:
        """What it can be made from again by :meth:`of_parts`: codes, texts, and whether these are in any order. Columns
        that share their texts share them in their parts."""
        codes, texts = self._some_codes or self._coded
        return codes, texts, self._loose and "_coded" not in vars(self)

    @classmethod
    def of_parts(cls, codes: AnyCodes, texts: Texts, loose: bool) -> TextColumn:
        """The column that has these :attr:`parts`."""
        return cls((codes, texts), loose)

    @classmethod
    def filled(cls, text: str, count: int) -> TextColumn:
        """One text in each of ``count`` rows."""
        return cls((np.zeros(count, dtype=np.int32), np.array([text] * bool(count), dtype=object)))

    @classmethod
    def of_cents(cls, cents: NDArray[np.int64]) -> TextColumn:
        """The column of numbers with at most two decimals, each given a hundred times, :data:`NO_MONEY` where blank.

        What adds amounts up needs no texts, and a million different ones cost more than all sums."""
        return cls(_Cents(cents))

    @classmethod
    def later(cls, count: int, read: Callable[[], TextColumn], words: Texts) -> TextColumn:
        """A column of ``count`` rows that is read when something asks for its texts.

        ``words`` are those of its texts, each once, that may be anything but an ID, a number, a date or blank: texts
        that do not end with a digit, or have a space and do not begin with a digit."""
        return cls(_Later(count, read, words))

    @property
    def words_of_unread(self) -> Texts | None:
        """The words of a column that is still to be read; None of all others."""
        return None if self._later is None else self._later.words

    @property
    def _later(self) -> _Later | None:
        return self._as_given if isinstance(self._as_given, _Later) and "_read" not in vars(self) else None

    @cached_property
    def _read(self) -> TextColumn:
        """A column that was to be read. One that keeps itself would stay in memory until cycles are collected."""
        assert isinstance(self._as_given, _Later)
        return self._as_given.read()

    @property
    def _given(self) -> Texts | tuple[AnyCodes, Texts] | _Cents:
        given = self._read._as_given if isinstance(self._as_given, _Later) else self._as_given
        assert not isinstance(given, _Later)
        return given

    @property
    def _loose(self) -> bool:
        """Whether its texts were given in any order, some perhaps without a row."""
        return self._read._in_any_order if isinstance(self._as_given, _Later) else self._in_any_order

    @classmethod
    def joined(cls, columns: Sequence[TextColumn]) -> TextColumn:
        """Columns under each other."""
        before = np.cumsum([0, *(len(column.distinct) for column in columns)])
        codes = [column.codes + start for column, start in zip(columns, before, strict=False)]
        return cls.coded(np.concatenate(codes), np.concatenate([column.distinct for column in columns]))

    @cached_property
    def cells(self) -> Texts:
        """The text of each row; not to be changed in place."""
        if self._own_cells is not None:
            return self._own_cells
        codes, distinct = self._of_codes
        cells: Texts = distinct[codes]
        cells.flags.writeable = False  # a change would leave the codes behind
        return cells

    @cached_property
    def _coded(self) -> tuple[AnyCodes, Texts]:
        if (cells := self._own_cells) is not None:
            cells.flags.writeable = False  # as above
            return factorized(cells)
        codes, texts = self._of_codes
        if not self._loose:
            return codes, texts
        codes, seen = renumbered(codes, len(texts))
        return codes, texts[seen]

    @property
    def _own_cells(self) -> Texts | None:
        return self._given if isinstance(self._given, np.ndarray) else None

    @cached_property
    def _of_codes(self) -> tuple[AnyCodes, Texts]:
        """The codes and texts of a column that was not made from its cells."""
        assert not isinstance(self._given, np.ndarray)
        return self._given if isinstance(self._given, tuple) else _written(self._given.values)

    @property
    def cents(self) -> NDArray[np.int64] | None:
        """A hundred times each number, :data:`NO_MONEY` where blank, if the column was made from such numbers."""
        return self._given.values if isinstance(self._given, _Cents) else None

    @cached_property
    def in_use(self) -> tuple[AnyCodes, Texts]:
        """Codes among texts in any order, each once and in some row; where no order is asked for, none is made."""
        if self._some_codes is None or "_coded" in vars(self):
            return self._coded
        codes, texts = self._some_codes
        if not self._loose:
            return codes, texts
        used = used_codes(codes, len(texts))
        return (codes, texts) if used.all() else self._coded

    @property
    def _some_codes(self) -> tuple[AnyCodes, Texts] | None:
        """Codes among texts in any order and may be in no row, each once; None where only cells are there.

        What asks for no order need not wait for one.
        """
        if "_coded" in vars(self):
            return self._coded
        return self._of_codes if self._own_cells is None else None

    @property
    def shared(self) -> tuple[AnyCodes, Texts]:
        """Codes among texts in any order, each once, some perhaps in no row. Columns of the same ids have one array of
        texts, and are compared by their codes."""
        return self._of_codes if self._own_cells is None else self._coded

    @property
    def codes(self) -> Codes:
        """The position of each row's text in :attr:`distinct`: int32."""
        return self._coded[0].astype(np.int32, copy=False)

    @property
    def narrow_codes(self) -> AnyCodes:
        """The same in as few bytes as they need: to compare and to look up, not to calculate."""
        return self._coded[0]

    @property
    def distinct(self) -> Texts:
        """The texts that some row has, each once, in the order of the rows that have them first."""
        return self._coded[1]

    @property
    def counts(self) -> NDArray[np.int64]:
        """The number of rows of each distinct text."""
        codes, size = self._coded[0], len(self.distinct)
        counts = np.zeros(size, dtype=np.int64)
        for start in range(0, len(codes), _AT_ONCE):  # numpy counts a copy in 64 bits
            counts += np.bincount(codes[start : start + _AT_ONCE], minlength=size)
        return counts

    def __len__(self) -> int:
        if self._later is not None:
            return self._later.count
        if isinstance(self._given, _Cents):
            return len(self._given.values)
        return len(self._given[0]) if isinstance(self._given, tuple) else len(self._given)

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def at(self, row: int) -> str:
        """The text of one row."""
        codes, texts = self.shared
        return str(texts[codes[row]])

    def is_text(self, text: str) -> NDArray[np.bool_]:
        """A mask of the rows with a text."""
        if self.cents is not None and not text:
            return np.asarray(self.cents == NO_MONEY)
        if (coded := self._some_codes) is None:
            return np.asarray(self.cells == text)
        found = np.flatnonzero(coded[1] == text)
        return np.asarray(coded[0] == found[0]) if len(found) else np.zeros(len(self), dtype=bool)

    def which(self, asked: Callable[[str], bool]) -> NDArray[np.bool_]:
        """A mask of the rows whose text meets a condition."""
        codes, texts = self.shared
        true = np.fromiter(map(asked, texts), dtype=bool, count=len(texts))
        return true[codes] if true.any() else np.zeros(len(self), dtype=bool)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> TextColumn:
        """The rows of a mask or of an index array, in its order."""
        if self._later is not None:
            count = int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows)
            return TextColumn.later(count, lambda: self._read.take(rows), self._later.words)
        if self.cents is not None:
            return TextColumn.of_cents(self.cents[rows])
        if (coded := self._some_codes) is None:
            return TextColumn(self.cells[rows])
        if len(coded[1]) == 1:  # an unmapped column is blank in every row
            return TextColumn.filled(coded[1][0], int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows))
        return TextColumn.coded(coded[0][rows], coded[1], once=True)

    @property
    def has_blank(self) -> bool:
        """Whether some cell is blank."""
        return bool(self.is_text("").any())

    @property
    def codes_in_any_order(self) -> AnyCodes | None:
        """Codes that :meth:`with_codes` understands; None where only cells are there, all rows have one text, or it is
        still to be read."""
        if self._later is not None:
            return None
        coded = self._some_codes
        return None if coded is None or len(coded[1]) == 1 else coded[0]

    def with_codes(self, codes: AnyCodes) -> TextColumn:
        """A column of other rows with the same texts, by :attr:`codes_in_any_order` of each row."""
        coded = self._some_codes
        assert coded is not None
        return TextColumn.coded(codes, coded[1], once=True)

    def or_else(self, other: TextColumn) -> TextColumn:
        """The column with blank cells filled from another one."""
        blank = self.is_text("")
        if not blank.any():
            return self
        (mine, texts), (theirs, others) = self.shared, other.shared
        codes = np.where(blank, theirs + np.int64(len(texts)), mine)
        return TextColumn.coded(codes, np.concatenate([texts, others]))

    def changed(self, change: Callable[[str], str]) -> TextColumn:
        """The column with each distinct text changed."""
        return self.replaced(np.array([change(text) for text in self.distinct], dtype=object))

    def replaced(self, texts: Texts) -> TextColumn:
        """The column with its distinct texts replaced, in their order."""
        merged, distinct = factorized(texts)
        codes = self._coded[0]
        return TextColumn((codes if len(distinct) == len(texts) else merged.astype(codes.dtype)[codes], distinct))


def places_among(texts: TextColumn, among: TextColumn) -> Codes:
    """The row of each text in another column, which has each text once; -1 where it is not there."""
    (codes, of), (rows, known) = texts.shared, among.shared
    if not one_in_memory(of, known):
        few = len(of) <= _FEW
        return (np.array([_last(among, text) for text in of], np.int32) if few else positions(of, among.cells))[codes]
    places = np.full(max(len(of), len(known)), -1, dtype=np.int32)
    places[rows] = np.arange(len(rows), dtype=np.int32)
    return places[codes]


_FEW = 2
"""Texts that are found without a dictionary of all others."""


def _last(column: TextColumn, text: str) -> int:
    rows = np.flatnonzero(column.is_text(text))
    return int(rows[-1]) if len(rows) else -1


def one_in_memory(texts: Texts, others: Texts) -> bool:
    """Whether one of two arrays of texts is the other one's beginning, and both are the same in memory: so are columns
    of the same ids, some with a blank at the end and some without."""
    return texts is others or (
        min(len(texts), len(others)) > 0
        and texts.__array_interface__["data"] == others.__array_interface__["data"]
        and texts.strides == others.strides
    )


_AT_ONCE = 1 << 20


def _written(cents: NDArray[np.int64]) -> tuple[AnyCodes, Texts]:
    """The codes and the texts of numbers, which Python writes with the fewest digits that read back the same."""
    codes, distinct = factorized(cents)
    whole = "\n".join([*map(repr, (distinct / 100).tolist()), ""])  # as one text: five times as fast as one by one
    texts = np.array(whole.replace(".0\n", "\n").split("\n")[:-1], dtype=object)
    texts[distinct == NO_MONEY] = ""
    return codes, texts


def _narrow(codes: AnyCodes) -> AnyCodes:
    """Codes as 32-bit integers, unless they need fewer bytes already."""
    return codes if codes.dtype in (np.uint8, np.uint16) else codes.astype(np.int32, copy=False)
