"""The log: details of errors in Excel, for those who are asked about them."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from segxl._version import __version__


def log_path() -> Path:
    """The folder of the log: the user's own, where Excel's sandbox on a Mac may write."""
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
    except Exception as problem:  # a failure to write the log must not hide the error to be logged
        return f"none, because the log could not be written ({first_line(problem)})"
    return path


def first_line(error: BaseException) -> str:
    """An error in one line."""
    text = str(error).strip().partition("\n")[0] or type(error).__name__
    return text.rstrip(".")
