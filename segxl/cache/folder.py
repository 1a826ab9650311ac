"""The cache folder: where it is, how large, and its files, each written in one step and checked when it is read.

``SEGXL_CACHE`` names another folder, or is ``off``. Without it: ``~/.cache/segxl`` (``$XDG_CACHE_HOME``),
``~/Library/Caches/segxl`` on a Mac, ``%LOCALAPPDATA%\\segxl\\Cache`` on Windows. Only its user may open it. It holds at
most :data:`MOST_BYTES`; the files that were used longest ago go first.

The cache is a help and never a need: where the system refuses to write or to read, segxl works without it.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segxl.cache.codec import UnkeepableError, UnreadableError, decoded, encoded

VARIABLE = "SEGXL_CACHE"
OFF = "off"
MOST_BYTES = 2 * 10**9
"""How much is kept: two gigabytes."""
_MAGIC = b"segxl cache 1\n\0\0"
_HEAD = struct.Struct("<QI")
"""The size of a section and its checksum."""
_SUFFIX, _UNFINISHED = ".kept", ".unfinished"
_STALE = 24 * 3600
"""Seconds after which an unfinished file belongs to no running process."""


def cache_folder() -> Path | None:
    """The folder in force; None if the cache is off or the user has no home."""
    named = os.environ.get(VARIABLE, "")
    if named.strip().casefold() == OFF:
        return None
    try:
        if named:
            return Path(named).expanduser()
        return system_folder() / "Cache" if sys.platform == "win32" else system_folder()
    except RuntimeError:
        return None


def system_folder() -> Path:
    """The folder of segxl in the system's folder for files that programs can make again.

    Raises:
        RuntimeError: the user has no home.
    """
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "segxl"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "segxl"
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if Path(named).is_absolute() else Path.home() / ".cache") / "segxl"


@dataclass(frozen=True)
class Kept:
    """One file of the cache: its path, its bytes, and when it was last used (seconds since 1970)."""

    path: Path
    size: int
    used: float


def everything() -> list[Kept]:
    """The files of the cache, the latest used last."""
    return sorted(_files(), key=lambda one: (one.used, one.path.name))


def _files(suffixes: tuple[str, ...] = (_SUFFIX,)) -> Iterator[Kept]:
    folder = cache_folder()
    if folder is None:
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(suffixes):
                with suppress(OSError):  # another process may have removed it
                    about = entry.stat(follow_symlinks=False)
                    yield Kept(Path(entry.path), about.st_size, about.st_mtime)


def usable() -> bool:
    """Whether the folder can be trusted: it is the user's own, or not there yet."""
    folder = cache_folder()
    return folder is not None and (not folder.exists() or _own(folder))


def clear() -> tuple[int, int]:
    """Delete everything. Returns the number of files and of bytes deleted; a file in use on Windows stays."""
    count = size = 0
    for one in _files((_SUFFIX, _UNFINISHED)):
        if _remove(one.path):
            count, size = count + 1, size + one.size
    return count, size


def read(name: str) -> tuple[object, Body] | None:
    """What was kept under a name: its fingerprint, any JSON, and its body; None if nothing usable is there."""
    folder = cache_folder()
    if folder is None or not _own(folder):
        return None
    path = folder / f"{name}{_SUFFIX}"
    try:
        data = path.read_bytes()
    except OSError:
        return None
    sections = _sections(memoryview(data))
    if sections is None:
        _remove(path)
        return None
    with suppress(OSError):
        os.utime(path)  # used now
    fingerprint, text, arrays = sections
    try:
        return json.loads(bytes(fingerprint)), Body(text, arrays)
    except ValueError:
        return None


@dataclass(frozen=True)
class Body:
    """The bytes of an object."""

    text: memoryview
    arrays: memoryview

    def value(self) -> object:
        """The object; None if it is not one."""
        try:
            return decoded(self.text, self.arrays)
        except UnreadableError:
            return None


def _sections(data: memoryview) -> list[memoryview] | None:
    """The three parts of a file; None if it is damaged or foreign."""
    if data[: len(_MAGIC)] != _MAGIC:
        return None
    found, at = [], len(_MAGIC)
    for _ in range(3):
        if len(data) < at + _HEAD.size:
            return None
        size, check = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        part = data[at : at + size]
        if len(part) != size or zlib.crc32(part) != check:
            return None
        found.append(part)
        at += size
    return found if at == len(data) else None


def write(name: str, fingerprint: object, value: object) -> bool:
    """Keep an object under a name, in place of what was there. Returns whether it was possible."""
    folder = cache_folder()
    if folder is None:
        return False
    try:
        text, arrays = encoded(value)
    except UnkeepableError:
        return False
    size = len(text) + sum(map(len, arrays))
    if size > MOST_BYTES:
        return False
    try:
        if not _made(folder):
            return False
        handle, named = tempfile.mkstemp(suffix=_UNFINISHED, dir=folder)  # only its user may open it
    except OSError:
        return False
    unfinished = Path(named)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC)
            for parts in ([json.dumps(fingerprint).encode("ascii")], [text], arrays):
                check = 0
                for part in parts:
                    check = zlib.crc32(part, check)
                file.write(_HEAD.pack(sum(map(len, parts)), check))
                file.writelines(parts)
        unfinished.replace(folder / f"{name}{_SUFFIX}")
    except OSError:
        return False
    finally:  # after an interrupt too
        _remove(unfinished)
    _trim(keep=name)
    return True


def forget(names: str, keep: Sequence[str]) -> None:
    """Delete what is kept under names that begin with a text, but for those to keep."""
    for one in _files():
        if one.path.name.startswith(names) and not one.path.name.startswith(tuple(keep)):
            _remove(one.path)


def _trim(keep: str) -> None:
    """Delete the files that were used longest ago until the rest is within the limit, and what was never finished."""
    files = everything()
    over = sum(one.size for one in files) - MOST_BYTES
    for one in files:
        if over > 0 and one.path.name != f"{keep}{_SUFFIX}" and _remove(one.path):
            over -= one.size
    for one in _files((_UNFINISHED,)):
        if time.time() - one.used > _STALE:
            _remove(one.path)


def _made(folder: Path) -> bool:
    """Make the folder for its user alone. Returns whether it is there and the user's own."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    return _own(folder)


def _own(folder: Path) -> bool:
    """Whether the folder belongs to the user; what another one may write is not trusted."""
    try:
        about = folder.stat()
    except OSError:
        return False
    return not hasattr(os, "getuid") or (about.st_uid == os.getuid() and not about.st_mode & 0o022)


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
