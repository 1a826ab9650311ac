"""The worksheet functions, declared as xlwings has it: ``SEGXL_METRIC`` in Excel is ``SEGXL_METRIC`` here.

Everything else about them is generated from these declarations (:mod:`segxl.excel.functions.build`): the VBA wrappers,
the help of Excel's function wizard, and ``segxl help functions``. What differs from xlwings' examples, and why:

* Each function returns rows of cells and lets Excel spill them. ``@xw.ret(expand="table")`` is for Excel before 2018:
  it calls the function twice and overwrites the cells below.
* Arguments have ``ndim=2`` and ``err_to_str=True``: a cell, a row, a column and a table arrive in one shape, and an
  error in a cell is seen. By default xlwings reads ``#N/A`` as a blank cell, and blank means a default here.
* No ``async_mode``: it writes ``#N/A waiting...`` and then the formula again into the cell, on another thread than the
  one that may speak with the workbook. What takes long is DATASET, once.
* No function is volatile. DATASET is read again when its ``refresh`` cell changes, and what depends on it follows.
* ``call_in_wizard=False`` for what computes much: Excel's wizard calls a function at every key.
* ``formula_cell`` comes from VBA as text (``vba=``). The reserved argument ``caller`` makes a COM object of the cell
  that can be handed to another thread, at every call; only DATASET needs the workbook, and takes it.
* No type hints that convert: ``Any`` leaves values as they came, and :mod:`segxl.excel.functions.arguments` reads them
  with a sentence for what it cannot read.
* The report's functions repeat their arguments: xlwings and Excel's wizard read them from each signature.
* The edge (``@answers``) catches everything; xlwings would show Python's error in the cell.
"""

from __future__ import annotations

from typing import Any

import xlwings as xw

from segxl.excel.functions import arithmetic, states, tables, why
from segxl.excel.functions.arguments import grid_of, single, text_of
from segxl.excel.functions.datasets import DATASETS, settings_of, source_of
from segxl.excel.functions.edge import answers
from segxl.excel.functions.metric import metric_answer
from segxl.excel.functions.problems import Answer, BadArgumentError, NoValueError, one
from segxl.excel.functions.shared_arguments import (
    CATEGORY,
    CELLS,
    dataset_argument,
    flag_argument,
    headers_argument,
    in_cell,
    loaded_of,
    report_arguments,
    report_of,
)
from segxl.scorecard.model import compare_values

# --- data ---


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg(
    "source",
    doc="A folder with segxl.toml, or an input workbook. A path that is not full starts at this workbook's folder. "
    "Blank: the tables of this workbook.",
    **CELLS,
)
@xw.arg(
    "settings",
    doc="Two columns that change settings: keys as on the sheet Settings, such as toggles.membership or as_of, and "
    "values.",
    **CELLS,
)
@xw.arg("refresh", doc="Any cell: when it changes, the data are read again.", **CELLS)
@in_cell
@answers
def SEGXL_DATASET(
    source: Any = None, settings: Any = None, refresh: Any = None, formula_cell: str = "", caller: Any = None
) -> Answer:
    """Read data once and give the handle that the other functions take: a text that changes when the data do."""
    changed = settings_of(grid_of(settings))
    return one(str(DATASETS.open(source_of(single(source, "source"), caller), changed).handle))


@xw.func(category=CATEGORY)
@dataset_argument
@xw.arg("metric", doc="Keys of metrics, such as won_revenue; SEGXL_METRICS lists them.", **CELLS)
@xw.arg("segment", doc="Segments, in any case. Blank: All accounts.", **CELLS)
@xw.arg(
    "period",
    doc="Months or fiscal quarters: 2026-10, Oct 2026, a date in the month, 2026-Q3, FY26 Q3. Blank: the latest month.",
    **CELLS,
)
@xw.arg(
    "view",
    doc="Views, such as mom, yoy_percent, trailing_12, by_geo or plan; SEGXL_VIEWS lists a metric's. Blank: the total.",
    **CELLS,
)
@xw.arg("item", doc="Items of a view with items, such as a geo, a stage or a reason.", **CELLS)
@answers
def SEGXL_METRIC(
    dataset: Any,
    metric: Any,
    segment: Any = None,
    period: Any = None,
    view: Any = None,
    item: Any = None,
    formula_cell: str = "",
) -> Answer:
    """Give a number of the scorecard; or a table of them: metrics down, periods across, any argument a range.
    Percentages are fractions. #N/A: no number is available; SEGXL_WHY says why."""
    return metric_answer(loaded_of(dataset), *(grid_of(grid) for grid in (metric, segment, period, view, item)))


@xw.func(category=CATEGORY)
@xw.arg("cell", xw.Range, doc="A cell with a segxl formula, or one that a table spilled into; or a dataset's handle.")
@answers
def SEGXL_WHY(cell: Any) -> Answer:
    """Say why a cell shows #N/A or #VALUE!, or is blank. Of a dataset's handle: the warnings that can change its
    numbers, one a row."""
    return why.why_answer(cell, globals().get)


# --- lists of possible arguments ---


@xw.func(category=CATEGORY)
@xw.arg("details", doc="TRUE adds names, areas, units, favourable directions and definitions, with headers.", **CELLS)
@in_cell
@answers
def SEGXL_METRICS(details: Any = None, formula_cell: str = "") -> Answer:
    """List the keys of all metrics, for a dropdown."""
    return _listed(tables.metrics_table(), details)


@xw.func(category=CATEGORY)
@dataset_argument
@answers
def SEGXL_SEGMENTS(dataset: Any, formula_cell: str = "") -> Answer:
    """List the segments of a dataset, All accounts first, for a dropdown."""
    return Answer([[name] for name in loaded_of(dataset).analysis.dataset.segments.names])


@xw.func(category=CATEGORY)
@xw.arg("metric", doc="The key of a metric.", **CELLS)
@xw.arg("details", doc="TRUE adds what each line is called, with headers.", **CELLS)
@in_cell
@answers
def SEGXL_VIEWS(metric: Any, details: Any = None, formula_cell: str = "") -> Answer:
    """List the views of a metric, for a dropdown. Behind mom, qoq and yoy, _percent and _base pick the percentage and
    the base."""
    key = text_of(single(metric, "metric"), "metric")
    if not key:
        raise BadArgumentError("metric is blank: SEGXL_METRICS lists the metrics")
    return _listed(tables.views_table(key.casefold()), details)


# --- tables ---


@xw.func(category=CATEGORY, call_in_wizard=False)
@dataset_argument
@xw.arg("segment", doc="A segment, in any case. Blank: All accounts.", **CELLS)
@xw.arg(
    "period", doc="A month or a fiscal quarter: 2026-10, Oct 2026, a date, 2026-Q3. Blank: the latest month.", **CELLS
)
@headers_argument
@answers
def SEGXL_SCORECARD(
    dataset: Any, segment: Any = None, period: Any = None, headers: Any = None, formula_cell: str = ""
) -> Answer:
    """Give the whole scorecard of a segment, with comparisons, 12 months and plan."""
    loaded = loaded_of(dataset)
    chosen = loaded.period(single(period, "period"))
    name = loaded.segment(single(segment, "segment"))
    result = loaded.scorecard(name, chosen).result.segments[name]
    return tables.scorecard_table(result, loaded.analysis.numbers, chosen).answer(flag_argument(headers, "headers"))


@xw.func(category=CATEGORY, call_in_wizard=False)
@report_arguments
@answers
def SEGXL_SUMMARY(
    dataset: Any,
    segments: Any = None,
    analysis: Any = None,
    baseline: Any = None,
    cohort: Any = None,
    kind: Any = None,
    product_category: Any = None,
    exclude_zero: Any = None,
    exclude_irrelevant: Any = None,
    headers: Any = None,
    formula_cell: str = "",
) -> Answer:
    """Give the summary of the segment performance report: accounts, increases, new pipeline, won."""
    options = (segments, analysis, baseline, cohort, kind, product_category, exclude_zero, exclude_irrelevant)
    return tables.summary_table(report_of(dataset, *options)).answer(flag_argument(headers, "headers"))


@xw.func(category=CATEGORY, call_in_wizard=False)
@report_arguments
@answers
def SEGXL_PERFORMANCE(
    dataset: Any,
    segments: Any = None,
    analysis: Any = None,
    baseline: Any = None,
    cohort: Any = None,
    kind: Any = None,
    product_category: Any = None,
    exclude_zero: Any = None,
    exclude_irrelevant: Any = None,
    headers: Any = None,
    formula_cell: str = "",
) -> Answer:
    """Give the report's cohort performance: accounts by buying stage or engagement state, with pipeline and won."""
    options = (segments, analysis, baseline, cohort, kind, product_category, exclude_zero, exclude_irrelevant)
    return tables.performance_table(report_of(dataset, *options)).answer(flag_argument(headers, "headers"))


@xw.func(category=CATEGORY, call_in_wizard=False)
@report_arguments
@answers
def SEGXL_MOVEMENT(
    dataset: Any,
    segments: Any = None,
    analysis: Any = None,
    baseline: Any = None,
    cohort: Any = None,
    kind: Any = None,
    product_category: Any = None,
    exclude_zero: Any = None,
    exclude_irrelevant: Any = None,
    headers: Any = None,
    formula_cell: str = "",
) -> Answer:
    """Give the report's cohort movement: accounts by highest state in the baseline (rows) and analysis (columns)."""
    options = (segments, analysis, baseline, cohort, kind, product_category, exclude_zero, exclude_irrelevant)
    return tables.movement_table(report_of(dataset, *options)).answer(flag_argument(headers, "headers"))


@xw.func(category=CATEGORY, call_in_wizard=False)
@report_arguments
@answers
def SEGXL_ACTIVITIES(
    dataset: Any,
    segments: Any = None,
    analysis: Any = None,
    baseline: Any = None,
    cohort: Any = None,
    kind: Any = None,
    product_category: Any = None,
    exclude_zero: Any = None,
    exclude_irrelevant: Any = None,
    headers: Any = None,
    formula_cell: str = "",
) -> Answer:
    """Give the report's activities by source: accounts in both timeframes, and the pipeline and won they influenced."""
    options = (segments, analysis, baseline, cohort, kind, product_category, exclude_zero, exclude_irrelevant)
    return tables.activities_table(report_of(dataset, *options)).answer(flag_argument(headers, "headers"))


@xw.func(category=CATEGORY, call_in_wizard=False)
@report_arguments
@xw.arg(
    "part",
    doc="Part of the report: summary, performance, movement, activities, stages_over_time or states_over_time.",
    **CELLS,
)
@xw.arg(
    "cell",
    doc="The count in that part: total_accounts; Decision; Target,Decision (from, to); Webinars,baseline.",
    **CELLS,
)
@answers
def SEGXL_ACCOUNTS(
    dataset: Any,
    segments: Any = None,
    analysis: Any = None,
    baseline: Any = None,
    cohort: Any = None,
    kind: Any = None,
    product_category: Any = None,
    exclude_zero: Any = None,
    exclude_irrelevant: Any = None,
    part: Any = None,
    cell: Any = None,
    headers: Any = None,
    formula_cell: str = "",
) -> Answer:
    """List the accounts behind one count of the report: name, geo, team, states, pipeline, won, last activity."""
    options = (segments, analysis, baseline, cohort, kind, product_category, exclude_zero, exclude_irrelevant)
    words = text_of(single(part, "part"), "part"), text_of(single(cell, "cell"), "cell")
    return tables.accounts_table(report_of(dataset, *options), *words).answer(flag_argument(headers, "headers"))


# --- the report's states over plain ranges ---


@xw.func(category=CATEGORY)
@xw.arg("stages", doc="Buying stages; blank cells do not count.", **CELLS)
@in_cell
@answers
def SEGXL_HIGHEST_STAGE(stages: Any, formula_cell: str = "") -> Answer:
    """Give the highest buying stage of a range: Target < Awareness < Consideration < Decision < Purchase."""
    return states.highest_stage(grid_of(stages))


@xw.func(category=CATEGORY)
@xw.arg("baseline", doc="Buying stages before; blank is No stage.", **CELLS)
@xw.arg("analysis", doc="Buying stages after; blank is No stage.", **CELLS)
@in_cell
@answers
def SEGXL_STAGE_MOVEMENT(baseline: Any, analysis: Any, formula_cell: str = "") -> Answer:
    """Say for each account whether its buying stage went Up, Down or stayed the Same."""
    return states.stage_movement(grid_of(baseline), grid_of(analysis))


@xw.func(category=CATEGORY)
@xw.arg("intent", doc="Whether there was intent: TRUE or FALSE, or how often.", **CELLS)
@xw.arg("anonymous", doc="Whether there was an anonymous website visit.", **CELLS)
@xw.arg("known", doc="Whether there was known engagement.", **CELLS)
@xw.arg("opened", doc="Whether an opportunity was created.", **CELLS)
@xw.arg("won", doc="Whether an opportunity was won.", **CELLS)
@in_cell
@answers
def SEGXL_ENGAGEMENT_STATE(
    intent: Any, anonymous: Any = None, known: Any = None, opened: Any = None, won: Any = None, formula_cell: str = ""
) -> Answer:
    """Give the highest engagement state of each account."""
    return states.engagement_state(
        intent=grid_of(intent),
        anonymous=grid_of(anonymous),
        known=grid_of(known),
        opened=grid_of(opened),
        won=grid_of(won),
    )


# --- the scorecard's arithmetic over plain cells ---


@xw.func(category=CATEGORY)
@xw.arg("won", doc="Won opportunities, or won revenue. Blank: 0.", **CELLS)
@xw.arg("lost", doc="Lost opportunities, or lost revenue. Blank: 0.", **CELLS)
@in_cell
@answers
def SEGXL_WIN_RATE(won: Any, lost: Any, formula_cell: str = "") -> Answer:
    """Give won / (won + lost); #N/A if both are zero."""
    return arithmetic.over_numbers(
        lambda won, lost: arithmetic.divided(won, won + lost, "the win rate"), won=grid_of(won), lost=grid_of(lost)
    )


@xw.func(category=CATEGORY)
@xw.arg("converted", doc="Leads converted in the period. Blank: 0.", **CELLS)
@xw.arg("rejected", doc="Leads rejected in the period. Blank: 0.", **CELLS)
@in_cell
@answers
def SEGXL_CONVERSION_RATE(converted: Any, rejected: Any, formula_cell: str = "") -> Answer:
    """Give converted / (converted + rejected); #N/A if both are zero."""
    return arithmetic.over_numbers(
        lambda converted, rejected: arithmetic.divided(converted, converted + rejected, "the conversion rate"),
        converted=grid_of(converted),
        rejected=grid_of(rejected),
    )


@xw.func(category=CATEGORY)
@xw.arg("revenue", doc="Won revenue. Blank: 0.", **CELLS)
@xw.arg("won", doc="Won opportunities, those without an amount included. Blank: 0.", **CELLS)
@in_cell
@answers
def SEGXL_AVERAGE_DEAL_SIZE(revenue: Any, won: Any, formula_cell: str = "") -> Answer:
    """Give revenue / won; #N/A if nothing was won."""
    return arithmetic.over_numbers(
        lambda revenue, won: arithmetic.divided(revenue, won, "the average deal size"),
        revenue=grid_of(revenue),
        won=grid_of(won),
    )


@xw.func(category=CATEGORY)
@xw.arg("cost", doc="Acquisition cost plus qualifying labor. Blank: 0.", **CELLS)
@xw.arg("sqos", doc="Sales qualified opportunities. Blank: 0.", **CELLS)
@in_cell
@answers
def SEGXL_COST_PER_SQO(cost: Any, sqos: Any, formula_cell: str = "") -> Answer:
    """Give cost / SQOs; #N/A without SQOs."""
    return arithmetic.over_numbers(
        lambda cost, sqos: arithmetic.divided(cost, sqos, "the cost per SQO"), cost=grid_of(cost), sqos=grid_of(sqos)
    )


@xw.func(category=CATEGORY)
@xw.arg("opening", doc="MRR of the customers before the period.", **CELLS)
@xw.arg("expansion", doc="MRR added by those customers. Blank: 0.", **CELLS)
@xw.arg("churn", doc="MRR of those that cancelled, as a positive number. Blank: 0.", **CELLS)
@xw.arg("contraction", doc="MRR lost by downgrades, as a positive number. Blank: 0.", **CELLS)
@in_cell
@answers
def SEGXL_NRR(
    opening: Any, expansion: Any = None, churn: Any = None, contraction: Any = None, formula_cell: str = ""
) -> Answer:
    """Give net revenue retention: (opening + expansion - churn - contraction) / opening; #N/A if opening is zero."""
    return arithmetic.over_numbers(
        lambda opening, expansion, churn, contraction: arithmetic.divided(
            opening + expansion - churn - contraction, opening, "net revenue retention"
        ),
        opening=grid_of(opening),
        expansion=grid_of(expansion),
        churn=grid_of(churn),
        contraction=grid_of(contraction),
    )


@xw.func(category=CATEGORY)
@xw.arg("mrr", doc="Opening MRR. Blank: 0.", **CELLS)
@xw.arg("market", doc="The market's revenue in the calendar year. Blank: 0.", **CELLS)
@in_cell
@answers
def SEGXL_MARKET_SHARE(mrr: Any, market: Any, formula_cell: str = "") -> Answer:
    """Give MRR x 12 / the market's yearly revenue; #N/A if the market is zero."""
    return arithmetic.over_numbers(
        lambda mrr, market: arithmetic.divided(mrr * 12, market, "the market share"),
        mrr=grid_of(mrr),
        market=grid_of(market),
    )


@xw.func(category=CATEGORY)
@xw.arg("current", doc="The number of this period.", **CELLS)
@xw.arg("base_value", doc="The number that it is compared with. Blank: there is none, #N/A.", **CELLS)
@in_cell
@answers
def SEGXL_CHANGE(current: Any, base_value: Any, formula_cell: str = "") -> Answer:
    """Give current - base_value; #N/A if one of them is missing. For rates, this is in percentage points."""

    def change(current: arithmetic.Exact, base_value: arithmetic.Exact) -> Any:
        found = compare_values(current, base_value).change
        if found is None:
            raise NoValueError(f"the change is n/a: {'current' if current is None else 'base_value'} is blank")
        return found

    return arithmetic.over_numbers(change, blank=None, current=grid_of(current), base_value=grid_of(base_value))


@xw.func(category=CATEGORY)
@xw.arg("current", doc="The number of this period.", **CELLS)
@xw.arg("base_value", doc="The number that it is compared with. Blank: there is none, #N/A.", **CELLS)
@in_cell
@answers
def SEGXL_CHANGE_PERCENT(current: Any, base_value: Any, formula_cell: str = "") -> Answer:
    """Give (current - base_value) / base_value as a fraction; #N/A if one is missing, or if the base value is zero or
    negative (N/M)."""

    def change(current: arithmetic.Exact, base_value: arithmetic.Exact) -> Any:
        found = compare_values(current, base_value)
        if found.percent is None:
            zero = "the base is zero or negative: a percentage of it is not meaningful (N/M)"
            blank = f"the change is n/a: {'current' if current is None else 'base_value'} is blank"
            raise NoValueError(zero if found.why == "N/M" else blank)
        return found.percent

    return arithmetic.over_numbers(change, blank=None, current=grid_of(current), base_value=grid_of(base_value))


# --- what several of them do ---


def _listed(table: tables.Table, details: Any) -> Answer:
    """A table's first column for a dropdown, or all of it with headers."""
    return table.answer(True) if flag_argument(details, "details") else Answer([row[:1] for row in table.rows])
