"""The columns of data sheets that the numbers of a pack need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from segxl.catalogue.data_sheets import Dated, InPack, OfWindow, Sheet
from segxl.catalogue.measure import Measure
from segxl.catalogue.metric import measures_of
from segxl.facts.arrays import Scope
from segxl.periods import Window, to_date
from segxl.scorecard.model import Figure


@dataclass(frozen=True)
class Wanted:
    """The needs of figures on one data sheet: ``dated`` and ``of_window`` measures, each with its scope."""

    dated: tuple[tuple[Dated, Measure, Scope], ...]
    of_window: tuple[tuple[OfWindow, Measure, Scope], ...]

    @property
    def span(self) -> Window:
        """From the first window of dated rows to the last."""
        windows = [scope.window for _, _, scope in self.dated]
        return Window(min(one.start for one in windows), max(one.end for one in windows))

    @property
    def memberships(self) -> tuple[int | None, ...]:
        """The days that decide who is a member, None for each row's own."""
        return tuple(dict.fromkeys(scope.member_on for _, _, scope in self.dated))


def wanted(figures: Iterable[Figure]) -> dict[Sheet, Wanted]:
    """The needs of figures, by data sheet; each once, in order of occurrence."""
    found: dict[tuple[InPack, Measure, Scope], None] = {}
    for figure in figures:
        for measure in measures_of(figure.expression) if figure.expression is not None else ():
            found[rows_of(measure, figure.rows.by), measure, figure.rows.scope] = None
            found[measure.in_pack, measure, figure.rows.scope] = None
    sheets = dict.fromkeys(one.sheet for one, _, _ in found if isinstance(one, (Dated, OfWindow)))
    return {
        sheet: Wanted(
            tuple((one, what, scope) for one, what, scope in found if isinstance(one, Dated) and one.sheet == sheet),
            tuple((one, what, scope) for one, what, scope in found if isinstance(one, OfWindow) and one.sheet == sheet),
        )
        for sheet in sheets
    }


def rows_of(measure: Measure, by: str) -> InPack:
    """The rows of a measure, for a breakdown by a dimension."""
    return dict(measure.in_pack_by).get(by, measure.in_pack)


def counts_header(header: str, member_on: int | None) -> str:
    """The column of rows that count, where members on one day decide."""
    return header if member_on is None else f"{header} members on {to_date(member_on)}"


def window_header(header: str, window: Window) -> str:
    """The header of a window's column."""
    end: date = window.end
    return header.format(months=window.months, end=end)
