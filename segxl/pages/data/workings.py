"""The formulas of numbers over the data sheets, made from the declarations of measures and cuts."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from segxl.catalogue.data_sheets import HEADERS, Dated, NoRows, OfWindow, Sheet
from segxl.catalogue.measure import Measure, Ratio, Sum
from segxl.facts.arrays import BLANK, Found, Scope, distinct
from segxl.facts.engine import Facts
from segxl.messages import counted
from segxl.pages.cells import LONGEST_TEXT, quoted, record_parts
from segxl.pages.data.accounts import accounts_sheet
from segxl.pages.data.deals import deals_sheet
from segxl.pages.data.leads import costs_sheet, labor_sheet, leads_sheet
from segxl.pages.data.sheet import MOST_CELLS, DataSheet, Rows, words_of
from segxl.pages.data.stage_moves import stage_moves_sheet
from segxl.pages.data.wanted import Headers, Member, Wanted, rows_of, wanted
from segxl.pages.model import ColumnOf, Formula, Link, NumberCell, Page, Range
from segxl.scorecard.model import Figure, Selector

FormulaPart = str | Range | ColumnOf | NumberCell
FormulaParts = tuple[FormulaPart, ...]

_SHEETS: Mapping[Sheet, Callable[[Facts, Scope, Wanted, Headers], DataSheet]] = {
    "deals": deals_sheet,
    "stage_moves": stage_moves_sheet,
    "leads": leads_sheet,
    "costs": costs_sheet,
    "labor": labor_sheet,
    "accounts": accounts_sheet,
}
_MOST_ITEMS = 60
_ODD = re.compile(r"[*?~]")


class Workings:
    """The data sheets of numbers, and the formulas over them. ``now``: the scope of the period; ``movements``: those of
    the MRR movements of a trend."""

    def __init__(self, facts: Facts, now: Scope, figures: Sequence[Figure], movements: tuple[Scope, ...] = ()) -> None:
        self.facts, self.now = facts, now
        self.sheets: dict[str, DataSheet] = {}
        self.headers = Headers(facts, now.segment)
        self.too_long: list[str] = []
        self._conditions: dict[Hashable, tuple[str | None, FormulaParts, ColumnOf]] = {}
        self._known_words: dict[str, dict[str, str]] = {}
        self._links: dict[Hashable, Link | None] = {}
        self._found: dict[Hashable, Sequence[int]] = {}
        self._whole: dict[tuple[str, Scope, str], Found] = {}
        for sheet, need in wanted(figures).items():
            need = replace(need, movements=movements)
            made = _SHEETS[sheet](facts, now, need, self.headers) if self._possible(sheet) else None
            if made is None or not len(made.rows):
                continue
            if made.cells > MOST_CELLS:
                self.too_long.append(made.title)
                continue
            self.sheets[sheet] = made

    def _possible(self, sheet: Sheet) -> bool:
        table = {"deals": "opportunities", "stage_moves": "opportunity_history", "labor": "costs"}.get(sheet, sheet)
        return sheet == "accounts" or table in self.facts.dataset.tables

    def pages(self, subtitle: str) -> tuple[Page, ...]:
        """The data sheets as pages."""
        words = {key: _WORDS[key].format(rows=len(sheet.rows)) for key, sheet in self.sheets.items()}
        return tuple(sheet.page(subtitle, words[key], self._behind) for key, sheet in self.sheets.items())

    def link(self, figure: Figure | None) -> Link | None:
        """The rows of a figure: their block, or the head of their table if they do not form a block; None without
        rows."""
        if figure is None or figure.expression is None or not figure.value:
            return None
        if figure.key not in self._links:
            found = self._rows(figure)
            link = None if found is None else self.block(found[0], figure.key, found[1].tolist(), found[2])
            self._links[figure.key] = link
        return self._links[figure.key]

    def block(self, sheet: DataSheet, key: Hashable, places: Sequence[int], conditions: str) -> Link | None:
        """A link to the records of a number, from 0 and in order; None without any. ``conditions``: the filter that
        leaves these records."""
        if not places:
            return None
        self._found[key] = places
        first, last = places[0], places[-1]
        if last - first + 1 == len(places):
            tip = f"{counted(len(places), 'row')} of {sheet.title}"
            return Link(sheet.key, sheet.first + first, sheet.first + last, sheet.width, tip)
        tip = f"{len(places):,} rows of {sheet.title}. Filter: {conditions}"
        return Link(sheet.key, sheet.first - 1, sheet.first - 1, sheet.width, tip)

    def record(self, sheet: str, row: int) -> Link | None:
        """A link to a record, by its row in the table; None where no data sheet has it."""
        made = self.sheets.get(sheet)
        at = None if made is None else made.place(row)
        return None if made is None or at is None else Link(made.key, made.first + at, made.first + at, made.width)

    def value(self, sheet: str, row: int, header: str) -> FormulaParts | None:
        """A record's number in a column, as :func:`segxl.pages.cells.record_parts` finds it; None where it cannot, or
        where no data sheet has both."""
        made = self.sheets.get(sheet)
        at, column = (None, None) if made is None else (made.place(row), made.header(header))
        if made is None or at is None or column is None:
            return None
        record, ids = str(made.values(made.ids)[at]), ColumnOf(made.key, made.ids)
        return record_parts(ids, record, made.alike, ColumnOf(made.key, column)) or None

    def column_link(self, sheet: str, header: str, key: Hashable) -> Link | None:
        """A link to the records that have a value in a column."""
        made = self.sheets.get(sheet)
        if made is None or made.header(header) is None:
            return None
        places = [at for at, value in enumerate(made.values(header)) if value is not None]
        return self.block(made, key, places, f"{made.header(header)} not blank")

    def _behind(self, key: Hashable) -> Sequence[int]:
        return self._found.get(key, ())

    def _rows(self, figure: Figure) -> tuple[DataSheet, Rows, str] | None:
        """The rows of a figure, of a ratio those of its denominator, of its numerator where that has none; and the
        filter that leaves them."""
        expression, selector = figure.expression, figure.rows
        sums = (expression.denominator, expression.numerator) if isinstance(expression, Ratio) else (expression,)
        for one in sums:
            parts: dict[str, list[Rows]] = {}
            filters: dict[str, list[dict[str, str]]] = {}
            for measure in one.measures if one is not None else ():
                rows = rows_of(measure, selector.by)
                if isinstance(rows, NoRows) or rows.sheet not in self.sheets:
                    continue
                sheet = self.sheets[rows.sheet]
                at = sheet.find(self._rows_behind(measure.fact, selector), measure)
                if len(at):
                    parts.setdefault(rows.sheet, []).append(at)
                    filters.setdefault(rows.sheet, []).append(self._filter(rows, figure))
            if parts:
                key, found_at = next(iter(parts.items()))
                places = found_at[0] if len(found_at) == 1 else np.concatenate(found_at)
                if not (places[1:] > places[:-1]).all():
                    places = distinct(places)
                return self.sheets[key], places, _filter_words(filters[key])
        return None

    def _rows_behind(self, fact: str, selector: Selector) -> Found:
        """The rows of a fact for a selector; those of all items are found once."""
        asked = fact, selector.scope, selector.by
        if asked not in self._whole:
            self._whole[asked] = self.facts.rows(*asked)
        whole = self._whole[asked]
        return self.facts.of_items(whole, selector.by, selector.items) if selector.items else whole

    def _filter(self, rows: Dated | OfWindow, figure: Figure) -> dict[str, str]:
        """What the columns of a figure's rows have, by header."""
        made, selector = self.sheets[rows.sheet], figure.rows
        scope = selector.scope
        dimension = HEADERS.get(selector.by, "")
        if isinstance(rows, Dated):
            counts = self.headers.counts(rows.counts, Member(scope.segment, scope.member_on))
            window = f"{scope.window.start} to {scope.window.end}"
            asked = [(rows.day, window), *rows.where, (counts, "1")]
        else:
            asked = [(self.headers.window(rows.header, scope), "not blank")]
            dimension = self.headers.window(rows.stage, scope) if selector.by == "stage" else dimension
        if selector.by and selector.items:
            words = self._words(selector.by)
            asked.append((dimension, " or ".join(words.get(item, item) or BLANK for item in selector.items)))
        return {header: value for one, value in asked if (header := made.header(one)) is not None}

    def sum_of(self, sheet: str, header: str, *conditions: FormulaPart) -> Formula | None:
        """A column added up, of the rows that meet ``conditions``: headers, each with its criterion."""
        made = self.sheets.get(sheet)
        column = made.header(header) if made is not None else None
        if made is None or column is None:
            return None
        parts: list[FormulaPart] = ["SUMIFS(" if conditions else "SUM(", ColumnOf(made.key, column)]
        for one, criterion in zip(conditions[::2], conditions[1::2], strict=True):
            there = made.header(str(one))
            if there is None:
                return None
            parts += [",", ColumnOf(made.key, there), ",", criterion]
        return Formula((*parts, ")"))

    def product_of(self, sheet: str, *headers: str) -> Formula | None:
        """Columns multiplied in each row, added up."""
        made = self.sheets.get(sheet)
        columns = [made.header(header) for header in headers] if made is not None else [None]
        if made is None or None in columns:
            return None
        parts = [part for column in columns for part in (",", ColumnOf(made.key, column or ""))]
        return Formula(("SUMPRODUCT(", *parts[1:], ")"))

    def figure(
        self, figure: Figure, start: FormulaPart, end: FormulaPart, item: FormulaPart | None
    ) -> tuple[Formula | None, ...]:
        """The formulas of a ratio's numerator and denominator, or of a sum; None if no data sheet has its rows.

        ``start`` and ``end`` are the cells of its window; ``item`` the cell of its item, if it has one.
        """
        expression = figure.expression
        if expression is None:
            return (None,)
        sums: Sequence[Sum] = (
            (expression.numerator, expression.denominator) if isinstance(expression, Ratio) else (expression,)
        )
        return tuple(self._sum(one, figure, start, end, item) for one in sums)

    def _sum(
        self, expression: Sum, figure: Figure, start: FormulaPart, end: FormulaPart, item: FormulaPart | None
    ) -> Formula | None:
        parts: list[FormulaPart] = []
        for sign, measure in expression.terms:
            found = self._measure(measure, figure, start, end, item)
            if found is None:
                return None
            parts += ["-" if sign < 0 else "+" if parts else "", *found]
        return Formula(tuple(part for part in parts if part != ""))

    def _measure(
        self, measure: Measure, figure: Figure, start: FormulaPart, end: FormulaPart, item: FormulaPart | None
    ) -> FormulaParts | None:
        by, scope = figure.rows.by, figure.rows.scope
        rows = rows_of(measure, by)
        if isinstance(rows, NoRows) or rows.sheet not in self.sheets:
            return None
        made = self.sheets[rows.sheet]
        criteria = self._criteria(by, figure.rows.items, item)
        if criteria is None:
            return None
        if isinstance(rows, Dated):
            column, conditions = self._dated(rows, measure, made, scope, start, end)
            dimension = HEADERS.get(by, "")
        else:
            column, conditions = made.header(self.headers.window(rows.header, scope)), ()
            dimension = self.headers.window(rows.stage, scope) if by == "stage" else HEADERS.get(by, "")
        if column is None or any(isinstance(one, ColumnOf) and not one.header for one in conditions):
            return None
        if criteria and made.header(dimension) is None:
            return None
        sums: list[FormulaPart] = []
        for criterion in criteria or [""]:
            cut: list[FormulaPart] = [",", ColumnOf(made.key, dimension), ",", criterion] if criterion else []
            name = "SUMIFS(" if conditions or cut else "SUM("
            sums += ["+" if sums else "", name, ColumnOf(made.key, column), *conditions, *cut, ")"]
        if len(criteria) > 1:
            sums = ["(", *sums, ")"]
        times = [f"*{rows.times}"] if isinstance(rows, OfWindow) and rows.times != 1 else []
        return (*(part for part in sums if part != ""), *times)

    def _dated(
        self, rows: Dated, measure: Measure, made: DataSheet, scope: Scope, start: FormulaPart, end: FormulaPart
    ) -> tuple[str | None, FormulaParts]:
        """The column to add up and the conditions of rows that count in a window."""
        same = id(measure), id(rows), scope.segment, scope.member_on  # both are declared once, and slow to compare
        if same not in self._conditions:
            self._conditions[same] = self._undated(rows, measure, made, scope)
        added, conditions, day = self._conditions[same]
        return added, (*conditions, ",", day, ',">="&', start, ",", day, ',"<="&', end)

    def _undated(
        self, rows: Dated, measure: Measure, made: DataSheet, scope: Scope
    ) -> tuple[str | None, FormulaParts, ColumnOf]:
        """The column to add up, the conditions of rows that count whatever their day, and the column of the day."""
        counts = made.header(self.headers.counts(rows.counts, Member(scope.segment, scope.member_on))) or ""
        added = made.header(rows.added) if rows.added and measure.quantity != "count" else counts
        conditions: list[FormulaPart] = []
        if added != counts:
            conditions += [",", ColumnOf(made.key, counts), ",1"]
        for header, criterion in rows.where:
            conditions += [",", ColumnOf(made.key, made.header(header) or ""), f',"{criterion}"']
        return added or None, tuple(conditions), ColumnOf(made.key, made.header(rows.day) or "")

    def _criteria(self, by: str, items: tuple[str, ...], item: FormulaPart | None) -> list[FormulaPart] | None:
        """The criteria of SUMIFS: one for each item, none for the total; None if an item is too long for one."""
        if not by or not items:
            return []
        words = [self._words(by).get(one, one) for one in items]
        if len(items) > _MOST_ITEMS or any(len(word) > LONGEST_TEXT for word in words):
            return None
        if len(items) == 1 and item is not None and words[0] == items[0] and criterion(items[0]) == quoted(items[0]):
            return [item]
        return [criterion(word) for word in words]

    def _words(self, by: str) -> dict[str, str]:
        if by not in self._known_words:
            self._known_words[by] = words_of(self.facts, by)
        return self._known_words[by]


def _filter_words(filters: Sequence[Mapping[str, str]]) -> str:
    """Filters as one text: ``Closed on 2026-10-01 to 2026-10-31; Outcome Won or Lost``; those of other columns follow
    ``; or ``."""
    found: dict[tuple[str, ...], dict[str, dict[str, None]]] = {}
    for one in filters:
        columns = found.setdefault(tuple(one), {header: {} for header in one})
        for header, value in one.items():
            columns[header][value] = None
    return "; or ".join(
        "; ".join(f"{header} {' or '.join(values)}" for header, values in columns.items()) for columns in found.values()
    )


def criterion(text: str) -> str:
    """A text as a criterion of SUMIFS that only this text meets."""
    plain = _ODD.sub(r"~\g<0>", text)
    return quoted(f"={plain}" if plain != text or plain[:1] in "<>=" else plain)


_WORDS: Mapping[str, str] = {
    "deals": "{rows:,} opportunities: those that count in a window of this pack or are open on one of its days, once "
    "each. Columns that count have 1 where the segment counts the row.",
    "stage_moves": "{rows:,} exits from a stage in the windows of this pack, once each.",
    "leads": "{rows:,} leads that count in a window of this pack, once each. Columns that count have 1.",
    "costs": "{rows:,} costs in the windows of this pack, once each, dated at the end of their month.",
    "labor": "{rows:,} rows: qualifying labor by month and lead source, with the allocated part.",
    "monthly": "{rows:,} sums by measure and month, a column for each segment. The records that they add up are in the "
    "segments' own packs.",
    "accounts": "{rows:,} accounts behind the numbers of this pack, once each: 1 or the amount that each adds to a "
    "number.",
}
