"""The pages that make a pack trustworthy: checks, sources, definitions."""

from __future__ import annotations

from collections.abc import Sequence

from segxl.catalogue.formulas import READING, formulas
from segxl.catalogue.metric import Metric
from segxl.dataset.warnings import DataWarning, warning_lines
from segxl.pages.cells import apart, definitions_table, fitting, heading
from segxl.pages.model import Cell, Field, Link, Page, Records, Row
from segxl.scorecard.model import Check, Scorecard
from segxl.scorecard.reconcile import MAKE_THE_COMPANY
from segxl.sources.ledger import FileEntry, Ledger
from segxl.units import COUNT, TEXT

LISTED_REJECTIONS = 5_000
"""Rejected rows on the sheet; `segxl check` counts the others."""


def checks_of(scorecard: Scorecard, segment: str) -> list[Check]:
    """The checks that concern a segment's pack, those of the whole input included, failures first."""
    # Segments may be called "EU" and "EU: north": a check belongs to the longest name that it begins with.
    names = sorted(scorecard.segments, key=len, reverse=True)
    owners = (
        next((name for name in names if check.name.startswith(f"{name}: ")), segment) for check in scorecard.checks
    )
    mine = [check for check, owner in zip(scorecard.checks, owners, strict=True) if owner == segment]
    return sorted(mine, key=lambda check: check.passed)


def summary_of_checks(scorecard: Scorecard) -> list[Check]:
    """The checks of a pack over all segments: what failed, those of the whole input and of the company against its
    segments, and one line for each segment's own."""
    failed = [check for check in scorecard.checks if not check.passed]
    whole, counts = [], []
    for segment in scorecard.segments:
        own = [check for check in checks_of(scorecard, segment) if check.name.startswith(f"{segment}: ")]
        made = [check for check in own if check.name.endswith(MAKE_THE_COMPANY)]
        whole += [check for check in made if check.passed]
        held = sum(check.passed for check in own) - sum(check.passed for check in made)
        count = len(own) - len(made)
        counts.append(
            Check(f"{segment}: all checks of its pack pass", held == count, count, held, "listed in the segment's pack")
        )
    names = [f"{segment}: " for segment in scorecard.segments]
    inputs = [one for one in scorecard.checks if one.passed and not any(map(one.name.startswith, names))]
    return [*failed, *inputs, *whole, *counts]


def checks_page(scorecard: Scorecard, segment: str, subtitle: str) -> Page:
    """Every check of the pack, failures first."""
    return checks_table(checks_of(scorecard, segment), subtitle, f"{segment}: ")


def checks_table(checks: Sequence[Check], subtitle: str, prefix: str = "") -> Page:
    """Checks in the order given; their names without ``prefix``."""
    rows = heading("Checks", subtitle, 5)
    header = len(rows) + 1
    columns = ("Check", "Result", "Expected", "Found", "What is compared")
    rows.append(Row(tuple(Cell(name, "header_right" if name in columns[2:4] else "header") for name in columns)))
    for check in checks:
        verdict = Cell("PASS", "pass") if check.passed else Cell("FAIL", "fail")
        numbers = [
            Cell(value, "value", TEXT if isinstance(value, str) else COUNT) for value in (check.expected, check.actual)
        ]
        rows.append(
            Row((Cell(check.name.removeprefix(prefix), "label"), verdict, *numbers, Cell(check.detail, "note")))
        )
    # Some compare a list of numbers, which would be cut at its beginning.
    texts = [value for check in checks for value in (check.expected, check.actual) if isinstance(value, str)]
    compared = fitting(texts, 16, 80)
    return Page(
        "checks",
        "Checks",
        tuple(rows),
        (62, 10, compared, compared, 70),
        freeze=(header + 1, 1),
        repeat_rows=(header, header),
    )


def warning_rows(warnings: Sequence[DataWarning], width: int) -> list[Row]:
    """What in the data can change the numbers, below the verdict of the checks; none where nothing can."""
    texts = [line.removeprefix("warning: ") for line in warning_lines(warnings)]
    labels = ["Warnings", *[None] * len(texts)]
    link = Link("sources", 1, 1)
    return [
        Row((Cell(label, "label"), Cell(text, "text", link=link, span=width - 1)))
        for label, text in zip(labels, texts, strict=False)
    ]


def sources_page(ledger: Ledger, subtitle: str) -> Page:
    """The ledger: every file with its rows, its fingerprint and what was left out and why."""
    width = 8
    rows = heading("Sources", subtitle, width)
    columns = ("File", "Table", "Rows", "Used", "Excluded", "Rejected", "Read as", "SHA-256")
    rows.append(Row(tuple(Cell(name, "header_right" if name in columns[2:6] else "header") for name in columns)))
    for entry in ledger.files:
        rows += _file_rows(entry, width)
    header = 4
    return Page(
        "sources",
        "Sources",
        tuple(rows),
        (fitting([entry.file for entry in ledger.files], 30, 50), 22, 11, 11, 11, 11, 32, 68),
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
        tab="input",
    )


def rejected_page(ledger: Ledger, subtitle: str) -> Page | None:
    """The rows that could not be used, each with what to change; None where there are none."""
    rejections = list(ledger.rejections)
    if not rejections:
        return None
    listed = rejections[:LISTED_REJECTIONS]
    files, values = [one.file for one in listed], [one.value for one in listed]
    reasons, fixes = [one.why for one in listed], [one.fix for one in listed]
    # The widest of them are cut on paper: wider columns would make all of it too small to read.
    fields = (
        Field("File", files, width=fitting(files, 30, 50)),
        Field("Row", [one.row for one in listed], width=9),
        Field("Column", [one.column for one in listed], width=24),
        Field("Value", values, width=fitting(values, 28, 40)),
        Field("Reason", reasons, width=fitting(reasons, 48, 100)),
        Field("What to change", fixes, width=fitting(fixes, 36, 80)),
    )
    rows = heading("Rejected rows", subtitle, len(fields))
    if len(rejections) > len(listed):
        words = f"First {len(listed):,} of {len(rejections):,} rows; `segxl check` counts them all by reason."
        rows[-1] = Row((Cell(words, "note", span=len(fields)),))
    header = len(rows) + 1
    return Page(
        "rejected",
        "Rejected rows",
        tuple(rows),
        tuple(field.width for field in fields),
        records=Records(fields),
        freeze=(header + 1, 3),
        repeat_rows=(header, header),
        tab="input",
    )


def _file_rows(entry: FileEntry, width: int) -> list[Row]:
    numbers = (entry.rows, entry.used, sum(entry.excluded.values()), entry.rejected_rows)
    rows = [
        Row(
            (
                Cell(entry.file, "label"),
                Cell(entry.table, "text"),
                *(Cell(number, "value", COUNT) for number in numbers),
                Cell(_read_as(entry), "text"),
                Cell(entry.sha256, "note"),
            )
        )
    ]
    remarks = [f"excluded: {said}" for said in entry.exclusions]
    remarks += [f"{'check failed' if one.fails else 'warning'}: {one.remark}" for one in entry.conditions]
    remarks += entry.notes
    rows += [Row((Cell(remark, "sublabel", span=width),), level=1) for remark in remarks]
    return rows


def _read_as(entry: FileEntry) -> str:
    """The known export, or who named the columns."""
    own = all(header == column for column, header in entry.headers.items())
    return entry.format or ("segxl's own column names" if own else "columns mapped in the settings")


def definitions_page(metrics: tuple[Metric, ...], subtitle: str) -> Page:
    """What each number means, how it is worked out, and an example; a narrow gap between columns of wrapped words."""
    titles = ("Metric", "Definition", "Formula", "Example", "Unit", "Better", "Source")
    lines = []
    for metric in metrics:
        formula = "; ".join(f"{label}: {words}" if label else words for label, words in formulas(metric))
        words = (metric.definition, formula, metric.example, metric.unit.key, metric.better)
        source = Cell(metric.source, "note")
        lines.append([Cell(metric.name, "label"), *(Cell(word, "text") for word in words), source])
    shared = [Row(), Row((Cell("Rules for all metrics", "heading", span=2 * len(titles) - 1),))]
    for name, definition, example in READING:
        cells = [Cell(name, "label"), Cell(definition, "text"), Cell(None, "text"), Cell(example, "text")]
        shared.append(apart(cells, Cell(None, "text")))
    return definitions_table(titles, (42.0, 52.0, 36.0, 46.0, 10.0, 9.0, 36.0), subtitle, lines, shared)
