"""Numbers that are unavailable for a period, with the reason: missing tables and columns, tables that end before it.

The rule is that of :mod:`segxl.dataset.months_of_data`. A metric's note says why its number is n/a; one warning names
each table that ends too early, as its export is older than the period.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from segxl.catalogue.measure import Expression, Ratio
from segxl.catalogue.metric import Metric, in_words, measures_of
from segxl.dataset.months_of_data import begun, months_in, own_months
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.dataset.warnings import DataWarning, unfiltered
from segxl.facts.engine import Facts
from segxl.facts.requirements import FeedMonths, lacking_words
from segxl.messages import counted, listed
from segxl.periods import Period, Window, month_label
from segxl.scorecard.figures import Figures
from segxl.scorecard.model import Figure
from segxl.sources.conditions import Condition

_NAMED = 8
"""Metrics that a warning names."""


def lacking(facts: Facts, metric: Metric) -> tuple[str, ...]:
    """The tables and columns that a metric needs and the data does not have."""
    found = (facts.lacks(measure.fact, measure.quantity) for measure in measures_of(metric.expression))
    return tuple(dict.fromkeys(name for name in found if name))


def why_not(facts: Facts, expression: Expression, window: Window) -> str:
    """Why an expression is n/a over a window; blank where it is not, or where only its denominator is zero."""
    missing = [facts.lacks(measure.fact, measure.quantity) for measure in measures_of(expression)]
    if any(missing):
        return f"add {lacking_words(list(dict.fromkeys(name for name in missing if name)))}"
    if Figures(facts, ALL_ACCOUNTS).covers(expression, window):
        return ""
    return outside(facts, expression, window)


def outside(facts: Facts, expression: Expression, window: Window) -> str:
    """The tables behind an expression that end before a window's end, or begin after its start; blank without one."""
    found = (_outside(feed, window) for feed in _feeds(facts, expression))
    return ", ".join(words for words in found if words) or _without_opening(facts, expression, window)


def no_base(facts: Facts, expression: Expression, window: Window) -> str:
    """That a base has no data, and why: ``no data for the base, 2025-04: opportunities begin in 2025-05``."""
    why = outside(facts, expression, window)
    return f"no data for the base, {window.months}" + (f": {why}" if why else "")


def reason(facts: Facts, figure: Figure) -> str:
    """Why a figure is n/a: the missing table or column, the months without data, or the denominator that is zero."""
    expression, scope = figure.expression, figure.rows.scope
    if expression is None:
        return "the denominator is zero"
    if why := why_not(facts, expression, figure.window):
        return why
    for measure in measures_of(expression):
        if facts.totals(measure.fact, measure.quantity, scope, figure.rows.by) is not None:
            continue
        if measure.fact == "market":
            return f"the table market has no row for {scope.segment} in {figure.window.end.year}"
        return f"{measure.label} is unknown in {figure.window.months}"
    if isinstance(expression, Ratio):
        return f"the denominator is zero in {in_words(expression)}"
    return ""


def stale(facts: Facts, period: Period, metrics: Sequence[Metric]) -> tuple[DataWarning, ...]:
    """A warning for each table that does not reach to the end of a period, and one for each quarter that begins before
    its table does."""
    shown = [metric for metric in metrics if not lacking(facts, metric)]
    feeds = {feed.key: feed for metric in shown for feed in _feeds(facts, metric.expression)}
    found = [_warning(facts, feed, period, shown) for feed in feeds.values()]
    found += [_still(facts, period), _unchanged(facts, period, shown), *_costs(facts, period, shown)]
    return tuple(unfiltered(condition) for condition in found if condition is not None)


def _feeds(facts: Facts, expression: Expression) -> tuple[FeedMonths, ...]:
    found = [feed for measure in measures_of(expression) for feed in facts.reach.of(measure.fact)]
    return tuple({feed.key: feed for feed in found}.values())


def _outside(feed: FeedMonths, window: Window) -> str:
    """The end of a feed before a window's end, or its begin after the window's start, as text."""
    if feed.months is None:
        return f"there are no {feed.words}"
    first, last = months_in(window)
    if feed.months[1] < last:
        return f"{feed.words} end in {month_label(feed.months[1])}"
    return f"{feed.words} begin in {month_label(feed.months[0])}" if feed.months[0] > first else ""


def _without_opening(facts: Facts, expression: Expression, window: Window) -> str:
    """Revenue by month that begins with a window: the MRR at the window's start is the month before."""
    table, months = facts.dataset.tables.get("revenue"), facts.dataset.months.get("revenue")
    if table is None or months is None or table.contract.shape != "monthly":
        return ""
    needed = months_in(window)[0] - 1
    if needed >= months[0] or all(measure.timing == "at_end" for measure in measures_of(expression)):
        return ""
    if not any(feed.key == "revenue" for feed in _feeds(facts, expression)):
        return ""
    return f"rows of revenue begin in {month_label(months[0])}, and the MRR at the start needs {month_label(needed)}"


def _warning(facts: Facts, feed: FeedMonths, period: Period, metrics: Sequence[Metric]) -> Condition | None:
    if feed.months is None or (feed.months[1] >= period.last and feed.months[0] <= period.first):
        return None
    if feed.months[0] > period.last:
        return None  # a table that begins later is not stale; the metric's note says why it is n/a
    figures = Figures(facts, ALL_ACCOUNTS)
    mine = [metric for metric in metrics if feed.key in {one.key for one in _feeds(facts, metric.expression)}]
    unavailable = [metric.name for metric in mine if not figures.covers(metric.expression, period.window)]
    parts = [metric.name for metric in mine if metric.name not in unavailable and metric.expression.spans_months]
    span = period.last - period.first + 1
    held = min(feed.months[1], period.last) - max(feed.months[0], period.first) + 1
    said = []
    if unavailable:
        said.append(f"{period.name} is n/a for {listed(unavailable, _NAMED)}")
    if parts and held < span:
        said.append(f"{period.name} has only {held} of its {span} months for {listed(parts, _NAMED)}")
    if not said:
        return None
    late = feed.months[1] < period.last
    when = f"end in {month_label(feed.months[1])}" if late else f"begin in {month_label(feed.months[0])}"
    fix = f"Export them again, up to {period.window.end}" if late else "Export the earlier months too"
    files = [entry.file for entry in facts.dataset.ledger.files if entry.table == feed.table]
    sentence = f"{feed.words} {when}; {'; '.join(said)}"
    return Condition("reach", feed.table, sentence, fix, file=files[0] if len(files) == 1 else "")


def _still(facts: Facts, period: Period) -> Condition | None:
    """A month without MRR movements may have had none, or its export may be missing; as the data does not show which, a
    warning says so."""
    table = facts.dataset.tables.get("revenue")
    if table is None or table.contract.shape != "movements":
        return None
    own, reached = begun(own_months(table), facts.dataset.as_of), facts.dataset.months.get("revenue")
    if own is None or reached is None or not own[1] < period.last <= reached[1]:
        return None
    sentence = f"MRR movements end in {month_label(own[1])}; {period.name} uses that MRR, without later movements"
    return Condition("reach", "revenue", sentence, "If MRR has changed since, export the movements again")


def _unchanged(facts: Facts, period: Period, metrics: Sequence[Metric]) -> Condition | None:
    """A history that ends before the opportunities do: deals were created or closed since, and none changed stage."""
    months = facts.dataset.months
    history, deals = begun(months.get("opportunity_history"), facts.dataset.as_of), months.get("opportunities")
    if history is None or deals is None or not history[1] < period.last <= deals[1]:
        return None
    names = [metric.name for metric in metrics if metric.key in ("pipeline_by_stage", "phase_conversion")]
    if not names:
        return None
    sentence = (
        f"opportunity history ends in {month_label(history[1])}; {', '.join(names)} of {period.name} use each deal's "
        f"last known stage"
    )
    fix = f"Export the history again, up to {period.window.end}"
    return Condition("reach", "opportunity_history", sentence, fix)


def _costs(facts: Facts, period: Period, metrics: Sequence[Metric]) -> Iterable[Condition]:
    """A kind of costs that ends before the other: the cost per SQO lacks it."""
    table = facts.dataset.tables.get("costs")
    reached = facts.dataset.months.get("costs")
    if (
        table is None
        or reached is None
        or reached[1] < period.last
        or not any(m.key == "cost_per_sqo" for m in metrics)
    ):
        return
    is_labor = table["kind"] == "labor"
    for kind, rows in (("labor", is_labor), ("acquisition", ~is_labor)):
        months = np.unique(table["month"][rows])
        if len(months) > 1 and (last := int(months[-1])) < period.last:
            lacks = counted(period.last - max(last, period.first - 1), "month")
            sentence = (
                f"{kind} costs end in {month_label(last)}; the cost per SQO of {period.name} excludes {lacks} of "
                f"{kind} "
                f"costs"
            )
            yield Condition("reach", "costs", sentence, f"Add {kind} costs up to {month_label(period.last)}")
