"""An input workbook as source: the same numbers as a folder's, and every mistake with its sheet and cell."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from segxl.api import scorecard
from segxl.dataset import Dataset, load, load_sheets
from segxl.errors import SegxlError
from segxl.ledger_text import ledger_text
from segxl.render.json import scorecard_json
from segxl.sources.workbook import SheetCells, output_sheets, read_workbook
from tests import small

Rows = Sequence[Sequence[object]]
Sheets = Mapping[str, Rows]

SETTINGS: Rows = (
    ("Settings",),
    ("key", "value", "help"),
    ("name", "Acme", ""),
    ("run_date", dt.date(2026, 6, 5), ""),
    ("stages", "Discovery, Proposal", ""),
    ("segments.by", "tier", ""),
    ("report.cohort", None, "left at its default"),
)
MAPS: Rows = (
    ("map", "from", "to"),
    ("types", "New Business", "new_logo"),
    ("types", "Upsell", "upsell"),
    ("types", "Renewal", "renewal"),
)


def _typed(text: object) -> object:
    """What Excel makes of a text that somebody types: a date, a number, or the text."""
    if not isinstance(text, str) or not text:
        return None if text == "" else text
    for kind in (dt.date.fromisoformat, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _opportunities(rows: Rows = small.OPPORTUNITIES) -> list[Sequence[object]]:
    return [small.HEADER, *([_typed(cell) for cell in row] for row in rows)]


def _company(**sheets: Rows) -> dict[str, Rows]:
    """The small company as sheets; a keyword replaces or adds one."""
    accounts = (small.ACCOUNT_HEADER, *small.ACCOUNTS)
    return {"Settings": SETTINGS, "Maps": MAPS, "opportunities": _opportunities(), "accounts": accounts} | sheets


def _file(path: Path, sheets: Sheets) -> Path:
    book = Workbook()
    book.remove(book["Sheet"])
    for name, rows in sheets.items():
        _fill(book.create_sheet(name), rows)
    book.save(path)
    return path


def _fill(sheet: Worksheet, rows: Rows) -> None:
    for row in rows:
        sheet.append(list(row))
        for cell in sheet[sheet.max_row]:
            if isinstance(cell, Cell) and isinstance(cell.value, str) and cell.value.startswith("="):
                cell.data_type = "s"  # "=Price" is a reason, no formula


def _cells(sheets: Sheets) -> list[SheetCells]:
    return [SheetCells(name, rows) for name, rows in sheets.items()]


def _both(tmp_path: Path, sheets: Sheets) -> tuple[Dataset, Dataset]:
    """The workbook read from its file, and as cells that Excel handed over."""
    return load(_file(tmp_path / "book.xlsx", sheets)), load_sheets("book.xlsx", _cells(sheets))


def _refusal(sheets: Sheets) -> str:
    with pytest.raises(SegxlError) as refused:
        load_sheets("book.xlsx", _cells(sheets))
    return str(refused.value)


def _document(dataset: Dataset) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(scorecard_json(scorecard(dataset, "2026-05")))
    return document


def test_a_workbook_gives_the_numbers_of_the_folder(tmp_path: Path) -> None:
    folder = _document(load(small.write_company(tmp_path / "folder")))
    from_file, live = map(_document, _both(tmp_path, _company()))
    assert from_file == live
    assert from_file["segments"] == folder["segments"]
    assert [entry["file"] for entry in live["inputs"]] == [
        "book.xlsx, sheet 'accounts'",
        "book.xlsx, sheet 'opportunities'",
    ]
    assert [entry["rows"] for entry in live["inputs"]] == [3, 11]


def test_an_inputs_fingerprint_is_that_of_its_cells(tmp_path: Path) -> None:
    first = load(_file(tmp_path / "book.xlsx", _company()))
    resaved = load(_file(tmp_path / "book.xlsx", {"Own": (("a note", "of mine"),), **_company()}))
    other = load(
        _file(tmp_path / "book.xlsx", _company(opportunities=_opportunities(small.changed("W1", amount="10001"))))
    )
    prints = [[entry.sha256 for entry in dataset.ledger.files] for dataset in (first, resaved, other)]
    assert prints[0] == prints[1]
    assert prints[0][0] == prints[2][0] and prints[0][1] != prints[2][1]


def test_titles_above_the_header_and_examples_below_it_are_no_data(tmp_path: Path) -> None:
    rows = _opportunities()
    example = ["Example: 1", *rows[1][1:]]
    sheet = [["Deals, one row each"], ["required", "the account", "who sells"], rows[0], example, *rows[1:]]
    for dataset in _both(tmp_path, _company(opportunities=sheet)):
        entry = dataset.ledger.files[1]
        assert (entry.rows, entry.used, entry.excluded) == (12, 11, {"example row": 1})
        assert dataset.tables["opportunities"].row[0] == 5


def test_a_sheet_with_nothing_but_examples_is_absent() -> None:
    examples = (small.ACCOUNT_HEADER, ("example: A1", "Alpha", "East", "SMB"))
    sheets = _company(Settings=SETTINGS[:-2], accounts=examples, leads=(("lead_id", "created_on"),))
    dataset = load_sheets("book.xlsx", _cells(sheets))
    assert list(dataset.tables) == ["opportunities"]
    assert "holds no rows yet" in _refusal({"accounts": examples})


def test_an_export_pasted_as_it_came_is_read_as_the_file_would_be(tmp_path: Path) -> None:
    header = ("Opportunity ID", "Opportunity Name", "Stage", "Amount", "Created Date", "Close Date")
    pasted = (
        ("Closed deals",),
        (),
        header,
        ("D1", "One", "Closed Won", 100, "13/05/2026", "20/05/2026"),
        ("D2", "Two", "Closed Lost", 50, "14/05/2026", "21/05/2026"),
        ("Total", "", "", 150),
        ("Confidential Information - Do Not Distribute",),
    )
    for dataset in _both(tmp_path, {"Settings": SETTINGS[:-2], "My deals": pasted}):
        (entry,) = dataset.ledger.files
        assert (entry.file, entry.format) == ("book.xlsx, sheet 'My deals'", "Salesforce opportunity report")
        assert (entry.rows, entry.used, entry.excluded) == (4, 2, {"report footer": 2})
        assert dataset.tables["opportunities"].row.tolist() == [4, 5]


def test_sheets_that_segxl_wrote_are_no_data(tmp_path: Path) -> None:
    sheets = _company(_segxl=(("Board pack",), ("leads",)), Leads=(("lead_id", "created_on"), ("L", "2026-05-01")))
    assert output_sheets(_cells(sheets)) == {"board pack", "leads"}
    for dataset in _both(tmp_path, sheets):
        assert "leads" not in dataset.tables
        assert dataset.ledger.unread == ()


def test_settings_and_maps_mean_what_the_file_means(tmp_path: Path) -> None:
    toml = """
run_date = 2026-06-05
fiscal_year_start = 7
stages = ["Discovery", "Won, unsigned"]
[tables.opportunities]
file = "opportunities.csv"
dates = "day-first"
[tables.opportunities.where]
owner = { not = ["Zoe"] }
amount = { min = 10.5 }
[tables.opportunities.columns]
amount = "Betrag"
[tables.opportunities.values.status]
from = "Lage"
Gewonnen = "won"
[tables.opportunities.constants]
crm = "Own"
[segments]
by = "tier"
[[segments.named]]
name = "Large v1.2"
created_on = 2025-01-31
where = { sector = ["retail", "finance"], employees = { min = 1000 } }
[scorecard]
metrics = ["won_revenue"]
[report]
exclude_zero = true
irrelevant = { type = { not = ["New Business"] } }
[stage_map]
Evaluating = "Consideration"
"""
    settings: Rows = (
        ("key", "value", "help"),
        ("run_date", "2026-06-05"),
        ("fiscal_year_start", 7.0),
        ("stages", "Discovery; Won, unsigned"),
        ("tables.opportunities.dates", "day-first"),
        ("tables.opportunities.where.owner.not", "Zoe"),
        ("tables.opportunities.values.status.from", "Lage"),
        ("segments.by", "tier"),
        ("segments.named.Large v1.2.created_on", dt.datetime(2025, 1, 31)),
        ("scorecard.metrics", "won_revenue"),
        ("report.exclude_zero", "Yes"),
    )
    maps: Rows = (
        ("map", "from", "to"),
        ("tables.opportunities.where", "amount.min", 10.5),
        ("tables.opportunities.columns", "Betrag", "amount"),
        ("tables.opportunities.values.status", "Gewonnen", "won"),
        ("tables.opportunities.constants", "crm", "Own"),
        ("segments.named.Large v1.2.where", "sector", "retail"),
        ("segments.named.Large v1.2.where", "sector", "finance"),
        ("segments.named.Large v1.2.where", "employees.min", 1000),
        ("report.irrelevant", "type.not", "New Business"),
        ("stage_map", "Evaluating", "Consideration"),
    )
    from segxl.settings import read_settings
    from segxl.sources.workbook_settings import read_workbook_settings

    (tmp_path / "segxl.toml").write_text(toml, encoding="utf-8")
    expected = read_settings(tmp_path / "segxl.toml").given()
    del expected["tables"]["opportunities"][0]["file"]
    assert read_workbook_settings("book.xlsx", settings, maps)[0].given() == expected


def test_every_mistake_in_the_settings_is_said_with_its_cell() -> None:
    settings: Rows = (
        ("Settings",),
        ("key", "value", "help"),
        ("report.cohrt", "today"),
        ("fiscal_year_start", "July"),
        ("report.exclude_zero", "perhaps"),
        ("run_date", "05/03/2026"),
        ("currency", "Dollars"),
        ("name", "A"),
        ("name", "B"),
        ("", "lost"),
        ("tables.oportunities.dates", "day-first"),
        ("tables.leads.file", "leads.csv"),
        ("tables.leads.sheet", "Laeds"),
    )
    maps: Rows = (("map", "from", "to"), ("typs", "New", "new_logo"), ("types", "Old", "nwe_logo"), ("types", "", "x"))
    said = _refusal(_company(Settings=settings, Maps=maps))
    for expected in (
        "Settings!A3: report.cohrt: unknown key; did you mean 'cohort'?",
        "Settings!B4: fiscal_year_start: should be a whole number, not 'July'",
        "Settings!B5: report.exclude_zero: should be yes or no, not 'perhaps'",
        "Settings!B6: run_date: ",
        "2026-05-03",
        "2026-03-05",
        "Settings!B7: currency: 'Dollars' is no currency",
        "Settings!B9: name is said in Settings!B8 already",
        "Settings!A10: is blank",
        "Settings!B11: tables.oportunities: no such table; did you mean 'opportunities'?",
        "Settings!A12: tables.leads.file is for folders of files",
        "Maps!A2: there is no map 'typs'; did you mean 'types'?",
        "Maps!C3: types.Old: should be",
        "Maps!B4: is blank",
    ):
        assert expected in said, said
    mended = (("key", "value"), ("tables.leads.sheet", "Laeds"))
    assert "Settings!B2: book.xlsx has no sheet 'Laeds'" in _refusal(_company(Settings=mended))


def test_a_sheet_that_nobody_knows_is_named() -> None:
    stray = _company(Notes=(("call", "Bob"), ("ask", "Ann")), oportunities=((*small.HEADER,), ("X", "A1")))
    text = ledger_text(load_sheets("book.xlsx", _cells(stray)))
    assert "sheet 'Notes': not read (1 rows); its header is no known export's" in text
    assert "sheet 'oportunities': not read (1 rows); its columns are those of opportunities: rename" in text


def test_hidden_and_very_hidden_sheets_are_read_like_others(tmp_path: Path) -> None:
    book = Workbook()
    _fill(book["Sheet"], ((1, 2),))
    hidden = book.create_sheet("_segxl")
    _fill(hidden, (("Sheet",),))
    hidden.sheet_state = "veryHidden"
    book.save(tmp_path / "book.xlsx")
    assert output_sheets(read_workbook(tmp_path / "book.xlsx")) == {"sheet"}
