"""The report's headline: one sentence from its numbers, with the timeframe that they are compared with."""

from __future__ import annotations

from segxl.report.model import Number, Report
from segxl.units import MINUS, RATE, short_text

_LARGEST = 9.995
"""From this change on, only the base was small."""
_SMALL = 0.0095
"""Smaller changes have a decimal."""


def headline(report: Report) -> str:
    """``Against Sep 2026: 160 accounts moved up, 117 down; new pipeline 5.73m USD (+12%), won 3.76m USD (+50%).``"""
    summary = report.summary
    amounts = [
        _amount(name, now, before, report.currency)
        for name, now, before in (
            ("new pipeline", summary.new_pipeline, summary.baseline_new_pipeline),
            ("won", summary.total_won, summary.baseline_total_won),
        )
        if now.value is not None
    ]
    words = "; ".join(part for part in (moved(report), ", ".join(amounts)) if part)
    return f"Against {report.choice.timeframes.baseline.name}: {words}." if words else ""


def moved(report: Report) -> str:
    """The number of accounts that moved, as text; blank if it cannot be measured."""
    up, down = report.summary.increased.value, report.summary.decreased.value
    if up is None or down is None:
        return ""
    if up == down == 0:
        anyone = any(line.baseline.value or line.analysis.value for line in report.performance[1:])
        return "no account moved" if anyone else ""
    words = "moved up" if report.choice.type == "buying-stage" else "became more engaged"
    other = "down" if report.choice.type == "buying-stage" else "less engaged"
    return f"{up:,} account{'' if up == 1 else 's'} {words}, {down:,} {other}"


def change_text(now: Number, before: Number) -> str:
    """The change on another number, such as +12%; >+999% where the base is small, blank where it is zero or unknown."""
    if now.value is None or before.value is None or before.value <= 0:
        return ""
    change = now.value / before.value - 1
    if change >= _LARGEST:
        return ">+999%"
    if RATE.vanishes(change) or not change:
        return "no change"
    return f"{change:+.{0 if abs(change) >= _SMALL else 1}%}".replace("-", MINUS)


def _amount(name: str, now: Number, before: Number, currency: str) -> str:
    change = change_text(now, before)
    sign = MINUS if (now.value or 0) < 0 else ""
    return f"{name} {sign}{short_text(now.value or 0)} {currency}" + (f" ({change})" if change else "")
