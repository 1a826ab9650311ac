"""Values, names and sizes: whatever they look like, Excel takes them as they are meant."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel
from python_calamine import load_workbook as calamine

from segxl.errors import SegxlError
from segxl.pages.model import (
    Cell,
    Field,
    Row,
)
from segxl.render.xlsx.excel_values import cell_value, sheet_titles, table_headers
from segxl.render.xlsx.writer import write_xlsx
from segxl.units import MONEY
from tests.render_samples import (
    assert_sound,
    listing,
    one,
    pack,
    page,
    read,
    written,
)


def test_headers_and_titles_are_made_legal() -> None:
    assert table_headers(["A", "a", "", " b\nc ", "A (2)"]) == ["A", "a (2)", "Column 3", "b c", "A (2) (2)"]
    assert len(table_headers(["x" * 300, "x" * 300])[1]) == 255
    titles = sheet_titles(["History", "a/b:c", "'x'", "", "X", "y" * 40, "y" * 40, "😀" * 20])
    assert titles[:5] == ["History page 1", "a b c", "x", "page 4", "X (2)"]
    assert titles[5] == "y" * 30 + "…"
    assert titles[6] == "y" * 26 + "… (2)"
    assert len(titles[7].encode("utf-16-le")) // 2 <= 31


@given(st.lists(st.text(st.characters(codec=None), max_size=40), min_size=1, max_size=8))
def test_any_titles_become_legal(titles: list[str]) -> None:
    made = sheet_titles(titles)
    assert len({title.casefold() for title in made}) == len(titles)
    for title in made:
        assert 0 < len(title.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\]|^'|'$", title)
        assert title.casefold() != "history"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "'quoted",
        "#N/A",
        "#DIV/0!",
        "#REF!",
        "TRUE",
        "1e5",
    ],
)
def test_text_that_looks_like_something_else_stays_text(tmp_path: Path, text: str) -> None:
    what = pack(page(Row((Cell(text), Cell(text, "value", MONEY)))), listing(Field("a", [text])))
    book = read(what, tmp_path)
    for cell in (book["A"]["A1"], book["A"]["B1"], book["Rows"]["A4"]):
        assert cell.value == text
        assert cell.data_type == "s"
        assert cell.quotePrefix == text.startswith(("=", "+", "-", "@", "'", "#"))
    assert calamine(tmp_path / "out.xlsx").get_sheet_by_index(0).to_python() == [[text, text]]


def expected(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", lines)


@pytest.mark.ci
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.text(st.characters(codec=None), max_size=60), min_size=1, max_size=20))
def test_any_text_survives(tmp_path: Path, texts: list[str]) -> None:
    rows = [Row((Cell(text, tip=text),)) for text in texts]
    what = pack(page(*rows), listing(Field("a", texts)))
    path = written(what, tmp_path)
    assert_sound(path)
    sheets = openpyxl.load_workbook(path).worksheets
    want = [expected(text) or None for text in texts]
    got = [sheets[0].cell(n, 1).value for n in range(1, len(texts) + 1)]
    assert [unescaped(value) for value in got] == want
    assert [unescaped(sheets[1].cell(n, 1).value) for n in range(4, len(texts) + 4)] == want


def unescaped(value: str | None) -> str | None:
    """openpyxl leaves Excel's escapes as they are."""
    return value.replace("_x005F_", "_") if value else value


def test_what_looks_like_an_escape_is_read_as_written(tmp_path: Path) -> None:
    path = written(one("_x0041_ and _x005F_", "  spaced  ", "a\r\nb\rc"), tmp_path)
    read_back = calamine(path).get_sheet_by_index(0).to_python()
    assert read_back == [["_x0041_ and _x005F_", "  spaced  ", "a\nb\nc"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        1.79e308,
        pd.NaT,
        pd.NA,
        np.datetime64("2025-01-01", "ns"),
        np.timedelta64(1, "D"),
        np.float64("nan"),
        datetime(2025, 1, 1, tzinfo=UTC),
        b"bytes",
        1j,
        [1],
    ],
)
def test_what_no_cell_holds_is_refused_with_page_and_cell(tmp_path: Path, value: Any) -> None:
    with pytest.raises(SegxlError, match="page 'A', cell B1: "):
        written(one("x", value), tmp_path)
    with pytest.raises(SegxlError, match="page 'Rows', cell A5: "):
        written(pack(listing(Field("a", ["x", value]))), tmp_path)
    with pytest.raises(SegxlError, match="page 'Rows', cell A4: "):
        written(pack(listing(Field("a", [value]))), tmp_path)


@pytest.mark.ci
def test_what_is_shortened_is_said(tmp_path: Path) -> None:
    values = ("x" * 40_000, "😀" * 20_000, 10**15, date(1900, 2, 28), "y" * 32_767)
    path = tmp_path / "out.xlsx"
    notes = write_xlsx(one(*values), path)
    assert len(notes) == 4
    assert notes[0] == "page 'A', cell A1: a text of 40,000 characters is cut to Excel's limit of 32,767"
    row = [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][1]]
    assert row[0] == "x" * 32_766 + "…"
    assert len(row[1].encode("utf-16-le")) // 2 <= 32_767 and row[1].endswith("😀…")
    assert row[2:] == ["1000000000000000", "1900-02-28", "y" * 32_767]
    assert write_xlsx(one(999_999_999_999_999, date(1900, 3, 1)), path) == ()


def test_long_text_is_not_shown_as_hashes(tmp_path: Path) -> None:
    sheet = read(pack(page(Row((Cell("=" + "x" * 300),))), listing(Field("a", ["y" * 256]))), tmp_path)
    for cell in (sheet["A"]["A1"], sheet["Rows"]["A4"]):
        assert cell.number_format == "General"
        assert cell.quotePrefix


@given(
    st.one_of(
        st.integers(-(10**15) + 1, 10**15 - 1),
        st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300),
    )
)
def test_numbers_are_exact(value: float) -> None:
    kind, text = cell_value(value, lambda: "", [])
    assert kind == "number"
    assert float(text) == value


@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_dates_are_excel_s(value: date) -> None:
    kind, text = cell_value(value, lambda: "", [])
    assert kind == "date"
    assert int(text) == to_excel(value)
