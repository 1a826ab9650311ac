"""Datasets and their handles: what a cell keeps of them, restarts, changed data, several at once, this workbook's."""

from __future__ import annotations

import gzip
import os
import stat
import sys
from datetime import date, datetime
from inspect import unwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxl.cache import folder as cache_folder
from segxl.cli import cache as cache_texts
from segxl.dataset import kept
from segxl.errors import SegxlError
from segxl.excel.file_engine.xlwings_engine import open_book
from segxl.excel.functions import SEGXL_DATASET, SEGXL_METRIC, kept_sheets
from segxl.excel.functions.datasets import DATASETS
from segxl.excel.functions.handles import Handle
from segxl.excel.input_workbook.write import template
from segxl.sources.workbook.sheets import SheetCells
from tests import small
from tests.excel.functions.conftest import restart
from tests.fake_excel import Book, Excel, Sheet


def won(handle: str, segment: str = "") -> Any:
    """Won revenue of May 2026."""
    ((number,),) = SEGXL_METRIC(handle, "won_revenue", segment, "2026-05")
    return number


def read(*arguments: Any) -> str:
    ((handle,),) = SEGXL_DATASET(*arguments)
    return str(handle)


texts = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)


@given(source=texts, settings=st.dictionaries(st.from_regex(r"[a-z_.]+", fullmatch=True), texts), book=st.booleans())
def test_a_handle_says_what_it_was_made_of(source: str, settings: dict[str, str], book: bool) -> None:
    handle = Handle("0123456789abcdef", source, tuple(sorted(settings.items())), book)
    if source[0] == "[" and source[-1] == "]" and not book:
        return  # no path begins and ends like this
    assert Handle.parse(str(handle)) == handle


@pytest.mark.parametrize("text", ["segxl:", "segxl:12 x", "C:\\data", "segxl:0123456789abcdeg x", "x" * 100])
def test_other_texts_are_no_handles(excel: Excel, sheet: Sheet, text: str) -> None:
    sheet.put("A1", [text], ["mrr"])
    cell = excel.put(sheet, "B1", "METRIC", text, "mrr", formula="=SEGXL_METRIC(A1,A2)")
    assert cell.Value == -2146826273
    assert excel.call("WHY", cell).endswith("point to a cell with SEGXL_DATASET")


def test_the_handle_changes_with_the_data_and_only_then(tmp_path: Path) -> None:
    folder = small.write_company(tmp_path / "Acme & Co")
    first = read(str(folder))
    assert first.endswith(f" {folder}")
    assert read(str(folder)) == first
    small.write_company(folder, opportunities=small.changed("W1", amount="20000"))
    second = read(str(folder), None, 1.0)
    assert second != first
    assert won(second) == 22_600.5
    assert won(first) == 12_600.5  # still there: the cell that reads it has not been calculated again


def test_a_restart_loads_from_the_handle(excel: Excel, tmp_path: Path, sheet: Sheet) -> None:
    folder = small.write_company(tmp_path / "Acme")
    handle = read(str(folder))
    restart()
    assert won(handle) == 12_600.5
    small.write_company(folder, opportunities=small.changed("W1", amount="20000"))
    restart()
    sheet.put("A1", [handle])
    cell = excel.put(sheet, "B1", "METRIC", handle, "mrr", formula='=SEGXL_METRIC(A1,"mrr")')
    said = f"the data in {folder} have changed since SEGXL_DATASET read them."
    assert excel.call("WHY", cell) == f"{said} Change its refresh cell, or press Ctrl+Alt+F9"
    (folder / "segxl.toml").unlink()
    restart()
    assert won(handle) == "#VALUE!"


def test_a_folder_is_read_once_and_then_taken_from_the_cache_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache_folder.VARIABLE, str(tmp_path / "cache"))
    sources = list[object]()
    original = kept._load
    monkeypatch.setattr(kept, "_load", lambda source, *more: sources.append(source) or original(source, *more))
    folder = small.write_company(tmp_path / "Acme")
    for _ in range(3):  # the cell, the cell in another Excel, a cell with METRIC in a third one
        restart()
        handle = read(str(folder))
        assert won(handle) == 12_600.5
    restart()
    assert won(handle) == 12_600.5 and sources == [folder]
    (one,) = (one for one in cache_folder.everything() if "-" not in one.path.name)
    assert one.path.name in cache_texts.text()
    small.write_company(folder, opportunities=small.changed("W1", amount="20000"))
    restart()
    assert won(read(str(folder))) == 22_600.5 and len(sources) == 2
    cache_texts.cleared()
    assert cache_folder.everything() == []
    restart()
    assert won(read(str(folder))) == 22_600.5 and len(sources) == 3


def test_several_datasets_and_settings_at_once(excel: Excel, tmp_path: Path, sheet: Sheet) -> None:
    one, other = (small.write_company(tmp_path / name) for name in ("one", "other"))
    small.write_company(other, opportunities=small.changed("W1", amount="20000"))
    cut = sheet.put("A1", ["as_of", datetime(2026, 5, 9)], ["toggles.membership", "period_end"], [None, None])
    handles = [read(str(one)), read(str(other)), str(excel.call("DATASET", str(one), cut))]
    assert handles[2].endswith("{as_of=2026-05-09; toggles.membership=period_end}")
    assert [won(handle) for handle in handles[:2]] == [12_600.5, 22_600.5]
    assert won(handles[2]) == "#N/A"  # May is not complete
    ((may,),) = SEGXL_METRIC(handles[2], "won_revenue", None, "2026-04")
    assert may == 5_000
    restart()
    assert SEGXL_METRIC(handles[2], "won_revenue", None, "2026-04") == [[5_000]]  # the handle has the settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ([["toggles.memberhip", "x"]], "toggles.memberhip: unknown key; did you mean 'membership'?"),
        ([["tables.opportunities.file", "x"]], "tables.opportunities.file: change it in the source's own settings"),
        ([["as_of"]], "settings takes two columns"),
        ([[None, "x"]], "settings: row 1 has a value and no key"),
        ([["as_of", "#N/A"]], "the setting as_of is #N/A: fix that cell first"),
    ],
)
def test_settings_that_are_wrong(company: Path, settings: list[list[Any]], said: str) -> None:
    with pytest.raises(SegxlError, match=said.replace("?", "\\?")):
        unwrap(SEGXL_DATASET)(str(company), settings)


def test_a_path_that_is_not_full_starts_at_the_workbook(excel: Excel, tmp_path: Path) -> None:
    small.write_company(tmp_path / "data")
    cell = Book("Model.xlsx", str(tmp_path)).sheet("Board").Range("A1")
    handle = excel.call("DATASET", "data", cell=cell)
    assert handle.endswith(f" {tmp_path / 'data'}")
    assert excel.call("DATASET", "data", cell=Book("New.xlsx", "").sheet("Board").Range("A1")) == "#VALUE!"


# --- this workbook's tables ---


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "Model.xlsx"
    template(path, small.write_company(tmp_path / "source"), overwrite=False)
    return path


def test_blank_means_the_workbook_of_the_formula(workbook: Path) -> None:
    book = open_book(workbook)
    board = book.sheets.add("Board")
    board.range("A1").value = "=SEGXL_DATASET()"
    handle = read(None, None, None, "", board.range("A1"))
    assert " [Model.xlsx]" in handle and won(handle) == 12_600.5 and won(handle, "smb") == 2_500.5
    assert read("", None, None, "", board.range("A1")) == handle
    restart()
    assert won(handle) == 12_600.5  # kept on disk: the workbook need not be open
    for path in kept_sheets.cache_folder().iterdir():
        path.unlink()
    restart()
    assert won(handle) == "#VALUE!"


def test_another_workbook_has_its_own(workbook: Path, tmp_path: Path) -> None:
    other = tmp_path / "Other.xlsx"
    changed = small.changed("W1", amount="20000")
    template(other, small.write_company(tmp_path / "changed", opportunities=changed), overwrite=False)
    handles = [read(None, None, None, "", open_book(path).sheets[0].range("A1")) for path in (workbook, other)]
    assert [won(handle) for handle in handles] == [12_600.5, 22_600.5]


def test_a_workbook_through_com(excel: Excel, tmp_path: Path) -> None:
    """The cells that COM hands over; merged cells are found without changing anything."""
    book = Book("Com.xlsx", str(tmp_path))
    sheet = book.sheet("opportunities")
    sheet.put("A1", [*small.HEADER])
    for at, row in enumerate(small.OPPORTUNITIES, start=2):
        values = [
            float(cell) if name == "amount" and cell else cell or None
            for name, cell in zip(small.HEADER, row, strict=True)
        ]
        sheet.put(f"A{at}", values)
    board = book.sheet("Board")
    settings = board.put("A1", ["run_date", datetime(2026, 6, 5)], ["stages", "Discovery, Proposal"])
    handle = excel.call("DATASET", None, settings, cell=board.Range("D1"))
    assert " [Com.xlsx]" in handle and excel.call("METRIC", handle, "won_revenue", None, "2026-05") == 12_600.5
    sheet.merged = {(3, 1), (4, 1)}  # the ids of W2 and W3: which deal is which is not known
    handle = excel.call("DATASET", None, settings, cell=board.Range("D1"))
    assert excel.call("METRIC", handle, "won_revenue", None, "2026-05") == 10_100
    lines = [line for (line,) in excel.rows("WHY", board.put("D1", [handle]))]
    assert lines[0].startswith("2 rows rejected: the first is Com.xlsx, sheet 'opportunities', cell A3,")


def test_without_a_cell_there_is_no_workbook() -> None:
    with pytest.raises(SegxlError, match="it works only in a cell"):
        unwrap(SEGXL_DATASET)(None)


# --- what is kept ---


def test_sheets_come_back_as_they_were(home: Path) -> None:
    cells = [[None, "x", 1, 1.5, True, datetime(2026, 5, 1, 12), date(2026, 5, 1), "#N/A"], ["é\n"]]
    sheets = [SheetCells("One", cells, 2, True), SheetCells("Two", [])]
    key = kept_sheets.keep("Book.xlsx", sheets)
    assert kept_sheets.keep("Book.xlsx", sheets) == key
    name, found = kept_sheets.kept(key) or ("", ())
    assert (name, list(found)) == ("Book.xlsx", sheets)
    (path,) = kept_sheets.cache_folder().iterdir()
    assert home in path.parents
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "damage", [b"", b"no gzip", gzip.compress(b"[]", mtime=0), gzip.compress(b'["other", []]', mtime=0)]
)
def test_damaged_files_are_as_good_as_none(damage: bytes) -> None:
    key = kept_sheets.keep("Book.xlsx", [])
    (path,) = kept_sheets.cache_folder().iterdir()
    path.write_bytes(damage)
    assert kept_sheets.kept(key) is None


def test_the_folder_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_sheets, "MOST_FILES", 3)
    keys = []
    for number in range(5):
        keys.append(kept_sheets.keep("Book.xlsx", [SheetCells(str(number), [])]))
        os.utime(kept_sheets.cache_folder() / f"{keys[-1]}.json.gz", (number, number))
        if number == 3:
            kept_sheets.kept(keys[1])  # used a moment ago
    assert [kept_sheets.kept(key) is not None for key in keys] == [False, True, False, True, True]


def test_datasets_are_bounded(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segxl.excel.functions.datasets.MOST", 2)
    restart()
    handles = [read(str(company), [["name", name]]) for name in ("a", "b", "c")]
    assert list(DATASETS._kept) == handles[1:]
    assert won(handles[0]) == 12_600.5  # loaded again
    assert list(DATASETS._kept) == [handles[2], handles[0]]


def test_a_new_day_loads_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a run date, what is available changes with the day."""
    settings = small.SETTINGS.replace("run_date = 2026-06-05\n", "")
    handle = read(str(small.write_company(tmp_path / "Acme", settings=settings)))
    loaded = DATASETS.find(handle)
    assert DATASETS.find(handle) is loaded
    monkeypatch.setattr("segxl.excel.functions.datasets._today", lambda: date(2100, 1, 1))
    assert DATASETS.find(handle) is not loaded
