"""A segment's scorecard as a workbook's worth of pages."""

from __future__ import annotations

from collections.abc import Sequence

from segxl.facts.engine import Facts
from segxl.pages.audit.checks import checks_page
from segxl.pages.audit.constants import with_constants
from segxl.pages.audit.definitions import definitions_page
from segxl.pages.audit.sensitivity import toggles_page
from segxl.pages.audit.sources import sources_page
from segxl.pages.audit.verification import with_verification
from segxl.pages.cells import paper_of
from segxl.pages.chart_data import ChartData
from segxl.pages.data.further import named
from segxl.pages.data.status import StatusFormulas
from segxl.pages.data.workings import Workings
from segxl.pages.model import Pack
from segxl.pages.numbers import SCORECARD, Live, numbers_page
from segxl.pages.scorecard.breakdowns import breakdowns_page, figures_of_other_items
from segxl.pages.scorecard.bridges import bridges_page
from segxl.pages.scorecard.cover import cover_page
from segxl.pages.scorecard.overview import overview_page
from segxl.pages.scorecard.scorecard import page_subtitle, scorecard_page
from segxl.pages.scorecard.trends import trend_page, write_trends
from segxl.pages.scorecard.waterfalls import waterfall_page
from segxl.scorecard.figures import Figures
from segxl.scorecard.model import Figure, Scorecard
from segxl.scorecard.numbers_table import first_page_rows, segment_workings
from segxl.scorecard.summary import segment_summary
from segxl.settings.comments import Comment


def scorecard_pack(facts: Facts, scorecard: Scorecard, segment: str, comments: Sequence[Comment] = ()) -> Pack:
    """The pack of one of the scorecard's segments; ``comments`` are shown on its first page."""
    result = scorecard.segments[segment]
    period = scorecard.period
    subtitle = page_subtitle(scorecard.name, segment, period, scorecard.currency)
    summary = segment_summary(facts, scorecard, segment)
    rows = segment_workings(scorecard, segment, summary)
    rows += first_page_rows(rows, named(figures_of_other_items(result)))
    figures = [row.source for row in rows if isinstance(row.source, Figure)]
    scopes = Figures(facts, segment)
    movements = tuple(scopes.scope(window) for window in summary.windows) if summary.movements else ()
    workings = Workings(facts, scopes.scope(period.window), figures, movements)
    status = StatusFormulas(workings, period)
    data = ChartData()
    overview = overview_page(scorecard, summary, comments, data, workings)
    trends = write_trends(summary, data)
    charts = trend_page(result, period, subtitle, scorecard.currency, data, trends)
    waterfalls = waterfall_page(result, period, subtitle, scorecard.currency, data)
    found = (
        scorecard_page(result, period, subtitle, workings.link, trends.cell),
        breakdowns_page(result, period, subtitle, workings.link),
        charts,
        bridges_page(facts.dataset, result, period, subtitle, workings, status.link),
        waterfalls,
        data.page(subtitle),
        checks_page(scorecard, segment, subtitle),
        sources_page(scorecard.ledger, subtitle),
        toggles_page(result, subtitle, workings.link),
        definitions_page(tuple(one.metric for one in result.metrics.values()), subtitle),
        numbers_page(rows, subtitle, SCORECARD, Live(workings, status)),
        # The data are many sheets of paper, so they come last: a range of pages prints the rest.
        *workings.pages(subtitle),
    )
    pages = tuple(page for page in found if page is not None)
    metrics = tuple(one.metric for one in result.metrics.values())
    cover = cover_page(scorecard, result, (), workings.link)
    kept = with_constants((overview, cover, *pages), metrics, workings.too_long)
    first, _, *others = with_verification(kept, subtitle)
    # The contents come last: they have the length of the page Verification, which reads the cover's numbers too.
    shown = (first, cover_page(scorecard, result, others, workings.link), *others)
    title = f"Segment scorecard {period.name}: {segment}"
    footer = f"{scorecard.name} · {segment} · {period.name}"
    return Pack(title, scorecard.name, shown, footer, paper_of(scorecard.settings), contents="cover")
