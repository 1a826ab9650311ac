"""The probability that chance alone gives a change this large: McNemar's exact test on the paired accounts.

Each account is its own pair: its state in the baseline and in the analysis. For two states (engaged or not) this is
McNemar's test as he gave it; for more (five buying stages) the same sum over all who rose and all who fell, which is
also called the sign test.
"""

from __future__ import annotations

import math
from fractions import Fraction

from segxl.messages import counted

CLEAR = 0.05
"""From this probability on, a change may be chance."""

_EXACT = 10_000
"""Up to here every binomial coefficient is exact; beyond, logarithms give the same digits that are shown."""


def mcnemar(up: int, down: int) -> float:
    """The exact two-sided p-value: the chance of a split at least as uneven if up and down were equally likely.

    Only accounts that changed count: of n = up + down, twice the lower binomial tail at one half, at most 1. With 5 up
    and 1 down: 2 × (1 + 6) / 64 = 0.21875.
    """
    total, fewer = up + down, min(up, down)
    if total == 0:
        return 1.0
    if total <= _EXACT:
        tail = sum(math.comb(total, k) for k in range(fewer + 1))
        return float(min(1.0, 2 * tail / 2**total))
    log_half = total * math.log(2)
    largest = _log_comb(total, fewer)
    scale = 0.0
    for k in range(fewer, -1, -1):
        term = math.exp(_log_comb(total, k) - largest)
        scale += term
        if term < 1e-17:
            break
    return min(1.0, 2 * math.exp(largest - log_half + math.log(scale)))


def _log_comb(total: int, k: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)


def chance_text(what: str, up: int, down: int, up_word: str, down_word: str) -> str:
    """One plain line: the split, how likely it is by chance, and what that means for a cohort that is a census."""
    moved = f"{what}: {counted(up, f'account {up_word}', f'accounts {up_word}')}, {down:,} {down_word}"
    if up + down == 0:
        return f"{moved}; no account changed, so no test is possible."
    odds = _odds(mcnemar(up, down))
    return (
        f"{moved}. If up and down were equally likely, a split this uneven or more would occur {odds} (exact McNemar "
        f"test). The counts cover the whole cohort and have no sampling error. The test shows how likely chance is, "
        f"not "
        f"the cause."
    )


def chance_words(up: int, down: int) -> str:
    """How often chance alone parts up and down so far: ``such a gap by chance: 1 in 88``; blank where nothing changed.
    The page Reconciliation explains the test."""
    odds = _odds(mcnemar(up, down)).replace(" times", "").replace(" time", "")
    return f"such a gap by chance: {odds}" if up + down else ""


def _odds(p: float) -> str:
    """A probability in plain words. ``1 time in 88`` of 0.0114, to two digits; from 0.35 on in tenths, ``2 times in 5``
    of 0.38."""
    if p < 0.001:
        return "<1 time in 1,000"
    if p >= 0.95:
        return "nearly always"
    if p >= 0.35:
        part = Fraction(round(10 * p), 10)
        return f"{counted(part.numerator, 'time')} in {part.denominator}"
    times = 1 / p
    return f"1 time in {round(times, -1 if times >= 100 else 0):,.0f}"
