"""Tables of open workbooks, kept on disk by fingerprint: a handle made of them survives a restart of Python.

The files are in the user's own cache folder, readable by the user alone. They are JSON and hold values, never code. The
folder is bounded: files that were used longest ago go first.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from segxl.cache.folder import system_folder
from segxl.excel.functions.handles import fingerprint
from segxl.sources.workbook.sheets import SheetCells

MOST_FILES, MOST_BYTES = 50, 500_000_000
"""The size limit of the folder."""


def cache_folder() -> Path:
    """The folder of kept tables."""
    return system_folder() / "workbooks"


def kept_files() -> list[tuple[Path, int]]:
    """The files of the folder with their bytes."""
    found = []
    for path in cache_folder().glob("*.json.gz"):
        with suppress(OSError):  # another process may have removed it
            found.append((path, path.stat().st_size))
    return found


def clear() -> tuple[int, int]:
    """Delete every file. Returns the number of files and of bytes deleted; one that Excel reads stays on Windows."""
    count = size = 0
    for path, one in kept_files():
        with suppress(OSError):
            path.unlink()
            count, size = count + 1, size + one
    return count, size


def keep(name: str, sheets: Sequence[SheetCells]) -> str:
    """Keep a workbook's sheets; their fingerprint. The same cells have the same one."""
    data = json.dumps([name, [_plain(sheet) for sheet in sheets]], separators=(",", ":")).encode()
    key = fingerprint(data)
    path = _path(key)
    if path.exists():
        os.utime(path)
        return key
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")  # readable by the user only
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(gzip.compress(data, compresslevel=1, mtime=0))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _bound(path)
    return key


def kept(key: str) -> tuple[str, tuple[SheetCells, ...]] | None:
    """The name and the sheets of a workbook by fingerprint; None where they are not kept, or damaged."""
    path = _path(key)
    try:
        data = gzip.decompress(path.read_bytes())
        if fingerprint(data) != key:
            return None
        os.utime(path)
        name, sheets = json.loads(data)
        return name, tuple(_sheet(*one) for one in sheets)
    except (OSError, EOFError, ValueError, TypeError, RecursionError):  # none, cut off, or not of this shape
        return None


def _path(key: str) -> Path:
    return cache_folder() / f"{key}.json.gz"


def _bound(newest: Path) -> None:
    """Remove the oldest files beyond the limit, except the newest; a file that another process reads is kept."""
    files = []
    for path in newest.parent.glob("*.json.gz"):
        with suppress(OSError):
            files.append((path.stat().st_mtime_ns, path.stat().st_size, path))
    files.sort(reverse=True)
    size = 0
    for at, (_, bytes_, path) in enumerate(files):
        size += bytes_
        if path != newest and (at >= MOST_FILES or size > MOST_BYTES):
            with suppress(OSError):
                path.unlink()


def _plain(sheet: SheetCells) -> list[Any]:
    rows = [[_cell(cell) for cell in row] for row in sheet.cells]
    return [sheet.name, rows, sheet.hidden_rows, sheet.from_1904]


def _cell(value: object) -> Any:
    """A cell as JSON has it; days and times as a list of one or two texts."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    return str(value)


def _sheet(name: str, rows: list[list[Any]], hidden_rows: int, from_1904: bool) -> SheetCells:
    return SheetCells(name, [[_value(cell) for cell in row] for row in rows], hidden_rows, from_1904)


def _value(cell: Any) -> object:
    if isinstance(cell, list):
        kind, text = cell
        return datetime.fromisoformat(text) if kind == "t" else date.fromisoformat(text)
    return cell
