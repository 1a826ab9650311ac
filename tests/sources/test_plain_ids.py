"""Ids that need no closer look."""

from __future__ import annotations

import numpy as np
import pytest

from segxl.sources.values.plain_ids import are_plain_ids


def _texts(*words: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(words, dtype=object)


@pytest.mark.parametrize("words", [("A1",), ("A1", "", "b20"), ("", "Lead9"), ("A1", "A1", "")])
def test_letters_and_digits_are_plain(words: tuple[str, ...]) -> None:
    assert are_plain_ids(_texts(*words))


@pytest.mark.parametrize(
    "odd",
    [
        "1A",
        "12",
        "1E+12",
        "A",
        "Total",
        "NULL",
        "A 1",
        " A1",
        '="A1"',
        "'A1",
        "A-1",
        "zcrm_1",
        "é1",
        "A\0",
        "\0A1",
        "A1\0B2",
        "\ud8001",
    ],
)
def test_one_other_text_is_enough(odd: str) -> None:
    for words in ((odd,), (odd, "A1"), ("A1", odd), ("A1", odd, "")):
        assert not are_plain_ids(_texts(*words))


def test_views_of_one_array_are_looked_at_each_with_its_own_texts() -> None:
    ids = _texts("A1", "B2", "")
    assert are_plain_ids(ids) and are_plain_ids(ids[:-1])
    odd = _texts("A1", "B 2")
    assert not are_plain_ids(odd) and not are_plain_ids(odd[:1])  # the whole array decides
    assert are_plain_ids(odd[:1].copy())
    assert not are_plain_ids(_texts())
