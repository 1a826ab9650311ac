"""Input workbooks for tests: the small company as sheets, written by openpyxl."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests import small

Rows = Sequence[Sequence[object]]

SETTINGS: Rows = (
    ("key", "value"),
    ("name", "Acme"),
    ("run_date", dt.date(2026, 6, 5)),
    ("stages", "Discovery, Proposal"),
    ("segments.by", "tier"),
)
MAPS: Rows = (
    ("map", "from", "to"),
    ("types", "New Business", "new_logo"),
    ("types", "Upsell", "upsell"),
    ("types", "Renewal", "renewal"),
)


def typed(text: object) -> object:
    """What Excel makes of a text that someone types: a date, a number, or the text."""
    for kind in (dt.date.fromisoformat, float):
        try:
            return kind(str(text))
        except ValueError:
            continue
    return text or None


def company(**sheets: Rows) -> dict[str, Rows]:
    """The small company's sheets; a keyword replaces or adds one."""
    opportunities = [small.HEADER, *([typed(cell) for cell in row] for row in small.OPPORTUNITIES)]
    accounts = (small.ACCOUNT_HEADER, *small.ACCOUNTS)
    return {"Settings": SETTINGS, "Maps": MAPS, "opportunities": opportunities, "accounts": accounts} | sheets


def fill(sheet: Worksheet, rows: Rows) -> None:
    """Write rows; text that begins with = stays text, as Excel keeps what was typed behind an apostrophe."""
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell: Any = sheet.cell(number, column, value)
            if isinstance(value, str) and value.startswith("="):
                cell.data_type = "s"


def write_book(path: Path, sheets: Mapping[str, Rows] | None = None, **changed: Rows) -> Path:
    """Write the small company, or other sheets, as a workbook."""
    book = Workbook()
    del book["Sheet"]
    for name, rows in (sheets or company(**changed)).items():
        fill(book.create_sheet(name), rows)
    book.save(path)
    return path
