"""Rows of long lists: block by block the same cells as one by one, and notes in the order of the rows."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest

from segxl.errors import SegxlError
from segxl.render.xlsx.excel_values import CellKind, Texts, cell_value, cell_xml
from segxl.render.xlsx.record_rows import _BLOCK, RecordColumn, record_rows

KINDS: tuple[CellKind, ...] = ("", "text", "quoted", "long", "bool", "number", "date")
STYLES = ({kind: number for number, kind in enumerate(KINDS)}, {kind: number + 10 for number, kind in enumerate(KINDS)})
COLUMNS: dict[str, list[Any]] = {
    "texts": ["a", "<b> & c", "", None, " padded", "=1+1", "x" * 300, "a", "a"],
    "numbers": [1, 0, -5, 10**14, None, 1, 2, 3, 1],
    "equal but unlike": [1, 1.0, True, "1", 0, 0.0, False, None, date(2026, 1, 1)],
    "zeros": [0.0, -0.0, 0.5, 1e-300, 2.0, -1.0, 0.0, 3.25, None],
    "days": [date(2026, 3, 5), None, date(1900, 3, 1), date(2026, 3, 5), *[date(2024, 2, 29)] * 5],
    "moments": [datetime(2026, 3, 5, 12, 0), *[None] * 7, datetime(2026, 3, 5)],
    "flags": [True, False, None, True, True, True, False, False, None],
    "noted": ["a", 10**15, "b", date(1900, 1, 1), "c", "d", "e", "f", "g"],
}


def where(row: int, column: int) -> Any:
    return lambda: f"cell {row}, {column}"


def drawn(columns: list[RecordColumn], notes: list[str]) -> str:
    return b"".join(record_rows(columns, 5, where, notes)).decode()


@pytest.mark.parametrize("several", [False, True], ids=["one unit", "units"])
@pytest.mark.parametrize("formula", [False, True], ids=["values", "formulas"])
def test_a_block_is_its_cells_one_by_one(several: bool, formula: bool) -> None:
    count = len(COLUMNS["texts"])
    which = [at % 2 for at in range(count)] if several else []
    live = ["", "A1", "", "", "B2&C3", "", "", "", "D4"] if formula else []
    columns = [RecordColumn(values, STYLES, which, live) for values in COLUMNS.values()]
    notes: list[str] = []
    rows = re.findall(r'<row r="(\d+)">(.*?)</row>', drawn(columns, notes), re.DOTALL)
    assert [int(number) for number, _ in rows] == list(range(5, 5 + count))
    expected_notes: list[str] = []
    for at, (_, cells) in enumerate(rows):
        expected = ""
        for place, values in enumerate(COLUMNS.values()):
            text = live[at] if live else ""
            if values[at] in (None, "") and not text:
                continue
            kind, shown = cell_value(values[at], where(5 + at, place + 1), expected_notes)
            expected += cell_xml(
                f"{'ABCDEFGH'[place]}{5 + at}", STYLES[at % 2 if several else 0][kind], kind, shown, text
            )
        assert cells == expected
    assert notes == expected_notes and len(notes) == 2


def test_texts_that_occur_often_are_shared() -> None:
    texts = Texts()
    often = RecordColumn(["East & West", None, "", *["East & West"] * 12], STYLES, texts=texts)
    rarely = RecordColumn(list("abcdefghijklmno"), STYLES, texts=texts)
    rows = drawn([often, rarely], [])
    assert rows.count('<c r="A5" s="1" t="s"><v>0</v></c>') == 1 and rows.count("<v>0</v>") == 13
    assert '<c r="A6"' not in rows and '<c r="A7"' not in rows
    assert rows.count('t="inlineStr"') == 15 and '<c r="B13" s="1" t="inlineStr"><is><t>i</t></is></c>' in rows
    assert b"".join(texts.part()).endswith(b' uniqueCount="1"><si><t>East &amp; West</t></si></sst>')


def test_notes_come_in_the_order_of_the_rows() -> None:
    count = 2 * _BLOCK + 7
    first: list[Any] = ["a"] * count
    second: list[Any] = [1] * count
    first[_BLOCK + 9], second[_BLOCK + 3], second[-1] = "y" * 40_000, 10**16, 10**17
    notes: list[str] = []
    text = drawn([RecordColumn(first, STYLES), RecordColumn(second, STYLES)], notes)
    assert [note.split(":")[0] for note in notes] == [
        f"cell {5 + _BLOCK + 3}, 2",
        f"cell {5 + _BLOCK + 9}, 1",
        f"cell {5 + count - 1}, 2",
    ]
    assert text.count("<row ") == count
    assert f'<c r="B{5 + _BLOCK + 3}" s="2" t="inlineStr"><is><t>{10**16}</t></is></c>' in text


def test_what_no_cell_holds_is_refused_by_its_cell() -> None:
    with pytest.raises(SegxlError, match="cell 7, 1: a cell cannot contain the number nan"):
        drawn([RecordColumn([1.0, 2.0, float("nan")], STYLES)], [])


def test_blocks_are_written_one_after_the_other() -> None:
    """A long list is never in memory as a whole."""
    rows = record_rows([RecordColumn(list(range(5 * _BLOCK)), STYLES)], 2, where, [])
    assert [block.count(b"<row ") for block in rows] == [_BLOCK] * 5
