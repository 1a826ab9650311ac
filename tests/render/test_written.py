"""JSON documents as text: what Python's own writer makes of the same values."""

import json
from typing import Any

import pytest

from segxl.render.json.shared import written


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"empty": {}, "none": [], "nested": {"list": [1, [2, []], {"a": None}]}},
        {"texts": ['"quoted"', "back\\slash", "line\nend", "\x00\x1f\x7f", "Zürich €", "😀", "\u2028"]},
        {'key "quoted"\n': True, "ü": False},
        {"numbers": [0, -1, 10**30, 0.1, -0.0, 1e-7, 1e22, float("inf"), float("-inf"), float("nan")]},
        {"tuples": (1, ("a",), ())},
    ],
    ids=lambda document: next(iter(document), "empty document").split(" ")[0],
)
def test_is_what_json_writes(document: dict[str, Any]) -> None:
    assert written(document) == json.dumps(document, indent=1, ensure_ascii=False) + "\n"
