"""Values changed in a sheet's XML in place: all that is not named stays as it is, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, unescape

from openpyxl.utils import column_index_from_string, get_column_letter

from segxl.errors import SegxlError


class Formula(str):
    """A formula in place of a value, with its ``=``. It has no result before Excel calculates."""


Edits = Mapping[tuple[int, int], str | int | float | bool | None]
"""New values by row and column, from 1; None empties a cell and keeps its look."""

_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?>([^<]+)</")
_DATA = re.compile(rb"<((?:\w+:)?)sheetData(?:\s*/>|>(.*?)</(?:\w+:)?sheetData>)", re.DOTALL)
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?row>)", re.DOTALL)
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_QUOTES = {"&quot;": '"', "&apos;": "'"}
_NUMBER = re.compile(rb'\br="(\d+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')


def formulas_of(xml: bytes) -> dict[tuple[int, int], str]:
    """The formulas of a sheet's XML by row and column, each with its ``=``; those that share another's text are not
    there."""
    found: dict[tuple[int, int], str] = {}
    if _FORMULA.search(xml) is None:  # most sheets have none, and a look at each cell takes long
        return found
    for match in _CELL.finditer(xml):
        place, formula = _PLACE.search(match[1]), _FORMULA.search(match[2] or b"")
        if place and formula:
            at = int(place[2]), column_index_from_string(place[1].decode())
            found[at] = f"={unescape(formula[1].decode(), _QUOTES)}"
    return found


def patched(xml: bytes, edits: Edits) -> bytes:
    """A sheet's XML with other values in some cells; their styles are kept.

    Raises:
        SegxlError: the sheet's XML does not give the places of its cells.
    """
    found = _DATA.search(xml)
    if found is None:
        raise SegxlError("the sheet has no rows that can be changed; save the workbook in Excel and try again")
    prefix = found[1].decode()
    by_row: dict[int, dict[int, object]] = {}
    for (row, column), value in edits.items():
        by_row.setdefault(row, {})[column] = value
    rows: list[bytes] = []
    for match in _ROW.finditer(found[2] or b""):
        number = _NUMBER.search(match[1])
        if number is None:
            raise SegxlError("the sheet's rows have no numbers; save the workbook in Excel and try again")
        at = int(number[1])
        rows += [
            _row(prefix, early, b'r="%d"' % early, b"", by_row.pop(early)) for early in sorted(by_row) if early < at
        ]
        changes = by_row.pop(at, None)
        rows.append(match[0] if changes is None else _row(prefix, at, match[1].strip(), match[2] or b"", changes))
    rows += [_row(prefix, late, b'r="%d"' % late, b"", by_row[late]) for late in sorted(by_row)]
    data = b"<%ssheetData>%s</%ssheetData>" % (found[1], b"".join(rows), found[1])
    return xml[: found.start()] + data + xml[found.end() :]


def _row(prefix: str, row: int, attributes: bytes, cells: bytes, changes: dict[int, object]) -> bytes:
    found: dict[int, bytes] = {}
    for match in _CELL.finditer(cells):
        place = _PLACE.search(match[1])
        if place is None:
            raise SegxlError("the sheet's cells have no addresses; save the workbook in Excel and try again")
        column = column_index_from_string(place[1].decode())
        style = _STYLE.search(match[1])
        kept = int(style[1]) if style else 0
        found[column] = _cell(prefix, row, column, kept, changes.pop(column)) if column in changes else match[0]
    for column, value in changes.items():
        if value is not None:
            found[column] = _cell(prefix, row, column, 0, value)
    attributes = re.sub(rb'\s*\bspans="[^"]*"', b"", attributes)  # a hint that a further cell may make wrong
    body = b"".join(found[column] for column in sorted(found))
    return b"<%srow %s>%s</%srow>" % (prefix.encode(), attributes, body, prefix.encode())


def _cell(prefix: str, row: int, column: int, style: int, value: object) -> bytes:
    head = f'<{prefix}c r="{get_column_letter(column)}{row}"' + (f' s="{style}"' if style else "")
    if value is None:
        return f"{head}/>".encode()
    if isinstance(value, bool):
        return f'{head} t="b"><{prefix}v>{int(value)}</{prefix}v></{prefix}c>'.encode()
    if isinstance(value, (int, float)):
        return f"{head}><{prefix}v>{value!r}</{prefix}v></{prefix}c>".encode()
    if isinstance(value, Formula):
        return f"{head}><{prefix}f>{escape(value.removeprefix('='))}</{prefix}f></{prefix}c>".encode()
    text = f'<{prefix}is><{prefix}t xml:space="preserve">{escape(str(value))}</{prefix}t></{prefix}is>'
    return f'{head} t="inlineStr">{text}</{prefix}c>'.encode()
