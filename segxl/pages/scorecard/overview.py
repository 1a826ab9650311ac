"""A segment on one page: a headline, five measures, what fed the result, how it moved, and what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil

from segxl.facts.bridge import SIGNS
from segxl.pages.audit.checks import checks_of
from segxl.pages.cells import GAP, LINE, points, short
from segxl.pages.chart_data import ChartData, Formulas, Numbers
from segxl.pages.data.workings import Workings
from segxl.pages.model import Cell, Chart, Formula, KeyColumns, NumberCell, Page, Role, Row, Series, SideBySide
from segxl.pages.scorecard.bridges import MRR_STEPS, PIPELINE_STEPS
from segxl.pages.scorecard.first_page import (
    CAPTION,
    HALVES,
    PAPER,
    RIGHT,
    WIDTH,
    beside,
    caption_rows,
    chart,
    finding_rows,
    first_page,
    formulas_of,
    head_rows,
    placed,
    verdict_rows,
)
from segxl.pages.scorecard.kinds import RIGHT as RIGHT_SPANS
from segxl.pages.scorecard.kinds import kind_rows
from segxl.pages.scorecard.to_act_on import SIDES, act_on_rows
from segxl.pages.scorecard.waterfalls import bridge_chart, live_steps
from segxl.scorecard.model import Scorecard
from segxl.scorecard.numbers_table import MOVEMENTS, number_key
from segxl.scorecard.summary_model import Measured, Summary
from segxl.scorecard.words import share_text
from segxl.settings.comments import Comment
from segxl.units import COUNT, MONEY

KEY = "overview"

_HALF = 14.5
"""Centimetres of a chart, two in a row."""

_BESIDE = ((1, 7.5), (5, 9.9))
"""Of charts to the left of a table: the columns at which they begin, and their widths."""

_LOWEST, _HIGHEST = 84.0, 150.0
"""Points of a chart: as high as the paper has room for."""

_TYPES: Sequence[Role] = ("actual", "accent_2", "prior", "step_5")
"""The looks of won revenue by type: new business solid, renewals light."""

_NET, _TOTAL, _TOP = "Net", "Total", "Top of the column"
"""Rows of a stack's numbers: the sum of its parts, with its sign or without, and where it is shown."""

_BRIDGE = {**PIPELINE_STEPS, "open_start": "Start", "entering": "Entering", "leaving": "Leaving", "open_end": "End"}
"""The lines of the bridge in few letters, as up to ten are next to each other."""

_MRR = {**MRR_STEPS, "entering": "Entering", "leaving": "Leaving"}
"""The movements of MRR, as a legend has room for them."""

_MOVEMENTS: Mapping[str, Role] = {
    "new": "actual",
    "expansion": "accent_2",
    "reactivation": "step_3",
    "entering": "step_2",
    "exchange": "step_1",
    "contraction": "accent",
    "churn": "decrease",
    "leaving": "step_4",
}


def overview_page(
    scorecard: Scorecard, summary: Summary, comments: Sequence[Comment], data: ChartData, workings: Workings
) -> Page:
    """The first page of a segment's pack; the numbers of its charts go to ``data``, those of deals come from the data
    sheets."""
    segment, currency = short(summary.segment, 50), scorecard.currency
    rows = head_rows(f"{segment} · {summary.name}", (), scorecard, summary, data)
    result = scorecard.segments[summary.segment]
    found = (
        _funnel(summary, data),
        won_chart(summary, currency, data),
        _bridge(result.bridge, summary, currency, data),
        movements_chart(summary, currency, data),
    )
    drawn = [one for one in found if isinstance(one, Chart)]
    missing = [one for one in found if isinstance(one, str)]
    charts: list[Chart] = []
    areas: list[SideBySide] = []
    first = len(rows) + 1
    rows += finding_rows(summary.findings, comments, summary.scale)
    areas.append(SideBySide(first, len(rows), (1,)))
    phones, lists = [], act_on_rows(summary, workings)
    if lists:
        rows.append(GAP)
        areas.append(SideBySide(len(rows) + 1, len(rows) + len(lists), SIDES))
        rows += [*lists, GAP]
    kinds = kind_rows(summary, currency, RIGHT_SPANS)
    checks = checks_of(scorecard, summary.segment)
    below = [Row((Cell(f"No chart of {', '.join(missing)}.", "text", span=WIDTH),), height=LINE)] if missing else []
    shown = [*rows, *kinds, *below]
    below += [GAP, *verdict_rows(scorecard, checks, shown, drawn, f"{summary.segment}: ")]
    blocks = max(ceil(len(drawn) / 2), 1)
    room = (PAPER - points(rows) - points(below)) / blocks - CAPTION - LINE
    height = min(max(room, _LOWEST), _HIGHEST)
    while drawn or kinds:
        first, pair = len(rows) + 1, drawn[:2]
        block, put = _charts_beside(pair, kinds, height)
        charts += [replace(one, row=one.row + len(rows)) for one in put]
        starts = [one.column for one in put]
        areas.append(SideBySide(first, first + len(block) - 1, (*(starts or [1]), *([RIGHT] if kinds else []))))
        phones += [KeyColumns(first + 1, tuple(range(RIGHT, WIDTH + 1)))] if kinds else []
        rows += block
        drawn, kinds = drawn[2:], []
    rows += below
    return first_page(KEY, "Overview", rows, charts, areas, phones)


def _charts_beside(drawn: Sequence[Chart], table: Sequence[Row], least: float) -> tuple[list[Row], list[Chart]]:
    """Up to two charts next to each other below their captions, to the left of a table if there is one; and the charts
    in their places, in rows from 1, at ``least`` that many points high."""
    places = _BESIDE if table else [(column, _HALF) for column in HALVES]
    ends = [*(column for column, _ in places[1:]), RIGHT - 1 if table else WIDTH + 1]
    captions: list[Row] = [Row(), Row()]
    for one, (column, _), end in zip(drawn, places, ends, strict=False):
        above, below = caption_rows(one.title, one.subtitle, column, end - column)
        captions = [_added(row, new, column) for row, new in zip(captions, (above, below), strict=True)]
    rows = beside(captions, table)
    room = max(least - points(rows[2:]), 0.0) if drawn else 0.0
    rows += [Row(height=room)] if room else []
    height = points(rows[2:]) - 4
    return rows, [placed(one, 3, column, height, width) for one, (column, width) in zip(drawn, places, strict=False)]


def _added(row: Row, new: Row, column: int) -> Row:
    cells = (*row.cells, *[None] * (column - 1 - len(row.cells)), *new.cells)
    return Row(cells, max(row.height or 0.0, new.height or 0.0))


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
    """The step with the lowest part of its plan: ``Furthest below plan: SQOs, 76% (16 of 21)``."""
    planned = [(value / plan, one.name, value, plan) for one, value in steps if (plan := _planned(one))]
    attained, name, value, plan = min(planned)
    if attained >= 1:
        return "Every planned step reached its plan"
    return f"Furthest below plan: {name}, {share_text(Fraction(value) / Fraction(plan))} ({value:,} of {plan:,.0f})"


def _planned(one: Measured) -> float:
    return float(one.plan.value) if one.plan is not None and one.plan.value else 0.0


def _value(figure: object) -> int | None:
    """The value of a figure, or an amount itself."""
    value = figure if isinstance(figure, int) else getattr(figure, "value", None)
    return None if value is None else int(value)


def _money(cents: int | None) -> int | float | None:
    return None if cents is None else MONEY.shown(cents)


def won_chart(summary: Summary, currency: str, data: ChartData) -> Chart | str:
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
    values: dict[str, Numbers] = {name: [_money(_value(one)) for one in points] for name, points in summary.won.items()}
    formulas: dict[str, Formulas] = {name: formulas_of(points) for name, points in summary.won.items()}
    above, live = _above(_TOTAL, [[_value(one) for one in points] for points in summary.won.values()], data)
    subtitle = f"{summary.scale.of(currency)}, won revenue by {'type' if summary.types else 'customers'}; above: total"
    first = summary.reach.first_closed
    subtitle += f"; no deal closed before {first:%b %Y}" if first else ""
    return _stack(title, subtitle, values | above, formulas | live, summary, data, _TYPES)


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
    now = [cents[-1] or 0 for cents in shown.values()]
    gains, losses = (sum(one for one in now if one * sign > 0) for sign in (1, -1))
    title = f"Net new MRR {scale.signed(nets[-1])}"
    title += f" to {scale.text(summary.closing_mrr)}" if summary.closing_mrr is not None else ""
    title += f" (gains {scale.signed(gains)}, losses {scale.signed(losses)})" if gains and losses else ""
    title += f"; {scale.signed(sum(nets[-summary.period.in_a_year :]))} over 12 months"
    values: dict[str, Numbers] = {_MRR[name]: [_money(one) for one in cents] for name, cents in shown.items()}
    formulas: dict[str, Formulas] = {
        _MRR[name]: [
            Formula((NumberCell(number_key(summary.segment, MOVEMENTS, name, when)),)) for when in summary.names[1:]
        ]
        for name in shown
    }
    above, live = _above(_NET, list(shown.values()), data)
    values, formulas = values | above, formulas | live
    roles = [_MOVEMENTS[name] for name in shown]
    return _stack(title, f"{scale.of(currency)}, MRR movements; above: net", values, formulas, summary, data, roles)


def _above(
    name: str, rows: Sequence[Sequence[int | None]], data: ChartData
) -> tuple[dict[str, Numbers], dict[str, Formulas]]:
    """The sum of each column of a stack of ``rows`` in cents, under its ``name``, and where it is written: at the top
    of the parts above zero; and the formulas of both."""
    known = [[one for one in column if one is not None] for column in zip(*rows, strict=True)]
    places = [data.place(0, at)._replace(last_row=data.place(len(rows) - 1, at).last_row) for at in range(len(known))]
    values: dict[str, Numbers] = {
        name: [_money(sum(column) if column else None) for column in known],
        _TOP: [_money(sum(max(one, 0) for one in column) if column else None) for column in known],
    }
    tops = [
        ("SUMIFS(", place, ",", place, ',">0")') if len(rows) > 1 else ("MAX(0,", place, ")")
        for place in places  # IronCalc takes no single cell as the range of SUMIFS
    ]
    sums = [Formula(("SUM(", place, ")")) for place in places]
    return values, {name: sums, _TOP: [Formula(parts) for parts in tops]}


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
    above, top = _NET if _NET in places else _TOTAL, places.pop(_TOP)
    sums = places.pop(above)
    series = [Series(name, place, role) for (name, place), role in zip(places.items(), roles, strict=False)]
    series.append(Series(above, top, "top", labels=sums, signed=above == _NET))
    told = "; ".join(f"{name} {MONEY.text(row[-1] or 0)}" for name, row in values.items() if name != _TOP)
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
    steps = live_steps(summary.segment, "bridge", bridge, SIGNS, _BRIDGE)
    if not steps:
        return "the pipeline bridge (no movement)"
    change = bridge["open_end"] - bridge["open_start"]
    word = "rose" if change > 0 else "fell"
    scale, end = summary.scale, bridge["open_end"]
    title = f"Open pipeline {word} {scale.text(change)} to {scale.text(end)}"
    title = title if change else f"Open pipeline is unchanged at {scale.text(end)}"
    subtitle = f"{scale.of(currency)}, {summary.name}; created at first amounts, not today's"
    lost, cents = ((one := summary.trends.get(key)) and one.current for key in ("lost_opportunities", "lost_revenue"))
    if lost and lost.value and not bridge["lost"] and not (cents and cents.value):
        subtitle += "; lost deals have no amount in the data"
    return replace(bridge_chart(title, subtitle, steps, data), unit=scale.cell, captioned=True)
