"""What Arrow's arrays hold, as numpy's arrays, Python's values and texts of segxl."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segxl.sources.files.raw import clean_column
from segxl.sources.files.sheets import cell_text, written_plainly
from segxl.tables.text_column import NO_MONEY, TextColumn

if TYPE_CHECKING:
    import pyarrow

NO_DAY = int(np.iinfo(np.int32).min)
"""Where a column of days has none."""


def numbers(array: pyarrow.Array, blank: int) -> NDArray[np.int32]:
    """An array of integers or days as numbers, ``blank`` where it has none. Arrow's own way would import pandas."""
    kind = np.dtype("int32" if str(array.type).startswith("date32") else str(array.type))
    if not len(array) or array.buffers()[1] is None:
        return np.full(len(array), blank, dtype=np.int32)
    found = _data(array, kind).astype(np.int32, copy=False)
    return np.where(_nulls(array), np.int32(blank), found) if array.null_count else found


def _data(array: pyarrow.Array, kind: np.dtype[Any]) -> NDArray[Any]:
    """The values of an array of numbers or days, anything where it has none."""
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * kind.itemsize)


def _nulls(array: pyarrow.Array) -> NDArray[np.bool_]:
    """A mask of the places without a value."""
    if not array.null_count:
        return np.zeros(len(array), dtype=bool)
    bits = np.unpackbits(
        np.frombuffer(array.buffers()[0], np.uint8), count=array.offset + len(array), bitorder="little"
    )
    return np.asarray(bits[array.offset :] == 0)


def offsets_of(texts: pyarrow.Array) -> tuple[NDArray[np.signedinteger[Any]], NDArray[np.uint8]]:
    """Where each text of an array begins and the last one ends, shape (n + 1,), and the bytes that hold them."""
    import pyarrow

    _, offsets, data = texts.buffers()
    kind = np.dtype(np.int64 if pyarrow.types.is_large_string(texts.type) else np.int32)
    if not len(texts) or offsets is None:
        return np.zeros(1, dtype=kind), np.empty(0, dtype=np.uint8)
    found = np.frombuffer(offsets, kind, len(texts) + 1, texts.offset * kind.itemsize)
    return found, np.frombuffer(data, np.uint8) if data is not None else np.empty(0, dtype=np.uint8)


def is_text(kind: pyarrow.DataType) -> bool:
    """Whether a type is text."""
    import pyarrow

    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def arrow_texts(column: pyarrow.ChunkedArray) -> TextColumn:
    """A column of any type as cleaned text; each distinct value is written once."""
    import pyarrow

    if pyarrow.types.is_float64(column.type) and (cents := _cents(column.chunks)) is not None:
        return TextColumn.of_cents(cents)
    if pyarrow.types.is_float32(column.type):  # else 0.1 would become 0.10000000149011612
        column = column.cast(pyarrow.string())
    try:
        if pyarrow.types.is_dictionary(column.type):  # each piece may have a dictionary of its own
            encoded = column.unify_dictionaries()
        else:  # the pieces share one; to unify them would compare it with itself, piece by piece
            encoded = column.dictionary_encode()
    except (pyarrow.ArrowNotImplementedError, pyarrow.ArrowInvalid):  # lists and structs
        cells = np.array([cell_text(value) for value in values_of(column)], dtype=object)
        return TextColumn.of(clean_column(cells))
    if not encoded.num_chunks:  # no row
        return TextColumn.filled("", 0)
    kind = encoded.type.value_type
    distinct = values_of(encoded.chunk(0).dictionary)
    if not is_text(kind) or None in distinct:
        distinct = _float_texts(distinct) if pyarrow.types.is_float64(kind) else [_text(value) for value in distinct]
        if pyarrow.types.is_timestamp(kind):
            distinct = _with_midnights(distinct)
    codes = [numbers(chunk.indices, blank=len(distinct)) for chunk in encoded.chunks]
    return TextColumn.coded(np.concatenate(codes), clean_column(np.array([*distinct, ""], dtype=object)))


def _cents(chunks: list[pyarrow.Array]) -> NDArray[np.int64] | None:
    """A hundred times each number, :data:`NO_MONEY` where blank; None where some number has more than two decimals, or
    is huge.

    A float with at most fifteen digits is written by these digits and no others: cents that give the same float when
    divided are what its text says.
    """
    parts = []
    for chunk in chunks:
        filled = ~_nulls(chunk)
        floats = _data(chunk, np.dtype(np.float64))[filled] if len(chunk) else np.empty(0)
        if not written_plainly(floats):
            return None
        rounded = np.rint(floats * 100)
        if not ((np.abs(rounded) < _MOST_CENTS) & (rounded / 100 == floats)).all():
            return None
        part = np.full(len(chunk), NO_MONEY, dtype=np.int64)
        part[filled] = rounded
        parts.append(part)
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


_MOST_CENTS = 10**15


def _float_texts(values: list[float | None]) -> list[str]:
    """The texts of :func:`~segxl.sources.files.sheets.cell_text`; as Python writes them, unless some are unusual."""
    if None in values or not written_plainly(np.array(values, dtype=np.float64)):
        return [cell_text(value) for value in values]
    written = "\n".join([*map(repr, values), ""])  # as one text: five times as fast as one by one
    return written.replace(".0\n", "\n").split("\n")[:-1]


def values_of(array: pyarrow.Array | pyarrow.ChunkedArray) -> list[Any]:
    """Python's own values, and texts for what Python has none for."""
    try:
        values: list[Any] = array.to_pylist()
    except _UNREADABLE:
        values = [_value(scalar) for scalar in array]
    return values


_UNREADABLE = (OverflowError, ValueError, LookupError)
"""What Arrow raises for a value that Python has none for; the last one for a time zone, where pytz is installed."""


def _value(scalar: pyarrow.Scalar) -> Any:
    import pyarrow

    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        if not isinstance(scalar, pyarrow.BinaryScalar):
            raise
        return cell_text(scalar.as_buffer().to_pybytes())  # the format does not check that a text's bytes are UTF-8
    except _UNREADABLE:  # "infinity" in a database is a day after the year 9999
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
