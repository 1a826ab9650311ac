"""The data sheet Monthly of a pack over several segments: what its numbers add up, by month and segment.

The rows of a segment are in the segment's own pack, so this one has a row for each measure and month, by type of deal
where a number is of one type, and a column for each segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from segxl.catalogue.data_sheets import HEADERS, MONTH, Dated, NoRows
from segxl.catalogue.measure import Measure
from segxl.catalogue.metric import measures_of
from segxl.facts.arrays import Scope
from segxl.facts.engine import Facts
from segxl.pages.data.accounts import movement_header
from segxl.pages.data.sheet import DataSheet
from segxl.pages.data.wanted import rows_of
from segxl.pages.data.workings import FormulaPart, FormulaParts, Workings, criterion
from segxl.pages.model import ColumnOf, Formula
from segxl.periods import Window, month_end, month_start, to_date, to_month
from segxl.scorecard.model import Figure
from segxl.units import COUNT, DATE, MONEY_EXACT, TEXT, Unit

KEY = "monthly"
_MEASURE, _BY = "Measure", "type"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 \-]")


class _Line(NamedTuple):
    """A row: a measure's name, the day that it is up to, and the type of deal; blank for all types."""

    name: str
    end: date
    item: str


class Monthly(Workings):
    """The sums of numbers, and the formulas over them; the arguments are those of :class:`Workings`."""

    def __init__(self, facts: Facts, now: Scope, figures: Sequence[Figure], movements: tuple[Scope, ...] = ()) -> None:
        super().__init__(facts, now, ())
        asked = [
            (measure, figure.rows.scope, figure.rows.by)
            for figure in figures
            for measure in (measures_of(figure.expression) if figure.expression is not None else ())
            if figure.rows.by in ("", _BY) and not isinstance(measure.in_pack, NoRows)
        ]
        self._split = {id(measure) for measure, _, by in asked if by}
        self._filled: set[tuple[str, str, Window]] = set()
        self._values: dict[_Line, dict[str, int | float]] = {}
        self._units: dict[str, Unit] = {}
        for measure, scope, _ in asked:
            for part in _parts(measure, scope):
                self._fill(measure, part)
        for scope in movements:
            for line, (_, cents) in facts.accounts.rolled(scope).items():
                moved = MONEY_EXACT.shown(int(cents.sum()))
                self._put(movement_header(line, scope.window), scope, "", MONEY_EXACT, moved)
        self._headers = _headers(dict.fromkeys(segment for one in self._values.values() for segment in one))
        if self._values:
            self.sheets[KEY] = self._sheet()

    def _fill(self, measure: Measure, scope: Scope) -> None:
        """The sums of a measure in a scope, once."""
        name = _name(measure, scope)
        if (name, scope.segment, scope.window) in self._filled:
            return
        by = _BY if id(measure) in self._split else ""
        totals = self.facts.totals(measure.fact, measure.quantity, scope, by)
        if totals is None:
            return
        self._filled.add((name, scope.segment, scope.window))
        unit = MONEY_EXACT if measure.quantity == "cents" else COUNT
        for item, value in zip(self._words(by).values() if by else ("",), totals, strict=True):
            self._put(name, scope, item, unit, unit.shown(value))

    def _put(self, name: str, scope: Scope, item: str, unit: Unit, value: int | float) -> None:
        self._units[name] = unit
        if value:
            self._values.setdefault(_Line(name, scope.window.end, item), {})[scope.segment] = value

    def _sheet(self) -> DataSheet:
        """The lines by measure, the latest first."""
        names = {name: at for at, name in enumerate(dict.fromkeys(line.name for line in self._values))}
        lines = sorted(self._values, key=lambda line: (names[line.name], -line.end.toordinal(), line.item))
        sheet = DataSheet(self.facts, KEY, "Monthly sums", "Monthly", np.arange(len(lines)), len(lines))
        sheet.add(_MEASURE, [line.name for line in lines], TEXT, 48)
        sheet.add(MONTH, [line.end for line in lines], DATE, 12)
        if self._split:
            sheet.add(HEADERS[_BY], [line.item or None for line in lines])
        units = [self._units[line.name] for line in lines]
        for segment, header in self._headers.items():
            values = [self._values[line].get(segment) for line in lines]
            sheet.add(header, values, MONEY_EXACT, 16, units=units)
        return sheet

    def sum_of(self, sheet: str, header: str, *conditions: FormulaPart) -> Formula | None:
        """The MRR movements of a kind; nothing else is asked for by a column."""
        if conditions or header not in self._units or self.now.segment not in self._headers:
            return None
        return Formula(self._added(self.now.segment, header))

    def _measure(
        self, measure: Measure, figure: Figure, start: FormulaPart, end: FormulaPart, item: FormulaPart | None
    ) -> FormulaParts | None:
        by, scope = figure.rows.by, figure.rows.scope
        if by not in ("", _BY) or isinstance(measure.in_pack, NoRows) or scope.segment not in self._headers:
            return None
        if any(
            (_name(measure, part), part.segment, part.window) not in self._filled for part in _parts(measure, scope)
        ):
            return None
        criteria = self._criteria(by, figure.rows.items, item)
        if criteria is None:
            return None
        name, day = _name(measure, scope), ColumnOf(KEY, MONTH)
        when = (",", day, ',">="&', start, ",", day, ',"<="&', end) if isinstance(rows_of(measure, by), Dated) else ()
        sums: list[FormulaPart] = []
        for one in criteria or [""]:
            cut = (",", ColumnOf(KEY, HEADERS[_BY]), ",", one) if one else ()
            sums += [*(["+"] if sums else []), *self._added(scope.segment, name, *when, *cut)]
        return ("(", *sums, ")") if len(criteria) > 1 else tuple(sums)

    def _added(self, segment: str, name: str, *conditions: FormulaPart) -> FormulaParts:
        """The lines of a name and further conditions, added up for a segment."""
        column = ColumnOf(KEY, self._headers[segment])
        return "SUMIFS(", column, ",", ColumnOf(KEY, _MEASURE), f",{criterion(name)}", *conditions, ")"


def _parts(measure: Measure, scope: Scope) -> Iterator[Scope]:
    """The months of a scope; all of it for a number that months do not add up to."""
    if not isinstance(measure.in_pack, Dated):
        yield scope
        return
    for month in range(to_month(scope.window.end), to_month(scope.window.start) - 1, -1):
        yield Scope(scope.segment, Window(month_start(month), month_end(month)), scope.member_on)


def _name(measure: Measure, scope: Scope) -> str:
    """The name of a measure's lines; where a day decides who is a member, or months do not add up, each has its own."""
    if not isinstance(measure.in_pack, Dated):
        return f"{measure.label}, {scope.window.months}"
    return measure.label if scope.member_on is None else f"{measure.label}, members on {to_date(scope.member_on)}"


def _headers(segments: Iterable[str]) -> dict[str, str]:
    """A column's header for each segment, which every program reads in a formula."""
    taken = {header.casefold() for header in (_MEASURE, MONTH, HEADERS[_BY])}
    found = {}
    for segment in segments:
        header = " ".join(_NOT_PLAIN.sub(" ", segment).split())[:60] or "segment"
        while header.casefold() in taken:
            header = f"{header} segment"
        taken.add(header.casefold())
        found[segment] = header
    return found
