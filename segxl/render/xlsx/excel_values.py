"""Values, names and sizes as Excel takes them: the only place that knows how Excel and openpyxl treat odd ones.

Every value of a page or a list passes through ``cell_value``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal
from xml.sax.saxutils import escape

from openpyxl.xml.constants import SHEET_MAIN_NS

from segxl.errors import SegxlError
from segxl.units import DATE, TEXT, Unit

MAX_ROWS, MAX_COLUMNS, MAX_TEXT, MAX_TITLE, MAX_HEADER = 1_048_576, 16_384, 32_767, 31, 255
"""Excel's limits: rows and columns of a sheet, characters of a cell, of a sheet's title, of a column's name."""

CellKind = Literal["", "text", "quoted", "long", "number", "date", "bool"]
"""The way a value is stored. ``quoted`` and ``long`` text carries a mark, so that editing it in Excel leaves it text;
``long`` text must not have the number format "@", under which older versions of Excel show ####."""

TEXT_KINDS = ("text", "quoted", "long")

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_NOT_XML = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EXCEL_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_QUOTED = ("=", "+", "-", "@", "'", "#")
_FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_DAY_ZERO = date(1899, 12, 30)
_FIRST_SAFE_DAY = 61  # 1900-03-01; before it Excel counts a 29 February that never was
EXACT = 10**15
"""From here on a whole number has more digits than Excel keeps."""
_LARGEST = 9.99e307  # Excel's largest number is a little smaller than a float's
_SHORT = 255
_IN_ATTRIBUTES = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
_PIECES = re.compile(r"[^ -]*[ -]|[^ -]+")  # what stays together on a line
_SPACE = 0.23
_WIDTHS = {
    char: width
    for width, chars in (
        (_SPACE, " '"),
        (0.25, ",.:;Iijl"),
        (0.31, "()-J[]`f{}·"),
        (0.35, "!rt"),
        (0.41, '"/L\\csz'),
        (0.46, "?FSZgkvxy|"),
        (0.51, "#$*+0123456789<=>EKPTXY^_ae~–"),
        (0.54, "BCRVbdhnopqu"),
        (0.61, "ADH"),
        (0.66, "GNOQU"),
        (0.72, "%&w"),
        (0.83, "mM"),
        (0.9, "@W—"),
    )
    for char in chars
}
"""Widths of Calibri's characters, in parts of the font's size."""
_NUMPY_TIMES = ("datetime64", "timedelta64")  # some of them become bare integers


def cell_value(value: object, where: Callable[[], str], notes: list[str]) -> tuple[CellKind, str]:
    """The storage kind of a value in a cell, and the text that goes into the XML (not escaped yet).

    Text stays text whatever it looks like; what XML cannot hold becomes ``\\ufffd``; line ends become
    ``\\n``. Text that is too long, whole numbers with more than 15 digits and dates before March 1900 are
    kept as text and noted.

    Args:
        value: anything that a page or a list may hold.
        where: names the page and cell for errors and notes.
        notes: notes are added to it.

    Raises:
        SegxlError: the value is NaN, infinite, a date with a time zone, or of a kind that no cell holds.
    """
    if type(value) is str:  # by far the most frequent, and nearly always harmless
        if len(value) <= _SHORT and not _UNSAFE.search(value):
            return ("quoted" if value.startswith(_QUOTED) else "text", value) if value else ("", "")
        return _odd_text(value, where, notes)
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return "bool", str(int(value))
    if isinstance(value, int):
        if abs(value) < EXACT:
            return "number", str(value)
        notes.append(f"{where()}: {value} has more digits than Excel keeps, so it is stored as text")
        return "quoted", str(value)
    if isinstance(value, float):
        if not abs(value) < _LARGEST:
            raise SegxlError(f"{where()}: a cell cannot contain the number {value}")
        return "number", repr(float(value) + 0.0)  # + 0.0: Excel knows no negative zero
    if isinstance(value, date) and value == value:  # pandas' NaT is a date that differs from itself
        return _date_value(value, where, notes)
    if isinstance(value, str):
        return cell_value(str(value), where, notes)
    if type(value).__module__ == "numpy" and not type(value).__name__.startswith(_NUMPY_TIMES):
        return cell_value(getattr(value, "item", str)(), where, notes)
    raise SegxlError(f"{where()}: a cell cannot contain {value!r} ({type(value).__name__})")


def live_value(kind: CellKind, text: str) -> str | int | float | bool | None:
    """The result of ``cell_value`` as a value for a cell of an open workbook; dates are Excel's day numbers."""
    if kind in TEXT_KINDS:
        return text.replace("_x005F_", "_")
    if kind == "bool":
        return text == "1"
    if kind == "":
        return None
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _odd_text(value: str, where: Callable[[], str], notes: list[str]) -> tuple[CellKind, str]:
    text = _NOT_XML.sub("\ufffd", value.replace("\r\n", "\n").replace("\r", "\n"))
    if _excel_length(text) > MAX_TEXT:
        notes.append(f"{where()}: a text of {len(text):,} characters is cut to Excel's limit of {MAX_TEXT:,}")
        text = cut_text(text, MAX_TEXT)
    kind: CellKind = "long" if len(text) > _SHORT else "quoted" if text.startswith(_QUOTED) else "text"
    return kind, _EXCEL_ESCAPE.sub("_x005F_", text)


def _date_value(value: date, where: Callable[[], str], notes: list[str]) -> tuple[CellKind, str]:
    clock = 0.0
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise SegxlError(f"{where()}: {value} has a time zone, which Excel cannot store")
        clock = (value - datetime(value.year, value.month, value.day)).total_seconds() / 86_400
        value = value.date()
    days = (value - _DAY_ZERO).days
    if days < _FIRST_SAFE_DAY:
        notes.append(f"{where()}: {value} is before 1900, Excel's first date, so it is stored as text")
        return "quoted", value.isoformat()
    return "date", repr(days + clock) if clock else str(days)


def _excel_length(text: str) -> int:
    """The length as Excel counts it: characters beyond the first 65,536 count twice."""
    return len(text) + (0 if text.isascii() else sum(char > "\uffff" for char in text))


def cut_text(text: str, limit: int) -> str:
    """The first characters that fit ``limit``, the last of them an ellipsis."""
    if _excel_length(text) <= limit:
        return text
    text = text[: limit - 1]
    while _excel_length(text) > limit - 1:
        text = text[:-1]
    return text + "…"


def clean_text(text: str) -> str:
    """Text outside cells (titles, tips, properties) without characters that XML does not allow."""
    return _NOT_XML.sub("\ufffd", text)


def sheet_titles(titles: Sequence[str]) -> list[str]:
    """Titles that Excel takes for sheets: legal, at most 31 characters, not "History", unique in any case."""
    taken: set[str] = set()
    found = []
    for number, title in enumerate(titles, 1):
        plain = " ".join(_FORBIDDEN_IN_TITLE.sub(" ", clean_text(title)).split()).strip("' ")
        if not plain or plain.casefold() == "history":
            plain = f"{plain} page {number}".strip()
        found.append(_unique(plain, taken, lambda text, end: cut_text(text, MAX_TITLE - len(end)).strip("' ") + end))
    return found


def _unique(name: str, taken: set[str], join: Callable[[str, str], str]) -> str:
    """``name``, or ``name (2)`` and so on; case does not distinguish names."""
    candidate, number = join(name, ""), 1
    while candidate.casefold() in taken:
        number += 1
        candidate = join(name, f" ({number})")
    taken.add(candidate.casefold())
    return candidate


def table_headers(headers: Sequence[str]) -> list[str]:
    """Headers that Excel accepts for a table's columns: one line, not empty, unique in any case."""
    taken: set[str] = set()
    found = []
    for number, header in enumerate(headers, 1):
        plain = " ".join(clean_text(header).split()) or f"Column {number}"
        found.append(_unique(plain, taken, lambda text, end: cut_text(text, MAX_HEADER - len(end)) + end))
    return found


def table_name(name: str, taken: set[str]) -> str:
    """A name that Excel accepts for a table, unlike those ``taken``. The caller keeps it from looking like a cell
    (``R1``, ``ABC12``), which Excel refuses."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)[:200]
    return _unique(plain, taken, lambda text, end: text + re.sub(r"\D+", "_", end).rstrip("_"))


def number_format(unit: Unit, value: object, kind: CellKind) -> str:
    """The unit's format, except where it would show a number as text or a date as a number."""
    if unit.excel != TEXT.excel:
        return unit.excel
    if isinstance(value, date) and kind == "date":
        return DATE.excel
    return TEXT.excel if kind in ("text", "quoted") else "General"


def plain_list(values: Sequence[Any]) -> Sequence[Any]:
    """Arrays as lists of Python's own values, whose types are quicker to check."""
    known: Any = values
    if getattr(getattr(known, "dtype", None), "kind", "") == "M" and str(known.dtype) != "datetime64[D]":
        known = known.astype("datetime64[us]")  # nanoseconds would become bare integers
    listed: Sequence[Any] = known.tolist() if hasattr(known, "tolist") else known
    return listed


def is_number(unit: Unit) -> bool:
    return unit.excel != TEXT.excel and not unit.excel.startswith("y")


def result_type(kind: CellKind) -> str:
    """The attribute of a formula's cell that names the type of its result."""
    return {"bool": ' t="b"', "number": "", "date": ""}.get(kind, ' t="str"')


class Texts:
    """The texts that cells of a workbook share: each is in the file once, and its cells have its number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text, from 0."""
        return self._numbers.setdefault(text, len(self._numbers))

    def part(self) -> Iterator[bytes]:
        """The file's part that has them."""
        yield f'<sst xmlns="{SHEET_MAIN_NS}" uniqueCount="{len(self._numbers)}">'.encode()
        for text in self._numbers:
            yield f"<si>{_text_xml(text)}</si>".encode()
        yield b"</sst>"


def _text_xml(text: str) -> str:
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<t{space}>{escape(text)}</t>"


def cell_xml(place: str, style: int, kind: CellKind, text: str, formula: str = "", texts: Texts | None = None) -> str:
    """A cell; with a formula its value is the result that programs show until they calculate. A text is one of
    ``texts``, or in the cell itself if they are None."""
    if formula:
        return f'<c r="{place}" s="{style}"{result_type(kind)}><f>{escape(formula)}</f><v>{escape(text)}</v></c>'
    if kind in TEXT_KINDS:
        if texts is not None:
            return f'<c r="{place}" s="{style}" t="s"><v>{texts.number(text)}</v></c>'
        return f'<c r="{place}" s="{style}" t="inlineStr"><is>{_text_xml(text)}</is></c>'
    if kind == "":
        return f'<c r="{place}" s="{style}"/>'
    if kind == "bool":
        return f'<c r="{place}" s="{style}" t="b"><v>{text}</v></c>'
    return f'<c r="{place}" s="{style}"><v>{text}</v></c>'


def link_xml(area: str, target: str, tip: str) -> str:
    """A jump within the workbook, from the cells of an area."""
    target, tip = escape(target, _IN_ATTRIBUTES), escape(tip, _IN_ATTRIBUTES)
    return f'<hyperlink ref="{area}" location="{target}" tooltip="{tip}" />'


@lru_cache(maxsize=20_000)
def count_lines(text: str, points: float, size: float, *, bold: bool = False) -> int:
    """About how many lines a text takes in a cell with room for ``points``, at a font size.

    Measured by Calibri's widths with a little slack: a line too many looks better than words that are cut.
    """
    em = size * (1.07 if bold else 1.03)
    return sum(_lines_of(paragraph, max(points, em) / em) for paragraph in text.split("\n"))


def _lines_of(paragraph: str, room: float) -> int:
    lines, used = 1, 0.0
    for piece in _PIECES.findall(paragraph):
        length = sum(_width(char) for char in piece)
        if used and used + length - (_SPACE if piece[-1] == " " else 0) > room:
            lines, used = lines + 1, 0.0
        used += length
        if used - _SPACE > room:  # a word longer than the cell is broken
            lines, used = lines + int(used // room), used % room
    return lines


def _width(char: str) -> float:
    known = _WIDTHS.get(char)
    return known if known is not None else 1.0 if unicodedata.east_asian_width(char) in "WF" else 0.56


def column_pixels(width: float) -> int:
    """A column's width on the screen."""
    return round(width * 7) + 5


def column_points(widths: Sequence[float]) -> float:
    """The room for text in columns joined together, without the cell's own margins."""
    return (sum(map(column_pixels, widths)) - 7) * 0.75


def columns_cm(widths: Sequence[float]) -> float:
    """The total width of columns in centimetres, for a chart over them."""
    return sum(map(column_pixels, widths)) * 2.54 / 96
