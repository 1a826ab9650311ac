"""Tables of an engine: names and queries, order, fingerprint, what is refused, and that nothing is written."""

from __future__ import annotations

import re
import sys
import tempfile
import types
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from segxl.cli import main
from segxl.dataset.load import load
from segxl.errors import SegxlError
from segxl.excel.input_workbook.write import template
from segxl.periods import to_date
from segxl.settings.connections import Connection, EngineKind, secret_variable
from segxl.settings.read import read_settings
from segxl.sources.files.arrow_values import arrow_texts
from segxl.sources.warehouse import statements
from segxl.sources.warehouse.order import ordered
from segxl.sources.warehouse.session import Engine, Rows, arrow_rows
from segxl.sources.warehouse.sessions import open_session
from segxl.sources.warehouse.statements import counted_rows
from segxl.tables.text_column import TextColumn
from tests.warehouses import Typed, arrow, postgres

duckdb = pytest.importorskip("duckdb")

DEALS = Typed(
    ("opportunity_id", "account_id", "created_on", "closed_on", "stage", "amount"),
    ("VARCHAR", "VARCHAR", "DATE", "DATE", "VARCHAR", "DECIMAL(24, 6)"),
    (
        ("W2", "B", "2026-05-02", "2026-05-20", "Closed Won", "0.1"),
        ("W1", "A", "2026-05-01", "2026-05-09", "Closed Won", "1234.5"),
        (None, "A", "2026-05-01", None, "Closed Won", "7"),
    ),
)
HEAD = 'engine = "crm"\nrun_date = 2026-06-05\n'
CONNECTION = '\n[connections.crm]\nkind = "duckdb"\ndatabase = "crm.duckdb"\n'


def source(folder: Path, table: str, more: str = "", head: str = HEAD) -> Path:
    """A folder with the deals in a DuckDB file, of which the settings read ``table``."""
    if not (folder / "crm.duckdb").exists():
        with duckdb.connect(str(folder / "crm.duckdb")) as connection:
            connection.register("arrow", arrow(DEALS))
            connection.execute('CREATE TABLE deals AS SELECT * FROM arrow; CREATE SCHEMA "My ""Sales""";')
            connection.execute('CREATE TABLE "My ""Sales"""."deals.2026" AS SELECT * FROM deals')
    settings = f"{head}[tables.opportunities]\n{table}\n{more}{CONNECTION}"
    (folder / "segxl.toml").write_text(settings, encoding="utf-8")
    return folder


def settings(folder: Path, text: str) -> Path:
    path = folder / "segxl.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_read_with_every_row_in_the_ledger(tmp_path: Path) -> None:
    data = load(source(tmp_path, 'table = "deals"'))
    deals, (entry,) = data.tables["opportunities"], data.ledger.files
    assert dict(zip(deals["opportunity_id"], deals["amount"].tolist(), strict=True)) == {"W1": 123450, "W2": 10}
    assert (entry.file, entry.rows, entry.used, entry.rejected_rows) == ("deals", 3, 2, 1)
    assert [str(one) for one in entry.rejected] == [
        "deals, row 2, column 'opportunity_id': the cell is blank, but required; fill in the value in the export"
    ]


def test_rows_are_numbered_in_an_order_that_is_not_the_tables(tmp_path: Path) -> None:
    by_text = load(source(tmp_path, 'table = "deals"')).tables["opportunities"]
    assert dict(zip(by_text["opportunity_id"], by_text.row.tolist(), strict=True)) == {"W1": 3, "W2": 4}
    by_amount = load(source(tmp_path, 'table = "deals"\norder_by = "amount"')).tables["opportunities"]
    assert dict(zip(by_amount["opportunity_id"], by_amount.row.tolist(), strict=True)) == {"W2": 2, "W1": 4}
    with pytest.raises(SegxlError, match="order_by: deals has no column 'amont'; did you mean 'amount'"):
        load(source(tmp_path, 'table = "deals"\norder_by = "amont"'))


def test_the_fingerprint_is_of_the_values_and_not_of_the_place(tmp_path: Path) -> None:
    found = {
        table: load(source(tmp_path, table)).ledger.files[0].sha256
        for table in (
            'table = "deals"',
            'table = \'"My ""Sales"""."deals.2026"\'',
            'query = "select * from deals order by 1 desc"',
            'query = "select * replace (amount + 1 as amount) from deals"',
        )
    }
    same, other = list(found.values())[:3], list(found.values())[3]
    assert len(set(same)) == 1 and other not in same and len(other) == 64


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('table = "nothing"', "tables.opportunities .nothing.: engine crm: .*nothing does not exist"),
        ('table = "deals; drop table deals"', "deals; drop table deals does not exist"),
        ("table = 'deals\"'", "is not a table's name"),
        ('table = "a.b.c.d"', "is not a table's name"),
        ('query = "drop table deals"', "must be one SELECT"),
        ('query = "select 1; drop table deals"', "must be one SELECT"),
        ('query = "select * from deals) as x; drop table deals; --"', "is not valid SQL for duckdb"),
        ('query = "with gone as (delete from deals returning *) select * from gone"', "must be one SELECT"),
        ('query = "select * into other from deals"', "must be one SELECT"),
        ('query = "select amount from deals"', "no column found for opportunity_id, .*the table has amount"),
        ("query = \"select * from 'https://example.invalid/deals.parquet'\"", "httpfs"),  # nothing is downloaded
    ],
)
def test_what_is_no_table_and_no_selection_is_refused(tmp_path: Path, table: str, message: str) -> None:
    with pytest.raises(SegxlError, match=message):
        load(source(tmp_path, table))
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        assert connection.execute("select count(*) from deals").fetchall() == [(3,)]


def test_a_database_is_opened_for_reading_only(tmp_path: Path) -> None:
    before = (source(tmp_path, 'table = "deals"') / "crm.duckdb").read_bytes()
    load(tmp_path)
    assert (tmp_path / "crm.duckdb").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crm.duckdb", "segxl.toml"]


def test_duckdb_without_a_connection_reads_files_of_the_folder(tmp_path: Path) -> None:
    source(tmp_path, 'table = "deals"')
    with duckdb.connect(str(tmp_path / "crm.duckdb"), read_only=True) as connection:
        connection.execute(f"COPY deals TO '{tmp_path}/deals.parquet'")
    text = HEAD.replace('"crm"', '"duckdb"')
    query = "query = \"select * from 'deals.parquet' where amount > 1\""
    settings(tmp_path, f"{text}[tables.opportunities]\n{query}\n")
    data = load(tmp_path)
    assert data.tables["opportunities"]["opportunity_id"].tolist() == ["W1"]
    assert data.ledger.files[0].file == "opportunities, query"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('engine = "postgre"', "engine: no connection 'postgre'"),
        ('[tables.leads]\ntable = "leads"', "tables.leads: a table or query needs an engine; set engine"),
        ('engine = "duckdb"\n[tables.leads]\ntable = "leads"\nfile = "a.csv"', "has file and table; keep one"),
        ('[connections.a]\nkind = "postgres"', "connections.a: postgres needs database"),
        ('[connections.a]\nkind = "duckdb"\ndatabase = "x"\nhost = "h"', "duckdb has no host; remove it"),
        ('[connections.duckdb]\nkind = "duckdb"\ndatabase = "x"', "the name is reserved"),
        ('[connections.a]\nkind = "postgres"\ndatabse = "x"', "databse: unknown key; did you mean 'database'"),
    ],
)
def test_wrong_settings_of_engines(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SegxlError, match=message):
        read_settings(settings(tmp_path, text))


@pytest.mark.parametrize(
    "line",
    [
        'password = "hunter2"',
        'token = "hunter2"',
        'url = "postgresql://ann:hunter2@db/crm"',
        'host = "postgresql://ann:hunter2@db/crm"',
        'host = "ann:hunter2@db"',
        'database = "dbname=crm password=hunter2"',
    ],
)
def test_a_password_in_settings_is_refused_and_not_shown(tmp_path: Path, line: str) -> None:
    rest = "" if line.startswith("database") else '\ndatabase = "crm"'
    with pytest.raises(SegxlError, match="SEGXL_NAME_PASSWORD") as caught:
        read_settings(settings(tmp_path, f'[connections.crm]\nkind = "postgres"\n{line}{rest}'))
    assert "hunter2" not in str(caught.value)


def test_the_variable_of_a_connections_password() -> None:
    assert secret_variable("my-crm.eu") == "SEGXL_MY_CRM_EU_PASSWORD"


def test_a_missing_driver_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = '\n[connections.sf]\nkind = "snowflake"\naccount = "a"\nuser = "u"\nwarehouse = "w"\ndatabase = "d"\n'
    settings(tmp_path, f'engine = "sf"\n[tables.leads]\ntable = "leads"\n{connection}')
    monkeypatch.setitem(__import__("sys").modules, "snowflake", None)
    with pytest.raises(SegxlError, match=r'engine sf needs snowflake: run pip install "segxl\[snowflake\]"'):
        load(tmp_path)


def test_an_engine_that_does_not_open_is_one_problem_whatever_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = '[tables.opportunities]\ntable = "deals"\n[tables.leads]\ntable = "leads"\n'
    settings(tmp_path, HEAD + tables + CONNECTION)
    with pytest.raises(SegxlError, match=r"^connections\.crm: no file '.*crm\.duckdb'; set database to a DuckDB file$"):
        load(tmp_path)
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    with pytest.raises(SegxlError, match=r'^engine crm needs sqlglot: run pip install "segxl\[duckdb\]"$'):
        load(tmp_path)


@pytest.mark.parametrize("dialect", get_args(EngineKind))
@pytest.mark.parametrize("name", ['x"; drop table t; --', "x` ; drop table t; --", "a'b", "a\\b", "--", "a]b"])
def test_a_name_is_one_quoted_identifier_in_every_dialect(dialect: str, name: str) -> None:
    import sqlglot
    from sqlglot import exp

    relation = statements.Relation("r", ("schema", name))
    (parsed,) = sqlglot.parse(statements.counted_rows(relation, [name, "b"], (), dialect), read=dialect)
    assert isinstance(parsed, exp.Select)
    (found,) = parsed.find_all(exp.Table)
    assert (found.name, found.db) == (name, "schema")
    assert {column.name for column in parsed.find_all(exp.Column)} == {name, "b"}


def test_statements_in_every_dialect_are_those_looked_at() -> None:
    """A snapshot, for the engines that no test can reach: Snowflake, BigQuery and Databricks."""
    written = []
    for dialect in get_args(EngineKind):
        table = statements.table('crm.public."Buying stages"')
        asked = "SELECT * FROM crm.events -- all of them\nWHERE day > '2026-01-01';"
        query = statements.query(asked, dialect, "activities, query")
        written += [
            f"-- {dialect}",
            statements.no_rows(table, dialect),
            statements.all_rows(table, ["Account", "date"], dialect),
            statements.counted_rows(table, ["Account", "date", "stage"], {"date"}, dialect),
            statements.counted_rows(query, ["account_id"], (), dialect),
            statements.counted_runs(query, ["stage", "date"], (), "date", dialect) + "\n",
        ]
    assert "\n".join(written) == (Path(__file__).parent / "statements.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("dialect", get_args(EngineKind))
def test_statements_of_every_dialect_give_the_same_rows(dialect: str) -> None:
    """Each is parsed as its own dialect understands it, translated to DuckDB's and run: worked by hand below."""
    import sqlglot

    with duckdb.connect() as connection:
        connection.execute(
            """CREATE TABLE stages AS SELECT * FROM (VALUES
            ('A', TIMESTAMP '2026-02-27 09:00', 'Target'), ('A', TIMESTAMP '2026-02-28 23:59:59', 'Target'),
            ('A', TIMESTAMP '2026-03-01 00:00', 'Target'), ('A', TIMESTAMP '2026-03-03 00:00', 'Target'),
            ('A', TIMESTAMP '2026-03-04 00:00', 'Decision'), ('B', TIMESTAMP '2026-03-01 08:00', 'Target'),
            ('B', TIMESTAMP '2026-03-01 17:00', 'Target'), (NULL, NULL, 'Target'),
            ('C', TIMESTAMP '0001-01-01', 'Target'), ('C', TIMESTAMP '0001-01-02', 'Target'),
            ('D', TIMESTAMP '9999-12-30', 'Target'), ('D', TIMESTAMP '9999-12-31', 'Target'),
            ('E', TIMESTAMP '2026-05-01', 'Target'), ('E', TIMESTAMP '2026-05-02', 'Decision'),
            ('E', TIMESTAMP '2026-05-03', 'Target'), ('F', TIMESTAMP '2026-05-01', 'Target'),
            ('F', TIMESTAMP '2026-05-02', 'Target'), ('F', TIMESTAMP '2026-05-02', 'Target'),
            ('F', TIMESTAMP '2026-05-03', 'Target')
            ) AS v ("Account", "day", "stage")"""
        )
        relation, columns = statements.table("stages"), ["Account", "day", "stage"]

        def rows(statement: str) -> list[tuple[Any, ...]]:
            (translated,) = sqlglot.transpile(statement, read=dialect, write="duckdb")
            found = connection.execute(translated).fetchall()
            return sorted(tuple("" if one is None else str(one) for one in row) for row in found)

        counted = rows(statements.counted_rows(relation, columns, {"day"}, dialect))
        runs = rows(statements.counted_runs(relation, columns, {"day"}, "day", dialect))
        by_day = rows(statements.rows_of_days(relation, columns, {"day"}, dialect))
        connection.execute(
            """CREATE TABLE blanks AS SELECT n, text, number, other, last FROM (VALUES
            (1, NULL, NULL, NULL, ' '), (2, ' ' || chr(9) || chr(8232), 'NaN'::DOUBLE, chr(160), 'nan'),
            (2, ' ' || chr(9) || chr(8232), 'NaN'::DOUBLE, chr(160), 'nan'), (3, 'nan', NULL, ' ', chr(8232)),
            (4, ' n', NULL, NULL, NULL), (5, NULL, 0, NULL, NULL), (6, NULL, NULL, 'x', ''), (7, NULL, NULL, '', 'x'),
            (8, chr(160), NULL, chr(9) || chr(160), '')) AS v (n, text, number, other, last)"""
        )
        in_use = ["text", "number", "other", "last"]
        asked = statements.rows_blank_in(statements.table("blanks"), ["n", "other"], in_use, dialect)
        blank = rows(asked)
        assert rows(statements.no_rows(relation, dialect)) == []
        assert len(rows(statements.all_rows(relation, columns, dialect))) == 19
    assert counted == [
        ("", "", "Target", "1"),
        ("A", "2026-02-27", "Target", "1"),
        ("A", "2026-02-28", "Target", "1"),
        ("A", "2026-03-01", "Target", "1"),
        ("A", "2026-03-03", "Target", "1"),
        ("A", "2026-03-04", "Decision", "1"),
        ("B", "2026-03-01", "Target", "2"),
        ("C", "0001-01-01", "Target", "1"),
        ("C", "0001-01-02", "Target", "1"),
        ("D", "9999-12-30", "Target", "1"),
        ("D", "9999-12-31", "Target", "1"),
        ("E", "2026-05-01", "Target", "1"),
        ("E", "2026-05-02", "Decision", "1"),
        ("E", "2026-05-03", "Target", "1"),
        ("F", "2026-05-01", "Target", "1"),
        ("F", "2026-05-02", "Target", "2"),
        ("F", "2026-05-03", "Target", "1"),
    ]
    assert by_day == sorted(row[:3] for row in counted for _ in range(int(row[3])))
    assert [row[0] for row in blank] == ["1", "2", "2", "3", "8"] and blank[1][1] == "\u00a0"
    assert runs == [  # three days in a row, and one that February's end does not part
        ("", "", "Target", "1", "1"),
        ("A", "2026-02-27", "Target", "3", "1"),
        ("A", "2026-03-03", "Target", "1", "1"),
        ("A", "2026-03-04", "Decision", "1", "1"),
        ("B", "2026-03-01", "Target", "1", "2"),
        ("C", "0001-01-01", "Target", "2", "1"),  # the first days of a calendar, and the last ones
        ("D", "9999-12-30", "Target", "2", "1"),
        ("E", "2026-05-01", "Target", "1", "1"),  # another stage between them
        ("E", "2026-05-02", "Decision", "1", "1"),
        ("E", "2026-05-03", "Target", "1", "1"),
        ("F", "2026-05-01", "Target", "1", "1"),  # twice on the day between them
        ("F", "2026-05-02", "Target", "1", "2"),
        ("F", "2026-05-03", "Target", "1", "1"),
    ]


def test_a_sample_says_how_many_rows_are_alike() -> None:
    """Of 100,000 accounts, each seen at three times of a day: all rows that are alike are in it, or none."""
    with duckdb.connect() as connection:
        connection.execute(
            """CREATE TABLE seen AS SELECT 'A' || n AS account_id, TIMESTAMP '2026-05-01' + INTERVAL (t) HOUR AS day,
            'webinar' AS source FROM range(100000) a(n), range(3) b(t)"""
        )
        asked = statements.sampled(statements.table("seen"), ["account_id", "day", "source"], {"day"}, "duckdb")
        ((different, times),) = connection.execute(asked).fetchall()
    assert times == 3 * different and 100 < different < 400  # one of 512, give or take


class FakeCloud:
    """A vendor's driver as far as it is used: what it was asked, and an Arrow table for every statement."""

    def __init__(self) -> None:
        self.given: dict[str, object] = {}
        self.statements: list[str] = []
        self.left: list[Any] | None = None
        self.ended = False

    def connect(self, **given: object) -> FakeCloud:
        self.given = given
        return self

    def cursor(self) -> FakeCloud:
        return self

    def execute(self, statement: str) -> FakeCloud:
        if "nothing" in statement:
            raise RuntimeError("no such table\nand much more")
        self.statements.append(statement)
        return self

    def fetch_arrow_batches(self) -> Any:
        return iter(self._parts())

    def fetch_arrow_all(self, *, force_return_table: bool) -> object:
        assert force_return_table and not self._parts()  # else a result without rows would be None
        return arrow(DEALS)[:0]

    def fetchmany_arrow(self, size: int) -> object:
        assert size >= 1
        self.left = self._parts() if self.left is None else self.left
        if not self.left:
            self.left = None
            return arrow(DEALS)[:0]
        return self.left.pop(0)

    def _parts(self) -> list[Any]:
        """A result in parts, of which one has another type of its number; without a row, no part."""
        import pyarrow

        if "LIMIT 0" in self.statements[-1]:
            return []
        deals = arrow(DEALS)
        amounts = deals.column("amount").cast(pyarrow.decimal128(38, 9))
        return [deals[:1], deals.set_column(5, "amount", amounts)[1:]]

    def close(self) -> None:
        self.ended = True


@pytest.mark.parametrize(
    ("lines", "modules", "asked"),
    [
        (
            'kind = "snowflake"\naccount = "acme"\nuser = "ann"\nwarehouse = "small"\n'
            'database = "CRM"\nschema = "PUBLIC"',
            ("snowflake", "snowflake.connector"),
            {"account": "acme", "user": "ann", "password": "hunter2", "schema": "PUBLIC", "warehouse": "small"},
        ),
        (
            'kind = "databricks"\nhost = "acme.example"\nhttp_path = "/sql/1"',
            ("databricks", "databricks.sql"),
            {"server_hostname": "acme.example", "http_path": "/sql/1", "access_token": "hunter2"},
        ),
    ],
    ids=["snowflake", "databricks"],
)
def test_a_vendors_driver_gets_the_settings_and_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str, modules: tuple[str, str], asked: dict[str, str]
) -> None:
    cloud = FakeCloud()
    package = types.SimpleNamespace(**{modules[1].partition(".")[2]: cloud})
    monkeypatch.setitem(sys.modules, modules[0], package)
    monkeypatch.setitem(sys.modules, modules[1], cloud)
    text = f'engine = "dwh"\n[tables.opportunities]\ntable = "deals"\n[connections.dwh]\n{lines}\n'
    settings(tmp_path, text)
    with pytest.raises(SegxlError, match="set the environment variable SEGXL_DWH_PASSWORD to the password or token"):
        load(tmp_path)
    monkeypatch.setenv("SEGXL_DWH_PASSWORD", "hunter2")
    data = load(tmp_path)
    deals = data.tables["opportunities"]
    found = zip(deals["opportunity_id"], deals["amount"].tolist(), strict=True)
    assert dict(found) == {"W1": 123450, "W2": 10} and data.ledger.files[0].rows == 3
    assert asked.items() <= cloud.given.items() and cloud.ended and len(cloud.statements) == 2
    settings(tmp_path, text.replace('"deals"', '"nothing"'))
    with pytest.raises(SegxlError, match=r"engine dwh: no such table; check the name or the query, and wh"):
        load(tmp_path)


class FakeGoogle(FakeCloud):
    """BigQuery's client, job and rows, which are iterated once."""

    def __init__(self) -> None:
        super().__init__()
        self.QueryJobConfig, self.Client, self.BigQueryReadClient = dict, self.connect, object
        self.reader: object = None

    def query(self, statement: str, job_config: object) -> FakeGoogle:
        assert job_config == {"default_dataset": "acme.sales"}
        self.execute(statement)
        return self

    def result(self) -> FakeGoogle:
        return self

    def to_arrow_iterable(self, bqstorage_client: object) -> Any:
        self.reader = bqstorage_client
        return iter([batch for part in self._parts() for batch in part.to_batches()])

    def to_arrow(self) -> object:
        return arrow(DEALS)[:0]


@pytest.mark.parametrize("fast", [False, True])
def test_bigquery_comes_in_parts_with_or_without_its_fast_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, fast: bool
) -> None:
    google = FakeGoogle()
    for name in ("google", "google.cloud"):
        monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(bigquery=google, cloud=None))
    monkeypatch.setitem(sys.modules, "google.cloud.bigquery", google)
    monkeypatch.setitem(sys.modules, "google.cloud.bigquery_storage", google if fast else None)
    connection = 'kind = "bigquery"\nproject = "acme"\ndatabase = "sales"\n'
    settings(tmp_path, f'engine = "dwh"\n[tables.opportunities]\ntable = "deals"\n[connections.dwh]\n{connection}')
    data = load(tmp_path)
    assert data.ledger.files[0].rows == 3 and (google.reader is not None) == fast and google.ended
    assert google.given == {"project": "acme"}


@pytest.mark.slow
def test_postgres_gives_the_texts_of_a_parquet_file() -> None:
    import psycopg

    connection = Connection(kind="postgres", host=postgres(), user="segxl", database="postgres")
    session = open_session(Engine("pg", connection, Path()))
    found = session.rows(
        """SELECT * FROM (VALUES
        (true, 12.50::numeric, 'NaN'::numeric, 0.1::float8, 5::float8, '2026-01-02'::date,
         '2026-01-02 10:00'::timestamp,
         '2026-01-02 10:00:00.5+02'::timestamptz, 'a "b", c' || chr(10) || ' d', '2026-01-02'::timestamp),
        (NULL, NULL, '-Infinity', NULL, NULL, 'infinity', NULL, NULL, '', NULL)
        ) AS v (flag, money, unusual, part, whole, day, moment, zoned, words, midnight)"""
    )
    session.close()
    texts = {name: column.cells.tolist() for name, column in zip(found.names, found.columns, strict=True)}
    assert texts == {
        "flag": ["TRUE", ""],
        "money": ["12.50", ""],
        "unusual": ["", "-inf"],
        "part": ["0.1", ""],
        "whole": ["5", ""],
        "day": ["2026-01-02", "infinity"],
        "moment": ["2026-01-02 10:00:00", ""],
        "zoned": ["2026-01-02 08:00:00.500+00:00", ""],
        "words": ['a "b", c\n d', ""],
        "midnight": ["2026-01-02", ""],
    }
    assert (found.times, found.zoned, found.dates) == ({"moment", "midnight"}, {"zoned"}, {"day"})
    with psycopg.connect(host=postgres(), user="segxl", dbname="postgres") as other:
        other.execute("CREATE SEQUENCE numbers")
    session = open_session(Engine("pg", connection, Path()))
    with pytest.raises(SegxlError, match="read-only transaction"):
        session.rows("SELECT nextval('numbers')")
    session.close()
    wrong = Connection(kind="postgres", host=postgres(), user="nobody", database="postgres")
    fix = r"check \[connections.pg\], your network and the password or token"
    with pytest.raises(SegxlError, match=rf'engine pg: .*role "nobody" does not exist; {fix}'):
        open_session(Engine("pg", wrong, Path()))


DEAL_COLUMNS = "n::text AS opportunity_id, 'A' AS account_id, date '2026-05-01' AS created_on, 'Closed Won' AS stage"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("read", "message"),
    [
        ('table = "no_such"', r'tables.opportunities .no_such.: engine pg: .*"no_such" does not exist; check the name'),
        ('table = "kept_back"', "permission denied for table kept_back; check the name or the query, and whether you"),
        (
            f'query = "SELECT {DEAL_COLUMNS}, CASE WHEN n = 90000 THEN pg_terminate_backend(pg_backend_pid()) END '
            'AS ended FROM generate_series(1, 100000) AS s(n)"',
            "the connection ended, and nothing was written: run the command again",
        ),
    ],
    ids=["wrong-name", "no-rights", "lost-half-way"],
)
def test_a_table_that_cannot_be_read_says_what_to_change_and_nothing_is_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    read: str,
    message: str,
) -> None:
    import psycopg

    with psycopg.connect(host=postgres(), user="segxl", dbname="postgres") as other:
        other.execute("DROP TABLE IF EXISTS kept_back")
        other.execute("DROP ROLE IF EXISTS visitor")
        other.execute("CREATE TABLE kept_back (opportunity_id text)")
        other.execute("CREATE ROLE visitor LOGIN")
    user = "visitor" if "kept_back" in read else "segxl"
    connection = f'[connections.pg]\nkind = "postgres"\nhost = "{postgres()}"\nuser = "{user}"\ndatabase = "postgres"\n'
    settings(tmp_path, f'engine = "pg"\nrun_date = 2026-06-05\n[tables.opportunities]\n{read}\n{connection}')
    monkeypatch.setattr(sys, "argv", ["segxl", "scorecard", str(tmp_path), "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert re.search(message, capsys.readouterr().err)
    assert [one.name for one in tmp_path.iterdir()] == ["segxl.toml"]


def test_a_result_in_parts_has_the_texts_of_its_values() -> None:
    """IDs that become longer, blanks, days that Python does not have, and days over many years."""
    import pyarrow

    count = 5_000
    ids = [f"A{at}" if at > 3_000 else f"A{at:04}" if at % 7 else None for at in range(count)]
    days = [None if at % 5 == 0 else 20_000 + at % 400 for at in range(count)]
    columns = {
        "id": pyarrow.array(ids),
        "other": pyarrow.array([one and one[::-1] for one in ids]),
        "day": pyarrow.array(days, pyarrow.int32()).cast(pyarrow.date32()),
        "far": pyarrow.array([*days[:-1], 2**31 - 1], pyarrow.int32()).cast(pyarrow.date32()),
        "long_ago": pyarrow.array([*days[:-1], -700_000], pyarrow.int32()).cast(pyarrow.date32()),
        "count": pyarrow.array(range(count)),
        "none": pyarrow.array([None] * count, pyarrow.string()),
    }
    table = pyarrow.table(columns)
    found = arrow_rows(table.schema, table.to_batches(max_chunksize=1_700), ("own",), {})
    assert found.names == ("own", *table.column_names[1:]) and found.dates == {"day", "far", "long_ago"}
    for column, values in zip(found.columns, table.columns, strict=True):
        assert column.cells.tolist() == arrow_texts(values).cells.tolist()
    assert "A0001" in found.columns[0].distinct and "A4999" in found.columns[0].distinct


def test_duckdb_draws_no_progress_and_keeps_out_of_the_folder(tmp_path: Path) -> None:
    session = open_session(Engine("duckdb", Connection.model_construct(kind="duckdb"), tmp_path))
    asked = "SELECT current_setting('enable_progress_bar') AS drawn, current_setting('temp_directory') AS place"
    drawn, place = (column.at(0) for column in session.rows(asked).columns)
    session.close()
    assert drawn == "FALSE" and Path(place).parent == Path(tempfile.gettempdir())


def counting(fetched: list[int]) -> Any:
    """Reading Arrow's rows, and how many they are."""

    def read(schema: Any, parts: Any, *more: Any) -> Rows:
        kept = list(parts)
        fetched.append(sum(map(len, kept)))
        return arrow_rows(schema, kept, *more)

    return read


def test_rows_that_are_alike_leave_the_engine_once_and_are_all_in_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(
            """CREATE TABLE seen AS SELECT 'E' || n AS event_id, 'A' || n % 2 AS account_id,
            TIMESTAMP '2026-05-01 09:00' + INTERVAL (n) MINUTE AS date,
            CASE WHEN n = 5 THEN 'carrier pigeon' ELSE 'webinar' END AS source, 'engagement' AS kind,
            'https://example.com/' || n AS url FROM range(600) t(n)"""
        )
    settings(tmp_path, f'{HEAD}[tables.activities]\ntable = "seen"\n{CONNECTION}')
    sent, fetched = [], list[int]()
    monkeypatch.setattr("segxl.sources.warehouse.duckdb.arrow_rows", counting(fetched))
    monkeypatch.setattr(
        "segxl.sources.warehouse.reduction.counted_rows", lambda *one: sent.append(counted_rows(*one)) or sent[-1]
    )
    data = load(tmp_path)
    assert fetched == [0, 1, 3]  # of a sample: that rows are alike; A0, A1 and the pigeon, of one day
    assert sent == [
        'SELECT "account_id" AS "segxl_1", CAST("date" AS DATE) AS "segxl_2", "source" AS "segxl_3", '
        '"kind" AS "segxl_4", COUNT(*) AS "segxl_rows" FROM "seen" '
        'GROUP BY "account_id", CAST("date" AS DATE), "source", "kind"'
    ]
    (entry,) = data.ledger.files
    assert (entry.rows, entry.used, entry.rejected_rows, entry.balanced) == (600, 599, 1, True)
    assert entry.ignored_columns == ("event_id", "url")
    assert str(entry.rejected[0]).startswith("seen, row 302, column 'source': 'carrier pigeon'")  # after 300 of A0
    seen = data.tables["activities"]
    assert seen.times is not None and (seen.row.tolist(), seen.times.tolist()) == ([2, 303], [300, 299])
    book = tmp_path / "inputs.xlsx"
    template(book, tmp_path, overwrite=False)
    assert load(book).tables["activities"].texts("account_id").counts.tolist() == [300, 299]


def test_activities_that_are_hardly_alike_are_counted_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(
            """CREATE TABLE seen AS SELECT 'A' || n AS account_id, TIMESTAMP '2026-05-01 09:00' AS date,
            'webinar' AS source, 'engagement' AS kind FROM range(30000) t(n)
            UNION ALL SELECT 'A7', TIMESTAMP '2026-05-01 10:00', 'webinar', 'engagement' FROM range(3)"""
        )
    settings(tmp_path, f'{HEAD}[tables.activities]\ntable = "seen"\n{CONNECTION}')
    fetched = list[int]()
    monkeypatch.setattr("segxl.sources.warehouse.duckdb.arrow_rows", counting(fetched))
    data = load(tmp_path)
    assert fetched == [0, 1, 30_003]
    (entry,), table = data.ledger.files, data.tables["activities"]
    assert (entry.rows, entry.used, len(table), entry.balanced) == (30_003, 30_003, 30_003, True)
    assert table.times is None and (table["account_id"] == "A7").sum() == 4


CHANGES = """
CREATE TABLE stages AS SELECT * FROM (VALUES
    (1, 'A', DATE '2026-05-01', 'Target'), (2, 'A', DATE '2026-05-01', 'Decision'),
    (3, 'A', DATE '2026-05-01', 'Target'), (4, 'B', DATE '2026-05-01', 'Target'),
    (5, 'B', DATE '2026-05-01', 'Target'), (6, 'A', DATE '2026-05-02', 'Purchase')
) AS v (loaded, account_id, date, stage)
"""


@pytest.mark.parametrize(
    ("more", "rows", "last"),
    [
        ('kind = "changes"', [2, 3, 4], "Target"),  # as text: Decision, Target, Target
        ('kind = "changes"\norder_by = "loaded"', [], "Target"),
        ('kind = "changes"\norder_by = "date"', [2, 3, 4], "Target"),
        ('kind = "snapshots"', [], "Target"),  # the highest of a day counts, whatever the order
    ],
)
def test_changes_whose_order_nobody_knows_are_warned_of(tmp_path: Path, more: str, rows: list[int], last: str) -> None:
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(CHANGES)
    settings(tmp_path, f'{HEAD}[tables.buying_stages]\ntable = "stages"\n{more}\n{CONNECTION}')
    data = load(tmp_path)
    found = [one for one in data.ledger.conditions if "order is unknown" in one.one]
    assert [one.rows.tolist() for one in found] == [rows] * bool(rows)
    table = data.tables["buying_stages"]
    of_a = (table["account_id"] == "A") & (table["date"] == table["date"].min())
    assert table["stage"][of_a].tolist()[-1] == last
    assert data.ledger.files[0].used == 6 and len(table) == 6


def test_changes_of_an_opportunity_at_one_time_are_warned_of(tmp_path: Path) -> None:
    source(tmp_path, 'table = "deals"')
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(
            """CREATE TABLE history AS SELECT * FROM (VALUES
            ('W1', TIMESTAMP '2026-05-02 10:00', 'Discovery'), ('W1', TIMESTAMP '2026-05-02 10:00', 'Proposal'),
            ('W2', TIMESTAMP '2026-05-02 10:00', 'Discovery'), ('W2', TIMESTAMP '2026-05-02 10:01', 'Proposal')
            ) AS v (opportunity_id, changed_at, stage)"""
        )
    tables = '[tables.opportunities]\ntable = "deals"\n[tables.opportunity_history]\ntable = "history"\n'
    settings(tmp_path, HEAD + tables + CONNECTION)
    (found,) = [one for one in load(tmp_path).ledger.conditions if "order is unknown" in one.one]
    assert found.rows.tolist() == [2, 3]


@pytest.mark.parametrize("sizes", [(3, 5, 2), (2000, 1500, 1800, 2000, 1900, 1700, 3), (1,)])
@pytest.mark.parametrize("repeated", [False, True])
def test_rows_are_put_in_the_order_of_their_texts_and_counted(sizes: tuple[int, ...], *, repeated: bool) -> None:
    """With columns that fit into a number, and with some that do not."""
    drawn = np.random.default_rng(1)
    cells = [[f"{one:x}" for one in drawn.integers(0, size, 2000)] for size in sizes]
    times = drawn.integers(1, 6, 2000) if repeated else np.ones(2000, dtype=np.int64)
    rows = Counter[tuple[str, ...]]()
    for row, count in zip(zip(*cells, strict=True), times.tolist(), strict=True):
        rows[row] += count
    found = ordered([TextColumn.of(np.array(column, dtype=object)) for column in cells], times)
    if 2 * len(rows) <= rows.total():  # else held one by one
        assert found.times is not None and found.times.tolist() == [rows[row] for row in sorted(rows)]
        assert list(zip(*found.columns, strict=True)) == sorted(rows)
    else:
        assert found.times is None and list(zip(*found.columns, strict=True)) == sorted(rows.elements())


def test_numbers_of_order_by_are_compared_by_value_and_others_as_text() -> None:
    columns = [TextColumn.of(np.array(one, dtype=object)) for one in (["10", "9", "9.0", ""], ["a", "b", "a", "c"])]
    found = ordered(columns, None, columns[:1])
    assert list(zip(*found.columns, strict=True)) == [("", "c"), ("9", "b"), ("9.0", "a"), ("10", "a")]
    assert found.steps is not None and found.steps.tolist() == [1, 2, 2, 3]
    as_text = ordered(columns, None, columns[1:])
    assert [row[0] for row in zip(*as_text.columns, strict=True)] == ["10", "9.0", "9", ""]


def test_a_template_of_a_warehouse_has_its_rows_and_not_its_connection(tmp_path: Path) -> None:
    source(tmp_path, 'table = "deals"\nwhere = { opportunity_id = ["W1", "W2"] }')
    book = tmp_path / "inputs.xlsx"
    template(book, tmp_path, overwrite=False)
    data = load(book)
    assert sorted(data.tables["opportunities"]["opportunity_id"]) == ["W1", "W2"]
    assert data.settings.engine == "memory" and not data.settings.connections


def test_daily_snapshots_leave_the_engine_as_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(
            """CREATE TABLE stages AS SELECT 'S' || n || a AS snapshot_id, a AS account_id,
            DATE '2026-01-30' + n::INT AS date, CASE WHEN n < 40 OR a = 'B' THEN 'Target' ELSE 'Decision' END AS stage
            FROM range(100) t(n), (VALUES ('A'), ('B')) s(a) WHERE n <> 7
            UNION ALL VALUES ('twice', 'B', DATE '2026-02-01', 'Target'), ('late', 'B', DATE 'infinity', 'Target'),
            ('none', 'B', NULL, 'Target')"""
        )
    kind = 'kind = "snapshots"'
    settings(tmp_path, f'{HEAD}[tables.buying_stages]\ntable = "stages"\n{kind}\n{CONNECTION}')
    fetched = list[int]()
    monkeypatch.setattr("segxl.sources.warehouse.duckdb.arrow_rows", counting(fetched))
    data = load(tmp_path)
    # A: Target before and after day 7, Decision. B: Target before and after, and apart from it the day that is there
    # twice, which parts the first of them in two; the two that are no days
    assert fetched == [0, 3 + 4 + 2]
    (entry,), table = data.ledger.files, data.tables["buying_stages"]
    assert (entry.rows, entry.used, entry.rejected_rows, entry.balanced) == (201, 199, 2, True)
    assert [one.reason for one in entry.rejected] == ["is blank, but required", "is not a date"]
    days = [
        (to_date(int(day)).isoformat(), account)
        for day, account in zip(table["date"], table["account_id"], strict=True)
    ]
    assert len(days) == 199 and days[0] == ("2026-01-30", "A") and days.count(("2026-02-01", "B")) == 2
    assert ("2026-02-06", "A") not in days and days[98] == ("2026-05-09", "A") and days[-1] == ("2026-05-09", "B")
    assert (table["stage"] == "Decision").sum() == 60


@pytest.mark.slow
def test_days_that_no_calendar_has_leave_postgres_as_they_are(tmp_path: Path) -> None:
    import psycopg

    with psycopg.connect(host=postgres(), user="segxl", dbname="postgres") as other:
        other.execute("DROP TABLE IF EXISTS odd_days")
        other.execute(
            """CREATE TABLE odd_days AS SELECT 'A' AS account_id, d AS date, 'Target' AS stage, NULL::float8 AS note
            FROM (VALUES ('2026-05-01'::date), ('2026-05-02'), ('infinity'), ('infinity'), ('-infinity'), (NULL)) v (d)
            UNION ALL SELECT NULL, NULL, NULL, 'NaN' UNION ALL SELECT NULL, NULL, ' NaN', 1"""
        )
    connection = f'[connections.pg]\nkind = "postgres"\nhost = "{postgres()}"\nuser = "segxl"\ndatabase = "postgres"\n'
    read = 'table = "odd_days"\nkind = "snapshots"\n'
    settings(tmp_path, f'engine = "pg"\nrun_date = 2026-06-05\n[tables.buying_stages]\n{read}{connection}')
    (entry,) = load(tmp_path).ledger.files
    assert (entry.rows, entry.used, entry.excluded, entry.rejected_rows) == (8, 2, {"empty row": 1}, 5)
    values = [one.value for one in entry.by_row if one.column == "date"]
    assert sorted(values) == ["", "", "-infinity", "infinity", "infinity"]


@pytest.mark.parametrize(
    ("more", "words", "used"),
    [
        ("", ["webinar", '="webinar"'], 900),  # a mark of Excel is no fault
        ("", ["webinar", '=""'], 600),  # a blank behind such a mark is: 300 rows are rejected one by one
        ('where = { source = "webinar" }', ["webinar", "trade_show"], 600),
        ("", ["webinar", "Total"], 600),  # looks like the label of a total
    ],
    ids=["mark", "blank", "where", "total"],
)
def test_rows_held_together_are_read_one_by_one_where_a_rule_speaks_of_them(
    tmp_path: Path, more: str, words: list[str], used: int
) -> None:
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(
            f"""CREATE TABLE seen AS SELECT 'A' || n % 3 AS account_id, DATE '2026-05-01' AS date,
            CASE WHEN n % 3 = 2 THEN '{words[1]}' ELSE '{words[0]}' END AS source, 'engagement' AS kind
            FROM range(900) t(n)"""
        )
    settings(tmp_path, f'{HEAD}[tables.activities]\ntable = "seen"\n{more}\n{CONNECTION}')
    data = load(tmp_path)
    (entry,), seen = data.ledger.files, data.tables["activities"]
    assert (entry.rows, entry.used, entry.balanced) == (900, used, True)
    assert entry.rejected_rows == (0 if more or used == 900 else 300)
    assert seen.count(np.ones(len(seen), dtype=bool)) == used
