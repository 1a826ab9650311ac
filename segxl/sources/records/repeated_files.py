"""Rows that come twice into a table without a key, where they would add up twice.

Revenue, costs, activities and the other tables without a key may repeat a row: three licences of one account are three
equal rows of one export. So equal rows within one export count. Of equal rows in two exports that overlap, as many
count as the one has that has more: three here and three there are three.

* A file that is read twice, under one name or two, counts once.
* Two exports overlap where half or more of the rows that one has for the time that both cover are in the other, in
  every column. Rows of the later one that the earlier one has, too, are excluded.
* Rows of two exports that are about the same (account and month of revenue) and give it different values contradict
  each other. Both count, a warning names both files, and for revenue a check fails.
* An export that is pasted twice into one file or sheet: what is below a repeated header is an export of its own, as
  above. Without a header, a file that begins with a block of different rows and repeats it at once has it once. Rows
  further down that repeat others in the same order may be a copy: they count, and a warning says so.

Exports are of one kind where they fill the same columns; what connectors add does not count. What is excluded is in the
ledger, and a warning names both files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.periods import NEVER
from segxl.sources.files.raw import VALUE
from segxl.sources.formats.model import fold
from segxl.sources.ledger import FileEntry
from segxl.sources.mapping import CONNECTOR
from segxl.sources.records.duplicates import in_currency
from segxl.sources.records.exports import ADDS_UP, Export, Places, WideCodes, codes_of, exports_of, mixed_bits
from segxl.sources.records.pasted_twice import exclude_pasted_twice
from segxl.tables.codes import Mask, factorized
from segxl.tables.contracts import OWN, Table, Type
from segxl.tables.text_column import TextColumn

ENOUGH = 0.5
"""The share of equal rows, of the time that both exports cover, from which on one repeats the other."""

FILES_AGREE = "revenue of two files agrees"
"""The check that fails where two files give different revenue of the same."""


@dataclass(frozen=True)
class _Values:
    """The columns with a row's values, and its values and subject as text."""

    columns: tuple[str, ...]
    value: str
    about: str


_SAID: Mapping[tuple[str, str], _Values] = {
    ("revenue", "monthly"): _Values(("mrr",), "MRR", "account and month"),
    ("revenue", "subscriptions"): _Values(("mrr", "end"), "MRR or end", "account and start"),
    ("revenue", "movements"): _Values(("amount",), "amount", "account, date and type"),
    ("costs", ""): _Values(("amount", "last_day"), "amount", "month and source"),
    ("buying_stages", ""): _Values(("stage",), "stage", "account and date"),
    ("opportunity_history", ""): _Values(("stage", "amount", "close_date"), "stage, amount or date", "deal and time"),
    ("segment_members", ""): _Values(("end",), "end", "segment, account and start"),
}
"""By table and shape; a row of activities has a subject but no values."""


def once_each(table: Table, entries: Sequence[FileEntry], reporting: str) -> Table:
    """The table without rows that another of its exports has too; a table with a key is unchanged.

    Args:
        table: from all its files, in the order of the settings and of the files' names.
        entries: the ledger's; rows that go are excluded there, and warnings say why.
        reporting: the reporting currency, which a row without a currency is in.
    """
    if table.contract.key or not len(table):
        return table
    whole, table = table, in_currency(table, reporting)
    exports = exports_of(table, entries)
    gone = np.zeros(len(table), dtype=bool)
    for export in exports:
        exclude_pasted_twice(table, export, entries, gone)
    days = [_days(table, export) for export in exports] if len(exports) > 1 else []
    pairs = [
        (exports[first], exports[second])
        for second in range(1, len(exports))
        for first in range(second)
        if _meet(days, first, second)
    ]
    if pairs:
        rows = codes_of(table, table.contract.names)
        _exclude_repeated(table, pairs, rows, entries, gone)
        _report_contradictions(table, pairs, rows, entries, gone)
    return whole.take(~gone) if gone.any() else whole


def _meet(days: Sequence[tuple[int, int] | None], first: int, second: int) -> bool:
    """Whether two exports have rows of one time."""
    one, other = days[first], days[second]
    return one is None or other is None or (one[0] <= other[1] and other[0] <= one[1])


def _dates(table: Table) -> NDArray[np.int32] | None:
    """The column with a row's date or month; None if the table has none."""
    kinds = (Type.DATE, Type.TIMESTAMP, Type.MONTH)
    name = next((column.name for column in table.contract.columns if column.type in kinds), None)
    return None if name is None else table[name]


def _days(table: Table, export: Export) -> tuple[int, int] | None:
    """The first and the last day of an export's rows; None where not all have one."""
    dates = _dates(table)
    if dates is None or export.start == export.end:
        return None
    mine = dates[export.start : export.end]
    return None if (mine == NEVER).any() else (int(mine.min()), int(mine.max()))


def _codes_of_two(table: Table, first: Export, second: Export, rows: WideCodes, *, by_place: bool) -> WideCodes:
    """Codes of the two exports' rows by every column, unmapped ones included; with ``by_place``
    by the contract's columns and the row of the file."""
    places = np.concatenate([first.places, second.places])
    mixed = mixed_bits(rows[places].view(np.uint64))
    if by_place:
        mixed = mixed_bits(mixed ^ table.row[places].astype(np.uint64))
    else:
        for name in _extras(table):
            mixed = mixed_bits(mixed ^ table.texts(name).codes[places].astype(np.uint64))
    return factorized(mixed)[0].astype(np.int64)


def _shape(table: Table, export: Export) -> frozenset[str]:
    """The folded headers that the contract does not name and that an export fills."""
    return frozenset(
        fold(name) for name in _extras(table) if not table.texts(name).is_text("")[export.start : export.end].all()
    )


def _same_bytes(first: FileEntry, second: FileEntry) -> bool:
    """Whether two entries are of one sheet, or of files that are the same to the byte."""
    return first.sha256 == second.sha256 and first.file.partition(", sheet ")[2] == second.file.partition(", sheet ")[2]


def _extras(table: Table) -> list[str]:
    own = {*table.contract.names, *OWN}
    return [name for name in table.columns if name not in own and not CONNECTOR.match(name)]


# --- rows that both have


def _exclude_repeated(
    table: Table,
    pairs: Sequence[tuple[Export, Export]],
    rows: WideCodes,
    entries: Sequence[FileEntry],
    gone: Mask,
) -> None:
    """Take rows of later exports that an earlier one has, too, out of the table."""
    by_second: dict[int, list[tuple[int, Export, Export, Places]]] = {}
    for first, second in pairs:
        one, other = entries[first.file], entries[second.file]
        same_file = first.file != second.file and _same_bytes(one, other) and one.file == other.file
        codes = _codes_of_two(table, first, second, rows, by_place=same_file)
        both = np.concatenate([first.places, second.places])
        again = second.places[_again(codes, len(first.places), gone[both])]
        if len(again) and _share(table, first, second, len(again), gone) >= ENOUGH:
            by_second.setdefault(second.start, []).append((len(again), first, second, again))
        elif same_file:
            _report_one_amount_twice(table, first, second, entries)
        elif table.contract.table in ADDS_UP and _shape(table, first) != _shape(table, second):
            alike = second.places[_again(rows[both], len(first.places), gone[both]) if len(both) else []]
            alike = alike[_has_a_source(table)[alike]]
            if len(alike) and _share(table, first, second, len(alike), gone) >= ENOUGH:
                _report_alike(table, first, second, alike, entries)
    for found in by_second.values():
        taken = np.zeros(len(table), dtype=bool)
        for _, first, second, again in sorted(found, key=lambda one: (-one[0], one[1].start)):
            mine = again[~taken[again]]
            taken[mine] = True
            if len(mine):
                _exclude(table, first, second, mine, entries)
        gone |= taken


def _share(table: Table, first: Export, second: Export, equal: int, gone: Mask) -> float:
    """The share of equal rows among those of the time that both exports cover, of the one that has fewer."""
    return equal / max(1, min(_within(table, first, second, gone), _within(table, second, first, gone)))


def _has_a_source(table: Table) -> Mask:
    """A mask of rows with a subject: a cost with only a month may be any."""
    if table.contract.table != "costs":
        return np.ones(len(table), dtype=bool)
    return ~(table.texts("lead_source").is_text("") & table.texts("segment").is_text(""))


def _again(codes: WideCodes, size: int, gone: Mask) -> Places:
    """A mask of the rows after the first ``size`` that are among the first ones, as often as they are."""
    there, counts = np.unique(codes[:size][~gone[:size]], return_counts=True)
    mine = codes[size:]
    if not len(there) or not len(mine):
        return np.empty(0, dtype=np.intp)
    at = np.minimum(np.searchsorted(there, mine), len(there) - 1)
    known = np.where(there[at] == mine, counts[at], 0)
    order = np.argsort(mine, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(mine[order]) != 0))
    turn = np.empty(len(mine), dtype=np.int64)
    turn[order] = np.arange(len(mine)) - np.repeat(starts, np.diff(np.append(starts, len(mine))))
    return np.flatnonzero((turn < known) & ~gone[size:])


def _within(table: Table, one: Export, other: Export, gone: Mask) -> int:
    """The number of rows of an export in the time that both cover."""
    dates, days = _dates(table), _days(table, other)
    left = ~gone[one.start : one.end]
    if dates is None or days is None or _days(table, one) is None:
        return int(left.sum())
    mine = dates[one.start : one.end][left]
    return int(((mine >= days[0]) & (mine <= days[1])).sum())


def _exclude(table: Table, first: Export, second: Export, places: Places, entries: Sequence[FileEntry]) -> None:
    entry, earlier = entries[second.file], entries[first.file]
    numbers = table.row[places]
    whole = len(places) == second.end - second.start
    if first.file == second.file:
        entry.exclude("export pasted twice", len(places), numbers)
        entry.warn(
            "duplicate",
            f"repeats a row in {first.name} above the repeated header and counts once",
            f"repeat {first.name} above the repeated header and count once",
            fix="Delete one of the two copies",
            rows=numbers,
        )
    elif whole and second.whole and _same_bytes(entry, earlier):
        name = "itself" if entry.file == earlier.file else earlier.file
        entry.exclude("file listed twice" if name == "itself" else f"same file as {name}", len(places))
        said = "is listed twice" if name == "itself" else f"is the same file as {name}"
        entry.warn(
            "duplicate",
            f"{said}; its {len(places):,} rows count once" if len(places) > 1 else f"{said}; its row counts once",
            fix=f"List it once in {entry.to_set.sources}" if name == "itself" else _remove_one(entry),
        )
    else:
        entry.exclude(f"duplicate of a row in {earlier.file}", len(places), numbers)
        entry.warn(
            "duplicate",
            f"is also in {earlier.file} and counts once",
            f"are also in {earlier.file} and count once",
            fix="Export files that do not overlap, or keep only the latest if it is complete; if a row is a separate "
            "record, put both into one file",
            rows=numbers,
        )


def _remove_one(entry: FileEntry, *, at_start: bool = True) -> str:
    """The fix for two files, or sheets, with the same rows."""
    verb = "Remove" if at_start else "remove"
    if entry.in_workbook:
        return f"{verb} one of the two sheets"
    return f"{verb} one of the two from the folder or from {entry.to_set.sources}"


def _report_alike(table: Table, first: Export, second: Export, places: Places, entries: Sequence[FileEntry]) -> None:
    entry, said = entries[second.file], _SAID[table.contract.table, table.contract.shape]
    other = entries[first.file].file
    entry.warn(
        "duplicate",
        f"has the same {said.about} and {said.value} as a row in {other}, which has other columns; both count",
        f"have the same {said.about} and {said.value} as rows in {other}, which has other columns; all count",
        fix=f"If they are the same, {_remove_one(entry, at_start=False)}",
        rows=table.row[places],
    )


def _report_one_amount_twice(table: Table, first: Export, second: Export, entries: Sequence[FileEntry]) -> None:
    """A file that is named twice gives the same amounts to two things."""
    money = next((one.name for one in table.contract.columns if one.type is Type.MONEY), "")
    entry, earlier = entries[second.file], entries[first.file]
    if table.contract.table not in ADDS_UP or entry.headers.get(money) != earlier.headers.get(money):
        return
    twice = second.places[np.isin(table.row[second.places], table.row[first.places])]
    if len(twice):
        entry.warn(
            "duplicate",
            f"counts twice, because {entry.to_set.sources} lists {entry.file} twice with the same {money}",
            f"count twice, because {entry.to_set.sources} lists {entry.file} twice with the same {money}",
            fix="List it once, or use where to select different rows",
            rows=table.row[twice],
        )


# --- rows that contradict each other


def _report_contradictions(
    table: Table,
    pairs: Sequence[tuple[Export, Export]],
    rows: WideCodes,
    entries: Sequence[FileEntry],
    gone: Mask,
) -> None:
    """Record rows of two exports of one kind that are about the same and give it different values."""
    said = _SAID.get((table.contract.table, table.contract.shape))
    if said is None:
        return
    names = [name for name in table.contract.names if name not in said.columns]
    names += [name for name in _extras(table) if _is_words(table.texts(name))]
    keys, named = codes_of(table, names), _named(table)
    for first, second in pairs:
        if first.file != second.file and _same_bytes(entries[first.file], entries[second.file]):
            continue
        mine = second.places[~gone[second.places] & named[second.places]]
        about_same = np.isin(keys[mine], keys[first.places])
        differs = mine[about_same & ~np.isin(rows[mine], rows[first.places])]
        if not len(differs) or _shape(table, first) != _shape(table, second):
            continue
        entry = entries[second.file]
        other = first.name if first.file == second.file else entries[first.file].file
        entry.warn(
            "contradiction",
            f"has a different {said.value} than {other} for the same {said.about}; both count",
            f"have a different {said.value} than {other} for the same {said.about}; both count",
            fix="Keep only the later export; if both are right, add a column that distinguishes their rows",
            rows=table.row[differs],
            fails=FILES_AGREE if table.contract.table == "revenue" else "",
        )


def _named(table: Table) -> Mask:
    """A mask of rows with a subject, in any column."""
    found = _has_a_source(table)
    if not found.all():
        for name in _extras(table):
            if _is_words(table.texts(name)):
                found |= ~table.texts(name).is_text("")
    return found


def _is_words(column: TextColumn) -> bool:
    """Whether a column has words, which are a row's subject; numbers and dates are its values and time."""
    some = [text for text in column.distinct[:200].tolist() if text]
    return bool(some) and not all(VALUE.fullmatch(text) or text in ("-", "--") for text in some)
