"""Builds the files with macros, ``workbooks/segxl.xlsm`` and ``workbooks/segxl.xlam``, from text:
``python -m segxl.excel.input_workbook.build``, in a checkout with ``segxl[build]``.

What writes workbooks for users takes the VBA project out of the workbook that was built here.
"""

from __future__ import annotations

import sys
from pathlib import Path

from segxl.errors import SegxlError
from segxl.excel.addin import build as addin
from segxl.excel.input_workbook import template
from segxl.excel.input_workbook.macro_parts import macro_parts
from segxl.excel.vba.project import INPUT_WORKBOOK, vba_modules, vba_project
from segxl.render.shared.atomic_files import write_atomically


def build(path: Path) -> None:
    """Write the macro workbook from its sources; the same sources give the same bytes."""
    template.build(path, macros=macro_parts(lambda sheets: vba_project(sheets, vba_modules(INPUT_WORKBOOK))))


BUILT = {"segxl.xlsm": build, "segxl.xlam": addin.build}
"""The built files, by their names in ``workbooks``."""


def main() -> None:
    """Build the committed files again."""
    folder = Path(__file__).parents[3] / "workbooks"
    if not folder.is_dir():
        sys.exit(
            "segxl.excel.input_workbook.build: run this in a checkout of segxl, where the sources of the workbook are"
        )
    for name, write in BUILT.items():
        try:
            written = write_atomically(folder / name, write, overwrite=True)
        except SegxlError as error:
            sys.exit(f"segxl.excel.input_workbook.build: {error}")
        print(f"{folder / name}: {'written' if written else 'unchanged'}")


if __name__ == "__main__":
    main()
