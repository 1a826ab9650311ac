"""The page of the cohort's buying stages over the last 13 months or weeks."""

from __future__ import annotations

from typing import Literal

from segxl.pages.cells import heading
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Chart, Page, Range, Row, Series
from segxl.pages.report.cells import greyed, number_cell
from segxl.report.model import Report
from segxl.units import COUNT

_LABEL_WIDTH, _WIDTH = 20.0, 10.0
_CHART_ROWS, _CHART_ROW_HEIGHT = 16, 16.0
_ROLES: tuple[Literal["step_1", "step_2", "step_3", "step_4", "step_5"], ...] = (
    "step_1",
    "step_2",
    "step_3",
    "step_4",
    "step_5",
)
KEY = "over_time"


def over_time_page(report: Report, lists: AccountLists, subtitle: str) -> tuple[Page, ...]:
    """The page of the buying-stage report; none in the engagement report."""
    over_time = report.over_time
    if report.choice.type != "buying-stage":
        return ()
    weeks = report.choice.timeframes.analysis.kind == "week"
    what = "weeks" if weeks else "months"
    width = 1 + max(len(over_time.spans), 1)
    rows = heading("Stages over time", subtitle, width)
    words = (
        f"The accounts of this report's cohort by highest buying stage in each of the last "
        f"{len(over_time.spans) or 13} {what}. The accounts are the same throughout. Click a count to list them, "
        f"then filter the column."
    )
    rows[-1] = Row((Cell(words, "note", span=width),))
    if not over_time.spans:
        rows += [Row((Cell("Accounts by stage", "label"), Cell("n/a", "muted", tip=over_time.why)))]
        rows += greyed([("stages over time", over_time.why)], width)
        return (Page(KEY, "Over time", tuple(rows), (_LABEL_WIDTH, *[_WIDTH] * 13)),)
    charts: tuple[Chart, ...] = ()
    if any(one.counts for one in over_time.spans):
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
    sums = [
        Cell(sum(number.value or 0 for number in one.counts), "total", COUNT) if one.counts else Cell(None, "total")
        for one in over_time.spans
    ]
    rows.append(Row((Cell("Cohort", "total"), *sums)))
    rows += greyed([(one.span.label, one.why) for one in over_time.spans if one.why], width)
    page = Page(
        key=KEY,
        title="Over time",
        rows=tuple(rows),
        widths=(_LABEL_WIDTH, *[_WIDTH] * len(over_time.spans)),
        charts=charts,
        one_paper=True,
    )
    return (page,)


def _chart(report: Report, row: int, header: int, what: str) -> Chart:
    """The stages without No stage, which is often most of the cohort and would flatten them."""
    over_time = report.over_time
    stages = over_time.states[1:]
    last = 1 + len(over_time.spans)
    lines = {stage: header + 1 + at for at, stage in enumerate(reversed(stages))}
    known = [one for one in over_time.spans if one.counts]
    ends = [
        f"{one.span.label}: "
        + ", ".join(f"{stage} {number.shown}" for stage, number in zip(stages, (one.counts or ())[1:], strict=True))
        for one in (known[0], known[-1])
    ]
    return Chart(
        kind="column",
        title="Accounts with a buying stage",
        subtitle="by highest stage; No stage is in the table only",
        categories=Range(KEY, header, header, 2, last),
        series=tuple(
            Series(stage, Range(KEY, lines[stage], lines[stage], 2, last), role)
            for stage, role in zip(stages, _ROLES, strict=True)
        ),
        unit=COUNT,
        row=row,
        column=1,
        width=28.0,
        height=8.6,
        alt=f"Accounts by buying stage in the last {len(over_time.spans)} {what}. {'; '.join(ends)}",
        stacked=True,
    )
