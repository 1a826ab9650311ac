"""A toggle: a choice that the sources leave open, declared once with its two readings."""

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


def value_word(value: object) -> str:
    """A value as the settings write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
