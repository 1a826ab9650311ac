"""The scorecard as JSON. Values are in units (not cents), percentages are fractions, dates ISO."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from segxl.catalogue.metric import Metric
from segxl.dataset.warnings import DataWarning
from segxl.periods import Window
from segxl.scorecard.model import (
    Amount,
    Check,
    Comparison,
    Coverage,
    Executive,
    Figure,
    Line,
    LineEffect,
    MetricResult,
    Overlaps,
    PipelineStatus,
    Plan,
    Scorecard,
    Statement,
)
from segxl.scorecard.pipeline_status import NO_CHANCE
from segxl.sources.ledger import Ledger
from segxl.units import MONEY, Unit


def scorecard_json(scorecard: Scorecard) -> str:
    """The document, with a line end; the same scorecard gives the same text."""
    return json.dumps(scorecard_document(scorecard), indent=1, ensure_ascii=False) + "\n"


def scorecard_document(scorecard: Scorecard) -> dict[str, Any]:
    """The document as plain values."""
    period = scorecard.period
    settings: dict[str, Any] = {"name": scorecard.name, "currency": scorecard.currency, **scorecard.settings}
    for name in ("as_of", "run_date"):
        if getattr(scorecard, name):
            settings[name] = getattr(scorecard, name)
    change = "mom" if period.kind == "month" else "qoq"
    return {
        "kind": "scorecard",
        "version": 1,
        "segxl": scorecard.version,
        "period": {"kind": period.kind, "label": period.label, "window": window_document(period.window)},
        "settings": settings,
        "toggles": dict(scorecard.toggles),
        "toggle_effects": _toggle_effects(scorecard),
        "segments": {
            name: {
                "metrics": {key: _metric(result, change) for key, result in segment.metrics.items()},
                "bridge": _bridge(segment.bridge),
                "mrr_rollforward": _bridge(segment.mrr_rollforward),
                "pipeline_status": _status(segment.pipeline_status),
            }
            for name, segment in scorecard.segments.items()
        },
        **({"executive": _executive(scorecard.executive, change)} if scorecard.executive else {}),
        "checks": checks_document(scorecard.checks),
        "warnings": warnings_document(scorecard.warnings, scorecard.currency),
        "inputs": inputs_document(scorecard.ledger),
    }


def _toggle_effects(scorecard: Scorecard) -> dict[str, Any]:
    """By toggle: the reading in use, the other one, and by segment each affected number under both; or why it has no
    effect."""
    found: dict[str, Any] = {}
    for name, segment in scorecard.segments.items():
        for turned in segment.toggle_effects:
            entry = found.setdefault(turned.toggle.name, {"set": turned.value, "other": turned.other, "segments": {}})
            numbers = [_effect(one) for one in turned.effects]
            entry["segments"][name] = {"numbers": numbers} | ({"why": turned.why} if turned.why else {})
    return found


def _effect(effect: LineEffect) -> dict[str, Any]:
    unit = effect.as_set.unit
    item = {"item": effect.item} if effect.cut.each else {}
    return {
        "metric": effect.metric.key,
        "view": effect.view,
        **item,
        "value": _number(effect.as_set.value, unit),
        "other": _number(effect.other.value, unit),
        "difference": _number(effect.difference, unit),
    }


def checks_document(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Checks as every document of segxl has them."""
    return [
        {"name": check.name, "passed": check.passed, "expected": check.expected, "actual": check.actual}
        | ({} if check.difference is None else {"difference": check.difference})
        for check in checks
    ]


def warnings_document(warnings: Iterable[DataWarning], currency: str) -> list[dict[str, Any]]:
    """The conditions of the data that can change the document's numbers.

    ``rows`` is 0 for one of a whole table. ``amount`` is what its rows in the reporting currency are worth, ``amounts``
    what they are worth in each currency.
    """
    return [
        {
            "kind": one.condition.kind,
            "severity": "check" if one.fails else "warning",
            "table": one.condition.table,
            "file": one.condition.file,
            "rows": one.rows,
            "amount": MONEY.shown(one.amounts[currency]) if currency in one.amounts else None,
            "amounts": {name: MONEY.shown(cents) for name, cents in one.amounts.items()},
            "message": one.message,
            "fix": one.condition.fix,
        }
        for one in warnings
    ]


def inputs_document(ledger: Ledger) -> list[dict[str, Any]]:
    """The files and what became of their rows, as every document of segxl has them."""
    return [
        {
            "file": entry.file,
            "table": entry.table,
            "rows": entry.rows,
            "used": entry.used,
            "excluded": sum(entry.excluded.values()),
            "rejected": entry.rejected_rows,
            "sha256": entry.sha256,
            "excluded_by": dict(entry.excluded),
            "notes": list(entry.notes),
            "warnings": [condition.text() for condition in entry.conditions],
        }
        for entry in ledger.files
    ]


def window_document(window: Window) -> list[str]:
    """First and last day of a window."""
    return [window.start.isoformat(), window.end.isoformat()]


def _bridge(lines: Mapping[str, int] | None) -> dict[str, Any]:
    """Each line without its sign; the names show which are subtracted."""
    if lines is None:
        return {"value": None, "why": "n/a"}
    return {name: MONEY.shown(cents) for name, cents in lines.items()}


def _executive(executive: Executive, change: str) -> dict[str, Any]:
    return {
        "rows": [
            {
                "segment": row.segment,
                "metrics": {
                    key: _figure(found.line.current)
                    | {name: one for name, one in _columns(found.line, change).items() if name in (change, "yoy")}
                    | {
                        "trend": [
                            {
                                "month": f"{figure.window.end:%Y-%m}",
                                "value": _number(figure.value, figure.unit),
                            }
                            for figure in found.trend
                            if figure is not None
                        ]
                    }
                    for key, found in row.figures.items()
                },
            }
            for row in executive.rows
        ],
        "standing_out": [_statement(statement) for statement in executive.standing_out],
        "reconciliation": {
            "metrics": [
                {
                    "metric": one.metric.key,
                    "view": one.cut.key,
                    "kind": "distinct" if one.distinct else "additive",
                    **{name: one.unit.shown(getattr(one, name)) for name in _RECONCILED},
                    "passed": one.passed,
                }
                for one in executive.reconciliation
            ],
            "overlaps": _overlaps(executive.overlaps),
        },
    }


_RECONCILED = ("segments", "repeated", "none", "company_only", "company")


def _statement(statement: Statement) -> dict[str, Any]:
    """``numbers`` are in units, like all values of the document."""
    return {
        "rule": statement.rule,
        "segment": statement.segment,
        "metric": statement.metric,
        "text": statement.text,
        "favourable": statement.favourable,
        "numbers": {name: _number(value, unit) for name, (value, unit) in statement.numbers.items()},
    }


def _overlaps(overlaps: Overlaps) -> dict[str, Any]:
    return {
        "accounts": overlaps.all_accounts,
        "in_several_segments": overlaps.accounts,
        "in_no_segment": overlaps.none,
        "pairs": [
            {
                "segments": [pair.first, pair.second],
                "accounts": pair.accounts,
                "won": pair.won,
                "won_revenue": MONEY.shown(pair.won_cents),
                "open": pair.open,
                "open_pipeline": MONEY.shown(pair.open_cents),
            }
            for pair in overlaps.pairs
        ],
        "further_pairs": overlaps.further,
    }


def _status(status: PipelineStatus | None) -> dict[str, Any]:
    """Open amounts and counts by expected close; weighted amount and coverage."""
    if status is None:
        return {"value": None, "why": "n/a"}
    document: dict[str, Any] = {name: _amount(part) for name, part in status.parts.items()}
    return document | {
        "weighted_pipeline": _weighted(status),
        "without_probability": _amount(status.unweighted),
        "won_quarter_to_date": {"value": MONEY.shown(status.won), "window": window_document(status.won_window)},
        "this_quarter": _coverage(status.this),
        "next_quarter": _coverage(status.following),
    }


def _weighted(status: PipelineStatus) -> dict[str, Any]:
    if status.weighted is None:
        return {"value": None, "why": "n/a", "said": NO_CHANCE}
    return {"value": MONEY.shown(status.weighted)}


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "label": coverage.quarter.label,
        "plan": {"value": None, "why": "n/a"} if coverage.plan is None else _plan(coverage.plan),
        "coverage": _figure(coverage.ratio),
    }


def _amount(amount: Amount) -> dict[str, Any]:
    return {"value": MONEY.shown(amount.cents), "count": amount.count}


def _plan(plan: Plan) -> dict[str, Any]:
    if plan.value is None:
        return {"value": None, "why": "n/a", "said": plan.note}
    return {"value": plan.unit.shown(plan.value), "said": plan.note}


def _planned(line: Line) -> dict[str, Any]:
    """The line's plan, variance and attainment; empty for a line without targets."""
    if line.plan is None:
        return {}
    found, unit = line.attainment, line.current.unit
    why = {"why": found.why} if found.why else {}
    return {
        "plan": _plan(line.plan),
        "variance": {"value": _number(found.variance, unit)} | (why if found.variance is None else {}),
        "attainment": {"value": None if found.attainment is None else float(found.attainment)} | why,
    }


def _metric(result: MetricResult, change: str) -> dict[str, Any]:
    metric, headline = result.metric, result.headline
    views: dict[str, Any] = {}
    if headline is not None:
        views = {headline.cut.key: _figure(headline.current)} | _columns(headline, change)
        views |= _beside(headline, metric)
    for cut in metric.cuts if headline is None else metric.cuts[1:]:
        key, lines = cut.key, result.of(cut)
        if cut.companion:
            views[key] = _item(lines[0], result, change)
            views |= {f"{key}_{suffix}": value for suffix, value in _columns(lines[0], change).items()}
            views |= _beside(lines[0], metric)
        elif not cut.each:
            views[key] = _item(lines[0], result, change)
        elif cut.by == "stage":
            views[key] = {
                line.item: _figure(line.current) | _companions(line, result) | _planned(line) for line in lines
            }
            suffixes = [change, "yoy"] + (["trailing_12"] if metric.has_trailing_12 else [])
            for suffix in suffixes:
                views[f"{key}_{suffix}"] = {line.item: _columns(line, change)[suffix] for line in lines}
        else:
            views[key] = {line.item: _item(line, result, change) for line in lines}
    document: dict[str, Any] = {
        "name": metric.name,
        "unit": metric.unit.key,
        "better": metric.better,
        "definition": metric.definition,
        "views": views,
    }
    if result.not_reconstructed is not None:
        document["not_reconstructed"] = result.not_reconstructed
    return document | ({"notes": list(result.notes)} if result.notes else {})


def _beside(line: Line, metric: Metric) -> dict[str, Any]:
    """The plan under ``plan`` for the line that the metric's bare key means, else behind the line's key."""
    prefix = "" if line.cut.key == metric.planned_cut.key else f"{line.cut.key}_"
    return {f"{prefix}{name}": value for name, value in _planned(line).items()}


def _item(line: Line, result: MetricResult, change: str) -> dict[str, Any]:
    beside = {} if line.cut.companion else _planned(line)
    return _figure(line.current) | _companions(line, result) | _columns(line, change) | beside


def _companions(line: Line, result: MetricResult) -> dict[str, Any]:
    shown: dict[str, Any] = {name: _number(figure.value, figure.unit) for name, figure in line.companions.items()}
    if result.metric.shares and line.cut.by:
        shown = {"count": _number(line.current.value, line.current.unit)} | shown
        if any(figure.why for figure in line.companions.values()):
            shown["why"] = "n/a"
    return shown


def _columns(line: Line, change: str) -> dict[str, Any]:
    unit = line.current.unit
    columns: dict[str, Any] = {
        change: _comparison(line.against(line.previous), unit),
        "yoy": _comparison(line.against(line.year_ago), unit),
    }
    if line.trailing_12 is not None:
        columns["trailing_12"] = _figure(line.trailing_12)
    return columns


def _figure(figure: Figure) -> dict[str, Any]:
    document: dict[str, Any] = {"value": _number(figure.value, figure.unit)}
    if figure.why:
        document["why"] = figure.why
    if figure.numerator_unit and figure.denominator_unit:
        document["numerator"] = _number(figure.numerator, figure.numerator_unit)
        document["denominator"] = _number(figure.denominator, figure.denominator_unit)
    document["window"] = window_document(figure.window)
    if figure.months is not None:
        document["months"] = figure.months
    return document


def _comparison(comparison: Comparison, unit: Unit) -> dict[str, Any]:
    document: dict[str, Any] = {
        "value": _number(comparison.value, unit),
        "base": _number(comparison.base, unit),
        "change": _number(comparison.change, unit),
        "percent": None if comparison.percent is None else float(comparison.percent),
    }
    return document | ({"why": comparison.why} if comparison.why else {})


def _number(value: int | Fraction | None, unit: Unit) -> int | float | None:
    return None if value is None else unit.shown(value)
