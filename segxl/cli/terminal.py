"""Terminal output and input: the progress line, dates, reports of internal errors, and the exit statuses."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from segxl._version import __version__
from segxl.render.shared.atomic_files import FULL

T = TypeVar("T")

DONE, DONE_WITH_FAULTS, NOT_DONE = 0, 1, 2
"""The exit statuses."""


class OutputLostError(Exception):
    """Standard output or standard error cannot be written. The text is the message to print, blank if the reader is
    gone. Not an OSError: click turns a broken pipe into exit status 1, which here means that the work is done.
    """


@contextmanager
def output() -> Iterator[None]:
    """Let standard output and standard error raise ``OutputLostError`` when they cannot take the output.

    Piped output is UTF-8 everywhere: JSON is by definition, and names of accounts hold any letter. A Windows pipe
    would take what its code page holds and fail on the rest.
    """
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed; the output is lost
            stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  open as long as the process
        setattr(sys, name, _Checked(_spoken(stream)))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _spoken(stream: TextIO) -> TextIO:
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    return stream


class _Checked:
    """A stream whose failures are distinct from those of files. After one failure it refuses everything."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = False

    def write(self, text: str) -> int:
        """Write a text; click tries with "" what kind of stream it is, and takes a refusal for an answer."""
        return self._unless_lost(lambda: 0 if text == "" else self._stream.write(text))

    def flush(self) -> None:
        """Write the contents of the buffer."""
        self._unless_lost(self._stream.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _unless_lost(self, act: Callable[[], T]) -> T:
        if self._lost:
            raise OutputLostError("")
        try:
            return act()
        except OSError as error:
            self._lost = True
            self._discard()
            raise OutputLostError(_refusal(error)) from error

    def _discard(self) -> None:
        """Discard the rest of the buffer: Python would try to write it again at exit, and complain."""
        with suppress(OSError, ValueError):  # a stream without a file behind it
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)


def _refusal(error: OSError) -> str:
    gone = (errno.EPIPE, errno.EINVAL) if sys.platform == "win32" else (errno.EPIPE,)
    if error.errno in gone:
        return ""  # the reader has closed the pipe, as `head` does
    if error.errno in FULL:
        return "the disk is full and the output is incomplete: free some space, or send the output elsewhere"
    return f"the output is incomplete ({error.strerror or error}): send it elsewhere"


def tell(text: str, *, err: bool = False, fold: bool = False) -> None:
    """Print a text that may hold words of an export: a terminal would obey the control characters in them.

    ``fold`` breaks lines of prose between words where a terminal would cut them; a file gets each as it is.
    """
    text = _plain(text)
    if fold and (sys.stderr if err else sys.stdout).isatty():
        width = max(shutil.get_terminal_size().columns, 40)
        text = "\n".join(part for line in text.splitlines() for part in _folded(line, width))
    click.echo(text, err=err)


def _folded(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    found = textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return found or [""]


def _plain(text: str) -> str:
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def tell_fault(error: Exception) -> None:
    """Report an internal error, with the details that a maintainer needs."""
    import traceback

    click.echo("".join(traceback.format_exception(error)), err=True)
    click.echo(f"segxl {__version__}: this is a bug in segxl; please report the lines above", err=True)


class Day(click.ParamType[date]):
    """A date on the command line."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read an ISO date."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value!r} is not a date; write it like 2026-10-31", param, ctx)


class Progress:
    """The progress line, on a terminal only: each text replaces the last."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def show(self, doing: str) -> None:
        """Replace the line."""
        if self._live:
            click.echo(f"\r\x1b[2K{_plain(doing)} …", nl=False, err=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._live:
            click.echo("\r\x1b[2K", nl=False, err=True)

    def say(self, text: str) -> None:
        """Something that stays, on standard output."""
        self.clear()
        tell(text)

    def say_written(self, written: list[tuple[Path, bool]]) -> None:
        """Each file, and whether it had these contents already."""
        for path, fresh in written:
            self.say(f"{path}" + ("" if fresh else " (unchanged)"))
