"""A message that names a setting says where it is: its key in segxl.toml, or its cell of an input workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from segxl.dataset.load import load_sheets
from segxl.errors import SegxlError, UnsetError
from segxl.settings.how_to_set import HowToSet, setting_name
from segxl.settings.model import Settings, TableSettings, setting_groups
from segxl.sources.workbook.settings import ENGINE_SETTINGS, FOR_FOLDERS, kind_of, read_workbook_settings
from segxl.sources.workbook.sheets import SheetCells
from tests.cli.test_plain_words import modules, strings

HEADERS: tuple[tuple[str, ...], tuple[str, ...]] = (("key", "value"), ("map", "from", "to"))
TEXTS = {"timezone": "UTC", "currency": "EUR", "period": "2026-05", "timestamps": "UTC"}
"""Values of texts that are checked."""


def keys() -> Iterator[tuple[str, ...]]:
    """Every setting of the sheet Settings."""
    yield "segments", "named", "Big", "created_on"
    yield "tables", "leads", "values", "source", "from"
    options = (("tables", "leads", name) for name in TableSettings.model_fields if name not in FOR_FOLDERS)
    yield from filter(kind_of, options)
    for section, model in setting_groups().items():
        for name, field in model.model_fields.items():
            path = (*section.split("."), field.alias or name) if section else (name,)
            if kind_of(path) and path[0] not in ENGINE_SETTINGS:
                yield path


def value(path: tuple[str, ...]) -> str:
    kind = kind_of(path)
    assert kind is not None
    if kind[1]:
        return str(kind[1][0])
    return {"date": "2026-01-31", "flag": "yes", "number": "1", "whole": "1"}.get(kind[0], TEXTS.get(path[-1], "x"))


def read(settings: list[tuple[str, str]], maps: list[tuple[str, str, str]]) -> Settings:
    return read_workbook_settings("book.xlsx", [HEADERS[0], ("", ""), *settings], [HEADERS[1], *maps])


@pytest.mark.parametrize(
    "path", [path for path in keys() if path[-1] not in FOR_FOLDERS and path[0] not in ENGINE_SETTINGS], ids=".".join
)
def test_every_setting_is_named_with_its_cell(path: tuple[str, ...]) -> None:
    key = ".".join(path)
    rule = [("segments.named.Big.where", "sector", "Retail")] if path[:2] == ("segments", "named") else []
    assert setting_name(read([(key, value(path))], rule), *path) == f"Settings!B3 ({key})"
    assert setting_name(read([], []), *path) == f"the sheet Settings ({key})"
    folder = "segments.named 'Big', created_on" if rule else key
    assert setting_name(Settings(), *path) == folder


@pytest.mark.parametrize(
    ("row", "path", "shown"),
    [
        (("types", "New", "new_logo"), ("types", "New"), "types | New"),
        (("stage_map", "Evaluating", "Target"), ("stage_map", "Evaluating"), "stage_map | Evaluating"),
        (
            ("tables.leads.columns", "Lead ID", "lead_id"),
            ("tables", "leads", "columns", "lead_id"),
            "tables.leads.columns | lead_id",
        ),
        (
            ("tables.leads.values.source", "Web form", "Website"),
            ("tables", "leads", "values", "source", "Web form"),
            "tables.leads.values.source | Web form",
        ),
        (
            ("tables.leads.constants", "source", "Webinar"),
            ("tables", "leads", "constants", "source"),
            "tables.leads.constants | source",
        ),
        (
            ("tables.leads.where", "Country", "CH"),
            ("tables", "leads", "where", "Country"),
            "tables.leads.where | Country",
        ),
        (
            ("segments.named.Big.where", "employees.min", "1000"),
            ("segments", "named", "Big", "where", "employees"),
            "segments.named.Big.where | employees",
        ),
        (("report.irrelevant", "type.not", "New"), ("report", "irrelevant", "type"), "report.irrelevant | type"),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)
def test_every_map_is_named_with_its_cell(row: tuple[str, str, str], path: tuple[str, ...], shown: str) -> None:
    assert setting_name(read([], [row]), *path) == f"Maps!C2 ({shown})"
    assert setting_name(read([], []), *path) == f"the sheet Maps ({shown})"


@pytest.mark.parametrize(
    ("maps", "settings", "said"),
    [
        (
            ("tables.opportunities.where", "Geo", "East"),
            None,
            r"Maps!C2 \(tables.opportunities.where | Geo\)",
        ),
        (
            ("tables.opportunities.columns", "Betrag", "amount"),
            None,
            r"Maps!C2 \(tables.opportunities.columns | amount\)",
        ),
        (("tables.opportunities.values.tipe", "New", "new"), None, r"Maps!C2 \(tables.opportunities.values.tipe\)"),
        (("segments.named.Big.where", "employes.min", "5"), None, r"Maps!C2 \(segments.named.Big.where | employes\)"),
        (("stage_map", "Evaluating", "Targt"), None, r"Maps!C2 \(stage_map | Evaluating\)"),
        (None, ("tables.opportunities.latest_by", "Modified"), r"Settings!B2 \(tables.opportunities.latest_by\)"),
        (None, ("segments.by", "sektor"), r"Settings!B2 \(segments.by\)"),
    ],
)
def test_a_mistake_of_an_input_workbook_names_its_cell(
    maps: tuple[str, str, str] | None, settings: tuple[str, str] | None, said: str
) -> None:
    stages = [("A1", "2026-05-01", "Evaluating")] if maps and maps[0] == "stage_map" else []
    sheets: dict[str, Any] = {
        "Settings": (HEADERS[0], *([settings] if settings else ())),
        "Maps": (HEADERS[1], *([maps] if maps else ())),
        "opportunities": (
            ("opportunity_id", "account_id", "created_on", "stage"),
            ("1", "A1", "2026-05-01", "Discovery"),
            ("1", "A1", "2026-05-01", "Proposal"),
        ),
        "leads": (("lead_id", "created_on"), ("1", "2026-05-01")),
        "accounts": (("account_id", "sector"), ("A1", "Retail")),
        "buying_stages": (("account_id", "date", "stage"), *stages),
    }
    with pytest.raises(SegxlError, match=said.replace("|", r"\|")):
        dataset = load_sheets("book.xlsx", [SheetCells(name, rows) for name, rows in sheets.items()])
        raise SegxlError("\n".join(map(str, dataset.ledger.conditions)))


def test_an_option_that_solves_a_problem_is_quoted_whole() -> None:
    error = UnsetError("deals.csv: unclear; ", "dates", [("day-first", ""), ("month-first", "")], ", then check again")
    source = TableSettings(file="deals.csv")
    assert HowToSet("leads", source).solve(error) == (
        'deals.csv: unclear; below the line [tables.leads] add dates = "day-first" or dates = "month-first", '
        "then check again"
    )
    assert HowToSet("leads", source, cells={}).solve(error) == (
        "deals.csv: unclear; on the sheet Settings add a row: key tables.leads.dates, value day-first or month-first, "
        "then check again"
    )
    wrong = TableSettings(file="deals.csv", dates="year-first")
    assert "below the line [tables.leads] change dates to" in HowToSet("leads", wrong).solve(error)
    cells = {"tables.leads.dates": "Settings!B9"}
    assert "change Settings!B9 (tables.leads.dates) to day-first" in HowToSet("leads", wrong, cells=cells).solve(error)


ROOMS = ("sources/", "dataset/", "facts/", "report/", "scorecard/")
KEY = re.compile(
    r"(?<![\w.\]])(?:tables|segments|report|scorecard|toggles)\.(?:\{\}|[a-z_]+)|segxl\.toml|\[tables|\[segments"
    r"|\b(?:encoding|delimiter|dates|month_dates|timestamps|decimal|sheet|latest_by|order_by|kind) = "
    r"|\b(?:where|columns|constants|values) = "
)
ALLOWED = {
    "sources/suggest": "proposes a segxl.toml, and describes files of a folder",
    "sources/workbook/settings.py": "puts the cell in front",
    "sources/workbook/sheets.py": "names the row to add on Settings",
    "sources/mapping.py": "of files in a folder: sheets have a message of their own",
    "sources/files/files.py": "opens files of a folder",
    "sources/warehouse": "reads tables of a warehouse, which only folders name",
    "dataset/load.py": "a folder without tables",
    "facts/tracked.py": "an error of the program",
    "report/cohort.py": "points to segxl help settings",
}
"""Modules whose messages name keys themselves, and why."""


def test_no_other_message_names_a_key_by_itself() -> None:
    checked = [
        (name, tree)
        for name, tree in modules()
        if name.startswith(ROOMS) and not any(name.startswith(one) for one in ALLOWED)
    ]
    assert len(checked) > 100
    found = [f"{name}:{line}: {text}" for name, tree in checked for line, text in strings(tree) if KEY.search(text)]
    assert not found, "\n".join(found)
