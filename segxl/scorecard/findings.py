"""What to look at: sentences that fixed rules derive from the numbers, the most severe first.

Each rule's docstring states what it compares, its threshold, and an example. Plan misses come first, then a mix that
moved against the total, then retention and the next quarter, then falls; within one severity the largest amount comes
first. Good news fills the places that bad news leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from segxl.catalogue.line_names import short_line_name
from segxl.catalogue.metrics import CATALOGUE
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.messages import counted
from segxl.scorecard.lookup import GRR, NRR, Lookup, worth
from segxl.scorecard.model import Line, Number, Statement, numbers_in
from segxl.scorecard.summary_model import Measured, base_of
from segxl.units import ATTAINED, MONEY, RATE, TIMES, Scale, Unit

MOST = 6
"""Sentences on the executive page."""

MISSED = Fraction(98, 100)
MIX = Fraction(1, 10)
FALL = Fraction(1, 5)
FALL_OF_ALL = Fraction(1, 50)
LOST = Fraction(1, 4)


@dataclass(frozen=True)
class Finding:
    """A sentence with what ranks it: ``severity`` (0 the worst; 9 good news), then ``cents``, then ``share``.
    ``clause`` says the same in a few words, for the headline; blank for what the headline does not say."""

    statement: Statement
    severity: int
    cents: int | Fraction = 0
    share: Fraction = Fraction(0)
    clause: str = ""


def findings(look: Lookup, of: str, segments: Sequence[str] = ()) -> list[Finding]:
    """All sentences about ``of`` (a segment or the company) and, for the company, its segments; worst first."""
    found = [one for _, rule in RULES.values() for one in rule(look, of, segments)]
    return sorted(found, key=lambda one: (one.severity, -one.cents, -one.share))


def shown(found: Sequence[Finding], most: int = MOST) -> tuple[Statement, ...]:
    """The sentences that fit, in order; at most two about one subject."""
    kept: list[Finding] = []
    for one in found:
        same = sum(other.statement.rule == one.statement.rule for other in kept)
        if len(kept) < most and same < 2:
            kept.append(one)
    return tuple(replace(one.statement, severity=one.severity) for one in kept)


def _plan(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Lines that miss their plan by more than 2%: amounts by what is missing, a sentence each; counts and rates in one
    sentence, by how far they miss it, SQOs first. "Won revenue is 80k (8%) below plan: 920k of 1,000k; in
    2 of 3 segments, most in SMB (300k of 400k)." "SQOs are 16% below plan (107 of 127), leads 11%."
    """
    others: list[_Missed] = []
    for metric in CATALOGUE:
        for cut in (cut for cut in metric.cuts if not cut.each):
            lines = {
                name: line
                for name in (of, *segments)
                if look.has(metric.key) and (line := look.line(name, metric.key, cut.key)) is not None
            }
            planned = {name: line for name, line in lines.items() if line.attainment.attainment is not None}
            lower = (cut.better or metric.better) == "lower"
            missed = {name: line for name, line in planned.items() if _short_of(line, lower) > 1 - MISSED}
            count = sum(name != of for name in planned)
            one = _Missed(short_line_name(metric, cut), metric.key, of, missed, count, lower, look.scale)
            if missed and one.unit is MONEY:
                yield _missed_amount(one)
            elif missed:
                others.append(one)
    if others:
        yield _missed_counts(others)


@dataclass(frozen=True)
class _Missed:
    """A line that misses its plan for ``of`` or some of the ``planned`` segments: their lines by name, and how their
    amounts are written."""

    name: str
    metric: str
    of: str
    lines: Mapping[str, Line]
    planned: int
    lower: bool
    scale: Scale

    @property
    def unit(self) -> Unit:
        return next(iter(self.lines.values())).current.unit

    @property
    def side(self) -> str:
        return "above" if self.lower else "below"

    @property
    def verb(self) -> str:
        return "are" if self.name.endswith("s") else "is"

    @property
    def segments(self) -> list[str]:
        """The segments that miss it, the one that misses most first."""
        names = [name for name in self.lines if name != self.of]
        return sorted(names, key=lambda one: (-_gap(self.lines[one]), -self.share(one)))

    @property
    def lead(self) -> str:
        """The company, or the segment that misses most."""
        return self.of if self.of in self.lines else self.segments[0]

    def share(self, name: str) -> Fraction:
        return _short_of(self.lines[name], self.lower)

    def percent(self, name: str) -> str:
        return share_text(self.share(name))

    def pair(self, name: str) -> str:
        return _pair(self.lines[name], self.scale)

    @property
    def clause(self) -> str:
        """The same in a few words, of the company; blank where it misses nothing."""
        lead = self.lead
        return f"{self.name} {self.verb} {self.percent(lead)} {self.side} plan" if lead == self.of else ""

    @property
    def numbers(self) -> dict[str, tuple[Number, Unit]]:
        return _of_plan(self.lines[self.lead])

    @property
    def where(self) -> str:
        """Which segments miss it, behind a sentence about the company."""
        if self.of not in self.lines or not self.segments:
            return ""
        count = len(self.segments)
        where = f"all {count} segments" if count == self.planned else f"{count} of {self.planned} segments"
        return f"; in {where}, most in {self.segments[0]} ({self.pair(self.segments[0])})"


def _short_of(line: Line, lower: bool) -> Fraction:
    """By what part of its plan a line misses it; below zero where it does not."""
    attained = line.attainment.attainment
    return Fraction(0) if attained is None else attained - 1 if lower else 1 - attained


def _missed_amount(one: _Missed) -> Finding:
    lead, line = one.lead, one.lines[one.lead]
    name = one.name if lead == one.of else _quiet(one.name)
    text = f"{name} {one.verb} {one.scale.text(_gap(line))} ({one.percent(lead)}) {one.side} plan: {one.pair(lead)}"
    if lead == one.of:
        text += one.where
    else:
        text = f"{lead}: {text}"
        text += f"; also {one.side} plan: {_names(one.segments[1:])}" if len(one.segments) > 1 else ""
    statement = _said("plan", lead, one.metric, text, 1 if one.lower else -1, one.numbers)
    return Finding(statement, 0, _gap(line), one.share(lead), one.clause)


def _missed_counts(missed: Sequence[_Missed]) -> Finding:
    """SQOs are nearest to revenue, so they lead; the company's misses come before those of segments alone."""
    ordered = sorted(missed, key=lambda one: (one.lead != one.of, one.metric != "sqos", -one.share(one.lead)))
    first = ordered[0]
    parts = []
    for at, one in enumerate(ordered[:3]):
        whose = "" if one.lead == one.of else f"{one.lead}: "
        verb = f" {one.verb}" if at == 0 else ""
        behind = f" {one.side} plan" if at == 0 else ""
        name = _quiet(one.name) if at else one.name
        pair = f" ({one.pair(one.lead)})" if at == 0 else ""
        parts.append(f"{whose}{name}{verb} {one.percent(one.lead)}{behind}{pair}")
    more = len(ordered) - 3
    text = ", ".join(parts) + (f" and {more} more" if more > 0 else "") + first.where
    statement = _said("plan_counts", first.lead, first.metric, text, 1 if first.lower else -1, first.numbers)
    return Finding(statement, 1, 0, first.share(first.lead), first.clause)


def _quiet(name: str) -> str:
    """A name within a sentence: its first letter small, unless it is an abbreviation."""
    return name if name[:2].isupper() else name[0].lower() + name[1:]


def _of_plan(line: Line) -> dict[str, tuple[Number, Unit]]:
    return numbers_in(line.current.unit, actual=line.current.value, plan=line.plan.value if line.plan else None)


def _gap(line: Line) -> Fraction:
    return abs(Fraction(line.attainment.variance or 0))


def _pair(line: Line, scale: Scale) -> str:
    plan, unit = line.plan.value if line.plan else None, line.current.unit
    return f"{amount_text(line.current.value, unit, scale)} of {amount_text(plan, unit, scale)}"


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
    from 500k to 300k: "Won revenue rose 20% on Oct 2025, but new-logo revenue fell 40% to 300k; most in SMB (−60% to
    80k)." Of the segments the one with the largest fall.
    """
    found = [one for name in (of, *segments) if (one := _mixed(look, name)) is not None]
    others = sorted((one for one in found if one.name != of), key=lambda one: -one.fell)
    lead = next((one for one in found if one.name == of), None) or next(iter(others), None)
    if lead is None:
        return
    whole = lead.name == of
    rise = share_text(Fraction(lead.now - lead.before) / lead.before)
    text = f"{'Won' if whole else f'{lead.name}: won'} revenue rose {rise} "
    text += f"on {lead.base}, but {look.new_word} fell {share_text(lead.share)} to {look.scale.text(lead.new)}"
    if whole and others:
        most = others[0]
        text += f"; most in {most.name} (−{share_text(most.share)} to {look.scale.text(most.new)})"
    else:
        text += f", {share_text(Fraction(lead.new) / lead.now)} of the total"
    if not whole and len(others) > 1:
        text += f" ({counted(len(others) - 1, 'further segment')} with the same)"
    clause = f"{look.new_word} fell {share_text(lead.share)} on {lead.base}" if whole else ""
    numbers = numbers_in(MONEY, won=lead.now, won_before=lead.before, new=lead.new, new_before=lead.new_before)
    yield Finding(_said("mix", lead.name, "won_revenue", text, -1, numbers), 2, lead.fell, lead.share, clause)


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
    paid then. 970 of 1,000 a month: "12-month NRR is 97.0% (GRR 92.0%): customers of a year ago pay 30 a month less;
    lowest in SMB (89.0%)."
    """
    below = {}
    for name in (of, *segments):
        net, gross = look.retention(name, NRR, ""), look.retention(name, GRR, "")
        figure = net.current if net else None
        if figure is not None and figure.value is not None and figure.value < 1:
            below[name] = (figure, gross.current if gross else None)
    if not below:
        return
    parts = [name for name in below if name != of]
    worst = min(parts, key=lambda name: below[name][0].value or 0, default=of)
    lead = of if of in below else worst
    figure, kept = below[lead]
    lost = Fraction(figure.denominator or 0) - Fraction(figure.numerator or 0)
    whose = "" if lead == of else f"{lead}: "
    text = f"{whose}12-month NRR is {rate_text(figure.value)}"
    text += f" (GRR {rate_text(kept.value)})" if kept is not None and kept.value is not None else ""
    text += f": customers of a year ago pay {look.scale.text(lost)} a month less"
    if lead == of and parts:
        rate = rate_text(below[worst][0].value)
        text += f"; lowest in {worst} ({rate})"
    numbers = numbers_in(RATE, nrr=figure.value) | numbers_in(MONEY, now=figure.numerator, then=figure.denominator)
    clause = f"{whose}12-month NRR is {rate_text(figure.value)}"
    share = 1 - Fraction(figure.value or 0)
    yield Finding(_said("retention", lead, "nrr", text, -1, numbers), 3, 12 * lost, share, clause)


def _next_quarter(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Open amounts due in the quarter, times the 12-month win rate by revenue, are less than what is to be won in it;
    or in a segment they are less than that even if all of them are won. 10,000k due, a win rate of 50% and a plan of
    6,000k: "Pipeline due in FY27 Q4 (Nov 2026–Jan 2027) covers its plan 1.7×; at the 12-month win rate by revenue of
    50.0% it gives 5,000k of 6,000k; SMB covers only 0.9×." On a quarter's last month it is the next quarter. Deals that
    are still to be created come on top.
    """
    thin = sorted(
        (found.ratio.value, name)
        for name in segments
        if (found := look.coverage(name)) is not None and found.ratio.value is not None and found.ratio.value < 1
    )
    coverage, rate = look.coverage(of), look.line(of, "win_rate_revenue")
    due, left = (None, None) if coverage is None else (coverage.ratio.numerator, coverage.ratio.denominator)
    won = rate.trailing_12 if rate is not None else None
    if coverage is not None and due is not None and left is not None and left > 0:
        known = won is not None and won.value is not None and won.numerator != won.denominator
        expected = Fraction(due) * Fraction(won.value or 0) if known and won is not None else None
        if due < left or (expected is not None and expected < left):
            text, clause = _covers(coverage.quarter.name, Fraction(due) / left), ""
            if due < left:
                clause = text[0].lower() + text[1:]
                text += f": {look.scale.text(due)} of {look.scale.text(left)}"
            numbers = numbers_in(MONEY, due=due, to_win=left)
            if expected is not None and won is not None:
                text += f"; at the 12-month win rate by revenue of {rate_text(won.value)} it gives "
                text += look.scale.text(expected) + ("" if due < left else f" of {look.scale.text(left)}")
                numbers |= numbers_in(MONEY, expected=expected) | numbers_in(RATE, win_rate=won.value)
            text += (
                f"; {_names([name for _, name in thin])} {'cover' if len(thin) > 1 else 'covers'} only " if thin else ""
            )
            text += _times(thin[0][0]) if thin else ""
            missing = left - (due if expected is None else expected)
            statement = _said("next_quarter", of, "pipeline_by_stage", text, -1, numbers)
            yield Finding(statement, 3, missing, Fraction(missing) / left, clause)
            return
    if thin:
        name = thin[0][1]
        found = look.coverage(name)
        assert found is not None
        due, left = Fraction(found.ratio.numerator or 0), Fraction(found.ratio.denominator or 1)
        text = f"{name}: {_quiet(_covers(found.quarter.name, due / left))}: {look.scale.text(due)} of "
        text += look.scale.text(left)
        text += f"; {_names([name for _, name in thin[1:]])} less than 1× too" if len(thin) > 1 else ""
        statement = _said("next_quarter", name, "pipeline_by_stage", text, -1, numbers_in(MONEY, due=due, to_win=left))
        yield Finding(statement, 3, left - due, 1 - due / left)


def _covers(quarter: str, times: Fraction) -> str:
    return f"Pipeline due in {quarter} covers its plan {'only ' if times < 1 else ''}{_times(times)}"


def _times(value: Fraction | int) -> str:
    return f"{TIMES.text(TIMES.shown(value))}×"


def _overdue(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Open deals whose expected close date has passed. "8 open deals (126k) are past their expected close date." """
    status = look.status(of)
    late = status.parts["overdue"] if status else None
    if late is None or not late.count:
        return
    amount = look.scale.text(late.cents)
    deals = counted(late.count, f"open deal ({amount}) is", f"open deals ({amount}) are")
    text = f"{deals} past {'its' if late.count == 1 else 'their'} expected close date"
    finding = _said("overdue", of, "pipeline_by_stage", text, -1, numbers_in(MONEY, overdue=late.cents))
    yield Finding(finding, 6, late.cents)


def _falls(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Won revenue or open pipeline that fell by 20% or more, and by at least 2% of the company's: won revenue on the
    year before, else on the period before; open pipeline on the period before. From 500k to 350k: "SMB: won revenue
    fell 30% on Oct 2025 to 350k."
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
            text = f"{words} fell {share_text(Fraction(lost) / before)} on {when} to {look.scale.text(now)}"
            text += f"; {counted(len(fallen) - 1, 'further segment')} with the same" if len(fallen) > 1 else ""
            numbers = numbers_in(MONEY, now=now, before=before)
            clause = f"{name} fell {share_text(Fraction(lost) / before)} on {when}" if segment == of else ""
            finding = _said(f"fall_{key}", segment, key, text, -1, numbers)
            yield Finding(finding, 4, lost, Fraction(lost) / before, clause)


def _lost(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Lost revenue that rose by 25% or more on the year before, else on the period before. From 1,600k to 2,800k:
    "Lost revenue rose 75% on Oct 2025 to 2,800k." """
    one = look.measured(of, "lost_revenue", "", "Lost revenue")
    base = _base(look, one) if one is not None else None
    if one is None or base is None:
        return
    now, before = worth(one.current), worth(one.points[base[0]])
    if now is None or not before or now - before < LOST * before:
        return
    share = Fraction(now - before) / before
    text = f"Lost revenue rose {change_text(share)} on {base[1]} to {look.scale.text(now)}"
    finding = _said("lost", of, "lost_revenue", text, 1, numbers_in(MONEY, now=now, before=before))
    yield Finding(finding, 5, now - before, share)


def _good(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """What went well, in the places that are left: won revenue above plan, and the segment with the largest increase of
    won revenue on the year before, else on the period before."""
    line = look.line(of, "won_revenue")
    if line is not None and line.attainment.attainment is not None and line.attainment.attainment >= 1:
        text = (
            f"Won revenue is {look.scale.text(_gap(line))} ({share_text(line.attainment.attainment - 1)}) above plan: "
        )
        text += _pair(line, look.scale)
        yield Finding(_said("above_plan", of, "won_revenue", text, 1, _of_plan(line), good=True), 8, _gap(line))
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
        yield Finding(_said("rise", segment, "won_revenue", text, 1, numbers, good=True), 9, gained)


Rule = Callable[[Lookup, str, Sequence[str]], Iterator[Finding]]

RULES: Mapping[str, tuple[str, Rule]] = {
    "plan": ("Plan", _plan),
    "mix": ("Mix", _mix),
    "retention": ("Retention", _retention),
    "next_quarter": ("Next quarter", _next_quarter),
    "fall_won_revenue": ("Won revenue", _falls),
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


def _said(
    rule: str,
    segment: str,
    metric: str,
    text: str,
    direction: int,
    numbers: Mapping[str, tuple[Number, Unit]],
    *,
    good: bool = False,
) -> Statement:
    return Statement(rule, segment, metric, f"{text}.", direction, good, numbers)


def _names(names: Sequence[str]) -> str:
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def amount_text(value: Number, unit: Unit, scale: Scale) -> str:
    """A number in its unit, amounts as the page writes them."""
    if value is None:
        return "n/a"
    return scale.text(value) if unit.key == "money" else unit.text(unit.shown(value))


def share_text(share: Number) -> str:
    """A part or a change in percent, rounded as in cells: ``12%``."""
    return ATTAINED.text(ATTAINED.shown(share or 0))


def rate_text(rate: Number) -> str:
    """A rate: ``97.7%``."""
    return RATE.text(RATE.shown(rate or 0))


def change_text(share: Fraction) -> str:
    """A change in percent; beyond 999% only that."""
    return ">999%" if share > Fraction(999, 100) else share_text(share)
