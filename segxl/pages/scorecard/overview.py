"""A segment on one page: a headline, five measures, what fed the result, how it moved, and what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from segxl.facts.bridge import SIGNS
from segxl.pages.audit.checks import checks_of
from segxl.pages.cells import short
from segxl.pages.chart_data import ChartData, Formulas, Numbers
from segxl.pages.model import Cell, Chart, Formula, NumberCell, Page, Role, Row, Series, SideBySide
from segxl.pages.scorecard.bridges import MRR_STEPS, PIPELINE_STEPS
from segxl.pages.scorecard.first_page import (
    GAP,
    HEADING,
    LINE,
    RIGHT,
    TABLE,
    WIDTH,
    WIDTHS,
    beside,
    caption_rows,
    chart,
    finding_rows,
    formulas_of,
    head_rows,
    placed,
    verdict_rows,
)
from segxl.pages.scorecard.kinds import kind_rows
from segxl.pages.scorecard.waterfalls import bridge_chart, live_steps
from segxl.scorecard.model import Scorecard
from segxl.scorecard.numbers_table import MOVEMENTS, number_key
from segxl.scorecard.summary_model import Measured, Summary
from segxl.settings.comments import Comment
from segxl.units import COUNT, MONEY

KEY = "overview"

_HALVES = (1, 8)
"""The columns at which charts begin, two in a row."""

_CHART_WIDTH = 14.3
"""Centimetres of a chart in half a page."""

_CHART_HEIGHT = 96.0
"""Points."""

_PARTS: Sequence[Role] = ("actual", "accent_2", "prior", "step_5")
"""The looks of won revenue by type: new business solid, renewals light."""

_MOVEMENTS: Mapping[str, Role] = {
    "new": "actual",
    "expansion": "accent_2",
    "reactivation": "step_3",
    "entering": "step_2",
    "exchange": "step_1",
    "contraction": "accent",
    "churn": "step_5",
    "leaving": "step_4",
}


def overview_page(scorecard: Scorecard, summary: Summary, comments: Sequence[Comment], data: ChartData) -> Page:
    """The first page of a segment's pack; the numbers of its charts go to ``data``."""
    segment, currency = short(summary.segment, 50), scorecard.currency
    rows = head_rows(f"{segment} · {summary.name}", (), scorecard, summary, data)
    result = scorecard.segments[summary.segment]
    found = (
        _funnel(summary, data),
        _won(summary, currency, data),
        _bridge(result.bridge, summary, currency, data),
        movements_chart(summary, currency, data),
    )
    drawn = [one for one in found if isinstance(one, Chart)]
    missing = [one for one in found if isinstance(one, str)]
    charts, areas = [], []
    for pair in zip(drawn[::2], [*drawn[1::2], None], strict=False):
        first = len(rows) + 1
        captions = [caption_rows(one.title, one.subtitle, 7) if one else [Row()] * 2 for one in pair]
        for left, right in zip(*captions, strict=True):
            rows.append(Row((*left.cells, *[None] * (_HALVES[1] - 1 - len(left.cells)), *right.cells), left.height))
        for one, column in zip(pair, _HALVES, strict=True):
            charts += [placed(one, len(rows) + 1, column, _CHART_HEIGHT - 4, _CHART_WIDTH)] if one else []
        rows.append(Row(height=_CHART_HEIGHT))
        areas.append(SideBySide(first, len(rows), _HALVES))
    if missing:
        rows.append(Row((Cell(f"No chart of {', '.join(missing)}.", "text", span=WIDTH),), height=LINE))
    kinds, first = kind_rows(summary, currency), len(rows) + 1
    across = TABLE if kinds else WIDTH
    sentences = [
        Row((Cell("What to look at", "heading", span=across),), height=HEADING),
        *finding_rows(summary.findings, comments, across),
    ]
    rows += beside(sentences, kinds)
    areas += [SideBySide(first, len(rows), (1, RIGHT))] if kinds else []
    checks = checks_of(scorecard, summary.segment)
    rows += [GAP, *verdict_rows(scorecard, checks, WIDTH, f"{summary.segment}: ")]
    return Page(KEY, "Overview", tuple(rows), WIDTHS, charts=tuple(charts), side_by_side=tuple(areas), one_paper=True)


# -- charts; a text in place of a chart says what there is none of


def _funnel(summary: Summary, data: ChartData) -> Chart | str:
    """Leads, MQLs, SQOs and won deals as bars within their plans; without plans against the year before."""
    steps = [(one, int(one.current.value)) for one in summary.funnel if one.current and one.current.value is not None]
    if len(steps) < 2 or not any(value for _, value in steps):
        return "the funnel (no leads)"
    plans = [one.plan.value if one.plan else None for one, _ in steps]
    values: dict[str, Numbers] = {summary.name: [value for _, value in steps]}
    when = summary.names[-1 - summary.period.in_a_year]
    bases = [_value(one.year_ago) for one, _ in steps]
    formulas: dict[str, Formulas] = {summary.name: formulas_of([one.current for one, _ in steps])}
    if any(plan is not None for plan in plans):
        second: Role = "plan"
        name = "Plan"
        values[name] = [None if plan is None else float(plan) for plan in plans]
        formulas[name] = [Formula((NumberCell(one.plan_key),)) for one, _ in steps]
    elif any(base is not None for base in bases):
        second, name = "prior", when
        values[name] = bases
        formulas[name] = formulas_of([one.year_ago for one, _ in steps])
    else:
        second, name = "prior", ""
    title = _widest_gap(steps) if name == "Plan" else ", ".join(f"{one.name} {value:,}" for one, value in steps)
    names, places = data.add(
        f"{title} (numbers)", [one.name.removesuffix(" won") for one, _ in steps], values, COUNT, formulas=formulas
    )
    series = [Series(key, place, "actual" if key == summary.name else second) for key, place in places.items()]
    told = "; ".join(f"{one.name} {value:,}" for one, value in steps)
    behind = f"; outline: {name.lower()}" if name == "Plan" else ""
    return chart(
        "bar",
        title,
        f"Numbers, {summary.name}{behind}",
        names,
        tuple(series),
        COUNT,
        f"{title}. {told}",
        overlaid=name == "Plan",
    )


def _widest_gap(steps: Sequence[tuple[Measured, int]]) -> str:
    """The step that misses its plan by the largest part."""
    planned = [(value / plan, one.name, value, plan) for one, value in steps if (plan := _planned(one))]
    attained, name, value, plan = min(planned)
    if attained >= 1:
        return "Every planned step of the funnel reached its plan"
    return f"Widest gap to plan: {name}, {value:,} of {plan:,.0f}"


def _planned(one: Measured) -> float:
    return float(one.plan.value) if one.plan is not None and one.plan.value else 0.0


def _value(figure: object) -> int | None:
    """The value of a figure, or an amount itself."""
    value = figure if isinstance(figure, int) else getattr(figure, "value", None)
    return None if value is None else int(value)


def _money(cents: int | None) -> int | float | None:
    return None if cents is None else MONEY.shown(cents)


def _won(summary: Summary, currency: str, data: ChartData) -> Chart | str:
    """Won revenue by type as stacked columns."""
    if not summary.won:
        return "won revenue (nothing was won)"
    if _moving(summary.won.values()) < 2:
        return "won revenue over time (won in one period only)"
    now = {name: _value(points[-1]) or 0 for name, points in summary.won.items()}
    whole = sum(now.values())
    title = f"Nothing was won in {summary.name}"
    if whole > 0:
        parts = sorted(now.items(), key=lambda one: -one[1])[:2]
        new = next(iter(now.items()))
        parts = [parts[0], new] if new[0] != parts[0][0] else parts
        told = ", ".join(f"{name.lower()} {100 * cents / whole:.0f}%" for name, cents in parts)
        title = f"Won {summary.scale.text(whole)}: {told}"
    values = {name: [_money(_value(one)) for one in points] for name, points in summary.won.items()}
    formulas = {name: formulas_of(points) for name, points in summary.won.items()}
    subtitle = f"{summary.scale.of(currency)}, won revenue by {'type' if summary.types else 'customers'}"
    return _stack(title, subtitle, values, formulas, summary, data, _PARTS)


def _moving(rows: Iterable[Sequence[object]]) -> int:
    """At how many points of a trend anything is other than zero."""
    return sum(any(_value(one) for one in column) for column in zip(*rows, strict=True))


def movements_chart(summary: Summary, currency: str, data: ChartData) -> Chart | str:
    """Net new MRR by movement as stacked columns, losses below zero; the year before the last is not shown."""
    shown = {name: cents[1:] for name, cents in summary.movements.items() if any(cents[1:])}
    if not shown:
        return "net new MRR (no movement)" if summary.movements else "net new MRR (no revenue table)"
    if _moving(shown.values()) < 2:
        return "net new MRR over time (movements in one period only)"
    scale = summary.scale
    nets = [sum(one or 0 for one in column) for column in zip(*shown.values(), strict=True)]
    title = (
        f"Net new MRR {scale.signed(nets[-1])}; {scale.signed(sum(nets[-summary.period.in_a_year :]))} over 12 months"
    )
    values = {MRR_STEPS[name]: [_money(one) for one in cents] for name, cents in shown.items()}
    formulas = {
        MRR_STEPS[name]: [
            Formula((NumberCell(number_key(summary.segment, MOVEMENTS, name, when)),)) for when in summary.names[1:]
        ]
        for name in shown
    }
    roles = [_MOVEMENTS[name] for name in shown]
    return _stack(title, f"{scale.of(currency)}, MRR movements", values, formulas, summary, data, roles)


def _stack(
    title: str,
    subtitle: str,
    values: Mapping[str, Numbers],
    formulas: Mapping[str, Formulas],
    summary: Summary,
    data: ChartData,
    roles: Sequence[Role],
) -> Chart:
    count = len(next(iter(values.values())))
    names, places = data.add(f"{title} ({subtitle})", times(summary)[-count:], values, MONEY, formulas=formulas)
    series = [Series(name, place, role) for (name, place), role in zip(places.items(), roles, strict=False)]
    told = "; ".join(f"{name} {MONEY.text(row[-1] or 0)}" for name, row in values.items())
    unit = summary.scale.cell
    return chart("column", title, subtitle, names, tuple(series), unit, f"{title}. Latest: {told}", stacked=True)


def times(summary: Summary) -> list[str]:
    """The points of a trend for an axis: months, with the year at the first and at each January; quarters by name."""
    if summary.period.kind == "quarter":
        return list(summary.names)
    return [
        f"{name[:3]} {name[-2:]}" if not at or name.startswith("Jan") else name[:3]
        for at, name in enumerate(summary.names)
    ]


def _bridge(bridge: Mapping[str, int] | None, summary: Summary, currency: str, data: ChartData) -> Chart | str:
    """The open pipeline from the start of the period to its end."""
    if bridge is None:
        return "the pipeline bridge (no opportunities)"
    steps = live_steps(summary.segment, "bridge", bridge, SIGNS, PIPELINE_STEPS)
    if not steps:
        return "the pipeline bridge (no movement)"
    change = bridge["open_end"] - bridge["open_start"]
    word = "rose" if change > 0 else "fell"
    scale, end = summary.scale, bridge["open_end"]
    title = f"Open pipeline {word} {scale.text(change)} to {scale.text(end)}"
    title = title if change else f"Open pipeline is unchanged at {scale.text(end)}"
    subtitle = f"{scale.of(currency)}, movements in {summary.name}; created at first amounts"
    return replace(bridge_chart(title, subtitle, steps, data), unit=scale.cell, captioned=True)
