"""Open one number to the rows it was made of."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from segxl.errors import SegxlError, nearest
from segxl.facts import OPEN
from segxl.facts.engine import Facts, Found
from segxl.periods import NEVER, Period, to_date
from segxl.scorecard.compute import line_of
from segxl.scorecard.metric import Metric
from segxl.scorecard.metrics import find_metric
from segxl.scorecard.model import Figure, Selector, Term
from segxl.scorecard.views import View
from segxl.segments import ALL_ACCOUNTS
from segxl.units import MONEY, MONEY_EXACT, Unit

_OUTCOMES = {"created": "created", "won": "won", "timed": "won", "lost": "lost", OPEN: "open"}


def explain(facts: Facts, key: str, period: Period, segment: str | None, view: str, item: str | None) -> str:
    """The number with its definition, window and parts, then a line for each opportunity behind it.

    Raises:
        SegxlError: no such metric, segment, view or item, or a base that lies before the data.
    """
    metric = find_metric(key)
    name = facts.dataset.segments[segment or ALL_ACCOUNTS].name
    figure = _figure(facts, metric, period, name, View.parse(view), item)
    shown = "n/a" if figure.value is None else _exact(figure.value, figure.unit)
    what = f"{metric.name}, {view}" + (f", {figure.rows.items[0]}" if item else "")
    window = f"{figure.window.start} to {figure.window.end}"
    lines = [
        f"{what}: {shown}",
        f"  segment     {name}",
        f"  window      {'at the end of ' + str(figure.window.end) if _is_stock(figure) else window}",
        f"  definition  {metric.definition}",
        f"  formula     {metric.formula}",
    ]
    if figure.numerator_unit and figure.denominator_unit and figure.denominator is not None:
        top = _exact(figure.numerator or 0, figure.numerator_unit)
        lines.append(f"  parts       {top} / {_exact(figure.denominator, figure.denominator_unit)}")
    return "\n".join([*lines, "", *_rows(facts, figure.rows)])


def _exact(value: int | Fraction, unit: Unit) -> str:
    """Money to the cent, so that the rows below can be seen to add up to it."""
    unit = MONEY_EXACT if unit is MONEY else unit
    return unit.text(unit.shown(value))


def _is_stock(figure: Figure) -> bool:
    return any(term.events == OPEN for term in figure.rows.terms)


def _figure(facts: Facts, metric: Metric, period: Period, segment: str, view: View, item: str | None) -> Figure:
    cut = metric.cut(view.cut.key)
    if cut is None:
        keys = [cut.key for cut in metric.cuts]
        raise SegxlError(f"{metric.key} has no view {view.cut.key!r}; it has {', '.join(keys)}")
    if cut.each:
        items = facts.labels(cut.by)
        if item is None:
            raise SegxlError(f"{cut.key} has several items; add --item with one of {', '.join(items)}")
        item = next((label for label in items if label.casefold() == item.casefold()), item)
        if item not in items:
            raise SegxlError(f"{cut.key} has no item {item!r}{nearest(item, items)}")
    elif item is not None:
        raise SegxlError(f"the view {cut.key} has no items; leave --item out")
    line = line_of(facts, segment, period, metric, cut, item or "")
    figure: Figure | None = getattr(line, view.column)
    if figure is None:
        raise SegxlError(
            f"{metric.key} has no 12-month figure: it is a stock"
            if view.column == "trailing_12"
            else f"there is no data for the base of {view.column.replace('_', ' ')}"
        )
    return figure


def _rows(facts: Facts, selector: Selector) -> Iterable[str]:
    header = ("outcome", "opportunity", "account", "owner", "created", "closed", "amount", "file", "row")
    table = [header, *(row for term in selector.terms for row in _term_rows(facts, term, selector))]
    widths = [max(len(row[at]) for row in table) for at in range(len(header))]
    numeric = {6, 8}
    for row in table:
        cells = (
            text.rjust(width) if at in numeric else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
    yield f"{len(table) - 1:,} row(s)"


def _term_rows(facts: Facts, term: Term, selector: Selector) -> Iterable[tuple[str, ...]]:
    found: Found = facts.rows(term.events, selector.scope, selector.by, selector.items)
    table = facts.dataset.tables["opportunities"]
    files = facts.dataset.ledger.files
    for row, cents in sorted(zip(found.row.tolist(), found.cents.tolist(), strict=True)):
        closed = int(table["closed_on"][row])
        yield (
            ("less " if term.sign < 0 else "") + _OUTCOMES[term.events],
            str(table["opportunity_id"][row]),
            str(table["account_id"][row]),
            str(table["owner"][row]),
            str(to_date(table["created_on"][row])),
            "" if closed == NEVER else str(to_date(closed)),
            MONEY_EXACT.text(MONEY_EXACT.shown(cents)),
            files[table.file[row]].file,
            str(table.row[row]),
        )
