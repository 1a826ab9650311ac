"""The data sheets of demand generation: Leads, Costs, and labor by lead source."""

from __future__ import annotations

from datetime import date

import numpy as np

from segxl.catalogue import data_sheets as names
from segxl.facts.arrays import Scope
from segxl.facts.engine import Facts
from segxl.pages.data.sheet import DataSheet, words_of
from segxl.pages.data.wanted import Headers, Member, Wanted
from segxl.periods import NEVER, Days, Window, month_end, month_start, to_month
from segxl.units import DATE, MONEY, MONEY_EXACT, TEXT


def leads_sheet(facts: Facts, now: Scope, need: Wanted, headers: Headers) -> DataSheet:
    """The leads that count in a window of the pack; those of the period first."""
    table = facts.dataset.tables["leads"]
    found = {}
    for dated, measure, scope in need.dated:
        who = Member(scope.segment, scope.member_on)
        found[headers.counts(dated.counts, who)] = need.counted(facts, measure.fact, who)
    measures = dict.fromkeys(measure for _, measure, _ in need.dated)
    in_period = np.concatenate([facts.rows(measure.fact, now).row for measure in measures])
    rows = np.unique(np.concatenate([one.row for one in found.values()])).astype(np.int64)
    rows = rows[np.lexsort((rows, -table["created_on"][rows], ~np.isin(rows, in_period)))]
    sheet = DataSheet(facts, "leads", "Leads", "Leads", rows, len(table))
    sheet.add("Lead", list(table["lead_id"][rows]))
    sheet.add_account(table, rows)
    for by in ("lead_source", "geo", "sales_team"):
        sheet.add_dimension(by, names.HEADERS[by], "leads", rows)
    sheet.add_dates(names.CREATED, table["created_on"][rows])
    sheet.add_dates(names.MQL_ON, table["mql_on"][rows])
    sheet.add_dates(names.SQO_ON, _days_of_sqos(facts)[rows])
    sheet.add_dates(names.REJECTED_ON, table["rejected_on"][rows])
    for header, one in found.items():
        sheet.add_found(header, one, cents=False)
    sheet.add_place(table, rows)
    return sheet


def _days_of_sqos(facts: Facts) -> Days:
    """The day on which each lead became an SQO, its opportunity's where it has none of its own."""
    days = np.full(len(facts.dataset.tables["leads"]), NEVER, dtype=np.int32)
    for fact in ("sqos", "mql_converted"):
        events = facts.events_named(fact)
        if events is not None:
            days[events.row] = events.day
    return days


def costs_sheet(facts: Facts, now: Scope, need: Wanted, headers: Headers) -> DataSheet:
    """The costs that count in a window of the pack, dated at their month's end; the latest first."""
    table = facts.dataset.tables["costs"]
    found = []
    for _, measure, scope in need.dated:
        who = Member(scope.segment, scope.member_on)
        found.append((who, need.counted(facts, measure.fact, who)))
    rows = np.unique(np.concatenate([one.row for _, one in found])).astype(np.int64)
    days, cents = np.zeros(len(table), np.int64), np.zeros(len(table), np.int64)
    for _, one in found:
        days[one.row], cents[one.row] = one.day, one.cents
    rows = rows[np.lexsort((rows, -days[rows]))]
    sheet = DataSheet(facts, "costs", "Costs", "Costs", rows, len(table))
    sheet.add_dates(names.MONTH, days[rows])
    sheet.add(names.KIND, ["Labor" if kind == "labor" else "Acquisition" for kind in table["kind"][rows]], TEXT, 14)
    sheet.add_dimension("lead_source", names.HEADERS["lead_source"], "costs", rows)
    sheet.add_numbers(names.AMOUNT, cents[rows], np.ones(len(rows), bool), MONEY_EXACT, on_web=True)
    for who in need.memberships:
        counted = np.concatenate([one.row for whose, one in found if whose == who])
        sheet.add_flags(headers.counts(names.COUNTS, who), counted)
    sheet.add_place(table, rows)
    return sheet


def labor_sheet(facts: Facts, now: Scope, need: Wanted, headers: Headers) -> DataSheet:
    """Qualifying labor by month and lead source, and the part that is not allocated to a source."""
    labels = list(words_of(facts, "lead_source").values())
    first, last = to_month(need.span.start), to_month(need.span.end)
    lines: list[tuple[Member, date, str, str, int | float]] = []
    for who in need.memberships:
        for month in range(last, first - 1, -1):
            end = month_end(month)
            scope = Scope(who.segment, Window(month_start(month), end), who.on)
            by_source = facts.totals("labor", "cents", scope, "lead_source") or ()
            left = facts.totals("unallocated", "cents", scope) or ()
            parts = [("Labor", labels[at], cents) for at, cents in enumerate(by_source) if cents]
            parts += [("Unallocated", "", cents) for cents in left if cents]
            lines += [(who, end, kind, source, MONEY.shown(cents)) for kind, source, cents in parts]
    rows = np.arange(len(lines), dtype=np.int64)
    sheet = DataSheet(facts, "labor", "Labor by source", "Labor", rows, len(rows))
    sheet.add(names.MONTH, [end for _, end, _, _, _ in lines], DATE, 12)
    sheet.add(names.KIND, [kind for _, _, kind, _, _ in lines], TEXT, 14)
    sheet.add(names.HEADERS["lead_source"], [source for _, _, _, source, _ in lines])
    sheet.add(names.AMOUNT, [amount for _, _, _, _, amount in lines], MONEY_EXACT, 16)
    for who in need.memberships:
        own = [at for at, line in enumerate(lines) if line[0] == who]
        sheet.add_flags(headers.counts(names.COUNTS, who), np.array(own, dtype=np.int64))
    return sheet
