"""The plan for each line of the scorecard, from the user's own table ``targets``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import BY_KEY
from segxl.catalogue.views import Cut
from segxl.errors import nearest
from segxl.facts.engine import Facts
from segxl.periods import Period, month_label
from segxl.scorecard.model import Plan

_Line = tuple[str, str, str]
"""Segment, metric and line."""

_WHY_NOT = "no quarterly plan: monthly targets of distinct accounts and of retention cannot be added up or averaged"


@dataclass
class _Planned:
    """The targets of one item of a line (the blank one of a line without): value and row in ``targets`` by month."""

    item: str
    months: dict[int, tuple[Fraction, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Misplaced:
    """A target whose item was not found: the row in ``targets``, and the reason."""

    row: int
    reason: str


class Targets:
    """The targets of a dataset by segment and line."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._table = facts.dataset.tables.get("targets")

    def planned(self, segment: str) -> bool:
        """Whether a segment has any plan."""
        return segment in self._segments

    @property
    def misplaced(self) -> Sequence[Misplaced]:
        """Targets that belong to no line."""
        return self._read[1]

    def items(self, segment: str, metric: Metric, cut: Cut, period: Period) -> tuple[str, ...]:
        """The items of a cut that have a target in the period, as the plan spells them."""
        found = self._targets.get((segment, metric.key, cut.key), {}).values()
        months = range(period.first, period.last + 1)
        return tuple(one.item for one in found if any(month in one.months for month in months))

    def plan(self, segment: str, metric: Metric, cut: Cut, item: str, period: Period) -> Plan | None:
        """The plan for a line; None if it has no target in any month.

        A month's plan is its target. A quarter's comes from those of its months:

        - what adds up (won revenue, leads, costs): their sum. 100, 120 and 150 make 370.
        - a stock (open pipeline, customers, closing MRR, % of SOM): the last month's. 100, 120 and 150 make 150. What
          is taken before the period begins (opening MRR, market share) is the first month's: 100.
        - a rate or an average of flows (win rates, conversion, deal size, cost per SQO): the mean of the months',
          each counting once, as their denominators are not planned. 30%, 32% and 37% make 33%. (The alternative, the
          last month's, would compare the whole quarter with the month at its end.)
        - distinct accounts of a window and retention: none. An account reached in two months is one in the quarter,
          and a month's retention is not a quarter's; neither sum nor mean is a plan of them.

        A month without target leaves the quarter without a plan, and the words say which; it is never taken as zero
        or spread over the others. (A stock asks only for the month that it takes.)
        """
        lines = self._targets.get((segment, metric.key, cut.key))
        found = lines.get(_fold(item)) if lines else None
        if found is None:
            return None
        expression, unit = metric.of(cut)
        targets = found.months
        months: Sequence[int] = range(period.first, period.last + 1)
        rule = expression.of_months
        words = "target for {}"
        if len(months) > 1:
            if rule == "none":
                return Plan(None, unit, _WHY_NOT, ())
            words = {"sum": "sum of the targets for {}", "mean": "mean of the targets for {}"}.get(rule, words)
            months = {"first": months[:1], "last": months[-1:]}.get(rule, months)
        missing = [month_label(month) for month in months if month not in targets]
        if missing:
            return Plan(None, unit, f"no target for {', '.join(missing)}", ())
        values = [targets[month][0] * unit.minor for month in months]
        value = sum(values, Fraction(0)) / (len(values) if rule == "mean" else 1)
        labels = ", ".join(month_label(month) for month in months)
        return Plan(value, unit, words.format(labels), tuple(targets[month][1] for month in months))

    @property
    def _targets(self) -> Mapping[_Line, Mapping[str, _Planned]]:
        return self._read[0]

    @cached_property
    def _segments(self) -> frozenset[str]:
        return frozenset(segment for segment, _, _ in self._targets)

    @cached_property
    def _read(self) -> tuple[dict[_Line, dict[str, _Planned]], list[Misplaced]]:
        """By line and item (its case does not count); and what belongs nowhere."""
        found: dict[_Line, dict[str, _Planned]] = {}
        misplaced: list[Misplaced] = []
        for row, (segment, metric, view, item, month, value) in enumerate(self._rows()):
            cut = view or self._cut_of(BY_KEY[metric], item)
            if isinstance(cut, Misplaced):
                misplaced.append(Misplaced(row, cut.reason))
                continue
            spelled = self._spelled(metric, cut, item)
            planned = found.setdefault((segment, metric, cut), {}).setdefault(_fold(item), _Planned(spelled))
            exact = Fraction(str(value))  # the decimal that the file shows, not its binary neighbour
            if planned.months.setdefault(month, (exact, row))[0] != exact:
                misplaced.append(Misplaced(row, f"{spelled!r} has two targets for {month_label(month)}"))
        return found, misplaced

    def _rows(self) -> Iterator[tuple[str, str, str, str, int, float]]:
        table = self._table
        if table is None:
            return
        names = ("segment", "metric", "view", "item", "month", "value")
        yield from zip(*(table[name].tolist() for name in names), strict=True)

    def _cut_of(self, metric: Metric, item: str) -> str | Misplaced:
        """The one cut of a metric that has an item of that name."""
        cuts = [cut for cut in metric.cuts if cut.each]
        holding = [cut.key for cut in cuts if _fold(item) in map(_fold, self._facts.labels(cut.by))]
        if len(holding) == 1:
            return holding[0]
        if holding:
            lines = " or ".join(f"{metric.key}.{key}" for key in holding)
            return Misplaced(0, f"{item!r} is an item of {' and '.join(holding)}; write the metric as {lines}")
        hint = nearest(item, [label for cut in cuts for label in self._facts.labels(cut.by)])
        return Misplaced(0, f"{metric.key} has no item {item!r}{hint}")

    def _spelled(self, metric: str, view: str, item: str) -> str:
        """An item as the data spells it."""
        cut = BY_KEY[metric].cut(view)
        labels = self._facts.labels(cut.by) if cut is not None and cut.each else ()
        return next((label for label in labels if _fold(label) == _fold(item)), item)


def _fold(item: str) -> str:
    return " ".join(item.split()).casefold()
