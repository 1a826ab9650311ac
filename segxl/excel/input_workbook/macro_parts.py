"""The parts that make an .xlsm of the input workbook: the VBA project, the buttons, and the ribbon's tab.

The VBA project comes out of ``workbooks/segxl.xlsm``, so that writing a workbook needs nothing that only building
one needs.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from segxl.errors import SegxlError
from segxl.excel.buttons.buttons import BUTTONS, STATUS, Button
from segxl.excel.input_workbook.front import STATUS_CELL
from segxl.excel.input_workbook.template import MacroParts, Places
from segxl.excel.vba.package import add_project, finished, project_of
from segxl.render.shared.atomic_files import template_path, workbook_path


def macro_parts(project: Callable[[int], bytes] | None = None) -> MacroParts:
    """The parts that :func:`segxl.excel.input_workbook.template.build` adds for an .xlsm.

    Args:
        project: makes the VBA project for a number of sheets; by default the one in ``workbooks/segxl.xlsm`` is taken.
    """

    def add(book: Workbook, start: Worksheet, places: Places) -> None:
        add_project(book, project(len(book.worksheets())) if project else stored_project())
        book.define_name(STATUS, f"='{start.get_name()}'!{STATUS_CELL}")
        for button in BUTTONS:
            _draw_button(start, button, *places[button.macro])

    return MacroParts(add, lambda made: finished(made, template_path("ribbon/customUI14.xml").read_bytes()))


def stored_project() -> bytes:
    """The VBA project of ``workbooks/segxl.xlsm``."""
    path = workbook_path("segxl.xlsm")
    try:
        return project_of(path.read_bytes())
    except (zipfile.BadZipFile, KeyError) as error:
        raise SegxlError(f"{path} has no VBA: reinstall segxl") from error


def _draw_button(sheet: Worksheet, button: Button, row: int, column: int, left: int) -> None:
    options = {"macro": button.macro, "caption": button.caption, "description": button.tip}
    sheet.insert_button(row, column, {**options, "width": 164, "height": 32, "x_offset": left, "y_offset": 2})
