"""The table Numbers of a segment performance report: one row for each value of its JSON.

See :mod:`segxl.scorecard.numbers_table` for the columns. The metric is the part of the report, the view the number,
the item the state, stage or activity. In the movement the view is the baseline's stage, the item the analysis' stage.
"""

from __future__ import annotations

from collections.abc import Iterator

from segxl.report.model import Movement, Number, Report, SourceLine, StateLine, StatesOverTime, Summary
from segxl.scorecard.numbers_table import Place, Row, checks_numbers, distinct, sources_numbers, warnings_numbers
from segxl.units import COUNT, MONEY, RATE, Unit


def report_numbers(report: Report) -> list[Row]:
    """Every value of a report."""
    segments = ", ".join(report.choice.segment_names)
    frames = report.choice.timeframes
    now = Place(segments, "", "", frames.analysis.label, frames.analysis.window)
    was = now._replace(period=frames.baseline.label, window=frames.baseline.window)
    rows = [
        *_summary(now._replace(area="Summary", metric="summary"), report.summary),
        *(row for line in report.performance for row in _state(now, was, line)),
        *(row for key, grid in report.movements.items() for row in _movement(now._replace(metric=key), grid)),
        *(row for key, found in report.all_over_time.items() for row in _over_time(now._replace(metric=key), found)),
        *(row for line in report.activities for row in _source(now, was, line)),
    ]
    steps = now._replace(area="Reconciliation", metric="reconciliation")
    for step in report.reconciliation:
        rows += [
            _number(steps, "new_pipeline", step.new_pipeline, step.name),
            _number(steps, "total_won", step.total_won, step.name),
        ]
    chance = now._replace(area="Chance", metric="chance")
    for one in report.chances:
        rows += [chance.row("up", one.up, COUNT, item=one.name), chance.row("down", one.down, COUNT, item=one.name)]
        rows.append(chance.shown("p", one.p, RATE, item=one.name))
    rows += checks_numbers(report.checks, [segments] * len(report.checks), now.period)
    rows += warnings_numbers(report.warnings, report.currency, now.period)
    rows += sources_numbers(report.ledger, now.period)
    return distinct(rows)


def _number(place: Place, view: str, number: Number, item: str = "", unit: Unit | None = None, why: str = "") -> Row:
    return place.shown(view, number.shown, unit or number.unit, number.why or why, item)


def _summary(place: Place, summary: Summary) -> Iterator[Row]:
    yield _number(place, "total_accounts", summary.total_accounts)
    yield _number(place, "increased", summary.increased)
    yield _number(place, "decreased", summary.decreased)
    yield _number(place, "net_engaged", summary.net_engaged)
    yield _number(place, "new_pipeline", summary.new_pipeline, unit=MONEY)
    yield _number(place, "total_won", summary.total_won, unit=MONEY)
    yield _number(place, "baseline_new_pipeline", summary.baseline_new_pipeline, unit=MONEY)
    yield _number(place, "baseline_total_won", summary.baseline_total_won, unit=MONEY)
    if summary.new_pipeline.value is None:
        yield place.row("excluded_currency", None, MONEY, summary.new_pipeline.why)
    else:
        foreign = summary.foreign.items()
        yield place.row("excluded_currency_count", sum(count for _, (count, _) in foreign), COUNT)
        yield place.row("excluded_currency_amount", sum(cents for _, (_, cents) in foreign), MONEY)
        for word, (count, cents) in foreign:
            yield place.row("excluded_currency_by_currency_count", count, COUNT, item=word)
            yield place.row("excluded_currency_by_currency_amount", cents, MONEY, item=word)
    yield place.row("excluded_no_account", summary.without_account, COUNT)
    yield place.row("excluded_retargeting", summary.retargeting, COUNT)
    yield place.row("excluded_zero", summary.zero, COUNT)
    yield place.row("excluded_irrelevant", summary.irrelevant, COUNT)
    for name, count in summary.blank_categories.items():
        yield place.row("excluded_blank_category", count, COUNT, item=name)
    yield place.row("blank_amounts", summary.blank_amounts, COUNT)


def _state(now: Place, was: Place, line: StateLine) -> Iterator[Row]:
    now, was = (place._replace(area="Performance", metric="performance") for place in (now, was))
    yield _number(was, "baseline", line.baseline, line.state, why=line.why)
    yield _number(now, "analysis", line.analysis, line.state, why=line.why)
    yield _number(now, "new_pipeline", line.new_pipeline, line.state, MONEY, line.why)
    yield _number(now, "total_won", line.total_won, line.state, MONEY, line.why)
    yield _number(was, "baseline_new_pipeline", line.baseline_new_pipeline, line.state, MONEY, line.why)
    yield _number(was, "baseline_total_won", line.baseline_total_won, line.state, MONEY, line.why)


def _movement(place: Place, movement: Movement) -> Iterator[Row]:
    place = place._replace(area="Movement")
    if movement.counts is None:
        yield place.row("total", None, COUNT, movement.why)
        return
    for before, counts in zip(movement.states, movement.counts, strict=True):
        for after, count in zip(movement.states, counts, strict=True):
            yield place.row(before, count, COUNT, item=after)


def _over_time(place: Place, over_time: StatesOverTime) -> Iterator[Row]:
    place = place._replace(area=place.metric.replace("_", " ").capitalize())
    for one in over_time.spans:
        here = place._replace(period=one.span.label, window=one.span.window)
        if one.counts is None:
            yield here.row("accounts", None, COUNT, one.why)
            continue
        for state, number in zip(over_time.states, one.counts, strict=True):
            yield _number(here, "accounts", number, state)


def _source(now: Place, was: Place, line: SourceLine) -> Iterator[Row]:
    now, was = (place._replace(area="Activities", metric="activities") for place in (now, was))
    item = line.line.key
    yield _number(was, "baseline", line.baseline, item, why=line.why)
    yield _number(now, "analysis", line.analysis, item, why=line.why)
    yield now.row("change", line.change, RATE, line.change_why or line.why, item)
    yield _number(now, "new_pipeline", line.new_pipeline, item, MONEY, line.why)
    yield _number(now, "total_won", line.total_won, item, MONEY, line.why)
