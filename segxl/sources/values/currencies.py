"""The currency of each row: its column's, else the one written in its amount, else the one in the amount's header.

Decisions: ``$`` is the reporting currency if that is a dollar or a peso, else the US dollar. ``¥`` is the reporting
currency if that is the yen or the yuan, else the yen. ``kr`` is the reporting currency if that is a krone or a krona;
else it is unknown, and counts as a currency without a rate. If the column and the amount name different currencies, the
column counts, and the rows are reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.messages import counted, listed
from segxl.sources.conditions import RATES_CHECK
from segxl.sources.formats.model import Header, is_made
from segxl.sources.ledger import FileEntry
from segxl.sources.values.numbers import CURRENCY_CODES
from segxl.sources.values.shapes import of_each_shape
from segxl.tables.contracts import Contract, Type
from segxl.tables.row_numbers import RowNumbers
from segxl.tables.text_column import TextColumn

CODES = frozenset(CURRENCY_CODES.upper().split())
_COMMON_WORDS = """
    USD EUR GBP CHF JPY CAD AUD NZD INR CNY SEK NOK DKK PLN BRL MXN ZAR SGD HKD KRW CZK HUF ILS AED
    """
_COMMON = frozenset(_COMMON_WORDS.split())
"""Codes that name a currency anywhere in a header; others are words too (ALL, TOP) and need brackets."""
_SYMBOLS: Mapping[str, str] = {
    "$": "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU BRL",
    "€": "EUR",
    "£": "GBP EGP",
    "¥": "JPY CNY",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "₺": "TRY",
    "₪": "ILS",
    "₫": "VND",
    "₱": "PHP",
    "₴": "UAH",
    "₦": "NGN",
    "฿": "THB",
    "₡": "CRC",
    "₲": "PYG",
    "₵": "GHS",
    "₸": "KZT",
    "₮": "MNT",
    "₼": "AZN",
    "₾": "GEL",
    "ZŁ": "PLN",
    "KR": "KR SEK NOK DKK ISK",
}
"""The currencies that a symbol may mean; the first where none of them is the reporting currency."""
_DOLLARS = {
    "US": "USD",
    "CA": "CAD",
    "C": "CAD",
    "AU": "AUD",
    "A": "AUD",
    "NZ": "NZD",
    "HK": "HKD",
    "SG": "SGD",
    "S": "SGD",
    "NT": "TWD",
    "MX": "MXN",
    "R": "BRL",
}
_NAMES: Mapping[str, str] = {
    "euro": "EUR",
    "euros": "EUR",
    "us dollar": "USD",
    "u.s. dollar": "USD",
    "us-dollar": "USD",
    "dollar": "USD",
    "pound sterling": "GBP",
    "british pound": "GBP",
    "swiss franc": "CHF",
    "schweizer franken": "CHF",
    "japanese yen": "JPY",
    "canadian dollar": "CAD",
    "australian dollar": "AUD",
}
_PART = re.compile(rf"(?<![A-Z])([A-Z]{{1,2}}\$|KR|ZŁ|[{''.join(one for one in _SYMBOLS if len(one) == 1)}])")
_MARKED = re.compile(r"[A-Za-zŁł$€£¥₹₽₩₺₪₫₱₴₦฿₡₲₵₸₮₼₾]")
_IN_BRACKETS = re.compile(r"[(\[{]\s*(?:in |en |em )?([A-Z]{3}|[A-Z]{0,2}[^\w\s.,%#/()\[\]-])\s*[)\]}]", re.IGNORECASE)
_IN_WORDS = re.compile(
    r"(?:^|[\s_])(?:in|en|em|to|à)[\s_]([A-Z]{3}|[A-Z]{0,2}[^\w\s.,%#/()-])(?:$|[\s_)])", re.IGNORECASE
)
_FIRST = re.compile(r"^([A-Z]{3}|[A-Z]{0,2}[^\w\s.,%#/()-])[\s_-]", re.IGNORECASE)
_LAST = re.compile(r"[\s_/-]([A-Z]{3}|[A-Z]{0,2}[^\w\s.,%#/()-])$", re.IGNORECASE)
_COLUMN = """
    Currency | Currency Code | Currency ISO Code | ISO Currency | Amount Currency | Deal Currency | Billing Currency |
    Transaction Currency | Actual Cost Currency |
    Actual Cost in Campaign Currency | Währung | Währungscode | Devise | Moneda | Divisa | Valuta | Moeda |
    Waluta | 通貨 | 货币 | 币种
    """
"""Headers of a column that has the currency of each row."""


def possible_currencies(text: str) -> tuple[str, ...]:
    """The currencies that an amount, a header's unit or a word may mean by how it is written, likeliest first."""
    upper = text.upper()
    codes = CODES.intersection(re.findall(r"[A-Z]+", upper))
    if codes:
        return tuple(codes) if len(codes) == 1 else ()
    found = _PART.search(upper)
    if not found:
        return ()
    symbol = found[1]
    if len(symbol) > 1 and symbol.endswith("$"):
        return (_DOLLARS[symbol[:-1]],) if symbol[:-1] in _DOLLARS else tuple(_SYMBOLS["$"].split())
    return tuple(_SYMBOLS[symbol].split())


def meant(possible: tuple[str, ...], reporting: str) -> str:
    """The currency; blank if none is given."""
    return reporting if reporting in possible else possible[0] if possible else ""


def currency_of_header(header: str) -> tuple[str, ...]:
    """The currencies that a header may name: ``Betrag (EUR)``, ``Amount in EUR``, ``mrr_usd``, ``MRR €``."""
    for pattern in (_IN_BRACKETS, _IN_WORDS):
        for unit in pattern.findall(header):
            if (found := possible_currencies(unit)) and (len(unit) != 3 or unit.isupper() or unit.upper() in _COMMON):
                return found
    for unit in (*_FIRST.findall(header), *_LAST.findall(header)):
        if (found := possible_currencies(unit)) and (len(unit) < 3 or unit.upper() in _COMMON):
            return found
    return ()


@dataclass
class Currencies:
    """Finds the currency of each row of one file.

    Attributes:
        contract: the table's; ``entry``: the file's, which hears what was found.
        reporting: the reporting currency.
        rows: int32 row numbers, shape (n,).
    """

    contract: Contract
    entry: FileEntry
    reporting: str
    rows: RowNumbers

    def added(self, texts: Mapping[str, TextColumn]) -> dict[str, TextColumn]:
        """The file's columns, with one of the currencies if it has any.

        A table without a currency of its own gets it too: an opportunity's history, to be compared with the
        opportunity's; for others it fails the check of exchange rates.
        """
        result, money = (
            dict(texts),
            [column.name for column in self.contract.columns if column.type is Type.MONEY and column.name in texts],
        )
        if not money:
            return result
        column = self._column(texts, money)
        for name in money:
            column = self._of_amounts(texts[name], name, column)
        if column is None:
            return result
        if "currency" in self.contract.names or self.contract.table == "opportunity_history":
            result["currency"] = column
        else:
            self._refuse(column, texts[money[0]])
        return result

    def _column(self, texts: Mapping[str, TextColumn], money: Sequence[str]) -> TextColumn | None:
        """The column of currencies: the mapped one, else one with such a name and only currencies."""
        if "currency" in texts:
            return texts["currency"].changed(self._code)
        own = [f"{self.entry.headers[name]} Currency" for name in money if name in self.entry.headers]
        header = Header([name for name in texts if name not in self.contract.names]).find(" | ".join([*own, _COLUMN]))
        if not header:
            return None
        column = texts[header].changed(self._code)
        words = [word for word in column.distinct if word]
        if not words or any(word.upper() not in CODES for word in words):
            return None
        self.entry.notes.append(f"column {header!r} gives the currency")
        return column

    def _code(self, word: str) -> str:
        """A currency as its code; unknown words stay."""
        if word.upper() in CODES:
            return word
        return (
            _NAMES.get(word.casefold(), "")
            or meant(possible_currencies(word) if len(word) <= 4 else (), self.reporting)
            or word
        )

    def _of_amounts(self, amounts: TextColumn, name: str, column: TextColumn | None) -> TextColumn | None:
        """The currencies so far, completed from the amounts and their header."""
        header = self.entry.headers.get(name, name)
        of_header = () if is_made(header) or header == name else currency_of_header(header)
        known: list[tuple[str, ...]] = [()]
        if amounts.cents is None and _MARKED.search("".join(distinct := amounts.distinct)):
            numbers: dict[tuple[str, ...], int] = {(): 0}

            def number(shape: str) -> int:
                return numbers.setdefault(possible_currencies(shape), len(numbers))

            kinds = of_each_shape(distinct, number)[amounts.codes]
            known = list(numbers)
        else:
            kinds = np.zeros(len(amounts), dtype=np.int64)
        if len(known) == 1 and not of_header:
            return column
        filled = ~amounts.is_text("")
        own = np.array([meant(one, self.reporting) for one in known], dtype=object)[kinds]
        self._report_contradictions(column, kinds, known, of_header, filled, header)
        by_header = meant(of_header, self.reporting)
        found = np.where(own == "", by_header, own)
        found = np.where(filled, found, "")
        self._note(own[filled], header, by_header)
        if column is None:
            return TextColumn.of(found)
        return column.or_else(TextColumn.of(found))

    def _note(self, own: NDArray[np.object_], header: str, by_header: str) -> None:
        named = sorted({str(one) for one in own.tolist()} - {"", self.reporting})
        if named:
            count = int(np.isin(own, named).sum())
            self.entry.notes.append(
                f"{counted(count, 'row')} of {header!r} in {listed(named, 4)}, as the amounts are written"
            )
        elif by_header and by_header != self.reporting:
            self.entry.notes.append(f"amounts in {header!r} are in {by_header}, by its header")

    def _report_contradictions(
        self,
        column: TextColumn | None,
        kinds: NDArray[np.int64],
        known: list[tuple[str, ...]],
        of_header: tuple[str, ...],
        filled: NDArray[np.bool_],
        header: str,
    ) -> None:
        """Rows whose amount, or its header, names another currency than their column."""
        by_cell = np.zeros(len(kinds), dtype=bool)
        by_header = np.zeros(len(kinds), dtype=bool)
        for number, possible in enumerate(known):
            mine = filled & (kinds == number)
            for code in [word for word in column.distinct if word] if column is not None else []:
                assert column is not None
                if possible and code.upper() not in possible:
                    by_cell |= mine & column.is_text(code)
                elif not possible and of_header and code.upper() not in of_header:
                    by_header |= mine & column.is_text(code)
            if possible and of_header and not set(possible) & set(of_header):
                by_header |= mine & (column.is_text("") if column is not None else True)
        for rows, where, counts in (
            (
                by_cell,
                f"an amount in {header!r} in another currency than its currency column",
                "the column",
            ),
            (by_header, f"another currency than in the header {header!r}", "the row"),
        ):
            if rows.any():
                said = f"{where}; {counts} counts"
                self.entry.warn(
                    "currency",
                    f"has {said}",
                    f"have {said}",
                    fix="Correct the currency or the amount in the export",
                    rows=self.rows[rows],
                )

    def _refuse(self, column: TextColumn, amounts: TextColumn) -> None:
        """Foreign amounts of a table that has no months to convert them by."""
        foreign = column.which(lambda word: word.upper() not in ("", self.reporting)) & ~amounts.is_text("")
        if foreign.any():
            said = f"not in {self.reporting}, and {self.contract.table} cannot be converted"
            self.entry.warn(
                "currency",
                f"is {said}",
                f"are {said}",
                fix=f"Write the amounts in {self.reporting}",
                rows=self.rows[foreign],
                values=column.take(foreign).cells,
                fails=RATES_CHECK,
            )
