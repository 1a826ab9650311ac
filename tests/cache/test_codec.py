"""What the codec writes comes back equal, type by type; what it does not know it refuses."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxl.cache.codec import UnkeepableError, UnreadableError, decoded, encoded
from segxl.settings.model import Settings
from segxl.settings.read import settings_from
from segxl.sources.ledger import FileEntry, Rejection
from segxl.tables.contracts import CONTRACTS, Table
from segxl.tables.text_column import TextColumn, one_in_memory


def again(value: Any) -> Any:
    """The value, written and read."""
    text, parts = encoded(value)
    return decoded(text, memoryview(b"".join(parts)))


def size(value: Any) -> int:
    """The bytes of its arrays."""
    return sum(map(len, encoded(value)[1]))


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.dates(),
    st.datetimes(),
    st.just(Path("a/b")),
    st.sampled_from([np.int32(-7), np.float64(0.1), np.bool_(True)]),
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(st.text() | st.integers() | st.tuples(st.text(), st.integers()), inner),
        st.frozensets(st.text()),
        st.sets(st.integers()),
    ),
)


def types(value: Any) -> Any:
    """The types of a value and of all that it holds."""
    if isinstance(value, dict):
        return [dict, *((types(key), types(one)) for key, one in value.items())]
    if isinstance(value, list | tuple):
        return [type(value), *map(types, value)]
    return type(value)


@given(VALUES)
def test_values_come_back(value: Any) -> None:
    back = again(value)
    assert back == value
    assert types(back) == types(value)


INT32, INT64 = np.iinfo(np.int32), np.iinfo(np.int64)
ARRAYS = {
    "blank amounts": np.array([INT64.min, 5, INT64.max], dtype=np.int64),
    "a constant": np.full(1000, INT32.max, dtype=np.int32),
    "rows": np.arange(2, 1002, dtype=np.int32),
    "downwards": np.arange(1000, 0, -1, dtype=np.int32),
    "small": np.array([3, 0, 255, 3], dtype=np.int32),
    "with -1": np.array([-1, 0, 127, 127], dtype=np.int32),
    "one": np.array([7], dtype=np.int64),
    "none": np.empty(0, dtype=np.int32),
    "pairs": np.arange(12, dtype=np.int32).reshape(6, 2),
    "no pairs": np.empty((0, 2), dtype=np.int32),
    "numbers": np.array([0.1, -0.0, np.nan, np.inf]),
    "flags": np.array([1, 0, -1], dtype=np.int8),
    "mask": np.array([True, False, True]),
    "unsigned": np.array([0, 2**64 - 1], dtype=np.uint64),
    "every other": np.arange(20, dtype=np.int32)[::2],
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_come_back_bit_by_bit(name: str) -> None:
    array = ARRAYS[name]
    back = again(array)
    assert back.dtype == array.dtype and back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_arrays_take_the_bytes_that_their_values_need() -> None:
    assert size(np.full(1000, 5, dtype=np.int64)) == 0
    assert size(np.arange(5, 1005, dtype=np.int64)) == 0
    assert size(np.arange(1000, dtype=np.int64) % 200) == 1000
    assert size(np.arange(1000, dtype=np.int64) * 60) == 2000


def test_texts_come_back() -> None:
    texts = np.array(["", "Zoë", "a\0b", "\ud800", "x" * 999], dtype=object)
    back = again(texts)
    assert back.dtype == object and back.tolist() == texts.tolist()
    column = TextColumn.coded(np.array([2, 0, 2], dtype=np.int32), np.array(["unused b", "a", "c"], dtype=object))
    assert again(column).cells.tolist() == ["c", "unused b", "c"]
    assert again(column).distinct.tolist() == ["c", "unused b"]


def test_columns_that_share_their_ids_in_memory_share_them_again() -> None:
    """Columns of the same ids are compared by their codes, some with a blank behind and some without."""
    ids = np.array([f"A{number}" for number in range(500)] + [""], dtype=object)
    known = tuple(ids[:-1].tolist())
    plain, with_blank, accounts = again((ids[:-1], ids, known))
    assert plain.tolist() == ids[:-1].tolist() and with_blank.tolist() == ids.tolist() and accounts == known
    assert one_in_memory(plain, with_blank)
    others = tuple(reversed(known))
    assert again((ids, others, known[1:], known[:-1]))[1:] == (others, known[1:], known[:-1])
    room = np.empty(600, dtype=object)
    room[:500] = ids[:-1]  # what is behind is None
    assert again(room[:500]).tolist() == ids[:-1].tolist()
    assert again(ids[100:]).tolist() == ids[100:].tolist()


def test_what_was_one_object_is_one_again() -> None:
    entry = FileEntry("a.csv", "accounts", "00")
    first, second = again((entry, [entry]))
    assert first is second[0]
    array = np.arange(3) * 9
    assert (lambda one: one[0] is one[1])(again([array, array]))


def test_a_table_reads_its_columns_when_asked() -> None:
    contract = CONTRACTS["accounts"][0]
    columns = {"account_id": TextColumn.of(np.array(["A", "B"], dtype=object)), "size": np.array([300, 4])}
    table = Table(contract, columns, frozenset({"account_id"}), np.zeros(2, np.int32), np.array([2, 5], np.int32))
    back = again(table)
    assert back.contract is contract
    assert list(back.columns) == ["account_id", "size"] and "size" in back.columns and "name" not in back.columns
    assert back.texts("account_id").cells.tolist() == ["A", "B"]
    assert back["size"].tolist() == [300, 4] and back["size"] is back["size"]
    with pytest.raises(KeyError):
        back["name"]


def test_settings_and_entries_come_back() -> None:
    document = {
        "name": "Acme",
        "run_date": date(2026, 6, 5),
        "tables": {"leads": {"file": "l.csv", "where": {"A": ["b"]}}},
    }
    settings = settings_from(document, "segxl.toml")
    back = again(settings)
    assert back == settings and type(back) is Settings
    assert back.model_fields_set == settings.model_fields_set
    entry = FileEntry("a.csv", "leads", "00", rejected=[Rejection("a.csv", 3, "h", "v", "r", "f")], letters={"h": "B"})
    entry.source = settings.tables["leads"][0]
    assert again(entry) == entry


@dataclass
class Foreign:
    """A class that is not segxl's."""

    name: str


class Word(str):
    """A text that is more than a text."""


@pytest.mark.parametrize(
    "value",
    [
        Foreign("x"),
        Word("x"),
        Counter("ab"),
        object(),
        b"bytes",
        {1: object()},
        np.array(["a", None], dtype=object),
        np.array([1, 2], dtype="datetime64[D]"),
        datetime,
    ],
)
def test_what_is_not_known_is_refused(value: Any) -> None:
    with pytest.raises(UnkeepableError):
        encoded([value])


@pytest.mark.parametrize(
    ("root", "classes"),
    [
        (["data", 0], [["os", "system"]]),
        (["data", 0], [["segxl.api", "load"]]),
        (["data", 0], [["segxl.nowhere", "Thing"]]),
        (["enum", 0, "x"], []),
        (["unheard of"], []),
        (["at", 3], []),
        (["array", "<i4", [9], "<i4", 0, 400], []),
    ],
)
def test_what_it_does_not_write_is_refused(root: Any, classes: Any) -> None:
    document = {"root": root, "objects": [], "classes": classes}
    with pytest.raises(UnreadableError):
        decoded(json.dumps(document).encode(), memoryview(b""))
