"""The functions that Python code calls, and that every host of segxl calls too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segxl import publish
from segxl.dataset import Dataset, load
from segxl.facts.engine import Facts
from segxl.scorecard.compute import make
from segxl.scorecard.model import Scorecard

__all__ = ["load", "scorecard", "write_scorecard"]


def scorecard(
    dataset: Dataset,
    period: str | None = None,
    segments: Sequence[str] = (),
    *,
    allow_partial: bool = False,
) -> Scorecard:
    """The scorecard of a month ("2026-10") or a fiscal quarter ("2026-Q3"), for some segments or for all.

    Without a period, the latest available month that has data. Values are exact and in minor units (cents).

    Raises:
        SegxlError: the period is not available or has no data, or a segment does not exist.
    """
    return make(Facts(dataset), period, segments, allow_partial=allow_partial)[0]


def write_scorecard(
    dataset: Dataset,
    result: Scorecard,
    folder: str | Path,
    formats: Sequence[str] = ("xlsx",),
    *,
    overwrite: bool = False,
) -> list[Path]:
    """Write a workbook for each segment ("xlsx"), or one document for all ("json"); the paths are returned.

    Raises:
        SegxlError: a file exists with other contents, is open in Excel, or cannot be written.
    """
    written = publish.scorecard(Facts(dataset), result, Path(folder), formats, overwrite=overwrite)
    return [path for path, _ in written]
