"""The add-in as a file: a hidden workbook with one empty sheet, the macros, and a ribbon tab that is always there.

Only building needs this module; ``segxl addin install`` copies ``workbooks/segxl.xlam``.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import xlsxwriter

from segxl._version import __version__
from segxl.errors import SegxlError
from segxl.excel.addin.version import VERSION_PROPERTY
from segxl.excel.input_workbook.template import CREATED
from segxl.excel.vba.package import add_project, finished
from segxl.excel.vba.project import ADDIN, vba_modules, vba_project
from segxl.render.shared.atomic_files import template_path

CONTENT_TYPE = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
WORKBOOK_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"

_TAB_END = "      </tab>\n"


def build(path: Path) -> None:
    """Write the add-in from its sources; the same sources give the same bytes."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"title": "segxl", "subject": "Segment scorecards: buttons and functions", "created": CREATED})
    book.set_custom_property(VERSION_PROPERTY, __version__)
    book.calc_on_load = False
    book.add_worksheet()
    add_project(book, vba_project(1, vba_modules(ADDIN)))
    book.close()
    changes = {
        "[Content_Types].xml": (WORKBOOK_TYPE, CONTENT_TYPE),
        "xl/workbook.xml": ("<workbookView ", '<workbookView visibility="hidden" '),
    }
    path.write_bytes(finished(made, ribbon().encode(), changes))


def ribbon() -> str:
    """The tab of the workbooks with buttons, and behind their groups the one that inserts functions."""
    ours, group = (
        template_path(f"ribbon/{name}").read_text(encoding="utf-8") for name in ("customUI14.xml", "addin_group.xml")
    )
    if ours.count(_TAB_END) != 1:
        raise SegxlError("customUI14.xml: end its only tab on a line of its own, with six spaces before")
    return ours.replace(_TAB_END, group + _TAB_END)
