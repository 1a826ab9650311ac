"""What of a large table leaves the engine: each different row once, with how often it occurs.

Activities and buying stages are asked for who was seen when, where and how: account, day, source, kind, stage and
category. Columns that no question uses stay in the engine, such as an ID for each row; the engine then counts the rows
that are alike. Of snapshots, which are often daily, it also takes equal rows of days that follow one another together:
the stays in a stage.

Here rows that are alike stay one row with its number (:mod:`segxl.tables.repeats`), where that makes them half as many,
and the ledger counts it as often as it occurs: rows rejected, excluded and used add up to the table's rows. Rows of
which a rule may speak are held one by one: those with a blank where a value is required, with a word for nothing, or
with what is no day or no word of the contract. So are changes of stage, of which the last one of a day counts.

Changes of stage leave the engine as they are, those that are alike once, and become stays here. By the row before it
of the same account an engine could omit those that repeat a stage, a fifth in the world of
`tests/benchmarks/warehouse.py`: 1,917,935 rows of 2,372,587 remain. DuckDB takes 1.0 CPU seconds for that instead of
0.4, and 0.3 are saved here. The omitted rows would have to be counted by what the ledger says of each: used, after the
cut-off, no stage.

All months are read. A dataset is loaded before a period is chosen and serves all; the stage of an account in a month is
its last change of any month before, it goes quiet by its last activity of any month; and the ledger says of each row
whether its date can be read and is before the cut-off.

Costs, revenue, leads and opportunities are not added up in the engine: a pack lists each of their rows. They and the
other tables are read with all columns, as their checks ask for those that no setting names: columns of products make
several rows one deal, others say into which record one was merged, or make rows of two exports different; a total has
its label in any of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray

from segxl.periods import to_date, to_day
from segxl.settings.model import Settings, TableSettings, ValueMap
from segxl.sources.files.raw import RawTable, named_header
from segxl.sources.in_use import REDUCED, in_use
from segxl.sources.values.blank_words import NOTHING
from segxl.sources.values.words import choice
from segxl.sources.warehouse.order import WORTH_IT
from segxl.sources.warehouse.session import Rows, Session
from segxl.sources.warehouse.statements import Relation, counted_rows, counted_runs, rows_of_days, sampled
from segxl.tables.contracts import CONTRACTS, PLACEHOLDERS, Column, Type
from segxl.tables.text_column import TextColumn


@dataclass(frozen=True)
class Asked:
    """What is asked of a relation.

    Attributes:
        columns: the names of the columns that are used, in their order.
        days: those of times of which only the day is used: not of changes of stage, as the last one of a day counts.
        runs: the column of days, where equal rows of days that follow one another are taken together; blank elsewhere.
        unused: the others.
        headers: the header of each of the contract's columns that has one.
        counted: whether rows that are alike leave the engine once, with their number.
    """

    columns: tuple[str, ...]
    days: frozenset[str]
    runs: str
    unused: tuple[str, ...]
    headers: Mapping[str, str]
    counted: bool = True

    def statement(self, relation: Relation, dialect: str) -> str:
        """The statement that asks for it."""
        if self.runs:
            return counted_runs(relation, self.columns, self.days, self.runs, dialect)
        written = counted_rows if self.counted else rows_of_days
        return written(relation, self.columns, self.days, dialect)

    def where_it_pays(self, relation: Relation, session: Session, dialect: str) -> Asked:
        """The same; rows that an engine in this process would hardly make fewer are counted here, in codes: its
        grouping of 5,000,000 different activities takes 1.8 CPU seconds and 0.5 GB."""
        if self.runs or not session.here:
            return self
        different, rows = (
            _number(column) for column in session.rows(sampled(relation, self.columns, self.days, dialect)).columns
        )
        return replace(self, counted=different <= WORTH_IT * rows)


def order_of(table: str, source: TableSettings, shape: Rows) -> Sequence[str]:
    """The headers of the columns that give the rows their order: those of ``order_by``; else, of changes of stage with
    a time, that time, as the last one of a day counts."""
    if source.order_by or table != "buying_stages" or source.kind != "changes":
        return source.order_by
    header = named_header(shape.names)
    found = in_use(table, source, header)
    moment = found[1].get("date", "") if found else ""
    return [moment] if moment in header and shape.names[header.index(moment)] in shape.times | shape.zoned else ()


def asked(table: str, source: TableSettings, settings: Settings, shape: Rows, dialect: str) -> Asked | None:
    """What to ask of a relation in counted rows; None where all of its rows are needed as they are.

    That is so where a table is small, comes from several sources (equal rows of two may be one), has an order of its
    own, is a known vendor's export, or lacks a column (which reading it explains).
    """
    if table not in REDUCED or len(settings.tables[table]) > 1 or source.order_by or source.latest_by:
        return None
    header = named_header(shape.names)
    names = dict(zip(header, shape.names, strict=True))
    found = in_use(table, source, header)
    if found is None:
        return None
    used, headers = found
    columns = tuple(names[one] for one in header if one in used)
    plain_times = source.timestamps in (None, settings.timezone)
    days = shape.times if plain_times else frozenset[str]()
    if settings.timezone == "UTC" and dialect not in _DAYS_OF_ANY_ZONE:
        days |= shape.zoned
    days = days.intersection(columns) - {names[one] for one in order_of(table, source, shape)}
    runs = names.get(headers.get("date", ""), "") if source.kind == "snapshots" else ""
    if runs not in shape.dates | days:
        runs = ""
    return Asked(columns, days, runs, tuple(one for one in header if one not in used), headers)


_DAYS_OF_ANY_ZONE = ("snowflake",)
"""Where the day of a time with a zone is that of its own zone, and not of the session's, UTC."""


def held_together(raw: RawTable, table: str, source: TableSettings, asked: Asked) -> RawTable:
    """The rows of a counted selection, of which those that a rule may speak of are held one by one."""
    makes = any(value_map.makes for value_map in source.values.values())
    if raw.times is None or makes or source.where or (table == "buying_stages" and source.kind != "snapshots"):
        return raw.apart()
    own = {column.name: column for contract in CONTRACTS[table] for column in contract.columns}
    alone = np.zeros(len(raw), dtype=bool)
    for header, column in zip(raw.header, raw.columns, strict=True):
        if header in asked.unused:
            continue
        alone |= column.which(lambda text: text.casefold() in _NOTHING)
        for name in (name for name, one in asked.headers.items() if one == header and name in own):
            alone |= column.which(partial(_is_refused, table, own[name], source.values.get(name)))
    return raw.apart(alone)


def _is_refused(table: str, column: Column, value_map: ValueMap | None, text: str) -> bool:
    """Whether a text of a column may be rejected."""
    if not text:
        return column.required
    if column.type is Type.DATE:
        return _DAY.fullmatch(text) is None
    return bool(column.choices) and not choice(table, column, value_map.meaning(text) if value_map else text)


_NOTHING = PLACEHOLDERS | {word.casefold() for word in (*NOTHING, "NA")}


def _number(column: TextColumn) -> int:
    return int(column.at(0) or 0)


def split(rows: Rows, asked: Asked) -> tuple[Rows, NDArray[np.int64] | None]:
    """The rows of a selection under the relation's own names, and how often each occurs; None where rows that are alike
    are still several."""
    if not asked.counted:
        return rows, None
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
