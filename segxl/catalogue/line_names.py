"""Lines of the scorecard by name, as a plan and control totals name them."""

from __future__ import annotations

from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import BY_KEY
from segxl.catalogue.views import Cut
from segxl.errors import SegxlError, nearest

ALIASES = {"closing_mrr": "mrr.closing"}
"""Names that finance uses for a line."""


def find_line(name: str) -> tuple[Metric, Cut]:
    """The metric and the line that ``won_revenue``, ``mrr.closing``, ``win_rate_count.new_logo`` or ``closing_mrr``
    name; case does not count.

    A metric's key alone is its headline, but for ``customers``: who plans or reports customers says how many there are
    (the running total), not how many are new (``customers.total``). The alternative, the headline everywhere, would
    set 951 customers planned against the 33 that were won.

    Raises:
        SegxlError: there is none; what is wrong, then "; " and what to change.
    """
    text = name.strip().casefold()
    key, _, view = ALIASES.get(text, text).partition(".")
    if key not in BY_KEY:
        hint = nearest(key, [*BY_KEY, *ALIASES]).removeprefix("; ")
        raise SegxlError(f"is not a metric; {hint or 'use a metric key'} (`segxl metrics` lists them)")
    metric = BY_KEY[key]
    cut = metric.cut(view) if view else metric.planned_cut
    if cut is None:
        lines = ", ".join(f"{key}.{one.key}" for one in metric.cuts)
        raise SegxlError(f"is not a line of {key}; use one of {lines}")
    return metric, cut
