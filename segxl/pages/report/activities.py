"""The page of activities by source: distinct accounts with each activity, and what their opportunities are worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segxl.pages.cells import heading
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Chart, Formula, Link, Page, Range, Row, Series
from segxl.pages.report.cells import LEFT, RIGHT, greyed, less, number_cell
from segxl.report.definitions import PANEL_DEFINITIONS
from segxl.report.model import Report, SourceLine
from segxl.units import COUNT, MINUS, RATE

KEY = "activities"
_WIDTHS = (36.0, 14.0, 14.0, 14.0, 12.0, 18.0, 18.0)
_LARGEST = 9.995
"""Larger changes mean only that the base was small."""
_MOVERS = 4
"""Activities that rose, and that fell, in the short table."""
_CHART_WIDTH = 15.0


def activities_page(report: Report, lists: AccountLists, subtitle: str) -> Page:
    """Every line, by activity type and then by team; the tip of its name is its definition."""
    width = len(_WIDTHS)
    rows = heading("Activities by source", subtitle, width)
    words = (
        f"Accounts of the cohort with each activity. Influenced: opportunities created or won in the analysis by "
        f"accounts with that activity, {report.currency} only. An account with several activities is in several lines; "
        f"totals count it once, so lines do not add up to totals. Retargeting is excluded."
    )
    rows[-1] = Row((Cell(words, "note", span=width),))
    frames = report.choice.timeframes
    names = ("Activity", frames.baseline.name, frames.analysis.name, "Change", "Change %")
    money = ("New pipeline influenced", "Total won influenced")
    header = len(rows) + 1
    cells = [Cell(name, "header" if name == "Activity" else "header_right") for name in (*names, *money)]
    rows.append(Row(tuple(cells), height=30))
    if report.activities[0].new_pipeline.why and report.choice.environment.no_opportunities:
        why = report.choice.environment.no_opportunities
        rows.append(Row((Cell(f"Influenced pipeline and won are not available: {why}", "note", span=width),)))
    rows.append(Row((Cell("By activity type", "heading", span=width),)))
    for line in report.activities:
        rows.append(_line(line, lists, len(rows) + 1))
    rows.append(Row())
    rows.append(Row((Cell("By team", "heading", span=width),)))
    for team in ("Marketing", "Sales"):
        rows.append(Row((Cell(team, "header", span=width),)))
        for line in report.activities:
            if line.line.team == team:
                rows.append(_line(line, lists, len(rows) + 1, folded=True))
    rows += greyed([(line.line.label, line.why) for line in report.activities if line.why], width)
    return Page(
        key=KEY,
        title="Activities",
        rows=tuple(rows),
        widths=_WIDTHS,
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
    )


def _line(line: SourceLine, lists: AccountLists, row: int, *, folded: bool = False) -> Row:
    top = line.line.total or line.line.team == "Sales"
    label, style = ("label", "value") if top else ("sublabel", "subvalue")
    counts = f"Rows: {line.line.kind} of {', '.join(line.line.sources)}."
    tip = f"{PANEL_DEFINITIONS[line.line.panel]} {counts}" if top else counts
    level = int(folded and not top)
    if not line.available:
        missing = [Cell("n/a", "muted", tip=line.why) for _ in range(6)]
        return Row((Cell(line.line.label, "note" if top else label, tip=tip), *missing), level=level)
    return Row(
        (
            Cell(line.line.label, label, tip=tip),
            number_cell(line.baseline, style, lists),
            number_cell(line.analysis, style, lists),
            *_change(line, style, row),
            number_cell(line.new_pipeline, style, lists, ("created", "analysis", "activities")),
            number_cell(line.total_won, style, lists, ("won", "analysis", "activities")),
        ),
        level=level,
    )


def _change(line: SourceLine, style: str, row: int) -> tuple[Cell, Cell]:
    """The change, and as a part of the baseline."""
    if line.analysis.value is None or line.baseline.value is None:
        return Cell("n/a", "muted"), Cell("n/a", "muted")
    change = line.analysis.value - line.baseline.value
    look = style if not change else "good" if change > 0 else "bad"
    before, after, changed = (Range(KEY, row, row, column, column) for column in (2, 3, 4))
    difference = COUNT.change(None if not change else change > 0)
    part = Formula(
        ("IF(", before, '=0,"N/M",IF(', changed, "/", before, f'>={_LARGEST},">999%",', changed, "/", before, "))")
    )
    percent: str | float = line.change_why if line.change is None else float(line.change)
    if isinstance(percent, float) and percent >= _LARGEST:
        percent = ">999%"
    return (
        Cell(change, look, difference, formula=Formula((after, "-", before))),
        Cell(percent, "muted" if isinstance(percent, str) else look, RATE, formula=part),
    )


def mover_rows(report: Report, lists: AccountLists) -> Iterable[Row]:
    """The activities with the largest rises and falls in accounts, for an area on the left."""
    yield Row((Cell("Activities that rose and fell the most, in accounts", "heading", span=LEFT),))
    found = movers(report.activities)
    if not found:
        known = any(line.available for line in report.activities)
        words = (
            "No activity has more or fewer accounts than in the baseline." if known else "No activities in the data."
        )
        yield Row((Cell(words, "note", span=LEFT),))
        return
    frames = report.choice.timeframes
    names = (frames.baseline.name, frames.analysis.name, "Change")
    yield Row((Cell("Activity", "header", span=2), None, *(Cell(name, "header_right") for name in names)))
    for line in found:
        change = (line.analysis.value or 0) - (line.baseline.value or 0)
        formula = less(lists.count_formula(line.analysis.accounts), lists.count_formula(line.baseline.accounts))
        look, unit = "good" if change > 0 else "bad", COUNT.change(change > 0)
        yield Row(
            (
                Cell(line.line.label, "label", link=Link(KEY, 1, 1), span=2),
                None,
                number_cell(line.baseline, "value", lists),
                number_cell(line.analysis, "value", lists),
                Cell(change, look, unit, formula=formula),
            )
        )


def mover_charts(report: Report, page: str, top: int) -> tuple[Chart, ...]:
    """Their changes as bars next to them; ``top`` is the row of their heading."""
    found = movers(report.activities)
    if not found:
        return ()
    first, last = top + 2, top + 1 + len(found)
    changes = {line.line.label: (line.analysis.value or 0) - (line.baseline.value or 0) for line in found}
    ends = (max(changes.items(), key=lambda one: one[1]), min(changes.items(), key=lambda one: one[1]))
    words = [f"{name} {change:+,}".replace("-", MINUS) for name, change in dict.fromkeys(ends)]
    chart = Chart(
        kind="bar",
        title=f"{', '.join(words)} accounts",
        subtitle="",
        categories=Range(page, first, last, 1, 1),
        series=(Series("Change", Range(page, first, last, 5, 5)),),
        unit=COUNT,
        row=top,
        column=RIGHT,
        width=_CHART_WIDTH,
        height=1.6 + 0.5 * len(found),
        alt="; ".join(f"{name} {change:+,}".replace("-", MINUS) for name, change in changes.items()),
    )
    return (chart,)


def movers(lines: Sequence[SourceLine]) -> list[SourceLine]:
    """The activities whose accounts rose the most, and those whose fell the most, from the largest rise to the largest
    fall; totals are not among them."""
    changes = [
        ((line.analysis.value or 0) - line.baseline.value, -at, line)
        for at, line in enumerate(lines)
        if not line.line.total and line.baseline.value is not None and line.analysis.value is not None
    ]
    ordered = sorted((one for one in changes if one[0]), key=lambda one: one[:2], reverse=True)
    up = [line for change, _, line in ordered if change > 0][:_MOVERS]
    return up + [line for change, _, line in ordered if change < 0][-_MOVERS:]
