"""The bridges as pictures: from the open pipeline and the MRR at the start to those at the end, step by step; steps
that would be hairlines between two totals as bars of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from segxl.facts.bridge import SIGNS
from segxl.facts.revenue import ROLLFORWARD_SIGNS
from segxl.pages.cells import heading, signed_formula
from segxl.pages.chart_data import ChartData, Formulas, Numbers
from segxl.pages.model import Cell, Chart, ChartKind, Formula, NumberCell, Page, Range, Role, Row, Series
from segxl.pages.scorecard.bridges import MRR_STEPS, PIPELINE_STEPS, change_title
from segxl.periods import Period
from segxl.scorecard.model import SegmentScorecard
from segxl.scorecard.numbers_table import number_key
from segxl.units import MONEY, MONEY_EXACT

_COLUMNS, _ROWS, _ROW_HEIGHT = 8, 17, 16
_WON = "Won"
_KINDS: Mapping[str, Role] = {"Start and end": "actual", "Increase": "increase", "Decrease": "decrease", _WON: "step_2"}
"""The look of each kind of column. Won deals leave the pipeline, but they are not a loss."""
_BELOW = ", below zero"
_HAIRLINE = 10
"""Steps are bars of their own where the largest is less than the larger end by more than this factor."""


@dataclass(frozen=True)
class Step:
    """One column of a waterfall, in cents: an ``end`` starts at zero, the others change the level before them by
    ``amount``; ``won`` deals leave the pipeline."""

    name: str
    amount: int
    end: bool = False
    won: bool = False
    formula: Formula | None = None


def waterfall_page(
    result: SegmentScorecard, period: Period, subtitle: str, currency: str, data: ChartData
) -> Page | None:
    """The waterfalls of the pipeline bridge and the MRR roll-forward; their numbers go to ``data``.

    None without a movement or without data.
    """
    charts: list[Chart] = []
    missing: list[str] = []
    for name, bridge, metric, lines, signs, labels in (
        ("Open pipeline", "pipeline bridge", "bridge", result.bridge, SIGNS, PIPELINE_STEPS),
        ("MRR", "MRR roll-forward", "mrr_rollforward", result.mrr_rollforward, ROLLFORWARD_SIGNS, MRR_STEPS),
    ):
        steps = live_steps(result.segment, metric, lines, signs, labels)
        if not steps:
            missing.append(f"the {bridge} ({'no data' if lines is None else 'no movement'})")
            continue
        first, *moves, last = steps
        title = change_title(name, first.amount, last.amount, [(step.name, step.amount) for step in moves])
        chart = bridge_chart(title, f"{currency}, {bridge}, {period.name}", steps, data)
        charts.append(replace(chart, row=4 + len(charts) * _ROWS))
    if not charts:
        return None
    sentence = f"No chart of {' and '.join(missing)}."
    return Page(
        key="waterfalls",
        title="Waterfalls",
        rows=(
            *heading("Waterfalls", subtitle, _COLUMNS),
            *(Row(height=_ROW_HEIGHT) for _ in range(_ROWS * len(charts))),
            *([Row((Cell(sentence, "text", span=_COLUMNS),))] if missing else []),
        ),
        widths=(12.5,) * _COLUMNS,
        charts=tuple(charts),
        one_paper=True,
        orientation="portrait",
    )


def live_steps(
    segment: str, metric: str, lines: Mapping[str, int] | None, signs: Mapping[str, int], labels: Mapping[str, str]
) -> list[Step]:
    """:func:`steps_of`, each with the formula of its amount."""
    names = {label: name for name, label in labels.items()}
    return [
        replace(step, formula=_amount_formula(segment, metric, names[step.name], signs))
        for step in steps_of(lines, signs, labels)
    ]


def bridge_chart(title: str, subtitle: str, steps: Sequence[Step], data: ChartData) -> Chart:
    """A waterfall of the steps; bars of the moves alone where they would be hairlines next to the ends."""
    first, *moves, last = steps
    hairlines = max(abs(step.amount) for step in moves) * _HAIRLINE < max(first.amount, last.amount)
    return (_bars if hairlines else _chart)(title, subtitle, steps, data)


def steps_of(lines: Mapping[str, int] | None, signs: Mapping[str, int], labels: Mapping[str, str]) -> list[Step]:
    """A bridge's lines in their order, without those of zero; nothing where nothing moved.

    ``signs``: +1 or -1 for each line that moves, the start first; the last of ``labels`` is the end.
    """
    if lines is None:
        return []
    start, *moving = signs
    *_, end = labels
    steps = [Step(labels[name], signs[name] * lines[name], won=name == "won") for name in moving if lines[name]]
    return [Step(labels[start], lines[start], True), *steps, Step(labels[end], lines[end], True)] if steps else []


def stacked(steps: Sequence[Step]) -> dict[str, list[int | None]]:
    """The columns as stacks: an unseen base, and on it what is seen; below zero both hang downwards.

    A step from 10 to 30 is a base of 10 and an increase of 20. One from 10 to -5 has no base: a decrease of 10 above
    zero and of -5 below it. ``Top`` is the upper end of each column, ``Amount`` its number.
    """
    rows: dict[str, list[int | None]] = {"Base": []}
    parts = [f"{kind}{below}" for kind in _KINDS for below in ("", _BELOW)]
    rows |= {name: [] for name in (*parts, "Top", "Amount")}
    level = 0
    for step in steps:
        before, level = (0, step.amount) if step.end else (level, level + step.amount)
        low, high = min(before, level), max(before, level)
        base = low if low > 0 else high if high < 0 else None
        kind = "Start and end" if step.end else "Increase" if step.amount > 0 else _WON if step.won else "Decrease"
        found = {
            "Base": base,
            kind: high - max(low, 0) if high > 0 else None,
            f"{kind}{_BELOW}": low - min(high, 0) if low < 0 else None,
            "Top": high,
            "Amount": step.amount,
        }
        for name, row in rows.items():
            row.append(found.get(name))
    kept = ("Base", "Start and end", "Increase", "Decrease", "Top", "Amount")
    return {name: row for name, row in rows.items() if name in kept or any(value is not None for value in row)}


def _amount_formula(segment: str, metric: str, line: str, signs: Mapping[str, int]) -> Formula:
    """The amount of a step: the line of the bridge with its sign."""
    return signed_formula(NumberCell(number_key(segment, metric, line)), signs.get(line, 1))


def _formulas(rows: Mapping[str, list[int | None]], steps: Sequence[Step], data: ChartData) -> Mapping[str, Formulas]:
    """The columns from their amounts; only where none of them reaches below zero."""
    places = list(rows)
    amounts = [data.place(places.index("Amount"), at) for at in range(len(steps))]
    found: dict[str, list[Formula | None]] = {name: [] for name in rows}
    if any(name.endswith(_BELOW) for name in rows):
        return {"Amount": [step.formula for step in steps]}
    for at, (step, amount) in enumerate(zip(steps, amounts, strict=True)):
        first = amounts[0]
        before, after = (first._replace(last_column=first.last_column + end) for end in (at - 1, at))
        ends = ("SUM(", before, "),SUM(", after, "))")
        found["Amount"].append(step.formula)
        found["Top"].append(Formula((amount,) if step.end else ("MAX(", *ends)))
        found["Base"].append(None if step.end else Formula(("MIN(", *ends)))
        found["Start and end"].append(Formula((amount,)))
        found["Increase"].append(Formula((amount,)))
        found["Decrease"].append(Formula(("-", amount)))
        if _WON in found:
            found[_WON].append(Formula(("-", amount)))
    return found


def _bars(title: str, subtitle: str, steps: Sequence[Step], data: ChartData) -> Chart:
    """The movements alone, each as a bar."""
    moves = steps[1:-1]
    values: dict[str, Numbers] = {"Movement": [MONEY.shown(step.amount) for step in moves]}
    formulas: dict[str, Formulas] = {"Movement": [step.formula for step in moves]}
    names, places = data.add(subtitle, [step.name for step in moves], values, MONEY, formulas=formulas)
    series = (Series("Movement", places["Movement"], "actual"),)
    return _placed("bar", title, subtitle, names, series, steps)


def _chart(title: str, subtitle: str, steps: Sequence[Step], data: ChartData) -> Chart:
    rows = stacked(steps)
    shown: dict[str, Numbers] = {
        name: [None if value is None else MONEY.shown(value) for value in row] for name, row in rows.items()
    }
    names, places = data.add(
        subtitle, [step.name for step in steps], shown, MONEY, formulas=_formulas(rows, steps, data)
    )
    amounts = places.pop("Amount")
    top = places.pop("Top")
    series = [
        Series("Base", places.pop("Base"), "base"),
        *(Series(name, place, _KINDS[name.removesuffix(_BELOW)]) for name, place in places.items()),
        Series("Amount", top, "top", labels=amounts),
    ]
    return _placed("waterfall", title, subtitle, names, series, steps)


def _placed(
    kind: ChartKind, title: str, subtitle: str, names: Range, series: Sequence[Series], steps: Sequence[Step]
) -> Chart:
    return Chart(
        kind=kind,
        title=title,
        subtitle=subtitle,
        categories=names,
        series=tuple(series),
        unit=MONEY,
        row=4,
        column=1,
        width=18.6,
        height=9.2,
        alt=_told(title, subtitle, steps),
    )


def _told(title: str, subtitle: str, steps: Sequence[Step]) -> str:
    """The picture as text: each step with its amount."""
    first, *moves, last = [(step.name, _words(step.amount)) for step in steps]
    said = "; ".join(f"{name} {amount}" for name, amount in moves)
    return f"{title}, {subtitle}. {first[0]}: {first[1]}; {said}; {last[0]}: {last[1]}"


def _words(cents: int) -> str:
    """The amount, with cents if there are any: otherwise the rounding of text and cells could differ."""
    unit = MONEY_EXACT if cents % MONEY.minor else MONEY
    return unit.text(unit.shown(cents))
