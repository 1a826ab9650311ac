"""Checks that every report carries: what must add up, counted in two ways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from segxl.dataset.check import Check, of_the_data
from segxl.report.model import WHEN, Number, Report, Selector, When
from segxl.report.states import STATES
from segxl.sources.conditions import RATES_CHECK
from segxl.units import MONEY

if TYPE_CHECKING:
    from segxl.report.working import Working


def run(report: Report, working: Working) -> tuple[Check, ...]:
    """All checks, without those about unavailable numbers."""
    return (
        _ledger(report),
        *_grid(report),
        *_cover(report, working),
        *_over_time(report),
        *_money(report),
        *_totals(report),
        _lists(report, working),
        *(() if any(one.fails == RATES_CHECK for one in report.warnings) else _rates(working)),
        *of_the_data(report.warnings),
    )


def _ledger(report: Report) -> Check:
    files = report.ledger.files
    accounted = sum(entry.used + sum(entry.excluded.values()) + entry.rejected_rows for entry in files)
    rows = sum(entry.rows for entry in files)
    return Check(
        "Every input row is accounted for",
        report.ledger.balanced,
        rows,
        accounted,
        "rows in = rows used + rows excluded by a rule + rows rejected",
    )


def _grid(report: Report) -> Iterable[Check]:
    """Grid total = cohort; rows = baseline distribution; columns = analysis distribution."""
    counts = report.movement.counts
    if counts is None:
        return
    total = report.summary.total_accounts.value or 0
    found = sum(map(sum, counts))
    yield Check("The movement grid adds up to the cohort", found == total, total, found, "each account is in one cell")
    if report.choice.type == "engagement":
        return  # its states are not exclusive: the grid is of highest states
    for when, sums in (
        ("baseline", [sum(row) for row in counts]),
        ("analysis", [sum(c) for c in zip(*counts, strict=True)]),
    ):
        numbers = [line.baseline if when == "baseline" else line.analysis for line in report.performance]
        expected = [number.value or 0 for number in numbers]
        part = "rows" if when == "baseline" else "columns"
        yield Check(
            f"The grid's {part} match the {when} distribution",
            sums == expected,
            ", ".join(map(str, expected)),
            ", ".join(map(str, sums)),
            "accounts in each stage, No stage first",
        )


def _cover(report: Report, working: Working) -> Iterable[Check]:
    """The stages add up to the cohort; No Engagement and the other states cover it."""
    if any(not line.available for line in report.performance if line.state in working.states[:1]):
        return
    total = report.summary.total_accounts.value or 0
    for when in WHEN:
        if working.by_stage:
            numbers = [_of(line.baseline, line.analysis, when).value for line in report.performance]
            if None in numbers:
                continue
            found = sum(number or 0 for number in numbers)
            yield Check(
                f"The stages of the {when} add up to the cohort", found == total, total, found, "each account once"
            )
        else:
            unavailable = working.unreached(working.window(when))
            shown = [line.state for line in report.performance if line.available and line.state not in unavailable]
            if working.states[0] not in shown:
                continue
            covered = np.logical_or.reduce([working.in_state(state, when) for state in shown]) & working.cohort
            found = int(covered.sum())
            yield Check(
                f"No Engagement and the other states add up to the cohort in the {when}",
                found == total,
                total,
                found,
                f"accounts in any of {len(shown)} states of {len(STATES)}",
            )


def _over_time(report: Report) -> Iterable[Check]:
    """Each month's stages add up to the cohort; the analysis timeframe's states are those of cohort performance."""
    total = report.summary.total_accounts.value or 0
    sums = [sum(one.value or 0 for one in period.counts) for period in report.over_time.spans if period.counts]
    if not sums:
        return
    if report.choice.type == "buying-stage":
        off = [found for found in sums if found != total]
        yield Check(
            "The stages of each of the last months or weeks add up to the cohort",
            not off,
            total,
            off[0] if off else total,
            f"{len(sums)} of {len(report.over_time.spans)} with stages in the data",
        )
    last = report.over_time.spans[-1]
    if last.span == report.choice.timeframes.analysis and last.counts:
        # Over time a month before the data is n/a, and not the 0 of a timeframe.
        pairs = [
            (line.analysis.value, one.value)
            for line, one in zip(report.performance, last.counts, strict=True)
            if one.value is not None
        ]
        expected, found = [one for one, _ in pairs], [other for _, other in pairs]
        yield Check(
            "The last month or week matches the analysis distribution",
            expected == found,
            ", ".join(map(str, expected)),
            ", ".join(map(str, found)),
            "accounts in each stage or state, the lowest first",
        )


def _money(report: Report) -> Iterable[Check]:
    """The states plus the reconciling line give the summary."""
    step = next((one for one in report.reconciliation if one.name == "Cohort performance"), None)
    if step is None or not report.performance[-1].available:
        return
    for name, expected in (("new pipeline", step.new_pipeline), ("total won", step.total_won)):
        numbers = [line.new_pipeline if name == "new pipeline" else line.total_won for line in report.performance]
        if all(number.value is None for number in numbers):
            continue
        found = sum(number.value or 0 for number in numbers)
        yield Check(
            f"The {name} by state reconciles to the summary",
            found == expected.value,
            MONEY.shown(expected.value or 0),
            MONEY.shown(found),
            "summary less Microsoft Dynamics and HubSpot",
        )


def _totals(report: Report) -> Iterable[Check]:
    """A total lies between its largest line and the sum of its lines."""
    for line in report.activities:
        if not line.line.total or not line.available:
            continue
        parts = [one for one in report.activities if one.line.panel == line.line.panel and not one.line.total]
        for when in WHEN:
            total = _of(line.baseline, line.analysis, when).value or 0
            counts = [_of(part.baseline, part.analysis, when).value or 0 for part in parts if part.available]
            yield _between(f"{line.line.name}, {when}", total, counts)


def _between(name: str, total: int, counts: list[int]) -> Check:
    least, most = max(counts, default=0), sum(counts)
    return Check(
        f"{name}: between its largest line and the sum of its lines",
        least <= total <= most,
        f"{least:,} to {most:,}",
        total,
        "a total counts each account once",
    )


def _lists(report: Report, working: Working) -> Check:
    """Every count equals the length of its account list."""
    numbers = list(_counts(report))
    off = [number for number in numbers if number.accounts and len(working.accounts(number.accounts)) != number.value]
    if (counts := report.movement.counts) is not None:
        for row, before in enumerate(working.states):
            for column, after in enumerate(working.states):
                selector = Selector("movement", before, after)
                number = Number(counts[row][column], selector)
                numbers.append(number)
                if len(working.accounts(selector)) != number.value:
                    off.append(number)
    return Check(
        "Every count equals its account list",
        not off,
        len(numbers),
        len(numbers) - len(off),
        "counts compared with their lists",
    )


def _counts(report: Report) -> Iterable[Number]:
    summary = report.summary
    yield from (summary.total_accounts, summary.increased, summary.decreased, summary.gained, summary.lost)
    for line in report.performance:
        yield from (line.baseline, line.analysis)
    for source in report.activities:
        yield from (source.baseline, source.analysis)
    for period in report.over_time.spans:
        yield from period.counts or ()


def _rates(working: Working) -> Iterable[Check]:
    if not working.presence.dataset.settings.toggles.convert_report_currency:
        return
    lacking = working.deals.lacking_rates(working.window("analysis"))
    yield Check(
        RATES_CHECK,
        lacking == 0,
        0,
        lacking,
        "opportunities of the analysis timeframe without a rate in fx_rates; their amounts are excluded",
    )


def _of(baseline: Number, analysis: Number, when: When) -> Number:
    return baseline if when == "baseline" else analysis
