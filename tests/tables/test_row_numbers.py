"""Row numbers of a range are those of the array that it stands for."""

from __future__ import annotations

import numpy as np

from segxl.tables.row_numbers import RowRange, kept


def test_a_range_has_the_numbers_of_an_array() -> None:
    dice = np.random.default_rng(4)
    for size in (1, 9, 1_000_000):
        numbers, wanted = RowRange.of(2, size), np.arange(2, size + 2, dtype=np.int32)
        for _ in range(3):  # some rows go, then some of those that are left
            assert len(numbers) == len(wanted)
            assert np.asarray(numbers).dtype == np.int32 and (np.asarray(numbers) == wanted).all()
            places = dice.integers(0, len(wanted), 5)
            assert numbers[places].tolist() == wanted[places].tolist()
            assert numbers[places.tolist()].tolist() == wanted[places].tolist()
            assert int(numbers[-1]) == int(wanted[-1]) and numbers[:2].tolist() == wanted[:2].tolist()
            assert (numbers == int(wanted[-1])).tolist() == (wanted == wanted[-1]).tolist()
            assert size > 9 or list(numbers) == wanted.tolist()
            mask = dice.random(len(wanted)) < 0.7
            mask[0] = True
            assert numbers[mask].tolist() == wanted[mask].tolist()
            assert kept(numbers, places) is not numbers
            left = kept(numbers, mask)
            assert isinstance(left, RowRange)
            numbers, wanted = left, wanted[mask]


def test_a_range_without_rows() -> None:
    none = RowRange.of(2, 0)
    assert not len(none) and none.tolist() == [] and not len(none.kept(np.zeros(0, dtype=bool)))
