"""Contradictions in the data: dates, signs and outcomes that disagree.

Nothing is changed here. Each contradiction becomes a condition of the rows that have it, so that every command that
shows a number reports it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import pairwise

import numpy as np

from segxl.messages import listed
from segxl.periods import ALWAYS, NEVER, Days, month_label, to_date, to_month
from segxl.settings.how_to_set import set_toggle
from segxl.settings.model import Settings
from segxl.sources.ledger import FileEntry, by_file
from segxl.tables.codes import Codes, Mask, factorized
from segxl.tables.contracts import NO_MONEY, Table, Texts

ONE_BLANK, MANY_BLANK = "is won with a blank amount", "are won with a blank amount"
"""The beginnings of the condition of won opportunities without an amount."""

_RISES, _FALLS = ("opening", "new", "expansion", "reactivation"), ("contraction", "churn")


# --- opportunities


def closed_in_the_future(table: Table, closed_on: Days, known_until: int, entries: Sequence[FileEntry]) -> None:
    """Record opportunities with a closing date in the future; they count as open. ``closed_on``: the dates as exported.
    ``known_until``: the last day the data can know, which is the run date, the cut-off, or a later day on which
    anything was created or changed.
    """
    _warn(
        table,
        (closed_on > known_until) & (closed_on != NEVER),
        entries,
        f"has a close date after {to_date(known_until)} and counts as open",
        f"have a close date after {to_date(known_until)} and count as open",
        "Correct the close date or the stage in the CRM",
    )


def amounts_of_deals(table: Table, entries: Sequence[FileEntry]) -> None:
    """Record closings before the creation, negative amounts, outcomes that the probability contradicts, won
    opportunities with a blank amount, and files whose lost opportunities all have no amount, so that lost revenue is 0
    and the win rate by revenue 100%.

    Decision: an amount of 0 on a won opportunity is a value, as of a free pilot; only a blank one is recorded, for the
    month of the closing. Where no opportunity has an amount, metrics of amounts are not available and say so.
    """
    status, amount, chance = table["status"], table["amount"], table["probability"]
    known = amount != NO_MONEY
    _warn(
        table,
        table["closed_on"] < table["created_on"],
        entries,
        "closed before it was created: excluded from the open pipeline and from time to close",
        "closed before they were created: excluded from the open pipeline and from time to close",
        "Correct the two dates in the CRM",
    )
    _warn(
        table,
        known & (amount < 0),
        entries,
        "has a negative amount and reduces the totals",
        "have negative amounts and reduce the totals",
        "Correct the amount in the CRM, or filter out such deals with a where rule",
    )
    without = ~known & (table["status"] == "won") & known.any()
    for entry, rows in by_file(table, without, entries):
        closed_in = [to_month(to_date(day)) for day in table["closed_on"][rows].tolist()]
        entry.warn(
            "zero amounts",
            f"{ONE_BLANK} and counts as 0 in won revenue, average deal size and the revenue win rate",
            f"{MANY_BLANK} and count as 0 in won revenue, average deal size and the revenue win rate",
            fix="Fill in the amount in the CRM; write 0 if the deal is worth nothing",
            rows=table.row[rows],
            months=np.stack([table.row[rows], np.array(closed_in)], axis=1).astype(np.int32),
        )
    for file in np.unique(table.file):
        mine = table.file == file
        won, lost = mine & (status == "won"), mine & (status == "lost")
        if lost.sum() > 1 and (known & won & (amount > 0)).any() and not (known & lost & (amount != 0)).any():
            entries[file].warn(
                "zero amounts",
                "is lost with amount 0 or blank, like every lost deal in the file: lost revenue is 0 and the revenue "
                "win rate 100%",
                "are lost with amount 0 or blank, like every lost deal in the file: lost revenue is 0 and the revenue "
                "win rate 100%",
                fix="Map amount to a column that keeps the amount of lost deals; if there is none, use the win rate by "
                "count",
                rows=table.row[lost],
            )
        for name, outcome, other, against in (("won", won, lost, 0.0), ("lost", lost, won, 1.0)):
            # only where the column follows the outcome: some CRMs keep the last stage's chance, or never fill it
            if (chance[other] == against).any() and (chance[outcome] == 1 - against).any():
                _warn(
                    table,
                    outcome & (chance == against),
                    entries,
                    f"is {name} with a probability of {against:.0%}",
                    f"are {name} with a probability of {against:.0%}",
                    "Correct the stage or the probability in the CRM",
                )


def history_of_deals(
    settings: Settings,
    closed: tuple[Set[str], Set[str]],
    table: Table,
    history: Table,
    code: Codes,
    later: Mask,
    entries: Sequence[FileEntry],
) -> None:
    """Record opportunities whose outcome differs from the last row of their history.

    A history that merely ends before its opportunity closed contradicts nothing.

    Args:
        settings: they name the open stages.
        closed: the stages that mean won and those that mean lost, in lower case.
        table: opportunities made ready and cut off.
        history: their history up to the cut-off, sorted by opportunity and time.
        code: the row in ``table`` of each history row.
        later: which opportunities changed after the cut-off, shape (len(table),): their status was put back.
        entries: the ledger's files.
    """
    if not len(code):
        return
    _warn(
        history,
        (history["amount"] < 0) & (history["amount"] != NO_MONEY),
        entries,
        "has a negative amount and reduces the pipeline",
        "have negative amounts and reduce the pipeline",
        "Correct the amount in the CRM",
    )
    last = np.flatnonzero(np.append(code[1:] != code[:-1], True))
    last = last[~later[code[last]]]
    deal, stage, day = code[last], history["stage"][last], history["changed_at"][last]
    won, lost = _among(stage, closed[0]), _among(stage, closed[1])
    status, own = table["status"][deal], table["stage"][deal]
    moved_on = np.isin(stage, settings.stages) & (day > table["closed_on"][deal])
    fix = "Correct the deal or its history in the CRM, or export both on the same day"
    for rows, one, many in (
        (
            (status == "open") & (won | lost),
            "is open, but its history ends closed: it counts neither as open nor as won or lost",
            "are open, but their history ends closed: they count neither as open nor as won or lost",
        ),
        (
            (status == "won") & lost | (status == "lost") & won,
            "has a different outcome (won or lost) in its history",
            "have a different outcome (won or lost) in their history",
        ),
        (
            (status != "open") & moved_on,
            "is closed, but its later history ends open: it counts as closed and in the open pipeline",
            "are closed, but their later history ends open: they count as closed and in the open pipeline",
        ),
    ):
        mask = np.zeros(len(table), dtype=bool)
        words = np.full(len(table), "", dtype=object)
        for at in np.flatnonzero(rows).tolist():
            mask[deal[at]] = True
            words[deal[at]] = f"{own[at] or status[at]}, history {stage[at]}"
        _warn(table, mask, entries, one, many, fix, words)


def _among(stages: Texts, closed: Set[str]) -> Mask:
    codes, distinct = factorized(stages)
    known: Mask = np.array([*(word.casefold() in closed for word in distinct), False], dtype=bool)[codes]
    return known


# --- revenue and memberships


def of_revenue(settings: Settings, table: Table, as_of: int, entries: Sequence[FileEntry]) -> None:
    """Record contradictions within revenue: signs, dates, and end dates that do not follow the settings.

    ``table`` is not cut off yet: a renewal may start on the day after the cut-off.
    """
    if table.contract.shape == "movements":
        _signs_of_movements(table, entries)
        return
    _warn(
        table,
        table["mrr"] < 0,
        entries,
        "has a negative MRR and reduces the totals",
        "have negative MRR and reduce the totals",
        "Export the net MRR of each account; deduct discounts in the row of their subscription",
    )
    if table.contract.shape == "monthly":
        _missing_months(table, entries)
        return
    _warn(
        table,
        (table["end"] != NEVER) & (table["end"] < table["start"]),
        entries,
        "ends before it starts and counts in no month",
        "end before they start and count in no month",
        "Correct the two dates in the export",
    )
    _renewals(settings, table, as_of, entries)


def _missing_months(table: Table, entries: Sequence[FileEntry]) -> None:
    """Record the rows before a month without revenue: of the whole table, or of their account for one month alone.

    Customers often pause for several months. A single month without revenue usually means an incomplete export.
    """
    if not len(table):
        return
    months = table["month"].astype(np.int64)
    there = np.unique(months)
    gaps = [month_label(month) for before, after in pairwise(there.tolist()) for month in range(before + 1, after)]
    before_gap = np.isin(months, there[:-1][np.diff(there) > 1])
    account = factorized(table.texts("account_id").codes)[0].astype(np.int64)
    place = account * (there[-1] - there[0] + 3) + months - there[0]
    before_own = ~before_gap & ~np.isin(place + 1, place) & np.isin(place + 2, place)
    for rows, what, fix in (
        (
            before_gap,
            f"months without any revenue ({listed(gaps, 4)})",
            "Export these months, too, or correct the header if they are there; if nothing was billed, add rows with 0",
        ),
        (
            before_own,
            "a month without revenue of that account",
            "If the month is missing in the export, add it; if nothing was billed, add a row with 0",
        ),
    ):
        for entry, mine in by_file(table, rows, entries):
            entry.warn(
                "contradiction",
                f"comes before {what}: its account counts as churned, then as won back",
                f"come before {what}: their accounts count as churned, then as won back",
                fix=fix,
                rows=table.row[mine],
                months=np.stack([table.row[mine], months[mine] + 1], axis=1).astype(np.int32),
            )


def _renewals(settings: Settings, table: Table, as_of: int, entries: Sequence[FileEntry]) -> None:
    """Record ends that are written as the last day although the settings read them as the first day without, or the
    reverse.

    Where most renewals of the table are written as the settings say, only those at a month's end are recorded: MRR is
    taken on these days, so the others change no number.
    """
    end = table["end"]
    if settings.toggles.subscription_end == "inclusive":
        _warn(
            table,
            _followed(table, as_of, 0, -1) & _ends_a_month(end),
            entries,
            "ends on the day the account's next subscription starts: both count on that day",
            "end on the day the account's next subscription starts: both count on that day",
            "If the end is the first day without the subscription, "
            + set_toggle(settings, "subscription_end", "exclusive"),
        )
        return
    day_before = _followed(table, as_of, 1, 1)
    most = day_before.any() and day_before.sum() > _followed(table, as_of, 0, -1).sum()
    _warn(
        table,
        day_before if most else day_before & _ends_a_month(end),
        entries,
        "ends one day before the account's renewal: at a month-end this counts as churn and reactivation",
        "end one day before the account's renewal: at a month-end this counts as churn and reactivation",
        "If the end is the last day of the subscription, " + set_toggle(settings, "subscription_end", "inclusive")
        if most
        else "Correct the end date in the export to the first day without the subscription",
    )


def of_members(table: Table, entries: Sequence[FileEntry]) -> None:
    """Record memberships that end before they start, and those that end one day before the account's next one."""
    _warn(
        table,
        (table["start"] != NEVER) & (table["end"] != NEVER) & (table["end"] < table["start"]),
        entries,
        "ends before it starts and is ignored",
        "end before they start and are ignored",
        "Correct the two dates",
    )
    _warn(
        table,
        _followed(table, NEVER, 1, 1),
        entries,
        "ends one day before the account's next membership: for one day it is not a member",
        "end one day before the account's next membership: for one day they are not members",
        "Set the end date to the first day without the membership",
    )


_OTHER_GAPS = range(2, 8)
"""Days between an end and a start, to estimate how often two dates meet by chance."""


def _followed(table: Table, until: int, gap: int, direction: int) -> Mask:
    """A mask of rows that end by ``until``, ``gap`` days before another row of their account starts.

    None where that is chance: in data with many rows an account, as many ends lie 2 to 7 days before a start (after
    one, for a ``direction`` of -1).
    """
    start, end = table["start"], table["end"]
    ended = np.flatnonzero((end != NEVER) & (end <= until) & ((end >= start) | (start == NEVER)))
    result = np.zeros(len(table), dtype=bool)
    if not len(ended):
        return result
    account = table.texts("account_id").codes.astype(np.int64) << 32
    starts = np.sort(account + start)
    ends, own = (account + end)[ended], (account + start)[ended]

    def met(days: int) -> Mask:
        wanted = ends + days
        at = np.minimum(np.searchsorted(starts, wanted), len(starts) - 1)
        found: Mask = (starts[at] == wanted) & (own != wanted)  # a row of a single day does not renew itself
        return found

    hits = met(gap)
    by_chance = sum(int(met(direction * days).sum()) for days in _OTHER_GAPS) / len(_OTHER_GAPS) if hits.any() else 0
    result[ended] = hits & bool(hits.sum() > 2 * by_chance)
    return result


def _ends_a_month(days: Days) -> Mask:
    """A mask of the days that are the last of their month: MRR is taken only on these."""
    distinct, codes = np.unique(days, return_inverse=True)
    last = [day not in (ALWAYS, NEVER) and to_date(day + 1).day == 1 for day in distinct.tolist()]
    result: Mask = np.array(last, dtype=bool)[codes]
    return result


def _signs_of_movements(table: Table, entries: Sequence[FileEntry]) -> None:
    """The type gives a movement's sign, so an amount of the other sign counts with the type's.

    Many exports write what goes down as negative throughout; there only the rows that differ from most are recorded.
    """
    kinds, amount = table["type"], table["amount"]
    for kind in (*_RISES, *_FALLS):
        mine = kinds == kind
        if not mine.any():
            continue
        below, above = mine & (amount < 0), mine & (amount > 0)
        if kind in _RISES:
            rows, sign = below, "negative"
        else:
            rows = np.zeros(len(table), dtype=bool)
            sign = "sign"
            for file in np.unique(table.file[mine]):
                here = table.file == file
                down, up = below & here, above & here
                rows |= down if down.sum() <= up.sum() else up
        article = "an" if kind[0] in "aeiou" else "a"
        if sign == "negative":
            one = f"is {article} {kind} with a negative amount and counts as an increase"
            many = f"are of type {kind} with a negative amount and count as increases"
        else:
            one = f"is {article} {kind} with an unusual sign for that type and counts as a decrease"
            many = f"are of type {kind} with an unusual sign for that type and count as decreases"
        _warn(table, rows, entries, one, many, "Correct the type or the sign; the type decides the direction")


# --- how they are recorded


def _warn(
    table: Table, rows: Mask, entries: Sequence[FileEntry], one: str, many: str, fix: str, words: Texts | None = None
) -> None:
    """A condition for each file that has any of ``rows``; ``words``: a word for each row of the table."""
    for entry, mine in by_file(table, rows, entries):
        entry.warn(
            "contradiction", one, many, fix=fix, rows=table.row[mine], values=() if words is None else words[mine]
        )
