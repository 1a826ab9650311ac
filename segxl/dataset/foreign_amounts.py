"""Foreign amounts without an exchange rate: in every table with money, the rows and the months in which they lack one.

An amount converts at the rate of the month in which it counts: a deal's when it is created and when it is closed, and
at each month's end as long as it is open; a subscription's at each month's end; a cost's in its month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from segxl.messages import listed
from segxl.periods import NEVER, month_end, months_of, to_day
from segxl.sources.conditions import RATES_CHECK
from segxl.sources.ledger import FileEntry, by_file
from segxl.sources.values.currencies import CODES
from segxl.tables.codes import Mask, factorized_together
from segxl.tables.contracts import CONTRACTS, NO_MONEY, Table, Type

Months = NDArray[np.int32]
Counted = Iterator[tuple[NDArray[np.int64], Months]]
"""Rows of a table, and for each the month in which its amount counts."""


def report_missing_rates(tables: Mapping[str, Table], reporting: str, as_of: int, entries: Sequence[FileEntry]) -> None:
    """Record for each file the foreign amounts that fail the check of exchange rates, one condition a currency; and
    rates of an unknown currency.

    Args:
        tables: made ready and cut off.
        reporting: the reporting currency.
        as_of: the cut-off, a day number. The month of the cut-off needs a rate only for amounts up to the cut-off.
    """
    rates = tables.get("fx_rates")
    known = set() if rates is None else _keys(rates.texts("currency").changed(str.upper).cells, rates["month"])
    for name, counted in _COUNTED.items():
        if name in tables and "currency" in tables[name].contract.names:
            _report(tables[name], counted, known, reporting, as_of, entries)
    if rates is not None:
        _report_unknown(rates, tables, entries)


def _keys(currencies: NDArray[np.object_], months: Months) -> set[tuple[str, int]]:
    return set(zip(currencies.tolist(), months.tolist(), strict=True))


def _report(
    table: Table,
    counted: Callable[[Table, Mask, int], Counted],
    known: set[tuple[str, int]],
    reporting: str,
    as_of: int,
    entries: Sequence[FileEntry],
) -> None:
    place = "fx_rates" if known else f"a table fx_rates ({', '.join(CONTRACTS['fx_rates'][0].names)})"
    codes = table.texts("currency").changed(str.upper)
    amounts = next(table[column.name] for column in table.contract.columns if column.type is Type.MONEY)
    asked = (amounts != NO_MONEY) & (amounts != 0)
    last = int(months_of(np.array([as_of + 1], dtype=np.int32))[0]) - 1  # the last month that is over
    for code in codes.distinct:
        if code in ("", reporting):
            continue
        foreign = asked & codes.is_text(code)
        have = np.array(sorted(month for currency, month in known if currency == code), dtype=np.int32)
        found = [
            (rows[lacking], months[lacking])
            for rows, months in counted(table, foreign, last)
            if (lacking := ~np.isin(months, have)).any()
        ]
        if not found:
            continue
        rows = np.concatenate([rows for rows, _ in found])
        months = np.concatenate([months for _, months in found])
        for file in np.unique(table.file[rows]):
            mine = table.file[rows] == file
            said = f"in {code}, without an exchange rate for at least one month that counts"
            entries[file].warn(
                "currency",
                f"is {said}",
                f"are {said}",
                fix=f"Add {code} to {place}, one row per month",
                rows=table.row[np.unique(rows[mine])],
                months=np.stack([table.row[rows[mine]], months[mine]], axis=1),
                fails=RATES_CHECK,
            )


def _deals(table: Table, foreign: Mask, last: int) -> Counted:
    closed = foreign & (table["status"] != "open")
    for rows, days in ((np.flatnonzero(foreign), table["created_on"]), (np.flatnonzero(closed), table["closed_on"])):
        yield rows, months_of(days[rows])
    yield from _at_month_ends(table["created_on"], table["closed_on"], foreign, last)


def _at_month_ends(first: Months, end: Months, foreign: Mask, last: int) -> Counted:
    """The rows that have begun and not ended at the end of each month."""
    if not foreign.any():
        return
    for month in range(int(months_of(first[foreign]).min()), last + 1):
        day = to_day(month_end(month))
        rows = np.flatnonzero(foreign & (first <= day) & ((end > day) | (end == NEVER)))
        yield rows, np.full(len(rows), month, dtype=np.int32)


def _revenue(table: Table, foreign: Mask, last: int) -> Counted:
    match table.contract.shape:
        case "monthly":
            yield from _in_their_month(table, foreign, last)
        case "subscriptions":
            yield from _at_month_ends(table["start"], table["end"], foreign, last)
        case _:
            rows = np.flatnonzero(foreign)
            yield rows, months_of(table["date"][rows])
            ended = np.full(len(table), NEVER, dtype=np.int32)
            yield from _at_month_ends(table["date"], ended, foreign & _still_paid(table), last)


def _still_paid(table: Table) -> Mask:
    """Movements of accounts that pay something after all of their movements in one currency."""

    falls = np.isin(table["type"], ("contraction", "churn"))
    signed = np.where(falls, -np.abs(table["amount"]), np.abs(table["amount"]))
    pairs = factorized_together(table["account_id"], table["currency"])
    sums = np.zeros(len(table) + 1, dtype=np.int64)
    np.add.at(sums, pairs, signed)
    result: Mask = sums[pairs] != 0
    return result


def _in_their_month(table: Table, foreign: Mask, last: int) -> Counted:
    rows = np.flatnonzero(foreign)
    yield rows, table["month"][rows]


_COUNTED: Mapping[str, Callable[[Table, Mask, int], Counted]] = {
    "opportunities": _deals,
    "revenue": _revenue,
    "costs": _in_their_month,
}
"""By table when its amounts count. A history's amounts are in the currency of their opportunity."""


def report_other_currencies(
    history: Table, code: NDArray[np.int32], opportunities: Table, reporting: str, entries: Sequence[FileEntry]
) -> None:
    """Record history rows whose currency differs from their opportunity's; the opportunity's currency counts.

    ``code`` is each row's opportunity.
    """
    if "currency" not in history.columns:
        return
    own = history.texts("currency").changed(str.upper).cells
    theirs = opportunities.texts("currency").changed(lambda word: word.upper() or reporting).cells[code]
    other = (own != "") & (own != theirs) & (history["amount"] != NO_MONEY)
    for entry, mine in by_file(history, other, entries):
        said = "an amount in another currency than the opportunity; the opportunity's currency is used"
        entry.warn(
            "currency",
            f"has {said}",
            f"have {said}",
            fix="Export both files in the same currency",
            rows=history.row[mine],
            values=own[mine],
            fails=RATES_CHECK,
        )


def _report_unknown(rates: Table, tables: Mapping[str, Table], entries: Sequence[FileEntry]) -> None:
    """Rates of a code that is not a currency and that no amount has: probably a typing error."""
    used = {
        code.upper()
        for name, table in tables.items()
        if name != "fx_rates" and "currency" in table.columns
        for code in table.texts("currency").distinct
    }
    odd = rates.texts("currency").which(lambda code: code.upper() not in CODES and code.upper() not in used)
    for entry, mine in by_file(rates, odd, entries):
        names = sorted(set(rates["currency"][mine].tolist()))
        said = f"a rate for {listed([repr(one) for one in names], 3)}, not an ISO code or a currency in the data"
        entry.warn(
            "currency", f"has {said}", f"have {said}", fix="Use the currency code of the amounts", rows=rates.row[mine]
        )
