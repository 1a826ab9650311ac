"""Who buys from the demo company, and how: segments, kinds of deals, stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.demo_company.seasons import LAST_WORKDAY


class Kind(StrEnum):
    """What a deal is, in the words of the CRM."""

    NEW = "New Business"
    UPSELL = "Upsell"
    CROSS_SELL = "Cross-Sell"
    RENEWAL = "Renewal"


STAGES = ("Discovery", "Qualified", "Demo", "Proposal", "Negotiation")
WON, LOST = "Closed Won", "Closed Lost"
PROBABILITY = dict(zip((*STAGES, WON, LOST), (10, 20, 40, 60, 80, 100, 0), strict=True))

PRODUCTS = {"Core Ledger": 0.62, "Payables": 0.23, "Planning": 0.15}
"""Product categories, and how often a new customer starts with each."""

REGIONS = {"Americas": 0.55, "EMEA": 0.32, "APAC": 0.13}
COUNTRIES = {
    "Americas": {"United States": 0.84, "Canada": 0.11, "Brazil": 0.05},
    "EMEA": {"United Kingdom": 0.38, "Germany": 0.27, "France": 0.15, "Netherlands": 0.12, "Sweden": 0.08},
    "APAC": {"Australia": 0.58, "Singapore": 0.24, "Japan": 0.18},
}
ACCOUNT_MANAGEMENT = "Account Management"
TEAMS = {
    "Enterprise": {"Americas": 3, "EMEA": 2, "APAC": 1},
    "Mid-Market": {"Americas": 3, "EMEA": 3, "APAC": 1},
    "Inside Sales": {"Americas": 3, "EMEA": 2, "APAC": 1},
    ACCOUNT_MANAGEMENT: {"Americas": 4, "EMEA": 3, "APAC": 1},
}
"""Sales teams, and how many people each has in a region."""

CUSTOMER_SOURCES = {"Customer Success": 0.7, "Customer Event": 0.2, "Webinar": 0.1}
LOSS_REASONS = {
    "No Decision": 0.3,
    "Competitor": 0.24,
    "Price": 0.19,
    "Timing": 0.12,
    "Missing Feature": 0.1,
    "No Budget": 0.05,
}
CHURN_REASONS = {"Price": 0.3, "Switched to Competitor": 0.3, "No Longer Needed": 0.25, "Acquired": 0.15}


@dataclass(frozen=True)
class Profile:
    """How one segment buys. Curves are evenly spaced quantiles.

    Attributes:
        accounts: how many companies of it the CRM knows.
        customers: how many of them are customers when the simulation starts.
        employees: curve of the companies' sizes.
        price: what a typical new customer pays a year; amounts are rounded to ``step``.
        cycle: workdays from opening a new deal to winning it, typically.
        deals: new-business deals opened in the first month; each later month ``growth`` times as many.
        win_rates: share of deals won, by kind.
        expansion: upsells and cross-sells opened per customer and year.
        quarter_end: share of deals that wait for the end of the quarter.
        notice: workdays before its end that a contract's renewal is opened.
        sources: lead sources of new deals, and how often each is one.
    """

    name: str
    team: str
    accounts: int
    customers: int
    employees: tuple[float, ...]
    price: int
    step: int
    cycle: int
    deals: float
    growth: float
    win_rates: Mapping[Kind, float]
    expansion: Mapping[Kind, float]
    quarter_end: float
    notice: int
    sources: Mapping[str, float]


PROFILES = (
    Profile(
        name="Enterprise",
        team="Enterprise",
        accounts=343,
        customers=97,
        employees=(1000, 1300, 1800, 2700, 4500, 9000, 16000),
        price=78_000,
        step=1000,
        cycle=112,
        deals=11.0,
        growth=1.011,
        win_rates={Kind.NEW: 0.18, Kind.UPSELL: 0.48, Kind.CROSS_SELL: 0.33, Kind.RENEWAL: 0.92},
        expansion={Kind.UPSELL: 0.65, Kind.CROSS_SELL: 0.50},
        quarter_end=0.17,
        notice=80,
        sources={"Outbound": 0.38, "Partner": 0.24, "Trade Show": 0.16, "Referral": 0.14, "Website": 0.08},
    ),
    Profile(
        name="Mid-Market",
        team="Mid-Market",
        accounts=640,
        customers=160,
        employees=(200, 240, 300, 390, 520, 720, 999),
        price=26_000,
        step=500,
        cycle=56,
        deals=20.0,
        growth=1.018,
        win_rates={Kind.NEW: 0.23, Kind.UPSELL: 0.55, Kind.CROSS_SELL: 0.40, Kind.RENEWAL: 0.9},
        expansion={Kind.UPSELL: 0.42, Kind.CROSS_SELL: 0.28},
        quarter_end=0.14,
        notice=62,
        sources={
            "Website": 0.28,
            "Outbound": 0.22,
            "Webinar": 0.18,
            "Partner": 0.14,
            "Referral": 0.10,
            "Trade Show": 0.08,
        },
    ),
    Profile(
        name="SMB",
        team="Inside Sales",
        accounts=1020,
        customers=210,
        employees=(8, 14, 24, 40, 70, 120, 199),
        price=7_200,
        step=100,
        cycle=23,
        deals=25.5,
        growth=1.02,
        win_rates={Kind.NEW: 0.30, Kind.UPSELL: 0.60, Kind.CROSS_SELL: 0.45, Kind.RENEWAL: 0.85},
        expansion={Kind.UPSELL: 0.25, Kind.CROSS_SELL: 0.15},
        quarter_end=0.10,
        notice=45,
        sources={"Website": 0.48, "Webinar": 0.18, "Outbound": 0.14, "Referral": 0.14, "Partner": 0.06},
    ),
)


@dataclass(eq=False)
class Account:
    """A company in the CRM. ``seller`` wins it, ``manager`` looks after it then."""

    number: int
    name: str
    website: str
    country: str
    region: str
    industry: str
    employees: int
    profile: Profile
    seller: str
    manager: str


@dataclass(frozen=True)
class Change:
    """A row of a deal's history: how it stood from that day on. ``amount`` is None while none was put in."""

    day: int
    stage: str
    amount: int | None
    close: int


@dataclass(eq=False)
class Deal:
    """An opportunity with all of its life.

    Attributes:
        account: the account; None when the seller did not fill it in.
        won: how it ends, which may be after the export.
        loss_reason: the reason it will be given if it is lost.
        number: makes its id; older deals have lower ones.
        carried_over: it comes from the CRM before this one.
    """

    account: Account | None
    account_name: str
    kind: Kind
    won: bool
    product: str
    name: str
    owner: str
    source: str
    loss_reason: str
    history: list[Change] = field(repr=False)
    number: int = 0
    carried_over: bool = False

    @property
    def opened(self) -> int:
        """The day it was created."""
        return self.history[0].day

    @property
    def closes(self) -> int:
        """The day of its last change."""
        return self.history[-1].day

    @property
    def stage(self) -> str:
        """Where it is."""
        return self.history[-1].stage

    @property
    def is_open(self) -> bool:
        """Neither won nor lost."""
        return self.stage in STAGES

    def cut(self) -> None:
        """Forget what the CRM can't know on the evening of the export."""
        self.history = [change for change in self.history if change.day <= LAST_WORKDAY]
