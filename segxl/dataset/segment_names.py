"""One segment, one name: the spellings that its name has in the tables and the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from segxl.dataset.segments import ALL_ACCOUNTS, folded
from segxl.errors import SegxlError
from segxl.messages import counted
from segxl.settings.model import Settings
from segxl.sources.ledger import FileEntry, by_file
from segxl.tables.contracts import Table
from segxl.tables.text_column import TextColumn

_NAMING = ("segments", "segment_members", "opportunities", "leads", "costs", "market", "targets")
"""The tables that name segments, those that define them first."""


def one_spelling(settings: Settings, tables: Mapping[str, Table], entries: list[FileEntry]) -> dict[str, Table]:
    """The tables with each segment's name in one spelling: names that differ in case or spaces alone are one segment.

    The spelling is that of ``segments.named``, else of the segments table, else the most frequent one of the column
    that ``segments.by`` names, else the first that a table has. The ledger hears of the others.

    Raises:
        SegxlError: the segments table has a row for each of two spellings.
    """
    columns = [(name, "segment") for name in _NAMING if name in tables]
    accounts, by = tables.get("accounts"), (settings.segments.by or "").casefold()
    own = next((column for column in accounts.columns if column.casefold() == by), "") if accounts is not None else ""
    if own and accounts is not None and isinstance(accounts.columns[own], TextColumn):
        columns.insert(1 if "segments" in tables else 0, ("accounts", own))
    spelling = {folded(name): name for name in (ALL_ACCOUNTS, *(named.name for named in settings.segments.named))}
    for table, column in columns:
        texts = tables[table].texts(column)
        counts = dict(zip(texts.distinct.tolist(), texts.counts.tolist(), strict=True))
        names = sorted(counts)
        if table == "segments":
            _refuse_spellings(names)
        for name in sorted(names, key=lambda name: -counts[name]):
            spelling.setdefault(folded(name), name)
    result = dict(tables)
    for table, column in columns:
        result[table] = _respelled(result[table], column, spelling, entries)
    return result


def _refuse_spellings(names: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(folded(name), name)) != name:
            raise SegxlError(f"the segments table lists {other!r} and {name!r}, the same segment; keep one row")


def _respelled(table: Table, column: str, spelling: Mapping[str, str], entries: list[FileEntry]) -> Table:
    texts = table.texts(column)
    codes, names = texts.codes, texts.distinct
    meant = [spelling[folded(name)] for name in names]
    changed = np.array([name != meaning for name, meaning in zip(names, meant, strict=True)], dtype=bool)
    if not changed.any():
        return table
    rows = changed[codes]
    for entry, mine in by_file(table, rows, entries):
        first = codes[np.flatnonzero(mine)[0]]
        entry.notes.append(
            f"{counted(int(mine.sum()), 'row spells', 'rows spell')} a segment differently, "
            f"like {names[first]!r}: read as {meant[first]!r}"
        )
    columns = {**table.columns, column: texts.replaced(np.array(meant, dtype=object))}
    return replace(table, columns=columns)
