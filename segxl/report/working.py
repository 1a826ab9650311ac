"""The working data of a report: arrays over account codes, for its cohort only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from segxl.dataset.months_of_data import begun, ended, outside
from segxl.facts.arrays import Cents
from segxl.facts.families import Families
from segxl.facts.presence import Presence, Sight
from segxl.periods import ALWAYS, NEVER, Days, Span, Window, parse_span
from segxl.report.amounts import EVENTS, AmountPart, Deals, Event
from segxl.report.choices import Choice
from segxl.report.cohort import cohort
from segxl.report.model import WHEN, Number, Selector, When
from segxl.report.states import (
    DECISION,
    FROM_ACTIVITIES,
    KNOWN,
    LINES,
    NO_ENGAGEMENT,
    OPENED,
    STAGES,
    STATES,
    WON,
    ActivityLine,
    state_sights,
)
from segxl.settings.how_to_set import setting_name
from segxl.settings.model import Settings
from segxl.sources.reductions import Ranks
from segxl.tables.codes import Codes, Mask

_Numbers = TypeVar("_Numbers", Ranks, Days)
Missing = Callable[[str, tuple[int, int] | None, Window], str]
"""Says why the rows of some months do not cover a window; blank where they do."""


class Working:
    """The arrays of one report, over account codes, from which its numbers and its account lists are made.

    With ``count_by = "parent"`` an account is a whole family: its code is that of the topmost parent, and what it did
    is what those of its accounts did that are in the cohort. Two of a family at Target and at Decision are one account
    at Decision. No money moves: accounts of a family outside the cohort add nothing.
    """

    def __init__(self, presence: Presence, choice: Choice) -> None:
        self.presence = presence
        self.choice = choice
        self.families = Families.of(presence.dataset)
        self.members: Mask = cohort(presence, choice.segments, choice.cohort, choice.timeframes)
        """Accounts of the cohort as the accounts table has them."""
        self.cohort: Mask = self._any_of(self.members)
        """The cohort's units: accounts, or topmost parents."""
        self.deals = Deals(presence, choice, self.members, self.families.unit)
        self._members: Codes = np.flatnonzero(self.cohort).astype(np.int32)

    @property
    def by_stage(self) -> bool:
        """It is the buying-stage report."""
        return self.choice.type == "buying-stage"

    @property
    def states(self) -> tuple[str, ...]:
        """Buying stages with No stage, or engagement states; lowest first."""
        return STAGES if self.by_stage else STATES

    def window(self, when: When) -> Window:
        """The days of a timeframe."""
        timeframes = self.choice.timeframes
        span: Span = getattr(timeframes, when)
        return span.window

    def accounts(self, selector: Selector) -> Codes:
        """The accounts behind a number, in the order of their codes."""
        return np.flatnonzero(self.mask(selector)).astype(np.int32)

    def mask(self, selector: Selector) -> Mask:
        """The same as a mask over account codes."""
        part, a, b = selector.part, selector.a, selector.b
        if part == "state":
            found = self.in_state(a, _when(b))
        elif part == "movement":
            found = (self.ranks["baseline"] == self.states.index(a)) & (self.ranks["analysis"] == self.states.index(b))
        elif part == "line":
            found = self.had(next(line for line in LINES if line.key == a), _when(b))
        elif part == "opportunities":
            event: Event = "created" if a == "created" else "won"
            found = self.deals.paying(event, self.window(_when(b or "analysis")), "summary")
        elif part == "state_in":
            found = self._held_in(a, b)
        elif part == "to_call":
            found = self.to_call
        elif part == "to_save":
            found = self.fell_far | self.quiet_with_pipeline
        elif part == "increased":
            found = self._rose(self.ranks["baseline"], self.ranks["analysis"])
        elif part == "decreased":
            found = self._rose(self.ranks["analysis"], self.ranks["baseline"])
        elif part == "engaged":
            found = (self.ranks[_when(b)] > 0) != (a == "not")
        elif part in ("gained", "lost"):
            before, after = self.ranks["baseline"] > 0, self.ranks["analysis"] > 0
            found = after & ~before if part == "gained" else before & ~after
        else:
            found = np.array(True)
        result: Mask = self.cohort & found
        return result

    def count(self, selector: Selector) -> Number:
        """The number of accounts of the cohort."""
        return Number(int(np.count_nonzero(self.mask(selector))), selector)

    def in_state(self, state: str, when: When) -> Mask:
        """Accounts in a buying stage (exclusive: their highest) or an engagement state (not exclusive)."""
        if self.by_stage:
            found: Mask = self.ranks[when] == self.states.index(state)
            return found
        return self._engagement[when][state]

    def had(self, line: ActivityLine, when: When) -> Mask:
        """Accounts with an activity of a line in a timeframe."""
        return _any(self._seen[when], line.sights, self.presence.size)

    @cached_property
    def ranks(self) -> Mapping[When, Ranks]:
        """The highest buying stage, or the highest engagement state, of each account in both timeframes."""
        if self.by_stage and not self.choice.environment.predictive:
            return {when: np.zeros(self.presence.size, dtype=np.int8) for when in WHEN}
        if self.by_stage:
            return {when: self._highest_stages(self.window(when)) for when in WHEN}
        return {when: self._highest_state(when) for when in WHEN}

    def stage_ranks(self, label: str) -> Ranks:
        """The highest buying stage of each account in a month or a week, such as 2026-10."""
        if label not in self._stage_ranks:
            self._stage_ranks[label] = self._highest_stages(parse_span(label).window)
        return self._stage_ranks[label]

    @cached_property
    def _stage_ranks(self) -> dict[str, Ranks]:
        return {}

    def states_in(self, label: str) -> Mapping[str, Mask]:
        """The accounts in each engagement state in a month or a week, such as 2026-10."""
        return self._states_in(parse_span(label).window)

    def _held_in(self, state: str, label: str) -> Mask:
        if not self.by_stage:
            return self.states_in(label)[state]
        found: Mask = self.stage_ranks(label) == self.states.index(state)
        return found

    @cached_property
    def to_call(self) -> Mask:
        """Accounts to call now: those that rose to Decision or Purchase; in the engagement report, to Known Engagement,
        as an account with an opportunity is called already."""
        rose = self._rose(self.ranks["baseline"], self.ranks["analysis"])
        reached = self.ranks["analysis"]
        found: Mask = rose & (
            reached >= self.states.index(DECISION) if self.by_stage else reached == self.states.index(KNOWN)
        )
        return found

    @cached_property
    def fell_far(self) -> Mask:
        """Accounts that fell from Decision or Purchase and won nothing in the analysis: a buyer who has bought is not
        at risk. None in the engagement report."""
        if not self.by_stage:
            return np.zeros(self.presence.size, dtype=bool)
        fell = self._rose(self.ranks["analysis"], self.ranks["baseline"])
        won = self.deals.accounts("won", self.window("analysis"), "summary")
        found: Mask = fell & (self.ranks["baseline"] >= self.states.index(DECISION)) & ~won
        return found

    @cached_property
    def quiet_with_pipeline(self) -> Mask:
        """Accounts with open pipeline at the end of the analysis that did something in the baseline and nothing since.
        Being reached is not doing; sources that the analysis does not reach do not count."""
        found: Mask = self.did("baseline") & ~self.did("analysis") & (self.open_cents > 0)
        return found

    def did(self, when: When) -> Mask:
        """Accounts that showed intent or engaged in a timeframe, by the sources that cover the analysis."""
        lines = [line for line in self.lines_of_doing if not self.line_unreached(line, "analysis")]
        found = np.zeros(self.presence.size, dtype=bool)
        for line in lines:
            found |= self.had(line, when)
        return found

    @cached_property
    def lines_of_doing(self) -> tuple[ActivityLine, ...]:
        """The connected lines of intent and engagement."""
        return tuple(
            line for line in LINES if not line.total and line.kind != "reach" and not self.line_unavailable(line)
        )

    def _highest_stages(self, window: Window) -> Ranks:
        ranks = self.presence.highest_stages(window, self.choice.product_category)
        return self._largest_of(ranks, np.zeros(self.presence.size, dtype=np.int8))

    @cached_property
    def unavailable(self) -> Mapping[str, str]:
        """Why a state cannot be shown; nothing for those that can be shown of either timeframe."""
        before, after = (self.unreached(self.window(when)) for when in WHEN)
        return {
            state: "; ".join(dict.fromkeys((before[state], after[state]))) for state in before if state in after
        } | dict(self._not_shown)

    @cached_property
    def _not_shown(self) -> Mapping[str, str]:
        """The reason why a state cannot be shown: its table or source is missing.

        A state of activities needs one of its sources configured; No Engagement, one of any of them. The environment
        alone could be read as deciding it, but then a company without web tracking would see 0 website visits, where
        the source greys out what is not configured; it was not measured, so it is grey, not 0.
        """
        environment = self.choice.environment
        if self.by_stage:
            reason = environment.no_stages if not environment.predictive else ""
            return dict.fromkeys(STAGES, reason) if reason else {}
        found = {state: environment.no_opportunities for state in (OPENED, WON) if environment.no_opportunities}
        toggles = self.presence.dataset.settings.toggles
        for state in FROM_ACTIVITIES:
            sources = dict.fromkeys(source for source, _ in state_sights(state, toggles))
            if not self.choice.sources.intersection(sources):
                found[state] = _not_configured(self.presence.dataset.settings, tuple(sources))
        if all(state in found for state in FROM_ACTIVITIES):
            found[NO_ENGAGEMENT] = "no engagement source is connected; add activities"
        return found

    def line_unavailable(self, line: ActivityLine) -> str:
        """Why a line of activities cannot be shown, or nothing."""
        if not self.choice.sources.intersection(line.sources):
            return _not_configured(self.presence.dataset.settings, line.sources)
        return self._of_both([self.line_unreached(line, when) for when in WHEN])

    def line_unreached(self, line: ActivityLine, when: When) -> str:
        """Why a line of activities cannot be counted in a timeframe: none of its sources reaches it; or nothing."""
        return self._sources_unreached(line.sources, self.window(when))

    def missing_in(self, window: Window) -> Mapping[str, str]:
        """Why an engagement state cannot be counted in a window, which may also lie before the data; nothing for those
        that can."""
        return {**self._not_shown, **self.unreached(window, outside)}

    def unreached(self, window: Window, missing: Missing = ended) -> Mapping[str, str]:
        """Why a state cannot be counted in a window, which the data do not reach; nothing for those that can."""
        if self.by_stage:
            return {}
        toggles = self.presence.dataset.settings.toggles
        found: dict[str, str] = {}
        for state in FROM_ACTIVITIES:
            sources = tuple(dict.fromkeys(source for source, _ in state_sights(state, toggles)))
            if self.choice.sources.intersection(sources) and (why := self._sources_unreached(sources, window, missing)):
                found[state] = why
        shown = [state for state in FROM_ACTIVITIES if state not in self._not_shown]
        if shown and all(state in found for state in shown):
            found[NO_ENGAGEMENT] = "; ".join(dict.fromkeys(found[state] for state in shown))
        if why := self.deals_unreached(window, missing):
            found |= dict.fromkeys((OPENED, WON), why)
        return found

    def deals_unreached(self, window: Window, missing: Missing = ended) -> str:
        """Why the opportunities of a window are unknown: the data does not cover it; blank if it does."""
        if self.choice.environment.no_opportunities or self.presence.opportunities is None:
            return ""
        dataset = self.presence.dataset
        return missing("opportunities", begun(dataset.months.get("opportunities"), dataset.as_of), window)

    def _sources_unreached(self, sources: tuple[str, ...], window: Window, missing: Missing = ended) -> str:
        """Of the configured sources. A source in ``report.sources`` without any row covers every window, as the user
        states that it is connected."""
        known = self.presence.dataset.source_months
        said = [
            missing(source, begun(known[source], self.presence.dataset.as_of), window) if source in known else ""
            for source in sources
            if source in self.choice.sources
        ]
        return ", ".join(said) if said and all(said) else ""

    @staticmethod
    def _of_both(reasons: list[str]) -> str:
        """The reasons of both timeframes, where both have one."""
        return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""

    def cents(self, event: Event, when: When, part: AmountPart) -> Cents:
        """The money of each account in a timeframe."""
        key = (event, when, part)
        if key not in self._cents:
            self._cents[key] = self.deals.cents_by_account(event, self.window(when), part)
        return self._cents[key]

    @cached_property
    def _cents(self) -> dict[tuple[Event, When, AmountPart], Cents]:
        return {}

    @cached_property
    def open_cents(self) -> Cents:
        """The open pipeline of each account at the end of the analysis timeframe."""
        return self.deals.open_cents(self.window("analysis").days[1])

    @cached_property
    def last_activity(self) -> Days:
        """The day of each account's last activity up to the end of the analysis timeframe."""
        last = self.presence.last_seen(self.window("analysis").days[1], self.choice.product_category)
        known = np.where(last == NEVER, ALWAYS, last).astype(np.int32)
        found = self._largest_of(known, np.full(self.presence.size, ALWAYS, dtype=np.int32))
        return np.where(found == ALWAYS, NEVER, found).astype(np.int32)

    def states_of(self, when: When) -> list[str]:
        """Each account's stage, or its engagement states, as text."""
        if self.by_stage:
            return [STAGES[rank] for rank in self.ranks[when]]
        shown = [state for state in STATES if state not in self.unavailable]
        return _joined({state: self._engagement[when][state] for state in shown}, self.presence.size)

    def words_in(self, label: str, accounts: Codes) -> list[str]:
        """The stage, or the engagement states, of some accounts in a month or a week, as text."""
        if self.by_stage:
            return [STAGES[rank] for rank in self.stage_ranks(label)[accounts].tolist()]
        missing = self.missing_in(parse_span(label).window)
        held = {state: mask[accounts] for state, mask in self.states_in(label).items() if state not in missing}
        return _joined({state: held[state] for state in STATES if state in held}, len(accounts))

    @property
    def by_parent(self) -> bool:
        """Families are counted, not accounts."""
        return self.presence.dataset.settings.count_by == "parent"

    @cached_property
    def family_sizes(self) -> NDArray[np.int64]:
        """The number of cohort accounts in each unit."""
        return np.bincount(self.families.unit[self.members], minlength=self.presence.size)

    def _any_of(self, mask: Mask) -> Mask:
        """The units with any account of the cohort."""
        if not self.by_parent:
            return mask
        found = np.zeros(self.presence.size, dtype=bool)
        found[self.families.unit[mask & self.members]] = True
        return found

    def _largest_of(self, values: _Numbers, least: _Numbers) -> _Numbers:
        """The largest value of each family's accounts in the cohort; ``least`` where it has none."""
        if not self.by_parent:
            return values
        np.maximum.at(least, self.families.unit[self.members], values[self.members])
        return least

    def grid(self) -> NDArray[np.int64]:
        """Accounts by rank in the baseline (rows) and in the analysis (columns)."""
        width = len(self.states)
        before, after = (self.ranks[when][self._members].astype(np.int64) for when in WHEN)
        return np.bincount(before * width + after, minlength=width * width).reshape(width, width)

    def _rose(self, before: Ranks, after: Ranks) -> Mask:
        rose: Mask = after > before
        if self.by_stage and not self.presence.dataset.settings.toggles.unstaged_can_increase:
            rose = rose & (before > 0) & (after > 0)
        return rose

    @cached_property
    def _seen(self) -> Mapping[When, Mapping[Sight, Mask]]:
        return {when: self._seen_in(self.window(when)) for when in WHEN}

    def _seen_in(self, window: Window) -> Mapping[Sight, Mask]:
        seen = self.presence.seen(window, self.choice.product_category)
        return {sight: self._any_of(mask) for sight, mask in seen.items()}

    @cached_property
    def _engagement(self) -> Mapping[When, Mapping[str, Mask]]:
        return {when: self._states_in(self.window(when)) for when in WHEN}

    def _states_in(self, window: Window) -> Mapping[str, Mask]:
        if window in self._known_states:
            return self._known_states[window]
        seen = next((self._seen[when] for when in WHEN if self.window(when) == window), None) or self._seen_in(window)
        toggles = self.presence.dataset.settings.toggles
        found = {state: _any(seen, state_sights(state, toggles), self.presence.size) for state in FROM_ACTIVITIES}
        found[NO_ENGAGEMENT] = ~np.logical_or.reduce([found[state] for state in FROM_ACTIVITIES])
        for state, event in ((OPENED, EVENTS[0]), (WON, EVENTS[1])):
            found[state] = self.deals.accounts(event, window, "performance")
        self._known_states[window] = found
        return found

    @cached_property
    def _known_states(self) -> dict[Window, Mapping[str, Mask]]:
        return {}

    def _highest_state(self, when: When) -> Ranks:
        highest = np.zeros(self.presence.size, dtype=np.int8)
        for rank, state in enumerate(STATES):
            highest[self._engagement[when][state]] = rank
        return highest


def _joined(held: Mapping[str, Mask], size: int) -> list[str]:
    """The states of each account, comma-separated; blank for none."""
    columns = [mask.tolist() for mask in held.values()]
    rows = zip(*columns, strict=True) if columns else iter([()] * size)
    return [", ".join(state for state, holds in zip(held, row, strict=True) if holds) for row in rows]


def _any(seen: Mapping[Sight, Mask], sights: tuple[Sight, ...], size: int) -> Mask:
    found = np.zeros(size, dtype=bool)
    for sight in sights:
        found |= seen[sight]
    return found


def _not_configured(settings: Settings, sources: tuple[str, ...]) -> str:
    words, where = ", ".join(sources), setting_name(settings, "report", "sources")
    return f"not connected: the data has no activities of {words}; if it is connected, add it to {where}"


def _when(word: str) -> When:
    return "baseline" if word == "baseline" else "analysis"
