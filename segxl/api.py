"""The functions that Python code calls, and that every host of segxl calls too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segxl import publish
from segxl.dataset import Dataset, load
from segxl.facts.engine import Facts
from segxl.facts.presence import Presence
from segxl.report.choices import Options
from segxl.report.compute import make as make_report
from segxl.report.model import Report
from segxl.report.working import Working
from segxl.scorecard.compute import make
from segxl.scorecard.model import Scorecard

__all__ = ["load", "performance_report", "segment_scorecard", "write_performance_report", "write_scorecard"]


def segment_scorecard(
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
    """Write a workbook ("xlsx") or a web page ("html") for each segment and over several of them the executive pack,
    or one document for all ("json"); the paths are returned.

    Raises:
        SegxlError: a file exists with other contents, is open in Excel, or cannot be written.
    """
    written = publish.scorecard(Facts(dataset), result, Path(folder), formats, overwrite=overwrite)
    return [path for path, _ in written]


def performance_report(dataset: Dataset, **options: Any) -> Report:
    """The segment performance report; options as in :class:`segxl.report.choices.Options`, each with its default.

    ``performance_report(dataset, type="engagement", segments=("Priority",), analysis="2026-10", cohort="analysis")``

    Raises:
        SegxlError: an option, a setting or the data does not allow it; the message says what to change.
    """
    return make_report(Presence(dataset), Options(**options))[0]


def write_performance_report(
    dataset: Dataset,
    result: Report,
    folder: str | Path,
    formats: Sequence[str] = ("xlsx",),
    *,
    overwrite: bool = False,
) -> list[Path]:
    """Write a workbook ("xlsx"), a web page ("html") or a document ("json"); the paths are returned.

    Raises:
        SegxlError: a file exists with other contents, is open in Excel, or cannot be written.
    """
    working = Working(Presence(dataset), result.choice)
    written = publish.report(result, working, Path(folder), formats, overwrite=overwrite)
    return [path for path, _ in written]
