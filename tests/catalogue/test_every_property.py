"""No property of a measure or a toggle can go missing or be another one unnoticed: tried for all of them.

Each keyword of each declaration is taken out of the source, one at a time. What the declarations then say is checked
against each other, against the tables' contracts and against what the numbers do.
"""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from segxl.catalogue import measures
from segxl.catalogue.measure import Measure
from segxl.catalogue.measures import MEASURES
from segxl.catalogue.metrics import CATALOGUE
from segxl.dataset.load import load
from segxl.facts.engine import Facts, Scope
from segxl.periods import parse_period
from segxl.scorecard.figures import Figures
from segxl.settings import toggles
from segxl.settings.toggles import TOGGLES, Toggle, toggles_of
from segxl.tables.contracts import CONTRACTS, Type
from tests.conftest import write_folder
from tests.monthly import monthly_tables, months_of_the_quarter
from tests.one_of_each import COUNTED_BY_PARENT, TABLES

DECLARED = frozenset({"Measure", "Needs", "Read", "Toggle"})


def without_a_keyword(module: ModuleType, names: frozenset[str]) -> Iterator[tuple[str, str, ast.Module, ast.Call]]:
    """The module's source without one keyword of a call of one of these names, for each call and keyword: where that
    was, the keyword, the source and the call."""
    tree = ast.parse(inspect.getsource(module))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names:
            for at, keyword in enumerate(call.keywords):
                del call.keywords[at]
                yield f"{call.func.id} in line {call.lineno}", str(keyword.arg), tree, call
                call.keywords.insert(at, keyword)


@pytest.mark.parametrize("module", [measures, toggles], ids=["measures", "toggles"])
def test_a_declaration_that_lacks_any_one_property_is_an_error(module: ModuleType) -> None:
    tried = set()
    for where, keyword, _, call in without_a_keyword(module, DECLARED):
        with pytest.raises(TypeError, match=f"missing 1 required keyword-only argument: '{keyword}'"):
            eval(compile(ast.Expression(call), where, "eval"), vars(module))
        tried.add((where, keyword))
    kind, count = (Toggle, len(TOGGLES)) if module is toggles else (Measure, len(MEASURES))
    whole = [keyword for where, keyword in tried if where.startswith(kind.__name__)]
    assert Counter(whole) == {field.name: count for field in fields(kind)}


def test_a_measure_that_takes_over_what_it_should_not_contradicts_itself() -> None:
    """Where needs are those of others but for some properties (``replace``), none of these can be forgotten."""
    tried = 0
    for where, keyword, source, _ in without_a_keyword(measures, frozenset({"replace"})):
        space: dict[str, Any] = {"__name__": measures.__name__}
        try:
            exec(compile(source, where, "exec"), space)
            said = contradictions(space["MEASURES"])
        except ValueError as error:  # measures of the same fact differ
            said = [str(error)]
        assert any(keyword in one or "differ in needs" in one for one in said), f"{where} works without {keyword}"
        tried += 1
    assert tried > 10


# ------------------------------------------------------------------------------------------- what measures say of needs

TABLES_OF = {
    "opportunities": {"opportunities"},
    "leads": {"leads"},
    "sqos": {"leads"},
    "costs": {"costs"},
    "revenue": {"revenue"},
    "targeting": {"activities"},
    "engagement": {"opportunities", "activities"},
    "customers": {"revenue", "opportunities"},
}
"""By feed the tables of which it is a part."""

NOT_DATED = {"accounts", "segment_members", "market", "opportunity_history"}
"""Tables that end no number: accounts and markets have no day; what has no new stage has not changed."""

POPULATION = {"accounts", "segment_members"}

MQL = ("leads.mql_on",)
SQO = ("leads.sqo_on", "leads.opportunity_id", "opportunities.lead_id")
COLUMNS = {
    "mqls": (MQL,),
    "lead_converted": (MQL,),
    "mql_rejected": (MQL,),
    "sqos": (SQO,),
    "mql_converted": (MQL, SQO),
}
"""By fact the columns of which one has to be filled, by definition: without a date of MQL there are no MQLs. Leads
that no one rejected are 0."""


def optional_money(measure: Measure) -> set[str]:
    """Columns of amounts that it reads and that a row may leave blank."""
    return {
        f"{read.table}.{column.name}"
        for read in measure.reads
        for contract in CONTRACTS[read.table]
        for column in contract.columns
        if column.name in read.columns and column.type is Type.MONEY and not column.required
    }


def contradictions(declared: tuple[Measure, ...]) -> list[str]:
    """Where what measures need is not what they read; each names the measure and the property."""
    found = []
    for measure in declared:
        needs, name = measure.needs, f"{measure.label!r}:"
        tables = {table for group in needs.tables for table in group}
        always = {read.table for read in measure.reads if not read.where}
        if always - tables or tables - POPULATION - {read.table for read in measure.reads}:
            found.append(f"{name} tables are {sorted(tables)}; reads without where are of {sorted(always)}")
        if {table for feed in needs.feeds for table in TABLES_OF[feed]} != tables - NOT_DATED:
            found.append(f"{name} feeds are {needs.feeds}, tables {sorted(tables)}")
        sqo = any(read.table == "leads" and not read.where and "sqo_on" in read.columns for read in measure.reads)
        if ("sqos" in needs.feeds) != sqo:
            found.append(f"{name} feeds are {needs.feeds}, and it reads sqo_on: {sqo}")
        amounts = {column for group in needs.amounts for column in group}
        if amounts != (optional_money(measure) if measure.quantity == "cents" else set()):
            found.append(f"{name} amounts are {sorted(amounts)}, it reads {sorted(optional_money(measure))}")
        if needs.columns != COLUMNS.get(measure.fact, ()):
            found.append(f"{name} columns are {needs.columns}")
    return found


def test_what_measures_need_is_what_they_read() -> None:
    assert contradictions(MEASURES) == []


# ------------------------------------------------------------------------------------------------- what the numbers do

SAME_ALL_YEAR = {"market"}
EACH_START = {"mrr_openings", "mrr_months"}
YEAR_COHORT = {"cohort_now", "cohort_then", "cohort_kept"}


def test_the_timing_of_a_measure_is_how_its_quarter_comes_from_its_months(tmp_path: Path) -> None:
    """Added up, the first month's, the last month's, or none of these. Flows and what is there at each start both add
    up, so these are named; cohorts too."""
    facts = Facts(load(write_folder(tmp_path, monthly_tables())))
    for measure in MEASURES:
        rules = {"sum", "first", "last"}
        for segment in facts.dataset.segments.names:
            found = [
                sum(facts.totals(measure.fact, measure.quantity, Scope(segment, window)) or [0])
                for window in months_of_the_quarter()
            ]
            (first, second, last), quarter = found[:3], found[3]
            rules &= {
                name
                for name, value in (("sum", first + second + last), ("first", first), ("last", last))
                if value == quarter
            }
        if measure.of_months == "none":
            assert not rules & {"sum", "last"}, (measure.label, "timing", rules)
        elif measure.fact not in SAME_ALL_YEAR:
            assert rules == {measure.of_months}, (measure.label, "timing", rules)
    assert {one.fact for one in MEASURES if one.timing == "each_start"} == EACH_START
    assert {one.fact for one in MEASURES if one.timing == "year_cohort"} == YEAR_COHORT
    assert not any(one.spans_months for one in MEASURES if one.timing == "cohort")


def test_a_toggle_changes_the_metrics_that_it_names_and_no_others(tmp_path: Path) -> None:
    """Metrics that a toggle names are recorded here: those whose numbers it changes. One that names none may change
    any, in each chapter."""
    facts = Facts(load(write_folder(tmp_path, TABLES, COUNTED_BY_PARENT)))
    as_set = numbers(facts)
    for toggle in toggles_of("scorecard"):
        turned = numbers(facts.under({toggle.name: toggle.other(toggle.default)}))
        changed = {key for key in as_set if as_set[key] != turned[key]}
        if toggle.metrics:
            assert changed == set(toggle.metrics), f"{toggle.name}: metrics"
        else:
            areas = {metric.area for metric in CATALOGUE if metric.key in changed}
            assert areas == {metric.area for metric in CATALOGUE}, f"{toggle.name}: metrics"


def numbers(facts: Facts) -> dict[str, list[object]]:
    """By metric the values of its lines that are no breakdown, in every segment, and those of their 12 months."""
    months = [parse_period(month, facts.dataset.settings.fiscal) for month in ("2025-04", "2025-05")]
    windows = (*(month.window for month in months), months[-1].trailing_12)
    found: dict[str, list[object]] = {metric.key: [] for metric in CATALOGUE}
    for segment in facts.dataset.segments.names:
        figures = Figures(facts, segment)
        for metric in CATALOGUE:
            for cut in metric.cuts:
                expression, unit = metric.of(cut)
                by = "stage" if cut.by == "stage" else ""
                for window in windows:
                    found[metric.key].append(figures.figure(expression, unit, window, by).value)
            if metric.trailing is not None:
                found[metric.key].append(figures.figure(metric.trailing, metric.unit, windows[-1]).value)
    return found
