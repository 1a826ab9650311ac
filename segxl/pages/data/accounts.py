"""The data sheet Accounts: every account behind a number of the pack, once, with its part of each number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segxl.catalogue import data_sheets as names
from segxl.facts.account_names import account_names
from segxl.facts.arrays import Cents, Scope
from segxl.facts.engine import Facts
from segxl.pages.data.sheet import DataSheet
from segxl.pages.data.wanted import Headers, Wanted
from segxl.periods import Window
from segxl.tables.codes import Codes
from segxl.units import COUNT, MONEY_EXACT, TEXT

ROLLFORWARD: Mapping[str, str] = {
    "opening": "Roll-forward opening",
    "new": "Roll-forward new",
    "expansion": "Roll-forward expansion",
    "contraction": "Roll-forward contraction",
    "churn": "Roll-forward churn",
    "reactivation": "Roll-forward reactivation",
    "exchange": "Roll-forward exchange",
    "entering": "Roll-forward entering",
    "leaving": "Roll-forward leaving",
    "closing": "Roll-forward closing",
}
"""The columns of the MRR roll-forward, by line: each account's part, before the line's sign."""


def movement_header(line: str, window: Window) -> str:
    """The column of the MRR movements of a kind in a window."""
    return f"MRR {line} {window.months}"


def accounts_sheet(facts: Facts, now: Scope, need: Wanted, headers: Headers) -> DataSheet:
    """The accounts of the segment's numbers; those with the most MRR at the period's end first.

    Accounts that count as one have 1 in the row of the first of them, and the geo and sales team of the one they count
    as.
    """
    known = facts.dataset.account_ids
    columns: dict[str, tuple[Codes, Cents, bool]] = {}
    for one, measure, scope in need.of_window:
        found = facts.accounts.parts(_base(measure.fact), scope)
        if found is None:
            continue
        account, cents = found
        if measure.quantity == "accounts":
            account = account[np.sort(np.unique(facts.accounts.units(account), return_index=True)[1])]
            columns[headers.window(one.header, scope)] = account, np.ones(len(account), np.int64), False
        else:
            columns[headers.window(one.header, scope)] = account, cents, True
    rolled = facts.accounts.rolled(now) if any(scope == now for _, _, scope in need.of_window) else {}
    for scope in need.movements:
        for line, (account, cents) in facts.accounts.rolled(scope).items():
            columns[movement_header(line, scope.window)] = account, cents, True
    parts = [account for account, _, _ in columns.values()] + [account for account, _ in rolled.values()]
    rows = np.unique(np.concatenate([np.empty(0, np.int64), *parts])).astype(np.int64)
    closing = np.zeros(len(known) + 1, np.int64)
    if "closing" in rolled:
        closing[rolled["closing"][0]] = rolled["closing"][1]
    rows = rows[np.lexsort((rows, -closing[rows]))]
    sheet = DataSheet(facts, "accounts", "Accounts", "Accounts", rows, len(known), shares=True)
    called = account_names(facts.dataset)
    ids = [known[row] for row in rows.tolist()]
    sheet.add("Account", ids)
    sheet.add("Name", [called.get(one) for one in ids], TEXT, 30)
    if facts.dataset.settings.count_by == "parent":
        sheet.add("Counted as", [known[unit] for unit in facts.accounts.units(rows).tolist()])
    for by in ("geo", "sales_team"):
        sheet.add_dimension(by, names.HEADERS[by], "accounts", facts.accounts.faces(rows).astype(np.int64))
    for header, (account, cents, is_money) in columns.items():
        sheet.add_parts(header, account, cents, MONEY_EXACT if is_money else COUNT)
    for line, (account, cents) in rolled.items():
        sheet.add_parts(ROLLFORWARD[line], account, cents, MONEY_EXACT)
    return sheet


def _base(fact: str) -> str:
    """The fact that a number is computed from: twelve times the opening MRR from the opening MRR."""
    return "mrr_opening" if fact == "mrr_annualised" else fact
