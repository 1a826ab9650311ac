"""The formulas of the table Numbers, one for each row's value."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from segxl.catalogue.data_sheets import Dated
from segxl.catalogue.measure import Ratio
from segxl.catalogue.metric import measures_of
from segxl.catalogue.metrics import BY_KEY
from segxl.facts.revenue import ROLLFORWARD_SIGNS
from segxl.pages.cells import PERIOD_END, PERIOD_START, difference_formula, less_formula, over_formula, percent_formula
from segxl.pages.data.accounts import ROLLFORWARD, movement_header
from segxl.pages.data.deals import BRIDGE
from segxl.pages.data.status import METRIC as STATUS
from segxl.pages.data.status import StatusFormulas
from segxl.pages.data.wanted import rows_of
from segxl.pages.data.workings import Workings
from segxl.pages.model import ColumnOf, Formula, NumberCell, Range
from segxl.periods import Window, to_month
from segxl.scorecard.model import Figure
from segxl.scorecard.numbers_table import COLUMNS, MOVEMENTS, Change, Row, number_key, source_key


class RowFormulas(NamedTuple):
    """The formulas of one row of Numbers, by column; blank columns have values."""

    value: Formula | None = None
    numerator: Formula | None = None
    denominator: Formula | None = None
    window_start: Formula | None = None
    window_end: Formula | None = None


_NONE = RowFormulas()
_WINDOW = ("window_start", "window_end")
_PLACES = {name: at for at, name in enumerate(COLUMNS, 1)}


def places_of(rows: Sequence[Row]) -> dict[Hashable, int]:
    """The rows of the table's numbers: by figure, and by the words of their row; the first of each."""
    found: dict[Hashable, int] = {}
    for at, row in enumerate(rows):
        if isinstance(row.source, Figure) and _is_live(row.source):
            found.setdefault(row.source.key, at)
    for at, row in enumerate(rows):
        found.setdefault(row.key, at)
    return found


def _is_live(figure: Figure) -> bool:
    """Whether a formula can give it: it has a value, or other data could fill it."""
    return figure.expression is not None and (figure.value is not None or figure.is_over_zero)


def formulas_of(
    rows: Sequence[Row],
    places: Mapping[Hashable, int],
    page: str,
    top: int,
    workings: Workings,
    status: StatusFormulas,
    only: frozenset[Hashable] | None,
) -> list[RowFormulas]:
    """The formulas of the rows of a table, with their ``places``, whose first row is row ``top`` of the sheet; of those
    with a key in ``only``, if it is given. Each sum and each window is calculated once."""
    found, first = [], dict[Hashable, Range]()
    for at, row in enumerate(rows):
        if only is not None and source_key(row) not in only:
            found.append(_NONE)
        elif isinstance(row.source, Figure) and places.get(row.source.key, at) != at:
            found.append(RowFormulas(Formula((NumberCell(row.source.key),))))  # it has a row already
        else:
            found.append(_once(_formulas(row, page, top + at, workings, status), row, page, top + at, first))
    return found


def _once(formulas: RowFormulas, row: Row, page: str, number: int, first: dict[Hashable, Range]) -> RowFormulas:
    """The formulas of a row, in which the cell of ``first`` replaces a sum over a data sheet or a window's day that is
    there already, and the numerator's cell the sum that a denominator begins with."""
    words: dict[object, Hashable] = {_cell(page, number, "item"): ("item", row.item)}
    for name in _WINDOW:
        live = getattr(formulas, name)
        words[_cell(page, number, name)] = name, row.window if live is None else live.parts
    found: dict[str, Formula] = {}
    for name, formula in formulas._asdict().items():
        if formula is None or not (name in _WINDOW or any(isinstance(part, ColumnOf) for part in formula.parts)):
            continue
        same = tuple(words.get(part, part) for part in formula.parts)
        if (there := first.setdefault(same, here := _cell(page, number, name))) != here:
            found[name] = Formula((there,))
        elif name == "denominator" and formulas.numerator is not None:
            above = formulas.numerator.parts
            if formula.parts[: len(above) + 1] == (*above, "+"):
                found[name] = Formula((_cell(page, number, "numerator"), *formula.parts[len(above) :]))
    return formulas._replace(**found)


def _formulas(row: Row, page: str, number: int, workings: Workings, status: StatusFormulas) -> RowFormulas:
    source = row.source
    if row.value is None and not (isinstance(source, Figure) and source.is_over_zero):
        return _NONE
    if isinstance(source, Change):
        of = percent_formula if source.percent else difference_formula
        return RowFormulas(of(source.figure, source.base))
    if row.metric == STATUS:
        if parts := status.parts(row):
            return RowFormulas(_ratio(page, number), *parts)
        return RowFormulas(status.formula(row, _cell(page, number, "window_start"), _cell(page, number, "window_end")))
    if isinstance(source, Figure):
        return _figure(source, row, page, number, workings)
    if row.metric == "bridge" and row.view in BRIDGE:
        return RowFormulas(workings.sum_of("deals", BRIDGE[row.view]))
    if row.metric == MOVEMENTS and row.window is not None:
        moved = workings.sum_of("accounts", movement_header(row.view, row.window))
        signed = moved if moved is None or ROLLFORWARD_SIGNS[row.view] > 0 else Formula(("-", *moved.parts))
        return RowFormulas(signed)
    if row.metric == "mrr_rollforward" and row.view in ROLLFORWARD:
        return RowFormulas(workings.sum_of("accounts", ROLLFORWARD[row.view]))
    if row.view.endswith(("variance", "attainment")) and row.metric in BY_KEY:
        return RowFormulas(_against_plan(row))
    return _NONE


def _against_plan(row: Row) -> Formula:
    """Actual less plan, or actual / plan, of the line that the view names."""
    prefix = row.view.removesuffix("variance").removesuffix("attainment")
    line = prefix.removesuffix("_") or BY_KEY[row.metric].planned_cut.key
    actual = NumberCell(number_key(row.segment, row.metric, line, row.item))
    plan = NumberCell(number_key(row.segment, row.metric, f"{prefix}plan", row.item))
    return less_formula(actual, plan) if row.view.endswith("variance") else over_formula(actual, plan)


def _figure(figure: Figure, row: Row, page: str, number: int, workings: Workings) -> RowFormulas:
    def cell(column: str) -> Range:
        return _cell(page, number, column)

    item = cell("item") if row.item and figure.rows.items == (row.item,) else None
    found = workings.figure(figure, cell("window_start"), cell("window_end"), item)
    window: dict[str, Formula] = {}
    measures = measures_of(figure.expression) if figure.expression is not None else ()
    if measures and all(isinstance(rows_of(measure, figure.rows.by), Dated) for measure in measures):
        window = _window(figure.window, workings.now.window)
    if not isinstance(figure.expression, Ratio):
        return RowFormulas(found[0], **window) if found[0] is not None else _NONE
    return RowFormulas(_ratio(page, number, "" if figure.value is None else "n/a"), *found, **window)


def _cell(page: str, number: int, column: str) -> Range:
    """A cell of a row of the table."""
    at = _PLACES[column]
    return Range(page, number, number, at, at)


def _ratio(page: str, number: int, word: str = "n/a") -> Formula:
    """The numerator's cell over the denominator's; ``word`` over nothing."""
    above, below = (_cell(page, number, column) for column in ("numerator", "denominator"))
    return Formula(("IF(", below, f'=0,"{word}",', above, "/", below, ")"))


def _window(window: Window, period: Window) -> dict[str, Formula]:
    """A window's days as months from those of the period, so that it moves with the period."""
    start, end = (
        to_month(one) - to_month(other) for one, other in ((window.start, period.start), (window.end, period.end))
    )
    first, last = NumberCell(PERIOD_START), NumberCell(PERIOD_END)
    return {
        "window_start": Formula(("EDATE(", first, f",{start})")) if start else Formula((first,)),
        "window_end": Formula(("EOMONTH(", last, f",{end})")),
    }
