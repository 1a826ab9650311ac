"""The catalogue as text: what `segxl metrics` prints."""

from __future__ import annotations

import textwrap

from segxl.catalogue.formulas import formulas, inputs, not_available, toggles, window
from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import CATALOGUE
from segxl.catalogue.views import COLUMN_WORDS

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
        ("Views", [f"{key}: {words}" for key, words in views_of(metric).items()]),
        ("If unknown", [not_available(metric)]),
        ("Toggles", toggles(metric) or ["none"]),
        ("Source", source),
    )
    lines = [title, "=" * len(title)]
    for name, entries in facts:
        for at, words in enumerate(entries):
            head = f"{name if at == 0 else '':<12}"
            lines.append(textwrap.fill(words, _WIDTH, initial_indent=head, subsequent_indent=" " * 12))
    return "\n".join(lines)


def views_of(metric: Metric) -> dict[str, str]:
    """The keys of all its views, each with its meaning, those of the headline first: ``mom: Total, change on …``."""
    headline, *others = metric.cuts
    before = f"{headline.key}_" if headline.each else ""
    columns = {key: words for key, words in COLUMN_WORDS.items() if key != "trailing_12" or metric.has_trailing_12}
    compared = {f"{before}{key}": f"{headline.label}, {words}" for key, words in columns.items()}
    return {headline.key: headline.label} | compared | {cut.key: cut.label for cut in others}


def _direction(metric: Metric) -> str:
    return {"higher": "higher is better", "lower": "lower is better", "neutral": "neutral"}[metric.better]
