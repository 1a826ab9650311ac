"""Page one of the demo's reports on a sheet of A4: 9 points, and no number wider than its cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segxl.api import Analysis, load
from segxl.pages.cells import LINE
from segxl.render.html.number_formats import shown as shown_as

POINTS = 595 - 2 * 36
"""A landscape sheet of A4 without its margins of half an inch."""
HALF = {"analysis": "2026-03..2026-08", "baseline": "2025-09..2026-02"}
CHOICES: dict[str, dict[str, Any]] = {
    "month": {"analysis": "2026-10"},
    "segment": {"analysis": "2026-10", "segments": ("SMB",)},
    "week": {"analysis": "2026-W43", "baseline": "2026-W42"},
    "quarter": {"analysis": "2026-08..2026-10", "baseline": "2026-05..2026-07"},
    "half": HALF,
}


@pytest.fixture(scope="module")
def demo(demo_exports: Path) -> Analysis:
    return load(demo_exports)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["buying-stage", "engagement"])
@pytest.mark.parametrize("choice", CHOICES)
def test_page_one_prints_in_nine_points(demo: Analysis, kind: str, choice: str) -> None:
    page = demo.report(type=kind, **CHOICES[choice]).pack().pages[0]
    heights = [row.height for row in page.rows]
    assert None not in heights and 0.9 * sum(height or 0 for height in heights) <= POINTS
    heads = [row.height for row in page.rows if row.cells[:1] and row.cells[0] and row.cells[0].style == "header"]
    assert heads == [LINE * (2 if choice in ("quarter", "half") else 1)]  # their names take two lines
    notes = 0
    for row in page.rows:
        for at, cell in enumerate(row.cells):
            if cell is None or not isinstance(cell.value, (int, float)) or not cell.style.startswith("key_"):
                continue
            size = {"key_value": 18, "key_note": 10}.get(cell.style, 10)
            room = sum(page.widths[at : at + cell.span]) * 11 / size  # widths are in digits of 11 points
            assert len(shown_as(cell.value, cell.unit).text) <= room, shown_as(cell.value, cell.unit).text
            notes += cell.style == "key_note"
    assert notes >= 5


@pytest.mark.slow
def test_long_timeframes_have_short_names_below_figures(demo: Analysis) -> None:
    page = demo.report(type="buying-stage", **HALF).pack().pages[0]
    cells = [cell for row in page.rows for cell in row.cells if cell is not None and cell.style == "key_note"]
    shown = [shown_as(cell.value, cell.unit).text for cell in cells]
    assert "both timeframes" in shown
    assert [text[:9] for text in shown if text.startswith(("baseline:", "year ago:"))] == [
        "baseline:", "baseline:", "baseline:", "year ago:", "year ago:"
    ]  # fmt: skip
