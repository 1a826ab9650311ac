"""Rows as text in columns, for terminals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segxl.messages import counted

_TO_THE_RIGHT = ("amount", "row", "probability", "target")


def aligned(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """The titles, the rows and how many they are; numbers are right-aligned."""
    widths = [max(len(row[at]) for row in (titles, *rows)) for at in range(len(titles))]
    for row in (titles, *rows):
        padded = (
            text.rjust(width) if title in _TO_THE_RIGHT else text.ljust(width)
            for title, text, width in zip(titles, row, widths, strict=True)
        )
        yield "  ".join(padded).rstrip()
    yield f"{counted(len(rows), 'row')}"
