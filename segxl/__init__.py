"""segxl: segment scorecards and segment performance reports from raw CRM exports.

    import segxl

    dataset = segxl.load("exports")
    scorecard = segxl.segment_scorecard(dataset, "2026-10", ["All accounts"])
    scorecard.segments["All accounts"].metrics["win_rate_count"].total.current.value

Importing segxl loads nothing heavy; each name below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from segxl._version import __version__
from segxl.errors import SegxlError

if TYPE_CHECKING:
    from segxl.api import load, performance_report, segment_scorecard, write_performance_report, write_scorecard

__all__ = [
    "SegxlError",
    "__version__",
    "load",
    "performance_report",
    "segment_scorecard",
    "write_performance_report",
    "write_scorecard",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("segxl.api"), name)
    raise AttributeError(f"module 'segxl' has no attribute {name!r}")
