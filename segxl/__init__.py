"""segxl: segment scorecards and segment performance reports from raw CRM exports.

    import segxl

    analysis = segxl.load("exports")
    scorecard = analysis.scorecard("2026-10", ["All accounts"])
    scorecard.result.segments["All accounts"].metrics["win_rate_count"].total.current.value
    scorecard.write("packs", ["xlsx", "json"])
    analysis.report(type="engagement", analysis="2026-10").write("packs")

``import segxl`` is fast: each name below is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from segxl._version import __version__
from segxl.errors import SegxlError

if TYPE_CHECKING:
    from segxl.api import Analysis, ReportResult, ScorecardResult, load

__all__ = ["Analysis", "ReportResult", "ScorecardResult", "SegxlError", "__version__", "load"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("segxl.api"), name)
    raise AttributeError(f"module 'segxl' has no attribute {name!r}")
