"""The page itself, without numbers: what is asked for, where it is, and how it looks in both workbooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from segxl.excel.input_workbook.styles import ACCENT, BLUE, GREY, INK, NAVY, PALE
from segxl.excel.input_workbook.template import CREATED

TITLE = "Tallybrook Ledger: board page"
MONTH = datetime(2026, 10, 1)
SEGMENT = "All accounts"
NOT_THERE = "–"
"""What the page shows where a number is not available."""

MONEY, MONEY_EACH = "#,##0,_);(#,##0,);0_);@_)", "#,##0_);(#,##0);0_);@_)"
COUNT, RATE, CHANGE = "#,##0_);-#,##0_);0_);@_)", "0.0%_);-0.0%_);0.0%_);@_)", "+0.0%_);-0.0%_);0.0%_);@_)"
"""Number formats: thousands, money, counts, rates, changes."""


@dataclass(frozen=True)
class Line:
    """A key figure: its words, the metric's key, and the format of its numbers."""

    words: str
    metric: str
    look: str

    @property
    def change_look(self) -> str:
        """Changes of rates are in points."""
        return CHANGE if self.look == RATE else self.look


LINES = (
    Line("Won revenue, thousand USD", "won_revenue", MONEY),
    Line("Net new pipeline, thousand USD", "net_new_pipeline", MONEY),
    Line("Won opportunities", "won_opportunities", COUNT),
    Line("Win rate (count)", "win_rate_count", RATE),
    Line("Average deal size, USD", "average_deal_size", MONEY_EACH),
    Line("Leads", "leads", COUNT),
    Line("Sales qualified opportunities", "sqos", COUNT),
    Line("Cost per SQO, USD", "cost_per_sqo", MONEY_EACH),
    Line("MRR, thousand USD", "mrr", MONEY),
    Line("Net revenue retention", "nrr", RATE),
)
COLUMNS = (
    ("Month", "total"),
    ("Previous month", "mom_base"),
    ("Change", "mom_change"),
    ("Change %", "mom_percent"),
    ("On last year %", "yoy_percent"),
    ("12 months", "trailing_12"),
    ("Plan", "plan"),
    ("Attainment", "attainment"),
)
"""The columns of the key figures: their words and the views, as METRIC and the table Numbers name them."""

SOURCE, DATASET, MONTH_CELL, SEGMENT_CELL = "B4", "B5", "B6", "B7"
KEYS, FIRST = 11, 12
"""The rows (from 1) of the views' keys and of the first key figure."""
LAST = FIRST + len(LINES) - 1
MONTHS, SEGMENTS = LAST + 3, 6
"""The row of the months of won revenue by segment, and how many segments follow."""
CHART = MONTHS + SEGMENTS + 2
NOTES = CHART + 14
COUNT_OF_MONTHS = len(COLUMNS)


class Sheets:
    """A workbook with the formats of the page."""

    def __init__(self, made: Any) -> None:
        self.book = xlsxwriter.Workbook(made, {"in_memory": True})
        self.book.calc_on_load = False
        self.book.set_properties({"title": TITLE, "created": CREATED})
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def look(self, **properties: Any) -> Format:
        """A format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_name": "Calibri", "font_size": 10, **properties})
        return self._formats[key]

    def add(self, name: str, *, landscape: bool = True) -> Worksheet:
        """A sheet that prints on the width of a page."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        return sheet

    @property
    def title(self) -> Format:
        return self.look(font_size=16, bold=True, font_color=NAVY)

    @property
    def heading(self) -> Format:
        return self.look(font_size=12, bold=True, font_color=ACCENT)

    @property
    def note(self) -> Format:
        return self.look(font_size=9, font_color="#595959")

    @property
    def key(self) -> Format:
        return self.look(font_size=8, font_color=GREY)

    @property
    def header(self) -> Format:
        return self.look(bold=True, font_color=NAVY, bg_color=PALE, bottom=1, align="right", text_wrap=True)

    @property
    def left_header(self) -> Format:
        return self.look(bold=True, font_color=NAVY, bg_color=PALE, bottom=1)

    @property
    def label(self) -> Format:
        return self.look(font_color=INK)

    @property
    def month_header(self) -> Format:
        return self.look(bold=True, font_color=NAVY, bg_color=PALE, bottom=1, align="right", num_format="mmm yyyy")

    def input(self, number: str = "General") -> Format:
        """A cell that is the reader's to change."""
        return self.look(
            font_color=BLUE, bg_color="#EAF3FF", border=1, border_color="#C8D5E3", align="left", num_format=number
        )

    def number(self, number: str) -> Format:
        return self.look(font_color=INK, num_format=number, align="right")


def draw_frame(sheets: Sheets, notes: tuple[str, ...], source: str = "Dataset") -> Worksheet:
    """The page with its words and keys; the numbers and the inputs are still to come."""
    page = sheets.add("Board")
    page.set_column("A:A", 31)
    page.set_column("B:B", 20)
    page.set_column("C:J", 12)
    page.write("A1", TITLE, sheets.title)
    page.set_row(0, 24)
    for row, words in enumerate(("Data", source, "Month", "Segment"), start=4):
        page.write(f"A{row}", words, sheets.label)
    page.write(f"A{KEYS - 2}", "Key figures", sheets.heading)
    page.write(f"A{KEYS - 1}", "", sheets.left_header)
    page.write(f"B{KEYS - 1}", "Key", sheets.left_header)
    for at, (words, view) in enumerate(COLUMNS, start=2):
        page.write(KEYS - 2, at, words, sheets.header)
        page.write(KEYS - 1, at, view, sheets.look(font_size=8, font_color=GREY, align="right"))
    for row, line in enumerate(LINES, start=FIRST):
        page.write(f"A{row}", line.words, sheets.label)
        page.write(f"B{row}", line.metric, sheets.key)
    page.write(f"A{MONTHS - 1}", "Won revenue by segment, thousand USD", sheets.heading)
    page.write(f"A{MONTHS}", "Segment", sheets.left_header)
    page.write(f"B{MONTHS}", "", sheets.left_header)
    for row, words in enumerate(notes, start=NOTES):
        page.write(f"A{row}", words, sheets.note)
    _draw_chart(sheets, page)
    page.print_area(0, 0, NOTES + len(notes) - 1, 1 + len(COLUMNS))
    page.fit_to_pages(1, 1)
    page.center_horizontally()
    return page


def months_shown() -> list[datetime]:
    """The months of won revenue by segment, the page's own last."""
    found = []
    for back in range(COUNT_OF_MONTHS - 1, -1, -1):
        year, month = divmod(MONTH.year * 12 + MONTH.month - 1 - back, 12)
        found.append(datetime(year, month + 1, 1))
    return found


def serial(day: datetime) -> int:
    """A day as Excel counts it."""
    return (day - datetime(1899, 12, 30)).days


def look_of(sheets: Sheets, line: Line, view: str) -> Format:
    """The format of one number of the key figures."""
    if view in ("mom_percent", "yoy_percent"):
        return sheets.number(CHANGE)
    if view == "attainment":
        return sheets.number(RATE)
    return sheets.number(line.change_look if view == "mom_change" else line.look)


def draw_movement_frame(sheets: Sheets) -> Worksheet:
    """The sheet of the cohort movement without its table."""
    sheet = sheets.add("Movement")
    words = "Accounts by their highest stage: the month before in rows, the month on Board in columns."
    sheet.write("A1", "Cohort movement by buying stage", sheets.title)
    sheet.write("A2", words, sheets.note)
    sheet.set_column("A:A", 24)
    sheet.set_column("B:H", 14)
    return sheet


def _draw_chart(sheets: Sheets, page: Worksheet) -> None:
    chart = sheets.book.add_chart({"type": "column"})
    first, last = 2, 1 + COUNT_OF_MONTHS
    chart.add_series(
        {
            "name": ["Board", MONTHS, 0],
            "categories": ["Board", MONTHS - 1, first, MONTHS - 1, last],
            "values": ["Board", MONTHS, first, MONTHS, last],
            "fill": {"color": ACCENT},
            "gap": 60,
            "data_labels": {"value": True, "num_format": MONEY, "font": {"size": 9, "color": INK}},
        }
    )
    chart.set_title(
        {"name": "Won revenue, all accounts, thousand USD", "name_font": {"size": 11, "color": NAVY}, "overlay": False}
    )
    chart.set_legend({"none": True})
    chart.set_y_axis({"num_format": MONEY, "major_gridlines": {"visible": True, "line": {"color": "#E3E8EE"}}})
    chart.set_x_axis({"num_format": "mmm yyyy", "text_axis": True})
    chart.set_size({"width": 1070, "height": 260})
    page.insert_chart(
        CHART - 1, 0, chart, {"description": "Columns: won revenue of all accounts in the last eight months"}
    )
