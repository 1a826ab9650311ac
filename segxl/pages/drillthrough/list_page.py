"""The common parts of pages with one list: the frame and the limit."""

from __future__ import annotations

from collections.abc import Sequence

from segxl.pages.cells import heading
from segxl.pages.model import Cell, Field, Page, Records, Row

ROW_LIMIT = 1_000_000
"""Rows of one list; Excel's sheets end at 1,048,576."""

FIRST_ROW = len(heading("", "", 1)) + 2
"""The sheet row of a list's first record, below the headings and the header."""


def list_page(key: str, title: str, subtitle: str, fields: Sequence[Field], frozen: int, note: str = "") -> Page:
    """A page with one list: ``frozen`` columns stay in view; ``note`` is shown above the list."""
    rows = heading(title, subtitle, len(fields))
    if note:
        rows[-1] = Row((Cell(note, "note", span=len(fields)),))
    return Page(
        key=key,
        title=title,
        rows=tuple(rows),
        widths=tuple(field.width for field in fields),
        records=Records(tuple(fields)),
        freeze=(FIRST_ROW, frozen + 1),
        repeat_rows=(FIRST_ROW - 1, FIRST_ROW - 1),
        tab="working",
        printed=False,
    )
