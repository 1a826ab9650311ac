"""The page of activities by source: distinct accounts with each activity, and what their opportunities are worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segxl.pages.cells import heading
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.model import Cell, Page, Row
from segxl.pages.report.cells import number_cell
from segxl.report.definitions import PANEL_DEFINITIONS
from segxl.report.model import Report, SourceLine
from segxl.units import COUNT, RATE

_WIDTHS = (34.0, 12.0, 12.0, 12.0, 11.0, 17.0, 17.0, 66.0)


def activities_page(report: Report, lists: AccountLists, subtitle: str) -> Page:
    """Every line, by activity type and then by team."""
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
    rows.append(Row((*cells, Cell("Definition", "header")), height=30))
    if report.activities[0].new_pipeline.why and report.choice.environment.no_opportunities:
        why = report.choice.environment.no_opportunities
        rows.append(Row((Cell(f"Influenced pipeline and won are not available: {why}", "note", span=width),)))
    rows.append(Row((Cell("By activity type", "heading", span=width),)))
    panels = list(dict.fromkeys(line.line.panel for line in report.activities))
    for panel in panels:
        rows += _lines([line for line in report.activities if line.line.panel == panel], lists)
    rows.append(Row())
    rows.append(Row((Cell("By team", "heading", span=width),)))
    for team in ("Marketing", "Sales"):
        rows.append(Row((Cell(team, "header", span=width),)))
        rows += _lines([line for line in report.activities if line.line.team == team], lists, folded=True)
    return Page(
        key="activities",
        title="Activities",
        rows=tuple(rows),
        widths=_WIDTHS,
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
    )


def _lines(lines: Sequence[SourceLine], lists: AccountLists, *, folded: bool = False) -> Iterable[Row]:
    for line in lines:
        top = line.line.total or line.line.team == "Sales"
        label, style = ("label", "value") if top else ("sublabel", "subvalue")
        if not line.available:
            missing = [Cell("n/a", "muted") for _ in range(6)]
            name = Cell(line.line.label, "note" if top else label)
            yield Row((name, *missing, Cell(line.why, "note")), level=int(folded and not top))
            continue
        remark = PANEL_DEFINITIONS[line.line.panel] if top else ""
        unavailable = f"n/a: {line.why}. " if line.why else ""
        rows = f"{line.line.kind} of {', '.join(line.line.sources)}"
        yield Row(
            (
                Cell(line.line.label, label),
                number_cell(line.baseline, style, lists),
                number_cell(line.analysis, style, lists),
                *_source_change(line, style),
                number_cell(line.new_pipeline, style, lists),
                number_cell(line.total_won, style, lists),
                Cell(f"{unavailable}{remark} Rows: {rows}.".strip(), "note"),
            ),
            level=int(folded and not top),
        )


def _source_change(line: SourceLine, style: str) -> Iterable[Cell]:
    if line.analysis.value is None or line.baseline.value is None:
        yield from (Cell("n/a", "muted") for _ in range(2))
        return
    change = line.analysis.value - line.baseline.value
    look = style if not change else "good" if change > 0 else "bad"
    yield Cell(change, look, COUNT.change(None if not change else change > 0))
    if line.change is None:
        yield Cell(line.change_why, "muted")
    else:
        yield Cell(float(line.change), look, RATE)
