"""Flags, statuses, types and stages in other words: what they mean, and what is reported of unknown words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.dataset.warnings import scorecard_window, touching
from segxl.excel.input_workbook.content import content_of
from segxl.periods import parse_period
from segxl.sources.ledger import FileEntry
from segxl.sources.values.flags import read_flags
from tests.conftest import Folder, Views, write_folder

SALESFORCE = "Id;AccountId;StageName;Amount;CloseDate;CreatedDate;IsClosed;IsWon;IsDeleted"


def entry_of(dataset: Dataset, table: str = "opportunities") -> FileEntry:
    return next(entry for entry in dataset.ledger.files if entry.table == table)


def remarks(dataset: Dataset, table: str = "opportunities") -> list[str]:
    return [condition.remark for condition in entry_of(dataset, table).conditions]


# ----------------------------------------------------------------------------------------------------------------flags


@pytest.mark.slow
@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("VRAI", "FAUX"),
        ("Verdadero", "Falso"),
        ("EPÄTOSI"[3:], "EPÄTOSI"),  # TOSI
        ("ИСТИНА", "ЛОЖЬ"),
        ("doğru", "yanlış"),
        ("DOĞRU", "YANLIŞ"),
        ("Sim", "Não"),
        ("Tak", "Nie"),
        ("1.0", "0.0"),
        ("1,0", "0,0"),
        ("on", "off"),
        ("真", "假"),
        ("ＴＲＵＥ", "ＦＡＬＳＥ"),
    ],
)
def test_flags_of_the_languages_of_excel_say_what_they_say(folder: Folder, views: Views, yes: str, no: str) -> None:
    """Won 120, lost 300, open 5; 7,000 are deleted."""
    deals = (
        f"{SALESFORCE}\n1;A;Closed Won;120;2026-05-04;2026-04-01;{yes};{yes};{no}\n"
        f"2;A;Closed Lost;300;2026-05-05;2026-04-01;{yes};{no};{no}\n"
        f"3;A;Proposal;5;2026-07-05;2026-04-01;{no};{no};{no}\n"
        f"4;A;Closed Won;7000;2026-05-04;2026-04-01;{yes};{yes};{yes}"
    )
    dataset = folder('[tables.opportunities]\nfile = "opportunities.csv"\ndelimiter = ";"\n', opportunities=deals)
    assert remarks(dataset) == []
    assert entry_of(dataset).excluded == {"deleted in the CRM": 1}
    totals = [
        views(dataset, name, "2026-05")["total"]["value"]
        for name in ("won_revenue", "lost_revenue", "pipeline_by_stage")
    ]
    assert totals == [120, 300, 5]


@pytest.mark.parametrize("column", ["IsClosed", "IsWon", "IsDeleted"])
def test_an_unreadable_flag_rejects_its_row_and_is_reported(folder: Folder, column: str) -> None:
    words = {"IsClosed": "VRAI", "IsWon": "VRAI", "IsDeleted": "FAUX", column: "peut-être"}
    deal = "A;Closed Won;120;2026-05-04;2026-04-01"
    deals = f"{SALESFORCE}\n1;{deal};VRAI;VRAI;FAUX\n2;{deal};{';'.join(words.values())}"
    dataset = folder('[tables.opportunities]\nfile = "opportunities.csv"\ndelimiter = ";"\n', opportunities=deals)
    (rejection,) = dataset.ledger.rejections
    assert (rejection.row, rejection.column, rejection.value) == (3, column, "peut-être")
    assert remarks(dataset) == [
        f"1 row is rejected: {column!r} is neither yes nor no: 'peut-être' (1) (row 3). Write yes or no in the "
        f"export, or map each word to yes or no, for example: below the line [tables.opportunities] add "
        f'values.{column}."peut-être" = "yes".'
    ]
    assert dataset.ledger.balanced


def test_words_of_a_flag_can_be_mapped(folder: Folder) -> None:
    days = "2026-05-04;2026-04-01"
    deals = f"{SALESFORCE}\n1;A;Closed Won;120;{days};zu;gewonnen;-\n2;A;Proposal;3;{days};auf;nix;weg"
    dataset = folder(
        '[tables.opportunities]\nfile = "opportunities.csv"\ndelimiter = ";"\n'
        'values.\'IsClosed\' = { zu = "yes", auf = "no" }\nvalues.ISWON = { gewonnen = "yes", nix = "no" }\n'
        'values.IsDeleted = { weg = "yes" }\n',
        opportunities=deals,
    )
    assert remarks(dataset) == []
    assert dataset.tables["opportunities"]["status"].tolist() == ["won"]


def test_flags_that_the_settings_do_not_need_are_not_read(folder: Folder) -> None:
    deals = f"{SALESFORCE};Result\n1;A;Closed Won;120;2026-05-04;2026-04-01;?!;?!;false;W"
    dataset = folder(
        '[tables.opportunities]\nfile = "opportunities.csv"\ndelimiter = ";"\n'
        'values.status = { from = "Result", W = "won" }\n',
        opportunities=deals,
    )
    assert (remarks(dataset), dataset.tables["opportunities"]["status"].tolist()) == ([], ["won"])


def test_a_column_of_the_contract_reads_the_same_words_from_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["opportunity_id", "created_on", "stage", "relevant"])
    for at, word in enumerate(("Oui", "non", True, 0, "x")):
        sheet.append([f"D{at}", "2026-04-01", "Proposal", word])
    tmp_path.joinpath("source").mkdir()
    book.save(tmp_path / "source" / "deals.xlsx")
    settings = '[tables.opportunities]\nfile = "deals.xlsx"\n'
    dataset = load(write_folder(tmp_path / "source", {}, settings))
    assert dataset.tables["opportunities"]["relevant"].tolist() == [1, 0, 1, 0]
    (one,) = remarks(dataset)
    assert one.startswith("1 row is rejected: 'relevant' is neither yes nor no: 'x' (1) (row 6).")


def test_flags_of_parquet_are_numbers_or_nothing(tmp_path: Path) -> None:
    """A connector's flags with gaps are floats in pandas; a deal whose flags are blank has the status of its stage."""
    (tmp_path / "source").mkdir()
    pd.DataFrame(
        {
            "id": ["1", "2", "3"],
            "stage_name": ["Signed", "Closed Lost", "Proposal"],
            "close_date": ["2026-05-04"] * 3,
            "created_date": ["2026-04-01"] * 3,
            "is_closed": [1.0, np.nan, 0.0],
            "is_won": [1.0, np.nan, 0.0],
        }
    ).to_parquet(tmp_path / "source" / "deals.parquet")
    dataset = load(write_folder(tmp_path / "source", {}, '[tables.opportunities]\nfile = "deals.parquet"\n'))
    assert dataset.tables["opportunities"]["status"].tolist() == ["won", "lost", "open"]
    assert remarks(dataset) == []


HUBSPOT = "Record ID,Deal Name,Deal Stage,Create Date,Close Date,Amount"


def test_flags_of_hubspot_tell_the_status(folder: Folder) -> None:
    deals = (
        f"{HUBSPOT},Is Deal Closed?,Is Closed Won\n1,a,Cerrada,2026-04-01,2026-05-01,1,verdadero,verdadero\n"
        "2,b,Cerrada,2026-04-01,2026-05-01,1,verdadero,falso\n3,c,Proposal,2026-04-01,2026-05-01,1,falso,falso\n"
        "4,d,Proposal,2026-04-01,2026-05-01,1,falso,tal vez"
    )
    dataset = folder(opportunities=deals)
    assert dataset.tables["opportunities"]["status"].tolist() == ["won", "lost", "open"]
    assert [one.value for one in dataset.ledger.rejections] == ["tal vez"]


def test_deals_without_flags_have_the_status_of_their_stage(folder: Folder) -> None:
    deals = f"{HUBSPOT}\n1,a,Closed Won,2026-04-01,2026-05-01,1\n2,b,Proposal,2026-04-01,2026-07-01,1"
    dataset = folder(opportunities=deals)
    assert (dataset.tables["opportunities"]["status"].tolist(), remarks(dataset)) == (["won", "open"], [])


def test_a_closed_deal_that_no_flag_calls_won_or_lost_has_the_status_of_its_stage(folder: Folder) -> None:
    deals = (
        "Id,StageName,Amount,CloseDate,CreatedDate,IsClosed\n1,Closed Won,1,2026-05-04,2026-04-01,TRUE\n"
        "2,Proposal,2,2026-05-04,2026-04-01,TRUE\n3,Proposal,2,2026-05-04,2026-04-01,FALSE"
    )
    dataset = folder(opportunities=deals)
    assert dataset.tables["opportunities"]["status"].tolist() == ["won", "open", "open"]
    assert remarks(dataset) == [
        "1 row is flagged as closed, but neither flag nor stage shows won or lost: it counts as open: "
        "'Proposal' (1) (row 3). Export the won flag, or add each stage to won_stages or lost_stages."
    ]


def test_one_reader_of_flags() -> None:
    words = ["", "x", "-1", "2", "yes!", "Ja", "NEIN", "J", "01"]
    flags, bad = read_flags(np.array(words, dtype=object))
    assert flags.tolist() == [-1, -1, -1, -1, -1, 1, 0, 1, -1]
    assert bad.tolist() == [False, True, True, True, True, False, False, False, True]


# -------------------------------------------------------------------------------------------------- words of activities


def test_tasks_and_campaigns_of_other_languages(folder: Folder) -> None:
    tasks = (
        "Subject,Priority,Status,Due Date,Account ID,Task Subtype\na,Normal,Abgeschlossen,2026-05-01,A1,Call\n"
        "b,Normal,Nicht begonnen,2026-05-01,A1,Call\nc,Normal,Fertig,2026-05-01,A1,Call"
    )
    settings = '[[tables.activities]]\nfile = "tasks.csv"\n'
    dataset = folder(settings, tasks=tasks)
    assert len(dataset.tables["activities"]) == 1
    assert entry_of(dataset, "activities").excluded == {"task not completed": 2}
    assert remarks(dataset, "activities") == [
        "1 row does not count: the word in 'Status' is unknown: 'Fertig' (1) (row 4). Map each word to "
        "'Completed' if it counts, else to 'Not Started', for example: below the line [tables.activities] add "
        'values.Status."Fertig" = "Completed".'
    ]
    mapped = folder(settings + "values.'Status' = { Fertig = \"Completed\" }\n", tasks=tasks)
    assert (len(mapped.tables["activities"]), remarks(mapped, "activities")) == (2, [])


def test_campaign_types_that_nobody_knows_are_reported(folder: Folder) -> None:
    members = (
        "Campaign Name,Campaign Type,Account ID,Member Status,Responded,Member First Associated Date,"
        "First Responded Date\nOne,Messe,A1,Da,Ja,2026-05-01,2026-05-02\n"
        "Two,Kaffeefahrt,A1,Da,Ja,2026-05-01,2026-05-02\n"
        "Three,Kaffeefahrt,A1,Weg,Nein,2026-05-01,"
    )
    settings = '[[tables.activities]]\nfile = "members.csv"\n'
    dataset = folder(settings, members=members)
    table = dataset.tables["activities"]
    # the third did not answer, and its row of reach needs no type
    assert (table["kind"] == "reach").sum() == 3
    assert table["source"][table["kind"] == "engagement"].tolist() == ["trade_show", "crm_map_campaign"]
    (one,) = remarks(dataset, "activities")
    assert one == (
        "1 row counts as a CRM/MAP campaign: its 'Campaign Type' is unknown: 'Kaffeefahrt' (1) (row 3). "
        "Map each word to 'Webinar', 'Trade Show', 'Event' or 'Other', for example: below the line "
        '[tables.activities] add values."Campaign Type"."Kaffeefahrt" = "Other".'
    )


def test_the_flag_in_marketos_json_is_read_as_any_other(folder: Folder) -> None:
    """An id that pandas made a float is the same type; a Success that no one can read rejects its row."""
    header = "marketoGUID,leadId,activityDate,activityTypeId,campaignId,primaryAttributeValue,attributes"
    said = ("1", "FALSCH", "vielleicht")
    rows = [
        f'{at},{at},2026-05-01,104.0,7,Mail,"{{""Success"":""{word}"",""Old Status"":""Not in Program""}}"'
        for at, word in enumerate(said)
    ]
    dataset = folder(activities="\n".join([header, *rows]))
    assert dataset.tables["activities"]["kind"].tolist() == ["engagement", "reach"]
    (one,) = remarks(dataset, "activities")
    assert "'Success: vielleicht' (1) (row 4)" in one


def test_campaigns_that_may_be_retargeting_are_reported(folder: Folder) -> None:
    rows = (
        "account_id,date,source,kind,campaign_type\nA,2026-05-01,external_campaign,reach,Re-Targeting\n"
        "A,2026-05-01,external_campaign,reach,Remarketing DACH\nA,2026-05-01,external_campaign,reach,Brand"
    )
    dataset = folder(activities=rows)
    assert entry_of(dataset, "activities").excluded == {"retargeting": 1}
    (one,) = remarks(dataset, "activities")
    assert "'Remarketing DACH' (1)" in one


# --------------------------------------------------------------------------------------------- statuses, stages, types


def test_statuses_of_dynamics_in_german_and_their_reasons(folder: Folder) -> None:
    deals = (
        "(Do Not Modify) Opportunity,Topic,Status,Status Reason,Created On,Actual Close Date,Est. Revenue,"
        "Pipeline Phase\n1,a,Gewonnen,Gewonnen,2026-04-01,2026-05-01,5,Proposal\n"
        "2,b,Verloren,Preis,2026-04-01,2026-05-01,7,Proposal\n"
        "3,c,Offen,In Bearbeitung,2026-04-01,,9,Proposal\n4,d,Storniert,Preis,2026-04-01,2026-05-01,11,Proposal"
    )
    dataset = folder(opportunities=deals)
    table = dataset.tables["opportunities"]
    assert table["status"].tolist() == ["won", "lost", "open"]
    assert table["loss_reason"].tolist() == ["", "Preis", ""]
    assert remarks(dataset) == [
        "1 row is rejected: 'Status' is not one of open, won, lost: 'Storniert' (1) (row 5). Correct the export, or "
        'map each word, for example: below the line [tables.opportunities] add values.status."Storniert" = "open".'
    ]


def test_a_status_that_contradicts_its_stage_is_reported(folder: Folder) -> None:
    """A won stage with the status lost; an open stage says nothing against a status that no flag gives."""
    deals = (
        "opportunity_id,created_on,closed_on,stage,status,amount\n1,2026-04-01,2026-05-01,Closed Won,lost,10\n"
        "2,2026-04-01,2026-05-02,Proposal,won,20\n3,2026-04-01,,Closed Lost,open,40\n"
        "4,2026-04-01,2026-05-02,Closed Won,won,80"
    )
    dataset = folder(opportunities=deals)
    assert dataset.tables["opportunities"]["status"].tolist() == ["lost", "won", "open", "won"]
    (one,) = touching(dataset, scorecard_window(parse_period("2026-05", dataset.settings.fiscal)), [ALL_ACCOUNTS])
    assert (one.rows, one.amounts) == (2, {"USD": 5000})
    assert "'Closed Won, lost' (1), 'Closed Lost, open' (1) (50.00 USD; rows 2, 4)" in one.text


def test_flags_that_contradict_an_open_stage_or_each_other_are_reported(folder: Folder) -> None:
    deals = (
        "Id,StageName,Amount,CloseDate,CreatedDate,IsClosed,IsWon\n1,Proposal,1,2026-05-04,2026-04-01,1,0\n"
        "2,Closed Won,2,2026-05-04,2026-04-01,0,1\n3,Closed Won,2,2026-05-04,2026-04-01,0,0"
    )
    dataset = folder(opportunities=deals)
    assert dataset.tables["opportunities"]["status"].tolist() == ["lost", "won", "open"]
    by_flags, by_stage = remarks(dataset)
    assert by_flags.startswith("1 row has contradicting flags (won, but not closed or lost) and counts as won")
    assert by_flags.endswith("'Closed Won' (1) (row 3). Correct them in the CRM.")
    assert "'Proposal, lost' (1), 'Closed Won, open' (1) (rows 2, 4)" in by_stage


def test_a_status_map_leaves_no_word_unsaid(folder: Folder) -> None:
    """Common words of the set need no line; "" is a line of its own; words of named stages are theirs."""
    deals = (
        "opportunity_id,created_on,closed_on,stage,Ergebnis\n1,2026-04-01,2026-05-01,Proposal,Gewonnen\n"
        "2,2026-04-01,2026-05-01,Proposal,Storno\n3,2026-04-01,,Proposal,Vertagt\n4,2026-04-01,,Proposal,"
    )
    settings = (
        '[tables.opportunities]\nfile = "opportunities.csv"\n'
        'values.status = {{ from = "Ergebnis", Gewonnen = "won"{} }}\n'
    )
    dataset = folder(settings.format(""), opportunities=deals)
    (one,) = remarks(dataset)
    assert one == (
        "2 rows get their status from the stage: its word in 'Ergebnis' is not in tables.opportunities.values.status: "
        "'Storno' (1), 'Vertagt' (1) (rows 3, 4). Map each word, or map it to \"\" to ignore it, for example: to "
        'values.status of [tables.opportunities] add "Storno" = "".'
    )
    listed = folder(settings.format(', Storno = "lost", Vertagt = ""'), opportunities=deals)
    assert remarks(listed) == []
    assert listed.tables["opportunities"]["status"].tolist() == ["won", "lost", "open", "open"]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("", "1 row counts as open: its stage is not in the settings: 'Abandoned' (1) (row 5)."),
        # without open stages in the settings, the map's own words are all that says what a stage means
        (
            "stages = []\n",
            "2 rows get their status from the stage: its word in 'stage' is not in "
            "tables.opportunities.values.status: 'Discovery' (1), 'Abandoned' (1) (rows 3, 5).",
        ),
    ],
)
def test_a_status_by_the_words_of_the_stage(folder: Folder, head: str, said: str) -> None:
    """A stage that the map lists, or that the settings name, says its status; others are reported once."""
    deals = (
        "opportunity_id,created_on,closed_on,stage\n1,2026-04-01,2026-05-01,Signed\n2,2026-04-01,,Discovery\n"
        "3,2026-04-01,2026-05-01,Closed Lost\n4,2026-04-01,2026-05-01,Abandoned"
    )
    maps = '[tables.opportunities]\nfile = "opportunities.csv"\nvalues.status = { from = "stage", Signed = "won" }\n'
    (one,) = remarks(folder(head + maps, opportunities=deals))
    assert one.startswith(said)


def test_types_that_the_settings_do_not_list_are_reported(folder: Folder) -> None:
    deals = (
        "opportunity_id,created_on,closed_on,stage,amount,type\n1,2026-04-01,2026-05-01,Closed Won,1,NEUGESCHÄFT\n"
        "2,2026-04-01,2026-05-01,Closed Won,2,Bestandskunde\n3,2026-04-01,2026-05-01,Closed Won,4,renewal\n"
        "4,2026-04-01,2026-05-01,Closed Won,8,"
    )
    settings = '[types]\n"Neugeschäft" = "new_logo"\n'
    (one,) = remarks(folder(settings, opportunities=deals))
    assert one == (
        "1 row counts as type other: its type is not mapped: 'Bestandskunde' (1) (row 3). Add each type as "
        "new_logo, upsell, cross_sell, renewal or other, for example: "
        'below the line [types] add "Bestandskunde" = "upsell".'
    )


@pytest.mark.parametrize(
    ("word", "reported"), [("Nouvelle affaire", True), ("Renewal 2026", True), ("Hardware", False)]
)
def test_without_types_only_words_that_look_like_types_are_reported(folder: Folder, word: str, reported: bool) -> None:
    deals = f"opportunity_id,created_on,stage,type\n1,2026-04-01,Proposal,{word}"
    assert bool(remarks(folder(opportunities=deals))) is reported


DEAL = "opportunity_id,created_on,closed_on,stage,amount,status"


def test_a_stage_that_only_the_history_has_is_reported(folder: Folder) -> None:
    """'Propsal' is a slip; 'Unterzeichnet' is where the deal ended, and its status says what that means."""
    dataset = folder(
        opportunities=f"{DEAL}\n1,2026-03-01,2026-05-01,Unterzeichnet,10,won\n2,2026-04-01,,Proposal,20,open",
        opportunity_history=(
            "opportunity_id,changed_at,stage\n1,2026-03-01,Discovery\n1,2026-04-01,Propsal\n"
            "1,2026-05-01,Unterzeichnet\n2,2026-04-02,Proposal"
        ),
    )
    assert remarks(dataset, "opportunity_history") == [
        "1 row has a stage that is not in the settings: Other in Pipeline by stage, not in Phase conversion: 'Propsal' "
        "(1) (row 3). Add each stage to stages, won_stages or lost_stages; open stages in the order of the pipeline."
    ]
    assert remarks(dataset) == []


def test_an_open_deal_in_a_stage_that_nobody_names_is_reported_whatever_its_status(folder: Folder) -> None:
    dataset = folder(opportunities=f"{DEAL}\n1,2026-03-01,,Pilot,10,open\n2,2026-03-01,2026-05-01,Pilot,20,won")
    (one,) = remarks(dataset)
    assert one.startswith("1 row is open in a stage that is not in the settings: Other in Pipeline by stage")
    assert "'Pilot' (1) (row 2)" in one


def test_a_buying_stage_that_nobody_knows_is_reported_and_a_blank_is_not(folder: Folder) -> None:
    dataset = folder(
        '[stage_map]\n"Compra" = "Purchase"\n[tables.buying_stages]\nfile = "buying_stages.csv"\nkind = "snapshots"\n',
        buying_stages="account_id,date,stage\nA,2026-05-01,COMPRA\nB,2026-05-01,Conocimiento\nC,2026-05-01,#N/A",
    )
    (one,) = remarks(dataset, "buying_stages")
    assert "1 row is rejected" in one
    assert "'Conocimiento' (1) (row 3)" in one


def test_a_workbook_that_is_filled_says_which_words_it_cannot_report_again(tmp_path: Path) -> None:
    """The workbook has a blank status where the folder has a word that its map does not list."""
    deals = "opportunity_id,created_on,closed_on,stage,Estado\n1,2026-04-01,2026-05-01,Proposal,Anulada"
    settings = '[tables.opportunities]\nfile = "deals.csv"\nvalues.status = { from = "Estado", Ganada = "won" }\n'
    source = write_folder(tmp_path / "source", {"deals": deals}, settings)
    content = content_of(source)
    (said,) = [line for line in content.left_out if line.startswith("warning")]
    assert "'Anulada' (1) (row 2)" in said
