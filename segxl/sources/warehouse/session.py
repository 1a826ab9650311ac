"""A session with an engine: statements in, columns of text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from segxl.errors import SegxlError
from segxl.settings.connections import BUILT_IN, Connection
from segxl.settings.model import Settings
from segxl.sources.files.arrow_values import arrow_texts
from segxl.tables.text_column import TextColumn

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class Rows:
    """The columns of a statement's result.

    ``times`` are the columns of times without a zone: the day of one is the day of its date. ``dates`` are those of
    dates.
    """

    names: tuple[str, ...]
    columns: tuple[TextColumn, ...]
    times: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()


class Session(Protocol):
    """An open connection that only reads. Times with a zone come in UTC."""

    def rows(self, statement: str) -> Rows:
        """The result of a selection, each value as the text that a Parquet file's value would have.

        Raises:
            SegxlError: the engine refuses the statement; with the engine's own message.
        """

    def close(self) -> None:
        """End the session."""


@dataclass(frozen=True)
class Engine:
    """The engine that the settings choose: its connection, by the name that the settings give it."""

    name: str
    connection: Connection
    folder: Path

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

    def refused(self, error: Exception) -> SegxlError:
        """A driver's error in one line, with the engine's name."""
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = lines[0] if lines else type(error).__name__
        return SegxlError(f"engine {self.name}: {said.rstrip('.')}")


def arrow_rows(table: pyarrow.Table, names: Sequence[str] = ()) -> Rows:
    """The rows of an Arrow table."""
    import pyarrow

    times = [one.name for one in table.schema if pyarrow.types.is_timestamp(one.type) and one.type.tz is None]
    dates = [one.name for one in table.schema if pyarrow.types.is_date(one.type)]
    columns = tuple(arrow_texts(column) for column in table.columns)
    return Rows(tuple(names or table.column_names), columns, frozenset(times), frozenset(dates))
