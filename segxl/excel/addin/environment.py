"""The kind of Python that runs segxl, as far as Excel is concerned: it must last, and Excel must reach it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePath

_TEMPORARY = {
    frozenset({"uv", "archive-v0"}): "uvx",
    frozenset({"uv", "environments-v2"}): "uv run",
    frozenset({"pipx", ".cache"}): "pipx run",
    frozenset({"pipx", "cache"}): "pipx run",
    frozenset({"pipx", "caches"}): "pipx run",
}
"""Folders in the path of environments that their tool deletes again, and the tool's command."""

_STORE = "windowsapps"
CLOUDS = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")


def kind() -> str:
    """The name of this Python's kind: a conda or virtual environment, or an installation."""
    if (Path(sys.prefix) / "conda-meta").is_dir():
        return f"conda environment {sys.prefix}"
    if sys.prefix != sys.base_prefix:
        return f"virtual environment {sys.prefix}, of Python {sys.base_prefix}"
    return f"installation {sys.prefix}"


def why_unfit() -> str:
    """Why Excel could not use this Python, and what to do; blank if it can."""
    folders = {part.casefold() for part in _parts(sys.prefix)}
    for named, command in _TEMPORARY.items():
        if named <= folders:
            return (
                f"this Python is temporary ({command}: {sys.prefix}): install segxl with uv tool install or pipx "
                "install, and run segxl addin install again"
            )
    if any(part.casefold() == _STORE for path in (sys.executable, sys.base_prefix) for part in _parts(path)):
        return (
            f"this Python is from the Microsoft Store ({sys.base_prefix}). Windows keeps the files that it writes away "
            "from Excel: install segxl with uv tool install, or into a Python from python.org"
        )
    return ""


def doubts() -> Iterator[str]:
    """Possible problems with this Python, each with its fix."""
    if why := why_unfit():
        yield why
    if cloud := cloud_of(sys.prefix):
        yield (
            f"this Python is in OneDrive ({cloud}), which may move its files away: install segxl outside OneDrive, for "
            "example with uv tool install"
        )


def cloud_of(path: str) -> str:
    """The OneDrive folder that a path is in; blank for none."""
    wanted = os.path.normcase(path)
    for name in CLOUDS:
        folder = os.environ.get(name)
        if folder and (wanted + os.sep).startswith(os.path.normcase(folder).rstrip("\\/") + os.sep):
            return folder
    return ""


def _parts(path: str) -> tuple[str, ...]:
    return PurePath(path.replace("\\", "/")).parts
