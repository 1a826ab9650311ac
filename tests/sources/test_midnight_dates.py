"""A date written as midnight is that date in every time zone, in every format and every kind of file."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.periods import NEVER, to_date
from segxl.sources.files.sheets import read_grids
from segxl.sources.formats import FORMATS, Format
from segxl.sources.values.dates import DateStyle, read_date_column
from segxl.sources.values.midnight import without_midnight
from segxl.tables.contracts import CONTRACTS, Type
from segxl.tables.text_column import TextColumn
from tests.conftest import write_folder
from tests.sources.test_fuzz import good_export

WEST, EAST = "America/Los_Angeles", "Asia/Tokyo"
DATES = (Type.DATE, Type.TIMESTAMP, Type.MONTH)
ISO = re.compile(r"\d{4}-\d\d-\d\d")


def _dates(*texts: str, timezone: str = WEST, of_days: bool = False, **style: str) -> list[str]:
    column = np.array([*texts, ""], dtype=object)[:-1]
    read = read_date_column(column, DateStyle(timezone=timezone, **style), of_days=of_days)  # type: ignore[arg-type]
    return ["" if day == NEVER else to_date(int(day)).isoformat() for day in read.days]


def _calendar(dataset: Dataset) -> dict[str, list[int]]:
    """Every date and month of a dataset by its table and column."""
    return {
        f"{name}.{column.name}": table[column.name].tolist()
        for name, table in dataset.tables.items()
        for column in table.contract.columns
        if column.type in DATES
    }


DATED = [one for one in FORMATS if any(column.type in DATES for column in CONTRACTS[one.table][0].columns)]


@pytest.mark.slow
@pytest.mark.parametrize("one", DATED, ids=[one.name for one in DATED])
def test_every_date_of_every_format_may_be_written_as_midnight_in_utc(one: Format, tmp_path: Path) -> None:
    grid = good_export(one)

    def written(name: str, timezone: str, behind: Callable[[int], str]) -> dict[str, list[int]]:
        folder = tmp_path / name.replace("/", "-")
        folder.mkdir()
        with (folder / "export.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [cell + behind(row) if ISO.fullmatch(cell) else cell for cell in cells]
                for row, cells in enumerate(grid)
            )
        (folder / "segxl.toml").write_text(
            f'timezone = "{timezone}"\nrun_date = 2026-05-05\n'
            + f'[tables.{one.table}]\nfile = "export.csv"\nformat = "{one.key}"\n'
            + ('kind = "snapshots"\n' if one.table == "buying_stages" else "")
        )
        return _calendar(load(folder))

    expected = written("plain", "UTC", lambda _: "")
    assert any(day != NEVER for days in expected.values() for day in days)
    for zone in (WEST, EAST):
        assert written(f"{zone} Z", zone, lambda _: "T00:00:00.000Z") == expected
        assert written(f"{zone} UTC", zone, lambda _: " 00:00:00 UTC") == expected
        assert written(f"{zone} mixed", zone, lambda row: ("", " 00:00:00+00:00", "T00:00Z")[row % 3]) == expected


def test_a_column_is_of_dates_where_every_time_is_midnight_and_of_moments_where_one_is_not() -> None:
    assert _dates("2026-03-01T00:00:00Z", "2026-03-02", "") == ["2026-03-01", "2026-03-02", ""]
    # midnight in UTC is 16:00 of the day before in Los Angeles, 18:30 UTC is 10:30 of the same day
    assert _dates("2026-03-01T00:00:00Z", "2026-03-02T18:30:00Z") == ["2026-02-28", "2026-03-02"]
    assert _dates("2026-03-01T00:00:00Z") == ["2026-03-01"]  # one row settles it as well as many
    assert _dates("1/3/2026 12:00:00 AM +00:00", "13/3/2026 12:00:00 AM +00:00") == ["2026-03-01", "2026-03-13"]
    assert _dates("2026-03-01T00:00:00+09:00", "2026-03-02T00:00:00+09:00") == ["2026-03-01", "2026-03-02"]
    assert _dates("2026-03-01T00:00:00Z", "soon") == ["2026-03-01", ""]  # what is no date has no say


def test_a_known_column_of_dates_keeps_its_midnights_beside_other_times() -> None:
    """A Salesforce close date that another program took from a time in Berlin, and one that none did."""
    assert _dates("2026-10-01T00:00:00Z", "2026-10-31T22:00:00Z", timezone="Europe/Berlin", of_days=True) == [
        "2026-10-01",
        "2026-10-31",
    ]
    assert _dates("2026-10-01T00:00:00Z", "2026-10-01T07:00:00Z", of_days=True) == ["2026-10-01", "2026-10-01"]


def test_columns_put_together_keep_each_their_own_way() -> None:
    days = TextColumn.of(np.array(["2026-03-01T00:00:00.000Z", "", "2026-04-01 00:00:00 UTC"], dtype=object))
    assert list(without_midnight(days)) == ["2026-03-01", "", "2026-04-01"]
    moments = TextColumn.of(np.array(["2026-03-01T00:00:00.000Z", "2026-04-01T10:00:00.000Z"], dtype=object))
    assert without_midnight(moments) is moments


# ------------------------------------------------------------------------------------------------- kinds of files

_SETTINGS = f'timezone = "{WEST}"\nrun_date = 2026-05-05\n'
_DAY, _NEXT = dt.datetime(2026, 3, 1), dt.datetime(2026, 4, 1)


def _mrr(folder: Path, file: str, more: str = "") -> list[int]:
    (folder / "segxl.toml").write_text(f'{_SETTINGS}[tables.revenue]\nfile = "{file}"\n{more}')
    return load(folder).tables["revenue"]["month"].tolist()


MARCH, APRIL = (2026 - 1970) * 12 + 2, (2026 - 1970) * 12 + 3


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", None])
def test_parquet_timestamps_at_midnight_are_dates(zone: str | None, tmp_path: Path) -> None:
    table = pyarrow.table(
        {
            "account_id": ["A", "A"],
            "month": pyarrow.array([_DAY, _NEXT], type=pyarrow.timestamp("us", tz=zone and "UTC")),
            "mrr": [10, 20],
        }
    )
    if zone == "America/New_York":  # 4:00 and 5:00 UTC: the same midnights by New York's clock
        moments = [_DAY + dt.timedelta(hours=5), _NEXT + dt.timedelta(hours=4)]
        table = table.set_column(1, "month", pyarrow.array(moments, type=pyarrow.timestamp("us", tz=zone)))
    pyarrow.parquet.write_table(table, tmp_path / "mrr.parquet")
    assert _mrr(tmp_path, "mrr.parquet") == [MARCH, APRIL]


def test_a_sheet_may_hold_them_as_texts_or_as_dates(tmp_path: Path) -> None:
    for name, cells in {
        "texts.xlsx": ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
        "dates.xlsx": (_DAY, _NEXT),
    }.items():
        book = openpyxl.Workbook()
        for row in (["account_id", "month", "mrr"], ["A", cells[0], 10], ["A", cells[1], 20]):
            book.active.append(row)
        book.save(tmp_path / name)
        assert _mrr(tmp_path, name) == [MARCH, APRIL]


def test_an_input_workbook_reads_them_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Settings"
    for row in (["key", "value"], ["timezone", WEST], ["run_date", "2026-05-05"]):
        book.active.append(row)
    leads = book.create_sheet("leads")
    for row in (["lead_id", "created_on", "mql_on"], [1, "2026-03-01T00:00:00Z", "2026-03-01T20:00:00Z"],
                [2, "2026-03-02 00:00:00 UTC", "2026-03-02T00:00:00Z"]):  # fmt: skip
        leads.append(row)
    book.save(tmp_path / "in.xlsx")
    found = load(tmp_path / "in.xlsx").tables["leads"]
    assert [to_date(int(day)).isoformat() for day in found["created_on"]] == ["2026-03-01", "2026-03-02"]
    assert [to_date(int(day)).isoformat() for day in found["mql_on"]] == ["2026-03-01", "2026-03-01"]


# ------------------------------------------------------------------------------------ times that name no time zone


def test_times_without_a_zone_are_in_the_one_that_the_table_says(tmp_path: Path) -> None:
    leads = "lead_id,created_on\n1,2026-03-01 03:00:00\n2,2026-03-01 12:00:00\n3,2026-03-04"
    said = f'timezone = "{WEST}"\n[tables.leads]\nfile = "leads.csv"\ntimestamps = "UTC"\n'
    dataset = load(write_folder(tmp_path / "utc", {"leads": leads}, said))
    # 3:00 in UTC is 19:00 of the day before; a date without a time is no moment
    days = [to_date(int(day)).isoformat() for day in dataset.tables["leads"]["created_on"]]
    assert days == ["2026-02-28", "2026-03-01", "2026-03-04"]
    (note,) = [note for note in dataset.ledger.files[0].notes if "time zone" in note]
    assert note == (
        "times in 'created_on' have no time zone: read as UTC, as set in timestamps; 1 row moves to another day in "
        "America/Los_Angeles"
    )
    tokyo = said.replace('"UTC"', '"Asia/Tokyo"')  # 12:00 in Tokyo is 19:00 of the day before in Los Angeles
    found = load(write_folder(tmp_path / "tokyo", {"leads": leads}, tokyo)).tables["leads"]["created_on"]
    assert [to_date(int(day)).isoformat() for day in found] == ["2026-02-28", "2026-02-28", "2026-03-04"]


def test_an_unknown_zone_is_refused_with_its_key(tmp_path: Path) -> None:
    said = '[tables.leads]\nfile = "leads.csv"\ntimestamps = "Pacific"\n'
    folder = write_folder(tmp_path, {"leads": "lead_id,created_on\n1,2026-03-01"}, said)
    with pytest.raises(Exception, match=r"tables\.leads\.timestamps: 'Pacific' is not a time zone"):
        load(folder)


@pytest.mark.parametrize(
    ("table", "header", "row", "column"),
    [
        ("opportunities", "id,account_id,stage_name,close_date,created_date,_fivetran_synced",
         "1,A,Discovery,2026-06-01,2026-03-01 02:00:00,x", "created_on"),
        ("opportunity_history", "deal_id,date_entered,value,_fivetran_synced", "1,2026-03-01 02:00:00,Discovery,x",
         "changed_at"),
        ("leads", "id,property_email,property_createdate,property_lifecyclestage",
         "7,a@b.example,2026-03-01 02:00:00,lead", "created_on"),
        ("activities", "marketoGUID,leadId,activityDate,activityTypeId,attributes",
         '1,9,2026-03-01 02:00:00,104,"{""Success"": true}"', "date"),
    ],
)  # fmt: skip
def test_connectors_and_apis_write_utc(table: str, header: str, row: str, column: str, tmp_path: Path) -> None:
    tables = {table: f"{header}\n{row}"}
    if table == "opportunity_history":
        tables["opportunities"] = "opportunity_id,created_on,stage\n1,2026-01-01,Discovery"
    found = load(write_folder(tmp_path, tables, f'timezone = "{WEST}"\n')).tables[table]
    assert [to_date(int(day)).isoformat() for day in found[column]] == ["2026-02-28"]


def test_a_report_of_the_same_vendor_is_in_the_users_zone(tmp_path: Path) -> None:
    report = "Opportunity Name,Stage,Close Date,Created Date,Amount\nX,Discovery,2026-06-01,2026-03-01 02:00:00,5"
    found = load(write_folder(tmp_path, {"opportunities": report}, f'timezone = "{WEST}"\n')).tables["opportunities"]
    assert to_date(int(found["created_on"][0])).isoformat() == "2026-03-01"


def test_a_connectors_table_that_nobody_knows_is_warned_of_where_the_day_depends_on_it(tmp_path: Path) -> None:
    leads = "lead_id,created_on,_airbyte_extracted_at\n1,2026-03-01 02:00:00,x\n2,2026-03-01 12:00:00,x"
    entry = load(write_folder(tmp_path / "west", {"leads": leads}, f'timezone = "{WEST}"\n')).ledger.files[0]
    (condition,) = entry.conditions
    assert condition.rows.tolist() == [2]
    assert 'below the line [tables.leads] add timestamps = "UTC"' in condition.remark
    assert not load(write_folder(tmp_path / "utc", {"leads": leads})).ledger.files[0].conditions


def test_parquet_keeps_the_midnights_of_a_column_of_moments(tmp_path: Path) -> None:
    moments = pyarrow.array([_DAY, _NEXT + dt.timedelta(hours=12)], type=pyarrow.timestamp("us"))
    pyarrow.parquet.write_table(pyarrow.table({"lead_id": [1, 2], "created_on": moments}), tmp_path / "leads.parquet")
    (tmp_path / "segxl.toml").write_text(f'{_SETTINGS}[tables.leads]\nfile = "leads.parquet"\ntimestamps = "UTC"\n')
    found = load(tmp_path).tables["leads"]["created_on"]
    assert [to_date(int(day)).isoformat() for day in found] == ["2026-02-28", "2026-04-01"]


# -------------------------------------------------------------------------------------------- workbooks from 1904


def _book_of_1904(path: Path, sheet: str) -> None:
    """Day 0 is 1904-01-01: 44,618 days later is 2026-02-27, and 44,649 days 2026-03-30."""
    assert dt.date(1904, 1, 1) + dt.timedelta(44_618) == dt.date(2026, 2, 27)
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.title = sheet
    for row in (["lead_id", "created_on", "mql_on"], [1, 44_618, dt.date(2026, 3, 5)], [2, 44_649.5, 44_649]):
        book.active.append(row)
    book.save(path)


def test_numbers_of_a_workbook_from_1904_are_its_own_days(tmp_path: Path) -> None:
    _book_of_1904(tmp_path / "leads.xlsx", "Export")
    (tmp_path / "segxl.toml").write_text(f'{_SETTINGS}[tables.leads]\nfile = "leads.xlsx"\n')
    _book_of_1904(tmp_path / "input.xlsx", "leads")
    for source in (tmp_path, tmp_path / "input.xlsx"):
        found = load(source, run_date=dt.date(2026, 5, 5)).tables["leads"]
        assert [to_date(int(day)).isoformat() for day in found["created_on"]] == ["2026-02-27", "2026-03-30"]
        assert [to_date(int(day)).isoformat() for day in found["mql_on"]] == ["2026-03-05", "2026-03-30"]
    assert [from_1904 for *_, from_1904 in read_grids(tmp_path / "input.xlsx")] == [True]


def test_numbers_of_other_workbooks_are_not(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["lead_id", "created_on"], [1, 46_080]):  # 1900 counts 1462 days more
        book.active.append(row)
    book.save(tmp_path / "leads.xlsx")
    (tmp_path / "segxl.toml").write_text(f'{_SETTINGS}[tables.leads]\nfile = "leads.xlsx"\n')
    assert to_date(int(load(tmp_path).tables["leads"]["created_on"][0])).isoformat() == "2026-02-27"
