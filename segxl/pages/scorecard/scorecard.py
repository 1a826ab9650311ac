"""The scorecard page: every metric on one line of the same columns, each number one click from its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from segxl.catalogue.line_names import own_name, with_window
from segxl.catalogue.metric import Metric, in_words
from segxl.catalogue.views import DIMENSION_CUTS, Cut
from segxl.facts.arrays import BLANK
from segxl.facts.requirements import lacking_words
from segxl.messages import counted
from segxl.pages.cells import (
    FindRows,
    difference_formula,
    figure_cell,
    heading,
    less_formula,
    over_formula,
    percent_formula,
    period_row,
    range_text,
    short,
)
from segxl.pages.model import Cell, Formula, NumberCell, Page, Row
from segxl.periods import Period, Window
from segxl.scorecard.model import Figure, Line, MetricResult, SegmentScorecard, Statement
from segxl.scorecard.numbers_table import NumberKey, number_key
from segxl.scorecard.words import BEYOND
from segxl.units import DAYS, MONEY, MONEY_EXACT, POINTS, RATE, Unit

WIDTHS = (36, 13, 13, 14, 10, 13, 14, 10, 18, 14, 34)
_PLANNED_WIDTHS = (*WIDTHS[:2], 13, 14, 12, *WIDTHS[2:])
"""With the plan, the variance and the attainment behind the period."""
LABELS = {"unknown": "Unknown stage", "Other": "Other stage"}

BEYOND_CELL = Cell(">999%", "subvalue", tip="The base is too small for a percentage that means something.")
"""A change beyond :data:`segxl.scorecard.words.BEYOND`: neither good nor bad, as it only means that the base was
small."""

_SHOWN_WHEN_FILLED = ("unknown", "renewal", "other", "unallocated")
"""Lines that only complete a breakdown; omitted without an event in any column."""

_COMPANION_WORDS = {"count": "{} opportunities", "revenue": "revenue {}", "regressed": "{} regressed"}


def scorecard_page(
    result: SegmentScorecard, period: Period, subtitle: str, find_rows: FindRows, trend: Callable[[str], Cell]
) -> Page:
    """All metrics of a segment, each with its definition as the tip of its name; ``find_rows`` links a figure to its
    rows, ``trend`` gives the cell of a metric's trend by its key."""
    widths = _PLANNED_WIDTHS if result.planned else WIDTHS
    rows = heading("Segment scorecard", subtitle, len(widths))
    rows[-1] = Row((Cell(_legend(result.planned), "note", span=len(widths)),))
    rows.append(period_row(period, len(widths)))
    header = len(rows) + 1
    plan = [Cell(title, "header_right") for title in ("Plan", "Variance", "Attainment") if result.planned]
    span = "13 months" if period.kind == "month" else "9 quarters"
    rows.append(header_row(result, period, "Metric", Cell(span, "header_right"), Cell("Notes", "header"), planned=plan))
    for area, metrics in groupby(result.metrics.values(), key=lambda one: one.metric.area):
        rows.append(Row((Cell(f"{area} metrics", "heading", span=len(widths)),)))
        unavailable = []
        for metric in metrics:
            if metric.lacks:
                unavailable.append(metric)
            else:
                rows += _metric_rows(metric, period, find_rows, result.planned, trend)
        rows += _unavailable(unavailable, len(widths))
    return Page(
        key="scorecard",
        title="Scorecard",
        rows=tuple(rows),
        widths=widths,
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
        folded=1,
    )


def _legend(planned: bool) -> str:
    plan = "Variance: actual less plan. Attainment: actual / plan. " if planned else ""
    return (
        "▲▼ filled: favourable; △▽ hollow: unfavourable. N/M: the base is zero or negative. "
        "n/a: no data, or the denominator is zero. "
        f"{plan}Point at a name, or click it, for its definition; click a number for its rows."
    )


def header_row(result: SegmentScorecard, period: Period, first: str, *last: Cell, planned: Sequence[Cell] = ()) -> Row:
    """The column headers of every page of metrics, between those of its own; ``planned`` follow the period."""
    word = "month" if period.kind == "month" else "quarter"
    known = {_months(metric) for metric in result.metrics.values()} - {None}
    months = known.pop() if len(known) == 1 else 12
    prior = f"Prior {word}\n{span_text(period.previous)}"
    year_ago = f"Prior year\n{span_text(period.year_ago)}"
    window = period.trailing_12
    count = "12 months" if months == 12 else f"{months} of 12 months"
    titles: tuple[str, ...] = (
        period.name.replace(" (", "\n("),
        prior,
        "Δ",
        "Δ %",
        year_ago,
        "Δ",
        "Δ %",
        f"{count}\n{window.start:%Y-%m}\u00a0–\u00a0{window.end:%Y-%m}",
    )
    current, *numbers = (Cell(title, "header_right") for title in titles)
    return Row((Cell(first, "header"), current, *planned, *numbers, *last))


def _months(result: MetricResult) -> int | None:
    """The number of the 12 months with data for a metric; None without a 12-month number."""
    line = result.headline
    if result.lacks or line is None or line.trailing_12 is None:
        return None
    return 12 if line.trailing_12.months is None else line.trailing_12.months


def span_text(window: Window) -> str:
    """``2017-03``, ``2017-04 – 06``, ``2016-12 – 2017-02``: short, for narrow columns."""
    start, end = f"{window.start:%Y-%m}", f"{window.end:%Y-%m}"
    if start == end:
        return start
    return f"{start}\u00a0–\u00a0{end[5:]}" if start[:4] == end[:4] else f"{start}\u00a0–\u00a0{end}"


def _metric_rows(
    result: MetricResult, period: Period, find_rows: FindRows, planned: bool, trend: Callable[[str], Cell]
) -> Iterable[Row]:
    metric = result.metric
    columns = 12 if planned else 9
    headline, months = result.headline, _months(result)
    parts = _parts(headline.current) if headline is not None else ""
    words = ". ".join(
        [
            *([parts] if parts else []),
            *result.notes,
            *([f"12 months: only {months} of 12 have data"] if months not in (None, 12) else []),
        ]
    )
    tip = f"{metric.definition}\nSource: {metric.source}"
    name = Cell(with_window(metric.name, metric, period.kind), "label", tip=tip)
    if headline is None:
        yield Row((name, *(Cell("", "value") for _ in range(columns)), Cell(words, "note")))
    for line in shown_lines(result):
        whole = line is headline
        style = "value" if whole else "subvalue"
        said = (own_name(metric, line.cut), words) if whole else (remark(line, metric),)
        current, *compared = figure_cells(line, metric, style, find_rows)
        yield Row(
            (
                name if whole else _sub_line(line, metric, period),
                replace(current, name=cell_name(metric)) if whole else current,
                *(_plan_cells(line, metric, style) if planned else ()),
                *compared,
                trend(metric.key) if whole else Cell("", style),
                Cell(". ".join(part for part in (*said, _plan_said(line)) if part), "note"),
            ),
            level=0 if whole or headline is None else 1,
        )


def _sub_line(line: Line, metric: Metric, period: Period) -> Cell:
    """The name of a line below its metric; the formula of one with its own arithmetic is its tip."""
    label = own_name(metric, line.cut) or line_label(line.cut, line.item)
    own = metric.own_lines.get(line.cut.companion)
    formula = in_words(own[0]) if own else ""
    tip = "" if formula.removeprefix("# ").casefold() == label.casefold() else formula
    return Cell(with_window(label, metric, period.kind), "sublabel", tip=tip)


def lacks_dimension(result: MetricResult, cut: Cut) -> bool:
    """Whether a breakdown has no item other than (blank), so that it is omitted."""
    return all(line.item == BLANK for line in result.of(cut))


def shown_lines(result: MetricResult) -> Iterable[Line]:
    """The lines of a metric on the page."""
    of_the_source = {key for _, keys in result.metric.source_views for key in keys}
    for line in result.lines:
        if line.cut in DIMENSION_CUTS and (line.cut.key not in of_the_source or lacks_dimension(result, line.cut)):
            continue
        if line.cut.key in _SHOWN_WHEN_FILLED and _empty(line):
            continue
        yield line


def _unavailable(results: Sequence[MetricResult], columns: int) -> Iterable[Row]:
    """A sentence in place of the lines of metrics that lack the same data."""
    lacking: dict[str, list[str]] = {}
    for one in results:
        lacking.setdefault(lacking_words(one.lacks), []).append(one.metric.name)
    for words, names in lacking.items():
        yield Row((Cell(f"Not available: {', '.join(names)}. Add {words}.", "note", span=columns),))


def _empty(line: Line) -> bool:
    figures = (line.current, line.previous, line.year_ago, line.trailing_12)
    return all(figure is None or (not figure.value and not figure.denominator) for figure in figures)


def line_label(cut: Cut, item: str) -> str:
    """A line's label below its metric."""
    if cut.by == "stage":
        return LABELS.get(item, item)
    if cut in DIMENSION_CUTS:
        return f"{cut.label.removeprefix('By ').capitalize()}: {item}"
    return item if cut.each else cut.label


def figure_cells(line: Line, metric: Metric, style: str, find_rows: FindRows) -> Iterable[Cell]:
    """The numbers of a line: the period, then each base with its difference and percentage, and the 12 months."""
    yield figure_cell(line.current, style, find_rows(line.current))
    for base in (line.previous, line.year_ago):
        yield figure_cell(base, style, find_rows(base))
        yield from change_cells(line, base, metric)
    trailing = line.trailing_12
    cell = Cell("", style) if trailing is None else figure_cell(trailing, style, find_rows(trailing))
    average = metric.averages_12_months and isinstance(cell.value, (int, float))
    yield replace(cell, unit=cell.unit.averaged) if average else cell


def change_cells(line: Line, base: Figure | None, metric: Metric) -> tuple[Cell, Cell]:
    """The difference and the percentage, coloured and marked by whether the way it went is favourable."""
    comparison = line.against(base)
    points = 100 if line.current.unit is RATE else 1
    if base is None or comparison.change is None:
        grey, both = Cell("n/a", "muted"), (line.current, base)
        if base is None or any(one is None or (one.value is None and not one.is_over_zero) for one in both):
            return grey, grey
        unit = POINTS if line.current.unit is RATE else line.current.unit
        return replace(grey, unit=unit, formula=difference_formula(line.current, base, points)), grey
    if reason := incomparable(line.current, base):
        grey = Cell("n/a", "muted", tip=reason)
        return grey, grey
    difference = variance_cell(line, metric, comparison.change)
    if line.current.small is not None or base.small is not None:
        difference = Cell(difference.value, "muted", POINTS)  # of a few: neither good nor bad
    difference = replace(difference, formula=difference_formula(line.current, base, points))
    if comparison.percent is not None:
        percent = float(comparison.percent)
        if comparison.percent > BEYOND:
            return difference, BEYOND_CELL
        style = "subvalue" if RATE.vanishes(percent) else difference.style
        formula = percent_formula(line.current, base)
        return difference, Cell(percent, style, RATE.written(percent), formula=formula)
    return difference, Cell("" if line.current.unit is RATE else comparison.why, "muted")


def incomparable(figure: Figure, base: Figure) -> str:
    """Why a figure is not compared with its base: one of them means nothing, or the base begins before its data. Blank
    where it is."""
    if reason := figure.meaningless or base.meaningless:
        return f"Not shown: {reason}."
    if base.months is not None and figure.months is None:
        return f"Not shown: the base has data for {counted(base.months, 'month')} only."
    return ""


def change_percent(percent: Fraction, good: bool | None, formula: Formula | None = None) -> Cell:
    """A change in percent with its mark; beyond 999% only that."""
    if percent > BEYOND:
        return BEYOND_CELL
    return replace(marked(float(percent), RATE, good), formula=formula)


def favourable(line: Line, metric: Metric, change: int | Fraction) -> bool | None:
    """Whether a change is favourable; None if it has no direction, or without a change."""
    better = line.cut.better or metric.better
    return None if better == "neutral" or not change else (change > 0) == (better == "higher")


def variance_cell(line: Line, metric: Metric, change: int | Fraction) -> Cell:
    """A difference in the line's unit, for rates in percentage points; its style shows whether it is favourable."""
    unit, good = line.current.unit, favourable(line, metric, change)
    shown: int | float = unit.shown(change)
    return marked(shown * 100, POINTS, good) if unit is RATE else marked(shown, unit, good)


def marked(value: int | float, unit: Unit, good: bool | None) -> Cell:
    """A change, coloured and with a triangle by whether it is favourable; one that rounds to zero is neither."""
    if good is None or unit.vanishes(value):
        return Cell(value, "subvalue", unit.written(value))
    return Cell(value, "good" if good else "bad", unit.change(good))


def cell_name(metric: Metric) -> str:
    """The Excel name of a metric's number: its key, but where a table has that name."""
    return "leads_number" if metric.key == "leads" else metric.key


def with_mark(statement: Statement) -> str:
    """A sentence behind the mark of its direction: filled if favourable, hollow if not; a point if it is neither, as a
    retention that rose and is still below 100%."""
    up, down = ("▲", "▼") if statement.favourable else ("△", "▽")
    neither = statement.favourable is None or not statement.direction
    mark = "•" if neither else up if statement.direction > 0 else down
    return f"{mark} {statement.text}"


def _plan_cells(line: Line, metric: Metric, style: str) -> Iterable[Cell]:
    """Plan, variance and attainment; blank for a line without a plan."""
    plan, found = line.plan, line.attainment
    if plan is None:
        yield from (Cell("", style) for _ in range(3))
        return
    cell = plan_cell(line, metric)
    planned = Cell("n/a", "muted")
    if plan.value is not None:
        planned = Cell(plan.unit.shown(plan.value), style, plan.unit, formula=Formula((cell,)))
    yield planned
    if found.variance is None:
        yield from (Cell("n/a", "muted") for _ in range(2))
        return
    actual, rate = NumberCell(line.current.key, of=line.current), line.current.unit is RATE
    difference = less_formula(actual, cell, 100 if rate else 1)
    variance = replace(variance_cell(line, metric, found.variance), formula=difference)
    yield variance
    if found.attainment is None:
        yield Cell(found.why, "muted")
    else:
        attained = float(found.attainment)
        yield Cell(attained, variance.style, RATE, formula=over_formula(actual, cell))


def plan_cell(line: Line, metric: Metric) -> NumberCell:
    """The cell of the list Numbers that has a line's plan."""
    return NumberCell(plan_key(line, metric))


def plan_key(line: Line, metric: Metric) -> NumberKey:
    """The row of the table Numbers that has a line's plan."""
    headline = line.cut.key == metric.planned_cut.key and not line.cut.each
    view = "plan" if headline else f"{line.cut.key}_plan"
    return number_key(line.current.rows.scope.segment, metric.key, view, line.item)


def _plan_said(line: Line) -> str:
    """The derivation of a plan from several months' targets, or the reason why there is none; blank for a single
    month's target."""
    if line.plan is None or len(line.plan.rows) == 1:
        return ""
    return f"Plan: {line.plan.note}"


def remark(line: Line, metric: Metric) -> str:
    """The note of a line: its further numbers, and the parts of a ratio."""
    companions = line.companions
    if metric.shares:
        if not line.current.value:
            return ""
        of_revenue = companions["revenue_percent"]
        share = "" if of_revenue.value is None else f" ({_text(of_revenue)} of total)"
        return f"{_text(companions['count_percent'])} of total; revenue {_text(companions['revenue'])}{share}"
    said = [
        "1 opportunity" if (name, figure.value) == ("count", 1) else _COMPANION_WORDS[name].format(_text(figure))
        for name, figure in companions.items()
        if line.current.value or figure.value
    ]
    parts = _parts(line.current)
    return "; ".join([*said, parts] if parts else said)


def _parts(figure: Figure) -> str:
    """The parts of a ratio: ``26 / 31``, ``2,030 days / 26``."""
    if not (figure.numerator_unit and figure.denominator_unit and figure.denominator):
        return ""
    top, bottom = (
        counted(int(unit.shown(value)), "day") if unit is DAYS else _words(value, unit)
        for value, unit in (
            (figure.numerator or 0, figure.numerator_unit),
            (figure.denominator, figure.denominator_unit),
        )
    )
    return f"{top} / {bottom}"


def _text(figure: Figure) -> str:
    return "n/a" if figure.value is None else _words(figure.value, figure.unit)


def _words(value: int | Fraction, unit: Unit) -> str:
    """A number in prose, money with its cents if it has any: otherwise the rounding of text and cells could differ."""
    unit = MONEY_EXACT if unit is MONEY and value % unit.minor else unit
    return unit.text(unit.shown(value))


def page_subtitle(company: str, segment: str, period: Period, currency: str) -> str:
    """The second line of every page: segment, period and unit."""
    whose = f"{short(company, 60)} · {short(segment, 60)}"
    return f"{whose} · {period.short_name} ({range_text(period.window)}) · money in {currency}"
