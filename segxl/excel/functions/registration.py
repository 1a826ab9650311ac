"""The functions as xlwings registers them on Windows, on any system.

xlwings' decorators do nothing where there is no Excel for Windows. Here the declarations are loaded once more with the
real ones, while stand-ins take the place of the Windows modules that these import.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

MODULE = "segxl.excel.functions"
"""The name that the VBA calls the functions by."""
_DECLARATIONS = "segxl.excel.functions.functions"
_WINDOWS_ONLY = ("pythoncom", "pywintypes", "win32com", "win32com.client")


@dataclass(frozen=True)
class Argument:
    """An argument that Excel shows."""

    name: str
    doc: str
    optional: bool


@dataclass(frozen=True)
class Function:
    """A registered function: its name, its one-line help, and the arguments that Excel shows."""

    name: str
    doc: str
    arguments: tuple[Argument, ...]


def registered() -> ModuleType:
    """The declarations' module, in which each function has xlwings' data (``__xlfunc__``)."""
    with with_windows() as udfs:
        return declared_with(udfs)


def declared_with(udfs: ModuleType) -> ModuleType:
    """The declarations loaded once more with the decorators of ``xlwings.udfs``."""
    import xlwings

    real = {"func": udfs.xlfunc, "arg": udfs.xlarg, "ret": udfs.xlret}
    before = {name: getattr(xlwings, name) for name in real}
    spec = importlib.util.find_spec(_DECLARATIONS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        for name, decorator in real.items():
            setattr(xlwings, name, decorator)
        spec.loader.exec_module(module)
    finally:
        for name, decorator in before.items():
            setattr(xlwings, name, decorator)
    return module


def functions_of(module: ModuleType) -> tuple[Function, ...]:
    """Excel's texts of each function, in the order of their declarations."""
    found = []
    for function in vars(module).values():
        if hasattr(function, "__xlfunc__"):
            info: dict[str, Any] = function.__xlfunc__
            arguments = tuple(
                Argument(one["name"], one["doc"], "optional" in one)
                for one in info["args"]
                if not one["vba"] and one["name"] != "caller"
            )
            found.append(Function(info["name"], " ".join(info["ret"]["doc"].split()), arguments))
    return tuple(found)


@contextmanager
def with_windows() -> Iterator[ModuleType]:
    """``xlwings.udfs``, with substitutes for missing Windows modules, which are removed afterwards."""
    missing = [name for name in _WINDOWS_ONLY if not _is_there(name)]
    sys.modules.update((name, MagicMock()) for name in missing)
    try:
        yield importlib.import_module("xlwings.udfs")
    finally:
        for name in (*missing, *(["xlwings.udfs"] if missing else [])):
            sys.modules.pop(name, None)


def _is_there(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
