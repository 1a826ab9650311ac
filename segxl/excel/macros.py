"""The macros behind the workbook's buttons: VBA calls them by ``RunPython``, each without arguments.

Whatever happens is caught here: one sentence goes to the status bar, to the first sheet's status cell where there is
one, and for what went wrong into a message; the details go into a log file. Python's own error box never shows. The
workbook that the button belongs to is meant, not the one in front.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from segxl._version import __version__
from segxl.errors import SegxlError

if TYPE_CHECKING:
    import xlwings as xw

    from segxl.excel.actions import Outcome, Press

STATUS = "segxl_status"
"""The name of the cell that keeps the last sentence; a workbook need not have it."""

HELP = (
    "1. Sheet Settings: your company's open stages, currency and segments; sheet Maps: what your words mean.\n"
    "2. Import exports, or paste each export onto a sheet of its own. Clear examples takes the example rows out.\n"
    "3. Check data: what became of every row, and what to change.\n"
    "4. Build scorecard, Run segment report: on sheets of this workbook, drawn anew each time.\n"
    "5. Publish packs: a workbook, web page and JSON for each segment, beside this workbook.\n\n"
    "Select a number and press Explain this number to see its rows. Your own sheets and formulas are never changed.\n"
    "If something is wrong with the installation: segxl doctor, in a terminal."
)


def import_exports() -> None:
    """The button Import exports."""
    from segxl.excel.actions import import_exports

    _pressed("Import exports", lambda book, _: import_exports(book))


def check_data() -> None:
    """The button Check data."""
    from segxl.excel.actions import check_data

    _pressed("Check data", check_data)


def build_scorecard() -> None:
    """The button Build scorecard."""
    from segxl.excel.actions import build_scorecard

    _pressed("Build scorecard", build_scorecard)


def run_report() -> None:
    """The button Run segment report."""
    from segxl.excel.actions import run_report

    _pressed("Run segment report", run_report)


def publish_packs() -> None:
    """The button Publish packs."""
    from segxl.excel.actions import publish_packs

    _pressed("Publish packs", publish_packs)


def explain_number() -> None:
    """The button Explain this number."""
    from segxl.excel.actions import explain_number

    _pressed("Explain this number", explain_number)


def clear_examples() -> None:
    """The button Clear examples."""
    from segxl.excel.actions import clear_examples

    _pressed("Clear examples", lambda book, _: clear_examples(book))


def show_help() -> None:
    """The button Help."""
    book = _caller("Help")
    if book is not None:
        book.app.alert(HELP, f"segxl {__version__}")


def log_path() -> Path:
    """Where details go: a folder of the user's that Excel's sandbox on a Mac can write to."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Containers" / "com.microsoft.Excel" / "Data" / "segxl.log"
    return Path.home() / ".segxl" / "segxl.log"


def press(button: str, book: xw.Book, action: Callable[[xw.Book, Press], Outcome]) -> Outcome | None:
    """Run an action on a book and say in the workbook what came of it; None if it failed."""
    from segxl.excel.actions import Press

    def tell(doing: str) -> None:
        book.app.status_bar = f"segxl: {doing} …"

    try:
        outcome = action(book, Press(tell=tell))
    except SegxlError as error:
        _refuse(book, button, str(error))
        return None
    except Exception as error:
        log = _log(button, error)
        _refuse(
            book,
            button,
            f"{button} failed and changed nothing: {_first_line(error)}. Details: {log}. If it happens again, please "
            "report it with them; press Esc first if a cell is being edited",
        )
        return None
    _say(book, outcome.said)
    if outcome.faults:
        book.app.alert(_short([outcome.said, *outcome.lines]), button)
    return outcome


def _pressed(button: str, action: Callable[[xw.Book, Press], Outcome]) -> None:
    book = _caller(button)
    if book is not None:
        press(button, book, action)


def _caller(button: str) -> xw.Book | None:
    """The workbook whose button was pressed; None, and a line in the log, if Excel does not hand it over."""
    import xlwings as xw

    try:
        return xw.Book.caller()
    except Exception as error:  # there is no Excel to say it in
        _log(button, error)
        return None


def _refuse(book: xw.Book, button: str, sentence: str) -> None:
    """Say what to change. Nothing that goes wrong on the way may raise Python's own box."""
    try:
        _say(book, sentence.partition("\n")[0])
        book.app.alert(_short(sentence.splitlines()), button, mode="critical")
    except Exception as error:
        _log(button, error)


def _say(book: xw.Book, sentence: str) -> None:
    book.app.status_bar = f"segxl: {sentence}"
    try:
        if STATUS in book.names:
            book.names[STATUS].refers_to_range.value = f"'{sentence}"
    except Exception as error:  # the sheet is protected: the status bar has said it
        _log("status", error)


_MOST_LINES = 12


def _short(lines: list[str]) -> str:
    """What fits a message box."""
    cut = [line if len(line) <= 300 else f"{line[:299]}…" for line in lines[:_MOST_LINES]]
    more = len(lines) - _MOST_LINES
    return "\n".join([*cut, f"… and {more} more line(s): see {log_path()}"] if more > 0 else cut)


def _first_line(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0] or type(error).__name__
    return text.rstrip(".")


def _log(button: str, error: Exception) -> Path | str:
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\nsegxl {__version__}, {button}\n{''.join(traceback.format_exception(error))}")
    except OSError as problem:
        return f"none, as {path} cannot be written ({problem.strerror})"
    return path
