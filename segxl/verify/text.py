"""A verification as text and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from segxl.messages import counted
from segxl.verify.compare import Difference, Recalculation, Verification
from segxl.verify.formula_cells import Value

_SHOWN = 20
"""Differences that the text shows of each program; JSON has all."""


def verification_text(result: Verification) -> str:
    """The report for people: a line per program, the differences, and PASS or FAIL at the end."""
    return "\n".join(_lines(result))


def _lines(result: Verification) -> Iterator[str]:
    book = result.book
    sheets = len({one.sheet for one in book.cells})
    yield f"{book.file.name}: {counted(len(book.cells), 'formula', 'formulas')} on {counted(sheets, 'sheet')}"
    for one in result.recalculations:
        yield from _recalculated(one)
    for engine in result.missing:
        if engine.version() is None:
            yield f"{engine.name}: not installed, not used"
    live, values = book.live, len(book.constants)
    if live + values:
        counts = Counter(one.sheet for one in book.constants)
        rest = f"; values: {', '.join(f'{sheet} {count:,}' for sheet, count in counts.items())}" if counts else ""
        yield f"Pages: {live:,} of {counted(live + values, 'number')} are formulas ({book.share:.1%}){rest}"
    yield f"Functions and names: {_verdict(not result.findings)}"
    for finding in result.findings:
        more = f" (and {counted(finding.cells - 1, 'more cell')})" if finding.cells > 1 else ""
        yield f"  {finding.place} {finding.problem}{more}"
    yield _verdict(result.passed)


def _recalculated(one: Recalculation) -> Iterator[str]:
    if one.failure:
        yield f"{one.engine} {one.version}: FAIL, it could not calculate the workbook: {one.failure}"
        return
    different = len(one.differences) - one.errors
    yield (
        f"{one.engine} {one.version}: {counted(one.formulas, 'formula', 'formulas')}, {one.equal:,} equal, "
        f"{different:,} different, {counted(one.errors, 'error')}: {_verdict(one.passed)}"
    )
    for difference in one.differences[:_SHOWN]:
        cell = difference.cell
        label = f" ({cell.label})" if cell.label else ""
        values = f"segxl {value_text(cell.stored)}, {one.engine} {value_text(difference.calculated)}"
        yield f"  {cell.sheet}!{cell.cell}{label}: {values}"
    if len(one.differences) > _SHOWN:
        yield f"  and {len(one.differences) - _SHOWN:,} more; --format json lists all"


def _verdict(passed: bool) -> str:
    return "PASS" if passed else "FAIL"


def value_text(value: Value) -> str:
    """A value as text, numbers with all digits that matter."""
    if value is None:
        return "blank"
    return f"{value:.15g}" if isinstance(value, float) else str(value).upper() if isinstance(value, bool) else value


def verification_json(result: Verification) -> str:
    """The report for programs.

    An object with ``file``, ``formulas``, ``pages`` (how many numbers of the pages are formulas, and a list of the
    others: ``sheet``, ``cell``, ``label``), ``engines`` (a list: ``engine``, ``version``, ``formulas``, ``equal``,
    ``different``, ``errors``, ``failure``, ``verdict``, ``differences``), ``findings`` and ``verdict``.
    """
    return json.dumps(
        {
            "file": result.book.file.name,
            "formulas": len(result.book.cells),
            "pages": {
                "formulas": result.book.live,
                "values": [{"sheet": one.sheet, "cell": one.cell, "label": one.label} for one in result.book.constants],
            },
            "engines": [_engine(one) for one in result.recalculations],
            "findings": [{"place": one.place, "problem": one.problem, "cells": one.cells} for one in result.findings],
            "verdict": _verdict(result.passed),
        },
        ensure_ascii=False,
        indent=2,
    )


def _engine(one: Recalculation) -> dict[str, Any]:
    return {
        "engine": one.engine,
        "version": one.version,
        "formulas": one.formulas,
        "equal": one.equal,
        "different": len(one.differences) - one.errors,
        "errors": one.errors,
        "failure": one.failure or None,
        "verdict": _verdict(one.passed),
        "differences": _differences(one.differences),
    }


def _differences(found: Sequence[Difference]) -> list[dict[str, Any]]:
    return [
        {
            "sheet": one.cell.sheet,
            "cell": one.cell.cell,
            "label": one.cell.label,
            "formula": f"={one.cell.formula}",
            "segxl": one.cell.stored,
            "calculated": one.calculated,
        }
        for one in found
    ]
