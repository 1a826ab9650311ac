"""Snowflake, BigQuery and Databricks by their vendors' drivers, which hand over Arrow tables.

A result comes in parts, each of which is coded before the next one: a whole result as Arrow would not fit in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from segxl.errors import SegxlError
from segxl.settings.connections import secret_variable
from segxl.sources.warehouse.session import ROWS_AT_ONCE, Engine, Rows, arrow_rows

if TYPE_CHECKING:
    import pyarrow


@dataclass
class _Cloud:
    """A session; ``fetched`` gives the parts of a result, tables or batches, an empty one if it has no row."""

    engine: Engine
    fetched: Callable[[str], Iterator[pyarrow.Table | pyarrow.RecordBatch]]
    ended: Callable[[], object]
    here: bool = False

    def rows(self, statement: str, names: Sequence[str] = ()) -> Rows:
        parts = self._answered(self.fetched(statement))
        first = next(parts)
        return arrow_rows(first.schema, chain([first], parts), names, self.engine.known)

    def _answered(self, parts: Iterator[pyarrow.Table]) -> Iterator[pyarrow.Table]:
        while (part := _answer(self.engine.refused, lambda: next(parts, None))) is not None:
            yield part

    def close(self) -> None:
        self.ended()


def _answer(failed: Callable[[Exception], SegxlError], ask: Callable[[], Any]) -> Any:
    """The answer of a vendor's driver.

    Raises:
        SegxlError: what ``failed`` makes of its error.
    """
    try:
        return ask()
    except Exception as error:  # drivers share no class of errors, and raise those of their HTTP libraries as well
        raise failed(error) from None


def _secret(engine: Engine) -> str:
    variable = secret_variable(engine.name)
    if not (found := os.environ.get(variable)):
        raise SegxlError(f"engine {engine.name}: set the environment variable {variable} to the password or token")
    return found


def snowflake(engine: Engine) -> _Cloud:
    """A session with Snowflake; times without a zone are read as UTC.

    Raises:
        SegxlError: the variable of the password is not set, or Snowflake refuses.
    """
    from snowflake import connector

    asked = engine.connection
    given = {"account": asked.account, "user": asked.user, "password": _secret(engine), "database": asked.database}
    given |= {"schema": asked.schema_, "warehouse": asked.warehouse, "role": asked.role}
    given = {key: value for key, value in given.items() if value is not None}
    options = {"TIMEZONE": "UTC", "QUOTED_IDENTIFIERS_IGNORE_CASE": False}
    connection = _answer(engine.not_open, lambda: connector.connect(**given, session_parameters=options))

    def fetched(statement: str) -> Iterator[pyarrow.Table]:
        cursor = connection.cursor().execute(statement)
        parts = cursor.fetch_arrow_batches()
        if (first := next(parts, None)) is None:
            yield cursor.fetch_arrow_all(force_return_table=True)  # the columns' types
            return
        yield first
        yield from parts

    return _Cloud(engine, fetched, connection.close)


def bigquery(engine: Engine) -> _Cloud:
    """A session with BigQuery; Google's library finds the credentials (``GOOGLE_APPLICATION_CREDENTIALS``).

    Raises:
        SegxlError: BigQuery refuses.
    """
    from google.cloud import bigquery as google

    asked = engine.connection
    place = f"{asked.project}.{asked.database}" if asked.database else None
    config = google.QueryJobConfig(default_dataset=place) if place else None
    client = _answer(engine.not_open, lambda: google.Client(project=asked.project))
    try:  # many times as fast as pages of JSON, and not installed with the driver
        from google.cloud.bigquery_storage import BigQueryReadClient
    except ImportError:
        reader = None
    else:
        reader = _answer(engine.not_open, BigQueryReadClient)

    def fetched(statement: str) -> Iterator[pyarrow.Table | pyarrow.RecordBatch]:
        job = client.query(statement, job_config=config)
        parts = job.result().to_arrow_iterable(bqstorage_client=reader)
        if (first := next(parts, None)) is None or not first.num_columns:
            yield job.result().to_arrow()  # the columns' types
            return
        yield first
        yield from parts

    return _Cloud(engine, fetched, client.close)


def databricks(engine: Engine) -> _Cloud:
    """A session with a Databricks SQL warehouse; the connection's variable holds the token.

    Raises:
        SegxlError: the variable is not set, or Databricks refuses.
    """
    from databricks import sql

    asked = engine.connection
    given = {"server_hostname": asked.host, "http_path": asked.http_path, "access_token": _secret(engine)}
    given |= {"catalog": asked.database, "schema": asked.schema_}
    given = {key: value for key, value in given.items() if value is not None}
    options = {"timezone": "UTC", "ansi_mode": "true"}
    connection = _answer(engine.not_open, lambda: sql.connect(**given, session_configuration=options))

    def fetched(statement: str) -> Iterator[pyarrow.Table]:
        cursor = connection.cursor()
        cursor.execute(statement)
        part = cursor.fetchmany_arrow(ROWS_AT_ONCE)
        yield part
        while len(part) and len(part := cursor.fetchmany_arrow(ROWS_AT_ONCE)):
            yield part

    return _Cloud(engine, fetched, connection.close)
