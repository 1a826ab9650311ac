"""Parquet files, read by pyarrow where it is installed.

Columns that are not in use are not read before something asks for them, as no question of most files does. Only their
words are looked at, as one may say that its row is a total: a text that ends as IDs and numbers do is none, and is
never made a text of Python. An ID and an address for each of 5,000,000 activities cost 1.3 CPU seconds in place of 9.5,
and no memory in place of 0.8 GB.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segxl.errors import SegxlError
from segxl.sources.files.arrow_codes import CodedDays, CodedTexts, KnownIds, NotCodableError, is_in_pages, parts_of
from segxl.sources.files.arrow_values import arrow_texts, is_text
from segxl.sources.files.raw import RawTable, clean_column, named_header, refuse_width, rows_below
from segxl.tables.text_column import TextColumn, Texts

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

_SUSPICIOUS_CELLS = 20_000_000
_SUSPICIOUS_RATIO = 200
"""Cells a byte; values that distinguish rows take more than that."""


Unused = Callable[[Sequence[str]], Collection[str]]
"""Which of a header's columns are not in use."""


def read_parquet(file: str, path: Path, sha256: str, known: KnownIds, unused: Unused = lambda header: ()) -> RawTable:
    """A Parquet file as columns of text.

    Args:
        file: its name in messages.
        path: where it is.
        sha256: that of its bytes.
        known: the ids of the files read before; those of this file are added.
        unused: which columns are read only when something asks for them.

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
            header, count = named_header(opened.schema_arrow.names), opened.metadata.num_rows
            aside = set(unused(header)) if _is_flat(opened) else set[str]()
            looked_at = [(at, _words(opened, source, at)) for at, name in enumerate(header) if name in aside]
            words = {at: found for at, found in looked_at if found is not None}
            now = [at for at in range(len(header)) if at not in words]
            columns = dict(zip(now, _columns(source, opened, known, now), strict=True))
    except MemoryError:  # some of them are Arrow's, too
        raise
    except (pyarrow.ArrowException, OSError, OverflowError, UnicodeDecodeError) as error:
        raise SegxlError(f"{file} is damaged or incomplete ({error}): export it again") from None
    later = _Later(file, path)
    columns |= {at: TextColumn.later(count, later.column(at), found) for at, found in words.items()}
    rows = rows_below(1, count)  # as if opened in Excel, below a header
    return RawTable(file, sha256, header, tuple(columns[at] for at in range(len(header))), rows)


class _Later:
    """Columns of a file that are read when something asks for them; the file must be as it was."""

    def __init__(self, file: str, path: Path) -> None:
        self._file, self._path, self._state = file, path, _state(path)

    def column(self, at: int) -> Callable[[], TextColumn]:
        """What reads a column."""

        def read() -> TextColumn:
            import pyarrow
            import pyarrow.parquet

            try:
                if _state(self._path) != self._state:
                    raise SegxlError(f"{self._file} changed while it was read: run the command again")
                with pyarrow.OSFile(str(self._path)) as source, _memory_of_the_system():
                    return _columns(source, pyarrow.parquet.ParquetFile(source), {}, [at])[0]
            except (pyarrow.ArrowException, OSError, OverflowError, UnicodeDecodeError) as error:
                raise SegxlError(f"{self._file} is damaged or incomplete ({error}): export it again") from None

        return read


def _state(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns


_PLAIN = r"^(?:|[0-9]|[0-9].*[0-9]|[^ \x{a0}\x{2007}\x{202f}]*[0-9])$"
"""Texts that are blank, or end as IDs, numbers and dates do (see :meth:`TextColumn.later`), as RE2 writes it."""


def _words(opened: pyarrow.parquet.ParquetFile, source: pyarrow.NativeFile, at: int) -> Texts | None:
    """The words of a column (see :meth:`TextColumn.later`); None where only reading it shows them."""
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet

    types, about, field, found = pyarrow.types, opened.metadata, opened.schema_arrow.field(at), set[str | None]()
    without = (types.is_integer, types.is_decimal, types.is_date, types.is_timestamp)
    if types.is_floating(field.type):
        found = {"inf", "-inf"}
    elif types.is_boolean(field.type):
        found = {"TRUE", "FALSE"}
    elif is_text(field.type):
        dictionaries = [] if is_in_pages(about, at) else [field.name]
        file = pyarrow.parquet.ParquetFile(source, read_dictionary=dictionaries)
        for part in parts_of(about):
            for chunk in file.read_row_groups(part, columns=[field.name], use_threads=False).column(0).chunks:
                texts = chunk.dictionary if types.is_dictionary(chunk.type) else chunk
                plain = pyarrow.compute.match_substring_regex(texts, _PLAIN)
                others = texts.filter(pyarrow.compute.invert(plain))
                found.update(pyarrow.compute.unique(others).to_pylist())
                if len(found) > _MOST_WORDS:
                    return None
    elif not any(of_kind(field.type) for of_kind in without):
        return None
    return clean_column(np.array(sorted(text for text in found if text), dtype=object))


_MOST_WORDS = 100_000
"""Different words of a column from which on it is read at once, as they are most of it."""


def _is_flat(opened: pyarrow.parquet.ParquetFile) -> bool:
    """Whether each column holds one value a row, and is found by its name."""
    names = opened.schema_arrow.names
    return opened.metadata.num_columns == len(names) == len(set(names)) and not any("." in name for name in names)


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
    source: pyarrow.NativeFile, opened: pyarrow.parquet.ParquetFile, known: KnownIds, wanted: Sequence[int]
) -> list[TextColumn]:
    """Some columns: texts and days as codes, part by part; what is of another type, or no ids, from its values."""
    import pyarrow
    import pyarrow.parquet

    about, schema = opened.metadata, opened.schema_arrow
    flat = about.num_columns == len(schema)  # else some column is a struct or a list, and holds several
    some = None if len(wanted) == len(schema) else [schema.names[at] for at in wanted]
    texts = [at for at in wanted if flat and is_text(schema.field(at).type)]
    coded: dict[int, CodedTexts | CodedDays] = {
        at: CodedTexts(about.num_rows, schema.names[at].casefold(), known) for at in texts
    }
    coded |= {at: CodedDays(about.num_rows) for at in wanted if flat and pyarrow.types.is_date32(schema.field(at).type)}
    dictionaries = [schema.names[at] for at in texts if not is_in_pages(about, at)]
    file = pyarrow.parquet.ParquetFile(source, read_dictionary=dictionaries)
    others: dict[int, list[pyarrow.Array]] = {at: [] for at in wanted if at not in coded}
    failed: set[int] = set()
    for part in parts_of(about):
        table = file.read_row_groups(part, columns=some, use_threads=False)
        for at in wanted:
            column = table.column(at if some is None else schema.names[at])
            if at in others:
                others[at] += column.chunks
                continue
            try:
                for chunk in column.chunks if at not in failed else ():
                    coded[at].add(chunk)
            except NotCodableError:
                failed.add(at)
    columns: list[TextColumn] = []
    for at in wanted:
        field = schema.field(at)
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
            columns.append(arrow_texts(again.read(columns=some).column(at if some is None else schema.names[at])))
        else:
            columns.append(arrow_texts(pyarrow.chunked_array(chunks, field.type)))
    return columns


def _refuse_swollen(file: str, about: pyarrow.parquet.FileMetaData, size: int) -> None:
    """Refuse a file that is made to fill the memory: repeated rows take almost no bytes."""
    refuse_width(file, about.num_columns)
    cells = about.num_rows * about.num_columns
    if cells > _SUSPICIOUS_CELLS and cells > _SUSPICIOUS_RATIO * size:
        raise SegxlError(
            f"{file} unpacks from {size:,} bytes to {about.num_rows:,} rows, too many for an export: save the part you "
            "need as .csv"
        )
