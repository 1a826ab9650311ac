"""The scorecard as JSON. Values are in units (not cents), percentages are fractions, dates ISO."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from segxl.processes import uncollected
from segxl.render.json.shared import checks_document, inputs_document, warnings_document, window_document, written
from segxl.scorecard.metric_views import Companion, Compared, Part, Parts, change_key, columns, metric_views
from segxl.scorecard.model import (
    RECONCILED,
    Amount,
    Coverage,
    Executive,
    Figure,
    LineEffect,
    MetricResult,
    Overlaps,
    PipelineStatus,
    Plan,
    Scorecard,
    Statement,
)
from segxl.scorecard.pipeline_status import NO_CHANCE
from segxl.scorecard.summary_model import EXECUTIVE, Behind, Summary
from segxl.units import MONEY, Unit


def scorecard_json(scorecard: Scorecard, summaries: Mapping[str, Summary] | None = None) -> str:
    """The document, with a line end; the same scorecard gives the same text."""
    with uncollected():
        return written(scorecard_document(scorecard, summaries))


def scorecard_document(scorecard: Scorecard, summaries: Mapping[str, Summary] | None = None) -> dict[str, Any]:
    """The document as plain values. With ``summaries`` (:func:`segxl.scorecard.summary.summaries`) it has the headline
    and the findings of each first page."""
    said = summaries or {}
    period = scorecard.period
    settings: dict[str, Any] = {"name": scorecard.name, "currency": scorecard.currency, **scorecard.settings}
    for name in ("as_of", "run_date"):
        if getattr(scorecard, name):
            settings[name] = getattr(scorecard, name)
    change = change_key(period)
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
                **_first_page(said.get(name)),
                "metrics": {key: _metric(result, change) for key, result in segment.metrics.items()},
                "bridge": _bridge(segment.bridge),
                "mrr_rollforward": _bridge(segment.mrr_rollforward),
                "pipeline_status": _status(segment.pipeline_status),
            }
            for name, segment in scorecard.segments.items()
        },
        **(
            {"executive": _first_page(said.get(EXECUTIVE)) | _executive(scorecard.executive, change)}
            if scorecard.executive
            else {}
        ),
        "checks": checks_document(scorecard.checks),
        "warnings": warnings_document(scorecard.warnings, scorecard.currency),
        "inputs": inputs_document(scorecard.ledger),
    }


def _first_page(summary: Summary | None) -> dict[str, Any]:
    if summary is None:
        return {}
    pairs = zip(summary.findings, summary.behind, strict=True)
    return {
        "headline": summary.headline,
        "findings": [_finding(one, behind) for one, behind in pairs],
        "largest_open": _behind(summary.open),
    }


def _finding(statement: Statement, behind: Behind | None) -> dict[str, Any]:
    """``value`` is the first of its numbers, ``plan`` its plan or null; ``severity`` 0 the worst, 9 good news;
    ``behind`` the deals or customers behind it, or null."""
    numbers = {name: _number(value, unit) for name, (value, unit) in statement.numbers.items()}
    return {
        "kind": statement.rule,
        "measure": statement.metric,
        "segment": statement.segment,
        "text": statement.text,
        "severity": statement.severity,
        "favourable": statement.favourable,
        "value": next(iter(numbers.values()), None),
        "plan": numbers.get("plan"),
        "numbers": numbers,
        "behind": _behind(behind),
    }


def _behind(behind: Behind | None) -> dict[str, Any] | None:
    """``count`` and ``amount`` are those of all deals or customers, ``largest`` the first of them; ``what`` is due or
    happened. Amounts of ``paying_less`` are a month."""
    if behind is None:
        return None
    return {
        "kind": behind.kind,
        "count": behind.count,
        "amount": MONEY.shown(behind.cents),
        "largest": [
            {
                "id": one.record,
                "account": one.account,
                "owner": one.owner,
                "what": one.what,
                "amount": MONEY.shown(one.cents),
            }
            for one in behind.cases
        ],
    }


def _toggle_effects(scorecard: Scorecard) -> dict[str, Any]:
    """By toggle: the value in use, the other one, and by segment each affected number with both; or why it has no
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
                    | {name: _part(one) for name, one in columns(found.line, change).items() if name in (change, "yoy")}
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
                    **{name: one.unit.shown(getattr(one, name)) for name in RECONCILED},
                    "passed": one.passed,
                }
                for one in executive.reconciliation
            ],
            "overlaps": _overlaps(executive.overlaps),
        },
    }


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


def _metric(result: MetricResult, change: str) -> dict[str, Any]:
    metric = result.metric
    document: dict[str, Any] = {
        "name": metric.name,
        "unit": metric.unit.key,
        "better": metric.better,
        "definition": metric.definition,
        "views": {key: _view(items) for key, items in metric_views(result, change).items()},
    }
    if result.not_reconstructed is not None:
        document["not_reconstructed"] = result.not_reconstructed
    return document | ({"notes": list(result.notes)} if result.notes else {})


def _view(items: Mapping[str | None, Parts]) -> dict[str, Any]:
    if None in items:
        return _parts(items[None])
    return {str(item): _parts(parts) for item, parts in items.items()}


def _parts(parts: Parts) -> dict[str, Any]:
    """The view's own figure or comparison, with the other parts below their names."""
    document: dict[str, Any] = {}
    for name, part in parts.items():
        document |= {name: _part(part)} if name else _part(part)
    if any(isinstance(part, Companion) and part.share and part.figure.why for part in parts.values()):
        document["why"] = "n/a"
    return document


def _part(part: Part) -> Any:
    if isinstance(part, Figure):
        return _figure(part)
    if isinstance(part, Compared):
        return _comparison(part)
    if isinstance(part, Companion):
        return _number(part.figure.value, part.figure.unit)
    if isinstance(part, Plan):
        return _plan(part)
    return {"value": _number(part.value, part.unit)} | ({"why": part.why} if part.why else {})


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


def _comparison(compared: Compared) -> dict[str, Any]:
    comparison, unit = compared.comparison, compared.current.unit
    document: dict[str, Any] = {
        "value": _number(comparison.value, unit),
        "base": _number(comparison.base, unit),
        "change": _number(comparison.change, unit),
        "percent": None if comparison.percent is None else float(comparison.percent),
    }
    return document | ({"why": comparison.why} if comparison.why else {})


def _number(value: int | Fraction | None, unit: Unit) -> int | float | None:
    return None if value is None else unit.shown(value)
