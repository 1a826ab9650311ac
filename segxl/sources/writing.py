"""What the ledger says about how values are written: dates in several ways, amounts as words or in other currencies."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segxl.messages import counted
from segxl.sources.numbers import CURRENCY_CODES
from segxl.sources.shapes import of_each_shape
from segxl.texts import TextColumn, Texts

_PLAIN_AMOUNT = re.compile(r"[-+]?[\d.,]+")
_DATE_WAYS = (
    re.compile(r"\d{4}.*"),  # the year first
    re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.].*"),  # day or month first
    re.compile(r"\d{5}(?:\.\d+)?"),  # Excel's numbers
)


def amounts_in_words(cells: TextColumn, rows: NDArray[np.int32], header: str) -> list[str]:
    """How many amounts have symbols, letters or spaces, where others are plain numbers."""
    return _differing(
        cells,
        rows,
        lambda text: 0 if _PLAIN_AMOUNT.fullmatch(text) else 1,
        lambda count, shown: counted(
            count,
            f"row of {header!r} is no plain number, like {shown}: read as an amount",
            f"rows of {header!r} are no plain numbers, like {shown}: read as amounts",
        ),
        usual=0,
    )


_SYMBOLS = {
    "$": "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU BRL",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY CNY",
    "₹": "INR",
}
"""The currencies that a symbol may mean."""
_UNIT = re.compile(r"[\s_(](usd|eur|gbp|chf|jpy|cad|aud|nzd|inr|cny|sek|nok|dkk|pln|brl)\)?$", re.IGNORECASE)
"""The currency behind a header: ``Value (EUR)``, ``mrr_usd``. Some codes are words too (ALL, TOP): not those."""
_CODES = frozenset(CURRENCY_CODES.upper().split())


def amounts_of_other_currencies(cells: TextColumn, rows: NDArray[np.int32], header: str, reporting: str) -> list[str]:
    """How many amounts say themselves, or by their header, that they are in another currency, where no column does."""
    unit = _UNIT.search(header)
    if unit and unit[1].upper() != reporting.upper() and not cells.is_text("").all():
        return [
            f"{header!r} names {unit[1].upper()}, and no column has the currency: its amounts count as {reporting} as "
            "they stand"
        ]
    other = of_each_shape(cells.distinct, lambda text: not _may_be_in(text, reporting.upper())) > 0
    if not other.any():
        return []
    hit = other[cells.codes]
    shown = " and ".join(map(repr, cells.distinct[other][:2].tolist()))
    count = counted(len(np.unique(rows[hit])), f"row of {header!r} is", f"rows of {header!r} are")
    said = f"{count} in another currency, like {shown}: no column has the currency"
    return [f"{said}, so the amounts count as {reporting}"]


def _may_be_in(amount: str, currency: str) -> bool:
    """Whether the symbols and codes that an amount is written with allow a currency."""
    codes = _CODES.intersection(re.findall(r"[A-Z]+", amount.upper()))
    if codes:
        return currency in codes
    symbols = [meant.split() for symbol, meant in _SYMBOLS.items() if symbol in amount]
    return not symbols or any(currency in meant for meant in symbols)


def rows_of_other_currencies(codes: TextColumn, header: str, reporting: str, table: str) -> list[str]:
    """How many rows a column puts into another currency, in a table whose amounts have none but the reporting one."""
    codes = codes.changed(str.upper)
    foreign = codes.which(lambda code: code not in ("", reporting.upper()))
    if not foreign.any():
        return []
    named = ", ".join(sorted(codes.take(foreign).distinct)[:3])
    return [
        f"{counted(int(foreign.sum()), 'row is', 'rows are')} in {named} by {header!r}: {table} has no currency, so "
        f"the amounts count as {reporting}; export them in {reporting}"
    ]


def percents_of_two_kinds(cells: Texts, fractions: NDArray[np.float64], header: str) -> list[str]:
    """How the odd ones of a column of percentages were read, a fraction beside 40 or beside 40%."""
    if not len(cells):
        return []
    rows = counted(len(cells), "row")
    read = f"{100 * fractions[0]:.6g}%"
    return [f"{rows} of {header!r} may be fractions or percentages, like {str(cells[0])!r}: read as {read}"]


def dates_in_several_ways(cells: TextColumn, rows: NDArray[np.int32], header: str) -> list[str]:
    """How many dates are written in another way than most."""
    return _differing(
        cells,
        rows,
        _way_of_date,
        lambda count, shown: (
            f"{counted(count, 'row writes', 'rows write')} dates of {header!r} in another way than most, like {shown}"
        ),
    )


def _way_of_date(text: str) -> int:
    serial = len(_DATE_WAYS) - 1
    if _DATE_WAYS[serial].fullmatch(text):
        return serial
    return next((way for way, pattern in enumerate(_DATE_WAYS) if pattern.fullmatch(text)), len(_DATE_WAYS))


def _differing(
    cells: TextColumn,
    rows: NDArray[np.int32],
    way: Callable[[str], int],
    say: Callable[[int, str], str],
    usual: int | None = None,
) -> list[str]:
    """What to say of the rows that are not written in the ``usual`` way, or as most are, where not all are alike."""
    ways = of_each_shape(cells.distinct, lambda text: way(text) if text else -1)
    kinds = np.unique(ways[ways >= 0])
    if len(kinds) < 2:
        return []
    if usual is None:
        usual = int(kinds[np.argmax([cells.counts[ways == kind].sum() for kind in kinds])])
    other = (ways >= 0) & (ways != usual)
    shown = " and ".join(map(repr, cells.distinct[other][:2].tolist()))
    return [say(len(np.unique(rows[other[cells.codes]])), shown)]
