"""Lines of the scorecard by name, as a plan and control totals name them."""

from __future__ import annotations

from functools import cache

from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import BY_KEY
from segxl.catalogue.views import Cut
from segxl.errors import SegxlError, nearest

ALIASES = {"closing_mrr": "mrr.closing"}
"""Names that finance uses for a line."""


def find_line(name: str) -> tuple[Metric, Cut]:
    """The metric and the line that ``won_revenue``, ``mrr.closing``, ``win_rate_count.new_logo`` or ``closing_mrr``
    name, or a name as pages show it: ``Won revenue``, ``SQOs``, ``Closing MRR``. Case does not count.

    A metric's key alone is its headline, but for ``customers``: a plan or report of customers gives their number (the
    running total), not the new ones (``customers.total``). The alternative, the headline everywhere, would compare a
    plan of 951 customers with the 33 that were won.

    Raises:
        SegxlError: there is none; what is wrong, then "; " and what to change.
    """
    text = " ".join(name.split()).casefold()
    key, _, view = {**shown_names(), **ALIASES}.get(text, text).partition(".")
    if key not in BY_KEY:
        hint = nearest(key, [*BY_KEY, *ALIASES]).removeprefix("; ")
        raise SegxlError(f"is not a metric; {hint or 'use a metric key'} (`segxl metrics` lists them)")
    metric = BY_KEY[key]
    cut = metric.cut(view) if view else metric.planned_cut
    if cut is None:
        lines = ", ".join(f"{key}.{one.key}" for one in metric.cuts)
        raise SegxlError(f"is not a line of {key}; use one of {lines}")
    return metric, cut


_NAMES = {
    ("customers", "total"): "New customers",
    ("customers", "running_total"): "Customers at the end",
    ("mrr", "closing"): "Closing MRR",
    ("pipeline_by_stage", "total"): "Open pipeline",
}
"""Lines that are known by another name than their metric's with the line's label."""

_SHORT_NAMES = {
    "win_rate_count": "Win rate (count)",
    "sqos": "SQOs",
    "mqls": "MQLs",
    "mrr": "MRR (opening)",
    "won_opportunities": "Won (count)",
    "lost_opportunities": "Lost (count)",
    "som_accounts": "SOM accounts",
    "churned_customers": "Churned or downgraded",
    "engaged_accounts": "Engaged accounts",
    "targeted_accounts": "Targeted accounts",
}
"""Names of headlines for narrow columns, by the metric's key."""


@cache
def shown_names() -> dict[str, str]:
    """The key of each name of a metric or line on the pages, in lower case."""
    names = {metric.name: key for key, metric in BY_KEY.items()}
    names |= {name: key for key, name in _SHORT_NAMES.items()}
    names |= {name: f"{key}.{cut}" for (key, cut), name in _NAMES.items()}
    for metric in filter(lambda one: one.follows_accounts, BY_KEY.values()):
        for kind in ("month", "quarter"):
            names |= {with_window(metric.name, metric, kind): metric.key}
            names |= {with_window(cut.label, metric, kind): f"{metric.key}.{cut.key}" for cut in metric.cuts[1:]}
    return {name.casefold(): key for name, key in names.items()}


def line_name(metric: Metric, cut: Cut) -> str:
    """The name of a metric's line on its own: ``Won revenue``, ``Closing MRR``, ``Won revenue: renewal``."""
    plain = metric.name if metric.cuts[0] is cut else f"{metric.name}: {cut.label.lower()}"
    return _NAMES.get((metric.key, cut.key), plain)


def with_window(name: str, metric: Metric, kind: str) -> str:
    """The name of one of a metric's lines over a period; with the period's kind where 12 months are of other accounts:
    ``Net revenue retention of the month``."""
    return f"{name} of the {kind}" if metric.follows_accounts else name


def own_name(metric: Metric, cut: Cut) -> str:
    """The line's special name elsewhere, if it has one; else blank."""
    return _NAMES.get((metric.key, cut.key), "")


def short_line_name(metric: Metric, cut: Cut) -> str:
    """The same for a narrow column: ``SQOs``, ``MRR (opening)``."""
    short = _SHORT_NAMES.get(metric.key) if metric.cuts[0] is cut else None
    return short or line_name(metric, cut)
