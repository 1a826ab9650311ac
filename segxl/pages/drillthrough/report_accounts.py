"""The accounts behind the report's counts, sorted so that each count links to one block of rows.

A few sorted copies give every count its block. The cohort sorted by baseline and analysis stage holds the total, each
baseline stage and each cell of the movement; sorted by the analysis stage alone, the others. Two sets that overlap are
listed as "only the first, both, only the second", so that each is one block: a line of activities, or an engagement
state, needs one copy for both of its timeframes. A list that does not fit continues on the next sheet. The stages of 13
months are one list with a column for each: 13 copies would be longer than everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from segxl.pages.drillthrough.list_page import FIRST_ROW, ROW_LIMIT, list_page
from segxl.pages.model import Field, Link, Page, Scalar
from segxl.report.account_rows import AccountRows
from segxl.report.model import Report, Selector
from segxl.report.working import Working
from segxl.tables.codes import Codes
from segxl.units import TEXT

_WIDTHS = {
    "Account": 30.0,
    "Account ID": 20.0,
    "Accounts": 11.0,
    "Geo": 14.0,
    "Sales team": 16.0,
    "Owner": 20.0,
    "Baseline stage": 15.0,
    "Analysis stage": 15.0,
    "Baseline states": 40.0,
    "Analysis states": 40.0,
    "New pipeline": 15.0,
    "Total won": 15.0,
    "Open pipeline": 15.0,
    "Last activity": 14.0,
}
_LIST_WIDTHS = (34.0, 22.0)
_STAGES = "stage_accounts"


@dataclass
class _Block:
    """Accounts in one order: ``groups`` names the stretch of each, ``places`` where each selector's rows are."""

    label: str
    accounts: Codes
    groups: list[str]
    places: dict[Selector, tuple[int, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.accounts)


@dataclass(frozen=True)
class _Slice:
    """A part of a block on a sheet: its accounts ``start`` to ``stop``, from row ``first`` on."""

    page: str
    block: _Block
    start: int
    stop: int
    first: int


class AccountLists:
    """The list pages of a report, and the block of rows behind each of its counts."""

    def __init__(self, report: Report, working: Working, subtitle: str, *, row_limit: int = ROW_LIMIT) -> None:
        self._working = working
        self._report = report
        self._rows = AccountRows(working)
        self._subtitle = subtitle
        self._limit = row_limit
        self._slices: list[_Slice] = []
        self._columns = 2 + len(self._rows.columns(np.empty(0, dtype=np.int32)))
        self.pages: tuple[Page, ...] = (
            *self._draw("accounts", "Accounts", "Accounts behind the counts on the first page", self._cohort()),
            *self._draw("source_accounts", "Accounts by source", "Accounts behind each activity", self._sources()),
            *self._stages(),
        )

    def link(self, selector: Selector | None) -> Link | None:
        """The link to the accounts of a selector; None if it has none."""
        if selector is None:
            return None
        if selector.part == "state_in":
            return Link(_STAGES, FIRST_ROW - 1, FIRST_ROW - 1) if len(self._working.accounts(selector)) else None
        for part in self._slices:
            start, stop = part.block.places.get(selector, (0, 0))
            if start < stop and part.start <= start < part.stop:
                last = min(stop, part.stop) - 1
                return Link(part.page, part.first + start - part.start, part.first + last - part.start, self._columns)
        return None

    def _cohort(self) -> Iterator[_Block]:
        working, report = self._working, self._report
        if report.movement.counts is None:
            accounts = self._rows.sorted(working.accounts(Selector("cohort")))
            yield _Block("Cohort", accounts, [""] * len(accounts), {Selector("cohort"): (0, len(accounts))})
        else:
            yield self._grid()
            if working.by_stage:
                yield self._by_analysis()
            yield self._apart("Rose or fell", Selector("increased"), Selector("decreased"), ("Rose", "Both", "Fell"))
        if not working.by_stage:
            for state in working.states:
                if state not in working.unavailable:
                    yield self._both(state, Selector("state", state, "baseline"), Selector("state", state, "analysis"))
            if report.summary.gained.value is not None:
                names = ("Became engaged", "Both", "No longer engaged")
                yield self._apart("Change in engagement", Selector("gained"), Selector("lost"), names)
        if not working.choice.environment.no_opportunities:
            created, won = Selector("opportunities", "created"), Selector("opportunities", "won")
            names = ("Created only", "Created and won", "Won only")
            yield self._apart("Opportunities in the analysis", created, won, names)

    def _sources(self) -> Iterator[_Block]:
        for line in self._report.activities:
            if line.available:
                key = line.line.key
                yield self._both(
                    f"{line.line.panel}: {line.line.label}",
                    Selector("line", key, "baseline"),
                    Selector("line", key, "analysis"),
                )

    def _grid(self) -> _Block:
        """The cohort by baseline and analysis: one stretch for the total, each baseline state, each cell."""
        working = self._working
        members = working.accounts(Selector("cohort"))
        before, after = working.ranks["baseline"][members], working.ranks["analysis"][members]
        order = np.lexsort((self._rows.place[members], after, before))
        states, width = working.states, len(working.states)
        cells = before[order].astype(np.int64) * width + after[order]
        ends = np.searchsorted(cells, np.arange(width * width + 1)).tolist()
        block = _Block("By baseline, then analysis", members[order], [])
        block.places[Selector("cohort")] = (0, len(members))
        for row, one in enumerate(states):
            if working.by_stage:
                block.places[Selector("state", one, "baseline")] = (ends[row * width], ends[(row + 1) * width])
            for column, other in enumerate(states):
                at = row * width + column
                block.places[Selector("movement", one, other)] = (ends[at], ends[at + 1])
        block.groups = [_way(cell // width, cell % width) for cell in cells.tolist()]
        return block

    def _by_analysis(self) -> _Block:
        working = self._working
        members = working.accounts(Selector("cohort"))
        before, after = working.ranks["baseline"][members], working.ranks["analysis"][members]
        order = np.lexsort((self._rows.place[members], before, after))
        ends = np.searchsorted(after[order], np.arange(len(working.states) + 1)).tolist()
        block = _Block("By analysis, then baseline", members[order], [])
        for rank, state in enumerate(working.states):
            block.places[Selector("state", state, "analysis")] = (ends[rank], ends[rank + 1])
        pairs = zip(before[order].tolist(), after[order].tolist(), strict=True)
        block.groups = [_way(one, other) for one, other in pairs]
        return block

    def _both(self, label: str, baseline: Selector, analysis: Selector) -> _Block:
        return self._apart(label, baseline, analysis, ("Baseline only", "Both", "Analysis only"))

    def _apart(self, label: str, first: Selector, second: Selector, names: tuple[str, str, str]) -> _Block:
        """Two sets as only the first, both, only the second: each is one block."""
        one, other = self._working.mask(first), self._working.mask(second)
        parts = [
            self._rows.sorted(np.flatnonzero(mask).astype(np.int32))
            for mask in (one & ~other, one & other, other & ~one)
        ]
        groups = [name for name, part in zip(names, parts, strict=True) for _ in range(len(part))]
        total = sum(map(len, parts))
        places = {first: (0, len(parts[0]) + len(parts[1])), second: (len(parts[0]), total)}
        return _Block(label, np.concatenate(parts), groups, places)

    def _draw(self, key: str, title: str, purpose: str, blocks: Iterable[_Block]) -> Iterator[Page]:
        head = FIRST_ROW
        sheets: list[list[_Slice]] = [[]]
        row = head
        for block in blocks:
            start = 0
            while start < len(block):
                room = self._limit - (row - head)
                if room == 0 or (start == 0 and len(block) > room and row > head):
                    sheets.append([])  # a block that would be split begins on a new sheet
                    row = head
                    continue
                stop = min(start + room, len(block))
                page = key if len(sheets) == 1 else f"{key}_{len(sheets)}"
                sheets[-1].append(_Slice(page, block, start, stop, row))
                row += stop - start
                start = stop
        self._slices += [part for sheet in sheets for part in sheet]
        for number, sheet in enumerate(sheets, start=1):
            if sheet:
                yield self._page(sheet, title, purpose, number, len(sheets))

    def _stages(self) -> Iterator[Page]:
        """Every account of the cohort with its stage in each month or week: a filter on one is the list of a count."""
        periods = [one.span.label for one in self._report.over_time.spans if one.counts]
        if not periods:
            return
        accounts = self._rows.sorted(self._working.accounts(Selector("cohort")))
        starts = range(0, max(len(accounts), 1), self._limit)
        for number, start in enumerate(starts, start=1):
            part = accounts[start : start + self._limit]
            stages = {label: self._working.words_in(label, part) for label in periods}
            fields = (
                *(Field(one.header, one.values, one.unit, _WIDTHS[one.header]) for one in self._rows.names(part)),
                *(Field(label, words, TEXT, 14) for label, words in stages.items()),
            )
            by, what = ("stage", "Highest stage") if self._working.by_stage else ("state", "States")
            words = f"{what} in each. Filter a column by {by} to list the accounts behind a count."
            key = _STAGES if number == 1 else f"{_STAGES}_{number}"
            yield self._list_page(
                key,
                f"{by.capitalize()}s by account",
                "Accounts behind the page Over time",
                fields,
                words,
                number,
                len(starts),
            )

    def _page(self, sheet: Sequence[_Slice], title: str, purpose: str, number: int, of: int) -> Page:
        words = "Amounts follow the summary's rules. Open pipeline and last activity: at the end of the analysis."
        return self._list_page(sheet[0].page, title, purpose, self._fields(sheet), words, number, of)

    def _list_page(
        self, key: str, title: str, purpose: str, fields: tuple[Field, ...], words: str, number: int, of: int
    ) -> Page:
        name = title if of == 1 else f"{title} ({number} of {of})"
        if of > 1:
            words += f" The list continues over {of} sheets."
        frozen = 3 if fields[0].header == "List" else 1
        return list_page(key, name, f"{purpose} · {self._subtitle}", fields, frozen, words)

    def _fields(self, sheet: Sequence[_Slice]) -> tuple[Field, ...]:
        accounts = np.concatenate([part.block.accounts[part.start : part.stop] for part in sheet])
        labels: list[Scalar] = [part.block.label for part in sheet for _ in range(part.start, part.stop)]
        groups: list[Scalar] = [group for part in sheet for group in part.block.groups[part.start : part.stop]]
        return (
            Field("List", labels, TEXT, _LIST_WIDTHS[0]),
            Field("Where", groups, TEXT, _LIST_WIDTHS[1]),
            *(Field(one.header, one.values, one.unit, _WIDTHS[one.header]) for one in self._rows.columns(accounts)),
        )


def _way(before: int, after: int) -> str:
    return "▲ up" if after > before else "▼ down" if after < before else "= same"
