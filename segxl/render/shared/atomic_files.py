"""Files: the templates that come with the package, and writing that never leaves half a file behind."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Self

from segxl.errors import SegxlError

FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""The system's error numbers for a full disk or share."""

ELSEWHERE = "name another folder"
"""Advice if a file cannot be written; a host with another remedy gives its own."""

OUT = f"{ELSEWHERE} with --out"
"""The same for a command that has this option."""

_CHUNK = 1 << 20
_MARK = ".segxl-"  # how temporary files begin
_STALE_SECONDS = 86_400


def template_path(name: str) -> Path:
    """The path of the template ``name`` (``"scorecard.xlsx"``): in the installed package, else in the source checkout.

    Raises:
        SegxlError: neither place holds it.
    """
    return _shipped("templates", name)


def workbook_path(name: str) -> Path:
    """The path of the workbook ``name`` (``"segxl.xlsm"``) that is shipped with segxl; places and errors as for
    templates."""
    return _shipped("workbooks", name)


def _shipped(folder: str, name: str) -> Path:
    package = Path(str(resources.files("segxl")))
    for place in (package / folder, package.parent / folder):
        if (place / name).is_file():
            return place / name
    raise SegxlError(f"the {folder[:-1]} {name} is missing from {package / folder}; reinstall segxl")


def check_writable(folder: Path, instead: str = ELSEWHERE) -> None:
    """Make ``folder`` if it is missing, and prove that a file can be written there, before any work is done.

    Raises:
        SegxlError: it cannot be made or written to; ``instead`` is what to do then.
    """
    with _plain_errors(folder, resolved(folder, instead), instead):
        _make_folder(folder, instead)
        probe = _beside(folder / "probe")
        try:
            probe.write_bytes(b"segxl")
        finally:
            probe.unlink(missing_ok=True)


def write_atomically(path: Path, produce: Callable[[Path], None], *, overwrite: bool, instead: str = ELSEWHERE) -> bool:
    """Let ``produce`` write a temporary file next to ``path``, then move it into place in one step.

    Readers see the old file or the new one, never a part of it, and nothing is left behind if ``produce``
    fails or is interrupted. A folder that is missing is made. A file that already holds the same bytes is
    left alone.

    Args:
        path: the file to write.
        produce: writes the whole file to the path it is given.
        overwrite: whether a file with other contents may be replaced.
        instead: advice for the error if the file cannot be written.

    Returns:
        True if the file was written, False if the same bytes were there already.

    Raises:
        SegxlError: the file exists and differs, is open in Excel, or cannot be written there.
    """
    with Together(overwrite=overwrite, instead=instead) as files:
        files.add(path, produce)
    return files.written[0][1]


def contents(data: bytes) -> Callable[[Path], None]:
    """A producer for :func:`write_atomically` that writes some bytes."""

    def produce(path: Path) -> None:
        path.write_bytes(data)

    return produce


class Together:
    """Files that are put in place together, when the block of ``with`` ends: one that cannot be written or replaced
    leaves all of them as they were.

    ``written``: each path, and whether it was written (False: the same bytes were there already).
    """

    def __init__(self, *, overwrite: bool, instead: str = ELSEWHERE) -> None:
        self._overwrite = overwrite
        self._instead = instead
        self._ready: list[tuple[Path, Path, Path]] = []
        self._places: list[Path] = []
        self.written: list[tuple[Path, bool]] = []

    def add(self, path: Path, produce: Callable[[Path], None]) -> None:
        """Let ``produce`` write a temporary file next to ``path``; arguments and errors as for
        :func:`write_atomically`."""
        target = resolved(path, self._instead)  # a symbolic link stays one: its target is replaced
        temporary = _beside(target)
        with _plain_errors(path, target, self._instead):
            if target.is_dir():
                raise SegxlError(f"{path} is a folder; name a file")
            if target.exists() and not target.is_file():
                raise SegxlError(f"{path} is a pipe or a device and cannot be replaced; name another file")
            _make_folder(target.parent, self._instead)
            _clear_stale(target.parent)
            try:
                produce(temporary)
                _flush(temporary)
                same = target.exists() and _same_bytes(temporary, target)
                if target.exists() and not same:
                    self._may_replace(path, target)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        if same:
            temporary.unlink()
        else:
            self._ready.append((temporary, target, path))
        self.written.append((path, not same))

    def place(self, path: Path) -> Path:
        """Where another process may write a file for :meth:`add`, next to ``path``; it is removed when the block ends.

        Raises:
            SegxlError: the path leads nowhere.
        """
        self._places.append(_beside(resolved(path, self._instead)))
        return self._places[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._publish()
        finally:
            for temporary in (*self._places, *(temporary for temporary, _target, _path in self._ready)):
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)

    def _publish(self) -> None:
        for _, target, path in self._ready:
            if target.exists():  # or is open in Excel: perhaps only since it was looked at
                self._may_replace(path, target)
        before: list[tuple[Path, Path, bool]] = []
        try:
            for temporary, target, path in self._ready:
                with _plain_errors(path, target, self._instead):
                    if len(self._ready) > 1:
                        kept = _beside(target)
                        before.append((target, kept, target.exists()))
                        _keep(target, kept)
                    _put_in_place(temporary, target, path)
        except BaseException:
            for target, kept, existed in before:
                with suppress(OSError):
                    if not existed:
                        target.unlink(missing_ok=True)
                    elif kept.exists():
                        kept.replace(target)
            raise
        finally:
            for _, kept, _ in before:
                kept.unlink(missing_ok=True)

    def _may_replace(self, path: Path, target: Path) -> None:
        if not self._overwrite:
            raise SegxlError(f"{path} exists already; add --overwrite to replace it, or {self._instead}")
        for lock, program in ((f"~${target.name}", "Excel"), (f".~lock.{target.name}#", "LibreOffice")):
            if target.with_name(lock).exists():
                raise SegxlError(
                    f"{path} is open in {program}; close it there and try again "
                    f"(if it is not open, delete the file {lock} next to it)"
                )


def resolved(path: Path, instead: str = ELSEWHERE) -> Path:
    """The target of a path.

    Raises:
        SegxlError: nowhere; ``instead`` is what to do then.
    """
    try:
        return path.resolve()
    except UnicodeEncodeError as error:
        raise SegxlError(_unwritable_name(path, error)) from None
    except (OSError, RuntimeError):  # which of them depends on Python's version
        raise SegxlError(f"{path} is a broken link; {instead}") from None


def _beside(path: Path) -> Path:
    """A hidden name in the same folder, so that the rename stays on one disk; it keeps the suffix."""
    return path.with_name(f"{_MARK}{secrets.token_hex(6)}{path.suffix}")


def _make_folder(folder: Path, instead: str) -> None:
    nearest = next((part for part in (folder, *folder.parents) if part.exists()), folder)
    if nearest.exists() and not nearest.is_dir():
        raise SegxlError(f"{nearest} is a file, not a folder; {instead}")
    folder.mkdir(parents=True, exist_ok=True)


def _clear_stale(folder: Path) -> None:
    """Remains of a killed run. Younger files may belong to a run that is still writing."""
    for left in folder.glob(f"{_MARK}*"):
        with suppress(OSError):
            if time.time() - left.lstat().st_mtime > _STALE_SECONDS:
                left.unlink()


def _flush(path: Path) -> None:
    """The bytes reach the disk before the name does: a power cut must not leave an empty file in place."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while chunk := left.read(_CHUNK):
            if chunk != right.read(_CHUNK):
                return False
    return True


def _keep(target: Path, kept: Path) -> None:
    """Keep the file's contents under another name, until all files of a block are in place."""
    if target.exists():
        try:
            kept.hardlink_to(target)
        except OSError:  # a disk without hard links
            shutil.copy2(target, kept)


def _put_in_place(temporary: Path, target: Path, path: Path) -> None:
    existed = target.exists()
    try:
        temporary.replace(target)
    except PermissionError as error:
        if not existed:
            raise
        raise SegxlError(f"{path} cannot be replaced; if it is open in Excel, close it there and try again") from error


@contextmanager
def _plain_errors(path: Path, target: Path, instead: str) -> Iterator[None]:
    """Turn a system error into a plain sentence. Errors about other files come from reading on the way and pass
    unchanged.
    """
    try:
        yield
    except OSError as error:
        if error.filename is not None and not _ours(Path(os.fsdecode(error.filename)), path, target):
            raise
        raise SegxlError(_sentence(path, error, instead)) from error
    except UnicodeEncodeError as error:
        if error.object not in str(target) and _MARK not in error.object:
            raise
        raise SegxlError(_unwritable_name(path, error)) from error


def _unwritable_name(path: Path, error: UnicodeEncodeError) -> str:
    """For a system that is set to plain ASCII."""
    return (
        f"{path} cannot be written: this system allows only {error.encoding} in file names; set the environment "
        f"variable "
        "PYTHONUTF8 to 1 and try again"
    )


def _ours(name: Path, *targets: Path) -> bool:
    return name.name.startswith(_MARK) or any(name == each or name in each.parents for each in targets)


def _sentence(path: Path, error: OSError, instead: str) -> str:
    if error.errno in FULL:
        return f"the disk is full: {path} was not written; free some space, or {instead}"
    if isinstance(error, PermissionError):
        return f"no permission to write {path}; {instead}"
    if error.errno == errno.EROFS:
        return f"{path} is on a read-only disk; {instead}"
    if error.errno == errno.EFBIG:
        return f"{path} is too large for the disk or this computer's limits; {instead}"
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        return f"{path} cannot be written: part of the path is a file, not a folder; {instead}"
    if error.errno == errno.ENAMETOOLONG:
        return f"{path}: the name is too long; choose a shorter one"
    return f"{path} cannot be written: {error.strerror or error}; {instead}"


def refusal(error: OSError) -> str:
    """The system's refusal outside the written files, and the fix, as a sentence."""
    name = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
    reason = error.strerror or str(error)
    if error.errno in FULL:
        return f"{name}the disk is full; free some space and try again"
    if isinstance(error, PermissionError):
        return f"{name}{reason}; ask for permission, or copy the files to your own folder"
    if error.errno == errno.ENAMETOOLONG:
        return f"{name}{reason}; choose a shorter one"
    return f"{name}{reason}; check that the file or folder exists and can be opened, and try again"
