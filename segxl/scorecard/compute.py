"""From facts to a scorecard: every metric, cut and column of a period, over some segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from segxl._version import __version__
from segxl.catalogue.measure import Quantity, Sum, as_expression
from segxl.catalogue.measures import MRR_CLOSING, OPEN
from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import BY_KEY, chosen
from segxl.catalogue.views import Cut
from segxl.dataset.segments import IN_NO_SEGMENT
from segxl.dataset.warnings import scorecard_window, touching
from segxl.facts.arrays import distinct
from segxl.facts.engine import Facts
from segxl.facts.requirements import lacking_words
from segxl.messages import counted, listed
from segxl.periods import Period, Window
from segxl.processes import uncollected
from segxl.scorecard import checks, control_totals, reconcile
from segxl.scorecard.executive import executive
from segxl.scorecard.figures import UNIT_OF, Figures
from segxl.scorecard.model import Figure, Line, MetricResult, Scorecard, SegmentScorecard, Selector
from segxl.scorecard.period_choice import choose_period, partial_note
from segxl.scorecard.pipeline_status import pipeline_status
from segxl.scorecard.targets import Targets
from segxl.scorecard.toggle_effects import with_effects
from segxl.scorecard.unavailable import lacking, stale, why_not
from segxl.units import COUNT, DAYS, RATE


def make(
    facts: Facts, period: str | None, segments: Sequence[str], *, allow_partial: bool = False
) -> tuple[Scorecard, str]:
    """The scorecard of a period given as text, for some segments; and a note about how the period was chosen.

    Defaults: the settings' period and segments, then the latest available month and all segments.

    Raises:
        SegxlError: the period is not available or has no data, or a segment does not exist.
    """
    dataset = facts.dataset
    chosen_period, said = choose_period(dataset, period, allow_partial=allow_partial)
    wanted = segments or dataset.settings.scorecard.segments
    names = [dataset.segments[name].name for name in wanted] or list(dataset.segments.names)
    partial = partial_note(dataset, chosen_period) if allow_partial else ""
    notes = (partial,) if partial else ()
    return compute(facts, chosen_period, list(dict.fromkeys(names)), notes), said


def compute(facts: Facts, period: Period, segments: Sequence[str], notes: tuple[str, ...] = ()) -> Scorecard:
    """The scorecard of ``period`` for each of ``segments`` (names as the dataset has them); for more than one of them
    with the executive view over all segments."""
    with uncollected():
        return _compute(facts, period, segments, notes)


def _compute(facts: Facts, period: Period, segments: Sequence[str], notes: tuple[str, ...]) -> Scorecard:
    dataset = facts.dataset
    metrics = chosen(dataset.settings.scorecard.metrics)
    targets = Targets(facts)
    facts.together(segments if len(segments) == 1 else (*segments, *dataset.segments.names, IN_NO_SEGMENT))
    results = {name: _Computer(facts, name, period, targets).scorecard(metrics) for name in segments}
    results = with_effects(facts, period, results)
    settings = dataset.settings
    overview = (
        executive(
            facts, period, results, lambda name, metric, cut: line_of(facts, name, period, metric, cut, "", targets)
        )
        if len(results) > 1
        else None
    )
    warnings = (*touching(dataset, scorecard_window(period), segments), *stale(facts, period, metrics))
    given = settings.given()
    for name in ("as_of", "run_date", "toggles"):
        given.pop(name, None)
    return Scorecard(
        name=dataset.name,
        period=period,
        currency=settings.currency,
        settings=given,
        toggles=dict(settings.toggles),
        segments=results,
        checks=(
            *checks.run(facts, period, results, warnings),
            *control_totals.run(facts, period, targets, results),
            *reconcile.checks(overview.reconciliation if overview else ()),
        ),
        ledger=dataset.ledger,
        version=__version__,
        notes=notes,
        as_of=str(dataset.as_of) if settings.as_of or dataset.cut else None,
        run_date=str(settings.run_date) if settings.run_date else None,
        executive=overview,
        warnings=warnings,
    )


COLUMNS: frozenset[str] = frozenset({"previous", "year_ago", "trailing_12", "companions", "plan"})
"""The columns of a line behind the current one."""


def line_of(
    facts: Facts,
    segment: str,
    period: Period,
    metric: Metric,
    cut: Cut,
    item: str,
    targets: Targets | None = None,
    columns: frozenset[str] = COLUMNS,
) -> Line:
    """One line of a scorecard: ``item`` names the item of a cut that has several. Columns that are not in ``columns``
    are not computed; they are as those without a number."""
    return _Computer(facts, segment, period, targets or Targets(facts)).line(
        metric, cut, (item,) if cut.each else cut.items, columns
    )


@dataclass(frozen=True)
class _Computer:
    """Computes one segment's lines of one period."""

    facts: Facts
    segment: str
    period: Period
    targets: Targets

    @cached_property
    def _figures(self) -> Figures:
        return Figures(self.facts, self.segment)

    def scorecard(self, metrics: Iterable[Metric]) -> SegmentScorecard:
        results = {metric.key: self.metric(metric) for metric in metrics}
        facts, scope = self.facts, self._figures.scope(self.period.window)
        available = self._figures.covers(BY_KEY["pipeline_by_stage"].expression, self.period.window)
        return SegmentScorecard(
            self.segment,
            results,
            bridge=facts.bridge.lines(scope) if facts.bridge and available else None,
            mrr_rollforward=facts.accounts.rollforward(scope),
            pipeline_status=pipeline_status(facts, scope, self.period, self.targets) if available else None,
            planned=self.targets.planned(self.segment),
            why_no_pipeline=why_not(facts, BY_KEY["pipeline_by_stage"].expression, self.period.window),
            why_no_mrr=why_not(facts, as_expression(MRR_CLOSING), self.period.window),
        )

    def metric(self, metric: Metric) -> MetricResult:
        lines = [line for cut in metric.cuts for line in self._lines(metric, cut)]
        reads_open = any(events == OPEN for events in metric.fact_names) and self._figures.covers(
            metric.expression, self.period.window
        )
        scope = self._figures.scope(self.period.window)
        lost_track = self.facts.unreconstructed(scope) if reads_open else None
        lacks = lacking(self.facts, metric)
        return MetricResult(metric, tuple(lines), tuple(self._notes(metric, lost_track)), lost_track, lacks)

    def _lines(self, metric: Metric, cut: Cut) -> list[Line]:
        if not cut.each:
            return [self.line(metric, cut, cut.items)]
        if lacking(self.facts, metric) and cut.by != "stage":
            return []  # a metric that is unavailable has no items; stages come from the settings
        if cut.by == "stage" and self.facts.lacks(OPEN):
            return []
        if metric.key == "cost_per_sqo" and self.facts.reach.costs_by_source:
            return []
        labels = self.facts.labels(cut.by)
        planned = self.targets.items(self.segment, metric, cut, self.period)
        items = (*labels, *(item for item in planned if item not in labels))
        found = [self.line(metric, cut, (item,)) for item in items]
        kept = {*planned, *(self.facts.dataset.settings.stages if cut.by == "stage" else ())}
        return [line for line in found if line.item in kept or self._occurs(line)]

    def _occurs(self, line: Line) -> bool:
        """An item is shown when anything of the metric falls on it in one of the line's windows."""
        figures = [one for one in (line.current, line.previous, line.year_ago, line.trailing_12) if one is not None]
        return any(figure.value or figure.numerator or self._count(figure.rows) for figure in figures)

    def _count(self, selector: Selector) -> int:
        labels = self.facts.labels(selector.by)
        found = 0
        for term in selector.terms:
            quantity: Quantity = "accounts" if term.fact in self.facts.accounts else "count"
            totals = self.facts.totals(term.fact, quantity, selector.scope, selector.by)
            if totals is not None:
                found += sum(int(bool(totals[labels.index(item)])) for item in selector.items if item in labels)
        return found

    def line(self, metric: Metric, cut: Cut, items: tuple[str, ...], columns: frozenset[str] = COLUMNS) -> Line:
        """A metric, or the line of its own that the cut names, over some items of a dimension, in some columns."""
        period, figures = self.period, self._figures
        expression, unit = metric.of(cut)
        trailing = metric.over_12_months(cut) if "trailing_12" in columns else None
        companions: dict[str, Figure] = {}
        if not cut.companion and "companions" in columns:
            companions = {
                name: figures.figure(value, value_unit, period.window, cut.by, items)
                for name, (value, value_unit) in metric.companions.items()
            }
            if metric.shares and cut.by:
                companions |= self._shares(metric, cut, items)

        def base(column: str, window: Window) -> Figure | None:
            return figures.base(expression, unit, window, cut.by, items) if column in columns else None

        item = items[0] if cut.each else ""
        return Line(
            cut=cut,
            item=item,
            current=figures.figure(expression, unit, period.window, cut.by, items),
            previous=base("previous", period.previous),
            year_ago=base("year_ago", period.year_ago),
            trailing_12=figures.figure(trailing, unit, period.trailing_12, cut.by, items) if trailing else None,
            companions=companions,
            plan=self.targets.plan(self.segment, metric, cut, item, period) if "plan" in columns else None,
        )

    def _shares(self, metric: Metric, cut: Cut, items: tuple[str, ...]) -> dict[str, Figure]:
        """An item's share of the whole, by the metric itself and by each companion."""
        values = {"count": metric.expression} | {name: value for name, (value, _) in metric.companions.items()}
        window, figures = self.period.window, self._figures
        shares = {}
        for name, value in values.items():
            assert isinstance(value, Sum)
            part = figures.figure(value, COUNT, window, cut.by, items)
            whole = figures.sum(value, figures.scope(window))
            unit = UNIT_OF[value.terms[0][1].quantity]
            shares[f"{name}_percent"] = Figure(
                value=Fraction(part.value or 0, whole) if whole else None,
                unit=RATE,
                window=window,
                rows=part.rows,
                why=None if whole else "n/a",
                numerator=part.value,
                denominator=whole,
                numerator_unit=unit,
                denominator_unit=unit,
            )
        return shares

    def _notes(self, metric: Metric, lost_track: int | None) -> Iterable[str]:
        if lost_track:
            said = counted(lost_track, "open opportunity", "open opportunities")
            yield f"{said} had an unknown stage at the end of the period, because there is no history"
        if why := why_not(self.facts, metric.expression, self.period.window):
            yield f"Not available: {why}"
        if any(facts_lack == "accounts" for facts_lack in lacking(self.facts, metric)):
            yield "The accounts table is missing, so SOM accounts are unknown"
        if metric.key in ("lead_to_mql", "mql_to_sqo") and self.facts.reach.without_rejections:
            yield "Rejected leads are missing, because the column rejected_on is blank"
        if metric.key == "cost_per_sqo" and (missing := self.facts.reach.costs_by_source):
            yield f"No breakdown by lead source: add {lacking_words([missing])}"
        if not metric.expression.spans_months or self.facts.lacks("won"):
            return
        if metric.unit is DAYS:
            yield from self._wrong_way_round()
        elif metric.uses_amounts and (blank := self._blank_amounts(metric)):
            rows = counted(
                blank,
                "opportunity has no amount and counts",
                "opportunities have no amount and count",
            )
            yield f"{rows} as 0 in sums"

    def _wrong_way_round(self) -> Iterable[str]:
        """Won opportunities that closed before they were created, by name."""
        found = self.facts.rows("won", self._figures.scope(self.period.window))
        table = self.facts.dataset.tables["opportunities"]
        wrong = found.row[table["closed_on"][found.row] < table["created_on"][found.row]]
        if len(wrong):
            said = counted(
                len(wrong),
                "opportunity won before it was created is",
                "opportunities won before they were created are",
            )
            names = [str(name) for name in table["opportunity_id"][wrong[:5]]]
            yield f"{said} excluded: {listed(names, 5, len(wrong))}"

    def _blank_amounts(self, metric: Metric) -> int:
        blank = self.facts.opportunities.blank_amount
        scope = self._figures.scope(self.period.window)
        found = [self.facts.rows(events, scope) for events in metric.fact_names]
        rows = [one.row[blank[one.row]] for one in found if one.table == "opportunities"]
        return len(distinct(np.concatenate(rows))) if rows else 0
