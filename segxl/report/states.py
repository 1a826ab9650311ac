"""States of an account in a timeframe: its buying stage, its engagement states, its activities.

Here the words of the source become rows of ``activities`` (a source and a kind) and events of opportunities.
Source: 6sense, Segment performance reports, "Cohort performance" and "Review activities by source".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segxl.facts.presence import Sight
from segxl.settings.model import Toggles
from segxl.tables.contracts import BUYING_STAGES, KINDS

NO_STAGE = "No stage"
STAGES = (NO_STAGE, *BUYING_STAGES)
"""Rows and columns of the movement grid, lowest first; a rank is a place in here."""

DECISION = STAGES[4]
"""From here on an account is about to buy."""

NO_ENGAGEMENT = "No Engagement"
INTENT = "Intent"
ANONYMOUS = "Anonymous Website Visit"
KNOWN = "Known Engagement"
OPENED = "Opportunities Opened"
WON = "Opportunities Won"
STATES = (NO_ENGAGEMENT, INTENT, ANONYMOUS, KNOWN, OPENED, WON)
"""Engagement states, lowest first, in the order of "highest state"."""

FROM_ACTIVITIES = (INTENT, ANONYMOUS, KNOWN)
"""The states that an account with No Engagement does not have."""

Team = Literal["Marketing", "Sales"]

_INTENT_SOURCES = ("6sense_keyword", "bombora_topic", "trustradius_intent")
KNOWN_SOURCES = ("crm_map_campaign", "webinar", "trade_show", "field_event", "crm_activity", "known_web")


def state_sights(state: str, toggles: Toggles) -> tuple[Sight, ...]:
    """The activities that put an account in a state; none for the states of opportunities.

    Intent: kind intent of 6sense keywords, Bombora topics and TrustRadius; G2 only with ``g2_in_intent_state``, since
    the source lists it in the panel and not in the state. Anonymous Website Visit: any row of ``anonymous_web``,
    whatever its kind. Known Engagement: kind engagement of campaigns, events, sales activity and, unless
    ``known_web_is_known`` is off, the known web. A click on an advertisement is in no state.
    """
    if state == INTENT:
        g2 = ("g2_intent",) if toggles.g2_in_intent_state else ()
        return tuple((source, "intent") for source in (*_INTENT_SOURCES, *g2))
    if state == ANONYMOUS:
        return tuple(("anonymous_web", kind) for kind in KINDS)
    if state == KNOWN:
        sources = KNOWN_SOURCES if toggles.known_web_is_known else KNOWN_SOURCES[:-1]
        return tuple((source, "engagement") for source in sources)
    return ()


@dataclass(frozen=True)
class ActivityLine:
    """A line of activities by source.

    ``name`` is unique within its ``panel``; ``label`` is the source's wording, unique over all. A ``total`` counts
    the accounts of its panel's lines, each once.
    """

    panel: str
    team: Team
    name: str
    label: str
    sources: tuple[str, ...]
    kind: str
    total: bool = False

    @property
    def key(self) -> str:
        """``Reach: CRM/MAP Campaigns``."""
        return f"{self.panel}: {self.name}"

    @property
    def sights(self) -> tuple[Sight, ...]:
        """The activities that it counts."""
        return tuple((source, self.kind) for source in self.sources)


_CAMPAIGNS = {
    "crm_map_campaign": "CRM/MAP Campaigns",
    "6sense_campaign": "6sense Campaigns",
    "external_campaign": "External Campaigns",
    "linkedin_campaign": "LinkedIn Campaigns",
}
_INTENT_LINES = {
    "6sense_keyword": "6sense Keyword Research",
    "bombora_topic": "Bombora Topics",
    "g2_intent": "G2 Intent",
    "trustradius_intent": "TrustRadius Intent",
}
_FURTHER = {
    "anonymous_web": ("Anonymous Web", "Anonymous Web Engaged"),
    "known_web": ("Known Web", "Known Web Engaged"),
    "webinar": ("Webinars", "Attended Webinars"),
    "trade_show": ("Trade Shows", "Attended Trade Shows"),
    "field_event": ("Field Events", "Attended Field Events"),
}


def _panel(panel: str, total: str, kind: str, lines: dict[str, tuple[str, str]]) -> tuple[ActivityLine, ...]:
    first = ActivityLine(panel, "Marketing", total, total, tuple(lines), kind, total=True)
    return (
        first,
        *(ActivityLine(panel, "Marketing", name, label, (at,), kind) for at, (name, label) in lines.items()),
    )


LINES: tuple[ActivityLine, ...] = (
    *_panel("Intent", "Intent total", "intent", {at: (name, name) for at, name in _INTENT_LINES.items()}),
    *_panel("Reach", "Reach total", "reach", {at: (name, f"{name} Reached") for at, name in _CAMPAIGNS.items()}),
    *_panel(
        "Engagement",
        "Engaged total",
        "engagement",
        {at: (name, f"{name} Engaged") for at, name in _CAMPAIGNS.items()} | _FURTHER,
    ),
    ActivityLine("Sales reached", "Sales", "Sales Reached", "Sales Reached (CRM Activity)", ("crm_activity",), "reach"),
    ActivityLine(
        "Sales engaged", "Sales", "Sales Engaged", "Sales Engaged (CRM Activity)", ("crm_activity",), "engagement"
    ),
)
"""The 22 lines, panel by panel; totals come first in their panel, and the two sales lines are in no total."""
