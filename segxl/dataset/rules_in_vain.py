"""Rules that ask for a value that no row has, and segments without accounts: mistyped rules must not be silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from segxl.dataset.segments import NAMED_BY_ROWS, Segment, Segments
from segxl.settings.how_to_set import setting_name
from segxl.settings.model import Rule, Settings
from segxl.sources.conditions import Condition
from segxl.sources.ledger import FileEntry
from segxl.sources.rules import Unmet, unmet
from segxl.tables.contracts import Table
from segxl.tables.text_column import TextColumn


def report_unmet_words(entries: Sequence[FileEntry]) -> None:
    """Record each word of a table's `where` that no row of all its files has, at the first of them."""
    files: dict[tuple[str, int], list[FileEntry]] = {}
    for entry in entries:
        if entry.source.where:
            files.setdefault((entry.table, id(entry.source)), []).append(entry)
    for some in files.values():
        for one in some[0].unmet:
            if all(one in other.unmet for other in some):
                some[0].warn(
                    "word",
                    f"no row has {one.said}",
                    fix=f"Correct {some[0].to_set.name('where', one.column)}{one.hint}",
                )


def rules_in_vain(settings: Settings, tables: Mapping[str, Table], segments: Segments) -> Iterator[Condition]:
    """Conditions for words in rules on accounts and opportunities that no row has, and for segments without accounts.

    A segment of which a word is unknown is reported once, with the word.
    """
    rules = {one.name: one.where for one in settings.segments.named}
    for segment in segments.items:
        found = list(_unmet(tables.get("accounts"), rules[segment.name])) if segment.name in rules else []
        empty = _is_empty(segment)
        for one in found:
            said = f"segment {segment.name!r}: no account has {one.said}"
            if empty:
                said = f"segment {segment.name!r} has no accounts: no account has {one.said}"
            rule = setting_name(settings, "segments", "named", segment.name, "where", one.column)
            yield Condition("word", "accounts", said, f"Correct {rule}{one.hint}")
        if empty and not found and segment.origin != NAMED_BY_ROWS:
            why = "no account meets its rule" if segment.name in rules else "no member is listed up to the cut-off"
            rule = setting_name(settings, "segments", "named", segment.name, "where")
            fix = f"Check its rule: {rule}" if segment.name in rules else "Add its members, or remove the segment"
            yield Condition("word", "accounts", f"segment {segment.name!r} has no accounts: {why}", fix)
    for one in _unmet(tables.get("opportunities"), settings.report.irrelevant):
        said = f"the rule for irrelevant opportunities: no opportunity has {one.said}"
        rule = setting_name(settings, "report", "irrelevant", one.column)
        yield Condition("word", "opportunities", said, f"Correct {rule}{one.hint}")


def _unmet(table: Table | None, rule: Rule) -> Iterator[Unmet]:
    if table is None:
        return
    known = {
        name.casefold(): name
        for name, cells in table.columns.items()
        if isinstance(cells, TextColumn) or cells.dtype == object
    }
    asked = {name: one for name, one in rule.items() if name.casefold() in known}
    yield from unmet(asked, lambda name: table.texts(known[name.casefold()]))


def _is_empty(segment: Segment) -> bool:
    if segment.everyone:
        return False
    if segment.accounts is not None:
        return not segment.accounts.any()
    return segment.interval_account is None or not len(segment.interval_account)
