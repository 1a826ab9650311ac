"""The ledger of rows as a person reads it on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from segxl.dataset.model import Dataset, months_text
from segxl.messages import counted, listed
from segxl.sources.ledger import FileEntry, Rejection, by_reason
from segxl.sources.matching.review import Review
from segxl.sources.matching.review_list import REVIEW_SHEET

EXAMPLES = 5
"""Rejected rows shown for each reason; the others are counted, and their row numbers named."""

_ROW_NUMBERS = 12
_LETTERS = 60
NOT_USED = "columns not used (rules may use them)"
OTHER_COLUMNS = {"accounts": "other columns, for segments and rules"}
"""Uses of a file's unmapped columns."""

_COLUMNS = 20
"""Unmapped columns that are named; a CRM's full export has hundreds."""


def ledger_text(dataset: Dataset) -> str:
    """Every file with its rows used, excluded and rejected; why; and what to change."""
    lines = [f"{dataset.name}: data {months_text(dataset)}; segments: {', '.join(dataset.segments.names)}", ""]
    for condition in dataset.ledger.whole_tables:
        lines += [f"{'check failed' if condition.fails else 'warning'}: {condition}", ""]
    for entry in dataset.ledger.files:
        lines += _entry(entry)
    lines += dataset.ledger.unread
    lines += [""] if dataset.ledger.unread else []
    rejected = dataset.ledger.rejected_rows
    lines.append(f"{counted(rejected, 'row')} rejected" if rejected else "no rows rejected")
    return "\n".join(lines)


def review_text(review: Review, written_to: Path | None = None) -> str:
    """Open questions about accounts, and how to answer them; blank without any."""
    if not review.questions:
        return ""
    rows = sum(question.rows for question in review.questions)
    path = written_to or review.path
    new = f", {len(review.new):,} new" if review.lines and review.new else ""
    asked = f"{counted(len(review.questions), 'question')} about {counted(rows, 'row')} without a certain account"
    text = (
        f"{path}: {asked}{new}. "
        "In the column answer, write the account_id, yes (accept the one candidate) or none (no account). To "
        "accept all single candidates, add a line with name * and answer yes. Save as CSV UTF-8 and check again. "
        "Until then these rows count in All accounts, and in a segment only if the row names it."
    )
    if review.workbook:
        text += f" Copy the list to the sheet {REVIEW_SHEET!r} of {review.workbook}; segxl reads the answers there."
    elif path.resolve() != review.path.resolve():
        text += f" segxl reads the answers from {review.path}, or from the file in the setting account_review."
    return text


def _entry(entry: FileEntry) -> Iterable[str]:
    read_as = f", read as {entry.format}" if entry.format else ""
    yield f"{entry.file} → {entry.table}{read_as}"
    excluded = sum(entry.excluded.values())
    parts = f"{entry.used:,} used + {excluded:,} excluded + {entry.rejected_rows:,} rejected"
    yield f"  {counted(entry.rows, 'row')} = {parts}"
    yield from (f"  excluded: {said}" for said in entry.exclusions)
    for condition in entry.conditions:
        yield f"  {'check failed' if condition.fails else 'warning'}: {condition.remark}"
    for note in entry.notes:
        yield f"  note: {note}"
    if entry.ignored_columns:
        yield f"  {OTHER_COLUMNS.get(entry.table, NOT_USED)}: {listed(entry.ignored_columns, _COLUMNS)}"
    yield from _rejections(entry.rejected)
    yield ""


def _rejections(rejected: list[Rejection]) -> Iterable[str]:
    for rows in by_reason(rejected):
        why = rows[0].why if len({one.why for one in rows}) == 1 else rows[0].reason
        yield f"  rejected: {len(rows):,} × {_complaint(rows[0].column, why, rows)}; {rows[0].fix}"
        first, rest = rows[:EXAMPLES], rows[EXAMPLES : EXAMPLES + _ROW_NUMBERS]
        if any(one.cell or one.value for one in first):
            shown = ", ".join((one.cell or f"row {one.row}") + _shown(one.value) for one in first)
            shown += f"; also {_numbered(rest)}" if rest and not rest[0].cell else ""
            shown += "".join(f", {one.cell}" for one in rest if one.cell)
        else:
            shown = _numbered([*first, *rest])
        left = len(rows) - len(first) - len(rest)
        yield f"    {shown}" + (f" and {left:,} more" if left > 0 else "")


def _complaint(column: str, why: str, rows: Sequence[Rejection]) -> str:
    """The error of a value, not of its column: ``MRR: 'TBD' is not an amount``."""
    if not column or not why.startswith("is "):
        return f"column {column!r} {why}" if column else why
    values = {one.value for one in rows}
    subject = "the cell" if values == {""} else "the value" if len(values) > 1 else f"{min(values)!r}"
    return f"{column}: {subject} {why}"


def _numbered(rejected: list[Rejection]) -> str:
    """``row 7``, ``rows 7, 9, 12``."""
    return f"row{'s' if len(rejected) > 1 else ''} {', '.join(str(one.row) for one in rejected)}"


def _shown(value: str) -> str:
    if not value:
        return ""
    return f" ({value!r})" if len(value) <= _LETTERS else f" ({value[:_LETTERS]!r} …)"
