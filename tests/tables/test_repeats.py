"""Rows that are held once with their number: their row numbers, counts and what is taken apart."""

from __future__ import annotations

import numpy as np
import pytest

from segxl.cache.codec import UnkeepableError, encoded
from segxl.sources.ledger import FileEntry, exclude
from segxl.tables.contracts import CONTRACTS, Table, in_file
from segxl.tables.text_column import TextColumn


def table() -> Table:
    """Rows 2 to 4 are A, row 5 is B, rows 6 and 7 are C, rows 8 to 27 are D."""
    columns = {"account_id": TextColumn.of(np.array(list("ABCD"), dtype=object))}
    times = np.array([3, 1, 2, 20])
    rows = np.array([2, 5, 6, 8], dtype=np.int32)
    return Table(CONTRACTS["activities"][0], columns, frozenset(columns), in_file(0, 4), rows, times)


def test_rows_of_a_mask_are_taken_apart_and_keep_their_numbers() -> None:
    found = table().apart(np.array([True, False, True, False]))
    assert found["account_id"].tolist() == list("AAABCCD") and found.row.tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert found.times is not None and found.times.tolist() == [1, 1, 1, 1, 1, 1, 20]
    every = table().apart()
    assert every.row.tolist() == list(range(2, 28)) and every.times is None and every.only_file == 0
    assert table().apart(np.zeros(4, dtype=bool)).times is not None


def test_each_row_counts_as_often_as_it_occurs() -> None:
    assert table().count(np.array([True, True, False, False])) == 4 and table().count_of(0) == 26
    assert table().count_of(1) == 0
    taken = table().take(np.array([3, 1]))
    assert taken.count_of(0) == 21 and taken.row.tolist() == [8, 5]


def test_excluded_rows_are_counted_and_the_first_are_named() -> None:
    entry = FileEntry("seen", "activities", "")
    left = exclude(table(), np.array([True, False, False, True]), "rule", [entry])
    assert entry.excluded == {"rule": 23} and left.count_of(0) == 3
    assert entry.excluded_rows == {"rule": [2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16]}


def test_such_a_table_is_not_kept_between_runs() -> None:
    with pytest.raises(UnkeepableError, match="a table of a warehouse"):
        encoded(table())
