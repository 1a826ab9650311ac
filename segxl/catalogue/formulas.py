"""Details next to a metric's definition: its formulas, window, inputs, and the comparison of lines.

All of it is derived from the catalogue, so that pages always agree with the arithmetic.
"""

from __future__ import annotations

from segxl.catalogue.measure import Ratio, Read
from segxl.catalogue.metric import Metric, in_words, measures_of
from segxl.catalogue.views import CUT_COLUMNS
from segxl.settings.toggles import toggles_of
from segxl.units import RATE


def formulas(metric: Metric) -> list[tuple[str, str]]:
    """Label and arithmetic of everything the metric shows: itself, over 12 months where that is another, and each line
    or companion number with its own arithmetic."""
    found = [("", metric.formula)]
    if metric.trailing_formula:
        found.append(("over 12 months", metric.trailing_formula))
    labels = {cut.companion: cut.label for cut in metric.cuts if cut.companion}
    found += [(labels.get(name, name), in_words(expression)) for name, (expression, _) in metric.own_lines.items()]
    found += [(f"{name} per line", in_words(expression)) for name, (expression, _) in metric.companions.items()]
    return found


def window(metric: Metric) -> str:
    """From which days its numbers are."""
    timings = {measure.timing for measure in measures_of(metric.expression)}
    if "market" in metric.fact_names:
        return "the end of the month before the period; market: the calendar year in which the period ends"
    if "at_start" in timings:
        return (
            "opening: the end of the month before the period; closing: the period's last day; 12 months: the openings "
            "of "
            "the 12 months to the end of the period"
        )
    if "cohort" in timings:
        return (
            "from the end of the month before the period to its last day; 12 months: the 12 months to the period's "
            "last "
            "day"
        )
    if not metric.expression.spans_months:
        return "the last day of the month or quarter; a balance, so no 12-month sum"
    first = "the month or quarter, first and last day included; 12 months: the 12 months to its last month"
    if isinstance(metric.expression, Ratio):
        return f"{first}, as a ratio of sums, not an average of monthly ratios"
    if "distinct" in timings:
        return f"{first}, each account once"
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
    words = {} if where else CUT_COLUMNS.get(table, {})
    names = [*(name for read in reads for name in read.columns), *(words[by] for by in dimensions if by in words)]
    return f"{table} ({', '.join(dict.fromkeys(names))})" + (f", {where}" if where else "")


def toggles(metric: Metric) -> list[str]:
    """The toggles of its definition, as the settings write them: ``membership: which day … ``."""
    at_end = all(measure.timing == "at_end" for measure in measures_of(metric.expression))
    found = []
    for toggle in toggles_of("scorecard"):
        if metric.key in toggle.metrics or (not toggle.metrics and not at_end):
            default, other = toggle.readings
            found.append(
                f"{toggle.name}: {toggle.question}. Default: {toggle.words(default)}; "
                f"alternative: {toggle.words(other)}"
            )
    return found


def not_available(metric: Metric) -> str:
    """When the metric shows n/a or N/M in place of a number."""
    parts = ["zero denominator: n/a, not 0"] if isinstance(metric.expression, Ratio) else []
    if metric.unit is RATE:
        parts.append("changes in percentage points, never in %")
    else:
        parts.append("base zero or negative: % change is N/M, the difference is shown")
    return "; ".join([*parts, "base period not in the data: n/a"])


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
        "row counts, but its amount does not, and a check reports it. A blank amount counts as 0.",
        "100 EUR won in May at 1.25: 125.",
    ),
)
"""Name, definition and example of what all metrics share."""
