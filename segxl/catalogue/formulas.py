"""What a reader needs beside a metric's definition: its formulas, its window, what it reads, and how lines compare.

All of it is derived from the catalogue, so that a page cannot tell another story than the arithmetic does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from segxl.catalogue.measures import Measure, Ratio
from segxl.catalogue.metric import Metric, in_words, measures_of
from segxl.facts import OPEN
from segxl.settings.toggles import toggles_of
from segxl.units import RATE

Tables = Mapping[str, tuple[str, ...]]

_CLOSED = ("stage", "status", "closed_on")
_MQL = ("mql_on", "rejected_on", "rejected_from")
_REVENUE: Tables = {"revenue": ()}
_OUTCOME: Tables = {"opportunities": _CLOSED}
_PHASE: Tables = {"opportunities": _CLOSED, "opportunity_history": ("changed_at", "stage")}
_LEAD: Tables = {"leads": _MQL}
_SQO: Tables = {"leads": ("sqo_on", "opportunity_id"), "opportunities": ("created_on", "lead_id")}
_LABOR: Tables = {"costs": ("month", "amount", "kind", "segment"), "leads": (*_MQL, "sqo_on")}
_TARGETED: Tables = {"activities": ("account_id", "date", "source", "kind", "campaign_type")}
_ENGAGED: Tables = {
    "activities": ("account_id", "date", "source", "campaign_type"),
    "opportunities": ("account_id", "created_on", "closed_on"),
}
_CUSTOMERS: Tables = {"revenue": (), "opportunities": ("account_id", *_CLOSED, "type")}

READS: Mapping[str, Tables] = {
    "won": _OUTCOME,
    "lost": _OUTCOME,
    "created": {"opportunities": ("created_on",)},
    "timed": {"opportunities": ("created_on", *_CLOSED)},
    OPEN: {"opportunities": ("created_on", *_CLOSED), "opportunity_history": ("changed_at", "stage", "amount")},
    "advanced": _PHASE,
    "phase_lost": _PHASE,
    "regressed": _PHASE,
    "leads": {"leads": ("created_on",)},
    "mqls": {"leads": ("mql_on",)},
    "sqos": _SQO,
    "lead_converted": _LEAD,
    "lead_rejected": _LEAD,
    "mql_converted": {"leads": ("sqo_on", "opportunity_id", *_MQL), "opportunities": _SQO["opportunities"]},
    "mql_rejected": _LEAD,
    "acquisition": {"costs": _LABOR["costs"]},
    "labor": _LABOR,
    "unallocated": _LABOR,
    "som": {"accounts": ("account_id",), "segment_members": ("segment", "account_id", "start", "end")},
    "targeted": _TARGETED,
    "targeted_so_far": _TARGETED,
    "engaged": _ENGAGED,
    "engaged_so_far": _ENGAGED,
    "new_customers": _CUSTOMERS,
    "customers": _CUSTOMERS,
    "market": {"market": ("segment", "year", "revenue")},
}
"""By events the tables and columns that they are read from; all others are read from revenue, in whatever shape."""

_ALSO: Mapping[tuple[str, str], str] = {
    ("opportunity_history", OPEN): "if available",
    ("opportunities", "sqos"): "if a lead has no SQO date",
    ("opportunities", "mql_converted"): "if a lead has no SQO date",
    ("opportunities", "new_customers"): "if there is no revenue table",
    ("opportunities", "engaged"): "either table is enough",
    ("segment_members", "som"): "if segments are member lists",
}
"""Table and event: when a table is read that the event can do without."""

_MONEY_OF_DEALS = {"won", "lost", "created", OPEN}
_SHAPES = (
    "monthly: account_id, month, mrr, currency; or subscriptions: account_id, start, end, mrr, currency; or movements: "
    "account_id, date, type, amount, currency"
)
_CUT_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "accounts": {"geo": "geo", "sales_team": "sales_team"},
    "leads": {"lead_source": "source"},
    "costs": {"lead_source": "lead_source"},
    "opportunities": {
        "customer": "account_id",
        "reason": "loss_reason",
        **{name: name for name in ("type", "geo", "sales_team", "lead_source", "product_category")},
    },
}
"""By table the columns that cut its rows. Only light modules here: the catalogue is shown without the engine."""


def formulas(metric: Metric) -> list[tuple[str, str]]:
    """Label and arithmetic of everything the metric shows: itself, over 12 months where that is another, and each line
    or number beside it that has an arithmetic of its own."""
    found = [("", metric.formula)]
    if metric.trailing_formula:
        found.append(("over 12 months", metric.trailing_formula))
    labels = {cut.companion: cut.label for cut in metric.cuts if cut.companion}
    found += [(labels.get(name, name), in_words(expression)) for name, (expression, _) in metric.own_lines.items()]
    found += [(f"{name} per line", in_words(expression)) for name, (expression, _) in metric.companions.items()]
    return found


def window(metric: Metric) -> str:
    """From which days its numbers are."""
    events = metric.events
    if "market" in events:
        return "the end of the month before the period; market: the calendar year in which the period ends"
    if "mrr_opening" in events:
        return (
            "opening: the end of the month before the period; closing: the period's last day; 12 months: the openings "
            "of "
            "the 12 months to the end of the period"
        )
    if "nrr_opening" in events:
        return (
            "from the end of the month before the period to its last day; 12 months: the 12 months to the period's "
            "last "
            "day"
        )
    if metric.expression.kind == "stock":
        return "the last day of the month or quarter; a balance, so no 12-month sum"
    first = "the month or quarter, first and last day included; 12 months: the 12 months to its last month"
    if isinstance(metric.expression, Ratio):
        return f"{first}, as a ratio of sums, not an average of monthly ratios"
    if any(measure.quantity == "accounts" for measure in measures_of(metric.expression)):
        return f"{first}, each account once"
    return first


def inputs(metric: Metric) -> str:
    """The tables and columns that it reads: ``opportunities (stage, status, closed_on, amount, currency, …)``."""
    measures = list(_all_measures(metric))
    events = tuple(dict.fromkeys(measure.events for measure in measures))
    columns: dict[str, list[str]] = {}
    for one in events:
        for table, names in READS.get(one, _REVENUE).items():
            columns.setdefault(table, []).extend(names)
    if any(measure.quantity == "cents" and measure.events in _MONEY_OF_DEALS for measure in measures):
        columns["opportunities"] += ["amount", "currency"]
    dimensions = [cut.by for cut in metric.cuts if cut.by and cut.by != "stage"]
    return "; ".join(_table(table, names, dimensions, events) for table, names in columns.items())


def _table(table: str, names: list[str], dimensions: list[str], events: tuple[str, ...]) -> str:
    """One table with its columns, those that cut its rows included; of revenue the columns of each shape."""
    if table == "revenue":
        return f"revenue ({_SHAPES})"
    also = next((_ALSO[table, one] for one in events if (table, one) in _ALSO), "")
    words = {} if also else _CUT_COLUMNS.get(table, {})
    names = [*names, *(words[by] for by in dimensions if by in words)]
    return f"{table} ({', '.join(dict.fromkeys(names))})" + (f", {also}" if also else "")


def toggles(metric: Metric) -> list[str]:
    """The other readings of its definition, as the settings write them: ``membership: which day … ``."""
    stock_of_members = set(metric.events) <= {"som", OPEN}
    found = []
    for toggle in toggles_of("scorecard"):
        if metric.key in toggle.metrics or (not toggle.metrics and not stock_of_members):
            default, other = toggle.readings
            found.append(
                f"{toggle.name}: {toggle.question}. Default: {toggle.words(default)}; "
                f"alternative: {toggle.words(other)}"
            )
    return found


def zero(metric: Metric) -> str:
    """What is said where a number cannot be."""
    parts = ["zero denominator: n/a, not 0"] if isinstance(metric.expression, Ratio) else []
    if metric.unit is RATE:
        parts.append("changes in percentage points, never in %")
    else:
        parts.append("base zero or negative: % change is N/M, the difference is shown")
    return "; ".join([*parts, "base period not in the data: n/a"])


def _all_measures(metric: Metric) -> Iterable[Measure]:
    yield from measures_of(metric.expression)
    if metric.trailing is not None:
        yield from measures_of(metric.trailing)
    for expression, _ in (*metric.own_lines.values(), *metric.companions.values()):
        yield from measures_of(expression)


READING: tuple[tuple[str, str, str], ...] = (
    (
        "Month over month, year over year",
        "The change on the previous month (or quarter) and on the same period of the previous year, in value and in %. "
        "If the base is zero or negative, the % is N/M. If the data has no base period, the change is n/a. Rates "
        "change in percentage points.",
        "From 4,000 to 5,000: +1,000, 25%. From 0 to 5,000: +5,000, N/M. From 40% to 45%: +5 points.",
    ),
    (
        "12 months",
        "The 12 months up to and including the period's last month. Amounts and counts are added up, ratios are "
        "ratios of sums, and each account counts once. If the data has fewer months, the number is shown.",
        "1 won of 2 closed in April, 3 of 4 in May: 4 / 6 = 66.7%, not the mean of 50% and 75%.",
    ),
    (
        "New and existing customers",
        "By opportunity type: new logo is new; upsell, cross-sell and renewal are existing. For other types: existing "
        "if the account had won or paid before the opportunity was created, else new. Without an account: unknown. The "
        "three add up to the total.",
        "Created on 10 May, no type: existing if its account won on 3 May, new if it first won on 10 May itself.",
    ),
    (
        "New logo, upsell / cross-sell, renewal, other",
        "By the map types in the settings; types not in it are other. The four add up to the total.",
        'With "New Business" = "new_logo" every "new business" is a new logo.',
    ),
    (
        "Geo and sales team",
        "From the row itself, or else its owner in the teams table, or else its account; otherwise (blank).",
        "A deal has no geo. Its owner Ann is in West, its account in East: West.",
    ),
    (
        "Members of a segment",
        "An event counts in the segment of its account on the day of the event; a balance, on the last day of the "
        "window. A row that names a segment counts only there. All accounts includes every row.",
        "An account moves from Retail to Energy on 15 May. Its deal won on 14 May counts in Retail, its open deal in "
        "Energy.",
    ),
    (
        "Money",
        "In the reporting currency. Foreign amounts are converted at the rate of the event's month. Without a rate the "
        "row counts, but its amount does not, and a check fails. A blank amount counts as 0.",
        "100 EUR won in May at 1.25: 125.",
    ),
)
"""Name, definition and example of what all metrics share."""
