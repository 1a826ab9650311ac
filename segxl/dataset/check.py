"""A check of the numbers or of the data, as every page and document shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from segxl.dataset.warnings import DataWarning


@dataclass(frozen=True)
class Check:
    """A condition to check. ``expected`` and ``actual`` are plain numbers or words; ``difference`` is theirs if a
    tolerance is allowed."""

    name: str
    passed: bool
    expected: int | float | str
    actual: int | float | str
    detail: str = ""
    difference: int | float | None = None
    condition: bool = False
    """Whether a condition of the data fails it; ``detail`` is then the fix."""

    @property
    def failure(self) -> str:
        """The failed check, on one line."""
        return f"{self.name}: {self.detail if self.condition else f'expected {self.expected}, found {self.actual}'}"


def of_the_data(warnings: Iterable[DataWarning]) -> Iterable[Check]:
    """A failed check for each condition of the data that fails one."""
    return (Check(one.fails, False, 0, one.rows, one.text, condition=True) for one in warnings if one.fails)
