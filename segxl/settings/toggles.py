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
            "Which day decides who is a member of the segment",
            {
                "event": "for an event its own day, for a stock the end of its window",
                "period_end": "for everything the last day of its window",
            },
            part="scorecard",
            needs="members with dates",
            metrics=(),
        ),
        Toggle(
            "subscription_end",
            "What the end of a subscription is",
            {"exclusive": "the first day without it", "inclusive": "the last day with it"},
            part="scorecard",
            needs="subscriptions",
            metrics=("customers", "churned_customers", "mrr", "nrr", "market_share"),
        ),
        Toggle(
            "reactivation_in_nrr",
            "Whether members that pay again count in net revenue retention",
            {False: "they stay outside", True: "they count, and what follows their return"},
            part="scorecard",
            needs="revenue",
            metrics=("nrr",),
        ),
        Toggle(
            "strict_stages",
            "Skipped stages in phase conversion",
            {False: "count as advanced", True: "do not count: only stages that the history has"},
            part="scorecard",
            needs="history",
            metrics=("phase_conversion",),
        ),
        Toggle(
            "g2_in_intent_state",
            "Whether G2 intent puts an account into the state Intent",
            {False: "it counts among the activities only", True: "it does"},
            part="report",
            needs="G2 intent",
            metrics=(),
        ),
        Toggle(
            "known_web_is_known",
            "Whether a known web visit is Known Engagement",
            {True: "it is", False: "it is not"},
            part="report",
            needs="known web visits",
            metrics=(),
        ),
        Toggle(
            "unstaged_can_increase",
            "Whether an account without a stage in the baseline can have increased",
            {True: "it can; no stage is below Target", False: "only accounts with a stage in both timeframes"},
            part="report",
            needs="buying stages",
            metrics=(),
        ),
        Toggle(
            "convert_report_currency",
            "Amounts of the report in other currencies",
            {False: "are excluded and counted", True: "are converted by fx_rates"},
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
