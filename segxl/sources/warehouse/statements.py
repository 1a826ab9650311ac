"""The statements that are sent to an engine, written once for all dialects.

sqlglot writes them: it quotes identifiers for each dialect and needs neither a connection nor a data frame library.
(narwhals and sqlframe were weighed: they write a statement only around a driver's own connection or frame, and sqlframe
is twice the size; the few statements here need neither.) Only selections are made; nothing is ever written.

What the settings name reaches a statement as a quoted identifier, never as SQL. The one exception is ``query``, which
the user wrote as SQL; it must be a single selection.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segxl.errors import SegxlError
from segxl.sources.files.raw import SPACES

if TYPE_CHECKING:
    from sqlglot import exp

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

    return _written(exp.select("*").from_(_source(relation)).limit(0), relation, dialect)


def all_rows(relation: Relation, columns: Sequence[str], dialect: str) -> str:
    """The statement that gives all rows of some columns."""
    from sqlglot import exp

    return _written(exp.select(*map(_column, columns)).from_(_source(relation)), relation, dialect)


def counted_rows(relation: Relation, columns: Sequence[str], days: Collection[str], dialect: str) -> str:
    """The statement that gives each different row of some columns once, and how often it occurs, in the last column.
    Columns have names of their own, in the order of ``columns``.

    ``days`` are columns of times without a zone of which only the day is asked for.
    """
    return _written(_counted(relation, columns, days), relation, dialect)


def rows_of_days(relation: Relation, columns: Sequence[str], days: Collection[str], dialect: str) -> str:
    """The same rows as :func:`counted_rows`, each as often as it occurs and without its number."""
    from sqlglot import exp

    selected = [_named(one, _own(at)) for at, one in enumerate(_asked(columns, days))]
    return _written(exp.select(*selected).from_(_source(relation)), relation, dialect)


def rows_blank_in(relation: Relation, columns: Sequence[str], used: Collection[str], dialect: str) -> str:
    """The statement that gives some columns of the rows that are blank in all of ``used``. A number that is none counts
    as blank, and so does a text of spaces; the caller looks again, as a text may be ``nan`` itself."""
    from sqlglot import exp

    blanks = [exp.Literal.string(""), exp.Literal.string("nan")]
    conditions = []
    for name in used:
        spaceless = exp.Trim(this=exp.cast(_column(name), "text"), expression=exp.Literal.string(SPACES))
        written = exp.In(this=exp.Lower(this=spaceless), expressions=[one.copy() for one in blanks])
        missing = exp.Is(this=_column(name), expression=exp.null())
        conditions.append(exp.Paren(this=exp.Or(this=missing, expression=written)))
    found = exp.select(*map(_column, columns)).from_(_source(relation)).where(*conditions)
    return _written(found, relation, dialect)


SAMPLE = 512
"""One of how many different rows is in a sample."""


def sampled(relation: Relation, columns: Sequence[str], days: Collection[str], dialect: str) -> str:
    """The statement that says how many rows are different in a sample of :func:`counted_rows`, and how many there are;
    all rows that are alike are in it, or none. For DuckDB, whose ``hash`` takes a whole row."""
    from sqlglot import exp

    asked = _asked(columns, days)
    mixed = exp.Mod(this=exp.func("hash", *asked, dialect=dialect), expression=exp.Literal.number(SAMPLE))
    counted = _counted(relation, columns, days).where(exp.EQ(this=mixed, expression=exp.Literal.number(0)))
    found = exp.select(exp.Count(this=exp.Star()), exp.Sum(this=_column(_COUNT))).from_(
        counted.subquery("segxl_counted")
    )
    return _written(found, relation, dialect)


def counted_runs(relation: Relation, columns: Sequence[str], days: Collection[str], day: str, dialect: str) -> str:
    """The same, with equal rows of days that follow one another as one: ``day`` is the first of them, the column before
    the last says how many days they are. A day that no calendar has is a row of its own."""
    from sqlglot import exp

    names = [_own(at) for at in range(len(columns))]
    others = [name for name, column in zip(names, columns, strict=True) if column != day]
    mine, counted = _own(columns.index(day)), [*others, _COUNT]

    number = exp.Window(
        this=exp.RowNumber(),
        partition_by=[_column(name) for name in counted],
        order=exp.Order(expressions=[exp.Ordered(this=_column(mine))]),
    )
    passed = exp.DateDiff(this=_column(mine), expression=_day("1970-01-01"), unit=exp.var("DAY"))
    known = exp.Between(this=_column(mine), low=_day("0001-01-01"), high=_day("9999-12-31"))
    run = exp.Case().when(known, exp.Sub(this=passed, expression=number))  # the same while day and number go together
    apart = exp.Case().when(known.copy(), exp.cast(exp.null(), "date")).else_(_column(mine))
    numbered = exp.select(*map(_column, [*counted, mine]), _named(run, _RUN), _named(apart, _APART)).from_(
        _counted(relation, columns, days).subquery("segxl_counted")
    )
    first, length = _named(exp.Min(this=_column(mine)), mine), _named(exp.Count(this=exp.Star()), _DAYS)
    selected = [first if name == mine else _column(name) for name in names]
    runs = (
        exp.select(*selected, length, _column(_COUNT))
        .from_(numbered.subquery("segxl_numbered"))
        .group_by(*map(_column, [*counted, _RUN, _APART]))
    )
    return _written(runs, relation, dialect)


_COUNT, _DAYS, _RUN, _APART = "segxl_rows", "segxl_days", "segxl_run", "segxl_apart"


def _own(at: int) -> str:
    return f"segxl_{at + 1}"


def _counted(relation: Relation, columns: Sequence[str], days: Collection[str]) -> exp.Select:
    from sqlglot import exp

    asked = _asked(columns, days)
    # an alias that is a column's name would mean either in GROUP BY, depending on the engine
    selected = [_named(one, _own(at)) for at, one in enumerate(asked)]
    count = _named(exp.Count(this=exp.Star()), _COUNT)
    return exp.select(*selected, count).from_(_source(relation)).group_by(*(one.copy() for one in asked))


def _asked(columns: Sequence[str], days: Collection[str]) -> list[exp.Expression]:
    from sqlglot import exp

    return [exp.cast(_column(name), "date") if name in days else _column(name) for name in columns]


def _column(name: str) -> exp.Expression:
    from sqlglot import exp

    return exp.column(exp.to_identifier(name, quoted=True))


def _named(asked: exp.Expression, name: str) -> exp.Expression:
    from sqlglot import exp

    return exp.Alias(this=asked, alias=exp.to_identifier(name, quoted=True))


def _day(text: str) -> exp.Expression:
    from sqlglot import exp

    return exp.cast(exp.Literal.string(text), "date")


def _source(relation: Relation) -> exp.Table:
    """The relation's table; for a query, what :func:`_written` puts the query in place of."""
    from sqlglot import exp

    if relation.query:
        return exp.Table(this=exp.to_identifier(_RELATION))
    quoted = [exp.to_identifier(part, quoted=True) for part in relation.parts]
    places = dict(zip(("this", "db", "catalog"), reversed(quoted), strict=False))
    return exp.Table(**places)


def _written(selection: exp.Select, relation: Relation, dialect: str) -> str:
    from sqlglot import exp

    if not relation.query:
        return selection.sql(dialect=dialect)
    (source,) = selection.find_all(exp.Table)
    others = [one.name for one in selection.find_all(exp.Identifier) if one is not source.this]
    name = _RELATION
    while any(name in other for other in others):
        name += "_"
    source.set("this", exp.to_identifier(name))
    alias = exp.to_identifier(_ALIAS, quoted=True).sql(dialect=dialect)
    return selection.sql(dialect=dialect).replace(name, f"(\n{relation.query}\n) AS {alias}")
