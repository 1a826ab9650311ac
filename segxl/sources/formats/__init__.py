"""Known exports, recognised by their header: the mapping of their columns, and the lines that are not rows.

A new vendor is one more small module of tables of names in this folder, which ends with its ``FORMATS``; a test of its
own; and, if a header means something new, values for it in ``tests/sources/test_fuzz.py``, which breaks an export of
each format in many ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from pkgutil import iter_modules

from segxl.errors import SegxlError, nearest
from segxl.sources.formats.model import (
    HINTS,
    Format,
    Header,
    Reading,
    Shaped,
    is_made,
    newest_first,
    take,
    without_columns,
)

__all__ = [
    "FORMATS",
    "HINTS",
    "Format",
    "Header",
    "Reading",
    "Shaped",
    "by_key",
    "is_made",
    "newest_first",
    "recognise",
    "take",
    "without_columns",
]

FORMATS: tuple[Format, ...] = tuple(
    one
    for module in sorted(found.name for found in iter_modules(__path__))
    for one in getattr(import_module(f"{__name__}.{module}"), "FORMATS", ())
)
"""Every known export: the ``FORMATS`` of each module of this folder. Within a vendor's table the more particular one
comes first: a history has all headers of a report. Exports of two vendors never fit one header."""


def recognise(header: Sequence[str], table: str | None = None) -> Format | None:
    """The format whose signature matches a header, among those for a table, or among all."""
    return next((one for one in FORMATS if table in (None, one.table) and one.fits(header)), None)


def by_key(key: str, table: str, header: Iterable[str] = ()) -> Format:
    """The format named by ``format = "key"`` for a table: its key or its name.

    Where a vendor has several for the table, the header decides, and if it is none of theirs, the one that it could
    feed most columns of.

    Raises:
        SegxlError: there is none.
    """
    wanted, names = key.strip().casefold(), list(header)
    found = [one for one in FORMATS if one.table == table and wanted in (one.key, one.name.casefold())]
    if not found:
        known = {word for one in FORMATS if one.table == table for word in (one.key, one.name)}
        keys = ", ".join(sorted({one.key for one in FORMATS if one.table == table})) or "none"
        raise SegxlError(f'no format "{key}" for {table}{nearest(key, known)} ({keys})')
    fitting = next((one for one in found if one.fits(names)), None)
    return fitting or max(found, key=lambda one: one.score(names))
