"""The parts that buttons and add-in need on this computer: which are there, and which are wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from segxl._version import __version__
from segxl.errors import SegxlError
from segxl.excel.addin import environment, windows
from segxl.excel.addin.install import same_path
from segxl.excel.addin.places import Places, packaged_addin, places
from segxl.excel.addin.version import version_of
from segxl.excel.buttons import conf
from segxl.excel.buttons.conf import XLWINGS

INSTALL = "segxl addin install"
_BUTTONS_ONLY = "segxl doctor --write-conf"


def report(problems: list[str]) -> Iterator[str]:
    """Excel's needs and findings on this computer, line by line; errors go to ``problems``."""
    installed = conf.installed_xlwings()
    yield f"  VBA              for xlwings {XLWINGS}; installed: {installed}"
    if installed != XLWINGS:
        problems.append(
            f"the macros need xlwings {XLWINGS}, but {installed} is installed: pip install xlwings=={XLWINGS}"
        )
    yield f"  this Python      {environment.kind()}"
    try:
        at = places()
    except SegxlError as error:
        yield f"  Excel            {error}"
        return
    yield from _addin(at, problems)
    try:
        settings = conf.read_conf(at.conf)
    except SegxlError as error:
        problems.append(str(error))
        return
    doubts = list(environment.doubts())
    if settings:
        yield f"  settings         {at.conf}"
        yield from _python(settings, problems)
        problems += _wrong_settings(at, settings)
        problems += _wrong_files(at)
    elif at.addin.exists():
        problems.append(f"the add-in does not know which Python to use: run {INSTALL}")
    else:  # nothing wrong: not everyone wants them
        yield f"  buttons          not set up: run {INSTALL}, or for workbooks with buttons only {_BUTTONS_ONLY}"
    if sys.platform == "win32":
        yield from windows.report(doubts)
    if settings or at.addin.exists():
        problems += doubts
    else:  # of no consequence so far
        yield from (f"  before you do    {doubt}" for doubt in doubts)
    yield from _clouds()


def _addin(at: Places, problems: list[str]) -> Iterator[str]:
    try:
        content = at.addin.read_bytes() if at.addin.exists() else None
    except OSError as error:
        yield f"  add-in           {at.addin}"
        problems.append(f"{at.addin} cannot be read ({error.strerror}): ask your IT administrator")
        return
    if content is None:
        yield f"  add-in           not installed: run {INSTALL}"
        return
    version = version_of(content)
    yield f"  add-in           segxl {version or '(unknown)'} at {at.addin}"
    if not version:
        problems.append(f"{at.addin} is not of segxl: move it to another folder and run {INSTALL}")
    elif version != __version__:
        problems.append(f"the add-in is of segxl {version}, but {__version__} is installed: run {INSTALL}")
    elif content != packaged_addin():
        problems.append(f"{at.addin} is not the add-in of this segxl any more: run {INSTALL} --overwrite to replace it")


def _python(settings: Mapping[str, str], problems: list[str]) -> Iterator[str]:
    """The Python that Excel starts."""
    other = settings.get(conf.interpreter_key(), "")
    if same_path(other, conf.this_python()):
        yield "  Excel uses       this Python"
    elif other and Path(other).exists():
        yield f"  Excel uses       another Python: {other}"
        problems.append(
            f"Excel uses another Python: {other}. To use this one ({conf.this_python()}), run {INSTALL} "
            "--overwrite. To keep the other, run its own segxl"
        )
    elif other:
        yield f"  Excel uses       a Python that was removed: {other}"
        problems.append(f"the Python that Excel uses was removed ({other}): run {INSTALL}")


def _wrong_settings(at: Places, settings: Mapping[str, str]) -> Iterator[str]:
    """Other missing settings; the Python itself is compared separately, because the rest follows from it."""
    setup = INSTALL if at.addin.exists() else _BUTTONS_ONLY
    other = settings.get(conf.interpreter_key())
    if other is not None and not same_path(other, conf.this_python()):
        return
    for key, value in conf.wanted().items():
        found = settings.get(key)
        if found is None:
            yield f"{at.conf} has no {key}: run {setup}"
        elif not same_path(found, value):
            yield f"{at.conf}: {key} is {found}, but this segxl needs {value}: run {setup}"


def _wrong_files(at: Places) -> Iterator[str]:
    if at.script is not None and not at.script.exists():
        yield f"Excel is not allowed to start Python yet: run {INSTALL}, or xlwings runpython install"
    if sys.platform == "win32" and not windows.dlls():
        yield (f"xlwings' DLL is missing from {sys.prefix}: pip install --force-reinstall --no-deps xlwings=={XLWINGS}")


def _clouds() -> Iterator[str]:
    found = [os.environ[name] for name in environment.CLOUDS if os.environ.get(name)]
    if found:
        yield (
            f"  OneDrive         {found[0]}: if a button cannot find a workbook there, choose “Always "
            "keep on this device” for it, or use a folder outside OneDrive"
        )
