"""The input workbook that segxl writes: made from the contracts, the same bytes twice, and a source that gives the
numbers of the folder it was filled from."""

from __future__ import annotations

import json
import re
import typing
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from segxl.api import Analysis
from segxl.dataset.load import load, load_sheets, read
from segxl.errors import SegxlError
from segxl.excel.input_workbook import template
from segxl.excel.input_workbook.content import EMPTY, content_of
from segxl.excel.input_workbook.examples import EXAMPLES, NEEDED_FOR
from segxl.excel.input_workbook.keys import GROUPS, LABELS, help_of
from segxl.excel.input_workbook.template import HEADER_ROW, build
from segxl.excel.input_workbook.write import template as publish_template
from segxl.settings.model import RuleTest, Settings, TableSettings
from segxl.sources.files.raw import EXAMPLE
from segxl.sources.workbook.settings import ENGINE_SETTINGS, kind_of, setting_path
from segxl.sources.workbook.sheets import SheetCells, read_workbook
from segxl.tables.contracts import CONTRACTS
from tests import small
from tests.conftest import write_folder
from tests.office import recalculated


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "inputs.xlsx"
    build(path)
    return path


@pytest.fixture(scope="module")
def book(empty: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(empty)


def _segments(source: Path, period: str = "2026-05") -> Any:
    return json.loads(Analysis(load(source)).scorecard(period).json())["segments"]


def _filled(source: Path, to: Path) -> Path:
    publish_template(to, source, overwrite=False)
    return to


# --- what it looks like


@pytest.mark.slow
def test_there_is_a_sheet_for_each_table_with_the_contracts_columns(book: openpyxl.Workbook) -> None:
    assert book.sheetnames[:3] == ["Start", "Settings", "Maps"]
    assert sorted(book.sheetnames[3:]) == sorted(CONTRACTS)
    assert set(NEEDED_FOR) == set(CONTRACTS)
    for name, (contract, *_) in CONTRACTS.items():
        sheet = book[name]
        assert [cell.value for cell in sheet[HEADER_ROW]][: len(contract.names)] == list(contract.names)
        assert list(sheet.tables) == [name]
        marked = [cell.value for cell in sheet[HEADER_ROW - 1]]
        assert [str(text).startswith("required") for text in marked[: len(contract.names)]] == [
            column.required for column in contract.columns
        ]
        assert sheet.freeze_panes == f"B{HEADER_ROW + 1}"
        assert sheet.page_setup.orientation == "landscape"


def test_the_same_content_gives_the_same_bytes(empty: Path, tmp_path: Path) -> None:
    build(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == empty.read_bytes()


def _rules(sheet: Any) -> Mapping[str, Any]:
    """The validation of each column's first cell below the header, by the column's name."""
    rules = {}
    for rule in sheet.data_validations.dataValidation:
        for area in rule.sqref.ranges:
            rules[sheet.cell(HEADER_ROW, area.min_col).value] = rule
    return rules


def test_columns_with_choices_offer_them_and_dates_and_numbers_are_checked(book: openpyxl.Workbook) -> None:
    kinds = {"date": "date", "timestamp": "date", "month": "date", "money": "decimal", "number": "decimal"}
    for name, (contract, *_) in CONTRACTS.items():
        rules = _rules(book[name])
        for column in contract.columns:
            rule = rules[column.name]
            assert column.help in rule.prompt and len(rule.prompt) <= 255 and len(rule.promptTitle) <= 32
            if column.choices:
                assert rule.formula1 == f'"{",".join(column.choices)}"'
                assert rule.showErrorMessage
            elif column.type in kinds:
                assert rule.type == kinds[column.type]
                assert rule.error


def _leaves(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted keys of all settings that hold a plain value."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _leaves(inner, f"{prefix}{name}.")
        elif typing.get_origin(inner) is not dict and name != "named":
            yield prefix + name


def test_settings_offers_every_setting_with_its_choices(book: openpyxl.Workbook) -> None:
    offered = {key for keys in GROUPS.values() for key in keys}
    plain = {key for key in offered if not key.startswith("tables.")}
    assert plain == set(_leaves(Settings)) - set(ENGINE_SETTINGS)  # a workbook's tables are on its sheets
    assert {key.split(".")[2] for key in offered - plain} <= set(TableSettings.model_fields)
    assert all(kind_of(setting_path(key)) for key in offered)

    sheet = book["Settings"]
    row_of = {sheet.cell(row, 5).value: row for row in range(5, sheet.max_row + 1)}
    assert offered < set(row_of) and set(LABELS) == offered
    assert all(sheet.cell(row_of[key], 1).value == LABELS[key] for key in offered)
    assert len(set(LABELS.values())) == len(LABELS)
    assert all(sheet.cell(row_of[key], 4).value == help_of(key) for key in offered)
    rules = {str(area): rule for rule in sheet.data_validations.dataValidation for area in rule.sqref.ranges}
    for key in offered:
        kind, choices = kind_of(setting_path(key)) or ("", ())
        choices = ("yes", "no") if kind == "flag" else choices
        if choices:
            assert rules[f"B{row_of[key]}"].formula1 == f'"{",".join(choices)}"'


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner)
        else:
            yield f"{model.__name__}.{name}", field


def test_every_setting_has_its_help() -> None:
    lacking = [name for model in (Settings, TableSettings) for name, field in _fields(model) if not field.description]
    assert not lacking


def test_a_kind_is_found_for_every_way_a_setting_can_be_written() -> None:
    assert kind_of(("fiscal_year_start",)) == ("whole", ())
    assert kind_of(("as_of",)) == ("date", ())
    assert kind_of(("toggles", "strict_stages")) == ("flag", ())
    assert kind_of(("report", "cohort")) == ("text", ("today", "baseline", "analysis"))
    assert kind_of(("tables", "leads", "where", "Country", "values")) == ("list", ())
    assert kind_of(("segments", "named", "Large", "where", "employees", "min")) == ("number", ())
    assert kind_of(("tables", "leads", "nothing")) is None
    assert kind_of(("reprt", "cohort")) is None


# --- as a source


def test_the_empty_template_says_that_it_is_empty(empty: Path) -> None:
    with pytest.raises(SegxlError, match=r"inputs\.xlsx has no rows yet: paste your opportunities"):
        load(empty)


def test_every_example_is_a_row_that_would_be_read(empty: Path) -> None:
    def without_mark(cell: object) -> object:
        return cell.removeprefix(EXAMPLE).strip() if isinstance(cell, str) else cell

    sheets = [
        SheetCells(sheet.name, [[without_mark(cell) for cell in row] for row in sheet.cells])
        for sheet in read_workbook(empty)
    ]
    maps = {sheet.name: sheet.cells for sheet in sheets}["Maps"]
    assert [row[0] for row in maps[4:8]] == [
        "types",
        "stage_map",
        "tables.accounts.columns",
        "segments.named.Large retail.where",
    ]
    sheets = [sheet for sheet in sheets if sheet.name != "Maps"]  # its examples name columns that are not there
    dataset = load_sheets("inputs.xlsx", sheets)
    assert list(dataset.ledger.rejections) == []
    assert {entry.table: entry.used for entry in dataset.ledger.files} == {
        name: len(rows) for name, rows in EXAMPLES.items()
    }


def test_examples_beside_own_rows_never_count(empty: Path) -> None:
    sheets = []
    for sheet in read_workbook(empty):
        rows = [list(row) for row in sheet.cells]
        if sheet.name == "opportunities":
            rows.append(["D1", "2026-05-01", "Closed Won", "", "", "2026-05-20", "", "", 100.0])
        sheets.append(SheetCells(sheet.name, rows))
    dataset = load_sheets("inputs.xlsx", sheets)
    (entry,) = dataset.ledger.files
    assert (entry.rows, entry.used, entry.excluded) == (3, 1, {"example row": 2})
    assert dataset.tables["opportunities"]["amount"].tolist() == [100_00]


@pytest.mark.slow
def test_a_filled_workbook_gives_the_folders_numbers(tmp_path: Path) -> None:
    folder = small.write_company(tmp_path / "folder")
    filled = _filled(folder, tmp_path / "filled.xlsx")
    assert _segments(filled) == _segments(folder)
    assert load(filled).name == "Acme"
    again = _filled(filled, tmp_path / "again.xlsx")
    assert _segments(again) == _segments(folder)
    assert again.read_bytes() == filled.read_bytes()


RICH = """
run_date = 2026-06-05
fiscal_year_start = 2
stages = ["Discovery", "Review, legal"]
[tables.opportunities]
file = "opportunities.csv"
dates = "day-first"
latest_by = "Changed"
where = { Region = { not = ["Test"] } }
columns = { opportunity_id = "Id", created_on = "Made", closed_on = "Closed", amount = "Value" }
values.status = { from = "stage", "Signed" = "won", "Dropped" = "lost", "Discovery" = "open" }
constants = { currency = "USD" }
[tables.opportunity_history]
file = "opportunity_history.csv"
[tables.accounts]
file = "accounts.csv"
values.tier = { "Lrge" = "Large" }
[[segments.named]]
name = "Big v1.0"
created_on = 2026-01-15
where = { tier = ["Large"], staff = { min = 10.5, max = 5000 } }
[[segments.named]]
name = "No tier"
where = { tier = [""] }
[report]
exclude_zero = true
irrelevant = { Region = ["North"], Value = { max = 5 } }
[toggles]
strict_stages = true
[types]
"New" = "new_logo"
[stage_map]
Eval = "Consideration"
"""
RICH_TABLES = {
    "opportunities": """
Id,Made,Closed,stage,Value,type,account_id,Region,Changed,probability
D1,13/04/2026,20/05/2026,Signed,"1,000.25",New,A1,North,1,0.5
D2,13/04/2026,21/05/2026,Dropped,50,New,A2,South,1,
D2,13/04/2026,22/05/2026,Dropped,60,New,A2,South,2,
D3,14/04/2026,,Discovery,,New,A1,South,1,1.0
D4,14/04/2026,,Signed,10,New,A1,South,1,
D5,14/04/2026,15/04/2026,Signed,10,New,A1,Test,1,
D6,never,15/04/2026,Signed,10,New,A1,South,1,
""",
    "opportunity_history": """
opportunity_id,changed_at,stage,amount
D1,2026-05-20 10:30:00,Signed,1000.25
D1,2026-04-13 09:00:00,Discovery,900
D3,2026-04-14 09:00:00,Discovery,
""",
    "accounts": "account_id,name,tier,staff\nA1,Alpha,Lrge,12\n0012,Zero,,5\nA2,Beta,Small,20",
}


@pytest.mark.slow
def test_settings_rules_and_cells_survive(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", RICH_TABLES, RICH)
    content = content_of(folder)
    assert content.left_out == (
        "opportunities: not copied: 2 rejected, 1 × filtered out by your where rule on Region, "
        "1 × older version of the same record (by Changed)",
    )
    filled = _filled(folder, tmp_path / "filled.xlsx")
    assert _segments(filled) == _segments(folder)
    of_folder, of_book = read(folder).settings, read(filled).settings
    assert of_book.segments == of_folder.segments
    assert of_book.report.irrelevant == {
        "Region": RuleTest(values=["North"]),
        "amount": RuleTest(max=5.0),
    }
    assert (of_book.toggles, of_book.types, of_book.stage_map) == (
        of_folder.toggles,
        of_folder.types,
        of_folder.stage_map,
    )
    assert of_book.stages == ("Discovery", "Review, legal")
    assert of_book.won_stages == ("Closed Won", "Signed")  # what the status was mapped from counts as closed
    dataset = load(filled)
    assert dataset.tables["accounts"]["account_id"].tolist() == ["A1", "0012", "A2"]
    assert dataset.tables["accounts"]["tier"].tolist() == ["Large", "", "Small"]
    assert dataset.tables["opportunities"]["amount"].tolist()[0] == 1000_25
    assert "Region" in dataset.tables["opportunities"].columns
    assert "Changed" not in dataset.tables["opportunities"].columns


def test_dropdowns_offer_the_segments_of_the_source(tmp_path: Path) -> None:
    filled = openpyxl.load_workbook(_filled(small.write_company(tmp_path / "folder"), tmp_path / "filled.xlsx"))
    rule = _rules(filled["segment_members"])["segment"]
    assert rule.formula1 == '"All accounts,R&D / EU,SMB"'


def test_a_table_larger_than_a_sheet_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "LAST_ROW", HEADER_ROW + 5)
    with pytest.raises(SegxlError, match=r"opportunities has 11 rows; a sheet allows 5: keep this source as a folder"):
        _filled(small.write_company(tmp_path / "folder"), tmp_path / "filled.xlsx")
    assert not (tmp_path / "filled.xlsx").exists()


def test_a_text_that_no_cell_takes_is_refused(tmp_path: Path) -> None:
    accounts = [("A1", "x" * 32_768, "East", "SMB")]
    with pytest.raises(
        SegxlError, match=r"accounts, column 'name': 32,768 characters, more than Excel's 32,767 per cell"
    ):
        _filled(small.write_company(tmp_path / "folder", accounts=accounts), tmp_path / "filled.xlsx")


def test_days_before_excels_calendar_survive(tmp_path: Path) -> None:
    rows = small.changed("O1", created_on="1899-12-31")
    folder = small.write_company(tmp_path / "folder", opportunities=rows)
    filled = _filled(folder, tmp_path / "filled.xlsx")
    days = [load(source).tables["opportunities"]["created_on"].tolist() for source in (folder, filled)]
    assert days[0] == days[1]


def test_what_exists_is_replaced_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "inputs.xlsx"
    path.write_bytes(b"mine")
    with pytest.raises(SegxlError, match="--overwrite"):
        publish_template(path, None, overwrite=False)
    assert publish_template(path, None, overwrite=True)[0]
    assert not publish_template(path, None, overwrite=False)[0]  # the same bytes are there already
    with pytest.raises(SegxlError, match=r"use inputs\.xlsx, or inputs\.xlsm"):
        publish_template(tmp_path / "inputs.csv", None, overwrite=False)


def test_the_macros_get_every_place_once(tmp_path: Path) -> None:
    from segxl.excel.buttons.buttons import BUTTONS

    seen: dict[str, tuple[int, int]] = {}
    finished: list[bytes] = []

    def finish(made: BytesIO) -> bytes:
        finished.append(made.getvalue())
        return b"the workbook"

    def add(book: Any, start: Any, places: template.Places) -> None:
        assert start.get_name() == "Start"
        seen.update(places)

    build(tmp_path / "inputs.xlsx", EMPTY, template.MacroParts(add, finish))
    assert set(seen) == {button.macro for button in BUTTONS}
    assert len(set(seen.values())) == len(seen)
    assert [zipfile.is_zipfile(BytesIO(made)) for made in finished] == [True]
    assert (tmp_path / "inputs.xlsx").read_bytes() == b"the workbook"


@pytest.mark.ci
@pytest.mark.office
def test_start_says_what_a_calculator_finds(tmp_path: Path) -> None:
    """The results that are next to the formulas are those that LibreOffice calculates."""
    paths = [tmp_path / "empty.xlsx", _filled(small.write_company(tmp_path / "folder"), tmp_path / "filled.xlsx")]
    build(paths[0])
    for path, said in zip(paths, ("Next: step 1", "Next: step 3"), strict=True):
        cached = openpyxl.load_workbook(path, data_only=True)["Start"]
        found = openpyxl.load_workbook(recalculated(path, tmp_path / "found"), data_only=True)["Start"]
        values = [[cell.value for cell in row] for row in cached.iter_rows()]
        assert values == [[cell.value for cell in row] for row in found.iter_rows()]
        assert str(cached["B4"].value).startswith(said)
        assert not any(re.match(r"#|Err", str(cell)) for row in values for cell in row)
