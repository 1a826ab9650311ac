"""The bridges: how the open pipeline and the MRR came from where they stood to where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from segxl.dataset.load import Dataset
from segxl.facts.bridge import SIGNS
from segxl.facts.revenue import ROLLFORWARD_SIGNS
from segxl.pages.cells import FindRows, heading
from segxl.pages.model import Cell, Link, Page, Row
from segxl.pages.scorecard.status import FindDue, status_rows
from segxl.periods import Period
from segxl.scorecard.model import Figure, SegmentScorecard
from segxl.units import MONEY

_WIDTHS = (30, 18, 96)

_PIPELINE = {
    "open_start": ("Open at the start", "Open amounts at the end of the day before the period."),
    "created": ("Created", "Created in the period, with the first amount, also what was closed on the same day."),
    "reopened": ("Reopened", "Closed before and open again, with the amount of that day."),
    "increased": (
        "Increased",
        "Opportunities worth more, each by its net change over the period while it was open, exchange rates included.",
    ),
    "entering": ("Entering the segment", "Open when their account joined, with the amount of the day before."),
    "decreased": (
        "Decreased",
        "Opportunities worth less, counted as the increased ones: up and down again is neither.",
    ),
    "won": ("Won", "Closed won, with the amount at the end of that day; a last change of the amount counts before."),
    "lost": ("Lost", "Closed lost, in the same way. Lost and reopened in one period stands in both lines."),
    "leaving": ("Leaving the segment", "Open when their account left, with the amount of the day before."),
    "open_end": ("Open at the end", "Open amounts at the end of the period: the total of the pipeline by stage."),
}

_MRR = {
    "opening": ("Opening MRR", "What the members paid at the end of the month before the period."),
    "new": ("New", "Accounts that pay at a month end and never did at one before."),
    "expansion": ("Expansion", "Accounts that pay more at a month end than at the one before."),
    "contraction": ("Contraction", "Accounts that pay less than at the month end before, but still pay."),
    "churn": ("Churn", "Accounts that paid at the month end before and pay nothing now."),
    "reactivation": ("Reactivation", "Accounts that pay again after a month end without."),
    "exchange": ("Exchange", "What new exchange rates make of it; movements are at the rates of the month before."),
    "entering": ("Entering the segment", "What accounts that joined in a month paid at the end of the month before."),
    "leaving": ("Leaving the segment", "What accounts that left in a month paid at the end of the month before."),
    "closing": ("Closing MRR", "What the members pay at the end of the period."),
}

PIPELINE_STEPS: Mapping[str, str] = {name: label for name, (label, _) in _PIPELINE.items()}
MRR_STEPS: Mapping[str, str] = {name: label for name, (label, _) in _MRR.items()}
"""The lines of a bridge in their order, as people read them."""

_NOTE = (
    "Amounts in parentheses are taken away. Each table begins with what stood at the start; with all its lines it "
    "comes to what stands at the end, to the cent. "
)
_BY_DAY = "Who is a member is settled on each event's own day."
_AT_END = "Who is a member is settled on the period's last day, so nobody enters or leaves."


def bridges_page(
    dataset: Dataset,
    result: SegmentScorecard,
    period: Period,
    subtitle: str,
    find_rows: FindRows,
    find_due: FindDue,
) -> Page:
    """The pipeline bridge with its status and the MRR roll-forward of a segment; in grey, with the reason, what cannot
    be said."""
    rows = heading("Bridges", subtitle, len(_WIDTHS))
    at_end = dataset.settings.toggles.membership == "period_end"
    rows[-1] = Row((Cell(_NOTE + (_AT_END if at_end else _BY_DAY), "note", span=len(_WIDTHS)),))
    ends = {line: _link(result, key, cut, find_rows) for line, key, cut in _ENDS}
    needs = result.why_no_pipeline
    rows += _table("Pipeline bridge", period, result.bridge, SIGNS, _PIPELINE, ends, needs)
    rows.append(Row())
    rows += status_rows(result.pipeline_status, period, needs, len(_WIDTHS), find_due)
    rows.append(Row())
    reason = result.why_no_mrr or "the revenue table does not tell the MRR at both ends of the period"
    rows += _table("MRR roll-forward", period, result.mrr_rollforward, ROLLFORWARD_SIGNS, _MRR, ends, reason)
    return Page("bridges", "Bridges", tuple(rows), _WIDTHS, one_paper=True, orientation="portrait")


_NOTHING = "The segment has no amount here: neither at the start nor at the end of the period, nor did any move in it."

_ENDS = (("open_end", "pipeline_by_stage", "total"), ("opening", "mrr", "total"), ("closing", "mrr", "closing"))
"""The lines that are metrics too: which, and in which cut."""


def _link(result: SegmentScorecard, key: str, cut: str, find_rows: FindRows) -> Link | None:
    lines = result.metrics[key].lines if key in result.metrics else ()
    figure: Figure | None = next((line.current for line in lines if line.cut.key == cut), None)
    return find_rows(figure)


def _table(
    title: str,
    period: Period,
    lines: Mapping[str, int] | None,
    signs: Mapping[str, int],
    words: Mapping[str, tuple[str, str]],
    links: Mapping[str, Link | None],
    reason: str,
) -> Iterable[Row]:
    yield Row((Cell(title, "heading", span=len(_WIDTHS)),))
    if lines is None:
        yield Row((Cell(title, "label"), Cell("n/a", "muted"), Cell(f"Not available: {reason}", "note")))
        return
    if not any(lines.values()):
        yield Row((Cell(title, "label"), Cell("none", "muted"), Cell(_NOTHING, "note")))
        return
    yield Row((Cell(None, "header"), Cell(period.label, "header_right"), Cell("Definition", "header")))
    for at, (name, (label, definition)) in enumerate(words.items()):
        end = at in (0, len(words) - 1)
        value = MONEY.shown(signs.get(name, 1) * lines[name])
        number = Cell(value, "total" if end else "value", MONEY, links.get(name))
        yield Row((Cell(label, "total" if end else "label"), number, Cell(definition, "note")))
