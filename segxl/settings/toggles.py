"""Toggles: the choices that the sources leave open, each declared once with its two readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Change = TypeVar("Change")
Value = str | bool
Part = Literal["scorecard", "report"]
Needs = Literal[
    "members with dates",
    "subscriptions",
    "revenue",
    "history",
    "buying stages",
    "G2 intent",
    "known web visits",
    "foreign amounts",
]
"""What the data must hold for a toggle to matter."""


@dataclass(frozen=True)
class Toggle:
    """A setting under ``[toggles]``.

    Attributes:
        name: the setting's key.
        question: what it decides.
        readings: its two values with what each means, the default first.
        part: which document it changes.
        needs: what the data must hold for it to matter.
        metrics: of the scorecard, the keys of the metrics that it can change; none: any.
    """

    name: str
    question: str
    readings: Mapping[Value, str]
    part: Part
    needs: Needs
    metrics: tuple[str, ...]

    @property
    def default(self) -> Value:
        """The reading that counts where the settings do not say."""
        return next(iter(self.readings))

    def other(self, value: object) -> Value:
        """The reading that is not set."""
        return next(reading for reading in self.readings if reading != value)

    def words(self, value: object) -> str:
        """``event (for an event its own day …)``."""
        said = next(words for reading, words in self.readings.items() if reading == value)
        return f"{value_word(value)} ({said})"


@dataclass(frozen=True)
class Turned(Generic[Change]):
    """What a toggle does to a document: the numbers as it is set (``value``) and under the other reading.

    ``why`` says that it cannot matter, and why; then there are no ``changes``.
    """

    toggle: Toggle
    value: Value
    why: str
    changes: tuple[Change, ...]

    @property
    def other(self) -> Value:
        """The reading that is not set."""
        return self.toggle.other(self.value)


TOGGLES: Mapping[str, Toggle] = {
    toggle.name: toggle
    for toggle in (
        Toggle(
            "membership",
            "Date of segment membership",
            {
                "event": "the day of each event; for balances, the last day of the window",
                "period_end": "the last day of the window, for everything",
            },
            part="scorecard",
            needs="members with dates",
            metrics=(),
        ),
        Toggle(
            "subscription_end",
            "Meaning of a subscription's end date",
            {"exclusive": "the first day without the subscription", "inclusive": "the last day of the subscription"},
            part="scorecard",
            needs="subscriptions",
            metrics=("customers", "churned_customers", "mrr", "nrr", "market_share"),
        ),
        Toggle(
            "reactivation_in_nrr",
            "Returning customers in net revenue retention",
            {False: "excluded", True: "included, with their later changes"},
            part="scorecard",
            needs="revenue",
            metrics=("nrr",),
        ),
        Toggle(
            "strict_stages",
            "Skipped stages in phase conversion",
            {False: "count as advanced", True: "are ignored: only recorded stages count"},
            part="scorecard",
            needs="history",
            metrics=("phase_conversion",),
        ),
        Toggle(
            "g2_in_intent_state",
            "G2 intent in the engagement state Intent",
            {False: "excluded: it counts as an activity only", True: "included"},
            part="report",
            needs="G2 intent",
            metrics=(),
        ),
        Toggle(
            "known_web_is_known",
            "Known web visits in the state Known Engagement",
            {True: "included", False: "excluded"},
            part="report",
            needs="known web visits",
            metrics=(),
        ),
        Toggle(
            "unstaged_can_increase",
            "Accounts without a baseline stage in Increased buying stage",
            {True: "included: no stage ranks below Target", False: "excluded: a stage is needed in both timeframes"},
            part="report",
            needs="buying stages",
            metrics=(),
        ),
        Toggle(
            "convert_report_currency",
            "Amounts in other currencies in the report",
            {False: "are excluded, and listed", True: "are converted at fx_rates"},
            part="report",
            needs="foreign amounts",
            metrics=(),
        ),
    )
}
"""Every toggle by its key, in the order of the pages."""


def toggles_of(part: Part) -> tuple[Toggle, ...]:
    """The toggles that change a document."""
    return tuple(toggle for toggle in TOGGLES.values() if toggle.part == part)


def value_word(value: object) -> str:
    """A value as the settings write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
