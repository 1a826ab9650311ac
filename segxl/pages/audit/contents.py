"""The contents of a pack: its pages with their purposes, and the Excel names of its key numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segxl.pages.audit.verification import KEY as VERIFICATION
from segxl.pages.audit.verification import PURPOSE as VERIFIES
from segxl.pages.cells import heading
from segxl.pages.model import Cell, Link, Page, Row
from segxl.pages.numbers import PURPOSE as NUMBERS

KEY = "contents"

LISTS = "Row lists (at the end; the pack prints without them)"
"""Above the contents' lines of the lists."""

PURPOSES = {
    "overview": "The segment on one page",
    "cover": "Facts about the pack, its contents, and the sign-off",
    "scorecard": "Every metric on one line: period, plan, changes, 12 months, trend; its definition on its name",
    "breakdowns": "Totals by geo, sales team, lead source, product category, type; unfold one to see its items",
    "charts": "Won revenue, pipeline and win rate over time, pipeline by stage, loss reasons",
    "bridges": "Opening-to-closing bridges of open pipeline and MRR; pipeline due, weighted pipeline and coverage",
    "waterfalls": "The bridges as charts",
    "executive": "The company on one page",
    "segments": "Highlights, and every segment with its key metrics",
    "reconciliation": "Segments added up to the company; accounts in several segments or in none",
    "chart_data": "The numbers behind the charts",
    "trend_data": "The months behind the trends of the segments",
    "monthly": "What the numbers add up, by measure, month and segment; the segments' packs have the records",
    "deals": "Opportunities behind won, lost, net new pipeline, open pipeline and the pipeline bridge, one row each",
    "accounts": "Accounts behind SOM, targeted, engaged, customers, churn, MRR and retention, one row each",
    "leads": "Leads behind leads, MQLs, SQOs, conversion rates and cost per SQO, one row each",
    "stage_moves": "Stage exits behind phase conversion, one row each",
    "costs": "Costs behind cost per SQO, one row each",
    "labor": "Qualifying labor by month and lead source, with the allocated part",
    "checks": "Reconciliation checks and their results",
    VERIFICATION: VERIFIES,
    "sources": "Input files with row counts and SHA-256; excluded rows and warnings",
    "numbers": NUMBERS,
    "rejected": "Rows that could not be used: one line per reason with its row numbers and the fix",
    "rules": "When a sentence or a highlight is shown",
    "toggles": "Definition options: the one in use, and what the alternative would change",
    "definitions": "Definition, formula and worked example of each number",
}

_DATA = "Data and proof (the pack prints without them)"
_BACK = "Click the title of a sheet to come back here."
_WIDTHS = (26.0, 110.0)


def contents_page(pages: Sequence[Page], subtitle: str) -> Page:
    """The contents of a pack whose other ``pages`` follow."""
    rows = [*heading("Contents", subtitle, len(_WIDTHS)), *contents_rows(pages, len(_WIDTHS))]
    return Page(KEY, "Contents", tuple(rows), _WIDTHS, one_paper=True, tab="working", on_web=False)


def contents_rows(pages: Sequence[Page], width: int) -> Iterable[Row]:
    """A line for each page that leads to it, those that are not printed last; then the names of key numbers. The web
    has neither sheets nor formulas: words about them are for workbooks only."""
    yield Row((Cell("Contents", "heading", span=width),))
    yield Row((Cell(_BACK, "note", span=width, on_web=False),))
    for heading_of, printed in (("", True), (_DATA, False)):
        of_kind = [page for page in pages if page.printed == printed]
        if of_kind and heading_of:
            yield Row((Cell(heading_of, "heading", span=width, on_web=any(page.on_web for page in of_kind)),))
        for page in of_kind:
            name = Cell(page.title, "label", link=Link(page.key, 1, 1), on_web=page.on_web)
            yield Row((name, Cell(_purpose(page), "text", span=width - 1, on_web=page.on_web)))
    cells = (cell for page in pages for row in page.rows for cell in row.cells)
    names = [cell.name for cell in cells if cell is not None and cell.name.islower()]
    if names:
        yield Row((Cell("Names for formulas", "heading", span=width, on_web=False),))
        words = f"In any cell of this workbook ={names[0]} gives the number of the period. Names: {', '.join(names)}."
        yield Row((Cell(words, "text", span=width, on_web=False),))


def _purpose(page: Page) -> str:
    """The purpose of a page; for a list also its length, for those who print the pack."""
    rows = len(page.records) if page.records is not None else 0
    return f"{PURPOSES[page.key]}{f' ({rows:,} rows)' if rows > 1 else ''}"
