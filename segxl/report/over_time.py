"""The cohort's buying stages over the last 13 months: beyond the source, which compares two timeframes.

The cohort is the report's own, fixed: an account is in every month, even before it joined the segment. Each month takes
its highest stage, as in cohort performance. A month without recorded stages is n/a, not 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from segxl.periods import Span, months_span, to_month, week_span
from segxl.report.model import Selector, StagesIn, StagesOverTime
from segxl.report.states import STAGES
from segxl.report.working import Working

SPANS = 13
"""A year and the month it is compared with."""


def stages_over_time(working: Working) -> StagesOverTime:
    """The 13 months that end with the analysis timeframe's last; weeks where the analysis is one of weeks.

    With an analysis of 2026-08..2026-10: 2025-10 to 2026-10, each month by itself. In the last month, Decision on the
    3rd and Awareness on the 20th is Decision.
    """
    if not working.by_stage:
        return StagesOverTime(STAGES, (), "part of the buying-stage report")
    if not working.choice.environment.predictive:
        return StagesOverTime(STAGES, (), working.choice.environment.no_stages)
    return StagesOverTime(
        STAGES, tuple(_stages_in(working, span) for span in spans(working.choice.timeframes.analysis))
    )


def spans(analysis: Span) -> Iterator[Span]:
    """The months or weeks, the earliest first."""
    for back in range(SPANS - 1, -1, -1):
        if analysis.kind == "week":
            yield week_span(analysis.window.end - timedelta(days=6 + 7 * back))
        else:
            month = to_month(analysis.window.end) - back
            yield months_span(month, month)


def _stages_in(working: Working, span: Span) -> StagesIn:
    presence, category = working.presence, working.choice.product_category
    if not presence.has_stages(span.window, category):
        carried = presence.stages is not None and presence.stage_kind == "changes"
        return StagesIn(span, None, "no stage recorded by then" if carried else "no stage recorded in this period")
    return StagesIn(span, tuple(working.count(Selector("stage_in", stage, span.label)) for stage in STAGES))
