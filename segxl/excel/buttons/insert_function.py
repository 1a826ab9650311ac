"""The add-in's button *Insert function*: asks for a metric, a segment, a period and a view, and writes the formula.

The choices are those of the data behind the formula: the dataset of a ``SEGXL_DATASET`` cell of the workbook, or the
tables of the workbook itself where it has no such cell.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl.utils import get_column_letter

from segxl.catalogue.metric import Metric
from segxl.catalogue.metrics import CATALOGUE
from segxl.catalogue.views import COLUMN_WORDS, PLANNED
from segxl.errors import SegxlError
from segxl.excel.buttons.actions import Outcome, Press, read_analysis
from segxl.excel.buttons.dialogs import choose_one
from segxl.excel.drawing.draw import listed_sheets, refuse_protected
from segxl.excel.drawing.hosts import host_of
from segxl.scorecard.period_choice import available_periods, choose_period
from segxl.tables.contracts import CONTRACTS

if TYPE_CHECKING:
    import xlwings as xw

    from segxl.api import Analysis

_DATASET = re.compile(r"=@?(?:[^\"]*!)?SEGXL_DATASET\(\s*(?:\"((?:[^\"]|\"\")*)\")?", re.IGNORECASE)
_DECLINED = Outcome("Nothing inserted", declined=True)
_TITLE = "segxl: Insert function"
_SELECT = "select one empty cell for the formula, and press Insert function again"


@dataclass(frozen=True)
class DatasetCell:
    """A cell with ``=SEGXL_DATASET(…)``.

    Attributes:
        sheet, row, column: where it is.
        source: the path that it names; blank for the tables of its workbook.
    """

    sheet: str
    row: int
    column: int
    source: str

    @property
    def place(self) -> str:
        """Its address as a formula on another sheet writes it."""
        quoted = self.sheet.replace("'", "''")
        return f"'{quoted}'!${get_column_letter(self.column)}${self.row}"


def insert_function(book: xw.Book, press: Press) -> Outcome:
    """Ask for a metric, a segment, a period and a view, and write their formula into the selected cell.

    Raises:
        SegxlError: no empty cell is selected, Excel for Mac has no such functions, or the workbook has no data.
    """
    if sys.platform == "darwin":
        raise SegxlError(
            "Excel for Mac cannot calculate segxl functions. Use SUMIFS or XLOOKUP on the table Numbers: "
            "segxl help formulas"
        )
    cell = _selected(book)
    source = _source(book)
    if source is None:
        return _DECLINED
    analysis = _analysis(book, source, press)
    asked = _ask(book.app, analysis, press)
    if asked is None:
        return _DECLINED
    words, arguments = asked
    handle = _reference(source, cell) if isinstance(source, DatasetCell) else 'SEGXL_DATASET("")'
    _write(cell, f"=SEGXL_METRIC({', '.join((handle, *map(_text, arguments)))})")
    return Outcome(f"{cell.sheet.name}!{cell.address.replace('$', '')}: {words}")


def _selected(book: xw.Book) -> xw.Range:
    cell = book.selection
    if cell is None or cell.count != 1 or cell.formula not in ("", None):
        raise SegxlError(_SELECT)
    if cell.sheet.name.casefold() in {one.sheet.casefold() for one in listed_sheets(book)}:
        raise SegxlError(f"segxl replaces the sheet {cell.sheet.name!r}: {_SELECT} on a sheet of your own")
    refuse_protected(cell.sheet, host_of(book))
    return cell


def _source(book: xw.Book) -> DatasetCell | str | None:
    """The source of the data: a cell, or "" for the workbook's own tables; None if the dialog was cancelled."""
    cells = dataset_cells(book)
    if len(cells) < 2:
        return cells[0] if cells else ""
    by_place = {f"{cell.place.replace('$', '')}: {cell.source or 'this workbook'}": cell for cell in cells}
    chosen = choose_one(book.app, _TITLE, "Which dataset?", tuple(by_place))
    return None if chosen is None else by_place[chosen]


def dataset_cells(book: xw.Book) -> list[DatasetCell]:
    """The cells of a workbook with a formula of ``SEGXL_DATASET``; table sheets and sheets of segxl have none."""
    passed = {one.sheet.casefold() for one in listed_sheets(book)} | {name.casefold() for name in CONTRACTS}
    found: list[DatasetCell] = []
    for sheet in book.sheets:
        if sheet.name.casefold() in passed:
            continue
        used = sheet.used_range
        formulas: Any = used.formula
        rows = ((formulas,),) if isinstance(formulas, str) or formulas is None else formulas
        for down, row in enumerate(rows):
            for across, formula in enumerate(row):
                if match := _DATASET.match(str(formula)):
                    source = (match[1] or "").replace('""', '"')
                    found.append(DatasetCell(sheet.name, used.row + down, used.column + across, source))
    return found


def _analysis(book: xw.Book, source: DatasetCell | str, press: Press) -> Analysis:
    """The data that the formula will be about."""
    from segxl.api import load
    from segxl.excel.functions.datasets import DATASETS, source_of
    from segxl.excel.functions.handles import PREFIX

    if isinstance(source, DatasetCell):
        cell = book.sheets[source.sheet].range((source.row, source.column))
        press.tell(f"reading {source.source or book.name}")
        if isinstance(cell.value, str) and cell.value.startswith(PREFIX):
            return DATASETS.find(cell.value).analysis
        if source.source:  # Excel has not calculated the cell, or could not
            path = source_of(source.source, cell)
            assert isinstance(path, Path)
            return load(path)
    try:
        return read_analysis(book, press)
    except SegxlError as error:
        if isinstance(source, DatasetCell):
            raise
        raise SegxlError(
            f'this workbook has no data for a formula: write =SEGXL_DATASET("folder or workbook") into a cell, and '
            f"press Insert function again ({error})"
        ) from error


def _ask(app: xw.App, analysis: Analysis, press: Press) -> tuple[str, list[str]] | None:
    """The subject of the formula, as text and as METRIC's arguments after the dataset; None if cancelled."""
    dataset = analysis.dataset
    names = {metric.name: metric for metric in CATALOGUE}
    chosen = choose_one(app, _TITLE, "Which metric?", tuple(names))
    if chosen is None:
        return None
    metric = names[chosen]
    segment = choose_one(app, _TITLE, f"{metric.name}: which segment?", dataset.segments.names)
    if segment is None:
        return None
    periods = tuple(period.label for period in available_periods(dataset))
    latest = choose_period(dataset, None, allow_partial=True)[0].label
    period = choose_one(app, _TITLE, f"{metric.name}, {segment}: which period?", periods, latest)
    if period is None:
        return None
    lines = _lines(metric, period, planned="targets" in dataset.tables)
    line = choose_one(app, _TITLE, f"{metric.name}, {segment}, {period}: which line?", tuple(lines))
    if line is None:
        return None
    arguments, words = [metric.key, segment, period], [metric.name, segment, period]
    view, by_item = lines[line]
    if view != "total":
        arguments.append(view)
        words.append(line)
    if by_item:
        press.tell("computing")
        items = _items(analysis, metric, segment, period, view)
        item = choose_one(app, _TITLE, f"{metric.name}, {segment}, {period}, {line}: which one?", items)
        if item is None:
            return None
        arguments.append(item)
        words.append(item)
    return ", ".join(words), arguments


def _lines(metric: Metric, period: str, *, planned: bool) -> dict[str, tuple[str, bool]]:
    """The lines of a metric by their words: the key of the view, and whether it has items."""
    headline = metric.cuts[0]
    lines = {cut.label: (cut.key, cut.each) for cut in metric.cuts}
    if headline.each:
        return lines
    changes = ["qoq" if "Q" in period else "mom", "yoy", *(["trailing_12"] if metric.has_trailing_12 else [])]
    lines[headline.label] = ("total", False)
    words = {key: COLUMN_WORDS[key] for key in changes} | ({key: key for key in PLANNED} if planned else {})
    return lines | {f"{headline.label}, {said}": (key, False) for key, said in words.items()}


def _items(analysis: Analysis, metric: Metric, segment: str, period: str, view: str) -> tuple[str, ...]:
    """The items that a view has numbers for."""
    metrics = analysis.scorecard(period, [segment], allow_partial=True).result.segments[segment].metrics
    lines = metrics[metric.key].lines if metric.key in metrics else ()
    items = tuple(line.item for line in lines if line.cut.key == view)
    if not items:
        raise SegxlError(f"{metric.name} has no items in {period} for {segment}: choose another line")
    return items


def _reference(source: DatasetCell, cell: xw.Range) -> str:
    """The dataset's cell as the formula writes it; on the same sheet without the sheet's name."""
    return source.place.rpartition("!")[2] if source.sheet == cell.sheet.name else source.place


def _text(value: str) -> str:
    """A text in a formula."""
    return '"' + value.replace('"', '""') + '"'


def _write(cell: xw.Range, formula: str) -> None:
    try:
        cell.formula2 = formula  # without the @ that keeps a formula from spilling
    except Exception:  # Excel before 2018: pywintypes.com_error, on Windows only; another failure is raised below
        cell.formula = formula
