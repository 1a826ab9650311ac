"""CSV files that segxl writes for people: opened in Excel, no cell of theirs becomes a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_RISKY = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?[\d.,]+%?")
_GUARD = "'"
_MONTH = (
    "(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?"
    "|dec(ember)?)"
)
_CHANGED_BY_EXCEL = re.compile(
    r"0\d+|\d{12,}|\d+([.,]\d+)?e[-+]?\d+|\d+[-/.:]\d+([-/.:]\d+)?"
    rf"|{_MONTH}[-./ ]?\d{{1,4}}|\d{{1,4}}[-./ ]?{_MONTH}([-./ ]\d{{1,4}})?",
    re.IGNORECASE,
)
"""``0042`` becomes 42, ``101234567890`` 1.01235E+11, ``3-4`` and ``Dec 1`` a day."""


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV as UTF-8 with a byte order mark, which Excel needs to read accents right; each text is made :func:`safe`.

    Numbers are written as they are, however small or negative; None is blank. Line ends are ``\\r\\n``, as Excel writes
    them.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _written(cell: object) -> str:
    if cell is None:
        return ""
    return repr(cell) if isinstance(cell, (int, float)) else safe(str(cell))


def safe(text: str) -> str:
    """The text with ``'`` before it where a spreadsheet would take it for a formula: it starts with ``=``, ``+``,
    ``-``, ``@`` or a control character, and is no plain number."""
    return _GUARD + text if text.startswith(_RISKY) and not _NUMBER.fullmatch(text) else text


def kept(text: str) -> str:
    """The text with ``'`` before it where Excel would make another number or a day of it, and save that."""
    return _GUARD + text if _CHANGED_BY_EXCEL.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text that :func:`safe` made safe, or :func:`kept` kept."""
    return text[1:] if text.startswith(_GUARD) and text in (safe(text[1:]), kept(text[1:])) else text
