"""Formulas as text: the segxl functions that one calls, and its arguments where they are plain values or references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CALL = re.compile(r"(?<![\w.])(SEGXL[_.]\w+)\s*\(", re.IGNORECASE)
_OPENING, _CLOSING = "({[", ")}]"


@dataclass(frozen=True)
class Call:
    """A call in a formula: the function's name in capitals, and the text of its arguments."""

    name: str
    arguments: tuple[str, ...]


def calls_in(formula: str) -> Iterator[Call]:
    """Every call of a segxl function, from left to right, outer ones before those inside them."""
    hidden = _without_texts(formula)
    for match in _CALL.finditer(hidden):
        end = _end(hidden, match.end())
        inside = formula[match.end() : end]
        yield Call(match[1].upper().replace(".", "_"), tuple(split(inside, ",")))


def only_call(text: str) -> Call | None:
    """The call that a text is as a whole; None where it is something else."""
    match = _CALL.match(text.strip())
    if match is None or _end(_without_texts(text.strip()), match.end()) != len(text.strip()) - 1:
        return None
    return next(calls_in(text))


def split(text: str, mark: str) -> Iterator[str]:
    """The parts of a text between marks that are in no bracket and no quotation."""
    hidden, depth, start = _without_texts(text), 0, 0
    if not text.strip():
        return
    for at, sign in enumerate(hidden):
        depth += (sign in _OPENING) - (sign in _CLOSING)
        if sign == mark and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


def _end(hidden: str, start: int) -> int:
    """The position of the bracket that closes the one before ``start``."""
    depth = 1
    for at in range(start, len(hidden)):
        depth += (hidden[at] in _OPENING) - (hidden[at] in _CLOSING)
        if depth == 0:
            return at
    return len(hidden)


def _without_texts(formula: str) -> str:
    """The formula with the inside of quotations blanked out, in its length."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", lambda match: "_" * len(match[0]), formula)
