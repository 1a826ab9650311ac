"""The cohort's buying stages, or engagement states, over the last 13 months: beyond the source, which compares two
timeframes.

The cohort is the report's own, fixed: an account is in every month, even before it joined the segment. Each month takes
its highest stage, or its states, as in cohort performance. A month without recorded stages is n/a, not 0, and so is a
state in a month that the data do not reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from segxl.periods import Span, months_span, to_month, week_span
from segxl.report.model import Number, Selector, StatesIn, StatesOverTime
from segxl.report.working import Working

SPANS = 13
"""A year and the month it is compared with."""


def states_over_time(working: Working) -> StatesOverTime:
    """The 13 months that end with the analysis timeframe's last; weeks where the analysis is one of weeks.

    With an analysis of 2026-08..2026-10: 2025-10 to 2026-10, each month by itself. In the last month, Decision on the
    3rd and Awareness on the 20th is Decision.
    """
    if working.by_stage and not working.choice.environment.predictive:
        return StatesOverTime(working.states, (), working.choice.environment.no_stages)
    read = _stages_in if working.by_stage else _engagement_in
    return StatesOverTime(
        working.states, tuple(read(working, span) for span in spans(working.choice.timeframes.analysis))
    )


def spans(analysis: Span) -> Iterator[Span]:
    """The months or weeks, the earliest first."""
    for back in range(SPANS - 1, -1, -1):
        if analysis.kind == "week":
            yield week_span(analysis.window.end - timedelta(days=6 + 7 * back))
        else:
            month = to_month(analysis.window.end) - back
            yield months_span(month, month)


def _stages_in(working: Working, span: Span) -> StatesIn:
    presence, category = working.presence, working.choice.product_category
    if not presence.has_stages(span.window, category):
        carried = presence.stages is not None and presence.stage_kind == "changes"
        return StatesIn(span, None, "no stage recorded by then" if carried else "no stage recorded in this period")
    return StatesIn(span, tuple(working.count(Selector("state_in", stage, span.label)) for stage in working.states))


def _engagement_in(working: Working, span: Span) -> StatesIn:
    missing = working.missing_in(span.window)
    if all(state in missing for state in working.states):
        return StatesIn(span, None, "; ".join(dict.fromkeys(missing.values())))
    return StatesIn(
        span,
        tuple(
            Number(None, None, why=missing[state])
            if state in missing
            else working.count(Selector("state_in", state, span.label))
            for state in working.states
        ),
    )
