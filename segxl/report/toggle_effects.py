"""Toggle effects: the report's numbers with the other value of each toggle, computed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from segxl.report.compute import again
from segxl.report.model import Number, Report
from segxl.report.working import Working
from segxl.settings.toggles import Effect, ReportNeeds, Turned, toggles_of


@dataclass(frozen=True)
class NumberEffect(Effect[Number]):
    """The effect of a toggle on a number of the report."""

    name: str


def turned(report: Report, working: Working) -> tuple[Turned[NumberEffect], ...]:
    """Every toggle that touches the report. With ``unstaged_can_increase = true`` an account that had no stage and is
    now in Target has increased; with "false" it has not: a difference of -1."""
    found = []
    for toggle in toggles_of("report"):
        value = getattr(working.presence.dataset.settings.toggles, toggle.name)
        why = _IDLE[cast(ReportNeeds, toggle.needs)](report)
        effects: tuple[NumberEffect, ...] = ()
        if not why:
            other = again(working, {toggle.name: toggle.other(value)})
            pairs = zip(_numbers(report), _numbers(other), strict=True)
            compared = (NumberEffect(as_set, then, name) for (name, as_set), (_, then) in pairs)
            effects = tuple(effect for effect in compared if effect.differs)
        found.append(Turned(toggle, value, why, effects))
    return tuple(found)


def _numbers(report: Report) -> Iterator[tuple[str, Number]]:
    """The numbers of the report with their names, always the same ones in the same order."""
    summary = report.summary
    rose = "Increased buying stage" if report.choice.type == "buying-stage" else "More engaged"
    yield rose, summary.increased
    yield "Net change of engaged accounts", summary.net_engaged
    yield "New pipeline", summary.new_pipeline
    yield "Total won", summary.total_won
    for line in report.performance:
        yield f"{line.state}: accounts in the baseline", line.baseline
        yield f"{line.state}: accounts in the analysis", line.analysis
        yield f"{line.state}: new pipeline", line.new_pipeline
        yield f"{line.state}: total won", line.total_won
        yield f"{line.state}: new pipeline in the baseline", line.baseline_new_pipeline
        yield f"{line.state}: total won in the baseline", line.baseline_total_won
    for source in report.activities:
        yield f"{source.line.panel}, {source.line.label}: new pipeline influenced", source.new_pipeline
        yield f"{source.line.panel}, {source.line.label}: total won influenced", source.total_won


def _no_source(source: str, words: str) -> Callable[[Report], str]:
    def idle(report: Report) -> str:
        if report.choice.type == "buying-stage":
            return "the buying-stage report has no engagement states"
        return "" if source in report.choice.sources else f"the data has no {words}"

    return idle


def _no_stages(report: Report) -> str:
    if report.choice.type != "buying-stage":
        return "the engagement report has no buying stages"
    return "" if report.choice.environment.predictive else "there are no buying stages"


def _no_foreign(report: Report) -> str:
    if report.choice.environment.no_opportunities:
        return "there are no opportunities"
    foreign = report.summary.foreign or report.toggles["convert_report_currency"]
    return "" if foreign else "all opportunities of the cohort are in the reporting currency"


_IDLE: Mapping[ReportNeeds, Callable[[Report], str]] = {
    "G2 intent": _no_source("g2_intent", "G2 intent"),
    "known web visits": _no_source("known_web", "known web visit"),
    "buying stages": _no_stages,
    "foreign amounts": _no_foreign,
}
"""The reason why a toggle has no effect on a report: missing data; blank if it can have one."""
