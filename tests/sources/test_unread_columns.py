"""Columns of a Parquet file that are not in use: read only if something asks for them, and no check misses them."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxl.dataset.load import load
from segxl.errors import SegxlError
from segxl.render.ledger.csv import ledger_csv, rejected_csv
from segxl.sources.files import parquet
from segxl.sources.files.files import read_file
from segxl.sources.files.raw import RawTable, clean_column
from segxl.sources.records.suspect_rows import _kinds_of_cells
from segxl.sources.records.total_words import CERTAIN, TOTALS
from segxl.tables.text_column import TextColumn

SETTINGS = 'run_date = 2026-06-30\n[tables.activities]\nfile = "seen.parquet"\n'
DAY = dt.date(2026, 5, 1)


def written(folder: Path, columns: dict[str, Any], settings: str = SETTINGS) -> Path:
    """A folder with activities as Parquet, five rows of them if ``columns`` name no others."""
    seen = {"account_id": [f"A{at}" for at in range(5)], "date": [DAY] * 5, "source": ["webinar"] * 5}
    table = pyarrow.table(seen | {"kind": ["engagement"] * 5} | columns)
    folder.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(table, folder / "seen.parquet")
    (folder / "segxl.toml").write_text(settings, encoding="utf-8")
    return folder


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The columns that are read, at each reading."""
    found = list[list[str]]()
    original = parquet._columns

    def noted(source: Any, opened: Any, known: Any, wanted: Any) -> Any:
        found.append([opened.schema_arrow.names[at] for at in wanted])
        return original(source, opened, known, wanted)

    monkeypatch.setattr(parquet, "_columns", noted)
    return found


USED = ["account_id", "date", "source", "kind"]
UNUSED = {
    "event_id": [f"E{at}" for at in range(5)],
    "url": ["https://example.com/a", "https://example.com/b?c=1", None, "", "https://example.com/pricing"],
    "score": [0.5, None, float("nan"), 1e9, float("inf")],
    "loaded_at": [dt.datetime(2026, 5, 1, 10, at) for at in range(5)],
    "test": [True, False, None, True, False],
}


def test_columns_that_nobody_asks_for_are_not_read(tmp_path: Path, reads: list[list[str]]) -> None:
    data = load(written(tmp_path, UNUSED))
    assert reads == [USED]
    (entry,), table = data.ledger.files, data.tables["activities"]
    assert (entry.rows, entry.used, entry.ignored_columns) == (5, 5, tuple(UNUSED))
    assert not table.columns.keys() & UNUSED.keys()


@pytest.mark.parametrize(
    ("more", "lines", "asked"),
    [
        ({"note": ["Grand Total", "x", "y", "z", ""]}, "", ["note"]),
        ({"note": ["x", "--------", "y", "z", ""]}, "", ["note"]),
        ({"note": ["a", "Note", "b", "c", "d"]}, "", ["note"]),  # the column's own header
        ({"note": ["a", "", "b", "c", "source"]}, "", ["note"]),  # another column's
        ({"account_id": ["A1", None, "A2", "A3", "A4"], "source": ["webinar", None, "x", "y", "z"]}, "", []),
        ({"lead_id": ["L1"] * 5}, "", []),
        ({"campaign_name": ["May"] * 5}, "columns = { campaign = 'campaign_name' }", []),
        ({"team": ["East", "West"] * 2 + ["East"]}, "where = { team = 'East' }", []),
    ],
    ids=["total", "dashes", "header", "header of another", "blanks", "leads", "mapped", "where"],
)
def test_what_something_asks_for_is_read_and_the_ledger_is_that_of_all_columns(
    tmp_path: Path,
    reads: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    more: dict[str, Any],
    lines: str,
    asked: list[str],
) -> None:
    folder = written(tmp_path, UNUSED | more, f"{SETTINGS}{lines}\n")
    some = load(folder)
    later = [name for one in reads[1:] for name in one]
    assert set(asked) <= set(later) and (bool(later) == bool(asked))
    monkeypatch.setattr("segxl.dataset.load.headers_in_use", lambda *_: None)
    every = load(folder)
    assert ledger_csv(some.ledger) == ledger_csv(every.ledger)
    assert rejected_csv(some.ledger) == rejected_csv(every.ledger)
    assert some.ledger.files[0].ignored_columns == every.ledger.files[0].ignored_columns
    for name, column in some.tables["activities"].columns.items():
        if isinstance(column, TextColumn):
            assert column.cells.tolist() == every.tables["activities"].texts(name).cells.tolist()


def test_rows_blank_in_all_columns_in_use_are_empty_only_if_the_others_are(
    tmp_path: Path, reads: list[list[str]]
) -> None:
    blank = {name: [None, None, *values] for name, values in (("date", [DAY] * 3), ("account_id", ["A", "B", "C"]))}
    blank |= {name: [None, None, *[word] * 3] for name, word in (("source", "webinar"), ("kind", "engagement"))}
    (entry,) = load(written(tmp_path, blank | {"event_id": [None, "E1", "E2", "E3", "E4"]})).ledger.files
    assert reads == [USED, ["event_id"]]
    assert (entry.used, entry.excluded, entry.rejected_rows) == (3, {"empty row": 1}, 1)


def in_parts(path: Path, column: list[str | None], *, dictionary: bool) -> RawTable:
    table = pyarrow.table(
        {"id": [f"A{at}" for at in range(len(column))], "note": pyarrow.array(column, pyarrow.string())}
    )
    pyarrow.parquet.write_table(table, path, row_group_size=2, use_dictionary=dictionary)
    return read_file(path, unused=lambda header: ["note"])


words = st.sampled_from(sorted(TOTALS | CERTAIN))
before, after = (
    st.sampled_from(["", " ", "East ", "5 ", "\u00a0", "\u200b"]),
    st.sampled_from(["", ":", " 7", "\u200b", " E"]),
)
lines = st.sampled_from(["note", "Note*", "id", "ID ", "(3 rows)", "3 rows", "------", "Copyright (c) 2026", "© 2026"])
labels = st.text(st.sampled_from(" \u00a0\u200b\n05ax-=—(:)%&Ⅻ٣"), max_size=6) | words | lines
labels |= st.tuples(before, words, after).map("".join)


@given(st.lists(st.none() | labels, min_size=1, max_size=6), st.booleans())
def test_no_label_is_missed_among_the_words_of_an_unread_column(
    tmp_path_factory: pytest.TempPathFactory, column: list[str | None], dictionary: bool
) -> None:
    raw = in_parts(tmp_path_factory.getbasetemp() / "words.parquet", column, dictionary=dictionary)
    found = raw.texts("note").words_of_unread
    assert found is not None
    texts = clean_column(np.array([text or "" for text in column], dtype=object))
    every = {"id", "note"}
    suspects = {
        text for text in texts.tolist() if _kinds_of_cells(np.array([text], dtype=object), {"note"}, every).any()
    }
    assert suspects <= set(found.tolist())
    assert raw.texts("note").cells.tolist() == texts.tolist()
    assert raw.texts("note").words_of_unread is None  # it is read now


def test_rows_are_taken_from_a_column_before_it_is_read(tmp_path: Path) -> None:
    note = in_parts(tmp_path / "a.parquet", ["a", None, "c1", "d", "e"], dictionary=True).texts("note")
    some = note.take(np.array([True, False, True, True, False])).take(np.array([2, 0]))
    assert len(some) == 2 and some.words_of_unread is not None and note.words_of_unread is not None
    assert some.cells.tolist() == ["d", "a"] and some.words_of_unread is None


def test_a_file_that_changed_before_a_column_is_read_is_refused(tmp_path: Path) -> None:
    note = in_parts(tmp_path / "a.parquet", ["a", "b"], dictionary=True).texts("note")
    about = (tmp_path / "a.parquet").stat()
    os.utime(tmp_path / "a.parquet", ns=(about.st_atime_ns, about.st_mtime_ns + 1_000_000))
    with pytest.raises(SegxlError, match=r"^a\.parquet changed while it was read: run the command again$"):
        _ = note.cells


def test_a_column_of_many_words_is_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_MOST_WORDS", 2)
    few = in_parts(tmp_path / "a.parquet", ["a", "b", "E1", "E2"], dictionary=True).texts("note")
    many = in_parts(tmp_path / "b.parquet", ["a", "b", "c", "E2"], dictionary=True).texts("note")
    assert few.words_of_unread is not None and many.words_of_unread is None
