"""Reports with a row for each product of an opportunity: made one opportunity, or rejected if that is unclear."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from segxl.sources.formats.model import fold
from segxl.sources.ledger import FileEntry
from segxl.tables.contracts import OWN, Table

_PRODUCT = re.compile(
    r"product|lineitem|orderline|quantit|unitprice|salesprice|listprice|totalprice|sku|produkt|artikel|menge|stückpreis"
    r"|einzelpreis|produit|article|prixunitaire|producto|artículo|cantidad|precio|prodotto|articolo|prezzo|produto|商品|製品|产品|数量"
)
"""Words in the headers of a product's own columns, folded."""

_PRICE = re.compile(
    r".*(price|preis|prix|precio|prezzo|preço).*|(line|lineitem|item|product|position|produkt|artikel)s?"
    r"(total|amount|value|net|revenue|betrag|summe|wert)|.*(postenbetrag|positionsbetrag)"
)
"""Headers, folded, of an amount that is a product's, not the opportunity's."""


def one_row_an_opportunity(table: Table, entries: list[FileEntry], *, decided: bool) -> Table:
    """The opportunities with one row each, if a report has one row per product.

    Rows of one ID that differ only in a product's columns are one opportunity. If the amount is the product's, or the
    rows differ in anything that counts, they are rejected, because the opportunity's amount is unknown. With
    ``decided`` a column decides between rows that differ, so only those with a product's amount are rejected.
    """
    products = [
        name
        for name in table.columns
        if name not in OWN
        and (name not in table.contract.names or name == "product_category")
        and _PRODUCT.search(fold(name))
    ]
    key = table.contract.key[0]
    codes = table.texts(key).codes
    repeated = np.flatnonzero(np.bincount(codes)[codes] > 1) if len(codes) else np.empty(0, np.intp)
    if not products or not len(repeated):
        return table
    groups: dict[int, list[int]] = {}
    for row in repeated.tolist():
        groups.setdefault(int(codes[row]), []).append(row)
    kept = np.ones(len(table), dtype=bool)
    counting = [name for name in table.contract.names if name in table.columns]
    for rows in groups.values():
        priced = [entry for entry in {int(table.file[row]) for row in rows} if _is_price(entries[entry])]
        if not (_differ(table, rows, products) or (priced and _differ(table, rows, [*table.columns]))):
            continue  # repeats of another kind
        if not priced and not _differ(table, rows, counting):
            for row in rows[1:]:
                entries[table.file[row]].exclude("product row of an opportunity already counted", 1, [table.row[row]])
                kept[row] = False
            continue
        if decided and not priced:
            continue
        for row in rows:
            entry = entries[table.file[row]]
            entry.reject(
                int(table.row[row]),
                entry.headers.get(key, key),
                str(table[key][row]),
                "has a row per product, so its total amount is unknown",
                "export opportunities without products, or map amount to the opportunity's total",
                others=_rows(table, rows),
            )
            kept[row] = False
    return table.take(kept)


def _is_price(entry: FileEntry) -> bool:
    return bool(_PRICE.fullmatch(fold(entry.headers.get("amount", ""))))


def _differ(table: Table, rows: Sequence[int], names: Sequence[str]) -> bool:
    return any(len({str(table[name][row]) for row in rows}) > 1 for name in names if name not in OWN)


def _rows(table: Table, rows: Sequence[int]) -> str:
    numbers = [str(table.row[row]) for row in rows]
    return f"rows {', '.join(numbers[:8])}" + (f" and {len(numbers) - 8:,} more" if len(numbers) > 8 else "")
