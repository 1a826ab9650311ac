"""A folder of exports without a segxl.toml: `segxl check` proposes one, and what it proposes is one."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from segxl.settings import settings_from
from segxl.sources.proposal import proposed_settings

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


def test_known_exports_are_named_and_the_proposal_runs_as_it_is(tmp_path: Path) -> None:
    folder = written(tmp_path / "exports", deals=DEALS, periods=PERIODS, notes="x,y\n1,2\n")
    status, proposed, said = check(folder)
    assert status == 2
    assert "holds no segxl.toml; the lines on standard output propose what to write into it" in said
    assert [path.name for path in sorted(folder.iterdir())] == ["deals.csv", "notes.csv", "periods.csv"]
    assert '# stages = ["Demo", "Proposal"]' in proposed
    assert "# deals.csv: HubSpot deals and HubSpot deals, the dates they entered their stages\n" in proposed
    assert "# notes.csv: no known export's header\n# Its columns: x, y" in proposed
    assert "# periods.csv: no known export's header\n# It looks like revenue;" in proposed
    assert tomllib.loads(proposed) == {
        "tables": {"opportunities": {"file": "deals.csv"}, "opportunity_history": {"file": "deals.csv"}}
    }
    (folder / "segxl.toml").write_text(proposed, encoding="utf-8")
    status, ledger, said = check(folder)
    assert (status, said) == (0, "")
    assert "deals.csv" in ledger


def test_remarks_are_settings_once_their_sign_is_taken_away(tmp_path: Path) -> None:
    proposed = proposed_settings(written(tmp_path, periods=PERIODS))
    remark = "# It looks like revenue; look through these lines, if they are right, take the # at the beginning away:\n"
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
    assert "It looks like opportunities; look through these lines, complete them, then take the #" in proposed
    assert '# opportunity_id = "…"   # needed; no header looks like it\n' in proposed
    assert '# stage = "Sales stage"\n' in proposed
    assert '# stages = ["Open"]\n# won_stages = ["Won"]\n# lost_stages = ["Lost"]' in proposed
    assert tomllib.loads(proposed) == {}


def test_settings_that_name_no_table_get_the_same(tmp_path: Path) -> None:
    """So does a segxl.toml that is still empty, as a shell makes it that writes the output there."""
    folder = written(tmp_path / "exports", deals=DEALS)
    (folder / "segxl.toml").write_text("", encoding="utf-8")
    status, proposed, said = check(folder)
    assert status == 2
    assert '[tables.opportunities]\nfile = "deals.csv"' in proposed
    assert "segxl.toml names no table" in said


def test_two_lists_of_the_same_are_pointed_out(tmp_path: Path) -> None:
    proposed = proposed_settings(written(tmp_path, deals=DEALS, old=DEALS))
    assert "# 2 files feed opportunities: deals.csv, old.csv. Leave out what is another" in proposed
    assert [one["file"] for one in tomllib.loads(proposed)["tables"]["opportunities"]] == ["deals.csv", "old.csv"]


def test_files_that_only_look_like_the_same_are_pointed_out_too(tmp_path: Path) -> None:
    moves = "account_id,event_date,type,amount\nA,2025-01-05,new,10\n"
    proposed = proposed_settings(written(tmp_path, revenue_events=moves, subscriptions=PERIODS))
    assert "# 2 files may feed revenue: revenue_events.csv, subscriptions.csv. Leave out what is another" in proposed


def test_a_header_of_two_names_is_known_by_one(tmp_path: Path) -> None:
    text = "Deal ID,Created,Stage,Close Date/Expected Close Date\n1,2025-01-05,Open,\n"
    assert '# closed_on = "Close Date/Expected Close Date"' in proposed_settings(written(tmp_path, deals=text))


def test_an_empty_folder_has_nothing_to_propose(tmp_path: Path) -> None:
    assert proposed_settings(tmp_path) == ""
    status, proposed, said = check(tmp_path)
    assert (status, proposed) == (2, "")
    assert "holds no segxl.toml; write one that names the exports" in said


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
