"""From presence to a report: summary, cohort performance, movement, activities by source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segxl._version import __version__
from segxl.facts.arrays import Cents, Codes, Mask
from segxl.facts.presence import Presence, Ranks, Sight
from segxl.periods import Days, Window
from segxl.report import checks
from segxl.report.amounts import EVENTS, Deals, Event
from segxl.report.amounts import Part as AmountPart
from segxl.report.chance import chance_text, mcnemar
from segxl.report.choices import Choice, Options, settle
from segxl.report.cohort import cohort
from segxl.report.model import (
    WHEN,
    Chance,
    Movement,
    Number,
    Reconciliation,
    Report,
    Selector,
    SourceLine,
    StateLine,
    Summary,
    When,
)
from segxl.report.states import (
    ANONYMOUS,
    FROM_ACTIVITIES,
    LINES,
    NO_ENGAGEMENT,
    OPENED,
    STAGES,
    STATES,
    WON,
    ActivityLine,
    state_sights,
)
from segxl.segments import Segment
from segxl.units import MONEY

_MONEY_ELSEWHERE = {
    "new_pipeline": f"stands below {OPENED}",
    "total_won": f"stands below {WON}",
}


def make(presence: Presence, options: Options) -> tuple[Report, Working, str]:
    """The report that the options ask for; what it was worked out from, for lists; and what to say of the choice.

    Raises:
        SegxlError: an option, a setting or the data does not allow it; the message says what to change.
    """
    choice = settle(presence, options)
    working = Working(presence, choice)
    return _report(working), working, choice.said


class Working:
    """The arrays of one report, over account codes: what its numbers and its account lists are made of."""

    def __init__(self, presence: Presence, choice: Choice) -> None:
        self.presence = presence
        self.choice = choice
        self.cohort: Mask = cohort(presence, choice.segments, choice.cohort, choice.timeframes)
        self.deals = Deals(presence, choice, self.cohort)
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
        return (timeframes.baseline if when == "baseline" else timeframes.analysis).window

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
            found = self.deals.paying(event, self.window("analysis"), "summary")
        elif part == "increased":
            found = self._rose(self.ranks["baseline"], self.ranks["analysis"])
        elif part == "decreased":
            found = self._rose(self.ranks["analysis"], self.ranks["baseline"])
        elif part in ("gained", "lost"):
            before, after = self.ranks["baseline"] > 0, self.ranks["analysis"] > 0
            found = after & ~before if part == "gained" else before & ~after
        else:
            found = np.array(True)
        result: Mask = self.cohort & found
        return result

    def count(self, selector: Selector) -> Number:
        """How many accounts it is about."""
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
            category = self.choice.product_category
            return {when: self.presence.highest_stages(self.window(when), category) for when in WHEN}
        return {when: self._highest_state(when) for when in WHEN}

    @cached_property
    def unavailable(self) -> Mapping[str, str]:
        """Why a state cannot be shown; nothing for those that can.

        A state of activities needs one of its sources configured; No Engagement, one of any of them. The environment
        alone could be read as deciding it, but then a company without web tracking would see 0 website visits, where
        the source greys out what is not configured; nobody measured it, so it is grey and not 0.
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
                found[state] = _not_configured(tuple(sources))
        if all(state in found for state in FROM_ACTIVITIES):
            found[NO_ENGAGEMENT] = "no source of engagement is configured; add activities"
        return found

    def line_unavailable(self, line: ActivityLine) -> str:
        """Why a line of activities cannot be shown, or nothing."""
        return "" if self.choice.sources.intersection(line.sources) else _not_configured(line.sources)

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
        return self.presence.last_seen(self.window("analysis").days[1], self.choice.product_category)

    def states_of(self, when: When) -> list[str]:
        """Each account's stage, or its engagement states, in words."""
        if self.by_stage:
            return [STAGES[rank] for rank in self.ranks[when]]
        shown = [state for state in STATES if state not in self.unavailable]
        columns = [self._engagement[when][state].tolist() for state in shown]
        return [
            ", ".join(state for state, holds in zip(shown, row, strict=True) if holds)
            for row in zip(*columns, strict=True)
        ] or [""] * self.presence.size

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
        category = self.choice.product_category
        return {when: self.presence.seen(self.window(when), category) for when in WHEN}

    @cached_property
    def _engagement(self) -> Mapping[When, Mapping[str, Mask]]:
        return {when: self._states_in(when) for when in WHEN}

    def _states_in(self, when: When) -> Mapping[str, Mask]:
        toggles = self.presence.dataset.settings.toggles
        found = {
            state: _any(self._seen[when], state_sights(state, toggles), self.presence.size) for state in FROM_ACTIVITIES
        }
        found[NO_ENGAGEMENT] = ~np.logical_or.reduce([found[state] for state in FROM_ACTIVITIES])
        for state, event in ((OPENED, EVENTS[0]), (WON, EVENTS[1])):
            found[state] = self.deals.accounts(event, self.window(when), "performance")
        return found

    def _highest_state(self, when: When) -> Ranks:
        highest = np.zeros(self.presence.size, dtype=np.int8)
        for rank, state in enumerate(STATES):
            highest[self._engagement[when][state]] = rank
        return highest


def _report(working: Working) -> Report:
    choice, dataset = working.choice, working.presence.dataset
    settings = dataset.settings
    given = settings.given()
    for name in ("as_of", "run_date", "toggles"):
        given.pop(name, None)
    summary = _summary(working)
    performance = tuple(_state_line(working, state) for state in working.states)
    report = Report(
        name=dataset.name,
        currency=settings.currency,
        choice=choice,
        summary=summary,
        performance=performance,
        movement=_movement(working),
        activities=tuple(_source_line(working, line) for line in LINES),
        reconciliation=tuple(_reconciliation(working, summary)),
        chances=tuple(_chances(working, summary)),
        notes=tuple(_notes(working)),
        checks=(),
        toggles=settings.toggles.model_dump(),
        settings=given,
        ledger=dataset.ledger,
        version=__version__,
        as_of=str(dataset.as_of) if settings.as_of or dataset.cut or _depends_on_today(choice) else None,
        run_date=str(settings.run_date) if settings.run_date else None,
    )
    return _with_checks(report, working)


def _with_checks(report: Report, working: Working) -> Report:
    return replace(report, checks=checks.run(report, working))


def _depends_on_today(choice: Choice) -> bool:
    """Members of a list with dates: who is one today changes with the day."""

    def dated(segment: Segment) -> bool:
        return segment.interval_account is not None and len(segment.interval_account) > 0

    return choice.cohort == "today" and any(dated(segment) for segment in choice.segments)


def _money(working: Working, event: Event, when: When, part: AmountPart, accounts: Mask, selector: Selector) -> Number:
    reason = working.choice.environment.no_opportunities
    if reason:
        return Number(None, None, MONEY, reason)
    cents = working.cents(event, when, part)[accounts]
    return Number(int(sum(cents.tolist())), selector, MONEY)


def _summary(working: Working) -> Summary:
    """Total accounts; increased stage or engagement; new pipeline; total won; and what was left out.

    New pipeline: amounts of the cohort's opportunities created in the analysis timeframe; total won: closed-won in
    it; currency the reporting one or undefined, Dynamics and HubSpot included. An opportunity of 100 created in the
    baseline and won in the analysis adds 100 to total won and nothing to new pipeline.
    """
    deals, choice = working.deals, working.choice
    window = working.window("analysis")
    reason = _no_movement(working)

    def count(selector: Selector) -> Number:
        return Number(None, None, why=reason) if reason else working.count(selector)

    gained, lost = count(Selector("gained")), count(Selector("lost"))
    net = Number(None, None, why="shown in the engagement report") if working.by_stage else gained
    if not working.by_stage and gained.value is not None and lost.value is not None:
        net = Number(gained.value - lost.value)
    return Summary(
        total_accounts=working.count(Selector("cohort")),
        increased=count(Selector("increased")),
        decreased=count(Selector("decreased")),
        net_engaged=net,
        gained=gained,
        lost=lost,
        new_pipeline=_money(
            working, "created", "analysis", "summary", working.cohort, Selector("opportunities", "created")
        ),
        total_won=_money(working, "won", "analysis", "summary", working.cohort, Selector("opportunities", "won")),
        foreign={word: (one.count, one.cents) for word, one in deals.foreign(window).items()},
        without_account=deals.without_account,
        retargeting=working.presence.retargeting,
        zero=deals.touched(deals.zero, window) if choice.exclude_zero else 0,
        irrelevant=deals.touched(deals.irrelevant, window) if choice.exclude_irrelevant else 0,
        blank_categories=working.presence.blank_categories(choice.product_category),
        blank_amounts=deals.blank_amounts(window),
    )


def _no_movement(working: Working) -> str:
    """Why nothing can be said to have risen: without any stage or state beyond the lowest."""
    missing = working.unavailable
    beyond = working.states[1:]
    return missing[beyond[0]] if all(state in missing for state in beyond) else ""


def _state_line(working: Working, state: str) -> StateLine:
    """A state in both timeframes, with the money of its accounts there.

    In the buying-stage report the amounts of the accounts in the stage; in the engagement report new pipeline stands
    below Opportunities Opened and total won below Opportunities Won. Dynamics and HubSpot are left out.
    """
    why = working.unavailable.get(state, "")
    selectors = {when: Selector("state", state, when) for when in WHEN}

    def count(when: When) -> Number:
        return Number(None, None, why=why) if why else working.count(selectors[when])

    def money(event: Event, when: When) -> Number:
        name = "new_pipeline" if event == "created" else "total_won"
        if why:
            return Number(None, None, MONEY, why)
        if not working.by_stage and state != (OPENED if event == "created" else WON):
            return Number(None, None, MONEY, _MONEY_ELSEWHERE[name])
        return _money(working, event, when, "performance", working.mask(selectors[when]), selectors[when])

    return StateLine(
        state=state,
        baseline=count("baseline"),
        analysis=count("analysis"),
        new_pipeline=money("created", "analysis"),
        total_won=money("won", "analysis"),
        baseline_new_pipeline=money("created", "baseline"),
        baseline_total_won=money("won", "baseline"),
        available=not why,
        why=why,
    )


def _movement(working: Working) -> Movement:
    """The grid of buying stages. In the engagement report, the same of highest states, beyond what the source has."""
    reason = _no_movement(working)
    if reason:
        return Movement(working.states, None, reason)
    return Movement(working.states, tuple(tuple(row) for row in working.grid().tolist()))


def _source_line(working: Working, line: ActivityLine) -> SourceLine:
    """Distinct accounts in both timeframes, the change, and the money of the analysis timeframe's accounts.

    Influenced: opportunities created, or won, in the analysis timeframe by the accounts that had the activity in it,
    in the reporting currency only (an undefined one does not count here), Dynamics and HubSpot included.
    """
    why = working.line_unavailable(line)
    if why:
        none, no_money = Number(None, None, why=why), Number(None, None, MONEY, why)
        return SourceLine(line, none, none, None, "n/a", no_money, no_money, False, why)
    before, after = (working.count(Selector("line", line.key, when)) for when in WHEN)
    assert before.value is not None and after.value is not None
    change = Fraction(after.value - before.value, before.value) if before.value else None
    selector = Selector("line", line.key, "analysis")
    mask = working.mask(selector)
    return SourceLine(
        line=line,
        baseline=before,
        analysis=after,
        change=change,
        change_why="" if change is not None else "N/M",
        new_pipeline=_money(working, "created", "analysis", "activities", mask, selector),
        total_won=_money(working, "won", "analysis", "activities", mask, selector),
    )


@dataclass(frozen=True)
class _Step:
    name: str
    created: int
    won: int
    total: bool = False


def _reconciliation(working: Working, summary: Summary) -> list[Reconciliation]:
    """How the summary's amounts lead to those of cohort performance and of activities by source."""
    if summary.new_pipeline.value is None or summary.total_won.value is None:
        return []
    deals, window = working.deals, working.window("analysis")
    created, won = summary.new_pipeline.value, summary.total_won.value
    crms = [deals.of_crms(event, window) for event in EVENTS]
    undefined = [deals.undefined(event, window) for event in EVENTS]
    money = working.presence.dataset.settings.currency
    steps = [
        _Step("Summary", created, won, True),
        _Step(
            f"less opportunities of Microsoft Dynamics and HubSpot ({crms[0].count:,} created, {crms[1].count:,} won)",
            -crms[0].cents,
            -crms[1].cents,
        ),
        _Step("Cohort performance", created - crms[0].cents, won - crms[1].cents, True),
        _Step(
            f"Summary less opportunities without currency ({undefined[0].count:,} created, {undefined[1].count:,} won)",
            -undefined[0].cents,
            -undefined[1].cents,
        ),
        _Step(
            f"{money} only: what activities by source can draw on",
            created - undefined[0].cents,
            won - undefined[1].cents,
            True,
        ),
    ]
    active = [working.mask(Selector("line", line.key, "analysis")) for line in LINES]
    idle = working.cohort & ~np.logical_or.reduce(active)
    without = [int(sum(working.cents(event, "analysis", "activities")[idle].tolist())) for event in EVENTS]
    steps += [
        _Step(
            "less opportunities of accounts without any activity in the analysis timeframe", -without[0], -without[1]
        ),
        _Step(
            "Influenced by any activity, each opportunity once",
            created - undefined[0].cents - without[0],
            won - undefined[1].cents - without[1],
            True,
        ),
    ]
    return [
        Reconciliation(step.name, Number(step.created, None, MONEY), Number(step.won, None, MONEY), step.total)
        for step in steps
    ]


def _chances(working: Working, summary: Summary) -> list[Chance]:
    """McNemar's exact test of the headline changes."""
    found = []

    def add(name: str, up: Number, down: Number, up_word: str, down_word: str) -> None:
        if up.value is not None and down.value is not None:
            text = chance_text(name, up.value, down.value, up_word, down_word)
            found.append(Chance(name, up.value, down.value, mcnemar(up.value, down.value), text))

    what = "Buying stage" if working.by_stage else "Highest engagement state"
    add(what, summary.increased, summary.decreased, "accounts rose", "fell")
    if not working.by_stage:
        add("Engaged at all", summary.gained, summary.lost, "accounts became engaged", "ceased to be")
    return found


def _notes(working: Working) -> list[str]:
    """What a reader has to know, in every output."""
    choice, presence = working.choice, working.presence
    notes = [*choice.warnings]
    if not working.cohort.any():
        notes.append("No account is in the cohort: every count is 0")
    unknown = int((working.cohort & ~presence.known).sum())
    if unknown:
        notes.append(
            f"{unknown:,} account(s) of the cohort are not in the accounts table: they count, but their opportunities "
            f"are left out"
        )
    if not working.by_stage:
        notes.append(
            "States are not exclusive: an account counts in each that applies. A click on an advertisement is in no "
            "state, so it does not lift an account out of No Engagement"
        )
        if ANONYMOUS not in working.unavailable:
            notes.append(
                "An account with an opportunity and no activity stands in No Engagement and in Opportunities Opened; "
                "its highest state is the latter"
            )
    elif choice.environment.predictive:
        kind = presence.stage_kind if presence.stages is not None else "snapshots"
        notes.append(
            "A stage is the highest of the timeframe "
            + ("among its snapshots" if kind == "snapshots" else "as of the end of each day; a stage never expires")
            + ("" if choice.product_category else ", over all product categories")
        )
    notes.append(
        "Activities by source: an account and its opportunities appear under every activity it had, so lines do not "
        "add up"
    )
    return notes


def _any(seen: Mapping[Sight, Mask], sights: tuple[Sight, ...], size: int) -> Mask:
    found = np.zeros(size, dtype=bool)
    for sight in sights:
        found |= seen[sight]
    return found


def _not_configured(sources: tuple[str, ...]) -> str:
    words = ", ".join(sources)
    return f"not configured: the data has no activity of {words}; if it is connected, name it in report.sources"


def _when(word: str) -> When:
    return "baseline" if word == "baseline" else "analysis"
