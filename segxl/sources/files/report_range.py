"""The days that a report covers, as the lines above its header and the cells of its periods write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from segxl.periods import MONTH_NUMBERS

_NAME = "(?:" + "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True)) + r")\.?"
_DATE = (
    r"\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4}|\d\d?[-/.]\d\d?[-/.]\d\d"
    rf"|{_NAME} \d\d?,? \d{{4}}|\d\d?\.? {_NAME},? \d{{4}}"
)
_DATES = re.compile(rf"(?<!\d)(?:{_DATE})(?!\d)", re.IGNORECASE)
RANGE = re.compile(rf"({_DATE}) ?(?:-|–|—|/|\.\.|to|until|through|bis|au|al|hasta) ?({_DATE})", re.IGNORECASE)
"""Two days in one cell."""
_BEGIN = re.compile(r"\b(?:start|from|begin|von|beginn|du|début|desde|inicio)", re.IGNORECASE)
_END = re.compile(r"\b(?:end|to|until|through|bis|au|fin|hasta)", re.IGNORECASE)
_WRITTEN = re.compile(r"generated|created|exported|downloaded|printed|run |erstellt|exportiert|généré|generado", re.I)


def report_range(above: Iterable[Sequence[str]]) -> tuple[str, str] | None:
    """The first and the last day of a report as the lines above its header write them; None where they do not."""
    begin = end = ""
    for cells in above:
        line = " ".join(cells)
        dates = _DATES.findall(line)
        if not dates or _WRITTEN.search(line):
            continue
        if len(dates) == 2:
            return dates[0], dates[1]
        if len(dates) == 1 and _BEGIN.search(line):
            begin = begin or dates[0]
        elif len(dates) == 1 and _END.search(line):
            end = end or dates[0]
    return (begin, end) if begin and end else None
