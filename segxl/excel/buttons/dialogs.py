"""The dialog that asks which files to import.

It is opened from Python, not from VBA: the VBA of Excel for Mac knows neither several files nor a filter in its file
dialog, and paths that VBA hands over pass through a shell, where quotes, ampersands and dollar signs have a meaning.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from segxl.errors import SegxlError
from segxl.sources.files.files import SHEET_SUFFIXES, TEXT_SUFFIXES

_TITLE = "Choose one or more exports to import"
_CANCELLED = "-128"  # AppleScript's number for "User cancelled"


def choose_files(app: Any) -> list[Path]:
    """The files that the person chooses; none if the dialog is declined.

    Args:
        app: the ``xlwings.App`` whose Excel shows the dialog.

    Raises:
        SegxlError: this system has no such dialog, or it could not be shown.
    """
    if sys.platform == "win32":
        return _in_excel(app)
    if sys.platform == "darwin":
        return _on_mac()
    raise SegxlError("the file dialog needs Excel: name the files, or paste them into sheets of the workbook")


def _in_excel(app: Any) -> list[Path]:
    patterns = ";".join(f"*{suffix}" for suffix in (*TEXT_SUFFIXES, *SHEET_SUFFIXES, ".parquet"))
    # by position (filter, which filter, title, Mac's button, several): names get lost on the way to some Excels
    chosen = app.api.GetOpenFilename(f"Exports,{patterns},All files,*.*", 1, _TITLE, "", True)
    if not chosen:  # False where it was declined
        return []
    return [Path(one) for one in ([chosen] if isinstance(chosen, str) else chosen)]


def _on_mac() -> list[Path]:
    script = (
        "activate",
        f'set chosen to choose file with prompt "{_TITLE}" with multiple selections allowed',
        'set paths to ""',
        "repeat with one in chosen",
        "set paths to paths & POSIX path of one & linefeed",
        "end repeat",
        "return paths",
    )
    command = ["osascript", *(word for line in script for word in ("-e", line))]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        if _CANCELLED in done.stderr:
            return []
        raise SegxlError(f"the file dialog did not open: {done.stderr.strip() or 'no reason given'}")
    return [Path(line) for line in done.stdout.splitlines() if line]
