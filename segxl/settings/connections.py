"""Engines: reading and reducing tables that are not files, and the settings of a connection.

Credentials are never settings. A password or token comes from an environment variable named after the connection
(:func:`secret_variable`), or from where the driver looks by itself: PostgreSQL's ``PGPASSWORD`` and ``~/.pgpass``, for
example. A setting that looks like one is refused, and its value is not shown.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

EngineKind = Literal["duckdb", "postgres", "spark", "snowflake", "bigquery", "databricks"]

MEMORY = "memory"
"""The engine that reads files only: this process."""

BUILT_IN: tuple[EngineKind, ...] = ("duckdb", "spark")
"""Engines that need no connection: DuckDB in this process, and Spark on this machine."""

_NEEDS: dict[EngineKind, tuple[str, ...]] = {
    "duckdb": ("database",),
    "postgres": ("database",),
    "spark": (),
    "snowflake": ("account", "user", "warehouse", "database"),
    "bigquery": ("project",),
    "databricks": ("host", "http_path"),
}
_TAKES: dict[EngineKind, tuple[str, ...]] = {
    "duckdb": (),
    "postgres": ("host", "port", "user", "sslmode", "schema"),
    "spark": ("database",),
    "snowflake": ("schema", "role"),
    "bigquery": ("database",),
    "databricks": ("database", "schema"),
}

_SECRET = re.compile("pass|pwd|secret|token|credential|private|api_?key|url|uri|dsn|conn", re.IGNORECASE)
"""Keys that contain credentials, or may."""


class Connection(BaseModel):
    """One of ``[connections.NAME]``: which warehouse, and where it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)

    kind: EngineKind = Field(description="The kind of warehouse.")
    database: str | None = Field(None, description="The database; for DuckDB its file.")
    host: str | None = Field(None, description="The server's name; for Postgres blank means this machine.")
    port: int | None = Field(None, description="The server's port.", ge=1, le=65535)
    user: str | None = Field(None, description="The user's name. The password comes from the environment.")
    sslmode: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] | None = Field(
        None, description="Postgres: how the connection is encrypted."
    )
    account: str | None = Field(None, description="Snowflake: the account.")
    warehouse: str | None = Field(None, description="Snowflake: the virtual warehouse.")
    role: str | None = Field(None, description="Snowflake: the role.")
    project: str | None = Field(None, description="BigQuery: the project that pays.")
    http_path: str | None = Field(None, description="Databricks: the path of the SQL warehouse.")
    schema_: str | None = Field(None, alias="schema", description="The schema of tables named without one.")

    @model_validator(mode="before")
    @classmethod
    def _no_secret(cls, given: Any) -> Any:
        """Refuse credentials before anything else can print them."""
        if isinstance(given, dict):
            for key, value in given.items():
                if key not in _known() and _SECRET.search(str(key)):
                    raise ValueError(f"remove {key}: credentials do not belong in settings; {_WHERE}")
                if isinstance(value, str) and _holds_secret(value):
                    raise ValueError(f"{key} contains a URL or a password: write only the name there; {_WHERE}")
        return given

    @model_validator(mode="after")
    def _complete(self) -> Connection:
        given = {_known_by_field(name) for name in self.model_fields_set if getattr(self, name) is not None} - {"kind"}
        if lacking := [name for name in _NEEDS[self.kind] if name not in given]:
            raise ValueError(f"{self.kind} needs {' and '.join(lacking)}")
        if unused := sorted(given - {*_NEEDS[self.kind], *_TAKES[self.kind]}):
            raise ValueError(f"{self.kind} has no {unused[0]}; remove it")
        return self


def _known() -> set[str]:
    return {_known_by_field(name) for name in Connection.model_fields}


def _known_by_field(name: str) -> str:
    return Connection.model_fields[name].alias or name


_WHERE = "set the variable SEGXL_NAME_PASSWORD, with the connection's name for NAME, in the environment"


def _holds_secret(value: str) -> bool:
    return "://" in value or "password" in value.casefold() or re.search(r"[^\s:@]+:[^\s@]+@", value) is not None


def secret_variable(connection: str) -> str:
    """The environment variable that holds a connection's password or token: SEGXL_CRM_PASSWORD for "crm"."""
    return f"SEGXL_{re.sub('[^A-Z0-9]', '_', connection.upper())}_PASSWORD"
