"""The report's headline: one sentence from its numbers."""

from __future__ import annotations

from segxl.report.model import Number, Report
from segxl.units import RATE

_SCALES = ((10**9, "bn"), (10**6, "M"), (10**3, "k"))
_LARGEST = 9.995
"""From this change on, only the base was small."""


def headline(report: Report) -> str:
    """``160 accounts moved up, 117 down. New pipeline 5.7M USD (+12%), won 3.8M USD (+50%).``"""
    summary = report.summary
    amounts = [
        _amount(name, now, before, report.currency)
        for name, now, before in (
            ("New pipeline", summary.new_pipeline, summary.baseline_new_pipeline),
            ("won", summary.total_won, summary.baseline_total_won),
        )
        if now.value is not None
    ]
    sentences = [moved(report), ", ".join(amounts)]
    return " ".join(f"{words[:1].upper()}{words[1:]}." for words in sentences if words)


def moved(report: Report) -> str:
    """The number of accounts that moved, as text; blank if it cannot be measured."""
    up, down = report.summary.increased.value, report.summary.decreased.value
    if up is None or down is None:
        return ""
    if up == down == 0:
        return "no account moved"
    words = "moved up" if report.choice.type == "buying-stage" else "became more engaged"
    other = "down" if report.choice.type == "buying-stage" else "less engaged"
    return f"{up:,} account{'' if up == 1 else 's'} {words}, {down:,} {other}"


def short_amount(amount: int | float) -> str:
    """An amount in spoken form: 5.7M, 12k, 950."""
    for size, word in _SCALES:
        if round(abs(amount) / size, 1) >= 1:
            return f"{amount / size:,.1f}{word}"
    return f"{amount:,.0f}"


def change_text(now: Number, before: Number) -> str:
    """The change on the baseline, such as +12%; >+999% where the base is small, blank where it is zero or unknown."""
    if now.value is None or before.value is None or before.value <= 0:
        return ""
    change = now.value / before.value - 1
    if change >= _LARGEST:
        return ">+999%"
    return "no change" if RATE.vanishes(change) or not change else f"{change:+.0%}"


def _amount(name: str, now: Number, before: Number, currency: str) -> str:
    change = change_text(now, before)
    return f"{name} {short_amount(now.shown or 0)} {currency}" + (f" ({change})" if change else "")
