"""The breakdowns: every number that can be added up, by geo, sales team, lead source, product category and type.

Three levels that fold in Excel and on the web: the dimension, each metric with its total, and its items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from segxl.catalogue.measure import Sum
from segxl.catalogue.metric import Metric
from segxl.catalogue.views import BY_TYPE, DIMENSION_CUTS, Cut
from segxl.facts.arrays import BLANK
from segxl.pages.cells import TYPE_LABELS, FindRows, heading, share_formula
from segxl.pages.model import Cell, Page, Row
from segxl.pages.scorecard.scorecard import WIDTHS, figure_cells, header_row, remark
from segxl.periods import Period
from segxl.scorecard.model import Figure, Line, MetricResult, SegmentScorecard
from segxl.settings.model import DEAL_TYPES
from segxl.units import RATE

MOST_ITEMS = 40
"""Items of a breakdown with their own row; smaller ones share one row."""

_WIDTHS = (*WIDTHS[:-2], 10, 24)

_NOTE = (
    "Items add up to the metric's total in every column; rows without an item are in (blank). Largest first. "
    "Share: % of the period's total. Click a number to see its rows; for 12 months use `segxl explain`."
)


def additive(result: MetricResult) -> bool:
    """Whether the items of a metric add up to its total."""
    return isinstance(result.metric.expression, Sum) and result.headline is not None and not result.lacks


def tells(lines: Sequence[Line], cut: Cut) -> bool:
    """Whether a breakdown shows more than the total: some line has an item other than (blank), or a type other than
    Other."""
    nothing = "other" if cut == BY_TYPE else BLANK
    return any(line.item != nothing for line in lines)


def breakdowns_page(result: SegmentScorecard, period: Period, subtitle: str, find_rows: FindRows) -> Page | None:
    """Every additive metric by every dimension; None for a scorecard without such metrics."""
    metrics = _metrics(result)
    if not any(metric.metric.cut(cut.key) for metric in metrics for cut in DIMENSION_CUTS):
        return None
    rows = heading("Breakdowns", subtitle, len(_WIDTHS))
    rows[-1] = Row((Cell(_NOTE, "note", span=len(_WIDTHS)),))
    header = len(rows) + 1
    rows.append(header_row(result, period, "Metric and item", Cell("Share", "header_right"), Cell("Note", "header")))
    for cut in DIMENSION_CUTS:
        rows += _dimension(metrics, cut, find_rows)
    return Page(
        key="breakdowns",
        title="Breakdowns",
        rows=tuple(rows),
        widths=_WIDTHS,
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
        folded=2,
    )


def figures_of_other_items(result: SegmentScorecard) -> Iterator[Figure]:
    """The figures of lines that several small items share: no other page has them, so they need rows in Numbers."""
    for cut in DIMENSION_CUTS:
        for metric in _metrics(result):
            for line in _ordered(metric.of(cut), cut):
                figures = (line.current, line.previous, line.year_ago, line.trailing_12)
                yield from (one for one in figures if one is not None and len(one.rows.items) > 1)


def _metrics(result: SegmentScorecard) -> list[MetricResult]:
    return [metric for metric in result.metrics.values() if additive(metric)]


def _dimension(metrics: Sequence[MetricResult], cut: Cut, find_rows: FindRows) -> Iterable[Row]:
    """A dimension with its metrics, or one line with the reason why there is no breakdown."""
    having = [metric for metric in metrics if metric.metric.cut(cut.key)]
    if not having:
        return
    yield Row((Cell(cut.label, "heading", span=len(_WIDTHS)),))
    occurring = [metric for metric in having if metric.of(cut)]
    broken_down = [metric for metric in occurring if tells(metric.of(cut), cut)]
    if not broken_down:
        words = f"none of these rows has a {cut.comes_from}" if occurring else "no rows in these periods"
        yield Row((Cell(f"Not available: {words}", "note", span=len(_WIDTHS)),), level=1)
        return
    for metric in broken_down:
        yield from _metric(metric, cut, find_rows)
    others = [_name(metric.metric) for metric in occurring if metric not in broken_down]
    if others:
        words = f"Not shown, because all rows are {'Other' if cut == BY_TYPE else BLANK}: {', '.join(others)}"
        yield Row((Cell(words, "note", span=len(_WIDTHS)),), level=1)


def _name(metric: Metric) -> str:
    """Here the pipeline is not by stage."""
    return "Open pipeline" if metric.key == "pipeline_by_stage" else metric.name


def _metric(result: MetricResult, cut: Cut, find_rows: FindRows) -> Iterable[Row]:
    metric, total = result.metric, result.total
    cells = figure_cells(total, metric, "value", find_rows)
    yield Row((Cell(_name(metric), "label"), *cells, Cell("", "value"), Cell(remark(total, metric), "note")), level=1)
    ordered = _ordered(result.of(cut), cut)
    shares = _shares(total, ordered)
    for line, share in zip(ordered, shares, strict=True):
        yield Row(
            (
                Cell(TYPE_LABELS.get(line.item, line.item) if cut == BY_TYPE else line.item, "sublabel"),
                *figure_cells(line, metric, "subvalue", find_rows),
                _share_cell(share, line, total),
                Cell(remark(line, metric), "note"),
            ),
            level=2,
        )


def _ordered(lines: Sequence[Line], cut: Cut) -> list[Line]:
    """The largest item first, (blank) last; types in their own order. If there are too many, the smallest share one
    row."""
    if cut == BY_TYPE:
        return sorted(lines, key=lambda line: [str(kind) for kind in DEAL_TYPES].index(line.item))
    named = sorted((line for line in lines if line.item != BLANK), key=_size)
    blank = [line for line in lines if line.item == BLANK]
    if len(named) > MOST_ITEMS + 1:  # a lone last one keeps its name
        named = [*named[:MOST_ITEMS], _together(named[MOST_ITEMS:])]
    return [*named, *blank]


def _size(line: Line) -> tuple[object, ...]:
    bases = (line.current, line.trailing_12, line.previous, line.year_ago)
    return (*(-_plain(figure) for figure in bases), line.item.casefold())


def _plain(figure: Figure | None) -> int | Fraction:
    return 0 if figure is None or figure.value is None else figure.value


def _together(lines: Sequence[Line]) -> Line:
    """The sum of several items as one line."""
    items = tuple(line.item for line in lines)

    def added(figures: Sequence[Figure | None]) -> Figure | None:
        known = [figure for figure in figures if figure is not None and figure.value is not None]
        if not known:
            return figures[0]
        rows = known[0].rows._replace(items=items)
        return known[0]._replace(value=sum((figure.value or 0 for figure in known), start=0), rows=rows)

    first = lines[0]
    current = added([line.current for line in lines])
    assert current is not None
    companions = {name: added([line.companions[name] for line in lines]) for name in first.companions}
    return Line(
        cut=first.cut,
        item=f"Other items ({len(lines):,})",
        current=current,
        previous=added([line.previous for line in lines]),
        year_ago=added([line.year_ago for line in lines]),
        trailing_12=added([line.trailing_12 for line in lines]),
        companions={name: figure for name, figure in companions.items() if figure is not None},
    )


def _share_cell(share: Fraction | None, line: Line, total: Line) -> Cell:
    if share is None:
        return Cell("", "subvalue", RATE)
    return Cell(float(share), "subvalue", RATE, formula=share_formula(line.current, total.current))


def _shares(total: Line, lines: Sequence[Line]) -> list[Fraction | None]:
    """Each item's share of the total; none if the total or an item is below zero, or all are zero."""
    values = [_plain(line.current) for line in lines]
    whole = _plain(total.current)
    if whole <= 0 or min(values) < 0:
        return [None] * len(lines)
    return [Fraction(value) / Fraction(whole) for value in values]
