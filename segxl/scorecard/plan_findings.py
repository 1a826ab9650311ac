"""What to look at: plans that are missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from segxl.catalogue.line_names import short_line_name
from segxl.catalogue.metrics import CATALOGUE
from segxl.facts.arrays import BLANK
from segxl.messages import counted
from segxl.scorecard.finding import Finding, said
from segxl.scorecard.lookup import Lookup, worth
from segxl.scorecard.model import Line, Number, numbers_in
from segxl.scorecard.summary_model import base_of
from segxl.scorecard.words import amount_text, change_text, difference_text, names_text, share_text, whose
from segxl.units import COUNT, MONEY, Scale, Unit

MISSED = Fraction(98, 100)

_FUNNEL = ("leads", "mqls", "sqos")
"""The steps before a deal, in order."""

SOURCE_FALL = 5
"""Leads, MQLs or SQOs; a lead source that lost fewer is not named."""


def missed_plan(look: Lookup, of: str, segments: Sequence[str]) -> Iterator[Finding]:
    """Lines that miss their plan by more than 2%: amounts by what is missing, a sentence each; counts and rates in one
    sentence, by how far they miss it, SQOs first. "Won revenue is 80k (8%) below plan: 920k of 1,000k; in
    2 of 3 segments, most in SMB (300k of 400k)." "SQOs are 16% below plan (107 of 127), leads 11% below (402 of 451)."
    Won revenue has its change (:func:`_against_base`); the lead sources with the largest falls follow counts
    (:func:`_fallen_sources`). A quarter's opening MRR is omitted where that of its last month reached its plan.
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
            name = short_line_name(metric, cut)
            if metric.key == "mrr" and cut is metric.cuts[0]:
                missed = {segment: line for segment, line in missed.items() if not _settled(look, segment)}
                start = look.period.window.start
                name = f"MRR at {start.day} {start:%b}"
            count = sum(name != of for name in planned)
            one = _Missed(name, metric.key, of, missed, count, lower, look.scale)
            if missed and one.unit is MONEY:
                yield _missed_amount(look, one)
            elif missed:
                others.append(one)
    if others:
        yield _missed_counts(look, others)


def _settled(look: Lookup, segment: str) -> bool:
    """Whether the opening MRR of a quarter's last month reached its plan: what the quarter's misses is history."""
    attained = look.of_last_month(segment, "mrr").attainment.attainment
    return attained is not None and attained >= MISSED


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
        return sorted(names, key=lambda one: (-gap(self.lines[one]), -self.share(one)))

    @property
    def lead(self) -> str:
        """The company, or the segment that misses most."""
        return self.of if self.of in self.lines else self.segments[0]

    def share(self, name: str) -> Fraction:
        return _short_of(self.lines[name], self.lower)

    def percent(self, name: str) -> str:
        return share_text(self.share(name))

    def pair(self, name: str) -> str:
        return pair(self.lines[name], self.scale)

    def gap(self, name: str) -> str:
        """What is missing, in numbers as shown."""
        return gap_text(self.lines[name], self.scale)

    @property
    def clause(self) -> str:
        """The same in a few words: of the company, or the amount of a segment."""
        lead, verb = self.lead, f"{self.verb} {self.percent(self.lead)} {self.side} plan"
        if lead == self.of:
            return f"{quiet(self.name)} {verb}"
        subject = lead if self.metric == "won_revenue" else f"{whose(lead)} {quiet(self.name)}"
        return f"{subject} {verb}" if self.unit is MONEY else ""

    @property
    def numbers(self) -> dict[str, tuple[Number, Unit]]:
        return of_plan(self.lines[self.lead])

    @property
    def most(self) -> str:
        """The segment that misses most of what the company misses: ``SMB is 94 leads short (157 of 251)``."""
        if self.of not in self.lines or not self.segments:
            return ""
        most = self.segments[0]
        return f"{most} is {self.gap(most)} {quiet(self.name)} short ({self.pair(most)})"

    @property
    def where(self) -> str:
        """Which segments miss it, as a clause behind a sentence about the company."""
        if self.of not in self.lines or not self.segments:
            return ""
        count = len(self.segments)
        every = "both segments" if count == 2 else f"all {count} segments"
        where = every if count == self.planned else f"{count} of {self.planned} segments"
        most = self.segments[0]
        parts = self.unit is COUNT and not self.lower and gap(self.lines[most]) <= gap(self.lines[self.of])
        if count == 1 or not parts:
            return f"in {where}, most in {most} ({self.pair(most)})"
        # Segments can share records: what one is short of is never given as a part of what the company is short of.
        lowest = max(self.segments, key=self.share)
        text = f"{quiet(self.name)} {self.verb} {self.side} plan in {where}: {most} by {self.gap(most)}"
        return text + (f", {lowest} has {self.pair(lowest)}" if lowest != most else "")


def _short_of(line: Line, lower: bool) -> Fraction:
    """By what part of its plan a line misses it; below zero where it does not."""
    attained = line.attainment.attainment
    return Fraction(0) if attained is None else attained - 1 if lower else 1 - attained


def _missed_amount(look: Lookup, one: _Missed) -> Finding:
    lead, line = one.lead, one.lines[one.lead]
    name = one.name if lead == one.of else quiet(one.name)
    text = f"{name} {one.verb} {one.gap(lead)} ({one.percent(lead)}) {one.side} plan: {one.pair(lead)}"
    text += _against_base(look, one) if one.metric == "won_revenue" else ""
    if lead == one.of:
        text += f"; {one.where}" if one.where else ""
    else:
        text = f"{lead}: {text}"
        text += f"; also {one.side} plan: {names_text(one.segments[1:])}" if len(one.segments) > 1 else ""
    statement = said("plan", lead, one.metric, text, 1 if one.lower else -1, one.numbers)
    return Finding(statement, 0, gap(line), one.share(lead), one.clause)


def _against_base(look: Lookup, one: _Missed) -> str:
    """How won revenue moved on the base, how it should have moved, and the part that fell most: ", up 38% vs Oct 2025
    (plan: up 57%; expansion: −41k)"."""
    total, plan = look.measured(one.lead, "won_revenue", "", ""), one.lines[one.lead].plan
    at = base_of(total) if total is not None else None
    base = worth(total.points[at]) if total is not None and at is not None else None
    now = worth(total.current) if total is not None else None
    if at is None or now is None or base is None or base <= 0 or plan is None or plan.value is None:
        return ""
    moved, planned = (
        f"{'up' if value >= base else 'down'} {change_text(abs(Fraction(value) / base - 1))}"
        for value in (now, plan.value)
    )
    parts = [
        (Fraction(worth(points[-1]) or 0) - Fraction(worth(points[at]) or 0), name)
        for name, points in look.won(one.lead).items()
    ]
    fall, name = min(parts, default=(Fraction(0), ""))
    fell = f"; {quiet(name)}: {look.scale.signed(fall)}" if fall < 0 and len(parts) > 1 else ""
    return f", {moved} vs {look.names[at]} (plan: {planned}{fell})"


def _missed_counts(look: Lookup, missed: Sequence[_Missed]) -> Finding:
    """SQOs are nearest to revenue, so they lead; the company's misses come before those of segments alone. The segment
    that misses most, and the lead sources that fell, are those of the earliest step that misses its plan, as later
    steps follow from it."""
    ordered = sorted(missed, key=lambda one: (one.lead != one.of, one.metric != "sqos", -one.share(one.lead)))
    first = ordered[0]
    parts: dict[str, list[str]] = {}
    for at, one in enumerate(ordered[:3]):
        # One clause for each subject: the company, then its segments by name.
        own = parts.setdefault(one.lead, [])
        name = quiet(one.name) if at and (own or one.lead == one.of) else one.name
        name = name if own or one.lead == one.of else f"{whose(one.lead)} {quiet(name)}"
        verb = "" if own else f" {one.verb}"
        own.append(f"{name}{verb} {one.percent(one.lead)} {one.side}{'' if at else ' plan'} ({one.pair(one.lead)})")
    clauses = [", ".join(own) for own in parts.values()]
    steps = {one.metric: one for one in ordered if one.lead == first.lead}
    step = next((steps[key] for key in _FUNNEL if key in steps), None)
    clauses.insert(1, (step.most if step is not None and step is not first else "") or first.where)
    clauses.append(_fallen_sources(look, step) if step is not None else "")
    more = len(ordered) - 3
    text = "; ".join(one for one in clauses if one) + (f"; {counted(more, 'more line')}" if more > 0 else "")
    statement = said("plan_counts", first.lead, first.metric, text, 1 if first.lower else -1, first.numbers)
    worse = max(ordered, key=lambda one: one.share(one.lead) if one.lead == one.of and one.side == first.side else 0)
    clause = first.clause
    if clause and worse is not first and worse.share(worse.lead) > first.share(first.lead):
        clause += f" ({quiet(worse.name)} {worse.percent(worse.lead)} {worse.side})"
    return Finding(statement, 1, 0, first.share(first.lead), clause)


def _fallen_sources(look: Lookup, step: _Missed) -> str:
    """Where to begin with a plan for leads, MQLs or SQOs that is missed: the two lead sources that fell most on the
    period before, each by :data:`SOURCE_FALL` or more. "fewer leads vs Sep 2026 from Webinar (43 after 84)". A source
    that fell to nothing may be an import that stopped: "Trade Show (0 after 55: did the import stop?)". Records without
    a source are excluded. Blank if no source fell so far.
    """
    counts = [
        (source, int(now.value or 0), int(before.value or 0))
        for source, now, before in look.items(step.lead, step.metric, "by_lead_source")
        if source != BLANK
    ]
    fallen = sorted(
        (one for one in counts if one[2] - one[1] >= SOURCE_FALL), key=lambda one: (one[1] - one[2], one[0])
    )
    named = ", ".join(
        f"{source} ({now:,} after {before:,}{'' if now else ': did the import stop?'})"
        for source, now, before in fallen[:2]
    )
    return f"fewer {quiet(step.name)} vs {look.names[-2]} from {named}" if named else ""


def quiet(name: str) -> str:
    """A name within a sentence: its first letter small, unless it is an abbreviation."""
    return name if name[:2].isupper() else name[0].lower() + name[1:]


def of_plan(line: Line) -> dict[str, tuple[Number, Unit]]:
    """A number and its plan, as the sentence's numbers."""
    return numbers_in(line.current.unit, actual=line.current.value, plan=line.plan.value if line.plan else None)


def gap(line: Line) -> Fraction:
    """The distance of a number from its plan, in the number's minor unit."""
    return abs(Fraction(line.attainment.variance or 0))


def gap_text(line: Line, scale: Scale) -> str:
    """The distance of a number from its plan, as what is shown of both gives it."""
    return difference_text(line.current.value, line.plan.value if line.plan else None, line.current.unit, scale)


def pair(line: Line, scale: Scale) -> str:
    """A number and its plan: ``714k of 815k``."""
    plan, unit = line.plan.value if line.plan else None, line.current.unit
    return f"{amount_text(line.current.value, unit, scale)} of {amount_text(plan, unit, scale)}"
