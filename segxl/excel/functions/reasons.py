"""The reasons behind errors and blanks, by the cell that asked; ``SEGXL_WHY`` shows them.

A cell is named by workbook, sheet and address (:func:`place`). A formula may call several functions: calls
that follow one another from one cell belong together, and a later calculation of the cell replaces what was kept.
"""

from __future__ import annotations

from collections import OrderedDict

from segxl.excel.functions.problems import Why

MOST = 20_000
"""Cells whose reasons are kept; the oldest are dropped first."""


def place(book: str, sheet: str, address: str) -> str:
    """A cell's name; the VBA writes the same."""
    return f"[{book}]{sheet}!{address}"


class Reasons:
    """The reasons of at most :data:`MOST` cells."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, list[Why]] = OrderedDict()
        self._latest = ""

    def keep(self, cell: str, why: Why | None) -> None:
        """Keep the reasons of a call, or that it needs none."""
        if cell != self._latest:
            self._latest = cell
            self._kept.pop(cell, None)
        if why is None or not cell:
            return
        self._kept.setdefault(cell, []).append(why)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def of(self, cell: str, row: int = 0, column: int = 0) -> list[str]:
        """The sentences about a cell of what the formula in ``cell`` gave, each once."""
        self._latest = ""
        found = (why(row, column) for why in self._kept.get(cell, ()))
        return list(dict.fromkeys(sentence for sentence in found if sentence))


REASONS = Reasons()
"""Those of this process."""
