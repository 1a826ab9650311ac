"""The common parts of pages with rows behind numbers: frame, limit, and names and dates as shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from segxl.facts.engine import Facts
from segxl.pages.cells import heading
from segxl.pages.model import Cell, Field, Page, Records, Row, Scalar
from segxl.periods import NEVER, to_date

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


def note_of_long_lists(lists: Sequence[str]) -> str:
    """The note that names the lists too long for the sheet; blank without any."""
    return f"Too long for a sheet; list them with `segxl explain`: {'; '.join(lists)}" if lists else ""


def account_names(facts: Facts) -> dict[Scalar, Scalar]:
    """The names of accounts by ID, of those that have one."""
    accounts = facts.dataset.tables.get("accounts")
    if accounts is None:
        return {}
    return {key: name for key, name in zip(accounts["account_id"], accounts["name"], strict=True) if name}


def dates(days: NDArray[Any]) -> list[Scalar]:
    """Day numbers as dates; None for no day."""
    return [None if day == NEVER else to_date(int(day)) for day in days]
