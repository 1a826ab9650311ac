"""The cohort: which accounts a report is about, fixed for both of its timeframes.

Source: 6sense, Segment performance reports, "2 – Segments" and "4 – Cohort options".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from segxl.dataset.segments import NAMED_BY_ROWS, Segment
from segxl.errors import SegxlError
from segxl.facts.presence import Presence
from segxl.periods import ALWAYS, Window, to_date, to_day
from segxl.report.timeframes import Timeframes
from segxl.tables.codes import Mask

Basis = Literal["today", "baseline", "analysis"]
COHORTS: tuple[Basis, ...] = ("today", "baseline", "analysis")


def cohort(presence: Presence, segments: Sequence[Segment], basis: Basis, timeframes: Timeframes) -> Mask:
    """The accounts in any of the segments, each once, as a mask over account codes.

    ``today``: members on the cut-off day. ``baseline``, ``analysis``: members on any day of that timeframe; the end
    of a membership is the first day without. A member from 1 March to 1 April is in the cohort of March and not in
    that of April.

    All accounts is every account of the accounts table (without that table, every account that any table names): an
    account that only activities or stages name is in no cohort. A member that a segment lists is in its cohort, as in
    the scorecard, even if the accounts table does not have it; its opportunities are still excluded, since they
    are without a known account.
    """
    window = window_of(presence, basis, timeframes)
    members = np.zeros(presence.size, dtype=bool)
    for segment in segments:
        members |= presence.known if segment.everyone else segment.members_in(window, presence.size)
    return members


def window_of(presence: Presence, basis: Basis, timeframes: Timeframes) -> Window:
    """The days on which membership counts."""
    if basis == "today":
        return Window(presence.dataset.as_of, presence.dataset.as_of)
    return (timeframes.baseline if basis == "baseline" else timeframes.analysis).window


def check_segments(segments: Sequence[Segment], basis: Basis, timeframes: Timeframes) -> Iterable[str]:
    """Check the rule of each cohort option. Returns notes on segments that pass but could not be checked fully.

    Raises:
        SegxlError: a segment that only rows name, so that its accounts are unknown; or the cohort is of a
            timeframe, and a segment was not created before that timeframe starts.
    """
    said = []
    for segment in segments:
        if segment.everyone:
            continue
        if segment.origin == NAMED_BY_ROWS:
            raise SegxlError(
                f"segment {segment.name!r} has no accounts: only opportunities or leads name it; list its members in "
                "segment_members, or define it by a rule (segxl help settings, segments.named)"
            )
        if segment.created_on == ALWAYS:
            said.append(f"Segment {segment.name} has no created date; segxl did not check that it existed in time")
            continue
        created = to_date(segment.created_on)
        if basis == "today":
            if segment.created_on > to_day(timeframes.analysis.window.end):
                said.append(
                    f"Segment {segment.name} was created on {created}, after the analysis timeframe ended on "
                    f"{timeframes.analysis.window.end}: it did not exist in either timeframe"
                )
            continue
        span = timeframes.baseline if basis == "baseline" else timeframes.analysis
        if segment.created_on >= to_day(span.window.start):
            other = "--cohort analysis, " if basis == "baseline" and created < timeframes.analysis.window.start else ""
            raise SegxlError(
                f"segment {segment.name!r} was created on {created}, not before the {basis} timeframe starts on "
                f"{span.window.start}: choose a later timeframe, {other}or --cohort today"
            )
    return said
