"""Settings: the contents of `segxl.toml`, each with its default and its help."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    create_model,
    field_validator,
    model_validator,
)

from segxl.errors import SegxlError, nearest
from segxl.periods import Fiscal, parse_period
from segxl.settings.connections import BUILT_IN, MEMORY, Connection
from segxl.settings.toggles import TOGGLES, Toggle

DealType = Literal["new_logo", "upsell", "cross_sell", "renewal", "other"]
DEAL_TYPES: tuple[DealType, ...] = ("new_logo", "upsell", "cross_sell", "renewal", "other")


def _setting(default: Any, help: str, *, blank: str = "", **limits: Any) -> Any:
    """A setting with its help. ``blank``: the meaning of a blank value, if it is not the default."""
    default = {"default_factory": default} if callable(default) else {"default": default}
    return Field(**default, description=help, json_schema_extra={"blank": blank}, **limits)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


def _words(value: Any) -> Any:
    """A single word means a list of one; numbers in rules compare as they are written."""
    items = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else _plain(item) for item in items]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Words = Annotated[list[str], BeforeValidator(_words)]


class RuleTest(_Strict):
    """A rule's condition on one column: any of ``values``, none of ``exclude``, a number from ``min`` to ``max``. In
    the file, a list (or one word) means ``values``, and ``{ not = [...] }`` means ``exclude``.
    """

    values: list[str] | None = None
    exclude: Words | None = Field(default=None, alias="not")
    min: float | None = None
    max: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return value if isinstance(value, dict | RuleTest) else {"values": _words(value)}


Rule = dict[str, RuleTest]


FILLED = "(filled)"
"""Suffix of a header among a map's words: the meaning of any filled cell."""


class ValueMap(_Strict):
    """The export's words and their meanings for one column; ``source`` (``from`` in the file) names the header.

    ``filled`` has headers and the meaning of a filled cell below each, the first one first: in the file ``"Won Date
    (filled)" = "won"``, and only ``"(filled)"`` for the header named by ``from``.
    """

    source: str | None = None
    words: dict[str, str]
    filled: dict[str, str] = Field(default_factory=dict)

    @property
    def makes(self) -> bool:
        """Whether it makes its column from headers, so that no header has to be mapped to it."""
        return bool(self.source or self.filled)

    @model_validator(mode="before")
    @classmethod
    def _flat_form(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError('write it as { "your word" = "segxl\'s word" }')
        source, words, filled = value.get("from"), {}, {}
        for word, meaning in value.items():
            header = str(word).removesuffix(FILLED).strip() if str(word).endswith(FILLED) else None
            if header is None and word != "from":
                words[str(word)] = meaning
            elif header is not None:
                if not header and not isinstance(source, str):
                    raise ValueError(f'{FILLED} needs a header: write "Won Date {FILLED}", or set from = "Won Date"')
                filled[header or source] = meaning
        return {"source": source, "words": words, "filled": filled}

    def found(self, word: str) -> str | None:
        """The meaning of a word, with exact case first; None if it is not listed."""
        exact = self.words.get(word)
        return self._by_fold.get(word.casefold()) if exact is None else exact

    def meaning(self, word: str) -> str:
        """The same; a word that is not listed means itself."""
        found = self.found(word)
        return word if found is None else found

    @cached_property
    def _by_fold(self) -> dict[str, str]:
        return {word.casefold(): meaning for word, meaning in self.words.items()}


def _headers(value: Any) -> Any:
    """A list of headers as one text: the first that is filled counts."""
    if isinstance(value, list) and value and all(isinstance(header, str) for header in value):
        return " | ".join(value)
    return value


def _known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones, like Europe
        raise ValueError(f"{zone!r} is not a time zone; write it like Europe/Zurich or UTC") from error
    return zone


class TableSettings(_Strict):
    """The source of one table and the way its export is read.

    ``timestamps`` is the time zone of times without one; ``month_dates`` the day of a date without a day. ``columns``
    may name several headers, of which the first filled one counts. ``constants``: values that columns have in every
    row.
    """

    file: str | None = _setting(None, "The file's name, or a pattern such as deals-*.csv.")
    table: str | None = _setting(None, "Instead of a file: the engine's table, such as crm.activities.")
    query: str | None = _setting(None, "Instead of a file: one SELECT in the engine's SQL.")
    order_by: Annotated[tuple[str, ...], BeforeValidator(_words)] = _setting(
        (), "Columns that order the rows of a table or query: later rows win.", blank="all columns, as text"
    )
    sheet: str | None = _setting(None, "The workbook sheet with this table.", blank="the first, or the table's own")
    format: str | None = _setting(None, "The known export format, or none.", blank="detected from the header")
    kind: Literal["snapshots", "changes"] | None = _setting(
        None, "Buying stages only: snapshots (a row per date) or changes (a row per change).", blank="required there"
    )
    dates: Literal["day-first", "month-first", "year-first"] | None = _setting(
        None, "Order of ambiguous dates such as 05/03/2026.", blank="detected from the column"
    )
    timestamps: str | None = _setting(
        None, "Time zone of times without one, such as UTC.", blank="timezone; UTC for connectors' exports"
    )
    month_dates: Literal["first-day", "last-day"] | None = _setting(
        None, "The day used for dates without one, such as 2026-10.", blank="the first day, with a warning"
    )
    decimal: Literal[".", ","] | None = _setting(
        None, "Decimal mark of ambiguous amounts such as 1.234.", blank="detected from the column"
    )
    encoding: str | None = _setting(None, "Encoding of a text file.", blank="detected from the file")
    delimiter: str | None = _setting(None, "Column separator of a text file.", blank="detected from the file")
    latest_by: str | None = _setting(
        None, "If rows share an ID, keep the one with the latest value in this column.", blank="all rejected"
    )
    where: Rule = _setting(dict, "Keep only rows that match this rule.")
    columns: dict[str, Annotated[str, BeforeValidator(_headers)]] = _setting(
        dict, "Your header for each column; A | B uses the first filled one."
    )
    constants: dict[str, str] = _setting(dict, "A fixed value for a column, used in every row.")
    values: dict[str, ValueMap] = _setting(
        dict, "Your words and their meaning, by column; HEADER (filled) matches any non-blank cell."
    )

    @model_validator(mode="after")
    def _one_origin(self) -> TableSettings:
        given = [name for name in ("file", "table", "query") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"has {' and '.join(given)}; keep one of them")
        return self

    @property
    def in_engine(self) -> bool:
        """Whether the rows come from the engine, not from a file or a sheet."""
        return self.table is not None or self.query is not None

    @field_validator("timestamps")
    @classmethod
    def _zone(cls, zone: str | None) -> str | None:
        return zone if zone is None else _known_zone(zone)


class NamedSegment(_Strict):
    """A segment by a rule over the accounts' columns."""

    name: str
    created_on: date | None = None
    where: Rule

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        name = name.strip()
        if not name:
            raise ValueError("is blank; give the segment a name")
        for taken in ("All accounts", "In no segment"):
            if name.casefold() == taken.casefold():
                raise ValueError(f"{taken!r} is a reserved name; choose another name")
        return name


class SegmentSettings(_Strict):
    """Segments by the values of a column, by rules, or both."""

    by: str | None = _setting(
        None,
        "An accounts column: one segment per value. For segments by rule use Maps; for member lists use the sheets "
        "segments and segment_members.",
        blank="All accounts only",
    )
    named: tuple[NamedSegment, ...] = _setting((), "Segments defined by rules on accounts columns.")


class ScorecardSettings(_Strict):
    """The contents of the scorecard. ``metrics``: a subset of the catalogue's keys; default: all.

    ``executive``: the columns of the executive page, each a key, or a key and one of its lines
    (``customers.running_total``). ``period`` (``2026-10`` or ``2026-Q3``) and ``segments`` apply if the command line
    gives none; default: the latest available month and every segment.
    """

    metrics: tuple[str, ...] | None = _setting(
        None, "Metric keys to show, comma-separated (segxl metrics lists them).", blank="all"
    )
    executive: tuple[str, ...] | None = _setting(
        None, "Metric keys for the executive page, comma-separated.", blank="up to eight, chosen by segxl"
    )
    period: str | None = _setting(
        None, "A month like 2026-10 or a fiscal quarter like 2026-Q3.", blank="the latest available month"
    )
    segments: tuple[str, ...] = _setting(
        (), "Segments to create scorecards for, comma-separated.", blank="all segments"
    )


class ReportSettings(_Strict):
    """Defaults of the segment performance report."""

    type: Literal["buying-stage", "engagement"] = _setting("buying-stage", "How to group accounts.")
    cohort: Literal["today", "baseline", "analysis"] = _setting("today", "When accounts must have been in the segment.")
    segments: tuple[str, ...] = _setting(
        (), "Segments in the report, comma-separated; it covers accounts in any of them.", blank="All accounts"
    )
    timeframe: str | None = _setting(None, "A name from the table timeframes, or month, range, week.", blank="month")
    product_category: str | None = _setting(None, "Only stages and activities of this category.", blank="all")
    exclude_zero: StrictBool = _setting(False, "Exclude opportunities with amount 0 or blank.")
    exclude_irrelevant: StrictBool = _setting(
        False, "Exclude irrelevant opportunities (by the column relevant, or a rule on Maps)."
    )
    irrelevant: Rule = _setting(dict, "The rule for irrelevant opportunities.")
    environment: Literal["auto", "no_crm", "crm", "predictive"] = _setting(
        "auto", "Which parts the report shows: auto follows the tables you have."
    )
    sources: tuple[str, ...] = _setting((), "Connected activity sources, even without rows.", blank="sources with rows")


def _toggle_field(toggle: Toggle) -> Any:
    """The type and the default of a toggle's setting: exactly its values."""
    words = tuple(reading for reading in toggle.readings if isinstance(reading, str))
    return Literal[words] if words else StrictBool, _setting(toggle.default, toggle.question)


if TYPE_CHECKING:

    class Toggles(_Strict):
        """The values in use: one field for each toggle that :mod:`segxl.settings.toggles` declares."""

        def __getattr__(self, name: str) -> Any: ...

else:
    Toggles = create_model(
        "Toggles",
        __base__=_Strict,
        __module__=__name__,
        **{name: _toggle_field(toggle) for name, toggle in TOGGLES.items()},
    )


def _each_table(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


Tables = dict[str, Annotated[tuple[TableSettings, ...], BeforeValidator(_each_table)]]


class Settings(_Strict):
    """All settings of `segxl.toml`. The defaults apply to a folder without a settings file.

    ``run_date`` decides which periods are available and the defaults; ``as_of`` is the data cut-off. Both are set by
    the file or on the command line, never by the clock inside this class.
    """

    name: str = _setting("", "Printed on every page.", blank="the file's name")
    timezone: str = _setting("UTC", "Your time zone, such as Europe/Zurich; sets the date of a timestamp.")
    currency: str = _setting("USD", "The reporting currency, as its ISO code.")
    fiscal_year_start: int = _setting(1, "First month of the fiscal year, 1 to 12.", ge=1, le=12)
    fiscal_year_named_by: Literal["end", "start"] = _setting(
        "end", "Name the fiscal year after the calendar year in which it ends or starts."
    )
    stages: tuple[str, ...] = _setting(
        (), "Open stages in order, comma-separated: Discovery, Proposal.", blank="no breakdown by stage"
    )
    won_stages: tuple[str, ...] = _setting(("Closed Won",), "Stages that mean won.")
    lost_stages: tuple[str, ...] = _setting(("Closed Lost",), "Stages that mean lost.")
    as_of: date | None = _setting(None, "Data cut-off: ignore anything dated after this day.", blank="run_date")
    run_date: date | None = _setting(None, "Day to treat as today; decides the latest available month.", blank="today")
    count_by: Literal["account", "parent"] = _setting("account", "Count accounts, or their parents.")
    running_total_start: date | None = _setting(None, "First day of running totals.", blank="the first row's date")
    account_review: str | None = _setting(
        None, "File or sheet with your answers on unmatched accounts.", blank="account-review"
    )
    paper: Literal["A4", "Letter"] = _setting("A4", "Paper size for printing.")
    engine: str = _setting(
        MEMORY, "Where tables without a file are read: memory (files only), duckdb, spark, or a connection's name."
    )
    connections: dict[str, Connection] = _setting(dict, "Warehouses by name; passwords come from the environment.")
    tables: Tables = _setting(dict, "Source of each table and how to read it.")
    segments: SegmentSettings = Field(default_factory=SegmentSettings.model_construct)
    scorecard: ScorecardSettings = Field(default_factory=ScorecardSettings.model_construct)
    report: ReportSettings = Field(default_factory=ReportSettings.model_construct)
    toggles: Toggles = Field(default_factory=Toggles.model_construct)
    types: dict[str, DealType] = _setting(dict, "Your deal types and segxl's type for each.")
    stage_map: dict[str, str] = _setting(dict, "Your intent tool's stages and the buying stage for each.")

    _cells: Mapping[str, str] | None = PrivateAttr(default=None)

    @property
    def cells(self) -> Mapping[str, str] | None:
        """The cell of each setting of an input workbook by its dotted key, like ``"Settings!B7"``; None for a file."""
        return self._cells

    def at(self, cells: Mapping[str, str] | None) -> Settings:
        """The same settings with their cells."""
        placed = self.model_copy()
        placed._cells = cells
        return placed

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, zone: str) -> str:
        return _known_zone(zone)

    @field_validator("currency")
    @classmethod
    def _iso_code(cls, currency: str) -> str:
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise ValueError(f"{currency!r} is not a currency code; write an ISO code, like USD")
        return currency.upper()

    @field_validator("stages", "won_stages", "lost_stages")
    @classmethod
    def _each_once(cls, stages: tuple[str, ...]) -> tuple[str, ...]:
        folded = [stage.casefold() for stage in stages]
        if twice := sorted({stage for stage in stages if folded.count(stage.casefold()) > 1}):
            raise ValueError(f"{twice[0]!r} is listed twice")
        return stages

    @model_validator(mode="after")
    def _open_or_closed(self) -> Settings:
        won = {stage.casefold() for stage in self.won_stages}
        if both := [stage for stage in self.lost_stages if stage.casefold() in won]:
            raise ValueError(f"lost_stages: {both[0]!r} is also in won_stages; keep it in one of the two")
        closed = won | {stage.casefold() for stage in self.lost_stages}
        if both := [stage for stage in self.stages if stage.casefold() in closed]:
            raise ValueError(f"stages: {both[0]!r} is also a won or lost stage; list only the open stages, in order")
        return self

    @model_validator(mode="after")
    def _engine_known(self) -> Settings:
        known = (MEMORY, *BUILT_IN, *self.connections)
        if taken := [name for name in self.connections if name in known[: len(BUILT_IN) + 1]]:
            raise ValueError(f"connections.{taken[0]}: the name is reserved; choose another one")
        if self.engine not in known:
            raise ValueError(f"engine: no connection {self.engine!r}{nearest(self.engine, known)}; add [connections.…]")
        for name, sources in self.tables.items():
            if self.engine == MEMORY and any(source.in_engine for source in sources):
                raise ValueError(
                    f"tables.{name}: a table or query needs an engine; set engine to duckdb, spark or a connection's "
                    "name"
                )
        return self

    @model_validator(mode="after")
    def _period_readable(self) -> Settings:
        if self.scorecard.period:
            try:
                parse_period(self.scorecard.period, self.fiscal)
            except SegxlError as error:
                raise ValueError(f"scorecard.period: {error}") from error
        return self

    @property
    def fiscal(self) -> Fiscal:
        """The fiscal calendar."""
        return Fiscal(self.fiscal_year_start, self.fiscal_year_named_by)

    def decimal_of(self, table: str) -> Literal[".", ","] | None:
        """The decimal mark that the settings give for a table's files, if they do."""
        return next((source.decimal for source in self.tables.get(table, ()) if source.decimal), None)

    def given(self) -> dict[str, Any]:
        """The settings that were set, without defaults, as plain JSON values (for the outputs)."""
        given: dict[str, Any] = _without_defaults(self)
        return given


def _without_defaults(value: Any) -> Any:
    """What pydantic's own way would give, without the serializers that it would first build."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields.items()
        every = [(field.alias or name, getattr(value, name), field) for name, field in fields]
        return {
            name: _without_defaults(found)
            for name, found, field in every
            if field.is_required() or found != field.get_default(call_default_factory=True)
        }
    if isinstance(value, Mapping):
        return {name: _without_defaults(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_defaults(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def setting_groups() -> dict[str, type[BaseModel]]:
    """The model of each section of the file by its name; blank for the keys at the top."""
    sections = {name: field.annotation for name, field in Settings.model_fields.items()}
    models = {name: kind for name, kind in sections.items() if isinstance(kind, type) and issubclass(kind, BaseModel)}
    return {"": Settings, **models}
