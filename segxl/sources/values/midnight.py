"""Dates that carry a midnight: what programs write that know no date without a time."""

from __future__ import annotations

import re

from segxl.tables.text_column import TextColumn

_MIDNIGHT = re.compile(
    r"(?<=\d)(?:t|,? +)(?:00?:00(?::00(?:[.,]0+)?)?(?: ?am)?|12:00(?::00)? ?am)(?: ?(?:z|utc|gmt|[+-]00:?00))?",
    re.IGNORECASE,
)
"""The time behind a date, where it is midnight and no zone but UTC is named."""


def without_midnight(column: TextColumn) -> TextColumn:
    """A column of dates without midnight times; a column with any other time is unchanged. For columns that are
    combined: among another column's times, a date's midnight would look like a time.
    """
    times = [text for text in column.distinct if ":" in text]
    if not times or not all(_MIDNIGHT.search(text) for text in times):
        return column
    return column.changed(lambda text: _MIDNIGHT.sub("", text))
