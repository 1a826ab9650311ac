"""The functions that spill tables: the JSON's answers to the same questions; and lists for dropdowns."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from segxl.api import Analysis, load
from segxl.catalogue.metrics import CATALOGUE, find_metric
from tests.excel.functions.conftest import restart
from tests.fake_excel import WRONG, Excel, Sheet
from tests.scorecard import test_published as published

Rows = list[list[Any]]


@pytest.fixture(scope="module")
def demo(demo_exports: Path) -> Analysis:
    return load(demo_exports)


def shown(value: Any) -> Any:
    """A value of the JSON as a cell shows it."""
    return "#N/A" if value is None else value


# --- scorecard ---


def compare_scorecard(excel: Excel, handle: str, document: dict[str, Any], segment: str, period: str) -> None:
    """Each line against the JSON: the current number, its bases, differences, percentages, 12 months and plan."""
    rows = excel.rows("SCORECARD", handle, segment, period)
    header, lines = rows[0], rows[1:]
    base = document["period"]["label"]
    assert header[:4] == ["Area", "Metric", "Line", base]
    word = "mom" if document["period"]["kind"] == "month" else "qoq"
    metrics = document["segments"][segment]["metrics"]
    assert {line[15] for line in lines} == set(metrics)  # every metric has a line, whatever is missing
    for line in lines:
        area, name, _, current = line[:4]
        unit, key, view, item = line[14:]
        metric = metrics[key]
        assert (name, area) == (metric["name"], next(one.area for one in CATALOGUE if one.key == key))
        views = metric["views"]
        if key not in ("phase_conversion",) and view not in views:
            continue
        whole = views.get(view, {})
        found = whole.get(item) if item else whole
        if not found or "value" not in found:
            assert current == "#N/A"  # a metric whose items are unknown
            continue
        assert current == shown(found["value"]), (key, view, item)
        first = view == next(iter(views)) and not item
        beside = views if first else found
        for at, comparison in ((4, word), (7, "yoy")):
            entry = beside.get(comparison) or views.get(f"{view}_{comparison}")
            if entry is not None and item and item in entry:
                entry = entry[item]
            if entry is None:
                continue
            percent = "" if unit == "rate" else shown(entry["percent"])
            assert line[at : at + 3] == [shown(entry["base"]), shown(entry["change"]), percent], (key, view, item)
        bare = view == find_metric(key).planned_cut.key
        plans = found if item else {name: views.get(name if bare else f"{view}_{name}") for name in PLAN}
        values = [plans[name]["value"] for name in PLAN] if plans.get("plan") else ["", "", ""]
        assert line[11:14] == [shown(value) for value in values], (key, view, item)


PLAN = ("plan", "variance", "attainment")


@pytest.mark.ci
def test_the_scorecard_of_the_demo(excel: Excel, demo: Analysis, demo_exports: Path) -> None:
    handle = excel.call("DATASET", str(demo_exports))
    segment = demo.dataset.segments.names[1]
    for period in ("2026-10", "2026-Q3"):
        document = json.loads(demo.scorecard(period, [segment]).json())
        compare_scorecard(excel, handle, document, segment, period)


@published.here
def test_the_scorecard_of_maven_crm(excel: Excel, tmp_path: Path) -> None:
    published.copied(tmp_path)
    handle = excel.call("DATASET", str(tmp_path))
    document = json.loads(load(tmp_path).scorecard("2017-10", ["retail"]).json())
    compare_scorecard(excel, handle, document, "retail", "2017-10")


def test_a_table_without_headers(excel: Excel, handle: str) -> None:
    whole = excel.rows("SCORECARD", handle, "SMB", "2026-05")
    assert excel.rows("SCORECARD", handle, "SMB", "2026-05", False) == whole[1:]
    assert excel.rows("SCORECARD", handle, "SMB", "2026-05", "yes") == whole
    assert excel.call("SCORECARD", handle, "SMB", "2026-05", "maybe") == "#VALUE!"


# --- report ---

OPTIONS: list[dict[str, Any]] = [
    {},
    {"type": "engagement", "cohort": "analysis"},
    {"analysis": "2026-07..2026-09", "exclude_zero": True, "exclude_irrelevant": True},
    {"analysis": "2026-W40", "baseline": "2026-W38"},
]


@pytest.mark.ci
@pytest.mark.parametrize("options", OPTIONS, ids=["default", "engagement", "range", "week"])
def test_the_report_of_the_demo(excel: Excel, demo: Analysis, demo_exports: Path, options: dict[str, Any]) -> None:
    handle = excel.call("DATASET", str(demo_exports))
    segment = demo.dataset.segments.names[1]
    document = json.loads(demo.report(segments=(segment,), **options).json())
    names = ("analysis", "baseline", "cohort", "type", "product_category", "exclude_zero", "exclude_irrelevant")
    arguments = [handle, segment.upper(), *(options.get(name) for name in names)]
    summary = excel.rows("SUMMARY", *arguments)
    keys = ("total_accounts", "increased", "decreased", "net_engaged", "new_pipeline", "total_won")
    assert [value for _, value in summary[1:]] == [shown(document["summary"][key]) for key in keys]
    performance = excel.rows("PERFORMANCE", *arguments)
    columns = ("state", "baseline", "analysis", "new_pipeline", "total_won")
    columns += ("baseline_new_pipeline", "baseline_total_won")
    assert performance[1:] == [[shown(line[name]) for name in columns] for line in document["performance"]]
    movement = document["movement" if document["type"] == "buying-stage" else "state_movement"]
    grid = excel.rows("MOVEMENT", *arguments)
    assert grid[0][1:] == [line[0] for line in grid[1:]] == movement["stages"]
    assert [line[1:] for line in grid[1:]] == movement["counts"]
    activities = excel.rows("ACTIVITIES", *arguments)
    columns = ("panel", "team", "line", "baseline", "analysis", "change", "new_pipeline", "total_won")
    assert activities[1:] == [[shown(line[name]) for name in columns] for line in document["activities"]]


@pytest.mark.parametrize(
    ("analysis", "label"),
    [
        ("Apr 2026", "2026-04"),
        ("2025-Q2", "2025-04..2025-06"),
        ("Q2 FY25", "2025-04..2025-06"),
        (46143.0, "2026-05"),
        ("month", "2026-05"),
        (None, "2026-05"),
    ],
)
def test_a_timeframe_as_people_type_it(excel: Excel, handle: str, analysis: Any, label: str) -> None:
    assert excel.rows("SUMMARY", handle, "", analysis)[0] == ["Summary", label]


def test_the_accounts_behind_a_count(excel: Excel, handle: str, sheet: Sheet) -> None:
    """In May A1 and A2 won, A3 did not; all three had an opportunity in April or May."""
    blank = [None] * 7
    rows = excel.rows("ACCOUNTS", handle, None, "2026-05", *blank[:6], "performance", "Opportunities Won")
    assert rows[0][:3] == ["Account", "Account ID", "Geo"]
    assert [row[1] for row in rows[1:]] == ["A1", "A2"]
    both = sheet.put("A1", "SMB", "R&D / EU")
    rows = excel.rows("ACCOUNTS", handle, both, "2026-05", *blank[:6], "summary", "total_accounts", False)
    assert [row[1] for row in rows] == ["A1", "A2", "A3"]


@pytest.mark.slow
def test_the_accounts_behind_every_count_of_the_demo(excel: Excel, demo: Analysis, demo_exports: Path) -> None:
    handle, segment = excel.call("DATASET", str(demo_exports)), demo.dataset.segments.names[1]
    blank = [None] * 7
    for state, baseline, analysis in (row[:3] for row in excel.rows("PERFORMANCE", handle, segment)[1:]):
        for when, count in (("baseline", baseline), ("analysis", analysis)):
            rows = excel.rows("ACCOUNTS", handle, segment, *blank, "performance", f"{state},{when}", False)
            assert len({row[1] for row in rows} - {""}) == count
    days = [row[-1] for row in excel.rows("ACCOUNTS", handle, segment, *blank, "summary", "total_accounts", False)]
    assert {type(day) for day in days} == {datetime}  # as COM takes a date


@pytest.mark.parametrize(
    ("part", "cell", "said"),
    [
        (None, None, "name a part: part is one of summary, performance, movement, activities, stages_over_time"),
        ("summary", "wons", "no cell 'wons': cell takes one of"),
        ("movement", "Intent", "for movement, cell takes two states, from and to, like cell Intent,Anonymous"),
    ],
)
def test_a_count_that_is_not_there(excel: Excel, handle: str, sheet: Sheet, part: Any, cell: Any, said: str) -> None:
    sheet.put("A1", [handle, part, cell])
    arguments = [handle, *[None] * 8, part, cell]
    found = excel.put(sheet, "E1", "ACCOUNTS", *arguments, formula="=SEGXL_ACCOUNTS(A1,,,,,,,,,B1,C1)")
    assert said in excel.call("WHY", found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Smb2"], "no segment 'Smb2'"),
        (["", "soon"], "no timeframe 'soon'"),
        (["", "2026-05", "2026-05"], "the baseline 2026-05 must end before the analysis 2026-05 starts"),
        (["", "", "", "tomorrow"], "no cohort 'tomorrow'"),
        (["", "", "", "", "stages"], "no type 'stages'"),
        (["", "", "", "", "", "", "maybe"], "exclude_zero is 'maybe': write TRUE or FALSE"),
        (["", "2026-07"], "2026-07"),
    ],
)
def test_options_that_are_wrong(excel: Excel, handle: str, sheet: Sheet, arguments: list[Any], said: str) -> None:
    sheet.put("A1", [handle])
    words = ",".join(f'"{one}"' for one in arguments)
    cell = excel.put(sheet, "B1", "SUMMARY", handle, *arguments, formula=f"=SEGXL_SUMMARY(A1,{words})")
    sentence = excel.call("WHY", cell)
    assert said in sentence and "--" not in sentence and "allow" not in sentence


# --- lists ---


def test_lists_for_dropdowns(excel: Excel, handle: str) -> None:
    keys = [metric.key for metric in CATALOGUE]
    assert excel.rows("METRICS") == [[key] for key in keys]
    detailed = excel.rows("METRICS", True)
    assert detailed[0] == ["Key", "Name", "Area", "Unit", "Better", "Definition"]
    assert [row[0] for row in detailed[1:]] == keys
    assert excel.rows("SEGMENTS", handle) == [["All accounts"], ["R&D / EU"], ["SMB"]]
    views = [row[0] for row in excel.rows("VIEWS", "won_revenue")]
    assert (
        views[:5] == ["total", "mom", "qoq", "yoy", "trailing_12"] and "by_geo" in views and views[-1] == "attainment"
    )
    assert excel.call("VIEWS", "won") == excel.call("VIEWS", None) == "#VALUE!"


@pytest.mark.slow
def test_every_listed_view_is_answered(excel: Excel, handle: str, sheet: Sheet) -> None:
    """With a number, or without one; a view with items asks for the item."""
    sheet.put("A1", [handle])
    for metric in CATALOGUE:
        views = [view for (view,) in excel.rows("VIEWS", metric.key)]
        sheet.put("B1", *views)
        periods = ["2025-Q2" if view.endswith("qoq") else "2026-05" for view in views]
        sheet.put("C1", *periods)
        ranges = [sheet.Range(f"{column}1:{column}{len(views)}") for column in "BC"]
        formula = f'=SEGXL_METRIC(A1,"{metric.key}",,C1:C{len(views)},B1:B{len(views)})'
        filled = excel.put(sheet, "E1", "METRIC", handle, metric.key, "", ranges[1], ranges[0], formula=formula)
        for at, (answer,) in enumerate(filled.Value, start=1):
            if answer == WRONG:
                assert "has several items; name one of: " in excel.call("WHY", sheet.Cells(at, 5))


def test_tables_after_a_restart(excel: Excel, handle: str) -> None:
    before = excel.rows("SCORECARD", handle, "SMB", "2026-05")
    restart()
    assert excel.rows("SCORECARD", handle, "SMB", "2026-05") == before
