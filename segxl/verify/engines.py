"""The programs that recalculate a pack: each opens the workbook itself and calculates every formula."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from segxl.packages import installed_version
from segxl.verify.formula_cells import CellError, FormulaBook, Value
from segxl.verify.libreoffice import LibreOffice

_EXTRA = 'pip install "segxl[verify]"'


class Engine(Protocol):
    """A program that calculates workbooks.

    Attributes:
        name: for people.
        key: on the command line.
        needs: what to do where it is not installed.
    """

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def needs(self) -> str: ...

    def version(self) -> str | None:
        """The installed version; ``None`` without one."""

    def values(self, book: FormulaBook) -> Sequence[Value]:
        """The value of each of the book's formula cells, calculated from the workbook without stored results."""


class Formualizer:
    """formualizer, a calculation engine in Rust."""

    name = "formualizer"
    key = "formualizer"
    needs = _EXTRA

    def version(self) -> str | None:
        """Its version; ``None`` where it is not installed."""
        return installed_version("formualizer")

    def values(self, book: FormulaBook) -> Sequence[Value]:
        """The value of each formula cell."""
        import formualizer

        # its reader "native" knows no tables: every structured reference would be #NAME?
        workbook = formualizer.load_workbook_bytes(book.cleared, backend="umya")
        workbook.set_temporal_egress("serial")
        workbook.evaluate_all()
        return [_of_formualizer(workbook.get_value(one.sheet, one.row, one.column)) for one in book.cells]


_ERRORS: Mapping[str, str] = {
    "Name": "#NAME?",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "Div": "#DIV/0!",
    "Na": "#N/A",
    "Num": "#NUM!",
    "Null": "#NULL!",
    "Spill": "#SPILL!",
    "Calc": "#CALC!",
}
"""Excel's words for formualizer's kinds of errors; others keep its own."""


def _of_formualizer(value: Any) -> Value:
    if isinstance(value, dict):
        kind = str(value.get("kind", value))
        return CellError(_ERRORS.get(kind, f"#{kind}"))
    return _plain(value)


def _plain(value: Any) -> Value:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    return str(value) or None


class IronCalc:
    """IronCalc, a spreadsheet in Rust."""

    name = "IronCalc"
    key = "ironcalc"
    needs = _EXTRA

    def version(self) -> str | None:
        """Its version; ``None`` where it is not installed."""
        return installed_version("ironcalc")

    def values(self, book: FormulaBook) -> Sequence[Value]:
        """The value of each formula cell."""
        import ironcalc

        with tempfile.TemporaryDirectory(prefix="segxl-", ignore_cleanup_errors=True) as folder:
            file = Path(folder) / "pack.xlsx"
            file.write_bytes(book.cleared)
            model = ironcalc.load_from_xlsx(str(file), "en", "UTC")
        model.evaluate()
        sheets = {sheet["name"]: at for at, sheet in enumerate(model.get_worksheets_properties())}
        found: list[Value] = []
        for one in book.cells:
            place = sheets[one.sheet], one.row, one.column
            value = _plain(model.get_cell_value(*place))
            failed = isinstance(value, str) and model.get_cell_type(*place) == ironcalc.CellType.ErrorValue
            found.append(CellError(value) if failed and isinstance(value, str) else value)
        return found


ENGINES: Sequence[Engine] = (Formualizer(), IronCalc(), LibreOffice())
"""In the order of reports. The last is used where it is installed; the others are always asked for."""
