"""The statements that are sent to an engine, written once for all dialects.

sqlglot writes them: it quotes identifiers for each dialect and needs neither a connection nor a data frame library.
(narwhals and sqlframe were tried: they need the driver's own connection to write a statement, and sqlframe is twice the
size; the few statements here need neither.) Only selections are made; nothing is ever written to a warehouse.

What the settings name reaches a statement as a quoted identifier, never as SQL. The one exception is ``query``, which
the user wrote as SQL; it must be a single selection.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segxl.errors import SegxlError

if TYPE_CHECKING:
    from sqlglot import exp

COUNT = "segxl_rows"
"""The column of a counted selection that says how many rows are alike."""

_PART = re.compile(r'"(?P<quoted>(?:[^"]|"")+)"|(?P<plain>[^".\s](?:[^".]*[^".\s])?)')
_MOST_PARTS = 3
_RELATION = "segxl_relation"
_ALIAS = "segxl_query"


@dataclass(frozen=True)
class Relation:
    """What the settings name: a table by its parts, or a query's text.

    ``name`` is how messages and the ledger call it.
    """

    name: str
    parts: tuple[str, ...] = ()
    query: str = ""


def table(name: str) -> Relation:
    """The relation of a table's name: ``activities``, ``crm.activities`` or ``crm."Activities 2026"``.

    Raises:
        SegxlError: it is no name of one to three parts.
    """
    parts, at, text = list[str](), 0, name.strip()
    while found := _PART.match(text, at):
        parts.append(found["plain"] or found["quoted"].replace('""', '"'))
        at = found.end()
        if at == len(text):
            break
        if text[at] != ".":
            break
        at += 1
    if not parts or at != len(text) or text.endswith(".") or len(parts) > _MOST_PARTS:
        raise SegxlError(f"{name!r} is not a table's name: write it like crm.activities, and SQL as query = …")
    return Relation(text, tuple(parts))


def query(text: str, dialect: str, name: str) -> Relation:
    """The relation of a query.

    Raises:
        SegxlError: it is not one selection, or not valid SQL.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    body = text.strip().rstrip(";").rstrip()
    try:
        statements = sqlglot.parse(body, read=dialect)
    except SqlglotError as error:
        first = str(error).partition("\n")[0]
        raise SegxlError(f"{name} is not valid SQL for {dialect}: {_plain(first)}; correct the query") from None
    writing = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Drop, exp.Alter)
    only = statements[0] if len(statements) == 1 else None
    if not isinstance(only, exp.Query) or any(not isinstance(one, exp.Query) for one in only.find_all(*writing)):
        raise SegxlError(f"{name} must be one SELECT: segxl only reads")
    return Relation(name, query=body)


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text).rstrip(". ")


def no_rows(relation: Relation, dialect: str) -> str:
    """The statement that gives the columns of a relation without a row."""
    from sqlglot import exp

    return _written(exp.select("*").limit(0), relation, dialect)


def all_rows(relation: Relation, columns: Sequence[str], dialect: str) -> str:
    """The statement that gives all rows of some columns."""
    from sqlglot import exp

    return _written(exp.select(*map(_column, columns)), relation, dialect)


def counted_rows(relation: Relation, columns: Sequence[str], days: Collection[str], dialect: str) -> str:
    """The statement that gives each different row of some columns once, and as :data:`COUNT` how often it occurs. Its
    columns have names of their own, in the order of ``columns``.

    ``days`` are columns of times without a zone of which only the day is asked for.
    """
    from sqlglot import exp

    asked = [exp.cast(_column(name), "date") if name in days else _column(name) for name in columns]
    # an alias that is a column's name would mean either in GROUP BY, depending on the engine
    selected = [exp.alias_(one, f"segxl_{at}", quoted=True) for at, one in enumerate(asked, start=1)]
    count = exp.alias_(exp.Count(this=exp.Star()), COUNT, quoted=True)
    return _written(exp.select(*selected, count).group_by(*(one.copy() for one in asked)), relation, dialect)


def _column(name: str) -> exp.Expression:
    from sqlglot import exp

    return exp.column(exp.to_identifier(name, quoted=True))


def _written(selection: exp.Select, relation: Relation, dialect: str) -> str:
    from sqlglot import exp

    if not relation.query:
        quoted = [exp.to_identifier(part, quoted=True) for part in (None, None, *relation.parts)[-_MOST_PARTS:] if part]
        padded = [None] * (_MOST_PARTS - len(quoted)) + quoted
        source = exp.Table(this=padded[2], db=padded[1], catalog=padded[0])
        return selection.from_(source).sql(dialect=dialect)
    alias = exp.to_identifier(_ALIAS, quoted=True).sql(dialect=dialect)
    head = selection.from_(exp.Table(this=exp.to_identifier(_RELATION))).sql(dialect=dialect)
    return head.replace(_RELATION, f"(\n{relation.query}\n) AS {alias}")
