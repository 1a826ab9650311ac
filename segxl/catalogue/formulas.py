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
    ("opportunity_history", OPEN): "where it is given",
    ("opportunities", "sqos"): "where a lead has no date of its own",
    ("opportunities", "mql_converted"): "where a lead has no date of its own",
    ("opportunities", "new_customers"): "where there is no revenue table",
    ("opportunities", "engaged"): "one of the two is enough",
    ("segment_members", "som"): "where segments are lists",
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
    found += [(f"{name} of each line", in_words(expression)) for name, (expression, _) in metric.companions.items()]
    return found


def window(metric: Metric) -> str:
    """From which days its numbers are."""
    events = metric.events
    if "market" in events:
        return (
            "the end of the month before the period, against the market of the calendar year in which the period ends"
        )
    if "mrr_opening" in events:
        return (
            "the end of the month before the period (its opening); closing: the period's last day; 12 months: the "
            "openings of the 12 months that end with the period"
        )
    if "nrr_opening" in events:
        return (
            "from the end of the month before the period to its last day; 12 months: from the end of the month 12 "
            "months before to the period's last day"
        )
    if metric.expression.kind == "stock":
        return "the last day of the month or quarter; a stock, so there is no 12-month sum"
    first = "the month or quarter, its first and last day included; 12 months end with its last month"
    if isinstance(metric.expression, Ratio):
        return f"{first}, and a ratio over them is a ratio of sums, never a mean of monthly ratios"
    if any(measure.quantity == "accounts" for measure in measures_of(metric.expression)):
        return f"{first}, and an account counts once over all of them"
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
                f"{toggle.name}: {toggle.question[0].lower()}{toggle.question[1:]}. Default "
                f"{toggle.words(default)}, else {toggle.words(other)}"
            )
    return found


def zero(metric: Metric) -> str:
    """What is said where a number cannot be."""
    parts = ["a denominator of zero gives n/a, never 0"] if isinstance(metric.expression, Ratio) else []
    if metric.unit is RATE:
        parts.append("a rate compares in percentage points and has no percentage of change")
    else:
        parts.append("a base of zero or less gives N/M for the percentage; the difference is shown")
    return "; ".join([*parts, "a base outside the data gives n/a"])


def _all_measures(metric: Metric) -> Iterable[Measure]:
    yield from measures_of(metric.expression)
    if metric.trailing is not None:
        yield from measures_of(metric.trailing)
    for expression, _ in (*metric.own_lines.values(), *metric.companions.values()):
        yield from measures_of(expression)


READING: tuple[tuple[str, str, str], ...] = (
    (
        "Month over month, year over year",
        "The difference to the month before (for a quarter: the quarter before) and to the same month a year before, "
        "also as a part of that base. A base of zero or less has no percentage: N/M. A base outside the data: n/a. "
        "Rates compare in percentage points.",
        "From 4,000 to 5,000: +1,000, 25%. From 0 to 5,000: +5,000, N/M. From 40% to 45%: +5 points.",
    ),
    (
        "12 months",
        "The 12 months that end with the period's last month, that month included. Amounts and numbers are added up; a "
        "ratio is a ratio of such sums; accounts count once. Where the data has fewer months, it is said how many.",
        "1 won of 2 closed in April, 3 of 4 in May: 4 / 6 = 66.7%, not the mean of 50% and 75%.",
    ),
    (
        "New and existing customers",
        "By the opportunity's type: new logo is new; upsell, cross-sell and renewal are existing. Where the type does "
        "not tell: existing if the account had won or paid before the opportunity was created, else new; without an "
        "account unknown. The three add up to the total.",
        "Created on 10 May, no type: existing if its account won on 3 May, new if it first won on 10 May itself.",
    ),
    (
        "New logo, upsell / cross-sell, renewal, other",
        "By the map types of the settings; a type that it does not name is other. The four add up to the total.",
        'With "New Business" = "new_logo" every "new business" is a new logo.',
    ),
    (
        "Geo and sales team",
        "The row's own column, else that of its owner in the teams table, else that of its account; else (blank).",
        "A deal without a geo, of Ann who sells in West, with an account in East: West.",
    ),
    (
        "Members of a segment",
        "An event counts where its account was a member on the event's day, a stock where it is one on the last day of "
        "its window. A row that names its segment counts there alone. All accounts takes in every row.",
        "An account goes from Retail to Energy on 15 May: its deal won on the 14th is Retail's, its open one Energy's.",
    ),
    (
        "Money",
        "In the reporting currency. A foreign amount converts at the rate of its event's month; without a rate it "
        "counts in numbers and not in amounts, and a check fails. A blank amount is 0 and counts in numbers.",
        "100 EUR won in May at 1.25: 125.",
    ),
)
"""Name, definition and example of what all metrics share."""
