"""The segment performance report as JSON. Values are in units (not cents), changes are fractions, dates ISO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segxl.render.json.shared import checks_document, inputs_document, warnings_document, window_document, written
from segxl.report.findings import Finding
from segxl.report.headline import headline
from segxl.report.model import Movement, Number, Report, SourceLine, StateLine, StatesOverTime, Summary
from segxl.units import MONEY, RATE


def report_json(report: Report, said: Sequence[Finding] | None = None) -> str:
    """The document, with a line end; the same report gives the same text."""
    return written(report_document(report, said))


def report_document(report: Report, said: Sequence[Finding] | None = None) -> dict[str, Any]:
    """The document as plain values. With ``said``, the sentences of its first page, it has the headline too."""
    choice = report.choice
    timeframes = choice.timeframes
    settings: dict[str, Any] = {"name": report.name, "currency": report.currency, **report.settings}
    for name in ("as_of", "run_date"):
        if getattr(report, name):
            settings[name] = getattr(report, name)
    return {
        "kind": "report",
        "version": 1,
        "segxl": report.version,
        "type": choice.type,
        "segments": list(choice.segment_names),
        "product_category": choice.product_category,
        "environment": "+".join(choice.environment.flags),
        "baseline": window_document(timeframes.baseline.window),
        "analysis": window_document(timeframes.analysis.window),
        "timeframes": {"baseline": timeframes.baseline.label, "analysis": timeframes.analysis.label},
        "cohort": choice.cohort,
        "options": {**choice.options, "count_by": report.count_by},
        "settings": settings,
        "toggles": dict(report.toggles),
        **({} if said is None else {"headline": headline(report), "findings": [_finding(one) for one in said]}),
        "summary": _summary(report.summary),
        "performance": [_state(line) for line in report.performance],
        **{key: _movement(movement) for key, movement in report.movements.items()},
        **{key: _over_time(found, key.partition("_")[0]) for key, found in report.all_over_time.items()},
        "activities": [_source(line) for line in report.activities],
        "reconciliation": [
            {
                "name": step.name,
                "new_pipeline": step.new_pipeline.shown,
                "total_won": step.total_won.shown,
                "total": step.total,
            }
            for step in report.reconciliation
        ],
        "chance": [
            {"name": one.name, "up": one.up, "down": one.down, "p": one.p, "text": one.text} for one in report.chances
        ],
        "notes": list(report.notes),
        "checks": checks_document(report.checks),
        "warnings": warnings_document(report.warnings, report.currency),
        "inputs": inputs_document(report.ledger),
    }


def _finding(one: Finding) -> dict[str, Any]:
    """``severity`` 0 the worst, 9 good news; ``accounts`` and ``amount`` are those by which it is ranked."""
    return {
        "kind": one.rule,
        "text": one.text,
        "severity": one.severity,
        "favourable": one.favourable,
        "accounts": one.accounts,
        "amount": MONEY.shown(one.cents),
    }


def _movement(movement: Movement) -> dict[str, Any]:
    counts = None if movement.counts is None else [list(row) for row in movement.counts]
    return {"stages": list(movement.states), "counts": counts, "why": movement.why or None}


def _over_time(over_time: StatesOverTime, names: str) -> dict[str, Any]:
    """The 13 months or weeks, the earliest first; ``counts`` in the order of ``stages``, or of ``states``: ``names``
    says which of the two."""
    periods = [
        {
            "period": one.span.label,
            "window": window_document(one.span.window),
            "counts": None if one.counts is None else [number.shown for number in one.counts],
            "why": one.why or None,
        }
        for one in over_time.spans
    ]
    return {names: list(over_time.states), "periods": periods, "why": over_time.why or None}


def _summary(summary: Summary) -> dict[str, Any]:
    numbers = {
        "total_accounts": summary.total_accounts,
        "increased": summary.increased,
        "decreased": summary.decreased,
        "net_engaged": summary.net_engaged,
        "new_pipeline": summary.new_pipeline,
        "total_won": summary.total_won,
        "baseline_new_pipeline": summary.baseline_new_pipeline,
        "baseline_total_won": summary.baseline_total_won,
    }
    document: dict[str, Any] = {name: number.shown for name, number in numbers.items()}
    missing = {name: number.why for name, number in numbers.items() if number.value is None}
    amounts = summary.foreign.values()
    return document | {
        "excluded_currency": None
        if summary.new_pipeline.value is None
        else {
            "count": sum(count for count, _ in amounts),
            "amount": MONEY.shown(sum(cents for _, cents in amounts)),
            "by_currency": {
                word: {"count": count, "amount": MONEY.shown(cents)} for word, (count, cents) in summary.foreign.items()
            },
        },
        "excluded_no_account": summary.without_account,
        "excluded_retargeting": summary.retargeting,
        "excluded_zero": summary.zero,
        "excluded_irrelevant": summary.irrelevant,
        "excluded_blank_category": dict(summary.blank_categories),
        "blank_amounts": summary.blank_amounts,
        "why": missing,
    }


def _state(line: StateLine) -> dict[str, Any]:
    return {
        "state": line.state,
        "baseline": line.baseline.shown,
        "analysis": line.analysis.shown,
        "new_pipeline": line.new_pipeline.shown,
        "total_won": line.total_won.shown,
        "baseline_new_pipeline": line.baseline_new_pipeline.shown,
        "baseline_total_won": line.baseline_total_won.shown,
        "available": line.available,
        "why": line.why or _first_reason(line.baseline, line.analysis, line.new_pipeline, line.total_won),
    }


def _source(line: SourceLine) -> dict[str, Any]:
    document: dict[str, Any] = {
        "panel": line.line.panel,
        "team": line.line.team,
        "line": line.line.name,
        "baseline": line.baseline.shown,
        "analysis": line.analysis.shown,
        "change": None if line.change is None else RATE.shown(line.change),
        "new_pipeline": line.new_pipeline.shown,
        "total_won": line.total_won.shown,
        "available": line.available,
        "why": line.why or _first_reason(line.new_pipeline),
    }
    return document | ({"change_why": line.change_why} if line.change_why else {})


def _first_reason(*numbers: Number) -> str | None:
    return next((number.why for number in numbers if number.why), None)
