"""Columns of Unix time, and of months without a day: read as a whole, or rejected with what they may be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from segxl.dataset.load import load
from segxl.dataset.model import Dataset
from segxl.periods import NEVER, to_date
from segxl.render.ledger.text import ledger_text
from segxl.sources.values.dates import DateStyle, MonthDay, read_date_column, why_no_date
from segxl.sources.values.readers import read_months
from tests.conftest import write_folder

UTC = dt.UTC
NOON = int(dt.datetime(2024, 2, 29, 12, 30, tzinfo=UTC).timestamp())
LATE = int(dt.datetime(2031, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}


def _dates(*texts: str, timezone: str = "UTC", month_dates: MonthDay | None = None) -> list[str]:
    column = np.array([*texts, ""], dtype=object)[:-1]
    read = read_date_column(column, DateStyle(timezone=timezone, month_dates=month_dates))
    return [
        "bad" if bad else "" if day == NEVER else to_date(int(day)).isoformat()
        for day, bad in zip(read.days, read.bad, strict=True)
    ]


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_column_of_one_unit_is_moments_in_utc(unit: int) -> None:
    texts = (str(NOON * unit), "", str(LATE * unit))
    assert _dates(*texts) == ["2024-02-29", "", "2031-12-31"]
    # Auckland is 13 hours ahead in both: 1:30 and 12:59 of the next day
    assert _dates(*texts, timezone="Pacific/Auckland") == ["2024-03-01", "", "2032-01-01"]


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_midnights_in_utc_are_dates_there_too(unit: int) -> None:
    days = [int(dt.datetime(2024, 3, day, tzinfo=UTC).timestamp()) * unit for day in (1, 2)]
    assert _dates(*map(str, days), timezone="America/Chicago") == ["2024-03-01", "2024-03-02"]


def test_parts_of_a_second_and_floats_are_read() -> None:
    assert _dates(f"{NOON}.25", f"{LATE}.0") == ["2024-02-29", "2031-12-31"]
    assert _dates("1.7092098123e+18") == ["2024-02-29"]
    assert _dates("1.70921E+12") == ["bad"]  # as Excel shows it: the days are lost


@pytest.mark.parametrize(
    "texts",
    [
        (str(NOON), str(NOON * 1000)),
        (str(NOON), "2024-02-29"),
        (str(NOON * 1000), "46000"),
        (str(NOON * 1000), "20240229"),
        ("2024022912", "2025123100"),  # a day with its hour
        ("9999999999",),  # the year 2286
        ("123456789012",),
    ],
)
def test_what_disagrees_or_is_not_plausible_is_no_date(texts: tuple[str, ...]) -> None:
    read = _dates(*texts)
    assert all(day == "bad" for text, day in zip(texts, read, strict=True) if text.isdecimal() and len(text) > 8)
    assert all(day != "bad" for text, day in zip(texts, read, strict=True) if "-" in text or len(text) in (5, 8))


def test_days_and_serials_are_still_themselves() -> None:
    assert _dates("20240229", "20240301") == ["2024-02-29", "2024-03-01"]
    assert _dates("45351", "45352") == ["2024-02-29", "2024-03-01"]


def test_months_may_be_unix_time_as_well() -> None:
    milliseconds = np.array([str(int(dt.datetime(2024, month, 1, tzinfo=UTC).timestamp()) * 1000) for month in (5, 6)])
    months, bad = read_months(milliseconds.astype(object), timezone="America/Chicago")
    assert (months.tolist(), bad.any()) == ([54 * 12 + 4, 54 * 12 + 5], False)


def _created(dataset: Dataset) -> list[str]:
    return [to_date(int(day)).isoformat() for day in dataset.tables["leads"]["created_on"]]


def test_every_kind_of_file_may_hold_them(tmp_path: Path) -> None:
    head = 'run_date = 2026-05-05\ntimezone = "America/Chicago"\n[tables.leads]\n'
    numbers = [NOON * 1000, LATE * 1000]
    expected = ["2024-02-29", "2031-12-31"]
    (tmp_path / "leads.csv").write_text("lead_id,created_on\n" + "".join(f"{at},{n}\n" for at, n in enumerate(numbers)))
    pyarrow.parquet.write_table(pyarrow.table({"lead_id": [1, 2], "created_on": numbers}), tmp_path / "leads.parquet")
    book = openpyxl.Workbook()
    book.active.title = "leads"
    for row in (["lead_id", "created_on"], [1, numbers[0]], [2, numbers[1]]):
        book.active.append(row)
    book.save(tmp_path / "leads.xlsx")
    for name in ("leads.csv", "leads.parquet", "leads.xlsx"):
        (tmp_path / "segxl.toml").write_text(f'{head}file = "{name}"\nlatest_by = "created_on"\n')
        assert _created(load(tmp_path, as_of=dt.date(2032, 1, 1))) == expected
    assert _created(load(tmp_path / "leads.xlsx", as_of=dt.date(2032, 1, 2))) == ["2024-02-29", "2031-12-31"]


def test_a_row_rejected_for_it_says_what_it_may_be(tmp_path: Path) -> None:
    leads = f"lead_id,created_on\n1,{NOON}\n2,2024-03-01\n"
    (rejection,) = load(write_folder(tmp_path, {"leads": leads})).ledger.files[0].rejected
    assert str(rejection) == (
        f"leads.csv, row 2, column 'created_on': '{NOON}' may be Unix time, but the column mixes formats; "
        "write dates like 2026-10-31, or Unix time in one unit in all rows"
    )
    assert [why_no_date(text, "day-first") for text in ("tomorrow", "12345", "")] == ["", "", ""]


# ------------------------------------------------------------------------------------------------- months for dates


@pytest.mark.parametrize("text", ["2025-02", "02/2025", "2.2025", "202502", "Feb 2025", "february-2025", "Feb '25"])
def test_a_month_without_a_day_is_its_first_or_its_last(text: str) -> None:
    assert _dates(text) == _dates(text, month_dates="first-day") == ["2025-02-01"]
    assert _dates(text, month_dates="last-day") == ["2025-02-28"]


def test_no_time_zone_moves_a_month_and_none_settles_the_order_of_days() -> None:
    assert _dates("2025-02", timezone="America/Chicago") == ["2025-02-01"]
    assert _dates("2025-02", "2025-02-03T12:00:00Z", timezone="Asia/Tokyo") == ["2025-02-01", "2025-02-03"]


def test_a_short_year_may_be_a_day_and_is_asked_for() -> None:
    assert _dates("Feb-25") == ["bad"]
    assert "may be a month or a day without a year" in str(why_no_date("Feb-25", None))
    assert _dates("Feb-25", month_dates="last-day") == ["2025-02-28"]
    assert _dates("201011", "2025-13", "13/2025") == ["bad", "bad", "bad"]


DEALS = "deal,opened,ended,stage\n" + "".join(f"{at},2024-0{at},2024-1{at % 3},Closed Won\n" for at in range(1, 5))
COLUMNS = 'columns = { opportunity_id = "deal", created_on = "opened", closed_on = "ended" }\n'


def test_months_of_deals_are_warned_of_until_the_settings_say_which_day(tmp_path: Path) -> None:
    said = f'[tables.opportunities]\nfile = "opportunities.csv"\n{COLUMNS}'
    entry = load(write_folder(tmp_path / "a", {"opportunities": DEALS}, said)).ledger.files[0]
    assert [condition.remark for condition in entry.conditions] == [
        f"4 rows have a month without a day in {header!r}; segxl uses the first day of the month (rows "
        "2, 3, 4, 5). Export full dates, or confirm the day: below the line [tables.opportunities] add month_dates = "
        '"first-day" (or last-day).'
        for header in ("opened", "ended")
    ]
    dataset = load(write_folder(tmp_path / "b", {"opportunities": DEALS}, f'{said}month_dates = "last-day"\n'))
    assert not dataset.ledger.files[0].conditions
    closed = [to_date(int(day)).isoformat() for day in dataset.tables["opportunities"]["closed_on"]]
    assert closed == ["2024-11-30", "2024-12-31", "2024-10-31", "2024-11-30"]


def test_one_column_for_two_dates_is_reported_once(tmp_path: Path) -> None:
    both = COLUMNS.replace('"ended"', '"opened"')
    said = f'[tables.opportunities]\nfile = "opportunities.csv"\n{both}'
    dataset = load(write_folder(tmp_path / "a", {"opportunities": DEALS}, said))
    assert len(dataset.ledger.files[0].conditions) == 1
    broken = load(write_folder(tmp_path / "b", {"opportunities": DEALS.replace("2024-0", "soon ")}, said))
    assert "rejected: 4 × opened: the value is not a date" in ledger_text(broken)
