"""The charts page: 13 months of revenue and pipeline, the pipeline by stage and why deals were lost, with the numbers
that the charts are drawn from below them."""

from __future__ import annotations

from collections.abc import Sequence

from segxl.pages.cells import heading
from segxl.pages.model import Cell, Chart, Page, Range, Row, Series
from segxl.periods import Period
from segxl.scorecard.metrics import BY_KEY
from segxl.scorecard.model import Figure, SegmentScorecard
from segxl.scorecard.views import BY_REASON, BY_STAGE
from segxl.units import COUNT, MONEY, RATE, Unit

_KEY = "charts"
_COLUMNS = 14
_CHART_ROWS = 19
_MOST_REASONS = 8


def trends_page(result: SegmentScorecard, period: Period, subtitle: str, currency: str) -> Page:
    """Four to six charts of a segment, two in a row; a chart without anything to show is left out."""
    draft = _Draft(subtitle, currency)
    trends = {key: figures for key, figures in result.trends.items() if figures}
    for key in ("won_revenue", "pipeline_by_stage", "net_new_pipeline", "win_rate_count"):
        if key in trends and any(figure.value for figure in trends[key]):
            draft.trend(key, trends[key])
    draft.stages(result, period)
    draft.reasons(result)
    return draft.page()


class _Draft:
    """Collects tables and charts, then lays them out: charts on top, their numbers below."""

    def __init__(self, subtitle: str, currency: str) -> None:
        self._head = heading("Charts", subtitle, _COLUMNS)
        self._currency = currency
        self._tables: list[list[Row]] = []
        self._charts: list[tuple[str, str, str, list[str], Unit, tuple[int, int], str, bool]] = []

    def trend(self, key: str, figures: Sequence[Figure]) -> None:
        metric = BY_KEY[key]
        months = [f"{figure.window.end:%Y-%m}" for figure in figures]
        name = "Open pipeline" if key == "pipeline_by_stage" else metric.name
        when = "at month end" if key == "pipeline_by_stage" else "by month"
        values = [None if figure.value is None else figure.unit.shown(figure.value) for figure in figures]
        alt = f"{name} {when}, {months[0]} to {months[-1]}; {_ends(months, values, metric.unit)}"
        kind = "line" if metric.unit is RATE else "column"
        subtitle = f"{self._unit(metric.unit)}, {when}"
        self._add(kind, name, subtitle, months, {name: values}, metric.unit, alt)

    def stages(self, result: SegmentScorecard, period: Period) -> None:
        pipeline = result.metrics.get("pipeline_by_stage")
        lines = pipeline.of(BY_STAGE) if pipeline else ()
        if not any(line.current.value for line in lines):
            return
        now = [line.current.unit.shown(line.current.value or 0) for line in lines]
        series: dict[str, list[int | float | None]] = {f"End of {period.label}": list(now)}
        if all(line.year_ago for line in lines):
            before = [MONEY.shown(line.year_ago.value or 0) if line.year_ago else 0 for line in lines]
            series["A year before"] = list(before)
        names = [line.item for line in lines]
        largest = max(zip(now, names, strict=True))
        alt = f"Open pipeline by stage at the end of {period.label}; most in {largest[1]}: {MONEY.text(largest[0])}"
        self._add("bar", "Pipeline by stage", f"{self._currency}, open amounts", names, series, MONEY, alt)

    def reasons(self, result: SegmentScorecard) -> None:
        lost = result.metrics.get("lost_by_reason")
        lines = [line for line in (lost.of(BY_REASON) if lost else ()) if line.current.value]
        lines.sort(key=lambda line: (-int(line.current.value or 0), line.item))
        if not lines:
            return
        shown = [(line.item, int(line.current.value or 0)) for line in lines[:_MOST_REASONS]]
        rest = sum(int(line.current.value or 0) for line in lines[_MOST_REASONS:])
        shown += [("All others", rest)] if rest else []
        names, values = [name for name, _ in shown], [value for _, value in shown]
        alt = f"Lost opportunities by reason; most: {names[0]} ({values[0]})"
        series: dict[str, list[int | float | None]] = {"Lost opportunities": list(values)}
        self._add("bar", "Loss reasons", "number of opportunities lost in the period", names, series, COUNT, alt)

    def page(self) -> Page:
        first = len(self._head) + 1 + (len(self._charts) + 1) // 2 * _CHART_ROWS
        rows = [*self._head, *(Row() for _ in range(first - len(self._head) - 1))]
        charts = []
        for at, (kind, title, subtitle, names, unit, size, alt, _) in enumerate(self._charts):
            top = len(rows) + 1
            rows += self._tables[at]
            header, columns = top + 1, 1 + size[0]
            roles = ("actual", "prior")
            series = tuple(
                Series(name, Range(_KEY, header + 1 + i, header + 1 + i, 2, columns), roles[i])  # type: ignore[arg-type]
                for i, name in enumerate(names)
            )
            charts.append(
                Chart(
                    kind=kind,  # type: ignore[arg-type]
                    title=title,
                    subtitle=subtitle,
                    categories=Range(_KEY, header, header, 2, columns),
                    series=series,
                    unit=unit,
                    row=len(self._head) + 1 + at // 2 * _CHART_ROWS,
                    column=1 if at % 2 == 0 else 8,
                    width=16.5,
                    height=8.6,
                    alt=alt,
                )
            )
        return Page(
            key=_KEY,
            title="Charts",
            rows=tuple(rows),
            widths=(26, *[11.0] * (_COLUMNS - 1)),
            charts=tuple(charts),
        )

    def _add(
        self,
        kind: str,
        title: str,
        subtitle: str,
        categories: list[str],
        series: dict[str, list[int | float | None]],
        unit: Unit,
        alt: str,
    ) -> None:
        rows = [
            Row((Cell(f"{title} ({subtitle})", "heading", span=_COLUMNS),)),
            Row((Cell(None, "header"), *(Cell(name, "header_right") for name in categories))),
        ]
        for name, values in series.items():
            cells = (Cell("n/a", "muted") if value is None else Cell(value, "value", unit) for value in values)
            rows.append(Row((Cell(name, "label"), *cells)))
        rows.append(Row())
        self._tables.append(rows)
        size = (len(categories), len(series))
        self._charts.append((kind, title, subtitle, list(series), unit, size, alt, True))

    def _unit(self, unit: Unit) -> str:
        return self._currency if unit is MONEY else "%" if unit is RATE else unit.key


def _ends(months: list[str], values: list[int | float | None], unit: Unit) -> str:
    return f"{unit.text(values[0])} in {months[0]}, {unit.text(values[-1])} in {months[-1]}"
