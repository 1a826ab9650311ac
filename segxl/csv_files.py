"""CSV files that segxl writes for people: opened in Excel, no cell of theirs becomes a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_RISKY = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?[\d.,]+%?")
_GUARD = "'"


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV as UTF-8 with a byte order mark, which Excel needs to read accents right; each text is made :func:`safe`.

    Line ends are ``\\r\\n``, as Excel writes them.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([safe(str(cell)) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def safe(text: str) -> str:
    """The text with ``'`` before it where a spreadsheet would take it for a formula: it starts with ``=``, ``+``,
    ``-``, ``@`` or a control character, and is no plain number."""
    return _GUARD + text if text.startswith(_RISKY) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text that :func:`safe` made safe."""
    return text[1:] if text.startswith(_GUARD) and safe(text[1:]) == text else text
