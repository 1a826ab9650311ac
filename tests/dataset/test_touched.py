"""Conditions that can change a number: who hears of them, for which period and segments, with which rows and money."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner, Result

from segxl.cli.commands import commands
from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS, IN_NO_SEGMENT
from segxl.dataset.warnings import SHOWN, DataWarning, scorecard_window, touching, warning_lines
from segxl.excel.buttons import actions
from segxl.excel.file_engine.xlwings_engine import open_book
from segxl.periods import parse_period
from segxl.sources.conditions import Condition
from tests import small

HEADER = (*small.HEADER, "currency")
DEALS = (
    # a stage that no setting names: of A1 (R&D / EU) in April, of A2 (SMB) in May, of no one in May, of A2 in 2024
    ("1", "A1", "Ann", "2026-04-01", "2026-04-20", "Parked", "100", small.NEW, "", ""),
    ("2", "A2", "Ann", "2026-05-01", "", "Parked", "250.50", small.NEW, "", "EUR"),
    ("3", "", "Ann", "2026-05-02", "", "Parked", "7", small.NEW, "", ""),
    ("4", "A2", "Ann", "2024-01-02", "2024-02-01", "Parked", "9", small.NEW, "", ""),
    ("5", "A2", "Ann", "2026-05-01", "2026-05-09", small.WON, "10", small.NEW, "", ""),
)
STATUS = """
[tables.opportunities.values.status]
from = "stage"
Parked = "lost"
"Closed Won" = "won"
"""


def condition(*rows: int, fails: str = "") -> Condition:
    return Condition(
        "word",
        "opportunities",
        "is odd",
        "Mend it",
        "are odd",
        "opportunities.csv",
        np.array(rows, dtype=np.int32),
        fails=fails,
    )


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("touched")
    small.write_company(folder, settings=small.SETTINGS + STATUS, opportunities=())
    small.write_csv(folder / "opportunities.csv", HEADER, DEALS[:1] + DEALS[3:])
    loaded = load(folder)
    assert len(loaded.tables["opportunities"]) == 3  # deals 1, 4 and 5, rows 2 to 4
    return loaded


def found(dataset: Dataset, month: str, segment: str, *rows: int) -> list[DataWarning]:
    dataset.ledger.files[0].conditions[:] = [condition(*rows)]
    window = scorecard_window(parse_period(month, dataset.settings.fiscal))
    return list(touching(dataset, window, [segment]))


def test_a_condition_touches_the_periods_in_which_its_rows_count(dataset: Dataset) -> None:
    # deal 1 lives from April 1 to 20, 2026; a scorecard is about the month and the year before it
    assert not found(dataset, "2026-03", ALL_ACCOUNTS, 2)
    for month in ("2026-04", "2026-05", "2027-04"):
        assert found(dataset, month, ALL_ACCOUNTS, 2)
    assert not found(dataset, "2027-05", ALL_ACCOUNTS, 2)
    assert not found(dataset, "2026-05", ALL_ACCOUNTS, 3)  # deal 4 closed in February 2024
    assert found(dataset, "2025-02", ALL_ACCOUNTS, 3)


def test_a_condition_touches_the_segments_of_its_accounts(dataset: Dataset) -> None:
    assert found(dataset, "2026-05", "R&D / EU", 2)
    assert not found(dataset, "2026-05", "SMB", 2)
    (one,) = found(dataset, "2026-05", "SMB", 2, 4)
    assert (one.rows, one.amounts) == (1, {"USD": 1000})
    assert one.text == "opportunities.csv: 1 row is odd (10.00 USD; row 4). Mend it."
    assert not found(dataset, "2026-05", IN_NO_SEGMENT, 2, 4)


def test_a_condition_counts_the_rows_and_the_money_that_it_touches(dataset: Dataset) -> None:
    (one,) = found(dataset, "2026-05", ALL_ACCOUNTS, 2, 3, 4)
    assert (one.rows, one.amounts) == (2, {"USD": 11000})
    assert one.text == "opportunities.csv: 2 rows are odd (110.00 USD; rows 2, 4). Mend it."


def test_rows_that_are_not_in_the_table_may_touch_anything(dataset: Dataset) -> None:
    (one,) = found(dataset, "2026-05", "SMB", 77)
    assert one.text == "opportunities.csv: 1 row is odd (row 77). Mend it."


def test_only_the_first_warnings_have_lines_and_the_others_are_counted() -> None:
    many = [DataWarning(condition(row), 1, {}, f"file: {row}") for row in range(SHOWN + 2)]
    lines = warning_lines(many)
    assert lines[0] == "warning: file: 0. Mend it."
    assert lines[-1] == "2 more warnings; segxl check lists them all"
    assert len(lines) == SHOWN + 1


# ------------------------------------------------------------------------------------------------------- every host


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(commands, [str(one) for one in arguments], standalone_mode=False)
    assert result.exception is None, result.exception
    return result


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company whose stage "Parked" no setting names."""
    folder = tmp_path_factory.mktemp("odd")
    small.write_company(folder, opportunities=())
    small.write_csv(folder / "opportunities.csv", HEADER, DEALS)
    return folder


@pytest.mark.slow
def test_every_command_and_button_reports_a_condition_in_the_same_words(odd: Path, tmp_path: Path) -> None:
    said = "count as open: their stage is not in the settings: 'Parked' (4)"
    fix = "Add each stage to stages, won_stages or lost_stages"
    for command in (
        ("scorecard", odd, "--month", "2026-05", "--format", "json"),
        ("scorecard", odd, "--quarter", "2026-Q2", "--allow-partial", "--format", "json"),
        ("report", odd, "--analysis", "2026-05", "--baseline", "2026-04", "--type", "engagement", "--format", "json"),
        ("explain", odd, "won_revenue", "--month", "2026-05"),
    ):
        (line,) = [one for one in run(*command).stderr.splitlines() if one.startswith("warning: ")]
        assert said in line and fix in line, command
    checked = run("check", odd).stdout
    assert f"  warning: 4 rows {said} (rows 2, 3, 4, 5). {fix}" in checked

    document = json.loads(run("scorecard", odd, "--month", "2026-05", "--segment", "SMB", "--format", "json").stdout)
    # the deal in EUR has no rate, which fails a check
    assert [(one["kind"], one["severity"]) for one in document["warnings"]] == [
        ("currency", "check"),
        ("word", "warning"),
    ]
    warning = document["warnings"][1]
    assert set(warning) >= {"kind", "severity", "table", "file", "rows", "amount", "message", "fix"}
    assert warning["file"] == "opportunities.csv" and warning["fix"].startswith(fix)
    # they count as open, so the one of 2024 does too
    assert (warning["rows"], warning["amount"], warning["amounts"]) == (2, 9, {"EUR": 250.5, "USD": 9})

    book = tmp_path / "book.xlsx"
    run("template", book, "--from", odd)
    (pressed,) = [line for line in actions.build_scorecard(open_book(book)).lines if line.startswith("warning: ")]
    (row,) = [row for row in openpyxl.load_workbook(book)["Settings"].iter_rows() if "stages" in {c.value for c in row}]
    missing = "the sheet Settings (won_stages) or the sheet Settings (lost_stages)"  # the template has no row for them
    assert said in pressed and f"Add each stage to Settings!B{row[0].row} (stages), {missing}" in pressed


@pytest.mark.slow
def test_packs_and_pages_show_warnings_below_the_verdict(odd: Path, tmp_path: Path) -> None:
    run("scorecard", odd, "--month", "2026-05", "--out", tmp_path)
    run("report", odd, "--analysis", "2026-05", "--baseline", "2026-04", "--type", "engagement", "--out", tmp_path)
    for pattern in ("*smb.xlsx", "*executive.xlsx", "report*.xlsx"):
        (path,) = tmp_path.glob(pattern)
        sheet = openpyxl.load_workbook(path).worksheets[0]
        labels = [row[0].value for row in sheet.iter_rows()]
        (at,) = [at for at, label in enumerate(labels) if str(label).startswith("Warnings")]
        assert "count as open: their stage is not in the settings" in str(sheet.cell(at + 1, 2).value), pattern


def test_clean_data_says_nothing(tmp_path: Path) -> None:
    folder = small.write_company(tmp_path / "clean")
    assert run("scorecard", folder, "--month", "2026-05", "--format", "json").stderr == ""
