"""The page on the tables Numbers and ReportNumbers alone: ``workbooks/board-page-numbers.xlsx``, for any Excel."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from segxl.api import load
from segxl.catalogue.metrics import CATALOGUE
from segxl.cli.demo import write_exports
from segxl.pages.numbers import REPORT, SCORECARD
from tests.board_page.page import (
    COLUMNS,
    COUNT,
    DATASET,
    FIRST,
    KEYS,
    LINES,
    MONEY,
    MONTH,
    MONTH_CELL,
    MONTHS,
    NOT_THERE,
    SEGMENT,
    SEGMENT_CELL,
    SEGMENTS,
    SOURCE,
    Sheets,
    draw_frame,
    draw_movement_frame,
    look_of,
    months_shown,
    serial,
)

NAME = "board-page-numbers.xlsx"
NOTES = (
    "Blue cells are inputs. The formulas are SUMIFS on the tables Numbers and ReportNumbers, so they work in Excel for "
    "Windows, Mac and the web. To update, paste the rows of new packs into these tables.",
    f"{NOT_THERE}: not available or not comparable; the column why of Numbers says why. Grey keys are what formulas "
    "look up: change them to show other metrics and views (segxl help formulas).",
    "This example has the values of metrics without an item; the sheet Numbers of a pack has all of them.",
)
_TREND = "executive_trend"


def build(path: Path) -> None:
    """Write the workbook; the same sources and the same demo give the same bytes."""
    with TemporaryDirectory() as folder:
        write_exports(Path(folder), overwrite=True)
        analysis = load(folder)
        found = analysis.scorecard(MONTH.strftime("%Y-%m")).numbers()
        report = analysis.report(analysis=MONTH.strftime("%Y-%m")).numbers()
        segments = analysis.dataset.segments.names
    areas = {*(metric.area for metric in CATALOGUE), "Executive"}
    numbers = found[found["area"].isin(areas) & (found["item"] == "") & (found["segment"] != "")]
    made = BytesIO()
    sheets = Sheets(made)
    _draw_board(sheets, numbers, segments)
    _draw_movement(sheets, report)
    _draw_table(sheets, SCORECARD, numbers)
    _draw_table(sheets, REPORT, report)
    sheets.book.close()
    path.write_bytes(made.getvalue())


def _draw_board(sheets: Sheets, numbers: pd.DataFrame, segments: tuple[str, ...]) -> None:
    page = draw_frame(sheets, NOTES, "Values")
    assert len(segments) == SEGMENTS
    page.write(SOURCE, f"Sheet {SCORECARD}", sheets.label)
    page.write_formula(
        DATASET, f"=ROWS({SCORECARD}[value])", sheets.look(num_format="#,##0", align="left"), len(numbers)
    )
    month = f'=SUMPRODUCT(MAX(({SCORECARD}[view]="executive_total")*{SCORECARD}[window_start]))'
    page.write_formula(MONTH_CELL, month, sheets.look(num_format="mmm yyyy", align="left"), serial(MONTH))
    page.write(SEGMENT_CELL, SEGMENT, sheets.input())
    first, last = MONTHS + 1, MONTHS + SEGMENTS
    page.data_validation(SEGMENT_CELL, {"validate": "list", "source": f"=$A${first}:$A${last}"})
    shown = numbers["metric"].isin([line.metric for line in LINES]) & numbers["view"].isin(
        [view for _, view in COLUMNS]
    )
    values = _values(numbers[shown], ["segment", "metric", "view"])
    for row, line in enumerate(LINES, start=FIRST - 1):
        for column, (_, view) in enumerate(COLUMNS, start=2):
            key = xl_rowcol_to_cell(KEYS - 1, column, row_abs=True)
            wanted = (
                f"{SCORECARD}[segment],${SEGMENT_CELL[0]}${SEGMENT_CELL[1:]},{SCORECARD}[metric],$B{row + 1},"
                f"{SCORECARD}[view],{key}"
            )
            formula = (
                f'=IF(COUNTIFS({wanted},{SCORECARD}[value],"<>")=0,"{NOT_THERE}",SUMIFS({SCORECARD}[value],{wanted}))'
            )
            value = values.get((SEGMENT, line.metric, view), NOT_THERE)
            page.write_formula(row, column, formula, look_of(sheets, line, view), value)
    trend = _values(numbers[numbers["view"] == _TREND], ["segment", "metric", "window_start"])
    for row, segment in enumerate(segments, start=MONTHS):
        page.write_string(row, 0, segment, sheets.label)
    for column, month_start in enumerate(months_shown(), start=2):
        back = len(COLUMNS) + 1 - column
        formula = f"=EDATE(${MONTH_CELL[0]}${MONTH_CELL[1:]},-{back})"
        page.write_formula(MONTHS - 1, column, formula, sheets.month_header, serial(month_start))
        month_cell = xl_rowcol_to_cell(MONTHS - 1, column, row_abs=True)
        for row, segment in enumerate(segments, start=MONTHS):
            formula = (
                f'=SUMIFS({SCORECARD}[value],{SCORECARD}[segment],$A{row + 1},{SCORECARD}[metric],"won_revenue",'
                f'{SCORECARD}[view],"{_TREND}",{SCORECARD}[window_start],{month_cell})'
            )
            value = trend[segment, "won_revenue", pd.Timestamp(month_start)]
            page.write_formula(row, column, formula, sheets.number(MONEY), value)


def _draw_movement(sheets: Sheets, report: pd.DataFrame) -> None:
    sheet = draw_movement_frame(sheets)
    moved = report[report["metric"] == "movement"]
    values = _values(moved, ["view", "item"])
    stages = list(dict.fromkeys(moved["view"]))
    sheet.write("A4", "Baseline \\ Analysis", sheets.left_header)
    for at, stage in enumerate(stages, start=1):
        sheet.write(3, at, stage, sheets.header)
        sheet.write(3 + at, 0, stage, sheets.label)
    for row, before in enumerate(stages, start=4):
        for column, after in enumerate(stages, start=1):
            formula = (
                f'=SUMIFS({REPORT}[value],{REPORT}[metric],"movement",{REPORT}[view],$A{row + 1},'
                f"{REPORT}[item],{xl_rowcol_to_cell(3, column, row_abs=True)})"
            )
            sheet.write_formula(row, column, formula, sheets.number(COUNT), values[before, after])


def _values(numbers: pd.DataFrame, keys: list[str]) -> dict[tuple[Any, ...], float]:
    """The values that are available by their keys, each of which is there once."""
    there = numbers[numbers["value"].notna()]
    assert not there.duplicated(keys).any()
    return dict(zip(there[keys].itertuples(index=False, name=None), there["value"].tolist(), strict=True))


def _draw_table(sheets: Sheets, name: str, numbers: pd.DataFrame) -> None:
    sheet = sheets.add(name)
    date = sheets.look(num_format="yyyy-mm-dd")
    for at, column in enumerate(numbers.columns):
        width = {"view": 30, "metric": 22, "segment": 20, "area": 20, "item": 26}.get(column, 13)
        sheet.set_column(at, at, width, date if column.startswith("window") else sheets.label)
    rows = [[_plain(value) for value in row] for row in numbers.itertuples(index=False, name=None)]
    headers = [{"header": column} for column in numbers.columns]
    options = {"name": name, "columns": headers, "style": "Table Style Light 1", "banded_rows": False}
    sheet.add_table(0, 0, len(rows), len(headers) - 1, options)
    for down, row in enumerate(rows, start=1):
        for across, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(down, across, value, date)
            elif isinstance(value, float):
                sheet.write_number(down, across, value)
            elif value:
                sheet.write_string(down, across, value)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)


def _plain(value: Any) -> str | float | datetime | None:
    """A cell's value; None for a blank cell."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else float(value)
