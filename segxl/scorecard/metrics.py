"""THE catalogue: every metric with its definition, unit, favourable direction and views.

To add a metric, write one function here (its name is the key, its docstring the definition that readers see, its
result the arithmetic over measures) and list it in :data:`CATALOGUE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from segxl.errors import SegxlError, nearest
from segxl.scorecard import views
from segxl.scorecard.measures import (
    CREATED_AMOUNT,
    LOST_AMOUNT,
    LOST_COUNT,
    OPEN_AMOUNT,
    OPEN_COUNT,
    TIMED_COUNT,
    TIMED_DAYS,
    WON_AMOUNT,
    WON_COUNT,
    Expression,
    Measure,
    Ratio,
    as_expression,
)
from segxl.scorecard.views import Cut
from segxl.units import COUNT, DAYS, MONEY, RATE, Unit

Better = Literal["higher", "lower", "neutral"]
Area = Literal["Pipeline", "Sales performance"]


@dataclass(frozen=True)
class Metric:
    """One metric of the scorecard.

    Attributes:
        key: fixed name. name: the field's term. source_name: the source's wording.
        area: the source's chapter ("<area> Metrics"). unit, better: unit and favourable direction.
        definition: what the reader sees. example: a worked example in numbers.
        expression: the arithmetic. companions: further numbers shown beside it, by name.
        cuts: its lines. shares: whether each line also says what part of the total it is.
        source_views: the source's bullets, each with the keys of the views that answer it.
    """

    key: str
    name: str
    source_name: str
    area: Area
    unit: Unit
    better: Better
    definition: str
    example: str
    expression: Expression
    cuts: tuple[Cut, ...]
    companions: Mapping[str, tuple[Expression, Unit]] = field(default_factory=dict)
    shares: bool = False
    source_views: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_rate(self) -> bool:
        """Rates compare in percentage points."""
        return self.unit is RATE

    @property
    def has_trailing_12(self) -> bool:
        """A stock has no sum over 12 months."""
        return self.expression.kind == "additive"

    @property
    def uses_amounts(self) -> bool:
        """Some part of it adds up amounts."""
        parts = (
            (self.expression,)
            if not isinstance(self.expression, Ratio)
            else (
                self.expression.numerator,
                self.expression.denominator,
            )
        )
        return any(measure.quantity == "cents" for part in parts for _, measure in part.terms)

    @property
    def formula(self) -> str:
        """The arithmetic in words, from the measures themselves."""
        if isinstance(self.expression, Ratio):
            return f"({_terms(self.expression.numerator.terms)}) / ({_terms(self.expression.denominator.terms)})"
        return _terms(self.expression.terms)


_MEASURE_NAMES: dict[Measure, str] = {
    WON_COUNT: "# won",
    WON_AMOUNT: "won revenue",
    LOST_COUNT: "# lost",
    LOST_AMOUNT: "lost revenue",
    CREATED_AMOUNT: "amounts created",
    OPEN_COUNT: "# open at the end",
    OPEN_AMOUNT: "open amounts at the end",
    TIMED_COUNT: "# won with a known duration",
    TIMED_DAYS: "days from created to closed",
}


def _terms(terms: tuple[tuple[int, Measure], ...]) -> str:
    words = [("+ " if sign > 0 else "− ") + _MEASURE_NAMES[measure] for sign, measure in terms]
    return " ".join(words).removeprefix("+ ")


_MOM = ("Month-over-month", ("mom", "qoq"))
_YOY = ("Year-over-year for the month", ("yoy",))
_TOTAL = ("Total", ("total",))
_NEW_OR_EXISTING = ("From new customers versus existing", ("new_customers", "existing_customers"))
_NEW_LOGO = ("New logo opportunities", ("new_logo",))
_UPSELL = ("Upsell / cross-sell opportunities", ("upsell_cross_sell",))


def _metric(
    *,
    name: str,
    source_name: str,
    area: Area,
    unit: Unit,
    better: Better,
    cuts: tuple[Cut, ...],
    source_views: tuple[tuple[str, tuple[str, ...]], ...],
    example: str,
    companions: Mapping[str, tuple[Measure, Unit]] | None = None,
    shares: bool = False,
) -> Callable[[Callable[[], Measure | Expression]], Metric]:
    def declare(function: Callable[[], Measure | Expression]) -> Metric:
        return Metric(
            key=function.__name__,
            name=name,
            source_name=source_name,
            area=area,
            unit=unit,
            better=better,
            definition=" ".join((function.__doc__ or "").split()),
            example=example,
            expression=as_expression(function()),
            cuts=cuts,
            companions={key: (as_expression(value), unit) for key, (value, unit) in (companions or {}).items()},
            shares=shares,
            source_views=source_views,
        )

    return declare


_REVENUE_CUTS = (views.TOTAL, *views.CUSTOMER_CUTS, *views.DIMENSION_CUTS)
_COUNT_CUTS = (views.TOTAL, views.REVENUE, *views.TYPE_CUTS, *views.DIMENSION_CUTS)
_RATE_CUTS = (views.TOTAL, *views.TYPE_CUTS, *views.DIMENSION_CUTS)


@_metric(
    name="Won revenue",
    source_name="Won revenue",
    area="Pipeline",
    unit=MONEY,
    better="higher",
    cuts=_REVENUE_CUTS,
    source_views=(_TOTAL, _NEW_OR_EXISTING, _MOM, _YOY),
    example="Closed-won in May: 10,000 and 2,500.50, and one without an amount. Won revenue is 12,500.50.",
)
def won_revenue() -> Measure:
    """Amounts of opportunities closed-won in the period, by closing date. A blank amount is 0."""
    return WON_AMOUNT


@_metric(
    name="Lost revenue",
    source_name="Lost revenue",
    area="Pipeline",
    unit=MONEY,
    better="lower",
    cuts=_REVENUE_CUTS,
    source_views=(_TOTAL, _NEW_OR_EXISTING, _MOM, _YOY),
    example="Closed-lost in May: 4,000 and 1,000. Lost revenue is 5,000.",
)
def lost_revenue() -> Measure:
    """Amounts of opportunities closed-lost in the period, by closing date. A blank amount is 0."""
    return LOST_AMOUNT


@_metric(
    name="Net new pipeline",
    source_name="Net new pipeline created",
    area="Pipeline",
    unit=MONEY,
    better="higher",
    cuts=_REVENUE_CUTS,
    source_views=(_TOTAL, _NEW_OR_EXISTING, _MOM, _YOY),
    example="Created in May: 30,000. Closed-lost in May: 5,000. Net new pipeline is 25,000.",
)
def net_new_pipeline() -> Expression:
    """Amounts of opportunities created in the period, minus amounts closed-lost in it. Amounts are those known now,
    not those at creation."""
    return CREATED_AMOUNT - LOST_AMOUNT


@_metric(
    name="Pipeline by stage",
    source_name="Pipeline revenue by stage",
    area="Pipeline",
    unit=MONEY,
    better="higher",
    cuts=(views.TOTAL, views.BY_STAGE, *views.DIMENSION_CUTS),
    source_views=(
        ("Total", ("total", "by_stage")),
        ("Month-over-month", ("mom", "by_stage_mom", "by_stage_qoq")),
        ("Year-over-year for the month", ("yoy", "by_stage_yoy")),
    ),
    example="On 31 May 20,000 are open in Discovery and 7,000 in Proposal: by stage 20,000 and 7,000, total 27,000.",
    companions={"count": (OPEN_COUNT, COUNT)},
)
def pipeline_by_stage() -> Measure:
    """Amounts of the opportunities open at the end of the period, by the stage in which each one stood then. With a
    history, stage and amount are those of the time; without, a closed opportunity's stage then is unknown."""
    return OPEN_AMOUNT


@_metric(
    name="Won opportunities",
    source_name="# won opportunities",
    area="Sales performance",
    unit=COUNT,
    better="higher",
    cuts=_COUNT_CUTS,
    source_views=(("Total - #", ("total",)), ("Total - revenue", ("revenue",)), _NEW_LOGO, _UPSELL, _MOM, _YOY),
    example="Three contracts signed in May, one of them worth 0: won opportunities are 3.",
    companions={"revenue": (WON_AMOUNT, MONEY)},
)
def won_opportunities() -> Measure:
    """Number of opportunities closed-won in the period, those without an amount included."""
    return WON_COUNT


@_metric(
    name="Lost opportunities",
    source_name="# lost opportunities",
    area="Sales performance",
    unit=COUNT,
    better="lower",
    cuts=_COUNT_CUTS,
    source_views=(("Total - #", ("total",)), ("Total - revenue", ("revenue",)), _NEW_LOGO, _UPSELL, _MOM, _YOY),
    example="Two opportunities closed-lost in May: lost opportunities are 2.",
    companions={"revenue": (LOST_AMOUNT, MONEY)},
)
def lost_opportunities() -> Measure:
    """Number of opportunities closed-lost in the period."""
    return LOST_COUNT


@_metric(
    name="Lost opportunities by reason",
    source_name="# lost opportunities by reason",
    area="Sales performance",
    unit=COUNT,
    better="lower",
    cuts=(views.TOTAL, views.BY_REASON),
    source_views=(("# (and %)", ("by_reason",)), ("Revenue (and %)", ("by_reason",))),
    example="Lost in May: 3 on price worth 6,000, 1 without reason worth 2,000. Price: 3 (75%), 6,000 (75%); "
    "(blank): 1 (25%), 2,000 (25%).",
    companions={"revenue": (LOST_AMOUNT, MONEY)},
    shares=True,
)
def lost_by_reason() -> Measure:
    """Opportunities closed-lost in the period by loss reason: number, revenue, and each one's part of all lost.
    Those without a reason stand under (blank), so that the reasons add up."""
    return LOST_COUNT


@_metric(
    name="Average deal size",
    source_name="Average deal size",
    area="Sales performance",
    unit=MONEY,
    better="higher",
    cuts=_RATE_CUTS,
    source_views=(("Average", ("total",)), _MOM, _YOY, _NEW_LOGO, _UPSELL),
    example="Won in May: 10,000, 5,000 and 0. The average is 15,000 / 3 = 5,000.",
)
def average_deal_size() -> Expression:
    """Won revenue divided by the number of won opportunities, those worth 0 included."""
    return WON_AMOUNT / WON_COUNT


@_metric(
    name="Average time to close",
    source_name="Average time to close",
    area="Sales performance",
    unit=DAYS,
    better="lower",
    cuts=_RATE_CUTS,
    source_views=(
        ("Average", ("total",)),
        ("Average for the previous 12 months", ("trailing_12",)),
        _NEW_LOGO,
        _UPSELL,
    ),
    example="Won in May: created 1 May and closed 31 May (30 days), created and closed 9 May (0). The average is 15.",
)
def average_time_to_close() -> Expression:
    """Calendar days from created to closed, averaged over the opportunities closed-won in the period; the same day is
    0. Those that were closed before they were created are left out and named in a note."""
    return TIMED_DAYS / TIMED_COUNT


@_metric(
    name="Win rate (count)",
    source_name="Win rate - # opportunities",
    area="Sales performance",
    unit=RATE,
    better="higher",
    cuts=_RATE_CUTS,
    source_views=(_NEW_LOGO, _UPSELL, _MOM, _YOY),
    example="3 won and 5 lost in May: 3 / (3 + 5) = 37.5%.",
)
def win_rate_count() -> Expression:
    """Won opportunities divided by won and lost ones, all closed in the period."""
    return WON_COUNT / (WON_COUNT + LOST_COUNT)


@_metric(
    name="Win rate (revenue)",
    source_name="Win rate - revenue",
    area="Sales performance",
    unit=RATE,
    better="higher",
    cuts=_RATE_CUTS,
    source_views=(_NEW_LOGO, _UPSELL, _MOM, _YOY),
    example="12,000 won and 8,000 lost in May: 12,000 / 20,000 = 60%.",
)
def win_rate_revenue() -> Expression:
    """Won revenue divided by won and lost revenue, all closed in the period."""
    return WON_AMOUNT / (WON_AMOUNT + LOST_AMOUNT)


CATALOGUE: tuple[Metric, ...] = (
    won_revenue,
    lost_revenue,
    net_new_pipeline,
    pipeline_by_stage,
    won_opportunities,
    lost_opportunities,
    lost_by_reason,
    average_deal_size,
    average_time_to_close,
    win_rate_count,
    win_rate_revenue,
)

BY_KEY: Mapping[str, Metric] = {metric.key: metric for metric in CATALOGUE}


def find_metric(key: str) -> Metric:
    """A metric by its key.

    Raises:
        SegxlError: there is none; the nearest one is named.
    """
    if key not in BY_KEY:
        raise SegxlError(f"there is no metric {key!r}{nearest(key, BY_KEY)}; `segxl metrics` lists them")
    return BY_KEY[key]


def chosen(keys: tuple[str, ...] | None) -> tuple[Metric, ...]:
    """The metrics of a subset in the catalogue's order, or all of them."""
    if keys is None:
        return CATALOGUE
    wanted = {find_metric(key).key for key in keys}
    return tuple(metric for metric in CATALOGUE if metric.key in wanted)
