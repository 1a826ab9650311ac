"""Coverage of the data: the months that each table covers, and the columns that any row fills.

A number is 0 only within the covered months. The rule for every table: it covers the months from its first to its last
dated row, over all date columns that record what happened (not an expected date). Within, a month without a row is a
real zero: later rows show that the export was made after it. Outside, the number is unknown.

- Opportunities: created, closed, and the changes of their history. Leads: captured, qualified, accepted, rejected.
- Revenue by month: its months. Subscriptions: starts and ends. Movements: their dates. While anyone pays (by a
  subscription without an end, or movements that come to more than zero) the table reaches to the cut-off.
- Buying stages and the history have rows of their own; neither makes another table reach further.

:mod:`segxl.facts.requirements` says which of them each number needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from segxl.periods import ALWAYS, NEVER, Window, month_end, month_label, months_of, to_date, to_day, to_month
from segxl.sources.ledger import FileEntry
from segxl.tables.contracts import NO_MONEY, Table, Type

Span = tuple[int, int]
"""First and last month number, both included."""

_DATED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "opportunities": (
        ("opportunities", "created_on"),
        ("opportunities", "closed_on"),
        ("opportunity_history", "changed_at"),
    ),
    "opportunity_history": (("opportunity_history", "changed_at"),),
    "leads": (("leads", "created_on"), ("leads", "mql_on"), ("leads", "sqo_on"), ("leads", "rejected_on")),
    "activities": (("activities", "date"),),
    "buying_stages": (("buying_stages", "date"),),
    "costs": (("costs", "month"),),
    "revenue": (("revenue", "month"), ("revenue", "start"), ("revenue", "end"), ("revenue", "date")),
}
"""The date columns that define a table's months of data."""


def months_of_data(tables: Mapping[str, Table], as_of: int) -> dict[str, Span]:
    """First and last month of data by table, of tables cut off at the end of month ``as_of``'s day; tables without a
    dated row are missing."""
    months: dict[str, Span] = {}
    for name, columns in _DATED.items():
        dated = [_months(tables[table], column) for table, column in columns if _has(tables, table, column)]
        if name in tables and (span := span_of(dated)):
            months[name] = span
    if "revenue" in months:
        first, last = months["revenue"]
        months["revenue"] = first, max(last, as_of) if _anyone_pays(tables["revenue"]) else last
    return months


def last_day(tables: Mapping[str, Table], name: str, as_of: date) -> date | None:
    """The last day up to ``as_of`` on which anything is recorded in a table; None without one."""
    day = to_day(as_of)
    dated = [tables[table][column] for table, column in _DATED[name] if _has(tables, table, column)]
    last = max((int(np.max(days, where=days <= day, initial=ALWAYS)) for days in dated), default=ALWAYS)
    return None if last == ALWAYS else to_date(last)


def begun(span: Span | None, as_of: date) -> Span | None:
    """The months of rows, with the one in which the cut-off lies where they reach the month before: it has only begun,
    and nothing need have happened in it yet."""
    month = to_month(as_of)
    if span is None or span[1] != month - 1 or as_of == month_end(month):
        return span
    return span[0], month


def source_months(table: Table, entries: Sequence[FileEntry]) -> dict[str, Span]:
    """First and last month of each source of activities.

    A source reaches as far as its rows. Webinars, trade shows and field events take place now and then: a month
    without one is no gap in the data, so they reach as far as the export that has them, all files of one header.
    """
    sources, days, count = table.texts("source"), table.days("date"), len(entries)
    exports = [(entry.format, tuple(sorted(entry.headers.items())), entry.ignored_columns) for entry in entries]
    kinds = {export: code for code, export in enumerate(dict.fromkeys(exports))}
    export_of = np.array([kinds[export] for export in exports], dtype=np.int32)
    first = np.full((len(sources.distinct), count), NEVER, dtype=np.int32)
    last = np.full_like(first, ALWAYS)
    for start in range(0, len(table), _ROWS_AT_ONCE):  # numpy counts with eight bytes a row
        some = slice(start, start + _ROWS_AT_ONCE)
        within = sources.narrow_codes[some].astype(np.intp) * count + table.file[some]
        here = days[some].astype(np.int32)
        np.minimum.at(first.ravel(), within, here)
        np.maximum.at(last.ravel(), within, here)
    found: dict[str, Span] = {}
    for code, source in enumerate(sources.distinct.tolist()):
        files, rows = first[code] != NEVER, [code]
        if source in _NOW_AND_THEN:
            files, rows = np.isin(export_of, export_of[files]), list(range(len(first)))
        extremes = np.array([first[rows][:, files].min(), last[rows][:, files].max()])
        found[source] = (int(months_of(extremes)[0]), int(months_of(extremes)[1]))
    return found


_ROWS_AT_ONCE = 1 << 20
_NOW_AND_THEN = ("webinar", "trade_show", "field_event")


def own_months(table: Table) -> Span | None:
    """First and last month of a table's own rows; None without a dated one."""
    columns = [column for name, column in _DATED.get(table.contract.table, ()) if name == table.contract.table]
    return span_of([_months(table, column) for column in columns if column in table.columns])


def span_of(months: Iterable[NDArray[np.int32]]) -> Span | None:
    """First and last of some months; None without any. Blank ones do not count."""
    parts = [part[part != NEVER] for part in months]
    known = [part for part in parts if len(part)]
    if not known:
        return None
    return int(min(part.min() for part in known)), int(max(part.max() for part in known))


def together(spans: Iterable[Span | None]) -> Span | None:
    """The months of a number that several tables feed: from the first row of any of them to the end of the one that
    ends first. None where one of them has no row."""
    known = list(spans)
    found = [span for span in known if span is not None]
    if not found or len(found) < len(known):
        return None
    first, last = min(span[0] for span in found), min(span[1] for span in found)
    return (first, last) if first <= last else None


def months_in(window: Window) -> Span:
    """The months that a window touches."""
    return to_month(window.start), to_month(window.end)


def filled(table: Table | None, column: str) -> bool:
    """Whether any row of a table fills a column."""
    if table is None or column not in table.columns:
        return False
    if column not in table.contract.names:
        return True
    match table.contract[column].type:
        case Type.TEXT | Type.ID:
            return any(table.texts(column).distinct != "")
        case Type.MONEY:
            return bool((table[column] != NO_MONEY).any())
        case Type.NUMBER | Type.PERCENT:
            return not bool(np.isnan(table[column]).all())
        case Type.FLAG:
            return bool((table[column] >= 0).any())
        case _:
            return bool((table[column] != NEVER).any())


def ended(words: str, span: Span | None, window: Window) -> str:
    """When rows end that end before a window, in words: ``leads end in 2026-08``; blank where they reach it."""
    if span is None or span[1] >= months_in(window)[0]:
        return ""
    return f"{words} {'end' if words.endswith('s') else 'ends'} in {month_label(span[1])}"


def outside(words: str, span: Span | None, window: Window) -> str:
    """As :func:`ended`, and when rows begin that begin after a window: ``leads begin in 2025-01``."""
    if span is None or span[0] <= months_in(window)[1]:
        return ended(words, span, window)
    return f"{words} {'begin' if words.endswith('s') else 'begins'} in {month_label(span[0])}"


def span_text(span: Span) -> str:
    """``from 2016-10 to 2017-12``, ``in 2022-02``."""
    first, last = map(month_label, span)
    return f"in {first}" if first == last else f"from {first} to {last}"


def _has(tables: Mapping[str, Table], table: str, column: str) -> bool:
    return table in tables and column in tables[table].columns


def _months(table: Table, column: str) -> NDArray[np.int32]:
    """The first and the last month of a column; none of a blank one."""
    values = table.days(column)
    known = values[values != NEVER] if (values == NEVER).any() else values
    extremes = np.array([known.min(), known.max()], dtype=np.int32) if len(known) else np.empty(0, dtype=np.int32)
    return extremes if table.contract[column].type is Type.MONTH else months_of(extremes)


def _anyone_pays(table: Table) -> bool:
    """Whether anyone still pays after the last row: by a subscription without an end, or by the sum of movements."""
    if table.contract.shape != "movements":
        return bool((table["end"] == NEVER).any()) if "end" in table.contract.names else False
    codes, falls = table.texts("account_id").codes, np.isin(table["type"], ("contraction", "churn"))
    amount = np.abs(table["amount"])
    balance = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(balance, codes, np.where(falls, -amount, amount))
    return bool((balance > 0).any())
