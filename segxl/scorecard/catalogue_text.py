"""The catalogue as text: what `segxl metrics` prints."""

from __future__ import annotations

import textwrap

from segxl.scorecard.metric import Metric
from segxl.scorecard.metrics import CATALOGUE

_WIDTH = 100


def catalogue_text() -> str:
    """Every metric in two lines: key, name, unit and direction; then its definition."""
    lines: list[str] = []
    area = ""
    for metric in CATALOGUE:
        if metric.area != area:
            area = metric.area
            lines += ["", f"{area} metrics", "-" * (len(area) + 8)]
        lines.append(f"{metric.key:<22} {metric.name} ({metric.unit.key}; {_direction(metric)})")
        lines.append(textwrap.fill(metric.definition, _WIDTH, initial_indent="    ", subsequent_indent="    "))
        lines.append(f"    views: {', '.join(views_of(metric))}")
    return "\n".join(lines[1:])


def metric_page(metric: Metric) -> str:
    """One metric, worked: definition, formula, window, example, views and where it comes from."""
    title = f"{metric.name} ({metric.key})"
    facts = (
        ("Definition", metric.definition),
        ("Formula", metric.formula),
        ("Window", _window(metric)),
        ("Unit", f"{metric.unit.key}; {_direction(metric)}"),
        ("Example", metric.example),
        ("Views", ", ".join(views_of(metric))),
        (
            "Source",
            f"GoMo, Segment Metrics scorecard, {metric.area} Metrics: {metric.source_name!r}, shown as "
            + ", ".join(bullet for bullet, _ in metric.source_views),
        ),
        ("Zero", "a denominator of zero gives n/a, never 0; a base of zero or less gives N/M for the percentage"),
    )
    lines = [title, "=" * len(title)]
    for name, words in facts:
        lines.append(textwrap.fill(words, _WIDTH, initial_indent=f"{name:<12}", subsequent_indent=" " * 12))
    return "\n".join(lines)


def views_of(metric: Metric) -> list[str]:
    """The keys of all its views, those of the total first."""
    comparisons = ["mom", "qoq", "yoy"] + (["trailing_12"] if metric.has_trailing_12 else [])
    first = metric.cuts[0]
    if first.each:
        comparisons = [f"{first.key}_{suffix}" for suffix in comparisons]
    return [first.key, *comparisons, *(cut.key for cut in metric.cuts[1:])]


def _direction(metric: Metric) -> str:
    return {"higher": "more is better", "lower": "less is better", "neutral": "no direction"}[metric.better]


def _window(metric: Metric) -> str:
    if not metric.has_trailing_12:
        return "the end of the month or quarter's last day; a stock, so there is no 12-month sum"
    return (
        "the month or quarter; 12 months end with its last month, and a ratio over them is a ratio of sums, "
        "never a mean of monthly ratios"
    )
