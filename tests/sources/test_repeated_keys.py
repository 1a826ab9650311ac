"""Rows of one key: what is used decides whether they differ, and the moment whether one of them is the latest."""

from __future__ import annotations

import pandas as pd
import pytest

from segxl.dataset.load import load
from tests.conftest import Folder

STAGES = 'stages = ["Open", "Next"]\nwon_stages = ["Won"]\nrun_date = 2026-03-05\n'
SHIPMENTS = """shipment,port,client_no,client,shipped,worth
1,Oslo,77,Fjord,2026-01-05,10
2,Bergen,77,Fjord,2026-01-06,20
3,Bergen,78,Skog,2026-01-07,20
4,Oslo,79,Elv,2026-01-07,5
5,Oslo,79,Elva,2026-01-07,5
"""
ACCOUNTS = '[tables.accounts]\nfile = "shipments.csv"\ncolumns = { account_id = "client_no", name = "client" }\n'


def test_rows_that_differ_only_in_what_nothing_uses_are_one_account(folder: Folder) -> None:
    dataset = folder(ACCOUNTS, shipments=SHIPMENTS)
    (entry,) = dataset.ledger.files
    assert (entry.rows, entry.used, entry.excluded) == (5, 2, {"duplicate row": 1})
    # 79 has two names: which of them is right?
    assert [one.row for one in entry.rejected] == [5, 6]
    assert dataset.tables["accounts"]["account_id"].tolist() == ["77", "78"]


@pytest.mark.parametrize(
    "segments",
    ['[segments]\nby = "Port"\n', '[[segments.named]]\nname = "North"\nwhere = { port = ["Bergen"] }\n'],
    ids=["by", "named"],
)
def test_a_column_that_makes_segments_is_used(folder: Folder, segments: str) -> None:
    dataset = folder(segments + ACCOUNTS, shipments=SHIPMENTS)
    assert [one.row for one in dataset.ledger.files[0].rejected] == [2, 3, 5, 6]


def test_a_country_is_used_where_rows_name_their_account_by_it(folder: Folder) -> None:
    text = "account_id,name,country\n1,Acme,Chile\n1,Acme,Peru\n"
    alone = folder('[tables.accounts]\nfile = "accounts.csv"\n', accounts=text)
    assert not alone.ledger.rejected_rows
    named = folder(
        '[tables.accounts]\nfile = "accounts.csv"\n[tables.activities]\nfile = "web.csv"\n',
        accounts=text,
        web="account_name,account_country,date,source,kind\nAcme,Peru,2026-01-05,known_web,engagement\n",
    )
    assert [one.row for one in named.ledger.files[0].rejected] == [2, 3]


MOMENTS = {
    "a time of day": ("2026-01-05 09:00:00", "2026-01-05 15:30:00"),
    "a part of a second": ("2026-01-05 15:30:00.25", "2026-01-05 15:30:00.250001"),
    "a part of a second behind a comma": ("2026-01-05 15:30:00,7", "2026-01-05 15:30:00,75"),
    "with an offset": ("2026-01-05T15:30:00.999Z", "2026-01-05T15:30:01+00:00"),
    "12 hours": ("1/25/2026 11:59 AM", "1/25/2026 1:05 PM"),
    "Unix time in milliseconds": ("1767605400250", "1767605400251"),
    "Unix time in nanoseconds": ("1767605400250000001", "1767605400250000002"),
}


@pytest.mark.parametrize("feeds", ["", 'expected_close_on = "at", '], ids=["feeds nothing", "feeds a date"])
@pytest.mark.parametrize("case", MOMENTS)
def test_latest_by_keeps_the_time_and_parts_of_a_second(folder: Folder, case: str, feeds: str) -> None:
    early, late = (f'"{moment}"' for moment in MOMENTS[case])
    settings = (
        f'{STAGES}[tables.opportunities]\nfile = "log.csv"\nlatest_by = "AT"\n'
        f'columns = {{ {feeds}opportunity_id = "deal", created_on = "made", stage = "step" }}\n'
    )
    rows = f"1,2026-01-05,Open,{early}\n1,2026-01-05,Next,{late}\n2,2026-01-05,Next,{late}\n2,2026-01-05,Open,{early}\n"
    dataset = folder(settings, log=f"deal,made,step,at\n{rows}")
    (entry,) = dataset.ledger.files
    assert entry.excluded == {"older version of the same record (by AT)": 2}
    assert not entry.rejected
    assert dataset.tables["opportunities"]["stage"].tolist() == ["Next", "Next"]


def test_latest_by_compares_moments_of_files_that_write_them_differently(folder: Folder) -> None:
    """In June, so that neither file's dates fit the other's order."""
    settings = (
        f'{STAGES}[[tables.opportunities]]\nfile = "de.csv"\ndates = "day-first"\nlatest_by = "closed_on"\n'
        '[[tables.opportunities]]\nfile = "us.csv"\ndates = "month-first"\n'
    ).replace("2026-03-05", "2026-07-05")
    header = "opportunity_id,created_on,stage,closed_on\n"
    dataset = folder(
        settings,
        de=f"{header}1,01.02.2026,Open,04.06.2026 10:00\n2,01.02.2026,Won,04.06.2026 10:30\n",
        us=f"{header}1,02/01/2026,Won,06/04/2026 10:15\n2,02/01/2026,Open,06/04/2026 10:15\n",
    )
    assert not dataset.ledger.rejected_rows
    table = dataset.tables["opportunities"]
    assert dict(zip(table["opportunity_id"], table["stage"], strict=True)) == {"1": "Won", "2": "Won"}


def test_latest_by_reads_the_moments_of_a_parquet_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    pytest.importorskip("pyarrow")
    moments = pd.to_datetime(["2026-01-05 15:30:00.100", "2026-01-05 15:30:00.200"])
    frame = pd.DataFrame({"deal": ["1", "1"], "made": moments, "step": ["Next", "Open"], "at": moments})
    frame.to_parquet(tmp_path / "log.parquet")
    (tmp_path / "segxl.toml").write_text(
        f'{STAGES}[tables.opportunities]\nfile = "log.parquet"\nlatest_by = "at"\n'
        'columns = { opportunity_id = "deal", created_on = "made", stage = "step", expected_close_on = "at" }\n'
    )
    dataset = load(tmp_path)
    assert dataset.tables["opportunities"]["stage"].tolist() == ["Open"]
