"""The ledger of rows as CSV files: the outcome of each file's rows, each rejected row, accounts of one domain.

``ledger.csv`` has a line for each file and outcome. The lines ``used``, ``excluded`` (one per rule) and ``rejected``
(one per reason) of a file add up to its rows; a row with several reasons counts under its first one. Lines ``note``
name rows that were reported and still used; they have no number. ``which rows`` names the first rows that a rule
excluded, where they deserve a look. ``rejected-rows.csv`` has a line for each reason of a row. Texts that Excel would
take for formulas are prefixed with a ``'`` (:func:`segxl.safe_csv.safe`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from segxl.safe_csv import csv_bytes
from segxl.sources.ledger import REJECTED_FILE, FileEntry, Ledger
from segxl.sources.matching.company_names import shared_domains
from segxl.tables.contracts import Table

LEDGER_COLUMNS = ("file", "table", "read as", "rows in the file", "outcome", "rows", "reason", "row numbers")
REJECTED_COLUMNS = ("file", "table", "row", "column", "value", "reason", "what to do")
DOMAIN_COLUMNS = ("domain", "account_id", "name", "country", "parent_id")


def ledger_csv(ledger: Ledger) -> bytes:
    """Each file with the outcome of its rows."""
    return csv_bytes(LEDGER_COLUMNS, (line for entry in ledger.files for line in _outcomes(entry)))


def rejected_csv(ledger: Ledger) -> bytes:
    """Each rejected row: its row number as in Excel, the reason, and the fix."""
    return csv_bytes(
        REJECTED_COLUMNS,
        (
            (entry.file, entry.table, one.row, one.column, one.value, one.why, one.fix)
            for entry in ledger.files
            for one in entry.by_row
        ),
    )


def domains_csv(accounts: Table) -> bytes:
    """The accounts that share a domain with others, domain by domain."""
    columns = [accounts[name] for name in DOMAIN_COLUMNS[1:]]
    return csv_bytes(
        DOMAIN_COLUMNS,
        (
            (domain, *(column[at] for column in columns))
            for domain, places in sorted(shared_domains(accounts).items())
            for at in places
        ),
    )


def _outcomes(entry: FileEntry) -> Iterator[tuple[object, ...]]:
    file = (entry.file, entry.table, entry.format, entry.rows)
    yield (*file, "used", entry.used, "", "")
    for rule, count in entry.excluded.items():
        yield (*file, "excluded", count, rule, entry.which(rule))
    first: dict[tuple[int, int], str] = {}
    for one in entry.rejected:
        where = f"column {one.column!r} " if one.column else ""
        first.setdefault((one.row, one.record), f"{where}{one.reason}")
    for reason, count in Counter(first.values()).items():
        yield (*file, "rejected", count, reason, f"see {REJECTED_FILE}")
    for condition in entry.conditions:
        yield (*file, "check failed" if condition.fails else "warning", len(condition.rows) or "", condition.remark, "")
    for note in entry.notes:
        yield (*file, "note", "", note, "")
