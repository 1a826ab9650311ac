"""Ledger notes on a column of dates: months without a day, times that may be in another time zone, and days and months
that Excel may have swapped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segxl.messages import counted
from segxl.periods import to_date
from segxl.settings.model import TableSettings
from segxl.sources.ledger import FileEntry
from segxl.sources.values.dates import DateColumn, DateStyle, read_date_column
from segxl.tables.row_numbers import RowNumbers
from segxl.tables.text_column import TextColumn


def report_dates(
    cells: TextColumn,
    read: DateColumn,
    header: str,
    style: DateStyle,
    source: TableSettings,
    from_connector: bool,
    rows: RowNumbers,
    entry: FileEntry,
) -> None:
    """Report dates that are only months, times without a time zone that may be in another one, and swapped dates."""
    moved = int(read.moved.sum())
    if read.months.any():
        alone = f"a month without a day in {header!r}"
        if source.month_dates:
            entry.notes.append(
                f"{counted(int(read.months.sum()), 'row has', 'rows have')} {alone}: its "
                f"{source.month_dates.replace('-', ' ')} is used, as set in month_dates"
            )
        elif not any(
            alone in condition.one for condition in entry.conditions
        ):  # one header may be mapped to two columns
            entry.warn(
                "date",
                f"has {alone}; segxl uses the first day of the month",
                f"have {alone}; segxl uses the first day of the month",
                fix="Export full dates, or confirm the day: "
                f"{entry.to_set.option('month_dates', 'first-day')} (or last-day)",
                rows=rows[read.months].tolist(),
            )
    if read.swapped.any():
        at = int(np.argmax(read.swapped))
        said = (
            f"a date in {header!r} whose day and month Excel may have swapped, like {cells.at(at)!r}, read as "
            f"{to_date(int(read.days[at])).isoformat()}: only dates with a day above 12 are still text"
        )
        entry.warn(
            "date",
            f"has {said}",
            f"have {said}",
            fix="Compare it with the source; if it is wrong, do not open the export in Excel, or import it there with "
            "the column as text",
            rows=rows[read.swapped].tolist(),
        )
    if moved:
        why = "as set in timestamps" if source.timestamps else f"as usual in {entry.format}"
        entry.notes.append(
            f"times in {header!r} have no time zone: read as {style.written_in}, {why}; "
            f"{counted(moved, 'row moves', 'rows move')} to another day in {style.timezone}"
        )
    if not style.written_in and from_connector:
        utc = read_date_column(cells, replace(style, written_in="UTC"))
        if utc.moved.any():
            entry.warn(
                "date",
                f"has a time without a time zone in {header!r}, read as {style.timezone}; if it is UTC, the day "
                f"changes",
                f"have times without a time zone in {header!r}, read as {style.timezone}; if they are UTC, the day "
                f"changes",
                fix=f"Set the time zone: {entry.to_set.option('timestamps', 'UTC')} (or the right one)",
                rows=rows[utc.moved].tolist(),
            )
