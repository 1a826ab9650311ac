"""The charts: 13 months of revenue and pipeline, the pipeline by stage and why deals were lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from segxl.catalogue.metrics import BY_KEY
from segxl.catalogue.views import BY_REASON, BY_STAGE
from segxl.facts.arrays import BLANK
from segxl.pages.cells import heading, number_formula, sum_formula
from segxl.pages.chart_data import ChartData, Formulas, Numbers
from segxl.pages.model import Chart, Page, Row, Series
from segxl.periods import Period
from segxl.scorecard.model import Figure, SegmentScorecard
from segxl.units import COUNT, MONEY, RATE, Unit

_CHART_COLUMNS, _CHART_ROWS, _ROW_HEIGHT = 8, 14, 16
_MOST_REASONS = 6
_STAGE_LABELS = {"unknown": "Unknown stage", "Other": "Other stage"}


def trend_page(result: SegmentScorecard, period: Period, subtitle: str, currency: str, data: ChartData) -> Page | None:
    """A page of up to six charts, two in a row; their numbers go to ``data``. None without anything to show."""
    draft = _Draft(currency, data)
    for key in ("won_revenue", "pipeline_by_stage"):
        draft.trend(key, result.trends.get(key, ()))
    draft.stages(result, period)
    draft.reasons(result)
    for key in ("net_new_pipeline", "win_rate_count"):
        draft.trend(key, result.trends.get(key, ()))
    return draft.page(subtitle)


class _Draft:
    """Collects charts with their tables; a chart without data is omitted."""

    def __init__(self, currency: str, data: ChartData) -> None:
        self._currency = currency
        self._data = data
        self._charts: list[Chart] = []

    def trend(self, key: str, figures: Sequence[Figure]) -> None:
        """A metric's total over the months."""
        if not any(figure.value for figure in figures):
            return
        metric = BY_KEY[key]
        stock = key == "pipeline_by_stage"
        name, when = ("Open pipeline", "at month end") if stock else (metric.name, "by month")
        months = [f"{figure.window.end:%Y-%m}" for figure in figures]
        values = [None if figure.value is None else figure.unit.shown(figure.value) for figure in figures]
        first, last = (metric.unit.text(value) for value in (values[0], values[-1]))
        self._add(
            "line" if metric.unit is RATE else "column",
            name,
            f"{self._currency if metric.unit is MONEY else '%'}, {when}",
            months,
            {name: values},
            metric.unit,
            f"{name} {when}: {first} in {months[0]}, {last} in {months[-1]}",
            {name: [number_formula(figure) for figure in figures]},
        )

    def stages(self, result: SegmentScorecard, period: Period) -> None:
        """Open amounts by stage at the period's end, against a year before."""
        pipeline = result.metrics.get("pipeline_by_stage")
        lines = pipeline.of(BY_STAGE) if pipeline else ()
        if not any(line.current.value for line in lines):
            return
        now = [MONEY.shown(line.current.value or 0) for line in lines]
        series: dict[str, Numbers] = {f"End of {period.name}": now}
        formulas: dict[str, Formulas] = {f"End of {period.name}": [number_formula(line.current) for line in lines]}
        if any(line.year_ago and line.year_ago.value for line in lines):
            bases = [line.year_ago.value if line.year_ago else 0 for line in lines]
            series["Prior year"] = [MONEY.shown(base or 0) for base in bases]
            formulas["Prior year"] = [number_formula(line.year_ago) if line.year_ago else None for line in lines]
        names = [_STAGE_LABELS.get(line.item, line.item) for line in lines]
        most, where = max(zip(now, names, strict=True))
        alt = f"Open pipeline by stage at the end of {period.name}; largest: {where}, {MONEY.text(most)}"
        self._add("bar", "Pipeline by stage", f"{self._currency}, open at the end", names, series, MONEY, alt, formulas)

    def reasons(self, result: SegmentScorecard) -> None:
        """Lost opportunities by reason, the most frequent first."""
        lost = result.metrics.get("lost_by_reason")
        lines = [line for line in (lost.of(BY_REASON) if lost else ()) if line.current.value]
        lines.sort(key=lambda line: (-(line.current.value or 0), line.item))
        if not lines or {line.item for line in lines} == {BLANK}:
            return  # no reason is recorded: a single bar would show nothing
        few = len(lines) <= _MOST_REASONS + 1  # a lone last one keeps its name
        shown, rest = (lines, []) if few else (lines[:_MOST_REASONS], lines[_MOST_REASONS:])
        names, values = [line.item for line in shown], [int(line.current.value or 0) for line in shown]
        formulas: Formulas = [number_formula(line.current) for line in shown]
        if rest:
            names, values = [*names, "All others"], [*values, sum(int(line.current.value or 0) for line in rest)]
            formulas = [*formulas, sum_formula([line.current for line in rest])]
        alt = f"Lost opportunities by reason; largest: {names[0]} ({values[0]})"
        self._add(
            "bar",
            "Loss reasons",
            "number of opportunities lost",
            names,
            {"Lost": values},
            COUNT,
            alt,
            {"Lost": formulas},
        )

    def page(self, subtitle: str) -> Page | None:
        """The charts, or nothing."""
        if not self._charts:
            return None
        lines = (len(self._charts) + 1) // 2 * _CHART_ROWS
        return Page(
            key="charts",
            title="Charts",
            rows=(
                *heading("Charts", subtitle, 2 * _CHART_COLUMNS),
                *(Row(height=_ROW_HEIGHT) for _ in range(lines)),
            ),
            widths=(12.5,) * (2 * _CHART_COLUMNS),
            charts=tuple(self._charts),
            one_paper=True,
        )

    def _add(
        self,
        kind: Literal["column", "bar", "line"],
        title: str,
        subtitle: str,
        categories: list[str],
        series: dict[str, Numbers],
        unit: Unit,
        alt: str,
        formulas: Mapping[str, Formulas],
    ) -> None:
        names, places = self._data.add(f"{title} ({subtitle})", categories, series, unit, formulas=formulas)
        drawn = tuple(
            Series(name, values, "prior" if at else "actual") for at, (name, values) in enumerate(places.items())
        )
        place = len(self._charts)
        self._charts.append(
            Chart(
                kind=kind,
                title=title,
                subtitle=subtitle,
                categories=names,
                series=drawn,
                unit=unit,
                row=4 + place // 2 * _CHART_ROWS,
                column=1 + place % 2 * _CHART_COLUMNS,
                width=18.6,
                height=7.4,
                alt=alt,
            )
        )
