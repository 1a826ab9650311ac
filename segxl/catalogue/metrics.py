"""THE catalogue: every metric with its definition, unit, favourable direction and views.

To add a metric, write one function here (its name is the key, its docstring the definition that readers see, its
result the arithmetic over measures) and list it in :data:`CATALOGUE`. Then work out one of its numbers by hand in
``tests/worked.py``. A metric that is not in GoMo's scorecard has no ``source_name`` and no ``source_views``; pages say
"segxl" as its source.
"""

from __future__ import annotations

from collections.abc import Mapping

from segxl.catalogue import measures as m
from segxl.catalogue import views
from segxl.catalogue.measure import Measure
from segxl.catalogue.metric import Arithmetic, Metric, declare
from segxl.errors import SegxlError, nearest
from segxl.units import COUNT, DAYS, MONEY, RATE, Unit

_MOM = ("Month-over-month", ("mom", "qoq"))
_YOY = ("Year-over-year for the month", ("yoy",))
_TOTAL = ("Total", ("total",))
_NEW_OR_EXISTING = ("From new customers versus existing", ("new_customers", "existing_customers"))
_NEW_LOGO = ("New logo opportunities", ("new_logo",))
_UPSELL = ("Upsell / cross-sell opportunities", ("upsell_cross_sell",))

_SEGMENT_TOTAL = ("Total", ("total",))
_RUNNING = ("Running total", ("running_total",))
_OF_SOM = ("% of SOM accounts", ("percent_of_som",))
_COVERAGE_CUTS = (views.TOTAL, views.RUNNING_TOTAL, views.PERCENT_OF_SOM, views.PERCENT_OF_SOM_MONTH)
_LEAD_CUTS = (views.TOTAL, views.BY_LEAD_SOURCE, views.BY_GEO, views.BY_SALES_TEAM)
_LEAD_VIEWS = (_TOTAL, ("Total by lead source", ("by_lead_source",)), _MOM, _YOY)
_CONVERSION_VIEWS = (
    ("Conversion for the month", ("total",)),
    ("Conversion rate of previous 12 months", ("trailing_12",)),
)


def _coverage(in_window: Measure, so_far: Measure) -> dict[str, tuple[Arithmetic, Unit]]:
    """The running total of a number of SOM accounts, and both as parts of the market."""
    return {
        "running_total": (so_far, COUNT),
        "percent_of_som": (so_far / m.SOM, RATE),
        "percent_of_som_month": (in_window / m.SOM, RATE),
    }


@declare(
    name="SOM accounts (serviceable obtainable market)",
    source_name="Service obtainable accounts",
    area="Segment performance",
    unit=COUNT,
    better="higher",
    cuts=(views.HEADLINE_RUNNING_TOTAL, views.BY_GEO, views.BY_SALES_TEAM),
    source_views=(_RUNNING, ("By geo / sales team", ("by_geo", "by_sales_team"))),
    example="On 31 May 120 accounts are members of the segment, 80 of them in East: SOM accounts are 120, East 80.",
)
def som_accounts() -> Arithmetic:
    """Distinct accounts in the segment on the window's last day. All accounts: every account in the accounts table or
    in a segment's member list."""
    return m.SOM


@declare(
    name="Targeted SOM accounts",
    source_name="Targeted SOM accounts",
    area="Segment performance",
    unit=COUNT,
    better="higher",
    cuts=_COVERAGE_CUTS,
    source_views=(_SEGMENT_TOTAL, _RUNNING, _OF_SOM),
    example="120 SOM accounts; 30 were reached in May, 90 at any time up to 31 May: total 30, running total 90, "
    "90 / 120 = 75% of SOM.",
    own_lines=_coverage(m.TARGETED, m.TARGETED_SO_FAR),
)
def targeted_accounts() -> Arithmetic:
    """SOM accounts targeted by demand generation: reached by any source except sales activity, or engaged by a campaign
    or event. Retargeting is excluded. Running total: members at the
    window's end, targeted on any day up to it."""
    return m.TARGETED


@declare(
    name="Engaged SOM accounts (by sales)",
    source_name="Engaged SOM accounts",
    area="Segment performance",
    unit=COUNT,
    better="higher",
    cuts=_COVERAGE_CUTS,
    source_views=(_SEGMENT_TOTAL, _RUNNING, _OF_SOM),
    example="In May 12 of 120 SOM accounts were called and 8 others had an open opportunity: total 20. Including "
    "earlier months: running total 60, 60 / 120 = 50% of SOM.",
    own_lines=_coverage(m.ENGAGED, m.ENGAGED_SO_FAR),
)
def engaged_accounts() -> Arithmetic:
    """SOM accounts with a sales activity in the CRM, or an opportunity that was open or closed in the window. This is
    sales engagement; the segment performance report measures marketing engagement.
    """
    return m.ENGAGED


@declare(
    name="Customers (won and retained)",
    source_name="SOM accounts won and retained",
    area="Segment performance",
    unit=COUNT,
    better="higher",
    cuts=_COVERAGE_CUTS,
    source_views=(_SEGMENT_TOTAL, _RUNNING, _OF_SOM),
    example="40 accounts pay on 31 May, 3 of them new in May: total 3, running total 40, 40 / 120 = 33.3% of SOM.",
    own_lines=_coverage(m.NEW_CUSTOMERS, m.CUSTOMERS),
    planned="running_total",
)
def customers() -> Arithmetic:
    """Accounts whose MRR rose from 0 in the window and is positive at its end. Running total: all customers at the
    window's end. Without a revenue table: accounts with their first won opportunity in the window; running total: won
    and no renewal lost since."""
    return m.NEW_CUSTOMERS


@declare(
    name="Churned or downgraded customers",
    source_name="Churned Customers",
    area="Segment performance",
    unit=COUNT,
    better="lower",
    cuts=(views.TOTAL, views.REVENUE_LOST, views.CANCELLED, views.DOWNGRADED),
    source_views=(
        ("Total #", ("total",)),
        ("Total # for the previous 12 months", ("trailing_12",)),
        ("Total revenue", ("revenue",)),
        ("Total revenue for the previous 12 months", ("revenue_trailing_12",)),
    ),
    example="A customer's MRR falls from 100 to 80 in March and to 0 in May. Over 12 months: one customer, "
    "cancelled; revenue lost 20 + 80 = 100.",
    own_lines={
        "revenue": (m.CHURNED_REVENUE, MONEY),
        "cancelled": (m.CANCELLED, COUNT),
        "downgraded": (m.DOWNGRADED, COUNT),
    },
)
def churned_customers() -> Arithmetic:
    """Distinct customers that cancelled or downgraded. A customer that did both counts once, by its last loss; revenue
    lost includes both losses. A later return does not reverse the loss."""
    return m.CHURNED


@declare(
    name="Monthly recurring revenue",
    source_name="Monthly recurring revenue",
    area="Segment performance",
    unit=MONEY,
    better="higher",
    cuts=(views.TOTAL, views.CLOSING),
    source_views=(_SEGMENT_TOTAL, ("Average for the previous 12 months", ("trailing_12",))),
    example="On 30 April the members pay 10,000 a month, on 31 May 10,400. The MRR of May is 10,000, closing 10,400. "
    "Opening MRR of 9,000 in six months and 10,000 in the other six: 9,500 over 12 months.",
    trailing=m.MRR_OPENINGS / m.MRR_MONTHS,
    own_lines={"closing": (m.MRR_CLOSING, MONEY)},
)
def mrr() -> Arithmetic:
    """Opening MRR: the MRR of the segment's members at the end of the month before the period. 12 months: the average
    of the 12 opening MRRs."""
    return m.MRR_OPENING


@declare(
    name="Net revenue retention",
    source_name="Net Retained Revenue",
    area="Segment performance",
    unit=RATE,
    better="higher",
    cuts=(views.TOTAL, views.GROSS_RETENTION, views.LOGO_CHURN),
    source_views=(("% (for the month)", ("total",)), ("% (for the previous 12 months)", ("trailing_12",))),
    example="Opening 10,000, expansion 500, contraction 200, churn 300: (10,000 + 500 − 300 − 200) / 10,000 = 100%. "
    "Gross: (10,000 − 300 − 200) / 10,000 = 95%. Customers with MRR of 8,000 on 31 May last year have 9,000 now: "
    "112.5% over 12 months.",
    trailing=m.COHORT_NOW / m.COHORT_THEN,
    own_lines={
        "gross_revenue_retention": (m.GRR_KEPT / m.NRR_OPENING, RATE),
        "logo_churn": (m.LOGOS_CANCELLED / m.LOGOS, RATE),
    },
)
def nrr() -> Arithmetic:
    """(Opening + expansion − churn − contraction) / opening, for the segment's members at the end of the month before.
    Accounts that leave the segment keep their last MRR; new logos and reactivation are excluded. 12 months: the MRR at
    the period's end of the customers of 12 months ago, divided by their MRR then. It includes customers that changed
    segment or returned."""
    return m.NRR_KEPT / m.NRR_OPENING


@declare(
    name="Market share",
    source_name="Market Share",
    area="Segment performance",
    unit=RATE,
    better="higher",
    cuts=(views.TOTAL,),
    source_views=(("%", ("total",)),),
    example="Opening MRR 10,000 and a market of 2,400,000 in the year: 120,000 / 2,400,000 = 5%.",
)
def market_share() -> Arithmetic:
    """Opening MRR × 12 divided by the market's revenue in the calendar year. n/a for a segment without a market row;
    segments' markets are never added up."""
    return m.MRR_ANNUALISED / m.MARKET


@declare(
    name="Leads",
    source_name="Leads",
    area="Demand generation",
    unit=COUNT,
    better="higher",
    cuts=_LEAD_CUTS,
    source_views=_LEAD_VIEWS,
    example="250 contacts were captured in May, 30 of them without a source: leads are 250, 30 of them (blank).",
)
def leads() -> Arithmetic:
    """Contacts captured in the period, by creation date. Contacts without a source are shown as (blank)."""
    return m.LEADS


@declare(
    name="Marketing qualified leads (MQLs)",
    source_name="Marketing Qualified Leads",
    area="Demand generation",
    unit=COUNT,
    better="higher",
    cuts=_LEAD_CUTS,
    source_views=_LEAD_VIEWS,
    example="60 leads became MQLs in May, 20 of them captured in April: MQLs are 60.",
)
def mqls() -> Arithmetic:
    """Leads that became marketing qualified in the period, regardless of when they were captured."""
    return m.MQLS


@declare(
    name="Sales qualified opportunities (SQOs)",
    source_name="Sales Qualified Opportunities",
    area="Demand generation",
    unit=COUNT,
    better="higher",
    cuts=_LEAD_CUTS,
    source_views=_LEAD_VIEWS,
    example="15 leads became opportunities in May, two of them share one opportunity: SQOs are 14.",
)
def sqos() -> Arithmetic:
    """Sales qualified opportunities, by SQO date, or else by the created date of the lead's opportunity. Leads that
    share an opportunity count as one SQO."""
    return m.SQOS


@declare(
    name="Conversion rate, lead to MQL",
    source_name="Conversion rate - Lead to MQL",
    area="Demand generation",
    unit=RATE,
    better="higher",
    cuts=_LEAD_CUTS,
    source_views=_CONVERSION_VIEWS,
    example="In May 60 leads were converted and 90 rejected: 60 / 150 = 40%. A lead converted on the 5th and rejected "
    "on the 20th counts as rejected.",
)
def lead_to_mql() -> Arithmetic:
    """Leads converted to MQL divided by leads converted or rejected in the period, regardless of when they were
    captured. Each lead has one outcome per month: the last; on the same day, converted."""
    return m.LEAD_CONVERTED / (m.LEAD_CONVERTED + m.LEAD_REJECTED)


@declare(
    name="Conversion rate, MQL to SQO",
    source_name="Conversion rate - MQL to SQO",
    area="Demand generation",
    unit=RATE,
    better="higher",
    cuts=_LEAD_CUTS,
    source_views=_CONVERSION_VIEWS,
    example="In May 15 MQLs were converted and 35 rejected: 15 / 50 = 30%.",
)
def mql_to_sqo() -> Arithmetic:
    """MQLs converted to SQO divided by MQLs converted or rejected in the period. Only leads with an MQL date; one
    outcome per lead and month."""
    return m.MQL_CONVERTED / (m.MQL_CONVERTED + m.MQL_REJECTED)


@declare(
    name="Cost per SQO",
    source_name="Cost per SQO",
    area="Demand generation",
    unit=MONEY,
    better="lower",
    cuts=(views.TOTAL, views.BY_LEAD_SOURCE, views.UNALLOCATED),
    source_views=(
        ("Average", ("total",)),
        ("Average by lead source", ("by_lead_source",)),
        ("Average for the previous 12 months", ("trailing_12",)),
    ),
    example="Acquisition 9,000 and qualifying labor 5,000 in May, 14 SQOs: 14,000 / 14 = 1,000. 30 Web leads and 20 "
    "Event leads had an outcome: labor is 3,000 for Web and 2,000 for Event.",
    own_lines={"unallocated": (m.UNALLOCATED, MONEY)},
)
def cost_per_sqo() -> Arithmetic:
    """Acquisition cost plus qualifying labor of the period, divided by its SQOs. Labor without a source is allocated to
    sources by the month's leads with an outcome; in a month without such leads it stays unallocated."""
    return (m.ACQUISITION + m.LABOR) / m.SQOS


_REVENUE_CUTS = (views.TOTAL, *views.CUSTOMER_CUTS, *views.DIMENSION_CUTS)
_COUNT_CUTS = (views.TOTAL, views.REVENUE, *views.TYPE_CUTS, *views.DIMENSION_CUTS)
_RATE_CUTS = (views.TOTAL, *views.TYPE_CUTS, *views.DIMENSION_CUTS)


@declare(
    name="Won revenue",
    source_name="Won revenue",
    area="Pipeline",
    unit=MONEY,
    better="higher",
    cuts=_REVENUE_CUTS,
    source_views=(_TOTAL, _NEW_OR_EXISTING, _MOM, _YOY),
    example="Closed-won in May: 10,000 and 2,500.50, and one without an amount. Won revenue is 12,500.50.",
)
def won_revenue() -> Arithmetic:
    """Total amount of opportunities closed-won in the period, by close date. A blank amount counts as 0."""
    return m.WON_AMOUNT


@declare(
    name="Lost revenue",
    source_name="Lost revenue",
    area="Pipeline",
    unit=MONEY,
    better="lower",
    cuts=_REVENUE_CUTS,
    source_views=(_TOTAL, _NEW_OR_EXISTING, _MOM, _YOY),
    example="Closed-lost in May: 4,000 and 1,000. Lost revenue is 5,000.",
)
def lost_revenue() -> Arithmetic:
    """Total amount of opportunities closed-lost in the period, by close date. A blank amount counts as 0."""
    return m.LOST_AMOUNT


@declare(
    name="Net new pipeline",
    source_name="Net new pipeline created",
    area="Pipeline",
    unit=MONEY,
    better="higher",
    cuts=_REVENUE_CUTS,
    source_views=(_TOTAL, _NEW_OR_EXISTING, _MOM, _YOY),
    example="Created in May: 30,000. Closed-lost in May: 5,000. Net new pipeline is 25,000.",
)
def net_new_pipeline() -> Arithmetic:
    """Amount of opportunities created in the period less the amount closed-lost in it. Uses today's amounts, not those
    at creation."""
    return m.CREATED_AMOUNT - m.LOST_AMOUNT


@declare(
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
    example="Open on 31 May: 20,000 in Discovery and 7,000 in Proposal. By stage 20,000 and 7,000, total 27,000.",
    companions={"count": (m.OPEN_COUNT, COUNT)},
)
def pipeline_by_stage() -> Arithmetic:
    """Amount of opportunities open at the end of the period, by stage on that day. With opportunity_history, stage and
    amount are as of that day; without it, the stage of opportunities closed since is unknown."""
    return m.OPEN_AMOUNT


@declare(
    name="Won opportunities",
    source_name="# won opportunities",
    area="Sales performance",
    unit=COUNT,
    better="higher",
    cuts=_COUNT_CUTS,
    source_views=(("Total - #", ("total",)), ("Total - revenue", ("revenue",)), _NEW_LOGO, _UPSELL, _MOM, _YOY),
    example="Three opportunities closed-won in May, one with amount 0: won opportunities are 3.",
    companions={"revenue": (m.WON_AMOUNT, MONEY)},
)
def won_opportunities() -> Arithmetic:
    """Number of opportunities closed-won in the period, including those without an amount."""
    return m.WON_COUNT


@declare(
    name="Lost opportunities",
    source_name="# lost opportunities",
    area="Sales performance",
    unit=COUNT,
    better="lower",
    cuts=_COUNT_CUTS,
    source_views=(("Total - #", ("total",)), ("Total - revenue", ("revenue",)), _NEW_LOGO, _UPSELL, _MOM, _YOY),
    example="Two opportunities closed-lost in May: lost opportunities are 2.",
    companions={"revenue": (m.LOST_AMOUNT, MONEY)},
)
def lost_opportunities() -> Arithmetic:
    """Number of opportunities closed-lost in the period."""
    return m.LOST_COUNT


@declare(
    name="Lost opportunities by reason",
    source_name="# lost opportunities by reason",
    area="Sales performance",
    unit=COUNT,
    better="lower",
    cuts=(views.TOTAL, views.BY_REASON),
    source_views=(("# (and %)", ("by_reason",)), ("Revenue (and %)", ("by_reason",))),
    example="Lost in May: 3 on price worth 6,000, 1 without reason worth 2,000. Price: 3 (75%), 6,000 (75%); "
    "(blank): 1 (25%), 2,000 (25%).",
    companions={"revenue": (m.LOST_AMOUNT, MONEY)},
    shares=True,
)
def lost_by_reason() -> Arithmetic:
    """Opportunities closed-lost in the period by loss reason: number, revenue and % of all lost. Opportunities without
    a reason are shown as (blank), so the reasons add up to the total."""
    return m.LOST_COUNT


@declare(
    name="Average deal size",
    source_name="Average deal size",
    area="Sales performance",
    unit=MONEY,
    better="higher",
    cuts=_RATE_CUTS,
    source_views=(("Average", ("total",)), _MOM, _YOY, _NEW_LOGO, _UPSELL),
    example="Won in May: 10,000, 5,000 and 0. The average is 15,000 / 3 = 5,000.",
)
def average_deal_size() -> Arithmetic:
    """Won revenue divided by the number of won opportunities, including those with amount 0."""
    return m.WON_AMOUNT / m.WON_COUNT


@declare(
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
def average_time_to_close() -> Arithmetic:
    """Average calendar days from created to closed, for opportunities closed-won in the period; same day is 0.
    Opportunities closed before they were created are excluded and listed in a note."""
    return m.TIMED_DAYS / m.TIMED_COUNT


@declare(
    name="Win rate (count)",
    source_name="Win rate - # opportunities",
    area="Sales performance",
    unit=RATE,
    better="higher",
    cuts=_RATE_CUTS,
    source_views=(_NEW_LOGO, _UPSELL, _MOM, _YOY),
    example="3 won and 5 lost in May: 3 / (3 + 5) = 37.5%.",
)
def win_rate_count() -> Arithmetic:
    """Won opportunities divided by won plus lost opportunities, closed in the period."""
    return m.WON_COUNT / (m.WON_COUNT + m.LOST_COUNT)


@declare(
    name="Win rate (revenue)",
    source_name="Win rate - revenue",
    area="Sales performance",
    unit=RATE,
    better="higher",
    cuts=_RATE_CUTS,
    source_views=(_NEW_LOGO, _UPSELL, _MOM, _YOY),
    example="12,000 won and 8,000 lost in May: 12,000 / 20,000 = 60%.",
)
def win_rate_revenue() -> Arithmetic:
    """Won revenue divided by won plus lost revenue, closed in the period."""
    return m.WON_AMOUNT / (m.WON_AMOUNT + m.LOST_AMOUNT)


@declare(
    name="Phase conversion",
    source_name="Phase to phase conversion rate",
    area="Sales performance",
    unit=RATE,
    better="higher",
    cuts=(views.BY_STAGE,),
    source_views=(
        ("% by stage", ("by_stage",)),
        ("% by stage for the previous 12 months", ("by_stage_trailing_12",)),
    ),
    example="In May 8 opportunities left Demo for a later stage and 4 were lost from it: 8 / 12 = 66.7%.",
    companions={"regressed": (m.REGRESSED, COUNT)},
)
def phase_conversion() -> Arithmetic:
    """Opportunities that advanced from a stage in the period, divided by those that advanced or were lost from it. The
    last exit counts. Skipped stages count as advanced; a win advances its stage and all later ones. Moves back are
    shown next to the rate and not counted in it. Needs opportunity_history."""
    return m.ADVANCED / (m.ADVANCED + m.PHASE_LOST)


CATALOGUE: tuple[Metric, ...] = (
    som_accounts,
    targeted_accounts,
    engaged_accounts,
    customers,
    churned_customers,
    mrr,
    nrr,
    market_share,
    leads,
    mqls,
    sqos,
    lead_to_mql,
    mql_to_sqo,
    cost_per_sqo,
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
    phase_conversion,
)

BY_KEY: Mapping[str, Metric] = {metric.key: metric for metric in CATALOGUE}


def find_metric(key: str) -> Metric:
    """A metric by its key.

    Raises:
        SegxlError: there is none; the nearest one is named.
    """
    if key not in BY_KEY:
        raise SegxlError(f"no metric {key!r}{nearest(key, BY_KEY)}; `segxl metrics` lists them")
    return BY_KEY[key]


def chosen(keys: tuple[str, ...] | None) -> tuple[Metric, ...]:
    """The metrics of a subset in the catalogue's order, or all of them."""
    if keys is None:
        return CATALOGUE
    wanted = {find_metric(key).key for key in keys}
    return tuple(metric for metric in CATALOGUE if metric.key in wanted)
