"""Cells and headers without a value: Excel's errors, formulas that nothing has calculated, merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from segxl.sources.files.raw import column_letters
from segxl.sources.files.sheet_xml import NOT_CALCULATED
from segxl.sources.files.sheets import MERGED

EXCEL_ERRORS = frozenset(
    {
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
        NOT_CALCULATED,
        MERGED,
    }
)
"""The texts of cells without a value."""

_FAILED = {
    NOT_CALCULATED: "is a formula without a saved result; open the workbook in Excel, recalculate and save it",
    MERGED: "is merged with the cell above it; unmerge the cells and fill each row",
}


def what_failed(text: str, place: str) -> str:
    """The meaning of one of :data:`EXCEL_ERRORS`, and its fix; ``place`` names the part to fix."""
    return _FAILED.get(text, f"is an Excel error; fix {place}")


def failed_headers(header: Sequence[str], ignored: Iterable[str]) -> Iterator[str]:
    """The note about columns that are not used because their header failed."""
    for name in ignored:
        text = re.sub(r" \(\d+\)$", "", name)  # a second one of its kind
        if text in EXCEL_ERRORS:
            why = what_failed(text, "it")
            yield f"the header of column {column_letters(header.index(name))} {why}; segxl ignores the column"
