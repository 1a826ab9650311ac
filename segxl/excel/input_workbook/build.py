"""Builds ``workbooks/segxl.xlsm`` from text: ``python -m segxl.excel.input_workbook.build``, in a checkout with
``segxl[build]``.

The VBA is ``templates/vba/segxl.bas`` and, copied from the installed xlwings, its standalone module and the Dictionary
that a Mac needs. pyOpenVBA makes the VBA project of them, and nothing but this module needs it: what writes workbooks
for users takes the project out of the workbook that was built here.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata, resources
from pathlib import Path

import xlsxwriter

from segxl.errors import SegxlError
from segxl.excel.buttons.conf import XLWINGS
from segxl.excel.input_workbook import template
from segxl.excel.input_workbook.macro_parts import macro_parts
from segxl.render.shared.atomic_files import template_path, write_atomically

_CLASSES = ("Dictionary",)  # the modules that are classes; the others are standard modules


def vba_modules() -> dict[str, str]:
    """The text of each VBA module by its name, as the editor of Excel shows it (no ``Attribute`` lines at its head).

    Raises:
        SegxlError: another version of xlwings is installed than the one that segxl is made for.
    """
    installed = metadata.version("xlwings")
    if installed != XLWINGS:
        raise SegxlError(f"the workbook is built with xlwings {XLWINGS}, but {installed} is installed")
    package = Path(str(resources.files("xlwings")))
    standalone = _text(package / "xlwings.bas")
    ours, theirs = (f'Public Const PROJECT_NAME As String = "{name}"\n' for name in ("segxl", "xlwings"))
    if standalone.count(theirs) != 1:
        raise SegxlError(f"xlwings.bas of {XLWINGS} has no line {theirs.strip()!r} to put the name segxl into")
    return {
        "segxl": _text(template_path("vba/segxl.bas")),
        "xlwings": standalone.replace(theirs, ours),
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
    return text.removeprefix(f'Attribute VB_Name = "{path.stem}"\n')


def _write_skeleton(path: Path, sheets: int) -> None:
    """A workbook without VBA, for pyOpenVBA to make a document module of each of its sheets."""
    book = xlsxwriter.Workbook(str(path))
    for _ in range(sheets):
        book.add_worksheet()
    book.close()


def build(path: Path) -> None:
    """Write the macro workbook from its sources; the same sources give the same bytes."""
    template.build(path, macros=macro_parts(lambda sheets: vba_project(sheets, vba_modules())))


def main() -> None:
    """Build the committed workbook again."""
    path = Path(__file__).parents[3] / "workbooks" / "segxl.xlsm"
    if not path.parent.is_dir():
        sys.exit(
            "segxl.excel.input_workbook.build: run this in a checkout of segxl, where the sources of the workbook are"
        )
    try:
        written = write_atomically(path, build, overwrite=True)
    except SegxlError as error:
        sys.exit(f"segxl.excel.input_workbook.build: {error}")
    print(f"{path}: {'written' if written else 'unchanged'}")


if __name__ == "__main__":
    main()
