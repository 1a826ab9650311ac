"""Files become columns of text: CSV, Excel sheets and Parquet look the same to everything after this module.

Nothing is interpreted here. A cell is the text that a person sees in it (dates in ISO form, numbers in their
shortest form), stripped; every row keeps its row number in Excel, so that messages can be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath

from segxl.cache.fingerprint import counts, files_of, hash_of_file, note_file, note_hash
from segxl.errors import SegxlError, UnsetError, nearest
from segxl.settings.model import TableSettings
from segxl.sources.files.arrow_codes import KnownIds
from segxl.sources.files.delimited import read_text
from segxl.sources.files.disguises import PARQUET, SHEET_SUFFIXES, TEXT_SUFFIXES, refuse_disguise
from segxl.sources.files.parquet import Unused, read_parquet
from segxl.sources.files.raw import RawTable, plain_name, read_bytes, sha256_of
from segxl.sources.files.sheet_xml import NOT_CALCULATED
from segxl.sources.files.sheets import cell_text, read_sheet, sheet_names

__all__ = [
    "NOT_CALCULATED",
    "SHEET_SUFFIXES",
    "TEXT_SUFFIXES",
    "RawTable",
    "cell_text",
    "expand",
    "folder_opener",
    "read_file",
    "sheet_names",
]


InUse = Callable[[str, TableSettings, Sequence[str]], Collection[str] | None]
"""The headers of a table's file that are in use; None where all may be."""


def expand(folder: Path, pattern: str) -> list[Path]:
    """The files that a name or a glob means within a folder, sorted by name.

    Lock files that Excel leaves behind (``~$book.xlsx``) and hidden files do not count.

    Raises:
        SegxlError: the pattern leaves the folder, or nothing matches.
    """
    relative, place = pattern.strip().replace("\\", "/"), folder.resolve().name
    parts = PurePosixPath(relative).parts
    if not parts:
        raise SegxlError('a file name is blank: name a file in the folder, for example file = "sales.csv"')
    if PurePosixPath(relative).is_absolute() or PureWindowsPath(relative).drive or ".." in parts:
        raise SegxlError(f"{pattern!r} is outside the folder: move the file into {place!r} and use its name there")
    if not folder.is_dir():
        raise SegxlError(f"no folder {str(folder)!r}")
    try:
        if (folder / relative).is_dir():
            raise SegxlError(f"{pattern!r} is a folder: write {relative.rstrip('/') + '/*.csv'!r} for its files")
        found = files_of(folder, relative)
    except ValueError as error:
        raise SegxlError(f"{relative!r} is not a valid file name pattern: {error}") from None
    except OSError as error:  # invalid as a file name
        raise SegxlError(f"{pattern!r} is not a valid file name ({error.strerror}): correct it") from None
    if not found and (folder / relative).exists():
        raise SegxlError(f"{pattern!r} is a pipe or a device, not a file: save its contents as a file")
    if not found:
        known = [path.relative_to(folder).as_posix() for path in _neighbours(folder, relative)]
        raise SegxlError(f"no file {pattern!r} in {place!r}{nearest(relative, known)}")
    for path in found:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise SegxlError(f"{path.name!r} is a link to outside the folder: copy the file into {place!r}")
    return found


def folder_opener(folder: Path, in_use: InUse | None = None) -> Callable[[str, TableSettings], Iterator[RawTable]]:
    """A function that opens the files of a folder by the names in the settings.

    ``in_use`` says which headers are in use; None where all may be. The columns of others are read only when something
    asks for them, where the file's format allows it.
    """

    def open_files(table: str, source: TableSettings) -> Iterator[RawTable]:
        if source.file is None:
            raise UnsetError(f"tables.{table}: no file; ", "file", [("…", "")], ', or table = "…" with an engine')

        def unused(header: Sequence[str]) -> Collection[str]:
            used = in_use(table, source, header) if in_use else None
            return () if used is None else set(header).difference(used)

        for path in expand(folder, source.file):
            yield read_file(
                path,
                sheet=source.sheet,
                encoding=source.encoding,
                delimiter=source.delimiter,
                known=known,
                unused=unused,
            )

    known: KnownIds = {}
    return open_files


def _neighbours(folder: Path, relative: str) -> list[Path]:
    """The files that may be meant: those of the folder and of the folder in the name."""
    places = {folder, (folder / relative).parent}
    return [path for place in places if place.is_dir() for path in place.iterdir() if counts(path)]


def read_file(
    path: Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row_hint: int | None = None,
    known: KnownIds | None = None,
    unused: Unused = lambda header: (),
) -> RawTable:
    """Read a csv, tsv, txt, xlsx, xlsm or parquet file.

    Args:
        path: the file.
        sheet: the sheet's name; needed where a workbook has several.
        encoding: how a text file is written; without it, a byte order mark decides, else it must be UTF-8.
        delimiter: between the fields of a text file; without it, the header decides.
        header_row_hint: the header's row number; without it, the first row that is not blank.
        known: the ids of large files read before, which share their texts with this one's.
        unused: which columns are read only when something asks for them.

    Raises:
        SegxlError: the file cannot be read as a table. The message names the file and says what to change.
    """
    suffix, name = path.suffix.casefold(), plain_name(path)
    if suffix == PARQUET and _starts_as_parquet(path):  # read in parts, not as a whole
        _refuse_options(path, encoding=encoding, delimiter=delimiter, sheet=sheet)
        return read_parquet(name, path, hash_of_file(path), {} if known is None else known, unused)
    data = read_bytes(path, noted=False)
    try:
        refuse_disguise(path, data)
        if suffix in SHEET_SUFFIXES:
            _refuse_options(path, encoding=encoding, delimiter=delimiter)
            raw = read_sheet(name, data, sheet, header_row_hint)
        elif suffix == PARQUET:
            _refuse_options(path, encoding=encoding, delimiter=delimiter, sheet=sheet)
            raw = read_parquet(name, path, sha256_of(data), {})
        else:
            _refuse_options(path, sheet=sheet)
            raw = read_text(name, data, encoding, delimiter, header_row_hint, known)
    except SegxlError:
        note_file(path, data)
        raise
    note_hash(path, raw.sha256)
    return raw


def _starts_as_parquet(path: Path) -> bool:
    """Whether a path is a file that begins as Parquet does. What cannot be opened is refused where it is read whole."""
    try:
        with path.open("rb") if path.is_file() else BytesIO() as file:
            return file.read(4) == b"PAR1"
    except OSError:
        return False


def _refuse_options(path: Path, **options: str | None) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise SegxlError(f"{path.name} is a {path.suffix} file, which has no {given[0]}: remove {given[0]} = …")
