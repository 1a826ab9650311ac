"""The lines below an export's data: totals and legal notes."""

from __future__ import annotations

import re

import numpy as np

from segxl.sources.files import RawTable
from segxl.sources.formats.model import Mask
from segxl.texts import TextColumn, Texts

_TOTAL = re.compile(r"total|grand totals?( ?\([\d,. ]+ records?\))?", re.IGNORECASE)
_LABELLED_TOTAL = re.compile(r"total|total: .*", re.IGNORECASE)
_TOTALS_ROW = re.compile(r"totals?|totale|totaal|ergebnis|gesamt|summe|somme|suma", re.IGNORECASE)
_LEGAL = re.compile(
    r"confidential information - do not distribute\b.*|copyright (©|\(c\)) ?[\d\s–-]+ ?salesforce.*",
    re.IGNORECASE,
)


def salesforce_footer(raw: RawTable) -> Mask:
    """The lines below a Salesforce report: totals, the confidentiality line and the copyright.

    The legal lines are known by their words wherever they stand. A total counts only at the file's end,
    because an account may well be called Total. Blank lines are not marked.
    """
    first = _first_filled(raw)
    legal = _matches(first, _LEGAL)
    footer: Mask = (legal | _trailing(legal | (first == "") | _matches(first, _TOTAL))) & (first != "")
    footer[_around(raw, first, legal)] = True
    return footer


def _around(raw: RawTable, first: Texts, legal: Mask) -> list[int]:
    """The lines of one cell around the legal ones: below, who made the report and for whom; above, after a blank line,
    its title. Only where nothing else follows."""
    if not legal.any():
        return []
    begin = int(legal.argmax())
    alone = {
        row for row in range(max(begin - 9, 0), len(raw)) if sum(column.at(row) != "" for column in raw.columns) == 1
    }
    below = [row for row in range(begin, len(raw)) if first[row] != ""]
    if not alone.issuperset(below):
        return []
    above = next((row for row in range(begin - 1, 0, -1) if first[row] != ""), 0)
    return [*below, above] if above in alone and first[above - 1] == "" else below


def totals_footer(raw: RawTable) -> Mask:
    """The totals at the end of an advertising report: ``Total``, ``Total: Account``."""
    first = _first_filled(raw)
    footer: Mask = _trailing((first == "") | _matches(first, _LABELLED_TOTAL)) & (first != "")
    return footer


def table_footer(raw: RawTable) -> Mask:
    """The totals row of an Excel table (Excel writes the word in the language that it speaks), and a report's footer.

    The totals row of an Excel table is known by its word in the first column alone.
    """
    first = raw.columns[0].cells
    footer: Mask = salesforce_footer(raw) | totals_footer(raw)
    blank_or_footer = footer | (_first_filled(raw) == "") | _matches(first, _TOTALS_ROW)
    totals: Mask = _trailing(blank_or_footer) & (first != "")
    return footer | totals


def _trailing(passable: Mask) -> Mask:
    """Which rows belong to an unbroken run of passable ones that ends with the last row."""
    return np.logical_and.accumulate(passable[::-1])[::-1]


def _first_filled(raw: RawTable) -> Texts:
    """The first cell of each row that is not blank."""
    first = np.full(len(raw), "", dtype=object)
    for column in raw.columns:
        blank = first == ""
        if not blank.any():
            break
        first[blank] = column.cells[blank]
    return first


def _matches(texts: Texts, pattern: re.Pattern[str]) -> Mask:
    return TextColumn.of(texts).which(lambda text: pattern.fullmatch(text) is not None)
