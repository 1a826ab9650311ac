"""The input tables' contracts: the one place for their columns, types, keys and references.

Readers map exports to these columns, the input workbook is generated from them, and everything after relies on them.
A column that a contract does not name is kept as text under its own header; the accounts' extra columns can define
segments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segxl.tables.repeats import Times, apart
from segxl.tables.row_numbers import RowNumbers, kept
from segxl.tables.text_column import NO_MONEY as NO_MONEY
from segxl.tables.text_column import TextColumn
from segxl.tables.text_column import Texts as Texts

AnyDays = NDArray[np.int16] | NDArray[np.int32]
"""Days since 1970-01-01; in two bytes each none is blank."""


class Type(StrEnum):
    """The type of a column's values, and its array.

    ``TEXT``, ``ID``: object array of str, ``""`` where blank. ``DATE``, ``TIMESTAMP``: int32 day numbers,
    :data:`segxl.periods.NEVER` where blank (a timestamp also orders the rows of a day). ``MONTH``: int32 month
    numbers. ``MONEY``: int64 cents, :data:`NO_MONEY` where blank. ``NUMBER``, ``PERCENT``: float64, NaN where blank.
    ``FLAG``: int8, 1 yes, 0 no, -1 blank.
    """

    TEXT = "text"
    ID = "id"
    DATE = "date"
    TIMESTAMP = "timestamp"
    MONTH = "month"
    MONEY = "money"
    NUMBER = "number"
    PERCENT = "percent"
    FLAG = "flag"


"""A blank amount."""

ORDER = "_order"
"""Seconds within the day, next to a timestamp column: the order of rows within a day."""

RECORD = "_record"
"""For files with several records per row: the number of the record within its row."""

LATEST = "_latest"
"""The order of the moments in the column that ``latest_by`` names, where that column feeds one of dates as well."""

OWN = (ORDER, RECORD, LATEST)
"""Columns that are not data."""

_PLACEHOLDERS = """
    tbd tba n/a na n.a. #n/a - -- --- — – ? none null nil nan nat undefined unknown <na> <null> <none> (null) (none)
    [null] \\n $null$
    """
PLACEHOLDERS = frozenset(_PLACEHOLDERS.split())
"""Words for a date, an amount or a number that does not exist yet; lower case. IDs and texts have their own list,
:mod:`segxl.sources.values.blank_words`, because there TBD or Unknown may be a name."""


@dataclass(frozen=True)
class Column:
    """A column of a contract. ``choices`` are the only words allowed; ``refers_to`` names the table of its ids."""

    name: str
    type: Type
    help: str
    required: bool = False
    choices: tuple[str, ...] = ()
    refers_to: str = ""

    @property
    def hint(self) -> str:
        """The text above its header in the input workbook."""
        return f"required · {self.help}" if self.required else self.help


@dataclass(frozen=True)
class Contract:
    """A table's columns and key. Several contracts may share a table: the shapes a table can come in.

    ``key`` columns identify a row; a table without one may repeat rows. ``shape`` is blank for the only shape.
    """

    table: str
    help: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    shape: str = ""

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that every row must fill."""
        return tuple(column.name for column in self.columns if column.required)


def _text(name: str, help: str, *, required: bool = False, choices: tuple[str, ...] = ()) -> Column:
    return Column(name, Type.TEXT, help, required, choices)


def _id(name: str, help: str, *, required: bool = False, refers_to: str = "") -> Column:
    return Column(name, Type.ID, help, required, refers_to=refers_to)


def _date(name: str, help: str, *, required: bool = False) -> Column:
    return Column(name, Type.DATE, help, required)


def _money(name: str, help: str, *, required: bool = False) -> Column:
    return Column(name, Type.MONEY, help, required)


def _month(name: str, help: str, *, required: bool = False) -> Column:
    return Column(name, Type.MONTH, help, required)


def _account(*, required: bool = False) -> Column:
    return _id("account_id", "Its account", required=required, refers_to="accounts")


_CURRENCY = _text("currency", "ISO code; blank: reporting currency")
_SEGMENT = _text("segment", "Its segment; overrides the account's segments")

BUYING_STAGES = ("Target", "Awareness", "Consideration", "Decision", "Purchase")
"""Lowest first."""
KINDS = ("intent", "reach", "engagement")
"""What an activity shows: interest elsewhere, that the account was addressed, that it took part."""
SOURCES = (
    "6sense_keyword",
    "bombora_topic",
    "g2_intent",
    "trustradius_intent",
    "crm_map_campaign",
    "6sense_campaign",
    "external_campaign",
    "linkedin_campaign",
    "anonymous_web",
    "known_web",
    "webinar",
    "trade_show",
    "field_event",
    "crm_activity",
)
"""Sources of activities."""

CONTRACTS: Mapping[str, tuple[Contract, ...]] = {
    contracts[0].table: contracts
    for contracts in (
        (
            Contract(
                "accounts",
                "Companies you sell to or could sell to",
                (
                    _id("account_id", "Account ID, as used in the other tables", required=True),
                    _text("name", "Name shown in lists"),
                    _text("domain", "Web domain"),
                    _text("country", "Country"),
                    _id("parent_id", "Parent account", refers_to="accounts"),
                    _text("geo", "Region"),
                    _text("sales_team", "Sales team"),
                    _text("crm", "CRM of origin"),
                ),
                key=("account_id",),
            ),
        ),
        (
            Contract(
                "segments",
                "Named segments",
                (
                    _text("segment", "Name", required=True),
                    _date("created_on", "Created date"),
                    _text("product_category", "Product category"),
                    _text("owner", "Owner"),
                ),
                key=("segment",),
            ),
        ),
        (
            Contract(
                "segment_members",
                "Members of each segment, with dates",
                (
                    _text("segment", "Segment", required=True),
                    _account(required=True),
                    _date("start", "First day as a member; blank: from the segment's created date"),
                    _date("end", "First day no longer a member; blank: still a member"),
                ),
            ),
        ),
        (
            Contract(
                "timeframes",
                "Named pairs of baseline and analysis",
                (
                    _text("timeframe", "Name", required=True),
                    _text("kind", "Calendar unit", choices=("month", "range", "week")),
                    _date("baseline_start", "First day of the baseline"),
                    _date("baseline_end", "Last day of the baseline"),
                    _date("analysis_start", "First day of the analysis"),
                    _date("analysis_end", "Last day of the analysis"),
                ),
                key=("timeframe",),
            ),
        ),
        (
            Contract(
                "buying_stages",
                "Predicted buying stages: a row per account and date, or a row per change",
                (
                    _account(required=True),
                    _date("date", "Day of the snapshot or change", required=True),
                    _text("stage", "Buying stage", required=True),
                    _text("product_category", "Product category"),
                ),
            ),
        ),
        (
            Contract(
                "activities",
                "Activities of and towards accounts",
                (
                    _account(required=True),
                    _date("date", "The day it happened", required=True),
                    _text("source", "Activity source", required=True, choices=SOURCES),
                    _text("kind", "Kind of activity", required=True, choices=KINDS),
                    _text("campaign", "Campaign"),
                    _text("campaign_type", "Campaign type"),
                    _text("product_category", "Product category"),
                ),
            ),
        ),
        (
            Contract(
                "opportunities",
                "Deals, one row each, as of today",
                (
                    _id("opportunity_id", "Unique ID", required=True),
                    _date("created_on", "Created date", required=True),
                    _text("stage", "Current stage", required=True),
                    _account(),
                    _id("lead_id", "Its lead", refers_to="leads"),
                    _date("closed_on", "Date won or lost"),
                    _date("expected_close_on", "Expected close date, if open"),
                    _text("status", "Status", choices=("open", "won", "lost")),
                    _money("amount", "Value"),
                    Column("probability", Type.PERCENT, "Probability of winning, 0 to 100%"),
                    _CURRENCY,
                    _text("type", "Kind of deal: new business, upsell, renewal …"),
                    _text("lead_source", "Lead source"),
                    _text("loss_reason", "Loss reason"),
                    _text("owner", "Owner"),
                    _text("sales_team", "Sales team"),
                    _text("geo", "Region"),
                    _text("product_category", "Product category"),
                    _text("crm", "CRM of origin"),
                    Column("relevant", Type.FLAG, "Relevant for the segment performance report"),
                    _SEGMENT,
                ),
                key=("opportunity_id",),
            ),
        ),
        (
            Contract(
                "opportunity_history",
                "Changes of opportunities, one row each",
                (
                    _id("opportunity_id", "The opportunity", required=True, refers_to="opportunities"),
                    Column("changed_at", Type.TIMESTAMP, "When it changed", required=True),
                    _text("stage", "New stage", required=True),
                    _money("amount", "New amount"),
                    _date("close_date", "New expected close date"),
                ),
            ),
        ),
        (
            Contract(
                "teams",
                "The sales team and region of each owner",
                (
                    _text("owner", "Owner, as in opportunities", required=True),
                    _text("sales_team", "Sales team"),
                    _text("geo", "Region"),
                ),
                key=("owner",),
            ),
        ),
        (
            Contract(
                "leads",
                "Leads, one row each",
                (
                    _id("lead_id", "Unique ID", required=True),
                    _date("created_on", "Date captured", required=True),
                    _account(),
                    _id("opportunity_id", "Its opportunity", refers_to="opportunities"),
                    _text("source", "Lead source"),
                    _date("mql_on", "Date it became an MQL"),
                    _date("sqo_on", "Date it became an SQO"),
                    _date("rejected_on", "Date rejected"),
                    _text("rejected_from", "Status when rejected", choices=("lead", "mql")),
                    _SEGMENT,
                ),
                key=("lead_id",),
            ),
        ),
        (
            Contract(
                "revenue",
                "Monthly recurring revenue, one row per account and month",
                (
                    _account(required=True),
                    _month("month", "Month", required=True),
                    _money("mrr", "Monthly recurring revenue", required=True),
                    _CURRENCY,
                ),
                shape="monthly",
            ),
            Contract(
                "revenue",
                "Monthly recurring revenue, a row per subscription",
                (
                    _account(required=True),
                    _date("start", "First day", required=True),
                    _date("end", "End date (see subscription_end); blank: still running"),
                    _money("mrr", "Monthly recurring revenue", required=True),
                    _CURRENCY,
                ),
                shape="subscriptions",
            ),
            Contract(
                "revenue",
                "Monthly recurring revenue, a row per movement",
                (
                    _account(required=True),
                    _date("date", "Date of the movement", required=True),
                    _text(
                        "type",
                        "Type of movement; sets the sign",
                        required=True,
                        choices=("opening", "new", "expansion", "contraction", "churn", "reactivation"),
                    ),
                    _money("amount", "Amount of the movement", required=True),
                    _CURRENCY,
                ),
                shape="movements",
            ),
        ),
        (
            Contract(
                "costs",
                "Acquisition and qualifying labor costs",
                (
                    _month("month", "Month", required=True),
                    _money("amount", "Cost", required=True),
                    _text("kind", "Kind of cost", choices=("acquisition", "labor")),
                    _text("lead_source", "Lead source"),
                    _text("segment", "Segment; blank: All accounts only"),
                    _CURRENCY,
                    _date("last_day", "Last day of the cost, if it covers several months"),
                ),
            ),
        ),
        (
            Contract(
                "market",
                "Market size per year",
                (
                    _text("segment", "Segment", required=True),
                    Column("year", Type.NUMBER, "Calendar year", required=True),
                    _money("revenue", "Total revenue of the serviceable obtainable market", required=True),
                    _text("source", "Source of the figure", required=True),
                    Column("share", Type.PERCENT, "Your share according to the source"),
                ),
                key=("segment", "year"),
            ),
        ),
        (
            Contract(
                "targets",
                "The plan",
                (
                    _text("metric", "A metric's key, or one of its lines: won_revenue, mrr.closing", required=True),
                    _month("month", "Month", required=True),
                    Column("value", Type.NUMBER, "Target; rates as 0.4 or 40%", required=True),
                    _text("segment", "Segment; blank: All accounts"),
                    _text("item", "Item, such as a geo for won_revenue.by_geo"),
                ),
                key=("metric", "month", "segment", "item"),
            ),
        ),
        (
            Contract(
                "fx_rates",
                "Exchange rates, one per currency and month",
                (
                    _month("month", "Month", required=True),
                    _text("currency", "ISO code", required=True),
                    Column("rate", Type.NUMBER, "Reporting currency per 1 unit of this currency", required=True),
                ),
                key=("month", "currency"),
            ),
        ),
        (
            Contract(
                "control_totals",
                "Control totals from your books",
                (
                    _text("name", "Metric key or line, or closing_mrr, for All accounts", required=True),
                    _text("period", "Month or quarter", required=True),
                    Column("value", Type.NUMBER, "The total", required=True),
                    _text("tolerance", "Accepted difference: 25 or 0.5%; blank: 0"),
                ),
                key=("name", "period"),
            ),
        ),
    )
}


@dataclass(frozen=True)
class Table:
    """A loaded table: columns of one length, and the file and row of each record.

    Every contract column is there, blank-filled where the export has none; ``given`` names those of the export.
    ``table[name]`` is a column's array; columns of text are held as :class:`~segxl.tables.text_column.TextColumn`,
    which :meth:`texts` gives. ``file`` indexes the ledger's files and ``row`` is the row number as Excel shows it.
    ``times`` is how often each row occurs (:mod:`segxl.tables.repeats`); None where each occurs once.
    """

    contract: Contract
    columns: Mapping[str, NDArray[Any] | TextColumn]
    given: frozenset[str]
    file: NDArray[np.int32]
    row: RowNumbers
    times: Times | None = None

    def __post_init__(self) -> None:
        if isinstance(self.columns, dict):  # the codes of a column of text are made once, not at each question
            columns = {
                name: TextColumn(column) if isinstance(column, np.ndarray) and column.dtype == object else column
                for name, column in self.columns.items()
            }
            object.__setattr__(self, "columns", columns)

    def __len__(self) -> int:
        return len(self.row)

    def count(self, rows: NDArray[np.bool_]) -> int:
        """The number of rows of a mask, each as often as it occurs."""
        return int(np.count_nonzero(rows) if self.times is None else self.times[rows].sum())

    def apart(self, rows: NDArray[np.bool_] | None = None) -> Table:
        """The table with the rows of a mask one by one; None: with all."""
        wanted = np.ones(len(self), dtype=bool) if rows is None else rows
        if self.times is None or not wanted.any():
            return self
        places, row, times = apart(self.row, self.times, wanted)
        return replace(replace(self, times=None).take(places), row=row, times=times)

    @property
    def only_file(self) -> int | None:
        """The file of all rows; None if there are several, or no row."""
        return int(self.file[0]) if len(self.file) and self.file.strides == (0,) else None

    @property
    def files(self) -> list[int]:
        """The files that rows are from, in ascending order."""
        return np.unique(self.file).tolist() if self.only_file is None else [self.only_file]

    def rows_of(self, file: int) -> NDArray[np.bool_]:
        """A mask of the rows from a file."""
        if self.only_file is None:
            return np.asarray(self.file == file)
        return np.broadcast_to(np.bool_(self.only_file == file), len(self))

    def count_of(self, file: int) -> int:
        """The number of rows from a file."""
        if self.only_file is None or self.times is not None:
            return self.count(self.rows_of(file))
        return len(self) if self.only_file == file else 0

    def __getitem__(self, name: str) -> NDArray[Any]:
        column = self.columns[name]
        if isinstance(column, TextColumn):
            return column.cells
        return column.astype(np.int32) if column.dtype == np.int16 else column

    def days(self, name: str) -> AnyDays:
        """A column of dates as it is held, to compare: int16 in a long one whose every row has a date that fits."""
        column = self.columns[name]
        assert not isinstance(column, TextColumn)
        return column

    def texts(self, name: str) -> TextColumn:
        """A column of text."""
        return TextColumn.of(self.columns[name])

    def without_unread(self) -> Table:
        """The table without the columns that nothing has asked for so far."""
        unread = {
            name
            for name, column in self.columns.items()
            if isinstance(column, TextColumn) and column.words_of_unread is not None
        }
        return replace(self, columns={name: self.columns[name] for name in self.columns if name not in unread})

    def take(self, rows: NDArray[Any]) -> Table:
        """The rows of a mask or of an index array."""
        if rows.dtype == bool:
            if rows.all():
                return self
            if len(rows) > MANY_ROWS:
                return self._kept(rows)
            rows = np.flatnonzero(rows)  # once for all columns
        columns = {
            name: column.take(rows) if isinstance(column, TextColumn) else column[rows]
            for name, column in self.columns.items()
        }
        row, only = self.row[rows], self.only_file
        file = self.file[rows] if only is None else in_file(only, len(row))
        return Table(self.contract, columns, self.given, file, row, None if self.times is None else self.times[rows])

    def _kept(self, rows: NDArray[np.bool_]) -> Table:
        """The rows of a mask, piece by piece: the places of all rows, eight bytes each, would not fit the cache."""
        count = int(np.count_nonzero(rows))
        columns: dict[str, NDArray[Any] | TextColumn] = {}
        coded: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}
        for name, column in self.columns.items():
            codes = column.codes_in_any_order if isinstance(column, TextColumn) else column
            if codes is None:
                columns[name] = column.take(rows) if isinstance(column, TextColumn) else column[rows]
            else:
                coded[name] = codes, np.empty(count, dtype=codes.dtype)
        done = 0
        for start in range(0, len(rows), _AT_ONCE):
            places = np.flatnonzero(rows[start : start + _AT_ONCE])
            for old, new in coded.values():
                np.take(old[start : start + _AT_ONCE], places, out=new[done : done + len(places)], mode="clip")
            done += len(places)
        for name, (_, new) in coded.items():
            column = self.columns[name]
            columns[name] = column.with_codes(new) if isinstance(column, TextColumn) else new
        only = self.only_file
        file = self.file[rows] if only is None else in_file(only, count)
        times = None if self.times is None else self.times[rows]
        ordered = {name: columns[name] for name in self.columns}
        return Table(self.contract, ordered, self.given, file, kept(self.row, rows), times)


MANY_ROWS = 2_000_000
_AT_ONCE = 1 << 18


def in_file(file: int, rows: int) -> NDArray[np.int32]:
    """The file of each row of a table that has one; it takes no memory."""
    return np.broadcast_to(np.int32(file), rows)
