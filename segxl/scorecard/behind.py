"""The deals and customers behind the sentences of a first page, with their owners: whom to speak to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.account_names import account_owners, names_of
from segxl.facts.arrays import BLANK, Cents, Scope
from segxl.facts.expected_close import open_due, within
from segxl.facts.pipeline import UNKNOWN
from segxl.messages import counted
from segxl.periods import NEVER, Window, month_end, month_start, to_date, to_day, to_month
from segxl.scorecard.figures import Figures
from segxl.scorecard.finding import Finding
from segxl.scorecard.lookup import Lookup
from segxl.scorecard.summary_model import Behind, Case, Lists
from segxl.tables.codes import Codes
from segxl.units import MINUS, Scale

MOST = 5
"""Deals or customers of a list; the data sheets have all."""


def behind(look: Lookup, finding: Finding) -> Behind | None:
    """What is behind a sentence, by its rule and metric; None where nothing is, or where no amount is recorded.

    - Next quarter: open deals expected to close in it, the largest first.
    - Won revenue below plan: lost deals, or open ones past their expected close date if these are more money.
    - Overdue: open deals past their expected close date.
    - A mix that moved: lost deals of new logos (without types: of new customers).
    - A fall of won revenue, open pipeline or the win rate, a rise of lost revenue: lost deals.
    - Retention, MRR below plan: customers that pay less than 12 months before, by how much less a month. Of 100 a month
      then and 40 now, 60; one that left has lost all of it. What others pay more is not set against it.
    """
    said = finding.statement
    kinds = _OF_PLANS.get(said.metric, ()) if said.rule == "plan" else _OF_RULES.get(said.rule, ())
    found = [one for kind in kinds if (one := _FINDERS[kind](look, finding.where or said.segment)) is not None]
    largest = max((one for one in found if one.cents), key=lambda one: abs(one.cents), default=None)
    whose = "Company" if finding.where == ALL_ACCOUNTS else finding.where
    return largest and replace(largest, whose=whose)


def largest_open(look: Lookup, segment: str) -> Behind | None:
    """The largest open deals: those due in the quarter that coverage is about; without any, of all open ones."""
    found = (_FINDERS[kind](look, segment) for kind in ("due", "open"))
    return next((one for one in found if one is not None and one.cents), None)


def largest(found: Behind, scale: Scale, most: int) -> str:
    """The largest ones in words: ``SMB: Farnivo Logistics (Amara Quennby) 120k due; Acme 90k due``."""
    told = (
        f"{one.account}{f' ({one.owner})' if one.owner else ''} "
        f"{MINUS if one.cents < 0 else ''}{scale.text(one.cents)} {_WORDS[found.kind]}"
        for one in found.cases[:most]
    )
    return (f"{found.whose}: " if found.whose else "") + "; ".join(told)


_WORDS: Mapping[Lists, str] = {
    "due": "due",
    "open": "open",
    "overdue": "overdue",
    "lost": "lost",
    "lost_new": "lost",
    "paying_less": "a month",
}
_OF_PLANS: Mapping[str, Sequence[Lists]] = {"won_revenue": ("overdue", "lost"), "mrr": ("paying_less",)}
_OF_RULES: Mapping[str, Sequence[Lists]] = {
    "mix": ("lost_new",),
    "retention": ("paying_less",),
    "next_quarter": ("due",),
    "fall_won_revenue": ("lost",),
    "fall_pipeline_by_stage": ("lost",),
    "win_rate": ("lost",),
    "lost": ("lost",),
    "overdue": ("overdue",),
}


# -- deals


def _open(look: Lookup, segment: str, which: Literal["due", "open", "overdue"]) -> Behind | None:
    scope, coverage = Figures(look.facts, segment).scope(look.period.window), look.coverage(segment)
    if coverage is None:
        return None
    stock, day = open_due(look.facts, scope), to_day(scope.window.end)
    quarter = coverage.quarter
    kept = {
        "due": within(stock.expected, quarter.window.days),
        "overdue": stock.expected < day,
        "open": np.ones(len(stock.row), bool),
    }[which]
    labels, stages, expected = look.facts.labels("stage"), stock.stage[kept], stock.expected[kept]

    def what(at: int) -> str:
        stage = labels[stages[at]]
        return ", ".join(word for word in ("" if stage == UNKNOWN else stage, _when(int(expected[at]), day)) if word)

    cents = stock.cents[kept]
    deals, amount = counted(len(cents), "deal"), look.scale.text(int(cents.sum()))
    nothing = int(np.count_nonzero(cents == 0))  # blank, or lost later in a CRM that then deletes amounts
    deals += f" ({nothing:,} without an amount)" if nothing else ""
    title = {
        "due": f"Due in {quarter.short_name}: {deals}, {amount}",
        "overdue": f"Past their close date: {deals}, {amount}",
        "open": f"Open: {deals}, {amount}",
    }[which]
    return _deals(look, which, scope, title, stock.row[kept], cents, what)


def _when(expected: int, day: int) -> str:
    """When a deal is expected to close: ``14 Nov``, or how it is late: ``due 3 Oct``."""
    if expected == NEVER:
        return ""
    date = to_date(expected)
    year = "" if date.year == to_date(day).year or 0 <= expected - day < 200 else f" {date.year}"
    return f"{'due ' if expected < day else ''}{date.day} {date:%b}{year}"


def _lost(look: Lookup, segment: str, *, new: bool) -> Behind | None:
    if not look.has("lost_revenue") and not look.has("win_rate_count"):
        return None
    scope = Figures(look.facts, segment).scope(look.period.window)
    part, items = next(iter(look.parts.items()))
    found = look.facts.rows("lost", scope, look.by, items if new else ())
    reasons = look.facts.dimensions["opportunities"]["reason"]
    types = look.facts.dimensions["opportunities"][look.by] if look.by == "type" else None
    names = {item: name for name, labels in look.parts.items() for item in labels}

    def what(at: int) -> str:
        row = found.row[at]
        kind = "" if new or types is None else names.get(types.labels[types.codes[row]], "")
        reason = reasons.labels[reasons.codes[row]]
        return ", ".join(word for word in (kind, "" if reason == BLANK else reason) if word) or "lost"

    deals = counted(len(found.row), "deal")
    start = f"{part}, lost" if new else "Lost"
    title = f"{start} in {look.names[-1]}: {deals}"
    return _deals(look, "lost_new" if new else "lost", scope, title, found.row, found.cents, what)


def _deals(
    look: Lookup,
    kind: Lists,
    scope: Scope,
    title: str,
    rows: NDArray[np.int64],
    cents: Cents,
    what: Callable[[int], str],
) -> Behind:
    """The largest of some deals, those of one amount in the order of rows. Without an owner of the deal, the
    account's."""
    facts, table = look.facts, look.facts.dataset.tables["opportunities"]
    largest_first = np.lexsort((rows, -cents))[:MOST]
    shown = rows[largest_first]
    records, owners = (table.texts(name).take(shown).cells.tolist() for name in ("opportunity_id", "owner"))
    codes = facts.opportunities.account[shown]
    names = iter(names_of(facts.dataset, codes[codes >= 0]))
    of_accounts = {} if all(owners) else _owners(look, codes)
    cases = tuple(
        Case(
            record,
            row,
            next(names) if code >= 0 else f"Deal {record}",
            owner or of_accounts.get(code, ""),
            what(at),
            int(cents[at]),
        )
        for record, owner, row, code, at in zip(
            records, owners, shown.tolist(), codes.tolist(), largest_first.tolist(), strict=True
        )
    )
    return Behind(kind, "deals", scope, title, cases, len(rows), int(cents.sum()))


def _owners(look: Lookup, accounts: Codes) -> Mapping[int, str]:
    """Who owns some accounts, by the deals created until the period's end."""
    table = look.facts.dataset.tables.get("opportunities")
    if table is None:
        return {}
    account = look.facts.opportunities.account
    known = table["created_on"] <= to_day(look.period.window.end)
    return account_owners(table, account, np.isin(account, accounts[accounts >= 0]) & known)


# -- customers


def _paying_less(look: Lookup, segment: str) -> Behind | None:
    end = look.period.window.end
    scope = Figures(look.facts, segment).scope(Window(month_start(to_month(end) - 11), end))
    then, now = (look.facts.accounts.parts(fact, scope) for fact in ("cohort_then", "cohort_now"))
    if then is None or now is None:
        return None
    (account, before), (_, after) = then, now
    less = before - after
    count, lost = int(np.count_nonzero(less > 0)), int(less[less > 0].sum())
    first = np.lexsort((account, -less))[: min(count, MOST)]
    shown = account[first]
    owners, names = _owners(look, shown), names_of(look.facts.dataset, shown)

    def what(at: int) -> str:
        return f"{look.scale.text(int(after[at]))} after {look.scale.text(int(before[at]))}" if after[at] else "left"

    cases = tuple(
        Case(look.facts.dataset.account_ids[code], code, name, owners.get(code, ""), what(at), -int(less[at]))
        for code, name, at in zip(shown.tolist(), names, first.tolist(), strict=True)
    )
    base, amount = month_end(to_month(scope.window.start) - 1), look.scale.text(lost)
    title = f"Left or pay less than in {base:%b %Y}: {counted(count, 'customer')}, {MINUS}{amount} a month"
    return Behind("paying_less", "accounts", scope, title, cases, count, -lost)


_FINDERS: Mapping[Lists, Callable[[Lookup, str], Behind | None]] = {
    "due": partial(_open, which="due"),
    "open": partial(_open, which="open"),
    "overdue": partial(_open, which="overdue"),
    "lost": partial(_lost, new=False),
    "lost_new": partial(_lost, new=True),
    "paying_less": _paying_less,
}
