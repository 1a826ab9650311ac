"""What to look at: sentences that fixed rules derive from the numbers, the most severe first.

Each rule's docstring states what it compares, its threshold, and an example. Plan misses come first, then a mix that
moved against the total, then retention and the next quarter, then falls; within one severity the largest amount comes
first. Good news fills the places that bad news leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.messages import counted
from segxl.scorecard.finding import Finding, said
from segxl.scorecard.highlights import CLOSED, POINTS
from segxl.scorecard.lookup import GRR, NRR, Lookup, worth
from segxl.scorecard.model import Figure, Number, Statement, numbers_in
from segxl.scorecard.plan_findings import gap, gap_text, missed_plan, of_plan, pair, quiet
from segxl.scorecard.summary_model import Measured, base_of
from segxl.scorecard.words import (
    change_text,
    difference_text,
    names_text,
    points_text,
    rate_text,
    share_text,
    signed_points,
    times_text,
    whose,
)
from segxl.units import COUNT, MONEY, RATE, Scale, Unit

MOST = 6
"""Sentences on the executive page."""

MIX = Fraction(1, 10)
FALL = Fraction(1, 5)
FALL_OF_ALL = Fraction(1, 100)
LOST = Fraction(1, 4)
FEW_DEALS = 10
NRR_FALL = Fraction(2, 100)


def findings(look: Lookup, of: str, segments: Sequence[str] = ()) -> list[Finding]:
    """All sentences about ``of`` (a segment or the company) and, for the company, its segments; worst first."""
    found = [one for _, rule in RULES.values() for one in rule(look, of, segments)]
    return sorted(found, key=lambda one: (one.severity, -one.cents, -one.share))


def fitting(found: Sequence[Finding], most: int = MOST) -> list[Finding]:
    """The findings that fit, in order; at most two about one subject."""
    kept: list[Finding] = []
    for one in found:
        same = sum(other.statement.rule == one.statement.rule for other in kept)
        if len(kept) < most and same < 2:
            kept.append(one)
    return kept


def sentences(found: Sequence[Finding]) -> tuple[Statement, ...]:
    """Findings as the page shows them."""
    return tuple(replace(one.statement, severity=one.severity) for one in found)


@dataclass(frozen=True)
class _Mixed:
    """Won revenue that rose from ``before`` to ``now`` on a base while its new business fell."""

    name: str
    before: int | Fraction
    now: int | Fraction
    new_before: int | Fraction
    new: int | Fraction
    base: str

    @property
    def fell(self) -> int | Fraction:
        return self.new_before - self.new

    @property
    def share(self) -> Fraction:
        return Fraction(self.fell) / self.new_before


def _mix(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Won revenue rose, but new business (new logos; without types new customers) fell by 10% or more: a total that
    grows on renewals. Compared with the year before, else with the period before. From 1,000k to 1,200k with new logos
    from 500k to 300k: "Won revenue rose 20% vs Oct 2025, but new-logo revenue fell 40% to 300k; most in SMB (−60% to
    80k)." Of the segments the one with the largest fall. If the win rate of new logos fell too, it follows with its
    deals: "new-logo win rate is 20.0% (2 of 10 deals, −15.0 pp)", of fewer than ten "(2 of 5 deals, 4 of 5 in Oct
    2025: too few to judge)".
    """
    found = [one for name in (of, *segments) if (one := _mixed(look, name)) is not None]
    others = sorted((one for one in found if one.name != of), key=lambda one: -one.fell)
    lead = next((one for one in found if one.name == of), None) or next(iter(others), None)
    if lead is None:
        return
    whole = lead.name == of
    rise = share_text(Fraction(lead.now - lead.before) / lead.before)
    text = f"{'Won' if whole else f'{lead.name}: won'} revenue rose {rise} "
    text += f"vs {lead.base}, but {look.new_word} fell {share_text(lead.share)} to {look.scale.text(lead.new)}"
    if whole and others:
        most = others[0]
        text += f"; most in {most.name} (−{share_text(most.share)} to {look.scale.text(most.new)})"
        rate, rates = _fallen_win_rate(look, most.name, "New logo", most.base)
        text += f", whose {rate}" if rate else ""
    else:
        text += f", {share_text(Fraction(lead.new) / lead.now)} of the total"
        rate, rates = _fallen_win_rate(look, lead.name, "New logo", lead.base)
        text += f"; {rate}" if rate else ""
    if not whole and len(others) > 1:
        text += f" ({counted(len(others) - 1, 'further segment')} with the same)"
    clause = f"{look.new_word} fell {share_text(lead.share)} vs {lead.base}" if whole else ""
    numbers = numbers_in(MONEY, won=lead.now, won_before=lead.before, new=lead.new, new_before=lead.new_before)
    numbers |= rates
    statement = said("mix", lead.name, "won_revenue", text, -1, numbers)
    where = others[0].name if whole and others else ""
    yield Finding(statement, 2, lead.fell, lead.share, clause, where)


def _fallen_win_rate(
    look: Lookup, segment: str, part: str, base: str, least: Fraction = Fraction(0)
) -> tuple[str, Mapping[str, tuple[Number, Unit]]]:
    """The win rate of a type if it fell on the base by more than ``least``, with its numbers; blank if it did not."""
    rate = look.win_rate_of(segment, part)
    now, then = (rate.current, rate.points[look.names.index(base)]) if rate is not None else (None, None)
    after, before = worth(now), worth(then)
    if now is None or after is None or before is None or before - after <= least:
        return "", {}
    won, closed = int(now.numerator or 0), int(now.denominator or 0)
    name = part.lower().replace(" ", "-")
    text = f"{name} win rate is {rate_text(after)} ({won:,} of {counted(closed, 'deal')}, "
    if then is not None and (now.small is not None or then.small is not None):  # pages do not judge a change of so few
        text += f"{int(then.numerator or 0):,} of {int(then.denominator or 0):,} in {base}: too few to judge)"
    else:
        text += f"{signed_points(after - before)})"
    key = name.replace("-", "_")
    numbers = numbers_in(RATE, **{f"{key}_win_rate": after, f"{key}_win_rate_before": before})
    numbers |= numbers_in(COUNT, **{f"{key}_deals_won": won, f"{key}_deals_closed": closed})
    return text, numbers


def _mixed(look: Lookup, name: str) -> _Mixed | None:
    total, new = look.measured(name, "won_revenue", "", "Won revenue"), look.new_business(name)
    base = _base(look, total) if total is not None else None
    if total is None or new is None or base is None:
        return None
    at, when = base
    before, now = worth(total.points[at]), worth(total.current)
    new_before, new_now = worth(new.points[at]), worth(new.current)
    if before is None or now is None or new_before is None or new_now is None:
        return None
    moved = now > before > 0 and new_before > 0 and new_before - new_now >= MIX * new_before
    return _Mixed(name, before, now, new_before, new_now, when) if moved else None


def _base(look: Lookup, total: Measured) -> tuple[int, str] | None:
    """Where in a trend the base lies, the year before if it has a number other than zero, and what it is called."""
    at = base_of(total)
    return None if at is None else (at, look.names[at])


def _retention(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """12-month net revenue retention below 100%: what the customers of 12 months ago pay now, as a part of what they
    paid then. 970 of 1,000 a month: "12-month NRR is 97.0% (−1.2 pp vs Oct 2025; GRR 92.0%): customers of a year ago
    pay 30 a month less (net); lowest in SMB (89.0%)." If the win rate of renewals fell by more than 2 percentage
    points, it follows with its deals: "renewal win rate is 80.0% (8 of 10 deals, −10.0 pp)". Where no retention is
    below 100%: a fall by 2 percentage points or more on the year before, else on the period before. "12-month NRR fell
    2.8 pp vs Oct 2025 to 100.2%."
    """
    below = {}
    for name in (of, *segments):
        net, gross = look.retention(name, NRR, ""), look.retention(name, GRR, "")
        figure = net.current if net else None
        if net is not None and figure is not None and figure.value is not None and figure.value < 1:
            below[name] = (net, figure, gross.current if gross else None)
    if not below:
        yield from _falling_retention(look, of)
        return
    parts = [name for name in below if name != of]
    worst = min(parts, key=lambda name: below[name][1].value or 0, default=of)
    lead = of if of in below else worst
    net, figure, kept = below[lead]
    lost = Fraction(figure.denominator or 0) - Fraction(figure.numerator or 0)
    whose = "" if lead == of else f"{lead}: "
    text = f"{whose}12-month NRR is {rate_text(figure.value)}"
    base = _base(look, net)
    before = worth(net.points[base[0]]) if base is not None else None
    change = None if before is None else Fraction(figure.value or 0) - before
    further = [f"{signed_points(change)} vs {base[1]}"] if base is not None and change is not None else []
    further += [f"GRR {rate_text(kept.value)}"] if kept is not None and kept.value is not None else []
    text += f" ({'; '.join(further)})" if further else ""
    text += f": customers of a year ago pay {look.scale.text(lost)} a month less (net)"
    if lead == of and parts:
        rate = rate_text(below[worst][1].value)
        text += f"; lowest in {worst} ({rate})"
    numbers = numbers_in(RATE, nrr=figure.value, nrr_before=before)
    numbers |= numbers_in(MONEY, now=figure.numerator, then=figure.denominator)
    if base is not None:
        renewed, rates = _fallen_win_rate(look, lead, "Renewal", base[1], NRR_FALL)
        text += f"; {renewed}" if renewed else ""
        numbers |= rates
    where = of if lead == of and parts else ""
    clause = f"{whose}{_nrr(look, of, figure.value, change, base)}"
    share, rising = 1 - Fraction(figure.value or 0), change is not None and change > 0
    statement = said("retention", lead, "nrr", text, 1 if rising else -1, numbers, good=None if rising else False)
    yield Finding(statement, 3, 12 * lost, share, clause, where)


def _nrr(look: Lookup, of: str, now: Number, change: Fraction | None, base: tuple[int, str] | None) -> str:
    """Retention in the headline, with its change: ``NRR is 97.7% (−0.4 pp)``, ``NRR is still below 100% (89.4%, +2.0
    pp)``; the base is named where the headline's is another."""
    if change is None or base is None:
        return f"NRR is {rate_text(now)}"
    total = look.measured(of, "won_revenue", "", "")
    moved = signed_points(change) + (f" vs {base[1]}" if total is None or base != _base(look, total) else "")
    rising = change > 0 and now is not None and now < 1
    return f"NRR is still below 100% ({rate_text(now)}, {moved})" if rising else f"NRR is {rate_text(now)} ({moved})"


def _falling_retention(look: Lookup, of: str) -> Iterator[Finding]:
    """Retention of 100% or more that fell."""
    net = look.retention(of, NRR, "")
    base = _base(look, net) if net is not None else None
    now, before = (worth(net.current), worth(net.points[base[0]])) if net is not None and base else (None, None)
    if base is None or now is None or before is None or before - now < NRR_FALL:
        return
    clause = _nrr(look, of, now, Fraction(now - before), base)
    numbers = numbers_in(RATE, nrr=now, nrr_before=before)
    text = f"12-month NRR fell {points_text(before - now)} vs {base[1]} to {rate_text(now)}"
    lost = 12 * (before - now) * Fraction(net.current.denominator or 0) if net and net.current else 0
    yield Finding(said("retention", of, "nrr", text, -1, numbers), 3, lost, Fraction(before - now), clause)


def _next_quarter(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Open amounts due in the quarter, times the 12-month win rate by revenue, are less than what is to be won in it;
    or in a segment they are less than that even if all of them are won. 10,000k due, a win rate of 50% and a plan of
    6,000k: "Pipeline due in FY27 Q4 (Nov 2026–Jan 2027) covers its plan 1.7× (10,000k of 6,000k); at the 12-month win
    rate by revenue (50.0%, all deals) it gives 5,000k; the missing 1,000k takes about 2,000k of new pipeline; SMB
    covers only 0.9× (824k of 932k)."
    On a quarter's last month it is the next quarter.
    """
    below = {
        name: found.ratio
        for name in segments
        if (found := look.coverage(name)) is not None and found.ratio.value is not None and found.ratio.value < 1
    }
    thin = sorted(below, key=lambda name: (below[name].value or 0, name))
    coverage, rate = look.coverage(of), look.line(of, "win_rate_revenue")
    due, left = (None, None) if coverage is None else (coverage.ratio.numerator, coverage.ratio.denominator)
    won = rate.trailing_12 if rate is not None else None
    if coverage is not None and due is not None and left is not None and left > 0:
        chance = None if won is None else won.meant
        expected = None if chance is None else Fraction(due) * chance
        if due < left or (expected is not None and expected < left):
            times, clause = Fraction(due) / left, ""
            if due < left:
                clause = f"pipeline covers the {coverage.quarter.short_name} plan only {times_text(times)}"
            text = _covers(coverage.quarter.name, coverage.ratio, look.scale)
            numbers = numbers_in(MONEY, due=due, to_win=left)
            if expected is not None:
                text += _at_win_rate(chance, expected, left, look.scale)
                numbers |= numbers_in(MONEY, expected=expected) | numbers_in(RATE, win_rate=chance)
            if thin:
                lowest = below[thin[0]]
                text += f"; {thin[0]} covers only " + _times(lowest, look.scale)
                text += f"; {names_text(thin[1:])} less than 1× too" if thin[1:] else ""
                numbers |= numbers_in(MONEY, segment_due=lowest.numerator, segment_to_win=lowest.denominator)
            if thin and due >= left:
                clause = f"{whose(thin[0])} pipeline covers the {coverage.quarter.short_name} plan only "
                clause += times_text(below[thin[0]].value or 0)
            missing = left - (due if expected is None else expected)
            statement = said("next_quarter", of, "pipeline_by_stage", text, -1, numbers)
            where = thin[0] if thin and due >= left else ""
            yield Finding(statement, 3, missing, Fraction(missing) / left, clause, where)
            return
    if thin:
        name = thin[0]
        found = look.coverage(name)
        assert found is not None
        due, left = Fraction(found.ratio.numerator or 0), Fraction(found.ratio.denominator or 1)
        text = f"{name}: {quiet(_covers(found.quarter.name, found.ratio, look.scale))}"
        text += f"; {names_text(thin[1:])} less than 1× too" if thin[1:] else ""
        statement = said("next_quarter", name, "pipeline_by_stage", text, -1, numbers_in(MONEY, due=due, to_win=left))
        yield Finding(statement, 3, left - due, 1 - due / left)


def _at_win_rate(rate: Number, expected: Fraction, left: int | Fraction, scale: Scale) -> str:
    """What the pipeline gives at a win rate, and what has to be won of deals that are still to be created, with the
    pipeline which that takes at the same rate."""
    text = f"; at the 12-month win rate by revenue ({rate_text(rate)}, all deals) it gives {scale.text(expected)}"
    if expected < left:
        missing = difference_text(left, expected, MONEY, scale)
        more = f"about {scale.text((left - expected) / rate)} of" if rate and rate < 1 else "as much"
        text += f"; the missing {missing} takes {more} new pipeline"
    return text


def _covers(quarter: str, coverage: Figure, scale: Scale) -> str:
    only = "only " if (coverage.value or 0) < 1 else ""
    return f"Pipeline due in {quarter} covers its plan {only}{_times(coverage, scale)}"


def _times(coverage: Figure, scale: Scale) -> str:
    """``1.8× (12,379k of 7,028k)``."""
    due, left = scale.text(coverage.numerator or 0), scale.text(coverage.denominator or 0)
    return f"{times_text(coverage.value or 0)} ({due} of {left})"


def _overdue(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Open deals whose expected close date has passed. "8 open deals (126k) are past their expected close date." """
    status = look.status(of)
    late = status.parts["overdue"] if status else None
    if late is None or not late.count:
        return
    amount = look.scale.text(late.cents)
    deals = counted(late.count, f"open deal ({amount}) is", f"open deals ({amount}) are")
    text = f"{deals} past {'its' if late.count == 1 else 'their'} expected close date"
    finding = said("overdue", of, "pipeline_by_stage", text, -1, numbers_in(MONEY, overdue=late.cents))
    yield Finding(finding, 6, late.cents)


def _falls(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Won revenue or open pipeline that fell by 20% or more, and by at least 1% of the company's: won revenue on the
    year before, else on the period before; open pipeline on the period before. From 500k to 350k: "SMB: won revenue
    fell 30% vs Oct 2025 to 350k." Of open pipeline with what left it: "to 350k: won 200k, lost 50k, created 100k".
    """
    for key, name in (("won_revenue", "won revenue"), ("pipeline_by_stage", "open pipeline")):
        fallen = []
        whole = look.measured(ALL_ACCOUNTS, key, "", name)
        for segment in (of, *segments):
            one = look.measured(segment, key, "", name)
            if one is None or whole is None:
                continue
            base = _base(look, one) if key == "won_revenue" else (-2, look.names[-2])
            now, before = worth(one.current), worth(one.points[base[0]]) if base else None
            least = FALL_OF_ALL * Fraction(worth(whole.points[base[0]]) or 0) if base else 0
            if base is not None and now is not None and before and before - now >= max(FALL * before, least):
                fallen.append((before - now, segment, now, before, base[1]))
        fallen.sort(key=lambda one: (one[1] != of, -one[0]))
        for lost, segment, now, before, when in fallen[:1]:
            words = f"{name[0].upper()}{name[1:]}" if segment == of else f"{segment}: {name}"
            text = f"{words} fell {share_text(Fraction(lost) / before)} vs {when} to {look.scale.text(now)}"
            text += _of_few(look, segment) + _left(look, segment) if key == "pipeline_by_stage" else ""
            more = [
                f"{one} (−{share_text(Fraction(less) / base)} to {look.scale.text(to)})"
                for less, one, to, base, _ in fallen[1:]
            ]
            text += f"; also in {names_text(more)}" if more else ""
            numbers = numbers_in(MONEY, now=now, before=before)
            clause = f"{name} fell {share_text(Fraction(lost) / before)} vs {when}" if segment == of else ""
            finding = said(f"fall_{key}", segment, key, text, -1, numbers)
            yield Finding(finding, 4, lost, Fraction(lost) / before, clause)


def _of_few(look: Lookup, segment: str) -> str:
    """How many deals an open pipeline has, where they are few: one deal more or less moves it."""
    status = look.status(segment)
    count = status.parts["open"].count if status is not None else FEW_DEALS
    return f" ({counted(count, 'deal')})" if 0 < count < FEW_DEALS else ""


def _left(look: Lookup, segment: str) -> str:
    """What left the open pipeline and what was added to it: ": won 589k, lost 205k, created 225k", at the amounts of
    the pipeline bridge; blank without it."""
    lines = look.bridge(segment) or {}
    said = [f"{name} {look.scale.text(lines[name])}" for name in ("won", "lost", "created") if lines.get(name)]
    return f": {', '.join(said)}" if said else ""


def _win_rate(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """The win rate by count moved by 10 percentage points or more on the year before, else on the period before; both
    need 10 closed opportunities or more. 49 of 100 after 79 of 100: "Win rate fell 30.0 pp vs Oct 2025 to 49.0% (49 of
    100 deals)." A rise is good news.
    """
    rate = look.measured(of, "win_rate_count", "", "")
    base = _base(look, rate) if rate is not None else None
    now, then = (rate.current, rate.points[base[0]]) if rate is not None and base is not None else (None, None)
    after, before = worth(now), worth(then)
    if base is None or now is None or then is None or after is None or before is None:
        return
    change, fewest = Fraction(after - before), min(now.denominator or 0, then.denominator or 0)
    if abs(change) < POINTS or fewest < CLOSED:
        return
    moved = f"win rate {'rose' if change > 0 else 'fell'} {points_text(change)}"
    deals = f"{int(now.numerator or 0):,} of {int(now.denominator or 0):,} deals"
    text = f"W{moved[1:]} vs {base[1]} to {rate_text(after)} ({deals})"
    numbers = numbers_in(RATE, win_rate=after, win_rate_before=before)
    numbers |= numbers_in(COUNT, won=now.numerator, closed=now.denominator, closed_before=then.denominator)
    good = change > 0
    finding = said("win_rate", of, "win_rate_count", text, 1 if good else -1, numbers, good=good)
    yield Finding(finding, 8 if good else 4, 0, abs(change), "" if good else f"{moved} to {rate_text(after)}")


def _lost(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Lost revenue that rose by 25% or more on the year before, else on the period before. From 1,600k to 2,800k:
    "Lost revenue rose 75% vs Oct 2025 to 2,800k." """
    one = look.measured(of, "lost_revenue", "", "Lost revenue")
    base = _base(look, one) if one is not None else None
    if one is None or base is None:
        return
    now, before = worth(one.current), worth(one.points[base[0]])
    if now is None or not before or now - before < LOST * before:
        return
    share = Fraction(now - before) / before
    text = f"Lost revenue rose {change_text(share)} vs {base[1]} to {look.scale.text(now)}"
    finding = said("lost", of, "lost_revenue", text, 1, numbers_in(MONEY, now=now, before=before))
    yield Finding(finding, 5, now - before, share)


def _good(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """What went well, in the places that are left: won revenue above plan, and the segment with the largest increase of
    won revenue on the year before, else on the period before."""
    line = look.line(of, "won_revenue")
    if line is not None and line.attainment.attainment is not None and line.attainment.attainment >= 1:
        text = (
            f"Won revenue is {gap_text(line, look.scale)} ({share_text(line.attainment.attainment - 1)}) above plan: "
        )
        text += pair(line, look.scale)
        yield Finding(said("above_plan", of, "won_revenue", text, 1, of_plan(line), good=True), 8, gap(line))
    rises = []
    for segment in segments:
        one = look.measured(segment, "won_revenue", "", "")
        base = _base(look, one) if one is not None else None
        now, before = (worth(one.current), worth(one.points[base[0]])) if one and base else (None, None)
        if base and now is not None and before is not None and now > before:
            rises.append((now - before, segment, now, before, base[1]))
    for gained, segment, now, before, when in sorted(rises, key=lambda one: -one[0])[:1]:
        amounts = look.scale.text(now), look.scale.text(before)
        text = f"{segment} won {look.scale.text(gained)} more than in {when}: {amounts[0]} after {amounts[1]}"
        numbers = numbers_in(MONEY, now=now, before=before)
        yield Finding(said("rise", segment, "won_revenue", text, 1, numbers, good=True), 9, gained)


Rule = Callable[[Lookup, str, Sequence[str]], Iterator[Finding]]

RULES: Mapping[str, tuple[str, Rule]] = {
    "plan": ("Plan", missed_plan),
    "mix": ("Mix", _mix),
    "retention": ("Retention", _retention),
    "next_quarter": ("Next quarter", _next_quarter),
    "fall_won_revenue": ("Won revenue", _falls),
    "win_rate": ("Win rate", _win_rate),
    "lost": ("Lost revenue", _lost),
    "overdue": ("Overdue", _overdue),
    "above_plan": ("Above plan", _good),
}
"""The rules in order, each with what readers call its sentences; its docstring says when it speaks."""

NAMES: Mapping[str, str] = {
    **{key: name for key, (name, _) in RULES.items()},
    "plan_counts": "Plan",
    "fall_pipeline_by_stage": "Open pipeline",
    "rise": "Increase",
}
"""What readers call the sentences of each kind."""
