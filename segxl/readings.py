"""A choice that the sources leave open, with its two readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Value = str | bool


@dataclass(frozen=True)
class Toggle:
    """A setting under ``[toggles]``: what it decides, and each of its two values with what it means."""

    name: str
    question: str
    readings: Mapping[Value, str]

    def other(self, value: object) -> Value:
        """The reading that is not set."""
        return next(reading for reading in self.readings if reading != value)

    def words(self, value: object) -> str:
        """``event (for an event its own day …)``."""
        said = next(words for reading, words in self.readings.items() if reading == value)
        return f"{value_word(value)} ({said})"


def value_word(value: object) -> str:
    """A value as the settings write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
