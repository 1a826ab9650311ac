"""Sums and sets of accounts are exact, whatever their size."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from segxl.dataset.segments import Segment
from segxl.facts.answers import Counted
from segxl.facts.arrays import Cells, Cube, exact_sums
from segxl.facts.membership import Group


@pytest.mark.parametrize("largest", [10**6, 1 << 46, (1 << 50) - 1, 1 << 59])
def test_sums_are_those_of_whole_numbers(largest: int) -> None:
    """Amounts of every size: those that floats add up exactly, those in two limbs, and totals beyond 64 bits."""
    dice = np.random.default_rng(largest % 1000)
    values, codes = dice.integers(-largest, largest, 300, endpoint=True), dice.integers(0, 7, 300)
    values[:3] = largest, largest - 1, 1 - largest
    expected = [sum(one for one, code in zip(values.tolist(), codes, strict=True) if code == at) for at in range(7)]
    assert [int(one) for one in exact_sums(values, codes, 7)] == expected


def test_a_cube_adds_up_the_months_of_a_window_for_every_segment() -> None:
    events = [(0, 5, 0, 10), (0, 6, 1, 20), (1, 6, 1, 40), (1, 9, 0, 80)]  # segment, month, item, cents
    segment, month, item, cents = (np.array(column) for column in zip(*events, strict=True))
    cube = Cube.of(segment, 3, Cells.of(month, item, 2), np.arange(4), cents)
    assert cube.totals(5, 6) == [[10, 20], [0, 40], [0, 0]]
    assert cube.totals(6, 20) == [[0, 20], [80, 40], [0, 0]]
    assert cube.totals(0, 4) == cube.totals(10, 12) == [[0, 0]] * 3


@pytest.mark.parametrize("size", [1, 7, 8, 9, 70])
def test_accounts_that_count_are_the_pairs_they_were_made_of(size: int) -> None:
    dice = np.random.default_rng(size)
    group = Group(tuple(Segment(name) for name in "abc"))
    pairs = [(int(dice.integers(0, 2)), int(dice.integers(0, size))) for _ in range(size)]  # none of the last segment
    segment, account = (np.array(column) for column in zip(*pairs, strict=True))
    counted = Counted.made(group, size, segment, account)
    assert list(zip(*(column.tolist() for column in counted.pairs()), strict=True)) == sorted(set(pairs))
    each = Counter(code for code, _ in set(pairs))
    for code in range(3):
        found, cents = counted.of(code)
        assert found.tolist() == sorted(one for of, one in set(pairs) if of == code)
        assert len(found) == each[code]
        assert not cents.any()
