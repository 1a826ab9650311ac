"""Leads as events: captured, marketing qualified, sales qualified, the outcome of each conversion, and costs."""

from __future__ import annotations

import numpy as np

from segxl.dataset.model import Dataset
from segxl.facts.arrays import Events
from segxl.facts.currency import Rates
from segxl.periods import NEVER, Days, month_end, months_of, to_day
from segxl.tables.codes import Mask, factorized, positions
from segxl.tables.contracts import Table, Texts
from segxl.tables.text_column import TextColumn, places_among


def lead_events(dataset: Dataset) -> dict[str, Events]:
    """``leads`` by creation date, ``mqls`` by MQL date, ``sqos`` by SQO date, and the outcomes of both conversions:
    ``lead_converted``, ``lead_rejected``, ``mql_converted``, ``mql_rejected``.

    A blank SQO date is the creation date of the lead's opportunity: the one it names, else the earliest that names the
    lead. Leads that share an opportunity are one SQO, that of the earliest of them. A lead has one outcome per
    conversion and month: the last; on the same day, converted. A rejected lead whose rejected status is not recorded
    was an MQL if it had become one before.
    """
    table = dataset.tables["leads"]
    account, own = dataset.account_codes(table.texts("account_id")), table.texts("segment")

    def events(name: str, days: Days, kept: Mask) -> Events:
        rows = np.flatnonzero(kept & (days != NEVER))
        return Events(name, "leads", rows, days[rows], account[rows], own.take(rows), {})

    everyone = np.ones(len(table), dtype=bool)
    mql_on, rejected_on = table["mql_on"], table["rejected_on"]
    sqo_on = sqo_days(dataset, table)
    from_mql = _rejected_as_mql(table)
    is_mql = mql_on != NEVER
    lead_rejected = np.where(from_mql, NEVER, rejected_on).astype(np.int32)
    mql_rejected = np.where(from_mql & is_mql, rejected_on, NEVER).astype(np.int32)
    mql_converted = np.where(is_mql, sqo_on, NEVER).astype(np.int32)
    return {
        "leads": events("leads", table["created_on"], everyone),
        "mqls": events("mqls", mql_on, everyone),
        "sqos": events("sqos", sqo_on, _first_of_each(_linked(dataset, table).cells, sqo_on, table["lead_id"])),
        "lead_converted": events("lead_converted", mql_on, _is_outcome(mql_on, lead_rejected)),
        "lead_rejected": events("lead_rejected", lead_rejected, ~_is_outcome(mql_on, lead_rejected, same=True)),
        "mql_converted": events("mql_converted", mql_converted, _is_outcome(mql_converted, mql_rejected)),
        "mql_rejected": events("mql_rejected", mql_rejected, ~_is_outcome(mql_converted, mql_rejected, same=True)),
    }


def cost_events(dataset: Dataset, rates: Rates) -> dict[str, Events]:
    """``acquisition`` and ``labor``: costs, dated at the end of their month, in the reporting currency. A cost without
    a kind is acquisition; one without a segment belongs to All accounts only."""
    table = dataset.tables["costs"]
    ends = np.array([to_day(month_end(int(month))) for month in table["month"]], dtype=np.int32)
    labor = table["kind"] == "labor"
    amounts, _ = rates.convert(table["amount"], table.texts("currency"), ends)
    result: dict[str, Events] = {}
    for name, kept in (("acquisition", ~labor), ("labor", labor)):
        rows = np.flatnonzero(kept)
        nobody = np.full(len(rows), -1, dtype=np.int32)
        cents = {"cents": amounts[rows]}
        own = table.texts("segment").take(rows)
        result[name] = Events(name, "costs", rows, ends[rows], nobody, own, cents)
    return result


def _linked(dataset: Dataset, table: Table) -> TextColumn:
    """The opportunity of each lead: the one it names, else the earliest created one that names the lead; of two created
    on one day the one whose ID sorts first."""
    named = table.texts("opportunity_id")
    if "opportunities" not in dataset.tables:
        return named
    opportunities = dataset.tables["opportunities"]
    naming = np.flatnonzero(~opportunities.texts("lead_id").is_text(""))
    if not len(naming):
        return named
    order = np.lexsort((opportunities["opportunity_id"][naming].astype(str), opportunities["created_on"][naming]))
    naming = naming[order]
    leads, first = np.unique(opportunities["lead_id"][naming].astype(str), return_index=True)
    found = positions(table["lead_id"].astype(str), leads)
    theirs = np.append(opportunities["opportunity_id"][naming][first], "")[found]
    return named.or_else(TextColumn.of(theirs))


def sqo_days(dataset: Dataset, table: Table) -> Days:
    """The day on which each lead became an SQO: its SQO date, else the creation of its opportunity; NEVER without."""
    days = table["sqo_on"]
    if "opportunities" not in dataset.tables:
        return days
    opportunities = dataset.tables["opportunities"]
    found = places_among(_linked(dataset, table), opportunities.texts("opportunity_id"))
    theirs = np.append(opportunities["created_on"], np.int32(NEVER))[found]
    return np.where(days == NEVER, theirs, days).astype(np.int32)


def _first_of_each(ids: Texts, days: Days, leads: Texts) -> Mask:
    """A mask that keeps, of the leads that share an opportunity, the one that became an SQO first.

    Of two on one day it is the one whose ID sorts first: L1 before L2, in any order of the file."""
    kept = np.ones(len(ids), dtype=bool)
    linked = np.flatnonzero((ids != "") & (days != NEVER))
    codes, _ = factorized(ids[linked])
    order = np.lexsort((leads[linked].astype(str), days[linked], codes))
    first = np.append(True, codes[order][1:] != codes[order][:-1]) if len(order) else np.empty(0, dtype=bool)
    kept[linked[order[~first]]] = False
    return kept


def _rejected_as_mql(table: Table) -> Mask:
    stated = table["rejected_from"]
    undecided: Mask = (stated == "") & (table["mql_on"] <= table["rejected_on"])
    result: Mask = (stated == "mql") | undecided
    return result


def _is_outcome(converted: Days, rejected: Days, *, same: bool = False) -> Mask:
    """Conversions that are the month's outcome (``same=False``), or that displace the rejection of their month
    (``same=True``): both in one month, and the conversion not before the rejection."""
    one_month = (converted != NEVER) & (rejected != NEVER)
    one_month[one_month] = months_of(converted[one_month]) == months_of(rejected[one_month])
    last: Mask = converted >= rejected
    result: Mask = (one_month & last) if same else (~one_month | last)
    return result
