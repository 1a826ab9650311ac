"""Wording of numbers and lists in messages."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun, and with the verb where the caller gives both: ``counted(2, "row is", "rows are")``.

    ``many`` is ``one`` with an s where it is not given: 1 row, 1,200 rows, no "row(s)".
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int, all_of: int = 0) -> str:
    """The first names of a list, and the number of others: ``A, B and 12 more``. ``all_of``: the full count, if
    ``names`` holds only the first ones.
    """
    left = max(all_of, len(names)) - min(most, len(names))
    return ", ".join(names[:most]) + (f" and {left:,} more" if left else "")
