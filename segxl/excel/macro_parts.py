"""What makes an .xlsm of a workbook that XlsxWriter writes: the VBA project, the buttons, and the ribbon's tab.

The VBA project comes out of ``workbooks/segxl.xlsm``, so that writing a workbook needs nothing that only building
one needs.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from segxl.errors import SegxlError
from segxl.excel.buttons import BUTTONS
from segxl.render.files import template_path, workbook_path

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

PROJECT_PART = "xl/vbaProject.bin"
RIBBON_PART = "customUI/customUI14.xml"

_RIBBON_RELATIONSHIP = (
    '<Relationship Id="segxlRibbon" '
    'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
    f'Target="{RIBBON_PART}"/>'
)
_RELATIONSHIPS, _RELATIONSHIPS_END = "_rels/.rels", "</Relationships>"
LICENCES = "The VBA holds xlwings (BSD 3-clause, Zoomer Analytics) and VBA-Dictionary (MIT, Tim Hall)."


def stored_project() -> bytes:
    """The VBA project of ``workbooks/segxl.xlsm``."""
    path = workbook_path("segxl.xlsm")
    try:
        with zipfile.ZipFile(path) as file:
            return file.read(PROJECT_PART)
    except (zipfile.BadZipFile, KeyError) as error:
        raise SegxlError(f"{path} holds no VBA: install segxl again") from error


def add_project(book: Workbook, project: bytes) -> None:
    """Put the VBA in, once all sheets are there; their code names are the names of its document modules."""
    book.add_vba_project(BytesIO(project), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    for number, sheet in enumerate(book.worksheets(), 1):
        sheet.set_vba_name(f"Sheet{number}")


def add_buttons(sheet: Worksheet, places: Mapping[str, tuple[int, int]], *, width: int, height: int) -> None:
    """Draw each button at its cell: ``places`` says row and column (from 0) by the button's macro; sizes in pixels."""
    for button in BUTTONS:
        row, column = places[button.macro]
        sheet.insert_button(
            row,
            column,
            {
                "macro": button.macro,
                "caption": button.caption,
                "description": button.tip,
                "width": width,
                "height": height,
            },
        )


def add_ribbon(path: Path) -> None:
    """Add the ribbon's tab to the finished file; XlsxWriter knows no ribbon, and whatever saves the file drops it."""
    with zipfile.ZipFile(path) as file:
        parts = [(entry, file.read(entry)) for entry in file.infolist()]
    ribbon = zipfile.ZipInfo(RIBBON_PART, parts[0][0].date_time)
    ribbon.compress_type, ribbon.external_attr = zipfile.ZIP_DEFLATED, parts[0][0].external_attr
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for entry, content in parts:
            if entry.filename == _RELATIONSHIPS:
                text = content.decode()
                content = text.replace(_RELATIONSHIPS_END, _RIBBON_RELATIONSHIP + _RELATIONSHIPS_END).encode()
            file.writestr(entry, content)
        file.writestr(ribbon, template_path("ribbon/customUI14.xml").read_bytes())
