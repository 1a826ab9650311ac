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


def factorized_together(*columns: NDArray[Any]) -> Codes:
    """One code for each combination of values that a row has in some columns, in the order of their first rows."""
    import pandas as pd

    return pd.MultiIndex.from_arrays(list(columns)).factorize()[0].astype(np.int32)


def positions(of: Sequence[str] | NDArray[Any], among: Sequence[str] | NDArray[Any]) -> Codes:
    """The place of each text ``of`` in ``among``, which has each text once; -1 where it is not there."""
    import pandas as pd

    return pd.Index(among, dtype=object).get_indexer(pd.Index(of, dtype=object)).astype(np.int32)
