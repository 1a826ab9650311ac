"""The columns of data sheets that the numbers of a pack need."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from segxl.catalogue.data_sheets import Dated, InPack, OfWindow, Sheet
from segxl.catalogue.measure import Measure
from segxl.catalogue.metric import measures_of
from segxl.dataset.segments import IN_NO_SEGMENT
from segxl.facts.arrays import Found, Scope
from segxl.facts.engine import Facts
from segxl.periods import Window, to_date
from segxl.scorecard.model import Figure

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 \-]")


class Member(NamedTuple):
    """A segment, and the day that decides who is a member; None for each row's own."""

    segment: str
    on: int | None


@dataclass(frozen=True)
class Wanted:
    """The needs of figures on one data sheet: ``dated`` and ``of_window`` measures, each with its scope."""

    dated: tuple[tuple[Dated, Measure, Scope], ...]
    of_window: tuple[tuple[OfWindow, Measure, Scope], ...]
    staged: frozenset[Scope]
    movements: tuple[Scope, ...] = ()

    @property
    def span(self) -> Window:
        """From the first window of dated rows to the last."""
        windows = [scope.window for _, _, scope in self.dated]
        return Window(min(one.start for one in windows), max(one.end for one in windows))

    @property
    def memberships(self) -> tuple[Member, ...]:
        """Whose rows count, and by which day."""
        return tuple(dict.fromkeys(Member(scope.segment, scope.member_on) for _, _, scope in self.dated))

    def counted(self, facts: Facts, fact: str, member: Member) -> Found:
        """The rows of a fact that count for a segment in the span of all windows."""
        return facts.rows(fact, Scope(member.segment, self.span, member.on))


def wanted(figures: Iterable[Figure]) -> dict[Sheet, Wanted]:
    """The needs of figures, by data sheet; each once, in order of occurrence."""
    found: dict[tuple[InPack, Measure, Scope], None] = {}
    staged = set()
    seen: set[tuple[int, str, Scope]] = set()
    for figure in figures:
        if figure.rows.by == "stage":
            staged.add(figure.rows.scope)
        for measure in measures_of(figure.expression) if figure.expression is not None else ():
            same = id(measure), figure.rows.by, figure.rows.scope  # measures are declared once, and slow to compare
            if same in seen:
                continue
            seen.add(same)
            found[rows_of(measure, figure.rows.by), measure, figure.rows.scope] = None
            found[measure.in_pack, measure, figure.rows.scope] = None
    sheets = dict.fromkeys(one.sheet for one, _, _ in found if isinstance(one, (Dated, OfWindow)))
    return {
        sheet: Wanted(
            tuple((one, what, scope) for one, what, scope in found if isinstance(one, Dated) and one.sheet == sheet),
            tuple((one, what, scope) for one, what, scope in found if isinstance(one, OfWindow) and one.sheet == sheet),
            frozenset(staged),
        )
        for sheet in sheets
    }


def rows_of(measure: Measure, by: str) -> InPack:
    """The rows of a measure, for a breakdown by a dimension."""
    rows = measure.in_pack
    return dict(rows.by).get(by, rows) if isinstance(rows, Dated) else rows


class Headers:
    """The headers of columns: those of further segments than the first have the segment's name."""

    def __init__(self, facts: Facts, segment: str) -> None:
        self._words: dict[str, str] = {}
        taken: set[str] = set()
        for number, name in enumerate((*facts.dataset.segments.names, IN_NO_SEGMENT), 1):
            word = " ".join(_NOT_PLAIN.sub(" ", name).split())[:60]
            word = word if word and word.casefold() not in taken else f"{word} segment {number}".strip()
            taken.add(word.casefold())
            self._words[name] = f" {word}"
        self._words[segment] = ""

    def counts(self, header: str, member: Member) -> str:
        """The column of rows that count for a segment, where members on one day may decide."""
        day = "" if member.on is None else f" members on {to_date(member.on)}"
        return f"{header}{day}{self._words[member.segment]}"

    def window(self, header: str, scope: Scope) -> str:
        """The column of a window."""
        end: date = scope.window.end
        return header.format(months=scope.window.months, end=end) + self._words[scope.segment]
