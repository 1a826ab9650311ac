"""A pack recalculated by LibreOffice, compared with the results that segxl stored."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from tests import office


@dataclass(frozen=True)
class Recalculated:
    """What a comparison found: ``different`` cells with formula, stored result and the calculator's; ``live`` and
    ``constant`` numbers by sheet."""

    different: tuple[str, ...]
    live: dict[str, int]
    constant: dict[str, tuple[str, ...]]


def recalculated(path: Path, folder: Path) -> Recalculated:
    """Every formula of a workbook again: equal to the cent, or to 1e-9 of it."""
    formulas, stored = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    again = openpyxl.load_workbook(office.recalculated(path, folder), data_only=True)
    different, live, constant = [], {}, {}
    for sheet in formulas.worksheets:
        count, values = 0, []
        for row in sheet.iter_rows():
            for cell in row:
                before = stored[sheet.title][cell.coordinate].value
                if cell.data_type == "f":
                    after = again[sheet.title][cell.coordinate].value
                    count += 1
                    if not _same(before, after):
                        different.append(f"{sheet.title}!{cell.coordinate} {cell.value}: {before} is not {after}")
                elif isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
                    values.append(f"{cell.coordinate} ({sheet.cell(cell.row, 1).value})")
        live[sheet.title], constant[sheet.title] = count, tuple(values)
    return Recalculated(tuple(different), live, constant)


def _same(one: object, other: object) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other
