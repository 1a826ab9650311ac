"""Common parts of first pages: the headline, the measures, the sentences, the comment and the charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from segxl.dataset.check import Check
from segxl.messages import counted
from segxl.pages.audit.checks import checks_row
from segxl.pages.audit.sources import warning_rows
from segxl.pages.cells import difference_formula, number_formula, over_formula, percent_formula, short
from segxl.pages.chart_data import ChartData, Formulas, Numbers
from segxl.pages.data.workings import quoted
from segxl.pages.model import Cell, Chart, ChartKind, Formula, NumberCell, Range, Row, Series, Sparkline
from segxl.pages.scorecard.scorecard import change_percent, incomparable, marked, with_mark
from segxl.scorecard.model import Figure, Scorecard, Statement
from segxl.scorecard.summary_model import Change, Measured, Summary
from segxl.settings.comments import Comment
from segxl.units import ATTAINED, MONEY, POINTS, RATE, TEXT, Unit, short_money, short_text, signed_money

WIDTHS = (20.0, *[9.1] * 14)
"""A grid that fills a landscape page: names, eight columns of a table, six columns below charts."""

TABLE, WIDTH = 9, len(WIDTHS)
CHART_WIDTH = 10.9
"""Centimetres of a chart in the six columns on the right."""

GAP = Row(height=5)

_WARNINGS = 3
"""Warnings on a first page; the page Sources and segxl check list all."""

LINE = 16.0
"""Points of a row with one line: a first page fits one sheet of paper at 9 points or more."""

_LINE = 124
"""Characters of a sentence that fit on one line next to the charts."""

_TILES = ((1, 2), (3, 3), (6, 3), (10, 3), (13, 3))
"""First column and columns of each measure's tile."""


def head_rows(title: str, facts: Sequence[str], scorecard: Scorecard, summary: Summary, data: ChartData) -> list[Row]:
    """The top of a first page: its title, the company with ``facts`` about the numbers, the headline, the measures."""
    words = [short(scorecard.name, 60), *facts]
    words += [f"data as of {scorecard.as_of}"] if scorecard.as_of else []
    return [
        Row((Cell(title, "title", span=WIDTH),)),
        Row((Cell(" · ".join(words), "subtitle", span=WIDTH),)),
        Row((Cell(summary.headline, "headline", span=WIDTH),)),
        GAP,
        *_tile_rows(summary, data),
        GAP,
    ]


def _tile_rows(summary: Summary, data: ChartData) -> Iterator[Row]:
    """The measures side by side, each with its trend, its plan, and its change on the period and on the year before."""
    shown = summary.measures
    places = trend_ranges(summary, data, "Measures", {one.name: one for one in shown})
    yield _tiles([(Cell(one.name, "key_label"), None) for one in shown], 15.5)
    yield _tiles([(_key_value(one), spark_cell(one.name, one, places[one.name], "label")) for one in shown], 25)
    if any(one.plan is not None and one.plan.value is not None for one in shown):
        yield _tiles([_against_plan(one) for one in shown], LINE)
    for at in (-2, -1 - summary.period.in_a_year):
        words = f"on {summary.names[at]}"
        yield _tiles([(Cell(words, "label"), change_cell(one, one.points[at])) for one in shown], LINE)


def _tiles(pairs: Sequence[tuple[Cell, Cell | None]], height: float) -> Row:
    """A row of all tiles: words on the left of each, a number in its last column."""
    cells: list[Cell | None] = []
    for (left, right), (start, columns) in zip(pairs, _TILES, strict=False):
        cells += [None] * (start - 1 - len(cells))
        wide = columns if right is None else columns - 1
        cells += [replace(left, span=wide), *[None] * (wide - 1)]
        if right is not None:
            cells.append(right)
    return Row(tuple(cells), height=height)


def _key_value(one: Measured) -> Cell:
    figure = one.current
    assert figure is not None and figure.value is not None
    if figure.meaningless:
        return Cell("n/a", "key_value", tip=f"Not shown: {figure.meaningless}.")
    unit = short_money(figure.value) if figure.unit is MONEY else figure.unit
    unit = unit if figure.small is None else unit.of_few(figure.small)
    return Cell(figure.unit.shown(figure.value), "key_value", unit, formula=number_formula(figure))


def spark_cell(name: str, one: Measured | None, place: Range | None, style: str) -> Cell:
    """The trend of a measure as a sparkline; an empty cell with fewer than two numbers."""
    points = one.points if one is not None else ()
    known = [figure for figure in points if figure is not None and figure.value is not None]
    if place is None or len(known) < 2:
        return Cell("", style)
    first, last = (f"{_words(figure)} in {figure.window.month_names}" for figure in (known[0], known[-1]))
    return Cell(None, style, sparkline=Sparkline(place, f"{name}: {first}, {last}"))


def _against_plan(one: Measured) -> tuple[Cell, Cell]:
    plan = one.plan
    if plan is None:
        return Cell("no plan", "label"), Cell("", "muted")
    if plan.value is None or one.attainment.attainment is None:
        return Cell("plan", "label"), attained_cell(one)
    value = short_text(plan.value) if plan.unit is MONEY else plan.unit.text(plan.unit.shown(plan.value))
    return Cell(f"plan {value}", "label"), attained_cell(one)


def attained_cell(one: Measured) -> Cell:
    """A measure as a part of its plan, coloured by whether that is favourable; n/a or N/M in grey."""
    found = one.attainment
    if one.current is None or found.attainment is None:
        return Cell(found.why, "muted")
    good = one.favourable(float(found.variance or 0))
    style = "subvalue" if good is None else "good" if good else "bad"
    formula = over_formula(NumberCell(one.current.key), NumberCell(one.plan_key))
    return Cell(float(found.attainment), style, ATTAINED, formula=formula)


def change_cell(one: Measured, base: Figure | None) -> Cell:
    """A change in percent, of a rate in percentage points, coloured by whether it is favourable."""
    compared = one.against(base)
    if one.current is None or base is None or compared is None or compared.change is None:
        return Cell("n/a", "muted")
    if reason := incomparable(one.current, base):
        return Cell("n/a", "muted", tip=reason)
    few = one.current.small is not None or base.small is not None
    good = None if few else one.favourable(float(compared.change))
    if one.current.unit is RATE:
        cell = marked(float(compared.change) * 100, POINTS, good)
        return replace(cell, formula=difference_formula(one.current, base, 100))
    if compared.percent is None:
        return Cell(compared.why or "n/a", "muted")
    return change_percent(compared.percent, good, percent_formula(one.current, base))


def finding_rows(findings: Sequence[Statement], width: int) -> Iterator[Row]:
    """The sentences, each with a mark of direction and judgement."""
    if not findings:
        yield Row((Cell("Nothing meets a rule on the page Rules.", "text", span=width),))
    for one in findings:
        text = with_mark(one)
        yield Row((Cell(text, "text", span=width),), height=LINE if len(text) <= _LINE else None)


def comment_rows(comment: Comment | None, width: int) -> Iterator[Row]:
    """The box for a comment with its owner and date, filled from ``comments.toml``."""
    wide = width - 4
    names: list[Cell | None] = [Cell("Comment", "header", span=wide), *[None] * (wide - 1)]
    yield Row((*names, Cell("Owner", "header", span=2), None, Cell("Date", "header", span=2)), height=LINE)
    style = "text" if comment else "box"
    text, owner = (comment.text, comment.owner) if comment else ("", "")
    day = comment.date if comment else None
    cells: list[Cell | None] = [Cell(text, style, span=wide), *[None] * (wide - 1)]
    cells += [Cell(owner, style, span=2), None, Cell(str(day or ""), style, span=2)]
    yield Row(tuple(cells), height=None if comment else 27)


def verdict_rows(scorecard: Scorecard, checks: Sequence[Check], width: int, prefix: str = "") -> Iterator[Row]:
    """Whether the checks hold, how many rows were read and rejected, and the first warnings."""
    ledger = scorecard.ledger
    facts = [f"{counted(sum(entry.rows for entry in ledger.files), 'row')} of {counted(len(ledger.files), 'file')}"]
    facts += [f"{ledger.rejected_rows:,} rejected"] if ledger.rejected_rows else []
    row = checks_row(checks, width, prefix)
    *start, words = row.cells
    assert words is not None
    more = "".join(f"; {one}" for one in facts)
    formula = Formula((*words.formula.parts, "&", quoted(more))) if words.formula is not None else None
    cells = (*start, replace(words, value=f"{words.value}{more}", formula=formula))
    yield replace(row, cells=cells, height=LINE if all(check.passed for check in checks) else None)
    yield from warning_rows(scorecard.warnings, width, _WARNINGS)


# -- charts


def trend_ranges(
    summary: Summary, data: ChartData, title: str, rows: dict[str, Measured | None]
) -> dict[str, Range | None]:
    """The places of the trends of some measures; None for one without a number."""
    shown = {name: one for name, one in rows.items() if one is not None}
    if not shown:
        return dict.fromkeys(rows)
    series: dict[str, Numbers] = {name: [_shown(figure) for figure in one.points] for name, one in shown.items()}
    units = [one.current.unit if one.current else TEXT for one in shown.values()]
    formulas = {name: formulas_of(one.points) for name, one in shown.items()}
    _, places = data.add(title, list(summary.names), series, units[0], units, formulas)
    return {name: places.get(name) for name in rows}


def formulas_of(points: Sequence[Figure | None]) -> Formulas:
    """The formulas of figures."""
    return [None if one is None else number_formula(one) for one in points]


def _shown(figure: Figure | None) -> int | float | None:
    return None if figure is None or figure.value is None else figure.unit.shown(figure.value)


def changes_chart(
    changes: Sequence[Change],
    base: str,
    subtitle: str,
    data: ChartData,
    at: tuple[int, int],
    height: float,
    down: float,
) -> Chart | None:
    """Changes of won revenue as bars of their own; None where nothing moved."""
    moved = [one for one in changes if one.change]
    if not moved:
        return None
    title = f"{_extremes(moved)} on {base}"
    values: dict[str, Numbers] = {"Change": [MONEY.shown(one.change) for one in moved]}
    formulas: dict[str, Formulas] = {"Change": [difference_formula(one.now, one.base) for one in moved]}
    labels = [short(one.name, 24) for one in moved]
    names, places = data.add(f"{title} ({subtitle})", labels, values, MONEY, formulas=formulas)
    told = "; ".join(f"{one.name} {signed_money(one.change)}" for one in moved)
    series = (Series("Change", places["Change"], "actual"),)
    return chart("bar", title, subtitle, names, series, MONEY, at, height, f"{title}. {told}", down=down)


def _extremes(moved: Sequence[Change]) -> str:
    """The largest rise and the largest fall: ``Renewal +861k, New logo −175k``; ``Mid-Market +278k, none fell``."""
    up, down = max(moved, key=lambda one: one.change), min(moved, key=lambda one: one.change)
    ends = [*([up] if up.change > 0 else []), *([down] if down.change < 0 else [])]
    told = [f"{short(one.name, 20)} {signed_money(one.change)}" for one in ends]
    if len(told) == 2 or len(moved) == 1:
        return ", ".join(told)
    return f"{told[0]}, {'none fell' if up.change > 0 else 'none rose'}"


def chart(
    kind: ChartKind,
    title: str,
    subtitle: str,
    categories: Range,
    series: tuple[Series, ...],
    unit: Unit,
    at: tuple[int, int],
    height: float,
    alt: str,
    *,
    stacked: bool = False,
    overlaid: bool = False,
    width: float = CHART_WIDTH,
    down: float = 0.0,
) -> Chart:
    """A chart whose top left corner is at row and column ``at``."""
    return Chart(
        kind=kind,
        title=title,
        subtitle=subtitle,
        categories=categories,
        series=series,
        unit=unit,
        row=at[0],
        column=at[1],
        width=width,
        height=height,
        alt=alt,
        stacked=stacked,
        overlaid=overlaid,
        down=down,
    )


def _words(figure: Figure) -> str:
    return figure.unit.text(None if figure.value is None else figure.unit.shown(figure.value))
