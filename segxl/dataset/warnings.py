"""Which conditions of the data touch the numbers that are shown: those of a period, for some segments.

A row touches a stretch of days from its first date to its last: a deal from its creation until it closes, a
subscription until it ends, an activity on its day. A condition of a whole table touches everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.model import Dataset
from segxl.dataset.segments import IN_NO_SEGMENT, Segment
from segxl.messages import counted
from segxl.periods import ALWAYS, NEVER, Days, Period, Window, month_start, to_day, to_month
from segxl.sources.conditions import Condition
from segxl.sources.ledger import FileEntry
from segxl.tables.contracts import NO_MONEY, Table, Type
from segxl.units import MONEY_EXACT


@dataclass(frozen=True)
class DataWarning:
    """A condition as it touches the numbers shown.

    Attributes:
        condition: what was seen.
        rows: how many rows it touches there; 0 for one of a whole table.
        amounts: what those rows are worth, in cents by currency.
        message: what happened, with the rows and their worth, without its full stop.
    """

    condition: Condition
    rows: int
    amounts: Mapping[str, int]
    message: str

    @property
    def text(self) -> str:
        """What happened and what to do."""
        return f"{self.message}. {self.condition.fix}."

    @property
    def fails(self) -> str:
        """The check that it fails; blank for a warning."""
        return self.condition.fails


def touching(
    dataset: Dataset,
    window: Window,
    segments: Sequence[str],
    worded: Callable[[Condition], Condition] = lambda one: one,
) -> tuple[DataWarning, ...]:
    """The conditions of the ledger that touch ``window`` and any of ``segments``, those that fail a check first, as
    ``worded`` for the numbers shown."""
    chosen = [dataset.segments[name] for name in segments]
    conditions = map(worded, dataset.ledger.conditions)
    found = [warning for one in conditions if (warning := _touching(dataset, one, window, chosen))]
    return tuple(sorted(found, key=lambda warning: not warning.fails))


def scorecard_window(period: Period) -> Window:
    """The days that a scorecard's numbers are about: from the period a year before to the end of the period."""
    return Window(period.year_ago.start, period.window.end)


def unfiltered(condition: Condition) -> DataWarning:
    """A warning of a condition whatever the period and the segments."""
    return DataWarning(condition, len(condition.rows), {}, condition.message())


SHOWN = 8
"""Warnings that a terminal, a button or a cover lists; the others are counted."""


def warning_lines(warnings: Sequence[DataWarning], most: int = SHOWN) -> tuple[str, ...]:
    """A line for each warning, the first of them; failed checks have lines of their own."""
    lines = [f"warning: {one.text}" for one in warnings if not one.fails]
    left = len(lines) - most
    return (*lines[:most], *([f"{counted(left, 'more warning')}; segxl check lists them all"] if left > 0 else ()))


def lines_of(warnings: Sequence[DataWarning]) -> tuple[str, ...]:
    """A line for each condition, where no checks are shown: of an explained number."""
    return (*(f"check failed: {one.text}" for one in warnings if one.fails), *warning_lines(warnings))


def unused_rows(dataset: Dataset) -> tuple[str, ...]:
    """A line for each reason that keeps rows of the input out of every number; none for clean data."""
    found = []
    if rejected := dataset.ledger.rejected_rows:
        first = next(iter(dataset.ledger.rejections))
        said = f"{first}" if rejected == 1 else f"the first is {first}. segxl check lists them all"
        found.append(f"{counted(rejected, 'row')} rejected: {said}")
    if asked := dataset.review.questions:
        rows = sum(one.rows for one in asked)
        found.append(
            f"{counted(rows, 'row')} could not be matched to an account and count in All accounts only. Run segxl "
            f"check and answer {counted(len(asked), 'question')} in {dataset.review.path.name}"
        )
    if unread := dataset.ledger.unread:
        found.append(f"{counted(len(unread), 'sheet')} not read; segxl check lists them with reasons")
    return tuple(found)


def _touching(
    dataset: Dataset, condition: Condition, window: Window, segments: Iterable[Segment]
) -> DataWarning | None:
    table = dataset.tables.get(condition.table)
    if not len(condition.rows) or table is None:
        return unfiltered(condition)
    mine = np.flatnonzero(np.isin(table.row, condition.rows) & _of_file(table, dataset.ledger.files, condition.file))
    if not len(mine):  # rejected or excluded: the numbers they would have affected are unknown
        return unfiltered(condition)
    first, last = _stretches(dataset, table)
    inside = (first[mine] <= to_day(window.end)) & (last[mine] >= to_day(window.start))
    rows = mine[inside & _in_its_months(condition, table.row[mine], window)]
    held = np.full(len(rows), condition.any_segment)
    for segment in segments:
        held |= _held(dataset, table, rows, segment, first, np.minimum(last, to_day(window.end)))
    rows = rows[held]
    if not len(rows):
        return None
    amounts = _worth(table, rows, dataset.settings.currency)
    worth = " and ".join(f"{MONEY_EXACT.text(cents / 100)} {currency}" for currency, cents in amounts.items())
    return DataWarning(condition, len(rows), amounts, condition.message(table.row[rows], worth))


def _in_its_months(condition: Condition, rows: NDArray[np.int32], window: Window) -> NDArray[np.bool_]:
    if not len(condition.months):
        return np.ones(len(rows), dtype=bool)
    months = condition.months[:, 1]
    inside = (months >= to_month(window.start)) & (months <= to_month(window.end))
    return np.isin(rows, condition.months[inside, 0])


def _of_file(table: Table, files: Sequence[FileEntry], name: str) -> NDArray[np.bool_]:
    codes = [code for code, entry in enumerate(files) if entry.file == name]
    return np.isin(table.file, codes)


_STRETCHES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "opportunities": (("created_on",), ("closed_on",)),
    "leads": (("created_on",), ()),
    "activities": (("date",), ("date",)),
    "buying_stages": (("date",), ()),
    "revenue": (("start", "month", "date"), ("end", "month")),
    "costs": (("month",), ("month",)),
    "segment_members": (("start",), ("end",)),
    "fx_rates": (("month",), ("month",)),
    "targets": (("month",), ("month",)),
}
"""By table the columns of a row's first and last day, the first that the table has; a blank last day never comes."""


def _stretches(dataset: Dataset, table: Table) -> tuple[Days, Days]:
    """The first and the last day on which each row can touch a number."""
    if table.contract.table == "opportunity_history":
        deals = dataset.tables["opportunities"]
        first, last = _stretches(dataset, deals)
        return first[dataset.history_code], last[dataset.history_code]
    starts, ends = _STRETCHES.get(table.contract.table, ((), ()))
    first, last = _days(table, starts, ALWAYS, end=False), _days(table, ends, NEVER, end=True)
    first = np.where(first == NEVER, ALWAYS, first)
    return np.minimum(first, last), np.maximum(first, last)  # some rows end before they start


def _days(table: Table, names: Iterable[str], otherwise: int, *, end: bool) -> Days:
    for name in names:
        if name in table.contract.names:
            days: Days = table[name]
            return _month_days(days, end=end) if table.contract[name].type is Type.MONTH else days
    return np.full(len(table), otherwise, dtype=np.int32)


def _month_days(months: NDArray[np.int32], *, end: bool) -> Days:
    distinct, codes = np.unique(months, return_inverse=True)
    days = [NEVER if one == NEVER else to_day(month_start(one + end)) - end for one in distinct.tolist()]
    return np.array(days, dtype=np.int32)[codes]


def _held(
    dataset: Dataset, table: Table, rows: NDArray[np.int64], segment: Segment, first: Days, last: Days
) -> NDArray[np.bool_]:
    """Which rows can touch a segment's numbers: its accounts', those that name it, and those that name no account or
    segment because their table has neither."""
    source, at = table, rows.astype(np.int32)
    if table.contract.table == "opportunity_history":
        source, at = dataset.tables["opportunities"], dataset.history_code[rows]
    own = source["segment"][at] if "segment" in source.contract.names else None
    if segment.everyone:
        return np.ones(len(rows), dtype=bool)
    if "account_id" not in source.contract.names:
        return np.ones(len(rows), dtype=bool) if own is None else np.asarray(own == segment.name)
    accounts = dataset.account_codes(source["account_id"][at])
    member = segment.holds_between(accounts, first[rows], last[rows])
    if segment.name == IN_NO_SEGMENT:
        member |= accounts < 0
    return member if own is None else np.where(own == "", member, own == segment.name)


def _worth(table: Table, rows: NDArray[np.int64], reporting: str) -> dict[str, int]:
    """What rows are worth by currency, in cents; empty for a table without amounts, or where all are blank."""
    name = next((column.name for column in table.contract.columns if column.type is Type.MONEY), None)
    if name is None:
        return {}
    cents = table[name][rows]
    if "currency" in table.contract.names:
        words = table["currency"][rows]
        currencies = np.where(words == "", reporting, words)
    else:
        currencies = np.full(len(rows), reporting, dtype=object)
    known = cents != NO_MONEY
    return {
        str(one): int(cents[known & (currencies == one)].sum())
        for one in sorted(set(currencies[known].tolist()))
        if cents[known & (currencies == one)].any()
    }
