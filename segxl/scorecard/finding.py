"""A sentence of What to look at with what ranks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from segxl.scorecard.model import Number, Statement
from segxl.units import Unit


@dataclass(frozen=True)
class Finding:
    """A sentence with what ranks it: ``severity`` (0 the worst; 9 good news), then ``cents``, then ``share``.
    ``clause`` says the same in a few words, for the headline; blank for what the headline does not say. ``where``: the
    segment whose deals or customers are behind it, if the sentence names several."""

    statement: Statement
    severity: int
    cents: int | Fraction = 0
    share: Fraction = Fraction(0)
    clause: str = ""
    where: str = ""


def said(
    rule: str,
    segment: str,
    metric: str,
    text: str,
    direction: int,
    numbers: Mapping[str, tuple[Number, Unit]],
    *,
    good: bool | None = False,
) -> Statement:
    """A sentence from its ``text``, whose full stop this adds."""
    return Statement(rule, segment, metric, f"{text}.", direction, good, numbers)
