"""A measure is declared once: no property has a default, and facts and declarations know the same events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from segxl.catalogue.data_sheets import NoRows
from segxl.catalogue.measures import AMOUNTS, FACT_NAMES, MEASURES, WON_AMOUNT, WON_COUNT, by_fact, declared
from segxl.catalogue.metric import measures_of
from segxl.catalogue.metrics import CATALOGUE
from segxl.facts.arrays import Scope
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.scorecard.lookup import GRR
from segxl.tables.contracts import CONTRACTS
from tests.conftest import Folder

ALL_TABLES = {
    "accounts": "account_id\nA1\n",
    "opportunities": "opportunity_id,created_on,stage,closed_on,amount,account_id\n"
    "1,2025-05-01,Closed Won,2025-05-20,7,A1\n2,2025-05-02,Proposal,,9,A1\n",
    "opportunity_history": "opportunity_id,changed_at,stage\n1,2025-05-01,Discovery\n1,2025-05-10,Proposal\n"
    "2,2025-05-02,Discovery\n2,2025-05-03,Proposal\n",
    "leads": "lead_id,account_id,created_on,mql_on,sqo_on,opportunity_id\nL1,A1,2025-05-01,2025-05-02,2025-05-03,1\n",
    "costs": "month,amount,kind\n2025-05,10,labor\n2025-05,20,acquisition\n",
    "activities": "account_id,date,source,kind\nA1,2025-05-04,crm_activity,reach\nA1,2025-05-04,webinar,engagement\n",
    "revenue": "account_id,month,mrr\nA1,2025-04,1\nA1,2025-05,2\nA1,2025-06,1\n",
    "market": "segment,year,revenue,source\nAll accounts,2025,1000,Analyst\n",
}


def test_facts_compute_the_events_that_are_declared_and_no_others(folder: Folder) -> None:
    assert Facts(folder(**ALL_TABLES)).names == FACT_NAMES == {measure.fact for measure in MEASURES}


def test_events_that_no_measure_declares_are_an_error(folder: Folder) -> None:
    facts = Facts(folder(**ALL_TABLES))
    with pytest.raises(KeyError, match="thrown_away"):
        facts.lacks("thrown_away")
    without_money = min(FACT_NAMES - {measure.fact for measure in MEASURES if measure.quantity == "cents"})
    with pytest.raises(KeyError, match=without_money):
        facts.lacks(without_money, "cents")  # nothing says which column holds that money


def test_the_rows_of_a_measure_are_of_the_table_of_its_data_sheet(folder: Folder) -> None:
    facts = Facts(folder(**ALL_TABLES))
    scope = Scope("All accounts", parse_period("2025-05", facts.dataset.settings.fiscal).window)
    for measure in MEASURES:
        found = facts.rows(measure.fact, scope)
        if not len(found.row):
            continue
        assert not isinstance(measure.in_pack, NoRows), measure.label
        sheet = measure.in_pack.sheet
        table = {"deals": "opportunities", "stage_moves": "opportunities", "labor": "costs"}.get(sheet, sheet)
        assert found.table == table, measure.label


def test_measures_of_the_same_events_agree() -> None:
    assert by_fact((WON_COUNT, WON_AMOUNT)) == {"won": WON_COUNT}  # the columns of their amounts may differ
    for change in ({"timing": "at_end"}, {"row_word": "gained"}):
        with pytest.raises(ValueError, match=f"won differ in {next(iter(change))}"):
            by_fact((WON_COUNT, replace(WON_AMOUNT, **change)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="won differ in needs"):
        by_fact((WON_COUNT, replace(WON_AMOUNT, needs=declared("leads").needs)))


def test_no_two_measures_have_one_name_or_add_up_the_same() -> None:
    assert len({measure.label for measure in MEASURES}) == len(MEASURES)
    assert len({(measure.fact, measure.quantity) for measure in MEASURES}) == len(MEASURES)


def test_what_measures_need_and_read_are_tables_and_columns_of_the_contracts() -> None:
    known = {
        f"{table}.{column.name}" for table, shapes in CONTRACTS.items() for shape in shapes for column in shape.columns
    }
    for measure in MEASURES:
        assert {table for group in measure.needs.tables for table in group} <= set(CONTRACTS), measure.label
        groups = (*measure.needs.columns, *measure.needs.amounts)
        assert {column for group in groups for column in group} <= known, measure.label
        for read in measure.reads:
            if read.table != "revenue":  # which has its columns by shape, in words
                assert {f"{read.table}.{column}" for column in read.columns} <= known, measure.label
    assert set(AMOUNTS) == {measure.fact for measure in MEASURES if measure.quantity == "cents"}


def test_accounts_of_a_window_are_never_added_up_over_its_months() -> None:
    counted = [measure for measure in MEASURES if measure.quantity == "accounts"]
    assert {measure.of_months for measure in counted} <= {"none", "first", "last"}


def test_every_measure_is_in_some_metric() -> None:
    used = {measure for metric in CATALOGUE for measure in metric.all_measures}
    assert set(MEASURES) - used - set(measures_of(GRR)) == set()  # 12-month GRR is on first pages alone
