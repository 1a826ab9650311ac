"""The page with worksheet functions: ``workbooks/board-page.xlsm``, with their VBA and what they gave."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_cell_to_rowcol
from xlsxwriter.worksheet import Worksheet

from segxl.cli.demo import write_exports
from segxl.excel.vba.package import add_project
from segxl.excel.vba.project import EXAMPLE, vba_modules, vba_project
from tests import fake_excel
from tests.board_page.page import (
    CHANGE,
    COLUMNS,
    COUNT,
    COUNT_OF_MONTHS,
    DATASET,
    FIRST,
    KEYS,
    LAST,
    LINES,
    MONEY,
    MONEY_EACH,
    MONTH,
    MONTH_CELL,
    MONTHS,
    NOT_THERE,
    RATE,
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

FOLDER = "segxl-demo"
NAME = "board-page.xlsm"
KEY_FIGURES = (
    f'=_xlfn.IFNA(SEGXL_METRIC({DATASET},B{FIRST}:B{LAST},{SEGMENT_CELL},{MONTH_CELL},C{KEYS}:J{KEYS}),"{NOT_THERE}")'
)
BY_SEGMENT = f'=SEGXL_METRIC({DATASET},"won_revenue",A{MONTHS + 1}:A{MONTHS + SEGMENTS},C{MONTHS}:J{MONTHS})'
SCORECARD = f"=SEGXL_SCORECARD(Board!{DATASET},Board!{SEGMENT_CELL},Board!{MONTH_CELL})"
MOVEMENT = f"=SEGXL_MOVEMENT(Board!{DATASET},Board!{SEGMENT_CELL},Board!{MONTH_CELL})"
WARNINGS = f"=SEGXL_WHY(Board!{DATASET})"
NOTES = (
    f"Blue cells are inputs. Save this workbook next to the folder {FOLDER} (segxl demo) and press Ctrl+Alt+F9 once: "
    "it needs Excel for Windows and segxl (segxl addin install).",
    f"{NOT_THERE}: not available or not comparable. =SEGXL_WHY(cell) says why. Grey keys are what formulas ask for: "
    "change them to show other metrics and views (segxl metrics).",
    "Won revenue and the key figures are one formula each, which spills. Without segxl, the numbers stay as they were "
    "saved.",
)

_ERROR = -9.87654321e300
"""In the place of an error below a formula until the file is finished: XlsxWriter writes errors of formulas only."""

Rows = Sequence[Sequence[Any]]


class Answers:
    """The functions over the demo, as Excel for Windows calls them."""

    def __init__(self, excel: fake_excel.Excel, place: Path) -> None:
        write_exports(place / FOLDER, overwrite=False)
        self._excel = excel
        self._place = f"{place}/"
        board = fake_excel.Book(NAME, str(place)).sheet("Board")
        self._cell = board.Range("C1")
        self._dataset = board.put("B5", [excel.call("DATASET", FOLDER, cell=self._cell)])
        self.handle = str(self._dataset.Value).replace(self._place, "")

    def metrics(self, metrics: Sequence[str], segments: Sequence[str], periods: Sequence[Any], views: Rows) -> Rows:
        """METRIC, with each argument as a column, or a row of rows."""
        sheet = self._cell.Worksheet
        given = [_column(sheet, at, values) for at, values in ((100, metrics), (101, segments))]
        across = [sheet.put("A200", list(periods)), sheet.put("A201", *views)]
        return self._excel.rows("METRIC", self._dataset, *given, *across, cell=self._cell)

    def rows(self, name: str, *arguments: Any) -> Rows:
        """A table of the dataset."""
        return self._excel.rows(name, self._dataset, *arguments, cell=self._cell)

    def warnings(self) -> Rows:
        """The warnings, without the place where this was built."""
        found = self._excel.rows("WHY", self._dataset, cell=self._cell)
        return [[str(row[0]).replace(self._place, "")] for row in found]


def _column(sheet: fake_excel.Sheet, at: int, values: Sequence[str]) -> fake_excel.Range:
    return sheet.put(f"{chr(ord('A') + at - 100)}100", *values)


def build(path: Path) -> None:
    """Write the workbook; the same sources and the same demo give the same bytes."""
    made = BytesIO()
    sheets = Sheets(made)
    with TemporaryDirectory() as folder, fake_excel.running() as excel:
        answers = Answers(excel, Path(folder).resolve())
        _draw_board(sheets, answers)
        _draw_scorecard(sheets, answers.rows("SCORECARD", SEGMENT, MONTH))
        _draw_movement(sheets, answers.rows("MOVEMENT", SEGMENT, MONTH))
        _draw_warnings(sheets, answers.warnings())
    modules = vba_modules(EXAMPLE)
    add_project(sheets.book, vba_project(len(sheets.book.worksheets()), modules))
    sheets.book.close()
    path.write_bytes(_with_errors(made))


def _draw_board(sheets: Sheets, answers: Answers) -> None:
    page = draw_frame(sheets, NOTES)
    page.write(SOURCE, FOLDER, sheets.input())
    page.write_formula(DATASET, f"=SEGXL_DATASET({SOURCE})", sheets.key, answers.handle)
    page.write_datetime(MONTH_CELL, MONTH, sheets.input("mmm yyyy"))
    page.write(SEGMENT_CELL, SEGMENT, sheets.input())
    first, last = MONTHS + 1, MONTHS + SEGMENTS
    page.data_validation(SEGMENT_CELL, {"validate": "list", "source": f"=$A${first}:$A${last}"})
    figures = answers.metrics([line.metric for line in LINES], [SEGMENT], [MONTH], [[view for _, view in COLUMNS]])
    shown = [[NOT_THERE if value == "#N/A" else value for value in row] for row in figures]
    looks = [[look_of(sheets, line, view) for _, view in COLUMNS] for line in LINES]
    spill(page, f"C{FIRST}", KEY_FIGURES, shown, looks)
    segments = [row[0] for row in answers.rows("SEGMENTS")]
    assert len(segments) == SEGMENTS
    spill(page, f"A{first}", f"=SEGXL_SEGMENTS({DATASET})", [[name] for name in segments], sheets.label)
    months = months_shown()
    for at, month in enumerate(months):
        back = COUNT_OF_MONTHS - 1 - at
        formula = f"=EDATE(${MONTH_CELL[0]}${MONTH_CELL[1:]},-{back})"
        page.write_formula(MONTHS - 1, 2 + at, formula, sheets.month_header, serial(month))
    won = answers.metrics(["won_revenue"], segments, months, [[""]])
    spill(page, f"C{first}", BY_SEGMENT, won, sheets.number(MONEY))


def _draw_scorecard(sheets: Sheets, rows: Rows) -> None:
    sheet = sheets.add("Scorecard")
    sheet.write("A1", "Scorecard", sheets.title)
    sheet.write("A2", "One formula in A4 gives the whole scorecard of the month and segment on Board.", sheets.note)
    sheet.set_column("A:A", 20)
    sheet.set_column("B:B", 40)
    sheet.set_column("C:C", 30)
    sheet.set_column("D:N", 12)
    sheet.set_column("O:R", 14)
    sheet.print_area(0, 0, len(rows) + 2, 13)
    header = [sheets.left_header] * 3 + [sheets.header] * 11 + [sheets.left_header] * 4
    body = [[_scorecard_look(sheets, row, at) for at in range(len(row))] for row in rows[1:]]
    spill(sheet, "A4", SCORECARD, rows, [header, *body])
    sheet.freeze_panes(4, 3)
    sheet.repeat_rows(3)


_UNITS = {"money": MONEY_EACH, "count": COUNT, "rate": RATE, "days": "0.0_)", "times": "0.00_)"}


def _scorecard_look(sheets: Sheets, row: Sequence[Any], at: int) -> Format:
    if at < 3:
        return sheets.label
    if at > 13:
        return sheets.key
    if at in (6, 9):  # Δ %
        return sheets.number(CHANGE)
    return sheets.number(RATE if at == 13 else _UNITS.get(str(row[14]), "General"))


def _draw_movement(sheets: Sheets, rows: Rows) -> None:
    sheet = draw_movement_frame(sheets)
    header = [sheets.left_header, *[sheets.header] * (len(rows[0]) - 1)]
    body = [[sheets.label, *[sheets.number(COUNT)] * (len(row) - 1)] for row in rows[1:]]
    spill(sheet, "A4", MOVEMENT, rows, [header, *body])


def _draw_warnings(sheets: Sheets, rows: Rows) -> None:
    sheet = sheets.add("Warnings")
    sheet.write("A1", "What can change these numbers", sheets.title)
    sheet.write("A2", "SEGXL_WHY of the dataset's cell: the warnings about the data, one a row.", sheets.note)
    sheet.set_column("A:A", 150)
    spill(sheet, "A4", WARNINGS, rows, sheets.look(font_color="#262626", text_wrap=True, valign="top"))


def spill(sheet: Worksheet, cell: str, formula: str, rows: Rows, looks: Format | Sequence[Sequence[Format]]) -> None:
    """Write a formula that spills, with what it gave."""
    top, left = xl_cell_to_rowcol(cell)
    bottom, right = top + len(rows) - 1, left + len(rows[0]) - 1

    def look(row: int, column: int) -> Format:
        return looks if isinstance(looks, Format) else looks[row][column]

    sheet.write_dynamic_array_formula(top, left, bottom, right, formula, look(0, 0), rows[0][0])
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            if down or across:
                _write(sheet, top + down, left + across, value, look(down, across))


def _write(sheet: Worksheet, row: int, column: int, value: Any, look: Format) -> None:
    if value == "#N/A":
        sheet.write_number(row, column, _ERROR, look)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, look)
    else:
        sheet.write_string(row, column, str(value), look)  # a formula's "" is a text, not a blank cell


def _with_errors(made: BytesIO) -> bytes:
    """The finished file, with errors in the place of the numbers that stand for them."""
    number = re.escape(f"{_ERROR:.16G}").encode()  # as XlsxWriter writes it
    stands = re.compile(rb'<c r="([A-Z]+\d+)"( s="\d+")?><v>' + number + rb"</v></c>")
    whole = BytesIO()
    with zipfile.ZipFile(made) as file, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as to:
        for entry in file.infolist():
            content = file.read(entry)
            if entry.filename.startswith("xl/worksheets/sheet"):
                content = stands.sub(rb'<c r="\1"\2 t="e"><v>#N/A</v></c>', content)
                assert b"-9.87654321" not in content
            to.writestr(entry, content)
    return whole.getvalue()
