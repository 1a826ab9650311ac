"""Arrays of codes: values as their places, so that rows are compared and counted as integers.

Nothing else in segxl asks pandas for codes: -1 is unknown, codes are int32 wherever they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
_Value = TypeVar("_Value", bound=np.generic)


def factorized(values: NDArray[_Value]) -> tuple[Codes, NDArray[_Value]]:
    """The place of each value among the distinct ones, and those in the order of their first rows."""
    import pandas as pd

    codes, distinct = pd.factorize(values)
    return codes.astype(np.int32), np.asarray(distinct)


def renumbered(codes: NDArray[np.integer], count: int) -> tuple[Codes, NDArray[np.integer]]:
    """Codes below ``count`` renumbered in the order of their first rows, and the old code of each new one."""
    if count > 4 * len(codes):
        return factorized(codes)
    present = np.zeros(count, dtype=bool)
    present[codes] = True
    used = int(np.count_nonzero(present))
    first = np.full(count, len(codes), dtype=np.int64)
    done, size = 0, 1 << 14
    while done < len(codes):  # most codes turn up among the first rows, and then the others need no look
        part = codes[done:size]
        np.minimum.at(first, part, np.arange(done, done + len(part)))
        done, size = size, 2 * size
        if np.count_nonzero(first < len(codes)) == used:
            break
    order = np.argsort(first, kind="stable")[:used]
    if (order == np.arange(used)).all():
        return codes.astype(np.int32, copy=False), order
    places = np.zeros(count, dtype=np.int32)
    places[order] = np.arange(used, dtype=np.int32)
    return places[codes], order


def factorized_together(*columns: NDArray[Any]) -> Codes:
    """One code for each combination of values that a row has in some columns, in the order of their first rows."""
    import pandas as pd

    return pd.MultiIndex.from_arrays(list(columns)).factorize()[0].astype(np.int32)


def positions(of: Sequence[str] | NDArray[Any], among: Sequence[str] | NDArray[Any]) -> Codes:
    """The place of each text ``of`` in ``among``, which has each text once; -1 where it is not there."""
    import pandas as pd

    return pd.Index(among, dtype=object).get_indexer(pd.Index(of, dtype=object)).astype(np.int32)
