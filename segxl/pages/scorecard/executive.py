"""The executive pack: highlights and a row for each segment on one page, then the pages that prove it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from inspect import getdoc

from segxl.catalogue.line_names import line_name
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.messages import counted
from segxl.pages.audit.checks import checks_row, checks_table, summary_of_checks
from segxl.pages.audit.definitions import definitions_page
from segxl.pages.audit.sources import rejected_page, sources_page, warning_rows
from segxl.pages.audit.verification import with_verification
from segxl.pages.cells import figure_cell, heading, paper_of, short
from segxl.pages.model import Cell, Link, Pack, Page, Range, Row, Scalar, Sparkline
from segxl.pages.numbers import KEY as NUMBERS
from segxl.pages.numbers import PURPOSE, SCORECARD, numbers_page
from segxl.pages.scorecard.scorecard import change_cells, favourable, marked, page_subtitle, span_text, variance_cell
from segxl.periods import Period
from segxl.scorecard.highlights import MOST, RULES
from segxl.scorecard.model import (
    Executive,
    ExecutiveColumn,
    ExecutiveRow,
    Figure,
    KeyFigure,
    Overlaps,
    Reconciled,
    Scorecard,
    Statement,
)
from segxl.scorecard.numbers_table import scorecard_numbers
from segxl.units import COUNT, MONEY, RATE, Unit

_KEY, _TRENDS, _RECONCILIATION = "executive", "trend_data", "reconciliation"
_NAME_WIDTH, _TREND_WIDTH, _NARROWEST = 26.0, 12.0, 10.0
_ONE_PAPER = 60
"""Rows that are still read on a single sheet of paper."""

_LEGEND = (
    "Line 1: the period, and a trend line of the last 13 months; the dot is the period's last month. Each trend line "
    "has its own scale. Line 2: change on the period before and on the year before, in % (rates: percentage points; "
    "base zero or negative: the difference). ▲▼ filled: favourable; △▽ hollow: unfavourable. Click a number to see its "
    "months."
)


def executive_pack(scorecard: Scorecard, executive: Executive) -> Pack:
    """The pack over all segments of a scorecard."""
    period, who = scorecard.period, f"{ALL_ACCOUNTS} and its segments"
    subtitle = page_subtitle(scorecard.name, who, period, scorecard.currency)
    rejected = rejected_page(scorecard.ledger, subtitle)
    trends = _Trends(executive)
    metrics = tuple({column.metric.key: column.metric for column in executive.columns}.values())
    pages = (
        _executive_page(scorecard, executive, trends, subtitle),
        _reconciliation_page(executive, subtitle),
        trends.page(subtitle),
        checks_table(summary_of_checks(scorecard), subtitle),
        sources_page(scorecard.ledger, subtitle),
        definitions_page(metrics, subtitle),
        _rules_page(subtitle),
        numbers_page(scorecard_numbers(scorecard), subtitle, SCORECARD),
        *((rejected,) if rejected else ()),
    )
    title = f"Executive scorecard {period.name}"
    footer = f"{scorecard.name} · executive · {period.name}"
    return Pack(title, scorecard.name, with_verification(pages, subtitle), footer, paper_of(scorecard.settings))


# -- the first page


def _executive_page(scorecard: Scorecard, executive: Executive, trends: _Trends, subtitle: str) -> Page:
    period, columns = scorecard.period, executive.columns
    width = 1 + 2 * len(columns)
    head = [*heading("Executive scorecard", subtitle, width)[:2], *_facts(scorecard, width), Row()]
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
        Row((Cell(_legend(executive.overlaps, planned=bool(planned)), "note", span=width),)),
        *headers,
    ]
    assert len(rows) == first - 1
    for row in executive.rows:
        rows += _segment_rows(row, columns, trends, period)
    rows += [Row(), *_sign_off(width)]
    one_paper = len(rows) <= _ONE_PAPER
    return Page(
        key=_KEY,
        title="Executive",
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
    facts.append(
        f"{counted(len(files), 'file')}, {counted(sum(entry.rows for entry in files), 'row')}, all accounted for"
    )
    if scorecard.ledger.rejected_rows:
        facts.append(f"{counted(scorecard.ledger.rejected_rows, 'row')} rejected")
    facts += [*scorecard.notes, f"made by segxl {scorecard.version}"]
    link = Link("sources", 1, 1)
    yield Row((Cell("Sources", "label"), Cell("; ".join(facts), "text", link=link, span=width - 1)))
    link = Link(NUMBERS, 1, 1)
    yield Row((Cell("Numbers", "label"), Cell(PURPOSE, "text", link=link, span=width - 1)))


def _sentences(statements: Sequence[Statement], places: dict[str, int], width: int) -> Iterator[Row]:
    if not statements:
        yield Row((Cell("No highlights: nothing met a rule on the page Rules.", "note", span=width),))
    for one in statements:
        mark = "–"
        if one.direction:
            up, down = ("▲", "▼") if one.favourable else ("△", "▽")
            mark = up if one.direction > 0 else down
        row = places[one.segment]
        link = Link(_KEY, row, row + 1, width)
        words = Cell(f"{mark} {one.text}", "text", span=width - 1)
        yield Row((Cell(RULES[one.rule][0], "label", link=link), words))


def _legend(overlaps: Overlaps, *, planned: bool) -> str:
    plan = " Line 3, if there is a plan: actual less plan, and actual / plan." if planned else ""
    return f"{_LEGEND}{plan}{_overlap_words(overlaps)}"


def _in_several(overlaps: Overlaps, share: str = "") -> str:
    verb = "is" if overlaps.accounts == 1 else "are"
    return f"{overlaps.accounts:,} of {counted(overlaps.all_accounts, 'account')}{share} {verb}"


def _overlap_words(overlaps: Overlaps) -> str:
    parts = []
    if overlaps.accounts:
        parts.append(f"{_in_several(overlaps)} in more than one segment")
    if overlaps.none:
        parts.append(f"{counted(overlaps.none, 'is', 'are')} in no segment")
    if not parts:
        return ""
    return f" {' and '.join(parts)}: the page Reconciliation ties the segments to the company."


def _headers(columns: Sequence[ExecutiveColumn], period: Period, *, planned: bool) -> list[Row]:
    def row(first: str | None, texts: Iterable[tuple[Cell | None, Cell | None]]) -> Row:
        return Row((Cell(first, "header"), *(cell for pair in texts for cell in pair)))

    before, year_ago = span_text(period.previous), span_text(period.year_ago)
    rows = [
        row("Segment", ((Cell(column.name, "header_right", span=2), None) for column in columns)),
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


def _segment_rows(
    row: ExecutiveRow, columns: Sequence[ExecutiveColumn], trends: _Trends, period: Period
) -> Iterator[Row]:
    company = row.segment == ALL_ACCOUNTS
    name = f"{ALL_ACCOUNTS} (the company)" if company else row.segment
    style = "total" if company else "value"
    first: list[Cell | None] = [Cell(short(name, 60), "total" if company else "label")]
    second: list[Cell | None] = [Cell(f"Δ {period.kind}, Δ year", "sublabel")]
    for column in columns:
        found = row.figures[column.key]
        first += [
            figure_cell(found.line.current, style, trends.link(row, column)),
            trends.cell(row, column, found, style),
        ]
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
    difference = variance_cell(line, column.metric, result.variance)
    if result.attainment is None:
        return difference, Cell(result.why, "muted")
    return difference, Cell(float(result.attainment), difference.style, RATE)


def _change(found: KeyFigure, column: ExecutiveColumn, base: Figure | None) -> Cell:
    """The change in percent; of a rate in points; on a base of zero or less the difference itself."""
    difference, percent = change_cells(found.line, base, column.metric)
    if not isinstance(percent.value, (int, float)):
        return difference
    better = favourable(found.line, column.metric, found.line.against(base).change or 0)
    return marked(percent.value, RATE, better)


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


class _Trends:
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
        return Link(_TRENDS, place, place, 1 + len(self._executive.months))

    def cell(self, row: ExecutiveRow, column: ExecutiveColumn, found: KeyFigure, style: str) -> Cell:
        """The small picture of a figure; an empty cell with fewer than two months of data."""
        known = [figure for figure in found.trend if figure is not None and figure.value is not None]
        if len(known) < 2:
            return Cell("", style)
        place = self._places[row.segment, column.key]
        start, end = (_text(one.unit, one.value) for one in (known[0], known[-1]))
        alt = f"{column.name}, {row.segment}: {start} in {known[0].window.end:%Y-%m}, {end} in "
        alt += f"{known[-1].window.end:%Y-%m}"
        picture = Sparkline(Range(_TRENDS, place, place, 2, 1 + len(found.trend)), alt)
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
                values: list[tuple[Scalar, Unit]] = [
                    (None, COUNT) if one is None or one.value is None else (one.unit.shown(one.value), one.unit)
                    for one in figures
                ]
                cells = (Cell(value, "value", unit) for value, unit in values)
                rows.append(Row((Cell(row.segment, "label"), *cells)))
        header = self._header
        return Page(
            _TRENDS,
            "Trend data",
            tuple(rows),
            (28, *[16.0] * len(months)),
            freeze=(header + 1, 2),
            repeat_rows=(header, header),
            tab="working",
        )


# -- the company against its segments


def _reconciliation_page(executive: Executive, subtitle: str) -> Page:
    alone = any(one.company_only for one in executive.reconciliation)
    titles = ["Sum of segments", "Less: counted more than once", "Rows counted again", "Plus: in no segment"]
    titles += [*(["Plus: company only"] if alone else []), "Company", "Check"]
    width = 1 + len(titles) + 1
    rows = heading("Reconciliation", subtitle, width)
    words = "Company = sum of segments − counted more than once + in no segment"
    words += f"{' + company only' if alone else ''}. Segments may overlap. The company counts each account once. "
    words += "Rows without an account and costs without a segment are in no segment." + (
        " Company only: accounts counted in a segment by their row, but not members of it." if alone else ""
    )
    rows[-1] = Row((Cell(words, "note", span=width),))
    header = len(rows) + 1
    last = [Cell("Check", "header"), Cell("Adds up", "header")]
    rows.append(Row((Cell("Metric", "header"), *(Cell(title, "header_right") for title in titles[:-1]), *last)))
    rows += [_reconciled_row(one, alone) for one in executive.reconciliation]
    rows += [Row(), *_overlap_rows(executive.overlaps, width)]
    return Page(
        _RECONCILIATION,
        "Reconciliation",
        tuple(rows),
        (42, 20, 21, 18, 18, *([21] if alone else []), 17, 10, 30),
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
    )


def _reconciled_row(one: Reconciled, alone: bool) -> Row:
    def number(value: int, style: str = "value") -> Cell:
        return Cell(one.unit.shown(value), style, one.unit)

    verdict = Cell("PASS", "pass") if one.passed else Cell("FAIL", "fail")
    parts = [number(one.segments), number(-one.repeated), Cell(one.repeated_rows, "value", COUNT), number(one.none)]
    parts += [number(one.company_only)] if alone else []
    what = "distinct accounts" if one.distinct else "amounts" if one.unit is MONEY else "rows"
    return Row(
        (
            Cell(line_name(one.metric, one.cut), "label"),
            *parts,
            number(one.company, "total"),
            verdict,
            Cell(what, "text"),
        )
    )


def _overlap_rows(overlaps: Overlaps, width: int) -> Iterator[Row]:
    yield Row((Cell("Overlaps at the end of the period", "heading", span=width),))
    whole = overlaps.all_accounts
    share = f" ({RATE.text(overlaps.accounts / whole)})" if whole else ""
    words = f"{_in_several(overlaps, share)} in more than one segment; {overlaps.none:,} in no segment."
    if overlaps.further:
        words += f" Shown: the {len(overlaps.pairs):,} largest pairs; {overlaps.further:,} more are not shown."
    if overlaps.pairs:
        words += " An account in three segments appears in three pairs."
    yield Row((Cell(words, "note", span=width),))
    if not overlaps.pairs:
        return
    titles = ("Accounts in both", "Won deals in both", "Won revenue in both", "Open deals in both", "Pipeline in both")
    yield Row((Cell("Segments", "header"), *(Cell(title, "header_right") for title in titles)))
    for pair in overlaps.pairs:
        money = (MONEY.shown(pair.won_cents), MONEY.shown(pair.open_cents))
        yield Row(
            (
                Cell(f"{pair.first} and {pair.second}", "label"),
                Cell(pair.accounts, "value", COUNT),
                Cell(pair.won, "value", COUNT),
                Cell(money[0], "value", MONEY),
                Cell(pair.open, "value", COUNT),
                Cell(money[1], "value", MONEY),
            )
        )


def _rules_page(subtitle: str) -> Page:
    """Each rule's own text, so that readers see why a sentence is shown or not."""
    rows = heading("Rules", subtitle, 2)
    words = f"A highlight appears when a rule below is met. Each rule shows at most {MOST} segments, largest first, "
    words += f"and counts the others. Contributions show up to {MOST} increases and {MOST} decreases."
    rows[-1] = Row((Cell(words, "note", span=2),))
    rows.append(Row((Cell("Highlight", "header"), Cell("Rule and example", "header"))))
    for name, rule in dict(RULES.values()).items():
        rows.append(Row((Cell(name, "label"), Cell(" ".join((getdoc(rule) or "").split()), "text"))))
    return Page("rules", "Rules", tuple(rows), (26, 120), one_paper=True)
