"""Opens a session with the engine that the settings choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from segxl.errors import SegxlError
from segxl.settings.connections import Kind
from segxl.sources.warehouse import cloud, duckdb, postgres, spark
from segxl.sources.warehouse.session import Engine, Session


@dataclass(frozen=True)
class Driver:
    """What an engine needs: packages, by the names that pip knows, and the extra of segxl that installs them."""

    extra: str
    packages: tuple[str, ...]


DRIVERS: dict[Kind, Driver] = {
    "duckdb": Driver("duckdb", ("duckdb", "pyarrow", "sqlglot")),
    "postgres": Driver("postgres", ("psycopg", "pyarrow", "sqlglot")),
    "spark": Driver("spark", ("pyspark", "pyarrow", "sqlglot")),
    "snowflake": Driver("snowflake", ("snowflake-connector-python", "pyarrow", "sqlglot")),
    "bigquery": Driver("bigquery", ("google-cloud-bigquery", "pyarrow", "sqlglot")),
    "databricks": Driver("databricks", ("databricks-sql-connector", "pyarrow", "sqlglot")),
}

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
        extra = DRIVERS[engine.connection.kind].extra
        raise SegxlError(
            f'engine {engine.name} needs {error.name or extra}: run pip install "segxl[{extra}]"'
        ) from None
