"""DuckDB: a database file, opened for reading only, or this process with the folder's Parquet and CSV files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segxl.errors import SegxlError
from segxl.sources.warehouse.session import ROWS_AT_ONCE, Engine, Rows, arrow_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OPTIONS = {
    "autoinstall_known_extensions": "false",  # else a query could make it download
    "autoload_known_extensions": "false",
    "enable_progress_bar": "false",  # it would be drawn into the command's output
    "memory_limit": "2GB",  # what does not fit goes to a file; the default is nearly all of the machine's
    "preserve_insertion_order": "false",  # rows are put in order here
    "python_enable_replacements": "false",  # a table's name would also find Python's variables
    "TimeZone": "UTC",
}


@dataclass
class _DuckDB:
    engine: Engine
    connection: DuckDBPyConnection
    here: bool = True

    def rows(self, statement: str, names: Sequence[str] = ()) -> Rows:
        import duckdb

        try:
            parts = self.connection.sql(statement).arrow(ROWS_AT_ONCE)
            return arrow_rows(parts.schema, parts, names, self.engine.known)
        except duckdb.Error as error:
            raise self.engine.refused(error) from None

    def close(self) -> None:
        self.connection.close()


def opened(engine: Engine) -> _DuckDB:
    """A session with a file of the folder (or with its full path), or in this process.

    Raises:
        SegxlError: there is no such file, or it is no database.
    """
    import duckdb

    name = engine.connection.database
    if name is not None and not (path := engine.folder / name).is_file():
        raise SegxlError(f"connections.{engine.name}: no file {str(path)!r}; set database to a DuckDB file")
    try:
        connection = duckdb.connect(str(path) if name else ":memory:", read_only=name is not None)
        for option, value in _OPTIONS.items():
            connection.execute(f"SET {option} = '{value}'")
        connection.execute("SET file_search_path = ?", [str(engine.folder.resolve())])
        # what does not fit in memory goes there, and not into the user's folder
        aside = Path(tempfile.gettempdir()) / f"segxl-duckdb-{os.getpid()}"
        connection.execute("SET temp_directory = ?", [str(aside)])
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        raise engine.not_open(error) from None
    return _DuckDB(engine, connection)
