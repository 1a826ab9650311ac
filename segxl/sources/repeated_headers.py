"""Two columns with one header: the first is read, and a warning names the rows where the second has another value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segxl.sources.files.raw import RawTable
from segxl.sources.ledger import FileEntry
from segxl.tables.row_numbers import RowNumbers


def report_repeated_headers(raw: RawTable, headers: Mapping[str, str], rows: RowNumbers, entry: FileEntry) -> None:
    """Record each header in use that the file has twice, with different values.

    Args:
        raw: the file; the second of two headers is ``Amount (2)`` there.
        headers: the header of each column in use.
        rows: the numbers of the rows that the settings keep.
        entry: the file's entry in the ledger.
    """
    for name, header in headers.items():
        second = f"{header} (2)"
        if second not in raw.header or header not in raw.header:
            continue
        others = raw.texts(second)
        differs = ~others.is_text("") & (others.cells != raw.texts(header).cells)
        differs &= np.isin(np.asarray(raw.rows), np.asarray(rows))
        if differs.any():
            said = f"another value in a second column {header!r}, which is not used"
            entry.warn(
                "contradiction",
                f"has {said}",
                f"have {said}",
                fix="Delete or rename one of the two columns in the export; to use the second, "
                f"{entry.to_set.column(name, second)}",
                rows=np.asarray(raw.rows)[differs].tolist(),
                values=others.cells[differs].tolist(),
            )
