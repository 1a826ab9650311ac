"""Paths of the add-in and its files on a computer with Excel: only in the user's own folders."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from segxl.errors import SegxlError
from segxl.excel.buttons import conf
from segxl.render.shared.atomic_files import workbook_path

ADDIN = "segxl.xlam"
_RECORD = "addin.json"
_MAC_STARTUP = "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
_MAC_EXCEL = "Library/Containers/com.microsoft.Excel"


@dataclass(frozen=True)
class Places:
    """The files of an installation.

    Attributes:
        addin: the add-in, in the folder whose workbooks Excel opens when it starts.
        conf: the settings that lead to this Python.
        script: on a Mac what allows Excel to start Python; None on Windows.
        record: what the installation found before and wrote, so that removing can undo it.
    """

    addin: Path
    conf: Path
    script: Path | None
    record: Path


def places() -> Places:
    """Those of this system and user.

    Raises:
        SegxlError: Excel does not exist for this system, or was never started on this Mac.
    """
    settings = conf.conf_path()
    if sys.platform == "win32":
        roaming = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
        return Places(roaming / "Microsoft" / "Excel" / "XLSTART" / ADDIN, settings, None, settings.with_name(_RECORD))
    home = Path.home()
    if not (home / _MAC_EXCEL).is_dir():
        raise SegxlError(f"Excel has no folder {home / _MAC_EXCEL} yet: start Excel once, quit it, and try again")
    startup = home / _MAC_STARTUP
    return Places(startup / ADDIN, settings, home / conf.MAC_SCRIPT, settings.with_name(f"segxl-{_RECORD}"))


def packaged_addin() -> bytes:
    """The add-in of this segxl."""
    return workbook_path(ADDIN).read_bytes()


def packaged_script() -> bytes:
    """xlwings' script for a Mac.

    Raises:
        SegxlError: another version of xlwings is installed.
    """
    path = Path(str(resources.files("xlwings"))) / Path(conf.MAC_SCRIPT).name
    try:
        return path.read_bytes()
    except OSError as error:
        raise SegxlError(f"xlwings {conf.XLWINGS} is not installed: pip install xlwings=={conf.XLWINGS}") from error
