"""The order of day, month and year in dates such as ``05/03/2026``: found from the column, or asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segxl.errors import UnsetError
from segxl.periods import NEVER, to_date
from segxl.sources.values.date_arithmetic import day_numbers, full_year, time_of_day
from segxl.sources.values.shapes import Bools, Ints, TextsOfAShape
from segxl.tables.text_column import Texts

DateOrder = Literal["day-first", "month-first", "year-first"]
DATE_ORDERS: tuple[DateOrder, ...] = ("day-first", "month-first", "year-first")


class AmbiguousDatesError(UnsetError):
    """A column of dates that can be read in several ways, or in none.

    ``readings`` has, for each value that shows it, its text and the ISO date under each order it fits.
    """

    def __init__(
        self,
        before: str,
        readings: Sequence[tuple[str, Mapping[DateOrder, str]]],
        orders: Iterable[DateOrder],
        after: str = "",
    ) -> None:
        super().__init__(before, "dates", [(order, "") for order in orders], after)
        self.readings = tuple(readings)


@dataclass(frozen=True)
class OpenDates:
    """Dates of three numbers in an order that has to be found; ``c`` has two or four digits."""

    at: NDArray[np.intp]
    a: Ints
    b: Ints
    c: Ints
    short: Bools
    """``c`` has two digits."""
    can_lead: Bools
    """``a`` has two digits and ``c`` too, so ``a`` may be a year."""
    seconds: Ints
    offset: Ints

    @classmethod
    def of(cls, kind: TextsOfAShape, match: re.Match[str]) -> OpenDates:
        a, b, c = (kind.number(match.span(part)) for part in "abc")
        short = np.full(len(kind.at), len(match["c"]) == 2)
        return cls(kind.at, a, b, c, short, short & (len(match["a"]) == 2), *time_of_day(kind, match))

    @classmethod
    def joined(cls, parts: Sequence[OpenDates]) -> OpenDates:
        fields = ("at", "a", "b", "c", "short", "can_lead", "seconds", "offset")
        return cls(*(np.concatenate([getattr(part, field) for part in parts]) for field in fields))

    def days(self, order: DateOrder) -> Ints:
        """Day numbers under an order, :data:`NEVER` where a value does not fit it."""
        if order == "year-first":
            return np.where(self.can_lead, day_numbers(full_year(self.a), self.b, self.c), NEVER)
        year = np.where(self.short, full_year(self.c), self.c)
        day, month = (self.a, self.b) if order == "day-first" else (self.b, self.a)
        return day_numbers(year, month, day)

    @property
    def days_above_12(self) -> Bools:
        """Which dates fit day first or month first alone, whatever the order."""
        one_way: Bools = ((self.a > 12) != (self.b > 12)) & ~self.can_lead
        return one_way

    def find_order(self, distinct: Texts) -> DateOrder:
        """The order that every value fits. A value that fits none is bad and does not count."""
        readings = {order: self.days(order) for order in DATE_ORDERS}
        fits = np.array([readings[order] != NEVER for order in DATE_ORDERS])
        voters: list[int] = np.flatnonzero(fits.any(axis=0)).tolist()
        orders = [order for order, fit in zip(DATE_ORDERS, fits, strict=True) if fit[voters].all()]
        shown = sorted(voters, key=self.at.__getitem__)

        def reading(one: int, among: Iterable[DateOrder]) -> tuple[str, dict[DateOrder, str]]:
            days = {order: int(readings[order][one]) for order in among}
            return distinct[self.at[one]], {o: to_date(day).isoformat() for o, day in days.items() if day != NEVER}

        if not orders:
            raise _disagreeing_dates([reading(one, DATE_ORDERS) for one in _witnesses(fits[:, shown], shown)])
        differing = [one for one in shown if len({int(readings[order][one]) for order in orders}) > 1]
        if differing:
            raise _ambiguous_dates([reading(one, orders) for one in differing[:3]], orders)
        return orders[0]


def _witnesses(fits: NDArray[np.bool_], names: Sequence[int]) -> list[int]:
    """Two columns, or three, of a table of fits that have no row in common."""
    first: dict[tuple[bool, ...], int] = {}
    for column, name in zip(fits.T.tolist(), names, strict=True):
        first.setdefault(tuple(column), name)
    sorts = list(first)
    for i, one in enumerate(sorts):
        for other in sorts[i + 1 :]:
            if not any(x and y for x, y in zip(one, other, strict=True)):
                return [first[one], first[other]]
    return list(first.values())[:3]


def _ambiguous_dates(
    readings: Sequence[tuple[str, Mapping[DateOrder, str]]], orders: Sequence[DateOrder]
) -> AmbiguousDatesError:
    shown = "; ".join(
        f"{text!r} is " + " or ".join(f"{day} ({order})" for order, day in reading.items())
        for text, reading in readings
    )
    return AmbiguousDatesError(f"{_ASKED} {len(orders)} ways: {shown}; ", readings, orders)


_ASKED = "the dates are ambiguous and can be read in"


def asked_once_a_file(problems: Sequence[str]) -> list[str]:
    """Problems of a run, with the question about the order of a file's dates asked once for all its columns and tables.

    One column that shows it is enough to answer; the setting is each table's that names the file.
    """
    kept: list[str] = []
    asked: dict[str, int] = {}
    for problem in problems:
        place, question, _ = problem.partition(f": {_ASKED}")
        file = place.partition(", column ")[0]
        if question and file in asked:
            at = asked[file]
            kept[at] = kept[at].removesuffix(_EACH_TABLE) + _EACH_TABLE
            continue
        if question:
            asked[file] = len(kept)
        kept.append(problem)
    return kept


_EACH_TABLE = ", in each table that uses this file (its other date columns are ambiguous too)"


def _disagreeing_dates(readings: Sequence[tuple[str, Mapping[DateOrder, str]]]) -> AmbiguousDatesError:
    shown = ", ".join(f"{text!r} is only {' or '.join(reading)}" for text, reading in readings)
    orders = dict.fromkeys(order for _, reading in readings for order in reading)
    return AmbiguousDatesError(
        f"the dates have different orders: {shown}; correct them in the export, or ",
        readings,
        orders,
        "; rows that do not fit are then rejected",
    )
