"""Asking Excel for what not every version, cell or name has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def if_excel_can(ask: Callable[[], T]) -> T | None:
    """What Excel answers; None if it has no answer.

    COM and AppleScript raise errors of their own types, which exist on Windows or on a Mac only, so all are caught.
    """
    try:
        return ask()
    except Exception:
        return None
