"""Conditions: findings in the data that can change a number.

A note in the ledger only describes how the file was read. A condition can change a number, so every command that shows
numbers reports it: :mod:`segxl.dataset.warnings` picks those that touch the period and the segments shown. Code that
finds a condition records it with :meth:`segxl.sources.ledger.FileEntry.warn`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segxl.messages import counted, listed
from segxl.tables.text_column import Texts

ConditionKind = Literal[
    "account",
    "contradiction",
    "currency",
    "date",
    "duplicate",
    "id",
    "not a record",
    "range",
    "reach",
    "reference",
    "word",
    "zero amounts",
]
"""The subject of a condition: rows without their account; columns that contradict each other; foreign amounts; dates
read under an assumption; rows that may count twice; IDs in another form; totals and footers; costs of several months;
data that ends before the period; links to missing rows; unlisted words; won amounts that are blank,
and lost amounts that are all zero or blank."""

RATES_CHECK = "Every foreign amount has an exchange rate"
"""The check that a foreign amount without a rate fails."""

_ROWS_NAMED = 5
"""Row numbers that a message gives."""


def frequencies(words: Texts, most: int = 4) -> str:
    """The commonest words with how often they occur: ``'Won' (4,238), 'Lost' (2,473) and 3 more``."""
    counts = Counter(words.tolist()).most_common()
    return listed([f"{repr(word) if word else '(blank)'} ({count:,})" for word, count in counts], most)


@dataclass(frozen=True, eq=False)
class Condition:
    """A finding in the data that can change a number.

    Attributes:
        kind: what it is about.
        table: the table it is about.
        one: what one row does or has, as it follows "1 row": ``has a status that values.status does not list``. For a
            condition without ``rows``, a whole sentence without its full stop.
        fix: what to do, one sentence without its full stop.
        many: the same for several rows, as it follows "2 rows".
        file: the file or sheet; blank for a condition of the whole table.
        rows: int32 row numbers as Excel shows them, shape (n,); empty where it touches every number of the table.
        values: the value of each row, shape (n,), such as words that are not listed; empty where that does not help.
        fails: the name of the check that it fails; blank for a warning.
        any_segment: whether the rows' segment is unknown, so that they touch each.
        months: where each row has the condition in some months alone: int32 pairs of row number and month number, shape
            (m, 2); empty where a row has it as long as it counts.
    """

    kind: ConditionKind
    table: str
    one: str
    fix: str
    many: str = ""
    file: str = ""
    rows: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    values: Texts = field(default_factory=lambda: np.empty(0, dtype=object))
    fails: str = ""
    any_segment: bool = False
    months: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 2), dtype=np.int32))

    def text(self, rows: NDArray[np.int32] | None = None, worth: str = "") -> str:
        """The finding and its fix, for some of its rows (default: all), with their amounts."""
        return f"{self.message(rows, worth)}. {self.fix}."

    @property
    def remark(self) -> str:
        """The same below the name of its file, about all of its rows."""
        return f"{self._said(self.rows, '')}. {self.fix}."

    def message(self, rows: NDArray[np.int32] | None = None, worth: str = "") -> str:
        """The finding, without a full stop."""
        return f"{self.file or self.table}: {self._said(self.rows if rows is None else rows, worth)}"

    def _said(self, rows: NDArray[np.int32], worth: str) -> str:
        if not len(self.rows):
            return self.one
        mine = np.isin(self.rows, rows)
        numbers = [str(row) for row in np.unique(rows).tolist()]
        named = f"row{'s' if len(numbers) > 1 else ''} {listed(numbers, _ROWS_NAMED)}"
        shown = f"{worth}; {named}" if worth else named
        said = counted(int(mine.sum()), f"row {self.one}", f"rows {self.many}")
        values = f": {frequencies(self.values[mine])}" if len(self.values) else ""
        return f"{said}{values} ({shown})"

    def __str__(self) -> str:
        return self.text()
