"""SEGXL_METRIC as Excel calls it: the small company's numbers by hand, and every number of the JSON of real data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from segxl.api import load
from segxl.catalogue.metrics import BY_KEY
from segxl.scorecard.numbers_table import segment_numbers
from tests import small
from tests.fake_excel import NOT_AVAILABLE, WRONG, Excel, Sheet
from tests.scorecard import test_published as published

MAY = ("2026-05", " 2026-05 ", "May 2026", "may-2026", "2026 May", "5/2026", "2026/5", "2026-05-17", 202605.0, None, "")


@pytest.mark.parametrize("period", [*MAY, datetime(2026, 5, 31), 46143.0, 46173.0])
def test_a_period_as_people_type_it(excel: Excel, handle: str, period: Any) -> None:
    """46143 and 46173 are the first and the last day of May 2026 in Excel; blank is the latest month, May."""
    assert excel.call("METRIC", handle, "won_revenue", "All accounts", period) == 12_600.5


@pytest.mark.parametrize(
    "period", ["2025-Q2", "2025Q2", "Q2 2025", "q2-2025", "2025 Q2", "FY25 Q2", "FY2025 Q2", "Q2 FY25"]
)
def test_a_quarter_as_people_type_it(excel: Excel, handle: str, period: str) -> None:
    assert excel.call("METRIC", handle, "won_revenue", None, period) == 8_000


def test_fiscal_quarters_are_those_of_the_settings(excel: Excel, company: Path, sheet: Sheet) -> None:
    """A year that starts in April and is named by its end: FY26 Q1 is April to June 2025."""
    settings = sheet.put("A1", ["fiscal_year_start", 4.0], [None, None])
    handle = excel.call("DATASET", str(company), settings)
    assert excel.call("METRIC", handle, "won_revenue", None, "FY26 Q1") == 8_000
    assert excel.call("METRIC", handle, "won_revenue", None, "2026-Q1") == 8_000
    assert excel.call("METRIC", handle, "won_revenue", None, "2025-Q2") == "#N/A"  # no data: July to September 2024


@pytest.mark.parametrize("segment", ["SMB", "smb", " Smb "])
def test_a_segment_in_any_case(excel: Excel, handle: str, segment: str) -> None:
    assert excel.call("METRIC", handle, "won_revenue", segment, "2026-05") == 2_500.5
    assert excel.call("METRIC", handle, "Won_Revenue", segment, "2026-04") == 5_000


@pytest.mark.parametrize(
    ("metric", "view", "item", "number"),
    [
        ("won_revenue", "mom", None, 12_600.5 - 5_000),
        ("won_revenue", "MoM", None, 12_600.5 - 5_000),
        ("won_revenue", "mom_base", None, 5_000),
        ("won_revenue", "mom_percent", None, 1.5201),  # 7,600.50 / 5,000
        ("won_revenue", "yoy", None, 12_600.5 - 8_000),
        ("won_revenue", "trailing_12", None, 12_600.5 + 5_000),
        ("won_revenue", "by_geo", "west", 2_500.5),
        ("won_revenue", "by geo", "East", 10_000),
        ("won_revenue", "by_geo_mom_base", "West", 5_000),
        ("average_deal_size", "new_logo", None, 10_000),
        ("won_opportunities", None, None, 4),
        ("won_opportunities", "revenue", None, 12_600.5),
        ("won_opportunities", "new_logo_revenue", None, 10_000),
        ("win_rate_count", None, None, 4 / 6),
        ("win_rate_count", "numerator", None, 4),
        ("win_rate_count", "denominator", None, 6),
        ("win_rate_count", "mom", None, float((4 / 6) - 0.5)),  # in April 1 of 2; a difference of rates
        ("lost_by_reason", "by_reason", "=price", 1),
        ("lost_by_reason", "by_reason_revenue", "=Price", 4_000),
        ("lost_by_reason", "by_reason_count_percent", "(blank)", 0.5),
        ("lost_by_reason", "by_reason_revenue_percent", "(blank)", 0.2),
        ("pipeline_by_stage", None, None, 27_000),
        ("pipeline_by_stage", "by_stage", "Proposal", 7_000),
        ("average_time_to_close", None, None, 71 / 4),  # (30 + 0 + 40 + 1) days
    ],
)
def test_views_and_items(excel: Excel, handle: str, metric: str, view: Any, item: Any, number: float) -> None:
    found = excel.call("METRIC", handle, metric, "All accounts", "2026-05", view, item)
    assert found == pytest.approx(number, rel=1e-15)


def test_ranges_make_a_table(excel: Excel, handle: str, sheet: Sheet) -> None:
    """Metrics down, periods across; a spacer row and a spacer column stay blank."""
    metrics = sheet.put("A3", "won_revenue", None, "lost_revenue", "  ")
    periods = sheet.put("B2", ["2026-04", None, datetime(2026, 5, 1)])
    assert excel.rows("METRIC", handle, metrics, "All accounts", periods) == [
        [5_000, "", 12_600.5],
        ["", "", ""],
        [2_000, "", 5_000],
        ["", "", ""],
    ]


def test_ranges_side_by_side(excel: Excel, handle: str, sheet: Sheet) -> None:
    """A line of a list has its own metric, segment, period, view and item."""
    lines = [
        ["won_revenue", "SMB", "2026-05", None, None],
        ["won_revenue", "All accounts", "2026-05", "by_geo", "East"],
        ["win_rate_count", "SMB", "2026-04", "numerator", None],
    ]
    sheet.put("A1", *lines)
    columns = [sheet.Range(f"{letter}1:{letter}3") for letter in "ABCDE"]
    assert excel.rows("METRIC", handle, *columns) == [[2_500.5], [10_000], [1]]


def test_a_row_of_one_answer_and_a_single_one(excel: Excel, handle: str, sheet: Sheet) -> None:
    across = sheet.put("A1", ["2026-04", "2026-05"])
    assert excel.call("METRIC", handle, "won_revenue", None, across) == [5_000, 12_600.5]  # a row has one dimension
    assert excel.call("METRIC", handle, "won_revenue", None, sheet.Range("A1")) == 5_000


def test_whole_numbers_are_floats(excel: Excel, tmp_path: Path) -> None:
    """COM hands Python's whole numbers beyond 32 bits over in a type that 32-bit Excel does not have."""
    folder = small.write_company(tmp_path / "yen", opportunities=small.changed("W1", amount="3000000000"))
    handle = excel.call("DATASET", str(folder))
    answers = [excel.call("METRIC", handle, "won_revenue"), excel.call("CHANGE", 4e9, 1e9)]
    answers += [row[3] for row in excel.rows("SCORECARD", handle) if row[1] == "Won revenue"][:1]
    answers += [row[1] for row in excel.rows("SUMMARY", handle) if row[0] == "Total won"]
    assert answers[:2] == [3_000_002_600.5, 3_000_000_000]
    assert len(answers) == 4 and all(type(answer) is float for answer in answers)


def test_a_segment_that_looks_like_a_number(excel: Excel, tmp_path: Path) -> None:
    """What Python takes for one, 1 and TRUE, are two segments."""
    accounts = [("A1", "One", "East", "1"), ("A2", "Yes", "East", "TRUE"), ("A3", "Other", "East", "x")]
    handle = excel.call("DATASET", str(small.write_company(tmp_path / "numbers", accounts=accounts)))
    assert excel.call("METRIC", handle, "won_revenue", 1.0, "2026-05") == 10_000
    assert excel.call("METRIC", handle, "won_revenue", True, "2026-05") == 2_500.5


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        (["leads"], "#N/A", "Leads is n/a in 2026-05: add the table leads"),
        (["won_revenue", None, "2026-06"], "#N/A", "no data for 2026-06: all data is from 2025-04 to 2026-05"),
        (["won_revenue", None, "2020-01"], "#N/A", "no data for 2020-01: all data is from 2025-04 to 2026-05"),
        (["win_rate_count", "SMB", "2025-05"], "#N/A", "the denominator is zero"),
        (["won_revenue", "SMB", "2025-06", "mom"], "#N/A", ""),
        (["won_revenue", "SMB", "2026-04", "mom_percent"], "#N/A", "the base, 2026-03, is 0"),
        (["win_rate_count", None, None, "mom_percent"], "#N/A", "is a rate: it changes in percentage points, use mom"),
        (["won_revenue", None, None, "plan"], "#N/A", "Won revenue has no target here"),
        (["won_revenu"], "#VALUE!", "no metric 'won_revenu'; did you mean 'won_revenue'?"),
        ([None], "#VALUE!", "metric is blank: SEGXL_METRICS lists the metrics"),
        (["won_revenue", "SMBs"], "#VALUE!", "no segment 'SMBs'; did you mean 'SMB'?"),
        (["won_revenue", None, "soon"], "#VALUE!", "period is 'soon': write a month as 2026-10 or Oct 2026"),
        (["won_revenue", None, "Q5 2026"], "#VALUE!", "period is 'Q5 2026'"),
        (["won_revenue", None, 2026.0], "#VALUE!", "period is '2026'"),
        (["won_revenue", None, "13/2026"], "#VALUE!", "period is '13/2026'"),
        (["won_revenue", None, "Mayo 2026"], "#VALUE!", "period is 'Mayo 2026'"),
        (["won_revenue", None, "2026-05", "by_geos"], "#VALUE!", "no view 'by_geos'; did you mean 'by_geo'?"),
        (["won_revenue", None, "2026-05", "qoq"], "#VALUE!", "qoq compares quarters, but 2026-05 is a month: use mom"),
        (["mrr", None, "2026-05", "by_geo"], "#VALUE!", "mrr has no view 'by_geo'"),
        (["pipeline_by_stage", None, "2026-05", "trailing_12"], "#VALUE!", "has no view 'trailing_12'"),
        (["won_revenue", None, "2026-05", "numerator"], "#VALUE!", "has no view 'numerator'"),
        (["won_revenue", None, "2026-05", "by_geo"], "#VALUE!", "by_geo has several items; name one of: East, West"),
        (["won_revenue", None, "2026-05", "by_geo", "Mars"], "#VALUE!", "by_geo has no item 'Mars'"),
        (["won_revenue", None, "2026-05", None, "East"], "#VALUE!", "has no items: leave item blank"),
        ([NOT_AVAILABLE], "#N/A", "metric is #N/A: fix that cell first"),
        (["won_revenue", WRONG], "#VALUE!", "segment is #VALUE!: fix that cell first"),
        ([True], "#VALUE!", "no metric 'true'"),
        ([1.5], "#VALUE!", "no metric '1.5'"),
    ],
)
def test_what_has_no_number_is_an_error_with_a_reason(
    excel: Excel, handle: str, sheet: Sheet, arguments: list[Any], error: str, reason: str
) -> None:
    sheet.put("A1", [handle])
    cells = [sheet.put(f"{letter}2", [value]) for letter, value in zip("ABCDE", arguments, strict=False)]
    places = ",".join(f"{letter}2" for letter in "ABCDE"[: len(cells)])
    answer = excel.put(sheet, "H2", "METRIC", sheet.Range("A1"), *cells, formula=f"=SEGXL_METRIC(A1,{places})")
    if not reason:  # 0 less 8,000
        return
    assert answer.Value == {"#N/A": NOT_AVAILABLE, "#VALUE!": WRONG}[error]
    assert reason in excel.call("WHY", answer)


def test_a_period_that_is_not_available_yet(excel: Excel, company: Path, sheet: Sheet) -> None:
    """A month is available from the 3rd of the next."""
    handle = excel.call("DATASET", str(company), sheet.put("A1", ["run_date", datetime(2026, 6, 2)]))
    sheet.put("A2", [handle], ["mrr"])
    cell = excel.put(sheet, "B1", "METRIC", handle, "mrr", "", "2026-05", formula='=SEGXL_METRIC(A2,A3,,"2026-05")')
    assert cell.Value == NOT_AVAILABLE
    assert excel.call("WHY", cell) == (
        "2026-05 is not available before 2026-06-03, the 3rd of the next month; "
        "the latest available month is 2026-04; choose an earlier period"
    )
    assert excel.call("METRIC", handle, "won_revenue") == 5_000  # the latest is April


def test_ranges_that_do_not_fit(excel: Excel, handle: str, sheet: Sheet) -> None:
    metrics, periods = sheet.put("A1", "mrr", "nrr", "leads"), sheet.put("B1", "2026-05", "2026-04")
    assert excel.call("METRIC", handle, metrics, None, periods) == "#VALUE!"
    sheet.put("D1", [handle])
    excel.put(sheet, "F1", "METRIC", handle, metrics, None, periods, formula="=SEGXL_METRIC(D1,A1:A3,,B1:B2)")
    said = "metric has 3 rows and period has 2: they should have as many, or one"
    assert excel.call("WHY", sheet.Range("F1")) == said


def test_a_table_of_too_many_cells_is_refused_at_once(excel: Excel, handle: str, sheet: Sheet) -> None:
    for at in range(1, 1_002):
        sheet.cells[at, 1] = "mrr"
        sheet.cells[1, at] = "2026-05"
    down, across = sheet.Range("A1:A1001"), sheet.Range("A1:ALM1")  # 1,001 columns
    assert across.Columns.Count == 1_001
    assert excel.call("METRIC", handle, down, None, across) == "#VALUE!"


def test_too_many_arguments(excel: Excel, handle: str) -> None:
    assert excel.call("METRIC", handle, "mrr", more=(1.0,)) == "#VALUE!"


def test_a_fault_of_segxl_leaves_no_traceback_in_the_cell(
    excel: Excel, handle: str, sheet: Sheet, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segxl.scorecard.numbers import Numbers

    def broken(*_: object) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(Numbers, "number", broken)
    monkeypatch.setattr("segxl.excel.functions.datasets.Loaded.answers", {}, raising=False)
    cell = sheet.Range("B2")
    assert excel.call("METRIC", handle, "sqos", None, "2025-05", cell=cell) == "#VALUE!"
    sheet.formulas[2, 2] = "=LET(x,1,SEGXL_METRIC(x,x))"  # an argument that only Excel knows
    said = excel.call("WHY", cell)
    assert said.startswith("SEGXL_METRIC failed: two. Please report this") and "\n" not in said
    log = (home / ".segxl" / "segxl.log").read_text()
    assert "ZeroDivisionError" in log and str(home) in said


# --- the JSON's answers ---

FURTHER = ("count", "revenue", "regressed", "count_percent", "revenue_percent", "numerator", "denominator")
Question = tuple[str, str, str]
"""Metric, view, item."""


def questions(metrics: dict[str, Any]) -> Iterator[tuple[Question, Any]]:
    """Every value of a segment's metrics in the JSON, with what METRIC is asked for it."""
    for key, metric in metrics.items():
        for view, found in metric["views"].items():
            if _is_value(found):
                yield from _asked(key, view, "", found, first=next(iter(metric["views"])))
            else:
                for item, one in found.items():
                    yield from _asked(key, view, item, one)


def _is_value(found: dict[str, Any]) -> bool:
    return "value" in found and not isinstance(found["value"], dict)


def _asked(metric: str, view: str, item: str, found: dict[str, Any], first: str = "") -> Iterator[tuple[Question, Any]]:
    if "base" in found:
        yield (metric, view, item), found["change"]
        yield (metric, f"{view}_base", item), found["base"]
        yield (metric, f"{view}_percent", item), found["percent"]
        return
    yield (metric, view, item), found["value"]
    for name, value in found.items():
        if name in ("mom", "qoq", "yoy", "trailing_12", "plan", "variance", "attainment"):
            yield from _asked(metric, f"{view}_{name}", item, value)
        elif name in ("count", "revenue", "regressed", "count_percent", "revenue_percent") or name in (
            "numerator",
            "denominator",
        ):
            yield (metric, f"{view}_{name}", item), value


def compare(excel: Excel, folder: Path, period: str, least: int) -> None:
    """Ask for every value of the JSON in one spilling call a segment."""
    document = json.loads(load(folder).scorecard(period).json())
    handle = excel.call("DATASET", str(folder))
    asked = 0
    for segment, found in document["segments"].items():
        expected = list(questions(found["metrics"]))
        sheet = Sheet(excel.cell.Worksheet.Parent, "questions")
        sheet.put("A1", *([*question] for question, _ in expected))
        metrics, views, items = (sheet.Range(f"{letter}1:{letter}{len(expected)}") for letter in "ABC")
        answers = excel.rows("METRIC", handle, metrics, segment, period, views, items)
        differing = [
            (segment, question, value, answer)
            for (question, value), (answer,) in zip(expected, answers, strict=True)
            if answer != ("#N/A" if value is None else value)
        ]
        assert not differing, differing[:10]
        asked += len(expected)
    assert asked > least


@pytest.mark.slow
def test_the_small_company(excel: Excel, company: Path) -> None:
    compare(excel, company, "2026-05", 500)
    compare(excel, company, "2025-Q2", 500)


def test_a_key_of_the_table_numbers_is_a_view(excel: Excel, company: Path) -> None:
    """What a workbook on Numbers finds, METRIC finds."""
    handle = excel.call("DATASET", str(company))
    result = load(company).scorecard("2026-05", ["SMB"]).result
    asked = [row for row in segment_numbers(result, "SMB") if row.metric in BY_KEY and row.area != "Toggles"]
    asked = [row for row in asked if not row.view.endswith("_months") and row.view != "not_reconstructed"]
    sheet = Sheet(excel.cell.Worksheet.Parent, "questions")
    sheet.put("A1", *([row.metric, row.view, row.item] for row in asked))
    metrics, views, items = (sheet.Range(f"{letter}1:{letter}{len(asked)}") for letter in "ABC")
    answers = excel.rows("METRIC", handle, metrics, "SMB", "2026-05", views, items)
    expected = [["#N/A" if row.value is None else row.value] for row in asked]
    assert len(asked) > 300
    assert [(row[:5], one) for row, one in zip(asked, answers, strict=True)] == [
        (row[:5], one) for row, one in zip(asked, expected, strict=True)
    ]


@pytest.mark.ci
def test_the_demo(excel: Excel, demo_exports: Path) -> None:
    compare(excel, demo_exports, "2026-10", 5_000)


@pytest.mark.ci
@published.here
def test_maven_crm(excel: Excel, tmp_path: Path) -> None:
    folder = published.copied(tmp_path, '[scorecard]\nperiod = "2017-10"\n')
    compare(excel, folder, "2017-10", 2_000)
