"""The contents of an input workbook: none yet, or those of a source.

A workbook filled from a source has the rows that segxl read there: columns under the contract's names, words
translated, ``where`` applied, accounts found, dates as dates, money as numbers. It does not have, and reports: rows
excluded or rejected while they were read, and rows rejected afterwards (a won deal without a closing date). Rows after
the cut-off are kept, because the cut-off itself is on Settings and may be moved. So the same settings give the same
numbers from the workbook as from the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.buying_signals import RETARGETING
from segxl.dataset.cutoff import AFTER_CUT_OFF
from segxl.dataset.load import TablesRead, read
from segxl.dataset.model import Dataset
from segxl.dataset.opportunities import UNUSED
from segxl.excel.input_workbook.keys import cell_of
from segxl.messages import counted
from segxl.periods import NEVER, to_date
from segxl.settings.model import Rule, RuleTest, Settings
from segxl.sources.ledger import FileEntry
from segxl.sources.workbook.settings import BLANK, CONDITIONS, ENGINE_SETTINGS
from segxl.tables.contracts import NO_MONEY, ORDER, RECORD, Column, Contract, Table, Type

_EPOCH = datetime(1970, 1, 1)
_FIRST_DAY = (date(1900, 3, 1) - date(1970, 1, 1)).days
"""Excel's days are those of the calendar from here on."""


@dataclass(frozen=True)
class Filled:
    """A table's rows: ``columns`` are the contract's, in its order, then ``extras``; a cell is None where blank."""

    contract: Contract
    extras: tuple[str, ...]
    columns: tuple[Sequence[object], ...]

    def __len__(self) -> int:
        return len(self.columns[0])


@dataclass(frozen=True)
class Content:
    """The contents of the workbook. ``left_out`` counts by table the rows of the source that are not in it, with the
    reason; ``rejected`` are those that could not be used."""

    settings: Mapping[str, object] = field(default_factory=dict)
    maps: tuple[tuple[str, str, object], ...] = ()
    tables: Mapping[str, Filled] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    rejected: int = 0


EMPTY = Content()


def content_of(source: str | Path) -> Content:
    """The content of a source: a folder with a segxl.toml, or another input workbook.

    Raises:
        SegxlError: as :func:`segxl.dataset.load.load`.
    """
    found = read(source)
    # the workbook has the meanings of words, so it cannot report the words again; later findings it can
    seen = tuple(f"warning: {condition}" for entry in found.entries for condition in entry.conditions)
    content = content_from(found, found.dataset())
    return replace(content, left_out=(*content.left_out, *seen))


def content_from(found: TablesRead, dataset: Dataset) -> Content:
    """The content of a source that is already read, with its dataset."""
    tables = {name: table.apart() for name, table in found.tables.items()}
    kept = {name: table.take(~_rejected(table, found.entries)) for name, table in tables.items()}
    settings = _with_mapped_stages(found.settings)
    rules = settings.report.irrelevant
    by_header = _headers(found.entries)
    rules = {by_header.get(name.casefold(), name): condition for name, condition in rules.items()}
    settings = settings.model_copy(update={"report": settings.report.model_copy(update={"irrelevant": rules})})
    return Content(
        settings={"name": dataset.name} | dict(_settings(settings, dataset.stage_kinds)),
        maps=tuple(_maps(settings)),
        tables={name: _filled(table, _extras(table, rules)) for name, table in kept.items()},
        segments=dataset.segments.names,
        left_out=(*_left_out(found.entries), *_open_questions(dataset)),
        rejected=sum(entry.rejected_rows for entry in found.entries),
    )


def _rejected(table: Table, entries: Sequence[FileEntry]) -> NDArray[np.bool_]:
    """The rows that were rejected after they were read."""
    gone = [{(one.row, one.record) for one in entry.rejected} for entry in entries]
    record = table[RECORD] if RECORD in table.columns else np.zeros(len(table), dtype=np.int32)
    places = zip(table.file.tolist(), table.row.tolist(), record.tolist(), strict=True)
    return np.fromiter(((row, each) in gone[file] for file, row, each in places), dtype=bool, count=len(table))


def _open_questions(dataset: Dataset) -> Iterator[str]:
    """Questions that the workbook can no longer ask: it has the matched accounts, not the names they were matched
    by."""
    if dataset.review.questions:
        yield (
            f"answer {counted(len(dataset.review.questions), 'question')} about accounts in the source first (segxl "
            f"check SOURCE writes them to {dataset.review.path.name}), then create the workbook again"
        )


def _left_out(entries: Sequence[FileEntry]) -> Iterator[str]:
    for table in dict.fromkeys(entry.table for entry in entries):
        mine = [entry for entry in entries if entry.table == table]
        rejected = sum(entry.rejected_rows for entry in mine)
        reasons: dict[str, int] = {}
        for entry in mine:
            for rule, count in entry.excluded.items():
                reasons[rule] = reasons.get(rule, 0) + count
        said = [f"{count:,} × {rule}" for rule, count in reasons.items() if not rule.startswith(_KEPT)]
        if rejected or said:
            yield f"{table}: not copied: " + ", ".join([f"{rejected:,} rejected"] * bool(rejected) + said)


_KEPT = (AFTER_CUT_OFF, RETARGETING, UNUSED)
"""Rules that apply when rows are made ready: their rows go into the workbook and are excluded there again."""


def _with_mapped_stages(settings: Settings) -> Settings:
    """The settings with the stages that the source maps to won and lost among the won and lost stages: their words are
    translated in the workbook, which must know the closed stages too."""
    won, lost = list(settings.won_stages), list(settings.lost_stages)
    for source in settings.tables.get("opportunities", ()):
        status, stage = source.values.get("status"), source.columns.get("stage", "stage")
        if status and status.source and status.source.casefold() == stage.casefold():
            for word, meaning in status.words.items():
                known = {one.casefold() for one in (*settings.stages, *won, *lost)}
                if meaning in ("won", "lost") and word.casefold() not in known:
                    (won if meaning == "won" else lost).append(word)
    return settings.model_copy(update={"won_stages": tuple(won), "lost_stages": tuple(lost)})


def _headers(entries: Sequence[FileEntry]) -> dict[str, str]:
    """The contract's column of each header that the opportunities' files have: rules may name either."""
    mine = [entry.headers for entry in entries if entry.table == "opportunities"]
    return {header.casefold(): column for headers in reversed(mine) for column, header in headers.items()}


def _extras(table: Table, rules: Rule) -> tuple[str, ...]:
    """The columns beyond the contract that something may ask for: all of the accounts', those of a rule for others."""
    own = {column.name for column in table.contract.columns} | {ORDER, RECORD}
    wanted = {name.casefold() for name in rules} if table.contract.table == "opportunities" else set()
    return tuple(
        name
        for name in table.columns
        if name not in own and (table.contract.table == "accounts" or name.casefold() in wanted)
    )


def _filled(table: Table, extras: tuple[str, ...]) -> Filled:
    if ORDER in table.columns:  # in order of time, so that the file's direction need not be found out again
        table = table.take(np.argsort(table[ORDER], kind="stable"))
    columns = [_cells(table, column) for column in table.contract.columns]
    columns += [[text or None for text in table[name].tolist()] for name in extras]
    return Filled(table.contract, extras, tuple(columns))


def _cells(table: Table, column: Column) -> list[object]:
    values = table[column.name].tolist()
    match column.type:
        case Type.TIMESTAMP:
            return [_moment(seconds) for seconds in table[ORDER].tolist()]
        case Type.DATE:
            return [None if day == NEVER else _day(day) for day in values]
        case Type.MONTH:
            return [None if month == NEVER else date(1970 + month // 12, month % 12 + 1, 1) for month in values]
        case Type.MONEY:
            return [None if cents == NO_MONEY else cents / 100 for cents in values]
        case Type.NUMBER | Type.PERCENT:
            found = [None if number != number else number for number in values]
            if column.type is Type.PERCENT and any(number is not None and abs(number) > 1 for number in found):
                return [
                    None if number is None else f"{100 * number:.12g}%" for number in found
                ]  # plain ones would be 1 %
            return list(found)
        case Type.FLAG:
            return [{1: "yes", 0: "no"}.get(flag) for flag in values]
        case _:
            return [text or None for text in values]


def _moment(seconds: int) -> object:
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment if seconds // 86_400 >= _FIRST_DAY else moment.isoformat(sep=" ")


def _day(day: int) -> object:
    found = to_date(day)
    return found if day >= _FIRST_DAY else found.isoformat()


def _settings(settings: Settings, kinds: frozenset[str]) -> Iterator[tuple[str, object]]:
    """The settings by dotted key, without those on Maps and the reading of tables, but with the kind of buying
    stages."""
    given = settings.model_dump(exclude_defaults=True, by_alias=True)
    for key in ("tables", "types", "stage_map", "account_review", *ENGINE_SETTINGS):
        given.pop(key, None)
    for segment in given.get("segments", {}).pop("named", ()):
        if segment.get("created_on"):
            yield f"segments.named.{segment['name']}.created_on", segment["created_on"]
    given.get("report", {}).pop("irrelevant", None)
    yield from _flat(given, "")
    if len(kinds) == 1 and (kind := next(iter(kinds))):
        yield "tables.buying_stages.kind", kind


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, cell_of(value)


def _maps(settings: Settings) -> Iterator[tuple[str, str, object]]:
    yield from (("types", word, kind) for word, kind in settings.types.items())
    yield from (("stage_map", word, stage) for word, stage in settings.stage_map.items())
    for segment in settings.segments.named:
        yield from _rule(f"segments.named.{segment.name}.where", segment.where)
    yield from _rule("report.irrelevant", settings.report.irrelevant)


def _rule(name: str, rule: Rule) -> Iterator[tuple[str, str, object]]:
    for column, condition in rule.items():
        yield from ((name, at, value) for at, value in _asked(column, condition))


def _asked(column: str, condition: RuleTest) -> Iterator[tuple[str, object]]:
    plain = f"{column}.is" if column.rpartition(".")[2] in CONDITIONS and "." in column else column
    yield from ((plain, value or BLANK) for value in condition.values or ())
    yield from ((f"{column}.not", value or BLANK) for value in condition.exclude or ())
    if condition.min is not None:
        yield f"{column}.min", condition.min
    if condition.max is not None:
        yield f"{column}.max", condition.max
