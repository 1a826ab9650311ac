"""THE catalogue: every metric with its definition, unit, favourable direction and views.

To add a metric, write one function here (its name is the key, its docstring the definition that readers see, its
result the arithmetic over measures) and list it in :data:`CATALOGUE`. One that is not in GoMo's scorecard has no
``source_name`` and no ``source_views``; pages say "segxl" as its source.
"""

from __future__ import annotations

from collections.abc import Mapping

from segxl.catalogue import measures as m
from segxl.catalogue import views
from segxl.catalogue.measure import Measure
from segxl.catalogue.metric import Metric, Part, declare
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


def _coverage(in_window: Measure, so_far: Measure) -> dict[str, tuple[Part, Unit]]:
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
    cuts=(views.IN_THE_MARKET, views.BY_GEO, views.BY_SALES_TEAM),
    source_views=(_RUNNING, ("By geo / sales team", ("by_geo", "by_sales_team"))),
    example="On 31 May 120 accounts are members of the segment, 80 of them in East: SOM accounts are 120, East 80.",
)
def som_accounts() -> Part:
    """Distinct accounts that are members of the segment on the window's last day. All accounts: the accounts table and
    whoever is listed as a member of any segment."""
    return m.SOM


@declare(
    name="Targeted SOM accounts",
    source_name="Targeted SOM accounts",
    area="Segment performance",
    unit=COUNT,
    better="higher",
    cuts=_COVERAGE_CUTS,
    source_views=(_SEGMENT_TOTAL, _RUNNING, _OF_SOM),
    example="Of 120 SOM accounts 30 were reached in May and 90 at any time until 31 May: total 30, running total 90, "
    "90 / 120 = 75% of SOM.",
    own_lines=_coverage(m.TARGETED, m.TARGETED_SO_FAR),
)
def targeted_accounts() -> Part:
    """SOM accounts targeted with demand generation: reached by any source but sales activity, or engaged by a campaign
    or an event. Retargeting is left out. The running total counts members at the window's end targeted on any day up to
    it."""
    return m.TARGETED


@declare(
    name="Engaged SOM accounts (by sales)",
    source_name="Engaged SOM accounts",
    area="Segment performance",
    unit=COUNT,
    better="higher",
    cuts=_COVERAGE_CUTS,
    source_views=(_SEGMENT_TOTAL, _RUNNING, _OF_SOM),
    example="In May 12 of 120 SOM accounts were called and 8 others had an open opportunity: total 20. With those of "
    "earlier months 60: running total 60, 60 / 120 = 50% of SOM.",
    own_lines=_coverage(m.ENGAGED, m.ENGAGED_SO_FAR),
)
def engaged_accounts() -> Part:
    """SOM accounts engaged by sales development or sales: a sales activity in the CRM, or an opportunity open on any
    day of the window or closed in it. Not the engagement of the segment performance report, which looks at marketing.
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
    example="40 accounts pay on 31 May, 3 of them since May: total 3, running total 40, 40 / 120 = 33.3% of SOM.",
    own_lines=_coverage(m.NEW_CUSTOMERS, m.CUSTOMERS),
    planned="running_total",
)
def customers() -> Part:
    """Accounts whose MRR went from 0 to positive in the window and is positive at its end; the running total is all
    customers at the window's end. Without a revenue table: the first won opportunity in the window; won, and no renewal
    lost since."""
    return m.NEW_CUSTOMERS


@declare(
    name="Churned customers",
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
    example="A customer goes from 100 to 80 in March and to 0 in May. Over the 12 months it is one churned customer, "
    "cancelled; the revenue lost is 20 + 80 = 100.",
    own_lines={
        "revenue": (m.CHURNED_REVENUE, MONEY),
        "cancelled": (m.CANCELLED, COUNT),
        "downgraded": (m.DOWNGRADED, COUNT),
    },
)
def churned_customers() -> Part:
    """Distinct customers that cancelled or downgraded. One that did both counts once, by its last loss; the revenue
    adds both losses; coming back removes nothing."""
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
    "Openings of 9,000 in six months and 10,000 in the other six: 9,500 over 12 months.",
    trailing=m.MRR_OPENINGS / m.MRR_MONTHS,
    own_lines={"closing": (m.MRR_CLOSING, MONEY)},
)
def mrr() -> Part:
    """Revenue due to recur in the month: what the members paid at the end of the month before (the opening). Over 12
    months the mean of the openings."""
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
    "Gross: (10,000 − 300 − 200) / 10,000 = 95%. Who paid 8,000 on 31 May last year pays 9,000 now: 112.5% over 12 "
    "months.",
    trailing=m.COHORT_NOW / m.COHORT_THEN,
    own_lines={
        "gross_revenue_retention": (m.GRR_KEPT / m.NRR_OPENING, RATE),
        "logo_churn": (m.LOGOS_CANCELLED / m.LOGOS, RATE),
    },
)
def nrr() -> Part:
    """(Opening + expansion − churn − contraction) / opening, over the members at the end of the month before. Who
    leaves the segment is carried flat, with what it paid until then; new logos and reactivation are outside. Over 12
    months: the MRR now of the customers of 12 months ago, wherever they are and those that came back included, divided
    by their MRR then."""
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
def market_share() -> Part:
    """Opening MRR × 12 divided by the market's revenue in the calendar year. A segment without a market row is n/a;
    segments are never added up."""
    return m.MRR_YEAR / m.MARKET


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
def leads() -> Part:
    """Contacts captured in the period, by creation date. Those without a source stand under (blank)."""
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
def mqls() -> Part:
    """Leads that became marketing qualified in the period, whenever they were captured."""
    return m.MQLS


@declare(
    name="Sales qualified opportunities (SQOs)",
    source_name="Sales Qualified Opportunities",
    area="Demand generation",
    unit=COUNT,
    better="higher",
    cuts=_LEAD_CUTS,
    source_views=_LEAD_VIEWS,
    example="15 leads became opportunities in May, two of them the same one: SQOs are 14.",
)
def sqos() -> Part:
    """Sales qualified opportunities by SQO date, else by the creation of the lead's opportunity. Leads that share an
    opportunity are one SQO."""
    return m.SQOS


@declare(
    name="Conversion rate, lead to MQL",
    source_name="Conversion rate - Lead to MQL",
    area="Demand generation",
    unit=RATE,
    better="higher",
    cuts=_LEAD_CUTS,
    source_views=_CONVERSION_VIEWS,
    example="In May 60 leads were converted and 90 rejected as leads: 60 / 150 = 40%. One that was converted on the "
    "5th and rejected on the 20th is among the 90.",
)
def lead_to_mql() -> Part:
    """Leads converted to MQL divided by those converted and those rejected as leads in the period, whenever they were
    captured. One outcome for each lead and month: the last, and on the same day converted."""
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
def mql_to_sqo() -> Part:
    """MQLs converted to SQO divided by those converted and those rejected as MQLs in the period. Only leads that have
    an MQL date; one outcome for each lead and month."""
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
    example="Acquisition 9,000 and qualifying labor 5,000 in May, 14 SQOs: 14,000 / 14 = 1,000. With outcomes "
    "for 30 leads of Web and 20 of Event, 3,000 of the labor are Web's and 2,000 Event's.",
    own_lines={"unallocated": (m.UNALLOCATED, MONEY)},
)
def cost_per_sqo() -> Part:
    """Acquisition cost and qualifying labor of the period divided by its SQOs. Labor without a source is spread over
    the sources by the month's leads with an outcome; in a month without any it belongs to no source."""
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
def won_revenue() -> Part:
    """Amounts of opportunities closed-won in the period, by closing date. A blank amount is 0."""
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
def lost_revenue() -> Part:
    """Amounts of opportunities closed-lost in the period, by closing date. A blank amount is 0."""
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
def net_new_pipeline() -> Part:
    """Amounts of opportunities created in the period, minus amounts closed-lost in it. Amounts are those known now,
    not those at creation."""
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
    example="On 31 May 20,000 are open in Discovery and 7,000 in Proposal: by stage 20,000 and 7,000, total 27,000.",
    companions={"count": (m.OPEN_COUNT, COUNT)},
)
def pipeline_by_stage() -> Part:
    """Amounts of the opportunities open at the end of the period, by the stage in which each one stood then. With a
    history, stage and amount are those of the time; without, a closed opportunity's stage then is unknown."""
    return m.OPEN_AMOUNT


@declare(
    name="Won opportunities",
    source_name="# won opportunities",
    area="Sales performance",
    unit=COUNT,
    better="higher",
    cuts=_COUNT_CUTS,
    source_views=(("Total - #", ("total",)), ("Total - revenue", ("revenue",)), _NEW_LOGO, _UPSELL, _MOM, _YOY),
    example="Three contracts signed in May, one of them worth 0: won opportunities are 3.",
    companions={"revenue": (m.WON_AMOUNT, MONEY)},
)
def won_opportunities() -> Part:
    """Number of opportunities closed-won in the period, those without an amount included."""
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
def lost_opportunities() -> Part:
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
def lost_by_reason() -> Part:
    """Opportunities closed-lost in the period by loss reason: number, revenue, and each one's part of all lost.
    Those without a reason stand under (blank), so that the reasons add up."""
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
def average_deal_size() -> Part:
    """Won revenue divided by the number of won opportunities, those worth 0 included."""
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
def average_time_to_close() -> Part:
    """Calendar days from created to closed, averaged over the opportunities closed-won in the period; the same day is
    0. Those that were closed before they were created are left out and named in a note."""
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
def win_rate_count() -> Part:
    """Won opportunities divided by won and lost ones, all closed in the period."""
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
def win_rate_revenue() -> Part:
    """Won revenue divided by won and lost revenue, all closed in the period."""
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
def phase_conversion() -> Part:
    """Of the opportunities that last left a stage in the period, those that advanced, divided by those that advanced or
    were lost. A skipped stage counts as advanced; won from a stage advances it and all later ones; who fell back is
    shown beside, outside the rate. Needs a history."""
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
        raise SegxlError(f"there is no metric {key!r}{nearest(key, BY_KEY)}; `segxl metrics` lists them")
    return BY_KEY[key]


def chosen(keys: tuple[str, ...] | None) -> tuple[Metric, ...]:
    """The metrics of a subset in the catalogue's order, or all of them."""
    if keys is None:
        return CATALOGUE
    wanted = {find_metric(key).key for key in keys}
    return tuple(metric for metric in CATALOGUE if metric.key in wanted)
