"""The calendar, and which period is taken when no one names one."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxl.errors import SegxlError
from segxl.periods import (
    NEVER,
    Fiscal,
    Window,
    month_label,
    month_period,
    months_of,
    months_span,
    parse_month,
    parse_period,
    parse_span,
    to_date,
    to_day,
    to_month,
)
from segxl.scorecard.period_choice import choose_period
from tests.conftest import Folder

CALENDAR = Fiscal()


def test_a_month_and_its_bases() -> None:
    period = parse_period("2024-02", CALENDAR)
    assert (period.kind, period.label) == ("month", "2024-02")
    assert period.window == Window(date(2024, 2, 1), date(2024, 2, 29))  # a leap year
    assert period.previous == Window(date(2024, 1, 1), date(2024, 1, 31))
    assert period.year_ago == Window(date(2023, 2, 1), date(2023, 2, 28))
    assert period.trailing_12 == Window(date(2023, 3, 1), date(2024, 2, 29))  # February included
    assert period.available_on == date(2024, 3, 3)


def test_a_quarter_and_its_bases() -> None:
    period = parse_period(" 2025-q1 ", CALENDAR)
    assert (period.kind, period.label) == ("quarter", "2025-Q1")
    assert period.window == Window(date(2025, 1, 1), date(2025, 3, 31))
    assert period.previous == Window(date(2024, 10, 1), date(2024, 12, 31))
    assert period.year_ago == Window(date(2024, 1, 1), date(2024, 3, 31))
    assert period.trailing_12 == Window(date(2024, 4, 1), date(2025, 3, 31))
    assert period.available_on == date(2025, 4, 3)


@pytest.mark.parametrize(
    ("start", "named_by", "label", "first", "last"),
    [
        (4, "end", "2026-Q1", date(2025, 4, 1), date(2025, 6, 30)),
        (4, "end", "2026-Q4", date(2026, 1, 1), date(2026, 3, 31)),
        (4, "start", "2026-Q1", date(2026, 4, 1), date(2026, 6, 30)),
        (2, "end", "2026-Q4", date(2025, 11, 1), date(2026, 1, 31)),  # across the new year
        (12, "end", "2026-Q1", date(2025, 12, 1), date(2026, 2, 28)),
        (1, "start", "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
    ],
)
def test_fiscal_quarters(start: int, named_by: str, label: str, first: date, last: date) -> None:
    fiscal = Fiscal(start, "end" if named_by == "end" else "start")
    assert parse_period(label, fiscal).window == Window(first, last)


@given(month=st.integers(0, 900), start=st.integers(1, 12), named_by=st.sampled_from(["end", "start"]))
def test_every_month_lies_in_its_fiscal_quarter(month: int, start: int, named_by: str) -> None:
    quarter = Fiscal(start, "end" if named_by == "end" else "start").quarter_of(month)
    assert quarter.first <= month <= quarter.last == quarter.first + 2
    assert (quarter.first - (start - 1)) % 3 == 0


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_days_and_months_count_from_1970(day: date) -> None:
    assert to_date(to_day(day)) == day
    assert months_of(np.array([to_day(day)], np.int32))[0] == to_month(day)
    window = month_period(to_month(day)).window
    assert window.start <= day <= window.end
    assert window.start.day == 1
    assert (window.end + timedelta(days=1)).day == 1
    assert month_label(to_month(day)) == day.strftime("%Y-%m")


def test_a_blank_date_lies_after_every_window() -> None:
    assert months_of(np.array([NEVER], np.int32))[0] == NEVER
    assert to_day(date(9999, 12, 31)) < NEVER


@pytest.mark.parametrize(
    "text",
    [
        "2025-07",
        "2025-7",
        "2025/7",
        "07/2025",
        "7.2025",
        "Jul 2025",
        "july-2025",
        "JULY2025",
        "2025 Jul.",
        "2025-07-31",
    ],
)
def test_months_as_people_write_them(text: str) -> None:
    july = (2025 - 1970) * 12 + 6
    assert parse_month(text) == parse_month(f" {text} ") == july
    assert parse_period(text, CALENDAR) == month_period(july)
    assert parse_span(text) == months_span(july, july)


@pytest.mark.parametrize("text", ["07-25", "10-11", "Ju 2025", "Juli 2025", "0000-07", "2025-07-31 12:00", "202507"])
def test_what_is_not_a_month(text: str) -> None:
    assert parse_month(text) is None


@pytest.mark.parametrize("text", ["2025", "2025-13", "2025-00", "2025-Q5", "2025-Q0", "Q3", "13-2025", "", "2025-123"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(SegxlError, match="is not a period: write a month as 2026-10 or a quarter as 2026-Q3"):
        parse_period(text, CALENDAR)


# ------------------------------------------------------------------------------------- choosing a period

DEALS = """
opportunity_id,created_on,stage,closed_on,amount
1,2026-01-10,Closed Won,2026-02-05,100
2,2026-02-10,Discovery,2026-12-01,50
3,2026-10-20,Discovery,,50
"""
"""January to October 2026: the expected date of the open deal makes no month of data."""


@pytest.mark.parametrize(
    ("run_date", "label", "said"),
    [
        ("2026-11-02", "2026-09", "latest available month: 2026-09"),  # October counts from the 3rd
        ("2026-11-03", "2026-10", "latest available month: 2026-10"),
        ("2026-12-03", "2026-10", "latest available month with data: 2026-10"),  # November would be there
        ("2026-03-03", "2026-02", "latest available month: 2026-02"),
        ("2026-03-02", "2026-01", "latest available month: 2026-01"),
    ],
)
def test_the_latest_available_month(folder: Folder, run_date: str, label: str, said: str) -> None:
    # The cut-off stays at the year's end, so that only the run date moves.
    dataset = folder(f"run_date = {run_date}\nas_of = 2026-12-31\n", opportunities=DEALS)
    period, words = choose_period(dataset, None)
    assert (period.label, words) == (label, said)


def test_the_default_steps_back_to_before_the_cut_off(folder: Folder) -> None:
    dataset = folder("run_date = 2026-12-31\nas_of = 2026-09-29\n", opportunities=DEALS)
    # September is cut off a day early. The cut-off took October's deal away: data end in February.
    assert choose_period(dataset, None)[0].label == "2026-02"
    deals = DEALS + "4,2026-09-01,Discovery,,1\n"
    dataset = folder("run_date = 2026-12-31\nas_of = 2026-09-29\n", opportunities=deals)
    assert choose_period(dataset, None)[0].label == "2026-08"
    dataset = folder("run_date = 2026-12-31\nas_of = 2026-09-30\n", opportunities=deals)
    assert choose_period(dataset, None)[0].label == "2026-09"


def test_a_period_that_is_not_available_is_refused_with_its_date(folder: Folder) -> None:
    dataset = folder("run_date = 2026-11-02\n", opportunities=DEALS)
    assert choose_period(dataset, "2026-09") == (parse_period("2026-09", CALENDAR), "")
    with pytest.raises(SegxlError) as refused:
        choose_period(dataset, "2026-10")
    assert str(refused.value) == (
        "2026-10 is not available before 2026-11-03, the 3rd of the next month; the latest available month is 2026-09; "
        "choose an earlier period, or add --allow-partial for a partial period"
    )
    quarter = r"2026-Q4 \(1 Oct 2026 – 31 Dec 2026\) is not available before 2027-01-03.* latest available quarter is "
    with pytest.raises(SegxlError, match=rf"{quarter}2026-Q3 \(1 Jul 2026 – 30 Sep 2026\)"):
        choose_period(dataset, "2026-Q4")
    period, said = choose_period(dataset, "2026-Q4", allow_partial=True)
    assert period.label == "2026-Q4"
    assert said == "2026-Q4 is not complete"  # no cut-off was given, so today's date leaves no trace
    # what is complete is not called partial
    assert choose_period(dataset, "2026-09", allow_partial=True)[1] == ""
    on_the_third = folder("run_date = 2026-11-03\n", opportunities=DEALS)
    assert choose_period(on_the_third, "2026-10")[0].label == "2026-10"


def test_a_period_that_is_cut_off_is_refused(folder: Folder) -> None:
    dataset = folder("run_date = 2026-12-31\nas_of = 2026-10-30\n", opportunities=DEALS)
    with pytest.raises(SegxlError, match="the data cut-off is 2026-10-30, before the end of 2026-10"):
        choose_period(dataset, "2026-10")
    said = choose_period(dataset, "2026-10", allow_partial=True)[1]
    assert said == "2026-10 is not complete: data up to 2026-10-30"


def test_a_period_without_data_is_refused_partial_or_not(folder: Folder) -> None:
    dataset = folder("run_date = 2027-12-31\n", opportunities=DEALS)
    for label in ("2025-12", "2026-11", "2027-Q1"):
        for partial in (False, True):
            with pytest.raises(SegxlError, match=f"no data for {label}.*: .* from 2026-01 to 2026-10$"):
                choose_period(dataset, label, allow_partial=partial)
    waiting = folder("run_date = 2026-11-02\n", opportunities=DEALS)
    later = "from 2026-01 to 2026-10; the latest available month is 2026-09; 2026-10 is available from 2026-11-03"
    with pytest.raises(SegxlError, match=later):
        choose_period(waiting, "2027-03")
    deal = "opportunity_id,created_on,stage,closed_on,amount\n3,2026-10-20,Discovery,,50\n"
    with pytest.raises(SegxlError, match="no data for 2026-09: all data is in 2026-10"):
        choose_period(folder("run_date = 2027-12-31\n", opportunities=deal), "2026-09")
    # a quarter that has some of its months is there
    assert choose_period(dataset, "2026-Q4")[0].label == "2026-Q4"


def test_no_month_at_all(folder: Folder) -> None:
    early = folder("run_date = 2026-02-02\nas_of = 2026-12-31\n", opportunities=DEALS)
    with pytest.raises(SegxlError, match=r"no complete month is available yet: .* from 2026-01 to 2026-10"):
        choose_period(early, None)
    empty = folder("", opportunities="opportunity_id,created_on,stage\n1,,Discovery\n")
    with pytest.raises(SegxlError, match="No usable dates found"):
        choose_period(empty, None)
    without = folder("", accounts="account_id\nA1\n")
    with pytest.raises(SegxlError, match=r"No usable dates found\. Add opportunities"):
        choose_period(without, None)


@pytest.mark.parametrize(
    ("start", "label", "name"),
    [
        (2, "2027-Q3", "FY27 Q3 (Aug–Oct 2026)"),
        (2, "2027-Q4", "FY27 Q4 (Nov 2026–Jan 2027)"),
        (10, "2027-Q1", "FY27 Q1 (Oct–Dec 2026)"),
        (1, "2026-Q3", "2026-Q3"),
        (2, "2026-09", "2026-09"),
    ],
)
def test_a_fiscal_quarter_has_a_name_with_its_months(start: int, label: str, name: str) -> None:
    period = parse_period(label, Fiscal(start, "end"))
    assert period.name == name
    assert parse_period(period.short_name, Fiscal(start, "end")) == period  # what pages show can be asked for


@pytest.mark.parametrize("text", ["2026-Q3", "2026Q3", "Q3 2026", "FY26 Q3", "fy2026-q3", "Q3 FY26"])
def test_quarters_are_read_as_people_write_them(text: str) -> None:
    assert parse_period(text, Fiscal(2, "end")).label == "2026-Q3"


def test_a_fiscal_quarter_is_named_with_its_days(folder: Folder) -> None:
    february = Fiscal(2, "end")
    quarter = parse_period("2026-Q3", february)
    assert quarter.dated == "2026-Q3 (1 Aug 2025 – 31 Oct 2025)"
    assert february.year_of(quarter) == "fiscal year 2026 ends in January 2026"
    assert Fiscal(2, "start").year_of(parse_period("2026-Q3", Fiscal(2, "start"))) == (
        "fiscal year 2026 starts in February 2026"
    )
    assert Fiscal().year_of(parse_period("2026-Q3", Fiscal())) == ""
