"""The report's headline: one sentence from its numbers, with the timeframe that they are compared with."""

from __future__ import annotations

from collections.abc import Sequence

from segxl.messages import counted, listed
from segxl.report.findings import engaged, none_left
from segxl.report.mcnemar import CLEAR, mcnemar
from segxl.report.model import Number, Report
from segxl.report.states import KNOWN, KNOWN_SOURCES
from segxl.units import MINUS, RATE

_LARGEST = 9.995
"""From this change on, only the base was small."""
_SMALL = 0.0095
"""Smaller changes have a decimal."""
_ENOUGH, _FEW = 0.05, 5
"""From this part on, a change that the others hide is named."""


def headline(report: Report) -> str:
    """``Against Sep 2026: 160 accounts moved up, 117 down; new pipeline 5,732k (+12%), won 3,764k (+50%).``

    The engagement report has the change of engaged accounts in place of the first part. An amount whose change reverses
    without the accounts that have no buying stage says so: ``(+12%, but −7% from accounts with a stage)``.
    """
    amounts = [
        _amount(report, name, key)
        for name, key in (("new pipeline", "new_pipeline"), ("won", "total_won"))
        if getattr(report.summary, key).value is not None
    ]
    parts = (_engaged(report) or moved(report), _known(report), ", ".join(amounts))
    words = "; ".join(part for part in parts if part)
    return f"Against {report.choice.timeframes.baseline.name}: {words}." if words else ""


def moved(report: Report) -> str:
    """The number of accounts that moved, and whether that may be chance, as text; blank if it cannot be measured."""
    up, down = report.summary.increased.value, report.summary.decreased.value
    if up is None or down is None:
        return ""
    if up == down == 0:
        anyone = any(line.baseline.value or line.analysis.value for line in report.performance[1:])
        return "no account moved" if anyone else ""
    if mcnemar(up, down) >= CLEAR:
        what = "buying stages" if report.choice.type == "buying-stage" else "engagement"
        return f"no clear change in {what} ({up:,} up, {down:,} down: may be chance)"
    words = "moved up" if report.choice.type == "buying-stage" else "became more engaged"
    other = "down" if report.choice.type == "buying-stage" else "less engaged"
    return f"{counted(up, 'account')} {words}, {down:,} {other}"


def _engaged(report: Report) -> str:
    """``engaged accounts fell by 20 to 892 (363 in, 383 out: may be chance)``; in the engagement report alone. Where
    Known Engagement, which says so itself, has no part of the headline: whether an activity has no accounts left."""
    levels = engaged(report)
    if levels is None or levels == (0, 0):
        return ""
    before, now = levels
    gained, lost = report.summary.gained.value or 0, report.summary.lost.value or 0
    way = "rose" if now > before else "fell"
    words = (
        f"engaged accounts {way} by {abs(now - before):,} to {now:,}"
        if gained != lost
        else f"{now:,} engaged accounts as before"
    )
    if gained or lost:
        chance = ": may be chance" if gained != lost and mcnemar(gained, lost) >= CLEAR else ""
        words += f" ({gained:,} in, {lost:,} out{chance})"
    return words if _known(report) else words + _doubt(report)


def _doubt(report: Report, sources: Sequence[str] | None = None) -> str:
    """`` (Trade Shows: none in Oct 2026)``, of activities of ``sources``: an import that stopped looks like a fall."""
    none = [
        line.line.name
        for line in none_left(report)
        if line.line.kind != "reach" and (sources is None or set(line.line.sources) & set(sources))
    ]
    return f" ({listed(none, 2)}: none in {report.choice.timeframes.analysis.name})" if none else ""


def _known(report: Report) -> str:
    """``Known Engagement −81 (Trade Shows: none in Oct 2026)``, from 5% and 5 accounts on; in the engagement
    report alone."""
    line = next((one for one in report.performance if one.state == KNOWN), None)
    if line is None or line.analysis.value is None or not line.baseline.value:
        return ""
    change = line.analysis.value - line.baseline.value
    if abs(change) < _FEW or abs(change) / line.baseline.value < _ENOUGH:
        return ""
    words = f"{KNOWN} {change:+,}".replace("-", MINUS)
    return words + _doubt(report, KNOWN_SOURCES)


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


def _amount(report: Report, name: str, key: str) -> str:
    now, before = getattr(report.summary, key), getattr(report.summary, f"baseline_{key}")
    change = change_text(now, before)
    if change and report.choice.type == "buying-stage":
        staged, was = (_with_stage(report, one) for one in (key, f"baseline_{key}"))
        if _reverses(now.value - before.value, staged, was):
            change += f", but {change_text(Number(staged), Number(was))} from accounts with a stage"
    sign = MINUS if (now.value or 0) < 0 else ""
    return f"{name} {sign}{report.money(now.value or 0)}" + (f" ({change})" if change else "")


def _with_stage(report: Report, key: str) -> int | None:
    """An amount of the accounts that have a buying stage; None if it is unknown."""
    values = [getattr(line, key).value for line in report.performance[1:]]
    return None if None in values else sum(values)


def _reverses(change: int, now: int | None, before: int | None) -> bool:
    """Whether a part moved the other way, by 5% or more."""
    if now is None or not before or before < 0:
        return False
    return (now - before) * change < 0 and abs(now - before) >= _ENOUGH * before
