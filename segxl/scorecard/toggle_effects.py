"""Toggle effects: the scorecard's numbers with the other value of each toggle.

Each effect is computed, not estimated: the affected metrics are computed again from facts with the other value. Facts
that the toggle does not affect are shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import cast

from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import Period
from segxl.scorecard.figures import Figures
from segxl.scorecard.model import LineEffect, MetricResult, SegmentScorecard
from segxl.settings.toggles import ScorecardNeeds, Turned, toggles_of


def with_effects(facts: Facts, period: Period, results: Mapping[str, SegmentScorecard]) -> dict[str, SegmentScorecard]:
    """The scorecards with the effects of all toggles on each.

    With ``membership = "event"`` a segment that won 100 before an account left and 50 after it shows 100 as set, and
    with "period_end" 0: a difference of -100.
    """
    found: dict[str, list[Turned[LineEffect]]] = {name: [] for name in results}
    set_to = dict(facts.dataset.settings.toggles)
    for toggle in toggles_of("scorecard"):
        value = set_to[toggle.name]
        flipped: Facts | None = None
        for name, result in results.items():
            metrics = [
                one for one in result.metrics.values() if toggle.metrics == () or one.metric.key in toggle.metrics
            ]
            why = _IDLE[cast(ScorecardNeeds, toggle.needs)](facts.dataset, name)
            if not why and all(one.lacks for one in metrics):
                why = "none of the metrics it changes is shown"
            effects: tuple[LineEffect, ...] = ()
            if not why:
                flipped = flipped or facts.under({toggle.name: toggle.other(value)})
                figures = Figures(flipped, name)
                effects = tuple(effect for one in metrics for effect in _effects(figures, period, one))
            found[name].append(Turned(toggle, value, why, effects))
    return {name: replace(result, toggle_effects=tuple(found[name])) for name, result in results.items()}


def _effects(figures: Figures, period: Period, result: MetricResult) -> Iterable[LineEffect]:
    """A metric's own lines, its 12 months included; the stages of one that has no line of its own."""
    if result.lacks:
        return
    for line in result.lines:
        cut, metric = line.cut, result.metric
        if cut.by and not (result.headline is None and cut.by == "stage"):
            continue
        items = (line.item,) if cut.each else cut.items
        expression, unit = metric.of(cut)
        other = figures.figure(expression, unit, period.window, cut.by, items)
        yield LineEffect(line.current, other, metric, cut, line.item, "current")
        trailing = metric.over_12_months(cut)
        if line.trailing_12 is not None and trailing is not None:
            other = figures.figure(trailing, unit, period.trailing_12, cut.by, items)
            yield LineEffect(line.trailing_12, other, metric, cut, line.item, "trailing_12")


def _no_dated_members(dataset: Dataset, segment: str) -> str:
    """Membership changes from day to day only if the list of members has dates."""
    segments = dataset.segments.items if segment == ALL_ACCOUNTS else (dataset.segments[segment],)
    if any(one.interval_account is not None and len(one.interval_account) for one in segments):
        return ""
    if segment == ALL_ACCOUNTS:
        return "All accounts contains every row on every day"
    return "the segment has the same accounts on every day; its members have no dates"


def _no_subscriptions(dataset: Dataset, _: str) -> str:
    if "revenue" not in dataset.tables:
        return "there is no revenue table"
    shape = dataset.tables["revenue"].contract.shape
    return "" if shape == "subscriptions" else "the revenue table has no subscriptions with end dates"


def _no_revenue(dataset: Dataset, _: str) -> str:
    return "" if "revenue" in dataset.tables else "there is no revenue table"


def _no_history(dataset: Dataset, _: str) -> str:
    return "" if "opportunity_history" in dataset.tables else "there is no opportunity_history table"


_IDLE: Mapping[ScorecardNeeds, Callable[[Dataset, str], str]] = {
    "members with dates": _no_dated_members,
    "subscriptions": _no_subscriptions,
    "revenue": _no_revenue,
    "history": _no_history,
}
"""The reason why a toggle has no effect on a segment: missing data; blank if it can have one."""
