"""From facts to a scorecard: every metric, cut and column of a period, over some segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from segxl._version import __version__
from segxl.facts import Quantity
from segxl.facts.engine import Facts, Scope
from segxl.periods import Period, Window, month_period, to_day, to_month
from segxl.scorecard import checks
from segxl.scorecard.choose import choose_period
from segxl.scorecard.measures import Expression, Measure, Ratio, Sum
from segxl.scorecard.metrics import CATALOGUE, Metric, chosen
from segxl.scorecard.model import Figure, Line, MetricResult, Scorecard, SegmentScorecard, Selector, Term
from segxl.scorecard.views import Cut
from segxl.units import COUNT, DAYS, MONEY, RATE, Unit

_UNIT_OF: dict[Quantity, Unit] = {"count": COUNT, "cents": MONEY, "days": DAYS}

TRENDS = ("won_revenue", "lost_revenue", "net_new_pipeline", "pipeline_by_stage", "win_rate_count")
"""Metrics whose last 13 months are kept for charts."""


def make(
    facts: Facts, period: str | None, segments: Sequence[str], *, allow_partial: bool = False
) -> tuple[Scorecard, str]:
    """The scorecard of a period as the user writes it, for some segments or for all; and what to say about the choice.

    Raises:
        SegxlError: the period is not available or has no data, or a segment does not exist.
    """
    dataset = facts.dataset
    chosen_period, said = choose_period(dataset, period, allow_partial=allow_partial)
    names = [dataset.segments[name].name for name in segments] or list(dataset.segments.names)
    notes = (said,) if said and allow_partial else ()
    return compute(facts, chosen_period, list(dict.fromkeys(names)), notes), said


def compute(facts: Facts, period: Period, segments: Sequence[str], notes: tuple[str, ...] = ()) -> Scorecard:
    """The scorecard of ``period`` for each of ``segments`` (names as the dataset has them)."""
    dataset = facts.dataset
    metrics = chosen(dataset.settings.scorecard.metrics)
    results = {name: _Computer(facts, name, period).scorecard(metrics) for name in segments}
    settings = dataset.settings
    given = settings.given()
    for name in ("as_of", "run_date", "toggles"):
        given.pop(name, None)
    return Scorecard(
        name=dataset.name,
        period=period,
        currency=settings.currency,
        settings=given,
        toggles=settings.toggles.model_dump(),
        segments=results,
        checks=checks.run(facts, period, results),
        ledger=dataset.ledger,
        version=__version__,
        notes=notes,
        as_of=str(dataset.as_of) if settings.as_of or dataset.cut else None,
        run_date=str(settings.run_date) if settings.run_date else None,
    )


def line_of(facts: Facts, segment: str, period: Period, metric: Metric, cut: Cut, item: str) -> Line:
    """One line of a scorecard: ``item`` names the item of a cut that has several."""
    return _Computer(facts, segment, period).line(metric, cut, (item,) if cut.each else cut.items)


@dataclass(frozen=True)
class _Computer:
    """Computes one segment's lines of one period."""

    facts: Facts
    segment: str
    period: Period

    def scorecard(self, metrics: Iterable[Metric]) -> SegmentScorecard:
        results = {metric.key: self.metric(metric) for metric in metrics}
        trends = {metric.key: self._trend(metric) for metric in CATALOGUE if metric.key in TRENDS}
        return SegmentScorecard(self.segment, results, trends)

    def metric(self, metric: Metric) -> MetricResult:
        lines = [line for cut in metric.cuts for line in self._lines(metric, cut)]
        stock = metric.expression.kind == "stock"
        lost_track = self.facts.unreconstructed(self._scope(self.period.window)) if stock else None
        return MetricResult(metric, tuple(lines), tuple(self._notes(metric, lost_track)), lost_track)

    def _lines(self, metric: Metric, cut: Cut) -> list[Line]:
        if not cut.each:
            return [self.line(metric, cut, cut.items)]
        found = [self.line(metric, cut, (item,)) for item in self.facts.labels(cut.by)]
        stages = self.facts.dataset.settings.stages if cut.by == "stage" else ()
        return [line for line in found if line.item in stages or self._occurs(line)]

    def _occurs(self, line: Line) -> bool:
        """An item is shown when anything of the metric falls on it in one of the line's windows."""
        figures = (line.current, line.previous, line.year_ago, line.trailing_12)
        return any(self._count(figure.rows) for figure in figures if figure is not None)

    def _count(self, selector: Selector) -> int:
        position = self._positions(selector.by, selector.items)
        return sum(
            self.facts.totals(term.events, "count", selector.scope, selector.by)[at]
            for term in selector.terms
            for at in position
        )

    def line(self, metric: Metric, cut: Cut, items: tuple[str, ...]) -> Line:
        """A metric, or its companion that the cut names, over some items of a dimension, in all columns."""
        period = self.period
        companions: dict[str, Figure] = {}
        if cut.companion:
            expression, unit = metric.companions[cut.companion]
        else:
            expression, unit = metric.expression, metric.unit
            companions = {
                name: self._figure(value, value_unit, period.window, cut.by, items)
                for name, (value, value_unit) in metric.companions.items()
            }
            if metric.shares and cut.by:
                companions |= self._shares(metric, cut, items)
        current = self._figure(expression, unit, period.window, cut.by, items)
        stock = expression.kind == "stock"
        return Line(
            cut=cut,
            item=items[0] if cut.each else "",
            current=current,
            previous=self._base(expression, unit, period.previous, cut.by, items),
            year_ago=self._base(expression, unit, period.year_ago, cut.by, items),
            trailing_12=None if stock else self._figure(expression, unit, period.trailing_12, cut.by, items),
            companions=companions,
        )

    def _base(
        self, expression: Expression, unit: Unit, window: Window, by: str, items: tuple[str, ...]
    ) -> Figure | None:
        """The figure of a base; None where no data reaches it: a window wholly outside the months of data, or a
        stock taken before they begin."""
        if expression.kind == "stock":
            span = self._span(expression)
            reached = span is not None and to_month(window.end) >= span[0]
        else:
            reached = self._months(expression, window) > 0
        return self._figure(expression, unit, window, by, items) if reached else None

    def _figure(self, expression: Expression, unit: Unit, window: Window, by: str, items: tuple[str, ...]) -> Figure:
        scope = self._scope(window)
        span = to_month(window.end) - to_month(window.start) + 1
        with_data = self._months(expression, window)
        months = with_data if with_data < span and expression.kind == "additive" else None
        if isinstance(expression, Sum):
            rows = Selector(_terms(expression), scope, by, items)
            return Figure(self._sum(expression, scope, by, items), unit, window, rows, months=months)
        rows = Selector(_terms(expression.numerator + expression.denominator), scope, by, items)
        numerator = self._sum(expression.numerator, scope, by, items)
        denominator = self._sum(expression.denominator, scope, by, items)
        return Figure(
            value=Fraction(numerator, denominator) if denominator else None,
            unit=unit,
            window=window,
            rows=rows,
            why=None if denominator else "n/a",
            numerator=numerator,
            denominator=denominator,
            numerator_unit=_UNIT_OF[expression.numerator.terms[0][1].quantity],
            denominator_unit=_UNIT_OF[expression.denominator.terms[0][1].quantity],
            months=months,
        )

    def _shares(self, metric: Metric, cut: Cut, items: tuple[str, ...]) -> dict[str, Figure]:
        """What part of the whole an item is, by the metric itself and by each companion."""
        values = {"count": metric.expression} | {name: value for name, (value, _) in metric.companions.items()}
        shares = {}
        for name, value in values.items():
            assert isinstance(value, Sum)
            window = self.period.window
            part = self._figure(value, COUNT, window, cut.by, items)
            whole = self._sum(value, self._scope(window), "", ())
            unit = _UNIT_OF[value.terms[0][1].quantity]
            shares[f"{name}_percent"] = Figure(
                value=Fraction(part.value or 0, whole) if whole else None,
                unit=RATE,
                window=window,
                rows=part.rows,
                why=None if whole else "n/a",
                numerator=int(part.value or 0),
                denominator=whole,
                numerator_unit=unit,
                denominator_unit=unit,
            )
        return shares

    def _sum(self, expression: Sum, scope: Scope, by: str, items: tuple[str, ...]) -> int:
        position = self._positions(by, items)
        return sum(
            sign * sum(self._totals(measure, scope, by)[at] for at in position) for sign, measure in expression.terms
        )

    def _totals(self, measure: Measure, scope: Scope, by: str) -> list[int]:
        return self.facts.totals(measure.events, measure.quantity, scope, by)

    def _positions(self, by: str, items: tuple[str, ...]) -> list[int]:
        labels = self.facts.labels(by)
        return [labels.index(item) for item in items] if items else list(range(len(labels)))

    def _scope(self, window: Window) -> Scope:
        at_end = self.facts.dataset.settings.toggles.membership == "period_end"
        return Scope(self.segment, window, to_day(window.end) if at_end else None)

    def _span(self, expression: Expression) -> tuple[int, int] | None:
        """First and last month of data of the tables that an expression reads; None without."""
        parts = (expression.numerator + expression.denominator) if isinstance(expression, Ratio) else expression
        spans = [self.facts.months(measure.events) for _, measure in parts.terms]
        known = [span for span in spans if span is not None]
        return (min(first for first, _ in known), max(last for _, last in known)) if known else None

    def _months(self, expression: Expression, window: Window) -> int:
        """How many months of a window lie within the months of data."""
        span = self._span(expression)
        if span is None:
            return 0
        return max(0, min(span[1], to_month(window.end)) - max(span[0], to_month(window.start)) + 1)

    def _trend(self, metric: Metric) -> tuple[Figure, ...]:
        """The metric's total in each of the 13 months up to the period's last; months before the data are left out."""
        months = range(self.period.last - 12, self.period.last + 1)
        windows = [month_period(month).window for month in months]
        figures = (self._base(metric.expression, metric.unit, window, "", ()) for window in windows)
        return tuple(figure for figure in figures if figure is not None)

    def _notes(self, metric: Metric, lost_track: int | None) -> Iterable[str]:
        if lost_track:
            yield f"{lost_track:,} open opportunities stood in a stage that the data does not tell (unknown)"
        if metric.expression.kind == "stock":
            return
        rows = self._figure(metric.expression, metric.unit, self.period.window, "", ()).rows
        if metric.unit is DAYS:
            yield from self._wrong_way_round()
        elif metric.uses_amounts and (blank := self._blank_amounts(rows)):
            yield f"{blank:,} of the opportunities have no amount: they count as 0 in sums"

    def _wrong_way_round(self) -> Iterable[str]:
        """Won opportunities that closed before they were created, by name."""
        found = self.facts.rows("won", self._scope(self.period.window))
        table = self.facts.dataset.tables["opportunities"]
        wrong = found.row[table["closed_on"][found.row] < table["created_on"][found.row]]
        if len(wrong):
            names = ", ".join(str(name) for name in table["opportunity_id"][wrong[:5]])
            more = f" and {len(wrong) - 5:,} more" if len(wrong) > 5 else ""
            yield f"{len(wrong):,} won before they were created are left out: {names}{more}"

    def _blank_amounts(self, selector: Selector) -> int:
        blank = self.facts.opportunities.blank_amount
        found = {int(row) for term in selector.terms for row in self.facts.rows(term.events, selector.scope).row}
        return sum(bool(blank[row]) for row in found)


def _terms(expression: Sum) -> tuple[Term, ...]:
    """The events behind a sum, each once."""
    signs: dict[str, int] = {}
    for sign, measure in expression.terms:
        signs.setdefault(measure.events, sign)
    return tuple(Term(sign, events) for events, sign in signs.items())
