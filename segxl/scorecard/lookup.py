"""Numbers of any segment over any window, for the first pages: lines as the scorecard has them, and trends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from segxl.catalogue import measures as m
from segxl.catalogue.measure import Expression, as_expression
from segxl.catalogue.metrics import BY_KEY
from segxl.catalogue.views import BY_TYPE, CUSTOMER_CUTS, Cut
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.arrays import Scope
from segxl.facts.engine import Facts
from segxl.facts.revenue import ROLLFORWARD_SIGNS
from segxl.periods import Period, Window, month_end, month_period, month_start, to_month
from segxl.scorecard.compute import line_of
from segxl.scorecard.figures import Figures
from segxl.scorecard.model import Coverage, Figure, Line, PipelineStatus, Plan, Scorecard
from segxl.scorecard.numbers_table import number_key
from segxl.scorecard.pipeline_status import pipeline_status
from segxl.scorecard.summary_model import Kind, Measured
from segxl.scorecard.targets import Targets
from segxl.scorecard.unavailable import lacking
from segxl.scorecard.words import share_text
from segxl.units import MONEY, RATE, Scale, Unit, money_scale

_MONTHS, _QUARTERS = 13, 9
"""Points of a trend: a year and the same month before it; two years and the same quarter before them."""

BY_TYPES: Mapping[str, tuple[str, ...]] = {
    "New logo": ("new_logo",),
    "Expansion": ("upsell", "cross_sell"),
    "Renewal": ("renewal",),
    "Other types": ("other",),
}
BY_CUSTOMERS: Mapping[str, tuple[str, ...]] = {
    "New customers": CUSTOMER_CUTS[0].items,
    "Existing customers": CUSTOMER_CUTS[1].items,
    "Unknown customers": CUSTOMER_CUTS[2].items,
}
"""Won revenue in parts; the first one is new business."""

NRR, GRR = as_expression(m.COHORT_NOW / m.COHORT_THEN), as_expression(m.COHORT_KEPT / m.COHORT_THEN)
"""Retention over 12 months: what the customers of 12 months ago pay now as a part of what they paid then; gross without
expansion (of each account the smaller of the two)."""

_WON, _CREATED = as_expression(m.WON_AMOUNT), as_expression(m.CREATED_AMOUNT)
_WIN_RATE = BY_KEY["win_rate_count"].expression


@dataclass(frozen=True)
class Lookup:
    """The numbers of the first pages, by name."""

    facts: Facts
    scorecard: Scorecard
    segments: tuple[str, ...]

    @property
    def period(self) -> Period:
        """The period."""
        return self.scorecard.period

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The periods of a trend: 13 months, or nine quarters."""
        period = self.period
        step = period.last - period.first + 1
        count = _MONTHS if period.kind == "month" else _QUARTERS
        return tuple(
            Window(month_start(period.first - step * back), month_end(period.last - step * back))
            for back in reversed(range(count))
        )

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The windows of a trend as periods."""
        months = [to_month(window.start) for window in self.windows]
        if self.period.kind == "month":
            return tuple(map(month_period, months))
        return tuple(map(self.facts.dataset.settings.fiscal.quarter_of, months))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the periods of a trend are called: ``Oct 2026``, ``FY27 Q3``."""
        if self.period.kind == "month":
            return tuple(window.month_names for window in self.windows)
        return tuple(period.short_name for period in self.periods)

    @cached_property
    def long_names(self) -> tuple[str, ...]:
        """The same in full, for the first place on a page: ``FY27 Q3 (Aug–Oct 2026)``."""
        if self.period.kind == "month":
            return self.names
        fiscal = self.facts.dataset.settings.fiscal
        return tuple(fiscal.quarter_of(to_month(window.start)).name for window in self.windows)

    @cached_property
    def scale(self) -> Scale:
        """How all first pages of a period write amounts: by the company's largest won revenue, else MRR, of the
        trend."""
        for metric in ("won_revenue", "mrr"):
            one = self.measured(ALL_ACCOUNTS, metric, "", "")
            amounts = [abs(Fraction(value)) for point in (one.points if one else ()) if (value := worth(point))]
            if amounts:
                return money_scale(max(amounts))
        return money_scale(0)

    @cached_property
    def targets(self) -> Targets:
        """The plan."""
        return Targets(self.facts)

    @cached_property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """The parts of won revenue: by type where deals have types, else by new and existing customers."""
        return BY_TYPES if self._parted("type", ("new_logo", "upsell", "cross_sell", "renewal")) else BY_CUSTOMERS

    @property
    def by(self) -> str:
        """The dimension of the parts."""
        return "type" if self.parts is BY_TYPES else "customer"

    @property
    def new_word(self) -> str:
        """The first part within a sentence."""
        return "new-logo revenue" if self.by == "type" else "revenue from new customers"

    def has(self, metric: str) -> bool:
        """Whether the data has what a metric needs, and the scorecard shows the metric."""
        return metric in self._shown and not lacking(self.facts, BY_KEY[metric])

    def line(self, segment: str, metric: str, cut_key: str = "") -> Line | None:
        """A line of the scorecard (its headline, or ``cut_key``); None where the data lacks it."""
        if not self.has(metric):
            return None
        found = BY_KEY[metric]
        cut = found.cut(cut_key) if cut_key else found.cuts[0]
        assert cut is not None and not cut.each
        result = self.scorecard.segments.get(segment)
        lines = result.metrics[metric].lines if result is not None and metric in result.metrics else ()
        known = next((line for line in lines if line.cut.key == cut.key), None)
        return known or line_of(self.facts, segment, self.period, found, cut, "", self.targets)

    def items(self, segment: str, metric: str, cut_key: str) -> Iterator[tuple[str, Figure, Figure]]:
        """The items of a cut, each with its figure in the period and in the period before; none without a number in
        both."""
        found = BY_KEY[metric]
        cut = found.cut(cut_key)
        if cut is None or not self.has(metric):
            return
        expression, unit = found.of(cut)
        figures = Figures(self.facts, segment)
        for item in self.facts.labels(cut.by):
            now, before = (figures.base(expression, unit, one, cut.by, (item,)) for one in self.windows[:-3:-1])
            if worth(now) is not None and worth(before) is not None:
                assert now is not None and before is not None
                yield item, now, before

    def of_last_month(self, segment: str, metric: str) -> Line:
        """A metric's headline in the last month of the period, whatever the data has."""
        found = BY_KEY[metric]
        month = month_period(self.period.last)
        return line_of(self.facts, segment, month, found, found.cuts[0], "", self.targets)

    def measured(self, segment: str, metric: str, cut_key: str, name: str) -> Measured | None:
        """A line over the periods of the trend; None where the data lacks it."""
        if not self.has(metric):
            return None
        found = BY_KEY[metric]
        cut = found.cut(cut_key) if cut_key else found.cuts[0]
        assert cut is not None
        plan = self.targets.plan(segment, found, cut, "", self.period)
        view = "plan" if cut.key == found.planned_cut.key else f"{cut.key}_plan"
        key = number_key(segment, metric, view)
        return replace(self._over(segment, metric, name, found.of(cut), cut), plan=plan, plan_key=key)

    def plans(self, segment: str, metric: str) -> tuple[Plan | None, ...]:
        """The plan of a metric's headline for each period of the trend; nothing without any."""
        if not self.has(metric):
            return ()
        found = BY_KEY[metric]
        plans = tuple(self.targets.plan(segment, found, found.planned_cut, "", period) for period in self.periods)
        return plans if any(plan is not None and plan.value is not None for plan in plans) else ()

    def new_business(self, segment: str) -> Measured | None:
        """Won revenue of the first part (new logos, or new customers) over the periods of the trend."""
        if not self.has("won_revenue"):
            return None
        name, items = next(iter(self.parts.items()))
        metric = BY_KEY["won_revenue"]
        cut = BY_TYPE if self.by == "type" else CUSTOMER_CUTS[0]
        item = "new_logo" if self.by == "type" else ""
        key = number_key(segment, metric.key, f"{cut.key}_plan", item)
        plan = self.targets.plan(segment, metric, cut, item, self.period)
        found = self._over(segment, "new_business", f"Won, {name.lower()}", (_WON, MONEY), Cut("", "", self.by, items))
        return replace(found, plan=plan, plan_key=key)

    def won_deals(self, segment: str) -> Measured | None:
        """Won deals, the last step of the funnel: those of new logos where types are known, as renewals have no
        lead."""
        metric = BY_KEY["won_opportunities"]
        if self.by != "type" or not self.has(metric.key):
            return self.measured(segment, metric.key, "", "Won deals")
        plan = self.targets.plan(segment, metric, BY_TYPE, "new_logo", self.period)
        cut = Cut("", "", self.by, BY_TYPES["New logo"])
        found = self._over(segment, metric.key, "New logos won", metric.of(cut), cut)
        key = number_key(segment, metric.key, f"{BY_TYPE.key}_plan", "new_logo")
        return replace(found, plan=plan, plan_key=key)

    def win_rate_of(self, segment: str, part: str) -> Measured | None:
        """The win rate by count of a part of :data:`BY_TYPES`; None where types are unknown."""
        metric = BY_KEY["win_rate_count"]
        if self.by != "type" or not self.has(metric.key):
            return None
        cut = Cut("", "", self.by, BY_TYPES[part])
        return self._over(segment, metric.key, f"Win rate, {part.lower()}", metric.of(cut), cut)

    def retention(self, segment: str, expression: Expression, name: str) -> Measured | None:
        """:data:`NRR` or :data:`GRR`, each over the 12 months that end with a period of the trend."""
        if not self.has("nrr"):
            return None
        figures = Figures(self.facts, segment)
        windows = (Window(month_start(to_month(window.end) - 11), window.end) for window in self.windows)
        points = tuple(figures.base(expression, RATE, window) for window in windows)
        return Measured("nrr", name, "higher", points, self.period.in_a_year)

    def won(self, segment: str) -> Mapping[str, tuple[Figure | None, ...]]:
        """Won revenue by part over the periods of the trend; parts without anything are omitted, as are those of a
        company without deals."""
        if not self.has("won_revenue"):
            return {}
        figures = Figures(self.facts, segment)
        found = {
            name: tuple(figures.base(_WON, MONEY, window, self.by, items) for window in self.windows)
            for name, items in self.parts.items()
        }
        return {name: points for name, points in found.items() if any(map(worth, points))}

    def kinds(self, segment: str, at: int) -> tuple[Kind, ...]:
        """Won revenue by part, now and at a place of the trend, and last of all parts together; where deals have types,
        with the pipeline created and the win rate of each. Parts without anything are omitted."""
        if not self.has("won_revenue"):
            return ()
        figures, typed = Figures(self.facts, segment), self.by == "type"
        further = (("net_new_pipeline", _CREATED, MONEY), ("win_rate_count", _WIN_RATE, RATE))

        def both(what: Expression, unit: Unit, items: tuple[str, ...]) -> tuple[Figure | None, Figure | None]:
            by = self.by if items else ""
            now, base = (figures.base(what, unit, self.windows[one], by, items) for one in (-1, at))
            return now, base

        def kind(name: str, items: tuple[str, ...]) -> Kind:
            pairs = [
                both(what, unit, items) if typed and self.has(key) else (None, None) for key, what, unit in further
            ]
            return Kind(name, both(_WON, MONEY, items), *pairs)

        parts = [kind(name, items) for name, items in self.parts.items()]
        return (
            *(one for one in parts if any(worth(figure) is not None and worth(figure) for figure in one.all)),
            kind("All", ()),
        )

    def movements(self, segment: str) -> Mapping[str, tuple[int | None, ...]]:
        """MRR movements in signed cents over the periods of the trend; without those that never happen."""
        if not self.has("mrr"):
            return {}
        figures = Figures(self.facts, segment)
        lines = [self.facts.accounts.rollforward(figures.scope(window)) for window in self.windows]
        moving = [name for name in ROLLFORWARD_SIGNS if name != "opening"]
        found = {
            name: tuple(None if one is None else ROLLFORWARD_SIGNS[name] * one[name] for one in lines)
            for name in moving
        }
        return {name: cents for name, cents in found.items() if any(cents)}

    def closing_mrr(self, segment: str) -> int | None:
        """MRR at the period's end, in cents, as the roll-forward has it; None where it is unknown."""
        if not self.has("mrr"):
            return None
        lines = self.facts.accounts.rollforward(Figures(self.facts, segment).scope(self.period.window))
        return None if lines is None else lines["closing"]

    def to_date(self, segment: str) -> str:
        """What was won in the fiscal quarter so far, for a month that is not its first: ``FY27 Q3 to date: 7,648k won,
        102% of its plan``, and for its last month ``FY27 Q3 (Aug–Oct 2026): …``; blank without deals."""
        status = self.status(segment) if self.period.kind == "month" and self.has("won_revenue") else None
        if status is None or status.won_window.start == self.period.window.start:
            return ""
        plan = None if status.this.plan is None else status.this.plan.value
        quarter = status.this.quarter
        name = quarter.name if quarter.last == self.period.last else f"{quarter.short_name} to date"
        text = f"{name}: {self.scale.text(status.won)} won"
        return text + (
            f", {share_text(Fraction(status.won) / plan)} of its plan" if plan is not None and plan > 0 else ""
        )

    def status(self, segment: str) -> PipelineStatus | None:
        """The open pipeline by expected close."""
        result = self.scorecard.segments.get(segment)
        if result is not None:
            return result.pipeline_status
        figures = Figures(self.facts, segment)
        if not self.has("pipeline_by_stage") or not figures.covers(
            BY_KEY["pipeline_by_stage"].expression, self.period.window
        ):
            return None
        return pipeline_status(self.facts, figures.scope(self.period.window), self.period, self.targets)

    def bridge(self, segment: str) -> Mapping[str, int] | None:
        """The lines of the pipeline bridge in cents; None where the data is not sufficient."""
        result, bridge = self.scorecard.segments.get(segment), self.facts.bridge
        if result is not None:
            return result.bridge
        known = self.status(segment) is not None
        return bridge.lines(Figures(self.facts, segment).scope(self.period.window)) if bridge and known else None

    def coverage(self, segment: str) -> Coverage | None:
        """The coverage that still decides something: of this quarter, on its last month that of the next one."""
        status = self.status(segment)
        if status is None:
            return None
        return status.following if status.this.quarter.last == self.period.last else status.this

    @cached_property
    def _shown(self) -> frozenset[str]:
        return frozenset(key for result in self.scorecard.segments.values() for key in result.metrics)

    def _over(
        self,
        segment: str,
        key: str,
        name: str,
        what: tuple[Expression, Unit],
        cut: Cut,
    ) -> Measured:
        figures, (expression, unit) = Figures(self.facts, segment), what
        points = tuple(figures.base(expression, unit, window, cut.by, cut.items) for window in self.windows)
        better = BY_KEY[key].better if key in BY_KEY else "higher"
        return Measured(key, name, better, points, self.period.in_a_year)

    def _parted(self, by: str, items: tuple[str, ...]) -> bool:
        """Whether any won deal of the trend's windows falls on one of these items."""
        scope = Scope(ALL_ACCOUNTS, Window(self.windows[0].start, self.windows[-1].end), None)
        totals = self.facts.totals("won", "count", scope, by)
        labels = self.facts.labels(by)
        return totals is not None and any(total and label in items for total, label in zip(totals, labels, strict=True))


def worth(figure: Figure | None) -> int | Fraction | None:
    """A figure's value; None where there is none."""
    return None if figure is None else figure.value
