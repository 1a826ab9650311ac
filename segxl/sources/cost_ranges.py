"""Costs that cover more than a month: the last day of each row, and its amount over the months, by days.

A row ends on its ``last_day`` if a column has it, else at the end of the range or week in its month's cell, else of the
report, whose range is above the header. Every cent is in one month: up to the end of a month a row has spent its amount
times the days so far by all its days, rounded down to the cent; the last month has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segxl.messages import counted
from segxl.periods import NEVER, Days, months_of, to_date
from segxl.sources.files.report_range import RANGE, report_range
from segxl.sources.formats.model import Format, fold
from segxl.sources.ledger import FileEntry
from segxl.sources.values.date_order import AmbiguousDatesError
from segxl.sources.values.dates import DateStyle, read_date_column
from segxl.tables.contracts import RECORD, Table
from segxl.tables.row_numbers import RowNumbers
from segxl.tables.text_column import TextColumn

_WEEK = re.compile(r"(\d{4})-?w(\d\d?)", re.IGNORECASE)
_WEEKS = frozenset({"week", "weekof", "weekstart", "weekstarting", "weekbeginning", "weekcommencing", "woche"})
"""Headers of a week's first day, folded."""


def with_last_days(
    texts: Mapping[str, TextColumn],
    above: Iterable[Sequence[str]],
    header: str,
    format: Format | None,
    style: DateStyle,
    rows: RowNumbers,
    entry: FileEntry,
) -> dict[str, TextColumn]:
    """The texts of costs with a ``last_day`` if the file has one; a warning if it should have one and does not.

    Args:
        texts: the texts of the contract's columns; ``header`` feeds the month.
        above: the lines above the file's header. format: what the file is. style: how it writes dates.
        rows: the rows' numbers. entry: the file's entry in the ledger, for the warning.

    Raises:
        AmbiguousDatesError: the report's range leaves open how its dates are read.
    """
    month, given = texts["month"], texts.get("last_day", TextColumn.filled("", len(texts["month"])))
    pairs = {text: pair for text in month.distinct if (pair := _range_in(text))}
    report = report_range(above)
    if pairs:
        month = month.changed(lambda text: pairs[text][0] if text in pairs else text)
        stated = texts["month"].changed(lambda text: pairs[text][1] if text in pairs else "")
    elif fold(header) in _WEEKS or report or (format and format.spans):
        days, first, last = _days(month, report, style)
        if fold(header) in _WEEKS:
            # a report cuts off its first and its last week
            ends = np.where((days + 6 > last) & (days <= last), last, days + 6)
        else:
            of_report = len(np.unique(days[days != NEVER])) == 1 and bool((days[days != NEVER] == first).all())
            ends = np.full(len(days), last if of_report and report else NEVER)
        ends = np.where(days == NEVER, NEVER, ends)
        stated = month.replaced(
            np.array(["" if one == NEVER else to_date(int(one)).isoformat() for one in ends], object)
        )
    else:
        stated = TextColumn.filled("", len(month))
    ends_at = given.or_else(stated)
    if ends_at.is_text("").all():
        _warn_of_unread_ends(texts, month, style, rows, entry)
    if format and format.spans:
        _warn_of_unknown_ends(month, ends_at, report is not None, format, rows, entry)
    return {**texts, "month": month, "last_day": ends_at} if not ends_at.is_text("").all() else dict(texts)


_END_HEADER = re.compile(r"\b(?:end|ends|ending|until|through|ende|bis|fin)\b|end ?dat(?:e|um)\b", re.IGNORECASE)


def _warn_of_unread_ends(
    texts: Mapping[str, TextColumn], month: TextColumn, style: DateStyle, rows: RowNumbers, entry: FileEntry
) -> None:
    """Warn of an unmapped column of last days if one of them is in a later month than its row."""
    for header in entry.ignored_columns:
        if not _END_HEADER.search(header.replace("_", " ")) or header not in texts:
            continue
        try:
            last, first = first_days(texts[header], style), first_days(month, style)
        except AmbiguousDatesError:
            continue  # the day is ambiguous
        later = (last != NEVER) & (first != NEVER) & (months_of(last) > months_of(first))
        if later.any():
            entry.warn(
                "range",
                f"ends in a later month ({header!r}); its whole cost counts in the first month",
                f"end in a later month ({header!r}); their whole cost counts in the first month",
                fix=f"To spread the cost over its days, map it: {entry.to_set.column('last_day', header)}",
                rows=rows[later].tolist(),
            )
            return


def _warn_of_unknown_ends(
    month: TextColumn, ends: TextColumn, in_report: bool, format: Format, rows: RowNumbers, entry: FileEntry
) -> None:
    open_ended = ends.is_text("") & ~month.is_text("")
    if not open_ended.any():
        return
    if format.spans == "report":
        if in_report or len([text for text in month.distinct if text]) > 1:
            return
        entry.warn(
            "range",
            f"every row starts on {month.at(int(np.flatnonzero(open_ended)[0]))} and the report's end date is unknown; "
            "the whole cost counts in that month",
            fix="Export it with the rows above the header, or by day or month",
        )
        return
    entry.warn(
        "range",
        "has no end date; its whole cost counts in the first month",
        "have no end date; their whole cost counts in the first month",
        fix="Fill in the end date if the cost covers several months",
        rows=rows[open_ended].tolist(),
    )


def _range_in(text: str) -> tuple[str, str] | None:
    """The first and the last day that a cell names."""
    if match := RANGE.fullmatch(text):
        return match[1], match[2]
    if match := _WEEK.fullmatch(text):
        try:
            monday = np.datetime64(f"{int(match[1]):04}-01-04", "D")
        except ValueError:
            return None
        monday -= (int(monday.astype(int)) + 3) % 7
        first = monday + 7 * (int(match[2]) - 1)
        return (str(first), str(first + 6)) if 1 <= int(match[2]) <= 53 else None
    return None


def _days(month: TextColumn, report: tuple[str, str] | None, style: DateStyle) -> tuple[Days, int, int]:
    """The day of each distinct text, and the report's first and last day: read together, because one shows the order of
    the others."""
    texts = np.array([*month.distinct, *(report or ())], dtype=object)
    days = read_date_column(texts, replace(style, month_dates=None), of_days=True).days
    count = len(month.distinct)
    first, last = (int(days[count]), int(days[count + 1])) if report else (NEVER, NEVER)
    return days[:count], first, last


def first_days(month: TextColumn, style: DateStyle) -> Days:
    """The day on which each cost begins: its date, or the first day of its month."""
    return read_date_column(month, replace(style, month_dates=None), of_days=True).days


def over_months(table: Table, first: Days, entry: FileEntry) -> Table:
    """Costs with a record for each month that one covers; ``first`` is the day on which each begins."""
    last = table["last_day"]
    backward = (last != NEVER) & (last < first)
    for one in np.flatnonzero(backward).tolist():
        header = entry.headers.get("last_day", "last_day")
        record = int(table[RECORD][one]) if RECORD in table.columns else 0
        reason = f"is before the first day, {to_date(int(first[one])).isoformat()}"
        shown = to_date(int(last[one])).isoformat()
        entry.reject(int(table.row[one]), header, shown, reason, "correct one of the two in the export", record)
    table, first, last = table.take(~backward), first[~backward], last[~backward]
    begin, until = months_of(first), np.where(last == NEVER, months_of(first), months_of(last))
    if (until <= begin).all():
        return _without_ends(table)
    count = until - begin + 1
    at = np.repeat(np.arange(len(table)), count)
    place = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    month = (begin[at] + place).astype(np.int32)
    spread = count[at] > 1
    days = np.where(spread, last[at] - first[at] + 1, 1).astype(np.int64)
    so_far = np.clip(_first_day(month + 1) - first[at], 0, days)
    before = np.clip(_first_day(month) - first[at], 0, days)
    cents = table["amount"][at]
    share = np.sign(cents) * (np.abs(cents) * so_far // days - np.abs(cents) * before // days)
    taken = table.take(at)
    columns = {**taken.columns, "month": np.where(spread, month, taken["month"]).astype(np.int32)}
    columns["amount"] = np.where(spread, share, cents).astype(np.int64)
    columns[RECORD] = place.astype(np.int32)
    several = count > 1
    entry.rows += len(at) - len(table)
    entry.notes.append(
        f"{counted(int(several.sum()), 'row covers', 'rows cover')} several months: "
        f"{counted(int(spread.sum()), 'record')}, one per month"
    )
    entry.warn(
        "range",
        "covers several months; segxl spreads the cost by days",
        "cover several months; segxl spreads the cost by days",
        fix="For actual monthly costs, export by month",
        rows=table.row[several].tolist(),
    )
    return _without_ends(replace(taken, columns=columns))


def _without_ends(table: Table) -> Table:
    """The table without its last days: each record is within its month now."""
    blank = np.full(len(table), NEVER, dtype=np.int32)
    return replace(table, columns={**table.columns, "last_day": blank})


def _first_day(months: NDArray[np.int32]) -> NDArray[np.int64]:
    days: NDArray[np.int64] = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days
