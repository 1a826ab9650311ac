"""The dialogs: choosing files to import, and choosing from a list.

The first is opened from Python, not from VBA: the VBA of Excel for Mac knows neither several files nor a filter in its
file dialog, and paths that VBA hands over pass through a shell, where quotes, ampersands and dollar signs have a
meaning.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segxl.errors import SegxlError
from segxl.messages import counted
from segxl.sources.files.files import SHEET_SUFFIXES, TEXT_SUFFIXES

_TITLE = "Choose one or more exports to import"
_ASK = "segxl.xlam!AskInExcel"
_MOST_CHARACTERS, _MOST_LINES = 700, 30  # VBA's box for a question takes about 1,000 characters in all
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


def choose_one(app: Any, title: str, question: str, options: Sequence[str], suggested: str = "") -> str | None:
    """The option that the person chooses by its number, its name, or a part of it; None if the dialog is declined.

    Several options that fit are asked again among themselves.

    Args:
        app: the ``xlwings.App`` whose Excel shows the dialog, by the add-in's function ``AskInExcel``.
        suggested: the option that pressing Enter takes; by default the first.
    """
    ask = app.macro(_ASK)
    among, note = tuple(options), ""
    while True:
        shown = numbered(among)
        answer = ask(f"{note}{question}\n\n{shown}", title, suggested if suggested in among else among[0])
        if not str(answer or "").strip():
            return None
        found = fitting(str(answer), among)
        if len(found) == 1:
            return found[0]
        elsewhere = fitting(str(answer), options) if not found else ()
        if len(elsewhere) == 1:
            return elsewhere[0]
        note = (
            f"“{answer}” fits {counted(len(found), 'entry', 'entries')}. "
            if found
            else f"“{answer}” is not in the list. "
        )
        among = found or elsewhere or tuple(options)


def numbered(options: Sequence[str]) -> str:
    """The options with their numbers, as many as the dialog takes."""
    lines: list[str] = []
    room = _MOST_CHARACTERS
    for number, option in enumerate(options, start=1):
        line = f"{number}  {option}"
        room -= len(line) + 1
        if room < 0 or number > _MOST_LINES:
            rest = len(options) - number + 1
            return "\n".join([*lines, f"… {rest:,} more: type a part of the name"])
        lines.append(line)
    return "\n".join([*lines, "", "Type a number, a name or a part of it."])


def fitting(answer: str, options: Sequence[str]) -> tuple[str, ...]:
    """The options that an answer means: the one of that name, else of that number, else all that have its words."""
    wanted = " ".join(answer.casefold().split())
    if same := tuple(option for option in options if option.casefold() == wanted):
        return same
    if wanted.isdecimal() and 1 <= int(wanted) <= len(options):
        return (options[int(wanted) - 1],)
    return tuple(option for option in options if all(word in option.casefold() for word in wanted.split()))


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
