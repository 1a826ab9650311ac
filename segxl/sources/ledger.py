"""The ledger of rows: rows in = rows used + rows excluded by a stated rule + rows rejected."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segxl.messages import counted, listed
from segxl.settings.how_to_set import HowToSet
from segxl.settings.model import TableSettings
from segxl.sources.conditions import Condition, ConditionKind
from segxl.tables.codes import Mask
from segxl.tables.contracts import (
    RECORD,
    Table,
)
from segxl.tables.text_column import TextColumn, Texts

if TYPE_CHECKING:
    from segxl.sources.rules import Unmet

LEDGER_FILE = "ledger.csv"
REJECTED_FILE = "rejected-rows.csv"
DOMAINS_FILE = "shared-domains.csv"
REVIEW_TABLE = "account review"
"""What the ledger calls the list of segxl's own questions about accounts."""

_SHOWN = 200
"""Characters of a rejected value that are kept; a cell may have megabytes."""

_NO_RECORD = (
    *("empty row", "example row", "report footer", "total or subtotal", "repeated header", "line of dashes"),
    *("duplicate ", "export pasted twice", "file listed twice", "same file as ", "older version of "),
    *("product row of ", "merged into ", "after the cut-off "),
)
"""How the reasons begin for which a row is excluded that is not a record of its own, or that is from after the cut-off.
Without these rows no number is smaller."""

_ROWS_KEPT = 12
"""The number of excluded rows that the ledger lists by row number."""


@dataclass(frozen=True)
class Rejection:
    """A row that could not be used: its place, the reason and the fix. ``record`` numbers the records of one row, as a
    deal's row has the dates of its stages. ``cell``: its cell on a sheet of the input workbook, like ``C12``; else
    blank. ``others``: all rows with its key, if that is the reason: ``rows 5, 6``.
    """

    file: str
    row: int
    column: str
    value: str
    reason: str
    fix: str
    record: int = 0
    cell: str = ""
    others: str = ""

    @property
    def why(self) -> str:
        """The reason, with the other rows that it concerns."""
        return f"{self.reason} ({self.others})" if self.others else self.reason

    def __str__(self) -> str:
        value = (
            f" {self.value!r}" if self.value else " the cell" if self.column and self.reason.startswith("is ") else ""
        )
        column = f", column {self.column!r}" if self.column else ""
        place = f"cell {self.cell}" if self.cell else f"row {self.row}"
        return f"{self.file}, {place}{column}:{value} {self.why}; {self.fix}"


@dataclass
class FileEntry:
    """The outcome of the rows of one file (or one sheet) as one table.

    ``excluded`` counts rows by rule; ``notes`` are remarks that cannot change a number; ``conditions`` can.
    """

    file: str
    table: str
    sha256: str
    rows: int = 0
    used: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    excluded_rows: dict[str, list[int]] = field(default_factory=dict)
    """The first rows that a rule excluded, where they are worth a look."""
    short_rules: dict[str, str] = field(default_factory=dict)
    """The short form of each rule that has one, for pages with little room."""
    rejected: list[Rejection] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    ignored_columns: tuple[str, ...] = ()
    format: str = ""
    kind: str = ""
    """For buying stages: ``snapshots`` or ``changes``, from the settings or the format; blank if unknown."""
    status_by_flags: bool = False
    """Whether flags of the CRM give the status of deals, without any setting."""
    without_account: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    """The export's header of each contract column that has one."""
    breaks: tuple[int, ...] = ()
    """The rows that repeat the header: below each of them another export begins."""
    called_totals: dict[int, str] = field(default_factory=dict)
    """The label of each row that is called like a total and counts as a record."""
    letters: Mapping[str, str] = field(default_factory=dict)
    """For a sheet of the input workbook: the letter of the column below each header."""
    source: TableSettings = field(default_factory=TableSettings)
    """The settings of the file."""
    unmet: tuple[Unmet, ...] = ()
    """The words of the settings' `where` that no row of the file has."""
    several: bool = False
    """Whether the settings list several sources of the table."""
    cells: Mapping[str, str] | None = None
    """The cell of each setting, if it is a sheet of an input workbook."""

    def reject(
        self, row: int, header: str, value: str, reason: str, fix: str, record: int = 0, others: str = ""
    ) -> None:
        """Record a row as rejected because of its value below ``header``."""
        self.rejected.append(self.rejection(row, header, value, reason, fix, record, others))

    def rejection(
        self, row: int, header: str, value: str, reason: str, fix: str, record: int = 0, others: str = ""
    ) -> Rejection:
        """A rejection of this file."""
        cell = f"{self.letters[header]}{row}" if header in self.letters else ""
        shown = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        return Rejection(self.file, row, header, shown, reason, fix, record, cell, others)

    def warn(
        self,
        kind: ConditionKind,
        one: str,
        many: str = "",
        *,
        fix: str,
        rows: Iterable[int] = (),
        values: Iterable[str] = (),
        fails: str = "",
        any_segment: bool = False,
        months: NDArray[np.int32] | None = None,
    ) -> None:
        """Record a condition that can change a number; every command that shows one reports it.

        Args:
            kind: what it is about.
            one: what one row does, as it follows "1 row"; without ``rows`` a whole sentence. No full stop.
            many: what several rows do, as it follows "2 rows".
            fix: what to do about it, one sentence without its full stop.
            rows: the rows' numbers, as Excel shows them. Without any, the condition touches every number of the table.
            values: the value of each row, where that helps: the message counts the commonest.
            fails: the name of the check that it fails; blank for a warning.
            any_segment: whether the rows' segment is unknown, so that they touch each.
            months: pairs of row number and month number, where each row has the condition in some months alone.
        """
        numbers, words = np.fromiter(rows, dtype=np.int32), np.array(list(values), dtype=object)
        found = Condition(kind, self.table, one, fix, many or one, self.file, numbers, words, fails, any_segment)
        self.conditions.append(found if months is None else replace(found, months=months))

    def exclude(self, rule: str, count: int, rows: Iterable[int] = (), short: str = "") -> None:
        """Count rows excluded by a rule; zero is not recorded. ``rows``: their numbers, or the first ones; ``short``:
        the rule's short form."""
        if count:
            if short:
                self.short_rules[rule] = short
            self.excluded[rule] = self.excluded.get(rule, 0) + count
            known = self.excluded_rows.setdefault(rule, [])
            known += itertools.islice((int(row) for row in rows), _ROWS_KEPT - len(known))

    def which(self, rule: str) -> str:
        """The rows that a rule excluded, ``rows 5, 6``; blank if not recorded."""
        rows = [str(row) for row in sorted(self.excluded_rows.get(rule, ()))]
        word = "row" if self.excluded[rule] == 1 else "rows"
        return f"{word} {listed(rows, _ROWS_KEPT, self.excluded[rule])}" if rows else ""

    @property
    def in_workbook(self) -> bool:
        """Whether it is a sheet of an input workbook, whose settings are its sheets Settings and Maps."""
        return self.cells is not None

    @property
    def to_set(self) -> HowToSet:
        """The wording of settings of its table."""
        return HowToSet(self.table, self.source, self.several, self.cells)

    @property
    def exclusions(self) -> list[str]:
        """Each rule with the number of rows it excluded, and which."""
        return [
            f"{count:,} × {rule}" + (f" ({which})" if (which := self.which(rule)) else "")
            for rule, count in self.excluded.items()
        ]

    @property
    def by_row(self) -> list[Rejection]:
        """The rejections in the order of the file."""
        return sorted(self.rejected, key=lambda one: (one.row, one.record))

    @property
    def rejected_rows(self) -> int:
        """Rows rejected, each once however many reasons it has."""
        return len({(rejection.row, rejection.record) for rejection in self.rejected})

    @property
    def balanced(self) -> bool:
        """Every row is accounted for."""
        return self.rows == self.used + sum(self.excluded.values()) + self.rejected_rows


@dataclass(frozen=True)
class Ledger:
    """All files that were read, in the order of the settings.

    ``unread`` names sheets of an input workbook that have rows and were not read, each with the reason.
    ``whole_tables`` are the conditions that concern a table, not one file.
    """

    files: tuple[FileEntry, ...]
    unread: tuple[str, ...] = ()
    whole_tables: tuple[Condition, ...] = ()

    @property
    def of_company(self) -> Ledger:
        """The ledger of the company's own files: without the list of segxl's questions about accounts."""
        return replace(self, files=tuple(entry for entry in self.files if entry.table != REVIEW_TABLE))

    @property
    def rejections(self) -> Iterable[Rejection]:
        """Every rejection, file by file, row by row."""
        return (rejection for entry in self.files for rejection in entry.by_row)

    @property
    def rejected_rows(self) -> int:
        """Rows rejected over all files."""
        return sum(entry.rejected_rows for entry in self.files)

    @property
    def excluded(self) -> Counter[tuple[str, str]]:
        """Rows excluded over all files, by their table and the short form of the rule."""
        found: Counter[tuple[str, str]] = Counter()
        for entry in self.files:
            for rule, count in entry.excluded.items():
                found[entry.table, entry.short_rules.get(rule, rule)] += count
        return found

    def records_excluded(self, table: str) -> int:
        """Rows of a table that were excluded though a number would include them, unlike blank rows and duplicates."""
        rules = (one for entry in self.files if entry.table == table for one in entry.excluded.items())
        return sum(count for rule, count in rules if not rule.startswith(_NO_RECORD))

    @property
    def rejected(self) -> Counter[tuple[str, str]]:
        """Rows rejected over all files, by their table and the short form of a reason: ``Created Date is blank``. A row
        with several reasons counts for each."""
        found: Counter[tuple[str, str]] = Counter()
        for entry in self.files:
            for rows in by_reason(entry.rejected):
                found[entry.table, f"{rows[0].column} {rows[0].reason}".strip().partition(",")[0]] += len(rows)
        return found

    @property
    def files_text(self) -> str:
        """How many files were read: ``25 files as 26 tables`` where one of them is mapped to two tables."""
        names = len({entry.file for entry in self.files})
        tables = f" as {len(self.files)} tables" if names < len(self.files) else ""
        return f"{counted(names, 'file')}{tables}"

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition that can change a number, those of whole tables first."""
        return (*self.whole_tables, *(condition for entry in self.files for condition in entry.conditions))

    @property
    def balanced(self) -> bool:
        """Every row of every file is accounted for."""
        return all(entry.balanced for entry in self.files)


def by_reason(rejections: Iterable[Rejection]) -> Iterator[list[Rejection]]:
    """The rejections of one column, reason and fix together, each row once, in the order of the rows."""

    def reason(one: Rejection) -> tuple[str, str, str]:
        return one.column, one.reason, one.fix.partition(", for example: ")[0]

    for _, group in itertools.groupby(sorted(rejections, key=lambda one: (reason(one), one.row)), key=reason):
        # One header may be mapped to two columns.
        yield list({(one.row, one.record): one for one in group}.values())


def by_file(
    table: Table, rows: NDArray[np.bool_], entries: Sequence[FileEntry]
) -> Iterator[tuple[FileEntry, NDArray[np.bool_]]]:
    """The ledger entry of each file that has some of ``rows``, with those rows of the table."""
    if (only := table.only_file) is not None:
        if rows.any():
            yield entries[only], rows
        return
    for file in np.flatnonzero(np.bincount(table.file[rows])).tolist():  # a table has few files and many rows
        yield entries[file], rows & (table.file == file)


def reject(
    table: Table,
    rows: Mask,
    column: str,
    reason: str,
    fix: str,
    entries: list[FileEntry],
    shown: Texts | TextColumn | None = None,
) -> Table:
    """The table without ``rows``; each of them is written to its file's ledger under ``column``."""
    for row in np.flatnonzero(rows).tolist():
        entry = entries[table.file[row]]
        value = TextColumn.of(shown).at(row) if shown is not None else ""
        header = entry.headers.get(column, column)
        record = int(table[RECORD][row]) if RECORD in table.columns else 0
        entry.reject(int(table.row[row]), header, value, reason, fix, record)
    return table.take(~rows)


def exclude(table: Table, rows: Mask, rule: str, entries: list[FileEntry]) -> Table:
    """The table without ``rows``, which are counted under ``rule`` in their files' ledgers."""
    for entry, mine in by_file(table, rows, entries):
        entry.exclude(rule, table.count(mine), table.take(_first_of(mine)[:_ROWS_KEPT]).apart().row.tolist())
    return table.take(~rows)


def _first_of(rows: Mask) -> NDArray[np.intp]:
    """The first of some rows, as many as the ledger lists at least."""
    size = 1 << 14
    while size < len(rows) and np.count_nonzero(rows[:size]) < _ROWS_KEPT:
        size *= 4
    return np.flatnonzero(rows[:size])
