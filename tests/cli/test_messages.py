"""What messages say agrees with its number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import segxl
from segxl.messages import counted, listed


@pytest.mark.parametrize(
    ("number", "rows", "cities"),
    [(0, "0 rows", "0 cities are"), (1, "1 row", "1 city is"), (1_200, "1,200 rows", "1,200 cities are")],
)
def test_a_noun_goes_with_its_number(number: int, rows: str, cities: str) -> None:
    assert (counted(number, "row"), counted(number, "city is", "cities are")) == (rows, cities)


def test_no_message_leaves_the_number_open() -> None:
    """``row(s)`` is what a program says that does not know how many there are."""
    package = Path(segxl.__file__).parent
    macros = [*(package.parent / "templates").rglob("*.bas"), *(package.parent / "templates").rglob("*.xml")]
    assert len(macros) >= 2  # the module and the ribbon
    for path in [*package.rglob("*.py"), *macros]:
        if path.name != "messages.py":
            assert not re.search(r"[a-z]\(s\)", path.read_text(encoding="utf-8")), path


def test_long_lists_say_how_much_is_left() -> None:
    assert listed(["A", "B"], 2) == "A, B"
    assert listed(["A", "B", "C"], 2) == "A, B and 1 more"
    assert listed(["A", "B"], 2, 1_002) == "A, B and 1,000 more"
