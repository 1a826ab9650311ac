"""Archives that are unsafe to open: a small file can be made to fill the memory."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter

from segxl.errors import SegxlError

ARCHIVE_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, ValueError),
    *(RuntimeError, NotImplementedError),  # parts with a password, or packed in a way that Python does not know
)
"""The errors that Python raises for an archive that is damaged or lacks a part."""

_LARGEST = 4 << 30
_SUSPICIOUS_SIZE = 64 << 20
_SUSPICIOUS_RATIO = 200


def refuse_unsafe(file: str, archive: zipfile.ZipFile, packed: int) -> None:
    """Look at a workbook's parts before any of them is read; ``packed`` is the size of the file.

    Raises:
        SegxlError: they would unpack to more than any export does, or two have one name, or the list of texts claims
            to have more of them than fit in it.
    """
    twice = [name for name, count in Counter(archive.namelist()).items() if count > 1]
    if twice:  # one program reads the first, another the last
        raise SegxlError(f"{file} is damaged: it contains {twice[0]!r} twice; open it in Excel and save it again")
    size = sum(part.file_size for part in archive.infolist())
    if size > _LARGEST or (size > _SUSPICIOUS_SIZE and size > _SUSPICIOUS_RATIO * packed):
        raise SegxlError(
            f"{file} unpacks from {packed:,} to {size:,} bytes, too much for an export: save the sheet you need as .csv"
        )
    texts = parts_by_name(archive).get(SHARED_TEXTS)
    if texts is not None:
        _refuse_claims(file, archive, archive.getinfo(texts))


SHARED_TEXTS = "xl/sharedstrings.xml"


def parts_by_name(archive: zipfile.ZipFile) -> dict[str, str]:
    """The parts' names by what every program takes them for: some differ in slashes and capitals."""
    return {part.replace("\\", "/").casefold(): part for part in archive.namelist()}


_CLAIMING = 1_000_000
_BEGINNING = 1 << 16
_TEXTS = re.compile(rb"""<(?:[^\s<>/:]+:)?sst(?=[\s/>])(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_COUNT = re.compile(rb"""\suniqueCount\s*=\s*["']\s*(\d+)""")


def _refuse_claims(file: str, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """calamine allocates memory for as many texts as the list claims to have, and ends the process if that fails."""
    if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return  # nothing reads it
    with archive.open(part) as stream:
        beginning = stream.read(_BEGINNING)
    tag = _TEXTS.search(beginning)
    count = _COUNT.search(tag[0]) if tag else None
    claims = len(count[1]) > 15 or int(count[1]) > max(_CLAIMING, part.file_size) if count else False
    if claims or (tag is None and len(beginning) == _BEGINNING):
        raise SegxlError(f"{file} is damaged: its text table is incomplete; open it in Excel and save it again")
