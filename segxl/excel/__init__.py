"""Excel as a host: the input workbook, its buttons, and what they need on this computer."""

from __future__ import annotations

from segxl.excel.buttons import macros

__all__ = ["macros"]  # the VBA in existing workbooks imports it from here, so this name stays
