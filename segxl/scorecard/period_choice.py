"""The period of a scorecard: the requested one, or the latest available."""

from __future__ import annotations

from segxl.dataset.model import Dataset, months_text, require_complete
from segxl.dataset.months_of_data import span_text
from segxl.errors import SegxlError
from segxl.periods import Period, PeriodKind, month_label, month_period, parse_period, to_month


def choose_period(dataset: Dataset, text: str | None, *, allow_partial: bool = False) -> tuple[Period, str]:
    """The period that ``text`` names, else the one of the settings, else the latest available month that has data; and
    a note about it. A month is available from the 3rd of the next. On 2 November 2026 the default is 2026-09, on the
    3rd 2026-10.

    Raises:
        SegxlError: the period is not available yet (with the date it will be), is cut off, or has no data.
    """
    if dataset.latest_month is None:
        raise SegxlError(
            "No usable dates found. Add opportunities, leads or revenue. "
            "If they are already there, run segxl check (button Check data) to see why their rows do not count"
        )
    text = text or dataset.settings.scorecard.period
    if text is None:
        return _latest(dataset)
    period = parse_period(text, dataset.settings.fiscal)
    if not any(first <= period.last and period.first <= last for first, last in dataset.months.values()):
        raise SegxlError(f"no data for {period.dated}: {_reached(dataset, period)}")
    if allow_partial:
        return period, partial_note(dataset, period) or _fiscal_days(dataset, period)
    require_complete(dataset, period, _latest_of(dataset, period.kind))
    return period, _fiscal_days(dataset, period)


def available_periods(dataset: Dataset) -> tuple[Period, ...]:
    """The complete months and fiscal quarters with data, each of them from the latest to the earliest."""
    first, last = dataset.first_month, dataset.last_month
    if first is None or last is None:
        return ()
    fiscal = dataset.settings.fiscal
    months = [month_period(month) for month in range(last, first - 1, -1)]
    quarters = dict.fromkeys(fiscal.quarter_of(month) for month in range(last, first - 1, -1))
    return tuple(
        period
        for period in (*months, *quarters)
        if period.available_on <= dataset.run_date and period.window.end <= dataset.as_of
    )


def _reached(dataset: Dataset, period: Period) -> str:
    """The months with data, as text: of all tables if the period lies before or after them, else of each."""
    first, last = dataset.first_month, dataset.last_month
    assert first is not None and last is not None
    if period.last < first or period.first > last:
        open_month = month_period(last)
        waits = open_month.available_on > dataset.run_date
        until = f"; {open_month.label} is available from {open_month.available_on}, the 3rd of the next month"
        latest = _latest_of(dataset, "month")
        available = f"; the latest available month is {latest.label}" if latest and latest.last != last else ""
        return f"all data is {months_text(dataset)}{available}" + (until if waits else "")
    spans = sorted(dataset.months.items(), key=lambda one: one[1])
    return "; ".join(f"{name.replace('_', ' ')}: {span_text(span)}" for name, span in spans)


def _latest_of(dataset: Dataset, kind: PeriodKind) -> Period | None:
    """The latest available month or quarter with data."""
    return next((period for period in available_periods(dataset) if period.kind == kind), None)


def _fiscal_days(dataset: Dataset, period: Period) -> str:
    """The note with the days of a fiscal quarter; blank for months and calendar quarters."""
    year = dataset.settings.fiscal.year_of(period)
    return f"{period.label}: {period.window.words} ({year})" if year else ""


def _latest(dataset: Dataset) -> tuple[Period, str]:
    first, last, latest = dataset.first_month, dataset.last_month, dataset.latest_month
    assert first is not None and last is not None and latest is not None
    calendar = to_month(dataset.run_date) - 1
    while month_period(calendar).available_on > dataset.run_date or month_period(calendar).window.end > dataset.as_of:
        calendar -= 1
    month = min(calendar, latest)
    if month < first:
        raise SegxlError(f"no complete month is available yet: all data is {months_text(dataset)}")
    if month == calendar:
        return month_period(month), f"latest available month: {month_label(month)}"
    further = min(calendar, last)
    if further == month:
        return month_period(month), f"latest available month with data: {month_label(month)}"
    return month_period(month), (
        f"latest available month with opportunities: {month_label(month)}; for other tables, which have data up to "
        f"{month_label(further)}, add --month {month_label(further)}"
    )


def partial_note(dataset: Dataset, period: Period) -> str:
    """The note about an incomplete period; blank for a complete one.

    It names the cut-off only if the settings give it or it removed rows, so that a pack does not depend on the day it
    is made."""
    if dataset.run_date >= period.available_on and dataset.as_of >= period.window.end:
        return ""
    cut = dataset.cut or dataset.settings.as_of is not None
    return f"{period.name} is not complete" + (f": data up to {dataset.as_of}" if cut else "")
