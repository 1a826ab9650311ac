"""How what the catalogue declares is sent to another process: by its place, so that it is the catalogue's own there.

Metrics hold functions, which cannot be sent; lines and arithmetic are compared by identity.
"""

from __future__ import annotations

import copyreg
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

from segxl.catalogue.measure import Expression, Ratio, Sum, as_expression
from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import BY_KEY, CATALOGUE, find_metric
from segxl.catalogue.views import Cut


@cache
def _expressions() -> tuple[Expression, ...]:
    """All arithmetic of the catalogue's metrics, in the catalogue's order."""
    found: list[Expression] = []
    for metric in CATALOGUE:
        found += [metric.expression, *((metric.trailing,) if metric.trailing is not None else ())]
        found += [expression for expression, _ in (*metric.companions.values(), *metric.own_lines.values())]
    parts = [part for one in found if isinstance(one, Ratio) for part in (one.numerator, one.denominator)]
    return (*found, *parts)


@cache
def _places() -> dict[int, int]:
    return {id(one): place for place, one in enumerate(_expressions())}


def _metric(metric: Metric) -> tuple[Callable[[str], Metric], tuple[str]]:
    if BY_KEY.get(metric.key) is not metric:
        raise pickle.PicklingError(f"{metric.key} is not in the catalogue")
    return find_metric, (metric.key,)


def _cut(cut: Cut) -> tuple[Callable[[str, int], Cut], tuple[str, int]]:
    for metric in CATALOGUE:
        for place, one in enumerate(metric.cuts):
            if one is cut:
                return cut_at, (metric.key, place)
    raise pickle.PicklingError(f"{cut.key} is not in the catalogue")


def cut_at(key: str, place: int) -> Cut:
    """A line of a metric."""
    return BY_KEY[key].cuts[place]


def _expression(one: Expression) -> tuple[Callable[..., Any], tuple[object]]:
    place = _places().get(id(one))
    if place is not None:
        return expression_at, (place,)
    if isinstance(one, Sum) and len(one.terms) == 1 and as_expression(measure := one.terms[0][1]) is one:
        return as_expression, (measure,)
    raise pickle.PicklingError(f"{one} is not in the catalogue")


def expression_at(place: int) -> Expression:
    """Arithmetic of the catalogue."""
    return _expressions()[place]


def send_by_place() -> None:
    """From now on, pickle sends what the catalogue declares by its place."""
    copyreg.pickle(Metric, _metric)
    copyreg.pickle(Cut, _cut)
    copyreg.pickle(Sum, _expression)
    copyreg.pickle(Ratio, _expression)
