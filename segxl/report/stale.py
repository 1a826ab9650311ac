"""Warnings for tables that end before a report's analysis timeframe."""

from __future__ import annotations

from collections.abc import Iterator

from segxl.dataset.months_of_data import begun, months_in
from segxl.messages import counted, listed
from segxl.periods import month_label
from segxl.report.states import LINES
from segxl.report.working import Working
from segxl.sources.conditions import Condition

_NAMED = 6
"""Sources and lines that a warning names."""


def stale(working: Working) -> Iterator[Condition]:
    """Opportunities and sources of activities whose rows end before the analysis does.

    In a timeframe that they do not cover, their numbers are n/a; in one that they cover in part, and in totals over
    several sources, the rest is missing.
    """
    dataset, analysis = working.presence.dataset, working.choice.timeframes.analysis
    _, last = months_in(analysis.window)
    end = analysis.window.end

    opportunities = begun(dataset.months.get("opportunities"), dataset.as_of)
    if opportunities and not working.choice.environment.no_opportunities and opportunities[1] < last:
        sentence = (
            f"opportunities end in {month_label(opportunities[1])}; new pipeline and total won of {analysis.label} "
            f"{'are n/a' if working.deals_unreached(working.window('analysis')) else 'are incomplete'}"
        )
        yield Condition("reach", "opportunities", sentence, f"Export them again, up to {end}")

    reached = {source: begun(months, dataset.as_of) for source, months in dataset.source_months.items()}
    ended = {source: months for source, months in reached.items() if months is not None and months[1] < last}
    if ended:
        named = listed([f"{source} in {month_label(ended[source][1])}" for source in sorted(ended)], _NAMED)
        unavailable = [line.label for line in LINES if not line.total and _is_unavailable(working, line.key)]
        found = (
            f" {analysis.label} is n/a for {listed(unavailable, _NAMED)}; totals omit"
            if unavailable
            else " totals omit"
        )
        sentence = f"{counted(len(ended), 'source ends', 'sources end')} early: {named};{found} them"
        yield Condition("reach", "activities", sentence, f"Export their activities again, up to {end}")


def _is_unavailable(working: Working, key: str) -> bool:
    line = next(one for one in LINES if one.key == key)
    return bool(working.choice.sources.intersection(line.sources) and working.line_unreached(line, "analysis"))
