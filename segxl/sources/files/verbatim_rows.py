"""A file's rows unchanged, for a sheet: values that Excel's own import would change are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from segxl.errors import SegxlError
from segxl.sources.files.delimited import text_rows
from segxl.sources.files.disguises import refuse_disguise
from segxl.sources.files.files import SHEET_SUFFIXES, TEXT_SUFFIXES, read_file
from segxl.sources.files.raw import read_bytes
from segxl.sources.files.sheets import cell_text, read_grids

Rows = list[list[str]]


def file_rows(path: Path) -> Iterator[tuple[str, Rows]]:
    """A title and the rows of each sheet of a file, header, footer and all; of sheets without rows nothing.

    Raises:
        SegxlError: the file is missing, empty, damaged, or of a kind that is not read.
    """
    suffix = path.suffix.casefold()
    found = False
    if suffix in SHEET_SUFFIXES:
        grids = [(name, grid) for name, grid, *_ in read_grids(path) if any(any(map(cell_text, row)) for row in grid)]
        for name, grid in grids:
            found = True
            yield (path.stem if len(grids) == 1 else name), [[cell_text(cell) for cell in row] for row in grid]
    elif suffix in TEXT_SUFFIXES:
        data = read_bytes(path)
        refuse_disguise(path, data)
        yield path.stem, text_rows(path.name, data)
        found = True
    else:
        table = read_file(path)
        yield path.stem, [list(table.header), *(list(row) for row in zip(*table.columns, strict=True))]
        found = True
    if not found:
        raise SegxlError(f"{path.name} has no rows: export it again")
