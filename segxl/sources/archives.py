"""What makes an archive unsafe to open: a small file can be made to fill the memory."""

from __future__ import annotations

import zipfile
from collections import Counter

from segxl.errors import SegxlError

_LARGEST = 4 << 30
_SUSPICIOUS_SIZE = 64 << 20
_SUSPICIOUS_RATIO = 200


def refuse_unsafe(file: str, archive: zipfile.ZipFile, packed: int) -> None:
    """Look at a workbook's parts before any of them is read; ``packed`` is the size of the file.

    Raises:
        SegxlError: they would unpack to more than any export does, or two have one name.
    """
    twice = [name for name, count in Counter(archive.namelist()).items() if count > 1]
    if twice:  # one program reads the first, another the last
        raise SegxlError(f"{file} has its part {twice[0]!r} twice: open it in Excel and save it again")
    size = sum(part.file_size for part in archive.infolist())
    if size > _LARGEST or (size > _SUSPICIOUS_SIZE and size > _SUSPICIOUS_RATIO * packed):
        raise SegxlError(
            f"{file} would unpack from {packed:,} to {size:,} bytes, which no export does: "
            "save the sheet you need as .csv"
        )
