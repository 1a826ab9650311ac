"""Reading columns: what each text means, what is refused, and that nothing is guessed."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segxl.errors import SegxlError
from segxl.periods import NEVER, month_label, to_date
from segxl.sources.values import shapes
from segxl.sources.values.readers import (
    DATE_ORDERS,
    NO_ORDER,
    AmbiguousDatesError,
    AmbiguousNumbersError,
    DateOrder,
    DecimalMark,
    read_dates,
    read_flags,
    read_money,
    read_months,
    read_numbers,
    read_percents,
)
from segxl.sources.values.shapes import of_each_shape
from segxl.tables.contracts import NO_MONEY, Texts

BAD = "bad"
"""Stands for a cell that was marked unreadable."""


def _column(texts: Sequence[str]) -> Texts:
    return np.array([*texts, ""], dtype=object)[:-1]  # an array of objects even when there are none


def _dates(*texts: str, order: DateOrder | None = None, timezone: str = "UTC") -> list[str | None]:
    """ISO dates, None for blanks, BAD for what cannot be read."""
    days, bad, keys = read_dates(_column(texts), order=order, timezone=timezone)
    assert (days.dtype, bad.dtype, keys.dtype) == (np.int32, np.bool_, np.int64)
    assert ((keys // 86_400 == days) | (keys == NO_ORDER)).all()
    assert ((days == NEVER) == (keys == NO_ORDER)).all()
    assert (days[bad] == NEVER).all()
    return [
        BAD if wrong else None if day == NEVER else to_date(day).isoformat()
        for day, wrong in zip(days, bad, strict=True)
    ]


def _moments(*texts: str, timezone: str = "UTC") -> list[str]:
    _, _, keys = read_dates(_column(texts), order=None, timezone=timezone)
    return [str(np.datetime64(int(key), "s")) for key in keys]


def _money(*texts: str, decimal: DecimalMark | None = None) -> list[int | str | None]:
    """Cents, None for blanks, BAD for what cannot be read."""
    cents, bad, _ = read_money(_column(texts), decimal=decimal)
    assert (cents.dtype, bad.dtype) == (np.int64, np.bool_)
    return [
        BAD if wrong else None if amount == NO_MONEY else int(amount) for amount, wrong in zip(cents, bad, strict=True)
    ]


# --- dates


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05",
        "2026-3-5",
        "2026/03/05",
        "2026.03.05",
        "20260305",
        "2026-03-05T23:59:59",
        "2026-03-05 23:59",
        "2026-03-05 23:59:59.999999",
        "2026-03-05T23:59:59.9Z",
        "2026-03-05 07:00:00 UTC",
        "05-Mar-2026",
        "5 March 2026",
        "5. March 2026",
        "5-MAR-26",
        "05mar2026",
        "5th March, 2026",
        "05 Mar, 2026 00:02:00",
        "Thu, 05 Mar 2026 00:02:00 +0000",
        "Mar 5, 2026",
        "Mar. 5, 2026",
        "March 5th, 2026",
        "Thursday, March 5, 2026",
        "Mar 5, 2026, 1:02 PM",
        "2026-Mar-05",
        "46086",
        "46086.0",
        "46086.99998",
    ],
)
def test_the_fifth_of_march(text: str) -> None:
    assert _dates(text) == ["2026-03-05"]


@pytest.mark.parametrize(
    "text",
    [
        *("TBD", "--", "n/a", "-", "0", "never", "Q1 2026", "2026", "2026-13", "Mar-26", "5 Mar", "200911"),
        *("2026-02-29", "2026-13-01", "2026-00-10", "0000-00-00", "1899-12-31", "20261301"),
        *("31-Apr-2026", "2026-03-05 24:00", "2026-03-05 12:60", "2026-03-05 13:00 PM"),
        *("2026-03-05 00:10 am", "2026-03-05x", "19999", "80001", "4608", "46086,5", "5-3/2026"),
        *("30/02/2026", "٢٠٢٦-٠٣-٠٥", "2026-03-05\0", "İ"),
    ],
)
def test_what_is_no_date_is_bad_and_not_blank(text: str) -> None:
    assert _dates("2026-01-01", text, "") == ["2026-01-01", BAD, None]


def test_no_texts_at_all() -> None:
    assert _dates() == []
    assert _dates("", "") == [None, None]


def test_long_columns_are_read_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_AT_ONCE", 2)
    texts = ("2026-03-05", "x", "05/03/2026", "5-Mar-26", "", "13/03/2026", "2026-03-05 10:00")
    assert _dates(*texts) == ["2026-03-05", BAD, "2026-03-05", "2026-03-05", None, "2026-03-13", "2026-03-05"]


def test_distant_dates_are_dates() -> None:
    assert _dates("1900-01-01", "9999-12-31 23:59:59") == ["1900-01-01", "9999-12-31"]
    assert _dates("9999-12-31T23:59:59Z", timezone="Asia/Tokyo") == ["9999-12-31"]


def test_excel_counts_from_1900() -> None:
    # 25569 is 1970-01-01, 43831 is 2020-01-01
    assert _moments("25569", "43831.5", "43831.25069444") == [
        "1970-01-01T00:00:00",
        "2020-01-01T12:00:00",
        "2020-01-01T06:01:00",
    ]


def test_times_order_the_rows_of_a_day() -> None:
    assert _moments("2026-03-05", "2026-03-05 09:30", "Mar 5, 2026 1:02:03 PM", "3/5/2026 12:00 AM", "13/3/2026")[
        :3
    ] == ["2026-03-05T00:00:00", "2026-03-05T09:30:00", "2026-03-05T13:02:03"]


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("12:00 AM", "00:00:00"),
        ("12:30 pm", "12:30:00"),
        ("1:05:09 p.m.", "13:05:09"),
        ("11:59PM", "23:59:00"),
    ],
)
def test_twelve_hour_clocks(text: str, clock: str) -> None:
    assert _moments(f"2026-03-05 {text}") == [f"2026-03-05T{clock}"]


def test_times_with_an_offset_are_converted_and_others_are_not() -> None:
    # New York is 5 hours behind in January and 4 in July
    assert _moments(
        "2026-01-15T03:00:00Z",
        "2026-07-15T03:00:00Z",
        "2026-07-15T03:00:00+05:30",
        "2026-07-15 03:00:00 -0700",
        "2026-07-15 03:00:00",
        "2026-07-15",
        timezone="America/New_York",
    ) == [
        "2026-01-14T22:00:00",
        "2026-07-14T23:00:00",
        "2026-07-14T17:30:00",
        "2026-07-15T06:00:00",
        "2026-07-15T03:00:00",
        "2026-07-15T00:00:00",
    ]


def test_an_offset_decides_the_day() -> None:
    assert _dates("2026-03-31T23:30:00-02:00") == ["2026-04-01"]
    assert _dates("31/03/2026 23:30 -02:00") == ["2026-04-01"]


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(SegxlError, match="no time zone 'Mars/Base'"):
        _dates("2026-01-01", timezone="Mars/Base")


def test_one_value_settles_the_order_of_all() -> None:
    assert _dates("05/03/2026", "13/03/2026") == ["2026-03-05", "2026-03-13"]
    assert _dates("05/03/2026", "03/13/2026") == ["2026-05-03", "2026-03-13"]
    assert _dates("5.3.26", "13.3.26") == ["2026-03-05", "2026-03-13"]
    assert _dates("26-03-05", "99-12-31") == ["2026-03-05", "1999-12-31"]


def test_values_that_are_never_open_have_no_say() -> None:
    assert _dates("2026-03-31", "31-Mar-2026", "20260331", "46000", "13/03/2026", "05/03/2026")[-1] == "2026-03-05"


def test_an_order_that_makes_no_difference_is_not_asked_for() -> None:
    assert _dates("05/05/2026", "7/7/2026") == ["2026-05-05", "2026-07-07"]


def test_impossible_dates_have_no_say() -> None:
    assert _dates("31/02/2026", "99/99/9999", "13/03/2026", "05/03/2026") == [
        BAD,
        BAD,
        "2026-03-13",
        "2026-03-05",
    ]


def test_a_given_order_is_obeyed_and_what_does_not_fit_is_bad() -> None:
    texts = ("05/03/2026", "13/03/2026", "2026-03-31")
    assert _dates(*texts, order="day-first") == ["2026-03-05", "2026-03-13", "2026-03-31"]
    assert _dates(*texts, order="month-first") == ["2026-05-03", BAD, "2026-03-31"]
    assert _dates(*texts, order="year-first") == [BAD, BAD, "2026-03-31"]
    assert _dates("26/03/05", "5/03/06", order="year-first") == ["2026-03-05", BAD]


def test_years_of_two_digits() -> None:
    assert _dates("01/02/68", "01/02/69", "31/12/99", order="day-first") == [
        "2068-02-01",
        "1969-02-01",
        "1999-12-31",
    ]


def test_a_column_that_fits_two_orders_is_refused_with_both_readings() -> None:
    with pytest.raises(AmbiguousDatesError) as refused:
        _dates("2026-01-01", "", "05/05/2026", "05/03/2026", "06/03/2026", "07/03/2026", "08/03/2026")
    assert str(refused.value) == (
        "the dates are ambiguous and can be read in 2 ways: "
        "'05/03/2026' is 2026-03-05 (day-first) or 2026-05-03 (month-first); "
        "'06/03/2026' is 2026-03-06 (day-first) or 2026-06-03 (month-first); "
        "'07/03/2026' is 2026-03-07 (day-first) or 2026-07-03 (month-first); "
        'set dates = "day-first" or dates = "month-first"'
    )
    assert refused.value.readings[0] == (
        "05/03/2026",
        {"day-first": "2026-03-05", "month-first": "2026-05-03"},
    )


def test_years_of_two_digits_may_also_lead() -> None:
    with pytest.raises(AmbiguousDatesError, match=r"2016-10-20 \(day-first\) or 2020-10-16 \(year-first\)") as refused:
        _dates("20-10-16", "25-10-16", "01-03-17")
    assert 'dates = "day-first" or dates = "year-first"' in str(refused.value)
    with pytest.raises(AmbiguousDatesError, match="can be read in 3 ways"):
        _dates("01-02-03")


def test_a_column_in_two_orders_is_refused_with_one_value_of_each() -> None:
    with pytest.raises(AmbiguousDatesError) as refused:
        _dates("05/06/2026", "25/03/2026", "26/03/2026", "03/25/2026")
    assert str(refused.value) == (
        "the dates have different orders: "
        "'25/03/2026' is only day-first, '03/25/2026' is only month-first; "
        'correct them in the export, or set dates = "day-first" or dates = "month-first"; '
        "rows that do not fit are then rejected"
    )


def test_three_values_that_only_agree_in_pairs_are_refused() -> None:
    # day or month first, day or year first, month or year first: 30-01-02 leaves no month first, and so on
    with pytest.raises(AmbiguousDatesError, match="the dates have different orders") as refused:
        _dates("05/06/2026", "30-01-02", "01-30-02", "99-01-30")
    assert len(refused.value.readings) in (2, 3)


_STYLES = {
    "day-first": ("%d/%m/%Y", "%d-%m-%y", "%d.%m.%Y"),
    "month-first": ("%m/%d/%Y", "%m-%d-%y", "%m.%d.%Y"),
    "year-first": ("%y/%m/%d", "%y-%m-%d", "%y.%m.%d"),
}
_NAMED_STYLES = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d-%b-%Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d %Y",
    "%d %b, %y",
)


@given(
    st.lists(st.dates(dt.date(1969, 1, 1), dt.date(2068, 12, 31)), max_size=20),
    st.sampled_from(DATE_ORDERS),
    st.randoms(use_true_random=False),
)
def test_any_written_date_is_read_back(days: list[dt.date], order: DateOrder, dice: Any) -> None:
    texts = [day.strftime(dice.choice(_STYLES[order] + _NAMED_STYLES)) for day in days]
    assert _dates(*texts, order=order) == [day.isoformat() for day in days]


@given(
    st.lists(st.dates(dt.date(1969, 1, 1), dt.date(2068, 12, 31)), min_size=1, max_size=8),
    st.sampled_from(DATE_ORDERS),
)
def test_without_an_order_dates_are_right_or_refused(days: list[dt.date], order: DateOrder) -> None:
    texts = [day.strftime(_STYLES[order][1]) for day in days]
    try:
        read = _dates(*texts)
    except AmbiguousDatesError as refused:
        assert str(refused).count("is 19") + str(refused).count("is 20") >= 1
    else:
        assert read == [day.isoformat() for day in days]


@pytest.mark.slow
@given(
    st.lists(st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2037, 12, 30), timezones=st.timezones()), max_size=5),
    st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
@settings(deadline=None)
def test_any_moment_is_converted_as_the_time_zone_says(moments: list[dt.datetime], timezone: str) -> None:
    whole = [moment for moment in moments if not (moment.utcoffset() or dt.timedelta()).total_seconds() % 60]
    zone = zoneinfo.ZoneInfo(timezone)
    expected = [moment.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat() for moment in whole]
    noon = "1990-01-01T12:00:00"  # else all may be midnight, and no moments
    assert _moments(noon, *(moment.isoformat() for moment in whole), timezone=timezone)[1:] == expected


@pytest.mark.slow
@given(st.lists(st.text(max_size=12) | st.from_regex(r"[0-9/:. -]{1,12}", fullmatch=True), max_size=20))
def test_any_text_is_a_date_or_bad_or_blank(texts: list[str]) -> None:
    for text, read in zip(texts, _dates(*texts, order="day-first"), strict=True):
        assert (read is None) == (text == "")


# --- money


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("0", 0),
        ("1200", 120_000),
        ("$1,200.00", 120_000),
        ("-$5", -500),
        ("$-5", -500),
        ("$ -5.5", -550),
        ("−5", -500),
        ("5-", -500),
        ("+5", 500),
        ("(1,234)", -123_400),
        ("$(1,234)", -123_400),
        ("EUR (5.50)", -550),
        ("($5.50)", -550),
        ("(5.50 USD)", -550),
        ("USD 45", 4_500),
        ("45 eur", 4_500),
        ("US$45", 4_500),
        ("kr 45", 4_500),
        ("45k", 4_500_000),
        ("45 K", 4_500_000),
        ("$342.09K", 34_209_000),
        ("1.2M", 120_000_000),
        ("2bn", 200_000_000_000),
        (".5", 50),
        ("1'234.50", 123_450),
        ("1’234.50", 123_450),
        ("1 234.50", 123_450),
        ("1\u00a0234\u202f567.00", 123_456_700),
        ("12,34,567.00", 123_456_700),
        ("0.50", 50),
        ("1e6", 100_000_000),
        ("1.5E+03", 150_000),
        ("1.5e-1", 15),
        ("9999999999999.99", 999_999_999_999_999),
        ("-9999999999999.99", -999_999_999_999_999),
    ],
)
def test_amounts_with_a_point(text: str, cents: int) -> None:
    assert _money(text, decimal=".") == [cents]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("€ 12,50", 1_250),
        ("12,50 €", 1_250),
        ("1.234,56", 123_456),
        ("1 234,56", 123_456),
        ("1\u202f234,56", 123_456),
        ("1.234", 123_400),
        ("1.234.567", 123_456_700),
        (",5", 50),
        ("-1.234,5", -123_450),
    ],
)
def test_amounts_with_a_comma(text: str, cents: int) -> None:
    assert _money(text, decimal=",") == [cents]


@pytest.mark.parametrize(
    "text",
    [
        *("TBD", "--", "n/a", "-", "$", "()", "5%", "1.2.3", "1,2", "1,23,4", "12,3456", "1,234,56"),
        *("5.", "1 2", "-(5)", "--5", "-5-", "(5", "5)", "0,500", "5 apples", "5kk", "1 234'567", "٥"),
        *("1e", "e5", "5\0", "=5", "10000000000000", "-10000000000000", "1e13", "10000B", "1e999"),
        *("99999999999999999999", "9999999999999.995", "18,446,744,073,709,551,617"),
    ],
)
def test_what_is_no_amount_is_bad_and_not_blank(text: str) -> None:
    assert _money("1.5", text, "", decimal=".") == [150, BAD, None]


def test_more_than_two_decimals_are_rounded_half_away_from_zero_and_counted() -> None:
    texts = (
        "2.675",
        "-2.675",
        "2.674",
        "1.005000000000000000001",
        "0.004999999999999999999999",
        "2.50",
        "2.5000",
    )
    cents, _, rounded = read_money(_column([*texts, "2.675"]), decimal=".")
    assert cents.tolist() == [268, -268, 267, 101, 0, 250, 250, 268]
    assert rounded == 6


def test_noise_of_floats_is_not_counted() -> None:
    cents, _, rounded = read_money(_column(["0.30000000000000004", "1234567.3000000001", "1e-20"]), decimal=".")
    assert (cents.tolist(), rounded) == ([30, 123_456_730, 0], 0)


@pytest.mark.parametrize(
    ("texts", "cents"),
    [
        (("1,234",), [123_400]),  # three decimals are no money
        (("1,234", "1.5"), [123_400, 150]),
        (("1,234", "12,5", "1,2345"), [123, 1_250, 123]),  # someone computed them
        (("1.234", "12.50"), [123, 1_250]),
        (("1.250k", "12.50"), [125_000, 1_250]),
        (("1.234", "12,50"), [123_400, 1_250]),
        (("1.234", "5.5"), [123, 550]),
        (("1,234,567", "1,234"), [123_456_700, 123_400]),
        (("1.234.567", "1.234"), [123_456_700, 123_400]),
        (("1234.567",), [123_457]),
        (("0.500",), [50]),
        (("0,500",), [50]),
        (("1.234,50", "7"), [123_450, 700]),
        (("5", "1200", "TBD"), [500, 120_000, BAD]),
    ],
)
def test_the_column_proves_the_decimal_mark(texts: tuple[str, ...], cents: list[int]) -> None:
    assert _money(*texts) == cents


@pytest.mark.parametrize("texts", [("1.234",), ("1.234", "5,678"), ("1.234", "800", "TBD")])
def test_a_column_without_proof_is_refused_with_both_readings(texts: tuple[str, ...]) -> None:
    with pytest.raises(AmbiguousNumbersError) as refused:
        _money(*texts)
    assert str(refused.value).startswith(
        "the decimal mark is a point or a comma: '1.234' is 1.234 (point) or 1234 (comma)"
    )
    assert str(refused.value).endswith('set decimal = "." or decimal = ","')
    assert refused.value.readings[0] == ("1.234", {".": "1.234", ",": "1234"})


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (
            ("1,200", "3,400", "12,50"),
            "'1,200' is 1200 (point) or 1.200 (comma); '3,400' is 3400 (point) or 3.400 (comma)",
        ),
        (("1,234", "99,95"), "'1,234' is 1234 (point) or 1.234 (comma); '99,95' is only 99.95 (comma)"),
        (("1.200", "12.50"), "'1.200' is 1.200 (point) or 1200 (comma); '12.50' is only 12.50 (point)"),
    ],
)
def test_one_odd_amount_does_not_make_thousandths_of_the_others(texts: tuple[str, ...], shown: str) -> None:
    with pytest.raises(AmbiguousNumbersError) as refused:
        _money(*texts)
    assert shown in str(refused.value)
    assert str(refused.value).endswith('set decimal = "." or decimal = ","')


def test_a_column_with_both_marks_is_refused_with_one_value_of_each() -> None:
    with pytest.raises(AmbiguousNumbersError) as refused:
        _money("7", "12,50", "1.5", "1.75")
    assert str(refused.value) == (
        "the numbers have different decimal marks: '1.5' has a point and '12,50' a comma; "
        'correct them in the export, or set decimal = "." or decimal = ","; '
        "rows that do not fit are then rejected"
    )


def _grouped(whole: str, mark: str) -> str:
    return f"{int(whole):,}".replace(",", mark)


@given(
    st.lists(st.integers(-(10**15) + 1, 10**15 - 1), max_size=20),
    st.sampled_from([(".", ","), (",", "."), (".", " "), (",", "\u202f"), (".", "'")]),
    st.randoms(use_true_random=False),
)
def test_any_amount_in_any_style_is_read_back(cents: list[int], marks: tuple[Any, str], dice: Any) -> None:
    decimal, thousands = marks

    def written(amount: int) -> str:
        whole, part = str(abs(amount) // 100), f"{abs(amount) % 100:02}"
        body = dice.choice([whole, _grouped(whole, thousands)]) + decimal + part
        body = dice.choice(["{}", "${}", "€ {}", "{} EUR", "{} zł"]).format(body)
        return dice.choice(["-{}", "({})", "{}-"]).format(body) if amount < 0 else body

    assert _money(*(written(amount) for amount in cents), decimal=decimal) == cents


@given(st.lists(st.decimals(-(10**9), 10**9, places=5), max_size=20))
def test_rounding_is_that_of_decimal(amounts: list[Decimal]) -> None:
    cents, _, rounded = read_money(_column([f"{amount:f}" for amount in amounts]), decimal=".")
    exact = [amount.quantize(Decimal("0.01"), ROUND_HALF_UP) for amount in amounts]
    assert cents.tolist() == [int(amount * 100) for amount in exact]
    assert rounded == sum(amount != whole for amount, whole in zip(amounts, exact, strict=True))


@given(st.lists(st.text("0123456789.,' -()$kme%", max_size=9), max_size=20), st.sampled_from([".", ","]))
def test_any_text_is_an_amount_or_bad_or_blank(texts: list[str], decimal: DecimalMark) -> None:
    for text, read in zip(texts, _money(*texts, decimal=decimal), strict=True):
        assert (read is None) == (text == "")


@pytest.mark.slow
@given(st.lists(st.from_regex(r"-?[0-9]{1,9}([.,][0-9]{1,4})?", fullmatch=True), max_size=10))
def test_without_a_mark_amounts_are_read_alike_or_refused(texts: list[str]) -> None:
    try:
        found = _money(*texts)
    except AmbiguousNumbersError:
        return
    assert found in (_money(*texts, decimal="."), _money(*texts, decimal=","))


# --- numbers and percentages


def test_numbers() -> None:
    numbers, bad = read_numbers(_column(["1,234.5", "25%", "", "x", "1e-7", "(3)", "2k"]), decimal=None)
    np.testing.assert_array_equal(numbers, [1234.5, 0.25, np.nan, np.nan, 1e-7, -3, 2000])
    assert bad.tolist() == [False, False, False, True, False, False, False]


def _of_18_digits(number: float) -> bool:
    """What a text has beyond 18 digits is cut off, zeros after the point included."""
    return sum(letter.isdigit() for letter in repr(number).partition("e")[0]) <= 18


@given(st.lists(st.floats(-1e15, 1e15, exclude_min=True, exclude_max=True).filter(_of_18_digits), max_size=20))
def test_any_float_is_read_back_the_same(numbers: list[float]) -> None:
    read, bad = read_numbers(_column([repr(number) for number in numbers]), decimal=".")
    assert read.tolist() == numbers
    assert not bad.any()


def test_numbers_are_stricter_than_money() -> None:
    with pytest.raises(AmbiguousNumbersError, match=r"'1,085' is 1085 \(point\) or 1\.085 \(comma\)"):
        read_numbers(_column(["1,085"]), decimal=None)


@pytest.mark.parametrize(
    ("texts", "fractions"),
    [
        (["65%", "65.5 %", "0%"], [0.65, 0.655, 0]),
        (["65", "100", "0.5"], [0.65, 1, 0.005]),
        (["0.65", "1", "0"], [0.65, 1, 0]),
        (["0.65", "7%", "100%"], [0.65, 0.07, 1]),
        (["65", "7%"], [0.65, 0.07]),
        (["12,5", "100"], [0.125, 1]),
    ],
)
def test_percentages(texts: list[str], fractions: list[float]) -> None:
    read, bad, _ = read_percents(_column([*texts, "", "x"]), decimal=None)
    np.testing.assert_array_equal(read, [*fractions, np.nan, np.nan])
    assert bad.tolist() == [False] * (len(texts) + 1) + [True]


@pytest.mark.parametrize(
    ("texts", "fractions"),
    [
        (["0.65", "140"], [0.65, np.nan]),  # a slip does not make the others percentages
        (["65", "140", "100"], [0.65, np.nan, 1]),
        (["65%", "100.1%", "-5%"], [0.65, np.nan, np.nan]),
        (["-0.1", "0.2"], [np.nan, 0.2]),
    ],
)
def test_no_chance_is_beyond_100_percent(texts: list[str], fractions: list[float]) -> None:
    read, bad, _ = read_percents(_column(texts), decimal=None)
    np.testing.assert_array_equal(read, fractions)
    assert bad.tolist() == [value != value for value in fractions]


@pytest.mark.parametrize(
    ("texts", "odd"),
    [
        (["65", "0.5", "1"], [False, True, False]),  # half a percent, or a half?
        (["65%", "0.5", "1", "0", "0.5%"], [False, True, True, False, False]),
        (["0.65", "0.5", "1"], [False, False, False]),
        (["65%", "0.5%"], [False, False]),
    ],
)
def test_fractions_among_percentages_are_told(texts: list[str], odd: list[bool]) -> None:
    assert read_percents(_column(texts), decimal=None)[2].tolist() == odd


# --- months and flags


@pytest.mark.parametrize(
    "text",
    [
        *("2017-10", "2017/10", "2017.10", "201710", "10/2017", "10-2017", "Oct 2017", "October 2017"),
        *("oct-17", "Oct '17", "2017 Oct", "2017-October", "2017-10-31", "31/10/2017"),
        *("2017-10-05 12:30", "Oct 5, 2017", "43009"),
    ],
)
def test_october_2017(text: str) -> None:
    months, bad = read_months(_column([text]))
    assert (months.dtype, month_label(months[0]), bad.tolist()) == (np.int32, "2017-10", [False])


@pytest.mark.parametrize("text", ["2017", "2017-13", "2017-00", "Q4 2017", "October", "10", "x", "1317"])
def test_what_is_no_month_is_bad_and_not_blank(text: str) -> None:
    months, bad = read_months(_column([text, ""]))
    assert months.tolist() == [NEVER, NEVER]
    assert bad.tolist() == [True, False]


def test_dates_of_months_need_an_order_like_any_other() -> None:
    texts = _column(["01/02/2017", "01/03/2017"])
    with pytest.raises(AmbiguousDatesError):
        read_months(texts)
    months, _ = read_months(texts, order="day-first")
    assert [month_label(month) for month in months] == ["2017-02", "2017-03"]


def test_flags() -> None:
    flags, bad = read_flags(_column(["Yes", "y", "TRUE", "1", "no", "N", "False", "0", "", "maybe"]))
    assert flags.dtype == np.int8
    assert flags.tolist() == [1, 1, 1, 1, 0, 0, 0, 0, -1, -1]
    assert bad.tolist() == [False] * 9 + [True]


def test_a_question_that_digits_do_not_change_is_asked_once_for_each_shape() -> None:
    asked: list[str] = []

    def letters(text: str) -> int:
        asked.append(text)
        return sum(letter.isalpha() for letter in text)

    assert of_each_shape(_column(["EUR 12", "7", "", "EUR 99", "8"]), letters).tolist() == [3, 0, 0, 3, 0]
    assert asked == ["EUR 00", "0", ""]
    assert of_each_shape(_column([]), letters).tolist() == []
