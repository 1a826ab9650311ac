"""Row numbers of a file's records: an array, or the rows below its header, which take a bit each once some are gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RowRange:
    """Consecutive row numbers from ``first``, ``size`` of them, of which all or ``count`` are left. Fifty million rows
    of an array would take 200 MB, and messages name a dozen of them."""

    first: int
    size: int
    count: int
    bits: NDArray[np.uint8] | None = None
    """A bit for each row, 1 where it is left; None where all are."""

    @classmethod
    def of(cls, first: int, size: int) -> RowRange:
        """All rows from the first one."""
        return cls(first, size, size)

    def __len__(self) -> int:
        return self.count

    @overload
    def __getitem__(self, rows: int | np.integer[Any]) -> np.int32: ...
    @overload
    def __getitem__(self, rows: slice | list[int] | NDArray[Any]) -> NDArray[np.int32]: ...
    def __getitem__(self, rows: Any) -> Any:
        if self.bits is not None or isinstance(rows, slice | int | np.integer):
            return np.asarray(self)[rows]
        places = np.flatnonzero(rows) if isinstance(rows, np.ndarray) and rows.dtype == bool else np.asarray(rows)
        return (places + self.first).astype(np.int32)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if self.bits is None:
            return np.arange(self.first, self.first + self.size, dtype=dtype or np.int32)
        found, done = np.empty(self.count, dtype=np.int32), 0
        for start in range(0, len(self.bits), _BYTES_AT_ONCE):
            places = np.flatnonzero(np.unpackbits(self.bits[start : start + _BYTES_AT_ONCE]))
            found[done : done + len(places)] = places + (8 * start + self.first)
            done += len(places)
        return found.astype(dtype or np.int32, copy=False)

    def __iter__(self) -> Iterator[np.int32]:
        return iter(np.asarray(self))

    def __eq__(self, other: object) -> Any:
        """A mask, shape (rows,), as numpy's arrays give one."""
        return np.asarray(self) == other

    def kept(self, rows: NDArray[np.bool_]) -> RowRange:
        """The rows of a mask."""
        left = rows
        if self.bits is not None:
            left = np.unpackbits(self.bits, count=self.size).view(np.bool_)
            left[left] = rows
        return RowRange(self.first, self.size, int(np.count_nonzero(rows)), np.packbits(left))

    def tolist(self) -> list[int]:
        """All of them."""
        numbers: list[int] = np.asarray(self).tolist()
        return numbers


RowNumbers = NDArray[np.int32] | RowRange
_BYTES_AT_ONCE = 1 << 14


def kept(numbers: RowNumbers, rows: NDArray[Any]) -> RowNumbers:
    """The row numbers of a mask or of an index array."""
    return numbers.kept(rows) if isinstance(numbers, RowRange) and rows.dtype == bool else numbers[rows]
