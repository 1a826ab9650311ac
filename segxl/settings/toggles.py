"""Toggles: definitions with two accepted versions, each declared once with its two values.

To add one, declare it in :data:`TOGGLES` and ask ``settings.toggles.NAME`` where the choice is made: in a fact, so that
:mod:`segxl.facts.tracked` sees which facts read it, never in :mod:`segxl.dataset`, whose tables stay as they are when a
toggle is turned. The setting, its help, the sheet, the page *Toggles* and the numbers to recompute all come from the
declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, Literal, Protocol, TypeVar, get_args

Value = str | bool
Document = Literal["scorecard", "report"]
ScorecardNeeds = Literal["members with dates", "subscriptions", "revenue", "history"]
ReportNeeds = Literal["buying stages", "G2 intent", "known web visits", "foreign amounts"]
NEEDS: Mapping[Document, frozenset[str]] = {
    "scorecard": frozenset(get_args(ScorecardNeeds)),
    "report": frozenset(get_args(ReportNeeds)),
}
"""The data that a toggle of each document needs to matter."""


@dataclass(frozen=True, kw_only=True)
class Toggle:
    """A setting under ``[toggles]``. No property has a default.

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
    part: Document
    needs: ScorecardNeeds | ReportNeeds
    metrics: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.needs not in NEEDS[self.part]:
            raise ValueError(f"toggle {self.name}: a {self.part} cannot need {self.needs}")
        if set(self.readings) != {True, False} and not (
            len(self.readings) == 2 and all(isinstance(reading, str) for reading in self.readings)
        ):
            raise ValueError(f"toggle {self.name}: values are true and false, or two words; found {[*self.readings]}")

    @property
    def default(self) -> Value:
        """The default value."""
        return next(iter(self.readings))

    def other(self, value: object) -> Value:
        """The value that is not in use."""
        return next(reading for reading in self.readings if reading != value)

    def words(self, value: object) -> str:
        """``event (for an event its own day …)``."""
        said = next(words for reading, words in self.readings.items() if reading == value)
        return f"{value_word(value)} ({said})"

    def in_words(self, value: object) -> str:
        """``Returning customers in net revenue retention: included, with their later changes``."""
        return f"{self.question}: {next(words for reading, words in self.readings.items() if reading == value)}"


def changed_toggles(values: Mapping[str, object]) -> str:
    """The toggles that are not at their defaults, as text; ``all defaults`` without any."""
    changed = [TOGGLES[name].in_words(value) for name, value in values.items() if value != TOGGLES[name].default]
    return "; ".join(changed) or "all defaults"


class _HasValue(Protocol):
    @property
    def value(self) -> int | Fraction | None: ...


Number = TypeVar("Number", bound=_HasValue)


@dataclass(frozen=True)
class Effect(Generic[Number]):
    """A number with the toggles in use (``as_set``), and with one toggle on its other value (``other``)."""

    as_set: Number
    other: Number

    @property
    def difference(self) -> int | Fraction | None:
        """The number with the other value less the one in use; None if either is unavailable."""
        if self.as_set.value is None or self.other.value is None:
            return None
        return self.other.value - self.as_set.value

    @property
    def differs(self) -> bool:
        """Whether the other value changes the number, or its availability."""
        return self.as_set.value != self.other.value


AnEffect = TypeVar("AnEffect", bound=Effect[Any])


@dataclass(frozen=True)
class Turned(Generic[AnEffect]):
    """The effect of a toggle on a document: its numbers with the value in use (``value``) and with the other one.

    ``why`` gives the reason if the toggle cannot matter; then there are no ``effects``.
    """

    toggle: Toggle
    value: Value
    why: str
    effects: tuple[AnEffect, ...]

    @property
    def other(self) -> Value:
        """The value that is not in use."""
        return self.toggle.other(self.value)


TOGGLES: Mapping[str, Toggle] = {
    toggle.name: toggle
    for toggle in (
        Toggle(
            name="membership",
            question="Date of segment membership",
            readings={
                "event": "the day of each event; for balances, the last day of the window",
                "period_end": "the last day of the window, for everything",
            },
            part="scorecard",
            needs="members with dates",
            metrics=(),
        ),
        Toggle(
            name="subscription_end",
            question="Meaning of a subscription's end date",
            readings={
                "exclusive": "the first day without the subscription",
                "inclusive": "the last day of the subscription",
            },
            part="scorecard",
            needs="subscriptions",
            metrics=("customers", "churned_customers", "mrr", "nrr", "market_share"),
        ),
        Toggle(
            name="reactivation_in_nrr",
            question="Returning customers in net revenue retention",
            readings={False: "excluded", True: "included, with their later changes"},
            part="scorecard",
            needs="revenue",
            metrics=("nrr",),
        ),
        Toggle(
            name="strict_stages",
            question="Skipped stages in phase conversion",
            readings={False: "count as advanced", True: "are ignored: only recorded stages count"},
            part="scorecard",
            needs="history",
            metrics=("phase_conversion",),
        ),
        Toggle(
            name="g2_in_intent_state",
            question="G2 intent in the engagement state Intent",
            readings={False: "excluded: it counts as an activity only", True: "included"},
            part="report",
            needs="G2 intent",
            metrics=(),
        ),
        Toggle(
            name="known_web_is_known",
            question="Known web visits in the state Known Engagement",
            readings={True: "included", False: "excluded"},
            part="report",
            needs="known web visits",
            metrics=(),
        ),
        Toggle(
            name="unstaged_can_increase",
            question="Accounts without a baseline stage in Increased buying stage",
            readings={
                True: "included: no stage ranks below Target",
                False: "excluded: a stage is needed in both timeframes",
            },
            part="report",
            needs="buying stages",
            metrics=(),
        ),
        Toggle(
            name="convert_report_currency",
            question="Amounts in other currencies in the report",
            readings={False: "are excluded, and listed", True: "are converted at fx_rates"},
            part="report",
            needs="foreign amounts",
            metrics=(),
        ),
    )
}
"""Every toggle by its key, in the order of the pages."""


def toggles_of(part: Document) -> tuple[Toggle, ...]:
    """The toggles that change a document."""
    return tuple(toggle for toggle in TOGGLES.values() if toggle.part == part)


def value_word(value: object) -> str:
    """A value as the settings write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
