"""Installing the add-in for the user, and removing it so that everything is as before.

Only the files of :class:`segxl.excel.addin.places.Places` are written, all or none, and a record of what was there
before. A file of another author, or a Python that Excel uses already, is only replaced when the caller asks for it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segxl.errors import SegxlError
from segxl.excel.addin.environment import why_unfit
from segxl.excel.addin.places import Places, packaged_addin, packaged_script, places
from segxl.excel.addin.record import Entry, Record, read_record
from segxl.excel.addin.version import version_of
from segxl.excel.buttons import conf
from segxl.render.shared.atomic_files import Together, contents, refusal, write_atomically
from segxl.sources.files.raw import sha256_of

_PERMISSION = "ask your IT administrator for write permission to this folder"
_RESTART = "Start Excel again to see the tab segxl"


@dataclass(frozen=True)
class Done:
    """The outcome: lines for the user, and whether anything was changed or could not be removed."""

    lines: tuple[str, ...]
    changed: bool = True
    kept: bool = False


def install(*, overwrite: bool = False) -> Done:
    """Put the add-in into Excel's startup folder, and point its macros to this Python.

    Args:
        overwrite: replace an add-in file of another author, or the Python that Excel uses already.

    Raises:
        SegxlError: there is no Excel, this Python will not last, a file must not or cannot be replaced. Nothing has
            changed then.
    """
    at = places()
    if why := why_unfit():
        raise SegxlError(why)
    record = read_record(at.record)
    settings = conf.read_conf(at.conf)
    gone = _refuse_other_python(settings, overwrite=overwrite)
    wanted = {at.addin: packaged_addin(), at.conf: conf.encoded(conf.with_this_python(settings))}
    if at.script is not None:
        wanted[at.script] = packaged_script()
    found = {path: _content(path) for path in wanted}
    _refuse_foreign(at, found[at.addin], wanted[at.addin], record, overwrite=overwrite)
    changed = [path for path, content in wanted.items() if found[path] != content]
    for path in changed:
        refuse_in_use(path)
    entries = dict(record.files)
    for path in dict.fromkeys((at.addin, *changed)):  # an add-in that is there already, to the byte, is segxl's own
        entries[str(path)] = _entry(at, record, path, found[path], wanted[path])
    folders = record.folders + tuple(
        folder for path in wanted for folder in _missing(path) if folder not in record.folders
    )
    wanted[at.record] = Record(entries, tuple(dict.fromkeys(folders))).encoded()
    with Together(overwrite=True, instead=_PERMISSION) as files:
        for path, content in wanted.items():
            files.add(path, contents(content))
    if not changed:
        return Done((f"already installed, nothing changed: {at.addin}",), changed=False)
    lines = [f"written: {path}" for path in changed]
    return Done((*lines, *gone, f"{_RESTART}. It uses {conf.this_python()}"))


def remove(*, overwrite: bool = False) -> Done:
    """Undo the installation: each file is restored, or deleted.

    Settings that the user changed since are kept, and so is a changed add-in, unless ``overwrite``.

    Raises:
        SegxlError: there is no Excel, or a file cannot be changed: Excel is using it.
    """
    at = places()
    record = read_record(at.record)
    record = record if record.files else _unrecorded(at)
    if not record.files:
        return Done(("not installed, nothing changed", *_stays(at)), changed=False)
    found = {Path(name): _content(Path(name)) for name in record.files}
    present = {path: content for path, content in found.items() if content is not None}
    for path in present:
        refuse_in_use(path)
    if at.conf in present:
        conf.decoded(at.conf, present[at.conf])  # a damaged line is named before anything is touched
    lines: list[str] = []
    kept: dict[str, Entry] = {}
    for path, content in present.items():
        entry = record.files[str(path)]
        if sha256_of(content) == entry.written or (overwrite and path != at.conf):
            lines.append(_restore(path, entry.before))
        elif path == at.conf:
            lines.append(_restore_settings(path, content, entry))
        else:
            kept[str(path)] = entry
            lines.append(f"kept, because it was changed since: {path}; to delete it, add --overwrite")
    if kept:
        write_atomically(at.record, contents(Record(kept, record.folders).encoded()), overwrite=True)
    else:
        _unlink(at.record)
        _remove_folders(record.folders)
    return Done(tuple(lines), kept=bool(kept))


def refuse_in_use(path: Path) -> None:
    """Raise a :class:`SegxlError` if Excel has a file open."""
    if not path.exists():
        return
    try:
        with path.open("rb+"):
            pass
    except PermissionError as error:
        raise SegxlError(
            f"{path} cannot be changed: quit Excel and try again. If Excel is not running, {_PERMISSION}"
        ) from error


def same_path(one: str, other: str) -> bool:
    """Whether two paths are the same by the system's rules."""
    return os.path.normcase(one) == os.path.normcase(other)


def _refuse_other_python(settings: dict[str, str], *, overwrite: bool) -> list[str]:
    """Raise an error if Excel uses another Python; return the note if that one is gone or replaced."""
    other = settings.get(conf.interpreter_key(), "")
    if not other or same_path(other, conf.this_python()):
        return []
    if not Path(other).exists():
        return [f"the Python that Excel used before is gone: {other}"]
    if not overwrite:
        raise SegxlError(
            f"Excel uses another Python with segxl already: {other}. To keep it, run its own segxl addin install. To "
            f"use this one ({conf.this_python()}), add --overwrite"
        )
    return [f"Excel used another Python before: {other}"]


def _refuse_foreign(at: Places, found: bytes | None, wanted: bytes, record: Record, *, overwrite: bool) -> None:
    if found is None or found == wanted or overwrite:
        return
    entry = record.files.get(str(at.addin))
    if entry is not None and entry.written == sha256_of(found):
        return
    author = f"of segxl {version}, changed or copied by hand" if (version := version_of(found)) else "not of segxl"
    raise SegxlError(f"{at.addin} exists and is {author}: move it to another folder, or add --overwrite to replace it")


def _entry(at: Places, record: Record, path: Path, found: bytes | None, wanted: bytes) -> Entry:
    """The record that removing will need. After an earlier installation it is that one's, with later edits."""
    known = record.files.get(str(path))
    before = found
    if known is not None and found is not None:
        if sha256_of(found) == known.written:
            before = known.before
        elif path == at.conf:
            before = _settings_without(path, found, known)
    if path != at.conf:
        return Entry(sha256_of(wanted), None if before == wanted else before)
    return Entry(sha256_of(wanted), before, conf.decoded(path, wanted))


def _unrecorded(at: Places) -> Record:
    """The files that can be removed without a record: the add-in, if it is this segxl's own to the byte."""
    content = packaged_addin()
    if _content(at.addin) != content:
        return Record()
    return Record({str(at.addin): Entry(sha256_of(content), None)})


def _stays(at: Places) -> list[str]:
    if at.addin.exists():
        return [f"{at.addin} was not written by this segxl: delete it yourself if you do not need it"]
    return []


def _restore(path: Path, before: bytes | None) -> str:
    if before is None:
        _unlink(path)
        return f"removed: {path}"
    write_atomically(path, contents(before), overwrite=True, instead=_PERMISSION)
    return f"as it was before: {path}"


def _restore_settings(path: Path, content: bytes, entry: Entry) -> str:
    """Take segxl's own settings back; the others, and those that were changed since, stay."""
    kept = _settings_without(path, content, entry)
    said = _restore(path, kept)
    return said if kept is None else f"your own settings stay: {path}"


def _settings_without(path: Path, content: bytes, entry: Entry) -> bytes | None:
    before = conf.decoded(path, entry.before or b"")
    kept = conf.without_this_python(conf.decoded(path, content), entry.settings, before)
    return conf.encoded(kept) if kept else None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SegxlError(refusal(error)) from error


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SegxlError(f"{path} cannot be deleted: quit Excel and try again; else {_PERMISSION}") from error


def _missing(path: Path) -> list[str]:
    """The folders above a file that do not exist, outermost first."""
    return [str(folder) for folder in reversed(path.parents) if not folder.exists()]


def _remove_folders(folders: tuple[str, ...]) -> None:
    """Those that the installation made, if nothing else is in them by now."""
    for folder in reversed(folders):
        with suppress(OSError):
            Path(folder).rmdir()
