"""Opens a session with the engine that the settings choose."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from segxl.errors import SegxlError
from segxl.settings.connections import EngineKind
from segxl.sources.warehouse import cloud, duckdb, postgres, spark
from segxl.sources.warehouse.session import Engine, Session

DRIVERS: dict[EngineKind, str] = {
    "duckdb": "duckdb",
    "postgres": "psycopg",
    "spark": "pyspark",
    "snowflake": "snowflake-connector-python",
    "bigquery": "google-cloud-bigquery",
    "databricks": "databricks-sql-connector",
}
"""The package of each engine's driver, by the name that pip knows. The extra of segxl with the kind's name installs it,
and what all engines share."""

SHARED = ("pyarrow", "sqlglot")
"""Packages that every engine needs: results are Arrow columns, and sqlglot writes the statements."""

_OPENERS: dict[EngineKind, Callable[[Engine], Session]] = {
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
        for package in SHARED:
            import_module(package)
        return _OPENERS[engine.connection.kind](engine)
    except ImportError as error:
        extra = engine.connection.kind
        raise SegxlError(
            f'engine {engine.name} needs {error.name or extra}: run pip install "segxl[{extra}]"'
        ) from None
