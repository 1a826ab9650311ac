"""The dirt of real life, planted on purpose: each kind once, in numbers that a report can be checked against.

=================================  =======================================================================
12 deals without account           the seller never filled it in: blank Account ID and Account Name
3 accounts that no table knows     deleted or merged away; their deals still carry their ids
6 deals without Created Date       carried over from the CRM before this one, so without history either:
                                   a reader has to reject these rows, and to say so
5 rows twice                       two pages of the export overlap; the rows are identical
18 deals of $0                     free trials of an add-on, won and lost ones
1 lost deal in 12                  has no loss reason
8 overdue deals                    open, with a close date in the last month that no one has put off
1 account renamed                  deals closed before that still show the old name; the id is the same
blank amounts                      (not planted here) no one has put one in while the deal is in Discovery;
                                   those open or lost there stay blank
=================================  =======================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from segxl.periods import to_month
from tests.demo_company import seasons
from tests.demo_company.market import LOST, Account, Change, Deal, Kind
from tests.demo_company.randomness import Dice

WITHOUT_ACCOUNT = 12
UNKNOWN_ACCOUNTS = 3
CARRIED_OVER = 6
ROWS_TWICE = 5
FREE_TRIALS = 18
ONE_LOSS_REASON_BLANK_IN = 12
OVERDUE = 8
RENAMED_ON = date(2026, 2, 2)


def spoil(dice: Dice, accounts: list[Account], deals: Sequence[Deal]) -> None:
    """Plant all kinds but the rows that stand twice. No deal gets two kinds that hide each other."""
    for plant in (_carry_over, _forget_accounts, _blank_loss_reasons, _give_away, _leave_overdue):
        plant(dice, deals)
    known = [deal for deal in deals if deal.account and not deal.carried_over]
    busy = Counter(deal.account for deal in known)
    several = dice.shuffled(account for account in accounts if busy[account] >= 3)
    for account in several[:UNKNOWN_ACCOUNTS]:
        accounts.remove(account)
    _rename(next(account for account in several[UNKNOWN_ACCOUNTS:] if _spans_renaming(account, known)), known)


def pages(deals: Sequence[Deal]) -> list[Deal]:
    """The deals as two pages that overlap."""
    first = len(deals) * 3 // 5
    return [*deals[:first], *deals[first - ROWS_TWICE :]]


def _carry_over(dice: Dice, deals: Sequence[Deal]) -> None:
    first_day = seasons.workday(seasons.FIRST_DAY)
    soon_after = seasons.workday(date(2024, 12, 1))
    closed = [deal for deal in deals if not deal.is_open and deal.closes < soon_after]
    old = [deal for deal in closed if deal.opened < first_day]
    for deal in dice.shuffled(old)[:CARRIED_OVER]:
        deal.carried_over = True


def _forget_accounts(dice: Dice, deals: Sequence[Deal]) -> None:
    lost = [deal for deal in deals if deal.stage == LOST and deal.kind is Kind.NEW and not deal.carried_over]
    for deal in dice.shuffled(lost)[:WITHOUT_ACCOUNT]:
        deal.account, deal.account_name = None, ""


def _blank_loss_reasons(dice: Dice, deals: Sequence[Deal]) -> None:
    lost = [deal for deal in deals if deal.stage == LOST]
    for deal in dice.shuffled(lost)[: len(lost) // ONE_LOSS_REASON_BLANK_IN]:
        deal.loss_reason = ""


def _give_away(dice: Dice, deals: Sequence[Deal]) -> None:
    closed = [deal for deal in deals if not deal.is_open and not deal.carried_over]
    add_ons = [deal for deal in closed if deal.kind is Kind.CROSS_SELL]
    for deal in dice.shuffled(add_ons)[:FREE_TRIALS]:
        deal.name += " (free trial)"
        deal.history = _only_changes(replace(change, amount=0) for change in deal.history)


def _only_changes(history: Iterable[Change]) -> list[Change]:
    """Without the rows in which nothing changed."""
    kept: list[Change] = []
    for change in history:
        if not kept or replace(change, day=kept[-1].day) != kept[-1]:
            kept.append(change)
    return kept


def _leave_overdue(dice: Dice, deals: Sequence[Deal]) -> None:
    """Forget the last time that the close date was put off, where nothing else changed with it."""
    october = seasons.workdays_of(to_month(seasons.LAST_DAY))
    put_off = [
        deal
        for deal in deals
        if deal.is_open
        and deal.closes in october
        and len(deal.history) > 1
        and replace(deal.history[-1], day=0, close=0) == replace(deal.history[-2], day=0, close=0)
    ]
    for deal in dice.shuffled(put_off)[:OVERDUE]:
        deal.history.pop()


def _spans_renaming(account: Account, deals: Sequence[Deal]) -> bool:
    renamed = seasons.workday(RENAMED_ON)
    own = [deal for deal in deals if deal.account is account]
    return any(deal.opened >= renamed for deal in own) and any(deal.closes < renamed for deal in own)


def _rename(account: Account, deals: Sequence[Deal]) -> None:
    renamed, old = seasons.workday(RENAMED_ON), account.name
    account.name = f"{old.split()[0]} Group"
    for deal in deals:
        if deal.account is account and (deal.is_open or deal.closes >= renamed):
            deal.account_name = account.name
        if deal.account is account and deal.opened >= renamed:
            deal.name = deal.name.replace(old, account.name)
