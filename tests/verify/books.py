"""Small workbooks with formulas, their stored values worked by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

DEALS = (
    ("D1", "Won", datetime(2026, 3, 2), 1000.10),
    ("D2", "Won", datetime(2026, 3, 31), 2000.20),
    ("D3", "Lost", datetime(2026, 3, 5), 4000.40),
    ("D4", "Won", datetime(2026, 4, 1), 8000.80),
)
"""Two deals are won in March 2026: 3,000.30."""

HEADERS = ("Deal", "Outcome", "Closed", "Amount")
DAY, MONEY, RATE = "yyyy-mm-dd", '#,##0.00_);(#,##0.00);"–"_)', "0.0%"
WON = 'SUMIFS(Deals[Amount],Deals[Outcome],"Won",Deals[Closed],">="&PeriodStart,Deals[Closed],"<="&B3)'

FORMULAS: Mapping[str, tuple[str, str, Any]] = {
    "B3": ("EOMONTH(PeriodStart,0)", DAY, 46112),  # 31 March 2026
    "B4": (WON, MONEY, 3000.30),
    "B5": ('COUNTIFS(Deals[Closed],">="&PeriodStart,Deals[Closed],"<="&B3)', "#,##0", 3),
    "B6": ('COUNTIFS(Deals[Outcome],"Won",Deals[Closed],"<="&B3)/B5', RATE, 2 / 3),
    "B7": ('IF(B5=0,"n/a",IF(B4>3000,"above","below"))', "@", "above"),
    "B8": ("'It''s data'!D4-'It''s data'!D5", MONEY, -2000.20),  # the second deal less the third
}
"""Formulas of the sheet Page by cell: text, number format, stored value."""
LABELS = {"B4": "Won revenue"}


def write_book(
    path: Path,
    changed: Mapping[str, tuple[str, str, Any]] | None = None,
    more: Callable[[xlsxwriter.Workbook], None] = lambda book: None,
) -> Path:
    """A workbook with a page and a table of deals; ``changed`` replaces or adds formulas of the page."""
    with xlsxwriter.Workbook(path) as book:
        page, data = book.add_worksheet("Page"), book.add_worksheet("It's data")
        page.write_string("A2", "Period")
        page.write_datetime("B2", datetime(2026, 3, 1), book.add_format({"num_format": DAY}))
        book.define_name("PeriodStart", "=Page!$B$2")
        for cell, label in LABELS.items():
            page.write_string(f"A{cell[1:]}", label)
        for cell, (formula, form, value) in {**FORMULAS, **(changed or {})}.items():
            page.write_formula(cell, f"={formula}", book.add_format({"num_format": form}), value)
        rows = [list(deal) for deal in DEALS]
        columns = [{"header": header} for header in HEADERS]
        data.add_table(1, 0, len(rows) + 1, 3, {"name": "Deals", "data": rows, "columns": columns})
        more(book)
    return path
