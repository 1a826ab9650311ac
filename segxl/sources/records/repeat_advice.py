"""The fix for rows that repeat a key and differ. No advice loses a row that may be right."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from segxl.sources.formats import FORMATS
from segxl.sources.formats.model import fold, spellings
from segxl.sources.ledger import FileEntry, by_file
from segxl.tables.contracts import Table

_NAME = re.compile(r".*(name|topic|title|subject|betreff|bezeichnung|titel|nom|nombre|nome|email|mail)")
"""Headers, folded, of what several records may have in common, so that it identifies none."""

_OWN_OF_EACH = frozenset({"account_id", "created_on"})
"""Columns in which the versions of one record agree."""

_THINGS = {"opportunities": ("two deals", "opportunity id"), "leads": ("two leads", "lead id")}
_THINGS["accounts"] = ("two accounts", "account id")


def advice(entry: FileEntry, key: str, latest_by: str = "", differing: Collection[str] = _OWN_OF_EACH) -> str:
    """The fix for rows of one key that differ, without a full stop.

    Args:
        entry: the file of one of the rows.
        key: the contract's column that identifies a row.
        latest_by: the column that was asked which row counts and has the same in all of them; blank where none was.
        differing: the columns in which the rows differ.
    """
    latest = f"name the column with the last change: {entry.to_set.option('latest_by', 'your header')}"
    one = "" if latest_by or _OWN_OF_EACH.intersection(differing) else f"; if they are versions of one, {latest}"
    header = entry.headers.get(key, key)
    if entry.table in _THINGS:
        things, id_words = _THINGS[entry.table]
        wanted = _stood_in_for(entry, key, header)
        if wanted:
            return f"add {wanted} to the report: {header!r} cannot distinguish {things}{one}"
        if _is_name(entry, key):
            return f"export the {id_words} too and map it to {key}: {header!r} cannot distinguish {things}{one}"
    if latest_by:
        how = entry.to_set.option("latest_by", "your header")
        return f"their {latest_by!r} is the same: name a column that differs, such as the last change: {how}"
    return f"correct them in the export, or {latest}"


def report_equal_names(table: Table, used: Sequence[str], entries: Sequence[FileEntry]) -> None:
    """Record opportunities that repeat another one in every column that is used, where a name identifies them: each
    counts once as a duplicate, though without an id it may be another deal."""
    if table.contract.table != "opportunities":
        return
    key = table.contract.key[0]
    named = [at for at in np.unique(table.file).tolist() if _is_name(entries[at], key)]
    if not named:
        return
    codes = table.texts(key).codes
    repeated = np.flatnonzero((np.bincount(codes)[codes] > 1) & np.isin(table.file, named))
    groups: dict[tuple[str, ...], list[int]] = {}
    for row in repeated.tolist():
        groups.setdefault(tuple(str(table[name][row]) for name in used), []).append(row)
    kept = np.zeros(len(table), dtype=bool)
    kept[[rows[0] for rows in groups.values() if len(rows) > 1]] = True
    for entry, mine in by_file(table, kept, entries):
        header = entry.headers[key]
        entry.warn(
            "duplicate",
            f"is an exact duplicate and counts once, but {header!r} may not be unique",
            f"are exact duplicates and count once, but {header!r} may not be unique",
            fix=_sentence(advice(entry, key)),
            rows=table.row[mine],
        )


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _is_name(entry: FileEntry, key: str) -> bool:
    header = entry.headers.get(key, key)
    return bool(_stood_in_for(entry, key, header)) or bool(_NAME.fullmatch(fold(header)) and fold(header) != fold(key))


def _stood_in_for(entry: FileEntry, key: str, header: str) -> str:
    """The header that the export lacks, if another column serves as the key instead."""
    for format in FORMATS:
        if format.table == entry.table and format.name == entry.format:
            real, _, others = format.columns.get(key, "").partition("||")
            if fold(header) in {fold(name) for name in spellings(others)}:
                return spellings(real)[0]
    return ""
