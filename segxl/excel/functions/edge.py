"""The edge between Excel and Python: any error in a function ends here, as an error value and a sentence."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from segxl.errors import SegxlError
from segxl.excel.functions.problems import Answer, BadArgumentError, Cells, failed
from segxl.excel.functions.reasons import REASONS
from segxl.excel.log import first_line, log

CELL = "formula_cell"
"""The argument that VBA fills in with the name of the cell that the formula is in; Excel does not show it."""


def answers(function: Callable[..., Answer]) -> Callable[..., Cells]:
    """A worksheet function of a function that gives an :class:`Answer`: it returns the cells and keeps the reasons.

    An error that a user can fix becomes ``#VALUE!`` or ``#N/A``. Any other is a fault of segxl: ``#VALUE!``, and the
    traceback goes to the log. xlwings would write the exception's text into the cell.
    """
    names = list(inspect.signature(function).parameters)
    at = names.index(CELL) if CELL in names else -1

    @functools.wraps(function)
    def called(*arguments: Any, **named: Any) -> Cells:
        cell = arguments[at] if 0 <= at < len(arguments) else named.get(CELL, "")
        try:
            if len(arguments) > len(names):
                raise BadArgumentError(f"{function.__name__} takes {len(names)} arguments, not {len(arguments)}")
            answer = function(*arguments, **named)
        except SegxlError as error:
            answer = failed(error)
        except BaseException as error:  # some readers written in Rust panic, and a panic is not an Exception
            answer = failed(_fault(function.__name__, error))
        REASONS.keep(cell if isinstance(cell, str) else "", answer.why)
        return answer.cells

    called.__annotations__ = {**function.__annotations__, "return": Any}  # xlwings converts values by annotations
    return called


def _fault(name: str, error: BaseException) -> SegxlError:
    details = log(name, error)
    return SegxlError(f"{name} failed: {first_line(error)}. Please report this with the details in {details}")
