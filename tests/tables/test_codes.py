"""Codes of values: one place that makes them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import segxl
from segxl.tables import codes as codes_of_rows
from segxl.tables.codes import factorized, factorized_together, gathered, in_order, positions, renumbered
from segxl.tables.text_column import TextColumn, places_among


def texts(*words: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(words, dtype=object)


def test_positions_are_int32_and_minus_one_where_unknown() -> None:
    found = positions(texts("b", "", "a", "B"), ("a", "b"))
    assert found.tolist() == [1, -1, 0, -1] and found.dtype == np.int32
    assert positions(np.array(["x", "y"]), texts("y")).tolist() == [-1, 0]
    assert positions(texts(), ()).tolist() == []


def test_codes_follow_the_first_rows() -> None:
    codes, distinct = factorized(texts("b", "a", "b", ""))
    assert codes.tolist() == [0, 1, 0, 2] and codes.dtype == np.int32
    assert distinct.tolist() == ["b", "a", ""]
    together = factorized_together(np.array([2, 1, 2, 2]), texts("x", "x", "x", "y"))
    assert together.tolist() == [0, 1, 0, 2] and together.dtype == np.int32


def test_a_missing_number_is_a_value_among_the_others() -> None:
    values = np.array([2.5, np.nan, 0.0, np.nan, -0.0])
    codes, distinct = factorized(values)
    assert codes.tolist() == [0, 1, 2, 1, 2] and np.array_equal(distinct, [2.5, np.nan, 0.0], equal_nan=True)
    assert factorized_together(values, np.array([True, False, True, True, True])).tolist() == [0, 1, 2, 3, 2]


@pytest.mark.slow  # it imports pandas
def test_many_values_have_the_codes_that_few_have() -> None:
    few = [texts("b", "a", "b", ""), np.array([7, 3, 7, 9]), np.array([0.5, np.nan, 0.5, np.nan])]
    for values in few:
        many = np.concatenate([values] * 110_000)
        (codes, distinct), (of_few, distinct_of_few) = factorized(many), factorized(values)
        assert codes[:4].tolist() == of_few.tolist() and codes.dtype == np.int32 and len(codes) == len(many)
        assert codes[-4:].tolist() == of_few.tolist()
        assert list(map(repr, distinct.tolist())) == list(map(repr, distinct_of_few.tolist()))


def test_places_among_another_column_are_the_same_with_shared_texts_and_without() -> None:
    words = texts("b", "", "nowhere", "a", "c")
    among = TextColumn.coded(np.array([4, 0, 3]), words, once=True)
    of = TextColumn.coded(np.array([0, 1, 2, 3, 3, 4]), words, once=True)
    for some in (of, TextColumn.of(of.cells.copy())):
        found = places_among(some, among)
        assert found.tolist() == [1, -1, -1, 2, 2, 0] and found.dtype == np.int32


def test_codes_are_renumbered_in_the_order_of_their_first_rows() -> None:
    late = np.array([3] * 40_000 + [1, 3, 0], dtype=np.int32)  # some turn up only far down
    codes, old = renumbered(late, 5)
    assert old.tolist() == [3, 1, 0] and codes.dtype == np.int32
    assert codes[-4:].tolist() == [0, 1, 0, 2] and not codes[:-3].any()
    codes, old = renumbered(np.array([7, 2], dtype=np.int32), 1000)  # nearly none of the codes is there
    assert codes.tolist() == [0, 1] and old.tolist() == [7, 2]
    assert [part.tolist() for part in renumbered(np.array([], dtype=np.int32), 2)] == [[], []]


@pytest.mark.parametrize("rows_of_a_block", [1 << 16, 40])
def test_columns_in_order_are_those_of_a_stable_sort_by_all_but_the_last(
    monkeypatch: pytest.MonkeyPatch, rows_of_a_block: int
) -> None:
    monkeypatch.setattr(codes_of_rows, "_BLOCK", rows_of_a_block)
    dice = np.random.default_rng(2)
    for count, most in (
        (0, (9, 9, 9)),
        (1, (9, 9, 9)),
        (500, (3, 3, 3)),
        (300_000, (3, 3, 3)),
        (2_000, (9_000, 1, 1_000)),  # days of accounts, in blocks of several accounts
        (2_000, (2, 1, 2**25)),  # two accounts have more rows than blocks
        (500, (2**31 - 1,) * 3),  # they fit into no number of four bytes
    ):
        columns = [dice.integers(-1, one, count).astype(np.int32) for one in most]
        kept = dice.integers(-3, 5, count).astype(np.int8)
        wanted = sorted(range(count), key=lambda row: tuple(column[row] for column in columns))
        blocks = list(in_order(*columns, kept=kept))
        for at, column in enumerate(columns):
            assert [value for found, _ in blocks for value in found[at].tolist()] == column[wanted].tolist()
        assert [value for _, along in blocks for value in along.tolist()] == kept[wanted].tolist()
        first = [set(found[0].tolist()) for found, _ in blocks]
        assert sum(map(len, first)) == len(set().union(*first))  # no account is in two blocks


def test_what_is_looked_up_piece_by_piece_is_what_is_looked_up_at_once() -> None:
    dice = np.random.default_rng(3)
    values = dice.integers(0, 99, 1_000).astype(np.int16)
    for count in (0, 1, 400_000):
        found = dice.integers(0, 1_000, count).astype(np.uint16)
        assert gathered(values, found).tolist() == values[found].tolist()


def test_a_column_of_codes_is_the_column_of_its_cells() -> None:
    dice = np.random.default_rng(5)
    words = texts("b", "", "unused", "a", "b", "c")
    for count in (0, 1, 7, 300):
        codes = dice.choice([0, 1, 3, 4, 5], count)
        rows = np.flatnonzero(dice.random(count) < 0.5)
        for column, cells in (
            (TextColumn.coded(codes, words), words[codes]),
            (TextColumn.coded(codes, words).take(rows), words[codes][rows]),
        ):
            assert [column.at(row) for row in range(len(column))] == cells.tolist()
            assert column.is_text("b").tolist() == (cells == "b").tolist()
            assert not column.is_text("unused").any()
            assert column.distinct.tolist() == list(dict.fromkeys(cells.tolist()))
            assert column.distinct[column.codes].tolist() == cells.tolist() == column.cells.tolist()
            assert column.is_text("b").tolist() == (cells == "b").tolist()


def test_nothing_else_asks_pandas_for_codes() -> None:
    root = Path(segxl.__file__).parent
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"\.get_indexer|\.factorize\(", path.read_text(encoding="utf-8"))
    }
    assert found == {"tables/codes.py"}
