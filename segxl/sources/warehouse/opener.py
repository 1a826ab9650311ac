"""Tables and queries of an engine as raw tables, opened like files.

Every value becomes the text that a Parquet file's value would have, so the reader behind treats them as it treats an
export: the same strictness, the same ledger.

**Order.** A table has no order of its own. Its rows are put in one (:mod:`segxl.sources.warehouse.order`). So they have
the same numbers in every engine, counted as if the table were exported in that order and opened in Excel: the first row
below the header is row 2.

**Fingerprint.** What takes the place of a file's SHA-256 is the SHA-256 of what was read: the columns' names, and every
row's texts in that order. It is the same in every engine, and changes when a value does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segxl.cache.fingerprint import note_outside
from segxl.errors import SegxlError, nearest
from segxl.settings.model import Settings, TableSettings
from segxl.sources.files.raw import RawTable, named_header, refuse_width, rows_below
from segxl.sources.reader import Opener
from segxl.sources.warehouse import statements
from segxl.sources.warehouse.order import ordered
from segxl.sources.warehouse.reduction import asked, held_together, order_of, split
from segxl.sources.warehouse.session import Engine, Rows, Session
from segxl.sources.warehouse.sessions import open_session
from segxl.sources.warehouse.unread import with_unread
from segxl.tables.row_numbers import RowNumbers


@contextmanager
def with_engine(settings: Settings, folder: Path, files: Opener) -> Iterator[Opener]:
    """What opens tables of the settings: those of the engine, and files by ``files``. One session serves all tables.

    Raises:
        SegxlError: the engine's driver is not installed, or the engine does not answer.
    """
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
            order = order_of(table, source, shape)
            part = asked(table, source, self.settings, shape, dialect)
            if part is None:
                rows = session.rows(statements.all_rows(relation, names, dialect))
                return _raw(relation.name, rows, None, order).apart()
            part = part.where_it_pays(relation, session, dialect)
            counted, times = split(session.rows(part.statement(relation, dialect), part.columns), part)
            counted, times = with_unread(counted, times, names, relation, session, dialect)
        except SegxlError as error:
            raise SegxlError(f"tables.{table} ({relation.name}): {error}") from None
        raw = held_together(_raw(relation.name, counted, times, order), table, source, part)
        return replace(raw, unread=part.unused)

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


def _raw(name: str, rows: Rows, times: NDArray[np.int64] | None, order: Sequence[str]) -> RawTable:
    """The rows in their order, those that are alike as one; ``times`` is how often each of ``rows`` occurs, ``order``
    the columns that order them.

    Raises:
        SegxlError: ``order_by`` names no column.
    """
    header = named_header(rows.names)
    by_fold = {one.casefold(): column for one, column in zip(header, rows.columns, strict=True)}
    for wanted in order:
        if wanted.casefold() not in by_fold:
            raise SegxlError(f"order_by: {name} has no column {wanted!r}{nearest(wanted, header)}")
    found = ordered(rows.columns, times, [by_fold[wanted.casefold()] for wanted in order])
    total = len(found.columns[0]) if found.times is None else int(found.times.sum())
    if total > _MOST_ROWS:
        raise SegxlError(f"{name} has {total:,} rows, too many to number: select fewer in a query")
    numbers: RowNumbers = rows_below(1, total)
    if found.times is not None:
        numbers = (np.cumsum(found.times) - found.times + 2).astype(np.int32)
    if found.steps is None:
        steps = np.broadcast_to(np.int32(0), total)
    else:
        steps = found.steps if found.times is None else np.repeat(found.steps, found.times)
    sha256 = found.fingerprint(header)
    return RawTable(name, sha256, header, found.columns, numbers, ranks=steps, times=found.times)


_MOST_ROWS = 2**31 - 3
"""Row numbers are 32-bit integers."""
