"""The segments in full: highlights and a row for each segment with its metrics, and the months behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from segxl.catalogue.line_names import with_window
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.messages import counted
from segxl.pages.audit.checks import checks_row
from segxl.pages.audit.sources import warning_rows
from segxl.pages.cells import figure_cell, heading, less_formula, over_formula, short
from segxl.pages.model import Cell, Link, NumberCell, Page, Range, Row, Sparkline
from segxl.pages.numbers import KEY as NUMBERS
from segxl.pages.numbers import PURPOSE
from segxl.pages.scorecard.reconciliation import in_several
from segxl.pages.scorecard.scorecard import (
    cell_name,
    change_cells,
    favourable,
    marked,
    plan_cell,
    span_text,
    variance_cell,
    with_mark,
)
from segxl.periods import Period
from segxl.scorecard.highlights import RULES
from segxl.scorecard.model import (
    Executive,
    ExecutiveColumn,
    ExecutiveRow,
    Figure,
    KeyFigure,
    Scorecard,
    Statement,
)
from segxl.scorecard.summary_model import overlap_of
from segxl.units import COUNT, MONEY, RATE, Unit

KEY, TRENDS = "segments", "trend_data"
_NAME_WIDTH, _TREND_WIDTH, _NARROWEST = 26.0, 12.0, 10.0
_ONE_PAPER = 60
"""Rows that are still read on a single sheet of paper."""

_LEGEND = (
    "Line 1: the period, and the last 13 months as columns from zero; the dark one is the period's last month. Each "
    "trend has its own scale. Line 2: change on the period before and on the year before, in % (rates: percentage "
    "points; base zero or negative: the difference). ▲▼ filled: favourable; △▽ hollow: unfavourable. Click a number to "
    "see its months."
)


def segments_page(scorecard: Scorecard, executive: Executive, trends: Trends, subtitle: str) -> Page:
    """Highlights, and three lines a segment: its metrics, their changes, and the plan."""
    period, columns = scorecard.period, executive.columns
    width = 1 + 2 * len(columns)
    head = [*heading("Segments", subtitle, width)[:2], *_facts(scorecard, width), Row()]
    planned = [row for row in executive.rows if _planned(row)]
    headers = _headers(columns, period, planned=bool(planned))
    # The rows of the table, below the sentences, a blank row, the heading, the legend and the headers.
    first = len(head) + 1 + max(len(executive.standing_out), 1) + 3 + len(headers) + 1
    places, place = {}, first
    for row in executive.rows:
        places[row.segment] = place
        place += 3 if _planned(row) else 2
    rows = [
        *head,
        Row((Cell("Highlights", "heading", span=width),)),
        *_sentences(executive.standing_out, places, width),
        Row(),
        Row((Cell("Segments", "heading", span=width),)),
        Row((Cell(_legend(executive, planned=bool(planned)), "note", span=width),)),
        *headers,
    ]
    assert len(rows) == first - 1
    for row in executive.rows:
        rows += _segment_rows(row, columns, trends, period)
    rows += [Row(), *_sign_off(width)]
    one_paper = len(rows) <= _ONE_PAPER
    return Page(
        key=KEY,
        title="Segments",
        rows=tuple(rows),
        widths=(_NAME_WIDTH, *(width for column in columns for width in _widths(executive, column, period))),
        freeze=(1, 2),
        one_paper=one_paper,
        repeat_rows=None if one_paper else (first - len(headers), first - 1),
    )


def _facts(scorecard: Scorecard, width: int) -> Iterator[Row]:
    yield checks_row(scorecard.checks, width)
    yield from warning_rows(scorecard.warnings, width)
    facts = [f"data as of {scorecard.as_of}"] if scorecard.as_of else []
    files = scorecard.ledger.files
    rows = sum(entry.rows for entry in files)
    facts.append(f"{scorecard.ledger.files_text}, {counted(rows, 'row')}, all accounted for")
    if scorecard.ledger.rejected_rows:
        facts.append(f"{counted(scorecard.ledger.rejected_rows, 'row')} rejected")
    facts += [*scorecard.notes, f"made by segxl {scorecard.version}"]
    link = Link("sources", 1, 1)
    yield Row((Cell("Sources", "label"), Cell("; ".join(facts), "text", link=link, span=width - 1)))
    link = Link(NUMBERS, 1, 1)
    words = Cell(PURPOSE, "text", link=link, span=width - 1, on_web=False)
    yield Row((Cell("Numbers", "label", on_web=False), words))


def _sentences(statements: Sequence[Statement], places: dict[str, int], width: int) -> Iterator[Row]:
    if not statements:
        yield Row((Cell("No highlights: nothing met a rule on the page Rules.", "note", span=width),))
    for one in statements:
        row = places[one.segment]
        link = Link(KEY, row, row + 1, width)
        words = Cell(with_mark(one), "text", span=width - 1)
        yield Row((Cell(RULES[one.rule][0], "label", link=link), words))


def _legend(executive: Executive, *, planned: bool) -> str:
    plan = " Line 3, if there is a plan: actual less plan, and actual / plan." if planned else ""
    return f"{_LEGEND}{plan}{_overlap_words(executive)}"


def _overlap_words(executive: Executive) -> str:
    parts, overlaps, found = [], executive.overlaps, overlap_of(executive)
    if overlaps.accounts:
        parts.append(f"{in_several(overlaps)} in more than one segment")
    if overlaps.none:
        parts.append(f"{counted(overlaps.none, 'is', 'are')} in no segment")
    if not parts:
        return ""
    words = f" {' and '.join(parts)}"
    if found is not None:
        words += f", so segments add up to {_amount(found.sum)}, the company has {_amount(found.company)}"
    return f"{words}: the page Reconciliation ties the segments to the company."


def _amount(cents: int) -> str:
    return MONEY.text(MONEY.shown(cents))


def _headers(columns: Sequence[ExecutiveColumn], period: Period, *, planned: bool) -> list[Row]:
    def row(first: str | None, texts: Iterable[tuple[Cell | None, Cell | None]]) -> Row:
        return Row((Cell(first, "header"), *(cell for pair in texts for cell in pair)))

    before, year_ago = span_text(period.previous), span_text(period.year_ago)
    rows = [
        row("Segment", ((Cell(_named(column, period), "header_right", span=2), None) for column in columns)),
        row(None, ((Cell(period.label, "header_right"), Cell("13 months", "header_right")) for _ in columns)),
        row(
            None,
            ((Cell(f"Δ\u00a0{before}", "header_right"), Cell(f"Δ\u00a0{year_ago}", "header_right")) for _ in columns),
        ),
    ]
    if planned:
        rows.append(
            row(None, ((Cell("Δ\u00a0plan", "header_right"), Cell("attained", "header_right")) for _ in columns))
        )
    return rows


def _named(column: ExecutiveColumn, period: Period) -> str:
    """The name of a column; retention with its window, as the first page has it over 12 months."""
    return with_window(column.name, column.metric, period.kind)


def _segment_rows(
    row: ExecutiveRow, columns: Sequence[ExecutiveColumn], trends: Trends, period: Period
) -> Iterator[Row]:
    company = row.segment == ALL_ACCOUNTS
    name = f"{ALL_ACCOUNTS} (the company)" if company else row.segment
    style = "total" if company else "value"
    first: list[Cell | None] = [Cell(short(name, 60), "total" if company else "label")]
    second: list[Cell | None] = [Cell(f"Δ {period.kind}, Δ year", "sublabel")]
    for column in columns:
        found = row.figures[column.key]
        current = figure_cell(found.line.current, style, trends.link(row, column))
        if company and column.cut == column.metric.cuts[0]:
            current = replace(current, name=cell_name(column.metric))
        first += [current, trends.cell(row, column, found, style)]
        second += [_change(found, column, found.line.previous), _change(found, column, found.line.year_ago)]
    yield Row(tuple(first), height=24)
    yield Row(tuple(second))
    if _planned(row):
        pairs = [_against_plan(row.figures[column.key], column) for column in columns]
        yield Row((Cell("Δ plan, attained", "sublabel"), *(cell for pair in pairs for cell in pair)))


def _planned(row: ExecutiveRow) -> bool:
    """Whether any of a segment's key figures has a plan."""
    return any(one.line.plan is not None and one.line.plan.value is not None for one in row.figures.values())


def _against_plan(found: KeyFigure, column: ExecutiveColumn) -> tuple[Cell, Cell]:
    """Actual less plan, marked by whether it is favourable, and actual / plan; blank where nothing was planned."""
    line = found.line
    if line.plan is None or line.plan.value is None:
        return Cell("", "subvalue"), Cell("", "subvalue")
    result = line.attainment
    if result.variance is None:
        return Cell("n/a", "muted"), Cell("n/a", "muted")
    actual, plan = NumberCell(line.current.key, of=line.current), plan_cell(line, column.metric)
    rate = line.current.unit is RATE
    difference = replace(
        variance_cell(line, column.metric, result.variance),
        formula=less_formula(actual, plan, 100 if rate else 1),
    )
    if result.attainment is None:
        return difference, Cell(result.why, "muted")
    attained = float(result.attainment)
    return difference, Cell(attained, difference.style, RATE, formula=over_formula(actual, plan))


def _change(found: KeyFigure, column: ExecutiveColumn, base: Figure | None) -> Cell:
    """The change in percent; of a rate in points; on a base of zero or less the difference itself."""
    difference, percent = change_cells(found.line, base, column.metric)
    if not isinstance(percent.value, (int, float)):
        return difference
    better = favourable(found.line, column.metric, found.line.against(base).change or 0)
    return replace(marked(percent.value, RATE, better), formula=percent.formula)


def _widths(executive: Executive, column: ExecutiveColumn, period: Period) -> tuple[float, float]:
    """Of a column's numbers, as wide as its longest, its changes and its header included; and of its small pictures."""
    longest = 0
    for row in executive.rows:
        line = row.figures[column.key].line
        values = [line.current.value, line.against(line.previous).change, line.attainment.variance]
        longest = max(longest, *(len(_text(line.current.unit, value)) for value in values))
    before, year_ago = (len(span_text(base)) + 4.0 for base in (period.previous, period.year_ago))
    return max(_NARROWEST, longest + 4.0, before), max(_TREND_WIDTH, year_ago)


def _text(unit: Unit, value: int | Fraction | None) -> str:
    return "" if value is None else unit.text(unit.shown(value))


def _sign_off(width: int) -> Iterator[Row]:
    roles = ("Prepared by, date", "Reviewed by, date", "Approved by, date")
    each, over = divmod(max(width - 1, len(roles)), len(roles))
    header: list[Cell | None] = [Cell("Sign-off", "header")]
    boxes: list[Cell | None] = [Cell("Name, date", "label")]
    for at, role in enumerate(roles[: width - 1]):
        span = each + (at < over)  # together as wide as the table
        header += [Cell(role, "header", span=span), *[None] * (span - 1)]
        boxes += [Cell("", "box", span=span), *[None] * (span - 1)]
    yield Row(tuple(header))
    yield Row(tuple(boxes), height=26)


# -- the trends' numbers


class Trends:
    """The 13 months behind the small pictures on a page of their own: below each metric's name a row a segment."""

    def __init__(self, executive: Executive) -> None:
        self._executive = executive
        self._header = 4
        names = [row.segment for row in executive.rows]
        self._places = {
            (name, column.key): self._header + 2 + at * (1 + len(names)) + below
            for at, column in enumerate(executive.columns)
            for below, name in enumerate(names)
        }

    def link(self, row: ExecutiveRow, column: ExecutiveColumn) -> Link:
        """The link to the months of a figure."""
        place = self._places[row.segment, column.key]
        return Link(TRENDS, place, place, 1 + len(self._executive.months))

    def cell(self, row: ExecutiveRow, column: ExecutiveColumn, found: KeyFigure, style: str) -> Cell:
        """The small picture of a figure; an empty cell with fewer than two months of data."""
        known = [figure for figure in found.trend if figure is not None and figure.value is not None]
        if len(known) < 2:
            return Cell("", style)
        place = self._places[row.segment, column.key]
        start, end = (_text(one.unit, one.value) for one in (known[0], known[-1]))
        alt = f"{column.name}, {row.segment}: {start} in {known[0].window.end:%Y-%m}, {end} in "
        alt += f"{known[-1].window.end:%Y-%m}"
        picture = Sparkline(Range(TRENDS, place, place, 2, 1 + len(found.trend)), alt)
        return Cell(None, style, sparkline=picture)

    def page(self, subtitle: str) -> Page:
        """The numbers; unavailable months are blank."""
        months = self._executive.months
        width = 1 + len(months)
        rows = heading("Trend data", subtitle, width)
        rows[-1] = Row((Cell("Blank: not available (n/a) in that month.", "note", span=width),))
        rows.append(Row((Cell("Segment", "header"), *(Cell(month, "header_right") for month in months))))
        for column in self._executive.columns:
            rows.append(Row((Cell(column.name, "heading", span=width),)))
            for row in self._executive.rows:
                figures = row.figures[column.key].trend
                cells = (
                    Cell(None, "value", COUNT) if one is None or one.value is None else figure_cell(one, "value")
                    for one in figures
                )
                rows.append(Row((Cell(row.segment, "label"), *cells)))
        header = self._header
        return Page(
            TRENDS,
            "Trend data",
            tuple(rows),
            (28, *[16.0] * len(months)),
            freeze=(header + 1, 2),
            repeat_rows=(header, header),
            tab="working",
        )
