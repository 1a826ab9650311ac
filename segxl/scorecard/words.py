"""Numbers in sentences, each rounded as the page's cells round it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from segxl.scorecard.model import Number
from segxl.units import ATTAINED, MINUS, MONEY, POINTS, RATE, TIMES, Scale, Unit

BEYOND = Fraction(999, 100)
"""Beyond this change, only the base was small."""


def names_text(names: Sequence[str]) -> str:
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
    return "more than 999%" if share > BEYOND else share_text(share)


def signed_points(change: Number) -> str:
    """A change of a rate: ``+2.0 pp``, ``−32.7 pp``."""
    sign = "" if not change else MINUS if change < 0 else "+"
    return f"{sign}{points_text(change)}"


def points_text(change: Number) -> str:
    """A change of a rate, without its sign: ``2.8 pp``."""
    return f"{POINTS.text(POINTS.shown(abs(Fraction(change or 0)) * 100))} pp"


def whose(name: str) -> str:
    """Of a segment: ``SMB's``, ``Regulated industries'``."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def times_text(value: Fraction | int) -> str:
    """A multiple: ``1.8×``."""
    return f"{TIMES.text(TIMES.shown(value))}×"


def difference_text(first: Number, second: Number, unit: Unit, scale: Scale) -> str:
    """The distance of two numbers as readers calculate it from what is shown: ``101k`` between 815k and 714k, also if
    the exact numbers are 815.4k and 713.7k."""
    one, other = Fraction(first or 0), Fraction(second or 0)
    written = scale.unit(one) if unit is MONEY else unit
    step = Fraction(written.scale * written.minor, 10**written.decimals * (100 if written.percent else 1))
    rounded = (floor(one / step + Fraction(1, 2)) - floor(other / step + Fraction(1, 2))) * step
    in_steps = unit is not MONEY or (bool(rounded) and scale.unit(other) is written is scale.unit(rounded))
    return amount_text(abs(rounded if in_steps else one - other), unit, scale)
