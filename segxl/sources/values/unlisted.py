"""Words outside a closed set, as conditions: rows that are rejected for one, and words that a map does not list."""

from __future__ import annotations

from collections.abc import Mapping

from segxl.settings.how_to_set import closest
from segxl.settings.model import Settings, TableSettings
from segxl.sources.ledger import FileEntry
from segxl.sources.values.shapes import Bools
from segxl.tables.contracts import PLACEHOLDERS, Column, Contract
from segxl.tables.row_numbers import RowNumbers
from segxl.tables.text_column import TextColumn


def report_rejected(
    column: Column,
    cells: TextColumn,
    bad: Bools,
    complaint: str,
    rows: RowNumbers,
    header: str,
    entry: FileEntry,
) -> None:
    """Report the rows rejected because of a word, with the word; words for nothing, like ``#N/A``, do not count."""
    bad = bad & ~cells.which(lambda word: word.casefold() in PLACEHOLDERS)
    if bad.any():
        said = f"rejected: {header!r} {complaint.partition('; ')[0]}"
        word = str(cells.cells[bad][0])
        how = entry.to_set.word(column.name, word, closest(word, column.choices or ("yes",)))
        fix = f"Correct the export, or map each word, for example: {how}"
        entry.warn("word", f"is {said}", f"are {said}", fix=fix, rows=rows[bad], values=cells.cells[bad])


def report_unlisted(
    unlisted: Mapping[str, TextColumn],
    contract: Contract,
    source: TableSettings,
    settings: Settings,
    rows: RowNumbers,
    entry: FileEntry,
) -> None:
    """Report the words that a map of `values` has to translate and does not list.

    The word of a stage that the settings name needs no status of its own; one of another stage is reported as a stage
    that they do not name, where they name open ones.
    """
    headers = {name.casefold(): value_map.source or "" for name, value_map in source.values.items()}
    named = {one.casefold() for one in (*settings.stages, *settings.won_stages, *settings.lost_stages)}
    for name, words in unlisted.items():
        key, asked = entry.to_set.name("values", name), headers[name.casefold()]
        found = ~words.is_text("")
        then = ("is rejected", "are rejected") if name in contract.required else ("counts as blank", "count as blank")
        if contract.table == "opportunities" and name == "status":
            then = "gets its status from the stage", "get their status from the stage"
            if asked.casefold() == entry.headers.get("stage", "stage").casefold():
                if settings.stages:
                    continue
                found &= ~words.which(lambda word: word.casefold() in named)
        if found.any():
            how = entry.to_set.word(name, str(words.cells[found][0]), "")
            entry.warn(
                "word",
                *(f"{one}: its word in {asked!r} is not in {key}" for one in then),
                fix=f'Map each word, or map it to "" to ignore it, for example: {how}',
                rows=rows[found],
                values=words.cells[found],
            )
