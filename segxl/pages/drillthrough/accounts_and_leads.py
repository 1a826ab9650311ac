"""The accounts, leads and phases behind the figures: each number links to one block of rows.

A list holds the rows of one number, sorted by the dimension of its lines, so that each item is one block. Numbers with
the same accounts and amounts share a list: the closing MRR of April is the opening one of May.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measure import Expression, Listed, Measure, Ratio
from segxl.catalogue.measures import declared
from segxl.catalogue.views import DIMENSION_CUTS
from segxl.facts.arrays import Found, Scope
from segxl.facts.engine import Facts
from segxl.pages.drillthrough.list_page import FIRST_ROW, account_names, dates, list_page, note_of_long_lists
from segxl.pages.model import Field, Link, Page, Scalar
from segxl.pages.scorecard.breakdowns import additive, tells
from segxl.pages.scorecard.scorecard import shown_lines
from segxl.periods import NEVER, Window, to_date
from segxl.scorecard.model import Figure, Line, MetricResult, SegmentScorecard, Selector
from segxl.tables.contracts import Table
from segxl.units import DATE, MONEY_EXACT, TEXT, Unit


@dataclass(frozen=True)
class _Number:
    """A figure with the measures whose rows it lists: all of a sum, the denominator of a ratio."""

    figure: Figure
    measures: tuple[Measure, ...]

    @property
    def events(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(measure.fact for measure in self.measures))


@dataclass
class _List:
    """Rows in the order of a page, with where it begins and the numbers that it is listed for."""

    listed: Listed
    by: str
    events: tuple[str, ...]
    event: NDArray[np.int64]
    rows: Found
    named: dict[str, list[str]] = field(default_factory=dict)
    first: int = 0

    def __len__(self) -> int:
        return len(self.rows.row)

    @property
    def label(self) -> str:
        """``Opening MRR, 2026-05; closing MRR, 2026-04``, then the order."""
        said = "; ".join(f"{name}, {', '.join(windows)}" for name, windows in self.named.items())
        by = f"; by {self.by.replace('_', ' ')}" if self.by else ""
        return said[:1].upper() + said[1:] + by

    def signature(self) -> tuple[object, ...]:
        """Lists with equal ones are one. An account is dated by the list alone; leads and exits have their own days."""
        parts = (self.by, self.rows.table, _digest(self.rows.row), _digest(self.rows.cents))
        if self.rows.table == "accounts" and len(self.events) == 1:
            return parts
        return (*parts, *self.events, _digest(self.event), _digest(self.rows.day), _digest(self.rows.stage))


class RowLists:
    """The pages of one segment that list accounts, leads and phases, and the block of rows behind each figure."""

    def __init__(self, facts: Facts, result: SegmentScorecard, subtitle: str, row_limit: int) -> None:
        self._facts = facts
        self._links: dict[Figure, Link] = {}
        self._with_rows: dict[tuple[str, Scope], bool] = {}
        lists: dict[tuple[object, ...], _List] = {}
        placed: list[tuple[Figure, _List]] = []
        numbers = list(self._numbers(result))
        # Items first: a list by item also serves the total.
        known: dict[tuple[tuple[str, ...], Window], _List] = {}
        for number in sorted(numbers, key=lambda one: one.figure.rows.by == ""):
            selector = number.figure.rows
            where = (number.events, selector.scope.window)
            made = known.get(where)
            if made is None or (selector.by and made.by != selector.by):
                made = self._list(number.events, selector)
                if not len(made):
                    continue
                made = lists.setdefault(made.signature(), made)
                known[where] = made
                self._name(made, number)
            placed.append((number.figure, made))
        self.pages: tuple[Page, ...] = tuple(
            page
            for family in _FAMILIES
            if (page := self._page(family, list(lists.values()), subtitle, row_limit)) is not None
        )
        for figure, made in placed:
            link = self._block(figure.rows, made)
            if link is not None:
                self._links[figure] = link

    def link(self, figure: Figure) -> Link | None:
        """Where the figure's rows are; None where it is no sum over rows, or where the list is too long."""
        return self._links.get(figure)

    def _numbers(self, result: SegmentScorecard) -> Iterator[_Number]:
        """The figures of the scorecard page and of the breakdowns whose rows these pages list."""
        for metric in result.metrics.values():
            if metric.lacks:
                continue
            for line, has_12 in _lines(metric):
                now, _ = metric.metric.of(line.cut)
                trailing = metric.metric.trailing
                later = now if trailing is None or line.cut.companion else trailing
                for figure, expression in (
                    (line.current, now),
                    (line.previous, now),
                    (line.year_ago, now),
                    (line.trailing_12 if has_12 else None, later),
                ):
                    if figure is None or figure.value is None:
                        continue
                    measures = self._measures(expression, figure)
                    if measures and _family_of(self._listed(measures, figure.rows)) is not None:
                        yield _Number(figure, measures)

    def _measures(self, expression: Expression, figure: Figure) -> tuple[Measure, ...]:
        """Those to list: a ratio's denominator, or its numerator where the denominator is no sum over rows (a number
        of months); none for what the other lists have."""
        parts = (expression.denominator, expression.numerator) if isinstance(expression, Ratio) else (expression,)
        for part in parts:
            measures = tuple(measure for _, measure in part.terms)
            if all(measure.listed == "deals" for measure in measures):
                return ()
            if self._listed(measures, figure.rows):
                return measures
        return ()

    def _listed(self, measures: Sequence[Measure], selector: Selector) -> set[Listed]:
        """The lists that hold the rows of the measures, without measures that have no rows."""
        return {measure.listed for measure in measures if self._has_rows(measure.fact, selector.scope)}

    def _has_rows(self, events: str, scope: Scope) -> bool:
        if (events, scope) not in self._with_rows:
            self._with_rows[events, scope] = len(self._facts.rows(events, scope).row) > 0
        return self._with_rows[events, scope]

    def _list(self, events: tuple[str, ...], selector: Selector) -> _List:
        parts = [self._facts.rows(event, selector.scope, selector.by) for event in events]
        code = np.repeat(np.arange(len(parts)), [len(part.row) for part in parts])
        row, day, cents, stage, item = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "day", "cents", "stage", "item")
        )
        order = np.lexsort((day, row, code, stage, item))
        filled = [at for at, part in enumerate(parts) if len(part.row)]
        table = parts[filled[0]].table if filled else ""
        listed = declared(events[filled[0]]).listed if filled else "nothing"
        money = any(part.money for part in parts)
        rows = Found(table, row[order], day[order], cents[order], stage[order], money, item[order])
        return _List(listed, selector.by, events, code[order], rows)

    def _name(self, made: _List, number: _Number) -> None:
        names = dict.fromkeys(measure.label.removeprefix("# ") for measure in number.measures)
        windows = made.named.setdefault(" and ".join(names), [])
        label = number.figure.rows.scope.window.months
        if label not in windows:
            windows.append(label)

    def _block(self, selector: Selector, made: _List) -> Link | None:
        if not made.first:
            return None
        at = np.arange(len(made))
        if selector.items:
            labels = self._facts.labels(selector.by)
            at = np.flatnonzero(np.isin(made.rows.item, [labels.index(one) for one in selector.items if one in labels]))
        if not len(at) or at[-1] - at[0] + 1 != len(at):
            return None
        family = _family_of({made.listed})
        assert family is not None
        width = len(family.fields(self._facts))
        return Link(family.page, made.first + int(at[0]), made.first + int(at[-1]), width)

    def _page(self, family: _Family, lists: Sequence[_List], subtitle: str, row_limit: int) -> Page | None:
        mine = [one for one in lists if one.listed == family.listed]
        fields = family.fields(self._facts)
        row = FIRST_ROW
        kept: list[_List] = []
        too_long: list[str] = []
        for one in mine:
            if row + len(one) > row_limit:
                too_long.append(f"{one.label} ({len(one):,} rows)")
                continue
            one.first = row
            row += len(one)
            kept.append(one)
        if not mine:
            return None
        records = []
        for column in fields:
            values = [value for one in kept for value in column.read(one)]
            records.append(Field(column.name, values, column.unit, column.width))
        purpose, note = f"{family.purpose} · {subtitle}", note_of_long_lists(too_long)
        return list_page(family.page, family.title, purpose, records, family.frozen, note)


def _lines(metric: MetricResult) -> Iterator[tuple[Line, bool]]:
    """The lines whose rows are listed, and whether those of the 12 months are too: not for lines that are only on the
    breakdowns page, as these would be by far the most rows."""
    shown = list(shown_lines(metric))
    yield from ((line, True) for line in shown)
    keys = {line.cut.key for line in shown}
    for cut in DIMENSION_CUTS if additive(metric) else ():
        lines = metric.of(cut)
        if cut.key not in keys and tells(lines, cut):
            yield from ((line, False) for line in lines)


@dataclass(frozen=True)
class _Column:
    """A field of a list: its header, width and unit, and how its values are read."""

    name: str
    width: float
    unit: Unit
    read: Callable[[_List], Sequence[Scalar]]


@dataclass(frozen=True)
class _Family:
    """One page of lists; ``listed``: the measures whose rows it has."""

    listed: Listed
    page: str
    title: str
    purpose: str
    frozen: int
    fields: Callable[[Facts], tuple[_Column, ...]]


def _family_of(listed: set[Listed]) -> _Family | None:
    """The page that lists a number; None for rows of several lists, or of one that has no page."""
    return next((family for family in _FAMILIES if listed == {family.listed}), None)


def _account_fields(facts: Facts) -> tuple[_Column, ...]:
    read = _Reader(facts, "accounts")
    counted = (_Column("Counted as", 20, TEXT, read.counted_as),) if read.by_parent else ()
    return (
        _Column("List", 54, TEXT, read.label),
        _Column("Account", 22, TEXT, lambda one: [facts.dataset.account_ids[row] for row in one.rows.row]),
        _Column("Name", 30, TEXT, lambda one: read.texts("name", one)),
        *counted,
        *read.territory,
        _Column("Amount", 16, MONEY_EXACT, read.amounts),
        *read.place,
    )


def _lead_fields(facts: Facts) -> tuple[_Column, ...]:
    read = _Reader(facts, "leads")
    return (
        _Column("List", 54, TEXT, read.label),
        _Column("Outcome", 16, TEXT, read.event),
        _Column("Lead", 22, TEXT, lambda one: read.texts("lead_id", one)),
        _Column("Counted on", 12, DATE, read.counted_on),
        _Column("Account", 26, TEXT, read.account),
        _Column("Source", 20, TEXT, lambda one: read.dimension("lead_source", one)),
        *read.territory,
        _Column("Created", 12, DATE, lambda one: read.dates("created_on", one)),
        _Column("MQL", 12, DATE, lambda one: read.dates("mql_on", one)),
        _Column("SQO", 12, DATE, lambda one: read.dates("sqo_on", one)),
        _Column("Rejected", 12, DATE, lambda one: read.dates("rejected_on", one)),
        *read.place,
    )


def _phase_fields(facts: Facts) -> tuple[_Column, ...]:
    read = _Reader(facts, "opportunities")
    return (
        _Column("List", 54, TEXT, read.label),
        _Column("Stage left", 18, TEXT, read.stage),
        _Column("Outcome", 14, TEXT, read.event),
        _Column("Opportunity", 22, TEXT, lambda one: read.texts("opportunity_id", one)),
        _Column("Counted on", 12, DATE, read.counted_on),
        _Column("Account", 26, TEXT, read.account),
        _Column("Owner", 20, TEXT, lambda one: read.texts("owner", one)),
        *read.territory,
        _Column("Created", 12, DATE, lambda one: read.dates("created_on", one)),
        _Column("Closed", 12, DATE, lambda one: read.dates("closed_on", one)),
        *read.place,
    )


_FAMILIES = (
    _Family("accounts", "accounts", "Accounts", "Accounts behind the segment's numbers", 3, _account_fields),
    _Family("leads", "leads", "Leads", "Leads behind the numbers of demand generation", 3, _lead_fields),
    _Family("phases", "phases", "Phases", "Stages that opportunities left in each window", 4, _phase_fields),
)


class _Reader:
    """Reads the fields of listed rows of one table."""

    def __init__(self, facts: Facts, table: str) -> None:
        self._facts = facts
        self._name = table
        self._table = facts.dataset.tables.get(table)
        self.by_parent = facts.dataset.settings.count_by == "parent"

    @property
    def territory(self) -> tuple[_Column, ...]:
        """The territory fields of every list."""
        return (
            _Column("Geo", 18, TEXT, lambda one: self.dimension("geo", one)),
            _Column("Sales team", 20, TEXT, lambda one: self.dimension("sales_team", one)),
        )

    @property
    def place(self) -> tuple[_Column, ...]:
        """The fields of every list with the row's file and row number."""
        file, row = ("Account file", "Account row") if self._name == "accounts" else ("File", "Row")
        return (_Column(file, 24, TEXT, self.files), _Column(row, 12 if file != "File" else 9, TEXT, self.numbers))

    def label(self, one: _List) -> list[Scalar]:
        """The list's name, in each of its rows."""
        return [one.label] * len(one)

    def event(self, one: _List) -> list[Scalar]:
        """What happened, in words."""
        words = [declared(event).row_word for event in one.events]
        shown = [word[:1].upper() + word[1:] for word in words]
        return [shown[code] for code in one.event]

    def stage(self, one: _List) -> list[Scalar]:
        """The stage left."""
        labels = self._facts.labels("stage")
        return [labels[code] for code in one.rows.stage]

    def amounts(self, one: _List) -> list[Scalar]:
        """The amounts; blank where accounts are only counted."""
        if not one.rows.money:
            return [None] * len(one)
        return [MONEY_EXACT.shown(int(cents)) for cents in one.rows.cents]

    def counted_as(self, one: _List) -> list[Scalar]:
        """The topmost parent that each account counts as."""
        ids = self._facts.dataset.account_ids
        return [ids[unit] for unit in self._facts.accounts.units(one.rows.row)]

    def dimension(self, by: str, one: _List) -> list[Scalar]:
        """The row's item of a dimension; blank where its table has none."""
        if by == one.by:
            labels = self._facts.labels(by)
            return [labels[code] for code in one.rows.item]
        found = self._facts.dimensions.get(self._name, {}).get(by)
        return [None] * len(one) if found is None else [found.labels[code] for code in found.codes[one.rows.row]]

    def texts(self, column: str, one: _List) -> list[Scalar]:
        """A column of the table; blank for rows that are not in it (an account that only other tables name)."""
        return self._read(one, lambda table, row: table[column][row] if column in table.columns else None)

    def account(self, one: _List) -> list[Scalar]:
        """The account's name, else its id."""
        return [self._names.get(each, each) for each in self.texts("account_id", one)]

    def counted_on(self, one: _List) -> list[Scalar]:
        """The day by which the row falls into the window."""
        return dates(one.rows.day)

    def dates(self, column: str, one: _List) -> list[Scalar]:
        """A column of days."""
        days = self.texts(column, one)
        return [None if day is None or day == NEVER else to_date(int(str(day))) for day in days]

    def files(self, one: _List) -> list[Scalar]:
        """The file of each row."""
        names = [entry.file for entry in self._facts.dataset.ledger.files]
        return self._read(one, lambda table, row: names[table.file[row]])

    def numbers(self, one: _List) -> list[Scalar]:
        """The row in its file."""
        return self._read(one, lambda table, row: int(table.row[row]))

    def _read(self, one: _List, read: Callable[[Table, int], Scalar]) -> list[Scalar]:
        table = self._table
        if table is None:
            return [None] * len(one)
        return [read(table, row) if row < len(table) else None for row in one.rows.row.tolist()]

    @cached_property
    def _names(self) -> dict[Scalar, Scalar]:
        return account_names(self._facts)


def _digest(values: NDArray[Any]) -> bytes:
    return hashlib.sha256(values.tobytes()).digest()
