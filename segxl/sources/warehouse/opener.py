"""Tables and queries of an engine as raw tables, opened like files.

Every value becomes the text that a Parquet file's value would have, so the reader behind treats them as it treats an
export: the same strictness, the same ledger.

**Order.** A table has no order of its own. Its rows are put in the order of ``order_by``, a column of numbers by value,
others by text, ties by all columns; without it by all columns. Text is compared by code point here and not in the
engine, whose order depends on its language. So the rows have the same numbers in every engine, counted as if the table
were exported in that order and opened in Excel: the first row below the header is row 2.

**Fingerprint.** What takes the place of a file's SHA-256 is the SHA-256 of what was read: the columns' names, and every
row's texts in that order. It is the same in every engine, and changes when a value does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.cache.fingerprint import note_outside
from segxl.errors import SegxlError, nearest
from segxl.settings.model import Settings, TableSettings
from segxl.sources.files.raw import RawTable, named_header, refuse_width, rows_below
from segxl.sources.reader import Opener
from segxl.sources.warehouse import statements
from segxl.sources.warehouse.reduction import asked, split
from segxl.sources.warehouse.session import Engine, Rows, Session
from segxl.sources.warehouse.sessions import open_session
from segxl.tables.text_column import TextColumn


@contextmanager
def with_engine(settings: Settings, folder: Path, files: Opener) -> Iterator[Opener]:
    """What opens tables of the settings: those of the engine, and files by ``files``. One session serves all tables.

    Raises:
        SegxlError: the engine's driver is not installed, or the engine does not answer.
    """
    if not any(source.in_engine for sources in settings.tables.values() for source in sources):
        yield files
        return
    note_outside()
    engine = Engine.of(settings, folder)
    with closing(open_session(engine)) as session:
        yield _EngineOpener(engine, session, settings, files)


@dataclass(frozen=True)
class _EngineOpener:
    engine: Engine
    session: Session
    settings: Settings
    files: Opener

    def __call__(self, table: str, source: TableSettings) -> Iterator[RawTable]:
        if not source.in_engine:
            yield from self.files(table, source)
            return
        yield self._opened(table, source)

    def _opened(self, table: str, source: TableSettings) -> RawTable:
        session, dialect = self.session, self.engine.dialect
        relation = self._relation(table, source)
        try:
            shape = session.rows(statements.no_rows(relation, dialect))
            names = _names(relation, shape)
            part = asked(table, source, self.settings, shape)
            if part is None:
                rows = session.rows(statements.all_rows(relation, names, dialect))
                return _raw(relation.name, rows, np.ones(1, dtype=np.int64), source)
            counted = session.rows(part.statement(relation, dialect))
        except SegxlError as error:
            raise SegxlError(f"tables.{table} ({relation.name}): {error}") from None
        return replace(_raw(relation.name, *split(counted, part), source), unread=part.unused)

    def _relation(self, table: str, source: TableSettings) -> statements.Relation:
        if source.table is not None:
            return statements.table(source.table)
        several = [one for one in self.settings.tables[table] if one.query is not None]
        number = f" {several.index(source) + 1}" if len(several) > 1 else ""
        return statements.query(source.query or "", self.engine.dialect, f"{table}, query{number}")


def _names(relation: statements.Relation, shape: Rows) -> tuple[str, ...]:
    """The columns of a relation.

    Raises:
        SegxlError: two have one name, or there are too many.
    """
    refuse_width(relation.name, len(shape.names))
    if twice := sorted({name for name in shape.names if shape.names.count(name) > 1}):
        raise SegxlError(f"{relation.name} has two columns {twice[0]!r}: rename one of them in the query")
    return shape.names


def _raw(name: str, rows: Rows, times: NDArray[np.int64], source: TableSettings) -> RawTable:
    """The rows in their order, each as often as ``times`` says.

    Raises:
        SegxlError: ``order_by`` names no column.
    """
    columns, header = rows.columns, named_header(rows.names)
    by_fold = {one.casefold(): column for one, column in zip(header, columns, strict=True)}
    for wanted in source.order_by:
        if wanted.casefold() not in by_fold:
            raise SegxlError(f"order_by: {name} has no column {wanted!r}{nearest(wanted, header)}")
    chosen = [_ranks(by_fold[wanted.casefold()]) for wanted in source.order_by]
    places = in_order([*chosen, *map(_ranks_of_texts, columns)])
    if (times != 1).any():
        places = np.repeat(places, times[places])
    columns = tuple(column.take(places) for column in columns)
    ranks = _steps(chosen, places)
    return RawTable(name, fingerprint(header, columns), header, columns, rows_below(1, len(places)), ranks=ranks)


def in_order(ranks: Sequence[NDArray[np.int64]]) -> NDArray[np.intp]:
    """The places of rows that are ordered by the first ranks, then by the second and so on. As many as fit are compared
    as one number: several times as fast as one after the other."""
    joined: list[NDArray[np.int64]] = []
    free = 0
    for one in ranks:
        bits = int(one.max(initial=0)).bit_length()
        if joined and bits <= free:
            joined[-1] = (joined[-1] << bits) | one
        else:
            joined, free = [*joined, one], _BITS
        free -= bits
    return np.argsort(joined[0], kind="stable") if len(joined) == 1 else np.lexsort(joined[::-1])


_BITS = 63
"""Of a positive integer."""


def _steps(ranks: Sequence[NDArray[np.int64]], places: NDArray[np.intp]) -> NDArray[np.int32]:
    """A number for each of the ordered rows; rows that the ranks do not part have the same."""
    new = np.zeros(max(len(places) - 1, 0), dtype=bool)
    for one in ranks:
        ordered = one[places]
        new |= ordered[1:] != ordered[:-1]
    return np.append(0, np.cumsum(new, dtype=np.int32)).astype(np.int32)[: len(places)]


def _ranks_of_texts(column: TextColumn) -> NDArray[np.int64]:
    """The rank of each row's text by code points; blank first."""
    return _ranked(column, column.distinct.tolist())


def _ranks(column: TextColumn) -> NDArray[np.int64]:
    """The same; where all texts are numbers, by their value."""
    try:
        values = [Decimal(text) if text else Decimal("-Infinity") for text in column.distinct]
    except InvalidOperation:
        return _ranks_of_texts(column)
    return _ranked(column, values) if not any(map(Decimal.is_nan, values)) else _ranks_of_texts(column)


def _ranked(column: TextColumn, values: Sequence[Any]) -> NDArray[np.int64]:
    ranks = {value: rank for rank, value in enumerate(sorted(set(values)))}
    return np.array([ranks[value] for value in values], dtype=np.int64)[column.codes]


def fingerprint(header: Sequence[str], columns: Sequence[TextColumn]) -> str:
    """The SHA-256 of a table's content, in hexadecimal: names, rows and their order."""
    digest = hashlib.sha256()
    for name, column in zip(header, columns, strict=True):
        for text in (name, *column.distinct):
            data = text.encode("utf-8", errors="surrogatepass")
            digest.update(len(data).to_bytes(8, "little") + data)
        digest.update(len(column.distinct).to_bytes(8, "little") + column.codes.astype("<i4").tobytes())
    return digest.hexdigest()
