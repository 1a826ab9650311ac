"""A session with an engine: statements in, columns of text out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from segxl.errors import SegxlError
from segxl.settings.connections import BUILT_IN, Connection
from segxl.settings.model import Settings
from segxl.sources.files.arrow_codes import CodedDays, CodedTexts, KnownIds, NotCodableError
from segxl.sources.files.arrow_values import arrow_texts, is_text
from segxl.tables.text_column import TextColumn

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class Rows:
    """The columns of a statement's result.

    ``times`` are the columns of times without a zone: the day of one is the day of its date. ``zoned`` are those of
    times with a zone, ``dates`` those of dates.
    """

    names: tuple[str, ...]
    columns: tuple[TextColumn, ...]
    times: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    zoned: frozenset[str] = frozenset()


class Session(Protocol):
    """An open connection that only reads. Times with a zone come in UTC.

    ``here``: whether the engine works in this process, so that its time and memory are segxl's.
    """

    here: bool

    def rows(self, statement: str, names: Sequence[str] = ()) -> Rows:
        """The result of a selection, each value as the text that a Parquet file's value would have.

        ``names`` are those of its first columns, where the statement has to call them otherwise.

        Raises:
            SegxlError: the engine refuses the statement, or the connection ends; with the engine's own message.
        """

    def close(self) -> None:
        """End the session."""


@dataclass(frozen=True)
class Engine:
    """The engine that the settings choose: its connection, by the name that the settings give it."""

    name: str
    connection: Connection
    folder: Path
    known: KnownIds = field(default_factory=dict, compare=False)
    """The ids that its tables have so far: columns of one name share them, as those of files do."""

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> Engine:
        """The engine of the settings; it must not be memory."""
        found = settings.connections.get(settings.engine)
        if found is None:
            kind = next(kind for kind in BUILT_IN if kind == settings.engine)
            found = Connection.model_construct(kind=kind)
        return cls(settings.engine, found, folder)

    @property
    def dialect(self) -> str:
        """sqlglot's name of its SQL: that of its kind."""
        return self.connection.kind

    def not_open(self, error: Exception) -> SegxlError:
        """A driver's error where no connection came about, in one line, with what to change."""
        if self.name in BUILT_IN:
            return self._said(error, "check its installation: segxl doctor")
        asked = "" if self.connection.kind in ("duckdb", "spark") else ", your network and the password or token"
        return self._said(error, f"check [connections.{self.name}]{asked} (segxl help warehouse)")

    def refused(self, error: Exception, *, lost: bool = False) -> SegxlError:
        """The same where a statement failed; ``lost``: because the connection ended."""
        if lost:
            return self._said(error, "the connection ended, and nothing was written: run the command again")
        return self._said(error, "check the name or the query, and whether you may read it")

    def _said(self, error: Exception, fix: str) -> SegxlError:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = lines[0] if lines else type(error).__name__
        return SegxlError(f"engine {self.name}: {said.rstrip('.')}; {fix}")


ROWS_AT_ONCE = 1 << 18
"""Rows of a part of a result, where its driver lets that be chosen."""


def arrow_rows(
    schema: pyarrow.Schema, parts: Iterable[pyarrow.RecordBatch], names: Sequence[str], known: KnownIds
) -> Rows:
    """The rows of Arrow's parts, which are coded one after the other: all of them as values would not fit in memory."""
    import pyarrow

    names = (*names, *schema.names[len(names) :])
    kinds = dict(zip(names, schema.types, strict=True))
    columns = [_Column(name, kind, known) for name, kind in zip(names, schema.types, strict=True)]
    for part in parts:
        for column, values in zip(columns, part.columns, strict=True):
            for chunk in values.chunks if isinstance(values, pyarrow.ChunkedArray) else [values]:
                column.add(chunk)
    moments = {name: kind.tz for name, kind in kinds.items() if pyarrow.types.is_timestamp(kind)}
    times, zoned = (frozenset(name for name, zone in moments.items() if bool(zone) == has) for has in (False, True))
    dates = frozenset(name for name, kind in kinds.items() if pyarrow.types.is_date(kind))
    return Rows(names, tuple(column.texts() for column in columns), times, dates, zoned)


class _Column:
    """A column of a result, part by part: texts and days as codes, what is neither, or no ids, from its values."""

    def __init__(self, name: str, kind: pyarrow.DataType, known: KnownIds) -> None:
        import pyarrow

        self._values = list[pyarrow.Array]()
        self._coded: CodedTexts | CodedDays | None = None
        if is_text(kind):
            self._coded = CodedTexts(0, name.casefold(), known)
        elif pyarrow.types.is_date32(kind):
            self._coded = CodedDays(0)
        self._done = self._coded is None

    def add(self, chunk: pyarrow.Array) -> None:
        if not self._done and self._coded is not None:
            try:
                self._coded.add(chunk)
                return
            except NotCodableError:
                self._done = True
        self._values.append(chunk)

    def texts(self) -> TextColumn:
        import pyarrow

        if self._coded is None:
            kinds = groupby(self._values, key=lambda chunk: chunk.type)  # a driver may choose one for each part
            parts = [arrow_texts(pyarrow.chunked_array(list(chunks), kind)) for kind, chunks in kinds]
            return parts[0] if len(parts) == 1 else TextColumn.joined([TextColumn.filled("", 0), *parts])
        try:
            column = self._coded.column()
        except NotCodableError:
            if not isinstance(self._coded, CodedDays):
                raise
            return arrow_texts(pyarrow.chunked_array([self._coded.values()]))
        if self._values:
            return TextColumn.joined([column, arrow_texts(pyarrow.chunked_array(self._values))])
        return column
