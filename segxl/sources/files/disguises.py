"""Files that do not match their extension, or of an unsupported kind: their real kind, and the fix."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from segxl.errors import SegxlError
from segxl.sources.files.archives import ARCHIVE_ERRORS

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SHEET_SUFFIXES = (".xlsx", ".xlsm")
PARQUET = ".parquet"
_READ = "csv, tsv, txt, xlsx, xlsm or parquet"
_SAVE = "open it in Excel and save it as .xlsx"
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"Rar!": "RAR",
}
"""First bytes of compressed files."""
_OLD_EXCEL = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
"""First bytes of a workbook of Excel 2 to 5 without a container."""
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(!doctype\s+html|html|head|table|meta|style)\b"
)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b")
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*[\[{]|\{\s*")')


def refuse_disguise(path: Path, data: bytes) -> None:
    """Refuse a file whose bytes do not match its extension.

    Raises:
        SegxlError: it is of another kind; the message says of which, and what to do.
    """
    suffix, kind = path.suffix.casefold(), ""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        kind = _in_old_container(data)
    elif data.startswith(b"PK\x03\x04"):
        kind = _in_zip(path, data, suffix)
    elif data.startswith(b"PAR1"):
        kind = (
            "" if suffix == PARQUET else f"is a Parquet file, not {_kind_of(suffix)}: rename it to {path.stem}.parquet"
        )
    elif data.startswith(b"%PDF"):
        kind = "is a PDF, not a table: export it again as .csv or .xlsx"
    elif data.startswith(tuple(_PACKED)):
        packer = next(name for start, name in _PACKED.items() if data.startswith(start))
        kind = f"is compressed, not {_kind_of(suffix)}: unpack it ({packer}) and name the file inside"
    elif _HTML.match(data[:2000].lower()):
        kind = f"is a web page, not a table (HTML): {_SAVE}, or export it again as .csv"
    elif b'progid="Excel.Sheet"' in data[:1000] or b"urn:schemas-microsoft-com:office:spreadsheet" in data[:2000]:
        kind = f"is an XML spreadsheet of Excel 2003: {_SAVE}"
    elif _XML.match(data):
        kind = "is XML, not a table: export it again as .csv or .xlsx"
    elif suffix in TEXT_SUFFIXES and data.startswith(b"ID;P"):
        kind = ""  # Excel calls this SYLK, and yet a column may be called "ID;P…"
    elif suffix != ".json" and suffix not in TEXT_SUFFIXES and data.startswith(_OLD_EXCEL):
        kind = f"is an old Excel workbook (.xls): {_SAVE}"
    elif _JSON.match(data[:2000]):
        kind = "is JSON, not a table: export it again as .csv or .xlsx"
    elif suffix not in TEXT_SUFFIXES and _is_text(data):
        kind = f"is text, not {_kind_of(suffix)}: rename it to {path.stem}.csv"
    if kind:
        raise SegxlError(f"{path.name} {kind}")
    if suffix not in (*TEXT_SUFFIXES, *SHEET_SUFFIXES, PARQUET):
        raise SegxlError(f"{path.name} is not a {_READ} file: save it as .xlsx or .csv")


def _kind_of(suffix: str) -> str:
    if suffix in (*SHEET_SUFFIXES, ".xls", ".xlsb", ".xltx"):
        return "a workbook"
    if suffix in TEXT_SUFFIXES:
        return "text"
    return "Parquet" if suffix == PARQUET else f"a {suffix} file" if suffix else "a file with a known ending"


def _in_old_container(data: bytes) -> str:
    """The kind of a file in the container of Office files before 2007, which files with a password still use."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "is protected by a password: open it in Excel and save it without a password"
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        return f"is an old Excel workbook (.xls): {_SAVE}"
    return f"is an old .xls or protected by a password: {_SAVE}, without a password"


def _in_zip(path: Path, data: bytes, suffix: str) -> str:
    """The kind of a zip archive, by its parts; blank for a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.replace("\\", "/").casefold() for name in archive.namelist()}
            kind = archive.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in names else ""
    except ARCHIVE_ERRORS:
        names, kind = set(), ""
    if "opendocument" in kind:
        what = "spreadsheet" if "spreadsheet" in kind else "document"
        return f"is an OpenDocument {what} (.ods): open it and save it as .xlsx"
    if "xl/workbook.bin" in names:
        return f"is a binary Excel workbook (.xlsb): {_SAVE}"
    if any(name.endswith(".iwa") for name in names):
        return "is an Apple Numbers document: export it from Numbers as Excel (.xlsx) or CSV"
    if any(name.startswith(("word/", "ppt/")) for name in names):
        return "is a Word or PowerPoint document, not a table: export it again as .csv or .xlsx"
    if suffix in SHEET_SUFFIXES:
        return ""  # its reader reports the problem
    if "xl/workbook.xml" in names or b"[Content_Types].xml" in data:
        other = "an old one" if suffix == ".xls" else _kind_of(suffix)
        return f"is an Excel workbook, not {other}: rename it to {path.stem}.xlsx"
    return f"is a zip archive, not {_kind_of(suffix)}: unpack it and name the file inside"


def _is_text(data: bytes) -> bool:
    """Whether bytes are text: with a mark of UTF-16, or without the zeros and control characters of other files."""
    some = data[:4000]
    if some.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 9 or 13 < byte < 32 for byte in some) and any(
        end in some for end in (b",", b";", b"\t", b"\n")
    )
