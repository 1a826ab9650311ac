"""The two timeframes that a report compares: the requested ones, or the latest available.

Source: 6sense, Segment performance reports, "3 – Comparison timeframes" and "Interprete a Segment Performance report".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from segxl.dataset.model import Dataset, require_complete
from segxl.errors import SegxlError, nearest
from segxl.messages import counted
from segxl.periods import NEVER, Span, SpanKind, Window, months_span, parse_span, to_date, to_month, week_span

_RANGE_MONTHS = 3
_KINDS: dict[str, SpanKind] = {"month": "month", "range": "range", "week": "week"}
_WORDS: dict[SpanKind, str] = {"month": "month to month", "range": "range to range", "week": "week to week"}


@dataclass(frozen=True)
class Timeframes:
    """Two timeframes; ``warnings`` for every output, and ``period_note`` for the terminal: it depends on the day."""

    baseline: Span
    analysis: Span
    warnings: tuple[str, ...] = ()
    period_note: str = ""

    @property
    def year_before(self) -> Span:
        """The months of the analysis a year earlier; its weeks 52 weeks earlier."""
        return self.analysis.shifted(-52 if self.analysis.kind == "week" else -12)


def choose_timeframes(
    dataset: Dataset,
    extent: tuple[int, int] | None,
    *,
    name: str | None = None,
    analysis: str | None = None,
    baseline: str | None = None,
    allow_partial: bool = False,
) -> Timeframes:
    """The timeframes of a report.

    ``analysis`` and ``baseline`` are written as 2026-10, 2026-07..2026-09 or 2026-W41. ``name`` is a row of the
    timeframes table, or ``month``, ``range`` or ``week`` for the default of that kind. ``extent`` is the first and the
    last day of data.

    Defaults. Analysis: the latest available month; or the three that end with it (rolling, not fiscal); or the latest
    complete week. Available means: complete by the run date and within the cut-off, and with data. Baseline: the
    timeframe of the same length right before the analysis. On 2 November 2026 the default is 2026-09 against 2026-08,
    on the 3rd 2026-10 against 2026-09. A baseline alone is compared with the default analysis of its kind.

    Raises:
        SegxlError: no such timeframe; one that is not available yet (with the date it will be); a baseline that does
            not end before the analysis starts.
    """
    if name and (analysis or baseline):
        raise SegxlError("use --timeframe, or --analysis with --baseline, not both")
    kind: SpanKind = "month"
    before = parse_span(baseline) if baseline else None
    after = parse_span(analysis) if analysis else None
    if name:
        kind, before, after = _named(dataset, name)
    elif before:
        kind = before.kind
    said = ""
    if not after:
        after, said = _latest(dataset, extent, kind)
    if not before:
        before = after.shifted(-after.length)
    _in_order(before, after)
    for span in (after, before):
        if not allow_partial:
            require_complete(dataset, span, _latest(dataset, extent, span.kind)[0])
    if said:
        said += f", against {before.label}"
    return Timeframes(before, after, tuple(_warnings(dataset, extent, before, after)), said)


def _latest(dataset: Dataset, extent: tuple[int, int] | None, kind: SpanKind) -> tuple[Span, str]:
    """The latest available span of a kind that has data, and how it was chosen."""
    make = _SPANS[kind]
    calendar = make(dataset.run_date - timedelta(days=7 if kind == "week" else dataset.run_date.day))
    span = calendar
    while span.available_on > dataset.run_date or span.window.end > dataset.as_of:
        span = span.shifted(-1)
    missing = span is not calendar
    if extent is not None and (last := make(to_date(extent[1]))).window.end < span.window.end:
        return last, f"latest {_word(kind)} with data: {last.label}"
    if missing:
        reason = (
            f"{calendar.label} is available from {calendar.available_on}"
            if calendar.available_on > dataset.run_date
            else f"the data cut-off is {dataset.as_of}"
        )
        return span, f"latest available {_word(kind)}: {span.label} ({reason})"
    return span, f"latest available {_word(kind)}: {span.label}"


def _word(kind: SpanKind) -> str:
    return {"month": "month", "range": "three months", "week": "week"}[kind]


_SPANS: dict[SpanKind, Callable[..., Span]] = {
    "month": lambda day: months_span(to_month(day), to_month(day)),
    "range": lambda day: months_span(to_month(day) - _RANGE_MONTHS + 1, to_month(day)),
    "week": lambda day: week_span(day - timedelta(days=day.weekday())),
}
"""The span of a kind that ends with the month or the week of a day."""


def _in_order(baseline: Span, analysis: Span) -> None:
    if baseline.window.end >= analysis.window.start:
        raise SegxlError(
            f"the baseline {baseline.label} must end before the analysis {analysis.label} starts: choose one that "
            f"ends by "
            f"{analysis.window.start - timedelta(days=1)}"
        )


def _warnings(dataset: Dataset, extent: tuple[int, int] | None, baseline: Span, analysis: Span) -> list[str]:
    found = []
    weeks = {baseline.kind == "week", analysis.kind == "week"}
    if len(weeks) > 1 or baseline.length != analysis.length:
        found.append(
            f"The timeframes differ in length ({_length(baseline)} and {_length(analysis)}): the longer one shows "
            f"higher "
            f"stages and more activity for that reason alone"
        )
    found += [
        f"{span.label} is not complete"
        for span in (baseline, analysis)
        if dataset.run_date < span.available_on or dataset.as_of < span.window.end
    ]
    if extent is None:
        return [*found, "The data has no dated stages, activities or opportunities"]
    first, last = to_date(extent[0]), to_date(extent[1])
    runs = f"runs from {first} to {last}" if first < last else f"covers only {first}"
    for span in (baseline, analysis):
        if span.window.end < first or span.window.start > last:
            found.append(f"{span.label} is outside the data, which {runs}")
        elif span.window.start < first.replace(day=1) and span.kind != "week":
            found.append(f"{span.label} starts before the data, which {runs}")
    return found


def _length(span: Span) -> str:
    return counted(span.length, "week" if span.kind == "week" else "month")


def _named(dataset: Dataset, name: str) -> tuple[SpanKind, Span | None, Span | None]:
    """A row of the timeframes table: its kind, baseline and analysis, both None where its dates are blank."""
    table = dataset.tables.get("timeframes")
    names = [str(one) for one in table["timeframe"]] if table is not None else []
    wanted = name.strip().casefold()
    folded = [one.casefold() for one in names]
    if wanted not in folded:
        if wanted in _WORDS:
            return _KINDS[wanted], None, None
        known = [*names, *_WORDS]
        raise SegxlError(f"no timeframe {name!r}{nearest(name, known)}; timeframes: {', '.join(known)}")
    assert table is not None
    row = folded.index(wanted)
    kind = str(table["kind"][row])
    edges = ("baseline_start", "baseline_end", "analysis_start", "analysis_end")
    days = {edge: int(table[edge][row]) for edge in edges}
    blank = [edge for edge, day in days.items() if day == NEVER]
    if len(blank) == len(edges):
        return _KINDS[kind or "month"], None, None
    if blank:
        raise SegxlError(
            f"timeframe {names[row]!r}: {', '.join(blank)} is blank; fill in all four dates, or leave all four blank "
            f"for "
            f"the default"
        )
    spans = [
        _aligned(names[row], part, Window(to_date(days[f"{part}_start"]), to_date(days[f"{part}_end"])), kind)
        for part in ("baseline", "analysis")
    ]
    return spans[1].kind, spans[0], spans[1]


def _aligned(name: str, part: str, window: Window, kind: str) -> Span:
    """A window as a span of whole months or weeks, by its kind."""
    start, end = window.start, window.end
    where = f"timeframe {name!r}: its {part} {start} to {end}"
    if end < start:
        raise SegxlError(f"{where} ends before it starts; swap the two dates")
    months = months_span(to_month(start), to_month(end))
    whole_weeks = start.weekday() == 0 and end.weekday() == 6
    if kind in ("", "month", "range") and months.window == window:
        if kind == "month" and months.kind != "month":
            raise SegxlError(f"{where} is {months.length} months; give it the kind range, or name one month")
        return months
    if kind in ("", "week") and whole_weeks:
        return week_span(start, ((end - start).days + 1) // 7)
    whole = {"month": "one calendar month", "range": "whole calendar months", "week": "whole weeks, Monday to Sunday"}
    raise SegxlError(
        f"{where} is not {whole.get(kind, 'whole calendar months or whole weeks, Monday to Sunday')}; "
        f"change its dates{' or its kind' if kind else ''}"
    )
