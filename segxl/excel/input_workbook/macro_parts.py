"""What makes an .xlsm of a workbook that XlsxWriter writes: the VBA project, the buttons, and the ribbon's tab.

The VBA project comes out of ``workbooks/segxl.xlsm``, so that writing a workbook needs nothing that only building
one needs.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from segxl.errors import SegxlError
from segxl.excel.buttons.buttons import BUTTONS, STATUS, Button
from segxl.excel.input_workbook.front import STATUS_CELL
from segxl.excel.input_workbook.template import MacroParts, Places
from segxl.render.shared.atomic_files import template_path, workbook_path

PROJECT_PART = "xl/vbaProject.bin"
RIBBON_PART = "customUI/customUI14.xml"

_RIBBON_RELATIONSHIP = (
    '<Relationship Id="segxlRibbon" '
    'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
    f'Target="{RIBBON_PART}"/>'
)
_RELATIONSHIPS, _RELATIONSHIPS_END = "_rels/.rels", "</Relationships>"
_LICENCES = "The VBA contains xlwings (BSD 3-clause, Zoomer Analytics) and VBA-Dictionary (MIT, Tim Hall)."


def macro_parts(project: Callable[[int], bytes] | None = None) -> MacroParts:
    """What :func:`segxl.excel.input_workbook.template.build` adds for an .xlsm.

    Args:
        project: makes the VBA project for a number of sheets; by default the one in ``workbooks/segxl.xlsm`` is taken.
    """

    def add(book: Workbook, start: Worksheet, places: Places) -> None:
        sheets = book.worksheets()
        vba = project(len(sheets)) if project else stored_project()
        book.add_vba_project(BytesIO(vba), is_stream=True)
        book.set_vba_name("ThisWorkbook")
        for number, sheet in enumerate(sheets, 1):
            sheet.set_vba_name(f"Sheet{number}")  # the names of the project's document modules
        book.define_name(STATUS, f"='{start.get_name()}'!{STATUS_CELL}")
        book.doc_properties["comments"] = _LICENCES
        for button in BUTTONS:
            _draw_button(start, button, *places[button.macro])

    return MacroParts(add, add_ribbon)


def stored_project() -> bytes:
    """The VBA project of ``workbooks/segxl.xlsm``."""
    path = workbook_path("segxl.xlsm")
    try:
        with zipfile.ZipFile(path) as file:
            return file.read(PROJECT_PART)
    except (zipfile.BadZipFile, KeyError) as error:
        raise SegxlError(f"{path} has no VBA: reinstall segxl") from error


def _draw_button(sheet: Worksheet, button: Button, row: int, column: int, left: int) -> None:
    options = {"macro": button.macro, "caption": button.caption, "description": button.tip}
    sheet.insert_button(row, column, {**options, "width": 164, "height": 32, "x_offset": left, "y_offset": 2})


def add_ribbon(made: BytesIO) -> bytes:
    """The finished file with the ribbon's tab; XlsxWriter knows no ribbon, and whatever saves the file drops it."""
    with zipfile.ZipFile(made) as file:
        parts = [(entry, file.read(entry)) for entry in file.infolist()]
    ribbon = zipfile.ZipInfo(RIBBON_PART, parts[0][0].date_time)
    ribbon.compress_type, ribbon.external_attr = zipfile.ZIP_DEFLATED, parts[0][0].external_attr
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for entry, content in parts:
            if entry.filename == _RELATIONSHIPS:
                text = content.decode()
                content = text.replace(_RELATIONSHIPS_END, _RIBBON_RELATIONSHIP + _RELATIONSHIPS_END).encode()
            file.writestr(entry, content)
        file.writestr(ribbon, template_path("ribbon/customUI14.xml").read_bytes())
    return whole.getvalue()
