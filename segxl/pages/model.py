"""The page model: a page is recorded once and drawn by every renderer.

A page is a stack of rows of cells, with charts laid over it, or one long list of records. Cells name a *style* (the
look, which the template owns) and carry a *unit* (the number format, which the unit owns); nothing here knows Excel,
and renderers compute nothing. Rows and columns count from 1, as on a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from segxl.units import TEXT, Unit

Scalar = str | int | float | date | None

STYLES = (
    "title",  # the page's name, once at the top
    "subtitle",  # the second line: segment, period, unit
    "headline",  # the page's message in one sentence
    "heading",  # names an area of the page
    "caption",  # the message of a chart, above it
    "header",  # column headers
    "header_right",  # column headers above numbers
    "label",  # a metric's or a field's name at the start of a row
    "sublabel",  # a part of the row above: indented, quieter
    "text",  # prose and field values
    "note",  # definitions, footnotes: small and quiet
    "value",  # a number
    "subvalue",  # a number of a sublabel's row
    "total",  # a number or label that sums the rows above
    "total_good",  # a favourable change of a total; so are the next two what they are of other rows
    "total_bad",
    "total_muted",
    "muted",  # unavailable: grey
    "good",  # a favourable change
    "bad",  # an unfavourable change
    "up",  # of a movement: those that went up; so are the next two, and a cell's shade makes them paler
    "down",
    "same",
    "pass",  # a check that passed
    "fail",  # a check that does not
    "key_label",  # the caption of a headline figure
    "key_value",  # a headline figure
    "key_note",  # words about a headline figure, below it
    "key_good",  # a number next to them: a favourable change
    "key_bad",  # an unfavourable change
    "key_even",  # neither
    "box",  # an empty box to sign or write in
    "cell",  # a cell of a long list
    "cell_number",  # a number in a long list
)
"""Every style of pages; the template has a sample of each."""


Paper = Literal["A4", "Letter"]


class Link(NamedTuple):
    """A jump to a block of rows on a page of the same pack: ``first``..``last`` rows, ``columns`` wide. ``tip`` is
    shown where the pointer rests on it; blank for the place."""

    page: str
    first: int
    last: int
    columns: int = 1
    tip: str = ""


class Range(NamedTuple):
    """Cells of a page in one column or one row: where a chart or a sparkline finds its numbers."""

    page: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


class ColumnOf(NamedTuple):
    """The records of one column of a page's long list, by the column's header."""

    page: str
    header: str


class NumberCell(NamedTuple):
    """The cell that has a number, found by the number's key among the ``places`` of the pack's lists; ``header`` is the
    column of the list. ``of`` is the number itself, for a pack that has no place for it yet."""

    key: Hashable
    header: str = "value"
    of: Hashable = None


class Formula(NamedTuple):
    """How a cell's value is worked out in a workbook: texts of a formula, without ``=``, and the cells between them.

    A renderer writes it only where all of its cells are in the pack; the value is always the cell's own. Only functions
    of :data:`segxl.render.xlsx.formulas.FUNCTIONS` may be used.
    """

    parts: tuple[str | Range | ColumnOf | NumberCell, ...]


@dataclass(frozen=True)
class Sparkline:
    """Small columns of some cells' numbers, from zero, the last one darker; blank cells are gaps. ``alt`` is read out.
    A renderer without sparklines leaves the cell empty; the numbers are on their page."""

    values: Range
    alt: str


@dataclass(frozen=True, init=False)
class Cell:
    """One cell: a value, how it looks, in which unit, and where it leads.

    ``span`` joins it with the cells to its right. ``tip`` is shown where the renderer can (a comment, a tooltip).
    Text is always text: a value that starts with ``=`` is shown as it is. ``shade`` is how much of the style's fill
    shows, from 1 to 0, white: a table of them is a heat map. A ``sparkline`` fills a cell without a value. A
    ``formula`` gives the value again in a workbook; ``name`` is the cell's name there, for formulas. One that is not
    ``on_web`` is for writing, in workbooks only.
    """

    value: Scalar = None
    style: str = "text"
    unit: Unit = TEXT
    link: Link | None = None
    span: int = 1
    tip: str = ""
    shade: float = 1.0
    sparkline: Sparkline | None = None
    formula: Formula | None = None
    name: str = ""
    on_web: bool = True

    def __init__(
        self,
        value: Scalar = None,
        style: str = "text",
        unit: Unit = TEXT,
        link: Link | None = None,
        span: int = 1,
        tip: str = "",
        shade: float = 1.0,
        sparkline: Sparkline | None = None,
        formula: Formula | None = None,
        name: str = "",
        on_web: bool = True,
    ) -> None:
        # Packs have ten thousands of cells: the own of a frozen class takes twice as long.
        self.__dict__.update(
            value=value,
            style=style,
            unit=unit,
            link=link,
            span=span,
            tip=tip,
            shade=shade,
            sparkline=sparkline,
            formula=formula,
            name=name,
            on_web=on_web,
        )


@dataclass(frozen=True)
class Row:
    """Cells from column 1 on. ``level`` 1 or 2 groups the row under the one above (collapsible in Excel)."""

    cells: tuple[Cell | None, ...] = ()
    height: float | None = None
    level: int = 0


Role = Literal[
    "actual",
    "prior",
    "accent",
    "accent_2",
    "step_1",
    "step_2",
    "step_3",
    "step_4",
    "step_5",
    "base",
    "increase",
    "decrease",
    "top",
    "plan",
]


@dataclass(frozen=True)
class Series:
    """A chart's series. ``role`` decides the look: actual solid, prior lighter, accents for further ones, steps from
    pale to dark for what has an order.

    In a waterfall: ``base`` lifts the parts above it and is not seen itself, actual are start and end, ``increase`` is
    solid and ``decrease`` hatched. ``top``, the last series of a waterfall or of stacked columns, is not drawn: the
    numbers of ``labels`` are shown above its points, with their sign if they are ``signed``. A ``plan`` is outlined.
    """

    name: str
    values: Range
    role: Role = "actual"
    labels: Range | None = None
    signed: bool = True


ChartKind = Literal["column", "bar", "line", "waterfall"]


@dataclass(frozen=True)
class Chart:
    """A chart over the cells of a page.

    ``kind``: column (time runs across), bar (structure runs down), line, waterfall (columns whose series are stacked,
    those below zero downwards). ``stacked`` columns are stacked, the first series next to the axis, those below zero
    downwards. The bars of an ``overlaid`` chart share their place: a plan around its actual. The unit is in the title's
    second line. Placed with its top left corner at ``row``, ``column``, ``down`` centimetres below the row's top;
    ``width`` and ``height`` are centimetres. ``alt`` is read out by screen readers and says what the chart shows. The
    title of a ``captioned`` chart, and its subtitle, are in cells above it and not drawn.
    """

    kind: ChartKind
    title: str
    subtitle: str
    categories: Range
    series: tuple[Series, ...]
    unit: Unit
    row: int
    column: int
    width: float
    height: float
    alt: str
    stacked: bool = False
    overlaid: bool = False
    down: float = 0.0
    captioned: bool = False


@dataclass(frozen=True)
class Flow:
    """A picture of movements: bands from the names on the left to those on the right, as wide as ``counts`` (rows:
    left). Names are given lowest first; the highest is drawn on top. ``noun``: one of what is counted.

    Drawn on the web, above ``row``. Excel has no chart of this kind: a page with a flow has its numbers as a table too.
    """

    title: str
    subtitle: str
    left: str
    right: str
    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    noun: str
    row: int
    alt: str
    column: int = 1


@dataclass(frozen=True)
class Field:
    """A column of a long list: a header, its values (all lists of a page have one length), a unit and a width.

    ``units``: the unit of each value, where they differ; ``unit`` is then that of the header. ``formulas``: how each
    value is worked out, where some are. One that is not ``on_web`` is for formulas, in workbooks only.
    """

    header: str
    values: Sequence[Scalar]
    unit: Unit = TEXT
    width: float = 14
    units: Sequence[Unit] = ()
    formulas: Sequence[Formula | None] = ()
    on_web: bool = True


@dataclass(frozen=True)
class Records:
    """A long list below a page's rows: a header row, then one row a record, with a filter on the header.

    ``table``: its name in formulas of a workbook; blank for one made from the page's key. ``places``: the record, from
    0, of each number that formulas find by a key. ``behind``: the records, from 0, that a number is made of, by its
    key.
    """

    fields: tuple[Field, ...]
    table: str = ""
    places: Mapping[Hashable, int] = field(default_factory=dict)
    behind: Callable[[Hashable], Sequence[int]] | None = None

    def __len__(self) -> int:
        return len(self.fields[0].values) if self.fields else 0


@dataclass(frozen=True)
class SideBySide:
    """Areas next to each other, in the rows ``first`` to ``last``: one begins at each of ``columns``, the first at 1.

    Sheets need no more than the cells; a page that is read aloud or on a phone shows one area after the other.
    """

    first: int
    last: int
    columns: tuple[int, ...]


@dataclass(frozen=True)
class KeyColumns:
    """The ``columns`` of the table below the header in ``row`` that a phone shows; the others open on demand."""

    row: int
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Page:
    """One sheet.

    ``rows`` begin in row 1; ``records``, if any, follow with their header at ``len(rows) + 1``. ``freeze`` is the
    first (row, column) that scrolls; ``repeat_rows`` are printed on each page of paper; a page that is ``one_paper``
    is shrunk to a single one. ``widths`` are character widths of the columns from the first on. ``side_by_side``:
    areas next to each other; ``key_columns``: what phones show of wide tables. A page that is not ``on_web`` is for
    formulas, in workbooks only. A page that is not ``printed`` is data, which no one reads on paper. ``folded``: rows
    of this outline level and deeper are folded when a workbook opens, and in print; 0 folds none.
    """

    key: str
    title: str
    rows: tuple[Row, ...]
    widths: tuple[float, ...]
    records: Records | None = None
    charts: tuple[Chart, ...] = ()
    flows: tuple[Flow, ...] = ()
    side_by_side: tuple[SideBySide, ...] = ()
    key_columns: tuple[KeyColumns, ...] = ()
    freeze: tuple[int, int] | None = None
    one_paper: bool = False
    repeat_rows: tuple[int, int] | None = None
    orientation: Literal["landscape", "portrait"] = "landscape"
    tab: Literal["output", "working", "input"] = "output"
    on_web: bool = True
    printed: bool = True
    folded: int = 0


@dataclass(frozen=True)
class Pack:
    """A workbook's worth of pages, in order. ``footer`` names the document on each printed page; ``contents`` is the
    key of the page with the contents, to which the title of every other page leads."""

    title: str
    subject: str
    pages: tuple[Page, ...]
    footer: str = ""
    paper: Paper = "A4"
    properties: dict[str, str] = field(default_factory=dict)
    contents: str = ""
