"""The lines below an export's data: totals and legal notes."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from segxl.sources.files import RawTable
from segxl.sources.formats.model import Mask
from segxl.tables import Texts

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
    return footer


def totals_footer(raw: RawTable) -> Mask:
    """The totals at the end of an advertising report: ``Total``, ``Total: Account``."""
    first = _first_filled(raw)
    footer: Mask = _trailing((first == "") | _matches(first, _LABELLED_TOTAL)) & (first != "")
    return footer


def table_footer(raw: RawTable) -> Mask:
    """The totals row of an Excel table (Excel writes the word in the language that it speaks), and a report's footer.

    The totals row of an Excel table is known by its word in the first column alone.
    """
    first = raw.columns[0]
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
        first[blank] = column[blank]
    return first


def _matches(texts: Texts, pattern: re.Pattern[str]) -> Mask:
    codes, distinct = pd.factorize(texts)
    return np.array([pattern.fullmatch(text) is not None for text in distinct], dtype=bool)[codes]
