"""The company against its segments: their sum, rows counted more than once, and rows in no segment.

Segments may overlap and need not cover the company. For a sum over rows (amounts, opportunities, leads, MRR)

    sum of the segments − counted more than once + in no segment = the company

to the cent. A distinct count reconciles in the same way: an account in two parts counts once for the company. It has
one more line: accounts that count for the company only, because a row names a segment that its account is not a member
of. Worked: segments of 60 and 50, of them a deal of 20 in both, 15 in none: 60 + 50 − 20 + 15 = 105, which is what All
accounts must show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.line_names import line_name
from segxl.catalogue.measure import Measure, Sum
from segxl.catalogue.measures import OPEN
from segxl.catalogue.metric import Metric
from segxl.catalogue.views import Cut
from segxl.dataset.check import Check
from segxl.dataset.segments import ALL_ACCOUNTS, IN_NO_SEGMENT
from segxl.facts.arrays import Found, Scope, distinct, exact_sums
from segxl.facts.engine import Facts
from segxl.scorecard.model import Figure, Line, OverlapPair, Overlaps, Reconciled
from segxl.units import Unit

FindLine = Callable[[str, Metric, Cut], Line]
"""The line of a metric for a segment: segment, metric, cut."""

MAKE_THE_COMPANY = "segments reconcile to the company"
"""Last words of these checks' names."""

LISTED_PAIRS = 30
"""Pairs of segments on the page and in the JSON; further ones are counted."""

Rows = NDArray[np.int64]


def reconcile(
    facts: Facts, names: Sequence[str], columns: Iterable[tuple[Metric, Cut]], line: FindLine
) -> tuple[Reconciled, ...]:
    """Every column that is a sum of rows or a distinct count; ``names`` are the segments without All accounts.

    A column is omitted if the company or a part has no number.
    """
    found = []
    for metric, cut in columns:
        expression, unit = metric.of(cut)
        if metric.shares:
            continue  # a breakdown of a metric that is listed itself
        if not isinstance(expression, Sum) or any(measure.quantity == "days" for _, measure in expression.terms):
            continue
        figures = {name: line(name, metric, cut).current for name in (*names, IN_NO_SEGMENT, ALL_ACCOUNTS)}
        if all(isinstance(figure.value, int) for figure in figures.values()):
            found.append(_reconciled(facts, metric, cut, unit, expression, figures))
    return tuple(found)


def checks(reconciled: Iterable[Reconciled]) -> tuple[Check, ...]:
    """One check for each reconciled metric; it belongs to the company's pack."""
    return tuple(
        Check(
            f"{ALL_ACCOUNTS}: {line_name(one.metric, one.cut).partition(' (')[0]}: {MAKE_THE_COMPANY}",
            one.passed,
            one.unit.shown(one.company),
            one.unit.shown(one.found),
            "segments − counted more than once + in no segment"
            + (" + company only" if one.company_only else "")
            + (f"; unexplained difference: {one.unexplained:,}" if one.unexplained else ""),
        )
        for one in reconciled
    )


def _reconciled(
    facts: Facts, metric: Metric, cut: Cut, unit: Unit, expression: Sum, figures: Mapping[str, Figure]
) -> Reconciled:
    repeated = repeated_rows = company_only = unexplained = 0
    is_distinct = any(measure.quantity == "accounts" for _, measure in expression.terms)
    for sign, measure in expression.terms:
        worth = _worth(facts, measure, figures[ALL_ACCOUNTS].rows.scope)
        parts = [
            _worth(facts, measure, figure.rows.scope)[0] for name, figure in figures.items() if name != ALL_ACCOUNTS
        ]
        rows, cents = worth
        size = 1 + max((int(part.max()) for part in (rows, *parts) if len(part)), default=0)
        times = np.zeros(size, dtype=np.int64)
        for part in parts:
            times[part] += 1
        again = times[rows] > 1
        repeated += sign * int(((times[rows] - 1) * cents)[again].sum())
        repeated_rows += int(again.sum())
        alone = times[rows] == 0
        if is_distinct:
            named = np.isin(rows[alone], _named_accounts(facts))
            company_only += sign * int(named.sum())
            unexplained += int((~named).sum())
        else:
            unexplained += int(alone.sum())
    others = [figure.value for name, figure in figures.items() if name not in (ALL_ACCOUNTS, IN_NO_SEGMENT)]
    return Reconciled(
        metric,
        cut,
        unit,
        is_distinct,
        segments=_whole(sum(value or 0 for value in others)),
        repeated=repeated,
        repeated_rows=repeated_rows,
        none=_whole(figures[IN_NO_SEGMENT].value),
        company_only=company_only,
        company=_whole(figures[ALL_ACCOUNTS].value),
        unexplained=unexplained,
    )


def _whole(value: int | Fraction | None) -> int:
    return int(value or 0)


def _worth(facts: Facts, measure: Measure, scope: Scope) -> tuple[Rows, Rows]:
    """The rows that a measure counts, each once, and the cents of each (or 1)."""
    found = facts.rows(measure.fact, scope)
    if measure.quantity == "accounts":
        units = distinct(facts.accounts.units(found.row).astype(np.int64))
        return units, np.ones(len(units), dtype=np.int64)
    return found.row, found.cents if measure.quantity == "cents" else np.ones(len(found.row), dtype=np.int64)


def _named_accounts(facts: Facts) -> Rows:
    """The units (accounts or topmost parents) of rows that name a segment."""
    codes = [np.empty(0, dtype=np.int32)]
    for name in ("opportunities", "leads"):
        table = facts.dataset.tables.get(name)
        if table is not None:
            codes.append(facts.dataset.account_codes(table["account_id"][table["segment"] != ""]))
    account = np.concatenate(codes)
    return distinct(facts.accounts.units(account[account >= 0]).astype(np.int64))


def overlaps(facts: Facts, names: Sequence[str], scope: Callable[[str], Scope]) -> Overlaps:
    """Accounts and deals in more than one segment; ``scope`` gives a segment's scope in the period."""
    market = {name: facts.rows("som", scope(name)) for name in (*names, IN_NO_SEGMENT, ALL_ACCOUNTS)}
    has_deals = not facts.lacks(OPEN)
    accounts = _shared([market[name] for name in names])
    won = _shared([facts.rows("won", scope(name)) for name in names] if has_deals else [])
    opened = _shared([facts.rows(OPEN, scope(name)) for name in names] if has_deals else [])
    none = (0, 0)
    pairs = [
        OverlapPair(
            names[at],
            names[other],
            accounts.get((at, other), none)[0],
            *won.get((at, other), none),
            *opened.get((at, other), none),
        )
        for at, other in sorted({*accounts, *won, *opened})
    ]
    pairs.sort(key=lambda pair: (-pair.accounts, -pair.won_cents, -pair.open_cents))
    parts: list[str] = []
    for name in sorted(names, key=lambda name: -len(market[name].row)):  # the largest first
        if not any({pair.first, pair.second} <= {*parts, name} for pair in pairs):
            parts.append(name)
    counted = sum(len(market[name].row) for name in (*parts, IN_NO_SEGMENT))
    times = np.bincount(np.concatenate([np.empty(0, np.int64), *(market[name].row for name in names)]))
    return Overlaps(
        accounts=int((times > 1).sum()),
        all_accounts=len(market[ALL_ACCOUNTS].row),
        none=len(market[IN_NO_SEGMENT].row),
        pairs=tuple(pairs[:LISTED_PAIRS]),
        further=max(len(pairs) - LISTED_PAIRS, 0),
        parts=tuple(name for name in names if name in parts) if counted == len(market[ALL_ACCOUNTS].row) else (),
    )


def _shared(parts: Sequence[Found]) -> dict[tuple[int, int], tuple[int, int]]:
    """For each pair of parts that share rows, how many, and their cents."""
    if not parts:
        return {}
    row, cents = np.concatenate([one.row for one in parts]), np.concatenate([one.cents for one in parts])
    worth = np.zeros(int(row.max(initial=0)) + 1, np.int64)
    worth[row] = cents
    part = np.repeat(np.arange(len(parts)), [len(one.row) for one in parts])
    row, part = np.divmod(np.sort(row * len(parts) + part), len(parts))
    counts, sums = np.zeros((2, len(parts) ** 2), np.int64)
    for apart in range(1, len(parts)):  # a row's parts lie together: each with the next one, with the one after it, …
        same = np.flatnonzero(row[apart:] == row[:-apart])
        if not len(same):
            break
        pair = part[same] * len(parts) + part[same + apart]
        counts += np.bincount(pair, minlength=len(counts))
        if parts[0].money:
            sums += exact_sums(worth[row[same]], pair, len(sums))
    return {divmod(at, len(parts)): (int(counts[at]), int(sums[at])) for at in np.flatnonzero(counts).tolist()}
