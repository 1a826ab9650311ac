"""A metric: its name, definition, arithmetic and views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from segxl.catalogue.measure import Expression, Measure, Ratio, as_expression
from segxl.catalogue.views import Cut
from segxl.units import RATE, Unit

Better = Literal["higher", "lower", "neutral"]
Area = Literal["Segment performance", "Demand generation", "Pipeline", "Sales performance"]
Arithmetic = Measure | Expression


@dataclass(frozen=True)
class Metric:
    """One metric of the scorecard.

    Attributes:
        key: fixed name. name: the field's term.
        source_name: the wording of GoMo's scorecard; blank for a metric that only segxl has.
        area: its chapter, the source's "<area> Metrics". unit, better: unit and favourable direction.
        definition: what the reader sees. example: a worked example in numbers.
        expression: the arithmetic. trailing: the arithmetic over 12 months, if different.
        companions: further numbers of each line, by name.
        own_lines: further numbers with a line of their own, by the key of their view.
        cuts: its lines, the headline first. shares: whether each line also says what part of the total it is.
        source_views: the source's bullets, each with the keys of the views that answer it.
        planned: the line that the metric's key alone means in a plan or control total, if not the headline.
    """

    key: str
    name: str
    area: Area
    unit: Unit
    better: Better
    definition: str
    example: str
    expression: Expression
    cuts: tuple[Cut, ...]
    source_name: str = ""
    trailing: Expression | None = None
    companions: Mapping[str, tuple[Expression, Unit]] = field(default_factory=dict)
    own_lines: Mapping[str, tuple[Expression, Unit]] = field(default_factory=dict)
    shares: bool = False
    source_views: tuple[tuple[str, tuple[str, ...]], ...] = ()
    planned: str = ""

    @property
    def source(self) -> str:
        """The source of its definition, as text."""
        return (
            f"GoMo, Segment Metrics, {self.area} Metrics: {self.source_name}" if self.source_name else "added by segxl"
        )

    @property
    def has_trailing_12(self) -> bool:
        """A stock has no sum over 12 months."""
        return self.trailing is not None or self.expression.spans_months

    @property
    def follows_accounts(self) -> bool:
        """Whether its rates follow the accounts of their window's start, as retention does, so that the period's and
        the 12 months' are of different accounts and may lie on opposite sides of 100%."""
        return self.unit is RATE and self.trailing is not None

    @property
    def averages_12_months(self) -> bool:
        """Whether its 12 months are an average of what the period has one of, such as opening MRR."""
        return isinstance(self.trailing, Ratio) and not isinstance(self.expression, Ratio)

    @property
    def formula(self) -> str:
        """The arithmetic as text, from the measures themselves."""
        return in_words(self.expression)

    @property
    def trailing_formula(self) -> str:
        """The arithmetic over 12 months, if different; else blank."""
        return "" if self.trailing is None else in_words(self.trailing)

    @property
    def fact_names(self) -> tuple[str, ...]:
        """The facts that it reads, each once."""
        return tuple(dict.fromkeys(measure.fact for measure in measures_of(self.expression)))

    @property
    def all_measures(self) -> tuple[Measure, ...]:
        """The measures of everything it shows: itself, over 12 months, and its companions."""
        further = (expression for expression, _ in (*self.own_lines.values(), *self.companions.values()))
        shown = (self.expression, *(() if self.trailing is None else (self.trailing,)), *further)
        return tuple(measure for expression in shown for measure in measures_of(expression))

    @property
    def uses_amounts(self) -> bool:
        """Whether any part of it adds up amounts."""
        return any(measure.quantity == "cents" for measure in measures_of(self.expression))

    def of(self, cut: Cut) -> tuple[Expression, Unit]:
        """The arithmetic and the unit of one of its lines."""
        if cut.companion in self.own_lines:
            return self.own_lines[cut.companion]
        return self.companions[cut.companion] if cut.companion else (self.expression, self.unit)

    def over_12_months(self, cut: Cut) -> Expression | None:
        """The arithmetic of one of its lines over 12 months; None for a line that has none."""
        expression, _ = self.of(cut)
        if self.trailing is not None and not cut.companion:
            return self.trailing
        return expression if expression.spans_months and not cut.now_only else None

    @property
    def planned_cut(self) -> Cut:
        """The line meant by the metric's key without a view in a plan or control total."""
        return next((cut for cut in self.cuts if cut.key == self.planned), self.cuts[0])

    def cut(self, key: str) -> Cut | None:
        """Its line with a key; ``total`` is its headline, whatever its key. None without."""
        if key == "total" and not self.cuts[0].each:
            return self.cuts[0]
        return next((cut for cut in self.cuts if cut.key == key), None)


def declare(
    *,
    name: str,
    area: Area,
    unit: Unit,
    better: Better,
    cuts: tuple[Cut, ...],
    example: str,
    source_name: str = "",
    source_views: tuple[tuple[str, tuple[str, ...]], ...] = (),
    trailing: Arithmetic | None = None,
    companions: Mapping[str, tuple[Arithmetic, Unit]] | None = None,
    own_lines: Mapping[str, tuple[Arithmetic, Unit]] | None = None,
    shares: bool = False,
    planned: str = "",
) -> Callable[[Callable[[], Arithmetic]], Metric]:
    """Make a metric of a function: its name is the key, its docstring the definition, its result the arithmetic."""

    def parts(given: Mapping[str, tuple[Arithmetic, Unit]] | None) -> dict[str, tuple[Expression, Unit]]:
        return {key: (as_expression(value), its_unit) for key, (value, its_unit) in (given or {}).items()}

    def make(function: Callable[[], Arithmetic]) -> Metric:
        return Metric(
            key=function.__name__,
            name=name,
            source_name=source_name,
            area=area,
            unit=unit,
            better=better,
            definition=" ".join((function.__doc__ or "").split()),
            example=example,
            expression=as_expression(function()),
            cuts=cuts,
            trailing=None if trailing is None else as_expression(trailing),
            companions=parts(companions),
            own_lines=parts(own_lines),
            shares=shares,
            source_views=source_views,
            planned=planned,
        )

    return make


def measures_of(expression: Expression) -> tuple[Measure, ...]:
    """The measures of an expression, those of a ratio's both parts."""
    return expression.measures


def in_words(expression: Expression) -> str:
    """An expression in the words of its measures."""
    if isinstance(expression, Ratio):
        top, bottom = _terms_in_words(expression.numerator.terms), _terms_in_words(expression.denominator.terms)
        return f"({top}) / ({bottom})"
    return _terms_in_words(expression.terms)


def _terms_in_words(terms: tuple[tuple[int, Measure], ...]) -> str:
    words = [("+ " if sign > 0 else "− ") + measure.label for sign, measure in terms]
    return " ".join(words).removeprefix("+ ")
