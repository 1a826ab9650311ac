"""Words that go with numbers in messages."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun, and with the verb where the caller gives both: ``counted(2, "row is", "rows are")``.

    ``many`` is ``one`` with an s where it is not given: 1 row, 1,200 rows, no "row(s)".
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
