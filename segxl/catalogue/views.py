"""Views: how a metric is cut and compared. Each key is declared here once, and JSON, worksheet functions, pages and
``explain`` derive from it.

A view has three parts: the *window* before the metric is computed (the period, or the 12 months that end with it),
the *comparison* after it (with the previous period or with the year before), and the *cut* (a dimension, or some of
its items).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from segxl.errors import SegxlError, nearest

ColumnName = Literal["current", "previous", "year_ago", "trailing_12", "plan"]


@dataclass(frozen=True)
class Cut:
    """A line, or a family of lines, of a metric.

    Attributes:
        key: the view's key.
        label: what a person reads.
        by: the dimension; ``""`` for the metric's total.
        items: the items that the line takes together; empty: one line for each item.
        companion: the name of the metric's further number that the line shows in place of the metric itself.
        now_only: the line has no 12 months, though its parts could be added up.
        better: the line's favourable direction, where it is not the metric's.
        comes_from: of a dimension what it is, and the columns that it comes from.
    """

    key: str
    label: str
    by: str = ""
    items: tuple[str, ...] = ()
    companion: str = ""
    now_only: bool = False
    better: str = ""
    comes_from: str = ""

    @property
    def each(self) -> bool:
        """One line for each item of the dimension."""
        return self.by != "" and not self.items


TOTAL = Cut("total", "Total")
REVENUE = Cut("revenue", "Total, revenue", companion="revenue")
HEADLINE_RUNNING_TOTAL = Cut("running_total", "Running total")
"""The headline of a metric that is a running total itself, such as SOM accounts: it has no other total."""
RUNNING_TOTAL = Cut("running_total", "Running total", companion="running_total")
PERCENT_OF_SOM = Cut("percent_of_som", "% of SOM accounts (running total)", companion="percent_of_som")
PERCENT_OF_SOM_MONTH = Cut(
    "percent_of_som_month", "% of SOM accounts (in the period)", companion="percent_of_som_month", now_only=True
)
CANCELLED = Cut("cancelled", "Cancelled", companion="cancelled")
DOWNGRADED = Cut("downgraded", "Downgraded", companion="downgraded")
REVENUE_LOST = Cut("revenue", "Revenue lost", companion="revenue")
CLOSING = Cut("closing", "Closing MRR", companion="closing")
GROSS_RETENTION = Cut("gross_revenue_retention", "Gross revenue retention", companion="gross_revenue_retention")
LOGO_CHURN = Cut("logo_churn", "Logo churn", companion="logo_churn", better="lower")
UNALLOCATED = Cut("unallocated", "Labor not allocated to a source", companion="unallocated")
NEW_CUSTOMERS = Cut("new_customers", "From new customers", "customer", ("new",))
EXISTING_CUSTOMERS = Cut("existing_customers", "From existing customers", "customer", ("existing",))
UNKNOWN_CUSTOMERS = Cut("unknown", "Unknown (no account)", "customer", ("unknown",))
NEW_LOGO = Cut("new_logo", "New logo", "type", ("new_logo",))
UPSELL_CROSS_SELL = Cut("upsell_cross_sell", "Upsell / cross-sell", "type", ("upsell", "cross_sell"))
RENEWAL = Cut("renewal", "Renewal", "type", ("renewal",))
OTHER = Cut("other", "Other or no type", "type", ("other",))
BY_STAGE = Cut("by_stage", "By stage", "stage")
BY_REASON = Cut("by_reason", "By reason", "reason")
BY_GEO = Cut(
    "by_geo",
    "By geo",
    "geo",
    comes_from="geo (the column geo of opportunities, leads, teams or accounts)",
)
BY_SALES_TEAM = Cut(
    "by_sales_team",
    "By sales team",
    "sales_team",
    comes_from="sales team (the column sales_team of opportunities, leads, teams or accounts)",
)
BY_LEAD_SOURCE = Cut(
    "by_lead_source",
    "By lead source",
    "lead_source",
    comes_from="lead source (the column lead_source of opportunities, source of leads)",
)
BY_PRODUCT_CATEGORY = Cut(
    "by_product_category",
    "By product category",
    "product_category",
    comes_from="product category (the column product_category of opportunities)",
)
BY_TYPE = Cut(
    "by_type",
    "By type",
    "type",
    comes_from="type listed in the settings (the column type of opportunities, mapped in types)",
)

CUSTOMER_CUTS = (NEW_CUSTOMERS, EXISTING_CUSTOMERS, UNKNOWN_CUSTOMERS)
TYPE_CUTS = (NEW_LOGO, UPSELL_CROSS_SELL, RENEWAL, OTHER)
DIMENSION_CUTS = (BY_GEO, BY_SALES_TEAM, BY_LEAD_SOURCE, BY_PRODUCT_CATEGORY, BY_TYPE)

CUT_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "accounts": {"geo": "geo", "sales_team": "sales_team"},
    "leads": {"lead_source": "source"},
    "costs": {"lead_source": "lead_source"},
    "opportunities": {
        "customer": "account_id",
        "reason": "loss_reason",
        **{name: name for name in ("type", "geo", "sales_team", "lead_source", "product_category")},
    },
}
"""By table and dimension, the column that breaks its rows down.

To add a cut by a column: this line, a :class:`Cut` with what it comes from, and the cut among those of a metric.
"""

CUTS: dict[str, Cut] = {
    cut.key: cut
    for cut in (
        TOTAL,
        RUNNING_TOTAL,
        PERCENT_OF_SOM,
        PERCENT_OF_SOM_MONTH,
        REVENUE,
        CANCELLED,
        DOWNGRADED,
        CLOSING,
        GROSS_RETENTION,
        LOGO_CHURN,
        UNALLOCATED,
        *CUSTOMER_CUTS,
        *TYPE_CUTS,
        BY_STAGE,
        BY_REASON,
        *DIMENSION_CUTS,
    )
}

COLUMN_OF: dict[str, ColumnName] = {
    "mom": "previous",
    "qoq": "previous",
    "yoy": "year_ago",
    "trailing_12": "trailing_12",
}
"""Keys for the total (``mom``) or, as a suffix of a cut's key, for the cut (``by_stage_mom``)."""

COLUMN_WORDS: dict[str, str] = {
    "mom": "change on the previous month",
    "qoq": "change on the previous quarter",
    "yoy": "change on the same period of the previous year",
    "trailing_12": "12 months to the end of the period",
}
"""The meaning of the number of such a key."""

PLANNED: dict[str, ColumnName] = {"plan": "plan", "variance": "plan", "attainment": "plan"}
"""Keys for the line that a metric is planned by or, as a suffix of a cut's key, for the cut (``closing_plan``)."""


@dataclass(frozen=True)
class View:
    """A parsed view key. ``planned``: the key names no line and means the line that the metric is planned by."""

    cut: Cut
    column: ColumnName
    planned: bool = False

    @classmethod
    def parse(cls, key: str) -> View:
        """Read ``total``, ``mom``, ``by_stage``, ``by_stage_yoy``, ``revenue_trailing_12`` …

        Raises:
            SegxlError: there is no such view; the nearest one is named.
        """
        if key in CUTS:
            return cls(CUTS[key], "current")
        if key in COLUMN_OF:
            return cls(TOTAL, COLUMN_OF[key])
        if key in PLANNED:
            return cls(TOTAL, "plan", planned=True)
        for suffix, column in (COLUMN_OF | PLANNED).items():
            head = key.removesuffix(f"_{suffix}")
            if head != key and head in CUTS:
                return cls(CUTS[head], column)
        raise SegxlError(f"no view {key!r}{nearest(key, [*CUTS, *COLUMN_OF, *PLANNED])}")
