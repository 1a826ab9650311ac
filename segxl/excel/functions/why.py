"""The reason for an error or a blank in a cell, for ``SEGXL_WHY``.

Two ways lead to the reason. The cell's formula is read, and each segxl function in it is asked again with the same
arguments: that is right at any time, after a restart too, but works only for arguments that are values, references,
names or segxl functions. For others (the inside of ``LET``, arithmetic, other functions) the reason is the one that was
kept when Excel last calculated the cell in this process. Where neither works, the answer says to recalculate the cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from segxl.errors import SegxlError
from segxl.excel.com import if_excel_can
from segxl.excel.functions import formulas
from segxl.excel.functions.arguments import grid_of
from segxl.excel.functions.datasets import DATASETS
from segxl.excel.functions.handles import PREFIX
from segxl.excel.functions.problems import Answer, BadArgumentError, failed, one
from segxl.excel.functions.reasons import REASONS, place

if TYPE_CHECKING:
    import xlwings as xw

Find = Callable[[str], Any]

NOTHING_MISSING = "The cell has a value; nothing is missing"
RECALCULATE = "Not known: recalculate the cell (select it, press F2 and Enter), and this cell shows why"
NO_FORMULA = "No segxl formula gives this cell its value"

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(E[+-]?\d+)?%?", re.IGNORECASE)
_SHEET = re.compile(r"(?:'((?:[^'\[\]]|'')+)'|([\w.]+))!(.+)")
_REFERENCE = re.compile(
    r"\$?[A-Z]{1,3}\$?\d+(:\$?[A-Z]{1,3}\$?\d+)?#?|\$?[A-Z]{1,3}:\$?[A-Z]{1,3}|[^\W\d][\w.]*(\[[^@]*\])?", re.IGNORECASE
)


class _UnreadableError(Exception):
    """An argument cannot be read from the formula's text: the kept reason is shown instead."""


def why_answer(cell: xw.Range | None, function_of: Find) -> Answer:
    """The reason behind a cell; of a handle the warnings, one a row. ``function_of`` finds a function by its name."""
    if cell is None:
        raise BadArgumentError("SEGXL_WHY takes a cell, such as B5")
    if cell.shape != (1, 1):
        raise BadArgumentError("SEGXL_WHY takes one cell")
    value = cell.options(err_to_str=True).value
    if isinstance(value, str) and value.startswith(PREFIX):
        return _warnings(value)
    source, kept_under = _source(cell)
    row, column = cell.row - source.row, cell.column - source.column
    calls = [call for call in formulas.calls_in(_formula(source)) if call.name != "SEGXL_WHY"]
    if not calls:
        return one(NO_FORMULA)
    found: list[str] = []
    all_plain = True
    for call in calls:
        try:
            answer = _asked(call, source, function_of)
        except _UnreadableError:
            all_plain = False
            continue
        single = len(answer.cells) == len(answer.cells[0]) == 1
        sentence = answer.why(0, 0) if answer.why and single else answer.why(row, column) if answer.why else ""
        found += [sentence] if sentence and sentence not in found else []
    if not all_plain:
        found += [sentence for sentence in REASONS.of(kept_under, row, column) if sentence not in found]
    return one("; ".join(found) or (NOTHING_MISSING if all_plain or not _is_missing(value) else RECALCULATE))


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, str) and value[:1] == "#")


def _warnings(handle: str) -> Answer:
    """Problems of a dataset's data, one per line."""
    analysis = DATASETS.find(handle).analysis
    conditions = analysis.dataset.ledger.conditions
    lines = [
        *analysis.messages(),
        *(f"{'check failed' if one.fails else 'warning'}: {one.text()}" for one in conditions),
    ]
    return Answer([[line] for line in lines or ["No warnings: nothing in the data changes a number"]])


def _source(cell: xw.Range) -> tuple[xw.Range, str]:
    """The cell with the formula that fills a cell, and the address of its function calls.

    A spilled table's calls come from its first cell, those of an array formula (Ctrl+Shift+Enter) from all its cells.
    """
    api = cell.api
    parent = if_excel_can(lambda: api.SpillParent)  # of a plain cell an error, too
    array = if_excel_can(lambda: api.CurrentArray if api.HasArray else None)
    source = parent if parent is not None else array
    found = cell if source is None else cell.sheet.range(source.Address)
    return found[0, 0], place(found.sheet.book.name, found.sheet.name, found.address)


def _formula(cell: xw.Range) -> str:
    found = if_excel_can(lambda: cell.api.Formula2)
    return str(cell.formula if found is None else found)


def _asked(call: formulas.Call, cell: xw.Range, function_of: Find) -> Answer:
    """The answer of a function in a formula, asked again.

    Raises:
        _UnreadableError: the function does not exist, or an argument cannot be read.
    """
    function = function_of(call.name)
    if function is None:
        raise _UnreadableError
    arguments = [_value(text, cell, function_of) for text in call.arguments]
    named = {"caller": cell} if call.name == "SEGXL_DATASET" else {}
    try:
        answer: Answer = function.__wrapped__(*arguments, **named)
    except SegxlError as error:
        return failed(error)
    except TypeError as error:  # too many arguments, or too few: Excel would not have taken the formula
        raise _UnreadableError from error
    return answer


def _value(text: str, cell: xw.Range, function_of: Find) -> Any:
    """An argument's value: of a literal, a reference, or another segxl function."""
    if not text:
        return None
    if text[0] == '"' and text[-1] == '"' and '"' not in text[1:-1].replace('""', ""):
        return text[1:-1].replace('""', '"')
    if _NUMBER.fullmatch(text):
        return float(text.rstrip("%")) / (100 if text[-1] == "%" else 1)
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    if text[0] == "{" and text[-1] == "}":
        return [
            [_value(one, cell, function_of) for one in formulas.split(row, ",")]
            for row in formulas.split(text[1:-1], ";")
        ]
    if text[0] == "#":
        return text
    if call := formulas.only_call(text):
        return _asked(call, cell, function_of).cells
    return _referenced(text, cell)


def _referenced(text: str, cell: xw.Range) -> Any:
    sheet: xw.Sheet | None = cell.sheet
    reference = text
    if match := _SHEET.fullmatch(text):
        name, reference = (match[1] or match[2]).replace("''", "'"), match[3]
        sheet = next((one for one in cell.sheet.book.sheets if one.name.casefold() == name.casefold()), None)
    if sheet is None or not _REFERENCE.fullmatch(reference):
        raise _UnreadableError
    place_named = sheet.range
    found = if_excel_can(lambda: place_named(reference).options(ndim=2, err_to_str=True).value)
    if found is None:  # a name of something else, or a reference that only formulas can read
        raise _UnreadableError
    return grid_of(found)
