"""Parquet columns read part by part are what pyarrow says they are, cell by cell."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segxl.sources.files import arrow_codes, delimited
from segxl.sources.files.files import read_file
from segxl.sources.values.numbers import read_money
from segxl.tables.contracts import NO_MONEY

_DAY = dt.date(2026, 3, 5)


def _ids(count: int, letter: str = "A", width: int = 7) -> list[str]:
    return [f"{letter}{number:0{width}}" for number in range(count)]


def _several(count: int) -> list[str | None]:
    return [f"{letter}{number}" for letter, number in zip("AB" * (count // 2), range(count), strict=True)]


COLUMNS: dict[str, Any] = {
    "ids": _ids(5_000),
    "ids twice": _ids(2_500) * 2,
    "ids of 18": _ids(5_000, "0013000000", 8),
    "ids of bytes beyond ASCII": _ids(5_000, "é", 6),
    "ids with gaps": [None if at % 7 == 0 else "" if at % 5 == 0 else one for at, one in enumerate(_ids(5_000))],
    "ids with spaces": [f" {one}" if at % 2 else f"{one} " for at, one in enumerate(_ids(2_500) * 2)],
    "ids that grow": _several(5_000),
    "ids that change their length": _ids(4_000) + _ids(1_000, "AB"),
    "blank": [None] * 5_000,
    "blank at first": [None] * 3_000 + _ids(2_000),
    "words": ["web", "mail", None, " mail", ""] * 1_000,
    "many words": [f"word {at % 900}" for at in range(5_000)],
    "as Arrow's categories": pa.array(["web", "mail", None, "web", "call"] * 1_000).dictionary_encode(),
    "as long texts": pa.array(_ids(5_000), pa.large_string()),
    "days": [_DAY + dt.timedelta(at % 400) for at in range(5_000)],
    "days with gaps": [None if at % 3 == 0 else _DAY - dt.timedelta(at) for at in range(5_000)],
    "days of long ago": [dt.date(1601, 1, 1) if at % 2 else _DAY for at in range(5_000)],
    "days of centuries": [dt.date(1800, 1, 1) + dt.timedelta(17 * at) for at in range(5_000)],
    "whole numbers": [at % 11 for at in range(5_000)],
    "halves": [at / 2 for at in range(5_000)],
}


def _expected(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}" if value % 1 else str(int(value))
    return value.isoformat() if isinstance(value, dt.date) else str(value).strip()


@pytest.mark.parametrize("dictionary", [True, False], ids=["coded", "plain"])
@pytest.mark.parametrize("rows", [5_000, 600], ids=["one row group", "several row groups"])
def test_cells_are_the_files_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, dictionary: bool
) -> None:
    monkeypatch.setattr(arrow_codes, "_ROWS_AT_ONCE", 1_200)  # parts of two row groups
    monkeypatch.setattr(arrow_codes, "_MANY_TEXTS", 100)
    pq.write_table(pa.table(COLUMNS), tmp_path / "export.parquet", row_group_size=rows, use_dictionary=dictionary)
    raw = read_file(tmp_path / "export.parquet")
    for name, values in COLUMNS.items():
        wanted = [_expected(value) for value in (values.to_pylist() if isinstance(values, pa.Array) else values)]
        column = raw.texts(name)
        assert column.cells.tolist() == wanted, name
        assert column.distinct.tolist() == list(dict.fromkeys(wanted)), name
        assert column.distinct[column.codes].tolist() == wanted, name
        assert column.codes.dtype == np.int32
        assert dict(zip(column.distinct, column.counts.tolist(), strict=True)) == Counter(wanted), name


def test_an_id_that_is_not_utf8_is_read_as_a_text_again(tmp_path: Path) -> None:
    texts = pa.array([one.encode() for one in _ids(2_000)] + [b"A\xff000001"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"id": texts}), tmp_path / "export.parquet", use_dictionary=False)
    cells = read_file(tmp_path / "export.parquet").column("id").tolist()
    assert cells[:2_000] == _ids(2_000)
    assert "\N{REPLACEMENT CHARACTER}" in cells[2_000] or "ÿ" in cells[2_000]


@pytest.mark.parametrize(
    "values",
    [
        [0.0, 12.5, -12.5, 0.01, -0.07, 1234567.89, 9_999_999_999_999.99, None, 100.0, 12.5],
        [cents / 100 for cents in range(-30_000, 30_000, 7)],
    ],
)
def test_amounts_stay_numbers_that_are_exactly_what_their_texts_say(tmp_path: Path, values: list[float | None]) -> None:
    pq.write_table(pa.table({"amount": values}), tmp_path / "export.parquet", row_group_size=4)
    column = read_file(tmp_path / "export.parquet").texts("amount")
    assert column.cents is not None
    exact = [None if value is None else Decimal(repr(value)) for value in values]
    for some, wanted in ((column, exact), (column.take(np.arange(len(values))[::-1]), exact[::-1])):
        assert len(some) == len(wanted)
        assert some.is_text("").tolist() == [value is None for value in wanted] and some.has_blank == (None in wanted)
        cents, bad, rounded = read_money(some, decimal=None)
        assert cents.tolist() == [NO_MONEY if value is None else int(value * 100) for value in wanted]
        assert not bad.any() and not rounded
        assert [Decimal(text) if text else None for text in some.cells] == wanted
    bad = read_money(column, decimal=",")[1]  # 12.5 is no amount where the settings give a comma
    assert bad.tolist() == ["." in text for text in column.cells]


@pytest.mark.parametrize("odd", [0.125, 1e13, 1e300, 1e-7, -0.0, float("nan"), 0.1 + 0.2])
def test_numbers_that_are_no_plain_amounts_become_texts(tmp_path: Path, odd: float) -> None:
    pq.write_table(pa.table({"amount": [12.5, odd, 0.0]}), tmp_path / "export.parquet")
    column = read_file(tmp_path / "export.parquet").texts("amount")
    assert column.cents is None
    assert column.cells.tolist()[::2] == ["12.5", "0"]


def test_days_need_two_bytes_a_row_and_words_one(tmp_path: Path) -> None:
    pq.write_table(pa.table({name: COLUMNS[name] for name in ("days", "words")}), tmp_path / "export.parquet")
    raw = read_file(tmp_path / "export.parquet")
    assert [raw.texts(name).narrow_codes.itemsize for name in ("days", "words")] == [2, 1]


def test_a_long_column_in_short_parts_makes_no_python_object_of_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_codes, "_FEW_ROWS", 100)
    made: list[str] = []
    place = arrow_codes.CodedTexts._place
    monkeypatch.setattr(arrow_codes.CodedTexts, "_place", lambda self, text: (made.append(text), place(self, text))[1])
    column = arrow_codes.CodedTexts(1_000, "source", {})
    for _ in range(20):
        column.add(pa.array(["web", "mail"] * 25))
    assert column.column().cells.tolist() == ["web", "mail"] * 500
    assert len(made) <= 2 * 20


def test_a_large_csv_says_what_would_read_it_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "export.csv"
    path.write_text("id,day\n" + "".join(f"{one},2026-03-05\n" for one in _ids(2_000)), encoding="utf-8")
    monkeypatch.setattr(delimited, "_LARGE", 10_000)
    assert read_file(path).notes == ()
    monkeypatch.setattr(delimited, "_has_arrow", lambda: False)
    assert [note.partition(":")[0] for note in read_file(path).notes] == ["is large"]


@pytest.mark.parametrize("gap", [0, 7])
def test_a_large_csv_has_the_cells_that_it_has_without_arrow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gap: int
) -> None:
    monkeypatch.setattr(delimited, "ARROW_FROM", 0)
    ids = [
        "" if gap and at % gap == 0 else f" {one}" if gap and at % 5 == 0 else one for at, one in enumerate(_ids(4_000))
    ]
    path = tmp_path / "export.csv"
    lines = [f'{one},2026-03-{1 + at % 28:02},"said ""{at % 9}"""' for at, one in enumerate(ids)]
    path.write_text("\n".join(["id,day,what", *lines]) + "\n", encoding="utf-8")
    with_arrow = read_file(path)
    monkeypatch.setattr(delimited, "_has_arrow", lambda: False)
    without = read_file(path)
    assert with_arrow.header == without.header == ("id", "day", "what")
    for one, other in zip(with_arrow.columns, without.columns, strict=True):
        assert one.cells.tolist() == other.cells.tolist()
        assert one.distinct.tolist() == other.distinct.tolist()
    assert with_arrow.column("id").tolist() == [one.strip() for one in ids]
    assert with_arrow.column("what").tolist()[:2] == ['said "0"', 'said "1"']
