"""The data sheet Deals: every opportunity that a number of the pack counts, once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segxl.catalogue import data_sheets as names
from segxl.catalogue.measures import OPEN
from segxl.facts.arrays import Found, Scope
from segxl.facts.engine import Facts
from segxl.facts.expected_close import open_due
from segxl.pages.data.sheet import DataSheet, Rows, words_of
from segxl.pages.data.wanted import Headers, Wanted
from segxl.periods import NEVER
from segxl.units import COUNT, MONEY_EXACT, RATE, TEXT

EXPECTED, CHANCE = "Expected close", "Probability"
BRIDGE: Mapping[str, str] = {
    "open_start": "Bridge open at the start",
    "created": "Bridge created",
    "reopened": "Bridge reopened",
    "increased": "Bridge increased",
    "entering": "Bridge entering",
    "decreased": "Bridge decreased",
    "won": "Bridge won",
    "lost": "Bridge lost",
    "leaving": "Bridge leaving",
    "open_end": "Bridge open at the end",
}
"""The columns of the pipeline bridge, by line: each opportunity's part, before the line's sign."""
_DIMENSIONS = ("geo", "sales_team", "lead_source", "product_category", "type", "customer", "reason")
_COUNTS = {"created": names.COUNTS_CREATED, "won": names.COUNTS_CLOSED, "lost": names.COUNTS_CLOSED}


def deals_sheet(facts: Facts, now: Scope, need: Wanted, headers: Headers) -> DataSheet:
    """The opportunities of a segment that count in a window of the pack or are open on one of its days. ``now``: the
    scope of the period itself, whose deals come first."""
    table = facts.dataset.tables["opportunities"]
    days = {(scope.segment, scope.window.end): scope for _, measure, scope in need.of_window if measure.fact == OPEN}
    counted = {(fact, who): need.counted(facts, fact, who) for fact in _COUNTS for who in need.memberships}
    stocks = {day: facts.rows(OPEN, scope) for day, scope in days.items()}
    whole = (now.segment, now.window.end) in days
    bridge = facts.bridge.rows(now) if facts.bridge is not None and whole else {}
    parts = [*(found.row for found in counted.values()), *(found.row for found in stocks.values())]
    parts += [rows for rows, _ in bridge.values()]
    rows = _sorted(facts, now, np.unique(np.concatenate([np.empty(0, np.int64), *parts])).astype(np.int64))
    sheet = DataSheet(facts, "deals", "Deals", "Deals", rows, len(table))

    sheet.add("Opportunity", list(table["opportunity_id"][rows]))
    sheet.add_account(table, rows)
    sheet.add("Owner", list(table["owner"][rows]))
    for by in _DIMENSIONS:
        sheet.add_dimension(by, names.HEADERS[by], "opportunities", rows)
    sheet.add("Stage", list(table["stage"][rows]))
    outcomes = {"won": "Won", "lost": "Lost"}
    sheet.add(names.OUTCOME, [outcomes.get(status, "Open") for status in table["status"][rows]], TEXT, 10)
    sheet.add_dates(names.CREATED, table["created_on"][rows])
    sheet.add_dates(names.CLOSED, table["closed_on"][rows])
    closed = table["closed_on"][rows]
    length = (closed.astype(np.int64) - table["created_on"][rows]).astype(np.int64)
    sheet.add_numbers(names.DAYS, np.where(closed == NEVER, 0, length), closed != NEVER, COUNT, on_web=True)
    _amounts(facts, sheet, rows)
    for who in need.memberships:
        for header in (names.COUNTS_CREATED, names.COUNTS_CLOSED):
            counts = [one.row for (fact, whose), one in counted.items() if (whose, _COUNTS[fact]) == (who, header)]
            sheet.add_flags(headers.counts(header, who), np.concatenate(counts))
    counted_open = {scope for _, measure, scope in need.of_window if measure.quantity == "count"}
    ends = {(scope.segment, scope.window.end) for scope in counted_open | need.staged}
    for day, found in stocks.items():
        _stock(facts, sheet, days[day], found, headers, stages=day in ends)
    if whole:
        _expected(facts, sheet, now)
    for line, header in BRIDGE.items() if bridge else ():
        mine, cents = bridge[line]
        values = np.zeros(len(table) + 1, np.int64)
        np.add.at(values, mine, cents)
        there = np.zeros(len(table) + 1, bool)
        there[mine] = True
        sheet.add_numbers(header, values[rows], there[rows], MONEY_EXACT)
    sheet.add_place(table, rows)
    return sheet


def _sorted(facts: Facts, now: Scope, rows: Rows) -> Rows:
    """The deals of the period first: won, lost, created, open; by type, the newest first."""
    table = facts.dataset.tables["opportunities"]
    rank = np.full(len(table), 4)
    for place, fact in reversed(list(enumerate(("won", "lost", "created", OPEN)))):
        rank[facts.rows(fact, now).row] = place
    dimensions = facts.dimensions["opportunities"]
    kinds, reasons = dimensions["type"].codes, dimensions["reason"].codes
    last = np.where(table["closed_on"] == NEVER, table["created_on"], table["closed_on"])
    order = np.lexsort((rows, -last[rows], np.where(rank[rows] == 1, reasons[rows], 0), kinds[rows], rank[rows]))
    return rows[order]


def _amounts(facts: Facts, sheet: DataSheet, rows: Rows) -> None:
    """The amount at the rates of the month of creation, and of closing; one column where no deal has another
    currency."""
    table = facts.dataset.tables["opportunities"]
    size = len(table)
    cents, there = {name: np.zeros(size, np.int64) for name in "cl"}, {name: np.zeros(size, bool) for name in "cl"}
    for name, fact in (("c", "created"), ("l", "won"), ("l", "lost")):
        found = facts.events_named(fact)
        assert found is not None
        cents[name][found.row], there[name][found.row] = found.quantities["cents"], True
    reporting = facts.dataset.settings.currency
    if all(str(word).upper() in ("", reporting.upper()) for word in set(table["currency"][rows])):
        sheet.add_numbers(names.AMOUNT, cents["c"][rows], there["c"][rows], MONEY_EXACT, on_web=True)
        sheet.same(names.AMOUNT, names.CREATED_AMOUNT, names.CLOSED_AMOUNT)
        return
    sheet.add_numbers(names.CREATED_AMOUNT, cents["c"][rows], there["c"][rows], MONEY_EXACT, on_web=True)
    sheet.add_numbers(names.CLOSED_AMOUNT, cents["l"][rows], there["l"][rows], MONEY_EXACT, on_web=True)


def _stock(facts: Facts, sheet: DataSheet, scope: Scope, found: Found, headers: Headers, *, stages: bool) -> None:
    """What is open on a day: 1, the stage and the amount."""
    if stages:
        sheet.add_found(headers.window(names.OPEN, scope), found, cents=False)
        labels = list(words_of(facts, "stage").values())
        words = dict(zip(found.row.tolist(), (labels[code] for code in found.stage.tolist()), strict=True))
        stage = [words.get(row) for row in sheet.rows.tolist()]
        sheet.add(headers.window(names.OPEN_STAGE, scope), stage, TEXT, 16, on_web=False)
    sheet.add_found(headers.window(names.OPEN_AMOUNT, scope), found, cents=True)


def _expected(facts: Facts, sheet: DataSheet, now: Scope) -> None:
    """For opportunities open at the period's end, the expected close date and the probability."""
    due = open_due(facts, now)
    expected = np.full(len(facts.dataset.tables["opportunities"]), NEVER, dtype=np.int64)
    expected[due.row] = due.expected
    sheet.add_dates(EXPECTED, expected[sheet.rows])
    chances = {
        row: chance for row, chance in zip(due.row.tolist(), due.chance.tolist(), strict=True) if chance == chance
    }
    sheet.add(CHANCE, [chances.get(row) for row in sheet.rows.tolist()], RATE, 12)
