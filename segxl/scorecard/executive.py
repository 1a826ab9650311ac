"""The executive view: a row for each segment, In no segment and the company, with the metrics that leaders ask for.

The source names two readers of scorecards; for the second, "by examining each Segment Scorecard in monthly and/or
quarterly business reviews, executive leadership will get a regular update on performance in every market segment"
(GoMo, Segment Metrics, How Segment Scorecards Should Be Used).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import BY_KEY, chosen
from segxl.catalogue.views import Cut
from segxl.dataset.segments import ALL_ACCOUNTS, IN_NO_SEGMENT
from segxl.errors import SegxlError, nearest
from segxl.facts.engine import Facts
from segxl.periods import Period, month_label, month_period
from segxl.scorecard.figures import Figures
from segxl.scorecard.highlights import World, standing_out
from segxl.scorecard.model import Executive, ExecutiveColumn, ExecutiveRow, KeyFigure, Line, SegmentScorecard
from segxl.scorecard.reconcile import FindLine, overlaps, reconcile
from segxl.scorecard.unavailable import lacking
from segxl.settings.how_to_set import setting_name
from segxl.settings.model import Settings

COLUMNS = (
    "won_revenue",
    "win_rate_count",
    "net_new_pipeline",
    "pipeline_by_stage",
    "sqos",
    "customers.running_total",
    "mrr",
    "nrr",
    "churned_customers",
    "cost_per_sqo",
    "won_opportunities",
    "average_deal_size",
)
"""The default columns: the first eight of these that the data has and the scorecard shows. They are taken from all four
areas of the source: pipeline, sales, demand and the segment's own performance."""

MOST = 8


def executive(facts: Facts, period: Period, results: Mapping[str, SegmentScorecard], line_of: FindLine) -> Executive:
    """The executive view of a period. ``line_of`` works out a line; lines that ``results`` have are taken from there.

    Raises:
        SegxlError: ``scorecard.executive`` names a metric or a line that is not there.
    """
    names = [name for name in facts.dataset.segments.names if name != ALL_ACCOUNTS]
    known: dict[tuple[str, str, str], Line] = {
        (name, key, line.cut.key): line
        for name, result in results.items()
        for key, metric in result.metrics.items()
        for line in metric.lines
        if not line.cut.each
    }

    def find(segment: str, metric: Metric, cut: Cut) -> Line:
        key = (segment, metric.key, cut.key)
        if key not in known:
            known[key] = line_of(segment, metric, cut)
        return known[key]

    subset = chosen(facts.dataset.settings.scorecard.metrics)
    columns = choose_columns(facts, subset)
    shown = {metric.key for metric in (*subset, *(column.metric for column in columns))}

    def available_line(segment: str, key: str, cut_key: str) -> Line | None:
        cut = BY_KEY[key].cut(cut_key)
        if key not in shown or cut is None or not _available(facts, BY_KEY[key]):
            return None
        return find(segment, BY_KEY[key], cut)

    return Executive(
        columns,
        tuple(month_label(month) for month in _months(period)),
        tuple(_row(facts, period, name, columns, find) for name in (*names, IN_NO_SEGMENT, ALL_ACCOUNTS)),
        standing_out(World(names, period, available_line)),
        reconcile(facts, names, _reconcilable(facts, subset, columns), find),
        overlaps(facts, names, lambda name: Figures(facts, name).scope(period.window)),
    )


def choose_columns(facts: Facts, subset: Sequence[Metric]) -> tuple[ExecutiveColumn, ...]:
    """The columns that the settings name, or those of :data:`COLUMNS` that are available.

    Raises:
        SegxlError: the settings name a metric or a line that is not there; the nearest is named.
    """
    wanted = facts.dataset.settings.scorecard.executive
    if wanted is not None:
        return tuple(_column(key, facts.dataset.settings) for key in dict.fromkeys(wanted))
    found = [_column(key, facts.dataset.settings) for key in COLUMNS]
    found = [column for column in found if column.metric in subset and _available(facts, column.metric)]
    if not found:
        found = [
            ExecutiveColumn(one.key, one, one.cuts[0])
            for one in subset
            if not one.cuts[0].each and _available(facts, one)
        ]
    return tuple(found[:MOST])


def _column(key: str, settings: Settings) -> ExecutiveColumn:
    place = setting_name(settings, "scorecard", "executive")
    name, _, cut_key = key.partition(".")
    if name not in BY_KEY:
        raise SegxlError(f"{place}: no metric {name!r}{nearest(name, BY_KEY)}")
    metric = BY_KEY[name]
    lines = {cut.key: cut for cut in metric.cuts if not cut.each}
    if not lines:
        raise SegxlError(f"{place}: {name} has no total, only items; choose another metric")
    cut = lines.get(cut_key) if cut_key else metric.cuts[0]
    if cut is None:
        hint = nearest(cut_key, lines) or f"; it has {', '.join(lines)}"
        raise SegxlError(f"{place}: {name} has no line {cut_key!r}{hint}")
    return ExecutiveColumn(key, metric, cut)


def _available(facts: Facts, metric: Metric) -> bool:
    """Whether the data has the tables and columns that a metric needs."""
    return not lacking(facts, metric)


def _months(period: Period) -> range:
    return range(period.last - 12, period.last + 1)


def _row(
    facts: Facts, period: Period, segment: str, columns: Sequence[ExecutiveColumn], find: FindLine
) -> ExecutiveRow:
    figures = Figures(facts, segment)
    windows = [month_period(month).window for month in _months(period)]
    found = {}
    for column in columns:
        expression, unit = column.metric.of(column.cut)
        trend = (
            tuple(figures.base(expression, unit, window) for window in windows)
            if _available(facts, column.metric)
            else (None,) * len(windows)
        )
        found[column.key] = KeyFigure(find(segment, column.metric, column.cut), trend)
    return ExecutiveRow(segment, found)


def _reconcilable(
    facts: Facts, subset: Sequence[Metric], columns: Sequence[ExecutiveColumn]
) -> list[tuple[Metric, Cut]]:
    """The metrics of the scorecard by their headline, and the columns where they are other lines."""
    pairs = [(metric, metric.cuts[0]) for metric in subset if not metric.cuts[0].each]
    pairs += [(column.metric, column.cut) for column in columns if (column.metric, column.cut) not in pairs]
    return [(metric, cut) for metric, cut in pairs if _available(facts, metric)]
