"""Texts by shape: each distinct text is read once, and texts of one shape (``00-mar-0000``, every digit a zero)
together by their positions. A column of millions of timestamps has a handful of shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.tables.codes import factorized
from segxl.tables.contracts import Texts

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_DIGITS = str.maketrans("123456789", "000000000")
_PLAIN = str.maketrans("\u00a0\u202f\u2007\u2009\u2212\u2019", "    -'")
"""No-break and thin spaces, the minus sign and the typographic apostrophe, and their plain relatives."""


@dataclass(frozen=True)
class TextsOfAShape:
    """The distinct texts of one shape.

    Attributes:
        shape: the text in small and plain letters with every digit a zero.
        at: the positions of these texts among the distinct ones.
        letters: (texts, length of the shape), the texts' characters, small and plain.
    """

    shape: str
    at: NDArray[np.intp]
    letters: NDArray[np.uint8] | NDArray[np.uint32]

    def number(self, *spans: tuple[int, int]) -> Ints:
        """The number that the digits of some spans make, one after the other; a span of -1 is skipped."""
        value = np.zeros(len(self.at), dtype=np.int64)
        for start, end in spans:
            for position in range(start, end):
                if self.shape[position] == "0":
                    value = value * 10 + self.letters[:, position] - ord("0")
        return value


_AT_ONCE = 500_000
"""Texts that are compared at once: few enough to spare the memory, many enough to be quick."""


_LONGEST = 1000
"""Characters. A cell may have megabytes; checked digit by digit, one that is not a number would take minutes."""


def texts_by_shape(distinct: Texts) -> Iterator[TextsOfAShape]:
    """The distinct texts by shape, some :data:`_AT_ONCE` at a time. Blank ones, and those that are too long for a
    number or a date, belong to none."""
    for first in range(0, len(distinct), _AT_ONCE):
        plain = _each(distinct[first : first + _AT_ONCE], lambda text: text.lower().translate(_PLAIN))
        codes, shapes = factorized(_each(plain, lambda text: text.translate(_DIGITS)))
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(shapes) + 1))
        for shape, start, end in zip(shapes, bounds[:-1], bounds[1:], strict=True):
            if 0 < len(shape) <= _LONGEST:
                at = order[start:end]
                yield TextsOfAShape(shape, first + at, _letters(plain[at], shape))


def of_each_shape(distinct: Texts, tell: Callable[[str], int]) -> Ints:
    """The result for each text of a function that does not depend on its digits: called once per shape, with every
    digit a zero."""
    found = np.empty(len(distinct), dtype=np.int64)
    for first in range(0, len(distinct), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        codes, shapes = factorized(_each(distinct[some], lambda text: text.translate(_DIGITS)))
        found[some] = np.array([tell(shape) for shape in shapes], dtype=np.int64)[codes]
    return found


def _each(texts: Texts, change: Callable[[str], str]) -> Texts:
    """The texts changed letter by letter: all at once, which is several times faster than one by one."""
    changed = change("\0".join(texts)).split("\0")
    if len(changed) != len(texts):  # some text has the separating letter itself, or there are no texts
        changed = [change(text) for text in texts]
    return np.array(changed, dtype=object)


def _letters(texts: Texts, shape: str) -> NDArray[np.uint8] | NDArray[np.uint32]:
    if shape.isascii():
        return texts.astype(f"S{len(shape)}").view(np.uint8).reshape(len(texts), len(shape))
    return texts.astype(f"U{len(shape)}").view(np.uint32).reshape(len(texts), len(shape))
