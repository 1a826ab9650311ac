"""What Excel's buttons need on this computer: the settings file that says which Python to start, and what is wrong.

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
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path, PureWindowsPath

import segxl
from segxl.errors import SegxlError
from segxl.render.shared.atomic_files import refusal, write_atomically

XLWINGS = "0.37.8"
"""The version whose VBA is in the workbook; pyproject.toml asks for the same one."""

_CONDA = ("CONDA PATH", "CONDA ENV")
_SETUP = "segxl doctor --write-conf"
_MAC_SCRIPT = f"Library/Application Scripts/com.microsoft.Excel/xlwings-{XLWINGS}.applescript"


def conf_path() -> Path:
    """Where the VBA of this system's Excel looks for its settings.

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
    """The settings in ``path``; none where there is no such file. Keys are upper case.

    Raises:
        SegxlError: the file cannot be read, or a line is not ``"KEY","value"``.
    """
    try:
        text = path.read_text(encoding=_encoding(), errors="replace") if path.exists() else ""
    except OSError as error:
        raise SegxlError(refusal(error)) from error
    rows = list(csv.reader(text.splitlines()))
    for number, row in enumerate(rows, 1):
        if row and len(row) != 2:
            raise SegxlError(f'{path}, line {number}: write "KEY","value", or delete the line')
    return {key.upper(): value for key, value in (row for row in rows if row)}


def write_conf() -> Path:
    """Point Excel's buttons to this Python; other settings in the file stay.

    Raises:
        SegxlError: there is no desktop Excel for this system, or the file cannot be written.
    """
    path = conf_path()
    settings = {key: value for key, value in read_conf(path).items() if key not in _CONDA} | _wanted()
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(settings.items())
    try:
        content = text.getvalue().encode(_encoding())
    except UnicodeEncodeError as error:
        raise SegxlError(
            f"Excel cannot read {error.object[error.start : error.end]!r} in the path of this Python "
            f"({sys.executable}): "
            "install segxl in a folder with plain letters in its name"
        ) from None

    def produce(file: Path) -> None:
        file.write_bytes(content)

    write_atomically(path, produce, overwrite=True, instead="ask your IT administrator")
    return path


def report(problems: list[str]) -> Iterator[str]:
    """What Excel's buttons need and find on this computer, line by line; what is wrong goes to ``problems``."""
    installed = _installed()
    yield f"  VBA              for xlwings {XLWINGS}; installed: {installed}"
    if installed != XLWINGS:
        problems.append(
            f"the buttons need xlwings {XLWINGS}, but {installed} is installed: pip install xlwings=={XLWINGS}"
        )
    try:
        path = conf_path()
    except SegxlError as error:
        yield f"  buttons          {error}"
        return
    try:
        settings = read_conf(path)
    except SegxlError as error:
        problems.append(str(error))
        return
    if not settings:  # nothing wrong: not everyone wants them
        yield f"  buttons          not set up: run {_SETUP}"
        return
    yield f"  settings         {path}"
    problems += _wrong_settings(path, settings)
    problems += _wrong_files()
    clouds = [name for name in ("OneDrive", "OneDriveCommercial", "OneDriveConsumer") if os.environ.get(name)]
    if clouds:
        yield (
            f"  OneDrive         {os.environ[clouds[0]]}: if a button cannot find a workbook there, choose “Always "
            "keep on this device” for it, or use a folder outside OneDrive"
        )


def _wanted() -> dict[str, str]:
    """The settings that lead to this Python."""
    interpreter = "INTERPRETER_WIN" if sys.platform == "win32" else "INTERPRETER_MAC"
    return {
        interpreter: sys.executable,
        "ADD_WORKBOOK_TO_PYTHONPATH": "false",  # else a pandas.py beside the workbook would be taken for pandas
        "SEGXL_PACKAGE": str(Path(segxl.__file__).resolve()),
        "SEGXL_XLWINGS": _installed(),
        **_conda(),
    }


def _conda() -> dict[str, str]:
    """What activates this Python's conda environment, which on Windows leads to its DLLs; empty where there is none."""
    program, name = os.environ.get("CONDA_EXE"), os.environ.get("CONDA_DEFAULT_ENV")
    found: dict[str, str] = {}
    if program and name and os.environ.get("CONDA_PREFIX") == sys.prefix:
        found = dict(zip(_CONDA, (str(PureWindowsPath(program).parents[1]), name), strict=True))
    return found if sys.platform == "win32" else {}


def _installed() -> str:
    """The version of xlwings in this Python."""
    try:
        return metadata.version("xlwings")
    except metadata.PackageNotFoundError:
        return "none"


def _wrong_settings(path: Path, settings: Mapping[str, str]) -> Iterator[str]:
    for key, value in _wanted().items():
        found = settings.get(key)
        if found is None:
            yield f"{path} has no {key}: run {_SETUP}"
        elif os.path.normcase(found) != os.path.normcase(value):
            yield f"{path}: {key} is {found}, but this segxl needs {value}: run {_SETUP}"


def _wrong_files() -> list[str]:
    if sys.platform == "darwin" and not (Path.home() / _MAC_SCRIPT).exists():
        return ["Excel is not allowed to start Python yet: run xlwings runpython install"]
    if sys.platform == "win32" and not list(Path(sys.prefix).glob(f"xlwings*-{XLWINGS}.dll")):
        again = f"pip install --force-reinstall --no-deps xlwings=={XLWINGS}"
        return [f"xlwings' DLL is missing from {sys.prefix}: {again}"]
    return []


def _encoding() -> str:
    """What VBA reads text files in: the system's ANSI code page on Windows."""
    return locale.getencoding()
