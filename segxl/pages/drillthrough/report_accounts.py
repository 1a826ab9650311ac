"""The report's accounts as two lists, each account once, and how every count and amount is found in them.

``ReportAccounts`` has the cohort: stages or states in both timeframes and in each month or week, what changed, amounts
by the rule of each part. ``ReportActivities`` has the accounts with an activity and in which timeframe each line saw
them. A count is the number of rows that meet its *conditions*: the same conditions give the formula in the workbook and
the words to filter by. The accounts that moved up come first, then those that moved down.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain

import numpy as np

from segxl.pages.cells import record_parts
from segxl.pages.drillthrough.list_page import FIRST_ROW, ROW_LIMIT, list_page
from segxl.pages.model import ColumnOf, Field, Formula, Link, Page, Range, Records, Scalar
from segxl.report.account_rows import AccountRows, Column
from segxl.report.amounts import AmountPart, Event
from segxl.report.model import WHEN, Report, Selector, When
from segxl.report.states import DECISION, KNOWN, LINES, NO_ENGAGEMENT
from segxl.report.working import Working
from segxl.report.year_ago import amounts_unknown
from segxl.tables.codes import Codes, Mask
from segxl.units import MONEY_EXACT, TEXT

ACCOUNTS, SOURCES = "accounts", "source_accounts"
TITLE = "Accounts"
"""The sheet of the list of accounts."""
TABLES = {ACCOUNTS: "ReportAccounts", SOURCES: "ReportActivities"}
"""The two lists by their page's key: their names in formulas."""

ID, CHANGE, ENGAGED, ANY = "Account ID", "Change", "Engaged", "Any activity"
ROSE, FELL, SAME, UNSTAGED = "Rose", "Fell", "Same", "To or from No stage"
BEFORE, AFTER, BOTH = "Baseline", "Analysis", "Both"
RISK, FALLEN, QUIET = "At risk", "Fell from Decision or Purchase", "Quiet with open pipeline"
NONE = "Not engaged"
"""The highest state of accounts that have neither engagement nor an opportunity."""

Conditions = tuple[Mapping[str, str], ...]
"""Alternatives that exclude each other; each is criteria by column header, all of which a row meets. ``*`` matches any
text."""

_WIDTHS = {
    "Account": 30.0,
    ID: 20.0,
    "Accounts": 11.0,
    "Geo": 14.0,
    "Sales team": 16.0,
    "Owner": 20.0,
    CHANGE: 12.0,
    RISK: 28.0,
}
_STATES_WIDTH, _STAGE_WIDTH, _MONEY_WIDTH = 40.0, 15.0, 16.0
_EVENTS: Mapping[Event, str] = {"created": "New pipeline", "won": "Total won"}
_WHEN: Mapping[When, str] = {"analysis": "", "baseline": " baseline", "year_before": " year before"}
_PARTS: Mapping[AmountPart, str] = {
    "summary": "",
    "performance": " without Dynamics and HubSpot",
    "activities": " in the reporting currency",
}


def state_names(states: Sequence[str]) -> tuple[str, ...]:
    """The names of highest states. An account with No Engagement may have an opportunity, which is then its highest
    state: those in the lowest one have neither."""
    return tuple(NONE if state == NO_ENGAGEMENT else state for state in states)


class AccountLists:
    """The lists of a report, and the rows, the formula and the link of each of its counts."""

    def __init__(self, report: Report, working: Working, subtitle: str, *, row_limit: int = ROW_LIMIT) -> None:
        self._working = working
        self._report = report
        self._rows = AccountRows(working)
        self._subtitle = subtitle
        self._limit = row_limit
        self._names = state_names(working.states)
        self.codes: Mapping[str, Codes] = {ACCOUNTS: self._order(), SOURCES: self._active()}
        """The accounts of each list by its page's key, in the order of its rows."""
        self._place = {key: self._places(codes) for key, codes in self.codes.items()}
        self.pages: tuple[Page, ...] = (*self._draw(ACCOUNTS, self._account_fields()), *self._sources())

    # ------------------------------------------------------------------ counts

    def conditions(self, selector: Selector) -> tuple[str, Conditions]:
        """The list of a selector's accounts, by its page's key, and the conditions that they alone meet there."""
        part, a, b = selector.part, selector.a, selector.b
        before, after = (f"{word} {self._kind}" for word in (BEFORE, AFTER))
        if part == "line":
            word = BEFORE if b == "baseline" else AFTER
            header = _plain(next(line.label for line in LINES if line.key == a))
            return SOURCES, ({header: word}, {header: BOTH})
        if part in ("increased", "decreased"):
            return ACCOUNTS, ({CHANGE: ROSE if part == "increased" else FELL},)
        if part == "engaged" and a == "not":
            return ACCOUNTS, ({before if b == "baseline" else after: NONE},)
        if part == "engaged":
            return ACCOUNTS, ({ENGAGED: BEFORE if b == "baseline" else AFTER}, {ENGAGED: BOTH})
        if part in ("gained", "lost"):
            return ACCOUNTS, ({ENGAGED: AFTER if part == "gained" else BEFORE},)
        if part == "opportunities":
            event: Event = "created" if a == "created" else "won"
            return ACCOUNTS, ({self._money(event, "baseline" if b == "baseline" else "analysis", "summary"): "<>"},)
        if part == "movement":
            return ACCOUNTS, ({before: self._name(a), after: self._name(b)},)
        if part == "to_call":
            goals = self._names[self._names.index(DECISION) :] if self._working.by_stage else (KNOWN,)
            return ACCOUNTS, tuple({CHANGE: ROSE, after: goal} for goal in goals)
        if part == "to_save":
            return ACCOUNTS, tuple({RISK: word} for word in (FALLEN, QUIET))
        if part in ("state", "state_in"):
            header = b if part == "state_in" else f"{BEFORE if b == 'baseline' else AFTER} {self._word}"
            return ACCOUNTS, ({header: a if self._working.by_stage else f"*{a}*"},)
        return ACCOUNTS, ({ID: "*"},)

    def count_formula(self, selector: Selector | None) -> Formula | None:
        """The number of a selector's accounts as a formula over their list; None if the list takes several sheets."""
        if selector is None:
            return None
        key, alternatives = self.conditions(selector)
        return self._summed(key, alternatives, lambda one: ("COUNTIFS(", *_criteria(key, one), ")"))

    def sum_formula(self, event: Event, when: When, part: AmountPart, selector: Selector) -> Formula | None:
        """An amount of a selector's accounts, by a part's rule, as a formula over their list."""
        key, alternatives = self.conditions(selector)
        amounts = ColumnOf(key, self._money(event, when, part))
        if selector.part == "cohort":
            return self._summed(key, ({},), lambda _: ("SUM(", amounts, ")"))
        return self._summed(key, alternatives, lambda one: ("SUMIFS(", amounts, ",", *_criteria(key, one), ")"))

    def active_formula(self, event: Event) -> Formula | None:
        """The influenced amount of the accounts with any activity in the analysis."""
        amounts = ColumnOf(SOURCES, self._money(event, "analysis", "activities"))
        words = ({ANY: AFTER}, {ANY: BOTH})
        return self._summed(SOURCES, words, lambda one: ("SUMIFS(", amounts, ",", *_criteria(SOURCES, one), ")"))

    def link(self, selector: Selector | None) -> Link | None:
        """The link to a selector's accounts: their rows where they follow each other, else the list's header, whose
        filter shows them; None if it has none."""
        if selector is None:
            return None
        codes = self._working.accounts(selector)
        if not len(codes):
            return None
        key, _ = self.conditions(selector)
        places = self._place[key][codes]
        first, last = int(places.min()), int(places.max())
        columns = len(self._headers[key])
        if last - first + 1 != len(codes):
            return Link(key, FIRST_ROW - 1, FIRST_ROW - 1, columns)
        sheet, start = divmod(first, self._limit)
        end = min(last - sheet * self._limit, self._limit - 1)
        return Link(key if sheet == 0 else f"{key}_{sheet + 1}", FIRST_ROW + start, FIRST_ROW + end, columns)

    def row_of(self, code: int) -> Link:
        """The link to one account."""
        sheet, row = divmod(int(self._place[ACCOUNTS][code]), self._limit)
        key = ACCOUNTS if sheet == 0 else f"{ACCOUNTS}_{sheet + 1}"
        return Link(key, FIRST_ROW + row, FIRST_ROW + row, len(self._headers[ACCOUNTS]))

    def value_formula(self, code: int, header: str) -> Formula:
        """One account's number in a column of the list, by its ID; by its place where that cannot be, or where the list
        has several sheets."""
        record = self._rows.record(code)
        if len(self.codes[ACCOUNTS]) <= self._limit:
            parts = record_parts(ColumnOf(ACCOUNTS, ID), record, self._alike, ColumnOf(ACCOUNTS, header))
            if parts:
                return Formula(parts)
        row, column = self.row_of(code), self._headers[ACCOUNTS].index(header) + 1
        return Formula((Range(row.page, row.first, row.first, column, column),))

    @cached_property
    def _alike(self) -> Counter[str]:
        """How many listed accounts have an ID, in small letters."""
        return Counter(self._rows.record(code).casefold() for code in self.codes[ACCOUNTS].tolist())

    def _summed(
        self, key: str, alternatives: Conditions, term: Callable[[Mapping[str, str]], tuple[str | ColumnOf, ...]]
    ) -> Formula | None:
        if len(self.codes[key]) > self._limit:
            return None
        parts = [term(one) for one in alternatives]
        return Formula(tuple(chain(parts[0], *(("+", *part) for part in parts[1:]))))

    def _name(self, state: str) -> str:
        return self._names[self._working.states.index(state)]

    @property
    def _kind(self) -> str:
        """The single state of an account in a timeframe."""
        return "stage" if self._working.by_stage else "highest state"

    @property
    def _word(self) -> str:
        """The states of which an account can have several in a timeframe."""
        return "stage" if self._working.by_stage else "states"

    # ------------------------------------------------------------------ the lists

    def _order(self) -> Codes:
        """The cohort: those that rose first, to the highest first; then those that fell; then by name."""
        working = self._working
        members = working.accounts(Selector("cohort"))
        if self._report.movement.counts is None:
            return self._rows.sorted(members)
        before, after = (working.ranks[when][members].astype(np.int16) for when in WHEN)
        order = np.lexsort((self._rows.place[members], before, -after, self._changes[members]))
        ordered: Codes = members[order]
        return ordered

    @cached_property
    def _changes(self) -> Codes:
        """The place of each account's change in :data:`_CHANGES`."""
        working = self._working
        before, after = (working.ranks[when] for when in WHEN)
        found = np.where(before == after, _CHANGES.index(SAME), _CHANGES.index(UNSTAGED)).astype(np.int32)
        found[working.mask(Selector("increased"))] = _CHANGES.index(ROSE)
        found[working.mask(Selector("decreased"))] = _CHANGES.index(FELL)
        return found

    def _active(self) -> Codes:
        """The accounts with an activity in either timeframe, those of the analysis first, then by name."""
        before, after = (self._any(when) for when in WHEN)
        found = self._rows.sorted(np.flatnonzero(before | after).astype(np.int32))
        ordered: Codes = found[np.argsort(~after[found], kind="stable")]
        return ordered

    def _any(self, when: When) -> Mask:
        """The accounts with an activity of any line."""
        working = self._working
        masks = [working.mask(Selector("line", line.key, when)) for line in LINES]
        found: Mask = np.logical_or.reduce(masks)
        return found

    def _places(self, codes: Codes) -> Codes:
        """The place of each account in a list; -1 where it has none."""
        places = np.full(self._working.presence.size, -1, dtype=np.int32)
        places[codes] = np.arange(len(codes), dtype=np.int32)
        return places

    def _account_fields(self) -> Iterator[Field]:
        """The columns of the list of accounts."""
        codes, working, report = self.codes[ACCOUNTS], self._working, self._report
        columns = {column.header: column for column in self._rows.columns(codes)}
        for header in ("Account", ID, "Accounts", "Geo", "Sales team", "Owner"):
            if header in columns:
                yield _field(columns[header])
        if report.movement.counts is not None:
            yield _texts(CHANGE, [_CHANGES[place] for place in self._changes[codes]], _WIDTHS[CHANGE])
            yield _texts(RISK, self._risks(codes), _WIDTHS[RISK])
        for word, when in zip((BEFORE, AFTER), WHEN, strict=True):
            yield _texts(f"{word} {self._kind}", [self._names[rank] for rank in working.ranks[when][codes]])
        if not working.by_stage:
            for word in (BEFORE, AFTER):
                yield _texts(f"{word} states", columns[f"{word} states"].values, _STATES_WIDTH)
            before, after = (working.ranks[when][codes] > 0 for when in WHEN)
            yield _texts(ENGAGED, _in_which(before, after))
        for when in reversed(WHEN):
            for event in _EVENTS:
                for part in self._parts:
                    if part != "activities" or when == "analysis":
                        yield self._amounts(event, when, part, codes)
        if not amounts_unknown(working):
            for event in _EVENTS:
                yield self._amounts(event, "year_before", "summary", codes)
        for header in ("Open pipeline", "Last activity"):
            yield _field(columns[header])
        for period in report.over_time.spans:
            if period.counts:
                yield _texts(period.span.label, working.words_in(period.span.label, codes))

    def _risks(self, codes: Codes) -> list[Scalar]:
        """Why each account is at risk; blank for one that is not. Of two reasons the first."""
        fallen, quiet = self._working.fell_far[codes].tolist(), self._working.quiet_with_pipeline[codes].tolist()
        return [FALLEN if fell else QUIET if is_quiet else None for fell, is_quiet in zip(fallen, quiet, strict=True)]

    def _sources(self) -> Iterator[Page]:
        """The list of activities."""
        if any(one.available for one in self._report.activities):
            yield from self._draw(SOURCES, self._source_fields())

    def _source_fields(self) -> Iterator[Field]:
        codes, working = self.codes[SOURCES], self._working
        names = [column for column in self._rows.columns(codes) if column.header in ("Account", ID, "Owner")]
        yield from (_field(column) for column in names)
        yield _texts(ANY, _in_which(*(self._any(when)[codes] for when in WHEN)))
        for event in _EVENTS:
            yield self._amounts(event, "analysis", "activities", codes)
        for one in self._report.activities:
            if one.available:
                masks = [working.mask(Selector("line", one.line.key, when))[codes] for when in WHEN]
                yield _texts(_plain(one.line.label), _in_which(*masks))

    @cached_property
    def _parts(self) -> tuple[AmountPart, ...]:
        """The parts whose amounts differ, so that each has its own column."""
        working = self._working

        def differs(part: AmountPart) -> bool:
            pairs = ((event, when) for event in _EVENTS for when in WHEN)
            return any(
                not np.array_equal(working.cents(event, when, part), working.cents(event, when, "summary"))
                for event, when in pairs
            )

        return tuple(part for part in _PARTS if part == "summary" or differs(part))

    def _money(self, event: Event, when: When, part: AmountPart) -> str:
        """The header of an amount's column."""
        own = _PARTS[part] if part in self._parts else ""
        return f"{_EVENTS[event]}{_WHEN[when]}{own}"

    def _amounts(self, event: Event, when: When, part: AmountPart, codes: Codes) -> Field:
        """The amounts of a column; blank for accounts without an opportunity in it, 0 for those with one of 0."""
        working = self._working
        paying = working.deals.paying(event, working.window(when), part)[codes].tolist()
        cents = working.cents(event, when, part)[codes].tolist()
        values = [MONEY_EXACT.shown(one) if pays else None for one, pays in zip(cents, paying, strict=True)]
        return Field(self._money(event, when, part), values, MONEY_EXACT, _MONEY_WIDTH)

    @cached_property
    def _headers(self) -> dict[str, tuple[str, ...]]:
        """The headers of each list, by its page's key."""
        return {}

    def _draw(self, key: str, fields: Iterator[Field]) -> Iterator[Page]:
        columns = tuple(fields)
        self._headers[key] = tuple(one.header for one in columns)
        length = len(self.codes[key])
        starts = range(0, max(length, 1), self._limit)
        for number, start in enumerate(starts, start=1):
            title, purpose, words = self._words(key, length)
            if len(starts) > 1:
                title = f"{title} ({number} of {len(starts)})"
                words += (
                    f" The list continues over {len(starts)} sheets, so that the numbers of the pages are values, not "
                    f"formulas."
                )
            part = tuple(
                Field(one.header, one.values[start : start + self._limit], one.unit, one.width) for one in columns
            )
            name = key if number == 1 else f"{key}_{number}"
            page = list_page(name, title, f"{purpose} · {self._subtitle}", part, 1, words)
            yield _with_table(page, TABLES[key]) if len(starts) == 1 else page

    def _words(self, key: str, length: int) -> tuple[str, str, str]:
        """Title, purpose and note of a list."""
        if key == ACCOUNTS:
            return (
                TITLE,
                "Each account of the cohort once",
                f"{length:,} rows, as many as the cohort has accounts. Those that moved up come first. Filter a column "
                f"to list the accounts behind a count. Blank amount: no opportunity. Open pipeline and last activity: "
                f"at the end of the analysis.",
            )
        return (
            "Activities by account",
            "Each account with an activity once",
            f"{length:,} rows: the accounts with an activity in either timeframe. Each activity says in which: "
            f"{BEFORE}, {AFTER}, {BOTH}, or blank for neither. Amounts: opportunities of the analysis in the reporting "
            f"currency.",
        )


_CHANGES = (ROSE, FELL, UNSTAGED, SAME)


def _criteria(key: str, conditions: Mapping[str, str]) -> tuple[str | ColumnOf, ...]:
    """The arguments of COUNTIFS; texts that begin with an operator are asked for as texts."""
    parts: list[str | ColumnOf] = []
    for header, criterion in conditions.items():
        parts += [",", ColumnOf(key, header), f',"{criterion}"']
    return tuple(parts[1:])


def _plain(header: str) -> str:
    """A header of letters, digits, blanks and hyphens: the only ones that every program reads in a formula."""
    return re.sub(r"[^A-Za-z0-9-]+", " ", header).strip()


def _in_which(before: Mask, after: Mask) -> list[Scalar]:
    """In which timeframe each account is: one of them, both, or blank."""
    words = (None, BEFORE, AFTER, BOTH)
    return [words[place] for place in (before.astype(np.int8) + 2 * after.astype(np.int8)).tolist()]


def _texts(header: str, values: Sequence[Scalar], width: float = _STAGE_WIDTH) -> Field:
    return Field(header, values, TEXT, width)


def _field(column: Column) -> Field:
    return Field(column.header, column.values, column.unit, _WIDTHS.get(column.header, _STAGE_WIDTH))


def _with_table(page: Page, name: str) -> Page:
    records = page.records
    assert records is not None
    return replace(page, records=Records(records.fields, name))
