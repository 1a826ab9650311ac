"""The life of one deal: the stages it passes, its time in each, how its amount and close date move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.demo_company.market import LOST, STAGES, WON, Change, Kind
from tests.demo_company.randomness import Dice, total

_TIME_IN_STAGE = dict(zip(STAGES, (0.17, 0.22, 0.20, 0.24, 0.17), strict=True))
"""Share of a won deal's time."""
_LOST_FROM = dict(zip(STAGES, (0.24, 0.29, 0.20, 0.17, 0.10), strict=True))
_RENEWAL_LOST_FROM = dict(zip(STAGES, (0.15, 0.10, 0.05, 0.40, 0.30), strict=True))
"""Which stage lost deals are lost from."""
_SKIPPED = {Kind.NEW: 0.09, Kind.UPSELL: 0.30, Kind.CROSS_SELL: 0.15, Kind.RENEWAL: 0.70}
"""How often a stage in the middle is skipped: no one shows a demo to a customer of three years."""
_REGRESSED = 0.05
"""How often a deal falls back one stage and takes it again."""
_LINGERING = 1.8
"""Deals that will be lost stay longer in each stage than those that will be won."""
_WITHOUT_AMOUNT = 0.2
"""New and cross-sold deals that start without an amount."""
_SPEED = (0.45, 0.65, 0.8, 0.95, 1.1, 1.35, 1.9)
"""How the time deals take varies."""


@dataclass(frozen=True)
class Leg:
    """A way from opening, or reopening, to closing: the stages, the closed one last, and both ends' days."""

    stages: tuple[str, ...]
    start: int
    end: int


def road(dice: Dice, kind: Kind, won: bool, first: str = STAGES[0]) -> tuple[str, ...]:
    """The stages that a deal passes, from ``first`` to its closing."""
    lost_from = _RENEWAL_LOST_FROM if kind is Kind.RENEWAL else _LOST_FROM
    last = STAGES[-1] if won else dice.weighted(lost_from)
    ahead = STAGES[STAGES.index(first) : STAGES.index(last) + 1] or (first,)
    passed = [stage for stage in ahead if stage in (first, last) or not dice.chance(_SKIPPED[kind])]
    if len(passed) > 2 and dice.chance(_REGRESSED):
        back = dice.between(1, len(passed) - 1)
        passed[back:back] = [passed[back], passed[back - 1]]
    return (*passed, WON if won else LOST)


def duration(dice: Dice, stages: Sequence[str], cycle: float) -> int:
    """Workdays for this road, where a won deal typically takes ``cycle``."""
    typical = cycle * total(_TIME_IN_STAGE[stage] for stage in STAGES[: STAGES.index(stages[-2]) + 1])
    stretch = 1 if stages[-1] == WON else _LINGERING
    return max(round(typical * stretch * dice.curve(_SPEED)), len(stages))


def live(
    dice: Dice, kind: Kind, amount: int, step: int, cycle: float, legs: Sequence[Leg], due: int = 0
) -> list[Change]:
    """The history of a deal that ends at ``amount``; ``due`` is the day its contract ends, for a renewal.

    One change a day at most: several fields are saved together.
    """
    stages: dict[int, str] = {}
    closes: dict[int, int] = {}
    for leg in legs:
        stages |= _moves(dice, leg)
        closes |= _close_dates(dice, leg, cycle, due)
    amounts = _amounts(dice, amount, step, legs[0])
    if kind is not Kind.RENEWAL and len(legs) == 1 and dice.chance(_WITHOUT_AMOUNT):
        amounts = _blank_in_discovery(amounts, list(stages))
    history: list[Change] = []
    now = Change(legs[0].start, "", None, 0)
    for day in sorted({*stages, *closes, *amounts}):
        was = now
        stage, amount_then = stages.get(day, was.stage), amounts.get(day, was.amount)
        now = Change(day, stage, amount_then, closes.get(day, was.close))
        if now != replace(was, day=day):
            history.append(now)
    return history


def _moves(dice: Dice, leg: Leg) -> dict[int, str]:
    """Spread the stages over the leg's days."""
    weights = [_TIME_IN_STAGE[stage] * (0.5 + dice.roll()) for stage in leg.stages[:-1]]
    days, passed = [leg.start], 0.0
    for place, weight in enumerate(weights, 1):
        passed += weight
        day = leg.start + round((leg.end - leg.start) * passed / total(weights))
        days.append(min(max(day, days[-1] + 1), leg.end - (len(weights) - place)))
    return dict(zip(days, leg.stages, strict=True))


def _close_dates(dice: Dice, leg: Leg, cycle: float, due: int) -> dict[int, int]:
    """The close date as the seller sees it: a hopeful guess, put off each time it has come."""
    hopeful = round(cycle * dice.curve((0.7, 0.9, 1.0, 1.2)))
    expected = max(due or leg.start + hopeful, leg.start + 5)
    closes = {leg.start: expected}
    while expected < leg.end:
        put_off = expected
        expected += max(round(cycle * dice.curve((0.15, 0.3, 0.5))), 8)
        closes[put_off] = expected
    return closes | {leg.end: leg.end}


def _amounts(dice: Dice, amount: int, step: int, leg: Leg) -> dict[int, int | None]:
    """First guess, second thoughts, and what it came to."""
    times = dice.weighted({0: 0.5, 1: 0.36, 2: 0.14})
    edits = {dice.between(leg.start + 1, leg.end - 1) for _ in range(times)}
    guesses = [max(round(amount * dice.curve((0.7, 0.95, 1.1, 1.35)) / step), 1) * step for _ in edits]
    return dict(zip([leg.start, *sorted(edits)], [*guesses, amount], strict=True))


def _blank_in_discovery(amounts: dict[int, int | None], moves: Sequence[int]) -> dict[int, int | None]:
    """No one puts in an amount until the deal leaves Discovery; a deal that is lost there never gets one."""
    opened, leaves = moves[:2]
    if len(moves) == 2:
        return {opened: None}
    first = [known for day, known in sorted(amounts.items()) if day <= leaves][-1]
    return {opened: None, leaves: first} | {day: known for day, known in amounts.items() if day > leaves}
