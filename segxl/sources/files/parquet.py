"""Parquet files, read by pyarrow where it is installed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError
from segxl.sources.files.raw import (
    RawTable,
    clean_column,
    clean_distinct,
    named_header,
    refuse_width,
    rows_below,
    sha256_of,
)
from segxl.sources.files.sheets import cell_text
from segxl.tables.text_column import TextColumn

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

_SUSPICIOUS_CELLS = 20_000_000
_SUSPICIOUS_RATIO = 200
"""Cells a byte; values that distinguish rows take more than that."""


def read_parquet(file: str, data: bytes) -> RawTable:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SegxlError(f'{file} needs pyarrow to be read: run pip install "segxl[parquet]"') from None
    try:
        opened = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data))
        _refuse_swollen(file, opened.metadata, len(data))
        coded = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data), read_dictionary=_texts_of(opened.schema_arrow))
        table = coded.read()
        columns = tuple(arrow_texts(column) for column in table.columns)
    except MemoryError:  # some of them are Arrow's, too
        raise
    except (pyarrow.ArrowException, OSError, OverflowError, UnicodeDecodeError) as error:
        raise SegxlError(f"{file} is damaged or incomplete ({error}): export it again") from None
    rows = rows_below(1, table.num_rows)  # as if opened in Excel, below a header
    return RawTable(file, sha256_of(data), named_header(table.column_names), columns, rows)


def _texts_of(schema: pyarrow.Schema) -> list[str]:
    """The text columns: Arrow gives them as codes, and most are codes in the file already."""
    import pyarrow

    return [one.name for one in schema if pyarrow.types.is_string(one.type) or pyarrow.types.is_large_string(one.type)]


def _refuse_swollen(file: str, about: pyarrow.parquet.FileMetaData, size: int) -> None:
    """Refuse a file that is made to fill the memory: repeated rows take almost no bytes."""
    refuse_width(file, about.num_columns)
    cells = about.num_rows * about.num_columns
    if cells > _SUSPICIOUS_CELLS and cells > _SUSPICIOUS_RATIO * size:
        raise SegxlError(
            f"{file} unpacks from {size:,} bytes to {about.num_rows:,} rows, too many for an export: save the part you "
            "need as .csv"
        )


def arrow_texts(column: pyarrow.ChunkedArray) -> TextColumn:
    """A column as cleaned text; each distinct value is written once."""
    import pyarrow

    if pyarrow.types.is_date32(column.type) and (days := _days(column)) is not None:
        return days
    if pyarrow.types.is_float32(column.type):  # else 0.1 would become 0.10000000149011612
        column = column.cast(pyarrow.string())
    try:
        if pyarrow.types.is_dictionary(column.type):  # each piece may have a dictionary of its own
            encoded = column.unify_dictionaries()
        else:  # the pieces share one; to unify them would compare it with itself, piece by piece
            encoded = column.dictionary_encode()
    except (pyarrow.ArrowNotImplementedError, pyarrow.ArrowInvalid):  # lists and structs
        cells = np.array([cell_text(value) for value in _values(column)], dtype=object)
        return clean_distinct(TextColumn.of(cells))
    if not encoded.num_chunks:  # no row
        return TextColumn.filled("", 0)
    distinct = _values(encoded.chunk(0).dictionary)
    kind = encoded.type.value_type
    of_text = pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)
    if not of_text or None in distinct:
        distinct = [_text(value) for value in distinct]
        if pyarrow.types.is_timestamp(kind):
            distinct = _with_midnights(distinct)
    codes = [_numbers(chunk.indices, blank=len(distinct)) for chunk in encoded.chunks]
    return TextColumn.coded(np.concatenate(codes), clean_column(np.array([*distinct, ""], dtype=object)))


def _days(column: pyarrow.ChunkedArray) -> TextColumn | None:
    """A column of dates as text, by the days from its first to its last; None where those are too many."""
    if column.null_count == len(column):
        return TextColumn.filled("", len(column))
    days = np.concatenate([_numbers(chunk, blank=_NO_DAY) for chunk in column.chunks])
    known = days[days != _NO_DAY] if column.null_count else days
    first, last = int(known.min()), int(known.max())
    if not _FIRST_DAY <= first <= last <= _LAST_DAY or last - first > max(len(days), _MANY_DAYS):
        return None
    texts = [(_EPOCH + dt.timedelta(day)).isoformat() for day in range(first, last + 1)]
    codes = np.where(days == _NO_DAY, len(texts), days - first) if column.null_count else days - first
    return TextColumn.coded(codes, np.array([*texts, ""], dtype=object), once=True)


_EPOCH = dt.date(1970, 1, 1)
_FIRST_DAY, _LAST_DAY = ((day - _EPOCH).days for day in (dt.date.min, dt.date.max))
_NO_DAY = int(np.iinfo(np.int32).min)
_MANY_DAYS = 10_000


def _numbers(array: pyarrow.Array, blank: int) -> NDArray[np.int32]:
    """An array of integers or days as numbers, ``blank`` where it has none. Arrow's own way would import pandas."""
    kind = np.dtype("int32" if str(array.type).startswith("date32") else str(array.type))
    filled, data = array.buffers()
    if not len(array) or data is None:
        return np.full(len(array), blank, dtype=np.int32)
    numbers = np.frombuffer(data, kind, len(array), array.offset * kind.itemsize).astype(np.int32, copy=False)
    if not array.null_count:
        return numbers
    bits = np.unpackbits(np.frombuffer(filled, np.uint8), count=array.offset + len(array), bitorder="little")
    return np.where(bits[array.offset :], numbers, np.int32(blank))


def _values(array: pyarrow.Array | pyarrow.ChunkedArray) -> list[Any]:
    """Python's own values, and texts for what Python has none for."""
    try:
        values: list[Any] = array.to_pylist()
    except (OverflowError, ValueError):
        values = [_value(scalar) for scalar in array]
    return values


def _value(scalar: pyarrow.Scalar) -> Any:
    import pyarrow

    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        if not isinstance(scalar, pyarrow.BinaryScalar):
            raise
        return cell_text(scalar.as_buffer().to_pybytes())  # the format does not check that a text's bytes are UTF-8
    except (OverflowError, ValueError):  # "infinity" in a database is a day after the year 9999
        return scalar.cast(pyarrow.string()).as_py()


def _with_midnights(moments: list[str]) -> list[str]:
    """Moments as texts, each with its time if any has one: in a column with 14:30, a midnight is a time too."""
    if not any(":" in moment for moment in moments):
        return moments
    return [f"{moment} 00:00:00" if moment and ":" not in moment else moment for moment in moments]


def _text(value: Any) -> str:
    """A value as text. Times are exact here, parts of a second included: 23:59:59.999999 is still today."""
    if not isinstance(value, dt.datetime):
        return cell_text(value)
    part = f"{value.microsecond:06}{getattr(value, 'nanosecond', 0):03}"
    whole = value.replace(microsecond=0)
    if not part.strip("0"):
        return cell_text(whole)
    text = whole.isoformat(sep=" ", timespec="seconds")
    while part.endswith("000"):
        part = part[:-3]
    return f"{text[:_SECONDS]}.{part}{text[_SECONDS:]}"


_SECONDS = len("2026-03-05 14:30:00")
