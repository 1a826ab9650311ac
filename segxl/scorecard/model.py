"""The scorecard as computed: frozen, exact, without Excel and without files."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

from segxl.catalogue.line_names import short_line_name
from segxl.catalogue.measure import Expression, Ratio
from segxl.catalogue.metric import Metric
from segxl.catalogue.views import ColumnName, Cut
from segxl.dataset.check import Check
from segxl.dataset.warnings import DataWarning
from segxl.facts.arrays import Scope
from segxl.periods import Period, Window
from segxl.settings.toggles import Effect, Turned
from segxl.sources.ledger import Ledger
from segxl.units import COUNT, RATE, Unit

Why = Literal["n/a", "N/M"]


class Term(NamedTuple):
    """A fact that a number adds up, with its sign."""

    sign: int
    fact: str


class Selector(NamedTuple):
    """The rows of a number: events of a scope, reduced to some items of a dimension.

    Explain and the links of a pack go through it.
    """

    terms: tuple[Term, ...]
    scope: Scope
    by: str = ""
    items: tuple[str, ...] = ()


FEW = 10
"""A rate of fewer is shown in grey, with their number."""


class Figure(NamedTuple):
    """One number with its parts.

    ``value`` is exact, in the unit's minor measure; None with ``why`` where it is unavailable. ``numerator`` and
    ``denominator`` are there for ratios. ``months`` is how many months of the window have data, where that is fewer
    than all. ``expression`` is what was worked out, of a figure that is a catalogue's expression over ``rows``.
    ``meaningless``: why pages do not show the value as a number, although it is what the definition gives.
    """

    value: int | Fraction | None
    unit: Unit
    window: Window
    rows: Selector
    why: Why | None = None
    numerator: int | Fraction | None = None
    denominator: int | Fraction | None = None
    numerator_unit: Unit | None = None
    denominator_unit: Unit | None = None
    months: int | None = None
    expression: Expression | None = None
    meaningless: str = ""

    @property
    def small(self) -> int | None:
        """How many a rate is made of, where they are fewer than :data:`FEW`: a single one moves it by 10% or more."""
        count = self.denominator if self.unit is RATE and self.denominator_unit is COUNT else None
        return int(count) if count is not None and 0 < count < FEW else None

    @property
    def meant(self) -> int | Fraction | None:
        """The value where it says something; None where it is unavailable or meaningless."""
        return None if self.meaningless else self.value

    @property
    def is_over_zero(self) -> bool:
        """Whether it is unavailable only because nothing is in its denominator: other data could fill it."""
        return self.value is None and isinstance(self.expression, Ratio) and self.denominator == 0

    @property
    def key(self) -> Hashable:
        """The identity of the number among all of a scorecard: expression, scope, dimension and items. A text, which is
        quick to find again."""
        return _number_key(self.expression, self.rows)


@lru_cache(maxsize=1 << 16)
def _number_key(expression: Expression | None, rows: Selector) -> str:
    what, scope = None if expression is None else expression.key, rows.scope
    start, end = scope.window.days
    return repr((what, scope.segment, start, end, scope.member_on, rows.by, rows.items))


class Comparison(NamedTuple):
    """A number against a base: the difference, and the difference as a part of the base.

    ``percent`` is None with ``why`` "N/M" on a base that is zero or negative, "n/a" where the base is missing, and for
    rates, which compare in percentage points.
    """

    value: int | Fraction | None
    base: int | Fraction | None
    change: int | Fraction | None
    percent: Fraction | None
    why: Why | None


@dataclass(frozen=True)
class Plan:
    """The plan for a line: ``value`` in the unit's minor measure, None without usable targets.

    ``note``: how it follows from the targets, or why there is none. ``rows``: the rows of ``targets`` that it adds up.
    """

    value: Fraction | None
    unit: Unit
    note: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Attainment:
    """A number against its plan.

    ``variance`` is actual less plan, whichever direction is favourable; ``attainment`` is actual / plan. Both are None
    where one of the two is missing; the attainment of a plan of zero or less is "N/M".
    """

    variance: int | Fraction | None
    attainment: Fraction | None
    why: Why | None


def attained(actual: int | Fraction | None, plan: Plan | None) -> Attainment:
    """A number against its plan: see :attr:`Line.attainment`."""
    planned = plan.value if plan is not None else None
    if planned is None or actual is None:
        return Attainment(None, None, "n/a")
    if planned <= 0:
        return Attainment(actual - planned, None, "N/M")
    return Attainment(actual - planned, Fraction(actual, planned), None)


@dataclass(frozen=True)
class Line:
    """One row of the scorecard: a metric's total, or one item of a cut, in all its columns.

    ``current`` is the period; ``previous`` and ``year_ago`` are the bases, None where there is no data for them;
    ``trailing_12`` is None for stocks. ``companions`` are the metric's further numbers for the period, by name.
    ``plan`` is None for a line without targets.
    """

    cut: Cut
    item: str
    current: Figure
    previous: Figure | None
    year_ago: Figure | None
    trailing_12: Figure | None
    companions: Mapping[str, Figure] = field(default_factory=dict)
    plan: Plan | None = None

    @property
    def attainment(self) -> Attainment:
        """The period against its plan.

        The variance is always actual less plan, and the attainment actual / plan, so that they mean the same for every
        metric; colour and sign show what is favourable. Lost revenue with a plan of 100 and an actual of 120: +20,
        120%, unfavourable. (The alternative, reversing both where less is better, would give one name two meanings.)
        """
        return attained(self.current.value, self.plan)

    def against(self, base: Figure | None) -> Comparison:
        """The period against one of its bases; rates in percentage points."""
        return compare(self.current, base, rate=self.current.unit is RATE)


def compare(current: Figure, base: Figure | None, *, rate: bool) -> Comparison:
    """``current`` against ``base``.

    A base of zero or less makes the percentage meaningless ("N/M"), a missing one impossible ("n/a"); the difference
    is given whenever both numbers are there. From 80 to 100: +20, +25%. From 0 to 5: +5, N/M.
    """
    return compare_values(current.value, base.value if base else None, rate=rate)


def compare_values(current: int | Fraction | None, base: int | Fraction | None, *, rate: bool = False) -> Comparison:
    """The same of plain numbers."""
    if current is None or base is None:
        return Comparison(current, base, None, None, "n/a")
    change = current - base
    if rate:
        return Comparison(current, base, change, None, "n/a")
    if base <= 0:
        return Comparison(current, base, change, None, "N/M")
    return Comparison(current, base, change, Fraction(change, base), None)


@dataclass(frozen=True)
class MetricResult:
    """A metric's lines: its headline first, then its cuts.

    ``notes`` are remarks for the reader. ``not_reconstructed`` counts, for the open pipeline, opportunities whose stage
    was not recorded. ``lacks`` names the missing tables, and columns as ``leads.mql_on``, that the metric needs.
    """

    metric: Metric
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    not_reconstructed: int | None = None
    lacks: tuple[str, ...] = ()

    @property
    def headline(self) -> Line | None:
        """The metric's own line; None for one that has only items."""
        return self.lines[0] if self.lines and not self.lines[0].cut.each else None

    @property
    def total(self) -> Line:
        """The metric's own line, of a metric that has one."""
        assert self.headline is not None
        return self.headline

    def of(self, cut: Cut) -> tuple[Line, ...]:
        """The lines of one cut."""
        return tuple(line for line in self.lines if line.cut.key == cut.key)


@dataclass(frozen=True)
class LineEffect(Effect[Figure]):
    """The effect of a toggle on a line of a metric, in one of its columns."""

    metric: Metric
    cut: Cut
    item: str
    column: ColumnName

    @property
    def view(self) -> str:
        """The key of the view: ``total``, ``trailing_12``, ``revenue_trailing_12``, ``by_stage`` …"""
        if self.column == "current":
            return self.cut.key
        headline = self.metric.cuts[0].key == self.cut.key and not self.cut.each
        return self.column if headline else f"{self.cut.key}_{self.column}"


@dataclass(frozen=True)
class Amount:
    """Opportunities: their amount in cents, and their number."""

    cents: int
    count: int


@dataclass(frozen=True)
class PipelineStatus:
    """The open pipeline by expected close date, at the end of the period; see
    :func:`segxl.scorecard.pipeline_status.pipeline_status`.

    ``parts`` are the open opportunities by :data:`segxl.facts.expected_close.PARTS`, and ``open`` all of them;
    ``weighted``: cents times probability, None if no opportunity has one; ``unweighted``: the opportunities without
    one; ``won``: cents won from the start of the quarter to the end of the period. ``this`` and ``following`` are the
    quarter and the one after it.
    """

    parts: Mapping[str, Amount]
    weighted: Fraction | None
    unweighted: Amount
    won: int
    won_window: Window
    this: Coverage
    following: Coverage


@dataclass(frozen=True)
class Coverage:
    """Coverage: open amounts due in a quarter, divided by the amount still to be won in it.

    ``ratio`` with its parts, and the reason where it is unavailable; ``plan``: the quarter's target for won revenue,
    None without one.
    """

    quarter: Period
    plan: Plan | None
    ratio: Figure


@dataclass(frozen=True)
class SegmentScorecard:
    """One segment's metrics by key.

    ``bridge`` leads from the open pipeline before the period to the one at its end, ``mrr_rollforward`` from opening to
    closing MRR: cents by line, without their sign; None where the data is not sufficient. ``toggle_effects``: the
    numbers under the other reading of each toggle. ``pipeline_status``: the open pipeline by expected close;
    ``planned``: whether the segment has any target. ``why_no_pipeline`` and ``why_no_mrr``: why the pipeline, or the
    MRR at the period's end, is unavailable; else blank.
    """

    segment: str
    metrics: Mapping[str, MetricResult]
    bridge: Mapping[str, int] | None = None
    mrr_rollforward: Mapping[str, int] | None = None
    toggle_effects: tuple[Turned[LineEffect], ...] = ()
    pipeline_status: PipelineStatus | None = None
    planned: bool = False
    why_no_pipeline: str = ""
    why_no_mrr: str = ""


@dataclass(frozen=True)
class Scorecard:
    """Scorecards of one period over some segments, with their checks and their inputs; over several of them with the
    executive view of all segments. ``warnings`` are the conditions of the data that can change its numbers."""

    name: str
    period: Period
    currency: str
    settings: Mapping[str, object]
    toggles: Mapping[str, object]
    segments: Mapping[str, SegmentScorecard]
    checks: tuple[Check, ...]
    ledger: Ledger
    version: str
    notes: tuple[str, ...] = ()
    as_of: str | None = None
    run_date: str | None = None
    executive: Executive | None = None
    warnings: tuple[DataWarning, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all checks passed."""
        return all(check.passed for check in self.checks)


@dataclass(frozen=True)
class ExecutiveColumn:
    """A metric, or one of its further lines, as a column; ``key`` as in the settings."""

    key: str
    metric: Metric
    cut: Cut

    @property
    def name(self) -> str:
        """The short name for the narrow column."""
        return short_line_name(self.metric, self.cut)


@dataclass(frozen=True)
class KeyFigure:
    """A segment's figure with its bases, and that of each of the 13 months up to the period's last; None for months
    without data."""

    line: Line
    trend: tuple[Figure | None, ...]


@dataclass(frozen=True)
class ExecutiveRow:
    """A segment's key figures by the column's key."""

    segment: str
    figures: Mapping[str, KeyFigure]


@dataclass(frozen=True)
class Executive:
    """All segments in order, then In no segment, then the company. ``months``: the months of the trends."""

    columns: tuple[ExecutiveColumn, ...]
    months: tuple[str, ...]
    rows: tuple[ExecutiveRow, ...]
    standing_out: tuple[Statement, ...]
    reconciliation: tuple[Reconciled, ...]
    overlaps: Overlaps


RECONCILED = ("segments", "repeated", "none", "company_only", "company")
"""The amounts of a :class:`Reconciled` that documents and tables give."""


@dataclass(frozen=True)
class Reconciled:
    """One metric's company figure against its parts, in the unit's minor measure.

    ``segments``: the sum of the segments' figures as shown. ``repeated``: the amount counted more than once;
    ``repeated_rows``: its rows (or accounts). ``company_only``: for distinct counts only. ``unexplained``: rows of the
    company that are in no part, for no known reason.
    """

    metric: Metric
    cut: Cut
    unit: Unit
    distinct: bool
    segments: int
    repeated: int
    repeated_rows: int
    none: int
    company_only: int
    company: int
    unexplained: int = 0

    @property
    def found(self) -> int:
        """The total of the parts."""
        return self.segments - self.repeated + self.none + self.company_only

    @property
    def passed(self) -> bool:
        """The parts add up to the company."""
        return self.found == self.company and not self.unexplained


@dataclass(frozen=True)
class OverlapPair:
    """Two segments that overlap: accounts in both on the period's last day, and the deals that both count."""

    first: str
    second: str
    accounts: int
    won: int
    won_cents: int
    open: int
    open_cents: int


@dataclass(frozen=True)
class Overlaps:
    """Accounts in more than one segment, each counted once, and by pair of segments. Only accounts of the company's
    market (SOM) count; ``none``: those in no segment; ``further``: the number of pairs that are not listed;
    ``parts``: segments that share nothing and with those in no segment make up the market, if there are such."""

    accounts: int
    all_accounts: int
    none: int
    pairs: tuple[OverlapPair, ...]
    further: int
    parts: tuple[str, ...] = ()


Number = int | Fraction | None


@dataclass(frozen=True)
class Statement:
    """A sentence of a rule about a segment's metric.

    ``direction``: 1 up, −1 down, 0 neither. ``favourable``: None where it does not apply. ``numbers``: the sentence's
    numbers by name, in minor units or fractions, with their unit. ``severity`` of a finding: 0 the worst, 9 good news.
    """

    rule: str
    segment: str
    metric: str
    text: str
    direction: int = 0
    favourable: bool | None = None
    numbers: Mapping[str, tuple[Number, Unit]] = field(default_factory=dict)
    severity: int = 0


def numbers_in(unit: Unit, **numbers: Number) -> dict[str, tuple[Number, Unit]]:
    """The numbers of a sentence that have one unit."""
    return {name: (value, unit) for name, value in numbers.items()}
