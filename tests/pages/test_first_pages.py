"""First pages: what people add to sentences, and how a type's numbers compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import pytest

from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.pages.model import Cell, Page
from segxl.pages.scorecard.executive import executive_pack
from segxl.pages.scorecard.pack import scorecard_pack
from segxl.periods import parse_period
from segxl.scorecard.compute import compute
from segxl.scorecard.summary import executive_summary
from segxl.settings.comments import Comment
from tests import small
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


def test_each_sentence_has_the_largest_deals_behind_it_and_the_page_a_box_for_a_comment(folder: Folder) -> None:
    head, *rows, box = findings(first_page(folder))
    assert [cell.value for cell in head if cell.value] == [
        "What to look at",
        "Speak to: largest deals, customers (owner)",
    ]
    assert len(rows) >= 3
    assert all(str(sentence.value)[:1] in "▲△▼▽•" for sentence, *_ in rows)
    # A3 paid 100 a month and left, A2 pays 100 less; nobody owns them.
    (found,) = [names for sentence, *names in rows if "12-month NRR" in str(sentence.value)]
    assert [cell.value for cell in found if cell.value] == ["Company: A2 −0.1k a month; A3 −0.1k a month"]
    assert [(cell.value, cell.style) for cell in box] == [
        ("Comment", "label"),
        ("", "box"),
        ("Owner", "sublabel"),
        ("", "box"),
        ("Due", "sublabel"),
        ("", "box"),
    ]
    assert not any(cell.on_web for cell in box)


def test_a_comment_is_below_its_sentence_and_one_on_the_page_below_all(folder: Folder) -> None:
    late = Comment("2026-05", "", "Two left.\nBoth knew.", "Ann", date(2026, 6, 2), "12-month NRR")
    _, *rows = findings(first_page(folder, late, Comment("2026-05", "", "A good month.")))
    words = [str(sentence.value) for sentence, *_ in rows]
    at = next(at for at, text in enumerate(words) if "12-month NRR" in text)
    assert words[at + 1] == "Two left.\nBoth knew. (Ann, due 2 Jun 2026)"
    assert rows[at + 1][0].on_web
    assert words[-1] == "Comment: A good month."


def test_each_number_of_a_type_has_its_change(folder: Folder) -> None:
    """New logos: won 300 after 500; created 100 + 200 and 70 that are open, after 400 + 100 and 50."""
    page = first_page(folder)
    heads = values(page, "Type")
    assert heads[:7] == ["Type", "Won", "Δ won", "Created", "Δ created", "Win %", "Δ pp"]
    assert values(page, "New logo")[:5] == ["New logo", 300_000, -200_000, 370_000, -180_000]
    assert values(page, "Renewal")[:3] == ["Renewal", 1_000_000, 800_000]
    words = [str(cell.value) for row in page.rows for cell in filled(row.cells)]
    assert "Renewal: 2 of 2 deals won, on average 500k; May 2025: 2 of 2, 100k" in words  # 900 + 100, after 100 + 100
    # At the end of May: A1 150, A2 100, A3 nothing; the opening is that of April's end.
    assert "MRR at 1 May (31 May: 0.3k)" in words
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


def test_a_segments_page_names_deals_and_customers_with_their_owners(folder: Folder) -> None:
    """West: due in the second quarter W-open of 20; lost in May 30 of Eve; A2 pays 100 a month less than a year ago."""
    deals = OPPORTUNITIES.rstrip().replace("expected_close_on\n", "expected_close_on,owner\n")
    deals = deals.replace(",2026-05-10\n", ",2026-05-10,\n") + "\nW8,A2,2026-05-01,,Proposal,20000,New,2026-06-20,Bob\n"
    deals += "w9,A2,2026-05-01,2026-05-20,Closed Lost,30000,New,,Eve\n"
    tables = {"opportunities": deals, "leads": LEADS, "targets": TARGETS, "revenue": REVENUE}
    dataset = folder(SETTINGS, accounts=ACCOUNTS, **tables)
    facts = Facts(dataset)
    found = compute(facts, parse_period("2026-05", dataset.settings.fiscal), list(dataset.segments.names))
    pack = scorecard_pack(facts, found, "West")
    rows = [filled(row.cells) for row in pack.pages[0].rows]
    titles = {str(cell.value): cell for cells in rows for cell in cells if cell.style == "caption"}
    assert {"Due in 2026-Q2: 2 deals, 70k", "Left or pay less than in May 2025: 2 customers, −0.2k a month"} <= set(
        titles
    )
    (bob,) = [cells[at - 1 : at + 3] for cells in rows for at, cell in enumerate(cells) if cell.value == "Bob"]
    assert [cell.value for cell in bob] == ["A2", "Bob", "Proposal, 20 Jun", 20_000]
    assert bob[3].formula is not None
    assert "".join(str(part) for part in bob[3].formula.parts if isinstance(part, str)) == 'SUMPRODUCT((="W8")*)'
    (page,) = [page for page in pack.pages if page.key == "deals"]
    assert page.records is not None
    assert bob[0].link is not None
    at = bob[0].link.first - len(page.rows) - 2
    assert (page.records.fields[0].values[at], bob[0].link.page) == ("W8", "deals")


def test_a_deal_whose_id_differs_from_another_in_capitals_only_keeps_its_value(folder: Folder) -> None:
    """Programs compare texts without regard to capitals, so a formula would add both up."""
    deals = "opportunity_id,account_id,owner,created_on,closed_on,stage,amount,type\n"
    deals += "".join(f"{name},A2,Bob,2026-05-01,,Proposal,{amount},New\n" for name, amount in (("a1", 5), ("A1", 7)))
    dataset = folder(SETTINGS, accounts=ACCOUNTS, opportunities=deals)
    facts = Facts(dataset)
    found = compute(facts, parse_period("2026-05", dataset.settings.fiscal), list(dataset.segments.names))
    rows = [filled(row.cells) for row in scorecard_pack(facts, found, "West").pages[0].rows]
    cells = [cells for cells in rows if any(cell.value == "Bob" for cell in cells)]
    assert [(row[-1].value, row[-1].formula) for row in cells] == [(7, None), (5, None)]


def overview(folder: Path, opportunities: Iterable[Sequence[object]] = small.OPPORTUNITIES) -> Page:
    facts = small.facts_of(small.write_company(folder, opportunities=opportunities))
    return scorecard_pack(facts, small.scorecard_of(facts), ALL_ACCOUNTS).pages[0]


def subtitle(page: Page) -> str:
    (cell,) = filled(page.rows[1].cells)
    return str(cell.value)


def test_a_page_without_a_cut_off_says_what_the_data_reach(tmp_path: Path) -> None:
    """The last deal closed on 31 May 2026, the first was created on 1 Apr 2025, before the trend of 13 months."""
    assert subtitle(overview(tmp_path)).endswith(
        "compared with Apr 2026 and May 2025 · 2026-Q2 to date: 17,601 won · last recorded: deals 31 May 2026 · "
        "no plan in the data"
    )


def test_months_before_the_data_do_not_look_like_months_without_a_deal(tmp_path: Path) -> None:
    """Without the deal of 2025 the first one was created on 1 Feb 2026, and the first closed on 10 Apr."""
    page = overview(tmp_path, opportunities=[row for row in small.OPPORTUNITIES if row[0] != "W5"])
    assert " · data from Feb 2026 · no deal closed before Apr 2026 · last recorded: " in subtitle(page)
    (chart,) = [one for one in page.charts if one.title.startswith("Won ")]
    assert chart.subtitle.endswith("; no deal closed before Apr 2026")


def test_the_foot_counts_warnings_and_rejected_rows_next_to_pass(tmp_path: Path) -> None:
    """Of 12 deals and 3 accounts one deal is rejected, as it has no creation date. Three lost ones without an amount,
    like all that are lost, are a warning."""
    deals = [(*row[:6], "0", *row[7:]) if row[5] == small.LOST else row for row in small.OPPORTUNITIES]
    page = overview(tmp_path, opportunities=[*deals, ("X1", "A1", "Ann", "", "", "Discovery", "1", "", "")])
    assert str(values(page, "Checks")[2]).endswith("checks passed; 1 warning; 1 row rejected")
    assert "1 rejected (deals: created_on is blank) = 15 rows" in str(values(page, "Company's rows")[1])
    (warned,) = [row for row in page.rows if row.cells and row.cells[0] and row.cells[0].value == "Warnings, company"]
    words = str(filled(warned.cells)[1].value)
    assert words.startswith("opportunities.csv: 3 rows are lost with amount 0 or blank")
    assert words.endswith("(rows 6, 7, 9).")  # not how to map the file: the page Sources has that


def test_the_foot_explains_the_signs_of_its_page_alone(tmp_path: Path) -> None:
    """Customers of May 2025 and of April 2026 are known; no leads and no revenue, so nothing speaks of MQLs or NRR."""
    page = overview(tmp_path)
    (signs,) = [str(cell.value) for row in page.rows for cell in filled(row.cells) if "good, △▽ bad" in str(cell.value)]
    others = [cell for row in page.rows for cell in filled(row.cells) if cell.value != signs]
    for sign in ("N/M", "n/a", ">999%"):
        assert (f"; {sign}: " in signs) == any(sign in str(cell.value) for cell in others), sign
    assert "MQL" not in signs and "NRR" not in signs


@pytest.mark.parametrize("amount", ["0", "", "0.01"])
def test_a_bridge_says_that_lost_deals_have_no_amount(tmp_path: Path, amount: str) -> None:
    """In May two deals are lost; all others are won or open. One cent is an amount."""
    deals = [(*row[:6], amount, *row[7:]) if row[5] == small.LOST else row for row in small.OPPORTUNITIES]
    facts = small.facts_of(small.write_company(tmp_path, opportunities=deals))
    (chart,) = [
        one
        for one in scorecard_pack(facts, small.scorecard_of(facts), ALL_ACCOUNTS).pages[0].charts
        if one.title.startswith("Open pipeline")
    ]
    assert chart.subtitle.endswith("; lost deals have no amount in the data") == (amount != "0.01")
    assert amount == "0.01" or "Lost" not in chart.alt
