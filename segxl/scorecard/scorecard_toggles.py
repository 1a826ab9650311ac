"""The toggles that touch the scorecard, without the engine that works out what they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segxl.readings import Toggle


@dataclass(frozen=True)
class ScorecardToggle(Toggle):
    """``metrics``: the keys of those that it can touch; none: any."""

    metrics: tuple[str, ...]


TOGGLES: tuple[ScorecardToggle, ...] = (
    ScorecardToggle(
        "membership",
        "Which day decides who is a member of the segment",
        {
            "event": "for an event its own day, for a stock the end of its window",
            "period_end": "for everything the last day of its window",
        },
        (),
    ),
    ScorecardToggle(
        "subscription_end",
        "What the end of a subscription is",
        {"exclusive": "the first day without it", "inclusive": "the last day with it"},
        ("customers", "churned_customers", "mrr", "nrr", "market_share"),
    ),
    ScorecardToggle(
        "reactivation_in_nrr",
        "Whether members that pay again count in net revenue retention",
        {False: "they stay outside", True: "they count, and what follows their return"},
        ("nrr",),
    ),
    ScorecardToggle(
        "strict_stages",
        "Whether a stage that was skipped counts as advanced",
        {False: "it does", True: "only stages that the history has count"},
        ("phase_conversion",),
    ),
)
"""The toggles that touch the scorecard, in the order of the page."""

BY_NAME: Mapping[str, ScorecardToggle] = {toggle.name: toggle for toggle in TOGGLES}
