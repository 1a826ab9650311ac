"""The page of the cohort's buying stages, or engagement states, over the last 13 months or weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from segxl.messages import counted
from segxl.pages.cells import heading
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Chart, Page, Range, Row, Series
from segxl.pages.report.cells import column_sum, greyed, number_cell
from segxl.report.model import Number, Report, StatesIn, StatesOverTime
from segxl.report.states import STAGES
from segxl.units import COUNT

_LABEL_WIDTH, _WIDTH = 24.0, 10.0
_CHART_ROWS, _CHART_ROW_HEIGHT = 16, 16.0
_Role = Literal["step_1", "step_2", "step_3", "step_4", "step_5", "accent_2", "accent"]
_STAGES: tuple[_Role, ...] = ("step_1", "step_2", "step_3", "step_4", "step_5")
_STATES: tuple[_Role, ...] = ("step_1", "step_3", "step_5", "accent", "accent_2")
KEY = "over_time"


def over_time_page(report: Report, lists: AccountLists, subtitle: str) -> Page:
    """The chart and its table: buying stages stacked, as they are exclusive; engagement states as lines."""
    over_time, stages = report.over_time, report.choice.type == "buying-stage"
    weeks = report.choice.timeframes.analysis.kind == "week"
    what = "weeks" if weeks else "months"
    width = 1 + max(len(over_time.spans), 1)
    rows = heading("Stages over time" if stages else "Engagement over time", subtitle, width)
    by = "by highest buying stage" if stages else "in each engagement state (can be several)"
    words = (
        f"The accounts of this report's cohort {by} in each of the last {len(over_time.spans) or 13} {what}, the same "
        f"accounts throughout. {over_time.states[0]} is in the table only. Click a count to list its accounts."
    )
    rows[-1] = Row((Cell(words, "note", span=width),))
    if not over_time.spans:
        rows += [Row((Cell("Accounts by stage", "label"), Cell("n/a", "muted", tip=over_time.why)))]
        rows += greyed([("stages over time", over_time.why)], width)
        return Page(KEY, "Over time", tuple(rows), (_LABEL_WIDTH, *[_WIDTH] * 13))
    charts: tuple[Chart, ...] = ()
    if any(_known(one.counts) for one in over_time.spans):
        charts = (_chart(report, len(rows) + 1, len(rows) + _CHART_ROWS + 1, what),)
        rows += [Row(height=_CHART_ROW_HEIGHT) for _ in range(_CHART_ROWS)]
    rows.append(Row((Cell("Accounts", "header"), *(Cell(one.span.label, "header_right") for one in over_time.spans))))
    for rank in range(len(over_time.states) - 1, -1, -1):
        numbers = [
            number_cell(one.counts[rank], "value" if rank else "subvalue", lists)
            if one.counts
            else Cell("n/a", "muted", tip=one.why)
            for one in over_time.spans
        ]
        rows.append(Row((Cell(over_time.states[rank], "label" if rank else "sublabel"), *numbers)))
    if stages:
        top, end = len(rows) - len(STAGES) + 1, len(rows)
        sums = [
            Cell(
                sum(number.value or 0 for number in one.counts),
                "total",
                COUNT,
                formula=column_sum(KEY, column, top, end),
            )
            if one.counts
            else Cell(None, "total")
            for column, one in enumerate(over_time.spans, 2)
        ]
        rows.append(Row((Cell("Cohort", "total"), *sums)))
    rows += greyed([(one.span.label, one.why) for one in over_time.spans if one.why], width)
    missing = [(f"{state} in {_ends(labels)}", why) for (state, why), labels in _missing(over_time).items()]
    rows += greyed(missing, width)
    return Page(
        key=KEY,
        title="Over time",
        rows=tuple(rows),
        widths=(_LABEL_WIDTH, *[_WIDTH] * len(over_time.spans)),
        charts=charts,
        one_paper=True,
    )


def _known(counts: Sequence[Number] | None) -> bool:
    return counts is not None and any(number.value is not None for number in counts[1:])


def _chart(report: Report, row: int, header: int, what: str) -> Chart:
    """The states without the lowest, which is often most of the cohort and would flatten them."""
    over_time, stages = report.over_time, report.choice.type == "buying-stage"
    states, by = over_time.states[1:], "buying stage" if stages else "engagement state"
    last = 1 + len(over_time.spans)
    lines = {state: header + 1 + at for at, state in enumerate(reversed(states))}
    known = [one for one in over_time.spans if _known(one.counts)]
    ends = [
        f"{one.span.label}: "
        + ", ".join(
            f"{state} {number.unit.text(number.shown)}"
            for state, number in zip(states, (one.counts or ())[1:], strict=True)
        )
        for one in (known[0], known[-1])
    ]
    return Chart(
        kind="column" if stages else "line",
        title=_message(report, known),
        subtitle="",
        categories=Range(KEY, header, header, 2, last),
        series=tuple(
            Series(state, Range(KEY, lines[state], lines[state], 2, last), role)
            for state, role in zip(states, _STAGES if stages else _STATES, strict=True)
        ),
        unit=COUNT,
        row=row,
        column=1,
        width=28.0,
        height=8.6,
        alt=f"Accounts by {by} in the last {len(over_time.spans)} {what}. {'; '.join(ends)}",
        stacked=stages,
    )


def _message(report: Report, known: Sequence[StatesIn]) -> str:
    """The chart's message, from its first to its last period: the accounts with a stage, or the state that changed the
    most."""
    if report.choice.type == "buying-stage":
        first, last = known[0], known[-1]
        one, other = (sum(number.value or 0 for number in (part.counts or ())[1:]) for part in (first, last))
        return f"Accounts with a buying stage: {one:,} in {first.span.name}, {other:,} in {last.span.name}"
    changes = []
    for rank, state in enumerate(report.over_time.states[1:], 1):
        counts = [(one.span.name, one.counts[rank].value) for one in known if one.counts]
        spans = [(label, value) for label, value in counts if value is not None]
        if spans:
            changes.append((abs(spans[-1][1] - spans[0][1]), state, spans[0], spans[-1]))
    _, state, (then, before_count), (now, count) = max(changes, key=lambda one: one[0])
    return f"{state}: {counted(before_count, 'account')} in {then}, {count:,} in {now}"


def _missing(over_time: StatesOverTime) -> dict[tuple[str, str], list[str]]:
    """The periods in which a state is unknown, by the state and the reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in over_time.spans:
        for state, number in zip(over_time.states, one.counts or (), strict=False):
            if number.value is None:
                found.setdefault((state, number.why), []).append(one.span.label)
    return found


def _ends(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
