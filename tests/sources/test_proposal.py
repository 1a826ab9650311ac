"""A folder of exports without a segxl.toml: `segxl check` proposes one, and what it proposes is one."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from segxl.dataset.load import load
from segxl.settings.model import Settings
from segxl.settings.read import settings_from
from segxl.sources.suggest.proposal import proposed_settings
from segxl.sources.suggest.unnamed import unnamed_files

DEALS = (
    'Record ID,Deal Name,Pipeline,Deal Stage,Amount,Create Date,Close Date,"Date entered ""Demo (Sales)"""\n'
    "1,One,Sales,Demo,100,2026-04-01 10:00,2026-06-30 10:00,2026-04-02 10:00\n"
    "2,Two,Sales,closed won,200,2026-04-01 10:00,2026-04-20 10:00,2026-04-03 10:00\n"
    "3,Three,Sales,Proposal,300,2026-04-05 10:00,2026-06-30 10:00,\n"
)
PERIODS = "customer_id,start_date,end_date,monthly_amount\nC1,2026-01-01,2026-04-01,100\n"


def check(folder: Path) -> tuple[int, str, str]:
    command = [sys.executable, "-c", "from segxl.cli import main; main()", "check", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.ci
def test_known_exports_are_named_and_the_proposal_runs_as_it_is(tmp_path: Path) -> None:
    folder = written(tmp_path / "exports", deals=DEALS, periods=PERIODS, notes="x,y\n1,2\n")
    status, proposed, said = check(folder)
    assert status == 2
    assert "has no segxl.toml. Proposed settings are printed above: review them" in said
    assert [path.name for path in sorted(folder.iterdir())] == ["deals.csv", "notes.csv", "periods.csv"]
    assert '# stages = ["Demo", "Proposal"]' in proposed
    assert "# deals.csv: HubSpot deals and HubSpot deals, the dates they entered their stages\n" in proposed
    assert "# notes.csv: not a known export\n# Its columns: x, y" in proposed
    assert "# periods.csv: not a known export\n# It looks like revenue;" in proposed
    assert tomllib.loads(proposed) == {
        "tables": {"opportunities": {"file": "deals.csv"}, "opportunity_history": {"file": "deals.csv"}}
    }
    (folder / "segxl.toml").write_text(proposed, encoding="utf-8")
    status, ledger, said = check(folder)
    assert (status, said) == (0, "")
    assert "deals.csv" in ledger


def test_remarks_are_settings_once_their_sign_is_taken_away(tmp_path: Path) -> None:
    proposed = proposed_settings(written(tmp_path, periods=PERIODS))
    remark = "# It looks like revenue; check these lines and remove the # at the start:\n"
    _, found, lines = proposed.partition(remark)
    assert found
    settings = settings_from(tomllib.loads(lines.replace("# ", "")), "segxl.toml")
    (source,) = settings.tables["revenue"]
    assert source.file == "periods.csv"
    assert source.columns == {
        "account_id": "customer_id",
        "start": "start_date",
        "end": "end_date",
        "mrr": "monthly_amount",
    }


def test_what_has_to_be_completed_says_so(tmp_path: Path) -> None:
    """As people keep their pipeline by hand: no id and no day of creation, and stages named won and lost."""
    text = "Deal Owner,Customer,Sales stage,Deal size,Probability\nAnn,A,Won,1,1\nAnn,B,Open,1,.5\nBob,C,Lost,1,0\n"
    proposed = proposed_settings(written(tmp_path, pipeline=text))
    assert "It looks like opportunities; complete these lines and remove the #" in proposed
    assert '# opportunity_id = "…"   # required; no similar header\n' in proposed
    assert '# stage = "Sales stage"\n' in proposed
    assert '# stages = ["Open"]\n# won_stages = ["Won"]\n# lost_stages = ["Lost"]' in proposed
    assert tomllib.loads(proposed) == {}


@pytest.mark.slow
def test_settings_that_name_no_table_get_the_same(tmp_path: Path) -> None:
    """So does a segxl.toml that is still empty, as a shell makes it that writes the output there."""
    folder = written(tmp_path / "exports", deals=DEALS)
    (folder / "segxl.toml").write_text("", encoding="utf-8")
    status, proposed, said = check(folder)
    assert status == 2
    assert '[tables.opportunities]\nfile = "deals.csv"' in proposed
    assert "segxl.toml lists no table" in said


CONNECTOR_DEALS = (
    "deal_id,is_deleted,deal_pipeline_id,deal_pipeline_stage_id,property_dealname,property_amount,property_closedate,"
    "property_createdate,property_hs_primary_associated_company\n"
    "1,false,p,4321,One,100,2026-06-30,2026-04-01,77\n2,false,p,99,Two,200,2026-04-20,2026-04-01,78\n"
    "3,false,p,closedwon,Three,300,2026-04-21,2026-04-01,77\n"
)
CONNECTOR_STAGES = (
    "_fivetran_deleted,active,closed_won,is_closed,display_order,probability,stage_id,label,pipeline_id,created_at\n"
    "false,true,true,true,3,1.0,closedwon,Signed,p,2020-07-09\nfalse,true,false,true,4,0.0,99,Not now,p,2020-07-09\n"
    "false,true,false,false,10,0.6,4321,Demo,p,2020-07-09\nfalse,true,false,false,2,0.2,1234,First call,p,2020-07-09\n"
    "false,true,false,false,0,0.2,55,Kick-off,other,2020-07-09\n"
)
ENTERED = (
    "_fivetran_active,_fivetran_start,date_entered,deal_id,source,source_id,value\n"
    "false,x,2026-04-01 09:00:00,1,CRM_UI,u,1234\ntrue,x,2026-04-03 09:00:00,1,CRM_UI,u,4321\n"
)


@pytest.mark.slow
def test_a_connectors_stages_are_named_by_its_own_list(tmp_path: Path) -> None:
    """In their order, of the pipelines that have deals; both tables with stages are read by the labels."""
    folder = written(
        tmp_path / "exports", deal=CONNECTOR_DEALS, deal_pipeline_stage=CONNECTOR_STAGES, deal_stage=ENTERED
    )
    _, proposed, _ = check(folder)
    stages = '# stages = ["First call", "Demo"]\n# won_stages = ["Signed"]\n# lost_stages = ["Not now"]\n'
    assert stages in proposed
    labels = {"stage": {"1234": "First call", "4321": "Demo", "closedwon": "Signed", "99": "Not now"}}
    assert tomllib.loads(proposed) == {
        "tables": {
            "opportunities": {"file": "deal.csv", "values": labels},
            "opportunity_history": {"file": "deal_stage.csv", "values": labels},
        }
    }
    (folder / "segxl.toml").write_text(proposed.replace(stages, stages.replace("# ", "")), encoding="utf-8")
    status, ledger, said = check(folder)
    assert (status, said) == (0, "")
    assert "a stage that the settings do not name" not in ledger
    dataset = load(folder)
    deals, history = dataset.tables["opportunities"], dataset.tables["opportunity_history"]
    assert [*deals["stage"]] == ["Demo", "Not now", "Signed"]
    assert [*deals["status"]] == ["open", "lost", "won"]
    assert [*deals["account_id"]] == ["77", "78", "77"]
    assert [*history["stage"]] == ["First call", "Demo"]


def test_a_label_that_is_open_here_and_closed_there_keeps_its_id(tmp_path: Path) -> None:
    stages = "stage_id,label,closed_won,is_closed,display_order,pipeline_id\n4321,Done,false,false,1,p\n"
    stages += "99,Done,false,true,2,q\nclosedwon,Won,true,true,3,p\n"
    deals = CONNECTOR_DEALS.replace("2,false,p", "2,false,q")
    proposed = proposed_settings(written(tmp_path, deal=deals, deal_pipeline_stage=stages))
    assert '# stages = ["Done (4321)"]\n# won_stages = ["Won"]\n# lost_stages = ["Done (99)"]\n' in proposed


def test_of_a_stage_that_is_listed_twice_the_first_counts(tmp_path: Path) -> None:
    stages = "stage_id,label,closed_won,display_order,pipeline_id\n"
    stages += "4321,Old,false,5,p\n4321,Demo,false,1,p\n,No id,false,0,p\n"
    proposed = proposed_settings(written(tmp_path, deal=CONNECTOR_DEALS, deal_pipeline_stage=stages))
    assert '# stages = ["Demo", "99"]\n# won_stages = ["closedwon"]\n' in proposed
    labels = tomllib.loads(proposed)["tables"]["opportunities"]["values"]["stage"]
    assert labels == {"4321": "Demo"}


@pytest.mark.parametrize("added", ["", ",currency", ",owner", ",stage"])
@pytest.mark.parametrize(
    ("header", "name"),
    [
        (CONNECTOR_STAGES.partition("\n")[0], "HubSpot deal pipeline stages (connector)"),
        (
            "id,api_name,default_probability,is_active,is_closed,is_won,master_label,sort_order,created_date",
            "Salesforce opportunity stages",
        ),
    ],
)
def test_a_list_of_stages_is_no_table_of_deals(tmp_path: Path, header: str, name: str, added: str) -> None:
    proposed = proposed_settings(written(tmp_path, deal_pipeline_stage=f"{header}{added}\n"))
    assert f"# deal_pipeline_stage.csv: {name}; not a segxl table\n# It lists stages" in proposed
    assert "looks like" not in proposed
    assert tomllib.loads(proposed) == {}


def test_salesforce_stages_have_their_order_from_its_list_and_need_no_translation(tmp_path: Path) -> None:
    deals = (
        "Id,Name,AccountId,StageName,Amount,CloseDate,CreatedDate,IsClosed,IsWon\n"
        "1,One,7,Demo,1,2026-05-01,2026-04-01,false,false\n"
    )
    stages = (
        "id,api_name,master_label,is_active,is_closed,is_won,sort_order,default_probability\n"
        "a,Demo,Demonstration,true,false,false,2,50\nb,Call,Call,true,false,false,1,10\n"
        "c,Signed,Signed,true,true,true,3,100\nd,Gone,Gone,true,true,false,4,0\n"
    )
    proposed = proposed_settings(written(tmp_path, opportunity=deals, opportunity_stage=stages))
    assert '# stages = ["Call", "Demo"]\n# won_stages = ["Signed"]\n# lost_stages = ["Gone"]\n' in proposed
    assert tomllib.loads(proposed) == {"tables": {"opportunities": {"file": "opportunity.csv"}}}


def test_a_yes_or_no_is_no_day(tmp_path: Path) -> None:
    """closed_won is but a letter away from closed_on."""
    text = "deal,stage,amount,owner,created,closed_won,is_closed\nA,Demo,1,Ann,2026-04-01,false,false\n"
    proposed = proposed_settings(written(tmp_path, pipeline=text))
    assert "# It looks like opportunities" in proposed
    assert "closed_on" not in proposed


def test_the_status_of_a_campaign_is_no_stage(tmp_path: Path) -> None:
    """A known export of something else, named like deals."""
    text = "id,name,type,status,start_date,end_date,actual_cost,budgeted_cost\n1,A,x,Planned,2026-04-01,,5,9\n"
    proposed = proposed_settings(written(tmp_path, deal_campaigns=text))
    assert "# deal_campaigns.csv: Salesforce campaigns\n" in proposed
    assert "Planned" not in proposed


def test_two_lists_of_the_same_are_pointed_out(tmp_path: Path) -> None:
    proposed = proposed_settings(written(tmp_path, deals=DEALS, old=DEALS))
    assert "# 2 files are opportunities: deals.csv, old.csv. Delete the lines" in proposed
    assert [one["file"] for one in tomllib.loads(proposed)["tables"]["opportunities"]] == ["deals.csv", "old.csv"]


def test_two_histories_of_one_connector_are_pointed_out(tmp_path: Path) -> None:
    changes = "deal_id,timestamp,source,name,source_id,value\n1,2026-04-01,CRM_UI,dealstage,u,1234\n"
    proposed = proposed_settings(written(tmp_path, deal_property_history=changes, deal_stage=ENTERED))
    said = "# 2 files are opportunity_history: deal_property_history.csv, deal_stage.csv. Delete the lines"
    assert said in proposed


@pytest.mark.slow
def test_files_that_only_look_like_the_same_are_pointed_out_too(tmp_path: Path) -> None:
    moves = "account_id,event_date,type,amount\nA,2025-01-05,new,10\n"
    proposed = proposed_settings(written(tmp_path, revenue_events=moves, subscriptions=PERIODS))
    assert "# 2 files may be revenue: revenue_events.csv, subscriptions.csv. Delete the lines" in proposed


def test_a_header_of_two_names_is_known_by_one(tmp_path: Path) -> None:
    text = "Deal ID,Created,Stage,Close Date/Expected Close Date\n1,2025-01-05,Open,\n"
    assert '# closed_on = "Close Date/Expected Close Date"' in proposed_settings(written(tmp_path, deals=text))


@pytest.mark.slow
def test_an_empty_folder_has_nothing_to_propose(tmp_path: Path) -> None:
    assert proposed_settings(tmp_path) == ""
    status, proposed, said = check(tmp_path)
    assert (status, proposed) == (2, "")
    assert "no exports found. Put your exports" in said


@pytest.mark.parametrize("name", ['a"b.csv', "a\nname = 1 #.csv", "ä [1].csv", "a\\b.csv"])
def test_a_file_name_is_never_more_than_a_name(tmp_path: Path, name: str) -> None:
    try:
        (tmp_path / name).write_text(DEALS, encoding="utf-8")
    except OSError:
        pytest.skip("the system has no such file names")
    assert tomllib.loads(proposed_settings(tmp_path))["tables"]["opportunities"] == {"file": name}


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    proposed = proposed_settings(written(tmp_path, empty=""))
    assert "# broken.xlsx: not read: broken.xlsx" in proposed
    assert "# empty.csv: not read: empty.csv is empty" in proposed
    assert tomllib.loads(proposed) == {}


GERMAN = (
    "Deal - ID;Deal - Title;Deal - Organization;Deal - Stage;Deal - Status;Deal - Value;Deal - Deal created\n"
    "1;Erstes;Müller & Söhne;Demo;open;1.200,00;03.05.2026\n"
    "2;Zweites;Weiß AG;Angebot;won;900,00;14.05.2026\n"
)


def test_an_unknown_file_that_is_not_utf8_is_proposed_in_the_likeliest_encoding(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_bytes(GERMAN.encode("windows-1252"))
    proposed = proposed_settings(tmp_path)
    assert "# In windows-1252, if the names look right:\n# deals.csv: not a known export\n" in proposed
    assert '# file = "deals.csv"\n# encoding = "windows-1252"\n# [tables.opportunities.columns]\n' in proposed
    assert '# opportunity_id = "Deal - ID"' in proposed and '# account_id = "Deal - Organization"' in proposed
    (tmp_path / "segxl.toml").write_text("", encoding="utf-8")
    assert tomllib.loads(proposed) == {}  # nothing is guessed
    (said,) = unnamed_files(tmp_path, Settings())
    assert "is not utf-8" in said and 'encoding = "windows-1252"' in said and "if it is opportunities" in said


def test_help_is_named_for_a_file_that_looks_like_no_table(tmp_path: Path) -> None:
    assert "segxl help exports" in proposed_settings(written(tmp_path, notes="x,y\n1,2\n"))
    assert "segxl help exports" not in proposed_settings(written(tmp_path / "known", deals=DEALS))


def test_files_that_only_look_like_tables_have_their_types_and_segments_proposed_too(tmp_path: Path) -> None:
    accounts = "Account ID,Account Name,Industry,Region\n"
    accounts += "".join(f"A{at},N{at},{'SR'[at % 2]},East\n" for at in range(6))
    deals = "Deal ID,Customer,Amount,Stage,Created,Kind of deal,Type\nD1,N1,5,Demo,2026-04-01,x,Expansion\n"
    proposed = proposed_settings(written(tmp_path / "exports", accts=accounts, opps=deals))
    assert '# [types]\n# "Expansion" = "upsell"\n' in proposed
    assert '# [segments]\n# by = "Industry"\n' in proposed
    everything = "\n".join(line.removeprefix("# ") for line in proposed.splitlines() if " = " in line or "[" in line)
    assert settings_from(tomllib.loads(everything), "segxl.toml").types == {"Expansion": "upsell"}
