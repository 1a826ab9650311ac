"""Asking Excel for what not every version, cell or name has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def if_excel_can(ask: Callable[[], T]) -> T | None:
    """The answer of Excel; None if it has none.

    COM and AppleScript raise errors of their own types, which exist on Windows or on a Mac only, so all are caught.
    """
    try:
        return ask()
    except Exception:  # pywintypes.com_error or appscript's CommandError: on one system only
        return None
