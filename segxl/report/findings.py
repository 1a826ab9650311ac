"""What to look at: sentences that fixed rules derive from the report's numbers, the most severe first.

Each rule's docstring states what it compares, its threshold, and an example. Buyers that are lost come first, then open
deals without activity and falling amounts, then activities that stopped, then fewer accounts; within one severity the
largest amount comes first, then the most accounts. Good news fills the places that bad news leaves; without any left,
the best of it has one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from segxl.messages import counted, listed
from segxl.report.amounts import Event
from segxl.report.mcnemar import CLEAR, mcnemar
from segxl.report.model import Number, Report, Selector, SourceLine, When
from segxl.report.states import DECISION, KNOWN, LINES, state_sights
from segxl.report.working import Working
from segxl.report.year_ago import YearAgo, year_ago
from segxl.tables.codes import Mask
from segxl.units import MINUS

MOST = 5
"""Sentences on the first page."""

_OF_RULE = 2
"""Sentences of one rule."""

_MONEY, _STATE, _ACTIVITY = 0.05, 0.05, 0.20
_QUARTER = 0.25
_FEW = 5
"""Smaller changes in accounts are not worth a sentence."""

GOOD = 9
"""The severity of good news."""


@dataclass(frozen=True)
class Finding:
    """A sentence with what ranks it: ``severity`` (0 the worst), then ``cents``, then ``accounts``. ``up`` is the
    direction of what it reports, None of a state of things that is neither good nor bad; ``of`` the accounts that it is
    about, if a list has them."""

    rule: str
    text: str
    severity: int
    cents: int = 0
    accounts: int = 0
    up: bool | None = False
    of: Selector | None = None

    @property
    def favourable(self) -> bool:
        """It is good news."""
        return self.severity == GOOD

    @property
    def marked(self) -> str:
        """The sentence behind the mark of its direction: filled if favourable, else hollow; a point without one."""
        if self.up is None:
            return f"• {self.text}"
        return f"{('▲' if self.up else '▼') if self.favourable else ('△' if self.up else '▽')} {self.text}"


def findings(report: Report, working: Working, before: YearAgo) -> list[Finding]:
    """All sentences, the worst first."""
    found = [one for rule in RULES for one in rule(report, working, before)]
    return sorted(found, key=rank)


def rank(one: Finding) -> tuple[int, int, int]:
    """Its place among the others: severity, then money, then accounts."""
    return one.severity, -one.cents, -one.accounts


def shown(found: list[Finding]) -> list[Finding]:
    """The sentences that fit, in order; at most two of one rule. Where bad news takes all places, the first good news
    has one more."""
    kept: list[Finding] = []
    for one in found:
        if len(kept) < MOST and sum(other.rule == one.rule for other in kept) < _OF_RULE:
            kept.append(one)
    good = [one for one in found if one.favourable]
    return kept if any(one.favourable for one in kept) else [*kept, *good[:1]]


def first_findings(report: Report, working: Working) -> list[Finding]:
    """The sentences of the first page."""
    return shown(findings(report, working, year_ago(report, working)))


def _lost_buyers(report: Report, working: Working, _: YearAgo) -> Iterator[Finding]:
    """Accounts that fell from Decision or Purchase without a win, and their open pipeline; one account is enough. "81
    accounts fell from Decision or Purchase without a win, 31 of them with open pipeline of 1,679k; 94 rose to either."
    The engagement report counts accounts that are no longer engaged: "383 accounts are no longer engaged, 84 of them
    with open pipeline of 3,352k; 363 became engaged."
    """
    of = Selector("to_save" if working.by_stage else "lost")
    lost = _lost(report, working)
    if not (count := int(lost.sum())):
        return
    deals, cents = _open(working, lost)
    text = (
        f"{counted(count, 'account')} fell from {DECISION} or Purchase without a win"
        if working.by_stage
        else f"{counted(count, 'account is', 'accounts are')} no longer engaged"
    )
    if deals:
        text += f", {f'{deals:,} of them ' if count > 1 else ''}with open pipeline of {report.money(cents)}"
    text += (
        f"; {report.summary.to_call.value:,} rose to either"
        if working.by_stage
        else f"; {report.summary.gained.value:,} became engaged"
    )
    yield Finding("lost", f"{text}.", 0 if deals else 3, cents, count, of=of)


def _lost(report: Report, working: Working) -> Mask:
    """The accounts of :func:`_lost_buyers`; none where movement is unknown."""
    if report.summary.decreased.value is None:
        return np.zeros_like(working.cohort)
    return working.cohort & working.fell_far if working.by_stage else working.mask(Selector("lost"))


def engaged(report: Report) -> tuple[int, int] | None:
    """Engaged accounts, those above No Engagement, in the baseline and in the analysis; None where they are unknown and
    in the buying-stage report."""
    counts = report.movement.counts
    if report.choice.type != "engagement" or counts is None or report.summary.net_engaged.value is None:
        return None
    return sum(map(sum, counts[1:])), sum(sum(row[1:]) for row in counts)


def none_left(report: Report) -> list[SourceLine]:
    """The activities that 5 accounts or more had in the baseline and none in the analysis."""
    lines = [line for line in report.activities if not line.line.total and line.analysis.value == 0]
    return [line for line in lines if (line.baseline.value or 0) >= _FEW]


def _no_stages(report: Report, working: Working, _: YearAgo) -> Iterator[Finding]:
    """A timeframe without any recorded buying stage, such as a week between monthly snapshots. "No buying stages are
    recorded in 2026-W43, so movement cannot be measured."
    """
    if not working.by_stage or working.presence.stages is None:
        return
    frames, category = report.choice.timeframes, working.choice.product_category
    missing = [
        one.name for one in (frames.baseline, frames.analysis) if not working.presence.has_stages(one.window, category)
    ]
    if missing:
        text = f"No buying stages are recorded in {' and '.join(missing)}, so movement cannot be measured."
        yield Finding("no stages", text, -1)


def _quiet(report: Report, working: Working, _: YearAgo) -> Iterator[Finding]:
    """Accounts with open pipeline that showed no intent and did not engage in the analysis: any. "214 accounts with
    open pipeline of 9,100k had no activity in Oct 2026; 60 of them (2,100k) had some in Sep 2026. 700k of the
    9,100k is counted above too": with the accounts of :func:`_lost_buyers`, so that no one adds them up.
    """
    lines = [line for line in working.lines_of_doing if not working.line_unreached(line, "analysis")]
    if not lines or report.summary.new_pipeline.value is None:
        return
    quiet = working.cohort & ~working.did("analysis") & (working.open_cents > 0)
    if not (count := int(quiet.sum())):
        return
    cents = _open(working, quiet)[1]
    frames = report.choice.timeframes
    active = quiet & working.did("baseline")
    money = f" ({report.money(_open(working, active)[1])})" if active.any() else ""
    text = (
        f"{counted(count, 'account')} with open pipeline of {report.money(cents)} had no activity in "
        f"{frames.analysis.name}; {int(active.sum()):,} of them{money} had some in {frames.baseline.name}."
    )
    lost = _lost(report, working)
    if (both := _open(working, quiet & lost)[1]) > 0:
        text += f" {report.scale.text(both)} of the {report.scale.text(cents)} is counted above too."
    yield Finding("quiet", text, 1, cents, count)


def _without_stage(report: Report, working: Working, _: YearAgo) -> Iterator[Finding]:
    """Accounts without a buying stage, where they have a quarter or more of new pipeline or of total won, which the
    stages then do not explain: neither good nor bad. "Stages miss 43% of new pipeline (2,441k) and 47% of total won
    (1,758k): it comes from 1,307 accounts (65%) without a stage."
    """
    line = report.performance[0]
    if not working.by_stage or not line.analysis.value:
        return
    said, cents = [], 0
    for name, key in (("new pipeline", "new_pipeline"), ("total won", "total_won")):
        own, every = getattr(line, key).value, [getattr(one, key).value for one in report.performance]
        if own is None or None in every or not 0 < own <= (whole := sum(every)):
            continue
        said.append((own / whole, f"{own / whole:.0%} of {name} ({report.money(own)})"))
        cents = max(cents, own)
    if any(part >= _QUARTER for part, _ in said):
        count = line.analysis.value
        part = count / (report.summary.total_accounts.value or count)
        text = (
            f"Stages miss {' and '.join(words for _, words in said)}: it comes from {counted(count, 'account')} "
            f"({part:.0%}) without a stage."
        )
        yield Finding("without a stage", text, 1, cents, count, up=None, of=line.analysis.accounts)


def _late_stages(report: Report, working: Working, _: YearAgo) -> Iterator[Finding]:
    """New pipeline of the accounts in Decision or Purchase against the baseline, from 5% on. "New pipeline of accounts
    in Decision or Purchase is 30% below Sep 2026: from 2,385k to 1,672k."
    """
    lines = (
        [line for line in report.performance if line.state in working.states[working.states.index(DECISION) :]]
        if (working.by_stage)
        else []
    )
    now, before = ([getattr(line, key).value for line in lines] for key in ("new_pipeline", "baseline_new_pipeline"))
    if None in now or None in before or not sum(before) > 0:
        return
    change = sum(now) / sum(before) - 1
    if abs(change) >= _MONEY:
        percent = f"{abs(change):.0%}" if change < 9.995 else "more than 999%"
        text = (
            f"New pipeline of accounts in {DECISION} or Purchase is {percent} {'above' if change > 0 else 'below'} "
            f"{report.choice.timeframes.baseline.name}: {_amounts_from(report, sum(before), sum(now))}."
        )
        gap = abs(sum(now) - sum(before))
        yield Finding("late stages", text, GOOD if change > 0 else 1, gap, up=change > 0)


def _amounts(report: Report, working: Working, before: YearAgo) -> Iterator[Finding]:
    """New pipeline and total won against the baseline and against the year before: from 5% on, with the number of
    accounts that they are from. Against the baseline, the buying-stage report names the two stages that moved the same
    way the most. "Total won is 12% below Sep 2026: from 4,270k to 3,764k, from 160 to 147 accounts;
    mainly Decision −300k, Target −150k."
    """
    summary, frames = report.summary, report.choice.timeframes
    events: tuple[tuple[str, Event, str, Number], ...] = (
        ("New pipeline", "created", "new_pipeline", before.new_pipeline),
        ("Total won", "won", "total_won", before.total_won),
    )
    for name, event, key, ago in events:
        now, then = getattr(summary, key), getattr(summary, f"baseline_{key}")
        bases: list[tuple[Number, str, When]] = [(then, frames.baseline.name, "baseline")]
        bases += [(ago, before.span.name, "year_before")] if before.span != frames.baseline else []
        for base, period, when in bases:
            if now.value is None or not base.value or base.value < 0:
                continue
            change = now.value / base.value - 1
            if abs(change) >= _MONEY:
                up, gap = change > 0, abs(now.value - base.value)
                percent = f"{abs(change):.0%}" if change < 9.995 else "more than 999%"
                side = "above" if up else "below"
                after, of = (_paying(working, event, one) for one in ("analysis", when))
                text = (
                    f"{name} is {percent} {side} {period}: {_amounts_from(report, base.value, now.value)}, "
                    f"{_from(of, after)}"
                )
                if when == "baseline" and (stages := _stages_that_moved(report, key, up)):
                    text += f"; mainly {stages}"
                yield Finding(name, f"{text}.", GOOD if up else 1, gap, up=up)


def _paying(working: Working, event: Event, when: When) -> int:
    """The accounts of the cohort with an amount in a timeframe."""
    return int((working.cohort & working.deals.paying(event, working.window(when), "summary")).sum())


def _stages_that_moved(report: Report, key: str, up: bool) -> str:
    """``No stage +574k, Awareness +369k``: the two stages whose amount moved one way the most, of the accounts in them
    in each timeframe; blank in the engagement report, and where amounts are unknown."""
    pairs = [
        (line.state, getattr(line, key).value, getattr(line, f"baseline_{key}").value) for line in report.performance
    ]
    if report.choice.type != "buying-stage" or any(None in pair for pair in pairs):
        return ""
    moved = sorted(
        ((now - then, state) for state, now, then in pairs if now != then and (now > then) == up), reverse=up
    )
    return ", ".join(f"{state} {'+' if up else MINUS}{report.scale.text(cents)}" for cents, state in moved[:2])


def _stopped(report: Report, working: Working, _: YearAgo) -> Iterator[Finding]:
    """Activities with 5 accounts or more in the baseline and none in the analysis, or whose data end before it.
    "Attended Trade Shows: 82 accounts in Sep 2026, none in Oct 2026. Did nothing take place, or did the import stop?"
    """
    now, then = (span.name for span in (report.choice.timeframes.analysis, report.choice.timeframes.baseline))
    had = [line for line in report.activities if not line.line.total and line.baseline.value]
    if none := none_left(report):
        names = listed([f"{line.line.label}: {line.baseline.value:,} accounts in {then}" for line in none], 4)
        text = f"{names}, none in {now}. Did nothing take place, or did the import stop?"
        yield Finding("stopped", text, 2, accounts=sum(line.baseline.value or 0 for line in none))
    ended = [line for line in had if line.analysis.value is None]
    if ended:
        names = listed([f"{line.line.label} ({line.why})" for line in ended], 3)
        text = f"No data for {now}: {names}."
        yield Finding("ended", text, 2, accounts=sum(line.baseline.value or 0 for line in ended))


def _more_down(report: Report, working: Working, _: YearAgo) -> Iterator[Finding]:
    """More accounts fell than rose. "More accounts moved down (130) than up (117): may be chance." """
    up, down = report.summary.increased.value, report.summary.decreased.value
    if up is not None and down is not None and down > up:
        chance = ": may be chance" if mcnemar(up, down) >= CLEAR else ""
        text = f"More accounts moved down ({down:,}) than up ({up:,}){chance}."
        yield Finding("movement", text, 2, accounts=down - up)


def _states(report: Report, working: Working, _: YearAgo) -> Iterator[Finding]:
    """Accounts in each stage or state above the lowest, from 5% and 5 accounts on. "Purchase has 6 accounts fewer than
    in Sep 2026: from 118 to 112." Fewer in the early stages come last of the bad news. A fall of Known Engagement names
    what :func:`_stopped` does: "52 of the 465 were known by Trade Shows alone."
    """
    late = working.states[working.states.index(DECISION if working.by_stage else KNOWN) :]
    then = report.choice.timeframes.baseline.name
    for line in report.performance[1:]:
        change, part = _change(line.baseline, line.analysis)
        if abs(change) >= _FEW and part >= _STATE:
            more = "more" if change > 0 else "fewer"
            text = (
                f"{line.state} has {counted(abs(change), 'account')} {more} than in {then}: "
                f"from {line.baseline.value:,} to {line.analysis.value:,}"
            )
            if line.state == KNOWN and change < 0:
                text += _known_by_what_stopped(report, working)
            severity = GOOD if change > 0 else 3 if line.state in late else 5
            yield Finding("states", f"{text}.", severity, accounts=abs(change), up=change > 0)


def _known_by_what_stopped(report: Report, working: Working) -> str:
    """How many accounts had no known engagement in the baseline but an activity that none has in the analysis."""
    sights = {*state_sights(KNOWN, working.presence.dataset.settings.toggles)}
    known = [line for line in LINES if not line.total and sights.intersection(line.sights)]
    stopped = [one.line for one in none_left(report) if one.line in known]
    before = working.mask(Selector("state", KNOWN, "baseline"))
    alone = before.copy()
    for line in known:
        if line not in stopped:
            alone &= ~working.had(line, "baseline")
    if not stopped or not alone.any():
        return ""
    names = " and ".join(line.name for line in stopped)
    return f"; {int(alone.sum()):,} of the {int(before.sum()):,} were known by {names} alone"


def _activities(report: Report, working: Working, _: YearAgo) -> Iterator[Finding]:
    """Accounts with an activity, from 20% and 5 accounts on; none at all is a rule of its own. "Attended Webinars
    : 26 accounts fewer than in Sep 2026, from 103 to 77."
    """
    then = report.choice.timeframes.baseline.name

    def size(line: SourceLine) -> int:
        return _change(line.baseline, line.analysis)[0]

    for line in sorted(report.activities, key=size):
        change, part = _change(line.baseline, line.analysis)
        if line.line.total or not line.analysis.value or abs(change) < _FEW or part < _ACTIVITY:
            continue
        more = "more" if change > 0 else "fewer"
        text = (
            f"{line.line.label}: {counted(abs(change), 'account')} {more} than in {then}, "
            f"from {line.baseline.value:,} to {line.analysis.value:,}."
        )
        yield Finding("activities", text, GOOD if change > 0 else 4, accounts=abs(change), up=change > 0)


RULES: tuple[Callable[[Report, Working, YearAgo], Iterator[Finding]], ...] = (
    _no_stages,
    _lost_buyers,
    _quiet,
    _without_stage,
    _late_stages,
    _amounts,
    _stopped,
    _more_down,
    _states,
    _activities,
)


def _from(then: int, now: int) -> str:
    """``from 99 to 147 accounts``, ``99 accounts both times``."""
    return f"{counted(now, 'account')} both times" if then == now else f"from {then:,} to {counted(now, 'account')}"


def _amounts_from(report: Report, then: int, now: int) -> str:
    """``from 2,516k to 3,764k``."""
    return f"from {report.scale.text(then)} to {report.money(now)}"


def _change(before: Number, after: Number) -> tuple[int, float]:
    """The change, and its size as a part of the baseline; 0 where either is unknown."""
    if before.value is None or after.value is None:
        return 0, 0.0
    change = after.value - before.value
    return change, abs(change) / before.value if before.value else float(bool(change))


def _open(working: Working, accounts: Mask) -> tuple[int, int]:
    """How many of some accounts have open pipeline, and how much."""
    cents = working.open_cents[accounts]
    return int(np.count_nonzero(cents > 0)), int(sum(cents.tolist()))
