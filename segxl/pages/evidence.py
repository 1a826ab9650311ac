"""The pages that make a pack trustworthy: checks, sources, definitions."""

from __future__ import annotations

from segxl.pages.cells import heading, texts
from segxl.pages.model import Cell, Field, Page, Records, Row
from segxl.scorecard.metrics import Metric
from segxl.scorecard.model import Scorecard
from segxl.sources.ledger import FileEntry
from segxl.units import COUNT, TEXT

LISTED_REJECTIONS = 5_000
"""Rejected rows on the sheet; `segxl check` gives them all."""


def checks_page(scorecard: Scorecard, segment: str, subtitle: str) -> Page:
    """Every check that concerns the pack's segment or the whole input, failures first."""
    prefix = f"{segment}: "
    others = tuple(f"{name}: " for name in scorecard.segments if name != segment)
    checks = [check for check in scorecard.checks if check.name.startswith(prefix) or not check.name.startswith(others)]
    checks.sort(key=lambda check: check.passed)
    rows = heading("Checks", subtitle, 5)
    header = len(rows) + 1
    rows.append(texts("Check", "Result", "Expected", "Found", "What is compared", style="header"))
    for check in checks:
        verdict = Cell("PASS", "pass") if check.passed else Cell("FAIL", "fail")
        numbers = [
            Cell(value, "value", TEXT if isinstance(value, str) else COUNT) for value in (check.expected, check.actual)
        ]
        rows.append(
            Row((Cell(check.name.removeprefix(prefix), "label"), verdict, *numbers, Cell(check.detail, "note")))
        )
    return Page(
        "checks", "Checks", tuple(rows), (62, 10, 16, 16, 70), freeze=(header + 1, 1), repeat_rows=(header, header)
    )


def sources_page(scorecard: Scorecard, subtitle: str) -> Page:
    """The ledger: every file with its rows, its fingerprint and what was left out and why, then the rejected rows."""
    width = 8
    rows = heading("Sources", subtitle, width)
    columns = ("File", "Table", "Rows", "Used", "Excluded", "Rejected", "Read as", "SHA-256")
    rows.append(Row(tuple(Cell(name, "header_right" if name in columns[2:6] else "header") for name in columns)))
    for entry in scorecard.ledger.files:
        rows += _file_rows(entry, width)
    rejections = list(scorecard.ledger.rejections)
    records = None
    if rejections:
        rows.append(Row())
        rows.append(Row((Cell("Rejected rows", "heading", span=width),)))
        if len(rejections) > LISTED_REJECTIONS:
            words = f"The first {LISTED_REJECTIONS:,} of {len(rejections):,}; `segxl check` lists all."
            rows.append(Row((Cell(words, "note", span=width),)))
        listed = rejections[:LISTED_REJECTIONS]
        records = Records(
            (
                Field("In file", [one.file for one in listed]),
                Field("Column", [one.column for one in listed]),
                Field("In row", [one.row for one in listed], COUNT),
                Field("Value", [one.value for one in listed]),
                Field("Reason", [one.reason for one in listed]),
                Field("What to change", [one.fix for one in listed]),
            )
        )
    return Page("sources", "Sources", tuple(rows), (30, 22, 11, 24, 40, 40, 30, 68), records=records, tab="input")


def _file_rows(entry: FileEntry, width: int) -> list[Row]:
    numbers = (entry.rows, entry.used, sum(entry.excluded.values()), entry.rejected_rows)
    rows = [
        Row(
            (
                Cell(entry.file, "label"),
                Cell(entry.table, "text"),
                *(Cell(number, "value", COUNT) for number in numbers),
                Cell(entry.format or "columns named in the settings", "text"),
                Cell(entry.sha256, "note"),
            )
        )
    ]
    remarks = [f"{count:,} excluded: {rule}" for rule, count in entry.excluded.items()] + entry.notes
    rows += [Row((Cell(remark, "note", span=width),), level=1) for remark in remarks]
    return rows


def definitions_page(metrics: tuple[Metric, ...], subtitle: str) -> Page:
    """What each number means, how it is worked out, and an example."""
    rows = heading("Definitions", subtitle, 7)
    header = len(rows) + 1
    rows.append(texts("Metric", "Definition", "Formula", "Example", "Unit", "Better", "Source", style="header"))
    for metric in metrics:
        rows.append(
            Row(
                (
                    Cell(metric.name, "label"),
                    Cell(metric.definition, "text"),
                    Cell(metric.formula, "text"),
                    Cell(metric.example, "text"),
                    Cell(metric.unit.key, "text"),
                    Cell(metric.better, "text"),
                    Cell(f"GoMo, Segment Metrics, {metric.area} Metrics: {metric.source_name}", "note"),
                )
            )
        )
    return Page(
        "definitions",
        "Definitions",
        tuple(rows),
        (28, 52, 34, 44, 10, 9, 34),
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
    )
