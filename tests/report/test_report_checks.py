"""The report's own checks fail where its numbers are wrong; what is not available is grey wherever it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from segxl.facts.presence import Presence
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.report.report import report_pack
from segxl.render.html.writer import write_html
from segxl.render.json.report import report_document
from segxl.render.xlsx.writer import write_xlsx
from segxl.report import checks
from segxl.report.choices import Options
from segxl.report.compute import make
from segxl.report.model import Number, Report
from segxl.report.working import Working
from tests.conftest import Folder
from tests.report_tables import ACCOUNTS, NOW, SNAPSHOTS, activities, deals, stages

Change = Callable[[Report], Report]


def world(folder: Folder, kind: str) -> tuple[Report, Working]:
    data = folder(
        NOW + SNAPSHOTS,
        accounts=ACCOUNTS,
        buying_stages=stages("A,2025-09-01,Target", "A,2025-10-03,Decision", "B,2025-09-01,Target"),
        activities=activities(
            "A,2025-10-10,webinar,engagement",
            "B,2025-10-10,trade_show,engagement",
            "B,2025-09-10,bombora_topic,intent",
        ),
        opportunities=deals("1,A,2025-10-05,,Discovery,100", "2,B,2025-09-05,2025-10-20,Closed Won,7"),
    )
    result, working, _ = make(Presence(data), Options(type=kind, analysis="2025-10", baseline="2025-09"))
    assert result.passed
    return result, working


def more(number: Number) -> Number:
    return replace(number, value=(number.value or 0) + 1)


def in_line(name: str, field: str) -> Change:
    """One more in a number of cohort performance."""

    def change(report: Report) -> Report:
        lines = [
            replace(line, **{field: more(getattr(line, field))}) if line.state == name else line
            for line in report.performance
        ]
        return replace(report, performance=tuple(lines))

    return change


def in_source(name: str, field: str, value: int) -> Change:
    def change(report: Report) -> Report:
        lines: list[Any] = [
            replace(line, **{field: Number(value, getattr(line, field).accounts)}) if line.line.name == name else line
            for line in report.activities
        ]
        return replace(report, activities=tuple(lines))

    return change


def in_grid(row: int, column: int) -> Change:
    def change(report: Report) -> Report:
        counts = [list(line) for line in report.movement.counts or ()]
        counts[row][column] += 1
        return replace(report, movement=replace(report.movement, counts=tuple(map(tuple, counts))))

    return change


def in_month(report: Report) -> Report:
    last = report.over_time.spans[-1]
    counts = tuple(more(number) if rank == 0 else number for rank, number in enumerate(last.counts or ()))
    spans = (*report.over_time.spans[:-1], replace(last, counts=counts))
    return replace(report, over_time=replace(report.over_time, spans=spans))


@pytest.mark.parametrize(
    ("kind", "change", "failed"),
    [
        ("buying-stage", in_grid(1, 4), "The movement grid adds up to the cohort"),
        ("buying-stage", in_grid(1, 4), "The grid's rows match the baseline distribution"),
        ("buying-stage", in_grid(1, 4), "The grid's columns match the analysis distribution"),
        ("engagement", in_grid(1, 4), "The movement grid adds up to the cohort"),
        ("buying-stage", in_line("Decision", "baseline"), "The stages of the baseline add up to the cohort"),
        ("buying-stage", in_line("Decision", "analysis"), "The stages of the analysis add up to the cohort"),
        ("engagement", in_line("Intent", "baseline"), "Every count equals its account list"),
        ("buying-stage", in_month, "The stages of each of the last months or weeks add up to the cohort"),
        ("buying-stage", in_month, "The last month or week matches the analysis distribution"),
        (
            "buying-stage",
            in_line("Decision", "new_pipeline"),
            "The new pipeline by state reconciles to the summary",
        ),
        ("engagement", in_line("Opportunities Won", "total_won"), "The total won by state reconciles to the summary"),
        ("engagement", in_source("Engaged total", "analysis", 0), "Engaged total, analysis: between"),
        ("engagement", in_source("Engaged total", "analysis", 3), "Engaged total, analysis: between"),
        ("engagement", in_source("Intent total", "baseline", 2), "Intent total, baseline: between"),
    ],
)
def test_a_wrong_number_fails_its_check(folder: Folder, kind: str, change: Change, failed: str) -> None:
    result, working = world(folder, kind)
    found = [check for check in checks.run(change(result), working) if not check.passed]
    assert any(check.name.startswith(failed) for check in found), [check.name for check in found]


def test_states_that_do_not_cover_the_cohort_fail(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    result, working = world(folder, "engagement")
    full = Working.in_state
    monkeypatch.setattr(
        Working,
        "in_state",
        lambda self, state, when: full(self, state, when) & (state != "No Engagement"),
    )
    failed = [check.name for check in checks.run(result, working) if not check.passed]
    assert "No Engagement and the other states add up to the cohort in the analysis" in failed


# --- grey wherever it is shown -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["buying-stage", "engagement"])
def test_grey_with_its_reason_in_every_output(folder: Folder, tmp_path: Path, kind: str) -> None:
    """Neither stages nor a CRM, and one source of all."""
    data = folder(NOW, accounts=ACCOUNTS, activities=activities("A,2025-10-10,webinar,engagement"))
    result, working, _ = make(Presence(data), Options(type=kind, analysis="2025-10"))
    why = {"buying-stage": "needs predictive buying stages; the data has none", "engagement": "needs a CRM"}[kind]
    document = report_document(result)
    grey = [line for line in document["performance"] if not line["available"]]
    assert grey and all(line["analysis"] is None and line["new_pipeline"] is None for line in grey)
    assert any(why in line["why"] for line in grey)
    bombora = next(line for line in document["activities"] if line["line"] == "Bombora Topics")
    assert bombora["analysis"] is None and "not connected" in bombora["why"]
    assert document["summary"]["new_pipeline"] is None and "needs a CRM" in document["summary"]["why"]["new_pipeline"]

    pack = report_pack(result, working)
    write_xlsx(pack, tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    rows = {
        str(row[0].value): row
        for sheet in ("Movement", "Activities", "Report")
        for row in book[sheet].iter_rows()
        if row[0].value
    }
    assert any(text.startswith("Not available: ") and why in text for text in rows)
    line = rows["Bombora Topics"]
    assert [cell.value for cell in line[1:7]] == ["n/a"] * 6
    assert {cell.style for cell in line[1:7]} == {"segxl muted"} and "not connected" in str(line[1].comment)
    header = next(row for text, row in rows.items() if text == "From / to")
    assert header is not None
    money = rows["All"][4:8]
    assert [cell.value for cell in money] == ["n/a"] * 4
    assert {cell.style for cell in money} == {"segxl total_muted"}

    write_html(pack, tmp_path / "p.html")
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert re.search(rf"Not available: [^<]*{why}", html)
    assert html.count('class="s-muted"') + html.count('class="s-muted ') > 5
    assert "not connected: the data has no activities of bombora_topic" in html


def test_the_first_pages_say_what_they_count_and_exclude(folder: Folder) -> None:
    result, working = world(folder, "engagement")
    pack = report_pack(result, working)
    words = {
        page.key: " ".join(str(cell.value) for row in page.rows for cell in row.cells if cell) for page in pack.pages
    }
    assert "An ad click is not a state" in words["about"]
    assert "lines do not add up" in words["about"] and "lines do not add up" in words["activities"]
    assert "Retargeting is excluded" in words["activities"]
    assert "New pipeline and total won exclude no opportunity. Plans are in the scorecard." in words["report"]
    assert "this report never includes them" in words["reconciliation"]  # how many rows of retargeting


# --- long lists --------------------------------------------------------------------------------------------------


def test_lists_longer_than_a_sheet_are_whole_over_several_and_say_so(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, working = world(folder, "buying-stage")
    monkeypatch.setitem(AccountLists.__init__.__kwdefaults__, "row_limit", 3)
    pack = report_pack(result, working)
    write_xlsx(pack, tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    sheets = [name for name in book.sheetnames if re.match(r"Accounts \(\d of 2\)", name)]
    assert len(sheets) == 2  # four accounts on sheets of three
    listed = [str(row[1].value) for name in sheets for row in book[name].iter_rows(min_row=5) if row[1].value]
    assert sorted(listed) == ["A", "B", "C", "D"]
    for name in sheets:
        assert "The list continues over" in str(book[name]["A3"].value)
    contents = [str(row[0].value) for row in book["About"].iter_rows() if row[0].hyperlink]
    assert set(sheets) <= set(contents)
