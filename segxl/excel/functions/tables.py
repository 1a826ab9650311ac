"""The scorecard and the report as tables that spill: the lines and the labels of the pages, the values of the JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from segxl.api import ReportResult
from segxl.catalogue.metrics import CATALOGUE, chosen, find_metric
from segxl.excel.functions.problems import NOT_AVAILABLE, Answer, Cells, in_excel, why_of
from segxl.facts.requirements import lacking_words
from segxl.pages.scorecard.scorecard import line_label, shown_lines
from segxl.periods import Period
from segxl.report.definitions import DEFINITIONS
from segxl.report.model import Number as ReportNumber
from segxl.scorecard.metric_views import change_key
from segxl.scorecard.model import Line, MetricResult, SegmentScorecard
from segxl.scorecard.numbers import Number, Numbers, views_to_ask
from segxl.units import RATE


@dataclass
class Table:
    """Rows below a header, with the reasons of their errors."""

    header: Sequence[str]
    rows: Cells = field(default_factory=list)
    reasons: dict[tuple[int, int], str] = field(default_factory=dict)

    def add(self, *values: Any) -> None:
        """A row. A number of the scorecard or of the report without a value is ``#N/A`` with its reason."""
        line: list[Any] = []
        for value in values:
            if isinstance(value, Number | ReportNumber):
                shown: Any = value.value if isinstance(value, Number) else value.shown
                if shown is None:
                    self.reasons[len(self.rows), len(line)] = value.reason if isinstance(value, Number) else value.why
                    shown = NOT_AVAILABLE
                line.append(in_excel(shown))
            else:
                line.append("" if value is None else in_excel(value))
        self.rows.append(line)

    def answer(self, headers: bool | None) -> Answer:
        """The table; with its header unless that is not wanted. A table without rows is one blank row."""
        shift = 0 if headers is False else 1
        cells = [[*self.header]] * shift + self.rows
        reasons = {(row + shift, column): reason for (row, column), reason in self.reasons.items()}
        return Answer(cells or [[""] * len(self.header)], why_of(reasons))


def scorecard_table(result: SegmentScorecard, numbers: Numbers, period: Period) -> Table:
    """The lines of the scorecard page: each base with its difference and percentage, the 12 months and the plan.

    Differences of rates are fractions, as in the JSON: 0.012 is 1.2 percentage points.
    """
    word = change_key(period)
    base, year = period.previous.months, period.year_ago.months
    table = Table(
        (
            "Area",
            "Metric",
            "Line",
            period.label,
            base,
            f"Δ {base}",
            f"Δ % {base}",
            year,
            f"Δ {year}",
            f"Δ % {year}",
            "12 months",
            "Plan",
            "Variance",
            "Attainment",
            "Unit",
            "Key",
            "View",
            "Item",
        )
    )
    for metric in result.metrics.values():
        lines = _lines(metric)
        if not lines:
            why = f"{metric.metric.name} is n/a: add {lacking_words(metric.lacks)}" if metric.lacks else "no items"
            nothing = Number(None, metric.metric.unit, "n/a", why)
            found = (metric.metric.unit.key, metric.metric.key, metric.metric.cuts[0].key, "")
            table.add(metric.metric.area, metric.metric.name, "", *[nothing] * 8, *[None] * 3, *found)
        for line in lines:
            ask = partial(numbers.of_line, metric.metric.key, line, period)
            headline = line is metric.headline
            table.add(
                metric.metric.area,
                metric.metric.name,
                "Total" if headline else line_label(line.cut, line.item),
                ask(""),
                ask(f"{word}_base"),
                ask(word),
                None if line.current.unit is RATE else ask(f"{word}_percent"),
                ask("yoy_base"),
                ask("yoy"),
                None if line.current.unit is RATE else ask("yoy_percent"),
                None if line.trailing_12 is None else ask("trailing_12"),
                *((None,) * 3 if line.plan is None else map(ask, ("plan", "variance", "attainment"))),
                line.current.unit.key,
                metric.metric.key,
                line.cut.key,
                line.item,
            )
    return table


def _lines(metric: MetricResult) -> Sequence[Line]:
    """The lines that the page shows; of a metric that lacks a table, the first."""
    return metric.lines[:1] if metric.lacks else tuple(shown_lines(metric))


def summary_table(result: ReportResult) -> Table:
    """The summary statistics."""
    report = result.result
    table = Table(("Summary", report.choice.timeframes.analysis.label))
    for key in ("total_accounts", "increased", "decreased", "net_engaged", "new_pipeline", "total_won"):
        table.add(DEFINITIONS[key].name, getattr(report.summary, key))
    return table


def performance_table(result: ReportResult) -> Table:
    """Accounts by buying stage or engagement state, with the money of those accounts."""
    baseline, analysis = _labels(result)
    money = ("New pipeline", "Total won")
    table = Table(
        (
            "State",
            f"Baseline {baseline}",
            f"Analysis {analysis}",
            *(f"{name} {label}" for label in (analysis, baseline) for name in money),
        )
    )
    for line in result.result.performance:
        table.add(
            line.state,
            line.baseline,
            line.analysis,
            line.new_pipeline,
            line.total_won,
            line.baseline_new_pipeline,
            line.baseline_total_won,
        )
    return table


def movement_table(result: ReportResult) -> Table:
    """Accounts by highest state in the baseline (rows) and in the analysis (columns)."""
    movement = result.result.movement
    table = Table(("Baseline \\ Analysis", *movement.states))
    for at, state in enumerate(movement.states):
        if movement.counts is None:
            table.add(state, *(ReportNumber(None, why=movement.why) for _ in movement.states))
        else:
            table.add(state, *movement.counts[at])
    return table


def activities_table(result: ReportResult) -> Table:
    """Activities by source: distinct accounts, and the pipeline and won revenue that they influenced."""
    baseline, analysis = _labels(result)
    table = Table(
        (
            "Panel",
            "Team",
            "Activity",
            f"Baseline {baseline}",
            f"Analysis {analysis}",
            "Change %",
            "New pipeline influenced",
            "Total won influenced",
        )
    )
    for line in result.result.activities:
        change: Any = None if line.change is None else RATE.shown(line.change)
        if change is None:
            zero = "the baseline is zero: a percentage of it is not meaningful"
            change = ReportNumber(None, unit=RATE, why=zero if line.change_why == "N/M" else line.why)
        table.add(
            line.line.panel,
            line.line.team,
            line.line.name,
            line.baseline,
            line.analysis,
            change,
            line.new_pipeline,
            line.total_won,
        )
    return table


def accounts_table(result: ReportResult, part: str, cell: str) -> Table:
    """The accounts behind one count, by name."""
    columns = result.accounts(part, cell)
    table = Table(tuple(column.header for column in columns))
    for values in zip(*(column.values for column in columns), strict=True):
        table.add(*values)
    return table


def metrics_table(keys: tuple[str, ...] | None = None) -> Table:
    """The catalogue: keys with their meanings."""
    table = Table(("Key", "Name", "Area", "Unit", "Better", "Definition"))
    for metric in CATALOGUE if keys is None else chosen(keys):
        table.add(metric.key, metric.name, metric.area, metric.unit.key, metric.better, metric.definition)
    return table


def views_table(metric: str) -> Table:
    """The views of a metric."""
    table = Table(("View", "Line"))
    found = find_metric(metric)
    for view in views_to_ask(found):
        cut = found.cut(view)
        table.add(view, cut.label if cut else "")
    return table


def _labels(result: ReportResult) -> tuple[str, str]:
    timeframes = result.result.choice.timeframes
    return timeframes.baseline.label, timeframes.analysis.label
