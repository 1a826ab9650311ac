"""The macros behind the workbook's buttons: VBA calls them by ``RunPython``, each without arguments.

Whatever happens is caught here: one sentence goes to the status bar, to the first sheet's status cell where there is
one, and for what went wrong into a message; the details go into a log file. Python's own error box never shows. The
workbook that the button belongs to is meant, not the one in front.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from segxl._version import __version__
from segxl.errors import SegxlError
from segxl.excel.buttons.buttons import STATUS
from segxl.excel.log import first_line, log, log_path
from segxl.messages import counted

if TYPE_CHECKING:
    import xlwings as xw

    from segxl.excel.buttons.actions import Outcome, Press

HELP = (
    "1. Sheet Settings: enter open stages, currency and segments. Sheet Maps: translate your words.\n"
    "2. Import exports, or paste each export into its own sheet. Clear examples removes the example rows.\n"
    "3. Check data: see rows used, excluded and rejected, and what to fix.\n"
    "4. Build scorecard, Run segment report: create their sheets in this workbook, new each time.\n"
    "5. Publish packs: save a workbook, web page and JSON per segment next to this workbook.\n\n"
    "Select a number and press Explain this number to see its rows. segxl never changes your own sheets and "
    "formulas.\n"
    "For installation problems, run segxl doctor in a terminal."
)


def import_exports() -> None:
    """The button Import exports."""
    _pressed("Import exports", lambda actions, book, _: actions.import_exports(book))


def check_data() -> None:
    """The button Check data."""
    _pressed("Check data", lambda actions, book, pressed: actions.check_data(book, pressed))


def build_scorecard() -> None:
    """The button Build scorecard."""
    _pressed("Build scorecard", lambda actions, book, pressed: actions.build_scorecard(book, pressed))


def run_report() -> None:
    """The button Run segment report."""
    _pressed("Run segment report", lambda actions, book, pressed: actions.run_report(book, pressed))


def publish_packs() -> None:
    """The button Publish packs."""
    _pressed("Publish packs", lambda actions, book, pressed: actions.publish_packs(book, pressed))


def explain_number() -> None:
    """The button Explain this number."""
    _pressed("Explain this number", lambda actions, book, pressed: actions.explain_number(book, pressed))


def clear_examples() -> None:
    """The button Clear examples."""
    _pressed("Clear examples", lambda actions, book, _: actions.clear_examples(book))


def insert_function() -> None:
    """The button Insert function."""
    _pressed("Insert function", _insert_function)


def show_help() -> None:
    """The button Help."""
    _at_the_edge("Help", lambda book: book.app.alert(HELP, f"segxl {__version__}"))


def press(button: str, book: xw.Book, action: Callable[[xw.Book, Press], Outcome]) -> Outcome | None:
    """Run an action on a book and show its outcome in the workbook; None if it failed."""
    from segxl.excel.buttons.actions import Press

    def tell(doing: str) -> None:
        book.app.status_bar = f"segxl: {doing} …"

    try:
        outcome = action(book, Press(tell=tell))
    except SegxlError as error:
        _say(book, str(error).partition("\n")[0])
        _show(book.app, button, str(error).splitlines(), critical=True)
        return None
    _say(book, outcome.summary)
    if outcome.faults:
        _show(book.app, button, [outcome.summary, *outcome.lines])
    return outcome


def _insert_function(_: ModuleType, book: xw.Book, pressed: Press) -> Outcome:
    from segxl.excel.buttons.insert_function import insert_function

    return insert_function(book, pressed)


def _pressed(button: str, action: Callable[[ModuleType, xw.Book, Press], Outcome]) -> None:
    def work(book: xw.Book) -> None:
        from segxl.excel.buttons import actions

        press(button, book, lambda one, pressed: action(actions, one, pressed))

    _at_the_edge(button, work)


def _at_the_edge(button: str, work: Callable[[xw.Book], object]) -> None:
    """Work on the workbook whose button was pressed. Any error ends here, as a sentence and in the log."""
    book: xw.Book | None = None
    try:
        import xlwings as xw

        book = xw.Book.caller()
        work(book)
    except BaseException as error:  # some readers written in Rust panic, and a panic is not an Exception
        _failed(button, book, error)


def _failed(button: str, book: xw.Book | None, error: BaseException) -> None:
    """Say that a button failed; without a workbook in the Excel in front, if there is one. The log has the details."""
    details = log(button, error)
    if book is not None:
        sentence = f"{button} failed; your sheets are unchanged: {first_line(error)}"
        advice = "If you are editing a cell, press Esc and try again. Otherwise please report this with the details."
        _say(book, sentence)
        _show(book.app, button, [f"{sentence}.", f"Details: {details}", advice], critical=True)
        return
    sentence = f"{button} did not start, because Python could not reach this workbook: {first_line(error)}"
    advice = "Close other Excel windows and try again. If that fails, run segxl doctor in a terminal."
    try:
        import xlwings as xw

        app = xw.apps.active
    except BaseException:  # no Excel that could show it
        return
    if app is not None:
        _show(app, button, [f"{sentence}.", f"Details: {details}", advice], critical=True)


def _say(book: xw.Book, sentence: str) -> None:
    """Leave a sentence in the status bar and in the first sheet; if Excel takes neither, in the log."""
    try:
        book.app.status_bar = f"segxl: {sentence}"
        if STATUS in book.names:
            book.names[STATUS].refers_to_range.value = f"'{sentence}"
    except BaseException as error:  # the sheet is protected, or a cell is being edited
        log("status", error)


def _show(app: xw.App, button: str, lines: list[str], *, critical: bool = False) -> None:
    """Lines in a message box; if Excel shows none, in the log."""
    try:
        app.alert(_short(lines), button, mode="critical" if critical else None)
    except BaseException as error:  # a cell is being edited, or Excel is closing
        log(button, error)


_MOST_LINES = 12


def _short(lines: list[str]) -> str:
    """The text, cut to the size of a message box."""
    cut = [line if len(line) <= 300 else f"{line[:299]}…" for line in lines[:_MOST_LINES]]
    more = len(lines) - _MOST_LINES
    return "\n".join([*cut, f"… and {counted(more, 'more line')}: see {log_path()}"] if more > 0 else cut)
