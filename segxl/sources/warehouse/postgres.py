"""PostgreSQL: one read-only transaction, so that all tables are of one moment.

Rows come by COPY as CSV, the fastest way out of PostgreSQL, and exact: a numeric keeps its digits, and a day that
Python has no date for (``infinity``) arrives as its text and is rejected with it.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segxl.settings.connections import secret_variable
from segxl.sources.files.sheets import cell_text
from segxl.sources.warehouse.session import Engine, Rows, arrow_rows

if TYPE_CHECKING:
    import psycopg
    import pyarrow

Buffer = bytes | bytearray | memoryview

_SECONDS_TO_WAIT = 15

_BOOL, _DATE, _TIMESTAMP, _TIMESTAMP_WITH_ZONE, _FLOATS, _NUMERIC = 16, 1082, 1114, 1184, (700, 701), 1700
"""PostgreSQL's own numbers of its types."""

_OPTIONS = "-c default_transaction_read_only=on -c datestyle=ISO -c timezone=UTC -c extra_float_digits=1"


@dataclass
class _Postgres:
    engine: Engine
    connection: psycopg.Connection[Any]
    here: bool = False

    def rows(self, statement: str, names: Sequence[str] = ()) -> Rows:
        import psycopg

        try:
            described = self.connection.execute(f"SELECT * FROM (\n{statement}\n) AS segxl_shape LIMIT 0".encode())
            types = [column.type_code for column in described.description or ()]
            names = (*names, *(column.name for column in (described.description or ())[len(names) :]))
            with self.connection.cursor().copy(f"COPY (\n{statement}\n) TO STDOUT (FORMAT csv)".encode()) as copied:
                schema, parts = _parts(copied, len(names))
                rows = arrow_rows(schema, parts, names, self.engine.known)
        except psycopg.Error as error:
            raise self.engine.refused(error, lost=self.connection.closed) from None
        columns = tuple(
            column.changed(_TEXTS[type]) if type in _TEXTS else column
            for column, type in zip(rows.columns, types, strict=True)
        )
        columns = tuple(
            column.changed(_day) if type == _TIMESTAMP and column.which(_has_time).sum() == 0 else column
            for column, type in zip(columns, types, strict=True)
        )
        kinds = dict(zip(names, types, strict=True))
        of_kind = [
            frozenset(name for name in names if kinds[name] == kind)
            for kind in (_TIMESTAMP, _DATE, _TIMESTAMP_WITH_ZONE)
        ]
        return Rows(tuple(names), columns, *of_kind)

    def close(self) -> None:
        self.connection.close()


def opened(engine: Engine) -> _Postgres:
    """A session in one transaction; the password comes from the connection's environment variable, else from where
    PostgreSQL's library looks.

    Raises:
        SegxlError: the server does not answer, or refuses.
    """
    import psycopg
    from psycopg.conninfo import make_conninfo

    asked = engine.connection
    given: dict[str, Any] = {"dbname": asked.database, "host": asked.host, "port": asked.port, "user": asked.user}
    given |= {"sslmode": asked.sslmode, "password": os.environ.get(secret_variable(engine.name))}
    options = _OPTIONS + (f" -c search_path={_escaped(asked.schema_)}" if asked.schema_ else "")
    given |= {"options": options, "application_name": "segxl", "client_encoding": "UTF8"}
    given |= {"connect_timeout": _SECONDS_TO_WAIT}
    try:
        connection = psycopg.connect(make_conninfo(**{key: one for key, one in given.items() if one is not None}))
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
    except psycopg.Error as error:
        raise engine.not_open(error) from None
    return _Postgres(engine, connection)


def _escaped(schema: str) -> str:
    """A schema's name as one word of the server's options: quoted, so that it can add no other option."""
    quoted = '"' + schema.replace('"', '""') + '"'
    return re.sub(r"([\\ ])", r"\\\1", quoted)


def _parts(blocks: Iterable[Buffer], columns: int) -> tuple[pyarrow.Schema, Iterable[pyarrow.RecordBatch]]:
    """The rows of CSV, which comes in blocks: a part after the other, and all values as texts."""
    import pyarrow
    from pyarrow import csv

    names = [f"c{at}" for at in range(columns)]
    schema = pyarrow.schema({name: pyarrow.string() for name in names})
    data = io.BufferedReader(_Blocks(iter(blocks)), _BLOCK)
    if not data.peek(1):
        return schema, ()
    return schema, csv.open_csv(
        data,
        csv.ReadOptions(column_names=names, block_size=_BLOCK),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(column_types=schema, strings_can_be_null=False),
    )


_BLOCK = 1 << 23


class _Blocks(io.RawIOBase):
    """Blocks of bytes as a file that is read from its beginning to its end."""

    def __init__(self, blocks: Iterator[Buffer]) -> None:
        self._blocks, self._left = blocks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._left and (block := next(self._blocks, None)) is not None:
            self._left = memoryview(block)
        size = min(len(into), len(self._left))
        into[:size], self._left = self._left[:size], self._left[size:]
        return size


def _has_time(text: str) -> bool:
    return bool(text) and not text.endswith(" 00:00:00")


def _day(text: str) -> str:
    return text.removesuffix(" 00:00:00")


def _moment(text: str) -> str:
    """A time as a Parquet file's would be: parts of a second in threes, and the zone with its minutes."""
    whole, dot, part = text.removesuffix("+00").partition(".")
    part = part.ljust(-(-len(part) // 3) * 3, "0")
    return f"{whole}{dot}{part}" + ("+00:00" if text.endswith("+00") else "")


_TEXTS: dict[int, Callable[[str], str]] = {
    _BOOL: lambda text: {"t": "TRUE", "f": "FALSE"}.get(text, text),
    _TIMESTAMP: _moment,
    _TIMESTAMP_WITH_ZONE: _moment,
    _NUMERIC: lambda text: text if text[-1:].isdigit() else cell_text(float(text)) if text else "",  # NaN, Infinity
    **dict.fromkeys(_FLOATS, lambda text: cell_text(float(text)) if text else ""),
}
