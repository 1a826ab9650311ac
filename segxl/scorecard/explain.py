"""Open one number to the rows it was made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from segxl.catalogue.measures import OPEN, declared
from segxl.catalogue.metric import Metric, in_words
from segxl.catalogue.metrics import find_metric
from segxl.catalogue.views import View
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.errors import SegxlError, by_nearness, nearest
from segxl.facts.arrays import BLANK, Found
from segxl.facts.engine import Facts
from segxl.messages import listed
from segxl.periods import NEVER, Period, Window, month_label, to_date
from segxl.scorecard.compute import line_of
from segxl.scorecard.explain_plan import PIPELINE_STATUS, against_plan, exact, place_of, plan_text, status_text
from segxl.scorecard.model import Figure, Line, Selector
from segxl.scorecard.targets import Targets
from segxl.scorecard.text_table import aligned
from segxl.scorecard.unavailable import no_base, reason
from segxl.units import MONEY_EXACT


def explain(facts: Facts, key: str, period: Period, segment: str | None, view: str, item: str | None) -> str:
    """The number with its definition, window and parts, then a line for each opportunity behind it.

    Raises:
        SegxlError: no such metric, segment, view or item, or a base that lies before the data.
    """
    name = facts.dataset.segments[segment or ALL_ACCOUNTS].name
    if key.strip().casefold() == PIPELINE_STATUS:
        return status_text(facts, period, name, view, item)
    metric = find_metric(key)
    chosen = View.parse(view)
    line = _line(facts, metric, period, name, chosen, item)
    if chosen.column == "plan":
        return plan_text(facts, metric, line, name)
    figure = _figure(facts, metric, period, line, chosen)
    shown = "n/a" if figure.value is None else exact(figure.value, figure.unit)
    what = f"{metric.name}, {view}" + (f", {figure.rows.items[0]}" if item else "")
    window = f"{figure.window.start} to {figure.window.end}"
    lines = [
        f"{what}: {shown}",
        f"  segment     {name}",
        f"  window      {'at the end of ' + str(figure.window.end) if _is_stock(figure) else window}",
        f"  definition  {metric.definition}",
        f"  formula     {_formula(metric, chosen)}",
    ]
    if figure.value is None:
        lines.append(f"  why         {reason(facts, figure)}")
    if chosen.column == "current" and line.plan is not None:
        lines.append(f"  plan        {against_plan(line)}")
    if figure.numerator_unit and figure.denominator_unit and figure.denominator is not None:
        top = exact(figure.numerator or 0, figure.numerator_unit)
        lines.append(f"  parts       {top} / {exact(figure.denominator, figure.denominator_unit)}")
    return "\n".join([*lines, "", *_rows(facts, figure.rows)])


def _formula(metric: Metric, view: View) -> str:
    """The arithmetic of the view as text: it may differ over 12 months, and a further line has its own."""
    cut = metric.cut(view.cut.key)
    if cut is not None and cut.companion:
        return in_words(metric.of(cut)[0])
    return metric.trailing_formula if view.column == "trailing_12" and metric.trailing else metric.formula


def _is_stock(figure: Figure) -> bool:
    return any(term.fact == OPEN for term in figure.rows.terms)


def _line(facts: Facts, metric: Metric, period: Period, segment: str, view: View, item: str | None) -> Line:
    cut = metric.planned_cut if view.planned else metric.cut(view.cut.key)
    if cut is None:
        keys = [cut.key for cut in metric.cuts]
        raise SegxlError(f"{metric.key} has no view {view.cut.key!r}; it has {', '.join(keys)}")
    if cut.each:
        planned = Targets(facts).items(segment, metric, cut, period)
        items = tuple(dict.fromkeys((*facts.labels(cut.by), *planned)))
        if item is None and items == (BLANK,) and cut.comes_from:
            raise SegxlError(f"{cut.key} has no items: no row has a {cut.comes_from}")
        if item is None:
            raise SegxlError(f"{cut.key} has several items; add --item with one of: {', '.join(items)}")
        item = next((label for label in items if label.casefold() == item.casefold()), item)
        if item not in items:
            known = listed(by_nearness(item, items), _ITEMS)
            raise SegxlError(f"{cut.key} has no item {item!r}{nearest(item, items)}; items: {known}")
    elif item is not None:
        raise SegxlError(f"the view {cut.key} has no items; remove --item")
    return line_of(facts, segment, period, metric, cut, item or "")


_ITEMS = 20
"""Items that a message lists, those most like the one asked for."""


def _figure(facts: Facts, metric: Metric, period: Period, line: Line, view: View) -> Figure:
    figure: Figure | None = getattr(line, view.column)
    if figure is not None:
        return figure
    if view.column == "trailing_12":
        raise SegxlError(f"{metric.key} has no 12-month figure: it is a balance at a date")
    base: Window = getattr(period, view.column)
    raise SegxlError(f"{view.column.replace('_', ' ')}: {no_base(facts, metric.of(line.cut)[0], base)}")


def _rows(facts: Facts, selector: Selector) -> Iterable[str]:
    """A table for each kind of row behind the number: opportunities, leads, costs, accounts."""
    found: dict[str, list[tuple[str, Found]]] = {}
    for term in selector.terms:
        rows = facts.rows(term.fact, selector.scope, selector.by, selector.items)
        words = declared(term.fact).row_word
        found.setdefault(rows.table, []).append(("less " + words if term.sign < 0 else words, rows))
    for at, (table, parts) in enumerate(found.items()):
        if at:
            yield ""
        yield from _table(facts, table, parts)


def _table(facts: Facts, name: str, parts: list[tuple[str, Found]]) -> Iterable[str]:
    header, cells = _LAYOUTS[name]
    money = any(found.money for _, found in parts)
    of_accounts = ("account file", "account row") if name == "accounts" else ("file", "row")
    from_revenue = money and name == "accounts" and "revenue" in facts.dataset.tables
    named = _revenue_rows(facts) if from_revenue else None
    more = ("rows in revenue",) if named else ()
    titles = ("what", *header, *(("amount",) if money else ()), *of_accounts, *more)
    rows = []
    for words, found in parts:
        for row, cents in sorted(zip(found.row.tolist(), found.cents.tolist(), strict=True)):
            amount = (MONEY_EXACT.text(MONEY_EXACT.shown(cents)),) if money else ()
            rows.append(
                (
                    words,
                    *cells(facts, row),
                    *amount,
                    *place_of(facts, name, row),
                    *((named(row),) if named else ()),
                )
            )
    yield from aligned(titles, rows)


def _revenue_rows(facts: Facts) -> Callable[[int], str]:
    """A function that names the revenue rows of an account, from which its amounts come: ``subscriptions.csv 18,
    22``."""
    revenue, files = facts.dataset.tables["revenue"], facts.dataset.ledger.files
    ids = revenue.texts("account_id")
    order = np.argsort(ids.codes, kind="stable")
    codes = ids.codes[order]
    code_of = {one: code for code, one in enumerate(ids.distinct.tolist())}

    def named(account: int) -> str:
        code = code_of.get(facts.dataset.account_ids[account], -1)
        by_file: dict[int, dict[str, None]] = {}  # a row with a column per month is many rows of revenue
        for row in order[slice(*np.searchsorted(codes, [code, code + 1]))].tolist():
            by_file.setdefault(int(revenue.file[row]), {})[str(int(revenue.row[row]))] = None
        return "; ".join(f"{files[file].file} {listed([*numbers], _REVENUE_ROWS)}" for file, numbers in by_file.items())

    return named


_REVENUE_ROWS = 12
"""Row numbers that are shown for an account."""


def _day(day: int) -> str:
    return "" if day == NEVER else str(to_date(day))


def _opportunity(facts: Facts, row: int) -> tuple[str, ...]:
    table = facts.dataset.tables["opportunities"]
    words = tuple(str(table[name][row]) for name in ("opportunity_id", "account_id", "owner"))
    return (*words, _day(int(table["created_on"][row])), _day(int(table["closed_on"][row])))


def _lead(facts: Facts, row: int) -> tuple[str, ...]:
    table = facts.dataset.tables["leads"]
    words = tuple(str(table[name][row]) for name in ("lead_id", "account_id", "source"))
    return (*words, *(_day(int(table[name][row])) for name in ("created_on", "mql_on", "sqo_on", "rejected_on")))


def _cost(facts: Facts, row: int) -> tuple[str, ...]:
    table = facts.dataset.tables["costs"]
    return (month_label(int(table["month"][row])), *(str(table[name][row]) for name in ("lead_source", "segment")))


def _account(facts: Facts, row: int) -> tuple[str, ...]:
    table = facts.dataset.tables.get("accounts")
    known = table is not None and row < len(table)
    names = ("name", "geo", "sales_team")
    words = tuple(str(table[name][row]) for name in names) if known and table is not None else ("", "", "")
    return (facts.dataset.account_ids[row], *words)


_LAYOUTS: Mapping[str, tuple[tuple[str, ...], Callable[[Facts, int], tuple[str, ...]]]] = {
    "opportunities": (("opportunity", "account", "owner", "created", "closed"), _opportunity),
    "leads": (("lead", "account", "source", "created", "MQL", "SQO", "rejected"), _lead),
    "costs": (("month", "lead source", "segment"), _cost),
    "accounts": (("account", "name", "geo", "sales team"), _account),
}
"""The columns of each kind of row."""
