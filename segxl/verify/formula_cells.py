"""The formula cells of a workbook, with the values stored in the file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import coordinate_to_tuple, get_column_letter, range_boundaries

from segxl.errors import SegxlError
from segxl.excel.file_engine.package import STYLES, Package
from segxl.render.shared.atomic_files import refusal


class CellError(str):
    """The error of a cell, such as ``#REF!``; a text that only looks like one is a plain ``str``."""


Value = float | bool | str | CellError | None
"""A cell's value; an empty text counts as none, because a formula cannot give an empty cell."""


@dataclass(frozen=True)
class FormulaCell:
    """A cell with a formula.

    Attributes:
        sheet: the sheet's title.
        cell: the address, such as ``C12``.
        formula: the text without ``=``; blank where the file shares another cell's formula.
        stored: the value in the file.
        number_format: Excel's code.
        label: the texts left of the cell in its row, for people.
    """

    sheet: str
    cell: str
    formula: str
    stored: Value
    number_format: str
    label: str

    @property
    def row(self) -> int:
        """The row, from 1."""
        return coordinate_to_tuple(self.cell)[0]

    @property
    def column(self) -> int:
        """The column, from 1."""
        return coordinate_to_tuple(self.cell)[1]


@dataclass(frozen=True)
class Constant:
    """A number of a page that is not a formula: where it is, and the texts left of it in its row."""

    sheet: str
    cell: str
    label: str


@dataclass(frozen=True)
class Table:
    """A table of a workbook: its headers in order."""

    name: str
    headers: tuple[str, ...]


@dataclass(frozen=True)
class FormulaBook:
    """A workbook as its formulas see it.

    Attributes:
        file: the path, for messages.
        sheets: titles in order.
        cells: all formula cells, sheet by sheet.
        constants: the numbers, dates excepted, that are not formulas on the sheets that have formulas and no table: the
            pages that people read.
        pages: those sheets.
        tables: the tables.
        names: the defined names and what they refer to.
        cleared: the same workbook without the stored values, so that no program can give them back.
    """

    file: Path
    sheets: tuple[str, ...]
    cells: tuple[FormulaCell, ...]
    constants: tuple[Constant, ...]
    pages: tuple[str, ...]
    tables: tuple[Table, ...]
    names: tuple[tuple[str, str], ...]
    cleared: bytes

    @property
    def live(self) -> int:
        """How many numbers of the pages are formulas; dates are not counted."""
        pages = set(self.pages)
        return sum(
            isinstance(one.stored, float) and one.sheet in pages and not is_date(one.number_format)
            for one in self.cells
        )

    @property
    def share(self) -> float:
        """The part of the pages' numbers that are formulas; 1 without numbers."""
        numbers = self.live + len(self.constants)
        return self.live / numbers if numbers else 1.0


_MISSING = "name a pack, a workbook that segxl scorecard or segxl report wrote"


def read_formulas(path: Path) -> FormulaBook:
    """The formulas of a workbook.

    Raises:
        SegxlError: the file is missing, no workbook, damaged or has a password, or it has no formula.
    """
    if not path.is_file():
        raise SegxlError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}; {_MISSING}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SegxlError(refusal(error)) from error
    if not data:
        raise SegxlError(f"{path}: the file is empty; {_MISSING}")
    package = Package(path, io.BytesIO(data))
    try:
        for part in package.parts.values():
            if part.lstrip().startswith(b"<"):
                expat.ParserCreate().Parse(part, True)  # some programs end the process at a part that is torn
        found = list(_cells(path, package))
        tables = tuple(_tables(package))
        names = tuple(package.names())
    except (KeyError, ValueError, IndexError, ElementTree.ParseError, expat.ExpatError) as error:
        raise SegxlError(f"{path} is damaged ({error}): run segxl again to write a new pack") from None
    cells = tuple(one for one in found if isinstance(one, FormulaCell))
    if not cells:
        raise SegxlError(f"{path} has no formulas, so there is nothing to recalculate: {_MISSING}")
    titles = tuple(sheet.name for sheet in package.sheets)
    listed = {sheet.name for sheet in package.sheets if any(_headers(package, sheet.part))}
    pages = tuple(dict.fromkeys(one.sheet for one in cells if one.sheet not in listed))
    constants = tuple(one for one in found if isinstance(one, Constant) and one.sheet in pages)
    return FormulaBook(path, titles, cells, constants, pages, tables, names, _cleared(package))


def stored_values(file: Path, wanted: Sequence[FormulaCell]) -> list[Value]:
    """The values of cells in a workbook that another program calculated and saved; ``CellError("#LOST!")`` for a cell
    that it did not save."""
    package = Package(file, io.BytesIO(file.read_bytes()))
    rows: dict[str, set[str]] = {}
    for one in wanted:
        rows.setdefault(one.sheet, set()).add(one.cell.lstrip(ascii_uppercase))
    texts = _shared_texts(package)
    found: dict[tuple[str, str], Value] = {}
    for sheet in package.sheets:
        for element in _elements(package.parts[sheet.part], rows.get(sheet.name, set())):
            found[sheet.name, element.get("r", "")] = _value(element, texts)
    return [found.get((one.sheet, one.cell), CellError("#LOST!")) for one in wanted]


# -- the cells of a sheet

_ROOT = re.compile(rb"<(?:\w+:)?worksheet\b[^>]*>")
_ROW = re.compile(rb'<(?:\w+:)?row\b(?:[^>"]|"[^"]*")*?(?:/>|>.*?</(?:\w+:)?row>)', re.DOTALL)
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_RESULT = re.compile(
    rb"<((?:\w+:)?)c((?:\s[^>]*)?)>\s*(<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))"
    rb"\s*(?:<(?:\w+:)?v(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?v>))?"
)
_KIND = re.compile(rb'\st="[^"]*"')
_NUMBER = re.compile(rb'(<(?:\w+:)?c\b[^<>]*?)\st="n"')
_NOTES = re.compile(rb'<(?:\w+:)?Relationship\b[^<>]*\bType="[^"]*/comments"[^<>]*?(?:/>|>\s*</(?:\w+:)?Relationship>)')
NOT_CALCULATED = "not calculated"
"""What the programs find in place of the stored values."""


def _cells(path: Path, package: Package) -> Iterator[FormulaCell | Constant]:
    texts = _shared_texts(package)
    formats = _number_formats(package)
    for sheet in package.sheets:
        part = package.parts[sheet.part]
        headers = list(_headers(package, sheet.part))
        found = 0
        for row in _by_row(_elements(part, None, every=not headers)):
            left: list[str] = []
            for element in row:
                value, place = _value(element, texts), element.get("r", "")
                formula = _child(element, "f")
                if formula is not None:
                    found += 1
                    header = [name for area, name in headers if place in area]
                    label = " · ".join([*left[:6], *header])
                    form = formats[int(element.get("s", "0"))]
                    yield FormulaCell(sheet.name, place, formula.text or "", value, form, label)
                elif isinstance(value, str) and value.strip():
                    left.append(value.strip())
                elif isinstance(value, float) and not headers and not is_date(formats[int(element.get("s", "0"))]):
                    yield Constant(sheet.name, place, " · ".join(left[:6]))
        if found != len(_FORMULA.findall(part[: part.rfind(b"sheetData>")])):  # what follows has sparklines' formulas
            raise SegxlError(
                f"{path}, sheet {sheet.name!r}: some formulas cannot be read; save the file again in Excel"
            )


def is_date(number_format: str) -> bool:
    """Whether a number format shows a date: segxl writes no date without its year."""
    return "yy" in number_format.casefold()


def _elements(part: bytes, rows: set[str] | None, *, every: bool = False) -> Iterator[ElementTree.Element]:
    """The cells of the rows wanted; of all rows that have a formula if ``rows`` is ``None``, or of ``every`` row."""
    root = _ROOT.search(part)
    if root is None:
        return
    name = re.match(rb"<([\w:]+)", root[0])
    assert name is not None
    chosen = [root[0].rstrip(b"/>") + b">"]
    for row in _ROW.finditer(part):
        if every:
            wanted = True
        elif rows is None:
            wanted = _FORMULA.search(row[0]) is not None
        else:
            number = _ROW_NUMBER.search(row[0][: row[0].index(b">") + 1])
            wanted = number is not None and number[1].decode() in rows
        if wanted:
            chosen.append(row[0])
    chosen.append(b"</" + name[1] + b">")
    for _, element in ElementTree.iterparse(io.BytesIO(b"".join(chosen))):
        if _local(element) == "c":
            yield element
        elif _local(element) == "row":
            element.clear()


def _by_row(elements: Iterator[ElementTree.Element]) -> Iterator[list[ElementTree.Element]]:
    row: list[ElementTree.Element] = []
    number = 0
    for element in elements:
        here = coordinate_to_tuple(element.get("r", ""))[0]
        if here != number and row:
            yield row
            row = []
        number = here
        row.append(element)
    if row:
        yield row


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((one for one in element if _local(one) == name), None)


def _value(element: ElementTree.Element, texts: Sequence[str]) -> Value:
    kind = element.get("t", "n")
    if kind == "inlineStr":
        return "".join(one.text or "" for one in element.iter() if _local(one) == "t") or None
    stored = _child(element, "v")
    text = "" if stored is None else stored.text or ""
    if not text:
        return None
    if kind == "s":
        return texts[int(text)] or None
    if kind == "b":
        return text == "1"
    if kind == "e":
        return CellError(text)
    return text if kind == "str" else float(text)


def _shared_texts(package: Package) -> list[str]:
    part = next((name for name in package.parts if name.casefold() == "xl/sharedstrings.xml"), "")
    if not part:
        return []
    return [
        "".join(one.text or "" for one in item.iter() if _local(one) == "t")
        for item in ElementTree.fromstring(package.parts[part])
    ]


def _number_formats(package: Package) -> list[str]:
    """The format code of each cell style."""
    codes: dict[int, str] = dict(BUILTIN_FORMATS)
    styles: list[str] = []
    root = ElementTree.fromstring(package.parts[STYLES])
    for element in root.iter():
        if _local(element) == "numFmt" and element.get("numFmtId"):
            codes[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
    for element in root:
        if _local(element) == "cellXfs":
            styles = [codes.get(int(one.get("numFmtId", "0")), "General") for one in element]
    return styles


# -- tables and names


class _Column:
    """The cells of a table's column."""

    def __init__(self, column: int, first: int, last: int) -> None:
        self._letters, self._first, self._last = get_column_letter(column), first, last

    def __contains__(self, cell: str) -> bool:
        letters = cell.rstrip("0123456789")
        return letters == self._letters and self._first <= int(cell[len(letters) :]) <= self._last


def _tables(package: Package) -> Iterator[Table]:
    for sheet in package.sheets:
        for root in _table_parts(package, sheet.part):
            yield Table(root.get("displayName", root.get("name", "")), tuple(_column_names(root)))


def _table_parts(package: Package, sheet: str) -> Iterator[ElementTree.Element]:
    """The parts of a sheet's tables."""
    for relation in package.relations(sheet):
        if relation.type.endswith("/table") and not relation.external:
            yield ElementTree.fromstring(package.parts[relation.target])


def _column_names(table: ElementTree.Element) -> Iterator[str]:
    return (one.get("name", "") for one in table.iter() if _local(one) == "tableColumn")


def _headers(package: Package, sheet: str) -> Iterator[tuple[_Column, str]]:
    """The columns of a sheet's tables, with their headers."""
    for root in _table_parts(package, sheet):
        left, top, _, bottom = range_boundaries(root.get("ref", "A1"))
        assert left and top and bottom
        yield from ((_Column(column, top, bottom), name) for column, name in enumerate(_column_names(root), left))


def _cleared(package: Package) -> bytes:
    """The workbook with :data:`NOT_CALCULATED` for the results of formulas: a program that gives a value calculated
    it.

    No cell says that it is a number, which is what a cell is that says nothing: IronCalc takes an empty one that says
    so, as openpyxl saves it, for 0. Sheets have no notes: IronCalc does not open a workbook whose notes are where
    openpyxl saves them.
    """

    def clear(match: re.Match[bytes]) -> bytes:
        attributes = _KIND.sub(b"", match[2])
        known = NOT_CALCULATED.encode()
        return b'<%sc%s t="str">%s<%sv>%s</%sv>' % (match[1], attributes, match[3], match[1], known, match[1])

    for sheet in package.sheets:
        package.parts[sheet.part] = _RESULT.sub(clear, _NUMBER.sub(rb"\1", package.parts[sheet.part]))
    for name, part in package.parts.items():
        if name.endswith(".rels"):
            package.parts[name] = _NOTES.sub(b"", part)
    held = io.BytesIO()
    package.write(held, {})
    return held.getvalue()
