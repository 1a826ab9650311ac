"""The table Numbers as CSV.

UTF-8 with a byte order mark; dates ISO, a decimal point, no thousands separators. A text that a spreadsheet would take
for a formula has a ``'`` before it (:func:`segxl.safe_csv.safe`); numbers are as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from segxl.safe_csv import csv_bytes
from segxl.scorecard.numbers_table import COLUMNS, Row, table


def numbers_csv(rows: Sequence[Row]) -> bytes:
    """The rows below a header of :data:`segxl.scorecard.numbers_table.COLUMNS`."""
    return csv_bytes(COLUMNS, zip(*table(rows).values(), strict=True))
