"""Raw tables: any file as columns of text, with cleaned headers and cells."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segxl.cache.fingerprint import note_file
from segxl.errors import SegxlError, UnsetError, nearest
from segxl.tables.repeats import Times, apart
from segxl.tables.row_numbers import RowNumbers, RowRange
from segxl.tables.text_column import TextColumn, Texts


@dataclass(frozen=True)
class RawTable:
    """A file (or one sheet of it) as text.

    Attributes:
        file: the name to show: ``sales.csv`` or ``book.xlsx, sheet 'Opps'``.
        sha256: of the file's bytes, in hexadecimal; of a warehouse's table, of the values that were read.
        header: one name a column, stripped; a blank one is named by its position (``Column 13``), a repeated
            one by its turn (``Amount (2)``).
        columns: one column of text each, all of one length, ``""`` where blank; stripped, and no-break spaces
            turned into spaces.
        rows: the row number of each record as Excel shows it. A record with line breaks in quotes is
            one row.
        broken: row number and reason of the records that have more fields than the header. They are not in
            ``columns``.
        header_row: the row number of the header.
        sheet: the sheet's name, where it is one of an input workbook.
        hidden_rows: how many rows of that sheet are hidden.
        letters: the letter of that sheet's column below each header.
        notes: remarks on the file, which was still read.
        above: the filled cells of each line above the header.
        from_1904: whether Excel's serial numbers in it count from 1904.
        unread: headers of columns that no question uses and that were not read, or only in rows that are blank in the
            others (:mod:`segxl.sources.warehouse.unread`).
        ranks: of a warehouse's table, by row number below the header: equal for rows whose order is unknown. None for
            a file, whose rows have an order.
        times: how often each row occurs (:mod:`segxl.tables.repeats`); None where each occurs once.
    """

    file: str
    sha256: str
    header: tuple[str, ...]
    columns: tuple[TextColumn, ...]
    rows: RowNumbers
    broken: tuple[tuple[int, str], ...] = ()
    header_row: int = 1
    sheet: str = ""
    hidden_rows: int = 0
    letters: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    above: tuple[tuple[str, ...], ...] = ()
    from_1904: bool = False
    unread: tuple[str, ...] = ()
    ranks: NDArray[np.int32] | None = None
    times: Times | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def count(self) -> int:
        """The number of records, each as often as it occurs."""
        return len(self) if self.times is None else int(self.times.sum())

    def apart(self, rows: NDArray[np.bool_] | None = None) -> RawTable:
        """The table with the rows of a mask one by one; None: with all."""
        if self.times is None:
            return self
        wanted = np.ones(len(self), dtype=bool) if rows is None else rows
        places, numbers, times = apart(self.rows, self.times, wanted)
        return replace(self, columns=tuple(one.take(places) for one in self.columns), rows=numbers, times=times)

    @property
    def header_place(self) -> str:
        """Where the header is, for messages: ``row 1 of the file``."""
        return f"row {self.header_row} of the file" if self.ranks is None else "the table"

    def column(self, name: str) -> Texts:
        """The cells under a header.

        Raises:
            SegxlError: there is none.
        """
        return self.texts(name).cells

    def texts(self, name: str) -> TextColumn:
        """The column under a header.

        Raises:
            SegxlError: there is none.
        """
        if name in self.header:
            return self.columns[self.header.index(name)]
        raise SegxlError(f"{self.file} has no column {name!r}{nearest(name, self.header)}")


def column_letters(at: int) -> str:
    """Excel's letters of the column at an index: 0 is A, 26 is AA."""
    letters, number = "", at + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


EXAMPLE = "example:"
"""The first word of a template's example rows."""


def is_example(first: Texts | TextColumn) -> NDArray[np.bool_]:
    """A mask of a template's example rows: their first cell begins with the word."""
    return TextColumn.of(first).which(lambda text: text.casefold().startswith(EXAMPLE))


SPACES = (
    " \t\n\r\v\f\u0085\u00a0\u2028\u2029\u202f\u205f\u3000"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Stripped characters: spaces of every width and line ends; also invisible marks, such as the direction marks that
Windows puts around a copied date."""
_PLAIN_SPACES = str.maketrans("\u00a0\u202f\u2007", "   ")
_ASCII_SPACES = " \t\n\r\v\f"


def _cleaned(text: str) -> str:
    return text.translate(_PLAIN_SPACES).strip(SPACES)


def clean_column(column: Texts) -> Texts:
    """The column stripped. Most columns need nothing, so one look at all of it comes first."""
    if not _needs_cleaning("\0".join(column)):
        return column
    return TextColumn.of(column).changed(_cleaned).cells


def clean_distinct(column: TextColumn) -> TextColumn:
    """The same by the distinct texts, where they are known."""
    return column.changed(_cleaned) if _needs_cleaning("\0".join(column.distinct)) else column


def _needs_cleaning(joined: str) -> bool:
    present = [space for space in (_ASCII_SPACES if joined.isascii() else SPACES) if space in joined]
    return (
        any(ord(space) in _PLAIN_SPACES for space in present)
        or joined.startswith(tuple(present))
        or joined.endswith(tuple(present))
        or any(f"\0{space}" in joined or f"{space}\0" in joined for space in present)
    )


def named_header(header: Iterable[str]) -> tuple[str, ...]:
    """Headers made usable: cleaned, none blank, none twice."""
    names: dict[str, None] = {}
    turns: dict[str, int] = {}
    for position, raw in enumerate(header, start=1):
        wanted = " ".join(_cleaned(raw).split()) or f"Column {position}"
        name = wanted
        while name in names:
            turns[wanted] = turns.get(wanted, 1) + 1
            name = f"{wanted} ({turns[wanted]})"
        names[name] = None
    return tuple(names)


def refuse_width(file: str, columns: int, *, delimited: bool = False) -> None:
    """Refuse more columns than an Excel sheet has: each costs time and is never intended."""
    if columns > _MOST_COLUMNS:
        said = f"{file} has more than {_MOST_COLUMNS:,} columns, Excel's limit: export fewer"
        raise UnsetError(f"{said}, or ", "delimiter", [("…", "")]) if delimited else SegxlError(said)


def _refuse_headless(file: str, row: int, cells: Sequence[str]) -> None:
    filled = [cell for cell in cells if cell]
    if not filled or all(VALUE.fullmatch(cell) for cell in filled):
        seen = ", ".join(filled[:4]) or "nothing"
        raise SegxlError(
            f"{file} has no header: row {row} should contain column names but contains {seen}; "
            "add a row of column names at the top"
        )


VALUE = re.compile(r"[-+($€£\s]*\d[-\d\s.,:/)%$€£]*(?:T[-+\d:.]*Z?)?")
"""A number, an amount, a date or a time: nothing that names a column."""


def table_of(
    file: str,
    data: bytes,
    header_row: int,
    header: Sequence[str],
    columns: Sequence[Texts | TextColumn],
    rows: RowNumbers,
    broken: Sequence[tuple[int, str]] = (),
    notes: Sequence[str] = (),
    above: Iterable[Iterable[str]] = (),
) -> RawTable:
    """A raw table of cleaned columns (see :func:`clean_column`); headers are made usable.

    Raises:
        SegxlError: the header row does not name any columns.
    """
    _refuse_headless(file, header_row, [_cleaned(cell) for cell in header])
    texts = tuple(map(TextColumn.of, columns))
    return RawTable(
        file,
        sha256_of(data),
        named_header(header),
        texts,
        rows,
        tuple(broken),
        header_row,
        notes=tuple(notes),
        above=tuple(filled for cells in above if (filled := tuple(text for cell in cells if (text := _cleaned(cell))))),
    )


def rows_below(header_row: int, count: int) -> RowRange:
    return RowRange.of(header_row + 1, count)


def header_among(sizes: Sequence[int]) -> int:
    """The header's row number, by the numbers of filled fields of the first records.

    It is the first row that is not blank. If that row has a single field and a later one has three or more, it is a
    title: reports often have some lines above their table. The same holds for a block of lines with two fields, a word
    and its value, if a blank line separates it from rows of three or more.
    """
    first = next((at for at, size in enumerate(sizes) if size), 0)
    if sizes[first] > 2:
        return first
    if sizes[first] == 1:
        return next((at for at, size in enumerate(sizes) if size >= 3), first)
    end = next((at for at, size in enumerate(sizes) if at > first and size != 2), first)
    below = next((at for at, size in enumerate(sizes) if at > end and size), first)
    table = sizes[below : below + 2]
    return below if not sizes[end] and len(table) == 2 and min(table) >= 3 else first


_MOST_COLUMNS = 16_384

LOOKAHEAD = 30
"""In how many records the header is looked for."""


def plain_name(path: Path) -> str:
    """A file's or a folder's name for messages and outputs: with ``?`` for characters that no encoding has."""
    return path.name.encode("utf-8", errors="replace").decode("utf-8")


def read_bytes(path: Path, *, noted: bool = True) -> bytes:
    """A file's bytes, for the cache to know; unless ``noted``, the caller names it, who hashes them anyway.

    Raises:
        SegxlError: the file is missing, empty or unreadable.
    """
    if path.is_dir():
        raise SegxlError(f"{path.name} is a folder, not a file: name a file in it")
    if path.exists() and not path.is_file():  # a pipe or a device would be waited for, or never end
        raise SegxlError(f"{path.name} is a pipe or a device, not a file: save its contents as a file")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        others = path.parent.iterdir() if path.parent.is_dir() else ()
        siblings = [other.name for other in others if other.suffix.casefold()[:4] == path.suffix.casefold()[:4]]
        raise SegxlError(f"no file {path.name!r}{nearest(path.name, siblings)}") from None
    except PermissionError:
        raise SegxlError(
            f"{path.name} cannot be opened: if it is open in Excel, close it; otherwise ask for read permission"
        ) from None
    except OSError as error:
        raise SegxlError(
            f"{path.name} cannot be read: {error.strerror or error}; check the disk, and try again"
        ) from None
    if not data:
        raise SegxlError(f"{path.name} is empty: export it again")
    if noted:
        note_file(path, data)
    return data


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
