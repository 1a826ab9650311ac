"""Control totals: what finance reports against what the scorecard says, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from segxl.cli.commands import commands
from segxl.dataset.check import Check
from tests import small

HEADER = ("name", "period", "value", "tolerance")
TABLES = '[tables.control_totals]\nfile = "totals.csv"\n\n[tables.revenue]\nfile = "revenue.csv"\n\n[segments]'
SETTINGS = small.SETTINGS.replace("[segments]", TABLES)
REVENUE = (("A1", "2026-04", "100"), ("A1", "2026-05", "130"), ("A2", "2026-05", "7.25"))

Row = tuple[str, str, str, str]


def write(folder: Path, *rows: Row) -> Path:
    small.write_company(folder, settings=SETTINGS)
    small.write_csv(folder / "totals.csv", HEADER, rows)
    small.write_csv(folder / "revenue.csv", ("account_id", "month", "mrr"), REVENUE)
    return folder


def checks(folder: Path, period: str = "2026-05", segments: tuple[str, ...] = ()) -> dict[str, Check]:
    found = small.scorecard_of(small.facts_of(folder), period, segments).checks
    return {check.name: check for check in found if check.name.startswith("Control total")}


TOLERATED = (
    # won in May: 12,600.50
    ("won_revenue", "2026-05", "12600.50", "", True, 0),
    ("won_revenue", "2026-05", "12600.51", "", False, -0.01),
    ("won_revenue", "May 2026", "12610", "9.5", True, -9.5),
    ("won_revenue", "2026-05", "12610", "9.49", False, -9.5),
    ("won_revenue", "2026-05", "12500", "1%", True, 100.5),  # 1% of 12,500 is 125
    ("won_revenue", "2026-05", "12500", "0.5%", False, 100.5),
    ("won_revenue.new_customers", "2026-05", "10000", "", True, 0),  # W1; of N1 no one knows
    ("Closing_MRR", "2026-05", "137.25", "", True, 0),
    ("mrr", "2026-05", "100", "", True, 0),
    ("customers", "2026-05", "2", "", True, 0),  # those that pay at the end of May
    ("win_rate_count", "2026-05", "66.7%", "0.001", True, pytest.approx(4 / 6 - 0.667)),
    ("win_rate_count", "2026-05", "66.7%", "", False, pytest.approx(4 / 6 - 0.667)),
)


@pytest.mark.ci
@pytest.mark.parametrize(("name", "period", "value", "tolerance", "passed", "difference"), TOLERATED)
def test_within_and_without_tolerance(
    tmp_path: Path, name: str, period: str, value: str, tolerance: str, passed: bool, difference: float
) -> None:
    found = checks(write(tmp_path, (name, period, value, tolerance)))
    check = found[f"Control total: {name}, 2026-05"]
    assert (check.passed, check.difference) == (passed, difference)
    assert "totals.csv, row 2" in check.detail


def test_a_quarter_and_other_periods(tmp_path: Path) -> None:
    rows = (("won_revenue", "2026-Q2", "17600.50", ""), ("won_revenue", "2026-05", "1", ""))
    found = checks(write(tmp_path, *rows), "2026-Q2")
    assert set(found) == {"Control totals for 2026-Q2: all are compared", "Control total: won_revenue, 2026-Q2"}
    assert all(check.passed for check in found.values())
    said = found["Control totals for 2026-Q2: all are compared"]
    assert (said.expected, said.actual) == (1, 1)
    assert said.detail == "not checked here: 1 for other periods (2026-05)"


def test_every_pack_of_the_period_is_checked_against_all_accounts(tmp_path: Path) -> None:
    # SMB alone won 2,500.50; the total is the company's
    found = checks(write(tmp_path, ("won_revenue", "2026-05", "12600.5", "")), segments=("SMB",))
    assert found["Control total: won_revenue, 2026-05"].passed


def test_a_total_that_cannot_be_compared_fails(tmp_path: Path) -> None:
    found = checks(write(tmp_path, ("leads", "2026-05", "3", "5")))
    assert not found["Control total: leads, 2026-05"].passed
    assert found["Control total: leads, 2026-05"].actual == "n/a"
    assert not found["Control totals for 2026-05: all are compared"].passed


REJECTED = (
    (("closing_mmr", "2026-05", "1", ""), "is not a metric; did you mean 'closing_mrr'?"),
    (("won_revenue.by_geo", "2026-05", "1", ""), "has one total per item, but no overall total"),
    (("won_revenue", "2026-13", "1", ""), "is not a month or quarter; write it like 2026-10 or 2026-Q3"),
    (("won_revenue", "Q5 2026", "1", ""), "is not a month or quarter"),
    (("won_revenue", "2026-05", "1", "some"), "must be a number, 0 or more"),
    (("won_revenue", "2026-05", "1", "-1"), "must be a number, 0 or more"),
)


@pytest.mark.parametrize(("row", "said"), REJECTED)
def test_rows_that_cannot_be_used(tmp_path: Path, row: Row, said: str) -> None:
    facts = small.facts_of(write(tmp_path, row))
    (found,) = (str(one) for one in facts.dataset.ledger.rejections)
    assert "totals.csv, row 2" in found and said in found
    assert facts.dataset.ledger.balanced


def test_two_totals_of_one_line(tmp_path: Path) -> None:
    rows = (("mrr.closing", "2026-05", "137.25", ""), ("closing_mrr", "May 2026", "138", ""))
    facts = small.facts_of(write(tmp_path, *rows))
    assert [one.row for one in facts.dataset.ledger.rejections] == [2, 3]


@pytest.mark.slow
@pytest.mark.parametrize(("value", "status"), [("12600.50", 0), ("12700", 1)])
def test_the_exit_status_tells(tmp_path: Path, value: str, status: int) -> None:
    folder = write(tmp_path / "in", ("won_revenue", "2026-05", value, ""))
    arguments = ["scorecard", str(folder), "--month", "2026-05", "--format", "json"]
    result = CliRunner().invoke(commands, arguments, standalone_mode=False)
    assert result.return_value == status, result.output
    if status:
        assert "check failed: Control total: won_revenue, 2026-05: expected 12700, found 12600.5" in result.stderr
