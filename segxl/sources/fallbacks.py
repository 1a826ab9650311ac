"""Columns that settings make of several headers: the first filled one, or a word where one is filled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from segxl.errors import SegxlErrors, nearest
from segxl.messages import counted
from segxl.settings.how_to_set import HowToSet
from segxl.settings.model import TableSettings
from segxl.sources.files.files import RawTable
from segxl.sources.formats import Shaped
from segxl.sources.values.midnight import without_midnight
from segxl.tables.codes import Mask
from segxl.tables.contracts import PLACEHOLDERS
from segxl.tables.text_column import TextColumn, Texts


def headers_of(wanted: str, header: tuple[str, ...]) -> list[str]:
    """The headers that a setting names: itself where a column is called like that, else those that ``|`` parts."""
    known = {name.casefold() for name in header}
    if "|" not in wanted or wanted.casefold() in known:
        return [wanted]
    return [name for part in wanted.split("|") if (name := part.strip())]


def with_fallbacks(shaped: Shaped, source: TableSettings, to_set: HowToSet) -> tuple[Shaped, tuple[str, ...]]:
    """The records with a column for each setting that names several headers, under the text of the setting; and notes
    for the ledger: the number of rows in which each header counts.

    Raises:
        SegxlErrors: a header is not there.
    """
    raw, notes, problems = shaped.raw, [], []
    origins = dict(shaped.origins)
    for name, wanted in source.columns.items():
        parts = headers_of(wanted, raw.header)
        if len(parts) < 2:
            continue
        by_fold = {header.casefold(): header for header in reversed(raw.header)}
        missing = [part for part in parts if part.casefold() not in by_fold]
        problems += [
            f"{raw.file}: no column {part!r} (in {to_set.name('columns', name)}){nearest(part, raw.header)}"
            for part in missing
        ]
        if missing:
            continue
        headers = [by_fold[part.casefold()] for part in parts]
        cells, chosen = _first_filled([without_midnight(_present(raw.texts(header))) for header in headers])
        raw = replace(raw, header=(*raw.header, wanted), columns=(*raw.columns, cells))
        origins[name] = np.array([*headers, ""], dtype=object)[chosen]
        notes += [
            f"{counted(int((chosen == at).sum()), 'row has', 'rows have')} no {headers[0]!r}: {name} is from {header!r}"
            for at, header in enumerate(headers[1:], start=1)
            if (chosen == at).any()
        ]
    if problems:
        raise SegxlErrors(problems)
    return replace(shaped, raw=raw, origins=origins), tuple(notes)


def _first_filled(columns: list[TextColumn]) -> tuple[TextColumn, np.ndarray]:
    """The first filled cell of each row, and which column it is from; the first where all are blank."""
    cells: Texts = columns[0].cells
    chosen = np.zeros(len(cells), dtype=np.intp)
    for at, column in enumerate(columns[1:], start=1):
        gaps = (cells == "") & ~column.is_text("")
        cells = np.where(gaps, column.cells, cells)
        chosen[gaps] = at
    return TextColumn.of(cells), chosen


def _present(column: TextColumn) -> TextColumn:
    """The column without words for "nothing yet": those cells are blank."""
    if not any(text.casefold() in PLACEHOLDERS for text in column.distinct):
        return column
    return column.changed(lambda text: "" if text.casefold() in PLACEHOLDERS else text)


def is_filled(column: TextColumn) -> Mask:
    """A mask of the cells with more than a word for "nothing yet"."""
    return column.which(lambda text: text != "" and text.casefold() not in PLACEHOLDERS)


def contradictions(raw: RawTable, source: TableSettings) -> Iterator[tuple[str, list[str], Mask]]:
    """Each column whose filled headers differ in a row: its name, the headers, those rows."""
    by_fold = {header.casefold(): header for header in reversed(raw.header)}
    for name, value_map in source.values.items():
        headers = [header for header in value_map.filled if header.casefold() in by_fold]
        meanings = {meaning: np.zeros(len(raw), dtype=bool) for meaning in value_map.filled.values()}
        for header in headers:
            meanings[value_map.filled[header]] |= is_filled(raw.texts(by_fold[header.casefold()]))
        several = np.sum(list(meanings.values()), axis=0) > 1 if meanings else np.zeros(len(raw), dtype=bool)
        if several.any():
            yield name, headers, several
