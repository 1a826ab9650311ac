"""THE measures: each with all of its properties.

To add one, declare it here (a property that is missing is an error at import) and compute its events in
:mod:`segxl.facts`. Everything else asks the declaration: the facts what a number needs and when it is taken, the pages
what it is called and where its rows are listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from segxl.catalogue import data_sheets as sheet
from segxl.catalogue.data_sheets import Dated, NoRows, OfWindow
from segxl.catalogue.measure import Groups, Measure, Needs, Read

OPEN = "open"
"""The stock of open opportunities, where events have created, won, lost and timed."""

_POPULATION = ("accounts", "segment_members")
"""Either table lists the accounts in the market."""

_DEALS = Needs(tables=(("opportunities",),), columns=(), amounts=(), feeds=("opportunities",))
_DEAL_AMOUNTS = replace(_DEALS, amounts=(("opportunities.amount",),))
_OPEN_AMOUNTS = replace(_DEALS, amounts=(("opportunities.amount", "opportunity_history.amount"),))
_PHASES = replace(_DEALS, tables=(("opportunities",), ("opportunity_history",)))
_LEADS = Needs(tables=(("leads",),), columns=(), amounts=(), feeds=("leads",))
_MQL_DATE = ("leads.mql_on",)
_SQO_LINK = ("leads.sqo_on", "leads.opportunity_id", "opportunities.lead_id")
_MQLS = replace(_LEADS, columns=(_MQL_DATE,))
_COSTS = Needs(tables=(("costs",),), columns=(), amounts=(), feeds=("costs",))
_COSTS_AND_LEADS = replace(_COSTS, tables=(("costs",), ("leads",)), feeds=("costs", "sqos"))
_MARKET_ACCOUNTS = Needs(tables=(_POPULATION,), columns=(), amounts=(), feeds=())
_TARGETED = replace(_MARKET_ACCOUNTS, tables=(("activities",), _POPULATION), feeds=("targeting",))
_ENGAGED = replace(_MARKET_ACCOUNTS, tables=(("opportunities", "activities"), _POPULATION), feeds=("engagement",))
_CUSTOMERS = Needs(tables=(("revenue", "opportunities"),), columns=(), amounts=(), feeds=("customers",))
_REVENUE = Needs(tables=(("revenue",),), columns=(), amounts=(), feeds=("revenue",))
_MARKET = Needs(tables=(("market",),), columns=(), amounts=(), feeds=())

_MONEY = ("amount", "currency")
_CLOSED = ("stage", "status", "closed_on")
_OUTCOME = (Read(table="opportunities", columns=_CLOSED, where=""),)
_OUTCOME_AMOUNT = (Read(table="opportunities", columns=(*_CLOSED, *_MONEY), where=""),)
_CREATED = (Read(table="opportunities", columns=("created_on", *_MONEY), where=""),)
_TIMED = (Read(table="opportunities", columns=("created_on", *_CLOSED), where=""),)
_HISTORY = Read(table="opportunity_history", columns=("changed_at", "stage", "amount"), where="where it is given")
_STOCK = (Read(table="opportunities", columns=("created_on", *_CLOSED), where=""), _HISTORY)
_STOCK_AMOUNT = (Read(table="opportunities", columns=("created_on", *_CLOSED, *_MONEY), where=""), _HISTORY)
_EXITS = (
    Read(table="opportunities", columns=_CLOSED, where=""),
    Read(table="opportunity_history", columns=("changed_at", "stage"), where=""),
)
_LEAD_DATES = ("mql_on", "rejected_on", "rejected_from")
_LEAD_OUTCOME = (Read(table="leads", columns=_LEAD_DATES, where=""),)
_BECAME = Read(table="opportunities", columns=("created_on", "lead_id"), where="where a lead has no date of its own")
_SQO = (Read(table="leads", columns=("sqo_on", "opportunity_id"), where=""), _BECAME)
_MQL_CONVERTED = (Read(table="leads", columns=("sqo_on", "opportunity_id", *_LEAD_DATES), where=""), _BECAME)
_COST = (Read(table="costs", columns=("month", "amount", "kind", "segment"), where=""),)
_OUTCOMES = Read(table="leads", columns=(*_LEAD_DATES, "sqo_on"), where="")
_LABOR = (*_COST, replace(_OUTCOMES, where="by lead source"))
_MEMBERS = (
    Read(table="accounts", columns=("account_id",), where=""),
    Read(table="segment_members", columns=("segment", "account_id", "start", "end"), where="where segments are lists"),
)
_TARGETING = (Read(table="activities", columns=("account_id", "date", "source", "kind", "campaign_type"), where=""),)
_ENGAGING = (
    Read(table="activities", columns=("account_id", "date", "source", "campaign_type"), where=""),
    Read(table="opportunities", columns=("account_id", "created_on", "closed_on"), where="one of the two is enough"),
)
_SHAPES = (
    "monthly: account_id, month, mrr, currency; or subscriptions: account_id, start, end, mrr, currency; or movements: "
    "account_id, date, type, amount, currency"
)
_MRR = (Read(table="revenue", columns=(_SHAPES,), where=""),)
_PAYING = (
    *_MRR,
    Read(table="opportunities", columns=("account_id", *_CLOSED, "type"), where="where there is no revenue table"),
)
_MARKETS = (Read(table="market", columns=("segment", "year", "revenue"), where=""),)

WON_COUNT = Measure(
    fact="won",
    quantity="count",
    timing="flow",
    needs=_DEALS,
    reads=_OUTCOME,
    label="# won",
    row_word="won",
    listed="deals",
    in_pack=Dated(
        sheet="deals", day=sheet.CLOSED, where=((sheet.OUTCOME, "Won"),), counts=sheet.COUNTS_CLOSED, added=""
    ),
    in_pack_by=(),
)
WON_AMOUNT = Measure(
    fact="won",
    quantity="cents",
    timing="flow",
    needs=_DEAL_AMOUNTS,
    reads=_OUTCOME_AMOUNT,
    label="won revenue",
    row_word="won",
    listed="deals",
    in_pack=Dated(
        sheet="deals",
        day=sheet.CLOSED,
        where=((sheet.OUTCOME, "Won"),),
        counts=sheet.COUNTS_CLOSED,
        added=sheet.CLOSED_AMOUNT,
    ),
    in_pack_by=(),
)
LOST_COUNT = Measure(
    fact="lost",
    quantity="count",
    timing="flow",
    needs=_DEALS,
    reads=_OUTCOME,
    label="# lost",
    row_word="lost",
    listed="deals",
    in_pack=Dated(
        sheet="deals", day=sheet.CLOSED, where=((sheet.OUTCOME, "Lost"),), counts=sheet.COUNTS_CLOSED, added=""
    ),
    in_pack_by=(),
)
LOST_AMOUNT = Measure(
    fact="lost",
    quantity="cents",
    timing="flow",
    needs=_DEAL_AMOUNTS,
    reads=_OUTCOME_AMOUNT,
    label="lost revenue",
    row_word="lost",
    listed="deals",
    in_pack=Dated(
        sheet="deals",
        day=sheet.CLOSED,
        where=((sheet.OUTCOME, "Lost"),),
        counts=sheet.COUNTS_CLOSED,
        added=sheet.CLOSED_AMOUNT,
    ),
    in_pack_by=(),
)
CREATED_AMOUNT = Measure(
    fact="created",
    quantity="cents",
    timing="flow",
    needs=_DEAL_AMOUNTS,
    reads=_CREATED,
    label="amounts created",
    row_word="created",
    listed="deals",
    in_pack=Dated(sheet="deals", day=sheet.CREATED, where=(), counts=sheet.COUNTS_CREATED, added=sheet.CREATED_AMOUNT),
    in_pack_by=(),
)
OPEN_COUNT = Measure(
    fact=OPEN,
    quantity="count",
    timing="at_end",
    needs=_DEALS,
    reads=_STOCK,
    label="# open at the end",
    row_word="open",
    listed="deals",
    in_pack=OfWindow(sheet="deals", header=sheet.OPEN, stage=sheet.OPEN_STAGE, times=1),
    in_pack_by=(),
)
OPEN_AMOUNT = Measure(
    fact=OPEN,
    quantity="cents",
    timing="at_end",
    needs=_OPEN_AMOUNTS,
    reads=_STOCK_AMOUNT,
    label="open amounts at the end",
    row_word="open",
    listed="deals",
    in_pack=OfWindow(sheet="deals", header=sheet.OPEN_AMOUNT, stage=sheet.OPEN_STAGE, times=1),
    in_pack_by=(),
)
TIMED_COUNT = Measure(
    fact="timed",
    quantity="count",
    timing="flow",
    needs=_DEALS,
    reads=_TIMED,
    label="# won with a valid duration",
    row_word="won",
    listed="deals",
    in_pack=Dated(
        sheet="deals",
        day=sheet.CLOSED,
        where=((sheet.OUTCOME, "Won"), (sheet.DAYS, ">=0")),
        counts=sheet.COUNTS_CLOSED,
        added="",
    ),
    in_pack_by=(),
)
TIMED_DAYS = Measure(
    fact="timed",
    quantity="days",
    timing="flow",
    needs=_DEALS,
    reads=_TIMED,
    label="days from created to closed",
    row_word="won",
    listed="deals",
    in_pack=Dated(
        sheet="deals",
        day=sheet.CLOSED,
        where=((sheet.OUTCOME, "Won"), (sheet.DAYS, ">=0")),
        counts=sheet.COUNTS_CLOSED,
        added=sheet.DAYS,
    ),
    in_pack_by=(),
)
ADVANCED = Measure(
    fact="advanced",
    quantity="count",
    timing="flow",
    needs=_PHASES,
    reads=_EXITS,
    label="# advanced",
    row_word="advanced",
    listed="phases",
    in_pack=Dated(
        sheet="stage_moves", day=sheet.LEFT, where=((sheet.OUTCOME, "Advanced"),), counts=sheet.COUNTS, added=""
    ),
    in_pack_by=(),
)
PHASE_LOST = Measure(
    fact="phase_lost",
    quantity="count",
    timing="flow",
    needs=_PHASES,
    reads=_EXITS,
    label="# lost from the stage",
    row_word="lost from the stage",
    listed="phases",
    in_pack=Dated(
        sheet="stage_moves",
        day=sheet.LEFT,
        where=((sheet.OUTCOME, "Lost from the stage"),),
        counts=sheet.COUNTS,
        added="",
    ),
    in_pack_by=(),
)
REGRESSED = Measure(
    fact="regressed",
    quantity="count",
    timing="flow",
    needs=_PHASES,
    reads=_EXITS,
    label="# regressed",
    row_word="regressed",
    listed="phases",
    in_pack=Dated(
        sheet="stage_moves", day=sheet.LEFT, where=((sheet.OUTCOME, "Regressed"),), counts=sheet.COUNTS, added=""
    ),
    in_pack_by=(),
)
LEADS = Measure(
    fact="leads",
    quantity="count",
    timing="flow",
    needs=_LEADS,
    reads=(Read(table="leads", columns=("created_on",), where=""),),
    label="# leads created",
    row_word="lead",
    listed="leads",
    in_pack=Dated(sheet="leads", day=sheet.CREATED, where=(), counts="Counts as lead", added=""),
    in_pack_by=(),
)
MQLS = Measure(
    fact="mqls",
    quantity="count",
    timing="flow",
    needs=_MQLS,
    reads=(Read(table="leads", columns=("mql_on",), where=""),),
    label="# leads that became MQLs",
    row_word="MQL",
    listed="leads",
    in_pack=Dated(sheet="leads", day=sheet.MQL_ON, where=(), counts="Counts as MQL", added=""),
    in_pack_by=(),
)
SQOS = Measure(
    fact="sqos",
    quantity="count",
    timing="flow",
    needs=replace(_LEADS, columns=(_SQO_LINK,), feeds=("sqos",)),
    reads=_SQO,
    label="# sales qualified opportunities",
    row_word="SQO",
    listed="leads",
    in_pack=Dated(sheet="leads", day=sheet.SQO_ON, where=(), counts="Counts as SQO", added=""),
    in_pack_by=(),
)
LEAD_CONVERTED = Measure(
    fact="lead_converted",
    quantity="count",
    timing="flow",
    needs=_MQLS,
    reads=_LEAD_OUTCOME,
    label="leads converted to MQL",
    row_word="lead converted",
    listed="leads",
    in_pack=Dated(sheet="leads", day=sheet.MQL_ON, where=(), counts="Counts as lead converted", added=""),
    in_pack_by=(),
)
LEAD_REJECTED = Measure(
    fact="lead_rejected",
    quantity="count",
    timing="flow",
    needs=_LEADS,
    reads=_LEAD_OUTCOME,
    label="leads rejected",
    row_word="lead rejected",
    listed="leads",
    in_pack=Dated(sheet="leads", day=sheet.REJECTED_ON, where=(), counts="Counts as lead rejected", added=""),
    in_pack_by=(),
)
MQL_CONVERTED = Measure(
    fact="mql_converted",
    quantity="count",
    timing="flow",
    needs=replace(_LEADS, columns=(_MQL_DATE, _SQO_LINK), feeds=("sqos",)),
    reads=_MQL_CONVERTED,
    label="MQLs converted to SQO",
    row_word="MQL converted",
    listed="leads",
    in_pack=Dated(sheet="leads", day=sheet.SQO_ON, where=(), counts="Counts as MQL converted", added=""),
    in_pack_by=(),
)
MQL_REJECTED = Measure(
    fact="mql_rejected",
    quantity="count",
    timing="flow",
    needs=_MQLS,
    reads=_LEAD_OUTCOME,
    label="MQLs rejected",
    row_word="MQL rejected",
    listed="leads",
    in_pack=Dated(sheet="leads", day=sheet.REJECTED_ON, where=(), counts="Counts as MQL rejected", added=""),
    in_pack_by=(),
)
ACQUISITION = Measure(
    fact="acquisition",
    quantity="cents",
    timing="flow",
    needs=_COSTS,
    reads=_COST,
    label="acquisition cost",
    row_word="acquisition",
    listed="costs",
    in_pack=Dated(
        sheet="costs", day=sheet.MONTH, where=((sheet.KIND, "Acquisition"),), counts=sheet.COUNTS, added=sheet.AMOUNT
    ),
    in_pack_by=(),
)
LABOR = Measure(
    fact="labor",
    quantity="cents",
    timing="flow",
    needs=_COSTS,
    reads=_LABOR,
    label="qualifying labor",
    row_word="labor",
    listed="costs",
    in_pack=Dated(
        sheet="costs", day=sheet.MONTH, where=((sheet.KIND, "Labor"),), counts=sheet.COUNTS, added=sheet.AMOUNT
    ),
    in_pack_by=(
        (
            "lead_source",
            Dated(
                sheet="labor", day=sheet.MONTH, where=((sheet.KIND, "Labor"),), counts=sheet.COUNTS, added=sheet.AMOUNT
            ),
        ),
    ),
)
UNALLOCATED = Measure(
    fact="unallocated",
    quantity="cents",
    timing="flow",
    needs=_COSTS_AND_LEADS,
    reads=(*_COST, _OUTCOMES),
    label="labor of months without lead outcomes",
    row_word="unallocated",
    listed="nothing",
    in_pack=Dated(
        sheet="labor", day=sheet.MONTH, where=((sheet.KIND, "Unallocated"),), counts=sheet.COUNTS, added=sheet.AMOUNT
    ),
    in_pack_by=(),
)
SOM = Measure(
    fact="som",
    quantity="accounts",
    timing="at_end",
    needs=_MARKET_ACCOUNTS,
    reads=_MEMBERS,
    label="# SOM accounts at the end",
    row_word="SOM account",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="SOM {end}", stage="", times=1),
    in_pack_by=(),
)
TARGETED = Measure(
    fact="targeted",
    quantity="accounts",
    timing="distinct",
    needs=_TARGETED,
    reads=_TARGETING,
    label="# SOM accounts targeted in the window",
    row_word="targeted",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Targeted {months}", stage="", times=1),
    in_pack_by=(),
)
TARGETED_SO_FAR = Measure(
    fact="targeted_so_far",
    quantity="accounts",
    timing="at_end",
    needs=_TARGETED,
    reads=_TARGETING,
    label="# SOM accounts targeted so far",
    row_word="targeted so far",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Targeted up to {end}", stage="", times=1),
    in_pack_by=(),
)
ENGAGED = Measure(
    fact="engaged",
    quantity="accounts",
    timing="distinct",
    needs=_ENGAGED,
    reads=_ENGAGING,
    label="# SOM accounts engaged in the window",
    row_word="engaged",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Engaged {months}", stage="", times=1),
    in_pack_by=(),
)
ENGAGED_SO_FAR = Measure(
    fact="engaged_so_far",
    quantity="accounts",
    timing="at_end",
    needs=_ENGAGED,
    reads=_ENGAGING,
    label="# SOM accounts engaged so far",
    row_word="engaged so far",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Engaged up to {end}", stage="", times=1),
    in_pack_by=(),
)
NEW_CUSTOMERS = Measure(
    fact="new_customers",
    quantity="accounts",
    timing="distinct",
    needs=_CUSTOMERS,
    reads=_PAYING,
    label="# accounts that became customers in the window",
    row_word="new customers",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="New customer {months}", stage="", times=1),
    in_pack_by=(),
)
CUSTOMERS = Measure(
    fact="customers",
    quantity="accounts",
    timing="at_end",
    needs=_CUSTOMERS,
    reads=_PAYING,
    label="# customers at the end",
    row_word="customers",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Customer {end}", stage="", times=1),
    in_pack_by=(),
)
CHURNED = Measure(
    fact="churned",
    quantity="accounts",
    timing="distinct",
    needs=_REVENUE,
    reads=_MRR,
    label="# customers that cancelled or downgraded",
    row_word="churned",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Churned {months}", stage="", times=1),
    in_pack_by=(),
)
CANCELLED = Measure(
    fact="cancelled",
    quantity="accounts",
    timing="distinct",
    needs=_REVENUE,
    reads=_MRR,
    label="# customers whose last loss was a cancellation",
    row_word="cancelled",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Cancelled {months}", stage="", times=1),
    in_pack_by=(),
)
DOWNGRADED = Measure(
    fact="downgraded",
    quantity="accounts",
    timing="distinct",
    needs=_REVENUE,
    reads=_MRR,
    label="# customers whose last loss was a downgrade",
    row_word="downgraded",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Downgraded {months}", stage="", times=1),
    in_pack_by=(),
)
CHURNED_REVENUE = Measure(
    fact="churned_revenue",
    quantity="cents",
    timing="flow",
    needs=_REVENUE,
    reads=_MRR,
    label="MRR lost by churn and contraction",
    row_word="churned revenue",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="MRR lost {months}", stage="", times=1),
    in_pack_by=(),
)
MRR_OPENING = Measure(
    fact="mrr_opening",
    quantity="cents",
    timing="at_start",
    needs=_REVENUE,
    reads=_MRR,
    label="opening MRR",
    row_word="mrr opening",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Opening MRR {months}", stage="", times=1),
    in_pack_by=(),
)
MRR_CLOSING = Measure(
    fact="mrr_closing",
    quantity="cents",
    timing="at_end",
    needs=_REVENUE,
    reads=_MRR,
    label="closing MRR",
    row_word="mrr closing",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="MRR {end}", stage="", times=1),
    in_pack_by=(),
)
MRR_OPENINGS = Measure(
    fact="mrr_openings",
    quantity="cents",
    timing="each_start",
    needs=_REVENUE,
    reads=_MRR,
    label="opening MRR of each month",
    row_word="mrr openings",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Opening MRR of each month {months}", stage="", times=1),
    in_pack_by=(),
)
MRR_MONTHS = Measure(
    fact="mrr_months",
    quantity="count",
    timing="each_start",
    needs=_REVENUE,
    reads=_MRR,
    label="# months with an opening",
    row_word="mrr months",
    listed="nothing",
    in_pack=NoRows(reason="The number of months of the window whose opening MRR is known."),
    in_pack_by=(),
)
MRR_ANNUALISED = Measure(
    fact="mrr_annualised",
    quantity="cents",
    timing="at_start",
    needs=_REVENUE,
    reads=_MRR,
    label="opening MRR × 12",
    row_word="mrr annualised",
    listed="nothing",
    in_pack=OfWindow(sheet="accounts", header="Opening MRR {months}", stage="", times=12),
    in_pack_by=(),
)
NRR_KEPT = Measure(
    fact="nrr_kept",
    quantity="cents",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="opening + expansion − churn − contraction",
    row_word="nrr kept",
    listed="nothing",
    in_pack=OfWindow(sheet="accounts", header="MRR kept with expansion {months}", stage="", times=1),
    in_pack_by=(),
)
GRR_KEPT = Measure(
    fact="grr_kept",
    quantity="cents",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="opening − churn − contraction",
    row_word="grr kept",
    listed="nothing",
    in_pack=OfWindow(sheet="accounts", header="MRR kept without expansion {months}", stage="", times=1),
    in_pack_by=(),
)
NRR_OPENING = Measure(
    fact="nrr_opening",
    quantity="cents",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="opening",
    row_word="nrr opening",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Opening MRR retained from {months}", stage="", times=1),
    in_pack_by=(),
)
LOGOS_CANCELLED = Measure(
    fact="logos_cancelled",
    quantity="accounts",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="# opening customers that cancelled",
    row_word="logos cancelled",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Opening customer cancelled {months}", stage="", times=1),
    in_pack_by=(),
)
LOGOS = Measure(
    fact="logos",
    quantity="accounts",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="# opening customers",
    row_word="logos",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="Opening customer {months}", stage="", times=1),
    in_pack_by=(),
)
COHORT_NOW = Measure(
    fact="cohort_now",
    quantity="cents",
    timing="year_cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="MRR now of the customers of 12 months ago",
    row_word="cohort now",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="MRR now of customers of a year ago {end}", stage="", times=1),
    in_pack_by=(),
)
COHORT_THEN = Measure(
    fact="cohort_then",
    quantity="cents",
    timing="year_cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="MRR 12 months ago of the same customers",
    row_word="cohort then",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="MRR then of customers of a year ago {end}", stage="", times=1),
    in_pack_by=(),
)
COHORT_KEPT = Measure(
    fact="cohort_kept",
    quantity="cents",
    timing="year_cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="MRR of 12 months ago that the same customers still pay, without expansion",
    row_word="cohort kept",
    listed="accounts",
    in_pack=OfWindow(sheet="accounts", header="MRR kept of customers of a year ago {end}", stage="", times=1),
    in_pack_by=(),
)
MARKET = Measure(
    fact="market",
    quantity="cents",
    timing="at_start",
    needs=_MARKET,
    reads=_MARKETS,
    label="market revenue of the year",
    row_word="market",
    listed="nothing",
    in_pack=NoRows(reason="An input: the segment's row in the table market."),
    in_pack_by=(),
)

MEASURES: tuple[Measure, ...] = tuple(value for value in tuple(globals().values()) if isinstance(value, Measure))
"""All that are declared above."""


def by_fact(measures: Iterable[Measure]) -> dict[str, Measure]:
    """A measure of each fact, for what all measures of the fact share.

    Raises:
        ValueError: two of them do not agree in it.
    """
    found: dict[str, Measure] = {}
    for measure in measures:
        first = found.setdefault(measure.fact, measure)
        differ = [name for name, value in _shared(first).items() if value != _shared(measure)[name]]
        if differ:
            raise ValueError(f"{first.label!r} and {measure.label!r} of {measure.fact} differ in {', '.join(differ)}")
    return found


def _shared(measure: Measure) -> dict[str, object]:
    """The properties of a fact, for any of its quantities."""
    needs = replace(measure.needs, amounts=())
    return {"timing": measure.timing, "needs": needs, "row_word": measure.row_word, "listed": measure.listed}


_BY_FACT: Mapping[str, Measure] = by_fact(MEASURES)

FACT_NAMES: frozenset[str] = frozenset(_BY_FACT)
"""The facts that measures are declared of."""


def declared(fact: str) -> Measure:
    """A measure of this fact, for what all of them share: timing, needs, row word and list.

    Raises:
        KeyError: no measure of this fact is declared.
    """
    return _BY_FACT[fact]


AMOUNTS: Mapping[str, Groups] = {one.fact: one.needs.amounts for one in MEASURES if one.quantity == "cents"}
"""The columns with the money of each fact, any one of each group filled in some row."""
