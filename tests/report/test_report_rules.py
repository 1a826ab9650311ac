"""Each rule of the report broken, and its message read; timeframes, defaults, chance, lists and files."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import segxl
from segxl.cli.commands import commands
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.facts.presence import Presence
from segxl.pages.drillthrough.report_accounts import AccountLists
from segxl.pages.report.report import report_pack
from segxl.periods import parse_span
from segxl.report.choices import Options
from segxl.report.compute import make
from segxl.report.explain import explain, find_line
from segxl.report.mcnemar import chance_text, mcnemar
from segxl.report.model import Number, Selector
from segxl.report.states import LINES
from tests.conftest import Folder, write_folder
from tests.report_lists import column, listed
from tests.report_tables import ACCOUNTS, MEMBERS, NOW, SEGMENTS, SNAPSHOTS, activities, deals, stages

WEB = activities("A,2025-01-10,anonymous_web,engagement", "A,2025-10-31,anonymous_web,engagement")


def refused(dataset: Dataset, **options: Any) -> str:
    with pytest.raises(SegxlError) as error:
        make(Presence(dataset), Options(**options))
    return str(error.value)


# --- timeframes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "start", "end", "available"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 3)),
        ("2026-07..2026-09", date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 3)),
        ("2026-12..2026-12", date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 3)),
        ("2026-w41", date(2026, 10, 5), date(2026, 10, 11), date(2026, 10, 12)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3), date(2027, 1, 4)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 3)),
    ],
)
def test_spans(text: str, start: date, end: date, available: date) -> None:
    span = parse_span(text)
    assert (span.window.start, span.window.end, span.available_on) == (start, end, available)
    assert parse_span(span.label) == span


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2025-W53", "the year 2025 has no week 53"),
        ("2026-W00", "has no week 0"),
        ("2026-09..2026-07", "ends before it starts"),
        ("2026-13", "is not a timeframe"),
        ("2026-Q3", "2026-07..2026-09"),
        ("October", "is not a timeframe"),
        ("0000-01", "is not a timeframe"),
    ],
)
def test_spans_that_are_none(text: str, said: str) -> None:
    with pytest.raises(SegxlError, match=said):
        parse_span(text)


@pytest.mark.parametrize(
    ("run_date", "timeframe", "baseline", "analysis"),
    [
        ("2025-11-02", None, "2025-08", "2025-09"),  # October comes on the 3rd
        ("2025-11-03", None, "2025-09", "2025-10"),
        ("2025-11-02", "range", "2025-04..2025-06", "2025-07..2025-09"),
        ("2025-11-03", "range", "2025-05..2025-07", "2025-08..2025-10"),
        ("2025-11-02", "week", "2025-W42", "2025-W43"),  # a Sunday: its week is not over
        ("2025-11-03", "week", "2025-W43", "2025-W44"),
        ("2026-03-20", None, "2025-09", "2025-10"),  # the data ends in October
    ],
)
def test_defaults_step_back_to_what_is_available(
    folder: Folder, run_date: str, timeframe: str | None, baseline: str, analysis: str
) -> None:
    data = folder(f"run_date = {run_date}\n", accounts=ACCOUNTS, activities=WEB)
    result, _, said = make(Presence(data), Options(timeframe=timeframe))
    timeframes = result.choice.timeframes
    assert (timeframes.baseline.label, timeframes.analysis.label) == (baseline, analysis)
    assert analysis in said
    if run_date == "2025-11-02" and timeframe is None:
        assert "2025-10 is available from 2025-11-03" in said
    if run_date == "2026-03-20":
        assert "with data" in said


def test_one_timeframe_of_two(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, activities=WEB)
    after = make(Presence(data), Options(analysis="2025-04..2025-05"))[0].choice.timeframes
    before = make(Presence(data), Options(baseline="2025-05"))[0].choice.timeframes
    assert (after.baseline.label, after.analysis.label) == ("2025-02..2025-03", "2025-04..2025-05")
    assert (before.baseline.label, before.analysis.label) == ("2025-05", "2025-10")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"analysis": "2025-11"}, "2025-11 is not available before 2025-12-03"),
        ({"analysis": "2025-W45"}, "2025-W45 is not available before 2025-11-10"),
        ({"analysis": "2025-09", "baseline": "2025-09"}, "must end before the analysis 2025-09 starts"),
        ({"analysis": "2025-09", "baseline": "2025-10"}, "choose one that ends by 2025-08-31"),
        ({"analysis": "2025-09", "timeframe": "month"}, "not both"),
        ({"timeframe": "quartr"}, "no timeframe 'quartr'.* month, range, week"),
        ({"timeframe": "crooked"}, "its baseline 2025-08-02 to 2025-08-31 is not one calendar month"),
        ({"timeframe": "half"}, "analysis_start, analysis_end is blank"),
        ({"timeframe": "backwards"}, "ends before it starts"),
        ({"timeframe": "long"}, "is 2 months; give it the kind range"),
        ({"cohort": "tomorrow"}, "no cohort 'tomorrow'; use one of today, baseline, analysis"),
        ({"type": "stages"}, "no type 'stages'.*buying-stage, engagement"),
        ({"segments": ("Priorty",)}, "no segment 'Priorty'; did you mean 'Priority'"),
        (
            {"segments": ("Nurture",), "cohort": "baseline", "analysis": "2025-10"},
            "created on 2025-09-15, not before the baseline timeframe starts on "
            "2025-09-01.*--cohort analysis, or --cohort today",
        ),
        (
            {"segments": ("Nurture",), "cohort": "analysis", "analysis": "2025-09"},
            "created on 2025-09-15, not before the analysis timeframe starts on 2025-09-01.*--cohort today",
        ),
    ],
)
def test_rules_and_their_messages(folder: Folder, options: dict[str, Any], said: str) -> None:
    timeframes = """timeframe,kind,baseline_start,baseline_end,analysis_start,analysis_end
crooked,month,2025-08-02,2025-08-31,2025-09-01,2025-09-30
half,month,2025-08-01,2025-08-31,,
backwards,,2025-08-31,2025-08-01,2025-09-01,2025-09-30
long,month,2025-05-01,2025-06-30,2025-09-01,2025-09-30
"""
    data = folder(
        NOW, accounts=ACCOUNTS, activities=WEB, segments=SEGMENTS, segment_members=MEMBERS, timeframes=timeframes
    )
    message = refused(data, **options)
    assert re.search(said, message), message


def test_named_timeframes(folder: Folder) -> None:
    rows = """timeframe,kind,baseline_start,baseline_end,analysis_start,analysis_end
Launch,range,2025-04-01,2025-06-30,2025-07-01,2025-09-30
Sprint,week,2025-09-29,2025-10-05,2025-10-06,2025-10-12
Usual,week,,,,
"""
    data = folder(NOW + '[report]\ntimeframe = "launch"\n', accounts=ACCOUNTS, activities=WEB, timeframes=rows)

    def labels(**options: Any) -> tuple[str, str]:
        chosen = make(Presence(data), Options(**options))[0].choice.timeframes
        return chosen.baseline.label, chosen.analysis.label

    assert labels() == ("2025-04..2025-06", "2025-07..2025-09")
    assert labels(timeframe="SPRINT") == ("2025-W40", "2025-W41")
    assert labels(timeframe="Usual") == ("2025-W43", "2025-W44")
    assert labels(analysis="2025-05") == ("2025-04", "2025-05")  # a flag wins over the setting


def test_warnings_are_notes(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, activities=WEB, segments=SEGMENTS, segment_members=MEMBERS)

    def notes(**options: Any) -> str:
        return " | ".join(make(Presence(data), Options(**options))[0].notes)

    assert "differ in length (1 month and 2 months)" in notes(baseline="2025-08", analysis="2025-09..2025-10")
    assert "2024-05 is outside the data" in notes(analysis="2025-10", baseline="2024-05")
    late = notes(segments=("Nurture",), analysis="2025-08")
    assert "Segment Nurture was created on 2025-09-15, after the analysis timeframe ended on 2025-08-31" in late
    assert "created" not in notes(segments=("Nurture",), analysis="2025-09")


def test_a_segment_without_a_creation_date_is_not_checked_and_that_is_said(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, activities=WEB, segment_members="segment,account_id\nOne,A\n")
    result, _, _ = make(Presence(data), Options(segments=("One",), cohort="baseline"))
    assert any(
        "Segment One has no created date; segxl did not check that it existed in time" in note for note in result.notes
    )


def test_a_cut_off_before_the_end_is_refused(folder: Folder) -> None:
    data = folder(NOW + "as_of = 2025-10-30\n", accounts=ACCOUNTS, activities=WEB)
    assert "the data cut-off is 2025-10-30, before the end of 2025-10" in refused(data, analysis="2025-10")
    assert make(Presence(data), Options())[0].choice.timeframes.analysis.label == "2025-01"  # where the data is


@pytest.mark.parametrize(
    ("settings", "options", "said"),
    [
        ('[report]\nsources = ["bombora"]\n', {}, "no source 'bombora'; did you mean 'bombora_topic'"),
        (
            '[report]\nirrelevant = { tipe = ["x"] }\n',
            {"exclude_irrelevant": True},
            "report.irrelevant.tipe: opportunities have no column 'tipe'; did you mean 'type'",
        ),
    ],
)
def test_settings_that_lead_nowhere(folder: Folder, settings: str, options: dict[str, Any], said: str) -> None:
    data = folder(NOW + settings, accounts=ACCOUNTS, activities=WEB, opportunities=deals("1,A,2025-10-05,,Discovery,1"))
    assert said in refused(data, **options)


def test_a_stage_map_to_no_stage_and_a_kind_that_nobody_said(folder: Folder) -> None:
    rows = stages("A,2025-10-01,Target")
    with pytest.raises(SegxlError, match="'Decisive' is not a buying stage; did you mean 'Decision'"):
        folder(NOW + SNAPSHOTS + '[stage_map]\n"X" = "Decisive"\n', accounts=ACCOUNTS, buying_stages=rows)
    untold = folder(NOW, accounts=ACCOUNTS, buying_stages=rows)
    assert '[tables.buying_stages] add kind = "snapshots" (a row per' in refused(untold, type="buying-stage")


def test_irrelevant_without_any_word_of_it_is_said(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, opportunities=deals("1,A,2025-10-05,,Discovery,1"))
    notes = make(Presence(data), Options(exclude_irrelevant=True))[0].notes
    assert any("irrelevant opportunities are not defined" in note for note in notes)


def test_a_product_category_without_any_column_filters_nothing_and_that_is_said(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, activities=WEB)
    result, _, _ = make(Presence(data), Options(product_category="Core"))
    assert result.passed
    assert any("has no effect, because no table has the column product_category" in note for note in result.notes)


def test_a_segment_that_only_rows_name_has_no_accounts(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, opportunities=deals("1,A,2025-10-05,,Discovery,1,Odd", columns=",segment"))
    assert "segment 'Odd' has no accounts" in refused(data, segments=("Odd",))


def test_an_unknown_product_category(folder: Folder) -> None:
    rows = deals("1,A,2025-10-05,,Discovery,1,Core", columns=",product_category")
    data = folder(NOW, accounts=ACCOUNTS, opportunities=rows)
    assert "no product category 'Cor'; did you mean 'Core'?" in refused(data, product_category="Cor")


# --- chance -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("up", "down", "p"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 1, 0.21875), (1, 5, 0.21875), (10, 0, 2 / 1024), (3, 3, 1.0)],
)
def test_mcnemar_by_hand(up: int, down: int, p: float) -> None:
    assert mcnemar(up, down) == pytest.approx(p)


def test_mcnemar_of_many_is_the_same_by_logarithms(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = mcnemar(2080, 1920)
    monkeypatch.setattr("segxl.report.mcnemar._EXACT", 10)
    assert mcnemar(2080, 1920) == pytest.approx(exact, rel=1e-9)
    assert mcnemar(600_000, 400_000) == 0.0


def test_the_line_says_that_a_cohort_is_a_census() -> None:
    text = chance_text("Buying stage", 5, 1, "rose", "fell")
    assert text.startswith("Buying stage: 5 accounts rose, 1 fell.")
    assert "would occur 1 time in 5 (exact McNemar test)" in text  # 14 / 64 = 0.22
    assert "The counts cover the whole cohort and have no sampling error." in text
    assert chance_text("Engaged at all", 1, 0, "became engaged", "ceased to be").startswith(
        "Engaged at all: 1 account became engaged, 0 ceased to be."
    )
    assert "no test is possible" in chance_text("Buying stage", 0, 0, "rose", "fell")


# --- lists, explain, files --------------------------------------------------------------------------------------


def world(folder: Folder) -> Dataset:
    return folder(
        NOW + SNAPSHOTS,
        accounts="account_id,name,geo,sales_team\n=A,=Alpha,East,Red\nB,Beta,,\nC,Gamma,West,Blue\nD,,,\n",
        buying_stages=stages("=A,2025-09-01,Target", "=A,2025-10-03,Decision", "B,2025-09-01,Target"),
        activities=activities(
            "=A,2025-09-10,webinar,engagement",
            "B,2025-10-10,webinar,engagement",
            "=A,2025-10-10,webinar,engagement",
            "C,2025-10-11,crm_map_campaign,reach",
            "D,2025-10-11,crm_map_campaign,engagement",
        ),
        opportunities=deals("1,=A,2025-10-05,,Discovery,100.25", "2,B,2025-09-05,2025-10-20,Closed Won,7"),
    )


@pytest.mark.parametrize("kind", ["buying-stage", "engagement"])
def test_every_count_is_the_rows_that_meet_its_conditions(folder: Folder, kind: str) -> None:
    result, working, _ = make(Presence(world(folder)), Options(type=kind))
    lists = AccountLists(result, working, "x")
    pages = {page.key: page for page in lists.pages}
    summary = result.summary
    numbers = [summary.total_accounts, summary.increased, summary.decreased, summary.gained, summary.lost]
    numbers.append(summary.to_call)
    if kind == "engagement":
        numbers += [working.count(Selector("engaged", "", when)) for when in ("baseline", "analysis")]
    for line in (*result.performance, *result.activities):
        numbers += [line.baseline, line.analysis]
    for row, before in enumerate(working.states):
        for at, after in enumerate(working.states):
            assert result.movement.counts is not None
            numbers.append(Number(result.movement.counts[row][at], Selector("movement", before, after)))
    numbers += [number for one in result.over_time.spans for number in one.counts or ()]
    if kind == "buying-stage":
        numbers = [number for number in numbers if number.accounts and number.accounts.part not in ("gained", "lost")]
    compared = 0
    for number in numbers:
        if number.accounts is None:
            continue
        codes = working.accounts(number.accounts)
        expected = sorted(working.presence.dataset.account_ids[code] for code in codes)
        assert listed(lists, number.accounts) == expected and len(expected) == number.value
        link = lists.link(number.accounts)
        if not number.value:
            assert link is None
            continue
        assert link is not None
        page = pages[link.page]
        assert page.records is not None
        top = len(page.rows) + 2
        if link.first < top:  # not in one block: the header, whose filter shows them
            assert link.first == link.last == top - 1
            continue
        ids = column(page, "Account ID")[link.first - top : link.last - top + 1]
        assert sorted(map(str, ids)) == expected
        compared += 1
    assert compared > 5


def test_each_account_is_listed_once_and_those_that_moved_up_come_first(folder: Folder) -> None:
    result, working, _ = make(Presence(world(folder)), Options(type="buying-stage"))
    accounts, sources = AccountLists(result, working, "x").pages
    assert column(accounts, "Account ID") == ["=A", "B", "D", "C"]  # rose; fell; the same, by name: D has none
    assert column(accounts, "Change") == ["Rose", "Fell", "Same", "Same"]
    assert column(accounts, "New pipeline") == [100.25, None, None, None]
    assert column(accounts, "Total won") == [None, 7, None, None]
    assert column(accounts, "New pipeline baseline") == [None, 7, None, None]
    assert column(sources, "Attended Webinars") == ["Both", "Analysis", None, None]
    assert column(sources, "CRM MAP Campaigns Reached") == [None, None, None, "Analysis"]


def test_a_list_longer_than_a_sheet_goes_on_on_the_next(folder: Folder) -> None:
    result, working, _ = make(Presence(world(folder)), Options(type="engagement"))
    lists = AccountLists(result, working, "x", row_limit=3)
    assert {page.key for page in lists.pages} >= {"accounts", "accounts_2"}
    link = lists.link(Selector("cohort"))  # four accounts on sheets of three
    assert link is not None
    assert link.last - link.first + 1 == 3
    words = [cell.value for page in lists.pages for row in page.rows for cell in row.cells if cell]
    assert any("The list continues over" in str(word) for word in words)
    assert lists.count_formula(Selector("cohort")) is None  # no formula over one sheet would be right
    listed_ids = [
        name for page in lists.pages if page.key.startswith("accounts") for name in column(page, "Account ID")
    ]
    assert sorted(map(str, listed_ids)) == ["=A", "B", "C", "D"]


def test_explain(folder: Folder) -> None:
    result, working, _ = make(Presence(world(folder)), Options(type="buying-stage"))

    def text(part: str, cell: str) -> str:
        return explain(result, working, part, cell)

    grid = text("movement", "target,DECISION")
    assert grid.startswith("Target → Decision: 1\n")
    assert "=Alpha" in grid and "100.25" in grid and grid.endswith("1 account")
    assert "2025-10-10" in grid
    assert text("summary", "total_won").startswith("Total won: 7\n")
    assert "Beta" in text("summary", "total_won")
    assert text("performance", "Target,baseline").endswith("2 accounts")
    assert text("activities", "Webinars").endswith("2 accounts")
    assert text("activities", "Reach: CRM/MAP Campaigns,analysis").endswith("1 account")
    assert text("activities", "CRM/MAP Campaigns Engaged").endswith("1 account")


@pytest.mark.parametrize(
    ("part", "cell", "said"),
    [
        (None, "x", "--part is one of summary, performance, movement, activities"),
        ("sumary", "x", "no part 'sumary'"),
        ("summary", None, "--cell takes one of total_accounts"),
        ("summary", "net_engaged", "not available: shown in the engagement report"),
        ("performance", "Decison", "did you mean 'Decision'"),
        ("performance", "Decision,later", "no timeframe 'later'"),
        ("performance", "Decision,analysis,x", "remove 'x'"),
        ("movement", "Target", "two states, from and to, like --cell Target,Awareness"),
        (
            "activities",
            "CRM/MAP Campaigns",
            "several lines match 'CRM/MAP Campaigns': use one of CRM/MAP Campaigns Reached",
        ),
        ("activities", "G2 Intent", "G2 Intent, analysis is not available: not connected"),
        ("activities", "Bombora Topic", "did you mean 'Bombora Topics'"),
    ],
)
def test_explain_says_what_to_change(folder: Folder, part: str | None, cell: str | None, said: str) -> None:
    result, working, _ = make(Presence(world(folder)), Options(type="buying-stage"))
    with pytest.raises(SegxlError) as error:
        explain(result, working, part, cell)
    assert said in str(error.value)


def test_lines_are_22_and_every_label_is_its_own() -> None:
    assert len(LINES) == 22
    assert len({line.label for line in LINES}) == len({line.key for line in LINES}) == 22
    assert all(find_line(line.label) is find_line(line.key) is line for line in LINES)


def test_a_cohort_of_nobody_is_a_report_of_zeros(folder: Folder) -> None:
    data = folder(NOW + SNAPSHOTS, accounts=ACCOUNTS, segments=SEGMENTS, buying_stages=stages("A,2025-10-01,Target"))
    result, working, _ = make(Presence(data), Options(segments=("Priority",), type="buying-stage"))
    assert result.passed
    assert result.summary.total_accounts.value == 0
    assert any("The cohort has no accounts" in note for note in result.notes)
    assert report_pack(result, working).pages[0].key == "report"


def test_nothing_but_accounts_is_all_grey(folder: Folder) -> None:
    result, working, _ = make(Presence(folder(NOW, accounts=ACCOUNTS)), Options(type="buying-stage"))
    assert result.passed
    assert not any(line.available for line in (*result.performance, *result.activities))
    words = [str(cell.value) for row in report_pack(result, working).pages[0].rows for cell in row.cells if cell]
    assert any("Not available: No stage, Target" in word for word in words)


def test_python_makes_and_writes_the_same_report(folder: Folder, tmp_path: Path) -> None:
    result = segxl.Analysis(world(folder)).report(type="engagement", analysis="2025-10")
    paths = [path for path, _ in result.write(tmp_path / "out", ("json", "html"))]
    assert [path.suffix for path in paths] == [".json", ".html"]
    document = json.loads(paths[0].read_text(encoding="utf-8"))
    assert document["summary"]["total_accounts"] == 4
    page = paths[1].read_text(encoding="utf-8")
    assert "Cohort movement" in page and "Activities by source" in page


@pytest.mark.slow
def test_the_command_writes_the_same_bytes_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_folder(
        tmp_path / "source",
        {
            "accounts": ACCOUNTS,
            "activities": WEB,
            "segments": SEGMENTS,
            "segment_members": MEMBERS,
            "buying_stages": stages("A,2025-09-01,Target", "B,2025-10-03,Decision"),
            "opportunities": deals("1,B,2025-10-05,2025-10-20,Closed Won,100.25"),
        },
        NOW + SNAPSHOTS,
    )
    arguments = ["report", str(source), "--segment", "Priority", "--segment", "Nurture", "--format", "xlsx"]
    arguments += ["--format", "json", "--cohort", "analysis"]
    for name in ("one", "two"):
        assert commands.main([*arguments, "--out", str(tmp_path / name)], standalone_mode=False) == 0
    said = capsys.readouterr().out
    assert "latest available month: 2025-10" in said
    files = sorted((tmp_path / "one").iterdir())
    assert [path.name for path in files] == [
        f"report-buying-stage-2025-10-against-2025-09-priority-nurture.{kind}" for kind in ("json", "xlsx")
    ]
    assert all(path.read_bytes() == (tmp_path / "two" / path.name).read_bytes() for path in files)
    document = json.loads(files[0].read_text(encoding="utf-8"))
    assert document["summary"]["total_accounts"] == 1
    sheet = openpyxl.load_workbook(files[1])["Report"]
    words = {str(cell.value): cell for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert "Buying stages · Oct 2025" in words
    links = [cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert any(location.startswith("'Accounts'!") for location in links)
    assert commands.main(["report", str(source), "--format", "json", "--timeframe", "week"], standalone_mode=False) == 0
    assert json.loads(capsys.readouterr().out)["timeframes"] == {"baseline": "2025-W43", "analysis": "2025-W44"}
    explained = ["explain", str(source), "report", "--part", "movement", "--cell", "No stage,Decision"]
    assert commands.main(explained, standalone_mode=False) == 0
    assert "Beta" in capsys.readouterr().out


# --- further rules ----------------------------------------------------------------------------------------------


def test_a_partial_timeframe_is_taken_only_when_asked_for_and_that_is_said(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, activities=WEB)
    assert "or add --allow-partial" in refused(data, analysis="2025-11")
    notes = make(Presence(data), Options(analysis="2025-11", allow_partial=True))[0].notes
    assert "2025-11 is not complete" in notes


def test_a_week_against_a_month_differs_in_length(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, activities=WEB)
    notes = make(Presence(data), Options(analysis="2025-10", baseline="2025-W38"))[0].notes
    assert any("differ in length (1 week and 1 month)" in note for note in notes)


def test_timeframes_that_overlap_are_refused(folder: Folder) -> None:
    data = folder(NOW, accounts=ACCOUNTS, activities=WEB)
    said = refused(data, analysis="2025-09..2025-10", baseline="2025-07..2025-09")
    assert "2025-07..2025-09 must end before the analysis 2025-09..2025-10 starts" in said


@pytest.mark.parametrize(("created", "cohort", "allowed"), [
    ("2025-08-31", "baseline", True),
    ("2025-09-01", "baseline", False),  # on its first day: not before it
    ("2025-09-30", "analysis", True),
    ("2025-10-01", "analysis", False),
    ("2025-11-01", "today", True),
])  # fmt: skip
def test_a_segment_is_created_before_the_timeframe_of_its_cohort(
    folder: Folder, created: str, cohort: str, allowed: bool
) -> None:
    segments = f"segment,created_on\nOne,{created}\n"
    data = folder(
        NOW, accounts=ACCOUNTS, activities=WEB, segments=segments, segment_members="segment,account_id\nOne,A\n"
    )
    options = {"segments": ("One",), "cohort": cohort, "analysis": "2025-10", "baseline": "2025-09"}
    if allowed:
        notes = make(Presence(data), Options(**options))[0].notes  # type: ignore[arg-type]
        assert any("after the analysis timeframe ended" in note for note in notes) == (cohort == "today")
    else:
        assert f"not before the {cohort} timeframe starts on {created}" in refused(data, **options)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('environment = "predictve"', "report.environment: should be 'auto', 'no_crm', 'crm' or 'predictive'"),
        ('cohort = "tody"', "report.cohort: should be 'today', 'baseline' or 'analysis', not 'tody'"),
        ('type = "stages"', "report.type: should be 'buying-stage' or 'engagement', not 'stages'"),
        ('segment = "x"', "report.segment: unknown key; did you mean 'segments'"),
        ("exclude_zero = 3", "report.exclude_zero"),
        ('irrelevant = { type = { like = "x" } }', "report.irrelevant.type.like: unknown key"),
    ],
)
def test_settings_of_the_report_that_are_none(folder: Folder, line: str, said: str) -> None:
    with pytest.raises(SegxlError) as error:
        folder(NOW + f"[report]\n{line}\n", accounts=ACCOUNTS)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [('segments = ["x"]', "no segment 'x'"), ('timeframe = "x"', "no timeframe 'x'")],
)
def test_names_in_the_settings_that_lead_nowhere(folder: Folder, line: str, said: str) -> None:
    assert said in refused(folder(NOW + f"[report]\n{line}\n", accounts=ACCOUNTS, activities=WEB))


def test_files_of_stages_that_differ_in_kind(folder: Folder) -> None:
    files = "".join(
        f'[[tables.buying_stages]]\nfile = "{name}.csv"\nkind = "{kind}"\n'
        for name, kind in (("one", "snapshots"), ("two", "changes"))
    )
    row = stages("A,2025-10-01,Target")
    said = refused(folder(NOW + files, accounts=ACCOUNTS, one=row, two=row), type="buying-stage")
    assert "tables.buying_stages.kind: set the same kind for all its files" in said


def test_activities_of_no_source_or_kind_are_rejected_with_their_row(folder: Folder) -> None:
    rows = activities("A,2025-10-02,webinr,engagement", "A,2025-10-02,webinar,engaged", "A,2025-10-02,webinar,reach")
    rejections = list(folder(NOW, accounts=ACCOUNTS, activities=rows).ledger.rejections)
    assert [(one.row, one.column, one.value) for one in rejections] == [(2, "source", "webinr"), (3, "kind", "engaged")]
    assert [one.fix for one in rejections] == [
        f"map it to the right one, for example: below the line [tables.activities] add values.{line}"
        for line in ('source."webinr" = "webinar"', 'kind."engaged" = "engagement"')
    ]


def test_a_segment_has_no_cap(folder: Folder) -> None:
    """The source stops before 100,000 accounts."""
    accounts = "account_id,tier\n" + "".join(f"A{n},One\n" for n in range(100_001))
    web = activities("A7,2025-10-31,webinar,engagement")
    data = folder(NOW + '[segments]\nby = "tier"\n', accounts=accounts, activities=web)
    result, working, _ = make(Presence(data), Options(segments=("One",), type="engagement"))
    assert result.passed
    assert result.summary.total_accounts.value == len(working.accounts(Selector("cohort"))) == 100_001
