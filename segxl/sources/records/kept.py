"""Rows of a known export that count, by its rules over flags and words. No unreadable word falls to a default."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from segxl.settings.model import TableSettings
from segxl.sources.files.files import RawTable
from segxl.sources.formats.model import FlagRule, Format, Header, RowsSeen, WordRule, take
from segxl.sources.ledger import FileEntry
from segxl.sources.rules import matches
from segxl.sources.values.flags import read_export_flags
from segxl.tables.codes import Mask

NEITHER = "is neither yes nor no"
"""Why a row with an unreadable flag is rejected."""


def kept_rows(raw: RawTable, format: Format, source: TableSettings, entry: FileEntry) -> RawTable:
    """The rows that the format's rules keep, if all their flags can be read; the entry accounts for the others."""
    header = Header(raw.header)
    raw = _with_known_words(raw, format, source)
    for said, rule in format.keep.items():
        if isinstance(rule, FlagRule):
            if found := header.find(rule.flag.headers):
                raw = _readable(raw, found, entry)
                good = read_export_flags(raw.texts(found))[0] != rule.drops
                raw = _kept(raw, good, said, entry)
        elif isinstance(rule, WordRule):
            if found := header.find(rule.headers):
                texts = raw.texts(found)
                report(rule.seen(texts, raw.rows, found), source, entry)
                raw = _kept(raw, rule.kept(texts), said, entry)
        else:
            columns = {name: found for name in rule if (found := header.find(name))}
            if len(columns) == len(rule):
                cells = {name: raw.texts(one) for name, one in columns.items()}
                good = matches(
                    rule, cells.__getitem__, len(raw), lambda name: f"{entry.file}, column {name}", source.decimal
                )
                raw = _kept(raw, good, said, entry)
    for flag in format.flags:
        found = header.find(flag.headers)
        if found and flag.feeds not in fed_by(source):
            raw = _readable(raw, found, entry)
    return raw


def report(seen: Iterable[RowsSeen], source: TableSettings, entry: FileEntry) -> None:
    """Record the format's findings among the file's conditions."""
    for one in (one for one in seen if one.column not in fed_by(source)):
        how = ""
        if one.column and one.header:
            how = f": {entry.to_set.column(one.column, one.header)}"
        elif one.header:
            how = f", for example: {entry.to_set.word(one.header, one.values[0], one.meaning)}"
        entry.warn("word", one.one, one.many, fix=one.fix + how, rows=one.rows, values=one.values)


def fed_by(source: TableSettings) -> Collection[str]:
    """The columns that the settings map."""
    made = {name for name, value_map in source.values.items() if value_map.makes}
    return source.columns.keys() | source.constants.keys() | made


def _with_known_words(raw: RawTable, format: Format, source: TableSettings) -> RawTable:
    """The file with the words of ``values`` in the columns that a rule or a reshape of the format asks."""
    header = Header(raw.header)
    asked = {found for names in headers_of_words(format) if (found := header.find(names))}
    maps = {name.casefold(): value_map for name, value_map in source.values.items() if not value_map.makes}
    mapped = {found: maps[found.casefold()] for found in asked if found.casefold() in maps}
    if not mapped:
        return raw
    columns = [
        column.changed(mapped[name].meaning) if name in mapped else column
        for name, column in zip(raw.header, raw.columns, strict=True)
    ]
    return replace(raw, columns=tuple(columns))


def headers_of_words(format: Format) -> list[str]:
    """The headers, in their spellings, below which a format knows a closed set of words."""
    ruled = [rule for rule in format.keep.values() if isinstance(rule, FlagRule | WordRule)]
    flags = [*format.flags, *(rule.flag for rule in ruled if isinstance(rule, FlagRule))]
    words = [*format.asks, *(rule.headers for rule in ruled if isinstance(rule, WordRule))]
    return [*(flag.headers for flag in flags), *words]


def _readable(raw: RawTable, header: str, entry: FileEntry) -> RawTable:
    """The rows whose flag is yes, no or blank; the others are rejected, and reported with their words."""
    texts = raw.texts(header)
    bad = read_export_flags(texts)[1]
    if not bad.any():
        return raw
    words = texts.cells[bad]
    for row, word in zip(raw.rows[bad].tolist(), words.tolist(), strict=True):
        how = entry.to_set.word(header, word, "yes")
        entry.reject(row, header, word, NEITHER, f"write yes or no, or map the word, for example: {how}")
    entry.warn(
        "word",
        f"is rejected: {header!r} is neither yes nor no",
        f"are rejected: {header!r} is neither yes nor no",
        fix=f"Write yes or no in the export, or map each word to yes or no, for example: "
        f"{entry.to_set.word(header, str(words[0]), 'yes')}",
        rows=raw.rows[bad],
        values=words,
    )
    return take(raw, ~bad)


def _kept(raw: RawTable, good: Mask, rule: str, entry: FileEntry) -> RawTable:
    entry.exclude(rule, int((~good).sum()), raw.rows[~good])
    return take(raw, good)
