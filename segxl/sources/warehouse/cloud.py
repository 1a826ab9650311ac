"""Snowflake, BigQuery and Databricks by their vendors' drivers, which hand over Arrow tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segxl.errors import SegxlError
from segxl.settings.connections import secret_variable
from segxl.sources.warehouse.session import Engine, Rows, arrow_rows

if TYPE_CHECKING:
    import pyarrow


@dataclass
class _Cloud:
    engine: Engine
    fetched: Callable[[str], pyarrow.Table]
    ended: Callable[[], object]
    here: bool = False

    def rows(self, statement: str, names: Sequence[str] = ()) -> Rows:
        found = _answer(self.engine.refused, lambda: self.fetched(statement))
        return arrow_rows(found.schema, found.to_batches(), names, self.engine.known)

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

    def fetched(statement: str) -> pyarrow.Table:
        return connection.cursor().execute(statement).fetch_arrow_all(force_return_table=True)

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
    return _Cloud(engine, lambda statement: client.query(statement, job_config=config).to_arrow(), client.close)


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

    def fetched(statement: str) -> pyarrow.Table:
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall_arrow()

    return _Cloud(engine, fetched, connection.close)
