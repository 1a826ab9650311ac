"""Numbers on the web read exactly as in the workbook."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

import segxl.units
from segxl.errors import SegxlError
from segxl.pages.model import Cell, Row
from segxl.render.html.number_formats import show_number, shown
from segxl.render.xlsx.writer import write_xlsx
from segxl.units import COUNT, DATE, DAYS, MONEY, MONEY_EXACT, MONTH, POINTS, RATE, TEXT, Unit
from tests.office import convert
from tests.render_samples import pack, page

_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"  # cells as they are shown
_NUMBERS = (MONEY, MONEY_EXACT, COUNT, DAYS, RATE, POINTS)
UNITS = (*_NUMBERS, *(unit.change(good) for unit in _NUMBERS for good in (True, False)))
VALUES = (0, 0.0, 1, -1, 7, 12.5, -12.5, 0.125, 0.0125, -0.0125, 0.274, 1234.5, -1234.5, 2.675, 1.005, 0.5, 1.5, 2.5)
LARGE = (999_999.995, 1_234_567, -1_234_567.891, 9_876_543_210.12, 0.1 + 0.2, 1e-9, 0.4, -0.6, 1.95, 99.95)


@pytest.mark.office
def test_every_unit_reads_as_the_workbook_shows_it(tmp_path: Path) -> None:
    dates = Row((Cell(date(2026, 10, 31), unit=DATE), Cell(date(2026, 3, 1), unit=MONTH), Cell(date(2026, 3, 1))))
    plain = Row(tuple(Cell(value, unit=TEXT) for value in (12, -3, 0, 123456, 0.25, "012", "=1+1")))
    rows = [Row(tuple(Cell(value, "value", unit) for value in (*VALUES, *LARGE))) for unit in UNITS]
    what = pack(page(*rows, dates, plain, widths=(30.0,) * len(VALUES + LARGE)))
    write_xlsx(what, tmp_path / "shown.xlsx")
    with convert(tmp_path / "shown.xlsx", _CSV, tmp_path).open(encoding="utf-8", newline="") as file:
        office = [[text.strip() for text in line] for line in csv.reader(file)]
    for row, line in zip(what.pages[0].rows, office, strict=True):
        ours = [shown(cell.value, cell.unit).text for cell in row.cells if cell is not None]
        assert ours == line[: len(ours)], row.cells[0]


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        (MONEY, 1720500, "1,720,500"),
        (MONEY, -1720500, "−1,720,500"),
        (MONEY, 0, "0"),
        (MONEY, 0.5, "1"),
        (MONEY_EXACT, -0.005, "−0.01"),
        (RATE, 0.27449, "27.4%"),
        (RATE, -0.5, "−50.0%"),
        (RATE, 0, "0.0%"),
        (POINTS, -1.25, "−1.3 pp"),
        (DAYS, 12.34, "12.3"),
        (MONEY.change(True), 5, "▲ 5"),
        (MONEY.change(True), -5, "▼ −5"),
        (COUNT.change(False), 5, "△ 5"),
        (COUNT.change(False), -5, "▽ −5"),
        (COUNT.change(False), 0, "0"),
        (POINTS.written(-0.04), -0.04, "0.0 pp"),
        (POINTS.written(-0.05), -0.05, "−0.1 pp"),
        (RATE.written(-0.0004), -0.0004, "0.0%"),
        (RATE.written(-0.0005), -0.0005, "−0.1%"),
        (MONEY.written(-0.49), -0.49, "0"),
        (MONEY.written(-0.5), -0.5, "−1"),
        (MONEY.written(0), 0, "0"),
        (DATE, date(2026, 10, 31), "2026-10-31"),
        (DATE, datetime(2026, 10, 31, 12), "2026-10-31"),
        (MONTH, date(2026, 10, 31), "2026-10"),
        (TEXT, date(2026, 10, 31), "2026-10-31"),
        (TEXT, 1 / 3, "0.333333333"),
        (TEXT, "=1", "=1"),
        (MONEY, "n/a", "n/a"),
        (MONEY, None, ""),
        (MONEY, True, "TRUE"),
        (COUNT, np.int64(1200), "1,200"),
        (DATE, np.datetime64("2026-10-31"), "2026-10-31"),
        (COUNT, 10**20, "100,000,000,000,000,000,000"),
        (COUNT, 1e300, f"{10**300:,}"),
    ],
)
def test_values_as_text(unit: Unit, value: object, text: str) -> None:
    assert shown(value, unit).text == text


@pytest.mark.parametrize(
    ("number_format", "value", "text"),
    [
        ('0.00,,"m";(0.00,,"m");0', 1_234_567, "1.23m"),
        ('#,##0,"k";"−"#,##0,"k";0', -123_456, "−123k"),
        ('#,##0,"k";(#,##0,"k");0', 0, "0"),
        ('0%;"−"0%;0%', -0.255, "−26%"),
        ("0000", 12, "0012"),
        ("0.0", -1.25, "-1.3"),
        ('"a;b" 0', 3, "a;b 3"),
        ("mmm yy", 46_000, "Dec 25"),
        ("General", 1234.5, "1234.5"),
    ],
)
def test_the_formats_of_charts(number_format: str, value: float, text: str) -> None:
    assert show_number(value, number_format).text == text


def test_every_negative_number_has_a_true_minus_and_no_parenthesis() -> None:
    units = [one for one in vars(segxl.units).values() if isinstance(one, Unit) and ";" in one.excel]
    assert len(units) > 8
    for unit in (*units, *(unit.of_few(3) for unit in units), *(unit.change(False) for unit in units)):
        written, plain = shown(-1_234_567.5, unit).text, unit.text(-1_234_567.5)
        assert written.removeprefix("▽ ")[0] == plain[0] == "\u2212"
        assert not {"(", "-"} & {*written.replace("(n 3)", ""), *plain}


def test_words_lose_what_no_page_can_hold() -> None:
    assert shown("a\x00b\r\nc\ud800", TEXT).text == "a\ufffdb\nc\ufffd"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), np.float64("nan"), np.datetime64("NaT")])
def test_what_no_cell_holds_is_refused(value: object) -> None:
    if isinstance(value, np.datetime64):
        assert shown(value, DATE).text == ""
        return
    with pytest.raises(SegxlError, match="cannot contain"):
        shown(value, MONEY)
