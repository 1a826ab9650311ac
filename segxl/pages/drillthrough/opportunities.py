"""The opportunities behind the figures, sorted so that each number links to one block of rows.

One order cannot make every number a block: 2017-10 as a whole and "new logo over 12 months" cut across each other. So
each list repeats the rows of a window in the few orders that the figures need, including those of the breakdowns, and
names the order in its first column. Deal types and customer kinds nest (a new logo is a new customer), so one order of
groups serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segxl.catalogue.measures import FACT_NAMES, OPEN, declared
from segxl.catalogue.views import BY_TYPE, DIMENSION_CUTS
from segxl.facts.engine import Facts
from segxl.facts.expected_close import chances, days_of, open_due, within
from segxl.pages.cells import TYPE_LABELS
from segxl.pages.drillthrough.accounts_and_leads import RowLists
from segxl.pages.drillthrough.list_page import FIRST_ROW, ROW_LIMIT, account_names, dates, list_page, note_of_long_lists
from segxl.pages.model import Field, Link, Page, Scalar
from segxl.pages.scorecard.breakdowns import additive, tells
from segxl.periods import NEVER, Period, Window
from segxl.scorecard.model import Figure, SegmentScorecard, Selector
from segxl.scorecard.pipeline_status import quarters_of
from segxl.units import COUNT, DATE, MONEY_EXACT, RATE, TEXT, Unit

Column = NDArray[np.int64]

_GROUPS = {
    ("new_logo", "new"): 0,
    ("other", "new"): 1,
    ("other", "unknown"): 2,
    ("other", "existing"): 3,
    ("upsell", "existing"): 4,
    ("cross_sell", "existing"): 5,
    ("renewal", "existing"): 6,
}
"""Deal type and customer kind in an order in which each of them, and upsell with cross-sell, is one stretch."""


@dataclass(frozen=True)
class _Order:
    """How the rows of a window are sorted, and for which events; ``once``: of the period itself, not of its bases."""

    label: str
    events: tuple[str, ...]
    keys: tuple[str, ...]
    once: bool = False


@dataclass(frozen=True)
class _Family:
    """One sheet of lists."""

    page: str
    title: str
    purpose: str
    orders: tuple[_Order, ...]


_FAMILIES = (
    _Family(
        "won_lost",
        "Won and lost",
        "Opportunities closed in each window",
        (
            _Order("by outcome and type", ("won", "lost"), ("event", "group")),
            _Order("by type and outcome", ("won", "lost"), ("group", "event")),
            _Order("by loss reason", ("lost",), ("reason",)),
        ),
    ),
    _Family(
        "created",
        "Created and lost",
        "Opportunities in net new pipeline, by window",
        (_Order("by type, created and lost", ("created", "lost"), ("group", "event")),),
    ),
    _Family(
        "open",
        "Open pipeline",
        "Opportunities open at the end of each window, with their stage and amount on that day",
        (_Order("by stage", (OPEN,), ("stage",)), _Order("by expected close", (OPEN,), ("expected",), once=True)),
    ),
)


_IN_LISTS = tuple(dict.fromkeys(event for one in _FAMILIES for order in one.orders for event in order.events))


def _listed_as(events: str) -> str:
    """The events of the lists among whose rows these are: those with the same word for a row; ``timed`` are won ones,
    with their days."""
    word = declared(events).row_word
    return events if events in _IN_LISTS else next((one for one in _IN_LISTS if declared(one).row_word == word), events)


def listed_events() -> frozenset[str]:
    """The events whose rows these lists have."""
    return frozenset(events for events in FACT_NAMES if _listed_as(events) in _IN_LISTS)


@dataclass(frozen=True)
class _Block:
    """The rows of one window in one order, and the row of the sheet where they begin."""

    window: Window
    order: _Order
    page: str
    first: int
    columns: dict[str, Column]

    def __len__(self) -> int:
        return len(self.columns["row"])


class Lists:
    """The list pages of one segment, and the block of rows behind each of its figures."""

    def __init__(self, facts: Facts, period: Period, result: SegmentScorecard, subtitle: str) -> None:
        self._facts = facts
        self._period = period
        self._blocks: list[_Block] = []
        families = () if facts.lacks(OPEN) else _FAMILIES
        self.pages: tuple[Page, ...] = tuple(
            page for family in families if (page := self._page(family, period, result, subtitle)) is not None
        )
        self._others = RowLists(facts, result, subtitle, ROW_LIMIT)
        self.pages += self._others.pages

    def link(self, figure: Figure | None) -> Link | None:
        """Where the figure's rows are; None where it has none, or where no list holds them as one block."""
        if figure is None:
            return None
        for block in self._blocks:
            if block.window != figure.window:
                continue
            found = self._stretch(block, figure.rows)
            if found is not None:
                first, last = found
                return Link(block.page, block.first + first, block.first + last, len(_FIELDS))
        return self._others.link(figure)

    def due(self, part: str) -> Link | None:
        """The link to the opportunities of a part of the open pipeline; None if there are none."""
        quarters = quarters_of(self._facts, self._period)
        for block in self._blocks:
            if block.order.keys != ("expected",):
                continue
            days = block.columns["expected"].astype(np.int32)
            kept = np.ones(len(block), bool) if part == "open" else within(days, days_of(part, self._period, *quarters))
            at = np.flatnonzero(kept)
            if len(at):
                return Link(block.page, block.first + int(at[0]), block.first + int(at[-1]), len(_FIELDS))
        return None

    def _stretch(self, block: _Block, selector: Selector) -> tuple[int, int] | None:
        # A duration is missing where the dates are the wrong way round; its list shows those rows too, with the days.
        events = {_listed_as(term.fact) for term in selector.terms}
        if not events <= set(block.order.events):
            return None
        wanted = [block.order.events.index(event) for event in events]
        mask = np.isin(block.columns["event"], wanted)
        if selector.items:
            labels = self._facts.labels(selector.by)
            codes = [labels.index(item) for item in selector.items if item in labels]
            mask &= np.isin(block.columns[selector.by], codes)
        at = np.flatnonzero(mask)
        if not len(at) or at[-1] - at[0] + 1 != len(at):
            return None
        return int(at[0]), int(at[-1])

    def _page(self, family: _Family, period: Period, result: SegmentScorecard, subtitle: str) -> Page | None:
        windows = [period.window, period.previous, period.year_ago]
        if family.page != "open":
            windows.append(period.trailing_12)
        row = FIRST_ROW
        blocks: list[_Block] = []
        too_long: list[str] = []
        for window in windows:
            scopes = [figure.rows for figure in _figures(result) if figure.window == window]
            if not scopes:
                continue
            orders = family.orders if window == period.trailing_12 else (*family.orders, *_cut_orders(family, result))
            for order in orders:
                if order.once and window != period.window:
                    continue
                block = self._block(family, order, scopes[0], window, row)
                if row + len(block) > ROW_LIMIT:
                    too_long.append(f"{_window_label(block)}, {order.label} ({len(block):,} rows)")
                    continue
                blocks.append(block)
                row += len(block)
        self._blocks += blocks
        if not too_long and not any(len(block) for block in blocks):
            return None
        fields, note = tuple(self._fields(family, blocks)), note_of_long_lists(too_long)
        return list_page(family.page, family.title, f"{family.purpose} · {subtitle}", fields, 3, note)

    def _block(self, family: _Family, order: _Order, selector: Selector, window: Window, first: int) -> _Block:
        parts: dict[str, list[Column]] = {}
        for code, event in enumerate(order.events):
            found = self._facts.rows(event, selector.scope)
            columns = {
                "row": found.row.astype(np.int64),
                "day": found.day.astype(np.int64),
                "cents": found.cents,
                "event": np.full(len(found.row), code, dtype=np.int64),
                "stage": np.zeros(len(found.row), dtype=np.int64),
                "expected": np.full(len(found.row), NEVER, dtype=np.int64),
            }
            if event == OPEN:
                columns["stage"] = found.stage.astype(np.int64)
                columns["expected"] = open_due(self._facts, selector.scope).expected.astype(np.int64)
            for name, dimension in self._facts.dimensions["opportunities"].items():
                columns[name] = dimension.codes[found.row].astype(np.int64)
            columns["group"] = self._groups(columns)
            for name, values in columns.items():
                parts.setdefault(name, []).append(values)
        merged = {name: np.concatenate(values) for name, values in parts.items()}
        keys = [merged["row"], merged["day"], *(merged[key] for key in reversed(order.keys))]
        sorting = np.lexsort(keys)
        return _Block(window, order, family.page, first, {name: values[sorting] for name, values in merged.items()})

    def _groups(self, columns: dict[str, Column]) -> Column:
        types, customers = self._facts.labels("type"), self._facts.labels("customer")
        rank = np.array([[_GROUPS.get((kind, customer), 7) for customer in customers] for kind in types])
        return rank[columns["type"], columns["customer"]]

    def _fields(self, family: _Family, blocks: Sequence[_Block]) -> Iterator[Field]:
        readers = _Reader(self._facts).readers()
        for name, width, unit in _fields_of(family):
            values: list[Scalar] = []
            for block in blocks:
                values += readers[name](block)
            yield Field(name, values, unit, width)


def _cut_orders(family: _Family, result: SegmentScorecard) -> Iterator[_Order]:
    """An order for each dimension on the breakdowns page, so that each item's rows are one block.

    Not for the 12 months, which have by far the most rows. The orders by type already cover the types.
    """
    events = family.orders[0].events
    for cut in DIMENSION_CUTS:
        if cut == BY_TYPE and family.page != "open":
            continue
        metrics = [
            one for one in result.metrics.values() if additive(one) and set(one.metric.fact_names) <= set(events)
        ]
        if any(tells(metric.of(cut), cut) for metric in metrics):
            yield _Order(cut.label.lower(), events, (cut.by, "event"))


_FIELDS: tuple[tuple[str, float, Unit], ...] = (
    ("List", 34, TEXT),
    ("Outcome", 10, TEXT),
    ("Opportunity", 18, TEXT),
    ("Account", 26, TEXT),
    ("Owner", 20, TEXT),
    ("Sales team", 18, TEXT),
    ("Geo", 16, TEXT),
    ("Type", 14, TEXT),
    ("Customer", 11, TEXT),
    ("Stage", 16, TEXT),
    ("Created", 12, DATE),
    ("Closed", 12, DATE),
    ("Days", 8, COUNT),
    ("Amount", 16, MONEY_EXACT),
    ("Loss reason", 20, TEXT),
    ("File", 24, TEXT),
    ("Row", 9, TEXT),
)

_OF_OPEN = {"Days": ("Expected", 12, DATE), "Loss reason": ("Probability", 12, RATE)}
"""Fields that do not apply to open opportunities, and their replacements."""


def _figures(result: SegmentScorecard) -> Iterator[Figure]:
    for metric in result.metrics.values():
        line = metric.headline
        if line is None or any(declared(term.fact).listed != "deals" for term in line.current.rows.terms):
            continue
        yield from (one for one in (line.current, line.previous, line.year_ago, line.trailing_12) if one is not None)


class _Reader:
    """Reads the fields of the listed opportunities."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._table = facts.dataset.tables["opportunities"]
        self._files = [entry.file for entry in facts.dataset.ledger.files]
        self._names = account_names(facts)

    def readers(self) -> Mapping[str, Callable[[_Block], list[Scalar]]]:
        """One for each field."""
        return {
            "List": lambda block: [f"{_window_label(block)}, {block.order.label}"] * len(block),
            "Outcome": self._outcomes,
            "Opportunity": lambda block: self._texts("opportunity_id", block),
            "Account": lambda block: [self._names.get(one, one) for one in self._texts("account_id", block)],
            "Owner": lambda block: self._texts("owner", block),
            "Sales team": lambda block: self._labels("sales_team", block),
            "Geo": lambda block: self._labels("geo", block),
            "Type": lambda block: [TYPE_LABELS[str(label)] for label in self._labels("type", block)],
            "Customer": lambda block: [str(label).capitalize() for label in self._labels("customer", block)],
            "Stage": self._stages,
            "Created": lambda block: self._dates("created_on", block),
            "Closed": lambda block: self._dates("closed_on", block),
            "Expected": lambda block: dates(block.columns["expected"]),
            "Probability": self._chances,
            "Days": self._days,
            "Amount": lambda block: [MONEY_EXACT.shown(int(cents)) for cents in block.columns["cents"]],
            "Loss reason": lambda block: self._texts("loss_reason", block),
            "File": lambda block: [self._files[self._table.file[row]] for row in block.columns["row"]],
            "Row": lambda block: [int(self._table.row[row]) for row in block.columns["row"]],
        }

    def _texts(self, column: str, block: _Block) -> list[Scalar]:
        return list(self._table[column][block.columns["row"]])

    def _labels(self, by: str, block: _Block) -> list[Scalar]:
        labels = self._facts.labels(by)
        return [labels[code] for code in block.columns[by]]

    def _dates(self, column: str, block: _Block) -> list[Scalar]:
        return dates(self._table[column][block.columns["row"]])

    def _days(self, block: _Block) -> list[Scalar]:
        rows = block.columns["row"]
        closed, created = self._table["closed_on"][rows], self._table["created_on"][rows]
        return [None if end == NEVER else int(end) - int(start) for end, start in zip(closed, created, strict=True)]

    def _chances(self, block: _Block) -> list[Scalar]:
        found = chances(self._table, block.columns["row"])
        return [None if chance != chance else float(chance) for chance in found]

    def _outcomes(self, block: _Block) -> list[Scalar]:
        words = [declared(event).row_word.capitalize() for event in block.order.events]
        return [words[code] for code in block.columns["event"]]

    def _stages(self, block: _Block) -> list[Scalar]:
        if block.order.events == (OPEN,):
            stages = self._facts.labels("stage")
            return [stages[code] for code in block.columns["stage"]]
        return self._texts("stage", block)


def _fields_of(family: _Family) -> tuple[tuple[str, float, Unit], ...]:
    """Name, width and unit of each field of a page."""
    return tuple(_OF_OPEN.get(field[0], field) if family.page == "open" else field for field in _FIELDS)


def _window_label(block: _Block) -> str:
    window = block.window
    if block.order.events == (OPEN,):
        return f"At the end of {window.end}"
    return window.months
