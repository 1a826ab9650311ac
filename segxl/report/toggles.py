"""The report's toggles: what the other reading of each choice would make of its numbers, worked out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from segxl.readings import Toggle, Value
from segxl.report.compute import again
from segxl.report.model import Number, Report
from segxl.report.working import Working


@dataclass(frozen=True)
class ReportToggle(Toggle):
    """``idle``: why it cannot matter for a report; blank where it can."""

    idle: Callable[[Report], str]


@dataclass(frozen=True)
class Change:
    """A number of the report as the toggles are set, and with one of them turned."""

    name: str
    as_set: Number
    other: Number


@dataclass(frozen=True)
class Turned:
    """What a toggle does to a report: the numbers that differ; or ``why`` it cannot matter."""

    toggle: ReportToggle
    value: Value
    why: str
    changes: tuple[Change, ...]


def turned(report: Report, working: Working) -> tuple[Turned, ...]:
    """Every toggle that touches the report. With ``unstaged_can_increase = true`` an account that had no stage and is
    now in Target has increased; with "false" it has not: a difference of -1."""
    found = []
    for toggle in TOGGLES:
        value = working.presence.dataset.settings.toggles.model_dump()[toggle.name]
        why = toggle.idle(report)
        changes: tuple[Change, ...] = ()
        if not why:
            other = again(working, {toggle.name: toggle.other(value)})
            pairs = zip(_numbers(report), _numbers(other), strict=True)
            changes = tuple(
                Change(name, as_set, then) for (name, as_set), (_, then) in pairs if as_set.value != then.value
            )
        found.append(Turned(toggle, value, why, changes))
    return tuple(found)


def _numbers(report: Report) -> Iterator[tuple[str, Number]]:
    """The numbers of the report with their names, always the same ones in the same order."""
    summary = report.summary
    rose = "Increased buying stage" if report.choice.type == "buying-stage" else "Increase in engaged accounts"
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
            return "this report is by buying stage and has no engagement states"
        return "" if source in report.choice.sources else f"no {words} is in the data"

    return idle


def _no_stages(report: Report) -> str:
    if report.choice.type != "buying-stage":
        return "this report is by engagement state and has no buying stages"
    return "" if report.choice.environment.predictive else "there are no buying stages"


def _no_foreign(report: Report) -> str:
    if report.choice.environment.no_opportunities:
        return "there are no opportunities"
    foreign = report.summary.foreign or report.toggles["convert_report_currency"]
    return "" if foreign else "no opportunity of the cohort is in another currency"


TOGGLES: tuple[ReportToggle, ...] = (
    ReportToggle(
        "g2_in_intent_state",
        "Whether G2 intent puts an account into the state Intent",
        {False: "it does not; it stands among the activities alone", True: "it does"},
        _no_source("g2_intent", "G2 intent"),
    ),
    ReportToggle(
        "known_web_is_known",
        "Whether a known web visit is Known Engagement",
        {True: "it is", False: "it is not"},
        _no_source("known_web", "known web visit"),
    ),
    ReportToggle(
        "unstaged_can_increase",
        "Whether an account without a stage in the baseline can have increased",
        {True: "it can; no stage is below Target", False: "only accounts with a stage in both timeframes"},
        _no_stages,
    ),
    ReportToggle(
        "convert_report_currency",
        "What becomes of amounts in other currencies",
        {False: "they are left out and counted", True: "they are converted by fx_rates"},
        _no_foreign,
    ),
)
"""The toggles that touch the report, in the order of the page."""
