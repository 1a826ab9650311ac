"""Rows that are blank in every column in use.

As in a file, a row counts as empty only if all its cells are blank, in use or not. If another column has a value, such
as an ID, the row is a total, a line of a report, or a record without its required values, which is rejected. segxl does
not read unused columns of a large table in an engine, except for these rows: a second statement reads them in full.

Totals and lines of a report in other rows are found by their words in the columns in use, as the rest is not read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segxl.errors import SegxlError
from segxl.sources.warehouse.session import Rows, Session
from segxl.sources.warehouse.statements import Relation, rows_blank_in
from segxl.tables.codes import Mask
from segxl.tables.text_column import TextColumn


def with_unread(
    rows: Rows,
    times: NDArray[np.int64] | None,
    names: Sequence[str],
    relation: Relation,
    session: Session,
    dialect: str,
) -> tuple[Rows, NDArray[np.int64] | None]:
    """Rows of the columns in use, those that are blank in all of them with their other cells, if these have any.

    Args:
        rows: of the columns in use.
        times: how often each occurs; None where each occurs once.
        names: all columns of the relation, in its order.

    Returns:
        the rows, of all columns if there are such cells, blank where they were not read; and how often each occurs.

    Raises:
        SegxlError: rows changed between two statements.
    """
    if len(rows.names) == len(names) or not (blank := _blank(rows.columns)).any():
        return rows, times
    found = session.rows(rows_blank_in(relation, names, rows.names, dialect), names)
    by_name = dict(zip(found.names, found.columns, strict=True))
    filled = _blank([by_name[name] for name in rows.names]) & ~_blank(found.columns)
    if not filled.any():
        return rows, times
    more, each = int(filled.sum()), np.ones(len(blank), dtype=np.int64) if times is None else times
    empty = int(each[blank].sum()) - more
    if empty < 0:
        raise SegxlError("rows changed while they were read: run the command again")
    others = np.flatnonzero(~blank)
    used = dict(zip(rows.names, rows.columns, strict=True))
    nothing = TextColumn.filled("", len(others) + 1)
    columns = [
        TextColumn.joined(
            [
                *([used[name].take(others), TextColumn.filled("", 1)] if name in used else [nothing]),
                by_name[name].take(filled),
            ]
        )
        for name in names
    ]
    occurs = np.concatenate([each[others], [empty], np.ones(more, dtype=np.int64)])
    there = occurs > 0
    return Rows(tuple(names), tuple(one.take(there) for one in columns)), occurs[there]


def _blank(columns: Sequence[TextColumn]) -> Mask:
    """A mask of the rows without any cell."""
    blank: Mask = np.ones(len(columns[0]), dtype=bool)
    for column in columns:
        if blank.any():
            blank &= column.is_text("")
    return blank
