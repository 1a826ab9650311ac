"""A zero that means "does not apply" is no amount, in every known export that writes one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.sources.formats import FORMATS, Format
from segxl.sources.formats.model import Header, spellings
from segxl.tables.contracts import NO_MONEY
from tests.small import write_csv

DYNAMICS = (
    "(Do Not Modify) Opportunity",
    "Topic",
    "Account",
    "Created On",
    "Actual Close Date",
    "Status",
    "Est. Revenue",
    "Actual Revenue",
)


def loaded(folder: Path, header: Sequence[str], rows: Sequence[Sequence[object]], more: str = "") -> Dataset:
    settings = (
        f'name = "Mill"\ncurrency = "EUR"\nrun_date = 2025-02-03\n[tables.opportunities]\nfile = "deals.csv"\n{more}'
    )
    (folder / "segxl.toml").write_text(settings, encoding="utf-8")
    write_csv(folder / "deals.csv", header, rows)
    return load(folder)


@pytest.mark.parametrize(
    ("status", "estimated", "actual", "cents"),
    [
        ("Lost", "1200", "0", 1200_00),  # closing as lost writes an actual revenue of 0
        ("lost", "1.200,50 €", "0,00 €", 1200_50),
        ("Lost", "1200", "0.00", 1200_00),
        ("Lost", "1200", "700", 700_00),  # an amount that someone gave it
        ("Lost", "0", "0", 0),
        ("Lost", "", "0", 0),  # nothing else to go by
        ("Lost", "", "", NO_MONEY),
        ("Open", "1200", "0", 1200_00),
        ("Won", "1200", "0", 0),  # given away: a won deal's zero is an amount
        ("Won", "1200", "1100", 1100_00),
        ("Won", "1200", "", 1200_00),
    ],
)
def test_of_a_dynamics_deal_that_is_not_won_a_zero_actual_revenue_is_no_amount(
    tmp_path: Path, status: str, estimated: str, actual: str, cents: int
) -> None:
    closed = "" if status == "Open" else "2025-01-10"
    row = ("8a1f", "Oven", "Mill", "2024-11-02", closed, status, estimated, actual)
    dataset = loaded(tmp_path, DYNAMICS, [row], 'decimal = ","\n' if "," in estimated else "")
    assert dataset.tables["opportunities"]["amount"].tolist() == [cents]


def test_the_ledger_says_how_many_zeros_were_passed_over(tmp_path: Path) -> None:
    rows = [(f"8a{at}", "Oven", "Mill", "2024-11-02", "2025-01-10", "Lost", "70", "0") for at in range(2)]
    (entry,) = loaded(tmp_path, DYNAMICS, rows).ledger.files
    assert "2 rows that are not won have 0 in 'Actual Revenue': segxl uses the estimated revenue" in entry.notes


def test_the_settings_own_column_keeps_its_zeros_and_the_month_hears_of_it(tmp_path: Path) -> None:
    rows = [(f"8a{at}", "Oven", "Mill", "2024-11-02", "2025-01-10", "Lost", "70", "0") for at in range(2)]
    rows.append(("8a9", "Oven", "Mill", "2024-11-02", "2025-01-10", "Won", "70", "65"))
    dataset = loaded(tmp_path, DYNAMICS, rows, '[tables.opportunities.columns]\namount = "Actual Revenue"\n')
    assert dataset.tables["opportunities"]["amount"].tolist() == [0, 0, 65_00]
    (condition,) = dataset.ledger.files[0].conditions
    assert "lost revenue is 0 and the revenue win rate 100%" in condition.text()


DERIVED = (
    "hs_closed_amount",
    "property_hs_closed_amount",
    "Closed Deal Amount",
    "hs_forecast_amount",
    "Forecast Amount",
    "Weighted Amount",
    "hs_projected_amount",
    "Expected Revenue",
    "ExpectedRevenue",
    "expected_revenue",
)
"""Amounts that a CRM works out from the outcome or the probability: 0 for a deal that is open or lost."""


@pytest.mark.parametrize("format", FORMATS, ids=lambda one: f"{one.key}: {one.name}")
def test_no_format_takes_an_amount_that_the_outcome_makes_zero(format: Format) -> None:
    for column in ("amount", "mrr"):
        names = spellings(format.columns.get(column, ""))
        assert not [name for name in DERIVED if Header(names).find(name)], column
