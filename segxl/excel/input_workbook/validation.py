"""Allowed values of a column in Excel, with a prompt and an error message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from segxl.tables.contracts import Column, Type

_FIRST, _LAST = date(1900, 3, 1), date(9999, 12, 31)
_LONGEST_LIST = 255
"""Characters that Excel allows in a list within the rule itself."""

_HOW = {
    Type.DATE: "Enter a date, like 2026-10-31.",
    Type.TIMESTAMP: "Enter a date, with or without a time, like 2026-10-31 14:05.",
    Type.MONTH: "Enter a month, like 2026-10, or any day in it.",
    Type.MONEY: "Enter an amount without a currency sign, like 1234.50.",
    Type.NUMBER: "A number.",
    Type.PERCENT: "Enter a percentage, like 65%.",
    Type.FLAG: "Enter yes or no.",
}


def validation_of(column: Column, segments: Sequence[str] = ()) -> dict[str, Any] | None:
    """XlsxWriter's options for a column; None where anything goes and there is nothing to add."""
    what = ("Required. " if column.required else "") + f"{column.help}."
    prompt = {"input_title": column.name[:32], "input_message": f"{what} {_HOW.get(column.type, '')}".strip()[:255]}
    if column.choices:
        return prompt | listed(column.choices, column.name)
    if column.name == "segment" and segments:
        return prompt | suggested(segments)
    match column.type:
        case Type.DATE | Type.TIMESTAMP | Type.MONTH:
            rule = {"validate": "date", "criteria": "between", "minimum": _FIRST, "maximum": _LAST}
            return prompt | rule | _error(column.name, _HOW[column.type])
        case Type.MONEY | Type.NUMBER | Type.PERCENT:
            rule = {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15}
            return prompt | rule | _error(column.name, _HOW[column.type])
        case Type.FLAG:
            return prompt | listed(("yes", "no"), column.name)
        case _:
            return prompt | {"validate": "any"}


def listed(choices: Sequence[str], name: str) -> dict[str, Any]:
    """A dropdown of the only words allowed."""
    return {"validate": "list", "source": list(choices)} | _error(name, f"One of: {', '.join(choices)}")


def suggested(choices: Sequence[str]) -> dict[str, Any]:
    """A dropdown of words that are known; others may be typed. As many as Excel takes, and none with a comma."""
    offered: list[str] = []
    for choice in choices:
        if "," not in choice and len(",".join([*offered, choice])) <= _LONGEST_LIST:
            offered.append(choice)
    return {"validate": "list", "source": offered, "show_error": False} if offered else {"validate": "any"}


def _error(name: str, how: str) -> dict[str, Any]:
    """The error of a wrong entry; Excel takes 32 and 255 characters."""
    return {"error_title": f"{name}: invalid value"[:32], "error_message": how[:255], "error_type": "stop"}
