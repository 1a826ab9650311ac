"""The settings file of Excel's buttons on this computer: it names the Python to start.

The VBA in the workbook is xlwings' own, under the project name ``segxl``; so it reads ``segxl.conf`` in place of
xlwings' settings, and segxl never touches those of other xlwings workbooks. Each line is ``"KEY","value"``. To the keys
of xlwings come two that only the VBA of segxl reads: ``SEGXL_PACKAGE``, a file that is there while segxl is installed,
and ``SEGXL_XLWINGS``, the version of xlwings that came with it.
"""

from __future__ import annotations

import csv
import io
import locale
import os
import sys
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath

import segxl
from segxl.errors import SegxlError
from segxl.packages import installed_version
from segxl.render.shared.atomic_files import contents, refusal, write_atomically

XLWINGS = "0.37.8"
"""The version of the VBA in the workbook; pyproject.toml requires the same one."""

_CONDA = ("CONDA PATH", "CONDA ENV")
_WRITTEN = ("INTERPRETER_WIN", "INTERPRETER_MAC", "ADD_WORKBOOK_TO_PYTHONPATH", "SEGXL_PACKAGE", "SEGXL_XLWINGS")
MAC_SCRIPT = f"Library/Application Scripts/com.microsoft.Excel/xlwings-{XLWINGS}.applescript"
"""The script that lets Excel for Mac start Python, below the home folder; it comes with xlwings."""


def conf_path() -> Path:
    """The path where the VBA of this system's Excel looks for its settings.

    Raises:
        SegxlError: there is no desktop Excel for this system, or the user has no folder of their own.
    """
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("USERPROFILE") or Path.home()) / ".segxl" / "segxl.conf"
        if sys.platform == "darwin":
            return Path.home() / "Library/Containers/com.microsoft.Excel/Data/segxl.conf"
    except RuntimeError as error:
        raise SegxlError(f"your home folder is unknown ({error}); set HOME to it and try again") from error
    raise SegxlError("this system has no desktop Excel, so no setup is needed")


def read_conf(path: Path) -> dict[str, str]:
    """The settings in ``path``; empty without such a file. Keys are upper case.

    Raises:
        SegxlError: the file cannot be read, or a line is not ``"KEY","value"``.
    """
    try:
        content = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise SegxlError(refusal(error)) from error
    return decoded(path, content)


def decoded(path: Path, content: bytes) -> dict[str, str]:
    """The same from the file's contents; ``path`` goes into the error."""
    text = content.decode(_encoding(), errors="replace")
    rows = list(csv.reader(text.splitlines()))
    for number, row in enumerate(rows, 1):
        if row and len(row) != 2:
            raise SegxlError(f'{path}, line {number}: write "KEY","value", or delete the line')
    return {key.upper(): value for key, value in (row for row in rows if row)}


def write_conf() -> Path:
    """Point Excel's buttons to this Python; other settings in the file are kept.

    Raises:
        SegxlError: there is no desktop Excel for this system, or the file cannot be written.
    """
    path = conf_path()
    content = contents(encoded(with_this_python(read_conf(path))))
    write_atomically(path, content, overwrite=True, instead="ask your IT administrator")
    return path


def with_this_python(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that lead to this Python; the others stay."""
    return {key: value for key, value in settings.items() if key not in _CONDA} | wanted()


def without_this_python(
    settings: Mapping[str, str], written: Mapping[str, str], before: Mapping[str, str]
) -> dict[str, str]:
    """The settings without the changes of :func:`with_this_python`.

    Args:
        settings: as they are now; a value that is not the ``written`` one any more stays.
        written: what was written; ``before``: what was there before that.
    """
    kept = dict(settings)
    for key in (*_WRITTEN, *_CONDA):
        if settings.get(key) == written.get(key):
            kept.pop(key, None)
            kept |= {key: before[key]} if key in before else {}
    return kept


def encoded(settings: Mapping[str, str]) -> bytes:
    """The settings as VBA reads them.

    Raises:
        SegxlError: VBA cannot read a letter in the path of this Python.
    """
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(settings.items())
    try:
        return text.getvalue().encode(_encoding())
    except UnicodeEncodeError as error:
        raise SegxlError(
            f"Excel cannot read {error.object[error.start : error.end]!r} in the path of this Python "
            f"({sys.executable}): "
            "install segxl in a folder with plain letters in its name"
        ) from None


def interpreter_key() -> str:
    """The name of the setting for the Python of this system's Excel."""
    return "INTERPRETER_WIN" if sys.platform == "win32" else "INTERPRETER_MAC"


def this_python() -> str:
    """The program of this Python, as Excel starts it."""
    return os.path.normpath(sys.executable)


def wanted() -> dict[str, str]:
    """The settings that lead to this Python."""
    return {
        interpreter_key(): this_python(),
        "ADD_WORKBOOK_TO_PYTHONPATH": "false",  # otherwise Python would import a pandas.py next to the workbook
        "SEGXL_PACKAGE": str(Path(segxl.__file__).resolve()),
        "SEGXL_XLWINGS": installed_xlwings(),
        **_conda(),
    }


def _conda() -> dict[str, str]:
    """The command that activates this Python's conda environment, which on Windows finds its DLLs; blank without
    one."""
    program, name = os.environ.get("CONDA_EXE"), os.environ.get("CONDA_DEFAULT_ENV")
    found: dict[str, str] = {}
    if program and name and os.environ.get("CONDA_PREFIX") == sys.prefix:
        found = dict(zip(_CONDA, (str(PureWindowsPath(program).parents[1]), name), strict=True))
    return found if sys.platform == "win32" else {}


def installed_xlwings() -> str:
    """The version of xlwings in this Python."""
    return installed_version("xlwings") or "none"


def _encoding() -> str:
    """The encoding in which VBA reads text files: the system's ANSI code page on Windows."""
    return locale.getencoding()
