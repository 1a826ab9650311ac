"""Parquet files, read by pyarrow where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from segxl.errors import SegxlError
from segxl.sources.files.arrow_codes import CodedDays, CodedTexts, KnownIds, NotCodableError, is_in_pages, parts_of
from segxl.sources.files.arrow_values import arrow_texts, is_text
from segxl.sources.files.raw import RawTable, named_header, refuse_width, rows_below
from segxl.tables.text_column import TextColumn

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

_SUSPICIOUS_CELLS = 20_000_000
_SUSPICIOUS_RATIO = 200
"""Cells a byte; values that distinguish rows take more than that."""


def read_parquet(file: str, path: Path, sha256: str, known: KnownIds) -> RawTable:
    """A Parquet file as columns of text.

    Args:
        file: its name in messages.
        path: where it is.
        sha256: that of its bytes.
        known: the ids of the files read before; those of this file are added.

    Raises:
        SegxlError: pyarrow is not installed, or the file is damaged or too large to be an export.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SegxlError(f'{file} needs pyarrow to be read: run pip install "segxl[parquet]"') from None
    try:
        with pyarrow.OSFile(str(path)) as source, _memory_of_the_system():
            opened = pyarrow.parquet.ParquetFile(source)
            _refuse_swollen(file, opened.metadata, path.stat().st_size)
            header, count = opened.schema_arrow.names, opened.metadata.num_rows
            columns = _columns(source, opened, known)
    except MemoryError:  # some of them are Arrow's, too
        raise
    except (pyarrow.ArrowException, OSError, OverflowError, UnicodeDecodeError) as error:
        raise SegxlError(f"{file} is damaged or incomplete ({error}): export it again") from None
    rows = rows_below(1, count)  # as if opened in Excel, below a header
    return RawTable(file, sha256, named_header(header), columns, rows)


@contextmanager
def _memory_of_the_system() -> Iterator[None]:
    """Let Arrow take its memory as all others do, for a while. Its own way hands back what one part of a file took, and
    has the system clear it for the next part: a tenth of the time of large files."""
    import pyarrow

    usual = pyarrow.default_memory_pool()
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    try:
        yield
    finally:
        pyarrow.set_memory_pool(usual)


def _columns(
    source: pyarrow.NativeFile, opened: pyarrow.parquet.ParquetFile, known: KnownIds
) -> tuple[TextColumn, ...]:
    """All columns: texts and days as codes, part by part; what is of another type, or no ids, from its values."""
    import pyarrow
    import pyarrow.parquet

    about, schema = opened.metadata, opened.schema_arrow
    flat = about.num_columns == len(schema)  # else some column is a struct or a list, and holds several
    texts = [at for at, field in enumerate(schema) if flat and is_text(field.type)]
    coded: dict[int, CodedTexts | CodedDays] = {
        at: CodedTexts(about.num_rows, schema.names[at].casefold(), known) for at in texts
    }
    coded |= {
        at: CodedDays(about.num_rows) for at, field in enumerate(schema) if flat and pyarrow.types.is_date32(field.type)
    }
    dictionaries = [schema.names[at] for at in texts if not is_in_pages(about, at)]
    file = pyarrow.parquet.ParquetFile(source, read_dictionary=dictionaries)
    others: dict[int, list[pyarrow.Array]] = {at: [] for at in range(len(schema)) if at not in coded}
    failed: set[int] = set()
    for part in parts_of(about):
        table = file.read_row_groups(part, use_threads=False)
        for at, column in enumerate(table.columns):
            if at in others:
                others[at] += column.chunks
                continue
            try:
                for chunk in column.chunks if at not in failed else ():
                    coded[at].add(chunk)
            except NotCodableError:
                failed.add(at)
    columns: list[TextColumn] = []
    for at, field in enumerate(schema):
        if at in coded and at not in failed:
            try:
                columns.append(coded.pop(at).column())
                continue
            except NotCodableError:
                failed.add(at)
        chunks = others.pop(at, None)
        if chunks is None:
            of_text = [schema.names[at]] if is_text(field.type) else []
            again = pyarrow.parquet.ParquetFile(source, read_dictionary=of_text)
            columns.append(arrow_texts(again.read().column(at)))
        else:
            columns.append(arrow_texts(pyarrow.chunked_array(chunks, field.type)))
    return tuple(columns)


def _refuse_swollen(file: str, about: pyarrow.parquet.FileMetaData, size: int) -> None:
    """Refuse a file that is made to fill the memory: repeated rows take almost no bytes."""
    refuse_width(file, about.num_columns)
    cells = about.num_rows * about.num_columns
    if cells > _SUSPICIOUS_CELLS and cells > _SUSPICIOUS_RATIO * size:
        raise SegxlError(
            f"{file} unpacks from {size:,} bytes to {about.num_rows:,} rows, too many for an export: save the part you "
            "need as .csv"
        )
