"""Checks against other sources: control totals, targets that match no line, and the parts of the open pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import BY_KEY
from segxl.catalogue.views import Cut
from segxl.dataset.check import Check
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.facts.expected_close import WHOLE
from segxl.periods import Period
from segxl.scorecard.figures import Figures
from segxl.scorecard.model import Figure, SegmentScorecard
from segxl.scorecard.targets import Targets
from segxl.units import MONEY, MONEY_EXACT, Unit


def run(facts: Facts, period: Period, targets: Targets, results: Mapping[str, SegmentScorecard]) -> tuple[Check, ...]:
    """Those of the whole company, then those of each segment."""
    checks = [*_control_totals(facts, period), *_placed(facts, targets)]
    for result in results.values():
        checks += _parts(result)
    return tuple(checks)


def _control_totals(facts: Facts, period: Period) -> Iterable[Check]:
    """Each control total of the period against All accounts, for any segment's pack.

    The difference is right up to the tolerance, itself included: 2,351,658.81 against 2,351,680 with a tolerance of 25
    holds. Nothing is rounded before: a rate needs a tolerance, as reports round it.
    """
    table = facts.dataset.tables.get("control_totals")
    if table is None:
        return
    mine = [row for row, label in enumerate(table["period"]) if label == period.label]
    others = sorted({str(label) for label in table["period"]} - {period.label})
    words = f"not checked here: {len(table) - len(mine):,} for other periods ({', '.join(others)})" if others else ""
    found = [_control_total(facts, period, row) for row in mine]
    yield Check(
        f"Control totals for {period.name}: all are compared",
        all(check.actual != "n/a" for check in found),
        len(mine),
        sum(check.actual != "n/a" for check in found),
        words or "all control totals are for this period",
    )
    yield from found


def _control_total(facts: Facts, period: Period, row: int) -> Check:
    table = facts.dataset.tables["control_totals"]
    metric = BY_KEY[str(table["metric"][row])]
    cut = metric.cut(str(table["view"][row]))
    assert cut is not None
    figure = _figure(facts, period, metric, cut)
    unit = figure.unit.exact
    expected, tolerance = (Fraction(str(table[name][row])) * unit.minor for name in ("value", "tolerance"))
    place = f"{facts.dataset.ledger.files[table.file[row]].file}, row {table.row[row]}"
    name = f"Control total: {table['name'][row]}, {period.name}"
    allowed = f"tolerance {_text(tolerance, unit)}; {metric.name}: {cut.label}, of All accounts; {place}"
    if figure.value is None:
        return Check(name, False, unit.shown(expected), "n/a", f"not available for this period; {allowed}")
    off = figure.value - expected
    return Check(
        name,
        abs(off) <= tolerance,
        unit.shown(expected),
        unit.shown(figure.value),
        f"difference {_text(off, unit)}, {allowed}",
        unit.shown(off),
    )


def _figure(facts: Facts, period: Period, metric: Metric, cut: Cut) -> Figure:
    expression, unit = metric.of(cut)
    return Figures(facts, ALL_ACCOUNTS).figure(expression, unit, period.window, cut.by, cut.items)


def _text(value: Fraction | int, unit: Unit) -> str:
    """Small differences in full: 0.004 of a rate is not 0."""
    shown = unit.shown(value)
    return unit.text(shown) if not value or not unit.decimals or unit is MONEY_EXACT else f"{shown:g}"


def _placed(facts: Facts, targets: Targets) -> Iterable[Check]:
    """Every target belongs to a line of the scorecard: an item that no cut has, or that two have, belongs to none."""
    table = facts.dataset.tables.get("targets")
    if table is None:
        return
    lost = targets.misplaced
    files = facts.dataset.ledger.files
    said = [f"{files[table.file[one.row]].file}, row {table.row[one.row]}: {one.reason}" for one in lost[:3]]
    more = [f"and {len(lost) - 3:,} more"] if len(lost) > 3 else []
    yield Check(
        "Every target matches a scorecard line",
        not lost,
        len(table),
        len(table) - len(lost),
        "; ".join([*said, *more]) or "targets with a known metric, line and item",
    )


def _parts(result: SegmentScorecard) -> Iterable[Check]:
    """Open amounts due before, in and after the quarter, and those without a date, add up to the open pipeline."""
    status = result.pipeline_status
    if status is None:
        return
    added = sum(status.parts[part].cents for part in WHOLE)
    whole = status.parts["open"].cents
    metric = result.metrics.get("pipeline_by_stage")
    if metric is not None and metric.headline is not None:
        whole = int(metric.headline.current.value or 0)
    yield Check(
        f"{result.segment}: Pipeline status: its lines add up to the open pipeline",
        added == whole,
        MONEY.shown(whole),
        MONEY.shown(added),
        "due before this quarter, this quarter, next quarter, later and undated, compared with the open pipeline",
    )
