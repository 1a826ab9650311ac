"""Checks of a sheet's XML before calamine opens it: the sheet's extent, and cells that calamine leaves blank.

calamine makes a full grid up to the last cell, so one stray cell in the last corner of a sheet would fill the memory;
and it gives blanks for errors and for formulas that no program has calculated yet.

There are three checks, each slower than the one before and needed by fewer sheets. The first looks at the shape of
every tag and finds most sheets harmless; the second searches for single facts where tags are written as usual; an XML
parser does the rest. They agree on their findings.
"""

from __future__ import annotations

import functools
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np

from segxl.errors import SegxlError
from segxl.messages import counted
from segxl.sources.files.archives import SHARED_TEXTS, parts_by_name
from segxl.sources.files.raw import column_letters

NOT_CALCULATED = "#NOT CALCULATED"
"""The text of a cell whose formula has no result yet: not every program that writes formulas calculates them."""

Place = tuple[int, int]
"""Row and column of a cell, each counted from 1."""


@dataclass(frozen=True)
class SheetXml:
    """Findings in a sheet's XML: texts that calamine omits, by place, and the number of hidden rows."""

    unsaid: Mapping[Place, str] = field(default_factory=dict)
    hidden_rows: int = 0


LARGE_AREA = 26_000_000
"""The limit of cells in a grid: as many as a sheet of 26 columns and 999,999 rows has."""


def inspect_sheet(file: str, book: zipfile.ZipFile, name: str) -> SheetXml:
    """Check a sheet's XML.

    Raises:
        SegxlError: its cells would fill the memory, because it reaches far beyond what it holds or repeats long texts.
        ValueError: it is no XML that calamine reads.
    """
    part = part_of(book, name)
    with book.open(part) as stream:
        if stream.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise ValueError("a sheet is in UTF-16")
    _refuse_long_texts(file, book, part)
    if all(_holds_values_in_a_to_z(xml) for xml in pieces_of(book, part)):
        return SheetXml()
    return _by_search(book, part) or _by_parser(file, book, part)


_MOST_TEXT = 4 << 30
_SHARED_TEXT = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>\s*(\d{1,9})""")


def _refuse_long_texts(file: str, book: zipfile.ZipFile, part: str) -> None:
    """A text that is in the file once may be in every cell, and calamine makes a copy for each."""
    texts = parts_by_name(book).get(SHARED_TEXTS)
    most_cells = book.getinfo(part).file_size // len('<c t="s"><v>0</v></c>')
    if texts is None or book.getinfo(texts).file_size * most_cells <= _MOST_TEXT:
        return
    lengths = np.array([len(text) for text in re.split(rb"</(?:\w+:)?si>", book.read(texts))])
    if int(lengths.max()) * most_cells <= _MOST_TEXT:
        return
    total = 0
    for xml in pieces_of(book, part):
        used = np.array([int(number) for number in _SHARED_TEXT.findall(xml)], dtype=np.int64)
        total += int(lengths[used[used < len(lengths)]].sum())
    if total > _MOST_TEXT:
        raise SegxlError(
            f"{file} contains {total >> 30} GB of repeated text, too much for an export: save the sheet as .csv"
        )


def pieces_of(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part's XML in pieces that end with a row, so that no cell is cut in two; small pieces fit the caches."""
    rest = b""
    with book.open(part) as stream:
        while chunk := stream.read(max(1 << 18, len(rest))):
            rest += chunk
            end = rest.rfind(b"</row>")
            end = rest.rfind(b":row>") if end < 0 else end
            if end >= 0:
                cut = rest.index(b">", end) + 1
                yield rest[:cut]
                rest = rest[cut:]
    yield rest


# -- the first look: is there more than values in the columns A to Z?

# these run over every cell of a sheet, and small changes make them several times slower: a fixed beginning is needed,
# and repetitions that never step back
_REST = rb'\d{1,6}+"(?: s="\d++")?+(?: t="[a-df-z][^"]*+")?+/?+><[cvi/]'  # no error, and no formula in it
_NOT_PLAIN_IN_A_TO_Z = re.compile(rb'<c(?! r="[A-Z]' + _REST + rb"|[a-z])")
_NOT_PLAIN_CELL = re.compile(rb'<c(?! r="[A-Z]{1,3}+' + _REST + rb"|[a-z])")
_NOT_PLAIN_ROW = re.compile(rb'<row(?! r="\d{1,6}+"(?: (?!r=|hidden=)[\w:]++="[^"<]*+")*+/?+>|[A-Z])')
_PREFIXED = re.compile(rb":(?:c|row)[\s/>]")


def _holds_values_in_a_to_z(xml: bytes) -> bool:
    """Whether a piece has only values and blanks, in the columns A to Z of visible rows."""
    return not (_NOT_PLAIN_IN_A_TO_Z.search(xml) or _NOT_PLAIN_ROW.search(xml) or _PREFIXED.search(xml))


# -- the second look: searches, where tags are written as usual

_USUAL_CELL = rb' r="[A-Z]{1,3}+\d++"(?: (?!r=)[\w:]++="[^"<]*+")*+/?+><'
_USUAL_ROW = rb' r="\d++"(?: (?!r=)[\w:]++="[^"<]*+")*+/?+>'
_ODD_TAGS = (  # signs that not all tags are plain, and that one is not even usual
    (_NOT_PLAIN_CELL, re.compile(rb"<c(?!" + _USUAL_CELL + rb"|[a-z])")),
    (_NOT_PLAIN_ROW, re.compile(rb"<row(?!" + _USUAL_ROW + rb"|[A-Z])")),
    (
        _PREFIXED,
        re.compile(rb"<[^\s:/>]+:(?:c(?=[\s/>])(?!" + _USUAL_CELL + rb")|row(?=[\s/>])(?!" + _USUAL_ROW + rb"))"),
    ),
)
_WIDE_COLUMN = re.compile(rb' r="([A-Z]{2,3})\d')
_HIDDEN_ROW = re.compile(rb'row (?:[^>]*? )?hidden="(?:1|true)"')
_FORMULA, _PREFIXED_FORMULA = re.compile(rb"<f"), re.compile(rb":f")  # twice as fast as "in" on such bytes
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c ([^>]*\bt="e"[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]+)<', re.DOTALL)
_FORMULA_ALONE = re.compile(
    rb"<(?:\w+:)?c ([^>]*)>"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)


def _by_search(book: zipfile.ZipFile, part: str) -> SheetXml | None:
    """The findings of the searches; None if a tag is written unusually, or if the sheet may reach too far."""
    unsaid: dict[Place, str] = {}
    hidden, columns, digits = 0, 26, 1
    for xml in pieces_of(book, part):
        columns = max([columns, *map(column_number, set(_WIDE_COLUMN.findall(xml)))])
        while longer := _row_number(digits + 1).search(xml):
            digits = len(longer[1])
        odd = [unusual for plain, unusual in _ODD_TAGS if plain.search(xml)]
        if odd:
            if any(unusual.search(xml) for unusual in odd) or b"<!" in xml:  # a comment may contain text like a cell
                return None
            hidden += len(_HIDDEN_ROW.findall(xml))
            unsaid |= _error_cells(xml) | _uncalculated_cells(xml)
    rows = 10**digits - 1
    if _reaches_too_far(rows, columns, 0) and _reaches_too_far(rows, columns, _count_cells(book, part)):
        return None
    return SheetXml(unsaid, hidden)


def _count_cells(book: zipfile.ZipFile, part: str) -> int:
    return sum(xml.count(b"<c ") + xml.count(b":c ") for xml in pieces_of(book, part))


@functools.cache
def _row_number(digits: int) -> re.Pattern[bytes]:
    """Finds row numbers of so many digits or more."""
    return re.compile(rb' r="[A-Z]{0,3}+(\d{%d,})' % digits)


def _error_cells(xml: bytes) -> dict[Place, str]:
    if b't="e"' not in xml:
        return {}
    return {_place(cell[1]): cell[2].decode("utf-8") for cell in _ERROR_CELL.finditer(xml)}


def _uncalculated_cells(xml: bytes) -> dict[Place, str]:
    has_formulas = _FORMULA.search(xml) or _PREFIXED_FORMULA.search(xml)
    alone = (cell[1] for cell in _FORMULA_ALONE.finditer(xml)) if has_formulas else ()
    # a formula's result may be an empty text, which is a result
    return {_place(attributes): NOT_CALCULATED for attributes in alone if b't="str"' not in attributes}


def _place(attributes: bytes) -> Place:
    """Row and column number of a cell; (0, 0) if it has no address."""
    place = _PLACE.search(attributes)
    return (int(place[2]), column_number(place[1])) if place else (0, 0)


def column_number(letters: bytes) -> int:
    """The number of a column by its letters: A is 1, Z is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _reaches_too_far(rows: int, columns: int, cells: int) -> bool:
    return rows * columns > max(LARGE_AREA, 50 * cells)


# -- the third look: a parser


def _by_parser(file: str, book: zipfile.ZipFile, part: str) -> SheetXml:
    parser = expat.ParserCreate()
    seen = _Cells(parser)
    parser.StartElementHandler, parser.EndElementHandler = seen.start, seen.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    for xml in pieces_of(book, part):
        parser.Parse(xml)
    parser.Parse(b"", True)
    if _reaches_too_far(seen.last_row, seen.last_column, seen.cells):
        raise SegxlError(
            f"{file} extends to {column_letters(seen.last_column - 1)}{seen.last_row} but has only "
            f"{counted(seen.cells, 'cell')}: press Ctrl+End in Excel, delete the empty rows and columns before that "
            "cell, and save"
        )
    return SheetXml(seen.unsaid, seen.hidden_rows)


def _refuse_doctype(*_: object) -> None:
    raise ValueError("it declares a document type")


class _Cells:
    """Follows a sheet's tags as calamine does: a row or cell without an address follows the one before, and only cells
    with content count for the extent."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.unsaid: dict[Place, str] = {}
        self.hidden_rows = self.cells = self.last_row = self.last_column = 0
        self._parser = parser
        self._row = self._column = 0
        self._depth = 0  # of the tag within a cell, whose own is 1
        self._place, self._kind, self._formula, self._value = (0, 0), "", False, ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if self._depth:
            self._depth += 1
            self._inside(name)
        elif name == "c":
            self._depth = 1
            self._place = self._next_place(attributes.get("r"))
            self._column = self._place[1]
            self._kind, self._formula, self._value = attributes.get("t", ""), False, ""
            self.cells += 1
        elif name == "row":
            self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
            self.hidden_rows += attributes.get("hidden") in ("1", "true")

    def _next_place(self, reference: str | None) -> Place:
        if reference is None:
            return self._row, self._column + 1
        place = _REFERENCE.fullmatch(reference)
        if place is None:
            raise ValueError(f"it has a cell {reference!r}")
        return int(place[2]), column_number(place[1].upper().encode())

    def _inside(self, name: str) -> None:
        self.last_row = max(self.last_row, self._place[0])
        self.last_column = max(self.last_column, self._place[1])
        self._formula |= name == "f"
        if name == "v" and (self._formula or self._kind == "e"):  # other values are calamine's
            self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        self._value += text

    def end(self, _: str) -> None:
        if self._depth:
            self._parser.CharacterDataHandler = None
            self._depth -= 1
            if not self._depth:
                self._end_cell()

    def _end_cell(self) -> None:
        if self._kind == "e" and self._value:
            self.unsaid[self._place] = self._value
        elif self._formula and not self._value and self._kind != "str":  # a result may be an empty text
            self.unsaid[self._place] = NOT_CALCULATED


_REFERENCE = re.compile("([A-Za-z]+)([0-9]+)")


# -- the workbook's own settings


def counts_from_1904(book: zipfile.ZipFile) -> bool:
    """Whether a workbook's serial numbers count days from 1904, as in old Excel for Mac."""
    for element in ElementTree.fromstring(book.read(parts_by_name(book)["xl/workbook.xml"])).iter():
        if element.tag.endswith("}workbookPr"):
            return element.get("date1904", "").casefold() in ("1", "true", "on")
    return False


# -- where the sheet is in the file


def part_of(book: zipfile.ZipFile, name: str) -> str:
    """The part of the zip that has a sheet: the workbook names it by a relationship."""
    parts = parts_by_name(book)
    relationship = ""
    for element in ElementTree.fromstring(book.read(parts["xl/workbook.xml"])).iter():
        if element.tag.endswith("}sheet") and element.get("name") == name:
            relationship = next(value for key, value in element.items() if key.endswith("}id"))
    for element in ElementTree.fromstring(book.read(parts["xl/_rels/workbook.xml.rels"])):
        if element.get("Id") == relationship:
            target = element.get("Target", "").casefold()
            return parts[target.lstrip("/") if target.startswith("/") else f"xl/{target}"]
    raise KeyError(f"no part for sheet {name}")
