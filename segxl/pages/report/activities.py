"""The page of activities by source: distinct accounts with each activity, and what their opportunities are worth."""

from __future__ import annotations

from segxl.pages.cells import heading
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Formula, Page, Range, Row
from segxl.pages.report.cells import greyed, number_cell
from segxl.report.definitions import PANEL_DEFINITIONS
from segxl.report.model import Report, SourceLine
from segxl.units import COUNT, RATE

KEY = "activities"
_WIDTHS = (36.0, 14.0, 14.0, 14.0, 12.0, 18.0, 18.0)
_LARGEST = 9.995
"""Larger changes mean only that the base was small."""


def activities_page(report: Report, lists: AccountLists, subtitle: str) -> Page:
    """Every line, by activity type and then by team; the tip of its name is its definition."""
    width = len(_WIDTHS)
    rows = heading("Activities by source", subtitle, width)
    words = (
        f"Distinct cohort accounts with each activity. Influenced: opportunities created or won in the analysis by "
        f"accounts with that activity, {report.currency} only. An account with several activities is in several lines; "
        f"totals count it once, so lines do not add up to totals. Retargeting is excluded."
    )
    rows[-1] = Row((Cell(words, "note", span=width),))
    names = ("Activity", "Baseline accounts", "Analysis accounts", "Change", "Change %")
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
