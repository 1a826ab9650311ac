"""The model of a known export: tables of names, and for some a change of shape.

A header is compared by its letters and digits only, so that ``Opportunity ID``, ``OpportunityId`` and
``opportunity_id``, the spellings of report, API and connector, are one name. Settings that name columns always override
a format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from segxl.settings.model import Rule, RuleTest
from segxl.sources.files.files import RawTable
from segxl.sources.values.dates import NO_ORDER, DateStyle, read_dates
from segxl.sources.values.flags import plain_word, read_export_flags
from segxl.sources.values.midnight import without_midnight
from segxl.tables.codes import Mask, factorized
from segxl.tables.contracts import CONTRACTS
from segxl.tables.row_numbers import RowNumbers, kept
from segxl.tables.text_column import TextColumn, Texts

Seconds = NDArray[np.int64]

HINTS = ("account_name", "account_domain", "account_country")
"""Columns that help to find a row's account, in addition to ``account_id``; any table with accounts may have them."""


@dataclass(frozen=True)
class Reading:
    """The way in which the format's table reads its values, for a reshape that needs dates."""

    style: DateStyle = field(default_factory=DateStyle)
    closed_stages: frozenset[str] = frozenset()
    """The won and lost stages of the settings, casefolded."""

    def moments(self, texts: Texts) -> Seconds:
        """Seconds since 1970, :data:`~segxl.sources.values.readers.NO_ORDER` without a date."""
        return read_dates(texts, style=self.style)[2]


@dataclass(frozen=True)
class RowsSeen:
    """A condition of some rows, as :meth:`segxl.sources.ledger.FileEntry.warn` takes it."""

    one: str
    many: str
    fix: str
    rows: NDArray[np.int32]
    values: Texts
    column: str = ""
    """The column of the contract that it concerns, if any: if the settings map that column, there is no condition."""
    header: str = ""
    """The name for the settings: the header of ``column``, else the header whose words a map would translate."""
    meaning: str = ""
    """One of the words that such a map may give."""


@dataclass(frozen=True)
class Shaped:
    """A raw table in another shape.

    Attributes:
        raw: the records; several of them may have the row number of one row of the file.
        excluded: the records that are excluded, counted by rule. With ``raw`` they are all there are.
        notes: what the reader of the ledger should know.
        origins: for a column of the contract, the header above each record's own cell.
        ordered: whether records of one time are in the order of events.
        seen: what can change a number.
    """

    raw: RawTable
    excluded: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    origins: Mapping[str, Texts] = field(default_factory=dict)
    ordered: bool = False
    seen: tuple[RowsSeen, ...] = ()


Reshape = Callable[[RawTable, Reading], Shaped]


@dataclass(frozen=True)
class Flag:
    """A yes or no of an export.

    The reader rejects rows with another word before a rule or a reshape asks the flag, so no word falls to a default.

    Attributes:
        headers: its possible headers, best first.
        feeds: the column of the contract that depends on it. Where the settings feed that column themselves, the flag
            does not count. Blank: it decides which rows count.
    """

    headers: str
    feeds: str = ""

    def read(self, raw: RawTable) -> NDArray[np.int8]:
        """1 for yes, 0 for no, -1 where the file has no such column, or it is blank or unreadable."""
        return read_export_flags(column(raw, self.headers))[0]


@dataclass(frozen=True)
class FlagRule:
    """A rule of :attr:`Format.keep`: rows with ``flag`` at ``drops`` do not count."""

    flag: Flag
    drops: int


@dataclass(frozen=True)
class WordRule:
    """A rule of :attr:`Format.keep`: only rows with one of some words count.

    Attributes:
        headers: the possible headers of the words, best first.
        keeps: the words of the rows that count; like ``drops`` without regard to case and accents.
        drops: the other words that the program is known to write. The reader reports every further word.
    """

    headers: str
    keeps: tuple[str, ...]
    drops: tuple[str, ...]

    def kept(self, texts: TextColumn) -> Mask:
        """A mask of the rows that count."""
        return self._has(texts, self.keeps)

    def seen(self, texts: TextColumn, rows: RowNumbers, header: str) -> tuple[RowsSeen, ...]:
        """The rows that have a word of neither list, each with it."""
        unknown = ~self._has(texts, (*self.keeps, *self.drops, ""))
        if not unknown.any():
            return ()
        fix = f"Map each word to {self.keeps[0]!r} if it counts, else to {self.drops[0]!r}"
        said = f"not count: the word in {header!r} is unknown"
        words = texts.cells[unknown]
        return (RowsSeen(f"does {said}", f"do {said}", fix, rows[unknown], words, "", header, self.keeps[0]),)

    @staticmethod
    def _has(texts: TextColumn, words: tuple[str, ...]) -> Mask:
        known = set(map(plain_word, words))
        return texts.which(lambda text: plain_word(text) in known)


Keep = Rule | FlagRule | WordRule


@dataclass(frozen=True)
class Format:
    """An export that a vendor's program writes.

    Lists of headers are texts: ``"Record ID | Deal ID"`` are spellings, best first; what follows ``||`` only replaces
    the real thing, and the ledger says so: ``"Account ID || Account Name"``.

    Attributes:
        key: the word in the settings: ``format = "salesforce"``. One vendor's exports share it.
        name: what people call the export.
        table: the input table it feeds.
        signature: headers that must all be there, in one of their spellings, for the export to be recognised.
        columns: for each column of the contract, and the :data:`HINTS`, the headers it can come from; none where the
            export's column of that name means something else.
        without: headers of which none may be there.
        fill: what a column of the contract holds in every row of this export.
        words: for a column of the contract, the export's words and what they mean.
        keep: what rows must be to count, by what the ledger says of the others; a rule whose header is missing is
            skipped.
        flags: every yes or no that ``reshape`` asks for.
        asks: the headers of the other words that ``reshape`` asks for.
        pipeline: the header that distinguishes pipelines.
        reshape: makes the contract's rows of the file's; the columns are those of its result.
        pattern: what at least one header must match as well.
        derived: the export is another table's own; this one is made of it where nothing else holds it.
        kind: of buying stages, what a row is: ``snapshots`` or ``changes``; the settings' word wins.
        days: headers of dates that have no time in the vendor's program: a midnight behind one is the day itself,
            even where others have come by a time.
        spans: of costs that may cover more than their month: ``report`` where rows have the report's range unless it is
            broken down, ``row`` where each has its own; blank where the header decides.
        utc: headers, any of which shows that times without an offset are UTC, as connectors and APIs write them.
    """

    key: str
    name: str
    table: str
    signature: tuple[str, ...]
    columns: Mapping[str, str]
    without: str = ""
    fill: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    keep: Mapping[str, Keep] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    asks: tuple[str, ...] = ()
    pipeline: str = ""
    reshape: Reshape | None = None
    pattern: re.Pattern[str] | None = None
    derived: bool = False
    kind: str = ""
    days: str = ""
    utc: str = ""
    spans: str = ""

    def fits(self, header: Iterable[str]) -> bool:
        """Whether a header has the signature."""
        names = list(header)
        own = Header(names)
        if self.pattern and not any(self.pattern.fullmatch(name) for name in names):
            return False
        return all(own.find(wanted) for wanted in self.signature) and not (self.without and own.find(self.without))

    def sources(self, header: Iterable[str]) -> dict[str, str]:
        """For each column with a matching header, the file's own spelling of the best one."""
        own = Header(header)
        return {column: found for column, names in self.columns.items() if (found := own.find(names))}

    def lacking(self, header: Iterable[str]) -> list[str]:
        """The required columns of the table that a file of this format with this header leaves open."""
        own = Header(header)
        fed = {*self.fill, *(name for contract in CONTRACTS[self.table] for name in contract.names if own.find(name))}
        fed |= {
            column for column, names in self.columns.items() if own.find(names) or any(map(is_made, spellings(names)))
        }
        fed |= {"account_id"} if fed.intersection(HINTS) else set()
        return min(([name for name in one.required if name not in fed] for one in CONTRACTS[self.table]), key=len)

    def notes_for(self, sources: Mapping[str, str]) -> list[str]:
        """Notes about the columns that :meth:`sources` found through a substitute."""
        notes = []
        for column, header in sources.items():
            real, _, _ = self.columns.get(column, "").partition("||")
            wanted = spellings(real)
            if wanted and column not in HINTS and fold(header) not in {fold(name) for name in wanted}:
                notes.append(f"no {wanted[0]} in the export: segxl uses {header!r}")
        return notes

    def score(self, header: Iterable[str]) -> int:
        """The number of columns that a header could be mapped to; those of the signature count twice."""
        own = Header(header)
        return sum(1 for names in (*self.columns.values(), *self.signature) if own.find(names))


def fold(header: str) -> str:
    """A header's letters and digits, small."""
    return "".join(letter for letter in header.casefold() if letter.isalnum())


def spellings(names: str) -> list[str]:
    """The headers that a text of alternatives names, best first."""
    return [name.strip() for name in names.replace("||", "|").split("|") if name.strip()]


class Header:
    """A file's header, asked for names in any spelling."""

    def __init__(self, header: Iterable[str]) -> None:
        names = list(header)
        self._own = {fold(name): name for name in reversed(names)}
        self._own |= {name.casefold(): name for name in reversed(names)}

    def find(self, names: str) -> str:
        """The header's own spelling of the first of some names that it has, or ``""``."""
        for name in spellings(names):
            found = self._own.get(name.casefold()) or self._own.get(fold(name))
            if found:
                return found
        return ""


# --- building blocks of formats


def unless(header: str, *words: str) -> Rule:
    """A rule for :attr:`Format.keep`: the header has none of the words."""
    return {header: RuleTest.model_validate({"not": list(words)})}


def unless_yes(headers: str) -> FlagRule:
    """A rule for :attr:`Format.keep`: the flag under the first of these headers is not yes."""
    return FlagRule(Flag(headers), 1)


def unless_no(headers: str) -> FlagRule:
    """The same of a flag that is not no."""
    return FlagRule(Flag(headers), 0)


def column(raw: RawTable, names: str) -> Texts:
    """The column under the first of some names that the table has; blank where it has none."""
    found = Header(raw.header).find(names)
    return raw.column(found) if found else blank(len(raw))


def blank(count: int) -> Texts:
    """A column of nothing."""
    return np.full(count, "", dtype=object)


def lowered(texts: Texts) -> Texts:
    """The texts in small letters."""
    return TextColumn.of(texts).changed(str.casefold).cells


def take(raw: RawTable, rows: NDArray[np.bool_] | NDArray[np.intp]) -> RawTable:
    """The rows of a mask or of an index array, in its order."""
    if rows.dtype == np.bool_ and rows.all():
        return raw  # most files lose no row, and some have millions
    times = None if raw.times is None else raw.times[rows]
    columns = tuple(column.take(rows) for column in raw.columns)
    return replace(raw, columns=columns, rows=kept(raw.rows, rows), times=times)


def with_columns(raw: RawTable, **columns: Texts) -> RawTable:
    """The table with columns added, under names that no export uses.

    The name of a keyword's column is :func:`made`'s.
    """
    header = (*raw.header, *(made(name) for name in columns))
    return replace(raw, header=header, columns=(*raw.columns, *map(TextColumn.of, columns.values())))


_MADE = " (made by segxl)"


def made(name: str) -> str:
    """The header of a column that a reshape made."""
    return name + _MADE


def is_made(header: str) -> bool:
    """Whether a reshape made the column under this header."""
    return header.endswith(_MADE)


def without_columns(raw: RawTable, headers: Iterable[str]) -> RawTable:
    """The table without some columns."""
    gone = set(headers)
    kept = [at for at, name in enumerate(raw.header) if name not in gone]
    return replace(raw, header=tuple(raw.header[at] for at in kept), columns=tuple(raw.columns[at] for at in kept))


def under(raw: RawTable, parts: list[tuple[NDArray[np.intp], Mapping[str, Texts]]]) -> tuple[RawTable, Seconds]:
    """Several selections of the rows under each other, in the order of the rows and then of the parts.

    Every part has the rows it takes, as an index array, and the columns it makes for them. The second value is the
    part of each record.
    """
    rows = np.concatenate([rows for rows, _ in parts])
    part = np.repeat(np.arange(len(parts)), [len(rows) for rows, _ in parts])
    order = np.lexsort((part, rows))
    names = list(parts[0][1])
    columns = {name: np.concatenate([columns[name] for _, columns in parts])[order] for name in names}
    return with_columns(take(raw, rows[order]), **columns), part[order]


def in_time(ids: Texts, moments: Seconds) -> NDArray[np.intp]:
    """The order of a file's rows by ID, then time, then place; from the bottom up if a file is sorted newest first."""
    place = np.arange(len(ids))
    if newest_first(ids, moments):
        place = place[::-1]
    # a row without a date is not later than any other
    return np.lexsort((place, np.where(moments == NO_ORDER, np.iinfo(np.int64).min, moments), factorized(ids)[0]))


def newest_first(ids: Texts | TextColumn, order_key: NDArray[np.int64]) -> bool:
    """Whether the file lists each opportunity's changes newest first.

    True when, within opportunities, the key never rises along the file and falls somewhere. Rows of one day
    then have to be turned round, since their dates alone do not order them. Rows without a date do not count.

    Args:
        ids: the opportunity of each row.
        order_key: seconds, as :func:`segxl.sources.values.readers.read_dates` gives them.
    """
    dated = order_key != NO_ORDER
    codes = TextColumn.of(ids).shared[0][dated]
    order = np.argsort(codes, kind="stable")
    same = np.diff(codes[order]) == 0
    steps = np.diff(order_key[dated][order])[same]
    return bool((steps <= 0).all() and (steps < 0).any())


def latest_of_each(ids: str, moment: str) -> Reshape:
    """A reshape to the last row of each id by time; rows of one time count by their order in the file."""

    def reshape(raw: RawTable, reading: Reading) -> Shaped:
        names = column(raw, ids)
        order = in_time(names, reading.moments(column(raw, moment)))
        last = np.append(names[order][1:] != names[order][:-1], True) if len(raw) else np.zeros(0, dtype=bool)
        kept = np.sort(order[last | (names[order] == "")])
        earlier = len(raw) - len(kept)
        return Shaped(take(raw, kept), {"earlier change of the same opportunity": earlier} if earlier else {})

    return reshape


def first_filled(**columns: str) -> Reshape:
    """A reshape that makes columns of the first filled cell, row by row, among the headers named."""

    def reshape(raw: RawTable, reading: Reading) -> Shaped:
        return Shaped(with_columns(raw, **{name: filled(raw, names) for name, names in columns.items()}))

    return reshape


def filled(raw: RawTable, names: str, *, zeros: Mask | None = None) -> Texts:
    """The first filled cell of each row among some columns.

    ``zeros``, shape (rows,), are the rows in which a zero means that the column does not apply: there the first filled
    cell that is not zero counts, and a zero only if there is nothing else.
    """
    own = Header(raw.header)
    columns = [without_midnight(raw.texts(found)).cells for name in spellings(names) if (found := own.find(name))]
    result = columns[0] if columns else blank(len(raw))
    for cells in columns[1:]:
        gaps = result == ""
        if zeros is not None:
            gaps = gaps | (zeros & is_zero(result) & (cells != ""))
        if not gaps.any():
            continue
        result = np.where(gaps, cells, result)
    return result


_OTHER_DIGIT = re.compile(r"[1-9]")


def is_zero(texts: Texts) -> Mask:
    """A mask of the texts that are a zero in any spelling: ``0``, ``0,00 €``, ``$0.00``."""
    return TextColumn.of(texts).which(lambda text: "0" in text and not _OTHER_DIGIT.search(text))
