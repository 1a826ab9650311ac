"""The table Numbers: one row for each value of a document, so that SUMIFS, XLOOKUP and PivotTables find it.

The rows say what the JSON says. A view's key is the JSON's path joined by ``_``: what the JSON has as ``by_geo``, East,
``mom``, ``change`` is the view ``by_geo_mom_change`` with the item East. A figure's own value has the view's bare key.
Numerator and denominator are columns of their figure's row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from segxl.catalogue.metric import Area
from segxl.catalogue.metrics import BY_KEY
from segxl.dataset.check import Check
from segxl.dataset.segments import ALL_ACCOUNTS
from segxl.dataset.warnings import DataWarning
from segxl.periods import Period, Window
from segxl.scorecard.checks import owners_of
from segxl.scorecard.metric_views import Companion, Compared, Part, Parts, change_key, columns, metric_views
from segxl.scorecard.model import (
    RECONCILED,
    Amount,
    Coverage,
    Executive,
    Figure,
    KeyFigure,
    LineEffect,
    MetricResult,
    PipelineStatus,
    Plan,
    Scorecard,
    SegmentScorecard,
)
from segxl.scorecard.summary_model import Summary
from segxl.settings.toggles import Turned
from segxl.sources.ledger import Ledger
from segxl.units import COUNT, MONEY, RATE, Unit

if TYPE_CHECKING:
    import pandas as pd

NUMBER = Unit("number", 1, "General")
"""Unit of checks, which compare amounts, counts and rates alike."""

Exact = int | Fraction | None
Shown = int | float | None


_COMPARED = re.compile(r"(?:^|_)(?:mom|qoq|yoy)_(?:value|base|change|percent)$")
"""Views of comparisons, see :func:`_comparison`."""


class Change(NamedTuple):
    """A figure less its base; as a part of the base where ``percent``."""

    figure: Figure
    base: Figure
    percent: bool


class Row(NamedTuple):
    """One value.

    ``value``, ``numerator`` and ``denominator`` are in units: money in its main unit, percentages as fractions. A value
    that is not available is None, with ``why``: n/a, N/M, or the report's reason. Texts without content are blank.
    ``source`` is what the value is of, for formulas.
    """

    segment: str
    area: str
    metric: str
    view: str
    item: str
    period: str
    value: Shown
    unit: Unit
    why: str = ""
    window: Window | None = None
    numerator: Shown = None
    denominator: Shown = None
    numerator_unit: Unit | None = None
    denominator_unit: Unit | None = None
    source: Figure | Change | None = None

    @property
    def key(self) -> Hashable:
        """The identity of the row in its document, for formulas."""
        return number_key(self.segment, self.metric, self.view, self.item)


COLUMNS = (
    "segment",
    "area",
    "metric",
    "view",
    "item",
    "period",
    "value",
    "unit",
    "numerator",
    "denominator",
    "window_start",
    "window_end",
    "why",
)
"""The table's columns, in order."""
TEXTS = frozenset({"segment", "area", "metric", "view", "item", "period", "unit", "why"})
DATES = frozenset({"window_start", "window_end"})
"""Columns of texts and of dates; the others are numbers."""


Column = list[str] | list[Shown] | list[date | None]


NumberKey = tuple[str, str, str, str, str]


def number_key(segment: str, metric: str, view: str, item: str = "") -> NumberKey:
    """The key of a row by its words: see :attr:`Row.key`."""
    return "number", segment, metric, view, item


def table(rows: Sequence[Row]) -> dict[str, Column]:
    """The table's columns by name, in order: texts, numbers or None, dates or None."""
    found: dict[str, Column] = {
        name: [getattr(row, name) for row in rows] for name in COLUMNS if name not in {*DATES, "unit"}
    }
    found["unit"] = [row.unit.key for row in rows]
    found["window_start"] = [None if row.window is None else row.window.start for row in rows]
    found["window_end"] = [None if row.window is None else row.window.end for row in rows]
    return {name: found[name] for name in COLUMNS}


def frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The table for pandas: texts as they are, numbers as float64 with NaN, dates as datetime64[s] with NaT."""
    import pandas as pd  # slow to load, and nothing else here needs it

    columns = pd.DataFrame(table(rows))
    for name in COLUMNS:
        if name in DATES:
            columns[name] = pd.to_datetime(columns[name]).astype("datetime64[s]")
        elif name not in TEXTS:
            columns[name] = columns[name].astype("float64")
    return columns


class Place(NamedTuple):
    """Common columns of rows; ``at`` and its friends make them."""

    segment: str
    area: str
    metric: str
    period: str
    window: Window | None = None

    def shown(
        self,
        view: str,
        value: Shown,
        unit: Unit,
        why: str | None = None,
        item: str = "",
        source: Figure | Change | None = None,
    ) -> Row:
        """A row of a value that is in units already; without a value and a reason the reason is n/a."""
        reason = (why or "n/a") if value is None else ""
        segment, area, metric, period, window = self
        none = None, None, None, None
        return Row(segment, area, metric, view, item, period, value, unit, reason, window, *none, source)

    def row(
        self,
        view: str,
        value: Exact,
        unit: Unit,
        why: str | None = None,
        item: str = "",
        source: Figure | Change | None = None,
    ) -> Row:
        """A row of an exact value, in the unit's minor measure."""
        return self.shown(view, None if value is None else unit.shown(value), unit, why, item, source)


def scorecard_numbers(scorecard: Scorecard) -> list[Row]:
    """Every value of a scorecard: its segments, the executive view, checks, warnings and sources."""
    found = [row for segment in scorecard.segments.values() for row in _segment(scorecard, segment)]
    if scorecard.executive is not None:
        found += _executive(scorecard, scorecard.executive)
    return distinct([*found, *_whole(scorecard, scorecard.checks)])


def segment_numbers(scorecard: Scorecard, segment: str) -> list[Row]:
    """Every value of one segment, with its checks and those of the whole input, warnings and sources."""
    owners = owners_of(scorecard.checks, scorecard.segments)
    checks = [one for one, owner in zip(scorecard.checks, owners, strict=True) if owner in (segment, "")]
    return distinct([*_segment(scorecard, scorecard.segments[segment]), *_whole(scorecard, checks)])


def segment_workings(scorecard: Scorecard, segment: str, summary: Summary) -> list[Row]:
    """The rows of :func:`segment_numbers`, each with what its figure is made of, and the periods of the trends, those
    of the first page too: what the formulas of a pack need."""
    rows = with_parts(segment_numbers(scorecard, segment))
    for key, one in summary.trends.items():
        for figure in one.points:
            if figure is not None:
                place = Place(segment, BY_KEY[key].area, key, f"{figure.window.end:%Y-%m}", figure.window)
                row = place.row("trend", figure.value, figure.unit, figure.why, place.period)
                rows.append(_with_parts(row, figure))
    for key, plans in summary.plans.items():
        for window, plan in zip(summary.windows, plans, strict=True):
            place = Place(segment, BY_KEY[key].area, key, f"{window.end:%Y-%m}", window)
            rows.append(place.row(TREND_PLAN, None if plan is None else plan.value, MONEY, item=place.period))
    rows += first_page_rows(rows, ((segment, name, figure) for name, figure in summary.figures()))
    rows += movement_rows(summary)
    return rows


def movement_rows(summary: Summary) -> Iterator[Row]:
    """Rows for the MRR movements of a trend."""
    for name, cents in summary.movements.items():
        for when, window, value in zip(summary.names, summary.windows, cents, strict=True):
            place = Place(summary.segment, "Segment performance", MOVEMENTS, f"{window.end:%Y-%m}", window)
            yield place.row(name, value, MONEY, item=when)


TREND_PLAN = "trend_plan"
"""The view of plans over the windows of a trend; the item is the window's last month."""


def with_parts(rows: Iterable[Row]) -> list[Row]:
    """The rows, each with what its figure is made of."""
    return [_with_parts(row, row.source) if isinstance(row.source, Figure) else row for row in rows]


MOVEMENTS = "mrr_movements"
"""The rows of the MRR movements of a trend; the view is the movement, the item its period."""


def first_page_rows(rows: Sequence[Row], figures: Iterable[tuple[str, str, Figure]]) -> list[Row]:
    """Rows for the figures of a first page that have none yet: segment, name and figure of each."""
    known = {row.source.key for row in rows if isinstance(row.source, Figure)}
    found = []
    for segment, name, figure in figures:
        if figure.key in known:
            continue
        known.add(figure.key)
        place = Place(segment, "First page", "first_page", f"{figure.window.end:%Y-%m}", figure.window)
        row = place.row("trend", figure.value, figure.unit, figure.why, f"{name}, {figure.window.months}")
        found.append(_with_parts(row, figure))
    return found


def rows_of_keys(
    rows: Sequence[Row], values: Iterable[tuple[NumberKey, Plan | Figure]], period: Period
) -> Iterator[Row]:
    """Rows for values of the period whose key no row has yet: the plans of segments that are on the first page only."""
    known = {row.key for row in rows}
    for key, one in values:
        if key not in known:
            known.add(key)
            _, segment, metric, view, item = key
            place = Place(segment, "First page", metric, period.label, period.window)
            row = place.row(view, one.value, one.unit, item=item)
            yield row._replace(source=one) if isinstance(one, Figure) else row


def source_key(row: Row) -> Hashable:
    """The key by which formulas find the row: its figure's, else its own."""
    return row.source.key if isinstance(row.source, Figure) else row.key


def is_change_of_item(row: Row) -> bool:
    """Whether the row compares an item, such as one geo, with another period."""
    return bool(row.item) and _COMPARED.search(row.view) is not None


def distinct(rows: Sequence[Row]) -> list[Row]:
    """The rows with ``(2)`` behind the item of one that has the same key as a row before, so that no lookup adds them
    up: two warnings of one kind about one file."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for row in rows:
        key = row[:6]
        seen[key] += 1
        found.append(row if seen[key] == 1 else row._replace(item=f"{row.item} ({seen[key]})".strip()))
    return found


# -- a segment


def _segment(scorecard: Scorecard, segment: SegmentScorecard) -> Iterator[Row]:
    period = scorecard.period
    for key, result in segment.metrics.items():
        place = Place(segment.segment, result.metric.area, key, period.label, period.window)
        yield from _metric(place, result, change_key(period))
    bridges: tuple[tuple[str, Area, Mapping[str, int] | None], ...] = (
        ("bridge", "Pipeline", segment.bridge),
        ("mrr_rollforward", "Segment performance", segment.mrr_rollforward),
    )
    for name, area, lines in bridges:
        place = Place(segment.segment, area, name, period.label, period.window)
        for view, cents in ({"total": None} if lines is None else lines).items():
            yield place.row(view, cents, MONEY)
    status = Place(segment.segment, "Pipeline", "pipeline_status", period.label, period.window)
    yield from _status(status, segment.pipeline_status)
    for turned in segment.toggle_effects:
        yield from _toggle(Place(segment.segment, "Toggles", turned.toggle.name, period.label), turned)


def _metric(place: Place, result: MetricResult, change: str) -> Iterator[Row]:
    rows = [
        row
        for view, items in metric_views(result, change).items()
        for item, parts in items.items()
        for row in _parts(place, view, item or "", parts)
    ]
    # The JSON has the comparisons of revenue, running totals and the like under two keys; here they are one row.
    seen: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        alike = seen.setdefault((row.view, row.item), [])
        if row not in alike:
            alike.append(row)
            yield row
    if result.not_reconstructed is not None:
        yield place.row("not_reconstructed", result.not_reconstructed, COUNT)


def _parts(place: Place, view: str, item: str, parts: Parts) -> Iterator[Row]:
    for name, part in parts.items():
        yield from _part(place, f"{view}_{name}" if name else view, item, part)


def _part(place: Place, view: str, item: str, part: Part) -> Iterator[Row]:
    if isinstance(part, Figure):
        yield from _figure(place, view, item, part)
    elif isinstance(part, Compared):
        yield from _comparison(place, view, item, part)
    elif isinstance(part, Companion):
        figure = part.figure
        here = place._replace(window=figure.window)
        yield here.row(view, figure.value, figure.unit, figure.why, item, figure)
    else:
        yield place.row(view, part.value, part.unit, None if isinstance(part, Plan) else part.why, item)


def _figure(place: Place, view: str, item: str, figure: Figure) -> Iterator[Row]:
    place = place._replace(window=figure.window)
    yield _with_parts(place.row(view, figure.value, figure.unit, figure.why, item), figure)
    if figure.months is not None:
        yield place.row(f"{view}_months", figure.months, COUNT, item=item)


def _with_parts(row: Row, figure: Figure) -> Row:
    """A figure's row with the expression behind the figure."""
    above, below = figure.numerator_unit, figure.denominator_unit
    if above is None or below is None:
        return row._replace(source=figure)
    numerator = None if figure.numerator is None else above.shown(figure.numerator)
    denominator = None if figure.denominator is None else below.shown(figure.denominator)
    return row._replace(
        source=figure, numerator=numerator, denominator=denominator, numerator_unit=above, denominator_unit=below
    )


def _comparison(place: Place, view: str, item: str, part: Compared) -> Iterator[Row]:
    found, unit = part.comparison, part.current.unit
    place = place._replace(window=part.current.window)
    base = place._replace(window=None if part.base is None else part.base.window)
    yield place.row(f"{view}_value", found.value, unit, found.why, item, part.current)
    yield base.row(f"{view}_base", found.base, unit, found.why, item, part.base)
    for name, value, its_unit in (("change", found.change, unit), ("percent", found.percent, RATE)):
        change = None if part.base is None else Change(part.current, part.base, name == "percent")
        yield place.row(f"{view}_{name}", value, its_unit, found.why, item, change)


def _status(place: Place, status: PipelineStatus | None) -> Iterator[Row]:
    if status is None:
        yield place.row("total", None, MONEY)
        return
    for name, part in status.parts.items():
        yield from _amount(place, name, part)
    yield place.row("weighted_pipeline", status.weighted, MONEY)
    yield from _amount(place, "without_probability", status.unweighted)
    yield place._replace(window=status.won_window).row("won_quarter_to_date", status.won, MONEY)
    for name, coverage in (("this_quarter", status.this), ("next_quarter", status.following)):
        yield from _coverage(place, name, coverage)


def _coverage(place: Place, view: str, coverage: Coverage) -> Iterator[Row]:
    plan = place._replace(window=coverage.quarter.window)
    yield plan.row(f"{view}_plan", None if coverage.plan is None else coverage.plan.value, MONEY)
    yield from _figure(place, f"{view}_coverage", "", coverage.ratio)


def _amount(place: Place, view: str, amount: Amount) -> Iterator[Row]:
    yield place.row(view, amount.cents, MONEY)
    yield place.row(f"{view}_count", amount.count, COUNT)


def toggle_key(segment: str, toggle: str, effect: LineEffect, name: str = "") -> NumberKey:
    """The key of the row of a number that a toggle affects, as set; ``name``: ``_other`` or ``_difference``."""
    view = f"{effect.metric.key}_{effect.view}{name}"
    return number_key(segment, toggle, view, effect.item if effect.cut.each else "")


def _toggle(place: Place, turned: Turned[LineEffect]) -> Iterator[Row]:
    """Each number that the toggle affects: as set, with the other value, and the difference."""
    for effect in turned.effects:
        _, _, _, view, item = toggle_key(place.segment, place.metric, effect)
        unit = effect.as_set.unit
        here = place._replace(window=effect.as_set.window)
        yield here.row(view, effect.as_set.value, unit, effect.as_set.why, item)
        yield here.row(f"{view}_other", effect.other.value, unit, effect.other.why, item)
        yield here.row(f"{view}_difference", effect.difference, unit, item=item)


# -- all segments together


def _executive(scorecard: Scorecard, executive: Executive) -> Iterator[Row]:
    """Rows of views that begin with ``executive``, ``highlight`` and ``reconciliation``, so that a lookup of a
    segment's total finds one row."""
    period = scorecard.period
    for row in executive.rows:
        for column in executive.columns:
            place = Place(row.segment, "Executive", column.metric.key, period.label, period.window)
            lead = "" if column.cut.key == column.metric.cuts[0].key else f"{column.cut.key}_"
            yield from _key_figure(place, column.cut.key, lead, row.figures[column.key], change_key(period))
    for one in executive.standing_out:
        place = Place(one.segment, "Highlights", one.metric, period.label, period.window)
        for name, (value, unit) in one.numbers.items():
            yield place.row(f"highlight_{one.rule}_{name}", value, unit)
    for each in executive.reconciliation:
        place = Place(ALL_ACCOUNTS, "Reconciliation", each.metric.key, period.label, period.window)
        for name in RECONCILED:
            yield place.row(f"reconciliation_{each.cut.key}_{name}", getattr(each, name), each.unit)
    overlaps = executive.overlaps
    place = Place(ALL_ACCOUNTS, "Overlaps", "overlaps", period.label, period.window)
    yield place.row("accounts", overlaps.all_accounts, COUNT)
    yield place.row("in_several_segments", overlaps.accounts, COUNT)
    yield place.row("in_no_segment", overlaps.none, COUNT)
    yield place.row("further_pairs", overlaps.further, COUNT)
    for pair in overlaps.pairs:
        here = place._replace(segment=pair.first)
        yield here.row("pair_accounts", pair.accounts, COUNT, item=pair.second)
        yield here.row("pair_won", pair.won, COUNT, item=pair.second)
        yield here.row("pair_won_revenue", pair.won_cents, MONEY, item=pair.second)
        yield here.row("pair_open", pair.open, COUNT, item=pair.second)
        yield here.row("pair_open_pipeline", pair.open_cents, MONEY, item=pair.second)


def _key_figure(place: Place, view: str, lead: str, found: KeyFigure, change: str) -> Iterator[Row]:
    yield from _figure(place, f"executive_{view}", "", found.line.current)
    for name, part in columns(found.line, change).items():
        if name in (change, "yoy"):
            yield from _part(place, f"executive_{lead}{name}", "", part)
    for figure in found.trend:
        if figure is not None:
            here = place._replace(period=f"{figure.window.end:%Y-%m}", window=figure.window)
            yield here.row(f"executive_{lead}trend", figure.value, figure.unit, figure.why, source=figure)


# -- what every document has


def _whole(scorecard: Scorecard, checks: Sequence[Check]) -> Iterator[Row]:
    period = scorecard.period
    yield from checks_numbers(checks, owners_of(checks, scorecard.segments), period.label)
    yield from warnings_numbers(scorecard.warnings, scorecard.currency, period.label)
    yield from sources_numbers(scorecard.ledger, period.label)


def checks_numbers(checks: Iterable[Check], owners: Iterable[str], period: str) -> Iterator[Row]:
    """Expected and actual numbers of checks; the item is the check's name."""
    for check, owner in zip(checks, owners, strict=True):
        place = Place(owner, "Checks", "checks", period)
        for view in ("expected", "actual", "difference"):
            value = getattr(check, view)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                yield place.shown(view, value, NUMBER, item=check.name)


def warnings_numbers(warnings: Iterable[DataWarning], currency: str, period: str) -> Iterator[Row]:
    """Rows and amounts of the data's warnings; the item is the file, or the table."""
    for one in warnings:
        place = Place("", "Warnings", one.condition.kind, period)
        item = one.condition.file or one.condition.table
        yield place.row("rows", one.rows, COUNT, item=item)
        yield place.row("amount", one.amounts.get(currency), MONEY, item=item)
        for word, cents in one.amounts.items():
            yield place.row("amounts", cents, MONEY, item=f"{item}: {word}")


def sources_numbers(ledger: Ledger, period: str) -> Iterator[Row]:
    """Rows of each file: read, used, excluded with the rule, rejected; the metric is the file's table."""
    for entry in ledger.files:
        place = Place("", "Sources", entry.table, period)
        counts = (entry.rows, entry.used, sum(entry.excluded.values()), entry.rejected_rows)
        for view, count in zip(("rows", "used", "excluded", "rejected"), counts, strict=True):
            yield place.row(view, count, COUNT, item=entry.file)
        for rule, count in entry.excluded.items():
            yield place.row("excluded_by", count, COUNT, item=f"{entry.file}: {rule}")
