"""What the first page of a pack says: a headline, a few measures, why they changed and what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from segxl.catalogue.data_sheets import Sheet
from segxl.catalogue.metric import Better
from segxl.facts.arrays import Scope
from segxl.periods import Period, Window
from segxl.scorecard.model import Attainment, Comparison, Executive, Figure, Plan, Statement, attained, compare
from segxl.units import MONEY, RATE, Scale

PLANNED = ("won_revenue", "net_new_pipeline", "pipeline_by_stage")
"""Amounts with a chart over time, whose plans are outlined in it."""

EXECUTIVE = ""
"""The company's first page among those of the segments."""


@dataclass(frozen=True)
class Measured:
    """A number over the periods of a trend, the last one being the period itself.

    ``points`` are None where no data reaches; ``year`` is how many periods a year has. ``plan`` is that of the period,
    which the table Numbers has in the row ``plan_key``.
    """

    key: str
    name: str
    better: Better
    points: tuple[Figure | None, ...]
    year: int
    plan: Plan | None = None
    plan_key: tuple[str, str, str, str, str] | None = None

    @property
    def current(self) -> Figure | None:
        """The period's figure."""
        return self.points[-1]

    @property
    def previous(self) -> Figure | None:
        """That of the period before."""
        return self.points[-2]

    @property
    def year_ago(self) -> Figure | None:
        """That of the same period a year before."""
        return self.points[-1 - self.year]

    @property
    def attainment(self) -> Attainment:
        """The period against its plan."""
        return attained(self.current.value if self.current else None, self.plan)

    def against(self, base: Figure | None) -> Comparison | None:
        """The period against a base; None without the period's own figure."""
        return None if self.current is None else compare(self.current, base, rate=self.current.unit is RATE)

    def favourable(self, change: int | float | None) -> bool | None:
        """Whether a change is one for the better; None where there is none."""
        return None if not change or self.better == "neutral" else (change > 0) == (self.better == "higher")


def base_of(total: Measured) -> int | None:
    """Where in a trend the base of a comparison lies: the year before if it has a number other than zero (before the
    data begin, nothing was won), else the period before."""
    for at in (-1 - total.year, -2):
        figure = total.points[at]
        if figure is not None and figure.value:
            return at
    return None


@dataclass(frozen=True)
class SegmentLine:
    """A segment on the executive page: what it won, its new business, SQOs, 12-month retention and the coverage of the
    next quarter, and the win rate by revenue of 12 months; None for what the data does not have. ``more``: further
    measures by name."""

    segment: str
    won: Measured | None
    new: Measured | None
    sqos: Measured | None
    nrr: Figure | None
    grr: Figure | None
    coverage: Figure | None
    win_rate: Figure | None = None
    more: Mapping[str, Measured] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """A part of won revenue, or without deals of MRR, in the period and in the base that it is compared with."""

    name: str
    now: Figure
    base: Figure

    @property
    def change(self) -> int:
        """The difference, in cents."""
        return int(self.now.value or 0) - int(self.base.value or 0)


Pair = tuple[Figure | None, Figure | None]
"""A number in the period, and in the base that it is compared with; None for what is unknown."""


@dataclass(frozen=True)
class Kind:
    """A part of won revenue (new logos, expansion, renewals; without types new and existing customers), or all parts
    together: won revenue, the pipeline created and the win rate."""

    name: str
    won: Pair
    created: Pair = (None, None)
    rate: Pair = (None, None)

    @property
    def all(self) -> tuple[Figure | None, ...]:
        """Its numbers and their bases."""
        return (*self.won, *self.created, *self.rate)

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Its figures, each with the name of its row."""
        for name, pair in (("Won revenue", self.won), ("Pipeline created", self.created), ("Win rate", self.rate)):
            yield from ((f"{name}, {self.name.lower()}", one) for one in pair if one is not None)


@dataclass(frozen=True)
class Overlap:
    """Segments that share accounts: ``accounts`` are in more than one at the period's end, and the segments, with what
    is in none, add up to ``sum`` cents of the ``company``'s. ``parts``: segments that with what is in none add up to
    the company, if there are such."""

    accounts: int
    sum: int
    company: int
    parts: tuple[str, ...] = ()


def overlap_of(executive: Executive) -> Overlap | None:
    """What segments that share accounts add up to, of won revenue or else MRR; None where that is the company's."""
    found = {one.metric.key: one for one in executive.reconciliation if one.unit is MONEY}
    one = found.get("won_revenue") or found.get("mrr")
    if one is None or one.segments + one.none == one.company:
        return None
    parts = executive.overlaps.parts
    known = [
        int(shown.line.current.value or 0)
        for row in executive.rows
        if row.segment in parts and (shown := row.figures.get(one.metric.key)) is not None
    ]
    adds_up = len(known) == len(parts) and sum(known) + one.none == one.company
    return Overlap(executive.overlaps.accounts, one.segments + one.none, one.company, parts if adds_up else ())


Lists = Literal["due", "open", "overdue", "lost", "lost_new", "paying_less"]
"""The lists of deals and customers behind sentences."""


class Case(NamedTuple):
    """A deal or a customer: its ID, its row among opportunities or its account code, the account's name, the owner
    (blank if unknown), what happened or is due, and its amount in cents."""

    record: str
    row: int
    account: str
    owner: str
    what: str
    cents: int


@dataclass(frozen=True)
class Behind:
    """The largest deals or customers behind a sentence; ``count`` and ``cents`` are those of all of them.

    ``title`` is a heading. ``sheet``: the data sheet of a pack that has their rows. ``scope``: whose numbers they are,
    and when. ``whose``: the same as a name, where the sentence names several.
    """

    kind: Lists
    sheet: Sheet
    scope: Scope
    title: str
    cases: tuple[Case, ...]
    count: int
    cents: int
    whose: str = ""


@dataclass(frozen=True)
class Reach:
    """What the data behind a first page reach.

    ``begins``: the first month of deals, leads and revenue, where the trends reach back to it. ``first_closed``: the
    first day on which a deal closed, where the trends begin before. ``last``: by table the last day recorded, of
    revenue the first day of its last month. ``no_plan``: says that there is no plan; blank if there is one.
    """

    begins: date | None = None
    first_closed: date | None = None
    last: Mapping[str, date] = field(default_factory=dict)
    no_plan: str = ""


@dataclass(frozen=True)
class Summary:
    """The first page of a segment's pack, or of the company's.

    ``windows`` are those of the trends, with their ``names``. ``won`` is won revenue by type over the
    windows; without types by new and existing customers. ``movements``: MRR movements in cents over the windows.
    ``funnel``: leads, MQLs, SQOs and won deals, those of new logos where deals have types. ``changes``: won revenue by
    type against ``base``, blank without one; ``base_at`` is its place in a trend.
    ``types``: deals have types; without them, ``won``, ``changes`` and ``kinds`` are by new and existing customers.
    ``kinds``: won revenue, pipeline created and win rate by type, the last of all types; empty without deals.
    ``scale``: how the page writes amounts. ``against``: the periods that numbers can be compared with, in full.
    ``trends``: all metrics of a segment's scorecard by key, ``plans`` those of :data:`PLANNED` for each window, where
    there are any; both empty for the company. ``behind``: for each finding the deals or customers behind it, if any;
    ``open``: the largest open deals. ``closing_mrr``: MRR at the period's end, in cents. ``to_date``: what was won in
    the quarter of a month, in words. ``reach``: what its data reach.
    """

    segment: str
    period: Period
    windows: tuple[Window, ...]
    names: tuple[str, ...]
    headline: str
    measures: tuple[Measured, ...]
    findings: tuple[Statement, ...]
    won: Mapping[str, tuple[Figure | None, ...]]
    movements: Mapping[str, tuple[int | None, ...]]
    funnel: tuple[Measured, ...]
    base: str
    base_at: int | None
    changes: tuple[Change, ...]
    types: bool
    kinds: tuple[Kind, ...]
    scale: Scale
    against: tuple[str, ...]
    trends: Mapping[str, Measured] = field(default_factory=dict)
    plans: Mapping[str, tuple[Plan | None, ...]] = field(default_factory=dict)
    behind: tuple[Behind | None, ...] = ()
    open: Behind | None = None
    closing_mrr: int | None = None
    to_date: str = ""
    reach: Reach = Reach()

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """All figures, each with the name of its row."""
        rows = {one.name: one.points for one in (*self.measures, *self.funnel)} | dict(self.won)
        for name, points in rows.items():
            yield from ((name, one) for one in points if one is not None)
        for kind in self.kinds:
            yield from kind.figures()

    @property
    def name(self) -> str:
        """The period as people write it: ``Oct 2026``, ``FY27 Q3 (Aug–Oct 2026)``."""
        return self.period.window.month_names if self.period.kind == "month" else self.period.name


@dataclass(frozen=True)
class ExecutiveSummary:
    """The company's first page: its summary, a line a segment (worst against plan first, then In no segment and the
    company), and the change of won revenue by segment against the summary's base. ``overlap``: None where the segments
    add up to the company."""

    company: Summary
    lines: tuple[SegmentLine, ...]
    contributions: tuple[Change, ...]
    overlap: Overlap | None

    def figures(self) -> Iterator[tuple[str, str, Figure]]:
        """All figures, each with its segment and the name of its row."""
        yield from ((self.company.segment, name, figure) for name, figure in self.company.figures())
        for line in self.lines:
            for name, one in (("Won revenue", line.won), ("Won, new business", line.new), ("SQOs", line.sqos)):
                yield from ((line.segment, name, figure) for figure in (one.points if one else ()) if figure)
            for name, one in line.more.items():
                yield from ((line.segment, name, figure) for figure in one.points if figure)
            rates = (("NRR, 12 months", line.nrr), ("GRR, 12 months", line.grr))
            yield from ((line.segment, name, figure) for name, figure in rates if figure)
