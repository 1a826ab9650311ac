"""A segment's scorecard as a workbook's worth of pages."""

from __future__ import annotations

from segxl.facts.engine import Facts
from segxl.pages.audit.checks_and_sources import checks_page, definitions_page, rejected_page, sources_page
from segxl.pages.audit.sensitivity import toggles_page
from segxl.pages.cells import paper_of
from segxl.pages.chart_data import ChartData
from segxl.pages.drillthrough.opportunities import Lists
from segxl.pages.model import Pack, Page
from segxl.pages.scorecard.bridges import bridges_page
from segxl.pages.scorecard.cover import cover_page
from segxl.pages.scorecard.cuts import cuts_page
from segxl.pages.scorecard.scorecard import page_subtitle, scorecard_page
from segxl.pages.scorecard.trends import trend_page
from segxl.pages.scorecard.waterfalls import waterfall_page
from segxl.scorecard.model import Scorecard

_PURPOSE = {
    "scorecard": "Every metric: period, prior period, prior year, 12 months; its definition beside it",
    "cuts": "The numbers that add up by geo, sales team, lead source, product category and type; items fold away",
    "charts": "13 months of revenue and pipeline, pipeline by stage, loss reasons",
    "bridges": "What moved the open pipeline and the MRR from start to end; what is due, weighted and covered",
    "waterfalls": "The same as pictures: what raised and what lowered the open pipeline and the MRR",
    "chart_data": "The numbers that the charts are drawn from",
    "won_lost": "The opportunities behind won, lost, win rates, deal size and time to close",
    "created": "The opportunities behind net new pipeline",
    "open": "The opportunities open at the end of the period and of its bases",
    "accounts": "The accounts behind the market, targeted, engaged, customers, churn, MRR and retention",
    "leads": "The leads behind leads, MQLs, SQOs, their conversion rates and cost per SQO",
    "phases": "The stages that opportunities left, behind phase conversion",
    "checks": "What must add up, and whether it does",
    "sources": "The exports with their row counts and SHA-256; what was left out and why",
    "rejected": "The rows that could not be used, each with its reason and what to change",
    "toggles": "Choices that the sources leave open: what is set, and what the other reading would change",
    "definitions": "What each number means, with a worked example",
}


def _purpose(page: Page) -> str:
    """What a page is for; of a list also how long it is, for who prints the pack."""
    rows = len(page.records) if page.records is not None else 0
    return f"{_PURPOSE[page.key]}{f' ({rows:,} rows)' if rows > 1 else ''}"


def scorecard_pack(facts: Facts, scorecard: Scorecard, segment: str) -> Pack:
    """The pack of one of the scorecard's segments."""
    result = scorecard.segments[segment]
    period = scorecard.period
    subtitle = page_subtitle(scorecard.name, segment, period, scorecard.currency)
    lists = Lists(facts, period, result, subtitle)
    data = ChartData()
    charts = trend_page(result, period, subtitle, scorecard.currency, data)
    waterfalls = waterfall_page(result, period, subtitle, scorecard.currency, data)
    found = (
        scorecard_page(result, period, subtitle, lists.link),
        cuts_page(result, period, subtitle, lists.link),
        charts,
        bridges_page(facts.dataset, result, period, subtitle, lists.link, lists.due),
        waterfalls,
        data.page(subtitle),
        checks_page(scorecard, segment, subtitle),
        sources_page(scorecard.ledger, subtitle),
        toggles_page(result, subtitle, lists.link),
        definitions_page(tuple(one.metric for one in result.metrics.values()), subtitle),
    )
    rejected = rejected_page(scorecard.ledger, subtitle)
    # The lists, hundreds of sheets of paper, stand last: a range of pages prints the rest.
    pages = tuple(page for page in (*found, rejected, *lists.pages) if page is not None)
    contents = [(page.key, page.title, _purpose(page), page.records is not None) for page in pages]
    cover = cover_page(scorecard, result, contents, lists.link)
    title = f"Segment scorecard {period.label}: {segment}"
    footer = f"{scorecard.name} · {segment} · {period.label}"
    return Pack(title, scorecard.name, (cover, *pages), footer, paper_of(scorecard.settings))
