"""Columns of text: by their cells and by their distinct texts they are the same column."""

from __future__ import annotations

import gc
import weakref
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxl.tables.text_column import TextColumn, Texts


def _texts(*texts: str) -> Texts:
    return np.array(texts, dtype=object)


def test_distinct_texts_stand_in_the_order_of_their_first_rows() -> None:
    column = TextColumn.of(_texts("b", "", "a", "b", ""))
    assert column.distinct.tolist() == ["b", "", "a"]
    assert column.codes.tolist() == [0, 1, 2, 0, 1]
    assert column.counts.tolist() == [2, 2, 1]
    assert column.is_text("").tolist() == [False, True, False, False, True]
    assert column.at(2) == "a"


def test_texts_that_are_there_twice_or_in_no_row_do_not_count() -> None:
    column = TextColumn.coded(np.array([3, 1, 0, 3]), _texts("a", "b", "nowhere", "a"))
    assert list(column) == ["a", "b", "a", "a"]
    assert column.distinct.tolist() == ["a", "b"]
    assert column.codes.tolist() == [0, 1, 0, 0]


def test_a_selection_knows_its_own_texts_only() -> None:
    column = TextColumn.coded(np.array([0, 1, 2, 1]), _texts("Total", "x", "y"))
    assert column.take(np.array([False, True, True, True])).distinct.tolist() == ["x", "y"]
    assert column.take(np.array([2, 1])).distinct.tolist() == ["y", "x"]
    assert column.take(np.zeros(4, dtype=bool)).distinct.tolist() == []


def test_texts_that_become_one_are_one() -> None:
    column = TextColumn.of(_texts("Won", "Lost", "WON", "")).changed(str.casefold)
    assert list(column) == ["won", "lost", "won", ""]
    assert column.distinct.tolist() == ["won", "lost", ""]


def test_columns_under_each_other_and_in_each_others_place() -> None:
    upper, lower = TextColumn.of(_texts("a", "", "b")), TextColumn.filled("b", 3)
    assert list(TextColumn.joined([upper, lower])) == ["a", "", "b", "b", "b", "b"]
    assert TextColumn.joined([upper, lower]).distinct.tolist() == ["a", "", "b"]
    assert list(upper.or_else(lower)) == ["a", "b", "b"]
    assert len(TextColumn.filled("x", 0)) == 0 and TextColumn.filled("x", 0).distinct.tolist() == []


def test_cells_whose_codes_are_known_cannot_be_changed_in_place() -> None:
    column = TextColumn.of(_texts("a", "b"))
    assert len(column.codes) == 2
    for cells in (column.cells, column.take(np.array([0])).cells):
        with pytest.raises(ValueError, match="read-only"):
            cells[0] = "c"


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "nan", "None", "\0"]), st.booleans())))
def test_what_is_done_by_codes_is_what_is_done_cell_by_cell(rows: list[tuple[str, bool]]) -> None:
    cells = _texts(*(text for text, _ in rows))
    mask = np.array([kept for _, kept in rows], dtype=bool)
    by_cells, by_codes = TextColumn.of(cells.copy()), TextColumn.of(cells.copy())
    assert len(by_codes.codes) == len(cells)
    for column in (by_cells, by_codes):
        assert list(column.take(mask)) == [text for text, kept in rows if kept]
        assert column.is_text("a").tolist() == [text == "a" for text, _ in rows]
        assert column.which(lambda text: text < "b").tolist() == [text < "b" for text, _ in rows]
        assert list(column.changed(str.upper)) == [text.upper() for text, _ in rows]
        assert list(TextColumn.joined([column.take(mask), column])) == [*cells[mask], *cells]


def test_what_a_column_was_made_from_is_freed_with_it() -> None:
    """Without waiting for cycles to be collected: columns of millions of rows come one after the other."""
    gc.disable()
    try:
        codes, texts = np.arange(5, dtype=np.int32)[::-1] % 3, np.array(["a", "b", ""], dtype=object)
        kept = [weakref.ref(texts)]
        columns = [TextColumn.coded(codes, texts, once=True), TextColumn.of(texts[codes])]
        columns.append(TextColumn.later(5, partial(TextColumn.coded, codes, texts, once=True), texts[:2]))
        for column in columns:
            assert column.take(codes > 0).cells.tolist() == ["b", "", "b"]
            assert column.in_use[1].size == 3 and column.has_blank and column.narrow_codes.size == 5
            kept += [weakref.ref(column), weakref.ref(column.cells)]
        del column, columns, texts
        assert all(one() is None for one in kept)
    finally:
        gc.enable()
