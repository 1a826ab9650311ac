"""The segment performance report as computed: frozen, exact, without Excel and without files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from segxl.dataset.check import Check
from segxl.dataset.warnings import DataWarning
from segxl.periods import Span
from segxl.report.choices import Choice
from segxl.report.states import STAGES, STATES, ActivityLine
from segxl.sources.ledger import Ledger
from segxl.units import COUNT, Scale, Unit

When = Literal["baseline", "analysis", "year_before"]
WHEN: tuple[When, ...] = ("baseline", "analysis")
"""The two that a report compares; its first page has amounts of the year before too."""

ReportPart = Literal[
    "cohort",
    "increased",
    "decreased",
    "gained",
    "lost",
    "engaged",
    "opportunities",
    "state",
    "movement",
    "line",
    "state_in",
    "to_call",
    "to_save",
]


@dataclass(frozen=True)
class Selector:
    """The accounts behind a number, for explain and the links of a workbook.

    ``cohort``, ``increased``, ``decreased``; ``engaged`` (above No Engagement) in timeframe ``b``, or the others with
    ``a`` not; ``gained`` and ``lost`` (engaged in one timeframe only); ``opportunities`` with an amount in new pipeline
    (``a`` created) or total won (won) of timeframe ``b``; ``state`` ``a`` in timeframe ``b``; ``movement`` from ``a``
    to ``b``; ``line`` with key ``a`` in timeframe ``b``; ``state_in``, buying stage or engagement state ``a`` in the
    month or week ``b``, such as 2026-10; ``to_call``, those to call now, and ``to_save``, those at risk: see
    :class:`segxl.report.working.Working`.
    """

    part: ReportPart
    a: str = ""
    b: str = ""


@dataclass(frozen=True)
class Number:
    """One number: exact, in the unit's minor measure, with its accounts; None with ``why`` where it is unavailable."""

    value: int | None
    accounts: Selector | None = None
    unit: Unit = COUNT
    why: str = ""

    @property
    def shown(self) -> int | float | None:
        """As people and JSON see it."""
        return None if self.value is None else self.unit.shown(self.value)


@dataclass(frozen=True)
class Summary:
    """The summary statistics, and the exclusions.

    ``increased`` counts accounts whose buying stage (or highest engagement state) rose, ``decreased`` those whose fell;
    ``net_engaged`` is the change in the number of accounts above No Engagement. The baseline's amounts follow the same
    rules as the analysis'. ``to_call`` and ``to_save``: accounts to call now and accounts at risk, in no document.
    ``foreign``: opportunities excluded because of their currency: number and face value in cents, by currency.
    ``blank_categories``: the rows of each table that a chosen product category excludes because theirs is blank.
    """

    total_accounts: Number
    increased: Number
    decreased: Number
    net_engaged: Number
    gained: Number
    lost: Number
    new_pipeline: Number
    total_won: Number
    baseline_new_pipeline: Number
    baseline_total_won: Number
    to_call: Number
    to_save: Number
    foreign: Mapping[str, tuple[int, int]]
    without_account: int
    retargeting: int
    zero: int
    irrelevant: int
    blank_categories: Mapping[str, int]
    blank_amounts: int


@dataclass(frozen=True)
class StateLine:
    """A buying stage or an engagement state: its accounts, and the money of those accounts, in both timeframes."""

    state: str
    baseline: Number
    analysis: Number
    new_pipeline: Number
    total_won: Number
    baseline_new_pipeline: Number
    baseline_total_won: Number
    available: bool = True
    why: str = ""


@dataclass(frozen=True)
class Movement:
    """The number of accounts from one state (rows: baseline) to another (columns: analysis)."""

    states: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...] | None
    why: str = ""


MOVEMENTS = {"movement": ("buying-stage", STAGES), "state_movement": ("engagement", STATES)}
"""The two grids by their key in every document: the report that has them, and their states."""


@dataclass(frozen=True)
class StatesIn:
    """The cohort by highest buying stage, or by engagement state, in one month or week: a number for each state;
    ``counts`` is None if unknown."""

    span: Span
    counts: tuple[Number, ...] | None
    why: str = ""


@dataclass(frozen=True)
class StatesOverTime:
    """The same cohort in each of the 13 months, or weeks, that end with the analysis; none with ``why`` without.

    Buying stages are exclusive and add up to the cohort; engagement states are not.
    """

    states: tuple[str, ...]
    spans: tuple[StatesIn, ...]
    why: str = ""


OVER_TIME = {"stages_over_time": ("buying-stage", STAGES), "states_over_time": ("engagement", STATES)}
"""The two pages over time by their key in every document: the report that has them, and their states."""


@dataclass(frozen=True)
class SourceLine:
    """A line of activities by source. ``change`` is a fraction of the baseline, None with ``change_why``."""

    line: ActivityLine
    baseline: Number
    analysis: Number
    change: Fraction | None
    change_why: str
    new_pipeline: Number
    total_won: Number
    available: bool = True
    why: str = ""


@dataclass(frozen=True)
class Reconciliation:
    """A step from one part of the report to another; the last of a group is their total."""

    name: str
    new_pipeline: Number
    total_won: Number
    total: bool = False


@dataclass(frozen=True)
class Chance:
    """How readily chance alone gives a change: ``up`` against ``down`` of the accounts that changed."""

    name: str
    up: int
    down: int
    p: float
    text: str


@dataclass(frozen=True)
class Report:
    """A segment performance report with its checks and its inputs; ``warnings`` are the conditions of the data that can
    change its numbers, ``scale`` is how its first page and its sentences write amounts."""

    name: str
    currency: str
    choice: Choice
    summary: Summary
    performance: tuple[StateLine, ...]
    movement: Movement
    over_time: StatesOverTime
    activities: tuple[SourceLine, ...]
    reconciliation: tuple[Reconciliation, ...]
    chances: tuple[Chance, ...]
    notes: tuple[str, ...]
    checks: tuple[Check, ...]
    toggles: Mapping[str, object]
    settings: Mapping[str, object]
    ledger: Ledger
    version: str
    scale: Scale
    as_of: str | None = None
    run_date: str | None = None
    count_by: str = "account"
    warnings: tuple[DataWarning, ...] = ()

    def money(self, cents: int) -> str:
        """An amount for a sentence, without its sign: ``5,732k``; a full one with its currency, ``1,520 USD``."""
        return self.scale.text(cents) + ("" if self.scale.letter else f" {self.currency}")

    @property
    def passed(self) -> bool:
        """Whether all checks passed."""
        return all(check.passed for check in self.checks)

    @property
    def movements(self) -> Mapping[str, Movement]:
        """Both grids by key; the missing one names the report that has it."""
        return {
            key: self.movement if kind == self.choice.type else Movement(states, None, f"part of the {kind} report")
            for key, (kind, states) in MOVEMENTS.items()
        }

    @property
    def all_over_time(self) -> Mapping[str, StatesOverTime]:
        """Both by key, in the same way."""
        return {
            key: self.over_time
            if kind == self.choice.type
            else StatesOverTime(states, (), f"part of the {kind} report")
            for key, (kind, states) in OVER_TIME.items()
        }
