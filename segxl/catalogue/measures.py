"""Measures: what is added up. Metrics are the arithmetic over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segxl.facts import OPEN, Quantity

Kind = Literal["additive", "stock"]
OfMonths = Literal["sum", "mean", "first", "last", "none"]
"""How the number of a quarter comes from those of its months, where only the months' are known (a plan's are)."""

_STOCKS = frozenset(
    {
        OPEN,
        "som",
        "targeted_so_far",
        "engaged_so_far",
        "customers",
        "mrr_opening",
        "mrr_closing",
        "mrr_year",
        "market",
        "nrr_kept",
        "grr_kept",
        "nrr_opening",
        "logos_cancelled",
        "logos",
    }
)
"""What is taken at a window's start or end, or follows those who were there, and so has no sum over 12 months."""

_AT_THE_START = frozenset({"mrr_opening", "mrr_year", "market"})
_FOLLOWING = frozenset({"nrr_kept", "grr_kept", "nrr_opening", "logos_cancelled", "logos"})
"""Of the stocks those taken before the window's first month, and those that follow who was there then."""


@dataclass(frozen=True)
class Measure:
    """A sum over events of a window (additive) or over what is open at its end (stock)."""

    events: str
    quantity: Quantity

    @property
    def kind(self) -> Kind:
        """Additive measures can be summed over months; a stock is taken at a window's end."""
        return "stock" if self.events in _STOCKS else "additive"

    @property
    def of_months(self) -> OfMonths:
        """A flow adds up; a stock is its first or its last month's; distinct accounts and what follows them over the
        window cannot be told from months."""
        if self.events in _AT_THE_START:
            return "first"
        if self.events in _FOLLOWING:
            return "none"
        if self.kind == "stock":
            return "last"
        return "none" if self.quantity == "accounts" else "sum"

    def __add__(self, other: Measure | Sum) -> Sum:
        return Sum(((1, self),)) + other

    def __sub__(self, other: Measure) -> Sum:
        return Sum(((1, self), (-1, other)))

    def __truediv__(self, other: Measure | Sum) -> Ratio:
        return Ratio(Sum(((1, self),)), other if isinstance(other, Sum) else Sum(((1, other),)))


@dataclass(frozen=True)
class Sum:
    """Measures added up with their signs."""

    terms: tuple[tuple[int, Measure], ...]

    def __add__(self, other: Measure | Sum) -> Sum:
        return Sum(self.terms + (other.terms if isinstance(other, Sum) else ((1, other),)))

    def __truediv__(self, other: Measure | Sum) -> Ratio:
        return Ratio(self, other if isinstance(other, Sum) else Sum(((1, other),)))

    @property
    def kind(self) -> Kind:
        """A sum with a stock in it is a stock."""
        return "stock" if any(measure.kind == "stock" for _, measure in self.terms) else "additive"

    @property
    def of_months(self) -> OfMonths:
        """That of its measures, if they agree."""
        rules = {measure.of_months for _, measure in self.terms}
        return rules.pop() if len(rules) == 1 else "none"


@dataclass(frozen=True)
class Ratio:
    """One sum over another; not a number where the denominator is zero."""

    numerator: Sum
    denominator: Sum

    @property
    def kind(self) -> Kind:
        """The kind of both parts."""
        return (self.numerator + self.denominator).kind

    @property
    def of_months(self) -> OfMonths:
        """That of its parts, if they agree; a ratio of two flows is averaged."""
        rule = (self.numerator + self.denominator).of_months
        return "mean" if rule == "sum" else rule


Expression = Sum | Ratio


def as_expression(value: Measure | Expression) -> Expression:
    """A lone measure as a sum of one."""
    return Sum(((1, value),)) if isinstance(value, Measure) else value


WON_COUNT = Measure("won", "count")
WON_AMOUNT = Measure("won", "cents")
LOST_COUNT = Measure("lost", "count")
LOST_AMOUNT = Measure("lost", "cents")
CREATED_AMOUNT = Measure("created", "cents")
OPEN_COUNT = Measure(OPEN, "count")
OPEN_AMOUNT = Measure(OPEN, "cents")
TIMED_COUNT = Measure("timed", "count")
TIMED_DAYS = Measure("timed", "days")
ADVANCED = Measure("advanced", "count")
PHASE_LOST = Measure("phase_lost", "count")
REGRESSED = Measure("regressed", "count")

LEADS = Measure("leads", "count")
MQLS = Measure("mqls", "count")
SQOS = Measure("sqos", "count")
LEAD_CONVERTED = Measure("lead_converted", "count")
LEAD_REJECTED = Measure("lead_rejected", "count")
MQL_CONVERTED = Measure("mql_converted", "count")
MQL_REJECTED = Measure("mql_rejected", "count")
ACQUISITION = Measure("acquisition", "cents")
LABOR = Measure("labor", "cents")
UNALLOCATED = Measure("unallocated", "cents")

SOM = Measure("som", "accounts")
TARGETED = Measure("targeted", "accounts")
TARGETED_SO_FAR = Measure("targeted_so_far", "accounts")
ENGAGED = Measure("engaged", "accounts")
ENGAGED_SO_FAR = Measure("engaged_so_far", "accounts")
NEW_CUSTOMERS = Measure("new_customers", "accounts")
CUSTOMERS = Measure("customers", "accounts")
CHURNED = Measure("churned", "accounts")
CANCELLED = Measure("cancelled", "accounts")
DOWNGRADED = Measure("downgraded", "accounts")
CHURNED_REVENUE = Measure("churned_revenue", "cents")
MRR_OPENING = Measure("mrr_opening", "cents")
MRR_CLOSING = Measure("mrr_closing", "cents")
MRR_OPENINGS = Measure("mrr_openings", "cents")
MRR_MONTHS = Measure("mrr_months", "count")
MRR_YEAR = Measure("mrr_year", "cents")
NRR_KEPT = Measure("nrr_kept", "cents")
GRR_KEPT = Measure("grr_kept", "cents")
NRR_OPENING = Measure("nrr_opening", "cents")
LOGOS_CANCELLED = Measure("logos_cancelled", "accounts")
LOGOS = Measure("logos", "accounts")
COHORT_NOW = Measure("cohort_now", "cents")
COHORT_THEN = Measure("cohort_then", "cents")
MARKET = Measure("market", "cents")

_NAMES: dict[Measure, str] = {
    WON_COUNT: "# won",
    WON_AMOUNT: "won revenue",
    LOST_COUNT: "# lost",
    LOST_AMOUNT: "lost revenue",
    CREATED_AMOUNT: "amounts created",
    OPEN_COUNT: "# open at the end",
    OPEN_AMOUNT: "open amounts at the end",
    TIMED_COUNT: "# won with a valid duration",
    TIMED_DAYS: "days from created to closed",
    ADVANCED: "# advanced",
    PHASE_LOST: "# lost from the stage",
    REGRESSED: "# regressed",
    LEADS: "# leads created",
    MQLS: "# leads that became MQLs",
    SQOS: "# sales qualified opportunities",
    LEAD_CONVERTED: "leads converted to MQL",
    LEAD_REJECTED: "leads rejected",
    MQL_CONVERTED: "MQLs converted to SQO",
    MQL_REJECTED: "MQLs rejected",
    ACQUISITION: "acquisition cost",
    LABOR: "qualifying labor",
    UNALLOCATED: "labor of months without lead outcomes",
    SOM: "# SOM accounts at the end",
    TARGETED: "# SOM accounts targeted in the window",
    TARGETED_SO_FAR: "# SOM accounts targeted so far",
    ENGAGED: "# SOM accounts engaged in the window",
    ENGAGED_SO_FAR: "# SOM accounts engaged so far",
    NEW_CUSTOMERS: "# accounts that became customers in the window",
    CUSTOMERS: "# customers at the end",
    CHURNED: "# customers that cancelled or downgraded",
    CANCELLED: "# customers whose last loss was a cancellation",
    DOWNGRADED: "# customers whose last loss was a downgrade",
    CHURNED_REVENUE: "MRR lost by churn and contraction",
    MRR_OPENING: "opening MRR",
    MRR_CLOSING: "closing MRR",
    MRR_OPENINGS: "opening MRR of each month",
    MRR_MONTHS: "# months with an opening",
    MRR_YEAR: "opening MRR × 12",
    NRR_KEPT: "opening + expansion − churn − contraction",
    GRR_KEPT: "opening − churn − contraction",
    NRR_OPENING: "opening",
    LOGOS_CANCELLED: "# opening customers that cancelled",
    LOGOS: "# opening customers",
    COHORT_NOW: "MRR now of the customers of 12 months ago",
    COHORT_THEN: "MRR 12 months ago of the same customers",
    MARKET: "market revenue of the year",
}


def measure_name(measure: Measure) -> str:
    """A measure in words."""
    return _NAMES[measure]


_WORDS = {
    "timed": "won",
    "leads": "lead",
    "mqls": "MQL",
    "sqos": "SQO",
    "phase_lost": "lost from the stage",
    "som": "SOM account",
    "mql_converted": "MQL converted",
    "mql_rejected": "MQL rejected",
}


def measure_words(events: str) -> str:
    """Events in the singular, for the row of a list: ``won``, ``lead``, ``mrr opening``."""
    return _WORDS.get(events, events.replace("_", " "))
