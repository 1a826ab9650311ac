"""What of a large table leaves the engine: each different row once, with how often it occurs.

Activities and buying stages are asked for who was seen when, where and how: account, day, source, kind, stage and
category. Columns that no question uses stay in the engine, such as an ID for each row; the engine then counts the rows
that are alike. Of snapshots, which are often daily, it also takes equal rows of days that follow one another together:
the stays in a stage. Here each is repeated as often as it occurs, in codes of four bytes a cell, so every row is in the
ledger and is treated as a row of an export: rows rejected, excluded and used add up to the table's rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError
from segxl.periods import to_date, to_day
from segxl.settings.how_to_set import HowToSet
from segxl.settings.model import Settings, TableSettings
from segxl.sources.fallbacks import headers_of
from segxl.sources.files.raw import RawTable, named_header
from segxl.sources.mapping import ColumnMapping, format_of
from segxl.sources.warehouse.session import Rows
from segxl.sources.warehouse.statements import Relation, counted_rows, counted_runs
from segxl.tables.text_column import TextColumn

REDUCED = ("activities", "buying_stages")
"""Tables that may have many more rows than accounts, and whose rows are asked for by account and day."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a relation.

    Attributes:
        columns: the names of the columns that are used, in their order.
        days: those of times of which only the day is used.
        runs: the column of days, where equal rows of days that follow one another are taken together; blank elsewhere.
        unused: the others.
    """

    columns: tuple[str, ...]
    days: frozenset[str]
    runs: str
    unused: tuple[str, ...]

    def statement(self, relation: Relation, dialect: str) -> str:
        """The statement that asks for it."""
        if self.runs:
            return counted_runs(relation, self.columns, self.days, self.runs, dialect)
        return counted_rows(relation, self.columns, self.days, dialect)


def asked(table: str, source: TableSettings, settings: Settings, shape: Rows) -> Asked | None:
    """What to ask of a relation in counted rows; None where all of its rows are needed as they are.

    That is so where a table is small, comes from several sources (equal rows of two may be one), has an order of its
    own, is a known vendor's export, or lacks a column (which reading it explains).
    """
    if table not in REDUCED or len(settings.tables[table]) > 1 or source.order_by or source.latest_by:
        return None
    header = named_header(shape.names)
    names = dict(zip(header, shape.names, strict=True))
    found = _used(table, source, header)
    if found is None:
        return None
    used, date_header = found
    columns = tuple(names[one] for one in header if one in used)
    plain_times = source.timestamps in (None, settings.timezone)
    days = shape.times.intersection(columns) if plain_times else frozenset[str]()
    runs = names.get(date_header, "") if source.kind == "snapshots" else ""
    if runs not in shape.dates | days:
        runs = ""
    return Asked(columns, days, runs, tuple(one for one in header if one not in used))


def _used(table: str, source: TableSettings, header: Sequence[str]) -> tuple[set[str], str] | None:
    """The headers that the settings and the contract use, and the one of the date; None where a format or a missing
    column decides."""
    whole = _empty(header)
    if format_of(table, source, whole) is not None:
        return None
    wanted = [part for one in source.columns.values() for part in headers_of(one, tuple(header))]
    if len(wanted) > len(source.columns):  # columns made of several headers
        return None
    wanted += [*source.where, *(value_map.source or "" for value_map in source.values.values())]
    wanted += [one for value_map in source.values.values() for one in value_map.filled]
    try:
        headers = ColumnMapping.of(HowToSet(table, source), whole, None).headers
    except SegxlError:
        return None
    folded = {one.casefold() for one in (*wanted, *headers.values())}
    used = {one for one in header if one.casefold() in folded}
    kept = [one for one in header if one in used]
    return (used, headers.get("date", "")) if format_of(table, source, _empty(kept)) is None else None


def _empty(header: Sequence[str]) -> RawTable:
    blank = TextColumn.filled("", 0)
    return RawTable("", "", tuple(header), (blank,) * len(header), np.empty(0, dtype=np.int32))


def split(rows: Rows, asked: Asked) -> tuple[Rows, NDArray[np.int64]]:
    """The rows of a counted selection under the relation's own names, and how often each occurs."""
    if asked.runs:
        *columns, lengths, counts = rows.columns
        columns, places = _unrolled(columns, asked.columns.index(asked.runs), _numbers(lengths))
        return Rows(asked.columns, tuple(columns)), _numbers(counts)[places]
    *columns, counts = rows.columns
    return Rows(asked.columns, tuple(columns)), _numbers(counts)


def _numbers(column: TextColumn) -> NDArray[np.int64]:
    return np.array([int(text) for text in column.distinct], dtype=np.int64)[column.codes]


def _unrolled(
    columns: Sequence[TextColumn], at: int, lengths: NDArray[np.int64]
) -> tuple[list[TextColumn], NDArray[np.intp]]:
    """Runs of days as a row for each day, and the run of each; the column at ``at`` has the first days."""
    places = np.repeat(np.arange(len(lengths)), lengths)
    unrolled = [column.take(places) for column in columns]
    if len(places) == len(lengths):
        return unrolled, places
    firsts = columns[at]
    days = np.array([to_day(date.fromisoformat(text)) if _DAY.fullmatch(text) else 0 for text in firsts.distinct])
    first = days[firsts.codes]
    known = lengths > 1  # what is no day is alone
    lowest, highest = int(first[known].min()), int((first + lengths)[known].max())
    texts = [*firsts.distinct, *(to_date(day).isoformat() for day in range(lowest, highest))]
    starts = np.where(known, len(firsts.distinct) + first - lowest, firsts.codes)
    passed = np.arange(len(places)) - (np.cumsum(lengths) - lengths)[places]
    unrolled[at] = TextColumn.coded(starts[places] + passed, np.array(texts, dtype=object))
    return unrolled, places


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
