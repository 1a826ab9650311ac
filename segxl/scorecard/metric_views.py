"""A metric's views: the key of each of its numbers, for the JSON and the table Numbers."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from segxl.periods import Period
from segxl.scorecard.model import Comparison, Figure, Line, MetricResult, Plan
from segxl.units import RATE, Unit


class Compared(NamedTuple):
    """A line's figure against one of its bases, in the line's unit; ``base`` is None without data for it."""

    comparison: Comparison
    current: Figure
    base: Figure | None


class Companion(NamedTuple):
    """A further number of a line. ``share``: one of those that give the line's share of the total."""

    figure: Figure
    share: bool = False


class AgainstPlan(NamedTuple):
    """A line's variance or attainment: ``value`` in the unit's minor measure, or None with ``why``."""

    value: int | Fraction | None
    unit: Unit
    why: str | None


Part = Figure | Compared | Companion | Plan | AgainstPlan
Parts = Mapping[str, Part]
"""The values of a view for one line, by name; the view's own figure or comparison has a blank name."""
Views = Mapping[str, Mapping[str | None, Parts]]
"""By view and item; the item is None where the view has one line only."""


def change_key(period: Period) -> str:
    """The key of the change on the period before: ``mom`` of a month, ``qoq`` of a quarter."""
    return "mom" if period.kind == "month" else "qoq"


def metric_views(result: MetricResult, change: str) -> Views:
    """A metric's numbers by view, item and part; ``change``: see :func:`change_key`.

    The total, revenue and other lines without items have their comparisons and plan as views of their own: ``mom``,
    ``revenue_mom``, ``plan``. The others have them as parts of their view: ``by_geo``, East, ``mom``.
    """
    metric, headline = result.metric, result.headline
    views: dict[str, Mapping[str | None, Parts]] = {}

    def alone(parts: Parts, prefix: str = "") -> None:
        views.update({f"{prefix}{name}": {None: {"": part}} for name, part in parts.items()})

    if headline is not None:
        views[headline.cut.key] = {None: {"": headline.current}}
        alone(columns(headline, change))
        alone(planned(headline), _planned_prefix(result, headline))
    for cut in metric.cuts if headline is None else metric.cuts[1:]:
        key, lines = cut.key, result.of(cut)
        if not cut.each:
            views[key] = {None: _parts(lines[0], result, change)}
            if cut.companion:
                alone(columns(lines[0], change), f"{key}_")
                alone(planned(lines[0]), _planned_prefix(result, lines[0]))
        elif cut.by == "stage":
            views[key] = {line.item: {"": line.current} | _companions(line, result) | planned(line) for line in lines}
            suffixes = [change, "yoy"] + (["trailing_12"] if metric.has_trailing_12 else [])
            for suffix in suffixes:
                views[f"{key}_{suffix}"] = {line.item: {"": columns(line, change)[suffix]} for line in lines}
        else:
            views[key] = {line.item: _parts(line, result, change) for line in lines}
    return views


def columns(line: Line, change: str) -> dict[str, Part]:
    """A line's comparisons and its 12 months."""
    found: dict[str, Part] = {
        change: Compared(line.against(line.previous), line.current, line.previous),
        "yoy": Compared(line.against(line.year_ago), line.current, line.year_ago),
    }
    if line.trailing_12 is not None:
        found["trailing_12"] = line.trailing_12
    return found


def planned(line: Line) -> dict[str, Part]:
    """The line's plan, and the line against it; nothing for a line without targets."""
    if line.plan is None:
        return {}
    found = line.attainment
    return {
        "plan": line.plan,
        "variance": AgainstPlan(
            found.variance, line.current.unit, (found.why or "n/a") if found.variance is None else None
        ),
        "attainment": AgainstPlan(found.attainment, RATE, found.why),
    }


def _planned_prefix(result: MetricResult, line: Line) -> str:
    """``plan`` is the line that the metric's bare key means; others are behind their line's key."""
    return "" if line.cut.key == result.metric.planned_cut.key else f"{line.cut.key}_"


def _parts(line: Line, result: MetricResult, change: str) -> dict[str, Part]:
    plan = {} if line.cut.companion else planned(line)
    return {"": line.current} | _companions(line, result) | columns(line, change) | plan


def _companions(line: Line, result: MetricResult) -> dict[str, Part]:
    share = result.metric.shares and bool(line.cut.by)
    found: dict[str, Part] = {name: Companion(figure, share) for name, figure in line.companions.items()}
    return {"count": Companion(line.current, share)} | found if share else found
