"""The input workbook as a file: Start, Settings, Maps, and a sheet for each table of the contracts.

Everything on it comes from the contracts (:mod:`segxl.tables.contracts`), the settings
(:mod:`segxl.excel.input_workbook.keys`) and what a source holds (:mod:`segxl.excel.input_workbook.content`). The same
content gives the same bytes. Blue cells are inputs; the grey example rows never count
(:data:`segxl.sources.files.raw.EXAMPLE`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from segxl.errors import SegxlError
from segxl.excel.buttons.buttons import RESULTS
from segxl.excel.input_workbook.content import EMPTY, Content, Filled
from segxl.excel.input_workbook.examples import EXAMPLES, NEEDED_FOR
from segxl.excel.input_workbook.front import RESULT_CELLS, draw_start
from segxl.excel.input_workbook.settings_sheets import draw_maps, draw_settings
from segxl.excel.input_workbook.styles import Styles
from segxl.excel.input_workbook.validation import validation_of
from segxl.sources.workbook.settings import MAPS, SETTINGS
from segxl.sources.workbook.sheets import START
from segxl.tables.contracts import CONTRACTS, Column, Contract, Type

CREATED = datetime(2000, 1, 1)
"""The only date in the file."""

HEADER_ROW = 4
"""Row number in each table's sheet, as Excel counts; the rows above it explain."""

LAST_ROW = 1_048_576
_LONGEST_TEXT = 32_767
_WIDTHS = {Type.DATE: 15, Type.TIMESTAMP: 19, Type.MONTH: 13, Type.MONEY: 18, Type.FLAG: 11, Type.ID: 20}

_PAGE_WIDTH = 180
"""Characters of the default font that fit on a readable page."""

_FIRST_WIDTH = 20
"""Width of each table's first column, which has the mark of the example rows."""

Places = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True)
class MacroParts:
    """What makes an .xlsm of the workbook.

    Attributes:
        add: called when all sheets are drawn, with the workbook, the sheet Start, and the place that is left free for
            each button, by its macro: row and column (from 0) of a cell, and how many pixels from its left.
        finish: called with the finished file; gives what it holds in the end.
    """

    add: Callable[[Workbook, Worksheet, Places], None]
    finish: Callable[[BytesIO], bytes]


def build(path: Path, content: Content = EMPTY, macros: MacroParts | None = None) -> None:
    """Write the input workbook.

    Args:
        path: the file; it is replaced.
        content: what it holds; example rows are on the sheets of tables that it does not have.
        macros: what makes an .xlsm of it; without, Start names the commands in place of the buttons.

    Raises:
        SegxlError: a table has more rows than a sheet.
    """
    for name, table in content.tables.items():
        if len(table) > LAST_ROW - HEADER_ROW:
            raise SegxlError(
                f"{name} has {len(table):,} rows; a sheet allows {LAST_ROW - HEADER_ROW:,}: keep this source as a "
                "folder of files, or filter rows with where"
            )
    made = BytesIO()  # errors of the disk are then handled in one place; XlsxWriter has its own errors for them
    book = xlsxwriter.Workbook(made, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    book.set_properties({"title": "segxl input workbook", "created": CREATED})
    book.calc_on_load = False  # the few formulas carry their results
    styles = Styles(book)
    start = book.add_worksheet(START)
    draw_settings(book.add_worksheet(SETTINGS), styles, content)
    draw_maps(book.add_worksheet(MAPS), styles, content)
    for each in EXAMPLES:
        _draw_table(book.add_worksheet(each), styles, each, content)
    book.define_name(RESULTS, f"='{START}'!{RESULT_CELLS}")
    places = draw_start(start, styles, content, buttons=macros is not None, header_row=HEADER_ROW)
    if macros:
        macros.add(book, start, places)
    start.activate()
    book.close()
    path.write_bytes(macros.finish(made) if macros else made.getvalue())


def _draw_table(sheet: Worksheet, styles: Styles, table: str, content: Content) -> None:
    filled = content.tables.get(table)
    contract = filled.contract if filled else CONTRACTS[table][0]
    extras = _unlike(filled.extras, contract.names) if filled else ()
    count = len(contract.columns) + len(extras)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(styles.tab_needed if NEEDED_FOR[table].startswith("always") else styles.tab_other)
    sheet.write_string(0, 0, table, styles.title)
    sheet.write_string(0, 2, contract.help, styles.subtitle)
    sheet.write_url(1, 0, f"internal:'{START}'!A1", styles.link, f"← {START}")
    examples = "" if filled else " Grey rows are examples and never count."
    sheet.write_string(1, 2, f"Fill in the required columns in every row.{examples}", styles.note)
    for at, column in enumerate(contract.columns):
        width = _width(column) if at else max(_width(column), _FIRST_WIDTH)
        sheet.set_column(at, at, width, styles.input(column.type))
        sheet.write_string(2, at, column.hint, styles.required_help if column.required else styles.help)
        validation = validation_of(column, content.segments)
        if validation:
            sheet.data_validation(HEADER_ROW, at, LAST_ROW - 1, at, validation)
    for at in range(len(contract.columns), count):
        sheet.set_column(at, at, 20, styles.input(Type.TEXT))
        sheet.write_string(2, at, "Your own column, not used", styles.help)
    if shapes := _other_shapes(contract):
        sheet.set_column(count + 1, count + 1, 64)
        sheet.write_string(2, count + 1, shapes, styles.help)
    for row, height in enumerate((24, 15, 50, 18)):
        sheet.set_row(row, height)
    rows = _write_rows(sheet, styles, contract, filled) if filled else _write_examples(sheet, styles, contract)
    sheet.add_table(
        HEADER_ROW - 1,
        0,
        HEADER_ROW - 1 + max(rows, 1),
        count - 1,
        {
            "name": table,
            "style": "Table Style Light 1",
            "banded_rows": False,
            "columns": [
                *(
                    {
                        "header": column.name,
                        "header_format": styles.required_header if column.required else styles.header,
                        "format": styles.input(column.type),
                    }
                    for column in contract.columns
                ),
                *({"header": name, "header_format": styles.header, "format": styles.text_input} for name in extras),
            ],
        },
    )
    sheet.freeze_panes(HEADER_ROW, 1)
    sheet.set_selection(HEADER_ROW, 0, HEADER_ROW, 0)
    width = sum(_width(column) for column in contract.columns) + 20 * len(extras)
    styles.set_up_print(sheet, table, wide=math.ceil(width / _PAGE_WIDTH), repeat=HEADER_ROW)


def _other_shapes(contract: Contract) -> str:
    """Other shapes of the table: revenue has three."""
    others = [one for one in CONTRACTS[contract.table] if one is not contract]
    said = [f"{', '.join(one.names)} ({one.shape})" for one in others]
    return f"Alternative headers: {'; '.join(said)}." if said else ""


def _width(column: Column) -> float:
    return max(_WIDTHS.get(column.type, 18), len(column.name) + 5)


def _unlike(extras: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Headers that differ for Excel, which ignores case."""
    taken = {name.casefold() for name in names}
    found: list[str] = []
    for name in extras:
        wanted, turn = name, 2
        while wanted.casefold() in taken:
            wanted, turn = f"{name} ({turn})", turn + 1
        taken.add(wanted.casefold())
        found.append(wanted)
    return tuple(found)


def _write_rows(sheet: Worksheet, styles: Styles, contract: Contract, filled: Filled) -> int:
    names = [*contract.names, *filled.extras]
    kinds: list[Type] = [*(column.type for column in contract.columns), *[Type.TEXT] * len(filled.extras)]
    for at, (kind, column) in enumerate(zip(kinds, filled.columns, strict=True)):
        write = _writer(sheet, kind, styles, f"{contract.table}, column {names[at]!r}")
        for row, value in enumerate(column, start=HEADER_ROW):
            if value is not None:
                write(row, at, value)
    return len(filled)


def _writer(sheet: Worksheet, kind: Type, styles: Styles, place: str) -> Callable[[int, int, Any], object]:
    style = styles.input(kind)

    def write(row: int, at: int, value: Any) -> None:
        if isinstance(value, str):
            if len(value) > _LONGEST_TEXT:
                raise SegxlError(
                    f"{place}: {len(value):,} characters, more than Excel's {_LONGEST_TEXT:,} per cell: shorten the "
                    f"text in "
                    "the source, or remove the column"
                )
            sheet.write_string(row, at, value, style)
        elif isinstance(value, int | float):
            sheet.write_number(row, at, value, style)
        else:
            sheet.write_datetime(row, at, value, style)

    return write


def _write_examples(sheet: Worksheet, styles: Styles, contract: Contract) -> int:
    examples = EXAMPLES[contract.table]
    for row, example in enumerate(examples, start=HEADER_ROW):
        for at, column in enumerate(contract.columns):
            value: Any = example.get(column.name)
            style: Format = styles.example(column.type)
            if value is None:
                sheet.write_blank(row, at, None, style)
            elif isinstance(value, str):
                sheet.write_string(row, at, value, style)
            elif isinstance(value, int | float):
                sheet.write_number(row, at, value, style)
            else:
                sheet.write_datetime(row, at, value, style)
    return len(examples)
