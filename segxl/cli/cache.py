"""The texts of `segxl cache`."""

from __future__ import annotations

from datetime import datetime

from segxl.cache.folder import MOST_BYTES, OFF, VARIABLE, cache_folder, clear, everything, usable
from segxl.excel.functions import kept_sheets
from segxl.messages import counted


def text() -> str:
    """The place, the size and the files of the cache, the latest used first; and what the functions of Excel keep."""
    return "\n".join([_of_the_cache(), *_of_functions()])


def _of_functions() -> list[str]:
    files = kept_sheets.kept_files()
    if not files:
        return []
    size = _size(sum(size for _, size in files))
    return [f"{kept_sheets.cache_folder()}", f"{counted(len(files), 'workbook')} of Excel's functions, {size}"]


def _of_the_cache() -> str:
    folder = cache_folder()
    if folder is None:
        return f"The cache is off ({VARIABLE}={OFF}). To use it, remove the environment variable {VARIABLE}."
    files = everything()[::-1]
    size = f"{_size(sum(one.size for one in files))} of at most {_size(MOST_BYTES)}"
    lines = [str(folder), f"{counted(len(files), 'file')}, {size}"]
    if not usable():
        lines.append(
            "Not used: the folder belongs to another user, or others may write to it. Name another folder in "
            f"{VARIABLE}."
        )
    for one in files:
        used = datetime.fromtimestamp(one.used).strftime("%Y-%m-%d %H:%M")
        lines.append(f"  {used}  {_size(one.size):>10}  {one.path.name}")
    return "\n".join(lines)


def cleared() -> str:
    """Delete the whole cache and what the functions of Excel keep, and return the size as text."""
    count, size = (sum(both) for both in zip(clear(), kept_sheets.clear(), strict=True))
    return f"{counted(count, 'file')} deleted, {_size(size)}"


def _size(size: int) -> str:
    """A number of bytes with its unit: ``1.2 MB``."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{size} bytes"
