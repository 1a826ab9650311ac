"""The cover: title, result of the checks, headline figures, and signatures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from segxl.messages import counted
from segxl.pages.audit.checks import checks_of, checks_row
from segxl.pages.audit.contents import contents_rows
from segxl.pages.audit.sources import warning_rows
from segxl.pages.cells import FindRows, figure_cell, range_text, short
from segxl.pages.model import Cell, Link, Page, Row
from segxl.scorecard.model import Scorecard, SegmentScorecard
from segxl.settings.toggles import changed_toggles

_WIDTH = 6
_HEADLINES = (
    "won_revenue",
    "net_new_pipeline",
    "pipeline_by_stage",
    "won_opportunities",
    "win_rate_count",
    "average_deal_size",
)


def cover_page(
    scorecard: Scorecard,
    result: SegmentScorecard,
    pages: Sequence[Page],
    find_rows: FindRows,
) -> Page:
    """``pages``: those that follow, which the contents lead to; ``find_rows``: where a figure's rows are."""
    period = scorecard.period
    rows = [
        Row((Cell("Segment scorecard", "title", span=_WIDTH),)),
        Row((Cell(f"{short(scorecard.name, 50)} · {short(result.segment, 50)}", "subtitle", span=_WIDTH),)),
        Row(),
        *_headlines(result, find_rows),
        Row(),
        *([_fact("Company", scorecard.name)] if len(scorecard.name) > 50 else []),
        _fact("Segment", result.segment),
        _fact("Period", f"{period.short_name} ({range_text(period.window)})"),
        _fact("Data as of", scorecard.as_of or "all dates in the exports"),
        _fact("Currency", scorecard.currency),
        _fact("Sources", _sources(scorecard)),
        checks_row(checks_of(scorecard, result.segment), _WIDTH, f"{result.segment}: "),
        *warning_rows(scorecard.warnings, _WIDTH),
        *_attention(scorecard),
        _fact("Toggles", changed_toggles(scorecard.toggles)),
        _fact("Made by", f"segxl {scorecard.version}"),
        Row(),
        *contents_rows(pages, _WIDTH),
        Row(),
        Row((Cell("Sign-off", "heading", span=_WIDTH),)),
        Row(
            (
                Cell(None, "header"),
                Cell("Name", "header", span=2),
                None,
                Cell("Date", "header"),
                Cell("Signature", "header", span=2),
            )
        ),
    ]
    for role in ("Prepared by", "Reviewed by", "Approved by"):
        boxes = (Cell("", "box", span=2), None, Cell("", "box"), Cell("", "box", span=2))
        rows.append(Row((Cell(role, "label"), *boxes), height=26))
    return Page(
        key="cover",
        title="Cover",
        rows=tuple(rows),
        widths=(19, 19, 19, 19, 19, 19),
        orientation="portrait",
        one_paper=True,
        on_web=False,  # the first page has the numbers there, and its links lead to the pages
    )


def _headlines(result: SegmentScorecard, find_rows: FindRows) -> Iterable[Row]:
    shown = [result.metrics[key] for key in _HEADLINES if key in result.metrics]
    if not shown:
        shown = list(result.metrics.values())[:_WIDTH]
    names = ["Open pipeline" if one.metric.key == "pipeline_by_stage" else one.metric.name for one in shown]
    yield Row(tuple(Cell(name, "key_label") for name in names))
    yield Row(
        # Unavailable figures too are on the left, below their caption; in a table they would be on the right.
        tuple(
            replace(figure_cell(one.total.current, "key_value", find_rows(one.total.current)), style="key_value")
            for one in shown
        ),
        height=30,
    )


def _fact(label: str, value: str) -> Row:
    return Row((Cell(label, "label"), Cell(value, "text", span=_WIDTH - 1)))


def _sources(scorecard: Scorecard) -> str:
    files = scorecard.ledger.files
    rows = sum(entry.rows for entry in files)
    used = sum(entry.used for entry in files)
    return f"{scorecard.ledger.files_text}, {counted(rows, 'row')}, {used:,} used"


def _attention(scorecard: Scorecard) -> Iterable[Row]:
    rejected = scorecard.ledger.rejected_rows
    if rejected:
        where = "segxl check lists them, and so does the executive pack if there is one"
        words = f"{counted(rejected, 'row')} could not be used; {where}"
        link = Link("sources", 1, 1)
        yield Row((Cell("Rejected rows", "label"), Cell(words, "text", link=link, span=_WIDTH - 1)))
    for note in scorecard.notes:
        yield _fact("Note", note)
