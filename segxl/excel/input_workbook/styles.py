"""The look of the input workbook: the pack's colours, and finance's convention that inputs are blue."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from segxl.tables.contracts import Type

INK, BLUE, GREY, PALE, NAVY = "#262626", "#0000FF", "#8C8C8C", "#EEF4F9", "#17375E"
ACCENT, LINK, REQUIRED = "#0072B2", "#0072B2", "#FFF2D6"

NUMBER_FORMATS = {
    Type.DATE: "yyyy-mm-dd",
    Type.TIMESTAMP: "yyyy-mm-dd hh:mm",
    Type.MONTH: "yyyy-mm",
    Type.MONEY: "#,##0.00_);(#,##0.00)",
    Type.NUMBER: "General",
    Type.PERCENT: "0.0%",
    Type.ID: "@",  # else an id such as 00123 loses its zeros when it is typed
}


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._inputs: dict[Type, Format] = {}
        self._examples: dict[Type, Format] = {}
        self.tab_needed, self.tab_other = ACCENT, "#A6CDE6"
        self.tab_front, self.tab_settings = NAVY, "#E69F00"
        self.title = self._made(font_size=16, bold=True, font_color=NAVY, valign="vcenter")
        self.subtitle = self._made(font_size=11, font_color="#595959", valign="vcenter")
        self.heading = self._made(font_size=12, bold=True, font_color=ACCENT, valign="bottom")
        self.note = self._made(font_size=9, font_color="#666666", valign="vcenter")
        self.link = self._made(font_color=LINK, underline=1, valign="top")
        self.step_link = self._made(font_color=LINK, underline=1, valign="top", indent=1, align="left")
        self.header = self._made(bold=True, font_color=NAVY, bg_color=PALE, bottom=1, valign="vcenter")
        self.required_header = self._made(bold=True, font_color=NAVY, bg_color=REQUIRED, bottom=1, valign="vcenter")
        self.help = self._made(font_size=9, font_color="#666666", text_wrap=True, valign="bottom")
        self.required_help = self._made(font_size=9, font_color="#7A4B00", text_wrap=True, valign="bottom")
        self.text = self._made(text_wrap=True, valign="top")
        self.strong = self._made(bold=True, font_color=NAVY, text_wrap=True, valign="top")
        self.key = self._made(valign="top")
        self.value = self._made(
            font_color=BLUE, bg_color="#EAF3FF", border=1, border_color="#C8D5E3", valign="top", align="left"
        )
        self.default = self._made(
            font_color="#595959", italic=True, text_wrap=True, valign="top", indent=1, align="left"
        )
        self.wrapped_note = self._made(font_size=9, font_color="#595959", text_wrap=True, valign="top")
        self.step = self._made(font_size=16, bold=True, font_color=ACCENT, valign="top", align="center")
        self.command = self._made(font_name="Consolas", valign="top", text_wrap=True, indent=1, align="left")
        self.purpose = self._made(valign="vcenter", indent=1, align="left")
        self.listed = self._made(valign="vcenter")
        self.listed_link = self._made(font_color=LINK, underline=1, valign="vcenter", indent=1, align="left")
        self.header_right = self._made(bold=True, font_color=NAVY, bg_color=PALE, bottom=1, align="right")
        self.header_indented = self._made(bold=True, font_color=NAVY, bg_color=PALE, bottom=1, indent=1, align="left")
        self.next = self._made(
            bold=True, font_size=12, font_color=NAVY, bg_color=REQUIRED, text_wrap=True, valign="vcenter", indent=1
        )
        self.status = self._made(font_size=10, font_color="#595959", valign="vcenter", indent=1)
        self.count = self._made(num_format="#,##0", align="right", valign="vcenter")
        self.date_value = self._made(
            font_color=BLUE,
            bg_color="#EAF3FF",
            border=1,
            border_color="#C8D5E3",
            valign="top",
            num_format="yyyy-mm-dd",
            align="left",
        )
        self.map_input = self._made(font_color=BLUE, valign="vcenter", num_format="@")
        self.map_example = self._made(font_color=GREY, italic=True, valign="vcenter")

    @property
    def text_input(self) -> Format:
        """An input of text."""
        return self.input(Type.TEXT)

    def input(self, kind: Type) -> Format:
        """An input of a column's type: blue, with its number format."""
        if kind not in self._inputs:
            self._inputs[kind] = self._made(font_color=BLUE, **self._of(kind))
        return self._inputs[kind]

    def example(self, kind: Type) -> Format:
        """A cell of an example row."""
        if kind not in self._examples:
            self._examples[kind] = self._made(font_color=GREY, italic=True, **self._of(kind))
        return self._examples[kind]

    def set_up_print(self, sheet: Worksheet, title: str, *, wide: int = 1, high: int = 0, repeat: int = 0) -> None:
        """Landscape, so many pages wide (and high, where it is given), page n of m; the first rows on every page."""
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(wide, high)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f"&L&9{title}&R&9Page &P of &N")
        if repeat:
            sheet.repeat_rows(0, repeat - 1)
        if wide > 1:
            sheet.repeat_columns(0, 0)

    def _of(self, kind: Type) -> dict[str, Any]:
        right = (
            {"align": "right", "indent": 1} if kind in (Type.MONEY, Type.NUMBER, Type.PERCENT) else {"align": "left"}
        )
        return right | ({"num_format": NUMBER_FORMATS[kind]} if kind in NUMBER_FORMATS else {})

    def _made(self, **properties: Any) -> Format:
        return self._book.add_format({"font_name": "Calibri", "font_size": 10, "font_color": INK} | properties)
