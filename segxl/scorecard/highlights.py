"""Highlights: short sentences that fixed rules derive from the figures.

Each rule's docstring states what it compares, its threshold, and an example. A sentence carries its numbers and says
whether the change is favourable. Sentences follow the order of the rules, largest first, at most :data:`MOST` per rule;
the last one counts the others. Small numbers move by chance, so win rates need :data:`CLOSED` closed opportunities;
segments below that are listed as too few to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from segxl.catalogue.views import ColumnName
from segxl.dataset.segments import ALL_ACCOUNTS, IN_NO_SEGMENT
from segxl.messages import counted
from segxl.periods import Period
from segxl.scorecard.model import Figure, Line, Number, Statement, numbers_in
from segxl.units import COUNT, MONEY, RATE, Unit

MOST = 2
"""Sentences of one rule (contributions: on either side)."""

CLOSED = 10
"""Opportunities closed in both periods that a segment needs for a comparison of win rates."""

CONTRIBUTION = Fraction(1, 20)
POINTS = Fraction(1, 10)
CONCENTRATION = Fraction(2, 5)
CHURN_A_MONTH = Fraction(1, 50)
PIPELINE = Fraction(1, 5)
PIPELINE_OF_ALL = Fraction(1, 50)
OUTSIDE = Fraction(1, 10)


FindFigures = Callable[[str, str, str], Line | None]
"""The line of a segment's metric: segment, metric key, key of the cut; None where the scorecard has no such metric."""


@dataclass(frozen=True)
class _Change:
    """The change of a segment's number: from ``was`` to ``now``."""

    segment: str
    now: int | Fraction
    was: int | Fraction

    @property
    def change(self) -> int | Fraction:
        return self.now - self.was

    @property
    def size(self) -> int | Fraction:
        return _size(self.change)


@dataclass(frozen=True)
class World:
    """The inputs of the rules: the segments in order (without All accounts), the period, and the lines."""

    segments: Sequence[str]
    period: Period
    line: FindFigures

    @property
    def before(self) -> str:
        """The period before, as text."""
        return self.period.previous.month_names

    @property
    def parts(self) -> tuple[str, ...]:
        """The segments, and In no segment."""
        return (*self.segments, IN_NO_SEGMENT)

    def value(self, segment: str, metric: str, column: ColumnName = "current", cut: str = "total") -> Number:
        """A figure's value; None where it is unavailable."""
        figure = self.figure(segment, metric, column, cut)
        return None if figure is None else figure.value

    def figure(self, segment: str, metric: str, column: ColumnName = "current", cut: str = "total") -> Figure | None:
        """A figure; None where there is none."""
        line = self.line(segment, metric, cut)
        found: Figure | None = None if line is None else getattr(line, column)
        return found

    def changes(self, segments: Sequence[str], metric: str) -> list[_Change]:
        """The segments whose number changed, the largest change first."""
        found = []
        for segment in segments:
            now, was = self.value(segment, metric), self.value(segment, metric, "previous")
            if now is not None and was is not None and now != was:
                found.append(_Change(segment, now, was))
        return sorted(found, key=lambda one: -one.size)


def standing_out(world: World) -> tuple[Statement, ...]:
    """The sentences of all rules, in order."""
    rules = dict.fromkeys(rule for _, rule in RULES.values())
    return tuple(statement for rule in rules for statement in rule(world))


def _company(world: World) -> Iterator[Statement]:
    """The company's won revenue, compared with the period before and the year before. Always shown.

    200,000 after 160,000, and 250,000 a year before: "Won revenue of the company: 200,000; 40,000 (25.0%) more than in
    Sep 2026 (160,000); 50,000 (20.0%) less than a year before (250,000)."
    """
    now = world.value(ALL_ACCOUNTS, "won_revenue")
    if now is None:
        return
    was = world.value(ALL_ACCOUNTS, "won_revenue", "previous")
    year = world.value(ALL_ACCOUNTS, "won_revenue", "year_ago")
    parts = [f"Won revenue of the company: {_money(now)}"]
    parts += [f"{_change(now, was)} than in {world.before} ({_money(was)})"] if was is not None else []
    parts += [f"{_change(now, year)} than a year before ({_money(year)})"] if year is not None else []
    change = 0 if was is None else now - was
    numbers = numbers_in(MONEY, current=now, previous=was, year_ago=year)
    yield _said("company", ALL_ACCOUNTS, "won_revenue", "; ".join(parts), change, change > 0, numbers)


def _contributions(world: World) -> Iterator[Statement]:
    """The segments with the largest increase and decrease in won revenue on the period before. The change must be at
    least 5% of the company's won revenue in that period; if that is 0, any change counts.

    Volume effect: (n1 − n0) × a0. Price effect: n1 × (a1 − a0). Together they are the change; n is the number of
    deals, a their average amount. From 2 deals of 10,000 to 3 of 9,000: +7,000, from +10,000 volume and −3,000 price.
    Segments that overlap share deals, so their changes may not add up to the company's.
    """
    whole = world.value(ALL_ACCOUNTS, "won_revenue", "previous")
    if whole is None:
        return
    changes = [one for one in world.changes(world.parts, "won_revenue") if one.size >= CONTRIBUTION * whole]
    for side in (1, -1):
        found = [one for one in changes if one.change * side > 0]
        for at, one in enumerate(found[:MOST]):
            verb = "gained" if side > 0 else "lost"
            text = f"{one.segment} {verb} {_money(one.size)} of won revenue vs {world.before}: "
            text += f"{_money(one.now)} after {_money(one.was)}" + _why_won(world, one) + _more(at, found, "segment")
            numbers = numbers_in(MONEY, current=one.now, previous=one.was, change=one.change)
            yield _said("contribution", one.segment, "won_revenue", text, one.change, side > 0, numbers)


def _why_won(world: World, one: _Change) -> str:
    deals, before = (world.value(one.segment, "won_opportunities", column) for column in _NOW_AND_BEFORE)
    if deals is None or before is None:
        return ""
    if not deals or not before:
        return f" ({counted(int(deals), 'deal')} after {int(before):,})"
    by_number = round((deals - before) * Fraction(one.was) / Fraction(before))
    by_amount = one.change - by_number
    return (
        f" ({counted(int(deals), 'deal')} after {int(before):,}: {_moved(by_number)} from the number of deals, "
        f"{_moved(by_amount)} from the average amount)"
    )


_NOW_AND_BEFORE: tuple[ColumnName, ColumnName] = ("current", "previous")


def _win_rates(world: World) -> Iterator[Statement]:
    """Segments whose win rate (count) changed by 10 percentage points or more on the period before. Both periods need
    at least 10 closed opportunities; segments with fewer are listed in one sentence as too few to compare.

    12 of 20 after 9 of 20: 60.0% after 45.0%, +15 points: shown. 3 of 4 after 1 of 4: +50 points on 4 closed: too few.
    """
    compared: list[tuple[int | Fraction, str, Figure, Figure]] = []
    few: list[tuple[int | Fraction, str, Figure, Figure]] = []
    for one in world.changes(world.segments, "win_rate_count"):
        now, was = (world.figure(one.segment, "win_rate_count", column) for column in _NOW_AND_BEFORE)
        if one.size >= POINTS and now is not None and was is not None:
            enough = min(now.denominator or 0, was.denominator or 0) >= CLOSED
            (compared if enough else few).append((one.change, one.segment, now, was))
    for at, (change, segment, now, was) in enumerate(compared[:MOST]):
        text = (
            f"Win rate of {segment} {'rose' if change > 0 else 'fell'} by {_points(change)} vs {world.before} to "
            f"{_rate(now)}, from {_rate(was)}" + _more(at, compared, "segment")
        )
        numbers = numbers_in(RATE, current=now.value, previous=was.value)
        numbers |= numbers_in(COUNT, closed=now.denominator, closed_before=was.denominator)
        yield _said("win_rate", segment, "win_rate_count", text, change, change > 0, numbers)
    if few:
        names = "; ".join(f"{segment}, {_rate(now)} after {_rate(was)}" for _, segment, now, was in few[: 2 * MOST])
        text = f"Win rate changed, but on fewer than {CLOSED} closed opportunities, so it may be chance: {names}"
        text += f"; and {len(few) - 2 * MOST} more" if len(few) > 2 * MOST else ""
        yield _said("too_few", few[0][1], "win_rate_count", text, 0, None, numbers_in(COUNT, segments=len(few)))


def _concentration(world: World) -> Iterator[Statement]:
    """A segment with 40% or more of the company's won revenue or open pipeline. 45 of 100: shown."""
    for metric, words in (("won_revenue", "won revenue"), ("pipeline_by_stage", "open pipeline")):
        whole = world.value(ALL_ACCOUNTS, metric)
        if not whole or whole < 0:
            continue
        shares = [
            (part, segment)
            for segment in world.segments
            if (part := world.value(segment, metric)) is not None and part >= CONCENTRATION * whole
        ]
        shares.sort(key=lambda one: -one[0])
        for at, (part, segment) in enumerate(shares[:MOST]):
            text = f"{segment} has {_percent(Fraction(part) / whole)} of the company's {words}: "
            text += f"{_money(part)} of {_money(whole)}" + _more(at, shares, "segment")
            yield _said("concentration", segment, metric, text, 0, None, numbers_in(MONEY, part=part, whole=whole))


def _pipeline(world: World) -> Iterator[Statement]:
    """A segment whose open pipeline changed by 20% or more since the end of the period before, and by at least 2% of
    the company's open pipeline. From 100 to 130 with a company pipeline of 600: +30%, and 5% of 600: shown."""
    whole = world.value(ALL_ACCOUNTS, "pipeline_by_stage", "previous")
    if whole is None:
        return
    moved = [
        one
        for one in world.changes(world.segments, "pipeline_by_stage")
        if one.size >= PIPELINE * one.was and one.size >= PIPELINE_OF_ALL * whole
    ]
    for at, one in enumerate(moved[:MOST]):
        share = f" ({_percent(Fraction(one.size) / Fraction(one.was))})" if one.was > 0 else ""
        text = f"Open pipeline of {one.segment} {'rose' if one.change > 0 else 'fell'} by {_money(one.size)}"
        text += f"{share} vs {world.before} to {_money(one.now)}" + _more(at, moved, "segment")
        numbers = numbers_in(MONEY, current=one.now, previous=one.was)
        yield _said("pipeline", one.segment, "pipeline_by_stage", text, one.change, one.change > 0, numbers)


def _churn(world: World) -> Iterator[Statement]:
    """A segment that lost 2% or more of its opening MRR per month to cancellations and downgrades. 3,000 of 100,000 in
    a month: 3.0%, shown; for a quarter the threshold is 6%."""
    bar = CHURN_A_MONTH * (world.period.last - world.period.first + 1)
    found = [
        (Fraction(lost) / opening, segment, lost, opening)
        for segment in world.segments
        if (opening := world.value(segment, "mrr")) is not None
        and opening > 0
        and (lost := world.value(segment, "churned_customers", "current", "revenue")) is not None
        and lost >= bar * opening
    ]
    found.sort(key=lambda one: -one[0])
    for at, (share, segment, lost, opening) in enumerate(found[:MOST]):
        customers = world.value(segment, "churned_customers")
        cancelled = world.value(segment, "churned_customers", "current", "cancelled")
        whom = f" of {counted(int(customers), 'customer')}" if customers is not None else ""
        whom += f" ({cancelled} cancelled, {(customers or 0) - cancelled} downgraded)" if cancelled is not None else ""
        text = f"{segment} lost {_percent(share)} of its opening MRR{whom}: {_money(lost)} of {_money(opening)}"
        text += _more(at, found, "segment")
        numbers = numbers_in(MONEY, lost=lost, opening=opening) | numbers_in(COUNT, customers=customers)
        yield _said("churn", segment, "churned_customers", text, 1, False, numbers)


def _outside(world: World) -> Iterator[Statement]:
    """Deals in no segment are 10% or more of the company's won revenue or open pipeline. 12 of 100: shown."""
    for metric, words in (("won_revenue", "won revenue"), ("pipeline_by_stage", "open pipeline")):
        whole, part = world.value(ALL_ACCOUNTS, metric), world.value(IN_NO_SEGMENT, metric)
        if whole and part is not None and whole > 0 and part >= OUTSIDE * whole:
            text = f"{_percent(Fraction(part) / whole)} of the company's {words} is in no segment: "
            text += f"{_money(part)} of {_money(whole)}"
            yield _said("outside", IN_NO_SEGMENT, metric, text, 0, None, numbers_in(MONEY, part=part, whole=whole))


RULES: Mapping[str, tuple[str, Callable[[World], Iterator[Statement]]]] = {
    "company": ("Company", _company),
    "contribution": ("Contribution", _contributions),
    "win_rate": ("Win rate", _win_rates),
    "too_few": ("Win rate", _win_rates),
    "concentration": ("Concentration", _concentration),
    "pipeline": ("Open pipeline", _pipeline),
    "churn": ("Churn", _churn),
    "outside": ("In no segment", _outside),
}
"""The sentences by their rule's key, in order: what a reader calls them, and the rule; its docstring says when it
speaks."""


def _said(
    rule: str,
    segment: str,
    metric: str,
    text: str,
    change: int | Fraction,
    favourable: bool | None,
    numbers: Mapping[str, tuple[Number, Unit]],
) -> Statement:
    direction = (change > 0) - (change < 0)
    return Statement(rule, segment, metric, text + ".", direction, favourable if direction else None, numbers)


def _more(at: int, found: Sequence[object], word: str) -> str:
    """Behind the last sentence of a rule: how many more meet it."""
    more = len(found) - MOST
    if at != MOST - 1 or more < 1:
        return ""
    return f"; {counted(more, f'further {word} meets', f'further {word}s meet')} the same rule"


def _change(now: int | Fraction, base: int | Fraction) -> str:
    change = now - base
    share = f" ({_percent(Fraction(_size(change)) / base)})" if base > 0 else ""
    return f"{_money(_size(change))}{share} {'more' if change >= 0 else 'less'}"


def _size(change: int | Fraction) -> int | Fraction:
    return change if change >= 0 else -change


def _moved(cents: int | Fraction) -> str:
    return f"{_money(_size(cents))} {'more' if cents >= 0 else 'less'}"


def _money(cents: int | Fraction) -> str:
    return MONEY.text(MONEY.shown(cents))


def _percent(share: Fraction) -> str:
    return f"{float(share) * 100:.1f}%"


def _points(change: Number) -> str:
    return f"{abs(float(change or 0)) * 100:.1f} pp"


def _rate(figure: Figure) -> str:
    """``45.2% (19 of 42)``."""
    return f"{_percent(Fraction(figure.value or 0))} ({figure.numerator} of {figure.denominator})"
