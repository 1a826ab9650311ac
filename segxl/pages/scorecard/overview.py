"""A segment on one page: a headline, five measures, what fed the result, how it moved, and what to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from segxl.facts.bridge import SIGNS
from segxl.pages.audit.checks import checks_of
from segxl.pages.cells import short, signed_formula
from segxl.pages.chart_data import ChartData, Formulas, Numbers
from segxl.pages.model import Cell, Chart, ChartKind, Formula, NumberCell, Page, Range, Role, Row, Series
from segxl.pages.scorecard.bridges import MRR_STEPS, PIPELINE_STEPS, change_title
from segxl.pages.scorecard.first_page import (
    GAP,
    LINE,
    WIDTH,
    WIDTHS,
    chart,
    comment_rows,
    finding_rows,
    formulas_of,
    head_rows,
    verdict_rows,
)
from segxl.scorecard.model import Scorecard
from segxl.scorecard.numbers_table import MOVEMENTS, number_key
from segxl.scorecard.summary_model import Measured, Summary
from segxl.settings.comments import Comment
from segxl.units import COUNT, MONEY, Unit, short_text, signed_money

KEY = "overview"

_HALVES = (1, 8)
"""The columns at which charts begin, two in a row."""

_CHART_WIDTH, _CHART_HEIGHT = 14.3, 4.5

_PARTS: Sequence[Role] = ("actual", "accent_2", "prior", "step_5")
"""The looks of won revenue by type: new business solid, renewals light."""

_MOVEMENTS: Mapping[str, Role] = {
    "new": "actual",
    "expansion": "accent_2",
    "reactivation": "prior",
    "entering": "step_2",
    "exchange": "step_1",
    "contraction": "accent",
    "churn": "step_5",
    "leaving": "step_3",
}

Place = tuple[int, int]


def overview_page(scorecard: Scorecard, summary: Summary, comment: Comment | None, data: ChartData) -> Page:
    """The first page of a segment's pack; the numbers of its charts go to ``data``."""
    segment = short(summary.segment, 50)
    facts = (f"money in {scorecard.currency}",)
    rows = head_rows(f"{segment} · {summary.name}", facts, scorecard, summary, data)
    charts: list[Chart] = []
    missing: list[str] = []
    result = scorecard.segments[summary.segment]
    drawing: Sequence[Callable[[Place], Chart | str]] = (
        lambda at: _funnel(summary, data, at),
        lambda at: _won(summary, scorecard.currency, data, at),
        lambda at: _bridge(result.bridge, summary, scorecard.currency, data, at),
        lambda at: movements_chart(summary, scorecard.currency, data, at, _CHART_HEIGHT, _CHART_WIDTH),
    )
    for draw in drawing:
        found = draw((len(rows) + 1 + len(charts) // 2, _HALVES[len(charts) % 2]))
        if isinstance(found, str):
            missing.append(found)
        else:
            charts.append(found)
    lines = (len(charts) + 1) // 2
    rows += [Row(height=(_CHART_HEIGHT + 0.15) / 2.54 * 72) for _ in range(lines)]
    if missing:
        rows.append(Row((Cell(f"No chart of {', '.join(missing)}.", "text", span=WIDTH),), height=LINE))
    rows += [Row((Cell("What to look at", "heading", span=WIDTH),), height=20)]
    rows += [*finding_rows(summary.findings, WIDTH), GAP, *comment_rows(comment, WIDTH), GAP]
    checks = checks_of(scorecard, summary.segment)
    rows += verdict_rows(scorecard, checks, WIDTH, f"{summary.segment}: ")
    return Page(KEY, "Overview", tuple(rows), WIDTHS, charts=tuple(charts), one_paper=True)


# -- charts; a text in place of a chart says what there is none of


def _funnel(summary: Summary, data: ChartData, at: Place) -> Chart | str:
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
    names, places = data.add(f"{title} (numbers)", [one.name for one, _ in steps], values, COUNT, formulas=formulas)
    series = [Series(key, place, "actual" if key == summary.name else second) for key, place in places.items()]
    told = "; ".join(f"{one.name} {value:,}" for one, value in steps)
    behind = f"; outline: {name.lower()}" if name == "Plan" else ""
    return _drawn(
        "bar", title, f"numbers{behind}", names, series, COUNT, at, f"{title}. {told}", overlaid=name == "Plan"
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
    value = getattr(figure, "value", None)
    return None if value is None else int(value)


def _money(cents: int | None) -> int | float | None:
    return None if cents is None else MONEY.shown(cents)


def _won(summary: Summary, currency: str, data: ChartData, at: Place) -> Chart | str:
    """Won revenue by type as stacked columns."""
    if not summary.won:
        return "won revenue (nothing was won)"
    now = {name: _value(points[-1]) or 0 for name, points in summary.won.items()}
    whole = sum(now.values())
    title = f"Nothing was won in {summary.name}"
    if whole > 0:
        parts = sorted(now.items(), key=lambda one: -one[1])[:2]
        new = next(iter(now.items()))
        parts = [parts[0], new] if new[0] != parts[0][0] else parts
        told = ", ".join(f"{name.lower()} {100 * cents / whole:.0f}%" for name, cents in parts)
        title = f"Won {short_text(whole)}: {told}"
    values = {name: [_money(_value(one)) for one in points] for name, points in summary.won.items()}
    formulas = {name: formulas_of(points) for name, points in summary.won.items()}
    subtitle = f"{currency}, won revenue by {'type' if summary.types else 'customer'}"
    return _stack(title, subtitle, values, formulas, summary, data, at, _PARTS)


def movements_chart(
    summary: Summary,
    currency: str,
    data: ChartData,
    at: Place,
    height: float,
    width: float,
) -> Chart | str:
    """Net new MRR by movement as stacked columns, losses below zero; the year before the last is not shown."""
    shown = {name: cents[1:] for name, cents in summary.movements.items() if any(cents[1:])}
    if not shown:
        return "net new MRR (no movement)" if summary.movements else "net new MRR (no revenue table)"
    nets = [sum(one or 0 for one in column) for column in zip(*shown.values(), strict=True)]
    title = (
        f"Net new MRR {signed_money(nets[-1])}; {signed_money(sum(nets[-summary.period.in_a_year :]))} over 12 months"
    )
    values = {MRR_STEPS[name]: [_money(one) for one in cents] for name, cents in shown.items()}
    formulas = {
        MRR_STEPS[name]: [
            Formula((NumberCell(number_key(summary.segment, MOVEMENTS, name, when)),)) for when in summary.names[1:]
        ]
        for name in shown
    }
    roles = [_MOVEMENTS[name] for name in shown]
    drawn = _stack(title, f"{currency}, MRR movements", values, formulas, summary, data, at, roles)
    return replace(drawn, height=height, width=width)


def _stack(
    title: str,
    subtitle: str,
    values: Mapping[str, Numbers],
    formulas: Mapping[str, Formulas],
    summary: Summary,
    data: ChartData,
    at: Place,
    roles: Sequence[Role],
) -> Chart:
    count = len(next(iter(values.values())))
    names, places = data.add(f"{title} ({subtitle})", times(summary)[-count:], values, MONEY, formulas=formulas)
    series = [Series(name, place, role) for (name, place), role in zip(places.items(), roles, strict=False)]
    told = "; ".join(f"{name} {MONEY.text(row[-1] or 0)}" for name, row in values.items())
    return _drawn("column", title, subtitle, names, series, MONEY, at, f"{title}. Latest: {told}", stacked=True)


def times(summary: Summary) -> list[str]:
    """The points of a trend for an axis: months, with the year at the first and at each January; quarters by name."""
    if summary.period.kind == "quarter":
        return list(summary.names)
    return [
        f"{name[:3]} {name[-2:]}" if not at or name.startswith("Jan") else name[:3]
        for at, name in enumerate(summary.names)
    ]


def _bridge(
    bridge: Mapping[str, int] | None, summary: Summary, currency: str, data: ChartData, at: Place
) -> Chart | str:
    """The movements of the open pipeline as bars of their own."""
    if bridge is None:
        return "the pipeline bridge (no opportunities)"
    moves = [(PIPELINE_STEPS[name], sign * bridge[name]) for name, sign in SIGNS.items() if name != "open_start"]
    formulas = [
        signed_formula(NumberCell(number_key(summary.segment, "bridge", name)), sign)
        for name, sign in SIGNS.items()
        if name != "open_start" and bridge[name]
    ]
    moves = [(name, cents) for name, cents in moves if cents]
    if not moves:
        return "the pipeline bridge (no movement)"
    title = change_title("Open pipeline", bridge["open_start"], bridge["open_end"], ())
    subtitle = f"{currency}, movements in {summary.name}"
    values: dict[str, Numbers] = {"Movement": [MONEY.shown(cents) for _, cents in moves]}
    names, places = data.add(
        f"{title} ({subtitle})", [name for name, _ in moves], values, MONEY, formulas={"Movement": formulas}
    )
    told = "; ".join(f"{name} {signed_money(cents)}" for name, cents in moves)
    series = [Series("Movement", places["Movement"], "actual")]
    return _drawn("bar", title, subtitle, names, series, MONEY, at, f"{title}. {told}")


def _drawn(
    kind: ChartKind,
    title: str,
    subtitle: str,
    names: Range,
    series: Sequence[Series],
    unit: Unit,
    at: Place,
    alt: str,
    *,
    stacked: bool = False,
    overlaid: bool = False,
) -> Chart:
    return chart(
        kind,
        title,
        subtitle,
        names,
        tuple(series),
        unit,
        at,
        _CHART_HEIGHT,
        alt,
        stacked=stacked,
        overlaid=overlaid,
        width=_CHART_WIDTH,
    )
