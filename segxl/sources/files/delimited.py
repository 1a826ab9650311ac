"""CSV and other delimited text files: encoding, delimiter, header and records."""

from __future__ import annotations

import codecs
import contextlib
import csv
import importlib.util
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from segxl.errors import SegxlError, UnsetError
from segxl.messages import counted
from segxl.sources.files import encodings
from segxl.sources.files.arrow_codes import CodedTexts, KnownIds, NotCodableError
from segxl.sources.files.arrow_values import arrow_texts
from segxl.sources.files.raw import (
    LOOKAHEAD,
    SPACES,
    RawTable,
    clean_column,
    clean_distinct,
    header_among,
    refuse_width,
    rows_below,
    table_of,
)
from segxl.tables.text_column import TextColumn

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = (",", ";", "\t", "|")


class UndecodableError(UnsetError):
    """Bytes that are not text in the encoding. ``where`` describes them without the fix; ``fitting`` are the encodings
    that can read the file."""

    def __init__(self, where: str, data: bytes) -> None:
        found = encodings.fitting(data)
        self.where, self.fitting = where, tuple(name for name, _ in found)
        super().__init__(f"{where}; ", "encoding", *encodings.choices(found))


def read_text(
    file: str,
    data: bytes,
    encoding: str | None,
    delimiter: str | None,
    header_row_hint: int | None,
    known: KnownIds | None = None,
) -> RawTable:
    text = _utf8(file, data, encoding)
    if not text or text.isspace():
        raise SegxlError(f"{file} is empty: export it again")
    notes = _utf8_among(data, encoding) if encoding else []
    if len(text) >= _LARGE and not _has_arrow():
        notes.append('is large: it is read in less than half the time after pip install "segxl[parquet]"')
    header_row, mark = _find_header(file, text, delimiter, header_row_hint)
    if not mark.isascii():  # pandas' C parser takes a single byte
        return _read_records(file, data, text, mark, header_row, notes)
    import pandas as pd

    try:
        header, columns = _parse(text, mark, header_row, {} if known is None else known)
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        # some record has more fields than the header, quotes never end, or pandas sees nothing but blank lines
        return _read_records(file, data, text, mark, header_row, notes)
    count = len(columns[0])
    above = _lines_above(text, mark, header_row)
    _refuse_cut_off(file, text, mark, len(header), header_row + count)
    if b'"' in text and _lines(text) > header_row + count and any(_run_on_cells(text, mark, header_row)):
        return _read_records(file, data, text, mark, header_row, notes)
    return table_of(file, data, header_row, header, columns, rows_below(header_row, count), (), notes, above)


def text_rows(file: str, data: bytes) -> list[list[str]]:
    """Every record unchanged, including lines above the header and below the data.

    Raises:
        SegxlError: the file is empty, in an unknown encoding, or cut off.
    """
    text = _utf8(file, data, None)
    if not text or text.isspace():
        raise SegxlError(f"{file} is empty: export it again")
    _, mark = _find_header(file, text, None, None)
    records = _closed_records(file, text, mark)
    return [record for record in records if not (len(record) < 3 and record and record[0].startswith("sep="))]


_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins as the next one does
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF32_BE: "utf-32",
}
"""The encoding of a byte order mark; it overrides any setting."""


def _utf8(file: str, data: bytes, encoding: str | None) -> bytes:
    """The text in UTF-8 without a byte order mark."""
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    name = marked or encoding or "utf-8"
    try:
        name = codecs.lookup(name).name
        if name == "utf-8" and b"\0" in data[:1000]:
            order = "be" if data.startswith(b"\0") else "le"
            raise UnsetError(
                f"{file} contains zero bytes: if UTF-16, ",
                "encoding",
                [(f"utf-16-{order}", "")],
                "; otherwise export it again",
            )
        if name == "utf-8" and data.isascii():
            return data
        text = data.decode(name)
        return data if name == "utf-8" else text.removeprefix("\ufeff").encode("utf-8")
    except UnicodeDecodeError as error:
        raise _undecodable(file, data, name, error.start) from None
    except (LookupError, ValueError):  # not all that Python calls an encoding is one of texts
        raise UnsetError(f"{file}: no encoding {name!r}; ", "encoding", [("windows-1252", ", for example")]) from None


def _undecodable(file: str, data: bytes, encoding: str, at: int) -> SegxlError:
    before = data[:at].decode(encoding, errors="ignore")
    row = sum(1 for _ in _records(before + "x"))
    place = f"{file}, row {row}: byte {data[at]:#04x} (byte {at + 1:,} of the file) is not {encoding}"
    if data.startswith(tuple(_MARKS)):
        return SegxlError(f"{place}, although the file starts as {encoding}: export it again")
    if encoding == "utf-8" and encodings.two_are_mixed(data):
        return SegxlError(
            f"{place}, so the file mixes two encodings: correct the text in this row, or export the file again"
        )
    if encoding != "utf-8":
        with contextlib.suppress(UnicodeDecodeError):
            data.decode("utf-8")
            return UnsetError(f"{place}, but UTF-8; ", "encoding", [("utf-8", "")])
    return UndecodableError(place, data)


def _utf8_among(data: bytes, encoding: str) -> list[str]:
    """The note about UTF-8 texts in a file that is read in a one-byte encoding, as when two programs wrote to one file
    in different encodings."""
    name = codecs.lookup(encoding).name
    if not re.match(r"cp125|iso8859|latin|mac", name) or data.startswith(tuple(_MARKS)):
        return []
    found = [match.start() for match in encodings.UTF8.finditer(data)]
    if not found:
        return []
    start, end = (data.rfind(b"\n", 0, found[0]) + 1, data.find(b"\n", found[0]))
    line = data[start : end if end > 0 else len(data)]
    word = next(part for part in re.split(rb'[\s,;|"]', line) if encodings.UTF8.search(part))
    said, meant = word.decode(name, errors="replace"), word.decode("utf-8", errors="replace")
    row = sum(1 for _ in _records(data[: found[0]].decode(name, errors="replace") + "x"))
    return [
        f"{counted(len(found), 'letter')} may be UTF-8, but the file is read as {encoding}; the first is in row "
        f"{row:,}: {said!r} may be {meant!r}. If so, remove encoding from the settings, or export the file again"
    ]


def _records(text: str, mark: str = ",") -> Iterator[list[str]]:
    """The records of a text, as far as they can be read: for looking ahead."""
    with contextlib.suppress(csv.Error):
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)


def _find_header(file: str, text: bytes, delimiter: str | None, hint: int | None) -> tuple[int, str]:
    """The header's row number, and the delimiter: what parts the header's fields most often, and most rows alike."""
    opening = text[:1_000_000].decode("utf-8", errors="ignore")
    if delimiter:
        _refuse_mark(file, delimiter)
    first = opening.lstrip().partition("\n")[0].strip()
    if declared := re.fullmatch(r'"?sep=(.)"?', first):  # a line for Excel
        _refuse_mark(file, delimiter or declared[1])
        blanks = sum(1 for _ in _records(opening[: opening.index("sep=")] + "x"))
        return hint or blanks + 1, delimiter or declared[1]
    records = {
        mark: list(itertools.islice(_records(opening, mark), max(LOOKAHEAD, hint or 0)))
        for mark in ([delimiter] if delimiter else DELIMITERS)
    }
    records = {mark: found for mark, found in records.items() if found}  # else a field is too long to be one
    if not records:
        raise SegxlError(f"{file} has no header: its first row has a field of more than 131,072 characters")
    if hint is not None and hint > min(map(len, records.values())):
        raise SegxlError(f"{file} has no row {hint}, which was set as the header row")

    def header(mark: str) -> int:
        filled = [sum(1 for cell in record if cell.strip(SPACES)) for record in records[mark]]
        return hint - 1 if hint else header_among(filled)

    def score(mark: str) -> tuple[bool, int, int]:  # ties go to the one that splits the next lines alike
        sizes = [len(record) for record in records[mark]]
        at = header(mark)
        size, widths = sizes[at], [_width(record) for record in records[mark][at:] if any(record)]
        # a few cells that list things (A;B;C;D) make no columns, however many they list
        return size > 1 and 2 * sum(1 < width <= size for width in widths) >= len(widths), size, sizes.count(size)

    best = max(records, key=score)
    refuse_width(file, score(best)[1], delimited=True)
    return header(best) + 1, best


def _width(record: Sequence[str]) -> int:
    """Fields of a record up to its last that is filled: rows may end in blank ones that the header lacks."""
    return next((at for at in range(len(record), 0, -1) if record[at - 1].strip(SPACES)), 0)


def _refuse_mark(file: str, mark: str) -> None:
    if len(mark) != 1 or mark in '"\r\n\0':
        raise UnsetError(
            f"{file}: {mark!r} cannot be a delimiter: write one character, for example: ",
            "delimiter",
            [(";", ""), ("\t", "")],
        )


_LARGE = 100_000_000
"""Bytes of text from which on a file without pyarrow is worth a word."""
ARROW_FROM = 8_000_000
"""Bytes of text from which importing pyarrow, where it is installed, costs less than it saves."""


def _parse(text: bytes, mark: str, header_row: int, known: KnownIds) -> tuple[list[str], list[TextColumn]]:
    """The columns, cleaned, header included, by pandas' C parser: nothing else is fast enough for millions of rows.

    With pyarrow the parser hands over whole columns, so that each distinct text becomes a Python object once; without
    it, cells do. Both give the same texts.
    """
    with_arrow = len(text) >= ARROW_FROM and _has_arrow()
    import pandas as pd

    stream = io.BytesIO(text)
    stream.seek(_length_of(text, mark, header_row - 1))  # pandas' own skiprows loses a row where a CR ends a blank line
    frame = pd.read_csv(
        stream,
        sep=mark,
        header=None,
        dtype=_arrow_string() if with_arrow else object,
        keep_default_na=False,  # an account may be called "NA"
        na_filter=False,
        skip_blank_lines=False,  # else row numbers are wrong
        low_memory=True,  # pieces that fit the processor's cache: twice as fast
    )
    columns = [frame[position] for position in range(frame.shape[1])]
    if with_arrow:
        return _arrow_columns(columns, known)
    whole = [clean_distinct(TextColumn.of(column.to_numpy())) for column in columns]
    below = np.arange(1, len(frame))
    return [column.at(0) for column in whole], [column.take(below) for column in whole]


def _has_arrow() -> bool:
    """Whether pyarrow is installed."""
    return importlib.util.find_spec("pyarrow") is not None


def _length_of(text: bytes, mark: str, records: int) -> int:
    """The number of bytes of the first records of a text, above its header."""
    seen: list[str] = []
    lines = io.StringIO(text[:1_000_000].decode("utf-8", errors="ignore") if records else "", newline="")
    for _ in itertools.islice(csv.reader(_remembered(lines, seen), delimiter=mark), records):
        pass
    return len("".join(seen).encode("utf-8"))


def _remembered(lines: Iterable[str], seen: list[str]) -> Iterator[str]:
    """The lines; each is added to those seen before it is read."""
    for line in lines:
        seen.append(line)
        yield line


def _arrow_string() -> pd.ArrowDtype:
    import pandas as pd
    import pyarrow

    return pd.ArrowDtype(pyarrow.large_string())  # what the parser makes; another type would be a copy


def _arrow_columns(columns: list[pd.Series[str]], known: KnownIds) -> tuple[list[str], list[TextColumn]]:
    """The header and the columns below it, of Arrow's columns: each part as codes, as those of Parquet."""
    import pyarrow

    header, found = [], []
    for column in columns:
        whole = pyarrow.chunked_array(pyarrow.array(column))
        header.append(whole[0].as_py())
        below = whole.slice(1)
        coded = CodedTexts(len(below), header[-1].casefold(), known)
        try:
            for chunk in below.chunks:
                coded.add(chunk)
            found.append(coded.column())
        except NotCodableError:
            found.append(arrow_texts(below))
    return header, found


def _lines(text: bytes) -> int:
    ends = text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")
    return ends + (not text.endswith((b"\n", b"\r")))


def _run_on_cells(text: bytes, mark: str, header_row: int) -> Iterator[tuple[int, str]]:
    """The row number and problem of each record below the header that a stray quotation mark extends. Such a mark opens
    a cell that takes in the rows below as its own lines, up to the next quotation mark; that one was to open another
    cell, so text follows the end of the first.
    """
    several: list[str] = []
    lines = io.StringIO(text.decode("utf-8"), newline="")
    sign = re.escape(mark)
    field = re.compile(rf'(?:^|{sign})(?:"([^"]*(?:""[^"]*)*)"([^{sign}\r\n]*)|[^{sign}"\r\n][^{sign}\r\n]*)?')
    with contextlib.suppress(csv.Error):
        for row, _ in enumerate(csv.reader(_remembered(lines, several), delimiter=mark), start=1):
            if len(several) > 1 and row > header_row:
                for match in field.finditer("".join(several)):
                    below = len(re.findall(r"\r\n|\r|\n", match[1] or ""))
                    if below and match[2].strip(SPACES):
                        yield (
                            row,
                            f"has a stray quotation mark before {match[1][:20]!r} and may include "
                            f"{counted(below, 'row')} below it",
                        )
                        break
            several.clear()


def _read_records(
    file: str, data: bytes, text: bytes, mark: str, header_row: int, notes: Sequence[str] = ()
) -> RawTable:
    """The same record by record, so that each bad one is found."""
    header: list[str] = []
    whole: list[list[str]] = []
    rows: list[int] = []
    broken: list[tuple[int, str]] = []
    run_on = dict(_run_on_cells(text, mark, header_row)) if b'"' in text else {}
    row = 0
    for row, record in enumerate(_closed_records(file, text, mark), start=1):
        if row <= header_row:
            header = record
        elif row in run_on:
            broken.append((row, run_on[row]))
        elif any(cell.strip(SPACES) for cell in record[len(header) :]):
            broken.append((row, f"has {len(record)} fields where the header has {len(header)}"))
        else:
            whole.append((record + [""] * len(header))[: len(header)])
            rows.append(row)
    _refuse_cut_off(file, text, mark, len(header), row)
    cells = np.array(whole, dtype=object).reshape(len(whole), len(header))
    columns = [clean_column(column) for column in cells.T.copy()]
    numbers, above = np.array(rows, dtype=np.int32), _lines_above(text, mark, header_row)
    return table_of(file, data, header_row, header, columns, numbers, broken, notes, above)


def _lines_above(text: bytes, mark: str, header_row: int) -> list[list[str]]:
    """The records above the header."""
    opening = text[:1_000_000].decode("utf-8", errors="ignore") if header_row > 1 else ""
    return list(itertools.islice(_records(opening, mark), header_row - 1))


def _closed_records(file: str, text: bytes, mark: str) -> Iterator[list[str]]:
    """Every record.

    Raises:
        SegxlError: the last one begins with a quotation mark that is never closed.
    """
    end = "end"  # a line of our own; it becomes a part of the last record if that one is still open
    ended = False

    def lines() -> Iterator[str]:
        nonlocal ended
        yield from io.StringIO(text.decode("utf-8"), newline="")
        ended = True  # not before the reader wants more than there is
        yield end

    row = 1
    with contextlib.suppress(csv.Error):  # an unclosed cell may also become too long
        for record in csv.reader(lines(), delimiter=mark):
            if ended:
                if record == [end]:
                    return
                break
            yield record
            row += 1
    raise SegxlError(
        f"{file}, row {row}: a quotation mark is never closed (or a cell has more than 131,072 characters), so the "
        "file seems incomplete; export it again"
    )


def _refuse_cut_off(file: str, text: bytes, mark: str, width: int, row: int) -> None:
    """Refuse a last record, at ``row``, that has too few fields and no line end.

    Only when the record before it is a whole one: the lines below a report are short, and the last of them
    may well lack its line end.
    """
    if text.endswith((b"\n", b"\r")):
        return
    last, before = _last_records(text, mark)
    if last < width <= before:
        raise SegxlError(
            f"{file}, row {row}: the file ends in the middle of a row ({last} of {width} fields); "
            "export it again, or delete that row"
        )


def _last_records(text: bytes, mark: str) -> tuple[int, int]:
    """The number of fields of the last record and of the one before it."""
    lines = io.StringIO(text[-1_000_000:].decode("utf-8", errors="ignore"), newline=None).readlines()
    sizes: list[int] = []
    start = end = len(lines)
    while start > 0 and len(sizes) < 2:
        start -= 1
        record = "".join(lines[start:end])
        if record.count('"') % 2 == 0:  # else it begins inside quotes, further up
            sizes.append(len(next(_records(record, mark), [])))
            end = start
    last, before = (*sizes, 0, 0)[:2]
    return last, before
