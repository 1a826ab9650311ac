"""``segxl verify``: each formula's stored value against what independent programs calculate from the workbook alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from segxl.errors import SegxlError
from segxl.messages import listed
from segxl.verify.engines import ENGINES, Engine
from segxl.verify.formula_cells import CellError, FormulaBook, FormulaCell, Value, read_formulas
from segxl.verify.functions import Finding, lint

RELATIVE = 1e-9
"""Two numbers are equal up to this part of the larger one, and rates up to this difference."""

CENT = 0.005
"""Amounts are equal if they round to the same cent: sums of thousands of decimal amounts differ in their last bits."""

_NO_AMOUNT = re.compile(r'%|" ?pp"|"×"')
"""In the number formats of rates, differences of rates and multiples."""


@dataclass(frozen=True)
class Difference:
    """A formula whose calculated value is not the stored one."""

    cell: FormulaCell
    calculated: Value

    @property
    def is_error(self) -> bool:
        """Whether one of the two is an error value, such as #REF!."""
        return isinstance(self.calculated, CellError) or isinstance(self.cell.stored, CellError)


@dataclass(frozen=True)
class Recalculation:
    """What one program calculated.

    Attributes:
        engine: the program's name; ``version``: its version.
        formulas: how many it calculated.
        differences: those that differ, errors included.
        failure: why it calculated nothing; blank if it did.
    """

    engine: str
    version: str
    formulas: int
    differences: Sequence[Difference] = ()
    failure: str = ""

    @property
    def errors(self) -> int:
        """How many differences are error values."""
        return sum(one.is_error for one in self.differences)

    @property
    def equal(self) -> int:
        """How many values are equal."""
        return 0 if self.failure else self.formulas - len(self.differences)

    @property
    def passed(self) -> bool:
        """Whether every value is equal."""
        return not self.failure and not self.differences


@dataclass(frozen=True)
class Verification:
    """The result of ``segxl verify`` on a workbook."""

    book: FormulaBook
    recalculations: Sequence[Recalculation]
    findings: Sequence[Finding]
    missing: Sequence[Engine] = ()

    @property
    def passed(self) -> bool:
        """Whether every program gives every value again and Excel takes every formula."""
        return not self.findings and all(one.passed for one in self.recalculations)


def verify(
    path: Path, engines: Sequence[str] = (), progress: Callable[[str], None] = lambda doing: None
) -> Verification:
    """Recalculate a workbook's formulas.

    Args:
        path: the workbook.
        engines: keys of :data:`segxl.verify.engines.ENGINES`; if none, all, LibreOffice only where it is installed.
        progress: receives what is being done.

    Raises:
        SegxlError: the file has no formulas or cannot be read, or an engine is not installed.
    """
    chosen = list(_installed(engines))
    progress(f"reading {path}")
    book = read_formulas(path)
    found = []
    for engine in chosen:
        progress(f"recalculating with {engine.name}")
        found.append(recalculate(book, engine))
    return Verification(book, found, lint(book), [one for one in ENGINES if one not in chosen])


def _installed(keys: Sequence[str]) -> Iterator[Engine]:
    lacking = []
    for engine in ENGINES:
        if keys and engine.key not in keys:
            continue
        if engine.version() is not None:
            yield engine
        elif keys or engine is not ENGINES[-1]:
            lacking.append(engine)
    if lacking:
        names = listed([one.name for one in lacking], len(lacking))
        raise SegxlError(f"not installed: {names}; {lacking[0].needs}")


def recalculate(book: FormulaBook, engine: Engine) -> Recalculation:
    """Compare what one program calculates with what is stored."""
    version, total = engine.version() or "", len(book.cells)
    try:
        values = engine.values(book)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of a program in Rust is not an Exception; it fails this program only
        return Recalculation(engine.name, version, total, failure=str(error) or type(error).__name__)
    pairs = zip(book.cells, values, strict=True)
    return Recalculation(
        engine.name, version, total, [Difference(cell, value) for cell, value in pairs if not agree(cell, value)]
    )


def agree(cell: FormulaCell, calculated: Value) -> bool:
    """Whether a calculated value is the stored one: amounts and counts to the cent, all others to a billionth."""
    stored = cell.stored
    if isinstance(stored, CellError) or isinstance(calculated, CellError):
        return False
    if isinstance(stored, float) and isinstance(calculated, float):
        absolute = RELATIVE if _NO_AMOUNT.search(cell.number_format) else CENT
        return abs(stored - calculated) <= max(absolute, RELATIVE * max(abs(stored), abs(calculated)))
    return type(stored) is type(calculated) and stored == calculated
