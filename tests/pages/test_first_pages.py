"""First pages: what people add to sentences, and how a type's numbers compare."""

from __future__ import annotations

from datetime import date

import pytest

from segxl.facts.engine import Facts
from segxl.pages.model import Cell, Page
from segxl.pages.scorecard.executive import executive_pack
from segxl.periods import parse_period
from segxl.scorecard.compute import compute
from segxl.scorecard.summary import executive_summary
from segxl.settings.comments import Comment
from tests.conftest import Folder
from tests.scorecard.test_summary import ACCOUNTS, LEADS, OPPORTUNITIES, REVENUE, SETTINGS, TARGETS

pytestmark = pytest.mark.slow

OPEN = """
X1,A1,2026-05-02,,Prospecting,70000,New
X2,A1,2025-05-02,,Prospecting,50000,New
"""


def first_page(folder: Folder, *comments: Comment) -> Page:
    tables = {"opportunities": OPPORTUNITIES.rstrip() + OPEN, "leads": LEADS, "targets": TARGETS, "revenue": REVENUE}
    dataset = folder(SETTINGS, accounts=ACCOUNTS, **tables)
    facts = Facts(dataset)
    found = compute(facts, parse_period("2026-05", dataset.settings.fiscal), list(dataset.segments.names))
    assert found.executive is not None
    return executive_pack(facts, found, found.executive, executive_summary(facts, found), comments).pages[0]


def filled(cells: tuple[Cell | None, ...]) -> list[Cell]:
    return [cell for cell in cells if cell is not None]


def values(page: Page, name: str) -> list[object]:
    """The values of the last row with a name."""
    rows = [filled(row.cells) for row in page.rows if row.cells and row.cells[0] and row.cells[0].value == name]
    return [cell.value for cell in rows[-1]]


def findings(page: Page) -> list[list[Cell]]:
    """The rows of *What to look at*, its own first."""
    rows = [filled(row.cells) for row in page.rows]
    first = next(at for at, cells in enumerate(rows) if cells and cells[0].value == "What to look at")
    return rows[first : next(at for at in range(first, len(rows)) if not rows[at])]


def test_comments_have_headers_once_and_a_box_for_each_sentence(folder: Folder) -> None:
    head, *rows = findings(first_page(folder))
    assert [cell.value for cell in head] == ["What to look at", "Comment", "Owner", "Due"]
    assert len(rows) >= 3
    for sentence, *boxes in rows:
        assert str(sentence.value)[:1] in "▲△▼▽–"
        assert [(box.value, box.style, box.on_web) for box in boxes] == [("", "box", False)] * 3
    assert not any(cell.on_web for cell in head[1:])


def test_a_comment_is_behind_its_sentence_and_one_on_the_page_below_them(folder: Folder) -> None:
    late = Comment("2026-05", "", "Two left.\nBoth knew.", "Ann", date(2026, 6, 2), "12-month NRR")
    page = first_page(folder, late, Comment("2026-05", "", "A good month."))
    head, *rows = findings(page)
    assert all(cell.on_web for cell in head)
    (found,) = [boxes for sentence, *boxes in rows if "12-month NRR" in str(sentence.value)]
    assert [(cell.value, cell.style) for cell in found] == [
        ("Two left.\nBoth knew.", "text"),
        ("Ann", "text"),
        ("2 Jun 2026", "text"),
    ]
    assert [cell.value for cell in rows[-1]] == ["On the whole page", "A good month.", "", ""]
    heights = {
        row.height for row in page.rows if row.cells and row.cells[0] and "12-month NRR" in str(row.cells[0].value)
    }
    assert min(height or 0 for height in heights) > 26  # two lines


def test_each_number_of_a_type_has_its_change(folder: Folder) -> None:
    """New logos: won 300 after 500; created 100 + 200 and 70 that are open, after 400 + 100 and 50."""
    page = first_page(folder)
    heads = values(page, "Type")
    assert heads[:7] == ["Type", "Won", "Δ k", "Created", "Δ k", "Win rate", "Δ pp"]
    assert values(page, "New logo")[:5] == ["New logo", 300_000, -200_000, 370_000, -180_000]
    assert values(page, "Renewal")[:3] == ["Renewal", 1_000_000, 800_000]
    cells = [filled(row.cells) for row in page.rows if row.cells and row.cells[0] and row.cells[0].value == "New logo"][
        -1
    ]
    assert all(cell.formula is not None for cell in cells[1:5])


def test_both_charts_of_segments_have_the_order_of_the_table(folder: Folder) -> None:
    page = first_page(folder)
    names = [chart.categories for chart in page.charts]
    assert len(names) == 2
    assert page.charts[0].alt.index("West") < page.charts[0].alt.index("East")  # West misses its plan
    told = page.charts[1].alt.partition(". ")[2]
    assert told.index("West") < told.index("East")
