"""Opens a session with the engine that the settings choose."""

from __future__ import annotations

from collections.abc import Callable

from segxl.errors import SegxlError
from segxl.settings.connections import Kind
from segxl.sources.warehouse import cloud, duckdb, postgres, spark
from segxl.sources.warehouse.session import Engine, Session

DRIVERS: dict[Kind, tuple[str, str]] = {
    "duckdb": ("duckdb", "duckdb"),
    "postgres": ("psycopg", "postgres"),
    "spark": ("pyspark", "spark"),
    "snowflake": ("snowflake.connector", "snowflake"),
    "bigquery": ("google.cloud.bigquery", "bigquery"),
    "databricks": ("databricks.sql", "databricks"),
}
"""The driver's module, and the extra of segxl that installs it."""

_OPENERS: dict[Kind, Callable[[Engine], Session]] = {
    "duckdb": duckdb.opened,
    "postgres": postgres.opened,
    "spark": spark.opened,
    "snowflake": cloud.snowflake,
    "bigquery": cloud.bigquery,
    "databricks": cloud.databricks,
}


def open_session(engine: Engine) -> Session:
    """A new session.

    Raises:
        SegxlError: the driver is not installed, or the engine does not answer; says what to do.
    """
    try:
        import pyarrow  # noqa: F401  all of them hand over Arrow columns
        import sqlglot  # noqa: F401  and are sent what it writes

        return _OPENERS[engine.connection.kind](engine)
    except ImportError as error:
        extra = DRIVERS[engine.connection.kind][1]
        raise SegxlError(
            f'engine {engine.name} needs {error.name or extra}: run pip install "segxl[{extra}]"'
        ) from None
