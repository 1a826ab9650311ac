"""The table Numbers as Parquet, by pyarrow where it is installed."""

from __future__ import annotations

import importlib
import io
from collections.abc import Sequence

from segxl.errors import SegxlError
from segxl.scorecard.numbers_table import DATES, TEXTS, Row, table


def require_pyarrow() -> None:
    """Stop before any work where Parquet cannot be written.

    Raises:
        SegxlError: pyarrow is not installed; the message says what to install.
    """
    try:
        importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise SegxlError('--format parquet needs pyarrow: run pip install "segxl[parquet]"') from None


def numbers_parquet(rows: Sequence[Row]) -> bytes:
    """The rows as columns of type string, double (value, numerator, denominator) and date32.

    Texts without content are ``""``, so that group by and PivotTables keep their rows; numbers and dates are null.

    Raises:
        SegxlError: pyarrow is not installed.
    """
    require_pyarrow()
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = table(rows)
    kinds = [pa.string() if name in TEXTS else pa.date32() if name in DATES else pa.float64() for name in columns]
    schema = pa.schema(list(zip(columns, kinds, strict=True)))
    data = {
        name: list(map(_float, values)) if kind == pa.float64() else values
        for (name, values), kind in zip(columns.items(), kinds, strict=True)
    }
    file = io.BytesIO()
    pq.write_table(pa.table(data, schema=schema), file)
    return file.getvalue()


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
