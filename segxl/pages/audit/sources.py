"""The Sources page and its warnings: every file with its rows; and the page of rejected rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from segxl.dataset.warnings import SHOWN, DataWarning, warning_lines
from segxl.messages import counted, listed
from segxl.pages.cells import fitting, heading, short
from segxl.pages.model import Cell, Field, Link, Page, Records, Row
from segxl.sources.ledger import FileEntry, Ledger, by_reason
from segxl.units import COUNT

LISTED_REASONS = 1_000
"""Reasons of rejected rows on the sheet, a line each."""

_EXAMPLES, _ROW_NUMBERS = 5, 200
"""Values and row numbers that a line shows."""


def warning_rows(
    warnings: Sequence[DataWarning], width: int, most: int = SHOWN, label: str = "Warnings", *, fixes: bool = True
) -> list[Row]:
    """Conditions of the data that can change the numbers, below the verdict of the checks: the first of them, and how
    many more there are; none without any. Without ``fixes`` only what happened: the page Sources also says what to
    do."""
    texts = [line.removeprefix("warning: ") for line in warning_lines(warnings, most)]
    if not fixes:
        found = [one for one in warnings if not one.fails][:most]
        texts = [*(f"{one.message}." for one in found), *texts[len(found) :]]
    labels = [label, *[None] * len(texts)]
    link = Link("sources", 1, 1)
    return [
        Row((Cell(label, "label", link=link if label else None), Cell(text, "text", span=width - 1)))
        for label, text in zip(labels, texts, strict=False)
    ]


_NOUNS = {"opportunities": "deals", "opportunity_history": "stage changes", "teams": "owners"}
_NOUNS |= {"revenue": "revenue rows", "costs": "cost rows", "market": "market rows", "fx_rates": "exchange rates"}
"""The rows of tables, where their name is another."""

MONEY_TABLES = {"opportunities": "deals", "revenue": "revenue"}
"""The tables whose rows are won revenue, pipeline and MRR, as first pages call them."""


def rows_row(ledger: Ledger, width: int) -> Row:
    """The line of a first page on the outcome of the rows read, which adds up, with the most frequent reasons and
    whether deals or revenue are missing; it leads to the page Sources, which also has segxl's own list of questions.

    4,895 rows are excluded, most by a rule on a table of activities, and of deals only blank rows and duplicates:
    "4,895 excluded (most: 2,599 activities, Paid Clicks below 1; no deals or revenue)". Of 11 rejected rows six are
    deals: "11 rejected (most: 6 deals, Created Date is blank)".
    """
    ledger = ledger.of_company
    tables = [name for name in MONEY_TABLES if any(one.table == name for one in ledger.files)]
    out = {name: ledger.records_excluded(name) for name in tables}
    bad = {name: sum(one.rejected_rows for one in ledger.files if one.table == name) for name in tables}
    excluded, rejected = ledger.excluded, ledger.rejected_rows
    words = f"{sum(one.used for one in ledger.files):,} used"
    words += f" + {excluded.total():,} excluded{_reasons(excluded, excluded.total(), out)}"
    words += f" + {rejected:,} rejected{_reasons(ledger.rejected, rejected, bad)}"
    words += f" = {sum(one.rows for one in ledger.files):,} rows"
    return Row((Cell("Company's rows", "label"), Cell(words, "text", link=Link("sources", 1, 1), span=width - 1)))


def _reasons(found: Counter[tuple[str, str]], rows: int, of_money: Mapping[str, int]) -> str:
    """The most frequent reason, and how many rows of deals and revenue are among the ``rows``; blank without any."""
    if not rows:
        return ""
    ((table, why), count) = found.most_common(1)[0]
    noun, why = _NOUNS.get(table, table.replace("_", " ")), short(why, 40)
    words = [f"{noun}: {why}" if count == rows else f"most: {count:,} {noun}, {why}"]
    among = [
        f"{number:,} {_NOUNS[name]}{' in all' if name == table else ''}"
        for name, number in of_money.items()
        if number and (name, number) != (table, count)
    ]
    if among:
        words.append(" and ".join(among))
    elif of_money and table not in of_money:
        words.append(f"no {' or '.join(MONEY_TABLES[name] for name in of_money)}")
    return f" ({'; '.join(words)})"


def sources_page(ledger: Ledger, subtitle: str) -> Page:
    """The ledger: every file with its rows, its SHA-256, and exclusions with their reasons."""
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
        orientation="portrait",
        tab="input",
    )


def rejected_page(ledger: Ledger, subtitle: str) -> Page | None:
    """The rows that could not be used, a line for those of one reason, with what to change; None where there are
    none."""
    groups = [
        rows for entry in ledger.files for rows in sorted(by_reason(entry.rejected), key=lambda rows: rows[0].row)
    ]
    if not groups:
        return None
    lines = groups[:LISTED_REASONS]
    files, reasons, fixes = ([getattr(rows[0], name) for rows in lines] for name in ("file", "reason", "fix"))
    values = [listed([*dict.fromkeys(one.value for one in rows if one.value)], _EXAMPLES) for rows in lines]
    numbers = [listed([one.cell or str(one.row) for one in rows], _ROW_NUMBERS) for rows in lines]
    others = [listed([*dict.fromkeys(one.others for one in rows if one.others)], _EXAMPLES) for rows in lines]
    reasons = [f"{reason} ({other})" if other else reason for reason, other in zip(reasons, others, strict=True)]
    # The widest columns are cut on paper: wider ones would make the page too small to read.
    fields = (
        Field("File", files, width=fitting(files, 30, 50)),
        Field("Rows", [len(rows) for rows in lines], COUNT, width=9),
        Field("Row numbers", numbers, width=fitting(numbers, 20, 60)),
        Field("Column", [rows[0].column for rows in lines], width=24),
        Field("Values", values, width=fitting(values, 28, 40)),
        Field("Reason", reasons, width=fitting(reasons, 48, 100)),
        Field("What to change", fixes, width=fitting(fixes, 36, 80)),
    )
    rows = heading("Rejected rows", subtitle, len(fields))
    words = f"{counted(ledger.rejected_rows, 'row')} rejected. `segxl check FOLDER --out DIR` lists each of them."
    if len(groups) > len(lines):
        words = f"First {len(lines):,} of {len(groups):,} reasons. {words}"
    rows[-1] = Row((Cell(words, "note", span=len(fields)),))
    header = len(rows) + 1
    return Page(
        "rejected",
        "Rejected rows",
        tuple(rows),
        tuple(field.width for field in fields),
        records=Records(fields),
        freeze=(header + 1, 2),
        repeat_rows=(header, header),
        tab="input",
        printed=False,
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
