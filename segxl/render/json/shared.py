"""What the documents of the scorecard and of the report share: checks, warnings, inputs and windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from segxl.dataset.check import Check
from segxl.dataset.warnings import DataWarning
from segxl.periods import Window
from segxl.sources.ledger import Ledger
from segxl.units import MONEY


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
    return [window.start.isoformat(), window.end.isoformat()]
