"""The fingerprint of a source: what must be the same for a kept dataset to be taken.

The policy is to trust no date of a file. While a source is read, each file's bytes are hashed (SHA-256), and each
question about the folder (which files a pattern finds, whether a file exists) is noted with its answer. Later, all
files are hashed again in full and all questions are asked again; one difference, and the source is read again. Hashing
costs half a second a gigabyte, a small part of reading.

Code that reads a source asks through this module, so that nothing it depends on is forgotten.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from segxl._version import __version__

_READERS = ("numpy", "openpyxl", "pandas", "pyarrow", "pydantic", "python_calamine", "tzdata", "duckdb", "polars")
"""The libraries whose version may change what is read."""


@dataclass
class Fingerprint:
    """What a source was read from.

    Attributes:
        files: the SHA-256 of each file that was read, by path.
        found: what each pattern found, by folder and pattern: pairs of a path and the path that its links lead to.
        exists: whether a file existed, by path.
        outside: whether anything but files was read, such as a warehouse's tables, so that nothing must be kept.
    """

    files: dict[str, str] = field(default_factory=dict)
    found: dict[tuple[str, str], list[list[str]]] = field(default_factory=dict)
    exists: dict[str, bool] = field(default_factory=dict)
    outside: bool = False

    def as_json(self) -> list[object]:
        """As lists and dictionaries of texts."""
        return [self.files, [[*asked, answer] for asked, answer in self.found.items()], self.exists]

    @classmethod
    def of_json(cls, document: Any) -> Fingerprint | None:
        """From what :meth:`as_json` returned; None from anything else."""
        try:
            files, found, exists = document
            return cls(dict(files), {(folder, pattern): answer for folder, pattern, answer in found}, dict(exists))
        except (TypeError, ValueError):
            return None

    @property
    def unchanged(self) -> bool:
        """Whether everything is still the same; hashes every file in full."""
        try:
            return (
                all(Path(path).is_file() == there for path, there in self.exists.items())
                and all(_paths(matching(Path(folder), name)) == known for (folder, name), known in self.found.items())
                and all(_hash_of(Path(path)) == known for path, known in self.files.items())
            )
        except (OSError, ValueError):
            return False


_NOTED: ContextVar[Fingerprint | None] = ContextVar("_NOTED", default=None)


@contextmanager
def noting() -> Iterator[Fingerprint]:
    """Note what is read inside."""
    fingerprint = Fingerprint()
    token = _NOTED.set(fingerprint)
    try:
        yield fingerprint
    finally:
        _NOTED.reset(token)


def note_file(path: Path, data: bytes) -> None:
    """A file was read, and these are its bytes."""
    if _NOTED.get() is not None:
        note_hash(path, hashlib.sha256(data).hexdigest())


def hash_of_file(path: Path) -> str:
    """The SHA-256, in hexadecimal, of a file that is read in parts, and not as a whole.

    Raises:
        OSError: it cannot be read.
    """
    digest = _hash_of(path)
    note_hash(path, digest)
    return digest


def note_hash(path: Path, digest: str) -> None:
    """A file was read, and this is the SHA-256 of its bytes."""
    if (noted := _NOTED.get()) is not None and noted.files.setdefault(str(path), digest) != digest:
        noted.files[str(path)] = ""  # it changed between two looks: never unchanged


def note_outside() -> None:
    """Something was read that cannot be checked for changes later."""
    if (noted := _NOTED.get()) is not None:
        noted.outside = True


def is_file(path: Path) -> bool:
    """Whether a file exists."""
    there = path.is_file()
    if (noted := _NOTED.get()) is not None:
        noted.exists[str(path)] = there
    return there


def files_of(folder: Path, pattern: str) -> list[Path]:
    """The files that a name or a glob finds within a folder, sorted. Hidden files and Excel's lock files do not count.

    Raises:
        OSError: no file can have such a name.
        ValueError: no pattern can be written so.
    """
    found = matching(folder, pattern)
    if (noted := _NOTED.get()) is not None:
        noted.found[str(folder), pattern] = _paths(found)
    return found


def matching(folder: Path, pattern: str) -> list[Path]:
    """The same, without noting it."""
    if (folder / pattern).is_file():  # a name may hold what a pattern gives a meaning: "report [1].csv"
        return [folder / pattern]
    return sorted(path for path in folder.glob(pattern) if counts(path))


def counts(path: Path) -> bool:
    """Whether a path is a file that may be an export: neither hidden nor a lock file that Excel leaves behind."""
    return path.is_file() and not path.name.startswith((".", "~$"))


def _paths(found: Sequence[Path]) -> list[list[str]]:
    return [[str(path), str(path.resolve())] for path in found]


def _hash_of(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def reader() -> str:
    """What reads: the version of segxl, its code, of Python and of the libraries that may change what is read.

    The code counts by the sizes and dates of segxl's own files, so that a change of segxl needs no new version.
    """
    digest = hashlib.sha256(f"{__version__} {sys.version} {sys.byteorder}".encode())
    for place in sorted(_code(Path(__file__).parents[1])):
        digest.update(place.encode())
    for place in sys.path:
        for name in sorted(_names(place)):
            if name.startswith(_READERS) and name.endswith("-info"):
                digest.update(name.encode())
    return digest.hexdigest()


def _names(place: str) -> list[str]:
    try:
        with os.scandir(place or ".") as entries:
            return [entry.name for entry in entries]
    except OSError:  # a place that does not exist, or an archive
        return []


def _code(folder: Path) -> Iterator[str]:
    """Name, size and date of each file of code."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _code(Path(entry.path))
            elif entry.name.endswith(".py"):
                about = entry.stat()
                yield f"{entry.path} {about.st_size} {about.st_mtime_ns}"
