"""Codes of values: one place that makes them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

import segxl
from segxl.tables.codes import factorized, factorized_together, positions


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


def test_nothing_else_asks_pandas_for_codes() -> None:
    root = Path(segxl.__file__).parent
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"\.get_indexer|\.factorize\(", path.read_text(encoding="utf-8"))
    }
    assert found == {"tables/codes.py"}
