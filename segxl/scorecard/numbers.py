"""One number of the scorecard by the names people use: metric, segment, period, view and item.

A view is one of the catalogue's (:mod:`segxl.catalogue.views`), the same word as in the JSON, or a key of the table
Numbers. The JSON gives some views several values; a word behind the view's key picks one:

=====================================  ==============================================================
view                                   value
=====================================  ==============================================================
``mom``, ``qoq``, ``yoy``              the difference; ``mom_percent`` the percentage, ``mom_base`` the base
``by_reason``                          the metric; ``by_reason_revenue``, ``by_reason_count_percent`` … its further
                                       numbers
``numerator``, ``total_denominator``   what a ratio was made of
=====================================  ==============================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from segxl.catalogue.measure import Ratio
from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import find_metric
from segxl.catalogue.text import views_of
from segxl.catalogue.views import Cut, View
from segxl.errors import SegxlError, nearest
from segxl.facts.engine import Facts
from segxl.periods import Period
from segxl.scorecard.compute import line_of
from segxl.scorecard.metric_views import change_key
from segxl.scorecard.model import Figure, Line
from segxl.scorecard.targets import Targets
from segxl.scorecard.unavailable import no_base, reason
from segxl.units import RATE, Unit

_COMPARISONS = {"mom": "month", "qoq": "quarter", "yoy": ""}
"""Views that compare, and the kind of period that they need."""
_PLANNED = ("plan", "variance", "attainment")
_OF_COMPARISONS = ("change", "percent", "base", "value")
_OF_RATIOS = ("numerator", "denominator")
_MOST_LINES, _SEVERAL = 20_000, 3
_SHARES = ("count_percent", "revenue_percent", "count")


@dataclass(frozen=True)
class Number:
    """One number as in the JSON.

    Attributes:
        value: in units, percentages as fractions; None where it is unavailable.
        unit: its unit.
        why: ``"n/a"`` or ``"N/M"`` where there is no value.
        reason: the reason as a sentence; blank where there is a value.
    """

    value: int | float | None
    unit: Unit
    why: str = ""
    reason: str = ""


@dataclass(frozen=True)
class _Asked:
    """A view's key taken apart: the catalogue's view, its last word, and which of its values is meant."""

    view: View
    word: str
    part: str


class Numbers:
    """Numbers of one dataset. A line is computed when one of its numbers is asked for, and kept."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._targets = Targets(facts)
        self._segments: set[str] = set()
        self._all = False
        self._lines: dict[tuple[str, str, Period, str, str, str], Line] = {}

    def together(self, segments: Iterable[str]) -> None:
        """Say which segments will be asked about. From the third on, each number is worked out for all segments at
        once: people ask for a column of segments in one formula, or fill a formula down."""
        self._segments.update(segments)
        if not self._all and len(self._segments) >= _SEVERAL:
            self._all = True
            self._facts.together(self._facts.dataset.segments.names)

    def number(self, metric: str, segment: str, period: Period, view: str = "", item: str = "") -> Number:
        """The number of a view. ``segment`` is a name as the dataset has it. A blank view is the metric's headline.

        Raises:
            SegxlError: no such metric, view or item.
        """
        found = find_metric(metric)
        asked = _asked(metric, view)
        if not self._all:
            self.together([segment])
        kind = _COMPARISONS.get(asked.word, "")
        if kind and kind != period.kind:
            fitting = change_key(period)
            raise SegxlError(f"{view} compares {kind}s, but {period.label} is a {period.kind}: use {fitting}")
        line = self._line(found, segment, period, asked, item)
        return self._number(found, line, asked, period)

    def of_line(self, metric: str, line: Line, period: Period, word: str = "") -> Number:
        """A number of a computed line: itself, or its ``mom_percent``, ``trailing_12``, ``plan`` …"""
        found = find_metric(metric)
        return self._number(found, line, _asked(metric, "_".join(filter(None, (line.cut.key, word)))), period)

    def items(self, metric: str, segment: str, period: Period, view: str) -> tuple[str, ...]:
        """The items of a view, such as the geos; none for a view without items.

        Raises:
            SegxlError: no such metric or view.
        """
        found = find_metric(metric)
        cut = _cut_of(found, _asked(metric, view).view)
        if not cut.each:
            return ()
        planned = self._targets.items(segment, found, cut, period)
        return tuple(dict.fromkeys((*self._facts.labels(cut.by), *planned)))

    def _line(self, metric: Metric, segment: str, period: Period, asked: _Asked, item: str) -> Line:
        cut = _cut_of(metric, asked.view)
        column = "companions" if asked.part in _further(metric, cut) else asked.view.column
        key = (metric.key, segment, period, cut.key, item, column)
        line = self._lines.get(key)
        if line is None:
            exact = self._item(metric, segment, period, cut.key, item) if cut.each or item else ""
            columns = frozenset({column})
            line = line_of(self._facts, segment, period, metric, cut, exact, self._targets, columns)
            if len(self._lines) >= _MOST_LINES:
                self._lines.clear()
            self._lines[key] = line
        return line

    def _item(self, metric: Metric, segment: str, period: Period, view: str, item: str) -> str:
        items = self.items(metric.key, segment, period, view)
        if not items:
            raise SegxlError(f"the view {view} has no items: leave item blank")
        if not item:
            raise SegxlError(f"{view} has several items; name one of: {', '.join(items)}")
        exact = next((one for one in items if one.casefold() == item.casefold()), None)
        if exact is None:
            raise SegxlError(f"{view} has no item {item!r}{nearest(item, items)}; items: {', '.join(items)}")
        return exact

    def _number(self, metric: Metric, line: Line, asked: _Asked, period: Period) -> Number:
        view, part = asked.view, asked.part
        if view.column == "plan":
            return self._planned(metric, line, asked.word)
        if view.column in ("previous", "year_ago"):
            return self._compared(metric, line, asked, period)
        figure = line.current if view.column == "current" else line.trailing_12
        assert figure is not None  # a view of 12 months that the line does not have was refused
        if part in _OF_RATIOS:
            return self._part(metric, line, figure, part)
        if part in line.companions:  # by_reason_count is the metric itself
            figure = line.companions[part]
        if figure.value is not None:
            return Number(figure.unit.shown(figure.value), figure.unit)
        return Number(None, figure.unit, figure.why or "n/a", self._why_unavailable(metric, line, figure))

    def _part(self, metric: Metric, line: Line, figure: Figure, part: str) -> Number:
        value: int | Fraction | None = getattr(figure, part)
        unit: Unit = getattr(figure, f"{part}_unit")
        if value is None:
            return Number(None, unit, "n/a", self._why_unavailable(metric, line, figure))
        return Number(unit.shown(value), unit)

    def _compared(self, metric: Metric, line: Line, asked: _Asked, period: Period) -> Number:
        base = line.previous if asked.view.column == "previous" else line.year_ago
        window = period.previous if asked.view.column == "previous" else period.year_ago
        unit, found = line.current.unit, line.against(base)
        values = {"base": found.base, "percent": found.percent, "value": found.value}
        value = values.get(asked.part, found.change)
        if asked.part == "percent":
            unit = RATE
        if value is not None:
            return Number(float(value) if asked.part == "percent" else unit.shown(value), unit)
        if asked.part == "value" or (asked.part != "base" and line.current.value is None):
            return Number(None, unit, "n/a", self._why_unavailable(metric, line, line.current))
        if base is None:
            why = no_base(self._facts, metric.of(line.cut)[0], window)
            return Number(None, unit, "n/a", f"{metric.name} has {why}")
        if base.value is None:
            return Number(None, unit, "n/a", self._why_unavailable(metric, line, base))
        if found.why == "N/M":
            shown = line.current.unit.text(line.current.unit.shown(base.value))
            said = f"the base, {window.months}, is {shown}: a percentage of zero or a negative number is not meaningful"
            return Number(None, unit, "N/M", said)
        return Number(None, unit, "n/a", f"{metric.name} is a rate: it changes in percentage points, use {asked.word}")

    def _planned(self, metric: Metric, line: Line, word: str) -> Number:
        unit = line.current.unit
        if line.plan is None:
            return Number(None, RATE if word == "attainment" else unit, "n/a", f"{metric.name} has no target here")
        found = line.attainment
        value = {"plan": line.plan.value, "variance": found.variance, "attainment": found.attainment}[word]
        if value is not None:
            return Number(float(value), RATE) if word == "attainment" else Number(unit.shown(value), unit)
        if line.plan.value is None:
            return Number(None, unit, "n/a", line.plan.note)
        if found.why == "N/M":
            return Number(None, RATE, "N/M", "the plan is zero or negative: attainment is not meaningful")
        return Number(None, unit, "n/a", self._why_unavailable(metric, line, line.current))

    def _why_unavailable(self, metric: Metric, line: Line, figure: Figure) -> str:
        name = metric.name if line.cut.key in ("total", metric.cuts[0].key) else f"{metric.name}, {line.cut.label}"
        return f"{name} is n/a in {figure.window.months}: {reason(self._facts, figure)}"


def views_to_ask(metric: Metric) -> tuple[str, ...]:
    """The keys of a metric's views, the headline first; the words that pick one of a view's values are not listed."""
    return (*views_of(metric), *_PLANNED)


def _further(metric: Metric, cut: Cut) -> tuple[str, ...]:
    """The further numbers of a cut's lines, by name."""
    if cut.companion:
        return ()
    return (*metric.companions, *(_SHARES if metric.shares and cut.by else ()))


def _cut_of(metric: Metric, view: View) -> Cut:
    cut = metric.planned_cut if view.planned else metric.cut(view.cut.key)
    if cut is None:
        keys = [cut.key for cut in metric.cuts]
        raise SegxlError(f"{metric.key} has no view {view.cut.key!r}; it has {', '.join(keys)}")
    return cut


@lru_cache(4096)
def _asked(key: str, view: str) -> _Asked:
    """A view's key taken apart, for a metric; blank is its headline."""
    metric = find_metric(key)
    text = "_".join(view.casefold().split())
    if not text:
        return _Asked(View(metric.cuts[0], "current"), "", "")
    parts = (*_OF_COMPARISONS, *_OF_RATIOS, *_SHARES, *metric.companions)
    for part in ("", *sorted(parts, key=len, reverse=True)):
        head = text if not part else "total" if text == part else text.removesuffix(f"_{part}")
        if part and head == text:
            continue
        try:
            found = View.parse(head)
        except SegxlError:
            continue
        word = next((one for one in (*_COMPARISONS, *_PLANNED) if head == one or head.endswith(f"_{one}")), "")
        asked = _Asked(found, word, "" if part == "change" else part)
        if _fits(metric, asked, part):
            return asked
    known = views_to_ask(metric)
    raise SegxlError(f"{metric.key} has no view {view!r}{nearest(text, known)}; views: {', '.join(known)}")


def _fits(metric: Metric, asked: _Asked, part: str) -> bool:
    """Whether a metric has the view, and the view the value that its last word names."""
    cut = metric.planned_cut if asked.view.planned else metric.cut(asked.view.cut.key)
    if cut is None:
        return False
    column = asked.view.column
    if part in _OF_COMPARISONS:
        return column in ("previous", "year_ago")
    if part in _OF_RATIOS:
        expression = metric.over_12_months(cut) if column == "trailing_12" else metric.of(cut)[0]
        return column in ("current", "trailing_12") and isinstance(expression, Ratio)
    if column == "trailing_12" and metric.over_12_months(cut) is None:
        return False
    return not part or (column == "current" and part in _further(metric, cut))
