"""The currency that Excel shows next to a number although the cell has the number alone: its number format has it.

A format names a currency as ``[$€-407]``, ``[$CHF]`` or as a text or sign of its own, such as ``"£"#,##0``. Formats
without one follow the computer's settings, so they say nothing about the amount.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from segxl.sources.files.archives import parts_by_name
from segxl.sources.files.sheet_xml import Place, column_number, part_of, pieces_of

_STYLES = "xl/styles.xml"
_IN_BRACKETS = re.compile(r"\[\$([^\]-]+)(?:-[0-9A-Fa-f]+)?\]")
_ALONE = re.compile(r"[€£¥₹₽₩₺₪$]")


def currencies_of_cells(book: zipfile.ZipFile, sheet: str) -> Iterator[tuple[Place, str]]:
    """The row and column, each counted from 1, of the cells whose number format names a currency, and its name or
    sign."""
    styles = _currency_styles(book)
    if not styles:
        return
    # every program writes a cell's address first and its style next; to look at all attributes takes three times longer
    cell = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3}+)(\d{1,7}+)" s="(%s)"' % b"|".join(b"%d" % at for at in styles))
    columns: dict[bytes, int] = {}
    for xml in pieces_of(book, part_of(book, sheet)):
        for letters, row, style in cell.findall(xml):
            column = columns.get(letters) or columns.setdefault(letters, column_number(letters))
            yield (int(row), column), styles[int(style)]


def _currency_styles(book: zipfile.ZipFile) -> Mapping[int, str]:
    """The currency of each style of cells that has one."""
    part = parts_by_name(book).get(_STYLES)
    if part is None:
        return {}
    root = ElementTree.fromstring(book.read(part))
    named = {one.get("numFmtId"): _currency_of(one.get("formatCode", "")) for one in root.iter() if _is(one, "numFmt")}
    if not any(named.values()):
        return {}
    styles = next((list(one) for one in root.iter() if _is(one, "cellXfs")), [])
    found = {at: named.get(one.get("numFmtId")) for at, one in enumerate(styles)}
    return {at: currency for at, currency in found.items() if currency}


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name


def _currency_of(code: str) -> str:
    positive = code.partition(";")[0]
    if found := _IN_BRACKETS.search(positive):
        return found[1].strip()
    found = _ALONE.search(re.sub(r"\[[^\]]*\]", "", positive))
    return found[0] if found else ""
