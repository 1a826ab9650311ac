"""Files with macros as Excel's file format wants them: the VBA project goes in by XlsxWriter, the rest by zip.

XlsxWriter knows no ribbon and no add-ins. Whatever saves such a file through openpyxl drops the ribbon again.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

from xlsxwriter import Workbook

from segxl.errors import SegxlError

PROJECT_PART = "xl/vbaProject.bin"
RIBBON_PART = "customUI/customUI14.xml"

_RIBBON_RELATIONSHIP = (
    '<Relationship Id="segxlRibbon" '
    'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
    f'Target="{RIBBON_PART}"/>'
)
_RELATIONSHIPS, _RELATIONSHIPS_END = "_rels/.rels", "</Relationships>"
_LICENCES = "The VBA contains xlwings (BSD 3-clause, Zoomer Analytics) and VBA-Dictionary (MIT, Tim Hall)."


def add_project(book: Workbook, project: bytes) -> None:
    """Put a VBA project into a workbook that is being written, when it has all its sheets."""
    book.add_vba_project(BytesIO(project), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    for number, sheet in enumerate(book.worksheets(), 1):
        sheet.set_vba_name(f"Sheet{number}")  # the names of the project's document modules
    book.doc_properties["comments"] = _LICENCES


def finished(made: BytesIO, ribbon: bytes, changes: Mapping[str, tuple[str, str]] | None = None) -> bytes:
    """The file with the ribbon's tab, and with one text of a part replaced by another: part to (text, its new words).

    Raises:
        SegxlError: a part does not hold the text exactly once.
    """
    wanted = {_RELATIONSHIPS: (_RELATIONSHIPS_END, _RIBBON_RELATIONSHIP + _RELATIONSHIPS_END), **(changes or {})}
    with zipfile.ZipFile(made) as file:
        parts = [(entry, file.read(entry)) for entry in file.infolist()]
    added = zipfile.ZipInfo(RIBBON_PART, parts[0][0].date_time)
    added.compress_type, added.external_attr = zipfile.ZIP_DEFLATED, parts[0][0].external_attr
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for entry, content in parts:
            if entry.filename in wanted:
                old, new = (words.encode() for words in wanted[entry.filename])
                if content.count(old) != 1:
                    raise SegxlError(f"XlsxWriter has changed: {entry.filename} does not have {old.decode()!r} once")
                content = content.replace(old, new)
            file.writestr(entry, content)
        file.writestr(added, ribbon)
    return whole.getvalue()


def project_of(content: bytes) -> bytes:
    """The VBA project in a file with macros.

    Raises:
        KeyError, zipfile.BadZipFile: it has none, or is not such a file.
    """
    with zipfile.ZipFile(BytesIO(content)) as file:
        return file.read(PROJECT_PART)
