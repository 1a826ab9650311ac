"""Common parts of first pages: the headline, the measures, won revenue by type, the sentences, the comments and the
charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from math import ceil

from segxl.dataset.check import Check
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.messages import counted
from segxl.pages.audit.checks import checks_row
from segxl.pages.audit.sources import MONEY_TABLES, rows_row, warning_rows
from segxl.pages.cells import (
    GAP,
    HEADING,
    LINE,
    centimetres,
    difference_formula,
    fitted,
    headline_row,
    lines_of,
    long_date,
    number_formula,
    over_formula,
    percent_formula,
    short,
)
from segxl.pages.chart_data import ChartData, Formulas, Numbers
from segxl.pages.model import (
    Cell,
    Chart,
    ChartKind,
    Formula,
    KeyColumns,
    Link,
    NumberCell,
    Page,
    Range,
    Row,
    Series,
    SideBySide,
    Sparkline,
)
from segxl.pages.scorecard.scorecard import BEYOND_CELL, incomparable, marked, with_mark
from segxl.periods import month_end, to_month
from segxl.scorecard.behind import largest
from segxl.scorecard.model import Figure, Scorecard, Statement
from segxl.scorecard.summary_model import Behind, Change, Measured, Summary
from segxl.scorecard.words import BEYOND
from segxl.settings.comments import Comment, by_sentence
from segxl.units import ATTAINED, MONEY, POINTS, RATE, TEXT, Scale, Unit

WIDTHS = (20.0, 10.0, 1.2, *[10.0] * 3, 1.2, *[8.2] * 4, 2.0, 6.5, 6.5, 8.0, 9.2, 1.2, 8.0, 9.2, 7.0, 7.0)
"""A grid that fills a landscape page: on the left names and eight columns of a table, on the right eight narrower ones.
Narrow columns between them keep the trend of a measure away from the next measure; cells of tables span them."""

TABLE, WIDTH = 11, len(WIDTHS)
RIGHT = TABLE + 2
HALVES = (1, 10)
"""The columns at which two areas of about one width begin."""

CHART_WIDTH = 11.4
"""Centimetres of a chart in the columns on the right."""

_NARROW = 2.0
"""Characters: narrower columns are gaps."""

_WARNINGS = 3
"""Warnings on a first page; the page Sources and segxl check list all."""

_BOX = 13.0
"""Points of a row to write in."""

PAPER = 612.0
"""Points of the rows of a first page that prints at about 9 points."""

CAPTION = 15.0
"""Points of the row of a chart's caption."""

_A_CAPTION = 1.15
"""Characters of a caption for each character of its cells' width."""

_WORDS = {
    "N/M": "base or plan ≤ 0",
    "n/a": "no data",
    ">999%": "base too small",
    "MQL": "marketing qualified lead",
    "SQO": "sales qualified opportunity",
    "NRR": "net revenue retention",
    "GRR": "gross revenue retention",
}
"""The short words of a first page; all of them fit one line."""

_TILES = ((1, 2, 1), (4, 3, 1), (8, 4, 2), (RIGHT, 4, 2), (RIGHT + 5, 4, 2))
"""First column, columns, and columns of the numbers of each measure's tile; all are about as wide."""

NAMES = 15
"""The column of the names behind sentences."""


def head_rows(title: str, facts: Sequence[str], scorecard: Scorecard, summary: Summary, data: ChartData) -> list[Row]:
    """The top of a first page: its title, the company with ``facts`` about the numbers, the headline, the measures."""
    scale, against = summary.scale, [name for name in dict.fromkeys(summary.against) if name]
    words = [short(scorecard.name, 60), *facts]
    words += [f"{scale.of(scorecard.currency)}{f' ({scale.letter})' if scale.letter else ''}"]
    words += [f"compared with {' and '.join(against)}"] if against else []
    words += [summary.to_date] if summary.to_date else []
    words += _reach(scorecard.as_of, summary)
    return [
        Row((Cell(title, "title", span=WIDTH),), height=23),
        Row((Cell(" · ".join(words), "subtitle", span=WIDTH),), height=14),
        headline_row(summary.headline, WIDTH),
        GAP,
        *_tile_rows(summary, data),
        GAP,
    ]


def _reach(as_of: str | None, summary: Summary) -> list[str]:
    """What the data reach: where they begin, if the trends reach back to it; the day they are as of, or without a
    cut-off the last day of each table; and whether there is a plan.

    Deals from 20 Oct 2016 to 31 Dec 2017, closed from March on, for a trend from Oct 2016: "data from Oct 2016", "no
    deal closed before Mar 2017", "last recorded: deals 31 Dec 2017", "no plan in the data".
    """
    reach = summary.reach
    words = [f"data from {reach.begins:%b %Y}"] if reach.begins else []
    words += [f"no deal closed before {reach.first_closed:%b %Y}"] if reach.first_closed else []
    last = [
        f"{MONEY_TABLES.get(name, name)} {f'{day:%b %Y}' if name == 'revenue' else long_date(day)}"
        for name, day in reach.last.items()
    ]
    if as_of:
        words.append(f"data as of {long_date(date.fromisoformat(as_of))}")
    elif last:
        words.append(f"last recorded: {', '.join(last)}")
    return [*words, reach.no_plan] if reach.no_plan else words


def beside(left: Sequence[Row], right: Sequence[Row], column: int = RIGHT) -> list[Row]:
    """Rows of two areas next to each other, the second from ``column`` on; each as high as the higher of both."""
    found = []
    for at in range(max(len(left), len(right))):
        one = left[at] if at < len(left) else Row(height=right[at].height or LINE)
        cells: list[Cell | None] = list(one.cells)
        if at < len(right) and right[at].cells:
            cells += [None] * (column - 1 - len(cells))
            cells += right[at].cells
            if one.height is not None:
                one = replace(one, height=max(one.height, right[at].height or 0))
        found.append(Row(tuple(cells), one.height))
    return found


# -- the measures


def _tile_rows(summary: Summary, data: ChartData) -> Iterator[Row]:
    """The measures side by side, each with its trend, its plan, and its change on the period and on the year before."""
    shown = summary.measures
    places = trend_ranges(summary, data, "Measures", {one.name: one for one in shown})
    yield _tiles([(Cell(_label(one, summary), "key_label"), None) for one in shown], LINE)
    yield _tiles(
        [(_key_value(one, summary.scale), spark_cell(one.name, one, places[one.name], "key_even")) for one in shown], 23
    )
    if any(one.plan is not None and one.plan.value is not None for one in shown):
        yield _tiles([_against_plan(one, summary.scale) for one in shown], LINE)
    for at in (-2, -1 - summary.period.in_a_year):
        words = f"vs {summary.names[at]}"
        yield _tiles([(Cell(words, "key_note"), _key(change_cell(one, one.points[at]))) for one in shown], LINE)


def _label(one: Measured, summary: Summary) -> str:
    """The name of a measure; MRR with its day, as it is that of the period's opening, and with what it is at the end;
    retention with the month whose customers it follows."""
    start, end = summary.period.window
    if one.key == "nrr":
        return f"NRR, customers of {month_end(to_month(summary.period.window.end) - 12):%b %Y}"
    if one.key == "mrr":
        closing = summary.closing_mrr
        then = "" if closing is None else f" ({end.day} {end:%b}: {summary.scale.text(closing)})"
        return f"MRR at {start.day} {start:%b}{then}"
    return one.name


def _tiles(pairs: Sequence[tuple[Cell, Cell | None]], height: float) -> Row:
    """A row of all tiles: words on the left of each, a number in its last columns, a trend in its last one."""
    cells: list[Cell | None] = []
    for (left, right), (start, columns, last) in zip(pairs, _TILES, strict=False):
        cells += [None] * (start - 1 - len(cells))
        end = 0 if right is None else 1 if right.sparkline is not None else last
        cells += [replace(left, span=columns - end), *[None] * (columns - end - 1)]
        cells += [] if right is None else [replace(right, span=end), *[None] * (end - 1)]
    return Row(tuple(cells), height=height)


def laid(cells: Sequence[Cell | None], first: int = 1) -> tuple[Cell | None, ...]:
    """Cells in the columns of the grid from ``first`` on, each as wide as its span; one before a gap spans it too."""
    found: list[Cell | None] = [None] * (first - 1)
    for cell in cells:
        span = 1 if cell is None else cell.span
        after = len(found) + span
        span += after < WIDTH and after != TABLE and WIDTHS[after] <= _NARROW
        found += [cell if cell is None or cell.span == span else replace(cell, span=span), *[None] * (span - 1)]
    return tuple(found)


_KEY_STYLES = {"good": "key_good", "bad": "key_bad"}


def _key(cell: Cell) -> Cell:
    """A change as a tile shows it; a percentage keeps its distance from the next tile."""
    unit = cell.unit
    if unit.percent:
        unit = replace(unit, excel=";".join(f'{part}" "' for part in unit.excel.split(";")))
    return replace(cell, style=_KEY_STYLES.get(cell.style, "key_even"), unit=unit)


def _key_value(one: Measured, scale: Scale) -> Cell:
    figure = one.current
    assert figure is not None and figure.value is not None
    if figure.meaningless:
        return Cell("n/a", "key_value", tip=f"Not shown: {figure.meaningless}.")
    unit = scale.unit(figure.value) if figure.unit is MONEY else figure.unit
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


def _against_plan(one: Measured, scale: Scale) -> tuple[Cell, Cell]:
    plan = one.plan
    if plan is None or plan.value is None:
        none = "no plan by type" if one.key == "new_business" else "no plan"
        return Cell(none if plan is None else "plan n/a", "key_note"), Cell("", "key_even")
    unit = scale.unit(plan.value) if plan.unit is MONEY else plan.unit
    worded = replace(unit, excel=";".join(f'"plan "{part}'.replace('""', "") for part in unit.excel.split(";")))
    formula = Formula((NumberCell(one.plan_key),))
    return Cell(plan.unit.shown(plan.value), "key_note", worded, formula=formula), _key(attained_cell(one))


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
    if compared.percent > BEYOND:
        return BEYOND_CELL
    cell = marked(float(compared.percent), ATTAINED, good)  # rounded as in the sentences
    return replace(cell, formula=percent_formula(one.current, base))


def of_total(cell: Cell) -> Cell:
    """A cell in the row of a total: coloured as in other rows, with the total's rules above and below."""
    style = {"good": "total_good", "bad": "total_bad", "muted": "total_muted", "subvalue": "total"}.get(cell.style)
    return replace(cell, style=style or cell.style)


# -- what to look at


def finding_rows(
    findings: Sequence[Statement],
    comments: Sequence[Comment],
    scale: Scale,
    behind: Sequence[Behind | None] = (),
) -> Iterator[Row]:
    """The sentences, each with a mark of direction and judgement and the comment on it below; with ``behind`` the
    largest deals or customers on its right, as many as its lines have room for. Last a comment on the whole page, or
    boxes to write one in."""
    on_each, whole = by_sentence(comments, [one.text for one in findings])
    named = any(behind)
    span, room = NAMES - 2 if named else WIDTH, sum(WIDTHS[NAMES - 1 :])
    title, names = Cell("What to look at", "heading", span=span), "Speak to: largest deals, customers (owner)"
    yield Row(_named(title, names if named else ""), height=HEADING)
    for one, comment, found in zip_longest(findings, on_each, behind):
        sentence = Cell(with_mark(one), "text", span=span)
        lines = lines_of(str(sentence.value), sum(WIDTHS[:span]))
        told = [] if found is None else [largest(found, scale, most) for most in (2, 1)]
        words = next((words for words in told if lines_of(words, room) <= lines), told[-1] if told else "")
        lines = max(lines, lines_of(words, room))
        yield Row(_named(sentence, words), height=_BOX + LINE * (lines - 1))
        if comment is not None:
            yield _wrapped(_told(comment), "sublabel", 1, WIDTH)
    if not findings:
        yield Row((Cell("Nothing meets a rule on the page Rules.", "text", span=WIDTH),), height=LINE)
    yield _wrapped(f"Comment: {_told(whole)}", "text", 1, WIDTH) if whole is not None else _boxes()


def _named(sentence: Cell, words: str) -> tuple[Cell | None, ...]:
    """A sentence, and the names on its right if it leaves them their columns."""
    if sentence.span == WIDTH:
        return _spread([sentence])
    style = "heading" if sentence.style == "heading" else "text"
    return _spread([sentence, Cell("", "text"), Cell(words, style, span=WIDTH - NAMES + 1)])


def _told(comment: Comment) -> str:
    """A comment with its owner and the day it is due: ``Both are signed. (Ann, due 6 Nov 2026)``."""
    due = "" if comment.date is None else f"due {long_date(comment.date)}"
    signed = ", ".join(word for word in (comment.owner, due) if word)
    return f"{comment.text} ({signed})" if signed else comment.text


def _boxes() -> Row:
    """A row to write a comment in, with its owner and the day it is due; in workbooks only."""
    cells = [Cell("Comment", "label"), Cell("", "box", span=RIGHT)]
    cells += [Cell("Owner", "sublabel"), Cell("", "box", span=3), Cell("Due", "sublabel"), Cell("", "box", span=2)]
    return Row(_spread([replace(cell, on_web=False) for cell in cells]), height=_BOX + 1)


def _spread(cells: Sequence[Cell]) -> tuple[Cell | None, ...]:
    """Cells next to each other, each as wide as its span."""
    return tuple(one for cell in cells for one in (cell, *[None] * (cell.span - 1)))


def _wrapped(text: str, style: str, first: int, last: int, link: Link | None = None) -> Row:
    """Words over the columns from ``first`` to ``last``, as high as their lines."""
    lines = sum(lines_of(part, sum(WIDTHS[first - 1 : last])) for part in text.split("\n"))
    cells = (*[None] * (first - 1), Cell(text, style, span=last - first + 1, link=link))
    return Row(cells, height=LINE + 13 * (lines - 1))


def first_page(
    key: str,
    title: str,
    rows: Sequence[Row],
    charts: Sequence[Chart],
    areas: Sequence[SideBySide],
    phones: Sequence[KeyColumns],
) -> Page:
    """A first page on one sheet of paper, in the columns that all first pages share."""
    return Page(
        key=key,
        title=title,
        rows=tuple(rows),
        widths=WIDTHS,
        charts=tuple(charts),
        side_by_side=tuple(areas),
        key_columns=tuple(phones),
        one_paper=True,
    )


def verdict_rows(
    scorecard: Scorecard, checks: Sequence[Check], above: Sequence[Row], charts: Sequence[Chart], prefix: str = ""
) -> Iterator[Row]:
    """Whether the checks hold, with the number of warnings and of rejected rows; the outcome of the rows read, as one
    line that adds up; what the signs mean that are in the rows ``above`` and in the charts; and the first warnings."""
    more = _beside_the_checks(scorecard)
    yield replace(checks_row(checks, WIDTH, prefix, more), height=LINE if all(one.passed for one in checks) else None)
    yield fitted(rows_row(scorecard.ledger, WIDTH), WIDTHS)
    if signs := _signs(above, charts):
        yield _wrapped(signs, "sublabel", 1, WIDTH)
    yield from (
        fitted(row, WIDTHS)
        for row in warning_rows(scorecard.warnings, WIDTH, _WARNINGS, f"Warnings, {_whose(scorecard)}", fixes=False)
    )


def _beside_the_checks(scorecard: Scorecard) -> str:
    """``; 1 warning; 500 rows rejected``, so that PASS does not hide them; ``, no warnings``."""
    warnings, rejected = sum(not one.fails for one in scorecard.warnings), scorecard.ledger.of_company.rejected_rows
    more = f"; {counted(warnings, 'warning')}" if warnings else ", no warnings"
    return more + (f"; {counted(rejected, 'row')} rejected" if rejected else "")


def _whose(scorecard: Scorecard) -> str:
    """Whose rows the warnings are about: those of all segments that were asked for."""
    names = list(scorecard.segments)
    if ALL_ACCOUNTS in names:
        return "company"
    return short(names[0], 18) if len(names) == 1 else counted(len(names), "segment")


def _signs(rows: Sequence[Row], charts: Sequence[Chart]) -> str:
    """What the signs and the short words mean that are in some rows and charts; blank without any."""
    cells = [cell for row in rows for cell in row.cells if cell is not None]
    shown = " ".join([*(f"{cell.value} {cell.unit.excel}" for cell in cells), *(one.alt for one in charts)])
    words = ["▲▼ good, △▽ bad"] if any(sign in shown for sign in "▲▼△▽") else []
    if any(cell.style in ("muted", "total_muted") and isinstance(cell.value, int | float) for cell in cells):
        words.append("grey: too few deals")
    meant = {name: meaning for name, meaning in _WORDS.items() if name in shown}
    if {"NRR", "GRR"} <= set(meant):
        del meant["NRR"], meant["GRR"]
        meant["NRR, GRR"] = "net, gross revenue retention"
    words += [f"{name}: {meaning}" for name, meaning in meant.items()]
    return f"{'; '.join(words)}." if words else ""


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


def changes_chart(changes: Sequence[Change], count: int, subtitle: str, scale: Scale, data: ChartData) -> Chart | None:
    """Changes of won revenue by segment as bars of their own, those of ``count`` that are shown; None where fewer than
    two moved."""
    moved = [one for one in changes if one.change]
    if len(moved) < 2:
        return None
    title = _extremes(moved, scale) + (f" ({len(moved)} of {count} shown)" if len(moved) < count else "")
    values: dict[str, Numbers] = {"Change": [MONEY.shown(one.change) for one in moved]}
    formulas: dict[str, Formulas] = {"Change": [difference_formula(one.now, one.base) for one in moved]}
    labels = [short(one.name, 24) for one in moved]
    names, places = data.add(f"{title} ({subtitle})", labels, values, MONEY, formulas=formulas)
    told = "; ".join(f"{one.name} {scale.signed(one.change)}" for one in moved)
    series = (Series("Change", places["Change"], "actual"),)
    return chart("bar", title, subtitle, names, series, scale.cell, f"{title}. {told}")


def _extremes(moved: Sequence[Change], scale: Scale) -> str:
    """The largest rise and the largest fall: ``Mid-Market rose most, +279k; no segment fell``."""
    up, down = max(moved, key=lambda one: one.change), min(moved, key=lambda one: one.change)
    rose = f"{short(up.name, 20)} rose most, {scale.signed(up.change)}" if up.change > 0 else "No segment rose"
    fell = f"{short(down.name, 20)} fell most, {scale.signed(down.change)}" if down.change < 0 else "no segment fell"
    return f"{rose}; {fell}"


def chart(
    kind: ChartKind,
    title: str,
    subtitle: str,
    categories: Range,
    series: tuple[Series, ...],
    unit: Unit,
    alt: str,
    *,
    stacked: bool = False,
    overlaid: bool = False,
) -> Chart:
    """A chart below its caption, which :func:`placed` puts on the page."""
    return Chart(
        kind=kind,
        title=title,
        subtitle=subtitle,
        categories=categories,
        series=series,
        unit=unit,
        row=1,
        column=1,
        width=CHART_WIDTH,
        height=4.0,
        alt=alt,
        stacked=stacked,
        overlaid=overlaid,
        captioned=True,
    )


def placed(drawn: Chart, row: int, column: int, height: float, width: float = CHART_WIDTH) -> Chart:
    """The chart with its top left corner at ``row`` and ``column``; ``height`` in points, ``width`` in centimetres."""
    return replace(drawn, row=row, column=column, height=round(centimetres(height), 2), width=width)


def caption_rows(title: str, subtitle: str, first: int, columns: int) -> list[Row]:
    """The message of a chart or a table in some columns from ``first`` on, and its unit, each as high as its lines.
    Both begin in column 1 of their rows."""
    width = sum(WIDTHS[first - 1 : first - 1 + columns])
    lines = ceil(len(title) / (_A_CAPTION * width))
    return [
        Row((Cell(title, "caption", span=columns),), height=CAPTION + 13.0 * (lines - 1)),
        Row((Cell(subtitle, "sublabel", span=columns),), height=LINE * lines_of(subtitle, width)),
    ]


def _words(figure: Figure) -> str:
    return figure.unit.text(None if figure.value is None else figure.unit.shown(figure.value))
