"""Foreign amounts: converted at the rate of the event's month, exact to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError
from segxl.periods import Days, month_label, months_of
from segxl.tables.codes import Mask
from segxl.tables.contracts import NO_MONEY, Table
from segxl.tables.text_column import TextColumn

Cents = NDArray[np.int64]


@dataclass(frozen=True)
class Rates:
    """Units of the reporting currency for one unit of a foreign one, by currency and month number."""

    reporting: str
    rates: Mapping[tuple[str, int], Fraction]

    @classmethod
    def of(cls, reporting: str, table: Table | None) -> Rates:
        """From the ``fx_rates`` table; a rate is the decimal as written in the file, not its binary neighbour.

        Raises:
            SegxlError: a rate that is not above zero, or two for one currency and month (``EUR`` and ``eur``).
        """
        rates: dict[tuple[str, int], Fraction] = {}
        if table is not None:
            for currency, month, rate in zip(table["currency"], table["month"], table["rate"], strict=True):
                exact = Fraction(str(float(rate)))
                key = str(currency).upper(), int(month)
                if exact <= 0:
                    raise SegxlError(f"fx_rates: the rate of {key[0]} in {month_label(month)} must be above zero")
                if rates.setdefault(key, exact) != exact:
                    raise SegxlError(f"fx_rates: {key[0]} has two rates in {month_label(month)}; keep one of them")
        return cls(reporting.upper(), rates)

    def convert(self, cents: Cents, currency: TextColumn, days: Days) -> tuple[Cents, Mask]:
        """Amounts in the reporting currency, and which have no rate.

        Blank amounts and those without a rate become 0. A foreign cent is rounded half away from zero, row by row,
        so that a total is the sum of what its rows show.
        """
        result = np.where(cents == NO_MONEY, 0, cents)
        foreign = currency.which(lambda word: word.upper() not in ("", self.reporting))
        lacking = np.zeros(len(cents), dtype=bool)
        if not foreign.any():
            return result, lacking
        months = months_of(days)
        for row in np.flatnonzero(foreign):
            rate = self.rates.get((currency.at(int(row)).upper(), int(months[row])))
            if rate is None:
                lacking[row] = cents[row] != NO_MONEY
                result[row] = 0
            else:
                result[row] = round_half_away(int(result[row]) * rate)
        return result, lacking


def round_half_away(exact: Fraction) -> int:
    """To the nearest integer, halves away from zero, as finance rounds."""
    doubled = abs(exact) * 2
    whole = int((doubled + 1) // 2)
    return whole if exact >= 0 else -whole
