"""The formulas and the rows of the pipeline's status: open amounts by the day on which they were expected to close."""

from __future__ import annotations

from datetime import date

from segxl.catalogue import data_sheets as names
from segxl.catalogue.measure import as_expression
from segxl.catalogue.measures import WON_AMOUNT
from segxl.facts.expected_close import PARTS, days_of
from segxl.pages.data.deals import CHANCE, EXPECTED
from segxl.pages.data.workings import FormulaPart, Workings
from segxl.pages.model import Formula, Link, NumberCell
from segxl.periods import NEVER, Period, to_date, to_day
from segxl.scorecard.model import Figure, Selector
from segxl.scorecard.numbers_table import Row, number_key
from segxl.scorecard.pipeline_status import quarters_of
from segxl.units import MONEY

METRIC = "pipeline_status"


class StatusFormulas:
    """The status of one segment at the end of a period."""

    def __init__(self, workings: Workings, period: Period) -> None:
        self._workings, self._period = workings, period
        self._quarters = quarters_of(workings.facts, period)
        self._amount = workings.headers.window(names.OPEN_AMOUNT, workings.now)
        self._open = workings.headers.window(names.OPEN, workings.now)

    def formula(self, row: Row, start: FormulaPart, end: FormulaPart) -> Formula | None:
        """The formula of a row of the table Numbers; None for an input, such as a plan."""
        view, counted = row.view.removesuffix("_count"), row.view.endswith("_count")
        column = self._open if counted else self._amount
        if view in PARTS:
            return self._part(view, column)
        if view == "open":
            return self._workings.sum_of("deals", column)
        if view == "without_probability":
            return self._less(column, CHANCE, '">=0"')
        if view == "weighted_pipeline":
            return self._workings.product_of("deals", self._amount, CHANCE)
        if view == "won_quarter_to_date" and row.window is not None:
            scope = self._workings.now._replace(window=row.window)
            won = Figure(0, MONEY, row.window, Selector((), scope), expression=as_expression(WON_AMOUNT))
            return self._workings.figure(won, start, end, None)[0]
        return None

    def parts(self, row: Row) -> tuple[Formula, Formula] | None:
        """The numerator and the denominator of a coverage; None for other rows."""
        quarter = row.view.removesuffix("_coverage")
        if quarter == row.view:
            return None

        def cell(view: str) -> NumberCell:
            return NumberCell(number_key(row.segment, METRIC, view))

        due, plan = cell(f"due_{quarter}"), cell(f"{quarter}_plan")
        left = (plan, "-", cell("won_quarter_to_date")) if quarter == "this_quarter" else (plan,)
        return Formula((due,)), Formula(left)

    def link(self, part: str) -> Link | None:
        """The rows of the opportunities of a part."""
        sheet = self._workings.sheets.get("deals")
        if sheet is None or sheet.header(EXPECTED) is None or sheet.header(self._open) is None:
            return None
        first, last = self._days(part) if part in PARTS else (-NEVER, NEVER)
        expected, is_open = sheet.values(EXPECTED), sheet.values(self._open)
        days = [to_day(day) if isinstance(day, date) else NEVER for day in expected]
        places = [at for at, day in enumerate(days) if is_open[at] and first <= day <= last]
        conditions = f"{sheet.header(self._open)} 1; {sheet.header(EXPECTED)} {_days_words(first, last)}"
        return self._workings.block(sheet, number_key(self._workings.now.segment, METRIC, part), places, conditions)

    def _days(self, part: str) -> tuple[int, int]:
        return days_of(part, self._period, *self._quarters)

    def _part(self, part: str, column: str) -> Formula | None:
        first, last = self._days(part)
        if first == NEVER:
            return self._less(column, EXPECTED, '">0"')
        conditions: list[FormulaPart] = []
        if first != -NEVER:
            conditions += [EXPECTED, _compared(">=", first)]
        if last != NEVER - 1:
            conditions += [EXPECTED, _compared("<=", last)]
        return self._workings.sum_of("deals", column, *conditions)

    def _less(self, column: str, of: str, criterion: str) -> Formula | None:
        """A column's sum less the rows in which another column is filled."""
        whole, filled = (
            self._workings.sum_of("deals", column),
            self._workings.sum_of("deals", column, of, criterion),
        )
        return Formula((*whole.parts, "-", *filled.parts)) if whole and filled else None


def _compared(sign: str, day: int) -> str:
    """A criterion about a day."""
    on = to_date(day)
    return f'"{sign}"&DATE({on.year},{on.month},{on.day})'


def _days_words(first: int, last: int) -> str:
    """Expected days as a filter: ``2026-11-01 to 2026-11-30``, ``up to 2026-10-30``, ``from 2027-02-01``, ``blank``."""
    if first == NEVER:
        return "blank"
    if first == -NEVER:
        return "any" if last == NEVER else f"up to {to_date(last)}"
    return f"from {to_date(first)}" if last >= NEVER - 1 else f"{to_date(first)} to {to_date(last)}"
