"""Columns of Parquet and CSV as codes, part by part: no row becomes a Python object.

Measured on 5,000,000 activities of 100,000 accounts (five columns, CPU seconds, imports included): Arrow's own reader
with the codes of :mod:`segxl.tables.id_codes` 0.5, polars 0.8 to 1.0, DuckDB 1.0 to 1.1; on 50,000,000 of a million
accounts 6, polars 12. So large files need no library besides pyarrow, which reads every Parquet file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from segxl.sources.files.arrow_values import NO_DAY, numbers, offsets_of, values_of
from segxl.sources.files.raw import clean_column
from segxl.tables.codes import gathered
from segxl.tables.id_codes import IdCodes, fixed_width
from segxl.tables.text_column import TextColumn

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

_ROWS_AT_ONCE = 1_000_000
_BYTES_OF_A_CODE = 4
"""Bytes a row from which on a column has more texts than a dictionary holds: they are in its pages, row by row."""
_MANY_TEXTS = 1_000
"""Texts of a part from which on they may be ids."""
_Code = TypeVar("_Code", bound=np.integer[Any])
_FEW_ROWS = 200_000
"""Rows of a column up to which a dictionary of Python costs less than the import of Arrow's. A large CSV file comes in
parts of fewer rows, where Arrow's takes a tenth of the time."""
_IDS_AT_ONCE = 1 << 17
"""Ids that the processor's cache holds with what is worked out for them."""


class NotCodableError(Exception):
    """A column cannot be read as codes; the reader of values reads it."""


def parts_of(about: pyarrow.parquet.FileMetaData) -> Iterator[list[int]]:
    """The row groups of a file, as many at a time as hold about a million rows."""
    found, rows = list[int](), 0
    for group in range(about.num_row_groups):
        found.append(group)
        rows += about.row_group(group).num_rows
        if rows >= _ROWS_AT_ONCE:
            yield found
            found, rows = [], 0
    if found:
        yield found


def is_in_pages(about: pyarrow.parquet.FileMetaData, at: int) -> bool:
    """Whether a column's texts are in its pages, and not codes of a dictionary."""
    size = sum(about.row_group(group).column(at).total_uncompressed_size for group in range(about.num_row_groups))
    return bool(size > _BYTES_OF_A_CODE * about.num_rows)


class CodedTexts:
    """A column of text, part by part: the codes of its rows among the texts that it has so far.

    ``rows`` is how many there will be; more of them take a copy.
    """

    def __init__(self, rows: int, header: str, known: KnownIds) -> None:
        self._codes: NDArray[np.integer[Any]] = np.empty(rows, dtype=np.uint8)
        self._done, self._is_short = 0, rows <= _FEW_ROWS
        self._texts: dict[str, int] = {}
        self._header, self._known = header, known
        self._ids: Ids | None = None
        self._is_first = True
        self._some_blank = False

    def add(self, chunk: pyarrow.Array) -> None:
        """Add a part: its texts, or codes of a dictionary.

        Raises:
            NotCodableError: it began as a column of ids, and these are of another length.
        """
        import pyarrow

        if not self._done:
            width = width_of_ids(chunk.dictionary if pyarrow.types.is_dictionary(chunk.type) else chunk)
            if width:
                self._ids = self._known.setdefault((self._header, width), Ids(width))
                self._is_first = not len(self._ids)
        if self._ids is not None and not pyarrow.types.is_dictionary(chunk.type):
            codes = self._ids.codes(chunk)
            self._room(len(codes), len(self._ids))[:] = codes
            self._some_blank |= bool((codes < 0).any())
            return
        if not pyarrow.types.is_dictionary(chunk.type) and self._is_short:
            codes = self._places(["" if text is None else text for text in values_of(chunk)])
            self._room(len(codes), len(self._texts))[:] = codes
            return
        encoded = chunk if pyarrow.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        if self._ids is not None:
            known, size = self._ids.codes(encoded.dictionary), len(self._ids)
        else:
            known = self._places(["" if text is None else text for text in values_of(encoded.dictionary)])
            size = len(self._texts)
        blank = len(known)
        if encoded.indices.null_count:
            place = BLANK if self._ids is not None else self._place("")
            known, size = np.append(known, np.int32(place)), max(size, len(self._texts))
        room = self._room(len(encoded), size)
        gathered(known.astype(room.dtype), numbers(encoded.indices, blank), into=room)
        self._some_blank |= self._ids is not None and bool((known < 0).any())

    def column(self) -> TextColumn:
        """The column once all parts are there, its texts cleaned."""
        self._codes = self._codes[: self._done]
        if self._ids is None:
            texts = np.empty(len(self._texts), dtype=object)
            texts[:] = list(self._texts)
            cleaned = clean_column(texts)
            return TextColumn.coded(self._codes, cleaned, once=cleaned is texts)
        texts, clean = self._ids.texts()
        if self._some_blank:
            self._codes[self._codes == BLANK] = len(texts) - 1
        else:
            texts = texts[:-1]  # in the same memory: columns with a blank and without are compared by their codes
        if clean and self._is_first and not self._some_blank:
            return TextColumn.in_order(self._codes, texts)
        return TextColumn.coded(self._codes, texts, once=clean)

    def _places(self, texts: list[str]) -> NDArray[np.int32]:
        if not self._texts:
            self._texts = dict(zip(texts, range(len(texts)), strict=True))
            if len(self._texts) == len(texts):
                return np.arange(len(texts), dtype=np.int32)
            self._texts = {}
        return np.fromiter(map(self._place, texts), np.int32, len(texts))

    def _place(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _room(self, rows: int, size: int) -> NDArray[np.integer[Any]]:
        """Where the codes of the next rows go; there are ``size`` texts."""
        least = np.int32 if self._ids is not None or size > 1 << 16 else np.uint16 if size > 1 << 8 else np.uint8
        if np.dtype(least).itemsize > self._codes.itemsize:
            self._codes = self._codes.astype(least)
        self._codes = _with_room(self._codes, self._done + rows)
        self._done += rows
        return self._codes[self._done - rows : self._done]


def _with_room(codes: NDArray[_Code], rows: int) -> NDArray[_Code]:
    """The array, or a longer copy that has room for so many rows."""
    return codes if rows <= len(codes) else np.append(codes, np.empty(max(rows - len(codes), len(codes)), codes.dtype))


BLANK = -1
"""The code of a blank id."""


def width_of_ids(texts: pyarrow.Array) -> int:
    """The length of the ids that a column begins with; 0 where its texts are few, or of several lengths."""
    if len(texts) < _MANY_TEXTS:
        return 0
    sizes = np.diff(offsets_of(texts)[0])
    return fixed_width(sizes) or fixed_width(sizes[sizes > 0])


class Ids:
    """Ids of one length in the order in which they were seen first. Columns of one name share them: what was found out
    about the texts of one holds for the other."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._known = IdCodes(width)
        self._bytes: list[NDArray[np.uint8]] = []
        self._texts: NDArray[np.object_] = np.array([""], dtype=object)
        self._clean = True

    def __len__(self) -> int:
        return len(self._known)

    def codes(self, chunk: pyarrow.Array) -> NDArray[np.int32]:
        """The code of each text; :data:`BLANK` where it is blank. What is new is known from then on."""
        offsets, data = offsets_of(chunk)
        sizes, filled = np.diff(offsets), None
        if (sizes != self._width).any():
            filled = sizes > 0
            if (sizes[filled] != self._width).any():
                raise NotCodableError
        data = data[offsets[0] : offsets[-1]]
        words = self._known.words(data)
        found = np.empty(len(words), dtype=np.int32)
        start, size = 0, _IDS_AT_ONCE if len(self) else _MANY_TEXTS
        while start < len(words):  # new ids are sorted, so there are few at first
            piece = slice(start, start + size)
            found[piece] = self._known.codes(words[piece])
            if len(rows := start + np.flatnonzero(found[piece] < 0)):
                new = rows[_first_of_each(words[rows])]
                self._known.add(words[new])
                self._bytes.append(data.reshape(-1, self._width)[new])
                found[rows] = self._known.codes(words[rows])
            start, size = start + size, min(4 * size, _IDS_AT_ONCE)
        if filled is None:
            return found
        codes = np.full(len(filled), BLANK, dtype=np.int32)
        codes[filled] = found
        return codes

    def texts(self) -> tuple[NDArray[np.object_], bool]:
        """The ids, cleaned, and a blank behind them, the same array until there are more; and whether they needed no
        cleaning.

        Raises:
            NotCodableError: one of them is not UTF-8.
        """
        if self._bytes:
            joined, self._bytes = np.concatenate(self._bytes), []
            try:
                whole = joined.tobytes().decode("utf-8")
                if len(whole) == joined.size:  # ASCII: a letter a byte
                    cut = [whole[at : at + self._width] for at in range(0, len(whole), self._width)]
                else:
                    cut = [row.tobytes().decode("utf-8") for row in joined]
            except UnicodeDecodeError:
                self._bytes = [joined]
                raise NotCodableError from None
            new = np.empty(len(cut), dtype=object)
            new[:] = cut
            cleaned = clean_column(new)
            self._clean &= cleaned is new
            self._texts = np.concatenate([self._texts[:-1], cleaned, self._texts[-1:]])
        return self._texts, self._clean


KnownIds = dict[tuple[str, int], Ids]
"""The ids of the columns read so far, by header and length."""


def _first_of_each(words: NDArray[np.uint64]) -> NDArray[np.intp]:
    """The first row of each different id, in the order of the rows."""
    keys = words[:, 0] if words.shape[1] == 1 else words.view([("", np.uint64)] * words.shape[1]).reshape(-1)
    return np.sort(np.unique(keys, return_index=True)[1])


class CodedDays:
    """A column of days, part by part; ``rows`` as of :class:`CodedTexts`."""

    def __init__(self, rows: int) -> None:
        self._days: NDArray[np.integer[Any]] = np.empty(rows, dtype=np.int16)
        self._done = 0
        self._blank: list[NDArray[np.intp]] = []
        self._span: tuple[int, int] | None = None

    def add(self, chunk: pyarrow.Array) -> None:
        """Add a part."""
        days = numbers(chunk, NO_DAY)
        known = days
        if chunk.null_count:
            blank = days == NO_DAY
            self._blank.append(self._done + np.flatnonzero(blank))
            known = days[~blank]
        if len(known):
            first, last = int(known.min()), int(known.max())
            if self._span is not None:
                first, last = min(first, self._span[0]), max(last, self._span[1])
            self._span = first, last
            if not (_SHORT.min <= first <= last <= _SHORT.max) and self._days.dtype == np.int16:
                self._days = self._days.astype(np.int32)
        self._days = _with_room(self._days, self._done + len(days))
        self._days[self._done : self._done + len(days)] = days if known is days else np.where(blank, 0, days)
        self._done += len(days)

    def column(self) -> TextColumn:
        """The column as texts, by the days from its first to its last.

        Raises:
            NotCodableError: those are too many, or no days that Python has.
        """
        rows = self._done
        if self._span is None:
            return TextColumn.filled("", rows)
        first, last = self._span
        if not _FIRST_DAY <= first <= last <= _LAST_DAY or last - first > max(rows, _MANY_DAYS):
            raise NotCodableError
        texts = [(_EPOCH + dt.timedelta(day)).isoformat() for day in range(first, last + 1)]
        codes: NDArray[np.integer[Any]]
        if self._days.dtype == np.int16:  # the difference of any two is a uint16
            codes = self._days[:rows].view(np.uint16)
            codes -= np.uint16(first & 0xFFFF)
        else:
            codes = self._days[:rows]
            codes -= first
        if self._blank:
            if len(texts) > np.iinfo(codes.dtype).max:
                codes = codes.astype(np.int32)
            for rows_of_part in self._blank:
                codes[rows_of_part] = len(texts)
            texts.append("")
        return TextColumn.coded(codes, np.array(texts, dtype=object), once=True)

    def values(self) -> pyarrow.Array:
        """The same as Arrow's days, for days that are not a column of a table."""
        import pyarrow

        blank = np.zeros(self._done, dtype=bool)
        for rows_of_part in self._blank:
            blank[rows_of_part] = True
        return pyarrow.array(self._days[: self._done].astype(np.int32), mask=blank).cast(pyarrow.date32())


_SHORT = np.iinfo(np.int16)
_EPOCH = dt.date(1970, 1, 1)
_FIRST_DAY, _LAST_DAY = ((day - _EPOCH).days for day in (dt.date.min, dt.date.max))
_MANY_DAYS = 10_000
