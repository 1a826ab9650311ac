"""Opportunities made ready: status, dates, the cut-off; and what was open on a day, in which stage, at what amount."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.facts.engine import Facts
from segxl.periods import parse_period
from segxl.render.json.scorecard import scorecard_document
from segxl.scorecard.compute import compute
from tests import small
from tests.conftest import Folder, Views

HEADER = "opportunity_id,created_on,stage,closed_on,amount"
HISTORY = "opportunity_id,changed_at,stage,amount"


def by_stage(views: Views, dataset: Dataset, month: str) -> dict[str, float]:
    """Open amounts by stage at the end of a month, without empty stages."""
    found = views(dataset, "pipeline_by_stage", month)["by_stage"]
    return {stage: item["value"] for stage, item in found.items() if item["value"]}


def not_reconstructed(dataset: Dataset, month: str) -> int:
    result = compute(Facts(dataset), parse_period(month, dataset.settings.fiscal), [ALL_ACCOUNTS])
    metrics: dict[str, Any] = scorecard_document(result)["segments"][ALL_ACCOUNTS]["metrics"]
    count: int = metrics["pipeline_by_stage"]["not_reconstructed"]
    return count


# ------------------------------------------------------------------------------------------------- status and dates


def test_status_is_mapped_else_by_stage_else_open(folder: Folder) -> None:
    dataset = folder(
        opportunities="""opportunity_id,created_on,stage,closed_on,status
1,2025-01-05,Closed Won,2025-02-01,
2,2025-01-05,closed  LOST,2025-02-01,
3,2025-01-05,Discovery,2025-02-01,
4,2025-01-05,Discovery,2025-02-01,won
5,2025-01-05,Closed Won,2025-02-01,Open
6,2025-01-05,Paused,2025-02-01,"""
    )
    table = dataset.tables["opportunities"]
    assert list(table["status"]) == ["won", "lost", "open", "won", "open", "open"]
    assert list(table["stage"])[1] == "Closed Lost"  # as the settings spell it
    # the date of those that are open is the one on which they are expected to close
    day = 20120  # 1 February 2025
    assert [value == day for value in table["closed_on"]] == [True, True, False, True, False, False]
    assert [value == day for value in table["expected_close_on"]] == [False, False, True, False, True, True]


def test_stages_that_the_settings_do_not_name_are_said(tmp_path: Path) -> None:
    def warnings(settings: str) -> list[str]:
        dataset = load(small.write_company(tmp_path / str(len(settings)), settings=settings))
        return [condition.text() for condition in dataset.ledger.conditions]

    assert warnings(small.SETTINGS) == []
    assert warnings(small.SETTINGS.replace("stages", "# stages", 1)) == []  # no one asks for stages
    (wrong,) = warnings('won_stages = ["Wonn"]\n' + small.SETTINGS)
    won = sum(row[5] == small.WON for row in small.OPPORTUNITIES)
    assert wrong == (
        f"opportunities.csv: {won} rows count as open: their stage is not in the settings: 'Closed Won' ({won}) "
        "(rows 2, 3, 4, 5, 8 and 1 more). Add each stage to stages, won_stages or lost_stages; no deal is won, because "
        "no row has the stage 'Wonn' (won_stages)."
    )


def test_an_expected_date_of_its_own_is_kept(folder: Folder) -> None:
    dataset = folder(
        opportunities="""opportunity_id,created_on,stage,closed_on,expected_close_on
1,2025-01-05,Discovery,2025-02-01,2025-02-02"""
    )
    assert list(dataset.tables["opportunities"]["expected_close_on"]) == [20121]  # 2 February 2025


# -------------------------------------------------------------------------------------------------------- the cut-off


def test_what_came_after_the_cut_off_is_taken_back(folder: Folder, views: Views) -> None:
    deals = """opportunity_id,created_on,stage,closed_on,amount,loss_reason
1,2025-05-10,Closed Won,2025-05-31,1,
2,2025-05-10,Closed Won,2025-06-01,2,
3,2025-05-10,Closed Lost,2025-06-02,4,Price
4,2025-05-10,Proposal,2025-07-01,8,
5,2025-06-01,Discovery,,16,"""
    dataset = folder("as_of = 2025-05-31\n", opportunities=deals)
    table = dataset.tables["opportunities"]
    # 1 closed on the very day; 2 and 3 closed later and are open, their stage and reason unknown; 5 is not there yet
    assert list(table["status"]) == ["won", "open", "open", "open"]
    assert list(table["stage"]) == ["Closed Won", "", "", "Proposal"]
    assert list(table["loss_reason"]) == ["", "", "", ""]
    (entry,) = dataset.ledger.files
    assert entry.excluded == {"after the cut-off 2025-05-31": 1}
    assert entry.balanced
    assert dataset.cut
    assert views(dataset, "won_revenue", "2025-05")["total"]["value"] == 1
    assert by_stage(views, dataset, "2025-05") == {"Proposal": 8, "unknown": 2 + 4}
    # Without the cut-off the same month's outcome is the same, and the amounts open are too.
    whole = folder(opportunities=deals)
    assert views(whole, "won_revenue", "2025-05")["total"]["value"] == 1
    assert by_stage(views, whole, "2025-05") == {"Proposal": 8, "unknown": 2 + 4}
    assert not whole.cut


def test_the_cut_off_and_history(folder: Folder, views: Views) -> None:
    tables = {
        "opportunities": f"""{HEADER}
1,2025-03-01,Closed Won,2025-06-05,500
2,2025-03-01,Proposal,,70
3,2025-03-01,Proposal,,9""",
        "opportunity_history": f"""{HISTORY}
1,2025-03-01,Discovery,100
1,2025-05-20,Proposal,
1,2025-06-05,Closed Won,500
2,2025-03-01,Discovery,60
2,2025-06-10,Proposal,70
3,2025-06-20,Proposal,9""",
    }
    dataset = folder("as_of = 2025-05-31\n", **tables)
    table = dataset.tables["opportunities"]
    # 1: the last row left says Proposal, and 100 is the last amount stated. 2: back to Discovery at 60.
    # 3: its only row came later, so neither stage nor amount is known.
    assert list(table["stage"]) == ["Proposal", "Discovery", ""]
    assert [int(cents) for cents in table["amount"]][:2] == [10000, 6000]
    assert by_stage(views, dataset, "2025-05") == {"Proposal": 100, "Discovery": 60}
    assert views(dataset, "net_new_pipeline", "2025-03")["total"]["value"] == 160
    assert not_reconstructed(dataset, "2025-05") == 1
    # rows in = used + excluded: three history rows are of later days
    history = dataset.ledger.files[1]
    assert (history.used, history.excluded) == (3, {"after the cut-off 2025-05-31": 3})


# -------------------------------------------------------------------------------------------- open, without history


def test_open_without_history(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities=f"""{HEADER}
1,2025-05-31,Discovery,,1
2,2025-06-01,Discovery,,2
3,2025-05-01,Closed Won,2025-05-31,4
4,2025-05-01,Closed Lost,2025-06-01,8
5,2025-05-01,Nurture,,16
6,2025-05-01,proposal,2025-01-01,32
7,2025-05-01,Discovery,,"""
    )
    # 31 May: 1 was created that day; 2 is not there yet; 3 closed that day; 4 is open and its stage then unknown;
    # 5 is in a stage outside the list; 6 is open, its date only expected; 7 has no amount.
    assert by_stage(views, dataset, "2025-05") == {"Discovery": 1, "Proposal": 32, "Other": 16, "unknown": 8}
    pipeline = views(dataset, "pipeline_by_stage", "2025-05")
    assert pipeline["total"]["value"] == 1 + 8 + 16 + 32
    assert pipeline["by_stage"]["Discovery"]["count"] == 2
    assert not_reconstructed(dataset, "2025-05") == 1
    # 30 June: 2 as well, 4 is gone
    assert by_stage(views, dataset, "2025-06") == {"Discovery": 3, "Proposal": 32, "Other": 16}
    assert not_reconstructed(dataset, "2025-06") == 0


def test_a_listed_stage_may_be_called_other(folder: Folder, views: Views) -> None:
    dataset = folder(
        'stages = ["Other", "Proposal"]\n',
        opportunities=f"{HEADER}\n1,2025-05-01,Other,,1\n2,2025-05-01,Odd,,2\n3,2025-05-01,Proposal,,4\n",
    )
    assert by_stage(views, dataset, "2025-05") == {"Other": 3, "Proposal": 4}
    result = compute(Facts(dataset), parse_period("2025-05", dataset.settings.fiscal), [ALL_ACCOUNTS])
    assert result.passed


# ------------------------------------------------------------------------------------------------ open, with history


REACHES_JUNE = "9,2025-06-30,Closed Lost,2025-06-30,1"
"""A deal that is open at no month's end: with it the data reach June."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("history", "april", "may", "june"),
    [
        # the stage at the end of each month is that of the last row by then
        ("1,2025-04-10,Discovery,\n1,2025-05-31,Proposal,", "Discovery", "Proposal", "Proposal"),
        # Discovery was skipped: only what was recorded counts
        ("1,2025-05-01,Proposal,", "unknown", "Proposal", "Proposal"),
        # two rows of one day: the later row counts; with times, the later time
        ("1,2025-04-10,Proposal,\n1,2025-04-10,Discovery,", "Discovery", "Discovery", "Discovery"),
        ("1,2025-04-10 10:00,Proposal,\n1,2025-04-10 09:00,Discovery,", "Proposal", "Proposal", "Proposal"),
        # the file runs newest first, so the first of one day's rows is the later one
        (
            "1,2025-05-31,Proposal,\n1,2025-04-10,Nurture,\n1,2025-04-10,Discovery,",
            "Other",
            "Proposal",
            "Proposal",
        ),
        # in a closed stage though still open by its own row: history decides
        ("1,2025-04-10,Discovery,\n1,2025-05-10,Closed Lost,", "Discovery", None, None),
        # history before the creation does not make it older
        ("1,2025-01-01,Discovery,", "Discovery", "Discovery", "Discovery"),
        # a row of an hour before midnight is of that day
        ("1,2025-04-30 23:59:59,Discovery,\n1,2025-05-01 00:00,Proposal,", "Discovery", "Proposal", "Proposal"),
    ],
)
def test_the_stage_on_a_day_is_that_of_the_last_row(
    folder: Folder, views: Views, history: str, april: str | None, may: str | None, june: str | None
) -> None:
    dataset = folder(
        opportunities=f"{HEADER}\n1,2025-04-10,Discovery,,7\n{REACHES_JUNE}\n",
        opportunity_history=f"{HISTORY}\n{history}\n",
    )
    for month, stage in (("2025-04", april), ("2025-05", may), ("2025-06", june)):
        assert by_stage(views, dataset, month) == ({stage: 7} if stage else {}), month


def test_history_before_creation_opens_nothing(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities=f"{HEADER}\n1,2025-04-10,Discovery,,7\n",
        opportunity_history=f"{HISTORY}\n1,2025-03-01,Closed Lost,\n1,2025-03-15,Discovery,\n",
    )
    assert by_stage(views, dataset, "2025-03") == {}
    assert by_stage(views, dataset, "2025-04") == {"Discovery": 7}


def test_closed_and_reopened(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities=f"""{HEADER}
1,2025-01-10,Closed Lost,2025-03-10,1
2,2025-01-10,Closed Lost,2025-03-10,2
3,2025-01-10,Discovery,,4""",
        opportunity_history=f"""{HISTORY}
1,2025-01-10,Discovery,
1,2025-03-10,Closed Lost,
1,2025-04-10,Proposal,
1,2025-06-10,Closed Lost,
2,2025-01-10,Discovery,
2,2025-03-10,Closed Lost,
2,2025-03-10,Proposal,
3,2025-01-10,Discovery,
3,2025-03-10,Closed Lost,
3,2025-05-10,Proposal,""",
    )
    # 1 is reopened on 10 April, after its closing date, and lost again in June: open in April and May.
    # 2 is reopened on the day it closed: nothing says which came first, and its own row says closed.
    # 3 was lost in March, is reopened in May and is open now.
    assert by_stage(views, dataset, "2025-02") == {"Discovery": 7}
    assert by_stage(views, dataset, "2025-03") == {}
    assert by_stage(views, dataset, "2025-04") == {"Proposal": 1}
    assert by_stage(views, dataset, "2025-05") == {"Proposal": 1 + 4}
    assert by_stage(views, dataset, "2025-06") == {"Proposal": 4}
    # the outcome itself stays where closed_on says, once
    assert views(dataset, "lost_opportunities", "2025-03")["total"]["value"] == 2
    assert views(dataset, "lost_opportunities", "2025-06")["total"]["value"] == 0


def test_amounts_of_the_time(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities=f"""{HEADER}
1,2025-01-10,Closed Won,2025-06-10,50
2,2025-01-10,Discovery,,9
3,2025-01-10,Discovery,,600""",
        opportunity_history=f"""{HISTORY}
1,2025-02-10,Discovery,10
1,2025-03-10,Discovery,
1,2025-04-10,Discovery,12
1,2025-06-10,Closed Won,50
2,2025-01-10,Discovery,
3,2025-02-10,Discovery,
3,2025-03-10,Discovery,100""",
    )
    # 1: before its first row the first row's 10; a row that states none changes nothing; 12 from April.
    # 2: no row states an amount, so the one known now. 3: none stated until March.
    amounts = [views(dataset, "pipeline_by_stage", f"2025-0{month}")["total"]["value"] for month in range(1, 7)]
    assert amounts == [10 + 9 + 0, 10 + 9 + 0, 10 + 9 + 100, 12 + 9 + 100, 12 + 9 + 100, 9 + 100]
    # what was won counts with the amount known now
    assert views(dataset, "won_revenue", "2025-06")["total"]["value"] == 50


def test_history_in_another_spelling_and_a_word_mapped_to_lost(folder: Folder, views: Views) -> None:
    dataset = folder(
        '[tables.opportunities]\nfile = "opportunities.csv"\nvalues.status = { from = "stage", Dropped = "lost" }\n',
        opportunities=f"{HEADER}\n1,2025-01-10,Dropped,2025-03-10,1\n2,2025-01-10,PROPOSAL,,2\n",
        opportunity_history=f"{HISTORY}\n1,2025-01-10,discovery,\n1,2025-03-10,DROPPED,\n2,2025-01-10,proposal ,\n",
    )
    assert by_stage(views, dataset, "2025-02") == {"Discovery": 1, "Proposal": 2}
    assert by_stage(views, dataset, "2025-03") == {"Proposal": 2}


def test_a_history_without_rows_is_no_history(folder: Folder, views: Views) -> None:
    dataset = folder(
        opportunities=f"{HEADER}\n1,2025-01-10,Discovery,,1\n", opportunity_history="opportunity_id,changed_at,stage\n"
    )
    assert by_stage(views, dataset, "2025-01") == {"Discovery": 1}


def test_timestamps_become_days_of_the_time_zone(folder: Folder, views: Views) -> None:
    deals = "opportunity_id,created_on,stage,closed_on,amount\n1,2025-05-01,Closed Won,2025-05-31T23:30:00Z,1\n"
    assert views(folder(opportunities=deals), "won_revenue", "2025-05")["total"]["value"] == 1
    zurich = folder('timezone = "Europe/Zurich"\n', opportunities=deals)  # there it is 1:30 on 1 June
    assert views(zurich, "won_revenue", "2025-06")["total"]["value"] == 1
