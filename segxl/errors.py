"""Errors that a user can fix: each message says what is wrong and what to change."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class SegxlError(Exception):
    """Bad arguments or bad input. The message is written for the person at the keyboard.

    The command line prints it and ends with status 2; worksheet functions and macros show it as it is.
    """


class SegxlErrors(SegxlError):  # noqa: N818  it is several of them
    """Several problems found in one go, so that all of them can be fixed before the next try."""

    def __init__(self, problems: Iterable[str], heading: str = "") -> None:
        self.problems = tuple(problems)
        lines = [f"  - {problem}" for problem in self.problems]
        super().__init__("\n".join([heading, *lines] if heading else self.problems))


class UnsetError(SegxlError):
    """A problem that an option of a table solves; the reader knows the table and adds where to set it.

    The message is ``before``, the option with each of its ``choices`` (a value and a note), and ``after``.
    """

    def __init__(self, before: str, option: str, choices: Sequence[tuple[str, str]], after: str = "") -> None:
        self.before, self.option, self.choices, self.after = before, option, tuple(choices), after
        ways = " or ".join(f'{option} = "{value}"{note}' for value, note in choices)
        super().__init__(f"{before}set {ways}{after}")


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint like ``"; did you mean 'stages'?"`` for the known word nearest to ``word``, or ``""``."""
    wanted, known = word.casefold(), list(known)
    stem, dot, ending = wanted.rpartition(".")
    if stem and ending.isalnum():  # that two files end in .csv makes their names no more alike
        return _nearest_file(stem, f"{dot}{ending}", known) or _nearest(wanted, known, 0.8)
    return _nearest(wanted, known, 0.6)


def by_nearness(word: str, known: Iterable[str]) -> list[str]:
    """The known words, those most like ``word`` first; words equally like it stay in their order."""
    wanted = word.casefold()
    return sorted(known, key=lambda one: -difflib.SequenceMatcher(None, wanted, one.casefold()).ratio())


def _nearest_file(stem: str, ending: str, known: Sequence[str]) -> str:
    stems = {name.casefold().removesuffix(ending): name for name in known if name.casefold().endswith(ending)}
    found = difflib.get_close_matches(stem, stems, n=1, cutoff=0.6)
    return f"; did you mean {stems[found[0]]!r}?" if found else ""


def _nearest(wanted: str, known: Sequence[str], cutoff: float) -> str:
    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(wanted, by_fold, n=1, cutoff=cutoff)
    if not found and len(wanted) > 2:
        found = [name for name in by_fold if wanted in name][:1]
    return f"; did you mean {by_fold[found[0]]!r}?" if found else ""
