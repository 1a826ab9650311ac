"""What a reader needs beside a metric's definition: its formulas, its window, what it reads, and how lines compare.

All of it is derived from the catalogue, so that a page cannot tell another story than the arithmetic does.
"""

from __future__ import annotations

from collections.abc import Mapping

from segxl.catalogue.measure import Ratio, Read
from segxl.catalogue.metric import Metric, in_words, measures_of
from segxl.settings.toggles import toggles_of
from segxl.units import RATE

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
    timings = {measure.timing for measure in measures_of(metric.expression)}
    if "market" in metric.events:
        return (
            "the end of the month before the period, against the market of the calendar year in which the period ends"
        )
    if "at_start" in timings:
        return (
            "the end of the month before the period (its opening); closing: the period's last day; 12 months: the "
            "openings of the 12 months that end with the period"
        )
    if "cohort" in timings:
        return (
            "from the end of the month before the period to its last day; 12 months: from the end of the month 12 "
            "months before to the period's last day"
        )
    if metric.expression.kind == "stock":
        return "the last day of the month or quarter; a stock, so there is no 12-month sum"
    first = "the month or quarter, its first and last day included; 12 months end with its last month"
    if isinstance(metric.expression, Ratio):
        return f"{first}, and a ratio over them is a ratio of sums, never a mean of monthly ratios"
    if "distinct" in timings:
        return f"{first}, and an account counts once over all of them"
    return first


def inputs(metric: Metric) -> str:
    """The tables and columns that it reads: ``opportunities (stage, status, closed_on, amount, currency, …)``."""
    tables: dict[str, list[Read]] = {}
    for measure in metric.all_measures:
        for read in measure.reads:
            tables.setdefault(read.table, []).append(read)
    dimensions = [cut.by for cut in metric.cuts if cut.by and cut.by != "stage"]
    return "; ".join(_table(table, reads, dimensions) for table, reads in tables.items())


def _table(table: str, reads: list[Read], dimensions: list[str]) -> str:
    """One table with its columns, those that cut its rows included; and when it is read, if that is not always."""
    where = "" if any(not read.where for read in reads) else reads[0].where
    words = {} if where else _CUT_COLUMNS.get(table, {})
    names = [*(name for read in reads for name in read.columns), *(words[by] for by in dimensions if by in words)]
    return f"{table} ({', '.join(dict.fromkeys(names))})" + (f", {where}" if where else "")


def toggles(metric: Metric) -> list[str]:
    """The other readings of its definition, as the settings write them: ``membership: which day … ``."""
    at_end = all(measure.timing == "at_end" for measure in measures_of(metric.expression))
    found = []
    for toggle in toggles_of("scorecard"):
        if metric.key in toggle.metrics or (not toggle.metrics and not at_end):
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
