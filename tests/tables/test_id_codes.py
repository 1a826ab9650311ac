"""Codes of ids: every id its own, whatever their number and length; what is unknown is -1."""

from __future__ import annotations

import numpy as np
import pytest

from segxl.tables import id_codes
from segxl.tables.id_codes import MOST_BYTES, IdCodes, fixed_width


@pytest.fixture(params=[0, 8], ids=["tables", "grid"], autouse=True)
def room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All ids in tables, or those that are numbered in a grid."""
    monkeypatch.setattr(id_codes, "_ROOM", request.param)


def _bytes(ids: list[str]) -> np.ndarray:
    return np.frombuffer("".join(ids).encode(), np.uint8)


@pytest.mark.parametrize("width", [1, 3, 7, 8, 9, 15, 16, 18, 32, MOST_BYTES])
def test_each_id_has_the_code_of_its_place(width: int) -> None:
    count = min(5_000, 26**width)
    ids = ["".join(chr(97 + at // 26**place % 26) for place in range(min(width, 4))) for at in range(count)]
    ids = [one.ljust(width, "-") for one in ids]
    known = IdCodes(width)
    for start in range(0, count, 700):  # some at a time: tables grow, and ids are put into those that have room
        known.add(known.words(_bytes(ids[start : start + 700])))
    order = np.random.default_rng(0).permutation(count)
    asked = known.words(_bytes([ids[at] for at in order]))
    assert known.codes(asked).tolist() == order.tolist()
    assert len(known) == count


@pytest.mark.parametrize("width", [2, 8, 11, 16])
def test_ids_that_are_numbered_and_then_are_not(width: int) -> None:
    """What is in a grid goes to tables, from a small number of ids or a large one, and none gets lost."""
    dice = np.random.default_rng(width)
    numbered = [f"{at:0{width}}"[-width:] for at in range(min(10**width, 9_000))]
    others = ["".join(chr(one) for one in dice.integers(33, 48, width)) for _ in range(20_000)]
    ids = list(dict.fromkeys([*numbered, *others]))
    known = IdCodes(width)
    for start in range(0, len(ids), 1_100):
        new = ids[start : start + 1_100]
        assert known.codes(known.words(_bytes(new))).tolist() == [-1] * len(new)
        known.add(known.words(_bytes(new)))
        order = dice.permutation(start + len(new))
        assert known.codes(known.words(_bytes([ids[at] for at in order]))).tolist() == order.tolist()


def test_a_grid_of_ids_is_not_made_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_codes, "_MOST_GRIDS", 3)
    known = IdCodes(4)
    ids = [f"{at:04}" for at in range(0, 10_000, 7)]
    for start in range(0, len(ids), 50):
        known.add(known.words(_bytes(ids[start : start + 50])))
    assert known._grid is None
    assert known.codes(known.words(_bytes([*ids, "0001"]))).tolist() == [*range(len(ids)), -1]


def test_an_unknown_id_is_minus_one_and_changes_nothing() -> None:
    known = IdCodes(8)
    assert known.codes(known.words(_bytes(["A0000001"]))).tolist() == [-1]
    known.add(known.words(_bytes(["A0000001", "A0000002"])))
    assert known.codes(known.words(_bytes(["A0000002", "A0000003", "A0000001"]))).tolist() == [1, -1, 0]


def test_ids_that_share_every_place_are_still_told_apart() -> None:
    """Multiples of 2**61 mix into few places: most of them end in the list of those that no table took."""
    words = (np.arange(3_000, dtype=np.uint64) << np.uint64(52)).reshape(-1, 1)
    known = IdCodes(8)
    known.add(words)
    assert known.codes(words[::-1]).tolist() == list(range(2_999, -1, -1))


def test_blank_ids_of_zero_bytes_are_words_like_others() -> None:
    known = IdCodes(8)
    zeros = np.zeros((1, 1), dtype=np.uint64)
    assert known.codes(zeros).tolist() == [-1]
    known.add(zeros)
    assert known.codes(zeros).tolist() == [0]


def test_the_width_of_ids_is_the_one_that_all_have() -> None:
    assert fixed_width(np.array([8, 8, 8])) == 8
    assert fixed_width(np.array([8, 9])) == 0
    assert fixed_width(np.array([], dtype=int)) == 0
    assert fixed_width(np.array([MOST_BYTES + 1])) == 0
