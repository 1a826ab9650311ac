"""The catalogue as text: what `segxl metrics` prints."""

from __future__ import annotations

import textwrap

from segxl.catalogue.formulas import formulas, inputs, toggles, window, zero
from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import CATALOGUE

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
    """One metric, worked: definition, formulas, window, inputs, example, views, toggles and where it comes from."""
    title = f"{metric.name} ({metric.key})"
    source = [metric.source]
    if metric.source_views:
        bullets = (f"{bullet} ({', '.join(keys)})" for bullet, keys in metric.source_views)
        source.append(f"its views: {'; '.join(bullets)}")
    facts = (
        ("Definition", [metric.definition]),
        ("Formula", [f"{label}: {words}" if label else words for label, words in formulas(metric)]),
        ("Window", [window(metric)]),
        ("Inputs", [inputs(metric)]),
        ("Unit", [f"{metric.unit.key}; {_direction(metric)}"]),
        ("Example", [metric.example]),
        ("Views", [", ".join(views_of(metric))]),
        ("Zero", [zero(metric)]),
        ("Toggles", toggles(metric) or ["none"]),
        ("Source", source),
    )
    lines = [title, "=" * len(title)]
    for name, entries in facts:
        for at, words in enumerate(entries):
            head = f"{name if at == 0 else '':<12}"
            lines.append(textwrap.fill(words, _WIDTH, initial_indent=head, subsequent_indent=" " * 12))
    return "\n".join(lines)


def views_of(metric: Metric) -> list[str]:
    """The keys of all its views, those of the total first."""
    comparisons = ["mom", "qoq", "yoy"] + (["trailing_12"] if metric.has_trailing_12 else [])
    first = metric.cuts[0]
    if first.each:
        comparisons = [f"{first.key}_{suffix}" for suffix in comparisons]
    return [first.key, *comparisons, *(cut.key for cut in metric.cuts[1:])]


def _direction(metric: Metric) -> str:
    return {"higher": "higher is better", "lower": "lower is better", "neutral": "neutral"}[metric.better]
