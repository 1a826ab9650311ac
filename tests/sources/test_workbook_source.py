"""An input workbook as source: the same numbers as a folder's, and every mistake with its sheet and cell."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import random
import re
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from segxl.api import Analysis
from segxl.dataset.load import load, load_sheets
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.excel.input_workbook.template import build
from segxl.render.ledger.text import ledger_text
from segxl.sources.workbook.sheets import SheetCells, output_sheets, read_workbook
from segxl.tables.contracts import CONTRACTS, Type
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
    """What Excel makes of a text that someone types: a date, a number, or the text."""
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
    document: dict[str, Any] = json.loads(Analysis(dataset).scorecard("2026-05").json())
    return document


@pytest.mark.slow
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


def test_a_workbook_without_a_name_has_its_files(tmp_path: Path) -> None:
    nameless = _company(Settings=(*SETTINGS[:2], *SETTINGS[3:]))
    assert [dataset.name for dataset in _both(tmp_path, nameless)] == ["book", "book"]
    settings = small.SETTINGS.replace('name = "Acme"\n', "")
    assert load(small.write_company(tmp_path / "My company", settings=settings)).name == "My company"


def test_titles_above_the_header_and_examples_below_it_are_no_data(tmp_path: Path) -> None:
    rows = _opportunities()
    example = ["Example: 1", *rows[1][1:]]
    sheet = [["Deals, one row each"], ["required", "the account", "who sells"], rows[0], example, *rows[1:]]
    for dataset in _both(tmp_path, _company(opportunities=sheet)):
        entry = dataset.ledger.files[1]
        assert (entry.rows, entry.used, entry.excluded) == (12, 11, {"example row": 1})
        assert dataset.tables["opportunities"].row[0] == 5


@pytest.mark.slow
@pytest.mark.parametrize("deals", [1, 2, 3, 4, 5, 11])
def test_an_export_pasted_over_a_tables_sheet_is_read_without_what_is_left_of_the_template(
    tmp_path: Path, deals: int
) -> None:
    build(tmp_path / "book.xlsx")
    book = load_workbook(tmp_path / "book.xlsx")
    pasted = _opportunities(small.OPPORTUNITIES[:deals])
    for row, cells in enumerate(pasted, start=1):
        for column, value in enumerate(cells, start=1):
            cell = book["opportunities"].cell(row, column)
            cell.number_format = "General"  # a paste brings its formats along
            cell.value = value
            cell.data_type = "s" if isinstance(value, str) else cell.data_type  # "=Price" is a reason, no formula
    book.save(tmp_path / "book.xlsx")
    both = load(tmp_path / "book.xlsx"), load_sheets("book.xlsx", [SheetCells("opportunities", pasted)])
    (entry,), (alone,) = (dataset.ledger.files for dataset in both)
    assert (entry.used, entry.rejected, entry.notes) == (alone.used, alone.rejected, alone.notes)
    over, own = (dataset.tables["opportunities"] for dataset in both)
    assert set(over.given) == set(own.given)  # no column of the template next to the export's
    for name in own.columns:
        np.testing.assert_array_equal(over[name], own[name], name)  # blank probabilities, which are NaN, are equal


def test_a_preamble_above_a_tables_own_header_is_not_taken_for_a_pasted_export(tmp_path: Path) -> None:
    names = CONTRACTS["opportunities"][0].names
    deal = {"opportunity_id": "D1", "created_on": "2026-05-01", "stage": "Discovery", "segment": "SMB"}
    rows = [["Report", "2026-05"], ["by", "Ann"], [], names, [deal.get(name) for name in names]]
    for dataset in _both(tmp_path, {"opportunities": rows}):
        assert dataset.tables["opportunities"]["segment"].tolist() == ["SMB"]
        assert dataset.tables["opportunities"].row.tolist() == [5]


def test_a_sheet_with_nothing_but_examples_is_absent() -> None:
    examples = (small.ACCOUNT_HEADER, ("example: A1", "Alpha", "East", "SMB"))
    sheets = _company(Settings=SETTINGS[:-2], accounts=examples, leads=(("lead_id", "created_on"),))
    dataset = load_sheets("book.xlsx", _cells(sheets))
    assert list(dataset.tables) == ["opportunities"]
    assert "book.xlsx has no rows yet" in _refusal({"accounts": examples})


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
        assert (entry.rows, entry.used, entry.excluded) == (4, 2, {"report footer": 1, "total or subtotal": 1})
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
    from segxl.settings.read import read_settings
    from segxl.sources.workbook.settings import read_workbook_settings

    (tmp_path / "segxl.toml").write_text(toml, encoding="utf-8")
    expected = read_settings(tmp_path / "segxl.toml").given()
    del expected["tables"]["opportunities"][0]["file"]
    assert read_workbook_settings("book.xlsx", settings, maps).given() == expected


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
        ("timezone", "#REF!"),
        ("segments.named.Large.created_on", "2026-01-01"),
    )
    maps: Rows = (("map", "from", "to"), ("typs", "New", "new_logo"), ("types", "Old", "nwe_logo"), ("types", "", "x"))
    said = _refusal(_company(Settings=settings, Maps=maps))
    for expected in (
        "Settings!A3: report.cohrt: unknown key; did you mean 'cohort'?",
        "Settings!B4: fiscal_year_start: should be a whole number, not 'July'",
        "Settings!B5: report.exclude_zero: should be yes or no, not 'perhaps'",
        "Settings!B6: run_date: '05/03/2026' is ambiguous:",
        "2026-05-03",
        "2026-03-05",
        "Settings!B7: currency: 'Dollars' is not a currency code",
        "Settings!B9: name is already set in Settings!B8",
        "Settings!A10: is blank",
        "Settings!B11: tables.oportunities: no such table; did you mean 'opportunities'?",
        "Settings!A12: tables.leads.file works only in a folder",
        "Maps!A2: no map 'typs'; did you mean 'types'?",
        "Maps!C3: types.Old: should be",
        "Maps!B4: is blank",
        "Settings!B14: segment 'Large' has no rule; add rows to Maps: segments.named.Large.where",
        "Settings!B13: #REF! is an Excel error; fix the cell, or clear it",
    ):
        assert expected in said, said
    mended = (("key", "value"), ("tables.leads.sheet", "Laeds"))
    assert "Settings!B2 (tables.leads.sheet): book.xlsx has no sheet 'Laeds'" in _refusal(_company(Settings=mended))


def test_a_sheet_that_nobody_knows_is_named() -> None:
    stray = _company(Notes=(("call", "Bob"), ("ask", "Ann")), oportunities=((*small.HEADER,), ("X", "A1")))
    text = ledger_text(load_sheets("book.xlsx", _cells(stray)))
    assert "sheet 'Notes': not read (1 row); not a known export" in text
    assert "sheet 'oportunities': not read (1 row); it has the columns of opportunities: rename" in text


def test_what_to_do_about_several_pipelines_is_said_for_maps() -> None:
    header = ("Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date")
    deals = [(str(n), "X", ("Sales", "Sales", "Renewals")[n], "Discovery", 5, "2026-05-01", None) for n in range(3)]
    text = ledger_text(load_sheets("book.xlsx", _cells({"export": (header, *deals)})))
    assert "to keep only one: on the sheet Maps add a row: tables.opportunities.where | Pipeline | Sales" in text
    mapped = {"Maps": (MAPS[0], ("tables.opportunities.where", "Pipeline", "Sales")), "export": (header, *deals)}
    assert len(load_sheets("book.xlsx", _cells(mapped)).tables["opportunities"]) == 2


def test_rows_that_nobody_knows_are_not_said_to_be_missing() -> None:
    said = _refusal({"Pipeline": (("deal", "won in"), ("X", "2026")), "cf leads": (("who", "when"), ("Bob", "2026"))})
    assert "has rows, but segxl does not recognise them" in said and "tables.opportunities.sheet" in said
    assert "sheet 'Pipeline': not read (1 row)" in said
    assert (
        "sheet 'cf leads': not read (1 row)" in said
        and "on the sheet Settings add a row: key tables.leads.sheet, value cf leads" in said
    )


def test_hidden_and_very_hidden_sheets_are_read_like_others(tmp_path: Path) -> None:
    book = Workbook()
    _fill(book["Sheet"], ((1, 2),))
    hidden = book.create_sheet("_segxl")
    _fill(hidden, (("Sheet",),))
    hidden.sheet_state = "veryHidden"
    book.save(tmp_path / "book.xlsx")
    assert output_sheets(read_workbook(tmp_path / "book.xlsx")) == {"sheet"}


# --- workbooks as people leave them


def _deals(*rows: Sequence[object], header: Sequence[object] = ()) -> dict[str, Rows]:
    """A workbook of nothing but deals: opportunity_id, created_on, stage, closed_on, amount, geo."""
    columns = header or ("opportunity_id", "created_on", "stage", "closed_on", "amount", "geo")
    settings = (("key", "value"), ("run_date", "2026-06-05"), ("stages", "Discovery"))
    return {"Settings": settings, "opportunities": (columns, *rows)}


def _rejections(dataset: Dataset) -> list[tuple[str, str, str]]:
    return [(one.cell, one.value, one.reason) for one in dataset.ledger.rejections]


def test_numbers_and_dates_kept_as_text_are_read(tmp_path: Path) -> None:
    rows = (
        ("D1", "2026-05-01", "Closed Won", "2026-05-20", "1,234.50", "East"),
        ("D2", dt.date(2026, 5, 2), "Closed Won", "21 May 2026", " $1,000 ", "East"),
        ("D3", 46144, "Closed Won", dt.datetime(2026, 5, 22), "(5.25)", "East"),  # Excel's number for 2026-05-02
    )
    for dataset in _both(tmp_path, _deals(*rows)):
        deals = dataset.tables["opportunities"]
        assert deals["amount"].tolist() == [1234_50, 1000_00, -5_25]
        assert [str(dt.date(1970, 1, 1) + dt.timedelta(days=int(day))) for day in deals["created_on"]] == [
            "2026-05-01",
            "2026-05-02",
            "2026-05-02",
        ]
        assert any("in a different format" in note for note in dataset.ledger.files[0].notes)


def test_text_dates_that_can_be_read_two_ways_are_refused_with_both() -> None:
    rows = (("D1", "03/04/2026", "Discovery", None, 10, ""), ("D2", "05/04/2026", "Discovery", None, 10, ""))
    said = _refusal(_deals(*rows))
    assert "book.xlsx, sheet 'opportunities', column 'created_on'" in said
    for expected in (
        "'03/04/2026'",
        "2026-04-03",
        "2026-03-04",
        "add a row: key tables.opportunities.dates, value day-first or",
    ):
        assert expected in said, said
    sheets = _deals(*rows)
    sheets["Settings"] = (*sheets["Settings"], ("tables.opportunities.dates", "day-first"))
    deals = load_sheets("book.xlsx", _cells(sheets)).tables["opportunities"]
    assert str(dt.date(1970, 1, 1) + dt.timedelta(days=int(deals["created_on"][0]))) == "2026-04-03"


def test_a_renamed_header_is_named_with_its_sheet_and_the_nearest_column() -> None:
    row = ("D1", "2026-05-01", "Discovery", None, 10, "East")
    required = ("Oportunity_id", "created_on", "stage", "closed_on", "amount", "geo")
    said = _refusal(_deals(row, header=required))
    assert "sheet 'opportunities': no column found for opportunity_id (perhaps 'Oportunity_id' in A1)" in said
    assert "tables.opportunities.columns" in said
    optional = ("opportunity_id", "created_on", "stage", "closed_on", "amuont", "geo")
    said = _refusal(_deals(row, header=optional))
    assert "sheet 'opportunities', cell E1: opportunities has no column 'amuont'; did you mean 'amount'?" in said


def test_headers_in_plain_words_are_the_columns(tmp_path: Path) -> None:
    header = ("Opportunity ID", "Created on", "STAGE *", "Closed On", "Amount", "Own notes")
    for dataset in _both(tmp_path, _deals(("D1", "2026-05-01", "Discovery", None, 10, "x"), header=header)):
        assert dataset.tables["opportunities"]["amount"].tolist() == [10_00]
        assert dataset.ledger.files[0].ignored_columns == ("Own notes",)


def test_errors_in_cells_reject_their_rows_with_the_cell(tmp_path: Path) -> None:
    rows = (
        ("D1", "2026-05-01", "Closed Won", "2026-05-20", "#N/A", "East"),
        ("D2", "2026-05-01", "#REF!", "2026-05-20", 10, "East"),
        ("D3", "2026-05-01", "Closed Won", "2026-05-20", 10, "#NAME?"),
        ("D4", "2026-05-01", "Closed Won", "2026-05-20", 10, "East"),
    )
    book = _file(tmp_path / "book.xlsx", _deals(*rows))
    for dataset in (load(book), load_sheets("book.xlsx", _cells(_deals(*rows)))):
        error = "is an Excel error"
        assert sorted(_rejections(dataset)) == [("C3", "#REF!", error), ("E2", "#N/A", error), ("F4", "#NAME?", error)]
        assert dataset.ledger.files[0].used == 1
        assert "E2 ('#N/A')" in ledger_text(dataset)
        assert "sheet 'opportunities', cell E2, column 'amount'" in str(next(iter(dataset.ledger.rejections)))


def test_formulas_count_with_their_results_and_without_one_their_rows_are_rejected(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"), {"strings_to_numbers": False})
    sheet = book.add_worksheet("opportunities")
    sheet.write_row(0, 0, ["opportunity_id", "created_on", "stage", "amount"])
    for row in (1, 2):
        sheet.write_row(row, 0, [f"D{row}", "2026-05-01", "Discovery"])
    sheet.write_formula(1, 3, "=40+2", None, 42)
    sheet.write_formula(2, 3, "=40+2", None, "")
    book.close()
    made = (tmp_path / "book.xlsx").read_bytes()
    _without_result(tmp_path / "book.xlsx", made)
    dataset = load(tmp_path / "book.xlsx", run_date=dt.date(2026, 6, 5))
    assert dataset.tables["opportunities"]["amount"].tolist() == [42_00]
    ((cell, _, reason),) = _rejections(dataset)
    assert (cell, reason) == ("D3", "is a formula without a saved result")


def _without_result(path: Path, data: bytes) -> None:
    """Rewrite the workbook with no result in D3, as programs write that do not calculate."""
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part, count = re.subn(rb'<c r="D3"[^>]*>.*?</c>', b'<c r="D3"><f>40+2</f></c>', part)
                assert count == 1
            target.writestr(name, part)


def test_merged_cells_reject_the_rows_that_have_no_value(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book["Sheet"]
    sheet.title = "opportunities"
    _fill(
        sheet,
        [
            ("Our deals",),
            (None,),
            *_deals(*[(f"D{n}", "2026-05-01", "Discovery", None, 10, "East") for n in range(3)])["opportunities"],
        ],
    )
    sheet.merge_cells("A1:F2")
    sheet.merge_cells("F4:F6")
    book.save(tmp_path / "book.xlsx")
    dataset = load(tmp_path / "book.xlsx", run_date=dt.date(2026, 6, 5))
    assert dataset.tables["opportunities"]["opportunity_id"].tolist() == ["D0"]
    reason = "is merged with the cell above it"
    assert _rejections(dataset) == [("F5", "#MERGED", reason), ("F6", "#MERGED", reason)]


def test_hidden_and_filtered_rows_count_and_are_said(tmp_path: Path) -> None:
    sheets = _deals(*[(f"D{n}", "2026-05-01", "Discovery", None, 10, "East") for n in range(4)])
    path = _file(tmp_path / "book.xlsx", sheets)
    book = load_workbook(path)
    book["opportunities"].auto_filter.ref = "A1:F5"
    for row in (3, 4):
        book["opportunities"].row_dimensions[row].hidden = True
    book["opportunities"].protection.set_password("secret")  # a protected sheet is read like any other
    book.save(path)
    live = [SheetCells(one.name, one.cells, 2 if one.name == "opportunities" else 0) for one in _cells(sheets)]
    for dataset in (load(path), load_sheets("book.xlsx", live)):
        (entry,) = dataset.ledger.files
        assert (entry.rows, entry.used) == (4, 4)
        assert entry.notes == ["2 rows of the sheet are hidden or filtered, and counted"]


def test_footers_totals_and_blank_rows_of_a_tables_sheet_are_no_rows(tmp_path: Path) -> None:
    row = ("D1", "2026-05-01", "Discovery", None, 10, "East")
    rows = (
        row,
        (),
        ("Total", *row[1:]),
        row[:0],
        ("Total", None, None, None, 20.0),
        ("Copyright (c) 2000-2026 salesforce.com",),
    )
    for dataset in _both(tmp_path, _deals(*rows)):
        (entry,) = dataset.ledger.files
        assert entry.excluded == {"empty row": 2, "report footer": 1, "total or subtotal": 1}
        assert dataset.tables["opportunities"]["opportunity_id"].tolist() == ["D1", "Total"]  # one that is no footer
    (entry,) = load_sheets("book.xlsx", _cells(_deals(row, ("Ergebnis", None, None, None, 10)))).ledger.files
    assert (entry.used, entry.excluded) == (1, {"total or subtotal": 1})


SALESFORCE = ("Opportunity ID", "Opportunity Name", "Stage", "Amount", "Created Date", "Close Date")


def test_a_table_comes_from_its_own_sheet_and_from_pasted_exports(tmp_path: Path) -> None:
    own = ("D1", "2026-05-01", "Discovery", None, 10, "East")
    pasted = (SALESFORCE, ("S1", "One", "Closed Won", 100, "2026-05-13", "2026-05-20"))
    for dataset in _both(tmp_path, {**_deals(own), "Export": pasted}):
        assert dataset.tables["opportunities"]["opportunity_id"].tolist() == ["D1", "S1"]
    twice = (SALESFORCE, ("D1", "One", "Closed Won", 100, "2026-05-13", "2026-05-20"))
    dataset = load_sheets("book.xlsx", _cells({**_deals(own), "Export": twice}))
    places = "row 2 of book.xlsx, sheet 'opportunities', row 2 of book.xlsx, sheet 'Export'"
    assert {one.others for one in dataset.ledger.rejections} == {places}


def test_an_export_pasted_into_the_tables_own_sheet_is_read_as_that_export(tmp_path: Path) -> None:
    pasted = (("Open deals",), SALESFORCE, ("S1", "One", "Closed Won", 100, "2026-05-13", "2026-05-20"), ("Total",))
    for dataset in _both(tmp_path, {**_deals(), "opportunities": pasted}):
        (entry,) = dataset.ledger.files
        assert (entry.format, entry.used) == ("Salesforce opportunity report", 1)
        assert entry.excluded == {"total or subtotal": 1}


def test_a_deals_history_stands_in_for_the_deals_only_where_nothing_else_does() -> None:
    header = (
        "Opportunity ID",
        "Opportunity Name",
        "From Stage",
        "To Stage",
        "Stage",
        "Created Date",
        "Last Modified",
        "Close Date",
        "Amount",
    )
    history = (
        header,
        ("S1", "One", "Discovery", "Closed Won", "Closed Won", "2026-05-13", "2026-05-20", "2026-05-20", 7),
    )
    alone = load_sheets("book.xlsx", _cells({"Changes": history}), run_date=dt.date(2026, 6, 5))
    assert sorted(alone.tables) == ["opportunities", "opportunity_history"]
    report = (SALESFORCE, ("S1", "One", "Closed Won", 100, "2026-05-13", "2026-05-20"))
    both = load_sheets("book.xlsx", _cells({"Changes": history, "Deals": report}), run_date=dt.date(2026, 6, 5))
    assert both.tables["opportunities"]["amount"].tolist() == [100_00]
    own = _deals(("S1", "2026-05-13", "Closed Won", "2026-05-20", 30, ""))
    filled = load_sheets("book.xlsx", _cells({**own, "Changes": history}))
    assert filled.tables["opportunities"]["amount"].tolist() == [30_00]
    assert len(filled.tables["opportunity_history"]) == 1


def test_a_sheet_of_another_name_can_be_named() -> None:
    sheets = _deals()
    settings = (("tables.opportunities.sheet", "Deals 2025, Deals 2026"), ("tables.opportunities.dates", "day-first"))
    sheets["Settings"] = (*sheets["Settings"], *settings)
    maps = (
        ("map", "from", "to"),
        *[
            ("tables.opportunities.columns", *pair)
            for pair in (("No.", "opportunity_id"), ("Made", "created_on"), ("Where", "geo"))
        ],
    )
    sheets["Maps"] = maps
    sheets["Deals 2025"] = (("No.", "Made", "stage"), ("A", "01/05/2026", "Discovery"))
    sheets["Deals 2026"] = (("No.", "Made", "stage", "Where"), ("B", "02/05/2026", "Discovery", "East"))
    deals = load_sheets("book.xlsx", _cells(sheets)).tables["opportunities"]
    assert deals["opportunity_id"].tolist() == ["A", "B"]
    assert deals["geo"].tolist() == ["", "East"]


def test_amounts_of_a_currencys_format_are_the_same_read_in_excel_and_from_the_file() -> None:
    row = ("D1", "2026-05-01", "Discovery", None, 12.5, "East")
    live = ("D1", "2026-05-01", "Discovery", None, Decimal("12.5000"), "East")
    prints = {load_sheets("book.xlsx", _cells(_deals(one))).ledger.files[0].sha256 for one in (row, live)}
    assert len(prints) == 1


_KEYS = (
    *("segments", "segments.named", "segments.named.X", "segments.named.X.created_on", "segments.named.X.where.a.min"),
    *("segments.by", "tables", "tables.leads", "tables.leads.where", "tables.leads.where.x.not", "tables.leads.kind"),
    *("tables.leads.values", "tables.leads.values.a", "tables.leads.values.a.from", "tables.leads.columns.lead_id"),
    *("tables.leads.columns", "tables.leads.sheet", "report", "report.irrelevant", "report.irrelevant.a.max", "types"),
    *("toggles", "toggles.membership", "types.a", "stage_map", "stages", "", ".", "a.b.c.d", "run_date", "currency"),
)
_VALUES: tuple[object, ...] = (
    *(None, "", "x", "a,b", "a;b", 1, 1.5, True, dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, 3), "#N/A", "05/03/2026"),
    *(
        float("nan"),
        float("inf"),
        -1,
        10**30,
        "yes",
        "(blank)",
        "not",
        "example: a",
        "Total",
        "#MERGED",
        "=x",
        "\ud800",
        "\0",
    ),
    *(dt.time(3, 4), dt.timedelta(hours=1), Decimal("1.5"), "Closed Won", "2026-01-05", "A1", b"x"),
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_whatever_stands_in_the_cells_is_read_or_refused_in_words(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(25):
        settings = [("key", "value"), *((dice.choice(_KEYS), dice.choice(_VALUES)) for _ in range(dice.randint(0, 3)))]
        maps = [
            ("map", "from", "to"),
            *((dice.choice(_KEYS), *dice.choices(_VALUES, k=2)) for _ in range(dice.randint(0, 2))),
        ]
        with contextlib.suppress(SegxlError):
            load_sheets("book.xlsx", _cells({"Settings": settings, "Maps": maps, **_thrown(dice)}))
        with contextlib.suppress(SegxlError):
            dataset = load_sheets("book.xlsx", _cells(_thrown(dice)), run_date=dt.date(2026, 6, 5))
            assert dataset.ledger.balanced


def _thrown(dice: random.Random) -> dict[str, Rows]:
    """Sheets of tables with about a third of their cells thrown by dice."""
    sheets: dict[str, Rows] = {}
    for table in dice.sample(list(CONTRACTS), 3):
        contract = dice.choice(CONTRACTS[table])
        rows = []
        for _ in range(dice.randint(0, 5)):
            good = [
                _GOOD.get(column.type, column.choices[0] if column.choices else "A1") for column in contract.columns
            ]
            rows.append([cell if dice.random() > 0.3 else dice.choice(_VALUES) for cell in good])
        sheets[table] = (contract.names, *rows)
    return sheets


_GOOD = {Type.DATE: "2026-01-05", Type.TIMESTAMP: "2026-01-05", Type.MONTH: "2026-01", Type.MONEY: 5, Type.NUMBER: 5}
