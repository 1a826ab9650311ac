"""Codes of IDs: each row's position among the IDs known so far, without a Python object per row.

Large exports name a hundred thousand accounts in millions of rows. A dictionary of texts looks each row up in memory
that no cache holds, once for the text and once for the dictionary. Ids of one length, as databases make them, are a few
64-bit words: they are mixed into a place of a table whose entries are verified, for a million rows at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.tables.codes import Codes

Words = NDArray[np.uint64]
"""Ids as 64-bit words, shape (n, words)."""

_MIXERS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)
"""Odd numbers, one for each word: multiplying by them spreads a word's bits over the upper ones."""
_FEW = 20
MOST_BYTES = 8 * len(_MIXERS)


class _Grid:
    """Ids that are numbered one after the other, as ``A0012345`` is: the code of each at its own place of one array.

    A place is made of the pairs of bytes of an id. Each pair has a number among those that known ids have there, and
    the numbers together are the place, as digits are a number. Pairs of no known id lead to a place behind all others.
    """

    def __init__(self, words: Words) -> None:
        """Of all known ids, in the order of their codes.

        Raises:
            _SparseError: they would leave most places empty.
        """
        self._places: list[tuple[int, Codes]] = []
        self._same: list[tuple[int, np.uint16]] = []
        size, room, found = 1, _ROOM * max(len(words), _MANY_IDS), list[tuple[int, NDArray[np.intp], int]]()
        for at, pairs in enumerate(words.view(np.uint16).T):
            here = np.zeros(1 << 16, dtype=bool)
            here[pairs] = True
            each = np.flatnonzero(here)
            found.append((at, each, size))
            size *= len(each)
            if size > room:
                raise _SparseError
        for at, each, step in found:
            if len(each) == 1:
                self._same.append((at, np.uint16(each[0])))
                continue
            places = np.full(1 << 16, size, dtype=np.int32)
            places[each] = np.arange(len(each), dtype=np.int32) * np.int32(step)
            self._places.append((at, places))
        self._codes: Codes = np.full(size + 1, -1, dtype=np.int32)
        self.add(words, 0)

    def add(self, words: Words, first: int) -> bool:
        """Add new ids with the codes from the first one on. Returns whether each has a place; if not, none is added."""
        at = self._at(words)
        if (at == len(self._codes) - 1).any():
            return False
        self._codes[at] = np.arange(first, first + len(words), dtype=np.int32)
        return True

    def codes(self, words: Words) -> Codes:
        """The code of each id; -1 for one that is not known."""
        return np.take(self._codes, self._at(words), mode="clip")

    def _at(self, words: Words) -> Codes:
        pairs, behind = words.view(np.uint16), len(self._codes) - 1
        found = np.zeros(len(words), dtype=np.int32)
        for column, places in self._places:
            found += np.take(places, pairs[:, column], mode="clip")
        for column, same in self._same:
            if (other := pairs[:, column] != same).any():
                found[other] = behind
        return np.minimum(found, behind, out=found)


class _SparseError(Exception):
    """Ids are too few for the places that they would need."""


_ROOM = 8
"""Places for each id, at most: four bytes each."""
_MANY_IDS = 1 << 18
"""Ids that there may be: the first ones of a file need not be next to each other."""
_MOST_GRIDS = 40
"""How often ids are put into a larger grid before they go to tables."""


class IdCodes:
    """Ids of one length with their codes, 0 and up in the order in which they were added.

    Ids that are numbered are in a :class:`_Grid`. Each other one has a place in one of a few tables. An id whose place
    another one took goes to the next table, where ids are mixed differently; the few that no table took are compared
    one by one. Every hit is compared with the id itself. An id of one word has its code in the first table next to the
    bits that its place does not give, so that one look finds and compares it: mixing loses nothing.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._words: Words = np.empty((0, -(-width // 8)), dtype=np.uint64)
        """With room for more ids than there are."""
        self._size = 0
        self._grid: _Grid | None = None
        self._grids = 0
        self._first: Words | None = None
        """For ids of one word: codes below the id's further bits; :data:`_FREE` where there is none."""
        self._levels: list[tuple[np.uint64, np.uint64, Codes]] = []
        self._crowded: dict[bytes, int] = {}

    def __len__(self) -> int:
        return self._size

    def words(self, data: NDArray[np.uint8]) -> Words:
        """Bytes of ids under each other as words; the last one is filled up with zeros."""
        rows = data.reshape(-1, self.width)
        if self.width % 8 == 0:
            return rows.view(np.uint64)
        filled = np.zeros((len(rows), 8 * self._words.shape[1]), dtype=np.uint8)
        filled[:, : self.width] = rows
        return filled.view(np.uint64)

    def add(self, words: Words) -> None:
        """Add ids, each new and once."""
        start = first = self._size
        self._size += len(words)
        if grown := self._size > len(self._words):
            kept, self._words = self._words, np.empty((2 * self._size, words.shape[1]), dtype=np.uint64)
            self._words[:start] = kept[:start]
        self._words[start : self._size] = words
        if self._in_grid(words, start):
            return
        if grown or not self._levels:
            bits = max(len(self._words).bit_length(), 8)
            sizes = [bits + 1, bits - 1, bits - 3, bits - 3, bits - 5]
            if words.shape[1] == 1:
                self._first = np.full(1 << sizes[0], _FREE, dtype=np.uint64)
            self._levels = [
                (_MIXERS[level], np.uint64(64 - size), np.full(1 << size, -1, dtype=np.int32))
                for level, size in enumerate(sizes)
                if level or self._first is None
            ]
            self._crowded, first = {}, 0
        left = np.arange(first, self._size, dtype=np.int32)
        mixed = _mixed(self._words[first : self._size])
        if self._first is not None:
            place, entries = _split(mixed * _MIXERS[0], len(self._first))
            entries |= left.astype(np.uint64)
            free = self._first[place] == _FREE
            self._first[place[free]] = entries[free]  # the last one of a place takes it
            behind = self._first[place] != entries
            left, mixed = left[behind], mixed[behind]
        for mixer, shift, places in self._levels:
            at = (mixed * mixer) >> shift
            free = places[at] < 0
            places[at[free]] = left[free]
            behind = places[at] != left
            left, mixed = left[behind], mixed[behind]
        self._crowded |= {self._words[code].tobytes(): code for code in left.tolist()}

    def _in_grid(self, words: Words, start: int) -> bool:
        """Whether a grid takes the ids, which are all known ones from ``start`` on."""
        if self._levels or (self._grid is not None and self._grid.add(words, start)):
            return not self._levels
        try:
            self._grids += 1
            self._grid = _Grid(self._words[: self._size]) if self._grids <= _MOST_GRIDS else None
        except _SparseError:
            self._grid = None
        return self._grid is not None

    def codes(self, words: Words) -> Codes:
        """The code of each id; -1 for one that is not known."""
        if self._grid is not None:
            return self._grid.codes(words)
        found = np.full(len(words), -1, dtype=np.int32)
        if not len(self):
            return found
        mixed, left = _mixed(words), None
        if self._first is not None:
            place, entries = _split(mixed * _MIXERS[0], len(self._first))
            entries ^= self._first[place]  # what is left of the id's own entry is its code
            right = entries < np.uint64(len(self))
            np.copyto(found, entries.view(np.int64), where=right, casting="unsafe")
            left = np.flatnonzero(~right)
            mixed = mixed[left]
        for mixer, shift, places in self._levels:
            if left is not None and not len(left):
                return found
            at = mixed * mixer
            at >>= shift
            code = places[at.view(np.int64)]
            right = self._are(code, words if left is None else words[left])
            if left is None:
                np.copyto(found, code, where=right)
                left = np.flatnonzero(~right)
            else:
                found[left[right]] = code[right]
                left = left[~right]
            mixed = mixed[~right]
        assert left is not None
        if len(self._crowded) <= _FEW:
            for one in self._crowded.values():
                found[left[(words[left] == self._words[one]).all(axis=1)]] = one
        else:
            found[left] = [self._crowded.get(words[row].tobytes(), -1) for row in left.tolist()]
        return found

    def _are(self, codes: Codes, words: Words) -> NDArray[np.bool_]:
        """A mask of the codes that are the ID's; an empty entry matches no ID."""
        right: NDArray[np.bool_] = codes >= 0
        for word in range(words.shape[1]):
            right &= self._words[:, word][codes] == words[:, word]
        return right


_FREE = np.uint64(2**64 - 1)
"""A free place: its code is more than any id's."""


def _split(mixed: NDArray[np.uint64], places: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The place of each mixed id, by its upper bits, and its further bits above those that a code takes; it changes
    ``mixed``."""
    bits = np.uint64(places.bit_length() - 1)
    at = (mixed >> (np.uint64(64) - bits)).view(np.int64)
    mixed <<= bits
    return at, mixed


def _mixed(words: Words) -> NDArray[np.uint64]:
    """One number for each id: different ids have different ones, nearly always."""
    if words.shape[1] == 1:
        mixed = words[:, 0] ^ (words[:, 0] >> np.uint64(29))
    else:
        mixed = words[:, 0] * _MIXERS[-1]
        for word in range(1, words.shape[1]):
            mixed ^= words[:, word]
            mixed *= _MIXERS[word % len(_MIXERS)]
            mixed ^= mixed >> np.uint64(31)
    return mixed


def fixed_width(sizes: NDArray[Any]) -> int:
    """The length that all ids have, from the differences of their offsets; 0 where they differ or are too long."""
    if not len(sizes):
        return 0
    width = int(sizes[0])
    return width if 0 < width <= MOST_BYTES and bool((sizes == width).all()) else 0
