"""Engines for tests: a folder's exports are moved into DuckDB, a PostgreSQL that is started here, or Spark.

A test that needs one which this machine lacks is skipped; where SEGXL_REQUIRE_ENGINES is set, as on CI, it fails.
"""

from __future__ import annotations

import atexit
import csv
import functools
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import pytest

from segxl.tables.contracts import CONTRACTS, Type

ENGINES = ("duckdb", "postgres", "spark")
ORDINAL = "row_no"
"""The column that says in which order the rows of an export came."""

_numbers = itertools.count(1)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.(\d{1,6}))?")


def _without(what: str) -> NoReturn:
    if os.environ.get("SEGXL_REQUIRE_ENGINES"):
        pytest.fail(f"needs {what}, and SEGXL_REQUIRE_ENGINES is set")
    pytest.skip(f"needs {what}")


EVENT = "event_id"
"""A column that no question uses, different in each row."""


def crowded(folder: Path, tables: Iterable[str]) -> None:
    """Repeat the rows of some exports, one to three times each, every other one on the days that follow; sort them, and
    give each an ID."""
    for path in (folder / f"{name}.csv" for name in tables):
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                header, *rows = csv.reader(file)
            day = header.index("date")
            more = [(row, copy * (at % 2)) for at, row in enumerate(rows) for copy in range(1 + at % 3)]
            rows = sorted([*row[:day], _later(row[day], days), *row[day + 1 :]] for row, days in more)
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerow([*header, EVENT])
                csv.writer(file).writerows([*row, f"E{at}"] for at, row in enumerate(rows))


def _later(text: str, days: int) -> str:
    return (date.fromisoformat(text) + timedelta(days)).isoformat() if _is_date(text) else text


def numbered(folder: Path, others: Iterable[str] = ()) -> None:
    """Give every export of a folder, but for some, a column with the number of each row."""
    for path in folder.glob("*.csv"):
        if path.stem in others:
            continue
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow([*header, ORDINAL])
            csv.writer(file).writerows([*row, at] for at, row in enumerate(rows))


def moved(folder: Path, engine: str, target: Path) -> Path:
    """A folder like ``folder`` whose tables are in an engine, with their rows turned round. The settings say that those
    with :data:`ORDINAL` have its order."""
    target.mkdir(parents=True)
    settings = (folder / "segxl.toml").read_text(encoding="utf-8")
    prefix, made = f"w{os.getpid()}_{next(_numbers)}_", dict[str, "Typed"]()
    for name, source in tomllib.loads(settings)["tables"].items():
        path = folder / source["file"]
        made[prefix + path.stem] = table = typed(name, path)
        order = f'\norder_by = "{ORDINAL}"' if ORDINAL in table.names else ""
        settings = settings.replace(f'file = "{path.name}"', f'table = "{prefix}{path.stem}"{order}')
    name, connection = filled(engine, made, target)
    (target / "segxl.toml").write_text(f'engine = "{name}"\n{settings}{connection}', encoding="utf-8")
    return target


def new_name(name: str) -> str:
    """A name that no table of an engine has yet."""
    return f"w{os.getpid()}_{next(_numbers)}_{name}"


def filled(engine: str, tables: Mapping[str, Typed], target: Path) -> tuple[str, str]:
    """Put tables into an engine. Returns its name for the settings, and the lines of its connection."""
    return _FILLED[engine](tables, target)


class Typed:
    """An export's columns with a database's types: dates and exact numbers where all values are."""

    def __init__(self, names: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        self.names, self.types, self.rows = names, types, rows

    @property
    def declared(self) -> str:
        return ", ".join(f'"{name}" {type}' for name, type in zip(self.names, self.types, strict=True))


def typed(table: str, path: Path) -> Typed:
    """The columns of an export as a database would hold them, the last row first."""
    with path.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    of_contract = {column.name: column.type for contract in CONTRACTS[table] for column in contract.columns}
    types = []
    for at, name in enumerate(names):
        texts = [row[at] for row in rows if row[at]]
        if of_contract.get(name) in (Type.DATE, Type.TIMESTAMP) and all(map(_is_date, texts)):
            types.append("DATE")
        elif of_contract.get(name) in (Type.MONEY, Type.NUMBER) and all(map(_NUMBER.fullmatch, texts)):
            types.append("DECIMAL(24, 6)")
        else:
            types.append("BIGINT" if name == ORDINAL else "VARCHAR")
    return Typed(names, types, [[text or None for text in row] for row in reversed(rows)])


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _duckdb(tables: Mapping[str, Typed], target: Path) -> tuple[str, str]:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(str(target / "crm.duckdb")) as connection:
        for name, table in tables.items():
            connection.register("arrow", arrow(table))
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM arrow')
            connection.unregister("arrow")
    return "crm", '\n[connections.crm]\nkind = "duckdb"\ndatabase = "crm.duckdb"\n'


def arrow(table: Typed) -> Any:
    import pyarrow

    kinds = {"DATE": pyarrow.date32(), "BIGINT": pyarrow.int64(), "VARCHAR": pyarrow.string()}
    kinds |= {"DOUBLE PRECISION": pyarrow.float64(), "BOOLEAN": pyarrow.bool_()}
    kinds |= {"TIMESTAMP": pyarrow.timestamp("us"), "TIMESTAMPTZ": pyarrow.timestamp("us", "UTC")}
    columns = {}
    for at, (name, type) in enumerate(zip(table.names, table.types, strict=True)):
        texts = [row[at] for row in table.rows]
        if type.startswith("DECIMAL"):
            values = [Decimal(text) if text else None for text in texts]
            columns[name] = pyarrow.array(values, pyarrow.decimal128(24, 6))
        else:
            texts = [text and f"{text}Z" for text in texts] if type == "TIMESTAMPTZ" else texts
            columns[name] = pyarrow.array(texts, pyarrow.string()).cast(kinds[type])
    return pyarrow.table(columns)


def _postgres(tables: Mapping[str, Typed], target: Path) -> tuple[str, str]:
    import psycopg

    place = postgres()
    with psycopg.connect(host=place, dbname="postgres", user="segxl") as connection:
        for name, table in tables.items():
            connection.execute(f'CREATE TABLE "{name}" ({table.declared})')
            with connection.cursor().copy(f'COPY "{name}" FROM STDIN') as copy:
                for row in table.rows:
                    copy.write_row(row)
    lines = f'kind = "postgres"\nhost = "{place}"\nuser = "segxl"\ndatabase = "postgres"\n'
    return "warehouse", f"\n[connections.warehouse]\n{lines}"


@functools.cache
def postgres() -> str:
    """The folder of the socket of a PostgreSQL of this test process, started when it is first asked for."""
    pytest.importorskip("psycopg")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(found[-1]) if found else None)
    if initdb is None:
        _without("PostgreSQL (initdb)")
    place = Path(tempfile.mkdtemp(prefix="segxl-pg-", dir="/tmp"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        os.chown(place, 65534, 65534)
        as_user = {"user": 65534, "group": 65534, "extra_groups": []}
    data, server = place / "data", Path(initdb).with_name("postgres")
    options = ["--auth=trust", "--username=segxl", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([initdb, *options, str(data)], check=True, capture_output=True, cwd=place, **as_user)
    quiet = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", f"unix_socket_directories={place}"]
    with (place / "log").open("w") as log:
        running = subprocess.Popen([server, "-D", data, *quiet], stdout=log, stderr=log, cwd=place, **as_user)
    atexit.register(running.wait, 20)
    atexit.register(running.terminate)
    import psycopg

    for _ in range(100):
        try:
            psycopg.connect(host=str(place), dbname="postgres", user="segxl").close()
            return str(place)
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError((place / "log").read_text())


def _spark(tables: Mapping[str, Typed], target: Path) -> tuple[str, str]:
    for name, table in tables.items():
        spark().createDataFrame(arrow(table)).createOrReplaceTempView(name)
    return "spark", ""


@functools.cache
def spark() -> Any:
    """A small Spark in this test process."""
    if shutil.which("java") is None:
        _without("Java")
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        _without("pyspark")
    builder = SparkSession.builder.master("local[1]").config("spark.sql.shuffle.partitions", "1")
    builder = builder.config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1")
    session = builder.config("spark.driver.host", "127.0.0.1").config("spark.log.level", "ERROR").getOrCreate()
    atexit.register(session.stop)
    return session


_FILLED = {"duckdb": _duckdb, "postgres": _postgres, "spark": _spark}
