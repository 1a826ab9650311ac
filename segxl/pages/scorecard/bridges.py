"""The bridges: how the open pipeline and the MRR changed from start to end of the period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from segxl.dataset.model import Dataset
from segxl.facts.bridge import SIGNS
from segxl.facts.revenue import ROLLFORWARD_SIGNS
from segxl.pages.cells import heading, short, signed_formula
from segxl.pages.data.accounts import ROLLFORWARD
from segxl.pages.data.deals import BRIDGE
from segxl.pages.data.workings import Workings
from segxl.pages.model import Cell, Link, NumberCell, Page, Row
from segxl.pages.scorecard.status import FindDue, status_rows
from segxl.periods import Period
from segxl.scorecard.model import SegmentScorecard
from segxl.scorecard.numbers_table import number_key
from segxl.units import MONEY, signed_money, title_text

_WIDTHS = (44, 16, 86)

_PIPELINE = {
    "open_start": ("Open at the start", "Open amounts at the end of the day before the period."),
    "created": ("Created", "Created in the period, at the first amount, including those closed on the same day."),
    "reopened": ("Reopened", "Closed earlier and open again, at the amount on that day."),
    "increased": (
        "Increased",
        "Amounts that rose: net change per opportunity while it was open in the period, exchange rates included.",
    ),
    "entering": ("Entering the segment", "Open when their account joined, at the amount on the day before."),
    "decreased": (
        "Decreased",
        "Amounts that fell: net change per opportunity over the period; changes that cancel out are not counted.",
    ),
    "won": ("Won", "Closed won, at the amount on the closing day. A change of amount on that day is shown above."),
    "lost": ("Lost", "Closed lost, at the amount on the closing day. Reopened in the same period: in both lines."),
    "leaving": ("Leaving the segment", "Open when their account left, at the amount on the day before."),
    "open_end": ("Open at the end", "Open amounts at the end of the period; equals the total of Pipeline by stage."),
}

_MRR = {
    "opening": ("Opening MRR", "MRR of the segment's members at the end of the month before the period."),
    "new": ("New", "Accounts that pay at a month-end for the first time."),
    "expansion": ("Expansion", "Accounts that pay more than at the previous month-end."),
    "contraction": ("Contraction", "Accounts that pay less than at the previous month-end, but still pay."),
    "churn": ("Churn", "Accounts that paid at the previous month-end and pay nothing now."),
    "reactivation": ("Reactivation", "Former customers that pay again after a month-end without MRR."),
    "exchange": ("Exchange", "Effect of new exchange rates; the other lines use the rates of the previous month."),
    "entering": ("Entering the segment", "Prior month-end MRR of accounts that joined the segment."),
    "leaving": ("Leaving the segment", "Prior month-end MRR of accounts that left the segment."),
    "closing": ("Closing MRR", "MRR of the segment's members at the end of the period."),
}

PIPELINE_STEPS: Mapping[str, str] = {name: label for name, (label, _) in _PIPELINE.items()}
MRR_STEPS: Mapping[str, str] = {name: label for name, (label, _) in _MRR.items()}
"""The lines of a bridge in their order, as people read them."""

_NOTE = "The opening amount plus all lines equals the closing amount, to the cent. "
_BY_DAY = "Segment membership is taken on the day of each event."
_AT_END = "Segment membership is taken on the period's last day, so no account enters or leaves."


def change_title(name: str, start: int, end: int, moves: Sequence[tuple[str, int]]) -> str:
    """The message of a bridge in cents: ``MRR rose 15k to 325k: new +13k, expansion +3.2k``."""
    change = end - start
    if not change:
        title = f"{name} is unchanged at {title_text(end)}"
    else:
        title = f"{name} {'rose' if change > 0 else 'fell'} {title_text(change)} to {title_text(end)}"
    words = moves_words([(label.lower(), cents) for label, cents in moves])
    return f"{title}: {words}" if words else title


def moves_words(moves: Sequence[tuple[str, int]]) -> str:
    """The two largest of some movements in cents: ``renewal +395k, new logo −180k``; blank without any."""
    largest = sorted((one for one in moves if one[1]), key=lambda one: -abs(one[1]))[:2]
    return ", ".join(f"{short(name, 24)} {signed_money(cents)}" for name, cents in largest)


def bridges_page(
    dataset: Dataset,
    result: SegmentScorecard,
    period: Period,
    subtitle: str,
    workings: Workings,
    find_due: FindDue,
) -> Page:
    """The pipeline bridge with its status and the MRR roll-forward of a segment; in grey, with the reason, if
    unavailable."""
    rows = heading("Bridges", subtitle, len(_WIDTHS))
    at_end = dataset.settings.toggles.membership == "period_end"
    rows[-1] = Row((Cell(_NOTE + (_AT_END if at_end else _BY_DAY), "note", span=len(_WIDTHS)),))
    cells = _Cells(result, workings)
    needs = result.why_no_pipeline
    rows += _table("Pipeline bridge", period, result.bridge, SIGNS, _PIPELINE, cells.pipeline, needs)
    rows.append(Row())
    rows += status_rows(result.segment, result.pipeline_status, period, needs, len(_WIDTHS), find_due)
    rows.append(Row())
    reason = result.why_no_mrr or "the revenue table does not cover both ends of the period"
    rows += _table("MRR roll-forward", period, result.mrr_rollforward, ROLLFORWARD_SIGNS, _MRR, cells.revenue, reason)
    return Page("bridges", "Bridges", tuple(rows), _WIDTHS, one_paper=True, orientation="portrait", folded=1)


_NOTHING = "The segment has no opening amount, no closing amount and no movement in the period."

_ENDS = (("open_end", "pipeline_by_stage", "total"), ("opening", "mrr", "total"), ("closing", "mrr", "closing"))
"""The lines that are also metrics, with their cuts."""


class _Cells:
    """The cell of each line of a bridge: its amount with its formula and the link to its rows."""

    def __init__(self, result: SegmentScorecard, workings: Workings) -> None:
        self._result, self._workings = result, workings

    def pipeline(self, line: str, value: int | float, sign: int, style: str) -> Cell:
        """The lines of the pipeline bridge."""
        return self._made("bridge", line, "deals", BRIDGE[line], value, sign, style)

    def revenue(self, line: str, value: int | float, sign: int, style: str) -> Cell:
        """The lines of the MRR roll-forward."""
        return self._made("mrr_rollforward", line, "accounts", ROLLFORWARD[line], value, sign, style)

    def _made(self, metric: str, line: str, sheet: str, column: str, value: int | float, sign: int, style: str) -> Cell:
        key = number_key(self._result.segment, metric, line)
        formula = signed_formula(NumberCell(key), sign)
        link = self._end(line) or self._workings.column_link(sheet, column, key)
        return Cell(value, style, MONEY, link, formula=formula)

    def _end(self, line: str) -> Link | None:
        """The link of a line that is a metric too."""
        _, metric, cut = next((one for one in _ENDS if one[0] == line), ("", "", ""))
        lines = self._result.metrics[metric].lines if metric in self._result.metrics else ()
        return self._workings.link(next((each.current for each in lines if each.cut.key == cut), None))


def _table(
    title: str,
    period: Period,
    lines: Mapping[str, int] | None,
    signs: Mapping[str, int],
    words: Mapping[str, tuple[str, str]],
    cell: Callable[[str, int | float, int, str], Cell],
    reason: str,
) -> Iterable[Row]:
    yield Row((Cell(title, "heading", span=len(_WIDTHS)),))
    if lines is None:
        yield Row((Cell(title, "label"), Cell("n/a", "muted"), Cell(f"Not available: {reason}", "note")))
        return
    if not any(lines.values()):
        yield Row((Cell(title, "label"), Cell("none", "muted"), Cell(_NOTHING, "note")))
        return
    yield Row((Cell(None, "header"), Cell(period.name, "header_right"), Cell("Definition", "header")))
    start, *moving, end = words
    moved = [name for name in moving if lines[name]]
    still = [name for name in moving if not lines[name]]

    def row(name: str, style: str, level: int = 0) -> Row:
        label, definition = words[name]
        sign = signs.get(name, 1)
        number = cell(name, MONEY.shown(sign * lines[name]), sign, "total" if style == "total" else "value")
        return Row((Cell(label, style), number, Cell(definition, "note")), level=level)

    yield row(start, "total")
    yield from (row(name, "label") for name in moved)
    if still:
        said = f"No amount: {', '.join(words[name][0].lower() for name in still)}"
        yield Row((Cell(said, "note", span=len(_WIDTHS)),))
        yield from (row(name, "sublabel", level=1) for name in still)
    yield row(end, "total")
