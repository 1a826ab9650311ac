"""Ids that need no closer look: letters and digits, a letter first and a digit last.

No such id is a number that Excel may have shortened, has a mark that keeps Excel from changing it, or is a word for
nothing, a total or a sentence. One look at all ids of a kind spares a look for each of these in each of their columns.
"""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from segxl.tables.text_column import Texts, one_in_memory


class _Look(NamedTuple):
    """What one look at some ids finds."""

    plain: bool
    lower: bool
    upper: bool


_KNOWN: dict[int, tuple[weakref.ref[Any], _Look]] = {}
"""What was found, while an array is there."""


def are_plain_ids(texts: Texts) -> bool:
    """Whether each text is blank, or letters and digits of ASCII that begin with a letter and end with a digit. Columns
    that share their texts in memory are looked at once."""
    return _looked_at(texts).plain


def cases_of(texts: Texts) -> tuple[bool, bool]:
    """Whether some text has a lower-case letter, and whether some has an upper-case one; of ASCII."""
    return _looked_at(texts)[1:]


def _looked_at(texts: Texts) -> _Look:
    of = texts.base if isinstance(texts.base, np.ndarray) and one_in_memory(texts.base, texts) else texts
    key = id(of)
    found = _KNOWN.get(key)
    if found is None or found[0]() is not of:
        found = _KNOWN[key] = weakref.ref(of, lambda _: _KNOWN.pop(key, None)), _look(of)
    return found[1]


def _look(texts: Texts) -> _Look:
    joined = "\0".join([*texts, ""]).encode("utf-8", "surrogatepass")
    data = np.frombuffer(joined, dtype=np.uint8)
    return _Look(_are_plain(texts, data), joined.upper() != joined, joined.lower() != joined)


def _are_plain(texts: Texts, data: NDArray[np.uint8]) -> bool:
    ends = np.flatnonzero(data == 0)
    if len(ends) != len(texts) or not len(texts):  # some text has the character that joins them
        return False
    starts = np.append(0, ends[:-1] + 1)
    return bool(
        (_KINDS[data] > 0).all() and (_KINDS[data[starts]] & _FIRST).all() and (_KINDS[data[ends - 1]] & _LAST).all()
    )


_FIRST, _LAST, _INSIDE = 1, 2, 4


def _kinds() -> NDArray[np.uint8]:
    """What each byte may be in a plain id; a blank one begins and ends with what ends texts."""
    kinds = np.zeros(256, dtype=np.uint8)
    kinds[0] = _FIRST | _LAST
    for byte in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        kinds[byte] = _FIRST | _INSIDE
    for byte in b"0123456789":
        kinds[byte] = _LAST | _INSIDE
    return kinds


_KINDS = _kinds()
