"""Words that programs write for a missing value: a database's NULL, Python's nan, Excel's #N/A, a dash.

They are not IDs and not texts of a dimension. Dates and amounts have a longer list,
:data:`segxl.tables.contracts.PLACEHOLDERS`. A region NA is North America, and an account may be named None, so names
keep every word, and places and teams keep NA. A word that the settings list is a word: a ``stage_map`` or ``types`` may
give "None" a meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from segxl.messages import counted
from segxl.settings.model import Settings
from segxl.sources.formats import HINTS
from segxl.sources.formats.model import is_made
from segxl.sources.values.plain_ids import are_plain_ids
from segxl.tables.contracts import Contract, Type
from segxl.tables.text_column import TextColumn

_NOTHING = """
    null nil none nan nat undefined n/a #n/a n.a. n.a - -- --- – — <null> <none> <na> <n/a> (null) (none) [null] {null}
    \\n \\\\n $null$ #null!
    """
_NOT_AVAILABLE = "NA"
_NAMES = frozenset({"name", "account_name", "campaign"})
"""Columns with names, which may be None or Null."""
_PLACES = frozenset({"geo", "country", "account_country", "sales_team", "segment", "product_category"})
"""Columns in which NA may be a name: North America, Namibia."""


def _spelled(words: Iterable[str]) -> frozenset[str]:
    """Each word in the cases that programs write; a look-up of exact words is many times as fast as folding cells."""
    return frozenset(
        spelling for word in words for spelling in (word, word.upper(), word.capitalize(), word.title())
    ) | {"NaN", "NaT", "<NaN>"}


NOTHING = _spelled(_NOTHING.split())
_NOTHING_OR_NA = NOTHING | {_NOT_AVAILABLE}


def without_blank_words(
    texts: Mapping[str, TextColumn], contract: Contract, settings: Settings, headers: Mapping[str, str]
) -> tuple[dict[str, TextColumn], list[str]]:
    """The columns of a file with blank cells instead of words for nothing; the ledger counts them.

    Args:
        texts: the file's columns by contract name, extras by their header.
        contract: the table's contract; ids, texts and hints of an account are looked at, and the attribute by which
            the settings group accounts.
        settings: words that they list stay.
        headers: the export's header of each column.
    """
    result, notes = dict(texts), []
    for name, meant in _columns(texts, contract, settings):
        column = texts[name]
        if are_plain_ids(column.shared[1]):
            continue
        found = meant.intersection(column.in_use[1].tolist())
        if not found:
            continue
        hit = int(column.which(found.__contains__).sum())
        header = headers.get(name, name)
        shown = ", ".join(sorted(found))
        notes.append(f"{counted(hit, 'row')} with {shown} in {name if is_made(header) else header!r}: read as blank")
        result[name] = column.changed(lambda word, found=found: "" if word in found else word)  # type: ignore[misc]
    return result, notes


def _columns(
    texts: Mapping[str, TextColumn], contract: Contract, settings: Settings
) -> Iterator[tuple[str, frozenset[str]]]:
    """The columns to look at, each with its words for nothing."""
    words = (
        *settings.stages,
        *settings.won_stages,
        *settings.lost_stages,
        *settings.types,
        *settings.stage_map,
        *(segment.name for segment in settings.segments.named),
    )
    listed = {word.casefold() for word in words}
    kinds = {column.name: column.type for column in contract.columns} | dict.fromkeys(HINTS, Type.TEXT)
    if contract.table == "accounts" and settings.segments.by:
        by = settings.segments.by.casefold()
        kinds |= {name: Type.TEXT for name in texts if name.casefold() == by and name not in kinds}
    for name, kind in kinds.items():
        if name in texts and name not in _NAMES and kind in (Type.TEXT, Type.ID):
            attribute = name in _PLACES or name not in contract.names
            nothing = NOTHING if attribute else _NOTHING_OR_NA
            yield name, nothing if kind is Type.ID else frozenset(w for w in nothing if w.casefold() not in listed)
