"""The table Numbers: every value of the JSON, no more and no less, with the reason of each that is missing."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from segxl.api import Analysis, ScorecardResult, load
from segxl.report.numbers_table import report_numbers
from segxl.scorecard.numbers_table import COLUMNS, Row, distinct, scorecard_numbers, segment_numbers, table
from segxl.units import COUNT, MONEY
from tests import small
from tests.flattened import NOT_VALUES, Flat, Value, numbers_in
from tests.scorecard.test_published import MAVEN, here, opened

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(demo_exports: Path) -> Analysis:
    return load(demo_exports)


@pytest.fixture(scope="module")
def month(demo: Analysis) -> ScorecardResult:
    return demo.scorecard("2026-10")


def address(row: Row) -> tuple[str, str, str, str, str]:
    return row.segment, row.metric, row.view, row.item, row.period


def value_of(row: Row, *, window: bool) -> Value:
    days = (row.window.start.isoformat(), row.window.end.isoformat()) if row.window and window else None
    return Value(row.value, row.numerator, row.denominator, days)


def agrees(rows: Sequence[Row], text: str) -> Flat:
    """Assert that the rows are the JSON's values: each at its address, and none that the addresses overlook."""
    document: dict[str, Any] = json.loads(text)
    flat = Flat(document)
    found = {address(row): value_of(row, window=flat.values[address(row)].window is not None) for row in rows}
    assert len(found) == len(rows)
    assert found == flat.values
    # Not by address: all numbers of the document as a multiset, so that a part that Flat does not know is missed too.
    said = numbers_in({name: part for name, part in document.items() if name not in NOT_VALUES})
    shown = sum(number is not None for row in rows for number in (row.value, row.numerator, row.denominator))
    assert shown == said - flat.repeated
    assert all(bool(row.why) == (row.value is None) for row in rows)
    return flat


@pytest.mark.parametrize("kind", ["month", pytest.param("quarter", marks=pytest.mark.ci)])
def test_a_scorecard_with_its_executive_view(demo: Analysis, month: ScorecardResult, kind: str) -> None:
    result = month if kind == "month" else demo.scorecard("2026-Q3")
    assert result.result.executive is not None
    rows = scorecard_numbers(result.result)
    flat = agrees(rows, result.json())
    assert 0 < flat.repeated < len(rows) / 10  # the comparisons of revenue and running totals, which the JSON has twice
    trend = [row.period for row in rows if row.view == "executive_trend" and row.segment == "SMB"]
    assert len(set(trend)) == 13 and max(trend) == f"{result.result.period.window.end:%Y-%m}"


@pytest.mark.parametrize("options", [{"type": "buying-stage"}, {"type": "engagement", "segments": ("SMB",)}])
def test_a_report(demo: Analysis, options: dict[str, Any]) -> None:
    result = demo.report(**options)
    assert agrees(report_numbers(result.result), result.json()).repeated == 0


@here
def test_a_published_export(tmp_path: Path) -> None:
    for name in ("sales_pipeline.csv", "accounts.csv", "sales_teams.csv"):
        shutil.copy(MAVEN / name, tmp_path / name)
    result = Analysis(opened(tmp_path).dataset).scorecard("2017-10", ["retail", "software", "All accounts"])
    agrees(scorecard_numbers(result.result), result.json())


def test_a_company_without_most_tables(tmp_path: Path) -> None:
    analysis = load(small.write_company(tmp_path))
    result = analysis.scorecard("2026-05")
    rows = scorecard_numbers(result.result)
    agrees(rows, result.json())
    # By hand, from the company's page: won 10,000 + 2,500.50 + nothing + 100; lost to "=Price" 4,000.
    by_address = {address(row): row for row in rows}
    assert by_address["All accounts", "won_revenue", "total", "", "2026-05"].value == 12_600.5
    assert by_address["All accounts", "win_rate_count", "total", "", "2026-05"][10:12] == (4, 6)
    assert by_address["All accounts", "lost_by_reason", "by_reason_revenue", "=Price", "2026-05"].value == 4_000
    assert by_address["R&D / EU", "won_revenue", "total", "", "2026-05"].value == 10_000
    assert {row.why for row in rows} == {"", "n/a", "N/M"}


def test_a_segments_numbers_are_its_part_of_the_document(month: ScorecardResult) -> None:
    """A segment's pack holds its own rows, and what is of the whole input; the executive pack has the rest."""
    result = month.result
    everything = scorecard_numbers(result)
    together = {"Executive", "Highlights", "Reconciliation", "Overlaps"}
    for segment in ("SMB", "All accounts"):
        mine = [row for row in everything if row.segment in (segment, "") and row.area not in together]
        assert Counter(segment_numbers(result, segment)) == Counter(mine)


def test_the_columns(month: ScorecardResult) -> None:
    rows = segment_numbers(month.result, "SMB")
    columns = table(rows)
    assert tuple(columns) == COLUMNS
    assert {len(values) for values in columns.values()} == {len(rows)}
    at = next(at for at, row in enumerate(rows) if (row.metric, row.view) == ("win_rate_count", "total"))
    assert {name: values[at] for name, values in columns.items() if name not in ("window_start", "window_end")} == {
        "segment": "SMB",
        "area": "Sales performance",
        "metric": "win_rate_count",
        "view": "total",
        "item": "",
        "period": "2026-10",
        "value": 72 / 131,
        "unit": "rate",
        "numerator": 72,
        "denominator": 131,
        "why": "",
    }
    assert [str(columns[name][at]) for name in ("window_start", "window_end")] == ["2026-10-01", "2026-10-31"]


def test_rows_of_one_key_are_numbered() -> None:
    row = Row("", "Warnings", "date", "rows", "a.csv", "2026-10", 1, COUNT)
    bare = Row("", "Warnings", "date", "amount", "", "2026-10", 1, MONEY)
    found = distinct([row, row._replace(value=2), bare, bare, row])
    assert [one.item for one in found] == ["a.csv", "a.csv (2)", "", "(2)", "a.csv (3)"]
