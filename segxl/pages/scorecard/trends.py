"""The trends: each metric over 13 months (nine quarters) as a line of numbers, and the charts drawn from them; the
pipeline by stage and why deals were lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from segxl.catalogue.views import BY_REASON, BY_STAGE
from segxl.facts.arrays import BLANK
from segxl.pages.cells import heading, number_formula, short, sum_formula
from segxl.pages.chart_data import ChartData, Formulas, Numbers
from segxl.pages.model import Cell, Chart, ChartKind, Formula, NumberCell, Page, Range, Row, Series
from segxl.pages.scorecard.bridges import moves_words
from segxl.pages.scorecard.first_page import formulas_of, spark_cell
from segxl.pages.scorecard.overview import times
from segxl.periods import Period
from segxl.scorecard.model import Figure, Line, SegmentScorecard
from segxl.scorecard.numbers_table import TREND_PLAN, number_key
from segxl.scorecard.summary_model import Measured, Summary, base_of
from segxl.units import COUNT, MONEY, MONEY_EXACT, POINTS, RATE, TEXT, Unit, title_text

_CHART_COLUMNS, _CHART_ROWS, _ROW_HEIGHT = 8, 14, 16
_MOST_REASONS = 6
_STAGE_LABELS = {"unknown": "Unknown stage", "Other": "Other stage"}
_STOCKS = {"pipeline_by_stage": "Open pipeline"}
"""Metrics that are taken on a day, with their names in a chart."""


@dataclass(frozen=True)
class Trends:
    """The numbers of all trends of a segment on the page Chart data: the cells of the periods' names, of each metric's
    numbers and plans by key."""

    summary: Summary
    names: Range | None
    places: Mapping[str, Range]
    plans: Mapping[str, Range]

    def cell(self, key: str) -> Cell:
        """A metric's trend as a sparkline; empty with fewer than two numbers."""
        one = self.summary.trends.get(key)
        return spark_cell("" if one is None else one.name, one, self.places.get(key), "value")


def write_trends(summary: Summary, data: ChartData) -> Trends:
    """Write the trends of a segment to the page Chart data."""
    shown = {key: one for key, one in summary.trends.items() if any(map(_known, one.points))}
    if not shown:
        return Trends(summary, None, {}, {})
    series: dict[str, Numbers] = {one.name: [_shown(point) for point in one.points] for one in shown.values()}
    units = [one.current.unit if one.current else TEXT for one in shown.values()]
    formulas: dict[str, Formulas] = {one.name: formulas_of(one.points) for one in shown.values()}
    planned = {key: f"Plan: {summary.trends[key].name}" for key in summary.plans if key in shown}
    for key, name in planned.items():
        found = summary.plans[key]
        keys = [number_key(summary.segment, key, TREND_PLAN, f"{window.end:%Y-%m}") for window in summary.windows]
        series[name] = [None if one is None or one.value is None else MONEY.shown(one.value) for one in found]
        formulas[name] = [Formula((NumberCell(one),)) for one in keys]
        units.append(MONEY)
    names, places = data.add("Trends", times(summary), series, TEXT, units, formulas)
    return Trends(
        summary,
        names,
        {key: places[one.name] for key, one in shown.items()},
        {key: places[name] for key, name in planned.items()},
    )


def trend_page(
    result: SegmentScorecard, period: Period, subtitle: str, currency: str, data: ChartData, trends: Trends
) -> Page | None:
    """A page of up to six charts, two in a row, and a sentence on those without anything to show; their numbers go to
    ``data``. None without a chart."""
    draft = _Draft(currency, data, trends)
    draft.trend("won_revenue")
    draft.trend("pipeline_by_stage")
    draft.stages(result, period)
    draft.reasons(result)
    draft.trend("net_new_pipeline")
    draft.trend("win_rate_count")
    return draft.page(subtitle)


def change_words(name: str, one: Measured, names: Sequence[str]) -> str:
    """How a measure changed, as a title: ``Won revenue rose 33% on Oct 2025 to 507k``; without a base the number."""
    now = one.current
    if now is None or now.value is None or now.meaningless:
        return f"{name}: n/a in {names[-1]}"
    value, at = _words(now.value, now.unit), base_of(one)
    base = one.points[at] if at else None
    if at is None or base is None or base.value is None or base.meaningless:
        return f"{name} {value} in {names[-1]}"
    change = Fraction(now.value) - Fraction(base.value)
    if not change:
        return f"{name} {value}, unchanged on {names[at]}"
    if now.unit is RATE:
        by = f"{POINTS.text(abs(float(change) * 100))} pp"
    elif base.value <= 0 or now.value < 0 or abs(change) > 10 * base.value:
        return f"{name} {value}, after {_words(base.value, base.unit)} in {names[at]}"
    else:
        by = f"{abs(float(change / Fraction(base.value))):.0%}"
    return f"{name} {'rose' if change > 0 else 'fell'} {by} on {names[at]} to {value}"


def _words(value: int | Fraction, unit: Unit) -> str:
    if unit is MONEY:
        return f"{'−' if value < 0 else ''}{title_text(value)}"
    return unit.text(unit.shown(value))


def _known(figure: Figure | None) -> bool:
    return figure is not None and bool(figure.value)


def _shown(figure: Figure | None) -> int | float | None:
    return None if figure is None or figure.value is None else figure.unit.shown(figure.value)


class _Draft:
    """Collects charts with their tables; what a chart without data would have shown is in ``missing``."""

    def __init__(self, currency: str, data: ChartData, trends: Trends) -> None:
        self._currency = currency
        self._data = data
        self._trends = trends
        self._charts: list[Chart] = []
        self._missing: list[str] = []

    def trend(self, key: str) -> None:
        """A metric's total over the periods, within its plan."""
        summary, trends = self._trends.summary, self._trends
        one = summary.trends.get(key)
        name = _STOCKS.get(key, one.name if one else "")
        if one is None:
            return
        place = trends.places.get(key)
        if place is None or trends.names is None:
            self._missing.append(f"{name.lower()} (no number other than zero)")
            return
        title = change_words(name, one, summary.names)
        if key == "won_revenue" and base_of(one) == summary.base_at:
            parts = moves_words([(change.name.lower(), change.change) for change in summary.changes])
            title = f"{title}: {parts}" if parts else title
        unit = MONEY if key != "win_rate_count" else RATE
        when = "at the end of each" if key in _STOCKS else "by"
        subtitle = f"{self._currency if unit is MONEY else '%'}, {name.lower()} {when} {summary.period.kind}"
        series = [Series(name, place)]
        if key in trends.plans:
            series.append(Series("Plan", trends.plans[key], "plan"))
            subtitle += "; outline: plan"
        self._draw("line" if unit is RATE else "column", title, subtitle, trends.names, series, unit, self._told(one))

    def _told(self, one: Measured) -> str:
        names = self._trends.summary.names
        known = [at for at, point in enumerate(one.points) if point is not None and point.value is not None]
        return ", ".join(f"{_cell_words(one.points[at])} in {names[at]}" for at in dict.fromkeys((known[0], known[-1])))

    def stages(self, result: SegmentScorecard, period: Period) -> None:
        """Open amounts by stage at the period's end, against a year before."""
        pipeline = result.metrics.get("pipeline_by_stage")
        if pipeline is None or pipeline.lacks:
            return
        lines = pipeline.of(BY_STAGE)
        if not any(line.current.value for line in lines):
            self._missing.append("the pipeline by stage (nothing is open)")
            return
        end = f"End of {period.name}"
        series: dict[str, Numbers] = {end: [MONEY.shown(line.current.value or 0) for line in lines]}
        formulas: dict[str, Formulas] = {end: [number_formula(line.current) for line in lines]}
        names = [_STAGE_LABELS.get(line.item, line.item) for line in lines]
        most, where = max((line.current.value or 0, name) for line, name in zip(lines, names, strict=True))
        whole = sum(int(line.current.value or 0) for line in lines)
        title = f"{where} has {most / whole:.0%} of {title_text(whole)} open"
        if any(line.year_ago and line.year_ago.value for line in lines):
            bases = [int(line.year_ago.value or 0) if line.year_ago else 0 for line in lines]
            series["Prior year"] = [MONEY.shown(base) for base in bases]
            formulas["Prior year"] = [number_formula(line.year_ago) if line.year_ago else None for line in lines]
            moves = [
                (name, int(line.current.value or 0) - base)
                for name, line, base in zip(names, lines, bases, strict=True)
            ]
            when = self._trends.summary.names[-1 - period.in_a_year]
            title += f"; on {when} {moves_words(moves)}" if moves_words(moves) else ""
        told = f"Largest: {where}, {MONEY.text(MONEY.shown(most))}"
        self._add("bar", title, f"{self._currency}, open at the end by stage", names, series, MONEY, told, formulas)

    def reasons(self, result: SegmentScorecard) -> None:
        """Lost opportunities by reason, the most frequent first."""
        lost = result.metrics.get("lost_by_reason")
        if lost is None or lost.lacks:
            return
        lines = [line for line in lost.of(BY_REASON) if line.current.value]
        lines.sort(key=lambda line: (-(line.current.value or 0), line.item))
        if not lines or {line.item for line in lines} == {BLANK}:
            # A single bar would show nothing.
            self._missing.append("loss reasons (none is recorded)" if lines else "loss reasons (nothing was lost)")
            return
        few = len(lines) <= _MOST_REASONS + 1  # a lone last one keeps its name
        shown, rest = (lines, []) if few else (lines[:_MOST_REASONS], lines[_MOST_REASONS:])
        names, values = [line.item for line in shown], [int(line.current.value or 0) for line in shown]
        formulas: Formulas = [number_formula(line.current) for line in shown]
        if rest:
            names, values = [*names, "All others"], [*values, sum(int(line.current.value or 0) for line in rest)]
            formulas = [*formulas, sum_formula([line.current for line in rest])]
        self._add(
            "bar",
            _reasons_title(lines),
            "lost opportunities by reason",
            names,
            {"Lost": values},
            COUNT,
            f"Largest: {names[0]} ({values[0]})",
            {"Lost": formulas},
        )

    def page(self, subtitle: str) -> Page | None:
        """The charts, or nothing."""
        if not self._charts:
            return None
        width = 2 * _CHART_COLUMNS
        lines = (len(self._charts) + 1) // 2 * _CHART_ROWS
        missing = (
            [Row((Cell(f"No chart of {', '.join(self._missing)}.", "text", span=width),))] if self._missing else []
        )
        return Page(
            key="charts",
            title="Charts",
            rows=(
                *heading("Charts", subtitle, width),
                *(Row(height=_ROW_HEIGHT) for _ in range(lines)),
                *missing,
            ),
            widths=(12.5,) * width,
            charts=tuple(self._charts),
            one_paper=True,
        )

    def _add(
        self,
        kind: ChartKind,
        title: str,
        subtitle: str,
        categories: list[str],
        series: dict[str, Numbers],
        unit: Unit,
        told: str,
        formulas: Mapping[str, Formulas],
    ) -> None:
        names, places = self._data.add(subtitle, categories, series, unit, formulas=formulas)
        drawn = [Series(name, values, "prior" if at else "actual") for at, (name, values) in enumerate(places.items())]
        self._draw(kind, title, subtitle, names, drawn, unit, told)

    def _draw(
        self,
        kind: ChartKind,
        title: str,
        subtitle: str,
        names: Range,
        series: Sequence[Series],
        unit: Unit,
        told: str,
    ) -> None:
        place = len(self._charts)
        self._charts.append(
            Chart(
                kind=kind,
                title=title,
                subtitle=subtitle,
                categories=names,
                series=tuple(series),
                unit=unit,
                row=4 + place // 2 * _CHART_ROWS,
                column=1 + place % 2 * _CHART_COLUMNS,
                width=18.6,
                height=7.4,
                alt=f"{title} ({subtitle}). {told}",
                overlaid=any(one.role == "plan" for one in series),
            )
        )


def _cell_words(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "n/a"
    exact = figure.unit is MONEY and figure.value % MONEY.minor
    return (MONEY_EXACT if exact else figure.unit).text(figure.unit.shown(figure.value))


def _reasons_title(lines: Sequence[Line]) -> str:
    """The most frequent reason: ``Price is the most frequent of 6 loss reasons: 21 of 59 lost``; those without one
    first, if they are more than half."""
    whole = sum(int(line.current.value or 0) for line in lines)
    blank = sum(int(line.current.value or 0) for line in lines if line.item == BLANK)
    named = [line for line in lines if line.item != BLANK]
    most = int(named[0].current.value or 0)
    first = [short(line.item, 30) for line in named if line.current.value == most]
    if 2 * blank > whole:
        return f"{blank:,} of {whole:,} lost have no reason; most frequent: {first[0]} ({most:,})"
    if len(first) > 2:
        return f"{len(first)} loss reasons are as frequent: {most:,} of {whole:,} lost each"
    each = " each" if len(first) > 1 else ""
    return f"{' and '.join(first)} {'are' if each else 'is'} the most frequent loss reason: {most:,} of {whole:,}{each}"
