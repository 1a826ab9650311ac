"""THE measures: each with all of its properties.

To add one, declare it here (a property that is missing is an error at import) and compute its events in
:mod:`segxl.facts`. Everything else asks the declaration: the facts what a number needs and when it is taken, the pages
what it is called and where its rows are listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from segxl.catalogue import data_sheets as sheet
from segxl.catalogue.data_sheets import NoRows
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
    in_pack=sheet.closed("Won"),
)
WON_AMOUNT = Measure(
    fact="won",
    quantity="cents",
    timing="flow",
    needs=_DEAL_AMOUNTS,
    reads=_OUTCOME_AMOUNT,
    label="won revenue",
    row_word="won",
    in_pack=sheet.closed("Won", sheet.CLOSED_AMOUNT),
)
LOST_COUNT = Measure(
    fact="lost",
    quantity="count",
    timing="flow",
    needs=_DEALS,
    reads=_OUTCOME,
    label="# lost",
    row_word="lost",
    in_pack=sheet.closed("Lost"),
)
LOST_AMOUNT = Measure(
    fact="lost",
    quantity="cents",
    timing="flow",
    needs=_DEAL_AMOUNTS,
    reads=_OUTCOME_AMOUNT,
    label="lost revenue",
    row_word="lost",
    in_pack=sheet.closed("Lost", sheet.CLOSED_AMOUNT),
)
CREATED_AMOUNT = Measure(
    fact="created",
    quantity="cents",
    timing="flow",
    needs=_DEAL_AMOUNTS,
    reads=_CREATED,
    label="amounts created",
    row_word="created",
    in_pack=sheet.created(sheet.CREATED_AMOUNT),
)
OPEN_COUNT = Measure(
    fact=OPEN,
    quantity="count",
    timing="at_end",
    needs=_DEALS,
    reads=_STOCK,
    label="# open at the end",
    row_word="open",
    in_pack=sheet.open_at_end(sheet.OPEN),
)
OPEN_AMOUNT = Measure(
    fact=OPEN,
    quantity="cents",
    timing="at_end",
    needs=_OPEN_AMOUNTS,
    reads=_STOCK_AMOUNT,
    label="open amounts at the end",
    row_word="open",
    in_pack=sheet.open_at_end(sheet.OPEN_AMOUNT),
)
TIMED_COUNT = Measure(
    fact="timed",
    quantity="count",
    timing="flow",
    needs=_DEALS,
    reads=_TIMED,
    label="# won with a valid duration",
    row_word="won",
    in_pack=sheet.closed("Won", days=">=0"),
)
TIMED_DAYS = Measure(
    fact="timed",
    quantity="days",
    timing="flow",
    needs=_DEALS,
    reads=_TIMED,
    label="days from created to closed",
    row_word="won",
    in_pack=sheet.closed("Won", sheet.DAYS, ">=0"),
)
ADVANCED = Measure(
    fact="advanced",
    quantity="count",
    timing="flow",
    needs=_PHASES,
    reads=_EXITS,
    label="# advanced",
    row_word="advanced",
    in_pack=sheet.stage_left("Advanced"),
)
PHASE_LOST = Measure(
    fact="phase_lost",
    quantity="count",
    timing="flow",
    needs=_PHASES,
    reads=_EXITS,
    label="# lost from the stage",
    row_word="lost from the stage",
    in_pack=sheet.stage_left("Lost from the stage"),
)
REGRESSED = Measure(
    fact="regressed",
    quantity="count",
    timing="flow",
    needs=_PHASES,
    reads=_EXITS,
    label="# regressed",
    row_word="regressed",
    in_pack=sheet.stage_left("Regressed"),
)
LEADS = Measure(
    fact="leads",
    quantity="count",
    timing="flow",
    needs=_LEADS,
    reads=(Read(table="leads", columns=("created_on",), where=""),),
    label="# leads created",
    row_word="lead",
    in_pack=sheet.leads(sheet.CREATED, "lead"),
)
MQLS = Measure(
    fact="mqls",
    quantity="count",
    timing="flow",
    needs=_MQLS,
    reads=(Read(table="leads", columns=("mql_on",), where=""),),
    label="# leads that became MQLs",
    row_word="MQL",
    in_pack=sheet.leads(sheet.MQL_ON, "MQL"),
)
SQOS = Measure(
    fact="sqos",
    quantity="count",
    timing="flow",
    needs=replace(_LEADS, columns=(_SQO_LINK,), feeds=("sqos",)),
    reads=_SQO,
    label="# sales qualified opportunities",
    row_word="SQO",
    in_pack=sheet.leads(sheet.SQO_ON, "SQO"),
)
LEAD_CONVERTED = Measure(
    fact="lead_converted",
    quantity="count",
    timing="flow",
    needs=_MQLS,
    reads=_LEAD_OUTCOME,
    label="leads converted to MQL",
    row_word="lead converted",
    in_pack=sheet.leads(sheet.MQL_ON, "lead converted"),
)
LEAD_REJECTED = Measure(
    fact="lead_rejected",
    quantity="count",
    timing="flow",
    needs=_LEADS,
    reads=_LEAD_OUTCOME,
    label="leads rejected",
    row_word="lead rejected",
    in_pack=sheet.leads(sheet.REJECTED_ON, "lead rejected"),
)
MQL_CONVERTED = Measure(
    fact="mql_converted",
    quantity="count",
    timing="flow",
    needs=replace(_LEADS, columns=(_MQL_DATE, _SQO_LINK), feeds=("sqos",)),
    reads=_MQL_CONVERTED,
    label="MQLs converted to SQO",
    row_word="MQL converted",
    in_pack=sheet.leads(sheet.SQO_ON, "MQL converted"),
)
MQL_REJECTED = Measure(
    fact="mql_rejected",
    quantity="count",
    timing="flow",
    needs=_MQLS,
    reads=_LEAD_OUTCOME,
    label="MQLs rejected",
    row_word="MQL rejected",
    in_pack=sheet.leads(sheet.REJECTED_ON, "MQL rejected"),
)
ACQUISITION = Measure(
    fact="acquisition",
    quantity="cents",
    timing="flow",
    needs=_COSTS,
    reads=_COST,
    label="acquisition cost",
    row_word="acquisition",
    in_pack=sheet.costs("Acquisition"),
)
LABOR = Measure(
    fact="labor",
    quantity="cents",
    timing="flow",
    needs=_COSTS,
    reads=_LABOR,
    label="qualifying labor",
    row_word="labor",
    in_pack=sheet.costs("Labor"),
)
UNALLOCATED = Measure(
    fact="unallocated",
    quantity="cents",
    timing="flow",
    needs=_COSTS_AND_LEADS,
    reads=(*_COST, _OUTCOMES),
    label="labor of months without lead outcomes",
    row_word="unallocated",
    in_pack=sheet.labor("Unallocated"),
)
SOM = Measure(
    fact="som",
    quantity="accounts",
    timing="at_end",
    needs=_MARKET_ACCOUNTS,
    reads=_MEMBERS,
    label="# SOM accounts at the end",
    row_word="SOM account",
    in_pack=sheet.accounts("SOM {end}"),
)
TARGETED = Measure(
    fact="targeted",
    quantity="accounts",
    timing="distinct",
    needs=_TARGETED,
    reads=_TARGETING,
    label="# SOM accounts targeted in the window",
    row_word="targeted",
    in_pack=sheet.accounts("Targeted {months}"),
)
TARGETED_SO_FAR = Measure(
    fact="targeted_so_far",
    quantity="accounts",
    timing="at_end",
    needs=_TARGETED,
    reads=_TARGETING,
    label="# SOM accounts targeted so far",
    row_word="targeted so far",
    in_pack=sheet.accounts("Targeted up to {end}"),
)
ENGAGED = Measure(
    fact="engaged",
    quantity="accounts",
    timing="distinct",
    needs=_ENGAGED,
    reads=_ENGAGING,
    label="# SOM accounts engaged in the window",
    row_word="engaged",
    in_pack=sheet.accounts("Engaged {months}"),
)
ENGAGED_SO_FAR = Measure(
    fact="engaged_so_far",
    quantity="accounts",
    timing="at_end",
    needs=_ENGAGED,
    reads=_ENGAGING,
    label="# SOM accounts engaged so far",
    row_word="engaged so far",
    in_pack=sheet.accounts("Engaged up to {end}"),
)
NEW_CUSTOMERS = Measure(
    fact="new_customers",
    quantity="accounts",
    timing="distinct",
    needs=_CUSTOMERS,
    reads=_PAYING,
    label="# accounts that became customers in the window",
    row_word="new customers",
    in_pack=sheet.accounts("New customer {months}"),
)
CUSTOMERS = Measure(
    fact="customers",
    quantity="accounts",
    timing="at_end",
    needs=_CUSTOMERS,
    reads=_PAYING,
    label="# customers at the end",
    row_word="customers",
    in_pack=sheet.accounts("Customer {end}"),
)
CHURNED = Measure(
    fact="churned",
    quantity="accounts",
    timing="distinct",
    needs=_REVENUE,
    reads=_MRR,
    label="# customers that cancelled or downgraded",
    row_word="churned",
    in_pack=sheet.accounts("Churned {months}"),
)
CANCELLED = Measure(
    fact="cancelled",
    quantity="accounts",
    timing="distinct",
    needs=_REVENUE,
    reads=_MRR,
    label="# customers whose last loss was a cancellation",
    row_word="cancelled",
    in_pack=sheet.accounts("Cancelled {months}"),
)
DOWNGRADED = Measure(
    fact="downgraded",
    quantity="accounts",
    timing="distinct",
    needs=_REVENUE,
    reads=_MRR,
    label="# customers whose last loss was a downgrade",
    row_word="downgraded",
    in_pack=sheet.accounts("Downgraded {months}"),
)
CHURNED_REVENUE = Measure(
    fact="churned_revenue",
    quantity="cents",
    timing="flow",
    needs=_REVENUE,
    reads=_MRR,
    label="MRR lost by churn and contraction",
    row_word="churned revenue",
    in_pack=sheet.accounts("MRR lost {months}"),
)
MRR_OPENING = Measure(
    fact="mrr_opening",
    quantity="cents",
    timing="at_start",
    needs=_REVENUE,
    reads=_MRR,
    label="opening MRR",
    row_word="mrr opening",
    in_pack=sheet.accounts("Opening MRR {months}"),
)
MRR_CLOSING = Measure(
    fact="mrr_closing",
    quantity="cents",
    timing="at_end",
    needs=_REVENUE,
    reads=_MRR,
    label="closing MRR",
    row_word="mrr closing",
    in_pack=sheet.accounts("MRR {end}"),
)
MRR_OPENINGS = Measure(
    fact="mrr_openings",
    quantity="cents",
    timing="each_start",
    needs=_REVENUE,
    reads=_MRR,
    label="opening MRR of each month",
    row_word="mrr openings",
    in_pack=sheet.accounts("Opening MRR of each month {months}"),
)
MRR_MONTHS = Measure(
    fact="mrr_months",
    quantity="count",
    timing="each_start",
    needs=_REVENUE,
    reads=_MRR,
    label="# months with an opening",
    row_word="mrr months",
    in_pack=NoRows(reason="The number of months of the window whose opening MRR is known."),
)
MRR_ANNUALISED = Measure(
    fact="mrr_annualised",
    quantity="cents",
    timing="at_start",
    needs=_REVENUE,
    reads=_MRR,
    label="opening MRR × 12",
    row_word="mrr annualised",
    in_pack=sheet.accounts("Opening MRR {months}", 12),
)
NRR_KEPT = Measure(
    fact="nrr_kept",
    quantity="cents",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="opening + expansion − churn − contraction",
    row_word="nrr kept",
    in_pack=sheet.accounts("MRR kept with expansion {months}"),
)
GRR_KEPT = Measure(
    fact="grr_kept",
    quantity="cents",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="opening − churn − contraction",
    row_word="grr kept",
    in_pack=sheet.accounts("MRR kept without expansion {months}"),
)
NRR_OPENING = Measure(
    fact="nrr_opening",
    quantity="cents",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="opening",
    row_word="nrr opening",
    in_pack=sheet.accounts("Opening MRR retained from {months}"),
)
LOGOS_CANCELLED = Measure(
    fact="logos_cancelled",
    quantity="accounts",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="# opening customers that cancelled",
    row_word="logos cancelled",
    in_pack=sheet.accounts("Opening customer cancelled {months}"),
)
LOGOS = Measure(
    fact="logos",
    quantity="accounts",
    timing="cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="# opening customers",
    row_word="logos",
    in_pack=sheet.accounts("Opening customer {months}"),
)
COHORT_NOW = Measure(
    fact="cohort_now",
    quantity="cents",
    timing="year_cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="MRR now of the customers of 12 months ago",
    row_word="cohort now",
    in_pack=sheet.accounts("MRR now of customers of a year ago {end}"),
)
COHORT_THEN = Measure(
    fact="cohort_then",
    quantity="cents",
    timing="year_cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="MRR 12 months ago of the same customers",
    row_word="cohort then",
    in_pack=sheet.accounts("MRR then of customers of a year ago {end}"),
)
COHORT_KEPT = Measure(
    fact="cohort_kept",
    quantity="cents",
    timing="year_cohort",
    needs=_REVENUE,
    reads=_MRR,
    label="MRR of 12 months ago that the same customers still pay, without expansion",
    row_word="cohort kept",
    in_pack=sheet.accounts("MRR kept of customers of a year ago {end}"),
)
MARKET = Measure(
    fact="market",
    quantity="cents",
    timing="at_start",
    needs=_MARKET,
    reads=_MARKETS,
    label="market revenue of the year",
    row_word="market",
    in_pack=NoRows(reason="An input: the segment's row in the table market."),
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
    return {"timing": measure.timing, "needs": needs, "row_word": measure.row_word}


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
