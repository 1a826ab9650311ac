"""From presence to a report: summary, cohort performance, movement, activities by source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import numpy as np

from segxl._version import __version__
from segxl.dataset.contradictions import MANY_BLANK, ONE_BLANK
from segxl.dataset.segments import Segment
from segxl.dataset.warnings import DataWarning, touching, unfiltered
from segxl.facts.presence import Presence
from segxl.messages import counted
from segxl.periods import Window, month_end, month_start, to_month
from segxl.report import checks
from segxl.report.amounts import EVENTS, AmountPart, Event
from segxl.report.choices import Choice, Options, settle
from segxl.report.mcnemar import chance_text, mcnemar
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
from segxl.report.over_time import states_over_time
from segxl.report.stale import stale
from segxl.report.states import (
    ANONYMOUS,
    LINES,
    NO_ENGAGEMENT,
    OPENED,
    WON,
    ActivityLine,
)
from segxl.report.working import Working
from segxl.sources.conditions import RATES_CHECK, Condition
from segxl.tables.codes import Mask
from segxl.units import MONEY, Scale, money_scale


def make(presence: Presence, options: Options) -> tuple[Report, Working, str]:
    """The report for the options; its working data, for lists; and the note about how timeframes and type were chosen.

    Raises:
        SegxlError: an option, a setting or the data does not allow it; the message says what to change.
    """
    choice = settle(presence, options)
    working = Working(presence, choice)
    return _report(working), working, choice.period_note


def again(working: Working, toggles: Mapping[str, str | bool]) -> Report:
    """The same report with some toggles turned."""
    dataset = working.presence.dataset
    changed = dataset.settings.toggles.model_copy(update=dict(toggles))
    settings = dataset.settings.model_copy(update={"toggles": changed})
    return _report(Working(Presence(replace(dataset, settings=settings)), working.choice))


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
        over_time=states_over_time(working),
        activities=tuple(_source_line(working, line) for line in LINES),
        reconciliation=tuple(_reconciliation(working, summary)),
        chances=tuple(_chances(working, summary)),
        notes=tuple(_notes(working)),
        checks=(),
        toggles=dict(settings.toggles),
        settings=given,
        ledger=dataset.ledger,
        version=__version__,
        scale=_scale(working),
        as_of=str(dataset.as_of) if settings.as_of or dataset.cut or _depends_on_today(choice) else None,
        run_date=str(settings.run_date) if settings.run_date else None,
        count_by=settings.count_by,
        warnings=_warnings(working),
    )
    return replace(report, checks=checks.run(report, working))


def _scale(working: Working) -> Scale:
    """How the first page writes amounts: like the first pages of scorecards by the company's largest month of won
    revenue in 13 months, so that a segment's page is in the company's unit."""
    last = to_month(working.window("analysis").end)
    windows = [Window(month_start(month), month_end(month)) for month in range(last - _MONTHS + 1, last + 1)]
    return money_scale(working.deals.largest_won(windows))


_MONTHS = 13


def _warnings(working: Working) -> tuple[DataWarning, ...]:
    """The conditions of the data that touch either timeframe of the chosen segments."""
    choice = working.choice
    baseline, analysis = choice.timeframes.baseline.window, choice.timeframes.analysis.window
    dataset = working.presence.dataset
    worded = partial(_worded, excluded=choice.exclude_zero)
    found = touching(dataset, Window(baseline.start, analysis.end), choice.segment_names, worded)
    converts = dataset.settings.toggles.convert_report_currency
    # without that toggle the report excludes foreign amounts and counts them
    kept = [one for one in found if one.fails != RATES_CHECK or (converts and one.condition.table in _CONVERTED)]
    return (*kept, *(unfiltered(condition) for condition in stale(working)))


def _worded(condition: Condition, *, excluded: bool) -> Condition:
    """A condition in the words of a report's numbers: won opportunities without an amount count as 0, or are
    excluded."""
    if not condition.one.startswith(ONE_BLANK):
        return condition
    one, many = ("is excluded", "are excluded") if excluded else ("counts as 0", "count as 0")
    rest = "from total won (exclude_zero)" if excluded else "in total won"
    return replace(condition, one=f"{ONE_BLANK} and {one} {rest}", many=f"{MANY_BLANK} and {many} {rest}")


_CONVERTED = ("opportunities", "opportunity_history")
"""The tables whose foreign amounts a report converts."""


def _depends_on_today(choice: Choice) -> bool:
    """Members of a list with dates: who is one today changes with the day."""

    def dated(segment: Segment) -> bool:
        return segment.interval_account is not None and len(segment.interval_account) > 0

    return choice.cohort == "today" and any(dated(segment) for segment in choice.segments)


def _money(working: Working, event: Event, when: When, part: AmountPart, accounts: Mask, selector: Selector) -> Number:
    reason = working.choice.environment.no_opportunities or working.deals_unreached(working.window(when))
    if reason:
        return Number(None, None, MONEY, reason)
    cents = working.cents(event, when, part)[accounts]
    return Number(int(sum(cents.tolist())), selector, MONEY)


def amount_in_state(working: Working, state: str, event: Event, when: When) -> Number:
    """New pipeline or total won of a timeframe of the accounts in a state in it, without Dynamics and HubSpot. An
    account in several engagement states counts in each."""
    if why := _unknown(working, state, when):
        return Number(None, None, MONEY, why)
    selector = Selector("state", state, when)
    return _money(working, event, when, "performance", working.mask(selector), selector)


def _unknown(working: Working, state: str, when: When) -> str:
    """Why a state is unknown in a timeframe; blank where it is known."""
    return working.unavailable.get(state, "") or working.unreached(working.window(when)).get(state, "")


def _summary(working: Working) -> Summary:
    """Total accounts; increased stage or engagement; new pipeline; total won; and exclusions.

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

    def money(event: Event, when: When) -> Number:
        return _money(working, event, when, "summary", working.cohort, Selector("opportunities", event, when))

    return Summary(
        total_accounts=working.count(Selector("cohort")),
        increased=count(Selector("increased")),
        decreased=count(Selector("decreased")),
        net_engaged=net,
        gained=gained,
        lost=lost,
        new_pipeline=money("created", "analysis"),
        total_won=money("won", "analysis"),
        baseline_new_pipeline=money("created", "baseline"),
        baseline_total_won=money("won", "baseline"),
        to_call=count(Selector("to_call")),
        to_save=count(Selector("to_save")),
        foreign={word: (one.count, one.cents) for word, one in deals.foreign(window).items()},
        without_account=deals.without_account,
        retargeting=working.presence.retargeting,
        zero=deals.touched(deals.zero, window) if choice.exclude_zero else 0,
        irrelevant=deals.touched(deals.irrelevant, window) if choice.exclude_irrelevant else 0,
        blank_categories=working.presence.blank_categories(choice.product_category),
        blank_amounts=deals.blank_amounts(window),
    )


def _no_movement(working: Working) -> str:
    """The reason why no increase can be measured: there is no stage or state above the lowest."""
    missing, beyond = working.unavailable, working.states[1:]
    if all(state in missing for state in beyond):
        return missing[beyond[0]]
    return next((why for when in WHEN if (why := working.unreached(working.window(when)).get(NO_ENGAGEMENT, ""))), "")


def _state_line(working: Working, state: str) -> StateLine:
    """A state in both timeframes, with the money of its accounts there.

    In the buying-stage report the amounts of the accounts in the stage; in the engagement report new pipeline is in the
    line Opportunities Opened and total won in Opportunities Won. Dynamics and HubSpot are excluded.
    """
    why = working.unavailable.get(state, "")

    def count(when: When) -> Number:
        reason = _unknown(working, state, when)
        return Number(None, None, why=reason) if reason else working.count(Selector("state", state, when))

    def money(event: Event, when: When) -> Number:
        own = OPENED if event == "created" else WON
        if working.by_stage or state == own or _unknown(working, state, when):
            return amount_in_state(working, state, event, when)
        return Number(None, None, MONEY, f"shown under {own}")

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
    before, after = (_in_line(working, line, when) for when in WHEN)
    known = before.value is not None and after.value is not None
    change = Fraction((after.value or 0) - before.value, before.value) if known and before.value else None
    selector = Selector("line", line.key, "analysis")
    mask = working.mask(selector)

    def money(event: Event) -> Number:
        if after.value is None:
            return Number(None, None, MONEY, after.why)
        return _money(working, event, "analysis", "activities", mask, selector)

    return SourceLine(
        line=line,
        baseline=before,
        analysis=after,
        change=change,
        change_why="" if change is not None else "N/M" if known else "n/a",
        new_pipeline=money("created"),
        total_won=money("won"),
        why="; ".join(dict.fromkeys(number.why for number in (before, after) if number.why)),
    )


def _in_line(working: Working, line: ActivityLine, when: When) -> Number:
    """The number of accounts with an activity in a timeframe; None if none of its sources covers it."""
    if why := working.line_unreached(line, when):
        return Number(None, None, why=why)
    return working.count(Selector("line", line.key, when))


@dataclass(frozen=True)
class _Step:
    name: str
    created: int
    won: int
    total: bool = False


def _reconciliation(working: Working, summary: Summary) -> list[Reconciliation]:
    """The steps from the summary's amounts to those of cohort performance and of activities by source."""
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
            f"Less: Microsoft Dynamics and HubSpot opportunities ({crms[0].count:,} created, {crms[1].count:,} won)",
            -crms[0].cents,
            -crms[1].cents,
        ),
        _Step("Cohort performance", created - crms[0].cents, won - crms[1].cents, True),
        _Step(
            f"Summary less opportunities without a currency ({undefined[0].count:,} created, {undefined[1].count:,} "
            f"won)",
            -undefined[0].cents,
            -undefined[1].cents,
        ),
        _Step(
            f"{money} only: base of Activities by source",
            created - undefined[0].cents,
            won - undefined[1].cents,
            True,
        ),
    ]
    active = [working.mask(Selector("line", line.key, "analysis")) for line in LINES]
    idle = working.cohort & ~np.logical_or.reduce(active)
    without = [int(sum(working.cents(event, "analysis", "activities")[idle].tolist())) for event in EVENTS]
    steps += [
        _Step("Less: opportunities of accounts without activity in the analysis timeframe", -without[0], -without[1]),
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
    add(what, summary.increased, summary.decreased, "rose", "fell")
    if not working.by_stage:
        add("Engagement", summary.gained, summary.lost, "became engaged", "are no longer engaged")
    return found


def _without_stages(working: Working) -> list[str]:
    """Timeframes without any stage in the data, such as weeks between monthly snapshots."""
    if working.presence.stages is None:
        return []
    timeframes = working.choice.timeframes
    return [
        f"No buying stages recorded in {span.label}, so movement cannot be measured; choose a timeframe with snapshots"
        for span in (timeframes.baseline, timeframes.analysis)
        if not working.presence.has_stages(span.window, working.choice.product_category)
    ]


def _notes(working: Working) -> list[str]:
    """Notes that every output shows."""
    choice, presence = working.choice, working.presence
    notes = [*choice.warnings]
    if not working.cohort.any():
        notes.append("The cohort has no accounts, so every count is 0")
    if working.by_parent:
        notes.append(
            f"Counted by parent: "
            f"{counted(int(working.members.sum()), 'account of the cohort counts', 'accounts of the cohort count')} as "
            f"{int(working.cohort.sum()):,}. Accounts with the same parent or domain count as one, with their highest "
            f"stage or state and the sum of their amounts"
        )
    unknown = int((working.members & ~presence.known).sum())
    if unknown:
        notes.append(
            f"{counted(unknown, 'account of the cohort is', 'accounts of the cohort are')} not in the accounts table, "
            "but counted; their opportunities are not"
        )
    if not working.by_stage:
        notes.append(
            "An account counts in every state that applies. An ad click is not a state: an account with ad clicks only "
            "counts in No Engagement"
        )
        if ANONYMOUS not in working.unavailable:
            notes.append(
                "An account with an opportunity but no activity counts in No Engagement and in Opportunities Opened; "
                "its "
                "highest state is Opportunities Opened"
            )
    elif choice.environment.predictive:
        notes[:0] = _without_stages(working)
        kind = presence.stage_kind if presence.stages is not None else "snapshots"
        notes.append(
            "Stage: the highest in the timeframe "
            + ("among its snapshots" if kind == "snapshots" else "at the end of each day; a stage never expires")
            + ("" if choice.product_category else ", over all product categories")
        )
    notes.append(
        "Activities by source: an account and its opportunities count in every activity it had, so lines do not add up "
        "to totals"
    )
    return notes
