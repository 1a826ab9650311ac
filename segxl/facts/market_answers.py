"""Accounts of the market, and customers known by their opportunities: answers for a group of segments.

SOM of All accounts is the accounts table and all listed members of any segment, so that All accounts is never smaller
than a segment.
"""

from __future__ import annotations

import numpy as np

from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.answers import Asked, Counted
from segxl.facts.base import BaseFacts
from segxl.facts.membership import Places
from segxl.facts.requirements import Touch
from segxl.periods import ALWAYS, NEVER, Days, to_day
from segxl.settings.model import DEAL_TYPES
from segxl.tables.codes import Codes, Mask


def som(facts: BaseFacts, asked: Asked) -> Counted:
    """The serviceable obtainable market at the window's end."""
    stays, day = facts.market_stays(asked.group), to_day(asked.window.end)
    there = (stays.since <= day) & (day < stays.until)
    return counted(facts, asked, stays.segment[there], stays.account[there])


def touched(facts: BaseFacts, asked: Asked, touch: Touch) -> Counted | None:
    """Accounts with such an activity in the window that are members on its day."""
    touches = facts.touches
    if touches is None:
        return None
    found = touches.of_kind(touch).within(*asked.window.days)
    return _members(facts, asked, found.account, found.day if asked.member_on is None else asked.member_on)


def touched_so_far(facts: BaseFacts, asked: Asked, touch: Touch) -> Counted | None:
    """Members at the window's end with such an activity on any day up to it."""
    touches = facts.touches
    if touches is None:
        return None
    last = to_day(asked.window.end)
    found = touches.of_kind(touch).within(_begin(facts), last).account
    return _members(facts, asked, _once(facts, found), last)


def engaged(facts: BaseFacts, asked: Asked) -> Counted:
    """Touched by sales, or with an opportunity open on a day of the window or closed in it."""
    by_sales = touched(facts, asked, "selling")
    account, own, start, end = _open_stretches(facts, *asked.window.days)
    stays = facts.market_stays(asked.group)
    if asked.member_on is None:
        segment, at = stays.between(account, start, end)
    else:
        segment, at = stays.at(account, asked.member_on)
    return _with_deals(facts, asked, by_sales, (segment, at), (account, own))


def engaged_so_far(facts: BaseFacts, asked: Asked) -> Counted:
    """Members at the window's end that sales touched, or that had an opportunity, on any day up to it."""
    by_sales = touched_so_far(facts, asked, "selling")
    last = to_day(asked.window.end)
    account, own, _, _ = _open_stretches(facts, _begin(facts), last)
    segment, at = facts.market_stays(asked.group).at(account, last)
    return _with_deals(facts, asked, by_sales, (segment, at), (account, own))


def _with_deals(
    facts: BaseFacts,
    asked: Asked,
    by_sales: Counted | None,
    pairs: tuple[Places, Places],
    deals: tuple[Codes, Codes],
) -> Counted:
    """Accounts touched by sales, and the accounts of deals (account, own segment), as pairs of a segment and a deal."""
    (segment, at), (account, own) = pairs, deals
    kept = _may_count(facts, asked, segment, own[at])
    by_deals = counted(facts, asked, segment[kept], account[at[kept]])
    return by_deals if by_sales is None else by_deals | by_sales


def won_customers(facts: BaseFacts, asked: Asked, *, new: bool) -> Counted | None:
    """Without a revenue table: accounts whose first win is in the window; or won accounts without a lost renewal since
    their last win."""
    if "opportunities" not in facts.dataset.tables:
        return None
    table, account = facts.dataset.tables["opportunities"], facts.opportunities.account
    first, last = asked.window.days
    closed = table["closed_on"]
    won = (table["status"] == "won") & (account >= 0) & (closed != NEVER)
    if not new:
        won &= closed <= last
    decisive = np.full(len(facts.dataset.account_ids) + 1, NEVER if new else ALWAYS, dtype=np.int64)
    (np.minimum if new else np.maximum).at(decisive, account[won], closed[won].astype(np.int64))
    rows = np.flatnonzero(won & (closed == decisive[account]))
    if new:
        rows = rows[(closed[rows] >= first) & (closed[rows] <= last)]
    else:
        renewal = facts.dimensions["opportunities"]["type"].codes == DEAL_TYPES.index("renewal")
        lost = (table["status"] == "lost") & renewal & (account >= 0) & (closed <= last)
        lost &= closed > decisive[account]
        rows = rows[~np.isin(account[rows], account[lost])]
    stays = facts.row_stays(asked.group)
    segment, at = stays.at(account[rows], last)
    for code in stays.everyone:
        segment = np.append(segment, np.full(len(rows), code))
        at = np.append(at, np.arange(len(rows)))
    kept = _may_count(facts, asked, segment, facts.own_segment.codes[rows[at]])
    return counted(facts, asked, segment[kept], account[rows[at[kept]]])


def _members(facts: BaseFacts, asked: Asked, account: Codes, days: Days | int) -> Counted:
    segment, at = facts.market_stays(asked.group).at(account, days)
    return counted(facts, asked, segment, account[at])


def counted(facts: BaseFacts, asked: Asked, segment: Places, account: Codes | Places) -> Counted:
    """Counted accounts from pairs of a segment code and an account code."""
    return Counted.made(asked.group, len(facts.dataset.account_ids), segment, account)


def _once(facts: BaseFacts, account: Codes) -> Codes:
    """Each account once."""
    seen = np.zeros(len(facts.dataset.account_ids) + 1, dtype=bool)  # the last entry: no account
    seen[account] = True
    return np.flatnonzero(seen[:-1]).astype(np.int32)


def _begin(facts: BaseFacts) -> int:
    start = facts.dataset.settings.running_total_start
    return ALWAYS if start is None else to_day(start)


def _open_stretches(facts: BaseFacts, first: int, last: int) -> tuple[Codes, Codes, Days, Days]:
    """Account, own segment, first and last day of each stretch in which an opportunity was open, or closed, within
    ``first``..``last``. The own segment is a code of :attr:`BaseFacts.own_segment`."""
    if "opportunities" not in facts.dataset.tables:
        nothing = np.empty(0, dtype=np.int32)
        return nothing, nothing, nothing, nothing
    row, start, end = facts.pipeline.open_stretches
    account = facts.opportunities.account[row]
    kept = (account >= 0) & (np.maximum(start, first) <= np.minimum(end, last))
    start, end = np.maximum(start[kept], first), np.minimum(end[kept], last)
    own = facts.own_segment.codes[row[kept]]
    return account[kept], own, start.astype(np.int32), end.astype(np.int32)


def _may_count(facts: BaseFacts, asked: Asked, segment: Places, own: Codes) -> Mask:
    """Whether an opportunity that names its own segment may count for another: only for All accounts."""
    if not len(segment):
        return np.zeros(0, dtype=bool)
    words = facts.own_segment.distinct
    blank = np.append(words == "", False)[own]
    code_of = np.array([asked.group.code.get(word, -1) for word in words], dtype=np.int64)
    named = code_of[own]
    company = asked.group.code.get(ALL_ACCOUNTS, -1)
    result: Mask = blank | (named == segment) | (segment == company)
    return result
