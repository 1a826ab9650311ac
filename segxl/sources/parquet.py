"""Parquet files, read by pyarrow where it is installed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from segxl.errors import SegxlError
from segxl.sources.raw import RawTable, clean_distinct, named_header, rows_below, sha256_of
from segxl.sources.sheets import cell_text
from segxl.texts import TextColumn

if TYPE_CHECKING:
    import pyarrow


def read_parquet(file: str, data: bytes) -> RawTable:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SegxlError(f'{file} needs pyarrow to be read: run pip install "segxl[parquet]"') from None
    try:
        table = pyarrow.parquet.read_table(pyarrow.BufferReader(data))
    except (pyarrow.ArrowException, OSError) as error:
        raise SegxlError(f"{file} is damaged or incomplete ({error}): export it again") from None
    columns = tuple(arrow_texts(column) for column in table.columns)
    rows = rows_below(1, table.num_rows)  # as if opened in Excel, below a header
    return RawTable(file, sha256_of(data), named_header(table.column_names), columns, rows)


def arrow_texts(column: pyarrow.ChunkedArray) -> TextColumn:
    """A column as cleaned text; each distinct value is written once."""
    import pyarrow

    if pyarrow.types.is_float32(column.type):  # else 0.1 would become 0.10000000149011612
        column = column.cast(pyarrow.string())
    try:
        encoded = column.dictionary_encode().unify_dictionaries()
    except (pyarrow.ArrowNotImplementedError, pyarrow.ArrowInvalid):  # lists and structs
        cells = np.array([cell_text(value) for value in column.to_pylist()], dtype=object)
        return clean_distinct(TextColumn.of(cells))
    if not encoded.num_chunks:
        return TextColumn.filled("", 0)
    distinct = [cell_text(_whole_second(value)) for value in encoded.chunk(0).dictionary.to_pylist()]
    codes = [chunk.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    return clean_distinct(TextColumn.coded(np.concatenate(codes), np.array([*distinct, ""], dtype=object)))


def _whole_second(value: Any) -> Any:
    """Times are exact here, and 23:59:59.999999 is still today."""
    return value.replace(microsecond=0) if isinstance(value, dt.datetime) else value
