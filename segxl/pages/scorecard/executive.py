"""The executive pack: the company on one page, the segments in full, then the pages that prove them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from inspect import getdoc

from segxl.dataset.segments import ALL_ACCOUNTS, IN_NO_SEGMENT
from segxl.facts.engine import Facts
from segxl.messages import counted
from segxl.pages.audit.checks import checks_table, summary_of_checks
from segxl.pages.audit.constants import with_constants
from segxl.pages.audit.contents import KEY as CONTENTS
from segxl.pages.audit.contents import contents_page
from segxl.pages.audit.definitions import definitions_page
from segxl.pages.audit.sources import rejected_page, sources_page
from segxl.pages.audit.verification import with_verification
from segxl.pages.cells import GAP, HEADING, LINE, figure_cell, heading, number_formula, paper_of, points, short
from segxl.pages.chart_data import ChartData, Formulas, Numbers
from segxl.pages.data.further import figures_on, keys_on, named
from segxl.pages.data.monthly import Monthly
from segxl.pages.data.status import StatusFormulas
from segxl.pages.model import Cell, Chart, Formula, KeyColumns, Link, NumberCell, Pack, Page, Row, Series, SideBySide
from segxl.pages.numbers import SCORECARD, Live, numbers_page
from segxl.pages.scorecard.first_page import (
    RIGHT,
    TABLE,
    WIDTH,
    attained_cell,
    beside,
    caption_rows,
    change_cell,
    changes_chart,
    chart,
    finding_rows,
    first_page,
    formulas_of,
    head_rows,
    laid,
    of_total,
    placed,
    spark_cell,
    trend_ranges,
    verdict_rows,
)
from segxl.pages.scorecard.kinds import LEFT, kind_rows, money_change
from segxl.pages.scorecard.overview import movements_chart, won_chart
from segxl.pages.scorecard.reconciliation import reconciliation_page
from segxl.pages.scorecard.scorecard import page_subtitle, plan_key
from segxl.pages.scorecard.segments import KEY as SEGMENTS
from segxl.pages.scorecard.segments import Trends, segments_page
from segxl.periods import Window
from segxl.scorecard.figures import Figures
from segxl.scorecard.findings import MOST as MOST_FINDINGS
from segxl.scorecard.findings import RULES as FINDINGS
from segxl.scorecard.highlights import MOST, RULES
from segxl.scorecard.model import Executive, Figure, Plan, Scorecard
from segxl.scorecard.numbers_table import (
    NumberKey,
    first_page_rows,
    is_change_of_item,
    movement_rows,
    number_key,
    rows_of_keys,
    scorecard_numbers,
    source_key,
    with_parts,
)
from segxl.scorecard.summary_model import Change, ExecutiveSummary, Measured, Overlap, SegmentLine
from segxl.scorecard.words import difference_text
from segxl.settings.comments import Comment
from segxl.units import MONEY, Scale, Unit

KEY = "executive"

_EACH_WAY, _FEW = 3, 5

_ALONE, _WIDE = 105.0, 17.4
"""Points and centimetres of a chart in the columns on the left."""

_OVERLAPS = 120
"""Characters of the line below the table of segments."""

_MOST, _LEAST = 8, 3
"""Columns of numbers in the table of segments, and on a phone."""

_ELSEWHERE = "Changes of items, such as one geo's, are in the segments' packs and in segxl --format csv."

MOST_SEGMENTS = 8
"""Segments with a line on the first page: the worst against plan; the page Segments has all."""


def executive_pack(
    facts: Facts,
    scorecard: Scorecard,
    executive: Executive,
    summary: ExecutiveSummary,
    comments: Sequence[Comment] = (),
) -> Pack:
    """The pack over all segments of a scorecard."""
    period, who = scorecard.period, f"{ALL_ACCOUNTS} and its segments"
    subtitle = page_subtitle(scorecard.name, who, period, scorecard.currency)
    trends, data = Trends(executive), ChartData()
    metrics = tuple({column.metric.key: column.metric for column in executive.columns}.values())
    front = (
        _first_page(scorecard, summary, comments, data),
        segments_page(scorecard, executive, trends, subtitle),
        reconciliation_page(executive, subtitle),
        data.page(subtitle),
        trends.page(subtitle),
    )
    only = keys_on(front)
    numbers = [row for row in scorecard_numbers(scorecard) if not is_change_of_item(row) or source_key(row) in only]
    numbers += first_page_rows(numbers, summary.figures())
    numbers += rows_of_keys(numbers, _values(executive, summary), period)
    rows = with_parts([*numbers, *first_page_rows(numbers, named(figures_on(front)))])
    moved = [row for row in movement_rows(summary.company) if row.key in only]
    rows += moved
    figures = [row.source for row in rows if isinstance(row.source, Figure) and row.source.key in only]
    scopes = Figures(facts, ALL_ACCOUNTS)
    movements = tuple(scopes.scope(window) for window in dict.fromkeys(row.window for row in moved) if window)
    workings = Monthly(facts, scopes.scope(period.window), figures, movements)
    pages = (
        *front,
        checks_table(summary_of_checks(scorecard), subtitle),
        sources_page(scorecard.ledger, subtitle),
        definitions_page(metrics, subtitle),
        _rules_page(subtitle),
        numbers_page(rows, subtitle, SCORECARD, Live(workings, StatusFormulas(workings, period), only), _ELSEWHERE),
        rejected_page(scorecard.ledger, subtitle),
        *workings.pages(subtitle),
    )
    title = f"Executive scorecard {period.name}"
    footer = f"{scorecard.name} · executive · {period.name}"
    kept = with_constants([page for page in pages if page is not None], metrics, workings.too_long)
    first, *others = with_verification(kept, subtitle)
    shown = (first, contents_page(others, subtitle), *others)
    return Pack(title, scorecard.name, shown, footer, paper_of(scorecard.settings), contents=CONTENTS)


def _values(executive: Executive, summary: ExecutiveSummary) -> Iterator[tuple[NumberKey, Plan | Figure]]:
    """The plans and coverages that the pages show; those of a segment that was not asked for have no row otherwise."""
    measured = [*summary.company.measures, *(one for line in summary.lines for one in (line.won, line.new, line.sqos))]
    for one in measured:
        if one is not None and one.plan is not None and one.plan_key is not None:
            yield one.plan_key, one.plan
    for row in executive.rows:
        for column in executive.columns:
            line = row.figures[column.key].line
            if line.plan is not None:
                yield plan_key(line, column.metric), line.plan
    for shown in summary.lines:
        if shown.coverage is not None and (key := _coverage_key(shown)) is not None:
            yield key, shown.coverage


def _first_page(scorecard: Scorecard, summary: ExecutiveSummary, comments: Sequence[Comment], data: ChartData) -> Page:
    company, lines, currency = summary.company, _shown_lines(summary.lines), scorecard.currency
    facts = (f"{ALL_ACCOUNTS} and its segments",)
    rows = head_rows(f"Executive scorecard · {company.name}", facts, scorecard, company, data)
    charts, areas = [], []
    unit = company.scale.of(currency)
    segments = [
        Row((Cell(f"Segments{_order(lines)}", "heading", span=TABLE),), height=HEADING),
        *_table(lines, company.scale.cell, summary, data),
        *_below(summary, len(summary.lines) - len(lines)),
    ]
    findings = [*finding_rows(company.findings, comments, company.scale, company.behind)]
    reached = _plan_chart(lines, f"{unit}, {company.name}; outline: plan", company.scale, data)
    moved = None if company.won else movements_chart(company, currency, data)
    base = f"{unit}, change of {'won revenue' if company.won else 'MRR'} vs {company.base}"
    added = "; segments overlap" if summary.overlap else ""
    order = [line.segment for line in lines]
    moves = [one for one in summary.contributions if one.change]
    contributed = changes_chart(_largest(moves, order), len(moves), f"{base}{added}", company.scale, data)
    drawn = [one for one in (reached, moved, contributed) if isinstance(one, Chart)]
    first_chart, others = drawn[:1], drawn[1:]
    why, alone = kind_rows(company, currency, LEFT), None
    if not why and not others and isinstance(won := won_chart(company, currency, data), Chart):
        others = [won]
    if others and not why:
        alone = others.pop(0)
        why = [*caption_rows(alone.title, alone.subtitle, 1, TABLE), Row(height=_ALONE)]
    phones = [KeyColumns(len(rows) + 2, _on_phones(segments[1]))]
    for left, own in ((segments, first_chart), (findings, []), (why, others)):
        first, (block, put) = len(rows) + 1, _with_charts(left, own)
        charts += [placed(one, first + at, RIGHT, height) for one, at, height in put]
        charts += [placed(alone, first + 2, 1, _ALONE - 3, _WIDE)] if alone and left is why else []
        if left is why and why and not alone:
            phones.append(KeyColumns(first + 1, tuple(range(1, WIDTH + 1))))
        rows += [*block, GAP] if block else []
        areas += (
            [SideBySide(first, first + len(block) - 1, (1, RIGHT) if own else (1,))] if own or left is findings else []
        )
    rows += verdict_rows(scorecard, scorecard.checks, rows, charts)
    return first_page(KEY, "Executive", rows, charts, areas, phones)


def _with_charts(left: Sequence[Row], drawn: Sequence[Chart]) -> tuple[list[Row], list[tuple[Chart, int, float]]]:
    """The rows of an area and the charts on its right below their captions, each with its row from 0 and its height in
    points. The last one takes what room there is."""
    rows: list[Row] = []
    found = []
    for one in drawn:
        rows += caption_rows(one.title, one.subtitle, RIGHT, WIDTH - RIGHT + 1)
        start, last = len(rows), one is drawn[-1]
        while len(rows) < len(left) and (last or _room(left, rows, start) < _least(one)):
            rows.append(Row())  # as high as the row on the left
        if (missing := _least(one) - _room(left, rows, start)) > 0:
            rows.append(Row(height=missing))
        found.append((one, start, len(rows)))
    block = beside(left, rows)
    return block, [
        (one, start, points(block[start:end]) - (3 if end == len(block) else 9)) for one, start, end in found
    ]


def _room(left: Sequence[Row], rows: Sequence[Row], start: int) -> float:
    """The height in points of the rows from ``start`` on, each as high as the one on its left."""
    return points(beside(left, rows)[start : len(rows)])


def _least(drawn: Chart) -> float:
    """The least height of a chart in points: of bars by their number."""
    count = drawn.categories.last_column - drawn.categories.first_column + 1
    return (13.0 if drawn.overlaid else 11.0) * count + 8 if drawn.kind == "bar" else 105.0


def _below(summary: ExecutiveSummary, left: int) -> Iterator[Row]:
    """Below the table: segments that are not in it, and why its lines may not add up."""
    if summary.overlap is not None:
        none = any(line.segment == IN_NO_SEGMENT for line in summary.lines)
        words = _overlaps(summary.overlap, summary.company.scale, [IN_NO_SEGMENT] if none else [])
        yield Row((Cell(words, "text", span=TABLE),), height=LINE)
    yield Row((Cell(_colours(summary), "sublabel", span=TABLE),), height=LINE)
    if left:
        words = f"{counted(left, 'further segment is', 'further segments are')} on the page Segments."
        yield Row((Cell(words, "text", link=Link(SEGMENTS, 1, 1), span=TABLE),), height=LINE)


def _colours(summary: ExecutiveSummary) -> str:
    """What is coloured in the table, and what won revenue is."""
    lines = summary.lines
    found = ["below plan"] if _planned(lines) else []
    found += ["NRR below 100%"] if any(line.nrr is not None for line in lines) else []
    found.append("a fall")
    if any(line.coverage is not None and line.coverage.value is not None for line in lines):
        rates = any(_won_of(line) < 1 for line in lines)
        found.append(f"pipeline too small {'at the 12-month win rate' if rates else 'even if all of it is won'}")
    words = f"Orange: {', '.join(found[:-1])}{' or ' if found[1:] else ''}{found[-1]}. "
    return words + ("Won: renewals included." if "Renewal" in summary.company.won else "")


def _overlaps(found: Overlap, scale: Scale, none: Sequence[str]) -> str:
    parts = [short(name, 24) for name in (*found.parts, *none)]
    if found.parts:
        whole = f"{', '.join(parts[:-1])} and {parts[-1]} add" if parts[1:] else f"{parts[0]} adds"
        words = f"{whole} up to the company; the others overlap with them ({counted(found.accounts, 'account')})."
        if len(words) <= _OVERLAPS:
            return words
    start = "Segments overlap"
    if found.accounts:
        start += f": {counted(found.accounts, 'account is', 'accounts are')} in more than one"
    return f"{start}, so segments add up to about {scale.text(found.sum)}; the company has {scale.text(found.company)}."


def _shown_lines(lines: Sequence[SegmentLine]) -> list[SegmentLine]:
    """The worst segments, In no segment and the company."""
    segments = [line for line in lines if line.segment not in (IN_NO_SEGMENT, ALL_ACCOUNTS)]
    rest = [line for line in lines if line.segment in (IN_NO_SEGMENT, ALL_ACCOUNTS)]
    return [*(segments if len(segments) <= MOST_SEGMENTS + 1 else segments[:MOST_SEGMENTS]), *rest]


def _order(lines: Sequence[SegmentLine]) -> str:
    return ", worst against plan first" if _planned(lines) else ""


def _planned(lines: Sequence[SegmentLine]) -> bool:
    return any(line.won is not None and line.won.attainment.attainment is not None for line in lines)


# -- a line a segment


@dataclass(frozen=True)
class _Column:
    """A column of the table: its header, and its cell for a line."""

    header: str
    cell: Callable[[SegmentLine, str], Cell]


def _table(lines: Sequence[SegmentLine], unit: Unit, summary: ExecutiveSummary, data: ChartData) -> Iterator[Row]:
    columns = _columns(lines, unit, summary, data)
    heads = (Cell(column.header, "header_right") for column in columns)
    yield Row(laid((Cell("Segment", "header"), *heads)), height=2 * LINE)
    for line in lines:
        company = line.segment == ALL_ACCOUNTS
        style = "total" if company else "value"
        name = Cell(short("Company" if company else line.segment, 24), "total" if company else "label")
        cells = [column.cell(line, style) for column in columns]
        cells = [of_total(cell) for cell in cells] if company else cells
        yield Row(laid((replace(name, link=Link(SEGMENTS, 1, 1)), *cells)), LINE)


def _columns(lines: Sequence[SegmentLine], unit: Unit, summary: ExecutiveSummary, data: ChartData) -> list[_Column]:
    found = []
    company = summary.company
    at = -1 - company.period.in_a_year if company.base_at is None else company.base_at
    base = company.names[at]
    any_of = {name: any(getattr(line, name) is not None for line in lines) for name in ("won", "new", "sqos", "nrr")}
    if any_of["won"]:
        found.append(_Column("Won", lambda line, style: _money(line.won, unit, style)))
        if _planned(lines):
            found.append(_Column("% of plan", lambda line, _: _attained(line.won)))
        found.append(_Column(f"Δ % vs\n{base}", lambda line, _: _on_base(line.won, at)))
    if any_of["new"]:
        name = "New logo" if "New logo" in summary.company.won else "New cust."
        scale = company.scale
        found.append(_Column(f"{name}\nΔ {scale.letter}".rstrip(), lambda line, _: _gained(line.new, at, scale)))
    if any_of["sqos"]:
        planned = any(line.sqos is not None and line.sqos.attainment.attainment is not None for line in lines)
        if planned:
            found.append(_Column("SQOs, % of plan", lambda line, _: _attained(line.sqos)))
        else:
            found.append(_Column("SQOs", lambda line, style: _plain(line.sqos, unit, style)))
    if any_of["nrr"]:
        found.append(_Column("NRR 12 months", lambda line, style: _rate(line.nrr, style)))
        found.append(_Column("GRR 12 months", lambda line, style: _rate(line.grr, style)))
    if any(line.coverage is not None and line.coverage.value is not None for line in lines):
        found.append(_Column(f"Coverage {_quarter(lines)}", _coverage))
    for name in next(iter(lines)).more:
        if len(found) < _MOST - 1 and (not any_of["won"] or len(found) < _FEW):
            found += _more_columns(name, unit, at, base)
    if any_of["won"] and len(found) < _MOST:
        places = trend_ranges(summary.company, data, "Won revenue by segment", {one.segment: one.won for one in lines})

        def trend(line: SegmentLine, style: str) -> Cell:
            return spark_cell(f"Won revenue, {line.segment}", line.won, places[line.segment], style)

        found.append(_Column("Won, trend", trend))
    return found[:_MOST]


def _on_phones(header: Row) -> tuple[int, ...]:
    """The columns of the table that a phone shows: the segment, won against plan, retention and coverage; without them
    the first three."""
    heads = {at: str(cell.value) for at, cell in enumerate(header.cells, 1) if cell is not None}
    key = tuple(
        at for at, words in heads.items() if words in ("Segment", "Won", "% of plan") or words[:3] in ("NRR", "Cov")
    )
    return key if len(key) > _LEAST else tuple(heads)[: _LEAST + 1]


def _quarter(lines: Sequence[SegmentLine]) -> str:
    """The months of the quarter that is covered: ``Nov–Jan``."""
    window = next(line.coverage.window for line in lines if line.coverage is not None)
    return f"{Window(window.start, window.start).month_names[:3]}–{Window(window.end, window.end).month_names[:3]}"


def _coverage(line: SegmentLine, style: str) -> Cell:
    """The coverage of this or of the next quarter; the pack of the segment has its formula."""
    cell, key = figure_cell(line.coverage, style), _coverage_key(line)
    if line.coverage is None or line.coverage.value is None or key is None:
        return cell
    thin = line.coverage.value * _won_of(line) < 1
    return replace(cell, style="bad" if thin else cell.style, formula=Formula((NumberCell(key),)))


def _won_of(line: SegmentLine) -> Fraction:
    """The part of open pipeline that may be won: the win rate by revenue of 12 months; all of it where the rate is
    unknown or, as no lost deal has an amount, says nothing."""
    rate = None if line.win_rate is None else line.win_rate.meant
    return Fraction(1 if rate is None else rate)


def _coverage_key(line: SegmentLine) -> NumberKey | None:
    """The row of the table Numbers with a line's coverage."""
    won = _of(line.won)
    if line.coverage is None or won is None:
        return None
    quarter = "next" if line.coverage.window.start > won.window.end else "this"
    return number_key(line.segment, "pipeline_status", f"{quarter}_quarter_coverage")


def _more_columns(name: str, unit: Unit, at: int, base: str) -> list[_Column]:
    """A further measure and its change on the base."""
    return [
        _Column(name.replace("Customers", "Cust."), lambda line, style: _plain(line.more.get(name), unit, style)),
        _Column(f"Δ % vs\n{base}", lambda line, _: _on_base(line.more.get(name), at)),
    ]


def _plain(one: Measured | None, unit: Unit, style: str) -> Cell:
    figure = _of(one)
    if figure is not None and figure.unit is MONEY:
        return _money(one, unit, style)
    return figure_cell(figure, style)


def _of(one: Measured | None) -> Figure | None:
    return None if one is None else one.current


def _money(one: Measured | None, unit: Unit, style: str) -> Cell:
    figure = _of(one)
    if figure is None or figure.value is None:
        return figure_cell(figure, style)
    value = figure.unit.shown(figure.value)
    return Cell(value, style, unit.written(value), formula=number_formula(figure))


def _attained(one: Measured | None) -> Cell:
    if one is None or one.plan is None or one.plan.value is None:
        return Cell("no plan", "muted")
    return attained_cell(one)


def _on_base(one: Measured | None, at: int) -> Cell:
    return Cell("n/a", "muted") if one is None else change_cell(one, one.points[at])


def _gained(one: Measured | None, at: int, scale: Scale) -> Cell:
    return Cell("n/a", "muted") if one is None else money_change((one.current, one.points[at]), scale)


def _rate(figure: Figure | None, style: str) -> Cell:
    """A retention; net, below 100% it is unfavourable."""
    cell = figure_cell(figure, style)
    below = figure is not None and figure.value is not None and figure.value < 1
    return (
        replace(cell, style="bad")
        if below and figure is not None and figure.rows.terms[0].fact == "cohort_now"
        else cell
    )


# -- charts


def _largest(changes: Sequence[Change], order: Sequence[str]) -> list[Change]:
    """All of a few; of many the three largest falls and the three largest rises, more of one kind where the other has
    fewer. In the order of the table's segments, then by their change; ``changes`` begin with the largest fall."""
    found = list(changes)
    if len(changes) > 2 * _EACH_WAY + 1:
        rises = sum(one.change > 0 for one in changes)
        falls = min(len(changes) - rises, max(_EACH_WAY, 2 * _EACH_WAY - rises))
        found = [*changes[:falls], *changes[len(changes) - 2 * _EACH_WAY + falls :]]
    return sorted(found, key=lambda one: order.index(one.name) if one.name in order else len(order))


def _plan_chart(lines: Sequence[SegmentLine], subtitle: str, scale: Scale, data: ChartData) -> Chart | None:
    """Won revenue as bars within their plans; None without a plan."""
    planned = [
        (line, one.current.value, one.plan.value)
        for line in lines
        if line.segment != ALL_ACCOUNTS
        and (one := line.won) is not None
        and one.current is not None
        and one.current.value is not None
        and one.plan is not None
        and one.plan.value is not None
    ]
    if not planned:
        return None
    short_of = sorted((plan - won, line.segment, won, plan) for line, won, plan in planned if won < plan)
    reached = len(planned) - len(short_of)
    title = f"{reached} of {counted(len(planned), 'segment')} reached plan"
    if short_of:
        _, name, won, plan = short_of[-1]
        title += f"; {short(name, 22)} {difference_text(plan, won, MONEY, scale)} short"
    values: dict[str, Numbers] = {
        "Won": [MONEY.shown(won) for _, won, _ in planned],
        "Plan": [MONEY.shown(plan) for _, _, plan in planned],
    }
    lines_of = [line.won for line, _, _ in planned if line.won]
    formulas: dict[str, Formulas] = {
        "Won": formulas_of([one.current for one in lines_of]),
        "Plan": [Formula((NumberCell(one.plan_key),)) for one in lines_of],
    }
    names, places = data.add(
        f"{title} ({subtitle})", [short(line.segment, 24) for line, _, _ in planned], values, MONEY, formulas=formulas
    )
    told = "; ".join(f"{line.segment} {scale.text(won)} of {scale.text(plan)}" for line, won, plan in planned)
    series = (Series("Won", places["Won"], "actual"), Series("Plan", places["Plan"], "plan"))
    return chart("bar", title, subtitle, names, series, scale.cell, f"{title}. {told}", overlaid=True)


# -- rules


def _rules_page(subtitle: str) -> Page:
    """Each rule's own text, so that readers see why a sentence is shown or not."""
    rows = heading("Rules", subtitle, 2)
    words = (
        f"The first page shows at most {MOST_FINDINGS} sentences, the most severe first: plan misses, a mix that moved "
    )
    words += (
        "against the total, retention and the next quarter, falls, then good news. Highlights on the page Segments: "
    )
    words += f"each rule shows at most {MOST} segments, largest first, and counts the others."
    rows[-1] = Row((Cell(words, "note", span=2),))
    for title, rules in (("What to look at", dict(FINDINGS.values())), ("Highlights", dict(RULES.values()))):
        rows.append(Row((Cell(title, "header"), Cell("Rule and example", "header"))))
        for name, rule in rules.items():
            rows.append(Row((Cell(name, "label"), Cell(" ".join((getdoc(rule) or "").split()), "text"))))
    return Page("rules", "Rules", tuple(rows), (26, 120), one_paper=True, tab="working")
