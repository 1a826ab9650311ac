"""The columns of activities and buying stages that are in use; the others need not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from segxl.errors import SegxlError
from segxl.settings.how_to_set import HowToSet
from segxl.settings.model import TableSettings
from segxl.sources.fallbacks import headers_of
from segxl.sources.files.raw import RawTable
from segxl.sources.mapping import ColumnMapping, format_of
from segxl.sources.values.id_forms import KEYS
from segxl.tables.text_column import TextColumn

REDUCED = ("activities", "buying_stages")
"""Tables that may have many more rows than accounts, and whose rows are asked for by account and day."""


def in_use(table: str, source: TableSettings, header: Sequence[str]) -> tuple[set[str], Mapping[str, str]] | None:
    """The headers in use, and those of the contract's columns by column; None where a format or a missing column
    decides.

    In use are the columns that the settings name, the contract's, and the IDs that tables refer to each other by: an
    activity without an account may name its lead.
    """
    whole = _empty(header)
    if format_of(table, source, whole) is not None:
        return None
    wanted = [part for one in source.columns.values() for part in headers_of(one, tuple(header))]
    if len(wanted) > len(source.columns):  # columns made of several headers
        return None
    wanted += [*source.where, *(value_map.source or "" for value_map in source.values.values())]
    wanted += [one for value_map in source.values.values() for one in value_map.filled]
    try:
        headers = ColumnMapping.of(HowToSet(table, source), whole, None).headers
    except SegxlError:
        return None
    wanted += KEYS.values()
    folded = {one.casefold() for one in (*wanted, *headers.values())}
    used = {one for one in header if one.casefold() in folded}
    kept = [one for one in header if one in used]
    return (used, headers) if format_of(table, source, _empty(kept)) is None else None


def headers_in_use(table: str, source: TableSettings, header: Sequence[str]) -> set[str] | None:
    """The headers in use; None where all may be: of other tables, whose checks and questions ask for all."""
    found = in_use(table, source, header) if table in REDUCED and not source.latest_by else None
    return None if found is None else found[0]


def _empty(header: Sequence[str]) -> RawTable:
    blank = TextColumn.filled("", 0)
    return RawTable("", "", tuple(header), (blank,) * len(header), np.empty(0, dtype=np.int32))
