"""What the documents of the scorecard and of the report share: checks, warnings, inputs and windows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

from segxl.dataset.check import Check
from segxl.dataset.warnings import DataWarning
from segxl.periods import Window
from segxl.sources.ledger import Ledger
from segxl.units import MONEY


def written(document: Mapping[str, Any]) -> str:
    """A document as text, with a line end: what ``json.dumps(document, indent=1, ensure_ascii=False)`` writes, in a
    quarter of its time, because json hands each text on through one generator per level. Keys are texts."""
    parts: list[str] = []
    _write(document, "\n", parts.append)
    return "".join(parts) + "\n"


def _write(value: Any, line: str, put: Callable[[str], None]) -> None:
    """``line`` is a line end with the indent of the value's closing bracket."""
    kind, inner = type(value), line + " "
    if kind is dict and value:
        before = "{" + inner
        for key, one in value.items():
            if plain := _PLAIN.get(type(one)):  # most are: one part for both
                put(f"{before}{_key(key)}{plain(one)}")
            else:
                put(f"{before}{_key(key)}")
                _write(one, inner, put)
            before = "," + inner
        put(line + "}")
    elif kind is list and value:
        before = "[" + inner
        for one in value:
            put(before)
            _write(one, inner, put)
            before = "," + inner
        put(line + "]")
    elif plain := _PLAIN.get(kind):
        put(plain(value))
    elif value and isinstance(value, (dict, list, tuple)):  # other kinds of them, which are rare
        _write(dict(value) if isinstance(value, dict) else list(value), line, put)
    else:
        put(json.dumps(value, ensure_ascii=False))


@lru_cache(maxsize=1 << 12)
def _key(key: str) -> str:
    return f"{encode_basestring(key)}: "


def _float(value: float) -> str:
    return repr(value) if isfinite(value) else json.dumps(value)


_PLAIN: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: repr,
    float: _float,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
}
"""How values that hold no others are written."""


def checks_document(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Checks as every document of segxl has them."""
    return [
        {"name": check.name, "passed": check.passed, "expected": check.expected, "actual": check.actual}
        | ({} if check.difference is None else {"difference": check.difference})
        for check in checks
    ]


def warnings_document(warnings: Iterable[DataWarning], currency: str) -> list[dict[str, Any]]:
    """The conditions of the data that can change the document's numbers.

    ``rows`` is 0 for one of a whole table. ``amount`` is what its rows in the reporting currency are worth, ``amounts``
    what they are worth in each currency.
    """
    return [
        {
            "kind": one.condition.kind,
            "severity": "check" if one.fails else "warning",
            "table": one.condition.table,
            "file": one.condition.file,
            "rows": one.rows,
            "amount": MONEY.shown(one.amounts[currency]) if currency in one.amounts else None,
            "amounts": {name: MONEY.shown(cents) for name, cents in one.amounts.items()},
            "message": one.message,
            "fix": one.condition.fix,
        }
        for one in warnings
    ]


def inputs_document(ledger: Ledger) -> list[dict[str, Any]]:
    """The files and the outcome of their rows, as in every document of segxl."""
    return [
        {
            "file": entry.file,
            "table": entry.table,
            "rows": entry.rows,
            "used": entry.used,
            "excluded": sum(entry.excluded.values()),
            "rejected": entry.rejected_rows,
            "sha256": entry.sha256,
            "excluded_by": dict(entry.excluded),
            "notes": list(entry.notes),
            "warnings": [condition.text() for condition in entry.conditions],
        }
        for entry in ledger.files
    ]


def window_document(window: Window) -> list[str]:
    """First and last day of a window."""
    return [_day(window.start), _day(window.end)]


_day = lru_cache(maxsize=1 << 12)(date.isoformat)
