"""A data sheet while it is filled: its rows, its columns, and which numbers find their rows in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measure import Measure
from segxl.facts.account_names import account_names
from segxl.facts.arrays import Found
from segxl.facts.engine import Facts
from segxl.pages.cells import TYPE_LABELS, fitting, heading
from segxl.pages.model import Cell, Field, Page, Records, Row, Scalar
from segxl.periods import NEVER, to_date
from segxl.tables.codes import Codes
from segxl.tables.contracts import Table
from segxl.units import COUNT, DATE, MONEY_EXACT, TEXT, Unit

Rows = NDArray[np.int64]

_HEAD = 3
"""Rows above the table."""

_NO_WORD = re.compile(r"[\d\s.,:/+\-%$€£()]*|true|false", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9 \-]+")

MOST_CELLS = 4_000_000
"""Cells of a data sheet; a longer one would take minutes to open, and its numbers stay values."""


class DataSheet:
    """One data sheet: ``rows`` are those of ``table`` (or account codes), in the order of the sheet.

    Where it ``shares``, columns of numbers that are equal in every row are one: an account's MRR at the end of one
    month is that at the start of the next. A record that changes could make them differ, so records do not share.
    """

    def __init__(
        self, facts: Facts, key: str, title: str, name: str, rows: Rows, size: int, *, shares: bool = False
    ) -> None:
        self.facts, self.key, self.title, self.name, self.rows = facts, key, title, name, rows
        self._place = np.full(size + 1, -1, dtype=np.int64)  # the last entry: no row
        self._place[rows] = np.arange(len(rows))
        self._fields: dict[str, Field] = {}
        self._same: dict[str, str] = {}
        self._shares = shares
        self._known: dict[tuple[object, ...], str] = {}

    def header(self, asked: str) -> str | None:
        """The header of the column with a wanted value."""
        return self._same.get(asked)

    @property
    def ids(self) -> str:
        """The header of the column that identifies a record: the first one."""
        return next(iter(self._fields))

    @cached_property
    def alike(self) -> Counter[str]:
        """How many records have an ID, whatever its capital letters: programs find texts without regard to them."""
        return Counter(str(one).casefold() for one in self.values(self.ids))

    def place(self, row: int) -> int | None:
        """The place of a row of the table in the sheet, from 0; None if it is not there."""
        return None if self._place[row] < 0 else int(self._place[row])

    def values(self, asked: str) -> Sequence[Scalar]:
        """The values of the column with a wanted value."""
        return self._fields[self._same[asked]].values

    @property
    def cells(self) -> int:
        """The number of cells with a value."""
        return sum(len(field.values) - field.values.count(None) for field in self._fields.values())

    def same(self, header: str, *asked: str) -> None:
        """Register another wanted value for a column."""
        self._same |= dict.fromkeys(asked, header)

    def add(
        self,
        header: str,
        values: Sequence[Scalar],
        unit: Unit = TEXT,
        width: float = 0.0,
        *,
        units: Sequence[Unit] = (),
        on_web: bool = True,
    ) -> None:
        """A column of its own; ``units``: each value's, where they differ."""
        assert header not in self._fields, f"{self.title} has two columns {header}"
        assert _PLAIN.fullmatch(header), f"not every program reads Table[{header}]"
        self._same[header] = header
        wide = width or fitting((str(value) for value in dict.fromkeys(values) if value is not None), 8, 30)
        wide = max(wide, fitting([header], 8, 16) + 3)
        self._fields[header] = Field(header, values, unit, wide, units, on_web=on_web)

    def add_numbers(
        self,
        header: str,
        values: NDArray[np.int64],
        there: NDArray[np.bool_],
        unit: Unit,
        *,
        on_web: bool = False,
    ) -> None:
        """A column of counts or cents, blank where ``there`` is not.

        ``values`` and ``there``, shape (rows,): as the sheet's rows are.
        """
        if self._shares:
            key = unit.key, values.tobytes(), there.tobytes()
            if key in self._known:
                self._same[header] = self._known[key]
                return
            self._known[key] = header
        column: list[Scalar] = [None] * len(values)
        filled = np.flatnonzero(there)
        shown = money(values[filled]) if unit is MONEY_EXACT else values[filled].tolist()
        for at, value in zip(filled.tolist(), shown, strict=True):
            column[at] = value
        self.add(header, column, unit, 16 if unit is MONEY_EXACT else 11, on_web=on_web)

    def add_found(self, header: str, found: Found, cents: bool) -> None:
        """The part of each found row: its cents, or 1."""
        self.add_parts(header, found.row, found.cents if cents else 1, MONEY_EXACT if cents else COUNT)

    def add_parts(self, header: str, rows: Rows | Codes, parts: NDArray[np.int64] | int, unit: Unit) -> None:
        """The parts of some rows in a number; the other rows are blank. ``rows``: of the sheet."""
        values, there = np.zeros(len(self.rows), np.int64), np.zeros(len(self.rows), bool)
        at = self._place[rows]
        values[at] = parts
        there[at] = True
        self.add_numbers(header, values, there, unit)

    def add_flags(self, header: str, rows: Rows) -> None:
        """1 for some rows; the others are blank."""
        self.add_parts(header, rows, 1, COUNT)

    def add_dates(self, header: str, days: NDArray[Any]) -> None:
        """A column of days, blank for none."""
        self.add(header, dates(days), DATE, 12)

    def add_place(self, table: Table, rows: Rows) -> None:
        """The file and the row of each record."""
        files = [entry.file for entry in self.facts.dataset.ledger.files]
        self.add("File", [files[table.file[row]] for row in rows], TEXT)
        self.add("Row", [int(table.row[row]) for row in rows], TEXT, 9)

    def add_account(self, table: Table, rows: Rows) -> None:
        """The name of each record's account; its ID if it has no name."""
        known = account_names(self.facts.dataset)
        self.add("Account", [known.get(one, one) for one in table["account_id"][rows]], TEXT, 26)

    def add_dimension(self, by: str, header: str, table: str, rows: Rows) -> None:
        """A dimension of the rows of ``table``, as texts."""
        found = self.facts.dimensions.get(table, {}).get(by)
        if found is not None:
            words = words_of(self.facts, by)
            self.add(header, [words[found.labels[code]] for code in found.codes[rows].tolist()])

    def find(self, found: Found, measure: Measure) -> Rows:
        """The places in the sheet of the rows of a measure, from 0."""
        at = self._place[found.row]
        return at[at >= 0]

    @property
    def first(self) -> int:
        """The sheet's row of the first record."""
        return _HEAD + 2

    @property
    def width(self) -> int:
        """The number of its columns."""
        return len(self._fields)

    def page(self, subtitle: str, words: str, behind: Callable[[Hashable], Sequence[int]]) -> Page:
        """The sheet as a page; ``words`` say what a row is and what its number of rows ties to, ``behind`` the records
        behind a number."""
        fields = tuple(self._fields.values())
        head = heading(self.title, subtitle, min(len(fields), 12))[:2]
        head.append(Row((Cell(words, "note", span=min(len(fields), 12)),)))
        assert len(head) == _HEAD
        top = _HEAD + 1
        return Page(
            self.key,
            self.title,
            tuple(head),
            tuple(field.width for field in fields),
            records=Records(fields, self.name, behind=behind),
            freeze=(top + 1, 2),
            repeat_rows=(top, top),
            tab="working",
            printed=False,
        )


def words_of(facts: Facts, by: str) -> dict[str, str]:
    """The items of a dimension as data sheets show them, by label: SUMIFS distinguishes no case and takes "100" and
    "100.0" for one number, so alike items get a number and those that read as numbers or dates a word."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for label in facts.labels(by):
        word = TYPE_LABELS[label] if by == "type" else label.capitalize() if by == "customer" else label
        word = f"{word} (text)" if _NO_WORD.fullmatch(word) else word
        one, number = word, 1
        while one.casefold() in taken:
            number += 1
            one = f"{word} ({number})"
        taken.add(one.casefold())
        found[label] = one
    return found


def money(cents: NDArray[np.int64]) -> list[int | float]:
    """Cents in the main unit, whole where they are."""
    return [each // 100 if each % 100 == 0 else each / 100 for each in cents.tolist()]


def dates(days: NDArray[Any]) -> list[Scalar]:
    """Day numbers as dates; None for no day."""
    known: Mapping[int, Scalar] = {day: None if day == NEVER else to_date(day) for day in np.unique(days).tolist()}
    return [known[day] for day in days.tolist()]
