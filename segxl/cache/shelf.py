"""What was computed from one kept dataset, kept next to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from segxl.cache.folder import read, write

_T = TypeVar("_T")


@dataclass(frozen=True)
class Shelf:
    """The place of one dataset's results; without a ``name`` nothing is kept."""

    name: str = ""

    def get(self, item: str, kind: type[_T], make: Callable[[], _T]) -> _T:
        """The result ``item`` of the dataset: as kept, or as ``make`` computes it, which is then kept.

        ``item`` is one computation without parameters, as the dataset alone decides its result.
        """
        if not self.name:
            return make()
        name = f"{self.name}-{item}"
        if (found := read(name)) is not None and isinstance(value := found[1].value(), kind):
            return value
        made = make()
        write(name, None, made)
        return made
