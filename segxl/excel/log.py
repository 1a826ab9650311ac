"""The log: where the details of what went wrong in Excel are kept, for whoever is asked about it."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from segxl._version import __version__


def log_path() -> Path:
    """Where details go: a folder of the user's that Excel's sandbox on a Mac can write to."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Containers" / "com.microsoft.Excel" / "Data" / "segxl.log"
    return Path.home() / ".segxl" / "segxl.log"


def log(what: str, error: BaseException) -> Path | str:
    """Write the details of an error down; where they are, or why they are nowhere. ``what`` is what failed."""
    try:
        path = log_path()
        details = "".join(traceback.format_exception(error))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"\nsegxl {__version__}, {what}\n{details}")
    except Exception as problem:  # whatever keeps the log from being written must not hide the error it is about
        return f"none, because the log could not be written ({first_line(problem)})"
    return path


def first_line(error: BaseException) -> str:
    """An error in one line."""
    text = str(error).strip().partition("\n")[0] or type(error).__name__
    return text.rstrip(".")
