"""VBA projects from text: the modules of each kind of file, and the ``vbaProject.bin`` that Excel wants of them.

The VBA is that of ``templates/vba`` and, copied from the installed xlwings, the module that starts Python and the
Dictionary that a Mac needs. pyOpenVBA makes a project of them; only building needs it, in a checkout with
``segxl[build]``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

import xlsxwriter

from segxl.errors import SegxlError
from segxl.excel.buttons.conf import XLWINGS
from segxl.render.shared.atomic_files import template_path

_CLASSES = ("Dictionary",)  # the modules that are classes; the others are standard modules
_PROJECT_NAME = re.compile(r'^Public Const PROJECT_NAME As String = "\w+"$', re.MULTILINE)


@dataclass(frozen=True)
class MacroFile:
    """A kind of file with macros.

    Attributes:
        modules: those of segxl, by their names in ``templates/vba``.
        xlwings: the file of xlwings that becomes the module ``xlwings``: one works on the workbook that it is in, the
            other on the workbook in front.
    """

    modules: tuple[str, ...]
    xlwings: str


INPUT_WORKBOOK = MacroFile(("segxl", "segxl_workbook", "segxl_functions"), "xlwings.bas")
ADDIN = MacroFile(("segxl", "segxl_addin", "segxl_functions"), "xlwings_custom_addin.bas")
EXAMPLE = MacroFile(("segxl_functions",), "xlwings.bas")
"""A workbook with the functions and no buttons."""


def vba_modules(kind: MacroFile) -> dict[str, str]:
    """The text of each VBA module by its name, as the editor of Excel shows it (no ``Attribute`` lines at its head).

    Raises:
        SegxlError: another version of xlwings is installed than the one that segxl is made for.
    """
    installed = metadata.version("xlwings")
    if installed != XLWINGS:
        raise SegxlError(f"the macros are built with xlwings {XLWINGS}, but {installed} is installed")
    package = Path(str(resources.files("xlwings")))
    theirs, names = _PROJECT_NAME.subn('Public Const PROJECT_NAME As String = "segxl"', _text(package / kind.xlwings))
    if names != 1:
        raise SegxlError(f"{kind.xlwings} of xlwings {XLWINGS} has no line PROJECT_NAME to put the name segxl into")
    return {
        **{name: _text(template_path(f"vba/{name}.bas")) for name in kind.modules},
        "xlwings": theirs,
        "Dictionary": _text(package / "addin" / "Dictionary.cls"),
    }


def vba_project(sheets: int, modules: Mapping[str, str]) -> bytes:
    """A ``vbaProject.bin`` for a workbook of so many sheets, whose code names are Sheet1, Sheet2, …"""
    from pyopenvba import ExcelFile, VBAModuleKind

    with tempfile.TemporaryDirectory() as folder:
        skeleton = Path(folder) / "skeleton.xlsm"
        _write_skeleton(skeleton, sheets)
        with ExcelFile(skeleton) as file:
            file.add_vba_project()
            for name, text in modules.items():
                kind = VBAModuleKind.other if name in _CLASSES else VBAModuleKind.standard
                file.vba_project().add_module(name, text.replace("\n", "\r\n"), kind=kind)
            file.save(Path(folder) / "made.xlsm")
        with ExcelFile(Path(folder) / "made.xlsm") as file:
            project: bytes = file.vba_project_bytes()
    return project


def _text(path: Path) -> str:
    text = path.read_text(encoding="ascii").replace("\r\n", "\n")
    return re.sub(r'\AAttribute VB_Name = "\w+"\n', "", text)


def _write_skeleton(path: Path, sheets: int) -> None:
    """A workbook without VBA, for pyOpenVBA to make a document module of each of its sheets."""
    book = xlsxwriter.Workbook(str(path))
    for _ in range(sheets):
        book.add_worksheet()
    book.close()
