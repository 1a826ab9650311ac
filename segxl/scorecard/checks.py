"""Checks of every pack: sums that must agree, and required data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measure import Measure, Sum
from segxl.catalogue.views import CUSTOMER_CUTS, TYPE_CUTS
from segxl.dataset.check import Check, of_the_data
from segxl.dataset.warnings import DataWarning
from segxl.facts.arrays import Found, distinct
from segxl.facts.bridge import SIGNS
from segxl.facts.engine import Facts
from segxl.facts.revenue import ROLLFORWARD_SIGNS
from segxl.messages import listed
from segxl.periods import Period, to_day
from segxl.scorecard.figures import Figures
from segxl.scorecard.model import Line, MetricResult, SegmentScorecard
from segxl.sources.conditions import RATES_CHECK
from segxl.tables.contracts import NO_MONEY, Table
from segxl.units import MONEY, MONEY_EXACT


def run(
    facts: Facts, period: Period, results: Mapping[str, SegmentScorecard], warnings: Iterable[DataWarning]
) -> tuple[Check, ...]:
    """All checks over all segments, those of the whole company first, then those that conditions of the data fail."""
    checks = [_ledger(facts)]
    of_conditions = tuple(of_the_data(warnings))
    with_money = {"opportunities", "revenue", "costs", "market"}.intersection(facts.dataset.tables)
    if with_money and all(one.name != RATES_CHECK for one in of_conditions):
        checks.append(_rates(facts, period))
    checks += of_conditions
    for result in results.values():
        for metric in result.metrics.values():
            checks += _cuts_add_up(result.segment, metric)
            checks += _rows_add_up(facts, result.segment, metric)
        checks += _bridges(result)
        checks += _closings(facts, period, result)
    return tuple(checks)


def owners_of(checks: Iterable[Check], segments: Iterable[str]) -> list[str]:
    """The segment that each check is about; blank for one of the whole input.

    Segments may be called "EU" and "EU: north": a check belongs to the longest name that it begins with.
    """
    names = sorted(segments, key=len, reverse=True)
    return [next((name for name in names if check.name.startswith(f"{name}: ")), "") for check in checks]


def _ledger(facts: Facts) -> Check:
    files = facts.dataset.ledger.files
    accounted = sum(entry.used + sum(entry.excluded.values()) + entry.rejected_rows for entry in files)
    rows = sum(entry.rows for entry in files)
    return Check(
        "Every input row is accounted for",
        facts.dataset.ledger.balanced,
        rows,
        accounted,
        "rows in = rows used + rows excluded by a rule + rows rejected",
    )


def _rates(facts: Facts, period: Period) -> Check:
    """Numbers that the data's conditions leave unknown: open pipeline and MRR of a month that is not over."""
    words: list[str] = []
    if "opportunities" in facts.dataset.tables:
        stock = facts.open_at(to_day(period.window.end))
        table = facts.dataset.tables["opportunities"]
        words += [str(table["currency"][row]) for row in stock.row[stock.without_rate].tolist()]
    if facts.revenue is not None:
        months = range(period.first - 1, period.last + 1)
        words += [currency for month in months for currency in facts.revenue.lacks_rate(month)]
    currencies = sorted(set(words))
    detail = "foreign amounts without a rate count as deals, but not in amounts"
    if currencies:
        detail += f"; add fx_rates for {', '.join(currencies)}"
    return Check(RATES_CHECK, not words, 0, len(words), detail)


def _cuts_add_up(segment: str, result: MetricResult) -> Iterable[Check]:
    """For a sum, the items of each breakdown add up to the total, in every column."""
    metric = result.metric
    if not isinstance(metric.expression, Sum) or result.headline is None:
        return
    families: dict[str, list[Line]] = {}
    for line in result.lines:
        if line.cut.by:
            family = line.cut.key if line.cut.each else f"by {line.cut.by}"
            families.setdefault(family, []).append(line)
    if not families:
        return  # nothing to add up
    words = {name: _cut_words(name, lines[0]) for name, lines in families.items()}
    whole = _columns(result.total)
    sums = {name: [_columns(line) for line in lines] for name, lines in families.items()}
    off = {
        name: [sum(column) for column in zip(*rows, strict=True)]
        for name, rows in sums.items()
        if [sum(column) for column in zip(*rows, strict=True)] != whole and _complete(families[name])
    }
    shown = metric.unit.shown(whole[0])
    yield Check(
        f"{segment}: {metric.name}: breakdowns add up to the total",
        not off,
        shown,
        metric.unit.shown(next(iter(off.values()))[0]) if off else shown,
        f"breakdowns: {', '.join(dict.fromkeys(words[name] for name in off or families))}",
    )


def _cut_words(family: str, line: Line) -> str:
    """A breakdown's name on pages; named lines, such as new logo, by the whole that they are parts of."""
    return line.cut.label.lower() if line.cut.each else family.replace("_", " ")


def _bridges(result: SegmentScorecard) -> Iterable[Check]:
    """Bridges close, and their ends are the metrics'."""
    for name, lines, signs, ends in (
        ("Pipeline bridge", result.bridge, SIGNS, {"open_end": ("pipeline_by_stage", "total")}),
        (
            "MRR roll-forward",
            result.mrr_rollforward,
            ROLLFORWARD_SIGNS,
            {"opening": ("mrr", "total"), "closing": ("mrr", "closing")},
        ),
    ):
        if lines is None:
            continue
        *_, end = ends
        moved = sum(sign * lines[line] for line, sign in signs.items())
        yield Check(
            f"{result.segment}: {name}: adds up",
            moved == lines[end],
            MONEY.shown(lines[end]),
            MONEY.shown(moved),
            "opening plus movements, compared with closing",
        )
        for line, (key, cut) in ends.items():
            found = result.metrics[key].lines if key in result.metrics else ()
            value = next((one.current.value for one in found if one.cut.key == cut), None)
            if value is not None:
                yield Check(
                    f"{result.segment}: {name}: {_END_WORDS[line]}",
                    value == lines[line],
                    MONEY.shown(value),
                    MONEY.shown(lines[line]),
                    f"the metric, compared with the {'last' if line == end else 'first'} line of the bridge",
                )


def _closings(facts: Facts, period: Period, result: SegmentScorecard) -> Iterable[Check]:
    """The opportunities that the bridge shows as won are those of won revenue, and the same for lost ones.

    Their amounts may differ: the bridge has those of the time, the metric those known now. An opportunity that closed
    before it was created was never open, and one that history shows reopened has closed again: both are in one of the
    two alone and no fault of it.
    """
    if result.bridge is None or facts.bridge is None:
        return
    table = facts.dataset.tables["opportunities"]
    scope = Figures(facts, result.segment).scope(period.window)
    for outcome in ("won", "lost"):
        counted_now = distinct(facts.rows(outcome, scope).row)
        counted_now = counted_now[table["closed_on"][counted_now] >= table["created_on"][counted_now]]
        then = facts.bridge.closed(scope, outcome)
        apart = [
            f"{side}: {_deals(table, rows)}"
            for side, rows in (
                ("in the bridge only", np.setdiff1d(then, counted_now)),
                (f"in {outcome} revenue only", np.setdiff1d(counted_now, then)),
            )
            if len(rows)
        ]
        detail = "deals by opportunity_history, compared with status and close date in opportunities"
        if apart:
            detail = (
                f"opportunity_history and opportunities differ on deals {outcome} in this period; {'; '.join(apart)}. "
                "Correct the close date, stage or history of these deals in the CRM"
            )
        yield Check(
            f"{result.segment}: Pipeline bridge: same {outcome} deals as in {outcome.capitalize()} revenue",
            not apart,
            len(counted_now),
            len(then),
            detail,
            condition=bool(apart),
        )


_DEALS_NAMED = 5


def _deals(table: Table, rows: NDArray[np.int64]) -> str:
    """Opportunities by id, each with its amount: ``D1 (100.00), D2 (no amount)``."""
    names = []
    for row in rows[:_DEALS_NAMED].tolist():
        cents, currency = table["amount"][row], table["currency"][row]
        worth = "no amount" if cents == NO_MONEY else f"{MONEY_EXACT.text(cents / 100)} {currency}".strip()
        names.append(f"{table['opportunity_id'][row]} ({worth})")
    return listed(names, _DEALS_NAMED, len(rows))


_END_WORDS = {
    "open_end": "ends with the open pipeline",
    "opening": "starts with the opening MRR",
    "closing": "ends with the closing MRR",
}


def _added(facts: Facts, measure: Measure, found: Found) -> int:
    match measure.quantity:
        case "accounts":
            return facts.accounts.distinct(found.row)
        case "count":
            return len(found.row)
        case _:
            return int(found.cents.sum())


def _complete(lines: list[Line]) -> bool:
    """A family of named items adds up only if all of its items are lines."""
    named = {line.cut.key for line in lines if not line.cut.each}
    return not named or named in ({cut.key for cut in CUSTOMER_CUTS}, {cut.key for cut in TYPE_CUTS})


def _columns(line: Line) -> list[int]:
    figures = (line.current, line.previous, line.year_ago, line.trailing_12)
    return [int(figure.value or 0) if figure else 0 for figure in figures]


def _rows_add_up(facts: Facts, segment: str, result: MetricResult) -> Iterable[Check]:
    """The rows that a sum opens to add up to it: the pack's lists and the figures agree."""
    expression = result.metric.expression
    if not isinstance(expression, Sum) or result.headline is None or result.headline.current.value is None:
        return
    figure = result.headline.current
    actual = 0
    for sign, measure in expression.terms:
        found = facts.rows(measure.fact, figure.rows.scope)
        actual += sign * _added(facts, measure, found)
    unit = figure.unit
    yield Check(
        f"{segment}: {result.metric.name}: its rows add up to it",
        actual == figure.value,
        unit.shown(figure.value or 0),
        unit.shown(actual),
        f"{'amounts' if unit is MONEY else 'number'} of the listed rows",
    )
