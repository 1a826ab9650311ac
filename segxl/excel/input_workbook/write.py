"""Writing the input workbook: empty, filled from a source, or the demo's."""

from __future__ import annotations

from pathlib import Path

from segxl.dataset.load import TablesRead
from segxl.dataset.model import Dataset
from segxl.errors import SegxlError
from segxl.excel.input_workbook.content import EMPTY, Content, content_from, content_of
from segxl.excel.input_workbook.macro_parts import macro_parts
from segxl.excel.input_workbook.template import build
from segxl.render.shared.atomic_files import check_writable, write_atomically

DEMO_WORKBOOK = "segxl-demo.xlsx"
"""The demo's input workbook, in the folder of its exports."""


def template(file: Path, source: Path | None, *, overwrite: bool) -> tuple[bool, Content]:
    """Write an input workbook, empty or with the contents of a source; return whether it was written, and its content.

    Raises:
        SegxlError: the file's name ends in something else than .xlsx or .xlsm (with buttons), the source cannot be
            read, a table has more rows than a sheet, or the file exists with other contents.
    """
    kind = file.suffix.casefold()
    if kind not in (".xlsx", ".xlsm"):
        name = file.stem or "inputs"
        raise SegxlError(f"{file}: use {name}.xlsx, or {name}.xlsm for a workbook with buttons")

    content = content_of(source) if source else EMPTY
    check_writable(file.parent)
    macros = macro_parts() if kind == ".xlsm" else None
    made = write_atomically(
        file, lambda to: build(to, content, macros), overwrite=overwrite, instead="choose another name or folder"
    )
    return made, content


def demo_workbook(folder: Path, found: TablesRead, dataset: Dataset, *, overwrite: bool) -> tuple[Path, bool]:
    """Write the demo's input workbook from its exports, into their folder."""

    path, content = folder / DEMO_WORKBOOK, content_from(found, dataset)
    return path, write_atomically(path, lambda to: build(to, content), overwrite=overwrite)
